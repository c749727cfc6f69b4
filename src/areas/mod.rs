//! District → street → community → grid → door (楼门).
//!
//! Invariants: an area lies directly below one of a wider kind, never in a circle; `path` holds the ids from the root to
//! the area, so "lies in" is a prefix test. Exports: [`model`], [`rules`], `queries`, `actions` (used by hub imports), `http`.

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
