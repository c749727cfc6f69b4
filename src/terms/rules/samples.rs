//! Short ways to write clauses, rows and times in tests.

use crate::kernel::id::{AgreementId, AtomId, Id, SpaceId, VersionId};
use crate::kernel::time::{Day, parse_day, parse_minute};
use crate::kernel::{Instant, Zone, form};
use crate::terms::model::hours::Weekday;
use crate::terms::model::{
    Clause, ClauseKind, DatedHours, HolidayRule, MakeupRule, Payload, Relation, SpaceRef, Span, TermInForce, Weekly, Window,
};
use crate::terms::rules::SpaceLayout;
use serde_json::{Value, json};

pub fn day(text: &str) -> Day {
    parse_day(text).unwrap()
}
pub fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}
pub fn beijing() -> Zone {
    zone("Asia/Shanghai")
}
/// `2026-11-28 14:00` in Beijing; `24:00` is legal.
pub fn at(text: &str) -> Instant {
    let (date, minute) = text.split_once(' ').unwrap();
    beijing().at(day(date), parse_minute(minute).unwrap())
}
pub fn span(from: &str, to: &str) -> Span {
    Span { from: parse_minute(from).unwrap(), to: parse_minute(to).unwrap() }
}
pub fn window(days: &[&str], span: Span) -> Window {
    Window { days: days.iter().map(|d| d.parse::<Weekday>().unwrap()).collect(), span }
}
pub fn weekly(windows: &[(&[&str], &str, &str)]) -> Weekly {
    Weekly {
        windows: windows.iter().map(|(days, from, to)| window(days, span(from, to))).collect(),
        holidays: HolidayRule::AsUsual,
        makeup_workdays: MakeupRule::AsUsual,
        dates: Vec::new(),
    }
}
pub const EVERY_DAY: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
pub fn daily(from: &str, to: &str) -> Weekly {
    weekly(&[(EVERY_DAY, from, to)])
}
pub fn dated(first: &str, last: &str, spans: &[(&str, &str)]) -> DatedHours {
    DatedHours { first: day(first), last: day(last), spans: spans.iter().map(|(f, t)| span(f, t)).collect(), reason_zh: "调整".into() }
}

/// A clause from its JSON form; `more` holds the fields beside id, kind, payload and text.
pub fn clause(id: &str, kind: &str, payload: Value, more: Value) -> Clause {
    let mut body = json!({"id": id, "kind": kind, "payload": payload, "text_zh": "约定如下。"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    form::read(&json!({"c": body}), |form| form.need("c", Clause::read)).unwrap()
}
/// Who pays and how the agreement is suspended, ended and changed: what every version needs beside rooms and hours.
pub fn governance(payer: &str) -> Vec<Clause> {
    vec![
        clause("utilities", "utilities_payer", json!({"lines": [{"kind": "water", "party": payer}]}), json!({})),
        clause("suspension", "suspension_rule", json!({"who": ["community"], "grounds": ["safety"]}), json!({})),
        clause("termination", "termination_rule", json!({"notice_days": 30}), json!({})),
        clause("amendment", "amendment_rule", json!({}), json!({})),
    ]
}
pub fn hours_json(from: &str, to: &str) -> Value {
    json!({"weekly": [{"days": EVERY_DAY, "from": from, "to": to}]})
}

pub fn atoms(n: usize) -> Vec<AtomId> {
    (0..n).map(|_| AtomId::fresh()).collect()
}
pub fn layout(code: &str, atoms: &[AtomId]) -> SpaceLayout {
    SpaceLayout { space: SpaceId::fresh(), code: SpaceRef::parse(code).unwrap(), atoms: atoms.to_vec(), zone: beijing() }
}

/// A row of agreement `yuxin`, version 2, over the year 2026 in Beijing.
pub fn row(clause: &str, kind: ClauseKind, payload: Payload) -> TermInForce {
    let (agreement, version) = ids();
    TermInForce {
        agreement,
        agreement_code: "yuxin".into(),
        version,
        version_no: 2,
        clause: clause.into(),
        kind,
        origin: "*".into(),
        relation: Relation::Own,
        exception: false,
        from: at("2026-01-01 00:00"),
        to: at("2026-12-31 24:00"),
        payload,
    }
}
/// The same two ids in every test.
pub fn ids() -> (AgreementId, VersionId) {
    ("agreement_01h455vb4pex5vsknk084sn02q".parse().unwrap(), "version_01h455vb4pex5vsknk084sn02q".parse().unwrap())
}
/// A year's grant, term, capacity 50 and hours 08:30–21:00 every day.
pub fn usual() -> Vec<TermInForce> {
    vec![
        row("grant", ClauseKind::SpaceGrant, Payload::SpaceGrant { by: "unit".into(), rent_fen_per_year: crate::kernel::Fen::ZERO }),
        row("term", ClauseKind::Term, Payload::Term { first_day: day("2026-01-01"), last_day: day("2026-12-31") }),
        row("hours", ClauseKind::OpenHours, Payload::OpenHours(daily("08:30", "21:00"))),
        row("people", ClauseKind::Capacity, Payload::Capacity { persons: 50, basis: crate::terms::model::Capacity::Safety }),
    ]
}
