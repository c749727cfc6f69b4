//! Routes: reading and drafting here, the units' answers in `answers`, wire types in `views`.

mod answers;
mod views;

pub use answers::{post_usage_approval, post_usage_rejection};
pub use views::UsageTermsView;

use super::model::{At, Content, Found, OfUsage, ToRead, UsageStanding};
use super::queries::{self, Listed};
use super::{actions, model};
use crate::access::deeds::{DraftUsageTerms, SeeUsageTerms};
use crate::access::{Caller, ask};
use crate::http::{Body, CursorKey, IfMatch, KeyedBody, Page, Query, Reply, commit, etag};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{SiteId, SpaceId, UsageTermsId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::people::model::Standing;
use crate::store::{Db, Tx};
use crate::terms::model::{HolidayRule, MakeupRule, Use};
use crate::{places, terms};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use serde::Serialize;
use utoipa::ToSchema;
use views::{SpaceUsage, UsageDates, UsageFee, UsageTermsDetail, UsageWindow};

fn unknown() -> Fault {
    Code::NotFound.into()
}

fn site(tx: &mut Tx, id: &SiteId) -> Outcome<At> {
    queries::site(tx, id)?.ok_or_else(unknown)
}

/// Usage terms of that id with what the permission table sees of them; 404 when there are none.
fn found(tx: &mut Tx, id: &UsageTermsId) -> Outcome<(Found, OfUsage)> {
    let found = queries::find(tx, id)?.ok_or_else(unknown)?;
    let approvals = queries::approvals(tx, std::slice::from_ref(id))?;
    let public = !terms::queries::usage_periods(tx, std::slice::from_ref(id))?.is_empty();
    let subject = actions::subject(tx, &found.at, &found.terms.spaces, &approvals, public)?;
    Ok((found, subject))
}

/// Whether the reader may see them as a draft too; 404 when they are none of their business.
fn insight(who: Option<&Standing>, subject: &OfUsage) -> Outcome<bool> {
    let inside = who.is_some_and(|who| ask::<SeeUsageTerms>(who.clone(), &ToRead(subject)).is_ok());
    if inside || subject.known_to_all { Ok(inside) } else { Err(unknown()) }
}

/// What whoever uses a space keeps to
///
/// The usage terms in force at a moment, and those that are approved and come after them. A booking carries the hash of those
/// in force at its start. Without `at`: now.
#[utoipa::path(tag = "agreements", params(("id" = SpaceId, Path), ("at" = Option<Instant>, Query, description = "RFC 3339 with offset")),
    responses((status = 200, body = SpaceUsage)))]
#[get("/spaces/{id}/usage-terms")]
pub async fn get_space_usage_terms(db: Data<Db>, id: Path<SpaceId>, query: Query) -> Outcome<Json<SpaceUsage>> {
    let at = query.read(|form| Some(form.may("at", form::instant)))?;
    let view = db.read(move |tx| {
        places::queries::located(tx, &id)?.ok_or_else(unknown)?;
        let now = tx.now();
        SpaceUsage::of(tx, id.clone(), at.unwrap_or(now))
    });
    Ok(Json(view.await?))
}

/// Usage terms of a site
///
/// Everybody sees those that are, were or will be in force; the community, the owners and operators concerned, and those who watch
/// over the area see the others too. The latest first.
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])), params(("id" = SiteId, Path),
    ("state" = Option<UsageStanding>, Query), ("space_id" = Option<SpaceId>, Query, description = "Only those that speak of it"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<UsageTermsView>)))]
