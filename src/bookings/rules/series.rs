//! The days of a series, each judged by every rule of a booking; pure.

use super::{Circumstances, Whose, Wish, admit_for, needs_approval, taken};
use crate::bookings::model::series::{Choice, Fate, LeftOut, OnSpecialDay, Series, Slot, SpecialDay};
use crate::bookings::model::{Beside, Used};
use crate::kernel::id::SpaceId;
use crate::kernel::time::Day;
use crate::kernel::{Fault, Instant, Outcome, Period};
use crate::places::model::{Site, Space};
use crate::pricing::model::Tariff;
use crate::schedule::rules::day_type;
use crate::schedule::rules::recurrence::{Beyond, MOST_DAYS, MOST_OCCURRENCES, Occurrence};
use crate::terms::model::{DayType, TermInForce, UsageInForce, Use};
use crate::terms::rules::unaccepted;
use std::collections::BTreeSet;
use std::iter;

/// An occurrence moves at most so many days on.
pub const FARTHEST_MOVE: usize = 13;

/// A room with everything its days are judged by.
#[derive(Debug, Clone, PartialEq)]
pub struct Room {
    /// The room.
    pub space: Space,
    /// Its terms over all the days.
    pub terms: Vec<TermInForce>,
    /// What is taken of it, set-up and clean-up included.
    pub taken: Vec<Period>,
    /// Tariffs that may apply.
    pub tariffs: Vec<Tariff>,
    /// Usage terms that bind now or later.
    pub usage: Vec<UsageInForce>,
}

impl Room {
    /// The usage terms in force at a moment: whoever books accepts them.
    pub fn usage_at(&self, at: Instant) -> Option<&UsageInForce> {
        self.usage.iter().find(|usage| usage.from <= at && at < usage.to)
    }

    fn shares_with(&self, other: &Room) -> bool {
        self.space.atoms.iter().any(|atom| other.space.atoms.contains(atom))
    }
}

/// Everything a series is judged by, read at once.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The site.
    pub site: &'a Site,
    /// The rooms its occurrences may be in.
    pub rooms: &'a [Room],
    /// Who asks, and what they have over all the days.
    pub whose: &'a Whose,
    /// How an occurrence that is booked counts among what they have, but for its time and room.
    pub counted_as: &'a Used,
    /// Hash of the usage terms that were read and accepted.
    pub accepted: Option<&'a str>,
    /// The present moment.
    pub now: Instant,
}

/// Why a rule cannot be booked by, as a fault of its field.
pub fn beyond(why: Beyond) -> Fault {
    let (code, zh, en) = match why {
        Beyond::Never => ("never", "按这个规则一次也排不上。".to_owned(), "The rule names no day at all.".to_owned()),
        Beyond::TooFar => (
            "too-far",
            format!("一个系列最长 {MOST_DAYS} 天，这个规则在这段时间里排不完。"),
            format!("A series lasts at most {MOST_DAYS} days; the rule does not end within them."),
        ),
        Beyond::TooMany => {
            ("too-many", format!("一个系列最多 {MOST_OCCURRENCES} 次。"), format!("At most {MOST_OCCURRENCES} occurrences."))
        }
    };
    Fault::field("/rule", code, &zh, &en)
}

/// The civil day and minute a series starts at; `starts_at` is a whole minute.
///
/// # Errors
/// It is in the second of an hour that comes twice: a series takes the first.
pub fn start(site: &Site, starts_at: Instant) -> Outcome<(Day, u16)> {
    let (day, minute) = site.zone.minute_of(starts_at);
    if site.zone.at(day, minute) == starts_at {
        return Ok((day, minute));
    }
    let (zh, en) = ("这天这个钟点有两次，系列按第一次算，请填第一次。", "This time comes twice that day; a series takes the first.");
    Err(Fault::field("/starts_at", "repeated-hour", zh, en))
}

/// What is already planned: it is in the way of what follows, and counts.
struct Plans {
    /// Which room, over what.
    taken: Vec<(usize, Period)>,
    whose: Whose,
}

impl Plans {
    /// What is judged next comes with this.
    fn bring(&mut self, beside: &Beside) {
        self.whose.children = beside.children;
        for wanted in &mut self.whose.equipment {
            wanted.units = beside.equipment.iter().find(|(code, _)| *code == wanted.portable.code).map_or(0, |(_, units)| *units);
        }
    }
}

