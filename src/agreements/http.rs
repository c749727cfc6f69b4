//! Wire types and routes.

use super::actions;
use super::model::{Agreement, AgreementFacts, AsParty, Effect, EventKind, Method, PartyState, Shared, Version, VersionState};
use super::queries::{self, Visible};
use crate::access::deeds::{DraftVersion, RecordPaperSignature, SeeAgreement, SignVersion};
use crate::access::{Caller, Deed, Permit, Place};
use crate::http::{CursorKey, IfMatch, KeyedBody, Page, Query, Reply, commit, etag};
use crate::kernel::digest::is_sha256_hex;
use crate::kernel::form::{self, Form, Spot};
use crate::kernel::id::{AccountId, AgreementId, AreaId, OrganisationId, SignatureId, SiteId, VersionId};
use crate::kernel::{Code, Fault, Instant, Outcome, Reason};
use crate::store::{Db, Tx};
use crate::terms::model::{Clause, ClauseKind, PartyCapacity};
use crate::{areas, places};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

const LIST: &str = "agreements";
/// Most clauses of a version.
const MOST_CLAUSES: usize = 200;

/// An agreement on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementView {
    id: AgreementId,
    code: String,
    area_id: AreaId,
    title_zh: String,
    title_en: Option<String>,
    site_ids: Vec<SiteId>,
}

impl From<Agreement> for AgreementView {
    fn from(agreement: Agreement) -> Self {
        Self {
            id: agreement.id,
            code: agreement.code,
            area_id: agreement.area,
            title_zh: agreement.title_zh,
            title_en: agreement.title_en,
            site_ids: agreement.sites,
        }
    }
}

/// A clause on the wire; see the hub files for examples of every kind.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the clause; read and written by terms::model::Clause")]
pub struct ClauseView {
    /// Natural code, unique in its version.
    id: String,
    kind: ClauseKind,
    /// `site/space`; empty = every space the agreement covers.
    spaces: Option<Vec<String>>,
    /// First civil day it applies.
    from: Option<String>,
    /// First civil day it no longer applies.
    to: Option<String>,
    /// Label of an exception; needs `from` and `to`.
    exception: Option<String>,
    material: Option<bool>,
    /// The text that binds.
    text_zh: String,
    /// Courtesy.
    text_en: Option<String>,
    /// What it does, by kind.
    #[schema(value_type = Object)]
    payload: Value,
}

/// A party and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartyView {
    organisation_id: OrganisationId,
    code: String,
    name_zh: String,
    name_en: Option<String>,
    capacity: PartyCapacity,
    stage: i32,
    /// Its signature, if any; a paper one counts once confirmed.
    signature: Option<SignatureView>,
    /// Why it declined; only for those who may see the negotiation.
    declined: Option<DeclineView>,
}

/// A signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignatureView {
    id: SignatureId,
    method: Method,
    signed_at: Instant,
    evidence_sha256: Option<String>,
    confirmed_at: Option<Instant>,
}

/// A decline.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeclineView {
    at: Instant,
    reason: String,
}

impl From<PartyState> for PartyView {
    fn from(party: PartyState) -> Self {
        Self {
            organisation_id: party.organisation,
            code: party.code,
            name_zh: party.name_zh,
            name_en: party.name_en,
            capacity: party.capacity,
            stage: party.stage,
            signature: party.signature.map(|s| SignatureView {
                id: s.id,
                method: s.method,
                signed_at: s.signed_at,
                evidence_sha256: s.evidence_sha256,
                confirmed_at: s.confirmed_at,
            }),
            declined: party.declined.map(|(at, reason)| DeclineView { at, reason }),
        }
    }
}

/// A version without its clauses.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionSummary {
    id: VersionId,
    version: i32,
    state: VersionState,
    /// Of an agreed version: where it stands now.
    effect: Option<Effect>,
    from: Option<Instant>,
    to: Option<Instant>,
    agreed_at: Option<Instant>,
    /// SHA-256 of the canonical document, from proposing on; what a signature binds.
    sha256: Option<String>,
}

