//! [`Tx`]: an open transaction, what waits for its end, and what it changed.

use super::changes::{EVERYTHING, Names};
use super::conn::Conn;
use super::schema::read_changes;
use super::together::{Deferred, Together};
use crate::kernel::{Fault, Instant, Outcome};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::sqlite::Sqlite;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};

/// An open transaction (under [`Db::write`]) or a read-only look (under [`Db::read`]), and the moment it is judged by.
pub struct Tx<'a> {
    conn: &'a mut Conn,
    now: Instant,
    /// Name of this process, for the others.
    process: &'a str,
    later: Vec<Deferred>,
    last: VecDeque<Last>,
    changed: Names,
    /// How many of those the row for other processes names already.
    told: usize,
}

/// Most writes of one statement: it takes 65,535 values, and its plan grows with it.
const MOST_AT_ONCE: usize = 64;

/// What a transaction does when everything else is done.
type Last = Box<dyn FnOnce(&mut Tx) -> Outcome<()>>;

impl<'a> Tx<'a> {
    pub(super) fn new(conn: &'a mut Conn, now: Instant, process: &'a str) -> Self {
        Self { conn, now, process, later: Vec::new(), last: VecDeque::new(), changed: Names::new(), told: 0 }
    }

    /// Names something whose remembered answers are good no more once this is committed: a space, an atom.
    pub fn changed(&mut self, what: &str) {
        if !self.changed.contains(what) {
            self.changed.insert(what.to_owned());
        }
    }

    /// Whatever anybody remembers is good no more once this is committed.
    pub fn changed_everything(&mut self) {
        self.changed(EVERYTHING);
    }

    /// Runs a statement whose effect nothing in this transaction reads and whose answer nobody needs. On PostgreSQL it
    /// waits, and all that waited go to the server as one statement at the end (of many, some at a time, in the order they came);
    /// SQLite is in the process and runs it now.
    pub fn later<Q>(&mut self, statement: Q) -> Outcome<()>
    where
        Q: QueryFragment<Pg> + QueryFragment<Sqlite> + QueryId + 'static,
    {
        match &mut *self.conn {
            Conn::Pg(_) => {
                self.later.push(Box::new(statement));
                if self.later.len() >= MOST_AT_ONCE {
                    self.catch_up()?;
                }
            }
            Conn::Sqlite(sqlite) => {
                sqlite.execute_returning_count(&statement)?;
            }
        }
        Ok(())
    }

    /// Runs `last` together with all that waited; gives the number of rows it wrote.
    pub(super) fn conclude<Q>(&mut self, last: Q) -> Outcome<usize>
    where
        Q: QueryFragment<Pg> + QueryFragment<Sqlite> + QueryId,
    {
        self.tell_others();
        Ok(match &mut *self.conn {
            Conn::Pg(pg) => pg.execute_returning_count(&Together { deferred: std::mem::take(&mut self.later), last })?,
            Conn::Sqlite(sqlite) => sqlite.execute_returning_count(&last)?,
        })
    }

    /// Leaves word for the other processes; on SQLite there are none.
    fn tell_others(&mut self) {
        if matches!(self.conn, Conn::Pg(_)) && self.told < self.changed.len() {
            self.told = self.changed.len();
            let names = self.changed.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
            let row = (
                read_changes::id.eq(uuid::Uuid::now_v7().to_string()),
                read_changes::process.eq(self.process.to_owned()),
                read_changes::names.eq(names),
                read_changes::at.eq(self.now.0),
            );
            self.later.push(Box::new(diesel::insert_into(read_changes::table).values(row)));
        }
    }

    /// Leaves something to be done in this transaction once everything else is: it sees all effects.
    pub fn at_last(&mut self, work: impl FnOnce(&mut Tx) -> Outcome<()> + 'static) {
        self.last.push_back(Box::new(work));
    }

    /// Runs what waits for the end now, for a transaction that goes on and reads it.
    pub fn catch_up(&mut self) -> Outcome<()> {
        if self.later.is_empty() {
            return Ok(());
        }
        self.conclude(diesel::dsl::sql_query("SELECT 1")).map(|_| ())
    }

    /// Runs what still waits, and gives what was changed. A look must not write.
    pub(super) fn end(mut self, writing: bool) -> Outcome<Names> {
        while let Some(last) = self.last.pop_front() {
            self.catch_up()?;
            last(&mut self)?;
        }
        let left = !self.later.is_empty() || !self.changed.is_empty();
        if left && !writing {
            return Err(Fault::internal("a look left a statement for the end of a transaction"));
        }
        self.tell_others();
        self.catch_up()?;
        Ok(self.changed)
    }

    /// The moment this work is judged by.
    pub fn now(&self) -> Instant {
        self.now
    }
}

impl Deref for Tx<'_> {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        self.conn
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn
    }
}
