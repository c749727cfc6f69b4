//! Cancelling one's own booking.

use super::{as_helper, known};
use crate::access::Caller;
use crate::access::deeds::CancelBooking;
use crate::bookings::model::{self, InArea};
use crate::bookings::{actions, cancelling, rules};
use crate::http::{KeyedBody, Reply, commit};
use crate::kernel::form;
use crate::kernel::id::BookingId;
use crate::kernel::{Fen, Outcome};
use crate::store::Db;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use std::slice;
use utoipa::ToSchema;

/// Why a booking is cancelled.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"reason": "膝盖疼"}))]
pub struct CancellationAsk {
    /// In the holder's words.
    #[schema(max_length = 200)]
    reason: Option<String>,
}

/// A booking after its cancellation.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancellationView {
    booking_id: BookingId,
    /// Given back, in fen.
    refund_fen: Fen,
    /// It came so late that it counts towards what the holder may have, as if it had been used.
    counted: bool,
    #[serde(flatten)]
    cancellation: model::Cancellation,
}

/// Cancel one's own booking
///
/// Its time is free at once and its price is given back. Late, it counts as if it had been used: the answer says so. Refused once it has
/// begun.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path), ("Idempotency-Key" = String, Header)),
    request_body = CancellationAsk, responses((status = 201, body = CancellationView)))]
#[post("/bookings/{id}/cancellation")]
pub async fn post_cancellation(db: Data<Db>, caller: Caller<CancelBooking>, id: Path<BookingId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let id = id.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, body| {
        let reason = body.read(|form| Some(form.may("reason", form::line(200))))?;
        let found = known(tx, &id)?;
        let free_until = cancelling::free_until(tx, slice::from_ref(&found.booking))?.pop().flatten();
        let cancelled = match caller.permit(tx, &InArea { booking: &found.booking, area_path: &found.area_path }) {
            Ok(permit) => actions::cancel(tx, &permit, &found, reason)?,
            Err(refused) => {
                let permit = as_helper(tx, &caller, &found.booking, refused)?;
                actions::assisted::cancel(tx, &permit, &found, reason)?
            }
        };
        let counted = rules::cancellation::counts(free_until, cancelled.how.at);
        let view = CancellationView { booking_id: id.clone(), refund_fen: cancelled.refund, counted, cancellation: cancelled.how };
        Reply::created(format!("/api/v1/bookings/{id}"), None, &view)
    })
    .await
}
