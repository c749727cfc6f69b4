//! Statements of one request, and round trips on PostgreSQL, of requests one after the other beside the server.

use crate::machine::median;
use crate::postgres::Counter;
use crate::sides::{Aim, Done, Report};
use crate::world::World;
use serde_json::{Value, json};
use shangliang::kernel::time::SystemClock;
use shangliang::store::{Db, DbOptions, statements_run};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

/// Each so often: what is prepared once per connection is done before.
const TIMES: usize = 20;
/// SQLite's writer looks for other programs' writes when a request has its answer: that look belongs to the request.
const AFTERWARDS: Duration = Duration::from_millis(5);

type Work<'w> = &'w dyn Fn() -> Done<()>;

struct Counted {
    statements: f64,
    round_trips: Option<f64>,
}

/// The middle one of several: the server beside has a statement of its own now and then.
fn count(counter: Option<&Counter>, one: Work) -> Done<Counted> {
    let trips = || counter.map_or(0, Counter::round_trips);
    let (mut statements, mut round_trips) = (Vec::new(), Vec::new());
    let one = || one().inspect(|()| sleep(AFTERWARDS));
    for _ in 0..5 {
        one()?;
    }
    for _ in 0..TIMES {
        let (s0, t0) = (statements_run(), trips());
        one()?;
        statements.push((statements_run() - s0) as f64);
        round_trips.push((trips() - t0) as f64);
    }
    Ok(Counted { statements: median(&statements), round_trips: counter.map(|_| median(&round_trips)) })
}

pub fn measure(world: &World, counter: Option<&Counter>, report: &mut Report) -> Done<Value> {
    let url = match (counter, &world.config.database.url) {
        (Some(counter), _) => format!("postgres://postgres@127.0.0.1:{}/bench?sslmode=disable&gssencmode=disable", counter.port).parse()?,
        (None, url) => url.clone(),
    };
    let db = Db::open(&DbOptions { url, connections: 1 }, Arc::new(SystemClock))?;
    let control = count(counter, &|| Ok(db.write_now(|_| Ok(()))?))?.statements;
    report.line("\n| one request | statements | of them transaction control | round trips to PostgreSQL |\n|---|---|---|---|");
    let mut all = serde_json::Map::new();
    let mut booking = None;
    let works: [(&str, bool, Work); 5] = [
        ("a booking", true, &|| {
            let (lock, work) = world.booking_work(&world.slot())?;
            Ok(db.write_now_under(&lock, work)?)
        }),
        ("a series of 52", true, &|| Ok(db.write_now(world.series_work(world.next_series())?)?)),
        ("a month of a room", false, &|| Ok(db.read_now(world.month_work()?)?)),
        ("a month of all rooms", false, &|| Ok(db.read_now(world.site_work()?)?)),
        ("a search of a month", false, &|| Ok(db.read_now(world.search_work()?)?)),
    ];
    for (name, writes, one) in works {
        let counted = count(counter, one)?;
        let control = if writes { control } else { 0.0 };
        let trips = counted.round_trips.map_or("–".into(), |trips| format!("{trips:.1}"));
        report.line(format!("| {name} | {:.1} | {control:.0} | {trips} |", counted.statements));
        all.insert(name.into(), json!({"statements": counted.statements, "control": control, "round_trips": counted.round_trips}));
        booking = booking.or(Some((counted, control)));
    }
    if let Some((counted, control)) = booking {
        let statements =
            report.aim("statements of a booking, without transaction control", &[counted.statements - control], 0, Aim::AtMost(10.0));
        all.insert("aim".into(), statements);
        if let Some(trips) = counted.round_trips {
            all.insert("aim_trips".into(), report.aim("round trips of a booking", &[trips], 0, Aim::AtMost(5.0)));
        }
    }
    db.close();
    Ok(all.into())
}
