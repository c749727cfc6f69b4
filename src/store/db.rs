//! [`Db`]: reads and writes against either backend.
//!
//! SQLite: one writer thread. It takes waiting work, runs up to 64 pieces (or 20 ms worth) inside one `BEGIN IMMEDIATE`,
//! each in a SAVEPOINT, and answers all after COMMIT: one fsync serves many callers. PostgreSQL: every piece has its own
//! transaction on a pooled connection; deadlocks and serialisation failures run again while the deadline allows. Writes have
//! connections of their own on either: while COMMITs wait for a standby that is gone, people still read.

use super::changes::{Changes, EVERYTHING, Followed, Names};
use super::conn::{Backend, Conn, DatabaseUrl};
use super::pool::Pool;
use super::tx::Tx;
use crate::kernel::{Clock, Code, Fault, Instant, Outcome, Transient};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Tick};

/// Work not begun by then is dropped unrun; retries end then.
pub const WRITE_DEADLINE: Duration = Duration::from_secs(2);
/// Most pieces of work in one SQLite transaction.
const BATCH_PIECES: usize = 64;
/// Longest a batch keeps taking pieces.
const BATCH_TIME: Duration = Duration::from_millis(20);
/// Most pieces waiting for the writer.
const QUEUE: usize = 10_000;

/// What is to be done in a transaction, perhaps more than once. It leaves its value in a slot, so that what runs it is compiled once, and
/// not again for every question that is asked somewhere: that was a sixth of the whole program.
type Work<'w> = dyn FnMut(&mut Tx) -> Outcome<()> + 'w;
type Boxed = Box<dyn FnMut(&mut Tx) -> Outcome<()> + Send>;
/// The same with the connection still to be taken.
type Turn = Box<dyn FnOnce(&Db) -> Outcome<()> + Send>;
type Answer = tokio::sync::oneshot::Sender<Outcome<()>>;

/// Where a piece of work leaves its value.
struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T: Send + 'static> Slot<T> {
    /// Work for another thread, and the slot it fills.
    fn for_work(mut work: impl FnMut(&mut Tx) -> Outcome<T> + Send + 'static) -> (Boxed, Self) {
        let slot = Arc::new(Mutex::new(None));
        let fill = slot.clone();
        let boxed = Box::new(move |tx: &mut Tx| {
            let value = work(tx)?;
            *fill.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
            Ok(())
        });
        (boxed, Self(slot))
    }

    fn taken(self) -> Outcome<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(no_value)
    }
}

struct Piece {
    work: Boxed,
    span: tracing::Span,
    answer: Answer,
    deadline: Tick,
}

/// How to open the database.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// Where.
    pub url: DatabaseUrl,
    /// Connections for reading; as many again for writing on PostgreSQL.
    pub connections: usize,
}

struct Inner {
    url: DatabaseUrl,
    clock: Arc<dyn Clock>,
    readers: Pool,
    /// PostgreSQL only.
    writers: Pool,
    /// SQLite only. `None` once closed.
    writer: Mutex<Option<SyncSender<Piece>>>,
    writer_thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    retries: AtomicU64,
    changes: Arc<Changes>,
}

