//! Closures: closing spaces, opening a part again, and who is affected. What is closed is public, as hours and prices are.

use super::{PlanItemView, shown};
use crate::access::Caller;
use crate::access::deeds::CloseSpace;
use crate::http::{CursorKey, KeyedBody, Page, Query, Reply, commit_or_rehearse};
use crate::impact::actions::closures::{self as actions, Closed};
use crate::impact::model::closures::{Closure, ClosureAnswer, ClosureAsk, ClosureState, ToClose};
use crate::impact::model::{Disposition, DispositionCount, Stage};
use crate::impact::queries::closures::{self as closures, Wanted};
use crate::impact::{queries, rules};
use crate::kernel::form::{self, Form, Spot};
use crate::kernel::id::{BookingId, ClosureId, OpeningId, PlanId, SiteId, SpaceId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Code, Fault, Fen, Instant, Outcome, Period};
use crate::places;
use crate::places::model::Site;
use crate::store::{Conn, Db};
use crate::terms::model::Orderer;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

/// Affected bookings a dry run names; the counts tell of all.
const MOST_SHOWN: usize = PageAsk::MAX_LIMIT;
/// Bookings that may be answered by name.
const MOST_NAMED: usize = 500;

/// A stretch of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct StretchView {
    from: Instant,
    until: Instant,
}

impl From<Period> for StretchView {
    fn from(period: Period) -> Self {
        Self { from: period.start(), until: period.end() }
    }
}

/// A part of a closure that was opened again.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpeningView {
    id: OpeningId,
    from: Instant,
    until: Instant,
    /// Why.
    reason: String,
    /// When that was decided.
    opened_at: Instant,
}

/// A closure.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosureView {
    id: ClosureId,
    site_id: SiteId,
    /// The spaces named; whatever shares a part with one of them is closed too.
    space_ids: Vec<SpaceId>,
    from: Instant,
    /// Until when, as it was closed.
    until: Instant,
    /// Why, in the words of who closed it.
    reason: String,
    /// As whom it was closed.
    closed_by: Orderer,
    /// When that was ordered.
    closed_at: Instant,
    state: ClosureState,
    /// When it is closed still, in order.
    closed: Vec<StretchView>,
    /// Where it was opened again.
    openings: Vec<OpeningView>,
}

impl ClosureView {
    fn of(closure: Closure, now: Instant) -> Self {
        let closed = closure.period().map(|whole| rules::closures::stretches(whole, &closure.openings)).unwrap_or_default();
        Self {
            state: rules::closures::state(&closure, now),
            closed: closed.into_iter().map(StretchView::from).collect(),
            openings: closure
                .openings
                .into_iter()
                .map(|one| OpeningView { id: one.id, from: one.from, until: one.until, reason: one.reason, opened_at: one.opened_at })
                .collect(),
            id: closure.id,
            site_id: closure.site,
            space_ids: closure.spaces,
            from: closure.from,
            until: closure.until,
            reason: closure.reason,
            closed_by: closure.closed_as,
            closed_at: closure.closed_at,
        }
    }
}

/// A closure as it was ordered or opened, with what becomes of the bookings.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosureMade {
    closure: ClosureView,
    plan_id: PlanId,
    /// Every disposition once.
    counts: Vec<DispositionCount>,
    /// Everything that is paid back, in fen.
    refund_fen: Fen,
    /// In a dry run: the first hundred affected bookings in order of start, with who holds them.
    affected: Vec<PlanItemView>,
}

/// What becomes of one booking.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
pub struct AnswerAsk {
    booking_id: BookingId,
    disposition: ClosureAnswer,
}

