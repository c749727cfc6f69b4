//! Types.

use crate::kernel::id::{AreaId, AtomId, EquipmentId, FloorId, OrganisationId, SiteId, SpaceId};
use crate::kernel::{Area, Zone};
use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// What a space is.
    pub enum SpaceKind {
        /// 大厅
        Hall = "hall",
        /// 活动室、多功能室
        Room = "room",
        /// 会议室
        MeetingRoom = "meeting_room",
        /// 阅览室
        ReadingRoom = "reading_room",
        /// 工作室、书画室
        Studio = "studio",
        /// 托育室
        Nursery = "nursery",
        /// 养老照料室
        Care = "care",
        /// 厨房、餐厅
        Kitchen = "kitchen",
        /// 洗衣房
        Laundry = "laundry",
        /// 办公、服务台
        Office = "office",
        /// 街区工作站
        Station = "station",
        /// 运动场地
        Sports = "sports",
        /// 室外场地
        Outdoor = "outdoor",
    }
}

/// A fact worth telling about a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fact {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: Option<String>,
}

/// Something that stands in a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Equipment {
    /// Natural code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// How many.
    pub count: i64,
}

/// Portable equipment of a site, lent with any of its rooms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Portable {
    /// Id.
    pub id: EquipmentId,
    /// Natural code inside the site.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// How many there are; 0: not lent any more.
    pub stock: i64,
}

words! {
    /// Whose bookings a quota counts.
    pub enum QuotaHolder {
        /// Those of one household, whoever of it booked.
        Household = "household",
        /// Those of one organisation; they never draw on a household.
        Organisation = "organisation",
    }
}

words! {
    /// The stretch of days a quota counts over, in the site's zone.
    pub enum QuotaSpan {
        /// A civil day.
        Day = "day",
        /// A week from Monday.
        Week = "week",
        /// A calendar month.
        Month = "month",
        /// Any so many days in a row.
        Rolling = "rolling",
    }
}

/// How much one holder may have over all spaces of a site within a stretch of days; a booking counts where it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Quota {
    /// Whose bookings count.
    pub holder: QuotaHolder,
    /// Counted over.
    pub per: QuotaSpan,
    /// Days in a row, for `rolling`.
    pub days: Option<i64>,
    /// Most bookings; `None` = no limit of their number.
    pub bookings: Option<i64>,
    /// Most hours together; `None` = no limit of their length.
    pub hours: Option<i64>,
}

/// What a site may say of its bookings beside the five figures every site has. Everything is optional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Limits {
    /// Working days between the day of booking and the day of use, by the statutory calendar; 0 = none.
    pub lead_working_days: i32,
    /// Days ahead that a series may reach.
    pub series_horizon_days: i32,
    /// Households of the community, and whom a priority clause names, book through the whole horizon; everybody else a day
    /// only from so many days before. `None` = all alike.
    pub residents_first_days: Option<i32>,
    /// Most minutes one holder may have a room in bookings that follow each other. `None` = no limit.
    pub joined_max_minutes: Option<i32>,
    /// Most bookings one holder may have at the same moment. `None` = no limit.
    pub at_once: Option<i32>,
    /// A holder's cancellation later than so many hours before the start still counts towards a quota; 0 = never.
    pub late_cancel_hours: i32,
    /// How much one holder may have.
    pub quotas: Vec<Quota>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lead_working_days: 0,
            series_horizon_days: 366,
            residents_first_days: None,
            joined_max_minutes: None,
            at_once: None,
            late_cancel_hours: 0,
            quotas: Vec::new(),
        }
    }
}

/// The site's own rules for bookings; every agreement stands above them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SiteRules {
    /// Starts and lengths lie on this grid, counted from midnight.
    pub granularity_minutes: i32,
    /// Shortest booking.
    pub min_minutes: i32,
    /// Longest booking.
    pub max_minutes: i32,
    /// Minutes between booking and start.
    pub lead_minutes: i32,
    /// Days ahead that can be booked.
    pub horizon_days: i32,
    /// Minutes after the start at which a room nobody came to is released; 0 = never.
    pub no_show_minutes: i32,
    /// Everything else.
    #[serde(flatten)]
    pub limits: Limits,
}

impl Default for SiteRules {
    fn default() -> Self {
        Self {
            granularity_minutes: 30,
            min_minutes: 30,
            max_minutes: 480,
            lead_minutes: 0,
            horizon_days: 60,
            no_show_minutes: 15,
            limits: Limits::default(),
        }
    }
}

/// A site.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Id.
    pub id: SiteId,
    /// Natural code.
    pub code: String,
    /// Managing area: selects the audit chain.
    pub area_id: AreaId,
    /// Who runs it.
    pub organisation_id: Option<OrganisationId>,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// Time zone.
    pub zone: Zone,
    /// Address.
    pub address_zh: Option<String>,
    /// Facts.
    pub facts: Vec<Fact>,
    /// Rules.
    pub rules: SiteRules,
    /// Counts changes.
    pub revision: i32,
}

/// A floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floor {
    /// Id.
    pub id: FloorId,
    /// Natural code inside the site.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// Area.
    pub area: Area,
    /// Owner; `None` = common part of the owners.
    pub title: Option<OrganisationId>,
}

/// The longest a space is held before a booking, and after it.
pub const MOST_BUFFER_MINUTES: i64 = 240;

/// A space with its atoms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// Id.
    pub id: SpaceId,
    /// Site.
    pub site_id: SiteId,
    /// Floor.
    pub floor_id: FloorId,
    /// Natural code inside the site.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// What it is.
    pub kind: SpaceKind,
    /// Area.
    pub area: Area,
    /// Zone of the building, as people call it (党建学习区).
    pub zone_zh: Option<String>,
    /// Minutes held before a booking, [`MOST_BUFFER_MINUTES`] at most.
    pub setup_minutes: i32,
    /// Minutes held after a booking, as many at most.
    pub cleanup_minutes: i32,
    /// What stands in it.
    pub equipment: Vec<Equipment>,
    /// Fields whose figure is an assumption, not a fact.
    pub assumed: Vec<String>,
    /// Note.
    pub note_zh: Option<String>,
    /// Owner where it differs from the floor's.
    pub title: Option<OrganisationId>,
    /// Its smallest parts, in order of id.
    pub atoms: Vec<AtomId>,
}

impl Space {
    /// It is one atom: a part of a hall, or a room of its own. A hall has at least two.
    pub fn is_undivided(&self) -> bool {
        self.atoms.len() == 1
    }
    /// It is a part of that space: its atoms are some of the other's.
    pub fn is_part_of(&self, other: &Space) -> bool {
        self.id != other.id && self.atoms.len() < other.atoms.len() && self.atoms.iter().all(|atom| other.atoms.contains(atom))
    }
}

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
    /// Portable equipment.
    pub equipment: Vec<Equipment>,
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
    /// Minutes held before a booking, [`MOST_BUFFER_MINUTES`] at most.
    pub setup_minutes: i32,
    /// Minutes held after a booking, as many at most.
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
