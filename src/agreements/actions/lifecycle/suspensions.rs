//! Closing spaces for a while, and opening them again.

use super::{Now, Told, behind_lock, lock_spaces, take, tell};
use crate::access::deeds::{LiftSuspension, OrderPlannedSuspension, OrderSuspension, ReviewSuspension};
use crate::access::{self, Permit};
use crate::agreements::model::lifecycle::{LifeKind, LifeTimer, OfSpaces, ReviewOutcome, Suspension, SuspensionAsk, Verb};
use crate::agreements::model::{Agreement, Shared, Version};
use crate::agreements::{queries, rules, sql};
use crate::impact::model::{Event, Of, StoredPlan};
use crate::kernel::id::{AccountId, Id, OrganisationId, SpaceId, SuspensionId};
use crate::kernel::{Code, Fault, FieldFault, Instant, Outcome};
use crate::people::model::{Power, Role};
use crate::store::{Conn, Tx};
use crate::terms::model::{ClauseKind, Orderer, Payload, Relation, Suspended, Urgency};
use crate::terms::rules::{CompiledTerm, SpaceLayout};
use crate::{impact, outbox, people, places, terms};

/// The spaces asked for as the permission table sees them; `None` = all the agreement covers.
pub fn subject(conn: &mut Conn, agreement: &Agreement, shared: &Shared, spaces: Option<&[SpaceId]>) -> Outcome<OfSpaces> {
    let mut titles = Vec::new();
    let mut runs = Vec::new();
    for site in &agreement.sites {
        for floor in places::queries::floors(conn, site)? {
            titles.push((floor.id, floor.title));
        }
        if let Some(site) = places::queries::site(conn, site)? {
            runs.push((site.id, site.organisation_id));
        }
    }
    let mut asked = places::queries::spaces(conn, &agreement.sites)?;
    asked.retain(|space| spaces.is_none_or(|spaces| spaces.contains(&space.id)));
    let owner = |space: &places::model::Space| {
        let of_floor = || titles.iter().find(|(floor, _)| *floor == space.floor_id).and_then(|(_, title)| title.clone());
        space.title.clone().or_else(of_floor)
    };
    let operator = |space: &places::model::Space| runs.iter().find(|(site, _)| *site == space.site_id).and_then(|(_, o)| o.clone());
    let of_all = |of: &dyn Fn(&places::model::Space) -> Option<OrganisationId>| {
        let first = asked.first().and_then(of);
        first.filter(|first| asked.iter().all(|space| of(space).as_ref() == Some(first))).into_iter().collect()
    };
    Ok(OfSpaces {
        area_path: shared.area_path.clone(),
        owners: of_all(&owner),
        operators: of_all(&operator),
        known_to: shared.organisations.clone(),
        known_to_all: shared.known_to_all,
    })
}

/// As whom the caller orders, and for which organisation. The power of who acts for a property unit is held until the commit.
fn orderer(
    tx: &mut Tx,
    permit: &Permit<OrderSuspension>,
    agreement: &Agreement,
    place: &OfSpaces,
) -> Outcome<(Orderer, Option<OrganisationId>)> {
    if permit.by(Role::Community) {
        return Ok((Orderer::Community, None));
    }
    if permit.by(Role::Street) {
        return Ok((Orderer::Street, None));
    }
    let who = permit.who();
    for owner in place.owners.iter().filter(|_| permit.by(Role::PropertyUnit)) {
        if people::actions::hold_power(tx, who, owner, Power::Suspend, &agreement.code)?.is_some() {
            return Ok((Orderer::PropertyUnit, Some(owner.clone())));
        }
    }
    let runs = |o: &&OrganisationId| who.grants.iter().any(|g| g.role == Role::Operator && g.organisation.as_ref() == Some(*o));
    match place.operators.iter().find(runs) {
        Some(operator) => Ok((Orderer::Operator, Some(operator.clone()))),
        None => Err(Fault::saying(Code::Forbidden, "您没有暂停这些空间的授权。", "You are not authorised to suspend these spaces.")),
    }
}

/// A suspension that was ordered, and what became of the bookings it met.
#[derive(Debug)]
pub struct Ordered {
    /// It.
    pub suspension: Suspension,
    /// The answers.
    pub plan: StoredPlan,
}

