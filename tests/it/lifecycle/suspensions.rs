//! Spaces closed for a while, by whom, for how long, and opened again.

use super::*;

told_on_both! {
    one_units_space_is_closed_and_three_others_stay_open(backend) {
        let (app, clock) = served(backend, "2026-11-28T08:00");
        let town = Town::build(&app);
        let hub = Hub::of(&town, &clock);
        let child = |day: &str| hub.ask("family-space", "childcare", 2, &format!("{day}T10:00"), &format!("{day}T11:00"));
        let [running, soon, sixth, twelfth] =
            ["2026-11-28", "2026-12-01", "2026-12-04", "2026-12-10"].map(|day| hub.book("shiyou-p-res-1", &child(day)));
        let others = [("party-space", "study"), ("elder-space", "reading"), ("service-space", "laundry")]
            .map(|(room, what)| hub.book("shiyou-p-res-2", &hub.ask(room, what, 2, "2026-12-01T14:00", "2026-12-01T15:00")));

        hub.set("2026-11-28T10:05");
        let unit = town.signer("shiyou-unit-2");
        let closing = immediate(&town, &["shiyou-hub/family-space"]);
        let expected = json!({"interrupted": 1, "cancelled": 2, "at_risk": 1});

        // Seen before it is done, and nothing of it kept.
        let seen = hub.post(&unit, "/suspensions?dry_run=true", &closing).expect(200, "dry run").unwrap();
        assert_eq!((counts(&seen), refunds(&seen)), (expected.clone(), 15_000), "{:?}", seen.body);
        assert_eq!((hub.state("shiyou-p-res-1", &running), hub.life()["suspensions"].clone()), ("confirmed".into(), json!([])));

        let ordered = hub.post(&unit, "/suspensions", &closing).expect(201, "suspension").unwrap();
        assert_eq!((counts(&ordered), refunds(&ordered)), (expected, 15_000));
        assert_eq!(ordered.body["until"], Value::Null);
        let states = [&running, &soon, &sixth, &twelfth].map(|id| hub.state("shiyou-p-res-1", id));
        assert_eq!(states, ["interrupted", "cancelled", "cancelled", "confirmed"]);
        for other in &others {
            assert_eq!(hub.state("shiyou-p-res-2", other), "confirmed");
        }

        // Nothing new, and everybody sees why.
        let refused = town.person("shiyou-p-res-3").post("/api/v1/bookings", &child("2026-12-15")).unwrap();
        assert_eq!(why(&refused), (409, "booking-refused", "suspended"));
        assert!(refused.text("/reasons/0/zh").starts_with("产权单位暂停了这里的使用（天花板掉了一块）：从 2026年11月28日周六 10:05 开始"), "{:?}", refused.body);
        let free = |day: &str| {
            let path = format!("/api/v1/spaces/{}/availability?date={day}", town.space("shiyou-hub/family-space"));
            let segments = app.client.get(&path).unwrap().body["days"][0]["segments"].as_array().unwrap().clone();
            segments.iter().filter(|s| s["state"] == "free").count()
        };
        assert_eq!(free("2026-12-03"), 0);
        let life = hub.life();
        assert_eq!((&life["phase"], &life["suspensions"][0]["ordered_by"]), (&json!("active"), &json!("property_unit")));
        assert_eq!(life["suspensions"][0]["evidence"], Value::Null, "what it rests on is for the parties");
        assert!(life["possible"].as_array().unwrap().contains(&json!("lift")));

        // Suspended twice, lifted by others.
        assert_eq!(outcome(&hub.post(&unit, "/suspensions", &closing)), (409, "state-conflict"));
        let lifting = format!("/suspensions/{}/lifting", ordered.text("/suspension_id"));
        let reason = json!({"text": "修好了，验收过。"});
        for who in ["shiyou-p-unit-1", "shiyou-p-desk", "shiyou-p-street"] {
            assert_eq!(outcome(&hub.post(&town.person(who), &lifting, &reason)), (403, "forbidden"), "{who}");
        }

        // Lifted on day 3: what was at risk stands, the rest of the month is free again.
        hub.set("2026-12-01T10:05");
        let unit = town.signer("shiyou-unit-2");
        let lifted = hub.post(&unit, &lifting, &reason).expect(201, "lifting").unwrap();
        assert_eq!(counts(&lifted), json!({"kept": 1}));
        assert_eq!(hub.state("shiyou-p-res-1", &twelfth), "confirmed");
        assert_eq!(outcome(&hub.post(&unit, &lifting, &reason)), (409, "state-conflict"));
        hub.book("shiyou-p-res-3", &child("2026-12-15"));
        assert!(free("2026-12-03") > 0);
        assert_eq!(hub.life()["suspensions"], json!([]));
        let history = app.client.get(&format!("{}/history", hub.path)).unwrap();
        let told: Vec<&str> = history.body["items"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
        assert_eq!(told, ["suspension_lifted", "suspension_ordered"]);
        app.settle();
        assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
        // What was ordered is never changed, whatever is tried.
        let mut conn = app.db.conn();
        for statement in ["UPDATE suspensions SET text = 'x'", "DELETE FROM agreement_events", "UPDATE agreement_events SET text = 'x'"] {
            use diesel::connection::SimpleConnection;
            assert!(conn.batch_execute(statement).is_err(), "{statement}");
        }
    }

    what_is_planned_keeps_its_notice_and_who_may_do_what(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let hub = Hub::of(&town, &clock);
        let desk = town.person("shiyou-p-desk");
        let planned = |from: &str, until: &str| {
            json!({"urgency": "planned", "ground": "repair", "text": "粉刷墙面。", "space_ids": [town.space("shiyou-hub/party-space")],
                "from": format!("{from}:00+08:00"), "until": format!("{until}:00+08:00")})
        };
        let but = |field: &str, value: Value| {
            let mut body = planned("2026-12-10T08:00", "2026-12-12T20:00");
            body[field] = value;
            body
        };
        let strange = SpaceId::fresh().to_string();
        for (body, field) in [
            (planned("2026-11-27T08:00", "2026-12-12T20:00"), "/from"),
            (planned("2026-12-10T08:00", "2026-12-10T08:00"), "/until"),
            (but("until", Value::Null), "/until"),
            (but("text", json!("")), "/text"),
            (but("text", json!("字".repeat(501))), "/text"),
            (but("ground", json!("because")), "/ground"),
            (but("urgency", json!("soon")), "/urgency"),
            (but("space_ids", json!([])), "/space_ids"),
            (but("space_ids", json!([strange])), "/space_ids/0"),
            (but("space_ids", json!([town.space("yuxin-centre/moxuan")])), "/space_ids/0"),
            (but("who", json!("me")), "/who"),
            (json!({"urgency": "immediate", "ground": "safety", "text": "漏水"}), "/evidence"),
            (json!({"urgency": "immediate", "ground": "repair", "text": "刷墙", "evidence": "无"}), "/ground"),
        ] {
            assert_eq!(why(&hub.post(&desk, "/suspensions", &body)), (422, "invalid", field), "{body}");
        }
        let early = hub.post(&desk, "/suspensions", &planned("2026-12-05T08:00", "2026-12-12T20:00"));
        assert_eq!(why(&early), (409, "state-conflict", "short-notice"));
        assert_eq!((early.text("/reasons/0/figure"), early.text("/reasons/0/clause")), ("2026-12-06 00:00", "suspension"));
        let unit = town.signer("shiyou-unit-1");
        let body = planned("2026-12-10T08:00", "2026-12-12T20:00");
        assert_eq!(outcome(&hub.post(&unit, "/suspensions", &body)), (403, "forbidden"), "a property unit proposes, the community plans");
        let not_own = immediate(&town, &["shiyou-hub/family-space", "shiyou-hub/party-space"]);
        assert_eq!(outcome(&hub.post(&unit, "/suspensions", &not_own)), (403, "forbidden"), "its own spaces only");
        let before = rows(&mut app.db.conn(), "agreement_events");
        let ordered = hub.post(&desk, "/suspensions", &body).expect(201, "planned").unwrap();

        // Bookings around it, not into it.
        let resident = town.person("shiyou-p-res-1");
        let study = |from: &str, to: &str| hub.ask("party-space", "study", 2, from, to);
        assert_eq!(resident.post("/api/v1/bookings", &study("2026-12-09T18:00", "2026-12-09T19:00")).unwrap().status, 201);
        let into = resident.post("/api/v1/bookings", &study("2026-12-12T19:00", "2026-12-12T20:00")).unwrap();
        assert_eq!((why(&into), into.text("/reasons/0/figure")), ((409, "booking-refused", "suspended"), "2026-12-12 20:00"));
        assert_eq!(resident.post("/api/v1/bookings", &study("2026-12-13T08:00", "2026-12-13T09:00")).unwrap().status, 201);
        // It ends by itself.
        hub.set("2026-12-13T10:00");
        assert_eq!(hub.life()["suspensions"], json!([]));
        let lifting = format!("/suspensions/{}/lifting", ordered.text("/suspension_id"));
        assert_eq!(outcome(&hub.post(&town.person("shiyou-p-desk"), &lifting, &json!({"text": "完工。"}))), (409, "state-conflict"));
        assert_eq!(rows(&mut app.db.conn(), "agreement_events"), before + 1);
        app.settle();
    }

    what_lasts_long_goes_before_the_street(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let hub = Hub::of(&town, &clock);
        let whole = json!({"urgency": "immediate", "ground": "authority", "text": "上级要求停用。", "evidence": "通知书一份。"});
        let ordered = hub.post(&town.person("shiyou-p-desk"), "/suspensions", &whole).expect(201, "all spaces").unwrap();
        let id = ordered.text("/suspension_id").to_owned();
        assert_eq!(hub.life()["suspensions"][0]["space_ids"].as_array().unwrap().len(), 7);
        let told = |who: &str, kind: &str| {
            let notices = town.person(who).get("/api/v1/notices?limit=100").unwrap();
            notices.body["items"].as_array().unwrap().iter().filter(|n| n["kind"] == kind).count()
        };
        app.settle();
        assert_eq!((told("shiyou-p-unit-3", "agreement.suspension_ordered"), told("shiyou-p-desk", "agreement.suspension_ordered")), (1, 0));
        hub.set("2027-01-27T09:59");
        app.settle();
        assert_eq!(told("shiyou-p-street", "agreement.suspension_escalated"), 0);
        hub.set("2027-01-27T10:00");
        app.settle();
        assert_eq!(told("shiyou-p-street", "agreement.suspension_escalated"), 1);
        assert_eq!(told("yuxin-p-street", "agreement.suspension_escalated"), 0);

        let review = format!("/suspensions/{id}/reviews");
        let (street, desk) = (town.person("shiyou-p-street"), town.person("shiyou-p-desk"));
        assert_eq!(outcome(&hub.post(&desk, &review, &json!({"outcome": "lifted", "text": "可以了"}))), (403, "forbidden"));
        assert_eq!(why(&hub.post(&street, &review, &json!({"outcome": "maybe", "text": "再看看"}))), (422, "invalid", "/outcome"));
        hub.post(&street, &review, &json!({"outcome": "upheld", "text": "隐患还在。"})).expect(201, "upheld").unwrap();
        assert_eq!(hub.life()["suspensions"].as_array().unwrap().len(), 1);
        hub.set("2027-03-28T10:00");
        app.settle();
        assert_eq!(told("shiyou-p-street", "agreement.suspension_escalated"), 2, "and again after as long");
        hub.post(&town.person("shiyou-p-street"), &review, &json!({"outcome": "lifted", "text": "隐患消除。"})).expect(201, "lifted").unwrap();
        assert_eq!(hub.life()["suspensions"], json!([]));
        hub.book("shiyou-p-res-1", &hub.ask("party-space", "study", 2, "2027-04-01T14:00", "2027-04-01T15:00"));

        // What the street closes itself it does not review: it opens it again.
        let street = town.person("shiyou-p-street");
        let id = hub.post(&street, "/suspensions", &whole).expect(201, "all spaces").unwrap().text("/suspension_id").to_owned();
        for found in ["upheld", "lifted"] {
            let own = hub.post(&street, &format!("/suspensions/{id}/reviews"), &json!({"outcome": found, "text": "自己看过了。"}));
            assert_eq!(outcome(&own), (403, "forbidden"));
        }
        hub.set("2027-05-28T10:00");
        app.settle();
        assert_eq!(told("shiyou-p-street", "agreement.suspension_escalated"), 3);
        let waits = town.person("shiyou-p-street").get("/api/v1/me/waiting").unwrap();
        assert!(waits.body["items"].as_array().unwrap().iter().all(|one| one["waiting_for"] != "suspension_review"), "{}", waits.body);
        hub.post(&town.person("shiyou-p-street"), &format!("/suspensions/{id}/lifting"), &json!({"text": "通知撤销。"})).expect(201, "lifted").unwrap();
        app.settle();
    }

    nobody_reviews_what_their_own_side_ordered(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let hub = Hub::of(&town, &clock);
        let close = |who: &str, room: &str| {
            let ordered = hub.post(&town.person(who), "/suspensions", &immediate(&town, &[room]));
            ordered.expect(201, "suspension").unwrap().text("/suspension_id").to_owned()
        };
        // An officer of the street acts for the second unit too; who ordered for the first becomes an officer, and acts for it no more.
        let (second, first) = (close("shiyou-p-unit-2", "shiyou-hub/family-space"), close("shiyou-p-unit-1", "shiyou-hub/party-space"));
        let power = town.represent("shiyou-p-street", "shiyou-unit-2", r#"["position"]"#, None);
        app.db.sql(&format!(
            "INSERT INTO role_grants (id, account_id, role, area_id, from_at, to_at, created_at)
             SELECT '{}', account_id, 'street', (SELECT id FROM areas WHERE code = 'xueyuanlu'), 1, to_at, 0 FROM representatives
             WHERE organisation_id = '{}'",
            GrantId::fresh(),
            town.organisation("shiyou-unit-1")
        ));
        app.db.sql(&format!("UPDATE representatives SET revoked_at = 1 WHERE organisation_id = '{}'", town.organisation("shiyou-unit-1")));
        hub.set("2027-01-27T10:00");
        app.settle();
        let asked = |who: &str| {
            let all = waiting(&town.person(who));
            let reviews = all.iter().filter(|one| one["waiting_for"] == "suspension_review");
            reviews.map(|one| one["subject_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let review = |who: &str, id: &str, found: &str| {
            hub.post(&town.person(who), &format!("/suspensions/{id}/reviews"), &json!({"outcome": found, "text": "看过现场了。"}))
        };
        for (who, own, others) in [("shiyou-p-street", &second, &first), ("shiyou-p-unit-1", &first, &second)] {
            assert_eq!(asked(who), [others.as_str()], "nobody is asked for what they may not do");
            for found in ["upheld", "lifted"] {
                assert_eq!(outcome(&review(who, own, found)), (403, "forbidden"), "{who}");
            }
        }
        assert_eq!(hub.life()["suspensions"].as_array().unwrap().len(), 2);
        review("shiyou-p-street", &first, "lifted").expect(201, "lifted").unwrap();
        // Acting for the unit no more, the officer reviews its order as any other.
        town.person("shiyou-p-desk").post(&format!("/api/v1/representatives/{power}/revocation"), &json!({})).unwrap().expect(201, "revoked").unwrap();
        assert_eq!(asked("shiyou-p-street"), [second.as_str()]);
        review("shiyou-p-street", &second, "lifted").expect(201, "lifted").unwrap();
        assert_eq!((asked("shiyou-p-street"), hub.life()["suspensions"].clone()), (vec![], json!([])));
        app.settle();
    }

    somebody_asks_and_the_community_orders(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let path = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
        let (manager, unit, desk, resident) =
            (town.person("yuxin-p-keys"), town.person("yuxin-p-unit"), town.person("yuxin-p-desk"), town.person("yuxin-p-res-2"));
        let asked = |by: &str, more: Value| {
            let mut body = json!({"organisation_id": town.organisation(by), "urgency": "planned", "ground": "repair", "text": "检修电路。",
                "space_ids": [town.space("yuxin-centre/moxuan")], "from": "2026-12-10T08:00:00+08:00", "until": "2026-12-11T20:00:00+08:00"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let propose = |who: &Client, body: &Value| who.post(&format!("{path}/suspension-proposals"), body).unwrap();
        for (more, field) in [
            (json!({"text": ""}), "/text"),
            (json!({"until": null}), "/until"),
            (json!({"from": "2026-11-27T08:00:00+08:00"}), "/from"),
            (json!({"space_ids": [SpaceId::fresh().to_string()]}), "/space_ids/0"),
            (json!({"organisation_id": "x"}), "/organisation_id"),
            (json!({"who": "me"}), "/who"),
        ] {
            let refused = propose(&unit, &asked("yuxin-unit", more.clone()));
            // Of a room the agreement does not cover nobody is owner.
            let expected = if field == "/space_ids/0" { (403, "forbidden", "") } else { (422, "invalid", field) };
            assert_eq!(why(&refused), expected, "{more}: {:?}", refused.body);
        }
        let early = propose(&unit, &asked("yuxin-unit", json!({"from": "2026-12-01T08:00:00+08:00"})));
        assert_eq!(why(&early), (409, "state-conflict", "short-notice"));
        assert_eq!(outcome(&propose(&unit, &asked("yuxin-property", json!({})))), (403, "forbidden"), "for another");
        assert_eq!(outcome(&propose(&resident, &asked("yuxin-unit", json!({})))), (403, "forbidden"));
        assert_eq!(outcome(&propose(&town.person("yuxin-p-gym"), &asked("yuxin-gym-operator", json!({})))), (403, "forbidden"), "elsewhere");

        let proposed = propose(&manager, &asked("yuxin-property", json!({}))).expect(201, "proposal").unwrap();
        let id = proposed.text("/proposal_id").to_owned();
        let life = |by: &Client| by.get(&path).unwrap().expect(200, "agreement").unwrap().body["life"].clone();
        assert_eq!((life(&app.client)["proposals"].clone(), life(&app.client)["suspensions"].clone()), (json!([]), json!([])));
        assert_eq!((&life(&desk)["proposals"][0]["id"], &life(&unit)["proposals"][0]["text"]), (&json!(id), &json!("检修电路。")));
        let told = |who: &Client, kind: &str| {
            let notices = who.get("/api/v1/notices?limit=100").unwrap();
            notices.body["items"].as_array().unwrap().iter().filter(|n| n["kind"] == kind).count()
        };
        app.settle();
        assert_eq!((told(&desk, "agreement.suspension_proposed"), told(&manager, "agreement.suspension_proposed")), (1, 0));

        // The community orders it as it was asked for: seen beforehand, then done, once.
        let affected = town.ask(12, 600);
        let booked = resident.post("/api/v1/bookings", &affected).unwrap().expect(201, "booking").unwrap();
        let order = |who: &Client, id: &str, dry: &str| who.post(&format!("{path}/suspension-proposals/{id}/order{dry}"), &json!({})).unwrap();
        assert_eq!(outcome(&order(&unit, &id, "")), (403, "forbidden"));
        let seen = order(&desk, &id, "?dry_run=true").expect(200, "dry run").unwrap();
        assert_eq!(counts(&seen), json!({"rearrange_offered": 1}));
        assert_eq!(life(&desk)["proposals"].as_array().unwrap().len(), 1);
        let ordered = order(&desk, &id, "").expect(201, "order").unwrap();
        assert_eq!(counts(&ordered), json!({"rearrange_offered": 1}));
        assert_eq!(outcome(&order(&desk, &id, "")), (409, "state-conflict"));
        let now = life(&desk);
        assert_eq!((&now["proposals"], &now["suspensions"][0]["ordered_by"]), (&json!([]), &json!("community")));
        assert_eq!(resident.get(&format!("/api/v1/bookings/{}", booked.text("/id"))).unwrap().body["state"], "confirmed");
        app.settle();
        assert_eq!((told(&manager, "agreement.proposal_ordered"), told(&manager, "agreement.suspension_ordered")), (1, 0));

        // Another is not ordered, with the reason; one that nobody answers in time can no longer be.
        let other = json!({"space_ids": [town.space("yuxin-centre/shuyuan")]});
        let second = propose(&unit, &asked("yuxin-unit", other.clone())).expect(201, "proposal").unwrap().text("/proposal_id").to_owned();
        let refuse = |id: &str, text: &str| desk.post(&format!("{path}/suspension-proposals/{id}/refusal"), &json!({"text": text})).unwrap();
        assert_eq!(why(&refuse(&second, "")), (422, "invalid", "/text"));
        refuse(&second, "考试季，先不停。").expect(201, "no").unwrap();
        assert_eq!(outcome(&refuse(&second, "再说一次")), (409, "state-conflict"));
        assert_eq!(outcome(&order(&desk, &second, "")), (409, "state-conflict"));
        let third = propose(&unit, &asked("yuxin-unit", other)).expect(201, "proposal").unwrap().text("/proposal_id").to_owned();
        clock.set(at("2026-12-10T08:00"));
        town.forget_people();
        let desk = town.person("yuxin-p-desk");
        assert_eq!(life(&desk)["proposals"], json!([]));
        assert_eq!(why(&order(&desk, &third, "")), (422, "invalid", "/from"));
        assert_eq!(order(&desk, shangliang::kernel::id::ProposalId::fresh().as_str(), "").status, 404);
        app.settle();
        assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    }
}

/// Confirmations against an immediate suspension: each refused, or answered by its plan; none confirmed and unlisted.
fn confirmations_against_a_suspension(backend: Backend) {
    const AT_ONCE: usize = 20;
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    let path = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
    let desk = town.person("yuxin-p-desk");
    let space = town.space("yuxin-centre/moxuan");
    let people: Vec<Client> = ["yuxin-p-res-1", "yuxin-p-res-2", "yuxin-p-res-4"].map(|code| town.person(code)).to_vec();
    let (mut confirmed, mut refused) = (0, 0);
    let mut open: Vec<(&Client, String)> = Vec::new();
    let times = rounds(10);
    for round in 0..times {
        // All before the New Year, whose hours are others.
        let day = 8 + i64::try_from(round % 6).unwrap() * 4;
        let answers = together(AT_ONCE + 1, |n| {
            if n == AT_ONCE / 2 {
                return desk.post(&format!("{path}/suspensions"), &immediate(&town, &["yuxin-centre/moxuan"])).unwrap();
            }
            let (days, slot) = (day + i64::try_from(n / 8).unwrap(), u16::try_from(n % 8).unwrap());
            people[n % people.len()].post("/api/v1/bookings", &town.ask(days, 540 + slot * 60)).unwrap()
        });
        let suspension = answers[AT_ONCE / 2].clone().expect(201, "suspension").unwrap().text("/suspension_id").to_owned();
        for (n, answer) in answers.iter().enumerate().filter(|(n, _)| *n != AT_ONCE / 2) {
            match answer.status {
                201 => {
                    confirmed += 1;
                    open.push((&people[n % people.len()], answer.text("/id").to_owned()));
                }
                _ => {
                    assert_eq!(why(answer), (409, "booking-refused", "suspended"), "round {round}, {n}: {:?}", answer.body);
                    refused += 1;
                }
            }
        }
        let unlisted = format!(
            "SELECT COUNT(*) AS n FROM bookings b WHERE b.space_id = '{space}' AND b.state = 'confirmed' AND NOT EXISTS \
             (SELECT 1 FROM impact_items i JOIN impact_plans p ON p.id = i.plan_id WHERE i.booking_id = b.id AND p.subject = '{suspension}')"
        );
        assert_eq!(number(&mut app.db.conn(), &unlisted), 0, "round {round}: confirmed and unlisted");
        desk.post(&format!("{path}/suspensions/{suspension}/lifting"), &json!({"text": "好了"})).unwrap().expect(201, "lifting").unwrap();
        if round % 6 == 5 {
            // The days come again.
            for (who, booking) in open.drain(..) {
                who.post(&format!("/api/v1/bookings/{booking}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
            }
        }
    }
    println!("{backend:?}: {times} suspensions, {confirmed} confirmed and listed, {refused} refused");
    assert_eq!(confirmed + refused, times * AT_ONCE);
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
    app.settle();
}

#[test]
fn soak_confirmations_against_a_suspension_sqlite() {
    confirmations_against_a_suspension(Backend::Sqlite);
}

#[test]
fn soak_confirmations_against_a_suspension_postgres() {
    confirmations_against_a_suspension(Backend::Postgres);
}

/// Two orders for the same space, then two liftings of it: one of each.
fn two_at_once(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(crate::harness::db::NOW));
    let town = Town::build(&app);
    let path = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
    let desks = ["yuxin-p-desk", "yuxin-p-lead"].map(|code| town.person(code));
    for round in 0..rounds(20) {
        let close = immediate(&town, &["yuxin-centre/hall"]);
        let ordered = together(2, |n| desks[n].post(&format!("{path}/suspensions"), &close).unwrap());
        let mut seen: Vec<(u16, &str)> = ordered.iter().map(outcome).collect();
        seen.sort_unstable();
        assert_eq!(seen, [(201, ""), (409, "state-conflict")], "round {round}: {ordered:?}");
        let id = ordered.iter().find(|a| a.status == 201).unwrap().text("/suspension_id").to_owned();
        let lifted = together(2, |n| desks[n].post(&format!("{path}/suspensions/{id}/lifting"), &json!({"text": "好了"})).unwrap());
        let mut seen: Vec<(u16, &str)> = lifted.iter().map(outcome).collect();
        seen.sort_unstable();
        assert_eq!(seen, [(201, ""), (409, "state-conflict")], "round {round}: {lifted:?}");
    }
    app.settle();
}

#[test]
fn soak_two_suspensions_and_two_liftings_at_once_sqlite() {
    two_at_once(Backend::Sqlite);
}

#[test]
fn soak_two_suspensions_and_two_liftings_at_once_postgres() {
    two_at_once(Backend::Postgres);
}
