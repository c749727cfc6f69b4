//! What clauses say about bookings, at the edges.

use super::super::samples::{at, atoms, beijing, clause, daily, dated, day, hours_json, ids, layout, row, usual, weekly, zone};
use super::*;
use crate::kernel::Fen;
use crate::terms::model::{HolidayRule, Orderer, Relation, Urgency};
use proptest::prelude::*;
use serde_json::json;

fn workday(_: Day) -> DayType {
    DayType::Workday
}
/// A meeting of ten from one moment to another.
fn ask(from: &str, to: &str) -> Ask {
    let period = Period::new(at(from), at(to)).unwrap();
    Ask { zone: beijing(), period, occupancy: period, use_code: Use::Meeting, attendees: 10, charge: None }
}
fn on(from: &str, to: &str) -> Ask {
    ask(&format!("2026-11-27 {from}"), &format!("2026-11-27 {to}"))
}
/// `code clause figure` of every refusal.
fn refused(terms: &[TermInForce], ask: &Ask) -> Vec<String> {
    refusals(decide(terms, ask, &workday))
        .into_iter()
        .map(|r| format!("{} {} {}", r.code, r.clause.unwrap_or("-".into()), r.figure.unwrap_or_default()).trim_end().to_owned())
        .collect()
}
fn with(more: &[TermInForce]) -> Vec<TermInForce> {
    usual().into_iter().chain(more.iter().cloned()).collect()
}
fn hours(clause: &str, weekly: Weekly) -> TermInForce {
    row(clause, ClauseKind::OpenHours, Payload::OpenHours(weekly))
}
fn uses(kind: ClauseKind, uses: &[Use]) -> TermInForce {
    row(kind.as_str(), kind, Payload::Uses { uses: uses.to_vec(), safety: false })
}

#[test]
fn a_booking_inside_everything_is_allowed_by_every_clause() {
    let verdicts = decide(&usual(), &on("08:30", "21:00"), &workday);
    let said: Vec<_> =
        verdicts.iter().map(|v| (v.kind, v.clause.as_ref().unwrap().clause.as_str(), v.decision == Decision::Allow)).collect();
    assert_eq!(
        said,
        [
            (ClauseKind::SpaceGrant, "grant", true),
            (ClauseKind::Term, "term", true),
            (ClauseKind::OpenHours, "hours", true),
            (ClauseKind::Capacity, "people", true)
        ]
    );
    let name = verdicts[0].clause.as_ref().unwrap();
    assert_eq!((name.agreement_code.as_str(), name.version_no), ("yuxin", 2));
}

#[test]
fn hours_are_half_open_to_the_minute() {
    assert!(refused(&usual(), &on("20:59", "21:00")).is_empty());
    assert_eq!(refused(&usual(), &on("20:59", "21:01")), ["outside-hours hours 08:30–21:00"]);
    assert_eq!(refused(&usual(), &on("08:29", "09:00")), ["outside-hours hours 08:30–21:00"]);
    let reason = refusals(decide(&usual(), &on("20:59", "21:01"), &workday)).remove(0);
    assert_eq!((reason.agreement.as_deref(), reason.version), (Some("yuxin"), Some(2)));
    assert_eq!(reason.zh, "11月27日的开放时间是 08:30–21:00，请选这段时间里的。");
}

#[test]
fn a_break_in_the_hours_is_not_bridged_and_a_closed_day_says_so() {
    let mut terms = usual();
    terms[2] = hours("hours", weekly(&[(&["fri"], "08:30", "12:00"), (&["fri"], "14:00", "21:00")]));
    assert_eq!(refused(&terms, &on("11:00", "15:00")), ["outside-hours hours 08:30–12:00, 14:00–21:00"]);
    assert_eq!(refused(&terms, &ask("2026-11-28 10:00", "2026-11-28 11:00")), ["outside-hours hours closed"]);
}

