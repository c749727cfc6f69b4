//! Bookings made by a rule: looked at first, made, seen; changed and cancelled in [`changes`].

mod changes;
mod wire;

pub use changes::*;
pub use wire::*;

use super::permit_for;
use crate::access::Caller;
use crate::access::deeds::{ListOwnBookings, MakeBooking, SeeBooking};
use crate::bookings::actions::series::{self as actions, Planned};
use crate::bookings::actions::whose::Claimant;
use crate::bookings::alternatives::{self, Alternative};
use crate::bookings::model::series::{Fate, LeftOut, MadeSeries, Series, SeriesAsk, SeriesInArea, Slot, SpecialDay};
use crate::bookings::model::{Ask, Beside, Booking, BookingState, Holder};
use crate::bookings::queries::holding::equipment_of;
use crate::bookings::queries::series as queries;
use crate::bookings::{cancelling, rules};
use crate::http::{Body, CursorKey, KeyedBody, Page, Query, Reply, committed, etag, paging, restate};
use crate::kernel::id::{BookingId, SeriesId};
use crate::kernel::time::Day;
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Zone};
use crate::people::model::Power;
use crate::places;
use crate::schedule::rules::day_type;
use crate::schedule::rules::recurrence::expand;
use crate::store::{Db, Lock, Tx};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use std::collections::BTreeMap;

/// Most days of a series that alternatives are looked for.
const MOST_SEARCHED: usize = 60;

/// What would work instead of each of some wishes: read at once, thought about without a connection.
async fn search(db: &Db, asks: Vec<Ask>, holder: Holder) -> Outcome<Vec<Vec<Alternative>>> {
    let search = db.read(move |tx| {
        let now = tx.now();
        alternatives::gather_all(tx, &asks, now, &Claimant::looking(&holder))
    });
    let Some(search) = search.await?.map(alternatives::Search::of_series) else { return Ok(vec![]) };
    tokio::task::spawn_blocking(move || search.choose_each()).await.map_err(Fault::internal)
}

/// See what a series would come to, without booking it
///
/// Every day the rule names: free, taken or refused with what would work instead, holidays and make-up workdays with the day
/// each would move to. The same body as for booking it.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), request_body = SeriesWish, responses((status = 200, body = SeriesPreview)))]
#[post("/series/preview")]
pub async fn post_series_preview(db: Data<Db>, caller: Caller<MakeBooking>, body: Body) -> Outcome<Json<SeriesPreview>> {
    let ask = body.read(read_wish)?;
    let (use_code, attendees, beside) = (ask.use_code, ask.attendees, ask.beside.clone());
    let planned = db.read(move |tx| {
        let permit = permit_for(tx, &caller, ask.organisation.as_ref())?;
        let now = tx.now();
        actions::preview(tx, &permit, &ask, now)
    });
    let planned = planned.await?;
    let view = |slot: &Slot| OccurrenceView { free_until: planned.free_until(slot), ..OccurrenceView::of(slot, &planned.place.site.zone) };
    let mut occurrences: Vec<OccurrenceView> = planned.slots.iter().map(view).collect();
    let Planned { series, slots, .. } = planned;
    let missed = || slots.iter().enumerate().filter(|(_, slot)| matches!(slot.fate, Fate::Refused(_))).take(MOST_SEARCHED);
    let wish = |slot: &Slot| Ask {
        space: slot.space.clone(),
        period: slot.period,
        use_code,
        attendees,
        organisation: None,
        usage_terms_sha256: None,
        beside: beside.clone(),
    };
    let found = search(&db, missed().map(|(_, slot)| wish(slot)).collect(), series.holder.clone()).await?;
    for ((n, _), found) in missed().zip(found) {
        if let Some(day) = occurrences.get_mut(n) {
            day.alternatives = found;
        }
    }
    let (counts, total_fen) = (Counts::of(&occurrences), total(&occurrences));
    Ok(Json(SeriesPreview { rule: series.rule.to_string(), counts, total_fen, occurrences }))
}

fn detail(made: MadeSeries, beside: &Beside, zone: &Zone) -> SeriesDetail {
    let of = |slot: &Slot| {
        let view = OccurrenceView::of(slot, zone);
        let of_day = |(booking, _): &(&Booking, &Option<Instant>)| booking.series.as_ref().is_some_and(|of| of.day == slot.day);
        match made.bookings.iter().zip(&made.free_until).find(of_day) {
            Some((booking, until)) => OccurrenceView { free_until: *until, ..view.with(booking, &beside.equipment, zone) },
            None => view,
        }
    };
    let occurrences: Vec<OccurrenceView> = made.slots.iter().map(of).collect();
    SeriesDetail { counts: Counts::of(&occurrences), total_fen: total(&occurrences), series: made.series.into(), occurrences }
}