impl Given<'_> {
    fn room(&self, space: &SpaceId) -> Option<usize> {
        self.rooms.iter().position(|room| room.space.id == *space)
    }

    fn nothing_planned(&self) -> Plans {
        Plans { taken: Vec::new(), whose: self.whose.clone() }
    }

    /// What the rules say of a wish for a room beside what is planned already.
    fn fate(&self, room: usize, wish: &Wish, plans: &Plans) -> Fate {
        let Some(this) = self.rooms.get(room) else { return Fate::LeftOut(LeftOut::Excepted) };
        let circumstances =
            Circumstances { space: &this.space, site: self.site, terms: &this.terms, tariffs: &this.tariffs, now: self.now };
        let mut verdicts = admit_for(&circumstances, wish, &plans.whose, &|day| day_type(day).0);
        verdicts.reasons.extend(unaccepted(this.usage_at(wish.period.start()), self.accepted));
        let over = verdicts.occupancy;
        let meets = |(other, period): &(usize, Period)| {
            period.overlaps(&over) && self.rooms.get(*other).is_some_and(|other| other.shares_with(this))
        };
        if this.taken.iter().any(|period| period.overlaps(&over)) || plans.taken.iter().any(meets) {
            verdicts.reasons.push(taken());
        }
        if verdicts.reasons.is_empty() { Fate::Admitted(Box::new(verdicts)) } else { Fate::Refused(verdicts.reasons) }
    }

    fn plan(&self, plans: &mut Plans, room: usize, period: Period, occupancy: Period) {
        plans.taken.push((room, occupancy));
        for wanted in plans.whose.equipment.iter_mut().filter(|wanted| wanted.units > 0) {
            wanted.taken.push((occupancy, wanted.units));
        }
        if let Some(this) = self.rooms.get(room)
            && plans.whose.counted
        {
            let (space, space_zh, space_en) = (this.space.id.clone(), this.space.name_zh.clone(), this.space.name_en.clone());
            plans.whose.uses.push(Used { space, space_zh, space_en, period, occupancy, ..self.counted_as.clone() });
        }
    }
}

/// Judges every day a series names, in order. An occurrence that can be booked is in the way of those after it.
pub fn judge(given: &Given, series: &Series, choices: &[(Day, Choice)], occurrences: &[Occurrence]) -> Vec<Slot> {
    let named: BTreeSet<Day> = occurrences.iter().map(|one| one.day).collect();
    let Some(own) = given.room(&series.space) else { return Vec::new() };
    let wish = |period: Period| Wish { period, use_code: series.use_code, attendees: series.attendees };
    let lasting = |start: Instant| Period::new(start, start.plus_minutes(series.minutes));
    let mut plans = given.nothing_planned();
    let mut slots = Vec::with_capacity(occurrences.len());
    for one in occurrences {
        let Some(usual) = lasting(one.start) else { continue };
        let special = SpecialDay::of(one.day);
        let next_day = || {
            let days = iter::successors(Some(one.day), |day| day.tomorrow().ok()).skip(1).take(FARTHEST_MOVE);
            let ordinary = |day: &Day| matches!(day_type(*day).0, DayType::Workday | DayType::Weekend) && !named.contains(day);
            let periods = days.filter(ordinary).filter_map(|day| lasting(given.site.zone.at(day, series.minute)));
            periods.map(|period| (period, given.fate(own, &wish(period), &plans))).find(|(_, fate)| matches!(fate, Fate::Admitted(_)))
        };
        let choice = choices.iter().find(|(day, _)| *day == one.day).map(|(_, choice)| choice);
        let moved = if special.is_some() || choice == Some(&Choice::Day(OnSpecialDay::Move)) { next_day() } else { None };
        let moves_to = moved.as_ref().map(|(period, _)| *period);
        let by_kind = special
            .map_or(OnSpecialDay::Keep, |day| if day.day_type == DayType::Holiday { series.holidays } else { series.makeup_workdays });
        let skipped = special
            .map_or(LeftOut::Excepted, |day| if day.day_type == DayType::Holiday { LeftOut::Holiday } else { LeftOut::MakeupWorkday });
        let as_special = |what: OnSpecialDay| match what {
            OnSpecialDay::Keep => (own, usual, given.fate(own, &wish(usual), &plans)),
            OnSpecialDay::Skip => (own, usual, Fate::LeftOut(skipped)),
            OnSpecialDay::Move => match moved {
                Some((period, fate)) => (own, period, fate),
                None => (own, usual, Fate::LeftOut(LeftOut::NoDayToMoveTo)),
            },
        };
        let (room, period, fate) = match choice {
            _ if series.exdates.contains(&one.day) => (own, usual, Fate::LeftOut(LeftOut::Excepted)),
            Some(Choice::Take { space, period }) => {
                let room = space.as_ref().and_then(|space| given.room(space)).unwrap_or(own);
                (room, *period, given.fate(room, &wish(*period), &plans))
            }
            Some(Choice::Day(what)) => as_special(*what),
            None => as_special(by_kind),
        };
        if let Fate::Admitted(verdicts) = &fate {
            given.plan(&mut plans, room, period, verdicts.occupancy);
        }
        slots.push(Slot {
            day: one.day,
            clock: one.clock,
            special,
            provisional: day_type(one.day).1,
            space: given.rooms.get(room).map_or_else(|| series.space.clone(), |room| room.space.id.clone()),
            period,
            moves_to,
            fate,
        });
    }
    slots
}

