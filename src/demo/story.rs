//! The main job, told step by step against a running server, on fresh copies of the two hubs: repeatable, because every
//! telling has codes, people and areas of its own, and dates relative to now.

use super::client::{Answer, Client};
use super::people::{Hub, spaces};
use super::seed::{SHIYOU, YUXIN};
use crate::kernel::{Fault, Instant, Outcome, Zone};
use crate::schedule::rules::day_type;
use crate::terms::model::{DayType, Use};
use serde_json::{Value, json};

fn step(text: &str) {
    println!("· {text}");
}

fn check(holds: bool, what: &str, shown: &Value) -> Outcome<()> {
    if holds { Ok(()) } else { Err(Fault::internal(format!("the story broke: {what}: {shown}"))) }
}

/// A copy of a hub file with codes, mobiles and term of its own.
fn fresh_copy(yaml: &str, stamp: &str, mobiles: &str, zone: &Zone, now: Instant) -> String {
    let today = zone.day_of(now);
    let last = zone.day_of(now.plus_days(730));
    let renamed = ["yuxin", "shiyou", "haidian", "xisanqi", "xueyuanlu"]
        .iter()
        .fold(yaml.to_owned(), |text, code| text.replace(code, &format!("{code}{stamp}")))
        .replace("1390000", mobiles);
    let dated = renamed.lines().map(|line| {
        let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
        if rest.starts_with("first_day:") {
            format!("{indent}first_day: {today}")
        } else if rest.starts_with("last_day:") {
            format!("{indent}last_day: {last}")
        } else {
            line.to_owned()
        }
    });
    dated.collect::<Vec<_>>().join("\n")
}

/// The next ordinary Tuesday, Wednesday or Thursday at least two days ahead: no holiday, nobody's Monday.
fn ordinary_day(zone: &Zone, now: Instant) -> Instant {
    let day = |ahead: i64| zone.day_of(zone.at(zone.day_of(now), 720).plus_days(ahead));
    let ordinary =
        (2..40).map(day).find(|day| day_type(*day).0 == DayType::Workday && (1..=3).contains(&day.weekday().to_monday_zero_offset()));
    zone.at(ordinary.unwrap_or_else(|| day(2)), 0)
}

struct Teller {
    zone: Zone,
    day: Instant,
}

impl Teller {
    fn ask(&self, space: &str, use_code: &str, from: i64, minutes: i64, people: i64) -> Value {
        let start = self.day.plus_minutes(from);
        json!({
            "space_id": space, "use": use_code, "attendees": people,
            "starts_at": self.zone.rfc3339(start), "ends_at": self.zone.rfc3339(start.plus_minutes(minutes)),
        })
    }
}

fn space<'a>(rooms: &'a [(String, String, String)], code: &str) -> Outcome<&'a str> {
    rooms.iter().find(|(have, ..)| have == code).map(|(_, id, _)| id.as_str()).ok_or_else(|| Fault::internal(format!("no space {code}")))
}

fn reason<'a>(answer: &'a Answer, code: &str) -> Option<&'a Value> {
    answer.body["reasons"].as_array()?.iter().find(|reason| reason["code"] == code)
}

/// Tells the story as a platform administrator of the server; ends with `story complete`.
pub fn tell(admin: &Client, now: Instant) -> Outcome<()> {
    let zone = Zone::named("Asia/Shanghai").ok_or_else(|| Fault::internal("no zone"))?;
    let random = uuid::Uuid::new_v4().as_u128();
    let stamp = format!("{:05x}", random & 0xf_ffff);
    let mobiles = format!("1{}{:05}", 3 + (random >> 32) % 7, (random >> 64) % 100_000);
    let teller = Teller { day: ordinary_day(&zone, now), zone: zone.clone() };
    step(&format!("a copy of both hubs under area haidian{stamp}; bookings on {}", zone.show(teller.day)));
    yuxin(admin, &teller, &fresh_copy(YUXIN, &stamp, &mobiles, &zone, now), &stamp)?;
    shiyou(admin, &teller, &fresh_copy(SHIYOU, &stamp, &mobiles, &zone, now), &stamp)?;
    println!("story complete");
    Ok(())
}

