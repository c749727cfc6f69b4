//! Every kind of clause there and back, and every fault at its pointer.

use super::care::*;
use super::consent::*;
use super::lifecycle::*;
use super::money::*;
use super::rooms::*;
use super::*;
use crate::kernel::Fen;
use crate::terms::model::hours::{DatedHours, HolidayRule, MakeupRule, Span, Weekday, Weekly, Window};
use crate::terms::model::suspension::{Orderer, Suspended, Urgency};
use crate::terms::model::uses::{Noise, Use};
use proptest::prelude::*;

fn read(body: &Value) -> Result<Clause, Vec<(String, String)>> {
    form::read(&json!({ "c": body }), |form| form.need("c", Clause::read))
        .map_err(|faults| faults.into_iter().map(|f| (f.pointer.strip_prefix("/c").unwrap_or(&f.pointer).to_owned(), f.code)).collect())
}
fn hours() -> Value {
    json!({
        "weekly": [{"days": ["mon", "fri"], "from": "08:30", "to": "12:00"}, {"days": ["mon"], "from": "12:00", "to": "24:00"}],
        "holidays": "closed", "makeup_workdays": "as_monday",
        "dates": [{"first": "2026-10-01", "last": "2026-10-08", "reason_zh": "国庆", "windows": []},
                  {"first": "2026-12-31", "reason_zh": "盘点", "windows": [{"from": "08:30", "to": "10:00"}]}],
    })
}
/// Kinds a version may hold.
fn drafted() -> impl Iterator<Item = &'static ClauseKind> {
    ClauseKind::ALL.iter().filter(|kind| kind.is_drafted())
}
fn merged(mut base: Value, more: Value) -> Value {
    base.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    base
}
/// A payload of every kind.
fn payloads() -> Vec<(&'static str, Value)> {
    vec![
        (
            "parties",
            json!({"parties": [{"organisation": "unit", "capacity": "property_unit"},
                               {"organisation": "sq", "capacity": "community", "stage": 2}]}),
        ),
        ("space_grant", json!({"by": "unit", "rent_fen_per_year": 1200})),
        ("term", json!({"first_day": "2026-01-01", "last_day": "2028-02-29"})),
        ("open_hours", hours()),
        ("reserved_hours", merged(hours(), json!({"reserved_for": "unit"}))),
        ("allowed_uses", json!({"uses": ["meeting", "party-history"]})),
        ("prohibited_uses", json!({"uses": ["table-tennis"], "safety": true})),
        ("capacity", json!({"persons": 200, "basis": "comfort"})),
        ("quiet_hours", merged(hours(), json!({"noise": "loud"}))),
        ("price_ceiling", json!({"ceilings": [{"use": null, "fen": 0, "per": "hour"}, {"use": "opera", "fen": 500, "per": "person"}]})),
        ("free_share", json!({"percent": 60, "of": "hours"})),
        ("priority", json!({"classes": ["elder", "household"], "household_quota": {"most": 2, "per": "week"}})),
        ("allocation_mix", json!({"fixed": 50, "rotating": 30, "temporary": 20})),
        (
            "approval",
            json!({"approver": "property_unit", "deadline_hours": 48, "uses": ["performance"], "at_least_people": 100, "days_off": true}),
        ),
        (
            "utilities_payer",
            json!({"lines": [{"kind": "water", "party": "unit", "share_basis_points": 7000, "cap_fen": 90000},
                             {"kind": "water", "party": "sq", "share_basis_points": 3000, "cap_fen": null},
                             {"kind": "gas", "party": "sq"}]}),
        ),
        ("fit_out", json!({"party": "sq", "funding": "community_service_fund", "budget_fen": 5_000_000})),
        ("revenue_share", json!({"shares": [{"party": "sq", "basis_points": 3333}], "remainder": "public_return"})),
        (
            "public_return",
            json!({"destinations": [{"purpose": "elders", "basis_points": 2500}, {"purpose": "maintenance", "basis_points": 7500}]}),
        ),
        ("maintenance", merged(hours(), json!({"notice_days": 5}))),
        (
            "insurance_safety",
            json!({"evidence": [{"name": "fire_inspection", "valid_until": "2026-12-31"},
                                {"name": "liability_insurance", "reference": "PICC-1", "valid_until": "2027-02-28"}]}),
        ),
        ("minors", json!({"guardian_below_age": 8, "children_per_adult": 5, "staff_checks": false})),
        ("data", json!({"controller": "sq", "retention_days": 60, "minors_retention_days": 20, "masking": "hidden"})),
        ("review", json!({"days": ["2027-01-15", "2028-01-15"]})),
        (
            "amendment_rule",
            json!({"rules": [{"change": "uses", "wait_days": 14, "consent": every_rule()},
                             {"change": "operator", "consent": {"rule": "unanimous"}}], "protected_days": 7}),
        ),
        (
            "suspension_rule",
            json!({"who": ["community", "property_unit"], "grounds": ["safety", "repair"], "planned_notice_days": 3, "longest_days": 30}),
        ),
        (
            "termination_rule",
            json!({"notice_days": 90, "holiday_moves": false, "withdrawal_allowed": true, "new_bookings_until_end": false}),
        ),
        ("settlement", json!({"days": 30})),
        ("dispute", json!({"steps": ["talk", "mediation", "court"]})),
    ]
}
/// A rule of every shape.
fn every_rule() -> Value {
    json!({"rule": "and", "of": [
        {"rule": "all_of", "capacity": "community"},
        {"rule": "or", "of": [
            {"rule": "k_of", "capacity": "property_unit", "k": 2}, {"rule": "affected", "capacity": "property_unit"},
            {"rule": "party", "organisation": "unit"}, {"rule": "external_decision", "decision": "special"}, {"rule": "unanimous"}]}]})
}
fn body(kind: &str, payload: Value) -> Value {
    json!({"id": "c1", "kind": kind, "text_zh": "约定如下。", "payload": payload})
}
fn faults(kind: &str, payload: Value) -> Vec<(String, String)> {
    read(&body(kind, payload)).unwrap_err()
}
fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[test]
fn a_suspension_is_written_by_its_order_alone() {
    let suspended =
        Suspended { urgency: Urgency::Immediate, ordered_by: Orderer::Street, ground: "消防通道堵了".into(), closure: false };
    let payload = Payload::Suspension(suspended);
    assert_eq!(faults("suspension", payload.to_stored()), one("/kind", "not-drafted"));
    assert_eq!(Payload::from_stored(ClauseKind::Suspension, &payload.to_stored().to_string()), Some(payload.clone()));
    for kind in drafted() {
        assert_eq!(Payload::from_stored(*kind, &payload.to_stored().to_string()), None, "{kind}");
    }
}

