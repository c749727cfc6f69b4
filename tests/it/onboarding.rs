//! Hub files in the database and over HTTP: once, twice, refused as a whole, and nobody permits themselves.

use crate::harness::app::TestApp;
use crate::harness::{TestDb, Town, good, rows, served, together};
use crate::{on_both, told_on_both};
use serde_json::json;
use shangliang::demo::client::{Answer, Client};
use shangliang::demo::people::{Hub, find};
use shangliang::kernel::Code;
use shangliang::onboarding::{self, Imported};
use shangliang::store::{Backend, Db};

const YUXIN: &str = include_str!("../../hubs/yuxin.yaml");
const SHIYOU: &str = include_str!("../../hubs/shiyou.yaml");

fn run(db: &Db, text: &str, dry: bool) -> Result<Imported, shangliang::kernel::Fault> {
    actix_web::rt::System::new().block_on(onboarding::run(db, text.as_bytes().to_vec(), dry, None))
}

fn everything(db: &TestDb) -> Vec<i64> {
    [
        "areas",
        "households",
        "accounts",
        "organisations",
        "representatives",
        "role_grants",
        "sites",
        "floors",
        "spaces",
        "atoms",
        "tariffs",
        "relocations",
        "agreements",
        "agreement_versions",
        "audit_pending",
    ]
    .map(|t| rows(&mut db.conn(), t))
    .to_vec()
}

on_both! {
    fn twice_is_once(t: &TestDb) {
        let db = t.open_now();
        let empty = everything(t);
        let dry = run(&db, YUXIN, true).unwrap();
        assert_eq!(everything(t), empty);
        let first = run(&db, YUXIN, false).unwrap();
        assert_eq!(dry, first);
        let after = everything(t);
        let second = run(&db, YUXIN, false).unwrap();
        assert!(second.is_still(), "{second:?}");
        assert_eq!(second.areas.unchanged, first.areas.created);
        assert_eq!(second.spaces.unchanged, first.spaces.created);
        assert_eq!(everything(t), after);
        let other = run(&db, SHIYOU, false).unwrap();
        assert_eq!((other.areas.unchanged, other.sites.created), (1, 1));
        assert!(run(&db, SHIYOU, false).unwrap().is_still());
        // Description
        let named = run(&db, &YUXIN.replace("name_en: Piano", "name_en: Grand piano").replace("label_en: Sound, fen: 2000", "label_en: Sound, fen: 1900").replace("name: 沈墨", "name: 沈默"), false).unwrap();
        assert_eq!((named.spaces.updated, named.tariffs.updated, named.people.updated, named.areas.updated), (1, 1, 1, 0));
        let before = everything(t);
        // Many refusals at once, nothing done
        let bad = YUXIN
            .replacen("area_m2: 96.00", "area_m2: 95.00", 1)
            .replacen("    zone: Asia/Shanghai", "    zone: Asia/Tokyo", 1)
            .replace("code: yuxin-38-3, kind: door, name_zh: 38号楼3门, name_en: \"Building 38, door 3\", parent: yuxin-grid-2", "code: yuxin-38-3, kind: door, name_zh: 38号楼3门, name_en: \"Building 38, door 3\", parent: yuxin-grid-1")
            .replace("{code: yuxin-association, kind: social_organisation", "{code: yuxin-association, kind: committee")
            .replace("mobile: \"13900001017\"", "mobile: \"13900002001\"");
        let fault = run(&db, &bad, false).unwrap_err();
        assert_eq!(fault.code, Code::ImportRefused);
        let codes: Vec<&str> = fault.detail.errors.iter().map(|e| e.code.as_str()).collect();
        for code in ["area-moved", "kind-changed", "zone-changed", "area-changed", "taken"] { assert!(codes.contains(&code), "{code} {codes:?}"); }
        assert!(fault.detail.errors.iter().all(|e| e.line.is_some()));
        assert_eq!(everything(t), before);
        // A space left out
        let start = YUXIN.find("          - code: yazhu").unwrap();
        let end = YUXIN.find("          - code: hall\n").unwrap();
        let without = format!("{}{}", &YUXIN[..start], &YUXIN[end..]).replace(", yuxin-centre/yazhu", "").replace("[yuxin-centre/yazhu]", "[yuxin-centre/moxuan]");
        assert_eq!(run(&db, &without, false).unwrap_err().code, Code::ImportRefused);
        assert_eq!(everything(t), before);
        // A changed clause makes a new draft.
        let clause = run(&db, &YUXIN.replace("居民打乒乓球免费。", "居民打乒乓球一律免费。"), false).unwrap();
        assert_eq!((clause.agreements.updated, clause.agreements.unchanged), (1, 1));
        // bad file
        assert_eq!(run(&db, "hub: X", true).unwrap_err().code, Code::HubFileInvalid);
        db.close();
    }
}

