//! The two real hubs, signed by their demo representatives, with a fortnight of bookings as a neighbourhood would make.

use super::client::Client;
use super::people::{ADMIN, Hub, PASSWORD, first_admin, spaces};
use super::usage::{self, SHIYOU_RULES, YUXIN_RULES};
use crate::kernel::{Instant, Outcome, Zone};
use crate::terms::model::PartyCapacity;
use serde_json::json;

/// 育新花园 activity centre.
pub const YUXIN: &str = include_str!("../../hubs/yuxin.yaml");
/// 石油大院 六空间一站.
pub const SHIYOU: &str = include_str!("../../hubs/shiyou.yaml");

/// Days ahead that are seeded.
const DAYS: i64 = 14;

/// One sign-in to show.
const SHOWN: &[(&str, &str)] = &[
    ("居民 resident", "13900001014"),
    ("楼门长 door leader", "13900001013"),
    ("网格员 grid leader", "13900001012"),
    ("社区 community desk", "13900001004"),
    ("产权单位 property unit", "13900001001"),
    ("物业 property manager", "13900001006"),
    ("社会组织 social organisation", "13900001008"),
    ("专业机构 operator", "13900002011"),
    ("街道 street", "13900001009"),
    ("区级 district", "13900001010"),
    ("审计 auditor", "13900001011"),
    ("平台管理员 platform administrator", ADMIN),
];

/// Who uses which room of which site, at what time of day, for what: every entry on the days of the week it names.
struct Habit {
    person: &'static str,
    site: &'static str,
    space: &'static str,
    use_code: &'static str,
    /// 0 = Monday.
    days: &'static [i8],
    from: u16,
    minutes: i64,
    people: i64,
}

