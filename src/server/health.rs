//! Is the process alive, is it ready for requests; the metrics of the second listener.

use crate::http::metrics::{Load, Metrics};
use crate::kernel::{Code, Fault, Outcome};
use crate::outbox::runner::touch;
use crate::people::passwords::Passwords;
use crate::store::{Db, migrate, statements_run};
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Tick};
use tokio::sync::Mutex;
use utoipa::ToSchema;

/// A probe's answer is good for so long.
const FRESH: Duration = Duration::from_secs(1);
/// A database that does not answer by then is not ready.
const PATIENCE: Duration = Duration::from_millis(2500);

/// Readiness of this process.
pub struct Health {
    db: Db,
    stopping: AtomicBool,
    last: Mutex<Option<(Tick, bool)>>,
}

/// Health on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthView {
    /// `ok`
    status: &'static str,
    /// Version of the program.
    version: &'static str,
}

const OK: HealthView = HealthView { status: "ok", version: env!("CARGO_PKG_VERSION") };

impl Health {
    /// Of a database.
    pub fn new(db: Db) -> Self {
        Self { db, stopping: AtomicBool::new(false), last: Mutex::new(None) }
    }

    /// Not ready from now on.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// A read and a write reach the database, and it is at head. Asked at most once a second.
    async fn ready(&self) -> bool {
        if self.stopping.load(Ordering::SeqCst) {
            return false;
        }
        let mut last = self.last.lock().await;
        if let Some((_, answer)) = last.filter(|(at, _)| at.elapsed() < FRESH) {
            return answer;
        }
        let probe = async {
            let state = self.db.read(|tx| migrate::state(tx)).await?;
            self.db
                .write(|tx| {
                    let now = tx.now();
                    touch(tx, "readiness-probe", now)
                })
                .await?;
            Ok::<_, Fault>(state == migrate::State::Current)
        };
        let answer = matches!(tokio::time::timeout(PATIENCE, probe).await, Ok(Ok(true)));
        *last = Some((Tick::now(), answer));
        answer
    }
}

/// The process is alive
///
/// Asks no database.
#[utoipa::path(tag = "operations", responses((status = 200, body = HealthView)))]
#[get("/livez")]
pub async fn get_livez() -> Json<HealthView> {
    Json(OK)
}

/// The service is ready
///
/// A read and a write reach the database and its schema is current; 503 while starting, stopping or cut off.
#[utoipa::path(tag = "operations", responses((status = 200, body = HealthView)))]
#[get("/readyz")]
pub async fn get_readyz(health: Data<Health>) -> Outcome<Json<HealthView>> {
    if health.ready().await { Ok(Json(OK)) } else { Err(Fault::from(Code::Unavailable).because("not ready").retry_after(2)) }
}

/// Metrics for Prometheus; on the admin listener only.
#[get("/metrics")]
pub async fn get_metrics(metrics: Data<Metrics>, db: Data<Db>, passwords: Data<Passwords>) -> HttpResponse {
    let load = Load {
        statements: statements_run(),
        retries: db.retries(),
        connections: db.connections_in_use(),
        log_bytes: db.log_bytes(),
        passwords_waiting: passwords.waiting(),
    };
    HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(metrics.text(&load))
}
