//! What must leave the database, and timers. A verb enqueues a job in its own transaction; the runner does it afterwards.
//!
//! Invariants: a job is claimed by lease, not by an open transaction; it may run twice and must not mind; after 10 tries
//! it is parked and stays visible. There are two lanes, so that what waits for another machine keeps nothing else waiting:
//! jobs whose work is in the database, and jobs whose work is outside, done one by one without a transaction.
//! Exports: [`enqueue`], [`Job`], [`Lane`], [`runner`].

pub mod runner;

use crate::kernel::id::{Id, JobId};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::schema::outbox;
use crate::store::{Conn, Tx};
use crate::words;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

/// A job as its listener sees it.
#[derive(Debug, Clone)]
pub struct Job {
    /// Identity; a listener that inserts rows uses it to do so once.
    pub id: JobId,
    /// Which listener.
    pub kind: String,
    /// What the verb left for it.
    pub payload: Value,
    /// Tries before this one.
    pub attempts: i32,
}

words! {
    /// Where a job's work is done.
    pub enum Lane {
        /// In the database: its effects and its end are one commit.
        Inside = "inside",
        /// On another machine, outside any transaction.
        Outside = "outside",
    }
}

/// What a job is about. Implemented by the domain that announces it.
pub trait Announcement: Serialize {
    /// Word that finds the listener.
    const KIND: &'static str;
    /// Where its work is done.
    const LANE: Lane = Lane::Inside;
}

/// Leaves a job in the verb's transaction, due at once.
pub fn enqueue<A: Announcement>(tx: &mut Tx, about: &A) -> Outcome<()> {
    let now = tx.now();
    enqueue_at(tx, about, now)
}

/// Leaves a job due at a moment.
pub fn enqueue_at<A: Announcement>(tx: &mut Tx, about: &A, due: Instant) -> Outcome<()> {
    let row = (
        outbox::id.eq(JobId::fresh()),
        outbox::kind.eq(A::KIND),
        outbox::lane.eq(A::LANE),
        outbox::payload.eq(serde_json::to_string(about).map_err(Fault::internal)?),
        outbox::run_at.eq(due.0),
        outbox::created_at.eq(tx.now().0),
    );
    tx.later(diesel::insert_into(outbox::table).values(row))
}

/// Waiting and parked jobs, for metrics and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Due, or tried in vain and to be tried again; a timer whose moment is to come does not wait.
    pub waiting: i64,
    /// Given up: after 10 tries, or at once when trying again is of no use.
    pub parked: i64,
    /// When the oldest due job became due.
    pub oldest_due: Option<Instant>,
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Parked {
    /// Identity.
    pub id: JobId,
    /// Which listener.
    pub kind: String,
    /// Tries.
    pub attempts: i32,
    /// Why the last one failed.
    pub last_error: Option<String>,
}

/// The jobs that were given up, the oldest first; at most `most`.
pub fn parked(conn: &mut Conn, most: i64) -> Outcome<Vec<Parked>> {
    let columns = (outbox::id, outbox::kind, outbox::attempts, outbox::last_error);
    Ok(outbox::table.filter(outbox::parked_at.is_not_null()).order(outbox::id).limit(most).select(columns).load(conn)?)
}

/// Makes every job that was given up due again, as if it had not been tried; gives how many.
pub fn retry_parked(tx: &mut Tx) -> Outcome<usize> {
    let again = (outbox::parked_at.eq(None::<i64>), outbox::attempts.eq(0), outbox::run_at.eq(tx.now().0));
    Ok(diesel::update(outbox::table.filter(outbox::parked_at.is_not_null())).set(again).execute(&mut **tx)?)
}

/// Counts what is left.
pub fn backlog(conn: &mut Conn, now: Instant) -> Outcome<Backlog> {
    let waiting = outbox::run_at.le(now.0).or(outbox::attempts.gt(0));
    let waiting = outbox::table.filter(outbox::parked_at.is_null().and(waiting)).count().get_result(conn)?;
    let parked = outbox::table.filter(outbox::parked_at.is_not_null()).count().get_result(conn)?;
    let oldest: Option<i64> = outbox::table.filter(outbox::parked_at.is_null()).select(diesel::dsl::min(outbox::run_at)).first(conn)?;
    Ok(Backlog { waiting, parked, oldest_due: oldest.map(Instant) })
}
