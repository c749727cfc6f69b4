//! What a booking costs: a space's tariffs and the quote made of one of them. Pure.
//!
//! Free with some low-cost uses (免费+部分低偿): a tariff is of one use (or of all others) and is either free or a list of
//! components, each in fen per person, session or hour.
//!
//! Invariants: integers only; hours are counted to the minute and each line is floored to the fen, in the guest's favour;
//! the amount is shown with its calculation; a figure beyond the machine's integers gives no quote rather than a wrong
//! one. A booking keeps its quote as it was made. Whether a price is within the agreed ceiling is asked of the exact
//! figures ([`model::Quote::charge`]), before any rounding.
//!
//! Exports: [`model`] (tariffs and quotes), [`rules`] (choosing a tariff, making a quote).

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
