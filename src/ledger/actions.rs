//! Verbs, inside the transaction of whoever moves the money.

use super::model::{About, Posting, PostingKind};
use super::{queries, rules, sql};
use crate::audit::{self, Entry};
use crate::kernel::id::{AccountId, BookingId, Id, PostingId};
use crate::kernel::{Code, Fault, Fen, Instant, Outcome};
use crate::places;
use crate::store::{Tx, phrases};
use serde_json::json;
use std::collections::BTreeMap;

fn posting(about: &About, kind: PostingKind, amount: Fen, now: Instant) -> Posting {
    let (debit, credit) = if kind == PostingKind::Refund { (rules::CHARGE.1, rules::CHARGE.0) } else { rules::CHARGE };
    Posting {
        id: PostingId::fresh(),
        space_id: about.space.clone(),
        booking_id: about.booking.clone(),
        kind,
        debit,
        credit,
        amount_fen: amount,
        reverses_id: None,
        reason: None,
        posted_by: about.by.cloned(),
        posted_at: now,
    }
}

/// Charges the price of a booking; nothing is written for nothing. It is not seen before the transaction ends: whoever
/// charges does not give back in the same one.
pub fn charge(tx: &mut Tx, about: &About, amount: Fen) -> Outcome<()> {
    if amount == Fen::ZERO {
        return Ok(());
    }
    let now = tx.now();
    sql::insert_later(tx, posting(about, PostingKind::Charge, amount, now))
}

/// Gives a part of what was charged back; refused beyond what is still charged.
pub fn refund(tx: &mut Tx, about: &About, amount: Fen) -> Outcome<()> {
    phrases::lock_postings(tx, about.booking)?;
    rules::refund(&queries::of_booking(tx, about.booking)?, amount)?;
    if amount == Fen::ZERO {
        return Ok(());
    }
    let now = tx.now();
    sql::insert(tx, posting(about, PostingKind::Refund, amount, now))
}

/// Gives back whatever is still charged; how much that was.
pub fn refund_all(tx: &mut Tx, about: &About) -> Outcome<Fen> {
    phrases::lock_postings(tx, about.booking)?;
    let charged = rules::charged(&queries::of_booking(tx, about.booking)?)?;
    if charged > Fen::ZERO {
        let now = tx.now();
        sql::insert(tx, posting(about, PostingKind::Refund, charged, now))?;
    }
    Ok(charged)
}

/// Bookings of one statement.
const AT_ONCE: usize = 500;

/// Gives back for many bookings at once: a part of each, or (without an amount) whatever is still charged; never more than that. Gives
/// how much it was for each of them.
pub fn refund_many(tx: &mut Tx, wanted: &[(BookingId, Option<Fen>)], by: Option<&AccountId>) -> Outcome<BTreeMap<BookingId, Fen>> {
    let now = tx.now();
    let mut given: BTreeMap<BookingId, Fen> = wanted.iter().map(|(booking, _)| (booking.clone(), Fen::ZERO)).collect();
    for some in wanted.chunks(AT_ONCE) {
        let ids: Vec<BookingId> = some.iter().map(|(booking, _)| booking.clone()).collect();
        phrases::lock_postings_of(tx, &ids)?;
        let posted = queries::of_bookings(tx, &ids)?;
        let mut refunds = Vec::new();
        for (booking, amount) in some {
            let of: Vec<Posting> = posted.iter().filter(|posting| posting.booking_id == *booking).cloned().collect();
            let Some(space) = of.first().map(|posting| posting.space_id.clone()) else { continue };
            let charged = rules::charged(&of)?;
            let amount = amount.map_or(charged, |amount| amount.min(charged));
            if amount > Fen::ZERO {
                refunds.push(posting(&About { space: &space, booking, by }, PostingKind::Refund, amount, now));
                given.insert(booking.clone(), amount);
            }
        }
        sql::insert_all(tx, &refunds)?;
    }
    Ok(given)
}

/// Undoes a posting made by mistake.
pub fn reverse(tx: &mut Tx, id: &PostingId, by: &AccountId, reason: &str) -> Outcome<PostingId> {
    let unknown = || Fault::from(Code::NotFound);
    let booking = queries::find(tx, id)?.ok_or_else(unknown)?.booking_id;
    phrases::lock_postings(tx, &booking)?;
    let undone = rules::reversal(&queries::of_booking(tx, &booking)?, id)?;
    let place = places::queries::located(tx, &undone.space_id)?.ok_or_else(unknown)?;
    let posting = Posting {
        id: PostingId::fresh(),
        kind: PostingKind::Reversal,
        debit: undone.credit,
        credit: undone.debit,
        reverses_id: Some(undone.id.clone()),
        reason: Some(reason.to_owned()),
        posted_by: Some(by.clone()),
        posted_at: tx.now(),
        ..undone
    };
    let made = posting.id.clone();
    let detail = json!({"reverses": id, "booking": booking, "amount_fen": posting.amount_fen});
    sql::insert(tx, posting)?;
    let chain = place.site.area_id.as_str();
    audit::record(tx, &Entry { chain, actor: Some(by), action: "posting.reversed", subject: made.as_str(), detail })?;
    Ok(made)
}
