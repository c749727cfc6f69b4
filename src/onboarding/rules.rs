//! Reading a hub file: text, shape, then what only the file as a whole can tell.

use super::model::{self, AgreementEntry, AreaEntry, At, FloorEntry, HubFile, Scope, SiteEntry, SpaceEntry, TariffEntry, Title};
use super::yaml;
use crate::areas::model::AreaKind;
use crate::kernel::form::MOST_FAULTS;
use crate::kernel::{Area, FieldFault};
use crate::terms::model::{Payload, SpaceRef, Use};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Natural codes the database holds already: a file may refer to them without repeating them.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Areas with their level.
    pub areas: BTreeMap<String, AreaKind>,
    /// Households.
    pub households: BTreeSet<String>,
    /// Organisations.
    pub organisations: BTreeSet<String>,
    /// People.
    pub people: BTreeSet<String>,
    /// Spaces, with their sites.
    pub spaces: BTreeSet<SpaceRef>,
    /// Sites.
    pub sites: BTreeSet<String>,
}

/// Reads a hub file and checks it as a whole. Every fault at once, each with its line, in the order of the file.
pub fn read_hub(bytes: &[u8], known: &Known) -> Result<HubFile, Vec<FieldFault>> {
    let yaml::Loaded { value, lines, mut faults } = yaml::load(bytes);
    let Some(value) = value else { return Err(lines.place(faults)) };
    let (file, found) = model::read(&value, lines.clone());
    faults.extend(found);
    if let Some(file) = &file {
        faults.extend(check(file, &value, known));
    }
    match file {
        Some(file) if faults.is_empty() => Ok(file),
        _ => {
            let mut faults = lines.place(faults);
            faults.truncate(MOST_FAULTS);
            Err(faults)
        }
    }
}

/// The checks across a file. `value` is the same file as it was loaded: an item that could not be read still has a code
/// others may refer to, and is not reported a second time as unknown.
fn check(file: &HubFile, value: &Value, known: &Known) -> Vec<FieldFault> {
    let mut check = Check::new(value, known);
    check.areas(file);
    check.people(file);
    for site in &file.sites {
        check.site(site);
    }
    for agreement in &file.agreements {
        check.agreement(agreement);
    }
    check.faults
}

type Codes<'a> = BTreeSet<&'a str>;

struct Check<'a> {
    known: &'a Known,
    areas: Codes<'a>,
    households: Codes<'a>,
    organisations: Codes<'a>,
    people: Codes<'a>,
    sites: Codes<'a>,
    /// Codes of spaces by site of the file.
    spaces: BTreeMap<&'a str, Codes<'a>>,
    /// Codes of spaces by pointer of the floor, those that could not be read included.
    on_floor: BTreeMap<String, Codes<'a>>,
    faults: Vec<FieldFault>,
}

