//! The application: everything put together, listening.
//!
//! - [`routes`]: every route, once, with its documentation · `screens`: the pages the binary carries ·
//!   [`openapi`]: the document made of the routes · [`health`]: is it
//!   alive, is it ready · [`Application`]: build (port 0 in tests, a real one in production), run, stop gracefully
//!
//! Stopping: `/readyz` turns red at once, in-flight requests finish, jobs and the SQLite writer end, then the process.

pub mod health;
pub mod openapi;
pub mod routes;
mod screens;

use crate::config::Config;
use crate::http::edge::{self, Room};
use crate::http::metrics::Metrics;
use crate::http::origin::BehindProxy;
use crate::http::paging::CursorKey;
use crate::http::path;
use crate::http::query::Plain;
use crate::http::remembered::Remembered;
use crate::jobs::{Jobs, Mail};
use crate::kernel::{Clock, Code, Fault, Outcome, Transient};
use crate::people::attempts::Attempts;
use crate::people::keys::{self, KeyRing};
use crate::people::passwords::Passwords;
use crate::schedule::http::days::Days;
use crate::store::{Db, DbOptions, lock, migrate};
use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use health::Health;
use screens::Screens;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant as Tick};
use utoipa_actix_web::AppExt;

/// A built application: bound, migrated, not serving yet.
pub struct Application {
    config: Config,
    db: Db,
    metrics: Metrics,
    health: Data<Health>,
    mail: Option<Mail>,
    server: Server,
    admin: Server,
    address: SocketAddr,
    admin_address: SocketAddr,
    /// Held while serving an SQLite file: one server, one file.
    lock: Option<File>,
    first_admin: Option<String>,
}

/// Migrates, waiting a while for a PostgreSQL that is still starting.
fn migrated(config: &Config) -> Outcome<()> {
    let until = Tick::now() + Duration::from_secs(config.database.wait_seconds);
    loop {
        match migrate::run(&config.database.url) {
            Ok(0) => return Ok(()),
            Ok(done) => {
                tracing::info!(migrations = done, "database migrated");
                return Ok(());
            }
            Err(fault) if fault.detail.transient == Some(Transient::ConnectionLost) && Tick::now() < until => {
                tracing::warn!(cause = fault.detail.cause.as_deref().unwrap_or(""), "waiting for the database");
                std::thread::sleep(Duration::from_millis(500));
            }
            Err(fault) => return Err(fault),
        }
    }
}

/// Where the one-time token of the first administrator is written: beside the keys, readable by the owner only.
pub fn first_admin_file(keys: &Path) -> PathBuf {
    keys.join("first-administrator.token")
}

fn offer_first_admin(db: &Db, keys: &Path) -> Outcome<Option<String>> {
    let offered = db.write_now(crate::people::actions::offer_first_admin)?;
    // Spent, or followed by another.
    let file = first_admin_file(keys);
    if file.exists() {
        std::fs::remove_file(&file).map_err(Fault::internal)?;
    }
    let Some(token) = offered else { return Ok(None) };
    keys::write_secret(&file, &token)?;
    tracing::info!(file = %file.display(), "no administrator yet: the one-time token is in this file");
    Ok(Some(token))
}

fn bind(address: SocketAddr) -> Outcome<TcpListener> {
    let listener =
        TcpListener::bind(address).map_err(|e| Fault::from(Code::Unavailable).because(format!("cannot listen on {address}: {e}")))?;
    listener.set_nonblocking(true).map_err(Fault::internal)?;
    Ok(listener)
}

fn no_connection(e: std::io::Error) -> Fault {
    Fault::from(Code::Unavailable).because(e)
}

