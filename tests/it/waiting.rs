//! The waiting list over HTTP on both backends: joining, coming up in the cancelling transaction, taking, declining, expiring,
//! waiting in vain; and that nobody comes before the line, whatever happens at once.

use crate::harness::db::NOW;
use crate::harness::mail::until;
use crate::harness::process::yuxin_any_day;
use crate::harness::{Town, days_ahead, good, outcome, post, rounds, rows, seen, served, together};
use crate::requests::with_consents;
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::demo::seed::YUXIN;
use shangliang::store::Backend;
use std::time::Duration;

/// The hub of 育新花园 with an order of classes: the parties themselves, then households of the community.
fn with_priority() -> String {
    let clause = "    clauses:
      - id: order
        kind: priority
        text_zh: 签约各方优先，本社区住户其次。
        payload: {classes: [party, household]}
      - id: parties\n";
    YUXIN.replacen("    clauses:\n      - id: parties\n", clause, 1)
}

/// The library, which needs neither set-up nor clean-up.
fn library(town: &Town, days: i64, minute: u16, minutes: u16) -> Value {
    json!({"space_id": town.space("yuxin-centre/shuyuan"), "use": "reading", "attendees": 5,
        "starts_at": town.at(days, minute), "ends_at": town.at(days, minute + minutes)})
}

fn book(by: &Client, ask: &Value) -> String {
    post(by, "/bookings", ask).expect(201, "booking").unwrap().text("/id").to_owned()
}

fn join(by: &Client, ask: &Value) -> Value {
    post(by, "/waitlist", ask).expect(201, "place in line").unwrap().body
}

fn cancel(by: &Client, id: &str) -> Answer {
    post(by, &format!("/bookings/{id}/cancellation"), &json!({}))
}

fn answer(by: &Client, id: &str, how: &str) -> Answer {
    post(by, &format!("/bookings/{id}/hold/{how}"), &json!({}))
}

/// The place in line as it is now.
fn line(by: &Client, entry: &Value) -> Value {
    seen(by, &format!("/waitlist/{}", entry["id"].as_str().unwrap()))
}

/// The booking a place in line became, `held`.
fn held(by: &Client, entry: &Value) -> Value {
    let entry = line(by, entry);
    assert_eq!(entry["state"], "promoted", "{entry}");
    let booking = seen(by, &format!("/bookings/{}", entry["booking_id"].as_str().unwrap()));
    assert_eq!(booking["state"], "held", "{booking}");
    booking
}

fn id(of: &Value) -> &str {
    of["id"].as_str().unwrap()
}

fn told(by: &Client, words: &str) -> bool {
    by.get("/api/v1/notices?limit=100").unwrap().body["items"].to_string().contains(words)
}

/// From day 14 on the centre closes at eight: agreed by both parties.
fn close_at_eight(town: &Town) {
    let (lead, path) = (town.signer("yuxin-community"), format!("/agreements/{}/versions", town.agreement("yuxin-partnership")));
    let mut clauses = seen(&lead, &format!("{path}/1"))["clauses"].as_array().unwrap().clone();
    for clause in &mut clauses {
        match clause["id"].as_str().unwrap() {
            "hours" => {
                let all = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
                clause["payload"]["weekly"] = json!([{"days": all, "from": "08:30", "to": "20:00"}]);
            }
            "term" => clause["payload"]["first_day"] = json!(town.at(14, 0)[..10]),
            _ => {}
        }
    }
    post(&lead, &path, &json!({ "clauses": clauses })).expect(201, "draft").unwrap();
    post(&lead, &format!("{path}/2/proposal"), &json!({})).expect(201, "proposal").unwrap();
    let sha256 = seen(&lead, &format!("{path}/2"))["sha256"].clone();
    for party in ["yuxin-unit", "yuxin-community"] {
        let body = json!({"organisation_id": town.organisation(party), "sha256": sha256});
        post(&town.signer(party), &format!("{path}/2/signatures"), &body).expect(201, "signature").unwrap();
    }
}

