//! Both migration trees, embedded. Processes starting at once migrate once: PostgreSQL under an advisory lock, SQLite
//! inside one write transaction in which the list is read again.

use super::conn::{Conn, DatabaseUrl};
use crate::kernel::{Code, Fault, Outcome};
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::sql_types::BigInt;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Any number, the same in every process of this service.
const ADVISORY_LOCK: i64 = 0x5368_616e_676c_6961;

/// What a look at the database's migrations found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// At head.
    Current,
    /// So many are pending.
    Behind(usize),
    /// Written by a newer program: these are unknown here.
    Newer(Vec<String>),
}

fn compare<DB: diesel::backend::Backend>(applied: &[MigrationVersion<'static>], known: &EmbeddedMigrations) -> Outcome<State>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known: Vec<Box<dyn Migration<DB>>> = known.migrations().map_err(Fault::internal)?;
    let known: Vec<String> = known.iter().map(|m| m.name().version().to_string()).collect();
    let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
    let unknown: Vec<String> = applied.iter().filter(|v| !known.contains(v)).cloned().collect();
    Ok(match known.iter().filter(|v| !applied.contains(v)).count() {
        _ if !unknown.is_empty() => State::Newer(unknown),
        0 => State::Current,
        n => State::Behind(n),
    })
}

/// Where the database stands. Makes the list of migrations where there is none.
pub fn state(conn: &mut Conn) -> Outcome<State> {
    match conn {
        Conn::Pg(pg) => compare::<diesel::pg::Pg>(&pg.applied_migrations().map_err(Fault::internal)?, &POSTGRES),
        Conn::Sqlite(sqlite) => compare::<diesel::sqlite::Sqlite>(&sqlite.applied_migrations().map_err(Fault::internal)?, &SQLITE),
    }
}

/// Where the database stands, and nothing is made; `None`: it is no database of this program.
pub fn look(conn: &mut Conn) -> Outcome<Option<State>> {
    let sql = match conn {
        Conn::Pg(_) => "COUNT(to_regclass('__diesel_schema_migrations'))",
        Conn::Sqlite(_) => "(SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '__diesel_schema_migrations')",
    };
    let lists: i64 = diesel::select(diesel::dsl::sql::<BigInt>(sql)).get_result(conn)?;
    if lists == 0 { Ok(None) } else { state(conn).map(Some) }
}

/// Refuses a database that is not at head, for whoever may not bring it there. Nothing is made, not even a file.
pub fn must_be_current(url: &DatabaseUrl) -> Outcome<()> {
    let is_there = match url {
        DatabaseUrl::Sqlite(path) => std::fs::metadata(path).is_ok_and(|file| file.len() > 0),
        DatabaseUrl::Postgres(_) => true,
    };
    let state = if is_there { look(&mut Conn::open(url, true)?)? } else { None };
    let (zh, en) = match state {
        Some(State::Current) => return Ok(()),
        Some(State::Newer(unknown)) => return Err(newer(&unknown)),
        Some(State::Behind(n)) => {
            let zh = format!("数据库比程序旧，差 {n} 次升级；请先运行 shangliang migrate。");
            (zh, format!("the database is older than this program and lacks {n} of its migrations; run `shangliang migrate` first"))
        }
        None => {
            let zh = format!("{url:?} 那里还没有本程序的数据库；请先运行 shangliang migrate。");
            (zh, format!("there is no database of this program at {url:?}; run `shangliang migrate` first"))
        }
    };
    Err(Fault::saying(Code::Unavailable, zh, en))
}

/// Brings the database to head; gives the number of migrations run. A database newer than the program is refused untouched.
pub fn run(url: &DatabaseUrl) -> Outcome<usize> {
    let mut conn = Conn::open(url, false)?;
    if let Conn::Pg(pg) = &mut conn {
        // Ours, not the request's limits: an index on a large table takes longer than three seconds.
        pg.batch_execute(&format!("SET statement_timeout = 0; SET lock_timeout = '30s'; SELECT pg_advisory_lock({ADVISORY_LOCK})"))?;
    }
    match state(&mut conn)? {
        State::Newer(unknown) => Err(newer(&unknown)),
        State::Current => Ok(0),
        State::Behind(_) => match &mut conn {
            Conn::Pg(pg) => pg.run_pending_migrations(POSTGRES).map(|done| done.len()).map_err(Fault::internal),
            Conn::Sqlite(sqlite) => {
                sqlite.batch_execute("PRAGMA busy_timeout = 30000")?;
                sqlite.immediate_transaction(|sqlite| sqlite.run_pending_migrations(SQLITE).map(|done| done.len()).map_err(Fault::internal))
            }
        },
    }
}

/// Refusal to touch a database written by a newer program.
pub fn newer(unknown: &[String]) -> Fault {
    Fault::from(Code::Unavailable).because(format!(
        "the database was written by a newer version of this program (unknown migrations: {}); start that version, or restore a backup made before the upgrade",
        unknown.join(", ")
    ))
}

/// Undoes every migration, last first. For the parity test; a real database is restored from a backup instead.
pub fn revert_all(conn: &mut Conn) -> Outcome<()> {
    match conn {
        Conn::Pg(pg) => pg.revert_all_migrations(POSTGRES).map(drop).map_err(Fault::internal),
        Conn::Sqlite(sqlite) => sqlite.revert_all_migrations(SQLITE).map(drop).map_err(Fault::internal),
    }
}
