//! What waits for the caller.

use super::views::{AgreementView, VersionSummary};
use crate::access::Caller;
use crate::access::deeds::{OwnAccount, RecordOwnersVote, reach};
use crate::agreements::model::rounds::Round;
use crate::agreements::model::signing::PendingState;
use crate::agreements::model::{Agreement, PartyState, Version, VersionState};
use crate::agreements::rules::consent::is_needed;
use crate::agreements::rules::signing::awaited;
use crate::agreements::{actions, queries};
use crate::kernel::id::{AgreementId, OrganisationId, PendingSignatureId, SignatureId, VoteId};
use crate::kernel::{Fault, Outcome};
use crate::people::model::{Power, Standing};
use crate::store::{Db, Tx};
use crate::words;
use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

words! {
    /// What is asked of the caller.
    pub enum WaitingFor {
        /// To say what it thinks of a version put to a round.
        Position = "position",
        /// To sign or decline a proposed version.
        Signature = "signature",
        /// To confirm the signature recorded for it on paper.
        Confirmation = "confirmation",
        /// To ratify, or not, what was signed for it outside the power.
        Ratification = "ratification",
        /// To confirm, as a second person, the result of an owners' vote.
        VoteConfirmation = "vote_confirmation",
    }
}

/// Something that waits for the caller, as representative of a party, or as the community or street in charge.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingView {
    /// What is asked.
    waiting_for: WaitingFor,
    /// The party; null where it is the community or street in charge.
    organisation_id: Option<OrganisationId>,
    agreement: AgreementView,
    version: VersionSummary,
    /// The paper signature to confirm.
    signature_id: Option<SignatureId>,
    /// What to ratify.
    pending_signature_id: Option<PendingSignatureId>,
    /// The result to confirm.
    owners_decision_id: Option<VoteId>,
}

/// One thing asked, before the agreement is put around it.
struct Asked {
    what: WaitingFor,
    party: Option<OrganisationId>,
    signature: Option<SignatureId>,
    pending: Option<PendingSignatureId>,
    vote: Option<VoteId>,
}

impl Asked {
    fn of(what: WaitingFor, party: &PartyState) -> Self {
        Self { what, party: Some(party.organisation.clone()), signature: None, pending: None, vote: None }
    }
}

fn found(tx: &mut Tx, agreement: &AgreementId, no: i32) -> Outcome<(Agreement, Version)> {
    let gone = || Fault::internal("a version is gone");
    let agreement = queries::find(tx, agreement)?.ok_or_else(gone)?;
    let version = queries::version_no(tx, &agreement.id, no)?.ok_or_else(gone)?;
    Ok((agreement, version))
}

/// What a version asks of those the caller may act for.
fn asked(tx: &mut Tx, who: &Standing, agreement: &Agreement, version: &Version) -> Outcome<Vec<Asked>> {
    let now = tx.now();
    let parties = queries::parties(tx, &version.id)?;
    let may = |party: &PartyState, power| who.represents_in(&party.organisation, power, &agreement.code).is_some();
    if version.state == VersionState::InRound {
        let rounds = queries::rounds::rounds(tx, &agreement.id)?;
        let Some(open) = rounds.iter().find(|round| round.version == version.id && round.closed_at.is_none()) else { return Ok(vec![]) };
        let spoken = |round: &Round, party: &PartyState| round.positions.iter().any(|p| p.organisation == party.organisation);
        let asked = parties.iter().filter(|party| !spoken(open, party) && may(party, Power::Position));
        return Ok(asked.map(|party| Asked::of(WaitingFor::Position, party)).collect());
    }
    if !version.state_at(now).is_open_for_signing() {
        return Ok(vec![]);
    }
    let needs = actions::consent::requirements(tx, agreement, version, now)?;
    let pending = queries::signing::pending(tx, &version.id)?;
    let comes_first = |party: &PartyState| is_needed(&needs, &party.organisation, &parties);
    let mut all = Vec::new();
    for party in awaited(&parties, &comes_first).into_iter().filter(|party| may(party, Power::Sign)) {
        all.push(match &party.signature {
            Some(paper) => Asked { signature: Some(paper.id.clone()), ..Asked::of(WaitingFor::Confirmation, party) },
            None => Asked::of(WaitingFor::Signature, party),
        });
        let mine = |one: &&_| -> bool {
            let one: &crate::agreements::model::signing::PendingSignature = one;
            one.organisation == party.organisation && one.account != who.account && one.state(now) == PendingState::PendingRatification
        };
        let acts = pending.iter().filter(mine);
        all.extend(acts.map(|one| Asked { pending: Some(one.id.clone()), ..Asked::of(WaitingFor::Ratification, party) }));
    }
    Ok(all)
}

/// What waits for the caller
///
/// Versions put to an organisation the caller may act for: to say what it thinks of, to sign once its stage has come, to
/// confirm on paper, to ratify; and owners' votes that a second person of the community or street confirms. The oldest
/// agreement first.
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
                let (agreement, version) = found(tx, &agreement, no)?;
                let asked = asked(tx, who, &agreement, &version)?;
                all.extend(asked.into_iter().map(|asked| (agreement.clone(), version.clone(), asked)));
            }
            let in_charge = who.grants.iter().filter(|grant| reach::<RecordOwnersVote>(grant.role).is_some());
            let paths: Vec<String> = in_charge.filter_map(|grant| grant.area_path.clone()).collect();
            for (agreement, no, vote, by) in queries::votes::unconfirmed(tx, &paths)? {
                let (agreement, version) = found(tx, &agreement, no)?;
                if by == who.account || !version.state_at(now).is_open_for_signing() {
                    continue;
                }
                let asked = Asked { what: WaitingFor::VoteConfirmation, party: None, signature: None, pending: None, vote: Some(vote) };
                all.push((agreement, version, asked));
            }
            let view = |(agreement, version, asked): (Agreement, Version, Asked)| WaitingView {
                waiting_for: asked.what,
                organisation_id: asked.party,
                agreement: agreement.into(),
                version: VersionSummary::of(&version, now),
                signature_id: asked.signature,
                pending_signature_id: asked.pending,
                owners_decision_id: asked.vote,
            };
            Ok(all.into_iter().map(view).collect::<Vec<_>>())
        })
        .await?;
    Ok(Json(waiting))
}
