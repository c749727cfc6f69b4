//! The ledger over HTTP and under the hand, on both backends: charged, given back, never too much, never changed.

use crate::harness::{TestApp, TestDb, Town, but, days_ahead, good, made, post, rounds, rows, seen, served, together};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::Client;
use shangliang::http;
use shangliang::jobs;
use shangliang::kernel::id::{AccountId, BookingId, PostingId, SpaceId};
use shangliang::kernel::time::SetClock;
use shangliang::kernel::{Code, Fen};
use shangliang::ledger::model::{About, LedgerAccount, Posting, PostingKind};
use shangliang::ledger::{actions, queries, rules};
use shangliang::store::{Backend, Db, backup};

/// A show in the hall for 60.00 yuan (40.00 cleaning, 20.00 sound), `days` ahead.
fn show(town: &Town, by: &Client, days: i64, minute: u16) -> Value {
    let ask = json!({"space_id": town.space("yuxin-centre/hall"), "use": "performance", "attendees": 50,
        "starts_at": town.at(days, minute), "ends_at": town.at(days, minute + 60)});
    by.post("/api/v1/bookings", &ask).unwrap().expect(201, "show").unwrap().body
}

fn postings(by: &Client, booking: &str) -> Vec<(String, i64)> {
    let answer = by.get(&format!("/api/v1/bookings/{booking}/postings")).unwrap().expect(200, "postings").unwrap();
    let one = |p: &Value| (format!("{} {}→{}", p["kind"], p["credit"], p["debit"]).replace('"', ""), p["amount_fen"].as_i64().unwrap());
    answer.body.as_array().unwrap().iter().map(one).collect()
}

fn charged_and_given_back(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    let (holder, desk, other) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-desk"), town.person("yuxin-p-res-4"));
    let hall = town.space("yuxin-centre/hall");
    let month = |month: &str| app.client.get(&format!("/api/v1/spaces/{hall}/ledger{month}")).unwrap().expect(200, "month").unwrap().body;
    let charge = || ("charge fee_income→holders".to_owned(), 6000);

    // A free booking writes nothing, whatever becomes of it.
    let free = town.book(&holder, 2, 600);
    let gone = holder.post(&format!("/api/v1/bookings/{free}/cancellation"), &json!({})).unwrap().expect(201, "cancelled").unwrap();
    assert_eq!((gone.body["refund_fen"].as_i64(), rows(&mut app.db.conn(), "postings")), (Some(0), 0));

    let first = show(&town, &holder, 3, 900);
    let id = first["id"].as_str().unwrap();
    assert_eq!(postings(&holder, id), [charge()]);
    assert_eq!(postings(&desk, id), [charge()]);
    assert_eq!(other.get(&format!("/api/v1/bookings/{id}/postings")).unwrap().status, 404);
    let path = format!("/api/v1/bookings/{id}/cancellation");
    let gone = holder.post(&path, &json!({"reason": "不演了"})).unwrap().expect(201, "cancelled").unwrap();
    assert_eq!(gone.body["refund_fen"], 6000);
    assert_eq!(postings(&holder, id), [charge(), ("refund holders→fee_income".to_owned(), 6000)]);
    assert_eq!(holder.post(&path, &json!({})).unwrap().status, 409);
    assert_eq!(rows(&mut app.db.conn(), "postings"), 2);

    // Everybody sees the month, and nobody's neighbour in it.
    show(&town, &other, 4, 900);
    let told = month("?month=2026-11");
    assert_eq!(told, month(""));
    let accounts = json!([
        {"account": "holders", "debit_fen": 12000, "credit_fen": 6000},
        {"account": "fee_income", "debit_fen": 6000, "credit_fen": 12000},
    ]);
    let kinds = json!([
        {"kind": "charge", "count": "<5", "amount_fen": 12000},
        {"kind": "refund", "count": "<5", "amount_fen": 6000},
        {"kind": "reversal", "count": "0", "amount_fen": 0},
    ]);
    assert_eq!((&told["month"], &told["accounts"], &told["postings"]), (&json!("2026-11"), &accounts, &kinds));
    assert_eq!(month("?month=2026-12")["accounts"][0], json!({"account": "holders", "debit_fen": 0, "credit_fen": 0}));
    for day in 5..8 {
        show(&town, &other, day, 900);
    }
    assert_eq!(month("")["postings"][0], json!({"kind": "charge", "count": "5", "amount_fen": 30000}));

    app.settle();
    let broken = || backup::broken_invariants(&mut app.db.conn()).unwrap();
    assert_eq!(broken(), Vec::<String>::new());
    // What is posted stands; and what gets past the service is found.
    for statement in ["UPDATE postings SET amount_fen = 1", "DELETE FROM postings"] {
        use diesel::connection::SimpleConnection;
        let refused = app.db.conn().batch_execute(statement).unwrap_err();
        assert!(refused.to_string().contains("postings_append_only"), "{refused}");
    }
    let posting = PostingId::fresh();
    app.db.sql(&format!(
        "INSERT INTO postings (id, space_id, booking_id, kind, debit, credit, amount_fen, posted_at) \
         VALUES ('{posting}', '{hall}', '{id}', 'refund', 'fee_income', 'holders', 1, 0)"
    ));
    let found = broken();
    assert!(found[0].starts_with("more given back for a booking than was charged: 1"), "{found:?}");
    // However the ledger is cut, the whole of it is looked through: five bookings cost something.
    let (mut over, mut after, mut looks) = (Fen::ZERO, None, 0);
    loop {
        let (more, last) = app.store().read_now(|tx| queries::overdrawn(tx, after.as_ref(), 2)).unwrap();
        (over, looks) = (Fen(over.0 + more.0), looks + 1);
        if last.is_none() {
            break;
        }
        after = last;
    }
    assert_eq!((over, looks), (Fen(1), 4));
    assert_eq!(jobs::overdrawn(app.store()).unwrap(), Fen(1));
}

