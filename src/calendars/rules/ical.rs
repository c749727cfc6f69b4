//! The writer of iCalendar (RFC 5545): lines end in CRLF and are folded at 75 octets, never inside a letter; text is escaped; every zone
//! that is named is described.

use crate::kernel::time::OffsetChange;
use crate::kernel::{Instant, Period, Zone};
use std::fmt::{self, Write};

/// Most octets of a line, its end not counted (3.1).
const MOST_OCTETS: usize = 75;

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It takes place.
    Confirmed,
    /// It may take place.
    Tentative,
    /// It does not take place.
    Cancelled,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The same as long as it is the same event.
    pub uid: String,
    /// When.
    pub period: Period,
    /// In whose time it is told.
    pub zone: Zone,
    /// When it last changed.
    pub changed_at: Instant,
    /// Counts changes.
    pub sequence: i32,
    /// What it is.
    pub status: Status,
    /// One line.
    pub summary: String,
    /// Where.
    pub location: Option<String>,
    /// More words.
    pub description: Option<String>,
}

/// A calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// Its name.
    pub name: String,
    /// The zone of whatever names none.
    pub zone: Zone,
    /// The time it is about: zones are described over it.
    pub over: Period,
    /// Its events.
    pub events: Vec<Event>,
}

/// Text of a property (3.3.11). Control characters cannot be said at all.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

/// Writes a content line, folded (3.1).
fn line(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut octets = 0;
    for letter in text.chars() {
        if octets + letter.len_utf8() > MOST_OCTETS {
            f.write_str("\r\n ")?;
            octets = 1;
        }
        f.write_char(letter)?;
        octets += letter.len_utf8();
    }
    f.write_str("\r\n")
}

fn utc(at: Instant) -> String {
    Zone::utc().basic(at) + "Z"
}

/// `;TZID=Asia/Shanghai:20261128T140000`; the second of an hour that comes twice can only be told in UTC.
fn moment(zone: &Zone, at: Instant) -> String {
    let (day, minute) = zone.minute_of(at);
    if zone.at(day, minute) == at { format!(";TZID={}:{}", zone.name(), zone.basic(at)) } else { format!(":{}", utc(at)) }
}

fn offset(seconds: i32) -> String {
    let (sign, all) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    let (hours, minutes, rest) = (all / 3600, all / 60 % 60, all % 60);
    if rest == 0 { format!("{sign}{hours:02}{minutes:02}") } else { format!("{sign}{hours:02}{minutes:02}{rest:02}") }
}

/// The zone over a time: how it stands at its beginning, and every change after (3.6.5).
fn describe(f: &mut fmt::Formatter<'_>, zone: &Zone, over: Period) -> fmt::Result {
    line(f, "BEGIN:VTIMEZONE")?;
    line(f, &format!("TZID:{}", zone.name()))?;
    for OffsetChange { at, before, after, summer, name } in zone.changes(over) {
        let kind = if summer { "DAYLIGHT" } else { "STANDARD" };
        line(f, &format!("BEGIN:{kind}"))?;
        // In the time that ends with the change.
        let began = Zone::utc().basic(at.plus_seconds(before.into()));
        line(f, &format!("DTSTART:{began}"))?;
        line(f, &format!("TZOFFSETFROM:{}", offset(before)))?;
        line(f, &format!("TZOFFSETTO:{}", offset(after)))?;
        line(f, &format!("TZNAME:{}", escaped(&name)))?;
        line(f, &format!("END:{kind}"))?;
    }
    line(f, "END:VTIMEZONE")
}

impl Event {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match self.status {
            Status::Confirmed => "CONFIRMED",
            Status::Tentative => "TENTATIVE",
            Status::Cancelled => "CANCELLED",
        };
        line(f, "BEGIN:VEVENT")?;
        line(f, &format!("UID:{}", escaped(&self.uid)))?;
        // Without METHOD, the moment of its last revision (3.8.7.2): the same event is the same text.
        line(f, &format!("DTSTAMP:{}", utc(self.changed_at)))?;
        line(f, &format!("LAST-MODIFIED:{}", utc(self.changed_at)))?;
        line(f, &format!("DTSTART{}", moment(&self.zone, self.period.start())))?;
        line(f, &format!("DTEND{}", moment(&self.zone, self.period.end())))?;
        line(f, &format!("SEQUENCE:{}", self.sequence))?;
        line(f, &format!("STATUS:{status}"))?;
        line(f, &format!("SUMMARY:{}", escaped(&self.summary)))?;
        for (name, text) in [("LOCATION", &self.location), ("DESCRIPTION", &self.description)] {
            if let Some(text) = text {
                line(f, &format!("{name}:{}", escaped(text)))?;
            }
        }
        // A cancelled event takes nobody's time.
        line(f, if self.status == Status::Cancelled { "TRANSP:TRANSPARENT" } else { "TRANSP:OPAQUE" })?;
        line(f, "END:VEVENT")
    }
}

