//! Closing spaces of a site for a while, and opening a part of that again.
//!
//! A closure binds through rows among the terms, as a suspension does: a booking reads nothing more, availability shows it with its
//! reason, and no new version of an agreement ends it. Before the rows are written every booking it meets gets its answer, in the
//! same transaction. One booking alone can be cancelled too ([`cancel_one`]). Opening again is a record beside the closure; the rows that are still to come are written anew.

use super::apply;
use crate::access::Permit;
use crate::access::deeds::CloseSpace;
use crate::audit::{self, Entry};
use crate::bookings::actions::{Cancelled, provider};
use crate::bookings::model::{BookingCancelled, BookingState, Cancellation, CancelledBy};
use crate::bookings::queries::Found;
use crate::impact::model::closures::{Closing, Closure, ClosureAsk, Opening};
use crate::impact::model::{Event, Of, StoredPlan};
use crate::impact::{queries, rules, sql};
use crate::kernel::id::{AgreementId, AtomId, BookingId, ClosureId, Id, OpeningId, SiteId, SpaceId, VersionId};
use crate::kernel::page::PageAsk;
use crate::kernel::{Code, Fault, FieldFault, Instant, Outcome, Period};
use crate::people::model::Role;
use crate::places::model::{Site, Space};
use crate::store::{Conn, Tx, phrases};
use crate::terms::model::{ClauseKind, Orderer, Payload, Relation, Suspended, TermInForce, Urgency};
use crate::terms::rules::CompiledTerm;
use crate::{bookings, outbox, places, terms};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A closure with what became, or would become, of the bookings it meets.
#[derive(Debug)]
pub struct Closed {
    /// It.
    pub closure: Closure,
    /// The answers.
    pub plan: StoredPlan,
}

/// The version a row of a closure hangs on: what opens the space at that time.
type Host = (AgreementId, String, VersionId, i32);

/// Every space that is named or shares a part with one that is, and why.
fn closed_spaces<'s>(spaces: &'s [Space], named: &[SpaceId]) -> Vec<(&'s Space, Relation)> {
    let atoms: BTreeSet<&AtomId> = spaces.iter().filter(|space| named.contains(&space.id)).flat_map(|space| &space.atoms).collect();
    let relation = |space: &Space| match () {
        () if named.contains(&space.id) => Some(Relation::Own),
        () if space.atoms.iter().all(|atom| atoms.contains(atom)) => Some(Relation::Whole),
        () if space.atoms.iter().any(|atom| atoms.contains(atom)) => Some(Relation::Part),
        () => None,
    };
    spaces.iter().filter_map(|space| Some((space, relation(space)?))).collect()
}

/// The rows of some spaces over a period.
fn rows_of(conn: &mut Conn, spaces: &[(&Space, Relation)], over: Period) -> Outcome<BTreeMap<SpaceId, Vec<TermInForce>>> {
    let ids: Vec<SpaceId> = spaces.iter().map(|(space, _)| space.id.clone()).collect();
    let mut by_space: BTreeMap<SpaceId, Vec<TermInForce>> = BTreeMap::new();
    for (space, row) in terms::queries::of_spaces(conn, &ids, over)? {
        by_space.entry(space).or_default().push(row);
    }
    Ok(by_space)
}

fn host(rows: &[TermInForce]) -> Option<Host> {
    let opens = rows.iter().filter(|row| row.kind == ClauseKind::Term && row.from < row.to).min_by_key(|row| row.from)?;
    Some((opens.agreement.clone(), opens.agreement_code.clone(), opens.version.clone(), opens.version_no))
}

/// Writes the rows of what is closed from `now` on, in every space that has an agreement and none of them yet.
fn lay(tx: &mut Tx, closure: &Closure, spaces: &[Space], now: Instant) -> Outcome<()> {
    let (Some(whole), Some(ahead)) = (closure.period(), Period::new(now, closure.until)) else { return Ok(()) };
    let closed = closed_spaces(spaces, &closure.spaces);
    let rows = rows_of(tx, &closed, ahead)?;
    let stretches = rules::closures::stretches(whole, &closure.openings);
    let ahead: Vec<Period> = stretches.iter().filter_map(|stretch| stretch.intersect(&ahead)).collect();
    for (space, relation) in closed {
        let of_space = rows.get(&space.id).map(Vec::as_slice).unwrap_or_default();
        let Some((agreement, code, version, version_no)) = host(of_space) else { continue };
        if of_space.iter().any(|row| row.clause == closure.id.as_str() && row.to > now) {
            continue;
        }
        let suspended =
            Suspended { urgency: Urgency::Planned, ordered_by: closure.closed_as, ground: closure.reason.clone(), closure: true };
        let row = |(n, stretch): (usize, &Period)| CompiledTerm {
            space: space.id.clone(),
            from: stretch.start(),
            to: stretch.end(),
            clause_id: closure.id.to_string(),
            kind: ClauseKind::Suspension,
            // One clause may stand in a space more than once: as often as it was opened and closed.
            origin: format!("{} {}.{n}", space.code, closure.openings.len()),
            relation,
            exception: false,
            payload: Payload::Suspension(suspended.clone()),
            text_zh: closure.reason.clone(),
            text_en: None,
        };
        let laid: Vec<CompiledTerm> = ahead.iter().enumerate().map(row).collect();
        terms::actions::put_suspension(tx, (&agreement, code.as_str()), (&version, version_no), &laid)?;
    }
    Ok(())
}

