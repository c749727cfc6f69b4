//! Changing and cancelling a series: one occurrence, one and all after it, or all that have not begun.
//!
//! A change never loses what was had: an occurrence whose new time or room cannot be had stays as it is. Changing one and all
//! after it splits the series: the later part goes on as a series of its own.

use super::{
    Fresh, Held, New, Who, claim, counted, fresh, hull, keep, name_missing_signatures, read, reasons_of_days, spaces, tell, whose_are,
};
use crate::access::Permit;
use crate::access::deeds::{CancelBooking, MakeBooking};
use crate::audit::{self, Entry};
use crate::bookings::actions::{besides, books_for, refusal, waiting};
use crate::bookings::cancelling;
use crate::bookings::model::series::{Fate, Series, SeriesNews, SeriesScope};
use crate::bookings::model::{Beside, Booking, BookingState, Cancellation, CancelledBy, Children, NO_CHILDREN};
use crate::bookings::queries::series as queries;
use crate::bookings::rules;
use crate::bookings::rules::cancellation;
use crate::bookings::rules::series::{Change, Given, judge_changes};
use crate::bookings::sql;
use crate::kernel::id::{AccountId, BookingId, EquipmentId, Id, SeriesId, SpaceId};
use crate::kernel::time::Day;
use crate::kernel::{Code, Fault, Fen, Outcome, Period, Reason, Zone};
use crate::schedule::rules::recurrence::{End, Rule};
use crate::store::{Tx, phrases};
use crate::terms::model::Use;
use crate::{ledger, places, schedule};
use serde_json::json;
use std::collections::BTreeSet;

/// Which occurrences of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Which {
    /// How much.
    pub scope: SeriesScope,
    /// The day of the one; of `All` none.
    pub day: Option<Day>,
}

impl Which {
    fn has(&self, booking: &Booking) -> bool {
        let Some(day) = booking.series.as_ref().map(|of| of.day) else { return false };
        match (self.scope, self.day) {
            (SeriesScope::All, _) => true,
            (SeriesScope::Following, Some(from)) => from <= day,
            (SeriesScope::One, Some(one)) => one == day,
            (SeriesScope::Following | SeriesScope::One, None) => false,
        }
    }
}

/// The occurrences meant that have not begun, in order of their days, as they are now that nobody else decides about them. The caller
/// holds the line of their site.
fn meant(tx: &mut Tx, series: &SeriesId, which: Which) -> Outcome<Vec<Booking>> {
    let now = tx.now();
    phrases::lock_bookings_of(tx, series)?;
    let mut all = queries::bookings_of(tx, series)?;
    let live = |booking: &Booking| matches!(booking.state, BookingState::Confirmed | BookingState::Requested);
    all.retain(|booking| which.has(booking) && live(booking) && booking.period.start() > now);
    if all.is_empty() {
        let (zh, en) = (
            "这里没有还能改的预订：已经开始、取消了，或者没有订上。",
            "No booking is left there to change: begun, cancelled, or never made.",
        );
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    Ok(all)
}

/// Who does something to a series.
struct By<'a> {
    found: &'a queries::Found,
    account: &'a AccountId,
}

/// What a cancellation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// The bookings that are cancelled, in order of their days.
    pub bookings: Vec<BookingId>,
    /// Given back, in fen.
    pub refund: Fen,
    /// Those of them that count still, because it was late.
    pub counted: Vec<BookingId>,
    /// Bookings that can no longer be cancelled, each with the reason.
    pub kept: Vec<(BookingId, Reason)>,
}

