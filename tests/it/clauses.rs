//! Clauses over HTTP on both backends: what is refused with its clause and field, what takes effect, what is told of it, and
//! that ten years of versions slow nothing.

use crate::harness::{Town, rows, served};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::bookings::actions::judge;
use shangliang::bookings::model::Ask;
use shangliang::demo::client::Answer;
use shangliang::kernel::{Clock, Period};
use shangliang::store::Backend;
use shangliang::terms;
use shangliang::terms::model::Use;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The next version of the agreement of 育新花园, signed by both parties; its number.
fn amended(town: &Town, change: impl Fn(&mut Vec<Value>)) -> i64 {
    let (desk, id) = (town.person("yuxin-p-lead"), town.agreement("yuxin-partnership"));
    let seen = desk.get(&format!("/api/v1/agreements/{id}")).unwrap().expect(200, "agreement").unwrap();
    let versions = seen.body["versions"].as_array().unwrap();
    let last = versions.iter().filter_map(|version| version["version"].as_i64()).max().unwrap();
    let mut clauses = desk.get(&format!("/api/v1/agreements/{id}/versions/{last}")).unwrap().body["clauses"].as_array().unwrap().clone();
    change(&mut clauses);
    let drafted = desk.post(&format!("/api/v1/agreements/{id}/versions"), &json!({ "clauses": clauses })).unwrap();
    let no = drafted.expect(201, "draft").unwrap().body["version"].as_i64().unwrap();
    let path = format!("/api/v1/agreements/{id}/versions/{no}");
    desk.post(&format!("{path}/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
    let sha256 = desk.get(&path).unwrap().text("/sha256").to_owned();
    for party in ["yuxin-unit", "yuxin-community"] {
        let body = json!({"organisation_id": town.organisation(party), "sha256": sha256});
        town.signer(party).post(&format!("{path}/signatures"), &body).unwrap().expect(201, "signature").unwrap();
    }
    no
}

fn clause(id: &str, kind: &str, spaces: &[&str], payload: Value) -> Value {
    json!({"id": id, "kind": kind, "spaces": spaces, "payload": payload, "text_zh": "约定如下。"})
}

/// A good payload of every kind.
fn good() -> Vec<(&'static str, Value)> {
    let weekly = json!([{"days": ["mon"], "from": "08:30", "to": "12:00"}]);
    let unanimous = json!({"rule": "unanimous"});
    vec![
        (
            "parties",
            json!({"parties": [{"organisation": "a", "capacity": "community"}, {"organisation": "b", "capacity": "property_unit"}]}),
        ),
        ("space_grant", json!({"by": "a", "rent_fen_per_year": 0})),
        ("term", json!({"first_day": "2026-01-01", "last_day": "2028-12-31"})),
        ("open_hours", json!({"weekly": weekly, "holidays": "closed", "dates": []})),
        ("reserved_hours", json!({"reserved_for": "a", "weekly": weekly})),
        ("allowed_uses", json!({"uses": ["meeting"]})),
        ("prohibited_uses", json!({"uses": ["dance"], "safety": true})),
        ("capacity", json!({"persons": 40, "basis": "safety"})),
        ("quiet_hours", json!({"noise": "loud", "weekly": weekly})),
        ("price_ceiling", json!({"ceilings": [{"fen": 0, "per": "session"}]})),
        ("free_share", json!({"percent": 60, "of": "sessions"})),
        ("priority", json!({"classes": ["elder"], "household_quota": {"most": 2, "per": "week"}})),
        ("allocation_mix", json!({"fixed": 50, "rotating": 30, "temporary": 20})),
        ("approval", json!({"approver": "community", "deadline_hours": 48, "uses": ["opera"], "at_least_people": 9, "days_off": true})),
        ("utilities_payer", json!({"lines": [{"kind": "water", "party": "a"}]})),
        ("fit_out", json!({"party": "a", "funding": "donation", "budget_fen": 1})),
        ("revenue_share", json!({"shares": [{"party": "a", "basis_points": 5000}], "remainder": "reserve"})),
        ("public_return", json!({"destinations": [{"purpose": "elders", "basis_points": 10000}]})),
        ("maintenance", json!({"notice_days": 3, "weekly": weekly})),
        ("insurance_safety", json!({"evidence": [{"name": "fire_inspection", "valid_until": "2027-12-31"}]})),
        ("minors", json!({"guardian_below_age": 8, "children_per_adult": 5, "staff_checks": true})),
        ("data", json!({"controller": "a", "retention_days": 90, "minors_retention_days": 30, "masking": "masked"})),
        ("review", json!({"days": ["2027-01-15"]})),
        ("amendment_rule", json!({"rules": [{"change": "uses", "consent": unanimous}], "protected_days": 14})),
        ("suspension_rule", json!({"who": ["community"], "grounds": ["safety"], "planned_notice_days": 7, "longest_days": 60})),
        ("termination_rule", json!({"notice_days": 30, "holiday_moves": true, "withdrawal_allowed": true, "new_bookings_until_end": true})),
        ("settlement", json!({"days": 30})),
        ("dispute", json!({"steps": ["talk", "court"]})),
    ]
}

/// What is wrong in one kind only: payload, pointer below it, code.
fn special() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    let overlapping = json!([{"days": ["mon"], "from": "08:00", "to": "10:00"}, {"days": ["mon"], "from": "09:00", "to": "11:00"}]);
    let midnight = json!([{"days": ["mon"], "from": "22:00", "to": "02:00"}]);
    let deep = (0..6).fold(json!({"rule": "unanimous"}), |inside, _| json!({"rule": "or", "of": [inside, {"rule": "unanimous"}]}));
    vec![
        ("open_hours", json!({ "weekly": overlapping }), "/weekly", "overlapping"),
        ("open_hours", json!({ "weekly": midnight }), "/weekly/0/to", "ends-before-start"),
        ("reserved_hours", json!({"reserved_for": "a", "weekly": overlapping}), "/weekly", "overlapping"),
        ("quiet_hours", json!({"noise": "loud", "weekly": overlapping}), "/weekly", "overlapping"),
        ("maintenance", json!({ "weekly": overlapping }), "/weekly", "overlapping"),
        ("maintenance", json!({}), "/weekly", "missing"),
        ("term", json!({"first_day": "2027-01-01", "last_day": "2026-01-01"}), "/last_day", "ends-before-start"),
        ("allocation_mix", json!({"fixed": 50, "rotating": 30, "temporary": 30}), "/temporary", "wrong-sum"),
        (
            "revenue_share",
            json!({"shares": [{"party": "a", "basis_points": 6000}, {"party": "b", "basis_points": 6000}]}),
            "/shares",
            "wrong-sum",
        ),
        ("public_return", json!({"destinations": [{"purpose": "elders", "basis_points": 1}]}), "/destinations", "wrong-sum"),
        ("utilities_payer", json!({"lines": [{"kind": "water", "party": "a"}, {"kind": "water", "party": "b"}]}), "/lines", "wrong-sum"),
        ("utilities_payer", json!({"lines": [{"kind": "water", "party": "a", "cap_fen": -1}]}), "/lines/0/cap_fen", "out-of-range"),
        ("price_ceiling", json!({"ceilings": [{"fen": -1, "per": "hour"}]}), "/ceilings/0/fen", "out-of-range"),
        // Nobody of theirs may answer a request.
        ("approval", json!({"approver": "social_organisation", "deadline_hours": 48}), "/approver", "nobody-answers"),
        ("approval", json!({"approver": "department", "deadline_hours": 48}), "/approver", "nobody-answers"),
        ("review", json!({"days": ["2027-02-01", "2027-01-01"]}), "/days/1", "out-of-order"),
        ("dispute", json!({"steps": ["arbitration", "court"]}), "/steps", "out-of-order"),
        ("data", json!({"controller": "a", "retention_days": 10, "minors_retention_days": 11}), "/minors_retention_days", "too-long"),
        ("amendment_rule", json!({"rules": [{"change": "uses", "consent": {"rule": "lottery"}}]}), "/rules/0/consent/rule", "unknown-word"),
        ("amendment_rule", json!({"rules": [{"change": "uses", "consent": deep}]}), "/rules/0/consent/of/0/of/0/of/0/of/0", "too-deep"),
        (
            "insurance_safety",
            json!({"evidence": [{"name": "fire_inspection", "valid_until": "2027-02-29"}]}),
            "/evidence/0/valid_until",
            "malformed",
        ),
    ]
}

/// Every bad payload of a kind: what, payload, pointer below it, code.
fn bad(kind: &str, good: &Value) -> Vec<(String, Value, String, &'static str)> {
    let with = |field: &str, value: Value| {
        let mut payload = good.clone();
        payload[field] = value;
        payload
    };
    let mut all = vec![
        ("a list".to_owned(), json!([]), String::new(), "wrong-type"),
        ("a text".to_owned(), json!("x"), String::new(), "wrong-type"),
        ("unknown field".to_owned(), with("surprise", json!(1)), "/surprise".to_owned(), "unknown-field"),
        ("another shape".to_owned(), with("v", json!(2)), "/v".to_owned(), "out-of-range"),
    ];
    for (field, value) in good.as_object().unwrap() {
        let at = || format!("/{field}");
        let mut add = |what: &str, value: Value, code: &'static str| all.push((format!("{field}: {what}"), with(field, value), at(), code));
        match value {
            Value::Array(_) => {
                add("no list", json!({"0": 1}), "wrong-type");
                add("enormous", Value::Array(vec![Value::Null; 5000]), "wrong-count");
                // Dates, rules, shares and conditions may be none.
                let may_be_none = matches!(field.as_str(), "dates" | "rules" | "shares") || (kind == "approval" && field == "uses");
                if !may_be_none {
                    let code = if kind == "maintenance" { "missing" } else { "wrong-count" };
                    add("empty", json!([]), code);
                }
            }
            Value::Number(_) => {
                add("a text", json!("7"), "wrong-type");
                add("a fraction", json!(1.5), "wrong-type");
                add("negative", json!(-1), "out-of-range");
                add("enormous", json!(u64::MAX), "out-of-range");
            }
            Value::Bool(_) => add("a text", json!("true"), "wrong-type"),
            Value::String(_) => {
                add("a number", json!(7), "wrong-type");
                let code = match field.as_str() {
                    "by" | "reserved_for" | "party" | "controller" => "wrong-code",
                    "first_day" | "last_day" => "malformed",
                    _ => "unknown-word",
                };
                add("enormous", json!("长".repeat(2000)), code);
                add("empty", json!(""), code);
            }
            _ => add("a list", json!([]), "wrong-type"),
        }
    }
    all
}

fn named(answer: &Answer, pointer: &str, code: &str) -> bool {
    let errors = answer.body["errors"].as_array().into_iter().flatten();
    answer.status == 422 && answer.text("/code") == "invalid" && errors.into_iter().any(|e| e["pointer"] == pointer && e["code"] == code)
}

fn reasons(answer: &Answer) -> Vec<String> {
    let said = answer.body["reasons"].as_array().into_iter().flatten();
    said.map(|r| format!("{} {} v{}", r["code"].as_str().unwrap(), r["clause"].as_str().unwrap_or("-"), r["version"])).collect()
}

fn ask(town: &Town, space: &str, what: &str, people: i64, days: i64, minute: u16) -> Value {
    json!({"space_id": town.space(space), "use": what, "attendees": people,
        "starts_at": town.at(days, minute), "ends_at": town.at(days, minute + 60)})
}

told_on_both! {
    every_fault_of_every_kind_names_its_clause_and_field(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let (desk, id) = (town.person("yuxin-p-lead"), town.agreement("yuxin-partnership"));
        let path = format!("/api/v1/agreements/{id}/versions");
        app.settle();
        let counted = || ["agreement_versions", "version_events", "terms", "idempotency_keys"].map(|table| rows(&mut app.db.conn(), table));
        let before = counted();
        let draft = |bad: Value| {
            let clauses = json!([clause("fine", "settlement", &[], json!({"days": 30})), bad]);
            desk.post(&path, &json!({ "clauses": clauses })).unwrap()
        };
        let mut wrong: Vec<String> = Vec::new();
        let mut tried = 0;
        let mut judge = |what: String, answer: &Answer, pointer: &str, code: &str| {
            tried += 1;
            let both = answer.body["errors"].as_array().is_some_and(|errors| {
                errors.iter().all(|e| !e["zh"].as_str().unwrap().is_ascii() && e["en"].as_str().unwrap().ends_with('.'))
            });
            if !named(answer, pointer, code) || !both {
                wrong.push(format!("{what}: {} {} instead of {pointer} {code}", answer.status, answer.body));
            }
        };
        let kinds = good();
        assert_eq!(kinds.len(), terms::model::ClauseKind::ALL.iter().filter(|kind| kind.is_drafted()).count());
        for (kind, payload) in &kinds {
            for (what, payload, below, code) in bad(kind, payload) {
                judge(format!("{kind} {what}"), &draft(clause("bad", kind, &[], payload)), &format!("/clauses/1/payload{below}"), code);
            }
        }
        for (kind, payload, below, code) in special() {
            judge(format!("{kind} {payload}"), &draft(clause("bad", kind, &[], payload)), &format!("/clauses/1/payload{below}"), code);
        }
        let framed = |field: &str, value: Value| {
            let mut bad = clause("bad", "capacity", &[], json!({"persons": 5}));
            bad[field] = value;
            draft(bad)
        };
        for (field, value, pointer, code) in [
            ("kind", json!("raffle"), "/kind", "unknown-word"),
            ("kind", json!(null), "/kind", "missing"),
            ("id", json!("A b"), "/id", "wrong-code"),
            ("text_zh", json!(""), "/text_zh", "empty"),
            ("text_zh", json!("长".repeat(4001)), "/text_zh", "too-long"),
            ("text_zh", json!("a\u{202e}b"), "/text_zh", "forbidden-characters"),
            ("spaces", json!(["moxuan"]), "/spaces/0", "wrong-code"),
            ("spaces", json!("yuxin-centre/moxuan"), "/spaces", "wrong-type"),
            ("from", json!("2026-02-30"), "/from", "malformed"),
            ("exception", json!("春节"), "/exception", "needs-dates"),
            ("material", json!("yes"), "/material", "wrong-type"),
            ("payload", json!(null), "/payload", "missing"),
            ("priority", json!(1), "/priority", "unknown-field"),
        ] {
            judge(format!("clause {field} {value}"), &framed(field, value), &format!("/clauses/1{pointer}"), code);
        }
        for kind in ["term", "data", "review", "amendment_rule", "suspension_rule", "termination_rule", "settlement", "dispute"] {
            let payload = kinds.iter().find(|(known, _)| *known == kind).unwrap().1.clone();
            judge(format!("{kind} of a room"), &draft(clause("bad", kind, &["yuxin-centre/moxuan"], payload)), "/clauses/1/kind", "whole-agreement");
        }
        assert!(tried > 250 && wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));

        // A text of 5 MiB is not read at all.
        let huge = json!({"clauses": [clause("bad", "capacity", &[], json!({"persons": 5}))]}).to_string().replace("约定如下。", &"长".repeat(5 * 1024 * 1024 / 3));
        let answer = desk.raw("POST", &path, &[("idempotency-key", "huge")], Some(("application/json", huge.as_bytes()))).unwrap();
        assert_eq!((answer.status, answer.text("/code")), (413, "too-large"));
        app.settle();
        assert_eq!(counted(), before, "nothing was written");
    }

    what_was_signed_takes_effect_and_is_told(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let own = town.person("yuxin-p-res-2");
        let check = |ask: &Value| own.post("/api/v1/bookings/check", ask).unwrap().expect(200, "check").unwrap();
        let book = |ask: &Value| own.post("/api/v1/bookings", ask).unwrap();
        let earlier = book(&ask(&town, "yuxin-centre/moxuan", "calligraphy", 4, 17, 600)).expect(201, "earlier").unwrap();
        let before = check(&ask(&town, "yuxin-centre/moxuan", "calligraphy", 4, 4, 600));
        assert_eq!(before.body["bookable"], true, "{:?}", before.body);

        let no = amended(&town, |clauses| {
            let moxuan = &["yuxin-centre/moxuan"];
            let weekly = json!([{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "13:00", "to": "14:00"}]);
            clauses.push(clause("upkeep", "maintenance", moxuan, json!({ "weekly": weekly })));
            let proof = json!([{"name": "fire_inspection", "valid_until": "2026-12-31"}]);
            clauses.push(clause("proofs", "insurance_safety", moxuan, json!({ "evidence": proof })));
            clauses.push(clause("consent", "approval", moxuan, json!({"approver": "property_unit", "deadline_hours": 48, "at_least_people": 20})));
            clauses.push(clause("share", "free_share", &[], json!({"percent": 80})));
        });
        assert_eq!(no, 2);

        // Fewer hours wait fourteen days from the day they are agreed: day 18 is after that.
        // Upkeep: the hour itself, and the quarter of an hour of cleaning that would reach into it.
        let met = book(&ask(&town, "yuxin-centre/moxuan", "calligraphy", 4, 18, 13 * 60));
        assert_eq!((met.status, reasons(&met)), (409, vec!["maintenance upkeep v2".to_owned()]), "{:?}", met.body);
        assert_eq!(reasons(&book(&ask(&town, "yuxin-centre/moxuan", "calligraphy", 4, 18, 12 * 60))), ["maintenance upkeep v2"]);
        let day = town.at(18, 0)[..10].to_owned();
        let space = town.space("yuxin-centre/moxuan");
        let shown = own.get(&format!("/api/v1/spaces/{space}/availability?date={day}")).unwrap().expect(200, "days").unwrap();
        let closed = shown.body.to_string();
        assert!(closed.contains("\"maintenance\"") && closed.contains("\"upkeep\""), "{closed}");

        // The proof: good until its last midnight; what starts on 1 January is refused with clause and day.
        assert_eq!(check(&ask(&town, "yuxin-centre/moxuan", "calligraphy", 4, 33, 600)).body["bookable"], true, "31 December");
        let late = book(&ask(&town, "yuxin-centre/moxuan", "calligraphy", 4, 35, 600));
        assert_eq!((late.status, reasons(&late)), (409, vec!["evidence-expired proofs v2".to_owned()]));
        assert_eq!(late.body["reasons"][0]["figure"], "2026-12-31");

        // Consent: from twenty people on it is not booked at once.
        let asked = check(&ask(&town, "yuxin-centre/moxuan", "calligraphy", 20, 18, 600));
        assert_eq!((&asked.body["bookable"], asked.text("/needs_approval/0/clause")), (&json!(false), "consent"), "{:?}", asked.body);
        assert_eq!(check(&ask(&town, "yuxin-centre/moxuan", "calligraphy", 19, 18, 600)).body["bookable"], true);

        // What a booking is told: the one made before keeps the clauses it was made under.
        let explained = |id: &str| own.get(&format!("/api/v1/bookings/{id}/explanation")).unwrap().expect(200, "explanation").unwrap().body;
        let old = explained(earlier.text("/id"));
        let told = |body: &Value, clause: &str| body["clauses"].as_array().unwrap().iter().find(|c| c["clause"] == clause).cloned();
        let hours = told(&old, "hours").unwrap();
        assert_eq!((&hours["version"], &hours["decided"], &hours["still_in_force"]), (&json!(1), &json!("allowed"), &json!(false)));
        assert_eq!(hours["zh"], "12月15日开放 08:30–21:00，您订的 10:00–11:00 在里面。");
        assert_eq!(hours["en"], "Open 08:30–21:00 on 15 December; your 10:00–11:00 lies within.");
        assert!(told(&old, "upkeep").is_none(), "{old}");
        let made = book(&ask(&town, "yuxin-centre/moxuan", "exhibition", 4, 19, 600)).expect(201, "booking").unwrap();
        let new = explained(made.text("/id"));
        let pinned: Vec<&Value> = made.body["clauses"].as_array().unwrap().iter().map(|pin| &pin["clause"]).collect();
        let listed: Vec<&Value> = new["clauses"].as_array().unwrap().iter().map(|one| &one["clause"]).collect();
        assert_eq!(listed, pinned);
        for (clause, zh) in [
            ("upkeep", "没有碰上打扫维护的时间。"),
            ("proofs", "那天保险和检查都在有效期内（最早的到2026年12月31日）。"),
            ("consent", "这样的预订不用谁同意。"),
            ("cap-moxuan", "最多 30 人，您是 4 人。"),
        ] {
            let one = told(&new, clause).unwrap();
            assert_eq!((&one["zh"], &one["still_in_force"], &one["version"]), (&json!(zh), &json!(true), &json!(2)));
        }
        let price = &new["price"];
        assert_eq!((&price["ceilings"][0]["most_fen"], &price["ceilings"][0]["within"], &price["ceilings"][0]["clause"]), (&json!(4000), &json!(true), &json!("ceiling")));
        assert_eq!(price["total_fen"], made.body["price_fen"]);

        // What the space is told: every clause with its plain effect, those that judge bookings and those that do not.
        let terms = |at: &str| own.get(&format!("/api/v1/spaces/{space}/terms?at={}", at.replace('+', "%2B"))).unwrap().expect(200, "terms").unwrap().body;
        let now = terms(&town.at(18, 600));
        let find = |kind: &str| now["terms"].as_array().unwrap().iter().find(|term| term["kind"] == kind).cloned().unwrap_or_else(|| panic!("no {kind} in {now}"));
        for (kind, judges, plain) in [
            ("free_share", false, "每个月至少 80% 的场次不收钱。"),
            ("utilities_payer", false, "水费、电费由一家签约单位付；来活动的人不用另付。"),
            ("fit_out", false, "装修改造由一家签约单位负责，用的是党群服务经费。"),
            ("dispute", false, "有了争议，依次走：各方商量→街道协调→诉讼。"),
            ("approval", true, "20 人以上的预订要先等产权单位同意，48 小时内给答复。"),
            ("capacity", true, "一次最多 30 人，为了安全，一个也不能多。"),
        ] {
            let term = find(kind);
            assert_eq!((&term["judges_bookings"], &term["plain_zh"], &term["version"]), (&json!(judges), &json!(plain), &json!(2)));
            assert!(term["plain_en"].as_str().unwrap().ends_with('.') && !term["kind_en"].as_str().unwrap().is_empty());
        }
        app.settle();
    }

    forty_versions_read_no_more_than_one(backend) {
        let (app, clock) = served(backend);
        let town = Town::build(&app);
        let measured = |town: &Town| {
            let start = town.instant(3, 600);
            let ask = Ask {
                space: town.space("yuxin-centre/moxuan").parse().unwrap(),
                period: Period::new(start, start.plus_minutes(60)).unwrap(),
                use_code: Use::Exhibition,
                attendees: 4,
                organisation: None,
                    usage_terms_sha256: None,
                beside: Default::default(),
            };
            let sent = Arc::new(AtomicUsize::new(0));
            let mut conn = app.db.conn();
            let counter = sent.clone();
            diesel::Connection::set_instrumentation(&mut conn, move |event: diesel::connection::InstrumentationEvent<'_>| {
                if matches!(event, diesel::connection::InstrumentationEvent::StartQuery { .. }) {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            });
            let judged = judge(&mut conn, &ask, start.plus_days(-3)).unwrap();
            assert!(judged.verdicts.reasons.is_empty(), "{:?}", judged.verdicts.reasons);
            let statements = sent.load(Ordering::Relaxed);
            let read = terms::queries::of_space(&mut conn, &ask.space, judged.verdicts.occupancy).unwrap();
            assert_eq!(read.iter().map(|term| term.version_no).min(), read.iter().map(|term| term.version_no).max(), "one version binds");
            (statements, read.len(), judged.verdicts.clauses.len())
        };
        let one = measured(&town);
        let kept = rows(&mut app.db.conn(), "terms");
        for n in 1..=40 {
            clock.set(clock.now().plus_days(14));
            town.forget_people();
            let no = amended(&town, |clauses| {
                let hours = clauses.iter_mut().find(|clause| clause["id"] == "hours").unwrap();
                hours["text_zh"] = json!(format!("活动中心每日8时30分至21时开放（第{n}次改写）。"));
            });
            assert_eq!(no, n + 1);
        }
        assert_eq!(measured(&town), one, "statements, rows read, clauses pinned");
        assert!(rows(&mut app.db.conn(), "terms") > 30 * kept, "nothing that was signed is deleted");
        assert!(one.1 < 15, "a booking reads only what judges it: {one:?}");
    }
}
