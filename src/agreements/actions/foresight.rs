//! What a version would do to bookings: to those made already, and to those of the past as if it had been in force then.

use super::{consent, layout, lifecycle};
use crate::agreements::model::{Agreement, Version};
use crate::agreements::queries;
use crate::bookings;
use crate::bookings::model::Booking;
use crate::impact;
use crate::impact::model::{Change, Event, Of, PROTECTED_DAYS, Plan};
use crate::impact::rules::{Judged, SpaceTerms};
use crate::kernel::id::SpaceId;
use crate::kernel::{Instant, Outcome, Period, Zone};
use crate::schedule::rules::day_type;
use crate::store::Conn;
use crate::terms;
use crate::terms::model::{Payload, TermInForce};
use crate::terms::rules::{self as terms_rules, CompiledTerm};
use std::collections::BTreeMap;

/// The event a version is when it takes effect with these rows; `None` when it binds nothing. How long bookings are protected
/// the amendment rule says under which they were made: that of the version agreed before.
pub fn amendment(conn: &mut Conn, agreement: &Agreement, version: &Version, rows: &[CompiledTerm]) -> Outcome<Option<Event>> {
    let Some(from) = rows.iter().map(|row| row.from).min() else { return Ok(None) };
    let row = |row: &CompiledTerm| (row.space.clone(), row.in_force(&agreement.id, &agreement.code, &version.id, version.no));
    let of = Of { agreement: &agreement.id, area: &agreement.area, sites: &agreement.sites };
    let event = Event::amendment(of, &version.id, from, rows.iter().map(row).collect());
    let before = queries::agreed_before(conn, &agreement.id, version.no)?;
    let was = before.as_ref().map(Version::clauses).transpose()?.unwrap_or_default();
    let rule = was.iter().chain(version.clauses()?).find_map(|clause| match &clause.payload {
        Payload::AmendmentRule(rule) => Some(rule.protected_days),
        _ => None,
    });
    Ok(Some(event.protecting(rule.unwrap_or(PROTECTED_DAYS))))
}

/// What the version would do if the consent to it were there at this moment. Nothing is written.
pub fn foresee(conn: &mut Conn, agreement: &Agreement, version: &Version, now: Instant) -> Outcome<Option<(Event, Plan)>> {
    let (layout, _) = layout(conn, agreement)?;
    let earliest = consent::earliest(conn, agreement, version, now)?;
    let mut rows = terms_rules::compile(version.clauses()?, &layout, earliest);
    lifecycle::clipped(conn, agreement, &mut rows)?;
    let Some(event) = amendment(conn, agreement, version, &rows)? else { return Ok(None) };
    let plan = impact::actions::preview(conn, &event, now)?;
    Ok(Some((event, plan)))
}

/// The bookings of a period that took place, each judged as if the version had been in force all the time and nothing were
/// protected.
pub fn replay(conn: &mut Conn, agreement: &Agreement, version: &Version, over: Period, now: Instant) -> Outcome<Vec<(Booking, Judged)>> {
    let Some(over) = Period::new(over.start(), over.end().min(now)) else { return Ok(vec![]) };
    let (layout, _) = layout(conn, agreement)?;
    // Compiled as of its first day: what it says is asked, not since when.
    let rows = terms_rules::compile(version.clauses()?, &layout, Instant::EARLIEST);
    let Some(mut event) = amendment(conn, agreement, version, &rows)? else { return Ok(vec![]) };
    let Change::Terms { from, rows, protected_days, .. } = &mut event.change else { return Ok(vec![]) };
    let since = *from;
    rows.iter_mut().filter(|(_, row)| row.from == since).for_each(|(_, row)| row.from = Instant::EARLIEST);
    (*from, *protected_days) = (Instant::EARLIEST, None);
    let ids: Vec<SpaceId> = layout.iter().map(|space| space.space.clone()).collect();
    let zones: BTreeMap<&SpaceId, &Zone> = layout.iter().map(|space| (&space.space, &space.zone)).collect();
    let mut stored: BTreeMap<SpaceId, Vec<TermInForce>> = BTreeMap::new();
    for (space, row) in terms::queries::of_spaces(conn, &ids, over.widened(24 * 60, 24 * 60))? {
        stored.entry(space).or_default().push(row);
    }
    let spaces: BTreeMap<SpaceId, SpaceTerms> =
        ids.iter().map(|id| (id.clone(), SpaceTerms::new(&event, id, stored.remove(id).unwrap_or_default()))).collect();
    let past = bookings::queries::held_in(conn, &agreement.sites, over)?;
    let judged = past.into_iter().filter_map(|booking| {
        let (terms, zone) = (spaces.get(&booking.space)?, zones.get(&booking.space)?);
        let judged = terms.judge(&booking, zone, &|day| day_type(day).0);
        Some((booking, judged))
    });
    Ok(judged.collect())
}
