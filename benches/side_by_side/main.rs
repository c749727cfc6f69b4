//! The side-by-side benchmark: `make bench`, or `cargo bench --bench side_by_side -- --quick` for a smoke run.
//!
//! Absolute figures belong to the machine; what counts are ratios of sides that were measured in turn within one run:
//! a booking over HTTP against the same statements without HTTP, and against a bare durable insert; a month of
//! availability, of a room and of all rooms, remembered, against a bare handler that answers the same bytes, and asked anew
//! against its SELECTs. Every figure is the median of five runs with its
//! range; runs with more than 5 % stolen time are discarded and counted.

mod child;
#[path = "../../tests/it/harness/cluster.rs"]
#[expect(dead_code, reason = "the tests want more of it")]
mod cluster;
mod load;
mod machine;
mod postgres;
mod world;

use cluster::{Cluster, Durability};
use diesel::prelude::*;
use load::Run;
use machine::{Steal, median};
use serde_json::{Value, json};
use shangliang::kernel::{Fault, Outcome};
use shangliang::store::{Conn, DatabaseUrl, Db, DbOptions, statements_run};
use std::cell::Cell;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use world::{ROOMS, World};

type Done<T> = Result<T, Box<dyn Error>>;

diesel::table! {
    /// Where the bare insert goes.
    bench_rows (id) {
        /// Key.
        id -> Text,
        /// Number.
        n -> BigInt,
    }
}

/// Connections, and tasks that call the database.
const CROWD: usize = 64;

/// How long and how often.
#[derive(Clone, Copy)]
struct Plan {
    runs: usize,
    time: Duration,
    past: usize,
}

/// One side of a comparison.
struct Side<'w> {
    name: &'static str,
    run: Box<dyn Fn(Duration) -> Run + 'w>,
}

/// What one side did over all kept runs.
struct Figures {
    per_second: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
}

impl Figures {
    fn json(&self) -> Value {
        let spread = |v: &[f64]| json!({"median": median(v), "min": machine::quantile(v, 0.0), "max": machine::quantile(v, 1.0)});
        json!({"per_second": spread(&self.per_second), "p50_ms": spread(&self.p50), "p99_ms": spread(&self.p99)})
    }
}

struct Report {
    markdown: String,
    json: serde_json::Map<String, Value>,
    discarded: usize,
    turned_away: usize,
}

impl Report {
    fn line(&mut self, line: impl AsRef<str>) {
        println!("{}", line.as_ref());
        self.markdown.push_str(line.as_ref());
        self.markdown.push('\n');
    }
}

/// Runs the sides in turn, as often as planned; a round with stolen time is discarded.
fn in_turn(plan: Plan, world: &World, folder: &Path, sides: &[Side], report: &mut Report) -> Done<Vec<Figures>> {
    let mut figures: Vec<Figures> = sides.iter().map(|_| Figures { per_second: vec![], p50: vec![], p99: vec![] }).collect();
    let (mut kept, mut syncs) = (0, Vec::new());
    for _ in 0..plan.runs * 2 {
        if kept == plan.runs {
            break;
        }
        syncs.push(machine::fdatasync_us(folder)?);
        let steal = Steal::now();
        let mut round = Vec::new();
        for side in sides {
            world.clear_backlog()?;
            let run = (side.run)(plan.time);
            // Turned away because the queue was full is an answer, and is shown; more than one in fifty is no measurement.
            if run.failed * 50 > run.done {
                return Err(format!("{}: {} failed, the first: {}", side.name, run.failed, run.first_failure.unwrap_or_default()).into());
            }
            if run.failed > 0 {
                let first = run.first_failure.as_deref().unwrap_or_default().lines().next().unwrap_or_default();
                report.line(format!("- {}: {} of {} were turned away ({first})", side.name, run.failed, run.done + run.failed));
                report.turned_away += run.failed;
            }
            round.push(run);
        }
        if steal.percent() > 5.0 {
            report.discarded += 1;
            continue;
        }
        kept += 1;
        for (figures, run) in figures.iter_mut().zip(&round) {
            figures.per_second.push(run.per_second());
            figures.p50.push(run.ms(0.5));
            figures.p99.push(run.ms(0.99));
        }
    }
    println!("(fdatasync before each round, µs: {})", syncs.iter().map(|us| format!("{us:.0}")).collect::<Vec<_>>().join(" "));
    if kept == 0 { Err("every run was discarded: the host steals too much time".into()) } else { Ok(figures) }
}

