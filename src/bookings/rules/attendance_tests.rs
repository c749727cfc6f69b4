use super::*;
use crate::kernel::id::{Id, SpaceId};
use proptest::prelude::*;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn missed(days_ago: &[i64], now: Instant) -> Vec<Missed> {
    let one = |days: &i64| Missed { booking: Id::fresh(), space: SpaceId::fresh(), starts_at: now.plus_days(-days), cleared: false };
    days_ago.iter().map(one).collect()
}

#[test]
fn a_code_is_good_for_its_minute_and_the_next() {
    let now = at("2026-12-01T10:00:30+08:00");
    let typed = code("secret", "space_1", step(now)).unwrap();
    assert!(typed.len() == 6 && typed.bytes().all(|b| b.is_ascii_digit()));
    let says = |seconds: i64| shown("secret", "space_1", &typed, now.plus_seconds(seconds));
    assert_eq!([says(0), says(29), says(30), says(89)], [Shown::Here; 4]);
    assert_eq!([says(90), says(60 * 60)], [Shown::Before; 2]);
    assert_eq!((says(62 * 60), says(-31)), (Shown::Elsewhere, Shown::Elsewhere), "neither long after nor before its time");
    assert_eq!(shown("secret", "space_2", &typed, now), Shown::Elsewhere);
    assert_eq!(shown("other", "space_1", &typed, now), Shown::Elsewhere);
    assert_eq!(step_ends(step(now)), at("2026-12-01T10:01:00+08:00"));
}

#[test]
fn what_a_booking_becomes_by_itself() {
    use BookingState::{Cancelled, CheckedIn, Completed, Confirmed, Held, NoShow};
    let period = Period::new(at("2026-12-01T10:00:00+08:00"), at("2026-12-01T11:00:00+08:00")).unwrap();
    let at_minute = |state, grace, minute: i64| by_itself(state, period, grace, period.start().plus_minutes(minute));
    assert_eq!([at_minute(Confirmed, 15, 14), at_minute(Confirmed, 15, 15)], [None, Some(NoShow)]);
    assert_eq!([at_minute(Confirmed, 0, 59), at_minute(Confirmed, 0, 60)], [None, Some(Completed)], "a site may release nobody");
    assert_eq!(at_minute(Confirmed, 15, 60), Some(Completed), "nobody looked, so nobody could check in");
    assert_eq!([at_minute(CheckedIn, 15, 15), at_minute(CheckedIn, 15, 60)], [None, Some(Completed)]);
    assert_eq!([at_minute(Cancelled, 15, 60), at_minute(Held, 15, 60)], [None, None]);
}

#[test]
fn limits_grow_end_and_are_forgotten() {
    let now = at("2026-12-01T10:00:00+08:00");
    let of = |days: &[i64]| limit(&missed(days, now), now).map(|l| (l.kind, l.missed, l.until));
    let until = |days| Some(now.plus_days(days));
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[10]), Some((LimitKind::Reminder, 1, None)));
    assert_eq!(of(&[30, 10]), Some((LimitKind::ShorterHorizon, 2, until(80))));
    assert_eq!(of(&[30, 20, 10]), Some((LimitKind::ThirtyDays, 3, until(20))));
    assert_eq!(of(&[40, 30, 20, 10]), Some((LimitKind::NinetyDays, 4, until(80))));
    assert_eq!(of(&[40, 35, 31]), Some((LimitKind::Reminder, 3, None)), "thirty days after the last it is over");
    assert_eq!(of(&[364, 10]), Some((LimitKind::ShorterHorizon, 2, until(80))));
    assert_eq!(of(&[365, 10]), Some((LimitKind::Reminder, 1, None)), "after twelve months it does not count");
    let mut cleared = missed(&[20, 10], now);
    cleared[1].cleared = true;
    assert_eq!(limit(&cleared, now), Some(Limit { kind: LimitKind::Reminder, missed: 1, until: None }));
}

#[test]
fn a_limit_says_why_and_until_when() {
    let (now, zone) = (at("2026-12-01T10:00:00+08:00"), Zone::usual());
    let says = |days_ago: &[i64], ahead: i64| {
        let limit = limit(&missed(days_ago, now), now).unwrap();
        limited(&limit, now.plus_days(ahead), &zone, now).map(|reason| (reason.code, reason.zh))
    };
    assert_eq!(says(&[1], 50), None);
    assert_eq!(says(&[2, 1], SHORT_HORIZON_DAYS), None);
    let (code, zh) = says(&[2, 1], SHORT_HORIZON_DAYS + 1).unwrap();
    assert!(code == "no-shows" && zh.contains("2 次") && zh.contains("2027年2月28日周日 10:00") && zh.contains("申诉"), "{zh}");
    assert!(says(&[3, 2, 1], 1).unwrap().1.contains("2026年12月30日周三 10:00 之前不能预订"));
    // Fourteen days of the calendar: the clock is set forward in between.
    let (new_york, night) = (Zone::named("America/New_York").unwrap(), at("2026-02-26T23:30:00-05:00"));
    let twice = limit(&missed(&[2, 1], night), night).unwrap();
    let ahead = |start: &str| limited(&twice, at(start), &new_york, night).is_none();
    assert_eq!([ahead("2026-03-12T23:00:00-04:00"), ahead("2026-03-13T00:00:00-04:00")], [true, false]);
}

proptest! {
    /// More missed is never a lighter limit at the same moment, and none lasts beyond ninety days after the last.
    #[test]
    fn more_is_never_less(mut days in prop::collection::vec(0..29i64, 1..8)) {
        let now = at("2026-12-01T10:00:00+08:00");
        let weight = |days: &[i64]| limit(&missed(days, now), now).map_or(0, |l| 1 + LimitKind::ALL.iter().position(|k| *k == l.kind).unwrap());
        let all = weight(&days);
        let last = now.plus_days(-days.iter().min().copied().unwrap());
        prop_assert!(limit(&missed(&days, now), now).unwrap().until.is_none_or(|until| now < until && until <= last.plus_days(90)));
        days.pop();
        prop_assert!(weight(&days) <= all);
    }
}
