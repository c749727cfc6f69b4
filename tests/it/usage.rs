//! Usage terms over HTTP on both backends: drafted, held against the clauses, approved by every unit, accepted with each booking,
//! sent back by a material change; and a booking against the approval that makes them binding.

use crate::harness::db::NOW;
use crate::harness::{Town, days_ahead, outcome, rounds, rows, served, together, waiting};
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::demo::seed::YUXIN;
use shangliang::kernel::Instant;
use shangliang::kernel::id::{Id, OrganisationId, SpaceId, UsageTermsId};
use shangliang::store::{Backend, backup};

fn at(text: &str) -> Instant {
    Instant::parse(&format!("{text}:00+08:00")).unwrap()
}

/// Code and field, or code and reason, of a refusal.
fn why(answer: &Answer) -> (u16, &str, &str) {
    let field = answer.text("/errors/0/pointer");
    (answer.status, answer.text("/code"), if field.is_empty() { answer.text("/reasons/0/code") } else { field })
}

/// The code, clause and figure of every reason.
fn reasons(answer: &Answer) -> Vec<(String, String, String)> {
    let text = |reason: &Value, field: &str| reason[field].as_str().unwrap_or_default().to_owned();
    let all = answer.body["reasons"].as_array().unwrap_or_else(|| panic!("{:?}", answer.body));
    all.iter().map(|r| (text(r, "code"), text(r, "clause"), text(r, "figure"))).collect()
}

/// Usage terms of a site, from a draft on.
pub struct Paper<'t> {
    town: &'t Town<'t>,
    id: String,
}

impl<'t> Paper<'t> {
    fn try_draft(town: &Town, by: &Client, site: &str, body: &Value) -> Answer {
        by.post(&format!("/api/v1/sites/{}/usage-terms", town.site(site)), body).unwrap()
    }
    pub fn draft(town: &'t Town<'t>, by: &Client, site: &str, body: &Value) -> Self {
        let made = Self::try_draft(town, by, site, body).expect(201, "draft").unwrap();
        Self { town, id: made.text("/usage_terms_id").to_owned() }
    }
    /// Of the ink studio, drafted and submitted by the desk; the hash.
    fn submitted(town: &'t Town<'t>, text: &str) -> (Self, String) {
        let desk = town.person("yuxin-p-desk");
        let paper = Self::draft(town, &desk, "yuxin-centre", &json!({"space_ids": [town.space("yuxin-centre/moxuan")], "text_zh": text}));
        let sha256 = paper.verb(&desk, "submission").expect(201, "submission").unwrap().text("/sha256").to_owned();
        (paper, sha256)
    }
    fn path(&self, tail: &str) -> String {
        format!("/api/v1/usage-terms/{}{tail}", self.id)
    }
    pub fn verb(&self, by: &Client, verb: &str) -> Answer {
        by.post(&self.path(&format!("/{verb}")), &json!({})).unwrap()
    }
    pub fn approve(&self, by: &Client, unit: &str, sha256: &str) -> Answer {
        by.post(&self.path("/approvals"), &json!({"organisation_id": self.town.organisation(unit), "sha256": sha256})).unwrap()
    }
    fn reject(&self, by: &Client, unit: &str, reason: &str) -> Answer {
        by.post(&self.path("/rejection"), &json!({"organisation_id": self.town.organisation(unit), "reason": reason})).unwrap()
    }
    fn seen(&self, by: &Client) -> Value {
        by.get(&self.path("")).unwrap().expect(200, "usage terms").unwrap().body
    }
    fn state(&self, by: &Client) -> String {
        self.seen(by)["state"].as_str().unwrap().to_owned()
    }
}

