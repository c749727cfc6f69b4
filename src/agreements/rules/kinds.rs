//! Which kinds of change a version makes of the one before it. They come from the typed clauses, never from the proposer,
//! and each has its own consent rule.

use super::changes::{Change, Changed, changes};
use crate::kernel::Fen;
use crate::kernel::time::Day;
use crate::terms::model::{
    Ceiling, ChangeKind, Clause, ClauseKind, DayType, Party, PartyCapacity, Payload, Per, SpaceRef, Span, Use, Weekly,
};
use crate::terms::rules::hours_on;
use std::collections::{BTreeMap, BTreeSet};

/// Kinds of change, each with the spaces it touches.
pub type Touched = BTreeMap<ChangeKind, BTreeSet<SpaceRef>>;

/// What an agreement covers, by natural codes.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// Every space.
    pub spaces: Vec<SpaceRef>,
    /// Those that are a common part of the owners (共有部分).
    pub common: Vec<SpaceRef>,
}

impl Ground {
    fn of(&self, clause: &Clause) -> BTreeSet<SpaceRef> {
        if clause.spaces.is_empty() { self.spaces.iter().cloned().collect() } else { clause.spaces.iter().cloned().collect() }
    }
}

/// What `after` changes of `before`.
pub fn kinds(before: &[Clause], after: &[Clause], ground: &Ground) -> Touched {
    let mut touched = Touched::new();
    for changed in changes(before, after).iter().filter(|changed| changed.change != Change::Same) {
        let found = match (changed.before, changed.after) {
            (Some(was), Some(is)) if was.kind != is.kind => {
                let mut found = told(&Changed { change: Change::Removed, before: Some(was), after: None }, (before, after), ground);
                found.extend(told(&Changed { change: Change::Added, before: None, after: Some(is) }, (before, after), ground));
                found
            }
            _ => told(changed, (before, after), ground),
        };
        for (kind, spaces) in found {
            touched.entry(kind).or_default().extend(spaces);
        }
    }
    // Taking a common part into use, using it for something else, earning with it: the owners decide (Civil Code art. 278).
    let owners = [ChangeKind::SpaceAdded, ChangeKind::Uses, ChangeKind::CeilingUp, ChangeKind::Money];
    let common = |spaces: &BTreeSet<SpaceRef>| spaces.iter().filter(|space| ground.common.contains(space)).cloned().collect::<Vec<_>>();
    let common: BTreeSet<SpaceRef> = owners.iter().filter_map(|kind| touched.get(kind)).flat_map(common).collect();
    if !common.is_empty() {
        touched.entry(ChangeKind::CommonPart).or_default().extend(common);
    }
    touched
}

/// The common part a first version takes into use.
pub fn common_part(clauses: &[Clause], ground: &Ground) -> BTreeSet<SpaceRef> {
    let granted = clauses.iter().filter(|clause| clause.kind == ClauseKind::SpaceGrant).flat_map(|clause| ground.of(clause));
    granted.filter(|space| ground.common.contains(space)).collect()
}

/// Natural codes of the parties that lend any of these spaces, before or after.
pub fn lenders(versions: [&[Clause]; 2], spaces: &BTreeSet<SpaceRef>, ground: &Ground) -> BTreeSet<String> {
    let grants = versions.into_iter().flatten().filter_map(|clause| match &clause.payload {
        Payload::SpaceGrant { by, .. } if !ground.of(clause).is_disjoint(spaces) => Some(by.clone()),
        _ => None,
    });
    grants.collect()
}

