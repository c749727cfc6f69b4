//! Time: instants are UTC microseconds, local rules are civil dates and minutes of a day in an IANA zone, periods are
//! half-open. One library (jiff) does all of it.

use jiff::civil;
use jiff::tz::TimeZone;
use std::fmt;
use std::sync::Arc;

/// A civil date of a site.
pub type Day = civil::Date;

const MICROS_PER_MINUTE: i64 = 60_000_000;
/// Minutes of a civil day; 24:00 is legal as an end.
pub const DAY_MINUTES: u16 = 1440;

/// A moment: microseconds since 1970-01-01T00:00:00Z. On the wire RFC 3339.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    utoipa::ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[schema(value_type = String, format = "date-time", examples("2026-11-28T14:00:00+08:00"))]
#[diesel(sql_type = diesel::sql_types::BigInt)]
pub struct Instant(pub i64);

crate::stored_as!(Instant, diesel::sql_types::BigInt, i64, i64, |at| &at.0, |at| Ok(Instant(at)));

/// Why a text is no instant we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadTime {
    /// Not `YYYY-MM-DDThh:mm[:ss[.ffffff]]` with `Z` or `±hh:mm`, or no such date or time (29 February, second 60).
    Malformed,
    /// A date-time without an offset.
    NoOffset,
    /// Before 2000 or after 2100.
    OutOfRange,
}

impl Instant {
    /// 2000-01-01T00:00:00Z, the earliest accepted.
    pub const EARLIEST: Instant = Instant(946_684_800_000_000);
    /// 2101-01-01T00:00:00Z, later than any accepted.
    pub const LATEST: Instant = Instant(4_133_980_800_000_000);

    /// Reads an RFC 3339 date-time; the offset is required.
    pub fn parse(text: &str) -> Result<Self, BadTime> {
        let bytes = text.as_bytes();
        if text.len() > 40 || !text.is_ascii() || bytes.get(10).is_none_or(|b| !matches!(b, b'T' | b't')) {
            return Err(BadTime::Malformed);
        }
        let time = text.get(11..).unwrap_or_default();
        let Some(offset_at) = time.find(['Z', 'z', '+', '-']) else {
            return Err(if civil::DateTime::strptime("%Y-%m-%dT%H:%M:%S%.f", text).is_ok() {
                BadTime::NoOffset
            } else {
                BadTime::Malformed
            });
        };
        let (clock, offset) = time.split_at(offset_at);
        let offset_ok = matches!(offset, "Z" | "z")
            || matches!(offset.as_bytes(), [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|x| x.is_ascii_digit())
                // Texts of one shape compare as their numbers: 23:59 is the furthest (RFC 3339, section 5.6).
                && offset.get(1..3) <= Some("23") && offset.get(4..6) <= Some("59"));
        let clock_ok = matches!(clock.len(), 5 | 8 | 10..=15) && clock.bytes().all(|b| b.is_ascii_digit() || b == b':' || b == b'.');
        // RFC 3339 knows leap seconds; the zone of a room does not.
        if !offset_ok || !clock_ok || clock.get(6..8) == Some("60") {
            return Err(BadTime::Malformed);
        }
        match text.get(..4).map(str::parse::<u16>) {
            Some(Ok(2000..=2100)) => {}
            Some(Ok(_)) if text.get(4..5) == Some("-") => return Err(BadTime::OutOfRange),
            _ => return Err(BadTime::Malformed),
        }
        let full = if clock.len() == 5 { format!("{}T{clock}:00{offset}", text.get(..10).unwrap_or_default()) } else { text.to_owned() };
        let stamp: jiff::Timestamp = full.parse().map_err(|_| BadTime::Malformed)?;
        let at = Instant(stamp.as_microsecond());
        if at < Self::EARLIEST || at >= Self::LATEST { Err(BadTime::OutOfRange) } else { Ok(at) }
    }

    /// This moment `minutes` later (earlier when negative), held inside the accepted range of years.
    pub fn plus_minutes(self, minutes: i64) -> Instant {
        Instant(self.0.saturating_add(minutes.saturating_mul(MICROS_PER_MINUTE)))
    }

