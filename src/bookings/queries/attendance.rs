//! Who came, what counts against whom, what was said.

use super::Row as BookingRow;
use super::after;
use crate::areas::queries::inside;
use crate::bookings::model::attendance::{Appeal, AppealOutcome, Attendance, Door, KeyNote, Missed, Rating, RatingTag};
use crate::bookings::model::{Booking, Holder};
use crate::bookings::rules::attendance::COUNTED_DAYS;
use crate::kernel::id::{AccountId, BookingId, HouseholdId, OrganisationId, SiteId, SpaceId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Instant, Outcome};
use crate::store::schema::{accounts, appeals, areas, attendances, bookings, door_secrets, key_notes, rating_tags, ratings, sites, spaces};
use crate::store::{Conn, Words};
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

/// Who came to a booking.
pub fn of_booking(conn: &mut Conn, booking: &BookingId) -> Outcome<Option<Attendance>> {
    Ok(attendances::table.find(booking).select(Attendance::as_select()).first(conn).optional()?)
}

/// The doors of a site that have a secret.
pub fn doors(conn: &mut Conn, site: &SiteId) -> Outcome<Vec<Door>> {
    let rows: Vec<(SiteId, SpaceId, String)> = door_secrets::table
        .inner_join(spaces::table)
        .filter(spaces::site_id.eq(site))
        .order(door_secrets::space_id)
        .select((spaces::site_id, door_secrets::space_id, door_secrets::secret))
        .load(conn)?;
    Ok(rows.into_iter().map(|(site, space, secret)| Door { site, space, secret }).collect())
}

/// Bookings with something to become by itself by now: at their end, or when nobody came in the time their site gives.
pub fn due(conn: &mut Conn, now: Instant, most: i64) -> Outcome<Vec<BookingId>> {
    // The words of the index, which finds those that run or have ended among all that lie ahead.
    let standing = Words("bookings.state IN ('confirmed', 'checked_in')");
    let missed = sql::<Bool>("(bookings.state = 'confirmed' AND sites.no_show_minutes > 0 AND bookings.starts_at + sites.no_show_minutes * CAST(60000000 AS BIGINT) <= ")
        .bind::<BigInt, _>(now.0)
        .sql(")");
    Ok(bookings::table
        .inner_join(sites::table)
        .filter(standing)
        // None lasts longer than a day.
        .filter(bookings::ends_at.le(now.plus_days(1).0).and(bookings::starts_at.le(now.0)))
        .filter(bookings::ends_at.le(now.0).or(missed))
        .order(bookings::ends_at)
        .limit(most)
        .select(bookings::id)
        .load(conn)?)
}

/// A booking nobody came to, with what was decided about it.
pub type MissedRow = (BookingId, SpaceId, i64, Option<AppealOutcome>);

/// What a household, that of an account, or an organisation missed of what counts by now, to be asked alone or beside other things; for
/// [`counted`].
#[diesel::dsl::auto_type(no_type_alias)]
pub fn missed_rows<'a>(
    household: Option<&'a HouseholdId>,
    organisation: Option<&'a OrganisationId>,
    account: Option<&'a AccountId>,
    now: Instant,
) -> _ {
    let after: i64 = now.plus_days(-COUNTED_DAYS).0;
    // The words of the indexes; an order of its own would lead SQLite to the index of all that a holder ever had.
    let words: Words = Words("bookings.state = 'no_show'");
    let own = accounts::table
        .filter(accounts::id.nullable().eq(account).and(accounts::household_verified_at.is_not_null()))
        .select(accounts::household_id)
        .single_value();
    bookings::table
        .left_join(appeals::table)
        .filter(words)
        .filter(bookings::starts_at.gt(after))
        .filter(bookings::household_id.eq(household).or(bookings::household_id.eq(own)).or(bookings::organisation_id.eq(organisation)))
        .select((bookings::id, bookings::space_id, bookings::starts_at, appeals::outcome.nullable()))
}

