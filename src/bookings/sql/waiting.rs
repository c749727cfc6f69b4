//! Writes of the waiting list.

use crate::bookings::model::waiting::{Entry, HoldOutcome, WaitState};
use crate::bookings::model::{Booking, BookingState};
use crate::kernel::id::{AccountId, BookingId, WaitId};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::schema::{booking_holds as h, bookings, waitlist_entries as w};
use crate::store::{Conn, Tx};
use diesel::prelude::*;

/// Puts somebody at the end of a line; a second place of the same holder in the same line is refused by the database.
pub(in crate::bookings) fn insert(conn: &mut Conn, entry: &Entry) -> Outcome<()> {
    let (household, organisation) = entry.holder.columns();
    let row = (
        w::id.eq(&entry.id),
        w::site_id.eq(&entry.site),
        w::space_id.eq(&entry.space),
        w::use_code.eq(entry.use_code),
        w::attendees.eq(entry.attendees),
        (
            (w::minors.eq(entry.children.minors), w::youngest.eq(entry.children.youngest), w::guardian.eq(entry.children.guardian)),
            w::equipment.eq(serde_json::to_string(&entry.equipment).map_err(Fault::internal)?),
            w::usage_terms_sha256.eq(&entry.usage_terms_sha256),
        ),
        w::starts_at.eq(entry.period.start().0),
        w::ends_at.eq(entry.period.end().0),
        w::occupied_from.eq(entry.occupancy.start().0),
        w::occupied_to.eq(entry.occupancy.end().0),
        (w::household_id.eq(household), w::organisation_id.eq(organisation), w::account_id.eq(&entry.account)),
        (w::class.eq(entry.class), w::class_no.eq(entry.class_no)),
        w::state.eq(entry.state),
        w::joined_at.eq(entry.joined_at.0),
    );
    diesel::insert_into(w::table).values(row).execute(conn)?;
    Ok(())
}

/// A place in line ends; `true` for the one that ends it.
pub(in crate::bookings) fn end(
    conn: &mut Conn,
    id: &WaitId,
    how: WaitState,
    booking: Option<&BookingId>,
    by: Option<&AccountId>,
    at: Instant,
) -> Outcome<bool> {
    let set = (w::state.eq(how), w::booking_id.eq(booking), w::ended_at.eq(at.0), w::ended_by.eq(by));
    Ok(diesel::update(w::table.find(id).filter(w::state.eq(WaitState::Waiting))).set(set).execute(conn)? == 1)
}

/// Every place an account answers for ends.
pub(in crate::bookings) fn leave_all(conn: &mut Conn, account: &AccountId, at: Instant) -> Outcome<()> {
    let theirs = w::table.filter(w::account_id.eq(account).and(w::state.eq(WaitState::Waiting)).and(w::organisation_id.is_null()));
    diesel::update(theirs).set((w::state.eq(WaitState::Left), w::ended_at.eq(at.0), w::ended_by.eq(account))).execute(conn)?;
    Ok(())
}

/// Written with the booking, which may still wait for the end of the transaction.
pub(in crate::bookings) fn insert_hold(tx: &mut Tx, booking: &BookingId, offered_at: Instant, until: Instant) -> Outcome<()> {
    let row = (h::booking_id.eq(booking.clone()), h::offered_at.eq(offered_at.0), h::until_at.eq(until.0));
    tx.later(diesel::insert_into(h::table).values(row))
}

/// Writes down how a hold ended, once.
pub(in crate::bookings) fn end_hold(
    conn: &mut Conn,
    booking: &BookingId,
    how: HoldOutcome,
    by: Option<&AccountId>,
    at: Instant,
) -> Outcome<()> {
    let open = h::table.find(booking).filter(h::outcome.is_null());
    diesel::update(open).set((h::outcome.eq(how), h::ended_at.eq(at.0), h::ended_by.eq(by))).execute(conn)?;
    Ok(())
}

/// What was kept and nobody took is over; `true` for the one that ends it.
pub(in crate::bookings) fn expire(conn: &mut Conn, booking: &Booking) -> Outcome<bool> {
    let held = bookings::table.find(&booking.id).filter(bookings::state.eq(BookingState::Held));
    let set = (bookings::state.eq(BookingState::Expired), bookings::revision.eq(bookings::revision + 1));
    Ok(diesel::update(held).set(set).execute(conn)? == 1)
}
