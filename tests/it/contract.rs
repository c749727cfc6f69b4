//! What the OpenAPI document and RFC 9110/9457 promise, kept by the running server.

use crate::harness::app::PASSWORD;
use crate::harness::db::NOW;
use crate::harness::{TestApp, TestDb, Town};
use serde_json::{Map, Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::Code;
use shangliang::kernel::time::SetClock;
use shangliang::server::openapi;
use shangliang::store::Backend;
use std::collections::BTreeSet;

fn start(backend: Backend) -> TestApp {
    TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW))
}

fn document() -> Value {
    serde_json::to_value(openapi::document()).unwrap()
}

#[test]
fn the_document_in_the_repository_is_the_document_of_the_code() {
    let stored: Value = serde_json::from_str(include_str!("../../openapi/openapi.json")).unwrap();
    assert!(stored == document(), "openapi/openapi.json is not what the code says: run `make openapi`");
}

/// Where a path of a request stands in the document.
fn template<'d>(document: &'d Value, path: &str) -> Option<(&'d String, &'d Value)> {
    let path = path.split('?').next().unwrap();
    let fits = |template: &str| {
        let (t, p): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        t.len() == p.len() && t.iter().zip(&p).all(|(t, p)| t == p || (t.starts_with('{') && !p.is_empty()))
    };
    let mut found: Vec<_> = document["paths"].as_object().unwrap().iter().filter(|(template, _)| fits(template)).collect();
    found.sort_by_key(|(template, _)| template.matches('{').count());
    found.into_iter().next()
}

/// What every answer must be, whatever was asked.
pub fn sound(document: &Value, method: &str, path: &str, answer: &Answer) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut say = |what: String| wrong.push(format!("{method} {path} → {}: {what}", answer.status));
    for header in ["x-request-id", "vary"] {
        if answer.header(header).is_none() {
            say(format!("no {header}"));
        }
    }
    // What may be kept by others is what everybody may read; the rest is kept by nobody.
    let kept = match template(document, path).map_or(path, |(template, _)| template) {
        _ if answer.status >= 400 => "no-store",
        "/api/v1/areas/{id}/free-times" | "/api/v1/sites/{id}/free-times" => "public, max-age=60",
        "/api/v1/spaces/{id}/calendar.ics" | "/.well-known/jwks.json" => "public, max-age=300",
        "/api/v1/calendars/{secret}.ics" => "private, no-cache",
        _ => "no-store",
    };
    for (header, value) in [
        ("cache-control", kept),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("permissions-policy", "geolocation=(), microphone=(), payment=(), camera=(self)"),
        (
            "content-security-policy",
            // The API explorer writes its own styles.
            if path.starts_with("/docs") {
                "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                 connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; font-src 'self' data:"
            } else {
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
             object-src 'none'; frame-ancestors 'none'; form-action 'self'; font-src 'self' data:; manifest-src 'self'; worker-src 'self'"
            },
        ),
    ] {
        if answer.header(header) != Some(value) {
            say(format!("{header}: {:?}", answer.header(header)));
        }
    }
    if answer.status >= 400 {
        if answer.header("content-type") != Some("application/problem+json") {
            say(format!("a problem as {:?}", answer.header("content-type")));
        }
        for field in ["type", "title", "code", "zh", "en", "detail", "instance"] {
            if answer.text(&format!("/{field}")).is_empty() {
                say(format!("no {field}: {}", answer.body));
            }
        }
        if answer.body["status"] != answer.status {
            say("another status in the body".into());
        }
        match Code::ALL.iter().find(|code| code.as_str() == answer.text("/code")) {
            Some(code) if code.status() == answer.status && answer.text("/type") == format!("urn:shangliang:problem:{}", code.as_str()) => {
            }
            _ => say(format!("the code is not in the table: {}", answer.body)),
        }
        let must = match answer.status {
            401 => Some("www-authenticate"),
            405 => Some("allow"),
            415 => Some("accept-post"),
            429 | 503 => Some("retry-after"),
            _ => None,
        };
        if let Some(header) = must.filter(|header| answer.header(header).is_none()) {
            say(format!("no {header}"));
        }
    }
    let Some((_, item)) = template(document, path) else { return wrong };
    let operation = &item[method.to_lowercase()];
    if operation.is_null() {
        if answer.status != 405 {
            say("no such operation, and no 405".into());
        }
        return wrong;
    }
    let response = &operation["responses"][answer.status.to_string()];
    if response.is_null() {
        say("the status is not documented".into());
    } else if let Some(content) = response["content"].as_object() {
        let sent = answer.header("content-type").unwrap_or("").split(';').next().unwrap();
        if !content.contains_key(sent) {
            say(format!("{sent} is not documented: {:?}", content.keys().collect::<Vec<_>>()));
        }
    } else if !answer.body.is_null() {
        say("a body that is not documented".into());
    }
    wrong
}

