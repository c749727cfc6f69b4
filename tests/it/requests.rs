//! Bookings somebody must say yes to first, over HTTP on both backends: asked, approved by everybody asked, refused, expired,
//! taken back; and of two for one time exactly one.

use crate::harness::db::NOW;
use crate::harness::{Town, days_ahead, good, number, outcome, rounds, rows, served, together};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::demo::seed::YUXIN;
use shangliang::kernel::id::{BookingId, Id};
use shangliang::store::{Backend, backup};

/// The hub of 育新花园 in which sixty people and more anywhere need the community's yes, a show in the hall the property
/// unit's, and anything in the music room the property unit's.
pub fn with_consents() -> String {
    let clauses = "    clauses:
      - id: crowd
        kind: approval
        text_zh: 六十人以上的活动先经社区同意，社区在48小时内答复。
        payload: {approver: community, deadline_hours: 48, at_least_people: 60}
      - id: stage
        kind: approval
        spaces: [yuxin-centre/hall]
        text_zh: 大厅演出先经产权单位同意，产权单位在24小时内答复。
        payload: {approver: property_unit, deadline_hours: 24, uses: [performance]}
      - id: music-room
        kind: approval
        spaces: [yuxin-centre/yazhu]
        text_zh: 同声雅筑先经产权单位同意，产权单位在24小时内答复。
        payload: {approver: property_unit, deadline_hours: 24}
      - id: parties\n";
    YUXIN.replacen("    clauses:\n      - id: parties\n", clauses, 1)
}

fn ask(town: &Town, space: &str, what: &str, people: i64, days: i64, minute: u16) -> Value {
    json!({"space_id": town.space(&format!("yuxin-centre/{space}")), "use": what, "attendees": people,
        "starts_at": town.at(days, minute), "ends_at": town.at(days, minute + 60)})
}

/// A show for eighty people in the hall at 15:00: both must say yes, it costs 60.00 yuan.
fn show(town: &Town, days: i64) -> Value {
    ask(town, "hall", "performance", 80, days, 900)
}

fn request(by: &Client, ask: &Value) -> Value {
    let made = by.post("/api/v1/bookings", ask).unwrap().expect(201, "request").unwrap();
    assert_eq!(made.body["state"], "requested", "{:?}", made.body);
    made.body
}

fn id(booking: &Value) -> &str {
    booking["id"].as_str().unwrap()
}

fn approve(by: &Client, booking: &Value) -> Answer {
    by.post(&format!("/api/v1/bookings/{}/approval", id(booking)), &json!({})).unwrap()
}

fn refuse(by: &Client, booking: &Value, body: Value) -> Answer {
    by.post(&format!("/api/v1/bookings/{}/refusal", id(booking)), &body).unwrap()
}

fn seen(by: &Client, booking: &Value) -> Value {
    by.get(&format!("/api/v1/bookings/{}", id(booking))).unwrap().expect(200, "booking").unwrap().body
}

fn waiting(by: &Client) -> Vec<Value> {
    by.get("/api/v1/requests").unwrap().expect(200, "requests").unwrap().body["items"].as_array().unwrap().clone()
}

fn told(by: &Client, words: &str) -> bool {
    by.get("/api/v1/notices?limit=100").unwrap().body["items"].to_string().contains(words)
}

