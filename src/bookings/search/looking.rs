//! The thinking of a search, without a connection.

use super::{AROUND_DAYS, Answer, Cost, Differs, Find, Hit, Miss, Near, Room, RoomFound, Search, Time, rules};
use crate::bookings::rules::{Circumstances, Wish, horizon};
use crate::kernel::time::{DAY_MINUTES, Day};
use crate::kernel::{Code, Fault, Fen, Instant, Outcome, Period, Reason};
use crate::places::model::{Site, Space};
use crate::schedule::model::State;
use crate::schedule::rules as schedule_rules;
use crate::terms::model::hours::Weekday;
use crate::terms::model::{DayType, Payload, Span, TermInForce, Use};
use crate::terms::rules::{hours_on, in_effect};
use jiff::ToSpan;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant as Tick;

/// Most times named of a hit.
const MOST_TIMES: usize = 31;
/// Most that fit nearly, of each kind.
const MOST_NEAR: usize = 2;
/// Most verdicts of a search that are kept for other rooms; what comes later is worked out each time.
const MOST_KNOWN: usize = 10_000;
/// Finer grids are not searched.
const FINEST_GRID: u16 = 5;
/// Reasons that do not depend on the hour: under the same clauses every other hour has them too.
const WHATEVER_THE_HOUR: &[&str] = &[
    "over-capacity",
    "no-capacity",
    "use-not-allowed",
    "use-prohibited",
    "over-ceiling",
    "no-price",
    "too-short",
    "too-long",
    "not-free",
    "not-paid",
];

fn day_type(day: Day) -> DayType {
    schedule_rules::day_type(day).0
}

/// A space at a time, as the rules admit it.
#[derive(Debug, Clone)]
struct Fit {
    period: Period,
    use_code: Use,
    price: Fen,
    needs_approval: Vec<Reason>,
}

/// How much speaks against a space: what got further is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Against {
    Closed,
    Taken,
    Rules,
}

/// When rooms of a kind are open on a day, whoever has them.
struct Opened {
    /// What was asked for, from every minute of the grid on at which it may start.
    starts: BTreeMap<u16, Period>,
    /// What closes the window that was asked for, if something does.
    closed: Option<Reason>,
}

/// What the rules say of a use at a time.
type Judged = Rc<Result<Fit, Vec<Reason>>>;

/// What was worked out for one room and holds for others of its kind: under equal clauses and prices at one site, with the same
/// set-up and clean-up, the rules say the same of a time, and a district has many such rooms.
struct Known<'s> {
    /// From then on nothing more is looked at.
    until: Tick,
    /// A room of each kind.
    kinds: Vec<&'s Room>,
    open: BTreeMap<(usize, Day), Rc<Opened>>,
    judged: BTreeMap<(usize, Instant, Use), Judged>,
}

impl<'s> Known<'s> {
    fn until(until: Tick) -> Rc<RefCell<Self>> {
        Rc::new(RefCell::new(Self { until, kinds: Vec::new(), open: BTreeMap::new(), judged: BTreeMap::new() }))
    }

    fn is_late(&self) -> bool {
        self.until <= Tick::now()
    }

    /// Everything was looked at; if not, what was found is no answer.
    fn in_time(&self) -> Outcome<()> {
        if self.is_late() { Err(Fault::from(Code::Overloaded).because("the search took too long").retry_after(2)) } else { Ok(()) }
    }

    fn kind_of(&mut self, room: &'s Room) -> usize {
        let buffers = |room: &Room| (room.space.setup_minutes, room.space.cleanup_minutes);
        // Every room has tariffs of its own; what they say is compared.
        let prices = |room: &'s Room| room.tariffs.iter().map(|tariff| (tariff.use_code, tariff.kind, &tariff.components));
        let same = |other: &&'s Room| {
            other.site == room.site && buffers(other) == buffers(room) && prices(other).eq(prices(room)) && other.terms == room.terms
        };
        self.kinds.iter().position(same).unwrap_or_else(|| {
            self.kinds.push(room);
            self.kinds.len() - 1
        })
    }
}

