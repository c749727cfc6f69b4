//! The inbox: what an account is told, for itself or for a party, what is new, and what is forgotten.

use crate::harness::db::NOW;
use crate::harness::{TestApp, TestDb, Town, rows};
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::jobs;
use shangliang::kernel::id::{BookingId, Id, NoticeId, OrganisationId};
use shangliang::kernel::time::SetClock;
use shangliang::store::Backend;

fn items(who: &Client, query: &str) -> Vec<Value> {
    let page = who.get(&format!("/api/v1/notices?limit=100{query}")).unwrap().expect(200, "notices").unwrap();
    page.body["items"].as_array().unwrap().clone()
}

fn kinds(who: &Client, query: &str) -> Vec<String> {
    items(who, query).iter().map(|notice| notice["kind"].as_str().unwrap().to_owned()).collect()
}

fn inbox(who: &Client) -> Value {
    who.get("/api/v1/me/inbox").unwrap().expect(200, "inbox").unwrap().body
}

fn read(who: &Client, id: &str) -> Answer {
    who.raw("POST", &format!("/api/v1/notices/{id}/reading"), &[], None).unwrap()
}

fn until(who: &Client, body: Value) -> Answer {
    who.raw("POST", "/api/v1/notices/reading", &[], Some(("application/json", body.to_string().as_bytes()))).unwrap()
}

