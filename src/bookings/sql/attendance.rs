//! Writes about who came, and what was said afterwards.

use crate::bookings::model::attendance::{Appeal, AppealOutcome, Attendance, Door, KeyNote, Rating};
use crate::bookings::model::{Booking, BookingState};
use crate::kernel::id::{AccountId, BookingId};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{appeals, attendances, bookings, door_secrets, key_notes, rating_tags, ratings};
use diesel::prelude::*;

/// A booking goes on to another state; `true` for the one that brings it there.
pub(in crate::bookings) fn go_on(conn: &mut Conn, id: &BookingId, from: &[BookingState], into: BookingState) -> Outcome<bool> {
    let before = bookings::table.find(id).filter(bookings::state.eq_any(from));
    let set = (bookings::state.eq(into), bookings::revision.eq(bookings::revision + 1));
    Ok(diesel::update(before).set(set).execute(conn)? == 1)
}

pub(in crate::bookings) fn insert(conn: &mut Conn, attendance: &Attendance) -> Outcome<()> {
    diesel::insert_into(attendances::table).values(attendance).execute(conn)?;
    Ok(())
}

/// The secret of a door, unless it has one. `false`: it has.
pub(in crate::bookings) fn insert_secret(conn: &mut Conn, door: &Door, now: Instant) -> Outcome<bool> {
    let row = (door_secrets::space_id.eq(&door.space), door_secrets::secret.eq(&door.secret), door_secrets::created_at.eq(now.0));
    crate::insert_once!(conn, door_secrets::table, row)
}

/// `false`: there is one already.
pub(in crate::bookings) fn insert_appeal(conn: &mut Conn, appeal: &Appeal, by: &AccountId) -> Outcome<bool> {
    let row = (
        appeals::booking_id.eq(&appeal.booking_id),
        appeals::text.eq(&appeal.text),
        appeals::filed_by.eq(by),
        appeals::filed_at.eq(appeal.filed_at),
    );
    crate::insert_once!(conn, appeals::table, row)
}

/// `true` for the one that decides it.
pub(in crate::bookings) fn decide(
    conn: &mut Conn,
    booking: &BookingId,
    outcome: AppealOutcome,
    reply: &str,
    by: &AccountId,
    now: Instant,
) -> Outcome<bool> {
    let open = appeals::table.find(booking).filter(appeals::outcome.is_null());
    let set = (appeals::outcome.eq(outcome), appeals::reply.eq(reply), appeals::decided_by.eq(by), appeals::decided_at.eq(now));
    Ok(diesel::update(open).set(set).execute(conn)? == 1)
}

/// What somebody wrote in their appeals.
pub(in crate::bookings) fn forget_appeals(conn: &mut Conn, account: &AccountId) -> Outcome<()> {
    let theirs = appeals::table.filter(appeals::filed_by.eq(account).and(appeals::text.is_not_null()));
    diesel::update(theirs).set(appeals::text.eq(None::<String>)).execute(conn)?;
    Ok(())
}

/// `false`: it is rated already.
pub(in crate::bookings) fn insert_rating(conn: &mut Conn, booking: &Booking, rating: &Rating, by: &AccountId) -> Outcome<bool> {
    let row = (
        ratings::booking_id.eq(&booking.id),
        ratings::space_id.eq(&booking.space),
        ratings::stars.eq(rating.stars),
        ratings::rated_by.eq(by),
        ratings::rated_at.eq(rating.rated_at.0),
    );
    if !crate::insert_once!(conn, ratings::table, row)? {
        return Ok(false);
    }
    let tag = |tag| (rating_tags::booking_id.eq(&booking.id), rating_tags::tag.eq(tag), rating_tags::space_id.eq(&booking.space));
    let tags: Vec<_> = rating.tags.iter().copied().map(tag).collect();
    if !tags.is_empty() {
        crate::insert_all!(conn, rating_tags::table, tags)?;
    }
    Ok(true)
}

/// `false`: it was noted already.
pub(in crate::bookings) fn insert_key_note(conn: &mut Conn, note: &KeyNote) -> Outcome<bool> {
    crate::insert_once!(conn, key_notes::table, note)
}
