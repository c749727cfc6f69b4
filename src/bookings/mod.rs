//! Bookings: a space is had for a time, because the parties agreed to it.
//!
//! Invariants: a booking exists only inside an agreement in force at its start, and pins it (version, clauses, price); two
//! never overlap, whatever happens (the claim in `schedule` decides, not a look beforehand); a refusal names every reason
//! at once, each with its clause. A cancelled booking holds nothing, and neither does a request: where a clause wants somebody
//! to say yes first, the last yes judges everything again and claims the time.
//!
//! [`rules::admit`] assembles every rule; `actions::make` is the story. Alternatives are looked for after a refusal, outside
//! the write, so that losers of a race do not hold up the writer. `explanation` tells afterwards which clause decided what;
//! [`search`] finds what could be booked, time first; `quotas` tells what a holder has used of what they may have.
//!
//! A series is a rule by which bookings are made: each of its occurrences is a booking, known by the day the rule put it on, judged by
//! [`rules::series`] beside those before it and claimed together with them ([`actions::series`]).

pub mod actions;
pub mod alternatives;
pub mod explanation;
pub mod http;
pub mod model;
pub mod queries;
pub mod quotas;
pub mod rules;
pub mod search;
mod sql;