#[get("/sites/{id}/usage-terms")]
pub async fn get_site_usage_terms(
    db: Data<Db>,
    keys: Data<CursorKey>,
    request: HttpRequest,
    id: Path<SiteId>,
    query: Query,
) -> Outcome<Json<Page<UsageTermsView>>> {
    let caller = Caller::<SeeUsageTerms>::maybe(&request)?;
    let list = format!("usage terms of {id}");
    let (mut listed, page_ask) = query.read(|form| {
        let standing = form.may("state", form::word::<UsageStanding>);
        let space = form.may("space_id", form::id::<SpaceId>);
        Some((Listed { standing, space, public: false }, keys.ask(&list, form)))
    })?;
    let page = db
        .read(move |tx| {
            let at = site(tx, &id)?;
            let who = caller.as_ref().map(|caller| caller.standing(tx)).transpose()?;
            // Of a site that is not wholly one's own, what concerns others is theirs.
            let spaces: Vec<SpaceId> =
                places::queries::spaces(tx, std::slice::from_ref(&at.site))?.into_iter().map(|space| space.id).collect();
            let subject = actions::subject(tx, &at, &spaces, &[], true)?;
            listed.public = !insight(who.as_ref(), &subject)?;
            let now = tx.now();
            let page = queries::page(tx, &at.site, &listed, now, &page_ask)?;
            let next = page.next;
            Ok(crate::kernel::page::PageOf { items: UsageTermsView::of_each(tx, page.items)?, next })
        })
        .await?;
    Ok(Json(keys.page(&list, page)))
}

/// Usage terms in full
///
/// The text, its canonical bytes and their hash, who is asked, and what happened so far.
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])), params(("id" = UsageTermsId, Path)),
    responses((status = 200, body = UsageTermsDetail), (status = 304)))]
#[get("/usage-terms/{id}")]
pub async fn get_usage_terms(db: Data<Db>, request: HttpRequest, id: Path<UsageTermsId>) -> Outcome<HttpResponse> {
    let caller = Caller::<SeeUsageTerms>::maybe(&request)?;
    let (revision, detail) = db
        .read(move |tx| {
            let (found, subject) = found(tx, &id)?;
            let who = caller.as_ref().map(|caller| caller.standing(tx)).transpose()?;
            let inside = insight(who.as_ref(), &subject)?;
            let revision = found.terms.revision;
            Ok((revision, UsageTermsDetail::of(tx, found, inside)?.ok_or_else(unknown)?))
        })
        .await?;
    Ok(etag::show(&request, &etag::of_revision(revision), &detail))
}

/// What usage terms are to say.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"space_ids": ["space_01h455vb4pex5vsknk084sn02q"], "text_zh": "进门换鞋，21:00 锁门。", "text_en": "Change shoes at the door; it is locked at 21:00.", "max_persons": 40}))]
pub struct UsageDraftAsk {
    /// Spaces of the site they speak of.
    #[schema(min_items = 1, max_items = 100)]
    space_ids: Vec<SpaceId>,
    /// The text that binds.
    #[schema(max_length = 8000)]
    text_zh: String,
    /// Courtesy.
    #[schema(max_length = 16000)]
    text_en: Option<String>,
    /// Most people at once. This and the following figures are held against the clauses when they are submitted and approved.
    #[schema(minimum = 1, maximum = 999)]
    max_persons: Option<i64>,
    /// When the space may be used; left out: whenever it is open.
    #[schema(max_items = 42)]
    hours: Option<Vec<UsageWindow>>,
    /// What these hours are on public holidays; left out: as on that day of the week.
    holidays: Option<HolidayRule>,
    /// … and on make-up workdays; left out: as on that day of the week.
    makeup_workdays: Option<MakeupRule>,
    /// Dates with hours of their own.
    #[schema(max_items = 100)]
    dates: Option<Vec<UsageDates>>,
    /// What for; left out: whatever the clauses allow.
    uses: Option<Vec<Use>>,
    /// What it costs; at most one for a use and unit.
    #[schema(max_items = 40)]
    fees: Option<Vec<UsageFee>>,
    /// First day in force; left out: as soon as they are approved.
    #[schema(value_type = Option<String>, format = "date")]
    from_day: Option<String>,
}

fn read_draft(form: &mut Form) -> Option<(Vec<SpaceId>, Content)> {
    let spaces = form.need("space_ids", form::set(1..=100, form::id::<SpaceId>));
    let content = Content::read(form);
    Some((spaces?, content?))
}

/// Usage terms after a verb.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageDone {
    usage_terms_id: UsageTermsId,
    state: model::UsageState,
    /// What is to be approved.
    sha256: Option<String>,
}

/// Draft usage terms
///
/// For spaces of one site: by the community, by who runs the site, or by the unit that owns every one of them.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = UsageDraftAsk,
    params(("id" = SiteId, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = UsageDone)))]
