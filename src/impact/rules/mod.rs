//! Pure decisions: what becomes of a booking that an event meets.
//!
//! | amendment | starts before the effect | inside the protected days | later |
//! |---|---|---|---|
//! | price lower | same | the difference is paid back | the difference is paid back |
//! | hours, quiet or reserved hours, ordinary uses narrower | kept | kept | another time or room is offered |
//! | a use prohibited for safety or law | cancelled | cancelled | cancelled |
//! | comfort capacity lower | kept | kept | fewer people, or cancelled 48 h before |
//! | safety capacity lower | fewer people | fewer people | fewer people |
//! | no longer lent, or the term ends earlier | kept | offered | offered |
//!
//! A request that waits for a yes holds nothing, so nothing protects it and nothing is offered for it: where the new rows refuse it,
//! it is refused; where fewer may come, those asked look at it again; where the price falls, it is quoted anew. In any case it is
//! judged again by the terms of the moment it is approved.
//!
//! Where nothing can be offered, or the start is too near for an answer, the booking is cancelled. Which row it is, the clause
//! says that refuses the booking under the new rows and did not under the old.

pub mod closures;
mod rearrange;

pub use rearrange::{Rearranger, Room, stands_against_an_offer};

use super::model::{Change, Disposition, Event, Item, MatterKind, NewMatter, SETTLED};
use crate::bookings::model::{Booking, BookingState};
use crate::kernel::id::SpaceId;
use crate::kernel::time::Day;
use crate::kernel::{Fen, Instant, Period, Reason, Zone};
use crate::pricing;
use crate::pricing::model::Quote;
use crate::terms::model::{Capacity, ClauseKind, DayType, Payload, TermInForce};
use crate::terms::rules::{self as terms_rules, Ask, Decision, Verdict};

/// A closure at once cancels what starts within this; a risk is over this long before the start.
pub const HORIZON_DAYS: i64 = 7;
/// Longest wait for an answer.
const ANSWER_DAYS: i64 = 7;
/// An answer is needed this long before the start …
const BEFORE_START_HOURS: i64 = 48;
/// … and nobody has less time than this for it.
const LEAST_HOURS: i64 = 12;

/// When an offer made `now` ends by itself: the earlier of 7 days and 48 hours before the start, but not before 12 hours.
/// `None`: the booking starts before anybody could answer.
pub fn answer_by(now: Instant, start: Instant) -> Option<Instant> {
    let due = now.plus_days(ANSWER_DAYS).min(start.plus_minutes(-BEFORE_START_HOURS * 60)).max(now.plus_minutes(LEAST_HOURS * 60));
    (due < start).then_some(due)
}

/// When a booking with too many people is cancelled: 48 hours before its start, but not before 12 hours.
fn reduce_by(now: Instant, start: Instant) -> Option<Instant> {
    let due = start.plus_minutes(-BEFORE_START_HOURS * 60).max(now.plus_minutes(LEAST_HOURS * 60));
    (due < start).then_some(due)
}

/// What is to become of a booking, before anybody has looked for something else.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// As the table says.
    pub disposition: Disposition,
    /// The clauses that decide.
    pub reasons: Vec<Reason>,
    /// The lower price.
    pub price: Option<Quote>,
    /// Most people, where fewer have to come.
    pub limit: Option<i64>,
    /// The new rows have nothing against it at all: whatever was open about it is settled.
    pub admitted: bool,
}

impl Judged {
    fn unaffected() -> Self {
        Self { disposition: Disposition::Unaffected, reasons: vec![], price: None, limit: None, admitted: false }
    }
    fn because(disposition: Disposition, reason: Reason) -> Self {
        Self { disposition, reasons: vec![reason], ..Self::unaffected() }
    }
    /// It was in question, and stands.
    pub fn settled() -> Self {
        let reason = Reason::plain(SETTLED, "这次变更以后，您的预订照旧。", "After this change the booking stands as it was.");
        Self::because(Disposition::Kept, reason)
    }
}

/// Where a start lies in time. The order is that of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    Protected,
    Later,
}

/// The rows of one space before an event and after it.
#[derive(Debug)]
pub struct SpaceTerms {
    before: Vec<TermInForce>,
    after: Vec<TermInForce>,
    /// The same as if they had always been in force: what the new version says of a booking it comes too late for.
    foretold: Vec<TermInForce>,
    effect: Instant,
    protected_days: Option<i64>,
    changes: bool,
}

