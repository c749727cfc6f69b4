//! Pure decisions: may this be booked, may that be cancelled. [`attendance`]: who came and what
//! follows; [`waiting`]: who stands before whom.

pub mod attendance;
pub mod waiting;

use super::model::{Approver, Booking, BookingState, PinnedClause};
use crate::kernel::id::AccountId;
use crate::kernel::time::{Day, show_minute};
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Reason, Zone};
use crate::places::model::{Site, SiteRules, Space};
use crate::pricing::model::{Quote, Tariff};
use crate::terms::model::{ClauseKind, DayType, TermInForce, Use};
use crate::terms::rules::{self as terms_rules, ClauseName, Decision, Verdict};

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

/// What the rules say of a wish; overlap is not among them, the claim decides that.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdicts {
    /// All refusals, in fixed order: time rules of the site, then the clauses by kind, then the price.
    pub reasons: Vec<Reason>,
    /// The price.
    pub quote: Option<Quote>,
    /// With set-up and clean-up.
    pub occupancy: Period,
    /// The grant's agreement and version, where there is one.
    pub grant: Option<ClauseName>,
    /// Every clause that was asked.
    pub clauses: Vec<PinnedClause>,
    /// Who must agree before it is booked, by which clause.
    pub approvals: Vec<(ClauseName, terms_rules::Approver)>,
}

/// The wished period with the space's set-up and clean-up.
pub fn occupancy(space: &Space, period: Period) -> Period {
    period.widened(i64::from(space.setup_minutes), i64::from(space.cleanup_minutes))
}

