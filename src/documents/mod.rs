//! Agreements as papers: what a person reads, prints and files, and what proves that nobody changed it.
//!
//! A version is shown from its canonical bytes, the very ones the parties signed, so that paper and hash cannot part. A version
//! that is not agreed is marked 未签署 on every page. The completion certificate says who signed for whom, by which power, when,
//! how, and where the audit chain keeps it. Names of people are personal data: the parties read them in full, everybody else
//! the surname.
//!
//! Pages are written with `maud`: templates are Rust the compiler checks, and everything is escaped unless said otherwise, which
//! nothing here does. The page carries its own style under a policy of its own that allows exactly this style and no script, so
//! that it stays whole when it is saved.

pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
