//! The pool of connections, lent in the order they were asked for.

use super::conn::{Conn, DatabaseUrl};
use super::db::WRITE_DEADLINE;
use crate::kernel::{Code, Fault, Outcome};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant as Tick};

/// Longest wait for a pooled connection: as long as any request waits. Shorter, and some of 64 who ask for one slot at once
/// hear "overloaded" where "taken" is true.
const POOL_WAIT: Duration = WRITE_DEADLINE;

/// Connections that are lent and come back.
pub(super) struct Pool {
    url: DatabaseUrl,
    idle: Mutex<Idle>,
    freed: Condvar,
}

struct Idle {
    conns: Vec<Conn>,
    /// Connections that may still be opened.
    room: usize,
    /// Those waiting, in the order they came: nobody is overtaken, so nobody waits much longer than the others.
    line: VecDeque<u64>,
    /// The next ticket of the line.
    ticket: u64,
}

/// A pooled connection; goes back when dropped, unless it broke.
pub(super) struct Lent<'p> {
    pool: &'p Pool,
    conn: Option<Conn>,
}

impl Pool {
    pub(super) fn new(url: DatabaseUrl, size: usize) -> Self {
        Self { url, idle: Mutex::new(Idle { conns: Vec::new(), room: size, line: VecDeque::new(), ticket: 0 }), freed: Condvar::new() }
    }

    pub(super) fn lend(&self) -> Outcome<Lent<'_>> {
        let deadline = Tick::now() + POOL_WAIT;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.ticket += 1;
        let mine = idle.ticket;
        idle.line.push_back(mine);
        while idle.line.front() != Some(&mine) || (idle.conns.is_empty() && idle.room == 0) {
            let left = deadline.saturating_duration_since(Tick::now());
            if left.is_zero() {
                idle.line.retain(|ticket| *ticket != mine);
                drop(idle);
                self.freed.notify_all();
                return Err(Fault::from(Code::Overloaded).because("no database connection within 2 s").retry_after(1));
            }
            idle = self.freed.wait_timeout(idle, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        idle.line.pop_front();
        let ready = idle.conns.pop();
        if ready.is_none() {
            idle.room -= 1;
        }
        drop(idle);
        // Whoever is first in line now may find another connection free.
        self.freed.notify_all();
        // Made before opening, so that a failure gives the room back.
        let mut lent = Lent { pool: self, conn: ready };
        if lent.conn.is_none() {
            lent.conn = Some(Conn::open(&self.url, matches!(self.url, DatabaseUrl::Sqlite(_)))?);
        }
        Ok(lent)
    }

    /// After a lost connection the idle ones are most likely lost too.
    pub(super) fn forget_idle(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.room += idle.conns.len();
        idle.conns.clear();
    }
}

impl Lent<'_> {
    pub(super) fn conn(&mut self) -> Outcome<&mut Conn> {
        self.conn.as_mut().ok_or_else(|| Fault::internal("the connection was given up"))
    }
    pub(super) fn give_up(&mut self) {
        self.conn = None;
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        match self.conn.take() {
            Some(conn) => idle.conns.push(conn),
            None => idle.room += 1,
        }
        drop(idle);
        self.pool.freed.notify_all();
    }
}
