//! The waiting list: joining a line, leaving it, coming up, and taking what is kept.
//!
//! Whatever gives time back (a cancellation, an event, a move, a hold nobody took, somebody who did not come) hands it to
//! [`promote`] in the same transaction, so that nobody outside the line can have it before; what opens spaces again calls
//! [`look_again`]. All of them, and whoever joins or leaves, stand in line for the site ([`phrases::lock_line`]), taken before anything
//! else is locked, but where a booking meets a hold that nobody answered in time ([`claim`]): should it wait there for somebody who waits
//! for it, PostgreSQL ends one of both, which runs again.

use super::whose::Claimant;
use super::{Making, beside, books_for, cancel_for, holder, judge_for, money, place, refusal, take};
use crate::access::Permit;
use crate::access::deeds::{AnswerOffer, CancelBooking, MakeBooking};
use crate::audit::{self, Entry as Record};
use crate::bookings::model::waiting::{BookingHeld, Entry, HoldDue, HoldExpired, HoldOutcome, WaitLapsed, WaitOver, WaitState};
use crate::bookings::model::{Ask, Booking, BookingMade, BookingState, Channel, Holder, Made};
use crate::bookings::queries::{self, Found};
use crate::bookings::rules::{FARTHEST_DAYS, waiting as rules};
use crate::bookings::sql;
use crate::kernel::id::{AccountId, BookingId, Id, SiteId, SpaceId, WaitId};
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Reason};
use crate::outbox::runner::Listener;
use crate::outbox::{Announcement, Job};
use crate::people::model::OrganisationKind;
use crate::places::queries::Located;
use crate::schedule::model::Freed;
use crate::store::{Conn, Tx, phrases};
use crate::terms::model::{ClauseKind, PartyCapacity, Payload, PriorityClass};
use crate::terms::rules::{ClauseName, in_effect};
use crate::{ledger, outbox, people, places, schedule, terms};
use serde_json::json;

/// Puts somebody in line for a time that others have and that could be booked otherwise.
pub fn join(tx: &mut Tx, permit: &Permit<MakeBooking>, ask: &Ask) -> Outcome<Entry> {
    let holder = holder(permit, ask)?;
    phrases::lock_line(tx, &ask.space)?;
    let now = tx.now();
    let claimant = Claimant { holder: Some(&holder), ..Claimant::NOBODY };
    let judged = judge_for(tx, ask, now, &claimant)?;
    let occupancy = judged.verdicts.occupancy;
    let taken = !schedule::queries::occupied(tx, &ask.space, occupancy)?.is_empty();
    if !judged.verdicts.reasons.is_empty() {
        return Err(refusal(judged.verdicts.reasons, taken).unwrap_or_else(|| Fault::from(Code::BookingRefused)));
    }
    if !taken {
        return Err(Fault::saying(Code::StateConflict, "这段时间还空着，直接订就行。", "That time is free: simply book it."));
    }
    // The line is that of one site; the places are counted over all of them.
    match &holder {
        Holder::Household(household) => phrases::lock_household(tx, household)?,
        Holder::Organisation(organisation) => phrases::lock_organisation(tx, organisation)?,
    }
    if queries::waiting::places_of(tx, &holder, now)? >= rules::MOST_WAITING {
        let most = rules::MOST_WAITING;
        return Err(Fault::saying(
            Code::StateConflict,
            format!("最多同时排 {most} 个队，先退掉一个再来。"),
            format!("At most {most} places in line at a time; leave one first."),
        ));
    }
    let (class, class_no) = class(tx, &holder, ask, &judged.place, judged.verdicts.grant.as_ref())?;
    let entry = Entry {
        id: WaitId::fresh(),
        site: judged.place.site.id.clone(),
        space: ask.space.clone(),
        use_code: ask.use_code,
        attendees: ask.attendees,
        children: ask.beside.children,
        equipment: ask.beside.equipment.clone(),
        usage_terms_sha256: ask.usage_terms_sha256.clone(),
        period: ask.period,
        occupancy,
        holder,
        account: permit.account().clone(),
        class,
        class_no,
        state: WaitState::Waiting,
        joined_at: now,
        booking: None,
    };
    sql::waiting::insert(tx, &entry).map_err(|fault| match fault.code {
        Code::AlreadyExists => Fault::saying(Code::AlreadyExists, "您已经在排这个队了。", "You stand in this line already."),
        _ => fault,
    })?;
    let detail = json!({
        "space": entry.space, "starts_at": entry.period.start(), "ends_at": entry.period.end(), "use": entry.use_code, "class": entry.class,
    });
    let chain = judged.place.site.area_id.as_str();
    audit::record(tx, &Record { chain, actor: Some(permit.account()), action: "waitlist.joined", subject: entry.id.as_str(), detail })?;
    outbox::enqueue_at(tx, &WaitOver { entry: entry.id.clone() }, entry.period.start())?;
    Ok(entry)
}