/// A room being looked at, with what was worked out about it already.
struct Looked<'s> {
    search: &'s Search,
    room: &'s Room,
    site: &'s Site,
    known: Rc<RefCell<Known<'s>>>,
    kind: usize,
    /// Sets of clauses under which nothing fits, whatever the hour.
    hopeless: Vec<Vec<usize>>,
    /// What fitted last: tried first.
    usual: Option<Use>,
    miss: Option<(Against, Reason)>,
}

impl<'s> Looked<'s> {
    fn new(search: &'s Search, room: &'s Room, known: &Rc<RefCell<Known<'s>>>) -> Option<Self> {
        let site = search.sites.get(room.site)?;
        let kind = known.borrow_mut().kind_of(room);
        Some(Self { search, room, site, known: known.clone(), kind, hopeless: vec![], usual: None, miss: None })
    }

    fn note(&mut self, against: Against, reason: impl FnOnce() -> Reason) {
        if self.miss.as_ref().is_none_or(|(before, _)| *before < against) {
            self.miss = Some((against, reason()));
        }
    }

    fn opened(&self, day: Day) -> Rc<Opened> {
        if let Some(opened) = self.known.borrow().open.get(&(self.kind, day)) {
            return opened.clone();
        }
        let opened = Rc::new(self.open(day));
        self.known.borrow_mut().open.insert((self.kind, day), opened.clone());
        opened
    }

    fn open(&self, day: Day) -> Opened {
        let (mut starts, mut closed) = (BTreeMap::new(), None);
        let zone = &self.site.zone;
        let start = |minute: u16| {
            let start = zone.at(day, minute);
            let period = Period::new(start, start.plus_minutes(self.search.find.minutes))?;
            // Where the clock is set forward, two minutes of the grid are one moment.
            (zone.minute_of(start) == (day, minute)).then_some((minute, period))
        };
        let all: Vec<(u16, Period)> = (0..DAY_MINUTES).step_by(usize::from(grid(self.site))).filter_map(start).collect();
        // What opens or stays closed as a whole day is not judged hour by hour and use by use.
        let beyond = |(_, period): &(u16, Period)| horizon::beyond_horizon(*period, self.site.rules.horizon_days, zone, self.search.now);
        if let Some(reason) = all.first().and_then(beyond) {
            return Opened { starts, closed: Some(reason) };
        }
        let open = schedule_rules::openings(zone, day, day, &self.room.terms, &schedule_rules::day_type);
        let days = schedule_rules::availability(zone, &open, &[], self.search.now);
        let window = self.search.find.window;
        for segment in days.into_iter().flat_map(|day| day.segments) {
            match segment.state {
                State::Free => starts.extend(all.iter().filter(|(_, period)| segment.period.contains(period)).copied()),
                State::Closed(reasons) if segment.from < window.to && window.from < segment.to => {
                    closed = closed.or_else(|| reasons.first().cloned());
                }
                _ => {}
            }
        }
        Opened { starts, closed }
    }

    /// What can be had from that minute of a day on.
    fn fit(&mut self, day: Day, minute: u16) -> Option<Fit> {
        if self.known.borrow().is_late() {
            return None;
        }
        let opened = self.opened(day);
        if let Some(reason) = &opened.closed {
            self.note(Against::Closed, || reason.clone());
        }
        let period = *opened.starts.get(&minute)?;
        let occupancy = rules::occupancy(&self.room.space, period);
        let next = self.room.taken.partition_point(|taken| taken.end() <= occupancy.start());
        if self.room.taken.get(next).is_some_and(|taken| taken.overlaps(&occupancy)) {
            self.note(Against::Taken, rules::taken);
            return None;
        }
        self.judged(period)
    }

