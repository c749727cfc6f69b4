//! Reads beside signatures: windows, acts outside a power, consents to one person for two parties.

use crate::agreements::model::VersionState;
use crate::agreements::model::signing::{AgencyConsent, PendingSignature, Ratification, Window};
use crate::kernel::id::{AccountId, OrganisationId, PendingSignatureId, VersionId};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{agency_consents, pending_signatures, signing_windows};
use diesel::prelude::*;

/// How long a version may be signed.
pub fn window(conn: &mut Conn, version: &VersionId) -> Outcome<Option<Window>> {
    use signing_windows as w;
    let row: Option<(i64, i64)> = w::table.find(version).select((w::opened_at, w::closes_at)).first(conn).optional()?;
    Ok(row.map(|(opened_at, closes_at)| Window { opened_at: Instant(opened_at), closes_at: Instant(closes_at) }))
}

/// A version is being signed, as far as its stored state tells: what a timer asks before it reads more.
pub fn is_open(conn: &mut Conn, version: &VersionId) -> Outcome<bool> {
    use crate::store::schema::agreement_versions as v;
    let state: Option<VersionState> = v::table.find(version).select(v::state).first(conn).optional()?;
    Ok(state.is_some_and(VersionState::is_open_for_signing))
}

/// What the parties of a version have consented to of one person for two of them.
pub fn agency_consents(conn: &mut Conn, version: &VersionId) -> Outcome<Vec<AgencyConsent>> {
    use agency_consents as c;
    let rows: Vec<(OrganisationId, AccountId)> = c::table
        .filter(c::version_id.eq(version))
        .order((c::organisation_id, c::account_id))
        .select((c::organisation_id, c::account_id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(organisation, account)| AgencyConsent { organisation, account }).collect())
}

type PendingRow = (PendingSignatureId, OrganisationId, String, AccountId, i64, i64, Option<Ratification>, Option<i64>);

/// Acts outside a power on a version, in the order they were done.
pub fn pending(conn: &mut Conn, version: &VersionId) -> Outcome<Vec<PendingSignature>> {
    use pending_signatures as p;
    let rows: Vec<PendingRow> = p::table
        .filter(p::version_id.eq(version))
        .order(p::id)
        .select((p::id, p::organisation_id, p::version_sha256, p::account_id, p::signed_at, p::until_at, p::decision, p::decided_at))
        .load(conn)?;
    let pending = |(id, organisation, version_sha256, account, signed_at, until, decision, decided_at): PendingRow| PendingSignature {
        id,
        organisation,
        version_sha256,
        account,
        signed_at: Instant(signed_at),
        until: Instant(until),
        decided: decision.zip(decided_at.map(Instant)),
    };
    Ok(rows.into_iter().map(pending).collect())
}
