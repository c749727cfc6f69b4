//! The store, the outbox and the audit chain on both backends.

use crate::harness::TestDb;
use crate::on_both;

on_both! {
    fn an_empty_database_answers(db: &TestDb) {
        assert!(shangliang::store::migrate::state(&mut db.conn()).unwrap() == shangliang::store::migrate::State::Current);
        assert_eq!(db.open_now().backend(), db.backend);
    }
}
