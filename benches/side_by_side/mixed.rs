//! What a busy evening looks like: four of five look, one books; and the latencies of each alone.

use crate::bookings::booking;
use crate::load;
use crate::reads::asking;
use crate::sides::{CROWD, Done, Figures, Plan, Report, in_turn, shown, side};
use crate::world::World;
use serde_json::{Value, json};
use shangliang::store::statements_run;
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

pub fn evening(plan: Plan, world: &Rc<World>, folder: &Path, report: &mut Report) -> Done<Value> {
    let statements = RefCell::new(Vec::new());
    let sides = [side("four of five look, one books", |time| {
        let (mixed, before) = (world.clone(), statements_run());
        let run = load::http_each(world.address, CROWD, time, move || mixed.mixed_request());
        statements.borrow_mut().push((statements_run() - before) as f64 / run.done.max(1) as f64);
        run
    })];
    let figures = in_turn(plan, folder, &|| Ok(world.clear_backlog()?), &sides, report)?;
    let table = report.table(&format!("{CROWD} at once"), &sides, &figures);
    let statements = statements.take();
    report.line(format!(
        "\nStatements of a request, those of the jobs beside counted in: {}; on PostgreSQL about as many round trips",
        shown(&statements, 1)
    ));
    Ok(json!({ "sides": table, "statements": statements }))
}

pub fn latencies(plan: Plan, world: &Rc<World>, folder: &Path, crowd: &[(&str, Figures)], report: &mut Report) -> Done<Value> {
    let month = || world.month_request("");
    let sides = [
        side("booking, 1 connection", |time| booking(world, 1, time)),
        side("booking, 16 connections", |time| booking(world, 16, time)),
        asking("availability, 1 connection", world.address, 1, month()),
        asking("availability, 16 connections", world.address, 16, month()),
    ];
    let figures = in_turn(plan.shorter(0.6), folder, &|| Ok(world.clear_backlog()?), &sides, report)?;
    let table = report.table("latency", &sides, &figures);
    for (name, figures) in crowd {
        report.row(name, figures);
    }
    Ok(table)
}
