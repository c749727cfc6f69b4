//! Sites, floors, spaces and the atoms they are made of.
//!
//! Invariants: a space without parts is one atom; a hall that can be divided has the atoms of its parts, and overlap is
//! kept per atom; the atoms of a floor never have more area than the floor (to 0.01 m²); what makes up a space changes
//! only while nothing is claimed in it. Who owns a floor or space (title) is an organisation or the owners together.
//!
//! Exports: [`model`], [`rules`], `queries`, `actions` (used by hub imports), `http`.

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
mod sql;
