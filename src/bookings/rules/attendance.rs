//! Who came and who did not, pure: the code at the door, from when to when one may check in, what follows from not coming.

use super::cancellation::over;
use super::horizon::days_ahead;
use crate::bookings::model::attendance::{Appeal, KeyMove, KeyNote, Limit, LimitKind, Missed};
use crate::bookings::model::{Booking, BookingState};
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Reason, Zone};
use hmac::{Hmac, KeyInit, Mac};

/// One may check in so many minutes before the start.
pub const EARLY_MINUTES: i64 = 15;
/// A code at the door lasts so many seconds, and one more round for whoever is just typing it.
pub const STEP_SECONDS: i64 = 60;
/// Steps back in which a code is known as one that was right once: an hour.
const STALE_STEPS: i64 = 60;
/// Not coming counts for so many days (twelve months).
pub const COUNTED_DAYS: i64 = 365;
/// Days ahead that can be booked after the second time.
pub const SHORT_HORIZON_DAYS: i64 = 14;
/// Days within which a holder may appeal.
pub const APPEAL_DAYS: i64 = 30;

/// The step of a moment.
pub fn step(now: Instant) -> i64 {
    now.unix_seconds().div_euclid(STEP_SECONDS)
}

/// The first moment after a step.
pub fn step_ends(step: i64) -> Instant {
    Instant((step + 1).saturating_mul(STEP_SECONDS).saturating_mul(1_000_000))
}

/// The code a door shows in a step: six digits of an HMAC over the space and the step.
pub fn code(secret: &str, space: &str, step: i64) -> Option<String> {
    let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(space.as_bytes());
    mac.update(&[0]);
    mac.update(&step.to_be_bytes());
    let bytes = mac.finalize().into_bytes();
    let number = bytes.iter().take(8).fold(0u64, |all, byte| (all << 8) | u64::from(*byte));
    Some(format!("{:06}", number % 1_000_000))
}

/// What a code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is shown now, or was a moment ago.
    Here,
    /// It was shown here within the last hour.
    Before,
    /// It is not of this door.
    Elsewhere,
}

/// What a code says at a door.
pub fn shown(secret: &str, space: &str, typed: &str, now: Instant) -> Shown {
    let now = step(now);
    let is = |back: i64| code(secret, space, now - back).as_deref() == Some(typed);
    match () {
        () if is(0) || is(1) => Shown::Here,
        () if (2..=STALE_STEPS).any(is) => Shown::Before,
        () => Shown::Elsewhere,
    }
}

/// May somebody check in now? From a quarter of an hour before the start to the end, unless the space was released.
pub fn check_in(booking: &Booking, zone: &Zone, now: Instant) -> Outcome<()> {
    let conflict = |zh: String, en: String| Err(Fault::saying(Code::StateConflict, zh, en));
    match booking.state {
        BookingState::Confirmed => {}
        BookingState::Requested | BookingState::Held => {
            return conflict("这次预订还没有订好。".into(), "This booking is not confirmed yet.".into());
        }
        state => {
            let (zh, en) = over(state).unwrap_or_default();
            return conflict(zh.into(), en.into());
        }
    }
    let opens = booking.period.start().plus_minutes(-EARLY_MINUTES);
    if now < opens {
        let (zh, en) = zone.say(opens);
        return conflict(format!("还没到时间，{zh} 起可以签到。"), format!("Too early: check in from {en} on."));
    }
    if booking.period.end() <= now {
        return conflict("这次使用的时间已经过了。".into(), "The time of this booking is over.".into());
    }
    Ok(())
}

