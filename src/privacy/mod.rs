//! One's own data: to take along, and to have erased.
//!
//! Erasing a person is one transaction over every domain that knows people: what is ahead of them is cancelled, what they held
//! is revoked, what was told to them is gone, and their row keeps an id with nothing personal behind it. What was signed,
//! audited and booked stays, names that id only, and stays valid. Afterwards the mobile number belongs to nobody, so the same
//! human may come back as a new person.
//!
//! A deleted row must not live on in the pages of a file: SQLite overwrites what is freed, and after an erasure its
//! write-ahead log is emptied ([`crate::store::Db::empty_log`]).

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