fn what_the_agreement_allows_no_more_is_not_waited_for(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::build(&app);
    let [own, other] = ["yuxin-p-res-2", "yuxin-p-res-4"].map(|code| town.person(code));
    // An evening before the change, one after it, and a morning after it; closed for a while, too.
    let wishes = [(12, 1230), (31, 1230), (31, 600)].map(|(days, minute)| library(&town, days, minute, 30));
    let lines = wishes.each_ref().map(|wish| {
        book(&own, wish);
        join(&other, wish)
    });
    let path = format!("/agreements/{}/suspensions", town.agreement("yuxin-partnership"));
    let closing = json!({"urgency": "immediate", "ground": "safety", "text": "漏水。", "evidence": "照片两张。",
        "space_ids": [town.space("yuxin-centre/shuyuan")]});
    post(&town.person("yuxin-p-desk"), &path, &closing).expect(201, "closed").unwrap();
    app.settle();
    assert!(lines.iter().all(|entry| line(&other, entry)["state"] == "waiting"), "it may open in time");

    close_at_eight(&town);
    app.settle();
    assert_eq!(lines.each_ref().map(|entry| line(&other, entry)["state"].clone()), [json!("waiting"), json!("lapsed"), json!("waiting")]);
    let told = other.get("/api/v1/notices?limit=100").unwrap().body["items"].clone();
    let [one] = told.as_array().unwrap().iter().filter(|n| n["kind"] == "waitlist.lapsed").collect::<Vec<_>>()[..] else {
        panic!("{told}")
    };
    assert!(one["text_zh"].as_str().unwrap().contains("协议改了") && one["text_zh"].as_str().unwrap().contains("08:30–20:00"), "{one}");
    // When its time begins nobody is told twice.
    clock.set(NOW.plus_days(32));
    town.forget_people();
    app.settle();
    assert_eq!(rows(&mut app.db.conn(), "notices WHERE kind = 'waitlist.lapsed'"), 3, "the two others waited in vain");
    good(&app);
}

