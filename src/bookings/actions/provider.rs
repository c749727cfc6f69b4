//! What the provider of a space does to bookings, many at once: ending them, lowering their price. The caller has judged and
//! holds whatever lock its judgement needs; it records why and tells the holders.

use crate::bookings::model::{BookingState, CancelledBy};
use crate::bookings::sql;
use crate::kernel::Outcome;
use crate::kernel::id::BookingId;
use crate::pricing::model::Quote;
use crate::schedule;
use crate::store::Tx;
use std::collections::BTreeSet;

/// Ends confirmed bookings for their provider, each with its reason, and frees their time at once. Gives those it ended: one
/// that was ended by somebody else meanwhile is not among them.
pub fn end(tx: &mut Tx, into: BookingState, ends: &[(BookingId, String)]) -> Outcome<BTreeSet<BookingId>> {
    let now = tx.now();
    let ids: Vec<BookingId> = ends.iter().map(|(id, _)| id.clone()).collect();
    let ended = sql::end(tx, &ids, into)?;
    let rows: Vec<(&BookingId, &str)> =
        ends.iter().filter(|(id, _)| ended.contains(id)).map(|(id, reason)| (id, reason.as_str())).collect();
    sql::record_ends(tx, &rows, CancelledBy::Provider, now)?;
    let claimants: Vec<&str> = ended.iter().map(BookingId::as_str).collect();
    schedule::actions::release_all(tx, &claimants)?;
    Ok(ended)
}

/// Gives confirmed bookings another price.
pub fn reprice(tx: &mut Tx, prices: &[(BookingId, Quote)]) -> Outcome<()> {
    sql::reprice(tx, prices)
}
