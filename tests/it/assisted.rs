//! Booking for a neighbour, over HTTP on both backends: found in one's own scope only, with their consent, theirs to see and to
//! cancel, on their household's quota, with both names in the audit.

use crate::harness::db::NOW;
use crate::harness::{TestApp, TestDb, Town, rows};
use crate::requests::with_consents;
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::id::{AccountId, HouseholdId, Id};
use shangliang::kernel::time::SetClock;
use shangliang::store::{Backend, backup};

fn lookup(by: &Client, body: Value) -> Answer {
    by.post("/api/v1/neighbour-lookups", &body).unwrap()
}

fn of_code(by: &Client, code: &str) -> Answer {
    lookup(by, json!({ "household_code": code }))
}

fn me(who: &Client, field: &str) -> String {
    who.get("/api/v1/me").unwrap().body[field].as_str().unwrap().to_owned()
}

/// For a neighbour, who agreed an hour ago: study for four in a room.
fn wish(town: &Town, neighbour: &Client, space: &str, days: i64, minute: u16) -> Value {
    json!({"household_id": me(neighbour, "household_id"), "account_id": me(neighbour, "id"), "consent": "in_person",
        "consent_at": NOW.plus_minutes(-60), "space_id": town.space(space), "use": "study", "attendees": 4,
        "starts_at": town.at(days, minute), "ends_at": town.at(days, minute + 60)})
}

fn book(by: &Client, wish: &Value) -> Answer {
    by.post("/api/v1/assisted-bookings", wish).unwrap()
}

fn cancel(by: &Client, id: &str) -> Answer {
    by.post(&format!("/api/v1/bookings/{id}/cancellation"), &json!({"reason": "不用了"})).unwrap()
}

fn told(by: &Client, words: &str) -> bool {
    by.get("/api/v1/notices?limit=100").unwrap().body["items"].to_string().contains(words)
}

