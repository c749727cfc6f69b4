//! Powers at their edges: one person for two parties with the consent of both (Civil Code art. 168), and acts outside a power
//! that the party may ratify (art. 171).

use super::signing::{Signed, agree_if_complete, in_turn, may_sign, no_dual_agency, sign_power};
use super::{happened, windows, zone};
use crate::access::Permit;
use crate::access::deeds::{ConsentToAgency, SignVersion};
use crate::agreements::model::signing::{PendingSignature, PendingState, Ratification, RatificationEnds};
use crate::agreements::model::{Agreement, EventKind, Method, PartyState, Version};
use crate::agreements::sql::signing::{self as writes, NewAgencyConsent, NewPending};
use crate::agreements::sql::{self, NewSignature};
use crate::agreements::{queries, rules};
use crate::kernel::id::{Id, OrganisationId, PendingSignatureId, RepresentativeId, SignatureId};
use crate::kernel::{Code, Fault, Outcome};
use crate::outbox::Announcement;
use crate::outbox::runner::Listener;
use crate::people::model::Power;
use crate::store::Tx;
use crate::{access, outbox, people};
use serde_json::json;

/// Records that a party agrees to its representative signing for another party too: by another of its representatives, or by
/// the community or street in charge of the area with the hash of the written consent. Never by that representative.
pub fn consent_to_agency(
    tx: &mut Tx,
    permit: &Permit<ConsentToAgency>,
    agreement: &Agreement,
    version: &Version,
    (organisation, representative): (&OrganisationId, &RepresentativeId),
    evidence: Option<&str>,
) -> Outcome<()> {
    let parties = in_turn(tx, version)?;
    rules::party(&parties, organisation)?;
    let now = tx.now();
    let unknown = || Fault::field("/representative_id", "unknown", "这一方没有这位代表。", "The party has no such representative.");
    let found = people::queries::representative(tx, representative)?.filter(|r| r.organisation == *organisation && r.holds_at(now));
    let account = found.ok_or_else(unknown)?.account;
    let refuse = |zh: &str, en: &str| Err(Fault::saying(Code::Forbidden, zh, en));
    if account == *permit.account() {
        return refuse("本人不能同意自己代表两方。", "Nobody consents to their own signing for two parties.");
    }
    let for_party = people::actions::hold_power(tx, permit.who(), organisation, Power::Sign, &agreement.code)?;
    // What is said to be the party's writing counts from those in charge of the area, whatever else somebody is.
    let in_charge = || access::scopes::<ConsentToAgency>(permit.who()).iter().any(|path| agreement.area_path.starts_with(path));
    if for_party.is_none() && !(evidence.is_some() && in_charge()) {
        return refuse(
            "要由这一方另一位有签署授权的代表同意，或者由社区、街道登记它的书面同意（附哈希）。",
            "Another representative who may sign for the party consents, or the community or street records the hash of its consent.",
        );
    }
    let new = NewAgencyConsent {
        version: &version.id,
        organisation,
        account: &account,
        representative,
        evidence_sha256: evidence,
        by: permit.account(),
    };
    if !writes::insert_agency_consent(tx, &new, now)? {
        return Err(Fault::saying(Code::StateConflict, "这一方已经同意过了。", "The party has consented already."));
    }
    let detail = json!({"organisation": organisation, "representative": representative, "evidence_sha256": evidence});
    happened(tx, agreement, &version.id, EventKind::AgencyConsented, Some(permit.account()), detail)
}

