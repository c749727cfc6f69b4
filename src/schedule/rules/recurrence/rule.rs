//! The whitelist parser: text of a rule in, [`Rule`] out, or every fault of it.

use super::MOST_OCCURRENCES;
use crate::kernel::Instant;
use crate::kernel::form::Spot;
use crate::kernel::time::{Day, parse_day};
use jiff::civil::Weekday;
use std::fmt;

/// Longest text of a rule; the longest sensible one has about half of it.
const MOST_BYTES: usize = 400;
/// Largest interval: a year of days.
const MOST_INTERVAL: u16 = 366;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// Every day, or every so many.
    Daily,
    /// On days of a week.
    Weekly,
    /// On days of a month.
    Monthly,
}

/// A weekday, perhaps only the n-th of its month, counted from the end when negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByDay {
    /// 1 to 5 or −1 to −5; `None` = every one.
    pub nth: Option<i8>,
    /// Which weekday.
    pub weekday: Weekday,
}

/// Where a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// After so many occurrences.
    Count(u16),
    /// With that civil day of the site.
    Day(Day),
    /// With that moment.
    Moment(Instant),
}

/// A recurrence rule. Lists are in order and name nothing twice; an empty list says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// How often.
    pub frequency: Frequency,
    /// Every how many days, weeks or months; 1 or more.
    pub interval: u16,
    /// Where it ends.
    pub end: End,
    /// Weekdays.
    pub by_day: Vec<ByDay>,
    /// Days of the month, counted from its end when negative.
    pub by_month_day: Vec<i8>,
    /// Which of the days of one day, week or month, counted from the end when negative.
    pub by_set_pos: Vec<i8>,
    /// First day of a week.
    pub week_start: Weekday,
}

/// What is wrong with a part of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPart {
    /// Stable word.
    pub code: &'static str,
    /// Chinese text; names the part.
    pub zh: String,
    /// English text; names the part.
    pub en: String,
}

fn bad(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> BadPart {
    BadPart { code, zh: zh.into(), en: en.into() }
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

fn weekday(text: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(word, _)| *word == text).map(|(_, day)| *day)
}

fn word(day: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(_, known)| *known == day).map_or("MO", |(word, _)| *word)
}

/// A whole number of at most three digits, with a sign.
fn number(text: &str) -> Option<i16> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sound = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if sound { text.strip_prefix('+').unwrap_or(text).parse().ok() } else { None }
}

