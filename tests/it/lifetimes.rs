//! How long what is remembered of people counts: a session, unused and in all, and the stored answer of a write. And what somebody is
//! offered whose time is taken.

use crate::harness::db::NOW;
use crate::harness::{Town, outcome, rows, served_at};
use crate::told_on_both;
use serde_json::json;
use shangliang::demo::client::{Answer, Client};
use shangliang::jobs;
use shangliang::people::http::COOKIE;
use shangliang::store::Backend;

fn refresh(client: &Client, token: &str) -> Answer {
    let cookie = format!("{COOKIE}={token}");
    client.raw("POST", "/api/v1/token-refresh", &[("cookie", &cookie)], Some(("application/json", b"{}"))).unwrap()
}

/// The refresh token an answer sets.
fn set_by(answer: &Answer) -> String {
    let mut set = answer.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value.as_str());
    let mine = set.find_map(|value| value.strip_prefix(&format!("{COOKIE}="))).unwrap();
    mine.split(';').next().unwrap().to_owned()
}

told_on_both! {
    a_session_ends_after_a_fortnight_unused_and_after_ninety_days(backend) {
        let (app, clock) = served_at(backend, NOW);
        let town = Town::build(&app);
        let (used, unused) = (town.refresh_token("yuxin-p-res-1"), town.refresh_token("yuxin-p-res-2"));

        clock.set(NOW.plus_days(14).plus_seconds(-1));
        let once = refresh(&app.client, &unused).expect(200, "a fortnight is not over").unwrap();
        clock.set(NOW.plus_days(28).plus_seconds(-1));
        assert_eq!(refresh(&app.client, &set_by(&once)).status, 401, "a fortnight unused");

        // Whoever comes every ten days stays signed in for ninety, and not a day longer.
        clock.set(NOW);
        let mut token = used;
        for day in (10..90).step_by(10) {
            clock.set(NOW.plus_days(day));
            token = set_by(&refresh(&app.client, &token).expect(200, "used every ten days").unwrap());
        }
        clock.set(NOW.plus_days(90).plus_seconds(-1));
        token = set_by(&refresh(&app.client, &token).expect(200, "ninety days are not over").unwrap());
        clock.set(NOW.plus_days(90));
        assert_eq!(refresh(&app.client, &token).status, 401, "ninety days");
    }

    an_answer_is_kept_for_three_days(backend) {
        let (app, clock) = served_at(backend, NOW);
        let town = Town::build(&app);
        let ask = json!({"space_id": town.space("yuxin-centre/hongyi-hall"), "use": "meeting", "attendees": 4,
            "starts_at": "2026-12-16T14:00:00+08:00", "ends_at": "2026-12-16T15:00:00+08:00"});
        let book = |by: &Client| by.post_keyed("/api/v1/bookings", "a-key-of-mine", &ask).unwrap();
        let made = book(&town.person("yuxin-p-res-1")).expect(201, "booked").unwrap();
        assert!(made.header("idempotency-replayed").is_none());

        for (hours, again) in [(71, true), (73, false)] {
            clock.set(NOW.plus_minutes(hours * 60));
            town.forget_people();
            jobs::forget(app.store()).unwrap();
            let answer = book(&town.person("yuxin-p-res-1"));
            if again {
                assert_eq!((outcome(&answer).0, answer.header("idempotency-replayed")), (201, Some("true")), "{hours} hours");
                assert_eq!(answer.text("/id"), made.text("/id"));
            } else {
                assert_eq!(outcome(&answer), (409, "period-taken"), "{hours} hours: a new request, and the time is taken");
            }
        }
        assert_eq!(rows(&mut app.db.conn(), "bookings"), 1);
    }

    the_nearest_times_of_the_room_come_first_and_then_another_room_at_the_time(backend) {
        let (app, _) = served_at(backend, NOW);
        let town = Town::build(&app);
        let room = town.space("yuxin-centre/hongyi-hall");
        let ask = json!({"space_id": room, "use": "meeting", "attendees": 4,
            "starts_at": "2026-12-02T14:00:00+08:00", "ends_at": "2026-12-02T16:00:00+08:00"});
        town.person("yuxin-p-res-1").post("/api/v1/bookings", &ask).unwrap().expect(201, "booked").unwrap();
        let taken = town.person("yuxin-p-res-2").post("/api/v1/bookings", &ask).unwrap();
        assert_eq!(outcome(&taken), (409, "period-taken"));
        let offered: Vec<(bool, &str)> = taken.body["alternatives"].as_array().unwrap().iter()
            .map(|offer| (offer["space_id"] == room, offer["starts_at"].as_str().unwrap()))
            .collect();
        assert_eq!(offered, [
            // A quarter of an hour after each is for cleaning up, and times begin on the half hour.
            (true, "2026-12-02T11:30:00+08:00"),
            (true, "2026-12-02T16:30:00+08:00"),
            (false, "2026-12-02T14:00:00+08:00"),
        ]);
    }
}
