//! Pure decisions: may this be booked, may that be cancelled. Each rule is a small function of its own, tested at its edges.
//!
//! - [`lead`], [`horizon`], [`length`]: when, and how long · [`crowd`]: how many people, and children among them
//! - [`quota`], [`chain`], [`at_once`]: what one holder may have · [`equipment`]: what is lent with a room
//! - [`series`]: the days of a series · [`set_aside`]: which rules the community may set aside
//! - [`requests`], [`cancellation`], [`moving`]: what becomes of a booking · [`waiting`]: who stands before whom
//! - [`attendance`]: who came, and what follows from not coming
//! - [`admit`], [`admit_for`]: all of them at once, in fixed order

pub mod at_once;
pub mod attendance;
pub mod cancellation;
pub mod chain;
pub mod crowd;
pub mod equipment;
pub mod horizon;
pub mod lead;
pub mod length;
pub mod moving;
pub mod quota;
pub mod requests;
#[cfg(test)]
pub(crate) mod samples;
pub mod series;
pub mod set_aside;
pub mod waiting;

pub use cancellation::{cancel, reverse};
pub use requests::{answer, deadline, needs_approval};

use super::model::attendance::Missed;
use super::model::{Children, HolderFacts, PinnedClause, Settable, Used, Verdicts, Wanted};
use crate::kernel::id::{AtomId, SpaceId};
use crate::kernel::time::Day;
use crate::kernel::{Instant, Period, Reason};
use crate::places::model::{QuotaHolder, Site, Space};
use crate::pricing::model::{Quote, Tariff};
use crate::terms::model::{ClauseKind, DayType, TermInForce, Use};
use crate::terms::rules::{self as terms_rules, Decision, Verdict};

/// Latest any booking may start, whatever a site says.
pub const FARTHEST_DAYS: i64 = 400;

/// Everything a decision needs, read beforehand.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The space.
    pub space: &'a Space,
    /// Its site.
    pub site: &'a Site,
    /// Every row of the space's terms that overlaps the occupancy, and what ended before when there is none.
    pub terms: &'a [TermInForce],
    /// Tariffs that may apply.
    pub tariffs: &'a [Tariff],
    /// The present moment.
    pub now: Instant,
}

/// What is asked, without who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// When.
    pub period: Period,
    /// What for.
    pub use_code: Use,
    /// How many people.
    pub attendees: i64,
}

/// Who asks and what else they want, as far as the rules look at it. The default is nobody in particular who wants a room.
#[derive(Debug, Clone, Default)]
pub struct Whose {
    /// It is one of a series, which reaches further.
    pub series: bool,
    /// Whose bookings a quota counts; `None`: no rule about holders is asked.
    pub holder: Option<QuotaHolder>,
    /// Who the holder is, where residents come first.
    pub facts: Option<HolderFacts>,
    /// What the holder has, around the time asked for.
    pub uses: Vec<Used>,
    /// Bookings of the last twelve months the holder did not come to.
    pub missed: Vec<Missed>,
    /// Something of the holder is counted.
    pub counted: bool,
    /// There is a limit of how much the holder may have.
    pub limited: bool,
    /// Atoms of the spaces in `uses`.
    pub atoms: Vec<(SpaceId, AtomId)>,
    /// The spaces that clauses with a quota bind.
    pub bound: Vec<(TermInForce, Vec<SpaceId>)>,
    /// Children among the people.
    pub children: Children,
    /// Equipment that is wanted.
    pub equipment: Vec<Wanted>,
    /// Rules that are set aside.
    pub set_aside: Vec<Settable>,
}

/// The wished period with the space's set-up and clean-up.
pub fn occupancy(space: &Space, period: Period) -> Period {
    period.widened(i64::from(space.setup_minutes), i64::from(space.cleanup_minutes))
}

/// Judges a wish of nobody in particular by every rule at once.
pub fn admit(given: &Circumstances, wish: &Wish, day_type: &dyn Fn(Day) -> DayType) -> Verdicts {
    admit_for(given, wish, &Whose::default(), day_type)
}

/// Judges somebody's wish by every rule at once.
pub fn admit_for(given: &Circumstances, wish: &Wish, whose: &Whose, day_type: &dyn Fn(Day) -> DayType) -> Verdicts {
    let occupancy = occupancy(given.space, wish.period);
    let quote = crate::pricing::rules::quote(given.tariffs, wish.use_code, wish.period.minutes(), wish.attendees);
    let in_effect = terms_rules::in_effect(given.terms, wish.period.start());
    let mut reasons = of_the_site(given, wish, whose, &in_effect, day_type);
    reasons.extend(of_the_holder(given, wish.period, occupancy, whose, &in_effect));
    let ask = terms_rules::Ask {
        zone: given.site.zone.clone(),
        period: wish.period,
        occupancy,
        use_code: wish.use_code,
        attendees: wish.attendees,
        charge: quote.as_ref().map(Quote::charge),
    };
    let verdicts = terms_rules::decide(given.terms, &ask, day_type);
    let named = |v: &Verdict| matches!(v.decision, Decision::Allow).then(|| v.clause.clone()).flatten();
    let grant = verdicts.iter().filter(|v| v.kind == ClauseKind::SpaceGrant).find_map(named);
    let clauses = verdicts.iter().filter_map(|v| v.clause.as_ref()).map(PinnedClause::of).collect();
    let approvals = terms_rules::approvals(&verdicts);
    reasons.extend(terms_rules::refusals(verdicts));
    reasons.extend(crowd::minors(whose.children, wish.attendees, &in_effect));
    if quote.is_none() {
        reasons.push(Reason::plain(
            "no-price",
            format!("这里还没有公布“{}”的价格。", wish.use_code.zh()),
            format!("No price is published here for {}.", wish.use_code.en()),
        ));
    }
    reasons.extend(equipment::equipment_out(occupancy, &whose.equipment));
    let set_aside = set_aside::set_aside(&mut reasons, &in_reach(given, wish.period, &whose.set_aside));
    Verdicts { reasons, quote, occupancy, grant, clauses, approvals, set_aside }
}

