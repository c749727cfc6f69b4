//! The shipped program as a process of its own: time to ready, first answers, memory; and the bare handler to compare with.

use crate::sides::{Aim, CROWD, Done, Plan, Report, shown};
use crate::waitlist::{self, LINE};
use crate::world::World;
use crate::{load, machine};
use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::{Value, json};
use shangliang::store::DatabaseUrl;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant as Tick};

/// The body of one answer.
pub fn get(address: SocketAddr, request: &[u8]) -> Done<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    let text = String::from_utf8_lossy(request).replacen("\r\n\r\n", "\r\nconnection: close\r\n\r\n", 1);
    stream.write_all(text.as_bytes())?;
    let mut all = Vec::new();
    stream.read_to_end(&mut all)?;
    let head = all.windows(4).position(|w| w == b"\r\n\r\n").ok_or("no head")?;
    if all.get(9..12) != Some(b"200") {
        return Err(String::from_utf8_lossy(&all).into_owned().into());
    }
    Ok(all.split_off(head + 4))
}

/// A server whose only handler answers the same bytes to everything.
pub struct Bare {
    pub address: SocketAddr,
    handle: ServerHandle,
}

impl Bare {
    pub fn stop(&self) {
        let handle = self.handle.clone();
        actix_web::rt::System::new().block_on(async move { handle.stop(false).await });
    }
}

pub fn bare_server(body: Vec<u8>, workers: usize) -> Done<Bare> {
    let body = Bytes::from(body);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let serve = actix_web::rt::System::new().block_on(async move {
            let answer = move || {
                let body = body.clone();
                async move { HttpResponse::Ok().content_type("application/json").body(body) }
            };
            let server = HttpServer::new(move || App::new().default_service(web::to(answer.clone())))
                .workers(workers)
                .disable_signals()
                .listen(listener)?
                .run();
            // The other end waits for it.
            let _ = tell.send(server.handle());
            server.await
        });
        drop(serve);
    });
    Ok(Bare { address, handle: told.recv()? })
}

/// A running program.
pub struct Served {
    child: Child,
    pub address: SocketAddr,
}

impl Served {
    pub fn spawn(world: &World) -> Done<Self> {
        let free = || TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
        let (address, admin) = (free()?, free()?);
        let url = match &world.config.database.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let child = Command::new(env!("CARGO_BIN_EXE_shangliang"))
            .args(["serve", "--listen", &address.to_string(), "--admin-listen", &admin.to_string(), "--keys"])
            .arg(&world.config.keys)
            .env("DATABASE_URL", url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child, address })
    }

    /// Waits for `GET /readyz` to answer 200.
    pub fn ready(&self) -> Done<()> {
        let begun = Tick::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if get(self.address, b"GET /readyz HTTP/1.1\r\nhost: bench\r\n\r\n").is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err("the program is not ready after 30 s".into())
    }

    /// Stops it as an operator does.
    pub fn stop(mut self) -> Done<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        self.child.wait()?;
        Ok(())
    }
}

/// The body of one answer of that status.
fn answered(address: SocketAddr, request: &[u8], status: &[u8]) -> Done<()> {
    let mut stream = TcpStream::connect(address)?;
    let text = String::from_utf8_lossy(request).replacen("\r\n\r\n", "\r\nconnection: close\r\n\r\n", 1);
    stream.write_all(text.as_bytes())?;
    let mut all = Vec::new();
    stream.read_to_end(&mut all)?;
    if all.get(9..12) == Some(status) { Ok(()) } else { Err(String::from_utf8_lossy(&all).into_owned().into()) }
}

/// Starts for each question.
const STARTS: usize = 20;