/// Sends requests and judges every answer.
struct Judge {
    document: Value,
    wrong: std::cell::RefCell<Vec<String>>,
    seen: std::cell::RefCell<BTreeSet<(String, u16)>>,
}

impl Judge {
    fn new() -> Self {
        Self { document: document(), wrong: Default::default(), seen: Default::default() }
    }

    fn send(&self, client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: Option<(&str, &[u8])>) -> Answer {
        let answer = client.raw(method, path, headers, body).unwrap();
        self.wrong.borrow_mut().extend(sound(&self.document, method, path, &answer));
        let name = template(&self.document, path).map_or("(none)", |(template, _)| template.as_str());
        self.seen.borrow_mut().insert((format!("{method} {name}"), answer.status));
        answer
    }

    fn json(&self, client: &Client, method: &str, path: &str, body: &Value) -> Answer {
        let key = uuid();
        self.send(
            client,
            method,
            path,
            &[("idempotency-key", &key), ("if-match", "*")],
            Some(("application/json", body.to_string().as_bytes())),
        )
    }

    fn get(&self, client: &Client, path: &str) -> Answer {
        self.send(client, "GET", path, &[], None)
    }

    fn done(self) {
        let wrong = self.wrong.into_inner();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        println!("{} answers of different kinds, all as documented", self.seen.into_inner().len());
    }
}

fn uuid() -> String {
    shangliang::kernel::id::BookingId::fresh().to_string()
}

use shangliang::kernel::id::{ClosureId, Id, PositionId, PostingId, ProposalId, SuspensionId, TerminationId, UsageTermsId};

