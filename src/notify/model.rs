//! Types.

use crate::kernel::Instant;
use crate::kernel::id::NoticeId;
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
    /// Chinese text.
    pub text_zh: String,
    /// English text.
    pub text_en: String,
    /// When.
    pub created_at: Instant,
}

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}
