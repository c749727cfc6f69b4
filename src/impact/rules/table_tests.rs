//! The table, cell by cell.

use super::*;
use crate::bookings::model::{BookingState, Channel, Children, Holder};
use crate::impact::model::{ImpactEventKind, Of};
use crate::kernel::id::{AccountId, AreaId, BookingId, HouseholdId, Id, SiteId, TariffId};
use crate::pricing::model::{Component, Tariff, TariffKind};
use crate::terms::model::{Ceiling, Per, Use};
use crate::terms::rules::samples::{at, beijing, daily, day, row, usual};

/// The new version takes effect on 1 March 2026, and bookings are protected until 15 March.
const EFFECT: &str = "2026-03-01 00:00";
const BEFORE: &str = "2026-02-20";
const INSIDE: &str = "2026-03-14";
const LATER: &str = "2026-03-15";

fn workday(_: Day) -> DayType {
    DayType::Workday
}

pub(super) fn booking(date: &str, from: &str, to: &str, attendees: i64) -> Booking {
    let period = Period::new(at(&format!("{date} {from}")), at(&format!("{date} {to}"))).unwrap();
    let part = Component { label_zh: "场地费".into(), label_en: None, fen: Fen(1000), per: Per::Session };
    let tariff = Tariff { id: TariffId::fresh(), use_code: None, kind: TariffKind::LowCost, components: vec![part] };
    let quote = pricing::rules::quote(&[tariff], Use::Meeting, period.minutes(), attendees).unwrap();
    let (agreement, version) = crate::terms::rules::samples::ids();
    Booking {
        id: BookingId::fresh(),
        site: SiteId::fresh(),
        space: SpaceId::fresh(),
        use_code: Use::Meeting,
        attendees,
        children: Children::default(),
        period,
        occupancy: period,
        state: BookingState::Confirmed,
        holder: Holder::Household(HouseholdId::fresh()),
        account: AccountId::fresh(),
        made_by: AccountId::fresh(),
        channel: Channel::Own,
        series: None,
        price: quote.total,
        quote,
        agreement,
        version,
        clauses: vec![],
        made_at: at("2026-01-05 10:00"),
        revision: 1,
    }
}

/// An event with these rows for every space.
fn event(space: &SpaceId, rows: Vec<TermInForce>, protected_days: Option<i64>) -> Event {
    let (agreement, version) = crate::terms::rules::samples::ids();
    let (area, sites) = (AreaId::fresh(), [SiteId::fresh()]);
    let of = Of { agreement: &agreement, area: &area, sites: &sites };
    let mut event = Event::amendment(of, &version, at(EFFECT), rows.into_iter().map(|row| (space.clone(), row)).collect());
    if let Change::Terms { protected_days: days, .. } = &mut event.change {
        *days = protected_days;
    }
    event
}

/// The usual rows of the next version from 1 March on, with one kind replaced.
fn version(change: impl Fn(&mut Vec<TermInForce>)) -> Vec<TermInForce> {
    let mut rows = usual();
    for row in &mut rows {
        row.version = Id::fresh();
        row.version_no = 3;
        row.from = at(EFFECT);
    }
    let next = rows[0].version.clone();
    change(&mut rows);
    for row in &mut rows {
        row.version = next.clone();
        row.version_no = 3;
        row.from = row.from.max(at(EFFECT));
    }
    rows
}

fn judged(rows: Vec<TermInForce>, booking: &Booking) -> Judged {
    SpaceTerms::new(&event(&booking.space, rows, Some(14)), &booking.space, usual()).judge(booking, &beijing(), &workday)
}

/// What becomes of the booking on a day before the effect, inside the protected days, and later.
fn cells(change: impl Fn(&mut Vec<TermInForce>), from: &str, to: &str, attendees: i64) -> [Disposition; 3] {
    [BEFORE, INSIDE, LATER].map(|date| judged(version(&change), &booking(date, from, to, attendees)).disposition)
}

fn put(kind: ClauseKind, payload: Payload) -> impl Fn(&mut Vec<TermInForce>) {
    move |rows| {
        rows.retain(|row| row.kind != kind);
        rows.push(row("changed", kind, payload.clone()));
    }
}

use Disposition::{BetterTermsApplied, Cancelled, Kept, RearrangeOffered, ReduceRequired, Unaffected};

