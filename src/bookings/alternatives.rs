//! What would work instead: the same room at another time, another room of the site at the same time. Every alternative
//! was judged by the same rules as a booking.

use super::actions::whose::{self, Claimant};
use super::model::Ask;
use super::rules::series::Room;
use super::rules::{self, Circumstances, Whose, Wish};
use crate::kernel::id::SpaceId;
use crate::kernel::time::{DAY_MINUTES, Day};
use crate::kernel::{Instant, Outcome, Period, Zone};
use crate::places::model::Site;
use crate::schedule::model::Wanted;
use crate::schedule::{self, rules as schedule_rules};
use crate::store::Conn;
use crate::terms::model::TermInForce;
use crate::{places, pricing, terms};
use serde::Serialize;

/// Most alternatives offered.
const MOST: usize = 3;
/// Days searched on either side.
const DAYS: i64 = 7;

/// Something that could be booked at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Alternative {
    /// Which space.
    pub space_id: SpaceId,
    /// Its Chinese name.
    pub space_zh: String,
    /// Its English name.
    pub space_en: Option<String>,
    /// RFC 3339 with the site's offset.
    pub starts_at: String,
    /// RFC 3339 with the site's offset.
    pub ends_at: String,
    /// What it would cost, in fen.
    pub price_fen: crate::kernel::Fen,
}

/// Everything the search needs, read at once, so that it holds no connection while it thinks.
pub struct Search {
    asks: Vec<Ask>,
    now: Instant,
    site: Site,
    rooms: Vec<Room>,
    whose: Whose,
}

/// Reads what the search needs: the asked room a week to either side, the site's other rooms on the day itself, and what counts of
/// the claimant, in whose way what the ask takes the place of does not stand. Five queries and what is counted, however many rooms.
/// `None` when there is no such space.
pub fn gather(conn: &mut Conn, ask: &Ask, now: Instant, claimant: &Claimant) -> Outcome<Option<Search>> {
    gather_all(conn, std::slice::from_ref(ask), now, claimant)
}

/// The same for several asks for one site and use, read at once over all their days.
pub fn gather_all(conn: &mut Conn, asks: &[Ask], now: Instant, claimant: &Claimant) -> Outcome<Option<Search>> {
    let Some(ask) = asks.first() else { return Ok(None) };
    let Some(found) = places::queries::located(conn, &ask.space)? else { return Ok(None) };
    let site = found.site.clone();
    let around = || asks.iter().map(|ask| days(&site.zone, ask, now, DAYS));
    let (Some(first), Some(last)) = (around().map(|(first, _)| first).min(), around().map(|(_, last)| last).max()) else {
        return Ok(None);
    };
    let Some(window) = site.zone.days(first, last) else { return Ok(None) };
    let spaces = places::queries::spaces(conn, std::slice::from_ref(&site.id))?;
    let ids: Vec<SpaceId> = spaces.iter().map(|space| space.id.clone()).collect();
    let mut atoms: Vec<_> = spaces.iter().flat_map(|space| space.atoms.clone()).collect();
    atoms.sort();
    atoms.dedup();
    let terms = terms::queries::of_spaces(conn, &ids, window)?;
    let mut occupied = schedule::queries::occupied_atoms(conn, &atoms, window)?;
    for booking in claimant.instead_of {
        let own = schedule::queries::held_by(conn, booking.as_str())?;
        occupied.retain(|(atom, period)| !own.iter().any(|(held, over, _)| held == atom && over == period));
    }
    let tariffs = pricing::queries::tariffs_of_spaces(conn, &ids, ask.use_code)?;
    let rows: Vec<&TermInForce> = terms.iter().map(|(_, term)| term).collect();
    let missed = whose::missed(conn, claimant, now)?;
    let whose = whose::read(conn, &found, &rows, ask, claimant, (window.minutes() / i64::from(DAY_MINUTES)).max(DAYS), missed)?;
    let rooms = spaces.into_iter().map(|space| Room {
        terms: terms.iter().filter(|(id, _)| *id == space.id).map(|(_, term)| term.clone()).collect(),
        taken: occupied.iter().filter(|(atom, _)| space.atoms.contains(atom)).map(|(_, period)| *period).collect(),
        tariffs: tariffs.iter().filter(|(id, _)| *id == space.id).map(|(_, tariff)| tariff.clone()).collect(),
        usage: Vec::new(),
        space,
    });
    let rooms = rooms.filter(|room| !room.terms.is_empty()).collect();
    Ok(Some(Search { asks: asks.to_vec(), now, site, rooms, whose }))
}

