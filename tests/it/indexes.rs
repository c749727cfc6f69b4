//! Whatever the running program asks of a table that grows is found by an index, on both databases. Nothing is copied here: the
//! connections of a server are listened to while people use it, and every statement heard is explained over thousands of rows.

use crate::fairness;
use crate::harness::db::NOW;
use crate::harness::{TestApp, TestDb, Town};
use crate::told_on_both;
use diesel::connection::{Connection, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use serde_json::json;
use shangliang::kernel::time::SetClock;
use shangliang::store::{Backend, Conn, Tx};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

/// Tables of which all is little: what a district has once, and queues that are worked off as they fill.
const SMALL: [&str; 6] = ["sites", "areas", "leases", "first_admin_tokens", "audit_pending", "outbox"];
/// Tables filled by the thousand.
const FILLED: [&str; 3] = ["bookings", "occupancy", "terms"];
/// Every household has an account and so many bookings behind it.
const HOUSEHOLDS: usize = 300;
const BOOKINGS_EACH: usize = 30;

/// Statements as the connections of a server put them, without their values.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<BTreeSet<String>>>);

impl Heard {
    /// Listens to the connections of a server that has one for reading and one for writing, or one for both.
    fn of(app: &TestApp) -> Self {
        let heard = Self::default();
        let (writer, reader) = (heard.clone(), heard.clone());
        let write = move |tx: &mut Tx| {
            writer.listen(tx);
            Ok(())
        };
        let read = |tx: &mut Tx| {
            reader.listen(tx);
            Ok(())
        };
        app.store().write_now(write).unwrap();
        app.store().read_now(read).unwrap();
        heard
    }

    fn listen(&self, conn: &mut Conn) {
        let heard = self.0.clone();
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let said = query.to_string();
                let statement = said.split_once(" -- binds:").map_or(said.as_str(), |(statement, _)| statement).trim();
                if ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|verb| statement.starts_with(verb)) {
                    heard.lock().unwrap().insert(statement.to_owned());
                }
            }
        });
    }

    /// What was heard since the last time.
    fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Years of use, put there with plain SQL: households with their bookings behind them, and versions that bind no more.
fn years_of_use(app: &TestApp, town: &Town) {
    let batch = |insert: &str, rows: &[String]| {
        for some in rows.chunks(500) {
            app.db.sql(&insert.replace("ROWS", &some.join(", ")));
        }
    };
    let number = |n: usize| format!("{n:026}");
    let households: Vec<String> = (0..HOUSEHOLDS).map(|n| format!("('household_{0}', 'account_{0}', 'old-{n}')", number(n))).collect();
    batch(
        "INSERT INTO households (id, code, door_id, label, created_at)
         SELECT v.column1, v.column3, h.door_id, h.label, 0 FROM (VALUES ROWS) AS v CROSS JOIN (SELECT * FROM households ORDER BY id LIMIT 1) AS h",
        &households,
    );
    batch(
        "INSERT INTO accounts (id, name, email, household_id, created_at)
         SELECT v.column2, '住户', v.column3, v.column1, 0 FROM (VALUES ROWS) AS v",
        &households,
    );
    let spaces = ["moxuan", "shuyuan", "member-room", "hongyi-hall", "yazhu", "tongzhan-home", "dong", "xi"];
    let (mut bookings, mut held, mut ended) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..HOUSEHOLDS * BOOKINGS_EACH {
        let (household, space) = (number(n % HOUSEHOLDS), town.space(&format!("yuxin-centre/{}", spaces[n % spaces.len()])));
        let start = NOW.plus_days(-2).0 - i64::try_from(n / spaces.len()).unwrap() * 7_200_000_000;
        let state = if n % 20 == 0 { "cancelled" } else { "completed" };
        bookings.push(format!("('booking_{}', '{space}', {start}, '{state}', 'household_{household}', 'account_{household}')", number(n)));
        if state == "cancelled" {
            ended.push(format!("('booking_{}', 'holder', 'account_{household}', {start})", number(n)));
        } else {
            held.push(format!("('{space}', {start}, {}, 'booking_{}')", start + 3_600_000_000, number(n)));
        }
    }
    batch(
        "INSERT INTO bookings (id, site_id, space_id, use_code, attendees, starts_at, ends_at, occupied_from, occupied_to, state, household_id, account_id,
           made_by, channel, price_fen, price, agreement_id, version_id, clauses, made_at)
         SELECT v.column1, b.site_id, v.column2, b.use_code, 4, v.column3, v.column3 + 3600000000, v.column3, v.column3 + 3600000000, v.column4, v.column5, v.column6,
           v.column6, b.channel, b.price_fen, b.price, b.agreement_id, b.version_id, b.clauses, b.made_at
         FROM (VALUES ROWS) AS v CROSS JOIN (SELECT * FROM bookings ORDER BY id LIMIT 1) AS b",
        &bookings,
    );
    batch(
        "INSERT INTO occupancy (atom_id, starts_at, ends_at, claimant)
         SELECT a.atom_id, v.column2, v.column3, v.column4 FROM (VALUES ROWS) AS v JOIN space_atoms a ON a.space_id = v.column1",
        &held,
    );
    batch("INSERT INTO booking_cancellations (booking_id, cancelled_by, account_id, cancelled_at) VALUES ROWS", &ended);
    let mut copies = String::new();
    for copy in 0..40 {
        let _ = write!(
            copies,
            "INSERT INTO terms (space_id, version_id, clause, origin, agreement_id, agreement_code, version_no, kind, judges, relation, exception, from_at, to_at, payload, text_zh)
             SELECT space_id, version_id, clause || '-{copy}', origin, agreement_id, agreement_code, version_no, kind, judges, relation, exception, 0, {}, payload, text_zh
             FROM terms WHERE to_at > {};",
            1_000 + copy,
            NOW.0
        );
    }
    app.db.sql(&copies);
    // PostgreSQL does it by itself, SQLite never.
    if app.db.backend == Backend::Postgres {
        app.db.sql("ANALYZE");
    }
}

