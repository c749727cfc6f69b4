//! Bookings made for neighbours.

use super::{Row, after, key};
use crate::areas::queries::inside;
use crate::bookings::model::{Booking, Channel};
use crate::kernel::id::{AccountId, BookingId, OrganisationId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Instant, Outcome};
use crate::people::model::Role;
use crate::store::Conn;
use crate::store::schema::{areas, booking_consents, bookings, households, sites};
use diesel::prelude::*;

/// Whom somebody may help now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Paths of areas: households below them.
    pub areas: Vec<String>,
    /// Organisations whose sites they run: whoever booked there.
    pub runs: Vec<OrganisationId>,
}

/// What somebody booked for neighbours they may still help, not ended by `now`, the next one first.
pub fn made_by(conn: &mut Conn, account: &AccountId, scope: &Scope, now: Instant, ask: &PageAsk) -> Outcome<PageOf<Booking>> {
    let doors = households::table.on(bookings::household_id.eq(households::id.nullable()));
    let mut query = bookings::table
        .inner_join(doors)
        .inner_join(areas::table.on(areas::id.eq(households::door_id)))
        .inner_join(sites::table.on(sites::id.eq(bookings::site_id)))
        .select(Row::as_select())
        .into_boxed();
    let runs = sites::organisation_id.eq_any(scope.runs.clone()).and(sites::organisation_id.is_not_null());
    query = query.filter(runs.assume_not_null());
    for path in &scope.areas {
        query = query.or_filter(inside(path));
    }
    query = query.filter(bookings::made_by.eq(account).and(bookings::channel.eq(Channel::Assisted)).and(bookings::ends_at.gt(now.0)));
    if let Some((start, id)) = after(ask) {
        query = query.filter(bookings::starts_at.gt(start).or(bookings::starts_at.eq(start).and(bookings::id.gt(id))));
    }
    let rows: Vec<Row> = query.order((bookings::starts_at, bookings::id)).limit(ask.fetch()).load(conn)?;
    let found = rows.into_iter().map(Row::booking).collect::<Outcome<_>>()?;
    Ok(ask.cut(found, key))
}

/// In which role whoever booked for a neighbour heard their consent.
pub fn helper_role(conn: &mut Conn, id: &BookingId) -> Outcome<Option<Role>> {
    Ok(booking_consents::table.find(id).select(booking_consents::role).first(conn).optional()?)
}
