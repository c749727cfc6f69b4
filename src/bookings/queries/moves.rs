//! Where bookings moved from.

use crate::kernel::id::BookingId;
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{booking_move_asks, booking_moves};
use diesel::prelude::*;

/// The booking a request would take the place of.
pub fn asked_from(conn: &mut Conn, request: &BookingId) -> Outcome<Option<BookingId>> {
    Ok(booking_move_asks::table.find(request).select(booking_move_asks::from_booking_id).first(conn).optional()?)
}

/// The booking that has moved into this one, and when.
pub fn moved_from(conn: &mut Conn, id: &BookingId) -> Outcome<Option<(BookingId, Instant)>> {
    let row: Option<(BookingId, i64)> = booking_moves::table
        .filter(booking_moves::to_booking_id.eq(id))
        .select((booking_moves::booking_id, booking_moves::moved_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(from, at)| (from, Instant(at))))
}