/// A list of signed numbers from 1 to `most`, in order, each once.
fn numbers(name: &str, text: &str, most: i16) -> Result<Vec<i8>, BadPart> {
    let one = |item: &str| number(item).filter(|n| *n != 0 && n.abs() <= most).and_then(|n| i8::try_from(n).ok());
    let mut all: Vec<i8> = text.split(',').map(one).collect::<Option<_>>().ok_or_else(|| {
        bad("out-of-range", format!("{name} 应为 1 到 {most} 或 -1 到 -{most}。"), format!("{name} must be 1 to {most} or -1 to -{most}."))
    })?;
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn by_day(text: &str) -> Result<Vec<ByDay>, BadPart> {
    let one = |item: &str| {
        let (nth, day) = item.split_at_checked(item.len().checked_sub(2)?)?;
        let nth =
            if nth.is_empty() { None } else { Some(number(nth).filter(|n| *n != 0 && n.abs() <= 5).and_then(|n| i8::try_from(n).ok())?) };
        Some(ByDay { nth, weekday: weekday(day)? })
    };
    let mut all: Vec<ByDay> = text.split(',').map(one).collect::<Option<_>>().ok_or_else(|| {
        bad(
            "malformed",
            "BYDAY 应为 MO、TU、WE、TH、FR、SA、SU，按月时可写 2TU、-1FR。",
            "BYDAY must be of MO, TU, WE, TH, FR, SA, SU; in a month also 2TU or -1FR.",
        )
    })?;
    all.sort_by_key(|day| (day.weekday.to_monday_zero_offset(), day.nth));
    all.dedup();
    Ok(all)
}

/// `20261231` (the whole day) or `20261231T155959Z`.
fn until(text: &str) -> Option<End> {
    let civil = |digits: &str| Some(format!("{}-{}-{}", digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?));
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    if date.len() != 8 || !date.is_ascii() {
        return None;
    }
    let Some(time) = time else { return parse_day(&civil(date)?).map(End::Day) };
    let time = time.strip_suffix('Z').filter(|time| time.len() == 6 && time.is_ascii())?;
    let moment = format!("{}T{}:{}:{}Z", civil(date)?, time.get(..2)?, time.get(2..4)?, time.get(4..6)?);
    Instant::parse(&moment).ok().map(End::Moment)
}

/// What was read so far of a rule.
#[derive(Default)]
struct Parts {
    frequency: Option<Frequency>,
    interval: Option<u16>,
    count: Option<u16>,
    until: Option<End>,
    by_day: Vec<ByDay>,
    by_month_day: Vec<i8>,
    by_set_pos: Vec<i8>,
    week_start: Option<Weekday>,
}

impl Parts {
    fn take(&mut self, name: &str, value: &str) -> Result<(), BadPart> {
        match name {
            "FREQ" => self.frequency = Some(frequency(value)?),
            "INTERVAL" => self.interval = Some(within("INTERVAL", value, MOST_INTERVAL)?),
            "COUNT" => self.count = Some(within("COUNT", value, MOST_OCCURRENCES)?),
            "UNTIL" => {
                self.until = Some(until(value).ok_or_else(|| {
                    bad(
                        "malformed",
                        "UNTIL 应为 20261231 或 20261231T155959Z，年份在 2000 到 2100 之间。",
                        "UNTIL must look like 20261231 or 20261231T155959Z, in the years 2000 to 2100.",
                    )
                })?);
            }
            "BYDAY" => self.by_day = by_day(value)?,
            "BYMONTHDAY" => self.by_month_day = numbers("BYMONTHDAY", value, 31)?,
            "BYSETPOS" => self.by_set_pos = numbers("BYSETPOS", value, 31)?,
            "WKST" => {
                let day =
                    weekday(value).ok_or_else(|| bad("malformed", "WKST 应为 MO 或 SU 等。", "WKST must be a weekday such as MO."))?;
                self.week_start = Some(day);
            }
            _ => {
                let shown: String = name.chars().take(20).collect();
                return Err(bad("unknown-part", format!("不支持 {shown}。"), format!("{shown} is not taken.")));
            }
        }
        Ok(())
    }
}

fn frequency(value: &str) -> Result<Frequency, BadPart> {
    Ok(match value {
        "DAILY" => Frequency::Daily,
        "WEEKLY" => Frequency::Weekly,
        "MONTHLY" => Frequency::Monthly,
        _ => {
            let (zh, en) = ("FREQ 只能是 DAILY、WEEKLY 或 MONTHLY。", "FREQ must be DAILY, WEEKLY or MONTHLY.");
            return Err(bad("unknown-word", zh, en));
        }
    })
}

fn within(name: &str, value: &str, most: u16) -> Result<u16, BadPart> {
    let number = if value.bytes().all(|b| b.is_ascii_digit()) { value.parse::<u16>().ok() } else { None };
    number
        .filter(|n| (1..=most).contains(n))
        .ok_or_else(|| bad("out-of-range", format!("{name} 应在 1 到 {most} 之间。"), format!("{name} must be 1 to {most}.")))
}

impl Rule {
    /// Reads the text of a rule, `FREQ=WEEKLY;BYDAY=TU;COUNT=12`, with or without `RRULE:` before it.
    ///
    /// # Errors
    /// Every part that is wrong, unknown, missing or does not go with the others.
    pub fn parse(text: &str) -> Result<Rule, Vec<BadPart>> {
        if text.len() > MOST_BYTES || !text.is_ascii() {
            let (zh, en) = (format!("重复规则最多 {MOST_BYTES} 个英文字符。"), format!("At most {MOST_BYTES} ASCII characters."));
            return Err(vec![bad("too-long", zh, en)]);
        }
        let text = text.trim().to_ascii_uppercase();
        let (mut parts, mut faults, mut seen) = (Parts::default(), Vec::new(), Vec::new());
        for part in text.strip_prefix("RRULE:").unwrap_or(&text).split(';') {
            let Some((name, value)) = part.split_once('=') else {
                faults.push(bad("malformed", "应如 FREQ=WEEKLY;BYDAY=TU;COUNT=12。", "Must look like FREQ=WEEKLY;BYDAY=TU;COUNT=12."));
                break;
            };
            if seen.contains(&name) {
                faults.push(bad("duplicate", format!("{name} 写了两次。"), format!("{name} stands twice.")));
                continue;
            }
            seen.push(name);
            if let Err(fault) = parts.take(name, value) {
                faults.push(fault);
            }
        }
        if !seen.contains(&"FREQ") && faults.iter().all(|fault| fault.code != "malformed") {
            faults.push(bad("missing", "缺少 FREQ。", "FREQ is missing."));
        }
        if faults.is_empty() { parts.whole() } else { Err(faults) }
    }
}

impl Parts {
    /// The rule, if its parts go together.
    fn whole(self) -> Result<Rule, Vec<BadPart>> {
        let mut faults = Vec::new();
        let mut say = |wrong: bool, zh: &str, en: &str| {
            if wrong {
                faults.push(bad("does-not-fit", zh, en));
            }
        };
        let frequency = self.frequency.unwrap_or(Frequency::Weekly);
        let ordinals = self.by_day.iter().any(|day| day.nth.is_some());
        say(ordinals && frequency != Frequency::Monthly, "只有按月重复才能写第几个星期几。", "Only a monthly rule may count weekdays.");
        say(
            !self.by_month_day.is_empty() && frequency == Frequency::Weekly,
            "按周重复不能写 BYMONTHDAY。",
            "A weekly rule takes no BYMONTHDAY.",
        );
        say(
            !self.by_set_pos.is_empty() && self.by_day.is_empty() && self.by_month_day.is_empty(),
            "BYSETPOS 要和 BYDAY 或 BYMONTHDAY 一起写。",
            "BYSETPOS needs BYDAY or BYMONTHDAY.",
        );
        say(self.count.is_some() && self.until.is_some(), "COUNT 和 UNTIL 只能写一个。", "COUNT and UNTIL exclude each other.");
        let end = self.until.or(self.count.map(End::Count));
        say(end.is_none(), "请写明共几次（COUNT）或到哪天为止（UNTIL）。", "Say how often (COUNT) or until when (UNTIL).");
        match end {
            Some(end) if faults.is_empty() => Ok(Rule {
                frequency,
                interval: self.interval.unwrap_or(1),
                end,
                by_day: self.by_day,
                by_month_day: self.by_month_day,
                by_set_pos: self.by_set_pos,
                week_start: self.week_start.unwrap_or(Weekday::Monday),
            }),
            _ => Err(faults),
        }
    }
}

/// The canonical text: what was not said is not in it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frequency = match self.frequency {
            Frequency::Daily => "DAILY",
            Frequency::Weekly => "WEEKLY",
            Frequency::Monthly => "MONTHLY",
        };
        write!(f, "FREQ={frequency}")?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        let list = |items: Vec<String>| items.join(",");
        if !self.by_day.is_empty() {
            let day = |day: &ByDay| format!("{}{}", day.nth.map(|n| n.to_string()).unwrap_or_default(), word(day.weekday));
            write!(f, ";BYDAY={}", list(self.by_day.iter().map(day).collect()))?;
        }
        for (name, numbers) in [("BYMONTHDAY", &self.by_month_day), ("BYSETPOS", &self.by_set_pos)] {
            if !numbers.is_empty() {
                write!(f, ";{name}={}", list(numbers.iter().map(i8::to_string).collect()))?;
            }
        }
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", word(self.week_start))?;
        }
        match self.end {
            End::Count(n) => write!(f, ";COUNT={n}"),
            End::Day(day) => write!(f, ";UNTIL={}", day.strftime("%Y%m%d")),
            End::Moment(at) => {
                let compact: String = at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
                write!(f, ";UNTIL={compact}")
            }
        }
    }
}

/// Reads the field of a body.
pub fn read(spot: &Spot) -> Option<Rule> {
    let Some(text) = spot.value.as_str() else { return spot.fault("wrong-type", "应为文字。", "Must be a text.") };
    match Rule::parse(text) {
        Ok(rule) => Some(rule),
        Err(faults) => {
            for fault in faults {
                let _: Option<()> = spot.fault(fault.code, fault.zh, fault.en);
            }
            None
        }
    }
}
