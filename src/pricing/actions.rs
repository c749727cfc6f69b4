//! Verbs, used by hub imports.

use super::model::Tariff;
use super::{queries, sql};
use crate::kernel::Outcome;
use crate::kernel::id::SpaceId;
use crate::store::Tx;

/// What a tariff brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// There was none.
    Created,
    /// It said something else. Bookings already made keep the price they were quoted.
    Changed,
    /// Nothing new.
    Unchanged,
}

/// Sets the tariff of a space and use.
pub fn put(tx: &mut Tx, space: &SpaceId, tariff: &Tariff) -> Outcome<Put> {
    let now = tx.now();
    let present = queries::tariffs(tx, space)?.into_iter().find(|present| present.use_code == tariff.use_code);
    match present {
        None => sql::insert(tx, space, tariff, now).map(|()| Put::Created),
        Some(present) if present.kind == tariff.kind && present.components == tariff.components => Ok(Put::Unchanged),
        Some(present) => sql::update(tx, &Tariff { id: present.id, ..tariff.clone() }).map(|()| Put::Changed),
    }
}
