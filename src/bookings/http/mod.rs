//! Wire types and routes. [`assisted`]: for a neighbour; [`attendance`]: at the door and afterwards; [`beside`]: what is asked for
//! beside a space; [`cancellation`]: by the holder; [`moves`]: to another time or room; [`period`]: when; [`postings`]: what was posted by mistake; [`quotas`]: what one may have;
//! [`requests`]: of bookings somebody must say yes to first; [`search`]: what could be booked; [`series`]: bookings made by a rule;
//! [`waiting`]: of the waiting list.

mod assisted;
mod attendance;
mod beside;
mod cancellation;
mod moves;
mod period;
mod postings;
mod quotas;
mod requests;
mod search;
mod series;
mod waiting;

pub use assisted::*;
pub use attendance::*;
pub use beside::{EquipmentAsk, EquipmentView};
pub use cancellation::*;
pub use moves::*;
pub use postings::*;
pub use quotas::*;
pub use requests::*;
pub use search::*;
pub use series::*;
pub use waiting::*;

use self::beside::Wished;
use self::period::read_period;
use super::actions::whose::Claimant;
use super::alternatives::{self, Alternative, Search};
use super::cancelling::{self, Cancelling};
use super::explanation::{self, Explanation};
use super::model::waiting::Hold;
use super::model::{Ask, Beside, Booking, BookingState, Cancellation, Channel, Holder, InArea, PinnedClause, Settable};
use super::queries::{self, Found, When, Where};
use super::{actions, model, rules};
use crate::access::deeds::{AssistBooking, Deed, ListOwnBookings, MakeBooking, SeeBooking};
use crate::access::{Caller, Permit, Place};
use crate::http::metrics::{Metrics, ReasonLabel};
use crate::http::{Body, CursorKey, KeyedBody, Page, Query, Reply, commit_under, etag};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{AccountId, AgreementId, BookingId, HouseholdId, OrganisationId, SeriesId, SiteId, SpaceId, VersionId};
use crate::kernel::{Code, Fault, Fen, Instant, Outcome, Period, Reason};
use crate::ledger::model::Posting;
use crate::people::model::{Power, Standing};
use crate::pricing::model::Quote;
use crate::store::{Db, Tx, phrases};
use crate::terms::model::Use;
use crate::{ledger, people, places, words};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

/// What somebody wants to book.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"space_id": "space_01h455vb4pex5vsknk084sn02q", "starts_at": "2026-12-09T14:00:00+08:00", "ends_at": "2026-12-09T16:00:00+08:00", "use": "study", "attendees": 6}))]
pub struct BookingAsk {
    space_id: SpaceId,
    starts_at: Instant,
    ends_at: Instant,
    /// What for; see `GET /uses`.
    #[schema(rename = "use")]
    use_code: Use,
    /// Events of 1,000 and more are refused: they need a permit of the public security organs.
    #[schema(minimum = 1, maximum = 100_000)]
    attendees: i64,
    /// For an organisation the caller may book for; without it, for the caller's own household.
    organisation_id: Option<OrganisationId>,
    /// SHA-256 of the usage terms that were read and accepted, where some are in force at the start; see
    /// `GET /spaces/{id}/usage-terms`.
    #[schema(min_length = 64, max_length = 64)]
    usage_terms_sha256: Option<String>,
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
    equipment: Option<Vec<EquipmentAsk>>,
    /// Rules of the site that are not to stand in the way: for the community, with a reason.
    set_aside: Option<Vec<Settable>>,
    /// Why they are set aside; kept with the booking, so no names.
    #[schema(max_length = 200)]
    set_aside_reason: Option<String>,
}

/// Space, time, use and people.
fn read_plain(form: &mut Form) -> Option<Ask> {
    let space = form.need("space_id", form::id);
    let period = read_period(form);
    let use_code = form.need("use", form::word);
    let usage_terms_sha256 = form.may("usage_terms_sha256", form::sha256);
    let attendees = form.need("attendees", form::int(1..=100_000));
    let beside = Beside::default();
    Some(Ask { space: space?, period: period?, use_code: use_code?, attendees: attendees?, organisation: None, usage_terms_sha256, beside })
}

