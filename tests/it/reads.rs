//! What the screens read in one answer: a site's days, its board, plain words of clauses.

use crate::harness::{TestApp, TestDb, Town};
use crate::requests::with_consents;
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::Client;
use shangliang::kernel::Clock;
use shangliang::kernel::time::SetClock;
use shangliang::store::{Backend, Followed};
use std::io::{Read, Write};
use std::net::TcpStream;

fn seen(client: &Client, path: &str) -> Value {
    client.get(path).unwrap().expect(200, path).unwrap().body
}

fn a_site_in_one_answer(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    let (site, hall) = (town.site("yuxin-centre"), town.space("yuxin-centre/hall"));
    let (resident, desk) = (town.person("yuxin-p-res-1"), town.person("yuxin-p-desk"));
    let ask = json!({"space_id": hall, "use": "family", "attendees": 30,
        "starts_at": "2026-11-30T14:30:00+08:00", "ends_at": "2026-11-30T16:00:00+08:00"});
    resident.post("/api/v1/bookings", &ask).unwrap().expect(201, "booking").unwrap();

    // The same days as of each space alone, its parts taken with it.
    for view in ["day", "week", "month"] {
        let all = seen(&app.client, &format!("/api/v1/sites/{site}/availability?date=2026-11-30&view={view}"));
        let spaces = all["spaces"].as_array().unwrap();
        assert_eq!(spaces.len(), 9, "six rooms, the hall and its two parts");
        for space in spaces {
            let id = space["space_id"].as_str().unwrap();
            let alone = seen(&app.client, &format!("/api/v1/spaces/{id}/availability?date=2026-11-30&view={view}"));
            assert_eq!(space["days"], alone["days"], "{view} {id}");
        }
        let taken = |code: &str| {
            let id = town.space(code);
            let space = spaces.iter().find(|space| space["space_id"] == id.as_str()).unwrap();
            space["days"].to_string().contains("\"taken\"")
        };
        assert!(taken("yuxin-centre/hall") && taken("yuxin-centre/dong") && taken("yuxin-centre/xi") && !taken("yuxin-centre/shuyuan"));
    }

    // The board: names for the desk and the holder, times and uses for everybody.
    let board = format!("/api/v1/sites/{site}/bookings?from=2026-11-30T00:00:00%2B08:00&to=2026-12-01T00:00:00%2B08:00");
    for (who, shown) in [(&desk, true), (&resident, true), (&town.person("yuxin-p-res-4"), false), (&app.client, false)] {
        let page = seen(who, &board);
        let [one] = page["items"].as_array().unwrap().as_slice() else { panic!("{page}") };
        assert_eq!((one["space_id"].as_str(), one["use"].as_str()), (Some(hall.as_str()), Some("family")));
        assert_eq!(one.get("person").map(|name| name == "王淑珍"), shown.then_some(true), "{one}");
        assert_eq!(one.get("booking").is_some(), shown);
    }

    // Every clause in force says what it does.
    let terms = seen(&app.client, &format!("/api/v1/spaces/{hall}/terms?at=2026-11-30T14:30:00%2B08:00"));
    for term in terms["terms"].as_array().unwrap() {
        for text in ["text_zh", "text_en", "plain_zh", "plain_en"] {
            assert!(term[text].as_str().is_some_and(|text| text.len() > 10), "{text} of {term}");
        }
    }
    assert!(terms.to_string().contains("一次最多 200 人"));
}

