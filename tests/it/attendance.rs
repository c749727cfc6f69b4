//! At the door and afterwards, over HTTP on both backends: codes, checking in, rooms released because nobody came, what follows,
//! appeals, completion, ratings, keys.

use crate::harness::process::yuxin_any_day;
use crate::harness::{Town, good, outcome, post, rounds, rows, seen, served, together};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::demo::seed::YUXIN;
use shangliang::kernel::Instant;
use shangliang::kernel::time::SetClock;
use shangliang::store::Backend;

/// 育新花园 where one may book until the last minute.
fn without_lead() -> String {
    YUXIN.replacen("lead_minutes: 60", "lead_minutes: 0", 1)
}

fn ask(town: &Town, space: &str, what: &str, days: i64, (from, minutes): (u16, u16)) -> Value {
    json!({"space_id": town.space(&format!("yuxin-centre/{space}")), "use": what, "attendees": 3,
        "starts_at": town.at(days, from), "ends_at": town.at(days, from + minutes)})
}

fn book(by: &Client, ask: &Value) -> String {
    post(by, "/bookings", ask).expect(201, "booking").unwrap().text("/id").to_owned()
}

fn state(by: &Client, booking: &str) -> String {
    seen(by, &format!("/bookings/{booking}"))["state"].as_str().unwrap().to_owned()
}

fn check_in(by: &Client, booking: &str, code: &str) -> Answer {
    post(by, &format!("/bookings/{booking}/check-in"), &json!({ "code": code }))
}

fn mark(by: &Client, booking: &str, outcome: &str) -> Answer {
    post(by, &format!("/bookings/{booking}/attendance"), &json!({ "outcome": outcome }))
}

fn code(by: &Client, town: &Town, space: &str) -> String {
    let shown = seen(by, &format!("/spaces/{}/door-code", town.space(&format!("yuxin-centre/{space}"))));
    let code = shown["code"].as_str().unwrap().to_owned();
    assert!(shown["path"].as_str().unwrap().ends_with(&format!("?code={code}")), "{shown}");
    code
}

/// The fault of a code: 422 at `/code`.
fn fault(answer: &Answer) -> (u16, &str, &str) {
    (answer.status, answer.text("/errors/0/pointer"), answer.text("/errors/0/code"))
}

fn told(by: &Client, words: &str) -> bool {
    by.get("/api/v1/notices?limit=100").unwrap().body["items"].to_string().contains(words)
}

/// The clock stands there, and everybody has signed in again.
fn at(town: &Town, clock: &SetClock, now: Instant) {
    clock.set(now);
    town.forget_people();
    town.app.settle();
}

