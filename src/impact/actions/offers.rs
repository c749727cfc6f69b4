//! What a holder answers: taking what is offered, saying no, bringing fewer people. The write checks the clock; the timer of the
//! plan may be late.

use crate::access::Permit;
use crate::access::deeds::AnswerOffer;
use crate::audit::{self, Entry};
use crate::bookings::actions::whose::Claimant;
use crate::bookings::actions::{self, beside, judge_for, provider, refusal};
use crate::bookings::model::{Ask, Booking, BookingCancelled, BookingMade, BookingState, Channel};
use crate::bookings::queries::Found;
use crate::impact::model::{Alternative, Matter, MatterEnd, MatterKind};
use crate::impact::{queries, rules, sql};
use crate::kernel::id::{BookingId, Id};
use crate::kernel::{Code, Fault, Fen, Outcome};
use crate::store::{Tx, phrases};
use crate::{outbox, pricing};
use serde_json::json;

/// What is open about the booking, of a kind, and may still be answered.
fn open(tx: &mut Tx, booking: &Booking, kind: MatterKind) -> Outcome<Matter> {
    if booking.state != BookingState::Confirmed {
        return Err(over(booking.state == BookingState::Cancelled));
    }
    let open = queries::open_about(tx, std::slice::from_ref(&booking.id))?.into_iter().find(|matter| matter.kind == kind);
    let nothing = || Fault::saying(Code::StateConflict, "这次预订没有要您答复的事。", "Nothing about this booking waits for your answer.");
    let matter = open.ok_or_else(nothing)?;
    if tx.now() >= matter.due { Err(over(true)) } else { Ok(matter) }
}

fn over(expired: bool) -> Fault {
    if expired {
        Code::OfferExpired.into()
    } else {
        Fault::saying(Code::StateConflict, "已经答复过了。", "It was answered already.")
    }
}

/// The alternative of an offer with that number.
pub fn offered(tx: &mut Tx, booking: &Booking, place: i32) -> Outcome<(Matter, Alternative)> {
    let matter = open(tx, booking, MatterKind::Rearrange)?;
    let named = queries::alternatives(tx, std::slice::from_ref(&matter.id))?;
    let unknown = || Fault::field("/alternative", "unknown", "没有这个选择。", "There is no such alternative.");
    let (_, _, alternative) = named.into_iter().find(|(_, number, _)| *number == place).ok_or_else(unknown)?;
    Ok((matter, alternative))
}

/// What the alternative is as a wish.
pub fn wish(booking: &Booking, alternative: &Alternative) -> Ask {
    Ask { space: alternative.space.clone(), period: alternative.period, ..booking.ask() }
}

/// Takes an alternative: the booking moves into a new one under the terms then in force, and under the usage terms its holder has
/// read and accepted where there are some. What was held is given up for it; any other alternative is claimed now, and may have
/// gone.
pub fn accept(
    tx: &mut Tx,
    permit: &Permit<AnswerOffer>,
    found: &Found,
    place: i32,
    usage_terms_sha256: Option<String>,
) -> Outcome<Booking> {
    actions::books_for(permit.who(), &found.booking.holder)?;
    phrases::lock_line(tx, &found.booking.space)?;
    let found = actions::take(tx, &found.booking.id)?;
    let old = &found.booking;
    let (matter, alternative) = offered(tx, old, place)?;
    let now = tx.now();
    // Before reading the terms, as a booking does.
    phrases::lock_space_shared(tx, &alternative.space)?;
    let ask = Ask { usage_terms_sha256, beside: beside(tx, old)?, ..wish(old, &alternative) };
    let claimant = Claimant { holder: None, channel: Channel::Offer, instead_of: std::slice::from_ref(&old.id), locks: true };
    let mut judged = judge_for(tx, &ask, now, &claimant)?;
    judged.verdicts.reasons.retain(rules::stands_against_an_offer);
    if let Some(refused) = refusal(judged.verdicts.reasons, false) {
        return Err(refused);
    }
    let (Some(grant), Some(quote)) = (judged.verdicts.grant, judged.verdicts.quote) else {
        return Err(Fault::internal("an alternative without grant or price"));
    };
    let new = Booking {
        id: BookingId::fresh(),
        site: judged.place.site.id.clone(),
        space: alternative.space,
        period: alternative.period,
        occupancy: judged.verdicts.occupancy,
        made_by: permit.account().clone(),
        channel: Channel::Offer,
        price: quote.total,
        quote,
        agreement: grant.agreement,
        version: grant.version,
        clauses: judged.verdicts.clauses,
        made_at: now,
        revision: 1,
        ..old.clone()
    };
    provider::relocate(tx, old, &new, judged.place.space.atoms.len(), permit.account())?;
    actions::accept(tx, judged.usage.as_ref(), &new)?;
    sql::end_matters(tx, std::slice::from_ref(&matter.id), MatterEnd::Accepted, Some(permit.account()), now)?;
    let detail = json!({"to": new.id, "matter": matter.id, "space": new.space, "starts_at": new.period.start(), "price_fen": new.price});
    let entry = Entry { chain: &found.area, actor: Some(permit.account()), action: "booking.moved", subject: old.id.as_str(), detail };
    audit::record(tx, &entry)?;
    outbox::enqueue(tx, &BookingMade { booking: new.id.clone() })?;
    Ok(new)
}