fn items<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl<'a> Check<'a> {
    fn new(value: &'a Value, known: &'a Known) -> Self {
        let mut check = Check {
            known,
            areas: Codes::new(),
            households: Codes::new(),
            organisations: Codes::new(),
            people: Codes::new(),
            sites: Codes::new(),
            spaces: BTreeMap::new(),
            on_floor: BTreeMap::new(),
            faults: Vec::new(),
        };
        check.areas = check.codes(value, "", "areas", "code");
        check.households = check.codes(value, "", "households", "code");
        check.organisations = check.codes(value, "", "organisations", "code");
        check.people = check.codes(value, "", "people", "code");
        check.sites = check.codes(value, "", "sites", "code");
        check.codes(value, "", "people", "mobile");
        check.codes(value, "", "people", "email");
        check.codes(value, "", "agreements", "code");
        for (i, site) in items(value, "sites").iter().enumerate() {
            let at = format!("/sites/{i}");
            check.codes(site, &at, "floors", "code");
            check.codes(site, &at, "equipment", "code");
            // A space is named site/space, so its code is unique in the site, not only on its floor.
            let mut spaces = Codes::new();
            for (j, floor) in items(site, "floors").iter().enumerate() {
                let at = format!("{at}/floors/{j}");
                check.codes_into(&mut spaces, floor, &at, "spaces", "code");
                for (k, space) in items(floor, "spaces").iter().enumerate() {
                    check.codes(space, &format!("{at}/spaces/{k}"), "equipment", "code");
                }
                let here = items(floor, "spaces").iter().filter_map(|space| space.get("code")?.as_str()).collect();
                check.on_floor.insert(at, here);
            }
            if let Some(code) = site.get("code").and_then(Value::as_str) {
                check.spaces.entry(code).or_default().extend(spaces);
            }
        }
        for (i, agreement) in items(value, "agreements").iter().enumerate() {
            check.codes(agreement, &format!("/agreements/{i}"), "clauses", "id");
        }
        check
    }

    /// The codes of a list; one that stands twice is a fault.
    fn codes(&mut self, value: &'a Value, at: &str, list: &str, field: &str) -> Codes<'a> {
        let mut codes = Codes::new();
        self.codes_into(&mut codes, value, at, list, field);
        codes
    }

    fn codes_into(&mut self, codes: &mut Codes<'a>, value: &'a Value, at: &str, list: &str, field: &str) {
        for (i, item) in items(value, list).iter().enumerate() {
            if let Some(code) = item.get(field).and_then(Value::as_str)
                && !codes.insert(code)
            {
                let code = code.chars().take(60).collect::<String>();
                let pointer = format!("{at}/{list}/{i}/{field}");
                self.fault(pointer, "duplicate-code", format!("{code} 重复了。"), format!("{code} stands twice."));
            }
        }
    }

    fn fault(&mut self, pointer: impl Into<String>, code: &str, zh: impl Into<String>, en: impl Into<String>) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(FieldFault::at(pointer, code, zh, en));
        }
    }

    fn unknown(&mut self, pointer: String, code: &str, zh: &str, en: &str) {
        self.fault(pointer, "unknown-reference", format!("没有代码为 {code} 的{zh}。"), format!("There is no {en} with the code {code}."));
    }

    fn area(&mut self, pointer: String, code: &str) {
        if !self.areas.contains(code) && !self.known.areas.contains_key(code) {
            self.unknown(pointer, code, "区域", "area");
        }
    }

    fn organisation(&mut self, pointer: String, code: &str) {
        if !self.organisations.contains(code) && !self.known.organisations.contains(code) {
            self.unknown(pointer, code, "单位", "organisation");
        }
    }

    fn person(&mut self, pointer: String, code: &str) {
        if !self.people.contains(code) && !self.known.people.contains(code) {
            self.unknown(pointer, code, "人员", "person");
        }
    }

    fn title(&mut self, pointer: String, title: &Title) {
        if let Title::Organisation(code) = title {
            self.organisation(pointer, code);
        }
    }

    /// The space is in the file, or in the database at a site the file does not describe anew.
    fn has_space(&self, space: &SpaceRef) -> bool {
        let Some((site, code)) = space.as_str().split_once('/') else { return false };
        self.spaces.get(site).is_some_and(|spaces| spaces.contains(code)) || self.known.spaces.contains(space)
    }

    fn areas(&mut self, file: &HubFile) {
        let by_code: BTreeMap<&str, &AreaEntry> = file.areas.iter().map(|area| (area.code.as_str(), &area.part)).collect();
        let kind = |code: &str| by_code.get(code).map(|area| area.kind).or_else(|| self.known.areas.get(code).copied());
        let mut found = Vec::new();
        for area in &file.areas {
            let at = format!("{}/parent", area.pointer);
            let Some(parent) = &area.parent else {
                if area.kind != AreaKind::District {
                    found.push(FieldFault::at(at, "missing", "除区以外都要写上级区域。", "Only a district has no parent."));
                }
                continue;
            };
            if in_circle(area, &by_code) {
                found.push(FieldFault::at(at, "cyclic-areas", "区域的上下级绕成了圈。", "The parents run in a circle."));
            } else if let Some(above) = kind(parent)
                && above >= area.kind
            {
                let zh = "上级区域的级别不对：区、街道、社区、网格、楼门，依次向下。";
                let en = "The parent is not of a higher level: district, street, community, grid, door.";
                found.push(FieldFault::at(at, "wrong-level", zh, en));
            }
        }
        let door = |code: &str| kind(code).is_none_or(|kind| kind == AreaKind::Door);
        for household in file.households.iter().filter(|household| !door(&household.door)) {
            found.push(FieldFault::at(
                format!("{}/door", household.pointer),
                "not-a-door",
                "户要挂在楼门下。",
                "A household hangs below a door.",
            ));
        }
        for role in &file.roles {
            if let (Some(level), Scope::Area(code)) = (role.role.level(), &role.scope)
                && kind(code).is_some_and(|kind| kind != level)
            {
                let zh = "角色与区域级别不符。";
                found.push(FieldFault::at(
                    format!("{}/area", role.pointer),
                    "wrong-level",
                    zh,
                    "The area is not of the level of the role.",
                ));
            }
        }
        self.faults.extend(found);
        for area in &file.areas {
            if let Some(parent) = &area.parent {
                self.area(format!("{}/parent", area.pointer), parent);
            }
        }
    }

    fn people(&mut self, file: &HubFile) {
        for household in &file.households {
            self.area(format!("{}/door", household.pointer), &household.door);
        }
        for organisation in &file.organisations {
            self.area(format!("{}/area", organisation.pointer), &organisation.area);
        }
        let mut reached: BTreeMap<&str, ()> = BTreeMap::new();
        for person in &file.people {
            if let Some(household) = &person.household
                && !self.households.contains(household.as_str())
                && !self.known.households.contains(household)
            {
                self.unknown(format!("{}/household", person.pointer), household, "户", "household");
            }
            // The same number may be written in two ways; written alike it was found before.
            if let Some(mobile) = &person.mobile
                && reached.insert(mobile, ()).is_some()
            {
                let at = format!("{}/mobile", person.pointer);
                if !self.faults.iter().any(|fault| fault.pointer == at) {
                    self.fault(at, "duplicate-code", "手机号码重复了。", "Two people have this mobile number.");
                }
            }
        }
        for representative in &file.representatives {
            self.person(format!("{}/person", representative.pointer), &representative.person);
            self.organisation(format!("{}/organisation", representative.pointer), &representative.organisation);
        }
        for role in &file.roles {
            self.person(format!("{}/person", role.pointer), &role.person);
            match &role.scope {
                Scope::Area(code) => self.area(format!("{}/area", role.pointer), code),
                Scope::Organisation(code) => self.organisation(format!("{}/organisation", role.pointer), code),
            }
        }
    }

    fn site(&mut self, site: &At<SiteEntry>) {
        let at = &site.pointer;
        self.area(format!("{at}/area"), &site.area);
        if let Some(organisation) = &site.organisation {
            self.organisation(format!("{at}/organisation"), organisation);
        }
        for floor in &site.floors {
            self.floor(floor);
        }
        let mut priced = BTreeSet::new();
        for tariff in &site.tariffs {
            for (i, space) in tariff.spaces.iter().enumerate() {
                if !self.spaces.get(site.code.as_str()).is_some_and(|spaces| spaces.contains(space.as_str())) {
                    self.unknown(format!("{}/spaces/{i}", tariff.pointer), space, "空间", "space");
                }
            }
            let everywhere = tariff.spaces.is_empty().then_some("");
            for space in tariff.spaces.iter().map(String::as_str).chain(everywhere) {
                if !priced.insert((space, tariff.use_code)) {
                    let zh = "同一空间、同一用途的价格写了两次。";
                    self.fault(&tariff.pointer, "duplicate-tariff", zh, "The same space and use are priced twice.");
                    break;
                }
            }
        }
        for relocation in &site.relocations {
            if !self.has_space(&relocation.to) {
                self.unknown(format!("{}/to", relocation.pointer), relocation.to.as_str(), "空间", "space");
            }
        }
    }

    fn floor(&mut self, floor: &At<FloorEntry>) {
        self.title(format!("{}/title", floor.pointer), &floor.title);
        let by_code: BTreeMap<&str, &SpaceEntry> = floor.spaces.iter().map(|space| (space.code.as_str(), &space.part)).collect();
        let mut found_all = true;
        for space in &floor.spaces {
            if let Some(title) = &space.title {
                self.title(format!("{}/title", space.pointer), title);
                if *title == Title::Common && floor.title != Title::Common {
                    let zh = "楼层属于单位时，其中的空间不能写共有部分；请另写一个共有的楼层。";
                    let en = "A common part is not kept inside a floor somebody owns; write a floor of its own for it.";
                    self.fault(format!("{}/title", space.pointer), "common-in-owned-floor", zh, en);
                }
            }
            let mut sum = 0;
            for (i, part) in space.parts.iter().enumerate() {
                let at = format!("{}/parts/{i}", space.pointer);
                found_all &= by_code.contains_key(part.as_str());
                match by_code.get(part.as_str()) {
                    Some(part) if part.parts.is_empty() => sum += part.area.0,
                    Some(_) => self.fault(at, "part-has-parts", "部分不能再分。", "A part may not have parts itself."),
                    // It stands there but could not be read; that is reported already.
                    None if self.on_floor.get(&floor.pointer).is_some_and(|codes| codes.contains(part.as_str())) => {}
                    None => self.fault(
                        at,
                        "unknown-part",
                        format!("本层没有代码为 {part} 的空间。"),
                        format!("There is no space {part} on this floor."),
                    ),
                }
            }
            if sum > space.area.0 {
                let (sum, whole) = (Area(sum), space.area);
                let zh = format!("各部分共 {sum} 平方米，超过整厅的 {whole} 平方米。");
                let en = format!("The parts have {sum} m² together, more than the {whole} m² of the hall.");
                self.fault(format!("{}/parts", space.pointer), "parts-larger-than-hall", zh, en);
            }
        }
        let used = used_area(&floor.spaces);
        // With a part gone astray the sum would count a piece of a hall twice.
        if found_all && used > floor.area {
            let zh = format!("各空间共 {used} 平方米，超过本层的 {} 平方米。", floor.area);
            let en = format!("The spaces have {used} m² together, more than the {} m² of the floor.", floor.area);
            self.fault(format!("{}/area_m2", floor.pointer), "floor-overfull", zh, en);
        }
    }

    fn agreement(&mut self, agreement: &At<AgreementEntry>) {
        let at = &agreement.pointer;
        self.area(format!("{at}/area"), &agreement.area);
        for (i, site) in agreement.sites.iter().enumerate() {
            if !self.sites.contains(site.as_str()) && !self.known.sites.contains(site) {
                self.unknown(format!("{at}/sites/{i}"), site, "场所", "site");
            }
        }
        let parties: Option<BTreeSet<&str>> = agreement.clauses.iter().find_map(|clause| match &clause.payload {
            Payload::Parties { parties } => Some(parties.iter().map(|party| party.organisation.as_str()).collect()),
            _ => None,
        });
        for clause in &agreement.clauses {
            let at = &clause.pointer;
            for (i, space) in clause.spaces.iter().enumerate() {
                let at = format!("{at}/spaces/{i}");
                let site = space.as_str().split_once('/').map_or("", |(site, _)| site);
                if !agreement.sites.iter().any(|covered| covered == site) {
                    let zh = format!("协议没有覆盖场所 {site}。");
                    self.fault(at, "outside-agreement", zh, format!("The agreement does not cover the site {site}."));
                } else if !self.has_space(space) {
                    self.unknown(at, space.as_str(), "空间", "space");
                }
            }
            if let Payload::Parties { parties } = &clause.payload {
                for (i, party) in parties.iter().enumerate() {
                    self.organisation(format!("{at}/payload/parties/{i}/organisation"), &party.organisation);
                }
            }
            for (below, code) in clause.payload.names() {
                self.party(format!("{at}/payload/{below}"), code, parties.as_ref());
            }
        }
    }

    /// Who lends, keeps, pays or consents must sign. Without a clause of parties only that it exists can be said.
    fn party(&mut self, at: String, code: &str, parties: Option<&BTreeSet<&str>>) {
        match parties {
            Some(parties) if !parties.contains(code) => {
                let zh = format!("{code} 不是签约方。");
                self.fault(at, "not-a-party", zh, format!("{code} is not a party of the agreement."));
            }
            _ => self.organisation(at, code),
        }
    }
}

