//! From when until when: read the same of a booking, a move and a day of a series.

use crate::kernel::form::{self, Form};
use crate::kernel::{Instant, Period};

/// From `starts_at` to `ends_at`.
pub(super) fn read_period(form: &mut Form) -> Option<Period> {
    let (starts_at, ends_at) = (form.need("starts_at", form::instant), form.need("ends_at", form::instant));
    lasting(form, starts_at?, ends_at?)
}

/// The same of a start and an end already read: on whole minutes, not empty, at most a day.
pub(super) fn lasting(form: &Form, starts_at: Instant, ends_at: Instant) -> Option<Period> {
    for (name, at) in [("starts_at", starts_at), ("ends_at", ends_at)] {
        if at.0 % 60_000_000 != 0 {
            form.fault(name, "not-a-minute", "请填整分钟。", "Must be a whole minute.");
        }
    }
    let period = Period::new(starts_at, ends_at);
    match period.map(|period| period.minutes()) {
        None => form.fault("ends_at", "ends-before-start", "结束要晚于开始。", "Must be after the start."),
        Some(minutes) if minutes > 24 * 60 => form.fault("ends_at", "out-of-range", "一次最长 24 小时。", "At most 24 hours."),
        Some(_) => {}
    }
    period
}
