//! Availability at the edges, and its laws.

use super::super::day_type;
use super::*;
use crate::kernel::Fen;
use crate::terms::model::{Charge, ClauseKind, Evidence, HolidayRule, InsuranceSafety, Noise, Use, ValidEvidence, Weekly};
use crate::terms::rules::samples::{at, beijing, daily, day, row, usual, weekly, zone};
use crate::terms::rules::{Ask, decide, refusals};
use proptest::prelude::*;

/// Days of a space as things are, by its terms.
fn available(zone: &Zone, (first, last): (Day, Day), terms: &[TermInForce], taken: &[Period], now: Instant) -> Vec<DayAvailability> {
    super::availability(zone, &openings(zone, first, last, terms, &day_type), taken, now)
}

const LONG_AGO: Instant = Instant::EARLIEST;

fn period(from: &str, to: &str) -> Period {
    Period::new(at(from), at(to)).unwrap()
}
fn on(from: &str, to: &str) -> Period {
    period(&format!("2026-11-27 {from}"), &format!("2026-11-27 {to}"))
}
/// One day as `08:30–21:00 free`, closed ones with the codes and clauses of their reasons.
fn shown(day: &DayAvailability) -> Vec<String> {
    let minute = crate::kernel::time::show_minute;
    let state = |state: &State| match state {
        State::Free => "free".to_owned(),
        State::Taken => "taken".to_owned(),
        State::Closed(reasons) => {
            reasons.iter().map(|r| format!("{}:{}", r.code, r.clause.as_deref().unwrap_or("-"))).collect::<Vec<_>>().join(" ")
        }
    };
    day.segments.iter().map(|s| format!("{}–{} {}", minute(s.from), minute(s.to), state(&s.state))).collect()
}
fn day_of(date: &str, terms: &[TermInForce], taken: &[Period], now: Instant) -> Vec<String> {
    shown(&available(&beijing(), (day(date), day(date)), terms, taken, now)[0])
}
fn hours(clause: &str, weekly: Weekly) -> TermInForce {
    row(clause, ClauseKind::OpenHours, Payload::OpenHours(weekly))
}
fn reserved(weekly: Weekly) -> TermInForce {
    row("own", ClauseKind::ReservedHours, Payload::ReservedHours { reserved_for: "unit".into(), hours: weekly })
}

#[test]
fn upkeep_and_proofs_that_ran_out_close_the_days() {
    let mut terms = usual();
    terms.push(row("upkeep", ClauseKind::Maintenance, Payload::Maintenance { notice_days: 3, hours: daily("13:00", "14:00") }));
    let proof = ValidEvidence { name: Evidence::FireInspection, reference: None, valid_until: day("2026-11-27") };
    terms.push(row("proofs", ClauseKind::InsuranceSafety, Payload::InsuranceSafety(InsuranceSafety { evidence: vec![proof] })));
    assert_eq!(
        day_of("2026-11-27", &terms, &[], LONG_AGO),
        [
            "00:00–08:30 outside-hours:hours",
            "08:30–13:00 free",
            "13:00–14:00 maintenance:upkeep",
            "14:00–21:00 free",
            "21:00–24:00 outside-hours:hours"
        ]
    );
    let after = day_of("2026-11-28", &terms, &[], LONG_AGO);
    assert_eq!(after.get(1).map(String::as_str), Some("08:30–13:00 evidence-expired:proofs"), "{after:?}");
}

#[test]
fn a_day_is_cut_by_hours_the_owner_bookings_and_the_present() {
    let mut terms = usual();
    terms.push(reserved(daily("18:00", "19:00")));
    let taken = [on("10:00", "11:30"), on("11:30", "12:00")];
    assert_eq!(
        day_of("2026-11-27", &terms, &taken, at("2026-11-27 09:10").plus_seconds(17)),
        [
            "00:00–09:10 past:-",
            "09:10–10:00 free",
            "10:00–12:00 taken",
            "12:00–18:00 free",
            "18:00–19:00 reserved-hours:own",
            "19:00–21:00 free",
            "21:00–24:00 outside-hours:hours"
        ]
    );
}

