//! Writes.

pub(super) mod lifecycle;
pub(super) mod rounds;
pub(super) mod signing;
pub(super) mod votes;

use super::model::{AgreementFacts, EffectDates, EventKind, Method, VersionState};
use crate::kernel::id::{AccountId, AgreementId, EntryId, Id, OrganisationId, RepresentativeId, SignatureId, VersionId};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{
    agreement_sites, agreement_versions as versions, agreements, declines, signatures, version_effects, version_events, version_parties,
};
use crate::terms::model::{Clause, PartyCapacity};
use diesel::prelude::*;
use serde_json::Value;

pub(super) fn insert_agreement(
    conn: &mut Conn,
    id: &AgreementId,
    facts: &AgreementFacts,
    by: Option<&AccountId>,
    now: Instant,
) -> Outcome<()> {
    let row = (
        agreements::id.eq(id),
        agreements::code.eq(&facts.code),
        agreements::area_id.eq(&facts.area),
        agreements::title_zh.eq(&facts.title_zh),
        agreements::title_en.eq(&facts.title_en),
        agreements::created_at.eq(now.0),
        agreements::created_by.eq(by),
    );
    diesel::insert_into(agreements::table).values(row).execute(conn)?;
    for site in &facts.sites {
        diesel::insert_into(agreement_sites::table)
            .values((agreement_sites::agreement_id.eq(id), agreement_sites::site_id.eq(site)))
            .execute(conn)?;
    }
    Ok(())
}

pub(super) fn retitle(conn: &mut Conn, id: &AgreementId, zh: &str, en: Option<&str>) -> Outcome<()> {
    diesel::update(agreements::table.find(id)).set((agreements::title_zh.eq(zh), agreements::title_en.eq(en))).execute(conn)?;
    Ok(())
}

fn stored(clauses: &[Clause]) -> Outcome<String> {
    serde_json::to_string(&clauses.iter().map(Clause::to_json).collect::<Vec<_>>()).map_err(Fault::internal)
}

pub(super) fn insert_draft(
    conn: &mut Conn,
    id: &VersionId,
    agreement: &AgreementId,
    no: i32,
    clauses: &[Clause],
    by: Option<&AccountId>,
    now: Instant,
) -> Outcome<()> {
    let row = (
        versions::id.eq(id),
        versions::agreement_id.eq(agreement),
        versions::version_no.eq(no),
        versions::state.eq(VersionState::Draft),
        versions::clauses.eq(stored(clauses)?),
        versions::drafted_at.eq(now.0),
        versions::drafted_by.eq(by),
    );
    diesel::insert_into(versions::table).values(row).execute(conn)?;
    Ok(())
}

/// `true` while it was a draft of that revision.
pub(super) fn edit_draft(conn: &mut Conn, id: &VersionId, revision: i32, clauses: &[Clause]) -> Outcome<bool> {
    let draft = versions::table.find(id).filter(versions::state.eq(VersionState::Draft).and(versions::revision.eq(revision)));
    let set = (versions::clauses.eq(stored(clauses)?), versions::revision.eq(versions::revision + 1));
    Ok(diesel::update(draft).set(set).execute(conn)? == 1)
}

pub(super) fn freeze(
    conn: &mut Conn,
    (id, revision): (&VersionId, i32),
    into: VersionState,
    canonical: &str,
    sha256: &str,
) -> Outcome<bool> {
    let draft = versions::table.find(id).filter(versions::state.eq(VersionState::Draft).and(versions::revision.eq(revision)));
    let set = (
        versions::state.eq(into),
        versions::canonical.eq(canonical),
        versions::sha256.eq(sha256),
        versions::revision.eq(versions::revision + 1),
    );
    Ok(diesel::update(draft).set(set).execute(conn)? == 1)
}

/// Takes the version's row for the rest of the transaction while it is in one of these states: those who act on it together
/// stand in line here, and each sees what the ones before did.
pub(super) fn take_turn(conn: &mut Conn, id: &VersionId, states: &[VersionState]) -> Outcome<bool> {
    let open = versions::table.find(id).filter(versions::state.eq_any(states));
    Ok(diesel::update(open).set(versions::revision.eq(versions::revision + 1)).execute(conn)? == 1)
}

pub(super) fn set_state(conn: &mut Conn, id: &VersionId, state: VersionState) -> Outcome<()> {
    diesel::update(versions::table.find(id)).set(versions::state.eq(state)).execute(conn)?;
    Ok(())
}

