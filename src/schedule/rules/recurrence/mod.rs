//! Which days a series falls on: recurrence rules of RFC 5545, read by a whitelist and expanded.
//!
//! Taken are `FREQ` of `DAILY`, `WEEKLY`, `MONTHLY`, with `INTERVAL`, `COUNT`, `UNTIL`, `BYDAY` (in a month also the second or the
//! last of its weekday), `BYMONTHDAY`, `BYSETPOS` and `WKST`; anything else is a fault that names it. So a day has at most one
//! occurrence, and its civil date is the id the occurrence keeps. A rule ends: by `COUNT` or by `UNTIL`, after at most
//! [`MOST_OCCURRENCES`] and within [`MOST_DAYS`] of its first day. Whatever it says, no more than so many days are looked at.
//!
//! Where the clock jumps, RFC 5545 (3.3.5) decides: a time that does not exist comes as much later as the clock was set forward, one
//! that exists twice is its first. Such an occurrence says so ([`Occurrence::clock`]).
//!
//! Written here, on jiff, and on no library. `rrule` 0.14, the best kept one for Rust (its forks `rrule2` and `recurrence` as well),
//! was tried behind this whitelist and measured. Of 1,500 generated rules all agreed with python-dateutil, as ours do. But it looks
//! for the next occurrence in up to 100,000 steps, whatever `UNTIL` says: a rule that never comes
//! (`FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=1MO`) took 37 ms of a release build's processor where 20 ms is the bound of a hostile rule and
//! ours takes less than one; only an expansion of our own could tell such a rule before. And it stands on chrono and chrono-tz: two
//! data bases of zones in one program can differ about one civil hour, and then a series and a single booking at "02:30" are not the
//! same moment; this program has one library for time, and `deny.toml` bans the other.
//!
//! As with python-dateutil, a first week that begins in its middle has only the days from the first day on (it matters to
//! `BYSETPOS` alone), and a first day the rule does not name is no occurrence.

mod expand;
mod rule;

pub use expand::{Beyond, Occurrence, days, expand};
pub use rule::{BadPart, ByDay, End, Frequency, Rule, read};

/// Most occurrences of a series.
pub const MOST_OCCURRENCES: u16 = 366;
/// The last day of a series is at most so many days after its first.
pub const MOST_DAYS: i32 = 400;

#[cfg(test)]
#[path = "recurrence_tests.rs"]
mod tests;