#[test]
fn every_kind_goes_there_and_back() {
    let payloads = payloads();
    assert_eq!(payloads.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), drafted().map(|k| k.as_str()).collect::<Vec<_>>());
    for (kind, payload) in payloads {
        let mut full = body(kind, payload);
        if !kind.parse::<ClauseKind>().unwrap().is_whole_agreement() {
            full = merged(
                full,
                json!({"spaces": ["y/hall", "y/a"], "from": "2026-02-01", "to": "2026-03-01", "exception": "春节", "material": false, "text_en": "As agreed."}),
            );
        }
        let clause = read(&full).unwrap();
        assert_eq!(read(&clause.to_json()).unwrap(), clause, "{kind}");
        assert_eq!(read(&clause.to_json()).unwrap().to_json(), clause.to_json(), "{kind}");
        let stored = clause.payload.to_stored();
        assert_eq!(stored.get("v"), Some(&json!(1)), "{kind}");
        assert_eq!(Payload::from_stored(clause.kind, &stored.to_string()).as_ref(), Some(&clause.payload), "{kind}");
        assert!(!clause.payload.names().iter().any(|(pointer, name)| full.pointer(&format!("/payload/{pointer}")) != Some(&json!(name))));
    }
    for stored in ["nonsense", "", "{}", "null", "[]", r#"{"persons": 5}}, "x": {"a": 1"#] {
        assert_eq!(Payload::from_stored(ClauseKind::Capacity, stored), None, "{stored}");
    }
}