/// The prices of one space of a site, at most one for each use. The most specific one counts: space and use, space, use,
/// all; so a space with a price for every use takes none of the site's prices.
pub fn tariffs_of<'a>(site: &'a SiteEntry, space: &str) -> Vec<&'a TariffEntry> {
    let tariffs = || site.tariffs.iter().map(|tariff| &tariff.part);
    let mut found: Vec<&TariffEntry> = tariffs().filter(|tariff| tariff.spaces.iter().any(|code| code == space)).collect();
    if found.iter().all(|tariff| tariff.use_code.is_some()) {
        let own: BTreeSet<Option<Use>> = found.iter().map(|tariff| tariff.use_code).collect();
        found.extend(tariffs().filter(|tariff| tariff.spaces.is_empty() && !own.contains(&tariff.use_code)));
    }
    found
}

/// A longer circle is only told as wrong levels.
const LONGEST_CIRCLE: usize = 64;

/// Following the parents from `area` leads back to it.
fn in_circle(area: &AreaEntry, by_code: &BTreeMap<&str, &AreaEntry>) -> bool {
    let mut next = area.parent.as_deref();
    for _ in 0..LONGEST_CIRCLE {
        match next {
            Some(code) if code == area.code => return true,
            Some(code) => next = by_code.get(code).and_then(|area| area.parent.as_deref()),
            None => return false,
        }
    }
    false
}

