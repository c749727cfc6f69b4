//! The rules of a site over HTTP on both backends: what one holder may have, who comes first, how long before it, what is lent
//! with a room, and which rules the community may set aside. All broken rules come in one answer, in fixed order.

use crate::harness::db::NOW;
use crate::harness::{TestApp, TestDb, Town, but, rounds, rows, together};
use crate::requests::with_consents;
use serde_json::{Value, json};
use shangliang::bookings::actions::whose::Claimant;
use shangliang::bookings::actions::{judge_for, provider};
use shangliang::bookings::model::{Ask, Beside, BookingState, Holder};
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::digest::sha256_hex;
use shangliang::kernel::time::SetClock;
use shangliang::kernel::{Instant, Period};
use shangliang::store::{Backend, backup};
use shangliang::terms::model::Use;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const USUAL: &str = "rules: {granularity_minutes: 30, min_minutes: 30, max_minutes: 240, lead_minutes: 60, horizon_days: 60}";

/// The hub of 育新花园 with more rules at its centre, where three tables and a projector are lent.
pub fn with(rules: &str) -> String {
    let line = format!("{}, {rules}}}", USUAL.trim_end_matches('}'));
    let yaml = with_consents().replacen(USUAL, &line, 1).replace("Folding tables, count: 10}", "Folding tables, count: 3}");
    assert!(yaml.contains(rules) && yaml.contains("Folding tables, count: 3}"));
    yaml
}

fn served(backend: Backend) -> TestApp {
    TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW))
}

/// Study for four in a room of the centre, `days` ahead.
fn ask(town: &Town, space: &str, days: i64, minute: u16, minutes: u16) -> Value {
    json!({"space_id": town.space(&format!("yuxin-centre/{space}")), "use": "study", "attendees": 4,
        "starts_at": town.at(days, minute), "ends_at": town.at(days, minute + minutes)})
}

fn book(by: &Client, ask: &Value) -> Answer {
    by.post("/api/v1/bookings", ask).unwrap()
}

fn booked(by: &Client, ask: &Value) -> String {
    book(by, ask).expect(201, "booking").unwrap().text("/id").to_owned()
}

