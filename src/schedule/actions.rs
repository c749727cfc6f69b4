//! Verbs: claim and release. Rows of `occupancy` are written here and nowhere else.

use super::model::LONGEST_CLAIM_MINUTES;
use crate::kernel::id::SpaceId;
use crate::kernel::{Fault, Outcome, Period};
use crate::store::schema::occupancy;
use crate::store::{Tx, phrases};
use diesel::prelude::*;

/// Claims a space (all its `atoms`) over a period. `false`: somebody has it, and the caller must refuse (its transaction
/// rolls back whatever part was claimed).
pub fn claim(tx: &mut Tx, space: &SpaceId, atoms: usize, period: Period, claimant: &str) -> Outcome<bool> {
    if period.minutes() > LONGEST_CLAIM_MINUTES {
        return Err(Fault::internal("a claim longer than two days"));
    }
    phrases::claim(tx, space, period, claimant, atoms)
}

/// Gives back whatever a claimant holds; gives the number of atoms.
pub fn release(tx: &mut Tx, claimant: &str) -> Outcome<usize> {
    Ok(diesel::delete(occupancy::table.filter(occupancy::claimant.eq(claimant))).execute(&mut **tx)?)
}