fn show(report: &mut Report, name: &str, figures: &Figures) {
    let rate = &figures.per_second;
    report.line(format!(
        "| {name} | {:.0} ({:.0}–{:.0}) | {:.2} | {:.2} |",
        median(rate),
        machine::quantile(rate, 0.0),
        machine::quantile(rate, 1.0),
        median(&figures.p50),
        median(&figures.p99)
    ));
}

/// Ratio of the first side to another, run by run.
fn ratio(report: &mut Report, json: &mut Value, name: &str, of: &Figures, to: &Figures, aim: Option<f64>) {
    let each: Vec<f64> = of.per_second.iter().zip(&to.per_second).map(|(a, b)| a / b).collect();
    let aim_text = aim.map_or(String::new(), |aim| format!(", aim ≥ {aim}"));
    report.line(format!(
        "\n{name}: **{:.2}** ({:.2}–{:.2}{aim_text})",
        median(&each),
        machine::quantile(&each, 0.0),
        machine::quantile(&each, 1.0)
    ));
    if let Some(ratios) = json.as_object_mut() {
        ratios.insert(
            name.into(),
            json!({"median": median(&each), "min": machine::quantile(&each, 0.0), "max": machine::quantile(&each, 1.0), "aim": aim}),
        );
    }
}

fn bare_insert(db: &Db, counter: &Rc<Cell<i64>>) -> impl Future<Output = Result<(), String>> + use<> {
    let n = counter.get();
    counter.set(n + 1);
    let db = db.clone();
    async move {
        let row = move |tx: &mut shangliang::store::Tx| -> Outcome<()> {
            let conn: &mut Conn = tx;
            diesel::insert_into(bench_rows::table)
                .values((bench_rows::id.eq(format!("row-{n:020}")), bench_rows::n.eq(n)))
                .execute(conn)?;
            Ok(())
        };
        db.write(row).await.map_err(|fault| fault.to_string())
    }
}

fn bookings(plan: Plan, world: &Rc<World>, folder: &Path, report: &mut Report) -> Done<(Value, Figures)> {
    let rows = Rc::new(Cell::new(0i64));
    let over_http = world.clone();
    let sides = [
        Side {
            name: "bookings over HTTP",
            run: Box::new(|time| {
                let world = over_http.clone();
                load::http(world.address, CROWD, time, "201", move || world.booking_request(&world.slot()))
            }),
        },
        Side {
            name: "same statements, no HTTP",
            run: Box::new(|time| {
                let world = world.clone();
                load::drive(CROWD, time, move |_| {
                    let world = world.clone();
                    move || {
                        let (work, db) = (world.booking_work(&world.slot()), world.db.clone());
                        async move { db.write(work?).await.map_err(|fault| fault.to_string()) }
                    }
                })
            }),
        },
        Side {
            name: "bare one-row insert",
            run: Box::new(|time| {
                let (db, rows) = (world.db.clone(), rows.clone());
                load::drive(CROWD, time, move |_| {
                    let (db, rows) = (db.clone(), rows.clone());
                    move || bare_insert(&db, &rows)
                })
            }),
        },
    ];
    let figures = in_turn(plan, world, folder, &sides, report)?;
    report.line(format!("\n| {CROWD} at once | per second: median (range) | p50 ms | p99 ms |\n|---|---|---|---|"));
    for (side, figures) in sides.iter().zip(&figures) {
        show(report, side.name, figures);
    }
    let mut ratios = json!({});
    let mut all = figures.into_iter();
    let (Some(http), Some(same), Some(bare)) = (all.next(), all.next(), all.next()) else { return Err("three sides".into()) };
    ratio(report, &mut ratios, "HTTP : same statements", &http, &same, Some(0.6));
    ratio(report, &mut ratios, "HTTP : bare insert", &http, &bare, Some(0.35));
    Ok((json!({"http": http.json(), "statements": same.json(), "bare_insert": bare.json(), "ratios": ratios}), http))
}