/// The days within `reach` of what was asked, from today on.
fn days(zone: &Zone, ask: &Ask, now: Instant, reach: i64) -> (Day, Day) {
    let noon = zone.at(zone.day_of(ask.period.start().max(now)), 720);
    (zone.day_of(noon.plus_days(-reach)).max(zone.day_of(now)), zone.day_of(noon.plus_days(reach)))
}

impl Search {
    /// As far ahead as a series is booked.
    pub fn of_series(mut self) -> Self {
        self.whose.series = true;
        self
    }

    /// Chooses: at most two of the same room nearest in time, then other rooms that day, then whatever is nearest; three
    /// in all.
    pub fn choose(&self) -> Vec<Alternative> {
        self.asks.first().map(|ask| self.choose_for(ask)).unwrap_or_default()
    }

    /// The same for each ask, in their order.
    pub fn choose_each(&self) -> Vec<Vec<Alternative>> {
        self.asks.iter().map(|ask| self.choose_for(ask)).collect()
    }

    fn choose_for(&self, ask: &Ask) -> Vec<Alternative> {
        let mut options: Vec<(Alternative, bool, i64)> = Vec::new();
        for room in &self.rooms {
            let same = room.space.id == ask.space;
            let offers = self.fitting(ask, room, same).into_iter().filter_map(|period| {
                let distance = (period.start().0 - ask.period.start().0).abs();
                Some((self.offer(ask, room, period)?, same, distance))
            });
            options.extend(offers.take(MOST));
        }
        options.sort_by_key(|(offer, same, distance)| (!*same, *distance, offer.space_id.clone()));
        let (mut chosen, mut rest): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
        for option in options {
            if option.1 && chosen.len() < 2 { chosen.push(option) } else { rest.push(option) }
        }
        rest.sort_by_key(|(offer, same, distance)| (*same && !chosen.is_empty(), *distance, offer.space_id.clone()));
        chosen.extend(rest);
        chosen.into_iter().take(MOST).map(|(offer, ..)| offer).collect()
    }

    /// Times that fit the room, the nearest first.
    fn fitting(&self, ask: &Ask, room: &Room, same: bool) -> Vec<Period> {
        let zone = &self.site.zone;
        let (first, last) = days(zone, ask, self.now, if same { DAYS } else { 0 });
        let around = zone.days(first, last).map(|days| days.widened(i64::from(DAY_MINUTES), i64::from(DAY_MINUTES)));
        let taken: Vec<Period> = room.taken.iter().filter(|taken| around.is_some_and(|days| days.overlaps(taken))).copied().collect();
        let open = schedule_rules::openings(zone, first, last, &room.terms, &schedule_rules::day_type);
        let available = schedule_rules::availability(zone, &open, &taken, self.now);
        let wanted = Wanted {
            minutes: ask.period.minutes(),
            granularity: u16::try_from(self.site.rules.granularity_minutes).unwrap_or(30),
            set_up: i64::from(room.space.setup_minutes),
            clean_up: i64::from(room.space.cleanup_minutes),
        };
        // Where something of the holder is counted, whole days around may be used up.
        let most = match (same, self.whose.counted) {
            (true, true) => 400,
            (true, false) => 24,
            (false, _) => 6,
        };
        schedule_rules::nearest(schedule_rules::fits(&available, zone, &wanted), ask.period.start(), most)
    }

    fn offer(&self, ask: &Ask, room: &Room, period: Period) -> Option<Alternative> {
        let given = Circumstances { space: &room.space, site: &self.site, terms: &room.terms, tariffs: &room.tariffs, now: self.now };
        let wish = Wish { period, use_code: ask.use_code, attendees: ask.attendees };
        let verdicts = rules::admit_for(&given, &wish, &self.whose, &|day| schedule_rules::day_type(day).0);
        let quote = verdicts.quote.filter(|_| verdicts.reasons.is_empty() && verdicts.approvals.is_empty())?;
        Some(Alternative {
            space_id: room.space.id.clone(),
            space_zh: room.space.name_zh.clone(),
            space_en: room.space.name_en.clone(),
            starts_at: self.site.zone.rfc3339(period.start()),
            ends_at: self.site.zone.rfc3339(period.end()),
            price_fen: quote.total,
        })
    }
}
