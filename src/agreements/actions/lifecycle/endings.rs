//! Notice that ends an agreement, a party that leaves with its spaces, and objections to a notice.

use super::suspensions::of;
use super::{Told, lock_spaces, take, tell};
use crate::access::Permit;
use crate::access::deeds::{ServeNotice, SignVersion};
use crate::agreements::model::lifecycle::{LifeKind, Verb};
use crate::agreements::model::{Agreement, Version};
use crate::agreements::sql::lifecycle::NewEnding;
use crate::agreements::{queries, rules, sql};
use crate::impact::model::{Event, StoredPlan};
use crate::kernel::id::{EntryId, Id, OrganisationId, RepresentativeId, SpaceId, TerminationId, VersionId, WithdrawalId};
use crate::kernel::time::Day;
use crate::kernel::{Code, Fault, Instant, Outcome, Reason};
use crate::people::model::Power;
use crate::store::Tx;
use crate::terms::model::{ClauseKind, Orderer, PartyCapacity, Payload, Relation, Suspended, Urgency};
use crate::terms::rules::{self as terms_rules, CompiledTerm, SpaceLayout};
use crate::{impact, people, terms};

/// What a party says that it ends, and why.
#[derive(Debug, Clone)]
pub struct EndingAsk {
    /// The party it is said for.
    pub organisation: OrganisationId,
    /// Why; every party reads it.
    pub text: String,
    /// The last day, when it is to be later than the earliest one.
    pub last_day: Option<Day>,
}

/// A notice that was served, and what became of the bookings it met.
#[derive(Debug)]
pub struct Served<I> {
    /// The notice.
    pub id: I,
    /// 24:00 of its last day.
    pub ends_at: Instant,
    /// The answers.
    pub plan: StoredPlan,
}

/// The power to end this agreement for the organisation, held until the commit as for a signature.
fn power(tx: &mut Tx, permit: &Permit<ServeNotice>, agreement: &Agreement, organisation: &OrganisationId) -> Outcome<RepresentativeId> {
    let without = || {
        Fault::saying(
            Code::Forbidden,
            "您没有代表这个组织终止协议的授权。",
            "You are not authorised to end an agreement for this organisation.",
        )
    };
    people::actions::hold_power(tx, permit.who(), organisation, Power::Sign, &agreement.code)?.ok_or_else(without)
}

/// Versions that begin before a moment: what ends then ends them. A later one is a renewal.
fn before(versions: &[Version], at: Instant) -> Vec<VersionId> {
    versions.iter().filter(|version| version.effect.is_some_and(|effect| effect.from < at)).map(|version| version.id.clone()).collect()
}

/// Serves notice for a party: it is delivered at once, and runs from tomorrow to 24:00 of its last day.
pub fn terminate(tx: &mut Tx, permit: &Permit<ServeNotice>, agreement: &Agreement, ask: &EndingAsk) -> Outcome<Served<TerminationId>> {
    let representative = power(tx, permit, agreement, &ask.organisation)?;
    let found = take(tx, agreement, Verb::Terminate)?;
    let now = tx.now();
    let version = found.governing(now)?;
    let parties = queries::parties(tx, &version.id)?;
    let party = rules::party(&parties, &ask.organisation)?;
    let rule = rules::lifecycle::termination_rule(version.clauses()?);
    let ends_at = rules::lifecycle::notice_ends(&rule, ask.last_day, &found.zone, now, found.standing.ends_at)?;
    lock_spaces(tx, agreement)?;
    let id = TerminationId::fresh();
    let actor = Some(permit.account());
    let plan = impact::actions::apply(tx, &Event::ending(of(agreement), id.as_str(), ends_at, None), actor)?;
    terms::actions::end_rows(tx, &before(&found.versions, ends_at), None, ends_at)?;
    sql::lifecycle::end_effects(tx, &agreement.id, ends_at)?;
    if !rule.rule.new_bookings_until_end {
        let rows = closed_to_new(&found.layout, &id, party.capacity, now, ends_at);
        terms::actions::put_suspension(tx, (&agreement.id, &agreement.code), (&version.id, version.no), &rows)?;
    }
    let new = NewEnding {
        id: &id,
        agreement: &agreement.id,
        organisation: &ask.organisation,
        representative: &representative,
        account: permit.account(),
        text: &ask.text,
        served_at: now,
        ends_at,
    };
    sql::lifecycle::insert_termination(tx, &new)?;
    let organisation = Some(&ask.organisation);
    let (text, until) = (Some(ask.text.as_str()), Some(ends_at));
    tell(tx, agreement, &Told { kind: LifeKind::TerminationServed, subject: id.as_str(), organisation, actor, text, until })?;
    Ok(Served { id, ends_at, plan })
}

/// Where the parties agreed that nothing new is booked while notice runs; what is booked already stays.
fn closed_to_new(layout: &[SpaceLayout], id: &TerminationId, by: PartyCapacity, from: Instant, to: Instant) -> Vec<CompiledTerm> {
    const GROUND: &str = "协议正在终止，按约定不再接受新的预订";
    let ordered_by = match by {
        PartyCapacity::PropertyUnit => Orderer::PropertyUnit,
        PartyCapacity::Operator => Orderer::Operator,
        _ => Orderer::Community,
    };
    let row = |space: &SpaceLayout| CompiledTerm {
        space: space.space.clone(),
        from,
        to,
        clause_id: id.to_string(),
        kind: ClauseKind::Suspension,
        origin: space.code.to_string(),
        relation: Relation::Own,
        exception: false,
        payload: Payload::Suspension(Suspended { urgency: Urgency::Planned, ordered_by, ground: GROUND.into(), closure: false }),
        text_zh: format!("{GROUND}。"),
        text_en: None,
    };
    layout.iter().map(row).collect()
}

