//! Who must consent to a change: a rule the parties sign, or the default written here.

use super::kind::named_words;
use super::parties::{Party, PartyCapacity};
use super::repeated;
use crate::kernel::form::{self, Form, Spot};
use crate::words;
use serde::{Deserialize, Serialize};

named_words! {
    /// What an amendment changes, as the difference between two versions says; never as its proposer says.
    ChangeKind {
        Parties = "parties" "签约各方" "the parties";
        Term = "term" "期限" "the term";
        AmendmentRule = "amendment_rule" "修改规则" "the rule for amendments";
        Uses = "uses" "用途" "the uses";
        HoursNarrower = "hours_narrower" "开放时间缩短" "shorter hours";
        HoursWider = "hours_wider" "开放时间延长" "longer hours";
        Capacity = "capacity" "容纳人数" "the capacity";
        CeilingUp = "ceiling_up" "价格上限提高" "a higher price ceiling";
        CeilingDown = "ceiling_down" "价格上限降低" "a lower price ceiling";
        FreeShareUp = "free_share_up" "免费比例提高" "a larger free share";
        FreeShareDown = "free_share_down" "免费比例降低" "a smaller free share";
        Operator = "operator" "更换运营方" "another operator";
        SpaceAdded = "space_added" "增加空间" "a space more";
        SpaceRemoved = "space_removed" "减少空间" "a space less";
        /// Utilities, shares of income, what goes back to the public.
        Money = "money" "费用和收入分配" "costs and shares of income";
        /// A common part of the building (共有部分).
        CommonPart = "common_part" "共有部分" "a common part of the building";
        Other = "other" "其他约定" "anything else";
    }
}

words! {
    /// What the owners vote about outside (Civil Code art. 278).
    pub enum VoteMatter {
        /// More than half of those taking part, by heads and by area.
        Ordinary = "ordinary",
        /// At least three quarters: raising funds, rebuilding, changing the use of a common part.
        Special = "special",
    }
}

/// Who must consent.
///
/// JSON: `{"rule": "unanimous"}`, `{"rule": "all_of", "capacity": "property_unit"}`, `{"rule": "k_of", "capacity": …, "k": 2}`,
/// `{"rule": "affected", "capacity": …}`, `{"rule": "party", "organisation": CODE}`,
/// `{"rule": "external_decision", "decision": "ordinary"}`, `{"rule": "and", "of": […]}`, `{"rule": "or", "of": […]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum ConsentRule {
    /// Every party.
    Unanimous,
    /// Every party of a capacity.
    AllOf {
        /// Which.
        capacity: PartyCapacity,
    },
    /// At least `k` parties of a capacity.
    KOf {
        /// Which.
        capacity: PartyCapacity,
        /// From 1.
        k: i64,
    },
    /// Every party of a capacity whose spaces the change touches.
    Affected {
        /// Which.
        capacity: PartyCapacity,
    },
    /// One party.
    Party {
        /// Natural code.
        organisation: String,
    },
    /// The owners' vote, held outside and imported with its evidence.
    ExternalDecision {
        /// What kind of matter it is.
        decision: VoteMatter,
    },
    /// All of these.
    And {
        /// At least two.
        of: Vec<ConsentRule>,
    },
    /// One of these at least.
    Or {
        /// At least two.
        of: Vec<ConsentRule>,
    },
}

words! {
    /// The word a [`ConsentRule`] tells its shape by.
    pub enum Shape {
        /// [`ConsentRule::Unanimous`]
        Unanimous = "unanimous",
        /// [`ConsentRule::AllOf`]
        AllOf = "all_of",
        /// [`ConsentRule::KOf`]
        KOf = "k_of",
        /// [`ConsentRule::Affected`]
        Affected = "affected",
        /// [`ConsentRule::Party`]
        Party = "party",
        /// [`ConsentRule::ExternalDecision`]
        ExternalDecision = "external_decision",
        /// [`ConsentRule::And`]
        And = "and",
        /// [`ConsentRule::Or`]
        Or = "or",
    }
}

impl ConsentRule {
    /// `And` and `Or` hold each other at most so deep.
    pub const DEEPEST: usize = 4;
    /// A rule has at most so many parts, itself and those inside counted.
    pub const MOST_PARTS: usize = 40;

    /// Reads a rule.
    pub fn read(spot: &Spot) -> Option<ConsentRule> {
        let rule = Self::read_at(spot, 1)?;
        if rule.parts() > Self::MOST_PARTS {
            let most = Self::MOST_PARTS;
            return spot.fault("too-long", format!("最多由 {most} 条规则组成。"), format!("A rule has at most {most} parts."));
        }
        Some(rule)
    }

