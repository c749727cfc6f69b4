//! The table of phase × facts × verb, cell by cell, and the figures of notices at their edges.

use super::super::samples;
use super::*;
use crate::agreements::model::lifecycle::{Termination, Withdrawal};
use crate::kernel::id::{AccountId, Id, OrganisationId, SuspensionId, TerminationId, WithdrawalId};
use crate::kernel::time::parse_day;

/// Rows: verbs; columns: phases in their order. `Y` always, `-` never; `s` while a suspension stands, `n` while a notice
/// stands, `!` while none does, `p` while an agreed version is to come. A party that leaves is no fact here: the rows of its
/// spaces end, while phase, end and notice of the agreement stay, so whatever was legal still is. Whether it may leave, and not
/// twice, `endings::withdraw` reads from the clauses and the withdrawals.
const TABLE: &[(Verb, &str)] = &[
    //              negotiating, pending_effect, active, ended, settling, closed
    (Verb::Amend, "YYYY--"),
    (Verb::Suspend, "-YY---"),
    (Verb::Lift, "sssss-"),
    (Verb::Withdraw, "--!---"),
    (Verb::Terminate, "--!---"),
    (Verb::Dispute, "nnnnn-"),
    (Verb::Annul, "ppppp-"),
    (Verb::Settle, "---Y--"),
    (Verb::Close, "----Y-"),
];

#[test]
fn every_cell_of_phase_facts_and_verb() {
    let mut cells = 0;
    for (verb, row) in TABLE {
        for (phase, cell) in Phase::ALL.iter().zip(row.chars()) {
            for facts in 0..32u8 {
                let bit = |n: u8| facts & (1 << n) != 0;
                let standing = Standing {
                    phase: *phase,
                    ended_by: None,
                    ends_at: None,
                    open: bit(0).then_some(2),
                    pending: bit(1).then_some(2),
                    suspended: bit(2),
                    notice: bit(3),
                    expiring: bit(4),
                };
                let expected = match cell {
                    'Y' => true,
                    's' => bit(2),
                    'n' => bit(3),
                    '!' => !bit(3),
                    'p' => bit(1),
                    _ => false,
                };
                let verdict = against(&standing, *verb);
                assert_eq!(verdict.is_none(), expected, "{verb} in {phase} with {facts:05b}");
                let other = Standing { expiring: !bit(4), ..standing.clone() };
                assert_eq!(verdict, against(&other, *verb), "the end that is near changes no answer: {verb} in {phase}");
                if let Some(reason) = verdict {
                    let chinese = reason.zh.chars().any(|c| c > '\u{4e00}') && reason.zh.ends_with('。');
                    assert!(chinese && reason.en.ends_with('.') && !reason.code.is_empty(), "{verb} in {phase}: {reason:?}");
                    let fault = check(&standing, *verb).unwrap_err();
                    assert_eq!((fault.code, fault.detail.reasons.len()), (Code::StateConflict, 1));
                }
                cells += 1;
            }
        }
    }
    assert_eq!(cells, Verb::ALL.len() * Phase::ALL.len() * 32, "every verb stands in the table");
}

fn zone() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}
fn at(text: &str) -> Instant {
    Instant::parse(&format!("{text}:00+08:00")).unwrap()
}
fn version(no: i32, state: VersionState, effect: Option<(&str, &str)>) -> Version {
    samples::version(no, state, effect.map(|(from, to)| (at(from), at(to))))
}
fn notice(ends_at: &str) -> Termination {
    Termination {
        id: TerminationId::fresh(),
        organisation: OrganisationId::fresh(),
        text: "搬迁".into(),
        served_at: at("2026-03-01T10:00"),
        ends_at: at(ends_at),
        disputed_by: vec![],
    }
}