/// The plan of a statement whose values are not known, as it is prepared once and run often.
fn plan(conn: &mut Conn, statement: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text, column_name = "QUERY PLAN")]
        line: String,
    }
    let wrong = |error: diesel::result::Error| -> Vec<String> { panic!("{statement}: {error}") };
    match conn.backend() {
        Backend::Sqlite => {
            let steps = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load::<Step>(conn);
            steps.map(|steps| steps.into_iter().map(|step| step.detail).collect()).unwrap_or_else(wrong)
        }
        Backend::Postgres => {
            let values = vec!["NULL"; (1..).take_while(|n| statement.contains(&format!("${n}"))).count()].join(", ");
            let execute = if values.is_empty() { "heard".to_owned() } else { format!("heard({values})") };
            conn.batch_execute(&format!("PREPARE heard AS {statement}")).unwrap_or_else(|error| panic!("{statement}: {error}"));
            let lines = diesel::sql_query(format!("EXPLAIN EXECUTE {execute}")).load::<Line>(conn);
            let plan = lines.map(|lines| lines.into_iter().map(|line| line.line).collect()).unwrap_or_else(wrong);
            conn.batch_execute("DEALLOCATE heard").unwrap();
            plan
        }
    }
}

/// Names of a kind that the database has.
fn named(conn: &mut Conn, of: &str) -> BTreeSet<String> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    diesel::sql_query(of).load::<Named>(conn).unwrap().into_iter().map(|row| row.name).collect()
}

/// What is told apart in a plan: tables, and indexes of a part of one. To read such a part whole is what it was made for.
struct Known {
    tables: BTreeSet<String>,
    parts: BTreeSet<String>,
}

impl Known {
    fn of(conn: &mut Conn) -> Self {
        let (tables, parts) = match conn.backend() {
            Backend::Sqlite => (
                "SELECT name FROM sqlite_master WHERE type = 'table'",
                "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'",
            ),
            Backend::Postgres => (
                "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public'",
                "SELECT CAST(indexname AS TEXT) AS name FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '% WHERE %'",
            ),
        };
        Self { tables: named(conn, tables), parts: named(conn, parts) }
    }

    /// The table a step of a plan reads from one end to the other.
    fn read_whole<'l>(&self, backend: Backend, step: &'l str, details: &[String]) -> Option<&'l str> {
        let after = |words: &str| step.split_once(words)?.1.split_whitespace().next();
        let (table, index) = match backend {
            // An index whose order is followed without looking for anything in it is read whole too.
            Backend::Sqlite => (after("SCAN ")?, after("INDEX ")),
            Backend::Postgres => match after("Seq Scan on ") {
                Some(table) => (table, None),
                None => {
                    let index = after("Index Scan using ").or(after("Index Scan Backward using ")).or(after("Index Only Scan using "))?;
                    let mut own = details.iter().take_while(|line| !line.contains("->"));
                    if own.any(|line| line.contains("Index Cond:")) {
                        return None;
                    }
                    (after(" on ")?, Some(index))
                }
            },
        };
        (self.tables.contains(table) && !index.is_some_and(|index| self.parts.contains(index))).then_some(table)
    }
}

