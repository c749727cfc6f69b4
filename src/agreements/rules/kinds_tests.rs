//! What a version changes of another, told by its kinds.

use super::*;
use crate::kernel::{Instant, Period};
use crate::terms::model::{Charge, DatedHours, Fee, HolidayRule, TermInForce};
use crate::terms::rules::samples::{EVERY_DAY, atoms, beijing, clause, dated, day, ids, layout, weekly, window};
use crate::terms::rules::{Ask, SpaceLayout, compile, in_effect, lowest_ceiling, opening};
use proptest::prelude::*;
use serde_json::{Value, json};

fn ground() -> Ground {
    let space = |code: &str| SpaceRef::parse(code).unwrap();
    Ground { spaces: ["hub/hall", "hub/ink", "hub/yard"].map(space).to_vec(), common: vec![space("hub/yard")] }
}

fn of(id: &str, kind: &str, spaces: &[&str], payload: Value) -> Clause {
    clause(id, kind, payload, json!({ "spaces": spaces }))
}

fn hours(spaces: &[&str], from: &str, to: &str) -> Clause {
    of("hours", "open_hours", spaces, json!({"weekly": [{"days": ["mon", "tue", "sat"], "from": from, "to": to}]}))
}

fn base() -> Vec<Clause> {
    let party = |code: &str, capacity: &str| json!({"organisation": code, "capacity": capacity});
    vec![
        of(
            "parties",
            "parties",
            &[],
            json!({"parties": [party("u1", "property_unit"), party("u2", "property_unit"), party("c", "community")]}),
        ),
        of("term", "term", &[], json!({"first_day": "2026-01-01", "last_day": "2028-12-31"})),
        of("grant-1", "space_grant", &["hub/hall"], json!({"by": "u1"})),
        of("grant-2", "space_grant", &["hub/ink"], json!({"by": "u2"})),
        hours(&[], "08:00", "22:00"),
        of("people", "capacity", &["hub/hall"], json!({"persons": 100})),
        of("uses", "allowed_uses", &["hub/ink"], json!({"uses": ["calligraphy"]})),
        of(
            "ceiling",
            "price_ceiling",
            &[],
            json!({"ceilings": [{"fen": 1000, "per": "hour"}, {"use": "study", "fen": 500, "per": "hour"}]}),
        ),
    ]
}

/// The base with one clause in another's place, or more.
fn with(new: &[Clause]) -> Vec<Clause> {
    let mut all = base();
    for clause in new {
        match all.iter_mut().find(|old| old.id == clause.id) {
            Some(old) => *old = clause.clone(),
            None => all.push(clause.clone()),
        }
    }
    all
}

fn between(before: &[Clause], after: &[Clause]) -> Vec<(ChangeKind, Vec<String>)> {
    let names = |spaces: BTreeSet<SpaceRef>| spaces.iter().map(ToString::to_string).collect();
    kinds(before, after, &ground()).into_iter().map(|(kind, spaces)| (kind, names(spaces))).collect()
}

fn told(after: &[Clause]) -> Vec<(ChangeKind, Vec<String>)> {
    between(&base(), after)
}

fn only(after: &[Clause]) -> Vec<ChangeKind> {
    told(after).into_iter().map(|(kind, _)| kind).collect()
}

/// The same about other spaces in the summer of 2027, as an exception.
fn summer(spaces: &[&str], usual: Clause) -> Clause {
    Clause {
        id: format!("{}-summer", usual.id),
        spaces: spaces.iter().map(|code| SpaceRef::parse(code).unwrap()).collect(),
        from: Some(day("2027-07-01")),
        to: Some(day("2027-09-01")),
        exception: Some("夏天".into()),
        ..usual
    }
}

fn priced(ceilings: Value) -> Clause {
    of("ceiling", "price_ceiling", &[], json!({ "ceilings": ceilings }))
}

fn lasting(first_day: &str, last_day: &str) -> Clause {
    of("term", "term", &[], json!({"first_day": first_day, "last_day": last_day}))
}

