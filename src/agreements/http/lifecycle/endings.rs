//! Notices, annulment, settlement.

use super::{How, ImpactView, act, part_of, whole};
use crate::access::Caller;
use crate::access::deeds::{CloseAgreement, ServeNotice, SettleAgreement, SignVersion};
use crate::agreements::actions::lifecycle::endings::{self, EndingAsk};
use crate::agreements::actions::lifecycle::{self, annulment};
use crate::http::{KeyedBody, Query};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{AgreementId, OrganisationId, TerminationId, WithdrawalId};
use crate::kernel::{Instant, Outcome};
use crate::store::Db;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

/// What is put on record is read in the history.
pub(super) const HISTORY: How = How { dry: false, fresh: false, below: "/history" };

/// What a party says that it ends.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"organisation_id": "org_01h455vb4pex5vsknk084sn02q", "last_day": "2027-06-30", "text": "单位搬迁，收回场地。"}))]
pub struct NoticeAsk {
    /// The party it is said for.
    organisation_id: OrganisationId,
    /// Why; every party reads it.
    #[schema(max_length = 1000)]
    text: String,
    /// The last day, inclusive; left out: the earliest the agreed notice allows.
    #[schema(value_type = Option<String>, format = "date")]
    last_day: Option<String>,
}

fn read(form: &mut Form) -> Option<EndingAsk> {
    let organisation = form.need("organisation_id", form::id::<OrganisationId>);
    let text = form.need("text", form::prose(1000));
    let last_day = form.may("last_day", form::day);
    Some(EndingAsk { organisation: organisation?, text: text?, last_day })
}

/// A notice that was served, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct TerminationServed {
    termination_id: TerminationId,
    /// 24:00 of the last day.
    ends_at: Instant,
    impact: ImpactView,
}

/// Give notice of termination
///
/// Delivered at once; it runs from the day after to 24:00 of its last day, and a last day that is no working day moves on,
/// unless the clause says otherwise (Civil Code arts. 201 to 204). What is booked for later has its answer now. Needs a fresh
/// password. `dry_run=true` tells what would happen and does nothing.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = NoticeAsk,
    params(("id" = AgreementId, Path), ("dry_run" = Option<bool>, Query, description = "Only tell what would happen"),
        ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = TerminationServed), (status = 200, description = "Dry run", body = TerminationServed)))]
#[post("/agreements/{id}/termination-notices")]
pub async fn post_termination_notice(
    db: Data<Db>,
    caller: Caller<ServeNotice>,
    id: Path<AgreementId>,
    query: Query,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let dry = query.dry_run()?;
    let wanted = ask.body.read(read)?;
    let (how, party) = (How { dry, fresh: true, ..How::default() }, part_of(&wanted.organisation));
    act(&db, caller, id.into_inner(), ask, how, party, move |tx, permit, agreement, _| {
        let served = endings::terminate(tx, permit, agreement, &wanted)?;
        Ok(TerminationServed { termination_id: served.id, ends_at: served.ends_at, impact: served.plan.into() })
    })
    .await
}

/// A leaving that was announced, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithdrawalServed {
    withdrawal_id: WithdrawalId,
    /// 24:00 of the last day.
    ends_at: Instant,
    impact: ImpactView,
}

/// Leave an agreement with one's own spaces
///
/// For a property unit, where the parties agreed that the rest stands. Its spaces leave by the agreed notice. Needs a fresh
/// password. `dry_run=true` tells what would happen and does nothing.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = NoticeAsk,
    params(("id" = AgreementId, Path), ("dry_run" = Option<bool>, Query, description = "Only tell what would happen"),
        ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = WithdrawalServed), (status = 200, description = "Dry run", body = WithdrawalServed)))]
#[post("/agreements/{id}/withdrawals")]
pub async fn post_withdrawal_notice(
    db: Data<Db>,
    caller: Caller<ServeNotice>,
    id: Path<AgreementId>,
    query: Query,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let dry = query.dry_run()?;
    let wanted = ask.body.read(read)?;
    let (how, party) = (How { dry, fresh: true, ..How::default() }, part_of(&wanted.organisation));
    act(&db, caller, id.into_inner(), ask, how, party, move |tx, permit, agreement, _| {
        let served = endings::withdraw(tx, permit, agreement, &wanted)?;
        Ok(WithdrawalServed { withdrawal_id: served.id, ends_at: served.ends_at, impact: served.plan.into() })
    })
    .await
}

