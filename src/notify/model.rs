//! Types.

use crate::kernel::Instant;
use crate::kernel::id::{AccountId, NoticeId, OrganisationId};
use serde::Serialize;

/// A notice, as its reader sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Notice {
    /// Id.
    pub id: NoticeId,
    /// What happened: `booking.made`, `version.proposed` …
    pub kind: String,
    /// To what: an id.
    pub subject: String,
    /// The party its reader was told for; null for oneself and one's household.
    pub organisation_id: Option<OrganisationId>,
    /// Chinese text.
    pub text_zh: String,
    /// English text.
    pub text_en: String,
    /// When.
    pub created_at: Instant,
    /// When it was read first; null while it is new.
    pub read_at: Option<Instant>,
}

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Who is told, and for which party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The account.
    pub account: AccountId,
    /// `None`: for itself or its household.
    pub organisation: Option<OrganisationId>,
}

/// Which notices of an account are asked for.
#[derive(Debug, Clone, Default)]
pub struct NoticeFilter {
    /// Told for this party only.
    pub organisation: Option<OrganisationId>,
    /// Of this kind (`version.proposed`) or this family (`version`).
    pub kind: Option<String>,
    /// Not read yet.
    pub unread: bool,
}

/// How many notices of an account are new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Inbox {
    /// Of all.
    pub unread: i64,
    /// Of each party that has any.
    pub parties: Vec<PartyInbox>,
}

/// How many notices of a party are new to one of its representatives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PartyInbox {
    /// The party.
    pub organisation_id: OrganisationId,
    /// New ones.
    pub unread: i64,
}
