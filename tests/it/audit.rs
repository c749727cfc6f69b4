//! The audit chain on both backends: recorded with the effect, linked once, verified, tampering named.

use crate::harness::{TestDb, rows};
use crate::on_both;
use serde_json::json;
use shangliang::audit::{Entry, Verdict, link, record, verify};
use shangliang::kernel::{Code, Fault, Outcome};
use shangliang::store::Db;

fn say(db: &Db, chain: &'static str, n: i64) {
    db.write_now(move |tx| {
        record(tx, &Entry { chain, actor: None, action: "test.said", subject: "subject", detail: json!({"n": n, "zh": "商量"}) })
    })
    .unwrap();
}

fn link_all(db: &Db, holder: &str) -> usize {
    let mut linked = 0;
    while let n @ 1.. = link(db, holder).unwrap() {
        linked += n;
    }
    linked
}

fn verdict(db: &TestDb) -> Verdict {
    verify(&mut db.conn()).unwrap()
}

/// Tampering needs the trigger away first, as a thief with the database's password would do.
fn tamper(db: &TestDb, statement: &str) {
    use shangliang::store::Backend;
    db.sql(match db.backend {
        Backend::Postgres => "DROP TRIGGER audit_chain_append_only ON audit_chain",
        Backend::Sqlite => "DROP TRIGGER audit_chain_append_only_update; DROP TRIGGER audit_chain_append_only_delete",
    });
    db.sql(statement);
}

fn ten(db: &TestDb) {
    let open = db.open_now();
    for n in 1..=10 {
        say(&open, "a", n);
    }
    say(&open, "b", 1);
    assert_eq!(link_all(&open, "me"), 11);
    assert_eq!(verdict(db), Verdict { chains: 2, entries: 11, unlinked: 0, broken: vec![] });
}

on_both! {
    fn a_thousand_concurrent_entries_verify(db: &TestDb) {
        let open = db.open_now();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let open = &open;
                scope.spawn(move || (0..125).for_each(|n| say(open, if n % 2 == 0 { "even" } else { "odd" }, thread * 1000 + n)));
            }
            for linker in ["one", "two"] {
                let open = &open;
                // Beside the writers; whoever has no lease links nothing, and nobody fails.
                scope.spawn(move || (0..20).for_each(|_| {
                    link(open, linker).unwrap();
                }));
            }
        });
        // One of the two holds the lease still.
        let rest = link_all(&open, "one") + link_all(&open, "two");
        let found = verdict(db);
        assert_eq!((found.chains, found.entries, found.unlinked, found.broken), (2, 1000, 0, vec![]), "{rest} at the end");
    }

    fn an_entry_lives_and_dies_with_its_effect(db: &TestDb) {
        let open = db.open_now();
        let refused: Outcome<()> = open.write_now(|tx| {
            record(tx, &Entry { chain: "a", actor: None, action: "test.said", subject: "x", detail: json!({}) })?;
            Err(Fault::from(Code::StateConflict))
        });
        assert!(refused.is_err());
        assert_eq!(link(&open, "me").unwrap(), 0);
        say(&open, "a", 1);
        assert_eq!(verdict(db).unlinked, 1);
        assert_eq!(link(&open, "me").unwrap(), 1);
        assert_eq!(verdict(db), Verdict { chains: 1, entries: 1, unlinked: 0, broken: vec![] });
    }

    fn the_chain_denies_change(db: &TestDb) {
        ten(db);
        let open = db.open_now();
        for sql in ["UPDATE audit_chain SET action = 'x'", "DELETE FROM audit_chain", "UPDATE audit_chain SET seq = seq + 100"] {
            let denied = open.write_now(move |tx| {
                use diesel::connection::SimpleConnection;
                tx.batch_execute(sql).map_err(Fault::from)
            });
            let denied = denied.unwrap_err();
            assert!(denied.code == Code::Internal && denied.to_string().contains("audit_chain_append_only"), "{denied}");
        }
        assert_eq!(rows(&mut db.conn(), "audit_chain"), 11);
    }

    fn an_altered_row_is_named(db: &TestDb) {
        ten(db);
        tamper(db, "UPDATE audit_chain SET detail = '{\"n\":99}' WHERE chain = 'a' AND seq = 4");
        let found = verdict(db);
        assert!(found.broken.len() == 1 && found.broken[0].starts_with("a #4 entry_") && found.broken[0].contains("content"), "{found:?}");
        assert_eq!(found.entries, 4, "three before it, and the other chain");
    }

    fn a_deleted_row_is_named(db: &TestDb) {
        ten(db);
        tamper(db, "DELETE FROM audit_chain WHERE chain = 'a' AND seq = 4");
        let found = verdict(db);
        assert!(found.broken.len() == 1 && found.broken[0].starts_with("a #5 ") && found.broken[0].contains("entry 4 is missing"), "{found:?}");
    }

    fn swapped_rows_are_named(db: &TestDb) {
        ten(db);
        tamper(
            db,
            "UPDATE audit_chain SET seq = 100 WHERE chain = 'a' AND seq = 4;
             UPDATE audit_chain SET seq = 4 WHERE chain = 'a' AND seq = 7;
             UPDATE audit_chain SET seq = 7 WHERE chain = 'a' AND seq = 100",
        );
        let found = verdict(db);
        assert!(found.broken.len() == 1 && found.broken[0].starts_with("a #4 "), "{found:?}");
    }

    fn a_rehashed_row_breaks_its_successor(db: &TestDb) {
        ten(db);
        // Even with a hash that fits, the next entry does not follow.
        tamper(db, "UPDATE audit_chain SET hash = 'f00d' WHERE chain = 'a' AND seq = 4");
        assert!(verdict(db).broken[0].starts_with("a #4 "));
        db.sql("UPDATE audit_chain SET prev_hash = 'f00d' WHERE chain = 'a' AND seq = 5");
        assert!(verdict(db).broken[0].starts_with("a #4 "));
    }
}
