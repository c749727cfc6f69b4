//! Set-up and clean-up over HTTP on both backends: they keep others away to the minute, and not a minute longer.

use crate::harness::town::yuxin_with;
use crate::harness::{Town, good, rows, served};
use crate::told_on_both;
use serde_json::json;
use shangliang::store::Backend;

/// 育新花园 by the quarter of an hour; the ink studio is cleaned a minute longer than that, and the east hall set up as long.
fn by_the_quarter() -> String {
    yuxin_with(&[
        ("rules: {granularity_minutes: 30", "rules: {granularity_minutes: 15"),
        ("zone_zh: 文化生活区\n            cleanup_minutes: 15", "zone_zh: 文化生活区\n            cleanup_minutes: 16"),
        ("setup_minutes: 15\n            cleanup_minutes: 15", "setup_minutes: 16\n            cleanup_minutes: 15"),
    ])
}

told_on_both! {
    a_minute_of_set_up_or_clean_up_is_taken_and_the_next_is_free(backend) {
        let (app, _) = served(backend);
        let town = Town::of(&app, &by_the_quarter());
        let (own, other) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"));
        // Each room is had from 10:00 to 11:00; then, in order, who wants it from when to when (minutes of the day), and whether they
        // get it.
        for (space, what, wishes) in [
            // Cleaned until 11:15, exactly.
            ("hongyi-hall", "meeting", [(660, 690, false), (675, 705, true), (540, 600, false), (540, 585, true)]),
            // Cleaned until 11:16: a quarter past eleven is a minute too early.
            ("moxuan", "calligraphy", [(675, 705, false), (690, 720, true), (555, 585, false), (540, 570, true)]),
            // Occupied from 9:44 to 11:15: half past eleven is set up from 11:14 on.
            ("dong", "meeting", [(690, 720, false), (705, 735, true), (540, 585, false), (525, 555, true)]),
            // Neither: one ends where the next begins.
            ("shuyuan", "reading", [(645, 675, false), (660, 690, true), (585, 615, false), (540, 600, true)]),
        ] {
            let ask = |from: u16, until: u16| {
                json!({"space_id": town.space(&format!("yuxin-centre/{space}")), "use": what, "attendees": 4,
                    "starts_at": town.at(3, from), "ends_at": town.at(3, until)})
            };
            own.post("/api/v1/bookings", &ask(600, 660)).unwrap().expect(201, "the first").unwrap();
            for (from, until, free) in wishes {
                let before = rows(&mut app.db.conn(), "bookings");
                let check = other.post("/api/v1/bookings/check", &ask(from, until)).unwrap().expect(200, "check").unwrap();
                let asked = other.post("/api/v1/bookings", &ask(from, until)).unwrap();
                let expected = if free { (201, "") } else { (409, "period-taken") };
                assert_eq!((asked.status, asked.text("/code")), expected, "{space} {from} to {until}: {}", asked.body);
                assert_eq!((&check.body["bookable"], rows(&mut app.db.conn(), "bookings") - before), (&json!(free), i64::from(free)));
            }
        }
        good(&app);
    }
}
