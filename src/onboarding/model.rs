//! A hub file and its parts, as written. Codes are natural codes; a reference is a code.

use super::yaml::Lines;
use crate::kernel::form::{self, Form, Spot};
use crate::kernel::time::Day;
use crate::kernel::{Area, Fen, FieldFault, Zone, text};
use crate::terms::model::{Clause, Per, SpaceRef, Use, clause};
use crate::words;
use serde_json::Value;
use std::ops::{Deref, RangeInclusive};

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
    pub role: RoleWord,
    /// Where.
    pub scope: Scope,
    /// First day; `None` = at once.
    pub from: Option<Day>,
    /// First day it no longer holds.
    pub to: Option<Day>,
}

/// A fact about a site that no rule reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: Option<String>,
}

/// How a site is booked. Every figure is a multiple of the granularity where that makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookingRules {
    /// Bookings start and end on multiples of this.
    pub granularity_minutes: i64,
    /// Shortest booking.
    pub min_minutes: i64,
    /// Longest booking.
    pub max_minutes: i64,
    /// At least this long before the start.
    pub lead_minutes: i64,
    /// At most so many days ahead.
    pub horizon_days: i64,
}

impl Default for BookingRules {
    fn default() -> Self {
        Self { granularity_minutes: 30, min_minutes: 30, max_minutes: 480, lead_minutes: 0, horizon_days: 60 }
    }
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
    pub rules: BookingRules,
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

/// A kind of thing that belongs to a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equipment {
    /// Code, unique in the space.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: Option<String>,
    /// How many.
    pub count: i64,
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
    pub setup_minutes: i64,
    /// Minutes after a booking.
    pub cleanup_minutes: i64,
    /// Equipment.
    pub equipment: Vec<Equipment>,
    /// Whose it is, when other than the floor.
    pub title: Option<Title>,
    /// Figures nobody has given yet.
    pub assumed: Vec<Figure>,
    /// A note for the reader.
    pub note_zh: Option<String>,
}

/// A fee component. Together they are the whole price: nothing is charged on top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeComponent {
    /// Chinese label.
    pub label_zh: String,
    /// English label.
    pub label_en: Option<String>,
    /// Fen.
    pub fen: Fen,
    /// Counted by.
    pub per: Per,
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
    /// Components; none when free.
    pub components: Vec<FeeComponent>,
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

const NAME: usize = 60;
const TITLE: usize = 120;
const NOTE: usize = 1000;

/// A part with its place.
fn at<'a, T>(each: impl Fn(&Spot<'a>) -> Option<T>) -> impl Fn(&Spot<'a>) -> Option<At<T>> {
    move |spot| each(spot).map(|part| At { pointer: spot.pointer().to_owned(), part })
}

/// A list of the items that could be read. A faulty one is recorded and left out, so that checks across the file still
/// meet the others; the file as a whole is refused anyway.
fn kept<'a, T>(bounds: RangeInclusive<usize>, each: impl Fn(&Spot<'a>) -> Option<T>) -> impl Fn(&Spot<'a>) -> Option<Vec<At<T>>> {
    let each = at(each);
    let all = form::list(bounds, move |spot| Some(each(spot)));
    move |spot| all(spot).map(|items| items.into_iter().flatten().collect())
}

fn mobile(spot: &Spot) -> Option<String> {
    let read = match spot.value {
        Value::String(written) => text::mobile(written),
        // Without quotes YAML takes it for a number.
        Value::Number(number) => text::mobile(&number.to_string()),
        _ => None,
    };
    read.or_else(|| spot.fault("wrong-mobile", "不是有效的手机号码。", "Not a mobile number of mainland China."))
}

fn email(spot: &Spot) -> Option<String> {
    let read = spot.value.as_str().and_then(text::email);
    read.or_else(|| spot.fault("wrong-email", "不是有效的电子邮箱。", "Not an e-mail address."))
}

fn zone(spot: &Spot) -> Option<Zone> {
    let read = spot.value.as_str().and_then(Zone::named);
    read.or_else(|| spot.fault("unknown-zone", "没有这个时区,例如 Asia/Shanghai。", "No such zone; write for example Asia/Shanghai."))
}

fn title(spot: &Spot) -> Option<Title> {
    form::code(spot).map(|code| if code == "common" { Title::Common } else { Title::Organisation(code) })
}

