//! The store on both backends: claims, keys, writes that fail alone, refusals, migrations, backup.

use crate::harness::ground::Ground;
use crate::harness::together;
use crate::harness::{TestDb, rounds, rows};
use crate::on_both;
use diesel::prelude::*;
use shangliang::kernel::id::SpaceId;
use shangliang::kernel::{Code, Fault, Instant, Outcome, Period};
use shangliang::store::phrases::{self, Answered};
use shangliang::store::{Backend, DatabaseUrl, Db, DbOptions, Followed, Tx, backup, migrate};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

fn period(from: i64, to: i64) -> Period {
    Period::new(Instant(from), Instant(to)).unwrap()
}

fn put_key(tx: &mut Tx, key: &str) -> Outcome<bool> {
    let created_at = tx.now().0;
    let answered =
        Answered { account_id: "account_1", key, fingerprint: "print", status: 201, location: None, etag: None, reply: "{}", created_at };
    phrases::put_key(tx, &answered)
}

fn claim(db: &Db, space: &SpaceId, period: Period, claimant: &str) -> Outcome<bool> {
    let (space, claimant) = (space.clone(), claimant.to_owned());
    db.write_now(move |tx| {
        phrases::lock_space_shared(tx, &space)?;
        let atoms = usize::try_from(rows(tx, &format!("space_atoms WHERE space_id = '{space}'"))).unwrap();
        match phrases::claim(tx, &space, period, &claimant, atoms)? {
            true => Ok(true),
            // As a verb does: the refusal rolls everything back.
            false => Err(Code::PeriodTaken.into()),
        }
    })
    .or_else(|fault| if fault.code == Code::PeriodTaken { Ok(false) } else { Err(fault) })
}

fn exec(tx: &mut Tx, sql: &str) -> Outcome<usize> {
    Ok(diesel::sql_query(sql).execute(&mut **tx)?)
}

fn new_area(code: &str) -> String {
    format!("INSERT INTO areas (id, code, kind, path, name_zh, created_at) VALUES ('{code}', '{code}', 'district', '{code}/', '区', 0)")
}

