//! How much one holder may have: bookings or hours over a day, a week, a month or so many days in a row, at a site or in the
//! spaces of a clause. A booking counts on the civil day it starts. The refusal tells who had what, and when room comes up.

use crate::bookings::model::{Counted, Used};
use crate::kernel::id::{SiteId, SpaceId};
use crate::kernel::time::{Day, say_day};
use crate::kernel::{Period, Reason, Zone};
use crate::places::model::{Quota, QuotaHolder, QuotaSpan};
use crate::terms::model::{Payload, QuotaPer, TermInForce};
use jiff::ToSpan;

/// Uses told one by one in a refusal.
const TOLD: usize = 5;

/// The figure of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most {
    /// So many bookings.
    Bookings(i64),
    /// So many minutes together.
    Minutes(i64),
}

/// Whose limit it is.
#[derive(Debug, Clone, PartialEq)]
pub enum By {
    /// The site's: over all its spaces.
    Site(SiteId),
    /// A clause's: over the spaces it binds.
    Clause(Box<TermInForce>, Vec<SpaceId>),
}

/// One limit of one holder.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Whose bookings count.
    pub holder: QuotaHolder,
    /// How much.
    pub most: Most,
    /// Over which stretch.
    pub per: QuotaSpan,
    /// Days in a row, for `rolling`.
    pub days: i64,
    /// Whose limit it is.
    pub by: By,
}

/// Clauses with a household quota in effect, each once: the loader asks which spaces they bind.
pub fn clauses<'a>(in_effect: &[&'a TermInForce]) -> Vec<&'a TermInForce> {
    let mut found: Vec<&TermInForce> = Vec::new();
    for term in in_effect {
        let has = matches!(&term.payload, Payload::Priority(priority) if priority.household_quota.is_some());
        if has && !found.iter().any(|other| other.version == term.version && other.clause == term.clause) {
            found.push(term);
        }
    }
    found
}

/// The limits a holder of that kind is under, the site's first. `bound` are the spaces of each clause.
pub fn limits(
    site: &SiteId,
    quotas: &[Quota],
    in_effect: &[&TermInForce],
    holder: QuotaHolder,
    bound: &[(TermInForce, Vec<SpaceId>)],
) -> Vec<Limit> {
    let of_site = quotas.iter().filter(|quota| quota.holder == holder).flat_map(|quota| {
        let mosts = [quota.bookings.map(Most::Bookings), quota.hours.map(|hours| Most::Minutes(hours * 60))];
        let limit = |most| Limit { holder, most, per: quota.per, days: quota.days.unwrap_or(1).max(1), by: By::Site(site.clone()) };
        mosts.into_iter().flatten().map(limit)
    });
    let of_clauses = clauses(in_effect).into_iter().filter(|_| holder == QuotaHolder::Household).filter_map(|term| {
        let Payload::Priority(priority) = &term.payload else { return None };
        let quota = priority.household_quota?;
        let per = match quota.per {
            QuotaPer::Day => QuotaSpan::Day,
            QuotaPer::Week => QuotaSpan::Week,
            QuotaPer::Month => QuotaSpan::Month,
        };
        let same = |(other, _): &&(TermInForce, Vec<SpaceId>)| other.version == term.version && other.clause == term.clause;
        let spaces = bound.iter().find(same).map(|(_, spaces)| spaces.clone()).unwrap_or_default();
        Some(Limit { holder, most: Most::Bookings(quota.most), per, days: 1, by: By::Clause(Box::new(term.clone()), spaces) })
    });
    of_site.chain(of_clauses).collect()
}

fn plus(day: Day, days: i64) -> Day {
    day.checked_add(days.days()).unwrap_or(day)
}

/// The longest time over which it is told when room comes up.
fn ahead(limit: &Limit) -> i64 {
    match limit.per {
        QuotaSpan::Day => 14,
        QuotaSpan::Week => 28,
        QuotaSpan::Month => 62,
        QuotaSpan::Rolling => limit.days * 2,
    }
}

