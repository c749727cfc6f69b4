//! Closing spaces over HTTP on both backends: who is affected is shown first, every booking has its answer, nothing can be booked
//! meanwhile, and a day of it can be opened again.

use crate::harness::db::NOW;
use crate::harness::process::yuxin_any_day;
use crate::harness::{Town, days_ahead, good, outcome, rounds, rows, served, together};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::store::Backend;
use std::collections::BTreeMap;

fn ask(town: &Town, space: &str, what: &str, days: i64, from: u16) -> Value {
    json!({"space_id": town.space(&format!("yuxin-centre/{space}")), "use": what, "attendees": 5,
        "starts_at": town.at(days, from), "ends_at": town.at(days, from + 60)})
}

fn book(by: &Client, ask: &Value) -> String {
    by.post("/api/v1/bookings", ask).unwrap().expect(201, "booking").unwrap().text("/id").to_owned()
}

fn state(by: &Client, booking: &str) -> String {
    by.get(&format!("/api/v1/bookings/{booking}")).unwrap().expect(200, "booking").unwrap().text("/state").to_owned()
}

fn counted(made: &Answer) -> BTreeMap<String, i64> {
    let counts = made.body["counts"].as_array().unwrap().iter();
    counts
        .map(|count| (count["disposition"].as_str().unwrap().to_owned(), count["bookings"].as_i64().unwrap()))
        .filter(|(_, n)| *n > 0)
        .collect()
}

fn of(counts: &[(&str, i64)]) -> BTreeMap<String, i64> {
    counts.iter().map(|(word, n)| ((*word).to_owned(), *n)).collect()
}

fn offers(by: &Client) -> usize {
    by.get("/api/v1/me/offers").unwrap().expect(200, "offers").unwrap().body["items"].as_array().unwrap().len()
}

fn closures(client: &Client, site: &str, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/api/v1/sites/{site}/closures?{query}")).unwrap().expect(200, query).unwrap().body;
    page["items"].as_array().unwrap().clone()
}

