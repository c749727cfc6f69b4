//! Asking the community for a suspension, and its answer.

use super::endings::{HISTORY, Recorded};
use super::suspensions::{SuspensionMade, read};
use super::{How, act, whole};
use crate::access::Caller;
use crate::access::deeds::{OrderPlannedSuspension, ProposeSuspension};
use crate::agreements::actions::lifecycle::{proposals, suspensions};
use crate::agreements::model::lifecycle::{Proposal, SuspensionAsk};
use crate::agreements::model::{Agreement, Shared};
use crate::http::{KeyedBody, Query};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{AgreementId, OrganisationId, ProposalId, SpaceId};
use crate::kernel::{Instant, Outcome};
use crate::store::{Db, Tx};
use crate::terms::model::{SuspensionGround, Urgency};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

/// A suspension that was asked for and not answered yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalView {
    id: ProposalId,
    /// Who asks.
    organisation_id: OrganisationId,
    urgency: Urgency,
    ground: SuspensionGround,
    /// Why.
    text: String,
    /// What it rests on.
    evidence: Option<String>,
    space_ids: Vec<SpaceId>,
    /// From when; null: at once.
    from: Option<Instant>,
    /// Until when; null: until it is lifted.
    until: Option<Instant>,
    proposed_at: Instant,
}

impl From<Proposal> for ProposalView {
    fn from(proposal: Proposal) -> Self {
        let ask = proposal.ask;
        Self {
            id: proposal.id,
            organisation_id: proposal.organisation,
            urgency: ask.urgency,
            ground: ask.ground,
            text: ask.text,
            evidence: ask.evidence,
            space_ids: ask.spaces.unwrap_or_default(),
            from: ask.from,
            until: ask.until,
            proposed_at: proposal.proposed_at,
        }
    }
}

/// What the community is asked to suspend.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"organisation_id": "org_01h455vb4pex5vsknk084sn02q", "urgency": "planned", "ground": "repair", "from": "2026-12-20T08:00:00+08:00", "until": "2026-12-22T08:00:00+08:00", "text": "刷墙，请改到下周。"}))]
pub struct SuspensionProposalAsk {
    /// Who asks.
    organisation_id: OrganisationId,
    /// `immediate` for safety; `planned` with notice and an end.
    urgency: Urgency,
    ground: SuspensionGround,
    /// Why; once it is ordered everybody reads it.
    #[schema(max_length = 500)]
    text: String,
    /// What it rests on; the parties read it. Required of an immediate one.
    #[schema(max_length = 1000)]
    evidence: Option<String>,
    /// Which spaces; left out: all the agreement covers.
    #[schema(min_items = 1, max_items = 100)]
    space_ids: Option<Vec<SpaceId>>,
    /// From when; only of a planned one.
    from: Option<Instant>,
    /// Until when; an immediate one may be open.
    until: Option<Instant>,
}

fn read_proposal(form: &mut Form) -> Option<(OrganisationId, SuspensionAsk)> {
    let organisation = form.need("organisation_id", form::id::<OrganisationId>);
    let ask = read(form);
    Some((organisation?, ask?))
}

/// A suspension that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuspensionProposed {
    proposal_id: ProposalId,
}

/// Ask the community for a suspension
///
/// By the owner of every one of the spaces, who runs their site, or the property manager of the area. Nothing is closed by it.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = SuspensionProposalAsk,
    params(("id" = AgreementId, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = SuspensionProposed)))]
#[post("/agreements/{id}/suspension-proposals")]
pub async fn post_suspension_proposal(
    db: Data<Db>,
    caller: Caller<ProposeSuspension>,
    id: Path<AgreementId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (organisation, wanted) = ask.body.read(read_proposal)?;
    let (who, spaces) = (organisation.clone(), wanted.spaces.clone());
    let place =
        move |tx: &mut Tx, agreement: &Agreement, shared: Shared| proposals::subject(tx, agreement, &shared, &who, spaces.as_deref());
    act(&db, caller, id.into_inner(), ask, How::default(), place, move |tx, permit, agreement, _| {
        let proposal_id = proposals::propose(tx, permit, agreement, &organisation, &wanted)?;
        Ok(SuspensionProposed { proposal_id })
    })
    .await
}

/// Order a suspension that was asked for
///
/// As it was asked for, by the community in its own name. Needs a fresh password. `dry_run=true` tells what would happen and does
/// nothing.
#[utoipa::path(tag = "agreements", security(("bearer" = [])),
    params(("id" = AgreementId, Path), ("proposal" = ProposalId, Path),
        ("dry_run" = Option<bool>, Query, description = "Only tell what would happen"), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = SuspensionMade), (status = 200, description = "Dry run", body = SuspensionMade)))]
#[post("/agreements/{id}/suspension-proposals/{proposal}/order")]
pub async fn post_proposal_order(
    db: Data<Db>,
    caller: Caller<OrderPlannedSuspension>,
    path: Path<(AgreementId, ProposalId)>,
    query: Query,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let dry = query.dry_run()?;
    ask.body.read(|_| Some(()))?;
    let (id, proposal) = path.into_inner();
    let of = proposal.clone();
    // Of a proposal nobody made there is nothing to know, but who answers must still be somebody.
    let place = move |tx: &mut Tx, agreement: &Agreement, shared: Shared| {
        let spaces = proposals::find(tx, agreement, &of).ok().and_then(|known| known.ask.spaces);
        suspensions::subject(tx, agreement, &shared, spaces.as_deref())
    };
    act(&db, caller, id, ask, How { dry, fresh: true, ..How::default() }, place, move |tx, permit, agreement, place| {
        proposals::order(tx, permit, agreement, place, &proposal).map(SuspensionMade::from)
    })
    .await
}

/// Why not.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"text": "考试季，过了再刷。"}))]
pub struct ProposalRefusalAsk {
    /// Those concerned read it.
    #[schema(max_length = 500)]
    text: String,
}

/// Say no to a suspension that was asked for
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = ProposalRefusalAsk,
    params(("id" = AgreementId, Path), ("proposal" = ProposalId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = Recorded)))]
#[post("/agreements/{id}/suspension-proposals/{proposal}/refusal")]
pub async fn post_proposal_refusal(
    db: Data<Db>,
    caller: Caller<OrderPlannedSuspension>,
    path: Path<(AgreementId, ProposalId)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let text = ask.body.read(|form| form.need("text", form::prose(500)))?;
    let (id, proposal) = path.into_inner();
    act(&db, caller, id, ask, HISTORY, whole, move |tx, permit, agreement, _| {
        proposals::decline(tx, permit, agreement, &proposal, &text).map(|event_id| Recorded { event_id })
    })
    .await
}
