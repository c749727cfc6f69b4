//! Shangliang (商量): a neighbourhood shares its spaces, and what the parties agreed is what the software does.
#![warn(missing_docs)]

pub mod access;
pub mod agreements;
pub mod areas;
pub mod audit;
pub mod bookings;
pub mod config;
pub mod http;
pub mod jobs;
pub mod kernel;
pub mod notify;
pub mod onboarding;
pub mod outbox;
pub mod people;
pub mod places;
pub mod pricing;
pub mod schedule;
pub mod store;
pub mod telemetry;
pub mod terms;
