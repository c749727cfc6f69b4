//! Search, time first. Public, and without personal data.

use crate::bookings::search::{self, Cost, EquipmentThere, Find, Hit, Miss, Near, Reach, Scope};
use crate::http::Query;
use crate::http::query::int;
use crate::kernel::form::{self, Form, Spot};
use crate::kernel::id::{AreaId, SiteId, SpaceId};
use crate::kernel::text::is_code;
use crate::kernel::time::{DAY_MINUTES, Day};
use crate::kernel::{Fault, Instant, Outcome, Zone};
use crate::store::Db;
use crate::terms::model::hours::Weekday;
use crate::terms::model::{Span, Use};
use crate::words;
use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use std::time::{Duration, Instant as Tick};
use utoipa::ToSchema;

/// Days of one search.
const MOST_DAYS: i32 = 31;
/// Hits of one answer, unless fewer are asked for.
const MOST_HITS: i64 = 100;
/// The same, unless more are asked for.
const USUAL_HITS: usize = 20;
/// Longest thinking of one search. A thread does not end with the request that is given up: it has to end before that, or whoever searches
/// next thinks beside it.
const THINKING: Duration = Duration::from_secs(10);

words! {
    /// A part of the day, as people say it.
    pub enum PartOfDay {
        /// 06:00 to 12:00.
        Morning = "morning",
        /// 12:00 to 18:00.
        Afternoon = "afternoon",
        /// 18:00 to 24:00.
        Evening = "evening",
    }
}

impl PartOfDay {
    fn window(self) -> Span {
        match self {
            PartOfDay::Morning => Span { from: 360, to: 720 },
            PartOfDay::Afternoon => Span { from: 720, to: 1080 },
            PartOfDay::Evening => Span { from: 1080, to: DAY_MINUTES },
        }
    }
}

/// What a search found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchView {
    /// The moment this was true.
    as_of: Instant,
    /// First civil date looked at.
    #[schema(value_type = String, format = Date)]
    date: String,
    /// Last one.
    #[schema(value_type = String, format = Date)]
    to_date: String,
    /// Spaces that were looked through.
    searched: usize,
    /// Spaces that were not, because there are too many for one search: narrow the place or the days.
    left_out: usize,
    /// What fits: the earliest first, then the cheaper, then the snugger room.
    hits: Vec<Hit>,
    /// How much fits; more than `hits` names where those are limited.
    total: usize,
    /// Why other spaces do not, the most frequent reason first.
    misses: Vec<Miss>,
    /// When nothing fits: what fits nearly.
    nearest: Vec<Near>,
    /// What stands in the spaces asked about: codes for `equipment`.
    equipment: Vec<EquipmentThere>,
}

/// Reads `a,b,c`, none twice.
fn commas<'a, T: PartialEq>(most: usize, each: fn(&str) -> Option<T>) -> impl Fn(&Spot<'a>) -> Option<Vec<T>> {
    move |spot| {
        let mut read: Vec<T> = Vec::new();
        for part in spot.value.as_str()?.split(',') {
            let Some(one) = each(part) else {
                let shown: String = part.chars().take(40).collect();
                return spot.fault(
                    "malformed",
                    format!("“{shown}”不对；几个用逗号分开。"),
                    format!("“{shown}” is not one of these; separate several by commas."),
                );
            };
            if !read.contains(&one) {
                read.push(one);
            }
        }
        if read.len() > most {
            return spot.fault("wrong-count", format!("最多 {most} 个。"), format!("At most {most}."));
        }
        Some(read)
    }
}

fn scope(form: &mut Form) -> Option<Scope> {
    let area = form.may("area_id", form::id::<AreaId>);
    let sites = form.may("site_ids", commas(20, |text| text.parse::<SiteId>().ok()));
    let space = form.may("space_id", form::id::<SpaceId>);
    let named: Vec<&str> = ["area_id", "site_ids", "space_id"].into_iter().filter(|name| form.has(name)).collect();
    if let Some(second) = named.get(1) {
        let (zh, en) = ("area_id、site_ids、space_id 只能写一个。", "Only one of area_id, site_ids and space_id.");
        form.fault(second, "too-many", zh, en);
        return None;
    }
    match (area, sites, space) {
        (Some(area), ..) => Some(Scope::Area(area)),
        (_, Some(sites), _) => Some(Scope::Sites(sites)),
        (.., Some(space)) => Some(Scope::Space(space)),
        _ if named.is_empty() => Some(Scope::Everywhere),
        _ => None,
    }
}

fn window(form: &mut Form, minutes: i64) -> Option<Span> {
    let part = form.may("part", form::word::<PartOfDay>);
    let (from, to) = (form.may("from", form::minute), form.may("to", form::minute));
    if form.has("part") && (form.has("from") || form.has("to")) {
        form.fault("part", "too-many", "写了 part 就不用写 from 和 to。", "Either `part`, or `from` and `to`.");
        return None;
    }
    let span = part.map_or(Span { from: from.unwrap_or(0), to: to.unwrap_or(DAY_MINUTES) }, PartOfDay::window);
    if i64::from(span.from) + minutes > i64::from(span.to) {
        let name = if part.is_some() { "minutes" } else { "to" };
        form.fault(name, "out-of-range", "这段时间放不下这么长。", "So much does not fit into that time.");
        return None;
    }
    Some(span)
}