impl SpaceTerms {
    /// `stored` are the rows of the space as they are now, without those of the event.
    pub fn new(event: &Event, space: &SpaceId, stored: Vec<TermInForce>) -> Self {
        let Change::Terms { from, of, rows, protected_days } = &event.change else {
            let (effect, after, foretold) = (Instant::LATEST, stored.clone(), Vec::new());
            return Self { before: stored, after, foretold, effect, protected_days: None, changes: false };
        };
        let mine: Vec<TermInForce> = rows.iter().filter(|(id, _)| id == space).map(|(_, row)| row.clone()).collect();
        let changes = of.as_ref().is_none_or(|of| of.contains(space));
        // A suspension outlives the version it met.
        let ours = |row: &TermInForce| changes && row.agreement == event.agreement && row.kind != ClauseKind::Suspension;
        let cut = |row: &TermInForce| TermInForce { to: if ours(row) { row.to.min(*from) } else { row.to }, ..row.clone() };
        let mut after: Vec<TermInForce> = stored.iter().map(cut).filter(|row| row.from < row.to).collect();
        let effect = mine.iter().map(|row| row.from).min().unwrap_or(*from);
        let foretold = if mine.is_empty() {
            after.clone()
        } else {
            let since =
                |row: &TermInForce| TermInForce { from: if row.from == effect { Instant::EARLIEST } else { row.from }, ..row.clone() };
            stored.iter().filter(|row| !ours(row)).cloned().chain(mine.iter().map(since)).collect()
        };
        after.extend(mine);
        Self { before: stored, after, foretold, effect, protected_days: *protected_days, changes }
    }

    /// The rows as they are after the event.
    pub fn after(&self) -> &[TermInForce] {
        &self.after
    }

    /// Judges a booking that has not begun.
    pub fn judge(&self, booking: &Booking, zone: &Zone, day_type: &dyn Fn(Day) -> DayType) -> Judged {
        if !self.changes {
            return Judged::unaffected();
        }
        let ask = ask_of(booking, zone);
        let rows = if booking.period.start() < self.effect { &self.foretold } else { &self.after };
        let new = terms_rules::decide(rows, &ask, day_type);
        if !new.iter().any(|verdict| matches!(verdict.decision, Decision::Refuse(_))) {
            return Judged { admitted: true, ..Judged::unaffected() };
        }
        let old = terms_rules::refusals(terms_rules::decide(&self.before, &ask, day_type));
        let mut judged = Judged::unaffected();
        for verdict in new {
            let row = self.row(&verdict);
            let Decision::Refuse(reason) = verdict.decision else { continue };
            // What stood against it before was set aside, or decided, before.
            if verdict.kind != ClauseKind::PriceCeiling && old.iter().any(|before| before.code == reason.code) {
                continue;
            }
            let when = self.when(booking, row);
            if verdict.kind == ClauseKind::PriceCeiling {
                if when != When::Before {
                    judged.price = terms_rules::lowest_ceiling(rows, &ask).and_then(|fee| pricing::rules::at_ceiling(&booking.quote, fee));
                    judged.reasons.push(reason);
                }
                continue;
            }
            let answer = answer(verdict.kind, row.map(|row| &row.payload), when);
            if let (Disposition::ReduceRequired, Some(Payload::Capacity { persons, .. })) = (answer, row.map(|row| &row.payload)) {
                judged.limit = Some(judged.limit.map_or(*persons, |limit| limit.min(*persons)));
            }
            if weight(answer) > weight(judged.disposition) {
                judged.disposition = answer;
            }
            judged.reasons.push(reason);
        }
        judged.price = judged.price.filter(|price| price.total < booking.price);
        if judged.price.is_some() && weight(judged.disposition) <= weight(Disposition::Kept) {
            judged.disposition = Disposition::BetterTermsApplied;
        }
        if judged.disposition == Disposition::Unaffected { Judged::unaffected() } else { judged }
    }

    /// The new row behind a verdict.
    fn row(&self, verdict: &Verdict) -> Option<&TermInForce> {
        let name = verdict.clause.as_ref()?;
        self.after.iter().find(|row| row.version == name.version && row.clause == name.clause)
    }

    fn when(&self, booking: &Booking, row: Option<&TermInForce>) -> When {
        let Some(days) = self.protected_days else { return When::Later };
        let (start, days) = (booking.period.start(), if booking.state == BookingState::Requested { 0 } else { days });
        // A clause with a later day of its own takes effect then.
        let effect = row.map_or(self.effect, |row| row.from.max(self.effect));
        match start {
            start if start < effect => When::Before,
            start if start < effect.plus_days(days) => When::Protected,
            _ => When::Later,
        }
    }
}

fn ask_of(booking: &Booking, zone: &Zone) -> Ask {
    Ask {
        zone: zone.clone(),
        period: booking.period,
        occupancy: booking.occupancy,
        use_code: booking.use_code,
        attendees: booking.attendees,
        charge: Some(booking.quote.charge()),
    }
}

/// The table, without its row of prices.
fn answer(kind: ClauseKind, payload: Option<&Payload>, when: When) -> Disposition {
    match (kind, payload, when) {
        (ClauseKind::ProhibitedUses, Some(Payload::Uses { safety: true, .. }), _) => Disposition::Cancelled,
        (_, Some(Payload::Capacity { basis: Capacity::Safety, .. }), _) => Disposition::ReduceRequired,
        (_, Some(Payload::Capacity { .. }), When::Later) => Disposition::ReduceRequired,
        (ClauseKind::SpaceGrant | ClauseKind::Term, _, When::Protected) | (_, _, When::Later) => Disposition::RearrangeOffered,
        _ => Disposition::Kept,
    }
}

