//! Races over HTTP with the shipped defaults: many at once, one winner, and nothing but the two answers expected.

use crate::harness::app::PASSWORD;
use crate::harness::process::{RESIDENTS, Server, yuxin_in_force};
use crate::harness::together;
use crate::harness::{TestApp, TestDb, rounds, rows};
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::demo::people::{Hub, find, spaces};
use shangliang::kernel::time::{SetClock, SystemClock};
use shangliang::kernel::{Clock, Instant, Zone};
use shangliang::store::{Backend, Conn, backup};
use std::collections::BTreeMap;
use std::time::{Duration, Instant as Tick};

const CONTENDERS: usize = 64;
const COOKIE: &str = "__Host-shangliang-refresh";

/// Slots of the hall and the library that do not touch each other.
struct Slots {
    zone: Zone,
    now: Instant,
    hall: String,
    east: String,
    library: String,
}

impl Slots {
    fn of(client: &Client, now: Instant) -> Self {
        let rooms = spaces(client, "yuxin-centre").unwrap();
        let id = |code: &str| rooms.iter().find(|(have, ..)| have == code).unwrap().1.clone();
        Self { zone: Zone::named("Asia/Shanghai").unwrap(), now, hall: id("hall"), east: id("dong"), library: id("shuyuan") }
    }

    /// What contender `n` asks for in a round: the same room, or in odd rounds the whole hall against its east part.
    fn ask(&self, round: usize, n: usize) -> Value {
        let slot = i64::try_from(round % 300).unwrap();
        let noon = self.zone.at(self.zone.day_of(self.now), 720).plus_days(2 + slot / 6);
        let start = self.zone.at(self.zone.day_of(noon), 540).plus_minutes(slot % 6 * 120);
        let (space, what) = match (round % 2, n % 2) {
            (0, _) => (&self.library, "reading"),
            (_, 0) => (&self.hall, "meeting"),
            _ => (&self.east, "meeting"),
        };
        json!({"space_id": space, "use": what, "attendees": 2,
            "starts_at": self.zone.rfc3339(start), "ends_at": self.zone.rfc3339(start.plus_minutes(60))})
    }
}

/// Exactly one 201, and everybody else `period-taken`; gives who won.
fn one_winner(round: usize, answers: &[Answer]) -> usize {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for answer in answers {
        *seen.entry(format!("{} {}", answer.status, answer.text("/code"))).or_default() += 1;
    }
    let expected = BTreeMap::from([("201 ".to_owned(), 1), ("409 period-taken".to_owned(), answers.len() - 1)]);
    assert_eq!(seen, expected, "round {round}");
    answers.iter().position(|answer| answer.status == 201).unwrap()
}

fn contend(backend: Backend, usual: usize) {
    let clock = SetClock::at(crate::harness::db::NOW);
    let app = TestApp::serve(TestDb::fresh(backend), clock.clone());
    let hub = yuxin_in_force(&app.admin());
    let slots = Slots::of(&app.client, clock.now());
    let people: Vec<Client> = RESIDENTS.iter().map(|code| hub.person(code).unwrap()).collect();
    // A connection each, opened beforehand.
    let clients: Vec<Client> = (0..CONTENDERS).map(|n| Client::new(&app.base).with_token(people[n % people.len()].token())).collect();
    together(CONTENDERS, |n| clients[n].get("/livez").unwrap().expect(200, "livez").unwrap());
    let started = Tick::now();
    for round in 0..usual {
        let answers = together(CONTENDERS, |n| clients[n].post("/api/v1/bookings", &slots.ask(round, n)).unwrap());
        let winner = one_winner(round, &answers);
        if usual > 300 {
            let path = format!("/api/v1/bookings/{}/cancellation", answers[winner].text("/id"));
            clients[winner].post(&path, &json!({})).unwrap().expect(201, "cancellation").unwrap();
        }
    }
    println!("{backend:?}: {usual} rounds of {CONTENDERS}, {usual} winners, {:.1} s", started.elapsed().as_secs_f32());
    assert_eq!(rows(&mut app.db.conn(), "bookings") as usize, usual);
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
}

