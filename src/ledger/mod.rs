//! The ledger: what was charged for a booking and what was given back, in integer fen.
//!
//! A posting moves an amount from one account of a space to another (double entry), so nothing can be posted that does not
//! balance. Invariants: postings are only ever added (the database denies anything else); a mistake is corrected by a
//! reversal, once; nobody is given back more than was charged, however many ask at once; a free booking writes nothing.
//! Accounts name no person: `holders` is all who book a space together.
//!
//! Exports: [`actions`] (`charge`, `refund`, `refund_all`, `refund_many`, `reverse`, inside the transaction of whoever moves the money),
//! [`queries`] (the postings of a booking, what is still charged, a month of a space), `http` (that month, for everybody).

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
