//! Agreements as papers: what they show to whom, and what proves them.

use crate::harness::db::NOW;
use crate::harness::process::run;
use crate::harness::{TestApp, TestDb, Town};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use shangliang::demo::client::{Answer, Client};
use shangliang::documents::rules::style_hash;
use shangliang::kernel::digest::sha256_hex;
use shangliang::kernel::time::SetClock;
use shangliang::store::Backend;

fn version(id: &str, no: i32, tail: &str) -> String {
    format!("/api/v1/agreements/{id}/versions/{no}{tail}")
}

fn paper(who: &Client, id: &str, no: i32) -> Answer {
    who.get(&version(id, no, "/document")).unwrap()
}

fn verify(who: &Client, body: &[u8]) -> Value {
    let answer = who.raw("POST", "/api/v1/verifications", &[], Some(("application/octet-stream", body))).unwrap();
    answer.expect(200, "verification").unwrap().body
}

fn hash(who: &Client, sha256: &str) -> Value {
    who.post("/api/v1/verifications", &json!({ "sha256": sha256 })).unwrap().expect(200, "verification").unwrap().body
}

/// `shangliang verify-document`: exit code and what it said.
fn offline(folder: &std::path::Path, bytes: &[u8], more: &[&str]) -> (Option<i32>, String) {
    let file = folder.join("agreement.json");
    std::fs::write(&file, bytes).unwrap();
    run(folder, &[&["verify-document", "agreement.json"], more].concat(), &[])
}

/// What was signed cannot be changed; whoever takes the guard away first is found out.
fn what_was_signed_stays(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
    let town = Town::build(&app);
    app.link();
    let id = town.agreement("yuxin-partnership");
    let verified = || app.db.command(&["verify"]);
    let (code, said) = verified();
    assert!(code == Some(0) && said.contains("is good"), "{said}");
    let of = format!("WHERE agreement_id = '{id}'");
    let refused = |statement: &str, by: &str| {
        let denied = app.db.conn().batch_execute(statement).unwrap_err().to_string();
        assert!(denied.contains(by), "{statement}: {denied}");
    };
    for set in ["clauses = '[]'", "canonical = '{}'", "canonical = NULL", "sha256 = 'x'", "version_no = 7"] {
        refused(&format!("UPDATE agreement_versions SET {set} {of}"), "agreement_versions_frozen");
    }
    refused("UPDATE signatures SET version_sha256 = 'x'", "signatures_frozen");
    // Its state goes on as ever.
    app.db.sql(&format!("UPDATE agreement_versions SET revision = revision + 1 {of}"));

    // As a thief with the database's password would do.
    app.db.sql(match backend {
        Backend::Postgres => "DROP TRIGGER agreement_versions_frozen ON agreement_versions; DROP TRIGGER signatures_frozen ON signatures",
        Backend::Sqlite => "DROP TRIGGER agreement_versions_frozen; DROP TRIGGER signatures_frozen",
    });
    let found = |statement: &str, undo: &str, words: &str| {
        app.db.sql(statement);
        let (code, said) = verified();
        assert!(code == Some(1) && said.contains(words) && !said.contains("is good"), "{statement}: {said}");
        app.db.sql(undo);
    };
    let replaced =
        |column: &str, from: &str, to: &str| format!("UPDATE agreement_versions SET {column} = replace({column}, '{from}', '{to}') {of}");
    for (column, words) in [("clauses", "its clauses are not those of its bytes"), ("canonical", "its bytes are not those of its hash")] {
        found(&replaced(column, "免费", "白送"), &replaced(column, "白送", "免费"), words);
    }
    found(
        "UPDATE signatures SET version_sha256 = 'x' || version_sha256",
        "UPDATE signatures SET version_sha256 = substr(version_sha256, 2)",
        "a signature under another text than its version has",
    );
    assert_eq!(verified().0, Some(0));
}

