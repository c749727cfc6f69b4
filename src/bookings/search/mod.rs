//! Time first: "Saturday afternoon, two hours, twenty people, with a piano" over every space of an area, some sites, or one space.
//!
//! [`gather`] reads what is needed in eight queries at most, however many spaces there are; [`Search::answer`] and
//! [`Search::nearest`] then think without a connection. Every time they name was judged by the same rules as a booking
//! ([`super::rules::admit`]). Only what depends on who books (a household's quota) is left to the booking itself: nobody signs
//! in to search.

mod looking;

use super::rules;
use crate::kernel::id::{AreaId, AtomId, SiteId, SpaceId};
use crate::kernel::time::Day;
use crate::kernel::{Fault, Fen, Instant, Outcome, Period, Reason};
use crate::places::model::{Site, Space};
use crate::pricing::model::Tariff;
use crate::store::Conn;
use crate::terms::model::hours::Weekday;
use crate::terms::model::{Span, TermInForce, Use};
use crate::{areas, places, pricing, schedule, terms, words};
use jiff::ToSpan;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Most sites of one search, in order of code.
const MOST_SITES: i64 = 200;
/// Most spaces of one search.
const MOST_SPACES: usize = 500;
/// Most spaces × days of one search: what a machine thinks through in a fraction of a second.
const MOST_SPACE_DAYS: usize = 250 * 31;
/// Days looked at before and after those asked for, when nothing fits.
const AROUND_DAYS: i64 = 7;

/// Where is looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every site of the service.
    Everywhere,
    /// Sites managed by an area or one inside it.
    Area(AreaId),
    /// These sites.
    Sites(Vec<SiteId>),
    /// One space.
    Space(SpaceId),
}

words! {
    /// What it may cost.
    pub enum Cost {
        /// Nothing.
        Free = "free",
        /// Something.
        Paid = "paid",
    }
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// Where.
    pub scope: Scope,
    /// First civil date of the site.
    pub first: Day,
    /// Last civil date.
    pub last: Day,
    /// Only on these days of the week; empty: on any.
    pub weekdays: Vec<Weekday>,
    /// Between these minutes of a day.
    pub window: Span,
    /// How long, in minutes.
    pub minutes: i64,
    /// How many people, in each room.
    pub people: i64,
    /// What for; without it, whatever the space may be used for.
    pub use_code: Option<Use>,
    /// Codes of what has to be there.
    pub equipment: Vec<String>,
    /// How many rooms of one site at the same time.
    pub rooms: usize,
    /// What it may cost.
    pub cost: Option<Cost>,
}

/// A time that can be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Time {
    /// RFC 3339 with the site's offset.
    pub starts_at: String,
    /// RFC 3339 with the site's offset.
    pub ends_at: String,
    /// What all rooms together would cost, in fen.
    pub price_fen: Fen,
}

/// A room of a hit, as it is at the hit's first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoomFound {
    /// Which space.
    pub space_id: SpaceId,
    /// Its Chinese name.
    pub space_zh: String,
    /// Its English name.
    pub space_en: Option<String>,
    /// Most people, as agreed.
    pub capacity: Option<i64>,
    /// What it can be booked for then: the use asked for, or all that fit.
    pub uses: Vec<Use>,
    /// What it would cost for the first of them, in fen.
    pub price_fen: Fen,
    /// Why it fits, each with the clause behind it.
    pub why: Vec<Reason>,
    /// Who must agree first; then it is not booked at once.
    pub needs_approval: Vec<Reason>,
}

/// Something that can be had: a room, or several of one site together, with the times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hit {
    /// Which site.
    pub site_id: SiteId,
    /// Its Chinese name.
    pub site_zh: String,
    /// Its English name.
    pub site_en: Option<String>,
    /// Its time zone.
    pub zone: String,
    /// As many rooms as were asked for.
    pub rooms: Vec<RoomFound>,
    /// Of one day every start there is, of several days the first of each; the earliest first.
    pub times: Vec<Time>,
    /// There are more times than are named.
    pub more_times: bool,
}

words! {
    /// How something that fits nearly differs from what was asked for.
    pub enum Differs {
        /// Another time of the same day.
        Time = "time",
        /// Another day.
        Day = "day",
        /// Another room of the site.
        Room = "room",
        /// Another site nearby.
        Site = "site",
    }
}

/// Something that fits nearly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Near {
    /// In what.
    pub differs: Differs,
    /// It.
    #[serde(flatten)]
    pub hit: Hit,
}