/// Cold: the first answer of a program just started, to each question once; and its first moment under mixed load.
fn first_answers(world: &World, plan: Plan, report: &mut Report) -> Done<Value> {
    let served = Served::spawn(world)?;
    served.ready()?;
    let waited_for = waitlist::waited_for(world, served.address, STARTS, LINE)?;
    served.stop()?;
    let waited_for = std::cell::RefCell::new(waited_for);
    let mut first: Vec<(&str, Vec<f64>)> = Vec::new();
    for (name, status, request) in [
        ("a month of a room", "200", &(|| world.month_request("")) as &dyn Fn() -> Vec<u8>),
        ("a month of all rooms", "200", &|| world.site_request("")),
        ("a search of a month", "200", &|| world.month_search()),
        ("a booking", "201", &|| world.booking_request(&world.slot())),
        ("a series of 52", "201", &|| world.series_request(world.next_series())),
        ("a cancellation, ten in line", "201", &|| world.cancellation_request(&waited_for.borrow_mut().pop().unwrap_or_default())),
    ] {
        let mut took = Vec::new();
        for _ in 0..STARTS {
            let served = Served::spawn(world)?;
            served.ready()?;
            let request = request();
            let begun = Tick::now();
            answered(served.address, &request, status.as_bytes())?;
            took.push(begun.elapsed().as_secs_f64() * 1e3);
            served.stop()?;
        }
        first.push((name, took));
    }
    report.line(format!("\n| the first answer of a program just started, {STARTS} starts each | p50 ms (range) | p99 ms |\n|---|---|---|"));
    for (name, took) in &first {
        report.line(format!("| {name} | {} | {:.1} |", shown(took, 1), machine::quantile(took, 0.99)));
    }
    let served = Served::spawn(world)?;
    served.ready()?;
    let evening: Vec<_> = (0..20_000).map(|_| world.mixed_request()).collect();
    let evening = Rc::new(std::cell::RefCell::new(evening));
    let mixed = load::http_each(served.address, CROWD, plan.time.mul_f64(0.25), move || evening.borrow_mut().pop().unwrap_or_default());
    served.stop()?;
    report.line(format!("\nMixed load in the first moment after the start: p50 {:.1} ms, p99 {:.1} ms", mixed.ms(0.5), mixed.ms(0.99)));
    let of = |took: &[f64]| json!({"p50_ms": machine::quantile(took, 0.5), "p99_ms": machine::quantile(took, 0.99), "each_ms": took});
    let first: serde_json::Map<String, Value> = first.iter().map(|(name, took)| ((*name).to_owned(), of(took))).collect();
    Ok(json!({"first": first, "mixed": {"p50_ms": mixed.ms(0.5), "p99_ms": mixed.ms(0.99)}}))
}

/// Time to ready with many bookings in the database, first answers, memory idle and after load.
pub fn measure(world: &mut World, plan: Plan, report: &mut Report) -> Done<Value> {
    world.fill(plan.some)?;
    world.renew()?;
    let world = &*world;
    let mut starts = Vec::new();
    for _ in 0..plan.runs {
        let begun = Tick::now();
        let served = Served::spawn(world)?;
        served.ready()?;
        starts.push(begun.elapsed().as_secs_f64());
        served.stop()?;
    }
    let cold = first_answers(world, plan, report)?;
    let served = Served::spawn(world)?;
    served.ready()?;
    std::thread::sleep(Duration::from_millis(500));
    let pid = served.child.id();
    let idle = machine::memory_mib(pid, "VmRSS");
    let slots: Vec<Vec<u8>> = (0..60_000).map(|_| world.booking_request(&world.slot())).collect();
    let slots = Rc::new(std::cell::RefCell::new(slots));
    let booked = load::http(served.address, CROWD, plan.time, "201", move || slots.borrow_mut().pop().unwrap_or_default());
    let month = world.month_request("");
    let looked = load::http(served.address, CROWD, plan.time, "200", move || month.clone());
    let (loaded, peak) = (machine::memory_mib(pid, "VmRSS"), machine::memory_mib(pid, "VmHWM"));
    served.stop()?;
    if (booked.failed + looked.failed) * 50 > booked.done {
        return Err(format!("under load: {:?} {:?}", booked.first_failure, looked.first_failure).into());
    }
    report.line(format!(
        "\nThe program as a process, {} bookings in the database: memory {idle:.0} MiB idle, {loaded:.0} MiB after load (peak {peak:.0})",
        plan.some
    ));
    let ready = report.aim("seconds from start to ready", &starts, 3, Aim::AtMost(0.5));
    Ok(json!({"ready": ready, "ready_seconds": starts, "cold": cold, "idle_mib": idle, "loaded_mib": loaded, "peak_mib": peak}))
}
