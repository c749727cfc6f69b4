//! Types.

use crate::areas::model::AreaKind;
use crate::kernel::Instant;
use crate::kernel::id::{AccountId, AreaId, GrantId, HouseholdId, OrganisationId, RepresentativeId};
use crate::outbox::Announcement;
use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// Roles of the permission table. Everyone else is the public.
    pub enum Role {
        /// 居民: follows from a verified household, never granted.
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
        /// 平台管理员: areas, first grants, keys; never books for others, signs, votes or posts.
        PlatformAdmin = "platform_admin",
    }
}

impl Role {
    /// The level an area must have for this role to hold in it; `None` = any.
    pub const fn level(self) -> Option<AreaKind> {
        match self {
            Role::DoorLeader => Some(AreaKind::Door),
            Role::GridLeader => Some(AreaKind::Grid),
            Role::Community => Some(AreaKind::Community),
            Role::Street => Some(AreaKind::Street),
            Role::District => Some(AreaKind::District),
            _ => None,
        }
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
    /// What a representative may do for the organisation (Civil Code art. 165: matters of the authorisation).
    pub enum Power {
        /// Sign and decline agreements.
        Sign = "sign",
        /// State a position in a round.
        Position = "position",
        /// Book spaces.
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

/// Where a role holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Scope {
    /// An area and everything in it.
    #[serde(rename = "area")]
    Area(String),
    /// An organisation.
    #[serde(rename = "organisation")]
    Organisation(String),
    /// Everywhere (platform administrators only).
    #[serde(rename = "platform")]
    Platform,
}

/// A role as a token carries it: for screens, other services and the coarse check. What counts is read in the transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RoleClaim {
    /// Role.
    pub role: Role,
    /// Where.
    pub scope: Scope,
}

/// A live grant, read in the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveGrant {
    /// Role.
    pub role: Role,
    /// Path of the area it holds in.
    pub area_path: Option<String>,
    /// Organisation it holds for.
    pub organisation: Option<OrganisationId>,
}

/// Who the caller is at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The account.
    pub account: AccountId,
    /// Its household, once the community has verified it.
    pub household: Option<HouseholdId>,
    /// Roles that hold now.
    pub grants: Vec<LiveGrant>,
    /// For whom it may act now, and in which matters.
    pub represents: Vec<Representation>,
    /// When the password was last given in this session.
    pub proved_at: Instant,
}

impl Standing {
    /// The representation that gives a power for an organisation in whatever matter. One for certain agreements alone does not:
    /// [`Standing::represents_in`] finds it where it counts.
    pub fn represents(&self, organisation: &OrganisationId, power: Power) -> Option<&Representation> {
        self.represents.iter().find(|r| r.organisation == *organisation && r.gives(power))
    }

    /// Somebody may do anything at all for an organisation.
    pub fn acts_for(&self, organisation: &OrganisationId) -> bool {
        self.represents.iter().any(|r| r.organisation == *organisation)
    }

    /// Somebody did it, or acts for the organisation it was done for.
    pub fn is_behind(&self, account: &AccountId, organisation: Option<&OrganisationId>) -> bool {
        *account == self.account || organisation.is_some_and(|organisation| self.acts_for(organisation))
    }

    /// The organisations somebody acts for with a power in whatever matter.
    pub fn acting_for(&self, power: Power) -> Vec<OrganisationId> {
        self.represents.iter().filter(|r| r.gives(power)).map(|r| r.organisation.clone()).collect()
    }

    /// The organisations somebody acts for with a power in certain agreements alone, with the natural codes of these.
    pub fn acting_in(&self, power: Power) -> Vec<(OrganisationId, Vec<String>)> {
        let limited = self.represents.iter().filter(|r| r.powers.contains(&power));
        limited.filter_map(|r| Some((r.organisation.clone(), r.agreements.clone()?))).collect()
    }

    /// The representation that gives a power for an organisation in one agreement, named by its natural code.
    pub fn represents_in(&self, organisation: &OrganisationId, power: Power, agreement: &str) -> Option<&Representation> {
        let covers = |r: &&Representation| r.agreements.as_ref().is_none_or(|only| only.iter().any(|code| code == agreement));
        self.represents.iter().filter(covers).find(|r| r.organisation == *organisation && r.powers.contains(&power))
    }
}

/// An organisation as others see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Organisation {
    /// Id.
    pub id: OrganisationId,
    /// Natural code.
    pub code: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// Area it belongs to.
    pub area_id: AreaId,
}

/// A representation that holds at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    /// Identity: what a signature names.
    pub id: RepresentativeId,
    /// For whom.
    pub organisation: OrganisationId,
    /// What for.
    pub powers: Vec<Power>,
    /// Natural codes of the only agreements it is about; `None` = every agreement (Civil Code art. 165: the matters).
    pub agreements: Option<Vec<String>>,
}

impl Representation {
    /// It gives a power in whatever matter, not in certain agreements alone.
    pub fn gives(&self, power: Power) -> bool {
        self.agreements.is_none() && self.powers.contains(&power)
    }
}

