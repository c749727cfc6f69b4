//! Bookings made by a rule. Everything a year of them is judged by is read once, before the first is judged; what can be had is
//! claimed together, and whatever cannot is told, occurrence by occurrence. Changing and cancelling: [`changes`].

pub mod changes;

use super::requests::{Asked, approvers_of};
use super::whose::{self, Claimant};
use super::{accept, holder_of, money, name_the_missing, refusal, waiting};
use crate::access::Permit;
use crate::access::deeds::MakeBooking;
use crate::audit::{self, Entry};
use crate::bookings::model::requests::RequestDue;
use crate::bookings::model::series::{Choice, Fate, MadeSeries, Series, SeriesAsk, SeriesNews, SeriesTold, Slot};
use crate::bookings::model::{Ask, Beside, Booking, BookingState, Channel, Children, Counted, Holder, InSeries, Used, Verdicts, Wanted};
use crate::bookings::rules::series::{FARTHEST_MOVE, Given, Room};
use crate::bookings::rules::{self, Whose, series as series_rules};
use crate::bookings::sql;
use crate::kernel::id::{AccountId, AtomId, BookingId, EquipmentId, Id, SeriesId, SpaceId};
use crate::kernel::time::{DAY_MINUTES, Day, say_day};
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Reason};
use crate::places::model::Space;
use crate::places::queries::Located;
use crate::schedule::rules::recurrence::{Occurrence, expand};
use crate::store::{Conn, Tx, phrases};
use crate::terms::model::{ClauseKind, Use};
use crate::{ledger, outbox, places, pricing, schedule, terms};
use serde_json::json;
use std::collections::BTreeSet;

/// A series as it would be, judged.
#[derive(Debug)]
pub struct Planned {
    /// Its space and site.
    pub place: Located,
    /// The rooms its occurrences may be in.
    rooms: Vec<Room>,
    /// The series.
    pub series: Series,
    /// Who wants it.
    whose: Whose,
    /// Every day it names.
    pub slots: Vec<Slot>,
}

impl Planned {
    /// Until when the holder can cancel what is booked for a day without its counting.
    pub fn free_until(&self, slot: &Slot) -> Option<Instant> {
        slot.admitted().and_then(|_| free_until(&self.place, &self.whose, slot.period))
    }
}

fn free_until(place: &Located, whose: &Whose, period: Period) -> Option<Instant> {
    rules::cancellation::free_until(period.start(), place.site.rules.limits.late_cancel_hours, whose.limited)
}

/// Reads and judges what somebody wants to book again and again. Nothing is written.
fn plan(conn: &mut Conn, holder: Holder, account: &AccountId, ask: &SeriesAsk, now: Instant, locks: bool) -> Outcome<Planned> {
    let unknown = || Fault::field("/space_id", "unknown", "没有这个空间。", "There is no such space.");
    let place = places::queries::located(conn, &ask.space)?.ok_or_else(unknown)?;
    let (first, minute) = series_rules::start(&place.site, ask.starts_at)?;
    let series = Series {
        id: SeriesId::fresh(),
        site: place.site.id.clone(),
        space: ask.space.clone(),
        use_code: ask.use_code,
        attendees: ask.attendees,
        first,
        begins: first,
        minute,
        minutes: ask.minutes,
        rule: ask.rule.clone(),
        exdates: ask.exdates.clone(),
        holidays: ask.holidays,
        makeup_workdays: ask.makeup_workdays,
        holder,
        account: account.clone(),
        made_by: account.clone(),
        follows: None,
        made_at: now,
        revision: 1,
    };
    let occurrences = expand(&series.rule, &place.site.zone, first, minute).map_err(series_rules::beyond)?;
    name_only_days(&occurrences, ask)?;
    let others = ask.choices.iter().filter_map(|(_, choice)| match choice {
        Choice::Take { space: Some(space), .. } if *space != ask.space => Some(space.clone()),
        _ => None,
    });
    let spaces = spaces(conn, &place, others.collect())?;
    let chosen = ask.choices.iter().filter_map(|(_, choice)| match choice {
        Choice::Take { period, .. } => Some(*period),
        Choice::Day(_) => None,
    });
    let usual = occurrences.iter().filter_map(|one| Period::new(one.start, one.start.plus_minutes(ask.minutes)));
    let over = hull(chosen.chain(usual)).ok_or_else(|| Fault::internal("a series without a day"))?;
    let rooms = read(conn, spaces, over, &[])?;
    let who = Who { series: &series, beside: &ask.beside, instead_of: &[], locks, now };
    let whose = whose_are(conn, &place, &rooms, over, &who)?;
    let counted_as = counted(&series, over);
    let given = Given {
        site: &place.site,
        rooms: &rooms,
        whose: &whose,
        counted_as: &counted_as,
        accepted: ask.usage_terms_sha256.as_deref(),
        now,
    };
    let mut slots = series_rules::judge(&given, &series, &ask.choices, &occurrences);
    name_missing_signatures(conn, slots.iter_mut().map(|slot| (&slot.space, &mut slot.fate)))?;
    Ok(Planned { place, rooms, series, whose, slots })
}

