//! Usage terms against the clauses, and a booking against the usage terms.

use super::decide::{ceilings_for, en_date, in_effect, zh_date};
use super::hours::{Follows, follows, hours_on};
use crate::kernel::time::Day;
use crate::kernel::{Instant, Reason, Zone};
use crate::terms::model::hours::Weekday;
use crate::terms::model::{Ceiling, ClauseKind, DayType, Figures, Payload, Span, TermInForce, UsageInForce, Use, Weekly};
use std::collections::{BTreeMap, BTreeSet};

/// Code of the reason that usage terms were not accepted.
pub const USAGE_TERMS: &str = "usage-terms";

/// Refuses a booking of somebody who has not accepted the usage terms in force at its start, or has accepted others. The
/// figure is the hash to accept.
pub fn unaccepted(in_force: Option<&UsageInForce>, accepted: Option<&str>) -> Option<Reason> {
    let usage = in_force.filter(|usage| accepted != Some(usage.sha256.as_str()))?;
    let (zh, en) = match accepted {
        None => ("请先看一下使用须知，同意了再订。", "Please read and accept the terms of use first."),
        Some(_) => {
            ("使用须知改过了，请看一下新的，同意了再订。", "The terms of use have changed; please read and accept them as they are now.")
        }
    };
    Some(Reason::plain(USAGE_TERMS, zh, en).figure(&usage.sha256))
}

/// How far ahead days off are looked for: the State Council announces those of a year in the autumn before it.
const ANNOUNCED_DAYS: i64 = 800;

/// What of the figures lies outside the clauses that bind a space from a moment on, each with the clause and the field; empty =
/// inside. `terms` are rows of that space. Stated hours are held against every day of the clauses until they end: weeks like others,
/// days off as far as they are announced, and dates a clause has hours of its own for.
pub fn outside(figures: &Figures, terms: &[TermInForce], at: Instant, zone: &Zone, day_type: &dyn Fn(Day) -> DayType) -> Vec<Reason> {
    let effect = in_effect(terms, at);
    if !effect.iter().any(|term| term.kind == ClauseKind::SpaceGrant) {
        let (zh, en) = ("到那时还没有生效的协议开放这个空间，须知还定不下来。", "No agreement in force opens the space by then.");
        return vec![Reason::plain("no-agreement", zh, en)];
    }
    let days = |term: &TermInForce, hours: &Weekly| Days::of(&figures.hours, hours, (zone.day_of(at), last_day(term, at, zone)), day_type);
    effect.into_iter().flat_map(|term| beyond(term, figures, &days, day_type)).collect()
}

fn last_day(term: &TermInForce, at: Instant, zone: &Zone) -> Day {
    zone.day_of(Instant(term.to.min(at.plus_days(100 * ANNOUNCED_DAYS)).0 - 1))
}

/// The days on which stated hours and those of a clause have to be compared, and which of them are days like others.
struct Days(BTreeMap<Day, bool>);

impl Days {
    fn of(stated: &Weekly, clause: &Weekly, (first, last): (Day, Day), day_type: &dyn Fn(Day) -> DayType) -> Self {
        let mut all = BTreeMap::new();
        if stated.windows.is_empty() && stated.dates.is_empty() {
            return Self(all);
        }
        let dates = || stated.dates.iter().chain(&clause.dates);
        // Within one entry the hours are the same on every date, and what they are held against repeats with the week.
        for dated in dates() {
            let from = first.max(dated.first);
            all.extend(through(from, last.min(dated.last)).take(7).map(|day| (day, false)));
        }
        let mut seen = BTreeSet::new();
        for day in through(first, last).take(usize::try_from(ANNOUNCED_DAYS).unwrap_or(0)) {
            let off = matches!(day_type(day), DayType::Holiday | DayType::MakeupWorkday);
            if off {
                all.insert(day, false);
            } else if seen.len() < 7 && !dates().any(|dated| dated.first <= day && day <= dated.last) && seen.insert(Weekday::of(day)) {
                all.insert(day, true);
            }
        }
        Self(all)
    }
}

