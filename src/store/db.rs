//! [`Db`]: reads and writes against either backend.
//!
//! SQLite: one writer thread. It takes waiting work, runs up to 64 pieces (or 20 ms worth) inside one `BEGIN IMMEDIATE`,
//! each in a SAVEPOINT, and answers all after COMMIT: one fsync serves many callers. PostgreSQL: every piece has its own
//! transaction on a pooled connection; deadlocks and serialisation failures run again while the deadline allows.

use super::conn::{Backend, Conn, DatabaseUrl};
use super::together::{Deferred, Together};
use crate::kernel::{Clock, Code, Fault, Instant, Outcome, Transient};
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::pg::Pg;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::sqlite::Sqlite;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant as Tick};

/// Work not begun by then is dropped unrun; retries end then.
pub const WRITE_DEADLINE: Duration = Duration::from_secs(2);
/// Most pieces of work in one SQLite transaction.
const BATCH_PIECES: usize = 64;
/// Longest a batch keeps taking pieces.
const BATCH_TIME: Duration = Duration::from_millis(20);
/// Most pieces waiting for the writer.
const QUEUE: usize = 10_000;
/// Longest wait for a pooled connection: as long as any request waits. Shorter, and some of 64 who ask for one slot at once
/// hear "overloaded" where "taken" is true.
const POOL_WAIT: Duration = WRITE_DEADLINE;

/// An open transaction (under [`Db::write`]) or a read-only look (under [`Db::read`]), and the moment it is judged by.
pub struct Tx<'a> {
    conn: &'a mut Conn,
    now: Instant,
    later: Vec<Deferred>,
    last: VecDeque<Last>,
}

/// What a transaction does when everything else is done.
type Last = Box<dyn FnOnce(&mut Tx) -> Outcome<()>>;

impl<'a> Tx<'a> {
    fn new(conn: &'a mut Conn, now: Instant) -> Self {
        Self { conn, now, later: Vec::new(), last: VecDeque::new() }
    }