#[test]
fn hours_are_compared_per_space_and_day() {
    use ChangeKind::{HoursNarrower, HoursWider, Other};
    assert_eq!(only(&base()), []);
    assert_eq!(only(&with(&[hours(&[], "08:00", "20:00")])), [HoursNarrower]);
    assert_eq!(only(&with(&[hours(&[], "07:00", "22:00")])), [HoursWider]);
    assert_eq!(only(&with(&[hours(&[], "09:00", "23:00")])), [HoursNarrower, HoursWider]);
    // A second clause about one space: the strictest of both holds there.
    let ink = Clause { id: "ink-hours".into(), ..hours(&["hub/ink"], "10:00", "18:00") };
    assert_eq!(told(&with(&[ink])), [(HoursNarrower, vec!["hub/ink".to_owned()])]);
    // Reserved hours take from the public what lies in the open hours, and nothing else.
    let kept = |from: &str, to: &str| {
        of("kept", "reserved_hours", &["hub/hall"], json!({"reserved_for": "u1", "weekly": [{"days": ["mon"], "from": from, "to": to}]}))
    };
    assert_eq!(told(&with(&[kept("12:00", "14:00")])), [(HoursNarrower, vec!["hub/hall".to_owned()])]);
    assert_eq!(only(&with(&[kept("22:00", "24:00")])), [Other]);
    // Dates: closed over the holiday.
    let mut holiday = hours(&[], "08:00", "22:00");
    if let Payload::OpenHours(weekly) = &mut holiday.payload {
        weekly.dates = vec![dated("2027-02-06", "2027-02-08", &[])];
    }
    assert_eq!(only(&with(&[holiday])), [HoursNarrower]);
    assert_eq!(only(&with(&[summer(&[], hours(&[], "08:00", "23:00"))])), [HoursWider]);
}

#[test]
fn ceilings_go_up_or_down_by_use_and_unit() {
    use ChangeKind::{CeilingDown, CeilingUp, CommonPart};
    let ceiling = |all: i64, study: i64| {
        of(
            "ceiling",
            "price_ceiling",
            &[],
            json!({"ceilings": [{"fen": all, "per": "hour"}, {"use": "study", "fen": study, "per": "hour"}]}),
        )
    };
    assert_eq!(only(&with(&[ceiling(600, 500)])), [CeilingDown]);
    assert_eq!(only(&with(&[ceiling(1000, 501)])), [CeilingUp, CommonPart], "the yard is everybody's");
    assert_eq!(only(&with(&[ceiling(900, 600)])), [CeilingUp, CeilingDown, CommonPart]);
    let without: Vec<Clause> = base().into_iter().filter(|clause| clause.id != "ceiling").collect();
    assert_eq!(only(&without), [CeilingUp, CommonPart], "no ceiling is above every ceiling");
}

#[test]
fn everything_else_by_its_kind() {
    use ChangeKind::*;
    let uses = |space: &str| of("uses", "allowed_uses", &[space], json!({"uses": ["dance"]}));
    assert_eq!(told(&with(&[uses("hub/ink")])), [(Uses, vec!["hub/ink".to_owned()])]);
    assert_eq!(only(&with(&[uses("hub/yard")])), [Uses, CommonPart]);
    assert_eq!(only(&with(&[of("people", "capacity", &["hub/hall"], json!({"persons": 90}))])), [Capacity]);
    assert_eq!(only(&with(&[of("term", "term", &[], json!({"first_day": "2026-01-01", "last_day": "2029-12-31"}))])), [Term]);
    assert_eq!(
        told(&with(&[of("grant-3", "space_grant", &["hub/yard"], json!({"by": "c"}))])),
        [(SpaceAdded, vec!["hub/yard".to_owned()]), (CommonPart, vec!["hub/yard".to_owned()])]
    );
    let fewer: Vec<Clause> = base().into_iter().filter(|clause| clause.id != "grant-2").collect();
    assert_eq!(told(&fewer), [(SpaceRemoved, vec!["hub/ink".to_owned()])]);
    assert_eq!(only(&with(&[of("grant-1", "space_grant", &["hub/hall"], json!({"by": "u2"}))])), [Other]);
    assert_eq!(only(&with(&[of("grant-1", "space_grant", &["hub/hall"], json!({"by": "u1", "rent_fen_per_year": 100}))])), [Money]);
    let reworded = Clause { text_zh: "换个说法。".into(), ..base()[5].clone() };
    assert_eq!(only(&with(&[reworded])), [Other]);
    // A clause that becomes another kind is one gone and one new.
    assert_eq!(only(&with(&[of("people", "allowed_uses", &["hub/hall"], json!({"uses": ["dance"]}))])), [Uses, Capacity]);
}