/// The codes of a refusal, in order.
fn refused(answer: &Answer) -> Vec<&str> {
    assert_eq!((answer.status, answer.text("/code")), (409, "booking-refused"), "{:?}", answer.body);
    answer.body["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

/// It does not start in the week from Monday, 30 November 2026.
fn outside_the_week(offer: &Value) -> bool {
    !("2026-11-30".."2026-12-07").contains(&offer["starts_at"].as_str().unwrap())
}

fn cancel(by: &Client, id: &str) -> Answer {
    by.post(&format!("/api/v1/bookings/{id}/cancellation"), &json!({})).unwrap()
}

fn quota(town: &Town, by: &Client, on: &str, more: &str) -> Value {
    let site = town.site("yuxin-centre");
    by.get(&format!("/api/v1/sites/{site}/quota?on={on}{more}")).unwrap().expect(200, "quota").unwrap().body
}

/// Counts by start in the site's zone, over all its spaces and whoever of the household books; explained; given back.
fn quotas(backend: Backend) {
    let app = served(backend);
    let rules = "late_cancel_hours: 24, quotas: [{holder: household, per: week, bookings: 2}, {holder: organisation, per: rolling, days: 7, hours: 2}]";
    let town = Town::of(&app, &with(rules));
    let (own, mate, other) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"), town.person("yuxin-p-res-4"));

    // The week from Monday the 30th: one each of a household, in two rooms, and no third in any room.
    let first = booked(&own, &ask(&town, "moxuan", 2, 600, 60));
    let second = booked(&mate, &ask(&town, "shuyuan", 3, 840, 60));
    let third = ask(&town, "member-room", 4, 600, 60);
    let no = book(&own, &third);
    assert_eq!(refused(&no), ["over-quota"]);
    let reason = &no.body["reasons"][0];
    assert_eq!(reason["figure"], "2");
    assert_eq!(
        reason["zh"],
        "每户每周最多订 2 次。2026年11月30日周一到2026年12月6日周日已经有 2 次：2026年11月30日周一 10:00–11:00 同创墨轩（林*）、2026年12月1日周二 14:00–15:00 同心书苑（欧阳*）。2026年12月7日周一起又可以订。"
    );
    assert!(reason["en"].as_str().unwrap().ends_with("It may book again from Mon 7 Dec 2026."), "{reason}");
    // What works instead keeps to the quota too, and a check says the same without booking.
    let offers = no.body["alternatives"].as_array().unwrap();
    assert!(!offers.is_empty() && offers.iter().all(outside_the_week), "{offers:?}");
    let check = own.post("/api/v1/bookings/check", &third).unwrap().expect(200, "check").unwrap().body;
    assert_eq!(
        (&check["bookable"], &check["reasons"], &check["alternatives"]),
        (&json!(false), &no.body["reasons"], &no.body["alternatives"])
    );
    assert_eq!(rows(&mut app.db.conn(), "bookings"), 2);
    let seen = &quota(&town, &mate, "2026-12-02", "")[0];
    assert_eq!(
        (&seen["used"], &seen["left"], &seen["from"], &seen["to"]),
        (&json!(2), &json!(0), &json!("2026-11-30"), &json!("2026-12-06"))
    );
    assert_eq!((&seen["frees_on"], &seen["zh"], &seen["clause"]), (&json!("2026-12-07"), &json!("每户每周最多订 2 次。"), &Value::Null));
    assert_eq!((&seen["uses"][0]["booking_id"], &seen["uses"][1]["person"]), (&json!(first), &json!("欧阳*")));
    // Another household, another week, another site.
    booked(&other, &third);
    booked(&own, &ask(&town, "member-room", 9, 600, 60));
    assert_eq!(quota(&town, &own, "2026-12-08", "")[0]["used"], 1);

    // Cancelled in time, or ended by the provider, it comes back; a request counts while it waits.
    cancel(&mate, &second).expect(201, "cancelled").unwrap();
    let waiting = book(&mate, &ask(&town, "yazhu", 5, 600, 60)).expect(201, "request").unwrap();
    assert_eq!(waiting.body["state"], "requested");
    assert_eq!(refused(&book(&own, &ask(&town, "shuyuan", 5, 600, 60))), ["over-quota"]);
    let seen = quota(&town, &own, "2026-12-02", "");
    assert_eq!(seen[0]["uses"][1]["counts_as"], "requested");
    let refusal = format!("/api/v1/bookings/{}/refusal", waiting.text("/id"));
    town.person("yuxin-p-unit").post(&refusal, &json!({"reason": "那天要检修"})).unwrap().expect(201, "refused").unwrap();
    let again = booked(&own, &ask(&town, "shuyuan", 5, 600, 60));
    assert_eq!(refused(&book(&own, &ask(&town, "shuyuan", 6, 600, 60))), ["over-quota"]);
    let ends = vec![(again.parse().unwrap(), "临时检修".to_owned())];
    app.store().write_now(move |tx| provider::end(tx, BookingState::Cancelled, &ends)).unwrap();
    booked(&own, &ask(&town, "shuyuan", 6, 600, 60));

    // This week: cancelled later than a day before, it is used up.
    let late = booked(&other, &ask(&town, "shuyuan", 1, 570, 60));
    cancel(&other, &late).expect(201, "cancelled").unwrap();
    booked(&other, &ask(&town, "shuyuan", 1, 720, 60));
    let no = book(&other, &ask(&town, "shuyuan", 1, 840, 60));
    assert_eq!(refused(&no), ["over-quota"]);
    assert!(no.text("/reasons/0/zh").contains("刘*，临时取消"), "{:?}", no.body);

    // A request that is taken back, a hold that is not taken, was never a booking: however late, it does not count.
    let neighbour = town.person("yuxin-p-res-1");
    let given_up = |id: &str, path: &str| {
        let told = neighbour.get(&format!("/api/v1/bookings/{id}")).unwrap().body["cancelling"]["free_until"].clone();
        neighbour.post(&format!("/api/v1/bookings/{id}/{path}"), &json!({})).unwrap().expect(201, path).unwrap();
        assert_eq!(told, Value::Null);
        assert_eq!(quota(&town, &neighbour, "2026-11-29", "")[0]["used"], 0, "{path}");
    };
    for _ in 0..3 {
        let asked = book(&neighbour, &ask(&town, "yazhu", 1, 570, 60)).expect(201, "request").unwrap();
        assert_eq!((asked.text("/state"), &asked.body["cancelling"]["free_until"]), ("requested", &Value::Null));
        given_up(asked.text("/id"), "cancellation");
    }
    let wanted = ask(&town, "shuyuan", 1, 840, 60);
    let theirs = booked(&own, &wanted);
    let waits = neighbour.post("/api/v1/waitlist", &wanted).unwrap().expect(201, "place in line").unwrap();
    cancel(&own, &theirs).expect(201, "cancelled").unwrap();
    let held = neighbour.get(&format!("/api/v1/waitlist/{}", waits.text("/id"))).unwrap();
    given_up(held.text("/booking_id"), "hold/refusal");

    // An organisation has its own, and draws on nobody's household: two hours within any seven days.
    let lead = town.person("yuxin-p-lead");
    let ours = |days, minutes| {
        but(ask(&town, "member-room", days, 780, minutes), json!({"organisation_id": town.organisation("yuxin-community")}))
    };
    booked(&lead, &ours(3, 60));
    booked(&lead, &ours(9, 60));
    let no = book(&lead, &ours(6, 30));
    assert_eq!((refused(&no), no.text("/reasons/0/figure")), (vec!["over-quota"], "2:00 h"));
    booked(&lead, &ours(10, 60));
    let of = format!("&organisation_id={}", town.organisation("yuxin-community"));
    assert_eq!(quota(&town, &lead, "2026-12-05", &of)[0]["left"], 0);
    let site = town.site("yuxin-centre");
    assert_eq!(own.get(&format!("/api/v1/sites/{site}/quota?on=2026-12-05{of}")).unwrap().status, 404);
    assert_eq!(own.get(&format!("/api/v1/sites/{site}/quota?on=2026-02-30")).unwrap().text("/errors/0/pointer"), "on");
    assert_eq!(quota(&town, &town.person("yuxin-p-desk"), "2026-12-05", ""), json!([]), "without a household nothing counts");

    // Somebody who moves brings along what they have; where they lived it stays used.
    let fresh = quota(&town, &own, "2026-12-16", "");
    assert_eq!(fresh[0]["used"], 0);
    booked(&other, &ask(&town, "shuyuan", 18, 600, 60));
    let id = |who: &Client, field: &str| who.get("/api/v1/me").unwrap().body[field].as_str().unwrap().to_owned();
    let (here, there, mover) = (id(&own, "household_id"), id(&other, "household_id"), id(&other, "id"));
    app.db.sql(&format!("UPDATE accounts SET household_id = '{here}' WHERE id = '{mover}'"));
    assert_eq!(quota(&town, &own, "2026-12-16", "")[0]["used"], 1);
    app.db.sql(&format!("UPDATE accounts SET household_id = '{there}' WHERE id = '{mover}'"));
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
}

fn seen(all: &[Answer]) -> BTreeMap<String, usize> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for answer in all {
        *seen.entry(format!("{} {}", answer.status, answer.text("/code"))).or_default() += 1;
    }
    seen
}

/// One household, twenty sessions, a quota of two: exactly two bookings, eighteen refusals, nothing else.
fn twenty_sessions_of_one_household(backend: Backend) {
    const SESSIONS: usize = 20;
    let app = served(backend);
    let town = Town::of(&app, &with("quotas: [{holder: household, per: week, bookings: 2}]"));
    let people = ["yuxin-p-res-2", "yuxin-p-res-3"];
    let clients: Vec<Client> = (0..SESSIONS).map(|n| app.client.with_token(Some(&town.fresh_token(people[n % 2])))).collect();
    let usual = rounds(20);
    for round in 0..usual {
        let week = 7 * i64::try_from(round % 7).unwrap();
        // Every session its own half hour, in two rooms, so that nothing but the quota stands in the way.
        let wish = |n: usize| {
            let (day, minute) = (2 + week + i64::try_from(n / 10).unwrap(), 540 + 60 * u16::try_from(n % 10).unwrap());
            ask(&town, ["shuyuan", "member-room"][n % 2], day, minute, 30)
        };
        let answers = together(SESSIONS, |n| book(&clients[n], &wish(n)));
        let expected = BTreeMap::from([("201 ".to_owned(), 2), ("409 booking-refused".to_owned(), SESSIONS - 2)]);
        assert_eq!(seen(&answers), expected, "round {round}");
        for answer in answers.iter().filter(|answer| answer.status == 409) {
            assert_eq!(refused(answer), ["over-quota"], "round {round}");
        }
        for answer in answers.iter().filter(|answer| answer.status == 201) {
            cancel(&clients[0], answer.text("/id")).expect(201, "cancelled").unwrap();
        }
    }
    assert_eq!(rows(&mut app.db.conn(), "bookings") as usize, 2 * usual);
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
    println!("{backend:?}: {usual} rounds of {SESSIONS} sessions, two bookings each");
}

/// The only projector, wanted in seven rooms at once: exactly one has it, and nothing else happens.
fn one_projector(backend: Backend) {
    const ROOMS: [&str; 7] = ["tongzhan-home", "hongyi-hall", "member-room", "moxuan", "shuyuan", "dong", "xi"];
    let app = served(backend);
    let town = Town::of(&app, &with("at_once: 20"));
    let people = ["yuxin-p-res-1", "yuxin-p-res-2", "yuxin-p-res-4", "yuxin-p-door", "yuxin-p-grid"];
    let clients: Vec<Client> = (0..ROOMS.len()).map(|n| app.client.with_token(Some(&town.fresh_token(people[n % people.len()])))).collect();
    let usual = rounds(20);
    for round in 0..usual {
        let (day, minute) = (3 + i64::try_from(round % 32).unwrap() / 4 * 7, 780 + 60 * u16::try_from(round % 4).unwrap());
        let wish = |n: usize| {
            but(
                ask(&town, ROOMS[n], day, minute, 30),
                json!({"equipment": [{"code": "projector", "units": 1}, {"code": "table", "units": 1}]}),
            )
        };
        let answers = together(ROOMS.len(), |n| book(&clients[n], &wish(n)));
        let expected = BTreeMap::from([("201 ".to_owned(), 1), ("409 booking-refused".to_owned(), ROOMS.len() - 1)]);
        assert_eq!(seen(&answers), expected, "round {round}");
        for answer in answers.iter().filter(|answer| answer.status == 409) {
            assert_eq!((refused(answer), answer.text("/reasons/0/figure")), (vec!["equipment-out"], "0"), "round {round}");
        }
        let won = answers.iter().position(|answer| answer.status == 201).unwrap();
        cancel(&clients[won], answers[won].text("/id")).expect(201, "cancelled").unwrap();
    }
    assert_eq!(rows(&mut app.db.conn(), "booking_equipment") as usize, 2 * usual);
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
    println!("{backend:?}: {usual} rounds of {} rooms about one projector", ROOMS.len());
}

/// Lent with a room, back with whatever ends the booking; a request holds none of it.
fn lent_with_a_room(backend: Backend) {
    let app = served(backend);
    let town = Town::of(&app, &with("at_once: 20"));
    let (own, other, unit) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"), town.person("yuxin-p-unit"));
    let site = app.client.get(&format!("/api/v1/sites/{}", town.site("yuxin-centre"))).unwrap();
    assert_eq!(site.body["equipment"].as_array().unwrap().len(), 2);
    assert_eq!((site.text("/equipment/1/code"), &site.body["equipment"][1]["stock"]), ("table", &json!(3)));
    let tables =
        |space: &str, minute, units: i64| but(ask(&town, space, 3, minute, 60), json!({"equipment": [{"code": "table", "units": units}]}));

    // Wrong in every way, each at its place.
    for (equipment, pointer, code) in [
        (json!([{"code": "piano", "units": 1}]), "/equipment/0/code", "unknown"),
        (json!([{"code": "table", "units": 0}]), "/equipment/0/units", "out-of-range"),
        (json!([{"code": "table", "units": 1}, {"code": "table", "units": 1}]), "/equipment/1/code", "duplicate"),
        (json!([{"code": "table"}]), "/equipment/0/units", "missing"),
        (json!({"code": "table"}), "/equipment", "wrong-type"),
    ] {
        let answer = book(&own, &but(ask(&town, "shuyuan", 3, 600, 60), json!({ "equipment": equipment })));
        assert_eq!((answer.status, answer.text("/errors/0/pointer"), answer.text("/errors/0/code")), (422, pointer, code));
    }
    assert_eq!(rows(&mut app.db.conn(), "bookings"), 0);

    let two = booked(&own, &tables("shuyuan", 600, 2));
    let shown = own.get(&format!("/api/v1/bookings/{two}")).unwrap().body["equipment"].clone();
    assert_eq!(shown, json!([{"code": "table", "units": 2}]));
    let no = book(&other, &tables("moxuan", 630, 2));
    assert_eq!((refused(&no), no.text("/reasons/0/figure")), (vec!["equipment-out"], "1"));
    assert_eq!(no.text("/reasons/0/zh"), "折叠桌当时只剩 1 件（一共 3 件），您要 2 件。");
    // What is offered instead has enough of them.
    for offer in no.body["alternatives"].as_array().unwrap() {
        let mut instead = tables("moxuan", 630, 2);
        for field in ["space_id", "starts_at", "ends_at"] {
            instead[field] = offer[field].clone();
        }
        assert_eq!(other.post("/api/v1/bookings/check", &instead).unwrap().body["reasons"], json!([]), "{offer}");
    }
    // Clean-up counts: the ink studio is cleaned until 11:15, and its tables with it.
    let one = booked(&other, &tables("moxuan", 600, 1));
    assert_eq!(refused(&book(&own, &tables("member-room", 660, 3))), ["equipment-out"]);
    booked(&own, &tables("member-room", 690, 3));
    cancel(&other, &one).expect(201, "cancelled").unwrap();

    // Two requests want all that is left; the yes claims it, and the other cannot be had any more.
    let asked = |minute, units| book(&other, &tables("yazhu", minute, units)).expect(201, "request").unwrap().text("/id").to_owned();
    let (first, second) = (asked(840, 2), asked(900, 2));
    booked(&own, &but(ask(&town, "shuyuan", 3, 870, 60), json!({"equipment": [{"code": "table", "units": 1}]})));
    let approve = |id: &str| unit.post(&format!("/api/v1/bookings/{id}/approval"), &json!({})).unwrap();
    assert_eq!(approve(&first).expect(201, "yes").unwrap().body["state"], "confirmed");
    booked(&own, &but(ask(&town, "shuyuan", 3, 930, 60), json!({"equipment": [{"code": "table", "units": 2}]})));
    let no = approve(&second);
    assert_eq!((refused(&no), no.text("/reasons/0/figure")), (vec!["equipment-out"], "1"));

    // What the file lends no more is gone for new bookings only.
    let yaml = with("at_once: 20")
        .replace("{code: table, name_zh: 折叠桌, name_en: Folding tables, count: 3}", "{code: screen, name_zh: 屏幕, count: 1}");
    town.admin
        .raw("POST", "/api/v1/hub-imports", &[("idempotency-key", "less")], Some(("application/yaml", yaml.as_bytes())))
        .unwrap()
        .expect(201, "import")
        .unwrap();
    assert_eq!(refused(&book(&own, &tables("tongzhan-home", 600, 1))), ["equipment-out"]);
    assert_eq!(own.get(&format!("/api/v1/bookings/{two}")).unwrap().body["equipment"], shown);
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
}

/// What is lent with a room is there again when the room is cleaned up, not when its use is over.
fn lent_until_it_is_cleaned_up(backend: Backend) {
    let clock = SetClock::at(NOW);
    let app = TestApp::serve(TestDb::fresh(backend), clock.clone());
    let yaml = with("at_once: 20").replace("cleanup_minutes: 15", "cleanup_minutes: 90").replace("lead_minutes: 60", "lead_minutes: 0");
    let town = Town::of(&app, &yaml);
    let projector = |space: &str, minute| but(ask(&town, space, 0, minute, 60), json!({"equipment": [{"code": "projector", "units": 1}]}));
    // Today from eleven to twelve in the ink studio, which is cleaned until half past one.
    booked(&town.person("yuxin-p-res-2"), &projector("moxuan", 660));
    let no = |by: &Client| assert_eq!(refused(&book(by, &projector("member-room", 750))), ["equipment-out"]);
    no(&town.person("yuxin-p-res-4"));
    clock.set(town.instant(0, 721));
    town.forget_people();
    app.settle();
    assert_eq!(rows(&mut app.db.conn(), "bookings WHERE state = 'completed'"), 1);
    let other = town.person("yuxin-p-res-4");
    no(&other);
    booked(&other, &projector("member-room", 810));
    app.settle();
}

/// Everything at once, in its order: time, people, holder, clauses, children.
fn every_rule_in_one_answer(backend: Backend) {
    let app = served(backend);
    let rules = "lead_working_days: 2, residents_first_days: 7, joined_max_minutes: 240, at_once: 1, quotas: [{holder: household, per: day, bookings: 3}]";
    let town = Town::of(&app, &with(rules));
    let own = town.person("yuxin-p-res-2");

    // Saturday the 28th: Monday and Tuesday are the two working days, Wednesday the first day to book.
    let no = book(&own, &ask(&town, "shuyuan", 3, 600, 60));
    assert_eq!((refused(&no), no.text("/reasons/0/figure")), (vec!["too-few-working-days"], "2026-12-02"));
    booked(&own, &ask(&town, "shuyuan", 4, 540, 120));
    booked(&own, &ask(&town, "shuyuan", 4, 660, 120));
    let no = book(&own, &ask(&town, "shuyuan", 4, 780, 30));
    assert_eq!((refused(&no), no.text("/reasons/0/figure")), (vec!["joined-too-long"], "240"));
    assert_eq!(refused(&book(&own, &ask(&town, "member-room", 4, 600, 60))), ["too-many-at-once"]);
    booked(&own, &ask(&town, "shuyuan", 4, 840, 60));

    let no = book(
        &own,
        &json!({"space_id": town.space("yuxin-centre/shuyuan"), "use": "performance", "attendees": 1200, "minors": 1100,
            "starts_at": "2026-12-02T08:10:00+08:00", "ends_at": "2026-12-02T21:30:00+08:00"}),
    );
    let codes = refused(&no);
    let expected = [
        "off-grid",
        "too-long",
        "large-event",
        "over-quota",
        "joined-too-long",
        "too-many-at-once",
        "outside-hours",
        "use-prohibited",
        "over-capacity",
        "quiet-hours",
        "guardian-needed",
        "too-few-adults",
        "period-taken",
    ];
    assert_eq!(codes, expected, "{:?}", no.body);
    let large = no.body["reasons"].as_array().unwrap().iter().find(|reason| reason["code"] == "large-event").unwrap().clone();
    assert!(large["zh"].as_str().unwrap().contains("大型群众性活动安全管理条例") && large["figure"] == "1000", "{large}");
    let far = book(&own, &ask(&town, "shuyuan", 90, 600, 60));
    assert_eq!(refused(&far), ["beyond-horizon"]);

    // Residents first: the arts service may book a day from seven days before it.
    let arts = town.person("yuxin-p-arts");
    let theirs = |days| but(ask(&town, "moxuan", days, 600, 60), json!({"organisation_id": town.organisation("yuxin-arts")}));
    let no = book(&arts, &theirs(8));
    assert_eq!((refused(&no), no.text("/reasons/0/figure")), (vec!["residents-first"], "2026-11-29"));
    booked(&arts, &theirs(7));
    booked(&own, &ask(&town, "moxuan", 8, 600, 60));

    // Children: with somebody who looks after them, and enough adults.
    let family =
        |minors: i64, guardian| but(ask(&town, "moxuan", 9, 600, 60), json!({"minors": minors, "guardian": guardian, "attendees": 7}));
    assert_eq!(refused(&book(&own, &family(5, false))), ["guardian-needed"]);
    let no = book(&own, &family(6, true));
    assert_eq!((refused(&no), no.text("/reasons/0/clause"), no.text("/reasons/0/figure")), (vec!["too-few-adults"], "children", "2"));
    let made = book(&own, &family(5, true)).expect(201, "booking").unwrap();
    assert_eq!((&made.body["minors"], &made.body["channel"], &made.body["made_by"]), (&json!(5), &json!("own"), &made.body["account_id"]));
    for (more, pointer) in [(json!({"minors": 5}), "/minors"), (json!({"minors": -1}), "/minors"), (json!({"guardian": 1}), "/guardian")] {
        let bad = book(&own, &but(ask(&town, "moxuan", 10, 600, 60), more));
        assert_eq!((bad.status, bad.text("/errors/0/pointer")), (422, pointer));
    }
    app.settle();
}

/// The community may set a rule of the site aside, with a reason; never what was agreed. Recorded, audited, counted in public.
fn set_aside(backend: Backend) {
    let app = served(backend);
    let town =
        Town::of(&app, &with("quotas: [{holder: organisation, per: week, bookings: 1}, {holder: household, per: week, bookings: 1}]"));
    let (lead, own) = (town.person("yuxin-p-lead"), town.person("yuxin-p-res-2"));
    let ours = |days, minute, minutes, more: Value| {
        but(but(ask(&town, "shuyuan", days, minute, minutes), json!({"organisation_id": town.organisation("yuxin-community")})), more)
    };
    booked(&lead, &ours(2, 540, 60, json!({})));
    let long = |more| ours(3, 545, 420, more);
    assert_eq!(refused(&book(&lead, &long(json!({})))), ["off-grid", "too-long", "over-quota"]);
    // Only what is named, and nothing else.
    let some = json!({"set_aside": ["quota", "horizon"], "set_aside_reason": "换届选举"});
    assert_eq!(refused(&book(&lead, &long(some))), ["off-grid", "too-long"]);
    let all = json!({"set_aside": ["quota", "duration", "granularity", "lead_time", "horizon"], "set_aside_reason": "换届选举"});
    let made = booked(&lead, &long(all.clone()));
    let why = lead.get(&format!("/api/v1/bookings/{made}/explanation")).unwrap().body["set_aside"].clone();
    let told: Vec<(&Value, &Value)> = why.as_array().unwrap().iter().map(|one| (&one["rule"], &one["reason"])).collect();
    let reason = json!("换届选举");
    let stood = [json!("duration"), json!("granularity"), json!("quota")];
    assert_eq!(told, stood.iter().map(|rule| (rule, &reason)).collect::<Vec<_>>(), "what stood in the way, and no more");
    // Never capacity, use, hours or somebody else's time; nor the farthest day of all, and parts of a minute are no time to book.
    let crowd = but(ours(5, 600, 60, all.clone()), json!({"attendees": 61, "use": "performance"}));
    assert_eq!(refused(&book(&lead, &crowd)), ["use-prohibited", "over-capacity"]);
    assert_eq!(refused(&book(&lead, &ours(5, 1260, 60, all.clone()))), ["outside-hours"]);
    assert_eq!(book(&lead, &ours(3, 600, 60, all.clone())).text("/code"), "period-taken");
    assert_eq!(refused(&book(&lead, &ours(401, 600, 60, all.clone()))), ["beyond-horizon"]);
    booked(&lead, &ours(61, 600, 60, all.clone()));
    let mut seconds = ours(6, 600, 60, all.clone());
    seconds["starts_at"] = json!(town.at(6, 600).replace("10:00:00", "10:00:01"));
    let no = book(&lead, &seconds);
    assert_eq!((no.status, no.text("/errors/0/pointer"), no.text("/errors/0/code")), (422, "/starts_at", "not-a-minute"));
    // Not by residents, and not without a reason.
    let mine = but(ask(&town, "moxuan", 4, 600, 60), all.clone());
    assert_eq!(book(&own, &mine).status, 403);
    assert_eq!(own.post("/api/v1/bookings/check", &mine).unwrap().status, 403);
    for (more, pointer) in [
        (json!({"set_aside": ["quota"]}), "/set_aside_reason"),
        (json!({"set_aside_reason": "因为"}), "/set_aside"),
        (json!({"set_aside": [], "set_aside_reason": "因为"}), "/set_aside"),
        (json!({"set_aside": ["capacity"], "set_aside_reason": "因为"}), "/set_aside/0"),
        (json!({"set_aside": ["quota", "quota"], "set_aside_reason": "因为"}), "/set_aside/1"),
        (json!({"set_aside": ["quota"], "set_aside_reason": "字".repeat(201)}), "/set_aside_reason"),
    ] {
        let bad = book(&lead, &ours(7, 600, 60, more));
        assert_eq!((bad.status, bad.text("/errors/0/pointer")), (422, pointer), "{:?}", bad.body);
    }
    // Counted for everybody, with no word of who or why.
    let path = format!("/api/v1/sites/{}/overrides", town.site("yuxin-centre"));
    let counts = app.client.get(&path).unwrap().expect(200, "overrides").unwrap().body;
    let count = |rule: &str, bookings: i64| json!({"rule": rule, "bookings": bookings});
    assert_eq!(counts, json!([count("duration", 1), count("granularity", 1), count("horizon", 1), count("quota", 1)]));
    let empty = app.client.get(&format!("{path}?to=2026-11-28T09:59:59%2B08:00")).unwrap().body;
    assert_eq!(empty, json!([]));
    assert_eq!(app.client.get(&format!("{path}?from=2026-11-28T10:00:00Z&to=2026-11-28T10:00:00Z")).unwrap().status, 422);
    assert_eq!(rows(&mut app.db.conn(), "booking_overrides WHERE reason = '换届选举'"), 4);
    app.link();
    let proof = sha256_hex("换届选举".as_bytes());
    let audited = format!("audit_chain WHERE action = 'booking.rules_set_aside' AND detail LIKE '%{proof}%' AND detail NOT LIKE '%换届%'");
    assert_eq!(rows(&mut app.db.conn(), &audited), 2);
    app.settle();
}

/// A quota of the agreement is named by its clause and counts in the spaces it binds.
fn quota_of_a_clause(backend: Backend) {
    let app = served(backend);
    let clause = "    clauses:
      - id: fair
        kind: priority
        spaces: [yuxin-centre/moxuan, yuxin-centre/shuyuan]
        text_zh: 每户每月在同创墨轩和同心书苑最多订一次。
        payload: {classes: [household], household_quota: {most: 1, per: month}}\n";
    let yaml = with("at_once: 20").replacen("    clauses:\n", clause, 1);
    let town = Town::of(&app, &yaml);
    let (own, mate) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"));
    let made = book(&own, &ask(&town, "moxuan", 3, 600, 60)).expect(201, "booking").unwrap();
    assert!(made.body["clauses"].to_string().contains("fair"));
    booked(&mate, &ask(&town, "member-room", 4, 600, 60));
    let no = book(&mate, &ask(&town, "shuyuan", 20, 600, 60));
    assert_eq!(
        (refused(&no), no.text("/reasons/0/clause"), no.text("/reasons/0/agreement")),
        (vec!["over-quota"], "fair", "yuxin-partnership")
    );
    assert!(no.text("/reasons/0/zh").ends_with("2027年1月1日周五起又可以订。"), "{:?}", no.body);
    booked(&mate, &ask(&town, "shuyuan", 35, 600, 60));
    let seen = quota(&town, &own, "2026-12-15", "");
    assert_eq!((seen[0]["clause"].as_str(), &seen[0]["used"], &seen[0]["most_bookings"]), (Some("fair"), &json!(1), &json!(1)));
    app.settle();
}

/// Rules of a hub file are told by line and field.
fn files_with_wrong_rules(backend: Backend) {
    let app = served(backend);
    let admin = app.admin();
    let import = |yaml: &str| {
        admin
            .raw("POST", "/api/v1/hub-imports?dry_run=true", &[("idempotency-key", "rules")], Some(("application/yaml", yaml.as_bytes())))
            .unwrap()
    };
    for (rules, field, code) in [
        ("lead_working_days: 31", "lead_working_days", "out-of-range"),
        ("series_horizon_days: 401", "series_horizon_days", "out-of-range"),
        ("residents_first_days: -1", "residents_first_days", "out-of-range"),
        ("joined_max_minutes: 210", "joined_max_minutes", "out-of-range"),
        ("at_once: 0", "at_once", "out-of-range"),
        ("late_cancel_hours: soon", "late_cancel_hours", "wrong-type"),
        ("quotas: [{holder: household, per: week}]", "quotas/0/bookings", "missing"),
        ("quotas: [{holder: household, per: rolling, bookings: 1}]", "quotas/0/days", "needs-rolling"),
        ("quotas: [{holder: household, per: week, days: 7, hours: 1}]", "quotas/0/days", "needs-rolling"),
        ("quotas: [{holder: family, per: week, hours: 1}]", "quotas/0/holder", "unknown-word"),
        ("quotas: [{holder: household, per: week, hours: 0}]", "quotas/0/hours", "out-of-range"),
        ("quotas: [{holder: household, per: day, hours: 1}, {holder: household, per: day, bookings: 1}]", "quotas/1", "duplicate"),
        ("fairness: 1", "fairness", "unknown-field"),
    ] {
        let yaml = with(rules);
        let line = yaml.lines().position(|line| line.contains(rules)).unwrap() + 1;
        let answer = import(&yaml);
        let told: Vec<(&str, &str, u64)> = answer.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap(), e["line"].as_u64().unwrap()))
            .collect();
        let pointer = format!("/sites/0/rules/{field}");
        assert_eq!((answer.text("/code"), told), ("hub-file-invalid", vec![(pointer.as_str(), code, line as u64)]), "{rules}");
    }
    let twice = with("at_once: 2").replace("code: projector, name_zh: 移动投影仪", "code: table, name_zh: 移动投影仪");
    assert!(import(&twice).body["errors"].to_string().contains("/sites/0/equipment/1/code"));
    // All of them right, and shown as they are.
    let rules = "lead_working_days: 1, series_horizon_days: 400, residents_first_days: 14, joined_max_minutes: 240, at_once: 2, late_cancel_hours: 12, \
        quotas: [{holder: household, per: rolling, days: 30, bookings: 4, hours: 8}]";
    let yaml = with(rules);
    admin
        .raw("POST", "/api/v1/hub-imports", &[("idempotency-key", "good")], Some(("application/yaml", yaml.as_bytes())))
        .unwrap()
        .expect(201, "import")
        .unwrap();
    let site = shangliang::demo::people::find(&app.client, "/api/v1/sites", "yuxin-centre").unwrap();
    let shown = app.client.get(&format!("/api/v1/sites/{site}")).unwrap().body["rules"].clone();
    assert_eq!((&shown["lead_working_days"], &shown["horizon_days"], &shown["late_cancel_hours"]), (&json!(1), &json!(60), &json!(12)));
    assert_eq!(shown["quotas"], json!([{"holder": "household", "per": "rolling", "days": 30, "bookings": 4, "hours": 8}]));
    let again =
        admin.raw("POST", "/api/v1/hub-imports", &[("idempotency-key", "again")], Some(("application/yaml", yaml.as_bytes()))).unwrap();
    assert_eq!(again.body["sites"]["unchanged"], 2, "{}", again.body);
}

