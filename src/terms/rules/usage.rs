//! Usage terms against the clauses, and a booking against the usage terms.

use super::decide::{ceilings_for, in_effect};
use super::hours::hours_on_weekday;
use crate::kernel::{Instant, Reason};
use crate::terms::model::hours::Weekday;
use crate::terms::model::{Ceiling, ClauseKind, Figures, Payload, Span, TermInForce, UsageInForce, Use, Weekly};

/// Code of the reason that usage terms were not accepted.
pub const USAGE_TERMS: &str = "usage-terms";

/// Refuses a booking of somebody who has not accepted the usage terms in force at its start, or has accepted others. The
/// figure is the hash to accept.
pub fn unaccepted(in_force: Option<&UsageInForce>, accepted: Option<&str>) -> Option<Reason> {
    let usage = in_force.filter(|usage| accepted != Some(usage.sha256.as_str()))?;
    let (zh, en) = match accepted {
        None => ("请先看一下使用须知,同意了再订。", "Please read and accept the terms of use first."),
        Some(_) => {
            ("使用须知改过了,请看一下新的,同意了再订。", "The terms of use have changed; please read and accept them as they are now.")
        }
    };
    Some(Reason::plain(USAGE_TERMS, zh, en).figure(&usage.sha256))
}

/// What of the figures lies outside the clauses that bind a space at a moment, each with the clause; empty = inside. `terms` are
/// rows of that space.
pub fn outside(figures: &Figures, terms: &[TermInForce], at: Instant) -> Vec<Reason> {
    let effect = in_effect(terms, at);
    if !effect.iter().any(|term| term.kind == ClauseKind::SpaceGrant) {
        let (zh, en) = ("到那时还没有生效的协议开放这个空间,须知还定不下来。", "No agreement in force opens the space by then.");
        return vec![Reason::plain("no-agreement", zh, en)];
    }
    effect.into_iter().filter_map(|term| beyond(term, figures)).collect()
}

/// What of the figures one clause does not allow.
fn beyond(term: &TermInForce, figures: &Figures) -> Option<Reason> {
    match &term.payload {
        Payload::Capacity { persons, .. } => figures.max_persons.filter(|stated| stated > persons).map(|stated| {
            let zh = format!("须知写了最多 {stated} 人,条款约定最多 {persons} 人。");
            term.reason("over-capacity", zh, format!("They state {stated} people at most; the clause allows {persons}.")).figure(persons)
        }),
        Payload::OpenHours(open) => {
            let (day, span) = stretches(figures).find(|(day, span)| !covered(*span, &hours_on_weekday(open, *day)))?;
            let open = hours_on_weekday(open, day);
            let shown = super::show_spans(&open);
            let zh = match open.is_empty() {
                true => format!("须知写了{}开放 {span},条款约定这天不开放。", zh_weekday(day)),
                false => format!("须知写了{}开放 {span},条款约定的开放时间是 {}。", zh_weekday(day), shown.replace(", ", "、")),
            };
            let en = format!("They state {span} on {day}; the clause says {shown}.");
            Some(term.reason("outside-hours", zh, en).figure(shown))
        }
        Payload::ReservedHours { hours, .. } => kept(term, figures, hours, "reserved-hours", "提供方自己用", "the owner keeps"),
        Payload::Maintenance { hours, .. } => kept(term, figures, hours, "maintenance", "打扫维护", "upkeep keeps"),
        Payload::Uses { uses, .. } => {
            let named = |asked: Use| uses.iter().any(|named| asked.is_covered_by(*named));
            let allowed = term.kind == ClauseKind::AllowedUses;
            let stated = figures.uses.iter().find(|stated| named(**stated) != allowed)?;
            let (code, zh, en) = match allowed {
                true => ("use-not-allowed", "条款约定的用途里没有", "the clause does not allow"),
                false => ("use-prohibited", "条款约定不能用于", "the clause prohibits"),
            };
            let zh = format!("须知写了可以用于{0},{zh}{0}。", stated.zh());
            Some(term.reason(code, zh, format!("They state {}, which {en}.", stated.en())).figure(stated))
        }
        Payload::PriceCeiling { ceilings } => {
            let (fee, limit) = figures.fees.iter().find_map(|fee| Some((fee, limit(ceilings, fee).filter(|limit| *limit < fee.fen.0)?)))?;
            let limit = crate::kernel::Fen(limit);
            let zh = format!("须知写了收费 {} 元,条款约定的上限是 {limit} 元。", fee.fen);
            Some(term.reason("over-ceiling", zh, format!("They state {} yuan; the clause allows {limit}.", fee.fen)).figure(limit))
        }
        _ => None,
    }
}

