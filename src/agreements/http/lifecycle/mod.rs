//! Routes of an agreement's life: suspensions in `suspensions`, notices, annulment and settlement in `endings`; its history and
//! the wire types of where it stands here.

mod endings;
mod proposals;
mod suspensions;

pub use endings::{post_annulment, post_closing, post_objection, post_settlement, post_termination_notice, post_withdrawal_notice};
pub use proposals::{ProposalView, post_proposal_order, post_proposal_refusal, post_suspension_proposal};
pub use suspensions::{post_lifting, post_review, post_suspension};

use super::{found, insight};
use crate::access::deeds::SeeAgreement;
use crate::access::{Caller, Deed, Permit, Place, Subject};
use crate::agreements::model::lifecycle::{EndedBy, Life, LifeEvent, LifeKind, Phase, Proposal, Standing, Suspension, Verb};
use crate::agreements::model::{Agreement, AsParty, Shared, Version};
use crate::agreements::{queries, rules};
use crate::http::{CursorKey, KeyedBody, Page, Query, Reply, commit_or_rehearse};
use crate::impact::model::{DispositionCount, StoredPlan};
use crate::kernel::form;
use crate::kernel::id::{AccountId, AgreementId, EntryId, OrganisationId, PlanId, SpaceId, SuspensionId, TerminationId, WithdrawalId};
use crate::kernel::{Instant, Outcome};
use crate::store::{Db, Tx};
use crate::terms::model::{Orderer, SuspensionGround, Urgency};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

const LIST: &str = "agreement-history";

/// How a verb of an agreement's life is done.
#[derive(Debug, Clone, Copy, Default)]
struct How {
    /// It is only told what would happen.
    dry: bool,
    /// The password must have been given a moment ago, unless it is only told.
    fresh: bool,
    /// Where what it made is read, below the agreement.
    below: &'static str,
}

/// What every verb of an agreement's life does: the agreement is found, the permission table is asked about `subject`, the
/// password is wanted where it must be, and what `verb` brought about is the reply.
async fn act<D: Deed + Send, S: Subject, V: Serialize>(
    db: &Db,
    caller: Caller<D>,
    id: AgreementId,
    ask: KeyedBody,
    how: How,
    subject: impl Fn(&mut Tx, &Agreement, Shared) -> Outcome<S> + Send + 'static,
    verb: impl Fn(&mut Tx, &Permit<D>, &Agreement, &S) -> Outcome<V> + Send + 'static,
) -> Outcome<HttpResponse> {
    let account = caller.account().clone();
    commit_or_rehearse(db, &account, ask, how.dry, move |tx, _| {
        let (agreement, shared) = found(tx, &id)?;
        let subject = subject(tx, &agreement, shared)?;
        let permit = caller.permit(tx, &subject)?;
        if how.fresh && !how.dry {
            permit.stepped_up(tx.now())?;
        }
        let made = verb(tx, &permit, &agreement, &subject)?;
        Reply::created(format!("/api/v1/agreements/{id}{}", how.below), None, &made)
    })
    .await
}

/// The agreement itself is what the permission table is asked about.
fn whole(_: &mut Tx, _: &Agreement, shared: Shared) -> Outcome<Shared> {
    Ok(shared)
}

/// One organisation's part in it is.
fn part_of(organisation: &OrganisationId) -> impl Fn(&mut Tx, &Agreement, Shared) -> Outcome<Place> + use<> {
    let organisation = organisation.clone();
    move |_, _, shared| Ok(AsParty { shared: &shared, organisation: &organisation }.place())
}

