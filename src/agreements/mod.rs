//! Agreements 公益共建协议: drafted, proposed, signed by every party, in force.
//!
//! Invariants: a version cannot change once it is proposed; its canonical bytes (RFC 8785) and their SHA-256 are kept and a
//! signature binds them; stages are enforced at the write; the last signature and `agreed` are one transaction, so there is
//! exactly one `agreed` however many arrive at once; when a version governs is derived from its dates; nothing signed is
//! ever deleted.
//!
//! Before anybody is asked to sign, a version may be put to rounds (反复式商量): frozen and hashed, one position a party, a
//! written reply to every objection and condition, and the next round only about another version. `discussed` is our word for
//! a version that was talked over and followed by another. Silence is no row, and never consent.
//!
//! An agreement is formed by everybody; what a later version changes says whose consent it needs, by the rule in force
//! (`rules::consent`). A decline ends a version only when that consent can no longer come; otherwise it stays visible as dissent.
//!
//! A material change of the clauses about a space sends its usage terms back to their units, in the transaction that agrees it
//! (`usage::actions::send_back`).
//!
//! What happens beside the versions — spaces suspended and opened again, notice, a party that leaves, an agreed version taken
//! back, settlement — are rows that never change. The phase of an agreement follows from them, its versions and the clock;
//! which verb is legal is one table of phase × facts × verb (`rules::lifecycle`). A suspension is also rows among the terms in
//! force, and an end shortens them, so that bookings obey without another query.
//!
//! Exports: [`model`], [`rules`], `queries`, `actions`, `http`.

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