#[test]
fn what_may_be_left_out_has_a_plain_meaning() {
    let clause = read(&body("capacity", json!({"persons": 999, "v": 1}))).unwrap();
    assert_eq!(clause.payload, Payload::Capacity { persons: 999, basis: Capacity::Safety });
    assert!(clause.material && clause.spaces.is_empty() && clause.exception.is_none());
    let weekly = json!({"weekly": [{"days": ["sun"], "from": "00:00", "to": "24:00"}]});
    let Payload::OpenHours(hours) = read(&body("open_hours", weekly)).unwrap().payload else { panic!("hours") };
    assert_eq!((hours.holidays, hours.makeup_workdays, hours.dates.len()), (HolidayRule::AsUsual, MakeupRule::AsUsual, 0));
}

#[test]
fn the_kind_alone_says_what_a_stored_payload_is() {
    let stored = r#"{"days": 30, "percent": 60, "of": "hours", "v": 1}"#;
    assert_eq!(Payload::from_stored(ClauseKind::Settlement, stored), Some(Payload::Settlement(Settlement { days: 30 })));
    let share = FreeShare { percent: 60, of: ShareOf::Hours };
    assert_eq!(Payload::from_stored(ClauseKind::FreeShare, stored), Some(Payload::FreeShare(share)));
    assert_eq!(Payload::from_stored(ClauseKind::Review, stored), None);
}

#[test]
fn the_defaults_of_the_new_kinds_are_those_of_the_model_agreement() {
    let of = |kind: &str, payload: Value| read(&body(kind, payload)).unwrap().payload;
    let Payload::SuspensionRule(rule) = of("suspension_rule", json!({"who": ["community"], "grounds": ["safety"]})) else { panic!("rule") };
    assert_eq!((rule.planned_notice_days, rule.longest_days), (7, 60));
    let Payload::TerminationRule(rule) = of("termination_rule", json!({"notice_days": 30})) else { panic!("rule") };
    assert_eq!((rule.holiday_moves, rule.withdrawal_allowed, rule.new_bookings_until_end), (true, false, true));
    let Payload::AmendmentRule(rule) = of("amendment_rule", json!({})) else { panic!("rule") };
    assert_eq!(rule, AmendmentRule { rules: vec![], protected_days: 14 });
    let Payload::Data(care) = of("data", json!({"controller": "sq"})) else { panic!("data") };
    assert_eq!((care.retention_days, care.minors_retention_days, care.masking), (90, 30, Masking::Masked));
    let Payload::UtilitiesPayer(payer) = of("utilities_payer", json!({"lines": [{"kind": "gas", "party": "sq"}]})) else { panic!("gas") };
    assert_eq!((payer.lines[0].share_basis_points, payer.lines[0].cap_fen), (WHOLE, None));
    let dates = json!({"dates": [{"first": "2026-12-01", "reason_zh": "检修", "windows": [{"from": "08:00", "to": "12:00"}]}]});
    let Payload::Maintenance { notice_days, hours } = of("maintenance", dates) else { panic!("upkeep") };
    assert_eq!((notice_days, hours.windows.len(), hours.dates.len()), (3, 0, 1));
}

#[test]
fn an_unknown_kind_is_refused_and_its_payload_left_alone() {
    assert_eq!(faults("raffle", json!({"anything": [1]})), one("/kind", "unknown-word"));
    assert_eq!(faults("OPEN_HOURS", json!({})), one("/kind", "unknown-word"));
    assert_eq!(read(&json!({"id": "a", "kind": 3, "text_zh": "x", "payload": {}})).unwrap_err(), one("/kind", "wrong-type"));
}

#[test]
fn the_frame_of_a_clause_is_checked() {
    let all = read(&json!({"id": "A B", "kind": "capacity", "spaces": ["hall", 3], "from": "2026-02-30", "text_zh": "", "colour": "red"}));
    assert_eq!(
        all.unwrap_err(),
        [
            ("/id", "wrong-code"),
            ("/spaces/0", "wrong-code"),
            ("/spaces/1", "wrong-type"),
            ("/from", "malformed"),
            ("/text_zh", "empty"),
            ("/payload", "missing"),
            ("/colour", "unknown-field")
        ]
        .map(|(p, c)| (p.to_owned(), c.to_owned()))
    );
    let with = |more: Value| read(&merged(body("capacity", json!({"persons": 5})), more)).unwrap_err();
    assert_eq!(with(json!({"from": "2026-02-01", "to": "2026-02-01"})), one("/to", "ends-before-start"));
    assert_eq!(with(json!({"exception": "春节", "from": "2026-02-01"})), one("/exception", "needs-dates"));
    assert_eq!(with(json!({"spaces": ["y/a", "y/b", "y/a"]})), one("/spaces/2", "duplicate"));
    let term = merged(body("term", json!({"first_day": "2026-01-01", "last_day": "2026-01-01"})), json!({"spaces": ["y/a"]}));
    assert_eq!(read(&term).unwrap_err(), one("/kind", "whole-agreement"));
}

