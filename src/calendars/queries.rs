//! Reads.

use super::model::{CalendarAddress, Entry, Subscriber};
use super::rules::MOST_EVENTS;
use crate::bookings::model::BookingState;
use crate::kernel::id::{AccountId, BookingId, CalendarId, HouseholdId, OrganisationId, SpaceId};
use crate::kernel::{Fault, Fen, Instant, Outcome, Period, Zone};
use crate::store::Conn;
use crate::store::schema::{accounts, booking_cancellations, booking_moves, bookings, calendars, request_ends, sites, spaces};
use crate::terms::model::Use;
use diesel::prelude::*;

/// The addresses an account made, the latest first.
pub fn addresses(conn: &mut Conn, account: &AccountId) -> Outcome<Vec<CalendarAddress>> {
    let mine = calendars::table.filter(calendars::account_id.eq(account));
    Ok(mine.order(calendars::id.desc()).select(CalendarAddress::as_select()).load(conn)?)
}

/// An address of an account.
pub fn address(conn: &mut Conn, account: &AccountId, id: &CalendarId) -> Outcome<Option<CalendarAddress>> {
    let mine = calendars::table.find(id).filter(calendars::account_id.eq(account));
    Ok(mine.select(CalendarAddress::as_select()).first(conn).optional()?)
}

/// Whose calendar a secret opens, with the household of its maker; `None`: nobody's, or no longer.
pub fn subscriber(conn: &mut Conn, hash: &str) -> Outcome<Option<(Subscriber, Option<HouseholdId>)>> {
    type Row = (AccountId, Option<OrganisationId>, Option<HouseholdId>, Option<i64>);
    let row: Option<Row> = calendars::table
        .inner_join(accounts::table)
        .filter(calendars::token_hash.eq(hash).and(calendars::revoked_at.is_null()))
        .filter(accounts::disabled_at.is_null().and(accounts::erased_at.is_null()))
        .select((calendars::account_id, calendars::organisation_id, accounts::household_id, accounts::household_verified_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(account, organisation, household, verified)| {
        (Subscriber { account, organisation }, household.filter(|_| verified.is_some()))
    }))
}

/// Whose bookings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// What takes the time of any of the spaces.
    Spaces(&'a [SpaceId]),
    /// All of a household, ended ones too.
    Household(&'a HouseholdId),
    /// All of an organisation, ended ones too.
    Organisation(&'a OrganisationId),
}

/// Bookings that start in a time, in order of start.
pub fn entries(conn: &mut Conn, of: Of, over: Period) -> Outcome<Vec<Entry>> {
    type Ends = (Option<i64>, Option<i64>, Option<i64>);
    type Names = (String, String, Option<String>, String);
    type Row = (BookingId, i64, i64, Use, i64, BookingState, Fen, i32, i64, Ends, Names);
    let mut query = bookings::table
        .inner_join(spaces::table)
        .inner_join(sites::table)
        .left_join(booking_cancellations::table)
        .left_join(request_ends::table.on(request_ends::booking_id.eq(bookings::id)))
        .left_join(booking_moves::table.on(booking_moves::booking_id.eq(bookings::id)))
        .filter(bookings::starts_at.ge(over.start().0).and(bookings::starts_at.lt(over.end().0)))
        .order((bookings::starts_at, bookings::id))
        .limit(MOST_EVENTS)
        .select((
            bookings::id,
            bookings::starts_at,
            bookings::ends_at,
            bookings::use_code,
            bookings::attendees,
            bookings::state,
            bookings::price_fen,
            bookings::revision,
            bookings::made_at,
            (booking_cancellations::cancelled_at.nullable(), request_ends::ended_at.nullable(), booking_moves::moved_at.nullable()),
            (spaces::name_zh, sites::name_zh, sites::address_zh, sites::zone),
        ))
        .into_boxed();
    query = match of {
        Of::Spaces(spaces) => {
            let holding = [BookingState::Held, BookingState::Confirmed, BookingState::CheckedIn, BookingState::Completed];
            query.filter(bookings::space_id.eq_any(spaces.to_vec()).and(bookings::state.eq_any(holding)))
        }
        Of::Household(household) => query.filter(bookings::household_id.eq(household)),
        Of::Organisation(organisation) => query.filter(bookings::organisation_id.eq(organisation)),
    };
    let rows: Vec<Row> = query.load(conn)?;
    let entry = |(booking, from, to, use_code, attendees, state, price, revision, made, ends, names): Row| {
        let (space_zh, site_zh, address_zh, zone) = names;
        let changed = [Some(made), ends.0, ends.1, ends.2].into_iter().flatten().max().unwrap_or(made);
        Ok(Entry {
            period: Period::new(Instant(from), Instant(to)).ok_or_else(|| Fault::internal("a stored booking does not read"))?,
            zone: Zone::named(&zone).ok_or_else(|| Fault::internal(format!("unknown zone {zone}")))?,
            changed_at: Instant(changed),
            booking,
            use_code,
            attendees,
            state,
            price,
            revision,
            space_zh,
            site_zh,
            address_zh,
        })
    };
    rows.into_iter().map(entry).collect()
}
