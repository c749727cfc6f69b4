//! A throw-away PostgreSQL cluster from the installed binaries. The benchmark uses this file too.
//!
//! The cluster belongs to a small shell that waits on its standard input. When our process ends, for whatever reason
//! (`kill -9` too), the pipe closes, and the shell stops the server and removes its folder.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Arguments: folder, binaries, user to become ('' for none), port, settings. Says `ready` or what went wrong; then each
/// line it reads is a mode of stopping (`fast`, `immediate`) after which it starts again and says `ready`.
const SUPERVISOR: &str = r#"
dir=$1 bin=$2 user=$3 port=$4 settings=$5
as() { if [ -n "$user" ]; then runuser -u "$user" -- "$@"; else "$@"; fi; }
cd "$dir" || exit 1
up() {
  as "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/log" start -o "-c listen_addresses=127.0.0.1 -c port=$port \
    -c unix_socket_directories='' -c lc_messages=C -c log_timezone=UTC -c max_connections=300 $settings"
}
start() {
  { [ -z "$user" ] || chown "$user" "$dir"; } &&
  as "$bin/initdb" -k -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync && up
}
if start </dev/null >"$dir/setup" 2>&1; then echo ready; else cat "$dir/setup" "$dir/log" 2>/dev/null; rm -rf "$dir"; exit 1; fi
while read -r mode; do
  as "$bin/pg_ctl" -D "$dir/data" -m "$mode" stop </dev/null >>"$dir/setup" 2>&1
  if up </dev/null >>"$dir/setup" 2>&1; then echo ready; else cat "$dir/setup" "$dir/log"; fi
done
as "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1
cd / && rm -rf "$dir"
"#;

/// Whether what was committed outlives a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing here is worth keeping, and the tests are quicker. No other configuration may have it.
    None,
    /// As in production.
    Full,
}

/// A running cluster; gone with its folder when dropped.
pub struct Cluster {
    /// Of 127.0.0.1; user `postgres`, no password.
    pub port: u16,
    supervisor: Child,
    says: BufReader<ChildStdout>,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // It stops the server and removes the folder; there is nothing to do about a failure.
        let _ = self.supervisor.wait();
    }
}

fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> =
        versions.filter_map(|v| Some((v.file_name().to_str()?.parse().ok()?, v.path().join("bin")))).collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = versions.into_iter().rev().map(|(_, bin)| bin).chain(std::env::split_paths(&path));
    places.find(|bin| ["initdb", "pg_ctl", "postgres"].iter().all(|name| bin.join(name).is_file()))
}

/// `initdb` refuses to run as root; then the server runs as `postgres`, or as `nobody`.
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
    pub fn start(folder: &Path, durability: Durability) -> Result<Self, Box<dyn Error>> {
        std::fs::create_dir_all(folder)?;
        let bin = binaries().ok_or("no initdb, pg_ctl and postgres in /usr/lib/postgresql/*/bin or PATH: run `make setup`")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let settings = match durability {
            Durability::None => {
                // `minimal`: a database that is copied is not written to the log as well.
                "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=128MB -c max_wal_size=2GB \
                 -c wal_level=minimal -c wal_skip_threshold=0 -c max_wal_senders=0 -c autovacuum_naptime=10min"
            }
            Durability::Full => "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c shared_buffers=256MB -c max_wal_size=4GB",
        };
        let mut supervisor = Command::new("/bin/sh")
            .args(["-c", SUPERVISOR, "supervisor"])
            .args([folder.as_os_str(), bin.as_os_str()])
            .args([user_to_become(), &port.to_string(), settings])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C on the tests must not reach it before the pipe closes.
            .process_group(0)
            .spawn()?;
        let says = BufReader::new(supervisor.stdout.take().ok_or("no output")?);
        let mut cluster = Self { port, supervisor, says };
        cluster.ready()?;
        Ok(cluster)
    }

    /// Stops it (`immediate`: as a crash would) and starts it again.
    pub fn restart(&mut self, mode: &str) -> Result<(), Box<dyn Error>> {
        writeln!(self.supervisor.stdin.as_mut().ok_or("no input")?, "{mode}")?;
        self.ready()
    }

    fn ready(&mut self) -> Result<(), Box<dyn Error>> {
        let mut said = String::new();
        self.says.read_line(&mut said)?;
        if said.trim() == "ready" {
            return Ok(());
        }
        drop(self.supervisor.stdin.take());
        self.says.read_to_string(&mut said)?;
        Err(format!("PostgreSQL did not start:\n{said}").into())
    }

    /// URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}
