//! A PostgreSQL for the tests: the one `TEST_DATABASE_URL` names (a superuser's URL), or a throw-away cluster of this test
//! process.

use super::cluster::{Cluster, Durability};
use shangliang::store::{Conn, DatabaseUrl};
use std::sync::LazyLock;

/// A server to make databases in.
pub struct Server {
    /// URL of its maintenance database.
    admin: String,
    /// Ends with this process.
    _cluster: Option<Cluster>,
}

/// The server of this test process.
pub static SERVER: LazyLock<Server> = LazyLock::new(|| match std::env::var("TEST_DATABASE_URL") {
    Ok(url) => Server { admin: url, _cluster: None },
    Err(_) => start(),
});

fn start() -> Server {
    let cluster = Cluster::start(&super::db::fresh_folder("pg"), Durability::None).unwrap_or_else(|why| {
        panic!(
            "the tests need PostgreSQL, and are never skipped (TEST_DATABASE_URL=postgres://superuser@host/postgres names another): {why}"
        )
    });
    Server { admin: cluster.url("postgres"), _cluster: Some(cluster) }
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
