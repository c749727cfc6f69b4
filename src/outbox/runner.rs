//! Claims due jobs by lease and hands them to their listeners.

use super::Job;
use crate::kernel::id::JobId;
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::schema::outbox;
use crate::store::{Conn, Db, Tx};
use diesel::prelude::*;

/// Jobs taken at once.
const BATCH: i64 = 64;
/// A runner that died gives its jobs back after this.
const LEASE_SECONDS: i64 = 30;
/// Tries before a job is parked.
const MOST_TRIES: i32 = 10;

/// Does one job inside a transaction; its effects and the job's end are one commit.
pub type Listener = fn(&mut Tx, &Job) -> Outcome<()>;

/// Finds the listener of a kind.
pub type Listeners = fn(&str) -> Option<Listener>;

/// Takes due jobs and does them; gives how many were taken.
pub fn step(db: &Db, listeners: Listeners, holder: &str) -> Outcome<usize> {
    // A look first: an idle service takes no writer.
    if db.read_now(due)?.is_empty() {
        return Ok(0);
    }
    let me = holder.to_owned();
    let jobs = db.write_now(move |tx| claim(tx, &me))?;
    if jobs.is_empty() {
        return Ok(0);
    }
    let all = jobs.clone();
    let together = db.write_now(move |tx| all.iter().try_for_each(|job| run(tx, listeners, job)));
    if together.is_err() {
        // One of them fails: each alone, so that the others are done.
        for job in jobs.clone() {
            let alone = {
                let job = job.clone();
                db.write_now(move |tx| run(tx, listeners, &job))
            };
            if let Err(fault) = alone {
                tracing::warn!(job = %job.id, kind = %job.kind, attempts = job.attempts + 1, cause = %fault, "job failed");
                db.write_now(move |tx| back_off(tx, &job, &fault))?;
            }
        }
    }
    Ok(jobs.len())
}

/// Due jobs nobody has leased, the longest due first.
fn due(tx: &mut Tx) -> Outcome<Vec<JobId>> {
    let now = tx.now().0;
    Ok(outbox::table
        .filter(outbox::parked_at.is_null().and(outbox::run_at.le(now)).and(outbox::leased_until.le(now)))
        .order(outbox::run_at)
        .limit(BATCH)
        .select(outbox::id)
        .load(&mut **tx)?)
}

fn claim(tx: &mut Tx, holder: &str) -> Outcome<Vec<Job>> {
    let now = tx.now().0;
    let due = due(tx)?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    // Compare and swap: a row another runner took in between is not ours.
    let free = outbox::table.filter(outbox::id.eq_any(&due).and(outbox::leased_until.le(now)));
    diesel::update(free)
        .set((outbox::leased_by.eq(holder), outbox::leased_until.eq(Instant(now).plus_seconds(LEASE_SECONDS).0)))
        .execute(&mut **tx)?;
    let rows: Vec<(JobId, String, String, i32)> = outbox::table
        .filter(outbox::id.eq_any(&due).and(outbox::leased_by.eq(holder)).and(outbox::leased_until.gt(now)))
        .order(outbox::run_at)
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

fn run(tx: &mut Tx, listeners: Listeners, job: &Job) -> Outcome<()> {
    let listener = listeners(&job.kind).ok_or_else(|| Fault::internal(format!("no listener for jobs of kind {}", job.kind)))?;
    // First of all, so that a runner that outlived its lease finds the job done (or waits for whoever does it).
    if diesel::delete(outbox::table.find(&job.id)).execute(&mut **tx)? == 0 {
        return Ok(());
    }
    listener(tx, job)
}

fn back_off(tx: &mut Tx, job: &Job, fault: &Fault) -> Outcome<()> {
    let now = tx.now();
    let attempts = job.attempts + 1;
    let parked_at = (attempts >= MOST_TRIES).then_some(now.0);
    // 2, 4, 8 … seconds, at most an hour.
    let pause = 1i64.checked_shl(attempts.unsigned_abs()).unwrap_or(3600).clamp(2, 3600);
    let cause: String = fault.to_string().chars().take(500).collect();
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

/// Takes or renews a named lease; `false` while another holds it.
pub fn lease(conn: &mut Conn, name: &str, holder: &str, now: Instant, seconds: i64) -> Outcome<bool> {
    use crate::store::schema::leases;
    let until = now.plus_seconds(seconds).0;
    let mine = leases::table.find(name).filter(leases::holder.eq(holder).or(leases::until_at.le(now.0)));
    if diesel::update(mine).set((leases::holder.eq(holder), leases::until_at.eq(until))).execute(conn)? == 1 {
        return Ok(true);
    }
    crate::insert_once!(conn, leases::table, (leases::name.eq(name), leases::holder.eq(holder), leases::until_at.eq(until)))
}
