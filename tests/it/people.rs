//! Stories of signing in.

use crate::harness::app::PASSWORD;
use crate::harness::{TestApp, TestDb};
use serde_json::json;
use shangliang::demo::client::Answer;
use shangliang::kernel::time::SystemClock;
use shangliang::store::Backend;
use std::sync::Arc;

fn first_admin(backend: Backend) {
    let app = TestApp::start(backend);
    let become_it = |name: &str, email: &str| {
        let person = json!({"token": app.first_admin, "name": name, "email": email, "password": PASSWORD});
        app.client.post("/api/v1/first-administrator", &person).unwrap().status
    };
    assert_eq!(become_it("平台管理员", "admin@example.org"), 200);
    let admin = app.client.sign_in("admin@example.org", PASSWORD).unwrap();
    let me = admin.get("/api/v1/me").unwrap().expect(200, "me").unwrap();
    assert_eq!(me.text("/roles/0/role"), "platform_admin");
    // The token works once.
    assert_eq!(become_it("别人", "other@example.org"), 401);
    // Wrong name and wrong password answer the same.
    let wrong = |login: &str| {
        let mut answer = app.client.post("/api/v1/sign-in", &json!({"login": login, "password": "not the one"})).unwrap();
        answer.body["instance"] = json!("");
        (answer.status, answer.body)
    };
    assert_eq!(wrong("admin@example.org").0, 401);
    assert_eq!(wrong("admin@example.org"), wrong("nobody@example.org"));
    // Signing out ends the access token at once.
    assert_eq!(admin.post("/api/v1/sign-out", &json!({})).unwrap().status, 204);
    assert_eq!(admin.get("/api/v1/me").unwrap().status, 401);
    app.settle();
}

#[test]
fn the_first_administrator_signs_in_and_out_sqlite() {
    first_admin(Backend::Sqlite);
}

#[test]
fn the_first_administrator_signs_in_and_out_postgres() {
    first_admin(Backend::Postgres);
}

/// Limits on guessing, with or without a proxy before the server. They are kept in memory: one database is enough.
fn guessing(behind_proxy: bool) {
    let app = TestApp::serve_with(TestDb::fresh(Backend::Sqlite), Arc::new(SystemClock), |config| config.behind_proxy = behind_proxy);
    let admin = app.admin();
    let guess = |from: &str, login: &str, password: &str| -> Answer {
        let body = json!({"login": login, "password": password}).to_string();
        let headers = [("x-forwarded-for", from)];
        app.client.raw("POST", "/api/v1/sign-in", &headers, Some(("application/json", body.as_bytes()))).unwrap()
    };
    let signed_in = guess("198.51.100.20", "admin@example.org", PASSWORD);
    let kept = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    // Five wrong passwords for one name, from wherever, and no other is looked at for a while; the right one neither.
    for n in 0..5 {
        assert_eq!(guess(&format!("198.51.100.{n}"), "admin@example.org", "not the one").status, 401);
    }
    let shut = guess("198.51.100.9", "admin@example.org", PASSWORD);
    assert_eq!((shut.status, shut.text("/code"), shut.header("retry-after")), (429, "too-many-attempts", Some("900")));
    // On a phone they are signed in on they are known, and not shut out with whoever guesses.
    let password = json!({"login": "admin@example.org", "password": PASSWORD}).to_string();
    let on_own_phone = [("cookie", kept.as_str())];
    let own = app.client.raw("POST", "/api/v1/sign-in", &on_own_phone, Some(("application/json", password.as_bytes()))).unwrap();
    assert_eq!(own.status, 200, "{:?}", own.body);
    // Twenty from one address, for whatever names, and that address waits; who comes from elsewhere does not.
    let guesser = "1.1.1.1, 203.0.113.5";
    for n in 0..20 {
        let counted = if behind_proxy { 20 } else { 15 };
        let expected = if n < counted { 401 } else { 429 };
        assert_eq!(guess(guesser, &format!("nobody-{n}@example.org"), "not the one").status, expected, "{n}");
    }
    assert_eq!(guess(guesser, "another@example.org", "not the one").status, 429);
    let neighbour = guess("203.0.113.6", "neighbour@example.org", "not the one").status;
    assert_eq!(neighbour, if behind_proxy { 401 } else { 429 }, "served directly all of these come from one address");
    let password = json!({"password": PASSWORD}).to_string();
    let elsewhere = [("x-forwarded-for", "203.0.113.6")];
    let stepped = admin.raw("POST", "/api/v1/step-up", &elsewhere, Some(("application/json", password.as_bytes()))).unwrap().status;
    assert_eq!(stepped, if behind_proxy { 200 } else { 429 }, "and whoever is to sign something");
}

#[test]
fn who_guesses_locks_out_nobody_else_behind_a_proxy() {
    guessing(true);
}

#[test]
fn a_made_up_origin_is_not_believed_without_a_proxy() {
    guessing(false);
}
