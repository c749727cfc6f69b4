//! Who is told what: notices in the inbox of an account.
//!
//! A verb leaves a job; the listener here writes the notices in the transaction that ends the job, once per account and
//! job. Texts name no person: a notice is read on screens others see too.
//!
//! Exports: [`actions::listener`] (which job kinds are told), `queries`, `http`.

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
