//! Writes. [`attendance`]: those about who came; [`waiting`]: those of the waiting list.

pub(super) mod attendance;
pub(super) mod waiting;

use super::model::{Approver, Booking, BookingState, Cancellation, CancelledBy, Holder, RequestEnd};
use crate::kernel::id::{AccountId, BookingId, OrganisationId};
use crate::kernel::{Fault, Fen, Instant, Outcome};
use crate::pricing::model::Quote;
use crate::store::schema::{booking_approvers, booking_cancellations, booking_moves, bookings, request_ends};
use crate::store::{Conn, Tx};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Nothing in the transaction of a booking reads it again.
pub(super) fn insert(tx: &mut Tx, booking: &Booking) -> Outcome<()> {
    let json = |value: serde_json::Result<String>| value.map_err(Fault::internal);
    let (household, organisation) = match &booking.holder {
        Holder::Household(household) => (Some(household.clone()), None),
        Holder::Organisation(organisation) => (None, Some(organisation.clone())),
    };
    let row = (
        bookings::id.eq(booking.id.clone()),
        bookings::site_id.eq(booking.site.clone()),
        bookings::space_id.eq(booking.space.clone()),
        bookings::use_code.eq(booking.use_code),
        bookings::attendees.eq(booking.attendees),
        bookings::starts_at.eq(booking.period.start().0),
        bookings::ends_at.eq(booking.period.end().0),
        bookings::occupied_from.eq(booking.occupancy.start().0),
        bookings::occupied_to.eq(booking.occupancy.end().0),
        bookings::state.eq(booking.state),
        bookings::household_id.eq(household),
        bookings::account_id.eq(booking.account.clone()),
        bookings::organisation_id.eq(organisation),
        bookings::made_by.eq(booking.made_by.clone()),
        bookings::channel.eq(booking.channel),
        bookings::price_fen.eq(booking.price),
        bookings::price.eq(json(serde_json::to_string(&booking.quote))?),
        bookings::agreement_id.eq(booking.agreement.clone()),
        bookings::version_id.eq(booking.version.clone()),
        bookings::clauses.eq(json(serde_json::to_string(&booking.clauses))?),
        bookings::made_at.eq(booking.made_at.0),
    );
    tx.later(diesel::insert_into(bookings::table).values(row))
}

/// `true` for the one that cancels it: compare and swap on the state.
pub(super) fn cancel(conn: &mut Conn, id: &BookingId) -> Outcome<bool> {
    let live = bookings::state.eq_any([BookingState::Held, BookingState::Confirmed, BookingState::Requested]);
    let set = (bookings::state.eq(BookingState::Cancelled), bookings::revision.eq(bookings::revision + 1));
    Ok(diesel::update(bookings::table.find(id).filter(live)).set(set).execute(conn)? == 1)
}

/// Nothing in the transaction of a request reads it again.
pub(super) fn insert_approver(tx: &mut Tx, approver: Approver) -> Outcome<()> {
    tx.later(diesel::insert_into(booking_approvers::table).values(approver))
}

/// How many of the organisations had not said yes before.
pub(super) fn approve(conn: &mut Conn, id: &BookingId, by: (&[OrganisationId], &AccountId), now: Instant) -> Outcome<usize> {
    let open = booking_approvers::booking_id.eq(id).and(booking_approvers::organisation_id.eq_any(by.0));
    let open = booking_approvers::table.filter(open.and(booking_approvers::approved_at.is_null()));
    let set = (booking_approvers::approved_by.eq(by.1), booking_approvers::approved_at.eq(now));
    Ok(diesel::update(open).set(set).execute(conn)?)
}

/// A request or a hold becomes a booking, judged and priced as of now; `true` for the one that makes it so.
pub(super) fn confirm(conn: &mut Conn, booking: &Booking, from: BookingState) -> Outcome<bool> {
    let json = |value: serde_json::Result<String>| value.map_err(Fault::internal);
    let set = (
        bookings::state.eq(BookingState::Confirmed),
        bookings::occupied_from.eq(booking.occupancy.start().0),
        bookings::occupied_to.eq(booking.occupancy.end().0),
        bookings::price_fen.eq(booking.price),
        bookings::price.eq(json(serde_json::to_string(&booking.quote))?),
        bookings::agreement_id.eq(&booking.agreement),
        bookings::version_id.eq(&booking.version),
        bookings::clauses.eq(json(serde_json::to_string(&booking.clauses))?),
        bookings::revision.eq(bookings::revision + 1),
    );
    let before = bookings::table.find(&booking.id).filter(bookings::state.eq(from));
    Ok(diesel::update(before).set(set).execute(conn)? == 1)
}

/// A request ends without a booking; `true` for the one that ends it.
pub(super) fn turn_down(conn: &mut Conn, id: &BookingId, state: BookingState) -> Outcome<bool> {
    let requested = bookings::table.find(id).filter(bookings::state.eq(BookingState::Requested));
    let set = (bookings::state.eq(state), bookings::revision.eq(bookings::revision + 1));
    Ok(diesel::update(requested).set(set).execute(conn)? == 1)
}