/// Cancels occurrences for their holder: their time is free at once, and what was charged is given back. What comes after the
/// last one that stays is taken from the rule, so that nothing of it is expected any more.
pub fn cancel(
    tx: &mut Tx,
    permit: &Permit<CancelBooking>,
    found: &queries::Found,
    which: Which,
    reason: Option<String>,
) -> Outcome<Cancelled> {
    let now = tx.now();
    books_for(permit.who(), &found.series.holder)?;
    phrases::lock_line(tx, &found.series.space)?;
    let bookings = meant(tx, &found.series.id, which)?;
    let (mut ending, mut kept) = (Vec::new(), Vec::new());
    for booking in &bookings {
        match rules::cancel(booking, now) {
            Ok(_) => ending.push(booking.id.clone()),
            Err(fault) if which.scope == SeriesScope::One => return Err(fault),
            Err(fault) => kept.push((booking.id.clone(), as_reason(&fault))),
        }
    }
    let until = cancelling::free_until(tx, &bookings)?;
    let ended = sql::series::end_live(tx, &ending, BookingState::Cancelled)?;
    let how = Cancellation { by: CancelledBy::Holder, at: now, reason };
    sql::series::record_cancellations(tx, &ended, permit.account(), &how)?;
    let late = bookings.iter().zip(until).filter(|(booking, until)| ended.contains(&booking.id) && cancellation::counts(*until, now));
    let counted: Vec<BookingId> = late.map(|(booking, _)| booking.id.clone()).collect();
    let gone: Vec<Booking> = bookings.into_iter().filter(|booking| ended.contains(&booking.id)).collect();
    let refund = give_up(tx, &gone, permit.account())?;
    let by = By { found, account: permit.account() };
    let series = &found.series;
    match (which.scope, which.day) {
        (SeriesScope::Following, Some(day)) => shorten(tx, series, day)?,
        (SeriesScope::All, _) => shorten(tx, series, gone.iter().filter_map(day_of).min().unwrap_or(series.begins))?,
        (SeriesScope::One | SeriesScope::Following, _) => {}
    }
    let ids: Vec<BookingId> = gone.iter().map(|booking| booking.id.clone()).collect();
    let detail = json!({"scope": which.scope, "bookings": ids, "refund_fen": refund});
    by.record(tx, "series.cancelled", detail)?;
    tell(tx, &series.id, SeriesNews::Cancelled, &gone, (0, kept.len()))?;
    Ok(Cancelled { bookings: ids, refund, counted, kept })
}

fn day_of(booking: &Booking) -> Option<Day> {
    booking.series.as_ref().map(|of| of.day)
}

fn as_reason(fault: &Fault) -> Reason {
    let zh = fault.detail.zh.clone().unwrap_or_else(|| fault.code.zh().to_owned());
    Reason::plain(fault.code.as_str(), zh, fault.detail.en.clone().unwrap_or_else(|| fault.code.en().to_owned()))
}

impl By<'_> {
    fn record(&self, tx: &mut Tx, action: &'static str, detail: serde_json::Value) -> Outcome<()> {
        let subject = self.found.series.id.as_str();
        audit::record(tx, &Entry { chain: &self.found.area, actor: Some(self.account), action, subject, detail })
    }
}

/// Frees what bookings held that have ended, for a caller that holds the line of their site, and gives back what was charged; how
/// much that was.
fn give_up(tx: &mut Tx, ended: &[Booking], by: &AccountId) -> Outcome<Fen> {
    let confirmed = || ended.iter().filter(|booking| booking.state == BookingState::Confirmed);
    let claimants: Vec<&str> = confirmed().map(|booking| booking.id.as_str()).collect();
    let freed = schedule::actions::release_all(tx, &claimants)?;
    waiting::promote(tx, freed);
    let charged: Vec<(BookingId, Option<Fen>)> =
        confirmed().filter(|booking| booking.price > Fen::ZERO).map(|booking| (booking.id.clone(), None)).collect();
    let given_back = ledger::actions::refund_many(tx, &charged, Some(by))?;
    Ok(Fen(given_back.values().map(|fen| fen.0).sum()))
}

/// Ends the rule of a series before a day.
fn shorten(tx: &mut Tx, series: &Series, day: Day) -> Outcome<()> {
    let ends = End::Day(day.yesterday().map_err(Fault::internal)?);
    let rule = Rule { end: ends, ..series.rule.clone() };
    let shorter = Series { rule, revision: series.revision + 1, ..series.clone() };
    saved(tx, &shorter, series.revision)
}

fn saved(tx: &mut Tx, changed: &Series, read: i32) -> Outcome<()> {
    if sql::series::update(tx, changed, read)? {
        return Ok(());
    }
    let (zh, en) = ("这个系列刚刚被改过，请刷新后再试。", "The series has just been changed; look again and retry.");
    Err(Fault::saying(Code::StateConflict, zh, en))
}

