//! Agreements 公益共建协议: drafted, proposed, signed by every party, in force.
//!
//! Invariants: a version cannot change once it is proposed; its canonical bytes (RFC 8785) and their SHA-256 are kept and a
//! signature binds them; stages are enforced at the write; the last signature and `agreed` are one transaction, so there is
//! exactly one `agreed` however many arrive at once; when a version governs is derived from its dates; nothing signed is
//! ever deleted.
//!
//! Consent is unanimous for now: every party signs, and a decline ends the version.
//!
//! Exports: [`model`], [`rules`], `queries`, `actions`, `http`.

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
