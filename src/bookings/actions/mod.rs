//! Verbs, told as stories: booking and cancelling here, what the provider of a space does in [`provider`], a booking somebody
//! must say yes to first in [`requests`], the waiting list in [`waiting`], coming
//! and not coming in [`attendance`].

pub mod attendance;
pub mod provider;
pub mod requests;
pub mod waiting;

use super::model::waiting::HoldOutcome;
use super::model::{Ask, Booking, BookingCancelled, BookingMade, BookingState, Cancellation, CancelledBy, Channel, Holder, Made};
use super::queries::{self, Found};
use super::rules::{self, Circumstances, Verdicts, Wish};
use super::sql;
use crate::access::Permit;
use crate::access::deeds::{CancelBooking, MakeBooking};
use crate::audit::{self, Entry};
use crate::kernel::id::{AccountId, BookingId, Id, SpaceId};
use crate::kernel::{Code, Fault, Fen, Instant, Outcome, Reason};
use crate::ledger::model::About;
use crate::people::model::Power;
use crate::places::queries::Located;
use crate::schedule::rules::day_type;
use crate::store::{Conn, Tx, phrases};
use crate::terms::model::ClauseKind;
use crate::terms::queries::Unsigned;
use crate::{ledger, outbox, places, pricing, schedule, terms};
use serde_json::json;

/// What the rules say of an ask, with what it was judged by.
#[derive(Debug)]
pub struct Judged {
    /// The space and its site.
    pub place: Located,
    /// What every rule but overlap says.
    pub verdicts: Verdicts,
}

/// Judges an ask by everything but overlap. Nothing is written or locked.
pub fn judge(conn: &mut Conn, ask: &Ask, now: Instant) -> Outcome<Judged> {
    let unknown = || Fault::field("/space_id", "unknown", "没有这个空间。", "There is no such space.");
    let place = places::queries::located(conn, &ask.space)?.ok_or_else(unknown)?;
    let occupancy = rules::occupancy(&place.space, ask.period);
    let mut terms = terms::queries::of_space(conn, &ask.space, occupancy)?;
    if !terms.iter().any(|term| term.kind == ClauseKind::Term && term.period().is_some()) {
        terms.extend(terms::queries::ended(conn, &ask.space, occupancy.start())?);
    }
    let tariffs = pricing::queries::tariffs_for(conn, &ask.space, ask.use_code)?;
    let given = Circumstances { space: &place.space, site: &place.site, terms: &terms, tariffs: &tariffs, now };
    let wish = Wish { period: ask.period, use_code: ask.use_code, attendees: ask.attendees };
    let mut verdicts = rules::admit(&given, &wish, &|day| day_type(day).0);
    for reason in verdicts.reasons.iter_mut().filter(|reason| reason.code == "no-agreement") {
        name_the_missing(reason, terms::queries::missing_signatures(conn, &ask.space)?);
    }
    Ok(Judged { place, verdicts })
}

/// No agreement opens the space: says whose signature would.
fn name_the_missing(reason: &mut Reason, unsigned: Vec<Unsigned>) {
    for open in unsigned {
        let zh: Vec<_> = open.missing.iter().map(|(zh, _)| zh.as_str()).collect();
        let en: Vec<_> = open.missing.iter().map(|(zh, en)| en.as_deref().unwrap_or(zh)).collect();
        let title_en = open.title_en.as_deref().unwrap_or(&open.title_zh);
        if zh.is_empty() {
            reason.zh.push_str(&format!("《{}》还在起草,没有提请各方签署。", open.title_zh));
            reason.en.push_str(&format!(" “{title_en}” is still a draft and was not put to the parties."));
        } else {
            reason.zh.push_str(&format!("《{}》还差 {} 签字。", open.title_zh, zh.join("、")));
            reason.en.push_str(&format!(" “{title_en}” still needs the signature of {}.", en.join(", ")));
        }
        reason.agreement.get_or_insert(open.agreement_code);
        reason.version.get_or_insert(open.version_no);
        reason.figure.get_or_insert_with(|| zh.join("、"));
    }
}