impl VersionSummary {
    fn of(version: &Version, now: Instant) -> Self {
        Self {
            id: version.id.clone(),
            version: version.no,
            state: version.state,
            effect: version.effect.map(|dates| dates.at(now)),
            from: version.effect.map(|dates| dates.from),
            to: version.effect.map(|dates| dates.to),
            agreed_at: version.effect.map(|dates| dates.agreed_at),
            sha256: version.sha256.clone(),
        }
    }
}

/// What happened to a version.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    kind: EventKind,
    at: Instant,
    /// Who acted; null for the service itself and for readers who are no party.
    account_id: Option<AccountId>,
}

/// A version in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    #[serde(flatten)]
    summary: VersionSummary,
    #[schema(value_type = Vec<ClauseView>)]
    clauses: Vec<Value>,
    /// The very bytes the parties sign (RFC 8785); hash them to check `sha256`.
    canonical: Option<String>,
    parties: Vec<PartyView>,
    events: Vec<EventView>,
    /// Of a draft: what still stands against proposing it.
    obstacles: Vec<Reason>,
}

/// An agreement with its versions, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementDetail {
    #[serde(flatten)]
    agreement: AgreementView,
    versions: Vec<VersionSummary>,
}

fn found(tx: &mut Tx, id: &AgreementId) -> Outcome<(Agreement, Shared)> {
    let agreement = queries::find(tx, id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
    let shared = queries::shared(tx, &agreement)?;
    Ok((agreement, shared))
}

fn found_version(tx: &mut Tx, id: &AgreementId, no: i32) -> Outcome<(Agreement, Shared, Version)> {
    let (agreement, shared) = found(tx, id)?;
    let version = queries::version_no(tx, id, no)?.ok_or_else(|| Fault::from(Code::NotFound))?;
    Ok((agreement, shared, version))
}

/// Agreements
///
/// Everybody sees those of which a version was agreed; parties and the community, street, district and auditor in charge
/// see those under way too.
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<AgreementView>)))]
#[get("/agreements")]
pub async fn get_agreements(db: Data<Db>, keys: Data<CursorKey>, request: HttpRequest, query: Query) -> Outcome<Json<Page<AgreementView>>> {
    let caller = Caller::<SeeAgreement>::maybe(&request)?;
    let ask = crate::http::paging::only_page(&keys, LIST, &query)?;
    let page = db
        .read(move |tx| {
            let visible = match &caller {
                None => Visible::default(),
                Some(caller) => {
                    let who = caller.standing(tx)?;
                    let sees = |grant: &&crate::people::model::LiveGrant| {
                        crate::access::deeds::reach::<SeeAgreement>(grant.role) == Some(crate::access::Reach::Scope)
                    };
                    Visible {
                        area_paths: who.grants.iter().filter(sees).filter_map(|grant| grant.area_path.clone()).collect(),
                        organisations: who
                            .represents
                            .iter()
                            .map(|r| r.organisation.clone())
                            .chain(who.grants.iter().filter_map(|g| g.organisation.clone()))
                            .collect(),
                    }
                }
            };
            queries::page(tx, &ask, &visible)
        })
        .await?;
    Ok(Json(keys.page(LIST, page.map(AgreementView::from))))
}

/// Whether the reader may see the negotiation too; 404 when the agreement is none of their business.
fn insight(tx: &mut Tx, caller: Option<&Caller<SeeAgreement>>, shared: &Shared) -> Outcome<bool> {
    let permitted = match caller {
        Some(caller) => caller.permit(tx, shared).map(drop),
        None => Err(Code::NotFound.into()),
    };
    match permitted {
        Ok(()) => Ok(true),
        Err(fault) if matches!(fault.code, Code::Forbidden | Code::NotFound) => {
            if shared.known_to_all {
                Ok(false)
            } else {
                Err(Code::NotFound.into())
            }
        }
        Err(fault) => Err(fault),
    }
}