fn found_in_ones_scope(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
    let town = Town::of(&app, &with_consents());
    let (door, grid, desk, gym) =
        (town.person("yuxin-p-door"), town.person("yuxin-p-grid"), town.person("yuxin-p-desk"), town.person("yuxin-p-gym"));
    let own = town.person("yuxin-p-res-2");

    // By household or by door: codes and masked names, nothing else.
    let one = of_code(&door, "yuxin-h-38-3-602").expect(200, "look-up").unwrap().body;
    let mut names: Vec<&str> = one[0]["people"].as_array().unwrap().iter().map(|person| person["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!((one.as_array().unwrap().len(), &one[0]["code"], names), (1, &json!("yuxin-h-38-3-602"), vec!["林*", "欧阳*"]));
    assert_eq!(one[0].as_object().unwrap().len(), 3);
    assert_eq!(one[0]["people"][0].as_object().unwrap().len(), 2);
    let behind = lookup(&door, json!({"door_id": town.area("yuxin-38-3")})).expect(200, "look-up").unwrap().body;
    let codes: Vec<&str> = behind.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["yuxin-h-38-3-301", "yuxin-h-38-3-602"]);
    // The grid leader has another grid, the community all of it, the gym's staff the households of its community.
    assert_eq!(of_code(&grid, "yuxin-h-12-1-201").status, 200);
    for who in [&desk, &gym] {
        assert_eq!(of_code(who, "yuxin-h-38-3-602").status, 200);
    }
    // Outside, unknown and no door at all are the same to look at.
    let unknown = of_code(&door, "no-such-household");
    for (who, body) in [
        (&door, json!({"household_code": "yuxin-h-51-2-101"})),
        (&grid, json!({"household_code": "yuxin-h-38-3-602"})),
        (&gym, json!({"household_code": "shiyou-h-9-2-202"})),
        (&desk, json!({"household_code": "shiyou-h-9-2-202"})),
        (&door, json!({"door_id": town.area("yuxin-12-1")})),
        (&desk, json!({"door_id": town.area("yuxin-garden")})),
        (&town.person("shiyou-p-door"), json!({"household_code": "yuxin-h-38-3-602"})),
    ] {
        let hidden = lookup(who, body.clone());
        let plain =
            |answer: &Answer| (answer.status, answer.body["code"].clone(), answer.body["zh"].clone(), answer.body["detail"].clone());
        assert_eq!(plain(&hidden), plain(&unknown), "{body}");
    }
    assert_eq!(of_code(&own, "yuxin-h-38-3-602").status, 403);
    for (body, pointer) in [
        (json!({}), "/household_code"),
        (json!({"household_code": "yuxin-h-38-3-602", "door_id": town.area("yuxin-38-3")}), "/door_id"),
        (json!({"household_code": "A!"}), "/household_code"),
        (json!({"door_id": "x"}), "/door_id"),
        (json!({"household_code": "yuxin-h-38-3-602", "name": "林晓"}), "/name"),
    ] {
        let bad = lookup(&door, body);
        assert_eq!((bad.status, bad.text("/errors/0/pointer")), (422, pointer));
    }
    // Every look that showed something is recorded: who looked, at which households, no name.
    app.link();
    let looks = "audit_chain WHERE action = 'neighbours.looked_up'";
    assert_eq!(rows(&mut app.db.conn(), looks), 5);
    assert_eq!(
        rows(&mut app.db.conn(), &format!("{looks} AND actor = '{}' AND detail LIKE '%{}%'", me(&door, "id"), me(&own, "household_id"))),
        2
    );
    assert_eq!(rows(&mut app.db.conn(), &format!("{looks} AND (detail LIKE '%林%' OR detail LIKE '%欧阳%')")), 0);
    assert_eq!(rows(&mut app.db.conn(), &format!("{looks} AND chain = '{}'", town.area("yuxin-garden"))), 5);
}

fn booked_for_a_neighbour(backend: Backend) {
    let clock = SetClock::at(NOW);
    let app = TestApp::serve(TestDb::fresh(backend), clock.clone());
    let usual = "max_minutes: 240, lead_minutes: 60, horizon_days: 60}";
    let yaml = with_consents().replacen(
        usual,
        "max_minutes: 240, lead_minutes: 60, horizon_days: 60, quotas: [{holder: household, per: week, bookings: 2}]}",
        1,
    );
    let town = Town::of(&app, &yaml);
    let (door, grid, desk, gym) =
        (town.person("yuxin-p-door"), town.person("yuxin-p-grid"), town.person("yuxin-p-desk"), town.person("yuxin-p-gym"));
    let (own, mate, other) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"), town.person("yuxin-p-res-4"));
    let library = "yuxin-centre/shuyuan";

    // Theirs in every way; whoever helped may see it.
    let made = book(&door, &wish(&town, &own, library, 3, 600)).expect(201, "booking").unwrap();
    let id = made.text("/id").to_owned();
    assert_eq!((made.text("/channel"), made.text("/account_id"), made.text("/made_by")), ("assisted", &*me(&own, "id"), &*me(&door, "id")));
    assert_eq!(made.text("/household_id"), me(&own, "household_id"));
    let listed = |who: &Client| who.get("/api/v1/bookings").unwrap().body["items"].to_string().contains(&id);
    assert!(listed(&own) && listed(&mate) && !listed(&door) && !listed(&other));
    let see = |who: &Client| who.get(&format!("/api/v1/bookings/{id}")).unwrap().status;
    assert_eq!((see(&own), see(&door), see(&desk), see(&grid), see(&other)), (200, 200, 200, 404, 404));
    let helped = |who: &Client| who.get("/api/v1/assisted-bookings").unwrap().expect(200, "helped").unwrap().body["items"].clone();
    assert_eq!((&helped(&door)[0]["id"], &helped(&grid), &helped(&desk)), (&json!(id), &json!([]), &json!([])));
    app.settle();
    for who in [&own, &mate] {
        assert!(told(who, "楼门长按您说的帮您订好了同心书苑") && told(who, "Your door leader booked"), "told");
    }
    assert!(!told(&door, "帮您订好了"));

    // Recorded: both names, how the neighbour agreed, and in the audit.
    let consent =
        format!("booking_consents WHERE booking_id = '{id}' AND account_id = '{}' AND heard_by = '{}'", me(&own, "id"), me(&door, "id"));
    assert_eq!(
        rows(
            &mut app.db.conn(),
            &format!("{consent} AND how = 'in_person' AND role = 'door_leader' AND given_at = {}", NOW.plus_minutes(-60).0)
        ),
        1
    );
    let taken_along = |who: &Client| who.get("/api/v1/me/export").unwrap().expect(200, "export").unwrap().body["consents"].clone();
    let said = json!([{"booking_id": id, "account_id": me(&own, "id"), "how": "in_person", "heard_by": me(&door, "id"),
        "given_at": NOW.plus_minutes(-60), "recorded_at": NOW}]);
    // Whoever heard it takes along nothing of the neighbour's.
    assert_eq!((taken_along(&own), taken_along(&door), taken_along(&mate)), (said, json!([]), json!([])));
    app.link();
    let both = format!(
        "audit_chain WHERE action = 'booking.assisted' AND subject = '{id}' AND actor = '{}' AND detail LIKE '%{}%'",
        me(&door, "id"),
        me(&own, "id")
    );
    assert_eq!(rows(&mut app.db.conn(), &both), 1);

    // Their quota, whoever books: the second by themselves, no third by anybody of them or for them.
    let second = own
        .post(
            "/api/v1/bookings",
            &json!({"space_id": town.space(library), "use": "study", "attendees": 4,
        "starts_at": town.at(4, 600), "ends_at": town.at(4, 660)}),
        )
        .unwrap()
        .expect(201, "own")
        .unwrap()
        .text("/id")
        .to_owned();
    let no = book(&desk, &wish(&town, &mate, library, 5, 600));
    assert_eq!((no.status, no.text("/code"), no.text("/reasons/0/code")), (409, "booking-refused", "over-quota"));
    assert!(
        no.body["alternatives"]
            .as_array()
            .unwrap()
            .iter()
            .all(|offer| !("2026-11-30".."2026-12-07").contains(&offer["starts_at"].as_str().unwrap()))
    );
    // The community may set it aside for them.
    let more = json!({"set_aside": ["quota"], "set_aside_reason": "腿脚不便"});
    let mut asked = wish(&town, &mate, library, 5, 600);
    asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    assert_eq!(book(&door, &asked).status, 403, "a door leader may not");
    let third = book(&desk, &asked).expect(201, "set aside").unwrap().text("/id").to_owned();
    assert_eq!(rows(&mut app.db.conn(), &format!("booking_consents WHERE booking_id = '{third}' AND role = 'community'")), 1);

    // The neighbour may cancel, and the helper while they may help; nobody else, and no other helper.
    assert_eq!((cancel(&grid, &id).status, cancel(&other, &id).status, cancel(&door, &second).status), (404, 404, 404));
    assert_eq!(cancel(&door, &third).status, 404, "the desk booked that one");
    cancel(&mate, &id).expect(201, "by the household").unwrap();
    cancel(&desk, &third).expect(201, "by the helper").unwrap();
    let kept = book(&door, &wish(&town, &own, library, 10, 600)).expect(201, "booking").unwrap().text("/id").to_owned();
    app.db.sql(&format!("UPDATE role_grants SET revoked_at = 1 WHERE account_id = '{}'", me(&door, "id")));
    assert_eq!((cancel(&door, &kept).status, door.get(&format!("/api/v1/bookings/{kept}")).unwrap().status), (404, 404));
    assert_eq!(book(&door, &wish(&town, &own, library, 11, 600)).status, 404);
    assert_eq!(helped(&door), json!([]));
    app.db.sql(&format!("UPDATE role_grants SET revoked_at = NULL WHERE account_id = '{}'", me(&door, "id")));
    cancel(&door, &kept).expect(201, "again").unwrap();

    // Whoever runs a place books there and nowhere else.
    let mut table = wish(&town, &own, "yuxin-gym/tt-hall", 12, 600);
    table["use"] = json!("table-tennis");
    book(&gym, &table).expect(201, "gym").unwrap();
    assert_eq!(book(&gym, &wish(&town, &own, library, 13, 600)).status, 403);

    // What needs a yes is asked for; the neighbour hears of it, and the helper may not say the yes.
    let asked = book(&desk, &wish(&town, &own, "yuxin-centre/yazhu", 17, 600)).expect(201, "request").unwrap();
    assert_eq!(asked.body["state"], "requested");
    app.settle();
    assert!(told(&own, "社区按您说的帮您申请了同声雅筑"));
    let mut crowd = wish(&town, &mate, "yuxin-centre/hall", 17, 840);
    (crowd["attendees"], crowd["use"]) = (json!(60), json!("meeting"));
    let crowd = book(&town.person("yuxin-p-lead"), &crowd).expect(201, "request").unwrap();
    let approve = |who: &Client| who.post(&format!("/api/v1/bookings/{}/approval", crowd.text("/id")), &json!({})).unwrap().status;
    assert_eq!((approve(&town.person("yuxin-p-lead")), approve(&desk)), (403, 201));
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
}

fn wrong_in_every_way(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
    let town = Town::of(&app, &with_consents());
    let (door, own, other, gone) =
        (town.person("yuxin-p-door"), town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"), town.person("yuxin-p-res-3"));
    let good = wish(&town, &own, "yuxin-centre/shuyuan", 3, 600);
    let but = |field: &str, value: Value| {
        let mut bad = good.clone();
        bad[field] = value;
        bad
    };
    let before = rows(&mut app.db.conn(), "bookings");
    app.db.sql(&format!("UPDATE accounts SET household_verified_at = NULL WHERE id = '{}'", me(&gone, "id")));
    for (what, bad, pointer) in [
        ("no consent", but("consent", Value::Null), "/consent"),
        ("another consent", but("consent", json!("by_letter")), "/consent"),
        ("in words", but("consent", json!("她说可以")), "/consent"),
        ("no time", but("consent_at", Value::Null), "/consent_at"),
        ("to come", but("consent_at", json!(NOW.plus_seconds(1))), "/consent_at"),
        ("long ago", but("consent_at", json!(shangliang::kernel::Instant(NOW.plus_days(-7).0 - 1))), "/consent_at"),
        ("nobody", but("account_id", json!(AccountId::fresh().to_string())), "/account_id"),
        ("of another household", but("account_id", json!(me(&other, "id"))), "/account_id"),
        ("not verified", but("account_id", json!(me(&gone, "id"))), "/account_id"),
        ("for an organisation", but("organisation_id", json!(town.organisation("yuxin-arts"))), "/organisation_id"),
        ("a field more", but("made_by", json!(me(&own, "id"))), "/made_by"),
        ("no id", but("household_id", json!("38-3-602")), "/household_id"),
    ] {
        let answer = book(&door, &bad);
        assert_eq!((answer.status, answer.text("/errors/0/pointer")), (422, pointer), "{what}: {:?}", answer.body);
    }
    let mut mine = wish(&town, &door, "yuxin-centre/shuyuan", 3, 600);
    let answer = book(&door, &mine);
    assert_eq!((answer.status, answer.text("/errors/0/code")), (422, "own-household"));
    // A household elsewhere and none at all are the same.
    mine = but("household_id", json!(me(&other, "household_id")));
    let none = but("household_id", json!(HouseholdId::fresh().to_string()));
    let (hidden, absent) = (book(&door, &mine), book(&door, &none));
    assert_eq!((hidden.status, &hidden.body["zh"]), (absent.status, &absent.body["zh"]));
    assert_eq!((hidden.status, book(&own, &good).status), (404, 403));
    assert_eq!(rows(&mut app.db.conn(), "bookings"), before);
    assert_eq!(rows(&mut app.db.conn(), "booking_consents"), 0);
    // Exactly seven days, and exactly now.
    book(&door, &but("consent_at", json!(NOW.plus_days(-7)))).expect(201, "seven days").unwrap();
    let mut now = wish(&town, &own, "yuxin-centre/shuyuan", 4, 600);
    now["consent_at"] = json!(NOW);
    // The same key gives the same booking, with no name in the answer kept for it.
    let first = door.post_keyed("/api/v1/assisted-bookings", "twice", &now).unwrap().expect(201, "now").unwrap();
    let again = door.post_keyed("/api/v1/assisted-bookings", "twice", &now).unwrap();
    assert_eq!((again.body, again.status), (first.body, 201));
    assert_eq!(rows(&mut app.db.conn(), "idempotency_keys WHERE reply LIKE '%林%'"), 0);
    app.settle();
}

told_on_both! {
    a_grid_leader_books_and_the_neighbour_cancels(backend) {
        let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
        let town = Town::of(&app, &with_consents());
        let (grid, own, door, elsewhere) =
            (town.person("yuxin-p-grid"), town.person("yuxin-p-res-1"), town.person("yuxin-p-door"), town.person("yuxin-p-res-2"));
        // Of another grid there is nobody to book for.
        assert_eq!(book(&grid, &wish(&town, &elsewhere, "yuxin-centre/shuyuan", 3, 600)).status, 404);
        let made = book(&grid, &wish(&town, &own, "yuxin-centre/shuyuan", 3, 600)).expect(201, "booking").unwrap();
        let booking = made.text("/id").to_owned();
        assert_eq!((made.text("/channel"), made.text("/state")), ("assisted", "confirmed"));
        assert_eq!((made.text("/account_id"), made.text("/made_by")), (me(&own, "id").as_str(), me(&grid, "id").as_str()));
        let see = |who: &Client| who.get(&format!("/api/v1/bookings/{booking}")).unwrap().status;
        assert_eq!((see(&own), see(&grid), see(&door), see(&elsewhere)), (200, 200, 404, 404));
        assert!(own.get("/api/v1/bookings").unwrap().body["items"].to_string().contains(&booking));
        app.settle();
        assert!(told(&own, "网格员按您说的帮您订好了同心书苑") && told(&own, "Your grid leader booked"));

        cancel(&own, &booking).expect(201, "by the neighbour").unwrap();
        for who in [&own, &grid] {
            assert_eq!(who.get(&format!("/api/v1/bookings/{booking}")).unwrap().text("/state"), "cancelled");
        }
        assert_eq!(cancel(&grid, &booking).status, 409, "once");
        assert_eq!(rows(&mut app.db.conn(), "occupancy"), 0);

        // Both are named: who booked it and for whom, who heard the yes, and who cancelled.
        app.link();
        let [by, of] = [me(&grid, "id"), me(&own, "id")];
        let told = |action: &str, actor: &str| format!("audit_chain WHERE action = '{action}' AND subject = '{booking}' AND actor = '{actor}'");
        let for_them = format!("{} AND detail LIKE '%\"for\":\"{of}\"%' AND detail LIKE '%\"role\":\"grid_leader\"%'", told("booking.assisted", &by));
        assert_eq!(rows(&mut app.db.conn(), &for_them), 1);
        assert_eq!(rows(&mut app.db.conn(), &told("booking.cancelled", &of)), 1);
        let heard = format!("booking_consents WHERE booking_id = '{booking}' AND account_id = '{of}' AND heard_by = '{by}' AND role = 'grid_leader'");
        assert_eq!(rows(&mut app.db.conn(), &heard), 1);
        assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    }
}

#[test]
fn found_in_ones_scope_sqlite() {
    found_in_ones_scope(Backend::Sqlite);
}

#[test]
fn found_in_ones_scope_postgres() {
    found_in_ones_scope(Backend::Postgres);
}

#[test]
fn booked_for_a_neighbour_sqlite() {
    booked_for_a_neighbour(Backend::Sqlite);
}

#[test]
fn booked_for_a_neighbour_postgres() {
    booked_for_a_neighbour(Backend::Postgres);
}

#[test]
fn wrong_in_every_way_sqlite() {
    wrong_in_every_way(Backend::Sqlite);
}

#[test]
fn wrong_in_every_way_postgres() {
    wrong_in_every_way(Backend::Postgres);
}
