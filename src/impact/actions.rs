//! Verbs: showing a plan, carrying it out, and ending what is due; closing spaces in [`closures`].

pub mod closures;
mod compute;
pub mod offers;

pub use compute::preview;

use super::model::{
    Change, Disposition, DispositionCount, Event, ImpactEventKind, Item, Matter, MatterEnd, MatterKind, MattersDue, NewMatter, Plan,
    PlanApplied, Stage, StoredPlan,
};
use super::{queries, sql};
use crate::audit::{self, Entry};
use crate::bookings::actions::{provider, requests};
use crate::bookings::model::{Booking, BookingCancelled, BookingState, Holder};
use crate::kernel::id::{AccountId, AreaId, AtomId, BookingId, Id, MatterId, PlanId, SpaceId};
use crate::kernel::{Fault, Fen, Outcome, Period, Reason};
use crate::outbox::runner::Listener;
use crate::outbox::{self, Announcement, Job};
use crate::store::Tx;
use crate::terms::model::{Payload, Urgency};
use crate::{bookings, places, schedule, terms};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Holders told by one job.
const TOLD_AT_ONCE: usize = 200;
/// Matters ended by one job.
const ENDED_AT_ONCE: i64 = 100;

/// Every disposition once, with how many bookings got it and what is paid back to them.
pub fn counts(plan: &Plan) -> Vec<DispositionCount> {
    let of = |disposition| {
        let mine = plan.items.iter().filter(|item| item.disposition == disposition);
        let (bookings, refund) = mine.fold((0i64, 0i64), |(n, fen), item| (n + 1, fen.saturating_add(item.refund().0)));
        let bookings = if disposition == Disposition::Unaffected { plan.unaffected } else { bookings };
        DispositionCount { disposition, bookings, refund_fen: Fen(refund) }
    };
    Disposition::ALL.iter().copied().map(of).collect()
}

/// Stores what the signers are to see before they sign. Nothing happens to any booking.
pub fn attach(tx: &mut Tx, event: &Event, plan: &Plan, actor: Option<&AccountId>) -> Outcome<()> {
    let (id, now) = (PlanId::fresh(), tx.now());
    if sql::insert_plan(tx, &id, Stage::Previewed, event, actor, &counts(plan), now)? {
        sql::insert_items(tx, &id, &plan.items)?;
    }
    Ok(())
}

/// Computes the plan of an event anew and carries it out, in the transaction that makes the event certain and before the rows
/// of the terms are changed. A second time changes nothing and gives the plan that was applied.
pub fn apply(tx: &mut Tx, event: &Event, actor: Option<&AccountId>) -> Outcome<StoredPlan> {
    if let Some(applied) = queries::plan_of(tx, Stage::Applied, &event.subject)? {
        return Ok(applied);
    }
    compute::lock(tx, event)?;
    let plan = match &event.change {
        Change::Undone { subject, still } => undo(tx, event, (subject.as_str(), still.as_slice()), actor)?,
        _ => {
            let now = tx.now();
            compute::preview(tx, event, now)?
        }
    };
    let (id, now) = (PlanId::fresh(), tx.now());
    if !sql::insert_plan(tx, &id, Stage::Applied, event, actor, &counts(&plan), now)? {
        // Somebody else decided the same event while we waited for the locks.
        return queries::plan_of(tx, Stage::Applied, &event.subject)?.ok_or_else(|| Fault::internal("an applied plan is gone"));
    }
    sql::insert_items(tx, &id, &plan.items)?;
    if !matches!(event.change, Change::Undone { .. }) {
        carry_out(tx, &id, &plan)?;
    }
    if matches!(event.change, Change::Terms { .. }) {
        bookings::actions::waiting::judge_anew(tx, &event.sites);
    }
    let counted: BTreeMap<&str, i64> = counts(&plan).iter().map(|count| (count.disposition.as_str(), count.bookings)).collect();
    let detail = json!({"event": event.kind, "of": event.subject, "bookings": counted});
    audit::record(tx, &Entry { chain: event.area.as_str(), actor, action: "impact.applied", subject: id.as_str(), detail })?;
    tell(tx, &id, &plan.items)?;
    if let Some(first) = plan.items.iter().filter_map(|item| item.matter.as_ref()).map(|matter| matter.due).min() {
        outbox::enqueue_at(tx, &MattersDue { plan: id.clone() }, first.max(now))?;
    }
    queries::plan(tx, &id)?.ok_or_else(|| Fault::internal("a plan just applied is gone"))
}

