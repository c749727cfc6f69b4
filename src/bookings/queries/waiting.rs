//! The waiting list: who stands in which line, what is kept for whom.

use super::Row as BookingRow;
use super::{after, held_by};
use crate::bookings::model::waiting::{Entry, Hold, HoldOutcome, WaitState};
use crate::bookings::model::{Booking, BookingState, CancelledBy, Children, Holder};
use crate::bookings::rules::waiting::{FIRST_HOURS, Waiting};
use crate::kernel::id::{AccountId, AtomId, BookingId, HouseholdId, OrganisationId, SiteId, SpaceId, WaitId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Fault, Instant, Outcome, Period};
use crate::schedule::model::LONGEST_CLAIM_MINUTES;
use crate::store::Conn;
use crate::store::schema::{
    areas, atoms, booking_cancellations, booking_holds, bookings, floors, occupancy, sites, space_atoms, waitlist_entries as w,
};
use crate::terms::model::{PriorityClass, Use};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = w)]
struct Row {
    id: WaitId,
    site_id: SiteId,
    space_id: SpaceId,
    use_code: Use,
    attendees: i64,
    minors: i64,
    youngest: Option<i64>,
    guardian: bool,
    equipment: String,
    usage_terms_sha256: Option<String>,
    starts_at: i64,
    ends_at: i64,
    occupied_from: i64,
    occupied_to: i64,
    household_id: Option<HouseholdId>,
    organisation_id: Option<OrganisationId>,
    account_id: AccountId,
    class: Option<PriorityClass>,
    class_no: i32,
    state: WaitState,
    joined_at: i64,
    booking_id: Option<BookingId>,
}

impl Row {
    fn entry(self) -> Outcome<Entry> {
        let wrong = || Fault::internal("a stored place in line does not read");
        let period = |from, to| Period::new(Instant(from), Instant(to)).ok_or_else(wrong);
        let holder = Holder::of(self.household_id, self.organisation_id).ok_or_else(wrong)?;
        Ok(Entry {
            period: period(self.starts_at, self.ends_at)?,
            occupancy: period(self.occupied_from, self.occupied_to)?,
            id: self.id,
            site: self.site_id,
            space: self.space_id,
            use_code: self.use_code,
            attendees: self.attendees,
            children: Children::of(self.minors, self.youngest, self.guardian),
            equipment: serde_json::from_str(&self.equipment).map_err(Fault::internal)?,
            usage_terms_sha256: self.usage_terms_sha256,
            holder,
            account: self.account_id,
            class: self.class,
            class_no: self.class_no,
            state: self.state,
            joined_at: Instant(self.joined_at),
            booking: self.booking_id,
        })
    }
}

/// A place in line with id and path of the managing area of its site.
pub fn find(conn: &mut Conn, id: &WaitId) -> Outcome<Option<(Entry, String, String)>> {
    let row: Option<(Row, String, String)> = w::table
        .inner_join(sites::table.inner_join(areas::table))
        .filter(w::id.eq(id))
        .select((Row::as_select(), areas::id, areas::path))
        .first(conn)
        .optional()?;
    row.map(|(row, area, path)| Ok((row.entry()?, area, path))).transpose()
}

/// Rows of (entry, atom) become a line, in no order yet.
fn gather(conn: &mut Conn, rows: Vec<(Row, AtomId)>, now: Instant) -> Outcome<Vec<Waiting>> {
    let mut line: Vec<Waiting> = Vec::new();
    for (row, atom) in rows {
        match line.last_mut() {
            Some(last) if last.entry.id == row.id => last.atoms.push(atom),
            _ => line.push(Waiting { entry: row.entry()?, atoms: vec![atom], first: false }),
        }
    }
    let lost = disappointed(conn, &line, now)?;
    for waiting in &mut line {
        waiting.first = lost.iter().any(|(site, holder)| *site == waiting.entry.site && *holder == waiting.entry.holder);
    }
    Ok(line)
}

/// Everybody who waits for a part of a period at the sites of those atoms, in no order.
pub fn waiting_for(conn: &mut Conn, of: &[AtomId], over: Period, now: Instant) -> Outcome<Vec<Waiting>> {
    let floor = atoms::table.inner_join(floors::table.on(floors::id.eq(atoms::floor_id)));
    let sites: Vec<SiteId> = floor.filter(atoms::id.eq_any(of)).select(floors::site_id).distinct().load(conn)?;
    waiting_at(conn, &sites, over, now)
}

/// Everybody who waits at some sites for a part of a period, in no order. What begins by `now` is over.
pub fn waiting_at(conn: &mut Conn, sites: &[SiteId], over: Period, now: Instant) -> Outcome<Vec<Waiting>> {
    let rows: Vec<(Row, AtomId)> = w::table
        .inner_join(space_atoms::table.on(space_atoms::space_id.eq(w::space_id)))
        .filter(w::site_id.eq_any(sites).and(w::state.eq(WaitState::Waiting)).and(w::occupied_to.gt(over.start().0)))
        .filter(w::occupied_from.lt(over.end().0).and(w::starts_at.gt(now.0)))
        .order((w::id, space_atoms::atom_id))
        .select((Row::as_select(), space_atoms::atom_id))
        .load(conn)?;
    gather(conn, rows, now)
}

