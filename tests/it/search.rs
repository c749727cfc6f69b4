//! Time first: what the search names can be booked, what it leaves out cannot, however many spaces there are; and the public feed
//! of what is free.

use crate::harness::db::NOW;
use crate::harness::{TestApp, TestDb, Town};
use crate::told_on_both;
use diesel::Connection;
use diesel::connection::InstrumentationEvent;
use serde_json::{Value, json};
use shangliang::bookings::search::{self, Find, Reach, Scope};
use shangliang::demo::client::Client;
use shangliang::demo::people::{Hub, find};
use shangliang::kernel::time::{SetClock, parse_day};
use shangliang::store::Backend;
use shangliang::terms::model::Span;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant as Tick;

fn served(backend: Backend) -> TestApp {
    TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW))
}

fn searched(client: &Client, query: &str) -> Value {
    client.get(&format!("/api/v1/search?{query}")).unwrap().expect(200, query).unwrap().body
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("no {pointer} in {value}"))
}

/// The starts of a hit, as `05 14:00`.
fn starts(hit: &Value) -> Vec<String> {
    list(hit, "/times").iter().map(|time| time["starts_at"].as_str().unwrap()[8..16].replace('T', " ")).collect()
}

fn codes(of: &[Value], field: &str) -> Vec<String> {
    of.iter().map(|one| one[field].as_str().unwrap().to_owned()).collect()
}

/// A hub of so many rooms at four sites, under one agreement in force.
fn big_hub(rooms: usize) -> String {
    let mut sites = String::new();
    for site in 0..4 {
        let _ = writeln!(
            sites,
            "  - code: big-{site}\n    name_zh: 大院{site}\n    area: big-community\n    zone: Asia/Shanghai\n    \
             rules: {{granularity_minutes: 30, min_minutes: 30, max_minutes: 240, lead_minutes: 0, horizon_days: 60}}\n    floors:\n      \
             - code: f1\n        name_zh: 一层\n        area_m2: 9000.00\n        title: big-unit\n        spaces:"
        );
        for n in 0..rooms / 4 {
            let _ = writeln!(sites, "          - {{code: r{n}, name_zh: {n}号室, kind: room, area_m2: 40.00}}");
        }
        sites.push_str("    tariffs:\n      - {kind: free}\n");
    }
    format!(
        r#"hub: big
title_zh: 大院
areas:
  - {{code: big-district, kind: district, name_zh: 大院区}}
  - {{code: big-street, kind: street, name_zh: 大院街道, parent: big-district}}
  - {{code: big-community, kind: community, name_zh: 大院社区, parent: big-street}}
organisations:
  - {{code: big-unit, kind: property_unit, name_zh: 产权单位, area: big-community}}
  - {{code: big-committee, kind: community, name_zh: 居民委员会, area: big-community}}
people:
  - {{code: big-p-unit, name: 单位, mobile: "13900008001"}}
  - {{code: big-p-lead, name: 主任, mobile: "13900008002"}}
representatives:
  - {{person: big-p-unit, organisation: big-unit, powers: [sign], from: 2025-10-01, evidence: 授权委托书}}
  - {{person: big-p-lead, organisation: big-committee, powers: [sign], from: 2025-10-01, evidence: 任职证明}}
roles:
  - {{person: big-p-unit, role: property_unit, organisation: big-unit, from: 2025-10-01}}
  - {{person: big-p-lead, role: community, area: big-community, from: 2025-10-01}}
sites:
{sites}
agreements:
  - code: big-agreement
    title_zh: 大院协议
    area: big-community
    sites: [big-0, big-1, big-2, big-3]
    clauses:
      - {{id: parties, kind: parties, text_zh: 双方签订。, payload: {{parties: [{{organisation: big-unit, capacity: property_unit, stage: 1}}, {{organisation: big-committee, capacity: community, stage: 1}}]}}}}
      - {{id: term, kind: term, text_zh: 长期。, payload: {{first_day: 2026-01-01, last_day: 2035-12-31}}}}
      - {{id: grant, kind: space_grant, text_zh: 无偿提供。, payload: {{by: big-unit, rent_fen_per_year: 0}}}}
      - {{id: hours, kind: open_hours, text_zh: 每日8时至22时。, payload: {{weekly: [{{days: [mon, tue, wed, thu, fri, sat, sun], from: "08:00", to: "22:00"}}], holidays: as_sunday, makeup_workdays: as_monday}}}}
      - {{id: uses, kind: allowed_uses, text_zh: 用于学习、会议和展览。, payload: {{uses: [study, reading, meeting, exhibition, vocal]}}}}
      - {{id: no-tt, kind: prohibited_uses, text_zh: 不打乒乓球。, payload: {{uses: [table-tennis]}}}}
      - {{id: quiet, kind: quiet_hours, text_zh: 午间安静。, payload: {{noise: loud, weekly: [{{days: [mon, tue, wed, thu, fri, sat, sun], from: "12:00", to: "14:00"}}]}}}}
      - {{id: utilities, kind: utilities_payer, text_zh: 水电由产权单位承担。, payload: {{lines: [{{kind: water, party: big-unit}}, {{kind: electricity, party: big-unit}}]}}}}
      - {{id: suspension, kind: suspension_rule, text_zh: 因安全可以暂停。, payload: {{who: [community], grounds: [safety]}}}}
      - {{id: termination, kind: termination_rule, text_zh: 提前90日通知。, payload: {{notice_days: 90}}}}
      - {{id: amendment, kind: amendment_rule, text_zh: 按通用规则修改。, payload: {{protected_days: 14}}}}
      - {{id: capacity, kind: capacity, text_zh: 不超过40人。, payload: {{persons: 40, basis: safety}}}}
      - {{id: ceiling, kind: price_ceiling, text_zh: 免费。, payload: {{ceilings: [{{fen: 0, per: session}}]}}}}
"#
    )
}