/// The stretches of the limit that hold a day, inclusive civil days.
fn stretches(limit: &Limit, day: Day) -> Vec<(Day, Day)> {
    match limit.per {
        QuotaSpan::Day => vec![(day, day)],
        QuotaSpan::Week => {
            let monday = plus(day, -i64::from(day.weekday().to_monday_zero_offset()));
            vec![(monday, plus(monday, 6))]
        }
        QuotaSpan::Month => vec![(day.first_of_month(), day.last_of_month())],
        QuotaSpan::Rolling => {
            (1..=limit.days).map(|n| plus(day, n - limit.days)).map(|first| (first, plus(first, limit.days - 1))).collect()
        }
    }
}

/// What must be read to judge a booking that starts on any day from `first` to `last`.
pub fn reach(limits: &[Limit], zone: &Zone, first: Day, last: Day) -> Option<Period> {
    let before = limits.iter().flat_map(|limit| stretches(limit, first)).map(|(from, _)| from).min()?;
    let after = limits.iter().flat_map(|limit| stretches(limit, plus(last, ahead(limit)))).map(|(_, to)| to).max()?;
    zone.days(before, after)
}

/// A limit on one stretch of days, and what of it is used.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing<'a> {
    /// First civil day.
    pub from: Day,
    /// Last civil day.
    pub to: Day,
    /// What counts, in order of start.
    pub uses: Vec<&'a Used>,
    /// Bookings or minutes, as the limit counts.
    pub used: i64,
}

/// What a holder has used of a limit on the stretches that hold a day, the fullest of them.
pub fn standing<'a>(limit: &Limit, zone: &Zone, uses: &'a [Used], day: Day) -> Standing<'a> {
    let counts = |used: &&Used| match &limit.by {
        By::Site(site) => used.site == *site,
        By::Clause(_, spaces) => spaces.contains(&used.space),
    };
    let mut fullest = Standing { from: day, to: day, uses: Vec::new(), used: -1 };
    for (from, to) in stretches(limit, day) {
        let within = |used: &&Used| (from..=to).contains(&zone.day_of(used.period.start()));
        let mut inside: Vec<&Used> = uses.iter().filter(counts).filter(within).collect();
        inside.sort_by_key(|used| (used.period.start(), used.booking.clone()));
        let used = match limit.most {
            Most::Bookings(_) => i64::try_from(inside.len()).unwrap_or(i64::MAX),
            Most::Minutes(_) => inside.iter().map(|used| used.period.minutes()).sum(),
        };
        if used > fullest.used {
            fullest = Standing { from, to, uses: inside, used };
        }
    }
    fullest
}

/// A booking of so many minutes would still fit on that day.
pub fn fits(limit: &Limit, zone: &Zone, uses: &[Used], day: Day, minutes: i64) -> bool {
    let used = standing(limit, zone, uses, day).used;
    match limit.most {
        Most::Bookings(most) => used < most,
        Most::Minutes(most) => used + minutes <= most,
    }
}

/// The next day after `day` on which a booking of so many minutes would fit.
pub fn frees_on(limit: &Limit, zone: &Zone, uses: &[Used], day: Day, minutes: i64) -> Option<Day> {
    (1..=ahead(limit)).map(|n| plus(day, n)).find(|later| fits(limit, zone, uses, *later, minutes))
}

/// Every limit the wish would go over.
pub fn over_quota(limits: &[Limit], zone: &Zone, uses: &[Used], wish: Period) -> Vec<Reason> {
    let (day, minutes) = (zone.day_of(wish.start()), wish.minutes());
    limits.iter().filter(|limit| !fits(limit, zone, uses, day, minutes)).map(|limit| refusal(limit, zone, uses, day, minutes)).collect()
}

/// The limit in words: `每户每周最多订 2 次`.
pub fn in_words(limit: &Limit) -> (String, String) {
    let (who_zh, who_en) = match limit.holder {
        QuotaHolder::Household => ("每户", "A household"),
        QuotaHolder::Organisation => ("每个组织", "An organisation"),
    };
    let (per_zh, per_en) = match limit.per {
        QuotaSpan::Day => ("每天".to_owned(), "a day".to_owned()),
        QuotaSpan::Week => ("每周".to_owned(), "a week".to_owned()),
        QuotaSpan::Month => ("每月".to_owned(), "a month".to_owned()),
        QuotaSpan::Rolling => (format!("任意连续 {} 天", limit.days), format!("within any {} days", limit.days)),
    };
    match limit.most {
        Most::Bookings(most) => (format!("{who_zh}{per_zh}最多订 {most} 次"), format!("{who_en} may book {most} times {per_en}")),
        Most::Minutes(most) => {
            (format!("{who_zh}{per_zh}最多用 {}", hours_zh(most)), format!("{who_en} may have {} {per_en}", hours_en(most)))
        }
    }
}