#[test]
fn days_carry_their_type_and_say_when_it_is_a_guess() {
    let mut closed = daily("08:30", "21:00");
    closed.holidays = HolidayRule::Closed;
    let mut terms = usual();
    terms[2] = hours("hours", closed);
    let days = available(&beijing(), (day("2026-09-30"), day("2026-10-01")), &terms, &[], LONG_AGO);
    assert_eq!(
        days.iter().map(|d| (d.day_type, d.provisional)).collect::<Vec<_>>(),
        [(DayType::Workday, false), (DayType::Holiday, false)]
    );
    assert_eq!(shown(&days[1]), ["00:00–24:00 outside-hours:hours"]);
    let days = available(&beijing(), (day("2026-12-31"), day("2027-01-01")), &terms, &[], LONG_AGO);
    assert!(!days[0].provisional && days[1].provisional);
    assert_eq!(shown(&days[1]), ["00:00–24:00 term-ended:term"]);
}

#[test]
fn a_space_without_agreement_is_closed_all_day() {
    assert_eq!(day_of("2026-11-27", &[], &[], LONG_AGO), ["00:00–24:00 no-agreement:-"]);
}

#[test]
fn what_is_taken_shows_even_outside_the_hours() {
    assert_eq!(
        day_of("2026-11-27", &usual(), &[on("20:00", "21:15")], LONG_AGO),
        ["00:00–08:30 outside-hours:hours", "08:30–20:00 free", "20:00–21:15 taken", "21:15–24:00 outside-hours:hours"]
    );
}

#[test]
fn taken_over_midnight_shows_on_both_days() {
    let taken = [period("2026-11-26 20:00", "2026-11-27 09:00")];
    assert_eq!(day_of("2026-11-27", &usual(), &taken, LONG_AGO)[0], "00:00–09:00 taken");
    assert_eq!(day_of("2026-11-26", &usual(), &taken, LONG_AGO).last().unwrap(), "20:00–24:00 taken");
}

#[test]
fn a_version_may_change_in_the_middle_of_a_day() {
    let change = at("2026-11-27 15:00");
    let mut terms: Vec<TermInForce> = usual().into_iter().map(|term| TermInForce { to: change, ..term }).collect();
    let mut successor: Vec<TermInForce> = usual().into_iter().map(|term| TermInForce { from: change, version_no: 3, ..term }).collect();
    successor[2].payload = Payload::OpenHours(daily("08:30", "18:00"));
    terms.extend(successor);
    assert_eq!(
        day_of("2026-11-27", &terms, &[], LONG_AGO),
        ["00:00–08:30 outside-hours:hours", "08:30–15:00 free", "15:00–18:00 free", "18:00–24:00 outside-hours:hours"],
        "the free time is cut where other terms begin"
    );
}

#[test]
fn quiet_hours_and_capacity_close_nothing() {
    let mut terms = usual();
    terms.push(row("noon", ClauseKind::QuietHours, Payload::QuietHours { noise: Noise::Quiet, hours: daily("12:00", "14:00") }));
    terms.retain(|term| term.kind != ClauseKind::Capacity);
    assert_eq!(day_of("2026-11-27", &terms, &[], LONG_AGO)[1], "08:30–21:00 free");
}

#[test]
fn a_grant_that_ends_at_noon_closes_the_afternoon() {
    let mut terms = usual();
    terms[0].to = at("2026-11-27 12:00");
    assert_eq!(
        day_of("2026-11-27", &terms, &[], LONG_AGO),
        [
            "00:00–08:30 outside-hours:hours",
            "08:30–12:00 free",
            "12:00–21:00 not-granted:-",
            "21:00–24:00 not-granted:- outside-hours:hours"
        ]
    );
}

#[test]
fn days_with_a_jumping_clock_are_covered_too() {
    let new_york = zone("America/New_York");
    for (date, minutes) in [("2026-03-08", 23 * 60), ("2026-11-01", 25 * 60)] {
        let mut terms = usual();
        terms[2] = hours("hours", daily("01:00", "04:00"));
        let days = available(&new_york, (day(date), day(date)), &terms, &[], LONG_AGO);
        let segments = &days[0].segments;
        assert_eq!(segments.iter().map(|s| s.period.minutes()).sum::<i64>(), minutes);
        assert_eq!((segments[0].from, segments.last().unwrap().to), (0, 1440));
        assert_eq!(segments[1].period.minutes(), minutes - 24 * 60 + 180);
    }
}

fn wanted(minutes: i64, granularity: u16) -> Wanted {
    Wanted { minutes, granularity, set_up: 0, clean_up: 0 }
}
fn starts(found: &[Period]) -> Vec<String> {
    found.iter().map(|p| beijing().show(p.start())[11..].to_owned()).collect()
}