/// Which holders in line lost a booking of a site to its provider within the last hours.
fn disappointed(conn: &mut Conn, line: &[Waiting], now: Instant) -> Outcome<Vec<(SiteId, Holder)>> {
    if line.is_empty() {
        return Ok(vec![]);
    }
    let (households, organisations) = Holder::apart(line.iter().map(|waiting| &waiting.entry.holder));
    let since = now.plus_minutes(-FIRST_HOURS * 60);
    let query = bookings::table
        .inner_join(booking_cancellations::table)
        // What was ended had not begun more than a day before: so the index of the holder finds few.
        .filter(bookings::starts_at.gt(since.plus_days(-1).0))
        .filter(booking_cancellations::cancelled_by.eq(CancelledBy::Provider).and(booking_cancellations::cancelled_at.gt(since.0)))
        .select((bookings::site_id, bookings::household_id, bookings::organisation_id))
        .into_boxed();
    let rows: Vec<(SiteId, Option<HouseholdId>, Option<OrganisationId>)> =
        held_by!(query, bookings, households.as_slice(), organisations.as_slice()).load(conn)?;
    let lost = rows.into_iter().filter_map(|(site, household, organisation)| Some((site, Holder::of(household, organisation)?)));
    Ok(lost.collect())
}

/// Places in line of a household or of any of the organisations whose time has not begun, and those that came up and wait for an
/// answer, the next one first.
pub fn of_holders(
    conn: &mut Conn,
    household: Option<&HouseholdId>,
    organisations: &[OrganisationId],
    now: Instant,
    ask: &PageAsk,
) -> Outcome<PageOf<Entry>> {
    let kept = bookings::state.nullable().eq(BookingState::Held);
    let mut query = w::table
        .left_join(bookings::table.on(w::booking_id.eq(bookings::id.nullable())))
        .filter(w::state.eq(WaitState::Waiting).or(kept.assume_not_null()))
        .filter(w::starts_at.gt(now.0))
        .order((w::starts_at, w::id))
        .limit(ask.fetch())
        .select(Row::as_select())
        .into_boxed();
    query = held_by!(query, w, household.as_slice(), organisations);
    if let Some((start, id)) = after(ask) {
        query = query.filter(w::starts_at.gt(start).or(w::starts_at.eq(start).and(w::id.gt(id))));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let entries = rows.into_iter().map(Row::entry).collect::<Outcome<_>>()?;
    Ok(ask.cut(entries, |entry: &Entry| format!("{}|{}", entry.period.start().0, entry.id)))
}

/// How many places in line a holder has.
pub fn places_of(conn: &mut Conn, holder: &Holder, now: Instant) -> Outcome<i64> {
    let open = w::table.filter(w::state.eq(WaitState::Waiting).and(w::starts_at.gt(now.0)));
    Ok(match holder {
        Holder::Household(household) => open.filter(w::household_id.eq(household)).count().get_result(conn)?,
        Holder::Organisation(organisation) => open.filter(w::organisation_id.eq(organisation)).count().get_result(conn)?,
    })
}

/// What is kept, or was, for the holders of some bookings.
pub fn holds(conn: &mut Conn, ids: &[BookingId]) -> Outcome<Vec<(BookingId, Hold)>> {
    use booking_holds as h;
    let rows: Vec<(BookingId, i64, i64, Option<HoldOutcome>)> =
        h::table.filter(h::booking_id.eq_any(ids)).select((h::booking_id, h::offered_at, h::until_at, h::outcome)).load(conn)?;
    let hold = |(id, offered, until, outcome)| (id, Hold { offered_at: Instant(offered), until: Instant(until), outcome });
    Ok(rows.into_iter().map(hold).collect())
}

/// The usage terms accepted by whoever came up into a booking, when they joined the line.
pub fn accepted_when_joining(conn: &mut Conn, booking: &BookingId) -> Outcome<Option<String>> {
    Ok(w::table.filter(w::booking_id.eq(booking)).select(w::usage_terms_sha256).first(conn).optional()?.flatten())
}

/// Holds in a space, over a part of the period or at any time to come, that nobody answered in time.
pub fn overdue(conn: &mut Conn, space: &SpaceId, period: Option<Period>, now: Instant) -> Outcome<Vec<Booking>> {
    let (from, to) = period.map_or((now, Instant::LATEST), |period| (period.start(), period.end()));
    let claimants = occupancy::table
        .inner_join(space_atoms::table.on(space_atoms::atom_id.eq(occupancy::atom_id)))
        .filter(space_atoms::space_id.eq(space))
        .filter(occupancy::starts_at.gt(from.plus_minutes(-LONGEST_CLAIM_MINUTES).0).and(occupancy::starts_at.lt(to.0)))
        .filter(occupancy::ends_at.gt(from.0))
        .select(occupancy::claimant);
    let rows: Vec<BookingRow> = bookings::table
        .inner_join(booking_holds::table)
        .filter(bookings::id.eq_any(claimants).and(bookings::state.eq(BookingState::Held)))
        .filter(booking_holds::until_at.le(now.0))
        .order(bookings::id)
        .select(BookingRow::as_select())
        .load(conn)?;
    rows.into_iter().map(BookingRow::booking).collect()
}
