//! What every clause in effect says about a booking.
//!
//! A booking is judged by the terms in effect at its start. Several clauses of a kind (own, hall's and parts', of several
//! agreements) are judged one by one and all must allow: the strictest wins without being computed.

use super::hours::{hours_on, show_spans, windows_on};
use crate::kernel::id::{AgreementId, VersionId};
use crate::kernel::time::Day;
use crate::kernel::{Instant, Period, Reason, Zone};
use crate::terms::model::{
    Approval, Capacity, Ceiling, Charge, ClauseKind, DayType, Fee, InsuranceSafety, Noise, PartyCapacity, Payload, Per, Span, Suspended,
    TermInForce, Use, Weekly,
};

/// What somebody wants to book.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Zone of the site.
    pub zone: Zone,
    /// The time asked for.
    pub period: Period,
    /// The same with set-up and clean-up.
    pub occupancy: Period,
    /// What for.
    pub use_code: Use,
    /// How many people.
    pub attendees: i64,
    /// What it would be charged; `None` = nothing.
    pub charge: Option<Charge>,
}

/// A clause by all its names, to pin and to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClauseName {
    /// Agreement.
    pub agreement: AgreementId,
    /// Its natural code.
    pub agreement_code: String,
    /// Version.
    pub version: VersionId,
    /// Its number.
    pub version_no: i32,
    /// Clause id inside the version.
    pub clause: String,
}

/// What a clause says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing against it.
    Allow,
    /// Only once somebody has agreed.
    NeedsApproval(Approver),
    /// No, and why.
    Refuse(Reason),
}

impl Decision {
    fn refusal(self) -> Option<Reason> {
        match self {
            Decision::Refuse(reason) => Some(reason),
            Decision::Allow | Decision::NeedsApproval(_) => None,
        }
    }
}

/// Who is asked before a booking is made, and how long they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approver {
    /// Parties of this capacity: the community, or the property unit whose space it is.
    pub capacity: PartyCapacity,
    /// Hours to answer in; without an answer the request expires.
    pub deadline_hours: i64,
}

/// One clause and what it says; without a clause, what is refused because a clause is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Kind of the clause, or of the one that is missing.
    pub kind: ClauseKind,
    /// The clause.
    pub clause: Option<ClauseName>,
    /// What it says.
    pub decision: Decision,
}

/// The terms in effect at a moment: those that bind, without the base clauses that an exception of the same agreement,
/// kind and origin replaces.
pub fn in_effect(terms: &[TermInForce], at: Instant) -> Vec<&TermInForce> {
    let binding: Vec<&TermInForce> = terms.iter().filter(|term| term.binds_at(at)).collect();
    unreplaced(binding, |term| (term.exception, (&term.agreement, term.kind, &term.origin)))
}

