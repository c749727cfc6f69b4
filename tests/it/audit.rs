//! The audit chain on both backends: recorded with the effect, linked once, verified, tampering named.

use crate::harness::db::NOW;
use crate::harness::{TestApp, TestDb, Town, rows, together};
use crate::on_both;
use serde_json::{Value, json};
use shangliang::audit::verify::Flaw;
use shangliang::audit::{Entry, Verdict, link, record, verify};
use shangliang::demo::client::{Answer, Client};
use shangliang::jobs;
use shangliang::kernel::time::SetClock;
use shangliang::kernel::{Code, Fault, Outcome};
use shangliang::store::{Backend, Db};

fn say(db: &Db, chain: &'static str, n: i64) {
    db.write_now(move |tx| {
        record(tx, &Entry { chain, actor: None, action: "test.said", subject: "subject", detail: json!({"n": n, "zh": "商量"}) })
    })
    .unwrap();
}

fn link_all(db: &Db, holder: &str) -> usize {
    let mut linked = 0;
    while let n @ 1.. = link(db, holder).unwrap() {
        linked += n;
    }
    linked
}

fn verdict(db: &TestDb) -> Verdict {
    verify(&mut db.conn()).unwrap()
}

/// Tampering needs the trigger away first, as a thief with the database's password would do.
fn tamper(db: &TestDb, statement: &str) {
    db.sql(match db.backend {
        Backend::Postgres => "DROP TRIGGER audit_chain_append_only ON audit_chain",
        Backend::Sqlite => "DROP TRIGGER audit_chain_append_only_update; DROP TRIGGER audit_chain_append_only_delete",
    });
    db.sql(statement);
}

/// Chain, number and flaw of everything broken.
fn named(found: &Verdict) -> Vec<(&str, i64, Flaw)> {
    found.broken.iter().map(|broken| (broken.chain.as_str(), broken.seq, broken.flaw)).collect()
}

/// A day later, with ten entries and their published head behind it.
fn ten_and_anchored(db: &TestDb) -> (Db, std::sync::Arc<SetClock>) {
    ten(db);
    let clock = SetClock::at(NOW.plus_days(1));
    let open = db.open(clock.clone());
    assert_eq!(jobs::anchor(&open, "me").unwrap(), 2, "a head for each chain");
    (open, clock)
}

fn ten(db: &TestDb) {
    let open = db.open_now();
    for n in 1..=10 {
        say(&open, "a", n);
    }
    say(&open, "b", 1);
    assert_eq!(link_all(&open, "me"), 11);
    assert_eq!(verdict(db), Verdict { chains: 2, entries: 11, ..Verdict::default() });
}

