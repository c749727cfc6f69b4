//! Writes. Every row stays as it was written. [`closures`]: of spaces that are closed.

pub(super) mod closures;

use super::model::{DispositionCount, Event, Item, MatterEnd, NewMatter, Stage};
use crate::kernel::id::{AccountId, BookingId, Id, MatterId, PlanId};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{impact_items, impact_plans, matter_alternatives, matter_ends, matters};
use diesel::prelude::*;

/// Rows of one statement.
const AT_ONCE: usize = 500;

/// `false`: there is a plan of this stage for what brought it about.
pub(super) fn insert_plan(
    conn: &mut Conn,
    id: &PlanId,
    stage: Stage,
    event: &Event,
    actor: Option<&AccountId>,
    counts: &[DispositionCount],
    now: Instant,
) -> Outcome<bool> {
    let row = (
        impact_plans::id.eq(id),
        impact_plans::stage.eq(stage),
        impact_plans::kind.eq(event.kind),
        impact_plans::subject.eq(&event.subject),
        impact_plans::agreement_id.eq(&event.agreement),
        impact_plans::actor.eq(actor),
        impact_plans::computed_at.eq(now.0),
        impact_plans::counts.eq(serde_json::to_string(counts).map_err(Fault::internal)?),
    );
    crate::insert_once!(conn, impact_plans::table, row)
}

#[derive(Insertable)]
#[diesel(table_name = impact_items, treat_none_as_default_value = false)]
struct ItemRow<'a> {
    plan_id: &'a str,
    booking_id: &'a str,
    space_id: &'a str,
    starts_at: i64,
    disposition: &'a str,
    reasons: String,
    refund_fen: i64,
}

pub(super) fn insert_items(conn: &mut Conn, plan: &PlanId, items: &[Item]) -> Outcome<()> {
    for some in items.chunks(AT_ONCE) {
        let row = |item| -> Outcome<ItemRow> {
            let item: &Item = item;
            Ok(ItemRow {
                plan_id: plan.as_str(),
                booking_id: item.booking.id.as_str(),
                space_id: item.booking.space.as_str(),
                starts_at: item.booking.period.start().0,
                disposition: item.disposition.as_str(),
                reasons: serde_json::to_string(&item.reasons).map_err(Fault::internal)?,
                refund_fen: item.refund().0,
            })
        };
        let rows: Vec<ItemRow> = some.iter().map(row).collect::<Outcome<_>>()?;
        crate::insert_all!(conn, impact_items::table, &rows)?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = matters, treat_none_as_default_value = false)]
struct MatterRow<'a> {
    id: String,
    plan_id: &'a str,
    booking_id: &'a str,
    kind: &'a str,
    opened_at: i64,
    due_at: i64,
    most_people: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = matter_alternatives, treat_none_as_default_value = false)]
struct AlternativeRow<'a> {
    matter_id: String,
    place: i32,
    space_id: &'a str,
    starts_at: i64,
    ends_at: i64,
    occupied_from: i64,
    occupied_to: i64,
    price_fen: i64,
}

pub(super) fn insert_matters(conn: &mut Conn, plan: &PlanId, opened: &[(&BookingId, &NewMatter)], now: Instant) -> Outcome<()> {
    for some in opened.chunks(AT_ONCE) {
        let mut rows = Vec::new();
        let mut offered = Vec::new();
        for (booking, matter) in some {
            let id = MatterId::fresh().to_string();
            for (place, one) in (1..).zip(&matter.alternatives) {
                offered.push(AlternativeRow {
                    matter_id: id.clone(),
                    place,
                    space_id: one.space.as_str(),
                    starts_at: one.period.start().0,
                    ends_at: one.period.end().0,
                    occupied_from: one.occupancy.start().0,
                    occupied_to: one.occupancy.end().0,
                    price_fen: one.price.0,
                });
            }
            rows.push(MatterRow {
                id,
                plan_id: plan.as_str(),
                booking_id: booking.as_str(),
                kind: matter.kind.as_str(),
                opened_at: now.0,
                due_at: matter.due.0,
                most_people: matter.limit,
            });
        }
        crate::insert_all!(conn, matters::table, &rows)?;
        if !offered.is_empty() {
            crate::insert_all!(conn, matter_alternatives::table, &offered)?;
        }
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = matter_ends, treat_none_as_default_value = false)]
struct EndRow<'a> {
    matter_id: &'a str,
    how: &'a str,
    ended_at: i64,
    ended_by: Option<&'a str>,
}

pub(super) fn end_matters(conn: &mut Conn, ended: &[MatterId], how: MatterEnd, by: Option<&AccountId>, now: Instant) -> Outcome<()> {
    for some in ended.chunks(AT_ONCE) {
        let row = |id: &'_ MatterId| id.as_str().to_owned();
        let ids: Vec<String> = some.iter().map(row).collect();
        let rows: Vec<EndRow> = ids
            .iter()
            .map(|id| EndRow { matter_id: id, how: how.as_str(), ended_at: now.0, ended_by: by.map(AccountId::as_str) })
            .collect();
        crate::insert_all!(conn, matter_ends::table, &rows)?;
    }
    Ok(())
}