on_both! {
    fn claims_of_one_atom_never_overlap(db: &TestDb) {
        let (ground, open) = (Ground::lay(db), db.open_now());
        let left = &ground.parts[0];
        assert!(claim(&open, left, period(100, 200), "first").unwrap());
        for (from, to) in [(100, 200), (150, 160), (50, 101), (199, 300), (50, 300), (100, 101)] {
            assert!(!claim(&open, left, period(from, to), "second").unwrap(), "{from}..{to}");
        }
        assert!(claim(&open, left, period(200, 300), "after").unwrap(), "touching periods do not overlap");
        assert!(claim(&open, left, period(50, 100), "before").unwrap(), "touching periods do not overlap");
        assert!(!claim(&open, left, period(0, 1000), "over all").unwrap());
        assert_eq!(rows(&mut db.conn(), "occupancy"), 3);
    }

    fn what_is_remembered_is_good_until_it_changes(db: &TestDb) {
        let (ground, open) = (Ground::lay(db), db.open_now());
        let postgres = open.backend() == Backend::Postgres;
        let (left, other) = (ground.parts[0].to_string(), ground.parts[1].to_string());
        // A second process of PostgreSQL's; another program of an SQLite file's.
        let beside = db.open_now();
        let followed = std::cell::RefCell::new(Followed::default());
        let follow = || beside.follow(&mut followed.borrow_mut()).unwrap();
        follow();
        let changes = beside.changes();
        let told = |space: &str, read_at: u64| {
            let wait = std::time::Instant::now();
            // SQLite's writer looks ten times a second.
            while changes.unchanged(&[space.to_owned()], read_at) && wait.elapsed() < Duration::from_secs(5) {
                follow();
                std::thread::sleep(Duration::from_millis(20));
            }
            !changes.unchanged(&[space.to_owned()], read_at)
        };
        std::thread::sleep(Duration::from_millis(300));
        let (mine, theirs) = (open.changes().moment(), changes.moment());
        let change = |space: &str, fails: bool| {
            let space = space.to_owned();
            open.write_now(move |tx| {
                tx.changed(&space);
                exec(tx, &new_area(if fails { "lost" } else { "kept" }))?;
                if fails { Err(Fault::from(Code::StateConflict)) } else { Ok(()) }
            })
        };
        change(&left, true).unwrap_err();
        follow();
        assert!(changes.unchanged(std::slice::from_ref(&left), theirs), "what was rolled back changed nothing");
        change(&left, false).unwrap();
        open.follow(&mut Followed::default()).unwrap();
        assert!(!open.changes().unchanged(std::slice::from_ref(&left), mine), "whoever wrote knows at once");
        assert!(postgres || open.changes().unchanged(std::slice::from_ref(&other), mine));
        assert!(told(&left, theirs));
        // On PostgreSQL by name; of another program nobody knows what it changed.
        follow();
        assert_eq!(changes.unchanged(std::slice::from_ref(&other), theirs), postgres);
    }

    fn a_whole_and_its_parts_exclude_each_other(db: &TestDb) {
        let (ground, open) = (Ground::lay(db), db.open_now());
        let [left, right] = &ground.parts;
        assert!(claim(&open, right, period(100, 200), "part").unwrap());
        assert!(!claim(&open, &ground.whole, period(150, 250), "whole").unwrap());
        assert!(claim(&open, left, period(150, 250), "other part").unwrap(), "the refused whole left nothing behind");
        assert!(claim(&open, &ground.whole, period(250, 300), "whole").unwrap());
        assert!(!claim(&open, left, period(260, 270), "part").unwrap());
        assert_eq!(rows(&mut db.conn(), "occupancy"), 4);
        // No such space: no claim, rather than a claim of nothing.
        let nowhere = shangliang::kernel::id::Id::fresh();
        assert!(!claim(&open, &nowhere, period(100, 200), "nowhere").unwrap());
    }

    fn soak_one_slot_has_one_winner(db: &TestDb) {
        let (ground, open) = (Ground::lay(db), db.open_now());
        for round in 0..rounds(20) {
            let from = i64::try_from(round).unwrap() * 1000;
            // Whole and parts at once, so that the claims cross.
            let answers = together(16, |n| {
                let space = if n % 2 == 0 { &ground.whole } else { &ground.parts[0] };
                let shift = i64::try_from(n).unwrap();
                claim(&open, space, period(from + shift, from + 500 + shift), &format!("{round}-{n}"))
            });
            let won = answers.into_iter().filter(|answer| *answer.as_ref().unwrap()).count();
            assert_eq!(won, 1, "round {round}");
        }
        assert_eq!(backup::broken_invariants(&mut db.conn()).unwrap().iter().filter(|what| what.contains("overlap")).count(), 0);
    }

    fn occupancy_is_immutable(db: &TestDb) {
        let (ground, open) = (Ground::lay(db), db.open_now());
        assert!(claim(&open, &ground.whole, period(1, 2), "x").unwrap());
        assert!(open.write_now(|tx| exec(tx, "UPDATE occupancy SET ends_at = 3")).is_err());
        assert_eq!(rows(&mut db.conn(), "occupancy WHERE ends_at = 2"), 2);
    }

    fn a_key_is_put_down_once(db: &TestDb) {
        let open = db.open_now();
        let reserve = |key: String| open.write_now(move |tx| put_key(tx, &key));
        assert!(reserve("a".into()).unwrap());
        assert!(!reserve("a".into()).unwrap());
        for round in 0..5 {
            let won = together(8, |_| reserve(format!("r{round}")).unwrap()).into_iter().filter(|won| *won).count();
            assert_eq!(won, 1, "round {round}");
        }
        // Rolled back with its effect, so that a refusal is judged again.
        let refused: Outcome<()> = open.write_now(|tx| {
            assert!(put_key(tx, "b")?);
            Err(Code::BookingRefused.into())
        });
        assert_eq!(refused.unwrap_err().code, Code::BookingRefused);
        assert!(reserve("b".into()).unwrap());
    }

    fn every_answered_write_is_there(db: &TestDb) {
        let open = db.open_now();
        together(64, |thread| {
            for n in 0..5 {
                let code = format!("t{thread}-{n}");
                let row = new_area(&code);
                open.write_now(move |tx| exec(tx, &row)).unwrap();
                // Answered means committed: another connection sees it.
                open.read_now(|tx| {
                    assert_eq!(rows(tx, &format!("areas WHERE code = '{code}'")), 1);
                    Ok(())
                })
                .unwrap();
            }
        });
        assert_eq!(rows(&mut db.conn(), "areas"), 320);
    }

    fn a_failing_write_rolls_back_alone(db: &TestDb) {
        let open = db.open_now();
        let answers = together(32, |n| {
            let row = new_area(&format!("n{n}"));
            open.write_now(move |tx| {
                exec(tx, &row)?;
                match n % 4 {
                    0 => Err(Fault::from(Code::StateConflict)),
                    1 => panic!("a bug in a verb"),
                    2 => exec(tx, "INSERT INTO nowhere VALUES (1)"),
                    _ => Ok(1),
                }
            })
        });
        for (n, answer) in answers.iter().enumerate() {
            let code = answer.as_ref().err().map(|fault| fault.code);
            let expected = match n % 4 {
                0 => Some(Code::StateConflict),
                1 | 2 => Some(Code::Internal),
                _ => None,
            };
            assert_eq!(code, expected, "{n}");
        }
        assert!(answers[1].as_ref().unwrap_err().to_string().contains("a bug in a verb"));
        assert_eq!(rows(&mut db.conn(), "areas"), 8);
        assert_eq!(open.write_now(|tx| exec(tx, &new_area("later"))).unwrap(), 1, "the next write is unharmed");
        let read: Outcome<()> = open.read_now(|_| panic!("a bug in a look"));
        assert_eq!(read.unwrap_err().code, Code::Internal);
        assert!(open.read_now(|tx| tx.ping()).is_ok());
    }

    fn what_is_answered_is_what_is_there(db: &TestDb) {
        // A verb that swallows a database error: PostgreSQL has given the transaction up by then, and its COMMIT would
        // answer well and keep nothing.
        let open = db.open_now();
        let answer = open.write_now(|tx| {
            exec(tx, &new_area("a"))?;
            let _ = exec(tx, &new_area("a"));
            Ok(())
        });
        assert_eq!(rows(&mut db.conn(), "areas"), i64::from(answer.is_ok()), "{answer:?}");
        assert_ne!(answer.err().map(|fault| fault.code), Some(Code::OutcomeUnknown), "it is known: nothing was kept");
        assert!(open.write_now(|tx| exec(tx, &new_area("b"))).is_ok());
    }

    fn late_work_is_dropped_unrun(db: &TestDb) {
        let open = Db::open(&DbOptions { url: db.url.clone(), connections: 1 }, shangliang::kernel::time::SetClock::at(crate::harness::db::NOW)).unwrap();
        let (began, begun) = mpsc::channel();
        let ran = Arc::new(AtomicUsize::new(0));
        std::thread::scope(|scope| {
            let slow = scope.spawn(|| {
                let began = began.clone();
                open.write_now(move |tx| {
                    let _ = began.send(());
                    std::thread::sleep(Duration::from_millis(2400));
                    exec(tx, &new_area("slow"))
                })
            });
            begun.recv().unwrap();
            let seen = ran.clone();
            let late = open.write_now(move |_| {
                seen.fetch_add(1, Ordering::SeqCst);
                Ok(())
            });
            let late = late.unwrap_err();
            assert_eq!((late.code, late.detail.retry_after), (Code::Overloaded, Some(1)));
            assert_eq!(slow.join().unwrap().unwrap(), 1);
        });
        assert_eq!(ran.load(Ordering::SeqCst), 0);
        assert!(open.write_now(|tx| exec(tx, &new_area("next"))).is_ok());
    }

    fn contention_is_retried_not_answered(db: &TestDb) {
        // Two writes that take two rows in opposite order: a deadlock on PostgreSQL, which the loser does not hear of.
        if db.backend == Backend::Postgres {
            db.sql("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = 50', current_database()); END $$");
        }
        let open = db.open_now();
        open.write_now(|tx| exec(tx, &new_area("x")).and(exec(tx, &new_area("y")))).unwrap();
        let write = |n: usize| {
            let (first, second) = if n == 0 { ("x", "y") } else { ("y", "x") };
            open.write_now(move |tx| {
                exec(tx, &format!("UPDATE areas SET people = COALESCE(people, 0) + 1 WHERE id = '{first}'"))?;
                std::thread::sleep(Duration::from_millis(100));
                exec(tx, &format!("UPDATE areas SET people = COALESCE(people, 0) + 1 WHERE id = '{second}'"))
            })
        };
        for answer in together(2, write) {
            assert!(answer.is_ok(), "{answer:?}");
        }
        assert_eq!(rows(&mut db.conn(), "areas WHERE people = 2"), 2);
        assert_eq!(open.retries() > 0, db.backend == Backend::Postgres, "{} retries", open.retries());
    }

    fn refusals_have_one_code_on_both(db: &TestDb) {
        Ground::lay(db);
        let open = db.open_now();
        let refusal = |sql: &'static str| open.write_now(move |tx| exec(tx, sql)).unwrap_err().code;
        let area = "INSERT INTO areas (id, code, kind, path, name_zh, created_at) SELECT 'z', code, kind, path, name_zh, 0 FROM areas";
        assert_eq!(refusal(area), Code::AlreadyExists);
        let site = "INSERT INTO sites SELECT 'z', code, area_id, organisation_id, name_zh, name_en, zone, address_zh, facts, granularity_minutes, \
                    min_minutes, max_minutes, lead_minutes, horizon_days, limits, revision, created_at, no_show_minutes FROM sites";
        assert_eq!(refusal(site), Code::AlreadyExists);
        open.write_now(|tx| {
            exec(tx, "INSERT INTO accounts (id, name, mobile, email, created_at) VALUES ('p', '人', '+8613800000000', 'a@b.cn', 0)")?;
            exec(tx, "INSERT INTO agreements (id, code, area_id, title_zh, created_at) SELECT 'g', 'g', id, '约', 0 FROM areas")?;
            exec(tx, "INSERT INTO agreement_versions (id, agreement_id, version_no, state, clauses, drafted_at) VALUES ('v1', 'g', 1, 'draft', '[]', 0)")?;
            exec(tx, "INSERT INTO version_events (id, version_id, kind, at, detail) VALUES ('e1', 'v1', 'agreed', 0, '{}')")
        })
        .unwrap();
        for (sql, code) in [
            ("INSERT INTO accounts (id, name, mobile, created_at) VALUES ('q', '人', '+8613800000000', 0)", Code::AlreadyExists),
            ("INSERT INTO accounts (id, name, email, created_at) VALUES ('q', '人', 'a@b.cn', 0)", Code::AlreadyExists),
            ("INSERT INTO agreement_versions (id, agreement_id, version_no, state, clauses, drafted_at) VALUES ('v2', 'g', 2, 'draft', '[]', 0)", Code::StateConflict),
            ("INSERT INTO agreement_versions (id, agreement_id, version_no, state, clauses, canonical, sha256, drafted_at) VALUES ('v3', 'g', 1, 'agreed', '[]', '', '', 0)", Code::StateConflict),
            ("INSERT INTO version_events (id, version_id, kind, at, detail) VALUES ('e2', 'v1', 'agreed', 0, '{}')", Code::StateConflict),
            // What no input may cause is a bug of ours.
            ("INSERT INTO floors (id, site_id, code, name_zh, area, created_at) VALUES ('f', 'nowhere', 'x', '层', 1, 0)", Code::Internal),
            ("UPDATE floors SET area = 0", Code::Internal),
            ("UPDATE version_events SET detail = ''", Code::Internal),
            ("DELETE FROM version_events", Code::Internal),
        ] {
            assert_eq!(refusal(sql), code, "{sql}");
        }
        assert_eq!(rows(&mut db.conn(), "version_events"), 1);
    }

    fn a_connection_is_set_up_as_it_should(db: &TestDb) {
        let as_set = match db.backend {
            Backend::Sqlite => "SELECT ((SELECT timeout FROM pragma_busy_timeout) = 5000) + ((SELECT journal_mode FROM pragma_journal_mode) = 'wal') \
                + ((SELECT synchronous FROM pragma_synchronous) = 2) + ((SELECT foreign_keys FROM pragma_foreign_keys) = 1) \
                + ((SELECT trusted_schema FROM pragma_trusted_schema) = 0) + ((SELECT cell_size_check FROM pragma_cell_size_check) = 1) \
                + ((SELECT secure_delete FROM pragma_secure_delete) = 1) + ((SELECT journal_size_limit FROM pragma_journal_size_limit) = 67108864) AS n",
            Backend::Postgres => "SELECT COUNT(*) AS n FROM pg_settings WHERE (name, setting) IN (('statement_timeout', '3000'), ('lock_timeout', '1000'), \
                ('idle_in_transaction_session_timeout', '5000'), ('TimeZone', 'UTC'), ('default_transaction_isolation', 'read committed'), \
                ('client_min_messages', 'warning'), ('plan_cache_mode', 'force_generic_plan'), ('random_page_cost', '1.1'))",
        };
        assert_eq!(crate::harness::number(&mut db.conn(), as_set), 8);
    }

    fn five_at_once_migrate_once(db: &TestDb) {
        let bare = TestDb::bare(db.backend);
        let done = together(5, |_| migrate::run(&bare.url));
        let mut done: Vec<usize> = done.into_iter().map(|done| done.unwrap()).collect();
        done.sort_unstable();
        let all = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite")).unwrap().count();
        assert_eq!(done, [0, 0, 0, 0, all]);
        assert_eq!(migrate::state(&mut bare.conn()).unwrap(), migrate::State::Current);
        assert_eq!(migrate::run(&bare.url).unwrap(), 0);
    }

    fn a_newer_database_is_refused_untouched(db: &TestDb) {
        db.sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('99')");
        assert_eq!(migrate::state(&mut db.conn()).unwrap(), migrate::State::Newer(vec!["99".into()]));
        db.sql("DELETE FROM __diesel_schema_migrations WHERE version = (SELECT MIN(version) FROM __diesel_schema_migrations)");
        let before = rows(&mut db.conn(), "__diesel_schema_migrations");
        let refused = migrate::run(&db.url).unwrap_err().to_string();
        assert!(refused.contains("newer") && refused.contains("99"), "{refused}");
        assert_eq!(rows(&mut db.conn(), "__diesel_schema_migrations"), before, "the migration that is missing was not run");
    }

    fn a_closed_database_answers_so(db: &TestDb) {
        let open = db.open_now();
        open.close();
        open.close();
        let after = open.write_now(|tx| exec(tx, &new_area("late")));
        // Only SQLite has a writer to close; on PostgreSQL whoever comes late opens a connection again.
        assert_eq!(after.err().map(|fault| fault.code), (db.backend == Backend::Sqlite).then_some(Code::Unavailable));
        if db.backend == Backend::Sqlite {
            let DatabaseUrl::Sqlite(path) = &db.url else { panic!("not a file") };
            assert!(!std::fs::metadata(path.with_extension("db-wal")).is_ok_and(|wal| wal.len() > 0), "checkpointed");
        }
    }
}

