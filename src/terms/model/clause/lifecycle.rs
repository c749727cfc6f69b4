//! How the agreement lives: looked at again, suspended, ended, settled, disputed.

use super::kind::named_words;
use super::parties::PartyCapacity;
use crate::kernel::form::{self, Form};
use crate::kernel::time::Day;
use serde::{Deserialize, Serialize};

/// When the parties look at the agreement again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Civil days, each later than the one before.
    pub days: Vec<Day>,
}

impl Review {
    pub(super) fn read(form: &mut Form) -> Option<Review> {
        let days = form.need("days", form::list(1..=40, form::day))?;
        if let Some(i) = days.windows(2).position(|pair| matches!(pair, [a, b] if b <= a)) {
            form.fault_below(&format!("days/{}", i + 1), "out-of-order", "日期要从早到晚写。", "The days must be in order, none twice.");
            return None;
        }
        Some(Review { days })
    }
}

named_words! {
    /// Why an agreement may be suspended.
    SuspensionGround {
        Safety = "safety" "安全隐患" "danger";
        Repair = "repair" "维修施工" "repairs";
        Emergency = "emergency" "应急需要" "an emergency";
        Authority = "authority" "政府部门要求" "an order of the authorities";
        OwnUse = "own_use" "产权单位急用" "urgent need of the owner";
        Breach = "breach" "严重违约" "a serious breach";
    }
}

/// Who may suspend, why and how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspensionRule {
    /// Parties of these capacities; none twice.
    pub who: Vec<PartyCapacity>,
    /// Only for these; none twice.
    pub grounds: Vec<SuspensionGround>,
    /// Days of notice of a planned suspension; an immediate one (safety) needs none.
    pub planned_notice_days: i64,
    /// Longer than this and the street hears of it.
    pub longest_days: i64,
}

impl SuspensionRule {
    pub(super) fn read(form: &mut Form) -> Option<SuspensionRule> {
        let who = form.need("who", form::set(1..=PartyCapacity::ALL.len(), form::word));
        let grounds = form.need("grounds", form::set(1..=SuspensionGround::ALL.len(), form::word));
        let planned_notice_days = form.may("planned_notice_days", form::int(0..=180));
        let longest_days = form.may("longest_days", form::int(1..=730));
        Some(SuspensionRule {
            who: who?,
            grounds: grounds?,
            planned_notice_days: planned_notice_days.unwrap_or(7),
            longest_days: longest_days.unwrap_or(60),
        })
    }
}

/// How the agreement is ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminationRule {
    /// Days of notice; the first is the day after delivery, the last ends at 24:00 (Civil Code arts. 201 to 203).
    pub notice_days: i64,
    /// A last day on a public holiday moves to the next working day (art. 203).
    pub holiday_moves: bool,
    /// One property unit may leave with its spaces and the rest stands.
    pub withdrawal_allowed: bool,
    /// While notice runs, new bookings up to the end are taken; otherwise none.
    pub new_bookings_until_end: bool,
}

impl TerminationRule {
    pub(super) fn read(form: &mut Form) -> Option<TerminationRule> {
        let notice_days = form.need("notice_days", form::int(1..=730));
        let holiday_moves = form.may("holiday_moves", form::flag);
        let withdrawal_allowed = form.may("withdrawal_allowed", form::flag);
        let new_bookings_until_end = form.may("new_bookings_until_end", form::flag);
        Some(TerminationRule {
            notice_days: notice_days?,
            holiday_moves: holiday_moves.unwrap_or(true),
            withdrawal_allowed: withdrawal_allowed.unwrap_or(false),
            new_bookings_until_end: new_bookings_until_end.unwrap_or(true),
        })
    }
}

/// What is settled after the end (Civil Code art. 567: these terms survive it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Days after the end until accounts are closed.
    pub days: i64,
}

impl Settlement {
    pub(super) fn read(form: &mut Form) -> Option<Settlement> {
        Some(Settlement { days: form.need("days", form::int(1..=365))? })
    }
}

named_words! {
    /// A way to resolve a dispute.
    DisputeStep {
        Talk = "talk" "各方商量" "the parties talk";
        Street = "street" "街道协调" "the street mediates";
        Mediation = "mediation" "人民调解" "people's mediation";
        Arbitration = "arbitration" "仲裁" "arbitration";
        Court = "court" "诉讼" "the court";
    }
}

impl DisputeStep {
    /// It decides for good, so nothing follows and no other of the kind is agreed beside it: a clause that names both
    /// arbitration and court binds to neither (SPC interpretation of the Arbitration Law, art. 7).
    pub const fn is_final(self) -> bool {
        matches!(self, DisputeStep::Arbitration | DisputeStep::Court)
    }
}

/// How a dispute is resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// One after the other; none twice, a final one last.
    pub steps: Vec<DisputeStep>,
}

impl Dispute {
    pub(super) fn read(form: &mut Form) -> Option<Dispute> {
        let steps = form.need("steps", form::set(1..=DisputeStep::ALL.len(), form::word::<DisputeStep>))?;
        let not_last = steps.iter().rev().skip(1).any(|step| step.is_final());
        if not_last {
            form.fault(
                "steps",
                "out-of-order",
                "仲裁和诉讼只能选一个，并且放在最后。",
                "Arbitration or the court, not both, and as the last step.",
            );
            return None;
        }
        Some(Dispute { steps })
    }
}
