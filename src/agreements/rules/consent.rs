//! Whether the consent a version needs is there, can still come, or never will. Pure: the rule, the parties with their
//! signatures and declines, whom the change affects, and what the owners decided outside.

use super::kinds::{Ground, Touched, common_part, kinds, lenders};
use crate::agreements::model::PartyState;
use crate::kernel::id::OrganisationId;
use crate::terms::model::{AmendmentRule, ChangeKind, ChangeRule, Clause, ConsentRule, Party, Payload, VoteMatter};
use crate::words;
use std::collections::BTreeSet;

words! {
    /// How far consent has come.
    pub enum Consent {
        /// It is there.
        Met = "met",
        /// It may still come.
        Open = "open",
        /// Those who declined were needed.
        CannotBeMet = "cannot_be_met",
    }
}

/// What one kind of change needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Of which change; `None` for an agreement that is formed.
    pub change: Option<ChangeKind>,
    /// Who must consent.
    pub rule: ConsentRule,
    /// Natural codes of the parties whose spaces it touches.
    pub affected: BTreeSet<String>,
    /// Whole days from the day it is agreed to the first day it may take effect.
    pub wait_days: i64,
}

/// What the version before it said, if it still counts.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// Its clauses.
    pub clauses: &'a [Clause],
}

fn amendment_rule(clauses: &[Clause]) -> AmendmentRule {
    let rule = clauses.iter().find_map(|clause| match &clause.payload {
        Payload::AmendmentRule(rule) => Some(rule.clone()),
        _ => None,
    });
    rule.unwrap_or_default()
}

/// What a version needs: an agreement is formed by everybody (Civil Code art. 490); a later version needs what the rule in
/// force says of each kind of change it makes. Where it changes nothing by kind, everybody signs.
pub fn requirements(before: Option<Before>, after: &[Clause], parties: &[Party], ground: &Ground) -> Vec<Requirement> {
    let everybody = |change| Requirement { change, rule: ConsentRule::Unanimous, affected: BTreeSet::new(), wait_days: 0 };
    let Some(before) = before else {
        let mut all = vec![everybody(None)];
        if !common_part(after, ground).is_empty() {
            let ChangeRule { consent, wait_days, .. } = ChangeRule::default_for(ChangeKind::CommonPart);
            all.push(Requirement { change: Some(ChangeKind::CommonPart), rule: consent, affected: BTreeSet::new(), wait_days });
        }
        return all;
    };
    let touched: Touched = kinds(before.clauses, after, ground);
    if touched.is_empty() {
        return vec![everybody(None)];
    }
    let rule = amendment_rule(before.clauses);
    let of = |(change, spaces): (ChangeKind, BTreeSet<_>)| {
        let ChangeRule { consent, wait_days, .. } = rule.for_change(change, parties);
        let affected = lenders([before.clauses, after], &spaces, ground);
        Requirement { change: Some(change), rule: consent, affected, wait_days }
    };
    touched.into_iter().map(of).collect()
}

/// The rule, when these consent and the owners have decided these matters. More consent never makes it fail.
fn holds(
    rule: &ConsentRule,
    affected: &BTreeSet<String>,
    parties: &[PartyState],
    yes: &dyn Fn(&PartyState) -> bool,
    voted: &dyn Fn(VoteMatter) -> bool,
) -> bool {
    let asked = asked(rule, affected, parties);
    match rule {
        ConsentRule::And { of } => of.iter().all(|rule| holds(rule, affected, parties, yes, voted)),
        ConsentRule::Or { of } => of.iter().any(|rule| holds(rule, affected, parties, yes, voted)),
        ConsentRule::ExternalDecision { decision } => voted(*decision),
        ConsentRule::KOf { k, .. } => asked.iter().filter(|party| yes(party)).count() >= usize::try_from(*k).unwrap_or(usize::MAX),
        // Nobody to ask is nobody's consent.
        _ => !asked.is_empty() && asked.iter().all(|party| yes(party)),
    }
}