/// What the rules say of an ask, without booking it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckView {
    /// It could be booked at this moment, without anybody's consent.
    bookable: bool,
    /// Somebody has the time and nothing else is against it: one can join the waiting list.
    can_wait: bool,
    /// Every reason against it, in fixed order.
    reasons: Vec<Reason>,
    /// Who must agree first, by which clause; then it is not booked at once.
    needs_approval: Vec<Reason>,
    /// The price line by line, where there is one.
    quote: Option<Quote>,
    /// Clauses that were asked.
    clauses: Vec<PinnedClause>,
    /// What would work instead, when it cannot be booked.
    alternatives: Vec<Alternative>,
    /// What it would come to if the holder cancelled before the start; null where there is no price.
    cancelling: Option<Cancelling>,
}

/// A booking on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingView {
    id: BookingId,
    site_id: SiteId,
    space_id: SpaceId,
    #[serde(rename = "use")]
    use_code: Use,
    attendees: i64,
    starts_at: Instant,
    ends_at: Instant,
    state: BookingState,
    household_id: Option<HouseholdId>,
    organisation_id: Option<OrganisationId>,
    /// The person who answers for it.
    account_id: AccountId,
    price_fen: Fen,
    /// The price line by line, as it was when booked.
    quote: Quote,
    agreement_id: AgreementId,
    version_id: VersionId,
    /// Clauses it was judged by.
    clauses: Vec<PinnedClause>,
    made_at: Instant,
    /// The series it is of …
    series_id: Option<SeriesId>,
    /// … and the civil day the series put it on.
    #[schema(value_type = Option<String>, format = Date)]
    series_date: Option<String>,
    /// How it ended, when it is cancelled or interrupted.
    cancellation: Option<Cancellation>,
    /// Who must say yes or had to, where a clause wants it.
    request: Option<RequestView>,
    /// The booking that follows it, when it has moved.
    moved_to: Option<BookingId>,
    /// The usage terms that were accepted with it, when it is read by itself.
    usage_terms: Option<model::UsageAcceptance>,
    /// How many of the people are under 18.
    minors: i64,
    /// Full years of the youngest of them, where it was said.
    youngest: Option<i64>,
    /// A guardian or carer was said to come with them.
    guardian: bool,
    /// What it takes along; null where bookings are listed.
    equipment: Option<Vec<EquipmentView>>,
    /// Who made it: somebody else where they booked for a neighbour.
    made_by: AccountId,
    /// How it came.
    channel: Channel,
    /// Until when it is kept for its holder, who came up from the waiting list.
    hold: Option<Hold>,
    /// What it comes to when its holder cancels; null once that is too late, and where bookings are listed.
    cancelling: Option<Cancelling>,
}

impl BookingView {
    fn of(booking: Booking, cancellation: Option<Cancellation>, request: Option<RequestView>) -> Self {
        let (household_id, organisation_id) = booking.holder.columns();
        Self {
            id: booking.id,
            site_id: booking.site,
            space_id: booking.space,
            use_code: booking.use_code,
            attendees: booking.attendees,
            starts_at: booking.period.start(),
            ends_at: booking.period.end(),
            state: booking.state,
            household_id,
            organisation_id,
            account_id: booking.account,
            price_fen: booking.price,
            quote: booking.quote,
            agreement_id: booking.agreement,
            version_id: booking.version,
            clauses: booking.clauses,
            made_at: booking.made_at,
            series_date: booking.series.as_ref().map(|of| of.day.to_string()),
            series_id: booking.series.map(|of| of.series),
            cancellation,
            request,
            moved_to: None,
            usage_terms: None,
            minors: booking.children.minors,
            youngest: booking.children.youngest,
            guardian: booking.children.guardian,
            equipment: None,
            made_by: booking.made_by,
            channel: booking.channel,
            hold: None,
            cancelling: None,
        }
    }
}

/// The booking of that id.
pub(crate) fn known(tx: &mut Tx, id: &BookingId) -> Outcome<Found> {
    queries::find(tx, id)?.ok_or_else(|| Fault::from(Code::NotFound))
}

