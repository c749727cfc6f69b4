//! Bad input, one list: each is answered with the status and code written here, never a 5xx, and nothing is written.

use crate::harness::db::NOW;
use crate::harness::{TestApp, TestDb, Town, rows};
use serde_json::{Value, json};
use shangliang::kernel::time::SetClock;
use shangliang::store::Backend;

const TABLES: &[&str] = &[
    "bookings",
    "occupancy",
    "agreements",
    "agreement_versions",
    "areas",
    "accounts",
    "sessions",
    "idempotency_keys",
    "sites",
    "spaces",
    "tariffs",
    "outbox",
    // What is recorded is linked in the background: both together, in one look.
    "(SELECT action FROM audit_chain UNION ALL SELECT action FROM audit_pending) AS recorded",
];

fn counts(app: &TestApp) -> Vec<i64> {
    let mut conn = app.db.conn();
    TABLES.iter().map(|table| rows(&mut conn, table)).collect()
}

/// A good ask with one field changed.
fn but(ask: &Value, field: &str, value: Value) -> String {
    let mut bad = ask.clone();
    bad[field] = value;
    bad.to_string()
}

fn everything(backend: Backend) {
    let clock = SetClock::at(NOW);
    let app = TestApp::serve(TestDb::fresh(backend), clock.clone());
    let town = Town::build(&app);
    let (own, desk, admin) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-desk"), town.admin.clone());
    let other = town.person("yuxin-p-res-4");
    let booking = town.book(&own, 2, 600);
    app.settle();
    let before = counts(&app);
    let ask = town.ask(5, 600);
    let space = town.space("yuxin-centre/moxuan");
    let mut wrong: Vec<String> = Vec::new();
    let mut tried = 0;
    let mut judge = |what: &str, answer: shangliang::demo::client::Answer, status: u16, code: &str, pointer: &str| {
        tried += 1;
        let named = pointer.is_empty() || answer.body["errors"].as_array().into_iter().flatten().any(|e| e["pointer"] == pointer);
        if answer.status != status || answer.text("/code") != code || !named {
            wrong.push(format!("{what}: {} {} instead of {status} {code} {pointer}: {}", answer.status, answer.text("/code"), answer.body));
        }
    };

    // Bodies that are no JSON of ours.
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let very_deep = "[".repeat(60_000);
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(70_000));
    let twice = but(&ask, "attendees", json!(1)).replace("\"attendees\":1", "\"attendees\":1,\"attendees\":2");
    let bodies: &[(&str, &[u8], u16, &str)] = &[
        ("broken", b"{\"space_id\":", 400, "malformed-body"),
        ("trailing", b"{} x", 400, "malformed-body"),
        ("deep", deep.as_bytes(), 400, "malformed-body"),
        ("very deep", very_deep.as_bytes(), 400, "malformed-body"),
        ("huge", huge.as_bytes(), 413, "too-large"),
        ("not UTF-8", b"{\"a\":\"\xff\xfe\"}", 400, "malformed-body"),
        ("BOM", b"\xef\xbb\xbf{}", 400, "malformed-body"),
        ("lone surrogate", b"{\"a\":\"\\ud800\"}", 400, "malformed-body"),
        ("duplicate field", twice.as_bytes(), 400, "malformed-body"),
        ("NaN", b"{\"attendees\":NaN}", 400, "malformed-body"),
        ("number beyond f64", b"{\"attendees\":1e400}", 400, "malformed-body"),
        ("raw NUL", b"{\"a\":\"\x00\"}", 400, "malformed-body"),
        ("an array", b"[]", 422, "invalid"),
        ("a text", b"\"x\"", 422, "invalid"),
        ("null", b"null", 422, "invalid"),
    ];
    for (what, bytes, status, code) in bodies {
        for path in ["/api/v1/bookings", "/api/v1/bookings/check"] {
            let answer = own.raw("POST", path, &[("idempotency-key", what.replace(' ', "-").as_str())], Some(("application/json", bytes)));
            judge(&format!("{what} to {path}"), answer.unwrap(), *status, code, "");
        }
    }

    let again =
        own.raw("POST", "/api/v1/bookings/check", &[("idempotency-key", "again")], Some(("application/json", twice.as_bytes()))).unwrap();
    assert!(again.text("/en").contains("\"attendees\" stands twice"), "{}", again.body);

    // Fields with wrong values.
    let day = |text: &str| format!("{}{}", &text[..10], "T10:00:00");
    let start = ask["starts_at"].as_str().unwrap().to_owned();
    let fields: &[(&str, &str, Value)] = &[
        ("unknown field", "price_fen", json!(0)),
        ("mass assignment", "state", json!("confirmed")),
        ("wrong type", "attendees", json!("four")),
        ("a list", "attendees", json!([4])),
        ("a fraction", "attendees", json!(1.5)),
        ("nobody", "attendees", json!(0)),
        ("fewer than nobody", "attendees", json!(-1)),
        ("too many", "attendees", json!(100_001)),
        ("beyond i64", "attendees", json!(u64::MAX)),
        ("no offset", "starts_at", json!(day(&start))),
        ("29 February", "starts_at", json!("2027-02-29T10:00:00+08:00")),
        ("leap second", "starts_at", json!("2026-12-31T23:59:60Z")),
        ("year 9999", "starts_at", json!("9999-12-31T23:59:59+08:00")),
        ("year 0001", "starts_at", json!("0001-01-01T00:00:00Z")),
        ("year -1", "starts_at", json!("-000001-01-01T00:00:00Z")),
        ("a number as time", "starts_at", json!(1_795_831_200)),
        ("a date as time", "starts_at", json!("2026-12-01")),
        ("wrong offset", "starts_at", json!("2026-12-01T10:00:00+25:00")),
        ("ends before it starts", "ends_at", json!("2026-11-29T10:00:00+08:00")),
        ("no length", "ends_at", json!(start)),
        ("longer than a day", "ends_at", json!(town.at(9, 600))),
        ("a start between minutes", "starts_at", json!(start.replace(":00+", ":30+"))),
        ("an end between minutes", "ends_at", json!(town.at(5, 630).replace(":00+", ":00.000001+"))),
        ("a day and a second", "ends_at", json!(town.at(6, 600).replace(":00+", ":01+"))),
        ("id of another kind", "space_id", json!(booking)),
        ("no id", "space_id", json!("moxuan")),
        ("NUL in an id", "space_id", json!("space_\u{0}")),
        ("long id", "space_id", json!("x".repeat(5000))),
        ("unknown id", "space_id", json!(shangliang::kernel::id::SpaceId::fresh().to_string())),
        ("unknown use", "use", json!("gambling")),
        ("NUL in a use", "use", json!("dance\u{0}")),
        ("organisation of another kind", "organisation_id", json!(space)),
    ];
    for (what, field, value) in fields {
        let answer = own.raw(
            "POST",
            "/api/v1/bookings",
            &[("idempotency-key", "bad")],
            Some(("application/json", but(&ask, field, value.clone()).as_bytes())),
        );
        judge(what, answer.unwrap(), 422, "invalid", &format!("/{field}"));
    }
    // A 29 February that exists is a time like any other: too far ahead, and no malformed one.
    let mut leap = ask.clone();
    (leap["starts_at"], leap["ends_at"]) = (json!("2028-02-29T10:00:00+08:00"), json!("2028-02-29T10:30:00+08:00"));
    let leap = own.post("/api/v1/bookings", &leap).unwrap();
    let far = leap.text("/reasons/0/code").to_owned();
    judge(&format!("29 February 2028, {far}"), leap, 409, "booking-refused", "");
    assert_eq!(far, "beyond-horizon");

    let mut to = json!({"space_id": space, "starts_at": ask["starts_at"], "ends_at": ask["ends_at"], "price_fen": -1});
    judge("negative fen", own.post(&format!("/api/v1/bookings/{booking}/move"), &to).unwrap(), 422, "invalid", "/price_fen");
    to["price_fen"] = json!(0.5);
    judge("half a fen", own.post(&format!("/api/v1/bookings/{booking}/move"), &to).unwrap(), 422, "invalid", "/price_fen");

    // Texts.
    let reason = format!("/api/v1/bookings/{booking}/cancellation");
    for (what, text) in [
        ("NUL", "a\u{0}b"),
        ("bidi override", "a\u{202e}b"),
        ("bidi isolate", "\u{2066}x"),
        ("escape", "\u{1b}[31m"),
        ("C1", "\u{85}"),
        ("line break", "a\nb"),
        ("too long", &"字".repeat(201)),
        ("empty", ""),
    ] {
        judge(what, own.post(&reason, &json!({ "reason": text })).unwrap(), 422, "invalid", "/reason");
    }
    let account = |field: &str, value: Value| {
        let mut new = json!({"name": "新人", "mobile": "13800000001", "area_id": town.area("yuxin-garden")});
        if field == "household_id" {
            new.as_object_mut().unwrap().remove("area_id");
        }
        new[field] = value;
        desk.post("/api/v1/accounts", &new).unwrap()
    };
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("\u{202e}")),
        ("name", json!("a\u{0}")),
        ("name", json!("字".repeat(41))),
        ("mobile", json!("12345")),
        ("mobile", json!("+1 555 0100")),
        ("mobile", json!(13_800_000_001_i64)),
        ("email", json!("nobody")),
        ("email", json!("a@b.c\r\nBcc: d@e.f")),
        ("area_id", json!(shangliang::kernel::id::AreaId::fresh().to_string())),
        ("household_id", json!(shangliang::kernel::id::HouseholdId::fresh().to_string())),
        ("role", json!("platform_admin")),
    ] {
        judge(&format!("account {field} {value}"), account(field, value), 422, "invalid", &format!("/{field}"));
    }

    // Ids in addresses, parameters.
    let absent = shangliang::kernel::id::BookingId::fresh().to_string();
    for (path, status, code, pointer) in [
        (format!("/api/v1/bookings/{absent}"), 404, "not-found", ""),
        ("/api/v1/bookings/1".into(), 400, "malformed-request", "id"),
        (format!("/api/v1/bookings/{space}"), 400, "malformed-request", "id"),
        ("/api/v1/bookings/%00".into(), 400, "malformed-request", "id"),
        ("/api/v1/bookings/%FF".into(), 400, "malformed-request", "id"),
        ("/api/v1/bookings/..%2f..%2fme".into(), 400, "malformed-request", "id"),
        (format!("/api/v1/agreements/{}/versions/99999999999", town.agreement("yuxin-partnership")), 400, "malformed-request", "no"),
        (format!("/api/v1/agreements/{}/versions/0", town.agreement("yuxin-partnership")), 404, "not-found", ""),
        (format!("/api/v1/agreements/{}/versions/-1", town.agreement("yuxin-partnership")), 404, "not-found", ""),
        (format!("/api/v1/spaces/{space}/availability?date=2027-02-29"), 422, "invalid", "date"),
        (format!("/api/v1/spaces/{space}/availability?date=2028-02-29"), 200, "", ""),
        (format!("/api/v1/spaces/{space}/availability?date=9999-12-31"), 422, "invalid", "date"),
        (format!("/api/v1/spaces/{space}/availability?date=-9999-01-01&view=month"), 422, "invalid", "date"),
        (format!("/api/v1/spaces/{space}/availability?view=year"), 422, "invalid", "view"),
        (format!("/api/v1/spaces/{space}/terms?at=2026-12-01T10:00:00"), 422, "invalid", "at"),
        (format!("/api/v1/spaces/{space}/terms?at=%00"), 422, "invalid", "at"),
        (format!("/api/v1/spaces/{space}/ledger?month=2026-13"), 422, "invalid", "month"),
        (format!("/api/v1/spaces/{space}/ledger?month=2026-12-01"), 422, "invalid", "month"),
        (format!("/api/v1/spaces/{space}/ledger?month=%00%00%00%00%00%00%00"), 422, "invalid", "month"),
        (format!("/api/v1/bookings/{absent}/postings"), 404, "not-found", ""),
        (format!("/api/v1/spaces/{space}/bookings?from=2026-12-02T00:00:00Z&to=2026-12-01T00:00:00Z"), 422, "invalid", "to"),
        (format!("/api/v1/spaces/{space}/bookings?to=2099-12-01T00:00:00Z"), 422, "invalid", "to"),
        (format!("/api/v1/spaces/{space}/bookings?from=2100-12-31T23:59:59Z"), 200, "", ""),
        ("/api/v1/areas?parent_id=site_1".into(), 422, "invalid", "parent_id"),
        ("/api/v1/sites?area_id=%27%20OR%201=1".into(), 422, "invalid", "area_id"),
        (format!("/api/v1/spaces/{space}/ledger?month=9999-12"), 422, "invalid", "month"),
        // Where an operation takes no parameter, none is overlooked.
        (format!("/api/v1/spaces/{space}/tariffs?at=2027-01-01T00:00:00Z"), 422, "invalid", "at"),
        ("/api/v1/me?nonsense".into(), 422, "invalid", "nonsense"),
        ("/api/v1/me?a=1&a=2".into(), 400, "malformed-request", ""),
    ] {
        judge(&path, own.get(&path).unwrap(), status, code, pointer);
    }

    let agreement = town.agreement("yuxin-partnership");
    for (path, pointer) in [
        (format!("/api/v1/agreements/{agreement}/suspensions/None/lifting"), "suspension"),
        (format!("/api/v1/agreements/{booking}/suspensions/None/lifting"), "id"),
        (format!("/api/v1/agreements/{agreement}/versions/abc/signatures"), "no"),
    ] {
        judge(&path, desk.post(&path, &json!({})).unwrap(), 400, "malformed-request", pointer);
    }
    for path in ["/api/v1/bookings".to_owned(), reason.clone(), "/api/v1/waitlist".into()] {
        let tried = own.post(&format!("{path}?dry_run=true"), &ask).unwrap();
        judge(&format!("{path} cannot be tried"), tried, 422, "invalid", "dry_run");
    }

    // Of another household: as if it were not there.
    let theirs = format!("/api/v1/bookings/{booking}");
    for path in ["", "/history", "/postings", "/explanation"].map(|part| format!("{theirs}{part}")) {
        judge(&format!("another's {path}"), other.get(&path).unwrap(), 404, "not-found", "");
    }
    judge("another's cancellation", other.post(&reason, &json!({})).unwrap(), 404, "not-found", "");
    let later = json!({"starts_at": town.at(3, 600), "ends_at": town.at(3, 630), "price_fen": 0});
    judge("another's move", other.post(&format!("{theirs}/move"), &later).unwrap(), 404, "not-found", "");

    // Methods.
    for (method, path, allowed) in [
        ("DELETE", "/api/v1/bookings", "GET, HEAD, POST"),
        ("DELETE", &theirs, "GET, HEAD"),
        ("GET", &reason, "POST"),
        ("PATCH", "/api/v1/me", "GET, HEAD"),
        ("DELETE", "/api/v1/me/notice-settings", "GET, HEAD, PUT"),
    ] {
        let answer = own.raw(method, path, &[], None).unwrap();
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        judge(&format!("{method} {path}"), answer, 405, "method-not-allowed", "");
    }

    // Headers.
    let body = ask.to_string();
    for (what, headers, kind, status, code) in [
        ("no key", vec![], "application/json", 400, "idempotency-key-missing"),
        ("empty key", vec![("idempotency-key", "")], "application/json", 400, "idempotency-key-missing"),
        ("two keys", vec![("idempotency-key", "a"), ("idempotency-key", "b")], "application/json", 400, "idempotency-key-missing"),
        ("foreign type", vec![("idempotency-key", "k")], "text/plain", 415, "unsupported-media-type"),
        ("form", vec![("idempotency-key", "k")], "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        ("foreign charset", vec![("idempotency-key", "k")], "application/json; charset=gbk", 415, "unsupported-media-type"),
    ] {
        let pointer = if status == 400 { "Idempotency-Key" } else { "" };
        judge(what, own.raw("POST", "/api/v1/bookings", &headers, Some((kind, body.as_bytes()))).unwrap(), status, code, pointer);
    }
    let nobody = &app.client;
    judge("nobody asks", nobody.get("/api/v1/me").unwrap(), 401, "unauthenticated", "");
    judge("nobody books", nobody.post("/api/v1/bookings", &ask).unwrap(), 401, "unauthenticated", "");
    judge(
        "nobody imports",
        nobody.raw("POST", "/api/v1/hub-imports", &[("idempotency-key", "hub")], Some(("application/yaml", b"hub: x\n"))).unwrap(),
        401,
        "unauthenticated",
        "",
    );
    let token = own.token().unwrap().to_owned();
    let mut parts: Vec<&str> = token.split('.').collect();
    let none = {
        use base64::Engine;
        let head = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
        format!("{head}.{}.", parts[1])
    };
    let unsigned = format!("{}.{}.", parts[0], parts[1]);
    let foreign_claims = town.person("yuxin-p-desk").token().unwrap().split('.').nth(1).unwrap().to_owned();
    parts[1] = &foreign_claims;
    let forged = parts.join(".");
    for bad in ["", "x", "a.b.c", &"x".repeat(9000), &none, &unsigned, &forged, &token[1..]] {
        judge("forged token", app.client.with_token(Some(bad)).get("/api/v1/me").unwrap(), 401, "unauthenticated", "");
    }
    let basic = app.client.raw("GET", "/api/v1/me", &[("authorization", "Basic YTpi")], None).unwrap();
    judge("basic", basic, 401, "unauthenticated", "");
    let double = own.raw("GET", "/api/v1/me", &[("authorization", "Bearer x")], None).unwrap();
    judge("two tokens", double, 401, "unauthenticated", "");

    // Hub files.
    let head = "hub: bad\ntitle_zh: 坏\n";
    let site = |area: &str, rest: &str| {
        format!(
            "{head}sites:\n  - code: bad-site\n    name_zh: 坏\n    area: yuxin-garden\n    zone: {area}\n    floors:\n      - code: f1\n        name_zh: 一层\n        area_m2: 100.00\n        title: common\n        spaces:\n          - {{code: hall, name_zh: 厅, kind: hall, area_m2: 50.00, parts: [a, b]}}\n          - {{code: a, name_zh: 甲, kind: hall, area_m2: {rest}}}\n          - {{code: b, name_zh: 乙, kind: hall, area_m2: 20.00}}\n"
        )
    };
    let bomb = format!(
        "{head}a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n"
    );
    let negative = format!(
        "{}    tariffs:\n      - {{use: dance, kind: low_cost, components: [{{label_zh: 费, fen: -1, per: session}}]}}\n",
        site("Asia/Shanghai", "20.00")
    );
    let cyclic = "areas:\n  - {code: bad-a, kind: street, name_zh: 甲, parent: bad-b}\n  - {code: bad-b, kind: street, name_zh: 乙, parent: bad-a}\n";
    let mut misplaced: Vec<String> = Vec::new();
    for (what, yaml, code, line) in [
        ("alias bomb", bomb.into_bytes(), "too-many-aliases", Some(7)),
        ("duplicate key", format!("{head}hub: again\n").into_bytes(), "duplicate-key", Some(3)),
        ("BOM", format!("\u{feff}{head}").into_bytes(), "byte-order-mark", Some(1)),
        ("not a file", b"- 1\n".to_vec(), "wrong-type", Some(1)),
        ("empty", Vec::new(), "empty-file", None),
        ("broken", b"a: [".to_vec(), "syntax", Some(1)),
        ("NUL", head.replace("坏", "\"坏\\0\"").into_bytes(), "forbidden-characters", Some(2)),
        ("deep", format!("{head}x: {}{}\n", "[".repeat(500), "]".repeat(500)).into_bytes(), "too-deep", Some(3)),
        ("unknown field", format!("{head}colour: red\n").into_bytes(), "unknown-field", Some(3)),
        ("cyclic areas", format!("{head}{cyclic}").into_bytes(), "cyclic-areas", Some(4)),
        ("own parent", format!("{head}{}", cyclic.replace("bad-b}", "bad-a}")).into_bytes(), "cyclic-areas", Some(4)),
        ("unknown zone", site("Asia/Nowhere", "20.00").into_bytes(), "unknown-zone", Some(7)),
        ("parts larger than the hall", site("Asia/Shanghai", "40.00").into_bytes(), "parts-larger-than-hall", Some(14)),
        ("negative area", site("Asia/Shanghai", "-1").into_bytes(), "out-of-range", Some(15)),
        ("negative fen", negative.into_bytes(), "out-of-range", Some(18)),
        ("GBK", b"hub: \xc9\xcc\n".to_vec(), "not-utf-8", Some(1)),
    ] {
        for path in ["/api/v1/hub-imports", "/api/v1/hub-imports?dry_run=true"] {
            let answer = admin.raw("POST", path, &[("idempotency-key", "hub")], Some(("application/yaml", &yaml))).unwrap();
            let first = (answer.text("/errors/0/code").to_owned(), answer.body["errors"][0]["line"].as_u64());
            if first != (code.to_owned(), line) {
                misplaced.push(format!("{what}: {first:?} instead of {code} on {line:?}"));
            }
            judge(&format!("hub file, {what}"), answer, 422, "hub-file-invalid", "");
        }
    }
    let large = vec![b'#'; (1 << 20) + 1];
    let large = admin.raw("POST", "/api/v1/hub-imports", &[("idempotency-key", "hub")], Some(("application/yaml", &large))).unwrap();
    judge("huge hub file", large, 413, "too-large", "");

    // A token lives ten minutes.
    clock.set(NOW.plus_seconds(599));
    judge("a token about to expire", own.get("/api/v1/me").unwrap(), 200, "", "");
    clock.set(NOW.plus_minutes(11));
    judge("an expired token asks", own.get("/api/v1/me").unwrap(), 401, "unauthenticated", "");
    judge("an expired token books", own.post("/api/v1/bookings", &ask).unwrap(), 401, "unauthenticated", "");

    assert!(wrong.is_empty(), "{} of {tried} are answered otherwise:\n{}", wrong.len(), wrong.join("\n"));
    assert!(misplaced.is_empty(), "faults of hub files:\n{}", misplaced.join("\n"));
    app.settle();
    assert_eq!(counts(&app), before, "{TABLES:?}");
    assert_eq!(app.client.get("/readyz").unwrap().status, 200);
    println!("{tried} bad inputs, nothing written");
}

use shangliang::kernel::id::Id;

#[test]
fn every_bad_input_is_answered_and_nothing_is_written_sqlite() {
    everything(Backend::Sqlite);
}

#[test]
fn every_bad_input_is_answered_and_nothing_is_written_postgres() {
    everything(Backend::Postgres);
}
