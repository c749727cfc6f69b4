//! Stories of signing in.

use crate::harness::TestApp;
use crate::harness::app::PASSWORD;
use serde_json::json;
use shangliang::store::Backend;

fn first_admin(backend: Backend) {
    let app = TestApp::start(backend);
    let admin = app.admin();
    let me = admin.get("/api/v1/me").unwrap().expect(200, "me").unwrap();
    assert_eq!(me.text("/roles/0/role"), "platform_admin");
    // The token works once.
    let again = json!({"token": app.first_admin, "name": "别人", "email": "other@example.org", "password": PASSWORD});
    assert_eq!(app.client.post("/api/v1/first-administrator", &again).unwrap().status, 401);
    // Wrong name and wrong password answer the same.
    let wrong = |login: &str| {
        let mut answer = app.client.post("/api/v1/sign-in", &json!({"login": login, "password": "not the one"})).unwrap();
        answer.body["instance"] = json!("");
        (answer.status, answer.body)
    };
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