/// Who wants a series, and what it comes with.
struct Who<'a> {
    series: &'a Series,
    beside: &'a Beside,
    /// Bookings that are to change: what they have does not count.
    instead_of: &'a [BookingId],
    /// Nobody else of this holder, and nobody who wants the same equipment, decides until we commit.
    locks: bool,
    now: Instant,
}

/// What the rules must know of the holder and of the equipment wanted over all the days, read once.
fn whose_are(conn: &mut Conn, place: &Located, rooms: &[Room], over: Period, who: &Who) -> Outcome<Whose> {
    let Who { series, beside, instead_of, locks, now } = *who;
    let terms: Vec<_> = rooms.iter().flat_map(|room| &room.terms).collect();
    let claimant = Claimant { holder: Some(&series.holder), channel: Channel::Series, instead_of, locks };
    let first = Period::new(over.start(), over.start().plus_minutes(series.minutes.max(1))).unwrap_or(over);
    let ask = Ask {
        space: series.space.clone(),
        period: first,
        use_code: series.use_code,
        attendees: series.attendees,
        organisation: None,
        usage_terms_sha256: None,
        beside: beside.clone(),
    };
    let days = over.minutes() / i64::from(DAY_MINUTES) + 1;
    let missed = whose::missed(conn, &claimant, now)?;
    let mut whose = whose::read(conn, place, &terms, &ask, &claimant, days, missed)?;
    for room in rooms {
        whose.atoms.extend(room.space.atoms.iter().map(|atom| (room.space.id.clone(), atom.clone())));
    }
    whose.atoms.sort();
    whose.atoms.dedup();
    Ok(whose)
}

/// How an occurrence counts for those after it.
fn counted(series: &Series, over: Period) -> Used {
    Used {
        booking: BookingId::fresh(),
        site: series.site.clone(),
        space: series.space.clone(),
        space_zh: String::new(),
        space_en: None,
        person: "本系列".to_owned(),
        period: over,
        occupancy: over,
        counts_as: Counted::Booked,
    }
}

/// Choices and exceptions are about days the rule names.
fn name_only_days(occurrences: &[Occurrence], ask: &SeriesAsk) -> Outcome<()> {
    let named = |day: &Day| occurrences.iter().any(|one| one.day == *day);
    let say = |pointer: String, day: &Day| {
        let (zh, en) = say_day(*day);
        let (zh, en) = (format!("{zh}不在这个系列里。"), format!("{en} is no day of the series."));
        crate::kernel::FieldFault::at(pointer, "no-occurrence", zh, en)
    };
    let dates = ask.exdates.iter().enumerate().filter(|(_, day)| !named(day)).map(|(n, day)| say(format!("/exdates/{n}"), day));
    let choices = ask.choices.iter().enumerate().filter(|(_, (day, _))| !named(day));
    let faults: Vec<_> = dates.chain(choices.map(|(n, (day, _))| say(format!("/choices/{n}/date"), day))).collect();
    if faults.is_empty() { Ok(()) } else { Err(Fault::invalid(faults)) }
}

/// The series' own space, and other rooms of its site by id.
fn spaces(conn: &mut Conn, place: &Located, others: BTreeSet<SpaceId>) -> Outcome<Vec<Space>> {
    let mut spaces = vec![place.space.clone()];
    if !others.is_empty() {
        let of_site = places::queries::spaces(conn, std::slice::from_ref(&place.site.id))?;
        spaces.extend(of_site.into_iter().filter(|space| others.contains(&space.id)));
        if spaces.len() <= others.len() {
            return Err(Fault::field("/choices", "unknown", "同一个地点没有这个房间。", "There is no such room at the site."));
        }
    }
    Ok(spaces)
}