#[test]
fn hours_narrower_and_wider() {
    let until_eight = put(ClauseKind::OpenHours, Payload::OpenHours(daily("08:30", "20:00")));
    assert_eq!(cells(&until_eight, "20:00", "21:00", 4), [Kept, Kept, RearrangeOffered]);
    assert_eq!(cells(&until_eight, "19:00", "20:00", 4), [Unaffected; 3]);
    let until_ten = put(ClauseKind::OpenHours, Payload::OpenHours(daily("08:30", "22:00")));
    assert_eq!(cells(&until_ten, "20:00", "21:00", 4), [Unaffected; 3]);
    let told = judged(version(&until_eight), &booking(LATER, "20:00", "21:00", 4));
    let [reason] = told.reasons.as_slice() else { panic!("{told:?}") };
    assert_eq!((reason.code.as_str(), reason.clause.as_deref(), reason.version), ("outside-hours", Some("changed"), Some(3)));
}

#[test]
fn reserved_and_quiet_hours_count_as_narrower_hours() {
    let kept = Payload::ReservedHours { reserved_for: "unit".into(), hours: daily("08:30", "12:00") };
    assert_eq!(cells(put(ClauseKind::ReservedHours, kept), "09:00", "10:00", 4), [Kept, Kept, RearrangeOffered]);
}

#[test]
fn uses_by_choice_and_for_safety() {
    let prohibited = |safety| put(ClauseKind::ProhibitedUses, Payload::Uses { uses: vec![Use::Meeting], safety });
    assert_eq!(cells(prohibited(false), "10:00", "11:00", 4), [Kept, Kept, RearrangeOffered]);
    assert_eq!(cells(prohibited(true), "10:00", "11:00", 4), [Cancelled; 3]);
    let allowed = put(ClauseKind::AllowedUses, Payload::Uses { uses: vec![Use::Reading], safety: false });
    assert_eq!(cells(allowed, "10:00", "11:00", 4), [Kept, Kept, RearrangeOffered]);
}

#[test]
fn capacity_for_comfort_and_for_safety() {
    let capacity = |basis| put(ClauseKind::Capacity, Payload::Capacity { persons: 20, basis });
    assert_eq!(cells(capacity(Capacity::Comfort), "10:00", "11:00", 21), [Kept, Kept, ReduceRequired]);
    assert_eq!(cells(capacity(Capacity::Safety), "10:00", "11:00", 21), [ReduceRequired; 3]);
    assert_eq!(cells(capacity(Capacity::Safety), "10:00", "11:00", 20), [Unaffected; 3]);
    assert_eq!(judged(version(capacity(Capacity::Safety)), &booking(BEFORE, "10:00", "11:00", 21)).limit, Some(20));
}

#[test]
fn a_space_that_is_no_longer_lent() {
    assert_eq!(
        cells(|rows| rows.retain(|row| row.kind != ClauseKind::SpaceGrant), "10:00", "11:00", 4),
        [Kept, RearrangeOffered, RearrangeOffered]
    );
    let shorter = put(ClauseKind::Term, Payload::Term { first_day: day("2026-03-01"), last_day: day("2026-03-13") });
    assert_eq!(cells(shorter, "10:00", "11:00", 4), [Unaffected, RearrangeOffered, RearrangeOffered]);
}

#[test]
fn a_lower_price_is_applied_from_the_effect_on() {
    let six = put(
        ClauseKind::PriceCeiling,
        Payload::PriceCeiling { ceilings: vec![Ceiling { use_code: None, fen: Fen(600), per: Per::Session }] },
    );
    assert_eq!(cells(&six, "10:00", "11:00", 4), [Unaffected, BetterTermsApplied, BetterTermsApplied]);
    let told = judged(version(&six), &booking(LATER, "10:00", "11:00", 4));
    assert_eq!(told.price.map(|price| (price.total, price.lines.len())), Some((Fen(600), 1)));
    let twenty = put(
        ClauseKind::PriceCeiling,
        Payload::PriceCeiling { ceilings: vec![Ceiling { use_code: None, fen: Fen(2000), per: Per::Session }] },
    );
    assert_eq!(cells(twenty, "10:00", "11:00", 4), [Unaffected; 3]);
}

