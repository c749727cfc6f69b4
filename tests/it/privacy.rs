//! One's own data: taken along, and erased without a trace while everything signed stays valid.

use crate::harness::app::PASSWORD;
use crate::harness::db::NOW;
use crate::harness::{TestApp, TestDb, Town, rows, together};
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::Instant;
use shangliang::kernel::id::{GrantId, Id};
use shangliang::kernel::time::SetClock;
use shangliang::people::actions;
use shangliang::people::model::{NewGrant, NewPerson, Role};
use shangliang::store::Backend;
use shangliang::{audit, jobs};

fn erase(who: &Client) -> Answer {
    who.post("/api/v1/me/erasure", &json!({})).unwrap()
}

/// Every byte of the SQLite file and what lies beside it, read while the server runs.
fn bytes_of(app: &TestApp) -> Vec<(String, Vec<u8>)> {
    let files = ["test.db", "test.db-wal", "test.db-shm"].map(|name| app.db.folder.join(name));
    files.into_iter().filter(|file| file.exists()).map(|file| (file.display().to_string(), std::fs::read(&file).unwrap())).collect()
}

fn hits(app: &TestApp, what: &str) -> usize {
    bytes_of(app).iter().map(|(_, bytes)| bytes.windows(what.len()).filter(|window| *window == what.as_bytes()).count()).sum()
}

/// How often any column of any table holds a text.
fn rows_with(app: &TestApp, what: &str) -> i64 {
    let mut conn = app.db.conn();
    let tables = [
        ("accounts", "name || COALESCE(mobile, '') || COALESCE(email, '') || COALESCE(code, '')"),
        ("representatives", "evidence"),
        ("notices", "text_zh || text_en"),
        ("audit_chain", "detail || subject"),
        ("audit_pending", "detail || subject"),
        ("outbox", "payload"),
        ("idempotency_keys", "reply"),
        ("booking_cancellations", "COALESCE(reason, '')"),
        ("version_events", "detail"),
    ];
    tables.iter().map(|(table, text)| rows(&mut conn, &format!("{table} WHERE {text} LIKE '%{what}%'"))).sum()
}