/// What to close.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"space_ids": ["space_01h455vb4pex5vsknk084sn02q"], "from": "2026-12-20T08:00:00+08:00", "until": "2026-12-22T08:00:00+08:00", "reason": "地板打蜡。"}))]
pub struct SiteClosureAsk {
    /// Which spaces; left out: all of the site.
    #[schema(min_items = 1, max_items = 100)]
    space_ids: Option<Vec<SpaceId>>,
    /// From when; left out: now.
    from: Option<Instant>,
    /// Until when; at most 366 days.
    until: Instant,
    /// Why; everybody reads it.
    #[schema(max_length = 200)]
    reason: String,
    /// What becomes of a booking it meets; `offer` unless given.
    disposition: Option<ClosureAnswer>,
    /// What becomes of single bookings instead.
    #[schema(max_items = 500)]
    answers: Option<Vec<AnswerAsk>>,
}

/// The same for one space.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"from": "2026-12-20T08:00:00+08:00", "until": "2026-12-22T08:00:00+08:00", "reason": "地板打蜡。"}))]
pub struct SpaceClosureAsk {
    /// From when; left out: now.
    from: Option<Instant>,
    /// Until when; at most 366 days.
    until: Instant,
    /// Why; everybody reads it.
    #[schema(max_length = 200)]
    reason: String,
    /// What becomes of a booking it meets; `offer` unless given.
    disposition: Option<ClosureAnswer>,
    /// What becomes of single bookings instead.
    #[schema(max_items = 500)]
    answers: Option<Vec<AnswerAsk>>,
}

fn answer(spot: &Spot) -> Option<(BookingId, ClosureAnswer)> {
    spot.object(|form| {
        let (booking, disposition) = (form.need("booking_id", form::id), form.need("disposition", form::word));
        Some((booking?, disposition?))
    })
}

fn read(form: &mut Form, spaces: Option<Vec<SpaceId>>) -> Option<ClosureAsk> {
    let from = form.may("from", form::instant);
    let until = form.need("until", form::instant);
    let reason = form.need("reason", form::line(200));
    let usual = form.may("disposition", form::word).unwrap_or(ClosureAnswer::Offer);
    let each = form.may("answers", form::list(0..=MOST_NAMED, answer)).unwrap_or_default();
    let twice = each.iter().enumerate().find(|(i, (id, _))| each.iter().take(*i).any(|(other, _)| other == id));
    if let Some((i, _)) = twice {
        form.fault_below(&format!("answers/{i}/booking_id"), "duplicate", "重复了。", "Stands twice.");
    }
    Some(ClosureAsk { spaces, from, until: until?, reason: reason?, usual, each })
}

fn site(conn: &mut Conn, id: &SiteId) -> Outcome<(Site, ToClose)> {
    let found = places::queries::site(conn, id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
    let area_path = places::queries::area_path(conn, id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
    let to_close = ToClose { area_path, operator: found.organisation_id.clone(), known: true };
    Ok((found, to_close))
}

fn closure(conn: &mut Conn, id: &ClosureId) -> Outcome<Closure> {
    closures::find(conn, id)?.ok_or_else(|| Code::NotFound.into())
}

/// The answer, with the affected ones by name only where nothing is kept of it.
fn made(conn: &mut Conn, closed: Closed, who: Option<(&crate::people::model::Standing, &str)>, now: Instant) -> Outcome<ClosureMade> {
    let affected = match who {
        Some((who, area_path)) => {
            let ask = PageAsk { limit: MOST_SHOWN, after: None };
            let items = queries::items(conn, &closed.plan.id, None, &ask)?.items;
            shown(conn, items, who, area_path)?
        }
        None => vec![],
    };
    Ok(ClosureMade {
        closure: ClosureView::of(closed.closure, now),
        refund_fen: Fen(closed.plan.counts.iter().map(|count| count.refund_fen.0).sum()),
        plan_id: closed.plan.id,
        counts: closed.plan.counts,
        affected,
    })
}

async fn close(
    db: &Db,
    caller: Caller<CloseSpace>,
    ask: KeyedBody,
    dry: bool,
    wanted: impl Fn(&mut Conn) -> Outcome<(SiteId, ClosureAsk)> + Send + 'static,
) -> Outcome<HttpResponse> {
    let account = caller.account().clone();
    commit_or_rehearse(db, &account, ask, dry, move |tx, _| {
        let (id, ask) = wanted(tx)?;
        let (site, to_close) = site(tx, &id)?;
        let permit = caller.permit(tx, &to_close)?;
        let closed = actions::close(tx, &permit, &site, &ask)?;
        let (id, now) = (closed.closure.id.clone(), tx.now());
        let made = made(tx, closed, dry.then_some((permit.who(), to_close.area_path.as_str())), now)?;
        Reply::created(format!("/api/v1/closures/{id}"), None, &made)
    })
    .await
}

/// Close spaces of a site
///
/// For a period and with a reason. Nothing can be booked in them then, and every booking it meets has its answer in the same
/// moment: another time is offered and held, it is cancelled and paid back, or it stands and its holder is told. Whatever
/// shares a part with a space named is closed too. `dry_run=true` counts and names who is affected and does nothing.
#[utoipa::path(tag = "impact", security(("bearer" = [])), request_body = SiteClosureAsk,
    params(("id" = SiteId, Path), ("dry_run" = Option<bool>, Query, description = "Only tell what would happen"),
        ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = ClosureMade), (status = 200, description = "Dry run", body = ClosureMade)))]