/// Of all that binds at one moment, what is left in effect: while an exception binds, it stands in for the base of its scope.
/// `scope` says whether one is an exception, and what it must have in common with a base to replace it. Bookings are judged
/// by this rule, and so is what a new version changes.
pub(crate) fn unreplaced<'t, T, K: PartialEq>(mut binding: Vec<&'t T>, scope: impl Fn(&'t T) -> (bool, K)) -> Vec<&'t T> {
    let exceptions: Vec<K> = binding
        .iter()
        .filter_map(|&one| {
            let (exception, scope) = scope(one);
            exception.then_some(scope)
        })
        .collect();
    binding.retain(|&one| {
        let (exception, scope) = scope(one);
        exception || !exceptions.contains(&scope)
    });
    binding
}

/// What every clause says about `ask`, in the order of kinds, agreement codes and clause ids; refusals no clause stands
/// behind come first of their kind.
///
/// `terms` are all rows of the space that overlap the occupancy, not only those binding at the start: the occupancy must be
/// lent throughout, a successor's grant may carry it on, and a suspension refuses whatever it meets. Rows that ended earlier
/// may be given too; where nothing is in effect any more they tell since when.
pub fn decide(terms: &[TermInForce], ask: &Ask, day_type: &dyn Fn(Day) -> DayType) -> Vec<Verdict> {
    let effect = judging(terms, ask.period.start());
    let mut said = judge_time(terms, &effect, &ask.zone, ask.period, ask.occupancy, day_type);
    if effect.is_empty() {
        return in_order(said).into_iter().map(Said::verdict).collect();
    }
    for term in &effect {
        match &term.payload {
            Payload::Approval(approval) => said.push(Said { decision: asks(approval, ask, day_type), ..Said::by(term, None) }),
            _ if is_about_time(term.kind) => {}
            _ => said.push(Said::by(term, against(term, ask, day_type))),
        }
    }
    if !effect.iter().any(|term| term.kind == ClauseKind::Capacity) {
        said.push(missing(
            ClauseKind::Capacity,
            "no-capacity",
            "还没有约定这个空间能容纳多少人，暂时不能预订。",
            "It has not been agreed how many people the space holds, so it cannot be booked yet.",
        ));
    }
    in_order(said).into_iter().map(Said::verdict).collect()
}

/// The clauses in effect that a booking is judged by, without what suspends them.
fn judging(terms: &[TermInForce], at: Instant) -> Vec<&TermInForce> {
    let mut effect = in_effect(terms, at);
    effect.retain(|term| term.kind.judges_bookings() && term.kind != ClauseKind::Suspension);
    effect
}

/// Judged by [`judge_time`].
const fn is_about_time(kind: ClauseKind) -> bool {
    use ClauseKind::*;
    matches!(kind, SpaceGrant | Term | OpenHours | ReservedHours | Maintenance | InsuranceSafety)
}

/// What a clause that is not about time has against `ask`.
fn against(term: &TermInForce, ask: &Ask, day_type: &dyn Fn(Day) -> DayType) -> Option<Reason> {
    match &term.payload {
        Payload::Uses { uses, .. } if term.kind == ClauseKind::AllowedUses => use_not_allowed(term, uses, ask.use_code),
        Payload::Uses { uses, safety } => use_prohibited(term, uses, *safety, ask.use_code),
        Payload::Capacity { persons, basis } => over_capacity(term, *persons, *basis, ask.attendees),
        Payload::QuietHours { noise, hours } => quiet_hours(term, *noise, hours, ask, day_type),
        Payload::PriceCeiling { ceilings } => over_ceiling(term, ceilings, ask),
        _ => None,
    }
}

/// What a clause about time has against a period. A grant is judged with all other grants, not here.
fn against_time(term: &TermInForce, zone: &Zone, period: Period, occupancy: Period, day_type: &dyn Fn(Day) -> DayType) -> Option<Reason> {
    match &term.payload {
        Payload::Term { .. } => {
            let end = term_end(term, zone).filter(|end| *end < occupancy.end().max(period.end()));
            end.map(|end| term_ended(term, end, zone))
        }
        Payload::OpenHours(weekly) => outside_hours(term, weekly, zone, period, day_type),
        Payload::ReservedHours { hours, .. } => reserved(term, hours, zone, occupancy, day_type),
        Payload::Maintenance { hours, .. } => upkeep(term, hours, zone, occupancy, day_type),
        Payload::InsuranceSafety(proofs) => run_out(term, proofs, zone, period),
        _ => None,
    }
}

/// What one clause alone has against `ask`, taken to bind throughout.
pub(super) fn decided(term: &TermInForce, ask: &Ask, day_type: &dyn Fn(Day) -> DayType) -> Option<Reason> {
    if is_about_time(term.kind) { against_time(term, &ask.zone, ask.period, ask.occupancy, day_type) } else { against(term, ask, day_type) }
}

/// The refusals of [`decide`] that are about time alone: grant, term, open and reserved hours, upkeep, proofs that run out.
/// Availability is made of it, so that what looks free is never refused for one of these.
pub fn opening(terms: &[TermInForce], zone: &Zone, period: Period, occupancy: Period, day_type: &dyn Fn(Day) -> DayType) -> Vec<Reason> {
    let said = in_order(judge_time(terms, &judging(terms, period.start()), zone, period, occupancy, day_type));
    said.into_iter().filter_map(|one| one.decision.refusal()).collect()
}

/// The refusals among verdicts, in their order.
pub fn refusals(verdicts: Vec<Verdict>) -> Vec<Reason> {
    verdicts.into_iter().filter_map(|verdict| verdict.decision.refusal()).collect()
}

/// Who must agree first, each with the clause that says so, in the order of the verdicts.
pub fn approvals(verdicts: &[Verdict]) -> Vec<(ClauseName, Approver)> {
    let asked = |verdict: &Verdict| match &verdict.decision {
        Decision::NeedsApproval(approver) => verdict.clause.clone().map(|clause| (clause, *approver)),
        Decision::Allow | Decision::Refuse(_) => None,
    };
    verdicts.iter().filter_map(asked).collect()
}

/// A verdict on the way: it borrows the clause, which most of them never name.
struct Said<'t> {
    kind: ClauseKind,
    term: Option<&'t TermInForce>,
    decision: Decision,
}

