//! What closes or ends something needs the password of the last ten minutes; to look beforehand does not.

use super::*;
use crate::harness::app::PASSWORD;

/// The refresh cookie of somebody who signs in with a password.
fn signs_in(town: &Town, who: &str) -> String {
    let login = town.login(who);
    town.app.claim(&town.admin, &login);
    let signed_in = town.app.client.post("/api/v1/sign-in", &json!({"login": login, "password": PASSWORD})).unwrap();
    let signed_in = signed_in.expect(200, "sign-in").unwrap();
    signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

/// The same session with a new token, for which no password is asked.
fn refreshed(town: &Town, cookie: &str) -> Client {
    let answer = town.app.client.raw("POST", "/api/v1/token-refresh", &[("cookie", cookie)], Some(("application/json", b"{}"))).unwrap();
    town.app.client.with_token(Some(answer.expect(200, "refresh").unwrap().text("/access_token")))
}

told_on_both! {
    suspensions_and_notices_need_the_password_of_the_last_ten_minutes(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let hub = Hub::of(&town, &clock);
        let proposal = json!({"organisation_id": town.organisation("shiyou-unit-3"), "urgency": "planned", "ground": "repair", "text": "检修电路。",
            "space_ids": [town.space("shiyou-hub/elder-space")], "from": "2026-12-10T08:00:00+08:00", "until": "2026-12-11T20:00:00+08:00"});
        let proposed = hub.post(&town.person("shiyou-p-unit-3"), "/suspension-proposals", &proposal).expect(201, "proposal").unwrap();

        // The password is eleven minutes old, the token six: it lives.
        let cookies = ["shiyou-p-unit-2", "shiyou-p-desk", "shiyou-p-unit-1", "shiyou-p-lead-1"].map(|who| signs_in(&town, who));
        hub.set("2026-11-28T10:05");
        let [owner, desk, leaving, community] = cookies.map(|cookie| refreshed(&town, &cookie));
        app.settle();
        hub.set("2026-11-28T10:11");
        let say = |party: &str| json!({"organisation_id": town.organisation(party), "text": "单位搬迁，收回场地。"});
        let acts = [
            (&owner, "/suspensions".to_owned(), immediate(&town, &["shiyou-hub/family-space"])),
            (&desk, format!("/suspension-proposals/{}/order", proposed.text("/proposal_id")), json!({})),
            // The notice comes last: while it runs nobody leaves.
            (&leaving, "/withdrawals".to_owned(), say("shiyou-unit-1")),
            (&community, "/termination-notices".to_owned(), say("shiyou-community-1")),
        ];
        let counted = || {
            let tables = ["suspensions", "withdrawals", "terminations", "agreement_events", "impact_plans", "terms", "notices", "outbox"];
            tables.map(|table| rows(&mut app.db.conn(), table))
        };
        let before = (counted(), hub.life());
        for (who, tail, body) in &acts {
            assert_eq!(who.get("/api/v1/me").unwrap().status, 200, "{tail}");
            assert_eq!(outcome(&hub.post(who, tail, body)), (403, "step-up-required"), "{tail}");
            hub.post(who, &format!("{tail}?dry_run=true"), body).expect(200, tail).unwrap();
        }
        assert_eq!((counted(), hub.life()), before);

        for (who, tail, body) in &acts {
            let fresh = who.post("/api/v1/step-up", &json!({"password": PASSWORD})).unwrap().expect(200, "step-up").unwrap();
            assert_eq!(fresh.text("/fresh_until"), "2026-11-28T02:21:00Z");
            hub.post(who, tail, body).expect(201, tail).unwrap();
        }
        assert_eq!(counted()[..3], [2, 1, 1]);
        app.settle();
        assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    }
}
