//! What the answers of a plan come to in the end: a risk that only time decides, a plan that is taken back, bookings beyond the
//! end of an agreement or of one unit's part in it, and a quota that is given back.

use crate::fairness::with;
use crate::harness::{TestApp, Town, good, number, recorded, rows, served_at};
use crate::impact::{Centre, ask, book, counted, day, of, open_until};
use crate::lifecycle::{Hub, at, counts, immediate, refunds};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::demo::seed::SHIYOU;
use shangliang::kernel::Instant;
use shangliang::kernel::time::SetClock;
use shangliang::store::Backend;
use std::sync::Arc;

fn seen(by: &Client, id: &str) -> Value {
    by.get(&format!("/api/v1/bookings/{id}")).unwrap().expect(200, "booking").unwrap().body
}

/// What plans did to a booking, the latest first.
fn met(by: &Client, id: &str) -> Vec<Value> {
    let met = by.get(&format!("/api/v1/bookings/{id}/impact")).unwrap().expect(200, "impact").unwrap();
    met.body.as_array().unwrap().clone()
}

/// What the first plan that met a booking left open about it.
fn matter(by: &Client, id: &str) -> Value {
    met(by, id).pop().unwrap()["matter"].clone()
}

/// How often something was paid back for a booking, and how much of it in fen.
fn paid_back(app: &TestApp, id: &str) -> (i64, i64) {
    let refunds = format!("FROM postings WHERE booking_id = '{id}' AND kind = 'refund'");
    let sum = |what: &str| number(&mut app.db.conn(), &format!("SELECT {what} AS n {refunds}"));
    (sum("COUNT(*)"), sum("CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT)"))
}

fn told(by: &Client, kind: &str) -> Vec<Value> {
    let notices = by.get(&format!("/api/v1/notices?limit=100&kind={kind}")).unwrap().expect(200, "notices").unwrap();
    notices.body["items"].as_array().unwrap().clone()
}

fn accept_first(by: &Client, id: &str) -> Answer {
    let taken = by.post(&format!("/api/v1/bookings/{id}/offer/acceptance"), &json!({"alternative": 1})).unwrap();
    taken.expect(201, "acceptance").unwrap()
}

/// The code of a refusal, and its reasons.
fn refused(answer: &Answer) -> (u16, &str, Vec<&str>) {
    let reasons = answer.body["reasons"].as_array().into_iter().flatten();
    (answer.status, answer.text("/code"), reasons.map(|reason| reason["code"].as_str().unwrap()).collect())
}

/// Rows of all that a plan or a notice writes.
fn written(app: &TestApp) -> Vec<i64> {
    let tables = [
        "impact_plans",
        "impact_items",
        "matters",
        "matter_ends",
        "postings",
        "occupancy",
        "agreement_events",
        "terminations",
        "withdrawals",
        "audit_chain",
        "notices",
        "bookings WHERE state = 'confirmed'",
    ];
    app.link();
    tables.map(|table| rows(&mut app.db.conn(), table)).to_vec()
}

/// A room of 育新花园 is closed for repairs, from the eighth day to the thirtieth: on the seventeenth only another one helps.
fn repaired(town: &Town, space: &str) -> Answer {
    let path = format!("/api/v1/agreements/{}/suspensions", town.agreement("yuxin-partnership"));
    let order = json!({"urgency": "planned", "ground": "repair", "text": "粉刷墙面。", "space_ids": [town.space(space)],
        "from": town.at(8, 510), "until": town.at(30, 510)});
    let ordered = town.person("yuxin-p-desk").post(&path, &order).unwrap().expect(201, "suspension").unwrap();
    assert_eq!(counts(&ordered), json!({"rearrange_offered": 1}));
    ordered
}

/// Somebody's booking.
type Booked = (&'static str, String);

/// The hub of 石油大院, where one books farther ahead than a notice runs.
struct Far<'t> {
    hub: Hub<'t>,
    app: &'t TestApp,
}

