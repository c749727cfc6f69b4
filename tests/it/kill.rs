//! The server, or PostgreSQL under it, dies under load: what was acknowledged is there, and the next start is quick. A standby of
//! PostgreSQL is lost: who reads goes on, and who wrote is not told what nobody knows.

use crate::harness::cluster::{Cluster, Durability};
use crate::harness::process::{PROGRAM, RESIDENTS, Server, yuxin_in_force};
use crate::harness::{TestDb, number, outcome, rounds, rows};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::demo::people::{PASSWORD, spaces};
use shangliang::kernel::time::SystemClock;
use shangliang::kernel::{Clock, Zone};
use shangliang::store::{Backend, Conn, DatabaseUrl, backup};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant as Tick};

/// Rooms without set-up or clean-up, and a use of each.
const ROOMS: [(&str, &str); 5] =
    [("tongzhan-home", "meeting"), ("hongyi-hall", "study"), ("member-room", "study"), ("shuyuan", "reading"), ("yazhu", "study")];
const WRITERS: usize = 4;

/// Not random enough for a lottery, enough for a test.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// A booking that was acknowledged, and what it must be by now: confirmed, cancelled, or either (its cancellation was not
/// answered).
struct Acknowledged {
    id: String,
    who: usize,
    state: &'static str,
}

/// Residents who book and cancel at 育新 as fast as they are answered.
struct Load {
    base: String,
    logins: Vec<String>,
    rooms: Vec<(String, &'static str)>,
    zone: Zone,
    seed: u64,
    acknowledged: Mutex<Vec<Acknowledged>>,
    answered: AtomicUsize,
    /// Refused with 503 while something was down.
    unavailable: AtomicUsize,
    /// Served, after waiting for it to come back.
    waited: AtomicUsize,
    checked: usize,
    signed_in: Vec<Client>,
    signed_at: Tick,
}

impl Load {
    fn on(server: &Server) -> Self {
        let hub = yuxin_in_force(&server.first_admin());
        let rooms = spaces(&Client::new(&server.base), "yuxin-centre").unwrap();
        let id_of = |code: &str| rooms.iter().find(|(have, ..)| have == code).unwrap().1.clone();
        let logins = RESIDENTS.iter().map(|code| {
            hub.person(code).unwrap();
            hub.file.people.iter().find(|p| p.code == *code).unwrap().mobile.clone().unwrap()
        });
        Self {
            base: server.base.clone(),
            logins: logins.collect(),
            rooms: ROOMS.iter().map(|(code, what)| (id_of(code), *what)).collect(),
            zone: Zone::named("Asia/Shanghai").unwrap(),
            seed: 88_172_645_463_325_252,
            acknowledged: Mutex::default(),
            answered: AtomicUsize::new(0),
            unavailable: AtomicUsize::new(0),
            waited: AtomicUsize::new(0),
            checked: 0,
            signed_in: Vec::new(),
            signed_at: Tick::now(),
        }
    }

    /// Some period in the next weeks.
    fn ask(&self, n: u64) -> Value {
        let (room, what) = &self.rooms[usize::try_from(n % 5).unwrap()];
        let today = self.zone.day_of(SystemClock.now());
        let day = self.zone.day_of(self.zone.at(today, 720).plus_days(2 + i64::try_from(n / 5 % 55).unwrap()));
        let start = self.zone.at(day, 510).plus_minutes(30 * i64::try_from(n / 300 % 24).unwrap());
        json!({"space_id": room, "use": what, "attendees": 2,
            "starts_at": self.zone.rfc3339(start), "ends_at": self.zone.rfc3339(start.plus_minutes(30))})
    }

    /// 201, "taken", or a documented "not now".
    fn judge(&self, answer: &Answer) -> bool {
        self.answered.fetch_add(1, Ordering::Relaxed);
        match (answer.status, answer.text("/code")) {
            (201, _) => true,
            (409, _) => false,
            (503, "unavailable" | "overloaded" | "outcome-unknown") => {
                self.unavailable.fetch_add(1, Ordering::Relaxed);
                false
            }
            _ => panic!("{answer:?}"),
        }
    }