#[test]
fn soak_one_slot_has_one_winner_sqlite() {
    contend(Backend::Sqlite, rounds(200));
}

#[test]
fn soak_one_slot_has_one_winner_postgres() {
    // The whole two hundred are below, where two processes serve them.
    contend(Backend::Postgres, rounds(20));
}

#[test]
fn soak_one_slot_has_one_winner_over_two_processes_one_of_them_killed() {
    let db = TestDb::fresh(Backend::Postgres);
    let keys = db.folder.join("keys");
    let url = match &db.url {
        shangliang::store::DatabaseUrl::Postgres(url) => url.clone(),
        shangliang::store::DatabaseUrl::Sqlite(_) => unreachable!(),
    };
    let first = Server::start(&url, &keys);
    let hub = yuxin_in_force(&first.first_admin());
    let mut second = Server::start(&url, &keys);
    let slots = Slots::of(&Client::new(&first.base), SystemClock.now());
    let (bases, usual, started) = ([first.base.clone(), second.base.clone()], rounds(200), Tick::now());
    // Of rounds for the same room, and of the whole hall against its part.
    let (mut clients, mut kills, mut unanswered) = (Vec::new(), [0; 2], [0; 2]);
    let mut signed_at = Tick::now();
    for round in 0..usual {
        // Access tokens live ten minutes.
        if clients.is_empty() || signed_at.elapsed() > Duration::from_secs(240) {
            let people: Vec<Client> = RESIDENTS.iter().map(|code| hub.person(code).unwrap()).collect();
            let pair = |n: usize| [0, 1].map(|side| Client::new(&bases[(n / 2 + side) % 2]).with_token(people[n % people.len()].token()));
            clients = (0..CONTENDERS).map(pair).collect();
            signed_at = Tick::now();
        }
        // Every tenth round the second process dies in the middle of it, as often in either kind of round.
        let dies = matches!(round % 20, 4 | 15);
        let answers = std::thread::scope(|scope| {
            let killer = dies.then(|| {
                let second = &mut second;
                scope.spawn(move || {
                    std::thread::sleep(Duration::from_millis(5 + u64::try_from(round % 7).unwrap() * 6));
                    second.kill();
                })
            });
            let answers = together(CONTENDERS, |n| {
                let (key, ask) = (format!("round-{round}-contender-{n}"), slots.ask(round, n));
                match clients[n][0].post_keyed("/api/v1/bookings", &key, &ask) {
                    Ok(answer) => (answer, false),
                    // Nobody answered: ask the process that lives, with the same key.
                    Err(_) if dies => {
                        let other = clients[n].iter().find_map(|client| client.post_keyed("/api/v1/bookings", &key, &ask).ok());
                        (other.unwrap(), true)
                    }
                    Err(fault) => panic!("round {round}: {fault:?}"),
                }
            });
            if let Some(killer) = killer {
                killer.join().unwrap();
            }
            answers
        });
        unanswered[round % 2] += answers.iter().filter(|(_, again)| *again).count();
        let answers: Vec<Answer> = answers.into_iter().map(|(answer, _)| answer).collect();
        let winner = one_winner(round, &answers);
        if dies {
            kills[round % 2] += 1;
            second.restart();
        }
        if usual > 300 {
            let path = format!("/api/v1/bookings/{}/cancellation", answers[winner].text("/id"));
            clients[winner][0].post(&path, &json!({})).unwrap().expect(201, "cancellation").unwrap();
        }
    }
    println!(
        "two processes: {usual} rounds of {CONTENDERS}, {usual} winners, kills {kills:?}, unanswered and asked again {unanswered:?}, {:.1} s",
        started.elapsed().as_secs_f32()
    );
    assert!((0..2).all(|kind| unanswered[kind] > 0 || kills[kind] == 0), "no kill met a request: {unanswered:?}");
    assert_eq!(rows(&mut db.conn(), "bookings") as usize, usual);
    assert_eq!(backup::broken_invariants(&mut db.conn()).unwrap(), Vec::<String>::new());
}

