//! Series that reach over a year, over HTTP on both backends: booked in one transaction, and on through the changes of the clock.

use crate::calendars;
use crate::harness::town::yuxin_with;
use crate::harness::{TestApp, TestDb, Town, good, number, served};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::Instant;
use shangliang::kernel::time::SetClock;
use shangliang::store::{Backend, statements_run};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

/// What to ask of a room from then until then.
fn ask(town: &Town, (space, what): (&str, &str), from: &str, until: &str) -> Value {
    json!({"space_id": town.space(&format!("yuxin-centre/{space}")), "use": what, "attendees": 4, "starts_at": from, "ends_at": until})
}

fn by_rule(mut ask: Value, rule: &str) -> Value {
    ask["rule"] = json!(rule);
    ask
}

fn preview(by: &Client, wish: &Value) -> Value {
    by.post("/api/v1/series/preview", wish).unwrap().expect(200, "preview").unwrap().body
}

fn make(by: &Client, wish: &Value) -> Value {
    by.post("/api/v1/series", wish).unwrap().expect(201, "series").unwrap().body
}

fn outcomes(series: &Value) -> Vec<&str> {
    series["occurrences"].as_array().unwrap().iter().map(|day| day["outcome"].as_str().unwrap()).collect()
}

/// Day, start, end, and what the clock does, of each occurrence.
fn times(series: &Value) -> Vec<[&str; 4]> {
    let days = series["occurrences"].as_array().unwrap().iter();
    days.map(|day| ["date", "starts_at", "ends_at", "clock"].map(|name| day[name].as_str().unwrap_or("-"))).collect()
}

/// 育新花园 in New York, open day and night, and booked a year ahead.
fn in_new_york() -> String {
    yuxin_with(&[
        ("zone: Asia/Shanghai", "zone: America/New_York"),
        ("from: \"08:30\", to: \"21:00\"", "from: \"00:00\", to: \"24:00\""),
        ("horizon_days: 60}", "horizon_days: 366}"),
        (
            "name_zh: 同心书苑\n",
            r#"name_zh: '同心书苑;1,2\3楼"北"'
"#,
        ),
    ])
}