/// Why a booking ends, in the words its holder reads.
fn said(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| reason.zh.as_str()).collect()
}

fn carry_out(tx: &mut Tx, plan: &PlanId, computed: &Plan) -> Outcome<()> {
    let met: BTreeMap<&BookingId, &Item> = computed.items.iter().map(|item| (&item.booking.id, item)).collect();
    let ids: Vec<BookingId> = met.keys().map(|id| (*id).clone()).collect();
    let (mut stands, mut over) = (Vec::new(), Vec::new());
    for matter in queries::open_about(tx, &ids)? {
        let Some(item) = met.get(&matter.booking) else { continue };
        match item.disposition {
            Disposition::Cancelled | Disposition::Interrupted => over.push(matter),
            Disposition::Kept if matter.kind != MatterKind::AtRisk && item.is_settled() => stands.push(matter),
            _ if item.matter.as_ref().is_some_and(|new| new.kind == matter.kind) => over.push(matter),
            _ => {}
        }
    }
    close(tx, &stands, MatterEnd::Restored, None)?;
    close(tx, &over, MatterEnd::Superseded, None)?;
    for (disposition, state) in [(Disposition::Cancelled, BookingState::Cancelled), (Disposition::Interrupted, BookingState::Interrupted)] {
        let of = computed.items.iter().filter(|item| item.disposition == disposition);
        let ends: Vec<(BookingId, String)> = of.map(|item| (item.booking.id.clone(), said(&item.reasons))).collect();
        provider::end(tx, state, &ends)?;
    }
    let priced = |requested: bool| {
        let of = computed.items.iter().filter(move |item| requested == (item.booking.state == BookingState::Requested));
        of.filter_map(|item| Some((&item.booking, item.price.as_ref()?))).collect::<Vec<_>>()
    };
    provider::reprice(tx, &priced(false))?;
    requests::requote(tx, &priced(true))?;
    let of = |disposition| computed.items.iter().filter(move |item| item.disposition == disposition);
    let refused: Vec<(&Booking, String)> = of(Disposition::RequestRefused).map(|item| (&item.booking, said(&item.reasons))).collect();
    requests::refuse_for_terms(tx, &refused)?;
    requests::ask_again(tx, &of(Disposition::LookedAtAgain).map(|item| item.booking.id.clone()).collect::<Vec<_>>())?;
    let opened: Vec<_> = computed.items.iter().filter_map(|item| Some((&item.booking.id, item.matter.as_ref()?))).collect();
    let now = tx.now();
    sql::insert_matters(tx, plan, &opened, now)?;
    hold(tx, &computed.items)
}

/// The atoms of spaces, however often each is named.
fn atoms_of(tx: &mut Tx, mut spaces: Vec<SpaceId>) -> Outcome<Vec<(SpaceId, AtomId)>> {
    spaces.sort();
    spaces.dedup();
    places::queries::atoms_of(tx, &spaces)
}

/// Claims the first alternative of every offer for the booking it is offered to: whatever ends the booking frees it too.
fn hold(tx: &mut Tx, items: &[Item]) -> Outcome<()> {
    let held: Vec<_> = items.iter().filter_map(|item| Some((&item.booking.id, item.matter.as_ref()?.alternatives.first()?))).collect();
    let atoms = atoms_of(tx, held.iter().map(|(_, alternative)| alternative.space.clone()).collect())?;
    let claims: Vec<_> = held
        .iter()
        .flat_map(|(booking, alternative)| {
            let of_space = atoms.iter().filter(|(space, _)| *space == alternative.space);
            of_space.map(|(_, atom)| (atom.clone(), alternative.occupancy, booking.to_string()))
        })
        .collect();
    schedule::actions::claim_all(tx, &claims)
}

