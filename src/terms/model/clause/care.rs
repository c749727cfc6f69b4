//! Upkeep, safety, children and personal data.

use super::kind::named_words;
use super::repeated;
use crate::kernel::form::{self, Form, Spot};
use crate::kernel::time::Day;
use serde::{Deserialize, Serialize};

named_words! {
    /// A proof that a space is safe or insured.
    Evidence {
        LiabilityInsurance = "liability_insurance" "公众责任险" "public liability insurance";
        PropertyInsurance = "property_insurance" "财产险" "property insurance";
        FireInspection = "fire_inspection" "消防检查" "fire inspection";
        ElectricalInspection = "electrical_inspection" "电气检测" "electrical inspection";
        StructuralAppraisal = "structural_appraisal" "房屋安全鉴定" "structural appraisal";
        LiftInspection = "lift_inspection" "电梯年检" "lift inspection";
        FoodLicence = "food_licence" "食品经营许可" "food licence";
        HygieneLicence = "hygiene_licence" "公共场所卫生许可" "hygiene licence";
    }
}

/// A proof and the last day it is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidEvidence {
    /// What proves it.
    pub name: Evidence,
    /// Number of the policy or report; `None` = not given.
    pub reference: Option<String>,
    /// Last civil day it is valid, inclusive.
    pub valid_until: Day,
}

/// The proofs a space needs; once one has run out, nothing can be booked that starts later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsuranceSafety {
    /// No name twice.
    pub evidence: Vec<ValidEvidence>,
}

impl InsuranceSafety {
    pub(super) fn read(form: &mut Form) -> Option<InsuranceSafety> {
        let proof = |spot: &Spot| {
            spot.object(|form| {
                let name = form.need("name", form::word);
                let reference = form.may("reference", form::line(80));
                let valid_until = form.need("valid_until", form::day);
                Some(ValidEvidence { name: name?, reference, valid_until: valid_until? })
            })
        };
        let evidence = form.need("evidence", form::list(1..=Evidence::ALL.len(), proof))?;
        if let Some(i) = repeated(&evidence, |proof| proof.name) {
            form.fault_below(&format!("evidence/{i}"), "duplicate", "同一种证明写了两次。", "A proof stands twice.");
            return None;
        }
        Some(InsuranceSafety { evidence })
    }
}

/// How children take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minors {
    /// Below this age a guardian comes along (Civil Code arts. 19 and 20: 8 and 18).
    pub guardian_below_age: i64,
    /// One adult looks after at most so many children.
    pub children_per_adult: i64,
    /// Staff in close contact with minors are checked at hiring and every year (Minors Law art. 62).
    pub staff_checks: bool,
}

impl Minors {
    pub(super) fn read(form: &mut Form) -> Option<Minors> {
        let guardian_below_age = form.need("guardian_below_age", form::int(1..=18));
        let children_per_adult = form.need("children_per_adult", form::int(1..=50));
        let staff_checks = form.may("staff_checks", form::flag);
        Some(Minors {
            guardian_below_age: guardian_below_age?,
            children_per_adult: children_per_adult?,
            staff_checks: staff_checks.unwrap_or(true),
        })
    }
}

named_words! {
    /// What the people on duty see of a person.
    Masking {
        Masked = "masked" "姓名和手机号打码显示" "names and numbers are shown masked";
        Hidden = "hidden" "不显示姓名和手机号" "names and numbers are not shown";
    }
}

/// Who answers for personal data, and how long it is kept (Personal Information Protection Law arts. 19 to 21).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataCare {
    /// Natural code of the party that answers for it.
    pub controller: String,
    /// Days after use until contact details are erased.
    pub retention_days: i64,
    /// The same for minors; never longer.
    pub minors_retention_days: i64,
    /// What the people on duty see.
    pub masking: Masking,
}

impl DataCare {
    pub(super) fn read(form: &mut Form) -> Option<DataCare> {
        let controller = form.need("controller", form::code);
        let retention_days = form.may("retention_days", form::int(1..=1095));
        let minors_retention_days = form.may("minors_retention_days", form::int(1..=1095));
        let masking = form.may("masking", form::word);
        let retention_days = retention_days.unwrap_or(90);
        let minors_retention_days = minors_retention_days.unwrap_or(retention_days.min(30));
        if minors_retention_days > retention_days {
            form.fault(
                "minors_retention_days",
                "too-long",
                "未成年人的信息不能比其他人的留得更久。",
                "The data of minors may not be kept longer than that of others.",
            );
            return None;
        }
        Some(DataCare { controller: controller?, retention_days, minors_retention_days, masking: masking.unwrap_or(Masking::Masked) })
    }
}