/// What a transaction takes as it begins, before it reads anything. On SQLite a write has everything to itself already.
#[derive(Debug)]
pub struct Lock(Cow<'static, str>);

impl Default for Lock {
    /// Nothing.
    fn default() -> Self {
        Self("BEGIN".into())
    }
}

impl Lock {
    /// What this statement without parameters takes on PostgreSQL.
    pub(super) fn taking(statement: &str) -> Self {
        Self(format!("BEGIN; {statement}").into())
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

impl Db {
    /// Opens the database and checks that it answers. Runs no migration.
    pub fn open(options: &DbOptions, clock: Arc<dyn Clock>) -> Outcome<Db> {
        let connections = options.connections.max(1);
        let sqlite = matches!(options.url, DatabaseUrl::Sqlite(_));
        let changes = Arc::new(Changes::new(!sqlite));
        let mut inner = Inner {
            url: options.url.clone(),
            clock: clock.clone(),
            readers: Pool::new(options.url.clone(), connections),
            writers: Pool::new(options.url.clone(), connections),
            writer: Mutex::new(None),
            writer_thread: Mutex::new(None),
            retries: AtomicU64::new(0),
            changes: changes.clone(),
        };
        if sqlite {
            let conn = Conn::open(&options.url, false)?;
            let (send, receive) = sync_channel(QUEUE);
            let thread = std::thread::Builder::new()
                .name("sqlite-writer".into())
                .spawn(move || writer_loop(conn, &receive, clock.as_ref(), &changes))
                .map_err(Fault::internal)?;
            inner.writer = Mutex::new(Some(send));
            inner.writer_thread = Mutex::new(Some(thread));
        }
        inner.readers.lend()?.conn()?.ping()?;
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

    /// What has changed.
    pub fn changes(&self) -> &Changes {
        &self.0.changes
    }

    /// Hears what other processes have changed on PostgreSQL since the last time. On SQLite the writer hears it.
    pub fn follow(&self, followed: &mut Followed) -> Outcome<()> {
        if self.backend() == Backend::Sqlite {
            return Ok(());
        }
        let changes = self.changes();
        match self.read_now(|tx| followed.hear(tx, changes)) {
            Ok(()) => {
                changes.heard();
                Ok(())
            }
            // Whatever happens until the database answers again is not known.
            Err(fault) => {
                changes.note([EVERYTHING]);
                Err(fault)
            }
        }
    }

    /// Transactions run again after contention, since start.
    pub fn retries(&self) -> u64 {
        self.0.retries.load(Ordering::Relaxed)
    }

    /// Pooled connections that are lent.
    pub fn connections_in_use(&self) -> usize {
        self.0.readers.in_use() + self.0.writers.in_use()
    }

    /// After a lost connection the idle ones are most likely lost too.
    fn forget_idle(&self) {
        self.0.readers.forget_idle();
        self.0.writers.forget_idle();
    }

    /// Size of SQLite's write-ahead log; 0 where there is none.
    pub fn log_bytes(&self) -> u64 {
        match &self.0.url {
            DatabaseUrl::Sqlite(path) => {
                let mut log = path.clone().into_os_string();
                log.push("-wal");
                std::fs::metadata(log).map_or(0, |log| log.len())
            }
            DatabaseUrl::Postgres(_) => 0,
        }
    }

    /// Reads, on a thread that may block.
    pub async fn read<T, F>(&self, look: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx) -> Outcome<T> + Send + 'static,
    {
        let (mut look, slot) = Slot::for_work(look);
        self.in_turn(&self.0.readers, Box::new(move |db| db.look(&mut look))).await?;
        slot.taken()
    }

    /// Works on a thread that may block, once a connection is to be had.
    async fn in_turn(&self, pool: &Pool, work: Turn) -> Outcome<()> {
        let turn = pool.turn().await?;
        let (db, span) = (self.clone(), tracing::Span::current());
        let work = move || {
            // With the work, not with whoever waits for it: they may go.
            let _turn = turn;
            span.in_scope(|| work(&db))
        };
        tokio::task::spawn_blocking(work).await.map_err(Fault::internal)?
    }

    /// Reads on this thread. A read whose pooled connection was lost runs once more on a new one.
    pub fn read_now<T>(&self, mut look: impl FnMut(&mut Tx) -> Outcome<T>) -> Outcome<T> {
        let mut seen = None;
        self.look(&mut |tx| {
            seen = Some(look(tx)?);
            Ok(())
        })?;
        seen.ok_or_else(no_value)
    }

    fn look(&self, look: &mut Work) -> Outcome<()> {
        let mut second_try = false;
        loop {
            let mut lent = self.0.readers.lend()?;
            let now = self.0.clock.now();
            let seen = guarded(|| run(lent.conn()?, (now, self.0.changes.process()), false, look));
            match seen {
                Err(fault) if fault.detail.transient == Some(Transient::ConnectionLost) => {
                    lent.give_up();
                    drop(lent);
                    self.forget_idle();
                    if second_try {
                        return Err(fault);
                    }
                    second_try = true;
                }
                _ => return seen.map(|_| ()),
            }
        }
    }

    /// Writes: `work` runs in a transaction, perhaps more than once; the answer comes after COMMIT.
    pub async fn write<T, F>(&self, work: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx) -> Outcome<T> + Send + 'static,
    {
        self.write_under(Lock::default(), work).await
    }

    /// The same in a transaction that begins with a lock.
    pub async fn write_under<T, F>(&self, lock: Lock, work: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx) -> Outcome<T> + Send + 'static,
    {
        let (work, slot) = Slot::for_work(work);
        self.write_boxed(lock, work).await?;
        slot.taken()
    }

    async fn write_boxed(&self, lock: Lock, mut work: Boxed) -> Outcome<()> {
        match self.backend() {
            Backend::Sqlite => self.queue(work)?.await.unwrap_or_else(|_| Err(closed())),
            Backend::Postgres => {
                // The wait for a turn counts.
                let deadline = Tick::now() + WRITE_DEADLINE;
                self.in_turn(&self.0.writers, Box::new(move |db| db.write_pg(&lock, &mut work, deadline))).await
            }
        }
    }

    /// Writes on this thread and waits. Never call it on an async worker.
    pub fn write_now<T, F>(&self, work: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx) -> Outcome<T> + Send + 'static,
    {
        self.write_now_under(&Lock::default(), work)
    }

    /// The same in a transaction that begins with a lock.
    pub fn write_now_under<T, F>(&self, lock: &Lock, work: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx) -> Outcome<T> + Send + 'static,
    {
        let (mut work, slot) = Slot::for_work(work);
        match self.backend() {
            Backend::Sqlite => self.queue(work)?.blocking_recv().unwrap_or_else(|_| Err(closed())),
            Backend::Postgres => self.write_pg(lock, &mut work, Tick::now() + WRITE_DEADLINE),
        }?;
        slot.taken()
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
        self.forget_idle();
    }

    /// Hands a piece to the SQLite writer; the answer comes after COMMIT.
    fn queue(&self, work: Boxed) -> Outcome<tokio::sync::oneshot::Receiver<Outcome<()>>> {
        let (answer, wait) = tokio::sync::oneshot::channel();
        let piece = Piece { work, span: tracing::Span::current(), answer, deadline: Tick::now() + WRITE_DEADLINE };
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        match writer.as_ref().ok_or_else(closed)?.try_send(piece) {
            Ok(()) => Ok(wait),
            Err(TrySendError::Full(_)) => Err(Fault::from(Code::Overloaded).retry_after(2)),
            Err(TrySendError::Disconnected(_)) => Err(closed()),
        }
    }

    fn write_pg(&self, lock: &Lock, work: &mut Work, deadline: Tick) -> Outcome<()> {
        if Tick::now() > deadline {
            return Err(too_late());
        }
        let mut pause = Duration::from_millis(2);
        loop {
            let Err(fault) = self.try_pg(lock, work) else { return Ok(()) };
            if fault.detail.transient == Some(Transient::ConnectionLost) {
                self.forget_idle();
            }
            if fault.detail.transient.is_none() || fault.code == Code::OutcomeUnknown || Tick::now() + pause >= deadline {
                return Err(fault);
            }
            self.0.retries.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(pause);
            pause *= 2;
        }
    }

    fn try_pg(&self, lock: &Lock, work: &mut Work) -> Outcome<()> {
        let mut lent = self.0.writers.lend()?;
        let now = self.0.clock.now();
        let done = guarded(|| {
            let conn = lent.conn()?;
            conn.batch_execute(&lock.0)?;
            run(conn, (now, self.0.changes.process()), true, work)
        });
        match done {
            // The SELECT fails when a statement failed and `work` swallowed it: COMMIT alone would answer well, having rolled back.
            Ok(changed) => match lent.conn()?.batch_execute("SELECT 1; COMMIT") {
                Ok(()) => {
                    self.0.changes.note(changed.iter().map(String::as_str));
                    Ok(())
                }
                Err(error) => {
                    let fault = Fault::from(error);
                    let answers = lent.conn()?.batch_execute("ROLLBACK").is_ok();
                    if !answers {
                        lent.give_up();
                    }
                    match fault.detail.transient {
                        // The server said no and still answers, so nothing was kept.
                        Some(Transient::Contention | Transient::LockTimeout) => Err(fault),
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

fn no_value() -> Fault {
    Fault::internal("a piece of work that went well left no value")
}

/// Runs `work` and what it left for the end; gives what was changed.
fn run(conn: &mut Conn, (now, process): (Instant, &str), writing: bool, work: &mut Work) -> Outcome<Names> {
    let mut tx = Tx::new(conn, now, process);
    work(&mut tx)?;
    tx.end(writing)
}

/// Counts the writes of other programs to the file.
#[derive(QueryableByName)]
struct DataVersion {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    data_version: i64,
}

/// Takes everything for changed when another program has written to the file since the last look.
fn look_for_others(conn: &mut Conn, known: &mut Option<i64>, changes: &Changes) {
    let now = diesel::sql_query("PRAGMA data_version").get_result::<DataVersion>(conn).map(|row| row.data_version).ok();
    if now.is_none() || known.replace(now.unwrap_or_default()) != now {
        changes.note([EVERYTHING]);
    }
}

/// Runs `work`; a panic becomes a 500 and no more.
fn guarded<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Fault::internal(format!("panic: {}", text.unwrap_or_else(|| "of unknown kind".into()))))
    })
}

/// How often the writer looks for other programs' writes when nobody writes here.
const LOOK: Duration = Duration::from_millis(100);

fn writer_loop(mut conn: Conn, pieces: &Receiver<Piece>, clock: &dyn Clock, changes: &Changes) {
    let mut known = None;
    let mut again: VecDeque<Piece> = VecDeque::new();
    loop {
        look_for_others(&mut conn, &mut known, changes);
        let first = match again.pop_front() {
            Some(piece) => piece,
            None => match pieces.recv_timeout(LOOK) {
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
        run_batch(&mut conn, first, &mut again, pieces, clock, changes);
    }
    // Best effort: the file is consistent without it.
    let _ = conn.batch_execute("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);");
}

/// Outcome of one piece inside its savepoint.
enum Ran {
    /// Kept, with what it changed.
    Kept(Names),
    /// Undone alone.
    Undone(Fault),
    /// The error ended the whole transaction (disk full, IO error): everything before it is gone too.
    BatchGone(Fault),
}

fn run_batch(conn: &mut Conn, first: Piece, again: &mut VecDeque<Piece>, pieces: &Receiver<Piece>, clock: &dyn Clock, changes: &Changes) {
    let begun = Tick::now();
    if let Err(error) = conn.batch_execute("BEGIN IMMEDIATE") {
        // Another program writes (an import beside the server): this piece waited its busy time.
        let _ = first.answer.send(Err(Fault::from(error)));
        return;
    }
    // What each is to hear once the others' effects, which it was judged beside, are committed.
    let mut ran: Vec<(Piece, Outcome<()>)> = Vec::new();
    let mut changed = Names::new();
    let mut next = Some(first);
    while let Some(mut piece) = next.take() {
        if Tick::now() > piece.deadline {
            let _ = piece.answer.send(Err(too_late()));
        } else {
            match run_piece(conn, &mut piece, clock, changes) {
                Ran::Kept(names) => {
                    changed.extend(names);
                    ran.push((piece, Ok(())));
                }
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
            changes.note(changed.iter().map(String::as_str));
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

fn run_piece(conn: &mut Conn, Piece { work, span, .. }: &mut Piece, clock: &dyn Clock, changes: &Changes) -> Ran {
    if let Err(error) = conn.batch_execute("SAVEPOINT piece") {
        return Ran::BatchGone(error.into());
    }
    let now = clock.now();
    match guarded(|| span.in_scope(|| run(conn, (now, changes.process()), true, work))) {
        Ok(changed) => match conn.batch_execute("RELEASE piece") {
            Ok(()) => Ran::Kept(changed),
            Err(error) => Ran::BatchGone(error.into()),
        },
        // Fails only when SQLite has already rolled the whole transaction back.
        Err(fault) => match conn.batch_execute("ROLLBACK TO piece; RELEASE piece") {
            Ok(()) => Ran::Undone(fault),
            Err(_) => Ran::BatchGone(fault),
        },
    }
}
