//! What waits for somebody's answer.

use super::lifecycle::Proposal;
use super::{Agreement, Version};
use crate::kernel::Instant;
use crate::kernel::id::OrganisationId;
use crate::words;

words! {
    /// What is asked of somebody.
    pub enum WaitingFor {
        /// To say what its party thinks of a version put to a round.
        Position = "position",
        /// To answer in writing what a party objected to, or made a condition.
        Reply = "reply",
        /// To sign or decline a proposed version.
        Signature = "signature",
        /// To confirm the signature recorded for its party on paper.
        Confirmation = "confirmation",
        /// To ratify, or not, what was signed for its party outside the power.
        Ratification = "ratification",
        /// To confirm, as a second person, the result of an owners' vote.
        VoteConfirmation = "vote_confirmation",
        /// To approve usage terms, or refuse them.
        UsageApproval = "usage_approval",
        /// To order the suspension somebody asks for, or refuse it.
        SuspensionProposal = "suspension_proposal",
        /// To review a suspension that has lasted long.
        SuspensionReview = "suspension_review",
        /// To agree, as the others did, that a signed version is taken back before its effect.
        Annulment = "annulment",
        /// To settle an agreement that has ended.
        Settlement = "settlement",
        /// To close, as a second person, an agreement that is settled.
        Closing = "closing",
    }
}

/// One thing that waits for somebody.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// What is asked.
    pub what: WaitingFor,
    /// The party it is asked of; `None`: the community or street in charge.
    pub party: Option<OrganisationId>,
    /// Since when.
    pub since: Instant,
    /// Id of what is to be answered: a version, a position, a signature, what was signed outside a power, an owners' decision, usage
    /// terms, a proposal, a suspension, an agreement.
    pub subject: String,
    /// The agreement; `None` of usage terms.
    pub agreement: Option<Agreement>,
    /// The version, where one is to be read.
    pub version: Option<Version>,
    /// What is asked to be suspended.
    pub proposal: Option<Proposal>,
}

impl Waiting {
    /// What stands first in the list, and after what the next page begins: the oldest, and then in an order that stays.
    pub fn key(&self) -> String {
        let party = self.party.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{:020} {:02} {} {party}", self.since.0, self.what as u8, self.subject)
    }
}
