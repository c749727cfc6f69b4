//! What putting a thing did: hub files say what is to be, and importing one again changes nothing.

use super::FieldFault;
use crate::words;

words! {
    /// What became of a thing.
    pub enum Change {
        /// It is new.
        Created = "created",
        /// Its description changed.
        Updated = "updated",
        /// It was so already.
        Unchanged = "unchanged",
    }
}

/// One thing after it was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put<T> {
    /// The thing; `None` when it was refused and there was none before.
    pub thing: Option<T>,
    /// What became of it.
    pub change: Change,
    /// Why it was refused; then nothing of it was written. Pointers are relative to the thing, in the words of a hub file.
    pub refusals: Vec<FieldFault>,
}

impl<T> Put<T> {
    /// It was put.
    pub fn done(thing: T, change: Change) -> Self {
        Self { thing: Some(thing), change, refusals: Vec::new() }
    }
    /// It was refused; what stood there before stays.
    pub fn refused(before: Option<T>, refusals: Vec<FieldFault>) -> Self {
        Self { thing: before, change: Change::Unchanged, refusals }
    }
    /// Something was written or refused.
    pub fn is_touched(&self) -> bool {
        self.change != Change::Unchanged || !self.refusals.is_empty()
    }
}
