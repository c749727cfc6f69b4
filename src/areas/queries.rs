//! Reads.

use super::model::{Area, AreaKind};
use crate::kernel::Outcome;
use crate::kernel::id::AreaId;
use crate::kernel::page::{PageAsk, PageOf};
use crate::store::Conn;
use crate::store::schema::areas;
use diesel::dsl;
use diesel::prelude::*;

/// That an area is the one of a path or lies inside it.
pub type Inside = dsl::And<dsl::GtEq<areas::path, String>, dsl::Lt<areas::path, String>>;

/// The areas inside one, itself among them: everything that begins with its path, which ends in a slash; after the slash comes the
/// nought, so an index finds it.
pub fn inside(path: &str) -> Inside {
    areas::path.ge(path.to_owned()).and(areas::path.lt(format!("{}0", path.trim_end_matches('/'))))
}

/// The area of that id.
pub fn find(conn: &mut Conn, id: &AreaId) -> Outcome<Option<Area>> {
    Ok(areas::table.find(id).select(Area::as_select()).first(conn).optional()?)
}

/// The area of that natural code.
pub fn by_code(conn: &mut Conn, code: &str) -> Outcome<Option<Area>> {
    Ok(areas::table.filter(areas::code.eq(code)).select(Area::as_select()).first(conn).optional()?)
}

/// Every natural code with its level.
pub fn codes(conn: &mut Conn) -> Outcome<Vec<(String, AreaKind)>> {
    Ok(areas::table.select((areas::code, areas::kind)).load(conn)?)
}

/// The areas of those natural codes.
pub fn by_codes(conn: &mut Conn, codes: &[String]) -> Outcome<Vec<Area>> {
    Ok(areas::table.filter(areas::code.eq_any(codes)).order(areas::code).select(Area::as_select()).load(conn)?)
}

/// The areas of those ids.
pub fn by_ids(conn: &mut Conn, ids: &[AreaId]) -> Outcome<Vec<Area>> {
    Ok(areas::table.filter(areas::id.eq_any(ids)).order(areas::code).select(Area::as_select()).load(conn)?)
}

/// All areas in order of code, optionally only those directly in `parent`.
pub fn page(conn: &mut Conn, ask: &PageAsk, parent: Option<&AreaId>) -> Outcome<PageOf<Area>> {
    let mut query = areas::table.select(Area::as_select()).order(areas::code).limit(ask.fetch()).into_boxed();
    if let Some(after) = &ask.after {
        query = query.filter(areas::code.gt(after));
    }
    if let Some(parent) = parent {
        query = query.filter(areas::parent_id.eq(parent));
    }
    Ok(ask.cut(query.load(conn)?, |area| area.code.clone()))
}

/// The area of a level on a path.
pub fn above(conn: &mut Conn, path: &str, kind: AreaKind) -> Outcome<Option<Area>> {
    let ids: Vec<&str> = path.split('/').filter(|id| !id.is_empty()).collect();
    Ok(areas::table.filter(areas::id.eq_any(ids).and(areas::kind.eq(kind))).select(Area::as_select()).first(conn).optional()?)
}
