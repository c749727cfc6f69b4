//! A holder moves a booking: another time, another room, and nothing is lost when that cannot be had.
//!
//! The old booking steps aside, the new one is made as any other ([`super::place`]), both in one transaction: the old one's own time
//! does not stand in the way, and whatever refuses the new one undoes the stepping aside. Where a clause wants somebody's
//! yes first the new one is a request and the old one stands until the last yes ([`of_request`], [`follow`]).

use super::whose::Claimant;
use super::{Making, beside, books_for, judge_for, money, place, refusal, take, waiting};
use crate::access::Permit;
use crate::access::deeds::MoveBooking;
use crate::audit::{self, Entry};
use crate::bookings::model::{Ask, Beside, Booking, BookingState, Channel, Children, Made};
use crate::bookings::queries;
use crate::bookings::{rules, sql};
use crate::kernel::id::{AccountId, BookingId, SpaceId};
use crate::kernel::{Code, Fault, Fen, Instant, Outcome, Period};
use crate::schedule::actions::AtomClaim;
use crate::schedule::model::Freed;
use crate::store::{Conn, Tx, phrases};
use crate::{ledger, schedule};
use serde_json::json;
use std::slice;

/// Where a booking is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Which space; the same one unless given.
    pub space: Option<SpaceId>,
    /// When.
    pub period: Period,
    /// Whether a guardian or carer comes with the children; as it was said before unless given.
    pub guardian: Option<bool>,
    /// Hash of the usage terms its holder accepts, where some are in force then.
    pub usage_terms_sha256: Option<String>,
}

/// A booking that was moved, or is to be once somebody has said yes.
#[derive(Debug)]
pub struct Moving {
    /// As it was.
    pub old: Booking,
    /// What takes its place: confirmed, or requested, and then the old one stands.
    pub made: Made,
    /// Given back for the old one, in fen.
    pub refund: Fen,
}

/// What is asked for is what the booking is, elsewhere.
pub fn ask(conn: &mut Conn, old: &Booking, to: &Target) -> Outcome<Ask> {
    let Children { minors, youngest, guardian } = old.children;
    let children = Children::of(minors, youngest, to.guardian.unwrap_or(guardian));
    Ok(Ask {
        space: to.space.clone().unwrap_or_else(|| old.space.clone()),
        period: to.period,
        usage_terms_sha256: to.usage_terms_sha256.clone(),
        beside: Beside { children, ..beside(conn, old)? },
        ..old.ask()
    })
}

/// Moves a confirmed booking; `shown` is the price its holder agreed to.
///
/// # Errors
/// 409 `state-conflict` once it has begun or is confirmed no more, 409 `price-changed` when the new price is not the one shown, 422
/// when nothing would change, and whatever refuses a booking.
pub fn relocate(tx: &mut Tx, permit: &Permit<MoveBooking>, id: &BookingId, to: &Target, shown: Option<Fen>) -> Outcome<Moving> {
    let seen = queries::find(tx, id)?.ok_or_else(|| Fault::from(Code::NotFound))?.booking;
    books_for(permit.who(), &seen.holder)?;
    phrases::lock_line(tx, &seen.space)?;
    // Before reading the terms, as a booking does; and the spaces before the booking, as whoever changes an agreement does.
    phrases::lock_spaces_shared(tx, &[&seen.space, to.space.as_ref().unwrap_or(&seen.space)])?;
    let found = take(tx, id)?;
    let (old, now) = (found.booking, tx.now());
    let mut ask = ask(tx, &old, to)?;
    rules::moving::movable(&old, &ask.space, ask.period, now)?;
    // Somebody else's time is refused before the booking steps aside: two who want each other's would wait for each other.
    let claimant = Claimant { holder: Some(&old.holder), channel: Channel::Move, instead_of: slice::from_ref(&old.id), locks: false };
    let judged = judge_for(tx, &ask, now, &claimant)?;
    if schedule::queries::held_by_others(tx, &ask.space, judged.verdicts.occupancy, old.id.as_str())? {
        return Err(refusal(judged.verdicts.reasons, true).unwrap_or_else(|| Fault::from(Code::PeriodTaken)));
    }
    // A day of a series has one booking. While the old one stands the request is none; with its yes it is.
    if !judged.verdicts.approvals.is_empty() {
        ask.beside.series = None;
    }
    let (held, freed) = step_aside(tx, &old)?;
    let (holder, by) = (old.holder.clone(), permit.account());
    let made = place(tx, Making { ask: &ask, holder, account: &old.account, by, channel: Channel::Move })?;
    let new = &made.booking;
    if shown.is_some_and(|shown| shown != new.price) {
        let price = new.price;
        return Err(Fault::saying(Code::PriceChanged, format!("现在是 {price} 元。"), format!("It is {price} yuan now.")));
    }
    let (refund, action) = if new.state == BookingState::Requested {
        sql::moves::stand_again(tx, &old.id)?;
        schedule::actions::claim_all(tx, &held)?;
        sql::moves::record_ask(tx, &new.id, &old.id, now)?;
        (Fen::ZERO, "booking.move_requested")
    } else {
        waiting::promote(tx, freed);
        (follow(tx, &old, &new.id, by)?, "booking.moved")
    };
    let detail = json!({"to": new.id, "space": new.space, "starts_at": new.period.start(), "price_fen": new.price, "refund_fen": refund});
    audit::record(tx, &Entry { chain: &found.area, actor: Some(by), action, subject: old.id.as_str(), detail })?;
    Ok(Moving { old, made, refund })
}

/// The booking gives its time up, for a caller that holds the line of its site; what it held is told, to be had again or given on.
fn step_aside(tx: &mut Tx, old: &Booking) -> Outcome<(Vec<AtomClaim>, Freed)> {
    if sql::end(tx, std::slice::from_ref(&old.id), BookingState::Moved)?.is_empty() {
        return Err(Code::StateConflict.into());
    }
    let held = schedule::queries::held_by(tx, old.id.as_str())?;
    let freed = schedule::actions::release(tx, old.id.as_str())?;
    Ok((held, freed))
}

/// Links a booking that has stepped aside to the one in its place, and gives back what was charged for it.
pub(super) fn follow(tx: &mut Tx, old: &Booking, new: &BookingId, by: &AccountId) -> Outcome<Fen> {
    let now = tx.now();
    sql::record_move(tx, &old.id, new, by, now)?;
    if old.price > Fen::ZERO { ledger::actions::refund_all(tx, &money(old, by)) } else { Ok(Fen::ZERO) }
}

/// The booking a request was made to take the place of, stepped aside for it; `None` for a request that moves nothing. The caller holds
/// the line of its site.
pub(super) fn of_request(tx: &mut Tx, request: &Booking, now: Instant) -> Outcome<Option<Booking>> {
    if request.channel != Channel::Move {
        return Ok(None);
    }
    let Some(id) = queries::moves::asked_from(tx, &request.id)? else { return Ok(None) };
    let old = take(tx, &id)?.booking;
    match Some(old).filter(|old| old.state == BookingState::Confirmed && old.period.start() > now) {
        Some(old) => {
            let (_, freed) = step_aside(tx, &old)?;
            waiting::promote(tx, freed);
            Ok(Some(old))
        }
        None => {
            let (zh, en) = ("要改的那次预订已经不在了，请重新预订。", "The booking this was to replace is there no more; book anew.");
            Err(Fault::saying(Code::StateConflict, zh, en))
        }
    }
}