/// A property unit leaves: its spaces leave by notice, the rest stands, if the parties agreed so.
pub fn withdraw(tx: &mut Tx, permit: &Permit<ServeNotice>, agreement: &Agreement, ask: &EndingAsk) -> Outcome<Served<WithdrawalId>> {
    let representative = power(tx, permit, agreement, &ask.organisation)?;
    let found = take(tx, agreement, Verb::Withdraw)?;
    let now = tx.now();
    let version = found.governing(now)?;
    let parties = queries::parties(tx, &version.id)?;
    let party = rules::party(&parties, &ask.organisation)?;
    let rule = rules::lifecycle::termination_rule(version.clauses()?);
    rules::lifecycle::may_leave(&rule)?;
    let spaces = lent_by(version, &found.layout, &party.code)?;
    let not_alone = |zh: &str, en: &str| Err(Fault::refused(Code::StateConflict, vec![Reason::plain("not-alone", zh, en)]));
    if party.capacity != PartyCapacity::PropertyUnit || spaces.is_empty() {
        return not_alone(
            "只有提供场地的产权单位可以带着自己的空间退出；其他方可以发终止通知。",
            "Only a property unit that lends spaces can leave with them; others can give notice of termination.",
        );
    }
    // A version that took effect after somebody had left may lend their spaces again.
    let left: Vec<_> = found.life.withdrawals.iter().filter(|w| version.effect.is_none_or(|effect| effect.from < w.ends_at)).collect();
    if left.iter().any(|w| w.organisation == ask.organisation) {
        return Err(Fault::saying(Code::StateConflict, "这一方已经提出退出了。", "This party has said that it leaves already."));
    }
    let stays = |space: &SpaceLayout| !spaces.contains(&space.space) && !left.iter().any(|w| w.spaces.contains(&space.space));
    if !found.layout.iter().any(stays) {
        return not_alone(
            "这一方退出以后，协议里什么空间也不剩；可以发终止通知。",
            "Without this party no space would be left in the agreement; notice of termination can be given.",
        );
    }
    let ends_at = rules::lifecycle::notice_ends(&rule, ask.last_day, &found.zone, now, found.standing.ends_at)?;
    lock_spaces(tx, agreement)?;
    let id = WithdrawalId::fresh();
    let actor = Some(permit.account());
    let plan = impact::actions::apply(tx, &Event::ending(of(agreement), id.as_str(), ends_at, Some(spaces.clone())), actor)?;
    terms::actions::end_rows(tx, &before(&found.versions, ends_at), Some(&spaces), ends_at)?;
    let new = NewEnding {
        id: &id,
        agreement: &agreement.id,
        organisation: &ask.organisation,
        representative: &representative,
        account: permit.account(),
        text: &ask.text,
        served_at: now,
        ends_at,
    };
    sql::lifecycle::insert_withdrawal(tx, &new, &spaces)?;
    let organisation = Some(&ask.organisation);
    let (text, until) = (Some(ask.text.as_str()), Some(ends_at));
    tell(tx, agreement, &Told { kind: LifeKind::WithdrawalServed, subject: id.as_str(), organisation, actor, text, until })?;
    Ok(Served { id, ends_at, plan })
}

/// The spaces a party lends, and whatever shares a part with one of them: half a hall is no hall.
fn lent_by(version: &Version, layout: &[SpaceLayout], code: &str) -> Outcome<Vec<SpaceId>> {
    let Some(effect) = version.effect else { return Ok(Vec::new()) };
    let rows = terms_rules::compile(version.clauses()?, layout, effect.agreed_at);
    let lends = |row: &&CompiledTerm| matches!(&row.payload, Payload::SpaceGrant { by, .. } if by == code);
    let lent: Vec<&SpaceLayout> = layout.iter().filter(|space| rows.iter().filter(lends).any(|row| row.space == space.space)).collect();
    let touches = |space: &&SpaceLayout| lent.iter().any(|other| other.atoms.iter().any(|atom| space.atoms.contains(atom)));
    Ok(layout.iter().filter(touches).map(|space| space.space.clone()).collect())
}

/// A party objects to a notice (Civil Code art. 565): everybody hears of it; the notice runs on, a court may undo it.
pub fn dispute(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    id: &TerminationId,
    organisation: &OrganisationId,
    text: &str,
) -> Outcome<EntryId> {
    super::super::signing::sign_power(tx, permit, agreement, organisation)?;
    let found = take(tx, agreement, Verb::Dispute)?;
    let notice = found.life.terminations.iter().find(|notice| notice.id == *id).ok_or_else(|| Fault::from(Code::NotFound))?;
    if notice.organisation == *organisation {
        return Err(Fault::saying(Code::StateConflict, "这是自己发的通知。", "The notice is this party's own."));
    }
    if notice.disputed_by.contains(organisation) {
        return Err(Fault::saying(Code::StateConflict, "这一方已经提过异议了。", "This party has objected already."));
    }
    // Once the notice has ended the agreement nothing governs: then its parties are those of the last moment.
    let bound = tx.now().min(Instant(notice.ends_at.0 - 1));
    let version = found.governing(bound)?;
    rules::party(&queries::parties(tx, &version.id)?, organisation)?;
    let (kind, subject, actor, until) = (LifeKind::TerminationDisputed, id.as_str(), Some(permit.account()), Some(notice.ends_at));
    tell(tx, agreement, &Told { kind, subject, organisation: Some(organisation), actor, text: Some(text), until })
}
