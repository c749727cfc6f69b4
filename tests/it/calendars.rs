//! Feeds for calendar programs, over HTTP on both backends: read by the PyPI package `icalendar`, subscribed to by vdirsyncer and khal.

use crate::harness::db::{NOW, fresh_folder};
use crate::harness::{TestApp, TestDb, Town, rows};
use crate::recurrence::python;
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::time::SetClock;
use shangliang::store::Backend;
use std::io::Write;
use std::process::{Command, Stdio};

/// What the package says of a feed.
fn read(feed: &str) -> Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/calendars.py");
    let mut child = Command::new(python()).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(feed.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}\n{feed}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// A feed as it is served.
pub(crate) fn fetch(by: &Client, path: &str) -> Answer {
    let feed = by.get(path).unwrap().expect(200, path).unwrap();
    assert_eq!(feed.header("content-type"), Some("text/calendar; charset=utf-8"));
    feed
}

/// The events of a feed, as the package understands them.
pub(crate) fn events(feed: &Answer) -> Vec<Value> {
    read(&feed.content)["events"].as_array().unwrap().clone()
}

/// A new address of a feed: its id, and the path with the secret in it.
pub(crate) fn address(by: &Client, ask: Value) -> (String, String) {
    let made = by.post("/api/v1/me/calendars", &ask).unwrap().expect(200, "address").unwrap();
    (made.text("/id").to_owned(), made.text("/path").to_owned())
}

