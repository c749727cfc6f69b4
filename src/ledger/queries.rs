//! Reads.

use super::model::{Posting, Sum};
use crate::kernel::id::{BookingId, PostingId, SpaceId};
use crate::kernel::{Fen, Outcome, Period};
use crate::store::Conn;
use crate::store::schema::postings;
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

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

/// Fen given back beyond what was charged, over all bookings. Anything but nothing is an alarm.
pub fn overdrawn(conn: &mut Conn) -> Outcome<Fen> {
    let per_booking = sql::<Nullable<BigInt>>(
        "CAST(SUM(over) AS BIGINT) FROM (SELECT SUM(CASE WHEN credit = 'holders' THEN amount_fen ELSE -amount_fen END) AS over \
         FROM postings GROUP BY booking_id) AS b WHERE over > 0",
    );
    let over: Option<i64> = diesel::select(per_booking).get_result(conn)?;
    Ok(Fen(over.unwrap_or(0)))
}