/// By which class of the priority clause in force then a holder comes. What the service does not know of people (age,
/// children, title) it does not guess.
fn class(
    conn: &mut Conn,
    holder: &Holder,
    ask: &Ask,
    place: &Located,
    grant: Option<&ClauseName>,
) -> Outcome<(Option<PriorityClass>, i32)> {
    let rows = terms::queries::all_of_space(conn, &ask.space, ask.period)?;
    let clause = in_effect(&rows, ask.period.start()).into_iter().find(|row| row.kind == ClauseKind::Priority);
    let Some(Payload::Priority(priority)) = clause.map(|row| &row.payload) else { return Ok(rules::class(&[], &[])) };
    let mut mine = Vec::new();
    match holder {
        Holder::Household(household) => {
            let door = people::queries::household_door(conn, household)?;
            let here = door.is_some_and(|path| path.starts_with(place.area_path.as_str()));
            mine.push(if here { PriorityClass::Household } else { PriorityClass::Neighbour });
        }
        Holder::Organisation(organisation) => {
            let known = people::queries::organisations(conn, std::slice::from_ref(organisation))?;
            if known.iter().any(|found| found.kind == OrganisationKind::SocialOrganisation) {
                mine.push(PriorityClass::SocialOrganisation);
            }
            if let Some(grant) = grant {
                for capacity in PartyCapacity::ALL {
                    if terms::queries::parties_of(conn, &grant.version, *capacity)?.contains(organisation) {
                        mine.push(PriorityClass::Party);
                    }
                }
            }
        }
    }
    Ok(rules::class(&priority.classes, &mine))
}

/// Leaves a line.
pub fn leave(tx: &mut Tx, permit: &Permit<CancelBooking>, entry: &Entry, area: &str) -> Outcome<()> {
    books_for(permit.who(), &entry.holder)?;
    phrases::lock_line(tx, &entry.space)?;
    let now = tx.now();
    if !sql::waiting::end(tx, &entry.id, WaitState::Left, None, Some(permit.account()), now)? {
        return Err(Fault::saying(Code::StateConflict, "已经不在排队了。", "It does not stand in line any more."));
    }
    let (actor, subject) = (Some(permit.account()), entry.id.as_str());
    audit::record(tx, &Record { chain: area, actor, action: "waitlist.left", subject, detail: json!({}) })
}

/// Gives time that was just given back to those who wait for it, when everything else in this transaction is done: what it
/// changes of the terms counts. The caller holds the line of every site concerned.
pub fn promote(tx: &mut Tx, freed: Freed) {
    if !freed.stretches().is_empty() {
        tx.at_last(move |tx| let_up(tx, &freed));
    }
}

/// In their order, everybody comes up whose whole time is free now and whom the rules admit.
fn let_up(tx: &mut Tx, freed: &Freed) -> Outcome<()> {
    let now = tx.now();
    let stretches = freed.stretches();
    let (Some(from), Some(to)) =
        (stretches.iter().map(|(_, period)| period.start()).min(), stretches.iter().map(|(_, period)| period.end()).max())
    else {
        return Ok(());
    };
    let Some(over) = Period::new(from.max(now), to) else { return Ok(()) };
    let mut atoms: Vec<_> = stretches.iter().map(|(atom, _)| atom.clone()).collect();
    atoms.sort();
    atoms.dedup();
    let mut line = queries::waiting::waiting_for(tx, &atoms, over, now)?;
    line.retain(|waiting| waiting.is_met_by(stretches));
    in_turn(tx, line)
}