/// What one clause's change is, with the spaces it touches; `Other` where it has no direction of its own.
fn told(changed: &Changed, (before, after): (&[Clause], &[Clause]), ground: &Ground) -> Vec<(ChangeKind, BTreeSet<SpaceRef>)> {
    let both = [changed.before, changed.after].into_iter().flatten();
    let spaces: BTreeSet<SpaceRef> = both.clone().flat_map(|clause| ground.of(clause)).collect();
    let Some(kind) = both.last().map(|clause| clause.kind) else { return vec![] };
    let whole = |kind| vec![(kind, spaces.clone())];
    if changed.change == Change::Reworded {
        return whole(ChangeKind::Other);
    }
    let directed = match kind {
        ClauseKind::Parties => parties(changed).into_iter().flat_map(whole).collect(),
        ClauseKind::Term => whole(ChangeKind::Term),
        ClauseKind::AmendmentRule => whole(ChangeKind::AmendmentRule),
        ClauseKind::AllowedUses | ClauseKind::ProhibitedUses | ClauseKind::QuietHours => whole(ChangeKind::Uses),
        ClauseKind::Capacity => whole(ChangeKind::Capacity),
        ClauseKind::OpenHours | ClauseKind::ReservedHours | ClauseKind::Maintenance => {
            let days = sample_days(before, after);
            per_space(&spaces, |space| {
                let (was, is) = (Timetable::of(before, space), Timetable::of(after, space));
                let less = days.iter().any(|(day, kind)| !covers(&is.open(*day, *kind), &was.open(*day, *kind)));
                let more = days.iter().any(|(day, kind)| !covers(&was.open(*day, *kind), &is.open(*day, *kind)));
                directions(less, ChangeKind::HoursNarrower, more, ChangeKind::HoursWider)
            })
        }
        ClauseKind::PriceCeiling => per_space(&spaces, |space| {
            let (was, is) = (ceilings(before, space), ceilings(after, space));
            let cases = || Use::ALL.iter().flat_map(|use_code| Per::ALL.iter().map(move |per| (*use_code, *per)));
            let over =
                |a: &[&[Ceiling]], b: &[&[Ceiling]]| cases().any(|(use_code, per)| limit(a, use_code, per) > limit(b, use_code, per));
            directions(over(&is, &was), ChangeKind::CeilingUp, over(&was, &is), ChangeKind::CeilingDown)
        }),
        ClauseKind::FreeShare => {
            let percent = |clause: Option<&Clause>| match clause.map(|clause| &clause.payload) {
                Some(Payload::FreeShare(share)) => share.percent,
                _ => 0,
            };
            let (was, is) = (percent(changed.before), percent(changed.after));
            directions(is < was, ChangeKind::FreeShareDown, was < is, ChangeKind::FreeShareUp).into_iter().flat_map(whole).collect()
        }
        ClauseKind::UtilitiesPayer | ClauseKind::FitOut | ClauseKind::RevenueShare | ClauseKind::PublicReturn => whole(ChangeKind::Money),
        ClauseKind::SpaceGrant => per_space(&spaces, |space| match (grant(before, space), grant(after, space)) {
            (None, Some(_)) => vec![ChangeKind::SpaceAdded],
            (Some(_), None) => vec![ChangeKind::SpaceRemoved],
            (Some((was, _)), Some((is, _))) if was != is => vec![ChangeKind::Other],
            (Some((_, was)), Some((_, is))) if was != is => vec![ChangeKind::Money],
            _ => vec![],
        }),
        _ => whole(ChangeKind::Other),
    };
    if directed.is_empty() { whole(ChangeKind::Other) } else { directed }
}

fn directions(first: bool, one: ChangeKind, second: bool, other: ChangeKind) -> Vec<ChangeKind> {
    [(first, one), (second, other)].into_iter().filter(|(yes, _)| *yes).map(|(_, kind)| kind).collect()
}

fn per_space(spaces: &BTreeSet<SpaceRef>, judge: impl Fn(&SpaceRef) -> Vec<ChangeKind>) -> Vec<(ChangeKind, BTreeSet<SpaceRef>)> {
    spaces.iter().flat_map(|space| judge(space).into_iter().map(|kind| (kind, BTreeSet::from([space.clone()])))).collect()
}