/// What a party says.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"organisation_id": "org_01h455vb4pex5vsknk084sn02q", "text": "各方商量好了，先撤回。"}))]
pub struct PartyWord {
    /// The party it is said for.
    organisation_id: OrganisationId,
    /// Why; every party reads it.
    #[schema(max_length = 1000)]
    text: String,
}

fn read_word(form: &mut Form) -> Option<(OrganisationId, String)> {
    let organisation = form.need("organisation_id", form::id::<OrganisationId>);
    let text = form.need("text", form::prose(1000));
    Some((organisation?, text?))
}

/// Something that was put on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recorded {
    /// Its entry in the agreement's history.
    pub(super) event_id: crate::kernel::id::EntryId,
}

/// Object to a notice of termination for one's own organisation
///
/// Every party hears of it. The notice runs on; a court may undo it (Civil Code art. 565).
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = PartyWord,
    params(("id" = AgreementId, Path), ("notice" = TerminationId, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = Recorded)))]
#[post("/agreements/{id}/termination-notices/{notice}/objections")]
pub async fn post_objection(
    db: Data<Db>,
    caller: Caller<SignVersion>,
    path: Path<(AgreementId, TerminationId)>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let (organisation, text) = ask.body.read(read_word)?;
    let (id, notice) = path.into_inner();
    let party = part_of(&organisation);
    act(&db, caller, id, ask, HISTORY, party, move |tx, permit, agreement, _| {
        endings::dispute(tx, permit, agreement, &notice, &organisation, &text).map(|event_id| Recorded { event_id })
    })
    .await
}

/// A consent to take an agreed version back.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnnulmentConsented {
    version: i32,
    /// It was the last one: the version will not take effect.
    annulled: bool,
}

/// Take back an agreed version before its effect, for one's own organisation
///
/// All who signed it have to; with the last one it is annulled, its plan is undone, and what governed before governs on.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = PartyWord,
    params(("id" = AgreementId, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = AnnulmentConsented)))]
#[post("/agreements/{id}/annulment")]
pub async fn post_annulment(db: Data<Db>, caller: Caller<SignVersion>, id: Path<AgreementId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let (organisation, text) = ask.body.read(read_word)?;
    let (how, party) = (How { fresh: true, ..How::default() }, part_of(&organisation));
    act(&db, caller, id.into_inner(), ask, how, party, move |tx, permit, agreement, _| {
        let consented = annulment::consent(tx, permit, agreement, &organisation, &text)?;
        Ok(AnnulmentConsented { version: consented.version, annulled: consented.annulled })
    })
    .await
}

/// What is put on record.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"text": "水电结清，押金退回。"}))]
pub struct RecordAsk {
    /// Every party reads it.
    #[schema(max_length = 4000)]
    text: String,
}

/// Settle an agreement that has ended
///
/// What was performed, and how it is squared up (Civil Code arts. 566 and 567). By the community.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = RecordAsk,
    params(("id" = AgreementId, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = Recorded)))]
#[post("/agreements/{id}/settlement")]
pub async fn post_settlement(
    db: Data<Db>,
    caller: Caller<SettleAgreement>,
    id: Path<AgreementId>,
    ask: KeyedBody,
) -> Outcome<HttpResponse> {
    let text = ask.body.read(|form| form.need("text", form::prose(4000)))?;
    act(&db, caller, id.into_inner(), ask, HISTORY, whole, move |tx, permit, agreement, _| {
        lifecycle::settle(tx, permit, agreement, &text).map(|event_id| Recorded { event_id })
    })
    .await
}

/// Close a settled agreement
///
/// By a second person, of the community or the street. Nothing changes any more.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), request_body = RecordAsk,
    params(("id" = AgreementId, Path), ("Idempotency-Key" = String, Header)), responses((status = 201, body = Recorded)))]
#[post("/agreements/{id}/closing")]
pub async fn post_closing(db: Data<Db>, caller: Caller<CloseAgreement>, id: Path<AgreementId>, ask: KeyedBody) -> Outcome<HttpResponse> {
    let text = ask.body.read(|form| form.need("text", form::prose(4000)))?;
    act(&db, caller, id.into_inner(), ask, HISTORY, whole, move |tx, permit, agreement, _| {
        lifecycle::close(tx, permit, agreement, &text).map(|event_id| Recorded { event_id })
    })
    .await
}
