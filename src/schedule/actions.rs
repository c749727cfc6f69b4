//! Verbs: claim and release. Rows of `occupancy` are written here and nowhere else.

use super::model::{Freed, LONGEST_CLAIM_MINUTES};
use crate::kernel::id::{AtomId, SpaceId};
use crate::kernel::{Fault, Instant, Outcome, Period};
use crate::store::schema::occupancy;
use crate::store::{Tx, phrases};
use diesel::prelude::*;

/// Rows of one statement.
const AT_ONCE: usize = 500;

/// Claims a space (all its `atoms`) over a period. `false`: somebody has it, and the caller must refuse (its transaction
/// rolls back whatever part was claimed).
pub fn claim(tx: &mut Tx, space: &SpaceId, atoms: usize, period: Period, claimant: &str) -> Outcome<bool> {
    if period.minutes() > LONGEST_CLAIM_MINUTES {
        return Err(Fault::internal("a claim longer than two days"));
    }
    phrases::claim(tx, space, period, claimant, atoms)
}

/// A claim of one atom: which, when, for whom.
pub type AtomClaim = (AtomId, Period, String);

/// Claims atoms for several claimants at once, for a caller that keeps everybody else away (it holds the site's lock) and has
/// looked. What is taken after all is a fault.
pub fn claim_all(tx: &mut Tx, claims: &[AtomClaim]) -> Outcome<()> {
    for some in claims.chunks(AT_ONCE) {
        let rows = some.iter().map(|(atom, period, claimant)| {
            (
                occupancy::atom_id.eq(atom),
                occupancy::starts_at.eq(period.start().0),
                occupancy::ends_at.eq(period.end().0),
                occupancy::claimant.eq(claimant),
            )
        });
        crate::insert_all!(&mut **tx, occupancy::table, rows.collect::<Vec<_>>())?;
    }
    Ok(())
}

fn freed(rows: Vec<(AtomId, i64, i64)>) -> Freed {
    Freed::of(rows.into_iter().filter_map(|(atom, start, end)| Some((atom, Period::new(Instant(start), Instant(end))?))).collect())
}

/// Gives back whatever several claimants hold.
pub fn release_all(tx: &mut Tx, claimants: &[&str]) -> Outcome<Freed> {
    let mut all = Freed::default();
    for some in claimants.chunks(AT_ONCE) {
        let rows = diesel::delete(occupancy::table.filter(occupancy::claimant.eq_any(some)))
            .returning((occupancy::atom_id, occupancy::starts_at, occupancy::ends_at))
            .get_results(&mut **tx)?;
        all = all.and(freed(rows));
    }
    Ok(all)
}

/// Gives back what a claimant holds from exactly that moment on, and nothing else of theirs.
pub fn release_at(tx: &mut Tx, claimant: &str, start: Instant) -> Outcome<Freed> {
    let rows = diesel::delete(occupancy::table.filter(occupancy::claimant.eq(claimant).and(occupancy::starts_at.eq(start.0))))
        .returning((occupancy::atom_id, occupancy::starts_at, occupancy::ends_at))
        .get_results(&mut **tx)?;
    Ok(freed(rows))
}

/// Gives back whatever a claimant holds.
pub fn release(tx: &mut Tx, claimant: &str) -> Outcome<Freed> {
    let rows = diesel::delete(occupancy::table.filter(occupancy::claimant.eq(claimant)))
        .returning((occupancy::atom_id, occupancy::starts_at, occupancy::ends_at))
        .get_results(&mut **tx)?;
    Ok(freed(rows))
}

/// Takes back the part of a claim that failed, where the transaction goes on: it never was anybody's.
pub fn give_up(tx: &mut Tx, claimant: &str) -> Outcome<()> {
    diesel::delete(occupancy::table.filter(occupancy::claimant.eq(claimant))).execute(&mut **tx)?;
    Ok(())
}