fn papers(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
    let town = Town::build(&app);
    app.link();
    let id = town.agreement("yuxin-partnership");
    let (nobody, unit) = (app.client.clone(), town.person("yuxin-p-unit"));
    let seen = nobody.get(&version(&id, 1, "")).unwrap().expect(200, "version").unwrap().body;
    let sha256 = seen["sha256"].as_str().unwrap();

    // Everybody reads the signed paper: every binding text, its plain effect, the certificate; surnames only.
    let public = paper(&nobody, &id, 1).expect(200, "document").unwrap();
    assert_eq!(public.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = public.header("content-security-policy").unwrap();
    assert!(policy.contains(&style_hash()) && !policy.contains("unsafe") && policy.starts_with("default-src 'none'"), "{policy}");
    let html = &public.content;
    assert!(html.starts_with("<!DOCTYPE html><html lang=\"zh-CN\">"), "{}", &html[..80]);
    assert!(!html.contains("未签署") && !html.contains(" style=") && !html.contains("<script"), "no mark, no inline style, no script");
    let clauses = seen["clauses"].as_array().unwrap();
    assert_eq!(html.matches("<li class=\"clause").count(), clauses.len());
    for (clause, plain) in clauses.iter().zip(seen["plain"].as_array().unwrap()) {
        let text = clause["text_zh"].as_str().unwrap();
        assert!(text.split('\n').all(|paragraph| html.contains(paragraph)), "{text}");
        assert!(html.contains(plain["zh"].as_str().unwrap()), "{plain}");
    }
    for needed in [
        "育新花园38号楼产权单位",
        "育新花园社区居民委员会",
        "签署证明",
        "电子签署",
        "2026-11-28 10:00",
        "2026-11-28T02:00:00Z",
        sha256,
        "审计链",
    ] {
        assert!(html.contains(needed), "{needed}");
    }
    assert!(html.contains("郑*") && html.contains("周*"));
    for hidden in ["郑国梁", "周雅琴", "授权委托书"] {
        assert!(!html.contains(hidden), "{hidden} is told to anybody");
        assert!(!paper(&town.person("yuxin-p-res-1"), &id, 1).content.contains(hidden), "{hidden} is told to a resident");
        assert!(paper(&unit, &id, 1).content.contains(hidden), "a party reads {hidden}");
    }
    // The range of the audit chain is the one the entries have.
    let area = town.area("yuxin-garden");
    let entries =
        town.person("yuxin-p-auditor").get(&format!("/api/v1/audit/entries?area_id={area}&subject={}", seen["id"].as_str().unwrap()));
    let entries = entries.unwrap().expect(200, "entries").unwrap().body["items"].as_array().unwrap().clone();
    let (last, first) = (&entries[0], &entries[entries.len() - 1]);
    let range = format!("第 {} 条至第 {} 条之间，共 {} 条", first["seq"], last["seq"], entries.len());
    assert!(html.contains(&range) && html.contains(last["hash"].as_str().unwrap()), "{range}");

    // The canonical bytes are the signed ones, to the byte.
    let canonical = nobody.get(&version(&id, 1, "/canonical")).unwrap().expect(200, "canonical").unwrap();
    assert_eq!(sha256_hex(canonical.content.as_bytes()), sha256);
    assert_eq!(canonical.header("etag"), Some(format!("\"{sha256}\"").as_str()));
    assert_eq!(canonical.header("content-disposition"), Some("attachment; filename=\"yuxin-partnership-v1.json\""));
    let again = nobody.raw("GET", &version(&id, 1, "/canonical"), &[("if-none-match", &format!("\"{sha256}\""))], None).unwrap();
    assert_eq!((again.status, again.content.as_str()), (304, ""));

    // Whoever has the file or its hash learns whose it is; a changed one is not known.
    let told = verify(&nobody, canonical.content.as_bytes());
    assert_eq!(told, hash(&nobody, sha256));
    let facts = |told: &Value| (told["match"].clone(), told["signed"].clone(), told["in_force"].clone(), told["version"].clone());
    assert_eq!(facts(&told), (json!("text"), json!(true), json!(true), json!(1)));
    assert_eq!((told["agreement"].as_str(), told["effect"].as_str()), (Some("yuxin-partnership"), Some("in_force")));
    let one_letter = canonical.content.replacen("免费", "收费", 1);
    assert_ne!(one_letter, canonical.content);
    assert_eq!(facts(&verify(&nobody, one_letter.as_bytes())), (json!("unknown"), json!(false), json!(false), Value::Null));
    let pretty = serde_json::to_string_pretty(&canonical.body).unwrap();
    assert_eq!(facts(&verify(&nobody, pretty.as_bytes())), (json!("same_content"), json!(false), json!(true), json!(1)));
    for other in [&b""[..], b"\xff\xfe", b"[]", html.as_bytes()] {
        assert_eq!(verify(&nobody, other)["match"], "unknown");
    }

    // The same offline, by exit code.
    let folder = &app.db.folder;
    let (code, said) = offline(folder, canonical.content.as_bytes(), &["--sha256", sha256]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("yuxin-partnership") && said.contains(sha256) && said.contains(&format!("clauses   {}", clauses.len())),
        "{said}"
    );
    assert_eq!(offline(folder, canonical.content.as_bytes(), &[]).0, Some(0));
    assert_eq!(offline(folder, one_letter.as_bytes(), &["--sha256", sha256]).0, Some(1), "another text");
    let (code, said) = offline(folder, pretty.as_bytes(), &[]);
    assert!(code == Some(1) && said.contains(sha256), "{said}");
    assert_eq!((offline(folder, b"{", &[]).0, offline(folder, b"{\"v\":1}", &[]).0), (Some(65), Some(65)));
    assert_eq!(run(folder, &["verify-document", "/nowhere/at/all"], &[]).0, Some(66));

    // A draft: marked, for those who may see it; it has no bytes to verify yet.
    let shiyou = town.agreement("shiyou-partnership");
    let desk = town.person("shiyou-p-desk");
    let draft = paper(&desk, &shiyou, 1).expect(200, "draft").unwrap().content;
    assert!(draft.contains("未签署") && draft.contains("草稿") && draft.contains("还没有指纹"));
    assert_eq!((paper(&nobody, &shiyou, 1).status, paper(&town.person("yuxin-p-desk"), &shiyou, 1).status), (404, 404));
    let early = desk.get(&version(&shiyou, 1, "/canonical")).unwrap();
    assert_eq!((early.status, early.text("/code")), (409, "state-conflict"));

    // Proposed and partly signed on paper: still marked; the hash is told to insiders and hidden from others, the scan too.
    desk.post(&version(&shiyou, 1, "/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
    let proposed = desk.get(&version(&shiyou, 1, "")).unwrap().body["sha256"].as_str().unwrap().to_owned();
    let scan = b"the scan of a page with ink on it";
    let ask = json!({"organisation_id": town.organisation("shiyou-unit-1"), "sha256": proposed, "evidence_sha256": sha256_hex(scan)});
    desk.post(&version(&shiyou, 1, "/paper-signatures"), &ask).unwrap().expect(201, "paper").unwrap();
    let marked = paper(&desk, &shiyou, 1).content;
    assert!(marked.contains("未签署") && marked.contains("部分已签") && marked.contains("纸质签署") && marked.contains("还没有确认"));
    let inside = hash(&desk, &proposed);
    assert_eq!((&inside["match"], &inside["signed"], &inside["state"]), (&json!("text"), &json!(false), &json!("partially_signed")));
    assert_eq!(verify(&desk, scan)["match"], "scan");
    for stranger in [&nobody, &unit] {
        assert_eq!((&hash(stranger, &proposed)["match"], &verify(stranger, scan)["match"]), (&json!("unknown"), &json!("unknown")));
    }

    // Bad questions are told what is wrong with them.
    let bad = |body: Value| nobody.post("/api/v1/verifications", &body).unwrap();
    for wrong in
        [json!({"sha256": "A".repeat(64)}), json!({"sha256": "ab"}), json!({"sha256": 5}), json!({}), json!({"sha256": sha256, "x": 1})]
    {
        assert_eq!(bad(wrong.clone()).status, 422, "{wrong}");
    }
    let raw = |kind: &str, bytes: &[u8]| nobody.raw("POST", "/api/v1/verifications", &[], Some((kind, bytes))).unwrap().status;
    assert_eq!(raw("application/octet-stream", &vec![b'x'; 5 * 1024 * 1024 + 1]), 413);
    assert_eq!(raw("application/octet-stream", &vec![b'x'; 5 * 1024 * 1024]), 200);
    assert_eq!((raw("text/html", b"x"), raw("application/json", b"{")), (415, 400));
    assert_eq!((paper(&nobody, &id, 9).status, paper(&nobody, "agreement_01h455vb4pex5vsknk084sn02q", 1).status), (404, 404));
    app.settle();
}

/// What a clause says is shown as it is said, never run.
fn hostile_words(backend: Backend) {
    let app = TestApp::serve(TestDb::fresh(backend), SetClock::at(NOW));
    let town = Town::build(&app);
    let desk = town.person("shiyou-p-desk");
    let shiyou = town.agreement("shiyou-partnership");
    let draft = desk.get(&version(&shiyou, 1, "")).unwrap();
    let mut clauses = draft.body["clauses"].as_array().unwrap().clone();
    let words = "<script>alert(1)</script> & \"quotes\" 'and' </style><img src=x onerror=alert(1)>";
    clauses[0]["text_zh"] = json!(format!("{words}\n第二段"));
    desk.put(&version(&shiyou, 1, ""), draft.header("etag").unwrap(), &json!({ "clauses": clauses }))
        .unwrap()
        .expect(200, "draft")
        .unwrap();
    let html = paper(&desk, &shiyou, 1).expect(200, "document").unwrap().content;
    assert!(!html.contains("<script") && !html.contains("<img"));
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot;") && html.contains("<p>第二段</p>"), "{html}");
}

#[test]
fn papers_are_shown_and_proved_sqlite() {
    papers(Backend::Sqlite);
}

#[test]
fn papers_are_shown_and_proved_postgres() {
    papers(Backend::Postgres);
}

#[test]
fn hostile_words_are_words_sqlite() {
    hostile_words(Backend::Sqlite);
}

#[test]
fn hostile_words_are_words_postgres() {
    hostile_words(Backend::Postgres);
}

#[test]
fn what_was_signed_stays_sqlite() {
    what_was_signed_stays(Backend::Sqlite);
}

#[test]
fn what_was_signed_stays_postgres() {
    what_was_signed_stays(Backend::Postgres);
}
