//! Signing, over HTTP on both backends: the password again, windows and reminders, powers, consent.

use crate::harness::app::PASSWORD;
use crate::harness::{TestApp, Town, good, outcome, rounds, rows, served_at, together, waiting};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::demo::people::{Hub, find};
use shangliang::demo::seed::YUXIN;
use shangliang::kernel::Instant;
use shangliang::kernel::time::SetClock;
use shangliang::store::Backend;
use std::sync::Arc;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn served(backend: Backend, now: &str) -> (TestApp, Arc<SetClock>) {
    served_at(backend, at(now))
}

/// A version of an agreement under way.
struct Paper<'t> {
    town: &'t Town<'t>,
    agreement: String,
    version: i64,
}

impl<'t> Paper<'t> {
    fn of(town: &'t Town<'t>, code: &str, version: i64) -> Self {
        Self { town, agreement: town.agreement(code), version }
    }
    fn path(&self, tail: &str) -> String {
        format!("/api/v1/agreements/{}/versions/{}{tail}", self.agreement, self.version)
    }
    fn seen(&self) -> Value {
        self.town.person("yuxin-p-auditor").get(&self.path("")).unwrap().expect(200, "version").unwrap().body
    }
    fn state(&self) -> String {
        self.seen()["state"].as_str().unwrap().to_owned()
    }
    fn party(&self, code: &str) -> Value {
        self.seen()["parties"]
            .as_array()
            .unwrap()
            .iter()
            .find(|p| p["code"] == code)
            .unwrap_or_else(|| panic!("{code} is no party"))
            .clone()
    }
    fn ask(&self, party: &str) -> Value {
        json!({"organisation_id": self.town.organisation(party), "sha256": self.seen()["sha256"]})
    }
    fn sign_by(&self, who: &Client, party: &str) -> Answer {
        who.post(&self.path("/signatures"), &self.ask(party)).unwrap()
    }
    fn sign(&self, party: &str) -> Answer {
        self.sign_by(&self.town.signer(party), party)
    }
    fn decline(&self, party: &str, reason: &str) -> Answer {
        let body = json!({"organisation_id": self.town.organisation(party), "reason": reason});
        self.town.signer(party).post(&self.path("/declines"), &body).unwrap()
    }
    /// Drafts the next version of a changed text, and proposes it.
    fn next(&self, by: &Client, change: impl Fn(&mut Vec<Value>)) -> Paper<'t> {
        let mut clauses = self.seen()["clauses"].as_array().unwrap().clone();
        change(&mut clauses);
        let path = format!("/api/v1/agreements/{}/versions", self.agreement);
        let drafted = by.post(&path, &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        let next = Paper { town: self.town, agreement: self.agreement.clone(), version: drafted.body["version"].as_i64().unwrap() };
        by.post(&next.path("/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        next
    }
}

fn clause<'a>(clauses: &'a mut [Value], id: &str) -> &'a mut Value {
    clauses.iter_mut().find(|clause| clause["id"] == id).unwrap()
}

/// Somebody's representation of an organisation.
fn representation(town: &Town, organisation: &str, person: &str) -> String {
    let me = town.person(person).get("/api/v1/me").unwrap().body["id"].clone();
    let list = format!("/api/v1/organisations/{}/representatives", town.organisation(organisation));
    let all = town.person("yuxin-p-street").get(&list).unwrap().expect(200, "representatives").unwrap();
    all.body["items"].as_array().unwrap().iter().find(|r| r["account_id"] == me).unwrap()["id"].as_str().unwrap().to_owned()
}

fn notices(who: &Client) -> String {
    who.get("/api/v1/notices?limit=100").unwrap().expect(200, "notices").unwrap().body["items"].to_string()
}

