//! What a power is for and what it is not, over HTTP on both backends: booking for an organisation, one agreement and no other, who may
//! appoint whom, and whom a desk may let in.

use crate::harness::{Town, good, outcome, served};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::store::Backend;

fn import(by: &Client, key: &str, yaml: &str) -> Answer {
    by.raw("POST", "/api/v1/hub-imports", &[("idempotency-key", key)], Some(("application/yaml", yaml.as_bytes()))).unwrap()
}

told_on_both! {
    what_an_organisation_has_is_changed_by_who_books_for_it(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let mut wish = town.ask(3, 600);
        wish["organisation_id"] = json!(town.organisation("yuxin-arts"));
        let booked = town.person("yuxin-p-arts").post("/api/v1/bookings", &wish).unwrap().expect(201, "booking").unwrap();
        let path = format!("/api/v1/bookings/{}", booked.text("/id"));
        let mut weekly = wish.clone();
        (weekly["rule"], weekly["starts_at"], weekly["ends_at"]) =
            (json!("FREQ=WEEKLY;COUNT=3"), json!(town.at(4, 600)), json!(town.at(4, 660)));
        let series = town.person("yuxin-p-arts").post("/api/v1/series", &weekly).unwrap().expect(201, "series").unwrap();
        let of_series = format!("/api/v1/series/{}", series.text("/id"));

        // Who speaks for it in agreements books nothing, moves nothing and gives nothing up.
        town.represent("yuxin-p-lead", "yuxin-arts", r#"["sign", "position"]"#, None);
        town.forget_people();
        let speaker = town.person("yuxin-p-lead");
        let elsewhere = json!({"starts_at": town.at(5, 600), "ends_at": town.at(5, 660), "price_fen": 0});
        for (what, path, body) in [
            ("book", "/api/v1/bookings".to_owned(), &wish),
            ("cancel", format!("{path}/cancellation"), &json!({})),
            ("move", format!("{path}/move"), &elsewhere),
            ("cancel the series", format!("{of_series}/cancellation"), &json!({"scope": "all"})),
            ("change the series", format!("{of_series}/changes"), &json!({"scope": "all", "attendees": 2})),
        ] {
            assert_eq!(outcome(&speaker.post(&path, body).unwrap()), (403, "forbidden"), "{what}");
        }
        assert_eq!(town.person("yuxin-p-arts").get(&path).unwrap().text("/state"), "confirmed");
        town.person("yuxin-p-arts").post(&format!("{path}/cancellation"), &json!({})).unwrap().expect(201, "cancelled").unwrap();
        good(&app);
    }

    a_power_for_one_agreement_ends_or_closes_no_other(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let power = town.represent("shiyou-p-unit-1", "yuxin-unit", r#"["sign", "suspend"]"#, Some(r#"["another-agreement"]"#));
        town.forget_people();
        let (limited, agreement) = (town.person("shiyou-p-unit-1"), format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership")));
        let word = json!({"organisation_id": town.organisation("yuxin-unit"), "text": "不借了。"});
        assert_eq!(outcome(&limited.post(&format!("{agreement}/termination-notices"), &word).unwrap()), (403, "forbidden"));
        let order = json!({"urgency": "immediate", "ground": "safety", "text": "漏水。", "evidence": "照片", "space_ids": [town.space("yuxin-centre/moxuan")]});
        assert_eq!(outcome(&limited.post(&format!("{agreement}/suspensions"), &order).unwrap()), (403, "forbidden"));
        // With the power for this one, it is ordered.
        app.db.sql(&format!(r#"UPDATE representatives SET agreements = '["yuxin-partnership"]' WHERE id = '{power}'"#));
        limited.post(&format!("{agreement}/suspensions"), &order).unwrap().expect(201, "ordered").unwrap();
        good(&app);
    }

    a_power_for_one_agreement_is_none_beside_it(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let power = town.represent("yuxin-p-lead", "yuxin-arts", r#"["book"]"#, None);
        let (limited, arts) = (town.person("yuxin-p-lead"), town.organisation("yuxin-arts"));
        let limit = |power: &str, to: &str| app.db.sql(&format!("UPDATE representatives SET agreements = {to} WHERE id = '{power}'"));
        let address = || limited.post("/api/v1/me/calendars", &json!({"organisation_id": arts})).unwrap();
        let mut wish = town.ask(3, 600);
        wish["organisation_id"] = json!(arts);
        let calendar = address().expect(200, "calendar").unwrap().text("/path").to_owned();
        limit(&power, r#"'["yuxin-partnership"]'"#);
        assert_eq!(outcome(&limited.post("/api/v1/bookings", &wish).unwrap()), (403, "forbidden"));
        assert_eq!(outcome(&address()), (403, "forbidden"));
        assert_eq!(outcome(&app.client.get(&calendar).unwrap()), (404, "not-found"));
        limit(&power, "NULL");
        limited.post("/api/v1/bookings", &wish).unwrap().expect(201, "booking").unwrap();
        assert_eq!(app.client.get(&calendar).unwrap().status, 200);

        // Nor does it revoke what others may do for the organisation.
        let others = town.represent("yuxin-p-res-4", "yuxin-unit", r#"["position"]"#, None);
        let power = town.represent("shiyou-p-unit-1", "yuxin-unit", r#"["sign"]"#, Some(r#"["yuxin-partnership"]"#));
        let signer = town.person("shiyou-p-unit-1");
        let revoke = || signer.post(&format!("/api/v1/representatives/{others}/revocation"), &json!({})).unwrap();
        assert_eq!(outcome(&revoke()), (403, "forbidden"));
        limit(&power, "NULL");
        revoke().expect(201, "revoked").unwrap();
        good(&app);
    }

    nobody_appoints_who_speaks_for_another_or_a_second_self(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let desk = town.person("yuxin-p-desk");
        let begins = "hub: yuxin\ntitle_zh: 任命\ntitle_en: Appointments\n";
        let represents = |powers: &str, organisation: &str| {
            format!("{begins}representatives:\n  - {{person: yuxin-p-desk, organisation: {organisation}, powers: [{powers}], from: 2025-10-01, evidence: 委托书}}\n")
        };
        for power in ["sign", "position", "approve", "suspend", "ledger"] {
            let refused = import(&desk, &format!("speaks-{power}"), &represents(power, "yuxin-unit"));
            assert_eq!(outcome(&refused), (403, "forbidden"), "{power}");
        }
        // Whoever books for an organisation of the area, the desk may write down.
        let made = import(&desk, "books", &represents("book", "yuxin-arts"));
        assert_eq!(made.status, 201, "{:?}", made.body);
        let holds = |role: &str, area: &str| format!("{begins}roles:\n  - {{person: yuxin-p-res-1, role: {role}, area: {area}}}\n");
        for role in ["community", "auditor"] {
            assert_eq!(outcome(&import(&desk, &format!("holds-{role}"), &holds(role, "yuxin-garden"))), (403, "forbidden"), "{role}");
        }
        assert_eq!(import(&desk, "leads", &holds("grid_leader", "yuxin-grid-1")).status, 201);
        good(&app);
    }

    a_desk_lets_in_whom_it_made_an_account_for(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let desk = town.person("yuxin-p-desk");
        let account = |key: &str, body: Value| desk.post_keyed("/api/v1/accounts", key, &body).unwrap();
        let (here, there) = (town.area("yuxin-garden"), town.area("shiyou-courtyard"));
        let new = |area: &str, mobile: &str| json!({"name": "新人", "mobile": mobile, "area_id": area});
        account("here", new(&here, "13911112222")).expect(201, "account").unwrap();
        let code = desk.post("/api/v1/claim-codes", &json!({"login": "13911112222"})).unwrap().expect(200, "code").unwrap();
        let claim = json!({"login": "13911112222", "code": code.text("/code"), "password": "a long password"});
        assert_eq!(app.client.post("/api/v1/claims", &claim).unwrap().status, 200);
        assert_eq!(outcome(&account("there", new(&there, "13911112223"))), (403, "forbidden"));
        // A household and an area: neither is guessed to be meant, whatever the other is.
        let household = town.person("yuxin-p-res-1").get("/api/v1/me").unwrap().text("/household_id").to_owned();
        for area in [&here, &there, "area_01m8b8n8nxerqtr94s3hmxce4d"] {
            let mut both = new(area, "13911112224");
            both["household_id"] = json!(household);
            let refused = account(&format!("both-{area}"), both);
            assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, "/area_id"), "{area}");
        }
        good(&app);
    }
}