fn come_use_and_tell(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::build(&app);
    let person = |code: &str| town.person(code);
    let own = person("yuxin-p-res-2");
    let mine = book(&own, &ask(&town, "shuyuan", "reading", 1, (600, 60)));
    let hall = book(&own, &ask(&town, "hall", "meeting", 1, (600, 60)));
    let arts = {
        let mut theirs = ask(&town, "moxuan", "calligraphy", 1, (600, 60));
        theirs["organisation_id"] = json!(town.organisation("yuxin-arts"));
        book(&person("yuxin-p-arts"), &theirs)
    };
    let start = town.instant(1, 600);
    let plan = seen(&own, &format!("/bookings/{mine}/use"));
    assert_eq!((&plan["opens_at"], &plan["released_at"]), (&json!(start.plus_minutes(-15)), &json!(start.plus_minutes(15))));

    // The key, before: handed out once, back once.
    let keys = |by: &Client, moved: &str| post(by, &format!("/bookings/{hall}/keys"), &json!({ "moved": moved }));
    assert_eq!(outcome(&keys(&person("yuxin-p-keys"), "returned")), (409, "state-conflict"));
    assert_eq!(keys(&person("yuxin-p-keys"), "handed_out").expect(201, "key").unwrap().body[0]["moved"], "handed_out");
    assert_eq!(outcome(&keys(&person("yuxin-p-desk"), "handed_out")), (409, "state-conflict"));
    assert_eq!(keys(&person("yuxin-p-desk"), "returned").expect(201, "key").unwrap().body.as_array().unwrap().len(), 2);
    assert_eq!(outcome(&keys(&person("yuxin-p-desk"), "lost")), (422, "invalid"));

    // Too early by a moment; then the doors, each with its own code, another every minute.
    at(&town, &clock, Instant(start.plus_minutes(-15).0 - 1));
    assert_eq!(outcome(&check_in(&person("yuxin-p-res-2"), &mine, "123456")), (409, "state-conflict"));
    at(&town, &clock, start.plus_minutes(-15));
    let (own, desk) = (person("yuxin-p-res-2"), person("yuxin-p-desk"));
    let (here, elsewhere) = (code(&desk, &town, "shuyuan"), code(&desk, &town, "moxuan"));
    assert_eq!(code(&person("yuxin-p-keys"), &town, "shuyuan"), here);
    assert_ne!(here, elsewhere);
    assert_eq!(fault(&check_in(&own, &mine, &elsewhere)), (422, "/code", "other-room"));
    assert!(check_in(&own, &mine, &elsewhere).text("/errors/0/zh").contains("同创墨轩"));
    assert_eq!(fault(&check_in(&own, &mine, "abc")), (422, "/code", "wrong-code"));
    at(&town, &clock, start.plus_minutes(-13));
    let (own, desk, mate) = (person("yuxin-p-res-2"), person("yuxin-p-desk"), person("yuxin-p-res-3"));
    assert_eq!(fault(&check_in(&own, &mine, &here)), (422, "/code", "stale-code"));
    assert_eq!(outcome(&check_in(&person("yuxin-p-res-4"), &mine, &here)), (404, "not-found"));
    let now = code(&desk, &town, "shuyuan");
    let came = check_in(&own, &mine, &now).expect(201, "check-in").unwrap().body;
    assert_eq!((&came["outcome"], &came["noticed"]), (&json!("came"), &json!("code")));
    // Again, and by somebody else of the household: the same answer, whatever is typed.
    assert_eq!(check_in(&own, &mine, &now).expect(201, "again").unwrap().body, came);
    assert_eq!(check_in(&mate, &mine, "1").expect(201, "again").unwrap().body, came);
    assert_eq!(state(&own, &mine), "checked_in");
    assert_eq!(outcome(&post(&own, &format!("/bookings/{mine}/cancellation"), &json!({}))), (409, "state-conflict"));
    assert_eq!(outcome(&mark(&desk, &mine, "missed")), (409, "state-conflict"));
    // A hall is entered by the door of a part of it, too.
    let east = code(&desk, &town, "dong");
    check_in(&own, &hall, &east).expect(201, "by the east door").unwrap();
    // Six digits are few: after five wrong ones it is closed for a while.
    let later = book(&own, &ask(&town, "member-room", "meeting", 0, (660, 60)));
    at(&town, &clock, start.plus_minutes(50));
    let own = person("yuxin-p-res-2");
    for _ in 0..5 {
        assert_eq!(fault(&check_in(&own, &later, "000000x")), (422, "/code", "wrong-code"));
    }
    assert_eq!(outcome(&check_in(&own, &later, "000000x")), (429, "too-many-attempts"));
    // Its own session a social organisation keeps itself; at its quarter it was not there, and is released.
    assert_eq!(
        (state(&person("yuxin-p-arts"), &arts).as_str(), rows(&mut app.db.conn(), "attendances WHERE noticed = 'timer'")),
        ("no_show", 1)
    );
    mark(&person("yuxin-p-desk"), &later, "came").expect(201, "at the desk").unwrap();

    // At its end it is over; then it can be rated, once, from a closed list.
    at(&town, &clock, start.plus_minutes(60));
    let own = person("yuxin-p-res-2");
    assert_eq!((state(&own, &mine).as_str(), state(&own, &hall).as_str()), ("completed", "completed"));
    assert_eq!(state(&own, &later), "checked_in");
    let rate = |by: &Client, booking: &str, body: Value| post(by, &format!("/bookings/{booking}/rating"), &body);
    for bad in [
        json!({}),
        json!({"stars": 0}),
        json!({"stars": 6}),
        json!({"stars": 5, "tags": ["nice"]}),
        json!({"stars": 5, "tags": ["clean", "clean"]}),
        json!({"stars": 5, "text": "王阿姨很好"}),
    ] {
        assert_eq!(outcome(&rate(&own, &mine, bad.clone())), (422, "invalid"), "{bad}");
    }
    assert_eq!(outcome(&rate(&own, &later, json!({"stars": 5}))), (409, "state-conflict"));
    let said = rate(&own, &mine, json!({"stars": 4, "tags": ["clean", "quiet"]})).expect(201, "rating").unwrap().body;
    assert_eq!((&said["stars"], &said["tags"]), (&json!(4), &json!(["clean", "quiet"])));
    assert_eq!(outcome(&rate(&own, &mine, json!({"stars": 1}))), (409, "state-conflict"));
    let whole = seen(&own, &format!("/bookings/{mine}/use"));
    assert_eq!((&whole["rating"]["stars"], &whole["attendance"]["outcome"]), (&json!(4), &json!("came")));
    // One is nobody's average; five are.
    let space = town.space("yuxin-centre/shuyuan");
    assert_eq!(seen(&app.client, &format!("/spaces/{space}/ratings"))["ratings"], Value::Null);
    let more: Vec<String> = (0..4).map(|n| book(&own, &ask(&town, "shuyuan", "reading", 0, (720 + 30 * n, 30)))).collect();
    // The service was not looking while they passed: nobody could check in, and nobody is blamed.
    clock.set(town.instant(0, 900));
    town.forget_people();
    app.settle();
    let own = person("yuxin-p-res-2");
    for id in &more {
        assert_eq!(state(&own, id), "completed");
        rate(&own, id, json!({"stars": 5, "tags": ["clean"]})).expect(201, "rating").unwrap();
    }
    let shown = seen(&app.client, &format!("/spaces/{space}/ratings"));
    assert_eq!((&shown["ratings"], &shown["average_hundredths"]), (&json!(5), &json!(480)));
    assert_eq!(shown["tags"], json!([{"tag": "clean", "times": 5}]), "what fewer said is not shown");
    good(&app);
}

