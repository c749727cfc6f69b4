//! The program as its operator meets it: exit codes, messages, signals, logs.

use crate::harness::app::PASSWORD;
use crate::harness::cluster::{Cluster, Durability};
use crate::harness::db::{NOW, fresh_folder};
use crate::harness::mail::until;
use crate::harness::process::{Server, program, run, yuxin_any_day};
use crate::harness::{TestApp, TestDb, rows};
use crate::told_on_both;
use shangliang::demo::client::Client;
use shangliang::demo::people::{self, Hub, find};
use shangliang::kernel::time::{SetClock, SystemClock};
use shangliang::kernel::{Clock, Instant as Moment};
use shangliang::people::model::Role;
use shangliang::server::first_admin_file;
use shangliang::store::{Backend, Conn, DatabaseUrl};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server of its own process, its standard output in a file.
struct Serving {
    child: Child,
    out: std::path::PathBuf,
}

impl Serving {
    fn start(folder: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let out = folder.join("stdout");
        let file = File::create(&out).unwrap();
        let child = program(folder).arg("serve").args(args).envs(env.iter().copied()).stdout(file).stderr(Stdio::null()).spawn().unwrap();
        let serving = Self { child, out };
        serving.wait_for("listens on");
        serving
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.out).unwrap()
    }

    fn wait_for(&self, words: &str) {
        let begun = Instant::now();
        while !self.said().contains(words) {
            assert!(begun.elapsed() < Duration::from_secs(120), "no {words:?} in:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn address(&self) -> String {
        let said = self.said();
        let (_, rest) = said.split_once("listens on http://").unwrap();
        rest.split(' ').next().unwrap().to_owned()
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap().success());
    }

    fn ends(mut self) -> Option<i32> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(40) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().unwrap();
        panic!("the server did not end");
    }
}

/// How many rows there are in the usual database of a folder.
fn kept(folder: &Path, of: &str) -> i64 {
    rows(&mut Conn::open(&DatabaseUrl::Sqlite(folder.join("data/shangliang.db")), false).unwrap(), of)
}

