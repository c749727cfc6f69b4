//! How far ahead one books, and who comes first on a day that has just opened.

use super::FARTHEST_DAYS;
use crate::bookings::model::HolderFacts;
use crate::kernel::time::{Day, say_day};
use crate::kernel::{Instant, Period, Reason, Zone};
use crate::people::model::OrganisationKind;
use crate::terms::model::{Payload, PriorityClass, TermInForce};
use jiff::ToSpan;

/// The last day that can be booked so many days ahead. A whole day opens at its midnight, not minute by minute, and days are those of
/// the calendar, whatever the clocks do.
pub fn days_ahead(days: i64, zone: &Zone, now: Instant) -> Day {
    zone.day_of(now).saturating_add(days.days())
}

fn is_beyond(period: Period, days: i64, zone: &Zone, now: Instant) -> bool {
    zone.day_of(period.start()) > days_ahead(days, zone, now)
}

/// It starts later than anything may, whatever a site says.
pub fn beyond_the_farthest(period: Period, zone: &Zone, now: Instant) -> bool {
    is_beyond(period, FARTHEST_DAYS, zone, now)
}

/// `horizon_days` is the site's for what is asked: a single booking or one of a series.
pub fn beyond_horizon(period: Period, horizon_days: i32, zone: &Zone, now: Instant) -> Option<Reason> {
    let days = i64::from(horizon_days).min(FARTHEST_DAYS);
    is_beyond(period, days, zone, now).then(|| {
        let last = days_ahead(days, zone, now);
        let (zh, en) = say_day(last);
        Reason::plain(
            "beyond-horizon",
            format!("最多提前 {days} 天预订，现在可以订到 {zh}。"),
            format!("At most {days} days ahead: until {en} today."),
        )
        .figure(last)
    })
}

/// Residents first: whoever does not come first books a day only from so many days before it. A priority clause in effect tells
/// who else comes first; what nobody can check without asking for personal data (age, disability) is no class here.
pub fn residents_first(
    period: Period,
    first_days: Option<i32>,
    holder: Option<&HolderFacts>,
    in_effect: &[&TermInForce],
    zone: &Zone,
    now: Instant,
) -> Option<Reason> {
    let days = i64::from(first_days?);
    let clause = in_effect.iter().find(|term| matches!(term.payload, Payload::Priority(_)));
    if comes_first(holder?, in_effect) || !is_beyond(period, days, zone, now) {
        return None;
    }
    let opens = zone.day_of(period.start()).saturating_sub(days.days());
    let zh = format!("这一天先留给本社区住户，{opens} 起大家都可以订（提前 {days} 天）。");
    let en = format!("That day is kept for the households of the community first; everybody may book it from {opens}, {days} days before.");
    let reason = clause.map_or_else(|| Reason::plain("residents-first", &*zh, &*en), |term| term.reason("residents-first", &*zh, &*en));
    Some(reason.figure(opens))
}

