//! Another password, over HTTP on both backends: with the present one, or with a code from the desk for whoever forgot theirs; and who
//! hands out no such code.

use crate::harness::app::PASSWORD;
use crate::harness::db::NOW;
use crate::harness::{Town, good, number, outcome, recorded, rows, served};
use crate::told_on_both;
use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::store::Backend;

const OTHER: &str = "另外一个密码-2026";
const THIRD: &str = "第三个密码-2026";

fn fault(answer: &Answer) -> (u16, &str, &str) {
    (answer.status, answer.text("/errors/0/pointer"), answer.text("/errors/0/code"))
}

fn change(by: &Client, current: &str, password: &str) -> Answer {
    by.post("/api/v1/me/password", &json!({"current": current, "password": password})).unwrap()
}

fn forgotten(by: &Client, login: &str) -> Answer {
    by.post("/api/v1/claim-codes", &json!({"login": login, "forgotten": true})).unwrap()
}

/// A code for somebody who has no password yet.
fn issued(by: &Client, login: &str) -> String {
    by.post("/api/v1/claim-codes", &json!({"login": login})).unwrap().expect(200, "code").unwrap().text("/code").to_owned()
}

fn claim(town: &Town, login: &str, code: &str, password: &str) -> Answer {
    town.app.client.post("/api/v1/claims", &json!({"login": login, "code": code, "password": password})).unwrap()
}

fn signs_in(town: &Town, login: &str, password: &str) -> u16 {
    town.app.client.post("/api/v1/sign-in", &json!({"login": login, "password": password})).unwrap().status
}

fn counts(session: &Client) -> bool {
    session.get("/api/v1/me").unwrap().status == 200
}

/// What an account is told about itself, the latest first.
fn told(town: &Town, by: &Client) -> Vec<String> {
    town.app.settle();
    let page = by.get("/api/v1/notices?limit=100&kind=account").unwrap().expect(200, "notices").unwrap().body;
    page["items"].as_array().unwrap().iter().map(|notice| notice["text_zh"].as_str().unwrap().to_owned()).collect()
}