/// Where nothing is counted, knowing whose booking it is costs no statement more; where something is, few, however much there is.
fn counted_only_where_it_counts(backend: Backend) {
    let app = served(backend);
    let town = Town::of(&app, &with("quotas: [{holder: household, per: week, bookings: 50}]"));
    let own = town.person("yuxin-p-res-2");
    let household = Holder::Household(own.get("/api/v1/me").unwrap().text("/household_id").parse().unwrap());
    let statements = |space: &str, use_code: Use, holder: Option<&Holder>| {
        let start = town.instant(3, 600);
        let ask = Ask {
            space: town.space(space).parse().unwrap(),
            period: Period::new(start, start.plus_minutes(60)).unwrap(),
            use_code,
            attendees: 4,
            organisation: None,
            usage_terms_sha256: None,
            beside: Beside::default(),
        };
        let (sent, mut conn) = (Arc::new(AtomicUsize::new(0)), app.db.conn());
        let counter = sent.clone();
        diesel::Connection::set_instrumentation(&mut conn, move |event: diesel::connection::InstrumentationEvent<'_>| {
            if matches!(event, diesel::connection::InstrumentationEvent::StartQuery { .. }) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        let claimant = Claimant { holder, ..Claimant::NOBODY };
        let judged = judge_for(&mut conn, &ask, NOW, &claimant).unwrap();
        assert_eq!(judged.verdicts.reasons, vec![]);
        sent.load(Ordering::Relaxed)
    };
    let (gym, library) = ("yuxin-gym/tt-hall", "yuxin-centre/shuyuan");
    let basis = if backend == Backend::Postgres { 1 } else { 4 };
    assert_eq!(statements(gym, Use::TableTennis, None), basis, "the place, its terms, its tariffs, what was missed");
    assert_eq!(statements(gym, Use::TableTennis, Some(&household)), basis);
    let counted = statements(library, Use::Study, Some(&household));
    assert_eq!(counted, basis + 2, "people of the household, and what they have");
    for n in 0..10 {
        booked(&own, &ask(&town, "member-room", 4, 540 + 60 * n, 30));
    }
    assert_eq!(statements(library, Use::Study, Some(&household)), counted);
}

/// Until when cancelling does not count, and what comes back: told by the check, by the booking, and by the cancellation itself.
fn cancelling_is_told(backend: Backend) {
    let clock = SetClock::at(NOW);
    let app = TestApp::serve(TestDb::fresh(backend), clock.clone());
    let town = Town::of(&app, &with("late_cancel_hours: 24, quotas: [{holder: household, per: week, bookings: 9}]"));
    let (own, mate) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"));
    let told = |by: &Client, id: &str| {
        by.get(&format!("/api/v1/bookings/{id}")).unwrap().expect(200, "booking").unwrap().body["cancelling"].clone()
    };
    let check =
        |by: &Client, ask: &Value| by.post("/api/v1/bookings/check", ask).unwrap().expect(200, "check").unwrap().body["cancelling"].clone();

    // Monday the 30th at ten: until Sunday at ten; a hall that costs something is given back in full.
    let paid = but(ask(&town, "hall", 2, 600, 60), json!({"use": "meeting", "attendees": 20}));
    let price = own.post("/api/v1/bookings/check", &paid).unwrap().body["quote"]["total"].as_i64().unwrap();
    let expected = json!({"free_until": "2026-11-29T02:00:00Z", "refund_fen": price});
    assert_eq!(check(&own, &paid), expected);
    let made = book(&own, &paid).expect(201, "booking").unwrap();
    let first = made.text("/id").to_owned();
    assert_eq!((&made.body["cancelling"], told(&mate, &first)), (&expected, expected.clone()));
    let list = own.get("/api/v1/bookings").unwrap().body;
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["cancelling"]), (&json!(first), &Value::Null));
    let second = booked(&own, &ask(&town, "moxuan", 2, 600, 60));

    // An organisation has no quota here: it never counts, however late.
    let lead = town.person("yuxin-p-lead");
    let ours = but(ask(&town, "shuyuan", 2, 600, 60), json!({"organisation_id": town.organisation("yuxin-community")}));
    let never = json!({"free_until": null, "refund_fen": 0});
    assert_eq!(check(&lead, &ours), never);
    let theirs = booked(&lead, &ours);
    assert_eq!(told(&lead, &theirs), never);

    // Exactly at the deadline it does not count; just after it does, and everything is given back all the same.
    clock.set(Instant::parse("2026-11-29T10:00:00+08:00").unwrap());
    town.forget_people();
    let own = town.person("yuxin-p-res-2");
    let gone = cancel(&own, &second).expect(201, "in time").unwrap().body;
    assert_eq!((&gone["counted"], &gone["refund_fen"]), (&json!(false), &json!(0)));
    assert_eq!(told(&own, &second), Value::Null, "it can be cancelled no more");
    clock.set(Instant::parse("2026-11-29T10:00:01+08:00").unwrap());
    let gone = cancel(&own, &first).expect(201, "late").unwrap().body;
    assert_eq!((&gone["counted"], &gone["refund_fen"]), (&json!(true), &json!(price)));
    assert_eq!(quota(&town, &own, "2026-11-30", "")[0]["used"], 1);
    let lead = town.person("yuxin-p-lead");
    assert_eq!(cancel(&lead, &theirs).expect(201, "theirs").unwrap().body["counted"], false);
    // What is booked later than its deadline says so at once.
    let late = check(&own, &ask(&town, "moxuan", 2, 540, 60));
    assert_eq!(late["free_until"], "2026-11-30T01:00:00Z");
    app.settle();
}

