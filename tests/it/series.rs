//! Series over HTTP on both backends: looked at, booked, changed, cancelled; holidays, clashes, consent; races.

use crate::harness::{TestApp, TestDb, Town, outcome, recorded, rounds, rows, served, together};
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::time::SetClock;
use shangliang::store::{Backend, backup};
use std::collections::BTreeMap;

/// The ink studio on Tuesdays at 10:00 from 1 December 2026.
fn wish(town: &Town, rule: &str) -> Value {
    json!({"space_id": town.space("yuxin-centre/moxuan"), "use": "calligraphy", "attendees": 4,
        "starts_at": "2026-12-01T10:00:00+08:00", "ends_at": "2026-12-01T11:00:00+08:00", "rule": rule})
}

fn with(mut wish: Value, more: &[(&str, Value)]) -> Value {
    for (name, value) in more {
        wish[*name] = value.clone();
    }
    wish
}

fn preview(by: &Client, wish: &Value) -> Value {
    by.post("/api/v1/series/preview", wish).unwrap().expect(200, "preview").unwrap().body
}

fn make(by: &Client, wish: &Value) -> Value {
    by.post("/api/v1/series", wish).unwrap().expect(201, "series").unwrap().body
}

fn seen(by: &Client, id: &str) -> Value {
    by.get(&format!("/api/v1/series/{id}")).unwrap().expect(200, "series").unwrap().body
}

fn id(series: &Value) -> &str {
    series["id"].as_str().unwrap()
}

fn fault(answer: &Answer) -> (u16, &str, &str) {
    (answer.status, answer.text("/errors/0/pointer"), answer.text("/errors/0/code"))
}

fn days(series: &Value) -> Vec<(String, String)> {
    let word = |day: &Value, name: &str| day[name].as_str().unwrap().to_owned();
    series["occurrences"].as_array().unwrap().iter().map(|day| (word(day, "date"), word(day, "outcome"))).collect()
}

fn day<'a>(series: &'a Value, date: &str) -> &'a Value {
    series["occurrences"].as_array().unwrap().iter().find(|day| day["date"] == date).unwrap_or_else(|| panic!("{date} in {series}"))
}

fn notices(app: &TestApp, by: &Client) -> Vec<String> {
    app.settle();
    let page = by.get("/api/v1/notices?limit=100").unwrap().body;
    page["items"].as_array().unwrap().iter().map(|notice| notice["text_zh"].as_str().unwrap().to_owned()).collect()
}

fn cancel(by: &Client, id: &str, ask: Value) -> Answer {
    by.post(&format!("/api/v1/series/{id}/cancellation"), &ask).unwrap()
}

fn change(by: &Client, id: &str, ask: Value) -> Answer {
    by.post(&format!("/api/v1/series/{id}/changes"), &ask).unwrap()
}

fn good(app: &TestApp) {
    app.link();
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
}