/// Book a series
///
/// Every day that can be had is booked, or asked for where a clause wants somebody to say yes first; the others come back as
/// `taken`, `refused` or `left_out`. When nothing can be had, or with `all_or_nothing` anything cannot, 409 `booking-refused`
/// names every reason with its day.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), request_body = SeriesWish,
    params(("Idempotency-Key" = String, Header)), responses((status = 201, body = SeriesDetail)))]
#[post("/series")]
pub async fn post_series(db: Data<Db>, caller: Caller<MakeBooking>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let wish = ask.body.read(read_wish)?;
    let wanted = wish.clone();
    let (account, key) = (caller.account().clone(), ask.key.clone());
    let reply = committed(&db, Lock::default(), &account, ask, move |tx, _| {
        let permit = permit_for(tx, &caller, wish.organisation.as_ref())?;
        let made = actions::make(tx, &permit, &wish)?;
        let zone = zone_of(tx, &made.series)?;
        let (place, tag) = (format!("/api/v1/series/{}", made.series.id), etag::of_revision(made.series.revision));
        Reply::created(place, Some(tag), &detail(made, &wish.beside, &zone))
    });
    let reply = reply.await?;
    if reply.is_replayed() {
        return Ok(reply.into_response());
    }
    // Outside the write, as for a single booking; a booked series stays booked when the search fails.
    let Ok(Some(body)) = alternatives_for(&db, &wanted, reply.body()).await else { return Ok(reply.into_response()) };
    let fuller = reply.clone().saying(body);
    // What is told now is told again; where that cannot be kept, what was kept is told both times.
    Ok(match restate(&db, &account, &key, &fuller).await {
        Ok(()) => fuller.into_response(),
        Err(_) => reply.into_response(),
    })
}

/// The body of a reply with alternatives for its days that were not booked.
async fn alternatives_for(db: &Db, wish: &SeriesAsk, body: &str) -> Outcome<Option<String>> {
    let mut body: serde_json::Value = serde_json::from_str(body).map_err(Fault::internal)?;
    let of = |field: &str| body.get(field).and_then(serde_json::Value::as_str).unwrap_or_default();
    let holder = match (of("household_id").parse(), of("organisation_id").parse()) {
        (Ok(household), _) => Holder::Household(household),
        (_, Ok(organisation)) => Holder::Organisation(organisation),
        _ => return Ok(None),
    };
    let Some(days) = body.get_mut("occurrences").and_then(serde_json::Value::as_array_mut) else { return Ok(None) };
    let was_missed = |day: &serde_json::Value| matches!(day.get("outcome").and_then(serde_json::Value::as_str), Some("taken" | "refused"));
    let mut missed: Vec<&mut serde_json::Value> = days.iter_mut().filter(|day| was_missed(day)).take(MOST_SEARCHED).collect();
    if missed.is_empty() {
        return Ok(None);
    }
    let ask = |day: &serde_json::Value| {
        let word = |field: &str| day.get(field)?.as_str();
        let at = |field: &str| Instant::parse(word(field)?).ok();
        Some(Ask {
            space: word("space_id")?.parse().ok()?,
            period: Period::new(at("starts_at")?, at("ends_at")?)?,
            use_code: wish.use_code,
            attendees: wish.attendees,
            organisation: None,
            usage_terms_sha256: None,
            beside: wish.beside.clone(),
        })
    };
    let Some(asks) = missed.iter().map(|day| ask(day)).collect::<Option<Vec<Ask>>>() else { return Ok(None) };
    for (day, found) in missed.iter_mut().zip(search(db, asks, holder).await?) {
        if let Some(day) = day.as_object_mut() {
            day.insert("alternatives".to_owned(), serde_json::to_value(found).map_err(Fault::internal)?);
        }
    }
    Ok(Some(body.to_string()))
}

fn zone_of(tx: &mut Tx, series: &Series) -> Outcome<Zone> {
    let site = places::queries::site(tx, &series.site)?.ok_or_else(|| Fault::internal("a series' site is gone"))?;
    Ok(site.zone)
}