    /// This moment `seconds` later.
    pub fn plus_seconds(self, seconds: i64) -> Instant {
        Instant(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// This moment `days` of 24 hours later. For civil days use [`Zone`].
    pub fn plus_days(self, days: i64) -> Instant {
        self.plus_minutes(days.saturating_mul(i64::from(DAY_MINUTES)))
    }

    /// Whole seconds since 1970, for token claims.
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    fn stamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

/// RFC 3339 in UTC.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.stamp(), f)
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

/// A stretch of time, `[start, end)`, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    start: Instant,
    end: Instant,
}

impl Period {
    /// `None` unless `start < end`.
    pub fn new(start: Instant, end: Instant) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }
    /// The first moment inside.
    pub fn start(&self) -> Instant {
        self.start
    }
    /// The first moment outside.
    pub fn end(&self) -> Instant {
        self.end
    }
    /// Both have a moment in common; touching is not overlapping.
    pub fn overlaps(&self, other: &Period) -> bool {
        self.start < other.end && other.start < self.end
    }
    /// `other` lies wholly inside.
    pub fn contains(&self, other: &Period) -> bool {
        self.start <= other.start && other.end <= self.end
    }
    /// What both have in common.
    pub fn intersect(&self, other: &Period) -> Option<Period> {
        Period::new(self.start.max(other.start), self.end.min(other.end))
    }
    /// Length in whole minutes, rounded down.
    pub fn minutes(&self) -> i64 {
        (self.end.0 - self.start.0) / MICROS_PER_MINUTE
    }
    /// The period grown by `before` and `after` minutes.
    pub fn widened(&self, before: i64, after: i64) -> Period {
        Period { start: self.start.plus_minutes(-before.max(0)), end: self.end.plus_minutes(after.max(0)) }
    }
}

crate::words! {
    /// What becomes of a civil time on a day the clock is changed.
    pub enum ClockChange {
        /// It does not exist: the clock is set forward over it.
        Skipped = "skipped",
        /// It comes twice: the clock is set back over it.
        Repeated = "repeated",
    }
}

/// The clock of a place is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetChange {
    /// When.
    pub at: Instant,
    /// Seconds ahead of UTC before …
    pub before: i32,
    /// … and after.
    pub after: i32,
    /// It is set to summer time.
    pub summer: bool,
    /// What the time is called afterwards.
    pub name: String,
}

