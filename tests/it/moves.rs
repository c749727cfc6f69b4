//! Moving a booking, and its history, over HTTP on both backends: everything or nothing, whoever else wants the time.

use crate::harness::db::NOW;
use crate::harness::process::yuxin_any_day;
use crate::harness::{TestApp, Town, days_ahead, good, outcome, rounds, rows, served, together};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::store::Backend;

fn ask(town: &Town, space: &str, what: &str, people: i64, days: i64, from: u16, minutes: u16) -> Value {
    json!({"space_id": town.space(&format!("yuxin-centre/{space}")), "use": what, "attendees": people,
        "starts_at": town.at(days, from), "ends_at": town.at(days, from + minutes)})
}

fn book(by: &Client, ask: &Value) -> String {
    by.post("/api/v1/bookings", ask).unwrap().expect(201, "booking").unwrap().text("/id").to_owned()
}

/// Where to: the space, day, minute and length of an ask, at a price.
fn to(ask: &Value, price: i64) -> Value {
    json!({"space_id": ask["space_id"], "starts_at": ask["starts_at"], "ends_at": ask["ends_at"], "price_fen": price})
}

fn moved(by: &Client, booking: &str, to: &Value) -> Answer {
    by.post(&format!("/api/v1/bookings/{booking}/move"), to).unwrap()
}

fn seen(by: &Client, booking: &str) -> Value {
    by.get(&format!("/api/v1/bookings/{booking}")).unwrap().expect(200, "booking").unwrap().body
}

fn state(by: &Client, booking: &str) -> String {
    seen(by, booking)["state"].as_str().unwrap().to_owned()
}

fn claims(app: &TestApp, booking: &str) -> i64 {
    rows(&mut app.db.conn(), &format!("occupancy WHERE claimant = '{booking}'"))
}

