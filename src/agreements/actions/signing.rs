//! From the first signature to `agreed`; a decline and a withdrawal on the way.

use super::{consent, foresight, happened, layout, lifecycle, rounds, windows};
use crate::access::Permit;
use crate::access::deeds::{DraftVersion, RecordPaperSignature, SignVersion};
use crate::agreements::model::{Agreement, EffectDates, EventKind, Method, PartyState, Version, VersionState};
use crate::agreements::rules::consent::Consent;
use crate::agreements::sql::{self, NewSignature};
use crate::agreements::{queries, rules};
use crate::kernel::id::{AccountId, Id, OrganisationId, RepresentativeId, SignatureId};
use crate::kernel::{Code, Fault, Outcome};
use crate::people::model::Power;
use crate::store::{Tx, phrases};
use crate::terms::rules as terms_rules;
use crate::{impact, people, terms, usage};
use serde_json::json;

/// Takes the version's row and reads the parties behind it: from here to the commit nobody else signs or declines. The window
/// is read behind the row too, and the clock decides whether it is over.
pub(super) fn in_turn(tx: &mut Tx, version: &Version) -> Outcome<Vec<PartyState>> {
    if !sql::take_turn(tx, &version.id, &[VersionState::Proposed, VersionState::PartiallySigned])? {
        rules::open_for_signing(version.state)?;
        // It was open a moment ago: somebody ended it while we waited.
        return Err(Code::StateConflict.into());
    }
    windows::still_open(tx, version)?;
    queries::parties(tx, &version.id)
}

/// The power to sign for the organisation in this agreement. Its row is held until the commit: a revocation comes before
/// this signature or after it, never beside it.
pub(super) fn sign_power(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    organisation: &OrganisationId,
) -> Outcome<RepresentativeId> {
    let without =
        || Fault::saying(Code::Forbidden, "您没有代表这个组织签署的授权。", "You are not authorised to sign for this organisation.");
    let power = people::actions::hold_power(tx, permit.who(), organisation, Power::Sign, &agreement.code)?.ok_or_else(without)?;
    permit.stepped_up(tx.now())?;
    Ok(power)
}

/// What may be signed now, by whom, and what it takes.
pub(super) fn may_sign(
    tx: &mut Tx,
    agreement: &Agreement,
    version: &Version,
    organisation: &OrganisationId,
    sha256: &str,
) -> Outcome<Vec<PartyState>> {
    let (parties, now) = (in_turn(tx, version)?, tx.now());
    let needs = consent::requirements(tx, agreement, version, now)?;
    let comes_first = |party: &PartyState| consent::comes_first(&needs, party, &parties);
    rules::may_sign(version.sha256.as_deref(), &parties, organisation, sha256, &comes_first)?;
    Ok(parties)
}

/// One person for two parties needs the consent of both.
pub(super) fn no_dual_agency(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    version: &Version,
    parties: &[PartyState],
    organisation: &OrganisationId,
) -> Outcome<()> {
    let consents = queries::signing::agency_consents(tx, &version.id)?;
    rules::signing::no_dual_agency(parties, &consents, organisation, permit.account())
}

/// A signature and what it brought about.
#[derive(Debug)]
pub struct Signed {
    /// The signature.
    pub id: SignatureId,
    /// It was the last one: the version is agreed.
    pub agreed: bool,
}

/// Signs for an organisation. The representative's power is read in this transaction, whatever the token says.
pub fn sign(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    version: &Version,
    organisation: &OrganisationId,
    sha256: &str,
) -> Outcome<Signed> {
    let representative = sign_power(tx, permit, agreement, organisation)?;
    let parties = may_sign(tx, agreement, version, organisation, sha256)?;
    no_dual_agency(tx, permit, version, &parties, organisation)?;
    let (id, now) = (SignatureId::fresh(), tx.now());
    let new = NewSignature {
        id: &id,
        version: &version.id,
        organisation,
        method: Method::Electronic,
        version_sha256: sha256,
        evidence_sha256: None,
        account: permit.account(),
        representative: Some(&representative),
        confirmed_at: Some(now),
    };
    sql::insert_signature(tx, &new, now)?;
    let detail = json!({"organisation": organisation, "representative": representative, "sha256": sha256, "method": Method::Electronic});
    happened(tx, agreement, &version.id, EventKind::Signed, Some(permit.account()), detail)?;
    let agreed = agree_if_complete(tx, agreement, version)?;
    Ok(Signed { id, agreed })
}