/// An IANA time zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of that IANA name, `None` when unknown. Only full names (`Area/City`) are taken.
    pub fn named(name: &str) -> Option<Self> {
        if !name.contains('/') || name.len() > 64 {
            return None;
        }
        TimeZone::get(name).ok().map(Zone)
    }

    /// The zone of whatever names none: all of China keeps the time of Beijing.
    pub fn usual() -> Self {
        Zone(TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC))
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The moment of `minute` (0..=1440) of a civil day. In a gap the clock is shifted forward, of a repeated hour the
    /// first is taken ("compatible", RFC 5545).
    pub fn at(&self, day: Day, minute: u16) -> Instant {
        let (day, minute) = if minute >= DAY_MINUTES { (day.tomorrow().unwrap_or(day), minute - DAY_MINUTES) } else { (day, minute) };
        let clock = civil::time((minute / 60 % 24) as i8, (minute % 60) as i8, 0, 0);
        match self.0.to_ambiguous_timestamp(day.to_datetime(clock)).compatible() {
            Ok(stamp) => Instant(stamp.as_microsecond()),
            Err(_) => Instant::EARLIEST,
        }
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Zone(TimeZone::UTC)
    }

    /// `20261128T140000`, as calendars write it.
    pub fn basic(&self, at: Instant) -> String {
        self.civil(at).strftime("%Y%m%dT%H%M%S").to_string()
    }

    /// How its clock stands at the beginning of a time, as the change that led there (of old, where there was none), and every change
    /// within it.
    pub fn changes(&self, over: Period) -> Vec<OffsetChange> {
        let offset = |at: jiff::Timestamp| self.0.to_offset(at).seconds();
        let change = |transition: &jiff::tz::TimeZoneTransition<'_>| {
            let at = transition.timestamp();
            OffsetChange {
                at: Instant(at.as_microsecond()),
                before: offset(at.saturating_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(at)),
                after: transition.offset().seconds(),
                summer: transition.dst().is_dst(),
                name: transition.abbreviation().to_owned(),
            }
        };
        let start = over.start().stamp();
        let mut all: Vec<OffsetChange> = self.0.preceding(start).next().iter().map(change).collect();
        if all.is_empty() {
            let info = self.0.to_offset_info(start);
            let (now, summer, name) = (info.offset().seconds(), info.dst().is_dst(), info.abbreviation().to_owned());
            all.push(OffsetChange { at: Instant(0), before: now, after: now, summer, name });
        }
        let within = self.0.following(start).take_while(|transition| transition.timestamp() < over.end().stamp());
        all.extend(within.map(|transition| change(&transition)));
        all
    }

    /// What the clock does at `minute` (0..1440) of a civil day, when it does not simply run on.
    pub fn change_at(&self, day: Day, minute: u16) -> Option<ClockChange> {
        let clock = civil::time((minute / 60 % 24) as i8, (minute % 60) as i8, 0, 0);
        match self.0.to_ambiguous_timestamp(day.to_datetime(clock)).offset() {
            jiff::tz::AmbiguousOffset::Unambiguous { .. } => None,
            jiff::tz::AmbiguousOffset::Gap { .. } => Some(ClockChange::Skipped),
            jiff::tz::AmbiguousOffset::Fold { .. } => Some(ClockChange::Repeated),
        }
    }

    /// From 00:00 of `first` to 24:00 of `last` (inclusive civil dates).
    pub fn days(&self, first: Day, last: Day) -> Option<Period> {
        Period::new(self.at(first, 0), self.at(last, DAY_MINUTES))
    }

    /// The civil day at that moment.
    pub fn day_of(&self, at: Instant) -> Day {
        self.civil(at).date()
    }

    /// The civil day and the minute of it at that moment (seconds cut off).
    pub fn minute_of(&self, at: Instant) -> (Day, u16) {
        let civil = self.civil(at);
        (civil.date(), u16::from(civil.hour().unsigned_abs()) * 60 + u16::from(civil.minute().unsigned_abs()))
    }

    fn civil(&self, at: Instant) -> civil::DateTime {
        self.0.to_datetime(at.stamp())
    }

    /// `2026-11-28 14:00`, as people of that place write it.
    pub fn show(&self, at: Instant) -> String {
        self.civil(at).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The same in words, Chinese and English: `2026年11月28日周六 14:00` and `Sat 28 Nov 2026, 14:00`.
    pub fn say(&self, at: Instant) -> (String, String) {
        let (day, minute) = self.minute_of(at);
        said(day, &show_minute(minute))
    }

    /// When something ends, in words: midnight is 24:00 of the day before.
    pub fn say_end(&self, at: Instant) -> (String, String) {
        match (self.minute_of(at), self.day_of(Instant(at.0 - 1))) {
            ((_, 0), before) => said(before, &show_minute(DAY_MINUTES)),
            _ => self.say(at),
        }
    }

    /// From when until when, in words; the day once, where it is one.
    pub fn say_period(&self, period: Period) -> (String, String) {
        let (first, from) = self.minute_of(period.start());
        let (last, to) = self.minute_of(period.end());
        let midnight = to == 0 && first.tomorrow().is_ok_and(|next| next == last);
        if first == last || midnight {
            let to = if midnight { DAY_MINUTES } else { to };
            return said(first, &format!("{}–{}", show_minute(from), show_minute(to)));
        }
        let ((from_zh, from_en), (to_zh, to_en)) = (self.say(period.start()), self.say_end(period.end()));
        (format!("{from_zh} 到 {to_zh}"), format!("{from_en} to {to_en}"))
    }

    /// RFC 3339 with the zone's own offset: `2026-11-28T14:00:00+08:00`.
    pub fn rfc3339(&self, at: Instant) -> String {
        let stamp = at.stamp();
        let mut text = String::with_capacity(25);
        // Into a String nothing fails to be written.
        let _ = jiff::fmt::temporal::DateTimePrinter::new().print_timestamp_with_offset(&stamp, self.0.to_offset(stamp), &mut text);
        text
    }
}

