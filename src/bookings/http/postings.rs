//! Undoing what was posted about a booking by mistake.

use super::permitted;
use crate::access::Caller;
use crate::access::deeds::ReversePosting;
use crate::bookings::actions;
use crate::http::{KeyedBody, Reply, commit};
use crate::kernel::Outcome;
use crate::kernel::form;
use crate::kernel::id::{BookingId, PostingId};
use crate::store::Db;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a posting is undone.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"reason": "音响没有用。"}))]
pub struct ReversalAsk {
    /// Kept with the reversal.
    #[schema(max_length = 200)]
    reason: String,
}

/// A posting that was undone.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReversalView {
    booking_id: BookingId,
    /// The posting that undoes it.
    posting_id: PostingId,
    reverses_id: PostingId,
}

/// Undo a posting made by mistake
///
/// By the community. Nothing is changed or deleted: the same amount is posted the other way, once, with the reason. Never so that
/// more was given back than charged; and what was given back because the booking ended stays given back.
#[utoipa::path(tag = "ledger", security(("bearer" = [])), request_body = ReversalAsk,
    params(("id" = BookingId, Path), ("posting" = PostingId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = ReversalView)))]
#[post("/bookings/{id}/postings/{posting}/reversal")]
pub async fn post_reversal(
    db: Data<Db>,
    caller: Caller<ReversePosting>,
    path: Path<(BookingId, PostingId)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let reason = ask.body.read(|form| form.need("reason", form::line(200)))?;
    let ((id, posting), account) = (path.into_inner(), caller.account().clone());
    commit(&db, &account, ask, move |tx, _| {
        let (permit, _) = permitted(tx, &caller, &id)?;
        let posting_id = actions::reverse(tx, &permit, &id, &posting, &reason)?;
        let view = ReversalView { booking_id: id.clone(), posting_id, reverses_id: posting.clone() };
        Reply::created(format!("/api/v1/bookings/{id}/postings"), None, &view)
    })
    .await
}
