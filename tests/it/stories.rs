//! Stories over HTTP on both backends: signing, paper, superseding, availability, prices, imports, notices, audit.

use crate::harness::process::yuxin_in_force;
use crate::harness::{TestApp, outcome, rows, served_at};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::audit;
use shangliang::demo::client::{Answer, Client};
use shangliang::demo::people::{Hub, find, spaces};
use shangliang::demo::seed::YUXIN;
use shangliang::demo::story;
use shangliang::kernel::Instant;
use shangliang::kernel::time::SetClock;
use shangliang::store::{Backend, backup};
use std::sync::Arc;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn served(backend: Backend, now: &str) -> (TestApp, Arc<SetClock>) {
    served_at(backend, at(now))
}

/// Jobs done, the audit chain whole, every invariant held.
fn good(app: &TestApp) {
    app.settle();
    while audit::link(app.store(), "test").unwrap() > 0 {}
    let verdict = app.store().read_now(|tx| audit::verify(tx)).unwrap();
    assert!(verdict.broken.is_empty() && verdict.entries > 0, "{:?}", verdict.broken);
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
}

fn import(admin: &Client, yaml: &str) -> Answer {
    let key = uuid::Uuid::now_v7().to_string();
    admin.raw("POST", "/api/v1/hub-imports", &[("idempotency-key", &key)], Some(("application/yaml", yaml.as_bytes()))).unwrap()
}

fn space(client: &Client, code: &str) -> String {
    spaces(client, "yuxin-centre").unwrap().into_iter().find(|(have, ..)| have == code).unwrap().1
}

fn ask(space: &str, what: &str, from: &str, to: &str, people: i64) -> Value {
    json!({"space_id": space, "use": what, "starts_at": from, "ends_at": to, "attendees": people})
}

fn reason<'a>(answer: &'a Answer, code: &str) -> &'a Value {
    let reasons = answer.body["reasons"].as_array().unwrap_or_else(|| panic!("{:?}", answer.body));
    reasons.iter().find(|reason| reason["code"] == code).unwrap_or_else(|| panic!("no {code} in {:?}", answer.body))
}

/// A version of an agreement, as its path.
struct Paper<'a> {
    by: &'a Client,
    agreement: String,
    version: i64,
}

impl<'a> Paper<'a> {
    fn of(by: &'a Client, code: &str, version: i64) -> Self {
        Self { by, agreement: find(by, "/api/v1/agreements", code).unwrap(), version }
    }
    fn path(&self, tail: &str) -> String {
        format!("/api/v1/agreements/{}/versions/{}{tail}", self.agreement, self.version)
    }
    fn seen(&self) -> Answer {
        self.by.get(&self.path("")).unwrap().expect(200, "version").unwrap()
    }
    fn propose(&self) {
        self.by.post(&self.path("/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
    }
    fn party(&self, code: &str) -> Value {
        let seen = self.seen();
        let party = seen.body["parties"].as_array().unwrap().iter().find(|party| party["code"] == code).cloned();
        party.unwrap_or_else(|| panic!("{code} is no party"))["organisation_id"].clone()
    }
    fn sign(&self, who: &Client, party: &str) -> Answer {
        let body = json!({"organisation_id": self.party(party), "sha256": self.seen().body["sha256"]});
        who.post(&self.path("/signatures"), &body).unwrap()
    }
    /// The next version, with clauses changed by hand.
    fn next(&self, change: impl Fn(&mut Vec<Value>)) -> Paper<'a> {
        let mut clauses = self.seen().body["clauses"].as_array().unwrap().clone();
        change(&mut clauses);
        let path = format!("/api/v1/agreements/{}/versions", self.agreement);
        let drafted = self.by.post(&path, &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        Paper { by: self.by, agreement: self.agreement.clone(), version: drafted.body["version"].as_i64().unwrap() }
    }
}

fn clause<'a>(clauses: &'a mut [Value], id: &str) -> &'a mut Value {
    clauses.iter_mut().find(|clause| clause["id"] == id).unwrap()
}