#[test]
fn another_operator_is_a_kind_of_its_own() {
    let party = |code: &str, capacity: &str| json!({"organisation": code, "capacity": capacity});
    let named = |all: Vec<Value>| [of("parties", "parties", &[], json!({ "parties": all }))];
    let three = || vec![party("u1", "property_unit"), party("u2", "property_unit"), party("c", "community")];
    assert_eq!(only(&with(&named([three(), vec![party("gym", "operator")]].concat()))), [ChangeKind::Operator]);
    assert_eq!(only(&with(&named(three()[1..].to_vec()))), [ChangeKind::Parties]);
}

#[test]
fn lenders_are_those_of_the_spaces_touched() {
    let touched = |code: &str| BTreeSet::from([SpaceRef::parse(code).unwrap()]);
    let lend = |code: &str| lenders([&base(), &base()], &touched(code), &ground()).into_iter().collect::<Vec<_>>();
    assert_eq!((lend("hub/hall"), lend("hub/ink"), lend("hub/yard")), (vec!["u1".to_owned()], vec!["u2".to_owned()], vec![]));
    assert_eq!(common_part(&with(&[of("all", "space_grant", &[], json!({"by": "u1"}))]), &ground()).len(), 1);
}

#[test]
fn a_use_named_in_any_unit_leaves_the_ceiling_for_the_others() {
    use ChangeKind::{CeilingDown, CeilingUp, CommonPart};
    let before = with(&[priced(json!([{"fen": 1000, "per": "session"}]))]);
    let dance = priced(json!([{"fen": 1000, "per": "session"}, {"use": "dance", "fen": 100_000, "per": "hour"}]));
    let everywhere = ["hub/hall", "hub/ink", "hub/yard"].map(str::to_owned).to_vec();
    assert_eq!(
        between(&before, &with(&[dance])),
        [(CeilingUp, everywhere.clone()), (CeilingDown, everywhere), (CommonPart, vec!["hub/yard".to_owned()])],
        "ten yuan a session are gone, and there is a figure for an hour"
    );
}

#[test]
fn an_exception_stands_in_for_the_ceilings_of_its_scope() {
    use ChangeKind::{CeilingDown, CeilingUp, CommonPart};
    let dearer = json!([{"use": "dance", "fen": 9999, "per": "hour"}, {"use": "study", "fen": 499, "per": "hour"}]);
    assert_eq!(only(&with(&[summer(&[], priced(dearer.clone()))])), [CeilingUp, CeilingDown, CommonPart]);
    // What is agreed for every space goes on beside an exception of one space.
    assert_eq!(told(&with(&[summer(&["hub/hall"], priced(dearer))])), [(CeilingDown, vec!["hub/hall".to_owned()])]);
    // A fen less, and from the summer on no ceiling at all.
    let cheaper = priced(json!([{"fen": 999, "per": "hour"}, {"use": "study", "fen": 499, "per": "hour"}]));
    assert_eq!(only(&with(std::slice::from_ref(&cheaper))), [CeilingDown]);
    assert_eq!(only(&with(&[Clause { to: Some(day("2027-07-01")), ..cheaper }])), [CeilingUp, CeilingDown, CommonPart]);
}