told_on_both! {
    signing_needs_the_password_of_the_last_ten_minutes(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00:00+08:00");
        let admin = app.admin();
        let hub = Hub::bring_in(&admin, YUXIN).unwrap();
        let unit = hub.person("yuxin-p-unit").unwrap();
        let proposed = hub.propose("yuxin-partnership", "yuxin-community").unwrap();
        let id = find(&unit, "/api/v1/agreements", "yuxin-partnership").unwrap();
        let path = format!("/api/v1/agreements/{id}/versions/1");
        let seen = unit.get(&path).unwrap().body;
        let party = seen["parties"].as_array().unwrap().iter().find(|p| p["code"] == "yuxin-unit").unwrap()["organisation_id"].clone();
        let ask = json!({"organisation_id": party, "sha256": seen["sha256"]});

        // The token lives; the password was given ten minutes ago.
        clock.set(at("2026-11-28T10:10:00+08:00"));
        assert_eq!(unit.get("/api/v1/me").unwrap().status, 200);
        assert_eq!(outcome(&unit.post(&format!("{path}/signatures"), &ask).unwrap()), (403, "step-up-required"));
        assert_eq!(rows(&mut app.db.conn(), "signatures"), 0);

        let step_up = |password: &str| unit.post("/api/v1/step-up", &json!({ "password": password })).unwrap();
        assert_eq!(outcome(&step_up("")), (422, "invalid"));
        assert_eq!(outcome(&step_up("不是这个密码-2026")), (403, "wrong-password"));
        let fresh = step_up(shangliang::demo::people::PASSWORD).expect(200, "step-up").unwrap();
        assert_eq!(fresh.text("/fresh_until"), "2026-11-28T02:20:00Z");
        assert_eq!(unit.post(&format!("{path}/signatures"), &ask).unwrap().expect(201, "signature").unwrap().body["agreed"], false);
        assert!(!proposed.agreed);

        // Five wrong ones close it for a quarter of an hour, even for the right one.
        for _ in 0..5 {
            assert_eq!(outcome(&step_up("不是这个密码-2026")), (403, "wrong-password"));
        }
        assert_eq!(outcome(&step_up(shangliang::demo::people::PASSWORD)), (429, "too-many-attempts"));
        // A session that has ended is told so.
        let other = hub.person("yuxin-p-lead").unwrap();
        other.post("/api/v1/sign-out", &json!({})).unwrap().expect(204, "sign-out").unwrap();
        assert_eq!(outcome(&other.post("/api/v1/step-up", &json!({"password": PASSWORD})).unwrap()), (401, "unauthenticated"));
        app.settle();
    }

    a_window_closes_to_the_second_and_may_be_made_longer_before(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        let paper = Paper::of(&town, "yuxin-partnership", 1).next(&town.person("yuxin-p-lead"), |clauses| {
            clause(clauses, "hours")["text_zh"] = json!("换个说法。");
        });
        assert_eq!(paper.seen()["closes_at"], "2026-12-28T16:00:00Z");
        app.settle();

        // Longer, by the drafters, and only longer.
        let extend = |until: &str| town.person("yuxin-p-lead").post(&paper.path("/extension"), &json!({ "until": until })).unwrap();
        for (until, code) in [("2026-12-28", "not-later"), ("2026-12-01", "not-later"), ("2028-01-01", "out-of-range"), ("2026-02-30", "malformed")] {
            let refused = extend(until);
            assert_eq!((outcome(&refused), refused.text("/errors/0/code"), refused.text("/errors/0/pointer")), ((422, "invalid"), code, "/until"), "{until}");
        }
        assert_eq!(extend("2026-12-30").expect(201, "extension").unwrap().text("/closes_at"), "2026-12-30T16:00:00Z");

        // The old end passes: its timer changes nothing.
        clock.set(at("2026-12-29T00:00:00+08:00"));
        town.forget_people();
        app.settle();
        assert_eq!(paper.state(), "proposed");
        assert!(notices(&town.person("yuxin-p-unit")).contains("延长"), "the parties are told");

        // In the last second it can be signed; at 24:00 it cannot, timer or not.
        clock.set(at("2026-12-30T23:59:59+08:00"));
        town.forget_people();
        assert_eq!(paper.sign("yuxin-community").body["agreed"], false);
        // Its timer is held up.
        app.db.sql("UPDATE outbox SET run_at = run_at + 86400000000 WHERE kind = 'signing.window_ends'");
        clock.set(at("2026-12-31T00:00:00+08:00"));
        assert_eq!(outcome(&paper.sign("yuxin-unit")), (409, "state-conflict"));
        assert_eq!(outcome(&paper.decline("yuxin-unit", "晚了")), (409, "state-conflict"));
        assert_eq!(outcome(&town.person("yuxin-p-lead").post(&paper.path("/extension"), &json!({"until": "2027-01-31"})).unwrap()), (409, "state-conflict"));
        assert_eq!(paper.state(), "lapsed", "derived from the clock");
        assert_eq!(rows(&mut app.db.conn(), "agreement_versions WHERE state = 'lapsed'"), 0);
        town.forget_people();
        assert_eq!(waiting(&town.person("yuxin-p-unit")), Vec::<Value>::new());

        // The next version ends it in passing; the timer that comes after changes nothing.
        let next = paper.next(&town.person("yuxin-p-lead"), |_| {});
        clock.set(at("2027-01-01T00:00:00+08:00"));
        town.forget_people();
        app.settle();
        let mut conn = app.db.conn();
        assert_eq!(rows(&mut conn, "agreement_versions WHERE state = 'lapsed'"), 1);
        assert_eq!(rows(&mut conn, "version_events WHERE kind = 'lapsed'"), 1);
        assert_eq!(next.state(), "proposed");
    }

    the_timer_ends_what_nobody_signed_and_reminds_before(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        let desk = town.person("shiyou-p-desk");
        let paper = Paper::of(&town, "shiyou-partnership", 1);
        // The communities sign after the units.
        let mut clauses = desk.get(&paper.path("")).unwrap().body["clauses"].as_array().unwrap().clone();
        for party in clause(&mut clauses, "parties")["payload"]["parties"].as_array_mut().unwrap() {
            if party["capacity"] == "community" {
                party["stage"] = json!(2);
            }
        }
        desk.put(&paper.path(""), "*", &json!({ "clauses": clauses })).unwrap().expect(200, "draft").unwrap();
        desk.post(&paper.path("/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        assert_eq!(outcome(&paper.sign("shiyou-community-1")), (409, "out-of-turn"));
        for unit in ["shiyou-unit-1", "shiyou-unit-2", "shiyou-unit-3"] {
            paper.sign(unit).expect(201, "signature").unwrap();
        }
        // Reminded are those whose turn has come and who have not signed: after 5 days, then every 2, 5 times in 30 days.
        let reminders = |who: &str| {
            town.forget_people();
            notices(&town.signer(who)).matches("version.reminder").count()
        };
        let passes = |days: i64| {
            clock.set(at("2026-11-28T10:00:00+08:00").plus_days(days));
            app.settle();
        };
        for (days, expected) in [(4, 0), (5, 1), (6, 1), (7, 2), (9, 3), (11, 4), (13, 5), (15, 5), (29, 5)] {
            passes(days);
            assert_eq!((reminders("shiyou-unit-4"), reminders("shiyou-unit-1"), reminders("shiyou-community-1")), (expected, 0, 0), "day {days}");
        }
        assert!(notices(&town.signer("shiyou-unit-4")).contains("2026年12月28日周一 24:00"));
        passes(31);
        town.forget_people();
        assert_eq!(paper.state(), "lapsed");
        assert_eq!(rows(&mut app.db.conn(), "version_events WHERE kind = 'lapsed'"), 1);
        assert!(notices(&town.signer("shiyou-unit-1")).contains("签署期限已过"));
        passes(36);
        assert_eq!((reminders("shiyou-unit-4"), rows(&mut app.db.conn(), "signing_reminders")), (5, 5), "nobody is reminded of what has ended");
    }

    one_person_signs_for_two_parties_with_the_consent_of_both(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        let lead = town.person("yuxin-p-lead");
        let for_unit = town.represent("yuxin-p-lead", "yuxin-unit", r#"["sign"]"#, None);
        let paper = Paper::of(&town, "yuxin-partnership", 1).next(&lead, |_| {});
        assert_eq!(paper.sign_by(&lead, "yuxin-community").status, 201);
        let refused = paper.sign_by(&lead, "yuxin-unit");
        assert_eq!((outcome(&refused), refused.body["reasons"].as_array().unwrap().len()), ((409, "dual-agency"), 2));

        let consent = |who: &str, organisation: &str, representative: &str, evidence: Option<String>| {
            let body = json!({"organisation_id": town.organisation(organisation), "representative_id": representative, "evidence_sha256": evidence});
            town.person(who).post(&paper.path("/agency-consents"), &body).unwrap()
        };
        let for_community = representation(&town, "yuxin-community", "yuxin-p-lead");
        // Not by that person, not for the party with another's representative, not by the desk without evidence.
        assert_eq!(outcome(&consent("yuxin-p-lead", "yuxin-unit", &for_unit, None)), (403, "forbidden"));
        assert_eq!(outcome(&consent("yuxin-p-lead", "yuxin-unit", &for_unit, Some("e".repeat(64)))), (403, "forbidden"));
        assert_eq!(consent("yuxin-p-unit", "yuxin-unit", &for_community, None).text("/errors/0/pointer"), "/representative_id");
        assert_eq!(outcome(&consent("yuxin-p-desk", "yuxin-community", &for_community, None)), (403, "forbidden"));
        // Nor, whatever writing they say there is, by who may only book for the party or looks after another area.
        town.represent("yuxin-p-keys", "yuxin-unit", r#"["book"]"#, None);
        town.represent("shiyou-p-desk", "yuxin-unit", r#"["position"]"#, None);
        for who in ["yuxin-p-keys", "shiyou-p-desk"] {
            assert_eq!(outcome(&consent(who, "yuxin-unit", &for_unit, Some("e".repeat(64)))), (403, "forbidden"), "{who}");
        }
        // The unit by its other representative; the community by its written consent.
        assert_eq!(consent("yuxin-p-unit", "yuxin-unit", &for_unit, None).status, 201);
        assert_eq!(outcome(&consent("yuxin-p-unit", "yuxin-unit", &for_unit, None)), (409, "state-conflict"));
        let refused = paper.sign_by(&lead, "yuxin-unit");
        assert_eq!((outcome(&refused), refused.text("/reasons/0/figure")), ((409, "dual-agency"), "yuxin-community"));
        assert_eq!(consent("yuxin-p-desk", "yuxin-community", &for_community, Some("e".repeat(64))).status, 201);
        assert_eq!(paper.sign_by(&lead, "yuxin-unit").expect(201, "signature").unwrap().body["agreed"], true);
        app.settle();
    }

    paper_the_party_did_not_confirm_does_not_silence_it(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        let record = |paper: &Paper, by: &str, party: &str| {
            let mut ask = paper.ask(party);
            ask["evidence_sha256"] = json!("e".repeat(64));
            town.person(by).post(&paper.path("/paper-signatures"), &ask).unwrap().expect(201, "paper").unwrap()
        };
        // Where everybody is needed, its no ends the version.
        let needed = Paper::of(&town, "yuxin-partnership", 1).next(&town.person("yuxin-p-lead"), |_| {});
        record(&needed, "yuxin-p-desk", "yuxin-unit");
        assert_eq!(outcome(&needed.sign("yuxin-unit")), (409, "state-conflict"), "it confirms the paper, or declines");
        assert_eq!(needed.decline("yuxin-unit", "那不是我们签的。").status, 201);
        assert_eq!(needed.state(), "declined");

        // Where others can carry it, its no stays, and the paper can be confirmed no more.
        let desk = town.person("shiyou-p-desk");
        let first = Paper::of(&town, "shiyou-partnership", 1);
        let mut clauses = desk.get(&first.path("")).unwrap().body["clauses"].as_array().unwrap().clone();
        clause(&mut clauses, "amendment")["payload"]["rules"] =
            json!([{"change": "other", "consent": {"rule": "k_of", "capacity": "property_unit", "k": 3}, "wait_days": 0}]);
        desk.put(&first.path(""), "*", &json!({ "clauses": clauses })).unwrap().expect(200, "draft").unwrap();
        town.sign("shiyou-partnership", &["shiyou-unit-1", "shiyou-unit-2", "shiyou-unit-3", "shiyou-unit-4", "shiyou-community-1", "shiyou-community-2"]);
        let carried = first.next(&desk, |clauses| clause(clauses, "hours")["text_zh"] = json!("换个说法。"));
        let recorded = record(&carried, "shiyou-p-desk", "shiyou-unit-1");
        let unit = town.signer("shiyou-unit-1");
        assert_eq!(waiting(&unit).iter().map(|one| &one["waiting_for"]).collect::<Vec<_>>(), ["confirmation"]);
        assert_eq!(carried.decline("shiyou-unit-1", "那不是我们签的。").status, 201);
        assert_eq!((carried.state().as_str(), waiting(&unit)), ("partially_signed", vec![]));
        let confirmation = carried.path(&format!("/paper-signatures/{}/confirmation", recorded.text("/signature_id")));
        assert_eq!(outcome(&unit.post(&confirmation, &json!({})).unwrap()), (409, "state-conflict"));
        assert_eq!(outcome(&carried.decline("shiyou-unit-1", "再说一次。")), (409, "state-conflict"));
        for (party, agreed) in [("shiyou-unit-2", false), ("shiyou-unit-3", false), ("shiyou-unit-4", true)] {
            assert_eq!(carried.sign(party).expect(201, party).unwrap().body["agreed"], agreed, "{party}");
        }
        good(&app);
    }

    a_room_is_lent_with_whoever_owns_it(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        // assumption of this test: one room of the centre belongs to neither of the two parties.
        let room = "          - code: moxuan\n";
        assert_eq!(YUXIN.matches(room).count(), 1);
        let hub = Hub::bring_in(&app.admin(), &YUXIN.replace(room, &format!("{room}            title: yuxin-association\n"))).unwrap();
        let lead = hub.person("yuxin-p-lead").unwrap();
        let id = find(&lead, "/api/v1/agreements", "yuxin-partnership").unwrap();
        let path = |tail: &str| format!("/api/v1/agreements/{id}/versions/1{tail}");
        let refused = lead.post(&path("/proposal"), &json!({})).unwrap();
        assert_eq!((outcome(&refused), refused.body["reasons"].as_array().unwrap().len()), ((409, "not-proposable"), 1));
        assert_eq!((refused.text("/reasons/0/code"), refused.text("/reasons/0/figure")), ("owner-not-a-party", "yuxin-association"));
        assert!(refused.text("/reasons/0/zh").ends_with("：yuxin-centre/moxuan。"), "{:?}", refused.body);
        // As a party it is asked; who lends is settled between them.
        let mut clauses = lead.get(&path("")).unwrap().body["clauses"].as_array().unwrap().clone();
        let parties = clause(&mut clauses, "parties")["payload"]["parties"].as_array_mut().unwrap();
        parties.push(json!({"organisation": "yuxin-association", "capacity": "property_unit", "stage": 1}));
        let drafted = lead.put(&path(""), "*", &json!({ "clauses": clauses })).unwrap().expect(200, "draft").unwrap();
        assert_eq!(drafted.body["obstacles"], json!([]));
        lead.post(&path("/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        good(&app);
    }

    an_act_outside_the_power_waits_for_the_party(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        // Somebody of the unit who may speak for it and not sign.
        town.represent("yuxin-p-gym", "yuxin-unit", r#"["position"]"#, None);
        let paper = Paper::of(&town, "yuxin-partnership", 1).next(&town.person("yuxin-p-lead"), |_| {});
        let act = |who: &str| town.person(who).post(&paper.path("/pending-signatures"), &paper.ask("yuxin-unit")).unwrap();
        assert_eq!(outcome(&paper.sign_by(&town.person("yuxin-p-gym"), "yuxin-unit")), (403, "forbidden"));
        assert_eq!(outcome(&act("yuxin-p-unit")), (409, "state-conflict"), "who has the power signs directly");
        let wrong = json!({"organisation_id": town.organisation("yuxin-unit"), "sha256": "0".repeat(64)});
        assert_eq!(outcome(&town.person("yuxin-p-gym").post(&paper.path("/pending-signatures"), &wrong).unwrap()), (409, "hash-mismatch"));
        let pending = act("yuxin-p-gym").expect(201, "pending").unwrap();
        assert_eq!((pending.text("/state"), pending.text("/until")), ("pending_ratification", "2026-12-28T16:00:00Z"));
        assert_eq!(outcome(&act("yuxin-p-gym")), (409, "state-conflict"), "one at a time");
        assert_eq!(paper.sign("yuxin-community").body["agreed"], false, "it does not count");
        let waits = waiting(&town.person("yuxin-p-unit"));
        let waits: Vec<&str> = waits.iter().map(|w| w["waiting_for"].as_str().unwrap()).collect();
        assert_eq!(waits, ["signature", "ratification"]);

        let decide = |who: &str, pending: &Answer, how: &str| {
            town.person(who).post(&paper.path(&format!("/pending-signatures/{}/{how}", pending.text("/id"))), &json!({})).unwrap()
        };
        assert_eq!(outcome(&decide("yuxin-p-gym", &pending, "ratification")), (403, "forbidden"));
        assert_eq!(decide("yuxin-p-unit", &pending, "refusal").expect(201, "refusal").unwrap().text("/state"), "refused");
        assert_eq!(outcome(&decide("yuxin-p-unit", &pending, "ratification")), (409, "state-conflict"));

        // Ratified, it is the party's signature, from then on.
        let second = act("yuxin-p-gym").expect(201, "pending").unwrap();
        assert_eq!(decide("yuxin-p-unit", &second, "ratification").expect(201, "ratification").unwrap().body["agreed"], true);
        assert_eq!(paper.party("yuxin-unit")["signature"]["method"], "ratified");
        app.settle();
        assert!(notices(&town.person("yuxin-p-unit")).contains("越权"), "the party hears of it");

        // Silence is refusal: after 30 days it is void, however long the window is.
        let paper = paper.next(&town.person("yuxin-p-lead"), |_| {});
        let act = town.person("yuxin-p-gym").post(&paper.path("/pending-signatures"), &paper.ask("yuxin-unit")).unwrap();
        let act = act.expect(201, "pending").unwrap();
        town.person("yuxin-p-lead").post(&paper.path("/extension"), &json!({"until": "2027-03-01"})).unwrap().expect(201, "longer").unwrap();
        clock.set(at("2026-12-29T00:00:00+08:00"));
        town.forget_people();
        let late = town.person("yuxin-p-unit").post(&paper.path(&format!("/pending-signatures/{}/ratification", act.text("/id"))), &json!({}));
        assert_eq!(outcome(&late.unwrap()), (409, "state-conflict"));
        app.settle();
        let seen = town.person("yuxin-p-unit").get(&paper.path("")).unwrap().body;
        assert_eq!(seen["pending_signatures"][0]["state"], "void");
        assert!(notices(&town.person("yuxin-p-unit")).contains("没有追认"));
        assert_eq!(paper.sign("yuxin-unit").status, 201, "the party may still sign itself");
    }

    powers_are_about_matters_and_end_when_revoked(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        let own = representation(&town, "yuxin-unit", "yuxin-p-unit");
        let elsewhere = town.represent("yuxin-p-keys", "yuxin-unit", r#"["sign"]"#, Some(r#"["another-agreement"]"#));
        town.represent("yuxin-p-arts", "yuxin-unit", r#"["sign"]"#, Some(r#"["yuxin-partnership"]"#));
        let paper = Paper::of(&town, "yuxin-partnership", 1).next(&town.person("yuxin-p-lead"), |_| {});
        assert_eq!(outcome(&paper.sign_by(&town.person("yuxin-p-keys"), "yuxin-unit")), (403, "forbidden"), "not in this agreement");

        let revoke = |who: &str, id: &str| town.person(who).post(&format!("/api/v1/representatives/{id}/revocation"), &json!({})).unwrap();
        assert_eq!(outcome(&revoke("shiyou-p-desk", &own)), (404, "not-found"));
        assert_eq!(outcome(&revoke("yuxin-p-gym", &own)), (404, "not-found"));
        let unit = town.person("yuxin-p-unit");
        assert_eq!(revoke("yuxin-p-desk", &own).status, 201);
        assert_eq!(outcome(&revoke("yuxin-p-desk", &own)), (409, "state-conflict"));
        // The token lives, the power does not.
        assert_eq!(unit.get("/api/v1/me").unwrap().body["representations"], json!([]));
        assert_eq!(outcome(&paper.sign_by(&unit, "yuxin-unit")), (403, "forbidden"));
        let taken_back = unit.post(&paper.path("/withdrawal"), &json!({})).unwrap();
        assert_eq!(outcome(&taken_back), (403, "forbidden"), "nor take back what is negotiated");
        assert_eq!(outcome(&revoke("yuxin-p-unit", &elsewhere)), (404, "not-found"), "nor do they know who else may");
        assert_eq!(paper.sign_by(&town.person("yuxin-p-arts"), "yuxin-unit").status, 201);
        // What was signed stays.
        let listed = town.person("yuxin-p-street").get(&format!("/api/v1/organisations/{}/representatives?limit=2", town.organisation("yuxin-unit")));
        let listed = listed.unwrap().expect(200, "representatives").unwrap().body;
        assert_eq!((listed["items"].as_array().unwrap().len(), listed["next_cursor"].is_string()), (2, true));
        app.settle();
    }

    a_power_counts_from_its_first_moment_and_no_longer_at_its_end(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        let now = at("2026-11-28T10:00:00+08:00");
        let paper = Paper::of(&town, "yuxin-partnership", 1).next(&town.person("yuxin-p-lead"), |_| {});
        let signed = || rows(&mut app.db.conn(), "signatures");
        let before = signed();
        for (who, from, to, expected, more) in [
            ("yuxin-p-gym", Instant(1), now, (403, "forbidden"), 0),
            ("yuxin-p-keys", now.plus_days(1), Instant::LATEST, (403, "forbidden"), 0),
            ("yuxin-p-arts", now, now.plus_seconds(1), (201, ""), 1),
        ] {
            let power = town.represent(who, "yuxin-unit", r#"["sign"]"#, None);
            app.db.sql(&format!("UPDATE representatives SET from_at = {}, to_at = {} WHERE id = '{power}'", from.0, to.0));
            assert_eq!(outcome(&paper.sign_by(&town.person(who), "yuxin-unit")), expected, "{who}");
            assert_eq!(signed(), before + more, "{who}");
        }
        app.settle();
    }

    the_hash_of_the_version_before_signs_nothing(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        let first = Paper::of(&town, "yuxin-partnership", 1);
        let second = first.next(&town.person("yuxin-p-lead"), |clauses| clause(clauses, "hours")["text_zh"] = json!("换个说法。"));
        let mut read = first.ask("yuxin-unit");
        assert_ne!(read["sha256"], second.seen()["sha256"]);
        let counted = || ["signatures", "version_events"].map(|table| rows(&mut app.db.conn(), table));
        let before = counted();
        assert_eq!(outcome(&town.signer("yuxin-unit").post(&second.path("/signatures"), &read).unwrap()), (409, "hash-mismatch"));
        read["evidence_sha256"] = json!("e".repeat(64));
        assert_eq!(outcome(&town.person("yuxin-p-desk").post(&second.path("/paper-signatures"), &read).unwrap()), (409, "hash-mismatch"));
        assert_eq!((counted(), second.state()), (before, "proposed".to_owned()));
        second.sign("yuxin-unit").expect(201, "its own hash").unwrap();
        app.settle();
    }

    consent_below_unanimity_binds_because_it_was_signed(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        let desk = town.person("shiyou-p-desk");
        let units = ["shiyou-unit-1", "shiyou-unit-2", "shiyou-unit-3", "shiyou-unit-4"];
        let everybody = [&units[..], &["shiyou-community-1", "shiyou-community-2"]].concat();
        // First: three of four units carry a higher ceiling, signed by all six.
        let first = Paper::of(&town, "shiyou-partnership", 1);
        let mut clauses = desk.get(&first.path("")).unwrap().body["clauses"].as_array().unwrap().clone();
        clause(&mut clauses, "amendment")["payload"]["rules"] =
            json!([{"change": "ceiling_up", "consent": {"rule": "k_of", "capacity": "property_unit", "k": 3}, "wait_days": 7}]);
        desk.put(&first.path(""), "*", &json!({ "clauses": clauses })).unwrap().expect(200, "draft").unwrap();
        desk.post(&first.path("/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        let consent = |paper: &Paper| town.person("shiyou-p-desk").get(&paper.path("")).unwrap().expect(200, "version").unwrap().body["consent"].clone();
        let formed = consent(&first);
        assert_eq!((&formed["requirements"][0]["change"], formed["requirements"][0]["missing"].as_array().unwrap().len()), (&Value::Null, 6));
        for party in &everybody {
            assert_eq!(first.sign(party).expect(201, "signature").unwrap().body["agreed"], *party == everybody[5]);
        }

        // A higher ceiling: one unit declines and its dissent stays; three others carry it; the communities need not sign.
        let ceiling = town.person("shiyou-p-desk").get(&first.path("")).unwrap().body["clauses"].as_array().unwrap().iter()
            .find(|c| c["kind"] == "price_ceiling").unwrap().clone();
        let id = ceiling["id"].as_str().unwrap();
        let fen = ceiling["payload"]["ceilings"][0]["fen"].as_i64().unwrap();
        let dearer = first.next(&desk, |clauses| clause(clauses, id)["payload"]["ceilings"][0]["fen"] = json!(fen + 100));
        let needs = consent(&dearer);
        let need = &needs["requirements"][0];
        assert_eq!((needs["requirements"].as_array().unwrap().len(), &need["change"], &need["state"]), (1, &json!("ceiling_up"), &json!("open")));
        assert_eq!((&needs["wait_days"], need["needed"].as_array().unwrap().len()), (&json!(7), 4));
        assert!(need["rule_zh"].as_str().unwrap().contains("至少 3 家"), "{need}");
        assert_eq!(dearer.decline("shiyou-unit-1", "居民会有意见。").status, 201);
        assert_eq!(dearer.state(), "proposed");
        assert_eq!(outcome(&dearer.sign("shiyou-unit-1")), (409, "state-conflict"));
        assert_eq!(consent(&dearer)["requirements"][0]["missing"].as_array().unwrap().len(), 3);
        app.settle();
        assert!(notices(&town.signer("shiyou-unit-2")).contains("其他各方可以继续签"));
        assert_eq!(dearer.sign("shiyou-unit-2").body["agreed"], false);
        assert_eq!(dearer.sign("shiyou-unit-3").body["agreed"], false);
        assert_eq!(dearer.sign("shiyou-unit-4").body["agreed"], true);
        let seen = dearer.seen();
        assert_eq!((&seen["from"], &seen["effect"]), (&json!("2026-12-04T16:00:00Z"), &json!("pending")), "the agreed day and seven more");
        assert!(seen["parties"].to_string().contains("居民会有意见"), "dissent is kept");
        let public = app.client.get(&dearer.path("")).unwrap().expect(200, "agreed").unwrap().body;
        assert!(!public.to_string().contains("居民会有意见"), "and is the parties' own");

        // Two declines of four: three can no longer come together, and the version ends.
        let again = dearer.next(&desk, |clauses| clause(clauses, id)["payload"]["ceilings"][0]["fen"] = json!(fen + 200));
        again.sign("shiyou-unit-3").expect(201, "signature").unwrap();
        assert_eq!(again.decline("shiyou-unit-1", "太贵。").status, 201);
        assert_eq!(again.decline("shiyou-unit-2", "太贵。").status, 201);
        assert_eq!(again.state(), "declined");
        assert_eq!(outcome(&again.sign("shiyou-unit-4")), (409, "state-conflict"));
        app.settle();
        assert!(notices(&town.signer("shiyou-unit-3")).contains("到此为止"), "earlier signers hear of it too");

        // Shorter hours of one room: its own unit and both communities, 14 days.
        let clauses = town.person("shiyou-p-desk").get(&dearer.path("")).unwrap().body["clauses"].as_array().unwrap().clone();
        let grant = clauses.iter().find(|c| c["kind"] == "space_grant" && c["payload"]["by"] == "shiyou-unit-2").unwrap();
        let room = grant["spaces"][0].clone();
        let shorter = dearer.next(&desk, |clauses| clauses.push(json!({"id": "shorter", "kind": "open_hours", "spaces": [room.clone()], "text_zh": "这间提前关门。",
            "payload": {"weekly": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "10:00", "to": "12:00"}]}})));
        let needs = consent(&shorter);
        assert_eq!((&needs["requirements"][0]["change"], &needs["wait_days"]), (&json!("hours_narrower"), &json!(14)), "{needs}");
        let mut named: Vec<String> = needs["requirements"][0]["missing"].as_array().unwrap().iter().map(|o| o.as_str().unwrap().to_owned()).collect();
        let mut expected: Vec<String> = ["shiyou-unit-2", "shiyou-community-1", "shiyou-community-2"].iter().map(|code| town.organisation(code)).collect();
        named.sort();
        expected.sort();
        assert_eq!(named, expected);
        assert_eq!(shorter.decline("shiyou-unit-4", "不关我们的事。").status, 201);
        assert_eq!(shorter.sign("shiyou-community-1").body["agreed"], false);
        assert_eq!(shorter.sign("shiyou-community-2").body["agreed"], false);
        assert_eq!(shorter.sign("shiyou-unit-2").body["agreed"], true);
        assert_eq!(shorter.seen()["from"], "2026-12-11T16:00:00Z");

        // Nobody is put out of an agreement without being asked: it takes them too.
        clock.set(at("2026-12-12T10:00:00+08:00"));
        town.forget_people();
        let desk = town.person("shiyou-p-desk");
        let without = shorter.next(&desk, |clauses| {
            clause(clauses, "parties")["payload"]["parties"].as_array_mut().unwrap().retain(|p| p["organisation"] != "shiyou-community-2");
        });
        let missing = consent(&without)["requirements"][0]["missing"].clone();
        assert!(missing.as_array().unwrap().contains(&json!(town.organisation("shiyou-community-2"))), "{missing}");
        app.settle();
    }

    a_common_part_takes_the_owners_vote(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let admin = app.admin();
        let hub = Hub::bring_in(&admin, &YUXIN.replace("        title: yuxin-unit\n", "        title: common\n")).unwrap();
        let [lead, unit, desk, second, far] =
            ["yuxin-p-lead", "yuxin-p-unit", "yuxin-p-desk", "yuxin-p-desk-2", "yuxin-p-gym"].map(|code| hub.person(code).unwrap());
        let id = find(&lead, "/api/v1/agreements", "yuxin-partnership").unwrap();
        let path = |tail: &str| format!("/api/v1/agreements/{id}/versions/1{tail}");
        lead.post(&path("/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        let seen = lead.get(&path("")).unwrap().body;
        let party = |code: &str| seen["parties"].as_array().unwrap().iter().find(|p| p["code"] == code).unwrap()["organisation_id"].clone();
        for (who, code) in [(&lead, "yuxin-community"), (&unit, "yuxin-unit")] {
            let ask = json!({"organisation_id": party(code), "sha256": seen["sha256"]});
            assert_eq!(who.post(&path("/signatures"), &ask).unwrap().expect(201, "signature").unwrap().body["agreed"], false);
        }
        let consent = lead.get(&path("")).unwrap().body["consent"].clone();
        assert_eq!((&consent["state"], &consent["requirements"][1]["votes_missing"]), (&json!("open"), &json!(["special"])));

        // It is not held here.
        let here = desk.post(&path("/owners-votes"), &json!({})).unwrap();
        assert_eq!(outcome(&here), (409, "vote-runs-elsewhere"));
        assert!(here.text("/zh").contains("电子共同决策"), "{:?}", here.body);

        // 5,032 owners: 3,355 take part, 2,517 carry a special matter, by heads and by area.
        let vote = |change: &[(&str, Value)]| {
            let mut ask = json!({"sha256": seen["sha256"], "matter": "special", "heads_all": 5032, "heads_took_part": 3355, "heads_yes": 2517,
                "area_all": 45_000_000, "area_took_part": 30_000_000, "area_yes": 22_500_000, "area_basis": "register",
                "notice_on": "2026-11-05", "voted_on": "2026-11-20", "posted_on": "2026-11-23", "evidence_sha256": "d".repeat(64)});
            for (field, value) in change {
                ask[*field] = value.clone();
            }
            ask
        };
        let record = |ask: &Value| desk.post(&path("/owners-decisions"), ask).unwrap();
        for (change, field) in [
            (vec![("heads_yes", json!(3356))], "/heads_yes"),
            (vec![("area_took_part", json!(45_000_001))], "/area_took_part"),
            (vec![("heads_took_part", json!(0)), ("heads_yes", json!(0))], "/area_took_part"),
            (vec![("posted_on", json!("2026-11-29"))], "/posted_on"),
            (vec![("heads_all", json!(0))], "/heads_all"),
            (vec![("heads_yes", json!(-1))], "/heads_yes"),
            (vec![("heads_yes", json!(1.5))], "/heads_yes"),
            (vec![("area_all", json!(i64::MAX))], "/area_all"),
            (vec![("matter", json!("grave"))], "/matter"),
            (vec![("voted_on", json!("2026-02-30"))], "/voted_on"),
        ] {
            let refused = record(&vote(&change));
            let named = refused.body["errors"].as_array().into_iter().flatten().any(|e| e["pointer"] == field);
            assert_eq!((outcome(&refused), named), ((422, "invalid"), true), "{change:?}: {:?}", refused.body);
        }
        for (change, code, figure) in [
            (vec![("heads_yes", json!(2516))], "too-few-voted-yes", "2517"),
            (vec![("heads_took_part", json!(3354)), ("heads_yes", json!(3354))], "too-few-took-part", "3355"),
            (vec![("area_yes", json!(22_499_999))], "too-few-voted-yes", "22500000"),
            (vec![("area_took_part", json!(29_999_999))], "too-few-took-part", "30000000"),
            (vec![("notice_on", json!("2026-11-06"))], "notice-too-short", "15"),
            (vec![("posted_on", json!("2026-11-24"))], "posted-too-late", "3"),
        ] {
            let refused = record(&vote(&change));
            assert_eq!((outcome(&refused), refused.text("/reasons/0/code"), refused.text("/reasons/0/figure")), ((409, "vote-not-passed"), code, figure), "{:?}", refused.body);
        }
        assert_eq!(outcome(&record(&vote(&[("sha256", json!("0".repeat(64)))]))), (409, "hash-mismatch"));
        assert_eq!(rows(&mut app.db.conn(), "owners_votes"), 0);
        // An ordinary majority carries no special matter.
        let ordinary = record(&vote(&[("matter", json!("ordinary")), ("heads_yes", json!(1678)), ("area_yes", json!(15_000_001))]));
        let ordinary = ordinary.expect(201, "ordinary").unwrap();
        let special = record(&vote(&[])).expect(201, "special").unwrap();
        let confirm = |who: &Client, vote: &Answer| who.post(&path(&format!("/owners-decisions/{}/confirmation", vote.text("/id"))), &json!({})).unwrap();
        assert_eq!(outcome(&confirm(&desk, &special)), (403, "forbidden"), "a second person");
        assert_eq!(outcome(&confirm(&far, &special)), (403, "forbidden"));
        let waits = waiting(&second);
        assert_eq!((waits.len(), &waits[0]["waiting_for"]), (2, &json!("vote_confirmation")));
        assert_eq!(waiting(&desk), Vec::<Value>::new());
        assert_eq!(confirm(&second, &ordinary).expect(201, "ordinary").unwrap().text("/state"), "partially_signed");
        assert_eq!(confirm(&second, &special).expect(201, "special").unwrap().text("/state"), "agreed");
        assert_eq!(outcome(&confirm(&second, &special)), (409, "state-conflict"));
        app.settle();
    }

    soak_last_signatures_below_unanimity(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        let desk = town.person("shiyou-p-desk");
        let mut paper = Paper::of(&town, "shiyou-partnership", 1);
        // Rewording takes three of the four units, whoever they are.
        let mut clauses = desk.get(&paper.path("")).unwrap().body["clauses"].as_array().unwrap().clone();
        clause(&mut clauses, "amendment")["payload"]["rules"] =
            json!([{"change": "other", "consent": {"rule": "k_of", "capacity": "property_unit", "k": 3}, "wait_days": 0}]);
        desk.put(&paper.path(""), "*", &json!({ "clauses": clauses })).unwrap().expect(200, "draft").unwrap();
        town.sign("shiyou-partnership", &["shiyou-unit-1", "shiyou-unit-2", "shiyou-unit-3", "shiyou-unit-4", "shiyou-community-1", "shiyou-community-2"]);
        let units = ["shiyou-unit-1", "shiyou-unit-2", "shiyou-unit-3", "shiyou-unit-4"];
        let (usual, mut late) = (rounds(10), 0);
        for round in 0..usual {
            paper = paper.next(&desk, |clauses| clause(clauses, "hours")["text_zh"] = json!(format!("第 {round} 种说法。")));
            // One or two are missing, and two arrive: the last needed one agrees it, and what comes after is told so.
            let before = 1 + round % 2;
            for turn in 0..before {
                assert_eq!(paper.sign(units[(round + turn) % 4]).expect(201, "signature").unwrap().body["agreed"], false);
            }
            let arriving = [0, 1].map(|n| units[(round + before + n) % 4]);
            let asks = arriving.map(|unit| (town.signer(unit), paper.ask(unit)));
            // A busy machine says so, and is asked again.
            let answers = together(2, |n| loop {
                let answer = asks[n].0.post(&paper.path("/signatures"), &asks[n].1).unwrap();
                if answer.status != 503 {
                    break answer;
                }
            });
            let agreed = answers.iter().filter(|answer| answer.status == 201 && answer.body["agreed"] == true).count();
            assert_eq!(agreed, 1, "round {round}: {answers:?}");
            for answer in answers.iter().filter(|answer| answer.status != 201) {
                assert_eq!((outcome(answer), before), ((409, "state-conflict"), 2), "round {round}");
                late += 1;
            }
            let seen = paper.seen();
            let of = format!("version_id = '{}'", seen["id"].as_str().unwrap());
            let mut conn = app.db.conn();
            assert_eq!(seen["state"], "agreed", "round {round}");
            assert_eq!(rows(&mut conn, &format!("version_events WHERE {of} AND kind = 'agreed'")), 1, "round {round}");
            assert_eq!(rows(&mut conn, &format!("version_effects WHERE {of}")), 1, "round {round}");
            assert_eq!(rows(&mut conn, &format!("signatures WHERE {of}")), 3, "round {round}");
        }
        assert_eq!(late, usual / 2);
        println!("{backend:?}: {usual} agreements of three in four, {late} signatures came after");
        app.settle();
    }

    soak_a_decline_a_revocation_or_the_end_against_a_signature(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        let unit_id = town.organisation("yuxin-unit");
        let (mut signed_first, mut stopped_first, times) = ([0; 3], [0; 3], rounds(8));
        let mut paper = Paper::of(&town, "yuxin-partnership", 1);
        for round in 0..times * 3 {
            let lead = town.person("yuxin-p-lead");
            paper = paper.next(&lead, |_| {});
            let power = town.represent("yuxin-p-arts", "yuxin-unit", r#"["sign"]"#, None);
            let (signer, ask) = (town.person("yuxin-p-arts"), paper.ask("yuxin-unit"));
            let other = town.person("yuxin-p-unit");
            let closes = at(paper.seen()["closes_at"].as_str().unwrap());
            let kind = round % 3;
            let answers = together(2, |n| match (n, kind) {
                (0, _) => signer.post(&paper.path("/signatures"), &ask).unwrap().status,
                (_, 0) => other.post(&paper.path("/declines"), &json!({"organisation_id": unit_id, "reason": "再想想"})).unwrap().status,
                (_, 1) => other.post(&format!("/api/v1/representatives/{power}/revocation"), &json!({})).unwrap().status,
                _ => {
                    clock.set(closes);
                    0
                }
            });
            let mut conn = app.db.conn();
            let version = paper.version;
            let of = format!("version_id IN (SELECT id FROM agreement_versions WHERE agreement_id = '{}' AND version_no = {version})", paper.agreement);
            let signatures = rows(&mut conn, &format!("signatures WHERE {of}"));
            let declines = rows(&mut conn, &format!("declines WHERE {of}"));
            // Signed and kept, or refused and not there.
            assert_eq!(signatures, i64::from(answers[0] == 201), "round {round}: {answers:?}");
            match kind {
                0 => {
                    let mut both = answers.clone();
                    both.sort_unstable();
                    assert_eq!((both, signatures + declines), (vec![201, 409], 1), "one of both: {answers:?}");
                }
                1 => {
                    assert_eq!(answers[1], 201);
                    assert!([201, 403].contains(&answers[0]), "{answers:?}");
                    // Whatever the token says, nothing is signed with it afterwards.
                    assert_eq!(signer.post(&paper.path("/signatures"), &ask).unwrap().status, 403);
                }
                // 401: the clock that closed the window has ended the token too.
                _ => assert!([201, 401, 403, 409].contains(&answers[0]), "{answers:?}"),
            }
            if answers[0] == 201 { signed_first[kind] += 1 } else { stopped_first[kind] += 1 }
            // Ready for the next: the clock back, the version gone, the power gone.
            clock.set(at("2026-11-28T10:00:00+08:00"));
            town.forget_people();
            let lead = town.person("yuxin-p-lead");
            // A machine that is busy is asked again.
            let mut ended = std::iter::repeat_with(|| lead.post(&paper.path("/withdrawal"), &json!({})).unwrap().status);
            let ended = ended.find(|status| *status != 503).unwrap();
            assert!([201, 409].contains(&ended), "{ended}");
            app.db.sql("DELETE FROM representatives WHERE from_at = 1");
        }
        println!("{backend:?}: decline, revocation, end: {signed_first:?} signed before, {stopped_first:?} stopped first");
        app.settle();
    }

    a_representative_who_is_gone_signs_nothing(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let town = Town::build(&app);
        let paper = Paper::of(&town, "yuxin-partnership", 1).next(&town.person("yuxin-p-lead"), |_| {});
        let unit = town.person("yuxin-p-unit");
        let me = unit.get("/api/v1/me").unwrap().body["id"].as_str().unwrap().to_owned();
        app.db.sql(&format!("UPDATE accounts SET disabled_at = 1 WHERE id = '{me}'"));
        assert_eq!(outcome(&paper.sign_by(&unit, "yuxin-unit")), (401, "unauthenticated"));
        assert_eq!(outcome(&unit.post(&paper.path("/declines"), &json!({"organisation_id": town.organisation("yuxin-unit"), "reason": "x"})).unwrap()), (401, "unauthenticated"));
        assert_eq!(paper.state(), "proposed");
        // A reason longer than its cap, or none.
        for reason in ["长".repeat(501), String::new()] {
            let refused = town.person("yuxin-p-lead").post(&paper.path("/declines"), &json!({"organisation_id": town.organisation("yuxin-community"), "reason": reason}));
            assert_eq!(refused.unwrap().text("/errors/0/pointer"), "/reason");
        }
        app.settle();
    }
}
