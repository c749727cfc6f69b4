//! Days as they are shown. What the terms make of a day is thought out once for everybody who asks: a booking changes what is
//! taken, and not when the doors are open. The terms are read anew each time; only where they are the same, what was made of them
//! is too. So is the day written down once, until something else is taken of it or it is over.

use super::super::model::{DayAvailability, OpenDay, Segment, State};
use super::super::rules;
use crate::kernel::bounded::Bounded;
use crate::kernel::id::SpaceId;
use crate::kernel::time::{Day, show_minute};
use crate::kernel::{Fault, Instant, Outcome, Period, Reason, Zone};
use crate::terms::model::{DayType, TermInForce};
use crate::words;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::sync::{Arc, Mutex, PoisonError};
use utoipa::ToSchema;

/// Most days kept and rows of terms beside them, of all spaces together. A day is about three kilobytes, a row one.
const MOST_DAYS_AND_TERMS: usize = 20_000;

words! {
    /// What a stretch of a day is.
    pub enum StateWord {
        /// Can be booked as far as time goes.
        Free = "free",
        /// Somebody has it.
        Taken = "taken",
        /// Not open; `reasons` say why.
        Closed = "closed",
    }
}

/// A stretch of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentView {
    /// `08:30`, site time.
    from: String,
    /// `24:00` at the end of the day.
    to: String,
    starts_at: String,
    ends_at: String,
    state: StateWord,
    /// Why it is closed, with the clause.
    #[serde(skip_serializing_if = "<[Reason]>::is_empty")]
    #[schema(required = false, value_type = Vec<Reason>)]
    reasons: Arc<[Reason]>,
}

/// A day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayView {
    #[schema(value_type = String, format = Date)]
    date: String,
    day_type: DayType,
    /// Chinese name of the statutory holiday the day belongs to.
    holiday_zh: Option<&'static str>,
    /// The year's notice is not out: the type is a guess by weekday.
    provisional: bool,
    /// From 00:00 to 24:00 without gap.
    segments: Vec<SegmentView>,
}

impl DayView {
    fn of(day: DayAvailability, zone: &Zone) -> Self {
        let none: Arc<[Reason]> = [].into();
        let segment = |segment: Segment| {
            let (state, reasons) = match segment.state {
                State::Free => (StateWord::Free, none.clone()),
                State::Taken => (StateWord::Taken, none.clone()),
                State::Closed(reasons) => (StateWord::Closed, reasons),
            };
            let [starts_at, ends_at] = [segment.period.start(), segment.period.end()].map(|at| zone.rfc3339(at));
            SegmentView { from: show_minute(segment.from), to: show_minute(segment.to), starts_at, ends_at, state, reasons }
        };
        Self {
            date: day.date.to_string(),
            day_type: day.day_type,
            holiday_zh: rules::statutory_day(day.date).map(|statutory| statutory.name_zh),
            provisional: day.provisional,
            segments: day.segments.into_iter().map(segment).collect(),
        }
    }
}

/// A day by its terms, and how it was shown last.
struct Opened {
    day: OpenDay,
    shown: Mutex<Option<Shown>>,
}

struct Shown {
    over: bool,
    taken: Vec<Period>,
    json: Arc<RawValue>,
}

/// Some days of a space by their terms.
pub(super) struct ByTerms {
    zone: Zone,
    terms: Vec<TermInForce>,
    days: Vec<Opened>,
}

impl ByTerms {
    /// Each of the days as a [`DayView`]. `taken`: what is taken of all of them.
    pub(super) fn show(&self, taken: &[Period], now: Instant) -> Outcome<Vec<Arc<RawValue>>> {
        self.days.iter().map(|opened| opened.show(&self.zone, taken, now)).collect()
    }

    /// The same days, not written down.
    pub(super) fn availability(&self, taken: &[Period], now: Instant) -> Vec<DayAvailability> {
        self.days.iter().map(|opened| rules::as_it_is(&self.zone, &opened.day, taken, now)).collect()
    }
}

impl Opened {
    /// A [`DayView`], as it was shown last unless something else is taken or the day has ended since. Today is cut elsewhere at each
    /// moment, and written anew each time.
    fn show(&self, zone: &Zone, taken: &[Period], now: Instant) -> Outcome<Arc<RawValue>> {
        let write = || {
            let view = DayView::of(rules::as_it_is(zone, &self.day, taken, now), zone);
            Ok::<Arc<RawValue>, Fault>(to_raw_value(&view).map_err(Fault::internal)?.into())
        };
        let over = match self.day.period() {
            Some(day) if day.end() <= now => true,
            Some(day) if now <= day.start() => false,
            _ => return write(),
        };
        // Over is over, whoever was there.
        let own = || self.day.own(taken).filter(|_| !over);
        let shown = || self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shown) = shown().as_ref().filter(|shown| shown.over == over && shown.taken.iter().eq(own())) {
            return Ok(shown.json.clone());
        }
        let json = write()?;
        *shown() = Some(Shown { over, taken: own().copied().collect(), json: json.clone() });
        Ok(json)
    }
}

