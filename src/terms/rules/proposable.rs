//! What stands in the way of proposing a version.

use super::compile::{Layout, SpaceLayout};
use crate::kernel::Reason;
use crate::kernel::time::Day;
use crate::terms::model::{Clause, ClauseKind, Party, Payload, SpaceRef};
use std::collections::BTreeSet;

/// Everything that must be mended before `clauses` can be proposed for the spaces of `layout` (all the agreement covers);
/// empty = proposable. Exceptions fill no gap: a required kind needs a base clause.
pub fn proposable(clauses: &[Clause], layout: &[SpaceLayout]) -> Vec<Reason> {
    let mut reasons = missing(clauses, layout);
    reasons.extend(duplicate_ids(clauses));
    reasons.extend(conflicts(clauses));
    reasons.extend(unknown_spaces(clauses, layout));
    reasons.extend(parties(clauses));
    reasons
}

fn about(clause: &Clause, code: &str, zh: String, en: String) -> Reason {
    Reason { clause: Some(clause.id.clone()), ..Reason::plain(code, zh, en) }
}

fn en(kind: ClauseKind) -> String {
    kind.en().to_lowercase()
}

fn missing(clauses: &[Clause], layout: &[SpaceLayout]) -> Vec<Reason> {
    let places = Layout::new(layout);
    let mut reasons = Vec::new();
    for kind in std::iter::once(ClauseKind::Parties).chain(ClauseKind::REQUIRED.iter().copied()) {
        let base: Vec<&Clause> = clauses.iter().filter(|clause| clause.kind == kind && clause.exception.is_none()).collect();
        if base.is_empty() {
            let reason = Reason::plain(
                "missing-clause",
                format!("还缺少“{}”条款。", kind.zh()),
                format!("There is no clause about {} yet.", en(kind)),
            );
            reasons.push(reason.figure(kind));
            continue;
        }
        if kind == ClauseKind::Parties {
            continue;
        }
        let without: Vec<&str> = places
            .spaces
            .iter()
            .filter(|place| base.iter().all(|clause| places.relations(clause, place).is_empty()))
            .map(|place| place.layout.code.as_str())
            .collect();
        if !without.is_empty() {
            let reason = Reason::plain(
                "missing-clause",
                format!("这些空间还缺少“{}”条款：{}。", kind.zh(), without.join("、")),
                format!("These spaces have no clause about {} yet: {}.", en(kind), without.join(", ")),
            );
            reasons.push(reason.figure(without.join(", ")));
        }
    }
    reasons
}

fn duplicate_ids(clauses: &[Clause]) -> Vec<Reason> {
    let mut seen = BTreeSet::new();
    let mut said = BTreeSet::new();
    clauses
        .iter()
        .filter(|clause| !seen.insert(&clause.id) && said.insert(&clause.id))
        .map(|clause| {
            about(
                clause,
                "duplicate-clause-id",
                format!("有两条条款用了同一个编号 {}。", clause.id),
                format!("Two clauses have the same id {}.", clause.id),
            )
            .figure(&clause.id)
        })
        .collect()
}

/// Both speak of the same space by name, or both of every space. A clause about all and one about a space combine.
fn same_scope<'a>(a: &'a Clause, b: &Clause) -> Option<Option<&'a SpaceRef>> {
    if a.spaces.is_empty() && b.spaces.is_empty() {
        return Some(None);
    }
    a.spaces.iter().find(|space| b.spaces.contains(space)).map(Some)
}

fn dates_overlap(a: &Clause, b: &Clause) -> bool {
    let before = |from: Option<Day>, to: Option<Day>| from.zip(to).is_none_or(|(from, to)| from < to);
    before(a.from, b.to) && before(b.from, a.to)
}

fn conflicts(clauses: &[Clause]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for (i, later) in clauses.iter().enumerate() {
        for earlier in clauses.iter().take(i) {
            let alike = earlier.kind == later.kind && earlier.exception.is_some() == later.exception.is_some();
            let Some(space) = same_scope(earlier, later).filter(|_| alike && dates_overlap(earlier, later)) else { continue };
            let (zh, en_where) = match space {
                Some(space) => (space.to_string(), space.to_string()),
                None => ("所有空间".to_owned(), "every space".to_owned()),
            };
            let reason = about(
                later,
                "conflicting-clauses",
                format!("“{}”对{zh}约定了两次：{} 和 {}，请合并成一条。", later.kind.zh(), earlier.id, later.id),
                format!("{} and {} both settle {} for {en_where}; please make them one.", earlier.id, later.id, en(later.kind)),
            );
            reasons.push(reason.figure(format!("{}, {}", earlier.id, later.id)));
        }
    }
    reasons
}

