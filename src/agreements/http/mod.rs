//! Routes: reading and drafting here, what a version changes in `changes`, talking it over in `rounds`, proposing to signing
//! in `signing`, powers at their edges in `agency`, the owners' vote in `votes`, suspending, ending and settling in `lifecycle`,
//! what waits for the caller in `waiting`, wire types in `views`, of consent in `consent`.

mod agency;
mod changes;
mod consent;
mod impact;
mod lifecycle;
mod rounds;
mod signing;
mod views;
mod votes;
mod waiting;

pub use agency::{post_agency_consent, post_pending_signature, post_ratification, post_ratification_refusal};

pub use changes::get_changes;
pub use impact::{get_impact, get_impact_bookings, get_replay};
pub use lifecycle::{
    get_history, post_annulment, post_closing, post_lifting, post_objection, post_proposal_order, post_proposal_refusal, post_review,
    post_settlement, post_suspension, post_suspension_proposal, post_termination_notice, post_withdrawal_notice,
};
pub use rounds::{get_rounds, post_position, post_reply, post_round, post_round_closing};
pub use signing::{
    post_decline, post_extension, post_paper_confirmation, post_paper_signature, post_proposal, post_signature, post_withdrawal,
};
pub use votes::{post_owners_decision, post_owners_decision_confirmation, post_owners_vote};
pub use waiting::get_waiting;

use super::actions;
use super::model::{Agreement, AgreementFacts, Shared, Version, VersionState};
use super::queries::{self, Visible, Which};
use crate::access::deeds::{DraftVersion, SeeAgreement, reach};
use crate::access::{Caller, Place, Reach};
use crate::areas;
use crate::http::{CursorKey, IfMatch, KeyedBody, Page, Query, Reply, commit, etag};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{AgreementId, AreaId, OrganisationId, SiteId};
use crate::kernel::{Code, Fault, Outcome, Reason};
use crate::store::{Db, Tx};
use crate::terms::model::Clause;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use agency::PendingSignatureView;
use lifecycle::LifeView;
use serde::Serialize;
use utoipa::ToSchema;
use views::{AgreementDetail, AgreementView, ClauseView, EventView, PartyView, PlainView, VersionSummary, VersionView};
use votes::OwnersDecisionView;

const LIST: &str = "agreements";
/// Most clauses of a version.
const MOST_CLAUSES: usize = 200;

/// The agreement of that id with what the permission table sees of it; 404 when there is none.
pub fn found(tx: &mut Tx, id: &AgreementId) -> Outcome<(Agreement, Shared)> {
    let agreement = queries::find(tx, id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
    let shared = queries::shared(tx, &agreement)?;
    Ok((agreement, shared))
}

/// The same with one of its versions.
pub fn found_version(tx: &mut Tx, id: &AgreementId, no: i32) -> Outcome<(Agreement, Shared, Version)> {
    let (agreement, shared) = found(tx, id)?;
    let version = queries::version_no(tx, id, no)?.ok_or_else(|| Fault::from(Code::NotFound))?;
    Ok((agreement, shared, version))
}

/// Agreements
///
/// Everybody sees those of which a version was agreed; parties and the community, street, district and auditor in charge
/// see those under way too.
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])),
    params(("area_id" = Option<AreaId>, Query, description = "Only those managed by this area"),
        ("site_id" = Option<SiteId>, Query, description = "Only those that cover this site"),
        ("organisation_id" = Option<OrganisationId>, Query, description = "Only those to which this organisation is a party"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<AgreementView>)))]
