//! Reads.

use super::model::{Posting, Sum};
use crate::kernel::id::{BookingId, PostingId, SpaceId};
use crate::kernel::{Fen, Outcome, Period};
use crate::store::Conn;
use crate::store::schema::postings;
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use std::collections::BTreeMap;

/// Everything posted about a booking, in order.
pub fn of_booking(conn: &mut Conn, booking: &BookingId) -> Outcome<Vec<Posting>> {
    let of = postings::table.filter(postings::booking_id.eq(booking));
    Ok(of.order((postings::posted_at, postings::id)).select(Posting::as_select()).load(conn)?)
}

/// Everything posted about several bookings, in order.
pub fn of_bookings(conn: &mut Conn, bookings: &[BookingId]) -> Outcome<Vec<Posting>> {
    let of = postings::table.filter(postings::booking_id.eq_any(bookings));
    Ok(of.order((postings::booking_id, postings::posted_at, postings::id)).select(Posting::as_select()).load(conn)?)
}

/// One posting.
pub fn find(conn: &mut Conn, id: &PostingId) -> Outcome<Option<Posting>> {
    Ok(postings::table.find(id).select(Posting::as_select()).first(conn).optional()?)
}

/// What was posted to the accounts of a space over a time, summed.
pub fn sums(conn: &mut Conn, space: &SpaceId, period: Period) -> Outcome<Vec<Sum>> {
    let amount = sql::<BigInt>("CAST(SUM(amount_fen) AS BIGINT)");
    let within = postings::posted_at.ge(period.start().0).and(postings::posted_at.lt(period.end().0));
    Ok(postings::table
        .filter(postings::space_id.eq(space).and(within))
        .group_by((postings::kind, postings::debit, postings::credit))
        .select((postings::kind, postings::debit, postings::credit, count_star(), amount))
        .load(conn)?)
}

/// What is still charged for a booking, over all its postings.
const CHARGED: &str = "CAST(SUM(CASE WHEN debit = 'holders' THEN amount_fen ELSE -amount_fen END) AS BIGINT)";

/// Bookings of one statement.
const AT_ONCE: usize = 500;

/// What is still charged for several bookings; those nothing was posted about are not among them.
pub fn charged(conn: &mut Conn, bookings: &[BookingId]) -> Outcome<BTreeMap<BookingId, Fen>> {
    let mut charged = BTreeMap::new();
    for some in bookings.chunks(AT_ONCE) {
        let rows: Vec<(BookingId, Fen)> = postings::table
            .filter(postings::booking_id.eq_any(some))
            .group_by(postings::booking_id)
            .select((postings::booking_id, sql::<BigInt>(CHARGED)))
            .load(conn)?;
        charged.extend(rows);
    }
    Ok(charged)
}

/// Fen given back beyond what was charged, over so many bookings after the last one looked at, and the last one of these; `None`: there
/// are no more. Anything but nothing is an alarm.
pub fn overdrawn(conn: &mut Conn, after: Option<&BookingId>, most: i64) -> Outcome<(Fen, Option<BookingId>)> {
    let rows: Vec<(BookingId, i64)> = postings::table
        .filter(postings::booking_id.gt(after.map_or("", BookingId::as_str)))
        .group_by(postings::booking_id)
        .order(postings::booking_id)
        .limit(most)
        .select((postings::booking_id, sql::<BigInt>(CHARGED)))
        .load(conn)?;
    let over = rows.iter().fold(0i64, |over, (_, charged)| over.saturating_sub((*charged).min(0)));
    Ok((Fen(over), rows.into_iter().next_back().map(|(booking, _)| booking)))
}
