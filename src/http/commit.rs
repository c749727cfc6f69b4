//! The one transaction of a write over HTTP: idempotency key, effect and stored reply commit together.
//!
//! Only a 2xx reply is stored (it carries ids, never names or phones). A refusal left nothing and is judged again. The
//! same key in flight waits on the unique row (PostgreSQL) or behind the writer (SQLite), then replays.

use super::body::Keyed;
use crate::kernel::id::AccountId;
use crate::kernel::{Code, Fault, Outcome};
use crate::store::schema::idempotency_keys as keys;
use crate::store::{Db, Tx, phrases};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LOCATION};
use diesel::prelude::*;
use serde::Serialize;

/// What a write answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    status: u16,
    location: Option<String>,
    etag: Option<String>,
    body: String,
    replayed: bool,
}

impl Reply {
    fn new(status: u16, location: Option<String>, etag: Option<String>, body: &impl Serialize) -> Outcome<Self> {
        Ok(Self { status, location, etag, body: serde_json::to_string(body).map_err(Fault::internal)?, replayed: false })
    }
    /// 201 with where the new thing is.
    pub fn created(location: impl Into<String>, etag: Option<String>, body: &impl Serialize) -> Outcome<Self> {
        Self::new(201, Some(location.into()), etag, body)
    }
    /// 200.
    pub fn ok(etag: Option<String>, body: &impl Serialize) -> Outcome<Self> {
        Self::new(200, None, etag, body)
    }

    /// As a response.
    pub fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((ETAG, etag));
        }
        if self.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        response.content_type("application/json").body(self.body)
    }
}

/// Runs `work` in the only transaction of this request; gives its reply, or the stored one for a repeated key.
pub async fn commit<B, F>(db: &Db, caller: &AccountId, ask: Keyed<B>, mut work: F) -> Outcome<HttpResponse>
where
    B: Send + 'static,
    F: FnMut(&mut Tx, &B) -> Outcome<Reply> + Send + 'static,
{
    let caller = caller.clone();
    let reply = db
        .write(move |tx| {
            let now = tx.now();
            if !phrases::reserve_key(tx, caller.as_str(), &ask.key, &ask.fingerprint, now)? {
                return stored(tx, &caller, &ask.key, &ask.fingerprint);
            }
            let reply = work(tx, &ask.body)?;
            diesel::update(keys::table.find((caller.as_str(), &ask.key)))
                .set((
                    keys::status.eq(i32::from(reply.status)),
                    keys::location.eq(&reply.location),
                    keys::etag.eq(&reply.etag),
                    keys::reply.eq(&reply.body),
                ))
                .execute(&mut **tx)?;
            Ok(reply)
        })
        .await?;
    Ok(reply.into_response())
}

type Stored = (String, Option<i32>, Option<String>, Option<String>, Option<String>);

fn stored(tx: &mut Tx, caller: &AccountId, key: &str, asked: &str) -> Outcome<Reply> {
    let (fingerprint, status, location, etag, body): Stored = keys::table
        .find((caller.as_str(), key))
        .select((keys::fingerprint, keys::status, keys::location, keys::etag, keys::reply))
        .first(&mut **tx)
        .optional()?
        // The first request was rolled back while we waited: nothing is stored, the caller tries again.
        .ok_or_else(|| Fault::from(Code::IdempotencyInFlight).retry_after(1))?;
    if fingerprint != asked {
        return Err(Code::IdempotencyKeyReused.into());
    }
    match (status.and_then(|s| u16::try_from(s).ok()), body) {
        (Some(status), Some(body)) => Ok(Reply { status, location, etag, body, replayed: true }),
        _ => Err(Fault::from(Code::IdempotencyInFlight).retry_after(1)),
    }
}

/// Keys are kept for three days.
const KEY_DAYS: i64 = 3;

/// Forgets keys older than three days; gives how many.
pub fn forget_old_keys(tx: &mut Tx) -> Outcome<usize> {
    let before = tx.now().plus_days(-KEY_DAYS);
    Ok(diesel::delete(keys::table.filter(keys::created_at.lt(before.0))).execute(&mut **tx)?)
}