/// Every day of a series and the booking it has now.
fn days(tx: &mut Tx, series: &Series) -> Outcome<Vec<OccurrenceView>> {
    let zone = zone_of(tx, series)?;
    let bookings = queries::bookings_of(tx, &series.id)?;
    let (now, until) = (tx.now(), cancelling::free_until(tx, &bookings)?);
    let ids: Vec<BookingId> = bookings.iter().map(|booking| booking.id.clone()).collect();
    let mut along: BTreeMap<BookingId, Vec<(String, i64)>> = BTreeMap::new();
    for (id, portable, units) in equipment_of(tx, &ids)? {
        along.entry(id).or_default().push((portable.code, units));
    }
    let named = expand(&series.rule, &zone, series.first, series.minute).unwrap_or_default();
    let mut all: Vec<Day> = named.iter().map(|one| one.day).filter(|day| *day >= series.begins).collect();
    // What moved into another part of the series is shown there.
    let here = bookings.iter().filter(|booking| booking.state != BookingState::Moved);
    all.extend(here.filter_map(|booking| booking.series.as_ref()).map(|of| of.day));
    all.sort_unstable();
    all.dedup();
    let view = |day: Day| {
        let start = zone.at(day, series.minute);
        let excepted = series.exdates.contains(&day);
        let slot = Slot {
            day,
            clock: zone.change_at(day, series.minute),
            special: SpecialDay::of(day),
            provisional: day_type(day).1,
            space: series.space.clone(),
            period: Period::new(start, start.plus_minutes(series.minutes))?,
            moves_to: None,
            fate: if excepted { Fate::LeftOut(LeftOut::Excepted) } else { Fate::Refused(vec![]) },
        };
        // The latest made: what came before it has moved into it.
        let of_day = |(booking, _): &(&Booking, &Option<Instant>)| booking.series.as_ref().is_some_and(|of| of.day == day);
        let booking = bookings.iter().zip(&until).rev().find(of_day);
        let view = OccurrenceView::of(&slot, &zone);
        Some(match booking {
            Some((booking, until)) => OccurrenceView {
                free_until: until.filter(|_| rules::cancel(booking, now).is_ok()),
                ..view.with(booking, along.get(&booking.id).map(Vec::as_slice).unwrap_or_default(), &zone)
            },
            None if excepted => view,
            None => OccurrenceView { outcome: OccurrenceOutcome::NotBooked, ..view },
        })
    };
    Ok(all.into_iter().filter_map(view).collect())
}

/// A series with its days
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = SeriesId, Path)), responses((status = 200, body = SeriesDetail)))]
#[get("/series/{id}")]
pub async fn get_one_series(db: Data<Db>, caller: Caller<SeeBooking>, id: Path<SeriesId>) -> Outcome<HttpResponse> {
    let detail = db.read(move |tx| {
        let found = queries::find(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        caller.permit(tx, &SeriesInArea { series: &found.series, area_path: &found.area_path })?;
        let occurrences = days(tx, &found.series)?;
        let (counts, total_fen) = (Counts::of(&occurrences), total(&occurrences));
        Ok((found.series.revision, SeriesDetail { series: found.series.into(), counts, total_fen, occurrences }))
    });
    let (revision, detail) = detail.await?;
    Ok(HttpResponse::Ok().insert_header(("etag", etag::of_revision(revision))).json(detail))
}

const LIST: &str = "series";

/// One's own series, the latest made first
///
/// Of the caller's household and of the organisations the caller may book for.
#[utoipa::path(tag = "bookings", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<SeriesLine>)))]
#[get("/series")]
pub async fn get_series(
    db: Data<Db>,
    keys: Data<CursorKey>,
    caller: Caller<ListOwnBookings>,
    query: Query,
) -> Outcome<Json<Page<SeriesLine>>> {
    let ask = paging::only_page(&keys, LIST, &query)?;
    let page = db.read(move |tx| {
        let permit = caller.permit_own(tx)?;
        let who = permit.who();
        let organisations = who.acting_for(Power::Book);
        let now = tx.now();
        let page = queries::of_holders(tx, who.household.as_ref(), &organisations, &ask)?;
        let ids: Vec<SeriesId> = page.items.iter().map(|series| series.id.clone()).collect();
        let ahead = queries::ahead(tx, &ids, now)?;
        Ok(page.map(|series| {
            let (count, next) = ahead.iter().find(|(id, ..)| *id == series.id).map_or((0, None), |(_, count, next)| (*count, *next));
            SeriesLine { series: series.into(), ahead: count, next_at: next.map(Instant) }
        }))
    });
    Ok(Json(keys.page(LIST, page.await?)))
}