/// A permit to do something to the booking of that id.
pub(crate) fn permitted<D: Deed>(tx: &mut Tx, caller: &Caller<D>, id: &BookingId) -> Outcome<(Permit<D>, Found)> {
    let found = known(tx, id)?;
    let permit = caller.permit(tx, &InArea { booking: &found.booking, area_path: &found.area_path })?;
    Ok((permit, found))
}

/// The permit of whoever made the booking for a neighbour and may help them still; whoever did not is `refused` as without it.
fn as_helper<D: Deed>(tx: &mut Tx, caller: &Caller<D>, booking: &Booking, refused: Fault) -> Outcome<Permit<AssistBooking>> {
    let who = caller.standing(tx)?;
    let permit = actions::assisted::still(tx, who, booking);
    permit.map_err(|fault| if matches!(fault.code, Code::NotFound | Code::Forbidden) { refused } else { fault })
}

/// A permit to book for whom the ask names.
fn permit(tx: &mut Tx, caller: &Caller<MakeBooking>, ask: &Ask) -> Outcome<Permit<MakeBooking>> {
    permit_for(tx, caller, ask.organisation.as_ref())
}

/// A permit to book for an organisation or, without one, for the caller's own household.
fn permit_for(tx: &mut Tx, caller: &Caller<MakeBooking>, organisation: Option<&OrganisationId>) -> Outcome<Permit<MakeBooking>> {
    let who = caller.standing(tx)?;
    permit_as(caller, who, organisation)
}

/// The same for a standing already read.
fn permit_as(caller: &Caller<MakeBooking>, who: Standing, organisation: Option<&OrganisationId>) -> Outcome<Permit<MakeBooking>> {
    let place = match organisation {
        // That the organisation exists is public; whether the caller may act for it is the question.
        Some(organisation) => Place { organisations: vec![organisation.clone()], known_to_all: true, ..Place::default() },
        None => Place { household: who.household.clone(), account: Some(who.account.clone()), ..Place::default() },
    };
    caller.permit_as(who, &place)
}

/// Check a booking without making it
///
/// Every reason against it at once, the price line by line, and what would work instead.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), request_body = BookingAsk, responses((status = 200, body = CheckView)))]
#[post("/bookings/check")]
pub async fn post_check(db: Data<Db>, caller: Caller<MakeBooking>, body: Body) -> Outcome<Json<CheckView>> {
    let wished = body.read(beside::read)?;
    let (judged, free_until, refusal, search) = db
        .read(move |tx| {
            let permit = permit(tx, &caller, &wished.ask)?;
            let ask = wished.settled(tx, permit.who())?;
            let holder = actions::holder(&permit, &ask)?;
            let now = tx.now();
            let claimant = Claimant { holder: Some(&holder), ..Claimant::NOBODY };
            let mut judged = actions::judge_for(tx, &ask, now, &claimant)?;
            let free_until = judged.free_until(ask.period);
            let taken = actions::is_taken(tx, &ask.space, &judged)?;
            let refusal = actions::refusal(std::mem::take(&mut judged.verdicts.reasons), taken);
            let search = if refusal.is_some() { alternatives::gather(tx, &ask, now, &Claimant::looking(&holder))? } else { None };
            Ok((judged, free_until, refusal, search))
        })
        .await?;
    let verdicts = &judged.verdicts;
    let needs_approval: Vec<Reason> = verdicts.approvals.iter().map(|(clause, by)| rules::needs_approval(clause, by)).collect();
    Ok(Json(CheckView {
        bookable: refusal.is_none() && needs_approval.is_empty(),
        can_wait: refusal.as_ref().is_some_and(|fault| fault.code == Code::PeriodTaken),
        needs_approval,
        reasons: refusal.map(|fault| fault.detail.reasons).unwrap_or_default(),
        cancelling: judged.verdicts.quote.as_ref().map(|quote| Cancelling { free_until, refund_fen: quote.total }),
        quote: judged.verdicts.quote,
        clauses: judged.verdicts.clauses,
        alternatives: choose(search).await?,
    }))
}

/// The search's thinking, away from the async workers and without a connection.
async fn choose(search: Option<Search>) -> Outcome<Vec<Alternative>> {
    match search {
        Some(search) => tokio::task::spawn_blocking(move || search.choose()).await.map_err(Fault::internal),
        None => Ok(vec![]),
    }
}

