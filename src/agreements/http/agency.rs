//! One person for two parties, and acts outside a power.

use super::signing::{SignatureAsk, SignedView, on_version, read_signature};
use crate::access::Caller;
use crate::access::deeds::{ConsentToAgency, SignVersion};
use crate::agreements::model::signing::{PendingSignature, PendingState};
use crate::agreements::model::{Agreement, AsParty, Shared, Version};
use crate::agreements::{actions, queries};
use crate::http::{KeyedBody, Reply};
use crate::kernel::form;
use crate::kernel::id::{AgreementId, OrganisationId, PendingSignatureId, RepresentativeId};
use crate::kernel::{Code, Instant, Outcome};
use crate::store::{Db, Tx};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

fn place(agreement: &Agreement, version: &Version) -> String {
    format!("/api/v1/agreements/{}/versions/{}", agreement.id, version.no)
}

/// A party agrees to its representative signing for another party too.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"organisation_id": "org_01h455vb4pex5vsknk084sn02q", "representative_id": "rep_01h455vb4pex5vsknk084sn02q"}))]
pub struct AgencyConsentAsk {
    /// The party that agrees.
    organisation_id: OrganisationId,
    /// Its representative who signs for another party too.
    representative_id: RepresentativeId,
    /// SHA-256 of its written consent; needed where no other representative of the party agrees here.
    #[schema(min_length = 64, max_length = 64)]
    evidence_sha256: Option<String>,
}

/// That a party agreed.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyConsentView {
    organisation_id: OrganisationId,
    representative_id: RepresentativeId,
}

/// Agree that a representative signs for another party too
///
/// One person signs for two parties of one agreement only if both agreed to it (Civil Code art. 168): each by another of its
/// representatives, or with the hash of its written consent recorded by the community or street. Never by that person.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = AgencyConsentAsk,
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = AgencyConsentView)))]
#[post("/agreements/{id}/versions/{no}/agency-consents")]
pub async fn post_agency_consent(
    db: Data<Db>,
    caller: Caller<ConsentToAgency>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (organisation, representative, evidence) = ask.body.read(|form| {
        let organisation = form.need("organisation_id", form::id::<OrganisationId>);
        let representative = form.need("representative_id", form::id::<RepresentativeId>);
        let evidence = form.may("evidence_sha256", form::sha256);
        Some((organisation?, representative?, evidence))
    })?;
    on_version(db, caller, path, ask, move |tx, caller, agreement, shared, version| {
        let permit = caller.permit(tx, &AsParty { shared, organisation: &organisation })?;
        actions::agency::consent_to_agency(tx, &permit, agreement, version, (&organisation, &representative), evidence.as_deref())?;
        let view = AgencyConsentView { organisation_id: organisation.clone(), representative_id: representative.clone() };
        Reply::created(place(agreement, version), None, &view)
    })
    .await
}

/// A signature given outside the power.
#[derive(Debug, Serialize, ToSchema)]
pub struct PendingSignatureView {
    id: PendingSignatureId,
    organisation_id: OrganisationId,
    state: PendingState,
    signed_at: Instant,
    /// Until when the party may ratify it; silence is refusal.
    until: Instant,
}

impl PendingSignatureView {
    pub(super) fn of(pending: PendingSignature, now: Instant) -> Self {
        let state = pending.state(now);
        Self { id: pending.id, organisation_id: pending.organisation, state, signed_at: pending.signed_at, until: pending.until }
    }
}

/// Sign for one's own organisation without the power to
///
/// Recorded as `pending_ratification`. It counts only if somebody with the power ratifies it within 30 days; silence is refusal
/// (Civil Code art. 171). Who has the power signs directly.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = SignatureAsk,
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = PendingSignatureView)))]
#[post("/agreements/{id}/versions/{no}/pending-signatures")]
pub async fn post_pending_signature(
    db: Data<Db>,
    caller: Caller<SignVersion>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (organisation, sha256) = ask.body.read(read_signature)?;
    on_version(db, caller, path, ask, move |tx, caller, agreement, shared, version| {
        let permit = caller.permit(tx, &AsParty { shared, organisation: &organisation })?;
        let pending = actions::agency::sign_outside_power(tx, &permit, agreement, version, &organisation, &sha256)?;
        let now = tx.now();
        Reply::created(place(agreement, version), None, &PendingSignatureView::of(pending, now))
    })
    .await
}

/// Finds the act; of one nobody did there is nothing to know, but who asks must still be somebody.
fn found(
    tx: &mut Tx,
    caller: &Caller<SignVersion>,
    shared: &Shared,
    version: &Version,
    id: &PendingSignatureId,
) -> Outcome<PendingSignature> {
    match queries::signing::pending(tx, &version.id)?.into_iter().find(|pending| pending.id == *id) {
        Some(pending) => Ok(pending),
        None => caller.permit(tx, shared).and(Err(Code::NotFound.into())),
    }
}

/// Ratify, for one's own organisation, what was signed outside the power
#[utoipa::path(tag = "agreements", security(("bearer" = [])),
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("pending" = PendingSignatureId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = SignedView)))]
#[post("/agreements/{id}/versions/{no}/pending-signatures/{pending}/ratification")]
pub async fn post_ratification(
    db: Data<Db>,
    caller: Caller<SignVersion>,
    path: Path<(AgreementId, i32, PendingSignatureId)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    ask.body.read(|_| Some(()))?;
    let (id, no, pending) = path.into_inner();
    on_version(db, caller, (id, no).into(), ask, move |tx, caller, agreement, shared, version| {
        let pending = found(tx, caller, shared, version, &pending)?;
        let permit = caller.permit(tx, &AsParty { shared, organisation: &pending.organisation })?;
        let signed = actions::agency::ratify(tx, &permit, agreement, version, &pending)?;
        Reply::created(place(agreement, version), None, &SignedView::from(signed))
    })
    .await
}

/// Refuse, for one's own organisation, to ratify what was signed outside the power
#[utoipa::path(tag = "agreements", security(("bearer" = [])),
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("pending" = PendingSignatureId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = PendingSignatureView)))]
#[post("/agreements/{id}/versions/{no}/pending-signatures/{pending}/refusal")]
pub async fn post_ratification_refusal(
    db: Data<Db>,
    caller: Caller<SignVersion>,
    path: Path<(AgreementId, i32, PendingSignatureId)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    ask.body.read(|_| Some(()))?;
    let (id, no, pending) = path.into_inner();
    on_version(db, caller, (id, no).into(), ask, move |tx, caller, agreement, shared, version| {
        let before = found(tx, caller, shared, version, &pending)?;
        let permit = caller.permit(tx, &AsParty { shared, organisation: &before.organisation })?;
        actions::agency::refuse_ratification(tx, &permit, agreement, version, &before)?;
        let (after, now) = (found(tx, caller, shared, version, &pending)?, tx.now());
        Reply::created(place(agreement, version), None, &PendingSignatureView::of(after, now))
    })
    .await
}