/// Records a party's signature on paper with the hash of its scan. It counts once the party confirms it.
pub fn record_paper(
    tx: &mut Tx,
    permit: &Permit<RecordPaperSignature>,
    agreement: &Agreement,
    version: &Version,
    organisation: &OrganisationId,
    sha256: &str,
    evidence: &str,
) -> Outcome<SignatureId> {
    may_sign(tx, agreement, version, organisation, sha256)?;
    let (id, now) = (SignatureId::fresh(), tx.now());
    let new = NewSignature {
        id: &id,
        version: &version.id,
        organisation,
        method: Method::Paper,
        version_sha256: sha256,
        evidence_sha256: Some(evidence),
        account: permit.account(),
        representative: None,
        confirmed_at: None,
    };
    sql::insert_signature(tx, &new, now)?;
    let detail = json!({"organisation": organisation, "sha256": sha256, "evidence_sha256": evidence, "method": Method::Paper});
    happened(tx, agreement, &version.id, EventKind::Signed, Some(permit.account()), detail)?;
    sql::set_state(tx, &version.id, VersionState::PartiallySigned)?;
    Ok(id)
}

/// Confirms, for the party, that the paper recorded is its signature, unless it has declined. A second person: never who recorded it.
pub fn confirm_paper(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    version: &Version,
    signature: &SignatureId,
) -> Outcome<Signed> {
    let parties = in_turn(tx, version)?;
    let party = parties.iter().find(|party| party.signature.as_ref().is_some_and(|s| s.id == *signature));
    let (Some(party), Some(recorded)) = (party, party.and_then(|party| party.signature.as_ref())) else {
        return Err(Code::NotFound.into());
    };
    let representative = sign_power(tx, permit, agreement, &party.organisation)?;
    rules::undecided(&parties, &party.organisation)?;
    if recorded.account == *permit.account() {
        return Err(Fault::saying(
            Code::Forbidden,
            "录入的人不能自己确认，要由这一方的另一位代表确认。",
            "Whoever recorded the paper cannot confirm it.",
        ));
    }
    no_dual_agency(tx, permit, version, &parties, &party.organisation)?;
    let now = tx.now();
    if !sql::confirm_signature(tx, signature, permit.account(), &representative, now)? {
        return Err(Fault::saying(Code::StateConflict, "已经确认过了。", "It is confirmed already."));
    }
    let detail = json!({"organisation": party.organisation, "representative": representative, "signature": signature});
    happened(tx, agreement, &version.id, EventKind::Confirmed, Some(permit.account()), detail)?;
    let agreed = agree_if_complete(tx, agreement, version)?;
    Ok(Signed { id: signature.clone(), agreed })
}

/// How far the consent to a version is.
pub(super) fn consent_of(tx: &mut Tx, agreement: &Agreement, version: &Version) -> Outcome<Consent> {
    let now = tx.now();
    let needs = consent::requirements(tx, agreement, version, now)?;
    let (parties, passed) = (queries::parties(tx, &version.id)?, queries::votes::passed(tx, &version.id)?);
    Ok(rules::consent::consent(&needs, &parties, &passed))
}