/// The rules that may really be set aside for this period: never the farthest day of all, never parts of a minute.
fn in_reach(given: &Circumstances, period: Period, rules: &[Settable]) -> Vec<Settable> {
    let may = |rule: &&Settable| match rule {
        Settable::Horizon => !horizon::beyond_the_farthest(period, &given.site.zone, given.now),
        Settable::Granularity => length::on_whole_minutes(period),
        Settable::LeadTime | Settable::Duration | Settable::Quota => true,
    };
    rules.iter().filter(may).copied().collect()
}

fn of_the_site(
    given: &Circumstances,
    wish: &Wish,
    whose: &Whose,
    in_effect: &[&TermInForce],
    day_type: &dyn Fn(Day) -> DayType,
) -> Vec<Reason> {
    let (zone, rules, now, period) = (&given.site.zone, &given.site.rules, given.now, wish.period);
    let horizon = if whose.series { rules.limits.series_horizon_days } else { rules.horizon_days };
    let said = [
        lead::in_the_past(period, now),
        lead::too_short_notice(period, rules.lead_minutes, now),
        lead::too_few_working_days(period, rules.limits.lead_working_days, zone, now, day_type),
        horizon::beyond_horizon(period, horizon, zone, now),
        horizon::residents_first(period, rules.limits.residents_first_days, whose.facts.as_ref(), in_effect, zone, now),
        length::off_grid(period, rules.granularity_minutes, zone),
        length::too_short(period, rules.min_minutes),
        length::too_long(period, rules.max_minutes),
        crowd::large_event(wish.attendees),
    ];
    said.into_iter().flatten().collect()
}

fn of_the_holder(given: &Circumstances, period: Period, occupancy: Period, whose: &Whose, in_effect: &[&TermInForce]) -> Vec<Reason> {
    let Some(holder) = whose.holder else { return Vec::new() };
    let (site, rules) = (given.site, &given.site.rules);
    let limits = quota::limits(&site.id, &rules.limits.quotas, in_effect, holder, &whose.bound);
    let mut reasons = quota::over_quota(&limits, &site.zone, &whose.uses, period);
    reasons.extend(attendance::held_back(&whose.missed, period.start(), &site.zone, given.now));
    reasons.extend(chain::joined_too_long(period, occupancy, given.space, rules, &whose.uses, &whose.atoms));
    reasons.extend(at_once::too_many_at_once(period, rules.limits.at_once, &site.id, &whose.uses));
    reasons
}

/// The same, where nothing else is against it: one can wait for it.
pub fn taken_but_one_can_wait() -> Reason {
    let taken = taken();
    Reason {
        zh: format!("{}可以排队，空出来先留给排队的人。", taken.zh),
        en: format!("{} You can join the waiting list: what comes free goes to those who wait first.", taken.en),
        ..taken
    }
}

/// The reason given when somebody else has the time.
pub fn taken() -> Reason {
    Reason::plain(
        "period-taken",
        "这段时间已经有人订了（含布置和打扫）。",
        "Somebody has that time already (set-up and cleaning included).",
    )
}

#[cfg(test)]
mod tests {
    use super::samples::{hall, period};
    use super::*;

    #[test]
    fn set_up_and_clean_up_are_occupied_too_to_the_minute() {
        let mut space = hall();
        let ten = period("2026-12-01T10:00:00+08:00", "2026-12-01T11:00:00+08:00");
        assert_eq!(occupancy(&space, ten), ten, "neither");
        (space.setup_minutes, space.cleanup_minutes) = (30, 15);
        let occupied = occupancy(&space, ten);
        assert_eq!(occupied, period("2026-12-01T09:30:00+08:00", "2026-12-01T11:15:00+08:00"));
        let meets = |from: &str, to: &str| {
            let whole = |time: &str| format!("2026-12-01T{time}:00+08:00");
            occupancy(&space, period(&whole(from), &whole(to))).overlaps(&occupied)
        };
        // Cleaned until 9:30 where this is set up from then on; set up from 11:15 where this is cleaned until then.
        assert_eq!([meets("08:30", "09:15"), meets("08:30", "09:16")], [false, true]);
        assert_eq!([meets("11:45", "12:30"), meets("11:44", "12:30")], [false, true]);
        let midnight = period("2026-12-01T00:00:00+08:00", "2026-12-02T00:00:00+08:00");
        assert_eq!(occupancy(&space, midnight), period("2026-11-30T23:30:00+08:00", "2026-12-02T00:15:00+08:00"));
    }
}
