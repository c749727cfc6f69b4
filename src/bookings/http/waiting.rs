//! The waiting list: standing in line, and what is kept for those who came up.

use super::{BookingView, EquipmentView, beside, permit, permitted};
use crate::access::Caller;
use crate::access::deeds::{AnswerOffer, CancelBooking, ListOwnBookings, MakeBooking, SeeBooking};
use crate::bookings::actions::waiting as actions;
use crate::bookings::model::Booking;
use crate::bookings::model::waiting::{Entry, Hold, InLine, WaitState};
use crate::bookings::queries::find;
use crate::bookings::queries::waiting as queries;
use crate::bookings::rules::waiting as rules;
use crate::http::{CursorKey, KeyedBody, Page, Query, Reply, commit, paging};
use crate::kernel::form;
use crate::kernel::id::{BookingId, HouseholdId, OrganisationId, SiteId, SpaceId, WaitId};
use crate::kernel::{Code, Fault, Instant, Outcome, Period};
use crate::people::model::Power;
use crate::store::{Db, Tx};
use crate::terms::model::{PriorityClass, Use};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

/// A place in line.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitView {
    id: WaitId,
    site_id: SiteId,
    space_id: SpaceId,
    #[serde(rename = "use")]
    use_code: Use,
    attendees: i64,
    /// How many of the people are under 18.
    minors: i64,
    /// Full years of the youngest of them, where it was said.
    youngest: Option<i64>,
    /// A guardian or carer was said to come with them.
    guardian: bool,
    /// What it is to take along.
    equipment: Vec<EquipmentView>,
    starts_at: Instant,
    ends_at: Instant,
    state: WaitState,
    household_id: Option<HouseholdId>,
    organisation_id: Option<OrganisationId>,
    /// By which class of the priority clause it stands; null: after all classes that are named.
    class: Option<PriorityClass>,
    /// One more than those before it who wait for a part of the same time; null once it has ended.
    place: Option<usize>,
    joined_at: Instant,
    /// The booking or request it became.
    booking_id: Option<BookingId>,
}

impl WaitView {
    fn of(entry: Entry, place: Option<usize>) -> Self {
        let (household_id, organisation_id) = entry.holder.columns();
        Self {
            id: entry.id,
            site_id: entry.site,
            space_id: entry.space,
            use_code: entry.use_code,
            attendees: entry.attendees,
            minors: entry.children.minors,
            youngest: entry.children.youngest,
            guardian: entry.children.guardian,
            equipment: EquipmentView::listed(&entry.equipment),
            starts_at: entry.period.start(),
            ends_at: entry.period.end(),
            state: entry.state,
            household_id,
            organisation_id,
            class: entry.class,
            place,
            joined_at: entry.joined_at,
            booking_id: entry.booking,
        }
    }

    /// Each with its place, from one look at the lines.
    fn of_each(tx: &mut Tx, entries: &[Entry]) -> Outcome<Vec<Option<usize>>> {
        let open: Vec<&Entry> = entries.iter().filter(|entry| entry.state == WaitState::Waiting).collect();
        let from = open.iter().map(|entry| entry.occupancy.start()).min();
        let to = open.iter().map(|entry| entry.occupancy.end()).max();
        let Some(over) = from.zip(to).and_then(|(from, to)| Period::new(from, to)) else { return Ok(vec![None; entries.len()]) };
        let mut sites: Vec<SiteId> = open.iter().map(|entry| entry.site.clone()).collect();
        sites.sort();
        sites.dedup();
        let now = tx.now();
        let line = queries::waiting_at(tx, &sites, over, now)?;
        let place = |entry: &Entry| line.iter().find(|other| other.entry.id == entry.id).map(|mine| rules::place_in(&line, mine));
        Ok(entries.iter().map(place).collect())
    }
}

/// Join the waiting list
///
/// For a time that others have and that could be booked otherwise (`period-taken` is the only reason against it). When it comes
/// free, it is kept for whoever stands first: classes of the priority clause in their order, within a class whoever came
/// first; whoever lost a booking there to the provider within 48 hours before everybody else.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), request_body = super::BookingAsk,
    params(("Idempotency-Key" = String, Header)), responses((status = 201, body = WaitView)))]
#[post("/waitlist")]
pub async fn post_waitlist(db: Data<Db>, caller: Caller<MakeBooking>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let wish = ask.body.read(|form| {
        let wished = beside::read(form);
        if wished.as_ref().is_some_and(beside::Wished::sets_aside) {
            form.fault("set_aside", "not-here", "排队不能放宽规定。", "No rule is set aside for a place in line.");
        }
        wished
    })?;
    let wish = wish.ask;
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, _| {
        let permit = permit(tx, &caller, &wish)?;
        let entry = actions::join(tx, &permit, &wish)?;
        let place = WaitView::of_each(tx, std::slice::from_ref(&entry))?.pop().flatten();
        Reply::created(format!("/api/v1/waitlist/{}", entry.id), None, &WaitView::of(entry, place))
    })
    .await
}