/// From the first start to the last end, with room for moving on.
fn hull(periods: impl Iterator<Item = Period>) -> Option<Period> {
    let (mut from, mut to) = (Instant::LATEST, Instant::EARLIEST);
    for period in periods {
        (from, to) = (from.min(period.start()), to.max(period.end()));
    }
    let moves = i64::try_from(FARTHEST_MOVE).unwrap_or_default() + 1;
    Period::new(from, to.plus_days(moves))
}

/// What a booking of the series itself holds: which atoms, over what.
type Held = (Vec<AtomId>, Period);

/// Terms, tariffs and occupancy of rooms over a time, a query each; without what is `held` by the bookings about to change.
fn read(conn: &mut Conn, spaces: Vec<Space>, over: Period, held: &[Held]) -> Outcome<Vec<Room>> {
    let (before, after) = spaces
        .iter()
        .fold((0, 0), |(before, after), space| (before.max(i64::from(space.setup_minutes)), after.max(i64::from(space.cleanup_minutes))));
    let over = over.widened(before, after);
    let ids: Vec<SpaceId> = spaces.iter().map(|space| space.id.clone()).collect();
    let atoms: Vec<AtomId> = spaces.iter().flat_map(|space| space.atoms.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let mut terms = terms::queries::of_spaces(conn, &ids, over)?;
    for id in &ids {
        // What ended before the first day tells since when.
        if !terms.iter().any(|(space, term)| space == id && term.kind == ClauseKind::Term && term.period().is_some()) {
            terms.extend(terms::queries::ended(conn, id, over.start())?.map(|term| (id.clone(), term)));
        }
    }
    let tariffs = pricing::queries::all_tariffs(conn, &ids)?;
    let mut occupied = schedule::queries::occupied_atoms(conn, &atoms, over)?;
    occupied.retain(|(atom, period)| !held.iter().any(|(atoms, own)| own == period && atoms.contains(atom)));
    let mut usage = Vec::new();
    for id in &ids {
        usage.push((id.clone(), terms::queries::usage_of(conn, id, over.start())?));
    }
    let rooms = spaces.into_iter().map(|space| {
        let mut taken: Vec<Period> = occupied.iter().filter(|(atom, _)| space.atoms.contains(atom)).map(|(_, period)| *period).collect();
        taken.dedup();
        Room {
            terms: terms.iter().filter(|(id, _)| *id == space.id).map(|(_, term)| term.clone()).collect(),
            tariffs: tariffs.iter().filter(|(id, _)| *id == space.id).map(|(_, tariff)| tariff.clone()).collect(),
            usage: usage.iter().find(|(id, _)| *id == space.id).map(|(_, usage)| usage.clone()).unwrap_or_default(),
            taken,
            space,
        }
    });
    Ok(rooms.collect())
}

/// Where no agreement opens a room: whose signature would, asked once a room.
fn name_missing_signatures<'s>(conn: &mut Conn, fates: impl Iterator<Item = (&'s SpaceId, &'s mut Fate)>) -> Outcome<()> {
    let mut known: Vec<(SpaceId, Vec<terms::queries::Unsigned>)> = Vec::new();
    for (space, fate) in fates {
        let Fate::Refused(reasons) = fate else { continue };
        for reason in reasons.iter_mut().filter(|reason| reason.code == "no-agreement") {
            if !known.iter().any(|(of, _)| of == space) {
                known.push((space.clone(), terms::queries::missing_signatures(conn, space)?));
            }
            let unsigned = known.iter().find(|(of, _)| of == space).map(|(_, unsigned)| unsigned.clone());
            name_the_missing(reason, unsigned.unwrap_or_default());
        }
    }
    Ok(())
}

/// What would be booked, day by day.
pub fn preview(conn: &mut Conn, permit: &Permit<MakeBooking>, ask: &SeriesAsk, now: Instant) -> Outcome<Planned> {
    let holder = holder_of(permit, ask.organisation.as_ref())?;
    plan(conn, holder, permit.account(), ask, now, false)
}

