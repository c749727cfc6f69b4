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
                let zh = "上级区域的级别不对:区、街道、社区、网格、楼门,依次向下。";
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
                    let zh = "楼层属于单位时,其中的空间不能写共有部分;请另写一个共有的楼层。";
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
                let zh = format!("各部分共 {sum} 平方米,超过整厅的 {whole} 平方米。");
                let en = format!("The parts have {sum} m² together, more than the {whole} m² of the hall.");
                self.fault(format!("{}/parts", space.pointer), "parts-larger-than-hall", zh, en);
            }
        }
        let used = used_area(&floor.spaces);
        // With a part gone astray the sum would count a piece of a hall twice.
        if found_all && used > floor.area {
            let zh = format!("各空间共 {used} 平方米,超过本层的 {} 平方米。", floor.area);
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
            match &clause.payload {
                Payload::Parties { parties } => {
                    for (i, party) in parties.iter().enumerate() {
                        self.organisation(format!("{at}/payload/parties/{i}/organisation"), &party.organisation);
                    }
                }
                Payload::SpaceGrant { by, .. } => self.party(format!("{at}/payload/by"), by, parties.as_ref()),
                Payload::ReservedHours { reserved_for, .. } => {
                    self.party(format!("{at}/payload/reserved_for"), reserved_for, parties.as_ref())
                }
                _ => {}
            }
        }
    }

    /// Who lends a space or keeps hours must sign. Without a clause of parties only that it exists can be said.
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
mod tests {
    use super::*;
    use crate::kernel::Fen;
    use crate::kernel::time::parse_day;
    use crate::people::model::{OrganisationKind, Power, Role};
    use crate::places::model::SpaceKind;
    use crate::pricing::model::TariffKind;
    use crate::terms::model::{ClauseKind, PartyCapacity};

    const YUXIN: &str = include_str!("../../hubs/yuxin.yaml");
    const SHIYOU: &str = include_str!("../../hubs/shiyou.yaml");

    fn good(text: &str) -> HubFile {
        match read_hub(text.as_bytes(), &Known::default()) {
            Ok(file) => file,
            Err(faults) => panic!("{faults:#?}"),
        }
    }

    /// What is wrong with a text: line, pointer, code.
    fn wrong(text: &str) -> Vec<(usize, String, String)> {
        let faults = read_hub(text.as_bytes(), &Known::default()).unwrap_err();
        for fault in &faults {
            assert!(fault.zh.chars().any(|c| c > '\u{4e00}') && fault.en.is_ascii() || fault.en.contains("m²"), "{fault:?}");
        }
        faults.into_iter().map(|f| (f.line.unwrap_or(0), f.pointer, f.code)).collect()
    }

    /// The hub with one text replaced: the line of that text, and what is wrong then.
    fn broken(hub: &str, find: &str, replace: &str) -> (usize, Vec<(usize, String, String)>) {
        assert_eq!(hub.matches(find).count(), 1, "{find}");
        let line = hub.split_once(find).map_or(0, |(before, _)| 1 + before.matches('\n').count());
        (line, wrong(&hub.replace(find, replace)))
    }

    /// The same, with exactly one fault on that line.
    fn fault_on_its_line(hub: &str, find: &str, replace: &str, code: &str) {
        let (line, found) = broken(hub, find, replace);
        let found: Vec<_> = found.iter().map(|(line, _, code)| (*line, code.as_str())).collect();
        assert_eq!(found, [(line, code)], "{replace}");
    }