#[test]
fn every_hours_clause_must_be_open() {
    let mut part = hours("part", daily("10:00", "18:00"));
    (part.origin, part.relation) = ("y/a".into(), Relation::Part);
    let mut other = hours("other", daily("09:00", "22:00"));
    other.agreement_code = "another".into();
    let terms = with(&[part, other]);
    assert!(refused(&terms, &on("10:00", "18:00")).is_empty());
    assert_eq!(refused(&terms, &on("09:00", "11:00")), ["outside-hours part 10:00–18:00"]);
    assert_eq!(
        refused(&terms, &on("08:00", "21:30")),
        ["outside-hours other 09:00–22:00", "outside-hours hours 08:30–21:00", "outside-hours part 10:00–18:00"],
        "agreements in the order of their codes, then clauses"
    );
}

#[test]
fn over_midnight_each_day_is_judged_by_its_own_hours() {
    let mut terms = usual();
    terms[2] = hours("hours", weekly(&[(&["fri"], "18:00", "24:00"), (&["sat"], "00:00", "02:00")]));
    assert!(refused(&terms, &ask("2026-11-27 22:00", "2026-11-28 02:00")).is_empty());
    assert_eq!(refused(&terms, &ask("2026-11-27 22:00", "2026-11-28 02:01")), ["outside-hours hours 00:00–02:00"]);
    assert!(refused(&terms, &ask("2026-11-27 22:00", "2026-11-27 24:00")).is_empty());
    assert_eq!(refused(&terms, &ask("2026-11-28 22:00", "2026-11-29 01:00")), ["outside-hours hours 00:00–02:00"]);
}

#[test]
fn holidays_change_the_hours_through_the_calendar() {
    let mut closed = daily("08:30", "21:00");
    closed.holidays = HolidayRule::Closed;
    let mut terms = usual();
    terms[2] = hours("hours", closed);
    let calendar = |day: Day| if day.day() == 1 { DayType::Holiday } else { DayType::Workday };
    let code = |from: &str, to: &str| refusals(decide(&terms, &ask(from, to), &calendar)).pop().and_then(|r| r.figure);
    assert_eq!(code("2026-10-01 10:00", "2026-10-01 11:00").as_deref(), Some("closed"));
    assert_eq!(code("2026-10-02 10:00", "2026-10-02 11:00"), None);
}

#[test]
fn an_exception_replaces_the_base_of_its_own_agreement_only() {
    let mut summer = hours("summer", daily("06:00", "10:00"));
    (summer.exception, summer.from, summer.to) = (true, at("2026-07-01 00:00"), at("2026-09-01 00:00"));
    let terms = with(&[summer.clone()]);
    assert!(refused(&terms, &ask("2026-07-01 06:00", "2026-07-01 08:00")).is_empty());
    assert_eq!(refused(&terms, &ask("2026-07-01 12:00", "2026-07-01 13:00")), ["outside-hours summer 06:00–10:00"]);
    assert!(refused(&terms, &ask("2026-09-01 12:00", "2026-09-01 13:00")).is_empty());
    let mut foreign = hours("foreign", daily("09:00", "11:00"));
    (foreign.agreement, foreign.agreement_code) = (crate::kernel::id::Id::fresh(), "zz".into());
    let mut site = hours("part", daily("07:00", "21:00"));
    site.origin = "y/a".into();
    let terms = with(&[summer, foreign, site]);
    assert_eq!(
        refused(&terms, &ask("2026-07-01 06:00", "2026-07-01 08:00")),
        ["outside-hours part 07:00–21:00", "outside-hours foreign 09:00–11:00"],
        "other origins and agreements stay"
    );
}

#[test]
fn the_start_decides_which_terms_judge() {
    let mut summer = hours("summer", daily("00:00", "24:00"));
    (summer.exception, summer.from, summer.to) = (true, at("2026-07-01 00:00"), at("2026-07-02 12:00"));
    let terms = with(&[summer]);
    assert!(refused(&terms, &ask("2026-07-02 11:00", "2026-07-02 23:00")).is_empty(), "begun under the exception");
    assert_eq!(refused(&terms, &ask("2026-07-02 12:00", "2026-07-02 23:00")), ["outside-hours hours 08:30–21:00"]);
}

#[test]
fn nothing_in_force_is_one_refusal_of_its_own() {
    assert_eq!(refused(&[], &on("10:00", "11:00")), ["no-agreement -"]);
    assert_eq!(refused(&usual(), &ask("2025-12-31 10:00", "2025-12-31 11:00")), ["no-agreement -"]);
    assert_eq!(refused(&usual(), &ask("2027-01-01 10:00", "2027-01-01 11:00")), ["term-ended term 2026-12-31"]);
}