/// A side that asks for the same thing over and over.
fn asking<'w>(name: &'static str, address: std::net::SocketAddr, request: Vec<u8>) -> Side<'w> {
    let run = move |time| {
        let request = request.clone();
        load::http(address, CROWD, time, "200", move || request.clone())
    };
    Side { name, run: Box::new(run) }
}

fn availability(plan: Plan, world: &Rc<World>, folder: &Path, report: &mut Report) -> Done<(Value, Figures)> {
    let request = world.month_request("");
    let body = child::get(world.address, &request)?;
    let bytes = body.len();
    let bare = child::bare_server(body, world.config.workers)?;
    let reads = world.clone();
    let sides = [
        asking("a month of a room, remembered", world.address, request.clone()),
        asking("the same, asked anew", world.address, world.month_request("cache-control: no-cache\r\n")),
        Side {
            name: "its SELECTs, no HTTP",
            run: Box::new(move |time| {
                let world = reads.clone();
                load::drive(CROWD, time, move |_| {
                    let world = world.clone();
                    move || {
                        let (work, db) = (world.month_work(), world.db.clone());
                        async move { db.read(work?).await.map_err(|fault| fault.to_string()) }
                    }
                })
            }),
        },
        asking("bare handler, same bytes", bare.address, request),
    ];
    let figures = in_turn(plan, world, folder, &sides, report)?;
    bare.stop();
    report.line(format!(
        "\n| {CROWD} at once, {bytes} bytes, 60 bookings | per second: median (range) | p50 ms | p99 ms |\n|---|---|---|---|"
    ));
    for (side, figures) in sides.iter().zip(&figures) {
        show(report, side.name, figures);
    }
    let mut ratios = json!({});
    let mut all = figures.into_iter();
    let (Some(month), Some(anew), Some(selects), Some(bare)) = (all.next(), all.next(), all.next(), all.next()) else {
        return Err("four sides".into());
    };
    ratio(report, &mut ratios, "remembered : bare handler", &month, &bare, Some(0.8));
    ratio(report, &mut ratios, "asked anew : its SELECTs", &anew, &selects, Some(0.6));
    let sides = json!({"month": month.json(), "anew": anew.json(), "selects": selects.json(), "bare": bare.json()});
    Ok((json!({"bytes": bytes, "sides": sides, "ratios": ratios}), month))
}

fn all_rooms(plan: Plan, world: &Rc<World>, folder: &Path, report: &mut Report) -> Done<Value> {
    let request = world.site_request("");
    let body = child::get(world.address, &request)?;
    let bytes = body.len();
    let bare = child::bare_server(body, world.config.workers)?;
    let sides = [
        asking("a month of all rooms, remembered", world.address, request.clone()),
        asking("bare handler, same bytes", bare.address, request),
    ];
    let figures = in_turn(plan, world, folder, &sides, report)?;
    // Asked anew it is a second's work of both cores: its latency alone, one at a time.
    let anew = world.site_request("cache-control: no-cache\r\n");
    let alone = load::http(world.address, 1, plan.time, "200", move || anew.clone());
    bare.stop();
    report.line(format!(
        "\n| {CROWD} at once, {} rooms, {bytes} bytes | per second: median (range) | p50 ms | p99 ms |\n|---|---|---|---|",
        ROOMS + 1
    ));
    for (side, figures) in sides.iter().zip(&figures) {
        show(report, side.name, figures);
    }
    report.line(format!("\nAll rooms asked anew, one at a time: p50 {:.0} ms, p99 {:.0} ms", alone.ms(0.5), alone.ms(0.99)));
    let mut ratios = json!({});
    let mut all = figures.into_iter();
    let (Some(month), Some(bare)) = (all.next(), all.next()) else { return Err("two sides".into()) };
    ratio(report, &mut ratios, "all rooms remembered : bare handler", &month, &bare, Some(0.6));
    let anew = json!({"p50_ms": alone.ms(0.5), "p99_ms": alone.ms(0.99)});
    Ok(json!({"bytes": bytes, "month": month.json(), "bare": bare.json(), "anew": anew, "ratios": ratios}))
}

