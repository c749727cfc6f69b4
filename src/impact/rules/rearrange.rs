//! What can be offered instead: where a use has moved to, the same room at another time, another room of the site that day.
//!
//! Every alternative was judged by the same rules as a booking, under the rows as they are after the event. The first of an
//! offer is held, so the next booking's search finds it taken. A day of a room is worked out once, however many ask for it.

use super::super::model::{Alternative, Disposition};
use crate::bookings::model::Booking;
use crate::bookings::rules::{self as booking_rules, Circumstances, Wish};
use crate::kernel::id::{AtomId, SiteId, SpaceId};
use crate::kernel::time::Day;
use crate::kernel::{Instant, Period, Reason};
use crate::places::model::{Site, Space};
use crate::pricing::model::Tariff;
use crate::schedule::model::State;
use crate::schedule::rules as schedule_rules;
use crate::terms::model::{DayType, Payload, TermInForce, Use};
use crate::terms::rules::in_effect;
use std::collections::BTreeMap;

/// Most alternatives of an offer.
const MOST: usize = 3;
/// Days searched on either side.
const DAYS: i64 = 7;

/// A room that may be offered, with the rows it will be judged by.
#[derive(Debug)]
pub struct Room {
    /// The space.
    pub space: Space,
    /// Its site.
    pub site: Site,
    /// Its rows after the event.
    pub terms: Vec<TermInForce>,
    /// Its tariffs.
    pub tariffs: Vec<Tariff>,
    /// When it is closed, whatever the rows say.
    pub closed: Option<Period>,
}

/// Finds alternatives and remembers what it has given away.
#[derive(Debug)]
pub struct Rearranger {
    rooms: Vec<Room>,
    /// Taken stretches of every atom by their start; they never overlap.
    taken: BTreeMap<AtomId, BTreeMap<Instant, Instant>>,
    /// Uses that moved from a site to a space elsewhere.
    moved: Vec<(SiteId, Use, SpaceId)>,
    /// Open hours of a room on a day.
    open: BTreeMap<(usize, Day), Vec<Period>>,
    now: Instant,
}

impl Rearranger {
    /// `taken` are the occupied stretches of the rooms' atoms around every booking that may be moved.
    pub fn new(rooms: Vec<Room>, taken: Vec<(AtomId, Period)>, moved: Vec<(SiteId, Use, SpaceId)>, now: Instant) -> Self {
        let mut by_atom: BTreeMap<AtomId, BTreeMap<Instant, Instant>> = BTreeMap::new();
        for (atom, period) in taken {
            by_atom.entry(atom).or_default().insert(period.start(), period.end());
        }
        Self { rooms, taken: by_atom, moved, open: BTreeMap::new(), now }
    }

    /// Nothing can be offered.
    pub fn nothing(now: Instant) -> Self {
        Self::new(vec![], vec![], vec![], now)
    }

    /// The rooms' time that is no longer the booking's: it ends, and what it held can be offered to others.
    pub fn free(&mut self, booking: &Booking, disposition: Disposition) {
        if !matches!(disposition, Disposition::Cancelled | Disposition::Interrupted) {
            return;
        }
        let Some(room) = self.rooms.iter().find(|room| room.space.id == booking.space) else { return };
        for atom in &room.space.atoms {
            if let Some(stretches) = self.taken.get_mut(atom) {
                stretches.remove(&booking.occupancy.start());
            }
        }
    }

    /// At most three alternatives that begin after `from`, the best first; that one is held from now on.
    pub fn offer(&mut self, booking: &Booking, from: Instant, day_type: &dyn Fn(Day) -> DayType) -> Vec<Alternative> {
        let target = self.moved.iter().find(|(site, moved, _)| *site == booking.site && booking.use_code.is_covered_by(*moved));
        let target = target.map(|(_, _, space)| space.clone());
        let rank = |space: &SpaceId| if Some(space) == target.as_ref() { 0 } else { 1 + u8::from(*space != booking.space) };
        let mut found: Vec<(u8, u64, Alternative)> = Vec::new();
        for index in 0..self.rooms.len() {
            let Some(room) = self.rooms.get(index) else { continue };
            let rank = rank(&room.space.id);
            if rank == 2 && room.site.id != booking.site {
                continue;
            }
            let (days, most) = if rank == 2 { (0, 1) } else { (DAYS, MOST) };
            let near = self.nearest(index, booking, from, days, most, day_type);
            found.extend(near.into_iter().map(|one| (rank, one.period.start().0.abs_diff(booking.period.start().0), one)));
        }
        found.sort_by(|a, b| (a.0, a.1, &a.2.space).cmp(&(b.0, b.1, &b.2.space)));
        // Two times in the same room, then another room; whatever is left fills up.
        let same = |one: &(u8, u64, Alternative)| one.0 == 1;
        let third = found.iter().enumerate().filter(|(_, one)| same(one)).map(|(i, _)| i).nth(2);
        if let Some(third) = third.filter(|_| found.iter().any(|one| one.0 == 2)) {
            let last = found.remove(third);
            found.push(last);
        }
        found.truncate(MOST);
        let offered: Vec<Alternative> = found.into_iter().map(|(_, _, one)| one).collect();
        if let Some(first) = offered.first() {
            self.hold(first);
        }
        offered
    }