on_both! {
    fn a_thousand_concurrent_entries_verify(db: &TestDb) {
        let open = db.open_now();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let open = &open;
                scope.spawn(move || (0..125).for_each(|n| say(open, if n % 2 == 0 { "even" } else { "odd" }, thread * 1000 + n)));
            }
            for linker in ["one", "two"] {
                let open = &open;
                // Beside the writers; whoever has no lease links nothing, and nobody fails.
                scope.spawn(move || (0..20).for_each(|_| {
                    link(open, linker).unwrap();
                }));
            }
        });
        // One of the two holds the lease still.
        let rest = link_all(&open, "one") + link_all(&open, "two");
        let found = verdict(db);
        assert_eq!((found.chains, found.entries, found.unlinked, found.broken), (2, 1000, 0, vec![]), "{rest} at the end");
    }

    fn an_entry_lives_and_dies_with_its_effect(db: &TestDb) {
        let open = db.open_now();
        let refused: Outcome<()> = open.write_now(|tx| {
            record(tx, &Entry { chain: "a", actor: None, action: "test.said", subject: "x", detail: json!({}) })?;
            Err(Fault::from(Code::StateConflict))
        });
        assert!(refused.is_err());
        assert_eq!(link(&open, "me").unwrap(), 0);
        say(&open, "a", 1);
        assert_eq!(verdict(db).unlinked, 1);
        assert_eq!(link(&open, "me").unwrap(), 1);
        assert_eq!(verdict(db), Verdict { chains: 1, entries: 1, ..Verdict::default() });
    }

    fn the_chain_denies_change(db: &TestDb) {
        ten(db);
        let open = db.open_now();
        for sql in ["UPDATE audit_chain SET action = 'x'", "DELETE FROM audit_chain", "UPDATE audit_chain SET seq = seq + 100"] {
            let denied = open.write_now(move |tx| {
                use diesel::connection::SimpleConnection;
                tx.batch_execute(sql).map_err(Fault::from)
            });
            let denied = denied.unwrap_err();
            assert!(denied.code == Code::Internal && denied.to_string().contains("audit_chain_append_only"), "{denied}");
        }
        assert_eq!(rows(&mut db.conn(), "audit_chain"), 11);
    }

    fn an_altered_row_is_named(db: &TestDb) {
        ten(db);
        tamper(db, "UPDATE audit_chain SET detail = '{\"n\":99}' WHERE chain = 'a' AND seq = 4");
        let found = verdict(db);
        assert_eq!(named(&found), [("a", 4, Flaw::Altered)]);
        assert!(found.broken[0].to_string().starts_with("a #4 entry_"), "{found:?}");
        assert_eq!(found.entries, 4, "three before it, and the other chain");
    }

    fn a_deleted_row_is_named(db: &TestDb) {
        ten(db);
        tamper(db, "DELETE FROM audit_chain WHERE chain = 'a' AND seq = 4");
        let found = verdict(db);
        assert_eq!(named(&found), [("a", 5, Flaw::MissingBefore)]);
        assert!(found.broken[0].en().contains("entry 4 is missing"), "{found:?}");
    }

    fn swapped_rows_are_named(db: &TestDb) {
        ten(db);
        tamper(
            db,
            "UPDATE audit_chain SET seq = 100 WHERE chain = 'a' AND seq = 4;
             UPDATE audit_chain SET seq = 4 WHERE chain = 'a' AND seq = 7;
             UPDATE audit_chain SET seq = 7 WHERE chain = 'a' AND seq = 100",
        );
        assert_eq!(named(&verdict(db)), [("a", 4, Flaw::DoesNotFollow)]);
    }

    fn a_rehashed_row_breaks_its_successor(db: &TestDb) {
        ten(db);
        // Even with a hash that fits, the next entry does not follow.
        tamper(db, "UPDATE audit_chain SET hash = 'f00d' WHERE chain = 'a' AND seq = 4");
        assert_eq!(named(&verdict(db)), [("a", 4, Flaw::Altered)]);
        db.sql("UPDATE audit_chain SET prev_hash = 'f00d' WHERE chain = 'a' AND seq = 5");
        assert_eq!(named(&verdict(db)), [("a", 4, Flaw::Altered)]);
    }

    fn a_head_is_published_once_a_day(db: &TestDb) {
        let (open, clock) = ten_and_anchored(db);
        // Tried again and by many at once: there is one head a chain and day.
        let tried: usize = together(4, |n| jobs::anchor(&open, &format!("holder {n}")).unwrap()).into_iter().sum();
        assert_eq!((tried, rows(&mut db.conn(), "audit_anchors")), (0, 2));
        let head = "audit_anchors a JOIN audit_chain c ON c.chain = a.chain AND c.seq = a.seq AND c.hash = a.hash WHERE a.day = '2026-11-28'";
        assert_eq!(rows(&mut db.conn(), head), 2);
        assert_eq!(verdict(db), Verdict { chains: 2, entries: 11, anchors: 2, ..Verdict::default() });
        // 24:00 in Shanghai is 16:00 in Greenwich: a minute before it the day has not ended.
        let midnight = shangliang::kernel::Instant::parse("2026-11-29T16:00:00Z").unwrap();
        clock.set(midnight.plus_minutes(-1));
        say(&open, "a", 11);
        link_all(&open, "me");
        assert_eq!(jobs::anchor(&open, "me").unwrap(), 0);
        clock.set(midnight);
        // Recorded in the new day, so it is not in the head of the old one.
        say(&open, "a", 12);
        link_all(&open, "me");
        let published = together(4, |n| jobs::anchor(&open, &format!("holder {n}"))).into_iter().filter_map(Result::ok).sum::<usize>();
        assert_eq!(published, 2);
        assert_eq!(rows(&mut db.conn(), "audit_anchors WHERE day = '2026-11-29' AND chain = 'a' AND seq = 11"), 1);
        assert_eq!(rows(&mut db.conn(), "audit_anchors WHERE day = '2026-11-29' AND chain = 'b' AND seq = 1"), 1, "nothing happened there");
        assert_eq!(verdict(db), Verdict { chains: 2, entries: 13, anchors: 4, ..Verdict::default() });
        // What is published is not taken back.
        use diesel::connection::SimpleConnection;
        for statement in ["UPDATE audit_anchors SET seq = 1", "DELETE FROM audit_anchors"] {
            let denied = db.conn().batch_execute(statement).unwrap_err().to_string();
            assert!(denied.contains("audit_anchors_append_only"), "{denied}");
        }
    }

    fn the_command_verifies_either_database(db: &TestDb) {
        drop(ten_and_anchored(db));
        let verify = || db.command(&["verify"]);
        let (code, said) = verify();
        assert!(code == Some(0) && said.contains("11 entries in 2 chains agree, 2 published heads"), "{said}");
        tamper(db, "DELETE FROM audit_chain WHERE chain = 'a' AND seq > 7");
        let (code, said) = verify();
        assert!(code == Some(1) && said.contains("audit chain a #10 (gone)") && !said.contains("is good"), "{said}");
    }

    fn a_cut_tail_is_named_by_its_anchor(db: &TestDb) {
        drop(ten_and_anchored(db));
        tamper(db, "DELETE FROM audit_chain WHERE chain = 'a' AND seq > 7");
        let found = verdict(db);
        assert_eq!(named(&found), [("a", 10, Flaw::CutOff)]);
        assert!(found.broken[0].zh().contains("2026年11月28日") && found.broken[0].en().contains("28 Nov 2026"), "{found:?}");
        db.sql("DELETE FROM audit_chain WHERE chain = 'b'");
        assert_eq!(named(&verdict(db)), [("a", 10, Flaw::CutOff), ("b", 1, Flaw::CutOff)], "a whole chain too");
    }

    fn a_tail_written_anew_is_named_by_its_anchor(db: &TestDb) {
        let (open, _) = ten_and_anchored(db);
        // A thief who knows the program: the last three are dropped and others linked in their place, every hash fits.
        tamper(db, "DELETE FROM audit_chain WHERE chain = 'a' AND seq > 7");
        for n in 101..=105 {
            say(&open, "a", n);
        }
        link_all(&open, "me");
        let found = verdict(db);
        assert_eq!(named(&found), [("a", 10, Flaw::Rewritten)]);
        assert_eq!(found.broken[0].day.unwrap().to_string(), "2026-11-28");
    }
}