/// Every room of the big hub taken from 08:00 to 22:00 on every day but the last, with plain SQL.
fn fill(app: &TestApp, from: i64, days: i64) {
    let start = |day: i64| from + day * 86_400_000_000;
    for day in 0..days {
        app.db.sql(&format!(
            "INSERT INTO occupancy (atom_id, starts_at, ends_at, claimant)
             SELECT a.id, {}, {}, 'test' FROM atoms a JOIN floors f ON f.id = a.floor_id JOIN sites s ON s.id = f.site_id WHERE s.code LIKE 'big-%'",
            start(day),
            start(day) + 14 * 3_600_000_000
        ));
    }
}

told_on_both! {
    saturday_afternoon_two_hours_twenty_people_a_piano(backend) {
        let app = served(backend);
        let town = Town::build(&app);
        let (street, music) = (town.area("xisanqi"), town.space("yuxin-centre/yazhu"));
        let saturday = format!("area_id={street}&date=2026-12-05&part=afternoon&minutes=120&people=20&equipment=piano");

        let found = searched(&app.client, &saturday);
        let [hit] = list(&found, "/hits") else { panic!("{found}") };
        assert_eq!((hit["rooms"][0]["space_id"].as_str(), found["total"].as_i64()), (Some(music.as_str()), Some(1)));
        assert_eq!(starts(hit), ["05 12:00", "05 12:30", "05 13:00", "05 13:30", "05 14:00", "05 14:30", "05 15:00", "05 15:30", "05 16:00"]);
        // Nothing loud at noon; what is quiet may.
        assert_eq!(hit["rooms"][0]["uses"], json!(["party-history", "study", "reading", "beijing-culture", "family"]));
        assert_eq!(hit["rooms"][0]["capacity"], 40);
        let why = list(hit, "/rooms/0/why");
        assert_eq!(codes(why, "code"), ["room-enough", "equipped", "open", "free"]);
        assert_eq!(why[0]["clause"], "cap-yazhu");
        // Six rooms, the hall and its parts, the gym: one has a piano.
        assert_eq!((&found["searched"], &found["left_out"]), (&json!(10), &json!(0)));
        assert_eq!((found["misses"][0]["code"].as_str(), found["misses"][0]["spaces"].as_i64()), (Some("not-equipped"), Some(9)));
        assert!(list(&found, "/equipment").iter().any(|one| one["code"] == "piano" && one["spaces"] == 1));

        let singing = format!("{saturday}&use=vocal");
        let hit = &searched(&app.client, &singing)["hits"][0];
        assert_eq!(starts(hit), ["05 14:00", "05 14:30", "05 15:00", "05 15:30", "05 16:00"]);

        // Somebody has the middle of the afternoon: what is left is named, and it is what a check says.
        let ask = |from: &str, to: &str| json!({"space_id": music, "use": "vocal", "attendees": 20,
            "starts_at": format!("2026-12-05T{from}:00+08:00"), "ends_at": format!("2026-12-05T{to}:00+08:00")});
        town.person("yuxin-p-res-1").post("/api/v1/bookings", &ask("14:00", "16:00")).unwrap().expect(201, "booking").unwrap();
        let neighbour = town.person("yuxin-p-res-4");
        let all_day = format!("space_id={music}&date=2026-12-05&minutes=120&people=20&use=vocal");
        let named = starts(&searched(&app.client, &all_day)["hits"][0]);
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let mut bookable = Vec::new();
        for minute in (0..22 * 60).step_by(30) {
            let check = neighbour.post("/api/v1/bookings/check", &ask(&clock(minute), &clock(minute + 120))).unwrap().expect(200, "check").unwrap();
            if check.body["bookable"] == true {
                bookable.push(format!("05 {}", clock(minute)));
            }
        }
        assert_eq!(named, bookable);
        assert_eq!(named, ["05 08:30", "05 09:00", "05 09:30", "05 10:00", "05 16:00", "05 16:30", "05 17:00", "05 17:30", "05 18:00", "05 18:30"]);

        // Nothing at two: what fits nearly, each of it bookable at once.
        let at_two = format!("space_id={music}&date=2026-12-05&from=14:00&to=16:00&minutes=120&people=20&use=vocal");
        let found = searched(&app.client, &at_two);
        assert_eq!((found["hits"].as_array().map(Vec::len), found["misses"][0]["code"].as_str()), (Some(0), Some("period-taken")));
        let near = list(&found, "/nearest");
        let shown: Vec<(String, String, bool)> = near
            .iter()
            .map(|one| (one["differs"].as_str().unwrap().to_owned(), starts(one).remove(0), one["rooms"][0]["space_id"] == music.as_str()))
            .collect();
        let expected = [("time", "05 16:00", true), ("day", "04 14:00", true), ("room", "05 14:00", false), ("room", "05 14:00", false)];
        assert_eq!(shown, expected.map(|(differs, start, same)| (differs.to_owned(), start.to_owned(), same)));
        for one in near {
            let (room, time) = (&one["rooms"][0], &one["times"][0]);
            let ask = json!({"space_id": room["space_id"], "use": "vocal", "attendees": 20, "starts_at": time["starts_at"], "ends_at": time["ends_at"]});
            let check = neighbour.post("/api/v1/bookings/check", &ask).unwrap().expect(200, "check").unwrap();
            assert_eq!((&check.body["bookable"], &check.body["quote"]["total"]), (&json!(true), &time["price_fen"]), "{one}");
        }

        // Table tennis is played elsewhere: another site.
        let centre = town.site("yuxin-centre");
        let found = searched(&app.client, &format!("site_ids={centre}&date=2026-12-05&from=14:00&to=15:00&use=table-tennis&people=4"));
        assert_eq!(codes(list(&found, "/nearest"), "differs"), ["site"]);
        assert_eq!(found["nearest"][0]["rooms"][0]["space_id"], town.space("yuxin-gym/tt-hall").as_str());

        // Evenings of the weekends of a month: the first time of each day.
        let month = format!("area_id={street}&date=2026-12-01&to_date=2026-12-31&weekdays=sat,sun&part=evening&minutes=120&use=vocal&equipment=piano");
        assert_eq!(starts(&searched(&app.client, &month)["hits"][0]),
            ["05 18:00", "06 18:00", "12 18:00", "13 18:00", "19 18:00", "20 18:00", "26 18:00", "27 18:00"]);

        // Nobody's name, household or number is in any of it.
        let all = searched(&app.client, "date=2026-12-05&limit=100").to_string();
        for word in ["王淑珍", "household", "account", "139000", "booking_"] {
            assert!(!all.contains(word), "{word}");
        }
        app.settle();
    }

    several_rooms_at_once_and_what_they_cost(backend) {
        let app = served(backend);
        let town = Town::build(&app);
        let centre = town.site("yuxin-centre");
        let show = |more: &str| searched(&app.client, &format!("site_ids={centre}&date=2026-12-05&from=14:00&to=16:00&minutes=120&use=performance&people=80{more}"));
        let rooms = |hit: &Value| -> Vec<String> { codes(list(hit, "/rooms"), "space_id") };
        let [east, west, hall] = ["dong", "xi", "hall"].map(|code| town.space(&format!("yuxin-centre/{code}")));

        // At the same time the cheaper first, then the snugger.
        let one = show("");
        assert_eq!(list(&one, "/hits").iter().flat_map(rooms).collect::<Vec<_>>(), [west.clone(), east.clone(), hall]);
        // The hall is its two parts: never both.
        let two = show("&rooms=2");
        let [hit] = list(&two, "/hits") else { panic!("{two}") };
        let mut both = rooms(hit);
        both.sort();
        let mut parts = vec![east, west];
        parts.sort();
        assert_eq!((both, &hit["times"][0]["price_fen"]), (parts, &json!(4000)));
        let three = show("&rooms=3");
        assert_eq!((three["hits"].as_array().map(Vec::len), three["nearest"].as_array().map(Vec::len)), (Some(0), Some(0)), "{three}");

        let free = show("&cost=free");
        assert_eq!((free["total"].as_i64(), free["misses"].to_string().contains("not-free")), (Some(0), true), "{free}");
        assert_eq!(show("&cost=paid")["total"], 3);
        assert_eq!(show("&limit=1")["hits"].as_array().map(Vec::len), Some(1));
        assert_eq!(show("&limit=1")["total"], 3);

        // What needs somebody's yes says so.
        let consents = served(backend);
        let town = Town::of(&consents, &crate::requests::with_consents());
        let found = searched(&consents.client, &format!("space_id={}&date=2026-12-05&part=afternoon&use=vocal", town.space("yuxin-centre/yazhu")));
        assert_eq!(found["hits"][0]["rooms"][0]["needs_approval"][0]["clause"], "music-room");
    }

    a_feed_of_what_is_free(backend) {
        let app = served(backend);
        let town = Town::build(&app);
        let (community, centre) = (town.area("yuxin-garden"), town.site("yuxin-centre"));
        let feed = format!("/api/v1/areas/{community}/free-times?date=2026-12-01&days=3");
        let first = app.client.get(&feed).unwrap().expect(200, "feed").unwrap();
        let tag = first.header("etag").unwrap().to_owned();
        assert_eq!(first.header("cache-control"), Some("public, max-age=60"));
        assert_eq!(list(&first.body, "/spaces").len(), 10);
        let again = app.client.raw("GET", &feed, &[("if-none-match", &tag)], None).unwrap();
        assert_eq!((again.status, again.header("cache-control")), (304, Some("public, max-age=60")));

        // The same as availability says.
        let week = app.client.get(&format!("/api/v1/sites/{centre}/availability?date=2026-12-01&view=day")).unwrap().expect(200, "day").unwrap().body;
        let site = app.client.get(&format!("/api/v1/sites/{centre}/free-times?date=2026-12-01&days=1")).unwrap().expect(200, "site").unwrap().body;
        for (space, shown) in list(&week, "/spaces").iter().zip(list(&site, "/spaces")) {
            assert_eq!(space["space_id"], shown["space_id"]);
            let free: Vec<Value> = list(space, "/days/0/segments").iter().filter(|s| s["state"] == "free")
                .map(|s| json!({"from": s["from"], "to": s["to"]})).collect();
            assert_eq!(shown["days"][0]["free"], json!(free));
        }

        let resident = town.person("yuxin-p-res-1");
        town.book(&resident, 4, 600);
        let later = app.client.raw("GET", &feed, &[("if-none-match", &tag)], None).unwrap();
        assert_eq!(later.status, 200, "a booking changes it");
        let ink = list(&later.body, "/spaces").iter().find(|s| s["space_id"] == town.space("yuxin-centre/moxuan").as_str()).unwrap().clone();
        assert_eq!(ink["days"][1]["free"], json!([{"from": "08:30", "to": "10:00"}, {"from": "10:45", "to": "21:00"}]));
        for word in ["王淑珍", "household", "account", "139000", "booking_"] {
            assert!(!later.body.to_string().contains(word), "{word}");
        }
        for gone in ["areas/area_01h455vb4pex5vsknk084sn02q", "sites/site_01h455vb4pex5vsknk084sn02q"] {
            assert_eq!(app.client.get(&format!("/api/v1/{gone}/free-times")).unwrap().status, 404);
        }
        for (bad, pointer) in [("days=0", "days"), ("days=32", "days"), ("date=2026-02-30", "date"), ("colour=red", "colour")] {
            let answer = app.client.get(&format!("/api/v1/areas/{community}/free-times?{bad}")).unwrap();
            assert_eq!((answer.status, answer.text("/errors/0/pointer")), (422, pointer));
        }
    }

    two_hundred_rooms_and_a_month_take_as_many_queries_as_one(backend) {
        let app = served(backend);
        let town = Town::build(&app);
        let hub = Hub::bring_in(&town.admin, &big_hub(200)).unwrap();
        let proposed = hub.propose("big-agreement", "big-committee").unwrap();
        for party in ["big-committee", "big-unit"] {
            proposed.sign(party).unwrap();
        }
        let area = find(&app.client, "/api/v1/areas", "big-community").unwrap();
        let day = |text: &str| parse_day(text).unwrap();
        let of = |scope: Scope| Find {
            scope,
            first: day("2026-12-01"),
            last: day("2026-12-31"),
            weekdays: vec![],
            window: Span { from: 0, to: 1440 },
            minutes: 120,
            people: 20,
            use_code: None,
            equipment: vec![],
            rooms: 1,
            cost: None,
        };
        let mut conn = app.db.conn();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        let mut queries = |scope: Scope, reach: Reach| {
            asked.store(0, Ordering::Relaxed);
            let search = search::gather(&mut conn, &of(scope), NOW, reach).unwrap();
            (search.searched(), asked.load(Ordering::Relaxed))
        };
        let (everybody, few) = (queries(Scope::Area(area.parse().unwrap()), Reach::Asked), queries(Scope::Area(town.area("yuxin-garden").parse().unwrap()), Reach::Asked));
        assert_eq!(everybody.0, 200);
        assert_eq!(few.0, 10);
        assert_eq!(everybody.1, few.1);
        assert!(everybody.1 <= 6, "{everybody:?}");
        assert_eq!(queries(Scope::Area(area.parse().unwrap()), Reach::Around).1, everybody.1 + 1);

        // Every room free; then every room taken on all days but the last.
        let month = format!("area_id={area}&date=2026-12-01&to_date=2026-12-31&minutes=120&people=20");
        let timed = |query: &str| {
            let begun = Tick::now();
            let found = searched(&app.client, query);
            println!("{backend:?}: 200 rooms x 31 days, {query}: {} hits in {:?}", found["total"], begun.elapsed());
            found
        };
        let free = timed(&month);
        assert_eq!((free["total"].as_i64(), free["hits"].as_array().map(Vec::len), starts(&free["hits"][0]).len()), (Some(200), Some(20), 31));
        fill(&app, shangliang::kernel::Instant::parse("2026-12-01T08:00:00+08:00").unwrap().0, 30);
        let one_left = timed(&month);
        assert_eq!((one_left["total"].as_i64(), starts(&one_left["hits"][0])), (Some(200), vec!["31 08:00".to_owned()]));
        assert_eq!(timed(&format!("{month}&rooms=5&use=vocal"))["total"], 4, "five rooms of each site");
        let nothing = timed(&format!("{month}&use=dance"));
        assert_eq!((nothing["total"].as_i64(), nothing["misses"][0]["code"].as_str(), nothing["misses"][0]["spaces"].as_i64()),
            (Some(0), Some("use-not-allowed"), Some(200)));
        // More than a machine thinks through at once is said to be left out.
        let all = timed("date=2026-12-01&to_date=2026-12-31&people=200");
        assert_eq!((all["searched"].as_i64(), all["left_out"].as_i64()), (Some(217), Some(0)), "within the limit");
    }

    a_search_that_makes_no_sense(backend) {
        let app = served(backend);
        let town = Town::build(&app);
        let (community, music, centre) = (town.area("yuxin-garden"), town.space("yuxin-centre/yazhu"), town.site("yuxin-centre"));
        let both = format!("area_id={community}&space_id={music}");
        let several = format!("space_id={music}&rooms=2");
        let strangers = format!("site_ids={centre},site_01h455vb4pex5vsknk084sn02q");
        let many = format!("site_ids={}", [centre.as_str(); 3].join(",") + ",x");
        for (query, pointer, code) in [
            ("date=2026-02-30", "date", "malformed"),
            ("date=2026-12-05&to_date=2026-12-04", "to_date", "out-of-range"),
            ("date=2026-12-01&to_date=2027-01-01", "to_date", "out-of-range"),
            ("part=night", "part", "unknown-word"),
            ("part=morning&from=08:00", "part", "too-many"),
            ("from=15:00&to=14:00", "to", "out-of-range"),
            ("from=14:00&to=15:00&minutes=120", "to", "out-of-range"),
            ("part=evening&minutes=600", "minutes", "out-of-range"),
            ("from=25:00", "from", "malformed"),
            ("minutes=0", "minutes", "out-of-range"),
            ("minutes=1441", "minutes", "out-of-range"),
            ("people=1000", "people", "out-of-range"),
            ("people=-1", "people", "out-of-range"),
            ("use=chess", "use", "unknown-word"),
            ("weekdays=sat,sunday", "weekdays", "malformed"),
            ("equipment=Piano!", "equipment", "malformed"),
            ("rooms=6", "rooms", "out-of-range"),
            ("cost=cheap", "cost", "unknown-word"),
            ("limit=101", "limit", "out-of-range"),
            ("area_id=area_01h455vb4pex5vsknk084sn02q", "area_id", "unknown"),
            ("space_id=space_01h455vb4pex5vsknk084sn02q", "space_id", "unknown"),
            ("space_id=atom_01h455vb4pex5vsknk084sn02q", "space_id", "wrong-id"),
            (&strangers, "site_ids", "unknown"),
            (&many, "site_ids", "malformed"),
            (&both, "space_id", "too-many"),
            (&several, "rooms", "out-of-range"),
            ("colour=red", "colour", "unknown-field"),
        ] {
            let answer = app.client.get(&format!("/api/v1/search?{query}")).unwrap();
            let seen = (answer.status, answer.text("/errors/0/pointer"), answer.text("/errors/0/code"));
            assert_eq!(seen, (422, pointer, code), "{query}: {}", answer.body);
        }
        assert_eq!(app.client.get("/api/v1/search?date=2026-12-05&date=2026-12-06").unwrap().status, 400);
        // In the past and beyond the horizon nothing can be had; that is an answer.
        for date in ["2026-11-01", "2099-12-31"] {
            assert_eq!(searched(&app.client, &format!("date={date}"))["total"], 0);
        }
        let far = searched(&app.client, &format!("space_id={music}&date=2027-06-01&to_date=2027-07-01"));
        assert_eq!((&far["total"], codes(list(&far, "/misses"), "code")), (&json!(0), vec!["beyond-horizon".to_owned()]));
    }
}