told_on_both! {
    the_main_job_can_be_told_again(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let admin = app.admin();
        story::tell(&admin, crate::harness::db::NOW).unwrap();
        story::tell(&admin, crate::harness::db::NOW).unwrap();
        good(&app);
    }

    a_party_declines_a_proposal_is_withdrawn_and_put_again(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let hub = Hub::bring_in(&app.admin(), YUXIN).unwrap();
        let (lead, unit) = (hub.person("yuxin-p-lead").unwrap(), hub.person("yuxin-p-unit").unwrap());
        let first = Paper::of(&lead, "yuxin-partnership", 1);
        first.propose();
        assert!(first.sign(&lead, "yuxin-community").status == 201);
        let decline = |paper: &Paper, reason: &str| unit.post(&paper.path("/declines"), &json!({"organisation_id": paper.party("yuxin-unit"), "reason": reason})).unwrap();
        assert_eq!(decline(&first, "").status, 422, "a decline needs its reason");
        assert_eq!(decline(&first, "水电费要分摊。").status, 201);
        let seen = first.seen();
        assert_eq!(seen.text("/state"), "declined");
        assert!(seen.body["parties"].to_string().contains("水电费要分摊"));
        assert_eq!(outcome(&first.sign(&unit, "yuxin-unit")), (409, "state-conflict"));

        let second = first.next(|_| {});
        second.propose();
        assert_eq!(second.sign(&lead, "yuxin-community").status, 201);
        lead.post(&second.path("/withdrawal"), &json!({})).unwrap().expect(201, "withdrawal").unwrap();
        assert_eq!(outcome(&second.sign(&unit, "yuxin-unit")), (409, "state-conflict"));

        // Put again: what was signed before does not count.
        let third = second.next(|_| {});
        third.propose();
        assert_eq!(third.sign(&unit, "yuxin-unit").body["agreed"], false);
        assert_eq!(outcome(&third.sign(&unit, "yuxin-unit")), (409, "state-conflict"));
        assert_eq!(third.sign(&lead, "yuxin-community").body["agreed"], true);

        app.settle();
        let notices = |who: &Client| who.get("/api/v1/notices?limit=100").unwrap().body["items"].to_string();
        for word in ["请您签署", "已撤回"] {
            assert!(notices(&unit).contains(word), "the unit was not told: {word}");
        }
        assert!(notices(&lead).contains("拒签") && notices(&lead).contains("各方都已签署"));
        good(&app);
    }

    who_signs_when_and_what(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        // assumption of this test: the lead may sign for the unit too.
        let yaml = YUXIN.replace("representatives:\n", "representatives:\n  - {person: yuxin-p-lead, organisation: yuxin-unit, powers: [sign], from: 2025-10-01, evidence: 委托书}\n");
        let hub = Hub::bring_in(&app.admin(), &yaml).unwrap();
        let [lead, unit, gym, desk] = ["yuxin-p-lead", "yuxin-p-unit", "yuxin-p-gym", "yuxin-p-desk"].map(|code| hub.person(code).unwrap());

        // Another text than the one proposed; then two parties by one person.
        let paper = Paper::of(&lead, "yuxin-partnership", 1);
        paper.propose();
        let wrong = json!({"organisation_id": paper.party("yuxin-community"), "sha256": "0".repeat(64)});
        assert_eq!(outcome(&lead.post(&paper.path("/signatures"), &wrong).unwrap()), (409, "hash-mismatch"));
        assert_eq!(paper.sign(&lead, "yuxin-community").status, 201);
        assert_eq!(outcome(&paper.sign(&lead, "yuxin-unit")), (409, "dual-agency"));
        assert_eq!(outcome(&paper.sign(&desk, "yuxin-community")), (403, "forbidden"));

        // On paper: recorded by the desk, confirmed by the party.
        let record = |who: &Client, paper: &Paper, party: &str| {
            let body = json!({"organisation_id": paper.party(party), "sha256": paper.seen().body["sha256"], "evidence_sha256": "a".repeat(64)});
            who.post(&paper.path("/paper-signatures"), &body).unwrap()
        };
        let recorded = record(&desk, &paper, "yuxin-unit").expect(201, "paper").unwrap();
        assert_eq!(recorded.body["agreed"], false, "paper counts once confirmed");
        let confirmation = |paper: &Paper, recorded: &Answer| paper.path(&format!("/paper-signatures/{}/confirmation", recorded.text("/signature_id")));
        assert_eq!(outcome(&desk.post(&confirmation(&paper, &recorded), &json!({})).unwrap()), (403, "forbidden"), "the desk is no party");
        assert_eq!(outcome(&lead.post(&confirmation(&paper, &recorded), &json!({})).unwrap()), (409, "dual-agency"));
        let confirmed = unit.post(&confirmation(&paper, &recorded), &json!({})).unwrap().expect(201, "confirmation").unwrap();
        assert_eq!(confirmed.body["agreed"], true);

        // Whoever recorded the paper cannot confirm it, even as a representative of the party.
        let second = paper.next(|_| {});
        second.propose();
        let own = record(&lead, &second, "yuxin-community").expect(201, "paper").unwrap();
        assert_eq!(outcome(&lead.post(&confirmation(&second, &own), &json!({})).unwrap()), (403, "forbidden"));

        // Stages: the gym signs after the community.
        let drafted = Paper::of(&lead, "yuxin-gym-agreement", 1);
        let mut clauses = drafted.seen().body["clauses"].as_array().unwrap().clone();
        clause(&mut clauses, "parties")["payload"]["parties"][0]["stage"] = json!(2);
        let site = find(&lead, "/api/v1/sites", "yuxin-gym").unwrap();
        let area = find(&lead, "/api/v1/areas", "yuxin-garden").unwrap();
        let made = lead.post("/api/v1/agreements", &json!({"code": "yuxin-staged", "area_id": area, "title_zh": "分步签署", "site_ids": [site]})).unwrap();
        let agreement = made.expect(201, "agreement").unwrap().text("/id").to_owned();
        lead.post(&format!("/api/v1/agreements/{agreement}/versions"), &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        let staged = Paper { by: &lead, agreement, version: 1 };
        staged.propose();
        assert_eq!(outcome(&staged.sign(&gym, "yuxin-gym-operator")), (409, "out-of-turn"));
        assert_eq!(staged.sign(&lead, "yuxin-community").body["agreed"], false);
        assert_eq!(staged.sign(&gym, "yuxin-gym-operator").body["agreed"], true);
        good(&app);
    }

    a_new_version_supersedes_from_its_moment(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00:00+08:00");
        let hub = yuxin_in_force(&app.admin());
        let [lead, unit, resident] = ["yuxin-p-lead", "yuxin-p-unit", "yuxin-p-res-1"].map(|code| hub.person(code).unwrap());
        let library = space(&app.client, "shuyuan");
        let early = ask(&library, "reading", "2026-12-02T09:00:00+08:00", "2026-12-02T10:00:00+08:00", 5);
        let kept = resident.post("/api/v1/bookings", &early).unwrap().expect(201, "by version 1").unwrap();

        clock.set(at("2026-11-28T10:05:00+08:00"));
        let second = Paper::of(&lead, "yuxin-partnership", 1).next(|clauses| {
            let weekly = &mut clause(clauses, "hours")["payload"]["weekly"][0];
            (weekly["from"], weekly["to"]) = (json!("10:00"), json!("18:00"));
        });
        second.propose();
        let now = app.client.get(&format!("/api/v1/spaces/{library}/terms")).unwrap().expect(200, "terms").unwrap();
        assert_eq!((&now.body["unsigned"], now.body["terms"] == json!([])), (&json!([]), false), "it is open: what is negotiated is the parties' own");
        assert_eq!(second.sign(&unit, "yuxin-unit").status, 201);
        assert_eq!(second.sign(&lead, "yuxin-community").body["agreed"], true);

        let hours = |when: &str| {
            let answer = app.client.get(&format!("/api/v1/spaces/{library}/terms?at={}", when.replace('+', "%2B"))).unwrap().expect(200, "terms").unwrap();
            let found = answer.body["terms"].as_array().unwrap().iter().find(|term| term["kind"] == "open_hours").cloned();
            found.map(|term| (term["version"].as_i64().unwrap(), term["payload"]["weekly"][0]["from"].as_str().unwrap().to_owned()))
        };
        assert_eq!(hours("2026-11-28T09:59:59+08:00"), None, "nobody had signed");
        assert_eq!(hours("2026-11-28T10:04:59+08:00"), Some((1, "08:30".into())));
        // Shorter hours wait 14 days from the day they are agreed.
        assert_eq!(hours("2026-12-11T23:59:59+08:00"), Some((1, "08:30".into())));
        assert_eq!(hours("2026-12-12T00:00:00+08:00"), Some((2, "10:00".into())));
        assert_eq!(hours("2027-06-01T12:00:00+08:00"), Some((2, "10:00".into())));
        assert_eq!(Paper::of(&lead, "yuxin-partnership", 1).seen().text("/effect"), "in_force");
        assert_eq!((second.seen().text("/effect"), second.seen().text("/from")), ("pending", "2026-12-11T16:00:00Z"));

        let neighbour = hub.person("yuxin-p-res-4").unwrap();
        let later = ask(&library, "reading", "2026-12-14T09:00:00+08:00", "2026-12-14T10:00:00+08:00", 5);
        let refused = neighbour.post("/api/v1/bookings", &later).unwrap().expect(409, "by version 2").unwrap();
        let why = reason(&refused, "outside-hours");
        assert_eq!((why["clause"].as_str(), why["version"].as_i64()), (Some("hours"), Some(2)));
        // What was booked before stays.
        let still = resident.get(&format!("/api/v1/bookings/{}", kept.text("/id"))).unwrap();
        assert_eq!((still.text("/state"), &still.body["clauses"][0]["version"]), ("confirmed", &json!(1)));
        good(&app);
    }

    a_draft_with_a_gap_or_a_conflict_is_not_put_to_the_parties(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let hub = yuxin_in_force(&app.admin());
        let lead = hub.person("yuxin-p-lead").unwrap();
        let draft = Paper::of(&lead, "yuxin-partnership", 1).next(|clauses| {
            clauses.retain(|clause| clause["kind"] != "utilities_payer");
            let mut again = clause(clauses, "hours").clone();
            again["id"] = json!("again");
            clauses.push(again);
        });
        let refused = lead.post(&draft.path("/proposal"), &json!({})).unwrap();
        assert_eq!((outcome(&refused), refused.body["reasons"].as_array().unwrap().len()), ((409, "not-proposable"), 2), "{:?}", refused.body);
        assert_eq!(reason(&refused, "missing-clause")["figure"], "utilities_payer");
        assert_eq!(reason(&refused, "conflicting-clauses")["figure"], "hours, again");
        assert_eq!(draft.seen().text("/state"), "draft");
        good(&app);
    }

    availability_says_why(backend) {
        let (app, _) = served(backend, "2026-09-20T10:00:00+08:00");
        let hub = Hub::bring_in(&app.admin(), YUXIN).unwrap();
        let proposed = hub.propose("yuxin-partnership", "yuxin-community").unwrap();
        proposed.sign("yuxin-community").unwrap();
        proposed.sign("yuxin-unit").unwrap();
        let hall = space(&app.client, "hall");
        let days = |date: &str, view: &str| {
            let answer = app.client.get(&format!("/api/v1/spaces/{hall}/availability?date={date}&view={view}")).unwrap();
            answer.expect(200, "availability").unwrap().body["days"].as_array().unwrap().clone()
        };
        for (view, count) in [("day", 1), ("week", 7), ("month", 31)] {
            assert_eq!(days("2026-10-01", view).len(), count, "{view}");
        }
        let holiday = days("2026-10-01", "day").remove(0);
        assert_eq!((&holiday["day_type"], &holiday["provisional"]), (&json!("holiday"), &json!(false)));
        assert!(holiday["holiday_zh"].as_str().is_some_and(|name| name.contains("国庆")), "{holiday}");
        let free: Vec<_> = holiday["segments"].as_array().unwrap().iter().filter(|s| s["state"] == "free").collect();
        assert_eq!((free.len(), &free[0]["from"], &free[0]["to"]), (1, &json!("09:00"), &json!("17:00")));
        let closed = &holiday["segments"][0];
        assert_eq!((&closed["reasons"][0]["code"], &closed["reasons"][0]["clause"]), (&json!("outside-hours"), &json!("hours")));
        // Make-up workday, ordinary day, a year whose notice is not out.
        assert_eq!(days("2026-10-10", "day")[0]["day_type"], "makeup_workday");
        let later = days("2027-03-01", "day").remove(0);
        assert_eq!((&later["provisional"], &later["day_type"]), (&json!(true), &json!("workday")));
        good(&app);
    }

    whole_and_parts_exclude_each_other_and_a_check_leaves_nothing(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let hub = yuxin_in_force(&app.admin());
        let [two, three, four] = ["yuxin-p-res-2", "yuxin-p-res-3", "yuxin-p-res-4"].map(|code| hub.person(code).unwrap());
        let [hall, east, west] = ["hall", "dong", "xi"].map(|code| space(&app.client, code));
        let on = |space: &str, day: &str| ask(space, "meeting", &format!("{day}T15:00:00+08:00"), &format!("{day}T16:00:00+08:00"), 10);

        // Linked, so that nothing moves from one table of the audit to the other meanwhile.
        app.link();
        let counted = |tables: &[&str]| tables.iter().map(|table| rows(&mut app.db.conn(), table)).collect::<Vec<_>>();
        let tables = ["bookings", "occupancy", "audit_pending", "audit_chain", "outbox", "notices", "postings", "idempotency_keys"];
        let before = counted(&tables);
        let check = two.post("/api/v1/bookings/check", &on(&hall, "2026-12-02")).unwrap().expect(200, "check").unwrap();
        assert_eq!((&check.body["bookable"], check.body["quote"].is_object()), (&json!(true), true));
        assert_eq!(counted(&tables), before, "a check is a dry run");

        two.post("/api/v1/bookings", &on(&hall, "2026-12-02")).unwrap().expect(201, "hall").unwrap();
        for part in [&east, &west] {
            assert_eq!(outcome(&four.post("/api/v1/bookings", &on(part, "2026-12-02")).unwrap()), (409, "period-taken"));
        }
        four.post("/api/v1/bookings", &on(&east, "2026-12-03")).unwrap().expect(201, "east").unwrap();
        assert_eq!(outcome(&two.post("/api/v1/bookings", &on(&hall, "2026-12-03")).unwrap()), (409, "period-taken"));
        two.post("/api/v1/bookings", &on(&west, "2026-12-03")).unwrap().expect(201, "west").unwrap();

        // The whole household is told.
        app.settle();
        let notices = three.get("/api/v1/notices?limit=100").unwrap().body["items"].to_string();
        assert!(notices.contains("已订好"), "the other member of the household was not told: {notices}");
        good(&app);
    }

    a_price_is_pinned_and_held_to_its_ceiling(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let admin = app.admin();
        let hub = yuxin_in_force(&admin);
        let yaml = crate::harness::process::yuxin_any_day();
        let (resident, hall) = (hub.person("yuxin-p-res-1").unwrap(), space(&app.client, "hall"));
        let show = |day: &str| ask(&hall, "performance", &format!("2026-12-{day}T15:00:00+08:00"), &format!("2026-12-{day}T17:00:00+08:00"), 50);
        let booked = resident.post("/api/v1/bookings", &show("02")).unwrap().expect(201, "show").unwrap();
        assert_eq!(booked.body["price_fen"], 6000);
        let lines: Vec<_> = booked.body["quote"]["lines"].as_array().unwrap().iter().map(|line| [&line["label_en"], &line["amount"], &line["en"]]).collect();
        assert_eq!(json!(lines), json!([["Cleaning", 4000, "40.00 yuan/session × 1 = 40.00 yuan"], ["Sound", 2000, "20.00 yuan/session × 1 = 20.00 yuan"]]));

        let cheaper = import(&admin, &yaml.replace("fen: 4000, per: session}\n          - {label_zh: 音响费", "fen: 3000, per: session}\n          - {label_zh: 音响费"));
        assert_eq!(cheaper.status, 201, "{:?}", cheaper.body);
        let kept = resident.get(&format!("/api/v1/bookings/{}", booked.text("/id"))).unwrap();
        assert_eq!((&kept.body["price_fen"], &kept.body["quote"]), (&json!(6000), &booked.body["quote"]));
        assert_eq!(resident.post("/api/v1/bookings", &show("03")).unwrap().expect(201, "show").unwrap().body["price_fen"], 5000);

        let dearer = import(&admin, &yaml.replace("label_en: Sound, fen: 2000", "label_en: Sound, fen: 2001"));
        assert_eq!(dearer.status, 201, "a tariff is no party's consent: {:?}", dearer.body);
        let refused = resident.post("/api/v1/bookings", &show("04")).unwrap().expect(409, "over the ceiling").unwrap();
        assert_eq!(reason(&refused, "over-ceiling")["clause"], "ceiling");

        // A price left out ends: a show then costs what every other use costs, and what was booked still costs what it did.
        let (start, end) = ("      - spaces: [hall]\n        use: performance", "      - spaces: [dong, xi]\n        use: performance");
        let without = format!("{}{}", yaml.split_once(start).unwrap().0, &yaml[yaml.find(end).unwrap()..]);
        let ended = import(&admin, &without).expect(201, "without a price").unwrap();
        assert_eq!(ended.body["ended"], json!(["tariff yuxin-centre/hall performance"]));
        assert_eq!(resident.post("/api/v1/bookings", &show("05")).unwrap().expect(201, "show").unwrap().body["price_fen"], 0);
        let kept = resident.get(&format!("/api/v1/bookings/{}", booked.text("/id"))).unwrap();
        assert_eq!((&kept.body["price_fen"], &kept.body["quote"]), (&json!(6000), &booked.body["quote"]));
        good(&app);
    }

    imports_repeat_and_refuse(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00:00+08:00");
        let admin = app.admin();
        // 1,152.00 m² are full to the last hundredth.
        let over = import(&admin, &YUXIN.replace("area_m2: 118.50", "area_m2: 118.51"));
        assert_eq!(outcome(&over), (422, "hub-file-invalid"));
        assert!(over.body["errors"].as_array().unwrap().iter().any(|error| error["line"].as_u64().is_some_and(|line| line > 1)), "{:?}", over.body);
        assert_eq!(rows(&mut app.db.conn(), "sites"), 0, "everything or nothing");
        assert_eq!(import(&admin, YUXIN).status, 201);

        app.settle();
        let tables = ["areas", "accounts", "organisations", "representatives", "role_grants", "sites", "floors", "spaces", "atoms", "tariffs", "agreements", "agreement_versions", "version_events"];
        let counted = || tables.map(|table| rows(&mut app.db.conn(), table));
        let before = counted();
        let again = import(&admin, YUXIN).expect(201, "again").unwrap();
        assert_eq!(counted(), before);
        assert!(again.body["spaces"]["created"] == 0, "{:?}", again.body);

        // What stands and what the file says instead, both; trying it says the same and does nothing either.
        let larger = YUXIN.replace("area_m2: 118.50", "area_m2: 100.00");
        for path in ["/api/v1/hub-imports", "/api/v1/hub-imports?dry_run=true"] {
            let refused = admin.raw("POST", path, &[("idempotency-key", path)], Some(("application/yaml", larger.as_bytes()))).unwrap();
            assert_eq!(outcome(&refused), (409, "import-refused"), "{:?}", refused.body);
            let said = refused.text("/errors/0/en");
            assert!(said.contains("118.50 m²") && said.contains("100.00 m²") && refused.body["errors"][0]["line"].is_u64(), "{:?}", refused.body);
        }
        assert_eq!(counted(), before);

        // A space that is gone from its floor: what was imported is not removed by silence.
        let (head, rest) = YUXIN.split_once("          - code: yazhu\n").unwrap();
        let tail = &rest[rest.find("          - code: hall\n").unwrap()..];
        let gone = import(&admin, &format!("{head}{tail}"));
        assert_eq!(outcome(&gone), (409, "import-refused"), "{:?}", gone.body);
        let errors = gone.body["errors"].as_array().unwrap();
        assert!(!errors.is_empty() && errors.iter().all(|error| error["line"].is_u64()), "{:?}", gone.body);
        assert_eq!(counted(), before);
        good(&app);
    }
}

#[test]
fn metrics_are_on_the_second_listener_only() {
    let app = crate::harness::TestApp::start(shangliang::store::Backend::Sqlite);
    assert_eq!(app.client.get("/api/v1/uses").unwrap().status, 200);
    assert_eq!(app.client.get("/metrics").unwrap().status, 404);
    let text = app.metrics();
    assert!(text.contains("http_server_request_duration_seconds_count{method=\"GET\",route=\"/api/v1/uses\"} 1"), "{text}");
    assert!(text.contains("http_server_answers_total{method=\"GET\",route=\"/api/v1/uses\",answer=\"2xx\"} 1"), "{text}");
    for name in
        ["db_pool_in_use ", "db_tx_retries_total ", "password_hash_queue ", "outbox_oldest_age_seconds ", "auth_refresh_reuse_total "]
    {
        assert!(text.contains(&format!("\n{name}")), "{name}: {text}");
    }
    let number = |name: &str| app.metrics().lines().find_map(|line| line.strip_prefix(name)?.parse::<u64>().ok()).unwrap();
    assert!(number("db_statements_total ") > 10);
    // The hourly round empties the log; whoever signs in writes into it.
    crate::harness::mail::until("the log has bytes", std::time::Duration::from_secs(5), || {
        app.admin();
        number("sqlite_wal_bytes ") > 0
    });
}
