//! A day of a space, cut into segments.

use crate::kernel::id::AtomId;
use crate::kernel::time::Day;
use crate::kernel::{Period, Reason};
use crate::terms::model::DayType;
use std::sync::Arc;

/// Longest claim: a day and generous buffers. Reads rely on it to look back no further.
pub const LONGEST_CLAIM_MINUTES: i64 = 2 * 24 * 60;

/// What a segment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Open and not taken.
    Free,
    /// Somebody holds it, set-up and clean-up included.
    Taken,
    /// Not bookable, and why: past, or what the clauses say.
    Closed(Arc<[Reason]>),
}

/// A stretch of one civil day with one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The stretch.
    pub period: Period,
    /// First minute of the day, cut down to the minute where the present moment cuts.
    pub from: u16,
    /// First minute after it; 1440 at the end of the day.
    pub to: u16,
    /// What it is.
    pub state: State,
}

/// A stretch of a day over which the terms say one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The stretch.
    pub period: Period,
    /// What the clauses have against it; nothing: it is open.
    pub closed: Arc<[Reason]>,
}

/// One civil day of one space by its terms alone, whoever has booked and whatever the time is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDay {
    /// The civil date.
    pub date: Day,
    /// Its type.
    pub day_type: DayType,
    /// The year's notice is not out yet: the type is a guess by weekday.
    pub provisional: bool,
    /// From 00:00 to 24:00 without gap or overlap. Where the terms change, an open stretch is cut.
    pub stretches: Vec<Stretch>,
}

impl OpenDay {
    /// From its first to its last moment.
    pub fn period(&self) -> Option<Period> {
        Period::new(self.stretches.first()?.period.start(), self.stretches.last()?.period.end())
    }

    /// What of this time belongs to the day, in the same order.
    pub fn own<'t>(&self, taken: &'t [Period]) -> impl Iterator<Item = &'t Period> {
        let day = self.period();
        taken.iter().filter(move |taken| day.is_some_and(|day| taken.overlaps(&day)))
    }
}

/// One civil day of one space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayAvailability {
    /// The civil date.
    pub date: Day,
    /// Its type.
    pub day_type: DayType,
    /// The year's notice is not out yet: the type is a guess by weekday.
    pub provisional: bool,
    /// From 00:00 to 24:00 without gap or overlap. Where the terms change, a free stretch is cut.
    pub segments: Vec<Segment>,
}

/// A statutory day as the notice names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatutoryDay {
    /// [`DayType::Holiday`] or [`DayType::MakeupWorkday`].
    pub day_type: DayType,
    /// Chinese name of the holiday it belongs to.
    pub name_zh: &'static str,
}

/// What [`super::rules::fits`] looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Length in minutes.
    pub minutes: i64,
    /// Starts lie on this grid of minutes from midnight.
    pub granularity: u16,
    /// Minutes held before the start.
    pub set_up: i64,
    /// Minutes held after the end.
    pub clean_up: i64,
}

/// Time that was given back. Whoever gives it back hands it to those who wait for it, in the same transaction.
#[must_use = "somebody may wait for this time"]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freed(Vec<(AtomId, Period)>);

impl Freed {
    /// These stretches of these atoms.
    pub fn of(stretches: Vec<(AtomId, Period)>) -> Self {
        Self(stretches)
    }
    /// What is free.
    pub fn stretches(&self) -> &[(AtomId, Period)] {
        &self.0
    }
    /// Both.
    pub fn and(mut self, other: Freed) -> Self {
        self.0.extend(other.0);
        self
    }
}