on_both! {
    /// Neither stays in force silently, and bookings have their own price (`a_price_is_pinned_and_held_to_its_ceiling`).
    fn a_price_or_relocation_left_out_ends_and_is_named(t: &TestDb) {
        let db = t.open_now();
        let first = run(&db, YUXIN, false).unwrap();
        assert!(first.ended.is_empty());
        let full = everything(t);
        let cut = |text: &str, from: &str, to: &str| {
            let start = text.find(from).unwrap();
            let end = start + text[start..].find(to).unwrap();
            format!("{}{}", &text[..start], &text[end..])
        };
        let without = cut(YUXIN, "      - spaces: [hall, dong, xi]\n        use: exhibition", "    relocations:\n");
        let without = cut(&without, "    relocations:\n", "\n  - code: yuxin-gym\n");
        let told = [
            "tariff yuxin-centre/hall exhibition",
            "tariff yuxin-centre/dong exhibition",
            "tariff yuxin-centre/xi exhibition",
            "relocation yuxin-centre table-tennis",
        ];
        let dry = run(&db, &without, true).unwrap();
        assert_eq!((dry.ended.as_slice(), dry.tariffs.updated, dry.relocations.updated), (told.map(str::to_owned).as_slice(), 3, 1));
        assert!(!dry.is_still());
        assert_eq!(everything(t), full, "a dry run ends nothing");
        assert_eq!(run(&db, &without, false).unwrap(), dry);
        assert_eq!(rows(&mut t.conn(), "tariffs WHERE use_code = 'exhibition'"), 0);
        assert_eq!(rows(&mut t.conn(), "relocations"), 0);
        let again = run(&db, &without, false).unwrap();
        assert!(again.is_still() && again.ended.is_empty(), "{again:?}");
        // Written again, they are new.
        let back = run(&db, YUXIN, false).unwrap();
        assert_eq!((back.tariffs.created, back.relocations.created, back.ended.len()), (3, 1, 0));
        // A site without a list has no prices any more, not even those for every other use.
        let gym = cut(YUXIN, "    tariffs:\n      - {use: table-tennis, kind: free}\n", "\nagreements:\n");
        assert_eq!(run(&db, &gym, false).unwrap().ended, ["tariff yuxin-gym/tt-hall table-tennis"]);
        let centre = cut(YUXIN, "    tariffs:\n      # Free unless", "    relocations:\n");
        let ended = run(&db, &centre, false).unwrap().ended;
        assert!(ended.len() == 9 + 6 && ended.contains(&"tariff yuxin-centre/moxuan *".to_owned()), "{ended:?}");
        db.close();
    }
}

const PATH: &str = "/api/v1/hub-imports";
const YAML: &str = "application/yaml";

fn send(client: &Client, path: &str, kind: &str, key: Option<&str>, body: &str) -> Answer {
    let headers: Vec<(&str, &str)> = key.map(|key| ("idempotency-key", key)).into_iter().collect();
    client.raw("POST", path, &headers, Some((kind, body.as_bytes()))).unwrap()
}

