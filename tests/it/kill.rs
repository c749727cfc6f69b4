//! `kill -9` under load on SQLite: what was acknowledged is there, and the next start is quick.

use crate::harness::process::{PROGRAM, RESIDENTS, Server, yuxin_in_force};
use crate::harness::{TestDb, rounds};
use serde_json::json;
use shangliang::demo::client::Client;
use shangliang::demo::people::{PASSWORD, spaces};
use shangliang::kernel::time::SystemClock;
use shangliang::kernel::{Clock, Zone};
use shangliang::store::{Backend, backup};
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

#[test]
fn soak_what_was_acknowledged_survives_kill_9() {
    let db = TestDb::fresh(Backend::Sqlite);
    let file = db.folder.join("test.db");
    let mut server = Server::start(&format!("sqlite:{}", file.display()), &db.folder.join("keys"));
    let hub = yuxin_in_force(&server.first_admin());
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let rooms = spaces(&Client::new(&server.base), "yuxin-centre").unwrap();
    let id_of = |code: &str| rooms.iter().find(|(have, ..)| have == code).unwrap().1.clone();
    let rooms: Vec<(String, &str)> = ROOMS.iter().map(|(code, what)| (id_of(code), *what)).collect();
    let logins: Vec<String> =
        RESIDENTS.iter().map(|code| hub.file.people.iter().find(|p| p.code == *code).unwrap().mobile.clone().unwrap()).collect();
    for code in RESIDENTS {
        hub.person(code).unwrap();
    }
    let today = zone.day_of(SystemClock.now());

    // What each acknowledged booking must be by now: confirmed, cancelled, or either (its cancellation was not answered).
    let acknowledged: Mutex<Vec<(String, usize, &'static str)>> = Mutex::default();
    let (kills, answered) = (rounds(50), AtomicUsize::new(0));
    let (mut ready, mut seed, mut checked) = (Vec::new(), 88_172_645_463_325_252u64, 0);
    let mut signed_in: Vec<Client> = Vec::new();
    let mut signed_at = Tick::now();
    for round in 0..kills {
        if signed_in.is_empty() || signed_at.elapsed() > Duration::from_secs(240) {
            signed_in = logins.iter().map(|login| Client::new(&server.base).sign_in(login, PASSWORD).unwrap()).collect();
            signed_at = Tick::now();
        }
        let over = AtomicBool::new(false);
        let wait = Duration::from_millis(50 + next(&mut seed) % 251);
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (over, rooms, zone, acknowledged, answered) = (&over, &rooms, &zone, &acknowledged, &answered);
                let who = writer % RESIDENTS.len();
                // A connection of its own, as another process would have.
                let client = Client::new(&server.base).with_token(signed_in[who].token());
                let mut state = next(&mut seed) | 1;
                scope.spawn(move || {
                    while !over.load(Ordering::Relaxed) {
                        let n = next(&mut state);
                        let (room, what) = &rooms[usize::try_from(n % 5).unwrap()];
                        let day = zone.day_of(zone.at(today, 720).plus_days(2 + i64::try_from(n / 5 % 55).unwrap()));
                        let start = zone.at(day, 510).plus_minutes(30 * i64::try_from(n / 300 % 24).unwrap());
                        let ask = json!({"space_id": room, "use": what, "attendees": 2,
                            "starts_at": zone.rfc3339(start), "ends_at": zone.rfc3339(start.plus_minutes(30))});
                        let Ok(answer) = client.post("/api/v1/bookings", &ask) else { continue };
                        answered.fetch_add(1, Ordering::Relaxed);
                        if answer.status != 201 {
                            assert!(answer.status == 409 || over.load(Ordering::Relaxed) || answer.status == 503, "{answer:?}");
                            continue;
                        }
                        let id = answer.text("/id").to_owned();
                        let state = if !n.is_multiple_of(4) {
                            "confirmed"
                        } else {
                            match client.post(&format!("/api/v1/bookings/{id}/cancellation"), &json!({})) {
                                Ok(answer) if answer.status == 201 => "cancelled",
                                _ => "either",
                            }
                        };
                        acknowledged.lock().unwrap().push((id, who, state));
                    }
                });
            }
            std::thread::sleep(wait);
            server.kill();
            over.store(true, Ordering::Relaxed);
        });
        ready.push(server.restart());
        let acknowledged = acknowledged.lock().unwrap();
        for (id, who, state) in &acknowledged[checked..] {
            let seen = signed_in[*who].get(&format!("/api/v1/bookings/{id}")).unwrap();
            assert_eq!(seen.status, 200, "round {round}: acknowledged booking {id} is gone");
            assert!(*state == "either" || seen.body["state"] == *state, "round {round}: {id} is {}, not {state}", seen.body["state"]);
        }
        checked = acknowledged.len();
    }
    server.kill();
    // Once more, all of them, in the file itself.
    let mut conn = db.conn();
    for (id, _, state) in acknowledged.lock().unwrap().iter() {
        let filter = if *state == "either" { String::new() } else { format!(" AND state = '{state}'") };
        assert_eq!(crate::harness::rows(&mut conn, &format!("bookings WHERE id = '{id}'{filter}")), 1, "{id}");
    }
    drop(conn);
    let verified = Command::new(&*PROGRAM).arg("verify").arg(&file).output().unwrap();
    assert!(verified.status.success(), "{}{}", String::from_utf8_lossy(&verified.stdout), String::from_utf8_lossy(&verified.stderr));
    assert_eq!(backup::broken_invariants(&mut db.conn()).unwrap(), Vec::<String>::new());
    ready.sort();
    let (median, most) = (ready[ready.len() / 2], ready[ready.len() - 1]);
    println!(
        "{kills} kills, {} answers, {checked} acknowledged bookings, 0 lost; ready again after {median:?} (median), {most:?} (most)",
        answered.into_inner()
    );
    assert!(checked >= kills, "there was no load: {checked} bookings");
    assert!(median <= Duration::from_secs(1), "median {median:?}");
    assert!(most <= Duration::from_secs(1), "most {most:?}");
}