fn comes_first(holder: &HolderFacts, in_effect: &[&TermInForce]) -> bool {
    let named = |term: &&TermInForce| match &term.payload {
        Payload::Priority(priority) => priority.classes.iter().any(|class| match class {
            PriorityClass::Household | PriorityClass::Owner => holder.lives_here,
            PriorityClass::Party => holder.signed.contains(&term.version),
            PriorityClass::SocialOrganisation => holder.organisation == Some(OrganisationKind::SocialOrganisation),
            PriorityClass::Neighbour => holder.organisation.is_none(),
            PriorityClass::Elder | PriorityClass::Child | PriorityClass::Disabled => false,
        }),
        _ => false,
    };
    holder.lives_here || in_effect.iter().any(named)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, beijing, code, hour};
    use super::*;
    use crate::terms::rules::samples::{clause, row};
    use serde_json::json;

    const NOW: &str = "2026-11-22T10:00:00+08:00";

    #[test]
    fn the_whole_last_day_is_open_from_its_first_minute_to_its_last() {
        let horizon = |start: &str, days| code(beyond_horizon(hour(start), days, &beijing(), at(NOW)));
        assert_eq!(horizon("2027-01-21T23:00:00+08:00", 60), None);
        assert_eq!(horizon("2027-01-22T00:00:00+08:00", 60).as_deref(), Some("beyond-horizon"));
        assert_eq!(horizon("2027-11-23T23:00:00+08:00", 366), None, "a series reaches a year");
        assert_eq!(horizon("2027-11-24T00:00:00+08:00", 366).as_deref(), Some("beyond-horizon"));
        assert_eq!(horizon("2028-01-22T00:00:00+08:00", 10_000).as_deref(), Some("beyond-horizon"));
        assert!(!beyond_the_farthest(hour("2027-12-27T23:00:00+08:00"), &beijing(), at(NOW)));
        assert!(beyond_the_farthest(hour("2027-12-28T00:00:00+08:00"), &beijing(), at(NOW)));
    }

    #[test]
    fn days_are_those_of_the_calendar_where_the_clock_is_changed() {
        let new_york = Zone::named("America/New_York").unwrap();
        let sixty = |now: &str, start: &str| code(beyond_horizon(hour(start), 60, &new_york, at(now)));
        // Sixty times 24 hours later it is the 17th of March already, and still the 29th of November.
        assert_eq!(sixty("2026-01-15T23:30:00-05:00", "2026-03-17T09:00:00-04:00").as_deref(), Some("beyond-horizon"));
        assert_eq!(sixty("2026-01-15T23:30:00-05:00", "2026-03-16T23:00:00-04:00"), None);
        assert_eq!(sixty("2026-01-16T00:00:00-05:00", "2026-03-17T09:00:00-04:00"), None, "it opens at midnight");
        assert_eq!(sixty("2026-10-01T00:30:00-04:00", "2026-11-30T23:00:00-05:00"), None);
        assert_eq!(sixty("2026-10-01T00:30:00-04:00", "2026-12-01T00:00:00-05:00").as_deref(), Some("beyond-horizon"));
    }

    #[test]
    fn residents_come_first_until_the_day_opens_to_all() {
        let priority = |classes: serde_json::Value| {
            let made = clause("first", "priority", json!({ "classes": classes }), json!({}));
            row("first", made.kind, made.payload)
        };
        let judge = |start: &str, holder: &HolderFacts, terms: &[&TermInForce]| {
            residents_first(hour(start), Some(7), Some(holder), terms, &beijing(), at(NOW)).map(|r| (r.figure.unwrap(), r.clause))
        };
        let (near, far) = ("2026-11-29T23:00:00+08:00", "2026-11-30T00:00:00+08:00");
        let resident = HolderFacts { lives_here: true, ..HolderFacts::default() };
        let stranger = HolderFacts::default();
        let dancers = HolderFacts { organisation: Some(OrganisationKind::SocialOrganisation), ..HolderFacts::default() };
        assert_eq!(judge(far, &resident, &[]), None);
        assert_eq!(judge(far, &stranger, &[]), Some(("2026-11-23".into(), None)));
        assert_eq!((judge(near, &stranger, &[]), judge(near, &dancers, &[])), (None, None), "seven days before all may");
        // The clause names social organisations too, and is named.
        let theirs = priority(json!(["household", "elder", "social_organisation"]));
        assert_eq!(judge(far, &dancers, &[&theirs]), None);
        assert_eq!(judge(far, &stranger, &[&theirs]), Some(("2026-11-23".into(), Some("first".into()))));
        let around = priority(json!(["household", "neighbour", "party"]));
        assert_eq!(judge(far, &stranger, &[&around]), None);
        assert!(judge(far, &dancers, &[&around]).is_some());
        let party = HolderFacts { signed: vec![around.version.clone()], ..dancers };
        assert_eq!(judge(far, &party, &[&around]), None);
        assert_eq!(code(residents_first(hour(far), None, Some(&stranger), &[], &beijing(), at(NOW))), None);
        assert_eq!(code(residents_first(hour(far), Some(7), None, &[], &beijing(), at(NOW))), None, "nobody in particular");
    }
}
