//! Changing and cancelling occurrences.

use super::super::beside::{Along, EquipmentAsk};
use super::{PeriodView, SeriesView, zone_of};
use crate::access::Caller;
use crate::access::deeds::{CancelBooking, MakeBooking};
use crate::bookings::actions::series::changes::{self, Cancelled, Changes, NewShape, Which};
use crate::bookings::model::BookingState;
use crate::bookings::model::series::{SeriesInArea, SeriesScope};
use crate::bookings::queries::series as queries;
use crate::http::{KeyedBody, Query, Reply, commit, commit_or_rehearse};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{BookingId, SeriesId, SpaceId};
use crate::kernel::time::{DAY_MINUTES, Day};
use crate::kernel::{Code, Fault, Fen, Outcome, Reason};
use crate::store::Db;
use crate::terms::model::Use;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

/// How much of a series is cancelled.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"scope": "following", "date": "2026-12-16"}))]
pub struct SeriesCancellationAsk {
    /// `one`, `following` or `all` that have not begun.
    scope: SeriesScope,
    /// The day of the one, or of the first.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<Day>,
    /// In the holder's words.
    #[schema(max_length = 200)]
    reason: Option<String>,
}

fn read_which(form: &mut Form) -> Option<Which> {
    let scope = form.need("scope", form::word::<SeriesScope>);
    let day = form.may("date", form::day);
    if scope.is_some_and(|scope| scope != SeriesScope::All) && !form.has("date") {
        form.fault("date", "missing", "请写明是哪一天。", "Which day?");
    }
    Some(Which { scope: scope?, day })
}

/// Occurrences after their cancellation.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesCancellationView {
    series_id: SeriesId,
    /// The bookings that are cancelled.
    bookings: Vec<BookingId>,
    /// Given back, in fen.
    refund_fen: Fen,
    /// Those of them that came so late that they count towards what the holder may have, as if they had been used.
    counted: Vec<BookingId>,
    /// Bookings that can no longer be cancelled, each with the reason.
    kept: Vec<KeptView>,
}

/// A booking that stays.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptView {
    booking_id: BookingId,
    reason: Reason,
}

/// Cancel one occurrence, one and all after it, or all of a series
///
/// What has begun stays. The time is free at once and the price is given back.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = SeriesId, Path), ("Idempotency-Key" = String, Header)),
    request_body = SeriesCancellationAsk, responses((status = 201, body = SeriesCancellationView)))]
#[post("/series/{id}/cancellation")]
pub async fn post_series_cancellation(
    db: Data<Db>,
    caller: Caller<CancelBooking>,
    id: Path<SeriesId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        let (which, reason) = body.read(|form| {
            let (which, reason) = (read_which(form), form.may("reason", form::line(200)));
            Some((which?, reason))
        })?;
        let found = queries::find(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let permit = caller.permit(tx, &SeriesInArea { series: &found.series, area_path: &found.area_path })?;
        let Cancelled { bookings, refund, counted, kept } = changes::cancel(tx, &permit, &found, which, reason)?;
        let kept = kept.into_iter().map(|(booking_id, reason)| KeptView { booking_id, reason }).collect();
        let view = SeriesCancellationView { series_id: id.clone(), bookings, refund_fen: refund, counted, kept };
        Reply::created(format!("/api/v1/series/{id}"), None, &view)
    })
    .await
}

/// What is to be different.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"scope": "all", "attendees": 8}))]
pub struct SeriesChangeAsk {
    /// `one`, `following` or `all` that have not begun.
    scope: SeriesScope,
    /// The day of the one, or of the first.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<Day>,
    /// Another room of the site.
    space_id: Option<SpaceId>,
    /// Another hour: `14:30`, site time.
    from: Option<String>,
    /// Another length.
    #[schema(minimum = 1, maximum = 1440)]
    minutes: Option<i64>,
    #[schema(rename = "use")]
    use_code: Option<Use>,
    #[schema(minimum = 1, maximum = 999)]
    attendees: Option<i64>,
    /// Another number of people under 18 among them.
    #[schema(minimum = 0, maximum = 999)]
    minors: Option<i64>,
    /// Other full years of the youngest of them.
    #[schema(minimum = 0, maximum = 17)]
    youngest: Option<i64>,
    /// A guardian or carer comes with them.
    guardian: Option<bool>,
    /// Other portable equipment of the site; an empty list takes none along any more.
    #[schema(max_items = 20)]
    equipment: Option<Vec<EquipmentAsk>>,
    /// SHA-256 of the usage terms of the space that were read and accepted, where some are in force.
    usage_terms_sha256: Option<String>,
    /// All that are meant, or none.
    all_or_nothing: Option<bool>,
}