fn erasure(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
    let town = Town::build(&app);
    let desk = town.person("yuxin-p-desk");
    // Somebody with everything there is to lose.
    let (name, mobile, email) = ("端木容若", "13711112222", "Duanmu.Rongruo@example.org");
    let household = town.person("yuxin-p-res-2").get("/api/v1/me").unwrap().body["household_id"].clone();
    let new = json!({"name": name, "mobile": mobile, "email": email, "household_id": household});
    let id = desk.post("/api/v1/accounts", &new).unwrap().expect(201, "account").unwrap().text("/id").to_owned();
    let me = app.claim(&desk, mobile);
    let other_device = app.client.sign_in(email, PASSWORD).unwrap();
    let booked: Vec<String> = [2, 3, 4].into_iter().map(|day| town.book(&me, day, 600)).collect();
    let with_words = json!({"reason": format!("{name}家里有事")});
    me.post(&format!("/api/v1/bookings/{}/cancellation", booked[0]), &with_words).unwrap().expect(201, "cancellation").unwrap();
    app.settle();
    assert!(rows_with(&app, name) > 1 && (backend == Backend::Postgres || hits(&app, name) > 0), "there is something to erase");

    // Taken along first: everything, in one answer.
    let begun = std::time::Instant::now();
    let export = me.get("/api/v1/me/export").unwrap().expect(200, "export").unwrap();
    assert!(begun.elapsed().as_secs() < 60);
    assert_eq!(export.header("content-disposition"), Some("attachment; filename=\"shangliang-my-data.json\""));
    let data = &export.body;
    assert_eq!((&data["account"]["name"], &data["account"]["email"]), (&json!(name), &json!("Duanmu.Rongruo@example.org")));
    assert_eq!(data["account"]["mobile"], "+8613711112222");
    assert_eq!((&data["household"]["id"], data["bookings"].as_array().unwrap().len()), (&household, 3));
    assert_eq!(data["bookings"][0]["cancellation_reason"], with_words["reason"]);
    assert!(data["notices"].as_array().unwrap().len() >= 4 && data["sessions"].as_array().unwrap().len() == 2, "{data}");
    let representative = town.person("yuxin-p-unit").get("/api/v1/me/export").unwrap().body;
    assert_eq!(representative["representations"][0]["organisation_zh"], "育新花园38号楼产权单位");
    assert_eq!((representative["signatures"].as_array().unwrap().len(), representative["roles"].as_array().unwrap().len()), (1, 1));

    // Not without a fresh password; nothing is done without it.
    app.db.sql(&format!("UPDATE sessions SET proved_at = 0 WHERE account_id = '{id}'"));
    let stale = erase(&me);
    assert_eq!((stale.status, stale.text("/code")), (403, "step-up-required"));
    let step_up = |password: &str| me.post("/api/v1/step-up", &json!({ "password": password })).unwrap().status;
    assert_eq!((step_up("not the one"), erase(&me).status, step_up(PASSWORD)), (403, 403, 200));
    assert_eq!(
        me.raw("POST", "/api/v1/me/erasure", &[], Some(("application/json", b"{}"))).unwrap().text("/code"),
        "idempotency-key-missing"
    );
    assert_eq!(me.post("/api/v1/me/erasure", &json!({"why": "x"})).unwrap().text("/errors/0/code"), "unknown-field");
    assert_eq!(me.get("/api/v1/me").unwrap().status, 200);

    let body = json!({});
    let erased = me.post_keyed("/api/v1/me/erasure", "once", &body).unwrap().expect(201, "erasure").unwrap();
    assert_eq!(erased.body["cancelled_bookings"], 2);
    // Dead at once, on every device; the lost answer can be fetched again with its key.
    for device in [&me, &other_device] {
        assert_eq!(device.get("/api/v1/me").unwrap().status, 401);
        assert_eq!(device.post("/api/v1/bookings", &town.ask(5, 600)).unwrap().status, 401);
    }
    let again = me.post_keyed("/api/v1/me/erasure", "once", &body).unwrap();
    assert_eq!((again.status, again.header("idempotency-replayed"), &again.content), (201, Some("true"), &erased.content));
    assert_eq!(erase(&me).status, 401);
    assert_eq!(app.client.post("/api/v1/sign-in", &json!({"login": mobile, "password": PASSWORD})).unwrap().status, 401);

    // Its time is free: somebody else books it at once. The household hears of it; the row that is left says nothing.
    town.book(&town.person("yuxin-p-res-1"), 3, 600);
    app.settle();
    let notices = town.person("yuxin-p-res-3").get("/api/v1/notices").unwrap().body;
    let cancelled = notices["items"].as_array().unwrap().iter().filter(|notice| notice["kind"] == "booking.cancelled").count();
    assert_eq!(cancelled, 3, "one by hand, two by the erasure");
    let mut conn = app.db.conn();
    let nothing = format!(
        "accounts WHERE id = '{id}' AND name = '' AND mobile IS NULL AND email IS NULL AND password_hash IS NULL AND household_id IS NULL AND erased_at IS NOT NULL"
    );
    assert_eq!(rows(&mut conn, &nothing), 1);
    for (table, column) in [("sessions", "account_id"), ("claim_codes", "account_id"), ("notices", "account_id")] {
        assert_eq!(rows(&mut conn, &format!("{table} WHERE {column} = '{id}'")), 0, "{table}");
    }
    for what in [name, "13711112222", "Duanmu.Rongruo"] {
        assert_eq!(rows_with(&app, what), 0, "{what} in a table");
        if backend == Backend::Sqlite {
            assert_eq!(hits(&app, what), 0, "{what} in the file or its log");
        }
    }

    // The chain is whole and tells of it by id; the number may come back as a new person.
    app.link();
    let verdict = app.store().read_now(|tx| audit::verify(tx)).unwrap();
    assert!(verdict.broken.is_empty() && verdict.entries > 0, "{:?}", verdict.broken);
    assert_eq!(rows(&mut conn, &format!("audit_chain WHERE action = 'account.erased' AND subject = '{id}' AND actor = '{id}'")), 1);
    let back = desk.post("/api/v1/accounts", &new).unwrap().expect(201, "the number is free").unwrap();
    assert_ne!(back.text("/id"), id);
    let returned = app.claim(&desk, mobile).get("/api/v1/me/export").unwrap().body;
    assert_eq!((returned["bookings"].as_array().unwrap().len(), returned["notices"].as_array().unwrap().len()), (0, 0));
    jobs::settle(app.store(), "test").unwrap();
}

