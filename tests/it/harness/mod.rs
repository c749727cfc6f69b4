//! What the tests stand on: a fresh migrated database of either backend per test.

pub mod app;
pub mod cluster;
pub mod db;
pub mod ground;
pub mod mail;
pub mod postgres;
pub mod process;
pub mod town;

pub use app::TestApp;
pub use db::TestDb;
pub use town::Town;

use diesel::prelude::*;
use serde_json::Value;
use shangliang::demo::client::{Answer, Client};
use shangliang::kernel::Instant;
use shangliang::kernel::time::SetClock;
use shangliang::store::{Backend, Conn, backup};
use std::sync::{Arc, Barrier};

#[derive(diesel::QueryableByName)]
struct One {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// The service on a fresh database at [`db::NOW`], with the clock it goes by.
pub fn served(backend: Backend) -> (TestApp, Arc<SetClock>) {
    served_at(backend, db::NOW)
}

/// The same at another moment.
pub fn served_at(backend: Backend, now: Instant) -> (TestApp, Arc<SetClock>) {
    let clock = SetClock::at(now);
    (TestApp::serve(TestDb::fresh(backend), clock.clone()), clock)
}

/// Everything that is due is done, and nothing in the database contradicts anything.
pub fn good(app: &TestApp) {
    app.settle();
    assert_eq!(backup::broken_invariants(&mut app.db.conn()).unwrap(), Vec::<String>::new());
}

/// An ask with some fields other than they were, or more of them.
pub fn but(mut ask: Value, more: Value) -> Value {
    ask.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ask
}

/// What is answered to a `POST`; the path is that below `/api/v1`.
pub fn post(by: &Client, path: &str, body: &Value) -> Answer {
    by.post(&format!("/api/v1{path}"), body).unwrap()
}

/// How something was answered: status and code.
pub fn outcome(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.text("/code"))
}

/// What a `POST` made.
pub fn made(by: &Client, path: &str, body: &Value) -> Value {
    post(by, path, body).expect(201, path).unwrap().body
}

/// What a `GET` shows; the path is that below `/api/v1`.
pub fn seen(by: &Client, path: &str) -> Value {
    by.get(&format!("/api/v1{path}")).unwrap().expect(200, path).unwrap().body
}

/// What waits for somebody, at most a hundred things.
pub fn waiting(by: &Client) -> Vec<Value> {
    let page = by.get("/api/v1/me/waiting?limit=100").unwrap().expect(200, "waiting").unwrap();
    page.body["items"].as_array().unwrap().clone()
}

/// The number a query gives as `n`.
pub fn number(conn: &mut Conn, sql: &str) -> i64 {
    diesel::sql_query(sql).get_result::<One>(conn).unwrap_or_else(|error| panic!("{sql}: {error}")).n
}

/// How many rows: `rows(conn, "areas WHERE code = 'x'")`.
pub fn rows(conn: &mut Conn, of: &str) -> i64 {
    number(conn, &format!("SELECT COUNT(*) AS n FROM {of}"))
}

/// How many records of the audit tell of an action, linked or about to be: in one look, or one is missed on its way.
pub fn recorded(app: &TestApp, action: &str) -> i64 {
    let all = "SELECT action FROM audit_chain UNION ALL SELECT action FROM audit_pending";
    rows(&mut app.db.conn(), &format!("({all}) AS told WHERE action = '{action}'"))
}

/// The number of rounds of a race: the usual one, or what `SHANGLIANG_SOAK` says if that is more.
pub fn rounds(usual: usize) -> usize {
    std::env::var("SHANGLIANG_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(0).max(usual)
}

/// How many days ahead a round of a race books: one of thirty after tomorrow. They lie before the New Year, whose hours are others; a
/// round thirty later comes to the same day and must find it as the first did.
pub fn days_ahead(round: usize) -> i64 {
    2 + (round % 30) as i64
}

/// Runs `work` on so many threads that begin together.
pub fn together<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(threads);
    std::thread::scope(|scope| {
        let begin = |n| {
            let (start, work) = (&start, &work);
            scope.spawn(move || {
                start.wait();
                work(n)
            })
        };
        let running: Vec<_> = (0..threads).map(begin).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