    fn judged(&mut self, period: Period) -> Option<Fit> {
        let clauses: Vec<usize> =
            in_effect(&self.room.terms, period.start()).into_iter().map(|term| std::ptr::from_ref(term) as usize).collect();
        if self.hopeless.contains(&clauses) {
            return None;
        }
        if let Some(use_code) = self.usual
            && let Ok(fit) = self.judge(period, use_code).as_ref()
        {
            return Some(fit.clone());
        }
        let asked = self.search.find.use_code;
        let uses: &[Use] = asked.as_ref().map_or(Use::ALL, std::slice::from_ref);
        let judged: Vec<Judged> = uses.iter().map(|use_code| self.judge(period, *use_code)).collect();
        let fits = judged.iter().filter_map(|judged| judged.as_ref().as_ref().ok());
        if let Some(best) = fits.min_by_key(|fit| (fit.needs_approval.len(), fit.price)) {
            self.usual = Some(best.use_code);
            return Some(best.clone());
        }
        let refusals = || judged.iter().filter_map(|judged| judged.as_ref().as_ref().err());
        let always = |reason: &Reason| WHATEVER_THE_HOUR.contains(&reason.code.as_str());
        if refusals().all(|reasons| reasons.iter().any(always)) {
            self.hopeless.push(clauses);
        }
        // Of several uses the one that is nearest to fitting tells.
        if let Some(reason) = refusals().min_by_key(|reasons| reasons.len()).and_then(|reasons| reasons.first()) {
            self.note(Against::Rules, || reason.clone());
        }
        None
    }

    fn judge(&self, period: Period, use_code: Use) -> Judged {
        let asked = (self.kind, period.start(), use_code);
        if let Some(judged) = self.known.borrow().judged.get(&asked) {
            return judged.clone();
        }
        let judged = Rc::new(self.judge_anew(period, use_code));
        let mut known = self.known.borrow_mut();
        if known.judged.len() < MOST_KNOWN {
            known.judged.insert(asked, judged.clone());
        }
        judged
    }

    fn judge_anew(&self, period: Period, use_code: Use) -> Result<Fit, Vec<Reason>> {
        let Room { space, terms, tariffs, .. } = self.room;
        let given = Circumstances { space, site: self.site, terms, tariffs, now: self.search.now };
        let wish = Wish { period, use_code, attendees: self.search.find.people };
        let verdicts = rules::admit(&given, &wish, &day_type);
        let mut reasons = verdicts.reasons;
        let price = verdicts.quote.map(|quote| quote.total);
        reasons.extend(price.and_then(|price| too_dear(self.search.find.cost, price)));
        let needs_approval = verdicts.approvals.iter().map(|(clause, by)| rules::needs_approval(clause, by)).collect();
        match price {
            Some(price) if reasons.is_empty() => Ok(Fit { period, use_code, price, needs_approval }),
            _ => Err(reasons),
        }
    }

    fn found(&self, fit: &Fit) -> RoomFound {
        let Room { space, .. } = self.room;
        let others = || Use::ALL.iter().copied().filter(|other| *other != fit.use_code && self.judge(fit.period, *other).is_ok());
        let others: Vec<Use> = if self.search.find.use_code.is_some() { vec![] } else { others().collect() };
        RoomFound {
            space_id: space.id.clone(),
            space_zh: space.name_zh.clone(),
            space_en: space.name_en.clone(),
            capacity: self.capacity(fit.period.start()).map(|(persons, _)| persons),
            uses: std::iter::once(fit.use_code).chain(others).collect(),
            price_fen: fit.price,
            why: self.why(fit),
            needs_approval: fit.needs_approval.clone(),
        }
    }

