//! How an agreement lives beside its versions: suspended and opened again, ended by notice, taken back, settled and closed.

use crate::harness::{TestApp, TestDb, Town, number, outcome, rounds, rows, served_at, together, waiting};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::Instant;
use shangliang::kernel::id::{GrantId, Id, SpaceId};
use shangliang::kernel::time::SetClock;
use shangliang::store::{Backend, backup};
use std::sync::Arc;

mod stepping_up;
mod suspensions;

const PARTIES: [&str; 6] = ["shiyou-unit-1", "shiyou-unit-2", "shiyou-unit-3", "shiyou-unit-4", "shiyou-community-1", "shiyou-community-2"];

/// A minute in Beijing.
pub fn at(text: &str) -> Instant {
    Instant::parse(&format!("{text}:00+08:00")).unwrap()
}

fn served(backend: Backend, now: &str) -> (TestApp, Arc<SetClock>) {
    served_at(backend, at(now))
}

/// Code and field, or code and reason, of a refusal.
fn why(answer: &Answer) -> (u16, &str, &str) {
    let field = answer.text("/errors/0/pointer");
    (answer.status, answer.text("/code"), if field.is_empty() { answer.text("/reasons/0/code") } else { field })
}

/// The hub of 石油大院, signed by all six.
pub struct Hub<'t> {
    /// Where it is.
    pub town: &'t Town<'t>,
    clock: Arc<SetClock>,
    path: String,
}

impl<'t> Hub<'t> {
    /// Signs it.
    pub fn of(town: &'t Town<'t>, clock: &Arc<SetClock>) -> Self {
        town.sign("shiyou-partnership", &PARTIES);
        Self { town, clock: clock.clone(), path: format!("/api/v1/agreements/{}", town.agreement("shiyou-partnership")) }
    }
    /// Moves the clock.
    pub fn set(&self, now: &str) {
        self.clock.set(at(now));
        self.town.forget_people();
    }
    /// A wish.
    pub fn ask(&self, room: &str, what: &str, people: i64, from: &str, to: &str) -> Value {
        json!({"space_id": self.town.space(&format!("shiyou-hub/{room}")), "use": what, "attendees": people,
            "starts_at": format!("{from}:00+08:00"), "ends_at": format!("{to}:00+08:00")})
    }
    /// Books it for somebody; the id.
    pub fn book(&self, who: &str, ask: &Value) -> String {
        let made = self.town.person(who).post("/api/v1/bookings", ask).unwrap().expect(201, "booking").unwrap();
        made.text("/id").to_owned()
    }
    /// The state of somebody's booking.
    pub fn state(&self, who: &str, booking: &str) -> String {
        self.town.person(who).get(&format!("/api/v1/bookings/{booking}")).unwrap().text("/state").to_owned()
    }
    /// A verb of the agreement.
    pub fn post(&self, who: &Client, tail: &str, body: &Value) -> Answer {
        who.post(&format!("{}{tail}", self.path), body).unwrap()
    }
    /// How it lives.
    pub fn life(&self) -> Value {
        self.town.app.client.get(&self.path).unwrap().body["life"].clone()
    }
}

/// `{disposition: bookings}` of an answer, without zeroes.
pub fn counts(answer: &Answer) -> Value {
    let all = answer.body["impact"]["counts"].as_array().unwrap_or_else(|| panic!("{:?}", answer.body));
    let some = all.iter().filter(|c| c["bookings"] != 0 && c["disposition"] != "unaffected");
    some.map(|c| (c["disposition"].as_str().unwrap().to_owned(), c["bookings"].clone())).collect::<serde_json::Map<_, _>>().into()
}

/// What is paid back at once, in fen.
pub fn refunds(answer: &Answer) -> i64 {
    answer.body["impact"]["counts"].as_array().unwrap().iter().map(|c| c["refund_fen"].as_i64().unwrap()).sum()
}

