//! Types.

pub mod lifecycle;
pub mod rounds;
pub mod signing;
pub mod votes;
pub mod waiting;

use crate::access::{Place, Subject};
use crate::kernel::id::{AccountId, AgreementId, AreaId, OrganisationId, RepresentativeId, SignatureId, SiteId, VersionId};
use crate::kernel::{Fault, Instant, Outcome, Period, form};
use crate::outbox::Announcement;
use crate::terms::model::{Clause, PartyCapacity};
use crate::words;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use signing::Window;
use std::cell::OnceCell;

words! {
    /// State of a version as stored. Whether an agreed version is in force follows from its dates.
    pub enum VersionState {
        /// May still change.
        Draft = "draft",
        /// Frozen and hashed; the parties talk it over.
        InRound = "in_round",
        /// Talked over; another version follows it.
        Discussed = "discussed",
        /// Frozen and hashed; nobody has signed.
        Proposed = "proposed",
        /// Some have signed.
        PartiallySigned = "partially_signed",
        /// All have signed.
        Agreed = "agreed",
        /// A party declined.
        Declined = "declined",
        /// Taken back by those who proposed it.
        Withdrawn = "withdrawn",
        /// The signing window is over.
        Lapsed = "lapsed",
        /// Agreed, and taken back by all who signed it before it took effect.
        Annulled = "annulled",
    }
}

impl VersionState {
    /// It can be signed, declined and withdrawn.
    pub const fn is_open_for_signing(self) -> bool {
        matches!(self, VersionState::Proposed | VersionState::PartiallySigned)
    }
}

words! {
    /// Where an agreed version stands at a moment.
    pub enum Effect {
        /// Agreed, begins later.
        Pending = "pending",
        /// Governs now.
        InForce = "in_force",
        /// A successor has taken over.
        Superseded = "superseded",
        /// Its term is over.
        Expired = "expired",
    }
}

words! {
    /// What a party says of a version in a round. Saying nothing is none of these.
    pub enum Stand {
        /// For it.
        Support = "support",
        /// For it under a condition.
        SupportIf = "support_if",
        /// Against it, with the reason.
        Object = "object",
        /// Neither.
        Abstain = "abstain",
    }
}

words! {
    /// How a party signed.
    pub enum Method {
        /// Signed in here by a representative.
        Electronic = "electronic",
        /// On paper; recorded with the hash of the scan, counts once the party confirms it.
        Paper = "paper",
        /// Outside the power of who signed; counts since the party ratified it.
        Ratified = "ratified",
    }
}

words! {
    /// What happened to a version.
    pub enum EventKind {
        /// Written down.
        Drafted = "drafted",
        /// Changed while a draft.
        Edited = "edited",
        /// Frozen, hashed and put to the parties to talk over.
        RoundOpened = "round_opened",
        /// A party said what it thinks.
        PositionStated = "position_stated",
        /// A position was answered.
        Replied = "replied",
        /// The round is over.
        RoundClosed = "round_closed",
        /// Frozen, hashed and put to the parties to sign.
        Proposed = "proposed",
        /// The signing window was made longer.
        Extended = "extended",
        /// A party signed.
        Signed = "signed",
        /// A party confirmed its paper signature.
        Confirmed = "confirmed",
        /// Somebody signed without the power to; the party may ratify it.
        SignedOutsidePower = "signed_outside_power",
        /// The party ratified it.
        Ratified = "ratified",
        /// The party refused to.
        RatificationRefused = "ratification_refused",
        /// The party said nothing in time, which is refusal.
        RatificationLapsed = "ratification_lapsed",
        /// A party agreed that its representative signs for another party too.
        AgencyConsented = "agency_consented",
        /// The result of an owners' vote was recorded.
        VoteRecorded = "vote_recorded",
        /// A second person confirmed it.
        VoteConfirmed = "vote_confirmed",
        /// A party declined, and the version ended with it.
        Declined = "declined",
        /// A party declined; the version can do without it, and its dissent stays visible.
        Dissented = "dissented",
        /// Taken back.
        Withdrawn = "withdrawn",
        /// The last signature arrived.
        Agreed = "agreed",
        /// The signing window ended.
        Lapsed = "lapsed",
        /// All who signed took it back before it took effect.
        Annulled = "annulled",
    }
}

/// Identity of an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Id.
    pub id: AgreementId,
    /// Natural code.
    pub code: String,
    /// Managing area: selects the audit chain.
    pub area: AreaId,
    /// Path of the managing area.
    pub area_path: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: Option<String>,
    /// Sites it covers.
    pub sites: Vec<SiteId>,
}

/// What an agreement is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementFacts {
    /// Natural code.
    pub code: String,
    /// Managing area.
    pub area: AreaId,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: Option<String>,
    /// Sites it covers.
    pub sites: Vec<SiteId>,
}

/// A version.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Id.
    pub id: VersionId,
    /// Of which agreement.
    pub agreement: AgreementId,
    /// Number from 1.
    pub no: i32,
    /// State.
    pub state: VersionState,
    /// Its clauses.
    pub wording: Wording,
    /// RFC 8785 bytes, from proposing on.
    pub canonical: Option<String>,
    /// Their SHA-256.
    pub sha256: Option<String>,
    /// Counts changes, for the ETag.
    pub revision: i32,
    /// How long it may be signed, once proposed.
    pub signing: Option<Window>,
    /// When it governs, once agreed.
    pub effect: Option<EffectDates>,
}

/// The clauses of a version as they are stored. They are read when somebody asks for them: most of what is asked of the versions of an
/// agreement is when they govern, and reading one takes longer than all the rest.
#[derive(Debug, Clone)]
pub struct Wording {
    stored: String,
    read: OnceCell<Vec<Clause>>,
}