    /// How many people it takes at a moment, and which clause says so.
    fn capacity(&self, at: Instant) -> Option<(i64, &'s TermInForce)> {
        let persons = |payload: &Payload| if let Payload::Capacity { persons, .. } = payload { Some(*persons) } else { None };
        in_effect(&self.room.terms, at)
            .into_iter()
            .filter_map(|term| Some((persons(&term.payload)?, term)))
            .min_by_key(|(persons, _)| *persons)
    }

    /// Why it fits.
    fn why(&self, fit: &Fit) -> Vec<Reason> {
        let find = &self.search.find;
        let effect = in_effect(&self.room.terms, fit.period.start());
        let day = self.site.zone.day_of(fit.period.start());
        let mut why = Vec::new();
        if let Some((persons, term)) = self.capacity(fit.period.start()) {
            let people = find.people;
            let (zh, en) = (format!("最多 {persons} 人，{people} 人坐得下。"), format!("It takes {persons} people, and so your {people}."));
            why.push(term.reason("room-enough", zh, en).figure(persons));
        }
        for code in &find.equipment {
            if let Some(one) = self.room.space.equipment.iter().find(|one| one.code == *code) {
                let (count, name_en) = (one.count, one.name_en.as_deref().unwrap_or(&one.name_zh));
                let zh = format!("有{}（{count}）。", one.name_zh);
                why.push(Reason::plain("equipped", zh, format!("There is: {name_en} ({count}).")).figure(code));
            }
        }
        if find.use_code.is_some() {
            let (zh, en) = (fit.use_code.zh(), fit.use_code.en());
            why.push(Reason::plain("use-allowed", format!("可以用来{zh}。"), format!("Good for: {en}.")).figure(fit.use_code));
        }
        for term in &effect {
            if let Payload::OpenHours(weekly) = &term.payload {
                let spans = hours_on(weekly, day, day_type(day));
                let zh = spans.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
                let en = zh.replace('、', ", ");
                why.push(term.reason("open", format!("这天开放 {zh}。"), format!("Open {en} that day.")).figure(&en));
            }
        }
        let price = fit.price;
        why.push(if price == Fen::ZERO {
            Reason::plain("free", "免费。", "Free of charge.")
        } else {
            Reason::plain("price", format!("一共 {price} 元。"), format!("{price} yuan in all.")).figure(price)
        });
        why
    }
}

fn too_dear(cost: Option<Cost>, price: Fen) -> Option<Reason> {
    match cost {
        Some(Cost::Free) if price > Fen::ZERO => {
            Some(Reason::plain("not-free", format!("要收 {price} 元。"), format!("It costs {price} yuan.")).figure(price))
        }
        Some(Cost::Paid) if price == Fen::ZERO => Some(Reason::plain("not-paid", "这里是免费的。", "It is free of charge.")),
        _ => None,
    }
}

/// Rooms that are had together: one, or those of a site of which as many as asked for are chosen.
struct Group<'s> {
    rooms: Vec<Looked<'s>>,
    inside: bool,
    asked_site: bool,
}

/// Rooms chosen of a group, each with what it is at one time.
type Chosen = Vec<(usize, Fit)>;

/// What rooms cost together; `None` beyond the machine's integers.
fn price(chosen: &Chosen) -> Option<Fen> {
    chosen.iter().try_fold(Fen::ZERO, |sum, (_, fit)| sum.plus(fit.price))
}

