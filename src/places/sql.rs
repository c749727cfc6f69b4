//! Writes.

use super::model::{Floor, Portable, Site, Space};
use crate::kernel::id::{AtomId, FloorId, Id, SiteId, SpaceId};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{atoms, equipment, floors, relocations, sites, space_atoms, spaces};
use diesel::prelude::*;
use serde::Serialize;

fn text(value: &impl Serialize) -> Outcome<String> {
    serde_json::to_string(value).map_err(Fault::internal)
}

pub(super) fn insert_site(conn: &mut Conn, site: &Site, now: Instant) -> Outcome<()> {
    let row = (
        sites::id.eq(&site.id),
        sites::code.eq(&site.code),
        sites::area_id.eq(&site.area_id),
        sites::organisation_id.eq(&site.organisation_id),
        sites::name_zh.eq(&site.name_zh),
        sites::name_en.eq(&site.name_en),
        sites::zone.eq(site.zone.name()),
        sites::address_zh.eq(&site.address_zh),
        sites::facts.eq(text(&site.facts)?),
        sites::granularity_minutes.eq(site.rules.granularity_minutes),
        sites::min_minutes.eq(site.rules.min_minutes),
        sites::max_minutes.eq(site.rules.max_minutes),
        sites::lead_minutes.eq(site.rules.lead_minutes),
        sites::horizon_days.eq(site.rules.horizon_days),
        sites::limits.eq(text(&site.rules.limits)?),
        sites::no_show_minutes.eq(site.rules.no_show_minutes),
        sites::created_at.eq(now.0),
    );
    diesel::insert_into(sites::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn describe_site(conn: &mut Conn, site: &Site) -> Outcome<()> {
    let row = (
        sites::organisation_id.eq(&site.organisation_id),
        sites::name_zh.eq(&site.name_zh),
        sites::name_en.eq(&site.name_en),
        sites::address_zh.eq(&site.address_zh),
        sites::facts.eq(text(&site.facts)?),
        sites::granularity_minutes.eq(site.rules.granularity_minutes),
        sites::min_minutes.eq(site.rules.min_minutes),
        sites::max_minutes.eq(site.rules.max_minutes),
        sites::lead_minutes.eq(site.rules.lead_minutes),
        sites::horizon_days.eq(site.rules.horizon_days),
        sites::limits.eq(text(&site.rules.limits)?),
        sites::no_show_minutes.eq(site.rules.no_show_minutes),
        sites::revision.eq(sites::revision + 1),
    );
    diesel::update(sites::table.find(&site.id)).set(row).execute(conn)?;
    Ok(())
}

/// What the site shows changed below it: another ETag.
pub(super) fn touch_site(conn: &mut Conn, id: &SiteId) -> Outcome<()> {
    diesel::update(sites::table.find(id)).set(sites::revision.eq(sites::revision + 1)).execute(conn)?;
    Ok(())
}

pub(super) fn put_floor(conn: &mut Conn, site: &SiteId, floor: &Floor, new: bool, now: Instant) -> Outcome<()> {
    let facts = (floors::name_zh.eq(&floor.name_zh), floors::area.eq(floor.area), floors::title_organisation_id.eq(&floor.title));
    if new {
        let row = (floors::id.eq(&floor.id), floors::site_id.eq(site), floors::code.eq(&floor.code), floors::created_at.eq(now.0));
        diesel::insert_into(floors::table).values((row, facts)).execute(conn)?;
    } else {
        diesel::update(floors::table.find(&floor.id)).set(facts).execute(conn)?;
    }
    Ok(())
}

pub(super) fn insert_atom(conn: &mut Conn, floor: &FloorId, code: &str, now: Instant) -> Outcome<AtomId> {
    let id = AtomId::fresh();
    let row = (atoms::id.eq(&id), atoms::floor_id.eq(floor), atoms::code.eq(code), atoms::created_at.eq(now.0));
    diesel::insert_into(atoms::table).values(row).execute(conn)?;
    Ok(id)
}

pub(super) fn put_space(conn: &mut Conn, space: &Space, new: bool, now: Instant) -> Outcome<()> {
    let facts = (
        spaces::floor_id.eq(&space.floor_id),
        spaces::name_zh.eq(&space.name_zh),
        spaces::name_en.eq(&space.name_en),
        spaces::kind.eq(space.kind),
        spaces::area.eq(space.area),
        spaces::zone_zh.eq(&space.zone_zh),
        spaces::setup_minutes.eq(space.setup_minutes),
        spaces::cleanup_minutes.eq(space.cleanup_minutes),
        spaces::equipment.eq(text(&space.equipment)?),
        spaces::assumed.eq(text(&space.assumed)?),
        spaces::note_zh.eq(&space.note_zh),
        spaces::title_organisation_id.eq(&space.title),
    );
    if !new {
        diesel::update(spaces::table.find(&space.id)).set(facts).execute(conn)?;
        return Ok(());
    }
    let row = (spaces::id.eq(&space.id), spaces::site_id.eq(&space.site_id), spaces::code.eq(&space.code), spaces::created_at.eq(now.0));
    diesel::insert_into(spaces::table).values((row, facts)).execute(conn)?;
    Ok(())
}

pub(super) fn replace_atoms(conn: &mut Conn, space: &Space) -> Outcome<()> {
    diesel::delete(space_atoms::table.filter(space_atoms::space_id.eq(&space.id))).execute(conn)?;
    for atom in &space.atoms {
        diesel::insert_into(space_atoms::table)
            .values((space_atoms::space_id.eq(&space.id), space_atoms::atom_id.eq(atom)))
            .execute(conn)?;
    }
    Ok(())
}

pub(super) fn replace_relocation(conn: &mut Conn, site: &SiteId, use_code: &str, to: &SpaceId, note_zh: &str) -> Outcome<()> {
    delete_relocation(conn, site, use_code)?;
    let row = (
        relocations::site_id.eq(site),
        relocations::use_code.eq(use_code),
        relocations::to_space_id.eq(to),
        relocations::note_zh.eq(note_zh),
    );
    diesel::insert_into(relocations::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn delete_relocation(conn: &mut Conn, site: &SiteId, use_code: &str) -> Outcome<()> {
    diesel::delete(relocations::table.find((site, use_code))).execute(conn)?;
    Ok(())
}

pub(super) fn put_equipment(conn: &mut Conn, site: &SiteId, portable: &Portable, new: bool, now: Instant) -> Outcome<()> {
    let facts = (equipment::name_zh.eq(&portable.name_zh), equipment::name_en.eq(&portable.name_en), equipment::stock.eq(portable.stock));
    if new {
        let row = (
            equipment::id.eq(&portable.id),
            equipment::site_id.eq(site),
            equipment::code.eq(&portable.code),
            equipment::created_at.eq(now.0),
        );
        diesel::insert_into(equipment::table).values((row, facts)).execute(conn)?;
    } else {
        diesel::update(equipment::table.find(&portable.id)).set(facts).execute(conn)?;
    }
    Ok(())
}
