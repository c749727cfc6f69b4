//! Usage terms 使用须知: what whoever uses a space keeps to, drafted by those who run it and approved by those who own it.
//!
//! They speak of one or several spaces of a site. Submitted, their text is frozen with its SHA-256 (RFC 8785 bytes), and what they
//! state in figures lies inside the clauses in force, or they are refused with the clause; so no unit is asked about what the
//! agreement forbids. Every affected unit approves that hash ([`rules::affected`] says whom); the last one puts them in force, at
//! once or on the day they name, and what was in force there before is superseded. One no ends them.
//!
//! The owner by title is asked; of a common part, whoever lends it. Where that is no property unit (a common part lent by the
//! community, an operator's own hall) the community in charge answers, as the permission table has it.
//!
//! Invariants: an approval binds the hash; of one space no two are in force at a time; what was approved, said and accepted is
//! never changed; who books a space accepts what is in force at the start of the booking (the booking records it).
//!
//! When an amendment is agreed that changes a material clause about one of their spaces, they go back to their units in a new
//! round, in the transaction that decides ([`actions::send_back`]). Until the amendment takes effect they bind as they were,
//! because until then the clauses they were approved under bind too. From its effect until the units have approved again nothing
//! has to be accepted: a text nobody stands by under the new clauses would bind people to what may no longer be so, while the
//! clauses themselves judge every booking anyway. Approved again, they are in force from the effect at the earliest.
//!
//! Should the amendment be annulled before its effect, what every unit had approved binds as it did ([`actions::restore`]).
//!
//! What is in force when is kept beside the terms (`terms`), where a booking reads it. Exports: [`model`], [`rules`], `queries`,
//! `actions`, `http`.

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
