//! Pure decisions.

use super::model::{Floor, FloorFacts, Site, SiteFacts, Space};
use crate::kernel::{Area, FieldFault};

/// The atoms' areas together, and whether they fit the floor: exactly equal fits, 0.01 m² more does not.
pub fn fits_floor(floor: Area, atoms: &[Area]) -> bool {
    atoms.iter().try_fold(0i64, |sum, area| sum.checked_add(area.0)).is_some_and(|sum| sum <= floor.0)
}

/// A site as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Present {
    /// The site.
    pub site: Site,
    /// Its floors.
    pub floors: Vec<Floor>,
    /// Its spaces.
    pub spaces: Vec<Space>,
}

/// What stands against making a site what is wanted. Pointers are relative to the site, in the words of a hub file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// Refused always.
    pub refusals: Vec<FieldFault>,
    /// Refused once something about the site is being signed or was: who owns what, and how large a floor is.
    pub when_signed: Vec<FieldFault>,
}

/// Compares a site as it stands with what it is to be. Whatever is not named here is description and changes freely.
pub fn diff(present: Option<&Present>, wanted: &SiteFacts) -> Diff {
    let mut diff = Diff { refusals: layout(wanted), when_signed: Vec::new() };
    let Some(present) = present else { return diff };
    let code = &wanted.code;
    let mut refuse = |at: &str, word: &str, zh: String, en: String| diff.refusals.push(FieldFault::at(at, word, zh, en));
    if present.site.area_id != wanted.area {
        let zh = format!("场所 {code} 的管理区域不能改。");
        refuse("/area", "site-moved", zh, format!("The managing area of site {code} cannot change."));
    }
    if present.site.zone != wanted.zone {
        let (was, other) = (present.site.zone.name(), wanted.zone.name());
        let zh = format!("场所 {code} 的时区是 {was}，不能改成 {other}。");
        refuse("/zone", "zone-changed", zh, format!("The time zone of site {code} is {was} and cannot become {other}."));
    }
    for gone in present.floors.iter().filter(|floor| wanted.floors.iter().all(|w| w.code != floor.code)) {
        let gone = &gone.code;
        let (zh, en) = (format!("文件里少了已有的楼层 {code}/{gone}。"), format!("The file leaves out the floor {code}/{gone}."));
        refuse("/floors", "floor-left-out", zh, en);
    }
    for gone in present.spaces.iter().filter(|space| wanted.floors.iter().flat_map(|f| &f.spaces).all(|w| w.code != space.code)) {
        let gone = &gone.code;
        let (zh, en) = (format!("文件里少了已有的空间 {code}/{gone}。"), format!("The file leaves out the space {code}/{gone}."));
        refuse("/floors", "space-left-out", zh, en);
    }
    for (i, floor) in wanted.floors.iter().enumerate() {
        structure(present, floor, i, &mut diff);
    }
    diff
}

/// Changes of what a floor and its spaces are.
fn structure(present: &Present, wanted: &FloorFacts, i: usize, diff: &mut Diff) {
    let owner = |at: String, code: &str| {
        FieldFault::at(at, "title-changed", format!("{code} 的产权不能改。"), format!("The title of {code} cannot change."))
    };
    let area = |at: String, code: &str, was: Area, other: Area| {
        let zh = format!("{code} 的面积是 {was} 平方米，不能改成 {other} 平方米。");
        FieldFault::at(at, "area-changed", zh, format!("The area of {code} is {was} m² and cannot become {other} m²."))
    };
    let before = present.floors.iter().find(|floor| floor.code == wanted.code);
    if let Some(floor) = before.filter(|floor| floor.area != wanted.area) {
        diff.when_signed.push(area(format!("/floors/{i}/area_m2"), &wanted.code, floor.area, wanted.area));
    }
    if before.is_some_and(|floor| floor.title != wanted.title) {
        diff.when_signed.push(owner(format!("/floors/{i}/title"), &wanted.code));
    }
    for (j, facts) in wanted.spaces.iter().enumerate() {
        let code = &facts.code;
        let Some(space) = present.spaces.iter().find(|space| space.code == *code) else { continue };
        let at = |field: &str| format!("/floors/{i}/spaces/{j}{field}");
        if before.is_none_or(|floor| floor.id != space.floor_id) {
            let was = present.floors.iter().find(|floor| floor.id == space.floor_id).map_or("", |floor| &floor.code);
            let zh = format!("{code} 在楼层 {was}，不能换到 {}。", wanted.code);
            let en = format!("{code} is on floor {was} and cannot move to {}.", wanted.code);
            diff.refusals.push(FieldFault::at(at("/code"), "floor-changed", zh, en));
        }
        if space.area != facts.area {
            diff.refusals.push(area(at("/area_m2"), code, space.area, facts.area));
        }
        let mut parts: Vec<&str> = facts.parts.iter().map(String::as_str).collect();
        parts.sort_unstable();
        let was = parts_of(space, &present.spaces);
        if was != parts {
            let (was, other) = (was.join(" + "), parts.join(" + "));
            let zh = format!("{code} 的组成是“{was}”，不能改成“{other}”。");
            let en = format!("The parts of {code} are '{was}' and cannot become '{other}'.");
            diff.refusals.push(FieldFault::at(at("/parts"), "parts-changed", zh, en));
        }
        if space.title != facts.title {
            diff.when_signed.push(owner(at("/title"), code));
        }
    }
}