#[test]
fn missing_clauses_refuse_in_their_place() {
    let only = |kinds: &[ClauseKind]| -> Vec<TermInForce> { usual().into_iter().filter(|t| kinds.contains(&t.kind)).collect() };
    assert_eq!(refused(&only(&[ClauseKind::Term]), &on("10:00", "11:00")), ["not-granted -", "no-hours -", "no-capacity -"]);
    assert_eq!(refused(&only(&[ClauseKind::SpaceGrant, ClauseKind::OpenHours]), &on("10:00", "11:00")), ["no-capacity -"]);
}

#[test]
fn the_term_ends_at_midnight_of_its_last_day_buffers_included() {
    let mut terms = usual();
    terms[2] = hours("hours", daily("00:00", "24:00"));
    let last = ask("2026-12-31 20:00", "2026-12-31 24:00");
    assert!(refused(&terms, &last).is_empty());
    let mut cleaning = last.clone();
    cleaning.occupancy = last.period.widened(0, 1);
    assert_eq!(refused(&terms, &cleaning), ["term-ended term 2026-12-31"], "said once, by the term");
    assert_eq!(refused(&terms, &ask("2026-12-31 20:00", "2027-01-01 01:00")), ["term-ended term 2026-12-31"]);
    let mut early = ask("2026-01-01 00:00", "2026-01-01 01:00");
    assert!(refused(&terms, &early).is_empty());
    early.occupancy = early.period.widened(15, 0);
    assert_eq!(refused(&terms, &early), ["not-granted grant 2026-01-01 00:00"]);
}

#[test]
fn buffers_may_lie_outside_hours_but_never_outside_the_grant() {
    let mut early = on("08:30", "10:00");
    early.occupancy = early.period.widened(60, 0);
    assert!(refused(&usual(), &early).is_empty());
    let mut terms = usual();
    terms[0].to = at("2026-11-27 20:00");
    let mut late = on("19:00", "20:00");
    assert!(refused(&terms, &late).is_empty());
    late.occupancy = late.period.widened(0, 30);
    assert_eq!(refused(&terms, &late), ["not-granted grant 2026-11-27 20:00"]);
    // A successor's grant that takes over at that moment carries it on.
    let mut successor = terms[0].clone();
    (successor.from, successor.to, successor.version_no) = (at("2026-11-27 20:00"), at("2026-12-31 24:00"), 3);
    assert!(refused(&[terms, vec![successor]].concat(), &late).is_empty());
}

#[test]
fn the_owners_hours_are_not_touched_not_even_by_cleaning() {
    let reserved =
        row("own", ClauseKind::ReservedHours, Payload::ReservedHours { reserved_for: "unit".into(), hours: daily("18:00", "20:00") });
    let terms = with(&[reserved]);
    assert!(refused(&terms, &on("16:00", "18:00")).is_empty());
    assert!(refused(&terms, &on("20:00", "21:00")).is_empty());
    assert_eq!(refused(&terms, &on("17:00", "18:01")), ["reserved-hours own 18:00–20:00"]);
    let mut cleaning = on("16:00", "18:00");
    cleaning.occupancy = cleaning.period.widened(0, 10);
    assert_eq!(refused(&terms, &cleaning), ["reserved-hours own 18:00–20:00"]);
}