fn over_http(backend: Backend) {
    let app = TestApp::start(backend);
    let admin = app.admin();
    let wrong = send(&admin, PATH, "application/json", Some("a"), "{}");
    assert!(wrong.status == 415 && wrong.header("accept-post").unwrap().contains("application/yaml, text/yaml"));
    let wrong = send(&admin, "/api/v1/accounts", YAML, Some("a"), "{}");
    assert_eq!((wrong.status, wrong.header("accept-post")), (415, Some("application/json")));
    assert_eq!(send(&admin, PATH, YAML, None, YUXIN).status, 400);
    assert_eq!(send(&admin, &format!("{PATH}?dry_run=true"), YAML, None, YUXIN).status, 200);
    let first = send(&admin, PATH, YAML, Some("k1"), YUXIN);
    assert_eq!((first.status, first.header("location")), (201, Some("/api/v1/sites")));
    let again = send(&admin, PATH, YAML, Some("k1"), YUXIN);
    assert!(again.status == 201 && again.header("idempotency-replayed") == Some("true") && again.content == first.content);
    assert_eq!(send(&admin, PATH, YAML, Some("k1"), SHIYOU).status, 422);
    let bad = send(&admin, PATH, YAML, Some("k2"), "hub: X\n");
    assert_eq!((bad.status, bad.text("/code"), &bad.body["errors"][0]["line"]), (422, "hub-file-invalid", &json!(1)));
    assert_eq!(send(&admin, PATH, YAML, Some("k3"), &format!("# {}\n{YUXIN}", "x".repeat(1 << 20))).status, 413);
    assert_eq!(send(&admin, &format!("{PATH}?dry_run=maybe"), YAML, Some("k3"), YUXIN).status, 422);

    // The community's desk: what lies in its own area, and nobody permits themselves by file.
    let desk = app.claim(&admin, "13900001004");
    assert_eq!(send(&desk, PATH, YAML, Some("d1"), YUXIN).status, 403, "the file has organisations outside");
    let own = "hub: y2\ntitle_zh: 新\nareas:\n  - {code: haidian, kind: district, name_zh: 海淀区, name_en: Haidian district}\n  - {code: y2-grid, kind: grid, name_zh: 三, parent: yuxin-garden}\norganisations:\n  - {code: y2-o, kind: operator, name_zh: 甲, area: y2-grid}\n";
    let attempt = |key: &str, more: &str| send(&desk, PATH, YAML, Some(key), &format!("{own}{more}")).status;
    assert_eq!(attempt("d2", ""), 201);
    let in_scope =
        "people:\n  - {code: y2-p, name: 新人, mobile: 13911110001}\nroles:\n  - {person: y2-p, role: grid_leader, area: y2-grid}\n";
    assert_eq!(attempt("e0", in_scope), 201);
    for (i, more) in [
        "roles:\n  - {person: y2-p, role: community, area: yuxin-garden}\n",
        "roles:\n  - {person: yuxin-p-desk, role: street, area: xisanqi}\n",
        "roles:\n  - {person: yuxin-p-desk, role: auditor, area: haidian}\n",
        "roles:\n  - {person: yuxin-p-desk, role: district, area: haidian}\n",
        "roles:\n  - {person: yuxin-p-desk, role: street, organisation: yuxin-street}\n",
        "representatives:\n  - {person: yuxin-p-desk, organisation: yuxin-street, powers: [sign], from: 2025-01-01, evidence: x}\n",
        "representatives:\n  - {person: yuxin-p-res-3, organisation: yuxin-unit, powers: [sign], from: 2025-01-01, evidence: x}\n",
        "roles:\n  - {person: yuxin-p-res-3, role: property_unit, organisation: yuxin-unit}\n",
        "people:\n  - {code: yuxin-p-district, name: 陈知行, mobile: 13911112222}\n",
        "people:\n  - {code: yuxin-p-district, name: 陈知行, mobile: 13900001010, household: yuxin-h-12-1-201}\n",
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(attempt(&format!("x{i}"), more), 403, "{more}");
    }
    let wider = "hub: y3\ntitle_zh: 新\nareas:\n  - {code: haidian, kind: district, name_zh: 海淀, name_en: Haidian district}\n";
    assert_eq!(send(&desk, PATH, YAML, Some("d4"), wider).status, 403);
    // The desk hands codes to residents, never to who signs for the unit that lends the rooms.
    let code_for = |login: &str| desk.post("/api/v1/claim-codes", &serde_json::json!({ "login": login })).unwrap().status;
    assert_eq!((code_for("13900001001"), code_for("13900001015")), (403, 200));
    // A resident imports nothing.
    let resident = app.claim(&desk, "13900001014");
    assert_eq!(send(&resident, PATH, YAML, Some("r"), own).status, 403);
    // A claimed account keeps its mobile, even for the platform.
    let takeover = "hub: z\ntitle_zh: 新\npeople:\n  - {code: yuxin-p-desk, name: 李小满, mobile: 13911113333}\n";
    let refused = send(&admin, PATH, YAML, Some("k9"), takeover);
    assert_eq!((refused.status, refused.text("/code")), (409, "import-refused"));
}