/// What happened and as whom, in order.
fn history(by: &Client, booking: &str) -> Vec<String> {
    let told = by.get(&format!("/api/v1/bookings/{booking}/history")).unwrap().expect(200, "history").unwrap().body;
    let text = told.to_string();
    for word in ["林晓", "欧阳海", "account", "household"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    let word = |event: &Value, field: &str| event[field].as_str().unwrap().to_owned();
    let events = told["events"].as_array().unwrap().iter();
    events.map(|event| format!("{} {}", word(event, "what"), word(event, "who"))).collect()
}

told_on_both! {
    another_room_another_time_and_the_price_shown_first(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        let (own, neighbour) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"));
        let show = ask(&town, "hall", "performance", 50, 4, 900, 120);
        let old = book(&own, &show);
        assert_eq!((seen(&own, &old)["price_fen"].as_i64(), claims(&app, &old)), (Some(6000), 2));
        app.settle();

        // Shown first; nothing is written.
        let east = ask(&town, "dong", "performance", 50, 4, 900, 120);
        let counts = || ["bookings", "occupancy", "postings", "booking_moves"].map(|table| rows(&mut app.db.conn(), table));
        let before = counts();
        let shown = own.post(&format!("/api/v1/bookings/{old}/move?dry_run=true"), &json!({"space_id": east["space_id"],
            "starts_at": east["starts_at"], "ends_at": east["ends_at"]})).unwrap().expect(200, "dry run").unwrap();
        let figures = |answer: &Answer| ["price_before_fen", "price_fen", "difference_fen", "refund_fen"].map(|f| answer.body[f].as_i64().unwrap());
        assert_eq!(figures(&shown), [6000, 2000, -4000, 6000]);
        assert_eq!((shown.text("/state"), &shown.body["moved_to"]), ("confirmed", &Value::Null));
        assert_eq!(counts(), before);

        // Only at the price that was shown.
        let nothing = moved(&own, &old, &json!({"starts_at": east["starts_at"], "ends_at": east["ends_at"]}));
        assert_eq!((nothing.status, nothing.text("/errors/0/pointer")), (422, "/price_fen"));
        assert_eq!(outcome(&moved(&own, &old, &to(&east, 1999))), (409, "price-changed"));
        assert_eq!(counts(), before);
        // Nobody else's.
        assert_eq!(moved(&neighbour, &old, &to(&east, 2000)).status, 404);

        clock.set(NOW.plus_minutes(1));
        let key = "move-it-once";
        let path = format!("/api/v1/bookings/{old}/move");
        let done = own.post_keyed(&path, key, &to(&east, 2000)).unwrap().expect(201, "move").unwrap();
        assert_eq!(figures(&done), [6000, 2000, -4000, 6000]);
        let new = done.text("/moved_to").to_owned();
        let again = own.post_keyed(&path, key, &to(&east, 2000)).unwrap();
        assert_eq!((again.status, again.text("/moved_to")), (201, new.as_str()), "the same key gets the same answer");
        let was = seen(&own, &old);
        assert_eq!((was["state"].as_str(), was["moved_to"].as_str()), (Some("moved"), Some(new.as_str())));
        assert_eq!((state(&own, &new), claims(&app, &old), claims(&app, &new)), ("confirmed".into(), 0, 1));
        let postings = |booking: &str| -> Vec<(String, i64)> {
            let all = own.get(&format!("/api/v1/bookings/{booking}/postings")).unwrap().expect(200, "postings").unwrap().body;
            all.as_array().unwrap().iter().map(|p| (p["kind"].as_str().unwrap().to_owned(), p["amount_fen"].as_i64().unwrap())).collect()
        };
        assert_eq!(postings(&old), [("charge".into(), 6000), ("refund".into(), 6000)]);
        assert_eq!(postings(&new), [("charge".into(), 2000)]);
        assert_eq!(history(&own, &old), ["made holder", "charged holder", "moved holder", "refunded holder"]);
        assert_eq!(history(&own, &new), ["made holder", "moved_here holder", "charged holder"]);
        assert_eq!(history(&town.person("yuxin-p-desk"), &new).len(), 3);

        // Its own time does not stand in the way: half an hour later, in the same room.
        clock.set(NOW.plus_minutes(2));
        let later = ask(&town, "dong", "performance", 50, 4, 930, 120);
        let third = moved(&own, &new, &to(&later, 2000)).expect(201, "later").unwrap().text("/moved_to").to_owned();
        // Somebody has the other half of the hall: no moving into the whole, and nothing is lost.
        let west = ask(&town, "xi", "meeting", 10, 4, 930, 60);
        let other = book(&neighbour, &west);
        let whole = ask(&town, "hall", "performance", 50, 4, 900, 120);
        let taken = moved(&own, &third, &to(&whole, 6000));
        assert_eq!(outcome(&taken), (409, "period-taken"));
        assert!(taken.body["alternatives"].as_array().is_some_and(|all| !all.is_empty()), "{}", taken.body);
        assert_eq!((state(&own, &third), claims(&app, &third)), ("confirmed".into(), 1));
        neighbour.post(&format!("/api/v1/bookings/{other}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
        // From a part of the hall into the hall, over its own time.
        let whole = moved(&own, &third, &to(&whole, 6000)).expect(201, "the whole hall").unwrap().text("/moved_to").to_owned();
        assert_eq!(claims(&app, &whole), 2);

        // What the rules refuse they refuse with everything at once, and the booking stands.
        let night = ask(&town, "shuyuan", "performance", 70, 4, 1260, 120);
        let refused = moved(&own, &whole, &to(&night, 0));
        let codes: Vec<&str> = refused.body["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect();
        assert_eq!((outcome(&refused), codes), ((409, "booking-refused"), vec!["outside-hours", "use-prohibited"]));
        assert_eq!((state(&own, &whole), claims(&app, &whole)), ("confirmed".into(), 2));

        // Onto itself; an end before the start; a room that is not there.
        let place = json!({"starts_at": show["starts_at"], "ends_at": show["ends_at"], "price_fen": 6000});
        let itself = moved(&own, &whole, &place);
        assert_eq!((itself.status, itself.text("/errors/0/pointer"), itself.text("/errors/0/code")), (422, "/starts_at", "unchanged"));
        let backwards = json!({"starts_at": show["ends_at"], "ends_at": show["starts_at"], "price_fen": 6000});
        assert_eq!(moved(&own, &whole, &backwards).text("/errors/0/pointer"), "/ends_at");
        let mut nowhere = to(&east, 2000);
        nowhere["space_id"] = json!("space_01h455vb4pex5vsknk084sn02q");
        assert_eq!(moved(&own, &whole, &nowhere).text("/errors/0/pointer"), "/space_id");

        // What has moved, was cancelled or has begun is not moved.
        assert_eq!(outcome(&moved(&own, &old, &to(&east, 2000))), (409, "state-conflict"));
        let gone = book(&own, &ask(&town, "shuyuan", "reading", 5, 6, 600, 60));
        own.post(&format!("/api/v1/bookings/{gone}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
        assert_eq!(outcome(&moved(&own, &gone, &to(&east, 2000))), (409, "state-conflict"));
        let begun = book(&own, &ask(&town, "shuyuan", "reading", 5, 1, 600, 60));
        clock.set(town.instant(1, 610));
        town.forget_people();
        let own = town.person("yuxin-p-res-2");
        let wish = to(&ask(&town, "shuyuan", "reading", 5, 1, 720, 60), 0);
        assert_eq!(outcome(&moved(&own, &begun, &wish)), (409, "state-conflict"));
        good(&app);
    }

    a_move_that_needs_a_yes_waits_and_the_old_time_stands(backend) {
        let (app, clock) = served(backend);
        let town = Town::of(&app, &crate::requests::with_consents());
        let (own, neighbour, unit) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"), town.person("yuxin-p-unit"));
        let study = ask(&town, "moxuan", "study", 4, 4, 600, 60);
        let old = book(&own, &study);
        let music = ask(&town, "yazhu", "study", 4, 4, 600, 60);
        let asked = moved(&own, &old, &to(&music, 0)).expect(201, "asked").unwrap();
        assert_eq!((asked.text("/state"), asked.body["request"]["approvers"].as_array().map(Vec::len)), ("requested", Some(1)));
        let new = asked.text("/moved_to").to_owned();
        assert_eq!((state(&own, &old), claims(&app, &old), claims(&app, &new)), ("confirmed".into(), 1, 0));
        assert_eq!(outcome(&neighbour.post("/api/v1/bookings", &study).unwrap()), (409, "period-taken"));
        assert_eq!(history(&own, &old), ["made holder", "move_requested holder"]);

        clock.set(NOW.plus_minutes(1));
        unit.post(&format!("/api/v1/bookings/{new}/approval"), &json!({})).unwrap().expect(201, "yes").unwrap();
        assert_eq!((state(&own, &old), state(&own, &new), claims(&app, &old), claims(&app, &new)), ("moved".into(), "confirmed".into(), 0, 1));
        assert_eq!(seen(&own, &old)["moved_to"], new.as_str());
        assert_eq!(history(&own, &new), ["requested holder", "approved approver", "moved_here holder"]);
        book(&neighbour, &study);

        // Over its own time, with a yes again.
        let later = ask(&town, "yazhu", "study", 4, 4, 630, 60);
        let third = moved(&own, &new, &to(&later, 0)).expect(201, "asked").unwrap().text("/moved_to").to_owned();
        assert_eq!((state(&own, &new), claims(&app, &new)), ("confirmed".into(), 1));
        unit.post(&format!("/api/v1/bookings/{third}/approval"), &json!({})).unwrap().expect(201, "yes").unwrap();
        assert_eq!((state(&own, &new), state(&own, &third)), ("moved".into(), "confirmed".into()));

        // Cancelled meanwhile: there is nothing to move.
        let fourth = moved(&own, &third, &to(&ask(&town, "yazhu", "study", 4, 5, 600, 60), 0)).expect(201, "asked").unwrap();
        let fourth = fourth.text("/moved_to").to_owned();
        // A request is not moved itself.
        assert_eq!(outcome(&moved(&own, &fourth, &to(&study, 0))), (409, "state-conflict"));
        own.post(&format!("/api/v1/bookings/{third}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
        assert_eq!(outcome(&unit.post(&format!("/api/v1/bookings/{fourth}/approval"), &json!({})).unwrap()), (409, "state-conflict"));
        assert_eq!((state(&own, &fourth), claims(&app, &fourth)), ("requested".into(), 0));
        good(&app);
    }

    a_day_of_a_series_has_one_booking_while_its_move_waits(backend) {
        let (app, _) = served(backend);
        let town = Town::of(&app, &crate::requests::with_consents());
        let (own, unit) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-unit"));
        let mut weekly = ask(&town, "moxuan", "study", 4, 4, 600, 60);
        weekly["rule"] = json!("FREQ=WEEKLY;COUNT=2");
        let series = own.post("/api/v1/series", &weekly).unwrap().expect(201, "series").unwrap().body;
        let path = format!("/api/v1/series/{}", series["id"].as_str().unwrap());
        let first = || own.get(&path).unwrap().expect(200, "series").unwrap().body["occurrences"][0].clone();
        let old = first()["booking_id"].as_str().unwrap().to_owned();
        let music = ask(&town, "yazhu", "study", 4, 4, 600, 60);
        let new = moved(&own, &old, &to(&music, 0)).expect(201, "asked").unwrap().text("/moved_to").to_owned();
        assert_eq!((first()["booking_id"].as_str(), first()["state"].as_str()), (Some(old.as_str()), Some("confirmed")));
        assert_eq!(seen(&own, &new)["series_id"], Value::Null);
        good(&app);
        unit.post(&format!("/api/v1/bookings/{new}/approval"), &json!({})).unwrap().expect(201, "yes").unwrap();
        assert_eq!((first()["booking_id"].as_str(), &seen(&own, &new)["series_id"]), (Some(new.as_str()), &series["id"]));
        good(&app);
    }

    soak_movers_and_bookers_race_for_one_time(backend) {
        let (app, _) = served(backend);
        let town = Town::of(&app, &yuxin_any_day());
        let people = ["yuxin-p-res-2", "yuxin-p-res-4"].map(|code| town.person(code));
        let slot = |space: &str, round: usize, from: u16| ask(&town, space, "study", 4, days_ahead(round), from, 60);
        let cancel = |by: &Client, booking: &str| {
            by.post(&format!("/api/v1/bookings/{booking}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
        };
        for round in 0..rounds(12) {
            // Two movers for one time: one has it, the other keeps what it had.
            let had = [book(&people[0], &slot("moxuan", round, 540)), book(&people[1], &slot("shuyuan", round, 540))];
            let wanted = slot("moxuan", round, 660);
            let answers = together(2, |n| moved(&people[n], &had[n], &to(&wanted, 0)));
            let winner = answers.iter().position(|answer| answer.status == 201).unwrap_or_else(|| panic!("round {round}: {:?}", answers[0].body));
            let (loser, won) = (1 - winner, answers[winner].text("/moved_to").to_owned());
            assert_eq!(outcome(&answers[loser]), (409, "period-taken"), "round {round}");
            assert_eq!((state(&people[loser], &had[loser]), claims(&app, &had[loser])), ("confirmed".into(), 1));
            assert_eq!((state(&people[winner], &had[winner]), claims(&app, &had[winner])), ("moved".into(), 0));

            // A mover and somebody who books.
            let stays = had[loser].clone();
            let free = slot("moxuan", round, 840);
            let answers = together(2, |n| if n == 0 { moved(&people[loser], &stays, &to(&free, 0)) } else { people[winner].post("/api/v1/bookings", &free).unwrap() });
            let statuses = [answers[0].status, answers[1].status];
            assert!(statuses == [201, 409] || statuses == [409, 201], "round {round}: {statuses:?}");
            let stands = if statuses[0] == 201 { answers[0].text("/moved_to").to_owned() } else { stays.clone() };
            let booked = (statuses[1] == 201).then(|| answers[1].text("/id").to_owned());
            assert_eq!((state(&people[loser], &stands), claims(&app, &stands)), ("confirmed".into(), 1));

            // Two who want each other's time: neither loses anything.
            let pair = [book(&people[0], &slot("moxuan", round, 960)), book(&people[1], &slot("shuyuan", round, 960))];
            let each = [slot("shuyuan", round, 960), slot("moxuan", round, 960)];
            let answers = together(2, |n| moved(&people[n], &pair[n], &to(&each[n], 0)));
            assert_eq!([outcome(&answers[0]), outcome(&answers[1])], [(409, "period-taken"); 2], "round {round}");
            for n in 0..2 {
                assert_eq!((state(&people[n], &pair[n]), claims(&app, &pair[n])), ("confirmed".into(), 1));
            }

            // So that the days do not run out.
            for booking in booked.iter().chain([&won, &pair[winner]]) {
                cancel(&people[winner], booking);
            }
            for booking in [&stands, &pair[loser]] {
                cancel(&people[loser], booking);
            }
            assert_eq!(rows(&mut app.db.conn(), "occupancy"), 0, "round {round}");
        }
        good(&app);
    }

    soak_a_move_and_a_suspension_never_pass_each_other(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let (own, lead) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-lead"));
        let agreement = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
        let mut first = 0;
        for round in 0..rounds(12) {
            let from = 540 + 60 * u16::try_from(round % 6).unwrap();
            let old = book(&own, &ask(&town, "moxuan", "study", 4, 2, from, 30));
            let wanted = to(&ask(&town, "shuyuan", "study", 4, 3, from, 30), 0);
            let close = json!({"urgency": "immediate", "ground": "safety", "text": "漏水了。", "evidence": "现场照片", "space_ids": [town.space("yuxin-centre/shuyuan")]});
            let answers = together(2, |n| if n == 0 { moved(&own, &old, &wanted) } else { lead.post(&format!("{agreement}/suspensions"), &close).unwrap() });
            assert_eq!(answers[1].status, 201, "round {round}: {}", answers[1].body);
            if answers[0].status == 201 {
                // The move came first, and the suspension met it.
                first += 1;
                assert_eq!(state(&own, answers[0].text("/moved_to")), "cancelled", "round {round}");
            } else {
                assert_eq!((outcome(&answers[0]), answers[0].text("/reasons/0/code")), ((409, "booking-refused"), "suspended"), "round {round}");
                assert_eq!((state(&own, &old), claims(&app, &old)), ("confirmed".into(), 1));
                own.post(&format!("/api/v1/bookings/{old}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
            }
            let lifting = format!("{agreement}/suspensions/{}/lifting", answers[1].text("/suspension_id"));
            lead.post(&lifting, &json!({"text": "修好了。"})).unwrap().expect(201, "lifting").unwrap();
        }
        println!("{backend:?}: the move came first {first} times");
        good(&app);
    }
}
