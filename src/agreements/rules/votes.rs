//! The owners' vote on a common part, computed again from its figures (Civil Code art. 278). Whole numbers only. The vote
//! itself is held in the city's system (Beijing property management regulation, 2024); here its result is imported.

use crate::agreements::model::votes::{Count, Vote};
use crate::kernel::time::Day;
use crate::kernel::{FieldFault, Reason};
use crate::terms::model::VoteMatter;

/// Days between the notice and the vote, at least (art. 35 of the regulation).
pub const NOTICE_DAYS: i64 = 15;
/// Days between the vote and its result being posted, at most (art. 37).
pub const POSTED_DAYS: i64 = 3;

/// How many must take part: at least two thirds of all.
pub fn quorum(all: i64) -> i128 {
    (2 * i128::from(all)).div_euclid(3) + i128::from((2 * i128::from(all)).rem_euclid(3) > 0)
}

/// How many must vote yes of those taking part: more than half, or at least three quarters.
pub fn majority(matter: VoteMatter, took_part: i64) -> i128 {
    let took_part = i128::from(took_part);
    match matter {
        VoteMatter::Ordinary => took_part.div_euclid(2) + 1,
        VoteMatter::Special => (3 * took_part).div_euclid(4) + i128::from((3 * took_part).rem_euclid(4) > 0),
    }
}

/// Figures that cannot be true together, each at its field.
pub fn contradictions(vote: &Vote, today: Day) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    for (name, count) in [("heads", vote.heads), ("area", vote.area)] {
        let Count { all, took_part, yes } = count;
        if took_part > all {
            let (zh, en) = (format!("参加的 {took_part} 多于总数 {all}。"), format!("{took_part} took part of {all}."));
            faults.push(FieldFault::at(format!("/{name}_took_part"), "inconsistent", zh, en));
        }
        if yes > took_part {
            let (zh, en) = (format!("同意的 {yes} 多于参加的 {took_part}。"), format!("{yes} voted yes of {took_part} taking part."));
            faults.push(FieldFault::at(format!("/{name}_yes"), "inconsistent", zh, en));
        }
    }
    let nobody = [(vote.heads.took_part, vote.area.took_part, "/area_took_part"), (vote.heads.yes, vote.area.yes, "/area_yes")];
    for (heads, area, field) in nobody {
        if (heads == 0) != (area == 0) {
            faults.push(FieldFault::at(field, "inconsistent", "人数和面积对不上。", "Heads and area do not fit together."));
        }
    }
    for (field, day) in [("/notice_on", vote.notice_on), ("/voted_on", vote.voted_on), ("/posted_on", vote.posted_on)] {
        if day > today {
            faults.push(FieldFault::at(field, "in-the-future", "日期还没有到。", "That day is still to come."));
        }
    }
    if vote.voted_on < vote.notice_on {
        faults.push(FieldFault::at("/voted_on", "inconsistent", "表决不能早于公告。", "The vote cannot come before its notice."));
    }
    if vote.posted_on < vote.voted_on {
        faults.push(FieldFault::at("/posted_on", "inconsistent", "公布不能早于表决。", "The result cannot be posted before the vote."));
    }
    faults
}

