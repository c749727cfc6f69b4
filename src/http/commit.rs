//! The one transaction of a write over HTTP: idempotency key, effect and stored reply commit together.
//!
//! Only a 2xx reply is stored (it carries ids, never names or phones). A refusal left nothing and is judged again. The
//! same key in flight waits on the first one's rows (PostgreSQL) or behind the writer (SQLite), then replays.

use super::body::Keyed;
use super::etag;
use crate::kernel::id::AccountId;
use crate::kernel::{Code, Fault, FieldFault, Outcome};
use crate::store::phrases::{self, Answered};
use crate::store::schema::idempotency_keys as keys;
use crate::store::{Db, Lock, Tx};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LOCATION};
use diesel::prelude::*;
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};

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

    /// The same with the tag that its own page has, where that is the tag of the answer itself.
    pub fn tagged(self) -> Self {
        Self { etag: Some(etag::of_answer(&self.body)), ..self }
    }

    /// What it says.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// It was given before.
    pub fn is_replayed(&self) -> bool {
        self.replayed
    }

    /// The same reply with another body.
    pub fn saying(self, body: String) -> Self {
        Self { body, ..self }
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
///
/// The key goes down with the reply, at the end: a first request pays for nothing it does not need. A repeated one finds
/// its first effect in the way (the slot is taken, the key stands there), is rolled back, and only then looks for the
/// stored reply.
pub async fn commit<B, F>(db: &Db, caller: &AccountId, ask: Keyed<B>, work: F) -> Outcome<HttpResponse>
where
    B: Send + Sync + 'static,
    F: FnMut(&mut Tx, &B) -> Outcome<Reply> + Send + 'static,
{
    commit_under(db, Lock::default(), caller, ask, work).await
}

/// The same in a transaction that begins with a lock.
pub async fn commit_under<B, F>(db: &Db, lock: Lock, caller: &AccountId, ask: Keyed<B>, work: F) -> Outcome<HttpResponse>
where
    B: Send + Sync + 'static,
    F: FnMut(&mut Tx, &B) -> Outcome<Reply> + Send + 'static,
{
    Ok(committed(db, lock, caller, ask, work).await?.into_response())
}

/// The same for whoever adds something to the answer that is no part of the effect.
pub async fn committed<B, F>(db: &Db, lock: Lock, caller: &AccountId, ask: Keyed<B>, mut work: F) -> Outcome<Reply>
where
    B: Send + Sync + 'static,
    F: FnMut(&mut Tx, &B) -> Outcome<Reply> + Send + 'static,
{
    let ask = Arc::new(ask);
    let (asked, who) = (ask.clone(), caller.clone());
    let done = db
        .write_under(lock, move |tx| {
            let reply = work(tx, &asked.body)?;
            let answered = Answered {
                account_id: who.as_str(),
                key: &asked.key,
                fingerprint: &asked.fingerprint,
                status: reply.status.into(),
                location: reply.location.as_deref(),
                etag: reply.etag.as_deref(),
                reply: &reply.body,
                created_at: tx.now().0,
            };
            if phrases::put_key(tx, &answered)? { Ok(reply) } else { Err(Fault::from(Code::IdempotencyInFlight).retry_after(1)) }
        })
        .await;
    let refused = match done {
        Ok(reply) => return Ok(reply),
        Err(fault) => fault,
    };
    let caller = caller.clone();
    match db.read(move |tx| stored(tx, &caller, &ask.key, &ask.fingerprint)).await {
        Ok(Some(reply)) => Ok(reply),
        Err(fault) if fault.code == Code::IdempotencyKeyReused => Err(fault),
        // Where nobody can look, it is the refusal that counts.
        Ok(None) | Err(_) => Err(refused),
    }
}

/// Keeps what was added to an answer outside its transaction: whoever asks again with the same key reads the same.
pub async fn restate(db: &Db, caller: &AccountId, key: &str, reply: &Reply) -> Outcome<()> {
    let (account, key, body) = (caller.clone(), key.to_owned(), reply.body.clone());
    db.write(move |tx| {
        diesel::update(keys::table.find((account.as_str(), key.as_str()))).set(keys::reply.eq(&body)).execute(&mut **tx)?;
        Ok(())
    })
    .await
}

/// Does `work` in a transaction that is always undone; gives what it would have brought.
pub async fn rehearse<T, F>(db: &Db, mut work: F) -> Outcome<T>
where
    T: Send + 'static,
    F: FnMut(&mut Tx) -> Outcome<T> + Send + 'static,
{
    let seen: Arc<Mutex<Option<T>>> = Arc::default();
    let fill = seen.clone();
    let undone = db.write(move |tx| {
        // The work may run more than once: only its last run counts.
        let mut slot = fill.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = None;
        *slot = Some(work(tx)?);
        Err::<(), Fault>(Code::StateConflict.into())
    });
    let undone = undone.await;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (seen, undone) {
        (Some(seen), Err(fault)) if fault.code == Code::StateConflict => Ok(seen),
        (_, Err(fault)) => Err(fault),
        (_, Ok(())) => Err(Fault::internal("a rehearsal was kept")),
    }
}

/// As [`commit`]; a dry run does the same in a transaction that is undone, and answers 200 with what would be.
pub async fn commit_or_rehearse<B, F>(db: &Db, caller: &AccountId, ask: Keyed<B>, dry: bool, mut work: F) -> Outcome<HttpResponse>
where
    B: Send + Sync + 'static,
    F: FnMut(&mut Tx, &B) -> Outcome<Reply> + Send + 'static,
{
    if !dry {
        return commit(db, caller, ask, work).await;
    }
    let reply = rehearse(db, move |tx| work(tx, &ask.body)).await?;
    Ok(Reply { status: 200, location: None, ..reply }.into_response())
}

type Stored = (String, i32, Option<String>, Option<String>, String);

/// The reply stored with a key; `None` where the key is not known.
fn stored(tx: &mut Tx, caller: &AccountId, key: &str, asked: &str) -> Outcome<Option<Reply>> {
    let found: Option<Stored> = keys::table
        .find((caller.as_str(), key))
        .select((keys::fingerprint, keys::status, keys::location, keys::etag, keys::reply))
        .first(&mut **tx)
        .optional()?;
    let Some((fingerprint, status, location, etag, body)) = found else { return Ok(None) };
    if fingerprint != asked {
        let (zh, en) = ("换一个新的，或者把原来的请求原样再发。", "Use another, or send the former request as it was.");
        return Err(Fault::about(Code::IdempotencyKeyReused, FieldFault::at("Idempotency-Key", "taken", zh, en)));
    }
    Ok(Some(Reply { status: u16::try_from(status).map_err(Fault::internal)?, location, etag, body, replayed: true }))
}

/// Keys are kept for three days.
const KEY_DAYS: i64 = 3;

/// Keys forgotten in one transaction.
const FORGET_AT_ONCE: i64 = 500;

/// Forgets keys older than three days, some at a time; gives how many. Called until none is left.
pub fn forget_old_keys(tx: &mut Tx) -> Outcome<usize> {
    let before = tx.now().plus_days(-KEY_DAYS);
    let old = keys::table.filter(keys::created_at.lt(before.0)).order(keys::created_at).limit(FORGET_AT_ONCE);
    let old: Vec<i64> = old.select(keys::created_at).load(&mut **tx)?;
    // With those of the same moment as the last of them.
    let Some(last) = old.last() else { return Ok(0) };
    Ok(diesel::delete(keys::table.filter(keys::created_at.le(*last))).execute(&mut **tx)?)
}

/// Forgets the keys of somebody who leaves: a stored reply may hold words they wrote.
pub fn forget_keys_of(tx: &mut Tx, account: &AccountId) -> Outcome<()> {
    diesel::delete(keys::table.filter(keys::account_id.eq(account.as_str()))).execute(&mut **tx)?;
    Ok(())
}
