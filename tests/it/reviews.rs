//! The days on which the parties look at an agreement again, and the day by which what has ended is settled.

use crate::harness::{Town, good, served_at};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::kernel::Instant;
use shangliang::store::Backend;

fn at(text: &str) -> Instant {
    Instant::parse(&format!("{text}:00+08:00")).unwrap()
}

told_on_both! {
    the_parties_are_reminded_before_each_day_of_the_version_that_governs_then(backend) {
        let (app, clock) = served_at(backend, at("2026-11-28T10:00"));
        let town = Town::build(&app);
        let told = |who: &str| {
            let notices = town.person(who).get("/api/v1/notices?limit=100").unwrap();
            notices.body["items"].as_array().unwrap().iter().filter(|n| n["kind"] == "agreement.review_near").cloned().collect::<Vec<Value>>()
        };
        let passes = |moment: &str| {
            clock.set(at(moment));
            town.forget_people();
            app.settle();
        };
        for (moment, times) in [("2026-12-15T23:59", 0), ("2026-12-16T00:00", 1), ("2027-01-07T23:59", 1), ("2027-01-08T00:00", 2)] {
            passes(moment);
            let counts = ["yuxin-p-unit", "yuxin-p-lead", "yuxin-p-desk", "yuxin-p-res-2", "yuxin-p-gym"].map(|who| told(who).len());
            assert_eq!(counts, [times, times, times, 0, 0], "{moment}");
        }
        assert!(told("yuxin-p-unit")[0]["text_zh"].as_str().unwrap().contains("约定 2027年1月15日周五 一起回头看"));

        // A version that no longer names the day governs from June: nobody is reminded of January after.
        let lead = town.signer("yuxin-community");
        let path = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
        let mut clauses = lead.get(&format!("{path}/versions/1")).unwrap().body["clauses"].as_array().unwrap().clone();
        clauses.retain(|clause| clause["id"] != "review");
        clauses.iter_mut().find(|clause| clause["id"] == "term").unwrap()["payload"]["first_day"] = json!("2027-06-01");
        lead.post(&format!("{path}/versions"), &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        lead.post(&format!("{path}/versions/2/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        let sha256 = lead.get(&format!("{path}/versions/2")).unwrap().body["sha256"].clone();
        for party in ["yuxin-unit", "yuxin-community"] {
            let body = json!({"organisation_id": town.organisation(party), "sha256": sha256});
            town.signer(party).post(&format!("{path}/versions/2/signatures"), &body).unwrap().expect(201, "signature").unwrap();
        }
        passes("2028-01-16T00:00");
        assert_eq!(told("yuxin-p-unit").len(), 2);

        // What has ended says by when it is to be settled.
        let life = || app.client.get(&path).unwrap().body["life"].clone();
        assert_eq!(life()["settle_by"], Value::Null);
        passes("2029-01-01T00:00");
        assert_eq!((&life()["phase"], &life()["settle_by"]), (&json!("ended"), &json!("2029-01-30T16:00:00Z")));
        good(&app);
    }
}