fn nobody_comes(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::of(&app, &without_lead());
    let person = |code: &str| town.person(code);
    let (own, third) = (person("yuxin-p-res-4"), person("yuxin-p-res-1"));
    let rooms = [("shuyuan", "reading"), ("moxuan", "calligraphy"), ("member-room", "meeting"), ("tongzhan-home", "meeting")];
    let booked = rooms.map(|(room, what)| book(&own, &ask(&town, room, what, 1, (600, 120))));
    let far = book(&own, &ask(&town, "shuyuan", "reading", 20, (600, 60)));
    // Somebody waits for the second hour of the first.
    let wait = post(&third, "/waitlist", &ask(&town, "shuyuan", "reading", 1, (660, 60))).expect(201, "in line").unwrap().body;
    let start = town.instant(1, 600);
    let released = start.plus_minutes(15);
    at(&town, &clock, Instant(released.0 - 1));
    assert_eq!(state(&person("yuxin-p-res-4"), &booked[0]), "confirmed");
    // A quarter after the start nobody has come: the rest is free, first for those who wait.
    at(&town, &clock, released);
    let (own, third, desk) = (person("yuxin-p-res-4"), person("yuxin-p-res-1"), person("yuxin-p-desk"));
    assert_eq!(booked.each_ref().map(|id| state(&own, id)), ["no_show", "no_show", "no_show", "no_show"].map(str::to_owned));
    // The desk still finds who had them, should they come late after all; to others their time is free.
    let day = format!("/sites/{}/bookings?from={start}&to={}", town.site("yuxin-centre"), start.plus_minutes(1));
    let missed = |by: &Client| seen(by, &day)["items"].as_array().unwrap().clone();
    let found = missed(&desk);
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found.iter().all(|busy| busy["booking"]["state"] == "no_show" && busy["person"].is_string()), "{found:?}");
    assert_eq!(missed(&third), Vec::<Value>::new());
    assert_eq!(missed(&app.client), Vec::<Value>::new());
    let entry = seen(&third, &format!("/waitlist/{}", wait["id"].as_str().unwrap()));
    let kept = seen(&third, &format!("/bookings/{}", entry["booking_id"].as_str().unwrap()));
    assert_eq!((&kept["state"], &kept["hold"]["until"]), (&json!("held"), &json!(Instant(released.0 + 45 * 30_000_000))));
    book(&third, &ask(&town, "moxuan", "calligraphy", 0, (630, 60)));
    assert_eq!(outcome(&check_in(&own, &booked[0], "123456")), (409, "state-conflict"));
    assert!(told(&own, "没有人来") && told(&own, "这是第 4 次"));

    // Four at once: ninety days, with the reason and its end in every refusal; what was booked before stays.
    let until = start.plus_days(90);
    let standing = seen(&own, "/me/standing");
    assert_eq!((&standing[0]["limit"]["kind"], &standing[0]["limit"]["until"]), (&json!("ninety_days"), &json!(until)));
    assert_eq!(standing[0]["missed"].as_array().unwrap().len(), 4);
    let again = |days: i64| post(&own, "/bookings", &ask(&town, "hongyi-hall", "meeting", days, (840, 60)));
    let refused = again(3);
    assert_eq!((outcome(&refused), refused.text("/reasons/0/code")), ((409, "booking-refused"), "no-shows"));
    assert!(refused.text("/reasons/0/zh").contains("2027年2月27日周六 10:00 之前不能预订"), "{:?}", refused.body);
    let check = post(&own, "/bookings/check", &ask(&town, "hongyi-hall", "meeting", 3, (840, 60))).body;
    assert_eq!((&check["bookable"], &check["reasons"][0]["code"]), (&json!(false), &json!("no-shows")));
    assert_eq!(state(&own, &far), "confirmed");

    // An appeal: once, in words, decided by somebody else; cleared does not count.
    let appeal = |by: &Client, id: &str| post(by, &format!("/bookings/{id}/appeal"), &json!({"text": "门打不开，我们一直在门口。"}));
    let decide = |by: &Client, id: &str, how: &str| {
        post(by, &format!("/bookings/{id}/appeal/decision"), &json!({"outcome": how, "reply": "门锁坏了，对不起。"}))
    };
    assert_eq!(outcome(&decide(&desk, &booked[0], "cleared")), (409, "state-conflict"));
    for bad in [json!({}), json!({"text": ""}), json!({"text": "字".repeat(201)}), json!({"text": "好", "x": 1})] {
        assert_eq!(outcome(&post(&own, &format!("/bookings/{}/appeal", booked[0]), &bad)), (422, "invalid"));
    }
    assert_eq!(outcome(&appeal(&own, &far)), (409, "state-conflict"));
    appeal(&own, &booked[0]).expect(201, "appeal").unwrap();
    assert_eq!(outcome(&appeal(&own, &booked[0])), (409, "state-conflict"));
    let open = seen(&desk, "/appeals");
    assert_eq!((open["items"].as_array().unwrap().len(), &open["items"][0]["booking"]["id"]), (1, &json!(booked[0])));
    assert_eq!(seen(&person("shiyou-p-desk"), "/appeals")["items"], json!([]));
    assert_eq!(outcome(&decide(&desk, &booked[0], "perhaps")), (422, "invalid"));
    let decided = decide(&desk, &booked[0], "cleared").expect(201, "decided").unwrap().body;
    assert_eq!((&decided["outcome"], &decided["reply"]), (&json!("cleared"), &json!("门锁坏了，对不起。")));
    assert_eq!(outcome(&decide(&desk, &booked[0], "upheld")), (409, "state-conflict"));
    assert_eq!(seen(&desk, "/appeals")["items"], json!([]));
    assert_eq!(seen(&own, "/me/standing")[0]["limit"]["kind"], "thirty_days");
    appeal(&own, &booked[1]).expect(201, "appeal").unwrap();
    decide(&desk, &booked[1], "cleared").expect(201, "decided").unwrap();
    assert_eq!(seen(&own, "/me/standing")[0]["limit"]["kind"], "shorter_horizon");
    assert_eq!(again(3).status, 201);
    assert_eq!(again(14).status, 201);
    assert_eq!((outcome(&again(15)), again(15).text("/reasons/0/code")), ((409, "booking-refused"), "no-shows"));
    appeal(&own, &booked[2]).expect(201, "appeal").unwrap();
    decide(&desk, &booked[2], "upheld").expect(201, "decided").unwrap();
    assert_eq!(seen(&own, "/me/standing")[0]["limit"]["kind"], "shorter_horizon");
    app.settle();
    assert!(told(&own, "申诉通过了") && told(&own, "申诉没有通过"));
    good(&app);
}