/// A day in words, Chinese and English: `2026年11月28日周六` and `Sat 28 Nov 2026`.
pub fn say_day(day: Day) -> (String, String) {
    let week = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).ok().and_then(|n| week.get(n)).copied().unwrap_or_default();
    let zh = format!("{}年{}月{}日{weekday}", day.year(), day.month(), day.day());
    (zh, day.strftime("%a %-d %b %Y").to_string())
}

/// The same with a time of it.
fn said(day: Day, clock: &str) -> (String, String) {
    let (zh, en) = say_day(day);
    (format!("{zh} {clock}"), format!("{en}, {clock}"))
}

/// `08:30`; 1440 shows as `24:00`.
pub fn show_minute(minute: u16) -> String {
    // Written by the hundred into a month: digit by digit, not by the formatter.
    let digit = |number: u16| char::from(b'0' + (number % 10) as u8);
    let (hour, minute) = (minute / 60, minute % 60);
    let mut shown = String::with_capacity(5);
    shown.extend([digit(hour / 10), digit(hour), ':', digit(minute / 10), digit(minute)]);
    shown
}

/// Reads `08:30` or `24:00` as minutes of a day.
pub fn parse_minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |s: &str| (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse::<u16>().ok()).flatten();
    let (hour, minute) = (two(hour)?, two(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY_MINUTES).then_some(total)
}

/// Reads `2026-11-28`; years 2000 to 2100.
pub fn parse_day(text: &str) -> Option<Day> {
    let day: Day = if is_day_like(text) { text.parse().ok()? } else { return None };
    (2000..=2100).contains(&day.year()).then_some(day)
}

/// Written as a day, whether there is such a one or not.
pub fn is_day_like(text: &str) -> bool {
    matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _]) && text.bytes().filter(u8::is_ascii_digit).count() == 8
}

/// There is, was or will be such a day, however far away.
pub fn is_some_day(text: &str) -> bool {
    is_day_like(text) && text.parse::<Day>().is_ok()
}

/// Where the time comes from. The domain gets `now` as an argument; only the edge asks the clock.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> Instant {
        Instant(jiff::Timestamp::now().as_microsecond())
    }
}

/// A clock set by hand, for tests and rehearsals.
#[derive(Debug, Default)]
pub struct SetClock(std::sync::atomic::AtomicI64);

