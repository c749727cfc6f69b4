//! Who may do what: one table of deeds, and a proof that it was asked.
//!
//! - [`deeds`]: THE permission table, words only · [`subject`]: what a thing tells about itself · [`permit`]: the proof
//!   type; [`ask`], its only constructor, asks the table inside the transaction · [`caller`]: the extractor that stands in
//!   a handler's signature and asks for it
//!
//! Invariants: a verb that changes something for somebody takes a [`permit::Permit`]; a thing one may not know of is 404,
//! known but not allowed is 403. The `http` rooms of `areas` and `people`, which lie below, use the extractor too: it is
//! part of the edge.

pub mod caller;
pub mod deeds;
pub mod permit;
pub mod subject;

pub use caller::Caller;
pub use deeds::{Deed, Reach};
pub use permit::{Permit, ask, scopes};
pub use subject::{Place, Subject};
