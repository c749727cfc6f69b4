//! Routes: the feeds, and the addresses of one's own.

use super::model::CalendarAddress;
use super::{actions, queries, rules};
use crate::access::Caller;
use crate::access::deeds::OwnAccount;
use crate::http::{Body, KeyedBody, Reply, commit, etag};
use crate::kernel::digest::sha256_hex;
use crate::kernel::form;
use crate::kernel::id::{CalendarId, OrganisationId, SpaceId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::places;
use crate::store::Db;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

const ICALENDAR: &str = "text/calendar; charset=utf-8";

/// A feed with its tag; 304 when the reader has it already.
fn feed(request: &HttpRequest, text: String, cached: &'static str) -> HttpResponse {
    let tag = format!("\"{}\"", sha256_hex(text.as_bytes()).get(..32).unwrap_or_default());
    let mut response = etag::show_bytes(request, &tag, ICALENDAR, text, "inline; filename=\"shangliang.ics\"");
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(cached));
    response
}

/// A space's calendar (iCalendar)
///
/// When it is taken and what for, for any calendar program; no personal data. A month back, 400 days ahead.
#[utoipa::path(tag = "schedule", params(("id" = SpaceId, Path)),
    responses((status = 200, body = String, content_type = "text/calendar"), (status = 304)))]
#[get("/spaces/{id}/calendar.ics")]
pub async fn get_space_calendar(db: Data<Db>, request: HttpRequest, id: Path<SpaceId>) -> Outcome<HttpResponse> {
    let text = db.read(move |tx| {
        let now = tx.now();
        let place = places::queries::located(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let over = rules::window(now).ok_or_else(|| Fault::internal("no time to look at"))?;
        // Whoever has the hall has the room in it too, and the hall cannot be had whole while the room is taken.
        let spaces = places::queries::made_of(tx, &place.space.atoms)?;
        let entries = queries::entries(tx, queries::Of::Spaces(&spaces), over)?;
        let name = format!("{} · {}", place.space.name_zh, place.site.name_zh);
        Ok(rules::public(&name, &place.site.zone, &entries, over))
    });
    Ok(feed(&request, text.await?, "public, max-age=300"))
}

/// The calendar behind a secret address (iCalendar)
///
/// The bookings and requests of the household or organisation it was made for, ended ones as `CANCELLED`. Whoever has the address reads
/// it; it ends when it is revoked, and when its maker may no longer see these bookings.
#[utoipa::path(tag = "schedule", params(("secret" = String, Path)),
    responses((status = 200, body = String, content_type = "text/calendar"), (status = 304)))]
#[get("/calendars/{secret}.ics")]
pub async fn get_calendar(db: Data<Db>, request: HttpRequest, secret: Path<String>) -> Outcome<HttpResponse> {
    let text = db.read(move |tx| actions::open(tx, &secret)).await?;
    Ok(feed(&request, text, "private, no-cache"))
}

/// Of which calendar an address is made.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({}))]
pub struct CalendarAsk {
    /// Of an organisation the caller may book for; without it, of the caller's own household.
    organisation_id: Option<OrganisationId>,
}

/// A new address. The secret in it is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewCalendar {
    id: CalendarId,
    organisation_id: Option<OrganisationId>,
    /// Path of the feed on this server; give the whole address to a calendar program and to nobody else.
    path: String,
}

/// Make an address of one's calendar
///
/// For a calendar program to subscribe to. The secret in it cannot be shown again: a lost one is revoked and made anew.
#[utoipa::path(tag = "people", security(("bearer" = [])), request_body = CalendarAsk, responses((status = 200, body = NewCalendar)))]
#[post("/me/calendars")]
pub async fn post_calendar(db: Data<Db>, caller: Caller<OwnAccount>, body: Body) -> Outcome<Json<NewCalendar>> {
    let organisation = body.read(|form| Some(form.may("organisation_id", form::id::<OrganisationId>)))?;
    let made = db.write(move |tx| {
        let permit = caller.permit_own(tx)?;
        let (id, secret) = actions::make(tx, &permit, organisation.as_ref())?;
        Ok(NewCalendar { id, organisation_id: organisation.clone(), path: format!("/api/v1/calendars/{secret}.ics") })
    });
    Ok(Json(made.await?))
}

/// The addresses one made, the latest first
///
/// Without their secrets.
#[utoipa::path(tag = "people", security(("bearer" = [])), responses((status = 200, body = Vec<CalendarAddress>)))]
#[get("/me/calendars")]
pub async fn get_calendars(db: Data<Db>, caller: Caller<OwnAccount>) -> Outcome<Json<Vec<CalendarAddress>>> {
    let all = db.read(move |tx| {
        let permit = caller.permit_own(tx)?;
        queries::addresses(tx, permit.account())
    });
    Ok(Json(all.await?))
}

/// When an address was revoked.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarRevoked {
    id: CalendarId,
    revoked_at: Instant,
}

/// Revoke an address of one's calendar
///
/// From that moment it opens nothing.
#[utoipa::path(tag = "people", security(("bearer" = [])), params(("id" = CalendarId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = CalendarRevoked)))]
#[post("/me/calendars/{id}/revocation")]
pub async fn post_calendar_revocation(
    db: Data<Db>,
    caller: Caller<OwnAccount>,
    id: Path<CalendarId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    ask.body.read(|_| Some(()))?;
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, _| {
        let permit = caller.permit_own(tx)?;
        let revoked_at = actions::revoke(tx, &permit, &id)?;
        Reply::created("/api/v1/me/calendars", None, &CalendarRevoked { id: id.clone(), revoked_at })
    })
    .await
}
