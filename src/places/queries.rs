//! Reads.

use super::model::{Floor, Portable, Site, SiteRules, Space, SpaceKind};
use crate::areas::queries::inside;
use crate::kernel::id::{AreaId, AtomId, EquipmentId, FloorId, OrganisationId, SiteId, SpaceId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Area, Fault, Outcome, Zone};
use crate::store::schema::{areas, atoms, equipment, floors, relocations, sites, space_atoms, spaces};
use crate::store::{Conn, MultiBackend};
use diesel::prelude::*;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A row of `sites`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = sites)]
pub struct SiteRow {
    id: SiteId,
    code: String,
    area_id: AreaId,
    organisation_id: Option<OrganisationId>,
    name_zh: String,
    name_en: Option<String>,
    zone: String,
    address_zh: Option<String>,
    facts: String,
    granularity_minutes: i32,
    min_minutes: i32,
    max_minutes: i32,
    lead_minutes: i32,
    horizon_days: i32,
    limits: String,
    no_show_minutes: i32,
    revision: i32,
}

/// A row of `spaces`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = spaces)]
pub struct SpaceRow {
    id: SpaceId,
    site_id: SiteId,
    floor_id: FloorId,
    code: String,
    name_zh: String,
    name_en: Option<String>,
    kind: SpaceKind,
    area: Area,
    zone_zh: Option<String>,
    setup_minutes: i32,
    cleanup_minutes: i32,
    equipment: String,
    assumed: String,
    note_zh: Option<String>,
    title_organisation_id: Option<OrganisationId>,
}

fn json<T: DeserializeOwned>(text: &str) -> Outcome<T> {
    serde_json::from_str(text).map_err(|e| Fault::internal(format!("stored JSON: {e}")))
}

impl SiteRow {
    fn site(self) -> Outcome<Site> {
        Ok(Site {
            zone: Zone::named(&self.zone).ok_or_else(|| Fault::internal(format!("unknown zone {}", self.zone)))?,
            facts: json(&self.facts)?,
            rules: SiteRules {
                granularity_minutes: self.granularity_minutes,
                min_minutes: self.min_minutes,
                max_minutes: self.max_minutes,
                lead_minutes: self.lead_minutes,
                horizon_days: self.horizon_days,
                limits: json(&self.limits)?,
                no_show_minutes: self.no_show_minutes,
            },
            id: self.id,
            code: self.code,
            area_id: self.area_id,
            organisation_id: self.organisation_id,
            name_zh: self.name_zh,
            name_en: self.name_en,
            address_zh: self.address_zh,
            revision: self.revision,
        })
    }
}

impl SpaceRow {
    fn space(self, atoms: Vec<AtomId>) -> Outcome<Space> {
        Ok(Space {
            equipment: json(&self.equipment)?,
            assumed: json(&self.assumed)?,
            id: self.id,
            site_id: self.site_id,
            floor_id: self.floor_id,
            code: self.code,
            name_zh: self.name_zh,
            name_en: self.name_en,
            kind: self.kind,
            area: self.area,
            zone_zh: self.zone_zh,
            setup_minutes: self.setup_minutes,
            cleanup_minutes: self.cleanup_minutes,
            note_zh: self.note_zh,
            title: self.title_organisation_id,
            atoms,
        })
    }
}

/// Rows of (space, atom) become spaces, in the order of the rows.
fn gather(rows: Vec<(SpaceRow, AtomId)>) -> Outcome<Vec<Space>> {
    let mut spaces: Vec<Space> = Vec::new();
    for (row, atom) in rows {
        match spaces.last_mut() {
            Some(last) if last.id == row.id => last.atoms.push(atom),
            _ => spaces.push(row.space(vec![atom])?),
        }
    }
    Ok(spaces)
}

/// Spaces of sites that are a common part of the owners: neither they nor their floors have an owner of their own.
pub fn common_parts(conn: &mut Conn, sites: &[SiteId]) -> Outcome<Vec<SpaceId>> {
    let nobodys = spaces::title_organisation_id.is_null().and(floors::title_organisation_id.is_null());
    let common = spaces::table.inner_join(floors::table).filter(spaces::site_id.eq_any(sites).and(nobodys));
    Ok(common.order(spaces::id).select(spaces::id).load(conn)?)
}

/// A space with its site and the path of the managing area, in one query.
#[derive(Debug, Clone)]
pub struct Located {
    /// The space.
    pub space: Space,
    /// Its site.
    pub site: Site,
    /// Path of the managing area.
    pub area_path: String,
}

/// A row of [`located_rows`]: the space with one of its atoms.
#[derive(Queryable)]
pub struct LocatedRow(SpaceRow, AtomId, SiteRow, String);

type SpaceColumns = <SpaceRow as Selectable<MultiBackend>>::SelectExpression;
type SiteColumns = <SiteRow as Selectable<MultiBackend>>::SelectExpression;

