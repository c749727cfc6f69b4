//! What an agreement asks of whom, beside its versions.

use super::lifecycle::{against, pending};
use crate::agreements::model::lifecycle::{Life, Phase, Proposal, Standing, Verb};
use crate::agreements::model::waiting::WaitingFor;
use crate::agreements::model::{PartyState, Version};
use crate::kernel::Instant;
use crate::kernel::id::{AccountId, AgreementId, OrganisationId};
use crate::people::model::Standing as Caller;

/// A matter of an agreement's life that somebody has to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// What is asked.
    pub what: WaitingFor,
    /// Of which party; `None`: of the community or street in charge.
    pub party: Option<OrganisationId>,
    /// Since when.
    pub since: Instant,
    /// Id of what is to be answered.
    pub subject: String,
    /// Who has done the first half of it, and so never the second …
    pub not_by: Option<AccountId>,
    /// … nor whoever acts for the organisation it was done for.
    pub not_for: Option<OrganisationId>,
}

impl Matter {
    /// Somebody, or whom they act for, has done the first half of it.
    pub fn begun_by(&self, who: &Caller) -> bool {
        self.not_by.as_ref().is_some_and(|account| who.is_behind(account, self.not_for.as_ref()))
    }
}

/// Everything an agreement's life asks at a moment: proposals the community has not answered, suspensions the street has not
/// reviewed, an annulment whose other signers are asked (`parties` are those of the version to come), the settlement of what has
/// ended, its closing by a second person.
pub fn of_life(
    id: &AgreementId,
    (versions, parties): (&[Version], &[PartyState]),
    (life, standing): (&Life, &Standing),
    proposals: &[Proposal],
    now: Instant,
) -> Vec<Matter> {
    let in_charge =
        |what, since, subject: &str| Matter { what, party: None, since, subject: subject.to_owned(), not_by: None, not_for: None };
    let mut all = Vec::new();
    // Of what has ended there is nothing to close, and nothing to open again.
    if against(standing, Verb::Suspend).is_none() {
        let open = proposals.iter().filter(|proposal| proposal.is_open(now));
        all.extend(open.map(|one| in_charge(WaitingFor::SuspensionProposal, one.proposed_at, one.id.as_str())));
        let standing = life.suspensions.iter().filter(|suspension| suspension.stands(now) && suspension.is_reviewed());
        let before_street = standing.filter_map(|one| Some((one, life.escalated.iter().find(|(id, _)| *id == one.id)?.1)));
        all.extend(before_street.map(|(one, since)| Matter {
            not_by: Some(one.account.clone()),
            not_for: one.organisation.clone(),
            ..in_charge(WaitingFor::SuspensionReview, since, one.id.as_str())
        }));
    }
    if let Some(version) = pending(versions, now) {
        let consents: Vec<_> = life.annulling.iter().filter(|(of, ..)| *of == version.id).collect();
        if let Some((.., since)) = consents.first() {
            let asked = |party: &&PartyState| party.has_signed() && !consents.iter().any(|(_, by, _)| *by == party.organisation);
            all.extend(parties.iter().filter(asked).map(|party| Matter {
                party: Some(party.organisation.clone()),
                ..in_charge(WaitingFor::Annulment, *since, version.id.as_str())
            }));
        }
    }
    match (standing.phase, standing.ends_at, &life.settling) {
        (Phase::Ended, Some(ended), _) => all.push(in_charge(WaitingFor::Settlement, ended, id.as_str())),
        (Phase::Settling, _, Some((since, by))) => {
            all.push(Matter { not_by: Some(by.clone()), ..in_charge(WaitingFor::Closing, *since, id.as_str()) });
        }
        _ => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::lifecycle::standing;
    use super::super::samples::{self, party};
    use super::*;
    use crate::agreements::model::VersionState;
    use crate::agreements::model::lifecycle::{Suspension, SuspensionAsk};
    use crate::kernel::id::{Id, ProposalId, SuspensionId};
    use crate::terms::model::{Orderer, SuspensionGround, Urgency};

    const DAY: i64 = 86_400_000_000;

    fn version(no: i32, from: i64, to: i64) -> Version {
        samples::version(no, VersionState::Agreed, Some((Instant(from * DAY), Instant(to * DAY))))
    }

    fn proposal(from: Option<i64>, until: Option<i64>, answered: bool) -> Proposal {
        let day = |day: i64| Instant(day * DAY);
        Proposal {
            id: ProposalId::fresh(),
            organisation: OrganisationId::fresh(),
            ask: SuspensionAsk {
                urgency: Urgency::Planned,
                ground: SuspensionGround::Repair,
                text: "刷墙".into(),
                evidence: None,
                spaces: None,
                from: from.map(day),
                until: until.map(day),
            },
            proposed_at: Instant(1),
            answered,
        }
    }

    fn asked(
        versions: &[Version],
        parties: &[PartyState],
        life: &Life,
        proposals: &[Proposal],
        day: i64,
    ) -> Vec<(WaitingFor, Option<AccountId>)> {
        let now = Instant(day * DAY);
        let found = of_life(&AgreementId::fresh(), (versions, parties), (life, &standing(versions, life, now)), proposals, now);
        found.into_iter().map(|matter| (matter.what, matter.not_by)).collect()
    }

    #[test]
    fn a_proposal_waits_until_it_is_answered_or_its_time_has_come() {
        let (governs, none) = ([version(1, 0, 100)], Life::default());
        let open = [proposal(Some(20), Some(22), false), proposal(None, None, false)];
        assert_eq!(asked(&governs, &[], &none, &open, 10).len(), 2);
        assert_eq!(asked(&governs, &[], &none, &open, 20).len(), 1, "it was to begin by now");
        assert_eq!(asked(&governs, &[], &none, &[proposal(Some(20), Some(22), true)], 10), []);
        // What has ended has nothing to suspend; it waits for its settlement instead.
        assert_eq!(asked(&governs, &[], &none, &open[1..], 100), [(WaitingFor::Settlement, None)]);
    }

    #[test]
    fn a_suspension_waits_for_the_street_once_it_came_before_it_and_while_it_stands() {
        let governs = [version(1, 0, 100)];
        let suspension = Suspension {
            id: SuspensionId::fresh(),
            urgency: Urgency::Immediate,
            ground: SuspensionGround::Safety,
            text: "漏水".into(),
            evidence: None,
            ordered_by: Orderer::Community,
            organisation: None,
            account: AccountId::fresh(),
            spaces: vec![],
            from: Instant(0),
            until: Some(Instant(80 * DAY)),
            ordered_at: Instant(0),
            lifted_at: None,
        };
        let twice = vec![(suspension.id.clone(), Instant(60 * DAY)), (suspension.id.clone(), Instant(70 * DAY))];
        let life = |suspension: &Suspension, escalated: &[(SuspensionId, Instant)]| Life {
            suspensions: vec![suspension.clone()],
            escalated: escalated.to_vec(),
            ..Life::default()
        };
        assert_eq!(asked(&governs, &[], &life(&suspension, &[]), &[], 75), []);
        let once = [(WaitingFor::SuspensionReview, Some(suspension.account.clone()))];
        assert_eq!(asked(&governs, &[], &life(&suspension, &twice), &[], 75), once);
        let streets = Suspension { ordered_by: Orderer::Street, ..suspension.clone() };
        assert_eq!(asked(&governs, &[], &life(&streets, &twice), &[], 75), [], "the street does not review its own");
        assert_eq!(asked(&governs, &[], &life(&suspension, &twice), &[], 80), [], "it is over");
        let over = [version(1, 0, 75)];
        assert_eq!(asked(&over, &[], &life(&suspension, &twice), &[], 75), [(WaitingFor::Settlement, None)], "the agreement is");
        let lifted = Suspension { lifted_at: Some(Instant(74 * DAY)), ..suspension };
        assert_eq!(asked(&governs, &[], &life(&lifted, &twice), &[], 75), []);
    }

    #[test]
    fn an_annulment_asks_those_who_signed_and_have_not_agreed_to_it() {
        let versions = [version(2, 50, 100), version(1, 0, 50)];
        let parties = [party(1, true), party(1, true), party(1, false)];
        let consented = |by: &PartyState| Life {
            annulling: vec![(versions[0].id.clone(), by.organisation.clone(), Instant(10 * DAY))],
            ..Life::default()
        };
        assert_eq!(asked(&versions, &parties, &Life::default(), &[], 20), [], "nobody has asked for it");
        let now = Instant(20 * DAY);
        let life = consented(&parties[0]);
        let found = of_life(&AgreementId::fresh(), (&versions, &parties), (&life, &standing(&versions, &life, now)), &[], now);
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.what, &one.party), (WaitingFor::Annulment, &Some(parties[1].organisation.clone())));
        assert_eq!((one.since, one.subject.as_str()), (Instant(10 * DAY), versions[0].id.as_str()));
        assert_eq!(asked(&versions, &parties, &life, &[], 50), [], "it is in effect");
    }

    #[test]
    fn what_has_ended_is_settled_then_closed_by_another() {
        let over = [version(1, 0, 100)];
        let by = AccountId::fresh();
        let settling = Life { settling: Some((Instant(101 * DAY), by.clone())), ..Life::default() };
        let closed = Life { closed_at: Some(Instant(102 * DAY)), ..settling.clone() };
        assert_eq!(asked(&over, &[], &Life::default(), &[], 99), []);
        assert_eq!(asked(&over, &[], &Life::default(), &[], 100), [(WaitingFor::Settlement, None)]);
        assert_eq!(asked(&over, &[], &settling, &[], 103), [(WaitingFor::Closing, Some(by))]);
        assert_eq!(asked(&over, &[], &closed, &[], 103), []);
        assert_eq!(asked(&[], &[], &Life::default(), &[], 103), [], "nothing was agreed");
    }
}
