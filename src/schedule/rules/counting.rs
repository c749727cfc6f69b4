//! Counting days of a notice (Civil Code arts. 201 to 203).

use crate::kernel::Outcome;
use crate::kernel::fault::Fault;
use crate::kernel::time::Day;
use crate::terms::model::DayType;
use jiff::ToSpan;

/// The last day of a period; it ends at 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastDay {
    /// The civil day.
    pub day: Day,
    /// It was moved on, because it was no working day.
    pub moved: bool,
    /// The notice about holidays of that year is not out: its type is a guess by weekday.
    pub provisional: bool,
}

/// The last day of a period of `days` that begins with an event on `begun`: the day of the event is not counted (art. 201),
/// and a last day that is no working day moves to the next one (art. 203), unless the parties agreed otherwise (art. 204).
/// A make-up workday is a working day.
///
/// # Errors
/// Only beyond the years a calendar has.
pub fn last_day(begun: Day, days: i64, holidays_move: bool, day_type: &dyn Fn(Day) -> (DayType, bool)) -> Outcome<LastDay> {
    let counted = begun.checked_add(days.max(0).days()).map_err(Fault::internal)?;
    let mut day = counted;
    while holidays_move && !matches!(day_type(day).0, DayType::Workday | DayType::MakeupWorkday) {
        day = day.tomorrow().map_err(Fault::internal)?;
    }
    Ok(LastDay { day, moved: day != counted, provisional: day_type(day).1 || day_type(counted).1 })
}

#[cfg(test)]
mod tests {
    use super::super::day_type;
    use super::*;
    use crate::kernel::time::parse_day;
    use proptest::prelude::*;

    fn of(begun: &str, days: i64, moves: bool) -> (String, bool, bool) {
        let last = last_day(parse_day(begun).unwrap(), days, moves, &day_type).unwrap();
        (last.day.to_string(), last.moved, last.provisional)
    }
    fn plain(day: &str) -> (String, bool, bool) {
        (day.to_owned(), false, false)
    }
    fn moved(day: &str) -> (String, bool, bool) {
        (day.to_owned(), true, false)
    }

    #[test]
    fn the_day_of_the_event_is_not_counted() {
        assert_eq!(of("2026-11-23", 1, true), plain("2026-11-24"));
        assert_eq!(of("2026-11-25", 30, true), plain("2026-12-25"));
        assert_eq!(of("2026-11-25", 0, true), plain("2026-11-25"));
    }

    #[test]
    fn the_29th_of_february_counts_where_it_exists() {
        assert_eq!(of("2026-02-26", 3, false), plain("2026-03-01"));
        let leap = last_day(parse_day("2028-02-26").unwrap(), 3, false, &day_type).unwrap();
        assert_eq!((leap.day.to_string(), leap.provisional), ("2028-02-29".into(), true), "a year without a notice is provisional");
        assert_eq!(last_day(parse_day("2028-02-29").unwrap(), 366, false, &day_type).unwrap().day.to_string(), "2029-03-01");
    }

    #[test]
    fn a_holiday_last_day_moves_to_the_next_working_day() {
        // National Day 2026: 1 to 7 October; Saturday the 10th is worked to make up.
        assert_eq!(of("2026-09-30", 1, true), moved("2026-10-08"));
        assert_eq!(of("2026-09-30", 7, true), moved("2026-10-08"));
        assert_eq!(of("2026-09-30", 8, true), plain("2026-10-08"));
        assert_eq!(of("2026-10-09", 1, true), plain("2026-10-10"), "a make-up workday is a working day");
        assert_eq!(of("2026-10-10", 1, true), moved("2026-10-12"), "a Sunday is none");
        assert_eq!(of("2026-09-30", 1, false), plain("2026-10-01"), "unless the clause says otherwise");
    }

    #[test]
    fn over_the_turn_of_the_year_the_unknown_year_is_provisional() {
        let last = last_day(parse_day("2026-12-30").unwrap(), 3, true, &day_type).unwrap();
        assert_eq!((last.day.to_string(), last.moved, last.provisional), ("2027-01-04".into(), true, true));
        assert!(last_day(parse_day("2100-12-31").unwrap(), 3_000_000, true, &day_type).is_err());
    }

    proptest! {
        #[test]
        fn it_never_ends_early_and_longer_is_never_sooner(offset in 0i64..3_000, days in 0i64..400) {
            let begun = parse_day("2024-01-01").unwrap().checked_add(offset.days()).unwrap();
            let last = |days| last_day(begun, days, true, &day_type).unwrap().day;
            prop_assert!(last(days) >= begun.checked_add(days.days()).unwrap());
            prop_assert!(last(days) <= last(days + 1));
            prop_assert!(matches!(day_type(last(days)).0, DayType::Workday | DayType::MakeupWorkday));
        }
    }
}