const LIST: &str = "waitlist";

/// One's own places in line
///
/// Of the caller's household and of the organisations the caller may book for, the next one first; with those that came up and
/// wait for an answer (`promoted`, with the booking that is kept).
#[utoipa::path(tag = "bookings", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)), responses((status = 200, body = Page<WaitView>)))]
#[get("/waitlist")]
pub async fn get_waitlist(
    db: Data<Db>,
    keys: Data<CursorKey>,
    caller: Caller<ListOwnBookings>,
    query: Query,
) -> Outcome<Json<Page<WaitView>>> {
    let ask = paging::only_page(&keys, LIST, &query)?;
    let page = db
        .read(move |tx| {
            let permit = caller.permit_own(tx)?;
            let who = permit.who();
            let organisations = who.acting_for(Power::Book);
            let now = tx.now();
            let page = queries::of_holders(tx, who.household.as_ref(), &organisations, now, &ask)?;
            let mut places = WaitView::of_each(tx, &page.items)?.into_iter();
            Ok(page.map(|entry| WaitView::of(entry, places.next().flatten())))
        })
        .await?;
    Ok(Json(keys.page(LIST, page)))
}

/// The place in line, with id and path of the area that manages its site.
fn known(tx: &mut Tx, id: &WaitId) -> Outcome<(Entry, String, String)> {
    queries::find(tx, id)?.ok_or_else(|| Fault::from(Code::NotFound))
}

/// A place in line
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = WaitId, Path)), responses((status = 200, body = WaitView)))]
#[get("/waitlist/{id}")]
pub async fn get_wait(db: Data<Db>, caller: Caller<SeeBooking>, id: Path<WaitId>) -> Outcome<Json<WaitView>> {
    let view = db.read(move |tx| {
        let (entry, _, area_path) = known(tx, &id)?;
        caller.permit(tx, &InLine { entry: &entry, area_path: &area_path })?;
        let place = WaitView::of_each(tx, std::slice::from_ref(&entry))?.pop().flatten();
        Ok(WaitView::of(entry, place))
    });
    Ok(Json(view.await?))
}

/// Leave the waiting list
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = WaitId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = WaitView)))]
#[post("/waitlist/{id}/leaving")]
pub async fn post_leaving(db: Data<Db>, caller: Caller<CancelBooking>, id: Path<WaitId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let id = id.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        body.read(|_| Some(()))?;
        let (entry, area, area_path) = known(tx, &id)?;
        let permit = caller.permit(tx, &InLine { entry: &entry, area_path: &area_path })?;
        actions::leave(tx, &permit, &entry, &area)?;
        Reply::created(format!("/api/v1/waitlist/{id}"), None, &WaitView::of(Entry { state: WaitState::Left, ..entry }, None))
    })
    .await
}

/// Taking what is kept.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({}))]
pub struct HoldAcceptance {
    /// Hash of the usage terms in force, where they are others than those accepted when joining.
    #[schema(min_length = 64, max_length = 64)]
    usage_terms_sha256: Option<String>,
}

/// Take what is kept
///
/// The rules judge it again and it is priced anew, as of now; then it is a booking like any other. Once its time to answer is
/// over, 409 `offer-expired`.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), request_body = HoldAcceptance, params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = BookingView)))]
#[post("/bookings/{id}/hold/acceptance")]
pub async fn post_hold_acceptance(db: Data<Db>, caller: Caller<AnswerOffer>, id: Path<BookingId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let id = id.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        let mut usage_terms = None;
        body.read(|form| {
            usage_terms = form.may("usage_terms_sha256", form::sha256);
            Some(())
        })?;
        let (permit, found) = permitted(tx, &caller, &id)?;
        let booking: Booking = actions::accept(tx, &permit, &found, usage_terms)?;
        let view = BookingView { hold: hold(tx, &id)?, ..BookingView::of(booking, None, None) };
        Reply::created(format!("/api/v1/bookings/{id}"), None, &view)
    })
    .await
}

/// What is or was kept for the holder of a booking.
pub(super) fn hold(tx: &mut Tx, id: &BookingId) -> Outcome<Option<Hold>> {
    Ok(queries::holds(tx, std::slice::from_ref(id))?.pop().map(|(_, hold)| hold))
}

/// Say no to what is kept
///
/// It is free at once for whoever stands next in line.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = BookingView)))]
#[post("/bookings/{id}/hold/refusal")]
pub async fn post_hold_refusal(db: Data<Db>, caller: Caller<AnswerOffer>, id: Path<BookingId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let id = id.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        body.read(|_| Some(()))?;
        let (permit, found) = permitted(tx, &caller, &id)?;
        actions::decline(tx, &permit, &found)?;
        let found = find(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let cancellation = crate::bookings::queries::cancellation(tx, &id)?;
        let view = BookingView { hold: hold(tx, &id)?, ..BookingView::of(found.booking, cancellation, None) };
        Reply::created(format!("/api/v1/bookings/{id}"), None, &view)
    })
    .await
}
