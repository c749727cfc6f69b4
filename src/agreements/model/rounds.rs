//! Negotiation rounds (反复式商量).

use super::Stand;
use crate::kernel::Instant;
use crate::kernel::id::{AccountId, OrganisationId, PositionId, RoundId, VersionId};

/// A round: one frozen version and what every party says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Id.
    pub id: RoundId,
    /// Number within the agreement, from 1.
    pub no: i32,
    /// The version it is about.
    pub version: VersionId,
    /// Its number.
    pub version_no: i32,
    /// When it was put to the parties.
    pub opened_at: Instant,
    /// When it was closed; who had said nothing by then gave no response, which is never consent.
    pub closed_at: Option<Instant>,
    /// What was said, in the order it was said.
    pub positions: Vec<Position>,
}

/// What a party says of the version of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Id.
    pub id: PositionId,
    /// Who.
    pub organisation: OrganisationId,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// What.
    pub stand: Stand,
    /// The condition of a `support_if`, the reason of an `object`; a remark otherwise.
    pub text: Option<String>,
    /// Who said it for the organisation.
    pub account: AccountId,
    /// When.
    pub stated_at: Instant,
    /// What the drafters answered.
    pub reply: Option<Answered>,
}

/// A written reply to a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// In the drafters' words.
    pub text: String,
    /// When.
    pub at: Instant,
}

impl Position {
    /// It asks for an answer and has none.
    pub fn is_unanswered(&self) -> bool {
        matches!(self.stand, Stand::SupportIf | Stand::Object) && self.reply.is_none()
    }
}