/// Without hours, or without a quota, nothing counts; a quota of a clause makes it count too.
fn cancelling_counts_only_where_it_may(backend: Backend) {
    let clause = "    clauses:
      - id: fair
        kind: priority
        spaces: [yuxin-centre/moxuan]
        text_zh: 同创墨轩每户每月最多订九次。
        payload: {classes: [household], household_quota: {most: 9, per: month}}\n";
    for (rules, fair, moxuan, shuyuan) in [
        ("late_cancel_hours: 24", "", Value::Null, Value::Null),
        ("late_cancel_hours: 0, quotas: [{holder: household, per: week, bookings: 2}]", "", Value::Null, Value::Null),
        ("late_cancel_hours: 24, quotas: [{holder: organisation, per: week, bookings: 2}], at_once: 3", "", Value::Null, Value::Null),
        ("late_cancel_hours: 24", clause, json!("2026-11-29T02:00:00Z"), Value::Null),
    ] {
        let app = served(backend);
        let yaml = with(rules);
        let yaml = if fair.is_empty() { yaml } else { yaml.replacen("    clauses:\n", fair, 1) };
        let town = Town::of(&app, &yaml);
        let own = town.person("yuxin-p-res-2");
        for (space, expected) in [("moxuan", &moxuan), ("shuyuan", &shuyuan)] {
            let wish = ask(&town, space, 2, 600, 60);
            let check = own.post("/api/v1/bookings/check", &wish).unwrap().expect(200, "check").unwrap().body;
            assert_eq!(&check["cancelling"]["free_until"], expected, "{rules} {space}");
            let made = booked(&own, &wish);
            let seen = own.get(&format!("/api/v1/bookings/{made}")).unwrap().body;
            assert_eq!(&seen["cancelling"]["free_until"], expected, "{rules} {space}");
            assert_eq!(cancel(&own, &made).expect(201, "cancelled").unwrap().body["counted"], false);
        }
        app.settle();
    }
}