#[test]
fn check_config_names_every_fault_at_once() {
    let folder = fresh_folder("check");
    let bad = ["check-config", "--listen=nonsense", "--workers=0", "--keys=", "--database-url=mysql://x"];
    let (code, said) = run(&folder, &bad, &[("SHANGLIANG_LISTNE", "x")]);
    assert_eq!(code, Some(78), "{said}");
    for name in ["SHANGLIANG_LISTEN:", "SHANGLIANG_WORKERS:", "SHANGLIANG_KEYS:", "DATABASE_URL:", "SHANGLIANG_LISTNE:"] {
        assert!(said.contains(name), "{name}: {said}");
    }
    let (code, said) = run(&folder, &["check-config"], &[("DATABASE_URL", "postgres://u:topsecret@localhost/d")]);
    assert!(code == Some(0) && said.contains("workers = ") && !said.contains("topsecret"), "{said}");
    for command in [&["serve", "--demo"][..], &["check-config", "--demo", "--behind-proxy"]] {
        let (code, said) = run(&folder, command, &[("SHANGLIANG_LISTEN", "0.0.0.0:0")]);
        assert!(code == Some(78) && said.contains("known passwords"), "{said}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// What the unit, the image and the composition set, as the program reads it.
#[test]
fn what_is_shipped_is_configured_well() {
    let folder = fresh_folder("shipped");
    let shipped = |file: &str| std::fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (unit, image, composition) = (shipped("packaging/shangliang.service"), shipped("Dockerfile"), shipped("compose.yaml"));
    let of_unit: Vec<(&str, &str)> =
        unit.lines().filter_map(|line| line.strip_prefix("Environment=")).map(|set| set.split_once('=').unwrap()).collect();
    let said = image.split_once("\nENV ").unwrap().1.split_once("\nHEALTHCHECK").unwrap().0;
    let of_image: Vec<(&str, &str)> = said.split_whitespace().filter_map(|set| set.split_once('=')).collect();
    let url = composition.lines().find_map(|line| line.trim().strip_prefix("DATABASE_URL: ")).unwrap();
    let (before, after) = (url.split_once("${").unwrap().0, url.split_once('}').unwrap().1);
    let url = format!("{before}topsecret{after}");
    let mut of_composition = of_image.clone();
    of_composition.retain(|(name, _)| *name != "DATABASE_URL");
    of_composition.push(("DATABASE_URL", &url));
    for (what, settings) in [("the unit", of_unit), ("the image", of_image), ("the composition", of_composition)] {
        let (code, said) = run(&folder, &["check-config"], &settings);
        assert!(code == Some(0) && !said.contains("topsecret"), "{what}: {said}");
        // Everybody comes from the proxy's address, and is told from the others by what it says.
        assert!(said.contains("behind_proxy = true"), "{what}: {said}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_mail_server_is_configured_as_a_whole_or_not_at_all() {
    use std::os::unix::fs::PermissionsExt;
    let folder = fresh_folder("smtp");
    let password = folder.join("password");
    std::fs::write(&password, "topsecret\n").unwrap();
    std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o600)).unwrap();
    let (code, said) =
        run(&folder, &["check-config", "--smtp-url=smtp://me:topsecret@mail.example.org"], &[("SHANGLIANG_SMTP_USER", "me")]);
    assert_eq!(code, Some(78), "{said}");
    for name in ["SMTP_URL:", "SMTP_FROM:", "SMTP_PASSWORD_FILE:", "PUBLIC_URL:"] {
        assert!(said.contains(&format!("SHANGLIANG_{name}")), "{name} {said}");
    }
    assert!(!said.contains("topsecret"), "{said}");
    let good = [
        ("SHANGLIANG_SMTP_URL", "smtp://mail.example.org"),
        ("SHANGLIANG_SMTP_USER", "me"),
        ("SHANGLIANG_SMTP_PASSWORD_FILE", password.to_str().unwrap()),
        ("SHANGLIANG_SMTP_FROM", "商量 <notices@example.org>"),
        ("SHANGLIANG_PUBLIC_URL", "https://hub.example.org"),
    ];
    let (code, said) = run(&folder, &["check-config"], &good);
    assert!(code == Some(0) && !said.contains("topsecret"), "{said}");
    for line in
        ["smtp_url = smtp://mail.example.org:587", "smtp_user = me", "smtp_password = ***", "smtp_from = 商量 <notices@example.org>"]
    {
        assert!(said.contains(line), "{line}: {said}");
    }
    let (code, said) = run(&folder, &["check-config"], &[]);
    assert!(code == Some(0) && said.contains("smtp_url = none (notices stay in the inbox)"), "{said}");
    // Without one, the log says so once.
    let serving = Serving::start(&folder, &[], &[]);
    serving.wait_for("notices stay in the inbox");
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(serving.said().matches("notices stay in the inbox").count(), 1);
    serving.signal("INT");
    assert_eq!(serving.ends(), Some(0));
    let (code, said) = run(&folder, &["jobs"], &[]);
    assert!(code == Some(0) && said.contains("0 jobs are given up"), "{said}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// However many notices would be mailed, the log of a server without mail says once that none is.
fn what_is_not_mailed_is_logged_once(backend: Backend) {
    let db = TestDb::fresh(backend);
    let url = crate::harness::postgres::SERVER.text(&db);
    let serving = Serving::start(&db.folder, &[], &[("DATABASE_URL", &url)]);
    let client = Client::new(&format!("http://{}", serving.address()));
    let token = std::fs::read_to_string(first_admin_file(&db.folder.join("data/keys"))).unwrap();
    let admin = people::first_admin(&client, token.trim()).unwrap();
    // Those who sign have an address: of what they are told here every notice is mailed where there is mail.
    let yaml = ["13900001001", "13900001002", "13900001003"].iter().fold(yuxin_any_day(), |yaml, mobile| {
        yaml.replace(&format!("mobile: \"{mobile}\""), &format!("mobile: \"{mobile}\", email: \"p{mobile}@example.org\""))
    });
    let hub = Hub::bring_in(&admin, &yaml).unwrap();
    for (agreement, other) in [("yuxin-partnership", "yuxin-unit"), ("yuxin-gym-agreement", "yuxin-gym-operator")] {
        let proposed = hub.propose(agreement, "yuxin-community").unwrap();
        assert!(!proposed.sign(other).unwrap() && proposed.sign("yuxin-community").unwrap());
    }
    let told = |kind: &str| {
        let of = format!("notices n JOIN accounts a ON a.id = n.account_id WHERE a.email LIKE 'p%' AND n.kind = '{kind}'");
        rows(&mut db.conn(), &of)
    };
    until("each signer hears of each agreement", Duration::from_secs(30), || told("version.agreed") == 4);
    assert!(told("version.proposed") >= 2);
    until("nothing is left to be mailed", Duration::from_secs(30), || rows(&mut db.conn(), "outbox WHERE kind = 'notice.mail'") == 0);
    serving.signal("INT");
    let out = serving.out.clone();
    assert_eq!(serving.ends(), Some(0));
    let said = std::fs::read_to_string(out).unwrap();
    assert_eq!(said.matches("no mail server is configured: notices stay in the inbox").count(), 1, "{said}");
    assert_eq!(said.to_lowercase().matches("mail").count(), 1, "{said}");
}

#[test]
fn what_is_not_mailed_is_logged_once_sqlite() {
    what_is_not_mailed_is_logged_once(Backend::Sqlite);
}

#[test]
fn what_is_not_mailed_is_logged_once_postgres() {
    what_is_not_mailed_is_logged_once(Backend::Postgres);
}

#[test]
fn a_database_that_cannot_be_used_is_named_and_ends_with_69() {
    let folder = fresh_folder("unusable");
    let unusable = |url: &str, words: &str| {
        let (code, said) = run(&folder, &["serve"], &[("DATABASE_URL", url), ("SHANGLIANG_LOG", "off")]);
        assert!(code == Some(69) && said.contains(words) && !said.contains("panicked"), "{url}: {code:?} {said}");
    };
    unusable("sqlite:/proc/nowhere/x.db", "/proc/nowhere/x.db");
    std::fs::create_dir(folder.join("a-folder.db")).unwrap();
    unusable("sqlite:a-folder.db", "a-folder.db");
    // Nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    unusable(&format!("postgres://postgres@127.0.0.1:{free}/shangliang"), "onnection refused");
    // No database at all.
    std::fs::write(folder.join("text.db"), "这不是数据库".repeat(1000)).unwrap();
    unusable("sqlite:text.db", "not a database");
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let db = TestDb::fresh(backend);
        db.sql("INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('99990101000000', CURRENT_TIMESTAMP)");
        let url = match backend {
            Backend::Sqlite => format!("sqlite:{}", db.folder.join("test.db").display()),
            Backend::Postgres => crate::harness::postgres::SERVER.text(&db).to_string(),
        };
        unusable(&url, "99990101000000");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn one_sqlite_file_serves_one_process() {
    let folder = fresh_folder("two");
    let first = Serving::start(&folder, &[], &[]);
    let (code, said) = run(&folder, &["serve"], &[("SHANGLIANG_LOG", "off")]);
    assert!(code == Some(69) && said.contains("another server uses"), "{code:?} {said}");
    // Under another name it is the same file.
    std::os::unix::fs::symlink(folder.join("data/shangliang.db"), folder.join("other.db")).unwrap();
    let (code, said) = run(&folder, &["serve"], &[("SHANGLIANG_LOG", "off"), ("DATABASE_URL", "sqlite:other.db")]);
    assert!(code == Some(69) && said.contains("another server uses"), "{code:?} {said}");
    first.signal("INT");
    assert_eq!(first.ends(), Some(0));
    // The lock went with the process.
    let next = Serving::start(&folder, &[], &[]);
    next.signal("INT");
    assert_eq!(next.ends(), Some(0));
    std::fs::remove_dir_all(folder).unwrap();
}

/// What the command writes is seen by the server beside it, and linked into the audit by the server alone.
#[test]
fn an_import_beside_a_running_server_is_seen_by_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = fresh_folder("beside");
    let serving = Serving::start(&folder, &[], &[]);
    let token = first_admin_file(&folder.join("data/keys"));
    assert_eq!(std::fs::metadata(&token).unwrap().permissions().mode() & 0o777, 0o600);
    let client = Client::new(&format!("http://{}", serving.address()));
    let sites = || client.get("/api/v1/sites").unwrap().expect(200, "sites").unwrap().body["items"].as_array().unwrap().len();
    assert_eq!(sites(), 0);
    let hub = format!("{}/hubs/yuxin.yaml", env!("CARGO_MANIFEST_DIR"));
    let (code, said) = run(&folder, &["import", &hub], &[]);
    assert!(code == Some(0) && said.contains("imported"), "{code:?} {said}");
    until("the server knows both sites", Duration::from_secs(2), || sites() == 2);
    until("it has linked what was recorded", Duration::from_secs(3), || kept(&folder, "audit_pending") == 0);
    assert!(kept(&folder, "audit_chain WHERE action = 'hub.imported'") > 0);
    serving.signal("TERM");
    assert_eq!(serving.ends(), Some(0));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_document_is_printed_as_it_is_kept() {
    let folder = fresh_folder("openapi");
    let (code, said) = run(&folder, &["openapi"], &[]);
    assert_eq!(code, Some(0));
    assert_eq!(said, include_str!("../../openapi/openapi.json"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn sigterm_lets_a_request_in_flight_finish() {
    let folder = fresh_folder("term");
    let serving = Serving::start(&folder, &[], &[]);
    let mut slow = TcpStream::connect(serving.address()).unwrap();
    slow.write_all(
        b"POST /api/v1/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{",
    )
    .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    serving.signal("TERM");
    std::thread::sleep(Duration::from_millis(300));
    // Not ready any more, and it says so while it still answers.
    let mut ready = TcpStream::connect(serving.address()).unwrap();
    ready.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    ready.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 503"), "{text}");
    std::thread::sleep(Duration::from_millis(3500));
    slow.write_all(b"}").unwrap();
    let mut text = String::new();
    slow.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 422"), "{text}");
    assert_eq!(serving.ends(), Some(0));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn import_backup_and_verify() {
    use std::os::unix::fs::PermissionsExt;
    let folder = fresh_folder("commands");
    let hub = format!("{}/hubs/yuxin.yaml", env!("CARGO_MANIFEST_DIR"));
    let ok = |args: &[&str], words: &str| {
        let (code, said) = run(&folder, args, &[]);
        assert!(code == Some(0) && said.contains(words), "{args:?}: {code:?} {said}");
    };
    // The operator's slips, each in one line.
    let slip = |args: &[&str], wanted: i32, words: &str| {
        let (code, said) = run(&folder, args, &[("SHANGLIANG_LOG", "off")]);
        assert!(code == Some(wanted) && said.contains(words) && said.lines().count() == 1, "{args:?}: {code:?} {said}");
        assert!(!said.contains("our side"), "{said}");
    };
    slip(&["import", "missing.yaml"], 66, "missing.yaml: No such file");
    slip(&["backup", "copy.db"], 69, "there is no database data/shangliang.db");
    assert!(!folder.join("data").exists());
    ok(&["migrate"], "the database is current");
    ok(&["import", &hub, "--dry-run"], "nothing was done");
    let areas = || kept(&folder, "areas");
    assert_eq!(areas(), 0);
    ok(&["import", &hub], "imported");
    let imported = areas();
    assert!(imported > 0);
    ok(&["import", &hub], "imported");
    assert_eq!(areas(), imported);
    ok(&["backup", "copy.db"], "copied and checked");
    ok(&["verify", "copy.db"], "is good");
    slip(&["backup", "copy.db"], 69, "copy.db exists already; a backup never overwrites");
    slip(&["backup", "nowhere/copy.db"], 69, "cannot write nowhere/.copy.db");
    std::fs::create_dir(folder.join("keys")).unwrap();
    std::fs::set_permissions(folder.join("keys"), std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::write(folder.join("keys/first.ed25519"), "0123456789abcdef".repeat(4)).unwrap();
    std::fs::set_permissions(folder.join("keys/first.ed25519"), std::fs::Permissions::from_mode(0o644)).unwrap();
    slip(&["serve", "--keys=keys"], 69, "keys/first.ed25519: others may read this key");
    std::fs::write(folder.join("bad.yaml"), "hub: x\nhub: y\ncolour: red\n").unwrap();
    let (code, said) = run(&folder, &["import", "bad.yaml"], &[]);
    assert!(code == Some(69) && said.contains("line 2") && said.contains("line 3"), "{code:?} {said}");
    let mut bytes = std::fs::read(folder.join("copy.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xA5);
    std::fs::write(folder.join("broken.db"), bytes).unwrap();
    let (code, said) = run(&folder, &["verify", "broken.db"], &[]);
    assert!(code != Some(0) && !said.contains("panicked"), "{code:?} {said}");
    std::fs::remove_dir_all(folder).unwrap();
}

told_on_both! {
    a_dry_run_makes_no_database_and_migrates_none(backend) {
        let db = TestDb::bare(backend);
        let url = crate::harness::postgres::SERVER.text(&db);
        let hub = format!("{}/hubs/yuxin.yaml", env!("CARGO_MANIFEST_DIR"));
        let refused = |words: &str| {
            let (code, said) = run(&db.folder, &["import", &hub, "--dry-run"], &[("DATABASE_URL", &url)]);
            assert!(code == Some(69) && said.contains(words) && said.contains("run `shangliang migrate` first"), "{code:?} {said}");
        };
        refused("there is no database of this program");
        match backend {
            Backend::Sqlite => assert!(!db.folder.join("test.db").exists()),
            Backend::Postgres => assert_eq!(rows(&mut db.conn(), "pg_tables WHERE schemaname = 'public'"), 0),
        }
        assert_eq!(run(&db.folder, &["migrate"], &[("DATABASE_URL", &url)]).0, Some(0));
        db.sql("DELETE FROM __diesel_schema_migrations WHERE version = (SELECT MAX(version) FROM __diesel_schema_migrations)");
        let migrations = || rows(&mut db.conn(), "__diesel_schema_migrations");
        let before = migrations();
        refused("lacks 1 of its migrations");
        assert_eq!(migrations(), before);
    }

    an_older_database_is_told_from_another(backend) {
        let db = TestDb::fresh(backend);
        let url = crate::harness::postgres::SERVER.text(&db);
        let wrong = |words: &str| {
            let (code, said) = run(&db.folder, &["verify"], &[("DATABASE_URL", &url)]);
            assert!(code == Some(1) && said.contains(words), "{code:?} {said}");
        };
        db.sql(
            "DROP TABLE request_ends; DELETE FROM __diesel_schema_migrations \
             WHERE version = (SELECT MAX(version) FROM __diesel_schema_migrations)",
        );
        wrong("older than this program and lacks 1 of its migrations; `shangliang migrate` mends it");
        db.sql("DROP TABLE __diesel_schema_migrations");
        wrong("it is no database of this program");
    }
}

/// The command tells its story to a running server, and again to the same one, on fresh copies and today's dates.
fn the_story_is_told_twice(backend: Backend) {
    let db = TestDb::fresh(backend);
    let url = crate::harness::postgres::SERVER.text(&db);
    let server = Server::start(&url, &db.folder.join("keys"));
    server.first_admin();
    let ask = ["demo-story", "--url", &server.base, "--admin-login", "admin@example.org"];
    for told in ["first", "second"] {
        let (code, said) = run(&db.folder, &ask, &[("SHANGLIANG_ADMIN_PASSWORD", PASSWORD)]);
        assert!(code == Some(0) && said.trim_end().ends_with("story complete"), "{told}: {code:?} {said}");
        assert!(said.lines().count() > 8, "each step is printed: {said}");
    }
    let (code, said) = run(&db.folder, &ask, &[("SHANGLIANG_ADMIN_PASSWORD", "another password")]);
    assert!(code != Some(0) && !said.contains("story complete") && !said.contains("another password"), "{code:?} {said}");
}

#[test]
fn the_story_is_told_by_the_command_sqlite() {
    the_story_is_told_twice(Backend::Sqlite);
}

#[test]
fn the_story_is_told_by_the_command_postgres() {
    the_story_is_told_twice(Backend::Postgres);
}

/// The PostgreSQL of the tests: not root's, for this machine only, and gone with its folder.
#[test]
fn the_cluster_of_the_tests_is_nobodys_burden() {
    use std::os::unix::fs::MetadataExt;
    let folder = fresh_folder("cluster");
    let cluster = Cluster::start(&folder.join("pg"), Durability::None).unwrap();
    assert_ne!(std::fs::metadata(folder.join("pg/data/PG_VERSION")).unwrap().uid(), 0, "initdb ran as root");
    let port = cluster.port;
    let here = |host: &str| TcpStream::connect((host, port)).is_ok();
    assert!(here("127.0.0.1") && !here("::1"));
    let listening = format!(":{port:04X} ");
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let bound: Vec<&str> = table.lines().filter(|line| line.contains(&listening) && line.contains(" 0A ")).collect();
    assert!(bound.len() == 1 && bound[0].contains(" 0100007F:"), "it listens on 127.0.0.1 and nowhere else: {bound:?}");
    drop(cluster);
    assert!(!here("127.0.0.1") && !folder.join("pg").exists());
    std::fs::remove_dir_all(folder).unwrap();
}

told_on_both! {
    a_demonstration_is_lived_in(backend) {
        let db = TestDb::fresh(backend);
        let url = crate::harness::postgres::SERVER.text(&db);
        let serving = Serving::start(&db.folder, &["--demo"], &[("DATABASE_URL", &url), ("SHANGLIANG_LOG", "off")]);
        serving.wait_for("platform administrator");
        let (said, client) = (serving.said(), Client::new(&format!("http://{}", serving.address())));

        // A sign-in of every kind of user, each of which works.
        let (_, shown) = said.split_once("demo sign-ins").unwrap();
        assert!(shown.lines().next().unwrap().contains(people::PASSWORD), "{said}");
        let logins: Vec<&str> = shown.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
        let mut roles = BTreeSet::new();
        for login in &logins {
            let me = client.sign_in(login, people::PASSWORD).unwrap().get("/api/v1/me").unwrap().expect(200, "me").unwrap().body;
            roles.extend(me["roles"].as_array().unwrap().iter().map(|claim| claim["role"].as_str().unwrap().to_owned()));
        }
        assert_eq!((logins.len(), roles), (Role::ALL.len(), Role::ALL.iter().map(|role| role.as_str().to_owned()).collect()));

        let docs = client.get("/docs/").unwrap().expect(200, "docs").unwrap();
        assert!(docs.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{:?}", docs.headers);
        assert!(docs.content.to_lowercase().contains("<!doctype html>"), "{}", docs.content);

        // Both hubs are lived in for the next fortnight, holidays or not.
        let until = SystemClock.now().plus_days(15);
        for (site, least) in [("yuxin-centre", 12), ("yuxin-gym", 3), ("shiyou-hub", 8)] {
            let path = format!("/api/v1/sites/{}/bookings?limit=100", find(&client, "/api/v1/sites", site).unwrap());
            let busy = client.get(&path).unwrap().expect(200, site).unwrap().body["items"].as_array().unwrap().clone();
            let starts: Vec<Moment> = busy.iter().map(|item| Moment::parse(item["starts_at"].as_str().unwrap()).unwrap()).collect();
            assert!(starts.len() >= least && starts.iter().all(|at| *at < until), "{site}: {busy:?}");
        }
        serving.signal("INT");
        assert_eq!(serving.ends(), Some(0));
    }
}

/// Whatever goes well or wrong, on a database with error texts of its own.
fn the_log_holds_nothing_personal(db: &TestDb) {
    let folder = fresh_folder("log");
    let database = crate::harness::postgres::SERVER.text(db);
    let serving = Serving::start(&folder, &["--demo"], &[("SHANGLIANG_LOG", "debug"), ("DATABASE_URL", &database)]);
    let token = std::fs::read_to_string(folder.join("data/keys/first-administrator.token")).unwrap_or_default();
    serving.wait_for("demo sign-ins");
    let client = shangliang::demo::client::Client::new(&format!("http://{}", serving.address()));
    let person = client.sign_in("13900001014", shangliang::demo::people::PASSWORD).unwrap();
    person.get("/api/v1/me?x=13900001014").unwrap();
    let _ = client.sign_in("13900001015", "wrong password 1");
    let address = person.post("/api/v1/me/calendars", &serde_json::json!({})).unwrap().expect(200, "address of a calendar").unwrap();
    client.get(address.text("/path")).unwrap().expect(200, "calendar").unwrap();
    // The database itself says no: somebody has that number.
    let desk = client.sign_in("13900001004", people::PASSWORD).unwrap();
    let household = person.get("/api/v1/me").unwrap().body["household_id"].clone();
    let twice = serde_json::json!({"household_id": household, "mobile": "13900001015", "name": "林晓"});
    assert_eq!(desk.post("/api/v1/accounts", &twice).unwrap().status, 409);
    let mut secrets: Vec<String> =
        vec![shangliang::demo::people::PASSWORD.into(), "wrong password 1".into(), "admin@example.org".into(), "演示管理员".into()];
    secrets.push(person.token().unwrap().to_owned());
    secrets.push(address.text("/path").rsplit('/').next().unwrap().trim_end_matches(".ics").to_owned());
    secrets.extend(Some(token.trim().to_owned()).filter(|t| !t.is_empty()));
    for yaml in [shangliang::demo::seed::YUXIN, shangliang::demo::seed::SHIYOU] {
        let file = shangliang::onboarding::read_hub(yaml.as_bytes(), &shangliang::onboarding::Known::default()).unwrap();
        secrets.extend(file.people.iter().flat_map(|p| [Some(p.name.clone()), p.mobile.clone(), p.email.clone()]).flatten());
    }
    serving.signal("INT");
    let out = serving.out.clone();
    assert_eq!(serving.ends(), Some(0));
    let said = std::fs::read_to_string(out).unwrap();
    let lines: Vec<&str> =
        said.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok_and(|v| v.is_object())).collect();
    assert!(lines.len() > 100, "{} lines of log", lines.len());
    for line in &lines {
        for secret in &secrets {
            assert!(!line.contains(secret.as_str()), "{secret} is in the log: {line}");
        }
    }
    println!("{} lines of log, {} secrets, no hit", lines.len(), secrets.len());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_log_holds_nothing_personal_sqlite() {
    the_log_holds_nothing_personal(&TestDb::bare(Backend::Sqlite));
}

#[test]
fn the_log_holds_nothing_personal_postgres() {
    the_log_holds_nothing_personal(&TestDb::bare(Backend::Postgres));
}

#[test]
fn whoever_sends_a_body_drop_by_drop_keeps_nobody_waiting() {
    let app = TestApp::serve(TestDb::fresh(Backend::Sqlite), SetClock::at(NOW));
    // More than have a turn at once, and more whole files than arrive at once.
    let drop = |path: &str, kind: &str| {
        let mut slow = TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ncontent-length: 50\r\n\r\n{{");
        slow.write_all(head.as_bytes()).unwrap();
        slow
    };
    let mut slow: Vec<TcpStream> = (0..150).map(|_| drop("/api/v1/sign-in", "application/json")).collect();
    slow.extend((0..20).map(|_| drop("/api/v1/verifications", "application/octet-stream")));
    std::thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    assert_eq!(app.client.get("/api/v1/sites").unwrap().status, 200);
    let nobody = serde_json::json!({"login": "nobody@example.org", "password": "not this one"});
    assert_eq!(app.client.post("/api/v1/sign-in", &nobody).unwrap().status, 401);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(slow.len() == 170 && slow.iter_mut().all(|slow| slow.write_all(b" ").is_ok()), "they are still at it");
}

#[test]
fn a_body_that_does_not_arrive_is_408() {
    let app = TestApp::serve(TestDb::fresh(Backend::Sqlite), SetClock::at(NOW));
    let mut slow = TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    slow.write_all(
        b"POST /api/v1/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\nconnection: close\r\n\r\n{",
    )
    .unwrap();
    let begun = Instant::now();
    let mut bytes = vec![0; 4096];
    let n = slow.read(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes[..n]).into_owned();
    assert!(text.starts_with("HTTP/1.1 408") && text.contains("application/problem+json"), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
}
