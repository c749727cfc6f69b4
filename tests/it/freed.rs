//! What else gives time to those who wait for it, over HTTP on both backends: a booking that moves, a series that is cancelled, a
//! closed room that opens again, a request that comes to nothing; and that what comes up is what was asked for.

use crate::harness::db::NOW;
use crate::harness::{Town, but, good, made, post, seen, served};
use crate::requests::with_consents;
use crate::told_on_both;
use crate::usage::Paper;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::store::Backend;

/// Reading for five in the library, an hour long.
fn library(town: &Town, days: i64, minute: u16) -> Value {
    json!({"space_id": town.space("yuxin-centre/shuyuan"), "use": "reading", "attendees": 5,
        "starts_at": town.at(days, minute), "ends_at": town.at(days, minute + 60)})
}

fn id(of: &Value) -> &str {
    of["id"].as_str().unwrap()
}

/// How a place in line stands, and the booking it became, if any.
fn stands(by: &Client, entry: &Value) -> (String, Option<Value>) {
    let entry = seen(by, &format!("/waitlist/{}", id(entry)));
    let booking = entry["booking_id"].as_str().map(|id| seen(by, &format!("/bookings/{id}")));
    (entry["state"].as_str().unwrap().to_owned(), booking)
}

fn is_kept(by: &Client, entry: &Value) -> Value {
    let (state, booking) = stands(by, entry);
    let booking = booking.unwrap_or_else(|| panic!("{state}"));
    assert_eq!((state.as_str(), booking["state"].as_str()), ("promoted", Some("held")), "{booking}");
    booking
}