/// The stated hours, day of the week by day of the week. A week like others is held against the clauses, not single dates: on these
/// the clause goes first anyway, booking by booking.
fn stretches(figures: &Figures) -> impl Iterator<Item = (Weekday, Span)> {
    let stated = figures.timetable();
    Weekday::ALL.iter().flat_map(move |day| hours_on_weekday(&stated, *day).into_iter().map(|span| (*day, span)))
}

fn covered(span: Span, by: &[Span]) -> bool {
    by.iter().any(|open| open.from <= span.from && span.to <= open.to)
}

/// Stated hours that meet what is kept from the public.
fn kept(term: &TermInForce, figures: &Figures, hours: &Weekly, code: &str, zh: &str, en: &str) -> Option<Reason> {
    let meets = |a: &Span, b: Span| a.from < b.to && b.from < a.to;
    let found = stretches(figures).find_map(|(day, span)| {
        let kept = hours_on_weekday(hours, day).into_iter().find(|kept| meets(kept, span))?;
        Some((day, kept))
    });
    let (day, span) = found?;
    let zh = format!("须知写的开放时间里有{} {span},条款约定这段时间{zh}。", zh_weekday(day));
    Some(term.reason(code, zh, format!("The stated hours hold {span} on {day}, which {en}.")).figure(span))
}

/// The lowest ceiling of the fee's unit that speaks about it; a fee for every use meets every ceiling.
fn limit(ceilings: &[Ceiling], fee: &Ceiling) -> Option<i64> {
    let speaking = match fee.use_code {
        Some(use_code) => ceilings_for(ceilings, use_code),
        None => ceilings.iter().collect(),
    };
    speaking.into_iter().filter(|ceiling| ceiling.per == fee.per).map(|ceiling| ceiling.fen.0).min()
}

