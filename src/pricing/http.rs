//! Routes. Prices are public (Price Law art. 13: marked price, nothing charged on top).

use super::model::Tariff;
use super::queries;
use crate::kernel::id::SpaceId;
use crate::kernel::{Code, Fault, Outcome};
use crate::places;
use crate::store::Db;
use actix_web::get;
use actix_web::web::{Data, Json, Path};

/// Prices of a space
#[utoipa::path(tag = "places", params(("id" = SpaceId, Path)), responses((status = 200, body = Vec<Tariff>)))]
#[get("/spaces/{id}/tariffs")]
pub async fn get_tariffs(db: Data<Db>, id: Path<SpaceId>) -> Outcome<Json<Vec<Tariff>>> {
    let tariffs = db.read(move |tx| {
        places::queries::located(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        queries::tariffs(tx, &id)
    });
    Ok(Json(tariffs.await?))
}
