//! What an operator may set: one typed struct, every fault at once.
//!
//! The command line and the environment give raw texts ([`ServeArgs`]); [`ServeArgs::validate`] makes a [`Config`] of them or names
//! every fault. Dangerous pairs are refused here, so that the rest of the program never asks "is this production?".
//! Secrets are redacted wherever a configuration is shown.

pub mod mail;

use crate::store::DatabaseUrl;
use mail::{MailArgs, MailConfig};
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Exit code for a faulty configuration (`EX_CONFIG` of sysexits.h).
pub const EXIT_CONFIG: u8 = 78;

/// Prefix of our environment variables; an unknown one is a typing error and a fault.
const PREFIX: &str = "SHANGLIANG_";
/// Ours, but read by the tests, or by `demo-story`.
const OF_OTHERS: &[&str] = &["SHANGLIANG_SOAK", "SHANGLIANG_ADMIN_LOGIN", "SHANGLIANG_ADMIN_PASSWORD"];

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// The option or variable.
    pub name: String,
    /// What is wrong with it. Never holds a secret.
    pub what: String,
}

impl std::fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.what)
    }
}

/// Where the database is; shared by every command that opens it.
#[derive(Debug, Clone, clap::Args)]
pub struct DatabaseArgs {
    /// `sqlite:PATH` or `postgres://…`; a URL with a password belongs into the environment, not on the command line
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, default_value = "sqlite:data/shangliang.db")]
    pub database_url: String,
    /// Connections for reading (1 to 64), and on PostgreSQL as many again for writing
    #[arg(long, env = "SHANGLIANG_DATABASE_CONNECTIONS", default_value = "8")]
    pub database_connections: String,
    /// How long to wait at start for a database that does not answer yet
    #[arg(long, env = "SHANGLIANG_DATABASE_WAIT_SECONDS", default_value = "10")]
    pub database_wait_seconds: String,
}

/// What `serve` takes, as text.
#[derive(Debug, Clone, clap::Args)]
pub struct ServeArgs {
    /// Address and port of the service
    #[arg(long, env = "SHANGLIANG_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Address and port of the metrics
    #[arg(long, env = "SHANGLIANG_ADMIN_LISTEN", default_value = "127.0.0.1:9090")]
    pub admin_listen: String,
    /// The database.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Folder of the signing keys
    #[arg(long, env = "SHANGLIANG_KEYS", default_value = "data/keys")]
    pub keys: String,
    /// Threads that serve requests; as many as there are cores unless given
    #[arg(long, env = "SHANGLIANG_WORKERS")]
    pub workers: Option<String>,
    /// Put a demonstration hub and people with known passwords into an empty database; on this machine only
    #[arg(long, env = "SHANGLIANG_DEMO", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true")]
    pub demo: String,
    /// A proxy with TLS stands in front: allows addresses that others can reach
    #[arg(long, env = "SHANGLIANG_BEHIND_PROXY", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true")]
    pub behind_proxy: String,
    /// What is logged, e.g. `info` or `info,shangliang=debug`
    #[arg(long, env = "SHANGLIANG_LOG", default_value = "info")]
    pub log: String,
    /// Folder of built screens to serve instead of those in the program; for working on them
    #[arg(long, env = "SHANGLIANG_SCREENS")]
    pub screens: Option<PathBuf>,
    /// How long requests may finish after SIGTERM
    #[arg(long, env = "SHANGLIANG_SHUTDOWN_SECONDS", default_value = "25")]
    pub shutdown_seconds: String,
    /// Mail.
    #[command(flatten)]
    pub mail: MailArgs,
}

/// The database, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// Where it is.
    pub url: DatabaseUrl,
    /// Connections for reading, and on PostgreSQL as many again for writing.
    pub connections: usize,
    /// How long to wait for it at start.
    pub wait_seconds: u64,
}

/// Everything `serve` goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where the service listens.
    pub listen: SocketAddr,
    /// Where the metrics are; never public.
    pub admin_listen: SocketAddr,
    /// The database.
    pub database: DatabaseConfig,
    /// Folder of the signing keys.
    pub keys: PathBuf,
    /// Threads that serve requests.
    pub workers: usize,
    /// Start with the demonstration hub.
    pub demo: bool,
    /// A proxy with TLS stands in front.
    pub behind_proxy: bool,
    /// Log filter.
    pub log: String,
    /// Screens to serve instead of those in the program.
    pub screens: Option<PathBuf>,
    /// How long requests may finish after SIGTERM.
    pub shutdown_seconds: u64,
    /// The mail server; without one notices stay in the inbox.
    pub mail: Option<MailConfig>,
}

