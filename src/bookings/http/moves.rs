//! Moving a booking.

use super::period::read_period;
use super::{RequestView, choose, permitted};
use crate::access::Caller;
use crate::access::deeds::MoveBooking;
use crate::bookings::actions::moves::{self, Moving, Target};
use crate::bookings::actions::whose::Claimant;
use crate::bookings::model::BookingState;
use crate::bookings::queries::Found;
use crate::bookings::{alternatives, queries};
use crate::http::{KeyedBody, Query, Reply, commit_or_rehearse};
use crate::kernel::form;
use crate::kernel::id::{BookingId, SpaceId};
use crate::kernel::{Code, Fen, Instant, Outcome};
use crate::pricing::model::Quote;
use crate::store::Db;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use std::slice;
use utoipa::ToSchema;

/// Where a booking is to go.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"starts_at": "2026-12-09T14:00:00+08:00", "ends_at": "2026-12-09T16:00:00+08:00", "price_fen": 0}))]
pub struct MoveAsk {
    /// Another space; the same one unless given.
    space_id: Option<SpaceId>,
    starts_at: Instant,
    ends_at: Instant,
    /// The price as a dry run showed it; a dry run itself may leave it out.
    price_fen: Fen,
    /// A guardian or carer comes with the children; as it was said before unless given.
    guardian: Option<bool>,
    /// SHA-256 of the usage terms of the space that were read and accepted, where some are in force then.
    #[schema(min_length = 64, max_length = 64)]
    usage_terms_sha256: Option<String>,
}

/// A booking that was moved, or what moving it would bring.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoveView {
    /// The one that was.
    booking_id: BookingId,
    /// The one that takes its place; null in a dry run.
    moved_to: Option<BookingId>,
    /// `requested`: somebody must say yes first, and until then the old one stands.
    state: BookingState,
    space_id: SpaceId,
    starts_at: Instant,
    ends_at: Instant,
    /// What the old one costs.
    price_before_fen: Fen,
    /// What the new one costs: to be sent back to move it.
    price_fen: Fen,
    /// To be paid more; less than nothing: given back.
    difference_fen: i64,
    /// Given back for the old one, as the new one is charged in full.
    refund_fen: Fen,
    /// The new price line by line.
    quote: Quote,
    /// Who must say yes, where a clause wants it.
    request: Option<RequestView>,
}

impl MoveView {
    fn of(moving: Moving, dry: bool) -> Self {
        let Moving { old, made, refund } = moving;
        let new = made.booking;
        Self {
            booking_id: old.id,
            moved_to: (!dry).then_some(new.id),
            state: new.state,
            space_id: new.space,
            starts_at: new.period.start(),
            ends_at: new.period.end(),
            price_before_fen: old.price,
            price_fen: new.price,
            difference_fen: new.price.0.saturating_sub(old.price.0),
            refund_fen: refund,
            quote: new.quote,
            request: RequestView::of(made.approvers, None),
        }
    }
}

/// Move a booking to another time or room
///
/// Everything at once or nothing: the old time is given up only when the new one is had, and does not itself stand in the way.
/// `dry_run=true` tells the new price and does nothing; that price is sent back to move. Another price by then is 409
/// `price-changed`. Where a clause wants somebody to say yes first the new one is requested and the old one stands until then.
/// A refusal is as of a booking, with alternatives; a move onto itself is 422; what has begun or ended is 409.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), request_body = MoveAsk,
    params(("id" = BookingId, Path), ("dry_run" = Option<bool>, Query, description = "Only tell what would happen"),
        ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = MoveView), (status = 200, description = "Dry run", body = MoveView)))]
#[post("/bookings/{id}/move")]
pub async fn post_move(
    db: Data<Db>,
    caller: Caller<MoveBooking>,
    id: Path<BookingId>,
    query: Query,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let dry = query.dry_run()?;
    let (to, shown) = ask.body.read(|form| {
        let space = form.may("space_id", form::id::<SpaceId>);
        let period = read_period(form);
        let shown = if dry { form.may("price_fen", form::fen) } else { form.need("price_fen", form::fen) };
        let guardian = form.may("guardian", form::flag);
        let usage_terms_sha256 = form.may("usage_terms_sha256", form::sha256);
        Some((Target { space, period: period?, guardian, usage_terms_sha256 }, shown))
    })?;
    let (id, account) = (id.into_inner(), caller.account().clone());
    let (about, wanted) = (id.clone(), to.clone());
    let moved = commit_or_rehearse(&db, &account, ask, dry, move |tx, _| {
        let (permit, _) = permitted(tx, &caller, &id)?;
        let moving = moves::relocate(tx, &permit, &id, &to, shown)?;
        let new = moving.made.booking.id.clone();
        let view = MoveView::of(moving, dry);
        Reply::created(format!("/api/v1/bookings/{new}"), None, &view)
    })
    .await;
    match moved {
        Err(mut fault) if matches!(fault.code, Code::PeriodTaken | Code::BookingRefused) => {
            let search = db.read(move |tx| {
                let now = tx.now();
                match queries::find(tx, &about)? {
                    // What is to be moved does not stand in its own way.
                    Some(Found { booking, .. }) => {
                        let ask = moves::ask(tx, &booking, &wanted)?;
                        let claimant = Claimant { instead_of: slice::from_ref(&booking.id), ..Claimant::looking(&booking.holder) };
                        alternatives::gather(tx, &ask, now, &claimant)
                    }
                    None => Ok(None),
                }
            });
            // A refusal stays a refusal when the search for alternatives fails.
            if let Ok(search) = search.await
                && let Ok(found) = choose(search).await
            {
                fault.detail.alternatives = serde_json::to_value(found).ok();
            }
            Err(fault)
        }
        done => done,
    }
}
