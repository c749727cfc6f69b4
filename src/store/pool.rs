//! The pool of connections, lent in the order they were asked for.

use super::conn::{Conn, DatabaseUrl};
use super::db::WRITE_DEADLINE;
use crate::kernel::{Code, Fault, Outcome};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant as Tick};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Longest wait for a pooled connection: as long as any request waits. Shorter, and some of 64 who ask for one slot at once
/// hear "overloaded" where "taken" is true.
const POOL_WAIT: Duration = WRITE_DEADLINE;

/// Nobody gave one back in time.
fn no_connection() -> Fault {
    Fault::from(Code::Overloaded).because("no database connection within 2 s").retry_after(1)
}

/// Connections that are lent and come back.
pub(super) struct Pool {
    url: DatabaseUrl,
    size: usize,
    /// As many as there are connections: whoever waits for one in a task waits here, and holds no thread.
    turns: Arc<Semaphore>,
    idle: Mutex<Idle>,
}

struct Idle {
    conns: Vec<Conn>,
    /// Connections that may still be opened.
    room: usize,
    /// The threads that wait, in the order they came: nobody is overtaken, so nobody waits much longer than the others. Only the first is
    /// woken: when fifty-six of 64 wait, waking them all each time costs more than what they came for.
    line: VecDeque<Thread>,
}

impl Idle {
    fn can_lend(&self) -> bool {
        !self.conns.is_empty() || self.room > 0
    }

    /// Wakes whoever is first in line, if there is something to lend.
    fn call_next(&self) {
        if let Some(next) = self.line.front().filter(|_| self.can_lend()) {
            next.unpark();
        }
    }
}

/// A pooled connection; goes back when dropped, unless it broke.
pub(super) struct Lent<'p> {
    pool: &'p Pool,
    conn: Option<Conn>,
}

impl Pool {
    pub(super) fn new(url: DatabaseUrl, size: usize) -> Self {
        let idle = Idle { conns: Vec::new(), room: size, line: VecDeque::new() };
        Self { url, size, turns: Arc::new(Semaphore::new(size)), idle: Mutex::new(idle) }
    }

    /// A turn to work with a connection.
    pub(super) async fn turn(&self) -> Outcome<OwnedSemaphorePermit> {
        let turn = tokio::time::timeout(POOL_WAIT, self.turns.clone().acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or_else(no_connection)
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn in_use(&self) -> usize {
        let idle = self.idle();
        self.size - idle.room - idle.conns.len()
    }

    pub(super) fn lend(&self) -> Outcome<Lent<'_>> {
        let deadline = Tick::now() + POOL_WAIT;
        let me = std::thread::current();
        let mut idle = self.idle();
        idle.line.push_back(me.clone());
        while idle.line.front().is_some_and(|first| first.id() != me.id()) || !idle.can_lend() {
            let left = deadline.saturating_duration_since(Tick::now());
            if left.is_zero() {
                idle.line.retain(|waiting| waiting.id() != me.id());
                idle.call_next();
                return Err(no_connection());
            }
            drop(idle);
            std::thread::park_timeout(left);
            idle = self.idle();
        }
        idle.line.pop_front();
        let ready = idle.conns.pop();
        if ready.is_none() {
            idle.room -= 1;
        }
        // Whoever is first now may find another connection free.
        idle.call_next();
        drop(idle);
        // Made before opening, so that a failure gives the room back.
        let mut lent = Lent { pool: self, conn: ready };
        if lent.conn.is_none() {
            lent.conn = Some(Conn::open(&self.url, matches!(self.url, DatabaseUrl::Sqlite(_)))?);
        }
        Ok(lent)
    }

    pub(super) fn forget_idle(&self) {
        let mut idle = self.idle();
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
        let mut idle = self.pool.idle();
        match self.conn.take() {
            Some(conn) => idle.conns.push(conn),
            None => idle.room += 1,
        }
        idle.call_next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn many_take_turns_with_two_connections() {
        let folder = std::env::temp_dir().join(format!("pool-{}", uuid::Uuid::now_v7()));
        let pool = Pool::new(DatabaseUrl::Sqlite(folder.join("pool.db")), 2);
        let (lent, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for turn in 0..500 {
                        let mut mine = pool.lend().unwrap();
                        most.fetch_max(lent.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        if turn % 100 == 99 {
                            mine.give_up();
                        }
                        lent.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 2);
        let idle = pool.idle();
        assert_eq!((idle.conns.len() + idle.room, idle.line.len()), (2, 0));
        drop(idle);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
