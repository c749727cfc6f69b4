//! Series: bookings made by a rule.

use super::{Beside, Booking, Holder, InSeries};
use crate::access::{Place, Subject};
use crate::kernel::id::{AccountId, OrganisationId, SeriesId, SiteId, SpaceId};
use crate::kernel::time::{ClockChange, Day};
use crate::kernel::{Instant, Period, Reason};
use crate::outbox::Announcement;
use crate::schedule::rules::recurrence::Rule;
use crate::schedule::rules::statutory_day;
use crate::terms::model::{DayType, Use};
use crate::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// What becomes of an occurrence that falls on a holiday, or on a weekend day worked to make up for one.
    pub enum OnSpecialDay {
        /// It stays.
        Keep = "keep",
        /// It is left out.
        Skip = "skip",
        /// It takes place on the next ordinary day on which it can.
        Move = "move",
    }
}

words! {
    /// Why nothing is booked on a day the rule names.
    pub enum LeftOut {
        /// It is excepted.
        Excepted = "excepted",
        /// A holiday, skipped by choice.
        Holiday = "holiday",
        /// A make-up workday, skipped by choice.
        MakeupWorkday = "makeup_workday",
        /// It was to move, and no day near can take it.
        NoDayToMoveTo = "no_day_to_move_to",
    }
}

/// What is chosen for one day of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// As for a special day, whatever the day is.
    Day(OnSpecialDay),
    /// Another time or room for it.
    Take {
        /// Another room of the site; `None` = the same.
        space: Option<SpaceId>,
        /// When.
        period: Period,
    },
}

/// What somebody wants to book again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesAsk {
    /// Which space.
    pub space: SpaceId,
    /// Not before; the hour of every occurrence.
    pub starts_at: Instant,
    /// How long each lasts.
    pub minutes: i64,
    /// What for.
    pub use_code: Use,
    /// How many people.
    pub attendees: i64,
    /// For which organisation; `None` = for one's own household.
    pub organisation: Option<OrganisationId>,
    /// On which days.
    pub rule: Rule,
    /// Days left out.
    pub exdates: Vec<Day>,
    /// What becomes of holidays …
    pub holidays: OnSpecialDay,
    /// … and of make-up workdays.
    pub makeup_workdays: OnSpecialDay,
    /// What is chosen for single days.
    pub choices: Vec<(Day, Choice)>,
    /// SHA-256 of the usage terms that were read and accepted.
    pub usage_terms_sha256: Option<String>,
    /// Everything or nothing: one occurrence that cannot be booked refuses all.
    pub all_or_nothing: bool,
    /// What each comes with.
    pub beside: Beside,
}

impl SeriesAsk {
    /// Every space it may be in, in order.
    pub fn spaces(&self) -> BTreeSet<&SpaceId> {
        let chosen = self.choices.iter().filter_map(|(_, choice)| match choice {
            Choice::Take { space, .. } => space.as_ref(),
            Choice::Day(_) => None,
        });
        chosen.chain([&self.space]).collect()
    }
}

/// A series.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Id.
    pub id: SeriesId,
    /// Site.
    pub site: SiteId,
    /// Space.
    pub space: SpaceId,
    /// What for.
    pub use_code: Use,
    /// How many people.
    pub attendees: i64,
    /// The rule counts from this day.
    pub first: Day,
    /// Its own first day: what the rule names before is of the series it was split from.
    pub begins: Day,
    /// Minute of the day, in the zone of the site.
    pub minute: u16,
    /// How long each lasts.
    pub minutes: i64,
    /// On which days.
    pub rule: Rule,
    /// Days left out.
    pub exdates: Vec<Day>,
    /// What becomes of holidays …
    pub holidays: OnSpecialDay,
    /// … and of make-up workdays.
    pub makeup_workdays: OnSpecialDay,
    /// Whose.
    pub holder: Holder,
    /// The person who answers for it.
    pub account: AccountId,
    /// The person who made it.
    pub made_by: AccountId,
    /// The series it was split from.
    pub follows: Option<SeriesId>,
    /// When it was made.
    pub made_at: Instant,
    /// Counts changes, for the ETag.
    pub revision: i32,
}