fn of_area(client: &Client, what: &str, area: &str, more: &str) -> Answer {
    client.get(&format!("/api/v1/audit/{what}?area_id={area}{more}")).unwrap()
}

/// Those in charge read and verify over HTTP; everybody sees the heads; nobody's name or number is in any of it.
fn watched(backend: Backend) {
    let clock = SetClock::at(NOW);
    let app = TestApp::serve(TestDb::fresh(backend), clock.clone());
    let mut town = Town::build(&app);
    let booking = town.book(&town.person("yuxin-p-res-2"), 2, 600);
    app.link();
    let (garden, shiyou, district) = (town.area("yuxin-garden"), town.area("shiyou-courtyard"), town.area("haidian"));
    let auditor = town.person("yuxin-p-auditor");

    let whole = of_area(&auditor, "verification", &district, "").expect(200, "verification").unwrap().body;
    assert_eq!((&whole["good"], &whole["reach"], &whole["broken"]), (&json!(true), &json!("area"), &json!([])));
    let mine = of_area(&town.person("yuxin-p-desk"), "verification", &garden, "").expect(200, "desk").unwrap().body;
    assert_eq!((&mine["good"], &mine["unlinked"]), (&json!(true), &json!(0)));
    assert!(mine["entries"].as_i64().unwrap() < whole["entries"].as_i64().unwrap());
    let unit = of_area(&town.person("yuxin-p-unit"), "verification", &garden, "").expect(200, "unit").unwrap().body;
    assert_eq!((&unit["reach"], &unit["chains"], &unit["good"]), (&json!("own"), &json!(1), &json!(true)));
    let platform = auditor.get("/api/v1/audit/verification").unwrap().expect(200, "platform").unwrap().body;
    assert_eq!((&platform["reach"], &platform["chains"]), (&json!("platform"), &json!(1)));

    // Every page of the chain, the latest first, as one unbroken row of numbers.
    let (mut seqs, mut cursor, mut text) = (Vec::new(), String::new(), String::new());
    loop {
        let page = of_area(&auditor, "entries", &garden, &format!("&limit=7{cursor}")).expect(200, "entries").unwrap();
        seqs.extend(page.body["items"].as_array().unwrap().iter().map(|entry| entry["seq"].as_i64().unwrap()));
        text.push_str(&page.content);
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(seqs.len() > 7 && seqs.iter().rev().copied().eq(1..=i64::try_from(seqs.len()).unwrap()), "{seqs:?}");
    let people = town.yuxin.file.people.iter().chain(&town.shiyou.file.people);
    for person in people {
        assert!(!text.contains(&person.name), "{}", person.name);
        assert!(person.mobile.as_ref().is_none_or(|mobile| !text.contains(mobile.as_str())));
    }
    let of_booking = of_area(&auditor, "entries", &garden, &format!("&subject={booking}")).body;
    let about: Vec<&Value> = of_booking["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(about, ["booking.made"]);
    // The unit reads what concerns it: its agreement, bookings of its spaces, and nothing of the gym's.
    let own = of_area(&town.person("yuxin-p-unit"), "entries", &garden, "&limit=100").expect(200, "own").unwrap().body;
    let own = own["items"].as_array().unwrap();
    assert!(own.iter().any(|entry| entry["subject"] == *booking));
    assert!(
        own.iter()
            .all(|entry| ["version.", "agreement.", "booking."].iter().any(|kind| entry["action"].as_str().unwrap().starts_with(kind)))
    );
    let gym = town.agreement("yuxin-gym-agreement");
    assert!(own.iter().all(|entry| entry["subject"] != *gym));
    assert!(of_area(&auditor, "entries", &garden, &format!("&subject={gym}")).body["items"].as_array().unwrap().len() == 1);

    // Bad questions.
    assert_eq!(of_area(&auditor, "entries", "area_01h455vb4pex5vsknk084sn02q", "").text("/errors/0/pointer"), "area_id");
    assert_eq!(of_area(&auditor, "verification", "x", "").status, 422);
    assert_eq!(of_area(&town.person("yuxin-p-desk"), "entries", &shiyou, "").status, 403);
    assert_eq!(of_area(&auditor, "entries", &garden, "&cursor=x").text("/errors/0/code"), "wrong-cursor");

    // A day later the heads are there for everybody.
    assert_eq!(of_area(&app.client, "anchors", &garden, "").expect(200, "anchors").unwrap().body["items"], json!([]));
    clock.set(NOW.plus_days(1));
    town.forget_people();
    town.renew_admin();
    let auditor = town.person("yuxin-p-auditor");
    app.link();
    jobs::anchor(app.store(), "test").unwrap();
    let heads = of_area(&app.client, "anchors", &garden, "").body;
    let head = &heads["items"][0];
    assert_eq!((&head["day"], &head["chain"], head["seq"].as_u64()), (&json!("2026-11-28"), &json!(garden), Some(seqs.len() as u64)));
    assert_eq!(app.client.get("/api/v1/audit/anchors").unwrap().body["items"][0]["chain"], "platform");
    let later = of_area(&auditor, "verification", &garden, "").body;
    assert_eq!((&later["good"], &later["anchors"]), (&json!(true), &later["chains"]), "every chain has its head published");

    // A tail is cut behind the server's back: the first bad entry is named.
    tamper(&app.db, &format!("DELETE FROM audit_chain WHERE chain = '{garden}' AND seq > 3"));
    let cut = of_area(&auditor, "verification", &district, "").body;
    let named: Vec<(&Value, &Value, &Value)> =
        cut["broken"].as_array().unwrap().iter().map(|broken| (&broken["chain"], &broken["seq"], &broken["flaw"])).collect();
    assert_eq!((&cut["good"], named), (&json!(false), vec![(&json!(garden), &head["seq"], &json!("cut_off"))]));
}

#[test]
fn the_chains_are_watched_sqlite() {
    watched(Backend::Sqlite);
}

#[test]
fn the_chains_are_watched_postgres() {
    watched(Backend::Postgres);
}