/// A representation whenever it holds, as its organisation and the desk see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representative {
    /// Identity.
    pub id: RepresentativeId,
    /// Who.
    pub account: AccountId,
    /// The name of who it is.
    pub name: String,
    /// For whom.
    pub organisation: OrganisationId,
    /// What for.
    pub powers: Vec<Power>,
    /// Natural codes of the only agreements it is about; `None` = every agreement.
    pub agreements: Option<Vec<String>>,
    /// From.
    pub from: Instant,
    /// Until.
    pub to: Instant,
    /// The document that gives the power.
    pub evidence: String,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

impl Representative {
    /// It holds at that moment.
    pub fn holds_at(&self, now: Instant) -> bool {
        self.from <= now && now < self.to && self.revoked_at.is_none()
    }
}

/// A role to grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// Identity.
    pub id: GrantId,
    /// Whom.
    pub account: AccountId,
    /// Role.
    pub role: Role,
    /// Where: an area …
    pub area: Option<AreaId>,
    /// … or an organisation.
    pub organisation: Option<OrganisationId>,
    /// From.
    pub from: Instant,
    /// Until.
    pub to: Instant,
}

/// An account the desk or a hub file creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// Natural code (hub files).
    pub code: Option<String>,
    /// Name.
    pub name: String,
    /// E.164.
    pub mobile: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Verified household.
    pub household: Option<HouseholdId>,
    /// Of somebody without a household: the area whose desk made the account.
    pub area: Option<AreaId>,
}

/// What a household is to be (hub files).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdFacts {
    /// Natural code.
    pub code: String,
    /// Its door.
    pub door: AreaId,
    /// What its people call it.
    pub label: String,
}

/// What an organisation is to be (hub files).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationFacts {
    /// Natural code.
    pub code: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// Where it belongs.
    pub area: AreaId,
}

/// What a representation is to be (hub files). Account, organisation and beginning tell which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepresentativeFacts {
    /// Who.
    pub account: AccountId,
    /// For whom.
    pub organisation: OrganisationId,
    /// What for.
    pub powers: Vec<Power>,
    /// Natural codes of the only agreements it is about; `None` = every agreement.
    pub agreements: Option<Vec<String>>,
    /// From.
    pub from: Instant,
    /// Until.
    pub to: Instant,
    /// The document that gives the power.
    pub evidence: String,
}

/// What a role grant is to be (hub files). Account, role and scope tell which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantFacts {
    /// Whom.
    pub account: AccountId,
    /// Role.
    pub role: Role,
    /// Where: an area …
    pub area: Option<AreaId>,
    /// … or an organisation.
    pub organisation: Option<OrganisationId>,
    /// From; `None` = at once.
    pub from: Option<Instant>,
    /// Until.
    pub to: Instant,
}

/// A household as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentHousehold {
    /// Id.
    pub id: HouseholdId,
    /// Its door.
    pub door: AreaId,
    /// What its people call it.
    pub label: String,
}

/// An account with a natural code as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentPerson {
    /// Id.
    pub id: AccountId,
    /// Name.
    pub name: String,
    /// E.164.
    pub mobile: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Household.
    pub household: Option<HouseholdId>,
    /// The community has verified the household.
    pub verified: bool,
    /// Somebody has set a password.
    pub claimed: bool,
    /// They had themselves erased: only the id is left.
    pub erased: bool,
}

impl PresentPerson {
    /// A description leaves the name and the ways to reach them as they are.
    pub fn is_described_by(&self, wanted: &NewPerson) -> bool {
        self.name == wanted.name && self.mobile == wanted.mobile && self.email == wanted.email
    }
}

/// A representation as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentRepresentative {
    /// Id.
    pub id: RepresentativeId,
    /// What it says.
    pub facts: RepresentativeFacts,
}

impl PresentRepresentative {
    /// It is the one those facts speak about.
    pub fn is_about(&self, facts: &RepresentativeFacts) -> bool {
        self.facts.account == facts.account && self.facts.organisation == facts.organisation && self.facts.from == facts.from
    }
}

/// A grant as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentGrant {
    /// Id.
    pub id: GrantId,
    /// What it says; `from` is always there.
    pub facts: GrantFacts,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

/// An account has another password: what its owner must know if it was not they.
#[derive(Debug, Serialize, Deserialize)]
pub struct PasswordReplaced {
    /// Whose.
    pub account: AccountId,
    /// With a claim code, not with the password before.
    pub by_code: bool,
}

impl Announcement for PasswordReplaced {
    const KIND: &'static str = "account.password_replaced";
}

/// A claim code was issued for an account that has a password.
#[derive(Debug, Serialize, Deserialize)]
pub struct ResetOffered {
    /// Whose.
    pub account: AccountId,
    /// The area whose desk issued it; `None`: the platform administrator.
    pub desk: Option<AreaId>,
}

impl Announcement for ResetOffered {
    const KIND: &'static str = "account.reset_offered";
}