#[test]
fn the_phase_follows_from_the_dates() {
    use VersionState::{Agreed, Annulled, Draft, Proposed};
    let year = Some(("2026-01-01T00:00", "2027-01-01T00:00"));
    let phase = |versions: &[Version], life: &Life, now: &str| {
        let seen = standing(versions, life, at(now));
        (seen.phase, seen.ended_by)
    };
    let life = Life::default();
    assert_eq!(phase(&[], &life, "2026-06-01T00:00").0, Phase::Negotiating);
    assert_eq!(phase(&[version(1, Proposed, None)], &life, "2026-06-01T00:00").0, Phase::Negotiating);
    assert_eq!(phase(&[version(1, Annulled, year)], &life, "2026-06-01T00:00").0, Phase::Negotiating);
    let agreed = [version(1, Agreed, year)];
    assert_eq!(phase(&agreed, &life, "2025-12-31T23:59").0, Phase::PendingEffect);
    assert_eq!(phase(&agreed, &life, "2026-01-01T00:00").0, Phase::Active);
    assert_eq!(phase(&agreed, &life, "2026-12-31T23:59").0, Phase::Active);
    assert_eq!(phase(&agreed, &life, "2027-01-01T00:00"), (Phase::Ended, Some(EndedBy::Expired)));
    // A successor still in signing opens nothing; one that was signed carries on, or reopens.
    let signing = [version(2, Proposed, None), version(1, Agreed, year)];
    assert_eq!(phase(&signing, &life, "2027-01-01T00:00").0, Phase::Ended);
    let renewed = [version(2, Agreed, Some(("2027-03-01T00:00", "2028-01-01T00:00"))), version(1, Agreed, year)];
    assert_eq!(phase(&renewed, &life, "2027-02-01T00:00").0, Phase::PendingEffect);
    assert_eq!(phase(&renewed, &life, "2027-03-01T00:00").0, Phase::Active);

    let cut = [version(2, Draft, None), version(1, Agreed, Some(("2026-01-01T00:00", "2026-04-01T00:00")))];
    let noticed = Life { terminations: vec![notice("2026-04-01T00:00")], ..Life::default() };
    assert_eq!(phase(&cut, &noticed, "2026-03-15T00:00").0, Phase::Active);
    assert_eq!(phase(&cut, &noticed, "2026-04-01T00:00"), (Phase::Ended, Some(EndedBy::Terminated)));
    assert!(standing(&cut, &noticed, at("2026-03-15T00:00")).notice && standing(&cut, &noticed, at("2026-05-01T00:00")).notice);
    let settling = Life { settling: Some((at("2026-04-02T00:00"), AccountId::fresh())), ..noticed.clone() };
    assert_eq!(phase(&cut, &settling, "2026-05-01T00:00"), (Phase::Settling, Some(EndedBy::Terminated)));
    let closed = Life { closed_at: Some(at("2026-04-03T00:00")), ..settling };
    assert_eq!(phase(&cut, &closed, "2026-05-01T00:00").0, Phase::Closed);

    let expiring = |now: &str| standing(&agreed, &life, at(now)).expiring;
    assert!(!expiring("2026-10-02T23:59") && expiring("2026-10-03T00:00") && !expiring("2027-01-01T00:00"));
}

fn ask(urgency: Urgency, ground: SuspensionGround, from: Option<&str>, until: Option<&str>) -> SuspensionAsk {
    let (from, until) = (from.map(at), until.map(at));
    SuspensionAsk { urgency, ground, text: "检修".into(), evidence: None, spaces: None, from, until }
}

