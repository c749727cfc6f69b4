//! An old service against a young one: the same questions over ten thousand bookings and over a million.

use crate::child::Served;
use crate::load;
use crate::machine::median;
use crate::reads::asking;
use crate::sides::{Aim, Done, Figures, Plan, Report, in_turn, shown, side};
use crate::world::World;
use serde_json::{Value, json};
use shangliang::store::DatabaseUrl;
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

/// Bookings of one side, made beforehand: more than one connection makes in all runs.
const READY: usize = 40_000;

fn at(world: &mut World, size: usize, plan: Plan, folder: &Path, report: &mut Report) -> Done<(Vec<String>, Vec<Figures>)> {
    let took = world.fill(size)?;
    world.renew()?;
    let served = Served::spawn(world)?;
    served.ready()?;
    let requests = (0..READY).map(|_| world.booking_request(&world.slot())).collect::<Vec<_>>();
    let requests = Rc::new(RefCell::new(requests));
    let address = served.address;
    let sides = [
        side("a booking", move |time| {
            let requests = requests.clone();
            load::http(address, 1, time, "201", move || requests.borrow_mut().pop().unwrap_or_default())
        }),
        asking("a month of a room, anew", address, 1, world.month_request("cache-control: no-cache\r\n")),
        asking("one's own bookings", address, 1, world.own_request()),
        asking("an afternoon in 200 rooms", address, 1, world.afternoon_search()),
    ];
    // Until the caches are as they stay.
    for side in &sides {
        (side.run)(plan.time.mul_f64(0.25));
    }
    let figures = in_turn(plan.shorter(0.5), folder, &|| Ok(()), &sides, report)?;
    let names = sides.iter().map(|side| side.name.clone()).collect();
    drop(sides);
    served.stop()?;
    println!("({size} bookings were there after {:.0} s)", took.as_secs_f64());
    Ok((names, figures))
}

/// On a database of its own, where nothing else was measured before.
pub fn measure(url: DatabaseUrl, folder: &Path, plan: Plan, report: &mut Report) -> Done<Value> {
    let mut world = World::start(url, folder)?;
    world.stop()?;
    let (names, young) = at(&mut world, plan.few, plan, folder, report)?;
    let (_, old) = at(&mut world, plan.many, plan, folder, report)?;
    let sizes = format!("over {} and {} bookings", plan.few, plan.many);
    report.line(format!("\n| {sizes}, one at a time | p50 ms | p99 ms |\n|---|---|---|"));
    let mut all = Vec::new();
    for (name, (young, old)) in names.iter().zip(young.iter().zip(&old)) {
        let both = |young: &[f64], old: &[f64]| format!("{} → {}", shown(young, 2), shown(old, 2));
        report.line(format!("| {name} | {} | {} |", both(&young.p50, &old.p50), both(&young.p99, &old.p99)));
    }
    for (name, (young, old)) in names.iter().zip(young.iter().zip(&old)) {
        // Against the median of the young: the runs of one are no pairs of the other's.
        let grown = |young: &[f64], old: &[f64]| old.iter().map(|of| of / median(young)).collect::<Vec<f64>>();
        all.push(json!({
            "name": name, "young": young.json(), "old": old.json(),
            "p50": report.aim(&format!("{name}, p50 {sizes}"), &grown(&young.p50, &old.p50), 2, Aim::AtMost(1.2)),
            "p99": report.aim(&format!("{name}, p99 {sizes}"), &grown(&young.p99, &old.p99), 2, Aim::AtMost(2.0)),
        }));
    }
    Ok(all.into())
}