/// Agreements by place, area and party, page by page; what happened to one by kind.
fn agreements_are_found(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    let auditor = town.person("yuxin-p-auditor");
    let codes = |query: &str| {
        let page = seen(&auditor, &format!("/api/v1/agreements?{query}"));
        page["items"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ["shiyou-partnership", "yuxin-gym-agreement", "yuxin-partnership"];
    assert_eq!(codes(""), all);
    assert_eq!(codes(&format!("site_id={}", town.site("yuxin-gym"))), ["yuxin-gym-agreement"]);
    assert_eq!(codes(&format!("area_id={}", town.area("yuxin-garden"))), all[1..]);
    assert_eq!(codes(&format!("organisation_id={}", town.organisation("yuxin-community"))), all[1..]);
    assert_eq!(codes(&format!("organisation_id={}", town.organisation("yuxin-unit"))), ["yuxin-partnership"]);
    assert_eq!(
        codes(&format!("organisation_id={}&site_id={}", town.organisation("yuxin-unit"), town.site("yuxin-gym"))),
        Vec::<String>::new()
    );
    // What one may not see is not found by naming it.
    let hidden = seen(&app.client, &format!("/api/v1/agreements?site_id={}", town.site("shiyou-hub")));
    assert_eq!(hidden["items"], json!([]));
    let (mut walked, mut next) = (vec![], String::new());
    loop {
        let page = seen(&auditor, &format!("/api/v1/agreements?limit=1&area_id={}{next}", town.area("yuxin-garden")));
        walked.push(page["items"][0]["code"].as_str().unwrap().to_owned());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(walked, all[1..]);

    let path = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
    let desk = town.person("yuxin-p-desk");
    let closing = json!({"urgency": "immediate", "ground": "safety", "text": "漏水。", "evidence": "照片两张。",
        "space_ids": [town.space("yuxin-centre/moxuan")]});
    for _ in 0..2 {
        let ordered = desk.post(&format!("{path}/suspensions"), &closing).unwrap().expect(201, "closed").unwrap();
        let lifting = format!("{path}/suspensions/{}/lifting", ordered.text("/suspension_id"));
        desk.post(&lifting, &json!({"text": "修好了。"})).unwrap().expect(201, "open").unwrap();
    }
    let kinds = |query: &str| {
        let page = seen(&app.client, &format!("{path}/history?{query}"));
        page["items"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(""), ["suspension_lifted", "suspension_ordered", "suspension_lifted", "suspension_ordered"]);
    assert_eq!(kinds("kind=suspension_lifted"), ["suspension_lifted"; 2]);
    let first = seen(&app.client, &format!("{path}/history?kind=suspension_ordered&limit=1"));
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(kinds(&format!("kind=suspension_ordered&limit=1&cursor={cursor}")), ["suspension_ordered"]);
    for (list, field) in [("/api/v1/agreements?site_id=x".to_owned(), "site_id"), (format!("{path}/history?kind=x"), "kind")] {
        let refused = app.client.get(&list).unwrap();
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, field));
    }
}

#[test]
fn agreements_are_found_sqlite() {
    agreements_are_found(Backend::Sqlite);
}

#[test]
fn agreements_are_found_postgres() {
    agreements_are_found(Backend::Postgres);
}

#[test]
fn a_site_in_one_answer_sqlite() {
    a_site_in_one_answer(Backend::Sqlite);
}

#[test]
fn a_site_in_one_answer_postgres() {
    a_site_in_one_answer(Backend::Postgres);
}

/// What is remembered of a month is what is asked anew, whatever was changed, and it is not asked of the database twice.
fn remembered_days(backend: Backend) {
    let clock = SetClock::at(crate::harness::db::NOW);
    let app = TestApp::serve(TestDb::fresh(backend), clock.clone());
    let town = Town::build(&app);
    let (site, hall, east) = (town.site("yuxin-centre"), town.space("yuxin-centre/hall"), town.space("yuxin-centre/dong"));
    let own = town.person("yuxin-p-res-1");
    let paths = [format!("/api/v1/spaces/{hall}"), format!("/api/v1/spaces/{east}"), format!("/api/v1/sites/{site}")]
        .map(|of| format!("{of}/availability?date=2026-12-07&view=month"));
    let followed = std::cell::RefCell::new(Followed::default());
    let follow = || app.store().follow(&mut followed.borrow_mut()).unwrap();
    follow();
    let tick = || clock.set(clock.now().plus_seconds(1));
    let same = |what: &str| {
        for path in &paths {
            // Other processes' changes are heard ten times a second; here nobody else writes.
            follow();
            let usual = seen(&app.client, path);
            tick();
            let again = seen(&app.client, path);
            let anew = app.client.raw("GET", path, &[("cache-control", "no-cache")], None).unwrap().expect(200, path).unwrap().body;
            let days = |of: &Value| if of["days"].is_null() { of["spaces"].clone() } else { of["days"].clone() };
            assert_eq!((days(&usual), days(&again)), (days(&anew), days(&anew)), "{what}: {path}");
            assert_eq!((usual["as_of"] == again["as_of"], again["as_of"] == anew["as_of"]), (true, false), "{what}: {path}");
        }
    };
    let taken = || seen(&app.client, &paths[1])["days"][6].to_string().matches("\"taken\"").count();
    same("before");
    assert_eq!(taken(), 0);

    // The hall is booked: its part is taken from that moment on, and free from the moment it is cancelled.
    let ask = json!({"space_id": hall, "use": "family", "attendees": 30,
        "starts_at": "2026-12-07T14:30:00+08:00", "ends_at": "2026-12-07T16:00:00+08:00"});
    let booking = own.post("/api/v1/bookings", &ask).unwrap().expect(201, "booking").unwrap().text("/id").to_owned();
    assert_eq!(taken(), 1);
    same("booked");
    own.post(&format!("/api/v1/bookings/{booking}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
    assert_eq!(taken(), 0);
    same("cancelled");

    // A refused booking changes nothing, and what has passed of the month grows.
    let before = seen(&app.client, &paths[0])["as_of"].clone();
    own.post(
        "/api/v1/bookings",
        &json!({"space_id": hall, "use": "family", "attendees": 900,
        "starts_at": "2026-12-07T14:30:00+08:00", "ends_at": "2026-12-07T16:00:00+08:00"}),
    )
    .unwrap()
    .expect(409, "too many")
    .unwrap();
    tick();
    follow();
    assert_eq!(seen(&app.client, &paths[0])["as_of"], before, "nothing was changed");
    let today = format!("/api/v1/spaces/{hall}/availability");
    let morning = seen(&app.client, &today)["as_of"].clone();
    clock.set(crate::harness::db::NOW.plus_minutes(60));
    follow();
    assert_ne!(seen(&app.client, &today)["as_of"], morning, "more of today has passed");
    assert_eq!(seen(&app.client, &paths[0])["as_of"], before, "nothing of next month has");
    same("later");

    // The unit closes the hall: everybody sees it at once.
    town.forget_people();
    let agreement = town.agreement("yuxin-partnership");
    let closing =
        json!({"urgency": "immediate", "ground": "safety", "text": "灯掉下来了。", "evidence": "现场照片三张。", "space_ids": [hall]});
    let closed = || seen(&app.client, &paths[0])["days"][6].to_string().contains("suspended");
    assert!(!closed());
    let unit = town.person("yuxin-p-unit");
    unit.post(&format!("/api/v1/agreements/{agreement}/suspensions"), &closing).unwrap().expect(201, "suspension").unwrap();
    assert!(closed());
    same("suspended");
}

/// A remembered answer comes as it is taken: packed, plain, without its body, or not at all.
#[test]
fn what_is_remembered_is_packed_for_those_who_take_it() {
    let app = TestApp::serve(TestDb::fresh(Backend::Sqlite), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    let path = format!("/api/v1/spaces/{}/availability?date=2026-12-07&view=month", town.space("yuxin-centre/hall"));
    let asked = |method: &str, accept: &str| {
        let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n{accept}\r\n").unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        (String::from_utf8(all[..end].to_vec()).unwrap().to_lowercase(), all[end..].to_vec())
    };
    let (_, plain) = asked("GET", "");
    let unpacked = |bytes: &[u8]| {
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(bytes).read_to_end(&mut text).unwrap();
        text
    };
    for turn in 0..3 {
        let (head, packed) = asked("GET", "accept-encoding: gzip, deflate, br\r\n");
        assert!(
            head.starts_with("http/1.1 200") && head.contains("content-encoding: gzip") && head.contains("vary: accept-encoding"),
            "{head}"
        );
        assert!(packed.len() * 5 < plain.len() && unpacked(&packed) == plain, "turn {turn}: {} of {}", packed.len(), plain.len());
        assert!(head.contains(&format!("content-length: {}\r\n", packed.len())) && head.contains("x-request-id: "), "{head}");
    }
    for accept in ["", "accept-encoding: gzip;q=0\r\n", "accept-encoding: identity\r\n", "accept-encoding: br\r\n"] {
        let (head, body) = asked("GET", accept);
        assert!(head.starts_with("http/1.1 200") && !head.contains("content-encoding") && body == plain, "{accept}: {head}");
    }
    let (head, body) = asked("HEAD", "");
    assert!(
        head.starts_with("http/1.1 200") && head.contains(&format!("content-length: {}\r\n", plain.len())) && body.is_empty(),
        "{head}"
    );
    let (head, body) = asked("GET", "accept-encoding: br, identity;q=0\r\n");
    let problem: Value = serde_json::from_slice(&body).unwrap();
    assert!(head.starts_with("http/1.1 406") && head.contains("content-type: application/problem+json"), "{head}");
    assert_eq!((&problem["code"], &problem["status"]), (&json!("not-acceptable"), &json!(406)));
    assert!(asked("POST", "content-length: 0\r\n").0.starts_with("http/1.1 405"));
}

#[test]
fn remembered_days_are_those_asked_anew_sqlite() {
    remembered_days(Backend::Sqlite);
}

#[test]
fn remembered_days_are_those_asked_anew_postgres() {
    remembered_days(Backend::Postgres);
}

told_on_both! {
    what_is_known_is_told_anew_once_anything_of_it_changes(backend) {
        let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
        let town = Town::of(&app, &with_consents());
        let same = |by: &Client, path: &str, tag: &str| by.raw("GET", path, &[("if-none-match", tag)], None).unwrap();
        // A show for eighty people: two must say yes, and the first has.
        let ask = json!({"space_id": town.space("yuxin-centre/hall"), "use": "performance", "attendees": 80,
            "starts_at": town.at(3, 900), "ends_at": town.at(3, 960)});
        let own = town.person("yuxin-p-res-2");
        let asked = own.post("/api/v1/bookings", &ask).unwrap().expect(201, "request").unwrap();
        let path = format!("/api/v1/bookings/{}", asked.text("/id"));
        let tag = own.get(&path).unwrap().header("etag").unwrap().to_owned();
        assert_eq!(same(&own, &path, &tag).status, 304);
        town.person("yuxin-p-desk").post(&format!("{path}/approval"), &json!({})).unwrap().expect(201, "first yes").unwrap();
        let told = same(&own, &path, &tag);
        assert_eq!((told.status, told.text("/state")), (200, "requested"));
        assert!(told.header("etag").is_some_and(|new| new != tag));

        // A site names the organisations that have something there.
        let site = format!("/api/v1/sites/{}", town.site("yuxin-centre"));
        let tag = app.client.get(&site).unwrap().header("etag").unwrap().to_owned();
        assert_eq!(same(&app.client, &site, &tag).status, 304);
        app.db.sql("UPDATE organisations SET name_zh = '改了名的单位' WHERE code = 'yuxin-unit'");
        let told = same(&app.client, &site, &tag);
        assert!(told.status == 200 && told.content.contains("改了名的单位"), "{}", told.content);
    }

    a_date_a_place_went_without_is_empty(backend) {
        let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
        let town = Town::build(&app);
        let (site, hall) = (town.site("yuxin-centre"), town.space("yuxin-centre/hall"));
        app.db.sql("UPDATE sites SET zone = 'Pacific/Apia' WHERE code = 'yuxin-centre'");
        let day = |path: String, days: &str| seen(&app.client, &path).pointer(days).cloned().unwrap();
        let of_space = day(format!("/api/v1/spaces/{hall}/availability?date=2011-12-30"), "/days");
        let of_site = day(format!("/api/v1/sites/{site}/availability?date=2011-12-30"), "/spaces/0/days");
        for days in [of_space, of_site] {
            let shown = (&days[0]["date"], &days[0]["segments"], days.as_array().map(Vec::len));
            assert_eq!(shown, (&json!("2011-12-30"), &json!([]), Some(1)));
        }
        let month = day(format!("/api/v1/spaces/{hall}/availability?date=2011-12-30&view=month"), "/days");
        assert_eq!((month.as_array().map(Vec::len), &month[29]["segments"]), (Some(31), &json!([])));
        let free = day(format!("/api/v1/sites/{site}/free-times?date=2011-12-30&days=1"), "/spaces/0/days/0/free");
        assert_eq!(free, json!([]));
    }

    a_database_that_fails_is_no_booking_that_is_not_there(backend) {
        let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
        let town = Town::of(&app, &with_consents());
        let (door, own) = (town.person("yuxin-p-door"), town.person("yuxin-p-res-2"));
        let me = own.get("/api/v1/me").unwrap();
        let wish = json!({"household_id": me.text("/household_id"), "account_id": me.text("/id"), "consent": "in_person",
            "consent_at": crate::harness::db::NOW.plus_minutes(-60), "space_id": town.space("yuxin-centre/shuyuan"), "use": "study",
            "attendees": 4, "starts_at": town.at(3, 600), "ends_at": town.at(3, 660)});
        let made = door.post("/api/v1/assisted-bookings", &wish).unwrap().expect(201, "booking").unwrap();
        let path = format!("/api/v1/bookings/{}", made.text("/id"));
        // Whether they may still help is asked of the households.
        app.db.sql("ALTER TABLE households RENAME TO households_away");
        let looked = door.get(&path).unwrap();
        let cancelled = door.post(&format!("{path}/cancellation"), &json!({})).unwrap();
        app.db.sql("ALTER TABLE households_away RENAME TO households");
        assert_eq!((looked.status, cancelled.status), (500, 500), "{} {}", looked.body, cancelled.body);
        assert_eq!(door.get(&path).unwrap().status, 200);
    }
}
