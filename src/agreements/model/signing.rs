//! Signing windows, acts outside a power, consents to one person for two parties; the timers of all of it.

use crate::kernel::Instant;
use crate::kernel::id::{AccountId, OrganisationId, PendingSignatureId, VersionId};
use crate::outbox::Announcement;
use crate::words;
use serde::{Deserialize, Serialize};

/// How long a proposed version may be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it was proposed.
    pub opened_at: Instant,
    /// The first moment at which it can no longer be signed.
    pub closes_at: Instant,
}

words! {
    /// What a party decided about an act outside the power.
    pub enum Ratification {
        /// It counts, from the decision on.
        Ratified = "ratified",
        /// It never counts.
        Refused = "refused",
    }
}

words! {
    /// Where an act outside the power stands at a moment.
    pub enum PendingState {
        /// The party may still ratify it.
        PendingRatification = "pending_ratification",
        /// The party ratified it: it is the party's signature.
        Ratified = "ratified",
        /// The party refused.
        Refused = "refused",
        /// Nothing was said in time, which is refusal (Civil Code art. 171).
        Void = "void",
    }
}

/// Somebody signed for a party without the power to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSignature {
    /// Id.
    pub id: PendingSignatureId,
    /// For whom.
    pub organisation: OrganisationId,
    /// The text that was signed.
    pub version_sha256: String,
    /// Who.
    pub account: AccountId,
    /// When.
    pub signed_at: Instant,
    /// The first moment at which it can no longer be ratified.
    pub until: Instant,
    /// What the party decided, and when.
    pub decided: Option<(Ratification, Instant)>,
}

impl PendingSignature {
    /// Where it stands.
    pub fn state(&self, now: Instant) -> PendingState {
        match self.decided {
            Some((Ratification::Ratified, _)) => PendingState::Ratified,
            Some((Ratification::Refused, _)) => PendingState::Refused,
            None if now < self.until => PendingState::PendingRatification,
            None => PendingState::Void,
        }
    }
}

/// A party agrees that its representative signs for another party too (Civil Code art. 168).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyConsent {
    /// The party.
    pub organisation: OrganisationId,
    /// Its representative.
    pub account: AccountId,
}

/// The signing window of a version may be over.
#[derive(Debug, Serialize, Deserialize)]
pub struct WindowEnds {
    /// Which version.
    pub version: VersionId,
}

impl Announcement for WindowEnds {
    const KIND: &'static str = "signing.window_ends";
}

/// It is time to remind those who have not signed.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReminderDue {
    /// Which version.
    pub version: VersionId,
    /// Which reminder, from 0.
    pub no: i32,
}

impl Announcement for ReminderDue {
    const KIND: &'static str = "signing.reminder_due";
}

/// These parties are reminded of a version.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reminded {
    /// Which version.
    pub version: VersionId,
    /// Whose signature is missing, their turn having come.
    pub organisations: Vec<OrganisationId>,
    /// Until when they may sign.
    pub closes_at_micros: i64,
}

impl Announcement for Reminded {
    const KIND: &'static str = "signing.reminded";
}

/// The time in which an act outside the power could be ratified may be over.
#[derive(Debug, Serialize, Deserialize)]
pub struct RatificationEnds {
    /// Of which version.
    pub version: VersionId,
    /// Which act.
    pub pending: PendingSignatureId,
}

impl Announcement for RatificationEnds {
    const KIND: &'static str = "signing.ratification_ends";
}
