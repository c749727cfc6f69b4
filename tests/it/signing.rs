//! Signing, over HTTP on both backends: the password again, windows and reminders, powers, consent.

use crate::harness::app::PASSWORD;
use crate::harness::{TestApp, TestDb, rows};
use serde_json::json;
use shangliang::demo::client::Answer;
use shangliang::demo::people::{Hub, find};
use shangliang::demo::seed::YUXIN;
use shangliang::kernel::Instant;
use shangliang::kernel::time::SetClock;
use shangliang::store::Backend;
use std::sync::Arc;

/// Two tests of each story, one a backend.
macro_rules! told_on_both {
    ($($name:ident($backend:ident) $body:block)+) => {$(
        mod $name {
            use super::*;
            fn tell($backend: Backend) $body
            #[test]
            fn sqlite() {
                tell(Backend::Sqlite);
            }
            #[test]
            fn postgres() {
                tell(Backend::Postgres);
            }
        }
    )+};
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn served(backend: Backend, now: &str) -> (TestApp, Arc<SetClock>) {
    let clock = SetClock::at(at(now));
    (TestApp::serve(TestDb::fresh(backend), clock.clone()), clock)
}

fn outcome(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.text("/code"))
}

told_on_both! {
    signing_needs_the_password_of_the_last_ten_minutes(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00:00+08:00");
        let admin = app.admin();
        let hub = Hub::bring_in(&admin, YUXIN).unwrap();
        let unit = hub.person("yuxin-p-unit").unwrap();
        let proposed = hub.propose("yuxin-partnership", "yuxin-community").unwrap();
        let id = find(&unit, "/api/v1/agreements", "yuxin-partnership").unwrap();
        let path = format!("/api/v1/agreements/{id}/versions/1");
        let seen = unit.get(&path).unwrap().body;
        let party = seen["parties"].as_array().unwrap().iter().find(|p| p["code"] == "yuxin-unit").unwrap()["organisation_id"].clone();
        let ask = json!({"organisation_id": party, "sha256": seen["sha256"]});

        // The token lives; the password was given ten minutes ago.
        clock.set(at("2026-11-28T10:10:00+08:00"));
        assert_eq!(unit.get("/api/v1/me").unwrap().status, 200);
        assert_eq!(outcome(&unit.post(&format!("{path}/signatures"), &ask).unwrap()), (403, "step-up-required"));
        assert_eq!(rows(&mut app.db.conn(), "signatures"), 0);

        let step_up = |password: &str| unit.post("/api/v1/step-up", &json!({ "password": password })).unwrap();
        assert_eq!(outcome(&step_up("")), (422, "invalid"));
        assert_eq!(outcome(&step_up("不是这个密码-2026")), (403, "wrong-password"));
        let fresh = step_up(shangliang::demo::people::PASSWORD).expect(200, "step-up").unwrap();
        assert_eq!(fresh.text("/fresh_until"), "2026-11-28T02:20:00Z");
        assert_eq!(unit.post(&format!("{path}/signatures"), &ask).unwrap().expect(201, "signature").unwrap().body["agreed"], false);
        assert!(!proposed.agreed);

        // Five wrong ones close it for a quarter of an hour, even for the right one.
        for _ in 0..5 {
            assert_eq!(outcome(&step_up("不是这个密码-2026")), (403, "wrong-password"));
        }
        assert_eq!(outcome(&step_up(shangliang::demo::people::PASSWORD)), (429, "too-many-attempts"));
        // A session that has ended is told so.
        let other = hub.person("yuxin-p-lead").unwrap();
        other.post("/api/v1/sign-out", &json!({})).unwrap().expect(204, "sign-out").unwrap();
        assert_eq!(outcome(&other.post("/api/v1/step-up", &json!({"password": PASSWORD})).unwrap()), (401, "unauthenticated"));
        app.settle();
    }
}