fn looked_at_and_booked(backend: Backend) {
    let (app, _) = served(backend);
    let town = Town::build(&app);
    let (own, mate, other, desk) =
        (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-3"), town.person("yuxin-p-res-4"), town.person("yuxin-p-desk"));
    let count = |of: &str| rows(&mut app.db.conn(), of);
    // Somebody has the second Tuesday.
    let taken = json!({"space_id": town.space("yuxin-centre/moxuan"), "use": "calligraphy", "attendees": 4,
        "starts_at": "2026-12-08T10:30:00+08:00", "ends_at": "2026-12-08T11:30:00+08:00"});
    other.post("/api/v1/bookings", &taken).unwrap().expect(201, "booking").unwrap();

    let plain = wish(&town, "FREQ=WEEKLY;BYDAY=TU;COUNT=5");
    let looked = preview(&own, &plain);
    let five = ["2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22", "2026-12-29"];
    let words = ["free", "taken", "free", "free", "free"];
    assert_eq!(days(&looked), five.iter().zip(words).map(|(d, w)| ((*d).to_owned(), w.to_owned())).collect::<Vec<_>>());
    assert_eq!((&looked["counts"]["booked"], &looked["counts"]["missed"], &looked["rule"]), (&json!(4), &json!(1), &plain["rule"]));
    let instead = day(&looked, "2026-12-08")["alternatives"].as_array().unwrap().clone();
    assert!((1..=3).contains(&instead.len()), "{instead:?}");
    assert_eq!((count("series"), count("bookings")), (0, 1), "a look writes nothing");

    // Everything or nothing: nothing, and the day is named.
    let all = own.post("/api/v1/series", &with(plain.clone(), &[("all_or_nothing", json!(true))])).unwrap();
    assert_eq!(
        (outcome(&all), all.text("/reasons/0/code"), all.text("/reasons/0/figure")),
        ((409, "booking-refused"), "period-taken", "2026-12-08")
    );
    assert_eq!((count("series"), count("bookings")), (0, 1));

    // Booked around the clash, which comes back with what would work instead; once however often it is asked.
    let key = "series-once";
    let made = own.post_keyed("/api/v1/series", key, &plain).unwrap().expect(201, "series").unwrap();
    // Somebody takes the first of them meanwhile: what was answered stays what was answered.
    let first = json!({"space_id": instead[0]["space_id"], "use": "calligraphy", "attendees": 4, "starts_at": instead[0]["starts_at"], "ends_at": instead[0]["ends_at"]});
    let beside = other.post("/api/v1/bookings", &first).unwrap().expect(201, "beside").unwrap().text("/id").to_owned();
    let again = own.post_keyed("/api/v1/series", key, &plain).unwrap().expect(201, "series").unwrap();
    assert_eq!(again.content, made.content);
    other.post(&format!("/api/v1/bookings/{beside}/cancellation"), &json!({})).unwrap().expect(201, "cancelled").unwrap();
    assert_eq!((id(&made.body), again.header("idempotency-replayed")), (id(&again.body), Some("true")));
    assert_eq!(days(&made.body).into_iter().map(|(_, word)| word).collect::<Vec<_>>(), ["booked", "taken", "booked", "booked", "booked"]);
    assert_eq!(day(&made.body, "2026-12-08")["alternatives"], json!(instead));
    assert_eq!((count("series"), count("bookings"), count("occupancy")), (1, 6, 5));
    let one = own.get(&format!("/api/v1/bookings/{}", day(&made.body, "2026-12-15")["booking_id"].as_str().unwrap())).unwrap().body;
    assert_eq!((&one["series_id"], &one["series_date"], &one["state"]), (&made.body["id"], &json!("2026-12-15"), &json!("confirmed")));

    // Seen by the household and the desk; listed as one's own.
    for who in [&own, &mate, &desk] {
        let detail = seen(who, id(&made.body));
        let words: Vec<String> = days(&detail).into_iter().map(|(_, word)| word).collect();
        assert_eq!(words, ["booked", "not_booked", "booked", "booked", "booked"]);
    }
    assert_eq!(other.get(&format!("/api/v1/series/{}", id(&made.body))).unwrap().status, 404);
    let list = mate.get("/api/v1/series").unwrap().expect(200, "list").unwrap().body;
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["ahead"]), (&made.body["id"], &json!(4)));
    assert_eq!(list["items"][0]["next_at"], "2026-12-01T02:00:00Z");
    assert_eq!(desk.get("/api/v1/series").unwrap().body["items"], json!([]));
    // One notice each, not four.
    let told = notices(&app, &mate);
    assert_eq!(told.iter().filter(|text| text.contains("固定时间")).collect::<Vec<_>>().len(), 1, "{told:?}");
    assert!(told[0].contains("共 4 次") && told[0].contains("1 次没有订上"), "{told:?}");
    assert_eq!(recorded(&app, "series.made"), 1);

    // An alternative for the day, another left out; a whole year of which the agreement allows only its own time.
    let chosen = with(
        wish(&town, "FREQ=WEEKLY;BYDAY=TU;COUNT=3"),
        &[
            ("starts_at", json!("2026-12-01T14:00:00+08:00")),
            ("ends_at", json!("2026-12-01T15:00:00+08:00")),
            ("exdates", json!(["2026-12-01"])),
            (
                "choices",
                json!([{"date": "2026-12-08", "action": "take", "space_id": town.space("yuxin-centre/shuyuan"), "starts_at": "2026-12-09T09:00:00+08:00", "ends_at": "2026-12-09T10:00:00+08:00"}]),
            ),
            ("use", json!("reading")),
        ],
    );
    let chosen = with(chosen, &[("space_id", json!(town.space("yuxin-centre/shuyuan")))]);
    let picked = make(&own, &chosen);
    assert_eq!(days(&picked).into_iter().map(|(_, word)| word).collect::<Vec<_>>(), ["left_out", "booked", "booked"]);
    assert_eq!(day(&picked, "2026-12-08")["starts_at"], "2026-12-09T09:00:00+08:00");
    assert_eq!(day(&picked, "2026-12-01")["left_out"], "excepted");
    good(&app);
}

fn holidays_skipped_or_moved(backend: Backend) {
    let clock = SetClock::at(shangliang::kernel::Instant::parse("2026-08-20T10:00:00+08:00").unwrap());
    let app = TestApp::serve(TestDb::fresh(backend), clock);
    let town = Town::build(&app);
    let own = town.person("yuxin-p-res-2");
    // Thursdays from 24 September to 15 October 2026, and Saturdays: National Day is 1 to 7 October, Saturday the 10th is worked.
    let thursdays = with(
        wish(&town, "FREQ=WEEKLY;BYDAY=TH,SA;UNTIL=20261015"),
        &[("starts_at", json!("2026-09-24T10:00:00+08:00")), ("ends_at", json!("2026-09-24T11:00:00+08:00"))],
    );
    let looked = preview(&own, &thursdays);
    let national = day(&looked, "2026-10-01");
    assert_eq!((&national["special"]["day_type"], &national["special"]["name_zh"]), (&json!("holiday"), &json!("国庆节")));
    let made_up = day(&looked, "2026-10-10");
    assert_eq!(made_up["special"]["day_type"], "makeup_workday");
    // A holiday moves to the next ordinary day that is no day of the series itself.
    assert_eq!(national["moves_to"]["starts_at"], "2026-10-09T10:00:00+08:00");
    assert_eq!(made_up["moves_to"]["starts_at"], "2026-10-11T10:00:00+08:00");
    assert_eq!(looked["counts"]["left_out"], 0);

    let made = make(&own, &with(thursdays.clone(), &[("holidays", json!("skip")), ("makeup_workdays", json!("move"))]));
    assert_eq!(
        (day(&made, "2026-10-01")["left_out"].as_str(), day(&made, "2026-10-03")["left_out"].as_str()),
        (Some("holiday"), Some("holiday"))
    );
    assert_eq!(day(&made, "2026-10-10")["starts_at"], "2026-10-11T10:00:00+08:00");
    assert_eq!(day(&made, "2026-10-08")["outcome"], "booked");
    // Chosen for one day alone.
    let other = town.person("yuxin-p-res-4");
    let later = with(
        thursdays,
        &[
            ("starts_at", json!("2026-09-24T14:00:00+08:00")),
            ("ends_at", json!("2026-09-24T15:00:00+08:00")),
            ("holidays", json!("skip")),
            ("choices", json!([{"date": "2026-10-01", "action": "move"}, {"date": "2026-10-10", "action": "skip"}])),
        ],
    );
    let chosen = make(&other, &later);
    assert_eq!(day(&chosen, "2026-10-01")["starts_at"], "2026-10-09T14:00:00+08:00");
    assert_eq!(day(&chosen, "2026-10-10")["left_out"], "makeup_workday");
    good(&app);
}

