//! Days of a space cut into free, taken and closed.

use super::super::model::{DayAvailability, Segment, State, Wanted};
use crate::kernel::time::{DAY_MINUTES, Day};
use crate::kernel::{Instant, Period, Reason, Zone};
use crate::terms::model::{DayType, Payload, TermInForce};
use crate::terms::rules::{in_effect, opening, term_end, windows_on};
use std::collections::BTreeSet;

/// Grids finer than this are not searched.
const FINEST_GRID: u16 = 5;

/// The days `first` to `last` (inclusive, at most 400) of a space. `terms` are all its rows that overlap those days, of every
/// agreement and version; `taken` are occupied periods with their set-up and clean-up. Past time is closed; what is taken
/// shows as taken even where nothing could be booked any more.
pub fn availability(
    zone: &Zone,
    first: Day,
    last: Day,
    terms: &[TermInForce],
    taken: &[Period],
    now: Instant,
    day_type: &dyn Fn(Day) -> (DayType, bool),
) -> Vec<DayAvailability> {
    let changes = zone.days(first, last).map(|all| changes(zone, all, terms)).unwrap_or_default();
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
        .take_while(|day| *day <= last)
        .take(400)
        .map(|date| {
            let (kind, provisional) = day_type(date);
            let of_day = |day: Period| {
                // A month of a busy room has hundreds: a day looks at its own.
                let taken: Vec<Period> = taken.iter().filter(|period| period.overlaps(&day)).copied().collect();
                segments(zone, date, day, (terms, &changes), &taken, now, day_type)
            };
            let segments = zone.days(date, date).map(of_day).unwrap_or_default();
            DayAvailability { date, day_type: kind, provisional, segments }
        })
        .collect()
}

fn segments(
    zone: &Zone,
    date: Day,
    day: Period,
    (terms, changes): (&[TermInForce], &BTreeSet<Instant>),
    taken: &[Period],
    now: Instant,
    day_type: &dyn Fn(Day) -> (DayType, bool),
) -> Vec<Segment> {
    let of_day = |day: Day| day_type(day).0;
    let mut cuts: BTreeSet<Instant> = changes.range(day.start()..day.end()).copied().collect();
    cuts.insert(now);
    for term in terms.iter().filter(|term| term.period().is_some_and(|period| period.overlaps(&day))) {
        let (Payload::OpenHours(hours) | Payload::ReservedHours { hours, .. } | Payload::Maintenance { hours, .. }) = &term.payload else {
            continue;
        };
        cuts.extend(windows_on(hours, zone, date, of_day(date)).into_iter().flat_map(|(_, window)| [window.start(), window.end()]));
    }
    let mut pieces: Vec<(Period, State)> = Vec::new();
    let mut put = |piece: Period, state: State| match pieces.last_mut() {
        // Under changed terms a booking over the change is judged by those of its start: the cut stays.
        Some((before, same)) if *same == state && !(state == State::Free && changes.contains(&piece.start())) => {
            *before = Period::new(before.start(), piece.end()).unwrap_or(*before);
        }
        _ => pieces.push((piece, state)),
    };
    // Between two cuts the rules say one thing, however many bookings lie there: they are asked once.
    for stretch in between(day, cuts) {
        if stretch.start() < now {
            put(stretch, State::Closed(vec![Reason::plain("past", "这段时间已经过去了。", "This time has passed.")]));
            continue;
        }
        let state = match opening(terms, zone, stretch, stretch, &of_day) {
            reasons if reasons.is_empty() => State::Free,
            reasons => State::Closed(reasons),
        };
        for piece in between(stretch, taken.iter().flat_map(|period| [period.start(), period.end()]).collect()) {
            let is_taken = taken.iter().any(|period| period.overlaps(&piece));
            put(piece, if is_taken { State::Taken } else { state.clone() });
        }
    }
    let minute = |at: Instant| if at == day.start() { 0 } else { zone.minute_of(at).1 };
    pieces
        .into_iter()
        .map(|(period, state)| {
            let to = if period.end() == day.end() { DAY_MINUTES } else { minute(period.end()) };
            Segment { period, from: minute(period.start()), to, state }
        })
        .collect()
}

/// A period cut at the moments that lie inside it.
fn between(period: Period, cuts: BTreeSet<Instant>) -> Vec<Period> {
    let inside = cuts.into_iter().filter(|cut| period.start() < *cut && *cut < period.end());
    let mut pieces = Vec::new();
    let mut from = period.start();
    for to in inside.chain([period.end()]) {
        pieces.extend(Period::new(from, to));
        from = to;
    }
    pieces
}

/// The moments inside a period at which other terms take effect.
fn changes(zone: &Zone, period: Period, terms: &[TermInForce]) -> BTreeSet<Instant> {
    let ends: Vec<Instant> = terms.iter().filter_map(|term| term_end(term, zone)).collect();
    let edges: BTreeSet<Instant> = terms.iter().flat_map(|term| [term.from, term.to]).chain(ends.iter().copied()).collect();
    edges
        .into_iter()
        .filter(|at| period.start() < *at && *at < period.end())
        .filter(|at| ends.contains(at) || in_effect(terms, Instant(at.0 - 1)) != in_effect(terms, *at))
        .collect()
}

/// Every period of the wanted length that starts on the grid inside one free segment and whose set-up and clean-up fall
/// where they may: on free time, or on time that is closed only because the doors are not open. In order of time. None
/// reaches over midnight; what lies before the first and after the last day is taken to be in order.
pub fn fits(days: &[DayAvailability], zone: &Zone, wanted: &Wanted) -> Vec<Period> {
    let grid = usize::from(wanted.granularity.clamp(FINEST_GRID, DAY_MINUTES));
    let segments: Vec<&Segment> = days.iter().flat_map(|day| &day.segments).collect();
    let mut found: Vec<Period> = days
        .iter()
        .flat_map(|day| (0..DAY_MINUTES).step_by(grid).map(|minute| zone.at(day.date, minute)))
        .filter_map(|start| Period::new(start, start.plus_minutes(wanted.minutes)))
        .filter(|period| segments.iter().any(|segment| segment.state == State::Free && segment.period.contains(period)))
        .filter(|period| {
            let occupancy = period.widened(wanted.set_up, wanted.clean_up);
            segments.iter().all(|segment| !segment.period.overlaps(&occupancy) || lets_in_buffers(&segment.state))
        })
        .collect();
    // Where the clock is set forward, two minutes of the grid are one moment.
    found.sort_unstable();
    found.dedup();
    found
}

fn lets_in_buffers(state: &State) -> bool {
    match state {
        State::Free => true,
        State::Taken => false,
        State::Closed(reasons) => reasons.iter().all(|reason| matches!(reason.code.as_str(), "outside-hours" | "past")),
    }
}

/// At most `most` of the periods, those starting closest to the wanted start first; of two equally close the earlier.
pub fn nearest(mut periods: Vec<Period>, wanted: Instant, most: usize) -> Vec<Period> {
    periods.sort_by_key(|period| (period.start().0.abs_diff(wanted.0), period.start()));
    periods.truncate(most);
    periods
}

#[cfg(test)]
#[path = "availability_tests.rs"]
mod tests;
