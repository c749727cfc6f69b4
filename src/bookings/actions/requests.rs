//! A booking somebody must say yes to first: asked, approved, refused, expired.
//!
//! A request holds nothing, and several may ask for the same time. The yes of the last one asked judges everything again
//! and claims the time, in one transaction: of two requests for one time, exactly one becomes a booking.

use super::whose::Claimant;
use super::{Judged, beside, judge_for, money, moves, refusal, set_aside, take, waiting};
use crate::access::Permit;
use crate::access::deeds::ApproveBooking;
use crate::audit::{self, Entry};
use crate::bookings::model::requests::{Approver, BookingRequested, RequestDue, RequestEnd, RequestEnded, RequestOutcome};
use crate::bookings::model::{Ask, Booking, BookingState, Channel, Made, SetAside, Wanted};
use crate::bookings::queries::{self, Found};
use crate::bookings::{rules, sql};
use crate::kernel::id::{AccountId, BookingId, OrganisationId};
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Reason};
use crate::ledger;
use crate::outbox::runner::Listener;
use crate::outbox::{self, Announcement, Job};
use crate::places::queries::Located;
use crate::pricing::model::Quote;
use crate::schedule;
use crate::store::{Conn, Tx, phrases};
use crate::terms::model::PartyCapacity;
use crate::terms::rules::{self as terms_rules, ClauseName};
use crate::{places, terms};
use serde_json::json;
use std::collections::{BTreeMap, btree_map};

/// The organisations a clause's approver stands for: of a property unit the owner of the space, otherwise every party of
/// that capacity.
fn asked(conn: &mut Conn, place: &Located, clause: &ClauseName, capacity: PartyCapacity) -> Outcome<Vec<OrganisationId>> {
    let mut parties = terms::queries::parties_of(conn, &clause.version, capacity)?;
    if capacity == PartyCapacity::PropertyUnit
        && let Some(owner) = places::queries::owner(conn, &place.space)?
    {
        parties.retain(|party| *party == owner);
    }
    Ok(parties)
}

/// Everybody who must say yes, once each, with the deadline of the request.
pub fn approvers(conn: &mut Conn, place: &Located, booking: (&BookingId, &Judged), period: Period, now: Instant) -> Outcome<Vec<Approver>> {
    let (id, judged) = booking;
    let mut known = Asked::default();
    approvers_of(conn, place, &mut known, (id, &judged.verdicts.approvals), period, now)
}

/// Whom the clauses met so far ask: many bookings of one space ask the same few.
pub(super) type Asked = BTreeMap<(String, PartyCapacity), Vec<OrganisationId>>;

/// The same for one of many bookings of a space.
pub(super) fn approvers_of(
    conn: &mut Conn,
    place: &Located,
    known: &mut Asked,
    booking: (&BookingId, &[(ClauseName, terms_rules::Approver)]),
    period: Period,
    now: Instant,
) -> Outcome<Vec<Approver>> {
    let (id, approvals) = booking;
    let deadline_at = rules::deadline(approvals, period, now);
    let mut all: Vec<Approver> = Vec::new();
    for (clause, terms_rules::Approver { capacity, .. }) in approvals {
        let organisations = match known.entry((clause.version.to_string(), *capacity)) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(new) => new.insert(asked(conn, place, clause, *capacity)?),
        };
        if organisations.is_empty() {
            return Err(Fault::refused(Code::BookingRefused, vec![nobody_to_ask(clause)]));
        }
        for organisation_id in organisations.iter().cloned() {
            if all.iter().all(|approver| approver.organisation_id != organisation_id) {
                all.push(Approver {
                    booking_id: id.clone(),
                    organisation_id,
                    capacity: *capacity,
                    agreement_code: clause.agreement_code.clone(),
                    version_no: clause.version_no,
                    clause: clause.clause.clone(),
                    deadline_at,
                    approved_by: None,
                    approved_at: None,
                });
            }
        }
    }
    Ok(all)
}

