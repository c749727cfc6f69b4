//! Whoever runs a space cancels one booking in it.

use crate::access::deeds::{CloseSpace, SeeBooking};
use crate::access::{Caller, ask as ask_for};
use crate::bookings::http::known;
use crate::bookings::model::{Cancellation, InArea};
use crate::http::{KeyedBody, Reply, commit};
use crate::impact::actions::closures as actions;
use crate::impact::model::closures::ToClose;
use crate::kernel::id::BookingId;
use crate::kernel::{Fen, Outcome, form};
use crate::places;
use crate::store::Db;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

/// Why whoever runs the space cancels a booking.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"reason": "地板维修"}))]
pub struct ProviderCancellationAsk {
    /// For its holder.
    #[schema(max_length = 200)]
    reason: String,
}

/// A booking after whoever runs its space cancelled it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderCancellationView {
    booking_id: BookingId,
    /// Given back, in fen: everything.
    refund_fen: Fen,
    #[serde(flatten)]
    cancellation: Cancellation,
}

/// Cancel a booking for whoever runs its space
///
/// With a reason its holder reads. Everything is paid back, whatever the hour, and it counts against nobody. Refused once it has
/// begun, and for a request, which is answered instead.
#[utoipa::path(tag = "impact", security(("bearer" = [])), request_body = ProviderCancellationAsk,
    params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = ProviderCancellationView)))]
#[post("/bookings/{id}/provider-cancellation")]
pub async fn post_provider_cancellation(
    db: Data<Db>,
    caller: Caller<CloseSpace>,
    id: Path<BookingId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let reason = ask.body.read(|form| form.need("reason", form::line(200)))?;
    let (id, account) = (id.into_inner(), caller.account().clone());
    commit(&db, &account, ask, move |tx, _| {
        let found = known(tx, &id)?;
        let operator = places::queries::site(tx, &found.booking.site)?.and_then(|site| site.organisation_id);
        let who = caller.standing(tx)?;
        let known = ask_for::<SeeBooking>(who.clone(), &InArea { booking: &found.booking, area_path: &found.area_path }).is_ok();
        let permit = caller.permit_as(who, &ToClose { area_path: found.area_path.clone(), operator, known })?;
        let cancelled = actions::cancel_one(tx, &permit, &found, &reason)?;
        let view = ProviderCancellationView { booking_id: id.clone(), refund_fen: cancelled.refund, cancellation: cancelled.how };
        Reply::created(format!("/api/v1/bookings/{id}"), None, &view)
    })
    .await
}