impl<'t> Said<'t> {
    fn by(term: &'t TermInForce, refusal: Option<Reason>) -> Self {
        Self { kind: term.kind, term: Some(term), decision: refusal.map_or(Decision::Allow, Decision::Refuse) }
    }

    fn clause(&self) -> Option<(&'t str, &'t str)> {
        self.term.map(|term| (term.agreement_code.as_str(), term.clause.as_str()))
    }

    fn is_the_same(&self, other: &Self) -> bool {
        let version = |one: &Self| one.term.map(|term| &term.version);
        (self.kind, self.clause(), version(self)) == (other.kind, other.clause(), version(other)) && self.decision == other.decision
    }

    fn verdict(self) -> Verdict {
        let clause = self.term.map(|term| ClauseName {
            agreement: term.agreement.clone(),
            agreement_code: term.agreement_code.clone(),
            version: term.version.clone(),
            version_no: term.version_no,
            clause: term.clause.clone(),
        });
        Verdict { kind: self.kind, clause, decision: self.decision }
    }
}

fn in_order(mut said: Vec<Said>) -> Vec<Said> {
    said.sort_by(|a, b| (a.kind, a.clause()).cmp(&(b.kind, b.clause())));
    // A clause about two parts binds the whole twice and says the same twice.
    said.dedup_by(|a, b| a.is_the_same(b));
    said
}

fn missing(kind: ClauseKind, code: &str, zh: &str, en: &str) -> Said<'static> {
    Said { kind, term: None, decision: Decision::Refuse(Reason::plain(code, zh, en)) }
}

fn judge_time<'t>(
    terms: &'t [TermInForce],
    effect: &[&'t TermInForce],
    zone: &Zone,
    period: Period,
    occupancy: Period,
    day_type: &dyn Fn(Day) -> DayType,
) -> Vec<Said<'t>> {
    const NOBODY_OPENS: (&str, &str) =
        ("这个时间没有生效的协议开放这个空间，不能预订。", "No agreement in force opens the space at that time.");
    let mut said: Vec<Said> = terms.iter().filter_map(|term| suspended(term, zone, occupancy)).collect();
    if effect.is_empty() {
        let ended = terms.iter().filter(|term| term.kind == ClauseKind::Term && term.from < term.to && term.to <= period.start());
        said.push(match ended.max_by_key(|term| term.to) {
            Some(term) => Said::by(term, Some(term_ended(term, term.to, zone))),
            None => missing(ClauseKind::SpaceGrant, "no-agreement", NOBODY_OPENS.0, NOBODY_OPENS.1),
        });
        return said;
    }
    let term_ends = effect.iter().filter_map(|term| term_end(term, zone)).min();
    // Grants end with the term: past it the term refuses, and once is enough.
    let to_grant = term_ends.and_then(|end| Period::new(occupancy.start(), occupancy.end().min(end))).unwrap_or(occupancy);
    let lent = lent_around(terms, period.start());
    for term in effect.iter().filter(|term| is_about_time(term.kind)) {
        let refusal = match term.kind {
            ClauseKind::SpaceGrant => lent.and_then(|lent| not_lent_throughout(term, lent, to_grant, zone)),
            _ => against_time(term, zone, period, occupancy, day_type),
        };
        said.push(Said::by(term, refusal));
    }
    if !effect.iter().any(|term| term.kind == ClauseKind::SpaceGrant) {
        said.push(missing(ClauseKind::SpaceGrant, "not-granted", NOBODY_OPENS.0, NOBODY_OPENS.1));
    }
    if !effect.iter().any(|term| term.kind == ClauseKind::OpenHours) {
        said.push(missing(
            ClauseKind::OpenHours,
            "no-hours",
            "还没有约定这个空间的开放时间，暂时不能预订。",
            "No opening hours have been agreed for the space, so it cannot be booked yet.",
        ));
    }
    said
}

/// 24:00 of the last day of a term clause.
pub(crate) fn term_end(term: &TermInForce, zone: &Zone) -> Option<Instant> {
    match term.payload {
        Payload::Term { last_day, .. } => Some(zone.at(last_day, crate::kernel::time::DAY_MINUTES)),
        _ => None,
    }
}

