//! The log: JSON, one event a line, UTC; the service writes it to stdout.
//!
//! No personal data by construction. What may be logged: ids of ours, route patterns, methods, status codes, durations,
//! counts, error codes and their causes. What may not: names, phones, e-mail, bodies, query values, cookies, tokens,
//! keys, database URLs. JSON escapes control characters, so nobody forges a line. A failure is logged once, at the edge.
//!
//! Whoever serves writes its line itself. A thread of its own for the log (`tracing-appender`, measured) took more of two cores from
//! the requests than it gave back: each line had to wake it.

use crate::kernel::Clock;
use crate::kernel::time::SystemClock;
use std::fmt;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::util::SubscriberInitExt;

/// RFC 3339 with six digits of a second, in fewer steps than the formatter of the log takes.
struct Utc;

impl FormatTime for Utc {
    fn format_time(&self, line: &mut Writer<'_>) -> fmt::Result {
        write!(line, "{:.6}", SystemClock.now())
    }
}

/// Starts the log, which goes to `to`. A second call changes nothing and is no error, so that tests may call it each.
pub fn init(filter: &str, to: impl for<'w> MakeWriter<'w> + Send + Sync + 'static) -> Result<(), String> {
    let filter = EnvFilter::builder().parse(filter).map_err(|error| error.to_string())?;
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_timer(Utc)
        .with_writer(to)
        .finish();
    // An error means that a log is running already.
    let _ = subscriber.try_init();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_once_and_refuses_bad_filters() {
        assert!(init("shangliang=debug=x", std::io::sink).is_err());
        assert!(init("off", std::io::sink).is_ok());
        assert!(init("off", std::io::sink).is_ok());
    }
}
