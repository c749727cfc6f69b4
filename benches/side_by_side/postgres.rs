//! A proxy that counts round trips to PostgreSQL.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what clients ask PostgreSQL to answer: every simple query and every Sync is one round trip.
pub struct Counter {
    pub port: u16,
    count: Arc<AtomicU64>,
}

impl Counter {
    pub fn before(port: u16) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let counter = Self { port: listener.local_addr()?.port(), count: Arc::default() };
        let count = counter.count.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                let (Ok(client_back), Ok(server_back)) = (client.try_clone(), server.try_clone()) else { continue };
                let count = count.clone();
                std::thread::spawn(move || relay(client, server, Some(&count)));
                std::thread::spawn(move || relay(server_back, client_back, None));
            }
        });
        Ok(counter)
    }

    pub fn round_trips(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }
}

fn relay(mut from: TcpStream, mut to: TcpStream, count: Option<&AtomicU64>) {
    let mut bytes = [0u8; 16_384];
    let mut seen: Vec<u8> = Vec::new();
    let mut begun = false;
    while let Ok(n @ 1..) = from.read(&mut bytes) {
        let Some(part) = bytes.get(..n) else { return };
        if let Some(count) = count {
            seen.extend_from_slice(part);
            // The start-up message alone has no letter before its length.
            while let Some(head) = seen.get(usize::from(begun)..).and_then(|rest| rest.first_chunk::<4>()) {
                let whole = usize::from(begun) + usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
                if seen.len() < whole {
                    break;
                }
                if begun && matches!(seen.first(), Some(b'Q' | b'S')) {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                begun = true;
                seen.drain(..whole);
            }
        }
        if to.write_all(part).is_err() {
            return;
        }
    }
}