/// Book a space
///
/// Where a clause wants somebody to say yes first, the booking comes back as `requested`, with who is asked and until when;
/// it holds nothing until then. A refusal is 409 `booking-refused` with every reason and its clause; when the only reason is
/// that somebody else has the time, 409 `period-taken`, and one can join the waiting list. Either names alternatives.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), request_body = BookingAsk,
    params(("Idempotency-Key" = String, Header)), responses((status = 201, body = BookingView)))]
#[post("/bookings")]
pub async fn post_booking(db: Data<Db>, metrics: Data<Metrics>, caller: Caller<MakeBooking>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let wish = ask.body.read(beside::read)?;
    let account = caller.account().clone();
    let (wanted, asker) = (wish.clone(), caller.clone());
    let lock = phrases::space_shared(&wish.ask.space);
    let made = commit_under(&db, lock, &account, ask, move |tx, _| {
        let now = tx.now();
        let (who, basis) = queries::basis_for(tx, (caller.account(), caller.session()), &wish.ask, now)?;
        let permit = permit_as(&caller, who.ok_or(Code::Unauthenticated)?, wish.ask.organisation.as_ref())?;
        let settled = wish.settled(tx, permit.who())?;
        made_reply(actions::make(tx, &permit, &settled, basis)?, &settled)
    })
    .await;
    let holder = move |tx: &mut Tx, ask: &Ask| permit(tx, &asker, ask).and_then(|permit| actions::holder(&permit, ask));
    with_alternatives(&db, &metrics, made, wanted, holder).await
}

/// The reply to whoever made a booking.
fn made_reply(made: model::Made, ask: &Ask) -> Outcome<Reply> {
    let model::Made { booking, approvers, usage_terms, free_until } = made;
    let place = format!("/api/v1/bookings/{}", booking.id);
    let equipment = Some(EquipmentView::asked(&ask.beside));
    let cancelling = Some(Cancelling { free_until, refund_fen: booking.charged() });
    let view = BookingView { equipment, usage_terms, cancelling, ..BookingView::of(booking, None, RequestView::of(approvers, None)) };
    Ok(Reply::created(place, None, &view)?.tagged())
}

/// Counts the outcome; a refusal names what would work instead, for the same holder.
async fn with_alternatives(
    db: &Data<Db>,
    metrics: &Data<Metrics>,
    made: Outcome<HttpResponse>,
    wanted: Wished,
    holder: impl Fn(&mut Tx, &Ask) -> Outcome<Holder> + Send + 'static,
) -> Outcome<HttpResponse> {
    let outcome = match &made {
        Ok(_) => "booked",
        Err(fault) if fault.code == Code::PeriodTaken => "taken",
        Err(fault) if fault.code == Code::BookingRefused => "refused",
        Err(_) => "failed",
    };
    metrics.bookings.get_or_create(&ReasonLabel { reason: outcome }).inc();
    match made {
        Err(mut fault) if matches!(fault.code, Code::PeriodTaken | Code::BookingRefused) => {
            let found = db.read(move |tx| {
                let now = tx.now();
                let ask = &wanted.ask;
                let holder = holder(tx, ask)?;
                alternatives::gather(tx, ask, now, &Claimant::looking(&holder))
            });
            // A refusal stays a refusal when the search for alternatives fails.
            if let Ok(search) = found.await
                && let Ok(found) = choose(search).await
            {
                fault.detail.alternatives = serde_json::to_value(found).ok();
            }
            Err(fault)
        }
        done => done,
    }
}

/// A booking
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path)), responses((status = 200, body = BookingView), (status = 304)))]
#[get("/bookings/{id}")]
pub async fn get_booking(db: Data<Db>, caller: Caller<SeeBooking>, request: HttpRequest, id: Path<BookingId>) -> Outcome<HttpResponse> {
    let view = db
        .read(move |tx| {
            let found = known(tx, &id)?;
            if let Err(refused) = caller.permit(tx, &InArea { booking: &found.booking, area_path: &found.area_path }) {
                as_helper(tx, &caller, &found.booking, refused)?;
            }
            let cancellation = queries::cancellation(tx, &id)?;
            let moved_to = queries::moved_to(tx, &id)?;
            let asked = RequestView::of_each(tx, std::slice::from_ref(&id))?.pop().map(|(_, asked)| asked);
            let usage_terms = queries::acceptance(tx, &id)?;
            let equipment = Some(EquipmentView::of(tx, &id)?);
            let hold = waiting::hold(tx, &id)?;
            let now = tx.now();
            let cancelling = cancelling::of(tx, &found.booking, now)?;
            let view = BookingView::of(found.booking, cancellation, asked);
            Ok(BookingView { moved_to, usage_terms, equipment, hold, cancelling, ..view })
        })
        .await?;
    // Who has said yes and what cancelling comes to are in it, and are no change of the booking.
    etag::show_answer(&request, &view)
}

