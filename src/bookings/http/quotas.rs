//! What one has used of what one may have, and what was set aside at a site.

use crate::access::Caller;
use crate::access::deeds::ListOwnBookings;
use crate::bookings::model::{Holder, Settable};
use crate::bookings::queries::holding;
use crate::bookings::quotas::{self, QuotaView};
use crate::http::Query;
use crate::kernel::form;
use crate::kernel::id::{OrganisationId, SiteId};
use crate::kernel::{Code, Fault, Instant, Outcome, Period};
use crate::people::model::Power;
use crate::places;
use crate::store::Db;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;

/// What one may have at a site and has used
///
/// Every limit on the day asked for: of one's household, or of an organisation one may book for. Who had what, what is left,
/// and when room comes up.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = SiteId, Path),
    ("on" = Option<String>, Query, description = "A civil date of the site; today unless given"),
    ("organisation_id" = Option<OrganisationId>, Query, description = "Without it, of one's own household")),
    responses((status = 200, body = Vec<QuotaView>)))]
#[get("/sites/{id}/quota")]
pub async fn get_quota(db: Data<Db>, caller: Caller<ListOwnBookings>, id: Path<SiteId>, query: Query) -> Outcome<Json<Vec<QuotaView>>> {
    let (on, organisation) =
        query.read(|form| Some((form.may("on", form::day), form.may("organisation_id", form::id::<OrganisationId>))))?;
    let views = db
        .read(move |tx| {
            let permit = caller.permit_own(tx)?;
            let site = places::queries::site(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
            let holder = match &organisation {
                Some(organisation) => match permit.who().represents(organisation, Power::Book) {
                    Some(_) => Holder::Organisation(organisation.clone()),
                    None => return Err(Code::NotFound.into()),
                },
                // Without a household there is nothing to count.
                None => match permit.who().household.clone() {
                    Some(household) => Holder::Household(household),
                    None => return Ok(Vec::new()),
                },
            };
            let on = on.unwrap_or_else(|| site.zone.day_of(tx.now()));
            quotas::of(tx, &site, &holder, on)
        })
        .await?;
    Ok(Json(views))
}

/// How often a rule was set aside.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverrideCount {
    rule: Settable,
    bookings: i64,
}

/// How often the community set a rule of a site aside
///
/// Counted for everybody to see; rules that were never set aside are left out.
#[utoipa::path(tag = "bookings", params(("id" = SiteId, Path),
    ("from" = Option<Instant>, Query, description = "a year ago unless given"), ("to" = Option<Instant>, Query, description = "now unless given; at most 400 days later")),
    responses((status = 200, body = Vec<OverrideCount>)))]
#[get("/sites/{id}/overrides")]
pub async fn get_overrides(db: Data<Db>, id: Path<SiteId>, query: Query) -> Outcome<Json<Vec<OverrideCount>>> {
    let now = db.clock().now();
    let over = query.read(|form| {
        // Up to and with this very moment.
        let to = form.may("to", form::instant).unwrap_or(Instant(now.0 + 1));
        let from = form.may("from", form::instant).unwrap_or(to.plus_days(-365));
        let over = Period::new(from, to).filter(|over| over.minutes() <= 400 * 24 * 60);
        if over.is_none() {
            form.fault("to", "out-of-range", "应晚于 from，且不超过 400 天。", "Must be after `from` and at most 400 days later.");
        }
        over
    })?;
    let counts = db
        .read(move |tx| {
            places::queries::site(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
            holding::set_aside_at(tx, &id, over)
        })
        .await?;
    Ok(Json(counts.into_iter().map(|(rule, bookings)| OverrideCount { rule, bookings }).collect()))
}
