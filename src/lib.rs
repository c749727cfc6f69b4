//! Shangliang (商量): a neighbourhood shares its spaces, and what the parties agreed is what the software does.
#![warn(missing_docs)]

pub mod kernel;
pub mod onboarding;
pub mod terms;