/// An agreement and its versions
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])), params(("id" = AgreementId, Path)), responses((status = 200, body = AgreementDetail)))]
#[get("/agreements/{id}")]
pub async fn get_agreement(db: Data<Db>, request: HttpRequest, id: Path<AgreementId>) -> Outcome<Json<AgreementDetail>> {
    let caller = Caller::<SeeAgreement>::maybe(&request)?;
    let detail = db
        .read(move |tx| {
            let (agreement, shared) = found(tx, &id)?;
            let inside = insight(tx, caller.as_ref(), &shared)?;
            let now = tx.now();
            let versions = queries::versions(tx, &id)?;
            let versions =
                versions.iter().filter(|v| inside || v.state == VersionState::Agreed).map(|v| VersionSummary::of(v, now)).collect();
            Ok(AgreementDetail { agreement: agreement.into(), versions })
        })
        .await?;
    Ok(Json(detail))
}

/// A version in full
///
/// Clauses, the canonical bytes and their hash, the parties with their signatures, what happened so far.
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])), params(("id" = AgreementId, Path), ("no" = i32, Path)),
    responses((status = 200, body = VersionView), (status = 304)))]
#[get("/agreements/{id}/versions/{no}")]
pub async fn get_version(db: Data<Db>, request: HttpRequest, path: Path<(AgreementId, i32)>) -> Outcome<HttpResponse> {
    let caller = Caller::<SeeAgreement>::maybe(&request)?;
    let (id, no) = path.into_inner();
    let (revision, view) = db
        .read(move |tx| {
            let (agreement, shared, version) = found_version(tx, &id, no)?;
            let inside = insight(tx, caller.as_ref(), &shared)?;
            if !inside && version.state != VersionState::Agreed {
                return Err(Code::NotFound.into());
            }
            let now = tx.now();
            let parties = queries::parties(tx, &version.id)?.into_iter().map(PartyView::from).collect();
            let events = queries::events(tx, &version.id)?
                .into_iter()
                .map(|(kind, at, account)| EventView { kind, at, account_id: account.filter(|_| inside) })
                .collect();
            let obstacles =
                if version.state == VersionState::Draft { actions::obstacles(tx, &agreement, &version.clauses)? } else { vec![] };
            let view = VersionView {
                summary: VersionSummary::of(&version, now),
                clauses: version.clauses.iter().map(Clause::to_json).collect(),
                canonical: version.canonical,
                parties,
                events,
                obstacles,
            };
            Ok((version.revision, view))
        })
        .await?;
    Ok(etag::show(&request, &etag::of_revision(revision), &view))
}

/// A new agreement.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
pub struct NewAgreement {
    /// Natural code.
    #[schema(max_length = 40)]
    code: String,
    /// Managing area.
    area_id: AreaId,
    #[schema(max_length = 80)]
    title_zh: String,
    #[schema(max_length = 160)]
    title_en: Option<String>,
    /// Sites it covers.
    #[schema(min_items = 1, max_items = 50)]
    site_ids: Vec<SiteId>,
}

fn read_agreement(form: &mut Form) -> Option<AgreementFacts> {
    let code = form.need("code", form::code);
    let area = form.need("area_id", form::id);
    let title_zh = form.need("title_zh", form::line(80));
    let title_en = form.may("title_en", form::line(160));
    let sites = form.need("site_ids", form::set(1..=50, form::id));
    Some(AgreementFacts { code: code?, area: area?, title_zh: title_zh?, title_en, sites: sites? })
}

