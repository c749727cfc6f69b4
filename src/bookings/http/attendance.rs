//! At the door and afterwards: the code, checking in, who did not come, appeals, ratings, keys.

use super::{BookingView, known, permitted};
use crate::access::deeds::{DecideAppeal, Deed, HandKeys, ListOwnBookings, MarkAttendance, SeeBooking, ShowDoorCode, UseBooking};
use crate::access::{Caller, Permit};
use crate::bookings::actions::attendance as actions;
use crate::bookings::model::Holder;
use crate::bookings::model::attendance::{
    Appeal, AppealOutcome, AtDoor, Attendance, Attended, KeyMove, KeyNote, Limit, Missed, Rating, RatingTag,
};
use crate::bookings::queries::Found;
use crate::bookings::queries::attendance as queries;
use crate::bookings::rules::attendance as rules;
use crate::http::{CursorKey, KeyedBody, Page, Query, Reply, commit, paging};
use crate::kernel::digest::hex;
use crate::kernel::form;
use crate::kernel::id::{BookingId, HouseholdId, OrganisationId, SpaceId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::people::attempts::Attempts;
use crate::people::keys::random_32;
use crate::people::model::{Power, Role};
use crate::places::queries::Located;
use crate::store::{Db, Tx};
use crate::{people, places};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

/// Who keeps the doors of a site: whoever runs it, and the property managers of its area.
fn keepers(tx: &mut Tx, place: &Located) -> Outcome<Vec<OrganisationId>> {
    let mut keepers = people::queries::managers_of(tx, &place.area_path)?;
    keepers.extend(place.site.organisation_id.clone());
    Ok(keepers)
}

/// A permit of whoever keeps the door of a booking's space.
fn keeper<D: Deed>(tx: &mut Tx, caller: &Caller<D>, id: &BookingId) -> Outcome<(Permit<D>, Found)> {
    let found = known(tx, id)?;
    let place = places::queries::located(tx, &found.booking.space)?.ok_or_else(|| Fault::internal("a booking's space is gone"))?;
    let keepers = keepers(tx, &place)?;
    let permit = caller.permit(tx, &AtDoor { area_path: &found.area_path, keepers: &keepers, booking: Some(&found.booking) })?;
    Ok((permit, found))
}

/// What the display at a door shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoorCodeView {
    space_id: SpaceId,
    /// Six digits, to be typed.
    code: String,
    /// What the QR code says: a page of the screens.
    path: String,
    /// The next one is shown from then on; this one is taken for one more round.
    changes_at: Instant,
}

