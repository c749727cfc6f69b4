//! A PostgreSQL for the tests: the one `TEST_DATABASE_URL` names (a superuser's URL), or a throw-away cluster started from
//! the installed binaries, once per test process.
//!
//! The cluster belongs to a small shell that waits for the end of its standard input. When the test process ends, for
//! whatever reason (`kill -9` too), the pipe closes, and the shell stops the server and removes its folder.

use shangliang::store::{Conn, DatabaseUrl};
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// Arguments: folder, binaries, user to become ('' for none), port. Says `ready` or what went wrong.
///
/// `fsync=off` is for this cluster alone: it never holds anything worth keeping. No other configuration may have it.
const SUPERVISOR: &str = r#"
dir=$1 bin=$2 user=$3 port=$4
as() { if [ -n "$user" ]; then runuser -u "$user" -- "$@"; else "$@"; fi; }
cd "$dir" || exit 1
start() {
  { [ -z "$user" ] || chown "$user" "$dir"; } &&
  as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync &&
  as "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/log" start -o "-c listen_addresses=127.0.0.1 -c port=$port \
    -c unix_socket_directories='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 \
    -c lc_messages=C -c log_timezone=UTC -c shared_buffers=128MB -c max_wal_size=2GB -c autovacuum_naptime=10min"
}
if start </dev/null >"$dir/setup" 2>&1; then echo ready; else cat "$dir/setup" "$dir/log" 2>/dev/null; rm -rf "$dir"; exit 1; fi
exec >&- 2>&-
cat >/dev/null
as "$bin/pg_ctl" -D "$dir/data" -m immediate stop
cd / && rm -rf "$dir"
"#;

/// A server to make databases in.
pub struct Server {
    /// URL of its maintenance database.
    admin: String,
    /// Its standard input is held open; the end of that is the server's end.
    _alive: Option<Child>,
}

/// The server of this test process.
pub static SERVER: LazyLock<Server> = LazyLock::new(|| match std::env::var("TEST_DATABASE_URL") {
    Ok(url) => Server { admin: url, _alive: None },
    Err(_) => start(),
});

fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> =
        versions.filter_map(|v| Some((v.file_name().to_str()?.parse().ok()?, v.path().join("bin")))).collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = versions.into_iter().rev().map(|(_, bin)| bin).chain(std::env::split_paths(&path));
    let has = |bin: &Path, name: &str| bin.join(name).is_file();
    candidates.into_iter().find(|bin| ["initdb", "pg_ctl", "postgres"].iter().all(|name| has(bin, name))).unwrap_or_else(|| {
        panic!(
            "the tests need PostgreSQL and found none (no initdb, pg_ctl and postgres in /usr/lib/postgresql/*/bin or PATH). \
             Run `make setup`, or name a server with TEST_DATABASE_URL=postgres://superuser@host/postgres. They are never skipped."
        )
    })
}

/// `initdb` refuses to run as root; then the server runs as `postgres`, or as `nobody`.
fn user_to_become() -> &'static str {
    use std::os::unix::fs::MetadataExt;
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    match (root, known.lines().any(|line| line.starts_with("postgres:"))) {
        (false, _) => "",
        (true, true) => "postgres",
        (true, false) => "nobody",
    }
}

fn start() -> Server {
    let bin = binaries();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = super::db::fresh_folder("pg");
    let mut supervisor = Command::new("/bin/sh")
        .args(["-c", SUPERVISOR, "supervisor"])
        .args([folder.as_os_str(), bin.as_os_str()])
        .args([user_to_become(), &port.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // Ctrl-C on the tests must not reach it before the pipe closes.
        .process_group(0)
        .spawn()
        .unwrap();
    let mut says = BufReader::new(supervisor.stdout.take().unwrap());
    let mut first = String::new();
    says.read_line(&mut first).unwrap();
    if first.trim() != "ready" {
        says.read_to_string(&mut first).unwrap();
        panic!("the throw-away PostgreSQL ({}) did not start:\n{first}", bin.display());
    }
    Server { admin: format!("postgres://postgres@127.0.0.1:{port}/postgres"), _alive: Some(supervisor) }
}

impl Server {
    /// URL of a database of this server.
    pub fn url(&self, database: &str) -> DatabaseUrl {
        let (scheme, rest) = self.admin.split_once("://").unwrap();
        let (before, query) = rest.split_once('?').map_or((rest, String::new()), |(b, q)| (b, format!("?{q}")));
        let authority = before.split_once('/').map_or(before, |(a, _)| a);
        format!("{scheme}://{authority}/{database}{query}").parse().unwrap()
    }

    /// The same as text, password and all: for the environment of another process.
    pub fn text(&self, db: &super::TestDb) -> String {
        match &db.url {
            DatabaseUrl::Postgres(url) => url.to_string(),
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        }
    }

    /// Runs one statement in the maintenance database, with patience: a hundred databases may be made at once.
    pub fn run(&self, statement: &str) {
        use diesel::connection::SimpleConnection;
        let mut conn = Conn::open(&self.admin.parse().unwrap(), false).unwrap();
        conn.batch_execute("SET statement_timeout = '60s'; SET lock_timeout = '60s'").unwrap();
        conn.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}
