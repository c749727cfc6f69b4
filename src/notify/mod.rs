//! Who is told what: notices in the inbox of an account.
//!
//! A verb leaves a job; the listener here writes the notices in the transaction that ends the job, once per account, party
//! and job. Texts name no person: a notice is read on screens others see too. A party's inbox is the notices of an account
//! that were told it as representative of that party.
//!
//! Exports: [`actions::listener`] (which job kinds are told), `queries`, `http`.

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