impl<'t> Far<'t> {
    fn of(app: &'t TestApp, town: &'t Town<'t>, clock: &Arc<SetClock>) -> Self {
        let yaml = SHIYOU.replace("horizon_days: 60", "horizon_days: 200");
        let far = town.admin.raw("POST", "/api/v1/hub-imports", &[("idempotency-key", "far")], Some(("application/yaml", yaml.as_bytes())));
        far.unwrap().expect(201, "import").unwrap();
        Self { hub: Hub::of(town, clock), app }
    }
    /// An hour for two.
    fn book(&self, who: &'static str, room: &str, what: &str, day: &str, hour: u32) -> Booked {
        let wish = self.hub.ask(room, what, 2, &format!("{day}T{hour}:00"), &format!("{day}T{}:00", hour + 1));
        (who, self.hub.book(who, &wish))
    }
    fn who(&self, (who, _): &Booked) -> Client {
        self.hub.town.person(who)
    }
    /// What has become of it: its state, what plans did to it, and what was paid back in the end.
    fn fate(&self, booked: &Booked) -> Value {
        let plans = met(&self.who(booked), &booked.1);
        let plans: Vec<Value> = plans.iter().map(|met| json!([met["event"], met["disposition"], met["refund_fen"]])).collect();
        json!([self.hub.state(booked.0, &booked.1), plans, paid_back(self.app, &booked.1)])
    }
    /// A notice that is only shown and then served does what was shown; gives it.
    fn serve(&self, tail: &str, party: &str) -> Answer {
        let (signer, said) =
            (self.hub.town.signer(party), json!({"organisation_id": self.hub.town.organisation(party), "text": "另有安排。"}));
        let (before, life) = (written(self.app), self.hub.life());
        let shown = self.hub.post(&signer, &format!("{tail}?dry_run=true"), &said).expect(200, "dry run").unwrap();
        assert_eq!((written(self.app), self.hub.life()), (before, life), "only shown");
        let served = self.hub.post(&signer, tail, &said).expect(201, "notice").unwrap();
        assert_eq!((&served.body["ends_at"], &served.body["impact"]["counts"]), (&shown.body["ends_at"], &shown.body["impact"]["counts"]));
        self.app.settle();
        served
    }
}

fn unaffected(answer: &Answer) -> &Value {
    let all = answer.body["impact"]["counts"].as_array().unwrap();
    &all.iter().find(|count| count["disposition"] == "unaffected").unwrap()["bookings"]
}

/// Nothing met it.
fn untouched() -> Value {
    json!(["confirmed", [], [0, 0]])
}

/// One plan offered something else, and it stands until that is answered.
fn offered() -> Value {
    json!(["confirmed", [["ending", "rearrange_offered", 0]], [0, 0]])
}

/// One plan cancelled it, and its price was paid back once.
fn cancelled(fen: i64) -> Value {
    json!(["cancelled", [["ending", "cancelled", fen]], [i64::from(fen > 0), fen]])
}

/// Another time or room was offered, and then its price was paid back once.
fn after_an_offer(state: &str, fen: i64) -> Value {
    json!([state, [["ending", "rearrange_offered", 0]], [1, fen]])
}