fn days_between(from: Day, to: Day) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// Everything for which the vote does not count: too few took part or said yes, by heads or by area, too short a notice, or
/// posted too late. Empty: it passed.
pub fn shortcomings(vote: &Vote) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for (unit_zh, unit_en, count) in [("人数", "heads", vote.heads), ("专有面积（0.01 平方米）", "area in 0.01 m²", vote.area)]
    {
        let Count { all, took_part, yes } = count;
        if 3 * i128::from(took_part) < 2 * i128::from(all) {
            let need = quorum(all);
            let (zh, en) = (
                format!("按{unit_zh}算，{all} 里要有 {need} 参加，只有 {took_part}。"),
                format!("By {unit_en}, {need} of {all} must take part; {took_part} did."),
            );
            reasons.push(Reason::plain("too-few-took-part", zh, en).figure(need));
        }
        let passed = match vote.matter {
            VoteMatter::Ordinary => 2 * i128::from(yes) > i128::from(took_part),
            VoteMatter::Special => took_part > 0 && 4 * i128::from(yes) >= 3 * i128::from(took_part),
        };
        if !passed {
            let need = majority(vote.matter, took_part);
            let (zh, en) = (
                format!("按{unit_zh}算，参加的 {took_part} 里要有 {need} 同意，只有 {yes}。"),
                format!("By {unit_en}, {need} of {took_part} taking part must vote yes; {yes} did."),
            );
            reasons.push(Reason::plain("too-few-voted-yes", zh, en).figure(need));
        }
    }
    let notice = days_between(vote.notice_on, vote.voted_on);
    if notice < NOTICE_DAYS {
        let (zh, en) = (
            format!("公告到表决要满 {NOTICE_DAYS} 天，只有 {notice} 天。"),
            format!("The notice must come {NOTICE_DAYS} days before the vote; it came {notice} days before."),
        );
        reasons.push(Reason::plain("notice-too-short", zh, en).figure(NOTICE_DAYS));
    }
    let posted = days_between(vote.voted_on, vote.posted_on);
    if posted > POSTED_DAYS {
        let (zh, en) = (
            format!("结果要在 {POSTED_DAYS} 天内公布，用了 {posted} 天。"),
            format!("The result must be posted within {POSTED_DAYS} days; it took {posted}."),
        );
        reasons.push(Reason::plain("posted-too-late", zh, en).figure(POSTED_DAYS));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreements::model::votes::AreaBasis;
    use crate::terms::rules::samples::day;
    use proptest::prelude::*;

    fn vote(matter: VoteMatter, heads: [i64; 3], area: [i64; 3]) -> Vote {
        let count = |[all, took_part, yes]: [i64; 3]| Count { all, took_part, yes };
        let (notice_on, voted_on, posted_on) = (day("2026-11-01"), day("2026-11-16"), day("2026-11-19"));
        Vote { matter, heads: count(heads), area: count(area), basis: AreaBasis::Register, notice_on, voted_on, posted_on }
    }

    fn codes(vote: &Vote) -> Vec<String> {
        shortcomings(vote).into_iter().map(|reason| reason.code).collect()
    }

    #[test]
    fn the_thresholds_of_three_communities_to_the_head() {
        for (all, part, ordinary, special) in [(5032, 3355, 1678, 2517), (829, 553, 277, 415), (182, 122, 62, 92)] {
            assert_eq!(
                (quorum(all), majority(VoteMatter::Ordinary, part), majority(VoteMatter::Special, part)),
                (i128::from(part), ordinary, special)
            );
            for (matter, yes) in [(VoteMatter::Ordinary, ordinary), (VoteMatter::Special, special)] {
                let yes = i64::try_from(yes).unwrap();
                // By heads at the edge, by area beyond it, and the other way about.
                let (edge, plenty) = (|part, yes| [all, part, yes], [all * 100, all * 90, all * 90]);
                assert_eq!(codes(&vote(matter, edge(part, yes), plenty)), [""; 0], "{all}");
                assert_eq!(codes(&vote(matter, plenty, edge(part, yes))), [""; 0], "{all}");
                assert_eq!(codes(&vote(matter, edge(part, yes - 1), plenty)), ["too-few-voted-yes"], "{all}");
                assert_eq!(codes(&vote(matter, plenty, edge(part, yes - 1))), ["too-few-voted-yes"], "{all}");
                assert_eq!(codes(&vote(matter, edge(part - 1, part - 1), plenty)), ["too-few-took-part"], "{all}");
                assert_eq!(codes(&vote(matter, plenty, edge(part - 1, part - 1))), ["too-few-took-part"], "{all}");
            }
        }
    }

    #[test]
    fn notice_fifteen_days_posted_within_three() {
        let good = vote(VoteMatter::Ordinary, [3, 3, 3], [9, 9, 9]);
        assert_eq!(codes(&good), [""; 0]);
        assert_eq!(codes(&Vote { notice_on: day("2026-11-02"), ..good.clone() }), ["notice-too-short"]);
        assert_eq!(codes(&Vote { posted_on: day("2026-11-20"), ..good.clone() }), ["posted-too-late"]);
        let far = Vote { notice_on: day("2026-01-01"), posted_on: day("2027-03-01"), ..good };
        assert_eq!(codes(&far), ["posted-too-late"], "months are counted in days");
    }

    #[test]
    fn figures_that_contradict_each_other_are_named() {
        let today = day("2026-11-28");
        let fields = |vote: &Vote| contradictions(vote, today).into_iter().map(|fault| fault.pointer).collect::<Vec<_>>();
        let of = |heads, area| vote(VoteMatter::Ordinary, heads, area);
        assert_eq!(fields(&of([10, 8, 7], [100, 80, 70])), [""; 0]);
        assert_eq!(fields(&of([10, 8, 9], [100, 101, 70])), ["/heads_yes", "/area_took_part"]);
        assert_eq!(fields(&of([10, 0, 0], [100, 80, 70])), ["/area_took_part", "/area_yes"]);
        let early = Vote { voted_on: day("2026-10-01"), posted_on: day("2026-12-01"), ..of([3, 3, 3], [3, 3, 3]) };
        assert_eq!(fields(&early), ["/posted_on", "/voted_on"]);
    }

    proptest! {
        #[test]
        fn one_more_yes_never_fails_what_passed(all in 1i64..i64::MAX, part in 0i64..i64::MAX, yes in 0i64..i64::MAX, special: bool) {
            let (part, matter) = (part % (all + i64::from(all < i64::MAX)).max(1), if special { VoteMatter::Special } else { VoteMatter::Ordinary });
            let yes = if part == 0 { 0 } else { yes % part };
            let passes = |yes| shortcomings(&vote(matter, [all, part, yes], [all, part, yes])).is_empty();
            prop_assert!(!passes(yes) || passes((yes + 1).min(part)));
            prop_assert_eq!(passes(yes), i128::from(part) >= quorum(all) && part > 0 && i128::from(yes) >= majority(matter, part));
        }
    }
}
