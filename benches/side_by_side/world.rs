//! The application on a free port, with its hubs under signed agreements and residents who book.

use crate::hub;
use actix_web::FromRequest;
use actix_web::web::Data;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use shangliang::access::deeds::MakeBooking;
use shangliang::access::{Caller, Place};
use shangliang::bookings::model::Ask;
use shangliang::bookings::model::series::{OnSpecialDay, SeriesAsk};
use shangliang::bookings::{actions, search};
use shangliang::config::{Config, DatabaseConfig};
use shangliang::demo::client::Client;
use shangliang::demo::people::{Hub, find, first_admin, spaces};
use shangliang::kernel::id::{AccountId, AtomId, Id, SiteId, SpaceId, WaitId};
use shangliang::kernel::time::{Day, SystemClock};
use shangliang::kernel::{Clock, Fault, Instant, Outcome, Period, Zone};
use shangliang::people::keys::KeyRing;
use shangliang::schedule::rules::recurrence::Rule;
use shangliang::server::{Application, StopHandle};
use shangliang::store::phrases::{self, Answered};
use shangliang::store::{Backend, Conn, DatabaseUrl, Db, DbOptions, Lock, Tx};
use shangliang::terms::model::{Span, Use};
use shangliang::{bookings, people, places, schedule, terms};
use std::cell::{Cell, RefCell};
use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// A year of weeks.
const YEAR_OF_WEEKS: &str = "FREQ=WEEKLY;COUNT=52";

/// Rooms that are booked under load; one more is looked at.
pub const ROOMS: usize = 50;
/// Days ahead that are booked.
const DAYS: usize = 390;
/// Quarters of an hour from 08:00 to 22:00.
const QUARTERS: usize = 56;
pub const RESIDENTS: usize = 8;
/// Rooms of the hub that is searched.
pub const BIG: usize = 200;

