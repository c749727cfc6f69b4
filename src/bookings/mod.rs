//! Bookings: a space is had for a time, because the parties agreed to it.
//!
//! Invariants: a booking exists only inside an agreement in force at its start, and pins it (version, clauses, price); two
//! never overlap, whatever happens (the claim in `schedule` decides, not a look beforehand); a refusal names every reason
//! at once, each with its clause. A cancelled booking holds nothing, and neither does a request: where a clause wants somebody
//! to say yes first, the last yes judges everything again and claims the time.
//!
//! A time that comes free goes to those who wait for it before anybody else can have it: whatever gives time back hands it to
//! [`actions::waiting::promote`] in its own transaction. What came up is `held`: it has its space (as `confirmed` and `checked_in`
//! have), costs nothing yet and is shown as taken; its holder takes it (judged and priced again, then `confirmed`), declines
//! it like any cancellation, or lets it expire. An event meets what stands (`confirmed`, `checked_in`), never a hold: that is
//! judged again by whatever is in force when it is taken.
//!
//! Whoever comes checks in (the code at the door, or the desk): `checked_in`, and `completed` at the end. Whoever does not come in
//! the time the site gives loses the rest of it (`no_show`); what follows for them says why, until when, and can be appealed.
//! A completed booking keeps the occupancy it had, as does one whose end nobody noted yet; nothing of it lies ahead.
//!
//! [`rules::admit`] assembles every rule; `actions::make` is the story. Alternatives are looked for after a refusal, outside
//! the write, so that losers of a race do not hold up the writer. `explanation` tells afterwards which clause decided what;
//! [`search`] finds what could be booked, time first; `quotas` tells what a holder has used of what they may have; [`cancelling`]
//! until when cancelling does not count, and what is given back.
//!
//! A series is a rule by which bookings are made: each of its occurrences is a booking, known by the day the rule put it on, judged by
//! [`rules::series`] beside those before it and claimed together with them ([`actions::series`]).

pub mod actions;
pub mod alternatives;
pub mod cancelling;
pub mod explanation;
pub mod http;
pub mod model;
pub mod queries;
pub mod quotas;
pub mod rules;
pub mod search;
mod sql;