fn of_clause(clause: &ClauseName, code: &str, zh: &str, en: &str) -> Reason {
    Reason {
        clause: Some(clause.clause.clone()),
        agreement: Some(clause.agreement_code.clone()),
        version: Some(clause.version_no),
        ..Reason::plain(code, zh, en)
    }
}

fn nobody_to_ask(clause: &ClauseName) -> Reason {
    of_clause(
        clause,
        "no-approver",
        "这里要先经同意，可是协议里没有能同意的一方。",
        "Somebody must say yes first, but no party of the agreement can.",
    )
}

/// Puts a booking that passed every rule to those who must say yes. What is taken already cannot be asked for.
pub(super) fn submit(tx: &mut Tx, judged: &Judged, booking: Booking, set: Option<&SetAside>) -> Outcome<Made> {
    let now = tx.now();
    let place = &judged.place;
    if !schedule::queries::occupied(tx, &booking.space, booking.occupancy)?.is_empty() {
        return Err(refusal(vec![], true).unwrap_or_else(|| Fault::from(Code::PeriodTaken)));
    }
    let approvers = approvers(tx, place, (&booking.id, judged), booking.period, now)?;
    let deadline = rules::deadline(&judged.verdicts.approvals, booking.period, now);
    sql::insert_counted(tx, &booking, judged.whose.counted)?;
    let usage_terms = super::accept(tx, judged.usage.as_ref(), &booking)?;
    sql::insert_equipment(tx, &booking, judged.whose.equipment.iter().map(Wanted::units))?;
    set_aside(tx, &booking, &place.site.area_id, &judged.verdicts, set)?;
    for approver in &approvers {
        sql::insert_approver(tx, approver.clone())?;
    }
    let asked: Vec<&OrganisationId> = approvers.iter().map(|approver| &approver.organisation_id).collect();
    let detail = json!({
        "space": booking.space, "starts_at": booking.period.start(), "ends_at": booking.period.end(), "use": booking.use_code,
        "price_fen": booking.price, "version": booking.version, "asked": asked, "deadline_at": deadline,
    });
    let chain = place.site.area_id.as_str();
    audit::record(tx, &Entry { chain, actor: Some(&booking.made_by), action: "booking.requested", subject: booking.id.as_str(), detail })?;
    outbox::enqueue(tx, &BookingRequested { booking: booking.id.clone() })?;
    outbox::enqueue_at(tx, &RequestDue { booking: booking.id.clone() }, deadline)?;
    Ok(Made { booking, approvers, usage_terms, free_until: None })
}

/// The request as it stands once nobody else decides about it, if `account` may answer it now.
fn in_line(tx: &mut Tx, id: &BookingId, account: &AccountId) -> Outcome<(Found, Vec<Approver>)> {
    let seen = queries::find(tx, id)?.ok_or_else(|| Fault::from(Code::NotFound))?.booking;
    // A yes frees what it moves from; a no lets the next in line come up.
    let line = match seen.channel {
        Channel::Move => {
            queries::moves::asked_from(tx, id)?.map(|old| queries::find(tx, &old)).transpose()?.flatten().map(|old| old.booking.space)
        }
        Channel::Waitlist => Some(seen.space.clone()),
        _ => None,
    };
    if let Some(space) = line {
        phrases::lock_line(tx, &space)?;
    }
    // The space before the booking, as whoever changes an agreement does.
    phrases::lock_space_shared(tx, &seen.space)?;
    let found = take(tx, id)?;
    let approvers = queries::requests::approvers(tx, std::slice::from_ref(id))?;
    let now = tx.now();
    rules::answer(&found.booking, &approvers, account, now)?;
    Ok((found, approvers))
}

