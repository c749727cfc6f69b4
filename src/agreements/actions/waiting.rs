//! What waits for somebody: one list, gathered from where things wait.
//!
//! Each source is asked for what is open and concerns the caller; whoever could not answer is not asked. Bookings that wait for a yes
//! are no part of it: they compete with each other, and are compared where they are answered.

use super::consent::requirements;
use super::lifecycle::look;
use crate::access::deeds::{
    ApproveUsageTerms, CloseAgreement, DraftVersion, OrderPlannedSuspension, RecordOwnersVote, ReviewSuspension, SettleAgreement,
};
use crate::access::scopes;
use crate::agreements::model::signing::{PendingSignature, PendingState};
use crate::agreements::model::waiting::{Waiting, WaitingFor};
use crate::agreements::model::{Agreement, PartyState, Version, VersionState};
use crate::agreements::rules::consent::is_needed;
use crate::agreements::rules::lifecycle::pending;
use crate::agreements::rules::signing::awaited;
use crate::agreements::{queries, rules};
use crate::kernel::id::{AgreementId, OrganisationId};
use crate::kernel::{Fault, Instant, Outcome};
use crate::people::model::{Power, Standing};
use crate::store::Tx;
use crate::usage;
use crate::usage::queries::Answering;

/// Everything that waits for somebody, the oldest first.
pub fn waiting(tx: &mut Tx, who: &Standing) -> Outcome<Vec<Waiting>> {
    let mut all = versions(tx, who)?;
    all.extend(votes(tx, who)?);
    all.extend(replies(tx, who)?);
    all.extend(life(tx, who)?);
    all.extend(usage_terms(tx, who)?);
    all.sort_by_cached_key(Waiting::key);
    Ok(all)
}

fn of_version(what: WaitingFor, since: Instant, subject: &str, agreement: &Agreement, version: &Version) -> Waiting {
    let (agreement, version) = (Some(agreement.clone()), Some(version.clone()));
    Waiting { what, party: None, since, subject: subject.to_owned(), agreement, version, proposal: None }
}

fn found(tx: &mut Tx, agreement: &AgreementId, no: i32) -> Outcome<(Agreement, Version)> {
    let gone = || Fault::internal("a version is gone");
    let agreement = queries::find(tx, agreement)?.ok_or_else(gone)?;
    let version = queries::version_no(tx, &agreement.id, no)?.ok_or_else(gone)?;
    Ok((agreement, version))
}

/// Versions put to the parties somebody acts for.
fn versions(tx: &mut Tx, who: &Standing) -> Outcome<Vec<Waiting>> {
    let organisations: Vec<OrganisationId> = who.represents.iter().map(|r| r.organisation.clone()).collect();
    let mut all = Vec::new();
    for (agreement, no) in queries::waiting::put_to(tx, &organisations)? {
        let (agreement, version) = found(tx, &agreement, no)?;
        all.extend(match version.state {
            VersionState::InRound => talked_over(tx, who, &agreement, &version)?,
            _ => signed(tx, who, &agreement, &version)?,
        });
    }
    Ok(all)
}

fn may<'w>(who: &'w Standing, agreement: &'w Agreement, power: Power) -> impl Fn(&PartyState) -> bool + 'w {
    move |party| who.represents_in(&party.organisation, power, &agreement.code).is_some()
}

/// What a version in a round asks of the parties somebody speaks for.
fn talked_over(tx: &mut Tx, who: &Standing, agreement: &Agreement, version: &Version) -> Outcome<Vec<Waiting>> {
    let (parties, rounds) = (queries::parties(tx, &version.id)?, queries::rounds::rounds(tx, &agreement.id)?);
    let Some(open) = rounds.iter().find(|round| round.version == version.id && round.closed_at.is_none()) else { return Ok(vec![]) };
    let may = may(who, agreement, Power::Position);
    let silent = |party: &&PartyState| !open.positions.iter().any(|position| position.organisation == party.organisation) && may(party);
    let asked = |party: &PartyState| Waiting {
        party: Some(party.organisation.clone()),
        ..of_version(WaitingFor::Position, open.opened_at, version.id.as_str(), agreement, version)
    };
    Ok(parties.iter().filter(silent).map(asked).collect())
}

/// What a version that is being signed asks of the parties somebody signs for.
fn signed(tx: &mut Tx, who: &Standing, agreement: &Agreement, version: &Version) -> Outcome<Vec<Waiting>> {
    let now = tx.now();
    let Some(window) = version.signing.filter(|_| version.state_at(now).is_open_for_signing()) else { return Ok(vec![]) };
    let parties = queries::parties(tx, &version.id)?;
    let needs = requirements(tx, agreement, version, now)?;
    let pending = queries::signing::pending(tx, &version.id)?;
    let comes_first = |party: &PartyState| is_needed(&needs, &party.organisation, &parties);
    let may = may(who, agreement, Power::Sign);
    let mut all = Vec::new();
    for party in awaited(&parties, &comes_first).into_iter().filter(|party| may(party)) {
        let mut ask = |what, since, subject: &str| {
            all.push(Waiting { party: Some(party.organisation.clone()), ..of_version(what, since, subject, agreement, version) });
        };
        match &party.signature {
            Some(paper) => ask(WaitingFor::Confirmation, paper.signed_at, paper.id.as_str()),
            None => ask(WaitingFor::Signature, window.opened_at, version.id.as_str()),
        }
        let mine = |one: &&PendingSignature| {
            one.organisation == party.organisation && one.account != who.account && one.state(now) == PendingState::PendingRatification
        };
        pending.iter().filter(mine).for_each(|one| ask(WaitingFor::Ratification, one.signed_at, one.id.as_str()));
    }
    Ok(all)
}

