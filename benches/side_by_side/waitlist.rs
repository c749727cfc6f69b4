//! What it costs a cancellation that somebody waits: who is first in line comes up in its transaction.

use crate::load::Run;
use crate::machine::median;
use crate::sides::{Done, Figures, Plan, Report};
use crate::world::World;
use diesel::prelude::*;
use serde_json::{Value, json};
use shangliang::demo::client::Client;
use shangliang::kernel::Fault;
use shangliang::store::statements_run;
use std::net::SocketAddr;
use std::time::Instant as Tick;

/// Households in each line.
pub const LINE: usize = 10;
/// Cancellations of a run.
const EACH: usize = 40;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

fn held(world: &World) -> Done<i64> {
    let count = diesel::sql_query("SELECT COUNT(*) AS n FROM bookings WHERE state = 'held'");
    Ok(world.db.read_now(|tx| count.clone().get_result::<Count>(&mut **tx).map_err(Fault::from))?.n)
}

/// New bookings of the first resident, each with so many in line for it.
pub fn waited_for(world: &World, address: SocketAddr, bookings: usize, line: usize) -> Done<Vec<String>> {
    let client = first_resident(world, address);
    let mut ids = Vec::new();
    for _ in 0..bookings {
        let made = client.post("/api/v1/bookings", &world.booking_wish(&world.slot()))?.expect(201, "booking")?;
        ids.push(made.text("/id").to_owned());
    }
    world.neighbours(line)?;
    world.queue_up(&ids, line)?;
    Ok(ids)
}

fn first_resident(world: &World, address: SocketAddr) -> Client {
    Client::new(&format!("http://{address}")).with_token(world.tokens.borrow().first().map(String::as_str))
}

/// Bookings, each with so many in line for it, cancelled one after the other.
fn cancelled(world: &World, line: usize, statements: &mut Vec<f64>) -> Done<Run> {
    let ids = waited_for(world, world.address, EACH, line)?;
    let client = first_resident(world, world.address);
    let before = held(world)?;
    let mut run = Run::default();
    let begun = Tick::now();
    for id in &ids {
        let (asked, before) = (Tick::now(), statements_run());
        client.post(&format!("/api/v1/bookings/{id}/cancellation"), &json!({}))?.expect(201, "cancellation")?;
        run.latencies.push(asked.elapsed().as_secs_f64() * 1e6);
        statements.push((statements_run() - before) as f64);
    }
    (run.seconds, run.done) = (begun.elapsed().as_secs_f64(), EACH);
    let up = held(world)? - before;
    let expected = if line > 0 { EACH as i64 } else { 0 };
    if up == expected { Ok(run) } else { Err(format!("{up} came up of {expected}").into()) }
}

pub fn measure(plan: Plan, world: &World, report: &mut Report) -> Done<Value> {
    let mut all = [
        ("a cancellation, nobody in line".to_owned(), 0, Figures::none(), vec![]),
        (format!("a cancellation, {LINE} in line"), LINE, Figures::none(), vec![]),
    ];
    for _ in 0..plan.runs {
        for (_, line, figures, statements) in &mut all {
            let run = cancelled(world, *line, statements)?;
            figures.per_second.push(run.per_second());
            figures.p50.push(run.ms(0.5));
            figures.p99.push(run.ms(0.99));
        }
    }
    report.head("one at a time");
    let mut json = serde_json::Map::new();
    for (name, _, figures, _) in &all {
        report.row(name, figures);
        json.insert(name.clone(), figures.json());
    }
    for (name, _, _, statements) in &all {
        let statements = median(statements);
        report.line(format!("\n{name}: {statements:.0} statements with transaction control, on PostgreSQL a round trip each"));
        json.insert(format!("{name}: statements"), json!(statements));
    }
    Ok(json.into())
}