/// How many spaces do not fit for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Miss {
    /// Stable word of the reason.
    pub code: String,
    /// How many.
    pub spaces: usize,
    /// What one of them says, Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// What is there to be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EquipmentThere {
    /// Natural code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// In how many spaces.
    pub spaces: usize,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The earliest first; at the same time the cheaper, then the snugger.
    pub hits: Vec<Hit>,
    /// How many there are; more than `hits` where those are limited.
    pub total: usize,
    /// Why the others do not fit, the most frequent reason first.
    pub misses: Vec<Miss>,
}

/// A space with everything its days are judged by.
struct Room {
    space: Space,
    site: usize,
    terms: Vec<TermInForce>,
    /// Occupied stretches, sorted, none touching the next.
    taken: Vec<Period>,
    tariffs: Vec<Tariff>,
    /// It is one of those asked about.
    inside: bool,
}

/// Everything a search needs, so that it holds no connection while it thinks.
pub struct Search {
    find: Find,
    now: Instant,
    sites: Vec<Site>,
    /// The sites asked about.
    asked: Vec<SiteId>,
    rooms: Vec<Room>,
    /// Spaces that lack what has to be there.
    unequipped: usize,
    equipment: Vec<EquipmentThere>,
    left_out: usize,
}

/// How far is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Where and when was asked.
    Asked,
    /// The sites nearby too, and the days around.
    Around,
}

fn unknown(parameter: &str) -> Fault {
    Fault::field(parameter, "unknown", "没有找到。", "There is no such thing.")
}

/// The path of the area one level up; of a root the area itself.
fn one_up(path: &str) -> String {
    let inner = path.trim_end_matches('/');
    inner.rsplit_once('/').map_or_else(|| path.to_owned(), |(up, _)| format!("{up}/"))
}

/// The sites to look in, those asked about among them.
fn sites(conn: &mut Conn, scope: &Scope, reach: Reach) -> Outcome<(Vec<Site>, Vec<SiteId>)> {
    let path_of = |conn: &mut Conn, area: &AreaId| Ok::<_, Fault>(areas::queries::find(conn, area)?.map(|area| area.path));
    let (asked, home) = match scope {
        Scope::Everywhere => (places::queries::sites_below(conn, None, MOST_SITES)?, None),
        Scope::Area(area) => {
            let path = path_of(conn, area)?.ok_or_else(|| unknown("area_id"))?;
            (places::queries::sites_below(conn, Some(&path), MOST_SITES)?, Some(path))
        }
        Scope::Sites(ids) => {
            let found = places::queries::sites_of(conn, ids)?;
            if found.len() < ids.len() {
                return Err(unknown("site_ids"));
            }
            (found, None)
        }
        Scope::Space(space) => (vec![places::queries::located(conn, space)?.ok_or_else(|| unknown("space_id"))?.site], None),
    };
    let ids: Vec<SiteId> = asked.iter().map(|site| site.id.clone()).collect();
    if reach == Reach::Asked || *scope == Scope::Everywhere {
        return Ok((asked, ids));
    }
    let home = match (home, asked.first()) {
        (Some(path), _) => Some(path),
        (None, Some(site)) => path_of(conn, &site.area_id)?,
        (None, None) => None,
    };
    let around = match home {
        Some(path) => places::queries::sites_below(conn, Some(&one_up(&path)), MOST_SITES)?,
        None => vec![],
    };
    let nearby = around.into_iter().filter(|site| !ids.contains(&site.id));
    Ok((asked.into_iter().chain(nearby).collect(), ids))
}

/// Reads what a search needs.
///
/// # Errors
/// 422 naming `area_id`, `site_ids` or `space_id` when there is no such thing.
pub fn gather(conn: &mut Conn, find: &Find, now: Instant, reach: Reach) -> Outcome<Search> {
    let (sites, asked) = sites(conn, &find.scope, reach)?;
    let ids: Vec<SiteId> = sites.iter().map(|site| site.id.clone()).collect();
    let mut spaces = places::queries::spaces(conn, &ids)?;
    let inside = |space: &Space| match &find.scope {
        Scope::Space(id) => space.id == *id,
        _ => asked.contains(&space.site_id),
    };
    if reach == Reach::Asked {
        spaces.retain(inside);
    }
    let equipment = there(spaces.iter().filter(|space| inside(space)));
    let has = |space: &Space| find.equipment.iter().all(|code| space.equipment.iter().any(|one| one.code == *code));
    let all = spaces.len();
    spaces.retain(has);
    let unequipped = all - spaces.len();
    let span = match reach {
        Reach::Asked => (find.first, find.last),
        Reach::Around => (find.first.saturating_sub(AROUND_DAYS.days()), find.last.saturating_add(AROUND_DAYS.days())),
    };
    let days = usize::try_from((span.1 - span.0).get_days()).unwrap_or(0) + 1;
    // Those asked about first, so that they are the last to be left out.
    spaces.sort_by_key(|space| !inside(space));
    let found = spaces.len();
    spaces.truncate(MOST_SPACES.min(MOST_SPACE_DAYS / days));
    let left_out = found - spaces.len();
    let rooms = rooms(conn, find, (&sites, spaces), span, &inside)?;
    Ok(Search { find: find.clone(), now, sites, asked, rooms, unequipped, equipment, left_out })
}