/// What is to be different.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewShape {
    /// Another room of the site.
    pub space: Option<SpaceId>,
    /// Another minute of the day.
    pub minute: Option<u16>,
    /// Another length in minutes.
    pub minutes: Option<i64>,
    /// Another use.
    pub use_code: Option<Use>,
    /// Another number of people.
    pub attendees: Option<i64>,
    /// Another number of children among them …
    pub minors: Option<i64>,
    /// … another age of the youngest …
    pub youngest: Option<i64>,
    /// … and whether somebody looks after them.
    pub guardian: Option<bool>,
    /// Other equipment.
    pub equipment: Option<Vec<(String, i64)>>,
    /// Hash of the usage terms that were read and accepted.
    pub usage_terms_sha256: Option<String>,
    /// All that are meant, or none.
    pub all_or_nothing: bool,
}

impl NewShape {
    /// When an occurrence is to be. Without another hour it begins as it did, be it in the second of an hour that comes twice.
    fn period(&self, zone: &Zone, now: Period) -> Option<Period> {
        let start = self.minute.map_or(now.start(), |minute| zone.at(zone.day_of(now.start()), minute));
        Period::new(start, start.plus_minutes(self.minutes.unwrap_or_else(|| now.minutes())))
    }

    /// What an occurrence is to have beside its room.
    fn beside(&self, has: &Beside) -> Beside {
        Beside {
            children: Children::of(
                self.minors.unwrap_or(has.children.minors),
                self.youngest.or(has.children.youngest),
                self.guardian.unwrap_or(has.children.guardian),
            ),
            equipment: self.equipment.clone().unwrap_or_else(|| has.equipment.clone()),
            ..has.clone()
        }
    }
}

/// Everything some occurrences have or are to have beside their rooms: what is wanted first, in its order.
fn all_of(shape: &NewShape, have: &[Beside]) -> Beside {
    let mut equipment = shape.equipment.clone().unwrap_or_default();
    for one in have.iter().flat_map(|has| &has.equipment) {
        if equipment.iter().all(|(code, _)| *code != one.0) {
            equipment.push(one.clone());
        }
    }
    Beside { equipment, ..Beside::default() }
}

/// One occurrence after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// Its day in the series.
    pub day: Day,
    /// The booking as it now is: a new one, or the old one where it could not change.
    pub booking: Booking,
    /// The booking the new one takes the place of.
    pub before: Option<BookingId>,
    /// Why it stays as it was, and what was wanted.
    pub refused: Option<(Period, Vec<Reason>)>,
}

/// What a change did.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The series that goes on: the later part, after a split.
    pub series: Series,
    /// Every occurrence meant.
    pub occurrences: Vec<Changed>,
}

