//! Verbs, used by hub imports.

use super::model::Tariff;
use super::{queries, sql};
use crate::kernel::id::SpaceId;
use crate::kernel::{Change, Outcome};
use crate::store::Tx;
use crate::terms::model::Use;

/// Sets the tariff of a space and use. Bookings already made keep the price they were quoted.
pub fn put(tx: &mut Tx, space: &SpaceId, tariff: &Tariff) -> Outcome<Change> {
    let now = tx.now();
    let present = queries::tariffs(tx, space)?.into_iter().find(|present| present.use_code == tariff.use_code);
    match present {
        None => sql::insert(tx, space, tariff, now).map(|()| Change::Created),
        Some(present) if present.kind == tariff.kind && present.components == tariff.components => Ok(Change::Unchanged),
        Some(present) => sql::update(tx, &Tariff { id: present.id, ..tariff.clone() }).map(|()| Change::Updated),
    }
}

/// Ends the prices of a space for every use that is not among `kept`; gives those uses. Bookings already made keep the price they were
/// quoted.
pub fn end_others(tx: &mut Tx, space: &SpaceId, kept: &[Option<Use>]) -> Outcome<Vec<Option<Use>>> {
    let mut ended = Vec::new();
    for gone in queries::tariffs(tx, space)?.into_iter().filter(|tariff| !kept.contains(&tariff.use_code)) {
        sql::delete(tx, &gone.id)?;
        ended.push(gone.use_code);
    }
    Ok(ended)
}
