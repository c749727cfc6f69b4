//! Database errors → faults. One table from constraint name to code.
//!
//! SQLite gives no names: a trigger's text is the name, a CHECK error names the constraint, a unique error lists columns,
//! from which the name `<table>_<columns>_key` is rebuilt. Deadlocks and "database is locked" arrive as `Unknown`; they are
//! contention, never a 500. A name this table does not know is a bug and a 500.

use crate::kernel::{Code, Fault, FieldFault, Transient};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use std::sync::atomic::{AtomicU64, Ordering};

/// Constraint (or trigger) → code. What a caller can cause by input stands here; the rest is ours to prevent.
const REFUSALS: &[(&str, Code)] = &[
    ("occupancy_no_overlap", Code::PeriodTaken),
    ("areas_code_key", Code::AlreadyExists),
    ("households_code_key", Code::AlreadyExists),
    ("organisations_code_key", Code::AlreadyExists),
    ("sites_code_key", Code::AlreadyExists),
    ("agreements_code_key", Code::AlreadyExists),
    ("accounts_code_key", Code::AlreadyExists),
    ("accounts_mobile_key", Code::AlreadyExists),
    ("accounts_email_key", Code::AlreadyExists),
    ("agreement_versions_one_open_idx", Code::StateConflict),
    ("agreement_versions_agreement_id_key", Code::StateConflict),
    ("agreement_versions_agreement_id_version_no_key", Code::StateConflict),
    ("signatures_version_id_organisation_id_key", Code::StateConflict),
    ("declines_pkey", Code::StateConflict),
    ("declines_version_id_organisation_id_key", Code::StateConflict),
    ("version_events_agreed_once_idx", Code::StateConflict),
    ("version_events_version_id_key", Code::StateConflict),
    ("postings_reverses_id_key", Code::StateConflict),
    ("agreement_events_lifted_once_idx", Code::StateConflict),
    ("agreement_events_subject_key", Code::StateConflict),
    ("agreement_events_once_a_party_idx", Code::StateConflict),
    ("agreement_events_subject_organisation_id_key", Code::StateConflict),
    ("agreement_events_settled_once_idx", Code::StateConflict),
    ("agreement_events_closed_once_idx", Code::StateConflict),
    ("agreement_events_answered_once_idx", Code::StateConflict),
    ("agreement_events_agreement_id_key", Code::StateConflict),
    ("waitlist_entries_household_once_idx", Code::AlreadyExists),
    ("waitlist_entries_space_id_starts_at_ends_at_household_id_key", Code::AlreadyExists),
    ("waitlist_entries_organisation_once_idx", Code::AlreadyExists),
    ("waitlist_entries_space_id_starts_at_ends_at_organisation_id_key", Code::AlreadyExists),
];

/// Constraint → the field of a body that a person can mend.
const FIELDS: &[(&str, &str)] = &[("agreements_code_key", "/code"), ("accounts_mobile_key", "/mobile"), ("accounts_email_key", "/email")];

static STATEMENTS: AtomicU64 = AtomicU64::new(0);

/// Statements sent to a database by this process since it started.
pub fn statements_run() -> u64 {
    STATEMENTS.load(Ordering::Relaxed)
}

pub(super) fn count_statements(event: diesel::connection::InstrumentationEvent<'_>) {
    if matches!(event, diesel::connection::InstrumentationEvent::StartQuery { .. }) {
        STATEMENTS.fetch_add(1, Ordering::Relaxed);
    }
}

pub(super) fn connection_lost(cause: String) -> Fault {
    transient(Code::Unavailable, Transient::ConnectionLost, cause)
}

fn transient(code: Code, transient: Transient, cause: String) -> Fault {
    let mut fault = Fault::from(code).because(cause).retry_after(1);
    fault.detail.transient = Some(transient);
    fault
}

/// `UNIQUE constraint failed: areas.code` → `areas_code_key`; `CHECK constraint failed: name` → `name`.
fn sqlite_name(message: &str) -> Option<String> {
    if let Some(columns) = message.strip_prefix("UNIQUE constraint failed: ") {
        // A partial unique index is reported as `index 'name'`.
        if let Some(index) = columns.strip_prefix("index '") {
            return Some(index.trim_end_matches('\'').to_owned());
        }
        let mut names = columns.split(", ").filter_map(|column| column.split_once('.'));
        let (table, first) = names.next()?;
        return Some(names.fold(format!("{table}_{first}"), |name, (_, column)| format!("{name}_{column}")) + "_key");
    }
    message.strip_prefix("CHECK constraint failed: ").map(str::to_owned)
}