fn latencies(plan: Plan, world: &Rc<World>, folder: &Path, crowd: (&Figures, &Figures), report: &mut Report) -> Done<Value> {
    let book = |connections: usize| {
        let world = world.clone();
        Box::new(move |time| {
            let world = world.clone();
            load::http(world.address, connections, time, "201", move || world.booking_request(&world.slot()))
        })
    };
    let look = |connections: usize| {
        let (address, request) = (world.address, world.month_request(""));
        Box::new(move |time| {
            load::http(address, connections, time, "200", {
                let request = request.clone();
                move || request.clone()
            })
        })
    };
    let sides = [
        Side { name: "booking, 1 connection", run: book(1) },
        Side { name: "booking, 16 connections", run: book(16) },
        Side { name: "availability, 1 connection", run: look(1) },
        Side { name: "availability, 16 connections", run: look(16) },
    ];
    let plan = Plan { time: plan.time.mul_f64(0.8), ..plan };
    let figures = in_turn(plan, world, folder, &sides, report)?;
    report.line("\n| latency | per second: median (range) | p50 ms | p99 ms |\n|---|---|---|---|");
    let mut json = serde_json::Map::new();
    let all = sides.iter().map(|side| side.name).zip(&figures);
    for (name, figures) in all.chain([("booking, 64 connections", crowd.0), ("availability, 64 connections", crowd.1)]) {
        show(report, name, figures);
        json.insert(name.into(), figures.json());
    }
    Ok(json.into())
}

/// Statements of one booking, and round trips on PostgreSQL, of bookings one after the other beside the server.
fn statements(world: &World, counter: Option<&postgres::Counter>, report: &mut Report) -> Done<Value> {
    let trips = || counter.map_or(0, postgres::Counter::round_trips);
    let url = match (counter, &world.config.database.url) {
        (Some(counter), _) => format!("postgres://postgres@127.0.0.1:{}/bench?sslmode=disable&gssencmode=disable", counter.port).parse()?,
        (None, url) => url.clone(),
    };
    let db = Db::open(&DbOptions { url, connections: 1 }, Arc::new(shangliang::kernel::time::SystemClock))?;
    let book = |n: usize| -> Done<()> {
        for _ in 0..n {
            db.write_now(world.booking_work(&world.slot())?)?;
        }
        Ok(())
    };
    // Each statement is prepared once per connection; that is not counted.
    book(5)?;
    const N: usize = 50;
    let per = |before: u64, after: u64| (after - before) as f64 / N as f64;
    let (s0, t0) = (statements_run(), trips());
    book(N)?;
    let (s1, t1) = (statements_run(), trips());
    for _ in 0..N {
        db.write_now(|_| Ok(()))?;
    }
    let s2 = statements_run();
    let (all, control) = (per(s0, s1), per(s1, s2));
    db.close();
    report.line(format!(
        "\nA booking alone: {:.0} statements (aim ≤ 10) and {control:.0} of transaction control{}",
        all - control,
        if counter.is_some() {
            format!("; **{:.0} round trips** to PostgreSQL (aim ≤ 5)", per(t0, t1))
        } else {
            "; none of them leaves the process".into()
        }
    ));
    Ok(json!({"statements": all - control, "control": control, "round_trips": counter.map(|_| per(t0, t1))}))
}

