//! From a rule to its days, and from days to moments.

use super::rule::{End, Frequency, Rule};
use super::{MOST_DAYS, MOST_OCCURRENCES};
use crate::kernel::time::{ClockChange, Day};
use crate::kernel::{Instant, Zone};
use jiff::ToSpan;
use std::iter;

/// One occurrence of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// Its civil day: the id it keeps, whatever becomes of it.
    pub day: Day,
    /// When it starts.
    pub start: Instant,
    /// The clock is changed over its start.
    pub clock: Option<ClockChange>,
}

/// Why a rule has no expansion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// No day is ever named.
    Never,
    /// Its end lies later than a series may reach.
    TooFar,
    /// More occurrences than a series may have.
    TooMany,
}

/// Every occurrence of a rule whose first day is `first`, at `minute` of the day: sorted, each day once.
///
/// # Errors
/// None, too many, or too far away.
pub fn expand(rule: &Rule, zone: &Zone, first: Day, minute: u16) -> Result<Vec<Occurrence>, Beyond> {
    let last = farthest(first);
    match rule.end {
        End::Day(day) if day > last => return Err(Beyond::TooFar),
        End::Moment(at) if zone.day_of(at) > last => return Err(Beyond::TooFar),
        _ => {}
    }
    let most = usize::from(match rule.end {
        End::Count(count) => count,
        // One more tells whether there are too many.
        End::Day(_) | End::Moment(_) => MOST_OCCURRENCES + 1,
    });
    let occurrence = |day: Day| Occurrence { day, start: zone.at(day, minute), clock: zone.change_at(day, minute) };
    let within = |occurrence: &Occurrence| match rule.end {
        End::Count(_) => true,
        End::Day(day) => occurrence.day <= day,
        End::Moment(at) => occurrence.start <= at,
    };
    let all: Vec<Occurrence> = days(rule, first).map(occurrence).take_while(within).take(most).collect();
    match rule.end {
        _ if all.is_empty() => Err(Beyond::Never),
        End::Count(_) if all.len() < most => Err(Beyond::TooFar),
        _ if all.len() > usize::from(MOST_OCCURRENCES) => Err(Beyond::TooMany),
        _ => Ok(all),
    }
}

fn farthest(first: Day) -> Day {
    first.saturating_add(MOST_DAYS.days())
}

/// The days a rule names from `first` on, whatever its end says, as far as a series may reach.
pub fn days(rule: &Rule, first: Day) -> impl Iterator<Item = Day> {
    let last = farthest(first);
    let named = move |set: Set| set.days().filter(move |day| names(rule, first, *day)).collect();
    sets(rule, first).flat_map(move |set| chosen(rule, named(set))).filter(move |day| first <= *day && *day <= last)
}

/// A day, week or month of a rule, of which some days are chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Set {
    begins: Day,
    ends: Day,
}

impl Set {
    /// Its days in order: what an expansion looks at, one by one.
    pub(super) fn days(self) -> impl Iterator<Item = Day> {
        iter::successors(Some(self.begins), |day| day.tomorrow().ok()).take_while(move |day| *day <= self.ends)
    }
}

/// Every set of a rule that begins within reach of a series. So many days, weeks or months lie within reach at most; the
/// calendar may end before.
pub(super) fn sets(rule: &Rule, first: Day) -> impl Iterator<Item = Set> {
    let last = farthest(first);
    (0..=MOST_DAYS).step_by(usize::from(rule.interval)).map_while(move |n| set(rule, first, n)).take_while(move |set| set.begins <= last)
}

/// The `n`-th day, week or month, counted from the one `first` lies in.
fn set(rule: &Rule, first: Day, n: i32) -> Option<Set> {
    let begins = match rule.frequency {
        Frequency::Daily => first.checked_add(n.days()).ok()?,
        Frequency::Weekly => {
            let into = first.weekday().since(rule.week_start);
            let monday = first.checked_sub(i32::from(into).days()).ok()?;
            // The first week begins in its middle.
            monday.checked_add(n.weeks()).ok()?.max(first)
        }
        Frequency::Monthly => first.first_of_month().checked_add(n.months()).ok()?,
    };
    let ends = match rule.frequency {
        Frequency::Daily => begins,
        Frequency::Weekly => begins.checked_add(i32::from(6 - begins.weekday().since(rule.week_start)).days()).ok()?,
        Frequency::Monthly => begins.last_of_month(),
    };
    Some(Set { begins, ends })
}

/// The rule names the day, `BYSETPOS` aside.
fn names(rule: &Rule, first: Day, day: Day) -> bool {
    let in_month = i16::from(day.day());
    let from_end = in_month - i16::from(day.days_in_month()) - 1;
    let by_month_day = || rule.by_month_day.iter().any(|n| [in_month, from_end].contains(&i16::from(*n)));
    let by_day = || {
        rule.by_day.iter().any(|by| {
            let nth = match by.nth {
                None => true,
                Some(n) if n > 0 => i16::from(n) == (in_month - 1) / 7 + 1,
                Some(n) => i16::from(n) == (from_end + 1) / 7 - 1,
            };
            by.weekday == day.weekday() && nth
        })
    };
    match (rule.frequency, rule.by_day.is_empty(), rule.by_month_day.is_empty()) {
        (Frequency::Daily, true, true) => true,
        (Frequency::Weekly, true, _) => day.weekday() == first.weekday(),
        (Frequency::Monthly, true, true) => day.day() == first.day(),
        (_, no_days, no_month_days) => (no_days || by_day()) && (no_month_days || by_month_day()),
    }
}

/// What `BYSETPOS` leaves of the days of one set, in order.
fn chosen(rule: &Rule, days: Vec<Day>) -> Vec<Day> {
    if rule.by_set_pos.is_empty() {
        return days;
    }
    let at = |pos: &i8| {
        let n = usize::from(pos.unsigned_abs());
        if *pos > 0 { n.checked_sub(1) } else { days.len().checked_sub(n) }
    };
    let mut places: Vec<usize> = rule.by_set_pos.iter().filter_map(at).collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter().filter_map(|place| days.get(place).copied()).collect()
}
