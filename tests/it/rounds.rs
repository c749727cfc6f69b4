//! 反复式商量: round after round until the four property units of 石油大院 agree.

use crate::harness::{TestApp, TestDb, Town, outcome, rounds, rows, served, waiting};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::time::SetClock;
use shangliang::store::Backend;
use std::sync::Barrier;

const UNITS: [&str; 4] = ["shiyou-unit-1", "shiyou-unit-2", "shiyou-unit-3", "shiyou-unit-4"];

/// The talks about one agreement of the town.
struct Talks<'t> {
    town: &'t Town<'t>,
    desk: Client,
    agreement: String,
    version: i64,
}

impl<'t> Talks<'t> {
    fn about_shiyou(town: &'t Town<'t>) -> Self {
        let desk = town.person("shiyou-p-desk");
        let page = desk.get("/api/v1/agreements").unwrap();
        let mut agreements = page.body["items"].as_array().unwrap().iter();
        let agreement = agreements.find(|a| a["code"].as_str().unwrap().starts_with("shiyou")).unwrap()["id"].as_str().unwrap().to_owned();
        Self { town, desk, agreement, version: 1 }
    }
    fn path(&self, tail: &str) -> String {
        format!("/api/v1/agreements/{}/versions/{}{tail}", self.agreement, self.version)
    }
    fn verb(&self, tail: &str) -> Answer {
        self.desk.post(&self.path(tail), &json!({})).unwrap()
    }
    fn done(&self, tail: &str) {
        self.verb(tail).expect(201, tail).unwrap();
    }
    fn seen(&self) -> Value {
        self.desk.get(&self.path("")).unwrap().expect(200, "version").unwrap().body
    }
    fn say(&self, unit: &str, stand: &str, text: Option<&str>) -> Answer {
        let body = json!({"organisation_id": self.town.organisation(unit), "sha256": self.seen()["sha256"], "stand": stand, "text": text});
        self.town.signer(unit).post(&self.path("/positions"), &body).unwrap()
    }
    fn said(&self, unit: &str, stand: &str, text: Option<&str>) -> String {
        self.say(unit, stand, text).expect(201, "position").unwrap().text("/position_id").to_owned()
    }
    fn reply(&self, position: &str) -> Answer {
        self.desk.post(&self.path(&format!("/positions/{position}/reply")), &json!({"text": "写进新一版了。"})).unwrap()
    }
    fn next_version(&mut self, change: impl Fn(&mut [Value])) -> Answer {
        let mut clauses = self.seen()["clauses"].as_array().unwrap().clone();
        change(&mut clauses);
        let drafted = self.desk.post(&format!("/api/v1/agreements/{}/versions", self.agreement), &json!({ "clauses": clauses })).unwrap();
        if drafted.status == 201 {
            self.version = drafted.body["version"].as_i64().unwrap();
        }
        drafted
    }
    fn rounds(&self, who: &Client) -> Answer {
        who.get(&format!("/api/v1/agreements/{}/rounds", self.agreement)).unwrap()
    }
}

fn reword(clauses: &mut [Value]) {
    let hours = clauses.iter_mut().find(|clause| clause["kind"] == "open_hours").unwrap();
    let (before, mark) = (hours["text_zh"].as_str().unwrap(), "（改过一次）");
    // Marked once more, or no more: a text may not grow without end.
    let text = if before.chars().count() > 500 { before.replace(mark, "") } else { format!("{before}{mark}") };
    hours["text_zh"] = json!(text);
}