/// Reads values and keeps every fault.
#[derive(Default)]
struct Check(Vec<ConfigFault>);

impl Check {
    fn fault(&mut self, name: &str, what: impl Into<String>) {
        self.0.push(ConfigFault { name: name.to_owned(), what: what.into() });
    }

    fn number(&mut self, name: &str, text: &str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let number = text.parse().ok().filter(|n| range.contains(n));
        if number.is_none() {
            self.fault(name, format!("must be a whole number from {} to {}", range.start(), range.end()));
        }
        number
    }

    fn address(&mut self, name: &str, text: &str) -> Option<SocketAddr> {
        let address = text.parse().ok();
        if address.is_none() {
            self.fault(name, "must be an IP address and a port, e.g. 127.0.0.1:8080 or [::1]:8080");
        }
        address
    }

    fn flag(&mut self, name: &str, text: &str) -> Option<bool> {
        match text {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" | "" => Some(false),
            _ => {
                self.fault(name, "must be true or false");
                None
            }
        }
    }

    fn database(&mut self, args: &DatabaseArgs, default_host: Option<&str>) -> Option<DatabaseConfig> {
        let url = match args.database_url.parse::<DatabaseUrl>() {
            Ok(url) => {
                if let Some(why) = url.exposed(default_host) {
                    self.fault("DATABASE_URL", why);
                }
                Some(url)
            }
            Err(why) => {
                self.fault("DATABASE_URL", why);
                None
            }
        };
        let connections = self.number("SHANGLIANG_DATABASE_CONNECTIONS", &args.database_connections, 1..=64);
        let wait = self.number("SHANGLIANG_DATABASE_WAIT_SECONDS", &args.database_wait_seconds, 0..=600);
        Some(DatabaseConfig { url: url?, connections: usize::try_from(connections?).ok()?, wait_seconds: wait? })
    }

    fn unknown_variables(&mut self, env: &[(String, String)]) {
        use clap::Args;
        let command = ServeArgs::augment_args(clap::Command::new("serve"));
        let known: Vec<String> = command.get_arguments().filter_map(|a| a.get_env()).map(|e| e.to_string_lossy().into_owned()).collect();
        for (name, _) in env.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
            if !known.contains(name) && !OF_OTHERS.contains(&name.as_str()) {
                self.fault(name, format!("is not known; known are {}", known.join(", ")));
            }
        }
    }

    fn done<T>(self, value: Option<T>) -> Result<T, Vec<ConfigFault>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }
}

fn pghost(env: &[(String, String)]) -> Option<&str> {
    env.iter().find(|(name, _)| name == "PGHOST").map(|(_, value)| value.as_str())
}

/// The environment as `validate` wants it; a name or value that is no text cannot be one of ours.
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

impl DatabaseArgs {
    /// Checks what the commands without a server need.
    pub fn validate(&self, env: &[(String, String)]) -> Result<DatabaseConfig, Vec<ConfigFault>> {
        let mut check = Check::default();
        check.unknown_variables(env);
        let database = check.database(self, pghost(env));
        check.done(database)
    }
}