/// Says yes for `organisations`. The last yes makes the booking: everything is judged and priced again, the time is claimed.
pub fn approve(tx: &mut Tx, permit: &Permit<ApproveBooking>, id: &BookingId, organisations: &[OrganisationId]) -> Outcome<Made> {
    let now = tx.now();
    let (found, mut approvers) = in_line(tx, id, permit.account())?;
    if sql::approve(tx, id, (organisations, permit.account()), now)? == 0 {
        return Err(Fault::saying(Code::StateConflict, "您已经同意过了。", "You have said yes already."));
    }
    for approver in approvers.iter_mut().filter(|a| a.approved_at.is_none() && organisations.contains(&a.organisation_id)) {
        approver.approved_by = Some(permit.account().clone());
        approver.approved_at = Some(now);
    }
    let all = approvers.iter().all(|approver| approver.approved_at.is_some());
    let booking = if all { confirm(tx, permit.account(), found.booking, &approvers)? } else { found.booking };
    let detail = json!({"for": organisations, "state": booking.state, "price_fen": booking.price});
    let (chain, actor) = (found.area.as_str(), Some(permit.account()));
    audit::record(tx, &Entry { chain, actor, action: "booking.approved", subject: id.as_str(), detail })?;
    let usage_terms = queries::acceptance(tx, id)?;
    Ok(Made { booking, approvers, usage_terms, free_until: None })
}

fn confirm(tx: &mut Tx, by: &AccountId, requested: Booking, approvers: &[Approver]) -> Outcome<Booking> {
    let now = tx.now();
    let moved = moves::of_request(tx, &requested, now)?;
    let ask = Ask { beside: beside(tx, &requested)?, ..requested.ask() };
    // By the terms as agreed now; what was asked for in time stays asked for in time, and what was accepted then accepted. It has
    // counted since it was.
    let claimant = Claimant { holder: None, channel: requested.channel, instead_of: std::slice::from_ref(&requested.id), locks: true };
    let mut judged = judge_for(tx, &ask, requested.made_at, &claimant)?;
    judged.verdicts.reasons.retain(|reason| reason.code != terms_rules::USAGE_TERMS);
    // Quoted anew when a ceiling fell, it is held to that price, whatever the tariff still says.
    if judged.verdicts.quote.as_ref().is_some_and(|quote| requested.quote.total < quote.total)
        && judged.verdicts.reasons.iter().any(|reason| reason.code == "over-ceiling")
    {
        judged.verdicts.reasons.retain(|reason| reason.code != "over-ceiling");
        judged.verdicts.quote = Some(requested.quote.clone());
    }
    if !judged.verdicts.reasons.is_empty() {
        let taken = !schedule::queries::occupied(tx, &ask.space, judged.verdicts.occupancy)?.is_empty();
        return Err(refusal(judged.verdicts.reasons, taken).unwrap_or_else(|| Fault::from(Code::BookingRefused)));
    }
    let needed = self::approvers(tx, &judged.place, (&requested.id, &judged), requested.period, now)?;
    let said_yes = |organisation: &OrganisationId| approvers.iter().any(|approver| approver.organisation_id == *organisation);
    if needed.iter().any(|approver| !said_yes(&approver.organisation_id)) {
        let (zh, en) =
            ("协议改过了，现在要由别的一方同意，请重新申请。", "The agreement changed and another party must say yes; please ask again.");
        return Err(Fault::refused(Code::BookingRefused, vec![Reason::plain("approver-changed", zh, en)]));
    }
    let Judged { place, verdicts, whose, .. } = judged;
    let (Some(grant), Some(quote)) = (verdicts.grant, verdicts.quote) else {
        return Err(Fault::internal("admitted without grant or price"));
    };
    let series = moved.as_ref().map_or(requested.series.clone(), |old| old.series.clone());
    let booking = Booking {
        state: BookingState::Confirmed,
        series,
        occupancy: verdicts.occupancy,
        price: quote.total,
        quote,
        agreement: grant.agreement,
        version: grant.version,
        clauses: verdicts.clauses,
        revision: requested.revision + 1,
        ..requested
    };
    if !waiting::claim(tx, &booking, place.space.atoms.len())? {
        return Err(refusal(vec![], true).unwrap_or_else(|| Fault::from(Code::PeriodTaken)));
    }
    if !sql::confirm(tx, &booking, BookingState::Requested)? {
        return Err(Fault::from(Code::StateConflict));
    }
    if !whose.equipment.is_empty() {
        sql::keep_equipment(tx, &booking)?;
    }
    ledger::actions::charge(tx, &money(&booking, by), booking.price)?;
    if let Some(old) = moved {
        moves::follow(tx, &old, &booking.id, by)?;
    }
    end(tx, &booking.id, RequestOutcome::Approved, Some(by), None)?;
    Ok(booking)
}

