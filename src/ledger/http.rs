//! Routes.

use super::model::{AccountTotal, KindTotal};
use super::{queries, rules};
use crate::http::Query;
use crate::kernel::form::{self, Spot};
use crate::kernel::id::SpaceId;
use crate::kernel::time::{Day, is_some_day, parse_day};
use crate::kernel::{Code, Fault, Outcome};
use crate::places;
use crate::store::Db;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;

/// A month of a space's money, without people.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonthView {
    space_id: SpaceId,
    /// `2026-12`, in the zone of the site.
    month: String,
    /// Every account with what it received and gave.
    accounts: Vec<AccountTotal>,
    /// What was charged, given back and undone.
    postings: Vec<KindTotal>,
}

/// `2026-12`: the first day of that month.
fn month(spot: &Spot) -> Option<Day> {
    let first = spot.value.as_str().filter(|text| text.len() == 7).map(|text| format!("{text}-01")).unwrap_or_default();
    parse_day(&first).or_else(|| match is_some_day(&first) {
        true => form::too_far(spot),
        false => spot.fault("malformed", "月份格式应为 2026-12。", "Must be a month such as 2026-12."),
    })
}

/// A month of a space's money
///
/// Totals only, for everybody: no names, and counts below five as `<5`.
#[utoipa::path(tag = "ledger", params(("id" = SpaceId, Path),
    ("month" = Option<String>, Query, description = "`2026-12`, in the site's zone; this month unless given")),
    responses((status = 200, body = MonthView)))]
#[get("/spaces/{id}/ledger")]
pub async fn get_ledger(db: Data<Db>, id: Path<SpaceId>, query: Query) -> Outcome<Json<MonthView>> {
    let asked = query.read(|form| Some(form.may("month", month)))?;
    let view = db
        .read(move |tx| {
            let place = places::queries::located(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
            let zone = place.site.zone;
            let day = asked.unwrap_or_else(|| zone.day_of(tx.now()));
            let period = zone.days(day.first_of_month(), day.last_of_month()).ok_or_else(|| Fault::internal("a month without days"))?;
            let (accounts, postings) = rules::totals(&queries::sums(tx, &id, period)?)?;
            Ok(MonthView { space_id: id.clone(), month: day.strftime("%Y-%m").to_string(), accounts, postings })
        })
        .await?;
    Ok(Json(view))
}
