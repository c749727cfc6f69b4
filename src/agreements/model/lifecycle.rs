//! How an agreement lives: its phase, the facts beside it, and the orders and notices that move it.

use crate::access::{Place, Subject};
use crate::kernel::Instant;
use crate::kernel::id::{
    AccountId, AgreementId, EntryId, OrganisationId, ProposalId, SpaceId, SuspensionId, TerminationId, VersionId, WithdrawalId,
};
use crate::kernel::time::Day;
use crate::outbox::Announcement;
use crate::people::model::Standing as Caller;
use crate::terms::model::{Orderer, SuspensionGround, Urgency};
use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// Where an agreement stands. Derived from its rows and the clock; nothing has to happen for it to change.
    pub enum Phase {
        /// No version was agreed yet.
        Negotiating = "negotiating",
        /// Agreed, and its first day is to come.
        PendingEffect = "pending_effect",
        /// A version governs.
        Active = "active",
        /// No version governs any more.
        Ended = "ended",
        /// Ended, and what was performed is being settled.
        Settling = "settling",
        /// Settled; nothing changes any more.
        Closed = "closed",
    }
}

words! {
    /// How an agreement came to its end.
    pub enum EndedBy {
        /// Its term was over.
        Expired = "expired",
        /// A party gave notice.
        Terminated = "terminated",
    }
}

words! {
    /// What can be done with an agreement beside its versions.
    pub enum Verb {
        /// Draft a version: an amendment, or a renewal.
        Amend = "amend",
        /// Close spaces for a while.
        Suspend = "suspend",
        /// End a suspension before its time, or review it.
        Lift = "lift",
        /// A property unit leaves with its spaces.
        Withdraw = "withdraw",
        /// Give notice.
        Terminate = "terminate",
        /// Object to a notice.
        Dispute = "dispute",
        /// Take an agreed version back before its effect.
        Annul = "annul",
        /// Begin to settle.
        Settle = "settle",
        /// End the settlement.
        Close = "close",
    }
}

words! {
    /// What happened to an agreement beside its versions.
    pub enum LifeKind {
        /// Spaces were closed.
        SuspensionOrdered = "suspension_ordered",
        /// A suspension was ended before its time.
        SuspensionLifted = "suspension_lifted",
        /// The street looked at a suspension and let it stand.
        SuspensionUpheld = "suspension_upheld",
        /// A suspension has lasted so long that the street must look at it.
        SuspensionEscalated = "suspension_escalated",
        /// A party gave notice.
        TerminationServed = "termination_served",
        /// A party objects to a notice. It runs on.
        TerminationDisputed = "termination_disputed",
        /// A property unit said that it leaves.
        WithdrawalServed = "withdrawal_served",
        /// A signer of a version agrees to take it back.
        AnnulmentConsented = "annulment_consented",
        /// All have: the version will not take effect.
        Annulled = "annulled",
        /// The term comes to its end, and there is no renewal by silence.
        Expiring = "expiring",
        /// What was performed is being settled.
        SettlementOpened = "settlement_opened",
        /// Settled.
        Closed = "closed",
        /// The community is asked to close spaces.
        SuspensionProposed = "suspension_proposed",
        /// It did.
        ProposalOrdered = "proposal_ordered",
        /// It did not.
        ProposalDeclined = "proposal_declined",
    }
}

words! {
    /// What the street found when it looked at a suspension.
    pub enum ReviewOutcome {
        /// It stands.
        Upheld = "upheld",
        /// It is lifted.
        Lifted = "lifted",
    }
}

/// What somebody wants to suspend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspensionAsk {
    /// At once or announced.
    pub urgency: Urgency,
    /// Why, as a word.
    pub ground: SuspensionGround,
    /// Why, in words everybody may read.
    pub text: String,
    /// What it rests on; for the parties.
    pub evidence: Option<String>,
    /// Which spaces; `None` = all the agreement covers.
    pub spaces: Option<Vec<SpaceId>>,
    /// From when; an immediate one begins now.
    pub from: Option<Instant>,
    /// Until when; an immediate one may be open.
    pub until: Option<Instant>,
}