fn constraint(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<String> {
    info.constraint_name().map(str::to_owned).or_else(|| sqlite_name(info.message()))
}

/// Said by PostgreSQL in English or Chinese (diesel does not pass the SQLSTATE on).
fn is_contention(message: &str) -> bool {
    ["deadlock detected", "检测到死锁", "database is locked", "database table is locked", "could not serialize"]
        .iter()
        .any(|m| message.contains(m))
}

fn is_lock_timeout(message: &str) -> bool {
    ["due to lock timeout", "锁超时"].iter().any(|m| message.contains(m))
}

fn is_lost(message: &str) -> bool {
    [
        "server closed the connection",
        "terminating connection",
        "connection to server",
        "no connection to the server",
        "the database system is",
        "could not receive data",
        "could not send data",
        "SSL connection has been closed",
        "数据库系统",
    ]
    .iter()
    .any(|m| message.contains(m))
}

/// The disk, not the request: full, broken, read-only, too slow.
fn is_disk(message: &str) -> bool {
    [
        "disk I/O error",
        "database or disk is full",
        "readonly database",
        "unable to open database",
        "statement timeout",
        "语句超时",
        "read-only transaction",
        "No space left",
    ]
    .iter()
    .any(|m| message.contains(m))
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let Error::DatabaseError(kind, info) = &error else { return Fault::internal(error) };
        let message = info.message();
        match kind {
            DatabaseErrorKind::SerializationFailure => return transient(Code::Unavailable, Transient::Contention, message.into()),
            // What cannot be sent has nobody to send it to.
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => return connection_lost(message.into()),
            DatabaseErrorKind::ReadOnlyTransaction => return connection_lost(format!("not the primary: {message}")),
            _ => {}
        }
        // Order matters: a constraint first, so that no text of a row decides.
        let name = constraint(info.as_ref()).unwrap_or_else(|| message.to_owned());
        if let Some((_, code)) = REFUSALS.iter().find(|(known, _)| *known == name) {
            let mut fault = Fault::from(*code).because(message);
            if let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == name) {
                fault.detail.errors.push(FieldFault::at(*field, "taken", "已经有人用了。", "Is taken already."));
            }
            return fault;
        }
        match kind {
            DatabaseErrorKind::Unknown if is_contention(message) => transient(Code::Unavailable, Transient::Contention, message.into()),
            DatabaseErrorKind::Unknown if is_lock_timeout(message) => transient(Code::Unavailable, Transient::LockTimeout, message.into()),
            DatabaseErrorKind::Unknown if is_lost(message) => connection_lost(message.into()),
            _ if is_disk(message) => Fault::from(Code::Unavailable).because(message).retry_after(2),
            _ => Fault::internal(format!("{kind:?} {name}: {message}")),
        }
    }
}

/// True when the fault is "that period is taken", as the overlap guard of either backend says it.
pub(super) fn is_overlap(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(_, info) if constraint(info.as_ref()).as_deref() == Some("occupancy_no_overlap") || info.message() == "occupancy_no_overlap")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: DatabaseErrorKind, message: &str) -> Fault {
        Error::DatabaseError(kind, Box::new(message.to_owned())).into()
    }

    #[test]
    fn sqlite_texts_become_names() {
        assert_eq!(fault(DatabaseErrorKind::UniqueViolation, "UNIQUE constraint failed: areas.code").code, Code::AlreadyExists);
        assert_eq!(
            fault(DatabaseErrorKind::UniqueViolation, "UNIQUE constraint failed: signatures.version_id, signatures.organisation_id").code,
            Code::StateConflict
        );
        assert_eq!(
            fault(DatabaseErrorKind::UniqueViolation, "UNIQUE constraint failed: index 'agreement_versions_one_open_idx'").code,
            Code::StateConflict
        );
        assert_eq!(fault(DatabaseErrorKind::Unknown, "occupancy_no_overlap").code, Code::PeriodTaken);
        assert_eq!(fault(DatabaseErrorKind::CheckViolation, "CHECK constraint failed: something_new").code, Code::Internal);
    }

    #[test]
    fn contention_is_never_a_500() {
        for (message, transient) in [
            ("deadlock detected", Transient::Contention),
            ("database is locked", Transient::Contention),
            ("错误：检测到死锁", Transient::Contention),
            ("canceling statement due to lock timeout", Transient::LockTimeout),
        ] {
            let fault = fault(DatabaseErrorKind::Unknown, message);
            assert_eq!((fault.code, fault.detail.transient), (Code::Unavailable, Some(transient)), "{message}");
        }
        for (kind, message) in [
            (DatabaseErrorKind::Unknown, "terminating connection due to administrator command"),
            (DatabaseErrorKind::UnableToSendCommand, "no connection to the server\n"),
        ] {
            let fault = fault(kind, message);
            assert_eq!((fault.code, fault.detail.transient), (Code::Unavailable, Some(Transient::ConnectionLost)), "{message}");
        }
        assert_eq!(fault(DatabaseErrorKind::Unknown, "database or disk is full").code, Code::Unavailable);
        assert_eq!(fault(DatabaseErrorKind::Unknown, "syntax error").code, Code::Internal);
    }
}