impl Wording {
    /// A JSON list of clauses.
    pub fn stored(stored: String) -> Self {
        Self { stored, read: OnceCell::new() }
    }

    /// They were validated when they were written: those that do not read are a bug.
    pub fn clauses(&self) -> Outcome<&[Clause]> {
        if let Some(read) = self.read.get() {
            return Ok(read);
        }
        let list: Value = serde_json::from_str(&self.stored).map_err(Fault::internal)?;
        let read = form::read(&json!({ "clauses": list }), |form| form.need("clauses", form::list(0..=usize::MAX, Clause::read)))
            .map_err(|faults| Fault::internal(format!("stored clauses do not read: {faults:?}")))?;
        Ok(self.read.get_or_init(|| read))
    }
}

/// As stored, whether read or not.
impl PartialEq for Wording {
    fn eq(&self, other: &Self) -> bool {
        self.stored == other.stored
    }
}

impl Version {
    /// Its clauses in order.
    pub fn clauses(&self) -> Outcome<&[Clause]> {
        self.wording.clauses()
    }

    /// Its state at a moment: one that is open for signing has lapsed once its window is over, timer or not.
    pub fn state_at(&self, now: Instant) -> VersionState {
        match self.signing {
            Some(window) if self.state.is_open_for_signing() && window.closes_at <= now => VersionState::Lapsed,
            _ => self.state,
        }
    }
}

/// When an agreed version governs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectDates {
    /// The last signature.
    pub agreed_at: Instant,
    /// First moment.
    pub from: Instant,
    /// First moment after; moved earlier by a successor.
    pub to: Instant,
    /// A successor begins where it ends.
    pub superseded: bool,
}

/// A party of a proposed version and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyState {
    /// Who.
    pub organisation: OrganisationId,
    /// Natural code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// In which capacity.
    pub capacity: PartyCapacity,
    /// Signing stage.
    pub stage: i32,
    /// Its signature.
    pub signature: Option<Signature>,
    /// Its decline: when and why.
    pub declined: Option<(Instant, String)>,
}

impl PartyState {
    /// The party is bound: it signed, and confirmed if on paper.
    pub fn has_signed(&self) -> bool {
        self.signature.as_ref().is_some_and(|s| s.confirmed_at.is_some())
    }
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Id.
    pub id: SignatureId,
    /// How.
    pub method: Method,
    /// Who signed, or recorded the paper.
    pub account: AccountId,
    /// The representation it rests on.
    pub representative: Option<RepresentativeId>,
    /// SHA-256 of the scan.
    pub evidence_sha256: Option<String>,
    /// When.
    pub signed_at: Instant,
    /// When it began to count.
    pub confirmed_at: Option<Instant>,
    /// Who confirmed a paper signature for the party.
    pub confirmed_by: Option<AccountId>,
}

/// An agreement as the permission table sees it.
#[derive(Debug, Clone)]
pub struct Shared {
    /// Path of the managing area.
    pub area_path: String,
    /// Parties of any version, and the owners of what it covers.
    pub organisations: Vec<OrganisationId>,
    /// A version was agreed: everybody may know of the agreement.
    pub known_to_all: bool,
}

impl Subject for Shared {
    fn place(&self) -> Place {
        Place {
            areas: vec![self.area_path.clone()],
            organisations: self.organisations.clone(),
            known_to_all: self.known_to_all,
            ..Place::default()
        }
    }
}

/// One organisation's part in an agreement, as the permission table sees it.
#[derive(Debug, Clone)]
pub struct AsParty<'a> {
    /// The agreement.
    pub shared: &'a Shared,
    /// The organisation acted for.
    pub organisation: &'a OrganisationId,
}

impl Subject for AsParty<'_> {
    fn place(&self) -> Place {
        // Whoever may see the agreement may know its parties: acting for another one is 403, not 404.
        let shared = self.shared.place();
        Place { organisations: vec![self.organisation.clone()], known_to: shared.organisations.clone(), ..shared }
    }
}

/// Something happened to a version; its parties are told.
#[derive(Debug, Serialize, Deserialize)]
pub struct VersionEvent {
    /// Which version.
    pub version: VersionId,
    /// What.
    pub kind: EventKind,
    /// For which party somebody acted.
    pub organisation: Option<OrganisationId>,
    /// Who acted; not told about their own act.
    pub actor: Option<AccountId>,
}

impl Announcement for VersionEvent {
    const KIND: &'static str = "version.event";
}

impl EffectDates {
    /// Where the version stands at a moment.
    pub fn at(&self, now: Instant) -> Effect {
        match Period::new(self.from, self.to) {
            Some(period) if now < period.start() => Effect::Pending,
            Some(period) if now < period.end() => Effect::InForce,
            _ if self.superseded => Effect::Superseded,
            _ => Effect::Expired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Code;

    #[test]
    fn clauses_are_read_when_they_are_asked_for() {
        let wording = |text: &str| Wording::stored(text.into());
        let one =
            wording(r#"[{"id":"until","kind":"term","text_zh":"到年底。","payload":{"first_day":"2026-01-01","last_day":"2026-12-31"}}]"#);
        let unread = one.clone();
        assert_eq!(one.clauses().unwrap().first().map(|clause| clause.id.as_str()), Some("until"));
        assert_eq!(one, unread, "having been read is no difference");
        assert_ne!(one, wording("[]"));
        for broken in ["", "{}", r#"[{"id":"x"}]"#] {
            assert_eq!(wording(broken).clauses().unwrap_err().code, Code::Internal, "{broken}");
        }
    }
}
