//! What a holder has, what a booking takes along, and what was set aside for it.

use crate::bookings::model::requests::RequestOutcome;
use crate::bookings::model::waiting::HoldOutcome;
use crate::bookings::model::{BookingState, CancelledBy, Counted, Holder, Settable, Used};
use crate::bookings::rules::cancellation;
use crate::kernel::id::{AccountId, BookingId, EquipmentId, SiteId, SpaceId};
use crate::kernel::{Instant, Outcome, Period, text};
use crate::places::model::Portable;
use crate::schedule::model::LONGEST_CLAIM_MINUTES;
use crate::store::Conn;
use crate::store::schema::{
    accounts, booking_approvers, booking_cancellations, booking_equipment, booking_holds, booking_overrides, bookings, equipment,
    request_ends, spaces,
};
use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;

/// States in which a booking counts as booked, and what it takes along is in use: also while its space is cleaned up, after its end.
const BOOKED: [BookingState; 4] = [BookingState::Held, BookingState::Confirmed, BookingState::CheckedIn, BookingState::Completed];

/// Whose bookings are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// The holder.
    pub holder: &'a Holder,
    /// People of the household now: what they have for another household they moved from counts with them.
    pub members: &'a [AccountId],
    /// Not these, because they are being replaced.
    pub but: &'a [BookingId],
}

type Row = ((BookingId, SiteId, SpaceId, String, Option<String>, String), (i64, i64, i64, i64), BookingState, Option<(CancelledBy, i64)>);

/// What of a holder starts in a period and counts: what is or was booked, requests, late cancellations and no-shows. What its
/// provider ended, what moved, what was refused, and a request or a hold that was given up before it was a booking does not. What moved
/// is free however late, and counts where it went: it was not given up, nobody is told beforehand that it would count, and whoever has
/// all they may have could not shift it by half an hour.
pub fn uses(conn: &mut Conn, of: Of, over: Period, late_cancel_hours: i32) -> Outcome<Vec<Used>> {
    let counting = BOOKED.into_iter().chain([BookingState::Requested, BookingState::NoShow, BookingState::Cancelled]);
    let declined = booking_holds::table
        .filter(booking_holds::booking_id.eq(bookings::id).and(booking_holds::outcome.eq(HoldOutcome::Declined)))
        .select(booking_holds::booking_id);
    let asked = booking_approvers::table.filter(booking_approvers::booking_id.eq(bookings::id)).select(booking_approvers::booking_id);
    let approved = request_ends::table
        .filter(request_ends::booking_id.eq(bookings::id).and(request_ends::outcome.eq(RequestOutcome::Approved)))
        .select(request_ends::booking_id);
    let given_up = exists(declined).or(exists(asked).and(not(exists(approved))));
    let mut query = bookings::table
        .inner_join(spaces::table)
        .inner_join(accounts::table.on(accounts::id.eq(bookings::account_id)))
        .left_join(booking_cancellations::table)
        .filter(bookings::starts_at.ge(over.start().0).and(bookings::starts_at.lt(over.end().0)))
        .filter(bookings::state.eq_any(counting))
        .filter(bookings::state.ne(BookingState::Cancelled).or(not(given_up)))
        .order((bookings::starts_at, bookings::id))
        .select((
            (bookings::id, bookings::site_id, bookings::space_id, spaces::name_zh, spaces::name_en, accounts::name),
            (bookings::starts_at, bookings::ends_at, bookings::occupied_from, bookings::occupied_to),
            bookings::state,
            (booking_cancellations::cancelled_by, booking_cancellations::cancelled_at).nullable(),
        ))
        .into_boxed();
    query = match of.holder {
        Holder::Household(household) => {
            let moved_in = bookings::account_id.eq_any(of.members.to_vec()).and(bookings::household_id.is_not_null());
            query.filter(bookings::household_id.eq(household.clone()).or(moved_in.assume_not_null()))
        }
        Holder::Organisation(organisation) => query.filter(bookings::organisation_id.eq(organisation.clone())),
    };
    let rows: Vec<Row> = query.load(conn)?;
    let used = |(names, (from, to, occupied_from, occupied_to), state, ended): Row| {
        let (booking, site, space, space_zh, space_en, name) = names;
        let counts_as = match state {
            BookingState::Requested => Counted::Requested,
            BookingState::NoShow => Counted::NoShow,
            BookingState::Cancelled => {
                let (by, at) = ended?;
                let late = cancellation::counts(cancellation::free_until(Instant(from), late_cancel_hours, true), Instant(at));
                (by == CancelledBy::Holder && late).then_some(Counted::LateCancelled)?
            }
            _ => Counted::Booked,
        };
        let period = |from, to| Period::new(Instant(from), Instant(to));
        let (period, occupancy) = (period(from, to)?, period(occupied_from, occupied_to)?);
        (!of.but.contains(&booking)).then(|| Used {
            booking,
            site,
            space,
            space_zh,
            space_en,
            person: text::mask_name(&name),
            period,
            occupancy,
            counts_as,
        })
    };
    Ok(rows.into_iter().filter_map(used).collect())
}