fn backend(name: &str, url: DatabaseUrl, counter: Option<&postgres::Counter>, folder: &Path, plan: Plan, report: &mut Report) -> Done<()> {
    report.line(format!("\n## {name}"));
    let world = World::start(url, folder)?;
    {
        use diesel::connection::SimpleConnection;
        let mut conn = Conn::open(&world.config.database.url, false)?;
        conn.batch_execute("CREATE TABLE bench_rows (id TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)").map_err(Fault::from)?;
    }
    let world = Rc::new(world);
    let (booked, crowd_booking) = bookings(plan, &world, folder, report)?;
    let (looked, crowd_looking) = availability(plan, &world, folder, report)?;
    let rooms = all_rooms(plan, &world, folder, report)?;
    let waited = latencies(plan, &world, folder, (&crowd_booking, &crowd_looking), report)?;
    let mut world = Rc::try_unwrap(world).map_err(|_| "somebody still uses the application")?;
    world.clear_backlog()?;
    // Without the jobs beside it, whose statements would be counted too.
    world.stop()?;
    let counted = statements(&world, counter, report)?;
    let process = child::measure(&world, plan, report)?;
    report.json.insert(
        name.into(),
        json!({"bookings": booked, "availability": looked, "all_rooms": rooms, "latency": waited, "per_booking": counted, "process": process}),
    );
    Ok(())
}

fn main() -> Done<()> {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let plan = if quick {
        Plan { runs: 1, time: Duration::from_millis(500), past: 5_000 }
    } else {
        Plan { runs: 5, time: Duration::from_millis(2_500), past: 100_000 }
    };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("side-by-side-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(plan, &folder);
    // Also when something failed.
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(plan: Plan, folder: &Path) -> Done<()> {
    // The log line of every request is written as in production, into a file.
    let log = std::fs::File::create(folder.join("log.json"))?;
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter("info").with_writer(Mutex::new(log)).init();
    let mut report = Report { markdown: String::new(), json: serde_json::Map::new(), discarded: 0, turned_away: 0 };
    report.line("# Side by side");
    report.line(format!("\n{}; fdatasync {:.0} µs in {}", machine::describe(), machine::fdatasync_us(folder)?, folder.display()));
    report.line("Client and server share the cores. Median of the runs, range in brackets.");
    let only = std::env::args().nth(1).filter(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    if wanted("sqlite") {
        let sqlite = folder.join("sqlite");
        std::fs::create_dir_all(&sqlite)?;
        backend("SQLite", DatabaseUrl::Sqlite(sqlite.join("bench.db")), None, &sqlite, plan, &mut report)?;
    }
    if wanted("postgres") {
        let cluster = Cluster::start(&folder.join("postgres"), Durability::Full)?;
        let own = folder.join("with-postgres");
        std::fs::create_dir_all(&own)?;
        {
            use diesel::connection::SimpleConnection;
            Conn::open(&cluster.url("postgres").parse()?, false)?.batch_execute("CREATE DATABASE bench").map_err(Fault::from)?;
        }
        let counter = postgres::Counter::before(cluster.port)?;
        backend("PostgreSQL", cluster.url("bench").parse()?, Some(&counter), &own, plan, &mut report)?;
    }
    report.line(format!("\nRounds discarded for stolen time: {}", report.discarded));
    report.line(format!("Requests turned away: {}", report.turned_away));
    report.json.insert("discarded".into(), json!(report.discarded));
    report.json.insert("turned_away".into(), json!(report.turned_away));
    let results = Path::new("bench-results");
    std::fs::create_dir_all(results)?;
    std::fs::write(results.join("side_by_side.md"), &report.markdown)?;
    std::fs::write(results.join("side_by_side.json"), serde_json::to_string_pretty(&Value::Object(report.json))?)?;
    Ok(())
}
