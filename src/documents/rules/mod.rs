//! Pure: the page of a version, and the reading of its canonical bytes.

pub mod canonical;
pub mod page;
mod style;

pub use canonical::{Signed, Unreadable};
pub use page::{page, style_hash};