/// A posting made by mistake is undone once, by the community, with the reason; nothing is changed or deleted.
fn undone_by_the_community(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    let (holder, desk) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-desk"));
    let booked = show(&town, &holder, 3, 900);
    let id = booked["id"].as_str().unwrap();
    let posted = |n: usize| {
        let all = desk.get(&format!("/api/v1/bookings/{id}/postings")).unwrap().expect(200, "postings").unwrap();
        all.body[n]["id"].as_str().unwrap().to_owned()
    };
    let reverse = |by: &Client, booking: &str, posting: &str, body: &Value| {
        by.post(&format!("/api/v1/bookings/{booking}/postings/{posting}/reversal"), body).unwrap()
    };
    let reason = json!({"reason": "公益演出，不收费。"});
    let charge = posted(0);
    for bad in [json!({}), json!({"reason": ""}), json!({"reason": "字".repeat(201)}), json!({"reason": "好", "amount_fen": 1})] {
        assert_eq!(reverse(&desk, id, &charge, &bad).status, 422);
    }
    assert_eq!(reverse(&holder, id, &charge, &reason).status, 403);
    assert_eq!(reverse(&town.person("shiyou-p-desk"), id, &charge, &reason).status, 404);
    let other = show(&town, &holder, 4, 900);
    assert_eq!(reverse(&desk, other["id"].as_str().unwrap(), &charge, &reason).status, 404, "it is about another booking");
    assert_eq!(reverse(&desk, id, PostingId::fresh().as_str(), &reason).status, 404);
    let done = reverse(&desk, id, &charge, &reason).expect(201, "reversal").unwrap();
    assert_eq!(done.text("/reverses_id"), charge);
    assert_eq!(postings(&holder, id), [("charge fee_income→holders".to_owned(), 6000), ("reversal holders→fee_income".to_owned(), 6000)]);
    for again in [&charge, &posted(1)] {
        assert_eq!(
            (reverse(&desk, id, again, &reason).status, reverse(&desk, id, again, &reason).text("/code").to_owned()),
            (409, "state-conflict".into())
        );
    }
    // Nothing is charged any more, so nothing is given back; and of what was given back because it ended nothing is undone.
    let cancel =
        |id: &str| holder.post(&format!("/api/v1/bookings/{id}/cancellation"), &json!({})).unwrap().expect(201, "cancelled").unwrap();
    assert_eq!(cancel(id).body["refund_fen"], 0);
    let id = other["id"].as_str().unwrap();
    assert_eq!(cancel(id).body["refund_fen"], 6000);
    let all = desk.get(&format!("/api/v1/bookings/{id}/postings")).unwrap().body;
    let refund = all.as_array().unwrap().iter().find(|posting| posting["kind"] == "refund").unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(reverse(&desk, id, &refund, &reason).status, 409);
    app.settle();
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
}