/// Where an agreement stands, derived from what was signed, ordered and served, and from the clock.
#[derive(Debug, Serialize, ToSchema)]
pub struct LifeView {
    phase: Phase,
    /// Of an ended agreement.
    ended_by: Option<EndedBy>,
    /// When the last version agreed so far stops governing.
    ends_at: Option<Instant>,
    /// It ends within 90 days; nothing is renewed by silence.
    expiring: bool,
    /// Number of the version that is being drafted, talked over or signed; only for those who may see the negotiation.
    open_version: Option<i32>,
    /// Number of an agreed version whose effect is to come.
    pending_version: Option<i32>,
    /// Suspensions that stand, those to come too.
    suspensions: Vec<SuspensionView>,
    /// The notice of termination that runs, or ended the agreement.
    notice: Option<NoticeView>,
    /// Parties that leave or have left with their spaces.
    withdrawals: Vec<WithdrawalView>,
    /// The settlement of what has ended, once it was opened.
    settlement: Option<SettlementView>,
    /// By when what has ended is to be settled and closed, where a clause says so.
    settle_by: Option<Instant>,
    /// Suspensions the community is asked for and has not answered; only for those who may see the negotiation.
    proposals: Vec<ProposalView>,
    /// What may be done now, by whoever has the right to.
    possible: Vec<Verb>,
}

/// A suspension.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuspensionView {
    id: SuspensionId,
    urgency: Urgency,
    ground: SuspensionGround,
    ground_zh: &'static str,
    /// Why, in the words of who ordered it.
    text: String,
    /// What it rests on; only for those who may see the negotiation.
    evidence: Option<String>,
    ordered_by: Orderer,
    ordered_by_zh: &'static str,
    organisation_id: Option<OrganisationId>,
    /// Spaces it names; what shares a part with one of them is closed too.
    space_ids: Vec<SpaceId>,
    from: Instant,
    /// Null: until it is lifted.
    until: Option<Instant>,
}

impl SuspensionView {
    fn of(suspension: Suspension, inside: bool) -> Self {
        Self {
            id: suspension.id,
            urgency: suspension.urgency,
            ground: suspension.ground,
            ground_zh: suspension.ground.zh(),
            text: suspension.text,
            evidence: suspension.evidence.filter(|_| inside),
            ordered_by: suspension.ordered_by,
            ordered_by_zh: suspension.ordered_by.zh(),
            organisation_id: suspension.organisation,
            space_ids: suspension.spaces,
            from: suspension.from,
            until: suspension.until,
        }
    }
}

/// A notice of termination.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    id: TerminationId,
    organisation_id: OrganisationId,
    /// Why; only for those who may see the negotiation.
    text: Option<String>,
    served_at: Instant,
    /// 24:00 of its last day.
    ends_at: Instant,
    /// Parties that object; it runs on.
    disputed_by: Vec<OrganisationId>,
}

/// A party that leaves.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithdrawalView {
    id: WithdrawalId,
    organisation_id: OrganisationId,
    /// Why; only for those who may see the negotiation.
    text: Option<String>,
    served_at: Instant,
    /// 24:00 of its last day.
    ends_at: Instant,
    /// Spaces that leave.
    space_ids: Vec<SpaceId>,
}

/// How an ended agreement is settled.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettlementView {
    opened_at: Instant,
    /// Who opened it, and so does not close it; only for those who may see the negotiation.
    account_id: Option<AccountId>,
    /// What was performed and how it is squared; only for those who may see the negotiation.
    text: Option<String>,
    /// Null while it is open.
    closed_at: Option<Instant>,
    /// What was said then; only for those who may see the negotiation.
    closing_text: Option<String>,
}