/// Another operator and nothing else is a kind of its own.
fn parties(changed: &Changed) -> Vec<ChangeKind> {
    let named = |clause: Option<&Clause>| match clause.map(|clause| &clause.payload) {
        Some(Payload::Parties { parties }) => parties.clone(),
        _ => vec![],
    };
    let (was, is) = (named(changed.before), named(changed.after));
    let runs = |party: &&Party| party.capacity == PartyCapacity::Operator;
    let split = |all: &[Party]| all.iter().cloned().partition::<Vec<Party>, _>(|party| runs(&party));
    let ((ran, stayed), (run, stay)) = (split(&was), split(&is));
    directions(ran != run, ChangeKind::Operator, stayed != stay, ChangeKind::Parties)
}

fn at<'a>(clauses: &'a [Clause], kind: ClauseKind, space: &'a SpaceRef) -> impl Iterator<Item = &'a Clause> {
    clauses.iter().filter(move |clause| clause.kind == kind && (clause.spaces.is_empty() || clause.spaces.contains(space)))
}

/// Who lends a space, for how much a year.
fn grant(clauses: &[Clause], space: &SpaceRef) -> Option<(String, Fen)> {
    at(clauses, ClauseKind::SpaceGrant, space).find_map(|clause| match &clause.payload {
        Payload::SpaceGrant { by, rent_fen_per_year } => Some((by.clone(), *rent_fen_per_year)),
        _ => None,
    })
}

fn ceilings<'a>(clauses: &'a [Clause], space: &'a SpaceRef) -> Vec<&'a [Ceiling]> {
    let list = |clause: &'a Clause| match &clause.payload {
        Payload::PriceCeiling { ceilings } => Some(ceilings.as_slice()),
        _ => None,
    };
    at(clauses, ClauseKind::PriceCeiling, space).filter_map(list).collect()
}

/// The most that may be charged; no ceiling is above every ceiling.
fn limit(lists: &[&[Ceiling]], use_code: Use, per: Per) -> i64 {
    let of = |list: &&[Ceiling]| {
        let named = |name: Option<Use>| list.iter().find(|ceiling| ceiling.use_code == name && ceiling.per == per);
        let parent = || use_code.parent().and_then(|parent| named(Some(parent)));
        named(Some(use_code)).or_else(parent).or_else(|| named(None)).map(|ceiling| ceiling.fen.0)
    };
    lists.iter().filter_map(of).min().unwrap_or(i64::MAX)
}

/// When the public may use a space: its opening hours less what is kept from them.
struct Timetable<'a> {
    open: Vec<&'a Clause>,
    kept: Vec<&'a Clause>,
}

fn weekly(clause: &Clause) -> Option<&Weekly> {
    match &clause.payload {
        Payload::OpenHours(hours) | Payload::ReservedHours { hours, .. } | Payload::Maintenance { hours, .. } => Some(hours),
        _ => None,
    }
}

impl<'a> Timetable<'a> {
    fn of(clauses: &'a [Clause], space: &'a SpaceRef) -> Self {
        let kept = at(clauses, ClauseKind::ReservedHours, space).chain(at(clauses, ClauseKind::Maintenance, space));
        Self { open: at(clauses, ClauseKind::OpenHours, space).collect(), kept: kept.collect() }
    }

    fn open(&self, day: Day, day_type: DayType) -> Vec<Span> {
        let on = |clause: &&&Clause| clause.from.is_none_or(|from| from <= day) && clause.to.is_none_or(|to| day < to);
        let open: Vec<&Clause> = self.open.iter().filter(on).copied().collect();
        // An exception stands in for the base of its own spaces.
        let stands = |clause: &&&Clause| {
            clause.exception.is_some() || !open.iter().any(|other| other.exception.is_some() && other.spaces == clause.spaces)
        };
        let hours = |clause: &Clause| weekly(clause).map(|hours| hours_on(hours, day, day_type)).unwrap_or_default();
        let mut together: Option<Vec<Span>> = None;
        for clause in open.iter().filter(stands) {
            let its = hours(clause);
            together = Some(match together {
                None => its,
                Some(so_far) => common(&so_far, &its),
            });
        }
        let kept: Vec<Span> = self.kept.iter().filter(on).flat_map(|clause| hours(clause)).collect();
        kept.iter().fold(together.unwrap_or_default(), |left, span| without(&left, *span))
    }
}

