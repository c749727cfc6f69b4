//! The owners' vote, held outside and imported.

use crate::kernel::Instant;
use crate::kernel::id::{AccountId, VoteId};
use crate::kernel::time::Day;
use crate::terms::model::VoteMatter;
use crate::words;

words! {
    /// Where the areas come from (Supreme People's Court on building ownership, 2020, art. 8).
    pub enum AreaBasis {
        /// The register.
        Register = "register",
        /// Measured, where there is no register.
        Measured = "measured",
        /// The contract of sale, where there is neither.
        Contract = "contract",
    }
}

/// How many there are, took part, and voted yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// All owners, or the whole exclusive area in 0.01 m².
    pub all: i64,
    /// Of them taking part.
    pub took_part: i64,
    /// Of these, yes.
    pub yes: i64,
}

/// The result of a vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// What kind of matter it was put as.
    pub matter: VoteMatter,
    /// By heads; who owns several units is one.
    pub heads: Count,
    /// By exclusive area.
    pub area: Count,
    /// Where the areas come from.
    pub basis: AreaBasis,
    /// The day it was announced.
    pub notice_on: Day,
    /// The last day of voting.
    pub voted_on: Day,
    /// The day its result was posted.
    pub posted_on: Day,
}

/// A result as recorded for a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedVote {
    /// Id.
    pub id: VoteId,
    /// What it says.
    pub vote: Vote,
    /// SHA-256 of its evidence.
    pub evidence_sha256: String,
    /// Who recorded it.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: Instant,
    /// When a second person confirmed it; it counts from then on.
    pub confirmed_at: Option<Instant>,
}
