//! The shipped program as a process of its own: time to ready, memory; and the bare handler to compare with.

use crate::world::World;
use crate::{Done, Plan, Report, load, machine};
use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::{Value, json};
use shangliang::store::{Conn, DatabaseUrl};
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

struct Served {
    child: Child,
    address: SocketAddr,
}

impl Served {
    fn spawn(world: &World) -> Done<Self> {
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
    fn ready(&self) -> Done<()> {
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
    fn stop(mut self) -> Done<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        self.child.wait()?;
        Ok(())
    }
}

/// Time to ready with many bookings in the database, memory idle and after load.
pub fn measure(world: &World, plan: Plan, report: &mut Report) -> Done<Value> {
    use diesel::connection::SimpleConnection;
    {
        let mut conn = Conn::open(&world.config.database.url, false)?;
        conn.batch_execute("BEGIN").map_err(shangliang::kernel::Fault::from)?;
        for statement in world.past_bookings(plan.past) {
            conn.batch_execute(&statement).map_err(shangliang::kernel::Fault::from)?;
        }
        conn.batch_execute("COMMIT").map_err(shangliang::kernel::Fault::from)?;
    }
    let mut starts = Vec::new();
    for _ in 0..plan.runs {
        let begun = Tick::now();
        let served = Served::spawn(world)?;
        served.ready()?;
        starts.push(begun.elapsed().as_secs_f64());
        served.stop()?;
    }
    let served = Served::spawn(world)?;
    served.ready()?;
    std::thread::sleep(Duration::from_millis(500));
    let pid = served.child.id();
    let idle = machine::memory_mib(pid, "VmRSS");
    let slots: Vec<Vec<u8>> = (0..60_000).map(|_| world.booking_request(&world.slot())).collect();
    let slots = Rc::new(std::cell::RefCell::new(slots));
    let booked = load::http(served.address, crate::CROWD, plan.time, "201", move || slots.borrow_mut().pop().unwrap_or_default());
    let month = world.month_request("");
    let looked = load::http(served.address, crate::CROWD, plan.time, "200", move || month.clone());
    let (loaded, peak) = (machine::memory_mib(pid, "VmRSS"), machine::memory_mib(pid, "VmHWM"));
    served.stop()?;
    if (booked.failed + looked.failed) * 50 > booked.done {
        return Err(format!("under load: {:?} {:?}", booked.first_failure, looked.first_failure).into());
    }
    report.line(format!(
        "\nThe program as a process, {} bookings in the database: ready after {:.3} s ({:.3}–{:.3}, aim ≤ 0.5); memory {idle:.0} MiB idle, {loaded:.0} MiB after load (peak {peak:.0})",
        plan.past,
        machine::median(&starts),
        machine::quantile(&starts, 0.0),
        machine::quantile(&starts, 1.0),
    ));
    Ok(json!({"ready_seconds": starts, "idle_mib": idle, "loaded_mib": loaded, "peak_mib": peak}))
}