/// Ends matters whose bookings stand, and frees what was held for them.
fn close(tx: &mut Tx, open: &[Matter], how: MatterEnd, by: Option<&AccountId>) -> Outcome<()> {
    let ids: Vec<MatterId> = open.iter().map(|matter| matter.id.clone()).collect();
    let now = tx.now();
    sql::end_matters(tx, &ids, how, by, now)?;
    let held: Vec<_> = queries::alternatives(tx, &ids)?.into_iter().filter(|(_, place, _)| *place == 1).collect();
    let atoms = atoms_of(tx, held.iter().map(|(.., alternative)| alternative.space.clone()).collect())?;
    for (matter, _, alternative) in held {
        if let Some(matter) = open.iter().find(|open| open.id == matter) {
            let of_space = atoms.iter().filter(|(space, _)| *space == alternative.space);
            let of_space: Vec<AtomId> = of_space.map(|(_, atom)| atom.clone()).collect();
            let freed = schedule::actions::release_at(tx, matter.booking.as_str(), &of_space, alternative.occupancy.start())?;
            bookings::actions::waiting::promote(tx, freed);
        }
    }
    Ok(())
}

/// Takes back what the plan of an earlier event left open; what was accepted or has ended stays.
fn undo(tx: &mut Tx, event: &Event, (subject, still): (&str, &[Period]), actor: Option<&AccountId>) -> Outcome<Plan> {
    let Some(earlier) = queries::plan_of(tx, Stage::Applied, subject)? else { return Ok(Plan { items: vec![], unaffected: 0 }) };
    let mut open = queries::open_of_plan(tx, &earlier.id)?;
    let ids: Vec<BookingId> = open.iter().map(|matter| matter.booking.clone()).collect();
    let mut standing = bookings::queries::of_ids(tx, &ids)?;
    standing.retain(|booking| booking.state == BookingState::Confirmed && !still.iter().any(|closed| closed.overlaps(&booking.occupancy)));
    open.retain(|matter| standing.iter().any(|booking| booking.id == matter.booking));
    if event.kind == ImpactEventKind::Lifting {
        let closed = closed_by_another(tx, subject, &standing)?;
        standing.retain(|booking| !closed.contains_key(&booking.id));
        let at_risk: Vec<Matter> = open.extract_if(.., |matter| closed.contains_key(&matter.booking)).collect();
        hand_over(tx, &at_risk, &closed)?;
    }
    close(tx, &open, MatterEnd::Restored, actor)?;
    bookings::actions::waiting::look_again(tx, &event.sites);
    let reason = match event.kind {
        ImpactEventKind::Lifting | ImpactEventKind::Reopening => {
            Reason::plain("reopened", "空间恢复开放，预订照旧。", "The space is open again; the booking stands.")
        }
        _ => Reason::plain("annulled", "原来的变更取消了，预订照旧。", "The change was taken back; the booking stands."),
    };
    let kept = |booking| Item {
        booking,
        disposition: Disposition::Kept,
        reasons: vec![reason.clone()],
        price: None,
        charged: Fen::ZERO,
        matter: None,
    };
    Ok(Plan { items: standing.into_iter().map(kept).collect(), unaffected: 0 })
}

/// The plan of another order that closes the space of a booking at once and stands, by booking: its space does not open yet.
fn closed_by_another(tx: &mut Tx, lifted: &str, bookings: &[Booking]) -> Outcome<BTreeMap<BookingId, PlanId>> {
    let spaces: Vec<SpaceId> = bookings.iter().map(|booking| booking.space.clone()).collect();
    let starts = bookings.iter().map(|booking| booking.period.start()).min();
    let ends = bookings.iter().map(|booking| booking.period.end()).max();
    let Some(over) = starts.zip(ends).and_then(|(from, to)| Period::new(from, to)) else { return Ok(BTreeMap::new()) };
    let (now, mut closed) = (tx.now(), BTreeMap::new());
    for (space, row) in terms::queries::of_spaces(tx, &spaces, over)? {
        let at_once = matches!(&row.payload, Payload::Suspension(order) if order.urgency == Urgency::Immediate && !order.closure);
        let Some(shut) = row.period().filter(|shut| at_once && row.clause != lifted && now < shut.end()) else { continue };
        let mut met = bookings.iter().filter(|booking| booking.space == space && booking.period.overlaps(&shut)).peekable();
        if met.peek().is_some()
            && let Some(plan) = queries::plan_of(tx, Stage::Applied, &row.clause)?
        {
            closed.extend(met.map(|booking| (booking.id.clone(), plan.id.clone())));
        }
    }
    Ok(closed)
}

