//! The closed lists of words in a hub file.

use crate::words;

words! {
    /// Level of an area, from the widest to the narrowest.
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

words! {
    /// What an organisation is.
    pub enum OrganisationKind {
        /// 产权单位
        PropertyUnit = "property_unit",
        /// 物业
        PropertyManager = "property_manager",
        /// 社会组织
        SocialOrganisation = "social_organisation",
        /// 专业机构
        Operator = "operator",
        /// 自管会
        Committee = "committee",
        /// 社区
        Community = "community",
        /// 街道
        Street = "street",
        /// 部门
        Department = "department",
    }
}

words! {
    /// What a representative may do for the organisation.
    pub enum Power {
        /// Sign agreements.
        Sign = "sign",
        /// State a position in a round.
        Position = "position",
        /// Book for the organisation.
        Book = "book",
        /// Approve usage terms, bookings and services that need the organisation.
        Approve = "approve",
        /// List services.
        List = "list",
        /// Post to the ledger.
        Ledger = "ledger",
        /// Order a suspension of its own spaces.
        Suspend = "suspend",
    }
}

words! {
    /// A role a person is granted in a scope.
    pub enum RoleWord {
        /// 居民
        Resident = "resident",
        /// 楼门长
        DoorLeader = "door_leader",
        /// 网格员
        GridLeader = "grid_leader",
        /// 社区
        Community = "community",
        /// 街道
        Street = "street",
        /// 产权单位
        PropertyUnit = "property_unit",
        /// 物业
        PropertyManager = "property_manager",
        /// 社会组织
        SocialOrganisation = "social_organisation",
        /// 专业机构
        Operator = "operator",
        /// 区级
        District = "district",
        /// 审计
        Auditor = "auditor",
    }
}

impl RoleWord {
    /// The level an area scope of this role must have; `None` = any.
    pub const fn level(self) -> Option<AreaKind> {
        match self {
            RoleWord::DoorLeader => Some(AreaKind::Door),
            RoleWord::GridLeader => Some(AreaKind::Grid),
            RoleWord::Community => Some(AreaKind::Community),
            RoleWord::Street => Some(AreaKind::Street),
            RoleWord::District => Some(AreaKind::District),
            _ => None,
        }
    }
}

words! {
    /// What a space is built for.
    pub enum SpaceKind {
        /// 大厅
        Hall = "hall",
        /// 多功能室
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
        /// 办公室
        Office = "office",
        /// 工作站
        Station = "station",
        /// 体育场地
        Sports = "sports",
    }
}

words! {
    /// A figure of a space that may be an assumption instead of a given fact.
    pub enum Figure {
        /// Its area.
        Area = "area_m2",
        /// Which parts it divides into.
        Parts = "parts",
        /// Minutes of set-up.
        SetUp = "setup_minutes",
        /// Minutes of clean-up.
        CleanUp = "cleanup_minutes",
        /// Its equipment.
        Equipment = "equipment",
        /// Whose it is.
        Title = "title",
        /// Its capacity in the agreement's clause.
        Capacity = "capacity",
        /// Its hours in the agreement's clause.
        Hours = "hours",
        /// Its prices in the tariffs and ceilings.
        Prices = "prices",
    }
}

words! {
    /// 免费 or 部分低偿.
    pub enum TariffKind {
        /// Free.
        Free = "free",
        /// Low-cost.
        LowCost = "low_cost",
    }
}