/// Why a booking was possible
///
/// Which clause decided what, in words, and the price line by line against its ceilings.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path)), responses((status = 200, body = Explanation)))]
#[get("/bookings/{id}/explanation")]
pub async fn get_explanation(db: Data<Db>, caller: Caller<SeeBooking>, id: Path<BookingId>) -> Outcome<Json<Explanation>> {
    let explained = db.read(move |tx| {
        let (_, found) = permitted(tx, &caller, &id)?;
        explanation::of(tx, &found.booking)
    });
    Ok(Json(explained.await?))
}

/// What was charged for a booking and given back
///
/// In order; nothing for a free booking.
#[utoipa::path(tag = "ledger", security(("bearer" = [])), params(("id" = BookingId, Path)), responses((status = 200, body = Vec<Posting>)))]
#[get("/bookings/{id}/postings")]
pub async fn get_postings(db: Data<Db>, caller: Caller<SeeBooking>, id: Path<BookingId>) -> Outcome<Json<Vec<Posting>>> {
    let postings = db
        .read(move |tx| {
            permitted(tx, &caller, &id)?;
            ledger::queries::of_booking(tx, &id)
        })
        .await?;
    Ok(Json(postings))
}

words! {
    /// Which end of time.
    pub enum WhenWord {
        /// Not ended yet, the next one first.
        Upcoming = "upcoming",
        /// Ended, the latest first.
        Past = "past",
    }
}

/// One's own bookings
///
/// Of the caller's household and of the organisations the caller may book for.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(
    ("when" = Option<WhenWord>, Query, description = "upcoming unless given"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<BookingView>)))]
#[get("/bookings")]
pub async fn get_bookings(
    db: Data<Db>,
    keys: Data<CursorKey>,
    caller: Caller<ListOwnBookings>,
    query: Query,
) -> Outcome<Json<Page<BookingView>>> {
    let list = |when: When| if when == When::Past { "bookings past" } else { "bookings" };
    let (when, ask) = query.read(|form| {
        let when = match form.may("when", form::word::<WhenWord>) {
            Some(WhenWord::Past) => When::Past,
            _ => When::Upcoming,
        };
        Some((when, keys.ask(list(when), form)))
    })?;
    let page = db
        .read(move |tx| {
            let permit = caller.permit_own(tx)?;
            let who = permit.who();
            let organisations = who.acting_for(Power::Book);
            let now = tx.now();
            let page = queries::of_holders(tx, who.household.as_ref(), &organisations, when, now, &ask)?;
            let ids: Vec<BookingId> = page.items.iter().map(|booking| booking.id.clone()).collect();
            let mut requests = RequestView::of_each(tx, &ids)?;
            let mut holds = queries::waiting::holds(tx, &ids)?;
            Ok(page.map(|booking| {
                let hold = holds.iter().position(|(id, _)| *id == booking.id).map(|n| holds.swap_remove(n).1);
                let request = requests.iter().position(|(id, _)| *id == booking.id).map(|n| requests.swap_remove(n).1);
                BookingView { hold, ..BookingView::of(booking, None, request) }
            }))
        })
        .await?;
    Ok(Json(keys.page(list(when), page)))
}

/// A taken time, as everybody may know it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BusyView {
    space_id: SpaceId,
    starts_at: Instant,
    ends_at: Instant,
    #[serde(rename = "use")]
    use_code: Use,
    /// Only for those who run the space and for the holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    booking: Option<BookingView>,
    /// Who answers for it, by name; for the same readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<String>,
}

