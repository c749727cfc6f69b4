//! Requests: which wait for the caller, and the answers to one.

use super::{BookingView, known};
use crate::access::deeds::{ApproveBooking, SeeBooking};
use crate::access::{Caller, Permit, ask};
use crate::bookings::actions::requests as actions;
use crate::bookings::model::requests::{Approver, RequestEnd, ToApprove};
use crate::bookings::model::{Booking, InArea};
use crate::bookings::queries::requests as open;
use crate::http::{CursorKey, KeyedBody, Page, Query, Reply, commit, paging};
use crate::kernel::form;
use crate::kernel::id::{AtomId, BookingId, OrganisationId, SpaceId};
use crate::kernel::{Code, Fault, Instant, Outcome, Period};
use crate::people::model::{Power, Role};
use crate::places;
use crate::schedule;
use crate::store::{Db, Tx};
use crate::terms::model::PartyCapacity;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

/// What is special about a booking somebody must say yes to first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestView {
    /// It expires then.
    deadline_at: Instant,
    /// Who must say yes.
    approvers: Vec<Approver>,
    /// How it ended, when it was answered or expired.
    end: Option<RequestEnd>,
}

impl RequestView {
    /// `None` for a booking nobody was asked about.
    pub(super) fn of(approvers: Vec<Approver>, end: Option<RequestEnd>) -> Option<Self> {
        Some(Self { deadline_at: approvers.first()?.deadline_at, approvers, end })
    }

    /// The same for each of several bookings.
    pub(super) fn of_each(tx: &mut Tx, ids: &[BookingId]) -> Outcome<Vec<(BookingId, Self)>> {
        let (approvers, ends) = (open::approvers(tx, ids)?, open::ends(tx, ids)?);
        let one = |id: &BookingId| {
            let theirs = approvers.iter().filter(|approver| approver.booking_id == *id).cloned().collect();
            Some((id.clone(), Self::of(theirs, ends.iter().find(|end| end.booking_id == *id).cloned())?))
        };
        Ok(ids.iter().filter_map(one).collect())
    }
}

/// Another request for the same time.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompetingView {
    booking_id: BookingId,
    space_id: SpaceId,
}

/// A request that waits for the caller's answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingRequest {
    booking: BookingView,
    /// For these of one's organisations.
    answer_for: Vec<OrganisationId>,
    /// Other requests that cannot be had beside it.
    competing: Vec<CompetingView>,
    /// Somebody has a part of the time already: it cannot be approved unless that is cancelled.
    taken: bool,
    /// How often its holder has had spaces here, to compare those who ask.
    holder_use: open::UsedSoFar,
}

/// Days back in which the use of those who ask is compared.
const COMPARED_DAYS: i64 = 90;

/// The caller may answer for the organisation: the desk for its community, others with the power to approve under the agreement whose
/// clause asks.
fn may_answer(permit: &Permit<ApproveBooking>, approver: &Approver) -> bool {
    let desk = approver.capacity == PartyCapacity::Community && permit.by(Role::Community);
    desk || permit.who().represents_in(&approver.organisation_id, Power::Approve, &approver.agreement_code).is_some()
}

/// A permit to answer, and for whom.
fn permit(tx: &mut Tx, caller: &Caller<ApproveBooking>, id: &BookingId) -> Outcome<(Permit<ApproveBooking>, Vec<OrganisationId>)> {
    let found = known(tx, id)?;
    let who = caller.standing(tx)?;
    let known = ask::<SeeBooking>(who.clone(), &InArea { booking: &found.booking, area_path: &found.area_path }).is_ok();
    let approvers = open::approvers(tx, std::slice::from_ref(id))?;
    let mut refusal = if known { Code::Forbidden } else { Code::NotFound };
    if known && approvers.is_empty() {
        return Err(Fault::saying(Code::StateConflict, "这次预订不需要谁同意。", "Nobody needs to say yes to this booking."));
    }
    let (mut permit, mut organisations) = (None, Vec::new());
    for approver in &approvers {
        match caller.permit_as(who.clone(), &ToApprove { approver, area_path: &found.area_path, known }) {
            Ok(given) if !may_answer(&given, approver) => refusal = Code::Forbidden,
            Ok(given) => {
                permit = Some(given);
                organisations.push(approver.organisation_id.clone());
            }
            Err(fault) if fault.code == Code::Forbidden => refusal = Code::Forbidden,
            Err(_) => {}
        }
    }
    permit.map(|permit| (permit, organisations)).ok_or_else(|| refusal.into())
}

const LIST: &str = "requests";