/// The JSON routes with a body: path, who may, and what may stand instead of the schema's required fields.
fn json_routes(town: &Town, agreement: &str) -> Vec<(String, String, Client, &'static [&'static str])> {
    let whole = format!("/api/v1/agreements/{agreement}");
    let version = format!("{whole}/versions/1");
    let (lead, own, nobody) = (town.person("yuxin-p-lead"), town.person("yuxin-p-res-2"), town.app.client.clone());
    let booking = town.book(&own, 3, 600);
    let mut again = town.ask(9, 600);
    again["rule"] = json!("FREQ=DAILY;COUNT=2");
    let series = own.post("/api/v1/series", &again).unwrap().expect(201, "series").unwrap().text("/id").to_owned();
    let route = |method: &str, path: String, who: &Client, more: &'static [&'static str]| (method.to_owned(), path, who.clone(), more);
    vec![
        route("POST", "/api/v1/sign-in".into(), &nobody, &[]),
        route("POST", "/api/v1/claims".into(), &nobody, &[]),
        route("POST", "/api/v1/step-up".into(), &own, &[]),
        route("POST", "/api/v1/me/password".into(), &own, &[]),
        route("POST", "/api/v1/first-administrator".into(), &nobody, &["/mobile"]),
        route("POST", "/api/v1/accounts".into(), &lead, &["/mobile", "/household_id"]),
        route("POST", "/api/v1/claim-codes".into(), &lead, &[]),
        route("POST", "/api/v1/verifications".into(), &nobody, &[]),
        route("POST", "/api/v1/bookings/check".into(), &own, &[]),
        route("POST", "/api/v1/bookings".into(), &own, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/cancellation"), &own, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/move"), &own, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/provider-cancellation"), &lead, &[]),
        route("POST", format!("/api/v1/sites/{}/closures", town.site("yuxin-gym")), &lead, &[]),
        route("POST", format!("/api/v1/spaces/{}/closures", town.space("yuxin-gym/tt-hall")), &lead, &[]),
        route("POST", format!("/api/v1/closures/{}/openings", ClosureId::fresh()), &lead, &[]),
        route("POST", "/api/v1/waitlist".into(), &own, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/hold/acceptance"), &own, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/check-in"), &own, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/attendance"), &lead, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/appeal"), &own, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/appeal/decision"), &lead, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/rating"), &own, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/keys"), &lead, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/offer/acceptance"), &own, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/reduction"), &own, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/refusal"), &lead, &[]),
        route("POST", "/api/v1/series/preview".into(), &own, &[]),
        route("POST", "/api/v1/series".into(), &own, &[]),
        route("POST", format!("/api/v1/series/{series}/cancellation"), &own, &[]),
        route("POST", format!("/api/v1/series/{series}/changes"), &own, &[]),
        route("POST", "/api/v1/me/calendars".into(), &own, &[]),
        route("POST", "/api/v1/agreements".into(), &lead, &[]),
        route("POST", "/api/v1/notices/reading".into(), &lead, &[]),
        route("POST", format!("/api/v1/agreements/{agreement}/versions"), &lead, &[]),
        route("PUT", version.clone(), &lead, &[]),
        route("PUT", "/api/v1/me/notice-settings".into(), &own, &[]),
        route("POST", format!("{version}/signatures"), &lead, &[]),
        route("POST", format!("{version}/paper-signatures"), &lead, &[]),
        route("POST", format!("{version}/extension"), &lead, &[]),
        route("POST", format!("{version}/agency-consents"), &lead, &[]),
        route("POST", format!("{version}/pending-signatures"), &lead, &[]),
        route("POST", format!("{version}/owners-decisions"), &lead, &[]),
        route("POST", format!("{version}/declines"), &lead, &[]),
        route("POST", format!("{version}/positions"), &lead, &[]),
        route("POST", format!("{version}/positions/{}/reply", PositionId::fresh()), &lead, &[]),
        route("POST", format!("{whole}/suspensions"), &lead, &[]),
        route("POST", format!("{whole}/suspension-proposals"), &town.person("yuxin-p-unit"), &[]),
        route("POST", format!("{whole}/suspension-proposals/{}/refusal", ProposalId::fresh()), &lead, &[]),
        route("POST", format!("{whole}/suspensions/{}/lifting", SuspensionId::fresh()), &lead, &[]),
        route("POST", format!("{whole}/suspensions/{}/reviews", SuspensionId::fresh()), &town.person("yuxin-p-street"), &[]),
        route("POST", format!("{whole}/termination-notices"), &lead, &[]),
        route("POST", format!("{whole}/termination-notices/{}/objections", TerminationId::fresh()), &lead, &[]),
        route("POST", format!("{whole}/withdrawals"), &lead, &[]),
        route("POST", format!("{whole}/annulment"), &lead, &[]),
        route("POST", format!("{whole}/settlement"), &lead, &[]),
        route("POST", format!("{whole}/closing"), &lead, &[]),
        route("POST", format!("/api/v1/sites/{}/usage-terms", town.site("yuxin-centre")), &lead, &[]),
        route("PUT", format!("/api/v1/usage-terms/{}", UsageTermsId::fresh()), &lead, &[]),
        route("POST", format!("/api/v1/usage-terms/{}/approvals", UsageTermsId::fresh()), &lead, &[]),
        route("POST", format!("/api/v1/usage-terms/{}/rejection", UsageTermsId::fresh()), &lead, &[]),
        route("POST", format!("/api/v1/bookings/{booking}/postings/{}/reversal", PostingId::fresh()), &lead, &[]),
        route("POST", "/api/v1/neighbour-lookups".into(), &lead, &["/household_code"]),
        route("POST", "/api/v1/assisted-bookings".into(), &lead, &[]),
    ]
}

