//! Writes. [`attendance`]: those about who came; [`moves`]: of bookings that are moved; [`waiting`]: those of the waiting list.

pub(super) mod attendance;
pub(super) mod waiting;

pub(super) mod moves;
pub(super) mod series;

use super::model::requests::{Approver, RequestEnd};
use super::model::{Booking, BookingState, Cancellation, CancelledBy, Consent, SetAside, Settable, UsageAcceptance};
use crate::kernel::id::{AccountId, BookingId, EquipmentId, OrganisationId};
use crate::kernel::{Fault, Fen, Instant, Outcome};
use crate::pricing::model::Quote;
use crate::store::schema::{
    booking_approvers, booking_cancellations, booking_consents, booking_equipment, booking_moves, booking_overrides, bookings,
    request_ends, usage_acceptances,
};
use crate::store::{Conn, Tx};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Nothing in the transaction of a booking reads it again, unless it is counted.
pub(super) fn insert(tx: &mut Tx, booking: &Booking) -> Outcome<()> {
    insert_counted(tx, booking, false)
}

/// `at_once`: the next booking of this transaction is to see it, because what its holder has is counted.
pub(super) fn insert_counted(tx: &mut Tx, booking: &Booking, at_once: bool) -> Outcome<()> {
    let json = |value: serde_json::Result<String>| value.map_err(Fault::internal);
    let (household, organisation) = booking.holder.columns();
    let row = (
        bookings::id.eq(booking.id.clone()),
        bookings::site_id.eq(booking.site.clone()),
        bookings::space_id.eq(booking.space.clone()),
        bookings::use_code.eq(booking.use_code),
        bookings::attendees.eq(booking.attendees),
        bookings::minors.eq(booking.children.minors),
        bookings::youngest.eq(booking.children.youngest),
        bookings::guardian.eq(booking.children.guardian),
        bookings::starts_at.eq(booking.period.start().0),
        bookings::ends_at.eq(booking.period.end().0),
        bookings::occupied_from.eq(booking.occupancy.start().0),
        bookings::occupied_to.eq(booking.occupancy.end().0),
        bookings::state.eq(booking.state),
        bookings::household_id.eq(household),
        bookings::account_id.eq(booking.account.clone()),
        bookings::organisation_id.eq(organisation),
        bookings::made_by.eq(booking.made_by.clone()),
        bookings::channel.eq(booking.channel),
        bookings::series_id.eq(booking.series.as_ref().map(|of| of.series.clone())),
        bookings::recurrence_id.eq(booking.series.as_ref().map(|of| of.day.to_string())),
        bookings::price_fen.eq(booking.price),
        bookings::price.eq(json(serde_json::to_string(&booking.quote))?),
        bookings::agreement_id.eq(booking.agreement.clone()),
        bookings::version_id.eq(booking.version.clone()),
        bookings::clauses.eq(json(serde_json::to_string(&booking.clauses))?),
        bookings::made_at.eq(booking.made_at.0),
    );
    let insert = diesel::insert_into(bookings::table).values(row);
    if at_once { insert.execute(&mut **tx).map(|_| ()).map_err(Fault::from) } else { tx.later(insert) }
}

/// What the booking takes along; nothing in its transaction reads it again.
pub(super) fn insert_equipment(tx: &mut Tx, booking: &Booking, along: impl IntoIterator<Item = (EquipmentId, i64)>) -> Outcome<()> {
    for (equipment, units) in along {
        let row = (
            booking_equipment::booking_id.eq(booking.id.clone()),
            booking_equipment::equipment_id.eq(equipment),
            booking_equipment::units.eq(units),
            booking_equipment::from_at.eq(booking.occupancy.start().0),
            booking_equipment::to_at.eq(booking.occupancy.end().0),
        );
        tx.later(diesel::insert_into(booking_equipment::table).values(row))?;
    }
    Ok(())
}

/// What a booking takes along is needed as long as it now occupies its space.
pub(super) fn keep_equipment(conn: &mut Conn, booking: &Booking) -> Outcome<()> {
    let over = (booking_equipment::from_at.eq(booking.occupancy.start().0), booking_equipment::to_at.eq(booking.occupancy.end().0));
    diesel::update(booking_equipment::table.filter(booking_equipment::booking_id.eq(&booking.id))).set(over).execute(conn)?;
    Ok(())
}

/// What a booking takes along goes into the one that follows it; nothing in the transaction reads it again. Whoever moves it has
/// judged that there is enough.
pub(super) fn carry_equipment(tx: &mut Tx, from: &BookingId, to: &Booking) -> Outcome<()> {
    use booking_equipment as e;
    let rows = e::table.filter(e::booking_id.eq(from.clone())).select((
        to.id.as_str().to_owned().into_sql::<Text>(),
        e::equipment_id,
        e::units,
        to.occupancy.start().0.into_sql::<BigInt>(),
        to.occupancy.end().0.into_sql::<BigInt>(),
    ));
    tx.later(rows.insert_into(e::table).into_columns((e::booking_id, e::equipment_id, e::units, e::from_at, e::to_at)))
}