/// The text of the feed.
impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, "BEGIN:VCALENDAR")?;
        line(f, "VERSION:2.0")?;
        line(f, "PRODID:-//Shangliang//Shangliang 商量//ZH")?;
        line(f, "CALSCALE:GREGORIAN")?;
        for name in ["NAME", "X-WR-CALNAME"] {
            line(f, &format!("{name}:{}", escaped(&self.name)))?;
        }
        line(f, &format!("X-WR-TIMEZONE:{}", self.zone.name()))?;
        line(f, "REFRESH-INTERVAL;VALUE=DURATION:PT1H")?;
        line(f, "X-PUBLISHED-TTL:PT1H")?;
        let mut zones = vec![&self.zone];
        for event in &self.events {
            if !zones.iter().any(|zone| zone.name() == event.zone.name()) {
                zones.push(&event.zone);
            }
        }
        for zone in zones {
            describe(f, zone, self.over)?;
        }
        for event in &self.events {
            event.write(f)?;
        }
        line(f, "END:VCALENDAR")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    fn event(summary: &str, in_zone: &str, from: &str, to: &str) -> Event {
        Event {
            uid: "booking_1@shangliang".into(),
            period: Period::new(at(from), at(to)).unwrap(),
            zone: zone(in_zone),
            changed_at: at("2026-11-01T00:00:00Z"),
            sequence: 3,
            status: Status::Tentative,
            summary: summary.into(),
            location: None,
            description: None,
        }
    }

    fn text(in_zone: &str, events: Vec<Event>) -> String {
        let over = Period::new(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).unwrap();
        Calendar { name: "活动大厅".into(), zone: zone(in_zone), over, events }.to_string()
    }

    #[test]
    fn a_zone_without_changes_is_one_stretch() {
        let text =
            text("Asia/Shanghai", vec![event("a;b,c\\d\ne", "Asia/Shanghai", "2026-12-01T14:00:00+08:00", "2026-12-01T15:30:00+08:00")]);
        for has in [
            "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD\r\n",
            "TZOFFSETTO:+0800\r\n",
            "DTSTART;TZID=Asia/Shanghai:20261201T140000\r\nDTEND;TZID=Asia/Shanghai:20261201T153000\r\nSEQUENCE:3\r\nSTATUS:TENTATIVE\r\n",
            "SUMMARY:a\\;b\\,c\\\\d\\ne\r\n",
            "DTSTAMP:20261101T000000Z\r\n",
        ] {
            assert!(text.contains(has), "{has:?} in {text}");
        }
        assert_eq!(text.matches("TZOFFSETFROM").count(), 1);
    }

    #[test]
    fn a_zone_with_changes_tells_each() {
        let text = text("America/New_York", vec![event("x", "America/New_York", "2026-11-01T01:30:00-05:00", "2026-11-01T02:30:00-05:00")]);
        for has in [
            "BEGIN:DAYLIGHT\r\nDTSTART:20260308T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\n",
            "BEGIN:STANDARD\r\nDTSTART:20261101T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\n",
            // The second half past one can only be told so.
            "DTSTART:20261101T063000Z\r\nDTEND;TZID=America/New_York:20261101T023000\r\n",
        ] {
            assert!(text.contains(has), "{has:?} in {text}");
        }
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_unfolding_gives_the_text_back(summary in "\\PC{0,200}") {
            let written = text("Asia/Shanghai", vec![event(&summary, "Asia/Shanghai", "2026-12-01T14:00:00+08:00", "2026-12-01T15:00:00+08:00")]);
            prop_assert!(written.ends_with("END:VCALENDAR\r\n"));
            for line in written.split("\r\n") {
                prop_assert!(line.len() <= MOST_OCTETS && !line.contains(['\r', '\n']), "{}", line);
            }
            let unfolded = written.replace("\r\n ", "");
            let said = unfolded.split("\r\n").find_map(|line| line.strip_prefix("SUMMARY:")).unwrap();
            let meant: String = summary.chars().filter(|c| !c.is_control()).collect();
            prop_assert_eq!(said.replace("\\;", ";").replace("\\,", ",").replace("\\\\", "\\"), meant.clone());
        }
    }
}