fn through(first: Day, last: Day) -> impl Iterator<Item = Day> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(move |day| *day <= last)
}

/// The hours stated for a day, each with where they were written.
fn stated_on(figures: &Figures, day: Day, day_type: DayType) -> Vec<(String, Span)> {
    match follows(&figures.hours, day, day_type) {
        Follows::Closed => Vec::new(),
        Follows::Dated(i, dated) => dated.spans.iter().map(|span| (format!("/dates/{i}"), *span)).collect(),
        Follows::As(weekday) => {
            let windows = figures.hours.windows.iter().enumerate().filter(|(_, window)| window.days.contains(&weekday));
            windows.map(|(i, window)| (format!("/hours/{i}"), window.span)).collect()
        }
    }
}

/// Where stated hours and a clause do not agree.
struct Clash {
    field: String,
    day: Day,
    /// A day of the week like others.
    usual: bool,
    stated: Span,
    /// What the clause has for that day.
    clause: Vec<Span>,
    /// Special days beside it on which it is the same.
    more: usize,
}

/// Every field that clashes once: with the first day of the week it does, and with special days by what the clause has for them,
/// unless that is what it has for weeks like others.
fn clashes(
    figures: &Figures,
    hours: &Weekly,
    days: &Days,
    day_type: &dyn Fn(Day) -> DayType,
    no: impl Fn(Span, &[Span]) -> bool,
) -> Vec<Clash> {
    let mut all: Vec<Clash> = Vec::new();
    let (usual, special): (Vec<_>, Vec<_>) = days.0.iter().partition(|(_, usual)| **usual);
    for (day, usual) in usual.into_iter().chain(special) {
        let kind = day_type(*day);
        let clause = hours_on(hours, *day, kind);
        for (field, stated) in stated_on(figures, *day, kind).into_iter().filter(|(_, span)| no(*span, &clause)) {
            let told = |one: &&mut Clash| one.field == field && (*usual || one.clause == clause);
            match all.iter_mut().find(told) {
                Some(one) => one.more += usize::from(!usual),
                None => all.push(Clash { field, day: *day, usual: *usual, stated, clause: clause.clone(), more: 0 }),
            }
        }
    }
    all
}

impl Clash {
    /// The day in words: a day of the week, or a date with how many others are like it.
    fn when(&self) -> (String, String) {
        match (self.usual, self.more) {
            (true, _) => (zh_weekday(Weekday::of(self.day)).to_owned(), Weekday::of(self.day).to_string()),
            (false, 0) => (zh_date(self.day), en_date(self.day)),
            (false, more) => (format!("{}等 {} 天", zh_date(self.day), more + 1), format!("{} and {more} more days", en_date(self.day))),
        }
    }
}