macro_rules! told_on_both {
    ($($story:ident: $sqlite:ident $postgres:ident;)+) => {$(
        #[test]
        fn $sqlite() {
            $story(Backend::Sqlite);
        }
        #[test]
        fn $postgres() {
            $story(Backend::Postgres);
        }
    )+};
}

told_on_both! {
    quotas: quotas_sqlite quotas_postgres;
    cancelling_is_told: cancelling_is_told_sqlite cancelling_is_told_postgres;
    cancelling_counts_only_where_it_may: cancelling_counts_only_where_it_may_sqlite cancelling_counts_only_where_it_may_postgres;
    counted_only_where_it_counts: counted_only_where_it_counts_sqlite counted_only_where_it_counts_postgres;
    twenty_sessions_of_one_household: soak_twenty_sessions_of_one_household_sqlite soak_twenty_sessions_of_one_household_postgres;
    one_projector: soak_one_projector_sqlite soak_one_projector_postgres;
    lent_with_a_room: lent_with_a_room_sqlite lent_with_a_room_postgres;
    lent_until_it_is_cleaned_up: lent_until_it_is_cleaned_up_sqlite lent_until_it_is_cleaned_up_postgres;
    every_rule_in_one_answer: every_rule_in_one_answer_sqlite every_rule_in_one_answer_postgres;
    set_aside: set_aside_sqlite set_aside_postgres;
    quota_of_a_clause: quota_of_a_clause_sqlite quota_of_a_clause_postgres;
    files_with_wrong_rules: files_with_wrong_rules_sqlite files_with_wrong_rules_postgres;
}