fn changed_and_cancelled(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::build(&app);
    let (own, other) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"));
    let count = |of: &str| rows(&mut app.db.conn(), of);
    let made = make(&own, &wish(&town, "FREQ=WEEKLY;BYDAY=TU;COUNT=6"));
    let series = id(&made).to_owned();

    // Somebody has 14:00 on the third Tuesday.
    let taken = json!({"space_id": town.space("yuxin-centre/moxuan"), "use": "calligraphy", "attendees": 4,
        "starts_at": "2026-12-15T14:00:00+08:00", "ends_at": "2026-12-15T15:00:00+08:00"});
    other.post("/api/v1/bookings", &taken).unwrap().expect(201, "booking").unwrap();

    // One: another hour, the old booking moved into the new one.
    let one = change(&own, &series, json!({"scope": "one", "date": "2026-12-08", "from": "11:00"})).expect(201, "one").unwrap().body;
    assert_eq!(
        (&one["occurrences"][0]["changed"], &one["occurrences"][0]["starts_at"]),
        (&json!(true), &json!("2026-12-08T11:00:00+08:00"))
    );
    let before = own.get(&format!("/api/v1/bookings/{}", one["occurrences"][0]["before"].as_str().unwrap())).unwrap().body;
    assert_eq!((&before["state"], &before["moved_to"]), (&json!("moved"), &one["occurrences"][0]["booking_id"]));
    // What cannot be had stays, whole.
    let no = change(&own, &series, json!({"scope": "one", "date": "2026-12-15", "from": "14:00"}));
    assert_eq!((outcome(&no), no.text("/reasons/0/code")), ((409, "booking-refused"), "period-taken"));
    assert_eq!(day(&seen(&own, &series), "2026-12-15")["starts_at"], "2026-12-15T10:00:00+08:00");
    let held = count("occupancy");

    // A dry run shows, and does nothing.
    let shown = own.post(
        &format!("/api/v1/series/{series}/changes?dry_run=true"),
        &json!({"scope": "following", "date": "2026-12-15", "from": "14:00"}),
    );
    let shown = shown.unwrap().expect(200, "dry run").unwrap().body;
    assert_eq!(shown["occurrences"].as_array().unwrap().iter().filter(|one| one["changed"] == true).count(), 3);
    assert_eq!((count("series"), count("occupancy")), (1, held));
    let none = change(&own, &series, json!({"scope": "following", "date": "2026-12-15", "from": "14:00", "all_or_nothing": true}));
    assert_eq!(outcome(&none), (409, "booking-refused"));

    // This and following: split; the one that clashes stays at ten and goes on with the later part.
    let split =
        change(&own, &series, json!({"scope": "following", "date": "2026-12-15", "from": "14:00"})).expect(201, "split").unwrap().body;
    let later = id(&split["series"]).to_owned();
    assert_ne!(later, series);
    assert_eq!((&split["series"]["follows"], &split["series"]["first_date"]), (&json!(series), &json!("2026-12-15")));
    let hours = |series: &str| -> Vec<(String, String)> {
        let detail = seen(&own, series);
        let booked = detail["occurrences"].as_array().unwrap().iter().filter(|day| day["outcome"] == "booked").cloned().collect::<Vec<_>>();
        booked.iter().map(|day| (day["date"].as_str().unwrap().to_owned(), day["starts_at"].as_str().unwrap()[11..16].to_owned())).collect()
    };
    let pairs = |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    assert_eq!(hours(&series), pairs(&[("2026-12-01", "10:00"), ("2026-12-08", "11:00")]));
    assert_eq!(hours(&later), pairs(&[("2026-12-15", "10:00"), ("2026-12-22", "14:00"), ("2026-12-29", "14:00"), ("2027-01-05", "14:00")]));
    assert_eq!(count("occupancy"), held);

    // All: the number of people; nobody's hour changes, nor the use that one of them has for itself.
    change(&own, &later, json!({"scope": "one", "date": "2026-12-22", "use": "study"})).expect(201, "one").unwrap();
    let all = change(&own, &later, json!({"scope": "all", "attendees": 6})).expect(201, "all").unwrap().body;
    assert_eq!((all["occurrences"].as_array().unwrap().len(), id(&all["series"])), (4, later.as_str()));
    assert_eq!(hours(&later).len(), 4);
    assert_eq!(count("bookings WHERE attendees = 6 AND state = 'confirmed'"), 4);
    assert_eq!(count("bookings WHERE use_code = 'study' AND state = 'confirmed'"), 1);

    // Cancelled: one, then this and following, then what is left; each once.
    let gone = cancel(&own, &later, json!({"scope": "one", "date": "2026-12-22", "reason": "老师请假"})).expect(201, "one").unwrap().body;
    assert_eq!(gone["bookings"].as_array().unwrap().len(), 1);
    assert_eq!(outcome(&cancel(&own, &later, json!({"scope": "one", "date": "2026-12-22"}))), (409, "state-conflict"));
    let gone = cancel(&own, &later, json!({"scope": "following", "date": "2026-12-29"})).expect(201, "following").unwrap().body;
    assert_eq!(gone["bookings"].as_array().unwrap().len(), 2);
    assert_eq!(hours(&later), pairs(&[("2026-12-15", "10:00")]));
    assert_eq!(seen(&own, &later)["rule"], "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261228");
    clock.set(shangliang::kernel::Instant::parse("2026-12-01T10:30:00+08:00").unwrap());
    town.forget_people();
    let own = town.person("yuxin-p-res-2");
    let gone = cancel(&own, &series, json!({"scope": "all"})).expect(201, "all").unwrap().body;
    assert_eq!(gone["bookings"].as_array().unwrap().len(), 1, "what has begun stays: {gone}");
    assert_eq!(outcome(&cancel(&own, &series, json!({"scope": "all"}))), (409, "state-conflict"));
    assert_eq!(outcome(&change(&own, &series, json!({"scope": "all", "from": "12:00"}))), (409, "state-conflict"));
    assert!(notices(&app, &own).iter().any(|text| text.contains("已取消") && text.contains("2 次")));
    good(&app);
}

