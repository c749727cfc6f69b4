//! Talking it over: rounds, positions, replies.

use super::signing::{drafters_verb, on_version};
use super::{found, insight};
use crate::access::deeds::{DraftVersion, SeeAgreement, StatePosition};
use crate::access::{Caller, Permit};
use crate::agreements::model::rounds::{Position, Round};
use crate::agreements::model::{AsParty, PartyState, Stand};
use crate::agreements::{actions, queries};
use crate::http::{KeyedBody, Reply};
use crate::kernel::form;
use crate::kernel::id::{AgreementId, OrganisationId, PositionId, RoundId};
use crate::kernel::{Instant, Outcome};
use crate::store::Db;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

/// Open a round about a draft
///
/// Freezes and hashes the draft and puts it to its parties to talk over. Every objection and condition of earlier rounds
/// needs its written reply first (409 `not-proposable`).
#[utoipa::path(tag = "agreements", security(("bearer" = [])), params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = super::views::VersionSummary)))]
#[post("/agreements/{id}/versions/{no}/round")]
pub async fn post_round(
    db: Data<Db>,
    caller: Caller<DraftVersion>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    drafters_verb(db, caller, path, ask, |tx, permit, agreement, version| actions::rounds::open(tx, permit, agreement, version).map(drop))
        .await
}

/// Close the round about a version
///
/// Who has said nothing by then gave no response, which is never consent.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = super::views::VersionSummary)))]
#[post("/agreements/{id}/versions/{no}/round/closing")]
pub async fn post_round_closing(
    db: Data<Db>,
    caller: Caller<DraftVersion>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    drafters_verb(db, caller, path, ask, |tx, permit, agreement, version| actions::rounds::close(tx, permit, agreement, version).map(drop))
        .await
}

/// What a party says of the version of a round.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"organisation_id": "org_01h455vb4pex5vsknk084sn02q", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "stand": "support_if", "text": "冬天提前一小时关门。"}))]
pub struct PositionAsk {
    /// The party spoken for.
    organisation_id: OrganisationId,
    /// Hash of the document that was read; another one is refused.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
    stand: Stand,
    /// The condition of a `support_if`, the reason of an `object`; may be left out otherwise. Every party reads it.
    #[schema(max_length = 1000)]
    text: Option<String>,
}

/// A position that was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct PositionMade {
    position_id: PositionId,
}

/// State a position for one's own organisation
///
/// Once a round, and it stays as it was said. The representative's power is read in the same transaction.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = PositionAsk,
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = PositionMade)))]
#[post("/agreements/{id}/versions/{no}/positions")]
pub async fn post_position(
    db: Data<Db>,
    caller: Caller<StatePosition>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (organisation, hash, stand, text) = ask.body.read(|form| {
        let organisation = form.need("organisation_id", form::id::<OrganisationId>);
        let hash = form.need("sha256", form::sha256);
        let stand = form.need("stand", form::word::<Stand>);
        let text = form.may("text", form::prose(1000));
        if text.is_none() && matches!(stand, Some(Stand::SupportIf | Stand::Object)) {
            form.fault("text", "missing", "有条件同意或反对，都要写明。", "A condition or an objection must be written down.");
        }
        Some((organisation?, hash?, stand?, text))
    })?;
    on_version(db, caller, path, ask, move |tx, caller, agreement, shared, version| {
        let permit = caller.permit(tx, &AsParty { shared, organisation: &organisation })?;
        let said = (stand, text.as_deref());
        let position_id = actions::rounds::speak(tx, &permit, agreement, version, &organisation, &hash, said)?;
        Reply::created(format!("/api/v1/agreements/{}/rounds", agreement.id), None, &PositionMade { position_id })
    })
    .await
}

/// A reply to a position.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"text": "好，写进新的一版了。"}))]
pub struct ReplyAsk {
    /// Every party reads it.
    #[schema(max_length = 1000)]
    text: String,
}

