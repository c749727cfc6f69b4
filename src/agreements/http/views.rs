//! Wire types.

use super::agency::PendingSignatureView;
use super::consent::ConsentView;
use super::lifecycle::LifeView;
use super::votes::OwnersDecisionView;
use crate::agreements::model::{Agreement, Effect, EventKind, Method, PartyState, Version, VersionState};
use crate::kernel::id::{AccountId, AgreementId, AreaId, OrganisationId, SignatureId, SiteId, VersionId};
use crate::kernel::{Instant, Reason};
use crate::terms::model::{Clause, ClauseKind, PartyCapacity};
use crate::terms::rules::{Plain, plain};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An agreement on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementView {
    pub(super) id: AgreementId,
    pub(super) code: String,
    pub(super) area_id: AreaId,
    pub(super) title_zh: String,
    pub(super) title_en: Option<String>,
    pub(super) site_ids: Vec<SiteId>,
}

impl From<Agreement> for AgreementView {
    fn from(agreement: Agreement) -> Self {
        Self {
            id: agreement.id,
            code: agreement.code,
            area_id: agreement.area,
            title_zh: agreement.title_zh,
            title_en: agreement.title_en,
            site_ids: agreement.sites,
        }
    }
}

/// A clause on the wire; see the hub files for examples of every kind.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the clause; read and written by terms::model::Clause")]
pub struct ClauseView {
    /// Natural code, unique in its version.
    pub(super) id: String,
    pub(super) kind: ClauseKind,
    /// `site/space`; empty = every space the agreement covers.
    pub(super) spaces: Option<Vec<String>>,
    /// First civil day it applies.
    pub(super) from: Option<String>,
    /// First civil day it no longer applies.
    pub(super) to: Option<String>,
    /// Label of an exception; needs `from` and `to`.
    pub(super) exception: Option<String>,
    pub(super) material: Option<bool>,
    /// The text that binds.
    pub(super) text_zh: String,
    /// Courtesy.
    pub(super) text_en: Option<String>,
    /// What it does, by kind.
    #[schema(value_type = Object)]
    pub(super) payload: Value,
}

/// A party and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartyView {
    pub(super) organisation_id: OrganisationId,
    pub(super) code: String,
    pub(super) name_zh: String,
    pub(super) name_en: Option<String>,
    pub(super) capacity: PartyCapacity,
    pub(super) stage: i32,
    /// Its signature, if any; a paper one counts once confirmed.
    pub(super) signature: Option<SignatureView>,
    /// Why it declined; only for those who may see the negotiation.
    pub(super) declined: Option<DeclineView>,
}

/// A signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignatureView {
    pub(super) id: SignatureId,
    pub(super) method: Method,
    pub(super) signed_at: Instant,
    evidence_sha256: Option<String>,
    pub(super) confirmed_at: Option<Instant>,
}

/// A decline.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeclineView {
    pub(super) at: Instant,
    pub(super) reason: String,
}

impl From<PartyState> for PartyView {
    fn from(party: PartyState) -> Self {
        Self {
            organisation_id: party.organisation,
            code: party.code,
            name_zh: party.name_zh,
            name_en: party.name_en,
            capacity: party.capacity,
            stage: party.stage,
            signature: party.signature.map(|s| SignatureView {
                id: s.id,
                method: s.method,
                signed_at: s.signed_at,
                evidence_sha256: s.evidence_sha256,
                confirmed_at: s.confirmed_at,
            }),
            declined: party.declined.map(|(at, reason)| DeclineView { at, reason }),
        }
    }
}

/// A version without its clauses.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionSummary {
    pub(super) id: VersionId,
    pub(super) version: i32,
    pub(super) state: VersionState,
    /// Of an agreed version: where it stands now.
    pub(super) effect: Option<Effect>,
    pub(super) from: Option<Instant>,
    pub(super) to: Option<Instant>,
    pub(super) agreed_at: Option<Instant>,
    /// Until when it may be signed, once proposed.
    pub(super) closes_at: Option<Instant>,
    /// SHA-256 of the canonical document, from proposing on; what a signature binds.
    sha256: Option<String>,
}

impl VersionSummary {
    pub(super) fn of(version: &Version, now: Instant) -> Self {
        Self {
            id: version.id.clone(),
            version: version.no,
            state: version.state_at(now),
            effect: version.effect.filter(|_| version.state == VersionState::Agreed).map(|dates| dates.at(now)),
            from: version.effect.map(|dates| dates.from),
            to: version.effect.map(|dates| dates.to),
            agreed_at: version.effect.map(|dates| dates.agreed_at),
            closes_at: version.signing.map(|window| window.closes_at),
            sha256: version.sha256.clone(),
        }
    }
}

/// What happened to a version.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    pub(super) kind: EventKind,
    pub(super) at: Instant,
    /// Who acted; null for the service itself and for readers who are no party.
    pub(super) account_id: Option<AccountId>,
}

/// The plain effect of a clause.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlainView {
    /// Id of the clause.
    clause: String,
    zh: String,
    en: String,
}

impl From<&Clause> for PlainView {
    fn from(clause: &Clause) -> Self {
        let Plain { zh, en } = plain(clause.kind, &clause.payload);
        Self { clause: clause.id.clone(), zh, en }
    }
}

/// A version in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    #[serde(flatten)]
    pub(super) summary: VersionSummary,
    #[schema(value_type = Vec<ClauseView>)]
    pub(super) clauses: Vec<Value>,
    /// The effect of each clause in one sentence.
    pub(super) plain: Vec<PlainView>,
    /// The very bytes the parties sign (RFC 8785); hash them to check `sha256`.
    pub(super) canonical: Option<String>,
    pub(super) parties: Vec<PartyView>,
    pub(super) events: Vec<EventView>,
    /// Of a draft, or a version being talked over: what still stands against proposing it.
    pub(super) obstacles: Vec<Reason>,
    /// Which changes it makes, whose consent each needs, and how far that is; null once agreed.
    pub(super) consent: Option<ConsentView>,
    /// What was signed outside a power; only for those who may see the negotiation.
    pub(super) pending_signatures: Vec<PendingSignatureView>,
    /// Owners' votes recorded about it.
    pub(super) owners_decisions: Vec<OwnersDecisionView>,
}

/// An agreement with its versions, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementDetail {
    #[serde(flatten)]
    pub(super) agreement: AgreementView,
    /// Where it stands.
    pub(super) life: LifeView,
    pub(super) versions: Vec<VersionSummary>,
}