/// Somebody's booking, to post about.
struct Account {
    space: SpaceId,
    booking: BookingId,
    by: AccountId,
}

impl Account {
    fn of(booking: &Value) -> Self {
        let id = |field: &str| booking[field].as_str().unwrap();
        Self { space: id("space_id").parse().unwrap(), booking: id("id").parse().unwrap(), by: id("account_id").parse().unwrap() }
    }
    fn about(&self) -> About<'_> {
        About { space: &self.space, booking: &self.booking, by: Some(&self.by) }
    }
    fn refund(&self, db: &Db, fen: i64) -> Result<(), Code> {
        let (space, booking, by) = (self.space.clone(), self.booking.clone(), self.by.clone());
        db.write_now(move |tx| actions::refund(tx, &About { space: &space, booking: &booking, by: Some(&by) }, Fen(fen)))
            .map_err(|f| f.code)
    }
    fn postings(&self, db: &Db) -> Vec<Posting> {
        db.read_now(|tx| queries::of_booking(tx, &self.booking)).unwrap()
    }
}

use shangliang::kernel::id::Id;

/// Refunds that arrive together never come to more than was charged.
fn refunds_together(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    let holder = town.person("yuxin-p-res-2");
    let usual = rounds(20);
    for round in 0..usual {
        let account = Account::of(&show(&town, &holder, days_ahead(round), 840 + 120 * u16::try_from(round / 30 % 3).unwrap()));
        // 60.00 charged; 40.00 each, and 15.00 each: one of the first, or up to four of the others, or one and one.
        let asked: Vec<i64> = (0..6).map(|n| if n % 2 == 0 { 4000 } else { 1500 }).collect();
        let answers = together(asked.len(), |n| account.refund(app.store(), asked[n]));
        assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(Code::StateConflict))), "{answers:?}");
        let paid: i64 = asked.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).map(|(fen, _)| fen).sum();
        let book = account.postings(app.store());
        assert_eq!(rules::charged(&book).unwrap(), Fen(6000 - paid), "round {round}");
        assert!((4500..=5500).contains(&paid), "round {round}: {paid}");
        let path = format!("/api/v1/bookings/{}/cancellation", account.booking);
        let gone = holder.post(&path, &json!({})).unwrap().expect(201, "cancelled").unwrap();
        assert_eq!(gone.body["refund_fen"].as_i64(), Some(6000 - paid), "the rest");
    }
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
    println!("{backend:?}: {usual} rounds of six refunds at once");
}

