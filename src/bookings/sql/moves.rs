//! Writes about bookings that are moved.

use crate::bookings::model::BookingState;
use crate::kernel::id::BookingId;
use crate::kernel::{Instant, Outcome};
use crate::store::schema::{booking_move_asks, bookings};
use crate::store::{Conn, Tx};
use diesel::prelude::*;

/// Written with the request, which may still wait for the end of the transaction.
pub(in crate::bookings) fn record_ask(tx: &mut Tx, request: &BookingId, from: &BookingId, at: Instant) -> Outcome<()> {
    let row = (
        booking_move_asks::booking_id.eq(request.clone()),
        booking_move_asks::from_booking_id.eq(from.clone()),
        booking_move_asks::asked_at.eq(at.0),
    );
    tx.later(diesel::insert_into(booking_move_asks::table).values(row))
}

/// A booking that had stepped aside in this very transaction stands as before.
pub(in crate::bookings) fn stand_again(conn: &mut Conn, id: &BookingId) -> Outcome<()> {
    let set = (bookings::state.eq(BookingState::Confirmed), bookings::revision.eq(bookings::revision - 1));
    diesel::update(bookings::table.find(id).filter(bookings::state.eq(BookingState::Moved))).set(set).execute(conn)?;
    Ok(())
}
