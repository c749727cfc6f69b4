//! Where a booking may begin and end, and how long it may be.

use crate::kernel::time::show_minute;
use crate::kernel::{Instant, Period, Reason, Zone};

/// It begins and ends on whole minutes.
pub fn on_whole_minutes(period: Period) -> bool {
    [period.start(), period.end()].iter().all(|at| at.0 % 60_000_000 == 0)
}

/// Start and end lie on the site's grid of minutes, counted from its midnight.
pub fn off_grid(period: Period, granularity_minutes: i32, zone: &Zone) -> Option<Reason> {
    let grid = i64::from(granularity_minutes.max(1));
    let on = |at: Instant| i64::from(zone.minute_of(at).1) % grid == 0 && at.0 % 60_000_000 == 0;
    let (start, end) = (zone.minute_of(period.start()).1, zone.minute_of(period.end()).1);
    (!on(period.start()) || !on(period.end())).then(|| {
        let shown = format!("{}–{}", show_minute(start), show_minute(end));
        Reason::plain(
            "off-grid",
            format!("开始和结束要落在每 {grid} 分钟的刻度上。"),
            format!("Start and end must lie on steps of {grid} minutes."),
        )
        .figure(shown)
    })
}

/// The shortest booking itself is long enough.
pub fn too_short(period: Period, least: i32) -> Option<Reason> {
    (period.minutes() < i64::from(least))
        .then(|| Reason::plain("too-short", format!("最短 {least} 分钟。"), format!("At least {least} minutes.")).figure(least))
}

/// The longest booking itself is short enough; seconds beyond it are too many.
pub fn too_long(period: Period, most: i32) -> Option<Reason> {
    (period.end() > period.start().plus_minutes(i64::from(most)))
        .then(|| Reason::plain("too-long", format!("一次最长 {most} 分钟。"), format!("At most {most} minutes at a time.")).figure(most))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{beijing, code, hour, period};
    use super::*;

    #[test]
    fn the_grid_is_the_sites() {
        let grid = |from: &str, to: &str| code(off_grid(period(from, to), 30, &beijing()));
        assert_eq!(grid("2026-11-23T10:15:00+08:00", "2026-11-23T11:00:00+08:00").as_deref(), Some("off-grid"));
        assert_eq!(grid("2026-11-23T10:00:01+08:00", "2026-11-23T11:00:00+08:00").as_deref(), Some("off-grid"));
        assert_eq!(grid("2026-11-23T10:30:00+08:00", "2026-11-23T11:30:00+08:00"), None);
        // Kathmandu is 5:45 ahead: the grid is the site's, not that of UTC.
        let kathmandu = Zone::named("Asia/Kathmandu").unwrap();
        assert_eq!(code(off_grid(hour("2026-11-23T10:30:00+05:45"), 30, &kathmandu)), None);
        assert_eq!(code(off_grid(hour("2026-11-23T10:30:00+08:00"), 30, &kathmandu)).as_deref(), Some("off-grid"));
        assert!(on_whole_minutes(hour("2026-11-23T10:31:00+08:00")) && !on_whole_minutes(hour("2026-11-23T10:30:01+08:00")));
    }

    #[test]
    fn shortest_and_longest_are_allowed_themselves() {
        let from = "2026-11-23T10:00:00+08:00";
        assert_eq!(code(too_short(period(from, "2026-11-23T10:29:00+08:00"), 30)).as_deref(), Some("too-short"));
        assert_eq!(code(too_short(period(from, "2026-11-23T10:30:00+08:00"), 30)), None);
        assert_eq!(code(too_long(period(from, "2026-11-23T14:00:00+08:00"), 240)), None);
        assert_eq!(code(too_long(period(from, "2026-11-23T14:00:01+08:00"), 240)).as_deref(), Some("too-long"));
        assert_eq!(code(too_long(period(from, "2026-11-23T14:30:00+08:00"), 240)).as_deref(), Some("too-long"));
    }
}