    /// Runs a statement whose effect nothing in this transaction reads and whose answer nobody needs. On PostgreSQL it
    /// waits, and all that waited go to the server as one statement at the end; SQLite is in the process and runs it now.
    pub fn later<Q>(&mut self, statement: Q) -> Outcome<()>
    where
        Q: QueryFragment<Pg> + QueryFragment<Sqlite> + QueryId + 'static,
    {
        match &mut *self.conn {
            Conn::Pg(_) => self.later.push(Box::new(statement)),
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
        Ok(match &mut *self.conn {
            Conn::Pg(pg) => pg.execute_returning_count(&Together { deferred: std::mem::take(&mut self.later), last })?,
            Conn::Sqlite(sqlite) => sqlite.execute_returning_count(&last)?,
        })
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

    /// Runs what still waits. A look must not write.
    fn end(mut self, writing: bool) -> Outcome<()> {
        if self.later.is_empty() {
            return Ok(());
        }
        if !writing {
            return Err(Fault::internal("a look left a statement for the end of a transaction"));
        }
        self.catch_up()
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

type Work = Box<dyn FnMut(&mut Tx) -> Outcome<()> + Send>;
type Answer = tokio::sync::oneshot::Sender<Outcome<()>>;

struct Piece {
    work: Work,
    answer: Answer,
    deadline: Tick,
}

/// How to open the database.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// Where.
    pub url: DatabaseUrl,
    /// PostgreSQL connections, or SQLite readers.
    pub connections: usize,
}

struct Pool {
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
struct Lent<'p> {
    pool: &'p Pool,
    conn: Option<Conn>,
}

impl Pool {
    fn new(url: DatabaseUrl, size: usize) -> Self {
        Self { url, idle: Mutex::new(Idle { conns: Vec::new(), room: size, line: VecDeque::new(), ticket: 0 }), freed: Condvar::new() }
    }

    fn lend(&self) -> Outcome<Lent<'_>> {
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
    fn forget_idle(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.room += idle.conns.len();
        idle.conns.clear();
    }
}

impl Lent<'_> {
    fn conn(&mut self) -> Outcome<&mut Conn> {
        self.conn.as_mut().ok_or_else(|| Fault::internal("the connection was given up"))
    }
    fn give_up(&mut self) {
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

struct Inner {
    url: DatabaseUrl,
    clock: Arc<dyn Clock>,
    pool: Pool,
    /// SQLite only. `None` once closed.
    writer: Mutex<Option<SyncSender<Piece>>>,
    writer_thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    retries: AtomicU64,
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

impl Db {
    /// Opens the database and checks that it answers. Runs no migration.
    pub fn open(options: &DbOptions, clock: Arc<dyn Clock>) -> Outcome<Db> {
        let pool = Pool::new(options.url.clone(), options.connections.max(1));
        let mut inner = Inner {
            url: options.url.clone(),
            clock: clock.clone(),
            pool,
            writer: Mutex::new(None),
            writer_thread: Mutex::new(None),
            retries: AtomicU64::new(0),
        };
        if matches!(options.url, DatabaseUrl::Sqlite(_)) {
            let conn = Conn::open(&options.url, false)?;
            let (send, receive) = sync_channel(QUEUE);
            let thread = std::thread::Builder::new()
                .name("sqlite-writer".into())
                .spawn(move || writer_loop(conn, &receive, clock.as_ref()))
                .map_err(Fault::internal)?;
            inner.writer = Mutex::new(Some(send));
            inner.writer_thread = Mutex::new(Some(thread));
        }
        inner.pool.lend()?.conn()?.ping()?;
        Ok(Db(Arc::new(inner)))
    }

    /// Which backend.
    pub fn backend(&self) -> Backend {
        match self.0.url {
            DatabaseUrl::Sqlite(_) => Backend::Sqlite,
            DatabaseUrl::Postgres(_) => Backend::Postgres,
        }
    }

    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.0.url
    }

    /// The clock writes are judged by.
    pub fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    /// Transactions run again after contention, since start.
    pub fn retries(&self) -> u64 {
        self.0.retries.load(Ordering::Relaxed)
    }

    /// Reads, on a thread that may block.
    pub async fn read<T, F>(&self, look: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx) -> Outcome<T> + Send + 'static,
    {
        let db = self.clone();
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || span.in_scope(|| db.read_now(look))).await.map_err(Fault::internal)?
    }

    /// Reads on this thread. A read whose pooled connection was lost runs once more on a new one.
    pub fn read_now<T>(&self, mut look: impl FnMut(&mut Tx) -> Outcome<T>) -> Outcome<T> {
        let mut second_try = false;
        loop {
            let mut lent = self.0.pool.lend()?;
            let now = self.0.clock.now();
            let seen = guarded(|| run(lent.conn()?, now, false, &mut look));
            match &seen {
                Err(fault) if fault.detail.transient == Some(Transient::ConnectionLost) => {
                    lent.give_up();
                    drop(lent);
                    self.0.pool.forget_idle();
                    if second_try {
                        return seen;
                    }
                    second_try = true;
                }
                _ => return seen,
            }
        }
    }

    /// Writes: `work` runs in a transaction, perhaps more than once; the answer comes after COMMIT.
    pub async fn write<T, F>(&self, work: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx) -> Outcome<T> + Send + 'static,
    {
        match self.backend() {
            Backend::Sqlite => {
                let (result, answer) = self.queue(work)?;
                answer.await.unwrap_or_else(|_| Err(closed()))?;
                taken(&result)
            }
            Backend::Postgres => {
                let db = self.clone();
                let span = tracing::Span::current();
                // The wait for a thread counts.
                let deadline = Tick::now() + WRITE_DEADLINE;
                tokio::task::spawn_blocking(move || span.in_scope(|| db.write_pg(work, deadline))).await.map_err(Fault::internal)?
            }
        }
    }

    /// Writes on this thread and waits. Never call it on an async worker.
    pub fn write_now<T, F>(&self, work: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx) -> Outcome<T> + Send + 'static,
    {
        match self.backend() {
            Backend::Sqlite => {
                let (result, answer) = self.queue(work)?;
                answer.blocking_recv().unwrap_or_else(|_| Err(closed()))?;
                taken(&result)
            }
            Backend::Postgres => self.write_pg(work, Tick::now() + WRITE_DEADLINE),
        }
    }

    /// Empties SQLite's write-ahead log into the file, so that it holds nothing of what was overwritten there. `false`: somebody
    /// reads from it just now. PostgreSQL's log is its own affair.
    pub async fn empty_log(&self) -> Outcome<bool> {
        let db = self.clone();
        tokio::task::spawn_blocking(move || db.empty_log_now()).await.map_err(Fault::internal)?
    }

    /// The same on this thread.
    pub fn empty_log_now(&self) -> Outcome<bool> {
        match &self.0.url {
            DatabaseUrl::Sqlite(_) => Conn::open(&self.0.url, false)?.empty_log(),
            DatabaseUrl::Postgres(_) => Ok(true),
        }
    }

    /// Ends the SQLite writer after the work already queued, with a checkpoint. Further writes answer 503.
    pub fn close(&self) {
        drop(self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.0.writer_thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A writer that panicked has nothing left to save.
            let _ = thread.join();
        }
        self.0.pool.forget_idle();
    }

    #[expect(clippy::type_complexity, reason = "a slot for the value and the channel that says it is there")]
    fn queue<T, F>(&self, mut work: F) -> Outcome<(Arc<Mutex<Option<T>>>, tokio::sync::oneshot::Receiver<Outcome<()>>)>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx) -> Outcome<T> + Send + 'static,
    {
        let slot = Arc::new(Mutex::new(None));
        let fill = slot.clone();
        let span = tracing::Span::current();
        let work: Work = Box::new(move |tx| {
            let value = span.in_scope(|| work(tx))?;
            *fill.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
            Ok(())
        });
        let (answer, wait) = tokio::sync::oneshot::channel();
        let piece = Piece { work, answer, deadline: Tick::now() + WRITE_DEADLINE };
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        match writer.as_ref().ok_or_else(closed)?.try_send(piece) {
            Ok(()) => Ok((slot, wait)),
            Err(TrySendError::Full(_)) => Err(Fault::from(Code::Overloaded).retry_after(2)),
            Err(TrySendError::Disconnected(_)) => Err(closed()),
        }
    }

    fn write_pg<T>(&self, mut work: impl FnMut(&mut Tx) -> Outcome<T>, deadline: Tick) -> Outcome<T> {
        if Tick::now() > deadline {
            return Err(too_late());
        }
        let mut pause = Duration::from_millis(2);
        loop {
            let fault = match self.try_pg(&mut work) {
                Ok(value) => return Ok(value),
                Err(fault) => fault,
            };
            if fault.detail.transient == Some(Transient::ConnectionLost) {
                self.0.pool.forget_idle();
            }
            if fault.detail.transient.is_none() || fault.code == Code::OutcomeUnknown || Tick::now() + pause >= deadline {
                return Err(fault);
            }
            self.0.retries.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(pause);
            pause *= 2;
        }
    }

    fn try_pg<T>(&self, work: &mut impl FnMut(&mut Tx) -> Outcome<T>) -> Outcome<T> {
        let mut lent = self.0.pool.lend()?;
        let now = self.0.clock.now();
        let done = guarded(|| {
            let conn = lent.conn()?;
            conn.batch_execute("BEGIN")?;
            run(conn, now, true, work)
        });
        match done {
            // The SELECT fails when a statement failed and `work` swallowed it: COMMIT alone would answer well, having rolled back.
            Ok(value) => match lent.conn()?.batch_execute("SELECT 1; COMMIT") {
                Ok(()) => Ok(value),
                Err(error) => {
                    let fault = Fault::from(error);
                    let answers = lent.conn()?.batch_execute("ROLLBACK").is_ok();
                    if !answers {
                        lent.give_up();
                    }
                    match fault.detail.transient {
                        // The server said no and still answers, so nothing was kept.
                        Some(Transient::Contention) => Err(fault),
                        _ if answers => Err(fault),
                        // COMMIT was sent and nobody knows what became of it.
                        _ => Err(Fault::from(Code::OutcomeUnknown).because(fault).retry_after(1)),
                    }
                }
            },
            Err(fault) => {
                let lost = fault.detail.transient == Some(Transient::ConnectionLost);
                if lost || lent.conn()?.batch_execute("ROLLBACK").is_err() {
                    lent.give_up();
                }
                Err(fault)
            }
        }
    }
}

fn closed() -> Fault {
    Fault::from(Code::Unavailable).because("the database is closing").retry_after(3)
}

fn too_late() -> Fault {
    Fault::from(Code::Overloaded).because("waited longer than the deadline").retry_after(1)
}

fn taken<T>(slot: &Mutex<Option<T>>) -> Outcome<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(|| Fault::internal("a committed piece of work left no value"))
}

/// Runs `work` and what it left for the end.
fn run<T>(conn: &mut Conn, now: Instant, writing: bool, work: &mut (impl FnMut(&mut Tx) -> Outcome<T> + ?Sized)) -> Outcome<T> {
    let mut tx = Tx::new(conn, now);
    let value = work(&mut tx)?;
    while let Some(last) = tx.last.pop_front() {
        tx.catch_up()?;
        last(&mut tx)?;
    }
    tx.end(writing)?;
    Ok(value)
}

/// Runs `work`; a panic becomes a 500 and no more.
fn guarded<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Fault::internal(format!("panic: {}", text.unwrap_or_else(|| "of unknown kind".into()))))
    })
}