/// Who is inside is there: an ordinary change leaves them, a closure for safety interrupts them.
fn inside_when_it_is_closed(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::build(&app);
    let own = town.person("yuxin-p-res-2");
    let early = book(&own, &ask(&town, "moxuan", "calligraphy", 1, (600, 60)));
    at(&town, &clock, town.instant(1, 590));
    let (own, desk) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-desk"));
    mark(&desk, &early, "came").expect(201, "came").unwrap();
    let order = json!({"urgency": "immediate", "ground": "safety", "text": "漏水", "evidence": "照片", "space_ids": [town.space("yuxin-centre/moxuan")]});
    let done =
        post(&desk, &format!("/agreements/{}/suspensions", town.agreement("yuxin-partnership")), &order).expect(201, "suspension").unwrap();
    let counts = done.body["impact"]["counts"].as_array().unwrap();
    assert_eq!(counts.iter().find(|c| c["disposition"] == "interrupted").unwrap()["bookings"], 1);
    assert_eq!(state(&own, &early), "interrupted");
    good(&app);
}

/// The desk says both at once, and the door a third: one of them is true, and it stays so.
fn one_truth(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::of(&app, &yuxin_any_day());
    let usual = rounds(10);
    for round in 0..usual {
        let own = town.person("yuxin-p-res-2");
        let id = book(&own, &ask(&town, "shuyuan", "reading", 1, (600, 60)));
        at(&town, &clock, town.instant(1, 605));
        let hands: Vec<Client> = ["yuxin-p-desk", "yuxin-p-desk-2", "yuxin-p-lead", "yuxin-p-res-2"].map(|code| town.person(code)).into();
        let shown = code(&hands[0], &town, "shuyuan");
        let heard = together(4, |n| match n {
            0 | 1 => mark(&hands[n], &id, "missed"),
            2 => mark(&hands[n], &id, "came"),
            _ => check_in(&hands[n], &id, &shown),
        });
        let said = seen(&hands[3], &format!("/bookings/{id}/use"))["attendance"]["outcome"].as_str().unwrap().to_owned();
        for (n, answer) in heard.iter().enumerate() {
            let truth = (n < 2) == (said == "missed");
            // Whoever says what is true already is told so; a moment too late is a conflict.
            assert!(
                outcome(answer) == (409, "state-conflict") || (answer.status == 201 && truth),
                "round {round}: {n} {said} {:?}",
                answer.body
            );
        }
        assert!(heard.iter().any(|answer| answer.status == 201), "round {round}");
        let expected = if said == "missed" { "no_show" } else { "checked_in" };
        assert_eq!(state(&hands[3], &id), expected, "round {round}");
        assert_eq!(rows(&mut app.db.conn(), &format!("attendances WHERE booking_id = '{id}'")), 1);
        if said == "missed" {
            // So that the next round is not refused for it.
            post(&hands[3], &format!("/bookings/{id}/appeal"), &json!({"text": "来了"})).expect(201, "appeal").unwrap();
            let clear = json!({"outcome": "cleared", "reply": "好"});
            post(&hands[0], &format!("/bookings/{id}/appeal/decision"), &clear).expect(201, "cleared").unwrap();
        }
    }
    good(&app);
    println!("{backend:?}: {usual} rounds, one truth each");
}

