//! Reads.

use super::model::{Component, Tariff, TariffKind};
use crate::kernel::id::{SpaceId, TariffId};
use crate::kernel::{Fault, Outcome};
use crate::store::Conn;
use crate::store::schema::tariffs;
use crate::terms::model::Use;
use diesel::prelude::*;

/// How the table writes "every use without a tariff of its own".
pub(super) const EVERY_USE: &str = "*";

/// A row of `tariffs` without its space.
pub type TariffRow = (TariffId, String, TariffKind, String);

fn tariff((id, use_code, kind, components): TariffRow) -> Outcome<Tariff> {
    let use_code = match use_code.as_str() {
        EVERY_USE => None,
        word => Some(word.parse::<Use>().map_err(|_| Fault::internal(format!("unknown use {word} of a tariff")))?),
    };
    let components: Vec<Component> = serde_json::from_str(&components).map_err(Fault::internal)?;
    Ok(Tariff { id, use_code, kind, components })
}

/// Every tariff of a space.
pub fn tariffs(conn: &mut Conn, space: &SpaceId) -> Outcome<Vec<Tariff>> {
    let columns = (tariffs::id, tariffs::use_code, tariffs::kind, tariffs::components);
    let rows: Vec<TariffRow> = tariffs::table.filter(tariffs::space_id.eq(space)).order(tariffs::use_code).select(columns).load(conn)?;
    rows.into_iter().map(tariff).collect()
}

/// What [`Tariff`]s may price a use in a space: its own, its parent's and the one for every use. To be asked alone or beside other
/// things; for [`priced`].
#[diesel::dsl::auto_type(no_type_alias)]
pub fn tariff_rows<'a>(space: &'a SpaceId, use_code: Use) -> _ {
    // Spelt out: a statement with a list is prepared anew each time.
    let (own, parent): (&'static str, &'static str) = (use_code.as_str(), use_code.parent().unwrap_or(use_code).as_str());
    let every: &'static str = EVERY_USE;
    tariffs::table
        .filter(tariffs::space_id.eq(space))
        .filter(tariffs::use_code.eq(own).or(tariffs::use_code.eq(parent)).or(tariffs::use_code.eq(every)))
        .select((tariffs::id, tariffs::use_code, tariffs::kind, tariffs::components))
}

/// The tariffs the rows are of, in order of use.
pub fn priced(mut rows: Vec<TariffRow>) -> Outcome<Vec<Tariff>> {
    rows.sort_by(|a, b| a.1.cmp(&b.1));
    rows.into_iter().map(tariff).collect()
}

/// The tariffs of a space that may price a use.
pub fn tariffs_for(conn: &mut Conn, space: &SpaceId, use_code: Use) -> Outcome<Vec<Tariff>> {
    priced(tariff_rows(space, use_code).load(conn)?)
}

/// Every tariff of several spaces.
pub fn all_tariffs(conn: &mut Conn, spaces: &[SpaceId]) -> Outcome<Vec<(SpaceId, Tariff)>> {
    let columns = (tariffs::space_id, (tariffs::id, tariffs::use_code, tariffs::kind, tariffs::components));
    let rows: Vec<(SpaceId, TariffRow)> =
        tariffs::table.filter(tariffs::space_id.eq_any(spaces)).order((tariffs::space_id, tariffs::use_code)).select(columns).load(conn)?;
    rows.into_iter().map(|(space, row)| Ok((space, tariff(row)?))).collect()
}

/// The tariffs of several spaces that may price a use.
pub fn tariffs_of_spaces(conn: &mut Conn, spaces: &[SpaceId], use_code: Use) -> Outcome<Vec<(SpaceId, Tariff)>> {
    let columns = (tariffs::space_id, (tariffs::id, tariffs::use_code, tariffs::kind, tariffs::components));
    let codes = [use_code.as_str(), use_code.parent().unwrap_or(use_code).as_str(), EVERY_USE];
    let rows: Vec<(SpaceId, TariffRow)> = tariffs::table
        .filter(tariffs::space_id.eq_any(spaces).and(tariffs::use_code.eq_any(codes)))
        .order((tariffs::space_id, tariffs::use_code))
        .select(columns)
        .load(conn)?;
    rows.into_iter().map(|(space, row)| Ok((space, tariff(row)?))).collect()
}