pub(super) fn insert_party(
    conn: &mut Conn,
    version: &VersionId,
    organisation: &OrganisationId,
    capacity: PartyCapacity,
    stage: i32,
) -> Outcome<()> {
    let row = (
        version_parties::version_id.eq(version),
        version_parties::organisation_id.eq(organisation),
        version_parties::capacity.eq(capacity),
        version_parties::stage.eq(stage),
    );
    diesel::insert_into(version_parties::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) struct NewSignature<'a> {
    pub id: &'a SignatureId,
    pub version: &'a VersionId,
    pub organisation: &'a OrganisationId,
    pub method: Method,
    pub version_sha256: &'a str,
    pub evidence_sha256: Option<&'a str>,
    pub account: &'a AccountId,
    pub representative: Option<&'a RepresentativeId>,
    pub confirmed_at: Option<Instant>,
}

pub(super) fn insert_signature(conn: &mut Conn, new: &NewSignature, now: Instant) -> Outcome<()> {
    let row = (
        signatures::id.eq(new.id),
        signatures::version_id.eq(new.version),
        signatures::organisation_id.eq(new.organisation),
        signatures::method.eq(new.method),
        signatures::version_sha256.eq(new.version_sha256),
        signatures::evidence_sha256.eq(new.evidence_sha256),
        signatures::account_id.eq(new.account),
        signatures::representative_id.eq(new.representative),
        signatures::signed_at.eq(now.0),
        signatures::confirmed_at.eq(new.confirmed_at.map(|at| at.0)),
    );
    diesel::insert_into(signatures::table).values(row).execute(conn)?;
    Ok(())
}

/// `true` for the one that confirms it.
pub(super) fn confirm_signature(
    conn: &mut Conn,
    id: &SignatureId,
    by: &AccountId,
    representative: &RepresentativeId,
    now: Instant,
) -> Outcome<bool> {
    let unconfirmed = signatures::table.find(id).filter(signatures::confirmed_at.is_null());
    let set =
        (signatures::confirmed_at.eq(now.0), signatures::confirmed_by.eq(by), signatures::confirmed_representative_id.eq(representative));
    Ok(diesel::update(unconfirmed).set(set).execute(conn)? == 1)
}

pub(super) fn insert_decline(
    conn: &mut Conn,
    version: &VersionId,
    organisation: &OrganisationId,
    account: &AccountId,
    reason: &str,
    now: Instant,
) -> Outcome<()> {
    let row = (
        declines::version_id.eq(version),
        declines::organisation_id.eq(organisation),
        declines::account_id.eq(account),
        declines::reason.eq(reason),
        declines::declined_at.eq(now.0),
    );
    diesel::insert_into(declines::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn insert_event(
    conn: &mut Conn,
    version: &VersionId,
    kind: EventKind,
    actor: Option<&AccountId>,
    detail: &Value,
    now: Instant,
) -> Outcome<()> {
    let row = (
        version_events::id.eq(EntryId::fresh()),
        version_events::version_id.eq(version),
        version_events::kind.eq(kind),
        version_events::at.eq(now.0),
        version_events::actor.eq(actor),
        version_events::detail.eq(detail.to_string()),
    );
    diesel::insert_into(version_events::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn insert_effect(conn: &mut Conn, version: &VersionId, dates: EffectDates) -> Outcome<()> {
    let row = (
        version_effects::version_id.eq(version),
        version_effects::agreed_at.eq(dates.agreed_at.0),
        version_effects::from_at.eq(dates.from.0),
        version_effects::to_at.eq(dates.to.0),
    );
    diesel::insert_into(version_effects::table).values(row).execute(conn)?;
    Ok(())
}

/// Earlier versions of the agreement govern no longer than `at`.
pub(super) fn end_effects_before(conn: &mut Conn, agreement: &AgreementId, successor: &VersionId, at: Instant) -> Outcome<()> {
    let of_agreement = versions::table.filter(versions::agreement_id.eq(agreement)).select(versions::id);
    let reaching = version_effects::table.filter(
        version_effects::version_id
            .eq_any(of_agreement)
            .and(version_effects::version_id.ne(successor))
            .and(version_effects::to_at.gt(at.0)),
    );
    diesel::update(reaching).set(version_effects::to_at.eq(at.0)).execute(conn)?;
    Ok(())
}