impl Group<'_> {
    /// So many rooms from that minute of a day on, none sharing a part with another.
    fn at(&mut self, day: Day, minute: u16, rooms: usize) -> Option<Chosen> {
        let (mut fitting, mut chosen): (Chosen, Vec<usize>) = (Vec::new(), Vec::new());
        for n in 0..self.rooms.len() {
            let Some(fit) = self.rooms.get_mut(n).and_then(|room| room.fit(day, minute)) else { continue };
            fitting.push((n, fit));
            if chosen.iter().all(|other| self.apart(*other, n)) {
                chosen.push(n);
            }
            if chosen.len() == rooms {
                break;
            }
        }
        if chosen.len() < rooms {
            let all: Vec<usize> = fitting.iter().map(|(n, _)| *n).collect();
            chosen = self.choose(&all, rooms)?;
        }
        fitting.retain(|(n, _)| chosen.contains(n));
        Some(fitting)
    }

    fn space(&self, n: usize) -> Option<&Space> {
        self.rooms.get(n).map(|looked| &looked.room.space)
    }

    fn apart(&self, a: usize, b: usize) -> bool {
        let (Some(a), Some(b)) = (self.space(a), self.space(b)) else { return false };
        a.atoms.iter().all(|atom| !b.atoms.contains(atom))
    }

    /// So many of some rooms that share nothing.
    fn choose(&self, of: &[usize], rooms: usize) -> Option<Vec<usize>> {
        if rooms == 0 {
            return Some(vec![]);
        }
        if of.len() < rooms {
            return None;
        }
        of.iter().enumerate().find_map(|(i, first)| {
            let rest: Vec<usize> = of.iter().skip(i + 1).copied().filter(|other| self.apart(*first, *other)).collect();
            let mut chosen = self.choose(&rest, rooms - 1)?;
            chosen.push(*first);
            Some(chosen)
        })
    }

    fn granularity(&self) -> u16 {
        self.rooms.first().map_or(30, |room| grid(room.site))
    }

    fn rank(&self, chosen: &Chosen) -> Option<Rank> {
        let capacity = |(n, fit): &(usize, Fit)| self.rooms.get(*n)?.capacity(fit.period.start()).map(|(persons, _)| persons);
        Some((chosen.first()?.1.period.start(), price(chosen)?, chosen.iter().filter_map(capacity).sum()))
    }

    fn hit(&self, found: &[Chosen]) -> Option<Hit> {
        let (site, chosen) = (self.rooms.first()?.site, found.first()?);
        let time = |chosen: &Chosen| {
            let period = chosen.first()?.1.period;
            let (starts_at, ends_at) = (site.zone.rfc3339(period.start()), site.zone.rfc3339(period.end()));
            Some(Time { starts_at, ends_at, price_fen: price(chosen)? })
        };
        Some(Hit {
            times: found.iter().take(MOST_TIMES).filter_map(time).collect(),
            more_times: found.len() > MOST_TIMES,
            site_id: site.id.clone(),
            site_zh: site.name_zh.clone(),
            site_en: site.name_en.clone(),
            zone: site.zone.name().to_owned(),
            rooms: chosen.iter().filter_map(|(n, fit)| Some(self.rooms.get(*n)?.found(fit))).collect(),
        })
    }
}

/// Every how many minutes something may start at a site.
fn grid(site: &Site) -> u16 {
    u16::try_from(site.rules.granularity_minutes).unwrap_or(30).clamp(FINEST_GRID, DAY_MINUTES)
}

/// The minutes of a day at which something of that length may start inside a window.
fn starts(grid: u16, window: Span, minutes: i64) -> Vec<u16> {
    let fits = |minute: &u16| *minute >= window.from && i64::from(*minute) + minutes <= i64::from(window.to);
    (0..DAY_MINUTES).step_by(usize::from(grid)).filter(fits).collect()
}

fn days(first: Day, last: Day) -> Vec<Day> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(|day| *day <= last).take(400).collect()
}

impl Find {
    fn is_wanted(&self, day: Day) -> bool {
        self.first <= day && day <= self.last && (self.weekdays.is_empty() || self.weekdays.contains(&Weekday::of(day)))
    }
}

/// How hits are put in order: earlier, cheaper, snugger.
type Rank = (Instant, Fen, i64);