const fn zh_weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "周一",
        Weekday::Tue => "周二",
        Weekday::Wed => "周三",
        Weekday::Thu => "周四",
        Weekday::Fri => "周五",
        Weekday::Sat => "周六",
        Weekday::Sun => "周日",
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, daily, row, span, usual, weekly};
    use super::*;
    use crate::kernel::Fen;
    use crate::kernel::id::Id;
    use crate::terms::model::Per;

    fn usage() -> UsageInForce {
        let (from, to) = (at("2026-01-01 00:00"), Instant::LATEST);
        UsageInForce { id: Id::fresh(), no: 1, sha256: "a".repeat(64), from, to }
    }

    #[test]
    fn a_booking_accepts_the_hash_in_force_or_none_where_none_is() {
        let usage = usage();
        assert_eq!(unaccepted(None, None), None);
        assert_eq!(unaccepted(None, Some("b")), None);
        assert_eq!(unaccepted(Some(&usage), Some(&usage.sha256)), None);
        for accepted in [None, Some("b"), Some("")] {
            let reason = unaccepted(Some(&usage), accepted).unwrap();
            assert_eq!((reason.code.as_str(), reason.figure.as_deref()), (USAGE_TERMS, Some(usage.sha256.as_str())));
        }
    }

    /// The clauses of [`usual`], with more.
    fn told(figures: &Figures, more: Vec<TermInForce>) -> Vec<(String, String, String)> {
        let rows: Vec<TermInForce> = usual().into_iter().chain(more).collect();
        let reasons = outside(figures, &rows, at("2026-06-01 10:00"));
        reasons.into_iter().map(|r| (r.code, r.clause.unwrap_or_default(), r.figure.unwrap_or_default())).collect()
    }

    fn one(code: &str, clause: &str, figure: &str) -> Vec<(String, String, String)> {
        vec![(code.into(), clause.into(), figure.into())]
    }

    #[test]
    fn people_and_hours_to_the_edge_and_no_further() {
        let persons = |n| Figures { max_persons: Some(n), ..Figures::default() };
        assert_eq!(told(&persons(50), vec![]), []);
        assert_eq!(told(&persons(51), vec![]), one("over-capacity", "people", "50"));
        let hours = |from: &str, to: &str| Figures { hours: daily(from, to).windows, ..Figures::default() };
        assert_eq!(told(&hours("08:30", "21:00"), vec![]), []);
        assert_eq!(told(&hours("08:30", "21:01"), vec![]), one("outside-hours", "hours", "08:30–21:00"));
        assert_eq!(told(&hours("08:29", "21:00"), vec![]), one("outside-hours", "hours", "08:30–21:00"));
        // What is kept may be touched, not met.
        let by = || "unit".to_owned();
        let lunch = || Payload::ReservedHours { reserved_for: by(), hours: weekly(&[(&["mon"], "12:00", "14:00")]) };
        let kept = || vec![row("lunch", ClauseKind::ReservedHours, lunch())];
        let on = |day: &str, from: &str, to: &str| {
            let hours = weekly(&[(&[day], from, to)]).windows;
            Figures { hours, ..Figures::default() }
        };
        assert_eq!(told(&on("mon", "14:00", "20:00"), kept()), []);
        assert_eq!(told(&on("tue", "09:00", "20:00"), kept()), []);
        assert_eq!(told(&on("mon", "13:59", "20:00"), kept()), one("reserved-hours", "lunch", &span("12:00", "14:00").to_string()));
        let clean = vec![row("clean", ClauseKind::Maintenance, Payload::Maintenance { notice_days: 3, hours: daily("20:00", "21:00") })];
        assert_eq!(told(&on("sun", "09:00", "20:01"), clean), one("maintenance", "clean", "20:00–21:00"));
    }

    #[test]
    fn uses_and_fees_as_the_clauses_say() {
        let uses = |uses: &[Use], safety| Payload::Uses { uses: uses.to_vec(), safety };
        let stated = |uses: &[Use]| Figures { uses: uses.to_vec(), ..Figures::default() };
        let allowed = || vec![row("uses", ClauseKind::AllowedUses, uses(&[Use::Study, Use::Performance], false))];
        assert_eq!(told(&stated(&[Use::Reading, Use::Opera]), allowed()), []);
        assert_eq!(told(&stated(&[Use::Study, Use::Dance]), allowed()), one("use-not-allowed", "uses", "dance"));
        let no = || vec![row("no", ClauseKind::ProhibitedUses, uses(&[Use::Performance], true))];
        assert_eq!(told(&stated(&[Use::Opera]), no()), one("use-prohibited", "no", "opera"));
        assert_eq!(told(&stated(&[Use::Dance]), no()), []);
        let fee = |use_code, fen, per| Ceiling { use_code, fen: Fen(fen), per };
        let ceilings = || {
            let ceilings = vec![fee(Some(Use::Study), 500, Per::Session), fee(None, 1000, Per::Session)];
            vec![row("ceiling", ClauseKind::PriceCeiling, Payload::PriceCeiling { ceilings })]
        };
        let states = |fees: Vec<Ceiling>| Figures { fees, ..Figures::default() };
        assert_eq!(
            told(&states(vec![fee(Some(Use::Dance), 1000, Per::Session), fee(Some(Use::Reading), 500, Per::Session)]), ceilings()),
            []
        );
        assert_eq!(told(&states(vec![fee(Some(Use::Reading), 501, Per::Session)]), ceilings()), one("over-ceiling", "ceiling", "5.00"));
        assert_eq!(told(&states(vec![fee(None, 600, Per::Session)]), ceilings()), one("over-ceiling", "ceiling", "5.00"));
        assert_eq!(told(&states(vec![fee(None, 600, Per::Hour)]), ceilings()), []);
    }

    #[test]
    fn without_an_agreement_there_is_nothing_to_lie_in() {
        let nothing = outside(&Figures::default(), &[], at("2026-06-01 10:00"));
        assert_eq!(nothing.iter().map(|r| r.code.as_str()).collect::<Vec<_>>(), ["no-agreement"]);
        assert_eq!(outside(&Figures::default(), &usual(), at("2027-06-01 10:00")).len(), 1, "it has ended");
    }
}