    fn write(&self, who: usize, mut state: u64, over: &AtomicBool) {
        // A connection of its own, as another process would have.
        let client = Client::new(&self.base).with_token(self.signed_in[who].token());
        while !over.load(Ordering::Relaxed) {
            let n = next(&mut state);
            let (key, ask) = (uuid::Uuid::now_v7().to_string(), self.ask(n));
            // Nobody answered, or the outcome is not known: asked again with the same key until somebody knows.
            let asked = Tick::now();
            let answer = loop {
                match client.post_keyed("/api/v1/bookings", &key, &ask) {
                    Ok(answer) if answer.text("/code") == "outcome-unknown" => self.judge(&answer),
                    Ok(answer) => break Some(answer),
                    Err(_) => false,
                };
                if over.load(Ordering::Relaxed) {
                    break None;
                }
            };
            let Some(answer) = answer else { break };
            // Far longer than a booking takes, shorter than a restart.
            if answer.status != 503 && asked.elapsed() > Duration::from_millis(200) {
                self.waited.fetch_add(1, Ordering::Relaxed);
            }
            if !self.judge(&answer) {
                continue;
            }
            let id = answer.text("/id").to_owned();
            let state = if !n.is_multiple_of(4) {
                "confirmed"
            } else {
                match client.post(&format!("/api/v1/bookings/{id}/cancellation"), &json!({})) {
                    Ok(answer) if self.judge(&answer) => "cancelled",
                    _ => "either",
                }
            };
            self.acknowledged.lock().unwrap().push(Acknowledged { id, who, state });
        }
    }

    /// Everybody writes until `blow` is over.
    fn during(&mut self, blow: impl FnOnce()) {
        if self.signed_in.is_empty() || self.signed_at.elapsed() > Duration::from_secs(240) {
            self.signed_in = self.logins.iter().map(|login| Client::new(&self.base).sign_in(login, PASSWORD).unwrap()).collect();
            self.signed_at = Tick::now();
        }
        let seeds: Vec<u64> = (0..WRITERS).map(|_| next(&mut self.seed) | 1).collect();
        let (over, load) = (AtomicBool::new(false), &*self);
        std::thread::scope(|scope| {
            for (writer, seed) in seeds.into_iter().enumerate() {
                let over = &over;
                scope.spawn(move || load.write(writer % RESIDENTS.len(), seed, over));
            }
            blow();
            over.store(true, Ordering::Relaxed);
        });
    }

    /// Every booking acknowledged since the last look is what it was said to be.
    fn check(&mut self, round: usize) {
        let acknowledged = self.acknowledged.lock().unwrap();
        for Acknowledged { id, who, state } in &acknowledged[self.checked..] {
            let seen = self.signed_in[*who].get(&format!("/api/v1/bookings/{id}")).unwrap();
            assert_eq!(seen.status, 200, "round {round}: acknowledged booking {id} is gone");
            assert!(*state == "either" || seen.body["state"] == *state, "round {round}: {id} is {}, not {state}", seen.body["state"]);
        }
        self.checked = acknowledged.len();
    }