fn end(tx: &mut Tx, id: &BookingId, outcome: RequestOutcome, by: Option<&AccountId>, reason: Option<String>) -> Outcome<RequestEnd> {
    let end = RequestEnd { booking_id: id.clone(), outcome, account_id: by.cloned(), reason, ended_at: tx.now() };
    sql::record_end(tx, &end)?;
    outbox::enqueue(tx, &RequestEnded { booking: id.clone(), outcome })?;
    Ok(end)
}

/// Says no, with a reason; one no is enough.
pub fn refuse(tx: &mut Tx, permit: &Permit<ApproveBooking>, id: &BookingId, reason: String) -> Outcome<RequestEnd> {
    let (found, _) = in_line(tx, id, permit.account())?;
    if !sql::turn_down(tx, id, BookingState::Refused)? {
        return Err(Fault::from(Code::StateConflict));
    }
    let (chain, actor) = (found.area.as_str(), Some(permit.account()));
    let detail = json!({});
    audit::record(tx, &Entry { chain, actor, action: "booking.refused", subject: id.as_str(), detail })?;
    waiting::pass_on(tx, &found.booking);
    end(tx, id, RequestOutcome::Refused, actor, Some(reason))
}

/// Requests that the terms no longer admit end, each with its reason. Who asked hears of it with everything else the event did. The
/// caller holds the sites.
pub fn refuse_for_terms(tx: &mut Tx, refused: &[(&Booking, String)]) -> Outcome<()> {
    let now = tx.now();
    for (request, reason) in refused {
        // Taken back by its holder a moment ago: then there is nothing to refuse.
        if sql::turn_down(tx, &request.id, BookingState::Refused)? {
            let (booking_id, outcome, reason) = (request.id.clone(), RequestOutcome::Refused, Some(reason.clone()));
            sql::record_end(tx, &RequestEnd { booking_id, outcome, account_id: None, reason, ended_at: now })?;
            waiting::pass_on(tx, request);
        }
    }
    Ok(())
}

/// Gives requests a lower price. Nothing was charged, so nothing is given back.
pub fn requote(tx: &mut Tx, prices: &[(&Booking, &Quote)]) -> Outcome<()> {
    let written: Vec<(BookingId, Quote)> = prices.iter().map(|(booking, quote)| (booking.id.clone(), (*quote).clone())).collect();
    sql::reprice(tx, &written, BookingState::Requested)
}

/// Those who said yes to these requests did so under other terms: they are asked again.
pub fn ask_again(tx: &mut Tx, ids: &[BookingId]) -> Outcome<()> {
    sql::forget_yes(tx, ids)?;
    ids.iter().try_for_each(|booking| outbox::enqueue(tx, &BookingRequested { booking: booking.clone() }))
}

/// The listener of a kind of job, if it is a timer of a booking.
pub fn listener(kind: &str) -> Option<Listener> {
    (kind == RequestDue::KIND).then_some(expire)
}

/// A request that is still open at its deadline ends. Running it again changes nothing.
fn expire(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let due: RequestDue = serde_json::from_value(job.payload.clone()).map_err(Fault::internal)?;
    let id = due.booking;
    let Some(found) = queries::find(tx, &id)?.filter(|found| found.booking.state == BookingState::Requested) else { return Ok(()) };
    if found.booking.channel == Channel::Waitlist {
        phrases::lock_line(tx, &found.booking.space)?;
    }
    if !sql::turn_down(tx, &id, BookingState::Expired)? {
        return Ok(());
    }
    waiting::pass_on(tx, &found.booking);
    let entry = Entry { chain: &found.area, actor: None, action: "booking.expired", subject: id.as_str(), detail: json!({}) };
    audit::record(tx, &entry)?;
    end(tx, &id, RequestOutcome::Expired, None, None).map(|_| ())
}