/// A booking of a series, and what it is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// Which room it is in now.
    pub room_now: &'a SpaceId,
    /// When it is now.
    pub now: Period,
    /// What it occupies now; nothing while it is a request.
    pub held: Option<Period>,
    /// In which room it is to be.
    pub room: &'a SpaceId,
    /// When.
    pub period: Period,
    /// What for.
    pub use_code: Use,
    /// How many people.
    pub attendees: i64,
    /// What it has beside its room now …
    pub has: &'a Beside,
    /// … and what it is to have.
    pub beside: &'a Beside,
}

/// What is confirmed does not become a request: the holder moves that one by itself, and has it until somebody says yes.
fn keeping_what_is_had(change: &Change, fate: Fate) -> Fate {
    match fate {
        Fate::Admitted(verdicts) if change.held.is_some() && !verdicts.approvals.is_empty() => {
            Fate::Refused(verdicts.approvals.iter().map(|(clause, by)| needs_approval(clause, by)).collect())
        }
        fate => fate,
    }
}

/// Judges changes of several bookings of one series at once. The rooms' `taken` is without what they hold now: one that cannot
/// change keeps what it has, and is in the way of the others.
pub fn judge_changes(given: &Given, changes: &[Change]) -> Vec<Fate> {
    let mut stay: BTreeSet<usize> = BTreeSet::new();
    loop {
        let kept = |n: usize| {
            let change = changes.get(n)?;
            if stay.contains(&n) { Some((given.room(change.room_now)?, change.now, change.held?, change.has)) } else { None }
        };
        let mut plans = given.nothing_planned();
        for (room, period, occupancy, has) in (0..changes.len()).filter_map(kept) {
            plans.bring(has);
            given.plan(&mut plans, room, period, occupancy);
        }
        let before = stay.len();
        let mut fates = Vec::with_capacity(changes.len());
        for (n, change) in changes.iter().enumerate() {
            let wish = Wish { period: change.period, use_code: change.use_code, attendees: change.attendees };
            plans.bring(change.beside);
            let fate = given.room(change.room).map_or_else(
                || Fate::Refused(vec![taken()]),
                |room| {
                    let fate = keeping_what_is_had(change, given.fate(room, &wish, &plans));
                    if let Fate::Admitted(verdicts) = &fate
                        && !stay.contains(&n)
                    {
                        given.plan(&mut plans, room, change.period, verdicts.occupancy);
                    }
                    fate
                },
            );
            // What had to stay once stays: otherwise two could wait for each other without end.
            let fate = if stay.contains(&n) && matches!(fate, Fate::Admitted(_)) { Fate::Refused(vec![taken()]) } else { fate };
            if !matches!(fate, Fate::Admitted(_)) {
                stay.insert(n);
            }
            fates.push(fate);
        }
        if stay.len() == before {
            return fates;
        }
    }
}