/// A suspension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Id.
    pub id: SuspensionId,
    /// At once or announced.
    pub urgency: Urgency,
    /// Why, as a word.
    pub ground: SuspensionGround,
    /// Why, in words everybody may read.
    pub text: String,
    /// What it rests on; for the parties.
    pub evidence: Option<String>,
    /// As whom it was ordered …
    pub ordered_by: Orderer,
    /// … and for which property unit or operator.
    pub organisation: Option<OrganisationId>,
    /// Who ordered it.
    pub account: AccountId,
    /// The spaces it names.
    pub spaces: Vec<SpaceId>,
    /// From when.
    pub from: Instant,
    /// Until when; `None` = until it is lifted.
    pub until: Option<Instant>,
    /// When it was ordered.
    pub ordered_at: Instant,
    /// When it was lifted.
    pub lifted_at: Option<Instant>,
}

impl Suspension {
    /// The street reviews it: what others ordered. Of its own there is nobody above it here (the district reads aggregates): the street
    /// lifts it, and who disagrees has the agreement's way of settling disputes.
    pub fn is_reviewed(&self) -> bool {
        self.ordered_by != Orderer::Street
    }

    /// Somebody ordered it, or acts for the organisation that did.
    pub fn is_of(&self, who: &Caller) -> bool {
        who.is_behind(&self.account, self.organisation.as_ref())
    }

    /// It is neither lifted nor over; it may be to come.
    pub fn stands(&self, now: Instant) -> bool {
        self.lifted_at.is_none() && self.until.is_none_or(|until| now < until)
    }
}

/// A suspension that somebody asks the community for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Id.
    pub id: ProposalId,
    /// Who asks.
    pub organisation: OrganisationId,
    /// For what; its spaces are named.
    pub ask: SuspensionAsk,
    /// When.
    pub proposed_at: Instant,
    /// The community has answered.
    pub answered: bool,
}

impl Proposal {
    /// It can still be ordered as it was asked for.
    pub fn is_open(&self, now: Instant) -> bool {
        !self.answered && self.ask.from.is_none_or(|from| now < from) && self.ask.until.is_none_or(|until| now < until)
    }
}

/// A party's notice that ends the agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Termination {
    /// Id.
    pub id: TerminationId,
    /// Whose.
    pub organisation: OrganisationId,
    /// Why.
    pub text: String,
    /// When it was served and delivered.
    pub served_at: Instant,
    /// 24:00 of the last day.
    pub ends_at: Instant,
    /// Parties that object.
    pub disputed_by: Vec<OrganisationId>,
}

/// A property unit's leaving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Id.
    pub id: WithdrawalId,
    /// Whose.
    pub organisation: OrganisationId,
    /// Why.
    pub text: String,
    /// When it was served and delivered.
    pub served_at: Instant,
    /// 24:00 of the last day.
    pub ends_at: Instant,
    /// The spaces that leave.
    pub spaces: Vec<SpaceId>,
}

/// Everything that happened to an agreement beside its versions, as the rules need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Life {
    /// Every suspension, the first first.
    pub suspensions: Vec<Suspension>,
    /// Every notice.
    pub terminations: Vec<Termination>,
    /// Every withdrawal.
    pub withdrawals: Vec<Withdrawal>,
    /// Who consented to which annulment, and when.
    pub annulling: Vec<(VersionId, OrganisationId, Instant)>,
    /// Suspensions that went before the street and have not been reviewed since, and since when.
    pub escalated: Vec<(SuspensionId, Instant)>,
    /// The settlement: since when, and who opened it.
    pub settling: Option<(Instant, AccountId)>,
    /// How it was settled, in words.
    pub settled: Option<String>,
    /// When it was closed.
    pub closed_at: Option<Instant>,
    /// What was said then.
    pub closing: Option<String>,
}