/// `.cargo/config.toml` says why.
#[test]
fn sqlite_is_compiled_as_decided() {
    let of = |options: &str| format!("(SELECT COUNT(*) FROM pragma_compile_options WHERE compile_options IN ({options}))");
    let wanted = of("'ENABLE_QPSG', 'THREADSAFE=2', 'DEFAULT_MEMSTATUS=0'");
    let unwanted =
        of("'ENABLE_LOAD_EXTENSION', 'ENABLE_STAT4', 'ENABLE_FTS3', 'ENABLE_FTS5', 'ENABLE_RTREE', 'ENABLE_MEMORY_MANAGEMENT', 'SOUNDEX'");
    let both = format!("SELECT 10 * {wanted} + {unwanted} AS n");
    assert_eq!(crate::harness::number(&mut TestDb::fresh(Backend::Sqlite).conn(), &both), 30);
}

#[test]
fn a_writer_beside_the_server_does_not_hold_the_queue_for_ever() {
    use diesel::connection::SimpleConnection;
    let db = TestDb::fresh(Backend::Sqlite);
    let open = db.open_now();
    let mut other = db.conn();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let began = std::time::Instant::now();
    let codes: Vec<Code> = together(6, |n| {
        let row = new_area(&format!("n{n}"));
        open.write_now(move |tx| exec(tx, &row)).unwrap_err().code
    });
    // One waits its busy time; the others are past their deadline by then and are not tried one by one.
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    assert!(codes.iter().all(|code| matches!(code, Code::Unavailable | Code::Overloaded)), "{codes:?}");
    other.batch_execute("ROLLBACK").unwrap();
    assert!(open.write_now(|tx| exec(tx, &new_area("after"))).is_ok());
}