fn consent_and_money(backend: Backend) {
    let (app, _) = served(backend);
    let town = Town::of(&app, &crate::requests::with_consents());
    let (own, unit) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-unit"));
    let count = |of: &str| rows(&mut app.db.conn(), of);
    // The music room needs the unit's yes each time: requests, which hold nothing, and one notice.
    let music = with(
        wish(&town, "FREQ=WEEKLY;BYDAY=TU;COUNT=3"),
        &[("space_id", json!(town.space("yuxin-centre/yazhu"))), ("use", json!("study"))],
    );
    assert_eq!(preview(&own, &music)["counts"]["asked"], 3);
    let asked = make(&own, &music);
    assert_eq!((&asked["counts"]["asked"], count("occupancy"), count("booking_approvers")), (&json!(3), 0, 3));
    assert_eq!(notices(&app, &unit).iter().filter(|text| text.contains("固定的时间") && text.contains("3 次")).count(), 1);
    let first = day(&asked, "2026-12-01")["booking_id"].as_str().unwrap();
    unit.post(&format!("/api/v1/bookings/{first}/approval"), &json!({})).unwrap().expect(201, "yes").unwrap();
    assert_eq!(day(&seen(&own, id(&asked)), "2026-12-01")["state"], "confirmed");
    let gone = cancel(&own, id(&asked), json!({"scope": "all"})).expect(201, "cancelled").unwrap().body;
    assert_eq!((gone["bookings"].as_array().unwrap().len(), count("occupancy")), (3, 0));

    // The hall costs money: each is charged, and given back.
    let hall = with(
        wish(&town, "FREQ=WEEKLY;BYDAY=TU;COUNT=3"),
        &[
            ("space_id", json!(town.space("yuxin-centre/hall"))),
            ("use", json!("performance")),
            ("attendees", json!(20)),
            ("starts_at", json!("2026-12-01T15:00:00+08:00")),
            ("ends_at", json!("2026-12-01T16:00:00+08:00")),
        ],
    );
    let shows = make(&own, &hall);
    assert_eq!(shows["counts"]["asked"], 3, "a show needs the unit's yes: {shows}");
    let price = day(&shows, "2026-12-01")["price_fen"].as_i64().unwrap();
    assert!(price > 0);
    for one in shows["occurrences"].as_array().unwrap() {
        let path = format!("/api/v1/bookings/{}/approval", one["booking_id"].as_str().unwrap());
        unit.post(&path, &json!({})).unwrap().expect(201, "yes").unwrap();
    }
    assert_eq!(count("postings"), 3);
    let gone = cancel(&own, id(&shows), json!({"scope": "following", "date": "2026-12-08"})).expect(201, "cancelled").unwrap().body;
    assert_eq!((&gone["refund_fen"], count("postings")), (&json!(2 * price), 5));
    good(&app);
}

