//! Claims due jobs by lease and hands them to their listeners.

use super::{Job, Lane};
use crate::kernel::id::JobId;
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::schema::outbox;
use crate::store::{Conn, Db, Tx, phrases};
use diesel::prelude::*;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How jobs of a lane are taken and tried again.
struct Manner {
    lane: Lane,
    /// Jobs taken at once.
    batch: i64,
    /// A runner that died gives its jobs back after so many seconds.
    lease: i64,
    /// Seconds before the second try; twice that before the third, and so on, at most an hour.
    pause: i64,
}

const INSIDE: Manner = Manner { lane: Lane::Inside, batch: 64, lease: 30, pause: 2 };
/// One at a time, under a lease far longer than any work outside may take. Ten tries last about three hours: another machine may
/// be restarted meanwhile, or want to see us come back.
const OUTSIDE: Manner = Manner { lane: Lane::Outside, batch: 1, lease: 120, pause: 30 };
/// Longest pause, in seconds.
const LONGEST_PAUSE: i64 = 3600;
/// Tries before a job is parked.
const MOST_TRIES: i32 = 10;

/// Does one job inside a transaction; its effects and the job's end are one commit.
pub type Listener = fn(&mut Tx, &Job) -> Outcome<()>;

/// Finds the listener of a kind.
pub type Listeners = fn(&str) -> Option<Listener>;

/// Takes due jobs and does them; gives how many were taken.
pub fn step(db: &Db, listeners: Listeners, holder: &str) -> Outcome<usize> {
    // A look first: an idle service takes no writer.
    if db.read_now(|tx| due(tx, &INSIDE))?.is_empty() {
        return Ok(0);
    }
    let me = holder.to_owned();
    let jobs = db.write_now(move |tx| claim(tx, &INSIDE, &me))?;
    if jobs.is_empty() {
        return Ok(0);
    }
    let all = jobs.clone();
    let together = db.write_now(move |tx| run(tx, listeners, &all));
    if together.is_err() {
        // One of them fails: each alone, so that the others are done.
        for job in jobs.clone() {
            let alone = {
                let job = job.clone();
                db.write_now(move |tx| run(tx, listeners, std::slice::from_ref(&job)))
            };
            if let Err(fault) = alone {
                tracing::warn!(job = %job.id, kind = %job.kind, attempts = job.attempts + 1, cause = %fault, "job failed");
                let cause = fault.to_string();
                db.write_now(move |tx| back_off(tx, &INSIDE, &job, &cause, false))?;
            }
        }
    }
    Ok(jobs.len())
}

/// Why work outside was not done. The cause is stored and logged: it holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// Another time it may be.
    Later(String),
    /// Trying again is of no use: the job is parked at once.
    Never(String),
}

/// Takes the job of the outside that has been due longest and does it, with no transaction open; `false`: none is due.
pub fn step_outside(db: &Db, holder: &str, mut work: impl FnMut(&Job) -> Result<(), Undone>) -> Outcome<bool> {
    if db.read_now(|tx| due(tx, &OUTSIDE))?.is_empty() {
        return Ok(false);
    }
    let me = holder.to_owned();
    let Some(job) = db.write_now(move |tx| claim(tx, &OUTSIDE, &me))?.pop() else { return Ok(false) };
    let done = catch_unwind(AssertUnwindSafe(|| work(&job))).unwrap_or_else(|_| Err(Undone::Later("the work panicked".into())));
    match done {
        Ok(()) => db.write_now(move |tx| end(tx, std::slice::from_ref(&job)).map(|_| ()))?,
        Err(Undone::Later(cause)) => {
            tracing::warn!(job = %job.id, kind = %job.kind, attempts = job.attempts + 1, cause, "job failed");
            db.write_now(move |tx| back_off(tx, &OUTSIDE, &job, &cause, false))?;
        }
        Err(Undone::Never(cause)) => {
            tracing::warn!(job = %job.id, kind = %job.kind, attempts = job.attempts + 1, cause, "job given up");
            db.write_now(move |tx| back_off(tx, &OUTSIDE, &job, &cause, true))?;
        }
    }
    Ok(true)
}

/// Due jobs nobody has leased, the longest due first.
fn due(tx: &mut Tx, manner: &Manner) -> Outcome<Vec<JobId>> {
    let now = tx.now().0;
    let waiting = outbox::lane.eq(manner.lane).and(outbox::parked_at.is_null());
    Ok(outbox::table
        .filter(waiting.and(outbox::run_at.le(now)).and(outbox::leased_until.le(now)))
        .order((outbox::run_at, outbox::id))
        .limit(manner.batch)
        .select(outbox::id)
        .load(&mut **tx)?)
}