impl Application {
    /// Opens and migrates the database, reads the keys, binds both listeners.
    pub fn build(config: Config, clock: Arc<dyn Clock>) -> Outcome<Application> {
        let lock = lock::server_lock(&config.database.url)?;
        migrated(&config)?;
        let keys = KeyRing::open(&config.keys)?;
        let db = Db::open(&DbOptions { url: config.database.url.clone(), connections: config.database.connections }, clock)?;
        let first_admin = offer_first_admin(&db, &config.keys)?;
        let metrics = Metrics::default();
        let cursor = CursorKey::new(keys.cursor);
        let health = Data::new(Health::new(db.clone()));
        let passwords = Data::new(Passwords::default());
        let document = openapi::document();
        let shared = Shared {
            db: Data::new(db.clone()),
            keys: Data::new(keys),
            cursor: Data::new(cursor),
            passwords: passwords.clone(),
            attempts: Data::new(Attempts::default()),
            behind_proxy: Data::new(BehindProxy(config.behind_proxy)),
            metrics: Data::new(metrics.clone()),
            room: Data::new(Room::new(metrics.clone())),
            health: health.clone(),
            plain: Data::new(openapi::plain(&document)),
            document: Data::new(document),
            remembered: Data::new(Remembered::new(db.clone())),
            days: Data::default(),
            screens: Data::new(match &config.screens {
                Some(folder) => Screens::of_folder(folder).map_err(Fault::internal)?,
                None => Screens::built_in(),
            }),
        };
        let mail = config.mail.as_ref().map(Mail::new).transpose()?;
        let listener = bind(config.listen)?;
        let admin_listener = bind(config.admin_listen)?;
        let address = listener.local_addr().map_err(Fault::internal)?;
        let admin_address = admin_listener.local_addr().map_err(Fault::internal)?;
        let server = HttpServer::new(move || {
            let (app, _) = App::new().into_utoipa_app().configure(routes::all).split_for_parts();
            app.configure(|cfg| shared.install(cfg)).wrap(Compress::default()).wrap(from_fn(edge::pass))
        })
        .workers(config.workers)
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(15))
        .shutdown_timeout(config.shutdown_seconds)
        .disable_signals()
        .listen(listener)
        .map_err(no_connection)?
        .run();
        let (seen, counted) = (Data::new(metrics.clone()), Data::new(db.clone()));
        let nothing = || async { Err::<&'static str, Fault>(Code::NotFound.into()) };
        let of_operators = move || {
            let app = App::new().app_data(seen.clone()).app_data(counted.clone()).app_data(passwords.clone());
            app.service(health::get_metrics).default_service(web::to(nothing))
        };
        let admin = HttpServer::new(of_operators).workers(1).disable_signals().listen(admin_listener).map_err(no_connection)?.run();
        Ok(Application { config, db, metrics, health, mail, server, admin, address, admin_address, lock, first_admin })
    }

    /// Where the API listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the metrics listen.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin_address
    }

    /// The database, for seeds and tests.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The one-time token of the first administrator, while there is none.
    pub fn first_admin(&self) -> Option<&str> {
        self.first_admin.as_deref()
    }

    /// Stops the application from elsewhere.
    pub fn handle(&self) -> StopHandle {
        StopHandle { server: self.server.handle(), health: self.health.clone() }
    }

    /// Serves until stopped, then ends everything in order.
    pub async fn run(self) -> Outcome<()> {
        let jobs = Jobs::start(self.db.clone(), self.metrics.clone(), self.mail).map_err(Fault::internal)?;
        let admin = self.admin.handle();
        let admin_task = tokio::spawn(self.admin);
        let served = self.server.await.map_err(no_connection);
        // Requests are done: what they recorded is still to be linked and told.
        let (db, lock) = (self.db, self.lock);
        let ended = tokio::task::spawn_blocking(move || {
            jobs.stop();
            db.close();
            drop(lock);
        });
        ended.await.map_err(Fault::internal)?;
        admin.stop(true).await;
        // The metrics listener has nothing to lose.
        let _ = admin_task.await;
        tracing::info!(workers = self.config.workers, "stopped");
        served
    }
}

/// Stops a running application.
#[derive(Clone)]
pub struct StopHandle {
    server: ServerHandle,
    health: Data<Health>,
}

impl StopHandle {
    /// Not ready from now on; load balancers look elsewhere.
    pub fn refuse_new(&self) {
        self.health.stop();
    }
    /// Finishes what is in flight (`graceful`) or drops it.
    pub async fn stop(&self, graceful: bool) {
        self.health.stop();
        self.server.stop(graceful).await;
    }
}

/// What every worker shares.
#[derive(Clone)]
struct Shared {
    db: Data<Db>,
    keys: Data<KeyRing>,
    cursor: Data<CursorKey>,
    passwords: Data<Passwords>,
    attempts: Data<Attempts>,
    behind_proxy: Data<BehindProxy>,
    metrics: Data<Metrics>,
    room: Data<Room>,
    health: Data<Health>,
    document: Data<utoipa::openapi::OpenApi>,
    plain: Data<Plain>,
    screens: Data<Screens>,
    remembered: Data<Remembered>,
    days: Data<Days>,
}

impl Shared {
    fn install(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(self.db.clone())
            .app_data(self.keys.clone())
            .app_data(self.cursor.clone())
            .app_data(self.passwords.clone())
            .app_data(self.attempts.clone())
            .app_data(self.behind_proxy.clone())
            .app_data(self.metrics.clone())
            .app_data(self.room.clone())
            .app_data(self.health.clone())
            .app_data(self.document.clone())
            .app_data(self.plain.clone())
            .app_data(self.screens.clone())
            .app_data(self.remembered.clone())
            .app_data(self.days.clone())
            .app_data(web::PathConfig::default().error_handler(|error, request| path::malformed(&error, request).into()))
            .configure(openapi::explorer)
            .default_service(web::to(routes::no_route));
    }
}