fn bad_input(backend: Backend) {
    let (app, _) = served(backend);
    let town = Town::build(&app);
    let own = town.person("yuxin-p-res-2");
    let good_wish = wish(&town, "FREQ=WEEKLY;BYDAY=TU;COUNT=3");
    let refused = |more: &[(&str, Value)]| {
        let body = with(good_wish.clone(), more);
        let (look, book) = (own.post("/api/v1/series/preview", &body).unwrap(), own.post("/api/v1/series", &body).unwrap());
        assert_eq!(fault(&look), fault(&book), "{body}");
        let (status, pointer, code) = fault(&book);
        (status, pointer.to_owned(), code.to_owned())
    };
    let expect = |pointer: &str, code: &str| (422, pointer.to_owned(), code.to_owned());
    let rule = |text: &str| refused(&[("rule", json!(text))]);
    for (text, code) in [
        ("FREQ=SECONDLY;COUNT=3", "unknown-word"),
        ("FREQ=YEARLY;COUNT=3", "unknown-word"),
        ("FREQ=DAILY;COUNT=999999", "out-of-range"),
        ("FREQ=DAILY;COUNT=0", "out-of-range"),
        ("FREQ=DAILY;INTERVAL=99999999999;COUNT=2", "out-of-range"),
        ("FREQ=DAILY;UNTIL=99991231", "malformed"),
        ("FREQ=DAILY;UNTIL=20991231", "too-far"),
        ("FREQ=DAILY;UNTIL=20280104", "too-many"),
        ("FREQ=DAILY", "does-not-fit"),
        ("FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=1MO;COUNT=2", "never"),
        ("FREQ=DAILY;UNTIL=20261130", "never"),
        ("FREQ=WEEKLY;COUNT=3;BYEASTER=1", "unknown-part"),
        ("", "malformed"),
    ] {
        assert_eq!(rule(text), expect("/rule", code), "{text}");
    }
    assert_eq!(rule(&format!("FREQ=WEEKLY;COUNT=3;BYDAY={}", vec!["MO"; 9_000].join(","))), expect("/rule", "too-long"));
    for (field, value, pointer, code) in [
        ("exdates", json!(["2026-12-02"]), "/exdates/0", "no-occurrence"),
        ("exdates", json!(["2026-12-01", "2026-12-01"]), "/exdates/1", "duplicate"),
        ("exdates", json!(["2026-02-30"]), "/exdates/0", "malformed"),
        ("exdates", json!(["2026-12-01", "2026-12-08", "2026-12-15"]), "/exdates", "nothing-left"),
        ("choices", json!([{"date": "2026-12-02", "action": "skip"}]), "/choices/0/date", "no-occurrence"),
        ("choices", json!([{"date": "2026-12-01", "action": "take"}]), "/choices/0/starts_at", "missing"),
        ("choices", json!([{"date": "2026-12-01", "action": "dance"}]), "/choices/0/action", "unknown-word"),
        (
            "choices",
            json!([{"date": "2026-12-01", "action": "skip"}, {"date": "2026-12-01", "action": "keep"}]),
            "/choices/1/date",
            "duplicate",
        ),
        (
            "choices",
            json!([{"date": "2026-12-01", "action": "take", "space_id": town.space("yuxin-gym/tt-hall"), "starts_at": "2026-12-02T10:00:00+08:00", "ends_at": "2026-12-02T11:00:00+08:00"}]),
            "/choices",
            "unknown",
        ),
        ("holidays", json!("party"), "/holidays", "unknown-word"),
        ("minors", json!(-1), "/minors", "out-of-range"),
        ("minors", json!(5), "/minors", "out-of-range"),
        ("guardian", json!("yes"), "/guardian", "wrong-type"),
        ("equipment", json!([{"code": "table", "units": 1}, {"code": "table", "units": 1}]), "/equipment/1/code", "duplicate"),
        ("equipment", json!([{"code": "piano", "units": 1}]), "/equipment/0/code", "unknown"),
        ("equipment", json!([{"code": "table", "units": 0}]), "/equipment/0/units", "out-of-range"),
        ("equipment", json!([{"code": "table", "units": -1}]), "/equipment/0/units", "out-of-range"),
        ("equipment", json!([{"code": "table"}]), "/equipment/0/units", "missing"),
        ("equipment", json!({"table": 1}), "/equipment", "wrong-type"),
        ("starts_at", json!("2026-12-01T10:00:30+08:00"), "/starts_at", "not-a-minute"),
        ("ends_at", json!("2026-12-01T10:00:30+08:00"), "/ends_at", "not-a-minute"),
        ("ends_at", json!("2026-12-01T11:00:30+08:00"), "/ends_at", "not-a-minute"),
        (
            "choices",
            json!([{"date": "2026-12-08", "action": "take", "starts_at": "2026-12-09T10:00:00+08:00", "ends_at": "2026-12-09T10:00:30+08:00"}]),
            "/choices/0/ends_at",
            "not-a-minute",
        ),
        ("ends_at", json!("2026-12-01T10:00:00+08:00"), "/ends_at", "ends-before-start"),
        ("ends_at", json!("2026-12-02T10:30:00+08:00"), "/ends_at", "out-of-range"),
        ("space_id", json!(shangliang::kernel::id::SpaceId::fresh().to_string()), "/space_id", "unknown"),
    ] {
        if code == "nothing-left" {
            // To look at it is no fault; there is only nothing to book.
            let along = json!([{"code": "table", "units": 1}]);
            for more in [vec![(field, value.clone())], vec![(field, value.clone()), ("equipment", along)]] {
                let answer = own.post("/api/v1/series", &with(good_wish.clone(), &more)).unwrap();
                assert_eq!(fault(&answer), (422, pointer, code));
            }
            continue;
        }
        assert_eq!(refused(&[(field, value.clone())]), expect(pointer, code), "{field} {value}");
    }
    let made = make(&own, &good_wish);
    for (ask, pointer, code) in [
        (json!({}), "/scope", "missing"),
        (json!({"scope": "one"}), "/date", "missing"),
        (json!({"scope": "some"}), "/scope", "unknown-word"),
        (json!({"scope": "all", "from": "24:00"}), "/from", "out-of-range"),
        (json!({"scope": "all", "minutes": 0}), "/minutes", "out-of-range"),
        (json!({"scope": "all", "space_id": town.space("yuxin-gym/tt-hall")}), "/space_id", "unknown"),
    ] {
        assert_eq!(fault(&change(&own, id(&made), ask.clone())), (422, pointer, code), "{ask}");
    }
    assert_eq!(outcome(&cancel(&own, id(&made), json!({"scope": "one", "date": "2026-12-02"}))), (409, "state-conflict"));
    assert_eq!((rows(&mut app.db.conn(), "series"), rows(&mut app.db.conn(), "bookings")), (1, 3));
    good(&app);
}