/// What of the figures one clause does not allow.
fn beyond(
    term: &TermInForce,
    figures: &Figures,
    days: &dyn Fn(&TermInForce, &Weekly) -> Days,
    day_type: &dyn Fn(Day) -> DayType,
) -> Vec<Reason> {
    match &term.payload {
        Payload::Capacity { persons, .. } => {
            let over = figures.max_persons.filter(|stated| stated > persons).map(|stated| {
                let zh = format!("须知写了最多 {stated} 人，条款约定最多 {persons} 人。");
                let reason = term.reason("over-capacity", zh, format!("They state {stated} people at most; the clause allows {persons}."));
                reason.figure(persons).about("/max_persons")
            });
            over.into_iter().collect()
        }
        Payload::OpenHours(open) => {
            let found = clashes(figures, open, &days(term, open), day_type, |stated, open| !covered(stated, open));
            let told = |clash: Clash| {
                let (zh_day, en_day) = clash.when();
                let (span, shown) = (clash.stated, super::show_spans(&clash.clause));
                let zh = match clash.clause.is_empty() {
                    true => format!("须知写了{zh_day}开放 {span}，条款约定这天不开放。"),
                    false => format!("须知写了{zh_day}开放 {span}，条款约定的开放时间是 {}。", shown.replace(", ", "、")),
                };
                let en = format!("They state {span} on {en_day}; the clause says {shown}.");
                term.reason("outside-hours", zh, en).figure(shown).about(clash.field)
            };
            found.into_iter().map(told).collect()
        }
        Payload::ReservedHours { hours, .. } => {
            let found = clashes(figures, hours, &days(term, hours), day_type, meets);
            found.into_iter().map(|clash| kept(term, clash, "reserved-hours", "提供方自己用", "the owner keeps")).collect()
        }
        Payload::Maintenance { hours, .. } => {
            let found = clashes(figures, hours, &days(term, hours), day_type, meets);
            found.into_iter().map(|clash| kept(term, clash, "maintenance", "打扫维护", "upkeep keeps")).collect()
        }
        Payload::Uses { uses, .. } => {
            let named = |asked: Use| uses.iter().any(|named| asked.is_covered_by(*named));
            let allowed = term.kind == ClauseKind::AllowedUses;
            let (code, zh, en) = match allowed {
                true => ("use-not-allowed", "条款约定的用途里没有", "the clause does not allow"),
                false => ("use-prohibited", "条款约定不能用于", "the clause prohibits"),
            };
            let stated = figures.uses.iter().enumerate().filter(|(_, stated)| named(**stated) != allowed);
            let told = |(i, stated): (usize, &Use)| {
                let zh = format!("须知写了可以用于{0}，{zh}{0}。", stated.zh());
                term.reason(code, zh, format!("They state {}, which {en}.", stated.en())).figure(stated).about(format!("/uses/{i}"))
            };
            stated.map(told).collect()
        }
        Payload::PriceCeiling { ceilings } => {
            let over = figures.fees.iter().enumerate().filter_map(|(i, fee)| {
                let limit = crate::kernel::Fen(limit(ceilings, fee).filter(|limit| *limit < fee.fen.0)?);
                let zh = format!("须知写了收费 {} 元，条款约定的上限是 {limit} 元。", fee.fen);
                let en = format!("They state {} yuan; the clause allows {limit}.", fee.fen);
                Some(term.reason("over-ceiling", zh, en).figure(limit).about(format!("/fees/{i}")))
            });
            over.collect()
        }
        _ => Vec::new(),
    }
}

fn covered(span: Span, by: &[Span]) -> bool {
    by.iter().any(|open| open.from <= span.from && span.to <= open.to)
}

fn meets(span: Span, kept: &[Span]) -> bool {
    kept.iter().any(|kept| kept.from < span.to && span.from < kept.to)
}

