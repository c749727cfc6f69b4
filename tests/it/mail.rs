//! Mail, through a real SMTP server with TLS and a password: carried exactly, tried again, given up, never in anybody's way.

use crate::harness::db::NOW;
use crate::harness::mail::{MailServer, header, until};
use crate::harness::{TestApp, TestDb, Town, rows};
use serde_json::{Value, json};
use shangliang::config::mail::{MailConfig, Protection, Secret};
use shangliang::demo::client::Client;
use shangliang::kernel::id::{Id, JobId};
use shangliang::kernel::time::SetClock;
use shangliang::notify::model::Letter;
use shangliang::notify::post::Post;
use shangliang::outbox::{self, runner::Undone};
use shangliang::store::Backend;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant as Tick};

fn mailing(db: TestDb, clock: Arc<SetClock>, mail: MailConfig) -> TestApp {
    TestApp::serve_with(db, clock, |config| config.mail = Some(mail))
}

fn gets_mail(town: &Town, person: &str, at: &str) {
    town.app.db.sql(&format!("UPDATE accounts SET email = '{at}' WHERE mobile = '{}'", town.login(person)));
}

fn backlog(app: &TestApp) -> (i64, i64) {
    let now = app.store().clock().now();
    let left = app.store().read_now(|tx| outbox::backlog(tx, now)).unwrap();
    (left.waiting, left.parked)
}

fn notices(who: &Client) -> usize {
    who.get("/api/v1/notices?limit=100").unwrap().body["items"].as_array().unwrap().len()
}

fn settings(who: &Client, tag: &str, body: &Value) -> (u16, String, String) {
    let answer = who.put("/api/v1/me/notice-settings", tag, body).unwrap();
    (answer.status, answer.header("etag").unwrap_or("").to_owned(), answer.text("/errors/0/pointer").to_owned())
}

