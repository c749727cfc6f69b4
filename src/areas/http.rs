//! Routes. Areas are public.

use super::model::Area;
use super::queries;
use crate::http::{CursorKey, Page, Query};
use crate::kernel::Outcome;
use crate::kernel::form;
use crate::kernel::id::AreaId;
use crate::store::Db;
use actix_web::get;
use actix_web::web::{Data, Json};

const LIST: &str = "areas";

/// Areas in order of code
///
/// District, street, community, grid and door; `parent_id` narrows to those directly in one area.
#[utoipa::path(tag = "places", params(
    ("parent_id" = Option<String>, Query, description = "Only areas directly in this one"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Area>)))]
#[get("/areas")]
pub async fn get_areas(db: Data<Db>, keys: Data<CursorKey>, query: Query) -> Outcome<Json<Page<Area>>> {
    let (ask, parent) = query.read(|form| Some((keys.ask(LIST, form), form.may("parent_id", form::id::<AreaId>))))?;
    let page = db.read(move |tx| queries::page(tx, &ask, parent.as_ref())).await?;
    Ok(Json(keys.page(LIST, page)))
}
