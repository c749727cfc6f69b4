//! Verbs, used by hub imports. Descriptive facts change freely; what a space is made of never does.

use super::model::{Equipment, Floor, Portable, Site, SiteFacts, Space, SpaceFacts};
use super::{queries, rules, sql};
use crate::kernel::id::{AtomId, EquipmentId, FloorId, Id, SiteId, SpaceId};
use crate::kernel::{Change, Fault, Outcome, Put};
use crate::store::{Conn, Tx, phrases};

/// Something about the site is being signed, or was; asked of the domains above.
pub type IsSigned = fn(&mut Conn, &SiteId) -> Outcome<bool>;

/// What became of a site and of what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutSite {
    /// The site; refusals of its floors and spaces are here too.
    pub site: Put<SiteId>,
    /// Floors by code. Empty when refused.
    pub floors: Vec<(String, Change)>,
    /// Spaces by code. Empty when refused.
    pub spaces: Vec<(String, SpaceId, Change)>,
}

/// Creates the site of that code or brings it up to date, with its floors and spaces. All reasons against it at once.
pub fn put_site(tx: &mut Tx, facts: &SiteFacts, is_signed: IsSigned) -> Outcome<PutSite> {
    let now = tx.now();
    let present = match queries::site_by_code(tx, &facts.code)? {
        Some(site) => {
            let floors = queries::floors(tx, &site.id)?;
            let spaces = queries::spaces(tx, std::slice::from_ref(&site.id))?;
            Some(rules::Present { site, floors, spaces })
        }
        None => None,
    };
    let mut diff = rules::diff(present.as_ref(), facts);
    if let Some(present) = present.as_ref().filter(|_| !diff.when_signed.is_empty()) {
        // Nothing is agreed beside a change of what is signed about.
        phrases::lock_site(tx, &present.site.id)?;
        if is_signed(tx, &present.site.id)? {
            diff.refusals.append(&mut diff.when_signed);
        }
    }
    if !diff.refusals.is_empty() {
        let site = Put::refused(present.map(|present| present.site.id), diff.refusals);
        return Ok(PutSite { site, floors: Vec::new(), spaces: Vec::new() });
    }
    tx.changed_everything();
    let before = present.as_ref().map(|present| &present.site);
    let site = Site {
        id: before.map_or_else(SiteId::fresh, |site| site.id.clone()),
        code: facts.code.clone(),
        area_id: facts.area.clone(),
        organisation_id: facts.organisation.clone(),
        name_zh: facts.name_zh.clone(),
        name_en: facts.name_en.clone(),
        zone: facts.zone.clone(),
        address_zh: facts.address_zh.clone(),
        facts: facts.facts.clone(),
        rules: facts.rules.clone(),
        revision: before.map_or(1, |site| site.revision),
    };
    let change = of(before, &site);
    match change {
        Change::Created => sql::insert_site(tx, &site, now)?,
        Change::Updated => sql::describe_site(tx, &site)?,
        Change::Unchanged => {}
    }
    let (known_floors, known_spaces) = present.map_or_else(Default::default, |present| (present.floors, present.spaces));
    let mut put = PutSite { site: Put::done(site.id.clone(), change), floors: Vec::new(), spaces: Vec::new() };
    put_floors(tx, &site, facts, &known_floors, known_spaces, &mut put)?;
    let equipped = put_equipment(tx, &site, &facts.equipment)?;
    let inside = put.floors.iter().map(|floor| floor.1).chain(put.spaces.iter().map(|space| space.2));
    if change == Change::Unchanged && (equipped || inside.into_iter().any(|change| change != Change::Unchanged)) {
        sql::touch_site(tx, &site.id)?;
    }
    Ok(put)
}

fn of<T: PartialEq>(before: Option<&T>, after: &T) -> Change {
    match before {
        None => Change::Created,
        Some(before) if before == after => Change::Unchanged,
        Some(_) => Change::Updated,
    }
}

fn put_floors(tx: &mut Tx, site: &Site, wanted: &SiteFacts, floors: &[Floor], mut spaces: Vec<Space>, put: &mut PutSite) -> Outcome<()> {
    let now = tx.now();
    for facts in &wanted.floors {
        let before = floors.iter().find(|floor| floor.code == facts.code);
        let floor = Floor {
            id: before.map_or_else(FloorId::fresh, |floor| floor.id.clone()),
            code: facts.code.clone(),
            name_zh: facts.name_zh.clone(),
            area: facts.area,
            title: facts.title.clone(),
        };
        let change = of(before, &floor);
        if change != Change::Unchanged {
            sql::put_floor(tx, &site.id, &floor, before.is_none(), now)?;
        }
        put.floors.push((floor.code, change));
        // Undivided spaces first: a hall is made of them.
        let (undivided, divided): (Vec<_>, Vec<_>) = facts.spaces.iter().partition(|space| space.parts.is_empty());
        for facts in undivided.into_iter().chain(divided) {
            let (space, change) = put_space(tx, site, &floor.id, facts, &spaces)?;
            put.spaces.push((space.code.clone(), space.id.clone(), change));
            spaces.retain(|other| other.id != space.id);
            spaces.push(space);
        }
    }
    Ok(())
}

