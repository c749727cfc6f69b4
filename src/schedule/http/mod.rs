//! Routes. Availability is public and carries no personal data; answers are remembered ([`crate::http::remembered`]), and so are
//! the [`days`] they show. [`free`]: the feed of what is free.

pub mod days;
mod free;

pub use days::{DayView, SegmentView, StateWord};
pub use free::*;

use super::queries;
use crate::http::{Query, Remembered, Worked};
use crate::kernel::form;
use crate::kernel::id::{AtomId, SiteId, SpaceId};
use crate::kernel::time::Day;
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Zone};
use crate::places::model::Space;
use crate::store::{Conn, Db};
use crate::terms::model::TermInForce;
use crate::{places, terms, words};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use days::Days;
use jiff::ToSpan;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use utoipa::ToSchema;

words! {
    /// How much of a calendar.
    pub enum View {
        /// The date.
        Day = "day",
        /// Monday to Sunday around the date.
        Week = "week",
        /// The calendar month of the date.
        Month = "month",
    }
}

impl View {
    fn days(self, date: Day) -> (Day, Day) {
        match self {
            View::Day => (date, date),
            View::Week => {
                let monday = date.saturating_sub(i64::from(date.weekday().to_monday_zero_offset()).days());
                (monday, monday.saturating_add(6.days()))
            }
            View::Month => (date.first_of_month(), date.last_of_month()),
        }
    }
}

/// Availability of a space.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvailabilityView {
    space_id: SpaceId,
    zone: String,
    /// The moment this was true.
    as_of: Instant,
    granularity_minutes: i32,
    #[schema(value_type = Vec<DayView>)]
    days: Vec<Arc<RawValue>>,
}

/// One space of a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpaceDaysView {
    space_id: SpaceId,
    #[schema(value_type = Vec<DayView>)]
    days: Vec<Arc<RawValue>>,
}

/// Availability of every space of a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteAvailabilityView {
    site_id: SiteId,
    zone: String,
    /// The moment this was true.
    as_of: Instant,
    granularity_minutes: i32,
    /// In order of code.
    spaces: Vec<SpaceDaysView>,
}

/// The days asked for: a date, today unless given, and how much around it.
#[derive(Debug, Clone, Copy)]
struct DaysAsked {
    date: Option<Day>,
    view: View,
}

impl DaysAsked {
    fn read(query: &Query) -> Outcome<Self> {
        query.read(|form| Some(Self { date: form.may("date", form::day), view: form.may("view", form::word).unwrap_or(View::Day) }))
    }

    fn days(&self, zone: &Zone, now: Instant) -> Outcome<(Day, Day, Period)> {
        let (first, last) = self.view.days(self.date.unwrap_or_else(|| zone.day_of(now)));
        // A date its place went without (30 December 2011 in Samoa) has no length and nothing in it: the next is read with it.
        let with_next = || zone.days(first, last.tomorrow().ok()?);
        let period = zone.days(first, last).or_else(with_next).ok_or_else(|| Fault::internal("days without length"))?;
        Ok((first, last, period))
    }

    /// Until when an answer of now is good, if nothing changes: what has passed today grows by the minute.
    fn good_until(&self, period: Period, now: Instant) -> Instant {
        match () {
            () if self.date.is_none() || (period.start() <= now && now < period.end()) => {
                Instant(now.0 - now.0.rem_euclid(60_000_000)).plus_minutes(1)
            }
            () if now < period.start() => period.start(),
            () => Instant::LATEST,
        }
    }
}

/// Everything a change of which changes what is said of these spaces: they, their parts, and what shares a part with them.
fn names<'s>(conn: &mut Conn, spaces: impl IntoIterator<Item = &'s Space>) -> Outcome<Vec<String>> {
    let mut atoms: BTreeSet<AtomId> = BTreeSet::new();
    for space in spaces {
        atoms.extend(space.atoms.iter().cloned());
    }
    let sharing = places::queries::made_of(conn, &Vec::from_iter(atoms.clone()))?;
    Ok(atoms.iter().map(ToString::to_string).chain(sharing.iter().map(ToString::to_string)).collect())
}

/// Availability of a space by day, week or month
///
/// Every closed hour says why, with its clause. Set-up and clean-up count as taken. An answer may be up to a minute old in what
/// has passed of today, and on PostgreSQL usually a tenth of a second, at most a second, in what others booked; `Cache-Control: no-cache`
/// asks anew.
#[utoipa::path(tag = "schedule", params(("id" = SpaceId, Path),
    ("date" = Option<String>, Query, description = "Civil date of the site, today unless given"),
    ("view" = Option<View>, Query, description = "day unless given")),
    responses((status = 200, body = AvailabilityView)))]
