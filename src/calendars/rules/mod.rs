//! What a feed says; pure. [`ical`] writes it down.

pub mod ical;

use super::model::Entry;
use crate::bookings::model::BookingState;
use crate::kernel::digest::sha256_hex;
use crate::kernel::{Fen, Instant, Period, Zone};
use ical::{Calendar, Event, Status};

/// Days a feed looks back …
pub const DAYS_BACK: i64 = 31;
/// … and ahead: as far as anything is booked.
pub const DAYS_AHEAD: i64 = 400;
/// Most events of a feed.
pub const MOST_EVENTS: i64 = 2_000;

/// The time a feed is about.
pub fn window(now: Instant) -> Option<Period> {
    Period::new(now.plus_days(-DAYS_BACK), now.plus_days(DAYS_AHEAD))
}

/// What became of a booking, in the words of RFC 5545.
pub fn status(state: BookingState) -> Status {
    match state {
        BookingState::Confirmed | BookingState::CheckedIn | BookingState::Completed => Status::Confirmed,
        BookingState::Requested | BookingState::Held => Status::Tentative,
        BookingState::NoShow
        | BookingState::Refused
        | BookingState::Expired
        | BookingState::Cancelled
        | BookingState::Moved
        | BookingState::Interrupted => Status::Cancelled,
    }
}

/// The calendar of a space for everybody: taken, and what for. Its events cannot be told back to bookings.
pub fn public(name: &str, zone: &Zone, entries: &[Entry], over: Period) -> String {
    let event = |entry: &Entry| Event {
        uid: format!("{}@taken.shangliang", sha256_hex(entry.booking.as_str().as_bytes()).get(..32).unwrap_or_default()),
        period: entry.period,
        zone: zone.clone(),
        changed_at: entry.changed_at,
        sequence: entry.revision,
        status: Status::Confirmed,
        summary: format!("已预订 · {}", entry.use_code.zh()),
        location: None,
        description: None,
    };
    let calendar = Calendar { name: name.to_owned(), zone: zone.clone(), over, events: entries.iter().map(event).collect() };
    calendar.to_string()
}

/// The calendar of a household or an organisation, for those who hold the bookings.
pub fn private(name: &str, zone: &Zone, entries: &[Entry], over: Period) -> String {
    let event = |entry: &Entry| {
        let place = [Some(entry.space_zh.as_str()), Some(&entry.site_zh), entry.address_zh.as_deref()];
        let waits = if status(entry.state) == Status::Tentative { "（等待答复）" } else { "" };
        let price = if entry.price == Fen::ZERO { "免费".to_owned() } else { format!("{} 元", entry.price) };
        Event {
            uid: format!("{}@shangliang", entry.booking),
            period: entry.period,
            zone: entry.zone.clone(),
            changed_at: entry.changed_at,
            sequence: entry.revision,
            status: status(entry.state),
            summary: format!("{} · {}{waits}", entry.space_zh, entry.use_code.zh()),
            location: Some(place.into_iter().flatten().collect::<Vec<_>>().join("，")),
            description: Some(format!("{} 人，{price}", entry.attendees)),
        }
    };
    let calendar = Calendar { name: name.to_owned(), zone: zone.clone(), over, events: entries.iter().map(event).collect() };
    calendar.to_string()
}