/// Rules set aside for a booking; nothing in its transaction reads them again.
pub(super) fn insert_overrides(tx: &mut Tx, booking: &Booking, rules: &[Settable], set: &SetAside) -> Outcome<()> {
    let now = tx.now();
    for rule in rules {
        let row = (
            booking_overrides::booking_id.eq(booking.id.clone()),
            booking_overrides::rule.eq(*rule),
            booking_overrides::site_id.eq(booking.site.clone()),
            booking_overrides::reason.eq(set.reason().to_owned()),
            booking_overrides::account_id.eq(set.by().clone()),
            booking_overrides::set_aside_at.eq(now.0),
        );
        tx.later(diesel::insert_into(booking_overrides::table).values(row))?;
    }
    Ok(())
}

/// What the neighbour said; nothing in the transaction reads it again.
pub(super) fn insert_consent(tx: &mut Tx, booking: &Booking, consent: &Consent) -> Outcome<()> {
    let now = tx.now();
    let row = (
        booking_consents::booking_id.eq(booking.id.clone()),
        booking_consents::account_id.eq(booking.account.clone()),
        booking_consents::how.eq(consent.how),
        booking_consents::given_at.eq(consent.given_at.0),
        booking_consents::heard_by.eq(booking.made_by.clone()),
        booking_consents::role.eq(consent.role),
        booking_consents::recorded_at.eq(now.0),
    );
    tx.later(diesel::insert_into(booking_consents::table).values(row))
}

/// Written with the new booking, which may still wait for the end of the transaction.
pub(super) fn insert_acceptance(tx: &mut Tx, acceptance: UsageAcceptance) -> Outcome<()> {
    tx.later(diesel::insert_into(usage_acceptances::table).values(acceptance))
}

/// `true` for the one that cancels it: compare and swap on the state.
pub(super) fn cancel(conn: &mut Conn, id: &BookingId) -> Outcome<bool> {
    let live = bookings::state.eq_any([BookingState::Held, BookingState::Confirmed, BookingState::Requested]);
    let set = (bookings::state.eq(BookingState::Cancelled), bookings::revision.eq(bookings::revision + 1));
    Ok(diesel::update(bookings::table.find(id).filter(live)).set(set).execute(conn)? == 1)
}

/// Nothing in the transaction of a request reads it again.
pub(super) fn insert_approver(tx: &mut Tx, approver: Approver) -> Outcome<()> {
    tx.later(diesel::insert_into(booking_approvers::table).values(approver))
}

/// Nobody has said yes to these requests.
pub(super) fn forget_yes(conn: &mut Conn, ids: &[BookingId]) -> Outcome<()> {
    let of = booking_approvers::table.filter(booking_approvers::booking_id.eq_any(ids).and(booking_approvers::approved_at.is_not_null()));
    let set = (booking_approvers::approved_by.eq(None::<AccountId>), booking_approvers::approved_at.eq(None::<i64>));
    diesel::update(of).set(set).execute(conn)?;
    Ok(())
}

/// How many of the organisations had not said yes before.
pub(super) fn approve(conn: &mut Conn, id: &BookingId, by: (&[OrganisationId], &AccountId), now: Instant) -> Outcome<usize> {
    let open = booking_approvers::booking_id.eq(id).and(booking_approvers::organisation_id.eq_any(by.0));
    let open = booking_approvers::table.filter(open.and(booking_approvers::approved_at.is_null()));
    let set = (booking_approvers::approved_by.eq(by.1), booking_approvers::approved_at.eq(now));
    Ok(diesel::update(open).set(set).execute(conn)?)
}

/// A request or a hold becomes a booking, judged and priced as of now; `true` for the one that makes it so.
pub(super) fn confirm(conn: &mut Conn, booking: &Booking, from: BookingState) -> Outcome<bool> {
    let json = |value: serde_json::Result<String>| value.map_err(Fault::internal);
    let set = (
        bookings::state.eq(BookingState::Confirmed),
        bookings::series_id.eq(booking.series.as_ref().map(|of| &of.series)),
        bookings::recurrence_id.eq(booking.series.as_ref().map(|of| of.day.to_string())),
        bookings::occupied_from.eq(booking.occupancy.start().0),
        bookings::occupied_to.eq(booking.occupancy.end().0),
        bookings::price_fen.eq(booking.price),
        bookings::price.eq(json(serde_json::to_string(&booking.quote))?),
        bookings::agreement_id.eq(&booking.agreement),
        bookings::version_id.eq(&booking.version),
        bookings::clauses.eq(json(serde_json::to_string(&booking.clauses))?),
        bookings::revision.eq(bookings::revision + 1),
    );
    let before = bookings::table.find(&booking.id).filter(bookings::state.eq(from));
    Ok(diesel::update(before).set(set).execute(conn)? == 1)
}

/// A request ends without a booking; `true` for the one that ends it.
pub(super) fn turn_down(conn: &mut Conn, id: &BookingId, state: BookingState) -> Outcome<bool> {
    let requested = bookings::table.find(id).filter(bookings::state.eq(BookingState::Requested));
    let set = (bookings::state.eq(state), bookings::revision.eq(bookings::revision + 1));
    Ok(diesel::update(requested).set(set).execute(conn)? == 1)
}