fn there<'a>(spaces: impl Iterator<Item = &'a Space>) -> Vec<EquipmentThere> {
    let mut by_code: BTreeMap<&str, EquipmentThere> = BTreeMap::new();
    for one in spaces.flat_map(|space| &space.equipment) {
        let (code, name_zh, name_en) = (one.code.clone(), one.name_zh.clone(), one.name_en.clone());
        by_code.entry(&one.code).or_insert(EquipmentThere { code, name_zh, name_en, spaces: 0 }).spaces += 1;
    }
    by_code.into_values().collect()
}

fn rooms(
    conn: &mut Conn,
    find: &Find,
    (sites, spaces): (&[Site], Vec<Space>),
    (first, last): (Day, Day),
    inside: &dyn Fn(&Space) -> bool,
) -> Outcome<Vec<Room>> {
    let days = sites.iter().filter_map(|site| site.zone.days(first, last));
    let (from, to) = (days.clone().map(|days| days.start()).min(), days.map(|days| days.end()).max());
    // A day more on either side: set-up and clean-up reach over midnight.
    let window = from.zip(to).and_then(|(from, to)| Period::new(from.plus_days(-1), to.plus_days(1)));
    let Some(window) = window else { return Ok(vec![]) };
    let ids: Vec<SpaceId> = spaces.iter().map(|space| space.id.clone()).collect();
    let atoms: BTreeSet<AtomId> = spaces.iter().flat_map(|space| space.atoms.iter().cloned()).collect();
    let mut terms: BTreeMap<SpaceId, Vec<TermInForce>> = grouped(terms::queries::of_spaces(conn, &ids, window)?);
    let occupied: BTreeMap<AtomId, Vec<Period>> = grouped(schedule::queries::occupied_atoms(conn, &Vec::from_iter(atoms), window)?);
    let mut tariffs: BTreeMap<SpaceId, Vec<Tariff>> = grouped(match find.use_code {
        Some(use_code) => pricing::queries::tariffs_of_spaces(conn, &ids, use_code)?,
        None => pricing::queries::all_tariffs(conn, &ids)?,
    });
    let room = |space: Space| {
        let taken = space.atoms.iter().filter_map(|atom| occupied.get(atom)).flatten().copied().collect();
        Some(Room {
            site: sites.iter().position(|site| site.id == space.site_id)?,
            terms: terms.remove(&space.id).unwrap_or_default(),
            taken: joined(taken),
            tariffs: tariffs.remove(&space.id).unwrap_or_default(),
            inside: inside(&space),
            space,
        })
    };
    Ok(spaces.into_iter().filter_map(room).collect())
}

fn grouped<K: Ord, V>(pairs: Vec<(K, V)>) -> BTreeMap<K, Vec<V>> {
    let mut by_key: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in pairs {
        by_key.entry(key).or_default().push(value);
    }
    by_key
}

/// The same stretches, sorted, those that overlap or touch as one.
fn joined(mut periods: Vec<Period>) -> Vec<Period> {
    periods.sort_unstable();
    let mut out: Vec<Period> = Vec::new();
    for period in periods {
        match out.last_mut() {
            Some(last) if period.start() <= last.end() => {
                *last = Period::new(last.start(), last.end().max(period.end())).unwrap_or(*last);
            }
            _ => out.push(period),
        }
    }
    out
}

impl Search {
    /// Spaces that were looked through.
    pub fn searched(&self) -> usize {
        self.rooms.len() + self.unequipped
    }
    /// Spaces that were left out, because there are too many for one search.
    pub fn left_out(&self) -> usize {
        self.left_out
    }
    /// What stands in the spaces asked about, by code.
    pub fn equipment(&self) -> &[EquipmentThere] {
        &self.equipment
    }
}
