//! From proposing to the last signature.

use super::views::VersionSummary;
use super::{found_version, queries};
use crate::access::deeds::{DraftVersion, RecordPaperSignature, SignVersion};
use crate::access::{Caller, Deed, Permit};
use crate::agreements::actions;
use crate::agreements::model::{Agreement, AsParty, Shared, Version};
use crate::http::{KeyedBody, Reply, commit, etag};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{AgreementId, OrganisationId, SignatureId};
use crate::kernel::{Code, Fault, Outcome};
use crate::store::{Db, Tx};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

/// Runs a verb on a version inside the one transaction of a keyed POST.
pub(super) async fn on_version<D: Deed + Clone>(
    db: Data<Db>,
    caller: Caller<D>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
    verb: impl Fn(&mut Tx, &Caller<D>, &Agreement, &Shared, &Version) -> Outcome<Reply> + Send + 'static,
) -> Outcome<HttpResponse>
where
    Caller<D>: Send,
{
    let (id, no) = path.into_inner();
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, _| {
        let (agreement, shared, version) = found_version(tx, &id, no)?;
        verb(tx, &caller, &agreement, &shared, &version)
    })
    .await
}

/// The same for a verb of the drafters that takes no more than the version, and answers with the state after it.
pub(super) async fn drafters_verb(
    db: Data<Db>,
    caller: Caller<DraftVersion>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
    verb: impl Fn(&mut Tx, &Permit<DraftVersion>, &Agreement, &Version) -> Outcome<()> + Send + 'static,
) -> Outcome<HttpResponse> {
    ask.body.read(|_| Some(()))?;
    on_version(db, caller, path, ask, move |tx, caller, agreement, shared, version| {
        let permit = caller.permit(tx, shared)?;
        verb(tx, &permit, agreement, version)?;
        state_reply(tx, agreement, version)
    })
    .await
}

/// The state after a verb.
pub(super) fn state_reply(tx: &mut Tx, agreement: &Agreement, version: &Version) -> Outcome<Reply> {
    let now = tx.now();
    let after = queries::version_no(tx, &agreement.id, version.no)?.ok_or_else(|| Fault::internal("a version is gone"))?;
    let location = format!("/api/v1/agreements/{}/versions/{}", agreement.id, version.no);
    Reply::created(location, Some(etag::of_revision(after.revision)), &VersionSummary::of(&after, now))
}

/// Propose a draft
///
/// Freezes and hashes it and puts it to its parties. Clause conflicts and missing clauses are 409 `not-proposable`.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = VersionSummary)))]
#[post("/agreements/{id}/versions/{no}/proposal")]
pub async fn post_proposal(
    db: Data<Db>,
    caller: Caller<DraftVersion>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    drafters_verb(db, caller, path, ask, |tx, permit, agreement, version| actions::propose(tx, permit, agreement, version).map(drop)).await
}

/// Sign for a party.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"organisation_id": "org_01h455vb4pex5vsknk084sn02q", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}))]
pub struct SignatureAsk {
    /// The party signed for.
    organisation_id: OrganisationId,
    /// Hash of the document that was read; another one is refused.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
}

pub(super) fn read_signature(form: &mut Form) -> Option<(OrganisationId, String)> {
    let organisation = form.need("organisation_id", form::id);
    let hash = form.need("sha256", form::sha256);
    Some((organisation?, hash?))
}

/// After a signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedView {
    signature_id: SignatureId,
    /// It was the last one: the version is agreed.
    agreed: bool,
}

impl From<actions::Signed> for SignedView {
    fn from(signed: actions::Signed) -> Self {
        Self { signature_id: signed.id, agreed: signed.agreed }
    }
}

/// Sign a proposed version for one's own organisation
///
/// The power is read in the signing transaction. Needs the password of the last ten minutes (403 `step-up-required`). The
/// consent that was still missing makes the agreement.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = SignatureAsk,
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = SignedView)))]
#[post("/agreements/{id}/versions/{no}/signatures")]
pub async fn post_signature(
    db: Data<Db>,
    caller: Caller<SignVersion>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (organisation, sha256) = ask.body.read(read_signature)?;
    on_version(db, caller, path, ask, move |tx, caller, agreement, shared, version| {
        let permit = caller.permit(tx, &AsParty { shared, organisation: &organisation })?;
        let signed = actions::sign(tx, &permit, agreement, version, &organisation, &sha256)?;
        let location = format!("/api/v1/agreements/{}/versions/{}", agreement.id, version.no);
        Reply::created(location, None, &SignedView::from(signed))
    })
    .await
}

/// Record a party's signature on paper.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"organisation_id": "org_01h455vb4pex5vsknk084sn02q", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "evidence_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}))]
pub struct PaperSignatureAsk {
    /// The party that signed.
    organisation_id: OrganisationId,
    /// Hash of the document that was printed and signed.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
    /// SHA-256 of the scan.
    #[schema(min_length = 64, max_length = 64)]
    evidence_sha256: String,
}