#[test]
fn the_weightiest_clause_decides_and_a_lower_price_comes_along_with_what_stays() {
    let both = |rows: &mut Vec<TermInForce>| {
        put(ClauseKind::OpenHours, Payload::OpenHours(daily("08:30", "20:00")))(rows);
        put(
            ClauseKind::PriceCeiling,
            Payload::PriceCeiling { ceilings: vec![Ceiling { use_code: None, fen: Fen(600), per: Per::Session }] },
        )(rows);
    };
    assert_eq!(cells(both, "20:00", "21:00", 4), [Kept, BetterTermsApplied, RearrangeOffered]);
}

#[test]
fn a_clause_with_a_day_of_its_own_protects_from_then_on() {
    let from_april = |rows: &mut Vec<TermInForce>| {
        let mut closed =
            row("april", ClauseKind::ReservedHours, Payload::ReservedHours { reserved_for: "u".into(), hours: daily("08:30", "12:00") });
        closed.from = at("2026-04-01 00:00");
        rows.push(closed);
    };
    let of = |date: &str| judged(version(from_april), &booking(date, "09:00", "10:00", 4)).disposition;
    assert_eq!([of(LATER), of("2026-04-14"), of("2026-04-15")], [Unaffected, Kept, RearrangeOffered]);
}

#[test]
fn what_was_refused_before_is_not_refused_anew() {
    let until_eight = Payload::OpenHours(daily("08:30", "20:00"));
    let late = booking(LATER, "20:00", "21:00", 4);
    let mut stored = usual();
    put(ClauseKind::OpenHours, until_eight.clone())(&mut stored);
    let event = event(&late.space, version(put(ClauseKind::OpenHours, until_eight)), Some(14));
    assert_eq!(SpaceTerms::new(&event, &late.space, stored).judge(&late, &beijing(), &workday).disposition, Unaffected);
}

/// What becomes of a request like the booking, on the same three days.
fn asked(change: impl Fn(&mut Vec<TermInForce>), from: &str, to: &str, attendees: i64) -> [Option<Disposition>; 3] {
    [BEFORE, INSIDE, LATER].map(|date| {
        let request = Booking { state: BookingState::Requested, ..booking(date, from, to, attendees) };
        let judged = judged(version(&change), &request);
        of_request(request, judged).map(|item| item.disposition)
    })
}

#[test]
fn a_request_is_protected_by_nothing_and_offered_nothing() {
    use Disposition::{LookedAtAgain, RequestRefused, Requoted};
    let (refused, again) = (Some(RequestRefused), Some(LookedAtAgain));
    let until_eight = put(ClauseKind::OpenHours, Payload::OpenHours(daily("08:30", "20:00")));
    assert_eq!(asked(&until_eight, "20:00", "21:00", 4), [None, refused, refused], "what starts before is judged by what holds then");
    assert_eq!(asked(&until_eight, "19:00", "20:00", 4), [None; 3]);
    let until_ten = put(ClauseKind::OpenHours, Payload::OpenHours(daily("08:30", "22:00")));
    assert_eq!(asked(until_ten, "20:00", "21:00", 4), [None; 3]);
    let prohibited = |safety| put(ClauseKind::ProhibitedUses, Payload::Uses { uses: vec![Use::Meeting], safety });
    assert_eq!(asked(prohibited(false), "10:00", "11:00", 4), [None, refused, refused]);
    assert_eq!(asked(prohibited(true), "10:00", "11:00", 4), [refused; 3]);
    let capacity = |basis| put(ClauseKind::Capacity, Payload::Capacity { persons: 20, basis });
    assert_eq!(asked(capacity(Capacity::Comfort), "10:00", "11:00", 21), [None, again, again]);
    assert_eq!(asked(capacity(Capacity::Safety), "10:00", "11:00", 21), [again; 3]);
    assert_eq!(asked(|rows| rows.retain(|row| row.kind != ClauseKind::SpaceGrant), "10:00", "11:00", 4), [None, refused, refused]);
    let ceilings = vec![Ceiling { use_code: None, fen: Fen(600), per: Per::Session }];
    let six = put(ClauseKind::PriceCeiling, Payload::PriceCeiling { ceilings });
    assert_eq!(asked(&six, "10:00", "11:00", 4), [None, Some(Requoted), Some(Requoted)]);
    // Nothing was paid, so nothing is paid back; it carries its new price.
    let request = Booking { state: BookingState::Requested, ..booking(LATER, "10:00", "11:00", 4) };
    let judged = judged(version(&six), &request);
    let item = of_request(request, judged).unwrap();
    assert_eq!((item.refund(), item.price.map(|price| price.total), item.matter), (Fen::ZERO, Some(Fen(600)), None));
    // A closure without an end may be over before anybody answers; any other refuses what it meets.
    let now = at("2026-02-20 10:05");
    let closure = |date: &str, until: Option<&str>| {
        let request = Booking { state: BookingState::Requested, ..booking(date, "10:00", "11:00", 4) };
        let judged = closed(&request, now, until.map(at), true, &beijing(), now);
        of_request(request, judged).map(|item| item.disposition)
    };
    assert_eq!((closure("2026-02-25", None), closure("2026-03-20", None)), (refused, None));
}