/// Books every day of a series that can be had, asks for those somebody must say yes to first, and tells what could not be had.
/// Refused when there is nothing at all, or when it was to be everything and is not.
pub fn make(tx: &mut Tx, permit: &Permit<MakeBooking>, ask: &SeriesAsk) -> Outcome<MadeSeries> {
    let (holder, account) = (holder_of(permit, ask.organisation.as_ref())?, permit.account());
    let now = tx.now();
    // Before reading the terms: no agreement changes between this judgement and the commit.
    for space in ask.spaces() {
        phrases::lock_space_shared(tx, space)?;
        waiting::end_overdue(tx, space, now)?;
    }
    let Planned { place, rooms, series, whose, mut slots } = plan(tx, holder, account, ask, now, true)?;
    let all_or_nothing = |slots: &[Slot]| if ask.all_or_nothing { refuse_unless_all(slots) } else { Ok(()) };
    all_or_nothing(&slots)?;
    let along: Vec<(EquipmentId, i64)> = whose.equipment.iter().map(Wanted::units).collect();
    let wanted = slots.iter().enumerate().filter_map(|(n, slot)| {
        let verdicts = slot.admitted()?;
        let new = New {
            room: &slot.space,
            period: slot.period,
            use_code: series.use_code,
            attendees: series.attendees,
            children: ask.beside.children,
            verdicts,
            of: series.on(slot.day),
        };
        Some((n, fresh(&series, account, new, &along, now)))
    });
    let wanted: Vec<(usize, Fresh)> = wanted.map(|(n, made)| Ok((n, made?))).collect::<Outcome<_>>()?;
    let claimed = claim(tx, &rooms, wanted.iter().map(|(_, fresh)| &fresh.booking))?;
    let mut made = Vec::with_capacity(wanted.len());
    for (n, fresh) in wanted {
        let has = fresh.booking.state == BookingState::Requested || claimed.contains(fresh.booking.id.as_str());
        match slots.get_mut(n) {
            Some(_) if has => made.push(fresh),
            Some(slot) => slot.fate = Fate::Refused(vec![rules::taken()]),
            None => {}
        }
    }
    all_or_nothing(&slots)?;
    if made.is_empty() {
        return Err(nothing(&slots));
    }
    keep(tx, &place, &rooms, &made, account)?;
    let bookings: Vec<Booking> = made.into_iter().map(|fresh| fresh.booking).collect();
    sql::series::insert(tx, &series)?;
    let asked = bookings.iter().filter(|booking| booking.state == BookingState::Requested).count();
    let missed = slots.iter().filter(|slot| matches!(slot.fate, Fate::Refused(_))).count();
    let detail = json!({
        "space": series.space, "rule": series.rule.to_string(), "use": series.use_code, "asked": asked, "missed": missed,
        "bookings": bookings.iter().map(|booking| json!({"booking": booking.id, "starts_at": booking.period.start(), "price_fen": booking.price})).collect::<Vec<_>>(),
    });
    tell(tx, &series.id, SeriesNews::Made, &bookings, (asked, missed))?;
    let chain = place.site.area_id.as_str();
    audit::record(tx, &Entry { chain, actor: Some(account), action: "series.made", subject: series.id.as_str(), detail })?;
    let free_until = bookings.iter().map(|booking| free_until(&place, &whose, booking.period)).collect();
    Ok(MadeSeries { series, slots, bookings, free_until })
}

/// One notice for all of them.
fn tell(tx: &mut Tx, series: &SeriesId, news: SeriesNews, of: &[Booking], counts: (usize, usize)) -> Outcome<()> {
    let starts = || of.iter().map(|booking| booking.period.start().0);
    let (Some(from), Some(to)) = (starts().min(), starts().max()) else { return Ok(()) };
    let (asked, missed) = counts;
    outbox::enqueue(tx, &SeriesTold { series: series.clone(), news, done: of.len(), asked, missed, from, to })
}

/// What is new about a booking of a series.
struct New<'a> {
    room: &'a SpaceId,
    period: Period,
    use_code: Use,
    attendees: i64,
    children: Children,
    verdicts: &'a Verdicts,
    of: InSeries,
}

/// A booking of a series about to be written, with whose yes it needs and what it takes along.
struct Fresh {
    booking: Booking,
    approvals: Vec<(terms::rules::ClauseName, terms::rules::Approver)>,
    along: Vec<(EquipmentId, i64)>,
}