use shangliang::kernel::id::Id;

/// Two series of twelve and single bookings over the same hours, all at once: every hour has exactly one owner.
fn twelve_against_twelve(backend: Backend) {
    const SINGLES: usize = 4;
    let (app, _) = served(backend);
    let town = Town::build(&app);
    let people = ["yuxin-p-res-2", "yuxin-p-res-4", "yuxin-p-door", "yuxin-p-grid"].map(|code| town.person(code));
    let clients: Vec<Client> = (0..2 + SINGLES).map(|n| Client::new(&app.base).with_token(people[n % people.len()].token())).collect();
    let usual = rounds(20);
    for round in 0..usual {
        let minute = 540 + 60 * (round % 10);
        let hour = format!("{:02}:{:02}", minute / 60, minute % 60);
        let body = |from: &str, to: &str| {
            json!({"space_id": town.space("yuxin-centre/shuyuan"), "use": "reading", "attendees": 2,
                "starts_at": format!("2026-12-{from}:00+08:00"), "ends_at": format!("2026-12-{to}:00+08:00")})
        };
        let until = format!("{:02}:{:02}", minute / 60 + 1, minute % 60);
        let rule = if round % 2 == 0 { "FREQ=DAILY;COUNT=12" } else { "FREQ=DAILY;INTERVAL=2;COUNT=6" };
        let answers = together(2 + SINGLES, |n| {
            if n < 2 {
                let ask = with(body(&format!("02T{hour}"), &format!("02T{until}")), &[("rule", json!(rule))]);
                clients[n].post("/api/v1/series", &ask).unwrap()
            } else {
                let day = 2 + 2 * (n - 2);
                clients[n].post("/api/v1/bookings", &body(&format!("{day:02}T{hour}"), &format!("{day:02}T{until}"))).unwrap()
            }
        });
        let mut owners: BTreeMap<String, usize> = BTreeMap::new();
        for (n, answer) in answers.iter().enumerate() {
            assert!(matches!(outcome(answer), (201, _) | (409, "period-taken" | "booking-refused")), "round {round}: {:?}", answer.body);
            if answer.status != 201 {
                continue;
            }
            let booked: Vec<String> = if n < 2 {
                answer.body["occurrences"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|day| day["outcome"] == "booked")
                    .map(|day| day["date"].as_str().unwrap().to_owned())
                    .collect()
            } else {
                vec![format!("2026-12-{:02}", 2 + 2 * (n - 2))]
            };
            for date in booked {
                *owners.entry(date).or_default() += 1;
            }
        }
        let wanted = if round % 2 == 0 { 12 } else { 6 };
        let open = owners.len();
        assert!(owners.values().all(|owners| *owners == 1), "round {round}: {owners:?}");
        // Whatever the room is open for was had by somebody.
        let expected = preview(&people[0], &with(body(&format!("02T{hour}"), &format!("02T{until}")), &[("rule", json!(rule))]));
        let free = expected["occurrences"].as_array().unwrap().iter().filter(|day| day["outcome"] == "free").count();
        assert_eq!(free, 0, "round {round}: {open} of {wanted}");
        for (n, answer) in answers.iter().enumerate().filter(|(_, answer)| answer.status == 201) {
            let undone = if n < 2 {
                cancel(&clients[n], id(&answer.body), json!({"scope": "all"}))
            } else {
                clients[n].post(&format!("/api/v1/bookings/{}/cancellation", id(&answer.body)), &json!({})).unwrap()
            };
            assert_eq!(undone.status, 201, "round {round}: {:?}", undone.body);
        }
        assert_eq!(rows(&mut app.db.conn(), "occupancy"), 0, "round {round}");
    }
    println!("{backend:?}: {usual} rounds of two series and {SINGLES} bookings, every hour one owner");
    good(&app);
}

/// The hub of 育新花园 where three folding tables are lent at the centre, and cancelling later than a day before counts.
fn with_tables() -> String {
    let usual = "rules: {granularity_minutes: 30, min_minutes: 30, max_minutes: 240, lead_minutes: 60, horizon_days: 60}";
    let rules = usual.replace('}', ", late_cancel_hours: 24, quotas: [{holder: household, per: month, bookings: 20}]}");
    let yaml =
        crate::requests::with_consents().replacen(usual, &rules, 1).replace("Folding tables, count: 10}", "Folding tables, count: 3}");
    assert!(yaml.contains(&rules) && yaml.contains("Folding tables, count: 3}"));
    yaml
}

fn codes(day: &Value) -> Vec<&str> {
    day["reasons"].as_array().map(|all| all.iter().map(|reason| reason["code"].as_str().unwrap()).collect()).unwrap_or_default()
}