/// The rows of a closure that reach beyond `now` end there.
fn lift(tx: &mut Tx, closure: &Closure, spaces: &[Space], now: Instant) -> Outcome<()> {
    let Some(ahead) = Period::new(now, closure.until) else { return Ok(()) };
    let rows = rows_of(tx, &closed_spaces(spaces, &closure.spaces), ahead)?;
    let mine = rows.into_values().flatten().filter(|row| row.clause == closure.id.as_str());
    let agreements: BTreeSet<AgreementId> = mine.map(|row| row.agreement).collect();
    agreements.iter().try_for_each(|agreement| terms::actions::end_suspensions(tx, agreement, Some(closure.id.as_str()), now))
}

/// Closures hold in spaces that an agreement opens only now: for whoever has just put one in force.
pub fn cover(tx: &mut Tx, sites: &[SiteId]) -> Outcome<()> {
    let now = tx.now();
    let standing = queries::closures::standing(tx, sites, now)?;
    if standing.is_empty() {
        return Ok(());
    }
    let spaces = places::queries::spaces(tx, sites)?;
    standing.iter().try_for_each(|closure| lay(tx, closure, &spaces, now))
}

fn named(spaces: &[Space], asked: Option<&[SpaceId]>) -> Outcome<Vec<SpaceId>> {
    let Some(asked) = asked else { return Ok(spaces.iter().map(|space| space.id.clone()).collect()) };
    let unknown = asked.iter().enumerate().filter(|(_, id)| !spaces.iter().any(|space| space.id == **id));
    let fault = |i| FieldFault::at(format!("/space_ids/{i}"), "unknown", "这里没有这个空间。", "The site has no such space.");
    let faults: Vec<FieldFault> = unknown.map(|(i, _)| fault(i)).collect();
    if faults.is_empty() { Ok(asked.to_vec()) } else { Err(Fault::invalid(faults)) }
}

/// Closes spaces of a site: those asked for, and whatever shares a part with one of them.
pub fn close(tx: &mut Tx, permit: &Permit<CloseSpace>, site: &Site, ask: &ClosureAsk) -> Outcome<Closed> {
    let now = tx.now();
    let period = rules::closures::closing_period(ask.from, ask.until, now)?;
    phrases::lock_site(tx, &site.id)?;
    let spaces = places::queries::spaces(tx, std::slice::from_ref(&site.id))?;
    let closure = Closure {
        id: ClosureId::fresh(),
        site: site.id.clone(),
        spaces: named(&spaces, ask.spaces.as_deref())?,
        from: period.start(),
        until: period.end(),
        reason: ask.reason.clone(),
        closed_as: if permit.by(Role::Community) { Orderer::Community } else { Orderer::Operator },
        closed_by: permit.account().clone(),
        closed_at: now,
        openings: vec![],
    };
    let closing = Closing { reason: closure.reason.clone(), usual: ask.usual, each: ask.each.iter().cloned().collect() };
    let agreement = agreement(tx, &closure, &spaces, period)?;
    let of = Of { agreement: &agreement, area: &site.area_id, sites: std::slice::from_ref(&site.id) };
    let event = Event::closure(of, closure.id.as_str(), closure.spaces.clone(), period, closing);
    let plan = apply(tx, &event, Some(permit.account()))?;
    affected(tx, &plan, &ask.each)?;
    lay(tx, &closure, &spaces, now)?;
    sql::closures::insert(tx, &closure)?;
    let detail = json!({"site": site.id, "spaces": closure.spaces, "from": closure.from, "until": closure.until});
    let (chain, actor) = (site.area_id.as_str(), Some(permit.account()));
    audit::record(tx, &Entry { chain, actor, action: "closure.made", subject: closure.id.as_str(), detail })?;
    Ok(Closed { closure, plan })
}

/// An agreement that opens one of the closed spaces then.
fn agreement(tx: &mut Tx, closure: &Closure, spaces: &[Space], period: Period) -> Outcome<AgreementId> {
    let rows = rows_of(tx, &closed_spaces(spaces, &closure.spaces), period)?;
    let host = rows.values().find_map(|rows| host(rows));
    host.map(|(agreement, ..)| agreement).ok_or_else(|| {
        let (zh, en) = ("那时没有协议开放这些空间，本来就订不了。", "No agreement opens these spaces then; nothing can be booked anyway.");
        Fault::saying(Code::StateConflict, zh, en)
    })
}