impl ServeArgs {
    /// Checks everything and gives the configuration, or every fault.
    pub fn validate(&self, env: &[(String, String)]) -> Result<Config, Vec<ConfigFault>> {
        let mut check = Check::default();
        check.unknown_variables(env);
        let listen = check.address("SHANGLIANG_LISTEN", &self.listen);
        let admin_listen = check.address("SHANGLIANG_ADMIN_LISTEN", &self.admin_listen);
        let database = check.database(&self.database, pghost(env));
        let workers = match &self.workers {
            Some(text) => check.number("SHANGLIANG_WORKERS", text, 1..=256),
            None => std::thread::available_parallelism().ok().and_then(|n| u64::try_from(n.get()).ok()).or(Some(1)),
        };
        let demo = check.flag("SHANGLIANG_DEMO", &self.demo);
        let behind_proxy = check.flag("SHANGLIANG_BEHIND_PROXY", &self.behind_proxy);
        let shutdown_seconds = check.number("SHANGLIANG_SHUTDOWN_SECONDS", &self.shutdown_seconds, 1..=600);
        if let Err(error) = tracing_subscriber::EnvFilter::builder().parse(&self.log) {
            check.fault("SHANGLIANG_LOG", error.to_string());
        }
        if self.keys.is_empty() {
            check.fault("SHANGLIANG_KEYS", "must name a folder");
        }
        let keys = PathBuf::from(&self.keys);
        if let Ok(found) = std::fs::metadata(&keys) {
            use std::os::unix::fs::PermissionsExt;
            if !found.is_dir() {
                check.fault("SHANGLIANG_KEYS", "is a file, not a folder");
            } else if found.permissions().mode() & 0o007 != 0 {
                check.fault("SHANGLIANG_KEYS", "is open to every user of this machine: chmod 700");
            }
        }
        if let Some(folder) = self.screens.as_ref().filter(|folder| !folder.join("index.html").is_file()) {
            check.fault("SHANGLIANG_SCREENS", format!("no index.html in {}", folder.display()));
        }
        if let (Some(listen), Some(admin)) = (listen, admin_listen) {
            let same_place = listen.ip() == admin.ip() || listen.ip().is_unspecified() || admin.ip().is_unspecified();
            if listen.port() == admin.port() && listen.port() != 0 && same_place {
                check.fault("SHANGLIANG_ADMIN_LISTEN", "is the address of the service; the metrics need one of their own");
            }
        }
        if demo == Some(true) && behind_proxy == Some(true) {
            check.fault("SHANGLIANG_DEMO", "has people with known passwords, and --behind-proxy says that a proxy lets others in");
        }
        for (name, address) in [("SHANGLIANG_LISTEN", listen), ("SHANGLIANG_ADMIN_LISTEN", admin_listen)] {
            let Some(address) = address.filter(|a| !a.ip().is_loopback()) else { continue };
            if demo == Some(true) {
                check.fault(name, format!("{address} can be reached by others, but --demo has people with known passwords"));
            } else if behind_proxy == Some(false) {
                check.fault(name, format!("{address} can be reached by others without TLS: put a proxy in front and say --behind-proxy"));
            }
        }
        let mail = check.mail(&self.mail);
        let config = || {
            Some(Config {
                listen: listen?,
                admin_listen: admin_listen?,
                database: database?,
                keys,
                workers: usize::try_from(workers?).ok()?,
                demo: demo?,
                behind_proxy: behind_proxy?,
                log: self.log.clone(),
                screens: self.screens.clone(),
                shutdown_seconds: shutdown_seconds?,
                mail,
            })
        };
        let config = config();
        check.done(config)
    }
}

