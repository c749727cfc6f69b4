//! How the agreement lives, in words.

use super::super::decide::{en_date, zh_date};
use crate::terms::model::{Dispute, Review, Settlement, SuspensionRule, TerminationRule};

pub(super) fn review(clause: &Review) -> (String, String) {
    let zh: Vec<_> = clause.days.iter().map(|day| zh_date(*day)).collect();
    let en: Vec<_> = clause.days.iter().map(|day| en_date(*day)).collect();
    (format!("{}，各方坐下来看看哪里要改。", zh.join("、")), format!("On {} the parties look at what should change.", en.join(", ")))
}

pub(super) fn suspension(clause: &SuspensionRule) -> (String, String) {
    let who_zh: Vec<_> = clause.who.iter().map(|who| who.zh()).collect();
    let who_en: Vec<_> = clause.who.iter().map(|who| who.en_many()).collect();
    let why_zh: Vec<_> = clause.grounds.iter().map(|ground| ground.zh()).collect();
    let why_en: Vec<_> = clause.grounds.iter().map(|ground| ground.en()).collect();
    let (notice, longest) = (clause.planned_notice_days, clause.longest_days);
    (
        format!("因为{}，{}可以暂停开放；有计划的要提前 {notice} 天说，超过 {longest} 天要报街道。", why_zh.join("、"), who_zh.join("、")),
        format!(
            "For {}, {} may suspend it; planned ones are told {notice} days before, and after {longest} days the street hears of it.",
            why_en.join(", "),
            who_en.join(" and ")
        ),
    )
}

pub(super) fn termination(clause: &TerminationRule) -> (String, String) {
    let days = clause.notice_days;
    let (bookings_zh, bookings_en) = if clause.new_bookings_until_end {
        ("这期间还能订到最后一天为止", "until the last day it can still be booked")
    } else {
        ("这期间不再接新的预订", "meanwhile nothing new is booked")
    };
    let (leave_zh, leave_en) = if clause.withdrawal_allowed {
        ("；一家产权单位要退出，其他空间照常开放", " One property unit may leave; the other spaces stay open.")
    } else {
        ("", "")
    };
    (
        format!("要提前结束，得提前 {days} 天通知各方；{bookings_zh}{leave_zh}。"),
        format!("To end it early, every party is told {days} days before; {bookings_en}.{leave_en}"),
    )
}

pub(super) fn settlement(clause: &Settlement) -> (String, String) {
    let days = clause.days;
    (
        format!("协议结束后 {days} 天内把账结清、向大家公布。"),
        format!("Within {days} days of the end the accounts are closed and shown to everybody."),
    )
}

pub(super) fn dispute(clause: &Dispute) -> (String, String) {
    let zh: Vec<_> = clause.steps.iter().map(|step| step.zh()).collect();
    let en: Vec<_> = clause.steps.iter().map(|step| step.en()).collect();
    (format!("有了争议，依次走：{}。", zh.join("→")), format!("In a dispute, one after the other: {}.", en.join(", then ")))
}