impl Series {
    /// Where its occurrence of a day stands.
    pub fn on(&self, day: Day) -> InSeries {
        InSeries { series: self.id.clone(), day }
    }
}

/// A series as the permission table sees it.
#[derive(Debug, Clone)]
pub struct SeriesInArea<'a> {
    /// The series.
    pub series: &'a Series,
    /// Path of the area that manages its site.
    pub area_path: &'a str,
}

impl Subject for SeriesInArea<'_> {
    fn place(&self) -> Place {
        super::place_of(&self.series.holder, self.area_path)
    }
}

/// A day that is no ordinary one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SpecialDay {
    /// Holiday or make-up workday.
    pub day_type: DayType,
    /// Name of the holiday it belongs to.
    pub name_zh: &'static str,
}

impl SpecialDay {
    /// What is special about a day, if anything is.
    pub fn of(day: Day) -> Option<Self> {
        statutory_day(day).map(|day| Self { day_type: day.day_type, name_zh: day.name_zh })
    }
}

/// A day the rule names, and what can be booked for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// The civil day: the id the occurrence keeps.
    pub day: Day,
    /// The clock is changed over its start.
    pub clock: Option<ClockChange>,
    /// It is no ordinary day.
    pub special: Option<SpecialDay>,
    /// The notice of its year is not known: what type of day it is is a guess.
    pub provisional: bool,
    /// Where and when it would be: where the rule puts it, moved from a special day, or as chosen.
    pub space: SpaceId,
    /// See `space`.
    pub period: Period,
    /// For a special day: when it would take place if moved, if a day near can take it.
    pub moves_to: Option<Period>,
    /// What the rules say.
    pub fate: Fate,
}

/// What becomes of a day of a series.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// Nothing is to be booked.
    LeftOut(LeftOut),
    /// It can be booked, or asked for.
    Admitted(Box<super::Verdicts>),
    /// It cannot; every reason.
    Refused(Vec<Reason>),
}

impl Slot {
    /// Somebody has the time, and nothing else is wrong.
    pub fn is_taken(&self) -> bool {
        matches!(&self.fate, Fate::Refused(reasons) if reasons.iter().all(|reason| reason.code == "period-taken"))
    }
    /// What it was judged by, when it can be booked.
    pub fn admitted(&self) -> Option<&super::Verdicts> {
        match &self.fate {
            Fate::Admitted(verdicts) => Some(verdicts),
            Fate::LeftOut(_) | Fate::Refused(_) => None,
        }
    }
}

/// A series as it was just made or changed: every day of it, and the bookings there are.
#[derive(Debug, Clone, PartialEq)]
pub struct MadeSeries {
    /// The series.
    pub series: Series,
    /// Every day, judged.
    pub slots: Vec<Slot>,
    /// What was booked or asked for, in order of start.
    pub bookings: Vec<Booking>,
    /// Until when each of them can be cancelled without its counting.
    pub free_until: Vec<Option<Instant>>,
}

words! {
    /// How much of a series.
    pub enum SeriesScope {
        /// One occurrence.
        One = "one",
        /// One and all after it.
        Following = "following",
        /// All that have not begun.
        All = "all",
    }
}

words! {
    /// What happened to a series.
    pub enum SeriesNews {
        /// It was made.
        Made = "made",
        /// Occurrences were changed.
        Changed = "changed",
        /// Occurrences were cancelled.
        Cancelled = "cancelled",
    }
}

/// One notice for all that happened to a series at once.
#[derive(Debug, Serialize, Deserialize)]
pub struct SeriesTold {
    /// Which.
    pub series: SeriesId,
    /// What.
    pub news: SeriesNews,
    /// How many occurrences were booked, asked for, changed or cancelled.
    pub done: usize,
    /// How many of them wait for somebody's yes.
    pub asked: usize,
    /// How many could not be had.
    pub missed: usize,
    /// The first and the last of them, UTC microseconds.
    pub from: i64,
    /// See `from`.
    pub to: i64,
}

impl Announcement for SeriesTold {
    const KIND: &'static str = "series.told";
}