/// `from` before `to`, where both are there.
fn in_order(form: &Form, from: Option<Day>, to: Option<Day>) -> Option<()> {
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        form.fault("to", "ends-before-start", "失效日要晚于生效日。", "Must be after `from`.");
        return None;
    }
    Some(())
}

fn area(spot: &Spot) -> Option<AreaEntry> {
    spot.object(|form| {
        let code = form.need("code", form::code);
        let kind = form.need("kind", form::word);
        let name_zh = form.need("name_zh", form::line(NAME));
        let name_en = form.may("name_en", form::line(NAME));
        let parent = form.may("parent", form::code);
        let buildings = form.may("buildings", form::int(0..=100_000));
        let households = form.may("households", form::int(0..=10_000_000));
        let people = form.may("people", form::int(0..=100_000_000));
        Some(AreaEntry { code: code?, kind: kind?, name_zh: name_zh?, name_en, parent, buildings, households, people })
    })
}

fn household(spot: &Spot) -> Option<HouseholdEntry> {
    spot.object(|form| {
        let code = form.need("code", form::code);
        let door = form.need("door", form::code);
        let label = form.need("label", form::line(NAME));
        Some(HouseholdEntry { code: code?, door: door?, label: label? })
    })
}

fn organisation(spot: &Spot) -> Option<OrganisationEntry> {
    spot.object(|form| {
        let code = form.need("code", form::code);
        let kind = form.need("kind", form::word);
        let name_zh = form.need("name_zh", form::line(NAME));
        let name_en = form.may("name_en", form::line(TITLE));
        let area = form.need("area", form::code);
        let code = code?;
        if code == "common" {
            form.fault("code", "reserved-code", "common 表示共有部分,不能作单位代码。", "`common` means the owners' common part.");
            return None;
        }
        Some(OrganisationEntry { code, kind: kind?, name_zh: name_zh?, name_en, area: area? })
    })
}

fn person(spot: &Spot) -> Option<PersonEntry> {
    spot.object(|form| {
        let code = form.need("code", form::code);
        let name = form.need("name", form::line(NAME));
        // Somebody whose number is wrong is told that, not that it is missing.
        let reachable = |spot: &Spot| Some(!spot.value.is_null());
        let given = form.may("mobile", reachable).or(form.may("email", reachable));
        let mobile = form.may("mobile", mobile);
        let email = form.may("email", email);
        let household = form.may("household", form::code);
        if given.is_none() {
            form.fault("mobile", "missing", "手机和邮箱至少填一项。", "A mobile number or an e-mail address is required.");
            return None;
        }
        Some(PersonEntry { code: code?, name: name?, mobile, email, household })
    })
}

fn representative(spot: &Spot) -> Option<RepresentativeEntry> {
    spot.object(|form| {
        let person = form.need("person", form::code);
        let organisation = form.need("organisation", form::code);
        let powers = form.need("powers", form::set(1..=Power::ALL.len(), form::word::<Power>));
        let from = form.need("from", form::day);
        let to = form.may("to", form::day);
        let evidence = form.need("evidence", form::line(NOTE));
        in_order(form, from, to)?;
        Some(RepresentativeEntry { person: person?, organisation: organisation?, powers: powers?, from: from?, to, evidence: evidence? })
    })
}

fn role(spot: &Spot) -> Option<RoleEntry> {
    spot.object(|form| {
        let person = form.need("person", form::code);
        let role = form.need("role", form::word);
        let given = |spot: &Spot| Some(!spot.value.is_null());
        let scopes = (form.may("area", given), form.may("organisation", given));
        let area = form.may("area", form::code);
        let organisation = form.may("organisation", form::code);
        let from = form.may("from", form::day);
        let to = form.may("to", form::day);
        if scopes.0.is_some() == scopes.1.is_some() {
            form.fault("area", "one-scope", "area 和 organisation 要且只能写一个。", "Exactly one of area and organisation is required.");
            return None;
        }
        in_order(form, from, to)?;
        let scope = area.map(Scope::Area).or(organisation.map(Scope::Organisation));
        Some(RoleEntry { person: person?, role: role?, scope: scope?, from, to })
    })
}

fn fact(spot: &Spot) -> Option<Fact> {
    spot.object(|form| {
        let zh = form.need("zh", form::line(NOTE));
        let en = form.may("en", form::line(NOTE));
        Some(Fact { zh: zh?, en })
    })
}

