//! A timetable on one civil day.

use crate::kernel::time::Day;
use crate::kernel::{Period, Zone};
use crate::terms::model::hours::Weekday;
use crate::terms::model::{DatedHours, DayType, HolidayRule, MakeupRule, Span, Weekly};

/// Which hours of a timetable a civil day has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows<'w> {
    /// Those of a dated entry, by its place in the list.
    Dated(usize, &'w DatedHours),
    /// None.
    Closed,
    /// Those of a day of the week.
    As(Weekday),
}

/// Dated entries come first (a later one before an earlier one), then the rule for holidays and make-up workdays, then the day of
/// the week.
pub fn follows(weekly: &Weekly, day: Day, day_type: DayType) -> Follows<'_> {
    let dated = weekly.dates.iter().enumerate().rev().find(|(_, dated)| dated.first <= day && day <= dated.last);
    if let Some((i, dated)) = dated {
        return Follows::Dated(i, dated);
    }
    let usual = Weekday::of(day);
    Follows::As(match day_type {
        DayType::Holiday => match weekly.holidays {
            HolidayRule::Closed => return Follows::Closed,
            HolidayRule::AsUsual => usual,
            HolidayRule::AsSunday => Weekday::Sun,
        },
        DayType::MakeupWorkday => match weekly.makeup_workdays {
            MakeupRule::AsUsual => usual,
            MakeupRule::AsMonday => Weekday::Mon,
        },
        DayType::Workday | DayType::Weekend => usual,
    })
}

/// The hours of a civil day: sorted, touching spans joined. Empty = closed.
pub fn hours_on(weekly: &Weekly, day: Day, day_type: DayType) -> Vec<Span> {
    match follows(weekly, day, day_type) {
        Follows::Dated(_, dated) => joined(dated.spans.clone()),
        Follows::Closed => Vec::new(),
        Follows::As(weekday) => hours_on_weekday(weekly, weekday),
    }
}

/// The usual hours of a day of the week.
pub fn hours_on_weekday(weekly: &Weekly, day: Weekday) -> Vec<Span> {
    joined(weekly.windows.iter().filter(|window| window.days.contains(&day)).map(|window| window.span).collect())
}

/// The same as stretches of time. Where the clock jumps, a window may shrink, grow or vanish, and two may come to touch:
/// these are one.
pub fn windows_on(weekly: &Weekly, zone: &Zone, day: Day, day_type: DayType) -> Vec<(Span, Period)> {
    let mut out: Vec<(Span, Period)> = Vec::new();
    for span in hours_on(weekly, day, day_type) {
        let Some(period) = Period::new(zone.at(day, span.from), zone.at(day, span.to)) else { continue };
        match out.last_mut() {
            Some((before, stretch)) if period.start() <= stretch.end() => {
                before.to = span.to;
                *stretch = Period::new(stretch.start(), period.end().max(stretch.end())).unwrap_or(*stretch);
            }
            _ => out.push((span, period)),
        }
    }
    out
}

/// `08:30–12:00, 14:00–21:00`, or `closed`.
pub fn show_spans(spans: &[Span]) -> String {
    if spans.is_empty() {
        return "closed".into();
    }
    spans.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.from < span.to);
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => out.push(span),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples::{dated, day, weekly, window, zone};
    use super::*;
    use proptest::prelude::*;

    fn shown(weekly: &Weekly, on: &str, day_type: DayType) -> String {
        show_spans(&hours_on(weekly, day(on), day_type))
    }

    #[test]
    fn weekday_then_special_days_then_single_dates() {
        // Saturday 28 November 2026.
        let mut hours = weekly(&[(&["mon", "tue"], "08:30", "21:00"), (&["sat"], "09:00", "12:00"), (&["sun"], "10:00", "11:00")]);
        assert_eq!(shown(&hours, "2026-11-28", DayType::Weekend), "09:00–12:00");
        assert_eq!(shown(&hours, "2026-11-27", DayType::Workday), "closed");
        assert_eq!(shown(&hours, "2026-11-28", DayType::Holiday), "09:00–12:00");
        hours.holidays = HolidayRule::AsSunday;
        assert_eq!(shown(&hours, "2026-11-28", DayType::Holiday), "10:00–11:00");
        hours.holidays = HolidayRule::Closed;
        assert_eq!(shown(&hours, "2026-11-28", DayType::Holiday), "closed");
        assert_eq!(shown(&hours, "2026-11-28", DayType::MakeupWorkday), "09:00–12:00");
        hours.makeup_workdays = MakeupRule::AsMonday;
        assert_eq!(shown(&hours, "2026-11-28", DayType::MakeupWorkday), "08:30–21:00");
        hours.dates = vec![dated("2026-11-20", "2026-11-30", &[("06:00", "07:00")]), dated("2026-11-28", "2026-11-28", &[])];
        assert_eq!(shown(&hours, "2026-11-28", DayType::MakeupWorkday), "closed", "the later entry wins");
        assert_eq!(shown(&hours, "2026-11-20", DayType::Holiday), "06:00–07:00", "a date comes before the holiday rule");
        assert_eq!(shown(&hours, "2026-11-30", DayType::Workday), "06:00–07:00", "the last date is inclusive");
        assert_eq!(shown(&hours, "2026-12-01", DayType::Workday), "08:30–21:00");
    }

    #[test]
    fn touching_windows_are_one_and_midnight_is_an_end() {
        let hours = weekly(&[(&["sat"], "12:00", "18:00"), (&["sat"], "08:00", "12:00"), (&["sat"], "20:00", "24:00")]);
        assert_eq!(shown(&hours, "2026-11-28", DayType::Weekend), "08:00–18:00, 20:00–24:00");
    }

    #[test]
    fn windows_follow_the_clock_of_the_place() {
        let night = weekly(&[(&["sun"], "01:00", "04:00")]);
        let new_york = zone("America/New_York");
        let minutes = |on: &str| windows_on(&night, &new_york, day(on), DayType::Weekend).iter().map(|(_, p)| p.minutes()).sum::<i64>();
        assert_eq!((minutes("2026-03-08"), minutes("2026-03-15"), minutes("2026-11-01")), (120, 180, 240));
        // A window wholly inside the hour that does not exist lasts as long as written, an hour later.
        let gap = weekly(&[(&["sun"], "02:00", "02:30")]);
        let period = windows_on(&gap, &new_york, day("2026-03-08"), DayType::Weekend)[0].1;
        assert_eq!(new_york.minute_of(period.start()).1, 180);
        let around = weekly(&[(&["sun"], "01:00", "02:00"), (&["sun"], "03:00", "04:00")]);
        assert_eq!(windows_on(&around, &new_york, day("2026-03-08"), DayType::Weekend).len(), 1);
    }

    proptest! {
        #[test]
        fn hours_are_sorted_disjoint_and_cover_what_was_written(raw in prop::collection::vec((0u16..1440, 1u16..400), 0..8)) {
            let spans: Vec<Span> = raw.iter().map(|(from, len)| Span { from: *from, to: (from + len).min(1440) }).collect();
            let mut hours = weekly(&[]);
            hours.windows = spans.iter().map(|span| window(&["sat"], *span)).collect();
            let out = hours_on(&hours, day("2026-11-28"), DayType::Weekend);
            prop_assert!(out.windows(2).all(|pair| pair[0].to < pair[1].from));
            for minute in 0..1440u16 {
                let inside = |spans: &[Span]| spans.iter().any(|s| s.from <= minute && minute < s.to);
                prop_assert_eq!(inside(&spans), inside(&out));
            }
        }
    }
}
