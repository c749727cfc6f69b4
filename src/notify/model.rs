//! Types.

use crate::kernel::Instant;
use crate::kernel::id::{AccountId, JobId, NoticeId, OrganisationId};
use crate::outbox::{Announcement, Lane};
use crate::words;
use serde::{Deserialize, Serialize};

/// A notice, as its reader sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::store::schema::notices)]
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

words! {
    /// Mails one may do without: what they say can wait until one looks.
    pub enum Topic {
        /// A booking was made.
        Booked = "booked",
        /// Somebody spoke in a round, was answered, or a round is over.
        Talk = "talk",
        /// Another party has signed.
        Signed = "signed",
    }
}

/// Which mails an account does without.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeSettings {
    /// Topics that are not mailed.
    pub mail_off: Vec<Topic>,
    /// Counts the changes; 0 before the first.
    pub revision: i32,
}

/// A notice is to be mailed.
#[derive(Debug, Serialize, Deserialize)]
pub struct MailNotice {
    /// Which; text and address are read when it is sent.
    pub notice: NoticeId,
}

impl Announcement for MailNotice {
    const KIND: &'static str = "notice.mail";
    const LANE: Lane = Lane::Outside;
}

/// A mail, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// The job that sends it: the same letter has the same message id, however often it is tried.
    pub job: JobId,
    /// Address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text, lines ended by `\n`.
    pub body: String,
    /// When the notice was written.
    pub written_at: Instant,
}
