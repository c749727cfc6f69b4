//! What is shown to those who watch over the others: the audit chains.
//!
//! Whoever may read a chain reads ids, never names: the chains hold no personal data. The heads that were published are for
//! everybody. Computing and keeping the chains is `audit`'s; what reaches how far is asked here.

pub mod http;
pub mod queries;