/// What [`Located::of`] reads, to be asked alone or beside other things.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn located_rows<'a>(id: &'a SpaceId) -> _ {
    let space: SpaceColumns = <SpaceRow as Selectable<MultiBackend>>::construct_selection();
    let site: SiteColumns = <SiteRow as Selectable<MultiBackend>>::construct_selection();
    spaces::table.inner_join(space_atoms::table).inner_join(sites::table.inner_join(areas::table)).filter(spaces::id.eq(id)).select((
        space,
        space_atoms::atom_id,
        site,
        areas::path,
    ))
}

impl Located {
    /// The space the rows are of; `None`: there are none.
    pub fn of(rows: Vec<LocatedRow>) -> Outcome<Option<Located>> {
        let mut atoms: Vec<AtomId> = rows.iter().map(|row| row.1.clone()).collect();
        atoms.sort();
        let Some(LocatedRow(space, _, site, area_path)) = rows.into_iter().next() else { return Ok(None) };
        Ok(Some(Located { space: space.space(atoms)?, site: site.site()?, area_path }))
    }
}

/// The space of that id, located.
pub fn located(conn: &mut Conn, id: &SpaceId) -> Outcome<Option<Located>> {
    Located::of(located_rows(id).load(conn)?)
}

/// Who owns a space: its own title, else its floor's; `None`: a common part of the owners.
pub fn owner(conn: &mut Conn, space: &Space) -> Outcome<Option<OrganisationId>> {
    match &space.title {
        Some(title) => Ok(Some(title.clone())),
        None => Ok(floors::table.find(&space.floor_id).select(floors::title_organisation_id).first(conn)?),
    }
}

/// The site of that id.
pub fn site(conn: &mut Conn, id: &SiteId) -> Outcome<Option<Site>> {
    sites::table.find(id).select(SiteRow::as_select()).first(conn).optional()?.map(SiteRow::site).transpose()
}

/// The site of that natural code.
pub fn site_by_code(conn: &mut Conn, code: &str) -> Outcome<Option<Site>> {
    sites::table.filter(sites::code.eq(code)).select(SiteRow::as_select()).first(conn).optional()?.map(SiteRow::site).transpose()
}

/// Path of a site's managing area.
pub fn area_path(conn: &mut Conn, id: &SiteId) -> Outcome<Option<String>> {
    Ok(sites::table.find(id).inner_join(areas::table).select(areas::path).first(conn).optional()?)
}

/// The zone of time of every area with a site in it, by the area's id; where sites differ, that of the first by code.
pub fn zones(conn: &mut Conn) -> Outcome<BTreeMap<String, Zone>> {
    let rows: Vec<(String, String)> =
        sites::table.inner_join(areas::table).order(sites::code).select((areas::path, sites::zone)).load(conn)?;
    let mut zones = BTreeMap::new();
    for (path, zone) in rows {
        let Some(zone) = Zone::named(&zone) else { continue };
        for area in path.split('/').filter(|area| !area.is_empty()) {
            zones.entry(area.to_owned()).or_insert_with(|| zone.clone());
        }
    }
    Ok(zones)
}

/// Sites in order of code.
pub fn page(conn: &mut Conn, ask: &PageAsk, area: Option<&AreaId>) -> Outcome<PageOf<Site>> {
    let mut query = sites::table.inner_join(areas::table).select(SiteRow::as_select()).order(sites::code).limit(ask.fetch()).into_boxed();
    if let Some(after) = &ask.after {
        query = query.filter(sites::code.gt(after));
    }
    if let Some(area) = area {
        query = query.filter(areas::path.like(format!("%{area}/%")));
    }
    let rows: Vec<SiteRow> = query.load(conn)?;
    let page = ask.cut(rows, |row| row.code.clone());
    let next = page.next.clone();
    Ok(PageOf { items: page.items.into_iter().map(SiteRow::site).collect::<Outcome<_>>()?, next })
}

/// Sites of some ids, in order of code.
pub fn sites_of(conn: &mut Conn, ids: &[SiteId]) -> Outcome<Vec<Site>> {
    let rows: Vec<SiteRow> = sites::table.filter(sites::id.eq_any(ids)).order(sites::code).select(SiteRow::as_select()).load(conn)?;
    rows.into_iter().map(SiteRow::site).collect()
}

/// At most `most` sites managed by the area of that path or one inside it, in order of code; of the whole service without a path.
pub fn sites_below(conn: &mut Conn, path: Option<&str>, most: i64) -> Outcome<Vec<Site>> {
    let mut query = sites::table.inner_join(areas::table).select(SiteRow::as_select()).order(sites::code).limit(most).into_boxed();
    if let Some(path) = path {
        query = query.filter(inside(path));
    }
    let rows: Vec<SiteRow> = query.load(conn)?;
    rows.into_iter().map(SiteRow::site).collect()
}

/// Floors of a site in order of code.
pub fn floors(conn: &mut Conn, site: &SiteId) -> Outcome<Vec<Floor>> {
    let rows: Vec<(FloorId, String, String, Area, Option<OrganisationId>)> = floors::table
        .filter(floors::site_id.eq(site))
        .order(floors::code)
        .select((floors::id, floors::code, floors::name_zh, floors::area, floors::title_organisation_id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, code, name_zh, area, title)| Floor { id, code, name_zh, area, title }).collect())
}

