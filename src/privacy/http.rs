//! Routes: what the service keeps of the caller, and its end.

use super::model::Export;
use super::{actions, queries};
use crate::access::Caller;
use crate::access::deeds::OwnAccount;
use crate::http::{KeyedBody, Reply, commit};
use crate::kernel::{Instant, Outcome};
use crate::store::Db;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

/// Everything the service keeps of the caller
///
/// Account, household, representations, roles, sessions, bookings, series, places in line, calendars, consents, signatures, positions,
/// appeals, ratings, notices and which mails are not wanted, as one JSON file. What somebody did in office (approvals, closures,
/// replies) belongs to those it was done for, and stands in their records and in the audit.
#[utoipa::path(tag = "people", security(("bearer" = [])), responses((status = 200, body = Export)))]
#[get("/me/export")]
pub async fn get_export(db: Data<Db>, caller: Caller<OwnAccount>) -> Outcome<HttpResponse> {
    let export = db
        .read(move |tx| {
            let permit = caller.permit_own(tx)?;
            let now = tx.now();
            queries::export(tx, permit.account(), now)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_DISPOSITION, "attachment; filename=\"shangliang-my-data.json\"")).json(export))
}

/// After an erasure.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erased {
    erased_at: Instant,
    /// Bookings of the household that were cancelled with it.
    cancelled_bookings: usize,
}

/// Erase the caller
///
/// Name, mobile number, e-mail address and password are gone, every session ends at once, bookings that lie ahead are
/// cancelled, roles and representations are revoked, notices are deleted. What was signed stays valid and names nobody any
/// more. The mobile number may register again as a new person. This cannot be undone: it needs the password fresh (403
/// `step-up-required`). The last platform administrator cannot leave (409).
#[utoipa::path(tag = "people", security(("bearer" = [])), params(("Idempotency-Key" = String, Header)), responses((status = 201, body = Erased)))]
#[post("/me/erasure")]
pub async fn post_erasure(db: Data<Db>, caller: Caller<OwnAccount>, ask: KeyedBody) -> Outcome<HttpResponse> {
    ask.body.read(|_| Some(()))?;
    let account = caller.account().clone();
    let reply = commit(&db, &account, ask, move |tx, _| {
        let permit = caller.permit_own(tx)?;
        let now = tx.now();
        permit.stepped_up(now)?;
        let cancelled_bookings = actions::erase(tx, &permit)?;
        Reply::created("/api/v1/me", None, &Erased { erased_at: now, cancelled_bookings })
    })
    .await?;
    db.write(actions::sweep).await?;
    // What was overwritten in the file may still stand in its log; where somebody reads just now, the next hour empties it.
    if let Err(fault) = db.empty_log().await {
        tracing::warn!(cause = %fault, "the database's log could not be emptied after an erasure");
    }
    Ok(reply)
}