/// The code at a door
///
/// For the display at the door and for the desk. It changes every minute; whoever types or scans it was there.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = SpaceId, Path)), responses((status = 200, body = DoorCodeView)))]
#[get("/spaces/{id}/door-code")]
pub async fn get_door_code(db: Data<Db>, caller: Caller<ShowDoorCode>, id: Path<SpaceId>) -> Outcome<Json<DoorCodeView>> {
    let fresh = hex(&random_32()?);
    let shown = db.write(move |tx| {
        let place = places::queries::located(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let keepers = keepers(tx, &place)?;
        caller.permit(tx, &AtDoor { area_path: &place.area_path, keepers: &keepers, booking: None })?;
        let door = actions::door(tx, &place.space, fresh.clone())?;
        let step = rules::step(tx.now());
        let code = rules::code(&door.secret, id.as_str(), step).ok_or_else(|| Fault::internal("no code of a door"))?;
        let path = format!("/check-in/{id}?code={code}");
        Ok(DoorCodeView { space_id: id.clone(), code, path, changes_at: rules::step_ends(step) })
    });
    Ok(Json(shown.await?))
}

/// The code somebody read at the door.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"code": "482915"}))]
pub struct CheckInAsk {
    /// Six digits.
    #[schema(max_length = 12)]
    code: String,
}

/// Check in at the door
///
/// From a quarter of an hour before the start, with the code the door shows. Doing it again answers the same. A code of another
/// room, or one of before, is 422 at `/code`; after five wrong ones 429.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    request_body = CheckInAsk, responses((status = 201, body = Attendance)))]
#[post("/bookings/{id}/check-in")]
pub async fn post_check_in(
    db: Data<Db>,
    attempts: Data<Attempts>,
    caller: Caller<UseBooking>,
    id: Path<BookingId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let typed = ask.body.read(|form| form.need("code", form::line(12)))?;
    let id = id.into_inner();
    let (account, tried, now) = (caller.account().clone(), format!("check-in {id}"), db.clock().now());
    // Six digits are few: nobody is to try them out from home.
    let attempt = attempts.begin(&tried, None, now)?;
    let done = commit(&db, &account, ask, move |tx, _| {
        let (permit, found) = permitted(tx, &caller, &id)?;
        let attendance = actions::check_in(tx, &permit, &found, &typed)?;
        Reply::created(format!("/api/v1/bookings/{id}/use"), None, &attendance)
    })
    .await;
    if done.as_ref().is_err_and(|fault| fault.code == Code::Invalid) {
        attempt.wrong();
    }
    done
}

/// What the desk saw.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"outcome": "came"}))]
pub struct AttendanceAsk {
    outcome: Attended,
}

/// Write down that somebody came, or that nobody did
///
/// At the desk, by whoever runs the site; a social organisation for a session of its own that takes place. What nobody came to is
/// free for others at once, and counts.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    request_body = AttendanceAsk, responses((status = 201, body = Attendance)))]
#[post("/bookings/{id}/attendance")]
pub async fn post_attendance(db: Data<Db>, caller: Caller<MarkAttendance>, id: Path<BookingId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let id = id.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        let outcome = body.read(|form| form.need("outcome", form::word))?;
        let (permit, found) = keeper(tx, &caller, &id)?;
        let attendance = actions::mark(tx, &permit, &found, outcome)?;
        Reply::created(format!("/api/v1/bookings/{id}/use"), None, &attendance)
    })
    .await
}

/// How a booking was used.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingUseView {
    booking_id: BookingId,
    /// One may check in from then on.
    opens_at: Instant,
    /// If nobody has come by then, the room is free for others; null where the site releases nobody.
    released_at: Option<Instant>,
    /// Who came.
    attendance: Option<Attendance>,
    /// What its holder says to not having come.
    appeal: Option<Appeal>,
    /// What was said about it.
    rating: Option<Rating>,
    /// What happened to the key.
    keys: Vec<KeyNote>,
}

/// How a booking was used
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path)), responses((status = 200, body = BookingUseView)))]
#[get("/bookings/{id}/use")]
pub async fn get_use(db: Data<Db>, caller: Caller<SeeBooking>, id: Path<BookingId>) -> Outcome<Json<BookingUseView>> {
    let view = db.read(move |tx| {
        let (_, found) = permitted(tx, &caller, &id)?;
        let booking = found.booking;
        let place = places::queries::located(tx, &booking.space)?.ok_or_else(|| Fault::internal("a booking's space is gone"))?;
        let minutes = place.site.rules.no_show_minutes;
        Ok(BookingUseView {
            opens_at: booking.period.start().plus_minutes(-rules::EARLY_MINUTES),
            released_at: (minutes > 0).then(|| booking.period.start().plus_minutes(minutes.into())),
            attendance: queries::of_booking(tx, &id)?,
            appeal: queries::appeal(tx, &id)?,
            rating: queries::rating(tx, &id)?,
            keys: queries::key_notes(tx, &id)?,
            booking_id: id.clone(),
        })
    });
    Ok(Json(view.await?))
}

/// What a holder says.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"text": "门锁坏了，我们一直在门口。"}))]
pub struct AppealAsk {
    /// For the desk.
    #[schema(max_length = 200)]
    text: String,
}