#[test]
fn alternatives_start_on_the_grid_and_leave_room_for_their_buffers() {
    let mut terms = usual();
    terms.push(reserved(daily("18:00", "24:00")));
    let days = available(&beijing(), (day("2026-11-27"), day("2026-11-27")), &terms, &[on("11:00", "15:40")], LONG_AGO);
    assert_eq!(starts(&fits(&days, &beijing(), &wanted(60, 30))), ["08:30", "09:00", "09:30", "10:00", "16:00", "16:30", "17:00"]);
    let buffered = Wanted { set_up: 30, clean_up: 15, ..wanted(60, 30) };
    // Set-up before the doors open is fine; cleaning in somebody's or the owner's time is not.
    assert_eq!(starts(&fits(&days, &beijing(), &buffered)), ["08:30", "09:00", "09:30", "16:30"]);
    assert!(fits(&days, &beijing(), &wanted(24 * 60, 30)).is_empty());
    assert!(fits(&days, &beijing(), &wanted(0, 30)).is_empty());
    let best = nearest(fits(&days, &beijing(), &wanted(60, 30)), at("2026-11-27 13:00"), 3);
    assert_eq!(starts(&best), ["10:00", "16:00", "09:30"]);
}

#[test]
fn alternatives_on_a_day_without_an_hour_are_not_doubled() {
    let new_york = zone("America/New_York");
    let mut terms = usual();
    terms[2] = hours("hours", daily("00:00", "24:00"));
    let days = available(&new_york, (day("2026-03-08"), day("2026-03-08")), &terms, &[], LONG_AGO);
    assert_eq!(fits(&days, &new_york, &wanted(60, 60)).len(), 23);
}

fn any_hours() -> impl Strategy<Value = Weekly> {
    prop::collection::vec((0u16..96, 1u16..50, prop::sample::subsequence(vec!["mon", "fri", "sat", "sun"], 1..4)), 1..4).prop_map(|raw| {
        let mut out = weekly(&[]);
        for (from, len, days) in raw {
            let (from, to) = (from * 15, ((from + len) * 15).min(1440));
            out.windows.push(crate::terms::rules::samples::window(&days, crate::terms::model::Span { from, to }));
        }
        out
    })
}

/// Rows of two agreements around the last weekend of a month, each over a random stretch.
fn any_rows() -> impl Strategy<Value = Vec<TermInForce>> {
    let kinds = prop_oneof![
        Just(None),
        any_hours().prop_map(|h| Some((ClauseKind::OpenHours, Payload::OpenHours(h)))),
        any_hours().prop_map(|hours| Some((ClauseKind::ReservedHours, Payload::ReservedHours { reserved_for: "u".into(), hours }))),
        any_hours().prop_map(|hours| Some((ClauseKind::Maintenance, Payload::Maintenance { notice_days: 3, hours }))),
    ];
    let one =
        (kinds, 0i64..96, 1i64..200, any::<bool>(), any::<bool>(), 1i8..=28).prop_map(|(drawn, start, len, exception, other, last)| {
            let (kind, payload) = drawn.unwrap_or_else(|| {
                if other {
                    (ClauseKind::SpaceGrant, Payload::SpaceGrant { by: "u".into(), rent_fen_per_year: Fen::ZERO })
                } else {
                    (ClauseKind::Term, Payload::Term { first_day: day("2026-01-01"), last_day: jiff::civil::date(2026, 11, last) })
                }
            });
            let from = at("2026-11-26 00:00").plus_minutes(start * 37);
            let mut term = TermInForce { from, to: from.plus_minutes(len * 41), exception, ..row("drawn", kind, payload) };
            if other {
                (term.agreement, term.agreement_code) = ("agreement_01h455vb4pex5vsknk084sn02r".parse().unwrap(), "other".into());
            }
            term
        });
    (prop::collection::vec(one, 0..8), any::<bool>(), any_hours()).prop_map(|(mut rows, usually, open)| {
        if usually {
            rows.extend(usual());
            rows.push(hours("more", open));
        }
        rows
    })
}

fn any_taken() -> impl Strategy<Value = Vec<Period>> {
    prop::collection::vec((0i64..4000, 1i64..300), 0..5).prop_map(|raw| {
        let begin = at("2026-11-26 00:00");
        raw.into_iter().filter_map(|(from, len)| Period::new(begin.plus_minutes(from), begin.plus_minutes(from + len))).collect()
    })
}

