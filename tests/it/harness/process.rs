//! The real program as a process of its own, to be killed.

use super::app::PASSWORD;
use shangliang::demo::client::Client;
use shangliang::demo::people::Hub;
use shangliang::demo::seed::YUXIN;
use shangliang::server::first_admin_file;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant as Tick};

/// A copy of the program: a build elsewhere must not exchange it while a test restarts it. It takes the place of the copy of the tests
/// before, which those may go on using.
pub static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (new, copy) = (folder.join(format!("shangliang-{}", std::process::id())), folder.join("shangliang"));
    std::fs::copy(env!("CARGO_BIN_EXE_shangliang"), &new).unwrap();
    std::fs::rename(&new, &copy).unwrap();
    copy
});

/// The program as an operator calls it in a folder, with nothing of our environment.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shangliang"));
    command.current_dir(folder).env_clear().env("SHANGLIANG_DATABASE_WAIT_SECONDS", "1");
    command.env("SHANGLIANG_LISTEN", "127.0.0.1:0").env("SHANGLIANG_ADMIN_LISTEN", "127.0.0.1:0").stdin(Stdio::null());
    command
}

/// Runs a command to its end: exit code, and what it said.
pub fn run(folder: &Path, args: &[&str], env: &[(&str, &str)]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = program(folder).args(args).envs(env.iter().copied()).output().unwrap();
    (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

/// A served database on a port that stays the same over restarts.
pub struct Server {
    /// `http://127.0.0.1:port`
    pub base: String,
    listen: String,
    database: String,
    keys: PathBuf,
    child: Option<Child>,
}

impl Server {
    /// Starts the program and waits until it is ready.
    pub fn start(database: &str, keys: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let mut server = Self { base: format!("http://{listen}"), listen, database: database.into(), keys: keys.into(), child: None };
        server.restart();
        server
    }

    /// Starts it again; gives how long it took to be ready.
    pub fn restart(&mut self) -> Duration {
        let begun = Tick::now();
        let child = Command::new(&*PROGRAM)
            .arg("serve")
            .env("DATABASE_URL", &self.database)
            .env("SHANGLIANG_LISTEN", &self.listen)
            .env("SHANGLIANG_ADMIN_LISTEN", "127.0.0.1:0")
            .env("SHANGLIANG_KEYS", &self.keys)
            .env("SHANGLIANG_LOG", "error")
            .env_remove("SHANGLIANG_SOAK")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        let client = Client::new(&self.base);
        while !client.get("/readyz").is_ok_and(|answer| answer.status == 200) {
            assert!(begun.elapsed() < Duration::from_secs(30), "the server is not ready after 30 s");
            if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
                panic!("the server ended by itself: {status}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        begun.elapsed()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// The first administrator of a fresh database, by the token the server wrote.
    pub fn first_admin(&self) -> Client {
        let token = std::fs::read_to_string(first_admin_file(&self.keys)).unwrap();
        let client = Client::new(&self.base);
        let body = serde_json::json!({"token": token.trim(), "name": "管理员", "email": "admin@example.org", "password": PASSWORD});
        client.post("/api/v1/first-administrator", &body).unwrap().expect(200, "first administrator").unwrap();
        client.sign_in("admin@example.org", PASSWORD).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // While a test fails its own words matter.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The file of 育新花园, in force whatever the machine's date, without closed dates.
pub fn yuxin_any_day() -> String {
    let dates = |line: &&str| line.trim() != "dates:" && !line.trim().starts_with("- {first:");
    let text: Vec<&str> = YUXIN.lines().filter(dates).collect();
    text.join("\n").replace("last_day: 2028-12-31", "last_day: 2098-12-31").replace("to: 2029-01-01", "to: 2099-01-01")
}

/// The centre of 育新花园 imported, signed by both parties, in force.
pub fn yuxin_in_force(admin: &Client) -> Hub {
    let hub = Hub::bring_in(admin, &yuxin_any_day()).unwrap();
    let proposed = hub.propose("yuxin-partnership", "yuxin-community").unwrap();
    assert!(!proposed.sign("yuxin-community").unwrap());
    assert!(proposed.sign("yuxin-unit").unwrap());
    hub
}

/// Residents of different households, and two who share one.
pub const RESIDENTS: [&str; 6] = ["yuxin-p-res-1", "yuxin-p-res-2", "yuxin-p-res-3", "yuxin-p-res-4", "yuxin-p-grid", "yuxin-p-door"];