fn booking_rules(spot: &Spot) -> Option<BookingRules> {
    spot.object(|form| {
        let usual = BookingRules::default();
        let granularity = form.may("granularity_minutes", |spot| {
            let minutes = form::int(5..=60)(spot)?;
            if matches!(minutes, 5 | 10 | 15 | 30 | 60) {
                return Some(minutes);
            }
            spot.fault("unknown-word", "只能是 5、10、15、30 或 60。", "Must be 5, 10, 15, 30 or 60.")
        });
        let min = form.may("min_minutes", form::int(5..=1440));
        let max = form.may("max_minutes", form::int(5..=1440));
        let lead = form.may("lead_minutes", form::int(0..=43_200));
        let horizon = form.may("horizon_days", form::int(1..=400));
        let granularity = granularity.unwrap_or(usual.granularity_minutes);
        let rules = BookingRules {
            granularity_minutes: granularity,
            min_minutes: min.unwrap_or(granularity),
            max_minutes: max.unwrap_or(usual.max_minutes),
            lead_minutes: lead.unwrap_or(usual.lead_minutes),
            horizon_days: horizon.unwrap_or(usual.horizon_days),
        };
        for (name, minutes) in [("min_minutes", rules.min_minutes), ("max_minutes", rules.max_minutes)] {
            if minutes % granularity != 0 {
                form.fault(
                    name,
                    "off-grid",
                    format!("应为 {granularity} 分钟的整数倍。"),
                    format!("Must be a multiple of {granularity} minutes."),
                );
            }
        }
        if rules.max_minutes < rules.min_minutes {
            form.fault("max_minutes", "out-of-range", "最长不能短于最短。", "Must not be below min_minutes.");
        }
        Some(rules)
    })
}

fn equipment(spot: &Spot) -> Option<Equipment> {
    spot.object(|form| {
        let code = form.need("code", form::code);
        let name_zh = form.need("name_zh", form::line(NAME));
        let name_en = form.may("name_en", form::line(NAME));
        let count = form.need("count", form::int(1..=10_000));
        Some(Equipment { code: code?, name_zh: name_zh?, name_en, count: count? })
    })
}

fn space(spot: &Spot) -> Option<SpaceEntry> {
    spot.object(|form| {
        let code = form.need("code", form::code);
        let name_zh = form.need("name_zh", form::line(NAME));
        let name_en = form.may("name_en", form::line(NAME));
        let kind = form.need("kind", form::word);
        let area = form.need("area_m2", form::area);
        let zone_zh = form.may("zone_zh", form::line(NAME));
        let parts = form.may("parts", form::set(2..=20, form::code));
        let setup = form.may("setup_minutes", form::int(0..=240));
        let cleanup = form.may("cleanup_minutes", form::int(0..=240));
        let equipment = form.may("equipment", form::list(0..=100, equipment));
        let title = form.may("title", title);
        let assumed = form.may("assumed", form::set(0..=Figure::ALL.len(), form::word::<Figure>));
        let note_zh = form.may("note_zh", form::line(NOTE));
        Some(SpaceEntry {
            code: code?,
            name_zh: name_zh?,
            name_en,
            kind: kind?,
            area: area?,
            zone_zh,
            parts: parts.unwrap_or_default(),
            setup_minutes: setup.unwrap_or(0),
            cleanup_minutes: cleanup.unwrap_or(0),
            equipment: equipment.unwrap_or_default(),
            title,
            assumed: assumed.unwrap_or_default(),
            note_zh,
        })
    })
}

fn floor(spot: &Spot) -> Option<FloorEntry> {
    spot.object(|form| {
        let code = form.need("code", form::code);
        let name_zh = form.need("name_zh", form::line(NAME));
        let area = form.need("area_m2", form::area);
        let title = form.need("title", title);
        let spaces = form.need("spaces", kept(1..=200, space));
        Some(FloorEntry { code: code?, name_zh: name_zh?, area: area?, title: title?, spaces: spaces? })
    })
}

fn component(spot: &Spot) -> Option<FeeComponent> {
    spot.object(|form| {
        let label_zh = form.need("label_zh", form::line(NAME));
        let label_en = form.may("label_en", form::line(NAME));
        let fen = form.need("fen", form::fen);
        let per = form.need("per", form::word);
        Some(FeeComponent { label_zh: label_zh?, label_en, fen: fen?, per: per? })
    })
}

