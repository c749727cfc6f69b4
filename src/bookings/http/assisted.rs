//! Booking for a neighbour: finding them in one's own scope, and booking with their consent.

use super::{BookingView, RequestView, beside, made_reply, with_alternatives};
use crate::access::Caller;
use crate::access::deeds::AssistBooking;
use crate::areas;
use crate::areas::model::AreaKind;
use crate::bookings::actions::assisted::{self, Assisting};
use crate::bookings::model::{ConsentHow, Holder, Settable};
use crate::bookings::queries::assisted as helped;
use crate::http::metrics::Metrics;
use crate::http::{Body, CursorKey, KeyedBody, Page, Query, commit, paging};
use crate::kernel::form;
use crate::kernel::id::{AccountId, AreaId, BookingId, HouseholdId, SpaceId};
use crate::kernel::{Code, Fault, Instant, Outcome, text};
use crate::people;
use crate::people::model::Role;
use crate::people::queries::Neighbours;
use crate::store::Db;
use crate::terms::model::Use;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

/// Whom somebody looks for: a household by its code, or all households behind a door.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"household_code": "yuxin-h-38-3-301"}))]
pub struct NeighbourLookup {
    /// Natural code of a household; this or a door.
    #[schema(max_length = 40)]
    household_code: Option<String>,
    /// A door.
    door_id: Option<AreaId>,
}

/// Somebody of a household.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeighbourView {
    account_id: AccountId,
    /// Masked: `王*`.
    name: String,
}

/// A household in one's scope.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeighbourHousehold {
    household_id: HouseholdId,
    code: String,
    people: Vec<NeighbourView>,
}

impl From<Neighbours> for NeighbourHousehold {
    fn from(found: Neighbours) -> Self {
        let person = |(account_id, name): (AccountId, String)| NeighbourView { account_id, name: text::mask_name(&name) };
        Self { household_id: found.household, code: found.code, people: found.people.into_iter().map(person).collect() }
    }
}

/// Find a neighbour to book for
///
/// By the code of the household or by the door, in one's own scope; whatever lies outside is 404. Names are masked, there is no
/// number and no address, and every look is recorded.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), request_body = NeighbourLookup, responses((status = 200, body = Vec<NeighbourHousehold>)))]
#[post("/neighbour-lookups")]
pub async fn post_neighbour_lookup(db: Data<Db>, caller: Caller<AssistBooking>, body: Body) -> Outcome<Json<Vec<NeighbourHousehold>>> {
    let (code, door) = body.read(|form| {
        let code = form.may("household_code", form::code);
        let door = form.may("door_id", form::id::<AreaId>);
        if !form.has("household_code") && !form.has("door_id") {
            form.fault("household_code", "missing", "请填户的代码或者楼门。", "A household_code or a door_id is required.");
        }
        if code.is_some() && door.is_some() {
            form.fault("door_id", "one-of-two", "户的代码和楼门只能填一个。", "Only one of household_code and door_id.");
        }
        Some((code, door))
    })?;
    let found = db
        .write(move |tx| {
            let (door, households) = match (&code, &door) {
                (Some(code), _) => {
                    let household = people::queries::neighbours_of_code(tx, code)?;
                    (household.as_ref().map(|one| one.door.clone()), Vec::from_iter(household))
                }
                (None, Some(door)) => match areas::queries::find(tx, door)?.filter(|area| area.kind == AreaKind::Door) {
                    Some(door) => (Some(door.id.clone()), people::queries::neighbours_at(tx, &door.id)?),
                    None => (None, Vec::new()),
                },
                (None, None) => (None, Vec::new()),
            };
            let door = door.map_or(Ok(None), |door| areas::queries::find(tx, &door))?;
            let place = assisted::at(tx, door.as_ref().map(|door| door.path.as_str()))?;
            let permit = caller.permit(tx, &place)?;
            let door = door.ok_or_else(|| Fault::from(Code::NotFound))?;
            // The chain of the community the door lies in.
            let chain =
                areas::queries::above(tx, &door.path, AreaKind::Community)?.map_or_else(|| door.id.clone(), |community| community.id);
            assisted::look_up(tx, &permit, chain.as_str(), door.id.as_str(), &households)?;
            Ok(households)
        })
        .await?;
    Ok(Json(found.into_iter().map(NeighbourHousehold::from).collect()))
}