fn common(a: &[Span], b: &[Span]) -> Vec<Span> {
    let pairs = a.iter().flat_map(|x| b.iter().map(move |y| Span { from: x.from.max(y.from), to: x.to.min(y.to) }));
    pairs.filter(|span| span.from < span.to).collect()
}

fn without(spans: &[Span], gone: Span) -> Vec<Span> {
    let rest = |span: &Span| [Span { from: span.from, to: span.to.min(gone.from) }, Span { from: span.from.max(gone.to), to: span.to }];
    spans.iter().flat_map(rest).filter(|span| span.from < span.to).collect()
}

/// Every minute of `inner` is in `outer`.
fn covers(outer: &[Span], inner: &[Span]) -> bool {
    let left = |span: &Span| outer.iter().fold(vec![*span], |left, taken| without(&left, *taken));
    inner.iter().all(|span| left(span).is_empty())
}

/// Days on which two timetables can differ: a week from every date at which something in either begins or ends, each as
/// every type of day.
fn sample_days(before: &[Clause], after: &[Clause]) -> BTreeSet<(Day, DayType)> {
    let mut begins: BTreeSet<Day> = BTreeSet::new();
    for clause in before.iter().chain(after) {
        if let Payload::Term { first_day, .. } = clause.payload {
            begins.insert(first_day);
        }
        let Some(hours) = weekly(clause) else { continue };
        begins.extend([clause.from, clause.to].into_iter().flatten());
        begins.extend(hours.dates.iter().flat_map(|dated| [Some(dated.first), dated.last.tomorrow().ok()]).flatten());
    }
    let week = |first: &Day| std::iter::successors(Some(*first), |day| day.tomorrow().ok()).take(7);
    begins.iter().flat_map(week).flat_map(|day| DayType::ALL.iter().map(move |kind| (day, *kind))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::rules::samples::clause;
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

    fn told(after: &[Clause]) -> Vec<(ChangeKind, Vec<String>)> {
        let names = |spaces: BTreeSet<SpaceRef>| spaces.iter().map(ToString::to_string).collect();
        kinds(&base(), after, &ground()).into_iter().map(|(kind, spaces)| (kind, names(spaces))).collect()
    }

    fn only(after: &[Clause]) -> Vec<ChangeKind> {
        told(after).into_iter().map(|(kind, _)| kind).collect()
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
            of(
                "kept",
                "reserved_hours",
                &["hub/hall"],
                json!({"reserved_for": "u1", "weekly": [{"days": ["mon"], "from": from, "to": to}]}),
            )
        };
        assert_eq!(told(&with(&[kept("12:00", "14:00")])), [(HoursNarrower, vec!["hub/hall".to_owned()])]);
        assert_eq!(only(&with(&[kept("22:00", "24:00")])), [Other]);
        // Dates: closed over the holiday.
        let mut holiday = hours(&[], "08:00", "22:00");
        if let Payload::OpenHours(weekly) = &mut holiday.payload {
            weekly.dates = vec![crate::terms::rules::samples::dated("2027-02-06", "2027-02-08", &[])];
        }
        assert_eq!(only(&with(&[holiday])), [HoursNarrower]);
        let mut exception = Clause { id: "summer".into(), exception: Some("夏天".into()), ..hours(&[], "08:00", "23:00") };
        (exception.from, exception.to) =
            (Some(crate::terms::rules::samples::day("2027-07-01")), Some(crate::terms::rules::samples::day("2027-09-01")));
        assert_eq!(only(&with(&[exception])), [HoursWider]);
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
}