/// Codes of the undivided spaces a hall is made of, in order; none for an undivided space.
fn parts_of<'a>(space: &Space, all: &'a [Space]) -> Vec<&'a str> {
    if space.is_undivided() {
        return Vec::new();
    }
    let parts = all.iter().filter(|other| other.is_undivided() && other.is_part_of(space));
    let mut codes: Vec<&str> = parts.map(|part| part.code.as_str()).collect();
    codes.sort_unstable();
    codes
}

/// Undivided spaces fit their floor; the parts of a hall stand on its floor, are undivided and fit the hall.
fn layout(site: &SiteFacts) -> Vec<FieldFault> {
    let mut found = Vec::new();
    for (i, floor) in site.floors.iter().enumerate() {
        let atoms: Vec<Area> = floor.spaces.iter().filter(|space| space.parts.is_empty()).map(|space| space.area).collect();
        if !fits_floor(floor.area, &atoms) {
            let (code, area) = (&floor.code, floor.area);
            let zh = format!("楼层 {code} 只有 {area} 平方米，空间加起来超过了。");
            let en = format!("The spaces of floor {code} are larger than its {area} m².");
            found.push(FieldFault::at(format!("/floors/{i}/area_m2"), "floor-overfull", zh, en));
        }
        for (j, hall) in floor.spaces.iter().enumerate() {
            let at = format!("/floors/{i}/spaces/{j}/parts");
            let part = |code: &String| floor.spaces.iter().find(|space| space.code == *code && space.parts.is_empty());
            let areas: Vec<Area> = hall.parts.iter().filter_map(part).map(|space| space.area).collect();
            if areas.len() != hall.parts.len() {
                let zh = format!("{} 的某个部分不在本层，或还能再分。", hall.code);
                let en = format!("A part of {} is not on its floor, or has parts itself.", hall.code);
                found.push(FieldFault::at(at, "unknown-part", zh, en));
            } else if !fits_floor(hall.area, &areas) {
                let zh = format!("{} 的各部分比整体还大。", hall.code);
                let en = format!("The parts of {} are larger than the whole.", hall.code);
                found.push(FieldFault::at(at, "parts-larger-than-hall", zh, en));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Zone;
    use crate::kernel::id::{AreaId, AtomId, FloorId, Id, SiteId, SpaceId};
    use crate::places::model::{SiteRules, SpaceFacts, SpaceKind};

    #[test]
    fn a_layout_fits_to_the_hundredth_of_a_square_metre() {
        let seven = [40_000, 16_000, 15_200, 14_000, 12_000, 10_000, 8_000].map(Area);
        assert!(fits_floor(Area(115_200), &seven));
        let mut more = seven;
        more[6] = Area(8_001);
        assert!(!fits_floor(Area(115_200), &more));
        assert!(!fits_floor(Area::MAX, &[Area(i64::MAX), Area(1)]));
    }

    fn space(code: &str, area: i64, parts: &[&str]) -> SpaceFacts {
        SpaceFacts {
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
        }
    }

    fn wanted() -> SiteFacts {
        let spaces = vec![space("hall", 50, &["dong", "xi"]), space("dong", 30, &[]), space("xi", 20, &[])];
        SiteFacts {
            code: "s".into(),
            area: AreaId::fresh(),
            organisation: None,
            name_zh: "场所".into(),
            name_en: None,
            zone: Zone::named("Asia/Shanghai").unwrap(),
            address_zh: None,
            facts: Vec::new(),
            rules: SiteRules::default(),
            floors: vec![FloorFacts { code: "f".into(), name_zh: "一层".into(), area: Area(50), title: None, spaces }],
            equipment: Vec::new(),
        }
    }

    /// The site as `put_site` would have left it.
    fn standing(facts: &SiteFacts) -> Present {
        let site = Site {
            id: SiteId::fresh(),
            code: facts.code.clone(),
            area_id: facts.area.clone(),
            organisation_id: None,
            name_zh: facts.name_zh.clone(),
            name_en: None,
            zone: facts.zone.clone(),
            address_zh: None,
            facts: Vec::new(),
            rules: facts.rules.clone(),
            revision: 1,
        };
        let floor = Floor { id: FloorId::fresh(), code: "f".into(), name_zh: "一层".into(), area: facts.floors[0].area, title: None };
        let atoms = [AtomId::fresh(), AtomId::fresh()];
        let spaces = facts.floors[0].spaces.iter().map(|space| Space {
            id: SpaceId::fresh(),
            site_id: site.id.clone(),
            floor_id: floor.id.clone(),
            code: space.code.clone(),
            name_zh: space.name_zh.clone(),
            name_en: None,
            kind: space.kind,
            area: space.area,
            zone_zh: None,
            setup_minutes: 0,
            cleanup_minutes: 0,
            equipment: Vec::new(),
            assumed: Vec::new(),
            note_zh: None,
            title: None,
            atoms: match space.code.as_str() {
                "dong" => vec![atoms[0].clone()],
                "xi" => vec![atoms[1].clone()],
                _ => atoms.to_vec(),
            },
        });
        let spaces = spaces.collect();
        Present { site, floors: vec![floor], spaces }
    }

    fn said(faults: &[FieldFault]) -> Vec<(&str, &str)> {
        faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect()
    }

    #[test]
    fn words_change_freely_and_structure_never() {
        let facts = wanted();
        let present = standing(&facts);
        assert_eq!(diff(None, &facts), Diff::default());
        assert_eq!(diff(Some(&present), &facts), Diff::default());
        let mut described = facts.clone();
        described.name_zh = "新名".into();
        described.floors[0].spaces[0].setup_minutes = 15;
        described.floors[0].spaces[0].parts.reverse();
        assert_eq!(diff(Some(&present), &described), Diff::default());
        let mut rebuilt = facts.clone();
        rebuilt.floors[0].spaces[0].parts = vec!["xi".into(), "dong".into(), "zhong".into()];
        rebuilt.floors[0].spaces[2].area = Area(10);
        rebuilt.floors[0].spaces.push(space("zhong", 10, &[]));
        let expected = [("/floors/0/spaces/0/parts", "parts-changed"), ("/floors/0/spaces/2/area_m2", "area-changed")];
        assert_eq!(said(&diff(Some(&present), &rebuilt).refusals), expected);
        let mut undivided = facts;
        undivided.floors[0].spaces[0].parts.clear();
        undivided.floors[0].area = Area(100);
        let found = diff(Some(&present), &undivided);
        assert_eq!(said(&found.refusals), [("/floors/0/spaces/0/parts", "parts-changed")]);
        assert_eq!(said(&found.when_signed), [("/floors/0/area_m2", "area-changed")]);
    }

    #[test]
    fn every_reason_is_told_at_once() {
        let facts = wanted();
        let present = standing(&facts);
        let mut wrong = SiteFacts { area: AreaId::fresh(), zone: Zone::named("Asia/Tokyo").unwrap(), ..facts };
        wrong.floors[0].spaces.truncate(2);
        wrong.floors[0].code = "g".into();
        let expected = [
            ("/floors/0/spaces/0/parts", "unknown-part"),
            ("/area", "site-moved"),
            ("/zone", "zone-changed"),
            ("/floors", "floor-left-out"),
            ("/floors", "space-left-out"),
            ("/floors/0/spaces/0/code", "floor-changed"),
            ("/floors/0/spaces/1/code", "floor-changed"),
        ];
        let found = diff(Some(&present), &wrong);
        let said = said(&found.refusals);
        assert!(expected.iter().all(|fault| said.contains(fault)), "{said:?}");
    }
}