/// Whom a rule that is not made of others asks.
fn asked<'a>(rule: &ConsentRule, affected: &BTreeSet<String>, parties: &'a [PartyState]) -> Vec<&'a PartyState> {
    let of = |capacity| parties.iter().filter(move |party| party.capacity == capacity);
    match rule {
        ConsentRule::Unanimous => parties.iter().collect(),
        ConsentRule::AllOf { capacity } | ConsentRule::KOf { capacity, .. } => of(*capacity).collect(),
        ConsentRule::Affected { capacity } => {
            let touched: Vec<&PartyState> = of(*capacity).filter(|party| affected.contains(&party.code)).collect();
            // A change that touches nobody's spaces in particular touches all of them.
            if touched.is_empty() { of(*capacity).collect() } else { touched }
        }
        ConsentRule::Party { organisation } => parties.iter().filter(|party| party.code == *organisation).collect(),
        ConsentRule::ExternalDecision { .. } | ConsentRule::And { .. } | ConsentRule::Or { .. } => vec![],
    }
}

/// A special matter that passed would have passed as an ordinary one.
fn decided(passed: &[VoteMatter], matter: VoteMatter) -> bool {
    passed.contains(&matter) || (matter == VoteMatter::Ordinary && passed.contains(&VoteMatter::Special))
}

impl Requirement {
    /// How far it is.
    pub fn consent(&self, parties: &[PartyState], passed: &[VoteMatter]) -> Consent {
        let holds =
            |yes: &dyn Fn(&PartyState) -> bool, voted: &dyn Fn(VoteMatter) -> bool| holds(&self.rule, &self.affected, parties, yes, voted);
        if holds(&PartyState::has_signed, &|matter| decided(passed, matter)) {
            Consent::Met
        } else if holds(&|party| party.declined.is_none(), &|_| true) {
            Consent::Open
        } else {
            Consent::CannotBeMet
        }
    }

    /// It cannot be met without this party.
    fn needs(&self, organisation: &OrganisationId, parties: &[PartyState]) -> bool {
        let others = |party: &PartyState| party.declined.is_none() && party.organisation != *organisation;
        !holds(&self.rule, &self.affected, parties, &others, &|_| true)
    }

    /// Whose consent is asked for, and whose is missing; of several ways to it, all that are open.
    pub fn asks<'a>(&self, parties: &'a [PartyState]) -> Vec<&'a PartyState> {
        fn all<'a>(rule: &ConsentRule, affected: &BTreeSet<String>, parties: &'a [PartyState]) -> Vec<&'a PartyState> {
            let mut found = asked(rule, affected, parties);
            found.extend(rule.inside().iter().flat_map(|inside| all(inside, affected, parties)));
            found
        }
        let found = all(&self.rule, &self.affected, parties);
        parties.iter().filter(|party| found.iter().any(|asked| asked.organisation == party.organisation)).collect()
    }

    /// The owners' votes it asks for that are not there.
    pub fn votes_missing(&self, passed: &[VoteMatter]) -> Vec<VoteMatter> {
        fn all(rule: &ConsentRule) -> Vec<VoteMatter> {
            match rule {
                ConsentRule::ExternalDecision { decision } => vec![*decision],
                rule => rule.inside().iter().flat_map(all).collect(),
            }
        }
        let mut votes = all(&self.rule);
        votes.retain(|matter| !decided(passed, *matter));
        votes.sort();
        votes.dedup();
        votes
    }
}

/// All requirements together.
pub fn consent(requirements: &[Requirement], parties: &[PartyState], passed: &[VoteMatter]) -> Consent {
    let all: Vec<Consent> = requirements.iter().map(|requirement| requirement.consent(parties, passed)).collect();
    match () {
        () if all.contains(&Consent::CannotBeMet) => Consent::CannotBeMet,
        () if all.contains(&Consent::Open) || all.is_empty() => Consent::Open,
        () => Consent::Met,
    }
}