/// What is carried, to whom, and what one may do without.
fn carried(backend: Backend) {
    let (server, clock) = (MailServer::start(), SetClock::at(NOW));
    let app = mailing(TestDb::fresh(backend), clock, server.config());
    let town = Town::build(&app);
    let (own, mate) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"));
    gets_mail(&town, "yuxin-p-res-2", "li.na@example.org");
    let booking = town.book(&own, 2, 600);
    app.settle();
    assert_eq!((notices(&own), notices(&mate)), (1, 1));
    let letters = server.taken(1);
    assert_eq!(letters.len(), 1, "once, and only to whom has an address: {letters:?}");
    let letter = &letters[0];
    assert_eq!((&letter["sender"], &letter["to"]), (&json!("notices@hub.test"), &json!(["li.na@example.org"])));
    assert_eq!((&letter["tls"], &letter["user"]), (&json!(true), &json!("mailer")));
    for (name, value) in [
        ("From", "商量 <notices@hub.test>"),
        ("To", "li.na@example.org"),
        ("Subject", "已订好同创墨轩：2026年11月30日周一 10:00–10:30"),
        ("Date", "Sat, 28 Nov 2026 02:00:00 +0000"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "zh-CN, en"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(header(letter, name), value, "{name}");
    }
    assert!(header(letter, "Content-Type").starts_with("text/plain; charset=\"utf-8\""), "{letter}");
    let id = header(letter, "Message-ID").to_owned();
    assert!(id.starts_with("<job_") && id.ends_with("@hub.test>"), "{id}");
    let page = format!("https://hub.test/bookings/{booking}");
    let body = format!(
        "您好！\n\n已订好同创墨轩：2026年11月30日周一 10:00–10:30。\n\n打开看看：{page}\n\n--\n\n\
         Hello,\n\nTongchuan ink studio is booked: Mon 30 Nov 2026, 10:00–10:30.\n\nSee it here: {page}\n\n\
         商量 Shangliang · https://hub.test\n"
    );
    assert_eq!(letter["body"], json!(body));

    // One may do without a receipt, not without a cancellation; the notice is there all the same.
    let shown = own.get("/api/v1/me/notice-settings").unwrap();
    assert_eq!(
        (shown.header("etag"), shown.body.clone()),
        (Some("\"r0\""), json!({"mail_off": [], "may_be_off": ["booked", "talk", "signed"]}))
    );
    for (body, pointer) in [
        (json!({"mail_off": ["cancelled"]}), "/mail_off/0"),
        (json!({"mail_off": ["booked", "booked"]}), "/mail_off/1"),
        (json!({"mail_off": "booked"}), "/mail_off"),
        (json!({"mail_off": [1]}), "/mail_off/0"),
        (json!({"mail_off": null}), "/mail_off"),
        (json!({"mail_off": [], "email": "x@y.z"}), "/email"),
        (json!({}), "/mail_off"),
    ] {
        assert_eq!(settings(&own, "\"r0\"", &body), (422, String::new(), pointer.into()), "{body}");
    }
    let off = json!({"mail_off": ["booked", "talk"]});
    assert_eq!(own.raw("PUT", "/api/v1/me/notice-settings", &[], Some(("application/json", b"{\"mail_off\":[]}"))).unwrap().status, 428);
    assert_eq!(settings(&own, "\"r1\"", &off).0, 412);
    assert_eq!(rows(&mut app.db.conn(), "notice_settings"), 0);
    assert_eq!(settings(&own, "\"r0\"", &off), (200, "\"r1\"".into(), String::new()));
    assert_eq!(own.get("/api/v1/me/export").unwrap().body["mail_off"], off["mail_off"]);
    assert_eq!(settings(&own, "\"r0\"", &off).0, 412);
    let again = town.book(&own, 3, 600);
    app.settle();
    assert_eq!((notices(&own), server.letters().len()), (2, 1));
    own.post(&format!("/api/v1/bookings/{again}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
    app.settle();
    let last = server.taken(2).pop().unwrap();
    assert_eq!(header(&last, "Subject"), "已取消同创墨轩的预订：2026年12月1日周二 10:00–10:30");
    assert_ne!(header(&last, "Message-ID"), id);
    assert_eq!(settings(&own, "\"r1\"", &json!({"mail_off": []})), (200, "\"r2\"".into(), String::new()));

    // The whole household, each their own letter, without anybody's name, number or door.
    gets_mail(&town, "yuxin-p-res-3", "mate@example.org");
    town.book(&own, 4, 600);
    app.settle();
    let both: Vec<Value> = server.taken(4).split_off(2);
    let mut to: Vec<&str> = both.iter().map(|letter| letter["to"][0].as_str().unwrap()).collect();
    to.sort_unstable();
    assert_eq!(to, ["li.na@example.org", "mate@example.org"]);
    for person in [&own, &mate] {
        let me = person.get("/api/v1/me").unwrap();
        for secret in [me.text("/name"), me.text("/mobile").trim_start_matches("+86")] {
            assert!(!secret.is_empty() && !both.iter().any(|letter| letter.to_string().contains(secret)), "{secret} in {both:?}");
        }
    }
    assert_eq!(backlog(&app), (0, 0));
}

#[test]
fn a_notice_is_carried_exactly_sqlite() {
    carried(Backend::Sqlite);
}

#[test]
fn a_notice_is_carried_exactly_postgres() {
    carried(Backend::Postgres);
}

/// Whoever acts for two parties gets one letter, though the notice is in two inboxes.
#[test]
fn who_acts_for_two_parties_gets_one_letter() {
    let server = MailServer::start();
    let app = mailing(TestDb::fresh(Backend::Sqlite), SetClock::at(NOW), server.config());
    let town = Town::build(&app);
    app.settle();
    let unit = town.signer("yuxin-unit");
    let me = unit.get("/api/v1/me").unwrap();
    app.db.sql(&format!("UPDATE accounts SET email = 'unit@example.org' WHERE id = '{}'", me.text("/id")));
    app.db.sql(&format!(
        "INSERT INTO representatives (id, organisation_id, account_id, powers, from_at, to_at, evidence, created_at) \
         SELECT 'rep_0000000000000000000000000a', '{}', account_id, powers, from_at, to_at, evidence, created_at \
         FROM representatives WHERE account_id = '{}' LIMIT 1",
        town.organisation("yuxin-community"),
        me.text("/id")
    ));
    let street = town.person("yuxin-p-street");
    let path = format!("/api/v1/agreements/{}/versions", town.agreement("yuxin-partnership"));
    let clauses = street.get(&format!("{path}/1")).unwrap().body["clauses"].clone();
    street.post(&path, &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
    let before = notices(&unit);
    street.post(&format!("{path}/2/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
    app.settle();
    assert_eq!(notices(&unit), before + 2);
    let letters = server.taken(1);
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(header(&letters[0], "Subject").ends_with("第 2 版请您签署"), "{letters:?}");
    let page = format!("https://hub.test/agreements/{}\n", town.agreement("yuxin-partnership"));
    assert_eq!(letters[0]["body"].as_str().unwrap().matches(&page).count(), 2);
}

/// Refused for now: tried again. Refused for good: parked at once, to be seen. Neither twice.
fn tried_again(backend: Backend) {
    let (server, clock) = (MailServer::start(), SetClock::at(NOW));
    let app = mailing(TestDb::fresh(backend), clock.clone(), server.config());
    let town = Town::build(&app);
    app.settle();
    let (later, full, drop, never) = ("later-2@example.org", "full@example.org", "drop@example.org", "never@example.org");
    for (n, (person, at)) in
        [("yuxin-p-res-1", later), ("yuxin-p-res-4", full), ("yuxin-p-grid", drop), ("yuxin-p-res-2", never)].into_iter().enumerate()
    {
        gets_mail(&town, person, at);
        town.book(&town.person(person), 2, 600 + 60 * u16::try_from(n).unwrap());
    }
    let count = |of: &str| rows(&mut app.db.conn(), &format!("outbox WHERE lane = 'outside' AND {of}"));
    let asked = || [later, full, drop, never].map(|at| server.asked_for(at));
    until("each was tried", Duration::from_secs(20), || count("attempts = 1") == 4);
    assert_eq!((asked(), backlog(&app)), ([1, 1, 1, 1], (3, 1)));
    until("the metric tells", Duration::from_secs(5), || app.metrics().contains("\noutbox_parked 1\n"));
    assert_eq!(count("parked_at IS NOT NULL AND last_error LIKE '%550%'"), 1);
    assert_eq!(count("last_error LIKE '%450%' OR last_error LIKE '%452%'"), 2);
    assert_eq!(count("last_error LIKE '%@%' OR last_error LIKE '%nobody%'"), 0, "what the server says is not repeated");
    assert_eq!(server.letters().len(), 0);

    // Not before half a minute, then before a minute more.
    clock.set(NOW.plus_seconds(29));
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(asked(), [1, 1, 1, 1]);
    clock.set(NOW.plus_seconds(31));
    until("the second try", Duration::from_secs(20), || backlog(&app) == (1, 1) && count("attempts = 2") == 1);
    assert_eq!(asked(), [2, 2, 2, 1]);
    clock.set(NOW.plus_seconds(31 + 59));
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(asked(), [2, 2, 2, 1]);
    clock.set(NOW.plus_seconds(31 + 61));
    until("the third try", Duration::from_secs(20), || backlog(&app) == (0, 1));
    assert_eq!(asked(), [3, 2, 2, 1]);
    let mut to: Vec<String> = server.taken(3).iter().map(|letter| letter["to"][0].as_str().unwrap().to_owned()).collect();
    to.sort();
    assert_eq!(to, [drop, full, later], "each once");
    let mut ids: Vec<String> = server.letters().iter().map(|letter| header(letter, "Message-ID").to_owned()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert!(server.letters().iter().all(|letter| header(letter, "Date") == "Sat, 28 Nov 2026 02:00:00 +0000"), "the date of the notice");
}

#[test]
fn mail_is_tried_again_or_given_up_sqlite() {
    tried_again(Backend::Sqlite);
}

#[test]
fn mail_is_tried_again_or_given_up_postgres() {
    tried_again(Backend::Postgres);
}

/// A mail server that stays silent costs a booking and an inbox nothing.
fn out_of_the_way(backend: Backend) {
    let server = MailServer::start();
    let app = mailing(TestDb::fresh(backend), SetClock::at(NOW), server.config());
    let town = Town::build(&app);
    app.settle();
    let (mute, own, mate) = (town.person("yuxin-p-res-4"), town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"));
    gets_mail(&town, "yuxin-p-res-4", "mute@example.org");
    gets_mail(&town, "yuxin-p-res-2", "li.na@example.org");
    town.book(&mute, 2, 600);
    until("the silent one was asked", Duration::from_secs(10), || server.asked_for("mute@example.org") == 1);
    let silent = Tick::now();
    let mut slowest = Duration::ZERO;
    for n in 0..8 {
        let begun = Tick::now();
        town.book(&own, 3 + i64::from(n / 4), 540 + 60 * (n % 4));
        until("the notice is there", Duration::from_secs(3), || notices(&mate) == usize::from(n) + 1);
        slowest = slowest.max(begun.elapsed());
    }
    assert!(silent.elapsed() < Duration::from_secs(9), "all that while the mail server was silent");
    assert_eq!(server.letters().len(), 0, "the letters stand behind the silent one");
    println!("{backend:?}: with a silent mail server, from the booking to the notice in the inbox at most {slowest:?}");
    let waited = until("it is given up for now", Duration::from_secs(20), || {
        rows(&mut app.db.conn(), "outbox WHERE attempts = 1 AND last_error IS NOT NULL") == 1
    });
    let whole = silent.elapsed();
    assert!(whole > Duration::from_secs(8) && whole < Duration::from_secs(14), "{whole:?} ({waited:?})");
    until("the others are carried", Duration::from_secs(20), || server.letters().len() == 8);
    // The server has the last letter a moment before its job is gone.
    until("only the silent one is left", Duration::from_secs(5), || backlog(&app) == (1, 0));
}

#[test]
fn a_silent_mail_server_keeps_nobody_waiting_sqlite() {
    out_of_the_way(Backend::Sqlite);
}

#[test]
fn a_silent_mail_server_keeps_nobody_waiting_postgres() {
    out_of_the_way(Backend::Postgres);
}

fn tell(config: &MailConfig) -> Result<(), Undone> {
    let letter =
        Letter { job: JobId::fresh(), to: "li.na@example.org".into(), subject: "好".into(), body: "好。\n".into(), written_at: NOW };
    Post::new(config).unwrap().deliver(&letter)
}

/// A server that is not who it should be, or does not know us, gets no letter.
#[test]
fn only_the_right_server_gets_a_letter() {
    let server = MailServer::start();
    let good = server.config();
    assert_eq!(tell(&good), Ok(()));
    assert_eq!(server.taken(1).len(), 1);
    let later = |config: &MailConfig| match tell(config) {
        Err(Undone::Later(cause)) => cause,
        other => panic!("{other:?}"),
    };
    // A password that is wrong stays wrong: parked at once, to be seen.
    let wrong = MailConfig { login: Some(("mailer".into(), Secret::new("wrong"))), ..good.clone() };
    assert_eq!(tell(&wrong), Err(Undone::Never("AUTH: the mail server answered 535".into())));
    // Nobody this machine trusts signed the certificate; or it is another server's.
    let cause = later(&MailConfig { certificates: None, ..good.clone() });
    assert!(cause.starts_with("STARTTLS: ") && cause.contains("certificate"), "{cause}");
    let plain = MailServer::with(&["--no-starttls"]);
    let cause = later(&MailConfig { port: plain.port, ..good.clone() });
    assert!(cause.contains("no STARTTLS"), "{cause}");
    // On this machine a server without TLS will do.
    assert_eq!(tell(&MailConfig { port: plain.port, protection: Protection::Local, login: None, ..good.clone() }), Ok(()));
    assert_eq!(plain.taken(1).len(), 1);
    // Nobody there; somebody who never speaks: three seconds.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(later(&MailConfig { port: nobody, ..good.clone() }).starts_with("connecting: "));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let begun = Tick::now();
    later(&MailConfig { port: silent.local_addr().unwrap().port(), ..good.clone() });
    assert!(begun.elapsed() > Duration::from_secs(2) && begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
    // An address outside ASCII, which this server can carry.
    let chinese =
        Letter { job: JobId::fresh(), to: "李娜@example.org".into(), subject: "好".into(), body: "好。\n".into(), written_at: NOW };
    assert_eq!(Post::new(&good).unwrap().deliver(&chinese), Ok(()));
    assert_eq!(server.taken(2)[1]["to"], json!(["李娜@example.org"]));
}
