//! House rules of the schema, and the two migration trees as one: read back from the databases themselves.

use crate::harness::TestDb;
use diesel::prelude::*;
use diesel::sql_types::Text;
use shangliang::store::{Backend, Conn, migrate};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Differences we chose: the same promise in each backend's own words.
///
/// Overlap: an exclusion constraint here, a trigger of the same name there (both are listed as triggers below).
const TRIGGER_OR_CONSTRAINT: &str = "occupancy_no_overlap";

/// Tables that may hold personal data; everything else refers to people by id.
const OF_PEOPLE: &[&str] = &[
    "accounts",
    "households",
    "organisations",
    "representatives",
    "role_grants",
    "claim_codes",
    "sessions",
    "refresh_tokens",
    "first_admin_tokens",
];
/// Words a column with personal data would have in its name.
const PERSONAL: &[&str] = &["name", "mobile", "phone", "email", "password", "label", "address", "birth", "gender", "contact", "wechat"];
/// Names and addresses of places and organisations are public.
const PUBLIC: &[&str] = &["name_zh", "name_en", "address_zh"];

/// Tables that belong to an account and are not in its export.
const NOT_TAKEN_ALONG: &[&str] = &[
    // Secrets, and answers kept for three days.
    "claim_codes",
    "idempotency_keys",
    // Done in office: it belongs to those it was done for, and stands in their records and in the audit.
    "agency_consents",
    "booking_overrides",
    "declines",
    "pending_signatures",
    "position_replies",
    "request_ends",
    "suspension_proposals",
    "suspensions",
    "terminations",
    "withdrawals",
];

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The first column of a query, as lines of `|`-separated words.
pub fn lines(conn: &mut Conn, sql: &str) -> Vec<Vec<String>> {
    let lines: Vec<Line> = diesel::sql_query(sql).load(conn).unwrap_or_else(|error| panic!("{sql}: {error}"));
    lines.into_iter().map(|row| row.line.split('|').map(str::to_owned).collect()).collect()
}

/// What a schema promises, in words that both backends share.
#[derive(Debug, Default, PartialEq, Eq)]
struct Schema {
    /// table.column → family and nullability, in order of declaration.
    columns: BTreeMap<String, Vec<String>>,
    /// table → columns.
    keys: BTreeMap<String, String>,
    /// name → table (columns).
    uniques: BTreeMap<String, String>,
    /// name → table (columns) where.
    indexes: BTreeMap<String, String>,
    /// table.name.
    checks: BTreeSet<String>,
    /// table (columns) → table (columns).
    foreign: BTreeSet<(String, String, String)>,
    /// table.name; `_update` and `_delete` cut off.
    triggers: BTreeSet<String>,
}

/// `state IN ('a', 'b')` and `((state = ANY (ARRAY['a'::text, …])))` say the same: only the words in quotes and the first name count.
fn predicate(text: &str) -> String {
    let quoted: Vec<&str> = text.split('\'').skip(1).step_by(2).collect();
    let first: String = text.chars().skip_while(|c| !c.is_alphabetic()).take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let null = if text.to_uppercase().contains("IS NULL") { " null" } else { "" };
    if text.is_empty() { String::new() } else { format!(" where {first}{null} {}", quoted.join(",")) }
}

fn short(trigger: &str) -> &str {
    trigger.strip_suffix("_update").or(trigger.strip_suffix("_delete")).unwrap_or(trigger)
}

