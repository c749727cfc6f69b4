//! The integration tests, one binary. `harness` gives each test a database of its own, on either backend.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on says so and fails")]

mod architecture;
mod attendance;
mod audit;
mod bad_input;
mod clauses;
mod contract;
mod documents;
mod harness;
mod impact;
mod kill;
mod ledger;
mod lifecycle;
mod mail;
mod model;
mod notices;
mod onboarding;
mod operations;
mod outbox;
mod people;
mod permissions;
mod privacy;
mod races;
mod reads;
mod requests;
mod rounds;
mod schema;
mod signing;
mod store;
mod stories;
mod waiting;