fn hours_zh(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest} 分钟"),
        (hours, 0) => format!("{hours} 小时"),
        (hours, rest) => format!("{hours} 小时 {rest} 分钟"),
    }
}

fn hours_en(minutes: i64) -> String {
    format!("{}:{:02} h", minutes / 60, minutes % 60)
}

fn refusal(limit: &Limit, zone: &Zone, uses: &[Used], day: Day, minutes: i64) -> Reason {
    let (rule_zh, rule_en) = in_words(limit);
    let standing = standing(limit, zone, uses, day);
    let (from, to) = (standing.from, standing.to);
    let (used_zh, used_en, figure) = match limit.most {
        Most::Bookings(most) => (format!("{} 次", standing.used), format!("{} bookings", standing.used), most.to_string()),
        Most::Minutes(most) => (hours_zh(standing.used), hours_en(standing.used), hours_en(most)),
    };
    let told: Vec<&&Used> = standing.uses.iter().take(TOLD).collect();
    let more = standing.uses.len() > TOLD;
    let list_zh: Vec<String> = told.iter().map(|used| one_zh(used, zone)).collect();
    let list_en: Vec<String> = told.iter().map(|used| one_en(used, zone)).collect();
    let (list_zh, list_en) = (
        format!("{}{}", list_zh.join("、"), if more { "等" } else { "" }),
        format!("{}{}", list_en.join("; "), if more { " and more" } else { "" }),
    );
    let (mut zh, mut en) = (format!("{rule_zh}。"), format!("{rule_en}."));
    if !standing.uses.is_empty() {
        let ((from_zh, from_en), (to_zh, to_en)) = (say_day(from), say_day(to));
        let (days_zh, days_en) = if from == to {
            (from_zh, format!("On {from_en}"))
        } else {
            (format!("{from_zh}到{to_zh}"), format!("From {from_en} to {to_en}"))
        };
        zh.push_str(&format!("{days_zh}已经有 {used_zh}：{list_zh}。"));
        en.push_str(&format!(" {days_en} it has {used_en}: {list_en}."));
    }
    match (limit.most, frees_on(limit, zone, uses, day, minutes)) {
        (Most::Minutes(most), _) if minutes > most => {
            zh.push_str(&format!("这一次就要 {}。", hours_zh(minutes)));
            en.push_str(&format!(" This booking alone takes {}.", hours_en(minutes)));
        }
        (_, Some(free)) => {
            let (free_zh, free_en) = say_day(free);
            zh.push_str(&format!("{free_zh}起又可以订。"));
            en.push_str(&format!(" It may book again from {free_en}."));
        }
        (_, None) => {
            zh.push_str("近期都满了，取消一次就能腾出来。");
            en.push_str(" There is no room for some time; cancelling one makes room.");
        }
    }
    let reason = match &limit.by {
        By::Site(_) => Reason::plain("over-quota", zh, en),
        By::Clause(term, _) => term.reason("over-quota", zh, en),
    };
    reason.figure(figure)
}

fn one_zh(used: &Used, zone: &Zone) -> String {
    let how = match used.counts_as {
        Counted::Booked => "",
        Counted::Requested => "，等答复",
        Counted::LateCancelled => "，临时取消",
        Counted::NoShow => "，没有来",
    };
    format!("{} {}（{}{how}）", zone.say_period(used.period).0, used.space_zh, used.person)
}

fn one_en(used: &Used, zone: &Zone) -> String {
    let how = match used.counts_as {
        Counted::Booked => "",
        Counted::Requested => ", waiting for an answer",
        Counted::LateCancelled => ", cancelled late",
        Counted::NoShow => ", nobody came",
    };
    format!("{} {} ({}{how})", zone.say_period(used.period).1, used.space_en.as_deref().unwrap_or(&used.space_zh), used.person)
}

#[cfg(test)]
#[path = "quota_tests.rs"]
mod tests;