    fn read_at(spot: &Spot, depth: usize) -> Option<ConsentRule> {
        if depth > Self::DEEPEST {
            let most = Self::DEEPEST;
            return spot.fault("too-deep", format!("规则最多套 {most} 层。"), format!("Rules are nested at most {most} deep."));
        }
        spot.object(|form| {
            let several = |form: &mut Form| form.need("of", form::list(2..=10, |spot| Self::read_at(spot, depth + 1)));
            let Some(shape) = form.need("rule", form::word) else {
                form.ignore_rest();
                return None;
            };
            Some(match shape {
                Shape::Unanimous => ConsentRule::Unanimous,
                Shape::AllOf => ConsentRule::AllOf { capacity: form.need("capacity", form::word)? },
                Shape::Affected => ConsentRule::Affected { capacity: form.need("capacity", form::word)? },
                Shape::KOf => {
                    let capacity = form.need("capacity", form::word);
                    let k = form.need("k", form::int(1..=50));
                    ConsentRule::KOf { capacity: capacity?, k: k? }
                }
                Shape::Party => ConsentRule::Party { organisation: form.need("organisation", form::code)? },
                Shape::ExternalDecision => ConsentRule::ExternalDecision { decision: form.need("decision", form::word)? },
                Shape::And => ConsentRule::And { of: several(form)? },
                Shape::Or => ConsentRule::Or { of: several(form)? },
            })
        })
    }

    /// The rule and every rule inside it.
    pub fn parts(&self) -> usize {
        1 + self.inside().iter().map(ConsentRule::parts).sum::<usize>()
    }

    /// The rules an `And` or `Or` is made of.
    pub fn inside(&self) -> &[ConsentRule] {
        match self {
            ConsentRule::And { of } | ConsentRule::Or { of } => of,
            _ => &[],
        }
    }

    /// The capacities it asks, each with how many parties of it there must be.
    pub fn capacities(&self) -> Vec<(PartyCapacity, i64)> {
        match self {
            ConsentRule::AllOf { capacity } | ConsentRule::Affected { capacity } => vec![(*capacity, 1)],
            ConsentRule::KOf { capacity, k } => vec![(*capacity, *k)],
            rule => rule.inside().iter().flat_map(ConsentRule::capacities).collect(),
        }
    }

    /// The organisations it names.
    pub fn organisations(&self) -> Vec<&str> {
        match self {
            ConsentRule::Party { organisation } => vec![organisation],
            rule => rule.inside().iter().flat_map(ConsentRule::organisations).collect(),
        }
    }
}

/// Who consents to one kind of change, and how long it waits then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRule {
    /// To what.
    pub change: ChangeKind,
    /// Who.
    pub consent: ConsentRule,
    /// Whole days from the day it is agreed to the first day it may take effect.
    pub wait_days: i64,
}

impl ChangeRule {
    /// What holds where the parties wrote no rule of their own. It is the only table of these.
    pub fn default_for(change: ChangeKind) -> ChangeRule {
        use ChangeKind::*;
        use PartyCapacity::{Community, PropertyUnit};
        let with_community = |first| ConsentRule::And { of: vec![first, ConsentRule::AllOf { capacity: Community }] };
        let affected_unit = || with_community(ConsentRule::Affected { capacity: PropertyUnit });
        let all_units = || with_community(ConsentRule::AllOf { capacity: PropertyUnit });
        let (consent, wait_days) = match change {
            // A contract is changed as it was made, by everybody (Civil Code art. 543).
            Parties | Term | AmendmentRule | Other => (ConsentRule::Unanimous, 0),
            Uses | HoursNarrower | Capacity | SpaceRemoved => (affected_unit(), 14),
            HoursWider | CeilingDown | FreeShareUp | SpaceAdded => (affected_unit(), 0),
            // Shown to the public for a week.
            CeilingUp | FreeShareDown => (all_units(), 7),
            Operator => (all_units(), 30),
            Money => (all_units(), 0),
            // Changing the use of a common part is a special matter (Civil Code art. 278).
            CommonPart => (ConsentRule::ExternalDecision { decision: VoteMatter::Special }, 0),
        };
        ChangeRule { change, consent, wait_days }
    }
}

/// Who must consent to which change, and how long bookings already made are protected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmendmentRule {
    /// Own rules, at most one for a kind of change; for every other kind the defaults hold.
    pub rules: Vec<ChangeRule>,
    /// Days from the first day of an amendment during which bookings made before keep what they have.
    pub protected_days: i64,
}