#[post("/sites/{id}/closures")]
pub async fn post_site_closure(
    db: Data<Db>,
    caller: Caller<CloseSpace>,
    id: Path<SiteId>,
    query: Query,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let dry = query.dry_run()?;
    let wanted = ask.body.read(|form| {
        let spaces = form.may("space_ids", form::set(1..=100, form::id::<SpaceId>));
        read(form, spaces)
    })?;
    let id = id.into_inner();
    close(&db, caller, ask, dry, move |_| Ok((id.clone(), wanted.clone()))).await
}

/// Close a space
///
/// As several spaces of a site.
#[utoipa::path(tag = "impact", security(("bearer" = [])), request_body = SpaceClosureAsk,
    params(("id" = SpaceId, Path), ("dry_run" = Option<bool>, Query, description = "Only tell what would happen"),
        ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = ClosureMade), (status = 200, description = "Dry run", body = ClosureMade)))]
#[post("/spaces/{id}/closures")]
pub async fn post_space_closure(
    db: Data<Db>,
    caller: Caller<CloseSpace>,
    id: Path<SpaceId>,
    query: Query,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let dry = query.dry_run()?;
    let id = id.into_inner();
    let wanted = ask.body.read(|form| read(form, Some(vec![id.clone()])))?;
    let of_space = move |conn: &mut Conn| {
        let found = places::queries::located(conn, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        Ok((found.site.id, wanted.clone()))
    };
    close(&db, caller, ask, dry, of_space).await
}

/// Closures of a site
///
/// In order of their beginning; public.
#[utoipa::path(tag = "impact", params(("id" = SiteId, Path),
    ("state" = Option<ClosureState>, Query, description = "Only those that stand so"),
    ("space_id" = Option<SpaceId>, Query, description = "Only those that name this space"),
    ("from" = Option<Instant>, Query, description = "Only what is closed after this"), ("to" = Option<Instant>, Query, description = "Only what is closed before this"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<ClosureView>)))]
#[get("/sites/{id}/closures")]
pub async fn get_closures(db: Data<Db>, keys: Data<CursorKey>, id: Path<SiteId>, query: Query) -> Outcome<Json<Page<ClosureView>>> {
    let id = id.into_inner();
    let list = format!("closures of {id}");
    let (wanted, ask) = query.read(|form| {
        let state = form.may("state", form::word::<ClosureState>);
        let space = form.may("space_id", form::id::<SpaceId>);
        let (from, to) = (form.may("from", form::instant), form.may("to", form::instant));
        let over = Period::new(from.unwrap_or(Instant::EARLIEST), to.unwrap_or(Instant::LATEST));
        if over.is_none() {
            form.fault("to", "out-of-range", "应晚于 from。", "Must be after `from`.");
        }
        Some((Wanted { state, space, over }, keys.ask(&list, form)))
    })?;
    let page = db
        .read(move |tx| {
            let now = tx.now();
            places::queries::site(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
            Ok(closures::of_site(tx, &id, &wanted, now, &ask)?.map(|closure| ClosureView::of(closure, now)))
        })
        .await?;
    Ok(Json(keys.page(&list, page)))
}

/// A closure
#[utoipa::path(tag = "impact", params(("id" = ClosureId, Path)), responses((status = 200, body = ClosureView)))]
#[get("/closures/{id}")]
pub async fn get_closure(db: Data<Db>, id: Path<ClosureId>) -> Outcome<Json<ClosureView>> {
    let view = db.read(move |tx| {
        let now = tx.now();
        closure(tx, &id).map(|closure| ClosureView::of(closure, now))
    });
    Ok(Json(view.await?))
}

/// The bookings a closure met
///
/// In order of start, with what became of each and who holds it.
#[utoipa::path(tag = "impact", security(("bearer" = [])), params(("id" = ClosureId, Path),
    ("disposition" = Option<Disposition>, Query, description = "Only these"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<PlanItemView>)))]