/// The days of spaces.
pub struct Days(Bounded<(SpaceId, Day, Day), Arc<ByTerms>>);

impl Default for Days {
    fn default() -> Self {
        Self(Bounded::new(MOST_DAYS_AND_TERMS))
    }
}

impl Days {
    /// The days of a space from the first to the last. `terms`: all of those days.
    pub(super) fn of(&self, space: &SpaceId, zone: &Zone, (first, last): (Day, Day), terms: Vec<TermInForce>) -> Arc<ByTerms> {
        let asked = (space.clone(), first, last);
        if let Some(known) = self.0.get(&asked).filter(|known| known.terms == terms && known.zone == *zone) {
            return known;
        }
        let days = rules::openings(zone, first, last, &terms, &rules::day_type);
        let days: Vec<Opened> = days.into_iter().map(|day| Opened { day, shown: Mutex::default() }).collect();
        let (weight, known) = (days.len() + terms.len(), Arc::new(ByTerms { zone: zone.clone(), terms, days }));
        self.0.keep(asked, weight, known.clone());
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::model::{ClauseKind, Payload};
    use crate::terms::rules::samples::{at, beijing, daily, day, row, usual, zone};
    use proptest::prelude::*;

    /// Three days around the end of summer time in Berlin.
    fn shown(by: &Days, zone: &Zone, terms: &[TermInForce], taken: &[Period], now: Instant) -> Vec<String> {
        let space = "space_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let asked = (day("2026-10-24"), day("2026-10-26"));
        let days = by.of(&space, zone, asked, terms.to_vec()).show(taken, now).unwrap();
        days.iter().map(|day| day.get().to_owned()).collect()
    }

    proptest! {
        /// Whoever remembers shows what somebody shows who begins anew, whatever changed in between.
        #[test]
        fn what_is_kept_is_what_would_be_written(
            steps in prop::collection::vec((prop::collection::vec((0i64..96, 1i64..8), 0..4), 0i64..5 * 24, any::<bool>(), any::<bool>()), 1..12),
        ) {
            let by = Days::default();
            let start = at("2026-10-24 00:00");
            for (taken, hour, upkeep, abroad) in steps {
                let period = |(from, length): (i64, i64)| Period::new(start.plus_minutes(45 * from), start.plus_minutes(45 * (from + length)));
                let taken: Vec<Period> = taken.into_iter().filter_map(period).collect();
                let mut terms = usual();
                if upkeep {
                    terms.push(row("upkeep", ClauseKind::Maintenance, Payload::Maintenance { notice_days: 3, hours: daily("13:00", "14:00") }));
                }
                let now = start.plus_minutes(60 * (hour - 24));
                let zone = if abroad { zone("Europe/Berlin") } else { beijing() };
                prop_assert_eq!(shown(&by, &zone, &terms, &taken, now), shown(&Days::default(), &zone, &terms, &taken, now));
            }
        }
    }

    #[test]
    fn a_day_is_written_again_when_something_of_it_changes() {
        let by = Days::default();
        let (terms, before) = (usual(), at("2026-11-20 12:00"));
        let space = "space_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let days = |taken: &[Period], now: Instant| {
            let asked = (day("2026-11-27"), day("2026-11-28"));
            by.of(&space, &beijing(), asked, terms.clone()).show(taken, now).unwrap()
        };
        let same = |one: &[Arc<RawValue>], other: &[Arc<RawValue>]| -> Vec<bool> {
            one.iter().zip(other).map(|(a, b)| Arc::ptr_eq(a, b)).collect()
        };
        let first = days(&[], before);
        assert_eq!(same(&first, &days(&[], before)), [true, true]);
        let taken = [Period::new(at("2026-11-28 10:00"), at("2026-11-28 11:00")).unwrap()];
        let booked = days(&taken, before);
        assert_eq!(same(&first, &booked), [true, false]);
        assert!(booked[1].get().contains(r#""state":"taken""#), "{}", booked[1]);
        // The first is today and cut by the moment; then it is over.
        let noon = days(&taken, at("2026-11-27 12:00"));
        assert_eq!(same(&booked, &noon), [false, true]);
        let night = days(&taken, at("2026-11-28 00:00"));
        assert_eq!(same(&booked, &night), [false, true]);
        assert_eq!(same(&night, &days(&[], at("2026-11-28 00:00"))), [true, false]);
    }
}
