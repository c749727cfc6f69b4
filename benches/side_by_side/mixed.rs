//! What a busy evening looks like: four of five look, one books; and the latencies of each alone.

use crate::bookings::booking;
use crate::load;
use crate::reads::asking;
use crate::sides::{CROWD, Done, Figures, Plan, Report, in_turn, side};
use crate::world::World;
use serde_json::{Value, json};
use std::path::Path;
use std::rc::Rc;

pub fn evening(plan: Plan, world: &Rc<World>, folder: &Path, report: &mut Report) -> Done<Value> {
    let sides = [side("four of five look, one books", |time| {
        let mixed = world.clone();
        load::http_each(world.address, CROWD, time, move || mixed.mixed_request())
    })];
    let figures = in_turn(plan, folder, &|| Ok(world.clear_backlog()?), &sides, report)?;
    let table = report.table(&format!("{CROWD} at once"), &sides, &figures);
    Ok(json!({ "sides": table }))
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
