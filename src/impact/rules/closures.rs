//! Pure decisions about closures: from when until when, what is still closed, what may be opened again.

use crate::bookings::model::Booking;
use crate::impact::model::Disposition;
use crate::impact::model::closures::{Closing, Closure, ClosureAnswer, ClosureState, Opening};
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Reason, Zone};

use super::Judged;

/// Longest closure, in days.
const LONGEST_DAYS: i64 = 366;
/// Farthest day a closure may begin.
const FARTHEST_DAYS: i64 = 400;

/// From when until when a closure asked for `now` is: never in the past, at most a year.
pub fn closing_period(from: Option<Instant>, until: Instant, now: Instant) -> Outcome<Period> {
    let from = from.unwrap_or(now);
    if from < now {
        return Err(Fault::field("/from", "past", "不能从过去开始关。", "A closure cannot begin in the past."));
    }
    if from > now.plus_days(FARTHEST_DAYS) {
        return Err(Fault::field("/from", "out-of-range", "最多提前 400 天。", "At most 400 days ahead."));
    }
    let period = Period::new(from, until);
    let period = period.ok_or_else(|| Fault::field("/until", "ends-before-start", "结束要晚于开始。", "Must be after the start."))?;
    if until > from.plus_days(LONGEST_DAYS) {
        return Err(Fault::field("/until", "out-of-range", "一次最长 366 天。", "At most 366 days at a time."));
    }
    Ok(period)
}

/// What is still closed: the closure without its openings, in order.
pub fn stretches(whole: Period, openings: &[Opening]) -> Vec<Period> {
    openings.iter().filter_map(|opening| Period::new(opening.from, opening.until)).fold(vec![whole], |closed, open| {
        let around = |period: Period| {
            let before = Period::new(period.start(), period.end().min(open.start()));
            let after = Period::new(period.start().max(open.end()), period.end());
            if period.overlaps(&open) { [before, after] } else { [Some(period), None] }
        };
        closed.into_iter().flat_map(around).flatten().collect()
    })
}

/// Which part of a closure is opened again by somebody who asks `now`: from then on at the earliest, to its end unless said
/// otherwise; something of it must be closed still.
pub fn opening_period(closure: &Closure, from: Option<Instant>, until: Option<Instant>, now: Instant) -> Outcome<Period> {
    if closure.until <= now {
        return Err(Fault::saying(Code::StateConflict, "这次关闭已经过去了。", "This closure is over."));
    }
    if from.is_some_and(|from| from < now) {
        return Err(Fault::field("/from", "past", "不能从过去开始开放。", "It cannot be opened in the past."));
    }
    let (from, until) = (from.unwrap_or(now).max(closure.from), until.unwrap_or(closure.until));
    if until > closure.until {
        return Err(Fault::field("/until", "out-of-range", "超出了这次关闭的时间。", "Beyond the end of the closure."));
    }
    let period = Period::new(from, until);
    let period = period.ok_or_else(|| Fault::field("/until", "ends-before-start", "结束要晚于开始。", "Must be after the start."))?;
    let closed = closure.period().map(|whole| stretches(whole, &closure.openings)).unwrap_or_default();
    if closed.iter().any(|stretch| stretch.overlaps(&period)) {
        Ok(period)
    } else {
        Err(Fault::saying(Code::StateConflict, "这段时间已经开放了。", "It is open then already."))
    }
}

/// Where a closure stands.
pub fn state(closure: &Closure, now: Instant) -> ClosureState {
    let closed = closure.period().map(|whole| stretches(whole, &closure.openings)).unwrap_or_default();
    match (closed.first(), closed.last()) {
        (Some(first), _) if now < first.start() && now < closure.from => ClosureState::Upcoming,
        (_, Some(last)) if now < last.end() => ClosureState::Current,
        _ => ClosureState::Over,
    }
}

