//! The hub files of the benchmark: one of fifty-one rooms that is booked, one of two hundred at four sites that is searched.

use crate::world::{BIG, RESIDENTS, ROOMS};
use std::fmt::Write;

/// The clauses a real agreement has.
fn clauses(code: &str) -> String {
    format!(
        r#"    clauses:
      - {{id: parties, kind: parties, text_zh: 双方签订。, payload: {{parties: [{{organisation: {code}-unit, capacity: property_unit, stage: 1}}, {{organisation: {code}-committee, capacity: community, stage: 1}}]}}}}
      - {{id: term, kind: term, text_zh: 长期。, payload: {{first_day: 2026-01-01, last_day: 2035-12-31}}}}
      - {{id: grant, kind: space_grant, text_zh: 无偿提供。, payload: {{by: {code}-unit, rent_fen_per_year: 0}}}}
      - id: hours
        kind: open_hours
        text_zh: 每日8时至22时开放，法定节假日按周日时间。
        payload:
          weekly:
            - {{days: [mon, tue, wed, thu, fri, sat, sun], from: "08:00", to: "22:00"}}
          holidays: as_sunday
          makeup_workdays: as_monday
      - {{id: uses, kind: allowed_uses, text_zh: 用于学习、会议和展览。, payload: {{uses: [study, reading, meeting, exhibition]}}}}
      - {{id: no-tt, kind: prohibited_uses, text_zh: 不打乒乓球。, payload: {{uses: [table-tennis]}}}}
      - id: quiet
        kind: quiet_hours
        text_zh: 午间安静。
        payload:
          noise: loud
          weekly:
            - {{days: [mon, tue, wed, thu, fri, sat, sun], from: "12:00", to: "14:00"}}
      - {{id: utilities, kind: utilities_payer, text_zh: 水电由产权单位承担。, payload: {{lines: [{{kind: water, party: {code}-unit}}, {{kind: electricity, party: {code}-unit}}]}}}}
      - {{id: suspension, kind: suspension_rule, text_zh: 因安全可以暂停。, payload: {{who: [community], grounds: [safety]}}}}
      - {{id: termination, kind: termination_rule, text_zh: 提前90日通知。, payload: {{notice_days: 90}}}}
      - {{id: amendment, kind: amendment_rule, text_zh: 按通用规则修改。, payload: {{protected_days: 14}}}}
      - {{id: capacity, kind: capacity, text_zh: 不超过40人。, payload: {{persons: 40, basis: safety}}}}
      - {{id: ceiling, kind: price_ceiling, text_zh: 基本免费。, payload: {{ceilings: [{{use: exhibition, fen: 4000, per: session}}, {{fen: 0, per: session}}, {{fen: 0, per: hour}}, {{fen: 0, per: person}}]}}}}
"#
    )
}

