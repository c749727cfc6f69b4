//! How many people come, and how many of them are children.

use crate::kernel::Reason;
use crate::terms::model::{Payload, TermInForce};

/// From so many people on an event needs a permit (大型群众性活动安全管理条例, arts. 2 and 12).
pub const LARGE_EVENT: i64 = 1000;

/// An event of 1,000 people and more needs a permit of the public security organs and is not booked here.
pub fn large_event(attendees: i64) -> Option<Reason> {
    (attendees >= LARGE_EVENT).then(|| {
        Reason::plain(
            "large-event",
            "预计 1000 人以上的活动要先取得公安机关的安全许可(《大型群众性活动安全管理条例》第二条、第十二条),这里不能直接订。",
            "An event of 1,000 people or more needs a permit of the public security organs (Regulation on the Safety of Large-scale \
             Mass Activities, arts. 2 and 12); it cannot be booked here.",
        )
        .figure(LARGE_EVENT)
    })
}

/// What the clauses about children in effect want: somebody who comes along with the small ones, and enough adults.
pub fn minors(minors: i64, attendees: i64, guardian: bool, in_effect: &[&TermInForce]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if minors <= 0 {
        return reasons;
    }
    for term in in_effect {
        let Payload::Minors(clause) = &term.payload else { continue };
        let (age, each) = (clause.guardian_below_age, clause.children_per_adult.max(1));
        if !guardian {
            let reason = term.reason(
                "guardian-needed",
                format!("有孩子来:不满 {age} 岁的要有监护人或者照看的人陪着,请先确认有人陪同。"),
                format!("Children come: those under {age} need a guardian or carer with them. Please confirm that somebody does."),
            );
            reasons.push(reason.figure(age));
        }
        let (adults, needed) = (attendees - minors, minors.saturating_add(each - 1) / each);
        if adults < needed {
            let reason = term.reason(
                "too-few-adults",
                format!("每名成年人最多照看 {each} 个孩子:{minors} 个孩子要有 {needed} 名成年人,现在是 {adults} 名。"),
                format!("One adult looks after at most {each} children: {minors} children need {needed} adults, there are {adults}."),
            );
            reasons.push(reason.figure(needed));
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::super::samples::code;
    use super::*;
    use crate::terms::rules::samples::{clause, row};
    use serde_json::json;

    #[test]
    fn a_thousand_people_are_too_many_and_one_less_is_not() {
        assert_eq!(code(large_event(999)), None);
        assert_eq!(code(large_event(1000)).as_deref(), Some("large-event"));
        assert!(large_event(1000).unwrap().zh.contains("大型群众性活动安全管理条例"));
    }

    #[test]
    fn children_come_with_enough_adults_and_somebody_who_says_so() {
        let made = clause("children", "minors", json!({"guardian_below_age": 8, "children_per_adult": 5}), json!({}));
        let term = row("children", made.kind, made.payload);
        let judge = |minors_, attendees, guardian| {
            let said = minors(minors_, attendees, guardian, &[&term]);
            said.into_iter().map(|r| (r.code, r.figure.unwrap(), r.clause.unwrap())).collect::<Vec<_>>()
        };
        let said = |code: &str, figure: &str| (code.to_owned(), figure.to_owned(), "children".to_owned());
        assert_eq!(judge(0, 10, false), []);
        assert_eq!(judge(5, 6, true), []);
        assert_eq!(judge(6, 7, true), [said("too-few-adults", "2")]);
        assert_eq!(judge(5, 5, true), [said("too-few-adults", "1")]);
        assert_eq!(judge(6, 7, false), [said("guardian-needed", "8"), said("too-few-adults", "2")]);
        assert_eq!(minors(5, 5, false, &[]), vec![], "nobody has agreed about children here");
    }
}