/// Requests that wait for one's answer
///
/// Bookings that need a yes of an organisation the caller may answer for, the next one first, each with what else is asked
/// for the same time.
#[utoipa::path(tag = "bookings", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)), responses((status = 200, body = Page<WaitingRequest>)))]
#[get("/requests")]
pub async fn get_requests(
    db: Data<Db>,
    keys: Data<CursorKey>,
    caller: Caller<ApproveBooking>,
    query: Query,
) -> Outcome<Json<Page<WaitingRequest>>> {
    let page_ask = paging::only_page(&keys, LIST, &query)?;
    let page = db
        .read(move |tx| {
            let who = caller.standing(tx)?;
            let asked = open::Asked {
                organisations: who.acting_for(Power::Approve),
                in_agreements: who.acting_in(Power::Approve),
                areas: who.grants.iter().filter(|g| g.role == Role::Community).filter_map(|g| g.area_path.clone()).collect(),
            };
            let page = open::waiting(tx, &asked, &page_ask)?;
            let ids: Vec<BookingId> = page.items.iter().map(|(booking, _)| booking.id.clone()).collect();
            let mut requests = RequestView::of_each(tx, &ids)?;
            let rivals = Rivals::read(tx, page.items.iter().map(|(booking, _)| booking))?;
            let (asking, since) = (page.items.iter().map(|(booking, _)| booking).collect::<Vec<_>>(), tx.now().plus_days(-COMPARED_DAYS));
            let used = open::used(tx, &asking, since)?;
            Ok(page.map(|(booking, area_path)| {
                let request = requests.iter().position(|(id, _)| *id == booking.id).map(|n| requests.swap_remove(n).1);
                let may = |approver: &&Approver| {
                    let here = ToApprove { approver, area_path: &area_path, known: false };
                    approver.approved_at.is_none() && caller.permit_as(who.clone(), &here).is_ok_and(|permit| may_answer(&permit, approver))
                };
                let approvers = request.iter().flat_map(|request| &request.approvers);
                let answer_for = approvers.filter(may).map(|approver| approver.organisation_id.clone()).collect();
                let (competing, taken) = rivals.of(&booking);
                let holder_use = used.iter().find(|(holder, _)| *holder == booking.holder).map(|(_, used)| *used).unwrap_or_default();
                WaitingRequest { booking: BookingView::of(booking, None, request), answer_for, competing, taken, holder_use }
            }))
        })
        .await?;
    Ok(Json(keys.page(LIST, page)))
}

/// What stands against several requests, read at once.
struct Rivals {
    spaces: Vec<places::model::Space>,
    open: Vec<open::Open>,
    occupied: Vec<(AtomId, Period)>,
}

impl Rivals {
    fn read<'b>(tx: &mut Tx, bookings: impl Iterator<Item = &'b Booking> + Clone) -> Outcome<Self> {
        let (from, to) = (bookings.clone().map(|b| b.occupancy.start()).min(), bookings.clone().map(|b| b.occupancy.end()).max());
        let Some(whole) = from.zip(to).and_then(|(from, to)| Period::new(from, to)) else {
            return Ok(Self { spaces: vec![], open: vec![], occupied: vec![] });
        };
        let mut sites: Vec<_> = bookings.clone().map(|booking| booking.site.clone()).collect();
        sites.sort();
        sites.dedup();
        let spaces = places::queries::spaces(tx, &sites)?;
        let asked: Vec<&SpaceId> = bookings.map(|booking| &booking.space).collect();
        let mut atoms: Vec<_> = spaces.iter().filter(|space| asked.contains(&&space.id)).flat_map(|space| space.atoms.clone()).collect();
        atoms.sort();
        atoms.dedup();
        let occupied = schedule::queries::occupied_atoms(tx, &atoms, whole)?;
        Ok(Self { open: open::open(tx, &sites, whole)?, spaces, occupied })
    }

    fn of(&self, booking: &Booking) -> (Vec<CompetingView>, bool) {
        let atoms = |id: &SpaceId| self.spaces.iter().find(|space| space.id == *id).map(|space| space.atoms.as_slice()).unwrap_or_default();
        let mine = atoms(&booking.space);
        let rival = |other: &&open::Open| {
            other.id != booking.id
                && other.occupancy.overlaps(&booking.occupancy)
                && atoms(&other.space).iter().any(|atom| mine.contains(atom))
        };
        let view = |other: &open::Open| CompetingView { booking_id: other.id.clone(), space_id: other.space.clone() };
        let taken = self.occupied.iter().any(|(atom, period)| mine.contains(atom) && period.overlaps(&booking.occupancy));
        (self.open.iter().filter(rival).map(view).collect(), taken)
    }
}

/// Say yes to a booking that needs it
///
/// For every organisation the caller may answer for. The last yes makes the booking: the rules judge it again, it is priced
/// anew and its time is claimed; when somebody has the time by then, 409 `period-taken`, and the request stays open.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = BookingView)))]
#[post("/bookings/{id}/approval")]
pub async fn post_request_approval(
    db: Data<Db>,
    caller: Caller<ApproveBooking>,
    id: Path<BookingId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let id = id.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        body.read(|_| Some(()))?;
        let (permit, organisations) = permit(tx, &caller, &id)?;
        let made = actions::approve(tx, &permit, &id, &organisations)?;
        let end = open::ends(tx, std::slice::from_ref(&id))?.pop();
        let usage_terms = made.usage_terms;
        let view = BookingView { usage_terms, ..BookingView::of(made.booking, None, RequestView::of(made.approvers, end)) };
        Reply::created(format!("/api/v1/bookings/{id}"), None, &view)
    })
    .await
}

/// Why a request is refused.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"reason": "那天晚上别家先订好了，换一天吧。"}))]
pub struct RefusalAsk {
    /// For the person who asked.
    #[schema(max_length = 200)]
    reason: String,
}

/// A request after its refusal.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalView {
    booking_id: BookingId,
    #[serde(flatten)]
    end: RequestEnd,
}

/// Say no to a booking that needs a yes
///
/// One no ends the request.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    request_body = RefusalAsk, responses((status = 201, body = RefusalView)))]
#[post("/bookings/{id}/refusal")]
pub async fn post_request_refusal(
    db: Data<Db>,
    caller: Caller<ApproveBooking>,
    id: Path<BookingId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let id = id.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        let reason = body.read(|form| form.need("reason", form::line(200)))?;
        let (permit, _) = permit(tx, &caller, &id)?;
        let end = actions::refuse(tx, &permit, &id, reason)?;
        Reply::created(format!("/api/v1/bookings/{id}"), None, &RefusalView { booking_id: id.clone(), end })
    })
    .await
}
