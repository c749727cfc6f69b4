//! The log: JSON to stdout, one event a line, UTC.
//!
//! No personal data by construction. What may be logged: ids of ours, route patterns, methods, status codes, durations,
//! counts, error codes and their causes. What may not: names, phones, e-mail, bodies, query values, cookies, tokens,
//! keys, database URLs. JSON escapes control characters, so nobody forges a line. A failure is logged once, at the edge.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the log. A second call changes nothing and is no error, so that tests may call it each.
pub fn init(filter: &str) -> Result<(), String> {
    let filter = EnvFilter::builder().parse(filter).map_err(|error| error.to_string())?;
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(std::io::stdout)
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
        assert!(init("shangliang=debug=x").is_err());
        assert_eq!(init("off"), Ok(()));
        assert_eq!(init("off"), Ok(()));
    }
}