/// Every booking that was answered by name is one the closure meets.
fn affected(tx: &mut Tx, plan: &StoredPlan, each: &[(BookingId, crate::impact::model::closures::ClosureAnswer)]) -> Outcome<()> {
    if each.is_empty() {
        return Ok(());
    }
    let mut met = BTreeSet::new();
    let mut ask = PageAsk { limit: PageAsk::MAX_LIMIT, after: None };
    loop {
        let page = queries::items(tx, &plan.id, None, &ask)?;
        met.extend(page.items.into_iter().map(|item| item.booking));
        match page.next {
            Some(next) => ask.after = Some(next),
            None => break,
        }
    }
    let unknown = each.iter().enumerate().filter(|(_, (id, _))| !met.contains(id));
    let fault = |i| {
        let pointer = format!("/answers/{i}/booking_id");
        FieldFault::at(pointer, "unknown", "这次关闭不影响这个预订。", "The closure does not meet this booking.")
    };
    let faults: Vec<FieldFault> = unknown.map(|(i, _)| fault(i)).collect();
    if faults.is_empty() { Ok(()) } else { Err(Fault::invalid(faults)) }
}

/// Cancels one booking for whoever runs its space: its time is free at once and everything that is still charged is paid back.
pub fn cancel_one(tx: &mut Tx, permit: &Permit<CloseSpace>, found: &Found, reason: &str) -> Outcome<Cancelled> {
    let (booking, now) = (&found.booking, tx.now());
    bookings::rules::cancel(booking, now)?;
    if booking.state == BookingState::Requested {
        let (zh, en) = ("这还是申请，请同意或者不同意。", "This is a request: say yes or no to it.");
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    let ended = provider::end(tx, BookingState::Cancelled, &[(booking.id.clone(), reason.to_owned())])?;
    let refund = *ended.get(&booking.id).ok_or_else(|| Fault::from(Code::StateConflict))?;
    let detail = json!({"by": CancelledBy::Provider, "refund_fen": refund});
    let (chain, actor) = (found.area.as_str(), Some(permit.account()));
    audit::record(tx, &Entry { chain, actor, action: "booking.cancelled", subject: booking.id.as_str(), detail })?;
    outbox::enqueue(tx, &BookingCancelled { booking: booking.id.clone() })?;
    let how = Cancellation { by: CancelledBy::Provider, at: now, reason: Some(reason.to_owned()) };
    Ok(Cancelled { how, refund, revision: booking.revision + 1 })
}

/// Opens a part of a closure again, or all that is left of it. Bookings whose time is free again stand as before.
pub fn open(
    tx: &mut Tx,
    permit: &Permit<CloseSpace>,
    site: &Site,
    id: &ClosureId,
    (from, until): (Option<Instant>, Option<Instant>),
    reason: &str,
) -> Outcome<Closed> {
    let now = tx.now();
    phrases::lock_site(tx, &site.id)?;
    // Behind the lock: of two who open the same day the second is told so.
    let mut closure = queries::closures::find(tx, id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
    let period = rules::closures::opening_period(&closure, from, until, now)?;
    let opening = Opening {
        id: OpeningId::fresh(),
        from: period.start(),
        until: period.end(),
        reason: reason.to_owned(),
        opened_by: permit.account().clone(),
        opened_at: now,
    };
    let spaces = places::queries::spaces(tx, std::slice::from_ref(&site.id))?;
    closure.openings.push(opening.clone());
    let still = closure.period().map(|whole| rules::closures::stretches(whole, &closure.openings)).unwrap_or_default();
    let agreement = queries::plan_of(tx, crate::impact::model::Stage::Applied, id.as_str())?
        .map(|plan| plan.agreement)
        .ok_or_else(|| Fault::internal("a closure without a plan"))?;
    let of = Of { agreement: &agreement, area: &site.area_id, sites: std::slice::from_ref(&site.id) };
    let plan = apply(tx, &Event::reopening(of, opening.id.as_str(), id.as_str(), still.clone()), Some(permit.account()))?;
    lift(tx, &closure, &spaces, now)?;
    sql::closures::insert_opening(tx, id, &opening)?;
    sql::closures::set_closed_until(tx, id, still.last().map_or(now, |last| last.end()))?;
    lay(tx, &closure, &spaces, now)?;
    let detail = json!({"closure": id, "from": opening.from, "until": opening.until});
    let (chain, actor) = (site.area_id.as_str(), Some(permit.account()));
    audit::record(tx, &Entry { chain, actor, action: "closure.opened", subject: opening.id.as_str(), detail })?;
    Ok(Closed { closure, plan })
}
