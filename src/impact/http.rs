//! Wire types and routes: what plans did to a booking, what waits for its holder's answer, and the answers. The plans of an
//! agreement's versions are shown by `agreements`, with the wire types of here.

mod closures;
mod history;
mod provider;

pub use closures::*;
pub use history::*;
pub use provider::*;

use super::actions::{self, offers};
use super::model::{Alternative, Disposition, DispositionCount, ImpactEventKind, Item, Matter, MatterEnd, MatterKind, Plan, StoredItem};
use super::queries;
use crate::access::deeds::{AnswerOffer, ListOwnBookings, SeeBooking};
use crate::access::{Caller, ask as ask_for};
use crate::bookings::actions::whose::Claimant;
use crate::bookings::alternatives;
use crate::bookings::http::{known, permitted};
use crate::bookings::model::{Ask, InArea};
use crate::http::{CursorKey, KeyedBody, Page, Query, Reply, commit, paging};
use crate::kernel::form;
use crate::kernel::id::{BookingId, HouseholdId, OrganisationId, SpaceId};
use crate::kernel::page::PageAsk;
use crate::kernel::time::Day;
use crate::kernel::{Code, Fault, Fen, Instant, Outcome, Reason, Zone};
use crate::people::model::{Power, Standing};
use crate::store::{Conn, Db, Tx};
use crate::words;
use crate::{bookings, people, places};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use jiff::ToSpan;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

words! {
    /// Whether a plan is being shown or was carried out.
    pub enum PlanStage {
        /// As it would be at this moment.
        Live = "live",
        /// As it was when the version was put to its signers; it is computed again when the last of them signs.
        Previewed = "previewed",
        /// As it was carried out.
        Applied = "applied",
    }
}

/// What a version does, or would do, to the bookings made before it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanView {
    stage: PlanStage,
    /// The moment it was computed.
    as_of: Instant,
    /// Every disposition once.
    counts: Vec<DispositionCount>,
    /// Everything that is paid back, in fen.
    refund_fen: Fen,
    /// The affected ones by week, the first week first.
    weeks: Vec<WeekView>,
}

/// The affected bookings that start in one week.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeekView {
    /// Its Monday, a civil date of the site.
    #[schema(value_type = String, format = Date)]
    monday: String,
    /// The dispositions that occur in it.
    counts: Vec<WeekCount>,
}

/// How many in one week.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeekCount {
    disposition: Disposition,
    bookings: i64,
}

impl PlanView {
    /// A plan with its affected bookings as (start, disposition).
    pub fn of(stage: PlanStage, as_of: Instant, counts: Vec<DispositionCount>, starts: &[(Instant, Disposition)], zone: &Zone) -> Self {
        let mut weeks: BTreeMap<Day, BTreeMap<Disposition, i64>> = BTreeMap::new();
        for (start, disposition) in starts {
            let day = zone.day_of(*start);
            let monday = day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days());
            *weeks.entry(monday).or_default().entry(*disposition).or_default() += 1;
        }
        let week = |(monday, counts): (Day, BTreeMap<Disposition, i64>)| WeekView {
            monday: monday.to_string(),
            counts: counts.into_iter().map(|(disposition, bookings)| WeekCount { disposition, bookings }).collect(),
        };
        let refund_fen = Fen(counts.iter().map(|count| count.refund_fen.0).sum());
        Self { stage, as_of, counts, refund_fen, weeks: weeks.into_iter().map(week).collect() }
    }

    /// A plan computed at this moment.
    pub fn live(plan: &Plan, as_of: Instant, zone: &Zone) -> Self {
        let starts: Vec<_> = plan.items.iter().map(|item| (item.booking.period.start(), item.disposition)).collect();
        Self::of(PlanStage::Live, as_of, actions::counts(plan), &starts, zone)
    }
}

/// A booking in a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanItemView {
    booking_id: BookingId,
    space_id: SpaceId,
    starts_at: Instant,
    disposition: Disposition,
    /// Why, with the clause.
    reasons: Vec<Reason>,
    /// Paid back, in fen.
    refund_fen: Fen,
    /// Who holds it; only for those who run the space.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<HolderView>,
}