/// Record a paper signature
///
/// By the community or the street; it counts once the party itself confirms it.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = PaperSignatureAsk,
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = SignedView)))]
#[post("/agreements/{id}/versions/{no}/paper-signatures")]
pub async fn post_paper_signature(
    db: Data<Db>,
    caller: Caller<RecordPaperSignature>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (organisation, hash, evidence) = ask.body.read(|form| {
        let organisation = form.need("organisation_id", form::id::<OrganisationId>);
        let hash = form.need("sha256", form::sha256);
        let evidence = form.need("evidence_sha256", form::sha256);
        Some((organisation?, hash?, evidence?))
    })?;
    on_version(db, caller, path, ask, move |tx, caller, agreement, shared, version| {
        let permit: Permit<RecordPaperSignature> = caller.permit(tx, shared)?;
        let signature_id = actions::record_paper(tx, &permit, agreement, version, &organisation, &hash, &evidence)?;
        let location = format!("/api/v1/agreements/{}/versions/{}", agreement.id, version.no);
        Reply::created(location, None, &SignedView { signature_id, agreed: false })
    })
    .await
}

/// Confirm a paper signature for one's own organisation
#[utoipa::path(tag = "agreements", security(("bearer" = [])),
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("signature" = SignatureId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = SignedView)))]
#[post("/agreements/{id}/versions/{no}/paper-signatures/{signature}/confirmation")]
pub async fn post_paper_confirmation(
    db: Data<Db>,
    caller: Caller<SignVersion>,
    path: Path<(AgreementId, i32, SignatureId)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    ask.body.read(|_| Some(()))?;
    let (id, no, signature) = path.into_inner();
    on_version(db, caller, (id, no).into(), ask, move |tx, caller, agreement, shared, version| {
        let parties = queries::parties(tx, &version.id)?;
        let party = parties.iter().find(|party| party.signature.as_ref().is_some_and(|s| s.id == signature));
        // Of a paper nobody recorded there is nothing to know, but who asks must still be somebody.
        let organisation = party.map(|party| party.organisation.clone());
        let permit = match &organisation {
            Some(organisation) => caller.permit(tx, &AsParty { shared, organisation })?,
            None => return caller.permit(tx, shared).and(Err(Code::NotFound.into())),
        };
        let signed = actions::confirm_paper(tx, &permit, agreement, version, &signature)?;
        let location = format!("/api/v1/agreements/{}/versions/{}", agreement.id, version.no);
        Reply::created(location, None, &SignedView::from(signed))
    })
    .await
}

/// Decline for a party.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"organisation_id": "org_01h455vb4pex5vsknk084sn02q", "reason": "九点以后楼上要休息，开到八点就好。"}))]
pub struct DeclineAsk {
    /// The party declined for.
    organisation_id: OrganisationId,
    /// Why; every party reads it.
    #[schema(max_length = 500)]
    reason: String,
}

/// Decline a proposed version for one's own organisation
///
/// With the reason. The version ends (`declined`) when the consent it needs can no longer come; otherwise the decline stays
/// visible as dissent.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = DeclineAsk,
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = VersionSummary)))]
#[post("/agreements/{id}/versions/{no}/declines")]
pub async fn post_decline(
    db: Data<Db>,
    caller: Caller<SignVersion>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (organisation, reason) = ask.body.read(|form| {
        let organisation = form.need("organisation_id", form::id::<OrganisationId>);
        let reason = form.need("reason", form::prose(500));
        Some((organisation?, reason?))
    })?;
    on_version(db, caller, path, ask, move |tx, caller, agreement, shared, version| {
        let permit = caller.permit(tx, &AsParty { shared, organisation: &organisation })?;
        actions::decline(tx, &permit, agreement, version, &organisation, &reason)?;
        state_reply(tx, agreement, version)
    })
    .await
}

/// Until when a version may be signed.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"until": "2027-01-31"}))]
pub struct ExtensionAsk {
    /// The new last day, later than the present one; it ends at 24:00.
    #[schema(value_type = String, format = "date")]
    until: String,
}

/// Make the signing window of a proposed version longer
///
/// Before it is over; every party is told.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = ExtensionAsk,
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = VersionSummary)))]
#[post("/agreements/{id}/versions/{no}/extension")]
pub async fn post_extension(
    db: Data<Db>,
    caller: Caller<DraftVersion>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let until = ask.body.read(|form| form.need("until", form::day))?;
    on_version(db, caller, path, ask, move |tx, caller, agreement, shared, version| {
        let permit = caller.permit(tx, shared)?;
        actions::windows::extend(tx, &permit, agreement, version, until)?;
        state_reply(tx, agreement, version)
    })
    .await
}

/// Withdraw a proposed version
///
/// Its signatures drop and every party is told.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = VersionSummary)))]
#[post("/agreements/{id}/versions/{no}/withdrawal")]
pub async fn post_withdrawal(
    db: Data<Db>,
    caller: Caller<DraftVersion>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    drafters_verb(db, caller, path, ask, |tx, permit, agreement, version| actions::withdraw(tx, permit, agreement, version).map(drop)).await
}
