//! A light HTTP/1.1 client: keep-alive connections on one thread, no parsing beyond status and length.

use crate::machine::quantile;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant as Tick};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// What came of a run.
#[derive(Debug, Default)]
pub struct Run {
    /// Answered as expected.
    pub done: usize,
    /// Answered otherwise; the first such answer is kept.
    pub failed: usize,
    pub first_failure: Option<String>,
    pub seconds: f64,
    /// µs each.
    pub latencies: Vec<f64>,
}

impl Run {
    pub fn per_second(&self) -> f64 {
        self.done as f64 / self.seconds
    }
    pub fn ms(&self, share: f64) -> f64 {
        quantile(&self.latencies, share) / 1e3
    }
}

/// Keeps `workers` pieces of work running for a time, on this thread; each piece says whether it went well.
pub fn drive<W, F>(workers: usize, time: Duration, mut worker: impl FnMut(usize) -> W) -> Run
where
    W: FnMut() -> F + 'static,
    F: Future<Output = Result<(), String>>,
{
    let run = Rc::new(RefCell::new(Run::default()));
    let begun = Rc::new(Cell::new(Tick::now()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return Run { failed: 1, first_failure: Some("no runtime".into()), ..Run::default() } };
    let set = LocalSet::new();
    begun.set(Tick::now());
    for number in 0..workers {
        let mut work = worker(number);
        let (run, begun) = (run.clone(), begun.clone());
        set.spawn_local(async move {
            while begun.get().elapsed() < time {
                let asked = Tick::now();
                let outcome = work().await;
                let mut run = run.borrow_mut();
                match outcome {
                    Ok(()) => {
                        run.done += 1;
                        run.latencies.push(asked.elapsed().as_secs_f64() * 1e6);
                    }
                    Err(why) => {
                        run.failed += 1;
                        run.first_failure.get_or_insert(why);
                        if run.failed > 100 {
                            return;
                        }
                    }
                }
            }
        });
    }
    runtime.block_on(set);
    let mut run = run.take();
    run.seconds = begun.get().elapsed().as_secs_f64();
    run
}

/// One connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|e| e.to_string())?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        Ok(Self { stream, buffer: Vec::with_capacity(65_536) })
    }

    /// Sends a request and reads its whole answer: the status and how many bytes the body has.
    async fn exchange(&mut self, request: &[u8], expect: &[u8]) -> Result<(), String> {
        self.stream.write_all(request).await.map_err(|e| e.to_string())?;
        self.buffer.clear();
        let mut whole = None;
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await.map_err(|e| e.to_string())?;
            if read == 0 {
                return Err("the connection was closed".into());
            }
            if whole.is_none() {
                whole = head(&self.buffer).map(|end| end + length(&self.buffer));
            }
            if whole.is_some_and(|whole| self.buffer.len() >= whole) {
                break;
            }
        }
        if self.buffer.get(9..12) == Some(expect) { Ok(()) } else { Err(String::from_utf8_lossy(&self.buffer).into_owned()) }
    }
}

/// Where the head ends: after its empty line. A long head costs the client little more than a short one.
fn head(answer: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = answer.get(at..)?.iter().position(|byte| *byte == b'\n')?;
        at += line + 1;
        if line == 1 {
            return Some(at);
        }
    }
}

fn length(head: &[u8]) -> usize {
    let text = String::from_utf8_lossy(head.get(..head.len().min(4096)).unwrap_or_default());
    let mut lines = text.lines().take_while(|line| !line.is_empty());
    let of = |line: &str| {
        line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).and_then(|(_, n)| n.trim().parse().ok())
    };
    lines.find_map(of).unwrap_or(0)
}

/// Sends what `next` gives over `connections` connections for a time; every answer must have that status.
pub fn http(address: SocketAddr, connections: usize, time: Duration, status: &'static str, next: impl Fn() -> Vec<u8> + 'static) -> Run {
    http_each(address, connections, time, move || (next(), status))
}

/// The same with the status that each answer must have.
pub fn http_each(address: SocketAddr, connections: usize, time: Duration, next: impl Fn() -> (Vec<u8>, &'static str) + 'static) -> Run {
    let next = Rc::new(next);
    drive(connections, time, |_| {
        let (next, connection) = (next.clone(), Rc::new(tokio::sync::Mutex::new(None::<Connection>)));
        move || {
            let (next, connection) = (next.clone(), connection.clone());
            async move {
                let mut connection = connection.lock().await;
                let mut open = match connection.take() {
                    Some(open) => open,
                    None => Connection::open(address).await?,
                };
                let (request, status) = next();
                let answer = open.exchange(&request, status.as_bytes()).await;
                *connection = Some(open);
                answer
            }
        }
    })
}
