//! What was changed, for those who remember what they read: a remembered answer is good as long as nothing it was made of has
//! changed. It never feeds a write.
//!
//! A transaction names what it changes ([`super::Tx::changed`]); this process hears of it after COMMIT and before the caller
//! does, so whoever has written reads what they wrote. Other processes on PostgreSQL find the names in `read_changes`, where
//! each looks ten times a second ([`super::Db::follow`]); the row rides with the last statement of its transaction. On SQLite
//! the writer asks `PRAGMA data_version` whether another program has written, and takes everything for changed then.

use super::Tx;
use super::conn::Conn;
use super::schema::read_changes;
use crate::kernel::Outcome;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Tick};

/// The name of everything at once.
pub const EVERYTHING: &str = "*";

/// A process that has not looked for the changes of others for so long does not know them.
const HEARD_WITHIN: Duration = Duration::from_secs(1);

/// Names of what a transaction changed: ids of spaces and atoms, or [`EVERYTHING`].
pub(super) type Names = BTreeSet<String>;

/// What has changed since the start of this process, by a clock that counts changes.
pub struct Changes {
    /// This process, among those of one database.
    process: String,
    state: Mutex<State>,
}

/// How far somebody has heard what other processes changed.
#[derive(Debug, Default)]
pub struct Followed {
    /// Every transaction before has ended, and was heard. `None`: nothing was.
    since: Option<i64>,
    /// When, by the clock of the database.
    at: i64,
    /// Rows heard of transactions after it.
    rows: BTreeSet<String>,
}

#[derive(Queryable)]
struct Heard {
    id: String,
    names: String,
}

impl Followed {
    /// Hears what is new.
    pub(super) fn hear(&mut self, conn: &mut Conn, changes: &Changes) -> Outcome<()> {
        // The rows of a snapshot, and the first transaction that has not ended in it: no row is committed behind our back.
        let first_open = diesel::dsl::sql::<BigInt>("(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)");
        let time = diesel::dsl::sql::<BigInt>("(extract(epoch from clock_timestamp()) * 1000000)::bigint");
        let (open, now): (i64, i64) = diesel::select((first_open, time)).get_result(conn)?;
        // Whoever slept for long does not know what was told and forgotten meanwhile.
        let Some(since) = self.since.filter(|_| now - self.at < KEPT_MINUTES * 60_000_000 / 2) else {
            *self = Self { since: Some(open), at: now, rows: BTreeSet::new() };
            changes.note([EVERYTHING]);
            return Ok(());
        };
        let theirs = read_changes::process.ne(&changes.process).and(read_changes::xact.ge(since));
        let rows: Vec<Heard> = read_changes::table.filter(theirs).select((read_changes::id, read_changes::names)).load(conn)?;
        for row in rows.iter().filter(|row| !self.rows.contains(&row.id)) {
            changes.note(row.names.split_whitespace());
        }
        // Only now: where the rows could not be read they are asked for again.
        *self = Self { since: Some(open), at: now, rows: rows.into_iter().map(|row| row.id).collect() };
        Ok(())
    }
}

struct State {
    clock: u64,
    of: HashMap<String, u64>,
    everything: u64,
    /// Other processes write too, and are to be heard …
    others: bool,
    /// … and were heard last.
    heard: Option<Tick>,
}

/// How long a row is kept for those who have not heard it.
const KEPT_MINUTES: i64 = 10;

/// Forgets rows that every process has read long ago.
pub fn forget(tx: &mut Tx) -> Outcome<()> {
    let old = read_changes::table.filter(read_changes::at.lt(tx.now().plus_minutes(-KEPT_MINUTES).0));
    diesel::delete(old).execute(&mut **tx)?;
    Ok(())
}

impl Changes {
    /// `others`: other processes write too, and must be heard.
    pub(super) fn new(others: bool) -> Self {
        Self {
            process: uuid::Uuid::now_v7().to_string(),
            state: Mutex::new(State { clock: 1, of: HashMap::new(), everything: 0, others, heard: None }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Name of this process.
    pub(super) fn process(&self) -> &str {
        &self.process
    }

    /// The present moment; taken before reading what is to be remembered.
    pub fn moment(&self) -> u64 {
        self.state().clock
    }

    /// Nothing of that name has changed since, as far as anybody can know.
    pub fn unchanged(&self, names: &[String], since: u64) -> bool {
        let state = self.state();
        let latest = names.iter().filter_map(|name| state.of.get(name)).max().copied().unwrap_or(0).max(state.everything);
        latest <= since && (!state.others || state.heard.is_some_and(|heard| heard.elapsed() < HEARD_WITHIN))
    }

    /// Takes these for changed from now on.
    pub(super) fn note<'n>(&self, names: impl IntoIterator<Item = &'n str>) {
        let mut state = self.state();
        for name in names {
            state.clock += 1;
            let now = state.clock;
            if name == EVERYTHING {
                state.everything = now;
                state.of.clear();
            } else {
                state.of.insert(name.to_owned(), now);
            }
        }
    }

    /// The others were heard just now.
    pub(super) fn heard(&self) {
        self.state().heard = Some(Tick::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: &[&str]) -> Vec<String> {
        of.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_was_read_before_a_change_is_forgotten_and_nothing_else() {
        let changes = Changes::new(false);
        let before = changes.moment();
        changes.note(["hall", "east"]);
        let after = changes.moment();
        assert!(!changes.unchanged(&names(&["hall"]), before));
        assert!(!changes.unchanged(&names(&["library", "east"]), before));
        assert!(changes.unchanged(&names(&["library"]), before));
        assert!(changes.unchanged(&names(&["hall", "east"]), after));
        changes.note([EVERYTHING]);
        assert!(!changes.unchanged(&names(&["library"]), after));
        assert!(!changes.unchanged(&[], after));
        assert!(changes.unchanged(&names(&["hall"]), changes.moment()));
    }

    #[test]
    fn who_did_not_listen_knows_nothing() {
        let changes = Changes::new(true);
        assert!(!changes.unchanged(&names(&["hall"]), changes.moment()));
        changes.heard();
        assert!(changes.unchanged(&names(&["hall"]), changes.moment()));
    }
}