#[post("/sites/{id}/usage-terms")]
pub async fn post_usage_terms(db: Data<Db>, caller: Caller<DraftUsageTerms>, id: Path<SiteId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let (spaces, content) = ask.body.read(read_draft)?;
    let (id, account) = (id.into_inner(), caller.account().clone());
    commit(&db, &account, ask, move |tx, _| {
        let at = site(tx, &id)?;
        // Sites and their spaces are public.
        let subject = actions::subject(tx, &at, &spaces, &[], true)?;
        let permit = caller.permit(tx, &subject)?;
        actions::known(tx, &at, &spaces)?;
        let made = actions::draft(tx, &permit, &at, &spaces, &content)?;
        let location = format!("/api/v1/usage-terms/{made}");
        let done = UsageDone { usage_terms_id: made, state: model::UsageState::Draft, sha256: None };
        Reply::created(location, Some(etag::of_revision(1)), &done)
    })
    .await
}

/// Change a draft of usage terms
///
/// Needs `If-Match` with the draft's ETag. Submitted usage terms never change.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = UsageDraftAsk,
    params(("id" = UsageTermsId, Path), ("If-Match" = String, Header)), responses((status = 200, body = UsageDone)))]
#[put("/usage-terms/{id}")]
pub async fn put_usage_terms(
    db: Data<Db>,
    caller: Caller<DraftUsageTerms>,
    id: Path<UsageTermsId>,
    if_match: IfMatch,
    body: Body,
) -> Outcome<HttpResponse> {
    let (spaces, content) = body.read(read_draft)?;
    let id = id.into_inner();
    let reply = db
        .write(move |tx| {
            let (found, subject) = found(tx, &id)?;
            caller.permit(tx, &subject)?;
            // What it is to speak of has to be the caller's to speak of too.
            let widened = actions::subject(tx, &found.at, &spaces, &[], true)?;
            let permit = caller.permit(tx, &widened)?;
            if_match.check(&etag::of_revision(found.terms.revision))?;
            actions::known(tx, &found.at, &spaces)?;
            let revision = actions::edit(tx, &permit, &found, &spaces, &content)?;
            let done = UsageDone { usage_terms_id: id.clone(), state: model::UsageState::Draft, sha256: None };
            Reply::ok(Some(etag::of_revision(revision)), &done)
        })
        .await?;
    Ok(reply.into_response())
}

/// Put usage terms to their units
///
/// They are frozen and hashed. What they state beyond the clauses in force is refused with each clause (409 `outside-clauses`), and
/// no unit is asked.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), params(("id" = UsageTermsId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = UsageDone)))]
#[post("/usage-terms/{id}/submission")]
pub async fn post_usage_submission(
    db: Data<Db>,
    caller: Caller<DraftUsageTerms>,
    id: Path<UsageTermsId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    ask.body.read(|_| Some(()))?;
    let (id, account) = (id.into_inner(), caller.account().clone());
    commit(&db, &account, ask, move |tx, _| {
        let (found, subject) = found(tx, &id)?;
        let permit = caller.permit(tx, &subject)?;
        let sha256 = actions::submit(tx, &permit, &found)?;
        done(&id, model::UsageState::Submitted, Some(sha256))
    })
    .await
}

/// Take usage terms back
///
/// Until they are in force.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), params(("id" = UsageTermsId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = UsageDone)))]
#[post("/usage-terms/{id}/withdrawal")]
pub async fn post_usage_withdrawal(
    db: Data<Db>,
    caller: Caller<DraftUsageTerms>,
    id: Path<UsageTermsId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    ask.body.read(|_| Some(()))?;
    let (id, account) = (id.into_inner(), caller.account().clone());
    commit(&db, &account, ask, move |tx, _| {
        let (found, subject) = found(tx, &id)?;
        let permit = caller.permit(tx, &subject)?;
        actions::withdraw(tx, &permit, &found)?;
        done(&id, model::UsageState::Withdrawn, found.terms.sha256)
    })
    .await
}

fn done(id: &UsageTermsId, state: model::UsageState, sha256: Option<String>) -> Outcome<Reply> {
    Reply::created(format!("/api/v1/usage-terms/{id}"), None, &UsageDone { usage_terms_id: id.clone(), state, sha256 })
}
