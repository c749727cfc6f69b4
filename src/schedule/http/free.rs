//! What is free, for whoever wants to show it elsewhere: a public feed of an area or a site, cacheable, about rooms and never
//! about people.

use super::super::model::State;
use super::super::queries;
use super::days::Days;
use crate::http::query::int;
use crate::http::{Query, etag};
use crate::kernel::form;
use crate::kernel::id::{AreaId, AtomId, SiteId, SpaceId};
use crate::kernel::time::{Day, show_minute};
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Zone};
use crate::places::model::{Site, Space};
use crate::store::{Conn, Db};
use crate::terms::model::{DayType, TermInForce};
use crate::{areas, places, terms};
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use jiff::ToSpan;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Most sites of a feed, in order of code.
const MOST_SITES: i64 = 200;
/// Most spaces × days of a feed.
const MOST_SPACE_DAYS: usize = 250 * 31;
/// The present moment is taken in these steps, so that a feed stays the same while nothing happens.
const STEP_MINUTES: i64 = 5;

/// A free stretch of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeView {
    /// `08:30`, site time.
    from: String,
    /// `24:00` at the end of the day.
    to: String,
}

/// What is free of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeDayView {
    #[schema(value_type = String, format = Date)]
    date: String,
    day_type: DayType,
    /// In order; empty: nothing.
    free: Vec<FreeView>,
}

/// What is free of a space.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeSpaceView {
    space_id: SpaceId,
    space_zh: String,
    space_en: Option<String>,
    site_id: SiteId,
    site_zh: String,
    site_en: Option<String>,
    /// Time zone of its dates and hours.
    zone: String,
    days: Vec<FreeDayView>,
}

/// What is free of an area or a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeTimesView {
    /// In order of site and code.
    spaces: Vec<FreeSpaceView>,
    /// Spaces left out, because there are too many for so many days.
    left_out: usize,
}

/// Everything a feed is made of.
struct Read {
    now: Instant,
    first: Option<Day>,
    days: i64,
    sites: Vec<Site>,
    spaces: Vec<Space>,
    left_out: usize,
    terms: BTreeMap<SpaceId, Vec<TermInForce>>,
    taken: BTreeMap<AtomId, Vec<Period>>,
}

/// The dates of a feed in a zone.
fn dates(zone: &Zone, first: Option<Day>, days: i64, now: Instant) -> (Day, Day) {
    let first = first.unwrap_or_else(|| zone.day_of(now));
    (first, first.saturating_add((days - 1).days()))
}

fn read(conn: &mut Conn, sites: Vec<Site>, (first, days): (Option<Day>, i64), now: Instant) -> Outcome<Read> {
    let ids: Vec<SiteId> = sites.iter().map(|site| site.id.clone()).collect();
    let mut spaces = places::queries::spaces(conn, &ids)?;
    let found = spaces.len();
    spaces.truncate(MOST_SPACE_DAYS / usize::try_from(days).unwrap_or(1).max(1));
    let left_out = found - spaces.len();
    let step = STEP_MINUTES * 60_000_000;
    let now = Instant(now.0.div_euclid(step) * step + step);
    let all = sites.iter().filter_map(|site| {
        let (first, last) = dates(&site.zone, first, days, now);
        site.zone.days(first, last)
    });
    let (from, to) = (all.clone().map(|days| days.start()).min(), all.map(|days| days.end()).max());
    let (mut terms, mut taken): (BTreeMap<_, Vec<_>>, BTreeMap<_, Vec<_>>) = (BTreeMap::new(), BTreeMap::new());
    if let Some(window) = from.zip(to).and_then(|(from, to)| Period::new(from, to)) {
        let ids: Vec<SpaceId> = spaces.iter().map(|space| space.id.clone()).collect();
        let atoms: BTreeSet<AtomId> = spaces.iter().flat_map(|space| space.atoms.iter().cloned()).collect();
        for (space, term) in terms::queries::of_spaces(conn, &ids, window)? {
            terms.entry(space).or_default().push(term);
        }
        for (atom, period) in queries::occupied_atoms(conn, &Vec::from_iter(atoms), window)? {
            taken.entry(atom).or_default().push(period);
        }
    }
    Ok(Read { now, first, days, sites, spaces, left_out, terms, taken })
}