#[test]
fn uses_follow_their_parents_and_intersect() {
    let asked = |use_code| Ask { use_code, ..on("10:00", "11:00") };
    let terms = with(&[uses(ClauseKind::AllowedUses, &[Use::Meeting, Use::Study])]);
    for fine in [Use::Meeting, Use::Deliberation, Use::PartyHistory, Use::Reading] {
        assert!(refused(&terms, &asked(fine)).is_empty(), "{fine}");
    }
    assert_eq!(refused(&terms, &asked(Use::Vocal)), ["use-not-allowed allowed_uses meeting, study"]);
    let mut narrow = uses(ClauseKind::AllowedUses, &[Use::Reading]);
    narrow.clause = "narrow".into();
    let both = [terms.clone(), vec![narrow]].concat();
    assert!(refused(&both, &asked(Use::Reading)).is_empty());
    assert_eq!(
        refused(&both, &asked(Use::Study)),
        ["use-not-allowed narrow reading"],
        "a clause about the child does not cover the parent"
    );
    let terms = with(&[uses(ClauseKind::ProhibitedUses, &[Use::Opera])]);
    assert_eq!(refused(&terms, &asked(Use::Opera)), ["use-prohibited prohibited_uses opera"]);
    assert!(refused(&terms, &asked(Use::Performance)).is_empty());
    let terms = with(&[uses(ClauseKind::ProhibitedUses, &[Use::Performance])]);
    assert_eq!(refused(&terms, &asked(Use::Opera)), ["use-prohibited prohibited_uses performance"]);
}

#[test]
fn capacity_is_the_smallest_figure() {
    let asked = |attendees| Ask { attendees, ..on("10:00", "11:00") };
    let terms = with(&[row("comfort", ClauseKind::Capacity, Payload::Capacity { persons: 30, basis: Capacity::Comfort })]);
    assert!(refused(&terms, &asked(30)).is_empty());
    assert_eq!(refused(&terms, &asked(31)), ["over-capacity comfort 30"]);
    assert_eq!(refused(&terms, &asked(51)), ["over-capacity comfort 30", "over-capacity people 50"]);
}

#[test]
fn quiet_hours_refuse_their_class_and_louder() {
    let quiet = row("noon", ClauseKind::QuietHours, Payload::QuietHours { noise: Noise::Loud, hours: daily("12:00", "14:00") });
    let terms = with(&[quiet]);
    let asked = |use_code, from: &str, to: &str| refused(&terms, &Ask { use_code, ..on(from, to) });
    assert_eq!(asked(Use::Vocal, "11:00", "12:01"), ["quiet-hours noon 12:00–14:00"]);
    assert!(asked(Use::Vocal, "11:00", "12:00").is_empty() && asked(Use::Vocal, "14:00", "15:00").is_empty());
    assert!(asked(Use::Meeting, "12:00", "14:00").is_empty());
}

fn ceiling(clause: &str, ceilings: &[(Option<Use>, i64, Per)]) -> TermInForce {
    let ceilings = ceilings.iter().map(|(use_code, fen, per)| Ceiling { use_code: *use_code, fen: Fen(*fen), per: *per }).collect();
    row(clause, ClauseKind::PriceCeiling, Payload::PriceCeiling { ceilings })
}
fn charged(use_code: Use, components: &[(i64, Per)]) -> Ask {
    let components = components.iter().map(|(fen, per)| Fee { fen: Fen(*fen), per: *per }).collect();
    Ask { use_code, charge: Some(Charge { components, minutes: 60, attendees: 10 }), ..on("10:00", "11:00") }
}

#[test]
fn the_nearest_ceiling_of_a_clause_counts_and_clauses_combine() {
    let both = [(None, 100, Per::Hour), (Some(Use::Performance), 500, Per::Hour), (Some(Use::Opera), 900, Per::Hour)];
    let terms = with(&[ceiling("price", &both)]);
    assert!(refused(&terms, &charged(Use::Opera, &[(900, Per::Hour)])).is_empty());
    assert_eq!(refused(&terms, &charged(Use::Opera, &[(901, Per::Hour)])), ["over-ceiling price 9.00"]);
    assert_eq!(refused(&terms, &charged(Use::Performance, &[(501, Per::Hour)])), ["over-ceiling price 5.00"]);
    assert_eq!(refused(&terms, &charged(Use::Meeting, &[(101, Per::Hour)])), ["over-ceiling price 1.00"]);
    let parent = with(&[ceiling("price", &both[..2])]);
    assert_eq!(refused(&parent, &charged(Use::Opera, &[(501, Per::Hour)])), ["over-ceiling price 5.00"]);
    let strict = with(&[ceiling("price", &both), ceiling("second", &[(None, 800, Per::Hour)])]);
    assert_eq!(refused(&strict, &charged(Use::Opera, &[(900, Per::Hour)])), ["over-ceiling second 8.00"]);
    // Named in one unit, a use is not held to what the others may cost in another.
    let units = with(&[ceiling("price", &[(Some(Use::Laundry), 1000, Per::Session), (None, 0, Per::Person)])]);
    assert_eq!(refused(&units, &charged(Use::Laundry, &[(800, Per::Session)])), Vec::<String>::new());
    assert_eq!(refused(&units, &charged(Use::Meeting, &[(1, Per::Session)])), ["over-ceiling price 0.00"]);
    let silent = with(&[ceiling("price", &[(Some(Use::Catering), 100, Per::Person)])]);
    assert!(refused(&silent, &charged(Use::Meeting, &[(100_000, Per::Session)])).is_empty(), "a clause about meals limits no meeting");
}

