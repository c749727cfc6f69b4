//! The rules of terms, pure: `now` and the calendar are arguments.
//!
//! - [`hours_on`]: the hours of a timetable on one civil day · [`in_effect`]: what binds at a moment
//! - [`compile()`]: a version's clauses become rows per space · [`proposable()`]: what stands in the way of proposing
//! - [`plain()`]: the effect of a clause in one sentence · [`plain_consent()`]: who must agree, in words
//! - [`decide()`]: what every clause says about a booking · [`opening`]: the part of it that decides about time alone
//! - [`outside`]: what usage terms state beyond the clauses · [`unaccepted`]: a booking against the usage terms in force
//! - [`explain()`]: what one clause decided about a booking, in words · [`ceilings_met`]: a price against its ceilings

mod compile;
mod decide;
mod explain;
mod hours;
mod plain;
mod proposable;
#[cfg(test)]
pub(crate) mod samples;
mod usage;

pub use compile::{CompiledTerm, SpaceLayout, compile, version_interval};
pub use decide::{Approver, Ask, ClauseName, Decision, Verdict, approvals, decide, in_effect, lowest_ceiling, opening, refusals};
pub(crate) use decide::{ceilings_for, term_end, unreplaced};
pub use explain::{CeilingMet, Explained, ceilings_met, explain};
pub use hours::{hours_on, show_spans, windows_on};
pub use plain::{Plain, plain, plain_consent};
pub use proposable::proposable;
pub use usage::{USAGE_TERMS, outside, unaccepted};
