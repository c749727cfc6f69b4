//! Calendars anybody's program can subscribe to: iCalendar feeds (RFC 5545).
//!
//! Of a space, for everybody: when it is taken and what for, no more than [`crate::bookings`] shows to the public. Of a household and
//! of an organisation, for whoever has its address: the address holds a secret, made by a member or representative and revocable
//! by them, and counts only as long as its maker may still see those bookings. The secret is kept as its hash, stands in no log (routes
//! are logged, paths are not) and in no stored reply.
//!
//! Every booking is an event of its own, those of a series too; its `UID` stays, `SEQUENCE` counts its changes, and one that ended
//! comes as `CANCELLED`, so that a program that keeps what it once read drops it.
//!
//! The feeds are written in [`rules::ical`] and nowhere else. The `icalendar` crate stands on chrono, which `deny.toml` bans (one
//! library for time), and knows nothing of `VTIMEZONE`, which is most of the work; the tests hold the writer against the PyPI package
//! of that name and against khal and vdirsyncer.

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