pub(super) fn record_end(conn: &mut Conn, end: &RequestEnd) -> Outcome<()> {
    diesel::insert_into(request_ends::table).values(end).execute(conn)?;
    Ok(())
}

/// What somebody wrote when they cancelled.
pub(super) fn forget_reasons(conn: &mut Conn, account: &AccountId) -> Outcome<()> {
    use booking_cancellations as c;
    let theirs = c::table.filter(c::account_id.eq(account).and(c::reason.is_not_null()));
    diesel::update(theirs).set(c::reason.eq(None::<String>)).execute(conn)?;
    Ok(())
}

pub(super) fn record_cancellation(conn: &mut Conn, id: &BookingId, account: &AccountId, how: &Cancellation) -> Outcome<()> {
    let row = (
        booking_cancellations::booking_id.eq(id),
        booking_cancellations::cancelled_by.eq(how.by),
        booking_cancellations::account_id.eq(account),
        booking_cancellations::reason.eq(&how.reason),
        booking_cancellations::cancelled_at.eq(how.at.0),
    );
    diesel::insert_into(booking_cancellations::table).values(row).execute(conn)?;
    Ok(())
}

/// Ids of one statement.
const AT_ONCE: usize = 500;

/// Compare and swap on the state of many; gives those that stood. What somebody uses already can only be interrupted.
pub(super) fn end(conn: &mut Conn, ids: &[BookingId], into: BookingState) -> Outcome<BTreeSet<BookingId>> {
    let mut ended = BTreeSet::new();
    let standing: &[BookingState] =
        if into == BookingState::Interrupted { &[BookingState::Confirmed, BookingState::CheckedIn] } else { &[BookingState::Confirmed] };
    for some in ids.chunks(AT_ONCE) {
        let confirmed = bookings::table.filter(bookings::id.eq_any(some).and(bookings::state.eq_any(standing)));
        let set = (bookings::state.eq(into), bookings::revision.eq(bookings::revision + 1));
        let now: Vec<BookingId> = diesel::update(confirmed).set(set).returning(bookings::id).get_results(conn)?;
        ended.extend(now);
    }
    Ok(ended)
}

#[derive(Insertable)]
#[diesel(table_name = booking_cancellations, treat_none_as_default_value = false)]
struct End<'a> {
    booking_id: &'a str,
    cancelled_by: &'a str,
    account_id: Option<&'a str>,
    reason: Option<&'a str>,
    cancelled_at: i64,
}

pub(super) fn record_ends(conn: &mut Conn, ends: &[(&BookingId, &str)], by: CancelledBy, at: Instant) -> Outcome<()> {
    for some in ends.chunks(AT_ONCE) {
        let rows: Vec<End> = some
            .iter()
            .map(|(id, reason)| End {
                booking_id: id.as_str(),
                cancelled_by: by.as_str(),
                account_id: None,
                reason: Some(reason),
                cancelled_at: at.0,
            })
            .collect();
        crate::insert_all!(conn, booking_cancellations::table, &rows)?;
    }
    Ok(())
}

/// Those that get the same price in one statement.
pub(super) fn reprice(conn: &mut Conn, prices: &[(BookingId, Quote)], state: BookingState) -> Outcome<()> {
    let mut alike: BTreeMap<String, (Fen, Vec<&BookingId>)> = BTreeMap::new();
    for (id, quote) in prices {
        let written = serde_json::to_string(quote).map_err(Fault::internal)?;
        alike.entry(written).or_insert((quote.total, Vec::new())).1.push(id);
    }
    for (written, (total, ids)) in &alike {
        for some in ids.chunks(AT_ONCE) {
            let standing = bookings::table.filter(bookings::id.eq_any(some.to_vec()).and(bookings::state.eq(state)));
            let set = (bookings::price_fen.eq(*total), bookings::price.eq(written), bookings::revision.eq(bookings::revision + 1));
            diesel::update(standing).set(set).execute(conn)?;
        }
    }
    Ok(())
}

/// Written with the new booking, which may still wait for the end of the transaction.
pub(super) fn record_move(tx: &mut Tx, from: &BookingId, to: &BookingId, by: &AccountId, at: Instant) -> Outcome<()> {
    let row = (
        booking_moves::booking_id.eq(from.clone()),
        booking_moves::to_booking_id.eq(to.clone()),
        booking_moves::moved_at.eq(at.0),
        booking_moves::moved_by.eq(by.clone()),
    );
    tx.later(diesel::insert_into(booking_moves::table).values(row))
}

/// `true` when the booking was confirmed still.
pub(super) fn reduce(conn: &mut Conn, id: &BookingId, attendees: i64) -> Outcome<bool> {
    let confirmed = bookings::table.find(id).filter(bookings::state.eq(BookingState::Confirmed));
    let set = (bookings::attendees.eq(attendees), bookings::revision.eq(bookings::revision + 1));
    Ok(diesel::update(confirmed).set(set).execute(conn)? == 1)
}