/// Create an agreement
///
/// Its identity and the sites it covers; what it says comes with its first version.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = NewAgreement, params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = AgreementView)))]
#[post("/agreements")]
pub async fn post_agreement(db: Data<Db>, caller: Caller<DraftVersion>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let facts = ask.body.read(read_agreement)?;
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, _| {
        let unknown = |field: &str| Fault::field(field, "unknown", "没有找到。", "There is no such thing.");
        let area = areas::queries::find(tx, &facts.area)?.ok_or_else(|| unknown("/area_id"))?;
        let mut paths = vec![area.path.clone()];
        for (i, site) in facts.sites.iter().enumerate() {
            let path = places::queries::area_path(tx, site)?.ok_or_else(|| unknown(&format!("/site_ids/{i}")))?;
            if !path.starts_with(&area.path) {
                return Err(Fault::field(
                    &format!("/site_ids/{i}"),
                    "outside-area",
                    "场所不在这个地区。",
                    "The site does not lie in the area.",
                ));
            }
            paths.push(path);
        }
        let owners = queries::owners(tx, &facts.sites)?;
        let permit = caller.permit(tx, &Place { areas: paths, organisations: owners, known_to_all: true, ..Place::default() })?;
        let id = actions::create(tx, &facts, Some(permit.account()))?;
        let agreement = queries::find(tx, &id)?.ok_or_else(|| Fault::internal("an agreement just made is gone"))?;
        Reply::created(format!("/api/v1/agreements/{id}"), None, &AgreementView::from(agreement))
    })
    .await
}

/// What a version is to say.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
pub struct DraftAsk {
    #[schema(min_items = 1, max_items = 200)]
    clauses: Vec<ClauseView>,
}

fn read_clauses(form: &mut Form) -> Option<Vec<Clause>> {
    form.need("clauses", form::list(1..=MOST_CLAUSES, Clause::read))
}

/// A draft after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftView {
    version: i32,
    /// What still stands against proposing it.
    obstacles: Vec<Reason>,
}

/// Draft the next version
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = DraftAsk, params(("id" = AgreementId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = DraftView)))]
#[post("/agreements/{id}/versions")]
pub async fn post_version(db: Data<Db>, caller: Caller<DraftVersion>, id: Path<AgreementId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let clauses = ask.body.read(read_clauses)?;
    let (id, account) = (id.into_inner(), caller.account().clone());
    commit(&db, &account, ask, move |tx, _| {
        let (agreement, shared) = found(tx, &id)?;
        let permit = caller.permit(tx, &shared)?;
        let version = actions::draft(tx, &permit, &agreement, &clauses)?;
        let obstacles = actions::obstacles(tx, &agreement, &clauses)?;
        Reply::created(format!("/api/v1/agreements/{id}/versions/{version}"), Some(etag::of_revision(1)), &DraftView { version, obstacles })
    })
    .await
}

/// Change a draft
///
/// Needs `If-Match` with the draft's ETag. A proposed version never changes.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = DraftAsk,
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("If-Match" = String, Header)), responses((status = 200, body = DraftView)))]
#[put("/agreements/{id}/versions/{no}")]
pub async fn put_version(
    db: Data<Db>,
    caller: Caller<DraftVersion>,
    path: Path<(AgreementId, i32)>,
    if_match: IfMatch,
    body: crate::http::Body,
) -> Outcome<HttpResponse> {
    let clauses = body.read(read_clauses)?;
    let (id, no) = path.into_inner();
    let reply = db
        .write(move |tx| {
            let (agreement, shared, version) = found_version(tx, &id, no)?;
            let permit = caller.permit(tx, &shared)?;
            if_match.check(&etag::of_revision(version.revision))?;
            let revision = actions::edit(tx, &permit, &agreement, &version, &clauses)?;
            let obstacles = actions::obstacles(tx, &agreement, &clauses)?;
            Reply::ok(Some(etag::of_revision(revision)), &DraftView { version: no, obstacles })
        })
        .await?;
    Ok(reply.into_response())
}