fn unknown_spaces(clauses: &[Clause], layout: &[SpaceLayout]) -> Vec<Reason> {
    let unknown = |clause: &Clause| -> Vec<String> {
        clause.spaces.iter().filter(|code| !layout.iter().any(|known| known.code == **code)).map(ToString::to_string).collect()
    };
    clauses
        .iter()
        .map(|clause| (clause, unknown(clause)))
        .filter(|(_, unknown)| !unknown.is_empty())
        .map(|(clause, unknown)| {
            about(
                clause,
                "unknown-space",
                format!("条款里的空间不在协议范围内：{}。", unknown.join("、")),
                format!("The agreement does not cover these spaces of the clause: {}.", unknown.join(", ")),
            )
            .figure(unknown.join(", "))
        })
        .collect()
}

fn parties(clauses: &[Clause]) -> Vec<Reason> {
    let stated: Vec<(&Clause, &[Party])> = clauses
        .iter()
        .filter_map(|clause| match &clause.payload {
            Payload::Parties { parties } => Some((clause, parties.as_slice())),
            _ => None,
        })
        .collect();
    let Some((first, _)) = stated.first() else { return Vec::new() };
    let all: Vec<&Party> = stated.iter().flat_map(|(_, parties)| parties.iter()).collect();
    let names: BTreeSet<&str> = all.iter().map(|party| party.organisation.as_str()).collect();
    let mut reasons = Vec::new();
    if names.len() < 2 {
        let reason = about(first, "too-few-parties", "协议至少要有两方。".into(), "An agreement needs at least two parties.".into());
        reasons.push(reason.figure(names.len()));
    }
    let stages: BTreeSet<i32> = all.iter().map(|party| party.stage).collect();
    if let Some((expected, _)) = (1..).zip(&stages).find(|(expected, stage)| expected != *stage) {
        reasons.push(
            about(
                first,
                "stage-gap",
                format!("签署顺序要从 1 开始、不能跳号，现在缺少第 {expected} 步。"),
                format!("Signing stages count from 1 without a gap; stage {expected} is missing."),
            )
            .figure(expected),
        );
    }
    for clause in clauses {
        let mut strangers: Vec<&str> =
            clause.payload.names().into_iter().map(|(_, name)| name).filter(|name| !names.contains(name)).collect();
        strangers.sort_unstable();
        strangers.dedup();
        for name in strangers {
            reasons.push(
                about(
                    clause,
                    "not-a-party",
                    format!("条款里的 {name} 不是协议的签约方。"),
                    format!("{name} in this clause is no party to the agreement."),
                )
                .figure(name),
            );
        }
        // What is left to somebody must be left to somebody who is there.
        for (capacity, needed) in clause.payload.deciders() {
            let there = all.iter().filter(|party| party.capacity == capacity).count();
            if usize::try_from(needed).is_ok_and(|needed| there < needed) {
                reasons.push(
                    about(
                        clause,
                        "nobody-decides",
                        format!("这一条要 {needed} 家{}来定，签约方里只有 {there} 家。", capacity.zh()),
                        format!("This clause leaves it to {needed} of the {}; {there} are party to the agreement.", capacity.en_many()),
                    )
                    .figure(capacity),
                );
            }
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::super::samples::{atoms, clause, governance, hours_json, layout};
    use super::*;
    use serde_json::{Value, json};

    fn hub() -> Vec<SpaceLayout> {
        let atoms = atoms(3);
        vec![layout("y/a", &atoms[..1]), layout("y/b", &atoms[1..2]), layout("y/hall", &atoms[..2]), layout("y/room", &atoms[2..])]
    }
    fn parties(stages: &[(&str, i64)]) -> Clause {
        let parties: Vec<Value> =
            stages.iter().map(|(name, stage)| json!({"organisation": name, "capacity": "community", "stage": stage})).collect();
        clause("parties", "parties", json!({ "parties": parties }), json!({}))
    }
    fn complete() -> Vec<Clause> {
        vec![
            parties(&[("unit", 1), ("sq", 2)]),
            clause("term", "term", json!({"first_day": "2026-01-01", "last_day": "2026-12-31"}), json!({})),
            clause("grant", "space_grant", json!({"by": "unit"}), json!({})),
            clause("hours", "open_hours", hours_json("08:00", "20:00"), json!({})),
            clause("people", "capacity", json!({"persons": 50}), json!({})),
        ]
        .into_iter()
        .chain(governance("unit"))
        .collect()
    }
    fn found(clauses: &[Clause]) -> Vec<(String, String)> {
        proposable(clauses, &hub()).into_iter().map(|r| (r.code, r.figure.unwrap_or_default())).collect()
    }
    fn one(code: &str, figure: &str) -> Vec<(String, String)> {
        vec![(code.into(), figure.into())]
    }

    #[test]
    fn a_complete_version_is_proposable() {
        assert!(found(&complete()).is_empty());
        let all: Vec<String> = found(&[]).into_iter().map(|(_, figure)| figure).collect();
        let required = ClauseKind::REQUIRED.iter().map(|kind| kind.as_str());
        assert_eq!(all, std::iter::once("parties").chain(required).collect::<Vec<_>>());
        assert_eq!(
            &all[5..],
            ["utilities_payer", "suspension_rule", "termination_rule", "amendment_rule"],
            "who pays, and how it is suspended, ended and changed"
        );
    }

    #[test]
    fn required_kinds_are_missed_space_by_space() {
        let mut clauses = complete();
        clauses[4] = clause("people", "capacity", json!({"persons": 50}), json!({"spaces": ["y/a", "y/b"]}));
        assert_eq!(found(&clauses), one("missing-clause", "y/hall, y/room"), "the hall has its own capacity");
        clauses[4] = clause("people", "capacity", json!({"persons": 50}), json!({"spaces": ["y/hall", "y/room"]}));
        assert!(found(&clauses).is_empty(), "a hall's capacity covers its parts");
        clauses[2] = clause("grant", "space_grant", json!({"by": "unit"}), json!({"spaces": ["y/a", "y/room"]}));
        assert_eq!(found(&clauses), one("missing-clause", "y/b, y/hall"));
        let summer = json!({"from": "2026-07-01", "to": "2026-09-01", "exception": "暑期"});
        clauses[2] = clause("grant", "space_grant", json!({"by": "unit"}), summer);
        assert_eq!(found(&clauses), one("missing-clause", "space_grant"), "an exception is no base");
    }

    #[test]
    fn the_same_kind_twice_for_a_space_is_a_conflict() {
        let with = |spaces: &[&str], more: Value| {
            let mut fields = json!({ "spaces": spaces });
            fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            clause("again", "open_hours", hours_json("09:00", "10:00"), fields)
        };
        let check = |clauses: &[Clause]| {
            let mut all = complete();
            all.extend_from_slice(clauses);
            found(&all)
        };
        assert_eq!(check(&[with(&[], json!({}))]), one("conflicting-clauses", "hours, again"));
        assert!(check(&[with(&["y/a"], json!({}))]).is_empty(), "all spaces and one space combine");
        let other = |spaces: &[&str]| clause("third", "open_hours", hours_json("09:00", "10:00"), json!({ "spaces": spaces }));
        assert_eq!(check(&[with(&["y/a", "y/b"], json!({})), other(&["y/b", "y/room"])]), one("conflicting-clauses", "again, third"));
        assert!(check(&[with(&["y/hall"], json!({})), other(&["y/a"])]).is_empty(), "a hall and its part combine");
        let dates = |from: &str, to: &str| json!({"from": from, "to": to, "exception": "调整"});
        assert!(check(&[with(&[], dates("2026-07-01", "2026-08-01"))]).is_empty(), "an exception replaces its base");
        let second = |from: &str| clause("third", "open_hours", hours_json("09:00", "10:00"), dates(from, "2026-09-01"));
        assert!(check(&[with(&[], dates("2026-07-01", "2026-08-01")), second("2026-08-01")]).is_empty(), "touching dates do not overlap");
        assert_eq!(
            check(&[with(&[], dates("2026-07-01", "2026-08-01")), second("2026-07-31")]),
            one("conflicting-clauses", "again, third")
        );
    }

    #[test]
    fn names_must_be_known() {
        let mut clauses = complete();
        clauses.push(clause("attic", "prohibited_uses", json!({"uses": ["vocal"]}), json!({"spaces": ["y/attic", "y/a", "z/a"]})));
        clauses.push(clause(
            "own",
            "reserved_hours",
            json!({"reserved_for": "wuye", "weekly": [{"days": ["mon"], "from": "08:00", "to": "09:00"}]}),
            json!({}),
        ));
        clauses[2] = clause("grant", "space_grant", json!({"by": "nobody"}), json!({}));
        clauses.push(clause("attic", "prohibited_uses", json!({"uses": ["dance"]}), json!({"spaces": ["y/b"]})));
        assert_eq!(
            found(&clauses),
            [("duplicate-clause-id", "attic"), ("unknown-space", "y/attic, z/a"), ("not-a-party", "nobody"), ("not-a-party", "wuye")]
                .map(|(c, f)| (c.to_owned(), f.to_owned()))
        );
    }

    #[test]
    fn whoever_pays_approves_or_consents_is_a_party() {
        let with = |kind: &str, payload: Value| {
            let mut clauses = complete();
            clauses.retain(|clause| clause.kind.as_str() != kind);
            clauses.push(clause("asked", kind, payload, json!({})));
            found(&clauses)
        };
        let lines = json!({"lines": [{"kind": "water", "party": "wuye"}, {"kind": "electricity", "party": "wuye"}]});
        assert_eq!(with("utilities_payer", lines), one("not-a-party", "wuye"), "told once");
        assert_eq!(with("data", json!({"controller": "cloud"})), one("not-a-party", "cloud"));
        assert_eq!(with("revenue_share", json!({"shares": [{"party": "cloud", "basis_points": 1}]})), one("not-a-party", "cloud"));
        assert_eq!(with("fit_out", json!({"party": "builder", "funding": "donation"})), one("not-a-party", "builder"));
        let approval = |who: &str| json!({"approver": who, "deadline_hours": 24});
        assert_eq!(with("approval", approval("property_unit")), one("nobody-decides", "property_unit"));
        assert!(with("approval", approval("community")).is_empty());
        let rule = |consent: Value| json!({"rules": [{"change": "uses", "consent": consent}]});
        assert_eq!(
            with("amendment_rule", rule(json!({"rule": "k_of", "capacity": "community", "k": 3}))),
            one("nobody-decides", "community")
        );
        assert!(with("amendment_rule", rule(json!({"rule": "k_of", "capacity": "community", "k": 2}))).is_empty());
        let nested = json!({"rule": "or", "of": [{"rule": "unanimous"}, {"rule": "party", "organisation": "mayor"}]});
        assert_eq!(with("amendment_rule", rule(nested)), one("not-a-party", "mayor"));
    }

    #[test]
    fn stages_count_from_one_without_gaps() {
        let with = |stages: &[(&str, i64)]| {
            let mut clauses = complete();
            clauses[0] = parties(stages);
            found(&clauses)
        };
        assert_eq!(with(&[("unit", 2), ("sq", 2)]), one("stage-gap", "1"));
        assert_eq!(with(&[("unit", 1), ("sq", 3), ("jd", 3)]), one("stage-gap", "2"));
        assert!(with(&[("unit", 1), ("sq", 1), ("jd", 2)]).is_empty());
        let mut clauses = complete();
        clauses[0].payload = Payload::Parties {
            parties: vec![Party { organisation: "unit".into(), capacity: crate::terms::model::PartyCapacity::Community, stage: 1 }],
        };
        assert_eq!(found(&clauses), one("too-few-parties", "1"));
    }

    #[test]
    fn every_reason_is_written_for_people() {
        let mut clauses = complete();
        clauses.remove(1);
        clauses.push(clause("x", "capacity", json!({"persons": 5}), json!({})));
        for reason in proposable(&clauses, &hub()) {
            assert!(reason.zh.ends_with('。') && reason.en.ends_with('.'), "{reason:?}");
        }
    }
}