/// The consent that was still missing makes the agreement, in its own transaction: the version governs from the later of its
/// first day, this moment and the end of the longest wait; its clauses are compiled, its predecessor ends.
pub(super) fn agree_if_complete(tx: &mut Tx, agreement: &Agreement, version: &Version) -> Outcome<bool> {
    if consent_of(tx, agreement, version)? != Consent::Met {
        if queries::parties(tx, &version.id)?.iter().any(|party| party.signature.is_some()) {
            sql::set_state(tx, &version.id, VersionState::PartiallySigned)?;
        }
        return Ok(false);
    }
    let agreed_at = tx.now();
    // No booking is judged by the old terms beside this: bookings hold their atoms shared until they commit.
    let mut sites = agreement.sites.clone();
    sites.sort();
    // An agreement that is settled, or closed, meanwhile takes no other version any more.
    lifecycle::may_draft(tx, agreement)?;
    for site in &sites {
        phrases::lock_site(tx, site)?;
    }
    let (layout, _) = layout(tx, agreement)?;
    let clauses = version.clauses()?;
    let earliest = consent::earliest(tx, agreement, version, agreed_at)?;
    // A term that is over before the wait is would never be in force.
    if let Some(reason) = layout.first().and_then(|space| rules::term_over(clauses, space.zone.day_of(earliest))) {
        return Err(Fault::refused(Code::StateConflict, vec![reason]));
    }
    let mut rows = terms_rules::compile(clauses, &layout, earliest);
    lifecycle::clipped(tx, agreement, &mut rows)?;
    let (Some(from), Some(to)) = (rows.iter().map(|row| row.from).min(), rows.iter().map(|row| row.to).max()) else {
        return Err(Fault::internal("an agreed version binds nothing"));
    };
    // Every booking made before gets its answer first, judged by what was in force and by what is to be.
    if let Some(event) = foresight::amendment(tx, agreement, version, &rows)? {
        impact::actions::apply(tx, &event, None)?;
    }
    sql::set_state(tx, &version.id, VersionState::Agreed)?;
    sql::insert_effect(tx, &version.id, EffectDates { agreed_at, from, to, superseded: false })?;
    lifecycle::remind_of_end(tx, agreement, EffectDates { agreed_at, from, to, superseded: false })?;
    lifecycle::remind_of_reviews(tx, agreement, version)?;
    sql::end_effects_before(tx, &agreement.id, &version.id, from)?;
    terms::actions::put_in_force(tx, (&agreement.id, &agreement.code), (&version.id, version.no), &rows)?;
    let before = consent::before(tx, agreement, version.no, agreed_at)?;
    usage::actions::send_back(tx, &rules::materially_changed(before.as_ref(), version, &rows, &layout)?, from)?;
    impact::actions::closures::cover(tx, &agreement.sites)?;
    happened(
        tx,
        agreement,
        &version.id,
        EventKind::Agreed,
        None,
        json!({"version": version.no, "from": from, "to": to, "sha256": version.sha256}),
    )?;
    Ok(true)
}

/// Declines for an organisation, with the reason; paper that was recorded for it and that it did not confirm stands in no way. The
/// version ends when the consent it needs can no longer come; otherwise the decline stays as dissent. It never ends the agreement.
pub fn decline(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    version: &Version,
    organisation: &OrganisationId,
    reason: &str,
) -> Outcome<()> {
    sign_power(tx, permit, agreement, organisation)?;
    let parties = in_turn(tx, version)?;
    rules::undecided(&parties, organisation)?;
    let now = tx.now();
    sql::insert_decline(tx, &version.id, organisation, permit.account(), reason, now)?;
    let kind = if consent_of(tx, agreement, version)? == Consent::CannotBeMet { EventKind::Declined } else { EventKind::Dissented };
    if kind == EventKind::Declined {
        sql::set_state(tx, &version.id, VersionState::Declined)?;
    }
    happened(tx, agreement, &version.id, kind, Some(permit.account()), json!({ "organisation": organisation }))
}

/// Takes a version back that is being talked over or signed; its round ends, its signatures drop, its parties are told.
pub fn withdraw(tx: &mut Tx, permit: &Permit<DraftVersion>, agreement: &Agreement, version: &Version) -> Outcome<()> {
    take_back(tx, permit.account(), agreement, version)
}

/// The same, for whoever brought it about.
pub(super) fn take_back(tx: &mut Tx, by: &AccountId, agreement: &Agreement, version: &Version) -> Outcome<()> {
    if version.state == VersionState::InRound {
        rounds::end(tx, by, version)?;
    } else {
        in_turn(tx, version)?;
    }
    sql::set_state(tx, &version.id, VersionState::Withdrawn)?;
    happened(tx, agreement, &version.id, EventKind::Withdrawn, Some(by), json!({ "version": version.no }))
}