#[test]
fn a_free_share_is_compared_space_by_space() {
    use ChangeKind::{FreeShareDown, FreeShareUp};
    let free = |spaces: &[&str], percent: i64, of_what: &str| of("free", "free_share", spaces, json!({"percent": percent, "of": of_what}));
    let before = with(&[free(&[], 30, "sessions")]);
    assert_eq!(
        between(&before, &with(&[free(&["hub/hall"], 31, "sessions")])),
        [(FreeShareUp, vec!["hub/hall".to_owned()]), (FreeShareDown, vec!["hub/ink".to_owned(), "hub/yard".to_owned()])]
    );
    let kinds = |after: Clause| between(&before, &with(&[after])).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    assert_eq!(kinds(free(&[], 29, "sessions")), [FreeShareDown]);
    assert_eq!(kinds(free(&[], 31, "hours")), [FreeShareUp, FreeShareDown], "sessions and hours are not the same");
    assert_eq!(kinds(Clause { to: Some(day("2028-01-01")), ..free(&[], 31, "sessions") }), [FreeShareUp, FreeShareDown]);
}

#[test]
fn a_space_lent_for_a_shorter_time_is_a_space_less() {
    use ChangeKind::{Money, Other, SpaceRemoved};
    let hall = vec!["hub/hall".to_owned()];
    let lent = |by: &str, rent: i64, to: Option<&str>| Clause {
        to: to.map(day),
        ..of("grant-1", "space_grant", &["hub/hall"], json!({"by": by, "rent_fen_per_year": rent}))
    };
    assert_eq!(told(&with(&[lent("u1", 100, Some("2027-07-01"))])), [(SpaceRemoved, hall.clone()), (Money, hall.clone())]);
    assert_eq!(told(&with(&[lent("u2", 100, None)])), [(Money, hall.clone()), (Other, hall.clone())], "another lender, and dearer");
    // The end of the term is no earlier than it was.
    assert_eq!(told(&with(&[lent("u1", 0, Some("2029-01-01"))])), [(Other, hall)]);
}

#[test]
fn an_exception_stands_in_for_the_hours_of_its_scope() {
    use ChangeKind::{HoursNarrower, HoursWider};
    let kept = |weekday: &str| {
        let payload = json!({"reserved_for": "u1", "weekly": [{"days": [weekday], "from": "12:00", "to": "14:00"}]});
        of("kept", "reserved_hours", &["hub/hall"], payload)
    };
    let hall = || vec!["hub/hall".to_owned()];
    let before = with(&[kept("mon")]);
    let after = with(&[kept("mon"), summer(&["hub/hall"], kept("tue"))]);
    assert_eq!(between(&before, &after), [(HoursNarrower, hall()), (HoursWider, hall())], "on Mondays it is open to all");
    // Hours of several spaces, and the exception of some of them, in whatever order.
    let both = ["hub/hall", "hub/ink"];
    let before = with(&[hours(&both, "08:00", "22:00")]);
    let after = |spaces: &[&str]| with(&[hours(&both, "08:00", "22:00"), summer(spaces, hours(&[], "08:00", "23:00"))]);
    assert_eq!(between(&before, &after(&["hub/ink", "hub/hall"])), [(HoursWider, both.map(str::to_owned).to_vec())]);
    assert_eq!(between(&before, &after(&["hub/hall"])), [(HoursWider, hall())]);
}

#[test]
fn how_long_it_lasts_is_the_matter_of_the_term_alone() {
    use ChangeKind::{CeilingUp, CommonPart, Other, Term};
    let until = |to: &str| Clause { to: Some(day(to)), ..of("grant-1", "space_grant", &["hub/hall"], json!({"by": "u1"})) };
    let kinds = |before: &[Clause], after: &[Clause]| between(before, after).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    let longer = with(&[lasting("2026-01-01", "2031-12-31"), until("2032-01-01")]);
    assert_eq!(kinds(&with(&[until("2029-01-01")]), &longer), [Term, Other], "lent as long as it lasts, before and after");
    assert_eq!(only(&with(&[lasting("2026-01-01", "2026-12-31"), until("2027-01-01")])), [Term, Other]);
    // What begins when the other is over is compared with what there was.
    let dearer = priced(json!([{"fen": 2000, "per": "hour"}, {"use": "study", "fen": 500, "per": "hour"}]));
    assert_eq!(only(&with(&[lasting("2029-01-01", "2031-12-31"), dearer])), [Term, CeilingUp, CommonPart]);
}

fn february(date: i8) -> Day {
    jiff::civil::date(2026, 2, date)
}