/// Children and equipment: judged day by day, beside what others have and what the series has itself; changed with it.
fn comes_with_children_and_tables(backend: Backend) {
    let (app, _) = served(backend);
    let town = Town::of(&app, &with_tables());
    let (own, other) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"));
    let count = |of: &str| rows(&mut app.db.conn(), of);
    let tables = |units: i64| json!([{"code": "table", "units": units}]);
    // On the second Tuesday another room has two of the three tables.
    let theirs = json!({"space_id": town.space("yuxin-centre/shuyuan"), "use": "reading", "attendees": 2, "equipment": tables(2),
        "starts_at": "2026-12-08T10:00:00+08:00", "ends_at": "2026-12-08T11:00:00+08:00"});
    other.post("/api/v1/bookings", &theirs).unwrap().expect(201, "booking").unwrap();

    let wish =
        with(wish(&town, "FREQ=WEEKLY;BYDAY=TU;COUNT=4"), &[("minors", json!(3)), ("guardian", json!(true)), ("equipment", tables(2))]);
    let looked = preview(&own, &wish);
    let words: Vec<String> = days(&looked).into_iter().map(|(_, word)| word).collect();
    assert_eq!(words, ["free", "refused", "free", "free"]);
    let short = day(&looked, "2026-12-08");
    assert_eq!((codes(short), short["reasons"][0]["figure"].as_str()), (vec!["equipment-out"], Some("1")));
    assert!(short["alternatives"].as_array().is_some_and(|all| !all.is_empty()), "another time has tables: {short}");
    assert_eq!(day(&looked, "2026-12-01")["free_until"], "2026-11-30T02:00:00Z");
    // Nobody looks after the children: every day says so, with its clause.
    let alone = preview(&own, &with(wish.clone(), &[("guardian", json!(false))]));
    assert_eq!((codes(day(&alone, "2026-12-01")), alone["counts"]["missed"].as_i64()), (vec!["guardian-needed"], Some(4)));
    // Occurrences of one series at the same hour count against each other: the first moved beside the second in another room.
    let beside = json!([{"date": "2026-12-15", "action": "take", "space_id": town.space("yuxin-centre/shuyuan"),
        "starts_at": "2026-12-22T10:00:00+08:00", "ends_at": "2026-12-22T11:00:00+08:00"}]);
    let crossed = preview(&own, &with(wish.clone(), &[("choices", beside), ("use", json!("study"))]));
    assert_eq!(
        (day(&crossed, "2026-12-15")["outcome"].as_str(), codes(day(&crossed, "2026-12-22"))),
        (Some("free"), vec!["equipment-out"])
    );
    assert_eq!((count("series"), count("booking_equipment")), (0, 1));

    let made = make(&own, &wish);
    let series = id(&made).to_owned();
    assert_eq!((&made["counts"]["booked"], count("booking_equipment")), (&json!(3), 4));
    let first = day(&made, "2026-12-01");
    assert_eq!((&first["minors"], &first["equipment"], &first["free_until"]), (&json!(3), &tables(2), &json!("2026-11-30T02:00:00Z")));
    assert_eq!(&seen(&own, &series)["occurrences"][0], first);
    let booking = own.get(&format!("/api/v1/bookings/{}", first["booking_id"].as_str().unwrap())).unwrap().body;
    assert_eq!((&booking["minors"], &booking["equipment"]), (&json!(3), &tables(2)));
    // It holds them: others get the one that is left.
    let ask = |units: i64| {
        with(
            theirs.clone(),
            &[
                ("starts_at", json!("2026-12-15T10:00:00+08:00")),
                ("ends_at", json!("2026-12-15T11:00:00+08:00")),
                ("equipment", tables(units)),
            ],
        )
    };
    let no = other.post("/api/v1/bookings", &ask(2)).unwrap();
    assert_eq!((outcome(&no), no.text("/reasons/0/code"), no.text("/reasons/0/figure")), ((409, "booking-refused"), "equipment-out", "1"));
    let one_table = other.post("/api/v1/bookings", &ask(1)).unwrap().expect(201, "one").unwrap().text("/id").to_owned();

    // An hour and a half instead of an hour, over itself: what it holds does not stand in its own way.
    let longer = change(&own, &series, json!({"scope": "all", "minutes": 90})).expect(201, "longer").unwrap().body;
    assert_eq!(longer["occurrences"].as_array().unwrap().iter().filter(|one| one["changed"] == true).count(), 3);
    let now = seen(&own, &series);
    assert_eq!((&day(&now, "2026-12-15")["equipment"], &day(&now, "2026-12-15")["minors"]), (&tables(2), &json!(3)));
    // Three tables where somebody has one: that day stays as it is, whole, the others change.
    let more = change(&own, &series, json!({"scope": "all", "equipment": tables(3)})).expect(201, "three").unwrap().body;
    let changed: Vec<bool> = more["occurrences"].as_array().unwrap().iter().map(|one| one["changed"] == true).collect();
    assert_eq!((changed, more["occurrences"][1]["reasons"][0]["code"].as_str()), (vec![true, false, true], Some("equipment-out")));
    let now = seen(&own, &series);
    assert_eq!([&day(&now, "2026-12-01")["equipment"], &day(&now, "2026-12-15")["equipment"]], [&tables(3), &tables(2)]);
    // Without tables, and with fewer children; then fewer people than children is named.
    change(&own, &series, json!({"scope": "one", "date": "2026-12-01", "equipment": [], "minors": 1})).expect(201, "none").unwrap();
    let now = seen(&own, &series);
    assert_eq!((day(&now, "2026-12-01")["equipment"].as_array(), &day(&now, "2026-12-01")["minors"]), (None, &json!(1)));
    for (ask, pointer, code) in [
        (json!({"scope": "all", "attendees": 2}), "/attendees", "out-of-range"),
        (json!({"scope": "all", "minors": 5}), "/minors", "out-of-range"),
        (json!({"scope": "all", "equipment": [{"code": "piano", "units": 1}]}), "/equipment/0/code", "unknown"),
    ] {
        assert_eq!(fault(&change(&own, &series, ask.clone())), (422, pointer, code), "{ask}");
    }
    let children = change(&own, &series, json!({"scope": "all", "minors": 4}));
    assert_eq!((outcome(&children), children.text("/reasons/0/code")), ((409, "booking-refused"), "too-few-adults"));

    // Cancelled, all of it is there for others again.
    cancel(&own, &series, json!({"scope": "all"})).expect(201, "cancelled").unwrap();
    other.post(&format!("/api/v1/bookings/{one_table}/cancellation"), &json!({})).unwrap().expect(201, "cancelled").unwrap();
    other.post("/api/v1/bookings", &ask(3)).unwrap().expect(201, "three").unwrap();
    // A request takes none until it is approved.
    let music = with(
        wish.clone(),
        &[
            ("space_id", json!(town.space("yuxin-centre/yazhu"))),
            ("use", json!("study")),
            ("equipment", tables(3)),
            ("starts_at", json!("2026-12-02T15:00:00+08:00")),
            ("ends_at", json!("2026-12-02T16:00:00+08:00")),
            ("rule", json!("FREQ=DAILY;COUNT=2")),
        ],
    );
    let asked = make(&own, &music);
    assert_eq!(asked["counts"]["asked"], 2);
    let unit = town.person("yuxin-p-unit");
    let request = day(&asked, "2026-12-02")["booking_id"].as_str().unwrap().to_owned();
    unit.post(&format!("/api/v1/bookings/{request}/approval"), &json!({})).unwrap().expect(201, "yes").unwrap();
    let no = other.post(
        "/api/v1/bookings",
        &with(ask(1), &[("starts_at", json!("2026-12-02T15:00:00+08:00")), ("ends_at", json!("2026-12-02T16:00:00+08:00"))]),
    );
    assert_eq!(outcome(&no.unwrap()), (409, "booking-refused"));
    good(&app);
}