told_on_both! {
    a_code_of_another_day_or_another_room_is_told_apart(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        let mine = book(&town.person("yuxin-p-res-2"), &ask(&town, "shuyuan", "reading", 1, (600, 60)));
        let desk = town.person("yuxin-p-desk");
        let yesterdays = code(&desk, &town, "shuyuan");
        at(&town, &clock, town.instant(1, 590));
        let (own, desk) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-desk"));
        let [earlier, elsewhere] = ["shuyuan", "moxuan"].map(|room| code(&desk, &town, room));
        at(&town, &clock, town.instant(0, 592));
        // A code is known as one that was right for an hour; after that it is as wrong as any other.
        for (typed, why) in [(&yesterdays, "wrong-code"), (&earlier, "stale-code"), (&elsewhere, "other-room")] {
            assert_eq!(fault(&check_in(&own, &mine, typed)), (422, "/code", why), "{typed}");
        }
        assert_eq!((state(&own, &mine).as_str(), rows(&mut app.db.conn(), "attendances")), ("confirmed", 0));
        let now = code(&desk, &town, "shuyuan");
        check_in(&own, &mine, &now).expect(201, "check-in").unwrap();
        assert_eq!(state(&own, &mine), "checked_in");
        good(&app);
    }
}

#[test]
fn come_use_and_tell_sqlite() {
    come_use_and_tell(Backend::Sqlite);
}

#[test]
fn come_use_and_tell_postgres() {
    come_use_and_tell(Backend::Postgres);
}

#[test]
fn nobody_comes_sqlite() {
    nobody_comes(Backend::Sqlite);
}

#[test]
fn nobody_comes_postgres() {
    nobody_comes(Backend::Postgres);
}

#[test]
fn inside_when_it_is_closed_sqlite() {
    inside_when_it_is_closed(Backend::Sqlite);
}

#[test]
fn inside_when_it_is_closed_postgres() {
    inside_when_it_is_closed(Backend::Postgres);
}

#[test]
fn soak_one_truth_about_who_came_sqlite() {
    one_truth(Backend::Sqlite);
}

#[test]
fn soak_one_truth_about_who_came_postgres() {
    one_truth(Backend::Postgres);
}
