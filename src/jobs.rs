//! The work beside requests: which listener does which job, and the loops that run them.
//!
//! One thread does all that is done in the database: outbox, audit linker, the day's anchors after midnight, and once an hour
//! what may be forgotten and whether the ledger holds. Another carries the mail, so that a slow mail server keeps nothing else
//! waiting. A third hears on PostgreSQL what other processes changed. With several processes each has such threads; leases keep them apart.

use crate::config::mail::MailConfig;
use crate::http::metrics::Metrics;
use crate::kernel::{Fen, Outcome, Zone};
use crate::notify::post::Post;
use crate::outbox::runner::{self, Listener, Undone, lease};
use crate::store::{self, Db, Followed, Tx};
use crate::{agreements, audit, bookings, http, impact, ledger, notify, outbox, people, places, privacy};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Tick};

/// Pause when there was nothing to do.
const PAUSE: Duration = Duration::from_millis(200);
/// Between two looks for days that have ended.
const MINUTE: Duration = Duration::from_secs(60);
/// Anchors written in one transaction.
const ANCHORS: usize = 200;
/// Between two rounds of forgetting.
const HOUR: Duration = Duration::from_secs(3600);

/// The listener of a kind of job.
pub fn listener(kind: &str) -> Option<Listener> {
    let agreements = || agreements::actions::lifecycle::listener(kind).or_else(|| agreements::actions::windows::listener(kind));
    let bookings = || impact::actions::listener(kind).or_else(|| bookings::actions::requests::listener(kind));
    let waiting = || bookings::actions::waiting::listener(kind);
    notify::actions::listener(kind).or_else(bookings).or_else(agreements).or_else(waiting)
}

/// Does what is due now; gives how much there was.
pub fn round(db: &Db, holder: &str) -> Outcome<usize> {
    Ok(runner::step(db, listener, holder)? + conclude(db)? + audit::link(db, holder)?)
}

/// Bookings looked at in one round.
const CONCLUDED: i64 = 100;

/// Writes down what bookings became by themselves: completed, or released because nobody came. Each alone, so that one that
/// cannot be concluded keeps no other.
fn conclude(db: &Db) -> Outcome<usize> {
    let due = db.read_now(|tx| {
        let now = tx.now();
        let mut due = bookings::queries::attendance::due(tx, now, CONCLUDED)?;
        // What its holder was asked ends first: after a standstill both may be due, and silence cancels with a refund.
        let asked = impact::queries::open_about(tx, &due)?;
        due.retain(|id| !asked.iter().any(|matter| matter.booking == *id));
        Ok(due)
    })?;
    let mut done = 0;
    for booking in due {
        let id = booking.clone();
        match db.write_now(move |tx| bookings::actions::attendance::conclude(tx, &id)) {
            Ok(()) => done += 1,
            Err(fault) => tracing::warn!(%booking, cause = %fault, "a booking was not concluded"),
        }
    }
    Ok(done)
}

/// Does everything that is due in the database.
pub fn settle(db: &Db, holder: &str) -> Outcome<()> {
    while round(db, holder)? > 0 {}
    Ok(())
}

/// Publishes the heads of the chains whose day has ended; gives how many. Safe to run again and beside others.
pub fn anchor(db: &Db, holder: &str) -> Outcome<usize> {
    // A look first: most of the day there is nothing to do, and no writer is taken.
    let missing = db.read_now(|tx| {
        let zones = places::queries::zones(tx)?;
        audit::anchors::missing(tx, |chain| zones.get(chain).cloned().unwrap_or_else(Zone::usual))
    })?;
    let mut written = 0;
    for some in missing.chunks(ANCHORS) {
        let (some, me) = (some.to_vec(), holder.to_owned());
        written += db.write_now(move |tx| {
            let now = tx.now();
            if lease(tx, "audit-anchors", &me, now, 10)? { audit::anchors::write(tx, &some) } else { Ok(0) }
        })?;
    }
    Ok(written)
}

/// Where mail goes: the post office, and what links in letters begin with.
pub struct Mail {
    post: Post,
    public_url: String,
}

