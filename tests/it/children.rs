//! How old the youngest child is, over HTTP on both backends: a guardian is asked for below the age a clause names and not above it,
//! and what was said stays with what is booked, waited for, asked for or moved.

use crate::harness::db::NOW;
use crate::harness::{Town, but, good, made, post, seen, served};
use crate::requests::with_consents;
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::Answer;
use shangliang::store::Backend;

/// The hub of 育新花园, whose library wants a guardian up to twelve.
fn hub() -> String {
    let usual = "      - id: children\n        kind: minors\n";
    let library = "      - id: children-library
        kind: minors
        spaces: [yuxin-centre/shuyuan]
        text_zh: 不满12周岁的孩子在书苑须有监护人陪同。
        payload: {guardian_below_age: 12, children_per_adult: 5, staff_checks: false}\n";
    let yaml = with_consents();
    assert!(yaml.contains(usual));
    yaml.replacen(usual, &format!("{library}{usual}"), 1)
}

/// Study for four in a room of the centre, two of them children, `days` ahead, for an hour.
fn ask(town: &Town, space: &str, days: i64, minute: u16, more: Value) -> Value {
    let ask = json!({"space_id": town.space(&format!("yuxin-centre/{space}")), "use": "study", "attendees": 4, "minors": 2,
        "starts_at": town.at(days, minute), "ends_at": town.at(days, minute + 60)});
    but(ask, more)
}

fn id(of: &Value) -> &str {
    of["id"].as_str().unwrap()
}

/// The clauses that want a guardian, each with its age.
fn wanted(answer: &Answer) -> Vec<(&str, &str)> {
    assert_eq!((answer.status, answer.text("/code")), (409, "booking-refused"), "{}", answer.body);
    let reasons = answer.body["reasons"].as_array().unwrap();
    assert!(reasons.iter().all(|reason| reason["code"] == "guardian-needed"), "{}", answer.body);
    reasons.iter().map(|reason| (reason["clause"].as_str().unwrap(), reason["figure"].as_str().unwrap())).collect()
}

/// How many children, how old the youngest is, and whether somebody comes with them.
fn children(of: &Value) -> (Option<i64>, Option<i64>, Option<bool>) {
    (of["minors"].as_i64(), of["youngest"].as_i64(), of["guardian"].as_bool())
}

fn fault(answer: &Answer) -> (u16, &str, &str) {
    (answer.status, answer.text("/errors/0/pointer"), answer.text("/errors/0/code"))
}

