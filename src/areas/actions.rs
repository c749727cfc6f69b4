//! Verbs.

use super::model::{Area, AreaKind};
use super::{queries, sql};
use crate::kernel::id::{AreaId, Id};
use crate::kernel::{Code, Fault, Outcome};
use crate::store::Tx;

/// What an area is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaFacts {
    /// Natural code.
    pub code: String,
    /// Level.
    pub kind: AreaKind,
    /// Natural code of the area it lies in.
    pub parent: Option<String>,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// Residential buildings.
    pub buildings: Option<i64>,
    /// Households.
    pub households: Option<i64>,
    /// Residents.
    pub people: Option<i64>,
}

/// Creates the area of that code or brings its description up to date. An area never moves: another level or parent is refused.
pub fn put(tx: &mut Tx, facts: &AreaFacts) -> Outcome<Area> {
    let parent = match &facts.parent {
        Some(code) => Some(queries::by_code(tx, code)?.ok_or_else(|| Fault::from(Code::NotFound))?),
        None => None,
    };
    let present = queries::by_code(tx, &facts.code)?;
    let id = present.as_ref().map_or_else(AreaId::fresh, |area| area.id.clone());
    let area = Area {
        path: format!("{}{id}/", parent.as_ref().map_or("", |p| p.path.as_str())),
        id,
        code: facts.code.clone(),
        kind: facts.kind,
        parent_id: parent.map(|p| p.id),
        name_zh: facts.name_zh.clone(),
        name_en: facts.name_en.clone(),
        buildings: facts.buildings,
        households: facts.households,
        people: facts.people,
        created_at: present.as_ref().map_or(tx.now().0, |p| p.created_at),
    };
    match present {
        None => sql::insert(tx, &area)?,
        Some(present) if present == area => {}
        Some(present) if present.path == area.path && present.kind == area.kind => sql::describe(tx, &area)?,
        Some(_) => {
            return Err(Fault::saying(
                Code::ImportRefused,
                format!("地区 {} 不能换到别处。", facts.code),
                format!("Area {} cannot move.", facts.code),
            ));
        }
    }
    Ok(area)
}
