//! Routes.

use super::model::{Inbox, Notice, NoticeFilter, Topic};
use super::{actions, queries, rules};
use crate::access::Caller;
use crate::access::deeds::OwnAccount;
use crate::http::{Body, CursorKey, IfMatch, Page, Query, Reply, etag, query};
use crate::kernel::Outcome;
use crate::kernel::form::{self, Form};
use crate::kernel::id::{NoticeId, OrganisationId};
use crate::store::Db;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
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

/// Which mails one gets.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsView {
    /// Topics one is not mailed.
    mail_off: Vec<Topic>,
    /// Topics one may do without; everything else is mailed to whoever has an address.
    may_be_off: &'static [Topic],
}

impl SettingsView {
    fn of(mail_off: Vec<Topic>) -> Self {
        Self { mail_off, may_be_off: Topic::ALL }
    }
}

/// Which mails one gets
///
/// Notices stay in the inbox whatever is set here.
#[utoipa::path(tag = "people", security(("bearer" = [])), responses((status = 200, body = SettingsView), (status = 304)))]
#[get("/me/notice-settings")]
pub async fn get_settings(db: Data<Db>, caller: Caller<OwnAccount>, request: HttpRequest) -> Outcome<HttpResponse> {
    let settings = db
        .read(move |tx| {
            let permit = caller.permit_own(tx)?;
            queries::settings(tx, permit.account())
        })
        .await?;
    Ok(etag::show(&request, &etag::of_revision(settings.revision), &SettingsView::of(settings.mail_off)))
}

/// Which mails one does without.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"mail_off": []}))]
pub struct SettingsAsk {
    /// Topics not to be mailed, each once.
    mail_off: Vec<Topic>,
}

/// Do without some mails, or have them again
///
/// What one must know (a booking is cancelled, a version waits for a signature) is no topic here and always mailed. Needs
/// `If-Match` with the settings' ETag.
#[utoipa::path(tag = "people", security(("bearer" = [])), request_body = SettingsAsk, params(("If-Match" = String, Header)),
    responses((status = 200, body = SettingsView)))]
#[put("/me/notice-settings")]
pub async fn put_settings(db: Data<Db>, caller: Caller<OwnAccount>, if_match: IfMatch, body: Body) -> Outcome<HttpResponse> {
    let off = body.read(|form| form.need("mail_off", form::set(0..=Topic::ALL.len(), form::word::<Topic>)))?;
    let reply = db
        .write(move |tx| {
            let permit = caller.permit_own(tx)?;
            let seen = queries::settings(tx, permit.account())?;
            if_match.check(&etag::of_revision(seen.revision))?;
            let revision = actions::put_settings(tx, &permit, &seen, &off)?;
            Reply::ok(Some(etag::of_revision(revision)), &SettingsView::of(off.clone()))
        })
        .await?;
    Ok(reply.into_response())
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
#[schema(example = json!({"until": "notice_01h455vb4pex5vsknk084sn02q"}))]
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
