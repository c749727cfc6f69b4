//! Whose consent a version needs, on the wire.

use crate::agreements::model::{Agreement, PartyState, Version};
use crate::agreements::rules::consent::{Consent, Requirement, consent, wait_days};
use crate::agreements::{actions, queries};
use crate::kernel::Outcome;
use crate::kernel::id::OrganisationId;
use crate::store::Tx;
use crate::terms::model::{ChangeKind, VoteMatter};
use crate::terms::rules::plain_consent;
use serde::Serialize;
use utoipa::ToSchema;

/// Whose consent a version needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentView {
    /// How far it is, all requirements together.
    state: Consent,
    /// Whole days from the day it is agreed to the first day it may take effect: the longest wait.
    wait_days: i64,
    /// One for each kind of change.
    requirements: Vec<RequirementView>,
}

/// What one kind of change needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequirementView {
    /// Which change; null for an agreement that is formed, or a version that changes nothing by kind.
    change: Option<ChangeKind>,
    change_zh: String,
    change_en: String,
    /// Who must consent, in words.
    rule_zh: String,
    rule_en: String,
    state: Consent,
    wait_days: i64,
    /// Whose consent is asked for.
    needed: Vec<OrganisationId>,
    /// Whose consent is asked for and not there, those who declined left out.
    missing: Vec<OrganisationId>,
    /// Owners' votes asked for and not there yet.
    votes_missing: Vec<VoteMatter>,
}

fn requirement(need: &Requirement, parties: &[PartyState], passed: &[VoteMatter]) -> RequirementView {
    let (rule_zh, rule_en) = plain_consent(&need.rule);
    let (change_zh, change_en) = need.change.map_or(("订立协议", "the agreement as a whole"), |change| (change.zh(), change.en()));
    let asked = need.asks(parties);
    let state = need.consent(parties, passed);
    let open = state != Consent::Met;
    let missing = asked.iter().filter(|party| open && !party.has_signed() && party.declined.is_none());
    RequirementView {
        change: need.change,
        change_zh: change_zh.into(),
        change_en: change_en.into(),
        rule_zh,
        rule_en,
        state,
        wait_days: need.wait_days,
        needed: asked.iter().map(|party| party.organisation.clone()).collect(),
        missing: missing.map(|party| party.organisation.clone()).collect(),
        votes_missing: need.votes_missing(passed),
    }
}

pub(super) fn view(tx: &mut Tx, agreement: &Agreement, version: &Version) -> Outcome<ConsentView> {
    let now = tx.now();
    let needs = actions::consent::requirements(tx, agreement, version, now)?;
    let (parties, passed) = (queries::parties(tx, &version.id)?, queries::votes::passed(tx, &version.id)?);
    Ok(ConsentView {
        state: consent(&needs, &parties, &passed),
        wait_days: wait_days(&needs),
        requirements: needs.iter().map(|need| requirement(need, &parties, &passed)).collect(),
    })
}
