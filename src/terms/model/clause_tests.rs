//! Every kind of clause there and back, and every fault at its pointer.

use super::*;
use crate::terms::model::hours::{DatedHours, HolidayRule, MakeupRule, Span, Weekday, Window};
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
    ]
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
fn every_kind_goes_there_and_back() {
    let payloads = payloads();
    assert_eq!(payloads.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), ClauseKind::ALL.iter().map(|k| k.as_str()).collect::<Vec<_>>());
    for (kind, payload) in payloads {
        let mut full = body(kind, payload);
        if !matches!(kind, "parties" | "term") {
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
        for other in ClauseKind::ALL.iter().filter(|other| !clause.payload.fits(**other)) {
            let taken_for = Payload::from_stored(*other, &stored.to_string());
            assert!(taken_for.is_none() || *other == ClauseKind::OpenHours, "{kind} taken for {other}");
        }
    }
    assert_eq!(Payload::from_stored(ClauseKind::Capacity, "nonsense"), None);
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
    ];
    for (kind, payload, pointer, code) in cases {
        assert_eq!(faults(kind, payload.clone()), one(pointer, code), "{kind} {payload}");
    }
    for kind in ClauseKind::ALL {
        assert_eq!(faults(kind.as_str(), json!([])), one("/payload", "wrong-type"), "{kind}");
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
    ]
}

proptest! {
    #[test]
    fn payloads_survive_storing_and_showing((kind, payload) in any_payload()) {
        prop_assert!(payload.fits(kind));
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
