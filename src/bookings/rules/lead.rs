//! How long before it one books: not in the past, minutes ahead, working days ahead.

use crate::kernel::time::Day;
use crate::kernel::{Instant, Period, Reason, Zone};
use crate::terms::model::DayType;

/// What has begun cannot be booked.
pub fn in_the_past(period: Period, now: Instant) -> Option<Reason> {
    (period.start() < now).then(|| Reason::plain("past", "这个时间已经过去了。", "That time has passed."))
}

/// So many minutes lie between booking and start; exactly so many is enough.
pub fn too_short_notice(period: Period, lead_minutes: i32, now: Instant) -> Option<Reason> {
    let lead = i64::from(lead_minutes);
    let late = period.start() >= now && period.start() < now.plus_minutes(lead);
    late.then(|| {
        Reason::plain("short-notice", format!("要至少提前 {lead} 分钟预订。"), format!("Book at least {lead} minutes ahead.")).figure(lead)
    })
}

/// So many working days lie before the day of use, today counted and the day of use not: those who prepare it need them. A
/// holiday is none, a make-up workday (调休) is one.
pub fn too_few_working_days(
    period: Period,
    lead_working_days: i32,
    zone: &Zone,
    now: Instant,
    day_type: &dyn Fn(Day) -> DayType,
) -> Option<Reason> {
    if lead_working_days <= 0 || period.start() < now {
        return None;
    }
    let earliest = earliest_day(zone.day_of(now), lead_working_days, day_type)?;
    (zone.day_of(period.start()) < earliest).then(|| {
        Reason::plain(
            "too-few-working-days",
            format!("要提前 {lead_working_days} 个工作日预订（节假日不算，调休上班算），现在最早可以订 {earliest}。"),
            format!(
                "Book {lead_working_days} working days ahead (holidays do not count, make-up workdays do): {earliest} at the earliest."
            ),
        )
        .figure(earliest)
    })
}

/// The first day with enough working days before it. `None` only beyond the years a calendar has.
fn earliest_day(today: Day, working_days: i32, day_type: &dyn Fn(Day) -> DayType) -> Option<Day> {
    let (mut day, mut seen) = (today, 0);
    while seen < working_days {
        if matches!(day_type(day), DayType::Workday | DayType::MakeupWorkday) {
            seen += 1;
        }
        day = day.tomorrow().ok()?;
    }
    Some(day)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, beijing, code, hour};
    use super::*;
    use crate::schedule::rules::day_type;

    #[test]
    fn what_has_begun_is_past() {
        let now = at("2026-11-22T10:00:00+08:00");
        assert_eq!(code(in_the_past(hour("2026-11-22T09:30:00+08:00"), now)).as_deref(), Some("past"));
        assert_eq!(code(in_the_past(hour("2026-11-22T10:00:00+08:00"), now)), None);
    }

    #[test]
    fn notice_holds_to_the_minute() {
        let now = at("2026-11-22T10:00:00+08:00");
        let notice = |start: &str| code(too_short_notice(hour(start), 60, now));
        assert_eq!(notice("2026-11-22T10:30:00+08:00").as_deref(), Some("short-notice"));
        assert_eq!(notice("2026-11-22T10:59:00+08:00").as_deref(), Some("short-notice"));
        assert_eq!(notice("2026-11-22T11:00:00+08:00"), None);
        assert_eq!(notice("2026-11-22T09:00:00+08:00"), None, "the past is another reason");
    }

    #[test]
    fn working_days_are_those_of_the_statutory_calendar() {
        let judge = |now: &str, start: &str, days| {
            too_few_working_days(hour(start), days, &beijing(), at(now), &|day| day_type(day).0).map(|reason| reason.figure.unwrap())
        };
        // Friday for Saturday: Friday itself is the one working day.
        assert_eq!(judge("2026-11-27T23:59:00+08:00", "2026-11-28T09:00:00+08:00", 1), None);
        assert_eq!(judge("2026-11-28T09:00:00+08:00", "2026-11-30T09:00:00+08:00", 1).as_deref(), Some("2026-12-01"));
        assert_eq!(judge("2026-11-28T09:00:00+08:00", "2026-12-01T00:00:00+08:00", 1), None);
        // National Day 2026: 1 to 7 October; Saturday the 10th is worked to make up.
        assert_eq!(judge("2026-09-30T09:00:00+08:00", "2026-10-08T09:00:00+08:00", 1), None);
        assert_eq!(judge("2026-10-01T09:00:00+08:00", "2026-10-08T09:00:00+08:00", 1).as_deref(), Some("2026-10-09"));
        assert_eq!(judge("2026-10-09T09:00:00+08:00", "2026-10-10T09:00:00+08:00", 2).as_deref(), Some("2026-10-11"));
        assert_eq!(judge("2026-10-09T09:00:00+08:00", "2026-10-11T09:00:00+08:00", 2), None, "a make-up workday counts");
        assert_eq!(judge("2026-10-09T09:00:00+08:00", "2026-10-09T12:00:00+08:00", 0), None);
        assert_eq!(judge("2026-10-09T09:00:00+08:00", "2026-10-09T08:00:00+08:00", 3), None, "the past is another reason");
    }
}
