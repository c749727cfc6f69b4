//! Reads. [`closures`]: of spaces that are closed.

pub mod closures;

use super::model::{
    Alternative, Disposition, DispositionCount, ImpactEventKind, Matter, MatterEnd, MatterKind, Stage, StoredItem, StoredPlan,
};
use crate::bookings::model::BookingState;
use crate::bookings::queries::held_by;
use crate::kernel::id::{AgreementId, AreaId, BookingId, HouseholdId, MatterId, OrganisationId, PlanId, SpaceId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Fault, Fen, Instant, Outcome, Period, Reason};
use crate::store::Conn;
use crate::store::schema::{agreements, bookings, impact_items, impact_plans, matter_alternatives, matter_ends, matters};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

type PlanRow = (PlanId, Stage, ImpactEventKind, String, AgreementId, i64, String);

fn stored((id, stage, kind, subject, agreement, at, counts): PlanRow) -> Outcome<StoredPlan> {
    let counts: Vec<DispositionCount> = serde_json::from_str(&counts).map_err(Fault::internal)?;
    Ok(StoredPlan { id, stage, kind, subject, agreement, at: Instant(at), counts })
}

macro_rules! plan_columns {
    () => {
        (
            impact_plans::id,
            impact_plans::stage,
            impact_plans::kind,
            impact_plans::subject,
            impact_plans::agreement_id,
            impact_plans::computed_at,
            impact_plans::counts,
        )
    };
}

/// The plan of a stage for what brought it about.
pub fn plan_of(conn: &mut Conn, stage: Stage, subject: &str) -> Outcome<Option<StoredPlan>> {
    let row: Option<PlanRow> = impact_plans::table
        .filter(impact_plans::stage.eq(stage).and(impact_plans::subject.eq(subject)))
        .select(plan_columns!())
        .first(conn)
        .optional()?;
    row.map(stored).transpose()
}

/// The plan of that id.
pub fn plan(conn: &mut Conn, id: &PlanId) -> Outcome<Option<StoredPlan>> {
    let row: Option<PlanRow> = impact_plans::table.find(id).select(plan_columns!()).first(conn).optional()?;
    row.map(stored).transpose()
}

/// The area that manages an agreement: its audit chain.
pub fn area_of(conn: &mut Conn, agreement: &AgreementId) -> Outcome<AreaId> {
    Ok(agreements::table.find(agreement).select(agreements::area_id).first(conn)?)
}

type ItemRow = (BookingId, SpaceId, i64, Disposition, String, Fen);

fn item((booking, space, starts_at, disposition, reasons, refund): ItemRow) -> Outcome<StoredItem> {
    let reasons: Vec<Reason> = serde_json::from_str(&reasons).map_err(Fault::internal)?;
    Ok(StoredItem { booking, space, starts_at: Instant(starts_at), disposition, reasons, refund })
}

macro_rules! item_columns {
    () => {
        (
            impact_items::booking_id,
            impact_items::space_id,
            impact_items::starts_at,
            impact_items::disposition,
            impact_items::reasons,
            impact_items::refund_fen,
        )
    };
}

fn key(item: &StoredItem) -> String {
    format!("{}|{}", item.starts_at.0, item.booking)
}

/// The bookings of a plan, in order of start; of one disposition if wanted.
pub fn items(conn: &mut Conn, plan: &PlanId, only: Option<Disposition>, ask: &PageAsk) -> Outcome<PageOf<StoredItem>> {
    let mut query = impact_items::table
        .filter(impact_items::plan_id.eq(plan))
        .order((impact_items::starts_at, impact_items::booking_id))
        .limit(ask.fetch())
        .select(item_columns!())
        .into_boxed();
    if let Some(only) = only {
        query = query.filter(impact_items::disposition.eq(only));
    }
    if let Some((start, id)) = ask.after.as_deref().and_then(|after| after.split_once('|')) {
        let start: i64 = start.parse().unwrap_or(i64::MAX);
        let later = impact_items::starts_at.gt(start);
        query = query.filter(later.or(impact_items::starts_at.eq(start).and(impact_items::booking_id.gt(id.to_owned()))));
    }
    let rows: Vec<ItemRow> = query.load(conn)?;
    let items = rows.into_iter().map(item).collect::<Outcome<_>>()?;
    Ok(ask.cut(items, key))
}

