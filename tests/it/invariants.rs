//! `verify` finds what it is for: each invariant is broken behind the back of the constraints that keep it, on both backends.

use crate::harness::{TestApp, TestDb, Town, served};
use crate::schema::lines;
use crate::told_on_both;
use diesel::connection::SimpleConnection;
use serde_json::json;
use shangliang::store::backup::{INVARIANTS, broken_invariants, faults};
use shangliang::store::{Backend, Conn};
use std::collections::BTreeSet;

/// A connection that nothing guards any more: no triggers, checks, exclusions and foreign keys.
fn unguarded(db: &TestDb) -> Conn {
    let mut conn = db.conn();
    match db.backend {
        Backend::Sqlite => {
            let drops = "SELECT 'DROP TRIGGER ' || name || ';' AS line FROM sqlite_master WHERE type = 'trigger'";
            let drops = lines(&mut conn, drops).concat().concat();
            conn.batch_execute(&format!("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {drops}")).unwrap();
        }
        Backend::Postgres => conn
            .batch_execute(
                "DO $$ DECLARE one record; BEGIN
                   FOR one IN SELECT conrelid::regclass AS of, conname AS name FROM pg_constraint
                       WHERE contype IN ('c', 'x', 'f') AND conrelid <> 0 AND conparentid = 0 AND connamespace = 'public'::regnamespace
                   LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', one.of, one.name); END LOOP;
                 END $$; SET session_replication_role = replica",
            )
            .unwrap(),
    }
    conn
}

/// Bookings of every kind the invariants speak of: one free, one cancelled, both with a price too, a series, a place in line.
fn lived_in(app: &TestApp) -> [String; 4] {
    let town = Town::build(app);
    let (resident, neighbour) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"));
    let show = |days: i64| {
        let ask = json!({"space_id": town.space("yuxin-centre/hall"), "use": "performance", "attendees": 30,
            "starts_at": town.at(days, 900), "ends_at": town.at(days, 960)});
        neighbour.post("/api/v1/bookings", &ask).unwrap().expect(201, "show").unwrap().text("/id").to_owned()
    };
    let [free, free_gone] = [2, 3].map(|days| town.book(&resident, days, 600));
    let [paid, paid_gone] = [2, 3].map(show);
    for (by, gone) in [(&resident, &free_gone), (&neighbour, &paid_gone)] {
        by.post(&format!("/api/v1/bookings/{gone}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
    }
    neighbour.post("/api/v1/waitlist", &town.ask(2, 600)).unwrap().expect(201, "place in line").unwrap();
    let series = json!({"space_id": town.space("yuxin-centre/moxuan"), "use": "calligraphy", "attendees": 4, "rule": "FREQ=WEEKLY;COUNT=3",
        "starts_at": town.at(4, 600), "ends_at": town.at(4, 660)});
    neighbour.post("/api/v1/series", &series).unwrap().expect(201, "series").unwrap();
    [free, free_gone, paid, paid_gone]
}

told_on_both! {
    each_invariant_is_found_when_it_is_broken(backend) {
        let (app, _) = served(backend);
        let [free, free_gone, paid, paid_gone] = lived_in(&app);
        app.settle();
        let mut conn = unguarded(&app.db);
        assert_eq!(broken_invariants(&mut conn).unwrap(), [""; 0]);
        let breaks = [
            ("two claims overlap", format!("INSERT INTO occupancy (atom_id, starts_at, ends_at, claimant)
                SELECT atom_id, starts_at + 60000000, ends_at, '{paid}' FROM occupancy WHERE claimant = '{free}'")),
            ("a booking that stands does not hold its space", format!("DELETE FROM occupancy WHERE claimant = '{free}'")),
            ("a space is held for a booking that does not stand", format!("UPDATE bookings SET state = 'moved' WHERE id = '{free}'")),
            ("an agreed version without its event or its effect", "DELETE FROM version_events WHERE kind = 'agreed'".into()),
            ("an agreed version without its event or its effect", "DELETE FROM version_effects".into()),
            ("a signature under another text", "UPDATE signatures SET version_sha256 = 'x'".into()),
            ("a cancelled booking without who", format!("DELETE FROM booking_cancellations WHERE booking_id = '{free_gone}'")),
            ("a request that ended without a word", format!("UPDATE bookings SET state = 'refused' WHERE id = '{free_gone}'")),
            ("a booking confirmed before everybody asked said yes", format!("INSERT INTO booking_approvers
                (booking_id, organisation_id, capacity, agreement_code, version_no, clause, deadline_at)
                SELECT '{free}', MIN(id), 'property_unit', 'x', 1, 'x', 0 FROM organisations")),
            ("a space kept for somebody without a word", format!("UPDATE bookings SET state = 'held' WHERE id = '{free}'")),
            ("a place in line became no booking", format!("UPDATE waitlist_entries SET state = 'promoted', booking_id = '{free}'")),
            ("a posting out of balance", format!("UPDATE postings SET credit = debit WHERE booking_id = '{paid}'")),
            ("a reversal that does not undo its posting", format!("UPDATE postings SET kind = 'reversal' WHERE booking_id = '{paid}'")),
            ("more given back for a booking than was charged", format!("DELETE FROM postings WHERE booking_id = '{paid_gone}' AND kind = 'charge'")),
            ("a confirmed booking whose price was not charged", format!("DELETE FROM postings WHERE booking_id = '{paid}'")),
            ("a cancelled booking whose price was not given back", format!("DELETE FROM postings WHERE booking_id = '{paid_gone}' AND kind <> 'charge'")),
            ("two live bookings of one day of a series", "UPDATE bookings SET recurrence_id = 'x' WHERE series_id IS NOT NULL".into()),
            ("an occurrence of no series", "DELETE FROM series".into()),
        ];
        let mut found = BTreeSet::new();
        for (what, change) in &breaks {
            conn.batch_execute(&format!("BEGIN; {change}")).unwrap_or_else(|error| panic!("{what}: {error}"));
            let broken = broken_invariants(&mut conn).unwrap();
            conn.batch_execute("ROLLBACK").unwrap();
            assert!(broken.iter().any(|said| said.starts_with(what)), "{what}: {broken:?}");
            found.extend(INVARIANTS.iter().map(|(said, _)| *said).filter(|said| said.starts_with(what)));
        }
        assert_eq!(found, INVARIANTS.iter().map(|(said, _)| *said).collect(), "each is broken once");
        assert_eq!(broken_invariants(&mut conn).unwrap(), [""; 0]);

        // PostgreSQL keeps foreign keys itself; in a file, anything can be written.
        if backend == Backend::Sqlite {
            conn.batch_execute("DELETE FROM floors").unwrap();
            let said = faults(&app.db.url).unwrap();
            assert!(said.iter().any(|fault| fault == "spaces refers to a missing row of floors"), "{said:?}");
            let (code, told) = app.db.command(&["verify"]);
            assert!(code == Some(1) && told.contains("spaces refers to a missing row of floors"), "{code:?} {told}");
        }
    }
}