/// What is at risk still is so by the order that stands: with that it is saved or ends.
fn hand_over(tx: &mut Tx, at_risk: &[Matter], to: &BTreeMap<BookingId, PlanId>) -> Outcome<()> {
    close(tx, at_risk, MatterEnd::Superseded, None)?;
    let now = tx.now();
    for matter in at_risk {
        let Some(plan) = to.get(&matter.booking) else { continue };
        let same = NewMatter { kind: matter.kind, due: matter.due, limit: None, alternatives: vec![] };
        sql::insert_matters(tx, plan, &[(&matter.booking, &same)], now)?;
        outbox::enqueue_at(tx, &MattersDue { plan: plan.clone() }, matter.due.max(now))?;
    }
    Ok(())
}

/// Leaves word for every holder in the plan.
fn tell(tx: &mut Tx, plan: &PlanId, items: &[Item]) -> Outcome<()> {
    let holders: BTreeSet<&str> = items.iter().map(|item| holder(&item.booking)).collect();
    let holders: Vec<&str> = holders.into_iter().collect();
    for some in holders.chunks(TOLD_AT_ONCE) {
        let news = PlanApplied {
            plan: plan.clone(),
            households: some.iter().filter_map(|id| id.parse().ok()).collect(),
            organisations: some.iter().filter_map(|id| id.parse().ok()).collect(),
        };
        outbox::enqueue(tx, &news)?;
    }
    Ok(())
}

fn holder(booking: &Booking) -> &str {
    match &booking.holder {
        Holder::Household(id) => id.as_str(),
        Holder::Organisation(id) => id.as_str(),
    }
}

/// The listener of a kind of job, if it is done here.
pub fn listener(kind: &str) -> Option<Listener> {
    (kind == MattersDue::KIND).then_some(end_what_is_due as Listener)
}

/// Silence ends an offer, and time a risk: the booking is cancelled and paid back. The timer of a plan comes back for the rest.
fn end_what_is_due(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let about: MattersDue = serde_json::from_value(job.payload.clone()).map_err(Fault::internal)?;
    let now = tx.now();
    let due = queries::due(tx, &about.plan, now, ENDED_AT_ONCE)?;
    if let Some(plan) = queries::plan(tx, &about.plan)? {
        let area = queries::area_of(tx, &plan.agreement)?;
        expire(tx, &area, &plan.id, due)?;
    }
    match queries::next_due(tx, &about.plan)? {
        Some(next) => outbox::enqueue_at(tx, &about, next.max(now)),
        None => Ok(()),
    }
}

fn expire(tx: &mut Tx, area: &AreaId, plan: &PlanId, due: Vec<Matter>) -> Outcome<()> {
    let why = |matter: &Matter| match matter.kind {
        MatterKind::Rearrange => "没有在期限内答复换时间的建议，预订已取消，费用全部退回。",
        MatterKind::Reduce => "人数没有在期限内减下来，预订已取消，费用全部退回。",
        MatterKind::AtRisk => "离开始只有七天了，空间还没有恢复开放，预订已取消，费用全部退回。",
    };
    let ends: Vec<(BookingId, String)> = due.iter().map(|matter| (matter.booking.clone(), why(matter).to_owned())).collect();
    let ended = provider::end(tx, BookingState::Cancelled, &ends)?;
    let now = tx.now();
    let (expired, gone): (Vec<Matter>, Vec<Matter>) = due.into_iter().partition(|matter| ended.contains_key(&matter.booking));
    let expired: Vec<MatterId> = expired.into_iter().map(|matter| matter.id).collect();
    sql::end_matters(tx, &expired, MatterEnd::Expired, None, now)?;
    // Whoever came before that uses the space they had: what was held for them is free.
    close(tx, &gone, MatterEnd::Superseded, None)?;
    if ended.is_empty() {
        return Ok(());
    }
    let ended: Vec<BookingId> = ended.into_keys().collect();
    let detail = json!({"plan": plan, "bookings": ended});
    audit::record(tx, &Entry { chain: area.as_str(), actor: None, action: "impact.expired", subject: plan.as_str(), detail })?;
    ended.into_iter().try_for_each(|booking| outbox::enqueue(tx, &BookingCancelled { booking }))
}
