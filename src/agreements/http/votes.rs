//! The owners' vote on a common part: its result, and why it is not held here.

use super::signing::on_version;
use super::views::VersionSummary;
use crate::access::Caller;
use crate::access::deeds::RecordOwnersVote;
use crate::agreements::model::votes::{AreaBasis, Count, RecordedVote, Vote};
use crate::agreements::{actions, queries};
use crate::http::{KeyedBody, Reply};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{AgreementId, VoteId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::store::Db;
use crate::terms::model::VoteMatter;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

/// Most heads, or 0.01 m², that are believed.
const MOST: i64 = 1_000_000_000_000;

fn count(form: &mut Form, [all, took_part, yes]: [&'static str; 3]) -> Option<Count> {
    let all = form.need(all, form::int(1..=MOST));
    let took_part = form.need(took_part, form::int(0..=MOST));
    let yes = form.need(yes, form::int(0..=MOST));
    Some(Count { all: all?, took_part: took_part?, yes: yes? })
}

/// The result of an owners' vote.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "matter": "ordinary", "heads_all": 5032, "heads_took_part": 3355, "heads_yes": 2517, "area_all": 40000000, "area_took_part": 27000000, "area_yes": 20000000, "area_basis": "register", "notice_on": "2026-11-01", "voted_on": "2026-11-20", "posted_on": "2026-11-22", "evidence_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}))]
pub struct OwnersDecisionAsk {
    /// Hash of the document that was voted about; another one is refused.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
    /// As which matter it was put to the vote.
    matter: VoteMatter,
    /// Owners by heads (who owns several units is one): all,
    #[schema(minimum = 1)]
    heads_all: i64,
    /// … taking part,
    #[schema(minimum = 0)]
    heads_took_part: i64,
    /// … and voting yes.
    #[schema(minimum = 0)]
    heads_yes: i64,
    /// Their exclusive area in 0.01 m²: all,
    #[schema(minimum = 1)]
    area_all: i64,
    /// … of those taking part,
    #[schema(minimum = 0)]
    area_took_part: i64,
    /// … and of those voting yes.
    #[schema(minimum = 0)]
    area_yes: i64,
    /// Where the areas come from.
    area_basis: AreaBasis,
    /// The day the vote was announced.
    #[schema(value_type = String, format = "date")]
    notice_on: String,
    /// The last day of voting.
    #[schema(value_type = String, format = "date")]
    voted_on: String,
    /// The day the result was posted.
    #[schema(value_type = String, format = "date")]
    posted_on: String,
    /// SHA-256 of the evidence.
    #[schema(min_length = 64, max_length = 64)]
    evidence_sha256: String,
}

/// A recorded result.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnersDecisionView {
    id: VoteId,
    matter: VoteMatter,
    /// Owners by heads (who owns several units is one): all,
    heads_all: i64,
    /// … taking part,
    heads_took_part: i64,
    /// … and voting yes.
    heads_yes: i64,
    /// Their exclusive area in 0.01 m²: all,
    area_all: i64,
    /// … of those taking part,
    area_took_part: i64,
    /// … and of those voting yes.
    area_yes: i64,
    area_basis: AreaBasis,
    #[schema(format = "date")]
    notice_on: String,
    #[schema(format = "date")]
    voted_on: String,
    #[schema(format = "date")]
    posted_on: String,
    evidence_sha256: String,
    recorded_at: Instant,
    /// It counts once a second person has confirmed it.
    confirmed_at: Option<Instant>,
}

impl From<RecordedVote> for OwnersDecisionView {
    fn from(recorded: RecordedVote) -> Self {
        let vote = recorded.vote;
        Self {
            id: recorded.id,
            matter: vote.matter,
            heads_all: vote.heads.all,
            heads_took_part: vote.heads.took_part,
            heads_yes: vote.heads.yes,
            area_all: vote.area.all,
            area_took_part: vote.area.took_part,
            area_yes: vote.area.yes,
            area_basis: vote.basis,
            notice_on: vote.notice_on.to_string(),
            voted_on: vote.voted_on.to_string(),
            posted_on: vote.posted_on.to_string(),
            evidence_sha256: recorded.evidence_sha256,
            recorded_at: recorded.recorded_at,
            confirmed_at: recorded.confirmed_at,
        }
    }
}

/// Record the result of an owners' vote
///
/// Computed again from its figures (Civil Code art. 278): two thirds take part, then more than half, or three quarters of a
/// special matter, by heads and by area. Figures that contradict each other are 422, a vote that did not carry is 409
/// `vote-not-passed`. It counts once a second person has confirmed it.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = OwnersDecisionAsk,
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = OwnersDecisionView)))]
#[post("/agreements/{id}/versions/{no}/owners-decisions")]
pub async fn post_owners_decision(
    db: Data<Db>,
    caller: Caller<RecordOwnersVote>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (vote, hash, evidence) = ask.body.read(|form| {
        let hash = form.need("sha256", form::sha256);
        let matter = form.need("matter", form::word);
        let heads = count(form, ["heads_all", "heads_took_part", "heads_yes"]);
        let area = count(form, ["area_all", "area_took_part", "area_yes"]);
        let basis = form.need("area_basis", form::word);
        let notice_on = form.need("notice_on", form::day);
        let voted_on = form.need("voted_on", form::day);
        let posted_on = form.need("posted_on", form::day);
        let evidence = form.need("evidence_sha256", form::sha256);
        let vote = Vote {
            matter: matter?,
            heads: heads?,
            area: area?,
            basis: basis?,
            notice_on: notice_on?,
            voted_on: voted_on?,
            posted_on: posted_on?,
        };
        Some((vote, hash?, evidence?))
    })?;
    on_version(db, caller, path, ask, move |tx, caller, agreement, shared, version| {
        let permit = caller.permit(tx, shared)?;
        let id = actions::votes::record(tx, &permit, agreement, version, &vote, (&hash, &evidence))?;
        let recorded = queries::votes::of_version(tx, &version.id)?.into_iter().find(|recorded| recorded.id == id);
        let recorded = recorded.ok_or_else(|| Fault::internal("a vote just recorded is gone"))?;
        let location = format!("/api/v1/agreements/{}/versions/{}", agreement.id, version.no);
        Reply::created(location, None, &OwnersDecisionView::from(recorded))
    })
    .await
}