fn a_line_from_end_to_end(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::build(&app);
    let [own, other, third] = ["yuxin-p-res-2", "yuxin-p-res-4", "yuxin-p-res-1"].map(|code| town.person(code));
    let count = |of: &str| rows(&mut app.db.conn(), of);
    let hall = json!({"space_id": town.space("yuxin-centre/hall"), "use": "performance", "attendees": 80,
        "starts_at": town.at(3, 900), "ends_at": town.at(3, 960)});

    // Free time is booked, not waited for; what the rules refuse cannot be waited for either.
    assert_eq!(outcome(&post(&other, "/waitlist", &hall)), (409, "state-conflict"));
    let first = book(&own, &hall);
    let night = json!({"space_id": hall["space_id"], "use": "performance", "attendees": 80,
        "starts_at": town.at(3, 120), "ends_at": town.at(3, 180)});
    assert_eq!(outcome(&post(&other, "/waitlist", &night)), (409, "booking-refused"));
    for (field, value) in
        [("attendees", json!(0)), ("use", json!("x")), ("starts_at", json!(1)), ("space_id", json!("space_x")), ("x", json!(1))]
    {
        let mut bad = hall.clone();
        bad[field] = value;
        assert_eq!(outcome(&post(&other, "/waitlist", &bad)), (422, "invalid"), "{field}");
    }
    assert_eq!(count("waitlist_entries"), 0);

    // The refusal says that one can wait.
    let check = post(&other, "/bookings/check", &hall).expect(200, "check").unwrap().body;
    assert_eq!((&check["bookable"], &check["can_wait"]), (&json!(false), &json!(true)));
    let refused = post(&other, "/bookings", &hall);
    assert_eq!(outcome(&refused), (409, "period-taken"));
    assert!(refused.text("/reasons/0/zh").contains("可以排队"), "{:?}", refused.body);
    let (one, two) = (join(&other, &hall), join(&third, &hall));
    assert_eq!((&one["place"], &two["place"], &one["class"]), (&json!(1), &json!(2), &Value::Null));
    assert_eq!(outcome(&post(&other, "/waitlist", &hall)), (409, "already-exists"));
    let mine = seen(&third, "/waitlist");
    assert_eq!((id(&mine["items"][0]), &mine["items"][0]["place"]), (id(&two), &json!(2)));

    // In the cancelling transaction it is kept for the first; the second moves up, and nobody else can have it.
    let charged = count("postings");
    assert_eq!(cancel(&own, &first).expect(201, "cancelled").unwrap().body["refund_fen"], 6000);
    let kept = held(&other, &one);
    assert_eq!((&kept["hold"]["until"], &kept["hold"]["outcome"]), (&json!(NOW.plus_minutes(120)), &Value::Null));
    assert_eq!((count("occupancy"), count("postings")), (2, charged + 1), "a hold has its space and costs nothing yet");
    assert_eq!(line(&third, &two)["place"], 1);
    assert_eq!(outcome(&post(&own, "/bookings", &hall)), (409, "period-taken"));
    let listed = seen(&other, "/bookings");
    assert_eq!((&listed["items"][0]["state"], &listed["items"][0]["hold"]["until"]), (&json!("held"), &kept["hold"]["until"]));
    app.settle();
    assert!(told(&other, "排到您了") && !told(&third, "排到您了"));

    // Taken: priced as of now, charged once; then it is a booking like any other.
    assert_eq!(answer(&third, id(&kept), "acceptance").status, 404);
    let taken = answer(&other, id(&kept), "acceptance").expect(201, "taken").unwrap().body;
    assert_eq!((&taken["state"], &taken["price_fen"], &taken["hold"]["outcome"]), (&json!("confirmed"), &json!(6000), &json!("accepted")));
    assert_eq!(count("postings"), charged + 2);
    for how in ["acceptance", "refusal"] {
        assert_eq!(outcome(&answer(&other, id(&kept), how)), (409, "state-conflict"), "{how}");
    }
    assert_eq!(cancel(&other, id(&kept)).body["refund_fen"], 6000);
    // Declined: nobody else waits, it is free.
    let kept = held(&third, &two);
    let declined = answer(&third, id(&kept), "refusal").expect(201, "declined").unwrap().body;
    assert_eq!((&declined["state"], &declined["hold"]["outcome"]), (&json!("cancelled"), &json!("declined")));
    assert_eq!((count("occupancy"), count("postings")), (0, charged + 3));
    let first = book(&own, &hall);

    // Nobody answers: it is passed on, and the answer comes too late.
    let (one, two) = (join(&other, &hall), join(&third, &hall));
    cancel(&own, &first).expect(201, "cancelled").unwrap();
    let kept = held(&other, &one);
    clock.set(NOW.plus_minutes(120));
    town.forget_people();
    let [own, other, third] = ["yuxin-p-res-2", "yuxin-p-res-4", "yuxin-p-res-1"].map(|code| town.person(code));
    assert_eq!(outcome(&answer(&other, id(&kept), "acceptance")), (409, "offer-expired"));
    app.settle();
    assert_eq!(seen(&other, &format!("/bookings/{}", id(&kept)))["state"], "expired");
    assert!(told(&other, "已经让给下一位"));
    // Declining by cancelling works as well.
    cancel(&third, id(&held(&third, &two))).expect(201, "cancelled").unwrap();
    assert_eq!(count("occupancy"), 0);

    // Leaving, and waiting in vain.
    book(&own, &hall);
    let (one, two) = (join(&other, &hall), join(&third, &hall));
    let leave = |by: &Client, entry: &Value| post(by, &format!("/waitlist/{}/leaving", id(entry)), &json!({}));
    assert_eq!(leave(&third, &one).status, 404);
    assert_eq!(leave(&other, &one).expect(201, "left").unwrap().body["state"], "left");
    assert_eq!(outcome(&leave(&other, &one)), (409, "state-conflict"));
    assert_eq!(line(&third, &two)["place"], 1);
    clock.set(town.instant(3, 900));
    town.forget_people();
    app.settle();
    let third = town.person("yuxin-p-res-1");
    assert_eq!((&line(&third, &two)["state"], seen(&third, "/waitlist")["items"].as_array().unwrap().len()), (&json!("lapsed"), 0));
    assert!(told(&third, "一直没有空出来"));
    good(&app);
}

