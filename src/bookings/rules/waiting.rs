//! The waiting line, pure: who stands before whom, how long a place is kept.

use crate::bookings::model::waiting::{Entry, Hold};
use crate::bookings::model::{Booking, BookingState};
use crate::kernel::id::{AtomId, SpaceId};
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Reason, Zone};
use crate::schedule::rules::day_type;
use crate::terms::model::{ClauseKind, PriorityClass, TermInForce};
use crate::terms::rules::{Ask, decide, refusals};
use std::collections::BTreeSet;

/// The class of everybody no clause names.
pub const LAST_CLASS: i32 = 1000;
/// Places in line one holder may have at a time: a line is for those who will come.
pub const MOST_WAITING: i64 = 10;
/// Whoever lost a booking to its provider stands first in the lines of that site for so many hours.
pub const FIRST_HOURS: i64 = 48;
/// Minutes somebody has to answer who came up.
const ANSWER_MINUTES: i64 = 120;
/// Nobody is asked to answer between ten in the evening and nine in the morning.
const EVENING: u16 = 22 * 60;
const MORNING: u16 = 9 * 60;

/// The class of a holder by a priority clause, and its number: the first of the clause's classes that fits.
pub fn class(named: &[PriorityClass], mine: &[PriorityClass]) -> (Option<PriorityClass>, i32) {
    let first = named.iter().zip(1..).find(|(class, _)| mine.contains(class));
    first.map_or((None, LAST_CLASS), |(class, no)| (Some(*class), no))
}

/// Somebody in line, with what is needed to know whether their time is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The place.
    pub entry: Entry,
    /// The atoms of its space.
    pub atoms: Vec<AtomId>,
    /// Its holder lost a booking of the site to its provider within the last [`FIRST_HOURS`].
    pub first: bool,
}

impl Waiting {
    /// Where it stands: who lost a booking to the provider, then the classes, then who came first.
    fn turn(&self) -> (bool, i32, Instant, &str) {
        (!self.first, self.entry.class_no, self.entry.joined_at, self.entry.id.as_str())
    }

    /// They cannot both have what they wait for.
    fn competes(&self, other: &Waiting) -> bool {
        self.entry.occupancy.overlaps(&other.entry.occupancy) && self.atoms.iter().any(|atom| other.atoms.contains(atom))
    }

    /// A part of what it waits for is among those stretches.
    pub fn is_met_by(&self, stretches: &[(AtomId, Period)]) -> bool {
        stretches.iter().any(|(atom, period)| self.entry.occupancy.overlaps(period) && self.atoms.contains(atom))
    }
}

/// Puts a line in its order.
pub fn order(line: &mut [Waiting]) {
    line.sort_by(|a, b| a.turn().cmp(&b.turn()));
}

/// The place in line from 1: one more than those before it who wait for a part of the same time.
pub fn place_in(line: &[Waiting], mine: &Waiting) -> usize {
    1 + line.iter().filter(|other| other.turn() < mine.turn() && other.competes(mine)).count()
}

/// Goes through a line in its order and gives everybody whose whole time is free to `take`; whoever takes it has it.
///
/// # Errors
/// Whatever `take` cannot do; `false` from it: the rules do not admit that one, and the time stays free for the next.
pub fn promote<E>(line: &[Waiting], mut taken: Vec<(AtomId, Period)>, mut take: impl FnMut(&Entry) -> Result<bool, E>) -> Result<(), E> {
    for waiting in line {
        if !waiting.is_met_by(&taken) && take(&waiting.entry)? {
            taken.extend(waiting.atoms.iter().map(|atom| (atom.clone(), waiting.entry.occupancy)));
        }
    }
    Ok(())
}

/// Why the terms refuse what somebody waits for, whoever has it now; what only suspends a space for a while is no reason.
pub fn refused(entry: &Entry, zone: &Zone, terms: &[(SpaceId, TermInForce)]) -> Option<Reason> {
    let of_entry = terms.iter().filter(|(space, term)| *space == entry.space && term.kind != ClauseKind::Suspension);
    let meets = of_entry.filter(|(_, term)| term.period().is_some_and(|period| period.overlaps(&entry.occupancy)));
    let terms: Vec<TermInForce> = meets.map(|(_, term)| term.clone()).collect();
    let ask = Ask {
        zone: zone.clone(),
        period: entry.period,
        occupancy: entry.occupancy,
        use_code: entry.use_code,
        attendees: entry.attendees,
        charge: None,
    };
    refusals(decide(&terms, &ask, &|day| day_type(day).0)).into_iter().next()
}

/// Every atom somebody in line waits for, and the stretch from the first moment to the last.
pub fn reach(line: &[Waiting]) -> Option<(Vec<AtomId>, Period)> {
    let from = line.iter().map(|waiting| waiting.entry.occupancy.start()).min()?;
    let to = line.iter().map(|waiting| waiting.entry.occupancy.end()).max()?;
    let atoms: BTreeSet<AtomId> = line.iter().flat_map(|waiting| waiting.atoms.iter().cloned()).collect();
    Some((atoms.into_iter().collect(), Period::new(from, to)?))
}

/// Until when a space is kept: two hours by day, until nine in the morning by night; never longer than half of the time left
/// before the start, so that the next in line has a chance too.
pub fn answer_by(zone: &Zone, now: Instant, start: Instant) -> Instant {
    let due = now.plus_minutes(ANSWER_MINUTES);
    let (day, minute) = zone.minute_of(due);
    let due = match minute {
        early if early < MORNING => zone.at(day, MORNING),
        late if late >= EVENING => zone.at(day.tomorrow().unwrap_or(day), MORNING),
        _ => due,
    };
    due.min(Instant(now.0 + (start.0 - now.0).max(0) / 2))
}

/// May what is kept be taken or declined now?
pub fn answer(booking: &Booking, hold: Option<&Hold>, now: Instant) -> Outcome<()> {
    match hold {
        Some(_) if booking.state == BookingState::Confirmed => {
            Err(Fault::saying(Code::StateConflict, "您已经确认过了。", "You have taken it already."))
        }
        Some(hold) if booking.state == BookingState::Expired || (booking.state == BookingState::Held && hold.until <= now) => {
            Err(Fault::saying(Code::OfferExpired, "替您保留的时间已经过了。", "It is no longer kept for you."))
        }
        Some(_) if booking.state == BookingState::Held => Ok(()),
        _ => Err(Fault::saying(Code::StateConflict, "这次预订没有要您确认的事。", "Nothing about this booking waits for your answer.")),
    }
}

#[cfg(test)]
#[path = "waiting_tests.rs"]
mod tests;
