//! What waits for the caller.

use super::lifecycle::ProposalView;
use super::views::{AgreementView, VersionSummary};
use crate::access::Caller;
use crate::access::deeds::OwnAccount;
use crate::agreements::actions;
use crate::agreements::model::waiting::{Waiting, WaitingFor};
use crate::http::{CursorKey, Page, Query};
use crate::kernel::form;
use crate::kernel::id::{OrganisationId, UsageTermsId};
use crate::kernel::page::PageOf;
use crate::kernel::{Instant, Outcome};
use crate::store::{Db, Tx};
use crate::usage;
use crate::usage::http::UsageTermsView;
use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

const LIST: &str = "waiting";

/// Something that waits for the caller, as representative of a party, or as the community or street in charge.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingView {
    /// What is asked.
    waiting_for: WaitingFor,
    /// The party it is asked of; null where it is the community or street in charge.
    organisation_id: Option<OrganisationId>,
    /// Since when.
    since: Instant,
    /// What is to be answered: a version, a position, a signature, what was signed outside a power, an owners' decision, usage terms,
    /// a proposal, a suspension, an agreement.
    subject_id: String,
    /// Null: usage terms, which belong to a site.
    agreement: Option<AgreementView>,
    /// The version to be read; null where it is not about one.
    version: Option<VersionSummary>,
    /// What is asked to be suspended.
    suspension_proposal: Option<ProposalView>,
    /// What is to be approved.
    usage_terms: Option<UsageTermsView>,
}

impl WaitingView {
    /// Each with what it is about; the usage terms in a few queries however many there are.
    fn of_each(tx: &mut Tx, all: Vec<Waiting>) -> Outcome<Vec<Self>> {
        let now = tx.now();
        let usages = all.iter().filter(|one| one.what == WaitingFor::UsageApproval);
        let ids: Vec<UsageTermsId> = usages.filter_map(|one| one.subject.parse().ok()).collect();
        let found = usage::queries::of_ids(tx, &ids)?;
        let texts = UsageTermsView::of_each(tx, found)?;
        let view = |one: Waiting| Self {
            waiting_for: one.what,
            organisation_id: one.party,
            since: one.since,
            agreement: one.agreement.map(AgreementView::from),
            version: one.version.map(|version| VersionSummary::of(&version, now)),
            suspension_proposal: one.proposal.map(ProposalView::from),
            usage_terms: texts.iter().find(|text| text.id().as_str() == one.subject).cloned(),
            subject_id: one.subject,
        };
        Ok(all.into_iter().map(view).collect())
    }
}

/// What waits for the caller
///
/// Everything an organisation the caller may act for is asked, and what they are asked as the community or street in charge: to say
/// what it thinks of a version, to sign once its stage has come, to confirm what is on paper, to ratify, to answer what others
/// object to, to approve usage terms, to answer a proposed suspension, to review one, to agree to an annulment, to settle and to
/// close. The oldest first. Bookings that wait for a yes are in `GET /requests`.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), params(
    ("waiting_for" = Option<WaitingFor>, Query, description = "Only what is asked in this way"),
    ("organisation_id" = Option<OrganisationId>, Query, description = "Only what is asked of this party"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<WaitingView>)))]
#[get("/me/waiting")]
pub async fn get_waiting(
    db: Data<Db>,
    keys: Data<CursorKey>,
    caller: Caller<OwnAccount>,
    query: Query,
) -> Outcome<Json<Page<WaitingView>>> {
    let (what, party, ask) = query.read(|form| {
        let what = form.may("waiting_for", form::word::<WaitingFor>);
        let party = form.may("organisation_id", form::id::<OrganisationId>);
        Some((what, party, keys.ask(LIST, form)))
    })?;
    let page = db
        .read(move |tx| {
            let permit = caller.permit_own(tx)?;
            let mut all = actions::waiting::waiting(tx, permit.who())?;
            all.retain(|one| what.is_none_or(|what| one.what == what) && (party.is_none() || one.party == party));
            if let Some(after) = &ask.after {
                all.retain(|one| one.key() > *after);
            }
            let page = ask.cut(all, Waiting::key);
            Ok(PageOf { items: WaitingView::of_each(tx, page.items)?, next: page.next })
        })
        .await?;
    Ok(Json(keys.page(LIST, page)))
}