told_on_both! {
    a_risk_is_over_seven_days_before_the_start_and_no_sooner(backend) {
        let (app, clock) = served_at(backend, at("2026-11-28T10:00"));
        let town = Town::build(&app);
        let hub = Hub::of(&town, &clock);
        let child = |day: &str| hub.ask("family-space", "childcare", 2, &format!("{day}T10:00"), &format!("{day}T11:00"));
        let twelfth = hub.book("shiyou-p-res-1", &child("2026-12-10"));
        let farther = hub.book("shiyou-p-res-2", &child("2026-12-20"));
        let closing = immediate(&town, &["shiyou-hub/family-space"]);
        let ordered = hub.post(&town.signer("shiyou-unit-2"), "/suspensions", &closing).expect(201, "suspension").unwrap();
        assert_eq!((counts(&ordered), refunds(&ordered)), (json!({"at_risk": 2}), 0));
        app.settle();
        let stands = |who: &str, id: &str| {
            let matter = matter(&town.person(who), id);
            json!([hub.state(who, id), matter["kind"], matter["due_at"], matter["ended"], paid_back(&app, id)])
        };
        let at_risk = |due: &str| json!(["confirmed", "at_risk", due, null, [0, 0]]);
        let still = at_risk("2026-12-13T02:00:00Z");

        // A microsecond is enough to hope.
        clock.set(Instant(at("2026-12-03T10:00").0 - 1));
        town.forget_people();
        app.settle();
        assert_eq!(stands("shiyou-p-res-1", &twelfth), at_risk("2026-12-03T02:00:00Z"));
        assert_eq!(told(&town.person("shiyou-p-res-1"), "booking.cancelled"), Vec::<Value>::new());

        hub.set("2026-12-03T10:00");
        app.settle();
        let over = json!(["cancelled", "at_risk", "2026-12-03T02:00:00Z", "expired", [1, 5000]]);
        assert_eq!(stands("shiyou-p-res-1", &twelfth), over);
        let ended = seen(&town.person("shiyou-p-res-1"), &twelfth)["cancellation"].clone();
        let why = "离开始只有七天了，空间还没有恢复开放，预订已取消，费用全部退回。";
        assert_eq!((&ended["by"], &ended["reason"]), (&json!("provider"), &json!(why)));
        let heard = told(&town.person("shiyou-p-res-1"), "booking.cancelled");
        assert_eq!((heard.len(), &heard[0]["subject"]), (1, &json!(twelfth)));
        assert!(heard[0]["text_zh"].as_str().unwrap().ends_with(why), "{heard:?}");
        assert_eq!(stands("shiyou-p-res-2", &farther), still);
        assert_eq!(told(&town.person("shiyou-p-res-2"), "booking.cancelled"), Vec::<Value>::new());
        assert_eq!(recorded(&app, "impact.expired"), 1);

        // Once and for all.
        let tables = ["postings", "matter_ends", "notices", "occupancy", "booking_cancellations"];
        let left = || tables.map(|table| rows(&mut app.db.conn(), table));
        let before = left();
        hub.set("2026-12-05T10:00");
        app.settle();
        assert_eq!((left(), recorded(&app, "impact.expired")), (before, 1));
        assert_eq!(stands("shiyou-p-res-1", &twelfth), over);

        // Opened again: the one that is still at risk stands, and what was its risk ends nothing any more.
        let lifting = format!("/suspensions/{}/lifting", ordered.text("/suspension_id"));
        let lifted = hub.post(&town.signer("shiyou-unit-2"), &lifting, &json!({"text": "修好了，验收过。"})).expect(201, "lifting").unwrap();
        assert_eq!((counts(&lifted), refunds(&lifted)), (json!({"kept": 1}), 0));
        hub.book("shiyou-p-res-3", &child("2026-12-10"));
        hub.set("2026-12-13T10:00");
        app.settle();
        assert_eq!(stands("shiyou-p-res-1", &twelfth), over);
        assert_eq!(stands("shiyou-p-res-2", &farther), json!(["confirmed", "at_risk", "2026-12-13T02:00:00Z", "restored", [0, 0]]));
        good(&app);
    }

    what_was_booked_for_a_version_that_is_annulled_is_offered_something_else(backend) {
        let (app, _) = served_at(backend, at("2026-11-01T10:00"));
        let town = Town::build(&app);
        let mut centre = Centre::of(&town);
        centre.agree(open_until("23:00", Some(day(&town, 14))));
        let (late, usual) = (town.person("yuxin-p-res-1"), town.person("yuxin-p-res-4"));
        let night = ask(&town, "yuxin-centre/dong", "exhibition", 20, 21 * 60 + 30, 22 * 60);
        let (night, evening) = (book(&late, &night), book(&usual, &ask(&town, "yuxin-centre/dong", "exhibition", 20, 20 * 60, 21 * 60)));
        for party in ["yuxin-community", "yuxin-unit"] {
            let path = format!("/api/v1/agreements/{}/annulment", town.agreement("yuxin-partnership"));
            let word = json!({"organisation_id": town.organisation(party), "text": "夜里没人看门。"});
            town.signer(party).post(&path, &word).unwrap().expect(201, "annulment").unwrap();
        }
        app.settle();
        let plan = &met(&late, &night)[0];
        let answered = (&plan["event"], &plan["disposition"], &plan["reasons"][0]["code"]);
        assert_eq!(answered, (&json!("annulment"), &json!("rearrange_offered"), &json!("outside-hours")));
        assert_eq!((met(&usual, &evening), told(&late, "impact.applied").len()), (vec![], 1));
        let moved = accept_first(&late, &night);
        assert_eq!(seen(&late, moved.text("/moved_to"))["state"], "confirmed");
        assert_eq!((seen(&late, &night)["state"].as_str(), seen(&usual, &evening)["state"].as_str()), (Some("moved"), Some("confirmed")));
        good(&app);
    }

    what_is_annulled_offers_nothing_any_more_and_what_was_accepted_stays(backend) {
        let (app, clock) = served_at(backend, at("2026-11-01T10:00"));
        let town = Town::build(&app);
        let mut centre = Centre::of(&town);
        let (first, second, other) = (town.person("yuxin-p-res-1"), town.person("yuxin-p-res-4"), town.person("yuxin-p-grid"));
        let evening = |days| ask(&town, "yuxin-centre/dong", "exhibition", days, 20 * 60 + 30, 21 * 60);
        // One inside the protected days, two later.
        let (early, taken, open) = (book(&first, &evening(15)), book(&first, &evening(30)), book(&second, &evening(31)));
        centre.agree(open_until("20:00", Some(day(&town, 14))));
        assert_eq!(counted(&centre.impact()), of(&[("kept", 1), ("rearrange_offered", 2)]));
        let moved = accept_first(&first, &taken);
        let held = matter(&second, &open)["alternatives"][0].clone();
        assert_eq!(held["held"], true);
        let instead = json!({"space_id": held["space_id"], "use": "exhibition", "attendees": 10,
            "starts_at": held["starts_at"], "ends_at": held["ends_at"]});
        let claimed = || rows(&mut app.db.conn(), &format!("occupancy WHERE claimant = '{open}'"));
        let tried = |wish: &Value| other.post("/api/v1/bookings", wish).unwrap();
        let shut = |days| assert_eq!(refused(&tried(&evening(days))), (409, "booking-refused", vec!["outside-hours"]));
        let offers = || second.get("/api/v1/me/offers").unwrap().expect(200, "offers").unwrap().body["items"].as_array().unwrap().len();
        let undecided = || {
            assert_eq!((tried(&instead).text("/code"), claimed(), offers()), ("period-taken", 2, 1));
            // The time that was given up, and another.
            shut(30);
            shut(33);
        };
        undecided();

        let annul = |party: &str| {
            let path = format!("/api/v1/agreements/{}/annulment", town.agreement("yuxin-partnership"));
            let word = json!({"organisation_id": town.organisation(party), "text": "还要再商量。"});
            town.signer(party).post(&path, &word).unwrap().expect(201, "annulment").unwrap().body["annulled"].clone()
        };
        assert_eq!(annul("yuxin-community"), false);
        undecided();
        assert_eq!(annul("yuxin-unit"), true);
        app.settle();

        // The offer that was open is over, and its booking stands where it was.
        let was = matter(&second, &open);
        assert_eq!((&was["ended"], &was["alternatives"][0]["held"], claimed(), offers()), (&json!("restored"), &json!(false), 1, 0));
        let stands = seen(&second, &open);
        assert_eq!((&stands["state"], &stands["starts_at"], &stands["price_fen"]), (&json!("confirmed"), &json!("2026-12-02T12:30:00Z"), &json!(3000)));
        let latest = &met(&second, &open)[0];
        let kept = (&latest["event"], &latest["disposition"], &latest["reasons"][0]["code"]);
        assert_eq!(kept, (&json!("annulment"), &json!("kept"), &json!("annulled")));
        // What was accepted stays accepted.
        let old = seen(&first, &taken);
        assert_eq!((&old["state"], &old["moved_to"], &matter(&first, &taken)["ended"]), (&json!("moved"), &moved.body["moved_to"], &json!("accepted")));
        let new = seen(&first, moved.text("/moved_to"));
        assert_eq!((&new["state"], &new["starts_at"]), (&json!("confirmed"), &moved.body["starts_at"]));
        assert_eq!((seen(&first, &early)["state"].as_str(), met(&first, &early).len()), (Some("confirmed"), 1));
        assert_eq!((paid_back(&app, &taken), paid_back(&app, &open), paid_back(&app, &early)), ((1, 3000), (0, 0), (0, 0)));
        assert_eq!([&first, &second, &other].map(|who| told(who, "impact.applied").len()), [1, 2, 0], "whom each of the two plans met");

        // What was held can be had, and so can the old hours.
        for wish in [instead, evening(30), evening(33)] {
            book(&other, &wish);
        }
        // The offer's last day comes, and ends nothing.
        clock.set(at("2026-11-08T10:00"));
        town.forget_people();
        app.settle();
        assert_eq!((seen(&town.person("yuxin-p-res-4"), &open)["state"].as_str(), recorded(&app, "impact.expired")), (Some("confirmed"), 0));
        let states = |state: &str| rows(&mut app.db.conn(), &format!("bookings WHERE state = '{state}'"));
        assert_eq!((states("confirmed"), states("moved"), states("cancelled")), (6, 1, 0));
        good(&app);
    }

    a_notice_answers_what_is_booked_beyond_the_end_and_nothing_else(backend) {
        let (app, clock) = served_at(backend, at("2026-11-28T10:00"));
        let town = Town::build(&app);
        let far = Far::of(&app, &town, &clock);
        // Notice of today ends with 26 February: within a week of that another day can be offered, later none.
        let before = [
            far.book("shiyou-p-res-1", "family-space", "childcare", "2027-02-24", 10),
            far.book("shiyou-p-res-2", "service-space", "laundry", "2027-02-26", 10),
        ];
        let near = [
            far.book("shiyou-p-res-1", "family-space", "childcare", "2027-03-01", 10),
            far.book("shiyou-p-res-2", "service-space", "laundry", "2027-03-02", 10),
        ];
        let late = [
            (far.book("shiyou-p-res-1", "family-space", "childcare", "2027-03-20", 10), 5000),
            (far.book("shiyou-p-res-3", "elder-space", "elder-care", "2027-03-21", 10), 5000),
            (far.book("shiyou-p-res-3", "culture-space", "art", "2027-03-22", 10), 0),
        ];
        let notice = far.serve("/termination-notices", "shiyou-community-1");
        assert_eq!(notice.text("/ends_at"), "2027-02-26T16:00:00Z");
        let expected = json!({"cancelled": 3, "rearrange_offered": 2});
        assert_eq!((counts(&notice), refunds(&notice), unaffected(&notice)), (expected, 10_000, &json!(2)));
        for booked in &before {
            assert_eq!(far.fate(booked), untouched());
        }
        for booked in &near {
            assert_eq!(far.fate(booked), offered());
            let first = met(&far.who(booked), &booked.1)[0].clone();
            // The nearest time that is left: the last hour of all.
            let (reason, instead) = (&first["reasons"][0], &first["matter"]["alternatives"][0]);
            assert_eq!((&reason["code"], &reason["clause"], &reason["figure"]), (&json!("term-ended"), &json!("term"), &json!("2027-02-26")));
            assert_eq!((&instead["starts_at"], &instead["held"]), (&json!("2027-02-26T19:00:00+08:00"), &json!(true)));
        }
        for (booked, fen) in &late {
            assert_eq!(far.fate(booked), cancelled(*fen));
            assert_eq!(seen(&far.who(booked), &booked.1)["cancellation"]["by"], "provider");
        }
        // One notice each for whoever lives in the three households.
        assert_eq!(rows(&mut app.db.conn(), "notices WHERE kind = 'impact.applied'"), 5);

        // One takes what is offered, the other says nothing; either is paid back, and nothing is left beyond the end.
        let moved = accept_first(&far.who(&near[0]), &near[0].1);
        assert_eq!((moved.text("/starts_at"), &moved.body["price_fen"]), ("2027-02-26T11:00:00Z", &json!(5000)));
        far.hub.set("2026-12-05T10:00");
        app.settle();
        assert_eq!(far.fate(&near[0]), after_an_offer("moved", 5000));
        assert_eq!(far.fate(&near[1]), after_an_offer("cancelled", 800));
        for booked in &before {
            assert_eq!(far.fate(booked), untouched());
        }
        let confirmed = |when: &str| rows(&mut app.db.conn(), &format!("bookings WHERE state = 'confirmed' AND starts_at {when} {}", at("2027-02-27T00:00").0));
        assert_eq!((confirmed("<"), confirmed(">=")), (3, 0));
        good(&app);
    }

    a_unit_that_leaves_answers_for_its_own_spaces_only(backend) {
        let (app, clock) = served_at(backend, at("2026-11-28T10:00"));
        let town = Town::build(&app);
        let far = Far::of(&app, &town, &clock);
        let stays = [
            far.book("shiyou-p-res-1", "elder-space", "elder-care", "2027-02-26", 14),
            far.book("shiyou-p-res-1", "party-space", "study", "2027-03-20", 10),
            far.book("shiyou-p-res-2", "family-space", "childcare", "2027-03-20", 10),
            far.book("shiyou-p-res-3", "service-space", "laundry", "2027-03-20", 10),
        ];
        let meal = far.book("shiyou-p-res-2", "food-space", "catering", "2027-02-27", 11);
        let care = far.book("shiyou-p-res-1", "elder-space", "elder-care", "2027-03-20", 10);
        let reading = far.book("shiyou-p-res-3", "elder-space", "reading", "2027-03-20", 14);
        let notice = far.serve("/withdrawals", "shiyou-unit-3");
        assert_eq!(notice.text("/ends_at"), "2027-02-26T16:00:00Z");
        let expected = json!({"cancelled": 1, "rearrange_offered": 2});
        assert_eq!((counts(&notice), refunds(&notice), unaffected(&notice)), (expected, 5000, &json!(4)));
        assert_eq!([&meal, &care, &reading].map(|booked| far.fate(booked)), [offered(), cancelled(5000), offered()]);
        let first = |booked: &Booked| matter(&far.who(booked), &booked.1)["alternatives"][0].clone();
        // The meal in the same kitchen, in its last hour; the reading where others stay, on its own day.
        let (sooner, elsewhere) = (first(&meal), first(&reading));
        assert_eq!((&sooner["space_id"], &sooner["starts_at"]), (&json!(town.space("shiyou-hub/food-space")), &json!("2027-02-26T19:00:00+08:00")));
        let rooms = ["shiyou-hub/party-space", "shiyou-hub/family-space"].map(|room| json!(town.space(room)));
        assert!(rooms.contains(&elsewhere["space_id"]) && elsewhere["starts_at"].as_str().unwrap().starts_with("2027-03-20"), "{elsewhere}");

        let moved = accept_first(&far.who(&reading), &reading.1);
        assert_eq!(moved.body["space_id"], elsewhere["space_id"]);
        far.hub.set("2026-12-05T10:00");
        app.settle();
        assert_eq!(far.fate(&meal), after_an_offer("cancelled", 3000));
        assert_eq!(far.fate(&reading), json!(["moved", [["ending", "rearrange_offered", 0]], [0, 0]]), "it cost nothing");
        assert_eq!(far.hub.state("shiyou-p-res-3", moved.text("/moved_to")), "confirmed");
        for booked in &stays {
            assert_eq!(far.fate(booked), untouched());
        }
        good(&app);
    }

    what_an_amendment_cancels_gives_the_quota_back(backend) {
        let (app, clock) = served_at(backend, at("2026-11-01T10:00"));
        let clause = "    clauses:
      - id: fair
        kind: priority
        spaces: [yuxin-centre/dong, yuxin-centre/xi]
        text_zh: 每户每月在东厅和西厅最多订两次。
        payload: {classes: [household], household_quota: {most: 2, per: month}}\n";
        // The household itself would cancel too late all the time.
        let rules = "late_cancel_hours: 720, quotas: [{holder: household, per: week, bookings: 2}]";
        let town = Town::of(&app, &with(rules).replacen("    clauses:\n", clause, 1));
        let mut centre = Centre::of(&town);
        let (own, mate) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"));
        // All of one week and one month: two evenings, then mornings.
        let show = |space: &str, days, from| ask(&town, &format!("yuxin-centre/{space}"), "exhibition", days, from, from + 30);
        let mornings = [show("dong", 32, 600), show("xi", 33, 600), show("dong", 34, 600)];
        let evenings = [book(&own, &show("dong", 30, 1200)), book(&mate, &show("xi", 31, 1200))];
        let site = town.site("yuxin-centre");
        // Of the site, and of the clause.
        let used = || {
            let quotas = town.person("yuxin-p-res-2").get(&format!("/api/v1/sites/{site}/quota?on=2026-12-02")).unwrap().expect(200, "quota").unwrap();
            quotas.body.as_array().unwrap().iter().map(|quota| quota["used"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        let full = |wish: &Value| {
            let no = town.person("yuxin-p-res-2").post("/api/v1/bookings", wish).unwrap();
            assert_eq!((refused(&no), used()), ((409, "booking-refused", vec!["over-quota", "over-quota"]), vec![2, 2]));
        };
        full(&mornings[0]);

        // An offer is no use of its own, and what it is about is one until it is over.
        centre.agree(open_until("20:00", Some(day(&town, 14))));
        assert_eq!(counted(&centre.impact()), of(&[("rearrange_offered", 2)]));
        full(&mornings[0]);

        clock.set(at("2026-11-08T10:00"));
        town.forget_people();
        app.settle();
        let (own, mate) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"));
        for id in &evenings {
            let (ended, matter) = (seen(&own, id), matter(&own, id));
            assert_eq!((&ended["state"], &ended["cancellation"]["by"], &matter["ended"]), (&json!("cancelled"), &json!("provider"), &json!("expired")));
            assert_eq!(paid_back(&app, id), (1, 3000));
        }
        assert_eq!(used(), [0, 0]);
        let again = book(&own, &mornings[0]);
        assert_eq!(used(), [1, 1]);
        book(&mate, &mornings[1]);
        full(&mornings[2]);
        let gone = own.post(&format!("/api/v1/bookings/{again}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
        assert_eq!(gone.body["counted"], true);
        full(&mornings[2]);
        good(&app);
    }

    another_room_is_offered_for_the_very_time(backend) {
        let (app, _) = served_at(backend, at("2026-11-01T10:00"));
        let town = Town::build(&app);
        let own = town.person("yuxin-p-res-2");
        let id = book(&own, &ask(&town, "yuxin-centre/shuyuan", "study", 17, 900, 960));
        repaired(&town, "yuxin-centre/shuyuan");
        let first = matter(&own, &id)["alternatives"][0].clone();
        assert_eq!(first["starts_at"], town.at(17, 900), "{first}");
        good(&app);
    }

    what_was_held_elsewhere_goes_back_alone(backend) {
        // The hall is set up half an hour before, the library is not: what is held elsewhere may begin just when they are taken.
        for room in ["yuxin-centre/hall", "yuxin-centre/shuyuan"] {
            let (app, _) = served_at(backend, at("2026-11-01T10:00"));
            let town = Town::build(&app);
            let (own, other) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"));
            let wish = ask(&town, room, "study", 17, 900, 960);
            let id = book(&own, &wish);
            let ordered = repaired(&town, room);
            let suspensions = format!("/api/v1/agreements/{}/suspensions", town.agreement("yuxin-partnership"));
            let lifting = format!("{suspensions}/{}/lifting", ordered.text("/suspension_id"));
            town.person("yuxin-p-desk").post(&lifting, &json!({"text": "刷好了。"})).unwrap().expect(201, "lifting").unwrap();
            assert_eq!((seen(&own, &id)["state"].as_str(), matter(&own, &id)["ended"].as_str()), (Some("confirmed"), Some("restored")));
            assert_eq!(other.post("/api/v1/bookings", &wish).unwrap().text("/code"), "period-taken", "{room}");
            good(&app);
        }
    }
}
