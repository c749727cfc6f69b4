//! Writes of closures.

use crate::impact::model::closures::{Closure, Opening};
use crate::kernel::id::{ClosureId, SpaceId};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{closure_openings, closure_spaces, closures};
use diesel::prelude::*;

#[derive(Insertable)]
#[diesel(table_name = closure_spaces, treat_none_as_default_value = false)]
struct SpaceRow<'a> {
    closure_id: &'a str,
    space_id: &'a str,
}

pub(in crate::impact) fn insert(conn: &mut Conn, closure: &Closure) -> Outcome<()> {
    let row = (
        closures::id.eq(&closure.id),
        closures::site_id.eq(&closure.site),
        closures::from_at.eq(closure.from),
        closures::until_at.eq(closure.until),
        closures::closed_until.eq(closure.until),
        closures::reason.eq(&closure.reason),
        closures::closed_as.eq(closure.closed_as),
        closures::closed_by.eq(&closure.closed_by),
        closures::closed_at.eq(closure.closed_at),
    );
    diesel::insert_into(closures::table).values(row).execute(conn)?;
    let row = |space: &'_ SpaceId| space.as_str().to_owned();
    let ids: Vec<String> = closure.spaces.iter().map(row).collect();
    let rows: Vec<SpaceRow> = ids.iter().map(|space| SpaceRow { closure_id: closure.id.as_str(), space_id: space }).collect();
    crate::insert_all!(conn, closure_spaces::table, &rows)?;
    Ok(())
}

pub(in crate::impact) fn insert_opening(conn: &mut Conn, closure: &ClosureId, opening: &Opening) -> Outcome<()> {
    let row = (
        closure_openings::id.eq(&opening.id),
        closure_openings::closure_id.eq(closure),
        closure_openings::from_at.eq(opening.from),
        closure_openings::until_at.eq(opening.until),
        closure_openings::reason.eq(&opening.reason),
        closure_openings::opened_by.eq(&opening.opened_by),
        closure_openings::opened_at.eq(opening.opened_at),
    );
    diesel::insert_into(closure_openings::table).values(row).execute(conn)?;
    Ok(())
}

/// Until when something of it is closed: what lists look at.
pub(in crate::impact) fn set_closed_until(conn: &mut Conn, closure: &ClosureId, until: Instant) -> Outcome<()> {
    diesel::update(closures::table.find(closure)).set(closures::closed_until.eq(until)).execute(conn)?;
    Ok(())
}