/// Everybody who waits at some sites is looked at again when everything else in this transaction is done: spaces are open that were
/// closed, or somebody who came up asked in vain. The caller holds the lines.
pub fn look_again(tx: &mut Tx, sites: &[SiteId]) {
    let sites = sites.to_vec();
    tx.at_last(move |tx| {
        let line = line_at(tx, &sites)?;
        in_turn(tx, line)
    });
}

/// Everybody who waits at some sites, in no order.
fn line_at(tx: &mut Tx, sites: &[SiteId]) -> Outcome<Vec<rules::Waiting>> {
    let now = tx.now();
    let Some(ahead) = Period::new(now, now.plus_days(FARTHEST_DAYS)) else { return Ok(vec![]) };
    queries::waiting::waiting_at(tx, sites, ahead, now)
}

/// Whoever waits at some sites for what the terms do not allow any more waits in vain: their place ends and they are told why, when
/// everything else in this transaction is done. What is closed for a while may open in time and is no reason. The caller holds the lines.
pub fn judge_anew(tx: &mut Tx, sites: &[SiteId]) {
    let sites = sites.to_vec();
    tx.at_last(move |tx| {
        let (line, now) = (line_at(tx, &sites)?, tx.now());
        let Some((_, reach)) = rules::reach(&line) else { return Ok(()) };
        let spaces: Vec<SpaceId> = line.iter().map(|waiting| waiting.entry.space.clone()).collect();
        let terms = terms::queries::of_spaces(tx, &spaces, reach)?;
        for site in places::queries::sites_of(tx, &sites)? {
            for waiting in line.iter().filter(|waiting| waiting.entry.site == site.id) {
                let Some(reason) = rules::refused(&waiting.entry, &site.zone, &terms) else { continue };
                let entry = waiting.entry.id.clone();
                if sql::waiting::end(tx, &entry, WaitState::Lapsed, None, None, now)? {
                    outbox::enqueue(tx, &WaitLapsed { entry, refused: Some(reason) })?;
                }
            }
        }
        Ok(())
    });
}

/// The request of somebody who came up ends, and is no booking: whoever stands next has their turn. The caller holds the line.
pub(super) fn pass_on(tx: &mut Tx, ended: &Booking) {
    if ended.channel == Channel::Waitlist && ended.state == BookingState::Requested {
        look_again(tx, std::slice::from_ref(&ended.site));
    }
}

/// Lets a line come up, one after the other.
fn in_turn(tx: &mut Tx, mut line: Vec<rules::Waiting>) -> Outcome<()> {
    rules::order(&mut line);
    let Some((atoms, reach)) = rules::reach(&line) else { return Ok(()) };
    let taken = schedule::queries::occupied_atoms(tx, &atoms, reach)?;
    rules::promote(&line, taken, |entry| come_up(tx, entry))
}

/// What somebody waited for is kept for them, or asked for where somebody must say yes first. `false`: the rules do not admit it.
fn come_up(tx: &mut Tx, entry: &Entry) -> Outcome<bool> {
    let ask = entry.ask();
    let making =
        Making { ask: &ask, holder: entry.holder.clone(), account: &entry.account, by: &entry.account, channel: Channel::Waitlist };
    let Made { booking, .. } = match place(tx, making) {
        Ok(made) => made,
        Err(fault) if fault.code.status() < 500 && fault.detail.transient.is_none() => return Ok(false),
        Err(fault) => return Err(fault),
    };
    // The next in line is judged by what this one has now.
    tx.catch_up()?;
    let now = tx.now();
    sql::waiting::end(tx, &entry.id, WaitState::Promoted, Some(&booking.id), None, now)
}