#[test]
fn over_http_sqlite() {
    over_http(Backend::Sqlite);
}

#[test]
fn over_http_postgres() {
    over_http(Backend::Postgres);
}

told_on_both! {
    only_the_platform_calls_an_officer_otherwise(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let desk = town.person("yuxin-p-desk");
        let told = |name: &str, mobile: &str| {
            format!("hub: names\ntitle_zh: 名字\npeople:\n  - {{code: yuxin-p-res-2, name: {name}, mobile: \"{mobile}\", household: yuxin-h-38-3-602}}\n")
        };
        let done = |by: &Client, key: &str, name: &str, mobile: &str| send(by, PATH, YAML, Some(key), &told(name, mobile)).status;
        let called = |name: &str| rows(&mut app.db.conn(), &format!("accounts WHERE code = 'yuxin-p-res-2' AND name = '{name}'"));
        assert_eq!((done(&desk, "a", "林小", "13900001015"), called("林小")), (201, 1), "a neighbour, by the desk");
        // What they sign is shown with their name.
        town.represent("yuxin-p-res-2", "yuxin-unit", r#"["sign"]"#, None);
        assert_eq!(done(&desk, "b", "林晓", "13900001015"), 403);
        assert_eq!(done(&desk, "c", "林小", "13911112222"), 403);
        assert_eq!(called("林小"), 1);
        assert_eq!((done(&town.admin, "d", "林晓", "13900001015"), called("林晓")), (201, 1));
        good(&app);
    }

    an_agreement_covers_sites_of_its_own_area(backend) {
        let (app, _) = served(backend);
        let town = Town::build(&app);
        let desk = town.person("yuxin-p-desk");
        let file = |code: &str, more: &str, sites: &str| {
            format!(
                "hub: {code}\ntitle_zh: 新\n{more}agreements:\n  - code: {code}\n    title_zh: 协议\n    area: yuxin-garden\n    sites: [{sites}]\n    \
                 clauses:\n      - {{id: people, kind: capacity, text_zh: 不超过五人。, payload: {{persons: 5}}}}\n"
            )
        };
        let counted = || ["agreements", "agreement_versions"].map(|table| rows(&mut app.db.conn(), table));
        let before = counted();
        for (who, by) in [("desk", &desk), ("administrator", &town.admin)] {
            let refused = send(by, PATH, YAML, Some(who), &file("y5", "", "yuxin-centre, shiyou-hub"));
            assert_eq!((refused.status, refused.text("/code")), (409, "import-refused"), "{who}");
            let [error] = refused.body["errors"].as_array().unwrap().as_slice() else { panic!("{:?}", refused.body) };
            assert_eq!((&error["code"], &error["pointer"], &error["line"]), (&json!("outside-area"), &json!("/agreements/0/sites/1"), &json!(7)));
        }
        let body = json!({"code": "y5", "area_id": town.area("yuxin-garden"), "title_zh": "协议",
            "site_ids": [town.site("yuxin-centre"), town.site("shiyou-hub")]});
        let refused = desk.post("/api/v1/agreements", &body).unwrap();
        assert_eq!((refused.status, refused.text("/errors/0/code"), refused.text("/errors/0/pointer")), (422, "outside-area", "/site_ids/1"));
        assert_eq!(counted(), before);
        // A site the same file brings in counts; one of a part of the area lies in it.
        let site = "sites:\n  - code: y6-site\n    name_zh: 新驿站\n    area: yuxin-grid-1\n    zone: Asia/Shanghai\n    \
                    rules: {granularity_minutes: 30, min_minutes: 30, max_minutes: 240, lead_minutes: 0, horizon_days: 60}\n    floors:\n      \
                    - code: f1\n        name_zh: 一层\n        area_m2: 100.00\n        title: common\n        spaces:\n          \
                    - {code: hall, name_zh: 厅, kind: hall, area_m2: 50.00}\n";
        let made = send(&desk, PATH, YAML, Some("inside"), &file("y6", site, "yuxin-centre, y6-site")).expect(201, "inside").unwrap();
        assert_eq!(made.body["agreements"]["created"], 1);
        good(&app);
    }

    a_title_is_mended_until_a_version_was_put_to_the_parties(backend) {
        let (app, _) = served(backend);
        let admin = app.admin();
        let hub = Hub::bring_in(&admin, YUXIN).unwrap();
        let lead = hub.person("yuxin-p-lead").unwrap();
        let path = format!("/api/v1/agreements/{}", find(&lead, "/api/v1/agreements", "yuxin-partnership").unwrap());
        let seen = || lead.get(&path).unwrap().expect(200, "agreement").unwrap().text("/title_zh").to_owned();
        let usual = "title_zh: 育新花园38号楼一层公益共建协议";
        assert_eq!(YUXIN.matches(usual).count(), 1);
        let put = |key: &str, title: &str| send(&admin, PATH, YAML, Some(key), &YUXIN.replace(usual, &format!("title_zh: {title}")));
        let counted = |answer: &Answer| ["created", "updated", "unchanged"].map(|what| answer.body["agreements"][what].as_i64().unwrap());
        let mended = "育新花园38号楼公益共建协议";
        let first = put("mended", mended).expect(201, "mended").unwrap();
        assert_eq!((counted(&first), seen().as_str()), ([0, 1, 1], mended));
        assert_eq!(counted(&put("again", mended).expect(201, "again").unwrap()), [0, 0, 2]);
        // From then on it is part of what is hashed.
        hub.propose("yuxin-partnership", "yuxin-community").unwrap();
        let refused = put("late", "另一个名字");
        assert_eq!((refused.status, refused.text("/code"), refused.text("/errors/0/code")), (409, "import-refused", "agreement-fixed"));
        assert!(refused.body["errors"][0]["line"].is_number(), "{:?}", refused.body);
        assert_eq!(seen(), mended);
        assert_eq!(counted(&put("unchanged", mended).expect(201, "unchanged").unwrap()), [0, 0, 2]);
        good(&app);
    }

    two_imports_at_once_go_in_one_after_the_other(backend) {
        let app = TestApp::start(backend);
        let admin = app.admin();
        let copy = |round: usize| {
            let codes = ["yuxin", "haidian", "xisanqi"];
            let renamed = codes.iter().fold(YUXIN.to_owned(), |text, code| text.replace(code, &format!("{code}{round}")));
            renamed.replace("1390000", &format!("138{round:04}"))
        };
        let kinds =
            ["areas", "households", "organisations", "people", "representatives", "roles", "sites", "spaces", "tariffs", "agreements"];
        let created = |answer: &Answer| kinds.map(|kind| answer.body[kind]["created"].as_i64().unwrap());
        let table = |kind: &'static str| match kind {
            "people" => "accounts",
            "roles" => "role_grants",
            same => same,
        };
        let counted = || kinds.map(|kind| rows(&mut app.db.conn(), table(kind)));
        let alone = created(&send(&admin, PATH, YAML, Some("alone"), &copy(0)).expect(201, "alone").unwrap());
        assert!(alone.iter().all(|created| *created > 0), "{alone:?}");
        for round in 1..=10 {
            let (before, text) = (counted(), copy(round));
            // Whoever waited too long is told to come back, and does.
            let answers = together(2, |n| loop {
                let answer = send(&admin, PATH, YAML, Some(&format!("{round}-{n}")), &text);
                if answer.status != 503 {
                    break answer;
                }
                assert!(answer.header("retry-after").is_some(), "round {round}: {answer:?}");
            });
            assert!(answers.iter().all(|answer| answer.status == 201), "round {round}: {answers:?}");
            let mut both: Vec<_> = answers.iter().map(created).collect();
            both.sort_unstable();
            assert_eq!(both, [[0; 10], alone], "round {round}: one brings it in, the other finds it there");
            let after = counted();
            assert!((0..kinds.len()).all(|i| after[i] - before[i] == alone[i]), "round {round}: {before:?} {after:?} {alone:?}");
        }
        good(&app);
    }
}
