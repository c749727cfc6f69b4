//! Days of a space cut into free, taken and closed.

use super::super::model::{DayAvailability, OpenDay, Segment, State, Stretch, Wanted};
use crate::kernel::time::{DAY_MINUTES, Day};
use crate::kernel::{Instant, Period, Reason, Zone};
use crate::terms::model::{DayType, Payload, TermInForce};
use crate::terms::rules::{in_effect, opening, term_end, windows_on};
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// Grids finer than this are not searched.
const FINEST_GRID: u16 = 5;

/// The days `first` to `last` (inclusive, at most 400) of a space, by its terms alone. `terms` are all its rows that overlap those
/// days, of every agreement and version.
pub fn openings(zone: &Zone, first: Day, last: Day, terms: &[TermInForce], day_type: &dyn Fn(Day) -> (DayType, bool)) -> Vec<OpenDay> {
    let changes = zone.days(first, last).map(|all| changes(zone, all, terms)).unwrap_or_default();
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
        .take_while(|day| *day <= last)
        .take(400)
        .map(|date| {
            let (kind, provisional) = day_type(date);
            let stretches = zone.days(date, date).map(|day| stretches(zone, date, day, (terms, &changes), day_type)).unwrap_or_default();
            OpenDay { date, day_type: kind, provisional, stretches }
        })
        .collect()
}

fn stretches(
    zone: &Zone,
    date: Day,
    day: Period,
    (terms, changes): (&[TermInForce], &BTreeSet<Instant>),
    day_type: &dyn Fn(Day) -> (DayType, bool),
) -> Vec<Stretch> {
    let of_day = |day: Day| day_type(day).0;
    let mut cuts: Vec<Instant> = changes.range(day.start()..day.end()).copied().collect();
    for term in terms.iter().filter(|term| term.period().is_some_and(|period| period.overlaps(&day))) {
        let (Payload::OpenHours(hours) | Payload::ReservedHours { hours, .. } | Payload::Maintenance { hours, .. }) = &term.payload else {
            continue;
        };
        cuts.extend(windows_on(hours, zone, date, of_day(date)).into_iter().flat_map(|(_, window)| [window.start(), window.end()]));
    }
    let mut stretches: Vec<Stretch> = Vec::new();
    // Between two cuts the rules say one thing: they are asked once.
    for piece in between(day, cuts) {
        let closed = opening(terms, zone, piece, piece, &of_day);
        match stretches.last_mut() {
            // Under changed terms a booking over the change is judged by those of its start: the cut stays.
            Some(before) if *before.closed == *closed && !(closed.is_empty() && changes.contains(&piece.start())) => {
                before.period = Period::new(before.period.start(), piece.end()).unwrap_or(before.period);
            }
            _ => stretches.push(Stretch { period: piece, closed: closed.into() }),
        }
    }
    stretches
}

static PAST: LazyLock<Arc<[Reason]>> = LazyLock::new(|| [Reason::plain("past", "这段时间已经过去了。", "This time has passed.")].into());

/// The same day as things are. `taken` are occupied periods with their set-up and clean-up. Past time is closed; what is taken
/// shows as taken even where nothing could be booked any more.
pub fn as_it_is(zone: &Zone, day: &OpenDay, taken: &[Period], now: Instant) -> DayAvailability {
    DayAvailability { date: day.date, day_type: day.day_type, provisional: day.provisional, segments: segments(zone, day, taken, now) }
}

/// Days [`as_it_is`].
pub fn availability(zone: &Zone, open: &[OpenDay], taken: &[Period], now: Instant) -> Vec<DayAvailability> {
    open.iter().map(|day| as_it_is(zone, day, taken, now)).collect()
}

fn segments(zone: &Zone, day: &OpenDay, taken: &[Period], now: Instant) -> Vec<Segment> {
    let Some((start, end)) = day.period().map(|day| (day.start(), day.end())) else { return vec![] };
    // A month of a busy room has hundreds: a day looks at its own.
    let taken: Vec<Period> = day.own(taken).copied().collect();
    let mut pieces: Vec<(Period, State)> = Vec::with_capacity(day.stretches.len() + 2 * taken.len());
    for stretch in &day.stretches {
        let own = pieces.len();
        let edges = taken.iter().flat_map(|period| [period.start(), period.end()]).chain([now]);
        for piece in between(stretch.period, edges.collect()) {
            let state = match () {
                () if piece.start() < now => State::Closed(PAST.clone()),
                () if taken.iter().any(|period| period.overlaps(&piece)) => State::Taken,
                () if stretch.closed.is_empty() => State::Free,
                () => State::Closed(stretch.closed.clone()),
            };
            match pieces.last() {
                // What is free of two stretches is not one: between them the terms change.
                Some((before, same)) if *same == state && (state != State::Free || pieces.len() > own) => {
                    let joined = Period::new(before.start(), piece.end()).unwrap_or(*before);
                    pieces.pop();
                    pieces.push((joined, state));
                }
                _ => pieces.push((piece, state)),
            }
        }
    }
    let minute = |at: Instant| if at == start { 0 } else { zone.minute_of(at).1 };
    pieces
        .into_iter()
        .map(|(period, state)| {
            let to = if period.end() == end { DAY_MINUTES } else { minute(period.end()) };
            Segment { period, from: minute(period.start()), to, state }
        })
        .collect()
}

/// A period cut at the moments that lie inside it.
fn between(period: Period, mut cuts: Vec<Instant>) -> Vec<Period> {
    cuts.retain(|cut| period.start() < *cut && *cut < period.end());
    cuts.sort_unstable();
    cuts.dedup();
    let mut pieces = Vec::with_capacity(cuts.len() + 1);
    let mut from = period.start();
    for to in cuts.into_iter().chain([period.end()]) {
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
