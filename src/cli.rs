//! The command line.

use crate::config::{DatabaseArgs, DatabaseConfig, EXIT_CONFIG, ServeArgs, environment};
use crate::demo::client::Client;
use crate::demo::{people, seed, story};
use crate::documents::rules::{Unreadable, canonical};
use crate::kernel::Clock;
use crate::kernel::time::SystemClock;
use crate::kernel::{Fault, Outcome};
use crate::people::rules::Login;
use crate::people::{actions, queries};
use crate::server::{Application, StopHandle, openapi};
use crate::store::{DatabaseUrl, Db, DbOptions, backup, migrate};
use crate::{audit, documents, onboarding, outbox, telemetry};
use clap::{Parser, Subcommand};
use sd_notify::NotifyState;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// 商量: a neighbourhood shares its spaces, and what the parties agreed is what the software does.
#[derive(Debug, Parser)]
#[command(name = "shangliang", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (migrates the database first)
    Serve(ServeArgs),
    /// Bring the database to the schema of this program
    Migrate(DatabaseArgs),
    /// Copy an SQLite database while it is in use; the copy is checked before it gets its name
    Backup {
        /// The copy; must not exist yet
        file: PathBuf,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Check an SQLite file, or the database: pages and foreign keys (SQLite), our invariants, the audit chains and their anchors
    Verify {
        /// An SQLite file; without it, the database of --database-url
        file: Option<PathBuf>,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Check the file of an agreement without a server or database: canonical form, contents, hash
    ///
    /// Exit codes: 0 it is a canonical agreement (and has the hash given), 1 it is not the text of that hash or was written anew,
    /// 65 it is no agreement at all, 66 the file cannot be read
    VerifyDocument {
        /// The file: what `GET /api/v1/agreements/…/versions/…/canonical` gave
        file: PathBuf,
        /// The SHA-256 it must have, as a certificate shows it
        #[arg(long)]
        sha256: Option<String>,
    },
    /// Bring a hub file in, as drafts for its parties to sign (migrates the database first, unless it is a dry run)
    Import {
        /// The hub file (YAML)
        file: PathBuf,
        /// Show what it would do, and do nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// List the jobs that were given up (mails, notices), with the cause
    Jobs {
        /// Try them again; a running server does so at once
        #[arg(long)]
        retry: bool,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Stop an account at once, or let it in again: for a password in the wrong hands
    Account {
        /// E-mail address or mobile number it signs in with
        login: String,
        /// Nobody signs in with it any more, and its sessions end
        #[arg(long, conflicts_with = "enable", required_unless_present = "enable")]
        disable: bool,
        /// It may sign in again
        #[arg(long)]
        enable: bool,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Tell the main job step by step against a running server, on fresh copies of the two hubs
    DemoStory {
        /// The server
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        url: String,
        /// Login of a platform administrator
        #[arg(long, env = "SHANGLIANG_ADMIN_LOGIN", default_value = people::ADMIN)]
        admin_login: String,
        /// Password of the platform administrator; the demo's unless given
        #[arg(long, env = "SHANGLIANG_ADMIN_PASSWORD", hide_env_values = true, default_value = people::PASSWORD)]
        admin_password: String,
    },
    /// Ask a running server whether it is ready; for container and cluster health checks
    Health {
        /// Address and port of the service; the one it listens on
        #[arg(long, env = "SHANGLIANG_LISTEN", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Check the configuration and show it, secrets redacted
    CheckConfig(ServeArgs),
}

/// Another program's exit codes (sysexits): the service is not available.
const EXIT_UNAVAILABLE: u8 = 69;
/// Another one: the input is not of the kind expected.
const EXIT_DATA: u8 = 65;
/// And another: there is no such file.
const EXIT_NO_INPUT: u8 = 66;
/// SIGTERM leaves so much time for load balancers to look elsewhere.
const DRAIN: Duration = Duration::from_secs(3);

fn say(fault: &Fault) -> ExitCode {
    eprintln!("shangliang: {fault}");
    ExitCode::from(EXIT_UNAVAILABLE)
}

fn done(result: Outcome<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|fault| say(&fault))
}

fn checked<T>(result: Result<T, Vec<crate::config::ConfigFault>>) -> Result<T, ExitCode> {
    result.map_err(|faults| {
        for fault in faults {
            eprintln!("shangliang: {fault}");
        }
        ExitCode::from(EXIT_CONFIG)
    })
}

/// Runs the program.
pub fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) | Err(code) => code,
    }
}

fn run(command: Command) -> Result<ExitCode, ExitCode> {
    let env = environment();
    Ok(match command {
        Command::Serve(args) => {
            let config = checked(args.validate(&env))?;
            telemetry::init(&config.log, std::io::stdout).map_err(|why| {
                eprintln!("shangliang: SHANGLIANG_LOG: {why}");
                ExitCode::from(EXIT_CONFIG)
            })?;
            done(serve(config))
        }
        Command::Migrate(args) => {
            let database = checked(args.validate(&env))?;
            done(migrate::run(&database.url).map(|n| {
                println!("{n} migrations run; the database is current");
                ExitCode::SUCCESS
            }))
        }
        Command::Backup { file, database } => {
            let database = checked(database.validate(&env))?;
            done(backup::copy(&database.url, &file).map(|()| {
                println!("copied and checked: {}", file.display());
                ExitCode::SUCCESS
            }))
        }
        Command::Verify { file: Some(file), .. } => done(verify(&DatabaseUrl::of_file(&file))),
        Command::Verify { file: None, database } => {
            let database = checked(database.validate(&env))?;
            done(verify(&database.url))
        }
        Command::VerifyDocument { file, sha256 } => verify_document(&file, sha256.as_deref()),
        Command::Import { file, dry_run, database } => {
            let database = checked(database.validate(&env))?;
            done(import(&file, dry_run, &database))
        }
        Command::Jobs { retry, database } => {
            let database = checked(database.validate(&env))?;
            done(jobs(retry, &database))
        }
        Command::Account { login, disable, enable: _, database } => {
            let database = checked(database.validate(&env))?;
            done(account(&login, disable, &database))
        }
        Command::DemoStory { url, admin_login, admin_password } => {
            let told = Client::new(&url).sign_in(&admin_login, &admin_password).and_then(|admin| story::tell(&admin, SystemClock.now()));
            done(told.map(|()| ExitCode::SUCCESS))
        }
        Command::Health { listen } => done(health(listen)),
        Command::Openapi => match serde_json::to_string_pretty(&openapi::document()) {
            Ok(text) => {
                println!("{text}");
                ExitCode::SUCCESS
            }
            Err(error) => say(&Fault::internal(error)),
        },
        Command::CheckConfig(args) => {
            let config = checked(args.validate(&env))?;
            println!("{}", config.show());
            ExitCode::SUCCESS
        }
    })
}

/// Asks on this machine, whatever address the server listens on.
fn health(mut listen: SocketAddr) -> Outcome<ExitCode> {
    if listen.ip().is_unspecified() {
        listen.set_ip(if listen.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    let answer = Client::new(&format!("http://{listen}")).get("/readyz")?;
    println!("{}", answer.body);
    Ok(if answer.status == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn verify(url: &DatabaseUrl) -> Outcome<ExitCode> {
    let mut faults = backup::faults(url)?;
    if faults.is_empty() {
        let db = open(&DatabaseConfig { url: url.clone(), connections: 1, wait_seconds: 0 })?;
        let verdict = db.read_now(|tx| audit::verify(tx))?;
        println!(
            "audit: {} entries in {} chains agree, {} published heads among them, {} not linked yet",
            verdict.entries, verdict.chains, verdict.anchors, verdict.unlinked
        );
        faults.extend(verdict.broken.into_iter().map(|broken| format!("audit chain {broken}")));
        let altered = db.read_now(|tx| documents::queries::altered(tx))?;
        faults.extend(altered.into_iter().map(|(version, why)| format!("the text of {version}: {why}")));
        db.close();
    }
    for fault in &faults {
        eprintln!("shangliang: {fault}");
    }
    if faults.is_empty() {
        // Shown as a URL is shown: without a password.
        println!("{url:?} is good");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

/// A file that whoever typed its name must look after.
fn unreadable(file: &Path, error: &std::io::Error) -> ExitCode {
    eprintln!("shangliang: {}: {error}", file.display());
    ExitCode::from(EXIT_NO_INPUT)
}

fn verify_document(file: &Path, wanted: Option<&str>) -> ExitCode {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => return unreadable(file, &error),
    };
    let signed = match canonical::read(&bytes) {
        Ok(signed) => signed,
        Err(why) => {
            eprintln!("shangliang: {}: {why}", file.display());
            return if matches!(why, Unreadable::NotCanonical { .. }) { ExitCode::FAILURE } else { ExitCode::from(EXIT_DATA) };
        }
    };
    println!("agreement {} {}", signed.agreement, signed.title_zh);
    println!("version   {}", signed.version);
    println!("sites     {}", signed.sites.join(" "));
    println!("clauses   {}", signed.clauses.len());
    println!("sha256    {}", signed.sha256);
    match wanted.map(str::to_lowercase) {
        Some(wanted) if wanted.trim() != signed.sha256 => {
            eprintln!("shangliang: this is another text than the one of SHA-256 {}", wanted.trim());
            ExitCode::FAILURE
        }
        Some(_) => {
            println!("it is the text of that hash, to the byte");
            ExitCode::SUCCESS
        }
        None => {
            println!("canonical; compare the hash with the one on the certificate, or give it as --sha256");
            ExitCode::SUCCESS
        }
    }
}

fn import(file: &Path, dry_run: bool, database: &DatabaseConfig) -> Outcome<ExitCode> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(unreadable(file, &error)),
    };
    // A dry run does nothing: it makes no database either, and migrates none.
    if dry_run {
        migrate::must_be_current(&database.url)?;
    } else {
        migrate::run(&database.url)?;
    }
    let db = open(database)?;
    let imported = actix_web::rt::System::new().block_on(onboarding::http::run(&db, bytes, dry_run, None));
    db.close();
    let imported = imported?;
    println!("{}", serde_json::to_string_pretty(&imported).map_err(Fault::internal)?);
    println!("{}", if dry_run { "nothing was done (dry run)" } else { "imported" });
    Ok(ExitCode::SUCCESS)
}

/// Most parked jobs listed.
const MOST_LISTED: i64 = 100;

fn jobs(retry: bool, database: &DatabaseConfig) -> Outcome<ExitCode> {
    let db = open(database)?;
    let parked = db.read_now(|tx| outbox::parked(tx, MOST_LISTED))?;
    for job in &parked {
        println!("{} {} after {} tries: {}", job.id, job.kind, job.attempts, job.last_error.as_deref().unwrap_or("no cause"));
    }
    let now = db.clock().now();
    let count = db.read_now(|tx| outbox::backlog(tx, now))?.parked;
    if retry {
        let again = db.write_now(outbox::retry_parked)?;
        println!("{again} jobs are due again");
    } else {
        println!("{count} jobs are given up");
    }
    db.close();
    Ok(ExitCode::SUCCESS)
}

fn account(login: &str, disable: bool, database: &DatabaseConfig) -> Outcome<ExitCode> {
    let db = open(database)?;
    let asked = Login::parse(login);
    let ended = db.write_now(move |tx| {
        let facts = asked.as_ref().map_or(Ok(None), |login| queries::sign_in_facts(tx, login))?;
        let Some(account) = facts.map(|facts| facts.account) else { return Ok(None) };
        if disable { actions::disable(tx, &account).map(Some) } else { actions::enable(tx, &account).map(|()| Some(0)) }
    })?;
    db.close();
    match ended {
        Some(ended) if disable => println!("nobody signs in with {login} any more; {ended} sessions have ended"),
        Some(_) => println!("{login} may sign in again"),
        None => {
            eprintln!("shangliang: no account signs in with {login}");
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn open(database: &DatabaseConfig) -> Outcome<Db> {
    Db::open(&DbOptions { url: database.url.clone(), connections: database.connections }, Arc::new(SystemClock))
}

fn serve(config: crate::config::Config) -> Outcome<ExitCode> {
    let demo = config.demo;
    let app = Application::build(config, Arc::new(SystemClock))?;
    if demo {
        let (base, token) = (format!("http://{}", app.address()), app.first_admin().map(str::to_owned));
        // Talks to the server about to serve, like anybody.
        std::thread::spawn(move || {
            if let Err(fault) = seed::seed(&base, token.as_deref(), SystemClock.now()) {
                eprintln!("shangliang: the demo could not be seeded: {fault}");
            }
        });
    }
    actix_web::rt::System::new().block_on(async move {
        let (address, admin) = (app.address(), app.admin_address());
        // Said once a signal would be heard: who waits for the line may stop the server at once.
        let signals =
            (signal(SignalKind::terminate()).map_err(Fault::internal)?, signal(SignalKind::interrupt()).map_err(Fault::internal)?);
        actix_web::rt::spawn(stop_on_signal(app.handle(), signals));
        println!(
            "Shangliang 商量 listens on http://{} (API explorer: http://{}/docs/, metrics: http://{}/metrics)",
            address, address, admin
        );
        tell_systemd(&[NotifyState::Ready]);
        actix_web::rt::spawn(keep_the_watchdog_quiet());
        app.run().await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Under `Type=notify`; elsewhere nobody listens, and that is fine.
fn tell_systemd(state: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(cause = %error, "systemd could not be told");
    }
}

/// Says twice in the watchdog's time that the main loop turns.
async fn keep_the_watchdog_quiet() {
    let Some(time) = sd_notify::watchdog_enabled() else { return };
    loop {
        tell_systemd(&[NotifyState::Watchdog]);
        tokio::time::sleep(time / 2).await;
    }
}

/// SIGTERM and SIGINT: not ready at once, then a pause for load balancers (SIGTERM), then a graceful end. A second signal ends at once.
async fn stop_on_signal(handle: StopHandle, (mut term, mut int): (Signal, Signal)) {
    async fn either(term: &mut Signal, int: &mut Signal) -> bool {
        tokio::select! { _ = term.recv() => true, _ = int.recv() => false }
    }
    let drain = either(&mut term, &mut int).await;
    handle.refuse_new();
    tell_systemd(&[NotifyState::Stopping]);
    tracing::info!("stopping");
    if drain {
        let second = tokio::time::timeout(DRAIN, either(&mut term, &mut int)).await.is_ok();
        if second {
            handle.stop(false).await;
            return;
        }
    }
    tokio::select! {
        () = handle.stop(true) => {}
        _ = either(&mut term, &mut int) => handle.stop(false).await,
    }
}
