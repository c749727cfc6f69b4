//! Asking the community for a suspension one may not order oneself.

use super::suspensions::{self, Ordered, named};
use super::{Told, take, tell};
use crate::access::deeds::{OrderPlannedSuspension, OrderSuspension, ProposeSuspension};
use crate::access::{self, Permit, Place};
use crate::agreements::model::lifecycle::{LifeKind, OfSpaces, Proposal, SuspensionAsk, Verb};
use crate::agreements::model::{Agreement, Shared};
use crate::agreements::{queries, rules, sql};
use crate::kernel::id::{EntryId, Id, OrganisationId, ProposalId, SpaceId};
use crate::kernel::{Code, Fault, Outcome};
use crate::people;
use crate::people::model::OrganisationKind;
use crate::store::{Conn, Tx, phrases};
use crate::terms::model::Orderer;

/// Proposals of an organisation that wait for an answer at most.
const MOST_OPEN: usize = 10;

/// An organisation's part in these spaces, as the permission table sees it: it owns every one of them, runs their site, or looks
/// after the buildings of the area.
pub fn subject(
    conn: &mut Conn,
    agreement: &Agreement,
    shared: &Shared,
    organisation: &OrganisationId,
    spaces: Option<&[SpaceId]>,
) -> Outcome<Place> {
    let place = suspensions::subject(conn, agreement, shared, spaces)?;
    let known = people::queries::organisations(conn, std::slice::from_ref(organisation))?;
    let manager = known.iter().any(|known| known.kind == OrganisationKind::PropertyManager);
    let looks_after =
        manager && people::queries::organisation_area(conn, organisation)?.is_some_and(|path| agreement.area_path.starts_with(&path));
    let own = looks_after || place.owners.contains(organisation) || place.operators.contains(organisation);
    let (known_to, known_to_all) = (place.known_to, place.known_to_all);
    Ok(Place { organisations: own.then(|| organisation.clone()).into_iter().collect(), known_to, known_to_all, ..Place::default() })
}

/// Asks for a suspension that the community could order as it stands.
pub fn propose(
    tx: &mut Tx,
    permit: &Permit<ProposeSuspension>,
    agreement: &Agreement,
    organisation: &OrganisationId,
    ask: &SuspensionAsk,
) -> Outcome<ProposalId> {
    let found = take(tx, agreement, Verb::Suspend)?;
    let now = tx.now();
    let rule = rules::lifecycle::suspension_rule(found.governing(now)?.clauses()?);
    let spaces = named(&found, ask)?;
    rules::lifecycle::suspension_period(ask, Orderer::Community, &rule, &found.zone, now)?;
    let ask = &SuspensionAsk { spaces: Some(spaces), ..ask.clone() };
    let mut open = queries::lifecycle::proposals(tx, &agreement.id)?;
    open.retain(|proposal| proposal.organisation == *organisation && !proposal.answered);
    if open.len() >= MOST_OPEN || open.iter().any(|proposal| proposal.ask == *ask) {
        let (zh, en) =
            ("社区还没有答复您之前的建议，等答复了再提。", "The community has not answered what you asked before; wait for its answer.");
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    let proposal =
        Proposal { id: ProposalId::fresh(), organisation: organisation.clone(), ask: ask.clone(), proposed_at: now, answered: false };
    sql::lifecycle::insert_proposal(tx, &agreement.id, &proposal, permit.account())?;
    let (subject, organisation, actor) = (proposal.id.as_str(), Some(organisation), Some(permit.account()));
    let (text, until) = (Some(ask.text.as_str()), ask.until);
    tell(tx, agreement, &Told { kind: LifeKind::SuspensionProposed, subject, organisation, actor, text, until })?;
    Ok(proposal.id)
}

/// A proposal of the agreement; 404 when there is none.
pub fn find(conn: &mut Conn, agreement: &Agreement, id: &ProposalId) -> Outcome<Proposal> {
    let all = queries::lifecycle::proposals(conn, &agreement.id)?;
    all.into_iter().find(|proposal| proposal.id == *id).ok_or_else(|| Code::NotFound.into())
}

/// The same, not answered yet, behind the agreement's lock.
fn unanswered(tx: &mut Tx, agreement: &Agreement, id: &ProposalId) -> Outcome<Proposal> {
    phrases::lock_agreement(tx, &agreement.id)?;
    let proposal = find(tx, agreement, id)?;
    if proposal.answered {
        return Err(Fault::saying(Code::StateConflict, "这个建议已经答复过了。", "This proposal was answered already."));
    }
    Ok(proposal)
}

/// The community orders what was asked for, in its own name.
pub fn order(
    tx: &mut Tx,
    permit: &Permit<OrderPlannedSuspension>,
    agreement: &Agreement,
    place: &OfSpaces,
    id: &ProposalId,
) -> Outcome<Ordered> {
    let proposal = unanswered(tx, agreement, id)?;
    let community = access::ask::<OrderSuspension>(permit.who().clone(), place)?;
    let (subject, organisation, actor) = (id.as_str(), Some(&proposal.organisation), Some(permit.account()));
    tell(tx, agreement, &Told { kind: LifeKind::ProposalOrdered, subject, organisation, actor, text: None, until: proposal.ask.until })?;
    suspensions::order(tx, &community, agreement, place, &proposal.ask)
}

/// The community does not, and says why.
pub fn decline(
    tx: &mut Tx,
    permit: &Permit<OrderPlannedSuspension>,
    agreement: &Agreement,
    id: &ProposalId,
    text: &str,
) -> Outcome<EntryId> {
    let proposal = unanswered(tx, agreement, id)?;
    let (subject, organisation, actor) = (id.as_str(), Some(&proposal.organisation), Some(permit.account()));
    tell(tx, agreement, &Told { kind: LifeKind::ProposalDeclined, subject, organisation, actor, text: Some(text), until: None })
}
