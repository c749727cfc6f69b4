//! Verbs, used by hub imports. Descriptive facts change freely; what a space is made of does not.

use super::model::{Equipment, Fact, Floor, Site, SiteRules, Space, SpaceKind};
use super::{queries, rules, sql};
use crate::kernel::id::{AreaId, FloorId, Id, OrganisationId, SiteId, SpaceId};
use crate::kernel::{Area, Code, Fault, Outcome, Zone};
use crate::store::Tx;

/// What a site is to be.
#[derive(Debug, Clone)]
pub struct SiteFacts {
    /// Natural code.
    pub code: String,
    /// Managing area.
    pub area: AreaId,
    /// Who runs it.
    pub organisation: Option<OrganisationId>,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// Zone.
    pub zone: Zone,
    /// Address.
    pub address_zh: Option<String>,
    /// Facts.
    pub facts: Vec<Fact>,
    /// Rules.
    pub rules: SiteRules,
    /// Floors with their spaces.
    pub floors: Vec<FloorFacts>,
}

/// What a floor is to be.
#[derive(Debug, Clone)]
pub struct FloorFacts {
    /// Natural code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// Area.
    pub area: Area,
    /// Owner; `None` = common part.
    pub title: Option<OrganisationId>,
    /// Spaces.
    pub spaces: Vec<SpaceFacts>,
}

/// What a space is to be.
#[derive(Debug, Clone)]
pub struct SpaceFacts {
    /// Natural code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// What it is.
    pub kind: SpaceKind,
    /// Area.
    pub area: Area,
    /// Zone of the building.
    pub zone_zh: Option<String>,
    /// Codes of the spaces it divides into; empty = it is one atom.
    pub parts: Vec<String>,
    /// Minutes held before a booking.
    pub setup_minutes: i32,
    /// Minutes held after a booking.
    pub cleanup_minutes: i32,
    /// What stands in it.
    pub equipment: Vec<Equipment>,
    /// Owner where it differs from the floor's.
    pub title: Option<OrganisationId>,
    /// Fields whose figure is an assumption.
    pub assumed: Vec<String>,
    /// Note.
    pub note_zh: Option<String>,
}

fn refused(zh: String, en: String) -> Fault {
    Fault::saying(Code::ImportRefused, zh, en)
}

/// Creates the site of that code or brings its description up to date, with its floors and spaces.
pub fn put_site(tx: &mut Tx, facts: &SiteFacts) -> Outcome<SiteId> {
    let now = tx.now();
    let present = queries::site_by_code(tx, &facts.code)?;
    let site = Site {
        id: present.as_ref().map_or_else(SiteId::fresh, |site| site.id.clone()),
        code: facts.code.clone(),
        area_id: facts.area.clone(),
        organisation_id: facts.organisation.clone(),
        name_zh: facts.name_zh.clone(),
        name_en: facts.name_en.clone(),
        zone: facts.zone.clone(),
        address_zh: facts.address_zh.clone(),
        facts: facts.facts.clone(),
        rules: facts.rules,
        revision: present.as_ref().map_or(1, |site| site.revision),
    };
    match &present {
        None => sql::insert_site(tx, &site, now)?,
        Some(before) if before.area_id != site.area_id || before.zone != site.zone => {
            let code = &facts.code;
            return Err(refused(
                format!("场所 {code} 的管理地区和时区不能改。"),
                format!("Area and time zone of site {code} cannot change."),
            ));
        }
        Some(before) if *before != site => sql::describe_site(tx, &site)?,
        Some(_) => {}
    }
    put_floors(tx, &site, &facts.floors)?;
    Ok(site.id)
}