/// Spaces closed at once, until they are opened again.
pub fn immediate(town: &Town, spaces: &[&str]) -> Value {
    let spaces: Vec<String> = spaces.iter().map(|code| town.space(code)).collect();
    json!({"urgency": "immediate", "ground": "safety", "text": "天花板掉了一块。", "evidence": "现场照片三张，房管员签字。", "space_ids": spaces})
}

told_on_both! {
    the_end_is_told_four_times_and_never_renewed_by_silence(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let path = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
        // Until 24:00 of 31 December 2028; the community is told of its other agreement too.
        let told = |who: &str| {
            let notices = town.person(who).get("/api/v1/notices?limit=100").unwrap();
            let about = |n: &&Value| n["kind"] == "agreement.expiring" && path.ends_with(n["subject"].as_str().unwrap());
            notices.body["items"].as_array().unwrap().iter().filter(about).count()
        };
        let life = || app.client.get(&path).unwrap().body["life"].clone();
        for (moment, times, expiring) in [
            ("2028-10-02T23:59", 0, false),
            ("2028-10-03T00:00", 1, true),
            ("2028-11-01T23:59", 1, true),
            ("2028-11-02T00:00", 2, true),
            ("2028-12-02T00:00", 3, true),
            ("2028-12-24T23:59", 3, true),
            ("2028-12-25T00:00", 4, true),
            ("2028-12-31T23:59", 4, true),
        ] {
            clock.set(at(moment));
            town.forget_people();
            app.settle();
            assert_eq!((told("yuxin-p-unit"), told("yuxin-p-lead"), life()["expiring"] == true), (times, times, expiring), "{moment}");
        }
        assert!(town.person("yuxin-p-unit").get("/api/v1/notices?limit=1").unwrap().body["items"][0]["text_zh"].as_str().unwrap().contains("不会自动续"));
        clock.set(at("2029-01-01T00:00"));
        town.forget_people();
        let over = life();
        assert_eq!((&over["phase"], &over["ended_by"]), (&json!("ended"), &json!("expired")));
        let refused = town.person("yuxin-p-res-2").post("/api/v1/bookings", &town.ask(2, 600)).unwrap();
        assert_eq!(why(&refused), (409, "booking-refused", "term-ended"));
        app.settle();
    }

    a_renewal_is_told_of_no_more(backend) {
        let (app, clock) = served(backend, "2028-11-28T10:00");
        let town = Town::build(&app);
        let path = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
        let lead = town.signer("yuxin-community");
        let told = || {
            let notices = town.person("yuxin-p-unit").get("/api/v1/notices?limit=100").unwrap();
            notices.body["items"].as_array().unwrap().iter().filter(|n| n["kind"] == "agreement.expiring").count()
        };
        let mut clauses = lead.get(&format!("{path}/versions/1")).unwrap().body["clauses"].as_array().unwrap().clone();
        let term = clauses.iter_mut().find(|clause| clause["id"] == "term").unwrap();
        term["payload"] = json!({"first_day": "2029-01-01", "last_day": "2029-12-31"});
        lead.post(&format!("{path}/versions"), &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        lead.post(&format!("{path}/versions/2/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        // A successor still being signed opens nothing and silences nothing.
        clock.set(at("2028-12-02T00:00"));
        town.forget_people();
        app.settle();
        assert_eq!(told(), 1);
        let sha256 = town.signer("yuxin-unit").get(&format!("{path}/versions/2")).unwrap().text("/sha256").to_owned();
        for party in ["yuxin-unit", "yuxin-community"] {
            let body = json!({"organisation_id": town.organisation(party), "sha256": sha256});
            town.signer(party).post(&format!("{path}/versions/2/signatures"), &body).unwrap().expect(201, "signature").unwrap();
        }
        clock.set(at("2028-12-25T00:00"));
        town.forget_people();
        app.settle();
        assert_eq!(told(), 1, "it goes on");
        let life = app.client.get(&path).unwrap().body["life"].clone();
        assert_eq!((&life["expiring"], &life["ends_at"]), (&json!(false), &json!("2029-12-31T16:00:00Z")));
        app.settle();
    }

    a_unit_leaves_and_then_notice_ends_it_all(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let hub = Hub::of(&town, &clock);
        let say = |party: &str| json!({"organisation_id": town.organisation(party), "text": "单位搬迁，收回场地。"});
        let unit = town.signer("shiyou-unit-1");

        // Nobody speaks for another party, gives a shorter notice, or leaves who lends nothing.
        assert_eq!(outcome(&hub.post(&unit, "/withdrawals", &say("shiyou-unit-2"))), (403, "forbidden"));
        let mut early = say("shiyou-unit-1");
        early["last_day"] = json!("2027-02-25");
        let refused = hub.post(&unit, "/withdrawals", &early);
        assert_eq!((why(&refused), refused.text("/reasons/0/figure")), ((409, "state-conflict", "short-notice"), "2027-02-26"));
        early["last_day"] = json!("2026-11-28");
        assert_eq!(why(&hub.post(&unit, "/withdrawals", &early)), (422, "invalid", "/last_day"));
        let lead = town.signer("shiyou-community-1");
        assert_eq!(why(&hub.post(&lead, "/withdrawals", &say("shiyou-community-1"))), (409, "state-conflict", "not-alone"));

        // 90 days: the day of the notice is not counted, the last ends at 24:00.
        let seen = hub.post(&unit, "/withdrawals?dry_run=true", &say("shiyou-unit-1")).expect(200, "dry run").unwrap();
        assert_eq!((seen.text("/ends_at"), hub.life()["withdrawals"].clone()), ("2027-02-26T16:00:00Z", json!([])));
        hub.post(&unit, "/withdrawals", &say("shiyou-unit-1")).expect(201, "withdrawal").unwrap();
        assert_eq!(outcome(&hub.post(&unit, "/withdrawals", &say("shiyou-unit-1"))), (409, "state-conflict"));
        assert_eq!(hub.life()["withdrawals"][0]["space_ids"].as_array().unwrap().len(), 2);

        hub.set("2027-02-20T10:00");
        let resident = town.person("shiyou-p-res-1");
        let book = |room: &str, what: &str, day: &str| {
            let ask = hub.ask(room, what, 2, &format!("{day}T14:00"), &format!("{day}T15:00"));
            resident.post("/api/v1/bookings", &ask).unwrap()
        };
        assert_eq!(book("party-space", "study", "2027-02-26").status, 201);
        let after = book("party-space", "study", "2027-02-27");
        assert_eq!((why(&after), after.text("/reasons/0/figure")), ((409, "booking-refused", "term-ended"), "2027-02-26"));
        let stands = book("culture-space", "art", "2027-02-27").expect(201, "the rest stands").unwrap();

        // Notice of termination: 90 days again; what is booked for later has its answer now.
        let lead = town.signer("shiyou-community-1");
        let late = book("culture-space", "art", "2027-04-20").expect(201, "before the end").unwrap();
        let notice = hub.post(&lead, "/termination-notices", &say("shiyou-community-1")).expect(201, "notice").unwrap();
        assert_eq!(notice.text("/ends_at"), "2027-05-21T16:00:00Z");
        for (tail, who) in [("/termination-notices", "shiyou-community-1"), ("/withdrawals", "shiyou-unit-2")] {
            assert_eq!(why(&hub.post(&town.signer(who), tail, &say(who))), (409, "state-conflict", "notice-runs"), "{tail}");
        }
        for id in [stands.text("/id"), late.text("/id")] {
            assert_eq!(hub.state("shiyou-p-res-1", id), "confirmed");
        }
        let objection = format!("/termination-notices/{}/objections", notice.text("/termination_id"));
        assert_eq!(outcome(&hub.post(&lead, &objection, &say("shiyou-community-1"))), (409, "state-conflict"), "one's own notice");
        let third = town.signer("shiyou-unit-3");
        hub.post(&third, &objection, &say("shiyou-unit-3")).expect(201, "objection").unwrap();
        assert_eq!(outcome(&hub.post(&third, &objection, &say("shiyou-unit-3"))), (409, "state-conflict"));
        let life = hub.life();
        assert_eq!((&life["notice"]["disputed_by"][0], &life["phase"]), (&json!(town.organisation("shiyou-unit-3")), &json!("active")));
        let record = json!({"text": "水电已结清，押金已退。"});
        assert_eq!(why(&hub.post(&lead, "/settlement", &record)), (409, "state-conflict", "not-ended"));

        // The end comes by itself; then it is settled, and closed by a second person.
        hub.set("2027-05-21T23:59");
        assert_eq!(hub.life()["phase"], "active");
        hub.set("2027-05-22T00:00");
        let life = hub.life();
        assert_eq!((&life["phase"], &life["ended_by"]), (&json!("ended"), &json!("terminated")));
        let refused = town.person("shiyou-p-res-1").post("/api/v1/bookings", &hub.ask("culture-space", "art", 2, "2027-05-24T14:00", "2027-05-24T15:00")).unwrap();
        assert_eq!((why(&refused), refused.text("/reasons/0/figure")), ((409, "booking-refused", "term-ended"), "2027-05-21"));
        let (desk, street) = (town.person("shiyou-p-desk"), town.person("shiyou-p-street"));
        assert_eq!(why(&hub.post(&street, "/closing", &record)), (409, "state-conflict", "not-settled"));
        hub.post(&desk, "/settlement", &record).expect(201, "settlement").unwrap();
        assert_eq!(why(&hub.post(&desk, "/settlement", &record)), (409, "state-conflict", "settling"));
        assert_eq!(outcome(&hub.post(&desk, "/closing", &record)), (403, "forbidden"), "a second person closes");
        // How it was settled is for the parties; that it was, for everybody.
        let settlement = |who: &Client| who.get(&hub.path).unwrap().body["life"]["settlement"].clone();
        let inside = settlement(&town.signer("shiyou-unit-3"));
        assert_eq!((&inside["text"], inside["account_id"].is_string(), &inside["closed_at"]), (&record["text"], true, &Value::Null));
        let outside = settlement(&app.client);
        assert_eq!((&outside["text"], &outside["account_id"], outside["opened_at"].is_string()), (&Value::Null, &Value::Null, true));
        hub.post(&street, "/closing", &record).expect(201, "closing").unwrap();
        assert_eq!(settlement(&town.signer("shiyou-unit-3"))["closing_text"], record["text"]);
        assert_eq!((hub.life()["phase"].clone(), hub.life()["possible"].clone()), (json!("closed"), json!([])));
        let clauses = desk.get(&format!("{}/versions/1", hub.path)).unwrap().body["clauses"].clone();
        assert_eq!(why(&hub.post(&desk, "/versions", &json!({ "clauses": clauses }))), (409, "state-conflict", "closed"));
        app.settle();
        assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    }

    only_whom_it_binds_objects_to_a_notice(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let path = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
        let lead = town.signer("yuxin-community");
        let say = |party: &str| json!({"organisation_id": town.organisation(party), "text": "还要再商量。"});
        let post = |party: &str, tail: &str, body: &Value| town.signer(party).post(&format!("{path}{tail}"), body).unwrap();
        // A version with a third party was signed by all three, and taken back before it took effect.
        let mut clauses = lead.get(&format!("{path}/versions/1")).unwrap().body["clauses"].as_array().unwrap().clone();
        let third = json!({"organisation": "yuxin-gym-operator", "capacity": "operator", "stage": 1});
        for clause in &mut clauses {
            match clause["id"].as_str().unwrap() {
                "term" => clause["payload"]["first_day"] = json!("2027-01-01"),
                "parties" => clause["payload"]["parties"].as_array_mut().unwrap().push(third.clone()),
                _ => {}
            }
        }
        lead.post(&format!("{path}/versions"), &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        lead.post(&format!("{path}/versions/2/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        let sha256 = lead.get(&format!("{path}/versions/2")).unwrap().text("/sha256").to_owned();
        let all = ["yuxin-gym-operator", "yuxin-unit", "yuxin-community"];
        for party in all {
            let body = json!({"organisation_id": town.organisation(party), "sha256": sha256});
            let signed = post(party, "/versions/2/signatures", &body).expect(201, party).unwrap();
            assert_eq!(signed.body["agreed"], party == all[2], "{party}");
        }
        for party in all {
            let consented = post(party, "/annulment", &say(party)).expect(201, party).unwrap();
            assert_eq!(consented.body["annulled"], party == all[2], "{party}");
        }

        // On the day it was to begin, and once the notice has run out, the parties are still the two.
        clock.set(at("2027-01-05T10:00"));
        town.forget_people();
        let notice = post("yuxin-community", "/termination-notices", &say("yuxin-community")).expect(201, "notice").unwrap();
        let objection = format!("/termination-notices/{}/objections", notice.text("/termination_id"));
        assert_eq!(outcome(&post("yuxin-gym-operator", &objection, &say("yuxin-gym-operator"))), (403, "forbidden"));
        clock.set(Instant::parse(notice.text("/ends_at")).unwrap().plus_days(1));
        town.forget_people();
        assert_eq!(app.client.get(&path).unwrap().text("/life/phase"), "ended");
        assert_eq!(outcome(&post("yuxin-gym-operator", &objection, &say("yuxin-gym-operator"))), (403, "forbidden"));
        post("yuxin-unit", &objection, &say("yuxin-unit")).expect(201, "objection").unwrap();
        app.settle();
        assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    }

    units_leave_one_after_the_other_and_the_last_one_ends_it_instead(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let hub = Hub::of(&town, &clock);
        let leave = |unit: &str| {
            let said = json!({"organisation_id": town.organisation(unit), "text": "房子另有用途。"});
            hub.post(&town.signer(unit), "/withdrawals", &said)
        };
        for unit in &PARTIES[..3] {
            leave(unit).expect(201, unit).unwrap();
            assert_eq!(outcome(&leave(unit)), (409, "state-conflict"), "{unit} leaves once");
        }
        assert_eq!(why(&leave(PARTIES[3])), (409, "state-conflict", "not-alone"));
        // Gone, it does not leave again.
        hub.set("2027-03-01T10:00");
        app.settle();
        assert_eq!((outcome(&leave(PARTIES[0])), why(&leave(PARTIES[3]))), ((409, "state-conflict"), (409, "state-conflict", "not-alone")));
        assert_eq!(hub.life()["phase"], "active");
        app.settle();
    }

    all_who_signed_take_it_back_before_it_takes_effect(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let path = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
        let (lead, unit) = (town.signer("yuxin-community"), town.signer("yuxin-unit"));
        let word = |party: &str| json!({"organisation_id": town.organisation(party), "text": "还要再商量。"});
        let annul = |who: &Client, party: &str| who.post(&format!("{path}/annulment"), &word(party)).unwrap();
        assert_eq!(why(&annul(&lead, "yuxin-community")), (409, "state-conflict", "in-effect"));

        let mut clauses = lead.get(&format!("{path}/versions/1")).unwrap().body["clauses"].as_array().unwrap().clone();
        for clause in &mut clauses {
            match clause["id"].as_str().unwrap() {
                "term" => clause["payload"]["first_day"] = json!("2027-01-01"),
                "hours" => clause["payload"]["weekly"][0]["to"] = json!("18:00"),
                _ => {}
            }
        }
        lead.post(&format!("{path}/versions"), &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        lead.post(&format!("{path}/versions/2/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        let sha256 = lead.get(&format!("{path}/versions/2")).unwrap().text("/sha256").to_owned();
        for (who, party) in [(&lead, "yuxin-community"), (&unit, "yuxin-unit")] {
            let body = json!({"organisation_id": town.organisation(party), "sha256": sha256});
            who.post(&format!("{path}/versions/2/signatures"), &body).unwrap().expect(201, "signature").unwrap();
        }
        let closes = |day: &str| {
            let space = town.space("yuxin-centre/moxuan");
            let answer = app.client.get(&format!("/api/v1/spaces/{space}/terms?at={day}T12:00:00%2B08:00")).unwrap();
            let hours = answer.body["terms"].as_array().unwrap().iter().find(|t| t["kind"] == "open_hours").cloned();
            hours.map(|t| (t["version"].clone(), t["payload"]["weekly"][0]["to"].clone()))
        };
        assert_eq!(closes("2027-02-01"), Some((json!(2), json!("18:00"))));
        assert_eq!(app.client.get(&path).unwrap().body["life"]["pending_version"], 2);

        let first = annul(&lead, "yuxin-community").expect(201, "first").unwrap();
        assert_eq!((&first.body["version"], &first.body["annulled"]), (&json!(2), &json!(false)));
        assert_eq!(outcome(&annul(&lead, "yuxin-community")), (409, "state-conflict"));
        assert_eq!(closes("2027-02-01"), Some((json!(2), json!("18:00"))), "one alone takes nothing back");
        assert_eq!(annul(&unit, "yuxin-unit").expect(201, "last").unwrap().body["annulled"], true);
        for day in ["2026-12-31", "2027-02-01", "2028-12-31"] {
            assert_eq!(closes(day), Some((json!(1), json!("21:00"))), "{day}");
        }
        let seen = lead.get(&format!("{path}/versions/2")).unwrap();
        assert_eq!((seen.text("/state"), &seen.body["effect"]), ("annulled", &Value::Null));
        assert_eq!(app.client.get(&path).unwrap().body["life"]["phase"], "active");
        assert_eq!(why(&annul(&unit, "yuxin-unit")), (409, "state-conflict", "in-effect"));
        // And the talk goes on.
        lead.post(&format!("{path}/versions"), &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        app.settle();
        assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    }
}

/// Notice of termination and the last signature of an amendment arrive together: whichever is first, all of it ends when the
/// notice says.
fn notice_against_the_last_signature(backend: Backend) {
    for _ in 0..rounds(6) {
        let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
        let town = Town::build(&app);
        let id = town.agreement("yuxin-partnership");
        let path = format!("/api/v1/agreements/{id}");
        let (lead, unit) = (town.signer("yuxin-community"), town.signer("yuxin-unit"));
        let clauses = lead.get(&format!("{path}/versions/1")).unwrap().body["clauses"].clone();
        lead.post(&format!("{path}/versions"), &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        lead.post(&format!("{path}/versions/2/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        let sha256 = lead.get(&format!("{path}/versions/2")).unwrap().text("/sha256").to_owned();
        let sign = |who: &Client, party: &str| {
            let body = json!({"organisation_id": town.organisation(party), "sha256": sha256});
            who.post(&format!("{path}/versions/2/signatures"), &body).unwrap()
        };
        sign(&lead, "yuxin-community").expect(201, "first").unwrap();
        let answers = together(2, |n| {
            if n == 0 {
                return sign(&unit, "yuxin-unit");
            }
            let body = json!({"organisation_id": town.organisation("yuxin-community"), "text": "另有安排。"});
            lead.post(&format!("{path}/termination-notices"), &body).unwrap()
        });
        assert_eq!(answers[0].clone().expect(201, "last signature").unwrap().body["agreed"], true);
        let ends_at = answers[1].clone().expect(201, "notice").unwrap().text("/ends_at").to_owned();
        let end = Instant::parse(&ends_at).unwrap().0;
        let mut conn = app.db.conn();
        assert_eq!(rows(&mut conn, &format!("terms WHERE agreement_id = '{id}' AND to_at > {end}")), 0);
        assert_eq!(
            number(
                &mut conn,
                &format!(
                    "SELECT MAX(to_at) AS n FROM version_effects f JOIN agreement_versions v ON v.id = f.version_id WHERE v.agreement_id = '{id}'"
                )
            ),
            end
        );
        assert_eq!(app.client.get(&path).unwrap().text("/life/ends_at"), ends_at);
        app.settle();
    }
}

#[test]
fn soak_notice_against_the_last_signature_sqlite() {
    notice_against_the_last_signature(Backend::Sqlite);
}

#[test]
fn soak_notice_against_the_last_signature_postgres() {
    notice_against_the_last_signature(Backend::Postgres);
}