/// Days of the week (0 = Monday), minute of the day, minutes.
type Rhythm = (&'static [i8], u16, i64);

const fn habit(person: &'static str, place: (&'static str, &'static str), use_code: &'static str, rhythm: Rhythm, people: i64) -> Habit {
    Habit { person, site: place.0, space: place.1, use_code, days: rhythm.0, from: rhythm.1, minutes: rhythm.2, people }
}

const YUXIN_HABITS: &[Habit] = &[
    habit("yuxin-p-res-1", ("yuxin-centre", "moxuan"), "calligraphy", (&[0, 2, 4], 9 * 60, 120), 8),
    habit("yuxin-p-res-2", ("yuxin-centre", "shuyuan"), "reading", (&[1, 3, 5, 6], 9 * 60 + 30, 90), 10),
    habit("yuxin-p-res-4", ("yuxin-centre", "yazhu"), "vocal", (&[1, 3, 5], 15 * 60, 120), 12),
    habit("yuxin-p-door", ("yuxin-centre", "hongyi-hall"), "deliberation", (&[2, 4], 19 * 60, 90), 10),
    habit("yuxin-p-grid", ("yuxin-centre", "member-room"), "party-history", (&[3], 14 * 60, 120), 12),
    habit("yuxin-p-res-1", ("yuxin-centre", "dong"), "dance", (&[0, 2, 4], 15 * 60, 90), 20),
    habit("yuxin-p-res-4", ("yuxin-centre", "hall"), "exhibition", (&[5], 9 * 60, 180), 40),
    habit("yuxin-p-res-2", ("yuxin-gym", "tt-hall"), "table-tennis", (&[1, 3, 5, 6], 16 * 60, 90), 8),
];

const SHIYOU_HABITS: &[Habit] = &[
    habit("shiyou-p-res-1", ("shiyou-hub", "culture-space"), "opera", (&[2, 5], 14 * 60, 120), 15),
    habit("shiyou-p-res-2", ("shiyou-hub", "family-space"), "family", (&[5, 6], 9 * 60 + 30, 90), 10),
    habit("shiyou-p-res-3", ("shiyou-hub", "culture-space"), "folk", (&[1, 4], 9 * 60, 120), 12),
    habit("shiyou-p-door", ("shiyou-hub", "party-space"), "party-history", (&[3], 14 * 60, 90), 12),
    habit("shiyou-p-grid", ("shiyou-hub", "station"), "deliberation", (&[1, 4], 16 * 60, 60), 6),
    habit("shiyou-p-res-1", ("shiyou-hub", "elder-space"), "elder-care", (&[0, 2], 9 * 60, 120), 6),
];

/// Seeds an empty server, goes on where an interrupted seeding stopped, or greets a server that is complete. A server with an
/// administrator of its own is left alone.
pub fn seed(base: &str, token: Option<&str>, now: Instant) -> Outcome<()> {
    let client = Client::new(base);
    let admin = match token {
        Some(token) => first_admin(&client, token)?,
        None => match client.sign_in(ADMIN, PASSWORD) {
            Ok(admin) => admin,
            Err(_) => {
                println!("  this database has an administrator of its own; nothing is seeded");
                return Ok(());
            }
        },
    };
    for (yaml, rules, habits) in [(YUXIN, YUXIN_RULES, YUXIN_HABITS), (SHIYOU, SHIYOU_RULES, SHIYOU_HABITS)] {
        let hub = Hub::bring_in(&admin, yaml)?;
        let signed_now = sign_all(&hub)?;
        println!("  {}: imported and signed", hub.file.title_zh);
        println!("  {} sets of usage terms", usage::put_in_place(&hub, rules)?);
        if signed_now {
            println!("  {} bookings in the next fortnight", live(&client, &hub, habits, now)?);
            for person in &hub.file.people {
                hub.person(&person.code)?;
            }
        }
    }
    println!("\n演示账号 demo sign-ins (password {PASSWORD}):");
    for (who, login) in SHOWN {
        println!("  {login:<22} {who}");
    }
    Ok(())
}

/// Every agreement of a hub is proposed and signed by every party; `true` when any signature was still missing.
fn sign_all(hub: &Hub) -> Outcome<bool> {
    let mut signed_now = false;
    for agreement in &hub.file.agreements {
        let parties = hub.parties(&agreement.code);
        let Some(community) = parties.iter().find(|party| party.capacity == PartyCapacity::Community) else { continue };
        let proposed = hub.propose(&agreement.code, &community.organisation)?;
        for party in parties.iter().filter(|_| !proposed.agreed) {
            if !proposed.has_signed(&party.organisation)? {
                proposed.sign(&party.organisation)?;
                signed_now = true;
            }
        }
    }
    Ok(signed_now)
}

fn live(client: &Client, hub: &Hub, habits: &[Habit], now: Instant) -> Outcome<usize> {
    let Some(zone) = hub.file.sites.first().map(|site| site.zone.clone()) else { return Ok(0) };
    let today = zone.day_of(now);
    let mut made = 0;
    for habit in habits {
        let rooms = spaces(client, habit.site)?;
        let Some((_, space, _)) = rooms.iter().find(|(code, ..)| code == habit.space) else { continue };
        let person = hub.person(habit.person)?;
        for ahead in 1..=DAYS {
            let day = zone.day_of(zone.at(today, 720).plus_days(ahead));
            if habit.days.contains(&day.weekday().to_monday_zero_offset()) && book(&person, space, habit, &zone, zone.at(day, habit.from))?
            {
                made += 1;
            }
        }
    }
    Ok(made)
}

/// `true` when booked; a refusal (a holiday, the owner's own hours) is part of life.
fn book(person: &Client, space: &str, habit: &Habit, zone: &Zone, start: Instant) -> Outcome<bool> {
    let starts_at = zone.rfc3339(start);
    let accepted = usage::accepted(person, space, &starts_at)?;
    let body = json!({
        "space_id": space, "use": habit.use_code, "attendees": habit.people, "usage_terms_sha256": accepted,
        "starts_at": starts_at, "ends_at": zone.rfc3339(start.plus_minutes(habit.minutes)),
    });
    let answer = person.post("/api/v1/bookings", &body)?;
    match answer.status {
        201 => Ok(true),
        409 => Ok(false),
        _ => answer.expect(201, "seed booking").map(|_| false),
    }
}