impl Default for AmendmentRule {
    fn default() -> Self {
        Self { rules: Vec::new(), protected_days: Self::PROTECTED_DAYS }
    }
}

impl AmendmentRule {
    /// Where nothing else is agreed.
    pub const PROTECTED_DAYS: i64 = 14;

    pub(super) fn read(form: &mut Form) -> Option<AmendmentRule> {
        let rule = |spot: &Spot| {
            spot.object(|form| {
                let change = form.need("change", form::word);
                let consent = form.need("consent", ConsentRule::read);
                let wait_days = form.may("wait_days", form::int(0..=365));
                Some(ChangeRule { change: change?, consent: consent?, wait_days: wait_days.unwrap_or(0) })
            })
        };
        let rules = form.may("rules", form::list(0..=ChangeKind::ALL.len(), rule));
        let protected_days = form.may("protected_days", form::int(0..=90));
        let rules = rules.unwrap_or_default();
        if let Some(i) = repeated(&rules, |rule| rule.change) {
            form.fault_below(&format!("rules/{i}"), "duplicate", "同一种修改写了两条规则。", "A kind of change has two rules.");
            return None;
        }
        Some(AmendmentRule { rules, protected_days: protected_days.unwrap_or(Self::PROTECTED_DAYS) })
    }

    /// What holds for a kind of change among `parties`: the own rule, else the default. A default that asks a capacity
    /// nobody signed in would be met by nobody's consent, so everybody is asked instead.
    pub fn for_change(&self, change: ChangeKind, parties: &[Party]) -> ChangeRule {
        if let Some(own) = self.rules.iter().find(|rule| rule.change == change) {
            return own.clone();
        }
        let default = ChangeRule::default_for(change);
        let somebody = |capacity| parties.iter().any(|party| party.capacity == capacity);
        if default.consent.capacities().iter().all(|(capacity, _)| somebody(*capacity)) {
            default
        } else {
            ChangeRule { consent: ConsentRule::Unanimous, ..default }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parties(capacities: &[PartyCapacity]) -> Vec<Party> {
        capacities.iter().enumerate().map(|(n, capacity)| Party { organisation: format!("p{n}"), capacity: *capacity, stage: 1 }).collect()
    }

    #[test]
    fn own_rules_come_before_the_defaults() {
        let two_of = ConsentRule::KOf { capacity: PartyCapacity::PropertyUnit, k: 2 };
        let own = ChangeRule { change: ChangeKind::CeilingUp, consent: two_of, wait_days: 3 };
        let rule = AmendmentRule { rules: vec![own.clone()], protected_days: 14 };
        let both = parties(&[PartyCapacity::PropertyUnit, PartyCapacity::Community]);
        assert_eq!(rule.for_change(ChangeKind::CeilingUp, &both), own);
        assert_eq!(rule.for_change(ChangeKind::Operator, &both), ChangeRule::default_for(ChangeKind::Operator));
        assert_eq!(AmendmentRule::default().protected_days, 14);
    }

    #[test]
    fn the_defaults_are_those_of_the_model_agreement() {
        let waits = |wait: i64| -> Vec<ChangeKind> {
            ChangeKind::ALL.iter().copied().filter(|change| ChangeRule::default_for(*change).wait_days == wait).collect()
        };
        assert_eq!(waits(14), [ChangeKind::Uses, ChangeKind::HoursNarrower, ChangeKind::Capacity, ChangeKind::SpaceRemoved]);
        assert_eq!(waits(7), [ChangeKind::CeilingUp, ChangeKind::FreeShareDown]);
        assert_eq!(waits(30), [ChangeKind::Operator]);
        let unanimous = ChangeKind::ALL.iter().filter(|change| ChangeRule::default_for(**change).consent == ConsentRule::Unanimous);
        assert_eq!(
            unanimous.copied().collect::<Vec<_>>(),
            [ChangeKind::Parties, ChangeKind::Term, ChangeKind::AmendmentRule, ChangeKind::Other]
        );
    }

    #[test]
    fn a_default_nobody_could_meet_asks_everybody() {
        let gym = parties(&[PartyCapacity::Operator, PartyCapacity::Community]);
        let rule = AmendmentRule::default().for_change(ChangeKind::HoursNarrower, &gym);
        assert_eq!((rule.consent, rule.wait_days), (ConsentRule::Unanimous, 14));
        let vote = AmendmentRule::default().for_change(ChangeKind::CommonPart, &gym);
        assert_eq!(vote.consent, ConsentRule::ExternalDecision { decision: VoteMatter::Special });
    }
}