#[test]
fn every_payload_fault_stands_at_its_field() {
    let cases = [
        ("parties", json!({"parties": []}), "/payload/parties", "wrong-count"),
        ("parties", json!({}), "/payload/parties", "missing"),
        (
            "parties",
            json!({"parties": [{"organisation": "u", "capacity": "street"}, {"organisation": "u", "capacity": "community"}]}),
            "/payload/parties/1",
            "duplicate",
        ),
        (
            "parties",
            json!({"parties": [{"organisation": "u", "capacity": "street", "stage": 0}, {"organisation": "v", "capacity": "street"}]}),
            "/payload/parties/0/stage",
            "out-of-range",
        ),
        (
            "parties",
            json!({"parties": [{"organisation": "u", "capacity": "king"}, {"organisation": "v", "capacity": "street"}]}),
            "/payload/parties/0/capacity",
            "unknown-word",
        ),
        ("space_grant", json!({"by": "unit", "rent_fen_per_year": -1}), "/payload/rent_fen_per_year", "out-of-range"),
        ("space_grant", json!({"by": 7}), "/payload/by", "wrong-type"),
        ("term", json!({"first_day": "2026-01-02", "last_day": "2026-01-01"}), "/payload/last_day", "ends-before-start"),
        ("term", json!({"first_day": "2026-01-02", "last_day": "2026-13-01"}), "/payload/last_day", "malformed"),
        ("open_hours", json!({"weekly": []}), "/payload/weekly", "wrong-count"),
        ("open_hours", json!({"weekly": "all day"}), "/payload/weekly", "wrong-type"),
        ("open_hours", json!({"weekly": [{"days": ["mon"], "from": "22:00", "to": "02:00"}]}), "/payload/weekly/0/to", "ends-before-start"),
        (
            "open_hours",
            json!({"weekly": [{"days": ["mon", "mon"], "from": "08:00", "to": "09:00"}]}),
            "/payload/weekly/0/days/1",
            "duplicate",
        ),
        ("open_hours", json!({"weekly": [{"days": ["mon"], "from": "08:00", "to": "24:01"}]}), "/payload/weekly/0/to", "malformed"),
        (
            "open_hours",
            json!({"weekly": [{"days": ["mon", "tue"], "from": "08:00", "to": "10:00"}, {"days": ["tue"], "from": "09:59", "to": "11:00"}]}),
            "/payload/weekly",
            "overlapping",
        ),
        (
            "open_hours",
            json!({"weekly": [{"days": ["mon"], "from": "08:00", "to": "10:00"}],
                   "dates": [{"first": "2026-10-01", "reason_zh": "节", "windows": [{"from": "08:00", "to": "10:00"}, {"from": "09:00", "to": "11:00"}]}]}),
            "/payload/dates/0/windows",
            "overlapping",
        ),
        (
            "open_hours",
            json!({"weekly": [{"days": ["mon"], "from": "08:00", "to": "10:00"}],
                   "dates": [{"first": "2026-10-02", "last": "2026-10-01", "reason_zh": "节", "windows": []}]}),
            "/payload/dates/0/last",
            "ends-before-start",
        ),
        ("open_hours", merged(hours(), json!({"holidays": "maybe"})), "/payload/holidays", "unknown-word"),
        ("open_hours", merged(hours(), json!({"reserved_for": "unit"})), "/payload/reserved_for", "unknown-field"),
        ("reserved_hours", hours(), "/payload/reserved_for", "missing"),
        ("quiet_hours", hours(), "/payload/noise", "missing"),
        ("allowed_uses", json!({"uses": []}), "/payload/uses", "wrong-count"),
        ("allowed_uses", json!({"uses": ["meeting", "chess"]}), "/payload/uses/1", "unknown-word"),
        ("prohibited_uses", json!({"uses": ["dance", "vocal", "dance"]}), "/payload/uses/2", "duplicate"),
        ("prohibited_uses", json!({"uses": ["dance"], "safety": "yes"}), "/payload/safety", "wrong-type"),
        ("capacity", json!({"persons": 0}), "/payload/persons", "out-of-range"),
        ("capacity", json!({"persons": 1000}), "/payload/persons", "out-of-range"),
        ("capacity", json!({"persons": 9.5}), "/payload/persons", "wrong-type"),
        ("capacity", json!({"persons": "many"}), "/payload/persons", "wrong-type"),
        ("capacity", json!({"persons": 5, "v": 2}), "/payload/v", "out-of-range"),
        ("capacity", json!({"persons": 5, "hours": 1}), "/payload/hours", "unknown-field"),
        ("price_ceiling", json!({"ceilings": []}), "/payload/ceilings", "wrong-count"),
        ("price_ceiling", json!({"ceilings": [{"fen": -1, "per": "hour"}]}), "/payload/ceilings/0/fen", "out-of-range"),
        ("price_ceiling", json!({"ceilings": [{"fen": 1, "per": "minute"}]}), "/payload/ceilings/0/per", "unknown-word"),
        (
            "price_ceiling",
            json!({"ceilings": [{"fen": 1, "per": "hour"}, {"use": "dance", "fen": 1, "per": "hour"}, {"use": null, "fen": 2, "per": "hour"}]}),
            "/payload/ceilings/2",
            "duplicate",
        ),
        ("free_share", json!({"percent": 0}), "/payload/percent", "out-of-range"),
        ("free_share", json!({"percent": 101}), "/payload/percent", "out-of-range"),
        ("priority", json!({"classes": []}), "/payload/classes", "wrong-count"),
        ("priority", json!({"classes": ["elder", "elder"]}), "/payload/classes/1", "duplicate"),
        (
            "priority",
            json!({"classes": ["elder"], "household_quota": {"most": 0, "per": "week"}}),
            "/payload/household_quota/most",
            "out-of-range",
        ),
        ("allocation_mix", json!({"fixed": 50, "rotating": 30, "temporary": 21}), "/payload/temporary", "wrong-sum"),
        ("allocation_mix", json!({"fixed": -10, "rotating": 60, "temporary": 50}), "/payload/fixed", "out-of-range"),
        ("approval", json!({"approver": "king", "deadline_hours": 1}), "/payload/approver", "unknown-word"),
        ("approval", json!({"approver": "social_organisation", "deadline_hours": 1}), "/payload/approver", "nobody-answers"),
        ("approval", json!({"approver": "street", "deadline_hours": 1}), "/payload/approver", "nobody-answers"),
        ("approval", json!({"approver": "community", "deadline_hours": 0}), "/payload/deadline_hours", "out-of-range"),
        (
            "approval",
            json!({"approver": "community", "deadline_hours": 1, "at_least_people": 0}),
            "/payload/at_least_people",
            "out-of-range",
        ),
        ("utilities_payer", json!({"lines": []}), "/payload/lines", "wrong-count"),
        (
            "utilities_payer",
            json!({"lines": [{"kind": "water", "party": "a", "share_basis_points": 5000}, {"kind": "gas", "party": "a"}]}),
            "/payload/lines",
            "wrong-sum",
        ),
        (
            "utilities_payer",
            json!({"lines": [{"kind": "water", "party": "a"}, {"kind": "water", "party": "a"}]}),
            "/payload/lines/1",
            "duplicate",
        ),
        ("utilities_payer", json!({"lines": [{"kind": "water", "party": "a", "cap_fen": -1}]}), "/payload/lines/0/cap_fen", "out-of-range"),
        ("fit_out", json!({"party": "a", "funding": "lottery"}), "/payload/funding", "unknown-word"),
        (
            "revenue_share",
            json!({"shares": [{"party": "a", "basis_points": 6000}, {"party": "b", "basis_points": 4001}]}),
            "/payload/shares",
            "wrong-sum",
        ),
        (
            "revenue_share",
            json!({"shares": [{"party": "a", "basis_points": 1}, {"party": "a", "basis_points": 1}]}),
            "/payload/shares/1",
            "duplicate",
        ),
        ("public_return", json!({"destinations": [{"purpose": "elders", "basis_points": 9999}]}), "/payload/destinations", "wrong-sum"),
        ("maintenance", json!({}), "/payload/weekly", "missing"),
        ("maintenance", json!({"weekly": []}), "/payload/weekly", "missing"),
        ("maintenance", merged(hours(), json!({"notice_days": -1})), "/payload/notice_days", "out-of-range"),
        ("maintenance", json!({"dates": [{"first": "2026-12-01", "reason_zh": "检修", "windows": []}]}), "/payload/weekly", "missing"),
        ("insurance_safety", json!({"evidence": []}), "/payload/evidence", "wrong-count"),
        (
            "insurance_safety",
            json!({"evidence": [{"name": "fire_inspection", "valid_until": "2027-02-29"}]}),
            "/payload/evidence/0/valid_until",
            "malformed",
        ),
        (
            "insurance_safety",
            json!({"evidence": [{"name": "food_licence", "valid_until": "2027-02-01"}, {"name": "food_licence", "valid_until": "2027-02-01"}]}),
            "/payload/evidence/1",
            "duplicate",
        ),
        ("minors", json!({"guardian_below_age": 19, "children_per_adult": 5}), "/payload/guardian_below_age", "out-of-range"),
        ("minors", json!({"guardian_below_age": 8, "children_per_adult": 0}), "/payload/children_per_adult", "out-of-range"),
        ("data", json!({"controller": "sq", "retention_days": 0}), "/payload/retention_days", "out-of-range"),
        (
            "data",
            json!({"controller": "sq", "retention_days": 20, "minors_retention_days": 21}),
            "/payload/minors_retention_days",
            "too-long",
        ),
        ("review", json!({"days": []}), "/payload/days", "wrong-count"),
        ("review", json!({"days": ["2027-01-15", "2027-01-15"]}), "/payload/days/1", "out-of-order"),
        (
            "amendment_rule",
            json!({"rules": [{"change": "uses", "consent": {"rule": "unanimous"}}, {"change": "uses", "consent": {"rule": "unanimous"}}]}),
            "/payload/rules/1",
            "duplicate",
        ),
        ("amendment_rule", json!({"protected_days": 91}), "/payload/protected_days", "out-of-range"),
        ("suspension_rule", json!({"who": [], "grounds": ["safety"]}), "/payload/who", "wrong-count"),
        ("suspension_rule", json!({"who": ["community"], "grounds": ["whim"]}), "/payload/grounds/0", "unknown-word"),
        (
            "suspension_rule",
            json!({"who": ["community"], "grounds": ["safety"], "longest_days": 0}),
            "/payload/longest_days",
            "out-of-range",
        ),
        ("termination_rule", json!({}), "/payload/notice_days", "missing"),
        ("termination_rule", json!({"notice_days": 30, "holiday_moves": 1}), "/payload/holiday_moves", "wrong-type"),
        ("settlement", json!({"days": 366}), "/payload/days", "out-of-range"),
        ("dispute", json!({"steps": ["court", "talk"]}), "/payload/steps", "out-of-order"),
        ("dispute", json!({"steps": ["arbitration", "court"]}), "/payload/steps", "out-of-order"),
    ];
    for (kind, payload, pointer, code) in cases {
        assert_eq!(faults(kind, payload.clone()), one(pointer, code), "{kind} {payload}");
    }
    for kind in drafted() {
        assert_eq!(faults(kind.as_str(), json!([])), one("/payload", "wrong-type"), "{kind}");
    }
}

