//! Shangliang (商量): a neighbourhood shares its spaces, and what the parties agreed is what the software does.
#![warn(missing_docs)]

pub mod access;
pub mod areas;
pub mod audit;
pub mod config;
pub mod http;
pub mod kernel;
pub mod outbox;
pub mod people;
pub mod pricing;
pub mod schedule;
pub mod store;
pub mod telemetry;
pub mod terms;