/// Until when cancelling does not count is told before and after; late, the answer says that it counted.
fn cancelled_in_time_or_late(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::of(&app, &with_tables());
    let own = town.person("yuxin-p-res-2");
    let made = make(&own, &wish(&town, "FREQ=DAILY;COUNT=4"));
    let series = id(&made).to_owned();
    let untils: Vec<&str> = made["occurrences"].as_array().unwrap().iter().map(|day| day["free_until"].as_str().unwrap()).collect();
    assert_eq!(untils, ["2026-11-30T02:00:00Z", "2026-12-01T02:00:00Z", "2026-12-02T02:00:00Z", "2026-12-03T02:00:00Z"]);
    let quota =
        |by: &Client| by.get(&format!("/api/v1/sites/{}/quota?on=2026-12-05", town.site("yuxin-centre"))).unwrap().body[0]["used"].clone();
    assert_eq!(quota(&own), 4);
    // At ten on the first of December the first has begun, the second is at its deadline, exactly.
    clock.set(shangliang::kernel::Instant::parse("2026-12-01T10:00:00+08:00").unwrap());
    town.forget_people();
    let own = town.person("yuxin-p-res-2");
    let gone = cancel(&own, &series, json!({"scope": "one", "date": "2026-12-02"})).expect(201, "in time").unwrap().body;
    assert_eq!((&gone["counted"], gone["bookings"].as_array().map(Vec::len)), (&json!([]), Some(1)));
    assert_eq!(quota(&own), 3);
    // Just after the deadline of the third, all that are left: one of two counts.
    clock.set(shangliang::kernel::Instant::parse("2026-12-02T10:00:01+08:00").unwrap());
    town.forget_people();
    let own = town.person("yuxin-p-res-2");
    let third = day(&made, "2026-12-03")["booking_id"].clone();
    let shown = seen(&own, &series);
    assert_eq!(
        (&day(&shown, "2026-12-02")["free_until"], &day(&shown, "2026-12-04")["free_until"]),
        (&Value::Null, &json!("2026-12-03T02:00:00Z"))
    );
    let gone = cancel(&own, &series, json!({"scope": "all"})).expect(201, "late").unwrap().body;
    assert_eq!((&gone["counted"], gone["bookings"].as_array().map(Vec::len)), (&json!([third]), Some(2)));
    assert_eq!(quota(&own), 2);
    good(&app);
}

macro_rules! on_both {
    ($($sqlite:ident $postgres:ident = $story:ident;)+) => {$(
        #[test]
        fn $sqlite() {
            $story(Backend::Sqlite);
        }
        #[test]
        fn $postgres() {
            $story(Backend::Postgres);
        }
    )+};
}

on_both! {
    looked_at_and_booked_sqlite looked_at_and_booked_postgres = looked_at_and_booked;
    holidays_skipped_or_moved_sqlite holidays_skipped_or_moved_postgres = holidays_skipped_or_moved;
    changed_and_cancelled_sqlite changed_and_cancelled_postgres = changed_and_cancelled;
    consent_and_money_sqlite consent_and_money_postgres = consent_and_money;
    comes_with_children_and_tables_sqlite comes_with_children_and_tables_postgres = comes_with_children_and_tables;
    cancelled_in_time_or_late_sqlite cancelled_in_time_or_late_postgres = cancelled_in_time_or_late;
    bad_series_are_named_sqlite bad_series_are_named_postgres = bad_input;
    soak_twelve_against_twelve_sqlite soak_twelve_against_twelve_postgres = twelve_against_twelve;
}