/// An agreement of two parties, proposed anew for every round.
fn last_signatures(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let hub = yuxin_in_force(&app.admin());
    let (desk, unit) = (hub.person("yuxin-p-lead").unwrap(), hub.person("yuxin-p-unit").unwrap());
    let id = find(&desk, "/api/v1/agreements", "yuxin-partnership").unwrap();
    let clauses = desk.get(&format!("/api/v1/agreements/{id}/versions/1")).unwrap().body["clauses"].clone();
    let usual = rounds(50);
    for round in 0..usual {
        let version = round + 2;
        let path = format!("/api/v1/agreements/{id}/versions/{version}");
        desk.post(&format!("/api/v1/agreements/{id}/versions"), &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        desk.post(&format!("{path}/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        let seen = desk.get(&path).unwrap();
        let organisation = |code: &str| {
            let parties = seen.body["parties"].as_array().unwrap();
            parties.iter().find(|party| party["code"] == code).unwrap()["organisation_id"].clone()
        };
        let signers = [(&desk, organisation("yuxin-community")), (&unit, organisation("yuxin-unit"))];
        let answers = together(2, |n| {
            let body = json!({"organisation_id": signers[n].1, "sha256": seen.body["sha256"]});
            signers[n].0.post(&format!("{path}/signatures"), &body).unwrap().expect(201, "signature").unwrap()
        });
        let last = answers.iter().filter(|answer| answer.body["agreed"] == true).count();
        assert_eq!(last, 1, "round {round}: {answers:?}");
        let of = format!("version_id = '{}'", seen.text("/id"));
        let mut conn = app.db.conn();
        assert_eq!(rows(&mut conn, &format!("version_events WHERE {of} AND kind = 'agreed'")), 1, "round {round}");
        assert_eq!(rows(&mut conn, &format!("version_effects WHERE {of}")), 1, "round {round}");
    }
    println!("{backend:?}: {usual} agreements, one last signature each");
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
}

#[test]
fn soak_two_last_signatures_agree_once_sqlite() {
    last_signatures(Backend::Sqlite);
}

#[test]
fn soak_two_last_signatures_agree_once_postgres() {
    last_signatures(Backend::Postgres);
}

fn keys_and_cancellations(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let hub = yuxin_in_force(&app.admin());
    let resident = hub.person("yuxin-p-res-1").unwrap();
    let slots = Slots::of(&app.client, crate::harness::db::NOW);
    let clients: Vec<Client> = (0..16).map(|_| Client::new(&app.base).with_token(resident.token())).collect();
    for round in 0..10 {
        let (ask, key) = (slots.ask(round * 2, 0), format!("the-same-key-{round}"));
        let answers = together(16, |n| clients[n].post_keyed("/api/v1/bookings", &key, &ask).unwrap());
        let booked: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
        for other in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!((other.status, other.text("/code")), (409, "idempotency-in-flight"), "{other:?}");
            assert!(other.header("retry-after").is_some());
        }
        let first = booked.first().unwrap();
        assert!(booked.iter().all(|answer| answer.body == first.body
            && answer.header("etag") == first.header("etag")
            && answer.header("location") == first.header("location")));
        let fresh = booked.iter().filter(|answer| answer.header("idempotency-replayed").is_none()).count();
        assert_eq!(fresh, 1, "one effect, the others are replays");
        assert_eq!(rows(&mut app.db.conn(), "bookings") as usize, round + 1);

        let path = format!("/api/v1/bookings/{}/cancellation", first.text("/id"));
        let ends = together(16, |n| clients[n].post(&path, &json!({})).unwrap());
        let mut statuses: Vec<(u16, &str)> = ends.iter().map(|answer| (answer.status, answer.text("/code"))).collect();
        statuses.sort_unstable();
        let mut expected = vec![(409, "state-conflict"); 16];
        expected[0] = (201, "");
        assert_eq!(statuses, expected);
    }
    let mut conn = app.db.conn();
    assert_eq!((rows(&mut conn, "booking_cancellations"), rows(&mut conn, "occupancy")), (10, 0));
    app.settle();
}

#[test]
fn one_key_is_one_effect_and_one_cancellation_wins_sqlite() {
    keys_and_cancellations(Backend::Sqlite);
}

#[test]
fn one_key_is_one_effect_and_one_cancellation_wins_postgres() {
    keys_and_cancellations(Backend::Postgres);
}

fn refreshed_cookie(answer: &Answer) -> Option<String> {
    let set =
        answer.headers.iter().filter(|(name, _)| name == "set-cookie").find_map(|(_, value)| value.strip_prefix(&format!("{COOKIE}=")));
    set.and_then(|value| value.split(';').next()).map(str::to_owned)
}

fn sessions(conn: &mut Conn) -> (i64, i64) {
    (rows(conn, "refresh_tokens"), rows(conn, "sessions WHERE revoked_at IS NULL"))
}

fn refreshes_and_claims(backend: Backend) {
    let clock = SetClock::at(crate::harness::db::NOW);
    let app = TestApp::serve(TestDb::fresh(backend), clock.clone());
    let admin = app.admin();
    let hub = Hub::bring_in(&admin, &crate::harness::process::yuxin_any_day()).unwrap();
    let login = hub.file.people.iter().find(|p| p.code == "yuxin-p-res-1").unwrap().mobile.clone().unwrap();

    // Claims: one code, twenty hands.
    let code = admin.post("/api/v1/claim-codes", &json!({ "login": login })).unwrap().expect(200, "code").unwrap();
    let claim = json!({"login": login, "code": code.text("/code"), "password": PASSWORD});
    let claims = together(20, |_| Client::new(&app.base).post("/api/v1/claims", &claim).unwrap());
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for answer in &claims {
        *statuses.entry(answer.status).or_default() += 1;
    }
    println!("{backend:?}: twenty claims of one code: {statuses:?}");
    assert_eq!(statuses.get(&200), Some(&1), "{statuses:?}");
    // The others: wrong (spent), too many attempts, or turned away while passwords are hashed.
    assert!(statuses.keys().all(|status| [200, 401, 429, 503].contains(status)), "{statuses:?}");

    // Refreshes: one cookie, fifty tabs.
    let ask = json!({"login": login, "password": PASSWORD});
    let signed_in = app.client.post("/api/v1/sign-in", &ask).unwrap().expect(200, "sign in").unwrap();
    let cookie = refreshed_cookie(&signed_in).unwrap();
    let before = sessions(&mut app.db.conn());
    let refresh = |cookie: &str| {
        let header = format!("{COOKIE}={cookie}");
        Client::new(&app.base).raw("POST", "/api/v1/token-refresh", &[("cookie", &header)], Some(("application/json", b"{}"))).unwrap()
    };
    let answers = together(50, |_| refresh(&cookie));
    assert!(answers.iter().all(|answer| answer.status == 200), "a spurious sign-out: {answers:?}");
    let mut successors: Vec<String> = answers.iter().map(|answer| refreshed_cookie(answer).unwrap()).collect();
    successors.sort();
    successors.dedup();
    assert_eq!(successors.len(), 1, "one successor");
    assert_eq!(sessions(&mut app.db.conn()), (before.0 + 1, before.1));
    let token = answers[0].text("/access_token").to_owned();
    assert_eq!(app.client.with_token(Some(&token)).get("/api/v1/me").unwrap().status, 200);

    // A replay after the grace is theft: the whole session ends.
    clock.set(crate::harness::db::NOW.plus_seconds(11));
    assert_eq!(refresh(&cookie).status, 401);
    assert!(app.metrics().contains("\nauth_refresh_reuse_total 1\n"));
    assert_eq!(refresh(&successors[0]).status, 401, "the successor ended with its session");
    assert_eq!(app.client.with_token(Some(&token)).get("/api/v1/me").unwrap().status, 401);
    app.settle();
}

#[test]
fn one_successor_of_a_refresh_and_one_claim_of_a_code_sqlite() {
    refreshes_and_claims(Backend::Sqlite);
}

#[test]
fn one_successor_of_a_refresh_and_one_claim_of_a_code_postgres() {
    refreshes_and_claims(Backend::Postgres);
}