impl Search {
    fn groups<'s>(&'s self, inside_only: bool, known: &Rc<RefCell<Known<'s>>>) -> Vec<Group<'s>> {
        let mut groups: Vec<(usize, Group<'s>)> = Vec::new();
        for room in self.rooms.iter().filter(|room| room.inside || !inside_only) {
            let Some(looked) = Looked::new(self, room, known) else { continue };
            let asked_site = self.asked.contains(&looked.site.id);
            let together = self.find.rooms > 1;
            match groups.iter_mut().find(|(site, _)| together && *site == room.site) {
                Some((_, group)) => group.rooms.push(looked),
                None => groups.push((room.site, Group { rooms: vec![looked], inside: room.inside, asked_site })),
            }
        }
        for (_, group) in &mut groups {
            // The smallest first: a hall is taken whole only where its parts do not do.
            group.rooms.sort_by_key(|looked| looked.room.space.atoms.len());
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// What fits, the first `most` of it, and why the rest does not.
    ///
    /// # Errors
    /// `overloaded` when it is not thought through by `until`.
    pub fn answer(&self, most: usize, until: Tick) -> Outcome<Answer> {
        let known = Known::until(until);
        let find = &self.find;
        let wanted: Vec<Day> = days(find.first, find.last).into_iter().filter(|day| find.is_wanted(*day)).collect();
        let mut groups = self.groups(true, &known);
        let mut ranked: Vec<(Rank, usize, Vec<Chosen>)> = Vec::new();
        let mut misses: BTreeMap<String, Miss> = BTreeMap::new();
        for (n, group) in groups.iter_mut().enumerate() {
            let found = self.found_in(group, &wanted);
            if found.is_empty() {
                group.rooms.iter().for_each(|looked| count(&mut misses, looked.miss.as_ref().map(|(_, reason)| reason)));
            }
            ranked.extend(found.into_iter().filter_map(|times| Some((group.rank(times.first()?)?, n, times))));
        }
        ranked.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let total = ranked.len();
        let hit = |(_, n, times): (Rank, usize, Vec<Chosen>)| groups.get(n)?.hit(&times);
        let hits = ranked.into_iter().take(most).filter_map(hit).collect();
        let mut misses: Vec<Miss> = misses.into_values().collect();
        if self.unequipped > 0 {
            let (zh, en) = ("没有要用的设备。".to_owned(), "What is needed is not there.".to_owned());
            misses.push(Miss { code: "not-equipped".into(), spaces: self.unequipped, zh, en });
        }
        misses.sort_by(|a, b| (b.spaces, &a.code).cmp(&(a.spaces, &b.code)));
        known.borrow().in_time()?;
        Ok(Answer { hits, total, misses })
    }

    /// When a group can be had: the times of each choice of rooms.
    fn found_in(&self, group: &mut Group, wanted: &[Day]) -> Vec<Vec<Chosen>> {
        let minutes = starts(group.granularity(), self.find.window, self.find.minutes);
        let mut found: Vec<Chosen> = Vec::new();
        for day in wanted {
            let mut of_day = minutes.iter().filter_map(|minute| group.at(*day, *minute, self.find.rooms));
            if wanted.len() == 1 { found.extend(of_day) } else { found.extend(of_day.next()) }
        }
        let mut by_rooms: Vec<(Vec<usize>, Vec<Chosen>)> = Vec::new();
        for chosen in found {
            let rooms: Vec<usize> = chosen.iter().map(|(n, _)| *n).collect();
            match by_rooms.iter_mut().find(|(same, _)| *same == rooms) {
                Some((_, times)) => times.push(chosen),
                None => by_rooms.push((rooms, vec![chosen])),
            }
        }
        by_rooms.into_iter().map(|(_, times)| times).collect()
    }

    /// What fits nearly: another time of the same day, another day, another room of the site, another site; the nearest first,
    /// two of each at most.
    ///
    /// # Errors
    /// `overloaded` when it is not thought through by `until`.
    pub fn nearest(&self, until: Tick) -> Outcome<Vec<Near>> {
        let known = Known::until(until);
        let find = &self.find;
        let (wanted, mut others): (Vec<Day>, Vec<Day>) =
            days(find.first.saturating_sub(AROUND_DAYS.days()), find.last.saturating_add(AROUND_DAYS.days()))
                .into_iter()
                .partition(|day| find.is_wanted(*day));
        others.sort_by_key(|day| (away(*day, &wanted), *day));
        let mut near: Vec<(Differs, i64, Rank, Hit)> = Vec::new();
        for mut group in self.groups(false, &known) {
            let grid = group.granularity();
            let inside = starts(grid, find.window, find.minutes);
            let mut outside = starts(grid, Span { from: 0, to: DAY_MINUTES }, find.minutes);
            outside.retain(|minute| !inside.contains(minute));
            outside.sort_by_key(|minute| (minute.abs_diff(find.window.from), *minute));
            let ways: &[(Differs, &[Day], &[u16])] = match (group.inside, group.asked_site) {
                (true, _) => &[(Differs::Time, &wanted, &outside), (Differs::Day, &others, &inside)],
                (false, true) => &[(Differs::Room, &wanted, &inside)],
                (false, false) => &[(Differs::Site, &wanted, &inside)],
            };
            for (differs, days, minutes) in ways {
                let all = days.iter().flat_map(|day| minutes.iter().map(|minute| (*day, *minute)));
                let first = all.filter_map(|(day, minute)| Some((day, minute, group.at(day, minute, find.rooms)?))).next();
                let Some((day, minute, chosen)) = first else { continue };
                let far = away(day, &wanted) * i64::from(DAY_MINUTES) + i64::from(minute.abs_diff(find.window.from));
                if let (Some(rank), Some(hit)) = (group.rank(&chosen), group.hit(std::slice::from_ref(&chosen))) {
                    near.push((*differs, far, rank, hit));
                }
            }
        }
        near.sort_by(|a, b| (a.0, a.1, a.2, &a.3.site_id).cmp(&(b.0, b.1, b.2, &b.3.site_id)));
        let mut named = 0;
        let mut last = None;
        near.retain(|(differs, ..)| {
            named = if last == Some(*differs) { named + 1 } else { 1 };
            last = Some(*differs);
            named <= MOST_NEAR
        });
        known.borrow().in_time()?;
        Ok(near.into_iter().map(|(differs, .., hit)| Near { differs, hit }).collect())
    }
}

/// Days from the nearest of some.
fn away(day: Day, wanted: &[Day]) -> i64 {
    wanted.iter().map(|other| i64::from((day - *other).get_days().abs())).min().unwrap_or(0)
}

/// A reason as it holds for several rooms, each with its own figures.
fn of_several(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "use-not-allowed" => ("约定的用途里没有这一项。", "They are not agreed for this use."),
        "outside-hours" => ("这段时间不开放。", "They are not open at that time."),
        "over-capacity" => ("容不下这么多人。", "They do not hold so many people."),
        "quiet-hours" => ("这段时间要安静。", "Quiet is agreed there at that time."),
        "suspended" => ("暂停开放。", "They are closed for a while."),
        _ => return None,
    })
}

fn count(misses: &mut BTreeMap<String, Miss>, reason: Option<&Reason>) {
    let fallback = Reason::plain("no-time", "这段时间里没有合适的开始时间。", "No start fits inside that time.");
    let reason = reason.unwrap_or(&fallback);
    let miss = Miss { code: reason.code.clone(), spaces: 0, zh: reason.zh.clone(), en: reason.en.clone() };
    let miss = misses.entry(reason.code.clone()).or_insert(miss);
    miss.spaces += 1;
    // The figures of one room are not those of another.
    if miss.zh != reason.zh
        && let Some((zh, en)) = of_several(&reason.code)
    {
        (miss.zh, miss.en) = (zh.to_owned(), en.to_owned());
    }
}

#[cfg(test)]
#[path = "looking_tests.rs"]
mod tests;
