//! A version's clauses become rows per space, so that terms at an instant is one indexed query.

use crate::kernel::id::{AgreementId, AtomId, SpaceId, VersionId};
use crate::kernel::time::Day;
use crate::kernel::{Instant, Period, Zone};
use crate::terms::model::{Clause, ClauseKind, Payload, Relation, SpaceRef, TermInForce};
use std::collections::BTreeSet;

/// Origin of a clause that names no space and so speaks of every space.
const EVERYWHERE: &str = "*";

/// What the compiler must know of a space the agreement covers.
#[derive(Debug, Clone, PartialEq)]
pub struct SpaceLayout {
    /// The space.
    pub space: SpaceId,
    /// Its natural code, as clauses name it.
    pub code: SpaceRef,
    /// Its smallest parts; a space is part of another when its atoms are some, but not all, of the other's.
    pub atoms: Vec<AtomId>,
    /// The zone of its site.
    pub zone: Zone,
}

/// A clause as it will bind one space: a row of `terms`.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledTerm {
    /// The space it binds.
    pub space: SpaceId,
    /// First moment it binds.
    pub from: Instant,
    /// First moment it no longer binds.
    pub to: Instant,
    /// Clause id inside the version.
    pub clause_id: String,
    /// Kind.
    pub kind: ClauseKind,
    /// The named space that caused the row, or `*` for a clause about every space.
    pub origin: String,
    /// Why it binds this space.
    pub relation: Relation,
    /// An exception, not a base clause.
    pub exception: bool,
    /// What it does.
    pub payload: Payload,
    /// The text that binds.
    pub text_zh: String,
    /// Courtesy.
    pub text_en: Option<String>,
}

impl CompiledTerm {
    /// The row as it will be in force, to judge by a version before or while it is stored.
    pub fn in_force(&self, agreement: &AgreementId, agreement_code: &str, version: &VersionId, version_no: i32) -> TermInForce {
        TermInForce {
            agreement: agreement.clone(),
            agreement_code: agreement_code.to_owned(),
            version: version.clone(),
            version_no,
            clause: self.clause_id.clone(),
            kind: self.kind,
            origin: self.origin.clone(),
            relation: self.relation,
            exception: self.exception,
            from: self.from,
            to: self.to,
            payload: self.payload.clone(),
        }
    }
}

/// When a version binds in a zone: from the later of its first day 00:00 and the moment it was agreed, to its last day
/// 24:00. `None` without a term clause, or when it was agreed too late to bind at all.
pub fn version_interval(clauses: &[Clause], zone: &Zone, agreed_at: Instant) -> Option<Period> {
    let (first_day, last_day) = term_of(clauses)?;
    let days = zone.days(first_day, last_day)?;
    Period::new(days.start().max(agreed_at), days.end())
}

fn term_of(clauses: &[Clause]) -> Option<(Day, Day)> {
    clauses.iter().find_map(|clause| match clause.payload {
        Payload::Term { first_day, last_day } => Some((first_day, last_day)),
        _ => None,
    })
}

/// The rows of a version agreed at `agreed_at`, in the order of clauses, then of the layout. Clauses naming a space that
/// is not in the layout are not compiled for it; [`super::proposable()`] refuses them earlier.
pub fn compile(clauses: &[Clause], layout: &[SpaceLayout], agreed_at: Instant) -> Vec<CompiledTerm> {
    let map = Layout::new(layout);
    let mut rows = Vec::new();
    for clause in clauses {
        for space in &map.spaces {
            let Some(period) = clause_interval(clauses, clause, &space.layout.zone, agreed_at) else { continue };
            for (relation, origin) in map.relations(clause, space) {
                rows.push(CompiledTerm {
                    space: space.layout.space.clone(),
                    from: period.start(),
                    to: period.end(),
                    clause_id: clause.id.clone(),
                    kind: clause.kind,
                    origin,
                    relation,
                    exception: clause.exception.is_some(),
                    payload: clause.payload.clone(),
                    text_zh: clause.text_zh.clone(),
                    text_en: clause.text_en.clone(),
                });
            }
        }
    }
    rows
}

fn clause_interval(clauses: &[Clause], clause: &Clause, zone: &Zone, agreed_at: Instant) -> Option<Period> {
    let version = version_interval(clauses, zone, agreed_at)?;
    let from = clause.from.map_or(version.start(), |day| zone.at(day, 0).max(version.start()));
    let to = clause.to.map_or(version.end(), |day| zone.at(day, 0).min(version.end()));
    Period::new(from, to)
}

/// A space with its atoms as a set.
pub(super) struct Place<'a> {
    pub(super) layout: &'a SpaceLayout,
    atoms: BTreeSet<&'a AtomId>,
}