/// Who holds a booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct HolderView {
    household_id: Option<HouseholdId>,
    organisation_id: Option<OrganisationId>,
    /// Who answers for it, by name.
    person: Option<String>,
}

/// An affected booking as a plan or its stored form has it.
pub fn plain(item: &Item) -> StoredItem {
    StoredItem {
        booking: item.booking.id.clone(),
        space: item.booking.space.clone(),
        starts_at: item.booking.period.start(),
        disposition: item.disposition,
        reasons: item.reasons.clone(),
        refund: item.refund(),
    }
}

/// A page of affected bookings, each with as much as the reader may know. Three queries, however many.
pub fn shown(conn: &mut Conn, items: Vec<StoredItem>, who: &Standing, area_path: &str) -> Outcome<Vec<PlanItemView>> {
    let ids: Vec<BookingId> = items.iter().map(|item| item.booking.clone()).collect();
    let mut held = bookings::queries::of_ids(conn, &ids)?;
    held.retain(|booking| ask_for::<SeeBooking>(who.clone(), &InArea { booking, area_path }).is_ok());
    let accounts: Vec<_> = held.iter().map(|booking| booking.account.clone()).collect();
    let names = if accounts.is_empty() { vec![] } else { people::queries::names(conn, &accounts)? };
    let holder = |id: &BookingId| {
        let booking = held.iter().find(|booking| booking.id == *id)?;
        let (household_id, organisation_id) = booking.holder.columns();
        let person = names.iter().find(|(account, _)| *account == booking.account).map(|(_, name)| name.clone());
        Some(HolderView { household_id, organisation_id, person })
    };
    let view = |item: StoredItem| PlanItemView {
        holder: holder(&item.booking),
        booking_id: item.booking,
        space_id: item.space,
        starts_at: item.starts_at,
        disposition: item.disposition,
        reasons: item.reasons,
        refund_fen: item.refund,
    };
    Ok(items.into_iter().map(view).collect())
}

/// Something that can be had instead.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlternativeView {
    /// Its number, from 1: what an acceptance names.
    alternative: i32,
    space_id: SpaceId,
    space_zh: String,
    space_en: Option<String>,
    /// RFC 3339 with the site's offset.
    starts_at: String,
    /// RFC 3339 with the site's offset.
    ends_at: String,
    price_fen: Fen,
    /// It is kept free until the offer ends.
    held: bool,
}

/// What is or was open about a booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatterView {
    kind: MatterKind,
    opened_at: Instant,
    /// When it ends by itself.
    due_at: Instant,
    /// Most people, of a reduction.
    most_people: Option<i64>,
    /// How it ended; null while it is open.
    ended: Option<MatterEnd>,
    /// What is offered.
    alternatives: Vec<AlternativeView>,
}

/// What one plan did to a booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingImpactView {
    booking_id: BookingId,
    /// What met it.
    event: ImpactEventKind,
    /// When.
    at: Instant,
    disposition: Disposition,
    /// Why, with the clause.
    reasons: Vec<Reason>,
    /// Paid back at once, in fen.
    refund_fen: Fen,
    /// What it left open.
    matter: Option<MatterView>,
}

/// Puts plans' answers together with what they left open and what is offered. Three queries, however many.
fn told(conn: &mut Conn, met: Vec<queries::Met>) -> Outcome<Vec<BookingImpactView>> {
    let matters: Vec<_> = met.iter().filter_map(|met| met.matter.as_ref().map(|(matter, _)| matter.id.clone())).collect();
    let offered = queries::alternatives(conn, &matters)?;
    let spaces: Vec<SpaceId> = offered.iter().map(|(_, _, one)| one.space.clone()).collect();
    let names = places::queries::named(conn, &spaces)?;
    let alternative = |place: i32, one: &Alternative, open: bool| {
        let name = names.iter().find(|name| name.id == one.space)?;
        Some(AlternativeView {
            alternative: place,
            space_id: one.space.clone(),
            space_zh: name.name_zh.clone(),
            space_en: name.name_en.clone(),
            starts_at: name.zone.rfc3339(one.period.start()),
            ends_at: name.zone.rfc3339(one.period.end()),
            price_fen: one.price,
            held: open && place == 1,
        })
    };
    let matter = |(matter, ended): (Matter, Option<MatterEnd>)| MatterView {
        alternatives: offered
            .iter()
            .filter(|(id, ..)| *id == matter.id)
            .filter_map(|(_, place, one)| alternative(*place, one, ended.is_none()))
            .collect(),
        kind: matter.kind,
        opened_at: matter.opened_at,
        due_at: matter.due,
        most_people: matter.limit,
        ended,
    };
    let view = |met: queries::Met| BookingImpactView {
        booking_id: met.item.booking,
        event: met.event,
        at: met.at,
        disposition: met.item.disposition,
        reasons: met.item.reasons,
        refund_fen: met.item.refund,
        matter: met.matter.map(matter),
    };
    Ok(met.into_iter().map(view).collect())
}

