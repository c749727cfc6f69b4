//! Weekly windows, day types and dated exceptions. Minutes of the site's civil day, 0..=1440, half-open.

use crate::kernel::form::{self, Form, Spot};
use crate::kernel::time::{Day, show_minute};
use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// Day of the week.
    pub enum Weekday {
        /// Monday.
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
}

impl Weekday {
    /// The weekday of a civil date.
    pub fn of(day: Day) -> Self {
        match day.weekday() {
            jiff::civil::Weekday::Monday => Self::Mon,
            jiff::civil::Weekday::Tuesday => Self::Tue,
            jiff::civil::Weekday::Wednesday => Self::Wed,
            jiff::civil::Weekday::Thursday => Self::Thu,
            jiff::civil::Weekday::Friday => Self::Fri,
            jiff::civil::Weekday::Saturday => Self::Sat,
            jiff::civil::Weekday::Sunday => Self::Sun,
        }
    }
}

words! {
    /// What kind of day a civil date is under the State Council's yearly notice.
    pub enum DayType {
        /// Monday to Friday without a notice.
        Workday = "workday",
        /// Saturday or Sunday without a notice.
        Weekend = "weekend",
        /// Statutory holiday or a day off moved to it.
        Holiday = "holiday",
        /// A weekend day worked instead (调休).
        MakeupWorkday = "makeup_workday",
    }
}

words! {
    /// What a weekly timetable does on a statutory holiday.
    pub enum HolidayRule {
        /// Not open.
        Closed = "closed",
        /// As on that day of the week.
        AsUsual = "as_usual",
        /// As on a Sunday.
        AsSunday = "as_sunday",
    }
}

words! {
    /// What a weekly timetable does on a make-up workday.
    pub enum MakeupRule {
        /// As on that day of the week.
        AsUsual = "as_usual",
        /// As on a Monday.
        AsMonday = "as_monday",
    }
}

/// Minutes `[from, to)` of one day, `from < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First minute inside.
    pub from: u16,
    /// First minute outside; at most 1440.
    pub to: u16,
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}–{}", show_minute(self.from), show_minute(self.to))
    }
}

/// The same hours on several days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Days of the week, none twice.
    pub days: Vec<Weekday>,
    /// The hours.
    #[serde(flatten)]
    pub span: Span,
}

/// Hours of single dates that replace the weekly ones; no spans means closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedHours {
    /// First date.
    pub first: Day,
    /// Last date, inclusive.
    pub last: Day,
    /// Hours on these dates; empty = closed.
    pub spans: Vec<Span>,
    /// Why, in Chinese.
    pub reason_zh: String,
}

/// A weekly timetable with its rules for special days. Used by open hours, reserved hours and quiet hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weekly {
    /// Windows; two of the same day never overlap.
    pub windows: Vec<Window>,
    /// On statutory holidays.
    pub holidays: HolidayRule,
    /// On make-up workdays.
    pub makeup_workdays: MakeupRule,
    /// Single dates; they come before every other rule, a later one before an earlier one.
    pub dates: Vec<DatedHours>,
}

impl Default for Weekly {
    /// No hours on any day, and nothing else on special days.
    fn default() -> Self {
        Self { windows: Vec::new(), holidays: HolidayRule::AsUsual, makeup_workdays: MakeupRule::AsUsual, dates: Vec::new() }
    }
}

fn span_fields(form: &mut Form) -> Option<Span> {
    let from = form.need("from", form::minute);
    let to = form.need("to", form::minute);
    let (from, to) = (from?, to?);
    if from >= to {
        form.fault(
            "to",
            "ends-before-start",
            "结束要晚于开始；跨午夜请写成两段。",
            "Must be after the start; write hours over midnight as two windows.",
        );
        return None;
    }
    Some(Span { from, to })
}

/// Reads `{"from": "08:30", "to": "21:00"}`.
pub fn span(spot: &Spot) -> Option<Span> {
    spot.object(span_fields)
}

/// Reads a window of a timetable.
pub(super) fn window(spot: &Spot) -> Option<Window> {
    spot.object(|form| {
        let days = form.need("days", form::set(1..=7, form::word::<Weekday>));
        let span = span_fields(form);
        Some(Window { days: days?, span: span? })
    })
}

fn overlapping(spans: &mut [Span]) -> bool {
    spans.sort_unstable();
    spans.windows(2).any(|pair| matches!(pair, [a, b] if b.from < a.to))
}

fn dated(spot: &Spot) -> Option<DatedHours> {
    spot.object(|form| {
        let first = form.need("first", form::day);
        let last = form.may("last", form::day);
        let spans = form.need("windows", form::list(0..=12, span));
        let reason_zh = form.need("reason_zh", form::line(60));
        let (first, mut spans) = (first?, spans?);
        let last = last.unwrap_or(first);
        if last < first {
            form.fault("last", "ends-before-start", "最后一天不能早于第一天。", "The last day is before the first.");
            return None;
        }
        if overlapping(&mut spans) {
            form.fault("windows", "overlapping", "时段互相重叠。", "The windows overlap.");
            return None;
        }
        Some(DatedHours { first, last, spans, reason_zh: reason_zh? })
    })
}

/// Reads the fields of a weekly timetable from an object.
pub fn weekly(form: &mut Form) -> Option<Weekly> {
    let windows = form.need("weekly", form::list(1..=42, window));
    timetable(form, "weekly", windows)
}

/// The same of hours that may be left out, under that name.
pub(super) fn stated(form: &mut Form, name: &'static str) -> Option<Weekly> {
    let windows = form.may(name, form::list(0..=42, window));
    let windows = if form.has(name) { windows } else { Some(Vec::new()) };
    timetable(form, name, windows)
}

/// The same where regular windows may be missing as long as single dates have some.
pub fn weekly_or_dates(form: &mut Form) -> Option<Weekly> {
    let windows = form.may("weekly", form::list(0..=42, window));
    let windows = if form.has("weekly") { windows } else { Some(Vec::new()) };
    let hours = timetable(form, "weekly", windows)?;
    if hours.windows.is_empty() && hours.dates.iter().all(|dated| dated.spans.is_empty()) {
        form.fault("weekly", "missing", "至少要写一个时段。", "At least one window is required.");
        return None;
    }
    Some(hours)
}

fn timetable(form: &mut Form, name: &'static str, windows: Option<Vec<Window>>) -> Option<Weekly> {
    let holidays = form.may("holidays", form::word);
    let makeup_workdays = form.may("makeup_workdays", form::word);
    let dates = form.may("dates", form::list(0..=100, dated));
    let windows = windows?;
    for day in Weekday::ALL {
        let mut spans: Vec<Span> = windows.iter().filter(|w| w.days.contains(day)).map(|w| w.span).collect();
        if overlapping(&mut spans) {
            form.fault(name, "overlapping", format!("{day} 的时段互相重叠。"), format!("The windows of {day} overlap."));
            return None;
        }
    }
    Some(Weekly {
        windows,
        holidays: holidays.unwrap_or(HolidayRule::AsUsual),
        makeup_workdays: makeup_workdays.unwrap_or(MakeupRule::AsUsual),
        dates: dates.unwrap_or_default(),
    })
}
