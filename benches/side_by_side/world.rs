//! The application on a free port, with a hub of fifty rooms under a signed agreement and residents who book.

use actix_web::FromRequest;
use actix_web::web::Data;
use diesel::prelude::*;
use shangliang::access::deeds::MakeBooking;
use shangliang::access::{Caller, Place};
use shangliang::bookings::actions;
use shangliang::bookings::model::Ask;
use shangliang::config::{Config, DatabaseConfig};
use shangliang::demo::client::Client;
use shangliang::demo::people::{Hub, find, first_admin, spaces};
use shangliang::kernel::id::SpaceId;
use shangliang::kernel::time::SystemClock;
use shangliang::kernel::{Clock, Fault, Instant, Outcome, Period, Zone};
use shangliang::people::keys::KeyRing;
use shangliang::server::{Application, StopHandle};
use shangliang::store::phrases::{self, Answered};
use shangliang::store::{Conn, DatabaseUrl, Db};
use shangliang::terms::model::Use;
use shangliang::{places, schedule, terms};
use std::cell::Cell;
use std::error::Error;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Rooms that are booked under load; one more is looked at.
pub const ROOMS: usize = 50;
/// Days ahead that are booked.
const DAYS: usize = 390;
/// Quarters of an hour from 08:00 to 22:00.
const QUARTERS: usize = 56;
const RESIDENTS: usize = 8;