/// What became of a booking when the agreement changed
///
/// The latest event first: what was decided about it, why, and what is offered.
#[utoipa::path(tag = "impact", security(("bearer" = [])), params(("id" = BookingId, Path)), responses((status = 200, body = Vec<BookingImpactView>)))]
#[get("/bookings/{id}/impact")]
pub async fn get_booking_impact(db: Data<Db>, caller: Caller<SeeBooking>, id: Path<BookingId>) -> Outcome<Json<Vec<BookingImpactView>>> {
    let told = db.read(move |tx| {
        let (_, found) = permitted(tx, &caller, &id)?;
        let met = queries::met(tx, &found.booking.id)?;
        told(tx, met)
    });
    Ok(Json(told.await?))
}

const OFFERS: &str = "offers";

/// What waits for one's own answer
///
/// Open offers, reductions and risks about bookings of the caller's household and of the organisations the caller may book
/// for, the first due first. A time kept for whoever waited in line is among their bookings, as `held`, with `hold.until`.
#[utoipa::path(tag = "impact", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<BookingImpactView>)))]
#[get("/me/offers")]
pub async fn get_offers(
    db: Data<Db>,
    keys: Data<CursorKey>,
    caller: Caller<ListOwnBookings>,
    query: Query,
) -> Outcome<Json<Page<BookingImpactView>>> {
    let ask: PageAsk = paging::only_page(&keys, OFFERS, &query)?;
    let page = db
        .read(move |tx| {
            let permit = caller.permit_own(tx)?;
            let who = permit.who();
            let organisations = who.acting_for(Power::Book);
            let page = queries::open_for(tx, who.household.as_ref(), &organisations, &ask)?;
            let next = page.next.clone();
            Ok(crate::kernel::page::PageOf { items: told(tx, page.items)?, next })
        })
        .await?;
    Ok(Json(keys.page(OFFERS, page)))
}

/// Which alternative is taken.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"alternative": 0}))]
pub struct OfferAcceptanceAsk {
    /// Its number in the offer; the first one is held.
    #[schema(minimum = 1, maximum = 3)]
    alternative: i32,
    /// SHA-256 of the usage terms of its space that were read and accepted, where some are in force then.
    #[schema(min_length = 64, max_length = 64)]
    usage_terms_sha256: Option<String>,
}

/// A booking that has moved.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferAcceptanceView {
    /// The one that was.
    booking_id: BookingId,
    /// The one that follows it.
    moved_to: BookingId,
    space_id: SpaceId,
    starts_at: Instant,
    ends_at: Instant,
    price_fen: Fen,
}

/// Adds what could be booked now to a refusal that leaves the holder without.
async fn with_alternatives(db: &Db, mut fault: Fault, wanted: impl Fn(&mut Tx) -> Outcome<Option<Ask>> + Send + 'static) -> Fault {
    if !matches!(fault.code, Code::OfferExpired | Code::PeriodTaken | Code::BookingRefused) {
        return fault;
    }
    let found = db.read(move |tx| {
        let now = tx.now();
        match wanted(tx)? {
            Some(ask) => alternatives::gather(tx, &ask, now, &Claimant::NOBODY),
            None => Ok(None),
        }
    });
    // A refusal stays a refusal when the search for alternatives fails.
    if let Ok(Some(search)) = found.await
        && let Ok(found) = tokio::task::spawn_blocking(move || search.choose()).await
    {
        fault.detail.alternatives = serde_json::to_value(found).ok();
    }
    fault
}