/// The area that spaces of one floor take up together. A hall and its parts are the same square metres, so every group of
/// halls that share parts counts once: with the parts together or with its largest hall, whichever is more.
fn used_area(spaces: &[At<SpaceEntry>]) -> Area {
    let atoms: BTreeMap<&str, i64> =
        spaces.iter().filter(|space| space.parts.is_empty()).map(|space| (space.code.as_str(), space.area.0)).collect();
    // Groups of parts, each with the area of its largest hall.
    let mut groups: Vec<(BTreeSet<&str>, i64)> = Vec::new();
    for hall in spaces.iter().filter(|space| !space.parts.is_empty()) {
        let mut joined = (hall.parts.iter().map(String::as_str).collect::<BTreeSet<_>>(), hall.area.0);
        let (sharing, apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(parts, _)| !parts.is_disjoint(&joined.0));
        groups = apart;
        for (parts, largest) in sharing {
            joined.0.extend(parts);
            joined.1 = joined.1.max(largest);
        }
        groups.push(joined);
    }
    let sum = |parts: &BTreeSet<&str>| parts.iter().filter_map(|part| atoms.get(part)).sum::<i64>();
    let halls: i64 = groups.iter().map(|(parts, largest)| sum(parts).max(*largest)).sum();
    let alone: i64 = atoms.iter().filter(|(code, _)| !groups.iter().any(|(parts, _)| parts.contains(*code))).map(|(_, area)| area).sum();
    Area(halls + alone)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
