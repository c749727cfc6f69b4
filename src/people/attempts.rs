//! Limits on guessing, checked before any hashing: 5 failures in 15 minutes per name, 20 per address.
//!
//! Kept in the memory of each process, bounded; with n processes behind a proxy a guesser has n times the tries, which the
//! cost of a hash still makes useless.

use crate::kernel::{Code, Fault, Instant, Outcome};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

const WINDOW_SECONDS: i64 = 15 * 60;
const PER_NAME: usize = 5;
const PER_ADDRESS: usize = 20;
/// Names and addresses remembered at most; beyond it the stale ones are forgotten first.
const MOST_KEYS: usize = 100_000;

/// Failures of the last quarter of an hour.
#[derive(Default)]
pub struct Attempts(Mutex<HashMap<String, Vec<Instant>>>);

/// Keys of one attempt: the name tried and the address (IPv6: its /64) it came from.
fn keys(name: &str, from: Option<IpAddr>) -> Vec<(String, usize)> {
    let mut keys = vec![(format!("name {name}"), PER_NAME)];
    match from {
        Some(IpAddr::V4(v4)) => keys.push((format!("from {v4}"), PER_ADDRESS)),
        Some(IpAddr::V6(v6)) => keys.push((format!("from {:x?}", v6.segments().get(..4)), PER_ADDRESS)),
        None => {}
    }
    keys
}

impl Attempts {
    /// 429 when the name or the address has failed too often.
    pub fn check(&self, name: &str, from: Option<IpAddr>, now: Instant) -> Outcome<()> {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, most) in keys(name, from) {
            if let Some(times) = failures.get_mut(&key) {
                times.retain(|at| at.plus_seconds(WINDOW_SECONDS) > now);
                if times.len() >= most {
                    return Err(Fault::from(Code::TooManyAttempts).retry_after(900));
                }
            }
        }
        Ok(())
    }

    /// Remembers a failure.
    pub fn failed(&self, name: &str, from: Option<IpAddr>, now: Instant) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MOST_KEYS {
            failures.retain(|_, times| times.iter().any(|at| at.plus_seconds(WINDOW_SECONDS) > now));
        }
        for (key, _) in keys(name, from) {
            failures.entry(key).or_default().push(now);
        }
    }

    /// A success clears the name, not the address.
    pub fn succeeded(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&format!("name {name}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_close_a_name_for_a_quarter_of_an_hour() {
        let attempts = Attempts::default();
        let now = Instant::parse("2026-11-22T10:00:00Z").unwrap();
        let from = Some("10.0.0.1".parse().unwrap());
        for _ in 0..5 {
            attempts.check("a@b.c", from, now).unwrap();
            attempts.failed("a@b.c", from, now);
        }
        assert_eq!(attempts.check("a@b.c", None, now).unwrap_err().code, Code::TooManyAttempts);
        assert!(attempts.check("other@b.c", from, now).is_ok());
        attempts.succeeded("a@b.c");
        assert!(attempts.check("a@b.c", from, now).is_ok());
        for n in 0..15 {
            attempts.failed(&format!("n{n}"), from, now);
        }
        assert!(attempts.check("new", from, now).is_err(), "a success clears the name, not the address");
        // Last, because looking forgets what is too old.
        assert!(attempts.check("new", from, now.plus_seconds(900)).is_ok());
    }
}