#[test]
fn a_backup_is_a_good_copy_or_none() {
    let db = TestDb::fresh(Backend::Sqlite);
    let (ground, open) = (Ground::lay(&db), db.open_now());
    let copy = db.folder.join("copy.db");
    // Beside a server that writes.
    std::thread::scope(|scope| {
        scope.spawn(|| (0..50).for_each(|n| assert!(claim(&open, &ground.whole, period(n * 10, n * 10 + 10), "c").unwrap())));
        backup::copy(&db.url, &copy).unwrap_or_else(|fault| assert!(fault.to_string().contains("does not stand"), "{fault}"));
    });
    // Claims without bookings break an invariant, and then there is no copy under that name.
    let refused = backup::copy(&db.url, &db.folder.join("other.db")).unwrap_err().to_string();
    assert!(refused.contains("a space is held for a booking that does not stand: 100 rows"), "{refused}");
    assert!(!db.folder.join("other.db").exists());

    db.sql("DELETE FROM occupancy");
    let good = db.folder.join("good.db");
    backup::copy(&db.url, &good).unwrap();
    assert_eq!(backup::faults_of_file(&good).unwrap(), [""; 0]);
    assert!(backup::copy(&db.url, &good).unwrap_err().to_string().contains("never overwrites"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&good).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let left: Vec<_> = std::fs::read_dir(&db.folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("partial")), "{left:?}");
    let mut conn = shangliang::store::Conn::open(&DatabaseUrl::Sqlite(good.clone()), true).unwrap();
    assert_eq!(rows(&mut conn, "spaces"), 3);
    drop(conn);

    let bytes = std::fs::read(&good).unwrap();
    // The b-tree header of every table's page in turn: a damaged byte is found wherever it breaks the structure.
    let damaged = db.folder.join("damaged.db");
    for page in 1..10 {
        let mut broken = bytes.clone();
        broken[page * 4096 + 3] ^= 0xff;
        std::fs::write(&damaged, &broken).unwrap();
        assert_ne!(backup::faults_of_file(&damaged).unwrap(), [""; 0], "page {page}");
        for side in ["db-wal", "db-shm"] {
            let _ = std::fs::remove_file(damaged.with_extension(side));
        }
    }
    std::fs::write(&damaged, &bytes[..bytes.len() / 2]).unwrap();
    assert_ne!(backup::faults_of_file(&damaged).unwrap(), [""; 0], "half a file");
    std::fs::write(&damaged, "this is no database, but it is long enough to look at".repeat(100)).unwrap();
    assert_ne!(backup::faults_of_file(&damaged).unwrap(), [""; 0], "another kind of file");
    assert!(backup::faults_of_file(&db.folder.join("missing.db")).unwrap()[0].contains("there is no file"));
    assert!(!db.folder.join("missing.db").exists(), "looking made no file");
    let bare = TestDb::bare(Backend::Sqlite);
    drop(bare.conn());
    let DatabaseUrl::Sqlite(empty) = &bare.url else { panic!("not a file") };
    assert!(backup::faults_of_file(empty).unwrap()[0].contains("no database of this program"));
    let postgres: DatabaseUrl = "postgres://localhost/x".parse().unwrap();
    assert!(backup::copy(&postgres, &db.folder.join("pg.db")).is_err());
}