/// Confirm the recorded result of an owners' vote
///
/// A second person: never who recorded it. With it the version may be agreed.
#[utoipa::path(tag = "agreements", security(("bearer" = [])),
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("vote" = VoteId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = VersionSummary)))]
#[post("/agreements/{id}/versions/{no}/owners-decisions/{vote}/confirmation")]
pub async fn post_owners_decision_confirmation(
    db: Data<Db>,
    caller: Caller<RecordOwnersVote>,
    path: Path<(AgreementId, i32, VoteId)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    ask.body.read(|_| Some(()))?;
    let (id, no, vote) = path.into_inner();
    on_version(db, caller, (id, no).into(), ask, move |tx, caller, agreement, shared, version| {
        let permit = caller.permit(tx, shared)?;
        actions::votes::confirm(tx, &permit, agreement, version, &vote)?;
        super::signing::state_reply(tx, agreement, version)
    })
    .await
}

/// Ask for an owners' vote to be held here
///
/// Always refused, with the reason: a vote over the internet is held in the city's system, and here its result is recorded
/// (Beijing property management regulation, 2024).
#[utoipa::path(tag = "agreements", security(("bearer" = [])), params(("id" = AgreementId, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 409, description = "`vote-runs-elsewhere`", body = crate::http::Problem, content_type = "application/problem+json")))]
#[post("/agreements/{id}/versions/{no}/owners-votes")]
pub async fn post_owners_vote(
    db: Data<Db>,
    caller: Caller<RecordOwnersVote>,
    path: Path<(AgreementId, i32)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    ask.body.read(|_| Some(()))?;
    on_version(db, caller, path, ask, move |tx, caller, _, shared, _| {
        caller.permit(tx, shared)?;
        Err(Code::VoteRunsElsewhere.into())
    })
    .await
}