/// Appeal against not having come
///
/// Once, within thirty days; the desk lets it count or clears it.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    request_body = AppealAsk, responses((status = 201, body = Appeal)))]
#[post("/bookings/{id}/appeal")]
pub async fn post_appeal(db: Data<Db>, caller: Caller<UseBooking>, id: Path<BookingId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let id = id.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        let text = body.read(|form| form.need("text", form::line(200)))?;
        let (permit, found) = permitted(tx, &caller, &id)?;
        let appeal = actions::appeal(tx, &permit, &found, text)?;
        Reply::created(format!("/api/v1/bookings/{id}/use"), None, &appeal)
    })
    .await
}

/// What the desk decides.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"outcome": "cleared", "reply": "门锁是坏的，不算。"}))]
pub struct DecisionAsk {
    outcome: AppealOutcome,
    /// For the holder.
    #[schema(max_length = 200)]
    reply: String,
}

/// Decide about an appeal
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    request_body = DecisionAsk, responses((status = 201, body = Appeal)))]
#[post("/bookings/{id}/appeal/decision")]
pub async fn post_appeal_decision(
    db: Data<Db>,
    caller: Caller<DecideAppeal>,
    id: Path<BookingId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let id = id.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        let (outcome, reply) = body.read(|form| {
            let outcome = form.need("outcome", form::word);
            let reply = form.need("reply", form::line(200));
            Some((outcome?, reply?))
        })?;
        let (permit, found) = permitted(tx, &caller, &id)?;
        let appeal = actions::decide(tx, &permit, &found, outcome, &reply)?;
        Reply::created(format!("/api/v1/bookings/{id}/use"), None, &appeal)
    })
    .await
}

/// An appeal that waits for the desk.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenAppealView {
    appeal: Appeal,
    booking: BookingView,
}

const APPEALS: &str = "appeals";

/// Appeals that wait for the desk
///
/// In the areas of the caller, the first filed first.
#[utoipa::path(tag = "bookings", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)), responses((status = 200, body = Page<OpenAppealView>)))]
#[get("/appeals")]
pub async fn get_appeals(
    db: Data<Db>,
    keys: Data<CursorKey>,
    caller: Caller<DecideAppeal>,
    query: Query,
) -> Outcome<Json<Page<OpenAppealView>>> {
    let ask = paging::only_page(&keys, APPEALS, &query)?;
    let page = db.read(move |tx| {
        let who = caller.standing(tx)?;
        let areas: Vec<String> = who.grants.iter().filter(|g| g.role == Role::Community).filter_map(|g| g.area_path.clone()).collect();
        let page = queries::open_appeals(tx, &areas, &ask)?;
        Ok(page.map(|(appeal, booking)| OpenAppealView { appeal, booking: BookingView::of(booking, None, None) }))
    });
    Ok(Json(keys.page(APPEALS, page.await?)))
}

/// A booking nobody came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissedView {
    booking_id: BookingId,
    space_id: SpaceId,
    starts_at: Instant,
    /// The desk has cleared it: it does not count.
    cleared: bool,
}

/// How a holder stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct HolderStandingView {
    household_id: Option<HouseholdId>,
    organisation_id: Option<OrganisationId>,
    /// What follows from what was missed; null: nothing was.
    limit: Option<Limit>,
    /// What was missed within twelve months, the first one first.
    missed: Vec<MissedView>,
}

/// How one stands with one's bookings
///
/// Of the caller's household and of the organisations the caller may book for: what was booked and not used within twelve months,
/// and what follows from it until when.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), responses((status = 200, body = Vec<HolderStandingView>)))]
#[get("/me/standing")]
pub async fn get_standing(db: Data<Db>, caller: Caller<ListOwnBookings>) -> Outcome<Json<Vec<HolderStandingView>>> {
    let standing = db.read(move |tx| {
        let permit = caller.permit_own(tx)?;
        let (who, now) = (permit.who(), tx.now());
        let mut holders: Vec<Holder> = who.acting_for(Power::Book).into_iter().map(Holder::Organisation).collect();
        holders.dedup();
        holders.extend(who.household.clone().map(Holder::Household));
        let of = |holder: Holder| {
            let missed = queries::missed(tx, &holder, now)?;
            let limit = rules::limit(&missed, now);
            let (household_id, organisation_id) = holder.columns();
            let view =
                |one: Missed| MissedView { booking_id: one.booking, space_id: one.space, starts_at: one.starts_at, cleared: one.cleared };
            Ok(HolderStandingView { household_id, organisation_id, limit, missed: missed.into_iter().map(view).collect() })
        };
        holders.into_iter().map(of).collect::<Outcome<Vec<_>>>()
    });
    Ok(Json(standing.await?))
}

