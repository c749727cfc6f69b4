//! Writes.

use super::model::Tariff;
use super::queries::EVERY_USE;
use crate::kernel::id::{SpaceId, TariffId};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::tariffs;
use diesel::prelude::*;

pub(super) fn insert(conn: &mut Conn, space: &SpaceId, tariff: &Tariff, now: Instant) -> Outcome<()> {
    let row = (
        tariffs::id.eq(&tariff.id),
        tariffs::space_id.eq(space),
        tariffs::use_code.eq(tariff.use_code.map_or(EVERY_USE, |u| u.as_str())),
        tariffs::kind.eq(tariff.kind),
        tariffs::components.eq(serde_json::to_string(&tariff.components).map_err(Fault::internal)?),
        tariffs::created_at.eq(now.0),
    );
    diesel::insert_into(tariffs::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn update(conn: &mut Conn, tariff: &Tariff) -> Outcome<()> {
    let set = (tariffs::kind.eq(tariff.kind), tariffs::components.eq(serde_json::to_string(&tariff.components).map_err(Fault::internal)?));
    diesel::update(tariffs::table.find(&tariff.id)).set(set).execute(conn)?;
    Ok(())
}

pub(super) fn delete(conn: &mut Conn, tariff: &TariffId) -> Outcome<()> {
    diesel::delete(tariffs::table.find(tariff)).execute(conn)?;
    Ok(())
}