/// A booking's part in a plan, with who holds it.
#[derive(Debug, Clone)]
pub struct HeldItem {
    /// The household, unless an organisation holds it.
    pub household: Option<HouseholdId>,
    /// The organisation.
    pub organisation: Option<OrganisationId>,
    /// Its space.
    pub space: SpaceId,
    /// Its time.
    pub period: Option<Period>,
    /// What became of it.
    pub disposition: Disposition,
    /// What was paid back.
    pub refund: Fen,
    /// When an answer is due, where one is.
    pub due: Option<Instant>,
}

/// The part some holders have in a plan.
pub fn held_items(conn: &mut Conn, plan: &PlanId, households: &[HouseholdId], organisations: &[OrganisationId]) -> Outcome<Vec<HeldItem>> {
    type Row = (Option<HouseholdId>, Option<OrganisationId>, SpaceId, i64, i64, Disposition, Fen, Option<i64>);
    let rows: Vec<Row> = impact_items::table
        .inner_join(bookings::table.on(bookings::id.eq(impact_items::booking_id)))
        .left_join(matters::table.on(matters::booking_id.eq(impact_items::booking_id).and(matters::plan_id.eq(impact_items::plan_id))))
        .filter(impact_items::plan_id.eq(plan))
        .filter(bookings::household_id.eq_any(households).or(bookings::organisation_id.eq_any(organisations)))
        .order((impact_items::starts_at, impact_items::booking_id))
        .select((
            bookings::household_id,
            bookings::organisation_id,
            bookings::space_id,
            bookings::starts_at,
            bookings::ends_at,
            impact_items::disposition,
            impact_items::refund_fen,
            matters::due_at.nullable(),
        ))
        .load(conn)?;
    let held = |(household, organisation, space, start, end, disposition, refund, due): Row| HeldItem {
        household,
        organisation,
        space,
        period: Period::new(Instant(start), Instant(end)),
        disposition,
        refund,
        due: due.map(Instant),
    };
    Ok(rows.into_iter().map(held).collect())
}

type MatterRow = (MatterId, PlanId, BookingId, MatterKind, i64, i64, Option<i64>);

fn matter((id, plan, booking, kind, opened_at, due, limit): MatterRow) -> Matter {
    Matter { id, plan, booking, kind, opened_at: Instant(opened_at), due: Instant(due), limit }
}

macro_rules! matter_columns {
    () => {
        (matters::id, matters::plan_id, matters::booking_id, matters::kind, matters::opened_at, matters::due_at, matters::most_people)
    };
}

macro_rules! is_open {
    () => {
        not(exists(matter_ends::table.filter(matter_ends::matter_id.eq(matters::id)).select(matter_ends::matter_id)))
    };
}

/// Ids of one statement.
const AT_ONCE: usize = 500;

/// What is open about some bookings.
pub fn open_about(conn: &mut Conn, about: &[BookingId]) -> Outcome<Vec<Matter>> {
    let mut found = Vec::new();
    for some in about.chunks(AT_ONCE) {
        let rows: Vec<MatterRow> =
            matters::table.filter(matters::booking_id.eq_any(some)).filter(is_open!()).select(matter_columns!()).load(conn)?;
        found.extend(rows.into_iter().map(matter));
    }
    Ok(found)
}

/// What a plan left open and is still open, the first due first.
pub fn open_of_plan(conn: &mut Conn, plan: &PlanId) -> Outcome<Vec<Matter>> {
    let rows: Vec<MatterRow> =
        matters::table.filter(matters::plan_id.eq(plan)).filter(is_open!()).order(matters::due_at).select(matter_columns!()).load(conn)?;
    Ok(rows.into_iter().map(matter).collect())
}

/// The first so many of what a plan left open that is due by a moment.
pub fn due(conn: &mut Conn, plan: &PlanId, by: Instant, most: i64) -> Outcome<Vec<Matter>> {
    let rows: Vec<MatterRow> = matters::table
        .filter(matters::plan_id.eq(plan).and(matters::due_at.le(by.0)))
        .filter(is_open!())
        .order((matters::due_at, matters::id))
        .limit(most)
        .select(matter_columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(matter).collect())
}

/// When the next open matter of a plan is due.
pub fn next_due(conn: &mut Conn, plan: &PlanId) -> Outcome<Option<Instant>> {
    let at: Option<i64> =
        matters::table.filter(matters::plan_id.eq(plan)).filter(is_open!()).select(diesel::dsl::min(matters::due_at)).first(conn)?;
    Ok(at.map(Instant))
}

