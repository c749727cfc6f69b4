//! May a booking be cancelled, and what nothing more can become of.

use crate::bookings::model::{Booking, BookingState};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::ledger::model::{Posting, PostingKind};

/// Why nothing more can become of a booking in that state.
pub(super) fn over(state: BookingState) -> Option<(&'static str, &'static str)> {
    Some(match state {
        BookingState::Requested | BookingState::Held | BookingState::Confirmed => return None,
        BookingState::CheckedIn => ("人已经到了，正在使用。", "Somebody came and is using the space."),
        BookingState::Completed => ("这次使用已经结束了。", "This use is over."),
        BookingState::NoShow => ("没有人按时到，这次预订已经放开了。", "Nobody came in time; this booking was released."),
        BookingState::Refused => ("这份申请已经被拒绝了。", "This request was refused already."),
        BookingState::Expired => ("没有按时答复，已经过期了。", "Nobody answered in time; it has expired."),
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

/// Until when, inclusive, its holder cancels a booking without its counting towards what they may have; `limited`: something is counted
/// there. `None`: it never counts.
pub fn free_until(starts_at: Instant, late_cancel_hours: i32, limited: bool) -> Option<Instant> {
    (limited && late_cancel_hours > 0).then(|| starts_at.plus_minutes(-60 * i64::from(late_cancel_hours)))
}

/// A cancellation at that moment counts as if the booking had been used.
pub fn counts(free_until: Option<Instant>, cancelled_at: Instant) -> bool {
    free_until.is_some_and(|until| until < cancelled_at)
}

/// May a posting about the booking be undone? What was given back because it ended stays given back.
pub fn reverse(booking: &Booking, posting: &Posting) -> Outcome<()> {
    let ended = matches!(booking.state, BookingState::Cancelled | BookingState::Moved | BookingState::Interrupted);
    if ended && posting.kind == PostingKind::Refund {
        let (zh, en) = ("这笔钱是因为预订取消退的，不能冲销。", "This was given back because the booking ended; it cannot be undone.");
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::samples::at;
    use super::*;

    #[test]
    fn it_counts_from_the_moment_after_the_deadline() {
        let start = at("2026-04-04T10:00:00+08:00");
        let until = free_until(start, 24, true);
        assert_eq!(until, Some(at("2026-04-03T10:00:00+08:00")));
        let deadline = until.unwrap();
        assert!(!counts(until, deadline.plus_minutes(-1)) && !counts(until, deadline));
        assert!(counts(until, Instant(deadline.0 + 1)) && counts(until, start));
    }

    #[test]
    fn it_never_counts_without_hours_or_without_a_limit() {
        let start = at("2026-04-04T10:00:00+08:00");
        assert_eq!((free_until(start, 0, true), free_until(start, 24, false), free_until(start, 0, false)), (None, None, None));
        assert!(!counts(None, start) && !counts(None, Instant::LATEST));
        // The hours are hours, whatever the clocks do: New York changes them on 8 March 2026.
        assert_eq!(free_until(at("2026-03-08T10:00:00-04:00"), 24, true), Some(at("2026-03-07T09:00:00-05:00")));
    }
}
