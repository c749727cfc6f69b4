//! The outbox on both backends: leases, back-off, parking, each job once.

use crate::harness::{TestDb, db::NOW, number, rows};
use crate::on_both;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde::Serialize;
use shangliang::kernel::time::SetClock;
use shangliang::kernel::{Fault, Outcome};
use shangliang::outbox::runner::{Listener, Undone, lease, step, step_outside};
use shangliang::outbox::{Announcement, Job, Lane, backlog, enqueue, enqueue_at, parked, retry_parked};
use shangliang::store::{Backend, Db, Tx};
use std::time::Duration;

#[derive(Serialize)]
struct Good {
    n: usize,
}

impl Announcement for Good {
    const KIND: &'static str = "test.good";
}

#[derive(Serialize)]
struct Bad;

impl Announcement for Bad {
    const KIND: &'static str = "test.bad";
}

#[derive(Serialize)]
struct Panicking;

impl Announcement for Panicking {
    const KIND: &'static str = "test.panicking";
}

#[derive(Serialize)]
struct Slow;

impl Announcement for Slow {
    const KIND: &'static str = "test.slow";
}

#[derive(Serialize)]
struct Nobodys;

impl Announcement for Nobodys {
    const KIND: &'static str = "test.nobodys";
}

#[derive(Serialize)]
struct Away {
    n: usize,
}

impl Announcement for Away {
    const KIND: &'static str = "test.away";
    const LANE: Lane = Lane::Outside;
}

fn note(tx: &mut Tx, job: &Job) -> Outcome<()> {
    diesel::sql_query(format!("INSERT INTO done (job) VALUES ('{}')", job.id)).execute(&mut **tx)?;
    Ok(())
}

fn fail(tx: &mut Tx, job: &Job) -> Outcome<()> {
    note(tx, job)?;
    Err(Fault::internal("the other side does not answer"))
}

fn burst(_: &mut Tx, _: &Job) -> Outcome<()> {
    panic!("a bug in a listener")
}

fn slowly(tx: &mut Tx, job: &Job) -> Outcome<()> {
    note(tx, job)?;
    std::thread::sleep(Duration::from_millis(400));
    Ok(())
}

fn listeners(kind: &str) -> Option<Listener> {
    match kind {
        "test.good" => Some(note),
        "test.bad" => Some(fail),
        "test.panicking" => Some(burst),
        "test.slow" => Some(slowly),
        _ => None,
    }
}

fn ready(db: &TestDb) -> Db {
    db.sql("CREATE TABLE done (job TEXT NOT NULL)");
    db.open_now()
}

fn leave<A: Announcement + Send + 'static>(db: &Db, about: A) {
    db.write_now(move |tx| enqueue(tx, &about)).unwrap();
}

/// SQLite has one writer: there everybody stands in line at the file.
#[test]
fn nobody_waits_for_a_runner_at_work() {
    let db = TestDb::fresh(Backend::Postgres);
    let (open, mut at_work) = (ready(&db), db.conn());
    for n in 0..2 {
        leave(&open, Good { n });
    }
    at_work.batch_execute("BEGIN; DELETE FROM outbox WHERE id = (SELECT MIN(id) FROM outbox)").unwrap();
    assert!(lease(&mut at_work, "job", "at work", NOW, 0).unwrap());
    let take = || open.write_now(move |tx| lease(tx, "job", "other", NOW, 0)).unwrap();
    assert_eq!((step(&open, listeners, "other").unwrap(), take(), rows(&mut db.conn(), "done")), (1, false, 1));

    at_work.batch_execute("ROLLBACK").unwrap();
    assert_eq!((step(&open, listeners, "other").unwrap(), take(), rows(&mut db.conn(), "done")), (1, true, 2));
}