impl Mail {
    /// By the configuration; connects to nobody yet.
    pub fn new(config: &MailConfig) -> Outcome<Mail> {
        Ok(Mail { post: Post::new(config)?, public_url: config.public_url.clone() })
    }

    fn carry(&mut self, db: &Db, job: &outbox::Job) -> Result<(), Undone> {
        let letter = db.read_now(|tx| notify::actions::letter(tx, job, &self.public_url));
        match letter.map_err(|fault| Undone::Later(fault.to_string()))? {
            Some(letter) => self.post.deliver(&letter),
            None => Ok(()),
        }
    }
}

/// Sends the mail that has been due longest; `false`: none is due. Without a mail server the notice in the inbox is all.
pub fn mail_round(db: &Db, mail: &mut Option<Mail>, holder: &str) -> Outcome<bool> {
    runner::step_outside(db, holder, |job| mail.as_mut().map_or(Ok(()), |mail| mail.carry(db, job)))
}

fn mail_loop(db: &Db, mut mail: Option<Mail>, holder: &str, stopped: &AtomicBool) {
    if mail.is_none() {
        tracing::info!("no mail server is configured: notices stay in the inbox");
    }
    while !stopped.load(Ordering::SeqCst) {
        // A database that does not answer is the other thread's to complain about.
        if mail_round(db, &mut mail, holder).unwrap_or(false) {
            continue;
        }
        if let Some(mail) = &mut mail {
            mail.post.rest();
        }
        std::thread::sleep(PAUSE);
    }
}

/// Between two looks at what other processes changed.
const FOLLOW: Duration = Duration::from_millis(100);

/// Hears what other processes changed, for those who remember what they read.
fn follow_loop(db: &Db, stopped: &AtomicBool) {
    let mut followed = Followed::default();
    while !stopped.load(Ordering::SeqCst) {
        // A database that does not answer is the other thread's to complain about.
        if db.follow(&mut followed).is_err() {
            std::thread::sleep(PAUSE);
        }
        std::thread::sleep(FOLLOW);
    }
}

/// Some at a time until none is left, so that nobody waits for the writer behind a year of them; gives how many.
fn bit_by_bit(db: &Db, some: fn(&mut Tx) -> Outcome<usize>) -> Outcome<usize> {
    let mut all = 0;
    loop {
        match db.write_now(some)? {
            0 => return Ok(all),
            some => all += some,
        }
    }
}