#[test]
fn a_suspension_keeps_its_notice_and_its_end() {
    let now = at("2026-11-28T10:05");
    let rule = suspension_rule(&[]);
    let judge = |ask: &SuspensionAsk, orderer| {
        suspension_period(ask, orderer, &rule, &zone(), now).map_err(|fault| {
            let field = fault.detail.errors.first().map(|e| (e.pointer.clone(), e.code.clone()));
            let reason = fault.detail.reasons.first().map(|r| (r.code.clone(), r.figure.clone().unwrap_or_default()));
            field.or(reason).unwrap()
        })
    };
    let said = |a: &str, b: &str| Err((a.to_owned(), b.to_owned()));
    use SuspensionGround::{OwnUse, Repair, Safety};
    use Urgency::{Immediate, Planned};
    assert_eq!(judge(&ask(Immediate, Safety, None, None), Orderer::Community), Ok((now, None)));
    assert_eq!(judge(&ask(Immediate, Safety, None, None), Orderer::Operator), Ok((now, Some(at("2026-11-29T10:05")))));
    let long = ask(Immediate, Safety, None, Some("2026-12-28T10:00"));
    assert_eq!(judge(&long, Orderer::Operator), Ok((now, Some(at("2026-11-29T10:05")))), "24 hours on site");
    assert_eq!(judge(&long, Orderer::Street), Ok((now, Some(at("2026-12-28T10:00")))));
    assert_eq!(judge(&ask(Immediate, OwnUse, None, None), Orderer::PropertyUnit), said("/ground", "not-urgent"));
    assert_eq!(judge(&ask(Immediate, Safety, Some("2026-12-28T10:00"), None), Orderer::Street), said("/from", "begins-now"));
    assert_eq!(judge(&ask(Immediate, Safety, None, Some("2026-11-28T10:05")), Orderer::Street), said("/until", "ends-before-start"));
    // Seven days of notice: the day it is given is not counted, the last ends at 24:00.
    let planned = |from: &str, until: Option<&str>| judge(&ask(Planned, Repair, Some(from), until), Orderer::Community);
    let until = at("2026-12-20T00:00");
    assert_eq!(planned("2026-12-06T00:00", Some("2026-12-20T00:00")), Ok((at("2026-12-06T00:00"), Some(until))));
    assert_eq!(planned("2026-12-05T23:59", Some("2026-12-20T00:00")), said("short-notice", "2026-12-06 00:00"));
    assert_eq!(planned("2026-12-06T00:00", None), said("/until", "missing"));
    assert_eq!(planned("2026-12-06T00:00", Some("2026-12-06T00:00")), said("/until", "ends-before-start"));
    assert_eq!(planned("2026-11-28T10:05", Some("2026-12-20T00:00")), said("/from", "in-the-past"));
    let narrow = Agreed {
        clause: Some("suspension".into()),
        rule: SuspensionRule { who: vec![PartyCapacity::Community], grounds: vec![Repair], planned_notice_days: 0, longest_days: 60 },
    };
    let refused = |ask: &SuspensionAsk, orderer| {
        let fault = suspension_period(ask, orderer, &narrow, &zone(), now).unwrap_err();
        let reason = fault.detail.reasons.first().unwrap();
        (reason.code.clone(), reason.clause.clone())
    };
    let own_use = ask(Planned, OwnUse, Some("2026-12-06T00:00"), Some("2026-12-20T00:00"));
    assert_eq!(refused(&own_use, Orderer::Community), ("ground-not-agreed".into(), Some("suspension".into())));
    let repair = SuspensionAsk { ground: Repair, ..own_use };
    assert_eq!(refused(&repair, Orderer::PropertyUnit), ("not-yours-to-suspend".into(), Some("suspension".into())));
}

#[test]
fn what_is_suspended_over_all_that_time_is_not_suspended_again() {
    let (a, b) = (SpaceId::fresh(), SpaceId::fresh());
    let now = at("2026-11-28T10:05");
    let one = |spaces: &[&SpaceId], from: &str, until: Option<&str>| Suspension {
        id: SuspensionId::fresh(),
        urgency: Urgency::Immediate,
        ground: SuspensionGround::Safety,
        text: "漏水".into(),
        evidence: None,
        ordered_by: Orderer::Community,
        organisation: None,
        account: AccountId::fresh(),
        spaces: spaces.iter().map(|space| (*space).clone()).collect(),
        from: at(from),
        until: until.map(at),
        ordered_at: at(from),
        lifted_at: None,
    };
    let standing = [one(&[&a], "2026-11-28T10:00", None), one(&[&b], "2026-11-28T10:00", Some("2026-12-01T00:00"))];
    let again = |spaces: &[&SpaceId], until: Option<&str>| {
        let spaces: Vec<SpaceId> = spaces.iter().map(|space| (*space).clone()).collect();
        suspended_already(&standing, &spaces, (now, until.map(at)), now).is_some()
    };
    assert!(again(&[&a], None) && again(&[&a], Some("2026-12-09T00:00")));
    assert!(again(&[&b], Some("2026-12-01T00:00")) && again(&[&a, &b], Some("2026-11-30T00:00")));
    assert!(!again(&[&b], Some("2026-12-01T00:01")) && !again(&[&b], None) && !again(&[&a, &b], None));
    let lifted: Vec<Suspension> = standing.iter().map(|s| Suspension { lifted_at: Some(now), ..s.clone() }).collect();
    assert!(suspended_already(&lifted, &[a], (now, None), now).is_none());
}