#[get("/agreements")]
pub async fn get_agreements(db: Data<Db>, keys: Data<CursorKey>, request: HttpRequest, query: Query) -> Outcome<Json<Page<AgreementView>>> {
    let caller = Caller::<SeeAgreement>::maybe(&request)?;
    let (which, ask) = query.read(|form| {
        let which = Which {
            area: form.may("area_id", form::id),
            site: form.may("site_id", form::id),
            party: form.may("organisation_id", form::id),
        };
        Some((which, keys.ask(LIST, form)))
    })?;
    let page = db
        .read(move |tx| {
            let visible = match &caller {
                None => Visible::default(),
                Some(caller) => {
                    let who = caller.standing(tx)?;
                    let sees = |grant: &&crate::people::model::LiveGrant| {
                        reach::<SeeAgreement>(grant.role).is_some_and(|reach| reach != Reach::Own)
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
            queries::page(tx, &ask, &visible, &which)
        })
        .await?;
    Ok(Json(keys.page(LIST, page.map(AgreementView::from))))
}

/// Whether the reader may see the negotiation too; 404 when the agreement is none of their business.
pub fn insight(tx: &mut Tx, caller: Option<&Caller<SeeAgreement>>, shared: &Shared) -> Outcome<bool> {
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
///
/// With where it stands, the facts on which depends what may be done, and what that is.
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
            let (life, standing) = actions::lifecycle::look(tx, &id, &versions)?;
            let proposals = if inside { queries::lifecycle::proposals(tx, &id)? } else { vec![] };
            let life = LifeView::of(&versions, life, standing, proposals, inside, now)?;
            let versions =
                versions.iter().filter(|v| inside || v.state == VersionState::Agreed).map(|v| VersionSummary::of(v, now)).collect();
            Ok(AgreementDetail { agreement: agreement.into(), life, versions })
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
            let told = |party| PartyView { declined: None, ..party };
            let parties = queries::parties(tx, &version.id)?.into_iter().map(PartyView::from);
            let parties = parties.map(|party| if inside { party } else { told(party) }).collect();
            let events = queries::events(tx, &version.id)?
                .into_iter()
                .map(|(kind, at, account)| EventView { kind, at, account_id: account.filter(|_| inside) })
                .collect();
            let obstacles = if matches!(version.state, VersionState::Draft | VersionState::InRound) {
                actions::obstacles(tx, &agreement, version.clauses()?)?
            } else {
                vec![]
            };
            let consent = if version.state == VersionState::Agreed { None } else { Some(consent::view(tx, &agreement, &version)?) };
            let (pending, votes) = (queries::signing::pending(tx, &version.id)?, queries::votes::of_version(tx, &version.id)?);
            let view = VersionView {
                summary: VersionSummary::of(&version, now),
                clauses: version.clauses()?.iter().map(Clause::to_json).collect(),
                plain: version.clauses()?.iter().map(PlainView::from).collect(),
                canonical: version.canonical,
                parties,
                events,
                obstacles,
                consent,
                pending_signatures: pending.into_iter().filter(|_| inside).map(|one| PendingSignatureView::of(one, now)).collect(),
                owners_decisions: votes.into_iter().map(OwnersDecisionView::from).collect(),
            };
            Ok((version.revision, view))
        })
        .await?;
    Ok(etag::show(&request, &etag::of_revision(revision), &view))
}

/// A new agreement.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"code": "garden-hall", "area_id": "area_01h455vb4pex5vsknk084sn02q", "title_zh": "花园活动厅公益共建协议", "title_en": "Agreement on the garden hall", "site_ids": ["site_01h455vb4pex5vsknk084sn02q"]}))]
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
        let managed = queries::site_paths(tx, &facts.sites)?;
        if let Some(i) = facts.sites.iter().position(|site| !managed.iter().any(|(known, _)| known == site)) {
            return Err(unknown(&format!("/site_ids/{i}")));
        }
        let paths = managed.into_iter().map(|(_, path)| path).chain([area.path]).collect();
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
#[schema(example = json!({"clauses": [{"id": "hours", "kind": "open_hours", "spaces": ["garden-centre/hall"], "text_zh": "每日8时30分至21时开放。", "text_en": "Open daily from 08:30 to 21:00.", "payload": {"weekly": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "08:30", "to": "21:00"}]}}]}))]
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
