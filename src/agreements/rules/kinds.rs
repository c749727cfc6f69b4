//! Which kinds of change a version makes of the one before it. They come from the typed clauses, never from the proposer,
//! and each has its own consent rule.

use super::changes::{Change, Changed, changes};
use crate::kernel::Fen;
use crate::kernel::time::Day;
use crate::terms::model::{
    Ceiling, ChangeKind, Clause, ClauseKind, DayType, Party, PartyCapacity, Payload, Per, ShareOf, SpaceRef, Span, Use, Weekly,
};
use crate::terms::rules::{ceilings_for, hours_on, unreplaced};
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
    let changed: Vec<(Changed, BTreeSet<SpaceRef>)> = changes(before, after)
        .into_iter()
        .filter(|changed| changed.change != Change::Same)
        .flat_map(by_kind)
        .map(|changed| (changed, [changed.before, changed.after].into_iter().flatten().flat_map(|clause| ground.of(clause)).collect()))
        .collect();
    // A space is compared once, however many clauses about it are changed, and spaces the same clauses speak about once for all.
    let mut moved: BTreeMap<(Matter, &SpaceRef), BTreeSet<ChangeKind>> = BTreeMap::new();
    let mut alike: BTreeMap<(Matter, [Vec<usize>; 2]), BTreeSet<ChangeKind>> = BTreeMap::new();
    for (changed, spaces) in &changed {
        let mut found = Touched::new();
        match about(changed).and_then(Matter::of) {
            Some(matter) => {
                for space in spaces {
                    let kinds = moved.entry((matter, space)).or_insert_with(|| {
                        let speaking = [before, after].map(|clauses| matter.speaking(clauses, space));
                        let moves = alike
                            .entry((matter, speaking))
                            .or_insert_with_key(|(_, [was, is])| matter.moves(&Reading::of(before, was), &Reading::of(after, is)));
                        moves.clone()
                    });
                    for kind in kinds.iter() {
                        found.entry(*kind).or_default().insert(space.clone());
                    }
                }
            }
            None => found.extend(told(changed).into_iter().map(|kind| (kind, spaces.clone()))),
        }
        if found.is_empty() {
            found.insert(ChangeKind::Other, spaces.clone());
        }
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

/// A clause that became one of another kind is one gone and one new.
fn by_kind(changed: Changed<'_>) -> Vec<Changed<'_>> {
    match (changed.before, changed.after) {
        (Some(was), Some(is)) if was.kind != is.kind => vec![
            Changed { change: Change::Removed, before: Some(was), after: None },
            Changed { change: Change::Added, before: None, after: Some(is) },
        ],
        _ => vec![changed],
    }
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

/// What the clause is about that does something else now; nothing where it does the same in other words.
fn about(changed: &Changed) -> Option<ClauseKind> {
    let kind = changed.after.or(changed.before).map(|clause| clause.kind);
    kind.filter(|_| changed.change != Change::Reworded)
}

/// What the change of a clause is of which there is no more and less; nothing where it has no kind of its own.
fn told(changed: &Changed) -> Vec<ChangeKind> {
    match about(changed) {
        Some(ClauseKind::Parties) => parties(changed),
        Some(ClauseKind::Term) => vec![ChangeKind::Term],
        Some(ClauseKind::AmendmentRule) => vec![ChangeKind::AmendmentRule],
        Some(ClauseKind::AllowedUses | ClauseKind::ProhibitedUses | ClauseKind::QuietHours) => vec![ChangeKind::Uses],
        Some(ClauseKind::Capacity) => vec![ChangeKind::Capacity],
        Some(ClauseKind::UtilitiesPayer | ClauseKind::FitOut | ClauseKind::RevenueShare | ClauseKind::PublicReturn) => {
            vec![ChangeKind::Money]
        }
        _ => vec![],
    }
}

fn directions(first: bool, one: ChangeKind, second: bool, other: ChangeKind) -> Vec<ChangeKind> {
    [(first, one), (second, other)].into_iter().filter(|(yes, _)| *yes).map(|(_, kind)| kind).collect()
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

/// What several clauses settle together, for one space on one day: of it there is more or less. One clause alone does not tell which
/// way it goes, because another may be stricter, or be an exception in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Matter {
    /// When the public may use the space.
    Hours,
    /// What may be charged.
    Ceilings,
    /// How much is free of charge.
    FreeShare,
    /// Who lends the space, and for how much.
    Grants,
}

impl Matter {
    fn of(kind: ClauseKind) -> Option<Self> {
        match kind {
            ClauseKind::OpenHours | ClauseKind::ReservedHours | ClauseKind::Maintenance => Some(Self::Hours),
            ClauseKind::PriceCeiling => Some(Self::Ceilings),
            ClauseKind::FreeShare => Some(Self::FreeShare),
            ClauseKind::SpaceGrant => Some(Self::Grants),
            _ => None,
        }
    }

    /// Which clauses of a version speak about it for a space, by their place.
    fn speaking(self, clauses: &[Clause], space: &SpaceRef) -> Vec<usize> {
        let names = |clause: &Clause| clause.spaces.is_empty() || clause.spaces.contains(space);
        let speaks = |clause: &Clause| Self::of(clause.kind) == Some(self) && names(clause);
        clauses.iter().enumerate().filter(|(_, clause)| speaks(clause)).map(|(place, _)| place).collect()
    }

    /// Every way it goes, on any day of the later version's term. That a day is no longer in it is the matter of the term clause.
    fn moves(self, was: &Reading, is: &Reading) -> BTreeSet<ChangeKind> {
        let Some((first, last)) = is.term.or(was.term) else { return BTreeSet::new() };
        let governed = |day: &Day| first <= *day && *day <= last;
        // From one edge to the next the same clauses are in effect. Only hours then still go by the day of the week.
        let run = if self == Self::Hours { 7 } else { 1 };
        let days_from = |day: Day| std::iter::successors(Some(day), |day| day.tomorrow().ok()).take(run);
        let edges = std::iter::once(first).chain(was.edges()).chain(is.edges()).filter(governed);
        let days: BTreeSet<Day> = edges.flat_map(days_from).filter(governed).collect();
        days.into_iter().flat_map(|day| self.compare(&was.on(day), &is.on(day), day)).collect()
    }

    /// The ways it goes on a day, between what was in effect and what is.
    fn compare(self, was: &[&Clause], is: &[&Clause], day: Day) -> Vec<ChangeKind> {
        let levels = |was: Vec<i64>, is: Vec<i64>, up: ChangeKind, down: ChangeKind| {
            let pairs = || was.iter().zip(&is);
            directions(pairs().any(|(was, is)| was < is), up, pairs().any(|(was, is)| is < was), down)
        };
        match self {
            Self::Hours => {
                let as_day = |day_type: &DayType| {
                    let (was, is) = (open(was, day, *day_type), open(is, day, *day_type));
                    directions(!covers(&is, &was), ChangeKind::HoursNarrower, !covers(&was, &is), ChangeKind::HoursWider)
                };
                DayType::ALL.iter().flat_map(as_day).collect()
            }
            Self::Ceilings => levels(limits(was), limits(is), ChangeKind::CeilingUp, ChangeKind::CeilingDown),
            Self::FreeShare => levels(free_shares(was), free_shares(is), ChangeKind::FreeShareUp, ChangeKind::FreeShareDown),
            Self::Grants => {
                let ((lent_by, rents), (lend_by, rents_now)) = (lent(was), lent(is));
                match (lent_by.is_empty(), lend_by.is_empty()) {
                    (true, false) => vec![ChangeKind::SpaceAdded],
                    (false, true) => vec![ChangeKind::SpaceRemoved],
                    _ => directions(lent_by != lend_by, ChangeKind::Other, rents != rents_now, ChangeKind::Money),
                }
            }
        }
    }
}

/// What a version says of one matter for one space.
struct Reading<'a> {
    clauses: Vec<&'a Clause>,
    term: Option<(Day, Day)>,
}

impl<'a> Reading<'a> {
    fn of(all: &'a [Clause], speaking: &[usize]) -> Self {
        let term = all.iter().find_map(|clause| match clause.payload {
            Payload::Term { first_day, last_day } => Some((first_day, last_day)),
            _ => None,
        });
        Self { clauses: speaking.iter().filter_map(|place| all.get(*place)).collect(), term }
    }

    /// The clauses in effect on a day, as for a booking on that day. Outside its term a version is read as on its nearest day: how long
    /// it lasts is the matter of the term clause alone, and what follows it is compared with what there was.
    fn on(&self, day: Day) -> Vec<&'a Clause> {
        let day = self.term.map_or(day, |(first, last)| day.max(first).min(last));
        let binds = |clause: &&Clause| clause.from.is_none_or(|from| from <= day) && clause.to.is_none_or(|to| day < to);
        let binding: Vec<&'a Clause> = self.clauses.iter().copied().filter(binds).collect();
        // All of them speak about this space: each by its name, or each by naming none.
        unreplaced(binding, |clause| (clause.exception.is_some(), (clause.kind, clause.spaces.is_empty())))
    }

    /// The days on which something in it begins or is over.
    fn edges(&self) -> impl Iterator<Item = Day> {
        self.clauses.iter().copied().flat_map(|clause| {
            let dates = weekly(clause).into_iter().flat_map(|hours| &hours.dates);
            let dated = dates.flat_map(|dated| [Some(dated.first), dated.last.tomorrow().ok()]);
            [clause.from, clause.to].into_iter().chain(dated).flatten()
        })
    }
}

/// Who lends a space, and what for a year.
fn lent<'a>(effect: &[&'a Clause]) -> (BTreeSet<&'a str>, BTreeSet<Fen>) {
    let grants = effect.iter().filter_map(|clause| match &clause.payload {
        Payload::SpaceGrant { by, rent_fen_per_year } => Some((by.as_str(), *rent_fen_per_year)),
        _ => None,
    });
    grants.unzip()
}

