//! Verbs, told as stories: booking and cancelling here, what the provider of a space does in [`provider`], a booking somebody
//! must say yes to first in [`requests`], those made by a rule in [`series`], moving one in [`moves`], one for a neighbour in
//! [`assisted`], the waiting list in [`waiting`], coming and not coming in [`attendance`]; [`whose`] reads what is counted of a
//! holder.

pub mod assisted;
pub mod attendance;
pub mod moves;
pub mod provider;
pub mod requests;
pub mod series;
pub mod waiting;
pub mod whose;

use self::whose::Claimant;
use super::model::waiting::HoldOutcome;
use super::model::{
    Ask, Beside, Booking, BookingCancelled, BookingMade, BookingState, Cancellation, CancelledBy, Channel, Holder, Made, SetAside,
    UsageAcceptance, Verdicts, Wanted,
};
use super::queries::{self, Basis, Found};
use super::rules::{self, Circumstances, Whose, Wish};
use super::sql;
use crate::access::Permit;
use crate::access::deeds::{CancelBooking, MakeBooking, ReversePosting};
use crate::audit::{self, Entry};
use crate::kernel::digest::sha256_hex;
use crate::kernel::id::{AccountId, AreaId, BookingId, Id, OrganisationId, PostingId, SpaceId};
use crate::kernel::{Code, Fault, Fen, Instant, Outcome, Period, Reason};
use crate::ledger::model::About;
use crate::people::model::{Power, Standing};
use crate::places::queries::Located;
use crate::schedule::rules::day_type;
use crate::store::{Conn, Tx, phrases};
use crate::terms::model::{ClauseKind, UsageInForce};
use crate::terms::queries::Unsigned;
use crate::{ledger, outbox, schedule, terms};
use serde_json::json;
use std::collections::BTreeMap;

/// What the rules say of an ask, with what it was judged by.
#[derive(Debug)]
pub struct Judged {
    /// The space and its site.
    pub place: Located,
    /// What every rule but overlap says.
    pub verdicts: Verdicts,
    /// The usage terms in force at the start.
    pub usage: Option<UsageInForce>,
    /// What was known of whoever asks.
    pub whose: Whose,
}

impl Judged {
    /// Until when its holder can cancel what was judged without its counting.
    pub fn free_until(&self, period: Period) -> Option<Instant> {
        rules::cancellation::free_until(period.start(), self.place.site.rules.limits.late_cancel_hours, self.whose.limited)
    }
}

/// Judges an ask of nobody in particular by everything but overlap. Nothing is written or locked.
pub fn judge(conn: &mut Conn, ask: &Ask, now: Instant) -> Outcome<Judged> {
    judge_for(conn, ask, now, &Claimant::NOBODY)
}

/// The same for a holder: what they have counts. Nothing is written; what is counted is locked if the claimant says so.
pub fn judge_for(conn: &mut Conn, ask: &Ask, now: Instant, claimant: &Claimant) -> Outcome<Judged> {
    let basis = queries::basis(conn, ask, claimant.holder, now)?;
    judge_by(conn, basis, ask, now, claimant)
}

/// The same by what was read already; no basis: there is no such space.
fn judge_by(conn: &mut Conn, basis: Option<Basis>, ask: &Ask, now: Instant, claimant: &Claimant) -> Outcome<Judged> {
    let unknown = || Fault::field("/space_id", "unknown", "没有这个空间。", "There is no such space.");
    let Basis { place, mut terms, usage, tariffs, missed } = basis.ok_or_else(unknown)?;
    if !terms.iter().any(|term| term.kind == ClauseKind::Term && term.period().is_some()) {
        terms.extend(terms::queries::ended(conn, &ask.space, rules::occupancy(&place.space, ask.period).start())?);
    }
    let given = Circumstances { space: &place.space, site: &place.site, terms: &terms, tariffs: &tariffs, now };
    let wish = Wish { period: ask.period, use_code: ask.use_code, attendees: ask.attendees };
    let in_effect = terms::rules::in_effect(&terms, ask.period.start());
    let whose = whose::read(conn, &place, &in_effect, ask, claimant, 0, missed)?;
    let mut verdicts = rules::admit_for(&given, &wish, &whose, &|day| day_type(day).0);
    for reason in verdicts.reasons.iter_mut().filter(|reason| reason.code == "no-agreement") {
        name_the_missing(reason, terms::queries::missing_signatures(conn, &ask.space)?);
    }
    // Whoever comes up from the waiting list accepts what is in force then with their answer.
    if claimant.channel != Channel::Waitlist || !verdicts.approvals.is_empty() {
        verdicts.reasons.extend(terms::rules::unaccepted(usage.as_ref(), ask.usage_terms_sha256.as_deref()));
    }
    Ok(Judged { place, verdicts, usage, whose })
}

