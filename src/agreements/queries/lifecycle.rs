//! Reads of an agreement's life.

use crate::agreements::model::lifecycle::{Life, LifeEvent, LifeKind, Proposal, Suspension, SuspensionAsk, Termination, Withdrawal};
use crate::kernel::id::{AccountId, AgreementId, EntryId, OrganisationId, ProposalId, SpaceId, SuspensionId, TerminationId, WithdrawalId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{
    agreement_events as events, suspension_proposal_spaces, suspension_proposals, suspension_spaces, suspensions, terminations,
    withdrawal_spaces, withdrawals,
};
use crate::terms::model::{Orderer, SuspensionGround, Urgency};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = suspensions)]
struct SuspensionRow {
    id: SuspensionId,
    urgency: Urgency,
    ground: SuspensionGround,
    text: String,
    evidence: Option<String>,
    ordered_by: Orderer,
    organisation_id: Option<OrganisationId>,
    account_id: AccountId,
    from_at: Instant,
    until_at: Option<Instant>,
    ordered_at: Instant,
}

type EventRow = (EntryId, LifeKind, String, Option<OrganisationId>, Option<AccountId>, Instant, Option<String>);

fn event((id, kind, subject, organisation, actor, at, text): EventRow) -> LifeEvent {
    LifeEvent { id, kind, subject, organisation, actor, at, text }
}

/// Everything that happened to an agreement beside its versions; six queries, whatever happened.
pub fn life(conn: &mut Conn, agreement: &AgreementId) -> Outcome<Life> {
    let suspended: Vec<SuspensionRow> = suspensions::table
        .filter(suspensions::agreement_id.eq(agreement))
        .order((suspensions::ordered_at, suspensions::id))
        .select(SuspensionRow::as_select())
        .load(conn)?;
    let named: Vec<(SuspensionId, SpaceId)> = suspension_spaces::table
        .inner_join(suspensions::table.on(suspensions::id.eq(suspension_spaces::suspension_id)))
        .filter(suspensions::agreement_id.eq(agreement))
        .order((suspension_spaces::suspension_id, suspension_spaces::space_id))
        .select((suspension_spaces::suspension_id, suspension_spaces::space_id))
        .load(conn)?;
    let noticed: Vec<(TerminationId, OrganisationId, String, Instant, Instant)> = terminations::table
        .filter(terminations::agreement_id.eq(agreement))
        .order((terminations::served_at, terminations::id))
        .select((terminations::id, terminations::organisation_id, terminations::text, terminations::served_at, terminations::ends_at))
        .load(conn)?;
    let leaving: Vec<(WithdrawalId, OrganisationId, String, Instant, Instant)> = withdrawals::table
        .filter(withdrawals::agreement_id.eq(agreement))
        .order((withdrawals::served_at, withdrawals::id))
        .select((withdrawals::id, withdrawals::organisation_id, withdrawals::text, withdrawals::served_at, withdrawals::ends_at))
        .load(conn)?;
    let taken: Vec<(WithdrawalId, SpaceId)> = withdrawal_spaces::table
        .inner_join(withdrawals::table.on(withdrawals::id.eq(withdrawal_spaces::withdrawal_id)))
        .filter(withdrawals::agreement_id.eq(agreement))
        .order((withdrawal_spaces::withdrawal_id, withdrawal_spaces::space_id))
        .select((withdrawal_spaces::withdrawal_id, withdrawal_spaces::space_id))
        .load(conn)?;
    let told: Vec<EventRow> = events::table
        .filter(events::agreement_id.eq(agreement))
        .filter(events::kind.eq_any([
            LifeKind::SuspensionLifted,
            LifeKind::SuspensionUpheld,
            LifeKind::SuspensionEscalated,
            LifeKind::TerminationDisputed,
            LifeKind::AnnulmentConsented,
            LifeKind::SettlementOpened,
            LifeKind::Closed,
        ]))
        .order(events::id)
        .select((events::id, events::kind, events::subject, events::organisation_id, events::actor, events::at, events::text))
        .load(conn)?;
    let happened: Vec<LifeEvent> = told.into_iter().map(event).collect();
    let of = |kind: LifeKind| happened.iter().filter(move |event| event.kind == kind);
    let lifted = |id: &SuspensionId| of(LifeKind::SuspensionLifted).find(|event| event.subject == id.as_str()).map(|event| event.at);
    let suspension = |row: SuspensionRow| Suspension {
        spaces: named.iter().filter(|(id, _)| *id == row.id).map(|(_, space)| space.clone()).collect(),
        lifted_at: lifted(&row.id),
        id: row.id,
        urgency: row.urgency,
        ground: row.ground,
        text: row.text,
        evidence: row.evidence,
        ordered_by: row.ordered_by,
        organisation: row.organisation_id,
        account: row.account_id,
        from: row.from_at,
        until: row.until_at,
        ordered_at: row.ordered_at,
    };
    let termination = |(id, organisation, text, served_at, ends_at): (TerminationId, OrganisationId, String, Instant, Instant)| {
        let disputes = of(LifeKind::TerminationDisputed).filter(|event| event.subject == id.as_str());
        let disputed_by = disputes.filter_map(|event| event.organisation.clone()).collect();
        Termination { id, organisation, text, served_at, ends_at, disputed_by }
    };
    let withdrawal = |(id, organisation, text, served_at, ends_at): (WithdrawalId, OrganisationId, String, Instant, Instant)| {
        let spaces = taken.iter().filter(|(of, _)| *of == id).map(|(_, space)| space.clone()).collect();
        Withdrawal { id, organisation, text, served_at, ends_at, spaces }
    };
    let annulling =
        of(LifeKind::AnnulmentConsented).filter_map(|event| Some((event.subject.parse().ok()?, event.organisation.clone()?, event.at)));
    // What the street said, it said of everything before.
    let reviewed = |before: &LifeEvent| of(LifeKind::SuspensionUpheld).any(|event| event.subject == before.subject && event.id > before.id);
    let escalated = of(LifeKind::SuspensionEscalated).filter(|event| !reviewed(event));
    Ok(Life {
        suspensions: suspended.into_iter().map(suspension).collect(),
        terminations: noticed.into_iter().map(termination).collect(),
        withdrawals: leaving.into_iter().map(withdrawal).collect(),
        annulling: annulling.collect(),
        escalated: escalated.filter_map(|event| Some((event.subject.parse().ok()?, event.at))).collect(),
        settling: of(LifeKind::SettlementOpened).find_map(|event| Some((event.at, event.actor.clone()?))),
        settled: of(LifeKind::SettlementOpened).find_map(|event| event.text.clone()),
        closed_at: of(LifeKind::Closed).map(|event| event.at).next(),
        closing: of(LifeKind::Closed).find_map(|event| event.text.clone()),
    })
}

