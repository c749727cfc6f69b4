//! Writing: bookings, one by one and by the year, against the same statements without HTTP and a bare insert.

use crate::load::{self, Run};
use crate::sides::{CROWD, Done, Figures, Plan, Report, in_turn, side};
use crate::world::World;
use diesel::prelude::*;
use serde_json::{Value, json};
use shangliang::kernel::Outcome;
use shangliang::store::{Backend, Conn, Db, Lock, Tx};
use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

diesel::table! {
    /// Where the bare insert goes.
    bench_rows (id) {
        /// Key.
        id -> Text,
        /// Number.
        n -> BigInt,
    }
}

fn put_row(conn: &mut Conn, n: i64) -> Outcome<()> {
    diesel::insert_into(bench_rows::table).values((bench_rows::id.eq(format!("row-{n:020}")), bench_rows::n.eq(n))).execute(conn)?;
    Ok(())
}

/// One row the way bookings are written: on SQLite it shares a COMMIT with others, on PostgreSQL it has its own.
fn bare_insert(db: &Db, n: i64) -> impl Future<Output = Result<(), String>> + use<> {
    let db = db.clone();
    async move { db.write(move |tx| put_row(tx, n)).await.map_err(|fault| fault.to_string()) }
}

/// One row and a COMMIT of its own, one after the other, as a program without group commit writes to SQLite.
fn bare_commit(conn: &Arc<Mutex<Conn>>, n: i64) -> impl Future<Output = Result<(), String>> + use<> {
    let conn = conn.clone();
    async move {
        let put = tokio::task::spawn_blocking(move || put_row(&mut conn.lock().unwrap_or_else(PoisonError::into_inner), n));
        put.await.map_err(|error| error.to_string())?.map_err(|fault| fault.to_string())
    }
}

/// A crowd that puts numbered rows, no number twice.
fn inserting<P, F>(rows: &Rc<Cell<i64>>, put: P) -> impl Fn(Duration) -> Run + use<P, F>
where
    P: Fn(i64) -> F + Clone + 'static,
    F: Future<Output = Result<(), String>> + 'static,
{
    let rows = rows.clone();
    move |time| {
        load::drive(CROWD, time, |_| {
            let (rows, put) = (rows.clone(), put.clone());
            move || put(rows.replace(rows.get() + 1))
        })
    }
}

/// Pieces of work in transactions of their own, without HTTP.
fn writing<W>(
    world: &Rc<World>,
    workers: usize,
    time: Duration,
    work: impl Fn(&World) -> Result<(Lock, W), String> + Clone + 'static,
) -> Run
where
    W: FnMut(&mut Tx) -> Outcome<()> + Send + 'static,
{
    load::drive(workers, time, |_| {
        let (world, work) = (world.clone(), work.clone());
        move || {
            let (piece, db) = (work(&world), world.db.clone());
            async move {
                let (lock, piece) = piece?;
                db.write_under(lock, piece).await.map_err(|fault| fault.to_string())
            }
        }
    })
}

/// The same without the lock and the pool of a write.
pub fn reading<W>(world: &Rc<World>, workers: usize, time: Duration, work: impl Fn(&World) -> Result<W, String> + Clone + 'static) -> Run
where
    W: FnMut(&mut Tx) -> Outcome<()> + Send + 'static,
{
    load::drive(workers, time, |_| {
        let (world, work) = (world.clone(), work.clone());
        move || {
            let (piece, db) = (work(&world), world.db.clone());
            async move { db.read(piece?).await.map_err(|fault| fault.to_string()) }
        }
    })
}

/// Bookings over HTTP, on so many connections.
pub fn booking(world: &Rc<World>, connections: usize, time: Duration) -> Run {
    let over_http = world.clone();
    load::http(world.address, connections, time, "201", move || over_http.booking_request(&over_http.slot()))
}

pub fn single(plan: Plan, world: &Rc<World>, folder: &Path, report: &mut Report) -> Done<(Value, Figures)> {
    let mut conn = Conn::open(&world.config.database.url, false)?;
    {
        use diesel::connection::SimpleConnection;
        let table = "CREATE TABLE IF NOT EXISTS bench_rows (id TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)";
        conn.batch_execute(table).map_err(shangliang::kernel::Fault::from)?;
    }
    let (db, conn) = (world.db.clone(), Arc::new(Mutex::new(conn)));
    let rows = Rc::new(Cell::new(0i64));
    let together = inserting(&rows, move |n| bare_insert(&db, n));
    let alone = inserting(&rows, move |n| bare_commit(&conn, n));
    let mut sides = vec![
        side("bookings over HTTP", |time| booking(world, CROWD, time)),
        side("same statements, no HTTP", |time| writing(world, CROWD, time, |world| world.booking_work(&world.slot()))),
    ];
    if world.db.backend() == Backend::Sqlite {
        sides.push(side("bare one-row insert, a COMMIT each", alone));
        sides.push(side("bare one-row insert, up to 64 to a COMMIT", together));
    } else {
        sides.push(side("bare one-row insert, a COMMIT each", together));
    }
    let figures = in_turn(plan, folder, &|| Ok(world.clear_backlog()?), &sides, report)?;
    let table = report.table(&format!("{CROWD} at once"), &sides, &figures);
    let [http, same, each, ..] = figures.as_slice() else { return Err("three sides".into()) };
    let mut ratios = vec![
        report.ratio("bookings over HTTP : same statements", http, same, Some(0.6)),
        report.ratio("bookings over HTTP : bare insert, a COMMIT each", http, each, Some(0.35)),
    ];
    if let Some(shared) = figures.get(3) {
        ratios.push(report.ratio("bookings over HTTP : bare insert, up to 64 to a COMMIT", http, shared, None));
    }
    Ok((json!({"sides": table, "ratios": ratios}), http.clone()))
}

/// A year of weeks in one transaction.
pub fn series(plan: Plan, world: &Rc<World>, folder: &Path, report: &mut Report) -> Done<Value> {
    const HANDS: usize = 4;
    let sides = [
        side("series of 52 over HTTP", |time| {
            let over_http = world.clone();
            load::http(world.address, HANDS, time, "201", move || over_http.series_request(over_http.next_series()))
        }),
        side("same statements, no HTTP", |time| {
            writing(world, HANDS, time, |world| Ok((Lock::default(), world.series_work(world.next_series())?)))
        }),
    ];
    let figures = in_turn(plan, folder, &|| Ok(world.clear_backlog()?), &sides, report)?;
    let table = report.table(&format!("{HANDS} at once, 52 bookings each"), &sides, &figures);
    let ratio = match figures.as_slice() {
        [http, same] => report.ratio("series of 52 over HTTP : same statements", http, same, None),
        _ => return Err("two sides".into()),
    };
    Ok(json!({"sides": table, "ratios": [ratio]}))
}