/// Runs a verb on a version inside the one transaction of a keyed POST.
async fn on_version<D: Deed + Clone>(
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

/// The state after a verb.
fn state_reply(tx: &mut Tx, agreement: &Agreement, version: &Version) -> Outcome<Reply> {
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
    ask.body.read(|_| Some(()))?;
    on_version(db, caller, path, ask, |tx, caller, agreement, shared, version| {
        let permit: Permit<DraftVersion> = caller.permit(tx, shared)?;
        actions::propose(tx, &permit, agreement, version)?;
        state_reply(tx, agreement, version)
    })
    .await
}

fn sha256(spot: &Spot) -> Option<String> {
    let text = form::raw(64..=64)(spot)?;
    if is_sha256_hex(&text) {
        Some(text)
    } else {
        spot.fault("malformed", "应为 64 位小写十六进制。", "Must be 64 lower-case hexadecimal digits.")
    }
}

/// Sign for a party.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
pub struct SignatureAsk {
    /// The party signed for.
    organisation_id: OrganisationId,
    /// Hash of the document that was read; another one is refused.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
}

/// After a signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedView {
    signature_id: SignatureId,
    /// It was the last one: the version is agreed.
    agreed: bool,
}

/// Sign a proposed version for one's own organisation
///
/// The power is read in the signing transaction. The last signature makes the agreement.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = SignatureAsk,
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = SignedView)))]
#[post("/agreements/{id}/versions/{no}/signatures")]
pub async fn post_signature(
    db: Data<Db>,
    caller: Caller<SignVersion>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (organisation, sha256) = ask.body.read(|form| {
        let organisation = form.need("organisation_id", form::id::<OrganisationId>);
        let sha256 = form.need("sha256", sha256);
        Some((organisation?, sha256?))
    })?;
    on_version(db, caller, path, ask, move |tx, caller, agreement, shared, version| {
        let permit = caller.permit(tx, &AsParty { shared, organisation: &organisation })?;
        let signed = actions::sign(tx, &permit, agreement, version, &organisation, &sha256)?;
        let location = format!("/api/v1/agreements/{}/versions/{}", agreement.id, version.no);
        Reply::created(location, None, &SignedView { signature_id: signed.id, agreed: signed.agreed })
    })
    .await
}

/// Record a party's signature on paper.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
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
        let hash = form.need("sha256", sha256);
        let evidence = form.need("evidence_sha256", sha256);
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
    let account = caller.account().clone();
    commit(&db, &account, ask, move |tx, _| {
        let (agreement, shared, version) = found_version(tx, &id, no)?;
        let parties = queries::parties(tx, &version.id)?;
        let party = parties.iter().find(|party| party.signature.as_ref().is_some_and(|s| s.id == signature));
        // Of a paper nobody recorded there is nothing to know, but who asks must still be somebody.
        let organisation = party.map(|party| party.organisation.clone());
        let permit = match &organisation {
            Some(organisation) => caller.permit(tx, &AsParty { shared: &shared, organisation })?,
            None => return caller.permit(tx, &shared).and(Err(Code::NotFound.into())),
        };
        let signed = actions::confirm_paper(tx, &permit, &agreement, &version, &signature)?;
        let location = format!("/api/v1/agreements/{id}/versions/{no}");
        Reply::created(location, None, &SignedView { signature_id: signed.id, agreed: signed.agreed })
    })
    .await
}

/// Decline for a party.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
pub struct DeclineAsk {
    /// The party declined for.
    organisation_id: OrganisationId,
    /// Why; every party reads it.
    #[schema(max_length = 500)]
    reason: String,
}

/// Decline a proposed version for one's own organisation
///
/// With the reason. Consent is unanimous, so the version ends; a next one can be drafted.
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
    ask.body.read(|_| Some(()))?;
    on_version(db, caller, path, ask, |tx, caller, agreement, shared, version| {
        let permit: Permit<DraftVersion> = caller.permit(tx, shared)?;
        actions::withdraw(tx, &permit, agreement, version)?;
        state_reply(tx, agreement, version)
    })
    .await
}
