//! Impact plans: an event meets bookings that were made before it, and each of them gets exactly one answer.
//!
//! An event is what makes other terms certain: the last signature of a version, a suspension and its lifting, the end of an
//! agreement or of one party's part in it, an annulment. [`actions::preview`] computes the plan and writes nothing, so that
//! everybody sees it before they sign; [`actions::apply`] computes it again in the transaction that decides, under the locks
//! that keep bookings away, and carries it out there: nothing is left to do on the effective day.
//!
//! Whoever runs a space closes it for a while ([`actions::closures`]): an event of this module's own, bound by rows among the terms.
//!
//! Invariants: a plan is stored once for what brought it about, and applying it twice changes nothing; what was planned and
//! what became of it are rows that never change; a booking that has begun is never touched but by a closure for safety; what
//! the provider ends is paid back in full. Whether a booking still fits is judged by [`crate::terms::rules::decide()`] under the
//! new rows, never by comparing clauses; the table of [`rules`] says what follows.
//!
//! An offer, a reduction and a risk are open *matters* beside a booking that stays confirmed. The first alternative of an offer
//! is held by a claim of the booking itself, so that whatever ends the booking frees it too. One timer a plan ends what is due.
//!
//! `queries::area_of` reads the table of `agreements`, which lies above; it writes none of theirs. Exports: [`model`], [`rules`]
//! (pure), `queries`, `actions` (the holder's answers in [`actions::offers`]), `http`.

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
