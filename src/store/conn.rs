//! The connection to either backend.
//!
//! The derived `establish` would try each backend in turn and hide PostgreSQL's error; ours chooses by URL scheme.

use super::refusals;
use crate::kernel::{Code, Fault, Outcome};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::path::{Path, PathBuf};

pub use multi::{Conn, MultiBackend};

mod multi {
    #![expect(missing_docs, reason = "the derive makes items without documentation")]

    /// A connection to SQLite or PostgreSQL.
    #[derive(diesel::MultiConnection)]
    pub enum Conn {
        /// PostgreSQL 13 or later.
        Pg(diesel::PgConnection),
        /// Bundled SQLite.
        Sqlite(diesel::SqliteConnection),
    }
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// One file, one process.
    Sqlite,
    /// Several stateless processes.
    Postgres,
}

impl Backend {
    /// Its name in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Backend::Sqlite => "sqlite",
            Backend::Postgres => "postgres",
        }
    }
}

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`; may hold a password, so it is never shown.
    Postgres(String),
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DatabaseUrl::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            DatabaseUrl::Postgres(_) => f.write_str("postgres://(redacted)"),
        }
    }
}

impl std::str::FromStr for DatabaseUrl {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            Some(path) if path.starts_with("//") => {
                Err("write sqlite:PATH (one colon, no slashes before the path), e.g. sqlite:data/shangliang.db".into())
            }
            Some(path) if !path.is_empty() && !path.contains('\0') && path != ":memory:" => Ok(Self::Sqlite(path.into())),
            Some(_) => Err("sqlite: needs the path of a file; an in-memory database would lose every booking".into()),
            None => Err("must start with sqlite: or postgres://".into()),
        }
    }
}

/// The oldest SQLite that cannot lose a commit in WAL mode (the WAL-reset bug, 3.7.0 to 3.51.2).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
    PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 67108864; PRAGMA mmap_size = 0; \
    PRAGMA secure_delete = ON; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;";

/// `random_page_cost`: as of a disk without moving parts. Statements are planned once, perhaps while a queue is empty: the usual 4 would
/// have every delete from it read it whole for as long as the connection lives (3 ms instead of 0.03 with some thousand rows).
const PG_SETTINGS: &str = "SET statement_timeout = '3s'; SET lock_timeout = '1s'; SET idle_in_transaction_session_timeout = '5s'; \
    SET timezone = 'UTC'; SET default_transaction_isolation = 'read committed'; SET client_min_messages = 'warning'; SET plan_cache_mode = 'force_generic_plan'; SET random_page_cost = 1.1;";

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

fn setting(conn: &mut Conn, sql: &'static str) -> Outcome<String> {
    let row: Setting = diesel::sql_query(sql).get_result(conn)?;
    Ok(row.value)
}

fn at_least(version: &str, oldest: (u32, u32, u32)) -> bool {
    let mut parts = version.split('.').map(|p| p.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= oldest
}

impl Conn {
    /// Opens a connection; for SQLite the file and its folder are made, readable by the owner only.
    pub fn open(url: &DatabaseUrl, reader: bool) -> Outcome<Conn> {
        let mut conn = match url {
            DatabaseUrl::Sqlite(path) => {
                make_file(path)?;
                let open = diesel::SqliteConnection::establish(&path.to_string_lossy());
                Conn::Sqlite(open.map_err(|e| unavailable(path, e))?)
            }
            DatabaseUrl::Postgres(url) => {
                let open = diesel::PgConnection::establish(&with_time_outs(url));
                // libpq's message names host and user but never the password.
                let open = open.map_err(|e| refusals::connection_lost(format!("PostgreSQL does not answer: {e}")))?;
                Conn::Pg(open)
            }
        };
        conn.set_instrumentation(refusals::count_statements);
        match url {
            DatabaseUrl::Sqlite(path) => {
                conn.set_up_sqlite().map_err(|e| unavailable(path, e))?;
                conn.check_sqlite()?;
                if reader {
                    conn.batch_execute("PRAGMA query_only = ON;")?;
                }
            }
            DatabaseUrl::Postgres(_) => conn.batch_execute(PG_SETTINGS)?,
        }
        Ok(conn)
    }

    /// The switch to WAL does not wait its busy time: two processes that make one file at once would meet "database is locked".
    fn set_up_sqlite(&mut self) -> QueryResult<()> {
        let mut tries = 250;
        loop {
            match self.batch_execute(SQLITE_PRAGMAS) {
                Err(error) if tries > 0 && error.to_string().contains("locked") => {
                    tries -= 1;
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                done => return done,
            }
        }
    }

    fn check_sqlite(&mut self) -> Outcome<()> {
        let version = setting(self, "SELECT sqlite_version() AS value")?;
        if !at_least(&version, OLDEST_SQLITE) {
            return Err(Fault::internal(format!("SQLite {version} can lose commits in WAL mode; 3.51.3 or later is needed")));
        }
        for (name, sql, wanted) in [
            ("journal_mode", "SELECT journal_mode AS value FROM pragma_journal_mode", "wal"),
            ("synchronous", "SELECT CAST(synchronous AS TEXT) AS value FROM pragma_synchronous", "2"),
            ("foreign_keys", "SELECT CAST(foreign_keys AS TEXT) AS value FROM pragma_foreign_keys", "1"),
            ("busy_timeout", "SELECT CAST(timeout AS TEXT) AS value FROM pragma_busy_timeout", "5000"),
        ] {
            let found = setting(self, sql)?;
            if found != wanted {
                return Err(Fault::internal(format!("SQLite setting {name} is {found}, not {wanted}")));
            }
        }
        Ok(())
    }

    /// Which backend this is.
    pub fn backend(&self) -> Backend {
        match self {
            Conn::Pg(_) => Backend::Postgres,
            Conn::Sqlite(_) => Backend::Sqlite,
        }
    }

    /// Empties SQLite's write-ahead log; `false` while somebody reads from it.
    pub(super) fn empty_log(&mut self) -> Outcome<bool> {
        #[derive(diesel::QueryableByName)]
        struct Ran {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            busy: i32,
        }
        let ran: Ran = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(self)?;
        Ok(ran.busy == 0)
    }

    /// The database answers: reads one number.
    pub fn ping(&mut self) -> Outcome<()> {
        #[derive(diesel::QueryableByName)]
        struct One {
            #[diesel(sql_type = BigInt)]
            one: i64,
        }
        let row: One = diesel::sql_query("SELECT CAST(1 AS BIGINT) AS one").get_result(self)?;
        if row.one == 1 { Ok(()) } else { Err(Fault::internal("SELECT 1 is not 1")) }
    }
}

fn unavailable(path: &Path, cause: impl std::fmt::Display) -> Fault {
    Fault::from(Code::Unavailable).because(format!("cannot use the SQLite file {}: {cause}", path.display()))
}

fn make_file(path: &Path) -> Outcome<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|e| unavailable(path, e))?;
    }
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(unavailable(path, e)),
    }
}

/// A host that does not answer must not hold a worker: libpq's own limits, unless the URL sets them.
fn with_time_outs(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in [("connect_timeout", "2"), ("tcp_user_timeout", "5000")] {
        if !url.contains(name) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(name);
            url.push('=');
            url.push_str(value);
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_chooses_the_backend() {
        assert_eq!("sqlite:data/x.db".parse(), Ok(DatabaseUrl::Sqlite("data/x.db".into())));
        assert!(matches!("postgres://u:secret@h/d".parse(), Ok(DatabaseUrl::Postgres(_))));
        for bad in ["data/x.db", "mysql://x", "sqlite:", "sqlite::memory:", "sqlite://x", ""] {
            assert!(bad.parse::<DatabaseUrl>().is_err(), "{bad}");
        }
        assert!(!format!("{:?}", DatabaseUrl::Postgres("postgres://u:secret@h/d".into())).contains("secret"));
    }

    #[test]
    fn time_outs_are_added_once() {
        assert_eq!(with_time_outs("postgres://h/d"), "postgres://h/d?connect_timeout=2&tcp_user_timeout=5000");
        assert_eq!(with_time_outs("postgres://h/d?connect_timeout=9"), "postgres://h/d?connect_timeout=9&tcp_user_timeout=5000");
    }

    #[test]
    fn an_old_sqlite_is_known() {
        assert!(at_least("3.51.3", OLDEST_SQLITE) && at_least("3.53.0", OLDEST_SQLITE));
        assert!(!at_least("3.51.2", OLDEST_SQLITE) && !at_least("3.40.1", OLDEST_SQLITE) && !at_least("", OLDEST_SQLITE));
    }
}
