//! What would work instead: the same room at another time, another room of the site at the same time. Every alternative
//! was judged by the same rules as a booking.

use super::model::Ask;
use super::rules::{self, Circumstances, Wish};
use crate::kernel::id::SpaceId;
use crate::kernel::{Instant, Outcome, Period};
use crate::places::model::{Site, Space};
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

/// Something that could be booked.
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

struct Room {
    terms: Vec<TermInForce>,
    taken: Vec<Period>,
}

/// Looks for alternatives to what was asked: two of the same room nearest in time, then other rooms at the very time, then
/// whatever is nearest; at most three.
pub fn find(conn: &mut Conn, ask: &Ask, now: Instant) -> Outcome<Vec<Alternative>> {
    let Some(found) = places::queries::located(conn, &ask.space)? else { return Ok(vec![]) };
    let site = found.site;
    let zone = &site.zone;
    let day = zone.day_of(ask.period.start().max(now));
    let today = zone.day_of(now);
    let first = zone.day_of(zone.at(day, 0).plus_days(-DAYS)).max(today);
    let last = zone.day_of(zone.at(day, 720).plus_days(DAYS));
    let Some(window) = zone.days(first, last) else { return Ok(vec![]) };

    let spaces = places::queries::spaces(conn, std::slice::from_ref(&site.id))?;
    let ids: Vec<SpaceId> = spaces.iter().map(|space| space.id.clone()).collect();
    let all_terms = terms::queries::of_spaces(conn, &ids, window)?;
    let mut atoms: Vec<_> = spaces.iter().flat_map(|space| space.atoms.clone()).collect();
    atoms.sort();
    atoms.dedup();
    let occupied = schedule::queries::occupied_atoms(conn, &atoms, window)?;
    let mut options: Vec<(Alternative, bool, i64)> = Vec::new();
    for space in &spaces {
        let room = Room {
            terms: all_terms.iter().filter(|(id, _)| *id == space.id).map(|(_, term)| term.clone()).collect(),
            taken: occupied.iter().filter(|(atom, _)| space.atoms.contains(atom)).map(|(_, period)| *period).collect(),
        };
        if room.terms.is_empty() {
            continue;
        }
        let tariffs = pricing::queries::tariffs_for(conn, &space.id, ask.use_code)?;
        let given = Circumstances { space, site: &site, terms: &room.terms, tariffs: &tariffs, now };
        let days = schedule_rules::availability(zone, first, last, &room.terms, &room.taken, now, &schedule_rules::day_type);
        let wanted = Wanted {
            minutes: ask.period.minutes(),
            granularity: u16::try_from(site.rules.granularity_minutes).unwrap_or(30),
            set_up: i64::from(space.setup_minutes),
            clean_up: i64::from(space.cleanup_minutes),
        };
        let fitting = schedule_rules::fits(&days, zone, &wanted);
        let same = space.id == ask.space;
        let admitted = schedule_rules::nearest(fitting, ask.period.start(), if same { 24 } else { 6 })
            .into_iter()
            .filter_map(|period| {
                offer(&given, &site, ask, period).map(|offer| (offer, same, (period.start().0 - ask.period.start().0).abs()))
            })
            .take(MOST);
        options.extend(admitted);
    }
    // At most two of the same room, so that another room shows too; then fill up.
    options.sort_by_key(|(offer, same, distance)| (!*same, *distance, offer.space_id.clone()));
    let (mut chosen, mut rest): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
    for option in options {
        if option.1 && chosen.len() < 2 { chosen.push(option) } else { rest.push(option) }
    }
    rest.sort_by_key(|(offer, same, distance)| (*same && !chosen.is_empty(), *distance, offer.space_id.clone()));
    chosen.extend(rest);
    Ok(chosen.into_iter().take(MOST).map(|(offer, ..)| offer).collect())
}

fn offer(given: &Circumstances, site: &Site, ask: &Ask, period: Period) -> Option<Alternative> {
    let wish = Wish { period, use_code: ask.use_code, attendees: ask.attendees };
    let verdicts = rules::admit(given, &wish, &|day| schedule_rules::day_type(day).0);
    let quote = verdicts.quote.filter(|_| verdicts.reasons.is_empty())?;
    Some(Alternative {
        space_id: given.space.id.clone(),
        space_zh: given.space.name_zh.clone(),
        space_en: given.space.name_en.clone(),
        starts_at: site.zone.rfc3339(period.start()),
        ends_at: site.zone.rfc3339(period.end()),
        price_fen: quote.total,
    })
}