on_both! {
    fn a_job_is_done_once_and_gone(db: &TestDb) {
        let open = ready(db);
        leave(&open, Good { n: 1 });
        let refused: Outcome<()> = open.write_now(|tx| enqueue(tx, &Good { n: 2 }).and(Err(Fault::internal("the verb failed"))));
        assert!(refused.is_err());
        assert_eq!(step(&open, listeners, "me").unwrap(), 1);
        assert_eq!(step(&open, listeners, "me").unwrap(), 0);
        let left = open.read_now(|tx| backlog(tx, NOW)).unwrap();
        assert_eq!((left.waiting, left.parked, left.oldest_due), (0, 0, None));
        assert_eq!(rows(&mut db.conn(), "done"), 1);
    }

    fn a_job_of_later_waits(db: &TestDb) {
        db.sql("CREATE TABLE done (job TEXT NOT NULL)");
        let clock = SetClock::at(NOW);
        let open = db.open(clock.clone());
        open.write_now(|tx| enqueue_at(tx, &Good { n: 1 }, NOW.plus_minutes(5))).unwrap();
        assert_eq!(step(&open, listeners, "me").unwrap(), 0);
        let left = open.read_now(|tx| backlog(tx, NOW)).unwrap();
        assert_eq!((left.waiting, left.parked, left.oldest_due), (0, 0, Some(NOW.plus_minutes(5))));
        clock.set(NOW.plus_minutes(5));
        assert_eq!(step(&open, listeners, "me").unwrap(), 1);
    }

    fn failures_back_off_and_are_parked_after_ten(db: &TestDb) {
        db.sql("CREATE TABLE done (job TEXT NOT NULL)");
        let clock = SetClock::at(NOW);
        let open = db.open(clock.clone());
        leave(&open, Bad);
        leave(&open, Panicking);
        leave(&open, Nobodys);
        leave(&open, Good { n: 1 });
        let mut now = NOW;
        for tried in 1..=10u32 {
            let taken = step(&open, listeners, "me").unwrap();
            assert_eq!(taken, if tried == 1 { 4 } else { 3 }, "try {tried}");
            assert_eq!(step(&open, listeners, "me").unwrap(), 0, "not at once");
            now = now.plus_seconds(1 << tried);
            clock.set(now.plus_seconds(-1));
            assert_eq!(step(&open, listeners, "me").unwrap(), 0, "not before its pause is over");
            clock.set(now);
        }
        clock.set(now.plus_days(400));
        assert_eq!(step(&open, listeners, "me").unwrap(), 0, "parked");
        let left = open.read_now(|tx| backlog(tx, NOW)).unwrap();
        assert_eq!((left.waiting, left.parked), (0, 3));
        assert_eq!(rows(&mut db.conn(), "done"), 1, "a failing listener leaves nothing, its neighbour is done once");
        for cause in ["the other side does not answer", "a bug in a listener", "no listener"] {
            assert_eq!(rows(&mut db.conn(), &format!("outbox WHERE attempts = 10 AND last_error LIKE '%{cause}%'")), 1, "{cause}");
        }
    }

    fn a_damaged_payload_holds_nobody_up(db: &TestDb) {
        let open = ready(db);
        leave(&open, Bad);
        db.sql("UPDATE outbox SET payload = 'no json'");
        leave(&open, Good { n: 1 });
        assert_eq!(step(&open, listeners, "me").unwrap(), 2);
        assert_eq!(rows(&mut db.conn(), "done"), 1);
        assert_eq!(rows(&mut db.conn(), "outbox WHERE attempts = 1"), 1);
    }

    fn two_runners_do_each_job_once(db: &TestDb) {
        let open = ready(db);
        for n in 0..200 {
            leave(&open, Good { n });
        }
        std::thread::scope(|scope| {
            for runner in ["one", "two"] {
                let open = &open;
                scope.spawn(move || {
                    while open.read_now(|tx| backlog(tx, NOW)).unwrap().waiting > 0 {
                        step(open, listeners, runner).unwrap();
                    }
                });
            }
        });
        assert_eq!(rows(&mut db.conn(), "done"), 200);
        assert_eq!(number(&mut db.conn(), "SELECT COUNT(DISTINCT job) AS n FROM done"), 200);
    }

    fn a_runner_that_outlives_its_lease_does_no_harm(db: &TestDb) {
        db.sql("CREATE TABLE done (job TEXT NOT NULL)");
        let clock = SetClock::at(NOW);
        let open = db.open(clock.clone());
        leave(&open, Slow);
        std::thread::scope(|scope| {
            let slow = scope.spawn(|| step(&open, listeners, "slow").unwrap());
            std::thread::sleep(Duration::from_millis(150));
            clock.set(NOW.plus_seconds(31));
            step(&open, listeners, "other").unwrap();
            assert_eq!(slow.join().unwrap(), 1);
        });
        assert_eq!(rows(&mut db.conn(), "done"), 1);
        assert_eq!(rows(&mut db.conn(), "outbox"), 0);
    }

    fn the_two_lanes_do_not_wait_for_each_other(db: &TestDb) {
        let open = ready(db);
        for n in 0..3 {
            leave(&open, Away { n });
        }
        leave(&open, Good { n: 3 });
        assert_eq!(step(&open, listeners, "me").unwrap(), 1, "what is outside is not its business");
        assert_eq!(rows(&mut db.conn(), "done"), 1);
        // While one works outside, no transaction is open, and the other lane goes on.
        let done = step_outside(&open, "me", |_| {
            leave(&open, Good { n: 4 });
            assert_eq!(step(&open, listeners, "me").unwrap(), 1);
            Ok(())
        });
        assert!(done.unwrap());
        assert_eq!((rows(&mut db.conn(), "done"), open.read_now(|tx| backlog(tx, NOW)).unwrap().waiting), (2, 2));
        while step_outside(&open, "me", |_| Ok(())).unwrap() {}
        assert_eq!(open.read_now(|tx| backlog(tx, NOW)).unwrap().waiting, 0);
    }

    fn work_outside_is_tried_ten_times_or_given_up_at_once(db: &TestDb) {
        let clock = SetClock::at(NOW);
        let open = db.open(clock.clone());
        leave(&open, Away { n: 1 });
        assert!(step_outside(&open, "me", |_| Err(Undone::Never("no such address".into()))).unwrap());
        assert_eq!(rows(&mut db.conn(), "outbox WHERE parked_at IS NOT NULL AND attempts = 1 AND last_error = 'no such address'"), 1);
        leave(&open, Away { n: 2 });
        let mut now = NOW;
        for tried in 0..10u32 {
            let failing = |_: &Job| if tried == 4 { panic!("a bug in the work") } else { Err(Undone::Later("busy".into())) };
            assert!(step_outside(&open, "me", failing).unwrap(), "try {tried}");
            assert!(!step_outside(&open, "me", |_| Ok(())).unwrap(), "not at once");
            now = now.plus_seconds((30i64 << tried).min(3600));
            clock.set(now.plus_seconds(-1));
            assert!(!step_outside(&open, "me", |_| Ok(())).unwrap(), "not before its pause is over");
            clock.set(now);
        }
        clock.set(now.plus_days(400));
        assert!(!step_outside(&open, "me", |_| Ok(())).unwrap(), "parked");
        let left = open.read_now(|tx| backlog(tx, NOW)).unwrap();
        assert_eq!((left.waiting, left.parked), (0, 2));
        // The operator sees what was given up and why, and has it tried again.
        let listed = open.read_now(|tx| parked(tx, 10)).unwrap();
        let causes: Vec<_> = listed.iter().map(|job| (job.attempts, job.last_error.as_deref().unwrap())).collect();
        assert_eq!(causes, [(1, "no such address"), (10, "busy")]);
        assert_eq!(open.write_now(retry_parked).unwrap(), 2);
        assert_eq!(open.read_now(|tx| parked(tx, 10)).unwrap(), []);
        let mut done = 0;
        while step_outside(&open, "me", |job| {
            assert_eq!(job.attempts, 0);
            Ok(())
        })
        .unwrap()
        {
            done += 1;
        }
        assert_eq!(done, 2);
        assert!(now.0 - NOW.0 > 3 * 3600 * 1_000_000, "a mail server may be away for three hours");
    }

    fn two_runners_do_work_outside_once(db: &TestDb) {
        let open = db.open_now();
        for n in 0..60 {
            leave(&open, Away { n });
        }
        let done = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for runner in ["one", "two"] {
                let (open, done) = (&open, &done);
                scope.spawn(move || {
                    while open.read_now(|tx| backlog(tx, NOW)).unwrap().waiting > 0 {
                        let work = |job: &Job| {
                            done.lock().unwrap().push(job.id.clone());
                            Ok(())
                        };
                        step_outside(open, runner, work).unwrap();
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap();
        assert_eq!(done.len(), 60);
        done.sort();
        done.dedup();
        assert_eq!(done.len(), 60);
    }

    fn a_named_lease_has_one_holder(db: &TestDb) {
        let clock = SetClock::at(NOW);
        let open = db.open(clock.clone());
        let take = |holder: &'static str| {
            open.write_now(move |tx| {
                let now = tx.now();
                lease(tx, "job", holder, now, 10)
            })
            .unwrap()
        };
        assert!(take("a") && take("a"));
        assert!(!take("b"));
        clock.set(NOW.plus_seconds(10));
        assert!(take("b"));
        assert!(!take("a"));
    }
}