pub(super) fn record_end(conn: &mut Conn, end: &RequestEnd) -> Outcome<()> {
    diesel::insert_into(request_ends::table).values(end).execute(conn)?;
    Ok(())
}

/// What somebody wrote when they cancelled.
pub(super) fn forget_reasons(conn: &mut Conn, account: &AccountId) -> Outcome<()> {
    use booking_cancellations as c;
    let held = bookings::table.filter(bookings::account_id.eq(account)).select(bookings::id);
    let theirs = c::table.filter(c::booking_id.eq_any(held).and(c::account_id.eq(account)).and(c::reason.is_not_null()));
    diesel::update(theirs).set(c::reason.eq(None::<String>)).execute(conn)?;
    Ok(())
}

pub(super) fn record_cancellation(conn: &mut Conn, id: &BookingId, account: &AccountId, how: &Cancellation) -> Outcome<()> {
    let row = (
        booking_cancellations::booking_id.eq(id),
        booking_cancellations::cancelled_by.eq(how.by),
        booking_cancellations::account_id.eq(account),
        booking_cancellations::reason.eq(&how.reason),
        booking_cancellations::cancelled_at.eq(how.at.0),
    );
    diesel::insert_into(booking_cancellations::table).values(row).execute(conn)?;
    Ok(())
}

/// Ids of one statement.
const AT_ONCE: usize = 500;

/// Compare and swap on the state of many; gives those that stood. What somebody uses already can only be interrupted.
pub(super) fn end(conn: &mut Conn, ids: &[BookingId], into: BookingState) -> Outcome<BTreeSet<BookingId>> {
    let mut ended = BTreeSet::new();
    let standing: &[BookingState] =
        if into == BookingState::Interrupted { &[BookingState::Confirmed, BookingState::CheckedIn] } else { &[BookingState::Confirmed] };
    for some in ids.chunks(AT_ONCE) {
        let confirmed = bookings::table.filter(bookings::id.eq_any(some).and(bookings::state.eq_any(standing)));
        let set = (bookings::state.eq(into), bookings::revision.eq(bookings::revision + 1));
        let now: Vec<BookingId> = diesel::update(confirmed).set(set).returning(bookings::id).get_results(conn)?;
        ended.extend(now);
    }
    Ok(ended)
}

#[derive(Insertable)]
#[diesel(table_name = booking_cancellations, treat_none_as_default_value = false)]
struct End<'a> {
    booking_id: &'a str,
    cancelled_by: &'a str,
    account_id: Option<&'a str>,
    reason: Option<&'a str>,
    cancelled_at: i64,
}

pub(super) fn record_ends(conn: &mut Conn, ends: &[(&BookingId, &str)], by: CancelledBy, at: Instant) -> Outcome<()> {
    for some in ends.chunks(AT_ONCE) {
        let rows: Vec<End> = some
            .iter()
            .map(|(id, reason)| End {
                booking_id: id.as_str(),
                cancelled_by: by.as_str(),
                account_id: None,
                reason: Some(reason),
                cancelled_at: at.0,
            })
            .collect();
        crate::insert_all!(conn, booking_cancellations::table, &rows)?;
    }
    Ok(())
}

/// Those that get the same price in one statement.
pub(super) fn reprice(conn: &mut Conn, prices: &[(BookingId, Quote)]) -> Outcome<()> {
    let mut alike: BTreeMap<String, (Fen, Vec<&BookingId>)> = BTreeMap::new();
    for (id, quote) in prices {
        let written = serde_json::to_string(quote).map_err(Fault::internal)?;
        alike.entry(written).or_insert((quote.total, Vec::new())).1.push(id);
    }
    for (written, (total, ids)) in &alike {
        for some in ids.chunks(AT_ONCE) {
            let confirmed = bookings::table.filter(bookings::id.eq_any(some.to_vec()).and(bookings::state.eq(BookingState::Confirmed)));
            let set = (bookings::price_fen.eq(*total), bookings::price.eq(written), bookings::revision.eq(bookings::revision + 1));
            diesel::update(confirmed).set(set).execute(conn)?;
        }
    }
    Ok(())
}

/// Written with the new booking, which may still wait for the end of the transaction.
pub(super) fn record_move(tx: &mut Tx, from: &BookingId, to: &BookingId, by: &AccountId, at: Instant) -> Outcome<()> {
    let row = (
        booking_moves::booking_id.eq(from.clone()),
        booking_moves::to_booking_id.eq(to.clone()),
        booking_moves::moved_at.eq(at.0),
        booking_moves::moved_by.eq(by.clone()),
    );
    tx.later(diesel::insert_into(booking_moves::table).values(row))
}

/// `true` when the booking was confirmed still.
pub(super) fn reduce(conn: &mut Conn, id: &BookingId, attendees: i64) -> Outcome<bool> {
    let confirmed = bookings::table.find(id).filter(bookings::state.eq(BookingState::Confirmed));
    let set = (bookings::attendees.eq(attendees), bookings::revision.eq(bookings::revision + 1));
    Ok(diesel::update(confirmed).set(set).execute(conn)? == 1)
}