/// Where an agreement stands, with the facts on which depends what may be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Phase.
    pub phase: Phase,
    /// Of an ended agreement: how.
    pub ended_by: Option<EndedBy>,
    /// When the last version agreed so far stops governing.
    pub ends_at: Option<Instant>,
    /// The version that is being drafted, talked over or signed.
    pub open: Option<i32>,
    /// An agreed version whose effect is to come.
    pub pending: Option<i32>,
    /// A suspension stands.
    pub suspended: bool,
    /// A notice runs, or ran out and ended the agreement.
    pub notice: bool,
    /// It governs and ends within 90 days.
    pub expiring: bool,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeEvent {
    /// Id.
    pub id: EntryId,
    /// What.
    pub kind: LifeKind,
    /// To what: an id.
    pub subject: String,
    /// For which organisation.
    pub organisation: Option<OrganisationId>,
    /// Who acted.
    pub actor: Option<AccountId>,
    /// When.
    pub at: Instant,
    /// Why.
    pub text: Option<String>,
}

/// The spaces of a suspension as the permission table sees them: whose own they are, and who runs their site.
#[derive(Debug, Clone)]
pub struct OfSpaces {
    /// Path of the managing area.
    pub area_path: String,
    /// Organisations that own every one of the spaces.
    pub owners: Vec<OrganisationId>,
    /// Organisations that run the site of every one of them.
    pub operators: Vec<OrganisationId>,
    /// Organisations that may know of the agreement.
    pub known_to: Vec<OrganisationId>,
    /// Everybody may know of it.
    pub known_to_all: bool,
}

impl Subject for OfSpaces {
    fn place(&self) -> Place {
        Place {
            areas: vec![self.area_path.clone()],
            organisations: self.owners.iter().chain(&self.operators).cloned().collect(),
            known_to: self.known_to.clone(),
            known_to_all: self.known_to_all,
            ..Place::default()
        }
    }
}

/// Something happened to an agreement; its parties are told.
#[derive(Debug, Serialize, Deserialize)]
pub struct AgreementEvent {
    /// Which agreement.
    pub agreement: AgreementId,
    /// What.
    pub kind: LifeKind,
    /// To what: an id.
    pub subject: String,
    /// Until when it lasts, or when it ends what it is about.
    pub until: Option<i64>,
    /// For which party somebody acted.
    pub organisation: Option<OrganisationId>,
    /// Who acted; not told about their own act.
    pub actor: Option<AccountId>,
}

impl Announcement for AgreementEvent {
    const KIND: &'static str = "agreement.event";
}

/// A moment at which an agreement is looked at again.
#[derive(Debug, Serialize, Deserialize)]
pub struct LifeTimer {
    /// Which agreement.
    pub agreement: AgreementId,
    /// The suspension that may have lasted too long; otherwise the term that may come to its end.
    pub suspension: Option<SuspensionId>,
    /// The end the reminder is about, UTC microseconds.
    pub ends_at: i64,
}

impl Announcement for LifeTimer {
    const KIND: &'static str = "agreement.timer";
}

/// Timer: a day comes near on which the parties of a version look at it again.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReviewTimer {
    /// Which agreement.
    pub agreement: AgreementId,
    /// Number of the version that names the day.
    pub version: i32,
    /// The civil day, where its spaces are.
    pub day: Day,
}

impl Announcement for ReviewTimer {
    const KIND: &'static str = "agreement.review_timer";
}

/// The parties are reminded of a day on which they look at the agreement again.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReviewNear {
    /// Which agreement.
    pub agreement: AgreementId,
    /// The civil day, where its spaces are.
    pub day: Day,
}

impl Announcement for ReviewNear {
    const KIND: &'static str = "agreement.review_near";
}
