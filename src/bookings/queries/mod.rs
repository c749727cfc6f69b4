//! Reads. [`assisted`]: bookings made for neighbours; [`attendance`]: who came; `basis`: what a booking is judged
//! by; [`holding`]: what a holder has and takes along;
//! [`moves`]: where bookings moved from; [`requests`]: those about bookings somebody must say yes to first; [`series`]: those made
//! by a rule; [`waiting`]: the waiting list.

pub mod assisted;
pub mod attendance;
mod basis;
pub mod holding;
pub mod moves;
pub mod requests;
pub mod series;
pub mod waiting;

pub use basis::{Basis, basis, basis_for};

use super::model::{Booking, BookingState, Cancellation, CancelledBy, Channel, Children, Holder, InSeries, UsageAcceptance};
use crate::kernel::id::{AccountId, AgreementId, BookingId, HouseholdId, OrganisationId, SeriesId, SiteId, SpaceId, VersionId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::time::parse_day;
use crate::kernel::{Fault, Fen, Instant, Outcome, Period};
use crate::store::Conn;
use crate::store::schema::{areas, booking_cancellations, booking_moves, bookings, sites, usage_acceptances};
use crate::terms::model::Use;
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = bookings)]
struct Row {
    id: BookingId,
    site_id: SiteId,
    space_id: SpaceId,
    use_code: Use,
    attendees: i64,
    minors: i64,
    youngest: Option<i64>,
    guardian: bool,
    starts_at: i64,
    ends_at: i64,
    occupied_from: i64,
    occupied_to: i64,
    state: BookingState,
    household_id: Option<HouseholdId>,
    organisation_id: Option<OrganisationId>,
    account_id: AccountId,
    made_by: AccountId,
    channel: Channel,
    series_id: Option<SeriesId>,
    recurrence_id: Option<String>,
    price_fen: Fen,
    price: String,
    agreement_id: AgreementId,
    version_id: VersionId,
    clauses: String,
    made_at: i64,
    revision: i32,
}

fn in_series(series: Option<SeriesId>, day: Option<&str>) -> Outcome<Option<InSeries>> {
    let Some(series) = series else { return Ok(None) };
    let day = day.and_then(parse_day).ok_or_else(|| Fault::internal("an occurrence without its day"))?;
    Ok(Some(InSeries { series, day }))
}

impl Row {
    fn booking(self) -> Outcome<Booking> {
        let wrong = || Fault::internal("a stored booking does not read");
        let period = |from, to| Period::new(Instant(from), Instant(to)).ok_or_else(wrong);
        let holder = Holder::of(self.household_id, self.organisation_id).ok_or_else(wrong)?;
        Ok(Booking {
            period: period(self.starts_at, self.ends_at)?,
            occupancy: period(self.occupied_from, self.occupied_to)?,
            quote: serde_json::from_str(&self.price).map_err(Fault::internal)?,
            clauses: serde_json::from_str(&self.clauses).map_err(Fault::internal)?,
            id: self.id,
            site: self.site_id,
            space: self.space_id,
            use_code: self.use_code,
            attendees: self.attendees,
            children: Children::of(self.minors, self.youngest, self.guardian),
            state: self.state,
            holder,
            account: self.account_id,
            made_by: self.made_by,
            channel: self.channel,
            series: in_series(self.series_id, self.recurrence_id.as_deref())?,
            price: self.price_fen,
            agreement: self.agreement_id,
            version: self.version_id,
            made_at: Instant(self.made_at),
            revision: self.revision,
        })
    }
}

/// A booking with the managing area of its site.
#[derive(Debug, Clone)]
pub struct Found {
    /// The booking.
    pub booking: Booking,
    /// Id of the managing area.
    pub area: String,
    /// Its path.
    pub area_path: String,
}

/// The booking of that id.
pub fn find(conn: &mut Conn, id: &BookingId) -> Outcome<Option<Found>> {
    let row: Option<(Row, String, String)> = bookings::table
        .inner_join(sites::table.inner_join(areas::table))
        .filter(bookings::id.eq(id))
        .select((Row::as_select(), areas::id, areas::path))
        .first(conn)
        .optional()?;
    row.map(|(row, area, area_path)| Ok(Found { booking: row.booking()?, area, area_path })).transpose()
}