fn any_zone() -> impl Strategy<Value = (Zone, Day)> {
    prop_oneof![
        3 => Just((beijing(), day("2026-11-27"))),
        1 => Just((zone("America/New_York"), day("2026-11-28"))),
        // The clock is set forward, and back.
        1 => Just((zone("America/New_York"), day("2026-03-08"))),
        1 => Just((zone("America/New_York"), day("2026-11-01"))),
        1 => Just((zone("Asia/Kathmandu"), day("2026-11-27"))),
    ]
}

proptest! {
    #[test]
    fn free_taken_and_closed_are_the_whole_day(
        terms in any_rows(), taken in any_taken(), (zone, first) in any_zone(), now in 0i64..4000,
    ) {
        let now = at("2026-11-26 00:00").plus_minutes(now).plus_seconds(now % 60);
        let last = first.tomorrow().unwrap();
        for day in available(&zone, (first, last), &terms, &taken, now) {
            let whole = zone.days(day.date, day.date).unwrap();
            let segments = &day.segments;
            prop_assert_eq!((segments[0].period.start(), segments.last().unwrap().period.end()), (whole.start(), whole.end()));
            prop_assert_eq!((segments[0].from, segments.last().unwrap().to), (0, 1440));
            for pair in segments.windows(2) {
                prop_assert_eq!(pair[0].period.end(), pair[1].period.start());
                prop_assert_eq!(pair[0].to, pair[1].from);
            }
            for segment in segments {
                let booked = taken.iter().any(|t| t.overlaps(&segment.period));
                match &segment.state {
                    State::Free => prop_assert!(!booked && segment.period.start() >= now),
                    State::Taken => prop_assert!(booked && segment.period.start() >= now),
                    State::Closed(reasons) => {
                        prop_assert!(!reasons.is_empty());
                        prop_assert_eq!(segment.period.start() < now, reasons[0].code == "past");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_free_is_never_refused_for_its_time(
        terms in any_rows(), (zone, first) in any_zone(), cut in (0u32..1000, 1u32..1000),
    ) {
        for day in available(&zone, (first, first), &terms, &[], LONG_AGO) {
            for segment in &day.segments {
                let length = segment.period.end().0 - segment.period.start().0;
                let begin = Instant(segment.period.start().0 + length / 1000 * i64::from(cut.0));
                let end = Instant((begin.0 + length / 1000 * i64::from(cut.1)).min(segment.period.end().0));
                let Some(period) = Period::new(begin, end) else { continue };
                let charge = Some(Charge { components: vec![], minutes: 1, attendees: 1 });
                let ask = Ask { zone: zone.clone(), period, occupancy: period, use_code: Use::Meeting, attendees: 1, charge };
                let codes: Vec<String> =
                    refusals(decide(&terms, &ask, &|day| day_type(day).0)).into_iter().map(|r| r.code).filter(|c| c != "no-capacity").collect();
                match &segment.state {
                    State::Free => prop_assert!(codes.is_empty(), "{codes:?}"),
                    State::Closed(reasons) => {
                        // A longer stretch may meet one more reason, never one less.
                        prop_assert!(reasons.iter().all(|r| codes.contains(&r.code)), "{reasons:?} {codes:?}");
                    }
                    State::Taken => prop_assert!(false, "nothing is taken"),
                }
            }
        }
    }

    #[test]
    fn alternatives_are_sorted_distinct_and_really_free(
        terms in any_rows(), taken in any_taken(), minutes in 1i64..300, granularity in 0u16..200, buffers in (0i64..60, 0i64..60),
    ) {
        let (first, last) = (day("2026-11-26"), day("2026-11-28"));
        let days = available(&beijing(), (first, last), &terms, &taken, LONG_AGO);
        let wanted = Wanted { minutes, granularity, set_up: buffers.0, clean_up: buffers.1 };
        let found = fits(&days, &beijing(), &wanted);
        prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
        for period in found {
            let occupancy = period.widened(buffers.0, buffers.1);
            prop_assert!(period.minutes() == minutes && !taken.iter().any(|t| t.overlaps(&occupancy)));
            if beijing().day_of(occupancy.start()) < first || beijing().day_of(occupancy.end()) > last {
                continue;
            }
            // Over a change of terms the start's terms judge the buffers too: those who offer such a rare time judge it first.
            let refused = opening(&terms, &beijing(), period, occupancy, &|day| day_type(day).0);
            prop_assert!(refused.iter().all(|r| matches!(r.code.as_str(), "reserved-hours" | "maintenance" | "term-ended")), "{refused:?}");
        }
    }
}