/// A step of forgetting, by its name in the log; gives how much there was.
type Forgetting = (&'static str, fn(&Db) -> Outcome<usize>);

const FORGETTING: [Forgetting; 6] = [
    ("idempotency keys", |db| bit_by_bit(db, http::commit::forget_old_keys)),
    ("changes every process has heard", |db| db.write_now(store::forget_changes).map(|()| 0)),
    ("sessions", |db| db.write_now(people::actions::forget_ended_sessions)),
    ("notices", |db| bit_by_bit(db, notify::actions::forget_old)),
    ("those who left", |db| db.write_now(privacy::actions::sweep)),
    // What was deleted is to be gone from the log too.
    ("the log", |db| db.empty_log_now().map(usize::from)),
];

/// Forgets what has ended (idempotency keys, sessions, old notices), and clears up behind those who left. Each step by itself: one that
/// fails is told in the log and keeps no other; gives the first fault.
pub fn forget(db: &Db) -> Outcome<()> {
    let mut first = Ok(());
    for (what, step) in FORGETTING {
        match step(db) {
            Ok(0) => {}
            Ok(n) => tracing::info!(what, n, "forgotten what has ended"),
            Err(fault) => {
                tracing::warn!(what, cause = %fault, "what has ended was not forgotten");
                first = first.and(Err(fault));
            }
        }
    }
    first
}

/// Bookings of one look into the ledger.
const AUDITED_AT_ONCE: i64 = 2000;

/// Looks through the whole ledger, some bookings at a time: no statement takes longer the more there are. Gives what was given back
/// beyond what was charged.
pub fn overdrawn(db: &Db) -> Outcome<Fen> {
    let (mut all, mut after) = (Fen::ZERO, None);
    loop {
        let (over, last) = db.read_now(|tx| ledger::queries::overdrawn(tx, after.as_ref(), AUDITED_AT_ONCE))?;
        all = Fen(all.0.saturating_add(over.0));
        if last.is_none() {
            return Ok(all);
        }
        after = last;
    }
}

fn audit_ledger(db: &Db, metrics: &Metrics) {
    match overdrawn(db) {
        Ok(over) => {
            metrics.ledger_imbalance.set(over.0);
            if over != Fen::ZERO {
                tracing::error!(fen = over.0, "more was given back than was charged");
            }
        }
        Err(fault) => tracing::error!(cause = %fault, "nobody looked through the ledger"),
    }
}

fn observe(db: &Db, metrics: &Metrics) -> Outcome<()> {
    let now = db.clock().now();
    let backlog = db.read_now(move |tx| outbox::backlog(tx, now))?;
    let age = backlog.oldest_due.map_or(0, |due| (now.0 - due.0).max(0) / 1_000_000);
    metrics.outbox_waiting.set(backlog.waiting);
    metrics.outbox_parked.set(backlog.parked);
    metrics.outbox_oldest_seconds.set(age);
    Ok(())
}

/// The threads that do the work beside requests.
pub struct Jobs {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// Starts the threads.
    pub fn start(db: Db, metrics: Metrics, mail: Option<Mail>) -> std::io::Result<Jobs> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let holder = uuid::Uuid::now_v7().to_string();
        let (mail_db, mail_stopped, mail_holder) = (db.clone(), stop.clone(), holder.clone());
        let mailing =
            std::thread::Builder::new().name("mail".into()).spawn(move || mail_loop(&mail_db, mail, &mail_holder, &mail_stopped))?;
        let (follow_db, follow_stopped) = (db.clone(), stop.clone());
        let following = std::thread::Builder::new().name("follow".into()).spawn(move || follow_loop(&follow_db, &follow_stopped))?;
        let thread = std::thread::Builder::new().name("jobs".into()).spawn(move || {
            let mut forgot: Option<Tick> = None;
            let mut anchored: Option<Tick> = None;
            let mut observed = Tick::now();
            let mut pause = PAUSE;
            while !stopped.load(Ordering::SeqCst) {
                let done = round(&db, &holder);
                pause = match &done {
                    Ok(0) => PAUSE,
                    Ok(_) => Duration::ZERO,
                    // The database does not answer: ask again less and less often, say so once.
                    Err(fault) => {
                        if pause <= PAUSE {
                            tracing::warn!(cause = %fault, "work beside requests stands still");
                        }
                        (pause * 2).clamp(PAUSE * 2, Duration::from_secs(5))
                    }
                };
                if anchored.is_none_or(|at| at.elapsed() > MINUTE) && done.is_ok() {
                    anchored = Some(Tick::now());
                    if let Err(fault) = anchor(&db, &holder) {
                        tracing::warn!(cause = %fault, "could not publish the heads of the audit chains");
                    }
                }
                if forgot.is_none_or(|at| at.elapsed() > HOUR) && done.is_ok() {
                    forgot = Some(Tick::now());
                    // What fails has said so.
                    let _ = forget(&db);
                    audit_ledger(&db, &metrics);
                }
                if observed.elapsed() > Duration::from_secs(1) && observe(&db, &metrics).is_ok() {
                    observed = Tick::now();
                }
                std::thread::sleep(pause);
            }
            // Leave nothing recorded but unlinked, if the database still answers.
            if let Err(fault) = settle(&db, &holder) {
                tracing::warn!(cause = %fault, "work beside requests was left for the next start");
            }
        })?;
        Ok(Jobs { stop, threads: vec![mailing, following, thread] })
    }

    /// Finishes what is due in the database and the letter under way, and ends the threads; other mail waits for the next start.
    pub fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads {
            // A thread that panicked has nothing left to finish; leases free its work.
            let _ = thread.join();
        }
    }
}
