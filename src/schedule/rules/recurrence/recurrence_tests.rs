use super::*;
use crate::kernel::time::{ClockChange, Day, parse_day};
use crate::kernel::{Instant, Zone};
use proptest::prelude::*;

#[path = "../../../../tests/hostile.rs"]
mod hostile;

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn day(text: &str) -> Day {
    parse_day(text).unwrap()
}

fn rule(text: &str) -> Rule {
    Rule::parse(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"))
}

fn on(text: &str, first: &str) -> Vec<String> {
    let all = expand(&rule(text), &zone("Asia/Shanghai"), day(first), 600).unwrap();
    all.into_iter().map(|one| one.day.to_string()).collect()
}

fn beyond(text: &str, first: &str) -> Beyond {
    expand(&rule(text), &zone("Asia/Shanghai"), day(first), 600).unwrap_err()
}

fn faults(text: &str) -> Vec<&'static str> {
    Rule::parse(text).unwrap_err().into_iter().map(|fault| fault.code).collect()
}

#[test]
fn days_weeks_and_months() {
    assert_eq!(on("FREQ=WEEKLY;COUNT=3", "2026-12-01"), ["2026-12-01", "2026-12-08", "2026-12-15"]);
    assert_eq!(on("FREQ=WEEKLY;BYDAY=TH,TU;COUNT=4", "2026-12-02"), ["2026-12-03", "2026-12-08", "2026-12-10", "2026-12-15"]);
    assert_eq!(on("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=3", "2026-12-02"), ["2026-12-06", "2026-12-14", "2026-12-20"]);
    // With the week beginning on Sunday, the Sunday of the first fortnight is of the next week.
    assert_eq!(on("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU;COUNT=3", "2026-12-02"), ["2026-12-13", "2026-12-14", "2026-12-27"]);
    assert_eq!(on("FREQ=DAILY;INTERVAL=10;UNTIL=20261222", "2026-12-02"), ["2026-12-02", "2026-12-12", "2026-12-22"]);
    assert_eq!(on("FREQ=DAILY;BYMONTHDAY=-1;COUNT=2", "2027-01-15"), ["2027-01-31", "2027-02-28"]);
    assert_eq!(on("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "2026-12-02"), ["2026-12-25", "2027-01-29"]);
    assert_eq!(on("FREQ=MONTHLY;BYDAY=5TU;COUNT=2", "2026-12-02"), ["2026-12-29", "2027-03-30"]);
    assert_eq!(on("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", "2027-01-01"), ["2027-01-29", "2027-02-26"]);
    assert_eq!(on("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR;UNTIL=20271101", "2026-12-02"), ["2027-08-13"]);
    assert_eq!(on("FREQ=MONTHLY;COUNT=3", "2027-01-31"), ["2027-01-31", "2027-03-31", "2027-05-31"], "a month without the day is left out");
    // Every Monday and the first Tuesday: either names a day (RFC 5545, 3.3.10).
    assert_eq!(on("FREQ=MONTHLY;BYDAY=MO,1TU;COUNT=3", "2026-12-01"), ["2026-12-01", "2026-12-07", "2026-12-14"]);
}

#[test]
fn the_end_is_a_day_of_the_place_or_a_moment() {
    assert_eq!(on("FREQ=DAILY;UNTIL=20261203", "2026-12-02").len(), 2, "the whole day");
    // 10:00 in Shanghai is 02:00 UTC.
    assert_eq!(on("FREQ=DAILY;UNTIL=20261203T020000Z", "2026-12-02").len(), 2);
    assert_eq!(on("FREQ=DAILY;UNTIL=20261203T015959Z", "2026-12-02").len(), 1);
    assert_eq!(beyond("FREQ=DAILY;UNTIL=20261201", "2026-12-02"), Beyond::Never);
}

#[test]
fn a_series_is_capped() {
    assert_eq!(on("FREQ=DAILY;COUNT=366", "2026-12-02").len(), 366);
    assert_eq!(on("FREQ=WEEKLY;COUNT=58", "2026-12-02").len(), 58, "the 400th day and no more");
    assert_eq!(beyond("FREQ=WEEKLY;COUNT=59", "2026-12-02"), Beyond::TooFar);
    assert_eq!(beyond("FREQ=DAILY;UNTIL=20271204", "2026-12-02"), Beyond::TooMany);
    assert_eq!(beyond("FREQ=DAILY;INTERVAL=2;UNTIL=20280107", "2026-12-02"), Beyond::TooFar);
    assert_eq!(beyond("FREQ=DAILY;UNTIL=21001231", "2026-12-02"), Beyond::TooFar);
    assert_eq!(beyond("FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=1MO;COUNT=1", "2026-12-02"), Beyond::Never);
    assert_eq!(beyond("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30;UNTIL=20280101", "2027-02-01"), Beyond::Never);
    assert_eq!(beyond("FREQ=MONTHLY;INTERVAL=366;BYMONTHDAY=1;COUNT=1", "2026-12-02"), Beyond::Never);
    assert_eq!(on("FREQ=DAILY;COUNT=2", "2100-12-31").len(), 2);
}

#[test]
fn only_the_whitelist_is_read() {
    for (text, expect) in [
        ("", vec!["malformed"]),
        ("WEEKLY", vec!["malformed"]),
        ("FREQ=WEEKLY", vec!["does-not-fit"]),
        ("COUNT=3", vec!["missing"]),
        ("FREQ=SECONDLY;COUNT=3", vec!["unknown-word"]),
        ("FREQ=YEARLY;COUNT=3", vec!["unknown-word"]),
        ("FREQ=DAILY;COUNT=0", vec!["out-of-range"]),
        ("FREQ=DAILY;COUNT=367", vec!["out-of-range"]),
        ("FREQ=DAILY;COUNT=999999", vec!["out-of-range"]),
        ("FREQ=DAILY;COUNT=-1", vec!["out-of-range"]),
        ("FREQ=DAILY;COUNT=3;COUNT=4", vec!["duplicate"]),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261231", vec!["does-not-fit"]),
        ("FREQ=DAILY;INTERVAL=0;COUNT=3", vec!["out-of-range"]),
        ("FREQ=DAILY;INTERVAL=18446744073709551616;COUNT=3", vec!["out-of-range"]),
        ("FREQ=DAILY;UNTIL=99991231", vec!["malformed"]),
        ("FREQ=DAILY;UNTIL=20270229", vec!["malformed"]),
        ("FREQ=DAILY;UNTIL=20261231T000000", vec!["malformed"]),
        ("FREQ=DAILY;UNTIL=20261231T250000Z", vec!["malformed"]),
        ("FREQ=DAILY;BYDAY=1MO;COUNT=3", vec!["does-not-fit"]),
        ("FREQ=MONTHLY;BYDAY=6MO;COUNT=3", vec!["malformed"]),
        ("FREQ=MONTHLY;BYDAY=0MO;COUNT=3", vec!["malformed"]),
        ("FREQ=MONTHLY;BYDAY=XX;COUNT=3", vec!["malformed"]),
        ("FREQ=MONTHLY;BYDAY=;COUNT=3", vec!["malformed"]),
        ("FREQ=WEEKLY;BYMONTHDAY=1;COUNT=3", vec!["does-not-fit"]),
        ("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3", vec!["out-of-range"]),
        ("FREQ=MONTHLY;BYSETPOS=1;COUNT=3", vec!["does-not-fit"]),
        ("FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=0;COUNT=3", vec!["out-of-range"]),
        ("FREQ=WEEKLY;BYHOUR=1,2,3;COUNT=3", vec!["unknown-part"]),
        ("FREQ=WEEKLY;BYEASTER=0;COUNT=3;X=1", vec!["unknown-part", "unknown-part"]),
        ("FREQ=HOURLY;BYDAY=X;COUNT=9999", vec!["unknown-word", "malformed", "out-of-range"]),
        ("FREQ=WEEKLY;WKST=8;COUNT=3", vec!["malformed"]),
        ("频率=每周", vec!["too-long"]),
    ] {
        assert_eq!(faults(text), expect, "{text}");
    }
    let many = format!("FREQ=WEEKLY;COUNT=3;BYDAY={}", vec!["MO"; 5_000].join(","));
    assert_eq!(faults(&many), ["too-long"]);
}

#[test]
fn a_rule_is_shown_as_it_is_read() {
    for text in [
        "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=12",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1MO,2TU;WKST=SU;UNTIL=20261231",
        "FREQ=MONTHLY;BYMONTHDAY=-1,1,15;BYSETPOS=-2,1;UNTIL=20261231T155959Z",
    ] {
        assert_eq!(rule(text).to_string(), text);
    }
    assert_eq!(rule(" rrule:freq=weekly;byday=th,tu,th;interval=1;count=3 ").to_string(), "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3");
}

#[test]
fn where_the_clock_jumps_an_occurrence_says_so() {
    let new_york = zone("America/New_York");
    let at = |text: &str| Instant::parse(text).unwrap();
    // 8 March 2026: 02:30 does not exist; 1 November 2026: 01:30 comes twice.
    let gap = expand(&rule("FREQ=DAILY;COUNT=3"), &new_york, day("2026-03-07"), 150).unwrap();
    let seen: Vec<_> = gap.iter().map(|one| (one.start, one.clock)).collect();
    assert_eq!(
        seen,
        [
            (at("2026-03-07T02:30:00-05:00"), None),
            (at("2026-03-08T03:30:00-04:00"), Some(ClockChange::Skipped)),
            (at("2026-03-09T02:30:00-04:00"), None)
        ]
    );
    let fold = expand(&rule("FREQ=DAILY;COUNT=2"), &new_york, day("2026-11-01"), 90).unwrap();
    assert_eq!((fold[0].start, fold[0].clock), (at("2026-11-01T01:30:00-04:00"), Some(ClockChange::Repeated)));
    assert_eq!((fold[1].start, fold[1].clock), (at("2026-11-02T01:30:00-05:00"), None));
}

/// Every day a series may reach, and what the months it begins and ends in have before and after.
const MOST_STEPS: usize = 401 + 2 * 30;

fn steps(rule: &Rule, first: Day) -> usize {
    expand::sets(rule, first).map(|set| set.days().count()).sum()
}

#[test]
fn hostile_rules_are_refused_within_a_few_hundred_steps() {
    let texts = hostile::rules();
    assert!(texts.len() >= 30, "{}", texts.len());
    let mut read = 0;
    for text in &texts {
        let Ok(rule) = Rule::parse(text) else { continue };
        read += 1;
        for first in ["2026-12-02", "2027-01-31", "2027-02-01", "2028-02-29"] {
            assert!(expand(&rule, &zone("Asia/Shanghai"), day(first), 600).is_err(), "{text} from {first}");
            assert!(steps(&rule, day(first)) <= MOST_STEPS, "{text} from {first}");
        }
    }
    assert_eq!(read, 19, "the others are no rules to begin with");
}

fn any_rule() -> impl Strategy<Value = String> {
    let days = prop::collection::vec(prop::sample::select(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), 0..4);
    let end = prop_oneof![
        (1u16..=366).prop_map(|n| format!("COUNT={n}")),
        (0i64..400).prop_map(|n| {
            let until = day("2026-01-01").checked_add(jiff::ToSpan::days(n)).unwrap();
            format!("UNTIL={}", until.strftime("%Y%m%d"))
        })
    ];
    (prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY"]), 1u16..5, days, prop::collection::vec(-31i8..=31, 0..3), end).prop_map(
        |(frequency, interval, days, month_days, end)| {
            let mut text = format!("FREQ={frequency};INTERVAL={interval};{end}");
            if !days.is_empty() {
                text += &format!(";BYDAY={}", days.join(","));
            }
            let month_days: Vec<String> = month_days.iter().filter(|n| **n != 0).map(i8::to_string).collect();
            if frequency != "WEEKLY" && !month_days.is_empty() {
                text += &format!(";BYMONTHDAY={}", month_days.join(","));
            }
            text
        },
    )
}

proptest! {
    #[test]
    fn an_expansion_is_sorted_unique_and_capped(text in any_rule(), offset in 0i64..366, minute in 0u16..1440) {
        let first = day("2026-01-01").checked_add(jiff::ToSpan::days(offset)).unwrap();
        prop_assert!(steps(&rule(&text), first) <= MOST_STEPS);
        for place in ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"] {
            let Ok(all) = expand(&rule(&text), &zone(place), first, minute) else { continue };
            prop_assert!((1..=usize::from(MOST_OCCURRENCES)).contains(&all.len()));
            prop_assert!(all.windows(2).all(|pair| pair[0].day < pair[1].day && pair[0].start < pair[1].start));
            prop_assert!(all.iter().all(|one| first <= one.day && (one.day - first).get_days() <= MOST_DAYS));
        }
        prop_assert_eq!(rule(&rule(&text).to_string()), rule(&text));
    }

    #[test]
    fn a_hostile_text_never_panics(text in "\\PC{0,80}", ascii in "[A-Z0-9=;,+-]{0,400}") {
        for text in [text, ascii] {
            if let Ok(rule) = Rule::parse(&text) {
                let _ = expand(&rule, &zone("Asia/Shanghai"), day("2026-12-02"), 600);
            }
        }
    }
}