/// A hub file: fifty-one rooms, eight residents in four households, an agreement with the clauses a real one has.
fn hub_file() -> String {
    let (mut rooms, mut people, mut households) = (String::new(), String::new(), String::new());
    for n in 0..=ROOMS {
        // Writing to a String cannot fail.
        let _ = writeln!(rooms, "          - {{code: r{n}, name_zh: {n}号室, kind: room, area_m2: 40.00}}");
    }
    for n in 0..RESIDENTS {
        let _ = writeln!(people, "  - {{code: bench-p-{n}, name: 住户{n}, mobile: \"139000090{n:02}\", household: bench-h-{}}}", n / 2);
    }
    for n in 0..RESIDENTS / 2 {
        let _ = writeln!(households, "  - {{code: bench-h-{n}, door: bench-door, label: 1门{n}01}}");
    }
    format!(
        r#"
hub: bench
title_zh: 测量用活动中心
areas:
  - {{code: bench-district, kind: district, name_zh: 测量区}}
  - {{code: bench-street, kind: street, name_zh: 测量街道, parent: bench-district}}
  - {{code: bench-community, kind: community, name_zh: 测量社区, parent: bench-street}}
  - {{code: bench-grid, kind: grid, name_zh: 第一网格, parent: bench-community}}
  - {{code: bench-door, kind: door, name_zh: 1号楼1门, parent: bench-grid}}
households:
{households}
organisations:
  - {{code: bench-unit, kind: property_unit, name_zh: 产权单位, area: bench-community}}
  - {{code: bench-committee, kind: community, name_zh: 居民委员会, area: bench-community}}
people:
  - {{code: bench-p-unit, name: 单位, mobile: "13900008001"}}
  - {{code: bench-p-lead, name: 主任, mobile: "13900008002"}}
{people}
representatives:
  - {{person: bench-p-unit, organisation: bench-unit, powers: [sign, position], from: 2025-10-01, evidence: 授权委托书}}
  - {{person: bench-p-lead, organisation: bench-committee, powers: [sign, position, book], from: 2025-10-01, evidence: 任职证明}}
roles:
  - {{person: bench-p-unit, role: property_unit, organisation: bench-unit, from: 2025-10-01}}
  - {{person: bench-p-lead, role: community, area: bench-community, from: 2025-10-01}}
sites:
  - code: bench-centre
    name_zh: 测量用活动中心
    area: bench-community
    zone: Asia/Shanghai
    organisation: bench-committee
    rules: {{granularity_minutes: 15, min_minutes: 15, max_minutes: 240, lead_minutes: 0, horizon_days: 400}}
    floors:
      - code: f1
        name_zh: 一层
        area_m2: 4000.00
        title: bench-unit
        spaces:
{rooms}
    tariffs:
      - {{kind: free}}
      - use: exhibition
        kind: low_cost
        components:
          - {{label_zh: 保洁费, label_en: Cleaning, fen: 3000, per: session}}
agreements:
  - code: bench-agreement
    title_zh: 测量用协议
    area: bench-community
    sites: [bench-centre]
    clauses:
      - {{id: parties, kind: parties, text_zh: 双方签订。, payload: {{parties: [{{organisation: bench-unit, capacity: property_unit, stage: 1}}, {{organisation: bench-committee, capacity: community, stage: 1}}]}}}}
      - {{id: term, kind: term, text_zh: 长期。, payload: {{first_day: 2026-01-01, last_day: 2035-12-31}}}}
      - {{id: grant, kind: space_grant, text_zh: 无偿提供。, payload: {{by: bench-unit, rent_fen_per_year: 0}}}}
      - id: hours
        kind: open_hours
        text_zh: 每日8时至22时开放，法定节假日按周日时间。
        payload:
          weekly:
            - {{days: [mon, tue, wed, thu, fri, sat, sun], from: "08:00", to: "22:00"}}
          holidays: as_sunday
          makeup_workdays: as_monday
      - {{id: uses, kind: allowed_uses, text_zh: 用于学习、会议和展览。, payload: {{uses: [study, reading, meeting, exhibition]}}}}
      - {{id: no-tt, kind: prohibited_uses, text_zh: 不打乒乓球。, payload: {{uses: [table-tennis]}}}}
      - id: quiet
        kind: quiet_hours
        text_zh: 午间安静。
        payload:
          noise: loud
          weekly:
            - {{days: [mon, tue, wed, thu, fri, sat, sun], from: "12:00", to: "14:00"}}
      - {{id: utilities, kind: utilities_payer, text_zh: 水电由产权单位承担。, payload: {{lines: [{{kind: water, party: bench-unit}}, {{kind: electricity, party: bench-unit}}]}}}}
      - {{id: suspension, kind: suspension_rule, text_zh: 因安全可以暂停。, payload: {{who: [community], grounds: [safety]}}}}
      - {{id: termination, kind: termination_rule, text_zh: 提前90日通知。, payload: {{notice_days: 90}}}}
      - {{id: amendment, kind: amendment_rule, text_zh: 按通用规则修改。, payload: {{protected_days: 14}}}}
      - {{id: capacity, kind: capacity, text_zh: 不超过40人。, payload: {{persons: 40, basis: safety}}}}
      - {{id: ceiling, kind: price_ceiling, text_zh: 基本免费。, payload: {{ceilings: [{{use: exhibition, fen: 4000, per: session}}, {{fen: 0, per: session}}, {{fen: 0, per: hour}}, {{fen: 0, per: person}}]}}}}
"#
    )
}

/// A running application and whatever a measurement needs of it.
pub struct World {
    pub config: Config,
    pub address: SocketAddr,
    pub db: Db,
    pub site: String,
    pub rooms: Vec<String>,
    pub tokens: Vec<String>,
    pub callers: Vec<Caller<MakeBooking>>,
    /// The body of a real answer, stored with the key.
    pub reply: Arc<str>,
    zone: Zone,
    today: Instant,
    next: Cell<usize>,
    handle: StopHandle,
    thread: Option<JoinHandle<Outcome<()>>>,
}

/// A free period of a room, for a person.
pub struct Slot {
    pub number: usize,
    pub room: usize,
    pub start: Instant,
}