/// Records, with a booking just inserted or taken, that whoever made it accepted the usage terms it was judged by.
pub fn accept(tx: &mut Tx, usage: Option<&UsageInForce>, booking: &Booking) -> Outcome<Option<UsageAcceptance>> {
    let Some(usage) = usage else { return Ok(None) };
    let now = tx.now();
    let acceptance = UsageAcceptance {
        booking_id: booking.id.clone(),
        usage_terms_id: usage.id.clone(),
        version_no: usage.no,
        sha256: usage.sha256.clone(),
        account_id: booking.made_by.clone(),
        accepted_at: now,
    };
    sql::insert_acceptance(tx, acceptance.clone())?;
    Ok(Some(acceptance))
}

/// No agreement opens the space: says whose signature would.
fn name_the_missing(reason: &mut Reason, unsigned: Vec<Unsigned>) {
    for open in unsigned {
        let zh: Vec<_> = open.missing.iter().map(|(zh, _)| zh.as_str()).collect();
        let en: Vec<_> = open.missing.iter().map(|(zh, en)| en.as_deref().unwrap_or(zh)).collect();
        let title_en = open.title_en.as_deref().unwrap_or(&open.title_zh);
        if zh.is_empty() {
            reason.zh.push_str(&format!("《{}》还在起草，没有提请各方签署。", open.title_zh));
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
    holder_of(permit, ask.organisation.as_ref())
}

/// The same by the organisation alone.
pub fn holder_of(permit: &Permit<MakeBooking>, organisation: Option<&OrganisationId>) -> Outcome<Holder> {
    match organisation {
        Some(organisation) => {
            let holder = Holder::Organisation(organisation.clone());
            books_for(permit.who(), &holder).map(|()| holder)
        }
        None => permit.who().household.clone().map(Holder::Household).ok_or_else(|| {
            Fault::saying(
                Code::Forbidden,
                "社区核实您的住户以后就可以订了。",
                "You can book once the community has verified your household.",
            )
        }),
    }
}

/// What an organisation has is booked, changed and given up by whoever holds its power to book, not by everybody who acts for it. A
/// household's is everybody's who lives there.
pub fn books_for(who: &Standing, holder: &Holder) -> Outcome<()> {
    match holder {
        Holder::Organisation(organisation) if who.represents(organisation, Power::Book).is_none() => {
            Err(Fault::saying(Code::Forbidden, "您没有代表这个组织订房间的授权。", "You are not authorised to book for this organisation."))
        }
        Holder::Organisation(_) | Holder::Household(_) => Ok(()),
    }
}

/// A booking as it stands now that nobody else decides about it until we commit: what was read of it before may be over. Whoever gives
/// time back takes the line of its site before, and whoever reads terms its space.
pub fn take(tx: &mut Tx, id: &BookingId) -> Outcome<Found> {
    phrases::lock_booking(tx, id)?;
    queries::find(tx, id)?.ok_or_else(|| Code::NotFound.into())
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

/// Books a space, asks for it where a clause wants somebody to say yes first, or refuses with every reason. The basis was read for
/// this caller under the lock of the space; none: there is no such space.
pub fn make(tx: &mut Tx, permit: &Permit<MakeBooking>, ask: &Ask, basis: Option<Basis>) -> Outcome<Made> {
    let (holder, account) = (holder(permit, ask)?, permit.account());
    place_by(tx, Making { ask, holder, account, by: account, channel: Channel::Own }, basis)
}

/// The same for whoever has decided whose it is and how it comes, and holds the lock of the space.
pub fn place(tx: &mut Tx, making: Making) -> Outcome<Made> {
    let now = tx.now();
    let basis = queries::basis(tx, making.ask, Some(&making.holder), now)?;
    place_by(tx, making, basis)
}

fn place_by(tx: &mut Tx, making: Making, basis: Option<Basis>) -> Outcome<Made> {
    let now = tx.now();
    let ask = making.ask;
    let claimant = Claimant { holder: Some(&making.holder), channel: making.channel, instead_of: &[], locks: true };
    let judged = judge_by(tx, basis, ask, now, &claimant)?;
    let Judged { place, verdicts, whose, .. } = &judged;
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
        children: ask.beside.children,
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
        series: ask.beside.series.clone(),
        price: quote.total,
        quote,
        agreement: grant.agreement,
        version: grant.version,
        clauses: verdicts.clauses.clone(),
        made_at: now,
        revision: 1,
    };
    if booking.state == BookingState::Requested {
        return requests::submit(tx, &judged, booking, ask.beside.set_aside.as_ref());
    }
    if !waiting::claim(tx, &booking, place.space.atoms.len())? {
        return Err(refusal(vec![], true).unwrap_or_else(|| Fault::from(Code::PeriodTaken)));
    }
    sql::insert_counted(tx, &booking, whose.counted)?;
    sql::insert_equipment(tx, &booking, whose.equipment.iter().map(Wanted::units))?;
    if booking.state == BookingState::Held {
        return waiting::keep(tx, place, booking);
    }
    let usage_terms = accept(tx, judged.usage.as_ref(), &booking)?;
    set_aside(tx, &booking, &place.site.area_id, verdicts, ask.beside.set_aside.as_ref())?;
    ledger::actions::charge(tx, &money(&booking, making.by), booking.price)?;
    let detail = json!({
        "space": booking.space, "starts_at": booking.period.start(), "ends_at": booking.period.end(), "use": booking.use_code,
        "price_fen": booking.price, "version": booking.version,
    });
    let entry =
        Entry { chain: place.site.area_id.as_str(), actor: Some(making.by), action: "booking.made", subject: booking.id.as_str(), detail };
    audit::record(tx, &entry)?;
    outbox::enqueue(tx, &BookingMade { booking: booking.id.clone() })?;
    let free_until = judged.free_until(ask.period);
    Ok(Made { booking, approvers: vec![], usage_terms, free_until })
}

/// Records the rules that stood in the way of a booking and were set aside.
fn set_aside(tx: &mut Tx, booking: &Booking, area: &AreaId, verdicts: &Verdicts, set: Option<&SetAside>) -> Outcome<()> {
    let Some(set) = set.filter(|_| !verdicts.set_aside.is_empty()) else { return Ok(()) };
    sql::insert_overrides(tx, booking, &verdicts.set_aside, set)?;
    // Somebody's words stay with the booking; the chain, which never forgets, proves them.
    let detail = json!({"rules": verdicts.set_aside, "reason_sha256": sha256_hex(set.reason().as_bytes())});
    let entry =
        Entry { chain: area.as_str(), actor: Some(set.by()), action: "booking.rules_set_aside", subject: booking.id.as_str(), detail };
    audit::record(tx, &entry)
}

/// What a booking has beside its space, to ask for the same again.
pub fn beside(conn: &mut Conn, booking: &Booking) -> Outcome<Beside> {
    let beside = besides(conn, std::slice::from_ref(booking))?.pop().unwrap_or_default();
    let set = queries::holding::set_aside(conn, &booking.id)?;
    let rules = set.iter().map(|(rule, ..)| *rule).collect();
    let set_aside = set.into_iter().next().map(|(_, reason, by)| SetAside::recorded(rules, reason, by));
    Ok(Beside { set_aside, ..beside })
}

/// The same of several in one query, without the rules that were set aside for one.
fn besides(conn: &mut Conn, bookings: &[Booking]) -> Outcome<Vec<Beside>> {
    let ids: Vec<BookingId> = bookings.iter().map(|booking| booking.id.clone()).collect();
    let mut along: BTreeMap<BookingId, Vec<(String, i64)>> = BTreeMap::new();
    for (id, portable, units) in queries::holding::equipment_of(conn, &ids)? {
        along.entry(id).or_default().push((portable.code, units));
    }
    let of = |booking: &Booking| Beside {
        children: booking.children,
        equipment: along.remove(&booking.id).unwrap_or_default(),
        set_aside: None,
        series: booking.series.clone(),
    };
    Ok(bookings.iter().map(of).collect())
}

/// A booking as the ledger sees it.
fn money<'a>(booking: &'a Booking, by: &'a AccountId) -> About<'a> {
    About { space: &booking.space, booking: &booking.id, by: Some(by) }
}

/// A booking that was cancelled.
#[derive(Debug)]
pub struct Cancelled {
    /// How.
    pub how: Cancellation,
    /// Given back.
    pub refund: Fen,
    /// Its revision now.
    pub revision: i32,
}

/// Cancels a booking for its holder; its time is free at once, and what was charged is given back.
pub fn cancel(tx: &mut Tx, permit: &Permit<CancelBooking>, found: &Found, reason: Option<String>) -> Outcome<Cancelled> {
    books_for(permit.who(), &found.booking.holder)?;
    cancel_for(tx, permit.account(), &found.booking, reason)
}

/// Somebody leaves for good: the bookings of their household that they answer for and that have not begun are cancelled, and
/// what they wrote about earlier ones is forgotten. Gives how many were cancelled.
pub fn leave(tx: &mut Tx, account: &AccountId) -> Outcome<usize> {
    let now = tx.now();
    let mut cancelled = 0;
    for found in queries::ahead_of(tx, account, now)? {
        match cancel_for(tx, account, &found.booking, None) {
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

fn cancel_for(tx: &mut Tx, account: &AccountId, seen: &Booking, reason: Option<String>) -> Outcome<Cancelled> {
    let now = tx.now();
    phrases::lock_line(tx, &seen.space)?;
    // Approved or priced anew between our look and now, it holds a space and costs something.
    let found = take(tx, &seen.id)?;
    let booking = &found.booking;
    rules::cancel(booking, now)?;
    if !sql::cancel(tx, &booking.id)? {
        return Err(Fault::from(Code::StateConflict));
    }
    let freed = schedule::actions::release(tx, booking.id.as_str())?;
    if booking.state == BookingState::Held {
        sql::waiting::end_hold(tx, &booking.id, HoldOutcome::Declined, Some(account), now)?;
    }
    let how = Cancellation { by: CancelledBy::Holder, at: now, reason };
    sql::record_cancellation(tx, &booking.id, account, &how)?;
    let refund = if booking.charged() > Fen::ZERO { ledger::actions::refund_all(tx, &money(booking, account))? } else { Fen::ZERO };
    let detail = json!({"by": how.by, "refund_fen": refund});
    audit::record(
        tx,
        &Entry { chain: &found.area, actor: Some(account), action: "booking.cancelled", subject: booking.id.as_str(), detail },
    )?;
    outbox::enqueue(tx, &BookingCancelled { booking: booking.id.clone() })?;
    waiting::promote(tx, freed);
    waiting::pass_on(tx, booking);
    Ok(Cancelled { how, refund, revision: booking.revision + 1 })
}

/// Undoes a posting about a booking that was made by mistake.
pub fn reverse(tx: &mut Tx, permit: &Permit<ReversePosting>, id: &BookingId, posting: &PostingId, reason: &str) -> Outcome<PostingId> {
    let booking = take(tx, id)?.booking;
    let unknown = || Fault::from(Code::NotFound);
    let posted = ledger::queries::find(tx, posting)?.filter(|posted| posted.booking_id == *id).ok_or_else(unknown)?;
    rules::reverse(&booking, &posted)?;
    ledger::actions::reverse(tx, posting, permit.account(), reason)
}

/// True when the space is held by somebody over what the ask would occupy.
pub fn is_taken(conn: &mut Conn, space: &SpaceId, judged: &Judged) -> Outcome<bool> {
    Ok(!schedule::queries::occupied(conn, space, judged.verdicts.occupancy)?.is_empty())
}