/// Take what is offered instead
///
/// The booking moves into a new one under the terms then in force. The first alternative is held; another may have gone (409
/// `period-taken`). An offer that is over is 409 `offer-expired` with what could be booked now.
#[utoipa::path(tag = "impact", security(("bearer" = [])), request_body = OfferAcceptanceAsk,
    params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = OfferAcceptanceView)))]
#[post("/bookings/{id}/offer/acceptance")]
pub async fn post_acceptance(db: Data<Db>, caller: Caller<AnswerOffer>, id: Path<BookingId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let (place, accepted) = ask.body.read(|form| {
        let place = form.need("alternative", form::int(1..=3));
        let accepted = form.may("usage_terms_sha256", form::sha256);
        Some((place?, accepted))
    })?;
    let place = i32::try_from(place).map_err(Fault::internal)?;
    let (id, account) = (id.into_inner(), caller.account().clone());
    let about = id.clone();
    let moved = commit(&db, &account, ask, move |tx, _| {
        let (permit, found) = permitted(tx, &caller, &id)?;
        let new = offers::accept(tx, &permit, &found, place, accepted.clone())?;
        let view = OfferAcceptanceView {
            booking_id: id.clone(),
            moved_to: new.id.clone(),
            space_id: new.space,
            starts_at: new.period.start(),
            ends_at: new.period.end(),
            price_fen: new.price,
        };
        Reply::created(format!("/api/v1/bookings/{}", view.moved_to), None, &view)
    })
    .await;
    match moved {
        Err(fault) => Err(with_alternatives(&db, fault, move |tx| Ok(Some(known(tx, &about)?.booking.ask()))).await),
        done => done,
    }
}

/// A booking after its holder said no.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferRefusalView {
    booking_id: BookingId,
    /// Paid back, in fen.
    refund_fen: Fen,
}

/// Say no to what is offered
///
/// The booking is cancelled and paid back in full, and counts against nobody.
#[utoipa::path(tag = "impact", security(("bearer" = [])), params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = OfferRefusalView)))]
#[post("/bookings/{id}/offer/refusal")]
pub async fn post_refusal(db: Data<Db>, caller: Caller<AnswerOffer>, id: Path<BookingId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let (id, account) = (id.into_inner(), caller.account().clone());
    let about = id.clone();
    let refused = commit(&db, &account, ask, move |tx, body| {
        body.read(|_| Some(()))?;
        let (permit, found) = permitted(tx, &caller, &id)?;
        let refund_fen = offers::decline(tx, &permit, &found)?;
        let view = OfferRefusalView { booking_id: id.clone(), refund_fen };
        Reply::created(format!("/api/v1/bookings/{id}"), None, &view)
    })
    .await;
    match refused {
        Err(fault) => Err(with_alternatives(&db, fault, move |tx| Ok(Some(known(tx, &about)?.booking.ask()))).await),
        done => done,
    }
}

/// How many people come now.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"attendees": 20}))]
pub struct ReductionAsk {
    #[schema(minimum = 1, maximum = 999)]
    attendees: i64,
}

/// A booking with fewer people.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReductionView {
    booking_id: BookingId,
    attendees: i64,
    price_fen: Fen,
}

/// Bring fewer people
///
/// Where a lower capacity asks for it: the booking stands, and what it costs less is paid back.
#[utoipa::path(tag = "impact", security(("bearer" = [])), request_body = ReductionAsk,
    params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = ReductionView)))]
#[post("/bookings/{id}/reduction")]
pub async fn post_reduction(db: Data<Db>, caller: Caller<AnswerOffer>, id: Path<BookingId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let attendees = ask.body.read(|form| form.need("attendees", form::int(1..=999)))?;
    let (id, account) = (id.into_inner(), caller.account().clone());
    commit(&db, &account, ask, move |tx, _| {
        let (permit, found) = permitted(tx, &caller, &id)?;
        let reduced = offers::reduce(tx, &permit, &found, attendees)?;
        let view = ReductionView { booking_id: id.clone(), attendees: reduced.attendees, price_fen: reduced.price };
        Reply::created(format!("/api/v1/bookings/{id}"), None, &view)
    })
    .await
}
