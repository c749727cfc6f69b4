//! Prometheus metrics, served on a second listener only. Labels are routes and statuses, never ids or people.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What was asked.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RouteLabels {
    /// GET, POST …
    pub method: &'static str,
    /// The route's pattern, not the path.
    pub route: String,
}

/// Labels of a finished request.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    /// GET, POST …
    pub method: &'static str,
    /// The route's pattern, not the path.
    pub route: String,
    /// The class of its status: `2xx`, `4xx` … Each status apart would be thousands of series.
    pub answer: &'static str,
}

/// A closed reason.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct ReasonLabel {
    /// Why.
    pub reason: &'static str,
}

/// What is asked for when the metrics are read.
pub struct Load {
    /// Statements sent to the database since start.
    pub statements: u64,
    /// Transactions run again after contention since start.
    pub retries: u64,
    /// Connections to the database that are lent.
    pub connections: usize,
    /// Bytes of SQLite's write-ahead log; 0 on PostgreSQL.
    pub log_bytes: u64,
    /// Passwords waiting for their turn to be hashed.
    pub passwords_waiting: usize,
}

fn whole(n: impl TryInto<i64>) -> i64 {
    n.try_into().unwrap_or(i64::MAX)
}

/// Every counter of this process.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    /// Seconds from head to answer.
    pub duration: Family<RouteLabels, Histogram>,
    /// Requests answered.
    pub answers: Family<RequestLabels, Counter>,
    /// Requests being served.
    pub in_flight: Gauge,
    /// Requests turned away.
    pub shed: Family<ReasonLabel, Counter>,
    /// Bookings asked for, by outcome: `booked`, `refused`, `taken`.
    pub bookings: Family<ReasonLabel, Counter>,
    /// Refresh tokens shown again after they were spent, each of which ended its session.
    pub refresh_reuse: Counter,
    /// Set when read: statements sent to the database.
    statements: Counter,
    /// Set when read: transactions run again after contention.
    retries: Counter,
    /// Set when read: connections lent.
    connections: Gauge,
    /// Set when read: size of SQLite's write-ahead log.
    log_bytes: Gauge,
    /// Set when read: passwords waiting for their turn to be hashed.
    passwords_waiting: Gauge,
    /// Set by the background jobs: outbox jobs waiting.
    pub outbox_waiting: Gauge,
    /// Set by the background jobs: outbox jobs given up.
    pub outbox_parked: Gauge,
    /// Set by the background jobs: age of the oldest due job.
    pub outbox_oldest_seconds: Gauge,
    /// Set by the background jobs: fen given back beyond what was charged.
    pub ledger_imbalance: Gauge,
}

fn histogram() -> Histogram {
    Histogram::new([0.005, 0.025, 0.1, 0.5, 2.5, 10.0])
}

impl Default for Metrics {
    fn default() -> Self {
        let duration = Family::<RouteLabels, Histogram>::new_with_constructor(histogram);
        let (in_flight, answers, shed, bookings) = (Gauge::default(), Family::default(), Family::default(), Family::default());
        let (refresh_reuse, statements, retries) = (Counter::default(), Counter::default(), Counter::default());
        let (connections, log_bytes, passwords_waiting) = (Gauge::default(), Gauge::default(), Gauge::default());
        let (outbox_waiting, outbox_parked, outbox_oldest_seconds) = (Gauge::default(), Gauge::default(), Gauge::default());
        let ledger_imbalance = Gauge::default();
        let mut registry = Registry::default();
        registry.register("http_server_request_duration_seconds", "Seconds from head to answer", duration.clone());
        registry.register("http_server_answers", "Requests answered, by the class of the status", Family::clone(&answers));
        registry.register("http_server_in_flight", "Requests being served", in_flight.clone());
        registry.register("http_shed", "Requests turned away", Family::clone(&shed));
        registry.register("booking_attempts", "Bookings asked for, by outcome", Family::clone(&bookings));
        registry.register("auth_refresh_reuse", "Spent refresh tokens shown again; each ended its session", Counter::clone(&refresh_reuse));
        registry.register("db_statements", "Statements sent to the database", Counter::clone(&statements));
        registry.register("db_tx_retries", "Transactions run again after contention", Counter::clone(&retries));
        registry.register("db_pool_in_use", "Connections that are lent", Gauge::clone(&connections));
        registry.register("sqlite_wal_bytes", "Size of the write-ahead log; 0 on PostgreSQL", Gauge::clone(&log_bytes));
        registry.register("password_hash_queue", "Passwords waiting to be hashed", Gauge::clone(&passwords_waiting));
        registry.register("outbox_waiting", "Jobs waiting", Gauge::clone(&outbox_waiting));
        registry.register("outbox_parked", "Jobs given up, after ten tries or at once", Gauge::clone(&outbox_parked));
        registry.register("outbox_oldest_age_seconds", "Age of the oldest due job", Gauge::clone(&outbox_oldest_seconds));
        registry.register("ledger_imbalance_fen", "Fen given back beyond what was charged; 0 or an alarm", Gauge::clone(&ledger_imbalance));
        let build: Gauge = Gauge::default();
        build.set(1);
        registry.sub_registry_with_label(("version".into(), env!("CARGO_PKG_VERSION").into())).register(
            "build_info",
            "This program",
            build,
        );
        Self {
            registry: Arc::new(registry),
            duration,
            answers,
            in_flight,
            shed,
            bookings,
            refresh_reuse,
            statements,
            retries,
            connections,
            log_bytes,
            passwords_waiting,
            outbox_waiting,
            outbox_parked,
            outbox_oldest_seconds,
            ledger_imbalance,
        }
    }
}

impl Metrics {
    /// The text Prometheus reads.
    pub fn text(&self, load: &Load) -> String {
        // Counted elsewhere, and only ever more.
        self.statements.inner().store(load.statements, Ordering::Relaxed);
        self.retries.inner().store(load.retries, Ordering::Relaxed);
        self.connections.set(whole(load.connections));
        self.log_bytes.set(whole(load.log_bytes));
        self.passwords_waiting.set(whole(load.passwords_waiting));
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}