/// Brings the portable equipment of a site up to date; what the file names no more is lent no more. `true`: something changed.
fn put_equipment(tx: &mut Tx, site: &Site, wanted: &[Equipment]) -> Outcome<bool> {
    let now = tx.now();
    let present = queries::equipment(tx, &site.id)?;
    let mut changed = false;
    for facts in wanted {
        let before = present.iter().find(|portable| portable.code == facts.code);
        let portable = Portable {
            id: before.map_or_else(EquipmentId::fresh, |portable| portable.id.clone()),
            code: facts.code.clone(),
            name_zh: facts.name_zh.clone(),
            name_en: facts.name_en.clone(),
            stock: facts.count,
        };
        if of(before, &portable) != Change::Unchanged {
            sql::put_equipment(tx, &site.id, &portable, before.is_none(), now)?;
            changed = true;
        }
    }
    for gone in present.into_iter().filter(|portable| portable.stock > 0 && wanted.iter().all(|facts| facts.code != portable.code)) {
        sql::put_equipment(tx, &site.id, &Portable { stock: 0, ..gone }, false, now)?;
        changed = true;
    }
    Ok(changed)
}

/// The atoms a space is made of: its own, or those of its parts.
fn atoms(tx: &mut Tx, floor: &FloorId, facts: &SpaceFacts, others: &[Space]) -> Outcome<Vec<AtomId>> {
    let now = tx.now();
    let mut atoms = Vec::new();
    for part in &facts.parts {
        let part = others.iter().find(|space| space.code == *part).ok_or_else(|| Fault::internal("a part without its space"))?;
        atoms.extend(part.atoms.iter().cloned());
    }
    if facts.parts.is_empty() {
        let before = others.iter().find(|space| space.code == facts.code);
        match before.filter(|space| space.is_undivided() && space.floor_id == *floor) {
            Some(before) => atoms.extend(before.atoms.iter().cloned()),
            None => atoms.push(match queries::atom(tx, floor, &facts.code)? {
                Some(atom) => atom,
                None => sql::insert_atom(tx, floor, &facts.code, now)?,
            }),
        }
    }
    atoms.sort();
    atoms.dedup();
    Ok(atoms)
}

fn put_space(tx: &mut Tx, site: &Site, floor: &FloorId, facts: &SpaceFacts, others: &[Space]) -> Outcome<(Space, Change)> {
    let now = tx.now();
    let before = others.iter().find(|space| space.code == facts.code);
    let space = Space {
        id: before.map_or_else(SpaceId::fresh, |space| space.id.clone()),
        site_id: site.id.clone(),
        floor_id: floor.clone(),
        code: facts.code.clone(),
        name_zh: facts.name_zh.clone(),
        name_en: facts.name_en.clone(),
        kind: facts.kind,
        area: facts.area,
        zone_zh: facts.zone_zh.clone(),
        setup_minutes: facts.setup_minutes,
        cleanup_minutes: facts.cleanup_minutes,
        equipment: facts.equipment.clone(),
        assumed: facts.assumed.clone(),
        note_zh: facts.note_zh.clone(),
        title: facts.title.clone(),
        atoms: atoms(tx, floor, facts, others)?,
    };
    let change = of(before, &space);
    if change != Change::Unchanged {
        sql::put_space(tx, &space, before.is_none(), now)?;
    }
    if before.is_none_or(|before| before.atoms != space.atoms) {
        sql::replace_atoms(tx, &space)?;
    }
    Ok((space, change))
}

/// Notes that a use moved from a site to a space elsewhere.
pub fn put_relocation(tx: &mut Tx, site: &SiteId, use_code: &str, to: &SpaceId, note_zh: &str) -> Outcome<Change> {
    let present = queries::relocations(tx, site)?;
    let before = present.iter().find(|(moved, ..)| moved == use_code).map(|(_, to, note)| (to, note.as_str()));
    let change = of(before.as_ref(), &(to, note_zh));
    if change != Change::Unchanged {
        sql::replace_relocation(tx, site, use_code, to, note_zh)?;
        sql::touch_site(tx, site)?;
    }
    Ok(change)
}

/// Ends the relocations of a site for every use that is not among `kept`; gives those uses.
pub fn end_other_relocations(tx: &mut Tx, site: &SiteId, kept: &[&str]) -> Outcome<Vec<String>> {
    let present = queries::relocations(tx, site)?.into_iter().map(|(moved, ..)| moved);
    let gone: Vec<String> = present.filter(|moved| !kept.contains(&moved.as_str())).collect();
    for moved in &gone {
        sql::delete_relocation(tx, site, moved)?;
    }
    if !gone.is_empty() {
        sql::touch_site(tx, site)?;
    }
    Ok(gone)
}
