//! Good and bad hub files.

use super::*;
use crate::kernel::Fen;
use crate::kernel::time::parse_day;
use crate::people::model::{OrganisationKind, Power, Role};
use crate::places::model::SpaceKind;
use crate::pricing::model::TariffKind;
use crate::terms::model::{ClauseKind, Funding, PartyCapacity, Utility};

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
    assert!(terms.clauses.iter().any(|clause| matches!(&clause.payload, Payload::UtilitiesPayer(paid)
        if paid.lines.iter().map(|line| (line.kind, line.party.as_str())).eq([(Utility::Water, "yuxin-unit"), (Utility::Electricity, "yuxin-unit")]))));
    assert!(terms.clauses.iter().any(|clause| matches!(&clause.payload,
        Payload::FitOut(by) if by.party == "yuxin-community" && by.funding == Funding::CommunityServiceFund)));
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
    let share = terms.clauses.iter().find(|clause| clause.kind == ClauseKind::FreeShare).unwrap();
    assert!(matches!(&share.payload, Payload::FreeShare(share) if share.percent == 60) && share.text_zh.starts_with("免费加部分低偿"));
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

/// The text binds and the payload is what happens: they name the same uses.
#[test]
fn a_clause_of_uses_does_what_its_text_says() {
    let mut clauses = 0;
    for file in [good(YUXIN), good(SHIYOU)] {
        for clause in file.agreements.iter().flat_map(|agreement| &agreement.clauses) {
            let Payload::Uses { uses, .. } = &clause.payload else { continue };
            clauses += 1;
            let named = |used: Use| clause.text_zh.contains(used.zh());
            let unnamed: Vec<&Use> = uses.iter().filter(|used| !named(**used) && !used.parent().is_some_and(named)).collect();
            assert!(unnamed.is_empty(), "{}: {unnamed:?} in {}", clause.id, clause.text_zh);
            let idle: Vec<&Use> =
                Use::ALL.iter().filter(|used| named(**used) && !uses.iter().any(|meant| used.is_covered_by(*meant))).collect();
            assert!(idle.is_empty(), "{}: {idle:?} do nothing of {}", clause.id, clause.text_zh);
        }
    }
    assert_eq!(clauses, 14);
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
                    r.organisation == organisation && r.powers.contains(&Power::Sign) && r.from <= today && r.to.is_none_or(|to| today < to)
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