/// Stated hours that meet what is kept from the public.
fn kept(term: &TermInForce, clash: Clash, code: &str, zh: &str, en: &str) -> Reason {
    let (zh_day, en_day) = clash.when();
    let met: Vec<Span> = clash.clause.iter().copied().filter(|kept| meets(clash.stated, &[*kept])).collect();
    let shown = super::show_spans(&met);
    let zh = format!("须知写的开放时间里有{zh_day} {}，条款约定这段时间{zh}。", shown.replace(", ", "、"));
    term.reason(code, zh, format!("The stated hours hold {shown} on {en_day}, which {en}.")).figure(shown).about(clash.field)
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
    use super::super::samples::{at, beijing, daily, dated, row, span, usual, weekly};
    use super::*;
    use crate::kernel::Fen;
    use crate::kernel::id::Id;
    use crate::terms::model::{HolidayRule, MakeupRule, Per};

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

    /// Two days off and a Saturday that is worked, in a year without others.
    fn of_week(on: Day) -> DayType {
        match on.to_string().as_str() {
            "2026-10-01" | "2026-10-02" => DayType::Holiday,
            "2026-10-10" => DayType::MakeupWorkday,
            _ if matches!(Weekday::of(on), Weekday::Sat | Weekday::Sun) => DayType::Weekend,
            _ => DayType::Workday,
        }
    }

    /// The clauses of [`usual`], with more.
    fn told(figures: &Figures, more: Vec<TermInForce>) -> Vec<(String, String, String)> {
        let rows: Vec<TermInForce> = usual().into_iter().chain(more).collect();
        let reasons = outside(figures, &rows, at("2026-06-01 10:00"), &beijing(), &of_week);
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
        let hours = |from: &str, to: &str| Figures { hours: daily(from, to), ..Figures::default() };
        assert_eq!(told(&hours("08:30", "21:00"), vec![]), []);
        assert_eq!(told(&hours("08:30", "21:01"), vec![]), one("outside-hours", "hours", "08:30–21:00"));
        assert_eq!(told(&hours("08:29", "21:00"), vec![]), one("outside-hours", "hours", "08:30–21:00"));
        // What is kept may be touched, not met.
        let by = || "unit".to_owned();
        let lunch = || Payload::ReservedHours { reserved_for: by(), hours: weekly(&[(&["mon"], "12:00", "14:00")]) };
        let kept = || vec![row("lunch", ClauseKind::ReservedHours, lunch())];
        let on = |day: &str, from: &str, to: &str| {
            let hours = weekly(&[(&[day], from, to)]);
            Figures { hours, ..Figures::default() }
        };
        assert_eq!(told(&on("mon", "14:00", "20:00"), kept()), []);
        assert_eq!(told(&on("tue", "09:00", "20:00"), kept()), []);
        assert_eq!(told(&on("mon", "13:59", "20:00"), kept()), one("reserved-hours", "lunch", &span("12:00", "14:00").to_string()));
        let clean = vec![row("clean", ClauseKind::Maintenance, Payload::Maintenance { notice_days: 3, hours: daily("20:00", "21:00") })];
        assert_eq!(told(&on("sun", "09:00", "20:01"), clean), one("maintenance", "clean", "20:00–21:00"));
    }

    /// Code, field, figure and Chinese text of what lies outside these open hours, from 1 June 2026 to the end of the year.
    fn days(stated: Weekly, clause: Weekly) -> Vec<(String, String, String)> {
        let open = row("open", ClauseKind::OpenHours, Payload::OpenHours(clause));
        let grant = usual().into_iter().find(|term| term.kind == ClauseKind::SpaceGrant).unwrap();
        let figures = Figures { hours: stated, ..Figures::default() };
        let reasons = outside(&figures, &[grant, open], at("2026-06-01 10:00"), &beijing(), &of_week);
        assert!(reasons.iter().all(|r| r.code == "outside-hours" && r.clause.as_deref() == Some("open")));
        reasons.into_iter().map(|r| (r.field.unwrap(), r.figure.unwrap(), r.zh)).collect()
    }

    fn fields(stated: Weekly, clause: Weekly) -> Vec<(String, String)> {
        days(stated, clause).into_iter().map(|(field, figure, _)| (field, figure)).collect()
    }

    #[test]
    fn stated_hours_hold_on_dates_a_clause_has_hours_of_its_own_for() {
        let clause = |dates| Weekly { dates, ..daily("08:30", "21:00") };
        let stated = || daily("09:00", "20:00");
        let closed = || vec![dated("2026-08-03", "2026-08-05", &[])];
        assert_eq!(fields(stated(), clause(vec![])), []);
        let told = days(stated(), clause(closed()));
        assert_eq!(told.len(), 1, "three days, one reason: {told:?}");
        assert_eq!((told[0].0.as_str(), told[0].1.as_str()), ("/hours/0", "closed"));
        assert!(told[0].2.contains("8月3日等 3 天开放 09:00–20:00，条款约定这天不开放"), "{}", told[0].2);
        // Said to be closed too, or to keep within; one minute more does not.
        let but = |first: &str, last: &str, spans: &[(&str, &str)]| Weekly { dates: vec![dated(first, last, spans)], ..stated() };
        assert_eq!(fields(but("2026-08-03", "2026-08-05", &[]), clause(closed())), []);
        assert_eq!(fields(but("2026-08-03", "2026-08-04", &[]), clause(closed())), [("/hours/0".into(), "closed".into())]);
        let short = || vec![dated("2026-08-03", "2026-08-05", &[("10:00", "16:00")])];
        assert_eq!(fields(but("2026-08-03", "2026-08-05", &[("10:00", "16:00")]), clause(short())), []);
        let over = fields(but("2026-08-03", "2026-08-05", &[("10:00", "16:01")]), clause(short()));
        assert_eq!(over, [("/dates/0".into(), "10:00–16:00".into())]);
        // A date of the stated hours is held against an ordinary day of the clause.
        let early = fields(but("2026-08-03", "2026-08-03", &[("08:29", "12:00")]), clause(vec![]));
        assert_eq!(early, [("/dates/0".into(), "08:30–21:00".into())]);
        // A weekday that is not stated is not held, nor are dates before they begin or after the clause has ended.
        let weekend = weekly(&[(&["sat", "sun"], "09:00", "20:00")]);
        assert_eq!(fields(weekend, clause(closed())), []);
        let past = vec![dated("2026-05-01", "2026-05-31", &[]), dated("2027-01-01", "2027-01-03", &[])];
        assert_eq!(fields(stated(), clause(past)), []);
        assert_eq!(fields(stated(), clause(vec![dated("2026-05-01", "2026-06-01", &[])])), [("/hours/0".into(), "closed".into())]);
        assert_eq!(fields(stated(), clause(vec![dated("2026-12-31", "2027-02-01", &[])])), [("/hours/0".into(), "closed".into())]);
        // All the time there is, and no week like others in it.
        assert_eq!(fields(stated(), clause(vec![dated("2026-01-01", "2026-12-31", &[("09:00", "20:00")])])), []);
    }

    #[test]
    fn stated_hours_hold_on_days_off_and_on_days_worked_for_them() {
        let sunday = || weekly(&[(&["mon", "tue", "wed", "thu", "fri", "sat"], "08:30", "21:00"), (&["sun"], "10:00", "16:00")]);
        let stated = || weekly(&[(&["thu", "fri", "sat"], "09:00", "20:00")]);
        let by = |holidays, makeup_workdays| Weekly { holidays, makeup_workdays, ..sunday() };
        assert_eq!(fields(stated(), by(HolidayRule::AsUsual, MakeupRule::AsUsual)), []);
        assert_eq!(fields(stated(), by(HolidayRule::Closed, MakeupRule::AsUsual)), [("/hours/0".into(), "closed".into())]);
        let told = days(stated(), by(HolidayRule::AsSunday, MakeupRule::AsUsual));
        assert_eq!((told.len(), told[0].1.as_str()), (1, "10:00–16:00"));
        assert!(told[0].2.contains("10月1日等 2 天"), "{}", told[0].2);
        let closed = Weekly { holidays: HolidayRule::Closed, ..stated() };
        assert_eq!(fields(closed, by(HolidayRule::AsSunday, MakeupRule::AsUsual)), []);
        // A Saturday that is worked keeps Monday's hours.
        let short_monday = Weekly {
            makeup_workdays: MakeupRule::AsMonday,
            ..weekly(&[(&["mon"], "09:00", "12:00"), (&["thu", "fri", "sat"], "08:30", "21:00")])
        };
        assert_eq!(fields(stated(), short_monday), [("/hours/0".into(), "09:00–12:00".into())]);
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
        let outside = |rows: &[TermInForce], when| outside(&Figures::default(), rows, at(when), &beijing(), &of_week);
        let nothing = outside(&[], "2026-06-01 10:00");
        assert_eq!(nothing.iter().map(|r| r.code.as_str()).collect::<Vec<_>>(), ["no-agreement"]);
        assert_eq!(outside(&usual(), "2027-06-01 10:00").len(), 1, "it has ended");
    }
}