/// What was missed, the first one first.
pub fn counted(rows: Vec<MissedRow>) -> Vec<Missed> {
    let missed = |(booking, space, starts_at, outcome)| Missed {
        booking,
        space,
        starts_at: Instant(starts_at),
        cleared: outcome == Some(AppealOutcome::Cleared),
    };
    let mut all: Vec<Missed> = rows.into_iter().map(missed).collect();
    all.sort_by(|a, b| (a.starts_at, &a.booking).cmp(&(b.starts_at, &b.booking)));
    all
}

/// What a holder missed of what counts by now.
pub fn missed(conn: &mut Conn, holder: &Holder, now: Instant) -> Outcome<Vec<Missed>> {
    let (household, organisation) = holder.columns();
    Ok(counted(missed_rows(household.as_ref(), organisation.as_ref(), None, now).load(conn)?))
}

/// The appeal about a booking.
pub fn appeal(conn: &mut Conn, booking: &BookingId) -> Outcome<Option<Appeal>> {
    Ok(appeals::table.find(booking).select(Appeal::as_select()).first(conn).optional()?)
}

/// Open appeals in any of the areas, the first filed first.
pub fn open_appeals(conn: &mut Conn, areas: &[String], ask: &PageAsk) -> Outcome<PageOf<(Appeal, Booking)>> {
    if areas.is_empty() {
        return Ok(PageOf { items: vec![], next: None });
    }
    let mut query = appeals::table
        .inner_join(bookings::table.inner_join(sites::table.inner_join(areas::table)))
        .select((Appeal::as_select(), BookingRow::as_select()))
        .into_boxed();
    for path in areas {
        query = query.or_filter(inside(path));
    }
    query = query.filter(appeals::outcome.is_null());
    if let Some((filed, id)) = after(ask) {
        query = query.filter(appeals::filed_at.gt(filed).or(appeals::filed_at.eq(filed).and(appeals::booking_id.gt(id))));
    }
    let rows: Vec<(Appeal, BookingRow)> = query.order((appeals::filed_at, appeals::booking_id)).limit(ask.fetch()).load(conn)?;
    let found = rows.into_iter().map(|(appeal, row)| Ok((appeal, row.booking()?))).collect::<Outcome<_>>()?;
    Ok(ask.cut(found, |(appeal, _): &(Appeal, Booking)| format!("{}|{}", appeal.filed_at.0, appeal.booking_id)))
}

/// What was said about a booking.
pub fn rating(conn: &mut Conn, booking: &BookingId) -> Outcome<Option<Rating>> {
    let row: Option<(i32, i64)> = ratings::table.find(booking).select((ratings::stars, ratings::rated_at)).first(conn).optional()?;
    let Some((stars, rated_at)) = row else { return Ok(None) };
    let tags =
        rating_tags::table.filter(rating_tags::booking_id.eq(booking)).order(rating_tags::tag).select(rating_tags::tag).load(conn)?;
    Ok(Some(Rating { stars, tags, rated_at: Instant(rated_at) }))
}

/// What was said, each with how often.
pub type Times<T> = Vec<(T, i64)>;

/// How often each number of stars, and each tag, was given to a space.
pub fn ratings_of(conn: &mut Conn, space: &SpaceId) -> Outcome<(Times<i32>, Times<RatingTag>)> {
    let stars = ratings::table
        .filter(ratings::space_id.eq(space))
        .group_by(ratings::stars)
        .order(ratings::stars)
        .select((ratings::stars, count_star()))
        .load(conn)?;
    let tags = rating_tags::table
        .filter(rating_tags::space_id.eq(space))
        .group_by(rating_tags::tag)
        .order(rating_tags::tag)
        .select((rating_tags::tag, count_star()))
        .load(conn)?;
    Ok((stars, tags))
}

/// The notes about a booking's key, in order.
pub fn key_notes(conn: &mut Conn, booking: &BookingId) -> Outcome<Vec<KeyNote>> {
    let of = key_notes::table.filter(key_notes::booking_id.eq(booking)).order((key_notes::noted_at, key_notes::moved));
    Ok(of.select(KeyNote::as_select()).load(conn)?)
}