impl Read {
    fn view(mut self, kept: &Days) -> FreeTimesView {
        let space = |space: Space| {
            let site = self.sites.iter().find(|site| site.id == space.site_id)?;
            let (first, last) = dates(&site.zone, self.first, self.days, self.now);
            let taken: Vec<Period> = space.atoms.iter().filter_map(|atom| self.taken.get(atom)).flatten().copied().collect();
            let terms = self.terms.remove(&space.id).unwrap_or_default();
            let days = kept.of(&space.id, &site.zone, (first, last), terms).availability(&taken, self.now);
            let day = |day: super::super::model::DayAvailability| FreeDayView {
                date: day.date.to_string(),
                day_type: day.day_type,
                free: day
                    .segments
                    .iter()
                    .filter(|segment| segment.state == State::Free)
                    .map(|segment| FreeView { from: show_minute(segment.from), to: show_minute(segment.to) })
                    .collect(),
            };
            Some(FreeSpaceView {
                space_id: space.id,
                space_zh: space.name_zh,
                space_en: space.name_en,
                site_id: site.id.clone(),
                site_zh: site.name_zh.clone(),
                site_en: site.name_en.clone(),
                zone: site.zone.name().to_owned(),
                days: days.into_iter().map(day).collect(),
            })
        };
        FreeTimesView { spaces: self.spaces.into_iter().filter_map(space).collect(), left_out: self.left_out }
    }
}

async fn feed(
    db: &Db,
    kept: Data<Days>,
    request: &HttpRequest,
    query: &Query,
    sites: impl Fn(&mut Conn) -> Outcome<Vec<Site>> + Send + 'static,
) -> Outcome<HttpResponse> {
    let asked = query.read(|form| Some((form.may("date", form::day), form.may("days", int(1..=31)).unwrap_or(7))))?;
    let found = db.read(move |tx| {
        let now = tx.now();
        let sites = sites(tx)?;
        read(tx, sites, asked, now)
    });
    let found = found.await?;
    // A month of a whole district is worth a thread, and needs no connection.
    let think = move || {
        let json = serde_json::to_string(&found.view(&kept))?;
        Ok::<_, serde_json::Error>((etag::of_answer(&json), json))
    };
    let (tag, json) = tokio::task::spawn_blocking(think).await.map_err(Fault::internal)?.map_err(Fault::internal)?;
    let mut response = etag::show_json(request, &tag, json);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    Ok(response)
}

/// What is free in an area
///
/// The free stretches of every space of every site managed by the area or one inside it, for up to 31 days: a public feed with
/// an `ETag`, to be kept for a minute and asked for again with `If-None-Match`. At most 200 sites and 7,750 space-days.
#[utoipa::path(tag = "schedule", params(("id" = AreaId, Path),
    ("date" = Option<String>, Query, description = "First civil date of the site, today unless given"),
    ("days" = Option<i64>, Query, minimum = 1, maximum = 31, description = "7 unless given")),
    responses((status = 200, body = FreeTimesView), (status = 304)))]
#[get("/areas/{id}/free-times")]
pub async fn get_area_free_times(
    db: Data<Db>,
    kept: Data<Days>,
    request: HttpRequest,
    id: Path<AreaId>,
    query: Query,
) -> Outcome<HttpResponse> {
    let sites = move |conn: &mut Conn| {
        let area = areas::queries::find(conn, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        places::queries::sites_below(conn, Some(&area.path), MOST_SITES)
    };
    feed(&db, kept, &request, &query, sites).await
}

/// What is free at a site
///
/// As of an area.
#[utoipa::path(tag = "schedule", params(("id" = SiteId, Path),
    ("date" = Option<String>, Query, description = "First civil date of the site, today unless given"),
    ("days" = Option<i64>, Query, minimum = 1, maximum = 31, description = "7 unless given")),
    responses((status = 200, body = FreeTimesView), (status = 304)))]
#[get("/sites/{id}/free-times")]
pub async fn get_site_free_times(
    db: Data<Db>,
    kept: Data<Days>,
    request: HttpRequest,
    id: Path<SiteId>,
    query: Query,
) -> Outcome<HttpResponse> {
    let sites = move |conn: &mut Conn| Ok(vec![places::queries::site(conn, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?]);
    feed(&db, kept, &request, &query, sites).await
}