/// Records that somebody of the organisation signed without the power to. It counts only if the party ratifies it in time.
pub fn sign_outside_power(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    version: &Version,
    organisation: &OrganisationId,
    sha256: &str,
) -> Outcome<PendingSignature> {
    if permit.who().represents_in(organisation, Power::Sign, &agreement.code).is_some() {
        let (zh, en) = ("您有签署的授权，请直接签署。", "You are authorised to sign: sign directly.");
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    may_sign(tx, agreement, version, organisation, sha256)?;
    let now = tx.now();
    let waits =
        |pending: &PendingSignature| pending.organisation == *organisation && pending.state(now) == PendingState::PendingRatification;
    if queries::signing::pending(tx, &version.id)?.iter().any(waits) {
        return Err(Fault::saying(Code::StateConflict, "已有一份等这一方追认。", "One is waiting to be ratified already."));
    }
    let (id, until) =
        (PendingSignatureId::fresh(), rules::signing::last_moment(&zone(tx, agreement)?, now, rules::signing::RATIFICATION_DAYS));
    let new = NewPending { id: &id, version: &version.id, organisation, version_sha256: sha256, account: permit.account(), until };
    writes::insert_pending(tx, &new, now)?;
    outbox::enqueue_at(tx, &RatificationEnds { version: version.id.clone(), pending: id.clone() }, until)?;
    let detail = json!({"organisation": organisation, "sha256": sha256, "pending": id, "until": until});
    happened(tx, agreement, &version.id, EventKind::SignedOutsidePower, Some(permit.account()), detail)?;
    let (organisation, account) = (organisation.clone(), permit.account().clone());
    Ok(PendingSignature { id, organisation, version_sha256: sha256.to_owned(), account, signed_at: now, until, decided: None })
}

/// The act somebody decides about, for the party it was done for.
fn to_decide(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    version: &Version,
    pending: &PendingSignature,
) -> Outcome<(RepresentativeId, Vec<PartyState>)> {
    let representative = sign_power(tx, permit, agreement, &pending.organisation)?;
    let parties = in_turn(tx, version)?;
    let found = queries::signing::pending(tx, &version.id)?.into_iter().find(|found| found.id == pending.id);
    rules::signing::may_decide(&found.ok_or(Code::NotFound)?, permit.account(), tx.now())?;
    Ok((representative, parties))
}

/// Ratifies, for the party, what was signed outside the power: it is the party's signature from now on.
pub fn ratify(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    version: &Version,
    pending: &PendingSignature,
) -> Outcome<Signed> {
    let organisation = &pending.organisation;
    let (representative, parties) = to_decide(tx, permit, agreement, version, pending)?;
    may_sign(tx, agreement, version, organisation, &pending.version_sha256)?;
    no_dual_agency(tx, permit, version, &parties, organisation)?;
    let (id, now) = (SignatureId::fresh(), tx.now());
    if !writes::decide_pending(tx, &pending.id, Ratification::Ratified, permit.account(), now)? {
        return Err(Code::StateConflict.into());
    }
    let new = NewSignature {
        id: &id,
        version: &version.id,
        organisation,
        method: Method::Ratified,
        version_sha256: &pending.version_sha256,
        evidence_sha256: None,
        account: &pending.account,
        representative: None,
        confirmed_at: None,
    };
    sql::insert_signature(tx, &new, pending.signed_at)?;
    sql::confirm_signature(tx, &id, permit.account(), &representative, now)?;
    let detail = json!({"organisation": organisation, "pending": pending.id, "signature": id, "representative": representative});
    happened(tx, agreement, &version.id, EventKind::Ratified, Some(permit.account()), detail)?;
    let agreed = agree_if_complete(tx, agreement, version)?;
    Ok(Signed { id, agreed })
}

/// Refuses to ratify it: it never counts.
pub fn refuse_ratification(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    version: &Version,
    pending: &PendingSignature,
) -> Outcome<()> {
    to_decide(tx, permit, agreement, version, pending)?;
    let now = tx.now();
    if !writes::decide_pending(tx, &pending.id, Ratification::Refused, permit.account(), now)? {
        return Err(Code::StateConflict.into());
    }
    let detail = json!({"organisation": pending.organisation, "pending": pending.id});
    happened(tx, agreement, &version.id, EventKind::RatificationRefused, Some(permit.account()), detail)
}

/// The listener of a timer of these.
pub(super) fn listener(kind: &str) -> Option<Listener> {
    (kind == RatificationEnds::KIND).then_some(|tx, job| {
        let due: RatificationEnds = windows::payload(job)?;
        windows::on_version(tx, &due.version, |tx, agreement, version| {
            let now = tx.now();
            let open = version.state_at(now).is_open_for_signing();
            let found = queries::signing::pending(tx, &version.id)?.into_iter().find(|pending| pending.id == due.pending);
            // A version that has ended meanwhile has been told of already.
            match found.filter(|pending| open && pending.state(now) == PendingState::Void) {
                Some(pending) => {
                    let detail = json!({"organisation": pending.organisation, "pending": pending.id});
                    happened(tx, agreement, &version.id, EventKind::RatificationLapsed, None, detail)
                }
                None => Ok(()),
            }
        })
    })
}
