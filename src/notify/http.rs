//! Routes.

use super::model::Notice;
use super::queries;
use crate::access::Caller;
use crate::access::deeds::OwnAccount;
use crate::http::{CursorKey, Page, Query, paging};
use crate::kernel::Outcome;
use crate::store::Db;
use actix_web::get;
use actix_web::web::{Data, Json};

const LIST: &str = "notices";

/// One's own notices, the latest first
#[utoipa::path(tag = "people", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)), responses((status = 200, body = Page<Notice>)))]
#[get("/notices")]
pub async fn get_notices(db: Data<Db>, keys: Data<CursorKey>, caller: Caller<OwnAccount>, query: Query) -> Outcome<Json<Page<Notice>>> {
    let ask = paging::only_page(&keys, LIST, &query)?;
    let page = db
        .read(move |tx| {
            let permit = caller.permit_own(tx)?;
            queries::page(tx, permit.account(), &ask)
        })
        .await?;
    Ok(Json(keys.page(LIST, page)))
}