fn postgres(conn: &mut Conn) -> Schema {
    let mut schema = Schema::default();
    let columns = "SELECT table_name || '|' || column_name || '|' || data_type || '|' || is_nullable AS line FROM information_schema.columns \
                   WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%' ORDER BY table_name, ordinal_position";
    for row in lines(conn, columns) {
        let family = match row[2].as_str() {
            "text" => "text",
            "integer" | "bigint" | "boolean" => "integer",
            other => panic!("{}.{} is {other}: neither text nor a whole number", row[0], row[1]),
        };
        schema.columns.entry(row[0].clone()).or_default().push(format!("{} {family} null:{}", row[1], row[3]));
    }
    let constraints = "SELECT c.contype::text || '|' || t.relname || '|' || c.conname || '|' || \
        COALESCE((SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(col, n) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.col), '') \
        || '|' || COALESCE(f.relname, '') || '|' || \
        COALESCE((SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k(col, n) JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.col), '') AS line \
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid LEFT JOIN pg_class f ON f.oid = c.confrelid \
        JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public' AND t.relname NOT LIKE '\\_\\_diesel%'";
    for row in lines(conn, constraints) {
        let (table, name, columns) = (row[1].clone(), row[2].clone(), row[3].clone());
        match row[0].as_str() {
            "p" => drop(schema.keys.insert(table, columns)),
            "u" => drop(schema.uniques.insert(name, format!("{table} ({columns})"))),
            "c" => drop(schema.checks.insert(format!("{table}.{name}"))),
            "f" => drop(schema.foreign.insert((table, columns, format!("{} ({})", row[4], row[5])))),
            "x" => drop(schema.triggers.insert(format!("{table}.{name}"))),
            other => panic!("{table}.{name} is a constraint of kind {other}"),
        }
    }
    let indexes = "SELECT t.relname || '|' || i.relname || '|' || x.indisunique::text || '|' || \
        (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(col, n) JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.col) \
        || '|' || COALESCE(pg_get_expr(x.indpred, x.indrelid), '') AS line FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
        JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public' AND t.relname NOT LIKE '\\_\\_diesel%' \
        AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype IN ('p', 'u', 'x'))";
    for row in lines(conn, indexes) {
        let unique = if row[2] == "true" { " unique" } else { "" };
        schema.indexes.insert(row[1].clone(), format!("{} ({}){unique}{}", row[0], row[3], predicate(&row[4])));
    }
    let triggers =
        "SELECT t.relname || '|' || g.tgname AS line FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal";
    schema.triggers.extend(lines(conn, triggers).into_iter().map(|row| format!("{}.{}", row[0], short(&row[1]))));
    schema
}

/// The names of `CONSTRAINT name KIND` in the text of a table.
fn named<'t>(table: &'t str, kind: &str) -> Vec<(&'t str, &'t str)> {
    let parts = table.split("CONSTRAINT ").skip(1);
    parts.filter_map(|part| part.split_once(' ')).filter_map(|(name, rest)| Some((name, rest.strip_prefix(kind)?))).collect()
}

fn sqlite(conn: &mut Conn) -> Schema {
    let mut schema = Schema::default();
    let tables = "SELECT name || '|' || sql AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    for row in lines(conn, tables) {
        let (table, sql) = (row[0].as_str(), row[1..].join("|"));
        assert!(sql.trim_end().trim_end_matches(", WITHOUT ROWID").ends_with("STRICT"), "{table} is not STRICT");
        let columns = format!(
            "SELECT name || '|' || type || '|' || \"notnull\" || '|' || pk AS line FROM pragma_table_xinfo('{table}') ORDER BY cid"
        );
        let mut key = BTreeMap::new();
        for row in lines(conn, &columns) {
            assert!(matches!(row[1].as_str(), "TEXT" | "INTEGER"), "{table}.{} is {}", row[0], row[1]);
            let null = if row[2] == "1" { "NO" } else { "YES" };
            schema.columns.entry(table.into()).or_default().push(format!("{} {} null:{null}", row[0], row[1].to_lowercase()));
            key.insert(row[3].parse::<u32>().unwrap(), row[0].clone());
        }
        key.remove(&0);
        schema.keys.insert(table.into(), key.into_values().collect::<Vec<_>>().join(","));
        for (name, rest) in named(&sql, "UNIQUE (") {
            let columns = rest.split(')').next().unwrap().replace(", ", ",");
            schema.uniques.insert(name.into(), format!("{table} ({columns})"));
        }
        schema.checks.extend(named(&sql, "CHECK").into_iter().map(|(name, _)| format!("{table}.{name}")));
        assert_eq!(sql.matches("CHECK").count(), named(&sql, "CHECK").len(), "{table} has a check without a name");
        assert_eq!(sql.matches("UNIQUE").count(), named(&sql, "UNIQUE").len(), "{table} has a unique constraint without a name");
        let foreign = format!(
            "SELECT group_concat(\"from\", ',') || '|' || \"table\" || '|' || group_concat(\"to\", ',') AS line FROM \
             (SELECT * FROM pragma_foreign_key_list('{table}') ORDER BY id, seq) GROUP BY id"
        );
        for row in lines(conn, &foreign) {
            schema.foreign.insert((table.into(), row[0].clone(), format!("{} ({})", row[1], row[2])));
        }
        let indexes = format!(
            "SELECT l.name || '|' || l.\"unique\" || '|' || (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) \
             || '|' || COALESCE((SELECT sql FROM sqlite_schema WHERE name = l.name), '') AS line FROM pragma_index_list('{table}') l WHERE l.origin = 'c'"
        );
        for row in lines(conn, &indexes) {
            let unique = if row[1] == "1" { " unique" } else { "" };
            let filter = row[3].split_once(" WHERE ").map(|(_, filter)| filter).unwrap_or_default();
            schema.indexes.insert(row[0].clone(), format!("{table} ({}){unique}{}", row[2], predicate(filter)));
        }
    }
    let triggers = "SELECT tbl_name || '|' || name AS line FROM sqlite_schema WHERE type = 'trigger'";
    schema.triggers.extend(lines(conn, triggers).into_iter().map(|row| format!("{}.{}", row[0], short(&row[1]))));
    schema
}