impl SetClock {
    /// A clock standing at `at`.
    pub fn at(at: Instant) -> Arc<Self> {
        Arc::new(Self(at.0.into()))
    }
    /// Moves the clock.
    pub fn set(&self, at: Instant) {
        self.0.store(at.0, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    #[test]
    fn instants_need_an_offset_and_a_real_date() {
        let at = Instant::parse("2026-11-28T14:00:00+08:00").unwrap();
        assert_eq!(at.to_string(), "2026-11-28T06:00:00Z");
        assert_eq!(Instant::parse("2026-11-28T06:00Z"), Ok(at));
        assert_eq!(Instant::parse("2026-11-28T06:00:00.000000Z"), Ok(at));
        assert_eq!(Instant::parse("2026-11-28T14:00:00"), Err(BadTime::NoOffset));
        assert!(Instant::parse("2028-02-29T00:00:00Z").is_ok());
        for bad in [
            "2026-02-29T00:00:00Z",
            "2026-12-31T23:59:60Z",
            "2026-13-01T00:00:00Z",
            "2026-11-28",
            "now",
            "",
            "2026-11-28T24:00:01Z",
            "2026-11-28T14:00:00+08:00[Asia/Shanghai]",
            "2026-11-28T14:00:00+8",
            "20261128T140000Z",
            "+002026-11-28T14:00:00Z",
            "２０２６-11-28T14:00:00Z",
        ] {
            assert_eq!(Instant::parse(bad), Err(BadTime::Malformed), "{bad}");
        }
        for far in ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z"] {
            assert_eq!(Instant::parse(far), Err(BadTime::OutOfRange), "{far}");
        }
    }

    #[test]
    fn a_day_means_a_civil_date_of_the_site() {
        let beijing = zone("Asia/Shanghai");
        let day = parse_day("2026-11-28").unwrap();
        assert_eq!(beijing.at(day, 1440).to_string(), "2026-11-28T16:00:00Z");
        assert_eq!(beijing.minute_of(beijing.at(day, 870)), (day, 870));
        assert_eq!(beijing.rfc3339(beijing.at(day, 870)), "2026-11-28T14:30:00+08:00");
        let period = |from, to| Period::new(beijing.at(day, from), beijing.at(day, to)).unwrap();
        let say = |from, to| beijing.say_period(period(from, to));
        let pair = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
        assert_eq!(say(840, 930), pair("2026年11月28日周六 14:00–15:30", "Sat 28 Nov 2026, 14:00–15:30"));
        assert_eq!(say(1320, 1440), pair("2026年11月28日周六 22:00–24:00", "Sat 28 Nov 2026, 22:00–24:00"));
        let night = beijing.say_period(Period::new(beijing.at(day, 1320), beijing.at(day, 1440).plus_minutes(90)).unwrap());
        assert_eq!(night, pair("2026年11月28日周六 22:00 到 2026年11月29日周日 01:30", "Sat 28 Nov 2026, 22:00 to Sun 29 Nov 2026, 01:30"));
        assert_eq!(beijing.say_end(beijing.at(day, 1440)).0, "2026年11月28日周六 24:00");
        assert_eq!(beijing.say(beijing.at(day, 1440)).0, "2026年11月29日周日 00:00");
        // China changed its clocks until 1991, and a 24-hour day elsewhere is not always 24 hours.
        let new_york = zone("America/New_York");
        let spring = parse_day("2026-03-08").unwrap();
        assert_eq!(new_york.days(spring, spring).unwrap().minutes(), 23 * 60);
        assert_eq!(new_york.minute_of(new_york.at(spring, 150)).1, 210);
    }

    #[test]
    fn zones_are_known_by_full_name() {
        for bad in ["Mars/Olympus", "CST", "", "Asia/../etc"] {
            assert!(Zone::named(bad).is_none(), "{bad}");
        }
        assert_eq!(zone("Asia/Kathmandu").name(), "Asia/Kathmandu");
    }

    #[test]
    fn minutes_and_days_are_read_strictly() {
        assert_eq!((parse_minute("00:00"), parse_minute("24:00"), parse_minute("08:30")), (Some(0), Some(1440), Some(510)));
        for bad in ["24:01", "8:30", "08:60", "0830", "", "-1:00", "08:30:00"] {
            assert_eq!(parse_minute(bad), None, "{bad}");
        }
        for bad in ["2026-02-29", "26-01-01", "2026-1-1", "9999-01-01", "2026-01-01T00:00"] {
            assert_eq!(parse_day(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn periods_touching_do_not_overlap(a in 0i64..100, b in 1i64..50, c in 1i64..50) {
            let first = Period::new(Instant(a), Instant(a + b)).unwrap();
            let second = Period::new(Instant(a + b), Instant(a + b + c)).unwrap();
            prop_assert!(!first.overlaps(&second) && !second.overlaps(&first));
            prop_assert!(first.overlaps(&first) && first.contains(&first));
        }

        #[test]
        fn hostile_times_never_panic(text in "\\PC{0,40}") {
            let _ = Instant::parse(&text);
            let _ = parse_day(&text);
            let _ = parse_minute(&text);
        }
    }
}