fn feeds(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
    let town = Town::of(&app, &crate::requests::with_consents());
    let (own, mate, social, nobody) =
        (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"), town.person("yuxin-p-arts"), app.client.clone());
    let space = town.space("yuxin-centre/moxuan");
    let of_space = format!("/api/v1/spaces/{space}/calendar.ics");
    let empty = read(&fetch(&nobody, &of_space).content);
    assert_eq!((&empty["events"], &empty["zones"]), (&json!([]), &json!(["Asia/Shanghai"])));

    let series = json!({"space_id": space, "use": "calligraphy", "attendees": 4, "rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=3",
        "starts_at": "2026-12-01T10:00:00+08:00", "ends_at": "2026-12-01T11:30:00+08:00"});
    let made = own.post("/api/v1/series", &series).unwrap().expect(201, "series").unwrap().body;
    let single = town.book(&own, 3, 840);
    let mut ours = town.ask(4, 600);
    ours["organisation_id"] = json!(town.organisation("yuxin-arts"));
    social.post("/api/v1/bookings", &ours).unwrap().expect(201, "booking").unwrap();
    let asked = json!({"space_id": town.space("yuxin-centre/yazhu"), "use": "study", "attendees": 10,
        "starts_at": town.at(5, 600), "ends_at": town.at(5, 660)});
    own.post("/api/v1/bookings", &asked).unwrap().expect(201, "request").unwrap();

    // Everybody: taken and what for, nothing that tells whose.
    let public = fetch(&nobody, &of_space);
    let taken = events(&public);
    assert_eq!(taken.len(), 5);
    assert_eq!((&taken[0]["starts_at"], &taken[0]["ends_at"]), (&json!("2026-12-01T02:00:00Z"), &json!("2026-12-01T03:30:00Z")));
    assert!(taken.iter().all(|event| event["status"] == "CONFIRMED" && event["summary"].as_str().unwrap().starts_with("已预订")));
    let household = rows_of_household(&app, &own);
    for secret in ["booking_", "account_", "household_", "org_", "series_", "元", single.as_str(), household.as_str(), "王"] {
        assert!(!public.content.contains(secret), "{secret} in {}", public.content);
    }
    // Kept by its tag.
    let tag = public.header("etag").unwrap();
    let same = nobody.raw("GET", &of_space, &[("if-none-match", tag)], None).unwrap();
    assert_eq!((same.status, same.header("etag"), same.content.as_str()), (304, Some(tag), ""));
    assert_eq!(public.header("cache-control"), Some("public, max-age=300"));

    // The household: its own, with place, price and what waits; the same for whoever lives there, nothing of the organisation.
    let (mine, path) = address(&own, json!({}));
    let private = fetch(&nobody, &path);
    assert_eq!(private.header("cache-control"), Some("private, no-cache"));
    let all = events(&private);
    assert_eq!(all.len(), 5);
    assert_eq!(all.iter().filter(|event| event["status"] == "TENTATIVE").count(), 1);
    assert!(
        all.iter().all(|event| !event["location"].as_str().unwrap().is_empty() && event["description"].as_str().unwrap().contains("人"))
    );
    let of_mate = fetch(&nobody, &address(&mate, json!({})).1);
    assert_eq!(of_mate.content, private.content);
    // The organisation: for whoever books for it.
    let (_, theirs) = address(&social, json!({"organisation_id": town.organisation("yuxin-arts")}));
    let of_arts = events(&fetch(&nobody, &theirs));
    assert_eq!(of_arts.len(), 1);
    let no = own.post("/api/v1/me/calendars", &json!({"organisation_id": town.organisation("yuxin-arts")})).unwrap();
    assert_eq!((no.status, no.text("/code")), (403, "forbidden"));

    // A change counts up, an end is told, and the same event keeps its name.
    let before = all.iter().find(|event| event["uid"] == format!("{single}@shangliang")).unwrap().clone();
    own.post(&format!("/api/v1/bookings/{single}/cancellation"), &json!({})).unwrap().expect(201, "cancelled").unwrap();
    let changed = fetch(&nobody, &path);
    assert_ne!(changed.header("etag"), private.header("etag"));
    let after = events(&changed).into_iter().find(|event| event["uid"] == before["uid"]).unwrap();
    assert_eq!((&before["status"], &after["status"]), (&json!("CONFIRMED"), &json!("CANCELLED")));
    assert!(after["sequence"].as_i64() > before["sequence"].as_i64());
    assert_eq!(events(&fetch(&nobody, &of_space)).len(), 4);
    // The occurrences of a series are events each.
    for day in made["occurrences"].as_array().unwrap() {
        let uid = format!("{}@shangliang", day["booking_id"].as_str().unwrap());
        assert_eq!(all.iter().filter(|event| event["uid"] == uid.as_str()).count(), 1);
    }

    // The secret is kept nowhere: not in a table, not in the audit trail, not in a list of one's own.
    let secret = path.rsplit('/').next().unwrap().trim_end_matches(".ics");
    for (table, text) in [
        ("calendars", "token_hash || id"),
        ("idempotency_keys", "reply"),
        ("audit_pending", "detail || subject"),
        ("audit_chain", "detail || subject"),
        ("outbox", "payload"),
    ] {
        assert_eq!(rows(&mut app.db.conn(), &format!("{table} WHERE {text} LIKE '%{secret}%'")), 0, "{table}");
    }
    let list = own.get("/api/v1/me/calendars").unwrap().expect(200, "list").unwrap();
    assert!(!list.content.contains(secret) && list.body[0]["id"] == mine.as_str());

    // Revoked: it opens nothing any more, for anybody; somebody else's cannot be revoked.
    let end = |by: &Client| by.post(&format!("/api/v1/me/calendars/{mine}/revocation"), &json!({})).unwrap();
    assert_eq!(end(&mate).status, 404);
    assert_eq!((end(&own).status, end(&own).status), (201, 409));
    for gone in [path.as_str(), "/api/v1/calendars/x.ics", &format!("/api/v1/calendars/{}.ics", "A".repeat(43))] {
        let answer = nobody.get(gone).unwrap();
        assert_eq!((answer.status, answer.text("/code")), (404, "not-found"), "{gone}");
    }
    // Nobody makes addresses without end.
    for _ in 0..20 {
        address(&own, json!({}));
    }
    assert_eq!(own.post("/api/v1/me/calendars", &json!({})).unwrap().status, 409);
    // Who may no longer book for the organisation no longer reads its calendar, whatever address they kept.
    app.db.sql("UPDATE representatives SET revoked_at = 1, revoked_by = account_id");
    assert_eq!(nobody.get(&theirs).unwrap().status, 404);
    // Who is erased leaves none.
    mate.post("/api/v1/me/erasure", &json!({})).unwrap().expect(201, "erasure").unwrap();
    let left = "calendars c JOIN accounts a ON a.id = c.account_id WHERE a.erased_at IS NOT NULL";
    assert_eq!(rows(&mut app.db.conn(), left), 0);
    app.settle();
}

fn rows_of_household(_: &TestApp, by: &Client) -> String {
    by.get("/api/v1/me").unwrap().text("/household_id").to_owned()
}

#[test]
fn feeds_are_read_by_an_independent_parser_sqlite() {
    feeds(Backend::Sqlite);
}

#[test]
fn feeds_are_read_by_an_independent_parser_postgres() {
    feeds(Backend::Postgres);
}

told_on_both! {
    a_space_is_taken_with_what_it_is_a_part_of(backend) {
        let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
        let town = Town::build(&app);
        let own = town.person("yuxin-p-res-2");
        for (space, minute) in [("hall", 600), ("dong", 840), ("xi", 1020)] {
            let ask = json!({"space_id": town.space(&format!("yuxin-centre/{space}")), "use": "meeting", "attendees": 5,
                "starts_at": town.at(3, minute), "ends_at": town.at(3, minute + 60)});
            own.post("/api/v1/bookings", &ask).unwrap().expect(201, space).unwrap();
        }
        let feed = |space: &str| fetch(&app.client, &format!("/api/v1/spaces/{}/calendar.ics", town.space(&format!("yuxin-centre/{space}")))).content;
        let taken = |space: &str| -> Vec<String> {
            feed(space).lines().filter_map(|line| line.strip_prefix("DTSTART;TZID=Asia/Shanghai:20261201T")).map(str::to_owned).collect()
        };
        // The hall is its two parts: a booking of the whole takes either, and one of either takes a part of the whole.
        assert_eq!(taken("hall"), ["100000", "140000", "170000"]);
        assert_eq!(taken("dong"), ["100000", "140000"]);
        assert_eq!(taken("xi"), ["100000", "170000"]);
        assert_eq!(taken("moxuan"), Vec::<String>::new());
        assert!(!feed("dong").contains("大厅"), "which space it was booked with is not told");
        app.settle();
    }
}

#[test]
fn a_calendar_program_subscribes() {
    let app = TestApp::serve(TestDb::fresh(Backend::Sqlite), SetClock::at(NOW));
    let town = Town::build(&app);
    let own = town.person("yuxin-p-res-2");
    let series = json!({"space_id": town.space("yuxin-centre/moxuan"), "use": "calligraphy", "attendees": 4, "rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=3",
        "starts_at": "2026-12-01T10:00:00+08:00", "ends_at": "2026-12-01T11:30:00+08:00"});
    own.post("/api/v1/series", &series).unwrap().expect(201, "series").unwrap();
    let (_, path) = address(&own, json!({}));
    let subscribe = |path: &str, days: &str| {
        let folder = fresh_folder("khal");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/subscribe.sh");
        let done =
            Command::new("sh").arg(script).arg(format!("{}{path}", app.base)).arg(&folder).args(["2026-12-01", days]).output().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let text = String::from_utf8(done.stdout).unwrap();
        text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let shown = subscribe(&path, "30");
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert!(shown[0].starts_with("2026-12-01 10:00 2026-12-01 11:30 同创墨轩 · 书画"), "{shown:?}");
    let shown = subscribe(&format!("/api/v1/spaces/{}/calendar.ics", town.space("yuxin-centre/moxuan")), "30");
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert!(shown[2].contains("2026-12-15 10:00") && shown[2].contains("已预订"), "{shown:?}");
}