#[test]
fn every_fee_counts_and_every_unit_is_a_limit() {
    let terms = with(&[ceiling("price", &[(None, 1000, Per::Person), (None, 5000, Per::Session)])]);
    assert!(refused(&terms, &charged(Use::Meeting, &[(4000, Per::Hour), (100, Per::Person)])).is_empty());
    assert_eq!(refused(&terms, &charged(Use::Meeting, &[(4000, Per::Hour), (101, Per::Person)])), ["over-ceiling price 50.00"]);
    assert!(refused(&terms, &on("10:00", "11:00")).is_empty(), "nothing charged, nothing over");
}

#[test]
fn all_refusals_come_at_once_in_a_fixed_order() {
    let mut terms = with(&[
        ceiling("price", &[(None, 1, Per::Session)]),
        row("noon", ClauseKind::QuietHours, Payload::QuietHours { noise: Noise::Quiet, hours: daily("00:00", "24:00") }),
        uses(ClauseKind::ProhibitedUses, &[Use::Vocal]),
        uses(ClauseKind::AllowedUses, &[Use::Meeting]),
        row("own", ClauseKind::ReservedHours, Payload::ReservedHours { reserved_for: "u".into(), hours: daily("20:00", "22:00") }),
    ]);
    let mut wanted = charged(Use::Vocal, &[(2, Per::Session)]);
    wanted.attendees = 51;
    wanted.period = Period::new(at("2026-12-31 20:00"), at("2027-01-01 02:00")).unwrap();
    wanted.occupancy = wanted.period;
    let codes = |terms: &[TermInForce]| -> Vec<String> { refusals(decide(terms, &wanted, &workday)).into_iter().map(|r| r.code).collect() };
    let expected = [
        "term-ended",
        "outside-hours",
        "reserved-hours",
        "use-not-allowed",
        "use-prohibited",
        "over-capacity",
        "quiet-hours",
        "over-ceiling",
    ];
    assert_eq!(codes(&terms), expected);
    terms.reverse();
    assert_eq!(codes(&terms), expected);
    for reason in refusals(decide(&terms, &wanted, &workday)) {
        assert!(reason.zh.ends_with('。') && reason.en.ends_with('.') && reason.clause.is_some(), "{reason:?}");
        assert!(!reason.zh.contains(&reason.code) && !reason.zh.contains('_'), "no codes in the sentence: {reason:?}");
    }
}

#[test]
fn a_clause_that_binds_through_two_parts_speaks_once() {
    let part = |origin: &str| TermInForce { origin: origin.into(), relation: Relation::Part, ..hours("part", daily("10:00", "11:00")) };
    let verdicts = decide(&with(&[part("y/a"), part("y/b")]), &on("12:00", "13:00"), &workday);
    assert_eq!(verdicts.iter().filter(|v| v.kind == ClauseKind::OpenHours).count(), 2);
}

#[test]
fn hours_follow_the_clock_of_the_site() {
    let new_york = zone("America/New_York");
    let mut terms = usual();
    terms[2] = hours("hours", daily("00:00", "04:00"));
    let spring = day("2026-03-08");
    let period = Period::new(new_york.at(spring, 60), new_york.at(spring, 240)).unwrap();
    assert_eq!(period.minutes(), 120);
    let mut wanted = on("10:00", "11:00");
    (wanted.zone, wanted.period, wanted.occupancy) = (new_york, period, period);
    assert!(refused(&terms, &wanted).is_empty());
}