impl World {
    /// Serves a fresh database with the shipped defaults, imports the hub, signs the agreement, signs everybody in.
    pub fn start(url: DatabaseUrl, folder: &Path) -> Result<Self, Box<dyn Error>> {
        let any: SocketAddr = "127.0.0.1:0".parse()?;
        let config = Config {
            listen: any,
            admin_listen: any,
            database: DatabaseConfig { url, connections: 8, wait_seconds: 5 },
            keys: folder.join("keys"),
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            demo: false,
            behind_proxy: false,
            log: "info".into(),
            screens: None,
            shutdown_seconds: 5,
            mail: None,
        };
        let (tell, told) = std::sync::mpsc::channel();
        let of_thread = config.clone();
        let thread = std::thread::spawn(move || {
            let app = Application::build(of_thread, Arc::new(SystemClock))?;
            let said = tell.send((app.address(), app.handle(), app.db().clone(), app.first_admin().map(str::to_owned)));
            said.map_err(Fault::internal)?;
            actix_web::rt::System::new().block_on(app.run())
        });
        let (address, handle, db, token) = told.recv()?;
        let client = Client::new(&format!("http://{address}"));
        let admin = first_admin(&client, &token.ok_or("the database is not empty")?)?;
        let hub = Hub::bring_in(&admin, &hub_file())?;
        let proposed = hub.propose("bench-agreement", "bench-committee")?;
        proposed.sign("bench-unit")?;
        if !proposed.sign("bench-committee")? {
            return Err("the agreement is not in force".into());
        }
        let site = find(&admin, "/api/v1/sites", "bench-centre")?;
        let mut found = spaces(&admin, "bench-centre")?;
        found.sort_by_key(|(code, ..)| code.trim_start_matches('r').parse::<usize>().unwrap_or(0));
        let rooms: Vec<String> = found.into_iter().map(|(_, id, _)| id).collect();
        let mut tokens = Vec::new();
        for n in 0..RESIDENTS {
            tokens.push(hub.person(&format!("bench-p-{n}"))?.token().unwrap_or_default().to_owned());
        }
        let callers = callers(&config, &db, &tokens)?;
        let zone = Zone::named("Asia/Shanghai").ok_or("no zone")?;
        let today = zone.at(zone.day_of(SystemClock.now()), 0);
        let mut world = Self {
            config,
            address,
            db,
            site,
            rooms,
            tokens,
            callers,
            reply: "".into(),
            zone,
            today,
            next: Cell::new(0),
            handle,
            thread: Some(thread),
        };
        world.furnish(&client)?;
        Ok(world)
    }

    /// Sixty bookings next month in the room that is looked at; the last answer is kept.
    fn furnish(&mut self, client: &Client) -> Result<(), Box<dyn Error>> {
        let resident = client.with_token(self.tokens.first().map(String::as_str));
        for n in 0..60 {
            let start = self.month_start().plus_days(n / 2).plus_minutes(if n % 2 == 0 { 9 * 60 } else { 15 * 60 });
            let body = serde_json::json!({
                "space_id": self.rooms.get(ROOMS), "use": "study", "attendees": 8,
                "starts_at": self.zone.rfc3339(start), "ends_at": self.zone.rfc3339(start.plus_minutes(90)),
            });
            // The 29th to 31st of a short month fall into the next one and are still bookings.
            self.reply = resident.post("/api/v1/bookings", &body)?.expect(201, "furnish")?.body.to_string().into();
        }
        Ok(())
    }

    /// Midnight of the first day of next month.
    fn month_start(&self) -> Instant {
        let last = self.zone.day_of(self.today).last_of_month();
        self.zone.at(self.zone.day_of(self.zone.at(last, 720).plus_days(1)), 0)
    }

    /// The request of that month, with more header lines.
    pub fn month_request(&self, headers: &str) -> Vec<u8> {
        let room = self.rooms.get(ROOMS).map_or("", String::as_str);
        let path = format!("/api/v1/spaces/{room}/availability?view=month&date={}", self.zone.day_of(self.month_start()));
        format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{headers}\r\n").into_bytes()
    }

    /// The same of every room.
    pub fn site_request(&self, headers: &str) -> Vec<u8> {
        let path = format!("/api/v1/sites/{}/availability?view=month&date={}", self.site, self.zone.day_of(self.month_start()));
        format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{headers}\r\n").into_bytes()
    }