/// Random charges, refunds and reversals: what is stored is what a replay comes to, and all of it sums to zero.
fn a_replay_gives_what_is_stored(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    let holder = town.person("yuxin-p-res-2");
    let accounts: Vec<Account> = (2..5).map(|day| Account::of(&show(&town, &holder, day, 900))).collect();
    let db = app.store();
    let mut dice = 20_261_128_u64;
    let mut roll = |sides: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % sides
    };
    let mut naive = [6000i64; 3];
    let (mut done, mut refused) = (0, 0);
    for _ in 0..200 {
        let which = roll(3) as usize;
        let (account, amount) = (&accounts[which], roll(3000) as i64 + 1);
        let book = account.postings(db);
        let outcome = match roll(3) {
            0 => {
                let (space, booking) = (account.space.clone(), account.booking.clone());
                db.write_now(move |tx| actions::charge(tx, &About { space: &space, booking: &booking, by: None }, Fen(amount)))
                    .map(|()| amount)
            }
            1 => db.write_now({
                let (space, booking) = (account.space.clone(), account.booking.clone());
                move |tx| actions::refund(tx, &About { space: &space, booking: &booking, by: None }, Fen(amount)).map(|()| -amount)
            }),
            _ => {
                let posting = book[roll(book.len() as u64) as usize].clone();
                let by = account.about().by.unwrap().clone();
                let effect = if posting.debit == LedgerAccount::Holders { -posting.amount_fen.0 } else { posting.amount_fen.0 };
                db.write_now(move |tx| actions::reverse(tx, &posting.id, &by, "记错了").map(|_| effect))
            }
        };
        match outcome {
            Ok(effect) => {
                naive[which] += effect;
                done += 1;
            }
            Err(fault) => {
                assert_eq!(fault.code, Code::StateConflict);
                refused += 1;
            }
        }
    }
    let all: Vec<Posting> = accounts.iter().flat_map(|account| account.postings(db)).collect();
    assert_eq!(all.len(), done + 3);
    for (account, expected) in accounts.iter().zip(naive) {
        assert_eq!(rules::charged(&account.postings(db)).unwrap(), Fen(expected));
    }
    assert_eq!(LedgerAccount::ALL.iter().map(|account| rules::balance(&all, *account)).sum::<i128>(), 0);
    let hall = town.space("yuxin-centre/hall");
    let month = app.client.get(&format!("/api/v1/spaces/{hall}/ledger")).unwrap().body;
    let stored = month["accounts"][0]["debit_fen"].as_i64().unwrap() - month["accounts"][0]["credit_fen"].as_i64().unwrap();
    assert_eq!(i128::from(stored), rules::balance(&all, LedgerAccount::Holders));
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    let undone = all.iter().filter(|posting| posting.kind == PostingKind::Reversal).count();
    app.settle();
    assert!(undone > 10 && refused > 10, "{undone} undone, {refused} refused");
    println!("{backend:?}: {done} postings, {undone} of them undoings; {refused} refused");
}