fn read(db: &TestDb) -> Schema {
    match db.backend {
        Backend::Sqlite => sqlite(&mut db.conn()),
        Backend::Postgres => postgres(&mut db.conn()),
    }
}

fn both() -> (Schema, Schema) {
    (read(&TestDb::fresh(Backend::Sqlite)), read(&TestDb::fresh(Backend::Postgres)))
}

fn source(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn both_trees_have_the_same_steps() {
    let steps = |tree: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(tree);
        let steps: BTreeSet<String> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        for step in &steps {
            assert!(folder.join(step).join("up.sql").is_file() && folder.join(step).join("down.sql").is_file(), "{tree}/{step}");
        }
        steps
    };
    assert_eq!(steps("sqlite"), steps("postgres"));
    // The order is that of the names, and the names are told apart by what stands before the underscore.
    let numbers: BTreeSet<String> = steps("sqlite").iter().map(|s| s.split('_').next().unwrap().to_owned()).collect();
    assert_eq!(numbers.len(), steps("sqlite").len());
    assert!(numbers.iter().all(|n| n.len() == 2 && n.bytes().all(|b| b.is_ascii_digit())), "{numbers:?}");
}

#[test]
fn both_backends_promise_the_same() {
    let (lite, pg) = both();
    assert!(lite.columns.len() > 30, "the tables were read");
    assert_eq!(lite.columns, pg.columns, "columns");
    assert_eq!(lite.keys, pg.keys, "primary keys");
    assert_eq!(lite.uniques, pg.uniques, "unique constraints");
    assert_eq!(lite.indexes, pg.indexes, "indexes");
    assert_eq!(lite.checks, pg.checks, "checks");
    assert_eq!(lite.foreign, pg.foreign, "foreign keys");
    assert_eq!(lite.triggers, pg.triggers, "triggers, and the exclusion constraint");
    assert!(pg.triggers.contains(&format!("occupancy.{TRIGGER_OR_CONSTRAINT}")));
}

#[test]
fn up_down_up_gives_the_same() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let db = TestDb::fresh(backend);
        let before = read(&db);
        migrate::revert_all(&mut db.conn()).unwrap();
        assert_eq!(read(&db), Schema::default(), "{}: down leaves nothing behind", backend.as_str());
        if backend == Backend::Postgres {
            let functions = "SELECT p.proname::text AS line FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
                             LEFT JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e' WHERE n.nspname = 'public' AND d.objid IS NULL AND p.proname NOT LIKE 'diesel%'";
            assert_eq!(lines(&mut db.conn(), functions), Vec::<Vec<String>>::new(), "functions left behind");
        }
        assert!(migrate::run(&db.url).unwrap() > 0);
        assert_eq!(read(&db), before, "{}", backend.as_str());
    }
}

#[test]
fn every_foreign_key_has_an_index() {
    let schema = both().0;
    let mut missing = Vec::new();
    for (table, columns, to) in &schema.foreign {
        let of_table = |text: &String| text.strip_prefix(&format!("{table} (")).map(|rest| rest.split(')').next().unwrap().to_owned());
        // One without the rows that refer to nothing serves as well.
        let serves = |index: &&String| index.split_once(" where ").is_none_or(|(_, only)| only.trim_end() == columns);
        let mut lists: Vec<String> = schema.indexes.values().filter(serves).filter_map(of_table).collect();
        lists.extend(schema.uniques.values().filter_map(of_table));
        lists.extend(schema.keys.get(table).cloned());
        if !lists.iter().any(|list| list == columns || list.starts_with(&format!("{columns},"))) {
            missing.push(format!("{table} ({columns}) → {to}"));
        }
    }
    assert!(missing.is_empty(), "no index begins with the columns of\n  {}", missing.join("\n  "));
}

