//! Routes. Terms in force and the list of uses are public.

use super::model::{ClauseKind, Relation, TermInForce, Use};
use super::queries::{self, Wording};
use super::rules::{Plain, in_effect, plain};
use crate::http::Query;
use crate::kernel::form;
use crate::kernel::id::{AgreementId, SpaceId, VersionId};
use crate::kernel::{Code, Fault, Instant, Outcome, Period};
use crate::places;
use crate::store::Db;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;

/// A clause as it binds a space.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermView {
    agreement_id: AgreementId,
    /// Natural code of the agreement.
    agreement: String,
    version_id: VersionId,
    version: i32,
    clause: String,
    kind: ClauseKind,
    /// Chinese name of the kind.
    kind_zh: &'static str,
    /// English name of the kind.
    kind_en: &'static str,
    /// A booking is judged by it; the others concern the parties, the money or the care taken.
    judges_bookings: bool,
    /// Named itself, through the hall it is part of, or through a part of it.
    relation: Relation,
    exception: bool,
    from: Instant,
    to: Instant,
    /// What it does, as in the agreement.
    #[schema(value_type = Object)]
    payload: serde_json::Value,
    /// The text that binds.
    text_zh: String,
    /// Courtesy.
    text_en: Option<String>,
    /// Its effect in one sentence.
    plain_zh: String,
    plain_en: String,
}

impl TermView {
    fn of(term: &TermInForce, texts: &[Wording]) -> Self {
        let text = texts.iter().find(|(version, clause, ..)| *version == term.version && *clause == term.clause);
        let Plain { zh: plain_zh, en: plain_en } = plain(term.kind, &term.payload);
        Self {
            agreement_id: term.agreement.clone(),
            agreement: term.agreement_code.clone(),
            version_id: term.version.clone(),
            version: term.version_no,
            clause: term.clause.clone(),
            kind: term.kind,
            kind_zh: term.kind.zh(),
            kind_en: term.kind.en(),
            judges_bookings: term.kind.judges_bookings(),
            relation: term.relation,
            exception: term.exception,
            from: term.from,
            to: term.to,
            payload: term.payload.to_wire(),
            text_zh: text.map(|(_, _, zh, _)| zh.clone()).unwrap_or_default(),
            text_en: text.and_then(|(.., en)| en.clone()),
            plain_zh,
            plain_en,
        }
    }
}

/// What is agreed for a space at a moment.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermsAt {
    space_id: SpaceId,
    at: Instant,
    /// In effect; empty = no agreement opens the space at that moment.
    terms: Vec<TermView>,
    /// Where none does: agreements not signed by all yet, with who is missing.
    unsigned: Vec<UnsignedView>,
}

/// An agreement that would open the space but is not signed by all yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnsignedView {
    agreement: String,
    title_zh: String,
    version: i32,
    /// Parties whose signature is missing; empty while it is a draft.
    missing_zh: Vec<String>,
}

/// Terms in force of a space at a moment
///
/// Those of the compiled clauses that bind then. Without `at`: now.
#[utoipa::path(tag = "agreements", params(("id" = SpaceId, Path), ("at" = Option<Instant>, Query, description = "RFC 3339 with offset")),
    responses((status = 200, body = TermsAt)))]
#[get("/spaces/{id}/terms")]
pub async fn get_terms(db: Data<Db>, id: Path<SpaceId>, query: Query) -> Outcome<Json<TermsAt>> {
    let at = query.read(|form| Some(form.may("at", form::instant)))?;
    let view = db.read(move |tx| {
        let now = tx.now();
        let at = at.unwrap_or(now);
        places::queries::located(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let moment = Period::new(at, Instant(at.0 + 1)).ok_or_else(|| Fault::internal("an instant is no period"))?;
        let rows = queries::all_of_space(tx, &id, moment)?;
        let texts = queries::texts(tx, &id, moment)?;
        let terms: Vec<TermView> = in_effect(&rows, at).into_iter().map(|term| TermView::of(term, &texts)).collect();
        // Where a space is open already, what is negotiated beside it is the parties' own.
        let open = if terms.is_empty() { queries::missing_signatures(tx, &id)? } else { vec![] };
        let unsigned = open.into_iter().map(|open| UnsignedView {
            agreement: open.agreement_code,
            title_zh: open.title_zh,
            version: open.version_no,
            missing_zh: open.missing.into_iter().map(|(zh, _)| zh).collect(),
        });
        let unsigned = unsigned.collect();
        Ok(TermsAt { space_id: id.clone(), at, terms, unsigned })
    });
    Ok(Json(view.await?))
}

/// A use of a space.
#[derive(Debug, Serialize, ToSchema)]
pub struct UseView {
    code: Use,
    zh: &'static str,
    en: &'static str,
    noise: super::model::Noise,
    parent: Option<Use>,
    /// 八进社区 tag.
    tag: Option<&'static str>,
}

/// The list of uses
#[utoipa::path(tag = "places", responses((status = 200, body = Vec<UseView>)))]
#[get("/uses")]
pub async fn get_uses() -> Json<Vec<UseView>> {
    let view = |u: &Use| UseView { code: *u, zh: u.zh(), en: u.en(), noise: u.noise(), parent: u.parent(), tag: u.tag() };
    Json(Use::ALL.iter().map(view).collect())
}
