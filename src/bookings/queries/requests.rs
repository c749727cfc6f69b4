//! Requests: who is asked, how they ended, which wait for whom and what competes with them.

use super::{KEPT, Row, after, held_by, key};
use crate::areas::queries::inside;
use crate::bookings::model::requests::{Approver, RequestEnd};
use crate::bookings::model::{Booking, BookingState, Holder};
use crate::kernel::id::{BookingId, HouseholdId, OrganisationId, SiteId, SpaceId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Instant, Outcome, Period};
use crate::store::schema::{areas, booking_approvers, bookings, request_ends, sites};
use crate::store::{Conn, Words};
use crate::terms::model::PartyCapacity;
use diesel::prelude::*;
use serde::Serialize;

/// Everybody who is asked about any of the bookings.
pub fn approvers(conn: &mut Conn, ids: &[BookingId]) -> Outcome<Vec<Approver>> {
    let of = booking_approvers::table.filter(booking_approvers::booking_id.eq_any(ids));
    Ok(of.order((booking_approvers::booking_id, booking_approvers::organisation_id)).select(Approver::as_select()).load(conn)?)
}

/// How those of the bookings ended that were requests.
pub fn ends(conn: &mut Conn, ids: &[BookingId]) -> Outcome<Vec<RequestEnd>> {
    Ok(request_ends::table.filter(request_ends::booking_id.eq_any(ids)).select(RequestEnd::as_select()).load(conn)?)
}

/// Whose yes is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Organisations one answers for.
    pub organisations: Vec<OrganisationId>,
    /// Organisations one answers for under the agreements of these natural codes alone.
    pub in_agreements: Vec<(OrganisationId, Vec<String>)>,
    /// Paths of areas whose communities one answers for.
    pub areas: Vec<String>,
}

/// Open, said as the index of open requests says it: that they are few is known only of a word, not of a value to come.
fn is_open() -> Words {
    Words("bookings.state = 'requested'")
}

/// Open requests that wait for somebody's yes, the next one first, each with the path of its managing area.
pub fn waiting(conn: &mut Conn, asked: &Asked, ask: &PageAsk) -> Outcome<PageOf<(Booking, String)>> {
    let mut query = bookings::table
        .inner_join(booking_approvers::table)
        .inner_join(sites::table.inner_join(areas::table))
        .select((Row::as_select(), areas::path))
        .distinct()
        .into_boxed();
    query = query.filter(booking_approvers::organisation_id.eq_any(asked.organisations.clone()));
    for (organisation, codes) in &asked.in_agreements {
        let theirs = booking_approvers::organisation_id.eq(organisation.clone());
        query = query.or_filter(theirs.and(booking_approvers::agreement_code.eq_any(codes.clone())));
    }
    for path in &asked.areas {
        query = query.or_filter(booking_approvers::capacity.eq(PartyCapacity::Community).and(inside(path)));
    }
    query = query.filter(is_open()).filter(booking_approvers::approved_at.is_null());
    if let Some((start, id)) = after(ask) {
        query = query.filter(bookings::starts_at.gt(start).or(bookings::starts_at.eq(start).and(bookings::id.gt(id))));
    }
    let rows: Vec<(Row, String)> = query.order((bookings::starts_at, bookings::id)).limit(ask.fetch()).load(conn)?;
    let found = rows.into_iter().map(|(row, path)| Ok((row.booking()?, path))).collect::<Outcome<_>>()?;
    Ok(ask.cut(found, |(booking, _): &(Booking, String)| key(booking)))
}

/// Open requests at any of the sites that begin after `now`, in order of start: what an event may meet.
pub fn standing(conn: &mut Conn, sites: &[SiteId], now: Instant) -> Outcome<Vec<Booking>> {
    let rows: Vec<Row> = bookings::table
        .filter(is_open().and(bookings::site_id.eq_any(sites)).and(bookings::starts_at.gt(now.0)))
        .order((bookings::starts_at, bookings::id))
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::booking).collect()
}

/// How often a holder has had spaces of a site, for whoever chooses between requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct UsedSoFar {
    /// Bookings of the last 90 days and of what lies ahead.
    pub booked: i64,
    /// Those of them nobody came to.
    pub missed: i64,
}

/// How often the holders of some bookings have had spaces of the sites of all of them since a moment.
pub fn used(conn: &mut Conn, by: &[&Booking], since: Instant) -> Outcome<Vec<(Holder, UsedSoFar)>> {
    if by.is_empty() {
        return Ok(vec![]);
    }
    let (households, organisations) = Holder::apart(by.iter().map(|booking| &booking.holder));
    let sites = by.iter().map(|booking| &booking.site);
    type Row = (Option<HouseholdId>, Option<OrganisationId>, BookingState, i64);
    let query = bookings::table
        .filter(bookings::starts_at.gt(since.0).and(bookings::state.eq_any(KEPT)).and(bookings::site_id.eq_any(sites)))
        .group_by((bookings::household_id, bookings::organisation_id, bookings::state))
        .select((bookings::household_id, bookings::organisation_id, bookings::state, diesel::dsl::count_star()))
        .into_boxed();
    let rows: Vec<Row> = held_by!(query, bookings, households.as_slice(), organisations.as_slice()).load(conn)?;
    let mut used: Vec<(Holder, UsedSoFar)> = Vec::new();
    for (household, organisation, state, times) in rows {
        let Some(holder) = Holder::of(household, organisation) else { continue };
        let missed = if state == BookingState::NoShow { times } else { 0 };
        match used.iter_mut().find(|(known, _)| *known == holder) {
            Some((_, so_far)) => (so_far.booked, so_far.missed) = (so_far.booked + times, so_far.missed + missed),
            None => used.push((holder, UsedSoFar { booked: times, missed })),
        }
    }
    Ok(used)
}

/// An open request, as far as others who ask for the same time matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Which.
    pub id: BookingId,
    /// For which space.
    pub space: SpaceId,
    /// What it would occupy.
    pub occupancy: Period,
}

/// Open requests at any of the sites that would occupy a part of the period.
pub fn open(conn: &mut Conn, sites: &[SiteId], period: Period) -> Outcome<Vec<Open>> {
    let rows: Vec<(BookingId, SpaceId, i64, i64)> = bookings::table
        .filter(is_open().and(bookings::site_id.eq_any(sites)))
        .filter(bookings::occupied_from.lt(period.end().0).and(bookings::occupied_to.gt(period.start().0)))
        .order((bookings::starts_at, bookings::id))
        .select((bookings::id, bookings::space_id, bookings::occupied_from, bookings::occupied_to))
        .load(conn)?;
    let open = |(id, space, from, to)| Some(Open { id, space, occupancy: Period::new(Instant(from), Instant(to))? });
    Ok(rows.into_iter().filter_map(open).collect())
}