#[get("/spaces/{id}/availability")]
pub async fn get_availability(
    db: Data<Db>,
    remembered: Data<Remembered>,
    kept: Data<Days>,
    request: HttpRequest,
    id: Path<SpaceId>,
    query: Query,
) -> Outcome<HttpResponse> {
    let asked = DaysAsked::read(&query)?;
    let read_at = db.changes().moment();
    let read = db.read(move |tx| {
        let now = tx.now();
        let found = places::queries::located(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let (first, last, period) = asked.days(&found.site.zone, now)?;
        let terms = terms::queries::of_space(tx, &id, period)?;
        let taken = queries::occupied(tx, &id, period)?;
        let names = names(tx, [&found.space])?;
        // The days of one space are thought out sooner than handed to another thread.
        let answer = AvailabilityView {
            days: kept.of(&id, &found.site.zone, (first, last), terms).show(&taken, now)?,
            space_id: found.space.id,
            zone: found.site.zone.name().to_owned(),
            as_of: now,
            granularity_minutes: found.site.rules.granularity_minutes,
        };
        Worked::out(&answer, names, (now, asked.good_until(period, now)))
    });
    let worked = read.await?;
    Ok(remembered.keep(&request, read_at, worked))
}

/// Availability of every space of a site by day, week or month
///
/// The same days as of each space alone, in one answer: five queries, however many spaces.
#[utoipa::path(tag = "schedule", params(("id" = SiteId, Path),
    ("date" = Option<String>, Query, description = "Civil date of the site, today unless given"),
    ("view" = Option<View>, Query, description = "day unless given")),
    responses((status = 200, body = SiteAvailabilityView)))]
#[get("/sites/{id}/availability")]
pub async fn get_site_availability(
    db: Data<Db>,
    remembered: Data<Remembered>,
    kept: Data<Days>,
    request: HttpRequest,
    id: Path<SiteId>,
    query: Query,
) -> Outcome<HttpResponse> {
    let asked = DaysAsked::read(&query)?;
    let read_at = db.changes().moment();
    let read = db.read(move |tx| {
        let now = tx.now();
        let site = places::queries::site(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let days = asked.days(&site.zone, now)?;
        let spaces = places::queries::spaces(tx, std::slice::from_ref(&site.id))?;
        let ids: Vec<SpaceId> = spaces.iter().map(|space| space.id.clone()).collect();
        let atoms: BTreeSet<AtomId> = spaces.iter().flat_map(|space| space.atoms.iter().cloned()).collect();
        let terms = terms::queries::of_spaces(tx, &ids, days.2)?;
        let taken = queries::occupied_atoms(tx, &Vec::from_iter(atoms), days.2)?;
        let names = names(tx, &spaces)?;
        Ok((now, site, days, spaces, terms, taken, names))
    });
    let (now, site, (first, last, period), spaces, terms, taken, names) = read.await?;
    // A month of a whole site is worth a thread, and needs no connection.
    let think = move || {
        let mut of: BTreeMap<SpaceId, Vec<TermInForce>> = BTreeMap::new();
        for (space, term) in terms {
            of.entry(space).or_default().push(term);
        }
        let of_space = |space: Space| {
            let terms = of.remove(&space.id).unwrap_or_default();
            // Whoever has a space of several parts has each of them: once, as it is read of the space alone.
            let taken: BTreeSet<_> = taken.iter().filter(|(atom, _)| space.atoms.contains(atom)).map(|(_, period)| *period).collect();
            let taken = Vec::from_iter(taken);
            let days = kept.of(&space.id, &site.zone, (first, last), terms).show(&taken, now)?;
            Ok(SpaceDaysView { space_id: space.id, days })
        };
        let answer = SiteAvailabilityView {
            spaces: spaces.into_iter().map(of_space).collect::<Outcome<_>>()?,
            site_id: site.id.clone(),
            zone: site.zone.name().to_owned(),
            as_of: now,
            granularity_minutes: site.rules.granularity_minutes,
        };
        Worked::out(&answer, names, (now, asked.good_until(period, now)))
    };
    let worked = tokio::task::spawn_blocking(think).await.map_err(Fault::internal)??;
    Ok(remembered.keep(&request, read_at, worked))
}
