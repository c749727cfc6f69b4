//! Who comes first, who approves, upkeep, safety, children and personal data, in words.

use super::super::decide::{en_date, zh_date};
use crate::terms::model::{AllocationMix, Approval, DataCare, InsuranceSafety, Minors, Priority};

pub(super) fn priority(clause: &Priority) -> (String, String) {
    let zh: Vec<_> = clause.classes.iter().map(|class| class.zh()).collect();
    let en: Vec<_> = clause.classes.iter().map(|class| class.en()).collect();
    let (quota_zh, quota_en) = match clause.household_quota {
        Some(quota) => (
            format!("一户{}最多订 {} 次。", quota.per.zh(), quota.most),
            format!(" A household books at most {} times {}.", quota.most, quota.per.en()),
        ),
        None => (String::new(), String::new()),
    };
    (
        format!("想订的人多时，先后是：{}。{quota_zh}", zh.join("、")),
        format!("When many want it, first come: {}.{quota_en}", en.join(", then ")),
    )
}

pub(super) fn allocation(clause: &AllocationMix) -> (String, String) {
    let AllocationMix { fixed, rotating, temporary } = clause;
    (
        format!("固定使用占 {fixed}%，轮流使用占 {rotating}%，临时使用占 {temporary}%。"),
        format!("{fixed}% of the slots are fixed, {rotating}% go round in turn, {temporary}% are for whoever comes."),
    )
}

pub(super) fn approval(clause: &Approval) -> (String, String) {
    let (mut zh, mut en): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    if !clause.uses.is_empty() {
        zh.push(format!("用来{}的", clause.uses.iter().map(|u| u.zh()).collect::<Vec<_>>().join("、")));
        en.push(format!("for {}", clause.uses.iter().map(|u| u.en()).collect::<Vec<_>>().join(", ")));
    }
    if let Some(least) = clause.at_least_people {
        zh.push(format!("{least} 人以上的"));
        en.push(format!("of {least} people or more"));
    }
    if clause.days_off {
        zh.push("周末和节假日的".into());
        en.push("on weekends and public holidays".into());
    }
    let (which_zh, which_en) = if zh.is_empty() {
        ("所有预订".to_owned(), "Every booking".to_owned())
    } else {
        (format!("{}预订", zh.join("、")), format!("A booking {}", en.join(" or ")))
    };
    let (approver, hours) = (clause.approver, clause.deadline_hours);
    (
        format!("{which_zh}要先等{}同意，{hours} 小时内给答复。", approver.zh()),
        format!("{which_en} first needs the consent of the {}, who answers within {hours} hours.", approver.en()),
    )
}

pub(super) fn insurance(clause: &InsuranceSafety) -> (String, String) {
    let zh: Vec<_> = clause.evidence.iter().map(|e| format!("{}到{}", e.name.zh(), zh_date(e.valid_until))).collect();
    let en: Vec<_> = clause.evidence.iter().map(|e| format!("{} until {}", e.name.en(), en_date(e.valid_until))).collect();
    (
        format!("有效期：{}。过了期没续上，就订不了。", zh.join("，")),
        format!("Valid: {}. Once one has run out, nothing can be booked.", en.join(", ")),
    )
}

pub(super) fn minors(clause: &Minors) -> (String, String) {
    let Minors { guardian_below_age: age, children_per_adult: children, staff_checks } = clause;
    let (checks_zh, checks_en) = if *staff_checks {
        ("；带孩子的工作人员每年查一次", " Staff who look after children are checked every year.")
    } else {
        ("", "")
    };
    (
        format!("不满 {age} 岁的孩子要有大人陪，一个大人最多带 {children} 个{checks_zh}。"),
        format!("Children under {age} come with an adult, at most {children} to one.{checks_en}"),
    )
}

pub(super) fn data(clause: &DataCare) -> (String, String) {
    let DataCare { retention_days, minors_retention_days, masking, .. } = clause;
    (
        format!("{}；用完 {retention_days} 天后删掉联系方式，孩子的 {minors_retention_days} 天。", masking.zh()),
        format!(
            "{}; contact details are erased {retention_days} days after use, those of children after {minors_retention_days}.",
            super::consent::capital(masking.en())
        ),
    )
}
