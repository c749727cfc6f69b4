//! A throw-away PostgreSQL that is as durable as a real one, and a proxy that counts round trips.
//!
//! As in `tests/it/harness/postgres.rs`, a small shell owns the cluster and ends it when our end of its input closes; but here
//! `fsync`, `synchronous_commit` and `full_page_writes` are on.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const SUPERVISOR: &str = r#"
dir=$1 bin=$2 user=$3 port=$4
as() { if [ -n "$user" ]; then runuser -u "$user" -- "$@"; else "$@"; fi; }
cd "$dir" || exit 1
start() {
  { [ -z "$user" ] || chown "$user" "$dir"; } &&
  as "$bin/initdb" -k -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C &&
  as "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/log" start -o "-c listen_addresses=127.0.0.1 -c port=$port \
    -c unix_socket_directories='' -c fsync=on -c synchronous_commit=on -c full_page_writes=on -c max_connections=100 \
    -c lc_messages=C -c log_timezone=UTC -c shared_buffers=256MB -c max_wal_size=4GB"
}
if start </dev/null >"$dir/setup" 2>&1; then echo ready; else cat "$dir/setup" "$dir/log" 2>/dev/null; exit 1; fi
exec >&- 2>&-
cat >/dev/null
as "$bin/pg_ctl" -D "$dir/data" -m immediate stop
cd / && rm -rf "$dir"
"#;

/// A running cluster.
pub struct Cluster {
    pub port: u16,
    supervisor: Child,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // It stops the server and removes the folder; there is nothing to do about a failure.
        let _ = self.supervisor.wait();
    }
}

fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|v| Some((v.file_name().to_str()?.parse().ok()?, v.path().join("bin"))))
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = versions.into_iter().rev().map(|(_, bin)| bin).chain(std::env::split_paths(&path));
    places.find(|bin| ["initdb", "pg_ctl", "postgres"].iter().all(|name| bin.join(name).is_file()))
}

fn user_to_become() -> &'static str {
    use std::os::unix::fs::MetadataExt;
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    match (root, known.lines().any(|line| line.starts_with("postgres:"))) {
        (false, _) => "",
        (true, true) => "postgres",
        (true, false) => "nobody",
    }
}

impl Cluster {
    /// Starts one in an empty folder.
    pub fn start(folder: &Path) -> Result<Self, Box<dyn Error>> {
        std::fs::create_dir_all(folder)?;
        let bin = binaries().ok_or("no initdb, pg_ctl and postgres in /usr/lib/postgresql/*/bin or PATH: run `make setup`")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut supervisor = Command::new("/bin/sh")
            .args(["-c", SUPERVISOR, "supervisor"])
            .args([folder.as_os_str(), bin.as_os_str()])
            .args([user_to_become(), &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let mut says = BufReader::new(supervisor.stdout.take().ok_or("no output")?);
        let mut first = String::new();
        says.read_line(&mut first)?;
        if first.trim() != "ready" {
            says.read_to_string(&mut first)?;
            return Err(format!("PostgreSQL did not start:\n{first}").into());
        }
        Ok(Self { port, supervisor })
    }
}

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
