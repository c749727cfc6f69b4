//! A second amendment while a first one is agreed and waits for its day, over HTTP on both backends.

use crate::harness::{TestApp, Town, served_at};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::demo::seed::YUXIN;
use shangliang::kernel::Instant;
use shangliang::kernel::time::SetClock;
use shangliang::store::{Backend, backup};
use std::sync::Arc;

fn at(text: &str) -> Instant {
    Instant::parse(&format!("{text}:00+08:00")).unwrap()
}

fn served(backend: Backend) -> (TestApp, Arc<SetClock>) {
    served_at(backend, at("2026-11-28T10:00"))
}

/// The agreement of 育新花园, whose first version is in force and open until 21:00.
struct Yuxin<'t> {
    town: &'t Town<'t>,
    path: String,
}

impl<'t> Yuxin<'t> {
    fn of(town: &'t Town<'t>) -> Self {
        Self { town, path: format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership")) }
    }
    fn seen(&self, no: i32) -> Value {
        self.town.signer("yuxin-community").get(&format!("{}/versions/{no}", self.path)).unwrap().expect(200, "version").unwrap().body
    }
    /// Drafts the version after `base`, open until `closes`; it is not put to anybody yet.
    fn draft(&self, base: i32, closes: &str) -> i32 {
        let mut clauses = self.seen(base)["clauses"].as_array().unwrap().clone();
        clauses.iter_mut().find(|clause| clause["id"] == "hours").unwrap()["payload"]["weekly"][0]["to"] = json!(closes);
        let drafted = self.town.signer("yuxin-community").post(&format!("{}/versions", self.path), &json!({ "clauses": clauses })).unwrap();
        i32::try_from(drafted.expect(201, "draft").unwrap().body["version"].as_i64().unwrap()).unwrap()
    }
    fn verb(&self, no: i32, verb: &str) -> Answer {
        self.town.signer("yuxin-community").post(&format!("{}/versions/{no}/{verb}", self.path), &json!({})).unwrap()
    }
    fn sign(&self, no: i32, party: &str) -> Answer {
        let body = json!({"organisation_id": self.town.organisation(party), "sha256": self.seen(no)["sha256"]});
        self.town.signer(party).post(&format!("{}/versions/{no}/signatures", self.path), &body).unwrap()
    }
    /// Drafted, proposed and signed by both; from when.
    fn agree(&self, base: i32, closes: &str) -> (i32, String) {
        let no = self.draft(base, closes);
        self.verb(no, "proposal").expect(201, "proposal").unwrap();
        self.sign(no, "yuxin-unit").expect(201, "unit").unwrap();
        assert_eq!(self.sign(no, "yuxin-community").expect(201, "community").unwrap().body["agreed"], true);
        (no, self.seen(no)["from"].as_str().unwrap().to_owned())
    }
    fn annul(&self, party: &str) -> Answer {
        let body = json!({"organisation_id": self.town.organisation(party), "text": "还要再商量。"});
        self.town.signer(party).post(&format!("{}/annulment", self.path), &body).unwrap()
    }
    /// The version that governs a day, and when it closes.
    fn closes(&self, day: &str) -> (i64, String) {
        let space = self.town.space("yuxin-centre/moxuan");
        let answer = self.town.app.client.get(&format!("/api/v1/spaces/{space}/terms?at={day}T12:00:00%2B08:00")).unwrap();
        let terms = answer.body["terms"].as_array().unwrap().clone();
        let hours = terms.iter().find(|term| term["kind"] == "open_hours").unwrap();
        (hours["version"].as_i64().unwrap(), hours["payload"]["weekly"][0]["to"].as_str().unwrap().to_owned())
    }
}

fn state(by: &Client, booking: &str) -> String {
    by.get(&format!("/api/v1/bookings/{booking}")).unwrap().text("/state").to_owned()
}

told_on_both! {
    what_is_agreed_on_top_of_a_waiting_version_does_not_bring_it_forward(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        let yuxin = Yuxin::of(&town);
        let resident = town.person("yuxin-p-res-2");
        let evening = town.book(&resident, 7, 20 * 60);

        // Shorter hours wait fourteen days.
        let effect = "2026-12-11T16:00:00Z";
        assert_eq!(yuxin.agree(1, "18:00"), (2, effect.into()));
        assert_eq!((yuxin.closes("2026-12-11"), yuxin.closes("2026-12-12")), ((1, "21:00".into()), (2, "18:00".into())));

        // Longer hours wait for nothing; on top of what waits they begin with it.
        clock.set(at("2026-11-30T10:00"));
        town.forget_people();
        let third = yuxin.draft(2, "19:00");
        yuxin.verb(third, "proposal").expect(201, "proposal").unwrap();
        assert_eq!(yuxin.seen(third)["consent"]["wait_days"], 0);
        yuxin.sign(third, "yuxin-unit").expect(201, "unit").unwrap();
        yuxin.sign(third, "yuxin-community").expect(201, "community").unwrap();
        assert_eq!(yuxin.seen(third)["from"], effect);
        assert_eq!((yuxin.closes("2026-12-11"), yuxin.closes("2026-12-12")), ((1, "21:00".into()), (3, "19:00".into())));
        assert_eq!(state(&town.person("yuxin-p-res-2"), &evening), "confirmed", "the evening before the effect is kept");
        town.book(&town.person("yuxin-p-res-4"), 6, 20 * 60);

        // Undone before its day: what governs now governs on.
        assert_eq!(yuxin.agree(3, "21:00"), (4, effect.into()));
        for day in ["2026-12-11", "2026-12-12", "2027-12-31"] {
            assert_eq!(yuxin.closes(day).1, "21:00", "{day}");
        }
        app.settle();
        assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    }

    what_changes_hours_and_prices_needs_both_consents_and_waits_the_longer(backend) {
        let (app, _) = served(backend);
        let rules = "            - {change: hours_narrower, consent: {rule: party, organisation: yuxin-unit}, wait_days: 14}
            - {change: ceiling_up, consent: {rule: party, organisation: yuxin-community}, wait_days: 21}
          protected_days: 14\n";
        let town = Town::of(&app, &YUXIN.replacen("          protected_days: 14\n", rules, 1));
        let yuxin = Yuxin::of(&town);
        let mut clauses = yuxin.seen(1)["clauses"].as_array().unwrap().clone();
        for clause in &mut clauses {
            match clause["id"].as_str().unwrap() {
                "hours" => clause["payload"]["weekly"][0]["to"] = json!("18:00"),
                "ceiling" => clause["payload"]["ceilings"][0]["fen"] = json!(7000),
                _ => {}
            }
        }
        // Whoever signs first meets one of the two, and nothing is agreed.
        let signed_first = |no: i32, party: &str, states: [&str; 2]| {
            let drafted = town.signer("yuxin-community").post(&format!("{}/versions", yuxin.path), &json!({ "clauses": clauses })).unwrap();
            assert_eq!(drafted.expect(201, "draft").unwrap().body["version"], no);
            yuxin.verb(no, "proposal").expect(201, "proposal").unwrap();
            assert_eq!(yuxin.sign(no, party).expect(201, party).unwrap().body["agreed"], false);
            let consent = yuxin.seen(no)["consent"].clone();
            assert_eq!((&consent["state"], &consent["wait_days"]), (&json!("open"), &json!(21)), "{consent}");
            let needs: Vec<(&str, &str)> = consent["requirements"].as_array().unwrap().iter()
                .map(|need| (need["change"].as_str().unwrap(), need["state"].as_str().unwrap())).collect();
            assert_eq!(needs, [("hours_narrower", states[0]), ("ceiling_up", states[1])]);
        };
        signed_first(2, "yuxin-unit", ["met", "open"]);
        yuxin.verb(2, "withdrawal").expect(201, "withdrawal").unwrap();
        signed_first(3, "yuxin-community", ["open", "met"]);
        assert_eq!(yuxin.sign(3, "yuxin-unit").expect(201, "last").unwrap().body["agreed"], true);
        assert_eq!(yuxin.seen(3)["from"], "2026-12-18T16:00:00Z", "the agreed day and twenty-one more");
        assert_eq!((yuxin.closes("2026-12-18"), yuxin.closes("2026-12-19")), ((1, "21:00".into()), (3, "18:00".into())));
        app.settle();
    }

    a_term_that_is_over_before_it_could_begin_is_refused(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let yuxin = Yuxin::of(&town);
        let lead = town.signer("yuxin-community");
        let ending = |last_day: &str, closes: &str| {
            let mut clauses = yuxin.seen(1)["clauses"].as_array().unwrap().clone();
            for clause in &mut clauses {
                match clause["id"].as_str().unwrap() {
                    "term" => clause["payload"]["last_day"] = json!(last_day),
                    "hours" => clause["payload"]["weekly"][0]["to"] = json!(closes),
                    _ => {}
                }
            }
            json!({ "clauses": clauses })
        };
        // Yesterday: it is not even proposed, and the draft says why.
        let drafted = lead.post(&format!("{}/versions", yuxin.path), &ending("2026-11-27", "21:00")).unwrap().expect(201, "draft").unwrap();
        assert_eq!((drafted.text("/obstacles/0/code"), drafted.text("/obstacles/0/clause")), ("term-over", "term"));
        let refused = yuxin.verb(2, "proposal");
        assert_eq!((refused.status, refused.text("/code"), refused.text("/reasons/0/code")), (409, "not-proposable", "term-over"));
        // Before the wait is over: the last signature is refused, and nothing of it stays.
        let body = ending("2026-12-11", "18:00").to_string();
        let edited = lead.raw("PUT", &format!("{}/versions/2", yuxin.path), &[("if-match", "*")], Some(("application/json", body.as_bytes())));
        edited.unwrap().expect(200, "edit").unwrap();
        yuxin.verb(2, "proposal").expect(201, "proposal").unwrap();
        yuxin.sign(2, "yuxin-unit").expect(201, "unit").unwrap();
        let refused = yuxin.sign(2, "yuxin-community");
        let reason = (refused.text("/reasons/0/code"), refused.text("/reasons/0/clause"), refused.text("/reasons/0/figure"));
        assert_eq!((refused.status, reason), (409, ("term-over", "term", "2026-12-11")), "{:?}", refused.body);
        assert_eq!((&yuxin.seen(2)["state"], yuxin.closes("2026-12-20")), (&json!("partially_signed"), (1, "21:00".into())));
        app.settle();
    }

    what_rests_on_an_annulled_version_is_taken_back_with_it(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let yuxin = Yuxin::of(&town);
        let annulled = || {
            assert_eq!(yuxin.annul("yuxin-community").expect(201, "first").unwrap().body["annulled"], false);
            assert_eq!(yuxin.annul("yuxin-unit").expect(201, "last").unwrap().body["annulled"], true);
        };
        // Being signed: its signature drops, and nobody signs it any more.
        yuxin.agree(1, "18:00");
        let third = yuxin.draft(2, "19:00");
        yuxin.verb(third, "proposal").expect(201, "proposal").unwrap();
        yuxin.sign(third, "yuxin-unit").expect(201, "unit").unwrap();
        annulled();
        assert_eq!((&yuxin.seen(2)["state"], &yuxin.seen(third)["state"]), (&json!("annulled"), &json!("withdrawn")));
        let refused = yuxin.sign(third, "yuxin-community");
        assert_eq!((refused.status, refused.text("/code")), (409, "state-conflict"));
        assert_eq!(yuxin.closes("2027-02-01"), (1, "21:00".into()));
        app.settle();
        let told = |who: &str| {
            let notices = town.person(who).get("/api/v1/notices?limit=100").unwrap();
            notices.body["items"].as_array().unwrap().iter().filter(|n| n["kind"] == "version.withdrawn").count()
        };
        assert_eq!(told("yuxin-p-lead"), 1, "who may have signed hears of it");

        // Being talked over: its round ends.
        yuxin.agree(1, "18:00");
        let talked = yuxin.draft(4, "19:00");
        yuxin.verb(talked, "round").expect(201, "round").unwrap();
        annulled();
        assert_eq!(yuxin.seen(talked)["state"], "withdrawn");
        let rounds = town.signer("yuxin-unit").get(&format!("{}/rounds", yuxin.path)).unwrap();
        assert!(rounds.body[0]["closed_at"].is_string(), "{:?}", rounds.body);

        // A draft stays, and is measured against what governs once it is proposed.
        yuxin.agree(1, "18:00");
        let drafted = yuxin.draft(6, "19:00");
        annulled();
        assert_eq!(yuxin.seen(drafted)["state"], "draft");
        yuxin.verb(drafted, "proposal").expect(201, "proposal").unwrap();
        assert_eq!(yuxin.seen(drafted)["consent"]["wait_days"], 14, "until 19:00 is shorter than until 21:00");
        app.settle();
        assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    }
}
