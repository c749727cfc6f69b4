//! Verbs: claim and release. Rows of `occupancy` are written here and nowhere else.

use super::model::{Freed, LONGEST_CLAIM_MINUTES};
use crate::kernel::id::{AtomId, SpaceId};
use crate::kernel::{Fault, Instant, Outcome, Period};
use crate::store::schema::occupancy;
use crate::store::{Tx, phrases};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of one statement.
const AT_ONCE: usize = 500;

/// Claims a space (all its `atoms`) over a period. `false`: somebody has it, and the caller must refuse (its transaction
/// rolls back whatever part was claimed).
pub fn claim(tx: &mut Tx, space: &SpaceId, atoms: usize, period: Period, claimant: &str) -> Outcome<bool> {
    if period.minutes() > LONGEST_CLAIM_MINUTES {
        return Err(Fault::internal("a claim longer than two days"));
    }
    tx.changed(space.as_str());
    phrases::claim(tx, space, period, claimant, atoms)
}

/// A claim of one atom: which, when, for whom.
pub type AtomClaim = (AtomId, Period, String);

/// Claims atoms for several claimants at once, for a caller that keeps everybody else away (it holds the site's lock) and has
/// looked. What is taken after all is a fault.
pub fn claim_all(tx: &mut Tx, claims: &[AtomClaim]) -> Outcome<()> {
    for (atom, ..) in claims {
        tx.changed(atom.as_str());
    }
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

/// Claims for several claimants at once what is free: gives those that have all they asked for. The others have nothing.
pub fn claim_some(tx: &mut Tx, mut claims: Vec<AtomClaim>) -> Outcome<BTreeSet<String>> {
    claims.sort_by(|a, b| (a.1.start(), &a.0).cmp(&(b.1.start(), &b.0)));
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    for (atom, period, claimant) in &claims {
        tx.changed(atom.as_str());
        if period.minutes() > LONGEST_CLAIM_MINUTES {
            return Err(Fault::internal("a claim longer than two days"));
        }
        *missing.entry(claimant.clone()).or_default() += 1;
    }
    for some in claims.chunks(AT_ONCE) {
        for claimant in phrases::claim_rows(tx, some)? {
            missing.entry(claimant).and_modify(|rows| *rows -= 1);
        }
    }
    let (all, some): (Vec<_>, Vec<_>) = missing.into_iter().partition(|(_, rows)| *rows == 0);
    let lost: Vec<&str> = some.iter().map(|(claimant, _)| claimant.as_str()).collect();
    if !lost.is_empty() {
        give_up(tx, &lost)?;
    }
    Ok(all.into_iter().map(|(claimant, _)| claimant).collect())
}

/// What is given back of a row of `occupancy`.
type Row = (AtomId, i64, i64);

/// Gives back whatever several claimants hold.
pub fn release_all(tx: &mut Tx, claimants: &[&str]) -> Outcome<Freed> {
    let mut all = Freed::default();
    for some in claimants.chunks(AT_ONCE) {
        let rows: Vec<Row> = diesel::delete(occupancy::table.filter(occupancy::claimant.eq_any(some)))
            .returning((occupancy::atom_id, occupancy::starts_at, occupancy::ends_at))
            .get_results(&mut **tx)?;
        all = all.and(freed(tx, rows));
    }
    Ok(all)
}

/// Gives back what a claimant holds of these atoms from exactly that moment on, and nothing else of theirs: another room may be theirs
/// from the same moment on.
pub fn release_at(tx: &mut Tx, claimant: &str, atoms: &[AtomId], start: Instant) -> Outcome<Freed> {
    let theirs = occupancy::claimant.eq(claimant).and(occupancy::starts_at.eq(start.0));
    let rows = diesel::delete(occupancy::table.filter(theirs.and(occupancy::atom_id.eq_any(atoms))))
        .returning((occupancy::atom_id, occupancy::starts_at, occupancy::ends_at))
        .get_results(&mut **tx)?;
    Ok(freed(tx, rows))
}

/// Gives back whatever a claimant holds.
pub fn release(tx: &mut Tx, claimant: &str) -> Outcome<Freed> {
    release_all(tx, &[claimant])
}

/// Takes back the part of a claim that failed, where the transaction goes on: it never was anybody's.
pub fn give_up(tx: &mut Tx, claimants: &[&str]) -> Outcome<()> {
    diesel::delete(occupancy::table.filter(occupancy::claimant.eq_any(claimants))).execute(&mut **tx)?;
    Ok(())
}

/// What is remembered of these atoms is good no more.
fn freed(tx: &mut Tx, rows: Vec<Row>) -> Freed {
    let mut stretches = Vec::with_capacity(rows.len());
    for (atom, start, end) in rows {
        tx.changed(atom.as_str());
        stretches.extend(Period::new(Instant(start), Instant(end)).map(|period| (atom, period)));
    }
    Freed::of(stretches)
}