/// Parts and the whole; classes; who lost a booking to the provider; what the terms no longer admit.
fn who_comes_first(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::of(&app, &with_priority());
    let [own, other, third, arts, lead, desk] =
        ["yuxin-p-res-2", "yuxin-p-res-4", "yuxin-p-res-1", "yuxin-p-arts", "yuxin-p-lead", "yuxin-p-desk"].map(|code| town.person(code));
    let room = |space: &str| {
        json!({"space_id": town.space(&format!("yuxin-centre/{space}")), "use": "meeting", "attendees": 5,
            "starts_at": town.at(5, 600), "ends_at": town.at(5, 660)})
    };
    let of = |organisation: &str, ask: &Value| {
        let mut ask = ask.clone();
        ask["organisation_id"] = json!(town.organisation(organisation));
        ask
    };

    // Classes of the clause before whoever came first.
    let ask = library(&town, 4, 600, 60);
    let booked = book(&own, &ask);
    let last = join(&arts, &of("yuxin-arts", &ask));
    let household = join(&other, &ask);
    let party = join(&lead, &of("yuxin-community", &ask));
    assert_eq!((&last["class"], &household["class"], &party["class"]), (&Value::Null, &json!("household"), &json!("party")));
    let places: Vec<Value> =
        [(&lead, &party), (&other, &household), (&arts, &last)].iter().map(|(by, e)| line(by, e)["place"].clone()).collect();
    assert_eq!(places, [1, 2, 3]);
    cancel(&own, &booked).expect(201, "cancelled").unwrap();
    answer(&lead, id(&held(&lead, &party)), "refusal").expect(201, "declined").unwrap();
    answer(&other, id(&held(&other, &household)), "refusal").expect(201, "declined").unwrap();
    held(&arts, &last);

    // Half a hall does not make a hall: who wants a part of it comes up, who wants the whole waits until all of it is free.
    let (east, west) = (book(&own, &room("dong")), book(&own, &room("xi")));
    let (whole, part) = (join(&other, &room("hall")), join(&third, &room("dong")));
    assert_eq!((&whole["place"], &part["place"]), (&json!(1), &json!(2)));
    cancel(&own, &east).expect(201, "cancelled").unwrap();
    let kept = held(&third, &part);
    assert_eq!(line(&other, &whole)["place"], 1);
    cancel(&own, &west).expect(201, "cancelled").unwrap();
    assert_eq!(line(&other, &whole)["state"], "waiting");
    answer(&third, id(&kept), "refusal").expect(201, "declined").unwrap();
    held(&other, &whole);

    // A provider ends a booking: its holder stands before everybody else for 48 hours. Who waits for the closed room does not
    // come up in it.
    let lost = book(&third, &town.ask(2, 600));
    let closed = join(&other, &town.ask(2, 600));
    let wanted = library(&town, 6, 600, 60);
    let blocker = book(&own, &wanted);
    let (before, after) = (join(&lead, &of("yuxin-community", &wanted)), join(&third, &wanted));
    assert_eq!((line(&lead, &before)["place"].clone(), line(&third, &after)["place"].clone()), (json!(1), json!(2)));
    let order = json!({"urgency": "immediate", "ground": "safety", "text": "漏水", "evidence": "照片", "space_ids": [town.space("yuxin-centre/moxuan")]});
    post(&desk, &format!("/agreements/{}/suspensions", town.agreement("yuxin-partnership")), &order).expect(201, "suspension").unwrap();
    assert_eq!(seen(&third, &format!("/bookings/{lost}"))["state"], "cancelled");
    assert_eq!((&line(&other, &closed)["state"], &line(&other, &closed)["place"]), (&json!("waiting"), &json!(1)));
    assert_eq!((line(&third, &after)["place"].clone(), line(&lead, &before)["place"].clone()), (json!(1), json!(2)));
    clock.set(NOW.plus_minutes(48 * 60));
    town.forget_people();
    let [own, third, lead] = ["yuxin-p-res-2", "yuxin-p-res-1", "yuxin-p-lead"].map(|code| town.person(code));
    assert_eq!(line(&third, &after)["place"], 2, "for 48 hours");
    cancel(&own, &blocker).expect(201, "cancelled").unwrap();
    held(&lead, &before);
    good(&app);
}