/// Past the end of a term: 24:00 of its last day, or of an earlier one where notice was given.
fn term_ended(term: &TermInForce, end: Instant, zone: &Zone) -> Reason {
    let last_day = zone.day_of(Instant(end.0 - 1));
    term.reason(
        "term-ended",
        format!("协议到{}为止，预订连同布置和清场都不能超过这一天。", zh_date(last_day)),
        format!("The agreement ends on {}; a booking with its set-up and clean-up may not go beyond that day.", en_date(last_day)),
    )
    .figure(last_day)
}

/// A suspension refuses whatever it meets, set-up and clean-up included: who ordered it, why, since when, until when.
fn suspended<'t>(term: &'t TermInForce, zone: &Zone, occupancy: Period) -> Option<Said<'t>> {
    let Payload::Suspension(Suspended { ordered_by, ground, closure, .. }) = &term.payload else { return None };
    term.period().filter(|period| period.overlaps(&occupancy))?;
    let ((since_zh, since_en), ground) = (zone.say(term.from), ground.trim_end_matches(['。', '.']));
    let (zh, en, figure) = if term.to < Instant::LATEST {
        let (zh, en) = zone.say_end(term.to);
        (format!("到 {zh} 为止"), format!("until {en}"), term.to)
    } else {
        ("什么时候恢复还没有定".to_owned(), "until it is lifted".to_owned(), term.from)
    };
    let (code, did_zh, did_en) =
        if *closure { ("closed", "关闭了这里", "Closed") } else { ("suspended", "暂停了这里的使用", "Suspended") };
    let reason = term.reason(
        code,
        format!("{}{did_zh}（{ground}）：从 {since_zh} 开始，{zh}。", ordered_by.zh()),
        format!("{did_en} by {} ({ground}) from {since_en} {en}.", ordered_by.en()),
    );
    Some(Said::by(term, Some(reason.figure(zone.show(figure)))))
}

/// The unbroken stretch around `at` over which some agreement lends the space.
fn lent_around(terms: &[TermInForce], at: Instant) -> Option<Period> {
    let mut grants: Vec<Period> = terms.iter().filter(|term| term.kind == ClauseKind::SpaceGrant).filter_map(TermInForce::period).collect();
    grants.sort_unstable();
    let mut stretch: Option<Period> = None;
    for grant in grants {
        stretch = match stretch {
            Some(so_far) if grant.start() <= so_far.end() => Period::new(so_far.start(), so_far.end().max(grant.end())),
            Some(so_far) if at < so_far.end() => break,
            _ => Some(grant),
        };
    }
    stretch.filter(|stretch| stretch.start() <= at && at < stretch.end())
}

fn not_lent_throughout(term: &TermInForce, lent: Period, occupancy: Period, zone: &Zone) -> Option<Reason> {
    if lent.contains(&occupancy) {
        return None;
    }
    let reason = |at: Instant, zh: String, en: String| {
        let zh = format!("这个空间{zh}，布置和清场也要算在内。");
        term.reason("not-granted", zh, format!("The space is lent {en} only, set-up and clean-up included.")).figure(zone.show(at))
    };
    Some(if occupancy.end() > lent.end() {
        let (zh, en) = zone.say_end(lent.end());
        reason(lent.end(), format!("只提供到 {zh}"), format!("until {en}"))
    } else {
        let (zh, en) = zone.say(lent.start());
        reason(lent.start(), format!("最早可用的时间是 {zh}"), format!("from {en}"))
    })
}

/// The civil days a period touches.
fn days_of(zone: &Zone, period: Period) -> impl Iterator<Item = Day> {
    let last = zone.day_of(Instant(period.end().0 - 1));
    std::iter::successors(Some(zone.day_of(period.start())), |day| day.tomorrow().ok()).take_while(move |day| *day <= last)
}