told_on_both! {
    what_the_desk_has_undone_is_not_told_to_be_given_back(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let (holder, desk) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-desk"));
        let hall = town.space("yuxin-centre/hall");
        let booked = |days: i64| show(&town, &holder, days, 900)["id"].as_str().unwrap().to_owned();
        let undo = |booking: &str| {
            let charge = seen(&desk, &format!("/bookings/{booking}/postings"))[0]["id"].as_str().unwrap().to_owned();
            made(&desk, &format!("/bookings/{booking}/postings/{charge}/reversal"), &json!({"reason": "公益演出，不收费。"}));
        };

        // One booking, cancelled for its provider: told before it is, in the answer, and in the audit.
        let one = booked(3);
        let before = || seen(&holder, &format!("/bookings/{one}"))["cancelling"]["refund_fen"].clone();
        assert_eq!(before(), 6000);
        undo(&one);
        assert_eq!(before(), 0);
        let gone = made(&desk, &format!("/bookings/{one}/provider-cancellation"), &json!({"reason": "大厅漏水"}));
        assert_eq!(gone["refund_fen"], 0);
        app.link();
        let told = |what: &str| rows(&mut app.db.conn(), &format!("audit_chain WHERE action = 'booking.cancelled' AND detail LIKE '%{what}%'"));
        assert_eq!((told("refund_fen"), told("6000")), (1, 0));

        // One day of a series.
        let daily = json!({"space_id": hall, "use": "performance", "attendees": 50, "rule": "FREQ=DAILY;COUNT=3",
            "starts_at": town.at(5, 900), "ends_at": town.at(5, 960)});
        let series = made(&holder, "/series", &daily)["id"].as_str().unwrap().to_owned();
        let first = seen(&holder, &format!("/series/{series}"))["occurrences"][0]["booking_id"].as_str().unwrap().to_owned();
        undo(&first);
        let gone = made(&holder, &format!("/series/{series}/cancellation"), &json!({"scope": "all"}));
        assert_eq!((gone["bookings"].as_array().map(Vec::len), &gone["refund_fen"]), (Some(3), &json!(12_000)));

        // A plan that ends two, as it is shown and as it was carried out.
        let [undone, paid] = [9, 10].map(booked);
        undo(&undone);
        let closures = format!("/spaces/{hall}/closures");
        let closing = json!({"from": town.at(9, 0), "until": town.at(11, 0), "reason": "漏水", "disposition": "cancel"});
        let dry = post(&desk, &format!("{closures}?dry_run=true"), &closing).expect(200, "dry run").unwrap().body;
        let done = made(&desk, &closures, &closing);
        assert_eq!((&dry["refund_fen"], &done["refund_fen"]), (&json!(6000), &json!(6000)));
        let met = |booking: &str| seen(&holder, &format!("/bookings/{booking}/impact"))[0]["refund_fen"].clone();
        assert_eq!((met(&undone), met(&paid)), (json!(0), json!(6000)));

        // An offer that is declined.
        let offered = booked(13);
        undo(&offered);
        made(&desk, &closures, &but(closing, json!({"from": town.at(13, 0), "until": town.at(14, 0), "disposition": "offer"})));
        let no = made(&holder, &format!("/bookings/{offered}/offer/refusal"), &json!({}));
        assert_eq!(no["refund_fen"], 0);

        let refunds = rows(&mut app.db.conn(), "postings WHERE kind = 'refund' AND amount_fen = 6000");
        assert_eq!((refunds, rows(&mut app.db.conn(), "postings WHERE kind = 'refund'")), (3, 3), "two of the series, one of the plan");
        good(&app);
    }
    what_fails_keeps_nothing_else_from_being_forgotten(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        town.person("yuxin-p-res-2");
        app.settle();
        let count = |of: &str| rows(&mut app.db.conn(), of);
        assert!(count("sessions") > 0 && count("idempotency_keys") > 0);
        clock.set(crate::harness::db::NOW.plus_days(120));
        app.db.sql("ALTER TABLE idempotency_keys RENAME TO away");
        assert!(jobs::forget(app.store()).is_err());
        app.db.sql("ALTER TABLE away RENAME TO idempotency_keys");
        assert_eq!(count("sessions"), 0);

        // Many keys go some at a time.
        let row = |n: i64| format!("('account_x', 'key-{n}', '', 201, '', {n})");
        let all: Vec<String> = (1..=1200).map(row).collect();
        app.db.sql(&format!("INSERT INTO idempotency_keys (account_id, key, fingerprint, status, reply, created_at) VALUES {}", all.join(", ")));
        assert_eq!(app.store().write_now(http::commit::forget_old_keys).unwrap(), 500);
        jobs::forget(app.store()).unwrap();
        assert_eq!(count("idempotency_keys"), 0);
    }
}

#[test]
fn charged_and_given_back_sqlite() {
    charged_and_given_back(Backend::Sqlite);
}

#[test]
fn charged_and_given_back_postgres() {
    charged_and_given_back(Backend::Postgres);
}

#[test]
fn soak_refunds_together_sqlite() {
    refunds_together(Backend::Sqlite);
}

#[test]
fn soak_refunds_together_postgres() {
    refunds_together(Backend::Postgres);
}

#[test]
fn a_replay_gives_what_is_stored_sqlite() {
    a_replay_gives_what_is_stored(Backend::Sqlite);
}

#[test]
fn a_replay_gives_what_is_stored_postgres() {
    a_replay_gives_what_is_stored(Backend::Postgres);
}

#[test]
fn undone_by_the_community_sqlite() {
    undone_by_the_community(Backend::Sqlite);
}

#[test]
fn undone_by_the_community_postgres() {
    undone_by_the_community(Backend::Postgres);
}