/// Two adjacent times; one waits for each and one before them for both. Both are cancelled at once while others try to book:
/// exactly the two come up, nobody books, and nothing overlaps.
fn cancelled_and_booked_at_once(backend: Backend) {
    let (app, _) = served(backend);
    let town = Town::of(&app, &yuxin_any_day());
    let people = ["yuxin-p-res-2", "yuxin-p-res-1", "yuxin-p-res-4", "yuxin-p-grid", "yuxin-p-door"].map(|code| town.person(code));
    let [holder, wide, first, second, outsider] = &people;
    let usual = rounds(20);
    let outsiders: Vec<Client> = (0..8).map(|_| Client::new(&app.base).with_token(outsider.token())).collect();
    let again = Client::new(&app.base).with_token(holder.token());
    for round in 0..usual {
        let (day, minute) = (days_ahead(round), 540 + 120 * u16::try_from(round / 30 % 4).unwrap());
        let (early, late, both) = (library(&town, day, minute, 60), library(&town, day, minute + 60, 60), library(&town, day, minute, 120));
        let booked = [book(holder, &early), book(holder, &late)];
        let waits = [join(wide, &both), join(first, &early), join(second, &late)];
        let heard = together(10, |n| match n {
            0 => cancel(holder, &booked[0]),
            1 => cancel(&again, &booked[1]),
            n => post(&outsiders[n - 2], "/bookings", if n % 2 == 0 { &early } else { &late }),
        });
        assert_eq!((heard[0].status, heard[1].status), (201, 201), "round {round}: {:?} {:?}", heard[0].body, heard[1].body);
        let others: Vec<_> = heard[2..].iter().map(outcome).collect();
        assert_eq!(others, vec![(409, "period-taken"); 8], "round {round}");
        assert_eq!(line(wide, &waits[0])["state"], "waiting", "round {round}");
        for (by, entry) in [(first, &waits[1]), (second, &waits[2])] {
            answer(by, id(&held(by, entry)), "refusal").expect(201, "declined").unwrap();
        }
        // Whoever waited for both has both now.
        answer(wide, id(&held(wide, &waits[0])), "refusal").expect(201, "declined").unwrap();
    }
    assert_eq!(rows(&mut app.db.conn(), "booking_holds") as usize, 3 * usual);
    assert_eq!(rows(&mut app.db.conn(), "occupancy"), 0);
    good(&app);
    println!("{backend:?}: {usual} rounds, two cancellations each beside eight who book: exactly two came up");
}

/// Two halves of what somebody waits for are given back at once, and somebody joins beside: nobody is forgotten.
fn given_back_and_joined_at_once(backend: Backend) {
    let (app, _) = served(backend);
    let town = Town::of(&app, &yuxin_any_day());
    let [holder, wide, late] = ["yuxin-p-res-2", "yuxin-p-res-1", "yuxin-p-res-4"].map(|code| town.person(code));
    let again = Client::new(&app.base).with_token(holder.token());
    let (usual, mut in_time) = (rounds(20), 0);
    for round in 0..usual {
        let (day, minute) = (days_ahead(round), 540 + 120 * u16::try_from(round / 30 % 4).unwrap());
        let both = library(&town, day, minute, 120);
        let booked = [book(&holder, &library(&town, day, minute, 60)), book(&holder, &library(&town, day, minute + 60, 60))];
        let entry = join(&wide, &both);
        let heard = together(3, |n| match n {
            0 => cancel(&holder, &booked[0]),
            1 => cancel(&again, &booked[1]),
            _ => post(&late, "/waitlist", &both),
        });
        assert_eq!((heard[0].status, heard[1].status, heard[2].status), (201, 201, 201), "round {round}: {:?}", heard[2].body);
        answer(&wide, id(&held(&wide, &entry)), "refusal").expect(201, "declined").unwrap();
        let booking = held(&late, &heard[2].body);
        // The last one leaves beside somebody who joins: either it is free for them to book, or they come up.
        let heard = together(2, |n| if n == 0 { answer(&late, id(&booking), "refusal") } else { post(&wide, "/waitlist", &both) });
        assert_eq!(heard[0].status, 201, "round {round}: {:?}", heard[0].body);
        match outcome(&heard[1]) {
            (201, _) => {
                in_time += 1;
                answer(&wide, id(&held(&wide, &heard[1].body)), "refusal").expect(201, "declined").unwrap();
            }
            refused => assert_eq!(refused, (409, "state-conflict"), "round {round}"),
        }
    }
    assert_eq!((rows(&mut app.db.conn(), "occupancy"), rows(&mut app.db.conn(), "waitlist_entries WHERE state = 'waiting'")), (0, 0));
    good(&app);
    println!("{backend:?}: {usual} rounds, nobody forgotten; {in_time} joined just in time");
}

