//! Online backup of an SQLite file and the check of a copy.
//!
//! `VACUUM INTO` copies one consistent snapshot beside a running server. The copy is checked, flushed and only then given
//! its name, so a file with that name is always a good one.

use super::conn::{Conn, DatabaseUrl};
use super::migrate::{self, State};
use crate::kernel::{Code, Fault, Outcome};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::path::{Path, PathBuf};

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// What must hold in every database of ours, as counts that must be zero. `tests/it/invariants.rs` breaks each.
pub const INVARIANTS: &[(&str, &str)] = &[
    (
        "two claims overlap on one atom",
        "SELECT COUNT(*) AS n FROM occupancy a JOIN occupancy b ON a.atom_id = b.atom_id AND (a.starts_at, a.claimant) < (b.starts_at, b.claimant) AND b.starts_at < a.ends_at",
    ),
    (
        "a booking that stands does not hold its space",
        "SELECT COUNT(*) AS n FROM bookings b JOIN space_atoms sa ON sa.space_id = b.space_id LEFT JOIN occupancy o ON o.atom_id = sa.atom_id AND o.claimant = b.id \
         AND o.starts_at = b.occupied_from AND o.ends_at = b.occupied_to WHERE b.state IN ('held', 'confirmed', 'checked_in', 'completed') AND o.claimant IS NULL",
    ),
    (
        "a space is held for a booking that does not stand",
        "SELECT COUNT(*) AS n FROM occupancy o LEFT JOIN bookings b ON b.id = o.claimant AND b.state IN ('held', 'confirmed', 'checked_in', 'completed') WHERE b.id IS NULL",
    ),
    (
        "an agreed version without its event or its effect",
        "SELECT COUNT(*) AS n FROM agreement_versions v LEFT JOIN version_effects f ON f.version_id = v.id LEFT JOIN version_events e ON e.version_id = v.id AND e.kind = 'agreed' \
         WHERE v.state = 'agreed' AND (f.version_id IS NULL OR e.id IS NULL)",
    ),
    (
        "a signature under another text than its version has",
        "SELECT COUNT(*) AS n FROM signatures s JOIN agreement_versions v ON v.id = s.version_id WHERE v.sha256 IS NULL OR v.sha256 <> s.version_sha256",
    ),
    (
        "a cancelled booking without who and when",
        "SELECT COUNT(*) AS n FROM bookings b LEFT JOIN booking_cancellations c ON c.booking_id = b.id WHERE b.state IN ('cancelled', 'interrupted') AND c.booking_id IS NULL",
    ),
    (
        "a request that ended without a word how",
        "SELECT COUNT(*) AS n FROM bookings b LEFT JOIN request_ends e ON e.booking_id = b.id LEFT JOIN booking_holds h ON h.booking_id = b.id WHERE b.state IN ('refused', 'expired') AND h.booking_id IS NULL AND (e.outcome IS NULL OR e.outcome <> b.state)",
    ),
    (
        "a booking confirmed before everybody asked said yes",
        "SELECT COUNT(*) AS n FROM booking_approvers a JOIN bookings b ON b.id = a.booking_id WHERE b.state = 'confirmed' AND a.approved_at IS NULL",
    ),
    (
        "a space kept for somebody without a word until when, or after their answer",
        "SELECT COUNT(*) AS n FROM bookings b LEFT JOIN booking_holds h ON h.booking_id = b.id AND h.outcome IS NULL WHERE (b.state = 'held') <> (h.booking_id IS NOT NULL)",
    ),
    (
        "a place in line became no booking from the waiting list",
        "SELECT COUNT(*) AS n FROM waitlist_entries w LEFT JOIN bookings b ON b.id = w.booking_id AND b.channel = 'waitlist' WHERE w.state = 'promoted' AND b.id IS NULL",
    ),
    ("a posting out of balance", "SELECT COUNT(*) AS n FROM postings WHERE amount_fen <= 0 OR debit = credit"),
    (
        "a reversal that does not undo its posting",
        "SELECT COUNT(*) AS n FROM postings r LEFT JOIN postings p ON p.id = r.reverses_id AND p.booking_id = r.booking_id AND p.space_id = r.space_id \
         AND p.debit = r.credit AND p.credit = r.debit AND p.amount_fen = r.amount_fen WHERE r.kind = 'reversal' AND p.id IS NULL",
    ),
    (
        "more given back for a booking than was charged",
        "SELECT COUNT(*) AS n FROM (SELECT booking_id FROM postings GROUP BY booking_id \
         HAVING SUM(CASE WHEN credit = 'holders' THEN amount_fen ELSE -amount_fen END) > 0) AS over",
    ),
    (
        "a confirmed booking whose price was not charged",
        "SELECT COUNT(*) AS n FROM bookings b WHERE b.state IN ('confirmed', 'checked_in', 'completed', 'no_show') AND b.price_fen > 0 AND NOT EXISTS (SELECT 1 FROM postings p WHERE p.booking_id = b.id AND p.kind = 'charge')",
    ),
    (
        "a cancelled booking whose price was not given back",
        "SELECT COUNT(*) AS n FROM (SELECT b.id FROM bookings b JOIN postings p ON p.booking_id = b.id WHERE b.state IN ('cancelled', 'moved', 'interrupted') GROUP BY b.id \
         HAVING SUM(CASE WHEN p.debit = 'holders' THEN p.amount_fen ELSE -p.amount_fen END) <> 0) AS kept",
    ),
    (
        "two live bookings of one day of a series",
        "SELECT COUNT(*) AS n FROM (SELECT series_id FROM bookings WHERE series_id IS NOT NULL AND state IN ('requested', 'held', 'confirmed', 'checked_in') \
         GROUP BY series_id, recurrence_id HAVING COUNT(*) > 1) AS twice",
    ),
    (
        "an occurrence of no series",
        "SELECT COUNT(*) AS n FROM bookings b LEFT JOIN series s ON s.id = b.series_id WHERE b.series_id IS NOT NULL AND s.id IS NULL",
    ),
];

