//! Routes.

use super::model::{Inbox, Notice, NoticeFilter};
use super::{actions, queries, rules};
use crate::access::Caller;
use crate::access::deeds::OwnAccount;
use crate::http::{Body, CursorKey, Page, Query, query};
use crate::kernel::Outcome;
use crate::kernel::form::{self, Form};
use crate::kernel::id::{NoticeId, OrganisationId};
use crate::store::Db;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

const LIST: &str = "notices";

/// One's own notices, the latest first
///
/// `organisation_id`: only those one was told as representative of that party. `kind`: one kind (`version.proposed`) or one
/// family (`booking`, `version`). `unread=true`: only those not read yet. A notice is forgotten after twelve months.
#[utoipa::path(tag = "people", security(("bearer" = [])),
    params(("organisation_id" = Option<String>, Query), ("kind" = Option<String>, Query), ("unread" = Option<bool>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Notice>)))]
#[get("/notices")]
pub async fn get_notices(db: Data<Db>, keys: Data<CursorKey>, caller: Caller<OwnAccount>, query: Query) -> Outcome<Json<Page<Notice>>> {
    let (filter, ask) = query.read(|form| {
        let organisation = form.may("organisation_id", form::id);
        let kind = form.may("kind", rules::kind);
        let unread = form.may("unread", query::flag).unwrap_or(false);
        Some((NoticeFilter { organisation, kind, unread }, keys.ask(LIST, form)))
    })?;
    let page = db
        .read(move |tx| {
            let permit = caller.permit_own(tx)?;
            queries::page(tx, permit.account(), &filter, &ask)
        })
        .await?;
    Ok(Json(keys.page(LIST, page)))
}

/// How many of one's notices are new, and of which parties
#[utoipa::path(tag = "people", security(("bearer" = [])), responses((status = 200, body = Inbox)))]
#[get("/me/inbox")]
pub async fn get_inbox(db: Data<Db>, caller: Caller<OwnAccount>) -> Outcome<Json<Inbox>> {
    let inbox = db
        .read(move |tx| {
            let permit = caller.permit_own(tx)?;
            queries::inbox(tx, permit.account())
        })
        .await?;
    Ok(Json(inbox))
}

/// Mark a notice as read
///
/// Safe to repeat: the first moment counts.
#[utoipa::path(tag = "people", security(("bearer" = [])), params(("id" = NoticeId, Path)), responses((status = 204)))]
#[post("/notices/{id}/reading")]
pub async fn post_reading(db: Data<Db>, caller: Caller<OwnAccount>, id: Path<NoticeId>) -> Outcome<HttpResponse> {
    db.write(move |tx| {
        let permit = caller.permit_own(tx)?;
        actions::read(tx, &permit, &id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Up to where notices have been read.
#[derive(Debug, ToSchema)]
pub struct ReadUntil {
    /// The latest notice that was on the screen; what came after it stays new.
    until: NoticeId,
    /// Only those of this party.
    organisation_id: Option<OrganisationId>,
}

impl ReadUntil {
    fn read(form: &mut Form) -> Option<Self> {
        let until = form.need("until", form::id);
        let organisation_id = form.may("organisation_id", form::id);
        Some(Self { until: until?, organisation_id })
    }
}

/// How many notices were new.
#[derive(Debug, Serialize, ToSchema)]
pub struct Read {
    read: usize,
}

/// Mark a notice and all before it as read
///
/// Safe to repeat.
#[utoipa::path(tag = "people", security(("bearer" = [])), request_body = ReadUntil, responses((status = 200, body = Read)))]
#[post("/notices/reading")]
pub async fn post_reading_until(db: Data<Db>, caller: Caller<OwnAccount>, body: Body) -> Outcome<Json<Read>> {
    let ask = body.read(ReadUntil::read)?;
    let read = db
        .write(move |tx| {
            let permit = caller.permit_own(tx)?;
            actions::read_until(tx, &permit, &ask.until, ask.organisation_id.as_ref())
        })
        .await?;
    Ok(Json(Read { read }))
}