told_on_both! {
    a_room_is_closed_for_repairs_and_a_day_of_it_opened_again(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        let (library, centre) = (town.space("yuxin-centre/shuyuan"), town.site("yuxin-centre"));
        let [one, two, three] = ["yuxin-p-res-1", "yuxin-p-res-2", "yuxin-p-res-4"].map(|code| town.person(code));
        let desk = town.person("yuxin-p-desk");
        let first = book(&one, &ask(&town, "shuyuan", "reading", 10, 600));
        let second = book(&two, &ask(&town, "shuyuan", "reading", 10, 840));
        let third = book(&three, &ask(&town, "shuyuan", "reading", 11, 600));
        let outside = book(&three, &ask(&town, "shuyuan", "reading", 12, 600));
        app.settle();

        // Who is affected first: counted, named, and nothing done.
        let path = format!("/api/v1/spaces/{library}/closures");
        let repairs = json!({"from": town.at(10, 0), "until": town.at(12, 0), "reason": "地板维修", "disposition": "offer",
            "answers": [{"booking_id": second, "disposition": "cancel"}, {"booking_id": third, "disposition": "notify"}]});
        let tables = ["closures", "impact_plans WHERE kind = 'closure'", "terms", "matters", "occupancy"];
        let before = tables.map(|table| rows(&mut app.db.conn(), table));
        let dry = desk.post(&format!("{path}?dry_run=true"), &repairs).unwrap().expect(200, "dry run").unwrap();
        let answers = of(&[("rearrange_offered", 1), ("cancelled", 1), ("kept", 1), ("unaffected", 1)]);
        assert_eq!(counted(&dry), answers);
        let affected: Vec<(&str, &str)> = dry.body["affected"].as_array().unwrap().iter()
            .map(|item| (item["disposition"].as_str().unwrap(), item["holder"]["person"].as_str().unwrap())).collect();
        assert_eq!(affected, [("rearrange_offered", "王淑珍"), ("cancelled", "林晓"), ("kept", "刘宝山")]);
        assert_eq!(tables.map(|table| rows(&mut app.db.conn(), table)), before);

        let made = desk.post(&path, &repairs).unwrap().expect(201, "closure").unwrap();
        assert_eq!((counted(&made), made.body["affected"].as_array().map(Vec::len)), (answers, Some(0)), "no name is kept with the answer");
        let closure = made.text("/closure/id").to_owned();
        assert_eq!((made.text("/closure/closed_by"), made.text("/closure/state")), ("community", "upcoming"));
        assert_eq!([state(&one, &first), state(&two, &second), state(&three, &third), state(&three, &outside)],
            ["confirmed", "cancelled", "confirmed", "confirmed"]);
        assert_eq!((offers(&one), offers(&two), offers(&three)), (1, 0, 0));
        let ended = two.get(&format!("/api/v1/bookings/{second}")).unwrap().body;
        assert_eq!((ended["cancellation"]["by"].as_str(), ended["cancellation"]["reason"].as_str().is_some_and(|why| why.contains("地板维修"))), (Some("provider"), true));
        app.settle();
        let told = one.get("/api/v1/notices?limit=100").unwrap().body.to_string();
        assert!(told.contains("关闭（地板维修）"), "{told}");

        // Nothing new meanwhile; it says why and who.
        let refused = two.post("/api/v1/bookings", &ask(&town, "shuyuan", "reading", 11, 840)).unwrap().expect(409, "closed").unwrap();
        let why = &refused.body["reasons"][0];
        assert_eq!((refused.text("/code"), why["code"].as_str(), why["clause"].as_str()), ("booking-refused", Some("closed"), Some(closure.as_str())));
        assert!(why["zh"].as_str().is_some_and(|zh| zh.contains("社区") && zh.contains("地板维修")), "{why}");
        let days = |days: i64| -> Vec<Value> {
            let date = &town.at(days, 0)[..10];
            let day = app.client.get(&format!("/api/v1/spaces/{library}/availability?date={date}")).unwrap().expect(200, "day").unwrap().body;
            day["days"][0]["segments"].as_array().unwrap().clone()
        };
        assert!(days(11).iter().all(|s| s["state"] == "taken" || s["reasons"][0]["code"] == "closed"), "{:?}", days(11));
        assert!(days(12).iter().any(|s| s["state"] == "free"));
        let search = app.client.get(&format!("/api/v1/search?space_id={library}&part=afternoon&date={}", &town.at(11, 0)[..10])).unwrap().body;
        assert_eq!((search["total"].as_i64(), search["misses"][0]["code"].as_str()), (Some(0), Some("closed")), "{search}");

        // Everybody may read what is closed; who is affected is for those who run it.
        assert_eq!(closures(&app.client, &centre, "state=upcoming").len(), 1);
        assert_eq!(closures(&app.client, &centre, "state=current").len() + closures(&app.client, &centre, "state=over").len(), 0);
        assert_eq!(closures(&app.client, &centre, &format!("space_id={}", town.space("yuxin-centre/hall"))), Vec::<Value>::new());
        let shown = desk.get(&format!("/api/v1/closures/{closure}/bookings?disposition=cancelled")).unwrap().expect(200, "bookings").unwrap();
        assert_eq!((shown.body["items"].as_array().map(Vec::len), shown.text("/items/0/booking_id")), (Some(1), second.as_str()));

        // One day of it is opened again: what was offered is taken back, that day can be booked, the other stays closed.
        let openings = format!("/api/v1/closures/{closure}/openings");
        let opening = json!({"from": town.at(10, 0), "until": town.at(11, 0), "reason": "提前完工一半"});
        let dry = desk.post(&format!("{openings}?dry_run=true"), &opening).unwrap().expect(200, "dry run").unwrap();
        assert_eq!((counted(&dry), offers(&one)), (of(&[("kept", 1)]), 1));
        clock.set(NOW.plus_minutes(1));
        let opened = desk.post(&openings, &opening).unwrap().expect(201, "opening").unwrap();
        assert_eq!((counted(&opened), offers(&one), state(&one, &first)), (of(&[("kept", 1)]), 0, "confirmed".into()));
        assert_eq!(opened.body["closure"]["closed"], json!([{"from": town.instant(11, 0).to_string(), "until": town.instant(12, 0).to_string()}]));
        book(&two, &ask(&town, "shuyuan", "reading", 10, 840));
        assert_eq!(outcome(&two.post("/api/v1/bookings", &ask(&town, "shuyuan", "reading", 11, 840)).unwrap()), (409, "booking-refused"));
        assert_eq!(outcome(&desk.post(&openings, &opening).unwrap()), (409, "state-conflict"), "open already");
        // What had been held for the first booking is free again.
        assert_eq!(rows(&mut app.db.conn(), &format!("occupancy WHERE claimant = '{first}'")), 1);

        // Ended early.
        clock.set(NOW.plus_minutes(2));
        let ended = desk.post(&openings, &json!({"reason": "修好了"})).unwrap().expect(201, "ended").unwrap();
        assert_eq!((ended.text("/closure/state"), &ended.body["closure"]["closed"]), ("over", &json!([])));
        book(&two, &ask(&town, "shuyuan", "reading", 11, 840));
        assert_eq!(closures(&app.client, &centre, "state=over").len(), 1);
        assert_eq!(closures(&app.client, &centre, "")[0]["openings"].as_array().map(Vec::len), Some(2));
        let told = one.get(&format!("/api/v1/bookings/{first}/history")).unwrap().expect(200, "history").unwrap().body;
        let events: Vec<&str> = told["events"].as_array().unwrap().iter().map(|e| e["what"].as_str().unwrap()).collect();
        assert_eq!(events, ["made", "changed", "changed"]);
        good(&app);
    }

    one_booking_is_cancelled_for_whoever_runs_the_space(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        let (resident, desk) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-desk"));
        let show = json!({"space_id": town.space("yuxin-centre/dong"), "use": "performance", "attendees": 5,
            "starts_at": town.at(0, 840), "ends_at": town.at(0, 900)});
        let booked = book(&resident, &show);
        let path = format!("/api/v1/bookings/{booked}/provider-cancellation");
        assert_eq!(desk.post(&path, &json!({})).unwrap().text("/errors/0/pointer"), "/reason");
        assert_eq!(outcome(&resident.post(&path, &json!({"reason": "不来了"})).unwrap()), (403, "forbidden"));
        // Whatever the hour: an hour before it begins.
        clock.set(town.instant(0, 780));
        town.forget_people();
        let (resident, desk) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-desk"));
        let done = desk.post(&path, &json!({"reason": "东厅漏水"})).unwrap().expect(201, "cancellation").unwrap();
        assert_eq!((done.body["refund_fen"].as_i64(), done.text("/by"), done.text("/reason")), (Some(2000), "provider", "东厅漏水"));
        let postings = resident.get(&format!("/api/v1/bookings/{booked}/postings")).unwrap().body;
        assert_eq!((postings[1]["kind"].as_str(), postings[1]["amount_fen"].as_i64()), (Some("refund"), Some(2000)));
        assert_eq!(outcome(&desk.post(&path, &json!({"reason": "再来一次"})).unwrap()), (409, "state-conflict"));
        app.settle();
        assert!(resident.get("/api/v1/notices?limit=100").unwrap().body.to_string().contains("东厅漏水"));
        let told = resident.get(&format!("/api/v1/bookings/{booked}/history")).unwrap().expect(200, "history").unwrap().body;
        let events: Vec<String> =
            told["events"].as_array().unwrap().iter().map(|e| format!("{} {}", e["what"].as_str().unwrap(), e["who"].as_str().unwrap())).collect();
        assert_eq!(events, ["made holder", "charged holder", "cancelled provider", "refunded system"]);
        good(&app);
    }

    who_comes_before_the_offer_ends_gives_back_what_was_held(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        let (start, desk) = (town.instant(1, 600), || town.person("yuxin-p-desk"));
        let booked = book(&town.person("yuxin-p-res-2"), &ask(&town, "shuyuan", "reading", 1, 600));
        let repairs = json!({"from": town.at(1, 0), "until": town.at(2, 0), "reason": "地板维修", "disposition": "offer"});
        let at = |minutes: i64| {
            clock.set(start.plus_minutes(minutes));
            town.forget_people();
        };
        // Half a day to answer at least: until five minutes before the start.
        at(-12 * 60 - 5);
        let path = format!("/api/v1/spaces/{}/closures", town.space("yuxin-centre/shuyuan"));
        desk().post(&path, &repairs).unwrap().expect(201, "closure").unwrap();
        let claimed = || rows(&mut app.db.conn(), &format!("occupancy WHERE claimant = '{booked}'"));
        assert_eq!(claimed(), 2, "its own time, and what is offered");
        at(-10);
        desk().post(&format!("/api/v1/bookings/{booked}/attendance"), &json!({"outcome": "came"})).unwrap().expect(201, "came").unwrap();
        at(-5);
        app.settle();
        let own = town.person("yuxin-p-res-2");
        assert_eq!((state(&own, &booked).as_str(), offers(&own), claimed()), ("checked_in", 0, 1));
        let met = own.get(&format!("/api/v1/bookings/{booked}/impact")).unwrap().expect(200, "impact").unwrap().body;
        assert_eq!(met[0]["matter"]["ended"], "superseded");
        good(&app);
    }

    several_spaces_halls_and_their_parts(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let (centre, desk, resident) = (town.site("yuxin-centre"), town.person("yuxin-p-desk"), town.person("yuxin-p-res-2"));
        let path = format!("/api/v1/sites/{centre}/closures");
        let close = |spaces: &[&str], from: i64| {
            let ids: Vec<String> = spaces.iter().map(|space| town.space(&format!("yuxin-centre/{space}"))).collect();
            json!({"space_ids": ids, "from": town.at(from, 480), "until": town.at(from, 1200), "reason": "消防演练"})
        };
        // Half the hall is closed: so is the whole, and the other half is not.
        desk.post(&path, &close(&["dong", "moxuan"], 5)).unwrap().expect(201, "closure").unwrap();
        let tried = |space: &str, what: &str| resident.post("/api/v1/bookings/check", &ask(&town, space, what, 5, 900)).unwrap().expect(200, "check").unwrap();
        let bookable = |space: &str, what: &str| tried(space, what).body["bookable"] == true;
        assert_eq!(
            [bookable("dong", "meeting"), bookable("hall", "meeting"), bookable("xi", "meeting"), bookable("moxuan", "reading"), bookable("shuyuan", "reading")],
            [false, false, true, false, true]
        );
        assert_eq!(tried("hall", "meeting").text("/reasons/0/code"), "closed");
        // The whole site, everything in it.
        desk.post(&path, &json!({"from": town.at(6, 0), "until": town.at(7, 0), "reason": "停电"})).unwrap().expect(201, "whole").unwrap();
        assert_eq!(closures(&app.client, &centre, "")[1]["space_ids"].as_array().map(Vec::len), Some(9));
        // Page by page.
        let page = app.client.get(&format!("{path}?limit=1")).unwrap().expect(200, "page").unwrap();
        let next = page.text("/next_cursor").to_owned();
        assert_eq!(closures(&app.client, &centre, &format!("limit=1&cursor={next}"))[0]["reason"], "停电");
        // Between two times.
        let (from, to) = (town.at(6, 60).replace('+', "%2B"), town.at(6, 120).replace('+', "%2B"));
        assert_eq!(closures(&app.client, &centre, &format!("from={from}&to={to}")).len(), 1);

        // Whoever runs the gym closes the gym, and nothing else; residents and owners close nothing.
        let gym = format!("/api/v1/sites/{}/closures", town.site("yuxin-gym"));
        let day = json!({"from": town.at(8, 0), "until": town.at(9, 0), "reason": "换球台"});
        let operator = town.person("yuxin-p-gym");
        let made = operator.post(&gym, &day).unwrap().expect(201, "gym").unwrap();
        assert_eq!(made.text("/closure/closed_by"), "operator");
        for (who, path) in [(&operator, &path), (&resident, &path), (&town.person("yuxin-p-unit"), &path), (&town.person("shiyou-p-desk"), &path)] {
            assert_eq!(outcome(&who.post(path, &day).unwrap()), (403, "forbidden"));
        }

        // Closures that make no sense write nothing.
        let before = rows(&mut app.db.conn(), "closures");
        let booking = town.book(&resident, 9, 600);
        let bad = |body: Value| desk.post(&path, &body).unwrap();
        let field = |answer: &Answer| (answer.status, answer.text("/errors/0/pointer").to_owned(), answer.text("/errors/0/code").to_owned());
        let of = |pointer: &str, code: &str| (422, pointer.to_owned(), code.to_owned());
        assert_eq!(field(&bad(json!({"from": town.at(-1, 0), "until": town.at(1, 0), "reason": "x"}))), of("/from", "past"));
        assert_eq!(field(&bad(json!({"from": town.at(3, 0), "until": town.at(3, 0), "reason": "x"}))), of("/until", "ends-before-start"));
        assert_eq!(field(&bad(json!({"from": town.at(3, 0), "until": town.at(370, 0), "reason": "x"}))), of("/until", "out-of-range"));
        assert_eq!(field(&bad(json!({"until": town.at(3, 0), "reason": ""}))), of("/reason", "empty"));
        assert_eq!(field(&bad(json!({"until": town.at(3, 0), "reason": "x", "space_ids": []}))), of("/space_ids", "wrong-count"));
        let elsewhere = json!([town.space("yuxin-gym/tt-hall")]);
        assert_eq!(field(&bad(json!({"until": town.at(3, 0), "reason": "x", "space_ids": elsewhere}))), of("/space_ids/0", "unknown"));
        assert_eq!(field(&bad(json!({"until": town.at(3, 0), "reason": "x", "disposition": "ignore"}))), of("/disposition", "unknown-word"));
        let stranger = json!([{"booking_id": booking, "disposition": "cancel"}]);
        assert_eq!(field(&bad(json!({"until": town.at(3, 0), "reason": "x", "answers": stranger}))), of("/answers/0/booking_id", "unknown"));
        // Nothing is agreed there: nothing to close.
        let shiyou = format!("/api/v1/sites/{}/closures", town.site("shiyou-hub"));
        assert_eq!(outcome(&town.person("shiyou-p-desk").post(&shiyou, &day).unwrap()), (409, "state-conflict"));
        assert_eq!(rows(&mut app.db.conn(), "closures"), before);
        for gone in ["closures/closure_01h455vb4pex5vsknk084sn02q", "sites/site_01h455vb4pex5vsknk084sn02q/closures"] {
            assert_eq!(app.client.get(&format!("/api/v1/{gone}")).unwrap().status, 404);
        }
        good(&app);
    }

    soak_a_closure_and_a_booking_never_pass_each_other(backend) {
        let (app, _) = served(backend);
        let town = Town::of(&app, &yuxin_any_day());
        let (resident, desk) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-desk"));
        let path = format!("/api/v1/spaces/{}/closures", town.space("yuxin-centre/shuyuan"));
        let mut first = 0;
        for round in 0..rounds(20) {
            let (day, from) = (days_ahead(round / 8), 540 + 60 * u16::try_from(round % 8).unwrap());
            let wish = ask(&town, "shuyuan", "reading", day, from);
            let close = json!({"from": town.at(day, from), "until": town.at(day, from + 60), "reason": "检修", "disposition": "cancel"});
            let answers = together(2, |n| if n == 0 { resident.post("/api/v1/bookings", &wish).unwrap() } else { desk.post(&path, &close).unwrap() });
            assert_eq!(answers[1].status, 201, "round {round}: {}", answers[1].body);
            if answers[0].status == 201 {
                first += 1;
                assert_eq!((state(&resident, answers[0].text("/id")), counted(&answers[1])["cancelled"]), ("cancelled".into(), 1), "round {round}");
            } else {
                assert_eq!((outcome(&answers[0]), answers[0].text("/reasons/0/code")), ((409, "booking-refused"), "closed"), "round {round}");
            }
            // Opened again, so that the hours do not run out.
            let openings = format!("/api/v1/closures/{}/openings", answers[1].text("/closure/id"));
            desk.post(&openings, &json!({"reason": "修好了"})).unwrap().expect(201, "opening").unwrap();
            assert_eq!(rows(&mut app.db.conn(), "occupancy"), 0, "round {round}");
        }
        println!("{backend:?}: the booking came first {first} times");
        good(&app);
    }
}