    /// All of them once more, in the database itself, where nothing is half written.
    fn check_all(&self, conn: &mut Conn) {
        for Acknowledged { id, state, .. } in self.acknowledged.lock().unwrap().iter() {
            let filter = if *state == "either" { String::new() } else { format!(" AND state = '{state}'") };
            assert_eq!(rows(conn, &format!("bookings WHERE id = '{id}'{filter}")), 1, "{id}");
        }
        assert_eq!(backup::broken_invariants(conn).unwrap(), Vec::<String>::new());
    }
}

#[test]
fn soak_what_was_acknowledged_survives_kill_9() {
    let db = TestDb::fresh(Backend::Sqlite);
    let file = db.folder.join("test.db");
    let mut server = Server::start(&format!("sqlite:{}", file.display()), &db.folder.join("keys"));
    let mut load = Load::on(&server);
    let (kills, mut ready) = (rounds(50), Vec::new());
    for round in 0..kills {
        let wait = Duration::from_millis(50 + next(&mut load.seed) % 251);
        load.during(|| {
            std::thread::sleep(wait);
            server.kill();
        });
        ready.push(server.restart());
        load.check(round);
    }
    server.kill();
    load.check_all(&mut db.conn());
    let verified = Command::new(&*PROGRAM).arg("verify").arg(&file).output().unwrap();
    assert!(verified.status.success(), "{}{}", String::from_utf8_lossy(&verified.stdout), String::from_utf8_lossy(&verified.stderr));
    ready.sort();
    let (median, most) = (ready[ready.len() / 2], ready[ready.len() - 1]);
    println!(
        "{kills} kills, {} answers, {} acknowledged bookings, 0 lost; ready again after {median:?} (median), {most:?} (most)",
        load.answered.load(Ordering::Relaxed),
        load.checked
    );
    assert!(load.checked >= kills, "there was no load: {} bookings", load.checked);
    assert!(median <= Duration::from_secs(1), "median {median:?}");
    assert!(most <= Duration::from_secs(1), "most {most:?}");
}

/// PostgreSQL is stopped as by a crash, and properly, while residents book: the server stays up, says 503 meanwhile, and
/// goes on by itself.
#[test]
fn soak_postgres_restarts_under_load() {
    let folder = crate::harness::db::fresh_folder("restart");
    let mut cluster = Cluster::start(&folder.join("pg"), Durability::Full).unwrap();
    let url: DatabaseUrl = cluster.url("postgres").parse().unwrap();
    let mut server = Server::start(&cluster.url("postgres"), &folder.join("keys"));
    let mut load = Load::on(&server);
    let (restarts, mut again) = (rounds(6), Vec::new());
    for round in 0..restarts {
        let mode = if round % 2 == 0 { "immediate" } else { "fast" };
        load.during(|| {
            std::thread::sleep(Duration::from_millis(300));
            cluster.restart(mode).unwrap();
            let up = Tick::now();
            let look = Client::new(&server.base);
            while look.get("/readyz").unwrap().status != 200 {
                assert!(up.elapsed() < Duration::from_secs(10), "round {round}: not ready 10 s after PostgreSQL is");
                std::thread::sleep(Duration::from_millis(5));
            }
            again.push(up.elapsed());
            std::thread::sleep(Duration::from_millis(200));
        });
        load.check(round);
    }
    server.kill();
    load.check_all(&mut Conn::open(&url, false).unwrap());
    println!(
        "{restarts} restarts of PostgreSQL, {} answers ({} of them 503, {} after waiting), {} acknowledged bookings, 0 lost; ready again at most {:?} after it",
        load.answered.load(Ordering::Relaxed),
        load.unavailable.load(Ordering::Relaxed),
        load.waited.load(Ordering::Relaxed),
        load.checked,
        again.iter().max().unwrap()
    );
    assert!(load.checked >= restarts, "there was no load: {} bookings", load.checked);
    let felt = load.unavailable.load(Ordering::Relaxed) + load.waited.load(Ordering::Relaxed);
    assert!(felt > 0, "nobody noticed that PostgreSQL was down");
    drop(cluster);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// From now on every COMMIT waits for these standbys, of which there is none.
fn wait_for_standbys(conn: &mut Conn, names: &str) {
    conn.batch_execute(&format!("ALTER SYSTEM SET synchronous_standby_names = '{names}'")).unwrap();
    conn.batch_execute("SELECT pg_reload_conf()").unwrap();
    let set = format!("SELECT COUNT(*) AS n FROM pg_settings WHERE name = 'synchronous_standby_names' AND setting = '{names}'");
    let asked = Tick::now();
    while number(conn, &set) == 0 {
        assert!(asked.elapsed() < Duration::from_secs(10), "the setting is not taken");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Until the server says that it is not ready, soon.
fn until_not_ready(client: &Client) {
    let begun = Tick::now();
    while outcome(&client.get("/readyz").unwrap()) != (503, "unavailable") {
        assert!(begun.elapsed() < Duration::from_secs(3), "ready for ever");
        std::thread::sleep(Duration::from_millis(50));
    }
}

const WAITS: &str = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

/// Asks for many times at once while every COMMIT waits, and does something to that; what is answered.
fn asked_meanwhile(
    asks: &[(String, Value)],
    book: impl Fn(&(String, Value)) -> Answer + Sync,
    then: impl FnOnce(&dyn Fn() -> bool),
) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let book = &book;
        let asking: Vec<_> = asks.iter().map(|ask| scope.spawn(move || book(ask))).collect();
        then(&|| asking.iter().all(|asker| asker.is_finished()));
        asking.into_iter().map(|asker| asker.join().unwrap()).collect()
    })
}

#[test]
fn commits_that_wait_for_a_lost_standby_keep_nobody_from_reading() {
    let folder = crate::harness::db::fresh_folder("standby");
    let mut cluster = Cluster::start(&folder.join("pg"), Durability::Full).unwrap();
    let url: DatabaseUrl = cluster.url("postgres").parse().unwrap();
    let server = Server::start(&cluster.url("postgres"), &folder.join("keys"));
    let resident = yuxin_in_force(&server.first_admin()).person("yuxin-p-res-1").unwrap();
    let room = spaces(&resident, "yuxin-centre").unwrap().into_iter().find(|(code, ..)| code == "hongyi-hall").unwrap().1;
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let wish = |ahead: i64| {
        let day = zone.day_of(zone.at(zone.day_of(SystemClock.now()), 720).plus_days(ahead));
        let start = zone.at(day, 600);
        let ask = json!({"space_id": room, "use": "study", "attendees": 2,
            "starts_at": zone.rfc3339(start), "ends_at": zone.rfc3339(start.plus_minutes(30))});
        (format!("standby-{ahead}"), ask)
    };
    // Some days the owner keeps for itself.
    let open = |(_, ask): &(String, Value)| resident.post("/api/v1/bookings/check", ask).unwrap().body["bookable"] == true;
    let asks: Vec<(String, Value)> = (2..30).map(wish).filter(open).take(13).collect();
    let (many, few) = asks.split_at(10);
    let book = |(key, ask): &(String, Value)| {
        Client::new(&server.base).with_token(resident.token()).post_keyed("/api/v1/bookings", key, ask).unwrap()
    };
    let replayed = |answer: &Answer| answer.status == 201 && answer.header("idempotency-replayed").is_some();
    let waits = |conn: &mut Conn, least: i64| {
        let begun = Tick::now();
        while number(conn, &format!("SELECT COUNT(*) AS n {WAITS}")) < least {
            assert!(begun.elapsed() < Duration::from_secs(10), "no COMMIT waits");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let mut conn = Conn::open(&url, false).unwrap();

    wait_for_standbys(&mut conn, "nobody");
    let answers = asked_meanwhile(many, book, |answered| {
        waits(&mut conn, 2);
        for _ in 0..20 {
            let asked = Tick::now();
            assert_eq!(resident.get("/api/v1/bookings").unwrap().status, 200);
            assert!(asked.elapsed() < Duration::from_secs(1), "a reader waited {:?}", asked.elapsed());
        }
        assert_eq!(resident.get("/livez").unwrap().status, 200);
        // Nobody can write; what was found a second ago still counts.
        until_not_ready(&resident);
        // The connections break between COMMIT and its answer, and whoever asked is told what became of it.
        while !answered() {
            conn.batch_execute(&format!("SELECT pg_terminate_backend(pid) {WAITS}")).unwrap();
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let heard: Vec<_> = answers.iter().map(|answer| (outcome(answer), replayed(answer))).collect();
    assert!(heard.contains(&((201, ""), true)), "{heard:?}");
    assert!(heard.iter().all(|heard| [((201, ""), true), ((503, "overloaded"), false)].contains(heard)), "{heard:?}");

    // PostgreSQL itself breaks: nobody can look, and nobody knows.
    let answers = asked_meanwhile(few, book, |_| {
        waits(&mut conn, 3);
        cluster.restart("immediate").unwrap();
    });
    assert!(answers.iter().any(|answer| outcome(answer) == (503, "outcome-unknown")), "{answers:?}");
    let mut conn = Conn::open(&url, false).unwrap();
    wait_for_standbys(&mut conn, "");
    for (ask, answer) in few.iter().zip(&answers).filter(|(_, answer)| outcome(answer) == (503, "outcome-unknown")) {
        assert!(answer.header("retry-after").is_some());
        assert!(replayed(&book(ask)), "it was done, and once");
    }
    for ask in &asks {
        assert_eq!(book(ask).status, 201);
    }
    assert_eq!(rows(&mut conn, "bookings"), i64::try_from(asks.len()).unwrap());
    assert_eq!(backup::broken_invariants(&mut conn).unwrap(), Vec::<String>::new());

    // Without a database: alive, not ready, and nothing is unknown about what was never sent.
    drop(conn);
    drop(cluster);
    until_not_ready(&resident);
    assert_eq!(resident.get("/livez").unwrap().status, 200);
    assert_eq!(outcome(&resident.get("/api/v1/bookings").unwrap()), (503, "unavailable"));
    let late = book(&wish(31));
    assert_eq!((outcome(&late), late.header("retry-after").is_some()), ((503, "unavailable"), true));
    drop(server);
    std::fs::remove_dir_all(&folder).unwrap();
}