/// A representative has themself erased while a version is talked over: from then on they act for nobody, what they signed
/// before stays, and the certificate names nobody any more.
fn mid_round(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
    let town = Town::build(&app);
    let signed = town.agreement("yuxin-partnership");
    let path = format!("/api/v1/agreements/{signed}/versions/1");
    let lead = town.person("yuxin-p-lead");
    let clauses = lead.get(&path).unwrap().body["clauses"].clone();
    lead.post(&format!("/api/v1/agreements/{signed}/versions"), &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
    let next = format!("/api/v1/agreements/{signed}/versions/2");
    lead.post(&format!("{next}/round"), &json!({})).unwrap().expect(201, "round").unwrap();
    let sha256 = lead.get(&next).unwrap().body["sha256"].clone();

    let unit = app.claim(&town.admin, &town.login("yuxin-p-unit"));
    let own = unit.get("/api/v1/me").unwrap().body["id"].as_str().unwrap().to_owned();
    let position = json!({"organisation_id": town.organisation("yuxin-unit"), "sha256": sha256, "stand": "support"});
    let said =
        json!({"organisation_id": town.organisation("yuxin-unit"), "sha256": sha256, "stand": "support_if", "text": "水电费写清楚。"});
    unit.post(&format!("{next}/positions"), &said).unwrap().expect(201, "position").unwrap();
    erase(&unit).expect(201, "erasure").unwrap();
    // Neither with the old token, nor with any other session that was open.
    let signature = json!({"organisation_id": town.organisation("yuxin-unit"), "sha256": sha256});
    for client in [&unit, &town.person("yuxin-p-unit")] {
        assert_eq!(client.post(&format!("{next}/positions"), &position).unwrap().status, 401);
        assert_eq!(client.post(&format!("{next}/signatures"), &signature).unwrap().status, 401);
    }
    // What was said for the unit stands, and is answered; the unit still has to sign, by somebody else.
    let rounds = lead.get(&format!("/api/v1/agreements/{signed}/rounds")).unwrap().expect(200, "rounds").unwrap().body;
    let voices = rounds[0]["voices"].as_array().unwrap();
    let voice = voices.iter().find(|voice| voice["organisation_id"] == json!(town.organisation("yuxin-unit"))).unwrap();
    assert_eq!((&voice["position"]["stand"], &voice["position"]["text"]), (&json!("support_if"), &json!("水电费写清楚。")));
    lead.post(&format!("{next}/round/closing"), &json!({})).unwrap().expect(201, "closing").unwrap();
    let proposal = || lead.post(&format!("{next}/proposal"), &json!({})).unwrap();
    assert_eq!((proposal().status, proposal().text("/reasons/0/code").to_owned()), (409, "unanswered-position".into()));
    let reply = format!("{next}/positions/{}/reply", voice["position"]["id"].as_str().unwrap());
    lead.post(&reply, &json!({"text": "写进第四条了。"})).unwrap().expect(201, "reply").unwrap();
    proposal().expect(201, "proposal").unwrap();
    for client in [&unit, &town.person("yuxin-p-unit")] {
        assert_eq!(client.post(&format!("{next}/signatures"), &signature).unwrap().status, 401);
    }
    let lead_signs = json!({"organisation_id": town.organisation("yuxin-community"), "sha256": sha256});
    let half = lead.post(&format!("{next}/signatures"), &lead_signs).unwrap().expect(201, "signature").unwrap();
    assert_eq!(half.body["agreed"], false);
    app.link();
    let verdict = app.store().read_now(|tx| shangliang::audit::verify(tx)).unwrap();
    assert!(verdict.broken.is_empty() && verdict.unlinked == 0, "{:?}", verdict.broken);
    let mut conn = app.db.conn();
    assert_eq!(rows(&mut conn, &format!("representatives WHERE account_id = '{own}' AND revoked_at IS NULL")), 0);
    assert_eq!(rows(&mut conn, &format!("role_grants WHERE account_id = '{own}' AND revoked_at IS NULL")), 0);

    // What was signed is as valid as before, to the byte.
    let before = lead.get(&path).unwrap().body;
    assert_eq!((&before["state"], &before["effect"]), (&json!("agreed"), &json!("in_force")));
    let paper = lead.get(&format!("{path}/document")).unwrap().expect(200, "document").unwrap().content;
    assert!(paper.contains("（本人已注销）") && !paper.contains("郑国梁") && paper.contains("周雅琴"));
    assert_eq!(town.app.client.post("/api/v1/verifications", &json!({"sha256": before["sha256"]})).unwrap().body["signed"], true);
    // The hub file still names them: it is refused until they are taken out, and nobody comes back by it.
    let key = uuid::Uuid::now_v7().to_string();
    let file = shangliang::demo::seed::YUXIN.as_bytes();
    let again = town.admin.raw("POST", "/api/v1/hub-imports", &[("idempotency-key", &key)], Some(("application/yaml", file))).unwrap();
    assert_eq!(again.status, 409, "{}", again.body);
    let told: Vec<&Value> = again.body["errors"].as_array().unwrap().iter().filter(|fault| fault["code"] == "erased").collect();
    assert_eq!(told.len(), 1, "{}", again.body);
    app.settle();
}

/// Somebody books on one device while they are erased from another: the booking is refused or cancelled, never left behind.
fn a_booking_against_the_erasure(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
    let town = Town::build(&app);
    let desk = town.person("yuxin-p-desk");
    let household = town.person("yuxin-p-res-2").get("/api/v1/me").unwrap().body["household_id"].clone();
    let (mut booked, times) = (0, crate::harness::rounds(6));
    for round in 0..times {
        let mobile = format!("1371111{round:04}");
        let new = json!({"name": "将走的人", "mobile": mobile, "household_id": household});
        let id = desk.post("/api/v1/accounts", &new).unwrap().expect(201, "account").unwrap().text("/id").to_owned();
        let me = app.claim(&desk, &mobile);
        let day = crate::harness::days_ahead(round);
        let statuses: Vec<u16> = together(4, |n| match n {
            0 => erase(&me).status,
            n => me.post("/api/v1/bookings", &town.ask(day, 600 + 60 * u16::try_from(n).unwrap())).unwrap().status,
        });
        assert_eq!(statuses[0], 201, "{statuses:?}");
        assert!(statuses[1..].iter().all(|status| [201, 401].contains(status)), "{statuses:?}");
        jobs::forget(app.store()).unwrap();
        booked += statuses[1..].iter().filter(|status| **status == 201).count();
        let left = format!("bookings WHERE account_id = '{id}' AND state = 'confirmed'");
        assert_eq!(rows(&mut app.db.conn(), &left), 0, "round {round}: {statuses:?}");
    }
    println!("{backend:?}: {booked} of {} bookings came first and were cancelled", 3 * times);
    app.settle();
}

/// Another administrator, signed in.
fn administrator(app: &TestApp, by: &Client, email: &str) -> Client {
    let email_of = Some(email.to_owned());
    let made = app.store().write_now(move |tx| {
        let person = NewPerson { code: None, name: "又一位".into(), mobile: None, email: email_of.clone(), household: None, area: None };
        let account = actions::create_account(tx, &person, None)?;
        let (from, to) = (tx.now(), Instant::LATEST);
        let grant = NewGrant { id: GrantId::fresh(), account, role: Role::PlatformAdmin, area: None, organisation: None, from, to };
        actions::grant(tx, &grant, None)
    });
    made.unwrap();
    app.claim(by, email)
}

/// The last administrator cannot leave; of two who leave together one stays. Whose account was stopped does not count.
fn administrators(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
    let first = app.admin();
    let refused = erase(&first);
    assert_eq!((refused.status, refused.text("/code")), (409, "state-conflict"));
    assert_eq!(first.get("/api/v1/me").unwrap().status, 200);
    let mut stays = first;
    for round in 0..crate::harness::rounds(3) {
        let second = administrator(&app, &stays, &format!("admin-{round}@example.org"));
        let both = [stays, second];
        let mut left = together(2, |n| erase(&both[n]).status);
        let who = left.iter().position(|status| *status == 409).unwrap_or_else(|| panic!("{left:?}"));
        left.sort_unstable();
        assert_eq!(left, [201, 409]);
        let [a, b] = both;
        stays = if who == 0 { a } else { b };
    }
    let email = "stopped@example.org";
    let stopped = administrator(&app, &stays, email);
    assert_eq!(app.db.command(&["account", email, "--disable"]).0, Some(0));
    assert_eq!((erase(&stays).status, stopped.get("/api/v1/me").unwrap().status), (409, 401));
    assert_eq!(app.db.command(&["account", email, "--enable"]).0, Some(0));
    erase(&stays).expect(201, "another one is there").unwrap();
}

macro_rules! on_both_backends {
    ($($story:ident: $sqlite:ident, $postgres:ident;)+) => {$(
        #[test]
        fn $sqlite() {
            $story(Backend::Sqlite);
        }
        #[test]
        fn $postgres() {
            $story(Backend::Postgres);
        }
    )+};
}

on_both_backends! {
    erasure: an_erased_person_leaves_no_trace_sqlite, an_erased_person_leaves_no_trace_postgres;
    mid_round: an_erased_representative_acts_no_more_sqlite, an_erased_representative_acts_no_more_postgres;
    a_booking_against_the_erasure: soak_a_booking_against_the_erasure_sqlite, soak_a_booking_against_the_erasure_postgres;
    administrators: the_last_administrator_stays_sqlite, the_last_administrator_stays_postgres;
}