/// Closes spaces: those asked for, and whatever shares a part with one of them.
pub fn order(
    tx: &mut Tx,
    permit: &Permit<OrderSuspension>,
    agreement: &Agreement,
    place: &OfSpaces,
    ask: &SuspensionAsk,
) -> Outcome<Ordered> {
    if ask.urgency == Urgency::Planned {
        access::ask::<OrderPlannedSuspension>(permit.who().clone(), place)?;
    }
    let (ordered_by, organisation) = orderer(tx, permit, agreement, place)?;
    let found = take(tx, agreement, Verb::Suspend)?;
    let now = tx.now();
    let version = found.governing(now)?;
    let rule = rules::lifecycle::suspension_rule(version.clauses()?);
    let spaces = named(&found, ask)?;
    let (from, until) = rules::lifecycle::suspension_period(ask, ordered_by, &rule, &found.zone, now)?;
    if let Some(standing) = rules::lifecycle::suspended_already(&found.life.suspensions, &spaces, (from, until), now) {
        let (zh, en) = found.zone.say(standing.from);
        let (zh, en) = (format!("这些空间已经在暂停了，从 {zh} 开始。"), format!("These spaces are suspended already, from {en}."));
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    let suspension = Suspension {
        id: SuspensionId::fresh(),
        urgency: ask.urgency,
        ground: ask.ground,
        text: ask.text.clone(),
        evidence: ask.evidence.clone(),
        ordered_by,
        organisation,
        account: permit.account().clone(),
        spaces,
        from,
        until,
        ordered_at: now,
        lifted_at: None,
    };
    lock_spaces(tx, agreement)?;
    let immediate = ask.urgency == Urgency::Immediate;
    let event = Event::suspension(of(agreement), suspension.id.as_str(), suspension.spaces.clone(), from, until, immediate);
    let plan = impact::actions::apply(tx, &event, Some(permit.account()))?;
    let rows = rows(&found.layout, &suspension);
    terms::actions::put_suspension(tx, (&agreement.id, &agreement.code), (&version.id, version.no), &rows)?;
    sql::lifecycle::insert_suspension(tx, &agreement.id, &suspension)?;
    let (subject, text) = (suspension.id.as_str(), Some(suspension.text.as_str()));
    let organisation = suspension.organisation.as_ref();
    let actor = Some(permit.account());
    tell(tx, agreement, &Told { kind: LifeKind::SuspensionOrdered, subject, organisation, actor, text, until })?;
    let looked_at = from.plus_days(rule.rule.longest_days);
    if until.is_none_or(|until| looked_at < until) {
        look_again(tx, agreement, &suspension.id, looked_at)?;
    }
    Ok(Ordered { suspension, plan })
}

pub(super) fn of(agreement: &Agreement) -> Of<'_> {
    Of { agreement: &agreement.id, area: &agreement.area, sites: &agreement.sites }
}

fn look_again(tx: &mut Tx, agreement: &Agreement, id: &SuspensionId, at: Instant) -> Outcome<()> {
    outbox::enqueue_at(tx, &LifeTimer { agreement: agreement.id.clone(), suspension: Some(id.clone()), ends_at: 0 }, at)
}

/// The spaces asked for, each one of the agreement's.
pub(super) fn named(found: &Now, ask: &SuspensionAsk) -> Outcome<Vec<SpaceId>> {
    let Some(spaces) = &ask.spaces else { return Ok(found.layout.iter().map(|space| space.space.clone()).collect()) };
    let unknown = spaces.iter().enumerate().filter(|(_, space)| !found.layout.iter().any(|known| known.space == **space));
    let faults: Vec<FieldFault> = unknown
        .map(|(i, _)| {
            FieldFault::at(format!("/space_ids/{i}"), "unknown", "协议里没有这个空间。", "The agreement does not cover this space.")
        })
        .collect();
    if faults.is_empty() { Ok(spaces.clone()) } else { Err(Fault::invalid(faults)) }
}

/// A row for each space that is named, or shares a part with one that is.
fn rows(layout: &[SpaceLayout], suspension: &Suspension) -> Vec<CompiledTerm> {
    let named: Vec<&SpaceLayout> = layout.iter().filter(|space| suspension.spaces.contains(&space.space)).collect();
    let shares = |a: &SpaceLayout, b: &SpaceLayout| a.atoms.iter().any(|atom| b.atoms.contains(atom));
    let row = |space: &SpaceLayout| {
        let own = named.iter().find(|other| other.space == space.space);
        let whole = || named.iter().find(|other| space.atoms.iter().all(|atom| other.atoms.contains(atom)));
        let (relation, origin) = match (own, whole()) {
            (Some(own), _) => (Relation::Own, own),
            (None, Some(whole)) => (Relation::Whole, whole),
            (None, None) => (Relation::Part, named.iter().find(|other| shares(other, space))?),
        };
        let (urgency, ordered_by, ground) = (suspension.urgency, suspension.ordered_by, suspension.text.clone());
        let suspended = Suspended { urgency, ordered_by, ground, closure: false };
        Some(CompiledTerm {
            space: space.space.clone(),
            from: suspension.from,
            to: suspension.until.unwrap_or(Instant::LATEST),
            clause_id: suspension.id.to_string(),
            kind: ClauseKind::Suspension,
            origin: origin.code.to_string(),
            relation,
            exception: false,
            payload: Payload::Suspension(suspended),
            text_zh: suspension.text.clone(),
            text_en: None,
        })
    };
    layout.iter().filter_map(row).collect()
}

/// The suspension, standing; 404 when there is none, 409 when it is lifted or over.
fn standing(found: &Now, id: &SuspensionId, now: Instant) -> Outcome<Suspension> {
    let suspension = found.life.suspensions.iter().find(|s| s.id == *id).ok_or_else(|| Fault::from(Code::NotFound))?;
    if suspension.stands(now) {
        return Ok(suspension.clone());
    }
    Err(match suspension.lifted_at {
        Some(at) => {
            let (zh, en) = found.zone.say(at);
            Fault::saying(Code::StateConflict, format!("这次暂停 {zh} 已经解除了。"), format!("This suspension was lifted on {en}."))
        }
        None => Fault::saying(Code::StateConflict, "这次暂停已经到期了。", "This suspension is over."),
    })
}