fn fresh(series: &Series, by: &AccountId, new: New, along: &[(EquipmentId, i64)], now: Instant) -> Outcome<Fresh> {
    let New { room, period, use_code, attendees, children, verdicts, of } = new;
    let (Some(grant), Some(quote)) = (verdicts.grant.clone(), verdicts.quote.clone()) else {
        return Err(Fault::internal("admitted without grant or price"));
    };
    let booking = Booking {
        id: BookingId::fresh(),
        site: series.site.clone(),
        space: room.clone(),
        use_code,
        attendees,
        children,
        period,
        occupancy: verdicts.occupancy,
        state: if verdicts.approvals.is_empty() { BookingState::Confirmed } else { BookingState::Requested },
        holder: series.holder.clone(),
        account: series.account.clone(),
        made_by: by.clone(),
        channel: Channel::Series,
        series: Some(of),
        price: quote.total,
        quote,
        agreement: grant.agreement,
        version: grant.version,
        clauses: verdicts.clauses.clone(),
        made_at: now,
        revision: 1,
    };
    Ok(Fresh { booking, approvals: verdicts.approvals.clone(), along: along.to_vec() })
}

/// Claims what the confirmed ones among the bookings occupy; gives the ids of those that have it.
fn claim<'b>(tx: &mut Tx, rooms: &[Room], bookings: impl Iterator<Item = &'b Booking>) -> Outcome<BTreeSet<String>> {
    let mut claims = Vec::new();
    for booking in bookings.filter(|booking| booking.state == BookingState::Confirmed) {
        let atoms = rooms.iter().find(|room| room.space.id == booking.space).map(|room| &room.space.atoms);
        claims.extend(atoms.into_iter().flatten().map(|atom| (atom.clone(), booking.occupancy, booking.id.to_string())));
    }
    schedule::actions::claim_some(tx, claims)
}

/// Writes bookings that have their claims with what they take along and whom the requests among them ask, and charges.
fn keep(tx: &mut Tx, place: &Located, rooms: &[Room], made: &[Fresh], by: &AccountId) -> Outcome<()> {
    let now = tx.now();
    let mut known = Asked::default();
    for Fresh { booking, approvals, along } in made {
        sql::insert(tx, booking)?;
        sql::insert_equipment(tx, booking, along.iter().cloned())?;
        let room = rooms.iter().find(|room| room.space.id == booking.space);
        accept(tx, room.and_then(|room| room.usage_at(booking.period.start())), booking)?;
        if booking.state == BookingState::Confirmed {
            ledger::actions::charge(tx, &money(booking, by), booking.price)?;
            continue;
        }
        let asked = approvers_of(tx, place, &mut known, (&booking.id, approvals), booking.period, now)?;
        for approver in asked {
            sql::insert_approver(tx, approver)?;
        }
        let deadline = rules::deadline(approvals, booking.period, now);
        outbox::enqueue_at(tx, &RequestDue { booking: booking.id.clone() }, deadline)?;
    }
    Ok(())
}

/// Every reason of every day that was refused, the day as its figure.
fn reasons(slots: &[Slot]) -> Vec<Reason> {
    reasons_of_days(slots.iter().filter_map(|slot| match &slot.fate {
        Fate::Refused(reasons) => Some((slot.day, reasons)),
        Fate::Admitted(_) | Fate::LeftOut(_) => None,
    }))
}

fn reasons_of_days<'r>(refused: impl Iterator<Item = (Day, &'r Vec<Reason>)>) -> Vec<Reason> {
    let dated = |day: Day, reason: &Reason| {
        let (zh, en) = say_day(day);
        Reason { zh: format!("{zh}：{}", reason.zh), en: format!("{en}: {}", reason.en), ..reason.clone().figure(day) }
    };
    refused.flat_map(|(day, reasons)| reasons.iter().map(move |reason| dated(day, reason))).collect()
}

fn refuse_unless_all(slots: &[Slot]) -> Outcome<()> {
    match refusal(reasons(slots), false) {
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}

/// Nothing can be booked: everything is refused, or left out by choice.
fn nothing(slots: &[Slot]) -> Fault {
    let all_taken = slots.iter().all(Slot::is_taken);
    refusal(reasons(slots), false).map_or_else(
        || {
            let (zh, en) = ("这个系列的每一天都被去掉了。", "Every day of the series is left out.");
            Fault::field("/exdates", "nothing-left", zh, en)
        },
        |fault| if all_taken { Fault::refused(Code::PeriodTaken, fault.detail.reasons) } else { fault },
    )
}