impl Config {
    /// The effective configuration, one `name = value` a line, secrets redacted.
    pub fn show(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: &dyn std::fmt::Display| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name} = {value}");
        };
        line("listen", &self.listen);
        line("admin_listen", &self.admin_listen);
        line("database_url", &format_args!("{:?}", self.database.url));
        line("database_connections", &self.database.connections);
        line("database_wait_seconds", &self.database.wait_seconds);
        line("keys", &self.keys.display());
        line("workers", &self.workers);
        line("demo", &self.demo);
        line("behind_proxy", &self.behind_proxy);
        line("log", &self.log);
        line("screens", &self.screens.as_ref().map_or("built in".into(), |folder| folder.display().to_string()));
        line("shutdown_seconds", &self.shutdown_seconds);
        match &self.mail {
            None => line("smtp_url", &"none (notices stay in the inbox)"),
            Some(mail) => {
                line("smtp_url", &mail.url());
                line("smtp_user", &mail.login.as_ref().map_or("none", |(user, _)| user));
                line("smtp_password", &if mail.login.is_some() { "***" } else { "none" });
                line("smtp_from", &format_args!("{} <{}>", mail.from_name.as_deref().unwrap_or_default(), mail.from));
                line("smtp_ca_file", &if mail.certificates.is_some() { "read" } else { "none" });
                line("public_url", &mail.public_url);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        serve: ServeArgs,
    }

    fn args(words: &[&str]) -> ServeArgs {
        Cli::try_parse_from(std::iter::once(&"shangliang").chain(words)).unwrap().serve
    }

    fn faults(words: &[&str]) -> Vec<String> {
        let faults = args(words).validate(&[]).err().unwrap_or_default();
        faults.into_iter().map(|fault| fault.name).collect()
    }

    #[test]
    fn the_defaults_are_good() {
        let config = args(&[]).validate(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.database.url, DatabaseUrl::Sqlite("data/shangliang.db".into()));
        assert_eq!((config.database.connections, config.shutdown_seconds, config.database.wait_seconds), (8, 25, 10));
        assert!(config.workers >= 1 && !config.demo && !config.behind_proxy);
        assert!(args(&["--demo"]).validate(&[]).unwrap().demo);
        assert!(args(&["--behind-proxy", "--listen", "0.0.0.0:80"]).validate(&[]).unwrap().behind_proxy);
        assert!(!args(&["--behind-proxy=false"]).validate(&[]).unwrap().behind_proxy);
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let found = faults(&[
            "--listen=nonsense",
            "--admin-listen=localhost:1",
            "--database-url=mysql://x",
            "--database-connections=0",
            "--database-wait-seconds=soon",
            "--workers=-1",
            "--demo=perhaps",
            "--behind-proxy=perhaps",
            "--log=a=b=c",
            "--shutdown-seconds=",
            "--keys=",
        ]);
        assert_eq!(found.len(), 11, "{found:?}");
    }

    #[test]
    fn dangerous_pairs_are_refused() {
        assert_eq!(faults(&["--listen=127.0.0.1:9090"]), ["SHANGLIANG_ADMIN_LISTEN"]);
        assert_eq!(faults(&["--listen=0.0.0.0:9090", "--behind-proxy"]), ["SHANGLIANG_ADMIN_LISTEN"]);
        assert_eq!(faults(&["--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"]), [""; 0]);
        assert_eq!(faults(&["--listen=0.0.0.0:8080"]), ["SHANGLIANG_LISTEN"]);
        assert_eq!(faults(&["--listen=0.0.0.0:8080", "--demo"]), ["SHANGLIANG_LISTEN"]);
        assert_eq!(faults(&["--behind-proxy", "--demo"]), ["SHANGLIANG_DEMO"], "a proxy on this machine lets others in");
        assert_eq!(faults(&["--admin-listen=10.0.0.1:9090"]), ["SHANGLIANG_ADMIN_LISTEN"]);
        assert_eq!(faults(&["--database-url=postgres://u:secret@db/d"]), ["DATABASE_URL"]);
        assert_eq!(faults(&["--database-url=postgres://u:secret@db/d?sslmode=verify-full"]), [""; 0]);
    }

    #[test]
    fn open_key_folders_are_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("shangliang-keys-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let keys = format!("--keys={}", folder.display());
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(faults(&[&keys]), ["SHANGLIANG_KEYS"]);
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(faults(&[&keys]), [""; 0]);
        std::fs::remove_dir(&folder).unwrap();
        assert_eq!(faults(&[&keys]), [""; 0]);
    }

    #[test]
    fn unknown_variables_are_faults() {
        let env = |name: &str| vec![(name.to_owned(), "x".to_owned())];
        let found = args(&[]).validate(&env("SHANGLIANG_LISTNE")).unwrap_err();
        assert!(found.len() == 1 && found[0].what.contains("SHANGLIANG_LISTEN,"), "{found:?}");
        assert!(args(&[]).database.validate(&env("SHANGLIANG_NEW")).is_err());
        for known in ["SHANGLIANG_LOG", "SHANGLIANG_DATABASE_CONNECTIONS", "SHANGLIANG_SOAK", "SHANGLIANG_ADMIN_LOGIN", "HOME"] {
            assert!(args(&[]).validate(&env(known)).is_ok(), "{known}");
        }
        let far = [("PGHOST".to_owned(), "db".to_owned())];
        assert!(args(&["--database-url=postgres:///d"]).validate(&far).is_err());
    }

    #[test]
    fn secrets_are_never_shown() {
        let bad = args(&["--database-url=postgres://u:topsecret@db/d"]);
        assert!(!format!("{:?}", bad.validate(&[])).contains("topsecret"));
        let good = args(&["--database-url=postgres://u:topsecret@localhost/d"]).validate(&[]).unwrap();
        assert!(!good.show().contains("topsecret") && !format!("{good:?}").contains("topsecret"));
        assert!(good.show().contains("listen = 127.0.0.1:8080\n"));
    }
}