    /// What the handler reads of that month, without HTTP and without thinking about it.
    pub fn month_work(&self) -> Result<impl FnMut(&mut shangliang::store::Tx) -> Outcome<()> + Send + use<>, String> {
        let space: SpaceId = self.rooms.get(ROOMS).and_then(|id| id.parse().ok()).ok_or("no room")?;
        let first = self.zone.day_of(self.month_start());
        let period = self.zone.days(first, first.last_of_month()).ok_or("no month")?;
        Ok(move |tx: &mut shangliang::store::Tx| {
            let found = places::queries::located(tx, &space)?.ok_or_else(|| Fault::internal("no such room"))?;
            let terms = terms::queries::of_space(tx, &space, period)?;
            let taken = schedule::queries::occupied(tx, &space, period)?;
            let sharing = places::queries::made_of(tx, &found.space.atoms)?;
            std::hint::black_box((terms, taken, sharing));
            Ok(())
        })
    }

    /// A slot nobody has had yet.
    pub fn slot(&self) -> Slot {
        let number = self.next.get();
        self.next.set(number + 1);
        let (room, rest) = (number % ROOMS, number / ROOMS);
        let (day, quarter) = (rest % DAYS, rest / DAYS % QUARTERS);
        let start = self.today.plus_days(1 + day as i64).plus_minutes(480 + 15 * quarter as i64);
        Slot { number, room, start }
    }

    /// `POST /bookings` of a slot, as bytes.
    pub fn booking_request(&self, slot: &Slot) -> Vec<u8> {
        let room = self.rooms.get(slot.room).map_or("", String::as_str);
        let token = self.tokens.get(slot.number % RESIDENTS).map_or("", String::as_str);
        let body = format!(
            r#"{{"space_id":"{room}","use":"study","attendees":8,"starts_at":"{}","ends_at":"{}"}}"#,
            self.zone.rfc3339(slot.start),
            self.zone.rfc3339(slot.start.plus_minutes(15)),
        );
        format!(
            "POST /api/v1/bookings HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\nidempotency-key: bench-{}\r\ncontent-length: {}\r\n\r\n{body}",
            slot.number,
            body.len()
        )
        .into_bytes()
    }

    /// What the handler runs in its transaction, on the same rows, without HTTP, JWT and JSON of the request.
    pub fn booking_work(&self, slot: &Slot) -> Result<impl FnMut(&mut shangliang::store::Tx) -> Outcome<()> + Send + use<>, String> {
        let caller = self.callers.get(slot.number % RESIDENTS).ok_or("no caller")?.clone();
        let space: SpaceId = self.rooms.get(slot.room).and_then(|id| id.parse().ok()).ok_or("no room")?;
        let period = Period::new(slot.start, slot.start.plus_minutes(15)).ok_or("no period")?;
        let use_code: Use = "study".parse().map_err(|_| "no use")?;
        let beside = Default::default();
        let ask = Ask { space, period, use_code, attendees: 8, organisation: None, usage_terms_sha256: None, beside };
        let (key, reply) = (format!("bench-{}", slot.number), self.reply.clone());
        // As long as a fingerprint is.
        let fingerprint = "0123456789abcdef".repeat(4);
        Ok(move |tx: &mut shangliang::store::Tx| {
            let who = caller.standing(tx)?;
            let place = Place { household: who.household.clone(), account: Some(who.account.clone()), ..Place::default() };
            let permit = caller.permit_as(who, &place)?;
            let booking = actions::make(tx, &permit, &ask)?.booking;
            let answered = Answered {
                account_id: caller.account().as_str(),
                key: &key,
                fingerprint: &fingerprint,
                status: 201,
                location: Some(&format!("/api/v1/bookings/{}", booking.id)),
                etag: Some("\"1\""),
                reply: &reply,
                created_at: tx.now().0,
            };
            if phrases::put_key(tx, &answered)? { Ok(()) } else { Err(Fault::internal("this key was used")) }
        })
    }

