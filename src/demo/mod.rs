//! Rehearsals over HTTP: what `serve --demo` seeds and what `demo-story` tells.
//!
//! Nothing here reaches the database: it speaks to a server as anybody would, through [`client`], and so shows that the
//! main job can be done over HTTP alone. Only hub files are read with the program's own reader, to know who is in them.
//!
//! - [`people`]: bringing a hub in and its people to their passwords, signing its agreements · [`seed`]: the two real hubs
//!   with a lived-in fortnight, and the usage terms of some rooms in [`usage`] · [`story`]: the main job told step by step on fresh copies of them

#![expect(clippy::indexing_slicing, reason = "a JSON value gives null for a field that is not there; it never panics")]

pub mod client;
pub mod people;
pub mod seed;
pub mod story;
pub mod usage;
