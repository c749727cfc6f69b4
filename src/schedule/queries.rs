//! Reads.

use super::model::LONGEST_CLAIM_MINUTES;
use crate::kernel::id::{AtomId, SpaceId};
use crate::kernel::{Instant, Outcome, Period};
use crate::store::Conn;
use crate::store::schema::{occupancy, space_atoms};
use diesel::prelude::*;

/// What a claimant holds.
pub fn held_by(conn: &mut Conn, claimant: &str) -> Outcome<Vec<(AtomId, Period, String)>> {
    let rows: Vec<(AtomId, i64, i64)> = occupancy::table
        .filter(occupancy::claimant.eq(claimant))
        .order((occupancy::atom_id, occupancy::starts_at))
        .select((occupancy::atom_id, occupancy::starts_at, occupancy::ends_at))
        .load(conn)?;
    let held = |(atom, start, end)| Some((atom, Period::new(Instant(start), Instant(end))?, claimant.to_owned()));
    Ok(rows.into_iter().filter_map(held).collect())
}

/// Occupied periods of a space that overlap a period, set-up and clean-up included, whoever holds which atom.
pub fn occupied(conn: &mut Conn, space: &SpaceId, period: Period) -> Outcome<Vec<Period>> {
    let rows: Vec<(i64, i64)> = occupancy::table
        .inner_join(space_atoms::table.on(space_atoms::atom_id.eq(occupancy::atom_id)))
        .filter(space_atoms::space_id.eq(space))
        .filter(occupancy::starts_at.gt(period.start().plus_minutes(-LONGEST_CLAIM_MINUTES).0).and(occupancy::starts_at.lt(period.end().0)))
        .filter(occupancy::ends_at.gt(period.start().0))
        .order((occupancy::starts_at, occupancy::ends_at))
        .select((occupancy::starts_at, occupancy::ends_at))
        .distinct()
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(start, end)| Period::new(Instant(start), Instant(end))).collect())
}

/// Occupied periods of several atoms that overlap a period.
pub fn occupied_atoms(conn: &mut Conn, atoms: &[AtomId], period: Period) -> Outcome<Vec<(AtomId, Period)>> {
    let rows: Vec<(AtomId, i64, i64)> = occupancy::table
        .filter(occupancy::atom_id.eq_any(atoms))
        .filter(occupancy::starts_at.gt(period.start().plus_minutes(-LONGEST_CLAIM_MINUTES).0).and(occupancy::starts_at.lt(period.end().0)))
        .filter(occupancy::ends_at.gt(period.start().0))
        .order(occupancy::starts_at)
        .select((occupancy::atom_id, occupancy::starts_at, occupancy::ends_at))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(atom, start, end)| Some((atom, Period::new(Instant(start), Instant(end))?))).collect())
}

/// Somebody other than a claimant holds a part of a space at some time of a period.
pub fn held_by_others(conn: &mut Conn, space: &SpaceId, period: Period, claimant: &str) -> Outcome<bool> {
    let over = occupancy::starts_at.gt(period.start().plus_minutes(-LONGEST_CLAIM_MINUTES).0).and(occupancy::starts_at.lt(period.end().0));
    let theirs = occupancy::table
        .inner_join(space_atoms::table.on(space_atoms::atom_id.eq(occupancy::atom_id)))
        .filter(space_atoms::space_id.eq(space).and(occupancy::claimant.ne(claimant)))
        .filter(over.and(occupancy::ends_at.gt(period.start().0)));
    Ok(diesel::select(diesel::dsl::exists(theirs)).get_result(conn)?)
}
