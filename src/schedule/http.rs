//! Routes. Availability is public and carries no personal data.

use super::model::{DayAvailability, Segment, State};
use super::{queries, rules};
use crate::http::Query;
use crate::kernel::form;
use crate::kernel::id::SpaceId;
use crate::kernel::time::{Day, show_minute};
use crate::kernel::{Code, Fault, Instant, Outcome, Reason, Zone};
use crate::store::Db;
use crate::terms::model::DayType;
use crate::{places, terms, words};
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use jiff::ToSpan;
use serde::Serialize;
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

words! {
    /// What a stretch of a day is.
    pub enum StateWord {
        /// Can be booked as far as time goes.
        Free = "free",
        /// Somebody has it.
        Taken = "taken",
        /// Not open; `reasons` say why.
        Closed = "closed",
    }
}

/// A stretch of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentView {
    /// `08:30`, site time.
    from: String,
    /// `24:00` at the end of the day.
    to: String,
    starts_at: String,
    ends_at: String,
    state: StateWord,
    /// Why it is closed, with the clause.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    reasons: Vec<Reason>,
}

/// A day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayView {
    #[schema(value_type = String, format = Date)]
    date: String,
    day_type: DayType,
    /// Chinese name of the statutory holiday the day belongs to.
    holiday_zh: Option<&'static str>,
    /// The year's notice is not out: the type is a guess by weekday.
    provisional: bool,
    /// From 00:00 to 24:00 without gap.
    segments: Vec<SegmentView>,
}

/// Availability of a space.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvailabilityView {
    space_id: SpaceId,
    zone: String,
    /// The moment this was true.
    as_of: Instant,
    granularity_minutes: i32,
    days: Vec<DayView>,
}

fn segment(segment: Segment, zone: &Zone) -> SegmentView {
    let (state, reasons) = match segment.state {
        State::Free => (StateWord::Free, vec![]),
        State::Taken => (StateWord::Taken, vec![]),
        State::Closed(reasons) => (StateWord::Closed, reasons),
    };
    SegmentView {
        from: show_minute(segment.from),
        to: show_minute(segment.to),
        starts_at: zone.rfc3339(segment.period.start()),
        ends_at: zone.rfc3339(segment.period.end()),
        state,
        reasons,
    }
}

fn day(day: DayAvailability, zone: &Zone) -> DayView {
    DayView {
        date: day.date.to_string(),
        day_type: day.day_type,
        holiday_zh: rules::statutory_day(day.date).map(|statutory| statutory.name_zh),
        provisional: day.provisional,
        segments: day.segments.into_iter().map(|s| segment(s, zone)).collect(),
    }
}

/// Availability of a space by day, week or month
///
/// Every closed hour says why, with its clause. Set-up and clean-up count as taken.
#[utoipa::path(tag = "schedule", params(("id" = SpaceId, Path),
    ("date" = Option<String>, Query, description = "Civil date of the site, today unless given"),
    ("view" = Option<View>, Query, description = "day unless given")),
    responses((status = 200, body = AvailabilityView)))]
#[get("/spaces/{id}/availability")]
pub async fn get_availability(db: Data<Db>, id: Path<SpaceId>, query: Query) -> Outcome<Json<AvailabilityView>> {
    let (date, view) = query.read(|form| Some((form.may("date", form::day), form.may("view", form::word::<View>))))?;
    let seen = db.read(move |tx| {
        let now = tx.now();
        let found = places::queries::located(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let zone = found.site.zone;
        let (first, last) = view.unwrap_or(View::Day).days(date.unwrap_or_else(|| zone.day_of(now)));
        let period = zone.days(first, last).ok_or_else(|| Fault::internal("days without length"))?;
        let terms = terms::queries::of_space(tx, &id, period)?;
        let taken = queries::occupied(tx, &id, period)?;
        let days = rules::availability(&zone, first, last, &terms, &taken, now, &rules::day_type);
        Ok(AvailabilityView {
            space_id: id.clone(),
            zone: zone.name().to_owned(),
            as_of: now,
            granularity_minutes: found.site.rules.granularity_minutes,
            days: days.into_iter().map(|d| day(d, &zone)).collect(),
        })
    });
    Ok(Json(seen.await?))
}