#[test]
fn a_notice_runs_from_tomorrow_to_the_end_of_a_working_day() {
    let rule = |notice_days, holiday_moves| Agreed {
        clause: Some("ending".into()),
        rule: TerminationRule { notice_days, holiday_moves, withdrawal_allowed: true, new_bookings_until_end: true },
    };
    let now = at("2026-09-30T18:00");
    let ends = |rule: &Agreed<TerminationRule>, asked: Option<&str>, ends_at: &str| {
        let asked = asked.map(|day| parse_day(day).unwrap());
        notice_ends(rule, asked, &zone(), now, Some(at(ends_at))).map_err(|fault| {
            let reason = fault.detail.reasons.first().map(|r| format!("{} {}", r.code, r.figure.clone().unwrap_or_default()));
            reason.unwrap_or_else(|| fault.detail.errors.first().unwrap().code.clone())
        })
    };
    let far = "2028-12-31T00:00";
    // 1 to 7 October 2026 are the National Day holidays.
    assert_eq!(ends(&rule(3, true), None, far), Ok(at("2026-10-09T00:00")));
    assert_eq!(ends(&rule(3, false), None, far), Ok(at("2026-10-04T00:00")), "unless the clause says otherwise");
    assert_eq!(ends(&rule(3, true), Some("2026-10-07"), far), Err("short-notice 2026-10-08".into()));
    assert_eq!(ends(&rule(3, true), Some("2026-12-31"), far), Ok(at("2027-01-01T00:00")));
    assert_eq!(ends(&rule(3, true), Some("2026-09-30"), far), Err("in-the-past".into()));
    assert_eq!(ends(&rule(3, true), None, "2026-10-09T00:00"), Err("ends-before 2026-10-08".into()));
    assert!(may_leave(&rule(3, true)).is_ok());
    let default = termination_rule(&[]);
    assert_eq!(may_leave(&default).unwrap_err().detail.reasons.first().unwrap().code, "withdrawal-not-agreed");
    assert_eq!((default.clause, default.rule.notice_days, suspension_rule(&[]).rule.longest_days), (None, 30, 60));
}

#[test]
fn notice_ends_what_governs_until_then_and_no_renewal() {
    let (a, b) = (SpaceId::fresh(), SpaceId::fresh());
    let leaving = Withdrawal {
        id: WithdrawalId::fresh(),
        organisation: OrganisationId::fresh(),
        text: "收回".into(),
        served_at: at("2026-03-01T00:00"),
        ends_at: at("2026-04-01T00:00"),
        spaces: vec![a.clone()],
    };
    let life = Life { terminations: vec![notice("2026-06-01T00:00")], withdrawals: vec![leaving], ..Life::default() };
    let (from, to) = (at("2026-01-01T00:00"), at("2027-01-01T00:00"));
    assert_eq!(clipped(&life, &a, from, to), at("2026-04-01T00:00"));
    assert_eq!(clipped(&life, &b, from, to), at("2026-06-01T00:00"));
    assert_eq!(clipped(&life, &a, at("2026-06-01T00:00"), to), to, "a version that begins after it is a renewal");
    assert_eq!(clipped(&Life::default(), &a, from, to), to);
}