/// A clause but for its name: where it speaks, whether as an exception, from and to when, and what it says.
type Drawn = ((Vec<SpaceRef>, bool, Option<Day>, Option<Day>), (ClauseKind, Payload));

fn frames() -> impl Strategy<Value = (Vec<SpaceRef>, bool, Option<Day>, Option<Day>)> {
    let spaces = prop::sample::subsequence(vec!["hub/hall", "hub/ink"], 0..=2).prop_shuffle();
    (spaces, 0u8..4, 1i8..20, 1i8..9).prop_map(|(spaces, dates, first, length)| {
        let spaces = spaces.into_iter().map(|code| SpaceRef::parse(code).unwrap()).collect();
        let (from, to) = (Some(february(first)), Some(february(first + length)));
        match dates {
            0 => (spaces, false, None, None),
            1 => (spaces, false, from, None),
            2 => (spaces, false, None, to),
            _ => (spaces, true, from, to),
        }
    })
}

fn version(last: i8, drawn: Vec<Drawn>) -> Vec<Clause> {
    let usual = [lasting("2026-02-01", &february(last).to_string()), of("grant", "space_grant", &[], json!({"by": "u"}))];
    let drawn = drawn.into_iter().enumerate().map(|(i, ((spaces, exception, from, to), (kind, payload)))| Clause {
        id: format!("drawn-{i}"),
        kind,
        spaces,
        from,
        to,
        exception: exception.then(|| "例外".to_owned()),
        material: true,
        text_zh: "约定如下。".into(),
        text_en: None,
        payload,
    });
    usual.into_iter().chain(drawn).collect()
}

/// A version and the next one: a clause taken out, put in another's place or added, and perhaps another last day.
fn versions(said: impl Strategy<Value = (ClauseKind, Payload)> + 'static) -> impl Strategy<Value = [Vec<Clause>; 2]> {
    let one = (frames(), said).boxed();
    let last = || prop::sample::select(vec![14i8, 28]);
    (prop::collection::vec(one.clone(), 0..4), last(), last(), 0usize..4, prop::option::of(one)).prop_map(|(drawn, last, next, at, new)| {
        let mut changed = drawn.clone();
        if at < changed.len() {
            changed.remove(at);
        }
        if let Some(new) = new {
            changed.insert(at.min(changed.len()), new);
        }
        [version(last, drawn), version(next, changed)]
    })
}

fn any_ceilings() -> impl Strategy<Value = (ClauseKind, Payload)> {
    let uses = prop::sample::select(vec![None, Some(Use::Study), Some(Use::Reading), Some(Use::Dance)]);
    let one = (uses, prop::sample::select(Per::ALL.to_vec()), prop::sample::select(vec![0i64, 500, 1000, 2000]));
    prop::collection::vec(one, 1..4).prop_map(|drawn| {
        let once: BTreeMap<(Option<Use>, Per), i64> = drawn.into_iter().map(|(use_code, per, fen)| ((use_code, per), fen)).collect();
        let ceilings = once.into_iter().map(|((use_code, per), fen)| Ceiling { use_code, fen: Fen(fen), per }).collect();
        (ClauseKind::PriceCeiling, Payload::PriceCeiling { ceilings })
    })
}

fn any_hours() -> impl Strategy<Value = (ClauseKind, Payload)> {
    let days = prop::sample::select(vec![EVERY_DAY.to_vec(), vec!["mon", "tue"], vec!["sat", "sun"]]);
    let holidays = prop::sample::select(HolidayRule::ALL.to_vec());
    let date = prop::option::of((1i8..=20, 0i8..8, any::<bool>()));
    (0u8..5, days, 6u16..14, 1u16..10, holidays, date).prop_map(|(kind, days, opens, length, holidays, date)| {
        let span = Span { from: opens * 60, to: (opens + length) * 60 };
        let mut hours = weekly(&[]);
        hours.windows = vec![window(&days, span)];
        hours.holidays = holidays;
        if let Some((first, more, open)) = date {
            let spans = if open { vec![span] } else { vec![] };
            hours.dates = vec![DatedHours { first: february(first), last: february(first + more), spans, reason_zh: "调整".into() }];
        }
        match kind {
            0 => (ClauseKind::ReservedHours, Payload::ReservedHours { reserved_for: "u".into(), hours }),
            1 => (ClauseKind::Maintenance, Payload::Maintenance { notice_days: 3, hours }),
            _ => (ClauseKind::OpenHours, Payload::OpenHours(hours)),
        }
    })
}