#[test]
fn dated_hours_are_shown_as_the_figure() {
    let mut special = daily("08:30", "21:00");
    special.dates = vec![dated("2026-11-27", "2026-11-27", &[("09:00", "10:00")])];
    let mut terms = usual();
    terms[2] = hours("hours", special);
    assert_eq!(refused(&terms, &on("09:30", "10:30")), ["outside-hours hours 09:00–10:00"]);
}

/// The hall of halves a and b under one agreement, as the clauses compile.
#[test]
fn a_hall_obeys_its_halves_from_the_clauses_on() {
    let parts = atoms(2);
    let layout = [layout("y/a", &parts[..1]), layout("y/b", &parts[1..]), layout("y/hall", &parts)];
    let persons = |id: &str, space: &str, persons: i64| clause(id, "capacity", json!({ "persons": persons }), json!({"spaces": [space]}));
    let clauses = [
        clause("term", "term", json!({"first_day": "2026-01-01", "last_day": "2026-12-31"}), json!({})),
        clause("grant", "space_grant", json!({"by": "unit"}), json!({"spaces": ["y/a", "y/b"]})),
        clause("hours", "open_hours", hours_json("08:00", "22:00"), json!({})),
        clause("early", "open_hours", hours_json("08:00", "18:00"), json!({"spaces": ["y/a"]})),
        clause("quiet", "prohibited_uses", json!({"uses": ["dance"]}), json!({"spaces": ["y/b"]})),
        persons("a", "y/a", 20),
        persons("b", "y/b", 30),
        persons("hall", "y/hall", 80),
    ];
    let (agreement, version) = ids();
    let rows = super::super::compile(&clauses, &layout, at("2025-12-01 00:00"));
    let of = |i: usize, ask: Ask| {
        let terms: Vec<TermInForce> =
            rows.iter().filter(|row| row.space == layout[i].space).map(|row| row.in_force(&agreement, "yuxin", &version, 1)).collect();
        refused(&terms, &ask)
    };
    let evening = |attendees| Ask { attendees, use_code: Use::Dance, ..on("17:00", "19:00") };
    assert_eq!(of(2, evening(70)), ["outside-hours early 08:00–18:00", "use-prohibited quiet dance"], "the hall has its own capacity");
    assert_eq!(of(0, evening(70)), ["outside-hours early 08:00–18:00", "over-capacity a 20"]);
    assert_eq!(of(1, evening(31)), ["use-prohibited quiet dance", "over-capacity b 30"]);
    assert_eq!(of(0, evening(81)), ["outside-hours early 08:00–18:00", "over-capacity a 20", "over-capacity hall 80"]);
}

fn any_row() -> impl Strategy<Value = TermInForce> {
    (0u16..24, 1u16..24, 0i64..40, 1i64..40, any::<bool>(), 0usize..4, 0usize..3).prop_map(
        |(from, len, start, days, exception, kind, origin)| {
            let span = Span { from: from * 60, to: (from + len).min(24) * 60 };
            let mut weekly = daily("00:00", "24:00");
            weekly.windows[0].span = span;
            let (kind, payload) = match kind {
                0 => (ClauseKind::OpenHours, Payload::OpenHours(weekly)),
                1 => (ClauseKind::ReservedHours, Payload::ReservedHours { reserved_for: "u".into(), hours: weekly }),
                2 => (ClauseKind::SpaceGrant, Payload::SpaceGrant { by: "u".into(), rent_fen_per_year: Fen::ZERO }),
                _ => (ClauseKind::Capacity, Payload::Capacity { persons: i64::from(len), basis: Capacity::Safety }),
            };
            let begin = at("2026-11-20 00:00").plus_minutes(start * 360);
            TermInForce {
                origin: ["*", "y/a", "y/b"][origin].into(),
                exception,
                from: begin,
                to: begin.plus_minutes(days * 360),
                ..row(&format!("c{from}-{len}-{start}"), kind, payload)
            }
        },
    )
}

