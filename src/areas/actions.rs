//! Verbs.

use super::model::{Area, AreaKind};
use super::{queries, rules, sql};
use crate::kernel::id::{AreaId, Id};
use crate::kernel::{Change, Code, Fault, Outcome, Put};
use crate::store::Tx;
use std::collections::{BTreeMap, BTreeSet};

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

/// Creates the areas of those codes or brings their description up to date, parents first whatever their order; the
/// answers stand in the order asked. An area never moves: another level or parent is refused.
pub fn put_all(tx: &mut Tx, wanted: &[AreaFacts]) -> Outcome<Vec<Put<Area>>> {
    let codes: BTreeSet<&String> = wanted.iter().flat_map(|facts| [Some(&facts.code), facts.parent.as_ref()]).flatten().collect();
    let codes: Vec<String> = codes.into_iter().cloned().collect();
    let mut known: BTreeMap<String, Area> = queries::by_codes(tx, &codes)?.into_iter().map(|area| (area.code.clone(), area)).collect();
    let mut order: Vec<(usize, &AreaFacts)> = wanted.iter().enumerate().collect();
    order.sort_by_key(|(_, facts)| facts.kind);
    let mut done: Vec<(usize, Put<Area>)> = Vec::with_capacity(wanted.len());
    for (place, facts) in order {
        let parent = match &facts.parent {
            Some(code) => Some(known.get(code).ok_or_else(|| Fault::from(Code::NotFound))?),
            None => None,
        };
        let present = known.get(&facts.code);
        let id = present.map_or_else(AreaId::fresh, |area| area.id.clone());
        let area = Area {
            path: format!("{}{id}/", parent.map_or("", |p| p.path.as_str())),
            id,
            code: facts.code.clone(),
            kind: facts.kind,
            parent_id: parent.map(|p| p.id.clone()),
            name_zh: facts.name_zh.clone(),
            name_en: facts.name_en.clone(),
            buildings: facts.buildings,
            households: facts.households,
            people: facts.people,
            created_at: present.map_or(tx.now().0, |p| p.created_at),
        };
        let put = match rules::change(present, &area) {
            Err(refusal) => Put::refused(present.cloned(), vec![refusal]),
            Ok(change) => {
                match change {
                    Change::Created => sql::insert(tx, &area)?,
                    Change::Updated => sql::describe(tx, &area)?,
                    Change::Unchanged => {}
                }
                known.insert(area.code.clone(), area.clone());
                Put::done(area, change)
            }
        };
        done.push((place, put));
    }
    done.sort_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, put)| put).collect())
}
