//! A real mail server with a throw-away certificate: `tests/smtp/server.py` (aiosmtpd) in the environment `make setup` makes.

use super::db::fresh_folder;
use serde_json::Value;
use shangliang::config::mail::{MailConfig, Protection, Secret};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant as Tick};

/// Of whoever may send.
pub const PASSWORD: &str = "right and secret";

const CERTIFICATE: &str = "[req]\ndistinguished_name = dn\nx509_extensions = v3\nprompt = no\n[dn]\nCN = localhost\n[v3]\n\
    subjectAltName = DNS:localhost, IP:127.0.0.1\nbasicConstraints = critical, CA:FALSE\n";

/// Puts `cert.pem` and `key.pem` of `localhost` into a folder.
fn certify(folder: &Path) {
    std::fs::write(folder.join("config"), CERTIFICATE).unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-config", "config", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("openssl: {error}: run `make setup`"));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// A running mail server; ended when dropped.
pub struct MailServer {
    /// Of 127.0.0.1.
    pub port: u16,
    /// Certificate and key.
    folder: PathBuf,
    child: Child,
    said: Arc<Mutex<Vec<Value>>>,
}

impl MailServer {
    /// Wants TLS and the right password.
    pub fn start() -> Self {
        Self::with(&["--user", "mailer", "--password", PASSWORD])
    }

    /// With other arguments.
    pub fn with(args: &[&str]) -> Self {
        let smtp = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp");
        let python = smtp.join(".venv/bin/python");
        assert!(python.exists(), "no {}: run `make setup`", python.display());
        let folder = fresh_folder("mail");
        certify(&folder);
        let mut child = Command::new(python)
            .arg(smtp.join("server.py"))
            .arg("--cert")
            .arg(folder.join("cert.pem"))
            .arg("--key")
            .arg(folder.join("key.pem"))
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = said.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                heard.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { port: u16::try_from(first["port"].as_u64().unwrap()).unwrap(), folder, child, said }
    }

    /// How to reach it, with everything right.
    pub fn config(&self) -> MailConfig {
        MailConfig {
            host: "localhost".into(),
            port: self.port,
            protection: Protection::StartTls,
            login: Some(("mailer".into(), Secret::new(PASSWORD))),
            from_name: Some("商量".into()),
            from: "notices@hub.test".into(),
            certificates: Some(std::fs::read(self.folder.join("cert.pem")).unwrap()),
            public_url: "https://hub.test".into(),
        }
    }

    /// Letters it took, in order.
    pub fn letters(&self) -> Vec<Value> {
        self.said.lock().unwrap().iter().filter(|said| said["event"] == "letter").cloned().collect()
    }

    /// The same, once there are that many.
    pub fn taken(&self, letters: usize) -> Vec<Value> {
        until("the letters are taken", Duration::from_secs(5), || self.letters().len() >= letters);
        self.letters()
    }

    /// How often it was asked to take a letter for somebody.
    pub fn asked_for(&self, to: &str) -> usize {
        self.said.lock().unwrap().iter().filter(|said| said["event"] == "rcpt" && said["to"] == to).count()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // While a test fails its own words matter.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The value of a header of a letter.
pub fn header<'l>(letter: &'l Value, name: &str) -> &'l str {
    let found = letter["headers"].as_array().unwrap().iter().find(|header| header[0].as_str().unwrap().eq_ignore_ascii_case(name));
    found.and_then(|header| header[1].as_str()).unwrap_or_else(|| panic!("no {name} in {letter}"))
}

/// Waits until something is so; gives how long that took.
pub fn until(what: &str, most: Duration, so: impl Fn() -> bool) -> Duration {
    let begun = Tick::now();
    while !so() {
        assert!(begun.elapsed() < most, "after {most:?} still not: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
    begun.elapsed()
}