/// Bookings, holds and requests of a household that somebody answers for and that have not begun, the next one first.
pub fn ahead_of(conn: &mut Conn, account: &AccountId, now: Instant) -> Outcome<Vec<Found>> {
    let rows: Vec<(Row, String, String)> = bookings::table
        .inner_join(sites::table.inner_join(areas::table))
        .filter(bookings::account_id.eq(account).and(bookings::starts_at.gt(now.0)))
        .filter(bookings::state.eq_any([BookingState::Held, BookingState::Confirmed, BookingState::Requested]))
        .filter(bookings::organisation_id.is_null())
        .order((bookings::starts_at, bookings::id))
        .select((Row::as_select(), areas::id, areas::path))
        .load(conn)?;
    rows.into_iter().map(|(row, area, area_path)| Ok(Found { booking: row.booking()?, area, area_path })).collect()
}

/// How a booking ended.
pub fn cancellation(conn: &mut Conn, id: &BookingId) -> Outcome<Option<Cancellation>> {
    let row: Option<(CancelledBy, i64, Option<String>)> = booking_cancellations::table
        .find(id)
        .select((booking_cancellations::cancelled_by, booking_cancellations::cancelled_at, booking_cancellations::reason))
        .first(conn)
        .optional()?;
    Ok(row.map(|(by, at, reason)| Cancellation { by, at: Instant(at), reason }))
}

/// The usage terms accepted with a booking.
pub fn acceptance(conn: &mut Conn, id: &BookingId) -> Outcome<Option<UsageAcceptance>> {
    Ok(usage_acceptances::table.find(id).select(UsageAcceptance::as_select()).first(conn).optional()?)
}

/// Which end of time a list of one's own bookings looks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Not ended yet, the next one first.
    Upcoming,
    /// Ended, the latest first.
    Past,
}

fn key(booking: &Booking) -> String {
    format!("{}|{}", booking.period.start().0, booking.id)
}

fn after(ask: &PageAsk) -> Option<(i64, String)> {
    let (start, id) = ask.after.as_deref()?.split_once('|')?;
    Some((start.parse().ok()?, id.to_owned()))
}

/// Of a boxed query what any of the households or of the organisations holds. Of what there is none none is asked for: beside
/// an `OR 1=0` SQLite uses no index; and of one household what it holds comes in the order of its index.
macro_rules! held_by {
    ($query:expr, $table:ident, $households:expr, $organisations:expr) => {
        match ($households, $organisations) {
            ([own], []) => $query.filter($table::household_id.eq(own.to_owned())),
            (own, []) => $query.filter($table::household_id.eq_any(own.to_vec())),
            ([], theirs) => $query.filter($table::organisation_id.eq_any(theirs.to_vec())),
            (own, theirs) => $query.filter($table::household_id.eq_any(own.to_vec()).or($table::organisation_id.eq_any(theirs.to_vec()))),
        }
    };
}
pub(crate) use held_by;

/// Bookings of a household or of any of the organisations.
pub fn of_holders(
    conn: &mut Conn,
    household: Option<&HouseholdId>,
    organisations: &[OrganisationId],
    when: When,
    now: Instant,
    ask: &PageAsk,
) -> Outcome<PageOf<Booking>> {
    let mut query =
        held_by!(bookings::table.select(Row::as_select()).limit(ask.fetch()).into_boxed(), bookings, household.as_slice(), organisations);
    if when == When::Upcoming {
        // None lasts longer than a day; so years of earlier ones are not looked through.
        query = query.filter(bookings::ends_at.gt(now.0).and(bookings::starts_at.gt(now.plus_days(-1).0)));
    }
    query = match (when, after(ask)) {
        (When::Upcoming, None) => query,
        (When::Upcoming, Some((start, id))) => {
            query.filter(bookings::starts_at.gt(start).or(bookings::starts_at.eq(start).and(bookings::id.gt(id))))
        }
        (When::Past, None) => query.filter(bookings::ends_at.le(now.0)),
        (When::Past, Some((start, id))) => {
            let next = bookings::starts_at.lt(start).or(bookings::starts_at.eq(start).and(bookings::id.lt(id)));
            query.filter(bookings::ends_at.le(now.0)).filter(next)
        }
    };
    query = match when {
        When::Upcoming => query.order((bookings::starts_at.asc(), bookings::id.asc())),
        When::Past => query.order((bookings::starts_at.desc(), bookings::id.desc())),
    };
    let rows: Vec<Row> = query.load(conn)?;
    let bookings = rows.into_iter().map(Row::booking).collect::<Outcome<_>>()?;
    Ok(ask.cut(bookings, key))
}

