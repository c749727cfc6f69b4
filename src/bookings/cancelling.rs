//! What cancelling comes to for whoever holds a booking: told before it is made, while it lies ahead, and before it is cancelled.

use super::model::{Booking, BookingState};
use super::rules::{self, cancellation, quota};
use crate::kernel::id::SpaceId;
use crate::kernel::{Fen, Instant, Outcome, Period};
use crate::places::model::QuotaHolder;
use crate::store::Conn;
use crate::terms::model::TermInForce;
use crate::{ledger, places, terms};
use serde::Serialize;
use utoipa::ToSchema;

/// What it comes to when the holder cancels before the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cancelling {
    /// Until then, inclusive, it does not count towards what the holder may have; later it counts as if it had been used. Null: it
    /// never counts.
    pub free_until: Option<Instant>,
    /// Given back whenever it is before the start: everything charged.
    pub refund_fen: Fen,
}

/// What it comes to for a booking; `None` where its holder can cancel it no more.
pub fn of(conn: &mut Conn, booking: &Booking, now: Instant) -> Outcome<Option<Cancelling>> {
    if rules::cancel(booking, now).is_err() {
        return Ok(None);
    }
    let free_until = free_until(conn, std::slice::from_ref(booking))?.pop().flatten();
    // Not the price: the desk may have undone a posting.
    let charged = ledger::queries::charged(conn, std::slice::from_ref(&booking.id))?;
    Ok(Some(Cancelling { free_until, refund_fen: charged.get(&booking.id).copied().unwrap_or(Fen::ZERO) }))
}

/// Until when each of some bookings of one holder at one site can be cancelled without its counting: one query, and one more where
/// only a clause can make it count. A request or a hold given up never counts.
pub fn free_until(conn: &mut Conn, bookings: &[Booking]) -> Outcome<Vec<Option<Instant>>> {
    let never = || vec![None; bookings.len()];
    let Some(first) = bookings.first() else { return Ok(never()) };
    let Some(site) = places::queries::site(conn, &first.site)? else { return Ok(never()) };
    let limits = &site.rules.limits;
    let until = |booking: &Booking, limited| {
        let limited = limited && !matches!(booking.state, BookingState::Requested | BookingState::Held);
        cancellation::free_until(booking.period.start(), limits.late_cancel_hours, limited)
    };
    let kind = first.holder.kind();
    if limits.quotas.iter().any(|quota| quota.holder == kind) {
        return Ok(bookings.iter().map(|booking| until(booking, true)).collect());
    }
    // Quotas of clauses are of households.
    if limits.late_cancel_hours == 0 || kind == QuotaHolder::Organisation {
        return Ok(never());
    }
    let starts = || bookings.iter().map(|booking| booking.period.start());
    let Some(over) = starts().min().zip(starts().max()).and_then(|(from, to)| Period::new(from, to.plus_minutes(1))) else {
        return Ok(never());
    };
    let mut spaces: Vec<SpaceId> = bookings.iter().map(|booking| booking.space.clone()).collect();
    spaces.sort();
    spaces.dedup();
    let terms = terms::queries::of_spaces(conn, &spaces, over)?;
    let limited = |booking: &Booking| {
        let here: Vec<TermInForce> = terms.iter().filter(|(space, _)| *space == booking.space).map(|(_, term)| term.clone()).collect();
        !quota::clauses(&terms::rules::in_effect(&here, booking.period.start())).is_empty()
    };
    Ok(bookings.iter().map(|booking| until(booking, limited(booking))).collect())
}
