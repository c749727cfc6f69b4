//! The clause language.
//!
//! - [`uses`]: what a space may be used for, one code list · [`hours`]: weekly windows, day types, dated exceptions
//! - [`clause`]: a clause, its payload, its JSON form · [`in_force`]: a compiled clause as it binds one space
//! - [`charge`]: what a booking would be charged, as a price ceiling looks at it

pub mod charge;
pub mod clause;
pub mod hours;
pub mod in_force;
pub mod uses;

pub use charge::{Charge, Fee};
pub use clause::{Capacity, Ceiling, Clause, ClauseKind, Party, PartyCapacity, Payload, Per, SpaceRef};
pub use hours::{DatedHours, DayType, HolidayRule, MakeupRule, Span, Weekly, Window};
pub use in_force::{Relation, TermInForce};
pub use uses::{Noise, Use};