fn claim(tx: &mut Tx, manner: &Manner, holder: &str) -> Outcome<Vec<Job>> {
    let now = tx.now().0;
    // A runner may be at work beyond its lease: its jobs are passed over, and nobody waits for it.
    let due = due(tx, manner)?;
    let due = phrases::take_free_jobs(tx, due)?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    // Compare and swap: a row another runner took in between is not ours.
    let free = outbox::table.filter(outbox::id.eq_any(&due).and(outbox::leased_until.le(now)));
    diesel::update(free)
        .set((outbox::leased_by.eq(holder), outbox::leased_until.eq(Instant(now).plus_seconds(manner.lease).0)))
        .execute(&mut **tx)?;
    let rows: Vec<(JobId, String, String, i32)> = outbox::table
        .filter(outbox::id.eq_any(&due).and(outbox::leased_by.eq(holder)).and(outbox::leased_until.gt(now)))
        .order((outbox::run_at, outbox::id))
        .select((outbox::id, outbox::kind, outbox::payload, outbox::attempts))
        .load(&mut **tx)?;
    rows.into_iter()
        .map(|(id, kind, payload, attempts)| {
            // A payload that is no JSON is its listener's failure: it must not keep the others from being claimed.
            let payload = serde_json::from_str(&payload).unwrap_or_default();
            Ok(Job { id, kind, payload, attempts })
        })
        .collect()
}

fn run(tx: &mut Tx, listeners: Listeners, jobs: &[Job]) -> Outcome<()> {
    // First of all, so that a runner that outlived its lease finds them done (or waits for whoever does them).
    let ours = end(tx, jobs)?;
    for job in jobs.iter().filter(|job| ours.contains(&job.id)) {
        let listener = listeners(&job.kind).ok_or_else(|| Fault::internal(format!("no listener for jobs of kind {}", job.kind)))?;
        listener(tx, job)?;
    }
    Ok(())
}

/// Takes jobs that are done out of the outbox; gives those that nobody had done.
fn end(tx: &mut Tx, jobs: &[Job]) -> Outcome<BTreeSet<JobId>> {
    let done = outbox::table.filter(outbox::id.eq_any(jobs.iter().map(|job| &job.id)));
    let ended: Vec<JobId> = diesel::delete(done).returning(outbox::id).get_results(&mut **tx)?;
    Ok(ended.into_iter().collect())
}

fn back_off(tx: &mut Tx, manner: &Manner, job: &Job, cause: &str, give_up: bool) -> Outcome<()> {
    let now = tx.now();
    let attempts = job.attempts + 1;
    let parked_at = (give_up || attempts >= MOST_TRIES).then_some(now.0);
    let pause = manner.pause.checked_shl(job.attempts.unsigned_abs()).unwrap_or(LONGEST_PAUSE).clamp(1, LONGEST_PAUSE);
    let cause: String = cause.chars().take(500).collect();
    diesel::update(outbox::table.find(&job.id))
        .set((
            outbox::attempts.eq(attempts),
            outbox::run_at.eq(now.plus_seconds(pause).0),
            outbox::leased_until.eq(0),
            outbox::parked_at.eq(parked_at),
            outbox::last_error.eq(cause),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes under a name that is there for nothing else: a write that reaches the disk and grows nothing. It waits for whoever else is at
/// it, so where one of them cannot finish nobody is told that it can.
pub fn touch(conn: &mut Conn, name: &str, now: Instant) -> Outcome<()> {
    use crate::store::schema::leases;
    if diesel::update(leases::table.find(name)).set(leases::until_at.eq(now.0)).execute(conn)? == 0 {
        crate::insert_once!(conn, leases::table, (leases::name.eq(name), leases::holder.eq(name), leases::until_at.eq(now.0)))?;
    }
    Ok(())
}

/// Takes or renews a named lease; `false` while another holds it, or is just taking it or at work under it in an open transaction.
pub fn lease(conn: &mut Conn, name: &str, holder: &str, now: Instant, seconds: i64) -> Outcome<bool> {
    use crate::store::schema::leases;
    if !phrases::take_name(conn, name)? {
        return Ok(false);
    }
    let until = now.plus_seconds(seconds).0;
    let mine = leases::table.find(name).filter(leases::holder.eq(holder).or(leases::until_at.le(now.0)));
    if diesel::update(mine).set((leases::holder.eq(holder), leases::until_at.eq(until))).execute(conn)? == 1 {
        return Ok(true);
    }
    crate::insert_once!(conn, leases::table, (leases::name.eq(name), leases::holder.eq(holder), leases::until_at.eq(until)))
}