#[test]
fn unique_constraints_have_the_name_sqlite_errors_are_read_as() {
    let schema = both().1;
    for (name, on) in &schema.uniques {
        let (table, columns) = on.trim_end_matches(')').split_once(" (").unwrap();
        assert_eq!(*name, format!("{table}_{}_key", columns.replace(',', "_")));
    }
    for name in schema.indexes.keys() {
        assert!(name.ends_with("_idx"), "{name}");
    }
    for check in &schema.checks {
        let (table, name) = check.split_once('.').unwrap();
        assert!(name.starts_with(&format!("{table}_")) && name.ends_with("_check"), "{check}");
    }
}

#[test]
fn every_refusal_is_of_a_constraint_that_exists() {
    let schema = both().1;
    let text = source("src/store/refusals.rs");
    let table = text.split("const REFUSALS").nth(1).unwrap().split("];").next().unwrap();
    let names: Vec<&str> = table.split('"').skip(1).step_by(2).collect();
    assert!(names.len() > 10);
    let as_sqlite_says = |on: &String| {
        let (table, rest) = on.split_once(" (").unwrap();
        format!("{table}_{}_key", rest.split(')').next().unwrap().replace(',', "_"))
    };
    let mut known: BTreeSet<String> = schema.uniques.keys().cloned().collect();
    known.extend(schema.indexes.iter().filter(|(_, on)| on.contains(" unique")).flat_map(|(name, on)| [name.clone(), as_sqlite_says(on)]));
    known.extend(schema.keys.iter().flat_map(|(table, key)| [format!("{table}_pkey"), format!("{table}_{}_key", key.replace(',', "_"))]));
    known.extend(schema.checks.iter().chain(&schema.triggers).map(|name| name.split_once('.').unwrap().1.to_owned()));
    for name in names {
        assert!(known.contains(name), "{name} is no constraint, index or trigger");
    }
}

#[test]
fn the_program_knows_the_tables_as_they_are() {
    let conn_db = TestDb::fresh(Backend::Postgres);
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let columns = "SELECT table_name || '|' || column_name || '|' || data_type || '|' || is_nullable AS line FROM information_schema.columns \
                   WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%' ORDER BY table_name, ordinal_position";
    for row in lines(&mut conn_db.conn(), columns) {
        let kind = match row[2].as_str() {
            "text" => "Text",
            "integer" => "Integer",
            "bigint" => "BigInt",
            "boolean" => "Bool",
            other => panic!("{other}"),
        };
        let kind = if row[3] == "YES" { format!("Nullable<{kind}>") } else { kind.to_owned() };
        found.entry(row[0].clone()).or_default().push(format!("{} -> {kind}", row[1]));
    }
    let keys = read(&conn_db).keys;
    let text = source("schema/src/lib.rs");
    let mut known = BTreeMap::new();
    for block in text.split("diesel::table! {").skip(1) {
        let (head, rest) = block.split_once('{').unwrap();
        let (table, key) = head.trim().trim_end_matches(')').split_once(" (").unwrap();
        let columns: Vec<String> = rest
            .split('}')
            .next()
            .unwrap()
            .lines()
            .map(|line| line.trim().trim_end_matches(',').to_owned())
            .filter(|line| !line.is_empty())
            .collect();
        assert_eq!(key.replace(", ", ","), keys[table], "primary key of {table}");
        known.insert(table.to_owned(), columns);
        let in_one_query = text.split("allow_tables_to_appear_in_same_query!(").nth(1).unwrap();
        assert!(in_one_query.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == table), "{table} cannot be joined");
    }
    assert_eq!(known, found);
}