/// May the desk write down that nobody came? From the start on, as long as nobody says otherwise.
pub fn mark_missed(booking: &Booking, now: Instant) -> Outcome<()> {
    if booking.state != BookingState::Confirmed {
        let (zh, en) = over(booking.state).unwrap_or(("这次预订还没有订好。", "This booking is not confirmed yet."));
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    if now < booking.period.start() {
        return Err(Fault::saying(Code::StateConflict, "还没到开始时间。", "It has not begun yet."));
    }
    Ok(())
}

/// What becomes of a booking by itself: released when nobody came in the time the site gives, completed at its end. A site that
/// gives no time (0) releases nobody. Where the time ran out while the service did not look (it was down), nobody could check
/// in either: that is no fault of the holder, and the booking is completed.
pub fn by_itself(state: BookingState, period: Period, no_show_minutes: i32, now: Instant) -> Option<BookingState> {
    let released = period.start().plus_minutes(no_show_minutes.into());
    match state {
        BookingState::CheckedIn | BookingState::Confirmed if period.end() <= now => Some(BookingState::Completed),
        BookingState::Confirmed if no_show_minutes > 0 && released <= now => Some(BookingState::NoShow),
        _ => None,
    }
}

/// What follows from what a holder missed: the first time a reminder; the second a shorter horizon for 90 days, the third no
/// booking for 30 days, every further one for 90, each from the last time on. What is older than twelve months, or was
/// cleared, does not count.
pub fn limit(missed: &[Missed], now: Instant) -> Option<Limit> {
    let since = now.plus_days(-COUNTED_DAYS);
    let counted: Vec<Instant> = missed.iter().filter(|one| !one.cleared && one.starts_at > since).map(|one| one.starts_at).collect();
    let last = *counted.iter().max()?;
    let (kind, days) = match counted.len() {
        1 => return Some(Limit { kind: LimitKind::Reminder, missed: 1, until: None }),
        2 => (LimitKind::ShorterHorizon, 90),
        3 => (LimitKind::ThirtyDays, 30),
        _ => (LimitKind::NinetyDays, 90),
    };
    let until = last.plus_days(days);
    // When it is over, what is left is the reminder.
    Some(if now < until {
        Limit { kind, missed: counted.len(), until: Some(until) }
    } else {
        Limit { kind: LimitKind::Reminder, missed: counted.len(), until: None }
    })
}

/// The reason against a booking that starts then, after too many the holder did not come to.
pub fn held_back(missed: &[Missed], start: Instant, zone: &Zone, now: Instant) -> Option<Reason> {
    limit(missed, now).and_then(|limit| limited(&limit, start, zone, now))
}

/// The same of a limit, if it is one.
fn limited(limit: &Limit, start: Instant, zone: &Zone, now: Instant) -> Option<Reason> {
    let until = limit.until?;
    let ((until_zh, until_en), missed) = (zone.say(until), limit.missed);
    match limit.kind {
        LimitKind::Reminder => None,
        LimitKind::ShorterHorizon => {
            let last = days_ahead(SHORT_HORIZON_DAYS, zone, now);
            (zone.day_of(start) > last).then(|| {
                Reason::plain(
                    "no-shows",
                    format!("近一年有 {missed} 次订了没来，{until_zh} 之前只能提前 {SHORT_HORIZON_DAYS} 天预订。有误可以申诉。"),
                    format!("{missed} bookings of the last year were not used: until {until_en} you can book {SHORT_HORIZON_DAYS} days ahead. You may appeal."),
                )
                .figure(last)
            })
        }
        LimitKind::ThirtyDays | LimitKind::NinetyDays => Some(
            Reason::plain(
                "no-shows",
                format!("近一年有 {missed} 次订了没来，{until_zh} 之前不能预订。有误可以申诉。"),
                format!("{missed} bookings of the last year were not used: you can book again from {until_en}. You may appeal."),
            )
            .figure(zone.show(until)),
        ),
    }
}

/// May the holder appeal? Once, within thirty days.
pub fn appeal(booking: &Booking, filed: Option<&Appeal>, now: Instant) -> Outcome<()> {
    let conflict = |zh, en| Err(Fault::saying(Code::StateConflict, zh, en));
    if booking.state != BookingState::NoShow {
        return conflict("这次预订没有记为未到。", "This booking is not recorded as one nobody came to.");
    }
    if filed.is_some() {
        return conflict("已经申诉过了。", "You have appealed already.");
    }
    if booking.period.start().plus_days(APPEAL_DAYS) <= now {
        return conflict("申诉的期限（30 天）已经过了。", "The time to appeal (30 days) is over.");
    }
    Ok(())
}

/// May the booking be rated? Once it was used.
pub fn rate(booking: &Booking) -> Outcome<()> {
    if booking.state == BookingState::Completed {
        return Ok(());
    }
    Err(Fault::saying(Code::StateConflict, "用完以后才能评价。", "A use can be rated once it is over."))
}

/// May the move of a key be noted? It is handed out to a booking that stands, once, and comes back once.
pub fn key(booking: &Booking, noted: &[KeyNote], moved: KeyMove) -> Outcome<()> {
    let conflict = |zh, en| Err(Fault::saying(Code::StateConflict, zh, en));
    let has = |which| noted.iter().any(|note| note.moved == which);
    if has(moved) {
        return conflict("已经记过了。", "It was noted already.");
    }
    match moved {
        KeyMove::HandedOut if !matches!(booking.state, BookingState::Confirmed | BookingState::CheckedIn) => {
            conflict("这次预订现在不能领钥匙。", "No key is handed out for this booking now.")
        }
        KeyMove::Returned if !has(KeyMove::HandedOut) => conflict("还没有领过钥匙。", "No key was handed out."),
        _ => Ok(()),
    }
}

/// Ratings are shown once there are so many, so that nobody knows whose is whose.
pub const RATINGS_SHOWN_FROM: i64 = 5;

#[cfg(test)]
#[path = "attendance_tests.rs"]
mod tests;