type ProposalRow =
    (ProposalId, OrganisationId, Urgency, SuspensionGround, String, Option<String>, Option<Instant>, Option<Instant>, Instant);

/// What the community was asked to suspend under an agreement, the first first, each with whether it has answered.
pub fn proposals(conn: &mut Conn, agreement: &AgreementId) -> Outcome<Vec<Proposal>> {
    use suspension_proposals as p;
    let rows: Vec<ProposalRow> = p::table
        .filter(p::agreement_id.eq(agreement))
        .order((p::proposed_at, p::id))
        .select((
            p::id,
            p::organisation_id,
            p::urgency,
            p::ground,
            p::text,
            p::evidence,
            p::from_at.nullable(),
            p::until_at.nullable(),
            p::proposed_at,
        ))
        .load(conn)?;
    let ids: Vec<&ProposalId> = rows.iter().map(|row| &row.0).collect();
    let named: Vec<(ProposalId, SpaceId)> = suspension_proposal_spaces::table
        .filter(suspension_proposal_spaces::proposal_id.eq_any(ids))
        .order((suspension_proposal_spaces::proposal_id, suspension_proposal_spaces::space_id))
        .load(conn)?;
    let answers = [LifeKind::ProposalOrdered, LifeKind::ProposalDeclined];
    let answered: Vec<String> =
        events::table.filter(events::agreement_id.eq(agreement).and(events::kind.eq_any(answers))).select(events::subject).load(conn)?;
    let proposal = |(id, organisation, urgency, ground, text, evidence, from, until, proposed_at): ProposalRow| Proposal {
        ask: SuspensionAsk {
            urgency,
            ground,
            text,
            evidence,
            spaces: Some(named.iter().filter(|(of, _)| *of == id).map(|(_, space)| space.clone()).collect()),
            from,
            until,
        },
        answered: answered.iter().any(|subject| subject == id.as_str()),
        id,
        organisation,
        proposed_at,
    };
    Ok(rows.into_iter().map(proposal).collect())
}

/// What happened to an agreement beside its versions, the latest first.
pub fn history(conn: &mut Conn, agreement: &AgreementId, kind: Option<LifeKind>, ask: &PageAsk) -> Outcome<PageOf<LifeEvent>> {
    let mut query = events::table
        .filter(events::agreement_id.eq(agreement))
        .order(events::id.desc())
        .limit(ask.fetch())
        .select((events::id, events::kind, events::subject, events::organisation_id, events::actor, events::at, events::text))
        .into_boxed();
    if let Some(after) = &ask.after {
        let after: EntryId = after.parse().map_err(|_| Fault::internal("a cursor that is no id"))?;
        query = query.filter(events::id.lt(after));
    }
    if let Some(kind) = kind {
        query = query.filter(events::kind.eq(kind));
    }
    let rows: Vec<EventRow> = query.load(conn)?;
    Ok(ask.cut(rows, |row| row.0.to_string()).map(event))
}
