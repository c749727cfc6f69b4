//! How many people come, and how many of them are children.

use crate::bookings::model::Children;
use crate::kernel::Reason;
use crate::terms::model::{Payload, TermInForce};

/// From so many people on an event needs a permit (大型群众性活动安全管理条例, arts. 2 and 12).
pub const LARGE_EVENT: i64 = 1000;

/// Whoever has so many years is no child any more.
pub const OF_AGE: i64 = 18;

/// An event of 1,000 people and more needs a permit of the public security organs and is not booked here.
pub fn large_event(attendees: i64) -> Option<Reason> {
    (attendees >= LARGE_EVENT).then(|| {
        Reason::plain(
            "large-event",
            "预计 1000 人以上的活动要先取得公安机关的安全许可（《大型群众性活动安全管理条例》第二条、第十二条），这里不能直接订。",
            "An event of 1,000 people or more needs a permit of the public security organs (Regulation on the Safety of Large-scale \
             Mass Activities, arts. 2 and 12); it cannot be booked here.",
        )
        .figure(LARGE_EVENT)
    })
}

/// What the clauses about children in effect want: somebody who comes along with the small ones, and enough adults.
pub fn minors(children: Children, attendees: i64, in_effect: &[&TermInForce]) -> Vec<Reason> {
    let Children { minors, youngest, guardian } = children;
    let mut reasons = Vec::new();
    if minors <= 0 {
        return reasons;
    }
    for term in in_effect {
        let Payload::Minors(clause) = &term.payload else { continue };
        let (age, each) = (clause.guardian_below_age, clause.children_per_adult.max(1));
        if !guardian && youngest.is_none_or(|youngest| youngest < age) {
            // Where one's age could do without a guardian, it may be said instead.
            let (or_zh, or_en) = match youngest {
                None if age < OF_AGE => ("，或者写明最小的孩子几岁", ", or say how old the youngest is"),
                _ => ("", ""),
            };
            let (who_zh, who_en) = youngest.map_or_else(
                || ("有孩子来".to_owned(), "Children come".to_owned()),
                |years| (format!("最小的孩子 {years} 岁"), format!("The youngest child is {years}")),
            );
            let reason = term.reason(
                "guardian-needed",
                format!("{who_zh}：不满 {age} 岁的要有监护人或者照看的人陪着，请先确认有人陪同{or_zh}。"),
                format!("{who_en}: those under {age} need a guardian or carer with them. Please confirm that somebody does{or_en}."),
            );
            reasons.push(reason.figure(age));
        }
        let (adults, needed) = (attendees - minors, minors.saturating_add(each - 1) / each);
        if adults < needed {
            let reason = term.reason(
                "too-few-adults",
                format!("每名成年人最多照看 {each} 个孩子：{minors} 个孩子要有 {needed} 名成年人，现在是 {adults} 名。"),
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
        let judge = |count, attendees, guardian| {
            let said = minors(Children::of(count, None, guardian), attendees, &[&term]);
            said.into_iter().map(|r| (r.code, r.figure.unwrap(), r.clause.unwrap())).collect::<Vec<_>>()
        };
        let said = |code: &str, figure: &str| (code.to_owned(), figure.to_owned(), "children".to_owned());
        assert_eq!(judge(0, 10, false), []);
        assert_eq!(judge(5, 6, true), []);
        assert_eq!(judge(6, 7, true), [said("too-few-adults", "2")]);
        assert_eq!(judge(5, 5, true), [said("too-few-adults", "1")]);
        assert_eq!(judge(6, 7, false), [said("guardian-needed", "8"), said("too-few-adults", "2")]);
        assert_eq!(minors(Children::of(5, None, false), 5, &[]), vec![], "nobody has agreed about children here");
    }

    #[test]
    fn a_guardian_comes_with_those_below_the_age_of_each_clause() {
        let clauses = [8, 12, OF_AGE].map(|age| {
            let made = clause("children", "minors", json!({"guardian_below_age": age, "children_per_adult": 5}), json!({}));
            row("children", made.kind, made.payload)
        });
        let in_effect: Vec<&TermInForce> = clauses.iter().collect();
        // Which clauses want one, by their ages.
        let wanted = |youngest, guardian| {
            let said = minors(Children::of(2, youngest, guardian), 4, &in_effect);
            said.into_iter().map(|reason| reason.figure.unwrap().parse().unwrap()).collect::<Vec<i64>>()
        };
        assert_eq!(wanted(None, false), [8, 12, 18], "whoever does not say may have small ones");
        assert_eq!(wanted(Some(0), false), [8, 12, 18]);
        assert_eq!([wanted(Some(7), false), wanted(Some(8), false), wanted(Some(9), false)], [vec![8, 12, 18], vec![12, 18], vec![12, 18]]);
        assert_eq!([wanted(Some(11), false), wanted(Some(12), false)], [vec![12, 18], vec![18]]);
        assert_eq!(wanted(Some(17), false), [18], "a clause may want one for everybody under 18");
        assert_eq!([wanted(Some(0), true), wanted(None, true)], [Vec::<i64>::new(), vec![]], "somebody comes along");
        // Older children still need enough adults.
        assert_eq!(minors(Children::of(6, Some(17), false), 7, &[&clauses[0]])[0].code, "too-few-adults");
    }

    #[test]
    fn the_age_may_be_said_instead_only_where_it_could_help() {
        let said = |age, youngest| {
            let made = clause("children", "minors", json!({"guardian_below_age": age, "children_per_adult": 5}), json!({}));
            let term = row("children", made.kind, made.payload);
            minors(Children::of(1, youngest, false), 2, &[&term])[0].zh.clone()
        };
        assert!(said(8, None).contains("或者写明最小的孩子几岁"));
        assert!(!said(OF_AGE, None).contains("几岁"));
        assert!(said(8, Some(5)).starts_with("最小的孩子 5 岁：不满 8 岁的"));
    }
}
