//! Hub files: a hub as a file an operator writes. Importing it is the onboarding of a community.
//!
//! A hub file is YAML and names everything by natural codes, never by ids: areas, households, organisations and people,
//! sites with their floors and spaces, tariffs, and agreements with their clauses. Its faults are found all at once, each
//! with its line, before anything is written. Real hubs stand in `hubs/`; their heads explain the shape.
//!
//! Invariants: a [`HubFile`] that [`read_hub`] gave out refers only to things it holds
//! itself or that were said to be [`Known`]; parts lie inside their hall and units inside their floor, to
//! 0.01 m²; areas form a tree; a clause was read by `terms::model::Clause::read`. A file goes in as a whole or not at all;
//! the same file again changes nothing. What a file leaves out stays, but for what is written inside a site it describes: a
//! price, relocation or piece of equipment left out ends, and leaving out a floor or space is refused. Imports go in one after the
//! other.
//!
//! Exports: [`yaml`] (text to value with lines) · [`model`] (the file and its parts, what an import did) · [`rules`]
//! (`read_hub`, checks across the file) · [`queries`] (`known`) · [`actions`] (`import`) · [`http`] (the route, `run`).

pub mod actions;
pub mod http;
pub mod model;
pub mod queries;
pub mod rules;
pub mod yaml;

pub use actions::import;
pub use http::run;
pub use model::{HubFile, Imported};
pub use queries::known;
pub use rules::{Known, read_hub};
