//! Reading: a month of a room and of all rooms, remembered and anew, and searches over two hundred rooms.

use crate::bookings::reading;
use crate::sides::{CROWD, Done, Figures, Plan, Report, Side, in_turn, side};
use crate::world::{BIG, ROOMS, World};
use crate::{child, load};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;

/// A side that asks for the same thing over and over.
pub fn asking<'w>(name: impl Into<String>, address: SocketAddr, connections: usize, request: Vec<u8>) -> Side<'w> {
    side(name, move |time| {
        let request = request.clone();
        load::http(address, connections, time, "200", move || request.clone())
    })
}

const ANEW: &str = "cache-control: no-cache\r\n";

pub fn availability(plan: Plan, world: &Rc<World>, folder: &Path, report: &mut Report) -> Done<(Value, Figures)> {
    let request = world.month_request("");
    let body = child::get(world.address, &request)?;
    let bytes = body.len();
    let bare = child::bare_server(body, world.config.workers)?;
    let sides = [
        asking("a month of a room, remembered", world.address, CROWD, request.clone()),
        asking("the same, asked anew", world.address, CROWD, world.month_request(ANEW)),
        side("its SELECTs, no HTTP", |time| reading(world, CROWD, time, World::month_work)),
        asking("bare handler, same bytes", bare.address, CROWD, request),
    ];
    let figures = in_turn(plan, folder, &|| Ok(world.clear_backlog()?), &sides, report)?;
    bare.stop();
    let table = report.table(&format!("{CROWD} at once, {bytes} bytes, 60 bookings"), &sides, &figures);
    let mut all = figures.into_iter();
    let (Some(month), Some(anew), Some(selects), Some(bare)) = (all.next(), all.next(), all.next(), all.next()) else {
        return Err("four sides".into());
    };
    let ratios = [
        report.ratio("a month of a room, remembered : bare handler", &month, &bare, Some(0.8)),
        report.ratio("a month of a room, asked anew : its SELECTs", &anew, &selects, Some(0.6)),
    ];
    Ok((json!({"bytes": bytes, "sides": table, "ratios": ratios}), month))
}

pub fn all_rooms(plan: Plan, world: &Rc<World>, folder: &Path, report: &mut Report) -> Done<Value> {
    let request = world.site_request("");
    let body = child::get(world.address, &request)?;
    let bytes = body.len();
    let bare = child::bare_server(body, world.config.workers)?;
    let sides = [
        asking("a month of all rooms, remembered", world.address, CROWD, request.clone()),
        asking("bare handler, same bytes", bare.address, CROWD, request),
    ];
    let figures = in_turn(plan, folder, &|| Ok(world.clear_backlog()?), &sides, report)?;
    // Asked anew it is much work of both cores: its latency alone, one at a time.
    let anew = world.site_request(ANEW);
    let alone = load::http(world.address, 1, plan.time, "200", move || anew.clone());
    bare.stop();
    let table = report.table(&format!("{CROWD} at once, {} rooms, {bytes} bytes", ROOMS + 1), &sides, &figures);
    report.line(format!("\nAll rooms asked anew, one at a time: p50 {:.0} ms, p99 {:.0} ms", alone.ms(0.5), alone.ms(0.99)));
    let ratio = match figures.as_slice() {
        [month, bare] => report.ratio("a month of all rooms, remembered : bare handler", month, bare, Some(0.6)),
        _ => return Err("two sides".into()),
    };
    let anew = json!({"p50_ms": alone.ms(0.5), "p99_ms": alone.ms(0.99)});
    Ok(json!({"bytes": bytes, "sides": table, "anew": anew, "ratios": [ratio]}))
}

/// Nothing of a search is remembered: each is worked out anew.
pub fn search(plan: Plan, world: &Rc<World>, folder: &Path, report: &mut Report) -> Done<Value> {
    const SEEKERS: usize = 4;
    let found = child::get(world.address, &world.month_search())?;
    let found: Value = serde_json::from_slice(&found)?;
    let counted = ["/searched", "/total"].map(|pointer| found.pointer(pointer).and_then(Value::as_u64));
    if counted != [Some(BIG as u64); 2] {
        return Err(format!("searched and found: {counted:?}").into());
    }
    let sides = [
        asking(format!("{BIG} rooms × 31 days, two hours for twenty"), world.address, SEEKERS, world.month_search()),
        side("its SELECTs, no HTTP", |time| reading(world, SEEKERS, time, World::search_work)),
        asking(format!("{BIG} rooms, an afternoon, one use"), world.address, SEEKERS, world.afternoon_search()),
    ];
    let figures = in_turn(plan, folder, &|| Ok(world.clear_backlog()?), &sides, report)?;
    let table = report.table(&format!("{SEEKERS} at once"), &sides, &figures);
    let alone = world.month_search();
    let alone = load::http(world.address, 1, plan.time, "200", move || alone.clone());
    report.line(format!("\nA month of {BIG} rooms, one search at a time: p50 {:.0} ms, p99 {:.0} ms", alone.ms(0.5), alone.ms(0.99)));
    let ratio = match figures.as_slice() {
        [month, selects, _] => report.ratio("search of a month : its SELECTs", month, selects, None),
        _ => return Err("three sides".into()),
    };
    Ok(json!({"sides": table, "alone": {"p50_ms": alone.ms(0.5), "p99_ms": alone.ms(0.99)}, "ratios": [ratio]}))
}