fn put_floors(tx: &mut Tx, site: &Site, wanted: &[FloorFacts]) -> Outcome<()> {
    let now = tx.now();
    let floors = queries::floors(tx, &site.id)?;
    let mut spaces = queries::spaces(tx, std::slice::from_ref(&site.id))?;
    let kept = |code: &str| wanted.iter().any(|floor| floor.spaces.iter().any(|space| space.code == code));
    if let Some(gone) = spaces.iter().find(|space| !kept(&space.code)) {
        let code = format!("{}/{}", site.code, gone.code);
        return Err(refused(format!("文件里少了已有的空间 {code}。"), format!("The file leaves out the space {code}.")));
    }
    for facts in wanted {
        let before = floors.iter().find(|floor| floor.code == facts.code);
        let floor = Floor {
            id: before.map_or_else(FloorId::fresh, |floor| floor.id.clone()),
            code: facts.code.clone(),
            name_zh: facts.name_zh.clone(),
            area: facts.area,
            title: facts.title.clone(),
        };
        if before != Some(&floor) {
            sql::put_floor(tx, &site.id, &floor, before.is_none(), now)?;
        }
        check_layout(facts)?;
        // Undivided spaces first: a hall is made of them.
        let (undivided, divided): (Vec<_>, Vec<_>) = facts.spaces.iter().partition(|space| space.parts.is_empty());
        for space in undivided.into_iter().chain(divided) {
            let put = put_space(tx, site, &floor.id, space, &spaces)?;
            spaces.retain(|other| other.id != put.id);
            spaces.push(put);
        }
    }
    Ok(())
}

/// Atoms fit the floor; the parts of a hall fit the hall. A divided hall counts once, with its own area.
fn check_layout(floor: &FloorFacts) -> Outcome<()> {
    let is_part = |code: &str| floor.spaces.iter().any(|space| space.parts.iter().any(|part| part == code));
    let outer: Vec<Area> = floor.spaces.iter().filter(|space| !is_part(&space.code)).map(|space| space.area).collect();
    if !rules::fits_floor(floor.area, &outer) {
        let (code, area) = (&floor.code, floor.area);
        return Err(refused(
            format!("楼层 {code} 只有 {area} 平方米,空间加起来超过了。"),
            format!("The spaces of floor {code} are larger than its {area} m²."),
        ));
    }
    for hall in floor.spaces.iter().filter(|space| !space.parts.is_empty()) {
        let parts: Vec<Area> = floor.spaces.iter().filter(|space| hall.parts.contains(&space.code)).map(|space| space.area).collect();
        if !rules::fits_floor(hall.area, &parts) {
            return Err(refused(
                format!("{} 的各部分比整体还大。", hall.code),
                format!("The parts of {} are larger than the whole.", hall.code),
            ));
        }
    }
    Ok(())
}

fn put_space(tx: &mut Tx, site: &Site, floor: &FloorId, facts: &SpaceFacts, others: &[Space]) -> Outcome<Space> {
    let now = tx.now();
    let before = others.iter().find(|space| space.code == facts.code);
    let mut atoms = match (before, facts.parts.is_empty()) {
        (Some(before), true) => before.atoms.clone(),
        (None, true) => vec![sql::insert_atom(tx, floor, &facts.code, now)?],
        (_, false) => {
            let of = |code: &String| others.iter().find(|space| space.code == *code).map(|space| space.atoms.clone());
            let parts: Option<Vec<_>> = facts.parts.iter().map(of).collect();
            parts
                .ok_or_else(|| refused(format!("{} 的组成部分不存在。", facts.code), format!("A part of {} does not exist.", facts.code)))?
                .concat()
        }
    };
    atoms.sort();
    atoms.dedup();
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
        atoms,
    };
    match before {
        Some(before) if *before == space => {}
        Some(before) if before.atoms != space.atoms || before.floor_id != space.floor_id => {
            let code = &facts.code;
            return Err(refused(format!("空间 {code} 的组成不能改。"), format!("What space {code} is made of cannot change.")));
        }
        before => sql::put_space(tx, &space, before.is_none(), now)?,
    }
    Ok(space)
}

/// Notes that a use moved from a site to a space elsewhere.
pub fn put_relocation(tx: &mut Tx, site: &SiteId, use_code: &str, to: &SpaceId, note_zh: &str) -> Outcome<()> {
    sql::replace_relocation(tx, site, use_code, to, note_zh)
}