fn asked_and_answered(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::of(&app, &with_consents());
    let (own, mate, other) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"), town.person("yuxin-p-res-4"));
    let (desk, lead, unit, far) =
        (town.person("yuxin-p-desk"), town.person("yuxin-p-lead"), town.person("yuxin-p-unit"), town.person("shiyou-p-desk"));
    let count = |of: &str| rows(&mut app.db.conn(), of);

    // Asked for: it says by whom and until when, holds nothing and costs nothing yet; another may ask for the same.
    let check = own.post("/api/v1/bookings/check", &show(&town, 3)).unwrap().expect(200, "check").unwrap();
    assert_eq!((&check.body["bookable"], check.body["needs_approval"].as_array().unwrap().len()), (&json!(false), 2));
    let mine = request(&own, &show(&town, 3));
    let approvers = mine["request"]["approvers"].as_array().unwrap();
    let mut asked: Vec<(&str, &str)> = approvers.iter().map(|a| (a["capacity"].as_str().unwrap(), a["clause"].as_str().unwrap())).collect();
    asked.sort_unstable();
    assert_eq!(asked, [("community", "crowd"), ("property_unit", "stage")]);
    // The earliest of both: 24 hours.
    assert_eq!(mine["request"]["deadline_at"], json!(NOW.plus_minutes(24 * 60)));
    assert_eq!((count("occupancy"), count("postings"), count("booking_approvers")), (0, 0, 2));
    let theirs = request(&other, &show(&town, 3));
    app.settle();
    assert!(told(&unit, "有人想用") && told(&lead, "有人想用") && !told(&own, "有人想用"));
    // Both see it, and what competes; nobody else does.
    for (who, for_whom) in [(&desk, "yuxin-community"), (&unit, "yuxin-unit")] {
        let list = waiting(who);
        let [first, second] = list.as_slice() else { panic!("{list:?}") };
        assert_eq!((id(&first["booking"]), id(&second["booking"])), (id(&mine), id(&theirs)));
        assert_eq!(first["competing"][0]["booking_id"], theirs["id"]);
        assert_eq!((&first["answer_for"], &first["taken"]), (&json!([town.organisation(for_whom)]), &json!(false)));
    }
    let page = desk.get("/api/v1/requests?limit=1").unwrap().body;
    let next = desk.get(&format!("/api/v1/requests?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).unwrap().body;
    assert_eq!((id(&next["items"][0]["booking"]), &next["next_cursor"]), (id(&theirs), &Value::Null));
    assert_eq!((waiting(&far), waiting(&town.person("yuxin-p-gym"))), (vec![], vec![]));
    assert_eq!(own.get("/api/v1/requests").unwrap().status, 403);
    let listed = own.get("/api/v1/bookings").unwrap().body["items"][0].clone();
    assert_eq!((&listed["state"], &listed["request"]["deadline_at"]), (&json!("requested"), &mine["request"]["deadline_at"]));

    // One yes of two is not enough; the second makes the booking, claims and charges.
    assert_eq!((approve(&own, &mine).status, approve(&far, &mine).status), (403, 404));
    let half = approve(&desk, &mine).expect(201, "first yes").unwrap();
    assert_eq!(half.body["state"], "requested");
    assert_eq!((outcome(&approve(&lead, &mine)), count("occupancy")), ((409, "state-conflict"), 0));
    assert_eq!(waiting(&desk).len(), 1);
    let whole = approve(&unit, &mine).expect(201, "second yes").unwrap();
    assert_eq!((&whole.body["state"], whole.text("/request/end/outcome")), (&json!("confirmed"), "approved"));
    assert_eq!((count("occupancy"), count("postings")), (2, 1));
    assert_eq!(seen(&mate, &mine)["state"], "confirmed");
    // The other cannot be had any more, but stands until it is answered or expires.
    assert_eq!(waiting(&unit)[0]["taken"], true);
    approve(&desk, &theirs).expect(201, "first yes").unwrap();
    assert_eq!(outcome(&approve(&unit, &theirs)), (409, "period-taken"));
    assert_eq!(seen(&other, &theirs)["state"], "requested");
    assert_eq!(outcome(&other.post("/api/v1/bookings", &show(&town, 3)).unwrap()), (409, "period-taken"));
    for bad in
        [json!({}), json!({"reason": ""}), json!({"reason": "字".repeat(201)}), json!({"reason": 1}), json!({"reason": "不行", "x": 1})]
    {
        assert_eq!(outcome(&refuse(&unit, &theirs, bad)), (422, "invalid"));
    }
    assert_eq!(unit.post(&format!("/api/v1/bookings/{}/approval", id(&theirs)), &json!({"x": 1})).unwrap().status, 422);
    let no = refuse(&unit, &theirs, json!({"reason": "那天台上已经有演出了"})).expect(201, "no").unwrap();
    assert_eq!((no.text("/outcome"), no.text("/reason")), ("refused", "那天台上已经有演出了"));
    let end = seen(&other, &theirs);
    assert_eq!((&end["state"], &end["request"]["end"]["reason"]), (&json!("refused"), &json!("那天台上已经有演出了")));
    assert_eq!(outcome(&approve(&unit, &theirs)), (409, "state-conflict"));
    assert_eq!(outcome(&refuse(&unit, &theirs, json!({"reason": "再说一次"}))), (409, "state-conflict"));
    let cancel = |by: &Client, booking: &Value| by.post(&format!("/api/v1/bookings/{}/cancellation", id(booking)), &json!({})).unwrap();
    assert_eq!(outcome(&cancel(&other, &theirs)), (409, "state-conflict"));
    assert_eq!(cancel(&own, &mine).expect(201, "cancelled").unwrap().body["refund_fen"], 6000);

    // Taken back: nothing was charged, nothing is left to answer.
    let back = request(&own, &ask(&town, "yazhu", "study", 10, 4, 600));
    assert_eq!(cancel(&own, &back).expect(201, "taken back").unwrap().body["refund_fen"], 0);
    assert_eq!(outcome(&approve(&unit, &back)), (409, "state-conflict"));
    // What needs nobody's yes is booked at once, and nobody can say yes to it.
    let plain = own.post("/api/v1/bookings", &ask(&town, "hall", "meeting", 10, 4, 600)).unwrap().expect(201, "booking").unwrap().body;
    assert_eq!((&plain["state"], &plain["request"]), (&json!("confirmed"), &Value::Null));
    assert_eq!(outcome(&approve(&desk, &plain)), (409, "state-conflict"));
    assert_eq!(approve(&unit, &json!({"id": BookingId::fresh().to_string()})).status, 404);

    // Nobody says yes to themselves.
    let mut for_community = ask(&town, "hall", "meeting", 60, 5, 600);
    for_community["organisation_id"] = json!(town.organisation("yuxin-community"));
    let ours = request(&lead, &for_community);
    assert_eq!(outcome(&approve(&lead, &ours)), (403, "forbidden"));
    assert_eq!(approve(&desk, &ours).expect(201, "yes").unwrap().body["state"], "confirmed");

    // At its deadline it can no longer be answered, and it ends.
    let late = request(&own, &ask(&town, "yazhu", "study", 10, 6, 600));
    let soon = request(&own, &ask(&town, "yazhu", "study", 10, 1, 540));
    // How often who asks has had spaces here; what was cancelled or only asked for does not count.
    assert!(waiting(&unit).iter().all(|asked| asked["holder_use"] == json!({"booked": 1, "missed": 0})), "{:?}", waiting(&unit));
    assert_eq!(soon["request"]["deadline_at"], json!(town.instant(1, 540)), "never after the start");
    app.settle();
    clock.set(shangliang::kernel::Instant(NOW.plus_minutes(24 * 60).0 - 1));
    town.forget_people();
    app.settle();
    let (own, unit) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-unit"));
    assert_eq!((&seen(&own, &late)["state"], &seen(&own, &soon)["state"]), (&json!("requested"), &json!("expired")));
    clock.set(NOW.plus_minutes(24 * 60));
    assert_eq!(outcome(&approve(&unit, &late)), (409, "state-conflict"));
    app.settle();
    let over = seen(&own, &late);
    assert_eq!((&over["state"], &over["request"]["end"]["outcome"]), (&json!("expired"), &json!("expired")));
    assert_eq!(waiting(&unit), Vec::<Value>::new());
    for words in ["申请通过了", "没有等到答复"] {
        assert!(told(&own, words), "{words}");
    }
    assert!(told(&town.person("yuxin-p-res-4"), "没有通过"));
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
}

/// An amendment meets what waits for a yes: refused, quoted anew, or looked at again, in the plan like every booking.
fn an_amendment_meets_requests(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::of(&app, &with_consents());
    let (desk, unit, own, other) =
        (town.person("yuxin-p-desk"), town.person("yuxin-p-unit"), town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"));
    let agreement = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
    let agree = |version: i64, change: &dyn Fn(&mut Value)| {
        let was = desk.get(&format!("{agreement}/versions/{}", version - 1)).unwrap().expect(200, "version").unwrap();
        let mut clauses = was.body["clauses"].clone();
        clauses.as_array_mut().unwrap().iter_mut().for_each(change);
        let path = format!("{agreement}/versions/{version}");
        desk.post(&format!("{agreement}/versions"), &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        desk.post(&format!("{path}/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        let hash = desk.get(&path).unwrap().text("/sha256").to_owned();
        for party in ["yuxin-unit", "yuxin-community"] {
            let body = json!({"organisation_id": town.organisation(party), "sha256": hash});
            town.signer(party).post(&format!("{path}/signatures"), &body).unwrap().expect(201, "signature").unwrap();
        }
        let impact = desk.get(&format!("{path}/impact")).unwrap().expect(200, "impact").unwrap().body;
        let counts =
            impact["counts"].as_array().unwrap().iter().filter(|count| count["bookings"] != 0 && count["disposition"] != "unaffected");
        counts.map(|count| (count["disposition"].as_str().unwrap().to_owned(), count["bookings"].as_i64().unwrap())).collect::<Vec<_>>()
    };
    // Days after the fourteen that shorter hours wait.
    let evening = request(&own, &ask(&town, "hall", "performance", 20, 30, 1140));
    let soon = request(&own, &ask(&town, "hall", "performance", 20, 10, 1140));
    let crowd = request(&own, &ask(&town, "hall", "meeting", 150, 31, 900));
    let dear = request(&other, &show(&town, 32));
    approve(&desk, &crowd);
    let half = approve(&desk, &dear).expect(201, "first yes").unwrap();
    assert_eq!(half.body["state"], "requested");
    let third = request(&own, &ask(&town, "hall", "performance", 80, 33, 900));
    assert_eq!(third["price_fen"], 6000);

    // The ceiling of a show falls to 40.00: what waits is quoted anew, and can be had for that whatever the tariff says.
    let told = agree(2, &|clause| {
        if clause["id"] == "ceiling" {
            for ceiling in clause["payload"]["ceilings"].as_array_mut().unwrap() {
                if ceiling["use"] == "performance" {
                    ceiling["fen"] = json!(4000);
                }
            }
        }
    });
    assert_eq!(told, [("requoted".to_owned(), 4)], "{told:?}");
    assert_eq!((&seen(&other, &dear)["price_fen"], rows(&mut app.db.conn(), "postings")), (&json!(4000), 0));
    let whole = approve(&unit, &dear).expect(201, "second yes").unwrap();
    assert_eq!((&whole.body["state"], &whole.body["price_fen"]), (&json!("confirmed"), &json!(4000)));
    assert_eq!(rows(&mut app.db.conn(), "postings WHERE kind = 'charge' AND amount_fen = 4000"), 1);

    // Shorter hours refuse the evening after they take effect, and nothing before.
    let told = agree(3, &|clause| {
        if clause["id"] == "hours" {
            clause["payload"]["weekly"][0]["to"] = json!("18:00");
        }
    });
    assert_eq!(told, [("request_refused".to_owned(), 1)]);
    let end = seen(&own, &evening);
    assert_eq!((&end["state"], &end["request"]["end"]["outcome"]), (&json!("refused"), &json!("refused")));
    assert!(end["request"]["end"]["reason"].as_str().unwrap().contains("开放时间"), "{end}");
    assert_eq!(seen(&own, &soon)["state"], "requested");
    assert_eq!(outcome(&approve(&unit, &evening)), (409, "state-conflict"));
    app.settle();
    assert!(crate::requests::told(&own, "）：申请批不了了"));

    // Fewer people fit: whoever said yes to more is asked again, and the last yes judges it anyway.
    approve(&desk, &third).expect(201, "first yes").unwrap();
    let told = agree(4, &|clause| {
        if clause["kind"] == "capacity" && clause["payload"]["persons"].as_i64().is_some_and(|persons| persons > 70) {
            clause["payload"]["persons"] = json!(70);
        }
    });
    assert!(told.contains(&("looked_at_again".to_owned(), 1)), "{told:?}");
    let again = seen(&own, &third);
    assert_eq!(again["state"], "requested");
    assert!(again["request"]["approvers"].as_array().unwrap().iter().all(|approver| approver["approved_at"].is_null()), "{again}");
    approve(&desk, &third).expect(201, "first yes again").unwrap();
    let refused = approve(&unit, &third);
    assert_eq!((outcome(&refused), refused.text("/reasons/0/code")), ((409, "booking-refused"), "over-capacity"));
    app.settle();
    clock.set(NOW.plus_minutes(60));
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
}

fn answers(all: &[Answer]) -> Vec<(u16, String)> {
    let mut seen: Vec<_> = all.iter().map(|answer| (answer.status, answer.text("/code").to_owned())).collect();
    seen.sort_unstable();
    seen
}

/// Two ask for one time, sixteen say yes at once: exactly one becomes a booking, the other stays a request.
fn two_for_one_time(backend: Backend) {
    const VOICES: usize = 16;
    let (app, _) = served(backend);
    let town = Town::of(&app, &with_consents());
    let askers = [town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4")];
    let staff = ["yuxin-p-desk", "yuxin-p-desk-2", "yuxin-p-lead"].map(|code| town.person(code));
    let voices: Vec<Client> = (0..VOICES).map(|n| Client::new(&app.base).with_token(staff[n % 3].token())).collect();
    let usual = rounds(20);
    for round in 0..usual {
        let wish = ask(&town, "hall", "meeting", 60, days_ahead(round / 4), 540 + 120 * u16::try_from(round % 4).unwrap());
        let both = askers.each_ref().map(|by| request(by, &wish));
        let heard = together(VOICES, |n| approve(&voices[n], &both[n / 2 % 2]));
        let won: Vec<_> = heard.iter().filter(|answer| answer.status == 201).collect();
        assert_eq!(won.len(), 1, "round {round}: {:?}", answers(&heard));
        let lost = |answer: &&Answer| matches!(outcome(answer), (409, "state-conflict" | "period-taken"));
        assert_eq!(heard.iter().filter(lost).count(), VOICES - 1, "round {round}: {:?}", answers(&heard));
        let mut states = [0, 1].map(|n| seen(&askers[n], &both[n])["state"].as_str().unwrap().to_owned());
        states.sort_unstable();
        assert_eq!(states, ["confirmed", "requested"], "round {round}");
        for (by, asked) in askers.iter().zip(&both) {
            by.post(&format!("/api/v1/bookings/{}/cancellation", id(asked)), &json!({})).unwrap().expect(201, "cancelled").unwrap();
        }
    }
    assert_eq!(rows(&mut app.db.conn(), "request_ends WHERE outcome = 'approved'") as usize, usual);
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
    println!("{backend:?}: {usual} rounds of {VOICES} voices about two requests, {usual} bookings");
}

/// Taken back and approved at once: whichever comes first, what was charged is given back and no time stays taken.
fn taken_back_beside_the_yes(backend: Backend) {
    let (app, _) = served(backend);
    let town = Town::of(&app, &with_consents());
    let (own, desk, unit) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-desk"), town.person("yuxin-p-unit"));
    let (usual, mut after) = (rounds(20), 0);
    for round in 0..usual {
        let day = days_ahead(round);
        // A single show, or one of a series of them; the unit said yes already, and the desk says it now.
        let wish = show(&town, day);
        let (asked, path, body) = if round % 2 == 0 {
            let asked = request(&own, &wish);
            let path = format!("/api/v1/bookings/{}/cancellation", id(&asked));
            (asked, path, json!({}))
        } else {
            let mut weekly = wish.clone();
            weekly["rule"] = json!("FREQ=WEEKLY;COUNT=1");
            let made = own.post("/api/v1/series", &weekly).unwrap().expect(201, "series").unwrap().body;
            let path = format!("/api/v1/series/{}/cancellation", id(&made));
            (json!({"id": made["occurrences"][0]["booking_id"]}), path, json!({"scope": "all"}))
        };
        approve(&unit, &asked).expect(201, "the unit").unwrap();
        let answers = together(2, |n| if n == 0 { own.post(&path, &body).unwrap() } else { approve(&desk, &asked) });
        assert_eq!(answers[0].status, 201, "round {round}: {:?}", answers[0].body);
        assert!(matches!(outcome(&answers[1]), (201, _) | (409, "state-conflict")), "round {round}: {:?}", answers[1].body);
        after += usize::from(answers[1].status == 201);
        let of = id(&asked);
        let mut conn = app.db.conn();
        assert_eq!(seen(&own, &asked)["state"], "cancelled", "round {round}");
        assert_eq!(rows(&mut conn, &format!("occupancy WHERE claimant = '{of}'")), 0, "round {round}");
        let given_back = number(
            &mut conn,
            &format!(
                "SELECT CAST(COALESCE(SUM(CASE kind WHEN 'charge' THEN amount_fen ELSE -amount_fen END), 0) AS BIGINT) AS n FROM postings WHERE booking_id = '{of}'"
            ),
        );
        assert_eq!(given_back, 0, "round {round}: {:?}", answers[1].status);
    }
    println!("{backend:?}: {usual} taken back, {after} of them approved before");
    good(&app);
}

#[test]
fn soak_taken_back_beside_the_yes_sqlite() {
    taken_back_beside_the_yes(Backend::Sqlite);
}

#[test]
fn soak_taken_back_beside_the_yes_postgres() {
    taken_back_beside_the_yes(Backend::Postgres);
}

/// The two whose yes is needed say it at once: neither is lost, and the booking is made once.
fn both_say_yes_at_once(backend: Backend) {
    let (app, _) = served(backend);
    let town = Town::of(&app, &with_consents());
    let own = town.person("yuxin-p-res-2");
    let voices = ["yuxin-p-desk", "yuxin-p-unit"].map(|code| Client::new(&app.base).with_token(town.person(code).token()));
    let usual = rounds(20);
    for round in 0..usual {
        let wish = show(&town, days_ahead(round));
        let asked = request(&own, &wish);
        let heard = together(2, |n| approve(&voices[n], &asked));
        assert_eq!(answers(&heard), [(201, String::new()), (201, String::new())], "round {round}");
        assert_eq!(seen(&own, &asked)["state"], "confirmed", "round {round}");
        own.post(&format!("/api/v1/bookings/{}/cancellation", id(&asked)), &json!({})).unwrap().expect(201, "cancelled").unwrap();
    }
    assert_eq!(rows(&mut app.db.conn(), "postings") as usize, 2 * usual);
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
}

told_on_both! {
    who_approves_under_one_agreement_answers_there_alone(backend) {
        let (app, _) = served(backend);
        let town = Town::of(&app, &with_consents());
        let power = town.represent("shiyou-p-unit-1", "yuxin-unit", r#"["approve"]"#, Some(r#"["another-agreement"]"#));
        let (own, limited) = (town.person("yuxin-p-res-2"), town.person("shiyou-p-unit-1"));
        let asked = request(&own, &ask(&town, "yazhu", "study", 10, 3, 600));
        assert_eq!(outcome(&approve(&limited, &asked)), (403, "forbidden"));
        assert_eq!(outcome(&refuse(&limited, &asked, json!({"reason": "不借。"}))), (403, "forbidden"));
        assert_eq!(waiting(&limited), Vec::<Value>::new());
        let here = r#"["another-agreement", "yuxin-partnership"]"#;
        app.db.sql(&format!("UPDATE representatives SET agreements = '{here}' WHERE id = '{power}'"));
        let list = waiting(&limited);
        assert_eq!((list.len(), &list[0]["answer_for"]), (1, &json!([town.organisation("yuxin-unit")])));
        assert_eq!(approve(&limited, &asked).expect(201, "yes").unwrap().body["state"], "confirmed");
        good(&app);
    }
}

#[test]
fn asked_and_answered_sqlite() {
    asked_and_answered(Backend::Sqlite);
}

#[test]
fn asked_and_answered_postgres() {
    asked_and_answered(Backend::Postgres);
}

#[test]
fn soak_two_for_one_time_sqlite() {
    two_for_one_time(Backend::Sqlite);
}

#[test]
fn soak_two_for_one_time_postgres() {
    two_for_one_time(Backend::Postgres);
}

#[test]
fn soak_both_say_yes_at_once_sqlite() {
    both_say_yes_at_once(Backend::Sqlite);
}

#[test]
fn soak_both_say_yes_at_once_postgres() {
    both_say_yes_at_once(Backend::Postgres);
}

#[test]
fn an_amendment_meets_requests_sqlite() {
    an_amendment_meets_requests(Backend::Sqlite);
}

#[test]
fn an_amendment_meets_requests_postgres() {
    an_amendment_meets_requests(Backend::Postgres);
}