/// What some offers name, in their order.
pub fn alternatives(conn: &mut Conn, of: &[MatterId]) -> Outcome<Vec<(MatterId, i32, Alternative)>> {
    use matter_alternatives as a;
    type Row = (MatterId, i32, SpaceId, i64, i64, i64, i64, Fen);
    let mut found = Vec::new();
    for some in of.chunks(AT_ONCE) {
        let rows: Vec<Row> = a::table
            .filter(a::matter_id.eq_any(some))
            .order((a::matter_id, a::place))
            .select((a::matter_id, a::place, a::space_id, a::starts_at, a::ends_at, a::occupied_from, a::occupied_to, a::price_fen))
            .load(conn)?;
        for (matter, place, space, start, end, from, to, price) in rows {
            let period =
                |start, end| Period::new(Instant(start), Instant(end)).ok_or_else(|| Fault::internal("a stored alternative does not read"));
            found.push((matter, place, Alternative { space, period: period(start, end)?, occupancy: period(from, to)?, price }));
        }
    }
    Ok(found)
}

/// What a plan did to a booking.
#[derive(Debug, Clone)]
pub struct Met {
    /// The booking's part in the plan.
    pub item: StoredItem,
    /// What met it.
    pub event: ImpactEventKind,
    /// When.
    pub at: Instant,
    /// What was left open, and how that ended.
    pub matter: Option<(Matter, Option<MatterEnd>)>,
}

type MetRow = (ItemRow, ImpactEventKind, i64, Option<MatterRow>, Option<MatterEnd>);

fn met_of((row, event, at, matter_row, end): MetRow) -> Outcome<Met> {
    Ok(Met { item: item(row)?, event, at: Instant(at), matter: matter_row.map(|row| (matter(row), end)) })
}

/// What the plans that were carried out did to a booking, the latest first.
pub fn met(conn: &mut Conn, booking: &BookingId) -> Outcome<Vec<Met>> {
    let of_item = matters::booking_id.eq(impact_items::booking_id).and(matters::plan_id.eq(impact_items::plan_id));
    let rows: Vec<MetRow> = impact_items::table
        .inner_join(impact_plans::table)
        .left_join(matters::table.on(of_item))
        .left_join(matter_ends::table.on(matter_ends::matter_id.eq(matters::id)))
        .filter(impact_items::booking_id.eq(booking).and(impact_plans::stage.eq(Stage::Applied)))
        .order(impact_plans::id.desc())
        .select((item_columns!(), impact_plans::kind, impact_plans::computed_at, matter_columns!().nullable(), matter_ends::how.nullable()))
        .load(conn)?;
    rows.into_iter().map(met_of).collect()
}

/// What is open about the bookings of a household or of any of the organisations, the first due first.
pub fn open_for(conn: &mut Conn, household: Option<&HouseholdId>, organisations: &[OrganisationId], ask: &PageAsk) -> Outcome<PageOf<Met>> {
    let of_item = impact_items::booking_id.eq(matters::booking_id).and(impact_items::plan_id.eq(matters::plan_id));
    let query = matters::table
        .inner_join(impact_plans::table)
        .inner_join(bookings::table)
        .inner_join(impact_items::table.on(of_item))
        .filter(is_open!())
        .filter(bookings::state.eq(BookingState::Confirmed))
        .order((matters::due_at, matters::id))
        .limit(ask.fetch())
        .select((item_columns!(), impact_plans::kind, impact_plans::computed_at, matter_columns!()))
        .into_boxed();
    let mut query = held_by!(query, bookings, household.as_slice(), organisations);
    if let Some((due, id)) = ask.after.as_deref().and_then(|after| after.split_once('|')) {
        let due: i64 = due.parse().unwrap_or(i64::MAX);
        query = query.filter(matters::due_at.gt(due).or(matters::due_at.eq(due).and(matters::id.gt(id.to_owned()))));
    }
    let rows: Vec<(ItemRow, ImpactEventKind, i64, MatterRow)> = query.load(conn)?;
    let all = rows.into_iter().map(|(row, event, at, open)| met_of((row, event, at, Some(open), None)));
    let key = |met: &Met| met.matter.as_ref().map(|(matter, _)| format!("{}|{}", matter.due.0, matter.id)).unwrap_or_default();
    Ok(ask.cut(all.collect::<Outcome<_>>()?, key))
}

/// Start and disposition of every booking in a plan.
pub fn starts(conn: &mut Conn, plan: &PlanId) -> Outcome<Vec<(Instant, Disposition)>> {
    Ok(impact_items::table
        .filter(impact_items::plan_id.eq(plan))
        .order((impact_items::starts_at, impact_items::booking_id))
        .select((impact_items::starts_at, impact_items::disposition))
        .load::<(Instant, Disposition)>(conn)?)
}