/// Gives occurrences another time of day, length, room, use or number of people. Each is judged as a booking, and charged anew; one that
/// cannot be had so stays as it is.
pub fn change(tx: &mut Tx, permit: &Permit<MakeBooking>, found: &queries::Found, which: Which, shape: &NewShape) -> Outcome<Changes> {
    let now = tx.now();
    let (old, account) = (&found.series, permit.account());
    let space = shape.space.clone().unwrap_or_else(|| old.space.clone());
    books_for(permit.who(), &old.holder)?;
    phrases::lock_line(tx, &old.space)?;
    let bookings = meant(tx, &old.id, which)?;
    let rooms_meant: BTreeSet<&SpaceId> = bookings.iter().map(|booking| &booking.space).chain([&space]).collect();
    for room in &rooms_meant {
        phrases::lock_space_shared(tx, room)?;
        waiting::end_overdue(tx, room, now)?;
    }
    let place = places::queries::located(tx, &space)?.filter(|place| place.site.id == old.site);
    let unknown = || Fault::field("/space_id", "unknown", "同一个地点没有这个房间。", "There is no such room at the site.");
    let place = place.ok_or_else(unknown)?;
    let others: BTreeSet<SpaceId> = rooms_meant.into_iter().filter(|room| **room != space).cloned().collect();
    let spaces = spaces(tx, &place, others)?;
    let held: Vec<Held> = bookings
        .iter()
        .filter(|booking| booking.state == BookingState::Confirmed)
        .filter_map(|booking| Some((spaces.iter().find(|space| space.id == booking.space)?.atoms.clone(), booking.occupancy)))
        .collect();
    let shaped = Series {
        space,
        minute: shape.minute.unwrap_or(old.minute),
        minutes: shape.minutes.unwrap_or(old.minutes),
        use_code: shape.use_code.unwrap_or(old.use_code),
        attendees: shape.attendees.unwrap_or(old.attendees),
        revision: old.revision + 1,
        ..old.clone()
    };
    let wanted = bookings.iter().map(|booking| shape.period(&place.site.zone, booking.period));
    let wanted: Vec<Period> = wanted.collect::<Option<_>>().ok_or_else(|| Fault::internal("a booking without a length"))?;
    let over = hull(wanted.iter().copied()).ok_or_else(|| Fault::internal("a change of nothing"))?;
    let rooms = read(tx, spaces, over, &held)?;
    let have = besides(tx, &bookings)?;
    let take: Vec<Beside> = have.iter().map(|has| shape.beside(has)).collect();
    if bookings.iter().zip(&take).any(|(booking, beside)| beside.children.minors > shape.attendees.unwrap_or(booking.attendees)) {
        let field = if shape.minors.is_some() { "/minors" } else { "/attendees" };
        return Err(Fault::field(field, "out-of-range", "孩子不能比总人数多。", "There must not be more minors than attendees."));
    }
    if shape.youngest.is_some() && take.iter().all(|beside| beside.children.minors == 0) {
        let (code, zh, en) = NO_CHILDREN;
        return Err(Fault::field("/youngest", code, zh, en));
    }
    // What is to change does not stand in its own way.
    let ids: Vec<BookingId> = bookings.iter().map(|booking| booking.id.clone()).collect();
    let who = Who { series: &shaped, beside: &all_of(shape, &have), instead_of: &ids, locks: true, now };
    let whose = whose_are(tx, &place, &rooms, over, &who)?;
    let counted_as = counted(&shaped, over);
    let given = Given {
        site: &place.site,
        rooms: &rooms,
        whose: &whose,
        counted_as: &counted_as,
        accepted: shape.usage_terms_sha256.as_deref(),
        now,
    };
    let room_of = |booking: &Booking| if shape.space.is_some() { shaped.space.clone() } else { booking.space.clone() };
    let in_rooms: Vec<SpaceId> = bookings.iter().map(room_of).collect();
    let besides = have.iter().zip(&take);
    let changes = bookings.iter().zip(&in_rooms).zip(&wanted).zip(besides).map(|(((booking, room), period), (has, beside))| Change {
        room_now: &booking.space,
        now: booking.period,
        held: (booking.state == BookingState::Confirmed).then_some(booking.occupancy),
        room,
        period: *period,
        use_code: shape.use_code.unwrap_or(booking.use_code),
        attendees: shape.attendees.unwrap_or(booking.attendees),
        has,
        beside,
    });
    let changes: Vec<Change> = changes.collect();
    let mut fates = judge_changes(&given, &changes);
    name_missing_signatures(tx, in_rooms.iter().zip(&mut fates))?;
    let refused = |fates: &[Fate]| {
        let days = bookings.iter().filter_map(day_of).zip(fates);
        reasons_of_days(days.filter_map(|(day, fate)| if let Fate::Refused(reasons) = fate { Some((day, reasons)) } else { None }))
    };
    let none = !fates.iter().any(|fate| matches!(fate, Fate::Admitted(_)));
    if let Some(fault) = refusal(refused(&fates), false).filter(|_| shape.all_or_nothing || none) {
        return Err(fault);
    }
    // Those that change give up what they had, and take what they are to have.
    let series = goes_on_as(tx, found, &shaped, which)?;
    let (mut left, mut news): (Vec<Booking>, Vec<Fresh>) = Default::default();
    for ((change, booking_now), fate) in changes.iter().zip(&bookings).zip(&fates) {
        if let (Fate::Admitted(verdicts), Some(day)) = (fate, day_of(booking_now)) {
            let new = New {
                room: change.room,
                period: change.period,
                use_code: change.use_code,
                attendees: change.attendees,
                children: change.beside.children,
                verdicts,
                of: series.on(day),
            };
            let shaped = Series { account: booking_now.account.clone(), ..series.clone() };
            let along: Vec<(EquipmentId, i64)> = whose
                .equipment
                .iter()
                .filter_map(|wanted| {
                    let (_, units) = change.beside.equipment.iter().find(|(code, _)| *code == wanted.portable.code)?;
                    Some((wanted.portable.id.clone(), *units))
                })
                .collect();
            left.push(booking_now.clone());
            news.push(fresh(&shaped, account, new, &along, now)?);
        }
    }
    let leaving: Vec<BookingId> = left.iter().map(|before| before.id.clone()).collect();
    if sql::series::end_live(tx, &leaving, BookingState::Moved)?.len() < leaving.len() {
        return Err(beside());
    }
    give_up(tx, &left, account)?;
    let claimed = claim(tx, &rooms, news.iter().map(|new| &new.booking))?;
    if news.iter().any(|Fresh { booking, .. }| booking.state == BookingState::Confirmed && !claimed.contains(booking.id.as_str())) {
        // Somebody took a time between our look and now: nothing changes, and the next try sees it.
        return Err(beside());
    }
    keep(tx, &place, &rooms, &news, account)?;
    let new: Vec<Booking> = news.into_iter().map(|new| new.booking).collect();
    for (before, new) in left.iter().zip(&new) {
        sql::record_move(tx, &before.id, &new.id, account, now)?;
    }
    let staying: Vec<BookingId> = bookings.iter().filter(|booking| !leaving.contains(&booking.id)).map(|b| b.id.clone()).collect();
    if series.id != old.id {
        sql::series::hand_over(tx, &staying, &series.id)?;
    }
    let moved: Vec<_> =
        left.iter().zip(&new).map(|(before, new)| json!({"from": before.id, "to": new.id, "price_fen": new.price})).collect();
    let detail = json!({"scope": which.scope, "goes_on_as": series.id, "moved": moved, "kept": staying});
    By { found, account }.record(tx, "series.changed", detail)?;
    let asked = new.iter().filter(|booking| booking.state == BookingState::Requested).count();
    tell(tx, &series.id, SeriesNews::Changed, &new, (asked, staying.len()))?;
    let occurrences = bookings.iter().zip(&changes).zip(&fates).filter_map(|((before, change), fate)| {
        let replaced = left.iter().zip(&new).find(|(old, _)| old.id == before.id).map(|(_, new)| new.clone());
        let refused = if let Fate::Refused(reasons) = fate { Some((change.period, reasons.clone())) } else { None };
        Some(Changed {
            day: day_of(before)?,
            before: replaced.is_some().then(|| before.id.clone()),
            booking: replaced.unwrap_or_else(|| before.clone()),
            refused,
        })
    });
    Ok(Changes { occurrences: occurrences.collect(), series })
}