/// Answer a position in writing
///
/// Once. An objection or a condition without a reply stands against the next round and against proposing.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = ReplyAsk,
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("position" = PositionId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = PositionMade)))]
#[post("/agreements/{id}/versions/{no}/positions/{position}/reply")]
pub async fn post_reply(
    db: Data<Db>,
    caller: Caller<DraftVersion>,
    path: Path<(AgreementId, i32, PositionId)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let text = ask.body.read(|form| form.need("text", form::prose(1000)))?;
    let (id, no, position) = path.into_inner();
    on_version(db, caller, (id, no).into(), ask, move |tx, caller, agreement, shared, version| {
        let permit: Permit<DraftVersion> = caller.permit(tx, shared)?;
        actions::rounds::reply(tx, &permit, agreement, version, &position, &text)?;
        Reply::created(format!("/api/v1/agreements/{}/rounds", agreement.id), None, &PositionMade { position_id: position.clone() })
    })
    .await
}

/// A round, readable for ever.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoundView {
    id: RoundId,
    /// Within the agreement, from 1.
    round: i32,
    /// The version it is about.
    version: i32,
    opened_at: Instant,
    /// When it was closed.
    closed_at: Option<Instant>,
    /// Every party of the version, in order of stage; who said nothing has no position.
    voices: Vec<VoiceView>,
}

/// A party in a round.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoiceView {
    organisation_id: OrganisationId,
    name_zh: String,
    name_en: Option<String>,
    /// Null: no response, which is never consent.
    position: Option<PositionView>,
}

/// What a party said.
#[derive(Debug, Serialize, ToSchema)]
pub struct PositionView {
    id: PositionId,
    stand: Stand,
    text: Option<String>,
    stated_at: Instant,
    reply: Option<ReplyView>,
}

/// What the drafters answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplyView {
    text: String,
    at: Instant,
}

impl RoundView {
    fn of(round: Round, parties: Vec<PartyState>) -> Self {
        let mut said = round.positions;
        let voice = |party: PartyState| {
            let at = said.iter().position(|position| position.organisation == party.organisation);
            let position = at.map(|at| said.swap_remove(at)).map(|Position { id, stand, text, stated_at, reply, .. }| PositionView {
                id,
                stand,
                text,
                stated_at,
                reply: reply.map(|reply| ReplyView { text: reply.text, at: reply.at }),
            });
            VoiceView { organisation_id: party.organisation, name_zh: party.name_zh, name_en: party.name_en, position }
        };
        Self {
            voices: parties.into_iter().map(voice).collect(),
            id: round.id,
            round: round.no,
            version: round.version_no,
            opened_at: round.opened_at,
            closed_at: round.closed_at,
        }
    }
}

/// Rounds of an agreement
///
/// The first first, with every position and reply. For the parties and those who oversee the agreement; everybody reads the
/// rounds that led to an agreed version.
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])), params(("id" = AgreementId, Path)), responses((status = 200, body = Vec<RoundView>)))]
#[get("/agreements/{id}/rounds")]
pub async fn get_rounds(db: Data<Db>, request: HttpRequest, id: Path<AgreementId>) -> Outcome<Json<Vec<RoundView>>> {
    let caller = Caller::<SeeAgreement>::maybe(&request)?;
    let rounds = db
        .read(move |tx| {
            let (_, shared) = found(tx, &id)?;
            let inside = insight(tx, caller.as_ref(), &shared)?;
            let agreed = queries::agreed_before(tx, &id, i32::MAX)?.map(|version| version.no);
            let mut all = Vec::new();
            for round in queries::rounds::rounds(tx, &id)? {
                if inside || agreed.is_some_and(|agreed| round.version_no <= agreed) {
                    let parties = queries::parties(tx, &round.version)?;
                    all.push(RoundView::of(round, parties));
                }
            }
            Ok(all)
        })
        .await?;
    Ok(Json(rounds))
}
