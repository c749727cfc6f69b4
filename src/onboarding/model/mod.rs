//! A hub file and its parts, as written. Codes are natural codes; a reference is a code.
//!
//! - here: the parts; what a thing is (kinds, roles, powers, rules, components) says the domain it belongs to
//! - [`imported`]: what an import did · [`words`]: the one list of words only a hub file knows · `read`: from a value to the parts

pub mod imported;
mod read;
pub mod words;

pub use imported::{Applied, Count, Imported};
pub(super) use read::read;
pub use words::Figure;

use super::yaml::Lines;
use crate::areas::model::AreaKind;
use crate::kernel::time::Day;
use crate::kernel::{Area, Zone};
use crate::people::model::{OrganisationKind, Power, Role};
use crate::places::model::{Equipment, Fact, SiteRules, SpaceKind};
use crate::pricing::model::{Component, TariffKind};
use crate::terms::model::{Clause, SpaceRef, Use};
use std::ops::Deref;

/// A part of the file that knows where it stands, so that a later refusal can name its line.
#[derive(Debug, Clone, PartialEq)]
pub struct At<T> {
    /// JSON pointer into the file.
    pub pointer: String,
    /// The part.
    pub part: T,
}

impl<T> Deref for At<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.part
    }
}

/// A whole hub file.
#[derive(Debug, Clone, PartialEq)]
pub struct HubFile {
    /// Code of the hub.
    pub hub: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: Option<String>,
    /// Areas, parents not necessarily first.
    pub areas: Vec<At<AreaEntry>>,
    /// The household register.
    pub households: Vec<At<HouseholdEntry>>,
    /// Organisations.
    pub organisations: Vec<At<OrganisationEntry>>,
    /// People who get an account.
    pub people: Vec<At<PersonEntry>>,
    /// Who may act for an organisation.
    pub representatives: Vec<At<RepresentativeEntry>>,
    /// Role grants.
    pub roles: Vec<At<RoleEntry>>,
    /// Sites with floors, spaces and tariffs.
    pub sites: Vec<At<SiteEntry>>,
    /// Agreements as drafts.
    pub agreements: Vec<At<AgreementEntry>>,
    /// The lines of the file, for faults found later (`lines.place(faults)`).
    pub lines: Lines,
}

/// An area.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaEntry {
    /// Code.
    pub code: String,
    /// Level.
    pub kind: AreaKind,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// Code of the area it lies in; only a district has none.
    pub parent: Option<String>,
    /// Number of buildings.
    pub buildings: Option<i64>,
    /// Number of households.
    pub households: Option<i64>,
    /// Number of people.
    pub people: Option<i64>,
}

/// A household (户).
#[derive(Debug, Clone, PartialEq)]
pub struct HouseholdEntry {
    /// Code.
    pub code: String,
    /// Code of its door.
    pub door: String,
    /// `3单元201`; shown to the household only.
    pub label: String,
}

/// An organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct OrganisationEntry {
    /// Code.
    pub code: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// Code of the area it belongs to.
    pub area: String,
}

/// A person.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonEntry {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Mobile number, `+861…`. At least one of mobile and e-mail is there.
    pub mobile: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Code of the household.
    pub household: Option<String>,
}

/// A power to act for an organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct RepresentativeEntry {
    /// Code of the person.
    pub person: String,
    /// Code of the organisation.
    pub organisation: String,
    /// What for.
    pub powers: Vec<Power>,
    /// Codes of the only agreements it is about; `None` = every agreement.
    pub agreements: Option<Vec<String>>,
    /// First day.
    pub from: Day,
    /// First day it no longer holds.
    pub to: Option<Day>,
    /// The document that gives the power.
    pub evidence: String,
}

/// Where a role holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// In the area of that code and everything below.
    Area(String),
    /// For the organisation of that code.
    Organisation(String),
}

/// A role grant.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleEntry {
    /// Code of the person.
    pub person: String,
    /// Role.
    pub role: Role,
    /// Where.
    pub scope: Scope,
    /// First day; `None` = at once.
    pub from: Option<Day>,
    /// First day it no longer holds.
    pub to: Option<Day>,
}

/// A use that moved to another site.
#[derive(Debug, Clone, PartialEq)]
pub struct Relocation {
    /// The use.
    pub use_code: Use,
    /// Where it went.
    pub to: SpaceRef,
    /// What to tell people.
    pub note_zh: String,
}

/// A site.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteEntry {
    /// Code.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// Code of the managing area.
    pub area: String,
    /// Zone of time.
    pub zone: Zone,
    /// Postal address.
    pub address_zh: Option<String>,
    /// Code of the organisation that runs it.
    pub organisation: Option<String>,
    /// Facts for the reader.
    pub facts: Vec<Fact>,
    /// How it is booked.
    pub rules: SiteRules,
    /// Portable equipment, lent with any of its rooms.
    pub equipment: Vec<Equipment>,
    /// Floors.
    pub floors: Vec<At<FloorEntry>>,
    /// Prices. The most specific one counts: space and use, space, use, all.
    pub tariffs: Vec<At<TariffEntry>>,
    /// Uses that moved away.
    pub relocations: Vec<At<Relocation>>,
}

/// Whose a floor or a space is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Title {
    /// The organisation of that code owns it.
    Organisation(String),
    /// 共有部分: the owners' common part.
    Common,
}

/// A floor.
#[derive(Debug, Clone, PartialEq)]
pub struct FloorEntry {
    /// Code, unique in the site.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// Area.
    pub area: Area,
    /// Whose it is.
    pub title: Title,
    /// Spaces, parts of halls included.
    pub spaces: Vec<At<SpaceEntry>>,
}

/// A space: an atom, or a hall made of atoms.
#[derive(Debug, Clone, PartialEq)]
pub struct SpaceEntry {
    /// Code, unique in the site.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// What it is built for.
    pub kind: SpaceKind,
    /// Area.
    pub area: Area,
    /// Zone of the site it lies in: `党建学习区`.
    pub zone_zh: Option<String>,
    /// Codes of the atoms it divides into; empty = it is an atom itself.
    pub parts: Vec<String>,
    /// Minutes before a booking.
    pub setup_minutes: i32,
    /// Minutes after a booking.
    pub cleanup_minutes: i32,
    /// Equipment.
    pub equipment: Vec<Equipment>,
    /// Whose it is, when other than the floor.
    pub title: Option<Title>,
    /// Figures nobody has given yet.
    pub assumed: Vec<Figure>,
    /// A note for the reader.
    pub note_zh: Option<String>,
}

/// A price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TariffEntry {
    /// Codes of spaces of the same site; empty = all.
    pub spaces: Vec<String>,
    /// The use; `None` = every use.
    pub use_code: Option<Use>,
    /// Free or low-cost.
    pub kind: TariffKind,
    /// Components, together the whole price; none when free.
    pub components: Vec<Component>,
}

/// An agreement as a draft.
#[derive(Debug, Clone, PartialEq)]
pub struct AgreementEntry {
    /// Code.
    pub code: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: Option<String>,
    /// Code of the managing area.
    pub area: String,
    /// Codes of the sites it covers.
    pub sites: Vec<String>,
    /// Clauses.
    pub clauses: Vec<At<Clause>>,
}