    fn hold(&mut self, held: &Alternative) {
        let Some(room) = self.rooms.iter().find(|room| room.space.id == held.space) else { return };
        for atom in &room.space.atoms {
            self.taken.entry(atom.clone()).or_default().insert(held.occupancy.start(), held.occupancy.end());
        }
    }

    /// The nearest times of a room, day by day outwards from the booking's own.
    fn nearest(
        &mut self,
        index: usize,
        booking: &Booking,
        from: Instant,
        days: i64,
        most: usize,
        day_type: &dyn Fn(Day) -> DayType,
    ) -> Vec<Alternative> {
        let Some((zone, is_own)) = self.rooms.get(index).map(|room| (room.site.zone.clone(), room.space.id == booking.space)) else {
            return vec![];
        };
        let wanted = booking.period.start();
        let noon = zone.at(zone.day_of(wanted), 720);
        let offsets = (0..=days).flat_map(|n| if n == 0 { vec![0] } else { vec![n, -n] });
        let mut found: Vec<Alternative> = Vec::new();
        for day in offsets.map(|n| zone.day_of(noon.plus_days(n))) {
            let mut periods = self.starts(index, day, booking.period.minutes(), day_type);
            // Elsewhere the very time is the best there is.
            periods.retain(|period| period.start() >= from && !(is_own && *period == booking.period));
            periods.sort_by_key(|period| (period.start().0.abs_diff(wanted.0), period.start()));
            for period in periods {
                // Two times that overlap are hardly a choice.
                if let Some(one) = self.fits(index, booking, period, day_type)
                    && !found.iter().any(|other| other.occupancy.overlaps(&one.occupancy))
                {
                    found.push(one);
                }
                if found.len() == most {
                    return found;
                }
            }
        }
        found
    }

    /// Every start on the grid of a day at which the doors are open long enough.
    fn starts(&mut self, index: usize, day: Day, minutes: i64, day_type: &dyn Fn(Day) -> DayType) -> Vec<Period> {
        let Some(room) = self.rooms.get(index) else { return vec![] };
        let (zone, now) = (&room.site.zone, self.now);
        let windows = self.open.entry((index, day)).or_insert_with(|| {
            let of_day = |day: Day| (day_type(day), false);
            let open = schedule_rules::openings(zone, day, day, &room.terms, &of_day);
            let days = schedule_rules::availability(zone, &open, &[], now);
            let free = days.into_iter().flat_map(|day| day.segments).filter(|segment| segment.state == State::Free);
            free.map(|segment| segment.period).collect()
        });
        let grid = i64::from(room.site.rules.granularity_minutes.max(5));
        let mut found = Vec::new();
        for window in windows {
            let into = i64::from(zone.minute_of(window.start()).1) % grid;
            let mut start = window.start().plus_minutes(if into == 0 { 0 } else { grid - into });
            while let Some(period) = Period::new(start, start.plus_minutes(minutes)).filter(|period| window.contains(period)) {
                found.push(period);
                start = start.plus_minutes(grid);
            }
        }
        found
    }

    /// The alternative, if nobody has the time and every rule admits it.
    fn fits(&self, index: usize, booking: &Booking, period: Period, day_type: &dyn Fn(Day) -> DayType) -> Option<Alternative> {
        let room = self.rooms.get(index)?;
        let occupancy = booking_rules::occupancy(&room.space, period);
        if room.closed.is_some_and(|closed| closed.overlaps(&occupancy))
            || room.space.atoms.iter().any(|atom| self.is_taken(atom, occupancy))
        {
            return None;
        }
        if room.space.id != booking.space && needs_a_yes(room, booking, period, day_type) {
            return None;
        }
        let given = Circumstances { space: &room.space, site: &room.site, terms: &room.terms, tariffs: &room.tariffs, now: self.now };
        let wish = Wish { period, use_code: booking.use_code, attendees: booking.attendees };
        let verdicts = booking_rules::admit(&given, &wish, day_type);
        let quote = verdicts.quote.filter(|_| !verdicts.reasons.iter().any(stands_against_an_offer))?;
        Some(Alternative { space: room.space.id.clone(), period, occupancy, price: quote.total })
    }

    fn is_taken(&self, atom: &AtomId, period: Period) -> bool {
        let before = self.taken.get(atom).and_then(|stretches| stretches.range(..period.end()).next_back());
        before.is_some_and(|(_, end)| *end > period.start())
    }
}

/// How far ahead one books was settled when the booking was made; everything else stands against another time for it as for any.
pub fn stands_against_an_offer(reason: &Reason) -> bool {
    !matches!(reason.code.as_str(), "short-notice" | "too-few-working-days" | "beyond-horizon" | "residents-first")
}

/// Somebody would have to approve it first. In the booking's own room that was settled; another room is then no offer.
fn needs_a_yes(room: &Room, booking: &Booking, period: Period, day_type: &dyn Fn(Day) -> DayType) -> bool {
    let day = day_type(room.site.zone.day_of(period.start()));
    let day_off = matches!(day, DayType::Weekend | DayType::Holiday);
    in_effect(&room.terms, period.start()).iter().any(|row| match &row.payload {
        Payload::Approval(approval) => approval.is_needed(booking.use_code, booking.attendees, day_off),
        _ => false,
    })
}

#[cfg(test)]
#[path = "rearrange_tests.rs"]
mod tests;
