//! What happens to bookings already made when the agreement changes: shown before anybody signs, carried out with the last
//! signature, answered by their holders.

use crate::harness::{TestApp, Town, good, number, outcome, recorded, rounds, rows, served_at, together};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::Client;
use shangliang::demo::seed::YUXIN;
use shangliang::impact::model::{Disposition, Event, Of};
use shangliang::kernel::Instant;
use shangliang::kernel::time::SetClock;
use shangliang::store::Backend;
use shangliang::{agreements, impact};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sunday 1 November 2026, 10:00 in Shanghai: no holiday within sixty days of it.
const NOW: &str = "2026-11-01T10:00:00+08:00";
/// Residents of different households, who book in turn.
const PEOPLE: [&str; 4] = ["yuxin-p-res-1", "yuxin-p-res-2", "yuxin-p-res-4", "yuxin-p-grid"];

fn now() -> Instant {
    Instant::parse(NOW).unwrap()
}

fn served(backend: Backend) -> (TestApp, Arc<SetClock>) {
    served_at(backend, now())
}

/// The agreement of the centre, as the desk works on it.
pub struct Centre<'t> {
    town: &'t Town<'t>,
    agreement: String,
    no: i64,
}

impl<'t> Centre<'t> {
    /// Its first version, in force.
    pub fn of(town: &'t Town<'t>) -> Self {
        Self { town, agreement: town.agreement("yuxin-partnership"), no: 1 }
    }
    fn path(&self, tail: &str) -> String {
        format!("/api/v1/agreements/{}/versions/{}{tail}", self.agreement, self.no)
    }
    fn desk(&self) -> Client {
        self.town.person("yuxin-p-lead")
    }
    fn clauses(&self) -> Vec<Value> {
        self.desk().get(&self.path("")).unwrap().expect(200, "version").unwrap().body["clauses"].as_array().unwrap().clone()
    }
    /// Drafts the next version from the present one.
    fn draft(&mut self, change: impl Fn(&mut Vec<Value>)) {
        let mut clauses = self.clauses();
        change(&mut clauses);
        let path = format!("/api/v1/agreements/{}/versions", self.agreement);
        let drafted = self.desk().post(&path, &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        self.no = drafted.body["version"].as_i64().unwrap();
    }
    fn propose(&self) {
        self.desk().post(&self.path("/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
    }
    fn sign(&self) {
        let sha256 = self.desk().get(&self.path("")).unwrap().text("/sha256").to_owned();
        let mut agreed = false;
        for party in ["yuxin-unit", "yuxin-community"] {
            let body = json!({"organisation_id": self.town.organisation(party), "sha256": sha256});
            let signed = self.town.signer(party).post(&self.path("/signatures"), &body).unwrap().expect(201, "signature").unwrap();
            agreed = signed.body["agreed"] == true;
        }
        assert!(agreed);
    }
    /// Drafts, proposes and signs the next version.
    pub fn agree(&mut self, change: impl Fn(&mut Vec<Value>)) {
        self.draft(change);
        self.propose();
        self.sign();
    }
    /// What its version does to bookings.
    pub fn impact(&self) -> Value {
        self.desk().get(&self.path("/impact")).unwrap().expect(200, "impact").unwrap().body
    }
}

fn clause<'c>(clauses: &'c mut [Value], id: &str) -> &'c mut Value {
    clauses.iter_mut().find(|clause| clause["id"] == id).unwrap_or_else(|| panic!("no clause {id}"))
}

/// Every day until an hour, from the first day on.
pub fn open_until(hour: &str, first_day: Option<String>) -> impl Fn(&mut Vec<Value>) {
    let hour = hour.to_owned();
    move |clauses| {
        let hours = clause(clauses, "hours");
        hours["payload"]["weekly"] = json!([{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "08:30", "to": hour}]);
        hours["text_zh"] = json!(format!("活动中心每日8时30分至{hour}开放。"));
        if let Some(day) = &first_day {
            clause(clauses, "term")["payload"]["first_day"] = json!(day);
        }
    }
}

/// From the first day on; the waits of the consent rules are over by day 14.
fn from_day(day: String) -> impl Fn(&mut Vec<Value>) {
    move |clauses| clause(clauses, "term")["payload"]["first_day"] = json!(day)
}

/// The civil day so many days after today.
pub fn day(town: &Town, days: i64) -> String {
    town.at(days, 0)[..10].to_owned()
}

/// A wish of ten people, `days` ahead.
pub fn ask(town: &Town, space: &str, what: &str, days: i64, from: u16, to: u16) -> Value {
    json!({"space_id": town.space(space), "use": what, "attendees": 10, "starts_at": town.at(days, from), "ends_at": town.at(days, to)})
}

/// Books it; the id.
pub fn book(by: &Client, ask: &Value) -> String {
    by.post("/api/v1/bookings", ask).unwrap().expect(201, "booking").unwrap().text("/id").to_owned()
}

/// Bookings by disposition, without zeroes.
pub fn counted(impact: &Value) -> BTreeMap<String, i64> {
    let counts = impact["counts"].as_array().unwrap().iter();
    let counts = counts.map(|count| (count["disposition"].as_str().unwrap().to_owned(), count["bookings"].as_i64().unwrap()));
    counts.filter(|(_, n)| *n > 0).collect()
}

/// The same as it is expected.
pub fn of(counts: &[(&str, i64)]) -> BTreeMap<String, i64> {
    counts.iter().map(|(word, n)| ((*word).to_owned(), *n)).collect()
}

/// Ids of bookings by what became of them.
fn bookings_of(centre: &Centre, disposition: &str) -> Vec<Value> {
    let path = centre.path(&format!("/impact/bookings?disposition={disposition}&limit=100"));
    centre.desk().get(&path).unwrap().expect(200, "list").unwrap().body["items"].as_array().unwrap().clone()
}

/// An exhibition in the east hall costs this, and may.
fn priced_at(fen: i64) -> impl Fn(&mut Vec<Value>) {
    move |clauses| {
        for ceiling in clause(clauses, "ceiling")["payload"]["ceilings"].as_array_mut().unwrap() {
            if ceiling["use"] == "exhibition" {
                ceiling["fen"] = json!(fen);
            }
        }
    }
}

told_on_both! {
    hours_narrowed_over_twenty_bookings(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        let mut centre = Centre::of(&town);
        centre.agree(open_until("22:00", None));
        // Twenty evenings, one each: 3 before the effect on day 14, 5 in the 14 protected days, 12 later.
        let evenings = [2, 3, 4, 15, 16, 17, 18, 19, 29, 30, 31, 32, 33, 36, 37, 38, 39, 40, 41, 42];
        let mut booked = Vec::new();
        for (n, days) in evenings.iter().enumerate() {
            let person = PEOPLE[n % PEOPLE.len()];
            let wish = ask(&town, "yuxin-centre/dong", "exhibition", *days, 20 * 60 + 30, 21 * 60 + 30);
            booked.push((person, book(&town.person(person), &wish), *days));
        }
        app.settle();

        // The draft shows what it would do, and writes nothing.
        centre.draft(open_until("20:00", Some(day(&town, 14))));
        let plans = || rows(&mut app.db.conn(), "impact_plans WHERE stage = 'previewed'");
        let before = plans();
        let live = centre.impact();
        assert_eq!((live["stage"].as_str(), counted(&live)), (Some("live"), of(&[("kept", 8), ("rearrange_offered", 12)])));
        assert_eq!((plans(), rows(&mut app.db.conn(), "matters")), (before, 0));
        let weeks: i64 = live["weeks"].as_array().unwrap().iter().flat_map(|w| w["counts"].as_array().unwrap()).map(|c| c["bookings"].as_i64().unwrap()).sum();
        assert_eq!(weeks, 20);

        // The signers see it as it was when it was proposed; who holds what is for those who run the spaces.
        centre.propose();
        let unit = town.signer("yuxin-unit");
        let shown = unit.get(&centre.path("/impact")).unwrap().expect(200, "preview").unwrap().body;
        assert_eq!((shown["stage"].as_str(), counted(&shown)), (Some("previewed"), counted(&live)));
        let listed = unit.get(&centre.path("/impact/bookings?limit=15")).unwrap().expect(200, "list").unwrap().body;
        assert_eq!((listed["items"].as_array().unwrap().len(), listed["items"][0]["holder"].is_null()), (15, true));
        let next = format!("/impact/bookings?limit=15&cursor={}", listed["next_cursor"].as_str().unwrap());
        assert_eq!(unit.get(&centre.path(&next)).unwrap().body["items"].as_array().unwrap().len(), 5);
        assert_eq!(listed["items"][0]["reasons"][0]["code"], "outside-hours");
        assert_eq!(listed["items"][0]["reasons"][0]["clause"], "hours");
        let run = centre.desk().get(&centre.path("/impact/bookings?limit=1")).unwrap().body;
        assert!(run["items"][0]["holder"]["person"].is_string(), "{run}");

        // The last signature carries it out.
        centre.sign();
        app.settle();
        let done = centre.impact();
        assert_eq!((done["stage"].as_str(), counted(&done)), (Some("applied"), counted(&live)));
        let kept = bookings_of(&centre, "kept");
        let offered = bookings_of(&centre, "rearrange_offered");
        assert_eq!((kept.len(), offered.len()), (8, 12));
        let told = rows(&mut app.db.conn(), "notices WHERE kind = 'impact.applied'");
        // One notice each for whoever lives in the four households (res-3 lives with res-2).
        assert_eq!(told, 5);
        // One entry each for both agreements and both changes, linked or about to be.
        assert_eq!(recorded(&app, "impact.applied"), 4);

        // Each of the twelve is offered something, the first of it held; seven take it, five say nothing.
        let (mut taken, mut silent) = (Vec::new(), Vec::new());
        for (person, id, days) in &booked {
            let holder = town.person(person);
            let met = holder.get(&format!("/api/v1/bookings/{id}/impact")).unwrap().expect(200, "impact").unwrap().body;
            let matter = &met[0]["matter"];
            if *days < 28 {
                assert_eq!((met[0]["disposition"].as_str(), matter.is_null()), (Some("kept"), true));
                continue;
            }
            let alternatives = matter["alternatives"].as_array().unwrap();
            assert!(!alternatives.is_empty() && alternatives.len() <= 3 && alternatives[0]["held"] == true, "{met}");
            assert_eq!(matter["due_at"], "2026-11-08T02:00:00Z", "seven days");
            if taken.len() < 7 {
                let body = json!({"alternative": 1});
                let moved = holder.post(&format!("/api/v1/bookings/{id}/offer/acceptance"), &body).unwrap().expect(201, "acceptance").unwrap();
                taken.push((id.clone(), moved.text("/moved_to").to_owned()));
            } else {
                silent.push((*person, id.clone()));
            }
        }
        for (old, new) in &taken {
            let desk = centre.desk();
            let was = desk.get(&format!("/api/v1/bookings/{old}")).unwrap().body;
            assert_eq!((was["state"].as_str(), was["moved_to"].as_str()), (Some("moved"), Some(new.as_str())));
            let is = desk.get(&format!("/api/v1/bookings/{new}")).unwrap().body;
            assert_eq!((is["state"].as_str(), is["version_id"] == was["version_id"]), (Some("confirmed"), false));
        }
        let waiting = |person: &str| town.person(person).get("/api/v1/me/offers").unwrap().expect(200, "offers").unwrap().body["items"].as_array().unwrap().len();
        assert_eq!(PEOPLE.iter().map(|person| waiting(person)).sum::<usize>(), 5);
        good(&app);

        // Silence cancels, with everything paid back.
        clock.set(Instant::parse("2026-11-08T10:00:00+08:00").unwrap());
        town.forget_people();
        let (person, late) = &silent[0];
        let expired = town.person(person).post(&format!("/api/v1/bookings/{late}/offer/acceptance"), &json!({"alternative": 1})).unwrap();
        assert_eq!(outcome(&expired), (409, "offer-expired"));
        assert!(expired.body["alternatives"].as_array().is_some_and(|all| !all.is_empty()), "{:?}", expired.body);
        app.settle();
        for (person, id) in &silent {
            let holder = town.person(person);
            let ended = holder.get(&format!("/api/v1/bookings/{id}")).unwrap().body;
            assert_eq!((ended["state"].as_str(), ended["cancellation"]["by"].as_str()), (Some("cancelled"), Some("provider")));
            let met = holder.get(&format!("/api/v1/bookings/{id}/impact")).unwrap().body;
            assert_eq!(met[0]["matter"]["ended"], "expired");
        }
        let states = |state: &str| rows(&mut app.db.conn(), &format!("bookings WHERE state = '{state}'"));
        // Eight kept and seven new ones stand, three of which are over by now; nothing else counts against anybody.
        assert_eq!((states("confirmed"), states("completed"), states("moved"), states("cancelled")), (12, 3, 7, 5));
        let refunds = "postings p JOIN bookings b ON b.id = p.booking_id WHERE p.kind = 'refund' AND p.amount_fen = 3000 AND b.state = ";
        let refunded = |state: &str| rows(&mut app.db.conn(), &format!("{refunds}'{state}'"));
        assert_eq!((refunded("confirmed"), refunded("moved"), refunded("cancelled")), (0, 7, 5));
        good(&app);
    }

    table_tennis_moves_to_the_gym(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let mut centre = Centre::of(&town);
        // As it was before: table tennis in the hall, which version 1 had moved away already.
        let moved = centre.clauses().into_iter().find(|clause| clause["id"] == "table-tennis-moved").unwrap();
        centre.agree(|clauses| {
            clauses.retain(|clause| clause["id"] != "table-tennis-moved");
            clause(clauses, "uses-hall")["payload"]["uses"].as_array_mut().unwrap().push(json!("table-tennis"));
        });
        let mut booked = Vec::new();
        for n in 0..18i64 {
            let person = PEOPLE[usize::try_from(n).unwrap() % PEOPLE.len()];
            // Two halls at the same hours on nine days.
            let (space, days) = (if n % 2 == 0 { "yuxin-centre/dong" } else { "yuxin-centre/xi" }, 30 + n / 2);
            booked.push((person, book(&town.person(person), &ask(&town, space, "table-tennis", days, 15 * 60, 16 * 60 + 30))));
        }
        let effect = from_day(day(&town, 14));
        centre.agree(|clauses| {
            effect(clauses);
            clauses.push(moved.clone());
            let uses = clause(clauses, "uses-hall")["payload"]["uses"].as_array_mut().unwrap();
            uses.retain(|word| word != "table-tennis");
        });
        assert_eq!(counted(&centre.impact()), of(&[("rearrange_offered", 18)]));
        let gym = town.space("yuxin-gym/tt-hall");
        for (person, id) in &booked {
            let met = town.person(person).get(&format!("/api/v1/bookings/{id}/impact")).unwrap().body;
            let first = &met[0]["matter"]["alternatives"][0];
            assert_eq!((first["space_id"].as_str(), first["held"].as_bool()), (Some(gym.as_str()), Some(true)), "{met}");
        }
        assert_eq!(rows(&mut app.db.conn(), "matter_alternatives WHERE place = 1"), 18, "none without an answer");
        // Whoever cancels gives the held time back too.
        let (person, id) = &booked[0];
        let held = || number(&mut app.db.conn(), &format!("SELECT COUNT(*) AS n FROM occupancy WHERE claimant = '{id}'"));
        assert_eq!(held(), 2);
        town.person(person).post(&format!("/api/v1/bookings/{id}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
        assert_eq!(held(), 0);
        // And whoever says no.
        let (person, id) = &booked[1];
        let holder = town.person(person);
        holder.post(&format!("/api/v1/bookings/{id}/offer/refusal"), &json!({})).unwrap().expect(201, "refusal").unwrap();
        let again = holder.post(&format!("/api/v1/bookings/{id}/offer/refusal"), &json!({})).unwrap();
        assert_eq!(again.status, 409, "{:?}", again.body);
        assert_eq!(holder.get(&format!("/api/v1/bookings/{id}/impact")).unwrap().body[0]["matter"]["ended"], "declined");
        good(&app);
    }

    a_lower_price_is_paid_back(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let mut centre = Centre::of(&town);
        let yaml = YUXIN.replace("fen: 3000, per: session", "fen: 1000, per: session");
        let key = uuid::Uuid::now_v7().to_string();
        let imported = town.admin.raw("POST", "/api/v1/hub-imports", &[("idempotency-key", &key)], Some(("application/yaml", yaml.as_bytes())));
        imported.unwrap().expect(201, "import").unwrap();
        for n in 0..8u16 {
            let person = PEOPLE[usize::from(n) % PEOPLE.len()];
            let made = town.person(person).post("/api/v1/bookings", &ask(&town, "yuxin-centre/xi", "exhibition", 20 + i64::from(n), 600, 660)).unwrap();
            assert_eq!(made.expect(201, "booking").unwrap().body["price_fen"], 1000);
        }
        centre.agree(priced_at(600));
        let impact = centre.impact();
        assert_eq!((counted(&impact), impact["refund_fen"].as_i64()), (of(&[("better_terms_applied", 8)]), Some(3200)));
        for item in bookings_of(&centre, "better_terms_applied") {
            assert_eq!((item["refund_fen"].as_i64(), item["reasons"][0]["clause"].as_str()), (Some(400), Some("ceiling")));
            let booking = centre.desk().get(&format!("/api/v1/bookings/{}", item["booking_id"].as_str().unwrap())).unwrap().body;
            assert_eq!((booking["price_fen"].as_i64(), booking["state"].as_str(), booking["quote"]["total"].as_i64()), (Some(600), Some("confirmed"), Some(600)));
        }
        good(&app);

        assert_eq!(rows(&mut app.db.conn(), "postings WHERE kind = 'refund' AND amount_fen = 400"), 8);

        // Decided again, nothing happens again.
        let tables = ["impact_plans", "impact_items", "matters", "postings", "outbox", "bookings WHERE price_fen = 600"];
        let counts = || tables.map(|table| rows(&mut app.db.conn(), table));
        let before = counts();
        let (id, no) = (centre.agreement.parse().unwrap(), i32::try_from(centre.no).unwrap());
        let again = app.store().write_now(move |tx| {
            let agreement = agreements::queries::find(tx, &id)?.unwrap();
            let version = agreements::queries::version_no(tx, &id, no)?.unwrap();
            let of = Of { agreement: &agreement.id, area: &agreement.area, sites: &agreement.sites };
            let from = version.effect.unwrap().from;
            impact::actions::apply(tx, &Event::amendment(of, &version.id, from, vec![]), None)
        });
        let again = again.unwrap().counts.into_iter().find(|count| count.disposition == Disposition::BetterTermsApplied).unwrap();
        assert_eq!((again.bookings, again.refund_fen.0, counts()), (8, 3200, before));
    }

    what_was_in_question_may_stand_after_all(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let mut centre = Centre::of(&town);
        centre.agree(open_until("22:00", None));
        let own = town.person("yuxin-p-res-2");
        let id = book(&own, &ask(&town, "yuxin-centre/dong", "exhibition", 40, 1230, 1290));
        let held = || number(&mut app.db.conn(), &format!("SELECT COUNT(*) AS n FROM occupancy WHERE claimant = '{id}'"));
        centre.agree(open_until("20:00", Some(day(&town, 14))));
        assert_eq!((counted(&centre.impact()), held()), (of(&[("rearrange_offered", 1)]), 2));
        centre.agree(open_until("22:00", None));
        assert_eq!((counted(&centre.impact()), held()), (of(&[("kept", 1)]), 1));
        let met = own.get(&format!("/api/v1/bookings/{id}/impact")).unwrap().body;
        assert_eq!((met[0]["reasons"][0]["code"].as_str(), met[1]["matter"]["ended"].as_str()), (Some("settled"), Some("restored")));
        assert!(own.get("/api/v1/me/offers").unwrap().body["items"].as_array().unwrap().is_empty());
        good(&app);
    }

    fewer_people_for_safety(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        let mut centre = Centre::of(&town);
        let (own, other) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"));
        let first = book(&own, &ask(&town, "yuxin-centre/xi", "exhibition", 20, 600, 660));
        let second = book(&other, &ask(&town, "yuxin-centre/xi", "exhibition", 21, 600, 660));
        let small = book(&other, &{
            let mut small = ask(&town, "yuxin-centre/xi", "exhibition", 22, 600, 660);
            small["attendees"] = json!(5);
            small
        });
        let effect = from_day(day(&town, 14));
        centre.agree(|clauses| {
            effect(clauses);
            clause(clauses, "cap-xi")["payload"]["persons"] = json!(6);
        });
        assert_eq!(counted(&centre.impact()), of(&[("reduce_required", 2), ("unaffected", 1)]));
        let reduce = |who: &Client, id: &str, people: i64| who.post(&format!("/api/v1/bookings/{id}/reduction"), &json!({"attendees": people})).unwrap();
        let too_many = reduce(&own, &first, 7);
        assert_eq!((outcome(&too_many), too_many.text("/errors/0/pointer")), ((422, "invalid"), "/attendees"));
        assert_eq!(outcome(&reduce(&own, &first, 0)), (422, "invalid"));
        assert_eq!(outcome(&reduce(&own, &second, 6)), (404, "not-found"));
        assert_eq!(reduce(&own, &first, 6).expect(201, "reduction").unwrap().body["attendees"], 6);
        assert_eq!(outcome(&reduce(&own, &first, 6)), (409, "state-conflict"));
        assert_eq!(outcome(&reduce(&other, &small, 4)), (409, "state-conflict"));
        // Forty-eight hours before, the other is cancelled.
        clock.set(Instant::parse(&town.at(19, 600)).unwrap());
        app.settle();
        let states = |state: &str| rows(&mut app.db.conn(), &format!("bookings WHERE state = '{state}'"));
        assert_eq!((states("confirmed"), states("cancelled")), (2, 1));
        good(&app);
    }

    nothing_else_is_answered(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let mut centre = Centre::of(&town);
        centre.agree(open_until("22:00", None));
        let (own, other) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"));
        let id = book(&own, &ask(&town, "yuxin-centre/dong", "exhibition", 40, 20 * 60 + 30, 21 * 60 + 30));
        let early = book(&own, &ask(&town, "yuxin-centre/dong", "exhibition", 40, 9 * 60, 10 * 60));
        centre.agree(open_until("20:00", Some(day(&town, 14))));
        let take = |who: &Client, id: &str, body: Value| who.post(&format!("/api/v1/bookings/{id}/offer/acceptance"), &body).unwrap();
        assert_eq!(outcome(&take(&other, &id, json!({"alternative": 1}))), (404, "not-found"));
        assert_eq!(other.get(&format!("/api/v1/bookings/{id}/impact")).unwrap().status, 404);
        assert_eq!(outcome(&take(&own, &early, json!({"alternative": 1}))), (409, "state-conflict"));
        for (body, pointer) in [(json!({}), "/alternative"), (json!({"alternative": 4}), "/alternative"), (json!({"alternative": "1"}), "/alternative"), (json!({"alternative": 1, "x": 0}), "/x")] {
            let refused = take(&own, &id, body);
            assert_eq!((outcome(&refused), refused.text("/errors/0/pointer")), ((422, "invalid"), pointer));
        }
        let met = own.get(&format!("/api/v1/bookings/{id}/impact")).unwrap().body;
        let named = met[0]["matter"]["alternatives"].as_array().unwrap().clone();
        // The second one was taken by somebody else meanwhile: said so, and the offer stands.
        let second = json!({"space_id": named[1]["space_id"], "use": "exhibition", "attendees": 5, "starts_at": named[1]["starts_at"], "ends_at": named[1]["ends_at"]});
        book(&other, &second);
        let gone = take(&own, &id, json!({"alternative": 2}));
        assert_eq!(outcome(&gone), (409, "period-taken"));
        assert!(gone.body["alternatives"].is_array());
        // The first is held: nobody else gets it.
        let first = json!({"space_id": named[0]["space_id"], "use": "exhibition", "attendees": 5, "starts_at": named[0]["starts_at"], "ends_at": named[0]["ends_at"]});
        assert_eq!(outcome(&other.post("/api/v1/bookings", &first).unwrap()), (409, "period-taken"));
        take(&own, &id, json!({"alternative": 1})).expect(201, "acceptance").unwrap();
        assert_eq!(outcome(&take(&own, &id, json!({"alternative": 1}))), (409, "state-conflict"));
        good(&app);
    }

    a_draft_is_run_over_the_past(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        let mut centre = Centre::of(&town);
        centre.agree(open_until("22:00", None));
        for days in 1..=6i64 {
            book(&town.person("yuxin-p-res-2"), &ask(&town, "yuxin-centre/dong", "exhibition", days, 20 * 60 + 30, 21 * 60 + 30));
            book(&town.person("yuxin-p-res-4"), &ask(&town, "yuxin-centre/xi", "exhibition", days, 9 * 60, 10 * 60));
        }
        let mut dance = ask(&town, "yuxin-centre/moxuan", "calligraphy", 3, 20 * 60 + 30, 21 * 60);
        dance["organisation_id"] = json!(town.organisation("yuxin-arts"));
        book(&town.person("yuxin-p-arts"), &dance);
        clock.set(Instant::parse("2027-01-10T10:00:00+08:00").unwrap());
        town.forget_people();
        centre.draft(|clauses| {
            open_until("20:00", None)(clauses);
            priced_at(2000)(clauses);
        });
        let replay = |query: &str| centre.desk().get(&centre.path(&format!("/replay{query}"))).unwrap();
        let told = replay("").expect(200, "replay").unwrap().body;
        assert_eq!((told["from"].as_str(), told["to"].as_str()), (Some("2026-10-01"), Some("2026-12-31")));
        assert_eq!((told["bookings"].as_i64(), told["lose"].as_i64(), told["gain"].as_i64(), told["less_fen"].as_i64()), (Some(13), Some(7), Some(6), Some(6000)));
        let organisations = told["by_holder"].as_array().unwrap().iter().find(|h| h["holder"] == "organisation").unwrap();
        assert_eq!((organisations["bookings"].as_i64(), organisations["lose"].as_i64()), (Some(1), Some(1)));
        assert_eq!(told["items"].as_array().unwrap().len(), 13);
        let text = told.to_string();
        assert!(!text.contains("household_0") && !text.contains("account_") && !text.contains("booking_"), "{text}");
        assert_eq!(replay("?from=2026-11-02&to=2026-11-02").body["bookings"], 2);
        assert_eq!(outcome(&replay("?from=2026-11-02&to=2026-11-01")), (422, "invalid"));
        assert_eq!(outcome(&replay("?from=2025-01-01&to=2026-11-01")), (422, "invalid"));
        assert_eq!(outcome(&replay("?from=x")), (422, "invalid"));
        assert_eq!(rows(&mut app.db.conn(), "impact_plans WHERE stage = 'applied'"), 3, "two agreements and one change; a replay writes nothing");
    }
}

/// Who answers first is heard, and nobody twice: two acceptances of each of six offers, and in odd rounds the clock strikes.
fn answers_together(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::build(&app);
    let mut centre = Centre::of(&town);
    // Each round takes nine days of a calendar that is known to the end of the year.
    let times = rounds(6).min(6);
    let (mut moved, mut lapsed) = (0, 0);
    for round in 0..times {
        clock.set(now().plus_days(i64::try_from(round).unwrap() * 9));
        town.forget_people();
        centre.agree(open_until("22:00", None));
        let own = town.person("yuxin-p-res-2");
        let wish = |n: i64| {
            ask(&town, ["yuxin-centre/dong", "yuxin-centre/xi"][usize::try_from(n % 2).unwrap()], "exhibition", 30 + n / 2, 1230, 1290)
        };
        let booked: Vec<String> = (0..6).map(|n| book(&own, &wish(n))).collect();
        centre.agree(open_until("20:00", Some(day(&town, 14))));
        let met = own.get(&format!("/api/v1/bookings/{}/impact", booked[0])).unwrap().body;
        let due = Instant::parse(met[0]["matter"]["due_at"].as_str().unwrap()).unwrap();
        let strikes = round % 2 == 1;
        clock.set(Instant(due.0 - 1));
        town.forget_people();
        let own = town.person("yuxin-p-res-2");
        let answers = together(13, |n| {
            if n == 12 {
                if strikes {
                    clock.set(due);
                }
                app.settle();
                return None;
            }
            let path = format!("/api/v1/bookings/{}/offer/acceptance", booked[n / 2]);
            let answer = own.post_keyed(&path, &format!("round-{round}-{n}"), &json!({"alternative": n % 2 + 1})).unwrap();
            Some((n / 2, answer.status, answer.text("/code").to_owned()))
        });
        app.settle();
        for (n, id) in booked.iter().enumerate() {
            let mine: Vec<_> = answers.iter().flatten().filter(|(of, ..)| *of == n).collect();
            let taken = mine.iter().filter(|(_, status, _)| *status == 201).count();
            let known = |code: &str| ["state-conflict", "offer-expired"].contains(&code);
            assert!(mine.iter().all(|(_, status, code)| *status == 201 || (*status == 409 && known(code))), "{mine:?}");
            let state = centre.desk().get(&format!("/api/v1/bookings/{id}")).unwrap().text("/state").to_owned();
            assert_eq!(state, if taken == 1 { "moved" } else { "cancelled" }, "round {round}: {mine:?}");
            assert!(taken == 1 || (strikes && taken == 0), "round {round}: {mine:?}");
            moved += taken;
            lapsed += usize::from(taken == 0);
        }
        let open = "matters m WHERE NOT EXISTS (SELECT 1 FROM matter_ends e WHERE e.matter_id = m.id)";
        assert_eq!(rows(&mut app.db.conn(), open), 0);
        good(&app);
    }
    println!("{backend:?}: {moved} moved, {lapsed} lapsed in {times} rounds");
    assert_eq!(moved + lapsed, times * 6);
}

#[test]
fn soak_answers_together_sqlite() {
    answers_together(Backend::Sqlite);
}

#[test]
fn soak_answers_together_postgres() {
    answers_together(Backend::Postgres);
}

/// Bookings beside the deciding signature: each is refused by the new terms or in the plan, and none confirmed beyond both.
/// Gives how many met a plan and how many were refused.
fn beside_the_signature_in(backend: Backend, rounds: std::ops::Range<usize>) -> (usize, usize) {
    let (app, _) = served(backend);
    let town = Town::build(&app);
    let mut centre = Centre::of(&town);
    let (mut met, mut refused) = (0, 0);
    for round in rounds {
        centre.agree(open_until("22:00", None));
        centre.draft(open_until("20:00", Some(day(&town, 14))));
        centre.propose();
        let sha256 = centre.desk().get(&centre.path("")).unwrap().text("/sha256").to_owned();
        let body = |party: &str| json!({"organisation_id": town.organisation(party), "sha256": sha256});
        town.signer("yuxin-unit").post(&centre.path("/signatures"), &body("yuxin-unit")).unwrap().expect(201, "signature").unwrap();
        let people: Vec<Client> = PEOPLE.iter().map(|person| town.person(person)).collect();
        let signer = town.signer("yuxin-community");
        let answers = together(17, |n| {
            if n == 16 {
                signer.post(&centre.path("/signatures"), &body("yuxin-community")).unwrap().expect(201, "the last").unwrap();
                return None;
            }
            let days = 20 + i64::try_from(n).unwrap();
            let rooms = ["dong", "xi"];
            let wish = ask(&town, &format!("yuxin-centre/{}", rooms[round % 2]), "exhibition", days, 20 * 60 + 30, 21 * 60 + 30);
            Some(people[n % people.len()].post_keyed("/api/v1/bookings", &format!("beside-{round}-{n}"), &wish).unwrap())
        });
        for (n, answer) in answers.into_iter().flatten().enumerate() {
            match answer.status {
                201 => {
                    met += 1;
                    let booking = answer.text("/id");
                    assert!(
                        rows(&mut app.db.conn(), &format!("impact_items WHERE booking_id = '{booking}'")) >= 1,
                        "round {round}: confirmed and in no plan"
                    );
                    // The slate is clean for the next round.
                    let cancellation = format!("/api/v1/bookings/{booking}/cancellation");
                    people[n % people.len()].post(&cancellation, &json!({})).unwrap().expect(201, "cancellation").unwrap();
                }
                409 => {
                    refused += 1;
                    assert_eq!(answer.text("/reasons/0/code"), "outside-hours", "{:?}", answer.body);
                }
                _ => panic!("round {round}: {:?}", answer.body),
            }
        }
        good(&app);
    }
    (met, refused)
}

/// A neighbourhood of its own every fifty rounds: each leaves two versions of one agreement behind, all begun at one moment because the
/// clock stands still, and some hundred of them make every write slow.
fn bookings_beside_the_signature(backend: Backend) {
    const LONGEST: usize = 50;
    let times = rounds(4);
    let parts = (0..times).step_by(LONGEST).map(|first| beside_the_signature_in(backend, first..times.min(first + LONGEST)));
    let (met, refused) = parts.fold((0, 0), |(met, refused), (more, no)| (met + more, refused + no));
    println!("{backend:?}: {met} in a plan, {refused} refused");
    assert_eq!(met + refused, times * 16);
}

#[test]
fn soak_bookings_beside_the_signature_sqlite() {
    bookings_beside_the_signature(Backend::Sqlite);
}

#[test]
fn soak_bookings_beside_the_signature_postgres() {
    bookings_beside_the_signature(Backend::Postgres);
}

/// A signature over so many future bookings: all of them answered, and how long it takes (`SHANGLIANG_SOAK=10000`).
fn over_many_bookings(backend: Backend) {
    use std::fmt::Write;
    let (app, _) = served(backend);
    let town = Town::build(&app);
    let mut centre = Centre::of(&town);
    centre.agree(open_until("24:00", None));
    let proto = book(&town.person("yuxin-p-res-2"), &ask(&town, "yuxin-centre/dong", "exhibition", 1, 600, 630));
    let rooms = ["tongzhan-home", "hongyi-hall", "member-room", "moxuan", "shuyuan", "yazhu", "dong", "xi"];
    let (many, halves) = (rounds(300), 31);
    let mut sql = String::new();
    for n in 0..many {
        let (room, half, days) = (rooms[n % rooms.len()], (n / rooms.len()) % halves, 29 + n / rooms.len() / halves);
        let (space, id) =
            (town.space(&format!("yuxin-centre/{room}")), <shangliang::kernel::id::BookingId as shangliang::kernel::id::Id>::fresh());
        let start = town.instant(i64::try_from(days).unwrap(), 510 + 30 * u16::try_from(half).unwrap()).0;
        let end = start + 30 * 60_000_000;
        write!(
            sql,
            "INSERT INTO bookings (id, site_id, space_id, use_code, attendees, starts_at, ends_at, occupied_from, occupied_to, state, household_id, account_id, made_by, channel, \
             price_fen, price, agreement_id, version_id, clauses, made_at) SELECT '{id}', site_id, '{space}', use_code, attendees, {start}, {end}, {start}, {end}, state, \
             household_id, account_id, made_by, channel, price_fen, price, agreement_id, version_id, clauses, made_at FROM bookings WHERE id = '{proto}'; \
             INSERT INTO occupancy (atom_id, starts_at, ends_at, claimant) SELECT atom_id, {start}, {end}, '{id}' FROM space_atoms WHERE space_id = '{space}'; \
             INSERT INTO postings (id, space_id, booking_id, kind, debit, credit, amount_fen, posted_at) SELECT '{}', '{space}', '{id}', 'charge', 'holders', 'fee_income', price_fen, \
             made_at FROM bookings WHERE id = '{proto}'; ",
            <shangliang::kernel::id::PostingId as shangliang::kernel::id::Id>::fresh()
        )
        .unwrap();
    }
    app.db.sql(&format!("BEGIN; {sql} COMMIT"));
    centre.draft(open_until("22:00", Some(day(&town, 14))));
    let begun = std::time::Instant::now();
    let foreseen = centre.impact();
    let previewed = begun.elapsed();
    centre.propose();
    let begun = std::time::Instant::now();
    centre.sign();
    let signed = begun.elapsed();
    let counts = counted(&centre.impact());
    println!("{backend:?}: {many} bookings: preview {previewed:.2?}, two signatures {signed:.2?}: {counts:?}");
    assert_eq!(counts, counted(&foreseen));
    assert_eq!(counts.values().sum::<i64>(), i64::try_from(many).unwrap() + 1);
    assert!(counts.contains_key("rearrange_offered") || counts.contains_key("cancelled"), "{counts:?}");
    good(&app);
}

#[test]
fn soak_over_many_bookings_sqlite() {
    over_many_bookings(Backend::Sqlite);
}

#[test]
fn soak_over_many_bookings_postgres() {
    over_many_bookings(Backend::Postgres);
}
