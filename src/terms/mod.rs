//! What was agreed, in a form that can be asked: typed clauses, and the terms in force of a space at an instant.
//!
//! A version's clauses are compiled once, on agreement, into rows `terms(space, from, to, …, clause, kind, payload)`; a
//! booking reads them in one indexed query and [`rules::decide`] says of every clause whether it allows the booking. Which kinds
//! judge bookings is decided in [`model::ClauseKind::judges_bookings`]; rows of other kinds lie beside them and are not read.
//!
//! Invariants: a clause's payload in the database was validated by [`model::Clause::read`] and carries `v`; terms rows
//! are never deleted, only closed: when a successor takes over, notice ends them, or a suspension is lifted. `text_zh` binds; the plain effect on a screen is made
//! from the payload.
//!
//! Exports: [`model`] (the clause language), [`rules`] (compile, proposable, decide, hours: pure), `queries` (terms of a
//! space, and what is still missing before an agreement opens it), `actions` (put a version in force), `http`.
//!
//! Which usage terms bind a space when stands beside the clauses, so that a booking reads both at once ([`queries::booking_rows`]);
//! how they come about is told in the domain of usage terms.
//!
//! `queries::missing_signatures` reads the tables of `agreements`, of which this domain is the projection; it writes none of them.

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
