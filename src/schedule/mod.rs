//! When a space is free: the calendar of day types, and availability made of terms and occupancy.
//!
//! The day types come from the State Council's yearly notices, embedded in the program; a year without a notice takes the
//! weekday and is marked provisional.
//!
//! Invariants: the segments of a day cover it from 00:00 to 24:00 without gap or overlap; a closed segment says why, in
//! the words and with the clauses of [`crate::terms::rules::decide()`]; no time inside a free segment is ever refused for
//! grant, term, open or reserved hours. Quiet hours and capacities close nothing.
//!
//! It owns `occupancy`: a claim is one row per atom, rows never change, and no two rows of an atom overlap (the database
//! guards it: an exclusion constraint on PostgreSQL, a trigger on SQLite). What is given back comes as [`model::Freed`], which
//! nobody may drop: those who wait for it come first (`bookings::actions::waiting`).
//!
//! Exports: [`model`] (a day's availability), [`rules`] (day types, availability, alternatives, the days of a series: pure), `queries`, `actions`
//! (claim, release), `http` (with [`http::days`]: what was thought out and written down of a day, kept).

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
