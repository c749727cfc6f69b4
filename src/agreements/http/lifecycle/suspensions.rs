//! Suspending, lifting, reviewing.

use super::{How, ImpactView, act, whole};
use crate::access::Caller;
use crate::access::deeds::{LiftSuspension, OrderSuspension, ReviewSuspension};
use crate::agreements::actions::lifecycle::suspensions::{self, Ordered};
use crate::agreements::model::lifecycle::{ReviewOutcome, SuspensionAsk};
use crate::agreements::model::{Agreement, Shared};
use crate::http::{KeyedBody, Query};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{AgreementId, SpaceId, SuspensionId};
use crate::kernel::{Instant, Outcome};
use crate::store::{Db, Tx};
use crate::terms::model::{SuspensionGround, Urgency};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

/// What to suspend.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"urgency": "immediate", "ground": "safety", "space_ids": ["space_01h455vb4pex5vsknk084sn02q"], "text": "屋顶漏水，正在抢修。", "evidence": "物业巡查记录第 12 号"}))]
pub struct SuspensionOrder {
    /// `immediate` for safety, from now; `planned` with notice and an end.
    urgency: Urgency,
    ground: SuspensionGround,
    /// Why; everybody reads it.
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

pub(super) fn read(form: &mut Form) -> Option<SuspensionAsk> {
    let urgency = form.need("urgency", form::word::<Urgency>);
    let ground = form.need("ground", form::word::<SuspensionGround>);
    let text = form.need("text", form::prose(500));
    let evidence = form.may("evidence", form::prose(1000));
    let spaces = form.may("space_ids", form::set(1..=100, form::id::<SpaceId>));
    let from = form.may("from", form::instant);
    let until = form.may("until", form::instant);
    if urgency == Some(Urgency::Immediate) && evidence.is_none() {
        form.fault("evidence", "missing", "立即暂停要写明依据。", "What an immediate suspension rests on must be written down.");
    }
    Some(SuspensionAsk { urgency: urgency?, ground: ground?, text: text?, evidence, spaces, from, until })
}

/// A suspension that was ordered, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuspensionMade {
    suspension_id: SuspensionId,
    from: Instant,
    /// Null: until it is lifted.
    until: Option<Instant>,
    impact: ImpactView,
}

impl From<Ordered> for SuspensionMade {
    fn from(Ordered { suspension, plan }: Ordered) -> Self {
        Self { suspension_id: suspension.id, from: suspension.from, until: suspension.until, impact: plan.into() }
    }
}

/// Suspend spaces
///
/// At once for safety, or planned with notice and an end; all spaces or those listed. Nothing can be booked in them meanwhile,
/// and every booking they meet has its answer in the same moment. A property unit closes its own spaces, an operator on site
/// for a day at most; only the community plans. Needs a fresh password. `dry_run=true` tells what would happen and does nothing.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = SuspensionOrder,
    params(("id" = AgreementId, Path), ("dry_run" = Option<bool>, Query, description = "Only tell what would happen"),
        ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = SuspensionMade), (status = 200, description = "Dry run", body = SuspensionMade)))]
#[post("/agreements/{id}/suspensions")]
pub async fn post_suspension(
    db: Data<Db>,
    caller: Caller<OrderSuspension>,
    id: Path<AgreementId>,
    query: Query,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let dry = query.dry_run()?;
    let wanted = ask.body.read(read)?;
    let (how, spaces) = (How { dry, fresh: true, ..How::default() }, wanted.spaces.clone());
    let place = move |tx: &mut Tx, agreement: &Agreement, shared: Shared| suspensions::subject(tx, agreement, &shared, spaces.as_deref());
    act(&db, caller, id.into_inner(), ask, how, place, move |tx, permit, agreement, place| {
        suspensions::order(tx, permit, agreement, place, &wanted).map(SuspensionMade::from)
    })
    .await
}

/// Why.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"text": "修好了，验收过。"}))]
pub struct LiftingAsk {
    /// Why; everybody reads it.
    #[schema(max_length = 500)]
    text: String,
}

/// A suspension that was lifted, or looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuspensionLifted {
    suspension_id: SuspensionId,
    /// What becomes of the bookings; null where the suspension stands.
    impact: Option<ImpactView>,
}

/// Lift a suspension
///
/// By whose order it was. The spaces open at once, and bookings that were at risk stand again.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = LiftingAsk,
    params(("id" = AgreementId, Path), ("suspension" = SuspensionId, Path),
        ("dry_run" = Option<bool>, Query, description = "Only tell what would happen"), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = SuspensionLifted), (status = 200, description = "Dry run", body = SuspensionLifted)))]
#[post("/agreements/{id}/suspensions/{suspension}/lifting")]
pub async fn post_lifting(
    db: Data<Db>,
    caller: Caller<LiftSuspension>,
    path: Path<(AgreementId, SuspensionId)>,
    query: Query,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let dry = query.dry_run()?;
    let text = ask.body.read(|form| form.need("text", form::prose(500)))?;
    let (id, suspension) = path.into_inner();
    let of = suspension.clone();
    // Of a suspension nobody ordered there is nothing to know, but who asks must still be somebody.
    let place = move |tx: &mut Tx, agreement: &Agreement, shared: Shared| {
        let spaces = suspensions::find(tx, agreement, &of).ok().map(|known| known.spaces);
        suspensions::subject(tx, agreement, &shared, spaces.as_deref())
    };
    act(&db, caller, id, ask, How { dry, ..How::default() }, place, move |tx, permit, agreement, _| {
        let known = suspensions::find(tx, agreement, &suspension)?;
        let plan = suspensions::lift(tx, permit, agreement, &known, &text)?;
        Ok(SuspensionLifted { suspension_id: suspension.clone(), impact: Some(plan.into()) })
    })
    .await
}

/// What the street found.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"outcome": "upheld", "text": "施工还没验收。"}))]
pub struct ReviewAsk {
    outcome: ReviewOutcome,
    /// Why; everybody reads it.
    #[schema(max_length = 500)]
    text: String,
}

/// Review a suspension
///
/// The street looks at it, at the latest when it has lasted longer than agreed: it stands, or is lifted. Nobody reviews what they or
/// the organisation they act for ordered, nor the street its own order: it lifts it.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = ReviewAsk,
    params(("id" = AgreementId, Path), ("suspension" = SuspensionId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = SuspensionLifted)))]
#[post("/agreements/{id}/suspensions/{suspension}/reviews")]
pub async fn post_review(
    db: Data<Db>,
    caller: Caller<ReviewSuspension>,
    path: Path<(AgreementId, SuspensionId)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (outcome, text) = ask.body.read(|form| {
        let outcome = form.need("outcome", form::word::<ReviewOutcome>);
        let text = form.need("text", form::prose(500));
        Some((outcome?, text?))
    })?;
    let (id, suspension) = path.into_inner();
    act(&db, caller, id, ask, How::default(), whole, move |tx, permit, agreement, _| {
        let plan = suspensions::review(tx, permit, agreement, &suspension, outcome, &text)?;
        Ok(SuspensionLifted { suspension_id: suspension.clone(), impact: plan.map(ImpactView::from) })
    })
    .await
}