/// Spaces of several sites, in order of site and code.
pub fn spaces(conn: &mut Conn, sites: &[SiteId]) -> Outcome<Vec<Space>> {
    let rows = spaces::table
        .inner_join(space_atoms::table)
        .filter(spaces::site_id.eq_any(sites))
        .order((spaces::site_id, spaces::code, space_atoms::atom_id))
        .select((SpaceRow::as_select(), space_atoms::atom_id))
        .load(conn)?;
    gather(rows)
}

/// A space by its names, with the zone of its site.
#[derive(Debug, Clone)]
pub struct Named {
    /// The space.
    pub id: SpaceId,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// Zone of its site.
    pub zone: Zone,
}

/// Names of several spaces.
pub fn named(conn: &mut Conn, ids: &[SpaceId]) -> Outcome<Vec<Named>> {
    let rows: Vec<(SpaceId, String, Option<String>, String)> = spaces::table
        .inner_join(sites::table)
        .filter(spaces::id.eq_any(ids))
        .select((spaces::id, spaces::name_zh, spaces::name_en, sites::zone))
        .load(conn)?;
    let zone = |name: &str| Zone::named(name).ok_or_else(|| Fault::internal(format!("unknown zone {name}")));
    rows.into_iter().map(|(id, name_zh, name_en, in_zone)| Ok(Named { id, name_zh, name_en, zone: zone(&in_zone)? })).collect()
}

/// Every space made of any of the atoms.
pub fn made_of(conn: &mut Conn, atoms: &[AtomId]) -> Outcome<Vec<SpaceId>> {
    Ok(space_atoms::table.filter(space_atoms::atom_id.eq_any(atoms)).select(space_atoms::space_id).distinct().load(conn)?)
}

/// The atoms of several spaces.
pub fn atoms_of(conn: &mut Conn, spaces: &[SpaceId]) -> Outcome<Vec<(SpaceId, AtomId)>> {
    Ok(space_atoms::table.filter(space_atoms::space_id.eq_any(spaces)).order((space_atoms::space_id, space_atoms::atom_id)).load(conn)?)
}

/// Uses that moved from a site to a space elsewhere.
pub fn relocations(conn: &mut Conn, site: &SiteId) -> Outcome<Vec<(String, SpaceId, String)>> {
    Ok(relocations::table
        .filter(relocations::site_id.eq(site))
        .order(relocations::use_code)
        .select((relocations::use_code, relocations::to_space_id, relocations::note_zh))
        .load(conn)?)
}

/// The atom of that code on a floor.
pub fn atom(conn: &mut Conn, floor: &FloorId, code: &str) -> Outcome<Option<AtomId>> {
    Ok(atoms::table.filter(atoms::floor_id.eq(floor).and(atoms::code.eq(code))).select(atoms::id).first(conn).optional()?)
}

/// Every site by its natural code.
pub fn site_codes(conn: &mut Conn) -> Outcome<Vec<(String, SiteId)>> {
    Ok(sites::table.select((sites::code, sites::id)).load(conn)?)
}

/// Every space: code of the site, code of the space, id.
pub fn space_codes(conn: &mut Conn) -> Outcome<Vec<(String, String, SpaceId)>> {
    Ok(spaces::table.inner_join(sites::table).select((sites::code, spaces::code, spaces::id)).load(conn)?)
}

/// Portable equipment of a site in order of code, what is lent no more with it.
pub fn equipment(conn: &mut Conn, site: &SiteId) -> Outcome<Vec<Portable>> {
    let of_site = equipment::table.filter(equipment::site_id.eq(site)).order(equipment::code);
    portables(of_site.select((equipment::id, equipment::code, equipment::name_zh, equipment::name_en, equipment::stock)).load(conn)?)
}

/// Portable equipment of some ids, in order of id.
pub fn equipment_of_ids(conn: &mut Conn, ids: &[EquipmentId]) -> Outcome<Vec<Portable>> {
    let of_ids = equipment::table.filter(equipment::id.eq_any(ids)).order(equipment::id);
    portables(of_ids.select((equipment::id, equipment::code, equipment::name_zh, equipment::name_en, equipment::stock)).load(conn)?)
}

fn portables(rows: Vec<(EquipmentId, String, String, Option<String>, i64)>) -> Outcome<Vec<Portable>> {
    Ok(rows.into_iter().map(|(id, code, name_zh, name_en, stock)| Portable { id, code, name_zh, name_en, stock }).collect())
}

/// Organisations that run a site managed by an area on the path.
pub fn run_by(conn: &mut Conn, path: &str) -> Outcome<Vec<OrganisationId>> {
    let above: Vec<&str> = path.split('/').filter(|id| !id.is_empty()).collect();
    let run = sites::table.filter(sites::area_id.eq_any(above).and(sites::organisation_id.is_not_null()));
    let found: Vec<Option<OrganisationId>> = run.select(sites::organisation_id).distinct().load(conn)?;
    Ok(found.into_iter().flatten().collect())
}