proptest! {
    #[test]
    fn verdicts_do_not_depend_on_the_order_of_rows(
        rows in prop::collection::vec(any_row(), 0..10), start in 0i64..300, len in 1i64..40, attendees in 0i64..60,
    ) {
        let period = Period::new(at("2026-11-20 00:00").plus_minutes(start * 30), at("2026-11-20 00:00").plus_minutes((start + len) * 30)).unwrap();
        let wanted = Ask { attendees, period, occupancy: period, ..on("10:00", "11:00") };
        let forward = refused(&rows, &wanted);
        let mut back = rows.clone();
        back.reverse();
        let mut backward = refused(&back, &wanted);
        // Rows of one name (the same clause drawn twice) may stand in either order.
        let mut sorted = forward.clone();
        sorted.sort();
        backward.sort();
        prop_assert_eq!(sorted, backward);
    }

    #[test]
    fn a_stricter_agreement_never_allows_more(
        rows in prop::collection::vec(any_row(), 0..10),
        // A further grant may lend what nobody lent; everything else only limits.
        extra in any_row().prop_filter("a limit", |row| row.kind != ClauseKind::SpaceGrant), start in 0i64..300, len in 1i64..40,
    ) {
        let period = Period::new(at("2026-11-20 00:00").plus_minutes(start * 30), at("2026-11-20 00:00").plus_minutes((start + len) * 30)).unwrap();
        let wanted = Ask { period, occupancy: period, ..on("10:00", "11:00") };
        let base = usual();
        let mut more: Vec<TermInForce> = base.iter().chain(&rows).cloned().collect();
        let before = refused(&more, &wanted);
        more.push(TermInForce { agreement: crate::kernel::id::Id::fresh(), agreement_code: "zz".into(), ..extra });
        let after = refused(&more, &wanted);
        prop_assert!(before.iter().all(|reason| after.contains(reason)), "{before:?} {after:?}");
    }
}

fn offered(kind: ClauseKind, payload: serde_json::Value) -> TermInForce {
    row(kind.as_str(), kind, clause("c", kind.as_str(), payload, json!({})).payload)
}

#[test]
fn upkeep_blocks_what_meets_it_with_set_up_and_clean_up() {
    // 27 November 2026 is a Friday.
    let weekly = json!([{"days": ["fri"], "from": "13:00", "to": "14:00"}]);
    let terms = with(&[offered(ClauseKind::Maintenance, json!({ "weekly": weekly }))]);
    assert!(refused(&terms, &on("12:00", "13:00")).is_empty());
    assert!(refused(&terms, &on("14:00", "15:00")).is_empty());
    assert_eq!(refused(&terms, &on("13:59", "15:00")), ["maintenance maintenance 13:00–14:00"]);
    let mut buffered = on("14:00", "15:00");
    buffered.occupancy = buffered.period.widened(1, 0);
    assert_eq!(refused(&terms, &buffered), ["maintenance maintenance 13:00–14:00"]);
    assert!(refused(&terms, &ask("2026-11-28 13:00", "2026-11-28 14:00")).is_empty());
}

#[test]
fn once_a_proof_has_run_out_nothing_that_starts_later_is_booked() {
    let proofs = json!({"evidence": [{"name": "liability_insurance", "valid_until": "2026-12-31"},
                                     {"name": "fire_inspection", "valid_until": "2026-11-27"}]});
    let terms = with(&[offered(ClauseKind::InsuranceSafety, proofs)]);
    assert!(refused(&terms, &on("20:00", "21:00")).is_empty(), "the last day counts to its midnight");
    let next = ask("2026-11-28 08:30", "2026-11-28 09:00");
    assert_eq!(refused(&terms, &next), ["evidence-expired insurance_safety 2026-11-27"]);
    let reason = refusals(decide(&terms, &next, &workday)).remove(0);
    assert_eq!(reason.zh, "消防检查到2026年11月27日就过期了，续上以前订不了后面的日子。");
    assert_eq!((reason.agreement.as_deref(), reason.version), (Some("yuxin"), Some(2)));
    let refused = opening(&terms, &beijing(), next.period, next.occupancy, &workday);
    assert_eq!(refused.len(), 1, "it does not look free either");
}