fn three_rounds(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    let mut talks = Talks::about_shiyou(&town);
    let unit = town.signer("shiyou-unit-1");
    let waits = |who: &Client| waiting(who).first().map_or(Value::Null, |one| one["waiting_for"].clone());

    // Before anything is put to them there is nothing to say.
    assert_eq!(outcome(&talks.say("shiyou-unit-1", "support", None)), (422, "invalid"));
    talks.done("/round");
    assert_eq!(waits(&unit), "position");
    let hash = talks.seen()["sha256"].clone();
    assert_eq!(hash.as_str().unwrap().len(), 64);

    // Round 1: two support, one under a condition, one objects.
    talks.said("shiyou-unit-1", "support", None);
    talks.said("shiyou-unit-2", "support", Some("早点开。"));
    let condition = talks.said("shiyou-unit-3", "support_if", Some("冬天要提前一小时关门。"));
    assert_eq!(waits(&unit), Value::Null);

    // A condition and an objection are written down; nobody speaks twice, for others, or of another text.
    for stand in ["support_if", "object"] {
        let refused = talks.say("shiyou-unit-4", stand, None);
        assert_eq!(outcome(&refused), (422, "invalid"));
        assert_eq!(refused.text("/errors/0/pointer"), "/text");
    }
    // A thousand characters are heard, one more is not.
    for stand in ["support_if", "object", "abstain"] {
        let refused = talks.say("shiyou-unit-4", stand, Some(&"长".repeat(1001)));
        assert_eq!((outcome(&refused), refused.text("/errors/0/pointer")), ((422, "invalid"), "/text"));
    }
    let reason = format!("水电费谁出没写清楚。{}", "长".repeat(990));
    let objection = talks.said("shiyou-unit-4", "object", Some(&reason));
    assert_eq!(outcome(&talks.say("shiyou-unit-1", "object", Some("改主意了"))), (409, "state-conflict"));
    let body = |hash: &Value| json!({"organisation_id": town.organisation("shiyou-unit-1"), "sha256": hash, "stand": "abstain"});
    assert_eq!(talks.town.signer("shiyou-unit-2").post(&talks.path("/positions"), &body(&hash)).unwrap().status, 403);
    assert_eq!(outcome(&unit.post(&talks.path("/positions"), &body(&json!("0".repeat(64)))).unwrap()), (409, "hash-mismatch"));

    // While the round is open nothing follows it.
    assert_eq!(outcome(&talks.next_version(|_| ())), (409, "state-conflict"));
    assert_eq!(talks.verb("/round").status, 409);
    talks.done("/round/closing");
    assert_eq!(outcome(&talks.verb("/round/closing")), (409, "state-conflict"));

    // Unanswered positions stand against proposing and against the next round, each by name.
    let refused = talks.verb("/proposal");
    assert_eq!(outcome(&refused), (409, "not-proposable"));
    let reasons = refused.body["reasons"].as_array().unwrap();
    assert_eq!(reasons.iter().filter(|r| r["code"] == "unanswered-position").count(), 2, "{reasons:?}");
    talks.reply(&objection).expect(201, "reply").unwrap();
    assert_eq!(outcome(&talks.reply(&objection)), (409, "state-conflict"));
    assert_eq!(talks.next_version(reword).status, 201);
    assert_eq!(talks.version, 2);
    let refused = talks.verb("/round");
    assert_eq!(outcome(&refused), (409, "not-proposable"));
    assert!(refused.text("/reasons/0/zh").contains("第三产权单位"), "{:?}", refused.body);
    // The reply to a position of the first round is still owed, and can be given.
    talks.version = 1;
    talks.reply(&condition).expect(201, "late reply").unwrap();
    talks.version = 2;

    // What the new version changes, and what it says of both.
    let changes = |from: &str| talks.desk.get(&talks.path(&format!("/changes{from}"))).unwrap();
    let told = changes("").expect(200, "changes").unwrap().body;
    assert_eq!((told["from"].as_i64(), told["to"].as_i64()), (Some(1), Some(2)));
    let changed: Vec<&Value> = told["changes"].as_array().unwrap().iter().filter(|c| c["change"] != "same").collect();
    let [hours] = changed.as_slice() else { panic!("{changed:?}") };
    assert_eq!((hours["change"].as_str(), hours["kind"].as_str()), (Some("reworded"), Some("open_hours")));
    assert_eq!(hours["before"]["plain"], hours["after"]["plain"]);
    assert_ne!(hours["before"]["text_zh"], hours["after"]["text_zh"]);
    assert!(changes("?from=2").body["changes"].as_array().unwrap().iter().all(|c| c["change"] == "same"));
    assert_eq!((changes("?from=9").status, outcome(&changes("?from=x"))), (404, (422, "invalid")));
    assert_eq!(app.client.get(&talks.path("/changes")).unwrap().status, 404);

    // Round 2: nobody speaks of the version before.
    talks.done("/round");
    assert_ne!(talks.seen()["sha256"], hash);
    assert_eq!(outcome(&unit.post(&talks.path("/positions"), &body(&hash)).unwrap()), (409, "hash-mismatch"));
    assert_eq!(rows(&mut app.db.conn(), "positions"), 4);

    // One says nothing, which is never consent; nobody has to answer silence.
    for unit in &UNITS[..3] {
        talks.said(unit, "support", None);
    }
    talks.done("/round/closing");
    assert_eq!(talks.next_version(reword).status, 201);

    // Round 3: four support. The version that was talked over is the one that is signed, hash and all.
    talks.done("/round");
    for unit in UNITS {
        talks.said(unit, "support", None);
    }
    assert_eq!(outcome(&talks.verb("/proposal")), (409, "state-conflict"), "the round is open");
    talks.done("/round/closing");
    let talked_over = talks.seen()["sha256"].clone();
    talks.done("/proposal");
    assert_eq!(talks.seen()["sha256"], talked_over);
    assert_eq!(waits(&unit), "signature");

    // Everything said stays readable for those concerned; nobody else knows of it before something is agreed.
    let told = talks.rounds(&unit).expect(200, "rounds").unwrap().body;
    let stands = |round: usize| -> Vec<String> {
        let voices = told[round]["voices"].as_array().unwrap().iter();
        let mut all: Vec<String> = voices.map(|v| v["position"]["stand"].as_str().unwrap_or("no response").to_owned()).collect();
        all.retain(|stand| stand != "no response");
        all.sort();
        all
    };
    assert_eq!(stands(0), ["object", "support", "support", "support_if"]);
    assert_eq!((stands(1).len(), stands(2)), (3, vec!["support".to_owned(); 4]));
    let objection = told[0]["voices"].as_array().unwrap().iter().find(|v| v["position"]["stand"] == "object").unwrap();
    assert_eq!(objection["position"]["reply"]["text"], "写进新一版了。");
    assert_eq!(talks.rounds(&app.client).status, 404);
    let parties: Vec<String> =
        told[2]["voices"].as_array().unwrap().iter().map(|v| v["organisation_id"].as_str().unwrap().to_owned()).collect();
    for party in parties {
        let code = town.shiyou.file.organisations.iter().find(|o| town.organisation(&o.code) == party).unwrap().code.clone();
        let body = json!({"organisation_id": party, "sha256": talked_over});
        town.signer(&code).post(&talks.path("/signatures"), &body).unwrap().expect(201, "signature").unwrap();
    }
    assert_eq!(talks.seen()["state"], "agreed");
    assert_eq!(talks.rounds(&app.client).body.as_array().unwrap().len(), 3, "and then everybody may read how it came about");
    app.settle();

    // What was said is never changed, whatever is tried.
    let mut conn = app.db.conn();
    assert_eq!(rows(&mut conn, "positions"), 11);
    for statement in ["UPDATE positions SET text = 'x'", "DELETE FROM positions", "UPDATE position_replies SET text = 'x'"] {
        use diesel::connection::SimpleConnection;
        assert!(conn.batch_execute(statement).is_err(), "{statement}");
    }
}