fn read(form: &mut Form, today: Day) -> Option<(Find, usize)> {
    let scope = scope(form);
    let first = form.may("date", form::day).unwrap_or(today);
    let last = form.may("to_date", form::day).unwrap_or(first);
    if last < first || (last - first).get_days() >= MOST_DAYS {
        form.fault("to_date", "out-of-range", "不能早于 date，且一共不超过 31 天。", "Not before `date`, and at most 31 days in all.");
    }
    let weekdays = form.may("weekdays", commas(7, |text| text.parse::<Weekday>().ok())).unwrap_or_default();
    let minutes = form.may("minutes", int(5..=1440)).unwrap_or(60);
    let window = window(form, minutes);
    // As a booking: events of 1,000 and more are not booked here.
    let people = form.may("people", int(1..=999)).unwrap_or(1);
    let use_code = form.may("use", form::word::<Use>);
    let equipment = form.may("equipment", commas(10, |text| is_code(text).then(|| text.to_owned()))).unwrap_or_default();
    let rooms = form.may("rooms", int(1..=5)).unwrap_or(1);
    let cost = form.may("cost", form::word::<Cost>);
    let limit = form.may("limit", int(1..=MOST_HITS)).and_then(|n| usize::try_from(n).ok()).unwrap_or(USUAL_HITS);
    let scope = scope?;
    if rooms > 1 && matches!(scope, Scope::Space(_)) {
        form.fault("rooms", "out-of-range", "只找一个空间时不能要几间。", "One space is one room.");
    }
    let rooms = usize::try_from(rooms).ok()?;
    Some((Find { scope, first, last, weekdays, window: window?, minutes, people, use_code, equipment, rooms, cost }, limit))
}

/// Find a free space, time first
///
/// Over all spaces of an area, of some sites, or of one; for a date or up to 31, inside a part of the day or a window of hours.
/// Every time named was judged by the rules of a booking; what depends on who books, such as a household's quota, is left to the
/// booking. Of one day every start is named, of several days the first of each. When nothing fits, `nearest` names what does
/// at another time, on another day, in another room or at another site. At most 200 sites, 500 spaces, 7,750 space-days.
#[utoipa::path(tag = "bookings", params(
    ("area_id" = Option<AreaId>, Query, description = "Sites managed by this area or one inside it"),
    ("site_ids" = Option<String>, Query, description = "Ids of at most 20 sites, separated by commas"),
    ("space_id" = Option<SpaceId>, Query, description = "This space only"),
    ("date" = Option<String>, Query, description = "Civil date of the site, today unless given"),
    ("to_date" = Option<String>, Query, description = "Last date, at most 31 days in all"),
    ("weekdays" = Option<String>, Query, description = "Only on these days of the week: `sat,sun`"),
    ("part" = Option<PartOfDay>, Query, description = "Part of the day; or `from` and `to`"),
    ("from" = Option<String>, Query, description = "Not before: `13:00`"), ("to" = Option<String>, Query, description = "Over by: `18:00`, `24:00`"),
    ("minutes" = Option<i64>, Query, minimum = 5, maximum = 1440, description = "How long; 60 unless given"),
    ("people" = Option<i64>, Query, minimum = 1, maximum = 999, description = "How many, in each room; 1 unless given"),
    ("use" = Option<Use>, Query, description = "What for; whatever the space is for unless given"),
    ("equipment" = Option<String>, Query, description = "Codes of what has to be there, separated by commas"),
    ("rooms" = Option<i64>, Query, minimum = 1, maximum = 5, description = "How many rooms of one site at the same time"),
    ("cost" = Option<Cost>, Query, description = "Only free of charge, or only what costs something"),
    ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "Most hits; 20 unless given")),
    responses((status = 200, body = SearchView)))]
#[get("/search")]
pub async fn get_search(db: Data<Db>, query: Query) -> Outcome<Json<SearchView>> {
    let (now, until) = (db.clock().now(), Tick::now() + THINKING);
    let (find, limit) = query.read(|form| read(form, Zone::usual().day_of(now)))?;
    let asked = find.clone();
    let search = db.read(move |tx| search::gather(tx, &asked, now, Reach::Asked)).await?;
    // A month of a whole district is worth a thread, and needs no connection.
    let think = move || (search.answer(limit, until), search.searched(), search.left_out(), search.equipment().to_vec());
    let (answer, searched, left_out, equipment) = tokio::task::spawn_blocking(think).await.map_err(Fault::internal)?;
    let answer = answer?;
    let nearest = if answer.hits.is_empty() {
        let asked = find.clone();
        let around = db.read(move |tx| search::gather(tx, &asked, now, Reach::Around)).await?;
        tokio::task::spawn_blocking(move || around.nearest(until)).await.map_err(Fault::internal)??
    } else {
        vec![]
    };
    Ok(Json(SearchView {
        as_of: now,
        date: find.first.to_string(),
        to_date: find.last.to_string(),
        searched,
        left_out,
        hits: answer.hits,
        total: answer.total,
        misses: answer.misses,
        nearest,
        equipment,
    }))
}
