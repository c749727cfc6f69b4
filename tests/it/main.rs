//! The integration tests, one binary. `harness` gives each test a database of its own, on either backend.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so and fails")]

mod harness;
mod store;
