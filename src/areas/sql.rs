//! Writes.

use super::model::Area;
use crate::kernel::Outcome;
use crate::store::Conn;
use crate::store::schema::areas;
use diesel::prelude::*;

pub(super) fn insert(conn: &mut Conn, area: &Area) -> Outcome<()> {
    diesel::insert_into(areas::table).values(area.clone()).execute(conn)?;
    Ok(())
}

pub(super) fn describe(conn: &mut Conn, area: &Area) -> Outcome<()> {
    diesel::update(areas::table.find(&area.id))
        .set((
            areas::name_zh.eq(&area.name_zh),
            areas::name_en.eq(&area.name_en),
            areas::buildings.eq(area.buildings),
            areas::households.eq(area.households),
            areas::people.eq(area.people),
        ))
        .execute(conn)?;
    Ok(())
}