fn rooms() -> Vec<SpaceLayout> {
    let atoms = atoms(2);
    vec![layout("hub/hall", &atoms[..1]), layout("hub/ink", &atoms[1..])]
}

/// The rows a booking of a room is judged by.
fn rows(clauses: &[Clause], rooms: &[SpaceLayout], room: &SpaceLayout) -> Vec<TermInForce> {
    let (agreement, version) = ids();
    let rows = compile(clauses, rooms, Instant::EARLIEST);
    rows.iter().filter(|row| row.space == room.space).map(|row| row.in_force(&agreement, "a", &version, 1)).collect()
}

proptest! {
    #[test]
    fn a_charge_that_is_within_only_now_or_no_longer_is_told(
        pair in versions(any_ceilings()),
        fen in 0i64..4000,
        minutes in 30u16..180,
        attendees in 1i64..5,
    ) {
        let touched = kinds(&pair[0], &pair[1], &ground());
        let (zone, rooms) = (beijing(), rooms());
        for room in &rooms {
            let rows = [0, 1].map(|i: usize| rows(&pair[i], &rooms, room));
            let told = |kind: ChangeKind| touched.get(&kind).is_some_and(|spaces| spaces.contains(&room.code));
            for date in 1i8..=28 {
                let period = Period::new(zone.at(february(date), 600), zone.at(february(date), 600 + minutes)).unwrap();
                if rows.iter().any(|rows| in_effect(rows, period.start()).is_empty()) {
                    // The term of one of them is over.
                    continue;
                }
                for use_code in [Use::Study, Use::Reading, Use::Dance, Use::Vocal] {
                    let components = vec![Fee { fen: Fen(fen), per: Per::Session }];
                    let charge = Some(Charge { components, minutes: i64::from(minutes), attendees });
                    let ask = Ask { zone: zone.clone(), period, occupancy: period, use_code, attendees, charge };
                    let within = [0, 1].map(|i: usize| lowest_ceiling(&rows[i], &ask).is_none());
                    prop_assert!(within != [false, true] || told(ChangeKind::CeilingUp), "{} on {date}: {use_code}", room.code);
                    prop_assert!(within != [true, false] || told(ChangeKind::CeilingDown), "{} on {date}: {use_code}", room.code);
                }
            }
        }
    }

    #[test]
    fn an_hour_that_is_open_only_now_or_no_longer_is_told(
        pair in versions(any_hours()),
        starts in prop::collection::vec(6u16..23, 2),
        day_type in prop::sample::select(DayType::ALL.to_vec()),
    ) {
        let touched = kinds(&pair[0], &pair[1], &ground());
        let (zone, rooms) = (beijing(), rooms());
        for room in &rooms {
            let rows = [0, 1].map(|i: usize| rows(&pair[i], &rooms, room));
            let told = |kind: ChangeKind| touched.get(&kind).is_some_and(|spaces| spaces.contains(&room.code));
            for (date, hour) in (1i8..=28).flat_map(|date| starts.iter().map(move |hour| (date, *hour))) {
                let period = Period::new(zone.at(february(date), hour * 60), zone.at(february(date), hour * 60 + 60)).unwrap();
                if rows.iter().any(|rows| in_effect(rows, period.start()).is_empty()) {
                    continue;
                }
                let open = [0, 1].map(|i: usize| opening(&rows[i], &zone, period, period, &|_| day_type).is_empty());
                prop_assert!(open != [false, true] || told(ChangeKind::HoursWider), "{} on {date} at {hour}", room.code);
                prop_assert!(open != [true, false] || told(ChangeKind::HoursNarrower), "{} on {date} at {hour}", room.code);
            }
        }
    }
}