/// Says no: the booking is cancelled for its provider and paid back; how much that was.
pub fn decline(tx: &mut Tx, permit: &Permit<AnswerOffer>, found: &Found) -> Outcome<Fen> {
    actions::books_for(permit.who(), &found.booking.holder)?;
    phrases::lock_line(tx, &found.booking.space)?;
    let found = actions::take(tx, &found.booking.id)?;
    let matter = open(tx, &found.booking, MatterKind::Rearrange)?;
    let now = tx.now();
    let reason = "您没有选别的时间，预订已取消，费用全部退回。".to_owned();
    let ended = provider::end(tx, BookingState::Cancelled, &[(found.booking.id.clone(), reason)])?;
    let refund = *ended.get(&found.booking.id).ok_or_else(|| over(false))?;
    sql::end_matters(tx, std::slice::from_ref(&matter.id), MatterEnd::Declined, Some(permit.account()), now)?;
    let detail = json!({"by": "provider", "matter": matter.id});
    let subject = found.booking.id.as_str();
    audit::record(tx, &Entry { chain: &found.area, actor: Some(permit.account()), action: "offer.declined", subject, detail })?;
    outbox::enqueue(tx, &BookingCancelled { booking: found.booking.id.clone() })?;
    Ok(refund)
}

/// Brings fewer people: the booking stands, and what it costs less is paid back.
pub fn reduce(tx: &mut Tx, permit: &Permit<AnswerOffer>, found: &Found, attendees: i64) -> Outcome<Booking> {
    actions::books_for(permit.who(), &found.booking.holder)?;
    // Priced anew by an event beside us it costs less already.
    let found = actions::take(tx, &found.booking.id)?;
    let booking = &found.booking;
    let matter = open(tx, booking, MatterKind::Reduce)?;
    let most = matter.limit.unwrap_or(booking.attendees);
    if attendees > most {
        let (zh, en) = (format!("最多 {most} 人。"), format!("At most {most} people."));
        return Err(Fault::field("/attendees", "out-of-range", &zh, &en));
    }
    let now = tx.now();
    let tariffs = pricing::queries::tariffs_for(tx, &booking.space, booking.use_code)?;
    let quote = pricing::rules::quote(&tariffs, booking.use_code, booking.period.minutes(), attendees);
    let quote = quote.filter(|quote| quote.total < booking.price).unwrap_or_else(|| booking.quote.clone());
    let reduced = Booking { attendees, price: quote.total, quote, revision: booking.revision + 1, ..booking.clone() };
    if !provider::reduce(tx, booking, &reduced)? {
        return Err(over(false));
    }
    sql::end_matters(tx, std::slice::from_ref(&matter.id), MatterEnd::Reduced, Some(permit.account()), now)?;
    let detail = json!({"attendees": attendees, "matter": matter.id, "price_fen": reduced.price});
    let subject = booking.id.as_str();
    audit::record(tx, &Entry { chain: &found.area, actor: Some(permit.account()), action: "booking.reduced", subject, detail })?;
    Ok(reduced)
}