/// The refusal of an ask: overlap alone is `period-taken`, anything else `booking-refused` with all reasons.
pub fn refusal(mut reasons: Vec<Reason>, taken: bool) -> Option<Fault> {
    if reasons.is_empty() && !taken {
        return None;
    }
    let code = if reasons.is_empty() { Code::PeriodTaken } else { Code::BookingRefused };
    if taken {
        reasons.push(if reasons.is_empty() { rules::taken_but_one_can_wait() } else { rules::taken() });
    }
    Some(Fault::refused(code, reasons))
}

/// Who holds what is booked: the organisation named, if the caller may book for it, or the caller's own household.
pub fn holder(permit: &Permit<MakeBooking>, ask: &Ask) -> Outcome<Holder> {
    match &ask.organisation {
        Some(organisation) => match permit.who().represents(organisation, Power::Book) {
            Some(_) => Ok(Holder::Organisation(organisation.clone())),
            None => Err(Fault::saying(
                Code::Forbidden,
                "您没有代表这个组织订房间的授权。",
                "You are not authorised to book for this organisation.",
            )),
        },
        None => permit.who().household.clone().map(Holder::Household).ok_or_else(|| {
            Fault::saying(
                Code::Forbidden,
                "社区核实您的住户以后就可以订了。",
                "You can book once the community has verified your household.",
            )
        }),
    }
}

/// A booking about to be made.
#[derive(Debug)]
pub struct Making<'a> {
    /// What is wanted.
    pub ask: &'a Ask,
    /// Whose it will be.
    pub holder: Holder,
    /// Who answers for it.
    pub account: &'a AccountId,
    /// Who makes it.
    pub by: &'a AccountId,
    /// How it comes.
    pub channel: Channel,
}

/// Books a space, asks for it where a clause wants somebody to say yes first, or refuses with every reason.
pub fn make(tx: &mut Tx, permit: &Permit<MakeBooking>, ask: &Ask) -> Outcome<Made> {
    let (holder, account) = (holder(permit, ask)?, permit.account());
    // Before reading the terms: no agreement changes between this judgement and the commit.
    phrases::lock_space_shared(tx, &ask.space)?;
    place(tx, Making { ask, holder, account, by: account, channel: Channel::Own })
}

/// The same for whoever has decided whose it is and how it comes, and holds the lock of the space.
pub fn place(tx: &mut Tx, making: Making) -> Outcome<Made> {
    let now = tx.now();
    let ask = making.ask;
    let mut judged = judge(tx, ask, now)?;
    let held_back = attendance::held_back(tx, &making.holder, ask.period.start(), &judged.place.site.zone, now)?;
    judged.verdicts.reasons.extend(held_back);
    let Judged { place, verdicts } = &judged;
    if !verdicts.reasons.is_empty() {
        let taken = !schedule::queries::occupied(tx, &ask.space, verdicts.occupancy)?.is_empty();
        return Err(refusal(judged.verdicts.reasons, taken).unwrap_or_else(|| Fault::from(Code::BookingRefused)));
    }
    let (Some(grant), Some(quote)) = (verdicts.grant.clone(), verdicts.quote.clone()) else {
        return Err(Fault::internal("admitted without grant or price"));
    };
    let booking = Booking {
        id: BookingId::fresh(),
        site: place.site.id.clone(),
        space: ask.space.clone(),
        use_code: ask.use_code,
        attendees: ask.attendees,
        period: ask.period,
        occupancy: verdicts.occupancy,
        state: match making.channel {
            _ if !verdicts.approvals.is_empty() => BookingState::Requested,
            Channel::Waitlist => BookingState::Held,
            _ => BookingState::Confirmed,
        },
        holder: making.holder,
        account: making.account.clone(),
        made_by: making.by.clone(),
        channel: making.channel,
        price: quote.total,
        quote,
        agreement: grant.agreement,
        version: grant.version,
        clauses: verdicts.clauses.clone(),
        made_at: now,
        revision: 1,
    };
    if booking.state == BookingState::Requested {
        return requests::submit(tx, &judged, booking);
    }
    if !waiting::claim(tx, &booking, place.space.atoms.len())? {
        return Err(refusal(vec![], true).unwrap_or_else(|| Fault::from(Code::PeriodTaken)));
    }
    sql::insert(tx, &booking)?;
    if booking.state == BookingState::Held {
        return waiting::keep(tx, place, booking);
    }
    ledger::actions::charge(tx, &money(&booking, making.by), booking.price)?;
    let detail = json!({
        "space": booking.space, "starts_at": booking.period.start(), "ends_at": booking.period.end(), "use": booking.use_code,
        "price_fen": booking.price, "version": booking.version,
    });
    let entry =
        Entry { chain: place.site.area_id.as_str(), actor: Some(making.by), action: "booking.made", subject: booking.id.as_str(), detail };
    audit::record(tx, &entry)?;
    outbox::enqueue(tx, &BookingMade { booking: booking.id.clone() })?;
    Ok(Made { booking, approvers: vec![] })
}

