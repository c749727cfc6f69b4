//! Who is told what: notices in the inbox of an account.
//!
//! A verb leaves a job; the listener here writes the notices in the transaction that ends the job, once per account, party
//! and job. Texts name no person: a notice is read on screens others see too. A party's inbox is the notices of an account
//! that were told it as representative of that party.
//!
//! A notice to an account with an e-mail address leaves a job of the outside, which carries it to the mail server; its reader
//! may do without some mails, never without the notice. One room more than other domains have: [`post`] talks to the mail
//! server, and to nobody else.
//!
//! Exports: [`actions::listener`] (which job kinds are told), [`actions::letter`] (what a job of the outside carries),
//! [`post::Post`], `queries`, `http`.

pub mod actions;
pub mod http;
pub mod model;
pub mod post;
pub mod queries;
pub mod rules;
mod sql;
