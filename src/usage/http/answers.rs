//! The units' answers.

use super::{UsageDone, done, found};
use crate::access::deeds::{ApproveUsageTerms, SeeUsageTerms};
use crate::access::{Caller, Permit, ask};
use crate::http::{KeyedBody, Reply, commit};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{OrganisationId, UsageTermsId};
use crate::kernel::{Code, Instant, Outcome};
use crate::store::{Db, Tx};
use crate::usage::model::{Found, ToApprove, ToRead, UsageState};
use crate::usage::{actions, queries, rules};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

/// Usage terms, and a permit to answer for a unit. Which unit is asked is known only to those who may read them.
fn permit(
    tx: &mut Tx,
    caller: &Caller<ApproveUsageTerms>,
    id: &UsageTermsId,
    unit: &OrganisationId,
) -> Outcome<(Found, Permit<ApproveUsageTerms>)> {
    let (found, subject) = found(tx, id)?;
    let who = caller.standing(tx)?;
    let known = subject.known_to_all || ask::<SeeUsageTerms>(who.clone(), &ToRead(&subject)).is_ok();
    let approvals = queries::approvals(tx, std::slice::from_ref(id))?;
    let Some(approval) = approvals.iter().find(|approval| approval.organisation_id == *unit) else {
        if !known {
            return Err(Code::NotFound.into());
        }
        // A draft asks nobody yet, and that is what is said of it.
        rules::may_answer(found.terms.state, &approvals, unit, None, None)?;
        return Err(Code::Forbidden.into());
    };
    let permit = caller.permit_as(who, &ToApprove { approval, area_path: &found.at.area_path, known })?;
    Ok((found, permit))
}

/// A unit's yes.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"organisation_id": "org_01h455vb4pex5vsknk084sn02q", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}))]
pub struct UsageApprovalAsk {
    /// The unit it is said for.
    organisation_id: OrganisationId,
    /// Of the text that was read.
    sha256: String,
}

/// Usage terms after a unit's yes.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageApproved {
    usage_terms_id: UsageTermsId,
    state: UsageState,
    /// It was the last one: they are in force from then.
    in_force_from: Option<Instant>,
}

/// Approve usage terms for one's own unit
///
/// Binds the hash: of another text 409 `hash-mismatch`. What no longer lies inside the clauses cannot be approved (409
/// `outside-clauses`). With the last approval they are in force, at once or on the day they name, and what was before them ends.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = UsageApprovalAsk,
    params(("id" = UsageTermsId, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = UsageApproved)))]
#[post("/usage-terms/{id}/approvals")]
pub async fn post_usage_approval(
    db: Data<Db>,
    caller: Caller<ApproveUsageTerms>,
    id: Path<UsageTermsId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (unit, seen) = ask.body.read(|form| {
        let unit = form.need("organisation_id", form::id::<OrganisationId>);
        let seen = form.need("sha256", form::sha256);
        Some((unit?, seen?))
    })?;
    let (id, account) = (id.into_inner(), caller.account().clone());
    commit(&db, &account, ask, move |tx, _| {
        let (found, permit) = permit(tx, &caller, &id, &unit)?;
        let approved = actions::approve(tx, &permit, &found, &unit, &seen)?;
        let state = if approved.in_force_from.is_some() { UsageState::Approved } else { UsageState::Submitted };
        let view = UsageApproved { usage_terms_id: id.clone(), state, in_force_from: approved.in_force_from };
        Reply::created(format!("/api/v1/usage-terms/{id}"), None, &view)
    })
    .await
}

/// A unit's no.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"organisation_id": "org_01h455vb4pex5vsknk084sn02q", "reason": "锁门太早了。"}))]
pub struct UsageRejectionAsk {
    /// The unit it is said for.
    organisation_id: OrganisationId,
    /// Why; those concerned read it.
    #[schema(max_length = 1000)]
    reason: String,
}

fn read_rejection(form: &mut Form) -> Option<(OrganisationId, String)> {
    let unit = form.need("organisation_id", form::id::<OrganisationId>);
    let reason = form.need("reason", form::prose(1000));
    Some((unit?, reason?))
}

/// Say no to usage terms for one's own unit
///
/// One no ends them.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = UsageRejectionAsk,
    params(("id" = UsageTermsId, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = UsageDone)))]
#[post("/usage-terms/{id}/rejection")]
pub async fn post_usage_rejection(
    db: Data<Db>,
    caller: Caller<ApproveUsageTerms>,
    id: Path<UsageTermsId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (unit, reason) = ask.body.read(read_rejection)?;
    let (id, account) = (id.into_inner(), caller.account().clone());
    commit(&db, &account, ask, move |tx, _| {
        let (found, permit) = permit(tx, &caller, &id, &unit)?;
        actions::reject(tx, &permit, &found, &unit, &reason)?;
        done(&id, UsageState::Rejected, found.terms.sha256)
    })
    .await
}