/// What people do all day, and what is done beside it; each is said, and what was heard of it is given.
fn a_day(app: &TestApp, town: &Town, heard: &Heard) -> Vec<(String, BTreeSet<String>)> {
    let (resident, neighbour, desk) = (town.person("yuxin-p-res-2"), town.person("yuxin-p-res-4"), town.person("yuxin-p-desk"));
    let (site, room, studio) = (town.site("yuxin-centre"), town.space("yuxin-centre/shuyuan"), town.space("yuxin-centre/moxuan"));
    let (street, days) = (town.area("xisanqi"), "date=2026-12-01");
    let ask = |space: &str, days: i64, minute: u16| {
        json!({"space_id": space, "use": "study", "attendees": 4,
        "starts_at": town.at(days, minute), "ends_at": town.at(days, minute + 60)})
    };
    let mut day: Vec<(String, BTreeSet<String>)> = Vec::new();
    heard.take();
    let mut done = |what: &str| day.push((what.to_owned(), heard.take()));
    for path in [
        format!("/api/v1/spaces/{room}/availability?view=month&{days}"),
        format!("/api/v1/sites/{site}/availability?view=month&{days}"),
        format!("/api/v1/areas/{street}/free-times?days=7&{days}"),
        format!("/api/v1/search?area_id={street}&{days}&to_date=2026-12-31&people=20"),
        // Nothing fits: what is near is looked for too.
        format!("/api/v1/search?site_ids={site}&{days}&use=table-tennis&people=4"),
        format!("/api/v1/spaces/{room}/terms"),
        format!("/api/v1/sites/{site}"),
        format!("/api/v1/spaces/{room}/calendar.ics"),
    ] {
        app.client.get(&path).unwrap().expect(200, &path).unwrap();
        done(&path);
    }
    let made = resident.post("/api/v1/bookings", &ask(&room, 3, 600)).unwrap().expect(201, "booking").unwrap();
    done("a booking");
    let no = neighbour.post("/api/v1/bookings", &ask(&room, 3, 630)).unwrap();
    assert_eq!((no.status, no.text("/code")), (409, "period-taken"));
    done("a refusal with alternatives");
    let yes = neighbour.post("/api/v1/bookings/check", &ask(&room, 3, 900)).unwrap().expect(200, "check").unwrap();
    assert_eq!(yes.body["bookable"], true, "{}", yes.body);
    done("a check");
    let booking = made.text("/id").to_owned();
    let moved = json!({"space_id": room, "starts_at": town.at(3, 720), "ends_at": town.at(3, 780), "price_fen": 0});
    let moved = resident.post(&format!("/api/v1/bookings/{booking}/move"), &moved).unwrap().expect(201, "move").unwrap();
    done("a move");
    let booking = moved.text("/moved_to").to_owned();
    let line = neighbour.post("/api/v1/waitlist", &ask(&room, 3, 720)).unwrap().expect(201, "place in line").unwrap();
    done("a place in line");
    let path = format!("/api/v1/waitlist/{}", line.text("/id"));
    for path in ["/api/v1/waitlist", &path] {
        neighbour.get(path).unwrap().expect(200, path).unwrap();
    }
    done("places in line");
    for path in [
        "/api/v1/bookings?when=upcoming".to_owned(),
        "/api/v1/bookings?when=past".to_owned(),
        format!("/api/v1/bookings/{booking}"),
        format!("/api/v1/bookings/{booking}/explanation"),
        format!("/api/v1/sites/{site}/quota?on=2026-12-01"),
        "/api/v1/notices".to_owned(),
        "/api/v1/me/offers".to_owned(),
        "/api/v1/me".to_owned(),
    ] {
        resident.get(&path).unwrap().expect(200, &path).unwrap();
        done(&path);
    }
    resident.post(&format!("/api/v1/bookings/{booking}/cancellation"), &json!({})).unwrap().expect(201, "cancellation").unwrap();
    done("a cancellation that lets somebody come up");
    let kept = neighbour.get(&path).unwrap().expect(200, &path).unwrap().text("/booking_id").to_owned();
    neighbour.post(&format!("/api/v1/bookings/{kept}/hold/acceptance"), &json!({})).unwrap().expect(201, "acceptance").unwrap();
    done("what was kept is taken");
    let series = json!({"space_id": studio, "use": "calligraphy", "attendees": 4, "rule": "FREQ=WEEKLY;COUNT=4",
        "starts_at": town.at(3, 600), "ends_at": town.at(3, 660)});
    neighbour.post("/api/v1/series/preview", &series).unwrap().expect(200, "preview").unwrap();
    done("a series looked at");
    let series = neighbour.post("/api/v1/series", &series).unwrap().expect(201, "series").unwrap();
    done("a series");
    let path = format!("/api/v1/series/{}", series.text("/id"));
    neighbour.get("/api/v1/series").unwrap().expect(200, "list").unwrap();
    neighbour.get(&path).unwrap().expect(200, &path).unwrap();
    neighbour.post(&format!("{path}/cancellation"), &json!({"scope": "all"})).unwrap().expect(201, "cancellation").unwrap();
    done("a series read and cancelled");
    for path in [
        format!("/api/v1/sites/{site}/bookings"),
        format!("/api/v1/spaces/{room}/bookings"),
        "/api/v1/requests".to_owned(),
        format!("/api/v1/spaces/{room}/ledger"),
    ] {
        desk.get(&path).unwrap().expect(200, &path).unwrap();
        done(&path);
    }
    town.person("yuxin-p-street").get("/api/v1/me/waiting").unwrap().expect(200, "waiting").unwrap();
    done("what waits for the street");
    app.link();
    done("what is done beside requests");
    day
}