/// Many hold the same hold in their hands: it is taken or declined once.
fn taken_once(backend: Backend) {
    let (app, _) = served(backend);
    let town = Town::of(&app, &yuxin_any_day());
    let [holder, one, next] = ["yuxin-p-res-2", "yuxin-p-res-1", "yuxin-p-res-4"].map(|code| town.person(code));
    let hands: Vec<Client> = (0..8).map(|_| Client::new(&app.base).with_token(one.token())).collect();
    let usual = rounds(20);
    let mut taken = 0;
    for round in 0..usual {
        let ask = library(&town, days_ahead(round), 540, 60);
        let booked = book(&holder, &ask);
        let (mine, theirs) = (join(&one, &ask), join(&next, &ask));
        cancel(&holder, &booked).expect(201, "cancelled").unwrap();
        let kept = id(&held(&one, &mine)).to_owned();
        let heard = together(8, |n| answer(&hands[n], &kept, if n % 2 == 0 { "acceptance" } else { "refusal" }));
        let won: Vec<usize> = (0..8).filter(|n| heard[*n].status == 201).collect();
        assert_eq!(won.len(), 1, "round {round}: {:?}", heard.iter().map(outcome).collect::<Vec<_>>());
        assert!(heard.iter().filter(|a| a.status != 201).all(|a| outcome(a) == (409, "state-conflict")), "round {round}");
        if won[0].is_multiple_of(2) {
            taken += 1;
            assert_eq!(line(&next, &theirs)["state"], "waiting", "round {round}");
            cancel(&one, &kept).expect(201, "cancelled").unwrap();
        }
        answer(&next, id(&held(&next, &theirs)), "refusal").expect(201, "declined").unwrap();
    }
    assert_eq!(rows(&mut app.db.conn(), "occupancy"), 0);
    good(&app);
    println!("{backend:?}: {usual} holds, {taken} taken, the others declined");
}