fn yuxin(admin: &Client, teller: &Teller, yaml: &str, stamp: &str) -> Outcome<()> {
    let hub = Hub::bring_in(admin, yaml)?;
    let code = |tail: &str| format!("yuxin{stamp}-{tail}");
    let rooms = spaces(admin, &code("centre"))?;
    let hall = space(&rooms, "hall")?;
    step("育新花园 is imported: six rooms, one hall, 1,152.00 m²");

    let proposed = hub.propose(&code("partnership"), &code("community"))?;
    let agreed = proposed.sign(&code("community"))?;
    check(!agreed, "one of two signatures agreed", &Value::Null)?;
    let resident = hub.person(&code("p-res-1"))?;
    let ask = teller.ask(hall, "meeting", 10 * 60, 60, 20);
    let refused = resident.post("/api/v1/bookings", &ask)?.expect(409, "booking without agreement")?;
    let missing = reason(&refused, "no-agreement").cloned().unwrap_or_default();
    let names = missing["zh"].as_str().is_some_and(|zh| zh.contains("还差 育新花园38号楼产权单位 签字"));
    check(names, "the refusal does not name the property unit, and it alone, as missing", &refused.body)?;
    step(&format!("only the community has signed: refused — {}", missing["zh"].as_str().unwrap_or_default()));

    check(proposed.sign(&code("unit"))?, "the last signature did not agree", &Value::Null)?;
    step("the property unit signs: agreed, in force");

    let booked = resident.post("/api/v1/bookings", &ask)?.expect(201, "booking")?;
    step(&format!("the hall is booked: {} for {} fen", booked.text("/id"), booked.body["price_fen"]));

    let neighbour = hub.person(&code("p-res-4"))?;
    let second = neighbour.post("/api/v1/bookings", &ask)?.expect(409, "second booking")?;
    check(second.body["code"] == "period-taken", "not period-taken", &second.body)?;
    let offers = second.body["alternatives"].as_array().map_or(0, Vec::len);
    check(offers > 0, "no alternatives", &second.body)?;
    step(&format!(
        "a second asker: 409 period-taken, {offers} alternatives, the first in {} at {}",
        second.text("/alternatives/0/space_zh"),
        second.text("/alternatives/0/starts_at")
    ));

    let library = space(&rooms, "shuyuan")?;
    let show = resident.post("/api/v1/bookings", &teller.ask(library, "performance", 10 * 60, 60, 5))?.expect(409, "演出 in 同心书苑")?;
    let clause = reason(&show, "use-prohibited").cloned().unwrap_or_default();
    check(clause["clause"] == "library-no-performance", "another clause named", &show.body)?;
    step(&format!("演出 in 同心书苑: refused by clause {} — {}", clause["clause"], clause["zh"].as_str().unwrap_or_default()));
    Ok(())
}

fn shiyou(admin: &Client, teller: &Teller, yaml: &str, stamp: &str) -> Outcome<()> {
    let hub = Hub::bring_in(admin, yaml)?;
    let code = |tail: &str| format!("shiyou{stamp}-{tail}");
    let rooms = spaces(admin, &code("hub"))?;
    check(rooms.len() == 7, "not seven spaces", &json!(rooms.len()))?;
    step("石油大院 is imported: six spaces and a station, four property units");

    let resident = hub.person(&code("p-res-1"))?;
    let proposed = hub.propose(&code("partnership"), &code("community-1"))?;
    let last = code("unit-4");
    for party in hub.parties(&code("partnership")).iter().filter(|party| party.organisation != last) {
        check(!proposed.sign(&party.organisation)?, "agreed without unit 4", &Value::Null)?;
    }
    for (_, id, name) in &rooms {
        let answer = resident.post("/api/v1/bookings/check", &teller.ask(id, "meeting", 10 * 60, 60, 2))?.expect(200, "check")?;
        check(reason(&answer, "no-agreement").is_some(), &format!("{name} is open with three of four units"), &answer.body)?;
    }
    step("three of four property units have signed: all seven spaces are closed");

    check(proposed.sign(&last)?, "the fourth unit did not make it", &Value::Null)?;
    for (_, id, name) in &rooms {
        let fits = |u: &Use| {
            let answer = resident.post("/api/v1/bookings/check", &teller.ask(id, u.as_str(), 10 * 60, 60, 2));
            answer.map(|answer| answer.body["bookable"] == true).unwrap_or(false)
        };
        let open = Use::ALL.iter().find(|u| fits(u));
        let open = open.ok_or_else(|| Fault::internal(format!("the story broke: {name} is open for nothing")))?;
        step(&format!("{name} is open, for example for {}", open.zh()));
    }
    Ok(())
}