told_on_both! {
    nothing_that_grows_is_read_whole(backend) {
        let rules = "late_cancel_hours: 24, joined_max_minutes: 240, at_once: 3, quotas: [{holder: household, per: week, bookings: 9}, {holder: household, per: rolling, days: 7, hours: 20}]";
        let app = TestApp::serve_with(TestDb::fresh(backend), SetClock::at(NOW), |config| config.database.connections = 1);
        let town = Town::of(&app, &fairness::with(rules));
        // The one booking the others are copies of.
        town.book(&town.person("yuxin-p-res-1"), 2, 600);
        years_of_use(&app, &town);
        let heard = Heard::of(&app);
        let day = a_day(&app, &town, &heard);

        let mut conn = app.db.conn();
        let known = Known::of(&mut conn);
        let mut faults: Vec<String> = Vec::new();
        let mut explained: BTreeSet<&str> = BTreeSet::new();
        // On PostgreSQL as it is, about what is large; and as if everything were, where only reading without an index stands out.
        let ways: &[(&str, bool)] = match backend {
            Backend::Sqlite => &[("SELECT 1", true)],
            Backend::Postgres => &[("SET enable_seqscan = on", false), ("SET enable_seqscan = off", true)],
        };
        for (way, everything) in ways {
            conn.batch_execute(way).unwrap();
            for (what, statements) in &day {
                // Who asks for any of nothing reads nothing.
                for statement in statements.iter().filter(|statement| !statement.contains("WHERE (1=0)") && !statement.contains("WHERE ((1=0) AND")) {
                    let plan = plan(&mut conn, statement);
                    let judged = |(n, step): (usize, &String)| {
                        let table = known.read_whole(backend, step, &plan[n + 1..])?;
                        let counts = match (backend, everything) {
                            (_, false) => FILLED.contains(&table),
                            (Backend::Sqlite, true) => !SMALL.contains(&table),
                            (Backend::Postgres, true) => !SMALL.contains(&table) && step.contains("Seq Scan"),
                        };
                        counts.then(|| table.to_owned())
                    };
                    let whole: BTreeSet<String> = plan.iter().enumerate().filter_map(judged).collect();
                    if !whole.is_empty() {
                        faults.push(format!("{what} ({way}): {whole:?} read whole by {statement}\n    {}", plan.join("\n    ")));
                    }
                    explained.insert(statement);
                }
            }
        }
        println!("{backend:?}: {} statements explained", explained.len());
        assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
        for table in ["bookings", "occupancy", "terms", "series", "waitlist_entries", "idempotency_keys", "outbox", "audit_chain"] {
            assert!(explained.iter().any(|statement| statement.contains(table)), "{table} was never asked for");
        }
    }
}