/// How a use was.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"stars": 4}))]
pub struct RatingAsk {
    #[schema(minimum = 1, maximum = 5)]
    stars: i64,
    /// From the closed list; none twice.
    tags: Option<Vec<RatingTag>>,
}

/// Say how a use was
///
/// Once it is over, once a booking.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    request_body = RatingAsk, responses((status = 201, body = Rating)))]
#[post("/bookings/{id}/rating")]
pub async fn post_rating(db: Data<Db>, caller: Caller<UseBooking>, id: Path<BookingId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let id = id.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        let (stars, tags) = body.read(|form| {
            let stars = form.need("stars", form::int(1..=5));
            let tags = form.may("tags", form::set(0..=RatingTag::ALL.len(), form::word));
            Some((i32::try_from(stars?).ok()?, tags.unwrap_or_default()))
        })?;
        let (permit, found) = permitted(tx, &caller, &id)?;
        let rating = Rating { stars, tags, rated_at: tx.now() };
        actions::rate(tx, &permit, &found, &rating)?;
        Reply::created(format!("/api/v1/bookings/{id}/use"), None, &rating)
    })
    .await
}

/// How often a tag was given.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagCount {
    tag: RatingTag,
    times: i64,
}

/// What was said about a space.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingsView {
    space_id: SpaceId,
    /// How many ratings there are; null below five: then nothing is shown.
    ratings: Option<i64>,
    /// Stars on average, in hundredths: 4.35 is 435.
    average_hundredths: Option<i64>,
    /// Tags given at least five times, the most frequent first.
    tags: Vec<TagCount>,
}

/// What was said about a space
///
/// For everybody, once there are five ratings; nobody sees whose is whose.
#[utoipa::path(tag = "bookings", params(("id" = SpaceId, Path)), responses((status = 200, body = RatingsView)))]
#[get("/spaces/{id}/ratings")]
pub async fn get_ratings(db: Data<Db>, id: Path<SpaceId>) -> Outcome<Json<RatingsView>> {
    let view = db.read(move |tx| {
        places::queries::located(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let (stars, tags) = queries::ratings_of(tx, &id)?;
        let ratings: i64 = stars.iter().map(|(_, times)| times).sum();
        let total: i64 = stars.iter().map(|(stars, times)| i64::from(*stars) * times).sum();
        let shown = ratings >= rules::RATINGS_SHOWN_FROM;
        let mut tags: Vec<TagCount> = tags.into_iter().map(|(tag, times)| TagCount { tag, times }).collect();
        tags.retain(|tag| shown && tag.times >= rules::RATINGS_SHOWN_FROM);
        tags.sort_by_key(|tag| -tag.times);
        Ok(RatingsView {
            space_id: id.clone(),
            ratings: shown.then_some(ratings),
            average_hundredths: shown.then(|| total * 100 / ratings.max(1)),
            tags,
        })
    });
    Ok(Json(view.await?))
}

/// What happened to a key.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"moved": "handed_out"}))]
pub struct KeyAsk {
    moved: KeyMove,
}

/// Note a key
///
/// Handed out, or back again; by the property manager, the desk or whoever runs the site.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    request_body = KeyAsk, responses((status = 201, body = Vec<KeyNote>)))]
#[post("/bookings/{id}/keys")]
pub async fn post_key(db: Data<Db>, caller: Caller<HandKeys>, id: Path<BookingId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let id = id.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        let moved = body.read(|form| form.need("moved", form::word))?;
        let (permit, found) = keeper(tx, &caller, &id)?;
        let notes = actions::note_key(tx, &permit, &found, moved)?;
        Reply::created(format!("/api/v1/bookings/{id}/use"), None, &notes)
    })
    .await
}