/// When equipment is in use, and how many of it, around a period; not by those of `but`.
pub fn equipment_in_use(
    conn: &mut Conn,
    ids: &[EquipmentId],
    around: Period,
    but: &[BookingId],
) -> Outcome<Vec<(EquipmentId, Period, i64)>> {
    use booking_equipment as e;
    let rows: Vec<(EquipmentId, BookingId, i64, i64, i64)> = e::table
        .inner_join(bookings::table)
        .filter(e::equipment_id.eq_any(ids).and(bookings::state.eq_any(BOOKED)))
        .filter(e::from_at.gt(around.start().plus_minutes(-LONGEST_CLAIM_MINUTES).0).and(e::from_at.lt(around.end().0)))
        .filter(e::to_at.gt(around.start().0))
        .select((e::equipment_id, e::booking_id, e::from_at, e::to_at, e::units))
        .load(conn)?;
    let used = |(id, booking, from, to, units): (EquipmentId, BookingId, i64, i64, i64)| {
        (!but.contains(&booking)).then_some((id, Period::new(Instant(from), Instant(to))?, units))
    };
    Ok(rows.into_iter().filter_map(used).collect())
}

/// What each of several bookings takes along.
pub fn equipment_of(conn: &mut Conn, ids: &[BookingId]) -> Outcome<Vec<(BookingId, Portable, i64)>> {
    use booking_equipment as e;
    type Row = (BookingId, (EquipmentId, String, String, Option<String>, i64), i64);
    let rows: Vec<Row> = e::table
        .inner_join(equipment::table)
        .filter(e::booking_id.eq_any(ids))
        .order((e::booking_id, equipment::code))
        .select((e::booking_id, (equipment::id, equipment::code, equipment::name_zh, equipment::name_en, equipment::stock), e::units))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(booking, (id, code, name_zh, name_en, stock), units)| (booking, Portable { id, code, name_zh, name_en, stock }, units))
        .collect())
}

/// The rules set aside for a booking, with why and by whom.
pub fn set_aside(conn: &mut Conn, id: &BookingId) -> Outcome<Vec<(Settable, String, AccountId)>> {
    use booking_overrides as o;
    Ok(o::table.filter(o::booking_id.eq(id)).order(o::rule).select((o::rule, o::reason, o::account_id)).load(conn)?)
}

/// How often each rule of a site was set aside in a period.
pub fn set_aside_at(conn: &mut Conn, site: &SiteId, over: Period) -> Outcome<Vec<(Settable, i64)>> {
    use booking_overrides as o;
    Ok(o::table
        .filter(o::site_id.eq(site).and(o::set_aside_at.ge(over.start().0)).and(o::set_aside_at.lt(over.end().0)))
        .group_by(o::rule)
        .order(o::rule)
        .select((o::rule, count_star()))
        .load(conn)?)
}