/// Reads a page of taken times, each with as much as the reader may know.
async fn busy(db: Data<Db>, keys: Data<CursorKey>, request: &HttpRequest, place: Where, query: Query) -> Outcome<Json<Page<BusyView>>> {
    let caller = Caller::<SeeBooking>::maybe(request)?;
    let now = db.clock().now();
    let list = match &place {
        Where::Space(id) => format!("bookings of {id}"),
        Where::Site(id) => format!("bookings of {id}"),
    };
    let (period, ask) = query.read(|form| {
        let from = form.may("from", form::instant).unwrap_or(now);
        let to = form.may("to", form::instant).unwrap_or(from.plus_days(31));
        let period = Period::new(from, to).filter(|p| p.minutes() <= 92 * 24 * 60);
        if period.is_none() {
            form.fault("to", "out-of-range", "应晚于 from，且不超过 92 天。", "Must be after `from` and at most 92 days later.");
        }
        let ask = keys.ask(&list, form);
        Some((period?, ask))
    })?;
    let page = db
        .read(move |tx| {
            let area_path = match &place {
                Where::Space(id) => places::queries::located(tx, id)?.map(|found| found.area_path),
                Where::Site(id) => places::queries::area_path(tx, id)?,
            };
            let area_path = area_path.ok_or_else(|| Fault::from(Code::NotFound))?;
            let who = caller.as_ref().map(|caller| caller.standing(tx)).transpose()?;
            let mut page = queries::of_place(tx, &place, period, &ask)?;
            let may_see = |booking: &Booking| {
                let (Some(caller), Some(who)) = (&caller, &who) else { return false };
                caller.permit_as(who.clone(), &InArea { booking, area_path: &area_path }).is_ok()
            };
            // What nobody came to takes nobody's time: the desk looks for it when they come late after all, others need not know.
            page.items.retain(|booking| booking.state != BookingState::NoShow || may_see(booking));
            let shown: Vec<AccountId> =
                page.items.iter().filter(|booking| may_see(booking)).map(|booking| booking.account.clone()).collect();
            let names = if shown.is_empty() { vec![] } else { people::queries::names(tx, &shown)? };
            Ok(page.map(|booking| {
                let may_see = may_see(&booking);
                BusyView {
                    space_id: booking.space.clone(),
                    starts_at: booking.period.start(),
                    ends_at: booking.period.end(),
                    use_code: booking.use_code,
                    person: names.iter().find(|(id, _)| may_see && *id == booking.account).map(|(_, name)| name.clone()),
                    booking: may_see.then(|| BookingView::of(booking, None, None)),
                }
            }))
        })
        .await?;
    Ok(Json(keys.page(&list, page)))
}

/// Bookings of a space
///
/// Everybody sees when it is taken and what for; who holds it is shown to the holder and to those who run the space.
#[utoipa::path(tag = "bookings", security((), ("bearer" = [])), params(("id" = SpaceId, Path),
    ("from" = Option<Instant>, Query, description = "now unless given"), ("to" = Option<Instant>, Query, description = "at most 92 days later; 31 days unless given"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<BusyView>)))]
#[get("/spaces/{id}/bookings")]
pub async fn get_space_bookings(
    db: Data<Db>,
    keys: Data<CursorKey>,
    request: HttpRequest,
    id: Path<SpaceId>,
    query: Query,
) -> Outcome<Json<Page<BusyView>>> {
    busy(db, keys, &request, Where::Space(id.into_inner()), query).await
}

/// Bookings of every space of a site
///
/// As of a space: the board of a day for those who run the site, taken times for everybody else.
#[utoipa::path(tag = "bookings", security((), ("bearer" = [])), params(("id" = SiteId, Path),
    ("from" = Option<Instant>, Query, description = "now unless given"), ("to" = Option<Instant>, Query, description = "at most 92 days later; 31 days unless given"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<BusyView>)))]
#[get("/sites/{id}/bookings")]
pub async fn get_site_bookings(
    db: Data<Db>,
    keys: Data<CursorKey>,
    request: HttpRequest,
    id: Path<SiteId>,
    query: Query,
) -> Outcome<Json<Page<BusyView>>> {
    busy(db, keys, &request, Where::Site(id.into_inner()), query).await
}