#[test]
fn some_bookings_wait_for_consent() {
    let needs = |payload: serde_json::Value, ask: &Ask, day: DayType| {
        let terms = with(&[offered(ClauseKind::Approval, payload)]);
        let verdicts = decide(&terms, ask, &|_| day);
        assert!(refusals(verdicts.clone()).is_empty());
        approvals(&verdicts).into_iter().map(|(clause, by)| (clause.clause, by.capacity, by.deadline_hours)).collect::<Vec<_>>()
    };
    let asked = vec![("approval".to_owned(), PartyCapacity::PropertyUnit, 24)];
    let rule = |more: serde_json::Value| {
        let mut rule = json!({"approver": "property_unit", "deadline_hours": 24});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    let ten = on("10:00", "11:00");
    assert_eq!(needs(rule(json!({})), &ten, DayType::Workday), asked, "without a condition every booking");
    assert!(needs(rule(json!({"at_least_people": 11})), &ten, DayType::Workday).is_empty());
    assert_eq!(needs(rule(json!({"at_least_people": 10})), &ten, DayType::Workday), asked);
    assert!(needs(rule(json!({"uses": ["performance"]})), &ten, DayType::Workday).is_empty());
    let opera = Ask { use_code: Use::Opera, ..ten.clone() };
    assert_eq!(needs(rule(json!({"uses": ["performance"], "at_least_people": 500})), &opera, DayType::Workday), asked, "by its parent");
    for (day, off) in [(DayType::Weekend, true), (DayType::Holiday, true), (DayType::MakeupWorkday, false), (DayType::Workday, false)] {
        assert_eq!(!needs(rule(json!({"days_off": true})), &ten, day).is_empty(), off, "{day}");
    }
}

#[test]
fn a_suspension_refuses_whatever_it_meets() {
    let suspension = |from: &str, to: Instant| TermInForce {
        from: at(from),
        to,
        ..row(
            "suspension_1",
            ClauseKind::Suspension,
            Payload::Suspension(Suspended {
                urgency: Urgency::Planned,
                ordered_by: Orderer::Community,
                ground: "检修。".into(),
                closure: false,
            }),
        )
    };
    let terms = with(&[suspension("2026-11-27 10:00", at("2026-11-27 12:00"))]);
    let told = ["suspended suspension_1 2026-11-27 12:00"];
    assert!(refused(&terms, &on("09:00", "10:00")).is_empty(), "it may end where the suspension begins");
    assert!(refused(&terms, &on("12:00", "13:00")).is_empty());
    assert_eq!(refused(&terms, &on("09:00", "10:01")), told, "nor may one run into it");
    assert_eq!(refused(&terms, &on("11:59", "13:00")), told);
    let buffers = Ask { occupancy: on("09:30", "13:00").period, ..on("12:00", "13:00") };
    assert_eq!(refused(&terms, &buffers), told, "no setting up in a room that is shut");
    let reason = refusals(decide(&terms, &on("10:00", "11:00"), &workday)).remove(0);
    assert_eq!(reason.zh, "社区暂停了这里的使用（检修）：从 2026年11月27日周五 10:00 开始，到 2026年11月27日周五 12:00 为止。");

    // Without an end it says since when; and it says nothing of hours, grants and people that are agreed.
    let open = with(&[suspension("2026-11-27 10:00", Instant::LATEST)]);
    assert_eq!(refused(&open, &ask("2026-12-24 10:00", "2026-12-24 11:00")), ["suspended suspension_1 2026-11-27 10:00"]);
    // Where no agreement opens the space, both are told.
    let alone = [suspension("2026-11-27 10:00", Instant::LATEST)];
    assert_eq!(refused(&alone, &on("10:00", "11:00")), ["suspended suspension_1 2026-11-27 10:00", "no-agreement -"]);
    // Lifted before it began.
    assert!(refused(&with(&[suspension("2026-11-27 10:00", at("2026-11-27 09:00"))]), &on("10:00", "11:00")).is_empty());
}

#[test]
fn an_agreement_ended_early_says_when() {
    let mut terms = usual();
    for term in &mut terms {
        term.to = at("2026-06-30 24:00");
    }
    assert_eq!(refused(&terms, &ask("2026-07-01 10:00", "2026-07-01 11:00")), ["term-ended term 2026-06-30"]);
}
