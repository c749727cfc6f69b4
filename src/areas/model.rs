//! Types.

use crate::kernel::id::AreaId;
use crate::words;
use serde::Serialize;

words! {
    /// Level of an area, from the widest.
    pub enum AreaKind {
        /// 区
        District = "district",
        /// 街道
        Street = "street",
        /// 社区
        Community = "community",
        /// 网格
        Grid = "grid",
        /// 楼门
        Door = "door",
    }
}

/// An area, as stored and as shown.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable, diesel::Insertable, Serialize, utoipa::ToSchema)]
#[diesel(table_name = crate::store::schema::areas, treat_none_as_default_value = false)]
pub struct Area {
    /// Id.
    pub id: AreaId,
    /// Natural code.
    pub code: String,
    /// Level.
    pub kind: AreaKind,
    /// The area it lies in.
    pub parent_id: Option<AreaId>,
    /// Ids from the root to this area, each followed by `/`.
    pub path: String,
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
    /// UTC microseconds.
    #[serde(skip)]
    pub created_at: i64,
}
