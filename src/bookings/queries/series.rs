//! Reads about bookings made by a rule.

use super::{Row as BookingRow, held_by};
use crate::bookings::model::series::{OnSpecialDay, Series};
use crate::bookings::model::{Booking, BookingState, Holder};
use crate::kernel::id::{AccountId, HouseholdId, OrganisationId, SeriesId, SiteId, SpaceId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::time::{Day, parse_day};
use crate::kernel::{Fault, Instant, Outcome};
use crate::schedule::rules::recurrence::Rule;
use crate::store::Conn;
use crate::store::schema::{areas, booking_approvers, bookings, series, sites};
use crate::terms::model::{PartyCapacity, Use};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = series)]
struct Row {
    id: SeriesId,
    site_id: SiteId,
    space_id: SpaceId,
    use_code: Use,
    attendees: i64,
    first_day: String,
    begins_day: String,
    start_minute: i32,
    minutes: i32,
    rule: String,
    exdates: String,
    holidays: OnSpecialDay,
    makeup_workdays: OnSpecialDay,
    household_id: Option<HouseholdId>,
    organisation_id: Option<OrganisationId>,
    account_id: AccountId,
    made_by: AccountId,
    follows_id: Option<SeriesId>,
    made_at: i64,
    revision: i32,
}

impl Row {
    fn series(self) -> Outcome<Series> {
        let wrong = |what: &str| Fault::internal(format!("a stored series does not read: {what}"));
        let day = |text: &str| parse_day(text).ok_or_else(|| wrong(text));
        let exdates: Vec<String> = serde_json::from_str(&self.exdates).map_err(Fault::internal)?;
        Ok(Series {
            holder: Holder::of(self.household_id, self.organisation_id).ok_or_else(|| wrong("nobody holds it"))?,
            first: day(&self.first_day)?,
            begins: day(&self.begins_day)?,
            rule: Rule::parse(&self.rule).map_err(|_| wrong(&self.rule))?,
            exdates: exdates.iter().map(|text| day(text)).collect::<Outcome<Vec<Day>>>()?,
            minute: u16::try_from(self.start_minute).map_err(Fault::internal)?,
            id: self.id,
            site: self.site_id,
            space: self.space_id,
            use_code: self.use_code,
            attendees: self.attendees,
            minutes: self.minutes.into(),
            holidays: self.holidays,
            makeup_workdays: self.makeup_workdays,
            account: self.account_id,
            made_by: self.made_by,
            follows: self.follows_id,
            made_at: Instant(self.made_at),
            revision: self.revision,
        })
    }
}

/// A series with the managing area of its site.
#[derive(Debug, Clone)]
pub struct Found {
    /// The series.
    pub series: Series,
    /// Id of the managing area.
    pub area: String,
    /// Its path.
    pub area_path: String,
}

/// The series of that id.
pub fn find(conn: &mut Conn, id: &SeriesId) -> Outcome<Option<Found>> {
    let row: Option<(Row, String, String)> = series::table
        .inner_join(sites::table.inner_join(areas::table))
        .filter(series::id.eq(id))
        .select((Row::as_select(), areas::id, areas::path))
        .first(conn)
        .optional()?;
    row.map(|(row, area, area_path)| Ok(Found { series: row.series()?, area, area_path })).transpose()
}

/// Every booking of a series, whatever became of it, in the order of its days; of one day the latest made last.
pub fn bookings_of(conn: &mut Conn, id: &SeriesId) -> Outcome<Vec<Booking>> {
    let of = bookings::table.filter(bookings::series_id.eq(id));
    let rows: Vec<BookingRow> = of.order((bookings::recurrence_id, bookings::id)).select(BookingRow::as_select()).load(conn)?;
    rows.into_iter().map(BookingRow::booking).collect()
}

/// Series of a household or of any of the organisations, the latest made first.
pub fn of_holders(
    conn: &mut Conn,
    household: Option<&HouseholdId>,
    organisations: &[OrganisationId],
    ask: &PageAsk,
) -> Outcome<PageOf<Series>> {
    let query = series::table.select(Row::as_select()).order(series::id.desc()).limit(ask.fetch()).into_boxed();
    let mut query = held_by!(query, series, household.as_slice(), organisations);
    if let Some(after) = &ask.after {
        query = query.filter(series::id.lt(after));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let found = rows.into_iter().map(Row::series).collect::<Outcome<Vec<_>>>()?;
    Ok(ask.cut(found, |series| series.id.to_string()))
}

/// What lies ahead of some series: how many bookings and requests, and the start of the next.
pub fn ahead(conn: &mut Conn, ids: &[SeriesId], now: Instant) -> Outcome<Vec<(SeriesId, i64, Option<i64>)>> {
    let live = bookings::state.eq_any([BookingState::Confirmed, BookingState::Requested]);
    let rows: Vec<(Option<SeriesId>, i64, Option<i64>)> = bookings::table
        .filter(bookings::series_id.eq_any(ids).and(live).and(bookings::starts_at.gt(now.0)))
        .group_by(bookings::series_id)
        .select((bookings::series_id, diesel::dsl::count_star(), diesel::dsl::min(bookings::starts_at)))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, count, next)| Some((id?, count, next))).collect())
}

/// The organisations whose yes an open request of a series waits for.
pub fn asked(conn: &mut Conn, id: &SeriesId) -> Outcome<Vec<(OrganisationId, PartyCapacity)>> {
    Ok(booking_approvers::table
        .inner_join(bookings::table)
        .filter(bookings::series_id.eq(id).and(bookings::state.eq(BookingState::Requested)))
        .filter(booking_approvers::approved_at.is_null())
        .select((booking_approvers::organisation_id, booking_approvers::capacity))
        .distinct()
        .order(booking_approvers::organisation_id)
        .load(conn)?)
}