fn outside_hours(term: &TermInForce, weekly: &Weekly, zone: &Zone, period: Period, day_type: &dyn Fn(Day) -> DayType) -> Option<Reason> {
    let closed = days_of(zone, period).find(|day| {
        let piece = zone.days(*day, *day).and_then(|day| day.intersect(&period));
        let windows = windows_on(weekly, zone, *day, day_type(*day));
        piece.is_some_and(|piece| !windows.iter().any(|(_, window)| window.contains(&piece)))
    })?;
    let spans = hours_on(weekly, closed, day_type(closed));
    let (zh, en) = if spans.is_empty() {
        (format!("{}不开放。", zh_day(closed)), format!("It is closed on {}.", en_day(closed)))
    } else {
        let zh_spans = spans.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
        (
            format!("{}的开放时间是 {zh_spans}，请选这段时间里的。", zh_day(closed)),
            format!("On {} it is open {}; please choose a time within.", en_day(closed), show_spans(&spans)),
        )
    };
    Some(term.reason("outside-hours", zh, en).figure(show_spans(&spans)))
}

/// The first window of a timetable that a period meets.
fn met(weekly: &Weekly, zone: &Zone, period: Period, day_type: &dyn Fn(Day) -> DayType) -> Option<(Day, Span)> {
    days_of(zone, period).find_map(|day| {
        let windows = windows_on(weekly, zone, day, day_type(day));
        windows.into_iter().find(|(_, window)| window.overlaps(&period)).map(|(span, _)| (day, span))
    })
}

fn reserved(term: &TermInForce, hours: &Weekly, zone: &Zone, occupancy: Period, day_type: &dyn Fn(Day) -> DayType) -> Option<Reason> {
    let (day, span) = met(hours, zone, occupancy, day_type)?;
    let reason = term.reason(
        "reserved-hours",
        format!("{} {span} 是提供方自己用的时间，布置和清场也不能占用。", zh_day(day)),
        format!("The owner keeps {span} on {} for itself, also from set-up and clean-up.", en_day(day)),
    );
    Some(reason.figure(span))
}

fn upkeep(term: &TermInForce, hours: &Weekly, zone: &Zone, occupancy: Period, day_type: &dyn Fn(Day) -> DayType) -> Option<Reason> {
    let (day, span) = met(hours, zone, occupancy, day_type)?;
    let reason = term.reason(
        "maintenance",
        format!("{} {span} 要打扫维护，布置和清场也不能占用。", zh_day(day)),
        format!("{span} on {} is kept for upkeep, also from set-up and clean-up.", en_day(day)),
    );
    Some(reason.figure(span))
}

/// The proof that ran out first, when one is no longer good at the start.
fn run_out(term: &TermInForce, proofs: &InsuranceSafety, zone: &Zone, period: Period) -> Option<Reason> {
    let starts = zone.day_of(period.start());
    let proof = proofs.evidence.iter().filter(|proof| proof.valid_until < starts).min_by_key(|proof| proof.valid_until)?;
    let reason = term.reason(
        "evidence-expired",
        format!("{}到{}就过期了，续上以前订不了后面的日子。", proof.name.zh(), zh_date(proof.valid_until)),
        format!("The {} is valid until {}; nothing later can be booked before it is renewed.", proof.name.en(), en_date(proof.valid_until)),
    );
    Some(reason.figure(proof.valid_until))
}

fn asks(approval: &Approval, ask: &Ask, day_type: &dyn Fn(Day) -> DayType) -> Decision {
    let day_off = matches!(day_type(ask.zone.day_of(ask.period.start())), DayType::Weekend | DayType::Holiday);
    if approval.is_needed(ask.use_code, ask.attendees, day_off) {
        Decision::NeedsApproval(Approver { capacity: approval.approver, deadline_hours: approval.deadline_hours })
    } else {
        Decision::Allow
    }
}

fn use_not_allowed(term: &TermInForce, uses: &[Use], asked: Use) -> Option<Reason> {
    if uses.iter().any(|named| asked.is_covered_by(*named)) {
        return None;
    }
    let zh = uses.iter().map(|named| named.zh()).collect::<Vec<_>>().join("、");
    let en = uses.iter().map(|named| named.en()).collect::<Vec<_>>().join(", ");
    let reason = term.reason(
        "use-not-allowed",
        format!("这里约定的用途是：{zh}。不包括{}。", asked.zh()),
        format!("The space is agreed for: {en}. That does not include: {}.", asked.en()),
    );
    Some(reason.figure(uses.iter().map(|named| named.as_str()).collect::<Vec<_>>().join(", ")))
}

