//! The side-by-side benchmark: `make bench`, parts of it by name (`make bench ONLY="search sqlite"`), or
//! `cargo bench --bench side_by_side -- --quick` for a smoke run.
//!
//! Absolute figures belong to the machine; what counts are ratios of sides that were measured in turn within one run: a booking
//! over HTTP against the same statements without HTTP; a month of availability, of a room and of all rooms, remembered, against
//! a bare handler that answers the same bytes, and asked anew against its SELECTs; the same questions over ten thousand bookings
//! and over a million. These are medians of five runs with their range; runs with more than 5 % stolen time are discarded and
//! counted. Starts, statements, memory and hostile rules are measured as often as their lines say, whatever is stolen. What is aimed at
//! ends the report, met or missed.

mod bookings;
mod child;
#[path = "../../tests/it/harness/cluster.rs"]
#[expect(dead_code, reason = "the tests want more of it")]
mod cluster;
mod growth;
mod hostile;
mod hub;
mod load;
mod machine;
mod mixed;
mod postgres;
mod reads;
mod sides;
mod statements;
mod waitlist;
mod world;

use cluster::{Cluster, Durability};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use shangliang::kernel::Fault;
use shangliang::store::{Conn, DatabaseUrl};
use sides::{Done, Plan, Report, Wanted};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Mutex;
use world::World;

/// A database to measure, and one more for what wants a fresh one.
struct Place<'a> {
    name: &'a str,
    url: DatabaseUrl,
    fresh: DatabaseUrl,
    counter: Option<&'a postgres::Counter>,
    folder: &'a Path,
}

fn backend(place: &Place, wanted: &Wanted, plan: Plan, report: &mut Report) -> Done<()> {
    let Place { name, folder, .. } = place;
    report.backend = (*name).into();
    report.line(format!("\n## {name}"));
    let mut json = serde_json::Map::new();
    if wanted.any(&[
        "bookings",
        "availability",
        "rooms",
        "search",
        "series",
        "waitlist",
        "mixed",
        "latency",
        "rules",
        "statements",
        "process",
    ]) {
        let world = Rc::new(World::start(place.url.clone(), folder)?);
        let mut crowd = Vec::new();
        if wanted.part("bookings") {
            let (value, figures) = bookings::single(plan, &world, folder, report)?;
            json.insert("bookings".into(), value);
            crowd.push(("booking, 64 connections", figures));
        }
        if wanted.part("availability") {
            let (value, figures) = reads::availability(plan, &world, folder, report)?;
            json.insert("availability".into(), value);
            crowd.push(("availability, 64 connections", figures));
        }
        if wanted.part("rooms") {
            json.insert("all_rooms".into(), reads::all_rooms(plan, &world, folder, report)?);
        }
        if wanted.part("search") {
            json.insert("search".into(), reads::search(plan, &world, folder, report)?);
        }
        if wanted.part("series") {
            json.insert("series".into(), bookings::series(plan, &world, folder, report)?);
        }
        world.renew()?;
        if wanted.part("waitlist") {
            json.insert("waitlist".into(), waitlist::measure(plan, &world, report)?);
        }
        if wanted.part("mixed") {
            json.insert("mixed".into(), mixed::evening(plan, &world, folder, report)?);
        }
        if wanted.part("latency") {
            json.insert("latency".into(), mixed::latencies(plan, &world, folder, &crowd, report)?);
        }
        if wanted.part("rules") {
            json.insert("rules".into(), hostile::measure(&world, report)?);
        }
        let mut world = Rc::try_unwrap(world).map_err(|_| "somebody still uses the application")?;
        world.clear_backlog()?;
        // Without the jobs beside it, whose statements would be counted too.
        world.stop()?;
        if wanted.part("statements") {
            json.insert("per_request".into(), statements::measure(&world, place.counter, report)?);
        }
        if wanted.part("process") {
            json.insert("process".into(), child::measure(&mut world, plan, report)?);
        }
    }
    if wanted.part("growth") {
        let own = folder.join("growth");
        std::fs::create_dir_all(&own)?;
        json.insert("growth".into(), growth::measure(place.fresh.clone(), &own, plan, report)?);
    }
    report.json.insert((*name).into(), json.into());
    Ok(())
}

fn main() -> Done<()> {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let wanted = Wanted::read(std::env::args().skip(1))?;
    let plan = if quick { Plan::quick() } else { Plan::full() };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("side-by-side-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(plan, &wanted, &folder);
    // Also when something failed.
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(plan: Plan, wanted: &Wanted, folder: &Path) -> Done<()> {
    // The log line of every request is written as in production, into a file.
    let log = std::fs::File::create(folder.join("log.json"))?;
    shangliang::telemetry::init("info", Mutex::new(log))?;
    let mut report = Report::default();
    report.line("# Side by side");
    report.line(format!("\n{}; fdatasync {:.0} µs in {}", machine::describe(), machine::fdatasync_us(folder)?, folder.display()));
    report.line("Client and server share the cores. Median of the runs, range in brackets.");
    if wanted.backend("sqlite") {
        let own = folder.join("sqlite");
        std::fs::create_dir_all(&own)?;
        let (url, fresh) = (DatabaseUrl::Sqlite(own.join("bench.db")), DatabaseUrl::Sqlite(own.join("growth.db")));
        backend(&Place { name: "SQLite", url, fresh, counter: None, folder: &own }, wanted, plan, &mut report)?;
    }
    if wanted.backend("postgres") {
        let cluster = Cluster::start(&folder.join("postgres"), Durability::Full)?;
        let own = folder.join("with-postgres");
        std::fs::create_dir_all(&own)?;
        let mut conn = Conn::open(&cluster.url("postgres").parse()?, false)?;
        for database in ["CREATE DATABASE bench", "CREATE DATABASE growth"] {
            conn.batch_execute(database).map_err(Fault::from)?;
        }
        let counter = postgres::Counter::before(cluster.port)?;
        let (url, fresh) = (cluster.url("bench").parse()?, cluster.url("growth").parse()?);
        backend(&Place { name: "PostgreSQL", url, fresh, counter: Some(&counter), folder: &own }, wanted, plan, &mut report)?;
    }
    report.end();
    let results = Path::new("bench-results");
    std::fs::create_dir_all(results)?;
    std::fs::write(results.join(format!("{}.md", wanted.title())), &report.markdown)?;
    let json: Value = json!(report.json);
    std::fs::write(results.join(format!("{}.json", wanted.title())), serde_json::to_string_pretty(&json)?)?;
    Ok(())
}