told_on_both! {
    shorter_hours_are_told_as_they_were_and_as_they_would_be(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let mut talks = Talks::about_shiyou(&town);
        talks.done("/round");
        talks.done("/round/closing");
        let shorter = |clauses: &mut [Value]| {
            let hours = clauses.iter_mut().find(|clause| clause["id"] == "hours").unwrap();
            hours["payload"]["weekly"][0]["to"] = json!("18:30");
        };
        assert_eq!(talks.next_version(shorter).status, 201);
        let told = talks.desk.get(&talks.path("/changes")).unwrap().expect(200, "changes").unwrap().body;
        let changed: Vec<&Value> = told["changes"].as_array().unwrap().iter().filter(|c| c["change"] != "same").collect();
        let [hours] = changed.as_slice() else { panic!("{changed:?}") };
        assert_eq!((hours["change"].as_str(), hours["kind"].as_str()), (Some("changed"), Some("open_hours")));
        for language in ["zh", "en"] {
            let names = |side: &str, hour: &str| hours[side]["plain"][language].as_str().unwrap().contains(hour);
            assert!(names("before", "20:00") && !names("before", "18:30"), "{language}: {hours}");
            assert!(names("after", "18:30") && !names("after", "20:00"), "{language}: {hours}");
        }
        app.settle();
    }
}

/// A position and the close of the round arrive together: it is in the round, or refused, and never after the close.
fn a_position_against_the_close(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    let mut talks = Talks::about_shiyou(&town);
    let (mut heard, times) = (0, rounds(10));
    for _ in 0..times {
        talks.done("/round");
        let (sha256, barrier) = (talks.seen()["sha256"].clone(), Barrier::new(3));
        let body = json!({"organisation_id": town.organisation("shiyou-unit-1"), "sha256": sha256, "stand": "support"});
        let (unit, path) = (town.signer("shiyou-unit-1"), talks.path("/positions"));
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let speak = || {
                scope.spawn(|| {
                    barrier.wait();
                    unit.post(&path, &body).unwrap().status
                })
            };
            let (first, second) = (speak(), speak());
            barrier.wait();
            talks.done("/round/closing");
            vec![first.join().unwrap(), second.join().unwrap()]
        });
        assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
        let told = talks.rounds(&unit).body;
        let last = told.as_array().unwrap().last().unwrap();
        let said = last["voices"].as_array().unwrap().iter().filter(|v| !v["position"].is_null()).count();
        assert_eq!(said, statuses.iter().filter(|status| **status == 201).count(), "{last}");
        assert!(said <= 1);
        heard += said;
        assert_eq!(talks.next_version(reword).status, 201);
    }
    println!("{backend:?}: {heard} of {times} positions were heard before the close");
}

#[test]
fn three_rounds_sqlite() {
    three_rounds(Backend::Sqlite);
}

#[test]
fn three_rounds_postgres() {
    three_rounds(Backend::Postgres);
}

#[test]
fn soak_a_position_against_the_close_sqlite() {
    a_position_against_the_close(Backend::Sqlite);
}

#[test]
fn soak_a_position_against_the_close_postgres() {
    a_position_against_the_close(Backend::Postgres);
}