told_on_both! {
    a_guardian_comes_with_those_below_the_age_of_the_clause(backend) {
        let (app, _) = served(backend);
        let town = Town::of(&app, &hub());
        let own = town.person("yuxin-p-res-2");
        let book = |space: &str, minute, more| post(&own, "/bookings", &ask(&town, space, 3, minute, more));

        let no = book("moxuan", 600, json!({}));
        assert_eq!(wanted(&no), [("children", "8")]);
        assert!(no.text("/reasons/0/zh").contains("或者写明最小的孩子几岁") && no.text("/reasons/0/en").contains("how old the youngest is"));
        let no = book("moxuan", 600, json!({"youngest": 7}));
        assert_eq!((wanted(&no), no.text("/reasons/0/zh").contains("最小的孩子 7 岁")), (vec![("children", "8")], true));
        let checked = |more| post(&own, "/bookings/check", &ask(&town, "moxuan", 3, 600, more)).expect(200, "check").unwrap().body;
        assert_eq!(checked(json!({"youngest": 7}))["reasons"], no.body["reasons"]);
        assert_eq!(checked(json!({"youngest": 8}))["bookable"], true);
        let booked = book("moxuan", 600, json!({"youngest": 8})).expect(201, "booking").unwrap().body;
        assert_eq!(children(&booked), (Some(2), Some(8), Some(false)));
        assert_eq!(children(&seen(&own, &format!("/bookings/{}", id(&booked)))), (Some(2), Some(8), Some(false)));
        assert_eq!(children(&seen(&own, "/me/export")["bookings"][0]), (Some(2), Some(8), Some(false)));
        let little = book("moxuan", 720, json!({"youngest": 0, "guardian": true})).expect(201, "booking").unwrap().body;
        assert_eq!(children(&little), (Some(2), Some(0), Some(true)));
        // Each clause by its own age.
        assert_eq!(wanted(&book("shuyuan", 720, json!({"youngest": 7}))), [("children", "8"), ("children-library", "12")]);
        assert_eq!(wanted(&book("shuyuan", 720, json!({"youngest": 11}))), [("children-library", "12")]);
        book("shuyuan", 720, json!({"youngest": 12})).expect(201, "booking").unwrap();
        // Whoever is old enough still needs enough adults.
        let crowd = book("moxuan", 840, json!({"youngest": 17, "minors": 4}));
        assert_eq!((crowd.status, crowd.text("/reasons/0/code")), (409, "too-few-adults"));

        for (more, code) in [
            (json!({"youngest": -1}), "out-of-range"),
            (json!({"youngest": 18}), "out-of-range"),
            (json!({"youngest": 7.5}), "wrong-type"),
            (json!({"youngest": "7"}), "wrong-type"),
            (json!({"youngest": 8, "minors": 0}), "without-children"),
            (json!({"youngest": 8, "minors": null}), "without-children"),
        ] {
            let rule = json!({"rule": "FREQ=DAILY;COUNT=2"});
            for (path, more) in [("/bookings", more.clone()), ("/bookings/check", more.clone()), ("/waitlist", more.clone()), ("/series", but(rule, more.clone()))] {
                let bad = post(&own, path, &ask(&town, "moxuan", 5, 600, more.clone()));
                assert_eq!(fault(&bad), (422, "/youngest", code), "{path} {more}: {}", bad.body);
            }
        }
        // What is wrong with the number of children is said once.
        let bad = book("moxuan", 840, json!({"youngest": 8, "minors": -1}));
        assert_eq!((fault(&bad), bad.body["errors"].as_array().unwrap().len()), ((422, "/minors", "out-of-range"), 1));
        // Without children nothing is kept of a guardian.
        let adults = book("moxuan", 840, json!({"minors": 0, "guardian": true})).expect(201, "booking").unwrap().body;
        assert_eq!(children(&adults), (Some(0), None, Some(false)));
        good(&app);
    }
    what_was_said_is_judged_again_as_it_was_said(backend) {
        let (app, _) = served(backend);
        let town = Town::of(&app, &hub());
        let [own, other] = ["yuxin-p-res-2", "yuxin-p-res-4"].map(|code| town.person(code));
        let eight = json!({"youngest": 8});

        // Moved to where a guardian is wanted for them, it must be said that one comes.
        let booked = made(&own, "/bookings", &ask(&town, "moxuan", 3, 600, eight.clone()));
        let path = format!("/bookings/{}/move", id(&booked));
        let to = |space: &str, minute, more| {
            let to = json!({"space_id": town.space(&format!("yuxin-centre/{space}")), "price_fen": 0, "starts_at": town.at(3, minute), "ends_at": town.at(3, minute + 60)});
            but(to, more)
        };
        let no = post(&own, &path, &to("shuyuan", 600, json!({})));
        assert_eq!(wanted(&no), [("children-library", "12")]);
        let library = town.space("yuxin-centre/shuyuan");
        assert!(no.body["alternatives"].as_array().unwrap().iter().all(|other| other["space_id"] != json!(library)), "{}", no.body);
        assert_eq!(fault(&post(&own, &path, &to("shuyuan", 600, json!({"guardian": 1})))), (422, "/guardian", "wrong-type"));
        let moved = made(&own, &path, &to("shuyuan", 600, json!({"guardian": true})));
        let there = format!("/bookings/{}", moved["moved_to"].as_str().unwrap());
        assert_eq!(children(&seen(&own, &there)), (Some(2), Some(8), Some(true)));
        // It stays said.
        let later = made(&own, &format!("{there}/move"), &to("shuyuan", 660, json!({})));
        assert_eq!(children(&seen(&own, &format!("/bookings/{}", later["moved_to"].as_str().unwrap()))), (Some(2), Some(8), Some(true)));

        // Whoever waits comes up with the children of that age, and takes what is kept.
        let first = made(&own, "/bookings", &ask(&town, "moxuan", 4, 600, eight.clone()));
        let no = post(&other, "/waitlist", &ask(&town, "moxuan", 4, 600, json!({"youngest": 7})));
        assert_eq!((no.text("/code"), no.text("/reasons/0/code")), ("booking-refused", "guardian-needed"));
        let entry = made(&other, "/waitlist", &ask(&town, "moxuan", 4, 600, eight.clone()));
        assert_eq!(children(&entry), (Some(2), Some(8), Some(false)));
        made(&own, &format!("/bookings/{}/cancellation", id(&first)), &json!({}));
        let entry = seen(&other, &format!("/waitlist/{}", id(&entry)));
        let kept = format!("/bookings/{}", entry["booking_id"].as_str().unwrap());
        assert_eq!((children(&entry), children(&seen(&other, &kept))), ((Some(2), Some(8), Some(false)), (Some(2), Some(8), Some(false))));
        made(&other, &format!("{kept}/hold/acceptance"), &json!({}));
        assert_eq!(seen(&other, &kept)["state"], "confirmed");

        // A request is judged again with the last yes.
        let request = made(&own, "/bookings", &ask(&town, "yazhu", 5, 600, eight.clone()));
        assert_eq!((children(&request), &request["state"]), ((Some(2), Some(8), Some(false)), &json!("requested")));
        made(&town.person("yuxin-p-unit"), &format!("/bookings/{}/approval", id(&request)), &json!({}));
        let approved = seen(&own, &format!("/bookings/{}", id(&request)));
        assert_eq!((children(&approved), &approved["state"]), ((Some(2), Some(8), Some(false)), &json!("confirmed")));

        // For a neighbour as for oneself.
        let me = seen(&own, "/me");
        let consent = json!({"household_id": me["household_id"], "account_id": me["id"], "consent": "in_person", "consent_at": NOW});
        let door = town.person("yuxin-p-door");
        let helped = |more| post(&door, "/assisted-bookings", &but(ask(&town, "moxuan", 6, 600, more), consent.clone()));
        assert_eq!(wanted(&helped(json!({"youngest": 7}))), [("children", "8")]);
        assert_eq!(children(&helped(eight).expect(201, "helped").unwrap().body), (Some(2), Some(8), Some(false)));
        good(&app);
    }
    a_series_keeps_and_changes_the_age(backend) {
        let (app, _) = served(backend);
        let town = Town::of(&app, &hub());
        let own = town.person("yuxin-p-res-2");
        let wish = |youngest: i64| ask(&town, "moxuan", 3, 600, json!({"rule": "FREQ=WEEKLY;COUNT=3", "youngest": youngest}));
        let missed = |youngest| post(&own, "/series/preview", &wish(youngest)).expect(200, "preview").unwrap().body["counts"]["missed"].clone();
        assert_eq!([missed(7), missed(8)], [json!(3), json!(0)]);
        let series = made(&own, "/series", &wish(8));
        let now = || seen(&own, &format!("/series/{}", id(&series)))["occurrences"].as_array().unwrap().iter().map(children).collect::<Vec<_>>();
        assert_eq!(now(), [(Some(2), Some(8), Some(false)); 3]);
        let change = |ask: Value| post(&own, &format!("/series/{}/changes", id(&series)), &but(json!({"scope": "all"}), ask));

        change(json!({"minutes": 30})).expect(201, "shorter").unwrap();
        assert_eq!(now(), [(Some(2), Some(8), Some(false)); 3]);
        // A smaller one comes: with somebody, or not at all.
        assert_eq!(change(json!({"youngest": 7})).text("/reasons/0/code"), "guardian-needed");
        change(json!({"youngest": 7, "guardian": true})).expect(201, "a smaller one").unwrap();
        assert_eq!(now(), [(Some(2), Some(7), Some(true)); 3]);
        for youngest in [-1, 18] {
            assert_eq!(fault(&change(json!({"youngest": youngest}))), (422, "/youngest", "out-of-range"));
        }
        // The first without children: nothing of them is left there.
        assert_eq!(fault(&change(json!({"minors": 0, "youngest": 7}))), (422, "/youngest", "without-children"));
        let first = town.at(3, 0)[..10].to_owned();
        change(json!({"scope": "one", "date": first, "minors": 0})).expect(201, "no children").unwrap();
        assert_eq!(now(), [(Some(0), None, Some(false)), (Some(2), Some(7), Some(true)), (Some(2), Some(7), Some(true))]);
        assert_eq!(fault(&change(json!({"scope": "one", "date": first, "youngest": 9}))), (422, "/youngest", "without-children"));
        // Of all, it is said of those to which children come.
        change(json!({"youngest": 9})).expect(201, "older").unwrap();
        assert_eq!(now(), [(Some(0), None, Some(false)), (Some(2), Some(9), Some(true)), (Some(2), Some(9), Some(true))]);
        good(&app);
    }
}