fn use_prohibited(term: &TermInForce, uses: &[Use], safety: bool, asked: Use) -> Option<Reason> {
    let named = uses.iter().find(|named| asked.is_covered_by(**named))?;
    let (zh, en) = if safety { ("为了安全，", "For safety, this") } else { ("按照约定，", "By agreement, this") };
    let reason = term.reason(
        "use-prohibited",
        format!("{zh}这里不能用于{}。", asked.zh()),
        format!("{en} space may not be used for: {}.", asked.en()),
    );
    Some(reason.figure(named.as_str()))
}

fn over_capacity(term: &TermInForce, persons: i64, basis: Capacity, attendees: i64) -> Option<Reason> {
    if attendees <= persons {
        return None;
    }
    let (zh, en) = match basis {
        Capacity::Safety => ("为了安全，这里", "For safety, the space"),
        Capacity::Comfort => ("这里", "The space"),
    };
    let reason = term.reason(
        "over-capacity",
        format!("{zh}最多 {persons} 人，您填的是 {attendees} 人。"),
        format!("{en} takes at most {persons} people; you asked for {attendees}."),
    );
    Some(reason.figure(persons))
}

fn quiet_hours(term: &TermInForce, noise: Noise, hours: &Weekly, ask: &Ask, day_type: &dyn Fn(Day) -> DayType) -> Option<Reason> {
    if ask.use_code.noise() < noise {
        return None;
    }
    let (day, span) = met(hours, &ask.zone, ask.period, day_type)?;
    let reason = term.reason(
        "quiet-hours",
        format!("{} {span} 是安静时段，不能安排{}。", zh_day(day), ask.use_code.zh()),
        format!("{span} on {} are quiet hours; no room then for: {}.", en_day(day), ask.use_code.en()),
    );
    Some(reason.figure(span))
}

/// The ceilings of a clause that speak about a use: those that name it, else those that name its parent, else those for
/// every other use. A use that is named in any unit is not also held to the ceiling for the others.
pub(crate) fn ceilings_for(ceilings: &[Ceiling], use_code: Use) -> Vec<&Ceiling> {
    let named = |wanted: Option<Use>| ceilings.iter().filter(|ceiling| ceiling.use_code == wanted).collect::<Vec<_>>();
    let nearest = [Some(Some(use_code)), use_code.parent().map(Some), Some(None)];
    nearest.into_iter().flatten().map(named).find(|found| !found.is_empty()).unwrap_or_default()
}

fn over_ceiling(term: &TermInForce, ceilings: &[Ceiling], ask: &Ask) -> Option<Reason> {
    let charge = ask.charge.as_ref()?;
    let speaking = ceilings_for(ceilings, ask.use_code);
    let over = Per::ALL
        .iter()
        .filter_map(|per| speaking.iter().find(|ceiling| ceiling.per == *per))
        .find(|ceiling| !charge.is_within(Fee { fen: ceiling.fen, per: ceiling.per }))?;
    let (zh, en) = match over.per {
        Per::Person => ("每人", "a person"),
        Per::Session => ("每次", "a session"),
        Per::Hour => ("每小时", "an hour"),
    };
    let reason = term.reason(
        "over-ceiling",
        format!("约定的价格上限是{zh} {} 元，这次的收费超过了。", over.fen),
        format!("The agreed price is at most {} yuan {en}; this charge is more.", over.fen),
    );
    Some(reason.figure(over.fen))
}

/// The lowest ceiling that the charge of `ask` goes beyond, of every clause in effect at its start: the most that may be
/// charged. `None`: the charge is within all of them.
pub fn lowest_ceiling(terms: &[TermInForce], ask: &Ask) -> Option<Fee> {
    let charge = ask.charge.as_ref()?;
    let speaking = in_effect(terms, ask.period.start()).into_iter().flat_map(|term| match &term.payload {
        Payload::PriceCeiling { ceilings } => ceilings_for(ceilings, ask.use_code),
        _ => Vec::new(),
    });
    let exceeded = speaking.map(|ceiling| Fee { fen: ceiling.fen, per: ceiling.per }).filter(|fee| !charge.is_within(*fee));
    exceeded.min_by_key(|fee| charge.sixtieths_of(*fee))
}

pub(super) fn zh_day(day: Day) -> String {
    format!("{}月{}日", day.month(), day.day())
}
pub(super) fn zh_date(day: Day) -> String {
    format!("{}年{}", day.year(), zh_day(day))
}
pub(super) fn en_day(day: Day) -> String {
    day.strftime("%-d %B").to_string()
}
pub(super) fn en_date(day: Day) -> String {
    day.strftime("%-d %B %Y").to_string()
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