/// Keeps a booking just inserted for somebody who came up.
pub(super) fn keep(tx: &mut Tx, at: &Located, booking: Booking) -> Outcome<Made> {
    let now = tx.now();
    let until = rules::answer_by(&at.site.zone, now, booking.period.start());
    sql::waiting::insert_hold(tx, &booking.id, now, until)?;
    let detail = json!({
        "space": booking.space, "starts_at": booking.period.start(), "ends_at": booking.period.end(), "use": booking.use_code,
        "price_fen": booking.price, "version": booking.version, "until": until,
    });
    let (chain, subject) = (at.site.area_id.as_str(), booking.id.as_str());
    audit::record(tx, &Record { chain, actor: None, action: "booking.held", subject, detail })?;
    outbox::enqueue(tx, &BookingHeld { booking: booking.id.clone() })?;
    outbox::enqueue_at(tx, &HoldDue { booking: booking.id.clone() }, until)?;
    Ok(Made { booking, approvers: vec![], usage_terms: None, free_until: None })
}

/// The booking that is kept, once nobody else decides about it, if it may be answered now.
fn kept(tx: &mut Tx, found: &Found) -> Outcome<(Found, crate::bookings::model::waiting::Hold)> {
    let id = &found.booking.id;
    let found = take(tx, id)?;
    let hold = queries::waiting::holds(tx, std::slice::from_ref(id))?.pop().map(|(_, hold)| hold);
    let now = tx.now();
    rules::answer(&found.booking, hold.as_ref(), now)?;
    Ok((found, hold.ok_or_else(|| Fault::internal("a kept booking without its hold"))?))
}

/// Takes what is kept: judged by the terms as agreed now and priced anew; what was offered in time stays in time. Usage terms that
/// changed since its holder joined the line must be accepted anew.
pub fn accept(tx: &mut Tx, permit: &Permit<AnswerOffer>, found: &Found, usage_terms_sha256: Option<String>) -> Outcome<Booking> {
    books_for(permit.who(), &found.booking.holder)?;
    // The space before the booking, as whoever changes an agreement does.
    phrases::lock_space_shared(tx, &found.booking.space)?;
    let (found, hold) = kept(tx, found)?;
    let now = tx.now();
    let held = found.booking;
    let accepted = usage_terms_sha256.or(queries::waiting::accepted_when_joining(tx, &held.id)?);
    let ask = Ask { usage_terms_sha256: accepted, beside: beside(tx, &held)?, ..held.ask() };
    // It has counted since it was kept.
    let claimant = Claimant { instead_of: std::slice::from_ref(&held.id), locks: true, ..Claimant::NOBODY };
    let judged = judge_for(tx, &ask, hold.offered_at, &claimant)?;
    let mut verdicts = judged.verdicts;
    if !verdicts.approvals.is_empty() {
        let (zh, en) =
            ("协议改过了，现在要先经同意，请重新申请。", "The agreement changed and somebody must say yes first; please ask anew.");
        verdicts.reasons.push(Reason::plain("approver-changed", zh, en));
    }
    if let Some(refused) = refusal(verdicts.reasons, false) {
        return Err(refused);
    }
    let (Some(grant), Some(quote)) = (verdicts.grant, verdicts.quote) else {
        return Err(Fault::internal("admitted without grant or price"));
    };
    let booking = Booking {
        state: BookingState::Confirmed,
        price: quote.total,
        quote,
        agreement: grant.agreement,
        version: grant.version,
        clauses: verdicts.clauses,
        revision: held.revision + 1,
        ..held
    };
    if !sql::confirm(tx, &booking, BookingState::Held)? {
        return Err(Code::StateConflict.into());
    }
    let by = permit.account();
    sql::waiting::end_hold(tx, &booking.id, HoldOutcome::Accepted, Some(by), now)?;
    super::accept(tx, judged.usage.as_ref(), &booking)?;
    ledger::actions::charge(tx, &money(&booking, by), booking.price)?;
    let detail = json!({"price_fen": booking.price, "version": booking.version});
    let (chain, subject) = (found.area.as_str(), booking.id.as_str());
    audit::record(tx, &Record { chain, actor: Some(by), action: "booking.hold_accepted", subject, detail })?;
    outbox::enqueue(tx, &BookingMade { booking: booking.id.clone() })?;
    Ok(booking)
}

/// Says no to what is kept; the next in line comes up at once.
pub fn decline(tx: &mut Tx, permit: &Permit<AnswerOffer>, found: &Found) -> Outcome<()> {
    books_for(permit.who(), &found.booking.holder)?;
    phrases::lock_line(tx, &found.booking.space)?;
    let (found, _) = kept(tx, found)?;
    cancel_for(tx, permit.account(), &found.booking, None).map(|_| ())
}