/// Bookings of sites that stand and have not ended by `now`, in order of start: what an event may meet. A hold is none of them:
/// it is judged again when it is taken.
pub fn standing(conn: &mut Conn, sites: &[SiteId], now: Instant) -> Outcome<Vec<Booking>> {
    let rows: Vec<Row> = bookings::table
        .filter(bookings::site_id.eq_any(sites).and(bookings::state.eq_any([BookingState::Confirmed, BookingState::CheckedIn])))
        // None lasts longer than a day; so the index finds them by their start.
        .filter(bookings::starts_at.gt(now.plus_days(-1).0).and(bookings::ends_at.gt(now.0)))
        .order((bookings::starts_at, bookings::id))
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::booking).collect()
}

/// The states of a booking that was made and not taken back, whatever its holder did with it.
const KEPT: [BookingState; 4] = [BookingState::Confirmed, BookingState::CheckedIn, BookingState::Completed, BookingState::NoShow];

/// Bookings of sites that start in a period and were not taken back, in order of start.
pub fn held_in(conn: &mut Conn, sites: &[SiteId], over: Period) -> Outcome<Vec<Booking>> {
    let rows: Vec<Row> = bookings::table
        .filter(bookings::site_id.eq_any(sites).and(bookings::state.eq_any(KEPT)))
        .filter(bookings::starts_at.ge(over.start().0).and(bookings::starts_at.lt(over.end().0)))
        .order((bookings::starts_at, bookings::id))
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::booking).collect()
}

/// The booking that follows one that has moved.
pub fn moved_to(conn: &mut Conn, id: &BookingId) -> Outcome<Option<BookingId>> {
    Ok(booking_moves::table.find(id).select(booking_moves::to_booking_id).first(conn).optional()?)
}

/// Bookings of some ids, in order of start.
pub fn of_ids(conn: &mut Conn, ids: &[BookingId]) -> Outcome<Vec<Booking>> {
    let rows: Vec<Row> =
        bookings::table.filter(bookings::id.eq_any(ids)).order((bookings::starts_at, bookings::id)).select(Row::as_select()).load(conn)?;
    rows.into_iter().map(Row::booking).collect()
}

/// Where bookings are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// In one space.
    Space(SpaceId),
    /// In every space of a site.
    Site(SiteId),
}

/// Bookings that hold or held a space or one of a site and start inside a period, in order of start; those that nobody came to are
/// among them, though their time is free again.
pub fn of_place(conn: &mut Conn, place: &Where, period: Period, ask: &PageAsk) -> Outcome<PageOf<Booking>> {
    let mut query = bookings::table
        .filter(bookings::state.eq_any([
            BookingState::Held,
            BookingState::Confirmed,
            BookingState::CheckedIn,
            BookingState::Completed,
            BookingState::NoShow,
        ]))
        .filter(bookings::starts_at.ge(period.start().0).and(bookings::starts_at.lt(period.end().0)))
        .order((bookings::starts_at, bookings::id))
        .limit(ask.fetch())
        .select(Row::as_select())
        .into_boxed();
    query = match place {
        Where::Space(space) => query.filter(bookings::space_id.eq(space)),
        Where::Site(site) => query.filter(bookings::site_id.eq(site)),
    };
    if let Some((start, id)) = after(ask) {
        query = query.filter(bookings::starts_at.gt(start).or(bookings::starts_at.eq(start).and(bookings::id.gt(id))));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let bookings = rows.into_iter().map(Row::booking).collect::<Outcome<_>>()?;
    Ok(ask.cut(bookings, key))
}
