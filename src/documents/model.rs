//! Types.

use crate::agreements::model::{Effect, EffectDates, Method, VersionState};
use crate::kernel::id::{AgreementId, VersionId};
use crate::kernel::{Instant, Zone};
use crate::terms::model::{Clause, PartyCapacity};

/// A version with everything its paper says.
#[derive(Debug, Clone)]
pub struct Paper {
    /// Identity of the agreement, for the address to verify at.
    pub agreement_id: AgreementId,
    /// Natural code of the agreement.
    pub agreement: String,
    /// Title.
    pub title_zh: String,
    /// Number of the version.
    pub version: i32,
    /// State.
    pub state: VersionState,
    /// When it governs, and where that stands now; once agreed.
    pub effect: Option<(EffectDates, Effect)>,
    /// Chinese name of the managing area.
    pub area_zh: String,
    /// Sites it covers: name and address.
    pub sites: Vec<(String, Option<String>)>,
    /// Zone of time of the sites.
    pub zone: Zone,
    /// Clauses in order, each with the names of the spaces it is for; none = every space.
    pub clauses: Vec<(Clause, Vec<String>)>,
    /// Parties in order of stage.
    pub parties: Vec<PaperParty>,
    /// SHA-256 of the canonical bytes, once frozen.
    pub sha256: Option<String>,
    /// Where the audit chain keeps what happened to the version.
    pub audit: Option<AuditRange>,
    /// The names are in full: the reader acts for a party.
    pub full_names: bool,
    /// When the paper was made.
    pub made_at: Instant,
}

/// A party on the paper.
#[derive(Debug, Clone)]
pub struct PaperParty {
    /// Chinese name.
    pub name_zh: String,
    /// In which capacity.
    pub capacity: PartyCapacity,
    /// Signing stage.
    pub stage: i32,
    /// Its signature.
    pub signature: Option<PaperSignature>,
}

/// A signature on the paper.
#[derive(Debug, Clone)]
pub struct PaperSignature {
    /// How.
    pub method: Method,
    /// Who signed, or confirmed the paper for the party; masked unless the reader may know. `None` while nobody confirmed it.
    pub signer: Option<String>,
    /// The power it rests on.
    pub power: Option<PaperPower>,
    /// SHA-256 of the scan.
    pub evidence_sha256: Option<String>,
    /// When it was given, or the paper recorded.
    pub signed_at: Instant,
    /// When it began to count.
    pub confirmed_at: Option<Instant>,
}

/// A power to sign.
#[derive(Debug, Clone)]
pub struct PaperPower {
    /// From.
    pub from: Instant,
    /// Until.
    pub to: Instant,
    /// The document that gives it; only for the parties.
    pub evidence: Option<String>,
}

/// Entries of an audit chain about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRange {
    /// Id of the managing area.
    pub chain: String,
    /// Number of the first entry.
    pub first: i64,
    /// Number of the last.
    pub last: i64,
    /// How many they are.
    pub entries: i64,
    /// Hash of the last.
    pub last_hash: String,
}

/// A hash that is known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Of the canonical bytes of a version.
    Text(VersionId),
    /// Of the scan of a paper signature on a version, for the party of that Chinese name.
    Scan(VersionId, String),
}