/// What becomes of a booking a closure meets.
pub fn closed(booking: &Booking, over: Option<Period>, closing: &Closing, zone: &Zone) -> Judged {
    let Some(over) = over.filter(|over| over.overlaps(&booking.period)) else { return Judged::unaffected() };
    let (zh, en) = zone.say_period(over);
    let why = closing.reason.trim_end_matches(['。', '.']);
    let reason = Reason::plain("closed", format!("这里 {zh} 关闭：{why}。"), format!("It is closed {en}: {why}."));
    let disposition = match closing.each.get(&booking.id).copied().unwrap_or(closing.usual) {
        ClosureAnswer::Offer => Disposition::RearrangeOffered,
        ClosureAnswer::Cancel => Disposition::Cancelled,
        ClosureAnswer::Notify => Disposition::Kept,
    };
    Judged::because(disposition, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{AccountId, ClosureId, Id, OpeningId, SiteId};
    use crate::terms::model::Orderer;
    use proptest::prelude::*;

    fn at(minute: i64) -> Instant {
        Instant(1_800_000_000_000_000).plus_minutes(minute)
    }
    fn period(from: i64, to: i64) -> Period {
        Period::new(at(from), at(to)).unwrap()
    }
    fn opening(from: i64, to: i64) -> Opening {
        let (id, opened_by) = (OpeningId::fresh(), AccountId::fresh());
        Opening { id, from: at(from), until: at(to), reason: "开".into(), opened_by, opened_at: at(0) }
    }
    fn closure(from: i64, to: i64, openings: Vec<Opening>) -> Closure {
        Closure {
            id: ClosureId::fresh(),
            site: SiteId::fresh(),
            spaces: vec![],
            from: at(from),
            until: at(to),
            reason: "修".into(),
            closed_as: Orderer::Community,
            closed_by: AccountId::fresh(),
            closed_at: at(0),
            openings,
        }
    }

    #[test]
    fn a_closure_begins_now_or_later_and_ends_within_a_year() {
        let why = |from: Option<i64>, to: i64| {
            closing_period(from.map(at), at(to), at(100)).err().map(|fault| fault.detail.errors[0].pointer.clone())
        };
        assert_eq!(closing_period(None, at(200), at(100)).ok(), Some(period(100, 200)));
        assert_eq!((why(Some(100), 200), why(Some(99), 200)), (None, Some("/from".into())));
        assert_eq!((why(Some(200), 200), why(None, 50)), (Some("/until".into()), Some("/until".into())));
        let day = 24 * 60;
        assert_eq!((why(Some(100), 100 + 366 * day), why(Some(100), 101 + 366 * day)), (None, Some("/until".into())));
        assert_eq!(
            (why(Some(100 + 400 * day), 150 + 400 * day), why(Some(101 + 400 * day), 150 + 400 * day)),
            (None, Some("/from".into()))
        );
    }

    #[test]
    fn one_day_inside_is_opened_and_the_rest_stays_closed() {
        assert_eq!(stretches(period(0, 100), &[opening(40, 60)]), [period(0, 40), period(60, 100)]);
        assert_eq!(stretches(period(0, 100), &[opening(0, 100)]), []);
        assert_eq!(stretches(period(0, 100), &[opening(40, 60), opening(50, 100)]), [period(0, 40)]);

        let one = closure(0, 100, vec![opening(40, 60)]);
        let code =
            |from: Option<i64>, to: Option<i64>, now| opening_period(&one, from.map(at), to.map(at), at(now)).map_err(|f| f.code).err();
        assert_eq!(opening_period(&one, None, None, at(10)).ok(), Some(period(10, 100)), "ended early");
        assert_eq!(opening_period(&one, Some(at(70)), Some(at(80)), at(10)).ok(), Some(period(70, 80)));
        assert_eq!(code(Some(45), Some(55), 10), Some(Code::StateConflict), "open already");
        assert_eq!(code(None, None, 100), Some(Code::StateConflict), "over");
        assert_eq!(code(Some(5), Some(20), 10), Some(Code::Invalid), "in the past");
        assert_eq!(code(Some(50), Some(101), 10), Some(Code::Invalid), "beyond its end");
        assert_eq!(code(Some(80), Some(80), 10), Some(Code::Invalid), "nothing");
        let states = [-1, 0, 50, 99, 100].map(|now| state(&one, at(now)));
        use ClosureState::*;
        assert_eq!(states, [Upcoming, Current, Current, Current, Over]);
        assert_eq!(state(&closure(0, 100, vec![opening(50, 100)]), at(50)), Over, "ended early");
    }

    proptest! {
        #[test]
        fn a_moment_is_closed_when_no_opening_holds_it(openings in prop::collection::vec((0i64..100, 1i64..40), 0..6)) {
            let openings: Vec<Opening> = openings.into_iter().map(|(from, length)| opening(from, from + length)).collect();
            let closed = stretches(period(0, 100), &openings);
            prop_assert!(closed.windows(2).all(|pair| pair[0].end() < pair[1].start() || pair[0].end() == pair[1].start()));
            for minute in 0..100 {
                let open = openings.iter().any(|one| one.from <= at(minute) && at(minute) < one.until);
                let still = closed.iter().any(|stretch| stretch.start() <= at(minute) && at(minute) < stretch.end());
                prop_assert_eq!(still, !open);
            }
        }
    }
}