/// The version cannot be agreed without this party.
pub fn is_needed(requirements: &[Requirement], organisation: &OrganisationId, parties: &[PartyState]) -> bool {
    requirements.iter().any(|requirement| requirement.needs(organisation, parties))
}

/// The longest wait from the day it is agreed to the first day it may take effect.
pub fn wait_days(requirements: &[Requirement]) -> i64 {
    requirements.iter().map(|requirement| requirement.wait_days).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::samples::party;
    use super::*;
    use crate::kernel::Instant;
    use crate::terms::model::{PartyCapacity, SpaceRef};
    use crate::terms::rules::samples::{clause, hours_json};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const UNIT: PartyCapacity = PartyCapacity::PropertyUnit;
    const COMMUNITY: PartyCapacity = PartyCapacity::Community;

    fn need(rule: ConsentRule, affected: &[&str]) -> Requirement {
        let affected = affected.iter().map(|code| (*code).to_owned()).collect();
        Requirement { change: Some(ChangeKind::CeilingUp), rule, affected, wait_days: 7 }
    }

    fn one(code: &str, capacity: PartyCapacity, signed: bool, declined: bool) -> PartyState {
        PartyState {
            code: code.into(),
            capacity,
            declined: declined.then(|| (Instant(1), "不同意".to_owned())),
            ..party(1, signed && !declined)
        }
    }

    /// Three units and a community: `s` signed, `d` declined, `-` nothing yet.
    fn four(how: &str) -> Vec<PartyState> {
        let all = [("u1", UNIT), ("u2", UNIT), ("u3", UNIT), ("c", COMMUNITY)];
        all.into_iter().zip(how.chars()).map(|((code, capacity), how)| one(code, capacity, how == 's', how == 'd')).collect()
    }

    fn and(of: Vec<ConsentRule>) -> ConsentRule {
        ConsentRule::And { of }
    }

    #[test]
    fn every_rule_is_met_stays_open_or_is_lost() {
        use Consent::{CannotBeMet, Met, Open};
        let k = |k| ConsentRule::KOf { capacity: UNIT, k };
        let vote = ConsentRule::ExternalDecision { decision: VoteMatter::Ordinary };
        for (rule, affected, how, expected) in [
            (ConsentRule::Unanimous, &[][..], "ssss", Met),
            (ConsentRule::Unanimous, &[], "sss-", Open),
            (ConsentRule::Unanimous, &[], "sssd", CannotBeMet),
            (ConsentRule::AllOf { capacity: UNIT }, &[], "sss-", Met),
            (ConsentRule::AllOf { capacity: UNIT }, &[], "ss-d", Open),
            (ConsentRule::AllOf { capacity: PartyCapacity::Street }, &[], "ssss", CannotBeMet),
            (k(2), &[], "s-s-", Met),
            (k(2), &[], "s-d-", Open),
            (k(2), &[], "sdd-", CannotBeMet),
            (k(4), &[], "ssss", CannotBeMet),
            (ConsentRule::Affected { capacity: UNIT }, &["u2"], "-s--", Met),
            (ConsentRule::Affected { capacity: UNIT }, &["u2"], "d-d-", Open),
            (ConsentRule::Affected { capacity: UNIT }, &["u2"], "sd--", CannotBeMet),
            (ConsentRule::Affected { capacity: UNIT }, &["elsewhere"], "ss--", Open),
            (ConsentRule::Party { organisation: "c".into() }, &[], "---s", Met),
            (ConsentRule::Party { organisation: "gone".into() }, &[], "ssss", CannotBeMet),
            (vote, &[], "dddd", Open),
        ] {
            assert_eq!(need(rule.clone(), affected).consent(&four(how), &[]), expected, "{rule:?} {affected:?} {how}");
        }
    }

    #[test]
    fn a_special_vote_carries_an_ordinary_matter_and_not_the_other_way_about() {
        use VoteMatter::{Ordinary, Special};
        let of = |decision, passed: &[VoteMatter]| need(ConsentRule::ExternalDecision { decision }, &[]).consent(&four("----"), passed);
        assert_eq!(
            (of(Ordinary, &[Special]), of(Special, &[Ordinary]), of(Special, &[Special])),
            (Consent::Met, Consent::Open, Consent::Met)
        );
    }

    #[test]
    fn who_is_needed_is_who_could_stop_it() {
        let all = [need(ConsentRule::KOf { capacity: UNIT, k: 2 }, &[]), need(ConsentRule::Party { organisation: "c".into() }, &[])];
        let needed = |how: &str| -> Vec<String> {
            let parties = four(how);
            parties.iter().filter(|party| is_needed(&all, &party.organisation, &parties)).map(|party| party.code.clone()).collect()
        };
        assert_eq!(needed("----"), ["c"], "any one unit may be missing");
        assert_eq!(needed("d---"), ["u2", "u3", "c"]);
        assert_eq!(wait_days(&all), 7);
        assert_eq!(consent(&all, &four("ss-s"), &[]), Consent::Met);
        assert_eq!(consent(&all, &four("ss-d"), &[]), Consent::CannotBeMet);
        assert_eq!(consent(&[], &four("ssss"), &[]), Consent::Open, "no requirement is nobody's consent");
    }

    /// Shorter hours take two of the units, a higher ceiling the community, another operator the third unit; each waits as it is
    /// told to.
    fn version([hours, ceiling, operator]: [i64; 3], closes: &str, fen: i64, runs: &str) -> Vec<Clause> {
        let party = |code: &str, capacity: &str| json!({"organisation": code, "capacity": capacity});
        let unit = |code: &str| party(code, "property_unit");
        let rule = |change: &str, consent: Value, wait_days: i64| json!({"change": change, "consent": consent, "wait_days": wait_days});
        let rules = [
            rule("hours_narrower", json!({"rule": "k_of", "capacity": "property_unit", "k": 2}), hours),
            rule("ceiling_up", json!({"rule": "party", "organisation": "c"}), ceiling),
            rule("operator", json!({"rule": "party", "organisation": "u3"}), operator),
        ];
        let parties = [unit("u1"), unit("u2"), unit("u3"), party("c", "community"), party(runs, "operator")];
        let of = |id: &str, kind: &str, payload: Value| clause(id, kind, payload, json!({}));
        vec![
            of("parties", "parties", json!({ "parties": parties })),
            of("term", "term", json!({"first_day": "2026-01-01", "last_day": "2028-12-31"})),
            of("hours", "open_hours", hours_json("08:00", closes)),
            of("ceiling", "price_ceiling", json!({"ceilings": [{"fen": fen, "per": "hour"}]})),
            of("amendment", "amendment_rule", json!({ "rules": rules })),
        ]
    }

    #[test]
    fn several_changes_in_one_version_need_every_consent_and_wait_the_longest() {
        use ChangeKind::{CeilingUp, HoursNarrower, Operator};
        use Consent::{CannotBeMet, Met, Open};
        let ground = Ground { spaces: vec![SpaceRef::parse("hub/hall").unwrap()], common: vec![] };
        // The longest wait is that of the first change, of the second, of the third.
        for waits in [[30, 14, 7], [7, 30, 14], [14, 7, 30]] {
            let before = version(waits, "22:00", 1000, "gym");
            let needs = |after: &[Clause]| requirements(Some(Before { clauses: &before }), after, &[], &ground);
            let all = needs(&version(waits, "20:00", 1200, "club"));
            let kinds: Vec<_> = all.iter().filter_map(|need| need.change).zip(all.iter().map(|need| need.wait_days)).collect();
            assert_eq!(kinds, [(HoursNarrower, waits[0]), (CeilingUp, waits[1]), (Operator, waits[2])]);
            assert_eq!(wait_days(&all), 30);
            assert_eq!(wait_days(&needs(&version(waits, "20:00", 1000, "gym"))), waits[0], "what is not changed is not waited for");
            for (how, expected) in [
                ("s-ss", Met),
                ("sss-", Open),
                ("ss-s", Open),
                ("--ss", Open),
                ("s-sd", CannotBeMet),
                ("ssds", CannotBeMet),
                ("ddss", CannotBeMet),
            ] {
                assert_eq!(consent(&all, &four(how), &[]), expected, "{how}");
            }
        }
    }

    fn rules() -> impl Strategy<Value = ConsentRule> {
        let capacity = prop_oneof![Just(UNIT), Just(COMMUNITY)];
        let leaf = prop_oneof![
            Just(ConsentRule::Unanimous),
            capacity.clone().prop_map(|capacity| ConsentRule::AllOf { capacity }),
            (capacity.clone(), 1i64..4).prop_map(|(capacity, k)| ConsentRule::KOf { capacity, k }),
            capacity.prop_map(|capacity| ConsentRule::Affected { capacity }),
            "[uc][123]?".prop_map(|organisation| ConsentRule::Party { organisation }),
            Just(ConsentRule::ExternalDecision { decision: VoteMatter::Special }),
        ];
        leaf.prop_recursive(3, 20, 3, |inside| {
            let of = prop::collection::vec(inside, 2..4);
            prop_oneof![of.clone().prop_map(|of| ConsentRule::And { of }), of.prop_map(|of| ConsentRule::Or { of })]
        })
    }

    fn rank(consent: Consent) -> u8 {
        match consent {
            Consent::CannotBeMet => 0,
            Consent::Open => 1,
            Consent::Met => 2,
        }
    }

    proptest! {
        #[test]
        fn the_order_of_parties_does_not_matter(rule in rules(), how in "[sd-]{4}", turn in 0usize..4, votes: bool) {
            let parties = four(&how);
            let mut turned = parties.clone();
            turned.rotate_left(turn);
            turned.swap(0, 3);
            let passed = if votes { vec![VoteMatter::Special] } else { vec![] };
            let need = need(rule, &["u1", "u3"]);
            prop_assert_eq!(need.consent(&parties, &passed), need.consent(&turned, &passed));
        }

        #[test]
        fn more_consent_never_undoes_it(rule in rules(), how in "[sd-]{4}", who in 0usize..4) {
            let more: String = how.chars().enumerate().map(|(i, c)| if i == who { 's' } else { c }).collect();
            let need = need(rule, &["u1"]);
            let (before, after) = (need.consent(&four(&how), &[]), need.consent(&four(&more), &[]));
            prop_assert!(rank(before) <= rank(after), "{before:?} {after:?}");
            prop_assert!(rank(before) <= rank(need.consent(&four(&how), &[VoteMatter::Special])));
        }

        #[test]
        fn and_is_the_least_and_or_the_most(one in rules(), other in rules(), how in "[sd-]{4}") {
            let parties = four(&how);
            let of = |rule| rank(need(rule, &["u2"]).consent(&parties, &[]));
            let (a, b) = (of(one.clone()), of(other.clone()));
            let both = of(and(vec![one.clone(), other.clone()]));
            prop_assert_eq!(both, a.min(b));
            prop_assert_eq!(of(ConsentRule::Or { of: vec![one, other] }), a.max(b));
        }

        #[test]
        fn once_it_cannot_be_met_no_signature_helps(rule in rules(), how in "[sd-]{4}") {
            let need = need(rule, &["u2"]);
            let filled = how.replace('-', "s");
            if need.consent(&four(&how), &[]) == Consent::CannotBeMet {
                prop_assert_eq!(need.consent(&four(&filled), &[VoteMatter::Special]), Consent::CannotBeMet);
            }
        }
    }
}