    fn agreement<'a>(file: &'a HubFile, code: &str) -> &'a AgreementEntry {
        file.agreements.iter().find(|agreement| agreement.code == code).unwrap()
    }

    fn parties(agreement: &AgreementEntry) -> Vec<(&str, PartyCapacity, i32)> {
        let clause = agreement.clauses.iter().find(|clause| clause.kind == ClauseKind::Parties).unwrap();
        match &clause.payload {
            Payload::Parties { parties } => parties.iter().map(|p| (p.organisation.as_str(), p.capacity, p.stage)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn yuxin_carries_the_facts_of_its_page() {
        let file = good(YUXIN);
        let garden = file.areas.iter().find(|area| area.code == "yuxin-garden").unwrap();
        assert_eq!((garden.buildings, garden.households, garden.people), (Some(53), Some(5032), Some(17430)));
        let centre = &file.sites[0];
        let floor = &centre.floors[0];
        assert_eq!(floor.area, Area(115_200));
        let parts: BTreeSet<&str> = floor.spaces.iter().flat_map(|space| &space.parts).map(String::as_str).collect();
        assert_eq!(parts, BTreeSet::from(["dong", "xi"]));
        let units: Vec<&At<SpaceEntry>> = floor.spaces.iter().filter(|space| !parts.contains(space.code.as_str())).collect();
        assert_eq!(units.len(), 7, "six rooms and one hall");
        assert_eq!(units.iter().map(|unit| unit.area.0).sum::<i64>(), 115_200);
        assert_eq!(used_area(&floor.spaces), floor.area);
        let zone = |zone: &str| -> Vec<&str> {
            units.iter().filter(|unit| unit.zone_zh.as_deref() == Some(zone)).map(|unit| unit.name_zh.as_str()).collect()
        };
        assert_eq!(zone("党建学习区"), ["统战之家", "红谊协商议事厅", "党员活动室"]);
        assert_eq!(zone("文化生活区"), ["同创墨轩", "同心书苑", "同声雅筑"]);
        assert_eq!(zone("综合活动区"), ["活动大厅"]);
        assert!(floor.spaces.iter().all(|space| space.assumed.contains(&model::Figure::Area)));
        let relocation = &centre.relocations[0];
        assert_eq!((relocation.use_code, relocation.to.as_str()), (Use::TableTennis, "yuxin-gym/tt-hall"));
        assert_eq!(file.sites[1].name_zh, "育新体育馆");

        let terms = agreement(&file, "yuxin-partnership");
        let expected = [("yuxin-unit", PartyCapacity::PropertyUnit, 1), ("yuxin-community", PartyCapacity::Community, 1)];
        assert_eq!(parties(terms), expected, "a two-party agreement");
        assert!(terms.clauses.iter().any(|clause| matches!(&clause.payload,
            Payload::SpaceGrant { by, rent_fen_per_year } if by == "yuxin-unit" && *rent_fen_per_year == Fen::ZERO)));
        assert!(terms.clauses.iter().any(|clause| clause.id == "library-no-performance"
            && clause.spaces == [SpaceRef::new("yuxin-centre", "shuyuan").unwrap()]
            && matches!(&clause.payload, Payload::Uses { uses, .. } if uses == &[Use::Performance])));
        for word in ["育新物业", "统战联谊会", "居民代表", "党群服务经费", "水费和电费", "租金为零"] {
            assert!(terms.clauses.iter().any(|clause| clause.text_zh.contains(word)), "{word}");
        }
    }

    #[test]
    fn shiyou_has_seven_spaces_four_units_and_two_communities() {
        let file = good(SHIYOU);
        let names: Vec<&str> = file.sites[0].floors.iter().flat_map(|floor| &floor.spaces).map(|space| space.name_zh.as_str()).collect();
        assert_eq!(names, ["党建空间", "街区工作站", "文化空间", "亲子空间", "养老空间", "美食空间", "便民空间"]);
        let terms = agreement(&file, "shiyou-partnership");
        let parties = parties(terms);
        let count = |capacity| parties.iter().filter(|party| party.1 == capacity).count();
        assert_eq!((count(PartyCapacity::PropertyUnit), count(PartyCapacity::Community), parties.len()), (4, 2, 6));
        assert!(parties.iter().all(|party| party.2 == 1), "all sign in parallel");
        let granted: BTreeMap<&str, usize> = terms
            .clauses
            .iter()
            .filter_map(|clause| match &clause.payload {
                Payload::SpaceGrant { by, .. } => Some((by.as_str(), clause.spaces.len())),
                _ => None,
            })
            .collect();
        assert_eq!((granted.len(), granted.values().sum::<usize>()), (4, 7), "each unit has its own grant");
        let low: Vec<Use> = file.sites[0].tariffs.iter().filter(|t| t.kind == TariffKind::LowCost).filter_map(|t| t.use_code).collect();
        assert_eq!(low, [Use::Childcare, Use::ElderCare, Use::Catering, Use::Laundry, Use::Housekeeping]);
        let allowed: Vec<Use> = terms
            .clauses
            .iter()
            .filter(|clause| clause.kind == ClauseKind::AllowedUses)
            .flat_map(|clause| match &clause.payload {
                Payload::Uses { uses, .. } => uses.clone(),
                _ => Vec::new(),
            })
            .collect();
        for used in [Use::PartyHistory, Use::BeijingCulture, Use::Opera, Use::Folk, Use::Art].iter().chain(&low) {
            assert!(allowed.contains(used), "{used}");
        }
        assert!(terms.clauses.iter().any(|clause| clause.text_zh.contains("反复式商量")));
    }

    #[test]
    fn both_hubs_can_be_signed_opened_and_booked() {
        let today = parse_day("2026-11-22").unwrap();
        let (yuxin, shiyou) = (good(YUXIN), good(SHIYOU));
        for file in [&yuxin, &shiyou] {
            let prefix = format!("{}-", file.hub);
            for terms in &file.agreements {
                let spaces: Vec<SpaceRef> = file
                    .sites
                    .iter()
                    .filter(|site| terms.sites.contains(&site.code))
                    .flat_map(|site| site.floors.iter().flat_map(|floor| &floor.spaces).filter_map(|s| SpaceRef::new(&site.code, &s.code)))
                    .collect();
                for kind in ClauseKind::REQUIRED.iter().chain(&[ClauseKind::AllowedUses, ClauseKind::PriceCeiling]) {
                    for space in &spaces {
                        let covering =
                            terms.clauses.iter().filter(|c| c.kind == *kind && (c.spaces.is_empty() || c.spaces.contains(space))).count();
                        assert_eq!(covering, 1, "{kind} of {space}");
                    }
                }
                for (organisation, _, _) in parties(terms) {
                    let signing = file.representatives.iter().filter(|r| {
                        r.organisation == organisation
                            && r.powers.contains(&Power::Sign)
                            && r.from <= today
                            && r.to.is_none_or(|to| today < to)
                    });
                    assert_eq!(signing.count(), 1, "{organisation}");
                }
                for clause in &terms.clauses {
                    assert!(clause.text_en.as_ref().is_some_and(|text| text.is_ascii() || text.contains("m²")), "{}", clause.id);
                    assert!(!clause.text_zh.is_ascii() && !clause.text_zh.contains(','), "{}", clause.text_zh);
                }
                let under = |used: Use, per, fen: i64| {
                    terms.clauses.iter().any(|clause| match &clause.payload {
                        Payload::PriceCeiling { ceilings } => {
                            ceilings.iter().any(|c| c.use_code == Some(used) && c.per == per && fen <= c.fen.0)
                        }
                        _ => false,
                    })
                };
                for tariff in file.sites.iter().filter(|site| terms.sites.contains(&site.code)).flat_map(|site| &site.tariffs) {
                    let sum: i64 = tariff.components.iter().map(|component| component.fen.0).sum();
                    assert!(sum == 0 || under(tariff.use_code.unwrap(), tariff.components[0].per, sum), "{tariff:?}");
                }
            }
            for role in Role::ALL.iter().filter(|role| !matches!(role, Role::Resident | Role::PlatformAdmin)) {
                assert!(file.roles.iter().any(|grant| grant.role == *role), "{role} in {}", file.hub);
            }
            let codes = file.organisations.iter().map(|o| &o.code).chain(file.people.iter().map(|p| &p.code));
            let codes = codes.chain(file.households.iter().map(|h| &h.code)).chain(file.sites.iter().map(|s| &s.code));
            let below = file.areas.iter().filter(|area| area.kind > AreaKind::Street).map(|area| &area.code);
            for code in codes.chain(file.agreements.iter().map(|a| &a.code)).chain(below) {
                assert!(code.starts_with(&prefix), "{code}");
            }
        }
        let mobiles: Vec<&String> = yuxin.people.iter().chain(&shiyou.people).filter_map(|person| person.mobile.as_ref()).collect();
        assert!(mobiles.iter().all(|mobile| mobile.starts_with("+861390000")));
        assert_eq!(BTreeSet::from_iter(&mobiles).len(), yuxin.people.len() + shiyou.people.len());
        assert_eq!(yuxin.areas[0].part, shiyou.areas[0].part, "the district is the same in both files");
        assert!(yuxin.organisations.iter().any(|o| o.kind == OrganisationKind::PropertyManager && o.name_zh == "育新物业"));
    }

    #[test]
    fn a_hundredth_of_a_square_metre_more_is_refused() {
        let (_, found) = broken(YUXIN, "area_m2: 118.50", "area_m2: 118.51");
        let floor = 1 + YUXIN.split_once("area_m2: 1152.00").unwrap().0.matches('\n').count();
        assert_eq!(found, [(floor, "/sites/0/floors/0/area_m2".to_owned(), "floor-overfull".to_owned())]);
        good(&YUXIN.replace("area_m2: 118.50", "area_m2: 118.49"));
        let (_, found) = broken(YUXIN, "area_m2: 240.00", "area_m2: 240.01");
        let parts = 1 + YUXIN.split_once("parts: [dong, xi]").unwrap().0.matches('\n').count();
        assert_eq!(found[0], (floor, "/sites/0/floors/0/area_m2".to_owned(), "floor-overfull".to_owned()));
        assert_eq!(found[1], (parts, "/sites/0/floors/0/spaces/6/parts".to_owned(), "parts-larger-than-hall".to_owned()));
        fault_on_its_line(YUXIN, "area_m2: 118.50", "area_m2: 118.505", "out-of-range");
    }

    #[test]
    fn a_single_slip_is_found_on_its_line() {
        fault_on_its_line(
            YUXIN,
            "zone: Asia/Shanghai\n    address_zh: 海淀区西三旗街道育新花园38",
            "zone: Asia/Beijing\n    address_zh: 38",
            "unknown-zone",
        );
        fault_on_its_line(YUXIN, "mobile: \"13900001014\"", "mobile: \"12900001014\"", "wrong-mobile");
        fault_on_its_line(YUXIN, "mobile: \"13900001014\"", "mobile: \"+86 139 0000 1001\"", "duplicate-code");
        fault_on_its_line(YUXIN, "code: yuxin-p-res-4, ", "code: yuxin-p-res-4, colour: red, ", "unknown-field");
        fault_on_its_line(YUXIN, "kind: quiet_hours", "kind: quiet_times", "unknown-word");
        fault_on_its_line(YUXIN, "to: yuxin-gym/tt-hall", "to: yuxin-gym/tt", "unknown-reference");
        fault_on_its_line(YUXIN, "spaces: [yuxin-centre/moxuan, ", "spaces: [yuxin-centre/moxan, ", "unknown-reference");
        fault_on_its_line(YUXIN, "spaces: [yuxin-centre/moxuan, ", "spaces: [yuxin-gym/tt-hall, ", "outside-agreement");
        fault_on_its_line(YUXIN, "by: yuxin-unit,", "by: yuxin-property,", "not-a-party");
        fault_on_its_line(SHIYOU, "organisation: shiyou-community-2, capacity", "organisation: shiyou-none, capacity", "unknown-reference");
        fault_on_its_line(YUXIN, "spaces: [hall]\n", "spaces: [hull]\n", "unknown-reference");
        fault_on_its_line(YUXIN, "spaces: [dong, xi]\n        use: perf", "spaces: [hall, xi]\n        use: perf", "duplicate-tariff");
        fault_on_its_line(YUXIN, "parts: [dong, xi]", "parts: [dong, xu]", "unknown-part");
        fault_on_its_line(YUXIN, "role: auditor, area: haidian", "role: auditor", "one-scope");
        fault_on_its_line(YUXIN, "role: auditor, area", "role: resident, area", "follows-from-household");
        fault_on_its_line(YUXIN, "role: auditor, area", "role: platform_admin, area", "never-by-file");
        fault_on_its_line(YUXIN, "role: district, area: haidian", "role: district, area: xisanqi", "wrong-level");
        fault_on_its_line(YUXIN, "door: yuxin-51-2", "door: yuxin-grid-2", "not-a-door");
        fault_on_its_line(YUXIN, "code: panel,", "code: chair,", "duplicate-code");
    }

    #[test]
    fn areas_that_run_in_a_circle_are_named() {
        let text = "hub: x\ntitle_zh: 圈\nareas:\n  - {code: a, kind: district, name_zh: 甲, parent: c}\n  - {code: b, kind: street, name_zh: 乙, parent: a}\n  - {code: c, kind: community, name_zh: 丙, parent: b}\n  - {code: d, kind: grid, name_zh: 丁, parent: c}\n  - {code: e, kind: street, name_zh: 戊, parent: d}\n  - {code: f, kind: street, name_zh: 己}\n";
        let found: Vec<_> = wrong(text).into_iter().map(|(line, _, code)| (line, code)).collect();
        let expected = [(4, "cyclic-areas"), (5, "cyclic-areas"), (6, "cyclic-areas"), (8, "wrong-level"), (9, "missing")];
        assert_eq!(found, expected.map(|(line, code)| (line, code.to_owned())));
    }

    #[test]
    fn all_faults_come_at_once_in_the_order_of_the_file() {
        let text = "\
\u{feff}hub: X
title_zh: 坏文件
areas:
  - {code: a, kind: district, name_zh: 甲}
  - {code: a, kind: district, name_zh: 甲}
households:
  - {code: h, door: nowhere, label: 201}
people:
  - {code: p, name: 人}
  - {code: q, name: 人, mobile: 13900001001, household: h}
  - {code: r, name: 人, name: 名, mobile: 110}
roles:
  - {person: p, role: auditor, area: a}
  - {person: z, role: auditor, area: a}
sites:
  - code: s
    name_zh: 场所
    area: a
    zone: Mars/Base
    floors:
      - code: f
        name_zh: 一层
        area_m2: 10
        title: nobody
        spaces:
          - {code: u, name_zh: 甲, kind: room, area_m2: 6.005}
          - {code: v, name_zh: 乙, kind: hall, area_m2: 9, parts: [u, w]}
          - {code: w, name_zh: 丙, kind: room, area_m2: 9.01}
agreements:
  - code: g
    title_zh: 协议
    area: a
    sites: [s]
    clauses:
      - {id: k, kind: magic, text_zh: 魔法, payload: {x: 1}}
      - {id: k, kind: capacity, spaces: [s/u, s/y], text_zh: 人数, payload: {persons: 1000}}
";
        let found = wrong(text);
        let found: Vec<(usize, &str, &str)> = found.iter().map(|(line, pointer, code)| (*line, pointer.as_str(), code.as_str())).collect();
        let expected = [
            (1, "", "byte-order-mark"),
            (1, "/hub", "wrong-code"),
            (5, "/areas/1/code", "duplicate-code"),
            (7, "/households/0/label", "wrong-type"),
            (9, "/people/0/mobile", "missing"),
            (11, "/people/2/name", "duplicate-key"),
            (11, "/people/2/mobile", "wrong-mobile"),
            (14, "/roles/1/person", "unknown-reference"),
            (19, "/sites/0/zone", "unknown-zone"),
            (26, "/sites/0/floors/0/spaces/0/area_m2", "out-of-range"),
            (35, "/agreements/0/clauses/0/kind", "unknown-word"),
            (36, "/agreements/0/clauses/1/payload/persons", "out-of-range"),
            (36, "/agreements/0/clauses/1/id", "duplicate-code"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_the_database_knows_may_be_referred_to() {
        let text = "\
hub: y
title_zh: 第二份
people:
  - {code: y-p, name: 人, email: a@b.cn, household: x-h}
representatives:
  - {person: x-p, organisation: x-unit, powers: [sign], from: 2026-01-01, evidence: 委托书}
roles:
  - {person: x-p, role: grid_leader, area: x-grid}
agreements:
  - code: y-terms
    title_zh: 协议
    area: x-grid
    sites: [x-site]
    clauses:
      - {id: parties, kind: parties, text_zh: 各方, payload: {parties: [{organisation: x-unit, capacity: property_unit}, {organisation: x-com, capacity: community}]}}
      - {id: capacity, kind: capacity, spaces: [x-site/hall], text_zh: 人数, payload: {persons: 9}}
";
        let set = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<BTreeSet<_>>();
        let known = Known {
            areas: BTreeMap::from([("x-grid".to_owned(), AreaKind::Grid)]),
            households: set(&["x-h"]),
            organisations: set(&["x-unit", "x-com"]),
            people: set(&["x-p"]),
            sites: set(&["x-site"]),
            spaces: BTreeSet::from([SpaceRef::new("x-site", "hall").unwrap()]),
        };
        assert!(read_hub(text.as_bytes(), &known).is_ok());
        let unknown = wrong(text);
        assert_eq!(unknown.len(), 10, "{unknown:#?}");
        assert!(unknown.iter().all(|(line, _, code)| *line > 3 && (code == "unknown-reference")), "{unknown:#?}");
    }

    #[test]
    fn the_most_specific_price_counts() {
        let mut file = good(YUXIN);
        let of = |site: &SiteEntry, space: &str| -> Vec<(Option<Use>, bool)> {
            tariffs_of(site, space).iter().map(|tariff| (tariff.use_code, tariff.kind == TariffKind::Free)).collect()
        };
        let (performance, exhibition) = (Some(Use::Performance), Some(Use::Exhibition));
        assert_eq!(of(&file.sites[0], "dong"), [(performance, false), (exhibition, false), (None, true)]);
        assert_eq!(of(&file.sites[0], "moxuan"), [(None, true)]);
        let everything = TariffEntry { spaces: vec!["moxuan".into()], use_code: None, kind: TariffKind::Free, components: Vec::new() };
        let general = TariffEntry { spaces: Vec::new(), use_code: performance, ..everything.clone() };
        for part in [general, everything] {
            file.sites[0].part.tariffs.push(At { pointer: String::new(), part });
        }
        assert_eq!(of(&file.sites[0], "moxuan"), [(None, true)], "its own price for every use stands above the site's for one");
        assert_eq!(of(&file.sites[0], "dong"), [(performance, false), (exhibition, false), (None, true)]);
        assert_eq!(of(&file.sites[0], "yazhu"), [(None, true), (performance, true)]);
    }

    #[test]
    fn halls_that_share_parts_count_once() {
        let space = |code: &str, area: i64, parts: &[&str]| At {
            pointer: String::new(),
            part: SpaceEntry {
                code: code.into(),
                name_zh: code.into(),
                name_en: None,
                kind: SpaceKind::Hall,
                area: Area(area),
                zone_zh: None,
                parts: parts.iter().map(|part| (*part).to_owned()).collect(),
                setup_minutes: 0,
                cleanup_minutes: 0,
                equipment: Vec::new(),
                title: None,
                assumed: Vec::new(),
                note_zh: None,
            },
        };
        let atoms = [space("a", 10, &[]), space("b", 20, &[]), space("c", 30, &[]), space("x", 5, &[])];
        let with = |halls: &[At<SpaceEntry>]| used_area(&[&atoms, halls].concat()).0;
        assert_eq!(with(&[]), 65);
        assert_eq!(with(&[space("ab", 30, &["a", "b"]), space("bc", 50, &["b", "c"])]), 65);
        assert_eq!(with(&[space("ab", 31, &["a", "b"]), space("abc", 70, &["a", "b", "c"])]), 75);
        assert_eq!(with(&[space("ab", 40, &["a", "b"]), space("cx", 36, &["c", "x"])]), 76);
    }

    #[test]
    fn files_that_are_no_yaml_end_at_once() {
        let known = Known::default();
        let one = |bytes: &[u8]| {
            let faults = read_hub(bytes, &known).unwrap_err();
            assert_eq!(faults.len(), 1, "{faults:#?}");
            (faults[0].line.unwrap_or(0), faults[0].code.clone())
        };
        assert_eq!(one(b"hub: x\ntitle_zh: \xff\n"), (2, "not-utf-8".to_owned()));
        assert_eq!(one(b"hub: x\nareas:\n\t- a\n"), (3, "tab-indentation".to_owned()));
        assert_eq!(one("hub: x\ntitle_zh: 题\n---\nhub: y\n".as_bytes()), (3, "several-documents".to_owned()));
        let nested = format!("hub: x\nareas: {}", "[".repeat(100_000));
        assert_eq!(one(nested.as_bytes()), (2, "too-deep".to_owned()));
        let mut bomb = "hub: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "));
        }
        assert_eq!(one(bomb.as_bytes()), (5, "too-many-aliases".to_owned()));
        assert_eq!(one(b"- a\n"), (1, "wrong-type".to_owned()));
    }
}