/// A booking as the ledger sees it.
fn money<'a>(booking: &'a Booking, by: &'a AccountId) -> About<'a> {
    About { space: &booking.space, booking: &booking.id, by: Some(by) }
}

/// Cancels a booking for its holder; its time is free at once, and what was charged is given back.
pub fn cancel(tx: &mut Tx, permit: &Permit<CancelBooking>, found: &Found, reason: Option<String>) -> Outcome<(Cancellation, Fen)> {
    cancel_for(tx, permit.account(), found, reason)
}

/// Somebody leaves for good: the bookings of their household that they answer for and that have not begun are cancelled, and
/// what they wrote about earlier ones is forgotten. Gives how many were cancelled.
pub fn leave(tx: &mut Tx, account: &AccountId) -> Outcome<usize> {
    let now = tx.now();
    let mut cancelled = 0;
    for found in queries::ahead_of(tx, account, now)? {
        match cancel_for(tx, account, &found, None) {
            Ok(_) => cancelled += 1,
            // Somebody of the household cancelled it a moment ago.
            Err(fault) if fault.code == Code::StateConflict => {}
            Err(fault) => return Err(fault),
        }
    }
    waiting::leave_all(tx, account)?;
    sql::attendance::forget_appeals(tx, account)?;
    sql::forget_reasons(tx, account)?;
    Ok(cancelled)
}

fn cancel_for(tx: &mut Tx, account: &AccountId, found: &Found, reason: Option<String>) -> Outcome<(Cancellation, Fen)> {
    let now = tx.now();
    let booking = &found.booking;
    rules::cancel(booking, now)?;
    phrases::lock_line(tx, &booking.space)?;
    if !sql::cancel(tx, &booking.id)? {
        // Cancelled by somebody else between our look and now.
        return Err(Fault::from(Code::StateConflict));
    }
    let freed = schedule::actions::release(tx, booking.id.as_str())?;
    if booking.state == BookingState::Held {
        sql::waiting::end_hold(tx, &booking.id, HoldOutcome::Declined, Some(account), now)?;
    }
    let how = Cancellation { by: CancelledBy::Holder, at: now, reason };
    sql::record_cancellation(tx, &booking.id, account, &how)?;
    // A request, a hold or a free booking has nothing in the ledger.
    let charged = booking.state == BookingState::Confirmed && booking.price > Fen::ZERO;
    let refund = if charged { ledger::actions::refund_all(tx, &money(booking, account))? } else { Fen::ZERO };
    let detail = json!({"by": how.by, "refund_fen": refund});
    audit::record(
        tx,
        &Entry { chain: &found.area, actor: Some(account), action: "booking.cancelled", subject: booking.id.as_str(), detail },
    )?;
    outbox::enqueue(tx, &BookingCancelled { booking: booking.id.clone() })?;
    waiting::promote(tx, freed);
    Ok((how, refund))
}

/// True when the space is held by somebody over what the ask would occupy.
pub fn is_taken(conn: &mut Conn, space: &SpaceId, judged: &Judged) -> Outcome<bool> {
    Ok(!schedule::queries::occupied(conn, space, judged.verdicts.occupancy)?.is_empty())
}