told_on_both! {
    what_moves_away_or_opens_again_is_kept_for_the_line(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let [own, other, third] = ["yuxin-p-res-2", "yuxin-p-res-4", "yuxin-p-res-1"].map(|code| town.person(code));
        let desk = town.person("yuxin-p-desk");

        // Moved away; the line lists what waits for an answer until it is answered.
        let old = made(&own, "/bookings", &library(&town, 5, 600));
        let entry = made(&other, "/waitlist", &library(&town, 5, 600));
        let away = json!({"starts_at": town.at(5, 840), "ends_at": town.at(5, 900), "price_fen": 0});
        post(&own, &format!("/bookings/{}/move?dry_run=true", id(&old)), &away).expect(200, "dry run").unwrap();
        assert_eq!(stands(&other, &entry).0, "waiting");
        made(&own, &format!("/bookings/{}/move", id(&old)), &away);
        let kept = is_kept(&other, &entry);
        let line = seen(&other, "/waitlist");
        assert_eq!((&line["items"][0]["state"], &line["items"][0]["booking_id"]), (&json!("promoted"), &kept["id"]));
        made(&other, &format!("/bookings/{}/hold/acceptance", id(&kept)), &json!({}));
        assert_eq!(seen(&other, "/waitlist")["items"], json!([]));

        // A series gives up one of its days, and then the rest.
        let series = made(&own, "/series", &but(library(&town, 6, 600), json!({"rule": "FREQ=DAILY;COUNT=3"})));
        let (second, last) = (made(&other, "/waitlist", &library(&town, 7, 600)), made(&third, "/waitlist", &library(&town, 8, 600)));
        let path = format!("/series/{}/cancellation", id(&series));
        let day = |days| town.at(days, 0)[..10].to_owned();
        made(&own, &path, &json!({"scope": "one", "date": day(7)}));
        is_kept(&other, &second);
        assert_eq!(stands(&third, &last).0, "waiting");
        // To another hour: that is time given back as well.
        made(&own, &format!("/series/{}/changes", id(&series)), &json!({"scope": "following", "date": day(8), "from": "16:00"}));
        is_kept(&third, &last);

        // Closed: nobody comes up while it is; opened again, whoever waits comes first.
        let booked = made(&own, "/bookings", &library(&town, 10, 600));
        let entry = made(&other, "/waitlist", &library(&town, 10, 600));
        let closing = json!({"from": town.at(10, 0), "until": town.at(11, 0), "reason": "地板维修", "disposition": "cancel"});
        let space = town.space("yuxin-centre/shuyuan");
        let closure = made(&desk, &format!("/spaces/{space}/closures"), &closing);
        assert_eq!(seen(&own, &format!("/bookings/{}", id(&booked)))["state"], "cancelled");
        assert_eq!(stands(&other, &entry).0, "waiting");
        let closure = closure["closure"]["id"].as_str().unwrap();
        made(&desk, &format!("/closures/{closure}/openings"), &json!({"reason": "提前修好了"}));
        is_kept(&other, &entry);
        good(&app);
    }
    a_request_that_comes_to_nothing_passes_on(backend) {
        let (app, clock) = served(backend);
        let town = Town::of(&app, &with_consents());
        let [own, other, third] = ["yuxin-p-res-2", "yuxin-p-res-4", "yuxin-p-res-1"].map(|code| town.person(code));
        let unit = town.person("yuxin-p-unit");
        let room = |people: i64| json!({"space_id": town.space("yuxin-centre/yazhu"), "use": "study", "attendees": people,
            "starts_at": town.at(5, 600), "ends_at": town.at(5, 660)});
        let first = made(&own, "/bookings", &room(4));
        made(&unit, &format!("/bookings/{}/approval", id(&first)), &json!({}));
        let lines = [(&other, 5), (&third, 6), (&own, 7)].map(|(by, people)| (by, made(by, "/waitlist", &room(people))));
        made(&own, &format!("/bookings/{}/cancellation", id(&first)), &json!({}));

        // The first in line asks for it now; the others wait for what becomes of that.
        let asked = |n: usize| {
            let (by, entry) = &lines[n];
            let (state, booking) = stands(by, entry);
            assert_eq!(state, "promoted", "{n}");
            let booking = booking.unwrap();
            assert_eq!((booking["state"].as_str(), booking["channel"].as_str()), (Some("requested"), Some("waitlist")), "{booking}");
            booking
        };
        let waits = |n: usize| assert_eq!(stands(lines[n].0, &lines[n].1).0, "waiting", "{n}");
        let one = asked(0);
        waits(1);
        waits(2);
        made(&unit, &format!("/bookings/{}/refusal", id(&one)), &json!({"reason": "那天要调琴"}));
        let two = asked(1);
        waits(2);
        made(&third, &format!("/bookings/{}/cancellation", id(&two)), &json!({}));
        let three = asked(2);
        // Nobody answers: there is nobody left to pass it on to.
        clock.set(NOW.plus_minutes(24 * 60));
        town.forget_people();
        app.settle();
        assert_eq!(seen(&town.person("yuxin-p-res-2"), &format!("/bookings/{}", id(&three)))["state"], "expired");
        good(&app);
    }
    what_comes_up_is_what_was_asked_for(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let [own, other] = ["yuxin-p-res-2", "yuxin-p-res-4"].map(|code| town.person(code));
        let (desk, unit) = (town.person("yuxin-p-desk"), town.person("yuxin-p-unit"));
        let room = town.space("yuxin-centre/shuyuan");
        let publish = |text: &str| {
            let paper = Paper::draft(&town, &desk, "yuxin-centre", &json!({"space_ids": [room], "text_zh": text}));
            let hash = paper.verb(&desk, "submission").expect(201, "submission").unwrap().text("/sha256").to_owned();
            paper.approve(&unit, "yuxin-unit", &hash).expect(201, "approval").unwrap();
            hash
        };
        let why = |answer: &Answer| (answer.status, answer.text("/code").to_owned(), answer.text("/reasons/0/code").to_owned());
        let first = publish("请保持安静。");
        let accepted = |ask: Value, hash: &str| but(ask, json!({"usage_terms_sha256": hash}));
        let booked = made(&own, "/bookings", &accepted(library(&town, 5, 600), &first));

        // As a booking: children come with somebody, equipment is known, no rule is set aside, the usage terms are accepted.
        let wish = but(library(&town, 5, 600), json!({"minors": 2, "guardian": true, "equipment": [{"code": "table", "units": 2}]}));
        assert_eq!(why(&post(&other, "/waitlist", &wish)), (409, "booking-refused".into(), "usage-terms".into()));
        for (more, pointer) in [
            (json!({"minors": 6}), "/minors"),
            (json!({"equipment": [{"code": "piano", "units": 1}]}), "/equipment/0/code"),
            (json!({"set_aside": ["quota"], "set_aside_reason": "换届选举"}), "/set_aside"),
        ] {
            let answer = post(&other, "/waitlist", &but(accepted(wish.clone(), &first), more));
            assert_eq!((answer.status, answer.text("/errors/0/pointer")), (422, pointer), "{}", answer.body);
        }
        let entry = made(&other, "/waitlist", &accepted(wish, &first));
        let tables = json!([{"code": "table", "units": 2}]);
        assert_eq!((&entry["minors"], &entry["equipment"]), (&json!(2), &tables));

        // Meanwhile others took their place: with the answer they are accepted, or it is no answer.
        let second = publish("请保持安静，手机静音。");
        made(&own, &format!("/bookings/{}/cancellation", id(&booked)), &json!({}));
        let kept = is_kept(&other, &entry);
        assert_eq!((&kept["minors"], &kept["equipment"], &kept["usage_terms"]), (&json!(2), &tables, &Value::Null));
        let take = format!("/bookings/{}/hold/acceptance", id(&kept));
        for body in [json!({}), json!({"usage_terms_sha256": first})] {
            assert_eq!(post(&other, &take, &body).status, 409, "{body}");
        }
        assert_eq!(post(&other, &take, &json!({"usage_terms_sha256": "x"})).status, 422);
        is_kept(&other, &entry);
        made(&other, &take, &json!({"usage_terms_sha256": second}));
        let taken = seen(&other, &format!("/bookings/{}", id(&kept)));
        assert_eq!((&taken["state"], &taken["equipment"], &taken["usage_terms"]["sha256"]), (&json!("confirmed"), &tables, &json!(second)));
        good(&app);
    }
}