/// What somebody books for a neighbour.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"household_id": "household_01h455vb4pex5vsknk084sn02q", "account_id": "account_01h455vb4pex5vsknk084sn02q", "consent": "in_person", "consent_at": "2026-12-09T14:00:00+08:00", "space_id": "space_01h455vb4pex5vsknk084sn02q", "starts_at": "2026-12-09T14:00:00+08:00", "ends_at": "2026-12-09T16:00:00+08:00", "use": "study", "attendees": 6}))]
pub struct AssistedAsk {
    /// Whose booking it will be.
    household_id: HouseholdId,
    /// Who of that household will answer for it.
    account_id: AccountId,
    /// How they agreed.
    consent: ConsentHow,
    /// When they agreed: within the last 7 days.
    consent_at: Instant,
    space_id: SpaceId,
    starts_at: Instant,
    ends_at: Instant,
    /// What for; see `GET /uses`.
    #[schema(rename = "use")]
    use_code: Use,
    #[schema(minimum = 1, maximum = 100_000)]
    attendees: i64,
    /// How many of the people are under 18; none unless given.
    #[schema(minimum = 0, maximum = 100_000)]
    minors: Option<i64>,
    /// Full years of the youngest of them; where it is said, a guardian is needed only below the age the clause names.
    #[schema(minimum = 0, maximum = 17)]
    youngest: Option<i64>,
    /// A guardian or carer comes with them.
    guardian: Option<bool>,
    /// Portable equipment of the site to take along.
    #[schema(max_items = 20)]
    equipment: Option<Vec<super::EquipmentAsk>>,
    /// Rules of the site that are not to stand in the way: for the community, with a reason.
    set_aside: Option<Vec<Settable>>,
    /// Why they are set aside; kept with the booking, so no names.
    #[schema(max_length = 200)]
    set_aside_reason: Option<String>,
}

/// Book for a neighbour
///
/// With their consent, which is recorded. The booking is theirs: their household's quota counts, they see it, they are told and may
/// cancel it. A household outside one's scope is 404. Refusals are those of a booking.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), request_body = AssistedAsk,
    params(("Idempotency-Key" = String, Header)), responses((status = 201, body = BookingView)))]
#[post("/assisted-bookings")]
pub async fn post_assisted_booking(
    db: Data<Db>,
    metrics: Data<Metrics>,
    caller: Caller<AssistBooking>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (wished, household, neighbour, how, given_at) = ask.body.read(|form| {
        let household = form.need("household_id", form::id::<HouseholdId>);
        let account = form.need("account_id", form::id::<AccountId>);
        let how = form.need("consent", form::word::<ConsentHow>);
        let given_at = form.need("consent_at", form::instant);
        let wished = beside::read_wish(form);
        Some((wished?, household?, account?, how?, given_at?))
    })?;
    let account = caller.account().clone();
    let (wanted, holder) = (wished.clone(), Holder::Household(household.clone()));
    let made = commit(&db, &account, ask, move |tx, _| {
        let door = people::queries::household_door(tx, &household)?;
        let place = assisted::at(tx, door.as_deref())?;
        let permit = caller.permit(tx, &place)?;
        let settled = wished.settled(tx, permit.who())?;
        let assisting = Assisting { ask: &settled, household: &household, account: &neighbour, how, given_at };
        made_reply(assisted::make(tx, &permit, &assisting)?, &settled)
    })
    .await;
    with_alternatives(&db, &metrics, made, wanted, move |_, _| Ok(holder.clone())).await
}

const LIST: &str = "assisted bookings";

/// What one booked for neighbours
///
/// Not ended yet, the next one first; of households one may still help.
#[utoipa::path(tag = "bookings", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<BookingView>)))]
#[get("/assisted-bookings")]
pub async fn get_assisted_bookings(
    db: Data<Db>,
    keys: Data<CursorKey>,
    caller: Caller<AssistBooking>,
    query: Query,
) -> Outcome<Json<Page<BookingView>>> {
    let ask = paging::only_page(&keys, LIST, &query)?;
    let page = db
        .read(move |tx| {
            let (who, now) = (caller.standing(tx)?, tx.now());
            let helps = |role: Role| matches!(role, Role::DoorLeader | Role::GridLeader | Role::Community);
            let scope = helped::Scope {
                areas: who.grants.iter().filter(|grant| helps(grant.role)).filter_map(|grant| grant.area_path.clone()).collect(),
                runs: who
                    .grants
                    .iter()
                    .filter(|grant| grant.role == Role::Operator)
                    .filter_map(|grant| grant.organisation.clone())
                    .collect(),
            };
            let page = helped::made_by(tx, &who.account, &scope, now, &ask)?;
            let ids: Vec<BookingId> = page.items.iter().map(|booking| booking.id.clone()).collect();
            let mut requests = RequestView::of_each(tx, &ids)?;
            Ok(page.map(|booking| {
                let request = requests.iter().position(|(id, _)| *id == booking.id).map(|n| requests.swap_remove(n).1);
                BookingView::of(booking, None, request)
            }))
        })
        .await?;
    Ok(Json(keys.page(LIST, page)))
}
