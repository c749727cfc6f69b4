//! What waits for the caller.

use super::views::{AgreementView, VersionSummary};
use crate::access::Caller;
use crate::access::deeds::OwnAccount;
use crate::agreements::model::VersionState;
use crate::agreements::model::rounds::Round;
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
        /// To say what it thinks of a version put to a round.
        Position = "position",
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

/// What waits for the caller
///
/// Versions put to an organisation the caller may act for: to say what it thinks of, to sign once its stage has come, or to
/// confirm on paper. The oldest agreement first.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), responses((status = 200, body = Vec<WaitingView>)))]
#[get("/me/waiting")]
pub async fn get_waiting(db: Data<Db>, caller: Caller<OwnAccount>) -> Outcome<Json<Vec<WaitingView>>> {
    let waiting = db
        .read(move |tx| {
            let now = tx.now();
            let permit = caller.permit_own(tx)?;
            let who = permit.who();
            let organisations: Vec<OrganisationId> = who.represents.iter().map(|r| r.organisation.clone()).collect();
            let mut all = Vec::new();
            for (agreement, no) in queries::put_to(tx, &organisations)? {
                let gone = || Fault::internal("a version is gone");
                let agreement = queries::find(tx, &agreement)?.ok_or_else(gone)?;
                let version = queries::version_no(tx, &agreement.id, no)?.ok_or_else(gone)?;
                let parties = queries::parties(tx, &version.id)?;
                let rounds = if version.state == VersionState::InRound { queries::rounds::rounds(tx, &agreement.id)? } else { vec![] };
                let open = rounds.iter().find(|round| round.version == version.id && round.closed_at.is_none());
                for party in &parties {
                    let may = |power| who.represents(&party.organisation, power).is_some();
                    let spoken = |round: &Round| round.positions.iter().any(|p| p.organisation == party.organisation);
                    let waiting_for = match (version.state, &party.signature) {
                        (VersionState::InRound, _) => {
                            open.filter(|round| !spoken(round) && may(Power::Position)).map(|_| WaitingFor::Position)
                        }
                        (_, Some(_)) => (!party.has_signed() && may(Power::Sign)).then_some(WaitingFor::Confirmation),
                        (_, None) => {
                            let turn = parties.iter().all(|other| other.stage >= party.stage || other.has_signed());
                            (turn && may(Power::Sign)).then_some(WaitingFor::Signature)
                        }
                    };
                    let Some(waiting_for) = waiting_for else { continue };
                    all.push(WaitingView {
                        waiting_for,
                        organisation_id: party.organisation.clone(),
                        agreement: agreement.clone().into(),
                        version: VersionSummary::of(&version, now),
                        signature_id: party.signature.as_ref().map(|signature| signature.id.clone()),
                    });
                }
            }
            Ok(all)
        })
        .await?;
    Ok(Json(waiting))
}
