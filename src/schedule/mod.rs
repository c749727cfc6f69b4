//! When a space is free: the calendar of day types, and availability made of terms and occupancy.
//!
//! The day types come from the State Council's yearly notices, embedded in the program; a year without a notice takes the
//! weekday and is marked provisional.
//!
//! Invariants: the segments of a day cover it from 00:00 to 24:00 without gap or overlap; a closed segment says why, in
//! the words and with the clauses of [`crate::terms::rules::decide()`]; no time inside a free segment is ever refused for
//! grant, term, open or reserved hours. Quiet hours and capacities close nothing.
//!
//! Exports: [`model`] (a day's availability), [`rules`] (day types, availability, alternatives: pure).

pub mod model;
pub mod rules;
