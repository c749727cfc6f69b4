//! The one door to the database. Everything above speaks diesel through [`Conn`] and opens no transaction of its own.
//!
//! - `conn`: the connection to either backend, chosen by URL scheme, with its settings read back
//! - `db`: [`Db`], reads and writes; SQLite has one writer thread with group commit, PostgreSQL a pool (`pool`) with retries ·
//!   `tx`: [`Tx`], one open transaction
//! - `changes`: what was changed, for those who remember what they read
//! - `refusals`: constraint names and database errors → faults · `phrases`: the few sentences both dialects say differently ·
//!   `together`: several writes as one statement · `beside`: several reads as one · `words`: the condition of a partial index
//! - `schema`: tables, in a crate of their own (`schema/`): reading what diesel makes of them was half of each `cargo check` ·
//!   `migrate`: both migration trees · `backup`: online copy and check of an SQLite file · `lock`: one server, one SQLite file
//!
//! Invariants: a write's work may run more than once (retry, group commit) and touches nothing but the database; the
//! caller hears "done" only after COMMIT; only this folder branches on the backend (tested).

pub mod backup;
mod beside;
mod changes;
mod conn;
mod db;
pub mod lock;
pub mod migrate;
pub mod phrases;
mod pool;
mod refusals;
pub use shangliang_schema as schema;
mod together;
mod tx;
mod url;
mod words;

pub use beside::{Apart, Beside};
pub use changes::{Changes, EVERYTHING, Followed, forget as forget_changes};
pub use conn::{Backend, Conn, DatabaseUrl};
pub use db::{Db, DbOptions, Lock, WRITE_DEADLINE};
pub use refusals::statements_run;
pub use tx::Tx;
pub use words::Words;

// The multi-backend types the derive makes; `sql.rs` and `queries.rs` need them for boxed queries.
pub use conn::MultiBackend;
