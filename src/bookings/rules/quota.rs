//! How much one holder may have: bookings or hours over a day, a week, a month or so many days in a row, at a site or in the
//! spaces of a clause. A booking counts on the civil day it starts. The refusal tells who had what, and when room comes up.

use crate::bookings::model::{Counted, Used};
use crate::kernel::id::{SiteId, SpaceId};
use crate::kernel::time::{Day, say_day};
use crate::kernel::{Period, Reason, Zone};
use crate::places::model::{Quota, QuotaHolder, QuotaSpan};
use crate::terms::model::{Payload, QuotaPer, TermInForce};
use jiff::ToSpan;
use std::ops::Range;

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

/// The first and the last civil day that share a stretch of the limit with a day.
fn around(limit: &Limit, day: Day) -> (Day, Day) {
    match limit.per {
        QuotaSpan::Day => (day, day),
        QuotaSpan::Week => {
            let monday = plus(day, -i64::from(day.weekday().to_monday_zero_offset()));
            (monday, plus(monday, 6))
        }
        QuotaSpan::Month => (day.first_of_month(), day.last_of_month()),
        QuotaSpan::Rolling => (plus(day, 1 - limit.days), plus(day, limit.days - 1)),
    }
}

/// What must be read to judge a booking that starts on any day from `first` to `last`.
pub fn reach(limits: &[Limit], zone: &Zone, first: Day, last: Day) -> Option<Period> {
    let before = limits.iter().map(|limit| around(limit, first).0).min()?;
    let after = limits.iter().map(|limit| around(limit, plus(last, ahead(limit))).1).max()?;
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

/// What counts towards a limit, counted once for all that is asked of it.
#[derive(Debug)]
pub struct Tally<'a> {
    limit: &'a Limit,
    /// In order, each with the civil day it starts on.
    uses: Vec<(Day, &'a Used)>,
    /// What the first so many of them come to, as the limit counts.
    sums: Vec<i64>,
}

impl<'a> Tally<'a> {
    /// Of `uses` those that the limit counts.
    pub fn of(limit: &'a Limit, zone: &Zone, uses: &'a [Used]) -> Self {
        let counts = |used: &&Used| match &limit.by {
            By::Site(site) => used.site == *site,
            By::Clause(_, spaces) => spaces.contains(&used.space),
        };
        let on_its_day = |used: &'a Used| (zone.day_of(used.period.start()), used);
        let mut uses: Vec<(Day, &Used)> = uses.iter().filter(counts).map(on_its_day).collect();
        uses.sort_by(|(day, one), (other_day, other)| {
            (day, one.period.start(), &one.booking).cmp(&(other_day, other.period.start(), &other.booking))
        });
        let mut sums = vec![0];
        let mut sum = 0;
        for (_, used) in &uses {
            sum += match limit.most {
                Most::Bookings(_) => 1,
                Most::Minutes(_) => used.period.minutes(),
            };
            sums.push(sum);
        }
        Self { limit, uses, sums }
    }

    /// Which of the uses lie in a stretch of days.
    fn within(&self, (from, to): (Day, Day)) -> Range<usize> {
        self.uses.partition_point(|(day, _)| *day < from)..self.uses.partition_point(|(day, _)| *day <= to)
    }

    fn inside(&self, stretch: (Day, Day)) -> &[(Day, &'a Used)] {
        self.uses.get(self.within(stretch)).unwrap_or_default()
    }

    fn used(&self, stretch: (Day, Day)) -> i64 {
        let within = self.within(stretch);
        let first = |so_many: usize| self.sums.get(so_many).copied().unwrap_or_default();
        first(within.end) - first(within.start)
    }

    /// The stretches that hold a day, inclusive civil days, the earliest first. Of any days in a row those that begin with a use or with
    /// the day itself: whatever else holds the day holds no more.
    fn stretches(&self, day: Day) -> Vec<(Day, Day)> {
        let (first, last) = around(self.limit, day);
        if self.limit.per != QuotaSpan::Rolling {
            return vec![(first, last)];
        }
        let mut begin: Vec<Day> = self.inside((first, day)).iter().map(|(day, _)| *day).chain([day]).collect();
        begin.dedup();
        begin.into_iter().map(|from| (from, plus(from, self.limit.days - 1))).collect()
    }

    /// What is used on the stretches that hold a day, the fullest of them; of equally full ones the earliest.
    pub fn standing(&self, day: Day) -> Standing<'a> {
        let fullest = self.stretches(day).into_iter().rev().max_by_key(|stretch| self.used(*stretch));
        let (from, to) = fullest.unwrap_or((day, day));
        let uses = self.inside((from, to)).iter().map(|(_, used)| *used).collect();
        Standing { from, to, uses, used: self.used((from, to)) }
    }

    /// The latest stretch that holds the day and has no room for a booking of so many minutes.
    fn full(&self, day: Day, minutes: i64) -> Option<(Day, Day)> {
        let has_room = |stretch: &(Day, Day)| match self.limit.most {
            Most::Bookings(most) => self.used(*stretch) < most,
            Most::Minutes(most) => self.used(*stretch) + minutes <= most,
        };
        self.stretches(day).into_iter().rev().find(|stretch| !has_room(stretch))
    }

    /// A booking of so many minutes would still fit on that day.
    pub fn fits(&self, day: Day, minutes: i64) -> bool {
        self.full(day, minutes).is_none()
    }

    /// The next day after `day` on which a booking of so many minutes would fit.
    pub fn frees_on(&self, day: Day, minutes: i64) -> Option<Day> {
        let (mut next, last) = (plus(day, 1), plus(day, ahead(self.limit)));
        while next <= last {
            // None of the days of a full stretch has room.
            let Some((_, to)) = self.full(next, minutes) else { return Some(next) };
            next = plus(to, 1);
        }
        None
    }
}

/// Every limit the wish would go over.
pub fn over_quota(limits: &[Limit], zone: &Zone, uses: &[Used], wish: Period) -> Vec<Reason> {
    let (day, minutes) = (zone.day_of(wish.start()), wish.minutes());
    let tallies = limits.iter().map(|limit| Tally::of(limit, zone, uses));
    tallies.filter(|tally| !tally.fits(day, minutes)).map(|tally| refusal(&tally, zone, day, minutes)).collect()
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

fn refusal(tally: &Tally, zone: &Zone, day: Day, minutes: i64) -> Reason {
    let limit = tally.limit;
    let (rule_zh, rule_en) = in_words(limit);
    let standing = tally.standing(day);
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
    match (limit.most, tally.frees_on(day, minutes)) {
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