told_on_both! {
    a_request_the_agreement_allows_no_more_is_passed_on(backend) {
        let (app, _) = served(backend);
        let town = Town::of(&app, &with_consents());
        let [own, first, next] = ["yuxin-p-res-2", "yuxin-p-res-4", "yuxin-p-res-1"].map(|code| town.person(code));
        // The music room, where somebody must say yes, from half past seven in the evening on.
        let music = |minutes: u16| json!({"space_id": town.space("yuxin-centre/yazhu"), "use": "study", "attendees": 4,
            "starts_at": town.at(31, 1170), "ends_at": town.at(31, 1170 + minutes)});
        let had = book(&own, &music(60));
        post(&town.person("yuxin-p-unit"), &format!("/bookings/{had}/approval"), &json!({})).expect(201, "yes").unwrap();
        let (long, short) = (join(&first, &music(60)), join(&next, &music(30)));
        let became = |by: &Client, entry: &Value| {
            let entry = line(by, entry);
            entry["booking_id"].as_str().map(|booking| seen(by, &format!("/bookings/{booking}"))["state"].clone())
        };
        cancel(&own, &had).expect(201, "cancelled").unwrap();
        assert_eq!((became(&first, &long), became(&next, &short)), (Some(json!("requested")), None));
        // Until eight: the first cannot have it any more, the next can.
        close_at_eight(&town);
        assert_eq!((became(&first, &long), became(&next, &short)), (Some(json!("refused")), Some(json!("requested"))));
        good(&app);
    }
    soak_nobody_stands_in_eleven_lines(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let [own, waiter] = ["yuxin-p-res-2", "yuxin-p-res-1"].map(|code| town.person(code));
        let hands = [0, 1].map(|_| Client::new(&app.base).with_token(waiter.token()));
        for days in 4..13 {
            let ask = library(&town, days, 600, 60);
            book(&own, &ask);
            join(&waiter, &ask);
        }
        // Two more, each at another site.
        let tennis = json!({"space_id": town.space("yuxin-gym/tt-hall"), "use": "table-tennis", "attendees": 4,
            "starts_at": town.at(3, 840), "ends_at": town.at(3, 900)});
        let wanted = [library(&town, 3, 840, 60), tennis];
        for ask in &wanted {
            book(&own, ask);
        }
        let usual = rounds(20);
        for round in 0..usual {
            let heard = together(2, |n| post(&hands[n], "/waitlist", &wanted[n]));
            let won = heard.iter().find(|answer| answer.status == 201).unwrap_or_else(|| panic!("round {round}: {:?}", heard[0].body));
            let lost: Vec<_> = heard.iter().filter(|answer| answer.status != 201).map(outcome).collect();
            assert_eq!(lost, [(409, "state-conflict")], "round {round}");
            post(&waiter, &format!("/waitlist/{}/leaving", id(&won.body)), &json!({})).expect(201, "left").unwrap();
        }
        good(&app);
        println!("{backend:?}: {usual} rounds, never more than ten lines");
    }
    a_hold_nobody_answers_is_passed_on_within_a_minute(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        let [own, other, third] = ["yuxin-p-res-2", "yuxin-p-res-4", "yuxin-p-res-1"].map(|code| town.person(code));
        let ask = library(&town, 3, 600, 60);
        let booked = book(&own, &ask);
        let (one, two) = (join(&other, &ask), join(&third, &ask));
        cancel(&own, &booked).expect(201, "cancelled").unwrap();
        let kept = held(&other, &one);
        clock.set(NOW.plus_minutes(120));
        town.forget_people();
        let [other, third] = ["yuxin-p-res-4", "yuxin-p-res-1"].map(|code| town.person(code));
        // Nobody does the server's work for it, and to look does not pass anything on.
        let took = until("the hold is passed on", Duration::from_secs(60), || line(&third, &two)["state"] == "promoted");
        let next = held(&third, &two);
        assert_eq!((&next["hold"]["until"], &next["hold"]["outcome"]), (&json!(NOW.plus_minutes(240)), &Value::Null));
        let over = seen(&other, &format!("/bookings/{}", id(&kept)));
        assert_eq!((&over["state"], &over["hold"]["outcome"]), (&json!("expired"), &json!("expired")));
        until("both are told", Duration::from_secs(60), || told(&other, "已经让给下一位") && told(&third, "排到您了"));
        println!("{backend:?}: passed on after {took:?}");
        good(&app);
    }
}

#[test]
fn a_line_from_end_to_end_sqlite() {
    a_line_from_end_to_end(Backend::Sqlite);
}

#[test]
fn a_line_from_end_to_end_postgres() {
    a_line_from_end_to_end(Backend::Postgres);
}

#[test]
fn who_comes_first_sqlite() {
    who_comes_first(Backend::Sqlite);
}

#[test]
fn who_comes_first_postgres() {
    who_comes_first(Backend::Postgres);
}

#[test]
fn soak_cancelled_and_booked_at_once_sqlite() {
    cancelled_and_booked_at_once(Backend::Sqlite);
}

#[test]
fn soak_cancelled_and_booked_at_once_postgres() {
    cancelled_and_booked_at_once(Backend::Postgres);
}

#[test]
fn soak_given_back_and_joined_at_once_sqlite() {
    given_back_and_joined_at_once(Backend::Sqlite);
}

#[test]
fn soak_given_back_and_joined_at_once_postgres() {
    given_back_and_joined_at_once(Backend::Postgres);
}

#[test]
fn soak_a_hold_is_taken_once_sqlite() {
    taken_once(Backend::Sqlite);
}

#[test]
fn soak_a_hold_is_taken_once_postgres() {
    taken_once(Backend::Postgres);
}

#[test]
fn what_the_agreement_allows_no_more_is_not_waited_for_sqlite() {
    what_the_agreement_allows_no_more_is_not_waited_for(Backend::Sqlite);
}

#[test]
fn what_the_agreement_allows_no_more_is_not_waited_for_postgres() {
    what_the_agreement_allows_no_more_is_not_waited_for(Backend::Postgres);
}
