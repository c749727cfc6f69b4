//! Rehearsals over HTTP: what `serve --demo` seeds and what `demo-story` tells.
//!
//! Nothing here reaches the database or a domain: it speaks to a server as anybody would, through [`client`], and so shows
//! that the main job can be done over HTTP alone.

pub mod client;
