//! The rules of the schedule, pure.
//!
//! - [`day_type`]: the calendar · [`availability()`]: days cut into segments · [`fits`], [`nearest`]: what else would work

mod availability;
mod calendar;

pub use availability::{availability, fits, nearest};
pub use calendar::{day_type, statutory_day};