#[test]
fn personal_data_is_with_people_only() {
    let schema = both().0;
    for (table, columns) in &schema.columns {
        for column in columns.iter().map(|c| c.split(' ').next().unwrap()) {
            // Things retire, people are erased, signed things stay: nothing is "deleted" by a flag.
            assert!(!column.contains("deleted"), "{table}.{column}");
            assert!(!column.ends_with("_json") && column == column.to_lowercase(), "{table}.{column}");
            let personal = PERSONAL.iter().any(|word| column.split('_').any(|part| part == *word));
            assert!(
                !personal || PUBLIC.contains(&column) || OF_PEOPLE.contains(&table.as_str()) || (table == "leases" && column == "name"),
                "{table}.{column}: personal data outside people"
            );
        }
    }
    for table in OF_PEOPLE {
        assert!(schema.columns.contains_key(*table), "{table} is no table any more");
    }
}

#[test]
fn what_belongs_to_somebody_is_theirs_to_take_along() {
    let export = source("src/privacy/queries.rs");
    let reads = |table: &str| match table {
        "notice_settings" => export.contains("notify::queries::settings"),
        _ => export.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == table),
    };
    let schema = both().0;
    let of_accounts = |columns: &[String]| columns.iter().any(|column| column.split(' ').next() == Some("account_id"));
    let theirs: Vec<&str> = schema.columns.iter().filter(|(_, columns)| of_accounts(columns)).map(|(table, _)| table.as_str()).collect();
    assert!(theirs.len() > 20, "{theirs:?}");
    for table in &theirs {
        assert_ne!(reads(table), NOT_TAKEN_ALONG.contains(table), "{table}: in the export, or named with the reason why not");
    }
    for table in NOT_TAKEN_ALONG {
        assert!(theirs.contains(table), "{table} belongs to nobody");
    }
}

#[test]
fn text_compares_by_byte_on_both() {
    // Otherwise ids and codes sort by the server's language, and a page on one backend begins elsewhere on the other.
    let db = TestDb::fresh(Backend::Postgres);
    let other = "SELECT table_name || '.' || column_name AS line FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text' \
                 AND collation_name IS DISTINCT FROM 'C' AND table_name NOT LIKE '\\_\\_diesel%'";
    assert_eq!(lines(&mut db.conn(), other), Vec::<Vec<String>>::new(), "columns without COLLATE \"C\"");
}

/// Nobody changes or deletes what stands there.
const APPEND_ONLY: &[&str] = &[
    "agreement_events",
    "audit_anchors",
    "audit_chain",
    "booking_move_asks",
    "booking_moves",
    "closure_openings",
    "closure_spaces",
    "impact_items",
    "impact_plans",
    "matter_alternatives",
    "matter_ends",
    "matters",
    "position_replies",
    "positions",
    "postings",
    "suspension_proposals",
    "suspensions",
    "terminations",
    "usage_acceptances",
    "usage_events",
    "version_events",
    "withdrawals",
];

#[test]
fn append_only_tables_are_guarded_against_both() {
    let wanted: BTreeSet<Vec<String>> =
        APPEND_ONLY.iter().flat_map(|table| ["delete", "update"].map(|deed| vec![(*table).to_owned(), deed.to_owned()])).collect();
    // A row-level trigger before the deed that does nothing but refuse.
    let sqlite = "SELECT tbl_name || '|' || CASE WHEN sql LIKE '%BEFORE UPDATE ON %' THEN 'update' WHEN sql LIKE '%BEFORE DELETE ON %' THEN 'delete' END AS line \
                  FROM sqlite_schema WHERE type = 'trigger' AND sql NOT LIKE '% WHEN %' AND sql LIKE '%RAISE(ABORT, %' || tbl_name || '_append_only%'";
    let postgres = "SELECT t.relname || '|' || d.deed AS line FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid JOIN pg_proc p ON p.oid = g.tgfoid \
                    JOIN (VALUES ('delete', 8), ('update', 16)) d(deed, bit) ON g.tgtype & d.bit > 0 \
                    WHERE g.tgname = t.relname || '_append_only' AND g.tgtype & 3 = 3 AND g.tgqual IS NULL AND g.tgenabled = 'O' \
                    AND p.prosrc LIKE '%RAISE EXCEPTION%' AND p.prosrc NOT LIKE '%IF %'";
    for (backend, sql) in [(Backend::Sqlite, sqlite), (Backend::Postgres, postgres)] {
        let guarded: BTreeSet<Vec<String>> = lines(&mut TestDb::fresh(backend).conn(), sql).into_iter().collect();
        assert_eq!(guarded, wanted, "{backend:?}");
    }
}
