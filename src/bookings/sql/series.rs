//! Writes about bookings made by a rule.

use crate::bookings::model::series::Series;
use crate::bookings::model::{BookingState, Cancellation};
use crate::kernel::id::{AccountId, BookingId, SeriesId};
use crate::kernel::{Fault, Outcome};
use crate::store::schema::{booking_cancellations, bookings, series};
use crate::store::{Conn, Tx};
use diesel::prelude::*;
use std::collections::BTreeSet;

/// Ids of one statement.
const AT_ONCE: usize = 500;

fn days(series: &Series) -> Outcome<String> {
    serde_json::to_string(&series.exdates.iter().map(ToString::to_string).collect::<Vec<_>>()).map_err(Fault::internal)
}

/// Nothing in the transaction of a series reads it again.
pub(crate) fn insert(tx: &mut Tx, made: &Series) -> Outcome<()> {
    let (household, organisation) = made.holder.columns();
    let row = (
        series::id.eq(made.id.clone()),
        series::site_id.eq(made.site.clone()),
        series::space_id.eq(made.space.clone()),
        series::use_code.eq(made.use_code),
        series::attendees.eq(made.attendees),
        series::first_day.eq(made.first.to_string()),
        series::begins_day.eq(made.begins.to_string()),
        series::start_minute.eq(i32::from(made.minute)),
        series::minutes.eq(i32::try_from(made.minutes).map_err(Fault::internal)?),
        series::rule.eq(made.rule.to_string()),
        series::exdates.eq(days(made)?),
        series::holidays.eq(made.holidays),
        series::makeup_workdays.eq(made.makeup_workdays),
        series::household_id.eq(household),
        series::organisation_id.eq(organisation),
        series::account_id.eq(made.account.clone()),
        series::made_by.eq(made.made_by.clone()),
        series::follows_id.eq(made.follows.clone()),
        series::made_at.eq(made.made_at.0),
        series::revision.eq(made.revision),
    );
    tx.later(diesel::insert_into(series::table).values(row))
}

/// Writes what a change may change; `true` when nobody changed it since it was read.
pub(crate) fn update(conn: &mut Conn, changed: &Series, read: i32) -> Outcome<bool> {
    let same = series::table.find(&changed.id).filter(series::revision.eq(read));
    let set = (
        series::space_id.eq(&changed.space),
        series::use_code.eq(changed.use_code),
        series::attendees.eq(changed.attendees),
        series::start_minute.eq(i32::from(changed.minute)),
        series::minutes.eq(i32::try_from(changed.minutes).map_err(Fault::internal)?),
        series::rule.eq(changed.rule.to_string()),
        series::exdates.eq(days(changed)?),
        series::revision.eq(changed.revision),
    );
    Ok(diesel::update(same).set(set).execute(conn)? == 1)
}

/// Compare and swap on the state of many; gives those that were confirmed or asked for.
pub(crate) fn end_live(conn: &mut Conn, ids: &[BookingId], into: BookingState) -> Outcome<BTreeSet<BookingId>> {
    let mut ended = BTreeSet::new();
    for some in ids.chunks(AT_ONCE) {
        let live = bookings::state.eq_any([BookingState::Confirmed, BookingState::Requested]);
        let live = bookings::table.filter(bookings::id.eq_any(some).and(live));
        let set = (bookings::state.eq(into), bookings::revision.eq(bookings::revision + 1));
        let now: Vec<BookingId> = diesel::update(live).set(set).returning(bookings::id).get_results(conn)?;
        ended.extend(now);
    }
    Ok(ended)
}

/// Bookings that go on as of another series.
pub(crate) fn hand_over(conn: &mut Conn, ids: &[BookingId], to: &SeriesId) -> Outcome<()> {
    for some in ids.chunks(AT_ONCE) {
        diesel::update(bookings::table.filter(bookings::id.eq_any(some))).set(bookings::series_id.eq(to)).execute(conn)?;
    }
    Ok(())
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

/// Many bookings were cancelled by one person for one reason.
pub(crate) fn record_cancellations(conn: &mut Conn, ids: &BTreeSet<BookingId>, account: &AccountId, how: &Cancellation) -> Outcome<()> {
    let all: Vec<&BookingId> = ids.iter().collect();
    for some in all.chunks(AT_ONCE) {
        let rows: Vec<End> = some
            .iter()
            .map(|id| End {
                booking_id: id.as_str(),
                cancelled_by: how.by.as_str(),
                account_id: Some(account.as_str()),
                reason: how.reason.as_deref(),
                cancelled_at: how.at.0,
            })
            .collect();
        crate::insert_all!(conn, booking_cancellations::table, &rows)?;
    }
    Ok(())
}