/// Of several clauses the weightiest answer is the booking's.
fn weight(disposition: Disposition) -> u8 {
    match disposition {
        Disposition::Unaffected | Disposition::RequestRefused | Disposition::Requoted | Disposition::LookedAtAgain => 0,
        Disposition::Kept => 1,
        Disposition::BetterTermsApplied => 2,
        Disposition::ReduceRequired => 3,
        Disposition::RearrangeOffered => 4,
        Disposition::AtRisk => 5,
        Disposition::Cancelled => 6,
        Disposition::Interrupted => 7,
    }
}

/// Judges a booking of a closed space; `closed` from when until when.
pub fn closed(booking: &Booking, from: Instant, until: Option<Instant>, immediate: bool, zone: &Zone, now: Instant) -> Judged {
    let Some(over) = Period::new(from, until.unwrap_or(Instant::LATEST)).filter(|over| over.overlaps(&booking.period)) else {
        return Judged::unaffected();
    };
    let reason = if until.is_some() {
        let (zh, en) = zone.say_period(over);
        Reason::plain("suspended", format!("这个空间 {zh} 暂停开放。"), format!("The space is closed {en}."))
    } else {
        let (zh, en) = zone.say(from);
        let zh = format!("这个空间从 {zh} 起暂停开放，什么时候恢复另行通知。");
        Reason::plain("suspended", zh, format!("The space is closed from {en} until further notice."))
    };
    let start = booking.period.start();
    Judged::because(
        match () {
            () if !immediate => Disposition::RearrangeOffered,
            () if start <= now || booking.state == BookingState::CheckedIn => Disposition::Interrupted,
            () if start < now.plus_days(HORIZON_DAYS) => Disposition::Cancelled,
            () => Disposition::AtRisk,
        },
        reason,
    )
}

/// The booking may be touched at all: it has not begun, or the event closes its space for safety.
pub fn is_touchable(event: &Event, booking: &Booking, now: Instant) -> bool {
    let immediate = matches!(event.change, Change::Closed { immediate: true, .. });
    let begun = booking.period.start() <= now || booking.state == BookingState::CheckedIn;
    booking.period.end() > now && (!begun || immediate)
}

/// What becomes of a request, by what would become of a booking like it; `None`: nothing.
pub fn of_request(request: Booking, judged: Judged) -> Option<Item> {
    let disposition = match judged.disposition {
        Disposition::RearrangeOffered | Disposition::Cancelled | Disposition::Interrupted => Disposition::RequestRefused,
        Disposition::ReduceRequired => Disposition::LookedAtAgain,
        Disposition::BetterTermsApplied => Disposition::Requoted,
        // What is closed for who knows how long may be open again before anybody answers.
        _ => return None,
    };
    let price = judged.price.filter(|_| disposition != Disposition::RequestRefused);
    Some(Item { booking: request, disposition, reasons: judged.reasons, price, charged: Fen::ZERO, matter: None })
}

/// Decides for good: looks for something else where that is to be offered, and cancels what cannot be helped. `charged` is what of its
/// price is still charged.
pub fn resolve(
    booking: Booking,
    charged: Fen,
    judged: Judged,
    now: Instant,
    search: &mut Rearranger,
    day_type: &dyn Fn(Day) -> DayType,
) -> Item {
    let start = booking.period.start();
    let matter = match judged.disposition {
        Disposition::RearrangeOffered => answer_by(now, start).and_then(|due| {
            let alternatives = search.offer(&booking, due, day_type);
            let kind = MatterKind::Rearrange;
            (!alternatives.is_empty()).then_some(NewMatter { kind, due, limit: None, alternatives })
        }),
        Disposition::ReduceRequired => {
            let limit = judged.limit;
            reduce_by(now, start).map(|due| NewMatter { kind: MatterKind::Reduce, due, limit, alternatives: vec![] })
        }
        Disposition::AtRisk => {
            let due = start.plus_days(-HORIZON_DAYS);
            Some(NewMatter { kind: MatterKind::AtRisk, due, limit: None, alternatives: vec![] })
        }
        _ => None,
    };
    let open = matches!(judged.disposition, Disposition::RearrangeOffered | Disposition::ReduceRequired | Disposition::AtRisk);
    let disposition = if open && matter.is_none() { Disposition::Cancelled } else { judged.disposition };
    // What is offered elsewhere has a price of its own, and what ends is paid back in full.
    let price = judged.price.filter(|_| !matches!(disposition, Disposition::Cancelled | Disposition::RearrangeOffered));
    Item { booking, disposition, reasons: judged.reasons, price, charged, matter }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