fn tariff(spot: &Spot) -> Option<TariffEntry> {
    spot.object(|form| {
        let spaces = form.may("spaces", form::set(1..=100, form::code));
        let use_code = form.may("use", form::word);
        let kind = form.need("kind", form::word);
        let components = form.may("components", form::list(0..=20, component));
        let (kind, components) = (kind?, components.unwrap_or_default());
        let priced = components.iter().any(|component| component.fen > Fen::ZERO);
        match kind {
            TariffKind::Free if priced => {
                form.fault("components", "not-free", "免费项目不能收费。", "What is free has no price.");
                None
            }
            TariffKind::LowCost if !priced => {
                form.fault("components", "missing", "低偿项目要写明收费构成。", "What is low-cost needs its fee components.");
                None
            }
            _ => Some(TariffEntry { spaces: spaces.unwrap_or_default(), use_code, kind, components }),
        }
    })
}

fn relocation(spot: &Spot) -> Option<Relocation> {
    spot.object(|form| {
        let use_code = form.need("use", form::word);
        let to = form.need("to", clause::space_ref);
        let note_zh = form.need("note_zh", form::line(NOTE));
        Some(Relocation { use_code: use_code?, to: to?, note_zh: note_zh? })
    })
}

fn site(spot: &Spot) -> Option<SiteEntry> {
    spot.object(|form| {
        let code = form.need("code", form::code);
        let name_zh = form.need("name_zh", form::line(NAME));
        let name_en = form.may("name_en", form::line(TITLE));
        let area = form.need("area", form::code);
        let zone = form.need("zone", zone);
        let address_zh = form.may("address_zh", form::line(TITLE));
        let organisation = form.may("organisation", form::code);
        let facts = form.may("facts", form::list(0..=50, fact));
        let rules = form.may("rules", booking_rules);
        let floors = form.need("floors", kept(1..=100, floor));
        let tariffs = form.may("tariffs", kept(0..=200, tariff));
        let relocations = form.may("relocations", kept(0..=50, relocation));
        Some(SiteEntry {
            code: code?,
            name_zh: name_zh?,
            name_en,
            area: area?,
            zone: zone?,
            address_zh,
            organisation,
            facts: facts.unwrap_or_default(),
            rules: rules.unwrap_or_default(),
            floors: floors?,
            tariffs: tariffs.unwrap_or_default(),
            relocations: relocations.unwrap_or_default(),
        })
    })
}

fn agreement(spot: &Spot) -> Option<AgreementEntry> {
    spot.object(|form| {
        let code = form.need("code", form::code);
        let title_zh = form.need("title_zh", form::line(TITLE));
        let title_en = form.may("title_en", form::line(TITLE));
        let area = form.need("area", form::code);
        let sites = form.need("sites", form::set(1..=50, form::code));
        let clauses = form.need("clauses", kept(1..=500, Clause::read));
        Some(AgreementEntry { code: code?, title_zh: title_zh?, title_en, area: area?, sites: sites?, clauses: clauses? })
    })
}

/// Reads a hub file. Beside faults there may be a file without its faulty parts, for further checks only.
pub(super) fn read(value: &Value, lines: Lines) -> (Option<HubFile>, Vec<FieldFault>) {
    let mut file = None;
    let faults = form::read(value, |form| {
        let hub = form.need("hub", form::code);
        let title_zh = form.need("title_zh", form::line(TITLE));
        let title_en = form.may("title_en", form::line(TITLE));
        let areas = form.may("areas", kept(0..=10_000, area));
        let households = form.may("households", kept(0..=20_000, household));
        let organisations = form.may("organisations", kept(0..=1_000, organisation));
        let people = form.may("people", kept(0..=20_000, person));
        let representatives = form.may("representatives", kept(0..=1_000, representative));
        let roles = form.may("roles", kept(0..=20_000, role));
        let sites = form.may("sites", kept(0..=100, site));
        let agreements = form.may("agreements", kept(0..=100, agreement));
        file = Some(HubFile {
            hub: hub.unwrap_or_default(),
            title_zh: title_zh.unwrap_or_default(),
            title_en,
            areas: areas.unwrap_or_default(),
            households: households.unwrap_or_default(),
            organisations: organisations.unwrap_or_default(),
            people: people.unwrap_or_default(),
            representatives: representatives.unwrap_or_default(),
            roles: roles.unwrap_or_default(),
            sites: sites.unwrap_or_default(),
            agreements: agreements.unwrap_or_default(),
            lines,
        });
        Some(())
    })
    .err();
    (file, faults.unwrap_or_default())
}
