//! Reading the parts of a hub file, with every fault.

use super::*;
use crate::kernel::form::{self, Form, Spot};
use crate::kernel::{Fen, FieldFault, text};
use crate::places::model::{Limits, MOST_BUFFER_MINUTES, Quota, QuotaSpan};
use crate::terms::model::clause;
use serde_json::Value;
use std::ops::RangeInclusive;

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
    read.or_else(|| spot.fault("unknown-zone", "没有这个时区，例如 Asia/Shanghai。", "No such zone; write for example Asia/Shanghai."))
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
            form.fault("code", "reserved-code", "common 表示共有部分，不能作单位代码。", "`common` means the owners' common part.");
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
        let agreements = form.may("agreements", form::set(1..=20, form::code));
        let from = form.need("from", form::day);
        let to = form.may("to", form::day);
        let evidence = form.need("evidence", form::line(NOTE));
        in_order(form, from, to)?;
        Some(RepresentativeEntry {
            person: person?,
            organisation: organisation?,
            powers: powers?,
            agreements,
            from: from?,
            to,
            evidence: evidence?,
        })
    })
}

/// A role a file may grant.
fn granted(spot: &Spot) -> Option<Role> {
    match form::word(spot)? {
        Role::Resident => {
            let zh = "居民身份来自核实的户，请在人员里写 household，不另授予。";
            spot.fault("follows-from-household", zh, "Follows from the household written with the person; it is never granted.")
        }
        Role::PlatformAdmin => {
            spot.fault("never-by-file", "平台管理员不能由文件授予。", "A platform administrator is never made by a file.")
        }
        role => Some(role),
    }
}

fn role(spot: &Spot) -> Option<RoleEntry> {
    spot.object(|form| {
        let person = form.need("person", form::code);
        let role = form.need("role", granted);
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

/// A small integer.
fn small<'a>(range: RangeInclusive<i64>) -> impl Fn(&Spot<'a>) -> Option<i32> {
    let int = form::int(range);
    move |spot| int(spot).and_then(|n| i32::try_from(n).ok())
}

fn site_rules(spot: &Spot) -> Option<SiteRules> {
    spot.object(|form| {
        let usual = SiteRules::default();
        let granularity = form.may("granularity_minutes", |spot| {
            let minutes = small(5..=60)(spot)?;
            if matches!(minutes, 5 | 10 | 15 | 30 | 60) {
                return Some(minutes);
            }
            spot.fault("unknown-word", "只能是 5、10、15、30 或 60。", "Must be 5, 10, 15, 30 or 60.")
        });
        let min = form.may("min_minutes", small(5..=1440));
        let max = form.may("max_minutes", small(5..=1440));
        let lead = form.may("lead_minutes", small(0..=43_200));
        let horizon = form.may("horizon_days", small(1..=400));
        let limits = limits(form);
        let no_show = form.may("no_show_minutes", small(0..=240));
        let granularity = granularity.unwrap_or(usual.granularity_minutes);
        let rules = SiteRules {
            granularity_minutes: granularity,
            min_minutes: min.unwrap_or(granularity),
            max_minutes: max.unwrap_or(usual.max_minutes),
            lead_minutes: lead.unwrap_or(usual.lead_minutes),
            horizon_days: horizon.unwrap_or(usual.horizon_days),
            limits: limits?,
            no_show_minutes: no_show.unwrap_or(usual.no_show_minutes),
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
        if rules.limits.joined_max_minutes.is_some_and(|joined| joined < rules.max_minutes) {
            form.fault("joined_max_minutes", "out-of-range", "连着订的总时长不能短于一次最长。", "Must not be below max_minutes.");
        }
        Some(rules)
    })
}

/// The rules a site may leave out, read beside the others.
fn limits(form: &mut Form) -> Option<Limits> {
    let usual = Limits::default();
    let lead_working_days = form.may("lead_working_days", small(0..=30));
    let series_horizon_days = form.may("series_horizon_days", small(1..=400));
    let residents_first_days = form.may("residents_first_days", small(0..=400));
    let joined_max_minutes = form.may("joined_max_minutes", small(5..=2880));
    let at_once = form.may("at_once", small(1..=20));
    let late_cancel_hours = form.may("late_cancel_hours", small(0..=720));
    let quotas = form.may("quotas", form::list(0..=20, quota)).unwrap_or_default();
    let twice = quotas.iter().enumerate().find(|(i, quota)| {
        let same = |other: &&Quota| (other.holder, other.per, other.days) == (quota.holder, quota.per, quota.days);
        quotas.iter().take(*i).any(|other| same(&other))
    });
    if let Some((i, _)) = twice {
        form.fault_below(&format!("quotas/{i}"), "duplicate", "同样的限额写了两次。", "A quota of this holder and stretch stands already.");
    }
    Some(Limits {
        lead_working_days: lead_working_days.unwrap_or(usual.lead_working_days),
        series_horizon_days: series_horizon_days.unwrap_or(usual.series_horizon_days),
        residents_first_days,
        joined_max_minutes,
        at_once,
        late_cancel_hours: late_cancel_hours.unwrap_or(usual.late_cancel_hours),
        quotas,
    })
}

fn quota(spot: &Spot) -> Option<Quota> {
    spot.object(|form| {
        let holder = form.need("holder", form::word);
        let per = form.need("per", form::word);
        let days = form.may("days", form::int(2..=366));
        let bookings = form.may("bookings", form::int(1..=1000));
        let hours = form.may("hours", form::int(1..=10_000));
        let (holder, per) = (holder?, per?);
        if !form.has("bookings") && !form.has("hours") {
            form.fault("bookings", "missing", "次数和小时数至少写一项。", "A number of bookings or of hours is required.");
            return None;
        }
        if (per == QuotaSpan::Rolling) != form.has("days") {
            form.fault(
                "days",
                "needs-rolling",
                "days 只和 rolling 一起写，也必须一起写。",
                "`days` goes with `rolling`, and only with it.",
            );
            return None;
        }
        Some(Quota { holder, per, days, bookings, hours })
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
        let setup = form.may("setup_minutes", small(0..=MOST_BUFFER_MINUTES));
        let cleanup = form.may("cleanup_minutes", small(0..=MOST_BUFFER_MINUTES));
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

fn tariff(spot: &Spot) -> Option<TariffEntry> {
    spot.object(|form| {
        let spaces = form.may("spaces", form::set(1..=100, form::code));
        let use_code = form.may("use", form::word);
        let kind = form.need("kind", form::word);
        let components = form.may("components", form::list(0..=20, Component::read));
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
        let rules = form.may("rules", site_rules);
        let equipment = form.may("equipment", form::list(0..=100, equipment));
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
            equipment: equipment.unwrap_or_default(),
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
pub fn read(value: &Value, lines: Lines) -> (Option<HubFile>, Vec<FieldFault>) {
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