fn faults(answer: &Answer) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    answer.body["errors"].as_array().into_iter().flatten().map(|e| (text(&e["pointer"]), text(&e["code"]))).collect()
}

fn promises(backend: Backend) {
    let app = start(backend);
    let town = Town::build(&app);
    let judge = Judge::new();
    let shiyou = town.agreement("shiyou-partnership");
    let (own, lead) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-lead"));

    // Bodies: the documented fields and no others; what is required is missed, each at its pointer.
    let mut tried = BTreeSet::new();
    for (method, path, who, more) in json_routes(&town, &town.agreement("yuxin-partnership")) {
        let (name, item) = template(&judge.document, &path).unwrap();
        let operation = &item[method.to_lowercase()];
        tried.insert(format!("{method} {name}"));
        let schema_name =
            operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let schema = &judge.document["components"]["schemas"][schema_name];
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let mut expect: BTreeSet<(String, String)> =
            required.iter().map(|field| (format!("/{}", field.as_str().unwrap()), "missing".to_owned())).collect();
        expect.extend(more.iter().map(|pointer| ((*pointer).to_owned(), "missing".to_owned())));
        let mut wrong_types = Map::new();
        for field in schema["properties"].as_object().unwrap().keys() {
            wrong_types.insert(field.clone(), json!({"not": "this"}));
        }
        wrong_types.insert("nobody_asked".into(), json!(1));
        let answer = judge.json(&who, &method, &path, &Value::Object(wrong_types));
        let unknown: Vec<_> = faults(&answer).into_iter().filter(|(_, code)| code == "unknown-field").collect();
        assert_eq!(
            (answer.status, unknown),
            (422, vec![("/nobody_asked".to_owned(), "unknown-field".to_owned())]),
            "{method} {path}: {}",
            answer.body
        );
        assert_eq!(faults(&answer).len(), schema["properties"].as_object().unwrap().len() + 1, "{method} {path}: {}", answer.body);
        let answer = judge.json(&who, &method, &path, &json!({}));
        if expect.is_empty() {
            // Nothing is missing: it is done, or the state of the thing does not allow it.
            assert!(matches!(answer.status, 200..300 | 409) && faults(&answer).is_empty(), "{method} {path}: {}", answer.body);
        } else {
            assert_eq!((answer.status, faults(&answer)), (422, expect), "{method} {path}: {}", answer.body);
        }
        // The example is a body: whatever the answer, it is not about its form.
        assert!(schema["example"].is_object(), "{schema_name} has an example");
        let answer = judge.json(&who, &method, &path, &schema["example"]);
        let of_form = ["missing", "wrong-type", "unknown-field", "malformed", "wrong-id", "unknown-word", "wrong-length", "too-long"];
        let malformed = faults(&answer).into_iter().any(|(_, code)| of_form.contains(&code.as_str()));
        assert!(!malformed && ![400, 413, 415].contains(&answer.status), "{method} {path}: {}", answer.body);
        // No parameter is overlooked.
        let answer = judge.json(&who, &method, &format!("{path}?nobody_asked=1"), &json!({}));
        assert!(
            answer.status == 422 && faults(&answer).contains(&("nobody_asked".into(), "unknown-field".into())),
            "{method} {path}: {}",
            answer.body
        );
        // Content types, sizes, syntax.
        let key = uuid();
        let with = |kind: &str, bytes: &[u8]| {
            judge.send(&who, &method, &path, &[("idempotency-key", &key), ("if-match", "*")], Some((kind, bytes)))
        };
        assert_eq!(with("text/plain", b"{}").status, 415, "{path}");
        assert_eq!(with("application/json", b"{").status, 400, "{path}");
        assert_eq!(with("application/json", &vec![b' '; 70_000]).status, 413, "{path}");
        assert_eq!(judge.send(&app.client, "DELETE", &path, &[], None).status, 405, "{path}");
    }
    let with_bodies: BTreeSet<String> = judge.document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation)))
        .filter(|(.., operation)| !operation["requestBody"]["content"]["application/json"].is_null())
        .map(|(path, method, _)| format!("{} {path}", method.to_uppercase()))
        .collect();
    assert_eq!(tried, with_bodies);

    // What is made says where it is.
    let made = judge.json(&own, "POST", "/api/v1/bookings", &town.ask(4, 600));
    let there = judge.get(&own, made.header("location").unwrap());
    assert_eq!((made.status, there.status, made.header("etag")), (201, 200, there.header("etag")));
    assert_eq!(made.body, there.body);
    let place = made.header("location").unwrap().to_owned();
    let seen = judge.send(&own, "GET", &place, &[("if-none-match", there.header("etag").unwrap())], None);
    assert_eq!((seen.status, seen.header("etag"), &seen.body), (304, there.header("etag"), &Value::Null));
    let weak = format!("W/{}", there.header("etag").unwrap());
    for tag in [weak.as_str(), "*"] {
        assert_eq!(judge.send(&own, "GET", &place, &[("if-none-match", tag)], None).status, 304, "{tag}");
    }
    assert_eq!(judge.send(&own, "GET", &place, &[("if-none-match", "\"r9\"")], None).status, 200);
    let cancelled = judge.json(&own, "POST", &format!("{place}/cancellation"), &json!({"reason": "下雨"}));
    assert_eq!((cancelled.status, judge.get(&own, cancelled.header("location").unwrap()).status), (201, 200));
    assert_eq!(judge.json(&own, "POST", &format!("{place}/cancellation"), &json!({})).status, 409);
    let taken = town.ask(5, 600);
    judge.json(&own, "POST", "/api/v1/bookings", &taken);
    assert_eq!(judge.json(&own, "POST", "/api/v1/bookings", &taken).text("/code"), "period-taken");
    assert_eq!(judge.json(&own, "POST", "/api/v1/bookings/check", &taken).body["bookable"], false);
    let account = judge.json(
        &lead,
        "POST",
        "/api/v1/accounts",
        &json!({"name": "新人", "mobile": "13800000001", "area_id": town.area("yuxin-garden")}),
    );
    assert!(account.status == 201 && account.header("location").is_some());
    let again = judge.json(
        &lead,
        "POST",
        "/api/v1/accounts",
        &json!({"name": "新人", "mobile": "13800000001", "area_id": town.area("yuxin-garden")}),
    );
    assert_eq!(again.status, 409);

    // Preconditions of a draft.
    let version = format!("/api/v1/agreements/{shiyou}/versions/1");
    let desk = town.person("shiyou-p-street");
    let draft = judge.get(&desk, &version);
    let (tag, clauses) = (draft.header("etag").unwrap().to_owned(), json!({"clauses": draft.body["clauses"]}));
    let bytes = clauses.to_string();
    let put = |headers: &[(&str, &str)]| judge.send(&desk, "PUT", &version, headers, Some(("application/json", bytes.as_bytes())));
    assert_eq!(put(&[]).status, 428);
    for stale in ["\"r99\"", "W/\"r1\"", "r1"] {
        assert_eq!(put(&[("if-match", stale)]).status, 412, "{stale}");
    }
    let changed = put(&[("if-match", &tag)]);
    assert!(changed.status == 200 && changed.header("etag").is_some_and(|new| new != tag), "{:?}", changed.body);
    assert_eq!(put(&[("if-match", &tag)]).status, 412);

    // Keys.
    let (ask, other) = (town.ask(6, 600).to_string(), town.ask(6, 660).to_string());
    let keyed = |key: &str, body: &str| {
        judge.send(&own, "POST", "/api/v1/bookings", &[("idempotency-key", key)], Some(("application/json", body.as_bytes())))
    };
    let first = keyed("key-1", &ask);
    let second = keyed("\"key-1\"", &ask);
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, None), "{:?}", first.body);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    for header in ["location", "etag", "content-type", "content-length"] {
        assert_eq!(first.header(header), second.header(header), "{header}");
    }
    assert_eq!((first.status, &first.content), (second.status, &second.content), "to the byte");
    assert!(first.content.starts_with('{'));
    assert_eq!(keyed("key-1", &other).text("/code"), "idempotency-key-reused");
    let none = judge.send(&own, "POST", "/api/v1/bookings", &[], Some(("application/json", ask.as_bytes())));
    assert_eq!((none.status, none.text("/code")), (400, "idempotency-key-missing"));
    // A refusal leaves the key free: the same key works once what stood against it is gone.
    assert_eq!(keyed("key-2", &ask).text("/code"), "period-taken");
    judge.json(&own, "POST", &format!("{}/cancellation", first.header("location").unwrap()), &json!({}));
    let after = keyed("key-2", &ask);
    assert_eq!((after.status, after.header("idempotency-replayed")), (201, None));
    // The key is the caller's own: another person's is another.
    let theirs = town.person("yuxin-p-res-4").raw(
        "POST",
        "/api/v1/bookings",
        &[("idempotency-key", "key-1")],
        Some(("application/json", other.as_bytes())),
    );
    assert_eq!(theirs.unwrap().status, 201);

    // Addresses and methods no route takes.
    for (method, path, status) in [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/bookings/x/y/z", 404),
        ("DELETE", "/api/v1/bookings", 405),
        ("PATCH", "/livez", 405),
        ("TRACE", "/livez", 405),
        ("OPTIONS", "/api/v1/sites", 405),
        ("POST", "/openapi.json", 405),
        ("DELETE", "/docs/", 405),
        ("POST", "/", 405),
        ("GET", "/docs/nothing", 404),
        ("GET", "/api/v1/sites/site_x", 400),
        ("GET", "/api/v1/agreements/nonsense/versions/1", 400),
        ("GET", "/api/v1/bookings", 401),
    ] {
        assert_eq!(judge.send(&app.client, method, path, &[], None).status, status, "{method} {path}");
    }
    // An address outside the API is a page for a browser, with or without the screens, and nothing for a program.
    for (accept, page) in [("text/html,*/*;q=0.8", true), ("application/json", false)] {
        let answer = app.client.raw("GET", "/some/page", &[("accept", accept)], None).unwrap();
        assert_eq!(answer.header("content-type") == Some("text/html; charset=utf-8"), page, "{answer:?}");
        assert!(answer.header("content-security-policy").is_some_and(|policy| !policy.contains("unsafe")));
    }
    let allowed = app.client.raw("DELETE", "/api/v1/bookings", &[], None).unwrap();
    assert_eq!(allowed.header("allow"), Some("GET, HEAD, POST"));
    // What can be read has a head, and the head has no body.
    let head = app.client.raw("HEAD", "/api/v1/sites", &[], None).unwrap();
    assert_eq!((head.status, head.body.clone(), head.header("content-type")), (200, serde_json::Value::Null, Some("application/json")));

    // Too many attempts.
    for n in 0..6 {
        let tried = judge.json(&app.client, "POST", "/api/v1/sign-in", &json!({"login": "13912345678", "password": "wrong"}));
        assert_eq!(tried.status, if n < 5 { 401 } else { 429 });
    }
    let _ = PASSWORD;
    app.settle();
    judge.done();
}