/// A suspension of the agreement; 404 when there is none.
pub fn find(conn: &mut Conn, agreement: &Agreement, id: &SuspensionId) -> Outcome<Suspension> {
    let life = queries::lifecycle::life(conn, &agreement.id)?;
    life.suspensions.into_iter().find(|s| s.id == *id).ok_or_else(|| Code::NotFound.into())
}

/// Whose order it was may lift it.
pub fn lift(
    tx: &mut Tx,
    permit: &Permit<LiftSuspension>,
    agreement: &Agreement,
    suspension: &Suspension,
    text: &str,
) -> Outcome<StoredPlan> {
    let own = match suspension.ordered_by {
        Orderer::Community => permit.by(Role::Community),
        Orderer::Street => permit.by(Role::Street),
        Orderer::PropertyUnit => {
            let owner = suspension.organisation.as_ref();
            permit.by(Role::PropertyUnit) && owner.is_some_and(|o| permit.who().represents_in(o, Power::Suspend, &agreement.code).is_some())
        }
        Orderer::Operator => false,
    };
    if !own {
        let who = suspension.ordered_by;
        return Err(Fault::saying(
            Code::Forbidden,
            format!("这次暂停是{}作出的，由{}解除；有不同意见可以请街道复查。", who.zh(), who.zh()),
            format!("It was ordered by {} and is lifted by whom it was ordered; the street office can review it.", who.en()),
        ));
    }
    open_again(tx, agreement, &suspension.id, permit.account(), text)
}

fn open_again(tx: &mut Tx, agreement: &Agreement, id: &SuspensionId, by: &AccountId, text: &str) -> Outcome<StoredPlan> {
    // Of a suspension that was lifted while we waited that is said, not that nothing is suspended.
    let found = behind_lock(tx, agreement)?;
    let now = tx.now();
    let suspension = standing(&found, id, now)?;
    rules::lifecycle::check(&found.standing, Verb::Lift)?;
    lock_spaces(tx, agreement)?;
    let subject = suspension.id.as_str();
    let organisation = suspension.organisation.as_ref();
    let told = Told { kind: LifeKind::SuspensionLifted, subject, organisation, actor: Some(by), text: Some(text), until: None };
    let lifting = tell(tx, agreement, &told)?;
    let plan = impact::actions::apply(tx, &Event::lifting(of(agreement), lifting.as_str(), subject), Some(by))?;
    terms::actions::end_suspensions(tx, &agreement.id, Some(subject), now)?;
    Ok(plan)
}

/// The street looks at a suspension another ordered: it stands, or it is lifted. Nobody reviews what they ordered themselves: the
/// street lifts its own, and who acts for the organisation that ordered one leaves it to a colleague.
pub fn review(
    tx: &mut Tx,
    permit: &Permit<ReviewSuspension>,
    agreement: &Agreement,
    id: &SuspensionId,
    outcome: ReviewOutcome,
    text: &str,
) -> Outcome<Option<StoredPlan>> {
    let ordered = find(tx, agreement, id)?;
    if !ordered.is_reviewed() || ordered.is_of(permit.who()) {
        return Err(Fault::saying(
            Code::Forbidden,
            "自己一方作出的暂停不能自己复查；可以解除。",
            "Nobody reviews a suspension their own side ordered; it can be lifted.",
        ));
    }
    if outcome == ReviewOutcome::Lifted {
        return open_again(tx, agreement, id, permit.account(), text).map(Some);
    }
    let found = behind_lock(tx, agreement)?;
    let now = tx.now();
    let suspension = standing(&found, id, now)?;
    let subject = suspension.id.as_str();
    let organisation = suspension.organisation.as_ref();
    let actor = Some(permit.account());
    let (kind, until) = (LifeKind::SuspensionUpheld, suspension.until);
    tell(tx, agreement, &Told { kind, subject, organisation, actor, text: Some(text), until })?;
    Ok(None)
}

/// A suspension that has lasted long and still stands goes before the street, and again after as long.
pub(super) fn still_stands(tx: &mut Tx, agreement: &Agreement, id: &SuspensionId) -> Outcome<()> {
    let found = behind_lock(tx, agreement)?;
    let now = tx.now();
    let Some(suspension) = found.life.suspensions.iter().find(|s| s.id == *id && s.stands(now)) else { return Ok(()) };
    let clauses = rules::lifecycle::governing(&found.versions, now).map(Version::clauses).transpose()?.unwrap_or_default();
    let again = now.plus_days(rules::lifecycle::suspension_rule(clauses).rule.longest_days);
    let (kind, subject, until) = (LifeKind::SuspensionEscalated, suspension.id.as_str(), suspension.until);
    tell(tx, agreement, &Told { kind, subject, organisation: None, actor: None, text: None, until })?;
    if until.is_none_or(|until| again < until) {
        look_again(tx, agreement, id, again)?;
    }
    Ok(())
}
