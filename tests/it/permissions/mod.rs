//! The permission matrix: every operation of the OpenAPI document × every standing → the expected status, in one table.
//!
//! Requests are well-formed, so that permission alone decides. Where a thing is hidden (404) the answer must be the one an
//! absent thing gets, to the byte but for the request's id.

mod table;
mod things;

use crate::harness::app::PASSWORD;
use crate::harness::db::NOW;
use crate::harness::{TestApp, TestDb, Town};
use serde_json::{Value, json};
use shangliang::access::deeds;
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::time::SetClock;
use shangliang::server::openapi;
use shangliang::store::Backend;
use std::collections::BTreeSet;
use table::{Row, STANDINGS, TABLE, expected, role};
use things::{Ask, Thing, Things};

fn send(client: &Client, row: &Row, ask: &Ask) -> Answer {
    let headers: Vec<(&str, &str)> = ask.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = ask.body.as_ref().map(|(kind, text)| (*kind, text.as_bytes()));
    client.raw(row.operation.split_once(' ').unwrap().0, &ask.path, &headers, body).unwrap()
}

fn without_instance(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    body["instance"] = json!("");
    body
}

fn matrix(backend: Backend) {
    let clock = SetClock::at(NOW);
    let app = TestApp::serve(TestDb::fresh(backend), clock.clone());
    let mut town = Town::of(&app, &crate::requests::with_consents());
    let expired = town.fresh_token("yuxin-p-res-2");
    clock.set(NOW.plus_seconds(700));
    town.forget_people();
    town.renew_admin();
    // Of somebody whose roles may try everything: whom their roles already stop is told 403 before anybody asks the database.
    let out = town.fresh_token("yuxin-p-lead");
    app.client.with_token(Some(&out)).post("/api/v1/sign-out", &json!({})).unwrap().expect(204, "sign out").unwrap();
    let client = |standing: &str, person: &str| match standing {
        "anon" => app.client.clone(),
        "expired" => app.client.with_token(Some(&expired)),
        "out" => app.client.with_token(Some(&out)),
        "admin" => town.admin.clone(),
        _ => town.person(person),
    };
    let things = Things::new(&town);
    let (mut wrong, mut cells, mut hidden) = (Vec::new(), 0, 0);
    for row in TABLE {
        for (standing, person) in STANDINGS {
            // Five wrong tokens close the route for a quarter of an hour: the first five tell.
            if row.operation.ends_with("first-administrator") && !["anon", "out", "own", "desk"].contains(standing) {
                continue;
            }
            // So do twenty from one address.
            if row.operation.ends_with("step-up") && !["anon", "expired", "out", "admin", "own"].contains(standing) {
                continue;
            }
            let expect = expected(row, standing);
            let mut who = client(standing, person);
            if row.operation.ends_with("sign-out") && expect == 204 {
                // A session of its own to end.
                who = match *standing {
                    "admin" => app.client.sign_in("admin@example.org", PASSWORD).unwrap(),
                    _ => app.client.with_token(Some(&town.fresh_token(person))),
                };
            }
            if row.operation.ends_with("me/password") && expect == 200 {
                // A password of its own to change.
                who = app.claim(&town.person("yuxin-p-desk"), &things.newcomer());
            }
            if row.operation.ends_with("me/erasure") && expect == 201 {
                // Nobody of the town is to be missed afterwards.
                who = town.passer_by();
            }
            let thing = if expect < 300 { Thing::Fresh } else { Thing::Shared };
            let answer = send(&who, row, &things.request(row, thing));
            cells += 1;
            let place = || format!("{} ({}) as {standing}", row.operation, row.on);
            if answer.status != expect {
                wrong.push(format!("{}: {} instead of {expect}: {}", place(), answer.status, answer.body));
            }
            if answer.status == 404 {
                let absent = send(&who, row, &things.request(row, Thing::Absent));
                hidden += 1;
                if (absent.status, without_instance(&absent)) != (404, without_instance(&answer)) {
                    wrong.push(format!("{}: hidden and absent differ:\n  {}\n  {}", place(), answer.body, absent.body));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
    println!("{} rows × {} standings: {cells} cells, {hidden} of them compared with an absent thing", TABLE.len(), STANDINGS.len());
    app.settle();
}

#[test]
fn the_permission_matrix_sqlite() {
    matrix(Backend::Sqlite);
}

#[test]
fn the_permission_matrix_postgres() {
    matrix(Backend::Postgres);
}

fn operations() -> Vec<(String, Value)> {
    let document = serde_json::to_value(openapi::document()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((format!("{} {path}", method.to_uppercase()), operation.clone()));
        }
    }
    all
}

#[test]
fn every_operation_has_a_row_and_says_whether_it_needs_a_token() {
    let documented: BTreeSet<String> = operations().into_iter().map(|(name, _)| name).collect();
    let tried: BTreeSet<String> = TABLE.iter().map(|row| row.operation.to_owned()).collect();
    assert_eq!(documented, tried);
    for (name, operation) in operations() {
        let row = TABLE.iter().find(|row| row.operation == name).unwrap();
        let security = operation["security"].as_array().cloned().unwrap_or_default();
        let optional = security.iter().any(|requirement| requirement.as_object().is_some_and(serde_json::Map::is_empty));
        let kind = match (security.is_empty(), optional) {
            (true, _) => "none",
            (false, true) => "optional",
            (false, false) => "required",
        };
        let tried = match (row.deed.is_some(), expected(row, "anon"), expected(row, "expired")) {
            (false, ..) => "none",
            (true, 401, 401) => "required",
            (true, _, 401) => "optional",
            _ => "a deed without a token",
        };
        assert_eq!(kind, tried, "{name}");
    }
}

#[test]
fn every_deed_is_behind_an_operation_and_no_row_goes_beyond_its_deed() {
    let used: BTreeSet<&str> = TABLE.iter().filter_map(|row| row.deed).collect();
    let all: BTreeSet<&str> = deeds::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(used, all);
    for row in TABLE {
        let Some((_, roles)) = deeds::ALL.iter().find(|(name, _)| Some(*name) == row.deed) else { continue };
        // Whoever is signed in may do these to what is their own; public reads go without a role.
        if roles.is_empty() || expected(row, "anon") != 401 {
            continue;
        }
        for (standing, _) in STANDINGS {
            let (Some(role), true) = (role(standing), expected(row, standing) < 300) else { continue };
            assert!(
                roles.iter().any(|(r, _)| r.to_string() == role),
                "{} ({}): {standing} may, but {role} has no entry",
                row.operation,
                row.on
            );
        }
    }
}
