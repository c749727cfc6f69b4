//! Routes. Places are public.

use super::model::{Equipment, Fact, Floor, Portable, Site, SiteRules, Space, SpaceKind};
use super::queries;
use crate::http::{CursorKey, Page, Query, etag};
use crate::kernel::form;
use crate::kernel::id::{AreaId, FloorId, OrganisationId, SiteId, SpaceId};
use crate::kernel::{Code, Fault, Outcome};
use crate::people::model::Organisation;
use crate::store::Db;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

const LIST: &str = "sites";

/// A site on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteView {
    id: SiteId,
    code: String,
    area_id: AreaId,
    organisation_id: Option<OrganisationId>,
    name_zh: String,
    name_en: Option<String>,
    /// IANA time zone; every civil date and hour of the site is in it.
    zone: String,
    address_zh: Option<String>,
    facts: Vec<Fact>,
    rules: SiteRules,
}

impl From<Site> for SiteView {
    fn from(site: Site) -> Self {
        Self {
            zone: site.zone.name().to_owned(),
            id: site.id,
            code: site.code,
            area_id: site.area_id,
            organisation_id: site.organisation_id,
            name_zh: site.name_zh,
            name_en: site.name_en,
            address_zh: site.address_zh,
            facts: site.facts,
            rules: site.rules,
        }
    }
}

/// A space on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpaceView {
    id: SpaceId,
    site_id: SiteId,
    floor_id: FloorId,
    code: String,
    name_zh: String,
    name_en: Option<String>,
    kind: SpaceKind,
    /// Units of 0.01 m².
    #[schema(value_type = i64)]
    area: crate::kernel::Area,
    zone_zh: Option<String>,
    setup_minutes: i32,
    cleanup_minutes: i32,
    equipment: Vec<Equipment>,
    /// Fields whose figure is an assumption of ours, not a fact.
    assumed: Vec<String>,
    note_zh: Option<String>,
    /// Owner where it differs from the floor's.
    title_organisation_id: Option<OrganisationId>,
    /// Spaces that are parts of this one; booking either closes the other.
    parts: Vec<SpaceId>,
    /// Spaces this one is a part of.
    part_of: Vec<SpaceId>,
}

impl SpaceView {
    fn of(space: &Space, all: &[Space]) -> Self {
        Self {
            id: space.id.clone(),
            site_id: space.site_id.clone(),
            floor_id: space.floor_id.clone(),
            code: space.code.clone(),
            name_zh: space.name_zh.clone(),
            name_en: space.name_en.clone(),
            kind: space.kind,
            area: space.area,
            zone_zh: space.zone_zh.clone(),
            setup_minutes: space.setup_minutes,
            cleanup_minutes: space.cleanup_minutes,
            equipment: space.equipment.clone(),
            assumed: space.assumed.clone(),
            note_zh: space.note_zh.clone(),
            title_organisation_id: space.title.clone(),
            parts: all.iter().filter(|other| other.is_part_of(space)).map(|other| other.id.clone()).collect(),
            part_of: all.iter().filter(|other| space.is_part_of(other)).map(|other| other.id.clone()).collect(),
        }
    }
}

/// A floor on the wire.
#[derive(Debug, Serialize, ToSchema)]
pub struct FloorView {
    id: FloorId,
    code: String,
    name_zh: String,
    /// Units of 0.01 m².
    #[schema(value_type = i64)]
    area: crate::kernel::Area,
    /// Owner; null = common part of the owners (共有部分).
    title_organisation_id: Option<OrganisationId>,
    spaces: Vec<SpaceView>,
}

/// A use that moved to a space elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelocationView {
    #[serde(rename = "use")]
    use_code: String,
    to_space_id: SpaceId,
    note_zh: String,
}

/// A site with its floors and spaces.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteDetail {
    #[serde(flatten)]
    site: SiteView,
    floors: Vec<FloorView>,
    relocations: Vec<RelocationView>,
    /// Portable equipment, lent with any of its rooms.
    equipment: Vec<Portable>,
    /// Owners and operators named above.
    organisations: Vec<Organisation>,
}

/// Sites in order of code
#[utoipa::path(tag = "places", params(
    ("area_id" = Option<AreaId>, Query, description = "Only sites managed by this area or one inside it"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<SiteView>)))]
#[get("/sites")]
pub async fn get_sites(db: Data<Db>, keys: Data<CursorKey>, query: Query) -> Outcome<Json<Page<SiteView>>> {
    let (ask, area) = query.read(|form| Some((keys.ask(LIST, form), form.may("area_id", form::id::<AreaId>))))?;
    let page = db.read(move |tx| queries::page(tx, &ask, area.as_ref())).await?;
    Ok(Json(keys.page(LIST, page.map(SiteView::from))))
}

/// A site with its floors and spaces
#[utoipa::path(tag = "places", params(("id" = SiteId, Path)), responses((status = 200, body = SiteDetail), (status = 304)))]
#[get("/sites/{id}")]
pub async fn get_site(db: Data<Db>, request: HttpRequest, id: Path<SiteId>) -> Outcome<HttpResponse> {
    let detail = db.read(move |tx| {
        let site = queries::site(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let spaces = queries::spaces(tx, std::slice::from_ref(&site.id))?;
        let floors = queries::floors(tx, &site.id)?;
        let named = floors
            .iter()
            .filter_map(|f| f.title.clone())
            .chain(spaces.iter().filter_map(|s| s.title.clone()))
            .chain(site.organisation_id.clone());
        let organisations = crate::people::queries::organisations(tx, &named.collect::<Vec<_>>())?;
        let relocations = queries::relocations(tx, &site.id)?;
        let equipment: Vec<Portable> = queries::equipment(tx, &site.id)?.into_iter().filter(|portable| portable.stock > 0).collect();
        Ok((site, floors, spaces, relocations, equipment, organisations))
    });
    let (site, floors, spaces, relocations, equipment, organisations) = detail.await?;
    let floor = |floor: Floor| FloorView {
        spaces: spaces.iter().filter(|space| space.floor_id == floor.id).map(|space| SpaceView::of(space, &spaces)).collect(),
        id: floor.id,
        code: floor.code,
        name_zh: floor.name_zh,
        area: floor.area,
        title_organisation_id: floor.title,
    };
    let detail = SiteDetail {
        floors: floors.into_iter().map(floor).collect(),
        relocations: relocations
            .into_iter()
            .map(|(use_code, to_space_id, note_zh)| RelocationView { use_code, to_space_id, note_zh })
            .collect(),
        site: site.into(),
        equipment,
        organisations,
    };
    // Names of organisations are in it, and more that is no change of the site.
    etag::show_answer(&request, &detail)
}

/// A space
#[utoipa::path(tag = "places", params(("id" = SpaceId, Path)), responses((status = 200, body = SpaceView)))]
#[get("/spaces/{id}")]
pub async fn get_space(db: Data<Db>, id: Path<SpaceId>) -> Outcome<Json<SpaceView>> {
    let view = db.read(move |tx| {
        let found = queries::located(tx, &id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
        let all = queries::spaces(tx, std::slice::from_ref(&found.site.id))?;
        Ok(SpaceView::of(&found.space, &all))
    });
    Ok(Json(view.await?))
}