#[test]
fn consent_rules_are_read_to_their_limits() {
    let consent = |rule: Value| {
        let payload = json!({"rules": [{"change": "uses", "consent": rule}]});
        read(&body("amendment_rule", payload))
            .map(|_| ())
            .map_err(|faults| faults.into_iter().map(|(at, code)| (at.replace("/payload/rules/0/consent", ""), code)).collect::<Vec<_>>())
    };
    let nest = |depth: usize| {
        (1..depth).fold(json!({"rule": "unanimous"}), |inside, _| json!({"rule": "or", "of": [inside, {"rule": "unanimous"}]}))
    };
    assert_eq!(consent(every_rule()), Ok(()));
    assert_eq!(consent(nest(ConsentRule::DEEPEST)), Ok(()));
    let too_deep = consent(nest(ConsentRule::DEEPEST + 1)).unwrap_err();
    assert!(too_deep.iter().all(|(at, code)| at.starts_with("/of/0/of/0/of/0/of/") && code == "too-deep") && too_deep.len() == 2);
    let wide = |n: usize| json!({"rule": "and", "of": vec![json!({"rule": "or", "of": vec![json!({"rule": "unanimous"}); 9]}); n]});
    assert_eq!(consent(wide(3)), Ok(()), "31 parts");
    assert_eq!(consent(wide(4)), Err(one("", "too-long")), "41 parts");
    for (rule, at, code) in [
        (json!("unanimous"), "", "wrong-type"),
        (json!({}), "/rule", "missing"),
        (json!({"rule": "lottery", "odds": 2}), "/rule", "unknown-word"),
        (json!({"rule": "unanimous", "k": 1}), "/k", "unknown-field"),
        (json!({"rule": "all_of"}), "/capacity", "missing"),
        (json!({"rule": "k_of", "capacity": "community", "k": 0}), "/k", "out-of-range"),
        (json!({"rule": "party", "organisation": "A"}), "/organisation", "wrong-code"),
        (json!({"rule": "external_decision", "decision": "coup"}), "/decision", "unknown-word"),
        (json!({"rule": "and", "of": [{"rule": "unanimous"}]}), "/of", "wrong-count"),
        (json!({"rule": "or", "of": [{"rule": "unanimous"}, {"rule": "affected", "capacity": "king"}]}), "/of/1/capacity", "unknown-word"),
    ] {
        assert_eq!(consent(rule.clone()), Err(one(at, code)), "{rule}");
    }
}