/// Fifty-one rooms, eight residents in four households.
pub fn booked() -> String {
    let (mut rooms, mut people, mut households) = (String::new(), String::new(), String::new());
    for n in 0..=ROOMS {
        // Writing to a String cannot fail.
        let _ = writeln!(rooms, "          - {{code: r{n}, name_zh: {n}号室, kind: room, area_m2: 40.00}}");
    }
    for n in 0..RESIDENTS {
        let _ = writeln!(people, "  - {{code: bench-p-{n}, name: 住户{n}, mobile: \"139000090{n:02}\", household: bench-h-{}}}", n / 2);
    }
    for n in 0..RESIDENTS / 2 {
        let _ = writeln!(households, "  - {{code: bench-h-{n}, door: bench-door, label: 1门{n}01}}");
    }
    let clauses = clauses("bench");
    format!(
        r#"
hub: bench
title_zh: 测量用活动中心
areas:
  - {{code: bench-district, kind: district, name_zh: 测量区}}
  - {{code: bench-street, kind: street, name_zh: 测量街道, parent: bench-district}}
  - {{code: bench-community, kind: community, name_zh: 测量社区, parent: bench-street}}
  - {{code: bench-grid, kind: grid, name_zh: 第一网格, parent: bench-community}}
  - {{code: bench-door, kind: door, name_zh: 1号楼1门, parent: bench-grid}}
households:
{households}
organisations:
  - {{code: bench-unit, kind: property_unit, name_zh: 产权单位, area: bench-community}}
  - {{code: bench-committee, kind: community, name_zh: 居民委员会, area: bench-community}}
people:
  - {{code: bench-p-unit, name: 单位, mobile: "13900008001"}}
  - {{code: bench-p-lead, name: 主任, mobile: "13900008002"}}
{people}
representatives:
  - {{person: bench-p-unit, organisation: bench-unit, powers: [sign, position], from: 2025-10-01, evidence: 授权委托书}}
  - {{person: bench-p-lead, organisation: bench-committee, powers: [sign, position, book], from: 2025-10-01, evidence: 任职证明}}
roles:
  - {{person: bench-p-unit, role: property_unit, organisation: bench-unit, from: 2025-10-01}}
  - {{person: bench-p-lead, role: community, area: bench-community, from: 2025-10-01}}
sites:
  - code: bench-centre
    name_zh: 测量用活动中心
    area: bench-community
    zone: Asia/Shanghai
    organisation: bench-committee
    rules: {{granularity_minutes: 15, min_minutes: 15, max_minutes: 240, lead_minutes: 0, horizon_days: 400}}
    floors:
      - code: f1
        name_zh: 一层
        area_m2: 4000.00
        title: bench-unit
        spaces:
{rooms}
    tariffs:
      - {{kind: free}}
      - use: exhibition
        kind: low_cost
        components:
          - {{label_zh: 保洁费, label_en: Cleaning, fen: 3000, per: session}}
agreements:
  - code: bench-agreement
    title_zh: 测量用协议
    area: bench-community
    sites: [bench-centre]
{clauses}"#
    )
}

/// Four sites of fifty rooms in a community of their own.
pub fn searched() -> String {
    let mut sites = String::new();
    for site in 0..4 {
        let _ = write!(
            sites,
            "  - code: big-{site}
    name_zh: 大院{site}
    area: big-community
    zone: Asia/Shanghai
    organisation: big-committee
    rules: {{granularity_minutes: 15, min_minutes: 15, max_minutes: 240, lead_minutes: 0, horizon_days: 400}}
    floors:
      - code: f1
        name_zh: 一层
        area_m2: 4000.00
        title: big-unit
        spaces:
"
        );
        for n in 0..BIG / 4 {
            let _ = writeln!(sites, "          - {{code: r{n}, name_zh: {n}号室, kind: room, area_m2: 40.00}}");
        }
        sites.push_str("    tariffs:\n      - {kind: free}\n");
    }
    let clauses = clauses("big");
    format!(
        r#"
hub: big
title_zh: 大院
areas:
  - {{code: big-district, kind: district, name_zh: 大院区}}
  - {{code: big-street, kind: street, name_zh: 大院街道, parent: big-district}}
  - {{code: big-community, kind: community, name_zh: 大院社区, parent: big-street}}
organisations:
  - {{code: big-unit, kind: property_unit, name_zh: 产权单位, area: big-community}}
  - {{code: big-committee, kind: community, name_zh: 居民委员会, area: big-community}}
people:
  - {{code: big-p-unit, name: 单位, mobile: "13900007001"}}
  - {{code: big-p-lead, name: 主任, mobile: "13900007002"}}
representatives:
  - {{person: big-p-unit, organisation: big-unit, powers: [sign], from: 2025-10-01, evidence: 授权委托书}}
  - {{person: big-p-lead, organisation: big-committee, powers: [sign], from: 2025-10-01, evidence: 任职证明}}
roles:
  - {{person: big-p-unit, role: property_unit, organisation: big-unit, from: 2025-10-01}}
  - {{person: big-p-lead, role: community, area: big-community, from: 2025-10-01}}
sites:
{sites}
agreements:
  - code: big-agreement
    title_zh: 大院协议
    area: big-community
    sites: [big-0, big-1, big-2, big-3]
{clauses}"#
    )
}
