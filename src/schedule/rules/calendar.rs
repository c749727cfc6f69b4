//! Day types by the State Council's yearly notice on holidays and make-up workdays (调休).

use crate::kernel::time::{Day, parse_day};
use crate::schedule::model::StatutoryDay;
use crate::terms::model::DayType;
use crate::terms::model::hours::Weekday;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// `date,kind,name`, one line per day that differs from its weekday or is named by the notice.
const NOTICES: &str = include_str!("../data/cn_statutory_days.csv");

static STATUTORY_DAYS: LazyLock<BTreeMap<Day, StatutoryDay>> =
    LazyLock::new(|| NOTICES.lines().skip(1).filter_map(statutory_line).collect());

fn statutory_line(line: &'static str) -> Option<(Day, StatutoryDay)> {
    let mut fields = line.trim_end().split(',');
    let (date, kind, name_zh) = (fields.next()?, fields.next()?, fields.next()?);
    Some((parse_day(date)?, StatutoryDay { day_type: kind.parse().ok()?, name_zh }))
}

/// What the notice of its year says about a day; `None` for an ordinary day or a year without notice.
pub fn statutory_day(day: Day) -> Option<StatutoryDay> {
    STATUTORY_DAYS.get(&day).copied()
}

/// The type of a civil day, and whether it is provisional: the notice of its year is not known, so the weekday decides.
pub fn day_type(day: Day) -> (DayType, bool) {
    if let Some(statutory) = statutory_day(day) {
        return (statutory.day_type, false);
    }
    let known = STATUTORY_DAYS.range(jiff::civil::date(day.year(), 1, 1)..).next().is_some_and(|(next, _)| next.year() == day.year());
    let by_weekday = match Weekday::of(day) {
        Weekday::Sat | Weekday::Sun => DayType::Weekend,
        _ => DayType::Workday,
    };
    (by_weekday, !known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (DayType, bool) {
        day_type(parse_day(text).unwrap())
    }

    #[test]
    fn every_line_of_the_notices_is_read() {
        let lines = NOTICES.lines().skip(1).filter(|line| !line.trim().is_empty()).count();
        assert_eq!(STATUTORY_DAYS.len(), lines);
        assert!(STATUTORY_DAYS.values().all(|s| matches!(s.day_type, DayType::Holiday | DayType::MakeupWorkday) && !s.name_zh.is_empty()));
        // Who works to make up does so on a weekend.
        let made_up = STATUTORY_DAYS.iter().filter(|(_, s)| s.day_type == DayType::MakeupWorkday);
        assert!(made_up.into_iter().all(|(day, _)| matches!(Weekday::of(*day), Weekday::Sat | Weekday::Sun)));
    }

    #[test]
    fn days_by_notice_then_by_weekday() {
        assert_eq!(of("2026-10-01"), (DayType::Holiday, false));
        assert_eq!(of("2026-10-10"), (DayType::MakeupWorkday, false));
        assert_eq!(of("2026-10-11"), (DayType::Weekend, false));
        assert_eq!(of("2026-11-27"), (DayType::Workday, false));
        assert_eq!(of("2026-12-31"), (DayType::Workday, false), "the last notice line of the year lies before it");
        assert_eq!(of("2024-12-31"), (DayType::Workday, false));
        assert_eq!(statutory_day(parse_day("2026-02-17").unwrap()).unwrap().name_zh, "春节");
    }

    #[test]
    fn a_year_without_notice_is_provisional() {
        assert_eq!(of("2027-10-01"), (DayType::Workday, true));
        assert_eq!(of("2027-01-02"), (DayType::Weekend, true));
        assert_eq!(of("2023-12-31"), (DayType::Weekend, true));
    }
}
