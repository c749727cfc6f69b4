//! What a version changes.

use super::views::PlainView;
use super::{found_version, insight};
use crate::access::Caller;
use crate::access::deeds::SeeAgreement;
use crate::agreements::model::{Version, VersionState};
use crate::agreements::queries;
use crate::agreements::rules::changes::{Change, changes};
use crate::http::Query;
use crate::kernel::id::AgreementId;
use crate::kernel::{Code, Outcome};
use crate::store::Db;
use crate::terms::model::{Clause, ClauseKind};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, get};
use serde::Serialize;
use utoipa::ToSchema;

/// What a version changes of another.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangesView {
    /// The earlier version; null when there is none, and everything is new.
    from: Option<i32>,
    /// The later one.
    to: i32,
    changes: Vec<ChangeView>,
}

/// A clause in two versions.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeView {
    clause: String,
    kind: ClauseKind,
    change: Change,
    before: Option<SideView>,
    after: Option<SideView>,
}

/// A clause in one of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct SideView {
    text_zh: String,
    text_en: Option<String>,
    /// Its effect in one sentence.
    plain: PlainView,
    /// `site/space`; empty = every space the agreement covers.
    spaces: Vec<String>,
}

impl From<&Clause> for SideView {
    fn from(clause: &Clause) -> Self {
        Self {
            text_zh: clause.text_zh.clone(),
            text_en: clause.text_en.clone(),
            plain: clause.into(),
            spaces: clause.spaces.iter().map(ToString::to_string).collect(),
        }
    }
}

/// What a version changes of an earlier one
///
/// Clause by clause, with the plain effect of both. Without `from`: of the version agreed before it, or else the one before
/// it that the reader may see.
#[utoipa::path(tag = "agreements", security((), ("bearer" = [])),
    params(("id" = AgreementId, Path), ("no" = i32, Path), ("from" = Option<i32>, Query, description = "Number of the earlier version")),
    responses((status = 200, body = ChangesView)))]
#[get("/agreements/{id}/versions/{no}/changes")]
pub async fn get_changes(db: Data<Db>, request: HttpRequest, path: Path<(AgreementId, i32)>, query: Query) -> Outcome<Json<ChangesView>> {
    let caller = Caller::<SeeAgreement>::maybe(&request)?;
    let (id, no) = path.into_inner();
    let from = query.read(|form| Some(form.may("from", crate::http::query::int(1..=i64::from(i32::MAX)))))?;
    let view = db
        .read(move |tx| {
            let (_, shared, version) = found_version(tx, &id, no)?;
            let inside = insight(tx, caller.as_ref(), &shared)?;
            let mut seen = queries::versions(tx, &id)?;
            seen.retain(|version| inside || version.state == VersionState::Agreed);
            if !seen.iter().any(|seen| seen.no == version.no) {
                return Err(Code::NotFound.into());
            }
            let earlier = match from {
                Some(from) => Some(seen.iter().find(|v| i64::from(v.no) == from).ok_or(Code::NotFound)?),
                None => {
                    let before = || seen.iter().filter(|v| v.no < no);
                    before().find(|v| v.state == VersionState::Agreed).or_else(|| before().next())
                }
            };
            let before = earlier.map(Version::clauses).transpose()?.unwrap_or_default();
            let changes = changes(before, version.clauses()?).into_iter().filter_map(|changed| {
                let one = changed.after.or(changed.before)?;
                Some(ChangeView {
                    clause: one.id.clone(),
                    kind: one.kind,
                    change: changed.change,
                    before: changed.before.map(SideView::from),
                    after: changed.after.map(SideView::from),
                })
            });
            Ok(ChangesView { from: earlier.map(|version| version.no), to: no, changes: changes.collect() })
        })
        .await?;
    Ok(Json(view))
}