told_on_both! {
    with_the_present_one_every_other_session_ends(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let (desk, login) = (town.person("yuxin-p-desk"), town.login("yuxin-p-res-2"));
        let here = app.claim(&desk, &login);
        let elsewhere = app.client.sign_in(&login, PASSWORD).unwrap();
        let code = forgotten(&desk, &login).expect(200, "code").unwrap().text("/code").to_owned();

        for (body, pointer, code) in [
            (json!({"password": OTHER}), "/current", "missing"),
            (json!({"current": "", "password": OTHER}), "/current", "wrong-length"),
            (json!({"current": PASSWORD}), "/password", "missing"),
            (json!({"current": PASSWORD, "password": "short"}), "/password", "wrong-length"),
            (json!({"current": PASSWORD, "password": "长".repeat(129)}), "/password", "wrong-length"),
            (json!({"current": PASSWORD, "password": "1234567890"}), "/password", "too-common"),
            (json!({"current": PASSWORD, "password": PASSWORD}), "/password", "unchanged"),
            (json!({"current": PASSWORD, "password": OTHER, "again": OTHER}), "/again", "unknown-field"),
        ] {
            assert_eq!(fault(&here.post("/api/v1/me/password", &body).unwrap()), (422, pointer, code), "{body}");
        }
        let wrong = change(&here, "不是这个密码", OTHER);
        assert_eq!((outcome(&wrong), wrong.text("/zh")), ((403, "wrong-password"), "密码不对。"));
        assert!(counts(&here) && counts(&elsewhere), "nothing has happened yet");
        assert_eq!(outcome(&change(&app.client, PASSWORD, OTHER)), (401, "unauthenticated"));

        let changed = change(&here, PASSWORD, OTHER).expect(200, "changed").unwrap();
        assert_eq!(changed.body, json!({"sessions_ended": 1}));
        assert_eq!([counts(&here), counts(&elsewhere)], [true, false]);
        assert_eq!([signs_in(&town, &login, PASSWORD), signs_in(&town, &login, OTHER)], [401, 200]);
        let notices = told(&town, &here);
        assert!(notices[0].starts_with("您的密码改好了") && notices[1].contains("领取码") && notices.len() == 2, "{notices:?}");
        // A code from before is not to undo it.
        assert_eq!(outcome(&claim(&town, &login, &code, THIRD)), (401, "wrong-claim-code"));
        app.link();
        let ended = rows(&mut app.db.conn(), "audit_chain WHERE action = 'account.password_changed' AND detail LIKE '%\"sessions_ended\":1%'");
        assert_eq!((ended, recorded(&app, "account.password_reset")), (1, 0));
        assert_eq!(number(&mut app.db.conn(), "SELECT COUNT(*) AS n FROM claim_codes"), 0);

        // Whoever guesses has as many tries as where the password is asked again, and no more by asking at both.
        for n in 0..5 {
            let answer = if n % 2 == 0 { change(&here, "不是这个密码", THIRD) } else { here.post("/api/v1/step-up", &json!({"password": PASSWORD})).unwrap() };
            assert_eq!(outcome(&answer), (403, "wrong-password"), "{n}");
        }
        assert_eq!(outcome(&change(&here, OTHER, THIRD)), (429, "too-many-attempts"));
        assert_eq!(outcome(&here.post("/api/v1/step-up", &json!({"password": OTHER})).unwrap()), (429, "too-many-attempts"));
        good(&app);
    }
    whoever_forgot_theirs_gets_a_code_at_the_desk(backend) {
        let (app, clock) = served(backend);
        let mut town = Town::build(&app);
        let (desk, login) = (town.person("yuxin-p-desk"), town.login("yuxin-p-res-2"));
        let session = app.claim(&desk, &login);
        // Not by mistake, not elsewhere, and not by a neighbour.
        let again = desk.post("/api/v1/claim-codes", &json!({"login": login})).unwrap();
        assert_eq!((outcome(&again), again.text("/zh").contains("忘了密码")), ((409, "state-conflict"), true));
        assert_eq!(outcome(&forgotten(&town.person("shiyou-p-desk"), &login)), (404, "not-found"));
        assert_eq!(outcome(&forgotten(&town.person("yuxin-p-res-4"), &login)), (403, "forbidden"));
        let bad = desk.post("/api/v1/claim-codes", &json!({"login": login, "forgotten": "yes"})).unwrap();
        assert_eq!(fault(&bad), (422, "/forgotten", "wrong-type"));

        let first = forgotten(&desk, &login).expect(200, "code").unwrap().text("/code").to_owned();
        let code = forgotten(&desk, &login).expect(200, "code").unwrap().text("/code").to_owned();
        // The old password works until the code does, and its owner knows whose desk it was.
        assert!(counts(&session) && signs_in(&town, &login, PASSWORD) == 200);
        let notices = told(&town, &session);
        assert!(notices.len() == 2 && notices.iter().all(|text| text.starts_with("育新花园社区的服务台给您发了重设密码的领取码。")), "{notices:?}");
        for wrong in [&first, "23456789AB"] {
            let no = claim(&town, &login, wrong, OTHER);
            assert_eq!((outcome(&no), no.text("/zh")), ((401, "wrong-claim-code"), "领取码不对、用过了或者过期了。"));
        }
        let unknown = claim(&town, "13600000000", &code, OTHER);
        assert_eq!(outcome(&unknown), (401, "wrong-claim-code"));
        assert_eq!(fault(&claim(&town, &login, &code, "short")), (422, "/password", "wrong-length"));
        assert!(counts(&session));

        claim(&town, &login, &code, OTHER).expect(200, "reset").unwrap();
        assert!(!counts(&session), "whoever had the old password is signed out");
        assert_eq!([signs_in(&town, &login, PASSWORD), signs_in(&town, &login, OTHER)], [401, 200]);
        assert_eq!(outcome(&claim(&town, &login, &code, THIRD)), (401, "wrong-claim-code"), "once");
        let session = app.client.sign_in(&login, OTHER).unwrap();
        assert!(told(&town, &session)[0].starts_with("您的密码用领取码重新设好了"));
        app.link();
        let issued = |detail: &str| rows(&mut app.db.conn(), &format!("audit_chain WHERE action = 'account.claim_code' AND detail LIKE '%{detail}%'"));
        assert_eq!([issued("\"has_password\":true"), issued("\"has_password\":false")], [2, 1]);
        assert_eq!((recorded(&app, "account.claimed"), recorded(&app, "account.password_reset")), (1, 1));

        // A week later it is over.
        let code = forgotten(&desk, &login).expect(200, "code").unwrap().text("/code").to_owned();
        clock.set(NOW.plus_days(7));
        assert_eq!(outcome(&claim(&town, &login, &code, THIRD)), (401, "wrong-claim-code"));
        assert_eq!(signs_in(&town, &login, OTHER), 200);
        town.forget_people();
        town.renew_admin();
        good(&app);
    }
    whoever_has_an_office_gets_no_code_from_a_desk(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let (desk, login) = (town.person("yuxin-p-desk"), town.login("yuxin-p-res-2"));
        app.claim(&desk, &login);
        let before = forgotten(&desk, &login).expect(200, "code").unwrap().text("/code").to_owned();
        // They represent somebody from now on, if only to book: what the desk handed out ends with that.
        let power = town.represent("yuxin-p-res-2", "yuxin-arts", r#"["book"]"#, None);
        assert_eq!(outcome(&claim(&town, &login, &before, OTHER)), (401, "wrong-claim-code"));
        let no = forgotten(&desk, &login);
        assert_eq!((outcome(&no), no.text("/zh").contains("平台管理员")), ((403, "forbidden"), true));
        // The platform, which appoints whoever speaks for others, may; its name is told, after what was to be told before.
        app.settle();
        let code = forgotten(&town.admin, &login).expect(200, "code").unwrap().text("/code").to_owned();
        assert!(told(&town, &town.person("yuxin-p-res-2"))[0].starts_with("平台管理员给您发了"));
        claim(&town, &login, &code, OTHER).expect(200, "reset").unwrap();
        assert_eq!([signs_in(&town, &login, PASSWORD), signs_in(&town, &login, OTHER)], [401, 200]);
        // A role is an office too, and one that was given up is none.
        app.db.sql(&format!("UPDATE representatives SET revoked_at = 1 WHERE id = '{power}'"));
        forgotten(&desk, &login).expect(200, "code").unwrap();
        let leads = "hub: yuxin\ntitle_zh: 任命\ntitle_en: Appointments\nroles:\n  - {person: yuxin-p-res-2, role: grid_leader, area: yuxin-grid-1}\n";
        let body = Some(("application/yaml", leads.as_bytes()));
        desk.raw("POST", "/api/v1/hub-imports", &[("idempotency-key", "leads")], body).unwrap().expect(201, "import").unwrap();
        assert_eq!(outcome(&forgotten(&desk, &login)), (403, "forbidden"));
        let me: Value = app.client.sign_in(&login, OTHER).unwrap().get("/api/v1/me").unwrap().body;
        assert!(me["roles"].to_string().contains("grid_leader"), "{me}");
        good(&app);
    }
    a_code_of_a_desk_opens_no_office_to_come(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let (desk, login) = (town.person("yuxin-p-desk"), town.login("yuxin-p-res-2"));
        let code = issued(&desk, &login);
        // Nobody has set a password yet, and from now on they sign for the unit: the desk that kept the code does not.
        let power = town.represent("yuxin-p-res-2", "yuxin-unit", r#"["sign"]"#, None);
        assert_eq!(outcome(&claim(&town, &login, &code, OTHER)), (401, "wrong-claim-code"));
        assert_eq!(signs_in(&town, &login, OTHER), 401);
        // Whoever only books for somebody is let in by the desk.
        app.db.sql(&format!(r#"UPDATE representatives SET powers = '["book"]' WHERE id = '{power}'"#));
        claim(&town, &login, &code, OTHER).expect(200, "claimed").unwrap();
        assert_eq!(signs_in(&town, &login, OTHER), 200);
        // Whoever signs, by the platform.
        town.represent("yuxin-p-res-4", "yuxin-unit", r#"["sign"]"#, None);
        let login = town.login("yuxin-p-res-4");
        assert_eq!(outcome(&desk.post("/api/v1/claim-codes", &json!({"login": login})).unwrap()), (403, "forbidden"));
        claim(&town, &login, &issued(&town.admin, &login), OTHER).expect(200, "claimed").unwrap();
        assert_eq!(signs_in(&town, &login, OTHER), 200);
        good(&app);
    }
    a_code_ends_with_the_account_that_issued_it(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let [theirs, others] = ["yuxin-p-res-2", "yuxin-p-res-4"].map(|code| town.login(code));
        let codes = [issued(&town.person("yuxin-p-desk"), &theirs), issued(&town.person("yuxin-p-desk-2"), &others)];
        assert_eq!(app.db.command(&["account", &town.login("yuxin-p-desk"), "--disable"]).0, Some(0));
        assert_eq!(outcome(&claim(&town, &theirs, &codes[0], OTHER)), (401, "wrong-claim-code"));
        claim(&town, &others, &codes[1], OTHER).expect(200, "of a colleague").unwrap();
        good(&app);
    }
    signing_in_renews_a_hash_of_less_work(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let login = town.login("yuxin-p-res-2");
        app.claim(&town.person("yuxin-p-desk"), &login);
        let less = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let weak = less.hash_password(PASSWORD.as_bytes()).unwrap().to_string();
        app.db.sql(&format!("UPDATE accounts SET password_hash = '{weak}' WHERE code = 'yuxin-p-res-2'"));
        let of_today = "accounts WHERE code = 'yuxin-p-res-2' AND password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'";
        for (password, status, renewed) in [(OTHER, 401, 0), (PASSWORD, 200, 1), (PASSWORD, 200, 1)] {
            assert_eq!((signs_in(&town, &login, password), rows(&mut app.db.conn(), of_today)), (status, renewed), "{password}");
        }
        good(&app);
    }
    an_operator_stops_an_account_at_once(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let (desk, login) = (town.person("yuxin-p-desk"), town.login("yuxin-p-res-2"));
        let session = app.claim(&desk, &login);
        let operator = |arguments: &[&str]| app.db.command(&[&["account"], arguments].concat());
        let (code, said) = operator(&[&login, "--disable"]);
        assert!(code == Some(0) && said.contains("1 sessions have ended"), "{code:?} {said}");
        assert!(!counts(&session));
        assert_eq!(signs_in(&town, &login, PASSWORD), 401);
        assert_eq!(operator(&[&login, "--enable"]).0, Some(0));
        assert!(!counts(&session), "what ended does not begin again");
        assert_eq!(signs_in(&town, &login, PASSWORD), 200);
        app.link();
        for (action, times) in [("account.disabled", 1), ("account.enabled", 1)] {
            assert_eq!(rows(&mut app.db.conn(), &format!("audit_chain WHERE action = '{action}'")), times, "{action}");
        }
        let (code, said) = operator(&["nobody@example.org", "--disable"]);
        assert!(code == Some(1) && said.contains("no account"), "{code:?} {said}");
        assert_eq!(operator(&[&login]).0, Some(2), "which of the two must be said");
    }
}