/// The most that may be charged, use by use and unit by unit: every clause must allow it. No ceiling is above every ceiling.
fn limits(effect: &[&Clause]) -> Vec<i64> {
    let of_use = |use_code: &Use| {
        let spoken = effect.iter().flat_map(|clause| match &clause.payload {
            Payload::PriceCeiling { ceilings } => ceilings_for(ceilings, *use_code),
            _ => Vec::new(),
        });
        let speaking: Vec<&Ceiling> = spoken.collect();
        let limit = |per: &Per| speaking.iter().filter(|one| one.per == *per).map(|one| one.fen.0).min().unwrap_or(i64::MAX);
        Per::ALL.iter().map(limit).collect::<Vec<i64>>()
    };
    Use::ALL.iter().flat_map(of_use).collect()
}

/// The least that is free of charge, unit by unit.
fn free_shares(effect: &[&Clause]) -> Vec<i64> {
    let percent = |unit: &ShareOf| {
        let shares = effect.iter().filter_map(|clause| match &clause.payload {
            Payload::FreeShare(share) if share.of == *unit => Some(share.percent),
            _ => None,
        });
        shares.max().unwrap_or(0)
    };
    ShareOf::ALL.iter().map(percent).collect()
}

fn weekly(clause: &Clause) -> Option<&Weekly> {
    match &clause.payload {
        Payload::OpenHours(hours) | Payload::ReservedHours { hours, .. } | Payload::Maintenance { hours, .. } => Some(hours),
        _ => None,
    }
}

/// When the public may use a space: in all of its opening hours, less what is kept from them.
fn open(effect: &[&Clause], day: Day, day_type: DayType) -> Vec<Span> {
    let (mut together, mut kept): (Option<Vec<Span>>, Vec<Span>) = (None, Vec::new());
    for clause in effect {
        let its = weekly(clause).map(|hours| hours_on(hours, day, day_type)).unwrap_or_default();
        if clause.kind == ClauseKind::OpenHours {
            together = Some(match together {
                None => its,
                Some(so_far) => common(&so_far, &its),
            });
        } else {
            kept.extend(its);
        }
    }
    kept.iter().fold(together.unwrap_or_default(), |left, span| without(&left, *span))
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

#[cfg(test)]
#[path = "kinds_tests.rs"]
mod tests;