#[get("/closures/{id}/bookings")]
pub async fn get_closure_bookings(
    db: Data<Db>,
    keys: Data<CursorKey>,
    caller: Caller<CloseSpace>,
    id: Path<ClosureId>,
    query: Query,
) -> Outcome<Json<Page<PlanItemView>>> {
    let id = id.into_inner();
    let list = format!("bookings of {id}");
    let (only, ask) = query.read(|form| {
        let only = form.may("disposition", form::word::<Disposition>);
        Some((only, keys.ask(&list, form)))
    })?;
    let page = db
        .read(move |tx| {
            let closure = closure(tx, &id)?;
            let (_, to_close) = site(tx, &closure.site)?;
            let permit = caller.permit(tx, &to_close)?;
            let plan = queries::plan_of(tx, Stage::Applied, id.as_str())?;
            let plan = plan.ok_or_else(|| Fault::internal("a closure without a plan"))?;
            let page = queries::items(tx, &plan.id, only, &ask)?;
            let next = page.next.clone();
            Ok(PageOf { items: shown(tx, page.items, permit.who(), &to_close.area_path)?, next })
        })
        .await?;
    Ok(Json(keys.page(&list, page)))
}

/// What to open again.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"reason": "提前修好了。"}))]
pub struct OpeningAsk {
    /// From when; left out: now.
    from: Option<Instant>,
    /// Until when; left out: to the end of the closure, which so ends early.
    until: Option<Instant>,
    /// Why; everybody reads it.
    #[schema(max_length = 200)]
    reason: String,
}

/// Open a part of a closure again
///
/// A day, some hours, or all that is left of it. What was offered instead to bookings of that time is taken back: they stand as
/// before. `dry_run=true` tells what would happen and does nothing.
#[utoipa::path(tag = "impact", security(("bearer" = [])), request_body = OpeningAsk,
    params(("id" = ClosureId, Path), ("dry_run" = Option<bool>, Query, description = "Only tell what would happen"),
        ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = ClosureMade), (status = 200, description = "Dry run", body = ClosureMade)))]
#[post("/closures/{id}/openings")]
pub async fn post_opening(
    db: Data<Db>,
    caller: Caller<CloseSpace>,
    id: Path<ClosureId>,
    query: Query,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let dry = query.dry_run()?;
    let (from, until, reason) = ask.body.read(|form| {
        let (from, until) = (form.may("from", form::instant), form.may("until", form::instant));
        Some((from, until, form.need("reason", form::line(200))?))
    })?;
    let (id, account) = (id.into_inner(), caller.account().clone());
    commit_or_rehearse(&db, &account, ask, dry, move |tx, _| {
        let closure = closure(tx, &id)?;
        let (site, to_close) = site(tx, &closure.site)?;
        let permit = caller.permit(tx, &to_close)?;
        let opened = actions::open(tx, &permit, &site, &id, (from, until), &reason)?;
        let now = tx.now();
        let made = made(tx, opened, dry.then_some((permit.who(), to_close.area_path.as_str())), now)?;
        Reply::created(format!("/api/v1/closures/{id}"), None, &made)
    })
    .await
}
