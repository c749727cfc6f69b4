//! What a room takes: how many people, at what price, and how its slots are handed out.

use super::kind::named_words;
use super::{PartyCapacity, repeated};
use crate::kernel::Fen;
use crate::kernel::form::{self, Form, Spot};
use crate::terms::model::uses::Use;
use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// What capacity protects.
    pub enum Capacity {
        /// Fire and structure: no grace, no override.
        Safety = "safety",
        /// A pleasant number.
        Comfort = "comfort",
    }
}

words! {
    /// What a price or a ceiling is counted by.
    pub enum Per {
        /// Every person taking part.
        Person = "person",
        /// The booking as a whole.
        Session = "session",
        /// An hour, to the minute.
        Hour = "hour",
    }
}

/// The most that may be charged for a use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceiling {
    /// The use; `None` = every use that neither itself nor by its parent is named in the same clause.
    #[serde(rename = "use")]
    pub use_code: Option<Use>,
    /// Fen.
    pub fen: Fen,
    /// Counted by.
    pub per: Per,
}

/// Reads a price with its use and unit.
pub(in crate::terms::model) fn ceiling(spot: &Spot) -> Option<Ceiling> {
    spot.object(|form| {
        let use_code = form.may("use", form::word);
        let fen = form.need("fen", form::fen);
        let per = form.need("per", form::word);
        Some(Ceiling { use_code, fen: fen?, per: per? })
    })
}

/// Reads the ceilings of a clause.
pub(super) fn ceilings(form: &mut Form) -> Option<Vec<Ceiling>> {
    let ceilings = form.need("ceilings", form::list(1..=100, ceiling))?;
    if let Some(i) = repeated(&ceilings, |ceiling| (ceiling.use_code, ceiling.per)) {
        form.fault_below(&format!("ceilings/{i}"), "duplicate", "同一用途和单位写了两次。", "The same use and unit stand twice.");
        return None;
    }
    Some(ceilings)
}

named_words! {
    /// Who may come before others.
    PriorityClass {
        Owner = "owner" "本小区业主" "owners of homes here";
        Household = "household" "本社区住户" "households of the community";
        Elder = "elder" "60岁以上老人" "people of 60 and over";
        Child = "child" "带孩子的家庭" "families with children";
        Disabled = "disabled" "残疾人" "people with disabilities";
        Party = "party" "签约单位" "the parties themselves";
        SocialOrganisation = "social_organisation" "社会组织" "social organisations";
        Neighbour = "neighbour" "周边居民" "neighbours from around";
    }
}

named_words! {
    /// The stretch of days a quota counts over, in the site's zone.
    QuotaPer {
        Day = "day" "每天" "a day";
        Week = "week" "每周" "a week";
        Month = "month" "每月" "a month";
    }
}

/// How many bookings one household may hold that start within a day, a week (from Monday) or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseholdQuota {
    /// Most bookings, from 1.
    pub most: i64,
    /// Counted over.
    pub per: QuotaPer,
}

/// Who comes first, and how much one household may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priority {
    /// From the first to the last; whoever is not named comes after them. None twice.
    pub classes: Vec<PriorityClass>,
    /// `None` = no limit.
    pub household_quota: Option<HouseholdQuota>,
}

impl Priority {
    pub(super) fn read(form: &mut Form) -> Option<Priority> {
        let classes = form.need("classes", form::set(1..=PriorityClass::ALL.len(), form::word));
        let household_quota = form.may("household_quota", |spot| {
            spot.object(|form| {
                let most = form.need("most", form::int(1..=100));
                let per = form.need("per", form::word);
                Some(HouseholdQuota { most: most?, per: per? })
            })
        });
        Some(Priority { classes: classes?, household_quota })
    }
}

/// How slots are handed out, in percent; together 100 (固定+轮转+临时).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationMix {
    /// To the same holder week after week.
    pub fixed: i64,
    /// To everybody in turn.
    pub rotating: i64,
    /// To whoever comes.
    pub temporary: i64,
}

impl AllocationMix {
    pub(super) fn read(form: &mut Form) -> Option<AllocationMix> {
        let fixed = form.need("fixed", form::int(0..=100));
        let rotating = form.need("rotating", form::int(0..=100));
        let temporary = form.need("temporary", form::int(0..=100));
        let mix = AllocationMix { fixed: fixed?, rotating: rotating?, temporary: temporary? };
        let sum = mix.fixed + mix.rotating + mix.temporary;
        if sum != 100 {
            form.fault(
                "temporary",
                "wrong-sum",
                format!("三项加起来要是 100%，现在是 {sum}%。"),
                format!("The three must add up to 100 %; now they are {sum} %."),
            );
            return None;
        }
        Some(mix)
    }
}

/// Which bookings somebody approves first. A booking needs approval when any of the conditions meets it; without a
/// condition every booking does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Parties of this capacity approve: the community, or the property unit whose space it is.
    pub approver: PartyCapacity,
    /// Hours to answer in; without an answer the request expires.
    pub deadline_hours: i64,
    /// Bookings for one of these uses.
    pub uses: Vec<Use>,
    /// Bookings of at least so many people.
    pub at_least_people: Option<i64>,
    /// Bookings that start on a Saturday, a Sunday or a public holiday.
    pub days_off: bool,
}

/// A capacity somebody may answer for; of any other a request could only expire.
fn approver(spot: &Spot) -> Option<PartyCapacity> {
    let capacity: PartyCapacity = form::word(spot)?;
    if capacity.answers_requests() {
        return Some(capacity);
    }
    let may: Vec<PartyCapacity> = PartyCapacity::ALL.iter().copied().filter(|capacity| capacity.answers_requests()).collect();
    let zh = may.iter().map(|capacity| capacity.zh()).collect::<Vec<_>>().join("、");
    let en = may.iter().map(|capacity| capacity.en()).collect::<Vec<_>>().join(", ");
    spot.fault(
        "nobody-answers",
        format!("预订不由{}同意，可以写：{zh}。", capacity.zh()),
        format!("Nobody answers requests for the {}; it may be: {en}.", capacity.en()),
    )
}

impl Approval {
    pub(super) fn read(form: &mut Form) -> Option<Approval> {
        let approver = form.need("approver", approver);
        let deadline_hours = form.need("deadline_hours", form::int(1..=720));
        let uses = form.may("uses", form::set(0..=Use::ALL.len(), form::word));
        let at_least_people = form.may("at_least_people", form::int(1..=999));
        let days_off = form.may("days_off", form::flag);
        Some(Approval {
            approver: approver?,
            deadline_hours: deadline_hours?,
            uses: uses.unwrap_or_default(),
            at_least_people,
            days_off: days_off.unwrap_or(false),
        })
    }

    /// A booking for that use, of so many people, on such a day needs approval.
    pub fn is_needed(&self, use_code: Use, people: i64, day_off: bool) -> bool {
        let always = self.uses.is_empty() && self.at_least_people.is_none() && !self.days_off;
        always
            || self.uses.iter().any(|named| use_code.is_covered_by(*named))
            || self.at_least_people.is_some_and(|least| people >= least)
            || (self.days_off && day_off)
    }
}