/// Owners' votes that a second person of the community or street confirms.
fn votes(tx: &mut Tx, who: &Standing) -> Outcome<Vec<Waiting>> {
    let now = tx.now();
    let mut all = Vec::new();
    for one in queries::waiting::unconfirmed_votes(tx, &scopes::<RecordOwnersVote>(who))? {
        let (agreement, version) = found(tx, &one.agreement, one.version_no)?;
        if one.by != who.account && version.state_at(now).is_open_for_signing() {
            all.push(of_version(WaitingFor::VoteConfirmation, one.at, one.vote.as_str(), &agreement, &version));
        }
    }
    Ok(all)
}

/// Objections and conditions that want a written answer of those who draft.
fn replies(tx: &mut Tx, who: &Standing) -> Outcome<Vec<Waiting>> {
    let mut all = Vec::new();
    for one in queries::waiting::unanswered(tx, &scopes::<DraftVersion>(who))? {
        let (agreement, version) = found(tx, &one.agreement, one.version_no)?;
        all.push(of_version(WaitingFor::Reply, one.at, one.position.as_str(), &agreement, &version));
    }
    Ok(all)
}

/// What the life of agreements asks beside their versions.
fn life(tx: &mut Tx, who: &Standing) -> Outcome<Vec<Waiting>> {
    let now = tx.now();
    let areas = |what| match what {
        WaitingFor::SuspensionProposal => scopes::<OrderPlannedSuspension>(who),
        WaitingFor::SuspensionReview => scopes::<ReviewSuspension>(who),
        WaitingFor::Settlement => scopes::<SettleAgreement>(who),
        WaitingFor::Closing => scopes::<CloseAgreement>(who),
        _ => vec![],
    };
    let kinds = [WaitingFor::SuspensionProposal, WaitingFor::SuspensionReview, WaitingFor::Settlement, WaitingFor::Closing];
    let mut in_charge: Vec<String> = kinds.into_iter().flat_map(areas).collect();
    in_charge.sort();
    in_charge.dedup();
    // Whether they sign in the very agreement is asked below.
    let signs: Vec<OrganisationId> = who.represents.iter().map(|r| r.organisation.clone()).collect();
    let mut ids = queries::waiting::open_matters(tx, &in_charge, now)?;
    ids.extend(queries::waiting::annulling(tx, &signs, now)?);
    ids.sort();
    ids.dedup();
    let mut all = Vec::new();
    for id in ids {
        let agreement = queries::find(tx, &id)?.ok_or_else(|| Fault::internal("an agreement is gone"))?;
        let versions = queries::versions(tx, &id)?;
        let (life, standing) = look(tx, &id, &versions)?;
        let proposals = queries::lifecycle::proposals(tx, &id)?;
        let to_come = pending(&versions, now);
        let parties = to_come.map(|version| queries::parties(tx, &version.id)).transpose()?.unwrap_or_default();
        for matter in rules::waiting::of_life(&id, (&versions, &parties), (&life, &standing), &proposals, now) {
            let answers = match &matter.party {
                Some(party) => who.represents_in(party, Power::Sign, &agreement.code).is_some(),
                None => areas(matter.what).iter().any(|path| agreement.area_path.starts_with(path)),
            };
            if !answers || matter.begun_by(who) {
                continue;
            }
            all.push(Waiting {
                what: matter.what,
                party: matter.party,
                since: matter.since,
                agreement: Some(agreement.clone()),
                version: to_come.filter(|_| matter.what == WaitingFor::Annulment).cloned(),
                proposal: proposals.iter().find(|proposal| proposal.id.as_str() == matter.subject).cloned(),
                subject: matter.subject,
            });
        }
    }
    Ok(all)
}

/// Usage terms that wait for a unit somebody answers for, or for the community in charge.
fn usage_terms(tx: &mut Tx, who: &Standing) -> Outcome<Vec<Waiting>> {
    let answering = Answering { units: who.acting_for(Power::Approve), areas: scopes::<ApproveUsageTerms>(who) };
    let asked = |one: usage::queries::Awaited| Waiting {
        what: WaitingFor::UsageApproval,
        party: Some(one.unit),
        since: one.since,
        subject: one.terms.to_string(),
        agreement: None,
        version: None,
        proposal: None,
    };
    Ok(usage::queries::waiting(tx, &answering)?.into_iter().map(asked).collect())
}
