//! What the provider of a space does to bookings, many at once: ending them, lowering their price. The caller has judged and
//! holds whatever lock its judgement needs; it records why and tells the holders.

use super::waiting;
use crate::bookings::model::{Booking, BookingState, CancelledBy};
use crate::bookings::sql;
use crate::kernel::id::{AccountId, BookingId};
use crate::kernel::{Code, Fen, Outcome};
use crate::ledger::model::About;
use crate::pricing::model::Quote;
use crate::store::{Tx, phrases};
use crate::{ledger, schedule};
use std::collections::BTreeMap;

/// Ends bookings that stand for their provider, each with its reason, frees their time at once and pays back everything that is still
/// charged. Gives those it ended, each with how much that was: one that was ended by somebody else meanwhile is not among them.
pub fn end(tx: &mut Tx, into: BookingState, ends: &[(BookingId, String)]) -> Outcome<BTreeMap<BookingId, Fen>> {
    let now = tx.now();
    let ids: Vec<BookingId> = ends.iter().map(|(id, _)| id.clone()).collect();
    phrases::lock_lines_of(tx, &ids)?;
    let ended = sql::end(tx, &ids, into)?;
    let rows: Vec<(&BookingId, &str)> =
        ends.iter().filter(|(id, _)| ended.contains(id)).map(|(id, reason)| (id, reason.as_str())).collect();
    sql::record_ends(tx, &rows, CancelledBy::Provider, now)?;
    let claimants: Vec<&str> = ended.iter().map(BookingId::as_str).collect();
    let freed = schedule::actions::release_all(tx, &claimants)?;
    let refunds: Vec<(BookingId, Option<Fen>)> = ended.iter().map(|id| (id.clone(), None)).collect();
    let given_back = ledger::actions::refund_many(tx, &refunds, None)?;
    waiting::promote(tx, freed);
    Ok(given_back)
}

/// Gives confirmed bookings a lower price and pays the difference back.
pub fn reprice(tx: &mut Tx, prices: &[(&Booking, &Quote)]) -> Outcome<()> {
    let written: Vec<(BookingId, Quote)> = prices.iter().map(|(booking, quote)| (booking.id.clone(), (*quote).clone())).collect();
    sql::reprice(tx, &written, BookingState::Confirmed)?;
    let less = |booking: &Booking, quote: &Quote| Fen(booking.price.0.saturating_sub(quote.total.0));
    let refunds: Vec<(BookingId, Option<Fen>)> =
        prices.iter().map(|(booking, quote)| (booking.id.clone(), Some(less(booking, quote)))).collect();
    ledger::actions::refund_many(tx, &refunds, None).map(|_| ())
}

/// Moves a confirmed booking into a new one, for a caller that holds the line of the old one's site: what it held is free and paid back, the new time is
/// claimed and charged, and both are linked.
pub fn relocate(tx: &mut Tx, old: &Booking, new: &Booking, atoms: usize, by: &AccountId) -> Outcome<()> {
    if sql::end(tx, std::slice::from_ref(&old.id), BookingState::Moved)?.is_empty() {
        return Err(Code::StateConflict.into());
    }
    let freed = schedule::actions::release(tx, old.id.as_str())?;
    if !schedule::actions::claim(tx, &new.space, atoms, new.occupancy, new.id.as_str())? {
        return Err(Code::PeriodTaken.into());
    }
    sql::insert(tx, new)?;
    sql::carry_equipment(tx, &old.id, new)?;
    let now = tx.now();
    sql::record_move(tx, &old.id, &new.id, by, now)?;
    ledger::actions::refund_many(tx, &[(old.id.clone(), None)], Some(by))?;
    ledger::actions::charge(tx, &About { space: &new.space, booking: &new.id, by: Some(by) }, new.price)?;
    waiting::promote(tx, freed);
    Ok(())
}

/// Lets fewer people come to a confirmed booking. `false`: it is confirmed no more.
pub fn reduce(tx: &mut Tx, before: &Booking, reduced: &Booking) -> Outcome<bool> {
    let done = sql::reduce(tx, &before.id, reduced.attendees)?;
    if done && reduced.price < before.price {
        reprice(tx, &[(before, &reduced.quote)])?;
    }
    Ok(done)
}
