//! Reads.

use super::rules::Known;
use crate::agreements::model::VersionState;
use crate::kernel::Outcome;
use crate::kernel::id::{RepresentativeId, SiteId};
use crate::store::Conn;
use crate::store::schema::{agreement_sites, agreement_versions as versions, signatures};
use crate::terms::model::SpaceRef;
use crate::{areas, people, places};
use diesel::prelude::*;

/// Natural codes the database holds.
pub fn known(conn: &mut Conn) -> Outcome<Known> {
    let spaces = places::queries::space_codes(conn)?;
    Ok(Known {
        areas: areas::queries::codes(conn)?.into_iter().collect(),
        households: people::queries::household_codes(conn)?.into_keys().collect(),
        organisations: people::queries::organisation_codes(conn)?.into_keys().collect(),
        people: people::queries::account_codes(conn)?.into_keys().collect(),
        spaces: spaces.iter().filter_map(|(site, space, _)| SpaceRef::new(site, space)).collect(),
        sites: places::queries::site_codes(conn)?.into_iter().map(|(code, _)| code).collect(),
    })
}

/// Which of some representations stand behind a signature.
pub(super) fn signed_with(conn: &mut Conn, ids: &[RepresentativeId]) -> Outcome<Vec<RepresentativeId>> {
    use signatures as s;
    let behind = s::table.filter(s::representative_id.eq_any(ids).or(s::confirmed_representative_id.eq_any(ids)));
    let rows: Vec<(Option<RepresentativeId>, Option<RepresentativeId>)> =
        behind.select((s::representative_id, s::confirmed_representative_id)).load(conn)?;
    Ok(rows.into_iter().flat_map(|(signed, confirmed)| [signed, confirmed]).flatten().collect())
}

/// An agreement over the site is being signed, or was.
pub(super) fn is_signed(conn: &mut Conn, site: &SiteId) -> Outcome<bool> {
    let states = [VersionState::Proposed, VersionState::PartiallySigned, VersionState::Agreed];
    let n: i64 = versions::table
        .inner_join(agreement_sites::table.on(agreement_sites::agreement_id.eq(versions::agreement_id)))
        .filter(agreement_sites::site_id.eq(site).and(versions::state.eq_any(states)))
        .count()
        .get_result(conn)?;
    Ok(n > 0)
}
