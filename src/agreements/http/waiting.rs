//! What waits for the caller.

use super::views::{AgreementView, VersionSummary};
use crate::access::Caller;
use crate::access::deeds::OwnAccount;
use crate::agreements::queries;
use crate::kernel::id::{OrganisationId, SignatureId};
use crate::kernel::{Fault, Outcome};
use crate::people::model::Power;
use crate::store::Db;
use crate::words;
use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

words! {
    /// What is asked of a party.
    pub enum WaitingFor {
        /// To sign or decline a proposed version.
        Signature = "signature",
        /// To confirm the signature recorded for it on paper.
        Confirmation = "confirmation",
    }
}

/// Something that waits for the caller, as representative of a party.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingView {
    /// What is asked.
    waiting_for: WaitingFor,
    /// The party.
    organisation_id: OrganisationId,
    agreement: AgreementView,
    version: VersionSummary,
    /// The paper signature to confirm.
    signature_id: Option<SignatureId>,
}

/// What waits for one's own signature
///
/// Proposed versions whose stage has come to an organisation the caller may sign for, in the order they were proposed.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), responses((status = 200, body = Vec<WaitingView>)))]
#[get("/me/waiting")]
pub async fn get_waiting(db: Data<Db>, caller: Caller<OwnAccount>) -> Outcome<Json<Vec<WaitingView>>> {
    let waiting = db
        .read(move |tx| {
            let now = tx.now();
            let permit = caller.permit_own(tx)?;
            let may_sign = permit.who().represents.iter().filter(|r| r.powers.contains(&Power::Sign));
            let organisations: Vec<OrganisationId> = may_sign.map(|r| r.organisation.clone()).collect();
            let mut all = Vec::new();
            for (agreement, no) in queries::unsigned_by(tx, &organisations)? {
                let gone = || Fault::internal("a version is gone");
                let agreement = queries::find(tx, &agreement)?.ok_or_else(gone)?;
                let version = queries::version_no(tx, &agreement.id, no)?.ok_or_else(gone)?;
                let parties = queries::parties(tx, &version.id)?;
                let signed = |stage: i32| parties.iter().filter(|p| p.stage < stage).all(|p| p.has_signed());
                for party in parties.iter().filter(|p| organisations.contains(&p.organisation) && !p.has_signed()) {
                    if signed(party.stage) {
                        all.push(WaitingView {
                            waiting_for: if party.signature.is_some() { WaitingFor::Confirmation } else { WaitingFor::Signature },
                            organisation_id: party.organisation.clone(),
                            agreement: agreement.clone().into(),
                            version: VersionSummary::of(&version, now),
                            signature_id: party.signature.as_ref().map(|signature| signature.id.clone()),
                        });
                    }
                }
            }
            Ok(all)
        })
        .await?;
    Ok(Json(waiting))
}