fn story(backend: Backend) {
    let clock = SetClock::at(NOW);
    let app = TestApp::serve(TestDb::fresh(backend), clock.clone());
    let mut town = Town::build(&app);
    let (own, mate, other) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"), town.person("yuxin-p-res-4"));
    assert_eq!(inbox(&own), json!({"unread": 0, "parties": []}));
    let booking = town.book(&own, 2, 600);
    app.settle();
    clock.set(NOW.plus_seconds(60));
    own.post(&format!("/api/v1/bookings/{booking}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
    town.book(&own, 3, 600);
    app.settle();

    // Both of the household, for themselves; nobody else.
    for who in [&own, &mate] {
        assert_eq!(inbox(who), json!({"unread": 3, "parties": []}));
        let mut told = kinds(who, "");
        told.sort();
        assert_eq!(told, ["booking.cancelled", "booking.made", "booking.made"]);
    }
    assert_eq!(inbox(&other)["unread"], 0);
    assert_eq!(kinds(&own, "&kind=booking.cancelled"), ["booking.cancelled"]);
    assert_eq!(kinds(&own, "&kind=booking").len(), 3);
    assert_eq!(kinds(&own, "&kind=book").len(), 0, "a family is a whole word");
    let first = items(&own, "").pop().unwrap();
    assert_eq!((&first["subject"], &first["organisation_id"], &first["read_at"]), (&json!(booking), &Value::Null, &Value::Null));

    // Read once; the first moment stays. Each reads for themselves.
    let id = first["id"].as_str().unwrap();
    assert_eq!(read(&own, id).status, 204);
    let seen = || items(&own, "").pop().unwrap()["read_at"].clone();
    let moment = seen();
    assert!(moment.is_string());
    clock.set(NOW.plus_seconds(120));
    assert_eq!(read(&own, id).status, 204);
    assert_eq!(seen(), moment);
    assert_eq!((inbox(&own)["unread"].clone(), inbox(&mate)["unread"].clone()), (json!(2), json!(3)));
    assert_eq!(items(&own, "&unread=true").len(), 2);
    assert_eq!(items(&own, "&unread=false").len(), 3, "false asks for nothing in particular");

    // All that was on the screen; what comes meanwhile stays new.
    let latest = items(&own, "")[0]["id"].as_str().unwrap().to_owned();
    town.book(&own, 4, 600);
    app.settle();
    assert_eq!(until(&own, json!({ "until": latest })).body, json!({"read": 2}));
    assert_eq!(until(&own, json!({ "until": latest })).body, json!({"read": 0}));
    assert_eq!(inbox(&own)["unread"], 1);

    // Whose they are not, they are not there; and bad input writes nothing.
    assert_eq!(read(&other, &latest).status, 404);
    assert_eq!(until(&other, json!({ "until": latest })).status, 404);
    assert_eq!(read(&own, NoticeId::fresh().as_str()).status, 404);
    for (path, status) in [(format!("/api/v1/notices/{}/reading", BookingId::fresh()), 400), ("/api/v1/notices/all/reading".into(), 400)] {
        assert_eq!(own.raw("POST", &path, &[], None).unwrap().status, status, "{path}");
    }
    for (body, pointer) in [
        (json!({}), "/until"),
        (json!({"until": null}), "/until"),
        (json!({"until": booking}), "/until"),
        (json!({"until": 5}), "/until"),
        (json!({"until": latest, "organisation_id": booking}), "/organisation_id"),
        (json!({"until": latest, "all": true}), "/all"),
    ] {
        let answer = until(&own, body.clone());
        assert_eq!((answer.status, answer.text("/errors/0/pointer")), (422, pointer), "{body}: {}", answer.body);
    }
    for bad in
        ["unread=yes", "unread=", "kind=", "kind=Booking", "kind=booking.", "kind=%00", "organisation_id=x", "organisation_id=", "party=x"]
    {
        let answer = own.get(&format!("/api/v1/notices?{bad}")).unwrap();
        assert_eq!((answer.status, answer.text("/errors/0/pointer")), (422, bad.split('=').next().unwrap()), "{bad}: {}", answer.body);
    }
    assert_eq!(items(&own, &format!("&organisation_id={}", OrganisationId::fresh())).len(), 0);
    assert_eq!(inbox(&own)["unread"], 1);

    // A party's inbox: whoever acts for it was told for it.
    let (unit, community) = (town.signer("yuxin-unit"), town.signer("yuxin-community"));
    let party = |code: &str| town.organisation(code);
    let theirs = inbox(&unit);
    assert_eq!(theirs["parties"], json!([{"organisation_id": party("yuxin-unit"), "unread": theirs["unread"]}]), "{theirs}");
    let signed = items(&unit, &format!("&organisation_id={}&kind=version", party("yuxin-unit")));
    assert_eq!(json!(signed.len()), theirs["unread"]);
    assert!(signed.iter().all(|notice| notice["organisation_id"] == json!(party("yuxin-unit"))));
    assert!(signed.iter().any(|notice| notice["kind"] == "version.proposed" && notice["text_zh"].as_str().unwrap().contains("请您签署")));
    assert!(!inbox(&community)["parties"].as_array().unwrap().is_empty());

    // Forgotten after twelve months, by the hourly job, and not a day earlier.
    let told = rows(&mut app.db.conn(), "notices");
    clock.set(NOW.plus_days(365));
    jobs::forget(app.store()).unwrap();
    assert_eq!(rows(&mut app.db.conn(), "notices"), told);
    clock.set(NOW.plus_days(365).plus_seconds(90));
    jobs::forget(app.store()).unwrap();
    town.forget_people();
    town.renew_admin();
    assert_eq!(kinds(&town.person("yuxin-p-res-2"), ""), ["booking.made"], "only what was told in the last twelve months");
    assert_eq!(rows(&mut app.db.conn(), "notices"), 2);
    app.settle();
}

#[test]
fn an_inbox_is_read_and_forgotten_sqlite() {
    story(Backend::Sqlite);
}

#[test]
fn an_inbox_is_read_and_forgotten_postgres() {
    story(Backend::Postgres);
}

/// Somebody who acts for two parties finds the news in the inbox of either.
fn for_two_parties(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
    let town = Town::build(&app);
    app.settle();
    let unit = town.signer("yuxin-unit");
    let me = unit.get("/api/v1/me").unwrap().text("/id").to_owned();
    let gym = town.organisation("yuxin-gym-operator");
    app.db.sql(&format!(
        "INSERT INTO representatives (id, organisation_id, account_id, powers, from_at, to_at, evidence, created_at) \
         SELECT 'rep_0000000000000000000000000a', '{gym}', '{me}', powers, from_at, to_at, evidence, created_at \
         FROM representatives WHERE account_id = '{me}' LIMIT 1"
    ));
    assert_eq!(inbox(&unit)["parties"].as_array().unwrap().len(), 1);
    // 育新体育馆's agreement is between the operator and the community; both parties of the centre are told of theirs.
    let agreement = town.agreement("yuxin-gym-agreement");
    let lead = town.signer("yuxin-community");
    let path = format!("/api/v1/agreements/{agreement}/versions");
    let clauses = lead.get(&format!("{path}/1")).unwrap().body["clauses"].clone();
    lead.post(&path, &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
    lead.post(&format!("{path}/2/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
    app.settle();
    let told = items(&unit, &format!("&organisation_id={gym}"));
    assert_eq!(told.len(), 1);
    assert_eq!((told[0]["kind"].as_str(), &told[0]["subject"]), (Some("version.proposed"), &json!(agreement)));
    assert_eq!(inbox(&unit)["parties"].as_array().unwrap().len(), 2);
    // Reading what one party was told leaves the other's new.
    let before = inbox(&unit)["unread"].as_i64().unwrap();
    let answer = until(&unit, json!({"until": told[0]["id"], "organisation_id": gym}));
    assert_eq!(answer.body, json!({"read": 1}));
    assert_eq!(inbox(&unit)["unread"], json!(before - 1));
    assert_eq!(inbox(&unit)["parties"].as_array().unwrap().len(), 1);
}

#[test]
fn who_acts_for_two_parties_has_two_inboxes_sqlite() {
    for_two_parties(Backend::Sqlite);
}

#[test]
fn who_acts_for_two_parties_has_two_inboxes_postgres() {
    for_two_parties(Backend::Postgres);
}