#[test]
fn an_end_protects_nothing() {
    let ended = |date: &str| {
        let booking = booking(date, "10:00", "11:00", 4);
        let event = event(&booking.space, vec![], None);
        SpaceTerms::new(&event, &booking.space, usual()).judge(&booking, &beijing(), &workday).disposition
    };
    assert_eq!([ended(BEFORE), ended("2026-03-01"), ended(LATER)], [Unaffected, RearrangeOffered, RearrangeOffered]);
    // Only the listed spaces leave.
    let stays = booking(LATER, "10:00", "11:00", 4);
    let mut leaving = event(&stays.space, vec![], None);
    leaving.kind = ImpactEventKind::Ending;
    if let Change::Terms { of, .. } = &mut leaving.change {
        *of = Some(vec![SpaceId::fresh()]);
    }
    assert_eq!(SpaceTerms::new(&leaving, &stays.space, usual()).judge(&stays, &beijing(), &workday).disposition, Unaffected);
}

#[test]
fn a_closure_at_once_and_an_announced_one() {
    let now = at("2026-02-20 10:05");
    let of = |date: &str, until: Option<&str>, immediate: bool| {
        let from = if immediate { now } else { at("2026-02-28 00:00") };
        closed(&booking(date, "10:00", "11:00", 4), from, until.map(at), immediate, &beijing(), now).disposition
    };
    assert_eq!(of("2026-02-20", None, true), Disposition::Interrupted);
    assert_eq!(of("2026-02-27", None, true), Cancelled, "six days and twenty-four hours less five minutes away");
    assert_eq!(of("2026-02-28", None, true), Disposition::AtRisk);
    assert_eq!(of("2026-03-04", Some("2026-03-04 00:00"), true), Unaffected);
    assert_eq!(of("2026-03-04", Some("2026-03-05 00:00"), false), RearrangeOffered);
    assert_eq!(of("2026-02-27", Some("2026-03-05 00:00"), false), Unaffected);
}

#[test]
fn an_answer_has_seven_days_or_until_two_days_before_but_never_less_than_half_a_day() {
    let now = at("2026-02-20 10:00");
    let by = |start: &str| answer_by(now, at(start));
    assert_eq!(by("2026-03-20 10:00"), Some(at("2026-02-27 10:00")));
    assert_eq!(by("2026-03-01 10:00"), Some(at("2026-02-27 10:00")), "seven days are 48 hours before");
    assert_eq!(by("2026-02-25 10:00"), Some(at("2026-02-23 10:00")));
    assert_eq!(by("2026-02-21 10:00"), Some(at("2026-02-20 22:00")));
    assert_eq!(by("2026-02-20 22:00"), None);
    assert_eq!(by("2026-02-20 22:01"), Some(at("2026-02-20 22:00")));
    assert_eq!(reduce_by(now, at("2026-03-20 10:00")), Some(at("2026-03-18 10:00")));
}

#[test]
fn what_has_begun_is_touched_by_a_closure_for_safety_only() {
    let now = at("2026-03-15 10:30");
    let begun = booking(LATER, "10:00", "11:00", 4);
    let mut event = event(&begun.space, vec![], Some(14));
    assert!(!is_touchable(&event, &begun, now));
    event.change = Change::Closed { spaces: vec![], from: now, until: None, immediate: true, closing: None };
    assert!(is_touchable(&event, &begun, now));
    assert!(!is_touchable(&event, &begun, at("2026-03-15 11:00")));
    event.change = Change::Closed { spaces: vec![], from: now, until: None, immediate: false, closing: None };
    assert!(!is_touchable(&event, &begun, now));
}