fn told(by: &Client, kind: &str) -> usize {
    let page = by.get("/api/v1/notices?limit=100").unwrap();
    page.body["items"].as_array().unwrap().iter().filter(|notice| notice["kind"] == kind).count()
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

/// From the draft to a booking that accepted them, and to the next ones.
fn drafted_approved_accepted(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::build(&app);
    let (desk, unit, own) = (town.person("yuxin-p-desk"), town.person("yuxin-p-unit"), town.person("yuxin-p-res-2"));
    let room = town.space("yuxin-centre/moxuan");
    let public =
        |at: &str| app.client.get(&format!("/api/v1/spaces/{room}/usage-terms{at}")).unwrap().expect(200, "usage terms").unwrap().body;
    assert_eq!((&public("")["in_force"], &public("")["next"]), (&Value::Null, &json!([])));
    let free = town.book(&own, 2, 540);
    assert_eq!(own.get(&format!("/api/v1/bookings/{free}")).unwrap().body["usage_terms"], Value::Null);

    // What is wrong is named; nothing is written.
    let good = json!({"space_ids": [room], "text_zh": "一、请保持安静。\n二、用完请洗笔。", "text_en": "Quiet, please.", "max_persons": 20,
        "hours": [{"days": ["mon", "tue", "sat"], "from": "09:00", "to": "20:00"}], "dates": [
            {"first": "2027-02-06", "last": "2027-02-08", "windows": [], "reason_zh": "春节闭馆"},
            {"first": "2027-10-01", "last": "2027-10-03", "windows": [{"from": "09:00", "to": "17:00"}], "reason_zh": "国庆节"}], "uses": ["calligraphy"],
        "fees": [{"use": "calligraphy", "fen": 0, "per": "session"}]});
    for (body, field) in [
        (json!({"text_zh": "好"}), "/space_ids"),
        (with(good.clone(), "space_ids", json!([])), "/space_ids"),
        (with(good.clone(), "space_ids", json!([room, room])), "/space_ids/1"),
        (with(good.clone(), "space_ids", json!([SpaceId::fresh().to_string()])), "/space_ids/0"),
        (with(good.clone(), "space_ids", json!([town.space("yuxin-gym/tt-hall")])), "/space_ids/0"),
        (with(good.clone(), "text_zh", json!("")), "/text_zh"),
        (with(good.clone(), "text_zh", json!("字".repeat(8001))), "/text_zh"),
        (with(good.clone(), "text_zh", json!("\u{202e}")), "/text_zh"),
        (with(good.clone(), "max_persons", json!(0)), "/max_persons"),
        (with(good.clone(), "max_persons", json!("many")), "/max_persons"),
        (with(good.clone(), "hours", json!([{"days": ["mon"], "from": "20:00", "to": "09:00"}])), "/hours/0/to"),
        (with(good.clone(), "holidays", json!("open")), "/holidays"),
        (
            with(good.clone(), "dates", json!([{"first": "2027-02-06", "windows": [{"from": "9"}], "reason_zh": "春节"}])),
            "/dates/0/windows/0/from",
        ),
        (with(good.clone(), "uses", json!(["gambling"])), "/uses/0"),
        (with(good.clone(), "fees", json!([{"fen": -1, "per": "session"}])), "/fees/0/fen"),
        (with(good.clone(), "from_day", json!("2026-11-27")), "/from_day"),
        (with(good.clone(), "state", json!("approved")), "/state"),
    ] {
        let answer = Paper::try_draft(&town, &desk, "yuxin-centre", &body);
        assert_eq!((answer.status, answer.text("/errors/0/pointer")), (422, field), "{body}: {}", answer.body);
    }
    let huge = json!({"space_ids": [room], "text_zh": "字".repeat(30_000)});
    assert_eq!(outcome(&Paper::try_draft(&town, &desk, "yuxin-centre", &huge)), (413, "too-large"));
    assert_eq!(rows(&mut app.db.conn(), "usage_terms"), 0);

    // Who drafts: the community, the owner of every one of the spaces, who runs the site.
    assert_eq!(Paper::try_draft(&town, &own, "yuxin-centre", &good).status, 403);
    assert_eq!(Paper::try_draft(&town, &town.person("shiyou-p-unit-1"), "yuxin-centre", &good).status, 403);
    let gym = json!({"space_ids": [town.space("yuxin-gym/tt-hall")], "text_zh": "请穿运动鞋。"});
    assert_eq!(Paper::try_draft(&town, &town.person("yuxin-p-gym"), "yuxin-gym", &gym).status, 201);
    assert_eq!(Paper::try_draft(&town, &town.person("yuxin-p-gym"), "yuxin-centre", &good).status, 403);
    let paper = Paper::draft(&town, &unit, "yuxin-centre", &good);
    for stranger in [&app.client, &own, &town.person("shiyou-p-desk"), &town.person("yuxin-p-keys")] {
        assert_eq!(stranger.get(&paper.path("")).unwrap().status, 404, "a draft is nobody else's business");
    }
    let draft = paper.seen(&desk);
    assert_eq!((&draft["state"], &draft["version"], &draft["sha256"]), (&json!("draft"), &json!(1), &Value::Null));
    assert_eq!((&draft["text_zh"], &draft["hours"], &draft["fees"]), (&good["text_zh"], &good["hours"], &good["fees"]));
    assert_eq!(outcome(&paper.approve(&unit, "yuxin-unit", &"0".repeat(64))), (409, "state-conflict"));

    // A draft changes, by whoever has seen it last.
    let put = |tag: &str, body: &Value| {
        desk.raw("PUT", &paper.path(""), &[("if-match", tag)], Some(("application/json", body.to_string().as_bytes()))).unwrap()
    };
    let tag = desk.get(&paper.path("")).unwrap().header("etag").unwrap().to_owned();
    let crowded = with(with(good.clone(), "max_persons", json!(999)), "fees", json!([{"fen": 1, "per": "session"}]));
    let late = with(crowded, "hours", json!([{"days": ["sun"], "from": "08:00", "to": "22:00"}]));
    let too_much = with(late, "uses", json!(["dance"]));
    assert_eq!(put(&tag, &too_much).status, 200);
    assert_eq!(outcome(&put(&tag, &good)), (412, "precondition-failed"));
    assert_eq!(put("*", &json!({"space_ids": [SpaceId::fresh().to_string()], "text_zh": "好"})).status, 422);

    // What goes beyond the clauses is refused with each clause, and nobody is asked.
    let refused = paper.verb(&desk, "submission");
    assert_eq!(outcome(&refused), (409, "outside-clauses"));
    let mut codes: Vec<(String, String)> = reasons(&refused).into_iter().map(|(code, clause, _)| (code, clause)).collect();
    codes.sort();
    let expected = [("outside-hours", "hours"), ("over-capacity", ""), ("over-ceiling", ""), ("use-not-allowed", "")];
    assert_eq!(codes.len(), expected.len(), "{codes:?}");
    for ((code, clause), (expected, named)) in codes.iter().zip(expected) {
        assert!(code == expected && !clause.is_empty() && (named.is_empty() || clause == named), "{codes:?}");
    }
    let hours = reasons(&refused).into_iter().find(|(code, ..)| code == "outside-hours").unwrap();
    assert_eq!(hours.2, "08:30–21:00");
    let field = |code: &str| refused.body["reasons"].as_array().unwrap().iter().find(|r| r["code"] == code).unwrap()["field"].clone();
    let fields = ["outside-hours", "over-capacity", "over-ceiling", "use-not-allowed"].map(field);
    assert_eq!(fields, ["/hours/0", "/max_persons", "/fees/0", "/uses/0"]);
    // Stated hours hold on the dates a clause has hours of its own for, unless they say so.
    let always = with(good.clone(), "dates", json!([]));
    assert_eq!(put("*", &always).status, 200);
    let refused = paper.verb(&desk, "submission");
    let beyond: Vec<_> = reasons(&refused).into_iter().map(|(code, clause, figure)| format!("{code} {clause} {figure}")).collect();
    assert_eq!(beyond, ["outside-hours hours closed", "outside-hours hours 09:00–17:00"], "{:?}", refused.body);
    assert_eq!(rows(&mut app.db.conn(), "usage_approvals"), 0);
    assert_eq!(put("*", &good).status, 200);
    let submitted = paper.verb(&desk, "submission").expect(201, "submission").unwrap();
    let sha256 = submitted.text("/sha256").to_owned();
    assert_eq!((submitted.text("/state"), sha256.len()), ("submitted", 64));
    assert_eq!(outcome(&paper.verb(&desk, "submission")), (409, "state-conflict"));
    assert_eq!(outcome(&put("*", &good)), (409, "state-conflict"));

    // The unit hears of it and finds it waiting; nobody else is asked, and nobody else knows.
    app.settle();
    assert_eq!((told(&unit, "usage.submitted"), told(&desk, "usage.submitted")), (1, 0));
    assert_eq!((waiting(&unit).len(), waiting(&desk).len()), (1, 0));
    assert_eq!(waiting(&unit)[0]["usage_terms"]["approvals"][0]["organisation_id"], json!(town.organisation("yuxin-unit")));
    let listed = |by: &Client, query: &str| {
        let path = format!("/api/v1/sites/{}/usage-terms{query}", town.site("yuxin-centre"));
        by.get(&path).unwrap().expect(200, "list").unwrap().body["items"].as_array().unwrap().len()
    };
    assert_eq!((listed(&desk, ""), listed(&app.client, ""), listed(&own, ""), listed(&unit, "?state=submitted")), (1, 0, 0, 1));
    assert_eq!(paper.approve(&own, "yuxin-unit", &sha256).status, 403);
    assert_eq!(outcome(&paper.approve(&town.person("shiyou-p-unit-1"), "yuxin-unit", &sha256)), (404, "not-found"));
    assert_eq!(outcome(&paper.approve(&desk, "yuxin-unit", &sha256)), (403, "forbidden"), "the unit answers for itself");
    assert_eq!(outcome(&paper.approve(&unit, "yuxin-community", &sha256)), (403, "forbidden"), "it is not asked");
    assert_eq!(outcome(&paper.approve(&unit, "yuxin-unit", &"a".repeat(64))), (409, "hash-mismatch"));
    for (field, value) in [("sha256", json!("x")), ("sha256", json!("A".repeat(64))), ("organisation_id", json!(room)), ("more", json!(1))]
    {
        let body = with(json!({"organisation_id": town.organisation("yuxin-unit"), "sha256": sha256}), field, value);
        assert_eq!(why(&unit.post(&paper.path("/approvals"), &body).unwrap()), (422, "invalid", format!("/{field}").as_str()));
    }
    let nobody = json!({"organisation_id": OrganisationId::fresh().to_string(), "sha256": sha256});
    assert_eq!(outcome(&unit.post(&paper.path("/approvals"), &nobody).unwrap()), (403, "forbidden"));
    assert_eq!(public("")["in_force"], Value::Null);
    town.book(&own, 2, 600);

    // Approved: in force at once. Whoever books says which text they accept.
    let approved = paper.approve(&unit, "yuxin-unit", &sha256).expect(201, "approval").unwrap();
    assert_eq!((approved.text("/state"), &approved.body["in_force_from"]), ("approved", &json!(NOW)));
    assert_eq!(outcome(&paper.approve(&unit, "yuxin-unit", &sha256)), (409, "state-conflict"));
    assert_eq!(outcome(&paper.reject(&unit, "yuxin-unit", "改主意了")), (409, "state-conflict"));
    assert_eq!(outcome(&paper.verb(&desk, "withdrawal")), (409, "state-conflict"));
    assert_eq!((waiting(&unit).len(), paper.state(&app.client)), (0, "in_force".into()));
    let shown = public("");
    assert_eq!((&shown["in_force"]["sha256"], &shown["in_force"]["text_zh"]), (&json!(sha256), &good["text_zh"]));
    assert_eq!((listed(&app.client, ""), listed(&app.client, "?state=in_force"), listed(&app.client, "?state=draft")), (1, 1, 0));
    let other = town.space("yuxin-centre/hall");
    assert_eq!((listed(&desk, &format!("?space_id={room}")), listed(&desk, &format!("?space_id={other}"))), (1, 0));
    let detail = paper.seen(&app.client);
    assert_eq!((&detail["drafted_by"], &detail["events"]), (&Value::Null, &json!([])));
    let document: Value = serde_json::from_str(detail["canonical"].as_str().unwrap()).unwrap();
    assert_eq!((&document["spaces"], &document["no"], document.get("text_en")), (&json!(["yuxin-centre/moxuan"]), &json!(1), None));
    assert_eq!(shangliang::kernel::digest::sha256_hex(detail["canonical"].as_str().unwrap().as_bytes()), sha256);

    let wish = |hash: Option<&str>, minute: u16| match hash {
        Some(hash) => with(town.ask(3, minute), "usage_terms_sha256", json!(hash)),
        None => town.ask(3, minute),
    };
    let book = |hash: Option<&str>, minute: u16| own.post("/api/v1/bookings", &wish(hash, minute)).unwrap();
    let before = rows(&mut app.db.conn(), "bookings");
    for hash in [None, Some("b".repeat(64))] {
        let refused = book(hash.as_deref(), 600);
        assert_eq!(outcome(&refused), (409, "booking-refused"));
        assert_eq!(reasons(&refused), [("usage-terms".to_owned(), String::new(), sha256.clone())], "the figure is what is to be accepted");
        let check = own.post("/api/v1/bookings/check", &wish(hash.as_deref(), 600)).unwrap().expect(200, "check").unwrap();
        assert_eq!((&check.body["bookable"], check.text("/reasons/0/figure")), (&json!(false), sha256.as_str()));
    }
    assert_eq!(why(&book(Some("nonsense"), 600)), (422, "invalid", "/usage_terms_sha256"));
    assert_eq!(rows(&mut app.db.conn(), "bookings"), before);
    assert_eq!(own.post("/api/v1/bookings/check", &wish(Some(&sha256), 600)).unwrap().body["bookable"], true);
    let booked = book(Some(&sha256), 600).expect(201, "accepted").unwrap();
    let read = own.get(&format!("/api/v1/bookings/{}", booked.text("/id"))).unwrap().body;
    assert_eq!(read, booked.body);
    let accepted = &read["usage_terms"];
    assert_eq!((&accepted["usage_terms_id"], &accepted["version_no"]), (&json!(paper.id), &json!(1)));
    assert_eq!(
        (&accepted["sha256"], &accepted["accepted_at"], &accepted["account_id"]),
        (&json!(sha256), &json!(NOW), &read["account_id"])
    );
    // Another room has none.
    let hall = json!({"space_id": other, "use": "meeting", "attendees": 5, "starts_at": town.at(3, 600), "ends_at": town.at(3, 660)});
    own.post("/api/v1/bookings", &hall).unwrap().expect(201, "hall").unwrap();

    // The next ones, from a day on: until then the first bind, from then on the second, whenever one books.
    let second = Paper::draft(&town, &desk, "yuxin-centre", &with(good.clone(), "from_day", json!("2026-12-01")));
    let next = second.verb(&desk, "submission").expect(201, "submission").unwrap().text("/sha256").to_owned();
    assert_ne!(next, sha256, "its day is part of it");
    let later = second.approve(&unit, "yuxin-unit", &next).expect(201, "approval").unwrap();
    assert_eq!(later.body["in_force_from"], json!(at("2026-12-01T00:00")));
    assert_eq!((second.state(&app.client), paper.state(&app.client)), ("approved".into(), "in_force".into()));
    assert_eq!((&public("")["in_force"]["version"], &public("")["next"][0]["version"]), (&json!(1), &json!(2)));
    assert_eq!(public("?at=2026-12-01T00:00:00%2B08:00")["in_force"]["version"], json!(2));
    assert_eq!((listed(&desk, "?state=approved"), listed(&desk, "?state=in_force")), (1, 1));
    let stale = book(Some(&sha256), 660);
    assert_eq!(reasons(&stale)[0].2, next, "the first of December is the second's");
    let with_next =
        |days: i64, hash: &str| own.post("/api/v1/bookings", &with(town.ask(days, 840), "usage_terms_sha256", json!(hash))).unwrap();
    assert_eq!((with_next(2, &sha256).status, with_next(2, &next).status, with_next(3, &next).status), (201, 409, 201));
    clock.set(at("2026-12-01T00:00"));
    town.forget_people();
    let (desk, unit) = (town.person("yuxin-p-desk"), town.person("yuxin-p-unit"));
    assert_eq!((paper.state(&desk), second.state(&desk)), ("superseded".into(), "in_force".into()));
    assert_eq!((listed(&desk, "?state=superseded"), listed(&desk, "?limit=1")), (1, 1));

    // One no ends them; what is taken back before it binds never does.
    let (third, hash) = Paper::submitted(&town, "请不要抽烟。");
    assert_eq!(why(&third.reject(&unit, "yuxin-unit", "")), (422, "invalid", "/reason"));
    third.reject(&unit, "yuxin-unit", "先改第二条。").expect(201, "no").unwrap();
    let end = third.seen(&desk);
    assert_eq!(
        (&end["state"], end["events"].as_array().unwrap().last().unwrap()["text"].as_str()),
        (&json!("rejected"), Some("先改第二条。"))
    );
    assert_eq!(outcome(&third.approve(&unit, "yuxin-unit", &hash)), (409, "state-conflict"));
    let (fourth, hash) = Paper::submitted(&town, "请不要喧哗。");
    fourth.verb(&desk, "withdrawal").expect(201, "withdrawal").unwrap();
    assert_eq!(outcome(&fourth.verb(&desk, "withdrawal")), (409, "state-conflict"));
    assert_eq!(outcome(&fourth.approve(&unit, "yuxin-unit", &hash)), (409, "state-conflict"));
    let fifth = Paper::draft(&town, &desk, "yuxin-centre", &with(good.clone(), "from_day", json!("2027-02-01")));
    let hash = fifth.verb(&desk, "submission").expect(201, "submission").unwrap().text("/sha256").to_owned();
    fifth.approve(&unit, "yuxin-unit", &hash).expect(201, "approval").unwrap();
    fifth.verb(&desk, "withdrawal").expect(201, "withdrawal").unwrap();
    assert_eq!(public("")["next"], json!([]), "nothing follows");
    let absent = UsageTermsId::fresh();
    for tail in ["submission", "withdrawal"] {
        assert_eq!(desk.post(&format!("/api/v1/usage-terms/{absent}/{tail}"), &json!({})).unwrap().status, 404);
    }
    let path = format!("/api/v1/sites/{}/usage-terms", town.site("yuxin-centre"));
    let (mut next, mut numbers) = (format!("{path}?limit=2"), Vec::new());
    loop {
        let page = desk.get(&next).unwrap().expect(200, "page").unwrap();
        numbers.extend(page.body["items"].as_array().unwrap().iter().map(|one| one["version"].as_i64().unwrap()));
        match page.body["next_cursor"].as_str() {
            Some(cursor) => next = format!("{path}?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(numbers, [5, 4, 3, 2, 1]);
    assert_eq!(desk.get(&format!("{path}?state=lost")).unwrap().status, 422);
    // What was accepted and what happened is never changed, whatever is tried.
    app.settle();
    let mut conn = app.db.conn();
    for statement in ["UPDATE usage_acceptances SET sha256 = 'x'", "DELETE FROM usage_acceptances", "DELETE FROM usage_events"] {
        use diesel::connection::SimpleConnection;
        assert!(conn.batch_execute(statement).is_err(), "{statement}");
    }
    assert_eq!(backup::broken_invariants(&mut conn).unwrap(), Vec::<String>::new());
    app.link();
    let verdict = app.store().read_now(|tx| shangliang::audit::verify(tx)).unwrap();
    assert!(verdict.broken.is_empty(), "{:?}", verdict.broken);
}

/// The hall belongs to nobody by title: whoever lends it is asked, the community in charge answers, and so does the unit.
fn every_affected_unit(backend: Backend) {
    let (app, _) = served(backend);
    // assumption of this test: the gym is run by its operator, and two rooms of the centre belong to the two parties
    let yaml = YUXIN.replacen(
        "          - code: moxuan\n            name_zh: 同创墨轩\n",
        "          - code: moxuan\n            title: yuxin-community\n            name_zh: 同创墨轩\n",
        1,
    );
    let town = Town::of(&app, &yaml);
    let (desk, unit) = (town.person("yuxin-p-desk"), town.person("yuxin-p-unit"));
    let rooms = ["moxuan", "shuyuan"].map(|room| town.space(&format!("yuxin-centre/{room}")));
    assert_eq!(
        Paper::try_draft(&town, &unit, "yuxin-centre", &json!({"space_ids": rooms, "text_zh": "好"})).status,
        403,
        "not all are its own"
    );
    let paper = Paper::draft(&town, &desk, "yuxin-centre", &json!({"space_ids": rooms, "text_zh": "请保持整洁。"}));
    let sha256 = paper.verb(&desk, "submission").expect(201, "submission").unwrap().text("/sha256").to_owned();
    let asked = paper.seen(&desk);
    let mut by: Vec<(bool, bool)> = Vec::new();
    for approval in asked["approvals"].as_array().unwrap() {
        by.push((approval["organisation_id"] == json!(town.organisation("yuxin-unit")), approval["by_community"] == true));
    }
    by.sort_unstable();
    assert_eq!(by, [(false, true), (true, false)], "{asked}");
    app.settle();
    let lead = town.person("yuxin-p-lead");
    assert_eq!((told(&unit, "usage.submitted"), told(&lead, "usage.submitted"), told(&desk, "usage.submitted")), (1, 1, 0));
    let half = paper.approve(&unit, "yuxin-unit", &sha256).expect(201, "first").unwrap();
    assert_eq!((half.text("/state"), &half.body["in_force_from"]), ("submitted", &Value::Null));
    let own = town.person("yuxin-p-res-2");
    town.book(&own, 2, 540);
    assert_eq!(paper.approve(&town.person("shiyou-p-desk"), "yuxin-community", &sha256).status, 404);
    let whole = paper.approve(&lead, "yuxin-community", &sha256).expect(201, "second").unwrap();
    assert_eq!(whole.text("/state"), "approved");
    assert_eq!(own.post("/api/v1/bookings", &town.ask(2, 600)).unwrap().status, 409);
    app.settle();
    assert_eq!((told(&desk, "usage.approved"), told(&desk, "usage.taking_effect"), told(&unit, "usage.taking_effect")), (2, 1, 1));
}

/// A material change sends them back in the transaction that decides; one that is not leaves them alone.
fn sent_back_by_a_material_change(backend: Backend) {
    let (app, clock) = served(backend);
    let town = Town::build(&app);
    let (desk, unit, own) = (town.person("yuxin-p-desk"), town.person("yuxin-p-unit"), town.person("yuxin-p-res-2"));
    let room = town.space("yuxin-centre/moxuan");
    let stating = |to: &str| {
        json!({"space_ids": [room], "text_zh": "请保持安静。", "hours": [{"days": ["mon", "tue", "wed"], "from": "09:00", "to": to}],
        "dates": [{"first": "2027-02-08", "windows": [], "reason_zh": "春节闭馆"}]})
    };
    let paper = Paper::draft(&town, &desk, "yuxin-centre", &stating("20:00"));
    let sha256 = paper.verb(&desk, "submission").expect(201, "submission").unwrap().text("/sha256").to_owned();
    paper.approve(&unit, "yuxin-unit", &sha256).expect(201, "approval").unwrap();
    let elsewhere =
        Paper::draft(&town, &desk, "yuxin-centre", &json!({"space_ids": [town.space("yuxin-centre/shuyuan")], "text_zh": "请还书。"}));
    let other = elsewhere.verb(&desk, "submission").expect(201, "submission").unwrap().text("/sha256").to_owned();
    elsewhere.approve(&unit, "yuxin-unit", &other).expect(201, "approval").unwrap();

    let agreement = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
    let agree = |version: i64, change: &dyn Fn(&mut Vec<Value>)| {
        let was = desk.get(&format!("{agreement}/versions/{}", version - 1)).unwrap().expect(200, "version").unwrap();
        let mut clauses = was.body["clauses"].as_array().unwrap().clone();
        change(&mut clauses);
        let path = format!("{agreement}/versions/{version}");
        desk.post(&format!("{agreement}/versions"), &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        desk.post(&format!("{path}/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        let hash = desk.get(&path).unwrap().text("/sha256").to_owned();
        for party in ["yuxin-unit", "yuxin-community"] {
            let body = json!({"organisation_id": town.organisation(party), "sha256": hash});
            town.signer(party).post(&format!("{path}/signatures"), &body).unwrap().expect(201, "signature").unwrap();
        }
    };
    let clause = |clauses: &mut Vec<Value>, id: &str| clauses.iter_mut().position(|clause| clause["id"] == id).unwrap();

    // Courtesy, and what is marked as no matter for them: nothing happens.
    agree(2, &|clauses| {
        let i = clause(clauses, "hours");
        clauses[i]["text_en"] = json!("Open daily.");
        let i = clause(clauses, "utilities");
        (clauses[i]["material"], clauses[i]["text_zh"]) = (json!(false), json!("水电费由产权单位付。"));
    });
    // The clause was material before: changing that itself is a material change.
    assert_eq!(paper.state(&desk), "submitted");
    paper.approve(&unit, "yuxin-unit", &sha256).expect(201, "again").unwrap();
    elsewhere.approve(&unit, "yuxin-unit", &other).expect(201, "again").unwrap();
    agree(3, &|clauses| {
        let i = clause(clauses, "utilities");
        clauses[i]["text_zh"] = json!("水费、电费由产权单位付。");
    });
    assert_eq!((paper.state(&desk), elsewhere.state(&desk)), ("in_force".into(), "in_force".into()));

    // Hours narrowed for this room: agreed today, in effect after fourteen days.
    let narrow = |clauses: &mut Vec<Value>| {
        let i = clause(clauses, "hours");
        let mut hours = clauses[i].clone();
        (hours["id"], hours["spaces"]) = (json!("hours-moxuan"), json!(["yuxin-centre/moxuan"]));
        hours["payload"] = json!({"weekly": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "09:00", "to": "18:00"}]});
        clauses.push(hours);
    };
    agree(4, &narrow);
    let effect = "2026-12-12T00:00:00+08:00";
    assert_eq!((paper.state(&desk), elsewhere.state(&desk)), ("submitted".into(), "in_force".into()));
    app.settle();
    assert!(told(&unit, "usage.sent_back") > 0 && told(&desk, "usage.sent_back") > 0);
    let kinds: Vec<Value> = paper.seen(&desk)["events"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds.last(), Some(&json!("sent_back")));
    // Until then they bind as they were, after it nothing has to be accepted.
    let book = |days: i64, minute: u16, hash: Option<&str>| {
        let mut ask = town.ask(days, minute);
        if let Some(hash) = hash {
            ask["usage_terms_sha256"] = json!(hash);
        }
        own.post("/api/v1/bookings", &ask).unwrap()
    };
    assert_eq!((book(12, 600, None).status, book(12, 600, Some(&sha256)).status), (409, 201));
    let after = book(17, 600, None).expect(201, "after the effect").unwrap();
    assert_eq!(after.body["usage_terms"], Value::Null);
    let shown = app.client.get(&format!("/api/v1/spaces/{room}/usage-terms?at={}", effect.replace('+', "%2B"))).unwrap();
    assert_eq!(shown.body["in_force"], Value::Null);

    // They state 20:00 and the clause now says 18:00: the unit cannot approve that, and new ones are drafted.
    let refused = paper.approve(&unit, "yuxin-unit", &sha256);
    assert_eq!(outcome(&refused), (409, "outside-clauses"));
    assert_eq!(reasons(&refused), [("outside-hours".into(), "hours-moxuan".into(), "09:00–18:00".into())]);
    let anew = Paper::draft(&town, &desk, "yuxin-centre", &with(stating("18:00"), "from_day", json!("2026-12-12")));
    let hash = anew.verb(&desk, "submission").expect(201, "submission").unwrap().text("/sha256").to_owned();
    anew.approve(&unit, "yuxin-unit", &hash).expect(201, "approval").unwrap();
    assert_eq!((book(12, 660, Some(&sha256)).status, book(17, 660, None).status, book(17, 660, Some(&hash)).status), (201, 409, 201));

    // The change is taken back before its effect: what was approved before it binds as it did.
    let annul = |who: &str| {
        let body = json!({"organisation_id": town.organisation(who), "text": "再商量。"});
        town.signer(who).post(&format!("{agreement}/annulment"), &body).unwrap().expect(201, "annulment").unwrap()
    };
    anew.verb(&desk, "withdrawal").expect(201, "withdrawal").unwrap();
    assert_eq!(
        (annul("yuxin-unit").body["annulled"].clone(), annul("yuxin-community").body["annulled"].clone()),
        (json!(false), json!(true))
    );
    assert_eq!(paper.state(&desk), "in_force");
    assert_eq!((book(17, 720, None).status, book(17, 720, Some(&sha256)).status), (409, 201));
    agree(5, &|_| {});
    assert_eq!(paper.state(&desk), "submitted", "put again, it is the same change");

    // What is being approved when the clauses change is asked about again: a yes to the old ones is no yes to the new ones.
    let rooms = [town.space("yuxin-centre/moxuan"), town.space("yuxin-centre/hall")];
    let open = Paper::draft(&town, &desk, "yuxin-centre", &json!({"space_ids": rooms, "text_zh": "请爱护桌椅。"}));
    let open_hash = open.verb(&desk, "submission").expect(201, "submission").unwrap().text("/sha256").to_owned();
    agree(6, &|clauses| {
        let i = clause(clauses, "hours-moxuan");
        clauses[i]["payload"]["weekly"][0]["to"] = json!("17:00");
    });
    assert_eq!(open.seen(&desk)["events"].as_array().unwrap().last().unwrap()["kind"], "sent_back");
    let approved = open.approve(&unit, "yuxin-unit", &open_hash).expect(201, "approval").unwrap();
    assert_eq!(approved.body["in_force_from"], json!(Instant::parse(effect).unwrap()), "with the clauses it was approved under");
    clock.set(at("2026-12-12T00:00"));
    town.forget_people();
    assert_eq!(open.state(&town.person("yuxin-p-desk")), "in_force");
    app.settle();
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
}

/// A request somebody must say yes to: what was accepted when it was asked for stays accepted; series and others pass through one door.
fn a_request_keeps_what_it_accepted(backend: Backend) {
    let (app, _) = served(backend);
    let town = Town::of(&app, &crate::requests::with_consents());
    let (desk, unit, own) = (town.person("yuxin-p-desk"), town.person("yuxin-p-unit"), town.person("yuxin-p-res-2"));
    let room = town.space("yuxin-centre/yazhu");
    let publish = |text: &str| {
        let paper = Paper::draft(&town, &desk, "yuxin-centre", &json!({"space_ids": [room], "text_zh": text}));
        let hash = paper.verb(&desk, "submission").expect(201, "submission").unwrap().text("/sha256").to_owned();
        paper.approve(&unit, "yuxin-unit", &hash).expect(201, "approval").unwrap();
        hash
    };
    let first = publish("请关窗。");
    let ask = json!({"space_id": room, "use": "study", "attendees": 5, "starts_at": town.at(3, 600), "ends_at": town.at(3, 660)});
    assert_eq!(outcome(&own.post("/api/v1/bookings", &ask).unwrap()), (409, "booking-refused"));
    let asked = own.post("/api/v1/bookings", &with(ask, "usage_terms_sha256", json!(first))).unwrap().expect(201, "request").unwrap();
    assert_eq!((asked.text("/state"), asked.text("/usage_terms/sha256")), ("requested", first.as_str()));
    publish("请关窗、关灯。");
    let yes = unit.post(&format!("/api/v1/bookings/{}/approval", asked.text("/id")), &json!({})).unwrap().expect(201, "yes").unwrap();
    assert_eq!((yes.text("/state"), yes.text("/usage_terms/sha256")), ("confirmed", first.as_str()));
    app.settle();
}

/// Usage terms are the owner's word and no matter of an agreement: who may approve in certain agreements alone does not say it.
fn a_power_for_one_agreement_approves_none(backend: Backend) {
    let (app, _) = served(backend);
    let town = Town::build(&app);
    let (paper, sha256) = Paper::submitted(&town, "请不要抽烟。");
    let limited = town.person("shiyou-p-unit-1");
    let before = waiting(&limited).len();
    let power = town.represent("shiyou-p-unit-1", "yuxin-unit", r#"["approve"]"#, Some(r#"["yuxin-partnership"]"#));
    assert_eq!(outcome(&paper.approve(&limited, "yuxin-unit", &sha256)), (403, "forbidden"));
    assert_eq!(outcome(&paper.reject(&limited, "yuxin-unit", "不行。")), (403, "forbidden"));
    assert_eq!(waiting(&limited).len(), before);
    app.db.sql(&format!("UPDATE representatives SET agreements = NULL WHERE id = '{power}'"));
    assert_eq!(waiting(&limited).len(), before + 1);
    paper.approve(&limited, "yuxin-unit", &sha256).expect(201, "approval").unwrap();
    app.settle();
}

/// The last approval and bookings arrive together: a booking comes before it and needs nothing, or after it and is refused.
fn soak_bookings_against_the_last_approval(backend: Backend) {
    const BOOKERS: usize = 8;
    let (app, _) = served(backend);
    let town = Town::build(&app);
    let own: Vec<Client> = (0..BOOKERS).map(|_| Client::new(&app.base).with_token(town.person("yuxin-p-res-2").token())).collect();
    let unit = town.person("yuxin-p-unit");
    let (usual, mut before, mut refused) = (rounds(20), 0, 0);
    for round in 0..usual {
        // Each round ends what the round before put in force: the new ones are others, and nobody has read them.
        let (paper, hash) = Paper::submitted(&town, &format!("第 {round} 版。"));
        let days = days_ahead(round);
        let previous = app.client.get(&format!("/api/v1/spaces/{}/usage-terms", town.space("yuxin-centre/moxuan"))).unwrap();
        let previous = previous.body["in_force"]["sha256"].clone();
        let answers = together(BOOKERS + 1, |n| match own.get(n) {
            Some(by) => {
                let mut ask = town.ask(days, 540 + 60 * u16::try_from(n).unwrap());
                if !previous.is_null() {
                    ask["usage_terms_sha256"] = previous.clone();
                }
                by.post("/api/v1/bookings", &ask).unwrap()
            }
            None => paper.approve(&unit, "yuxin-unit", &hash),
        });
        assert_eq!(answers[BOOKERS].status, 201, "{:?}", answers[BOOKERS].body);
        for answer in &answers[..BOOKERS] {
            match outcome(answer) {
                (201, _) => {
                    assert_eq!(answer.body["usage_terms"]["sha256"], previous, "round {round}");
                    let cancellation = format!("/api/v1/bookings/{}/cancellation", answer.text("/id"));
                    own[0].post(&cancellation, &json!({})).unwrap().expect(201, "cancelled").unwrap();
                    before += 1;
                }
                (409, "booking-refused") => {
                    assert_eq!(reasons(answer)[0].2, hash, "round {round}");
                    refused += 1;
                }
                other => panic!("round {round}: {other:?} {}", answer.body),
            }
        }
    }
    assert_eq!(before + refused, usual * BOOKERS);
    app.settle();
    println!("{backend:?}: {usual} approvals against {BOOKERS} bookings each: {before} came before, {refused} were refused");
}

/// Two units approve at once, the last of them puts it in force once.
fn soak_two_units_at_once(backend: Backend) {
    let (app, _) = served(backend);
    let yaml = YUXIN.replacen(
        "          - code: moxuan\n            name_zh",
        "          - code: moxuan\n            title: yuxin-community\n            name_zh",
        1,
    );
    let town = Town::of(&app, &yaml);
    let desk = town.person("yuxin-p-desk");
    let rooms = ["moxuan", "shuyuan"].map(|room| town.space(&format!("yuxin-centre/{room}")));
    let voices = ["yuxin-p-unit", "yuxin-p-lead"].map(|code| Client::new(&app.base).with_token(town.person(code).token()));
    let usual = rounds(20);
    for round in 0..usual {
        let paper = Paper::draft(&town, &desk, "yuxin-centre", &json!({"space_ids": rooms, "text_zh": format!("第 {round} 版。")}));
        let hash = paper.verb(&desk, "submission").expect(201, "submission").unwrap().text("/sha256").to_owned();
        let heard = together(2, |n| paper.approve(&voices[n], ["yuxin-unit", "yuxin-community"][n], &hash));
        let mut states: Vec<(u16, &str)> = heard.iter().map(|answer| (answer.status, answer.text("/state"))).collect();
        states.sort_unstable();
        assert_eq!(states, [(201, "approved"), (201, "submitted")], "round {round}");
    }
    assert_eq!(rows(&mut app.db.conn(), "usage_events WHERE kind = 'taking_effect'") as usize, usual);
    assert_eq!(rows(&mut app.db.conn(), "usage_in_force WHERE from_at < to_at AND to_at > 4000000000000000"), 2);
    app.settle();
}

macro_rules! on_both {
    ($($name:ident)+) => {$(
        mod $name {
            use super::*;
            #[test]
            fn sqlite() {
                super::$name(Backend::Sqlite);
            }
            #[test]
            fn postgres() {
                super::$name(Backend::Postgres);
            }
        }
    )+};
}

on_both! {
    drafted_approved_accepted
    every_affected_unit
    sent_back_by_a_material_change
    a_request_keeps_what_it_accepted
    a_power_for_one_agreement_approves_none
    soak_bookings_against_the_last_approval
    soak_two_units_at_once
}