fn read_change(form: &mut Form) -> Option<(Which, NewShape)> {
    let which = read_which(form);
    let attendees = form.may("attendees", form::int(1..=999));
    let Along { minors, youngest, guardian, equipment } = Along::read(form, attendees);
    let shape = NewShape {
        space: form.may("space_id", form::id),
        minute: form.may("from", form::minute),
        minutes: form.may("minutes", form::int(1..=1440)),
        use_code: form.may("use", form::word),
        attendees,
        minors,
        youngest,
        guardian,
        equipment,
        usage_terms_sha256: form.may("usage_terms_sha256", form::sha256),
        all_or_nothing: form.may("all_or_nothing", form::flag).unwrap_or(false),
    };
    if shape.minute == Some(DAY_MINUTES) {
        form.fault("from", "out-of-range", "最晚 23:59。", "23:59 at the latest.");
    }
    Some((which?, shape))
}

/// An occurrence after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedView {
    #[schema(value_type = String, format = Date)]
    date: String,
    /// It changed; otherwise it stays as it was.
    changed: bool,
    /// The booking it now is.
    booking_id: BookingId,
    /// The booking it was.
    before: Option<BookingId>,
    state: BookingState,
    space_id: SpaceId,
    starts_at: String,
    ends_at: String,
    price_fen: Fen,
    /// Why it could not change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    reasons: Vec<Reason>,
}

/// A series after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesChangeView {
    /// The series that goes on: after a split the later part.
    series: SeriesView,
    occurrences: Vec<ChangedView>,
    /// What all of them cost now.
    total_fen: Fen,
}

/// Change one occurrence, one and all after it, or all of a series
///
/// Another time of day, length, room, use or number of people. Each occurrence is judged and charged anew; one that cannot be
/// had so stays as it is, and says why. `following` splits the series: the answer names the one that goes on.
/// `dry_run=true` does nothing and shows what would be, prices too.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = SeriesId, Path), ("dry_run" = Option<bool>, Query),
    ("Idempotency-Key" = String, Header)), request_body = SeriesChangeAsk,
    responses((status = 201, body = SeriesChangeView), (status = 200, body = SeriesChangeView, description = "A dry run")))]
#[post("/series/{id}/changes")]
pub async fn post_series_changes(
    db: Data<Db>,
    caller: Caller<MakeBooking>,
    id: Path<SeriesId>,
    query: Query,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let dry = query.dry_run()?;
    let account = caller.account().clone();
    commit_or_rehearse(&db, &account, ask, dry, move |tx, body| {
        let (which, shape) = body.read(read_change)?;
        let found = queries::find(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let permit = caller.permit(tx, &SeriesInArea { series: &found.series, area_path: &found.area_path })?;
        let Changes { series, occurrences } = changes::change(tx, &permit, &found, which, &shape)?;
        let zone = zone_of(tx, &series)?;
        let place = format!("/api/v1/series/{}", series.id);
        let occurrences: Vec<ChangedView> = occurrences
            .into_iter()
            .map(|one| {
                let at = PeriodView::of(one.booking.period, &zone);
                ChangedView {
                    date: one.day.to_string(),
                    changed: one.before.is_some(),
                    booking_id: one.booking.id,
                    before: one.before,
                    state: one.booking.state,
                    space_id: one.booking.space,
                    starts_at: at.starts_at,
                    ends_at: at.ends_at,
                    price_fen: one.booking.price,
                    reasons: one.refused.map(|(_, reasons)| reasons).unwrap_or_default(),
                }
            })
            .collect();
        let total_fen = Fen(occurrences.iter().map(|one| one.price_fen.0).sum());
        Reply::created(place, None, &SeriesChangeView { series: series.into(), occurrences, total_fen })
    })
    .await
}