fn beside() -> Fault {
    let (zh, en) = ("刚刚有别的变动，什么都没有改，请再试一次。", "Something changed beside this; nothing was done, please try again.");
    Fault::saying(Code::StateConflict, zh, en)
}

/// The series the changed occurrences are of from now on: the same, or after a split a new one.
fn goes_on_as(tx: &mut Tx, found: &queries::Found, shaped: &Series, which: Which) -> Outcome<Series> {
    let old = &found.series;
    let Some(day) = which.day.filter(|day| which.scope == SeriesScope::Following && *day > old.begins) else {
        // One occurrence leaves the series as it is; all of them are the series.
        let same = Series { revision: old.revision + 1, ..old.clone() };
        let whole = which.scope == SeriesScope::All || which.scope == SeriesScope::Following;
        let goes_on = if whole { shaped.clone() } else { same };
        saved(tx, &goes_on, old.revision)?;
        return Ok(goes_on);
    };
    let (mut exdates, now) = (old.exdates.clone(), tx.now());
    exdates.retain(|excepted| *excepted >= day);
    let (id, follows) = (SeriesId::fresh(), Some(old.id.clone()));
    let later = Series { id, begins: day, exdates, follows, made_at: now, revision: 1, ..shaped.clone() };
    shorten(tx, old, day)?;
    sql::series::insert(tx, &later)?;
    Ok(later)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Instant;

    #[test]
    fn without_another_hour_an_occurrence_begins_as_it_did() {
        let zone = Zone::named("America/New_York").unwrap();
        let period = |from: &str, to: &str| Period::new(Instant::parse(from).unwrap(), Instant::parse(to).unwrap());
        // Half past one, the second time, on the day on which the clock is set back.
        let now = period("2026-11-01T01:30:00-05:00", "2026-11-01T02:30:00-05:00").unwrap();
        let longer = NewShape { minutes: Some(90), ..NewShape::default() };
        assert_eq!(longer.period(&zone, now), period("2026-11-01T01:30:00-05:00", "2026-11-01T03:00:00-05:00"));
        let at_eight = NewShape { minute: Some(480), ..NewShape::default() };
        assert_eq!(at_eight.period(&zone, now), period("2026-11-01T08:00:00-05:00", "2026-11-01T09:00:00-05:00"));
    }
}