/// Every invariant that does not hold, with the number of offending rows. Works on either backend.
pub fn broken_invariants(conn: &mut Conn) -> Outcome<Vec<String>> {
    let mut broken = Vec::new();
    for (what, sql) in INVARIANTS {
        let count: Count = diesel::sql_query(*sql).get_result(conn)?;
        if count.n > 0 {
            broken.push(format!("{what}: {} rows", count.n));
        }
    }
    Ok(broken)
}

/// Everything wrong with a database: of an SQLite file its pages and foreign keys too, which PostgreSQL keeps itself.
pub fn faults(url: &DatabaseUrl) -> Outcome<Vec<String>> {
    match url {
        DatabaseUrl::Sqlite(path) => faults_of_file(path),
        DatabaseUrl::Postgres(_) => {
            let mut conn = Conn::open(url, true)?;
            // A look at everything may take longer than a request may.
            conn.batch_execute("SET statement_timeout = 0")?;
            asked(&mut conn)
        }
    }
}

/// The invariants that do not hold, or why they cannot be asked.
fn asked(conn: &mut Conn) -> Outcome<Vec<String>> {
    broken_invariants(conn).or_else(|fault| match migrate::look(conn) {
        Ok(Some(State::Behind(n))) => {
            Ok(vec![format!("it is older than this program and lacks {n} of its migrations; `shangliang migrate` mends it")])
        }
        Ok(None) => Ok(vec!["it is no database of this program (tables are missing)".into()]),
        _ => Err(fault),
    })
}

/// Everything wrong with an SQLite file: its pages, its foreign keys, our invariants. Empty means good.
pub fn faults_of_file(path: &Path) -> Outcome<Vec<String>> {
    if !path.is_file() {
        return Ok(vec![format!("there is no file {}", path.display())]);
    }
    let mut conn = match Conn::open(&DatabaseUrl::Sqlite(path.into()), true) {
        Ok(conn) => conn,
        Err(fault) => return Ok(vec![format!("it does not open: {}", fault.detail.cause.as_deref().unwrap_or("no cause given"))]),
    };
    let checked = diesel::sql_query("SELECT integrity_check AS line FROM pragma_integrity_check").load::<Line>(&mut conn);
    let mut faults: Vec<String> = match checked {
        Ok(lines) => lines.into_iter().map(|l| l.line).filter(|l| l != "ok").collect(),
        Err(error) => return Ok(vec![format!("it is damaged: {error}")]),
    };
    let orphans =
        diesel::sql_query("SELECT \"table\" || ' refers to a missing row of ' || \"parent\" AS line FROM pragma_foreign_key_check");
    match orphans.load::<Line>(&mut conn) {
        Ok(orphans) => faults.extend(orphans.into_iter().map(|l| l.line)),
        Err(error) => faults.push(format!("its foreign keys cannot be checked: {error}")),
    }
    match asked(&mut conn) {
        Ok(broken) => faults.extend(broken),
        Err(fault) => faults.push(format!("its invariants cannot be checked: {fault}")),
    }
    Ok(faults)
}

/// Why there is no backup, for whoever asked for one.
fn slip(zh: &str, en: impl Into<String>) -> Fault {
    Fault::saying(Code::Unavailable, zh, en)
}

/// Copies the SQLite database at `from` to `to`, which must not exist yet. Allowed beside a running server.
pub fn copy(from: &DatabaseUrl, to: &Path) -> Outcome<()> {
    let DatabaseUrl::Sqlite(path) = from else {
        return Err(slip("backup 只用于 SQLite", "backup is for SQLite; for PostgreSQL use pg_basebackup or pg_dump"));
    };
    if !path.is_file() {
        return Err(slip("没有这个数据库", format!("there is no database {}", path.display())));
    }
    if to.exists() {
        return Err(slip("备份文件已经有了", format!("{} exists already; a backup never overwrites", to.display())));
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = to.file_name().ok_or_else(|| slip("不是文件名", format!("{} names no file", to.display())))?.to_string_lossy();
    let partial = folder.join(format!(".{name}.{}.partial", std::process::id()));
    let done = fill(from, &partial).and_then(|()| {
        std::fs::rename(&partial, to).map_err(Fault::internal)?;
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(Fault::internal)
    });
    // Opening the copy for its check left side files of its own, which hold nothing; of a copy that is not good nothing is left.
    for left in ["", "-wal", "-shm"] {
        let left = PathBuf::from(format!("{}{left}", partial.display()));
        if left.exists() {
            std::fs::remove_file(left).map_err(Fault::internal)?;
        }
    }
    done
}

/// Makes the copy in a new file, which nobody else may read while it is made, and checks it.
fn fill(from: &DatabaseUrl, partial: &Path) -> Outcome<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(partial);
    let file = file.map_err(|error| slip("备份文件不能写", format!("cannot write {}: {error}", partial.display())))?;
    let mut conn = Conn::open(from, false)?;
    diesel::sql_query("VACUUM INTO $1").bind::<Text, _>(partial.to_string_lossy().into_owned()).execute(&mut conn)?;
    let faults = faults_of_file(partial)?;
    if !faults.is_empty() {
        return Err(slip("副本不好", format!("the copy is not good: {}", faults.join("; "))));
    }
    file.sync_all().map_err(Fault::internal)
}