    /// Drops what the bookings so far left to be done beside requests, so that no run pays for the one before it.
    pub fn clear_backlog(&self) -> Outcome<()> {
        use shangliang::store::schema::{audit_pending, outbox};
        let clear = || {
            self.db.write_now(|tx| {
                let conn: &mut Conn = tx;
                diesel::delete(outbox::table).execute(conn)?;
                diesel::delete(audit_pending::table).execute(conn)?;
                Ok(())
            })
        };
        // The jobs beside the server may be at it, with thousands in one transaction.
        let mut done = clear();
        for _ in 0..10 {
            match &done {
                Err(fault) if fault.detail.transient.is_some() => done = clear(),
                _ => break,
            }
        }
        done
    }

    /// Stops serving; the database is free for another process.
    pub fn stop(&mut self) -> Result<(), Box<dyn Error>> {
        let handle = self.handle.clone();
        actix_web::rt::System::new().block_on(async move { handle.stop(true).await });
        if let Some(thread) = self.thread.take() {
            thread.join().map_err(|_| "the server panicked")??;
        }
        Ok(())
    }

    /// Statements that put `count` more bookings into the past, 500 at a time: copies of one that was made.
    pub fn past_bookings(&self, count: usize) -> Vec<String> {
        let minute = 60_000_000;
        let mut statements = Vec::new();
        for chunk in 0..count.div_ceil(500) {
            let (mut rows, mut held) = (String::new(), String::new());
            for n in chunk * 500..((chunk + 1) * 500).min(count) {
                let room = self.rooms.get(n % ROOMS).map_or("", String::as_str);
                let start = self.today.plus_days(-1).0 - (n / ROOMS) as i64 * 15 * minute;
                let comma = if n % 500 == 0 { "" } else { "," };
                let _ = write!(rows, "{comma}('booking_{n:026}', '{room}', {start})");
                let _ = write!(held, "{comma}('{room}', {start}, {}, 'booking_{n:026}')", start + 15 * minute);
            }
            statements.push(format!(
                "INSERT INTO bookings (id, site_id, space_id, use_code, attendees, starts_at, ends_at, occupied_from, occupied_to, state, household_id, account_id, \
                   made_by, channel, price_fen, price, agreement_id, version_id, clauses, made_at) \
                 SELECT v.column1, b.site_id, v.column2, b.use_code, b.attendees, v.column3, v.column3 + {fifteen}, v.column3, v.column3 + {fifteen}, b.state, b.household_id, \
                   b.account_id, b.made_by, b.channel, b.price_fen, b.price, b.agreement_id, b.version_id, b.clauses, b.made_at \
                 FROM (VALUES {rows}) AS v CROSS JOIN (SELECT * FROM bookings ORDER BY id LIMIT 1) AS b; \
                 INSERT INTO occupancy (atom_id, starts_at, ends_at, claimant) SELECT a.atom_id, v.column2, v.column3, v.column4 \
                 FROM (VALUES {held}) AS v JOIN space_atoms a ON a.space_id = v.column1;",
                fifteen = 15 * minute,
            ));
        }
        statements
    }
}

/// Callers as the extractor makes them of real tokens.
fn callers(config: &Config, db: &Db, tokens: &[String]) -> Result<Vec<Caller<MakeBooking>>, Box<dyn Error>> {
    let (keys, db) = (Data::new(KeyRing::open(&config.keys)?), Data::new(db.clone()));
    let mut callers = Vec::new();
    for token in tokens {
        let request = actix_web::test::TestRequest::default()
            .insert_header(("authorization", format!("Bearer {token}")))
            .app_data(keys.clone())
            .app_data(db.clone())
            .to_http_request();
        let made = Caller::<MakeBooking>::from_request(&request, &mut actix_web::dev::Payload::None);
        callers.push(futures_util::FutureExt::now_or_never(made).ok_or("the extractor waits")??);
    }
    Ok(callers)
}