fn any_word<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    (0..all.len()).prop_map(|i| all[i])
}
fn any_day() -> impl Strategy<Value = Day> {
    (2000i16..=2100, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| jiff::civil::date(y, m, d))
}
/// Windows that cannot overlap: each in its own two hours.
fn any_spans(most: usize) -> impl Strategy<Value = Vec<Span>> {
    prop::collection::btree_map(0u16..12, (0u16..60, 1u16..60), 0..=most).prop_map(|drawn| {
        drawn.into_iter().map(|(slot, (from, len))| Span { from: slot * 120 + from, to: slot * 120 + from + len }).collect()
    })
}
fn any_weekly() -> impl Strategy<Value = Weekly> {
    let windows =
        any_spans(6).prop_map(|spans| spans.into_iter().map(|span| Window { days: Weekday::ALL.to_vec(), span }).collect::<Vec<_>>());
    let dates = prop::collection::vec((any_day(), 0i32..40, any_spans(3)), 0..4).prop_map(|drawn| {
        let dated = |(first, days, spans): (Day, i32, Vec<Span>)| {
            let last = jiff::ToSpan::days(days);
            DatedHours { first, last: first.checked_add(last).unwrap_or(first), spans, reason_zh: "调整".into() }
        };
        drawn.into_iter().map(dated).filter(|d| d.last.year() <= 2100).collect::<Vec<_>>()
    });
    (windows.prop_filter("a window", |w| !w.is_empty()), any_word(HolidayRule::ALL), any_word(MakeupRule::ALL), dates)
        .prop_map(|(windows, holidays, makeup_workdays, dates)| Weekly { windows, holidays, makeup_workdays, dates })
}
fn any_payload() -> impl Strategy<Value = (ClauseKind, Payload)> {
    let code = "[a-z0-9][a-z0-9-]{0,10}";
    prop_oneof![
        any_weekly().prop_map(|hours| (ClauseKind::OpenHours, Payload::OpenHours(hours))),
        (code, any_weekly()).prop_map(|(reserved_for, hours)| (ClauseKind::ReservedHours, Payload::ReservedHours { reserved_for, hours })),
        (any_word(Noise::ALL), any_weekly()).prop_map(|(noise, hours)| (ClauseKind::QuietHours, Payload::QuietHours { noise, hours })),
        (code, 0i64..=100_000_000).prop_map(|(by, fen)| (ClauseKind::SpaceGrant, Payload::SpaceGrant { by, rent_fen_per_year: Fen(fen) })),
        (any_day(), any_day()).prop_map(|(a, b)| (ClauseKind::Term, Payload::Term { first_day: a.min(b), last_day: a.max(b) })),
        (prop::sample::subsequence(Use::ALL.to_vec(), 1..=Use::ALL.len()), any::<bool>(), any::<bool>()).prop_map(
            |(uses, safety, allowed)| {
                (if allowed { ClauseKind::AllowedUses } else { ClauseKind::ProhibitedUses }, Payload::Uses { uses, safety })
            }
        ),
        (1i64..=999, any_word(Capacity::ALL)).prop_map(|(persons, basis)| (ClauseKind::Capacity, Payload::Capacity { persons, basis })),
        (prop::sample::subsequence(Use::ALL.to_vec(), 0..4), 0i64..=100_000_000, any_word(Per::ALL)).prop_map(|(uses, fen, per)| {
            let named = uses.into_iter().map(Some).chain(std::iter::once(None));
            let ceilings = named.map(|use_code| Ceiling { use_code, fen: Fen(fen), per }).collect();
            (ClauseKind::PriceCeiling, Payload::PriceCeiling { ceilings })
        }),
        (0i64..=90, any_weekly()).prop_map(|(notice_days, hours)| (ClauseKind::Maintenance, Payload::Maintenance { notice_days, hours })),
        (
            any_word(&[PartyCapacity::Community, PartyCapacity::PropertyUnit, PartyCapacity::Operator]),
            1i64..=720,
            prop::sample::subsequence(Use::ALL.to_vec(), 0..4),
            prop::option::of(1i64..=999),
            any::<bool>()
        )
            .prop_map(|(approver, deadline_hours, uses, at_least_people, days_off)| {
                (ClauseKind::Approval, Payload::Approval(Approval { approver, deadline_hours, uses, at_least_people, days_off }))
            }),
        (any_consent(), any_word(ChangeKind::ALL), 0i64..=365, 0i64..=90).prop_map(|(consent, change, wait_days, protected_days)| {
            let rules = vec![ChangeRule { change, consent, wait_days }];
            (ClauseKind::AmendmentRule, Payload::AmendmentRule(AmendmentRule { rules, protected_days }))
        }),
        (any_day(), prop::option::of("[A-Z0-9]{1,20}"), any_word(Evidence::ALL)).prop_map(|(valid_until, reference, name)| {
            let evidence = vec![ValidEvidence { name, reference, valid_until }];
            (ClauseKind::InsuranceSafety, Payload::InsuranceSafety(InsuranceSafety { evidence }))
        }),
        (code, 1i64..=WHOLE, any_word(Remainder::ALL)).prop_map(|(party, basis_points, remainder)| {
            let shares = vec![Share { party, basis_points }];
            (ClauseKind::RevenueShare, Payload::RevenueShare(RevenueShare { shares, remainder }))
        }),
    ]
}
fn any_consent() -> impl Strategy<Value = ConsentRule> {
    let leaf = prop_oneof![
        Just(ConsentRule::Unanimous),
        any_word(PartyCapacity::ALL).prop_map(|capacity| ConsentRule::AllOf { capacity }),
        any_word(PartyCapacity::ALL).prop_map(|capacity| ConsentRule::Affected { capacity }),
        (any_word(PartyCapacity::ALL), 1i64..=50).prop_map(|(capacity, k)| ConsentRule::KOf { capacity, k }),
        "[a-z0-9][a-z0-9-]{0,10}".prop_map(|organisation| ConsentRule::Party { organisation }),
        any_word(VoteMatter::ALL).prop_map(|decision| ConsentRule::ExternalDecision { decision }),
    ];
    leaf.prop_recursive(2, 12, 3, |inside| {
        let of = || prop::collection::vec(inside.clone(), 2..4);
        prop_oneof![of().prop_map(|of| ConsentRule::And { of }), of().prop_map(|of| ConsentRule::Or { of })]
    })
}

proptest! {
    #[test]
    fn payloads_survive_storing_and_showing((kind, payload) in any_payload()) {
        prop_assert_eq!(Payload::from_stored(kind, &payload.to_stored().to_string()), Some(payload.clone()));
        let clause = Clause {
            id: "c".into(), kind, spaces: vec![], from: None, to: None, exception: None, material: true,
            text_zh: "约定".into(), text_en: None, payload,
        };
        prop_assert_eq!(read(&clause.to_json()), Ok(clause));
    }

    #[test]
    fn hostile_payloads_never_panic(kind in any_word(ClauseKind::ALL), text in "\\PC{0,60}") {
        let _ = Payload::from_stored(kind, &text);
        let _ = read(&body(kind.as_str(), json!({"weekly": text, "parties": [text], "uses": [text], "first_day": text})));
    }
}