/// What an account answers for for its household stands in no line any more.
pub(super) fn leave_all(tx: &mut Tx, account: &AccountId) -> Outcome<()> {
    let now = tx.now();
    sql::waiting::leave_all(tx, account, now)
}

/// Claims a booking's time. Where only holds are in the way that nobody answered in time, they end first, and those next in line
/// come up before.
pub(super) fn claim(tx: &mut Tx, booking: &Booking, atoms: usize) -> Outcome<bool> {
    let try_it = |tx: &mut Tx| schedule::actions::claim(tx, &booking.space, atoms, booking.occupancy, booking.id.as_str());
    if try_it(tx)? {
        return Ok(true);
    }
    let now = tx.now();
    let overdue = queries::waiting::overdue(tx, &booking.space, Some(booking.occupancy), now)?;
    if overdue.is_empty() && booking.channel != Channel::Waitlist {
        return Ok(false);
    }
    // This transaction goes on: the atoms that were claimed are given up again.
    schedule::actions::give_up(tx, &[booking.id.as_str()])?;
    if overdue.is_empty() {
        return Ok(false);
    }
    for held in &overdue {
        expire(tx, held)?;
    }
    let claimed = try_it(tx)?;
    if !claimed {
        schedule::actions::give_up(tx, &[booking.id.as_str()])?;
    }
    Ok(claimed)
}

/// Ends every hold of a space that nobody answered in time, for whoever is going to claim many times in it.
pub(super) fn end_overdue(tx: &mut Tx, space: &SpaceId, now: Instant) -> Outcome<()> {
    let overdue = queries::waiting::overdue(tx, space, None, now)?;
    overdue.iter().try_for_each(|held| expire(tx, held))
}

/// Ends a hold nobody answered in time, and lets the next in line come up.
fn expire(tx: &mut Tx, held: &Booking) -> Outcome<()> {
    phrases::lock_line(tx, &held.space)?;
    if !sql::waiting::expire(tx, held)? {
        return Ok(());
    }
    let now = tx.now();
    let freed = schedule::actions::release(tx, held.id.as_str())?;
    sql::waiting::end_hold(tx, &held.id, HoldOutcome::Expired, None, now)?;
    let Some(found) = queries::find(tx, &held.id)? else { return Ok(()) };
    let (chain, subject) = (found.area.as_str(), held.id.as_str());
    audit::record(tx, &Record { chain, actor: None, action: "booking.hold_expired", subject, detail: json!({}) })?;
    outbox::enqueue(tx, &HoldExpired { booking: held.id.clone() })?;
    tx.catch_up()?;
    let_up(tx, &freed)
}

/// The listener of a kind of job, if it is a timer of the waiting list.
pub fn listener(kind: &str) -> Option<Listener> {
    match kind {
        HoldDue::KIND => Some(expire_due),
        WaitOver::KIND => Some(lapse),
        _ => None,
    }
}

/// A hold that is still open at its deadline ends. Running it again changes nothing.
fn expire_due(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let HoldDue { booking } = serde_json::from_value(job.payload.clone()).map_err(Fault::internal)?;
    held(tx, &booking)?.map_or(Ok(()), |held| expire(tx, &held))
}

/// The booking, if it is kept still and its time to answer is over.
fn held(tx: &mut Tx, id: &BookingId) -> Outcome<Option<Booking>> {
    let now = tx.now();
    let Some(found) = queries::find(tx, id)?.filter(|found| found.booking.state == BookingState::Held) else { return Ok(None) };
    let hold = queries::waiting::holds(tx, std::slice::from_ref(id))?.pop();
    Ok(hold.filter(|(_, hold)| hold.until <= now).map(|_| found.booking))
}

/// Who still stands in line when the time begins, waited in vain. Running it again changes nothing.
fn lapse(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let WaitOver { entry } = serde_json::from_value(job.payload.clone()).map_err(Fault::internal)?;
    let now = tx.now();
    if sql::waiting::end(tx, &entry, WaitState::Lapsed, None, None, now)? {
        outbox::enqueue(tx, &WaitLapsed { entry, refused: None })?;
    }
    Ok(())
}
