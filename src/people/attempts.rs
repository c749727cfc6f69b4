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
#[derive(Debug, Default)]
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

/// A try that is being judged. It counts as a failure meanwhile, so that nobody has more tries by making them at once; one that
/// comes to no judgement never was.
#[derive(Debug)]
pub struct Try<'a> {
    attempts: &'a Attempts,
    keys: Vec<String>,
    at: Instant,
    failed: bool,
}

impl Attempts {
    /// Begins a try; 429 when the name or the address has failed too often.
    pub fn begin(&self, name: &str, from: Option<IpAddr>, now: Instant) -> Outcome<Try<'_>> {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = keys(name, from);
        for (key, most) in &keys {
            if let Some(times) = failures.get_mut(key) {
                times.retain(|at| at.plus_seconds(WINDOW_SECONDS) > now);
                if times.len() >= *most {
                    return Err(Fault::from(Code::TooManyAttempts).retry_after(900));
                }
            }
        }
        if failures.len() >= MOST_KEYS {
            failures.retain(|_, times| times.iter().any(|at| at.plus_seconds(WINDOW_SECONDS) > now));
        }
        let keys: Vec<String> = keys.into_iter().map(|(key, _)| key).collect();
        for key in &keys {
            failures.entry(key.clone()).or_default().push(now);
        }
        Ok(Try { attempts: self, keys, at: now, failed: false })
    }
}

impl Try<'_> {
    /// It was wrong.
    pub fn wrong(mut self) {
        self.failed = true;
    }

    /// It was right: that clears the name, not the address.
    pub fn right(self) {
        if let Some(name) = self.keys.first() {
            self.attempts.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        }
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        if self.failed {
            return;
        }
        let mut failures = self.attempts.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &self.keys {
            let Some(times) = failures.get_mut(key) else { continue };
            if let Some(place) = times.iter().position(|at| *at == self.at) {
                times.swap_remove(place);
            }
            if times.is_empty() {
                failures.remove(key);
            }
        }
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
        let code = |tried: Outcome<Try>| tried.unwrap_err().code;
        for _ in 0..5 {
            attempts.begin("a@b.c", from, now).unwrap().wrong();
        }
        assert_eq!(code(attempts.begin("a@b.c", None, now)), Code::TooManyAttempts);
        attempts.begin("other@b.c", from, now).unwrap().right();
        for n in 0..15 {
            attempts.begin(&format!("n{n}"), from, now).unwrap().wrong();
        }
        assert_eq!(code(attempts.begin("new", from, now)), Code::TooManyAttempts, "a success clears the name, not the address");
        // Last, because looking forgets what is too old.
        assert!(attempts.begin("new", from, now.plus_seconds(900)).is_ok());
    }

    #[test]
    fn tries_at_once_are_no_more_than_one_after_the_other() {
        let attempts = Attempts::default();
        let now = Instant::parse("2026-11-22T10:00:00Z").unwrap();
        let at_once: Vec<_> = (0..5).map(|_| attempts.begin("a@b.c", None, now).unwrap()).collect();
        assert!(attempts.begin("a@b.c", None, now).is_err());
        // None of them came to a judgement, and then one was right.
        drop(at_once);
        for _ in 0..4 {
            attempts.begin("a@b.c", None, now).unwrap().wrong();
        }
        attempts.begin("a@b.c", None, now).unwrap().right();
        assert!(attempts.begin("a@b.c", None, now).is_ok());
    }
}