/// Judges a wish by every rule at once.
pub fn admit(given: &Circumstances, wish: &Wish, day_type: &dyn Fn(Day) -> DayType) -> Verdicts {
    let zone = &given.site.zone;
    let occupancy = occupancy(given.space, wish.period);
    let quote = crate::pricing::rules::quote(given.tariffs, wish.use_code, wish.period.minutes(), wish.attendees);
    let mut reasons: Vec<Reason> = [
        in_the_past(wish.period, given.now),
        too_short_notice(wish.period, given.site.rules, given.now),
        beyond_horizon(wish.period, given.site.rules, zone, given.now),
        off_grid(wish.period, given.site.rules, zone),
        too_short(wish.period, given.site.rules),
        too_long(wish.period, given.site.rules),
    ]
    .into_iter()
    .flatten()
    .collect();
    let ask = terms_rules::Ask {
        zone: zone.clone(),
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
    if quote.is_none() {
        reasons.push(Reason::plain(
            "no-price",
            format!("这里还没有公布“{}”的价格。", wish.use_code.zh()),
            format!("No price is published here for {}.", wish.use_code.en()),
        ));
    }
    Verdicts { reasons, quote, occupancy, grant, clauses, approvals }
}

fn in_the_past(period: Period, now: Instant) -> Option<Reason> {
    (period.start() < now).then(|| Reason::plain("past", "这个时间已经过去了。", "That time has passed."))
}

fn too_short_notice(period: Period, rules: SiteRules, now: Instant) -> Option<Reason> {
    let lead = i64::from(rules.lead_minutes);
    let late = period.start() >= now && period.start() < now.plus_minutes(lead);
    late.then(|| {
        Reason::plain("short-notice", format!("要至少提前 {lead} 分钟预订。"), format!("Book at least {lead} minutes ahead.")).figure(lead)
    })
}

fn beyond_horizon(period: Period, rules: SiteRules, zone: &Zone, now: Instant) -> Option<Reason> {
    let days = i64::from(rules.horizon_days).min(FARTHEST_DAYS);
    // A whole day becomes bookable at its midnight, not minute by minute.
    let last = zone.day_of(now.plus_days(days));
    (zone.day_of(period.start()) > last).then(|| {
        Reason::plain(
            "beyond-horizon",
            format!("最多提前 {days} 天预订,现在可以订到 {last}。"),
            format!("At most {days} days ahead: until {last} today."),
        )
        .figure(last)
    })
}

fn off_grid(period: Period, rules: SiteRules, zone: &Zone) -> Option<Reason> {
    let grid = i64::from(rules.granularity_minutes.max(1));
    let on = |at: Instant| i64::from(zone.minute_of(at).1) % grid == 0 && at.0 % 60_000_000 == 0;
    let (start, end) = (zone.minute_of(period.start()).1, zone.minute_of(period.end()).1);
    (!on(period.start()) || !on(period.end())).then(|| {
        let shown = format!("{}–{}", show_minute(start), show_minute(end));
        Reason::plain(
            "off-grid",
            format!("开始和结束要在 {grid} 分钟的整点上。"),
            format!("Start and end must lie on steps of {grid} minutes."),
        )
        .figure(shown)
    })
}

fn too_short(period: Period, rules: SiteRules) -> Option<Reason> {
    let least = rules.min_minutes;
    (period.minutes() < i64::from(least))
        .then(|| Reason::plain("too-short", format!("最短 {least} 分钟。"), format!("At least {least} minutes.")).figure(least))
}

fn too_long(period: Period, rules: SiteRules) -> Option<Reason> {
    let most = rules.max_minutes;
    (period.minutes() > i64::from(most))
        .then(|| Reason::plain("too-long", format!("一次最长 {most} 分钟。"), format!("At most {most} minutes at a time.")).figure(most))
}

/// What somebody is told who wants to book at once what must be agreed to first.
pub fn needs_approval(clause: &ClauseName, approver: &terms_rules::Approver) -> Reason {
    let (who, hours) = (approver.capacity, approver.deadline_hours);
    let reason = Reason::plain(
        "needs-approval",
        format!("要先得到{}同意,{hours} 小时内会答复。", who.zh()),
        format!("The {} must agree first, and answers within {hours} hours.", who.en()),
    );
    Reason {
        clause: Some(clause.clause.clone()),
        agreement: Some(clause.agreement_code.clone()),
        version: Some(clause.version_no),
        ..reason.figure(hours)
    }
}

/// The reason given when somebody else has the time.
pub fn taken() -> Reason {
    Reason::plain("period-taken", "这段时间已经有人订了(含布置和打扫)。", "Somebody has that time already (set-up and cleaning included).")
}

/// The same, where nothing else is against it: one can wait for it.
pub fn taken_but_one_can_wait() -> Reason {
    let taken = taken();
    Reason {
        zh: format!("{}可以排队,空出来先留给排队的人。", taken.zh),
        en: format!("{} You can join the waiting list: what comes free goes to those who wait first.", taken.en),
        ..taken
    }
}

/// When a request expires: at the earliest of its clauses' deadlines, and never after its start.
pub fn deadline(approvals: &[(ClauseName, terms_rules::Approver)], period: Period, now: Instant) -> Instant {
    let times = approvals.iter().map(|(_, asked)| now.plus_minutes(asked.deadline_hours.saturating_mul(60)));
    times.chain([period.start()]).min().unwrap_or(now)
}

/// May the request be answered by `account` now? In time, and never by the person who asked.
pub fn answer(booking: &Booking, approvers: &[Approver], account: &AccountId, now: Instant) -> Outcome<()> {
    let confirmed = (booking.state == BookingState::Confirmed).then_some(("这次预订已经订好了。", "This booking is confirmed already."));
    if let Some((zh, en)) = confirmed.or_else(|| over(booking.state)) {
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    if approvers.iter().any(|approver| approver.deadline_at <= now) {
        let (zh, en) = ("这份申请的答复期限已经过了。", "The time to answer this request is over.");
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    if booking.account == *account {
        return Err(Fault::saying(Code::Forbidden, "自己的申请要由别人来批。", "Somebody else must answer one's own request."));
    }
    Ok(())
}

/// Why nothing more can become of a booking in that state.
fn over(state: BookingState) -> Option<(&'static str, &'static str)> {
    Some(match state {
        BookingState::Requested | BookingState::Held | BookingState::Confirmed => return None,
        BookingState::CheckedIn => ("人已经到了,正在使用。", "Somebody came and is using the space."),
        BookingState::Completed => ("这次使用已经结束了。", "This use is over."),
        BookingState::NoShow => ("没有人按时到,这次预订已经放开了。", "Nobody came in time; this booking was released."),
        BookingState::Refused => ("这份申请已经被拒绝了。", "This request was refused already."),
        BookingState::Expired => ("没有按时答复,已经过期了。", "Nobody answered in time; it has expired."),
        BookingState::Cancelled => ("这次预订已经取消了。", "This booking is cancelled already."),
        BookingState::Moved => ("这次预订已经改到别的时间或地方了。", "This booking was moved to another time or room."),
        BookingState::Interrupted => ("这次使用已经中止了。", "This use was interrupted."),
    })
}

/// May the booking be cancelled by its holder now?
pub fn cancel(booking: &Booking, now: Instant) -> Outcome<()> {
    if let Some((zh, en)) = over(booking.state) {
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    if booking.period.start() <= now {
        return Err(Fault::saying(Code::StateConflict, "已经开始的预订不能取消。", "A booking that has begun cannot be cancelled."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> SiteRules {
        SiteRules { granularity_minutes: 30, min_minutes: 30, max_minutes: 240, lead_minutes: 60, horizon_days: 60, no_show_minutes: 15 }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(at(from), at(to)).unwrap()
    }

    #[test]
    fn a_request_waits_for_the_strictest_clause_and_never_beyond_its_start() {
        use crate::kernel::id::{AgreementId, Id, VersionId};
        use crate::terms::model::PartyCapacity;
        let asked = |deadline_hours| {
            let (agreement_code, clause) = ("hub".to_owned(), "consent".to_owned());
            let name = ClauseName { agreement: AgreementId::fresh(), agreement_code, version: VersionId::fresh(), version_no: 1, clause };
            (name, terms_rules::Approver { capacity: PartyCapacity::Community, deadline_hours })
        };
        let now = at("2026-11-28T10:00:00+08:00");
        let show = period("2026-12-01T10:00:00+08:00", "2026-12-01T11:00:00+08:00");
        assert_eq!(deadline(&[asked(48), asked(24)], show, now), at("2026-11-29T10:00:00+08:00"));
        assert_eq!(deadline(&[asked(72)], show, now), show.start());
        assert_eq!(deadline(&[asked(73)], show, now), show.start());
        assert_eq!(deadline(&[asked(i64::MAX)], show, now), show.start());
    }

    #[test]
    fn the_sites_rules_hold_to_the_minute() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let now = at("2026-11-22T10:00:00+08:00");
        let code = |reason: Option<Reason>| reason.map(|r| r.code);
        let hour = |start: &str| period(start, &at(start).plus_minutes(60).to_string());

        assert_eq!(code(in_the_past(hour("2026-11-22T09:30:00+08:00"), now)).as_deref(), Some("past"));
        assert_eq!(code(in_the_past(hour("2026-11-22T10:00:00+08:00"), now)), None);
        assert_eq!(code(too_short_notice(hour("2026-11-22T10:30:00+08:00"), rules(), now)).as_deref(), Some("short-notice"));
        assert_eq!(code(too_short_notice(hour("2026-11-22T11:00:00+08:00"), rules(), now)), None);

        // The whole 60th day is open, from its first minute to its last.
        assert_eq!(code(beyond_horizon(hour("2027-01-21T23:00:00+08:00"), rules(), &zone, now)), None);
        assert_eq!(code(beyond_horizon(hour("2027-01-22T00:00:00+08:00"), rules(), &zone, now)).as_deref(), Some("beyond-horizon"));
        let far = SiteRules { horizon_days: 10_000, ..rules() };
        assert_eq!(code(beyond_horizon(hour("2028-01-22T00:00:00+08:00"), far, &zone, now)).as_deref(), Some("beyond-horizon"));

        assert_eq!(
            code(off_grid(period("2026-11-23T10:15:00+08:00", "2026-11-23T11:00:00+08:00"), rules(), &zone)).as_deref(),
            Some("off-grid")
        );
        assert_eq!(
            code(off_grid(period("2026-11-23T10:00:01+08:00", "2026-11-23T11:00:00+08:00"), rules(), &zone)).as_deref(),
            Some("off-grid")
        );
        assert_eq!(code(off_grid(hour("2026-11-23T10:30:00+08:00"), rules(), &zone)), None);
        // Kathmandu is 5:45 ahead: the grid is the site's, not that of UTC.
        let kathmandu = Zone::named("Asia/Kathmandu").unwrap();
        assert_eq!(code(off_grid(hour("2026-11-23T10:30:00+05:45"), rules(), &kathmandu)), None);
        assert_eq!(code(off_grid(hour("2026-11-23T10:30:00+08:00"), rules(), &kathmandu)).as_deref(), Some("off-grid"));

        assert_eq!(
            code(too_short(period("2026-11-23T10:00:00+08:00", "2026-11-23T10:29:00+08:00"), rules())).as_deref(),
            Some("too-short")
        );
        assert_eq!(code(too_long(period("2026-11-23T10:00:00+08:00", "2026-11-23T14:00:00+08:00"), rules())), None);
        assert_eq!(code(too_long(period("2026-11-23T10:00:00+08:00", "2026-11-23T14:30:00+08:00"), rules())).as_deref(), Some("too-long"));
    }
}