told_on_both! {
    a_year_in_one_transaction(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let own = town.person("yuxin-p-res-2");
        let tuesdays = ask(&town, ("moxuan", "calligraphy"), "2026-12-01T10:00:00+08:00", "2026-12-01T11:00:00+08:00");
        let year = by_rule(tuesdays.clone(), "FREQ=WEEKLY;BYDAY=TU;COUNT=52");
        preview(&own, &by_rule(tuesdays, "FREQ=WEEKLY;BYDAY=TU;COUNT=2"));
        // Somebody looks all the while: bookings and what they occupy, in one look.
        let (looked, done) = (Barrier::new(2), AtomicBool::new(false));
        let (made, seen) = std::thread::scope(|scope| {
            let rival = scope.spawn(|| {
                let mut conn = app.db.conn();
                let mut look = || number(&mut conn, "SELECT (SELECT COUNT(*) FROM bookings) * 1000 + (SELECT COUNT(*) FROM occupancy) AS n");
                let mut seen = vec![look()];
                looked.wait();
                while !done.load(Ordering::SeqCst) {
                    seen.push(look());
                }
                seen.push(look());
                seen
            });
            looked.wait();
            let (before, begun) = (statements_run(), std::time::Instant::now());
            let made = own.post("/api/v1/series", &year).unwrap();
            let (after, took) = (statements_run(), begun.elapsed());
            done.store(true, Ordering::SeqCst);
            println!("{backend:?}: 52 occurrences, {} statements (jobs and looks beside included), {took:?}", after - before);
            (made.expect(201, "series").unwrap().body, rival.join().unwrap())
        });
        println!("{backend:?}: {} looks meanwhile", seen.len());
        assert_eq!(made["counts"], json!({"all": 52, "booked": 52, "asked": 0, "missed": 0, "cancelled": 0, "left_out": 0}));
        assert_eq!(outcomes(&made), ["booked"; 52]);
        assert_eq!(BTreeSet::from_iter(seen), BTreeSet::from([0, 52_052]), "all or none of them, and nothing between");

        // 366 days ahead, and no further.
        let far = ask(&town, ("moxuan", "calligraphy"), "2027-11-20T10:00:00+08:00", "2027-11-20T11:00:00+08:00");
        let far = preview(&own, &by_rule(far, "FREQ=WEEKLY;BYDAY=TU;COUNT=52"));
        let days = far["occurrences"].as_array().unwrap();
        assert_eq!((days[0]["date"].as_str(), days[0]["outcome"].as_str()), (Some("2027-11-23"), Some("taken")));
        assert_eq!((days.len(), &days[1]["reasons"][0]["figure"]), (52, &json!("2027-11-29")));
        assert!(days[1..].iter().all(|day| day["reasons"][0]["code"] == "beyond-horizon"), "{far}");
        good(&app);
    }

    where_the_clock_is_changed(backend) {
        let clock = SetClock::at(Instant::parse("2027-02-27T10:00:00-05:00").unwrap());
        let app = TestApp::serve(TestDb::fresh(backend), clock);
        let town = Town::of(&app, &in_new_york());
        let own = town.person("yuxin-p-res-2");
        let library = ("shuyuan", "reading");

        // On 14 March there is no half past two: it comes as much later as the clock is set forward.
        let spring = by_rule(ask(&town, library, "2027-03-07T02:30:00-05:00", "2027-03-07T03:30:00-05:00"), "FREQ=WEEKLY;BYDAY=SU;COUNT=3");
        let forward = [
            ["2027-03-07", "2027-03-07T02:30:00-05:00", "2027-03-07T03:30:00-05:00", "-"],
            ["2027-03-14", "2027-03-14T03:30:00-04:00", "2027-03-14T04:30:00-04:00", "skipped"],
            ["2027-03-21", "2027-03-21T02:30:00-04:00", "2027-03-21T03:30:00-04:00", "-"],
        ];
        // On 7 November half past one comes twice: the first counts, and it lasts as long as the others.
        let autumn = by_rule(ask(&town, library, "2027-10-31T01:30:00-04:00", "2027-10-31T02:30:00-04:00"), "FREQ=WEEKLY;BYDAY=SU;COUNT=3");
        let back = [
            ["2027-10-31", "2027-10-31T01:30:00-04:00", "2027-10-31T02:30:00-04:00", "-"],
            ["2027-11-07", "2027-11-07T01:30:00-04:00", "2027-11-07T01:30:00-05:00", "repeated"],
            ["2027-11-14", "2027-11-14T01:30:00-05:00", "2027-11-14T02:30:00-05:00", "-"],
        ];
        let mut booked = BTreeMap::new();
        for (wish, expected, moment) in [(&spring, forward, "2027-03-14T07:30:00Z"), (&autumn, back, "2027-11-07T05:30:00Z")] {
            let looked = preview(&own, wish);
            assert_eq!((times(&looked), outcomes(&looked)), (expected.to_vec(), vec!["free"; 3]));
            let made = make(&own, wish);
            assert_eq!((times(&made), outcomes(&made)), (expected.to_vec(), vec!["booked"; 3]));
            let seen = own.get(&format!("/api/v1/series/{}", made["id"].as_str().unwrap())).unwrap().expect(200, "series").unwrap().body;
            assert_eq!(times(&seen), expected);
            for day in seen["occurrences"].as_array().unwrap() {
                let [from, until] = ["starts_at", "ends_at"].map(|name| Instant::parse(day[name].as_str().unwrap()).unwrap());
                booked.insert(format!("{}@shangliang", day["booking_id"].as_str().unwrap()), (from, until));
            }
            let booking = seen["occurrences"][1]["booking_id"].as_str().unwrap();
            assert_eq!(own.get(&format!("/api/v1/bookings/{booking}")).unwrap().expect(200, "booking").unwrap().body["starts_at"], moment);
        }
        // A calendar program reads the same moments by the zone as the feeds describe it, and the name of the room as it is written.
        let (_, path) = calendars::address(&own, json!({}));
        let mine = calendars::events(&calendars::fetch(&app.client, &path));
        let at = |event: &Value| ["starts_at", "ends_at"].map(|name| Instant::parse(event[name].as_str().unwrap()).unwrap());
        let read: BTreeMap<String, (Instant, Instant)> =
            mine.iter().map(|event| (event["uid"].as_str().unwrap().to_owned(), at(event).into())).collect();
        assert_eq!(read, booked);
        assert!(mine.iter().all(|event| event["location"].as_str().unwrap().contains(r#"同心书苑;1,2\3楼"北""#)), "{mine:?}");
        let of_room = calendars::fetch(&app.client, &format!("/api/v1/spaces/{}/calendar.ics", town.space("yuxin-centre/shuyuan")));
        let taken: BTreeSet<(Instant, Instant)> = calendars::events(&of_room).iter().map(|event| at(event).into()).collect();
        assert_eq!(taken, booked.into_values().collect());
        // A series begins with the first of two such hours, and at an hour that exists.
        let second = by_rule(ask(&town, library, "2027-11-07T01:30:00-05:00", "2027-11-07T02:30:00-05:00"), "FREQ=WEEKLY;BYDAY=SU;COUNT=2");
        for path in ["/api/v1/series/preview", "/api/v1/series"] {
            let refused = own.post(path, &second).unwrap();
            assert_eq!((refused.status, refused.text("/errors/0/pointer"), refused.text("/errors/0/code")), (422, "/starts_at", "repeated-hour"));
        }
        let gap = by_rule(ask(&town, library, "2027-03-14T02:30:00-05:00", "2027-03-14T03:30:00-05:00"), "FREQ=WEEKLY;BYDAY=SU;COUNT=2");
        assert_eq!(times(&preview(&own, &gap)), [
            ["2027-03-14", "2027-03-14T03:30:00-04:00", "2027-03-14T04:30:00-04:00", "-"],
            ["2027-03-21", "2027-03-21T03:30:00-04:00", "2027-03-21T04:30:00-04:00", "-"],
        ]);

        // A single booking is a moment, whatever offset it is written with: each moment once.
        let book = |from: &str, until: &str| own.post("/api/v1/bookings", &ask(&town, ("member-room", "reading"), from, until)).unwrap();
        let moment = |made: &Answer| (made.status, made.text("/starts_at").to_owned(), made.text("/ends_at").to_owned());
        let at = |from: &str, until: &str| (201, from.to_owned(), until.to_owned());
        let shifted = book("2027-03-14T02:30:00-05:00", "2027-03-14T03:00:00-05:00");
        assert_eq!(moment(&shifted), at("2027-03-14T07:30:00Z", "2027-03-14T08:00:00Z"));
        let again = book("2027-03-14T03:30:00-04:00", "2027-03-14T04:00:00-04:00");
        assert_eq!((again.status, again.text("/code")), (409, "period-taken"));
        let before = book("2027-03-14T02:30:00-04:00", "2027-03-14T03:00:00-04:00");
        assert_eq!(moment(&before), at("2027-03-14T06:30:00Z", "2027-03-14T07:00:00Z"));
        let twice = ["-04:00", "-05:00"].map(|offset| book(&format!("2027-11-07T01:30:00{offset}"), &format!("2027-11-07T02:00:00{offset}")));
        assert_eq!(twice.each_ref().map(moment), [
            at("2027-11-07T05:30:00Z", "2027-11-07T06:00:00Z"),
            at("2027-11-07T06:30:00Z", "2027-11-07T07:00:00Z"),
        ]);

        // The days themselves, of 23 and of 25 hours.
        for (date, next, [from, until]) in [("2027-03-14", "2027-03-15", ["-05:00", "-04:00"]), ("2027-11-07", "2027-11-08", ["-04:00", "-05:00"])] {
            let path = format!("/api/v1/spaces/{}/availability?date={date}", town.space("yuxin-centre/member-room"));
            let day = app.client.get(&path).unwrap().expect(200, "day").unwrap().body["days"][0].clone();
            let pieces = day["segments"].as_array().unwrap();
            assert_eq!(pieces[0]["starts_at"], format!("{date}T00:00:00{from}"), "{day}");
            assert_eq!(pieces.last().unwrap()["ends_at"], format!("{next}T00:00:00{until}"), "{day}");
            assert!(pieces.windows(2).all(|pair| pair[0]["ends_at"] == pair[1]["starts_at"]), "{day}");
            assert_eq!(pieces.iter().filter(|piece| piece["state"] == "taken").count(), 2, "{day}");
        }
        good(&app);
    }
}
