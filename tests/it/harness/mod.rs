//! What the tests stand on: a fresh migrated database of either backend per test.

pub mod db;
pub mod postgres;

pub use db::TestDb;
