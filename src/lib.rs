//! Shangliang (商量): a neighbourhood shares its spaces, and what the parties agreed is what the software does.
#![warn(missing_docs)]

pub mod http;
pub mod kernel;
pub mod audit;
pub mod outbox;
pub mod store;
pub mod terms;