/// A running application and whatever a measurement needs of it.
pub struct World {
    pub config: Config,
    pub address: SocketAddr,
    pub db: Db,
    pub site: String,
    pub rooms: Vec<String>,
    /// The rooms that are searched and booked by the year, and the community they are in.
    big: Vec<String>,
    big_area: String,
    pub tokens: RefCell<Vec<String>>,
    pub callers: Vec<Caller<MakeBooking>>,
    /// The body of a real answer, stored with the key.
    pub reply: Arc<str>,
    series_reply: Arc<str>,
    zone: Zone,
    today: Instant,
    next: Cell<usize>,
    next_series: Cell<usize>,
    next_mixed: Cell<usize>,
    /// Bookings put there with plain SQL.
    filled: usize,
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
        let (hub, big) = (Hub::bring_in(&admin, &hub::booked())?, Hub::bring_in(&admin, &hub::searched())?);
        for (hub, code) in [(&hub, "bench"), (&big, "big")] {
            let proposed = hub.propose(&format!("{code}-agreement"), &format!("{code}-committee"))?;
            proposed.sign(&format!("{code}-unit"))?;
            if !proposed.sign(&format!("{code}-committee"))? {
                return Err("the agreement is not in force".into());
            }
        }
        let site = find(&admin, "/api/v1/sites", "bench-centre")?;
        let big_area = find(&admin, "/api/v1/areas", "big-community")?;
        let rooms_of = |site: &str| -> Outcome<Vec<String>> {
            let mut found = spaces(&admin, site)?;
            found.sort_by_key(|(code, ..)| code.trim_start_matches('r').parse::<usize>().unwrap_or(0));
            Ok(found.into_iter().map(|(_, id, _)| id).collect())
        };
        let rooms = rooms_of("bench-centre")?;
        let mut big = Vec::new();
        for n in 0..4 {
            big.extend(rooms_of(&format!("big-{n}"))?);
        }
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
            big,
            big_area,
            tokens: RefCell::new(tokens),
            callers,
            reply: "".into(),
            series_reply: "".into(),
            zone,
            today,
            next: Cell::new(0),
            next_series: Cell::new(0),
            next_mixed: Cell::new(0),
            filled: 0,
            handle,
            thread: Some(thread),
        };
        world.furnish(&client)?;
        Ok(world)
    }

    /// Sixty bookings next month in the room that is looked at; the last answer is kept.
    fn furnish(&mut self, client: &Client) -> Result<(), Box<dyn Error>> {
        let resident = client.with_token(self.tokens.borrow().first().map(String::as_str));
        for n in 0..60 {
            let start = self.month_start().plus_days(n / 2).plus_minutes(if n % 2 == 0 { 9 * 60 } else { 15 * 60 });
            let body = serde_json::json!({
                "space_id": self.rooms.get(ROOMS), "use": "study", "attendees": 8,
                "starts_at": self.zone.rfc3339(start), "ends_at": self.zone.rfc3339(start.plus_minutes(90)),
            });
            // The 29th to 31st of a short month fall into the next one and are still bookings.
            self.reply = resident.post("/api/v1/bookings", &body)?.expect(201, "furnish")?.body.to_string().into();
        }
        let series = self.series_wish(self.next_series(), YEAR_OF_WEEKS);
        let made = resident.post("/api/v1/series", &series)?.expect(201, "furnish")?.body;
        let booked = made.pointer("/counts/booked").and_then(serde_json::Value::as_u64);
        if booked != Some(52) {
            return Err(format!("of 52 weeks were booked: {booked:?}").into());
        }
        self.series_reply = made.to_string().into();
        Ok(())
    }

    /// Signs everybody in again: tokens live ten minutes. Beside the server, which may not be there.
    pub fn renew(&self) -> Result<(), Box<dyn Error>> {
        let db = Db::open(&DbOptions { url: self.config.database.url.clone(), connections: 1 }, Arc::new(SystemClock))?;
        let keys = Arc::new(KeyRing::open(&self.config.keys)?);
        let mut tokens = Vec::new();
        for caller in &self.callers {
            let (keys, account) = (keys.clone(), caller.account().clone());
            tokens.push(db.write_now(move |tx| people::actions::sign_in(tx, &keys, &account))?.access);
        }
        db.close();
        self.tokens.replace(tokens);
        Ok(())
    }

    fn token(&self, number: usize) -> String {
        self.tokens.borrow().get(number % RESIDENTS).cloned().unwrap_or_default()
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
    pub fn month_work(&self) -> Result<impl FnMut(&mut Tx) -> Outcome<()> + Send + use<>, String> {
        let space: SpaceId = self.rooms.get(ROOMS).and_then(|id| id.parse().ok()).ok_or("no room")?;
        let first = self.zone.day_of(self.month_start());
        let period = self.zone.days(first, first.last_of_month()).ok_or("no month")?;
        Ok(move |tx: &mut Tx| {
            let found = places::queries::located(tx, &space)?.ok_or_else(|| Fault::internal("no such room"))?;
            let terms = terms::queries::of_space(tx, &space, period)?;
            let taken = schedule::queries::occupied(tx, &space, period)?;
            let sharing = places::queries::made_of(tx, &found.space.atoms)?;
            std::hint::black_box((terms, taken, sharing));
            Ok(())
        })
    }

    /// The same of every room.
    pub fn site_work(&self) -> Result<impl FnMut(&mut Tx) -> Outcome<()> + Send + use<>, String> {
        let site: SiteId = self.site.parse().map_err(|_| "no site")?;
        let first = self.zone.day_of(self.month_start());
        let period = self.zone.days(first, first.last_of_month()).ok_or("no month")?;
        Ok(move |tx: &mut Tx| {
            let found = places::queries::site(tx, &site)?;
            let spaces = places::queries::spaces(tx, std::slice::from_ref(&site))?;
            let ids: Vec<SpaceId> = spaces.iter().map(|space| space.id.clone()).collect();
            let atoms: Vec<AtomId> = spaces.iter().flat_map(|space| space.atoms.iter().cloned()).collect();
            let terms = terms::queries::of_spaces(tx, &ids, period)?;
            let taken = schedule::queries::occupied_atoms(tx, &atoms, period)?;
            let sharing = places::queries::made_of(tx, &atoms)?;
            std::hint::black_box((found, terms, taken, sharing));
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

    /// The body of a booking of a slot.
    pub fn booking_wish(&self, slot: &Slot) -> serde_json::Value {
        serde_json::json!({"space_id": self.rooms.get(slot.room), "use": "study", "attendees": 8,
            "starts_at": self.zone.rfc3339(slot.start), "ends_at": self.zone.rfc3339(slot.start.plus_minutes(15))})
    }

    fn with_sql(&self, statements: &str) -> Result<(), Box<dyn Error>> {
        Ok(Conn::open(&self.config.database.url, false)?.batch_execute(statements)?)
    }

    /// So many households beside those who book, who can wait; once made they are there.
    pub fn neighbours(&self, count: usize) -> Result<(), Box<dyn Error>> {
        if count == 0 {
            return Ok(());
        }
        let row = |n: usize| {
            let number = neighbour(n);
            format!("('household_{number}', 'account_{number}', 'neighbour-{n}')")
        };
        let rows: Vec<String> = (0..count).map(row).collect();
        self.with_sql(&format!(
            "INSERT INTO households (id, code, door_id, label, created_at)
               SELECT v.column1, v.column3, h.door_id, h.label, 0 FROM (VALUES {0}) AS v CROSS JOIN (SELECT * FROM households ORDER BY id DESC LIMIT 1) AS h
               WHERE true ON CONFLICT DO NOTHING;
             INSERT INTO accounts (id, name, email, household_id, created_at) SELECT v.column2, '住户', v.column3, v.column1, 0 FROM (VALUES {0}) AS v
               WHERE true ON CONFLICT DO NOTHING;",
            rows.join(", ")
        ))
    }

    /// So many of them stand in line for each of some bookings.
    pub fn queue_up(&self, bookings: &[String], count: usize) -> Result<(), Box<dyn Error>> {
        let rows: Vec<String> = bookings
            .iter()
            .flat_map(|booking| {
                (0..count).map(move |n| {
                    let number = neighbour(n);
                    format!("('{}', '{booking}', 'household_{number}', 'account_{number}', {n})", WaitId::fresh())
                })
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        self.with_sql(&format!(
            "INSERT INTO waitlist_entries (id, site_id, space_id, use_code, attendees, minors, equipment, starts_at, ends_at, occupied_from, occupied_to, household_id,
               account_id, class_no, state, joined_at)
             SELECT v.column1, b.site_id, b.space_id, b.use_code, b.attendees, 0, '[]', b.starts_at, b.ends_at, b.occupied_from, b.occupied_to, v.column3,
               v.column4, 0, 'waiting', v.column5 FROM (VALUES {}) AS v JOIN bookings b ON b.id = v.column2",
            rows.join(", ")
        ))
    }

    /// The cancellation of a booking of the first resident, as bytes.
    pub fn cancellation_request(&self, booking: &str) -> Vec<u8> {
        self.post(&format!("bookings/{booking}/cancellation"), 0, "{}")
    }

    /// `POST /bookings` of a slot, as bytes.
    pub fn booking_request(&self, slot: &Slot) -> Vec<u8> {
        self.post("bookings", slot.number, &self.booking_wish(slot).to_string())
    }

    /// A POST with its key, by the person whose turn it is.
    fn post(&self, what: &str, number: usize, body: &str) -> Vec<u8> {
        let (token, length) = (self.token(number), body.len());
        format!(
            "POST /api/v1/{what} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\nidempotency-key: {what}-{number}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }

    /// A number no series has had yet.
    pub fn next_series(&self) -> usize {
        self.next_series.replace(self.next_series.get() + 1)
    }

    /// Where and when the series of a number begins: room by room, weekday by weekday, quarter by quarter.
    fn series_start(&self, number: usize) -> (&str, Instant) {
        let (room, rest) = (number % BIG, number / BIG);
        let start = self.today.plus_days(1 + (rest % 7) as i64).plus_minutes(480 + 15 * (rest / 7 % QUARTERS) as i64);
        (self.big.get(room).map_or("", String::as_str), start)
    }

    /// The body of a series.
    pub fn series_wish(&self, number: usize, rule: &str) -> serde_json::Value {
        let (space, start) = self.series_start(number);
        serde_json::json!({"space_id": space, "use": "study", "attendees": 8, "rule": rule,
            "starts_at": self.zone.rfc3339(start), "ends_at": self.zone.rfc3339(start.plus_minutes(15))})
    }

    /// `POST /series` of fifty-two weeks.
    pub fn series_request(&self, number: usize) -> Vec<u8> {
        self.post("series", number, &self.series_wish(number, YEAR_OF_WEEKS).to_string())
    }

    /// What the handler runs in its transaction.
    pub fn series_work(&self, number: usize) -> Result<impl FnMut(&mut Tx) -> Outcome<()> + Send + use<>, String> {
        let caller = self.callers.get(number % RESIDENTS).ok_or("no caller")?.clone();
        let (space, starts_at) = self.series_start(number);
        let ask = SeriesAsk {
            space: space.parse().map_err(|_| "no room")?,
            starts_at,
            minutes: 15,
            use_code: "study".parse().map_err(|_| "no use")?,
            attendees: 8,
            organisation: None,
            rule: Rule::parse(YEAR_OF_WEEKS).map_err(|_| "no rule")?,
            exdates: vec![],
            holidays: OnSpecialDay::Keep,
            makeup_workdays: OnSpecialDay::Keep,
            choices: vec![],
            usage_terms_sha256: None,
            beside: Default::default(),
            all_or_nothing: false,
        };
        let (key, reply) = (format!("series-{number}"), self.series_reply.clone());
        Ok(move |tx: &mut Tx| {
            let who = caller.standing(tx)?;
            let place = Place { household: who.household.clone(), account: Some(who.account.clone()), ..Place::default() };
            let permit = caller.permit_as(who, &place)?;
            let series = actions::series::make(tx, &permit, &ask)?.series;
            keep_reply(tx, caller.account(), &key, &format!("/api/v1/series/{}", series.id), &reply)
        })
    }

    fn get(&self, path: &str, headers: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{headers}\r\n").into_bytes()
    }

    /// Two hours for twenty people on any day of thirty-one, in any of the two hundred rooms.
    pub fn month_search(&self) -> Vec<u8> {
        let first = self.zone.day_of(self.month_start());
        let last = self.last_searched();
        self.get(&format!("/api/v1/search?area_id={}&date={first}&to_date={last}&minutes=120&people=20", self.big_area), "")
    }

    fn last_searched(&self) -> Day {
        self.zone.day_of(self.zone.at(self.zone.day_of(self.month_start()), 720).plus_days(30))
    }

    /// Two hours of an afternoon.
    pub fn afternoon_search(&self) -> Vec<u8> {
        let date = self.zone.day_of(self.month_start());
        let path = format!("/api/v1/search?area_id={}&date={date}&part=afternoon&minutes=120&people=20&use=study", self.big_area);
        self.get(&path, "")
    }

    /// What a search of that month reads.
    pub fn search_work(&self) -> Result<impl FnMut(&mut Tx) -> Outcome<()> + Send + use<>, String> {
        let find = search::Find {
            scope: search::Scope::Area(self.big_area.parse().map_err(|_| "no area")?),
            first: self.zone.day_of(self.month_start()),
            last: self.last_searched(),
            weekdays: vec![],
            window: Span { from: 0, to: 1440 },
            minutes: 120,
            people: 20,
            use_code: None,
            equipment: vec![],
            rooms: 1,
            cost: None,
        };
        Ok(move |tx: &mut Tx| {
            let now = tx.now();
            std::hint::black_box(search::gather(tx, &find, now, search::Reach::Asked)?.searched());
            Ok(())
        })
    }

    /// One's own bookings that are to come.
    pub fn own_request(&self) -> Vec<u8> {
        self.get("/api/v1/bookings?when=upcoming&limit=20", &format!("authorization: Bearer {}\r\n", self.token(0)))
    }

    /// Ten requests of a busy evening, again and again: two book, the others look at what is booked.
    pub fn mixed_request(&self) -> (Vec<u8>, &'static str) {
        let number = self.next_mixed.replace(self.next_mixed.get() + 1);
        let room = self.rooms.get(number / 10 % ROOMS).map_or("", String::as_str);
        let date = self.zone.day_of(self.month_start());
        match number % 10 {
            0 | 5 => (self.booking_request(&self.slot()), "201"),
            1 => (self.own_request(), "200"),
            2 => (self.get(&format!("/api/v1/spaces/{room}"), ""), "200"),
            3 => (self.get(&format!("/api/v1/search?space_id={room}&date={date}&minutes=60&people=8&use=study"), ""), "200"),
            4 => (self.get(&format!("/api/v1/spaces/{room}/availability?view=week&date={date}"), ""), "200"),
            _ => (self.get(&format!("/api/v1/spaces/{room}/availability?view=month&date={date}"), ""), "200"),
        }
    }

    /// What the handler runs in its transaction and the lock that begins it, on the same rows, without HTTP, JWT and JSON of the request.
    pub fn booking_work(&self, slot: &Slot) -> Result<(Lock, impl FnMut(&mut Tx) -> Outcome<()> + Send + use<>), String> {
        let caller = self.callers.get(slot.number % RESIDENTS).ok_or("no caller")?.clone();
        let space: SpaceId = self.rooms.get(slot.room).and_then(|id| id.parse().ok()).ok_or("no room")?;
        let period = Period::new(slot.start, slot.start.plus_minutes(15)).ok_or("no period")?;
        let use_code: Use = "study".parse().map_err(|_| "no use")?;
        let beside = Default::default();
        let ask = Ask { space, period, use_code, attendees: 8, organisation: None, usage_terms_sha256: None, beside };
        let (key, reply) = (format!("bookings-{}", slot.number), self.reply.clone());
        Ok((phrases::space_shared(&ask.space), move |tx: &mut Tx| {
            let now = tx.now();
            let (who, basis) = bookings::queries::basis_for(tx, (caller.account(), caller.session()), &ask, now)?;
            let who = who.ok_or_else(|| Fault::internal("nobody"))?;
            let place = Place { household: who.household.clone(), account: Some(who.account.clone()), ..Place::default() };
            let permit = caller.permit_as(who, &place)?;
            let booking = actions::make(tx, &permit, &ask, basis)?.booking;
            keep_reply(tx, caller.account(), &key, &format!("/api/v1/bookings/{}", booking.id), &reply)
        }))
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

    /// Puts bookings into the past with plain SQL until there are so many: of a household for every hundred, in the rooms that are
    /// booked, quarter by quarter backwards from yesterday. Nobody may serve the database meanwhile. Gives how long it took.
    pub fn fill(&mut self, until: usize) -> Result<Duration, Box<dyn Error>> {
        let begun = std::time::Instant::now();
        let mut conn = Conn::open(&self.config.database.url, false)?;
        // What they refer to is there, and a crash would only end the measurement.
        let quick = match conn.backend() {
            Backend::Sqlite => "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000",
            Backend::Postgres => {
                "SET session_replication_role = replica; SET synchronous_commit = off; SET statement_timeout = 0; SET lock_timeout = 0"
            }
        };
        conn.batch_execute(quick)?;
        let rooms: Vec<String> = self.rooms.iter().take(ROOMS).enumerate().map(|(n, id)| format!("({n}, '{id}')")).collect();
        let (rooms, fifteen, yesterday) = (rooms.join(", "), 15 * 60_000_000i64, self.today.plus_days(-1).0);
        // A number of twenty-six digits, as ids have.
        let digits = |number: &str| format!("'000000000000' || substr(CAST(100000000000000 + {number} AS TEXT), 2)");
        while self.filled < until {
            let (from, to) = (self.filled, until.min(self.filled + 50_000));
            let numbers = |from: usize, to: usize| {
                format!("WITH RECURSIVE n(i) AS (SELECT CAST({from} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to})")
            };
            let (homes, all) = (numbers(from.div_ceil(100), to.div_ceil(100)), numbers(from, to));
            let (one, home, start) = (digits("n.i"), digits("n.i / 100"), format!("({yesterday} - (n.i / {ROOMS}) * {fifteen})"));
            let own = digits("n.i");
            conn.batch_execute(&format!(
                "BEGIN;
                 {homes} INSERT INTO households (id, code, door_id, label, created_at)
                   SELECT 'household_' || {own}, 'old-' || n.i, h.door_id, h.label, 0 FROM n CROSS JOIN (SELECT * FROM households ORDER BY id LIMIT 1) AS h;
                 {homes} INSERT INTO accounts (id, name, email, household_id, created_at)
                   SELECT 'account_' || {own}, '住户', 'old-' || n.i, 'household_' || {own}, 0 FROM n;
                 {all} INSERT INTO bookings (id, site_id, space_id, use_code, attendees, starts_at, ends_at, occupied_from, occupied_to, state, household_id, account_id,
                     made_by, channel, price_fen, price, agreement_id, version_id, clauses, made_at)
                   SELECT 'booking_' || {one}, b.site_id, r.column2, b.use_code, b.attendees, {start}, {start} + {fifteen}, {start}, {start} + {fifteen}, 'completed',
                     'household_' || {home}, 'account_' || {home}, 'account_' || {home}, b.channel, b.price_fen, b.price, b.agreement_id, b.version_id, b.clauses, b.made_at
                   FROM n JOIN (VALUES {rooms}) AS r ON r.column1 = n.i % {ROOMS} CROSS JOIN (SELECT * FROM bookings ORDER BY id DESC LIMIT 1) AS b;
                 {all} INSERT INTO occupancy (atom_id, starts_at, ends_at, claimant)
                   SELECT a.atom_id, {start}, {start} + {fifteen}, 'booking_' || {one}
                   FROM n JOIN (VALUES {rooms}) AS r ON r.column1 = n.i % {ROOMS} JOIN space_atoms a ON a.space_id = r.column2;
                 COMMIT"
            ))?;
            self.filled = to;
        }
        if conn.backend() == Backend::Postgres {
            // As it does by itself, in its own time: the pages of the filling would be written beside what is measured.
            for statement in ["VACUUM ANALYZE", "CHECKPOINT"] {
                conn.batch_execute(statement)?;
            }
        }
        Ok(begun.elapsed())
    }
}

/// The twenty-six digits in the ids of a neighbour and of their household: beyond every number of [`World::fill`], which fills the same
/// tables.
fn neighbour(n: usize) -> String {
    format!("{:026}", 10_000_000_000_000 + n)
}

/// Keeps the reply with its key, as the handler does.
fn keep_reply(tx: &mut Tx, account: &AccountId, key: &str, location: &str, reply: &str) -> Outcome<()> {
    // As long as a fingerprint is.
    let fingerprint = "0123456789abcdef".repeat(4);
    let answered = Answered {
        account_id: account.as_str(),
        key,
        fingerprint: &fingerprint,
        status: 201,
        location: Some(location),
        etag: Some("\"1\""),
        reply,
        created_at: tx.now().0,
    };
    if phrases::put_key(tx, &answered)? { Ok(()) } else { Err(Fault::internal("this key was used")) }
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