fn writer_loop(mut conn: Conn, pieces: &Receiver<Piece>, clock: &dyn Clock) {
    let mut again: VecDeque<Piece> = VecDeque::new();
    loop {
        let first = match again.pop_front() {
            Some(piece) => piece,
            None => match pieces.recv_timeout(Duration::from_secs(60)) {
                Ok(piece) => piece,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => break,
            },
        };
        if Tick::now() > first.deadline {
            // Before BEGIN: while another program writes, each BEGIN waits its whole busy time.
            let _ = first.answer.send(Err(too_late()));
            continue;
        }
        run_batch(&mut conn, first, &mut again, pieces, clock);
    }
    // Best effort: the file is consistent without it.
    let _ = conn.batch_execute("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);");
}

/// Outcome of one piece inside its savepoint.
enum Ran {
    /// Kept.
    Kept,
    /// Undone alone.
    Undone(Fault),
    /// The error ended the whole transaction (disk full, IO error): everything before it is gone too.
    BatchGone(Fault),
}

fn run_batch(conn: &mut Conn, first: Piece, again: &mut VecDeque<Piece>, pieces: &Receiver<Piece>, clock: &dyn Clock) {
    let begun = Tick::now();
    if let Err(error) = conn.batch_execute("BEGIN IMMEDIATE") {
        // Another program writes (an import beside the server): this piece waited its busy time.
        let _ = first.answer.send(Err(Fault::from(error)));
        return;
    }
    // What each is to hear once the others' effects, which it was judged beside, are committed.
    let mut ran: Vec<(Piece, Outcome<()>)> = Vec::new();
    let mut next = Some(first);
    while let Some(mut piece) = next.take() {
        if Tick::now() > piece.deadline {
            let _ = piece.answer.send(Err(too_late()));
        } else {
            match run_piece(conn, &mut piece.work, clock) {
                Ran::Kept => ran.push((piece, Ok(()))),
                Ran::Undone(fault) => ran.push((piece, Err(fault))),
                Ran::BatchGone(fault) => {
                    let _ = piece.answer.send(Err(fault));
                    // Usually SQLite has ended the transaction already; one left open would fail every later BEGIN.
                    let _ = conn.batch_execute("ROLLBACK");
                    // The others did nothing wrong: they run again in a batch of their own.
                    again.extend(ran.into_iter().map(|(piece, _)| piece));
                    return;
                }
            }
        }
        if ran.len() < BATCH_PIECES && begun.elapsed() < BATCH_TIME {
            next = again.pop_front().or_else(|| pieces.try_recv().ok());
        }
    }
    match conn.batch_execute("COMMIT") {
        Ok(()) => {
            for (piece, answer) in ran {
                let _ = piece.answer.send(answer);
            }
        }
        Err(error) => {
            let cause = error.to_string();
            let _ = conn.batch_execute("ROLLBACK");
            for (piece, _) in ran {
                let _ = piece.answer.send(Err(Fault::from(Code::Unavailable).because(format!("COMMIT failed: {cause}")).retry_after(2)));
            }
        }
    }
}

fn run_piece(conn: &mut Conn, work: &mut Work, clock: &dyn Clock) -> Ran {
    if let Err(error) = conn.batch_execute("SAVEPOINT piece") {
        return Ran::BatchGone(error.into());
    }
    let now = clock.now();
    match guarded(|| run(conn, now, true, work)) {
        Ok(()) => match conn.batch_execute("RELEASE piece") {
            Ok(()) => Ran::Kept,
            Err(error) => Ran::BatchGone(error.into()),
        },
        // Fails only when SQLite has already rolled the whole transaction back.
        Err(fault) => match conn.batch_execute("ROLLBACK TO piece; RELEASE piece") {
            Ok(()) => Ran::Undone(fault),
            Err(_) => Ran::BatchGone(fault),
        },
    }
}
