//! The rules of the schedule, pure.
//!
//! - [`day_type`]: the calendar · [`last_day`]: counting days of a notice · [`openings`]: days by their terms · [`as_it_is`], [`availability()`]: days cut into segments · [`fits`], [`nearest`]: what else would work
//! - [`recurrence`]: the days of a series

mod availability;
mod calendar;
mod counting;
pub mod recurrence;

pub use availability::{as_it_is, availability, fits, nearest, openings};
pub use calendar::{day_type, statutory_day};
pub use counting::{LastDay, last_day};