impl Place<'_> {
    fn is_part_of(&self, other: &Place) -> bool {
        self.atoms.len() < other.atoms.len() && self.atoms.is_subset(&other.atoms)
    }
}

/// All spaces of an agreement, to ask which clause binds which.
pub(super) struct Layout<'a> {
    pub(super) spaces: Vec<Place<'a>>,
}

impl<'a> Layout<'a> {
    pub(super) fn new(layout: &'a [SpaceLayout]) -> Self {
        Self { spaces: layout.iter().map(|layout| Place { layout, atoms: layout.atoms.iter().collect() }).collect() }
    }

    fn named(&self, clause: &Clause) -> Vec<&Place<'a>> {
        clause.spaces.iter().filter_map(|code| self.spaces.iter().find(|place| place.layout.code == *code)).collect()
    }

    /// Why `clause` binds `space`: nothing, one relation, or one for each part it names.
    pub(super) fn relations(&self, clause: &Clause, space: &Place) -> Vec<(Relation, String)> {
        if matches!(clause.kind, ClauseKind::Parties | ClauseKind::Suspension) {
            return Vec::new();
        }
        if clause.spaces.is_empty() {
            return vec![(Relation::Own, EVERYWHERE.to_owned())];
        }
        let named = self.named(clause);
        let code = |place: &Place| place.layout.code.as_str().to_owned();
        if named.iter().any(|place| place.layout.code == space.layout.code) {
            return vec![(Relation::Own, code(space))];
        }
        // The smallest hall around the space, so that the answer does not depend on the order of names.
        let whole = named.iter().filter(|place| space.is_part_of(place)).min_by_key(|place| (place.atoms.len(), &place.layout.code));
        if clause.kind == ClauseKind::SpaceGrant {
            // Two lent halves are a lent hall; half a hall lends no hall.
            let lent: BTreeSet<&AtomId> = named.iter().flat_map(|place| place.atoms.iter().copied()).collect();
            let cause = whole.or_else(|| named.iter().find(|place| !place.atoms.is_disjoint(&space.atoms)));
            return cause.filter(|_| space.atoms.is_subset(&lent)).map(|place| (Relation::Own, code(place))).into_iter().collect();
        }
        if let Some(whole) = whole {
            return vec![(Relation::Whole, code(whole))];
        }
        if !clause.kind.binds_the_whole() {
            return Vec::new();
        }
        named.iter().filter(|place| place.is_part_of(space)).map(|place| (Relation::Part, code(place))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, atoms, clause, day, hours_json, layout, zone};
    use super::*;
    use serde_json::json;

    fn term(first: &str, last: &str) -> Clause {
        clause("term", "term", json!({"first_day": first, "last_day": last}), json!({}))
    }
    fn shown(rows: &[CompiledTerm], layout: &[SpaceLayout], id: &str) -> Vec<String> {
        rows.iter()
            .filter(|row| row.clause_id == id)
            .map(|row| {
                let code = layout.iter().find(|l| l.space == row.space).unwrap().code.as_str();
                format!("{code} {} {}", row.relation, row.origin)
            })
            .collect()
    }
    /// The hall of halves a and b, and a room apart.
    fn hub() -> Vec<SpaceLayout> {
        let atoms = atoms(3);
        vec![layout("y/a", &atoms[..1]), layout("y/b", &atoms[1..2]), layout("y/hall", &atoms[..2]), layout("y/room", &atoms[2..])]
    }
    fn rows_of(kind: &str, payload: serde_json::Value, spaces: &[&str]) -> Vec<String> {
        let hub = hub();
        let clauses = [term("2026-01-01", "2026-12-31"), clause("c", kind, payload, json!({ "spaces": spaces }))];
        shown(&compile(&clauses, &hub, at("2025-12-01 00:00")), &hub, "c")
    }

    #[test]
    fn a_clause_on_a_hall_covers_its_parts() {
        let expected = ["y/a whole y/hall", "y/b whole y/hall", "y/hall own y/hall"];
        assert_eq!(rows_of("open_hours", hours_json("08:00", "20:00"), &["y/hall"]), expected);
        assert_eq!(rows_of("capacity", json!({"persons": 9}), &["y/hall"]), expected);
    }

    #[test]
    fn the_whole_obeys_its_parts_but_has_its_own_capacity_and_price() {
        assert_eq!(rows_of("open_hours", hours_json("08:00", "20:00"), &["y/a"]), ["y/a own y/a", "y/hall part y/a"]);
        assert_eq!(
            rows_of("prohibited_uses", json!({"uses": ["vocal"]}), &["y/a", "y/b"]),
            ["y/a own y/a", "y/b own y/b", "y/hall part y/a", "y/hall part y/b"]
        );
        assert_eq!(rows_of("capacity", json!({"persons": 9}), &["y/a"]), ["y/a own y/a"]);
        assert_eq!(rows_of("price_ceiling", json!({"ceilings": [{"fen": 1, "per": "hour"}]}), &["y/b"]), ["y/b own y/b"]);
    }

    #[test]
    fn a_space_named_itself_is_bound_once() {
        assert_eq!(
            rows_of("open_hours", hours_json("08:00", "20:00"), &["y/hall", "y/a"]),
            ["y/a own y/a", "y/b whole y/hall", "y/hall own y/hall"]
        );
    }

    #[test]
    fn a_grant_opens_what_lies_wholly_inside_it() {
        let grant = json!({"by": "unit"});
        assert_eq!(rows_of("space_grant", grant.clone(), &["y/a"]), ["y/a own y/a"]);
        assert_eq!(rows_of("space_grant", grant.clone(), &["y/hall"]), ["y/a own y/hall", "y/b own y/hall", "y/hall own y/hall"]);
        assert_eq!(rows_of("space_grant", grant.clone(), &["y/a", "y/b"]), ["y/a own y/a", "y/b own y/b", "y/hall own y/a"]);
        assert_eq!(rows_of("space_grant", grant.clone(), &["y/room", "y/a"]), ["y/a own y/a", "y/room own y/room"]);
        assert_eq!(rows_of("space_grant", grant, &[]).len(), 4);
    }

    #[test]
    fn terms_bind_every_space_and_parties_none() {
        let hub = hub();
        let parties =
            json!({"parties": [{"organisation": "u", "capacity": "property_unit"}, {"organisation": "c", "capacity": "community"}]});
        let clauses = [term("2026-01-01", "2026-12-31"), clause("parties", "parties", parties, json!({}))];
        let rows = compile(&clauses, &hub, at("2025-12-01 00:00"));
        assert_eq!(shown(&rows, &hub, "term"), ["y/a own *", "y/b own *", "y/hall own *", "y/room own *"]);
        assert!(shown(&rows, &hub, "parties").is_empty());
        assert!(compile(&clauses[1..], &hub, at("2025-12-01 00:00")).is_empty(), "without a term nothing binds");
    }

    #[test]
    fn rows_bind_from_agreement_to_the_last_midnight() {
        let hub = hub();
        let hours = |from: &str, to: &str| {
            clause(
                "h",
                "open_hours",
                hours_json("08:00", "20:00"),
                json!({"spaces": ["y/room"], "from": from, "to": to, "exception": "暑期"}),
            )
        };
        let interval = |from: &str, to: &str, agreed: &str| {
            let rows = compile(&[term("2026-01-01", "2026-12-31"), hours(from, to)], &hub, at(agreed));
            rows.iter().find(|row| row.clause_id == "h").map(|row| (row.from, row.to, row.exception))
        };
        let usual = Some((at("2026-07-01 00:00"), at("2026-09-01 00:00"), true));
        assert_eq!(interval("2026-07-01", "2026-09-01", "2025-12-01 00:00"), usual);
        assert_eq!(
            interval("2026-07-01", "2026-09-01", "2026-08-03 15:04"),
            Some((at("2026-08-03 15:04"), at("2026-09-01 00:00"), true)),
            "agreed after its first day: from then on"
        );
        assert_eq!(interval("2026-07-01", "2026-09-01", "2026-09-01 00:00"), None);
        assert_eq!(interval("2025-07-01", "2027-09-01", "2025-12-01 00:00"), Some((at("2026-01-01 00:00"), at("2026-12-31 24:00"), true)));
        assert_eq!(interval("2027-01-01", "2027-02-01", "2025-12-01 00:00"), None);
        assert_eq!(version_interval(&[term("2026-01-01", "2026-12-31")], &zone("Asia/Shanghai"), at("2026-12-31 24:00")), None);
    }

    #[test]
    fn each_space_keeps_the_days_of_its_own_site() {
        let atoms = atoms(2);
        let mut hub = vec![layout("y/a", &atoms[..1]), layout("k/b", &atoms[1..])];
        hub[1].zone = zone("Asia/Kathmandu");
        let rows = compile(&[term("2026-01-01", "2026-01-01")], &hub, at("2025-12-01 00:00"));
        assert_eq!((rows[0].from, rows[0].to), (at("2026-01-01 00:00"), at("2026-01-02 00:00")));
        assert_eq!(rows[1].from, zone("Asia/Kathmandu").at(day("2026-01-01"), 0));
        assert_eq!(rows[1].from, rows[0].from.plus_minutes(135));
    }

    #[test]
    fn unknown_spaces_bind_nothing() {
        assert!(rows_of("open_hours", hours_json("08:00", "20:00"), &["y/attic"]).is_empty());
        assert!(rows_of("space_grant", json!({"by": "unit"}), &["y/attic"]).is_empty());
    }
}