#[test]
fn the_promises_are_kept_sqlite() {
    promises(Backend::Sqlite);
}

#[test]
fn the_promises_are_kept_postgres() {
    promises(Backend::Postgres);
}

fn walk(client: &Client, list: &str, limit: usize) -> Vec<Value> {
    let join = if list.contains('?') { '&' } else { '?' };
    let (mut all, mut next) = (Vec::new(), format!("{list}{join}limit={limit}"));
    loop {
        let page = client.get(&next).unwrap().expect(200, &next).unwrap();
        let items = page.body["items"].as_array().unwrap();
        assert!(items.len() <= limit && (!items.is_empty() || all.is_empty()), "{next}: {} items", items.len());
        all.extend(items.iter().cloned());
        match page.body["next_cursor"].as_str() {
            Some(cursor) => next = format!("{list}{join}limit={limit}&cursor={cursor}"),
            None => return all,
        }
    }
}

fn paging(backend: Backend) {
    let app = start(backend);
    let town = Town::build(&app);
    let own = town.person("yuxin-p-res-2");
    // Many bookings, some of them at the very same moment in different rooms.
    let rooms = [("yuxin-centre/moxuan", "calligraphy"), ("yuxin-centre/shuyuan", "reading"), ("yuxin-centre/member-room", "study")];
    let mut made = BTreeSet::new();
    for day in 1..=9 {
        for hour in 9..13 {
            for (room, what) in rooms {
                let ask = json!({"space_id": town.space(room), "use": what, "attendees": 3,
                    "starts_at": town.at(day, hour * 60), "ends_at": town.at(day, hour * 60 + 30)});
                let booked = own.post("/api/v1/bookings", &ask).unwrap();
                if booked.status == 201 {
                    made.insert(booked.text("/id").to_owned());
                }
            }
        }
    }
    assert!(made.len() > 100, "{} bookings", made.len());
    app.settle();
    for limit in [1, 7, 36, 100] {
        let all = walk(&own, "/api/v1/bookings", limit);
        let ids: Vec<String> = all.iter().map(|b| b["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.iter().cloned().collect::<BTreeSet<_>>(), made, "limit {limit}");
        assert_eq!(ids.len(), made.len(), "limit {limit}");
        let starts: Vec<_> = all.iter().map(|b| b["starts_at"].as_str().unwrap()).collect();
        assert!(starts.is_sorted(), "limit {limit}");
        // Who shares the household is told of every booking.
        let notices = walk(&town.person("yuxin-p-res-3"), "/api/v1/notices", limit);
        let distinct: BTreeSet<_> = notices.iter().map(|n| n["id"].to_string()).collect();
        assert_eq!(distinct.len(), notices.len(), "limit {limit}");
        let areas = walk(&app.client, "/api/v1/areas", limit);
        assert_eq!(areas.len(), areas.iter().map(|a| a["code"].to_string()).collect::<BTreeSet<_>>().len());
    }
    let room = town.space("yuxin-centre/moxuan");
    let taken = walk(&app.client, &format!("/api/v1/spaces/{room}/bookings"), 5);
    assert_eq!(taken.len(), 36);
    assert!(taken.iter().all(|busy| busy.get("booking").is_none()), "who holds it is told to anybody");

    // Cursors are of one list, whole and unchanged.
    let page = own.get("/api/v1/bookings?limit=2").unwrap();
    let cursor = page.text("/next_cursor");
    let first = format!("{}{}", if cursor.starts_with('A') { 'B' } else { 'A' }, &cursor[1..]);
    for (path, status) in [
        (format!("/api/v1/bookings?cursor={first}"), 422),
        (format!("/api/v1/bookings?cursor={}", &cursor[..cursor.len() - 4]), 422),
        (format!("/api/v1/bookings?when=past&cursor={cursor}"), 422),
        (format!("/api/v1/notices?cursor={cursor}"), 422),
        (format!("/api/v1/areas?cursor={cursor}"), 422),
        (format!("/api/v1/agreements?cursor={cursor}"), 422),
        ("/api/v1/bookings?cursor=".into(), 422),
        ("/api/v1/bookings?limit=0".into(), 422),
        ("/api/v1/bookings?limit=-1".into(), 422),
        ("/api/v1/bookings?limit=101".into(), 422),
        ("/api/v1/bookings?limit=abc".into(), 422),
        ("/api/v1/bookings?limit=".into(), 422),
        ("/api/v1/bookings?limit=99999999999999999999".into(), 422),
        ("/api/v1/bookings?limit=1&limit=2".into(), 400),
        ("/api/v1/bookings?page=2".into(), 422),
        ("/api/v1/bookings?when=%FF".into(), 400),
        ("/api/v1/bookings?limit=100".into(), 200),
    ] {
        let answer = own.get(&path).unwrap();
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        if status == 422 {
            assert!(
                !faults(&answer).is_empty() && faults(&answer).iter().all(|(name, _)| path.contains(&format!("{name}="))),
                "{path}: {}",
                answer.body
            );
        }
    }
}

#[test]
fn paging_loses_and_doubles_nothing_sqlite() {
    paging(Backend::Sqlite);
}

#[test]
fn paging_loses_and_doubles_nothing_postgres() {
    paging(Backend::Postgres);
}

/// Types that words and ids make, or that derive a schema of that name, but that no answer and no body shows.
const NEVER_SHOWN: &[&str] = &["kernel/area: Area", "kernel/change: Change"];

/// Every type a source gives a schema of its own, by name.
fn schema_names(item: &syn::Item) -> Vec<String> {
    let derives = |attributes: &[syn::Attribute]| {
        let lists = attributes.iter().filter_map(|attribute| match &attribute.meta {
            syn::Meta::List(list) if list.path.is_ident("derive") => Some(list.tokens.to_string()),
            _ => None,
        });
        lists.flat_map(|list| list.split(',').map(|path| path.trim().to_owned()).collect::<Vec<_>>()).any(|path| path.ends_with("ToSchema"))
    };
    match item {
        syn::Item::Struct(one) if derives(&one.attrs) => vec![one.ident.to_string()],
        syn::Item::Enum(one) if derives(&one.attrs) => vec![one.ident.to_string()],
        syn::Item::Macro(one) if one.ident.is_none() => {
            let called = one.mac.path.segments.last().unwrap().ident.to_string();
            let text = one.mac.tokens.to_string();
            // `pub enum X { … }`, `X { A = "a" "甲" "a" ; … }`, `X = "x" , …`.
            let words: Vec<&str> = text.split_whitespace().collect();
            let name = |next: &'static str| words.windows(2).filter(move |pair| pair[1] == next).map(|pair| pair[0].to_owned());
            match called.as_str() {
                "words" | "named_words" => name("{").take(1).collect(),
                "ids" => name("=").filter(|name| name.ends_with("Id")).collect(),
                "uses" => vec!["Use".to_owned()],
                "happenings" => vec!["What".to_owned()],
                _ => vec![],
            }
        }
        _ => vec![],
    }
}

/// Schemas are put into the document by name alone, and the later one of two would silently take the other's place.
#[test]
fn no_two_wire_types_have_one_name() {
    fn walk(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    let mut named: std::collections::BTreeMap<String, Vec<String>> = Default::default();
    let mut hidden = 0;
    for file in &files {
        let place = file.strip_prefix(&root).unwrap().with_extension("").to_string_lossy().into_owned();
        let source = syn::parse_file(&std::fs::read_to_string(file).unwrap()).unwrap();
        for name in source.items.iter().flat_map(schema_names) {
            match NEVER_SHOWN.contains(&format!("{place}: {name}").as_str()) {
                true => hidden += 1,
                false => named.entry(name).or_default().push(place.clone()),
            }
        }
    }
    assert_eq!(hidden, NEVER_SHOWN.len(), "no longer needed in the list");
    let shown = document();
    let schemas = shown["components"]["schemas"].as_object().unwrap();
    // What the document shows is found here: the types of lists and options are theirs.
    let missed: Vec<&String> = schemas.keys().filter(|name| !named.contains_key(*name) && !name.contains('_')).collect();
    assert!(missed.is_empty(), "not found in the sources: {missed:?}");
    let twice: Vec<_> = named.iter().filter(|(_, places)| places.len() > 1).collect();
    assert!(twice.is_empty(), "one name, several types: {twice:?}");
}