impl LifeView {
    /// What a reader may know; `inside` sees the negotiation too.
    pub(super) fn of(
        versions: &[Version],
        life: Life,
        standing: Standing,
        proposals: Vec<Proposal>,
        inside: bool,
        now: Instant,
    ) -> Outcome<Self> {
        let settle_by = rules::lifecycle::settle_by(versions, &standing)?;
        let possible = Verb::ALL.iter().copied().filter(|verb| rules::lifecycle::against(&standing, *verb).is_none()).collect();
        let notice = life.terminations.into_iter().next_back().filter(|_| standing.notice).map(|notice| NoticeView {
            id: notice.id,
            organisation_id: notice.organisation,
            text: Some(notice.text).filter(|_| inside),
            served_at: notice.served_at,
            ends_at: notice.ends_at,
            disputed_by: notice.disputed_by,
        });
        let settlement = life.settling.map(|(opened_at, account)| SettlementView {
            opened_at,
            account_id: Some(account).filter(|_| inside),
            text: life.settled.filter(|_| inside),
            closed_at: life.closed_at,
            closing_text: life.closing.filter(|_| inside),
        });
        let leaves = |leaving: crate::agreements::model::lifecycle::Withdrawal| WithdrawalView {
            id: leaving.id,
            organisation_id: leaving.organisation,
            text: Some(leaving.text).filter(|_| inside),
            served_at: leaving.served_at,
            ends_at: leaving.ends_at,
            space_ids: leaving.spaces,
        };
        Ok(Self {
            phase: standing.phase,
            ended_by: standing.ended_by,
            ends_at: standing.ends_at,
            expiring: standing.expiring,
            open_version: standing.open.filter(|_| inside),
            pending_version: standing.pending,
            suspensions: life.suspensions.into_iter().filter(|s| s.stands(now)).map(|s| SuspensionView::of(s, inside)).collect(),
            notice,
            settlement,
            settle_by,
            withdrawals: life.withdrawals.into_iter().map(leaves).collect(),
            proposals: proposals.into_iter().filter(|proposal| inside && proposal.is_open(now)).map(ProposalView::from).collect(),
            possible,
        })
    }
}

/// What became of the bookings an order met, or would become of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImpactView {
    plan_id: PlanId,
    /// Every disposition once.
    counts: Vec<DispositionCount>,
}

impl From<StoredPlan> for ImpactView {
    fn from(plan: StoredPlan) -> Self {
        Self { plan_id: plan.id, counts: plan.counts }
    }
}

/// Something that happened to an agreement beside its versions.
#[derive(Debug, Serialize, ToSchema)]
pub struct LifeEventView {
    id: EntryId,
    kind: LifeKind,
    /// What it is about: an id.
    subject: String,
    organisation_id: Option<OrganisationId>,
    at: Instant,
    /// Who acted; null for the service itself and for readers who are no party.
    account_id: Option<AccountId>,
    /// Why; of anything but a suspension only for those who may see the negotiation.
    text: Option<String>,
}

impl LifeEventView {
    fn of(event: LifeEvent, inside: bool) -> Self {
        let public = matches!(event.kind, LifeKind::SuspensionOrdered | LifeKind::SuspensionLifted | LifeKind::SuspensionUpheld);
        Self {
            id: event.id,
            kind: event.kind,
            subject: event.subject,
            organisation_id: event.organisation,
            at: event.at,
            account_id: event.actor.filter(|_| inside),
            text: event.text.filter(|_| inside || public),
        }
    }
}

/// What happened to an agreement beside its versions
///
/// Suspensions, notices, annulment, settlement: who, when and why, the latest first. Nothing here ever changes.
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])),
    params(("id" = AgreementId, Path), ("kind" = Option<LifeKind>, Query, description = "Only what happened of this kind"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<LifeEventView>)))]
#[get("/agreements/{id}/history")]
pub async fn get_history(
    db: Data<Db>,
    keys: Data<CursorKey>,
    request: HttpRequest,
    id: Path<AgreementId>,
    query: Query,
) -> Outcome<Json<Page<LifeEventView>>> {
    let caller = Caller::<SeeAgreement>::maybe(&request)?;
    let (kind, ask) = query.read(|form| Some((form.may("kind", form::word::<LifeKind>), keys.ask(LIST, form))))?;
    let page = db
        .read(move |tx| {
            let (_, shared) = found(tx, &id)?;
            let inside = insight(tx, caller.as_ref(), &shared)?;
            Ok(queries::lifecycle::history(tx, &id, kind, &ask)?.map(|event| LifeEventView::of(event, inside)))
        })
        .await?;
    Ok(Json(keys.page(LIST, page)))
}
