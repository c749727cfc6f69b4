//! What a version does to bookings, before it is signed and after; and what it would have done to those of the past.

use super::found_version;
use crate::access::Caller;
use crate::access::deeds::SeeAgreement;
use crate::agreements::actions::foresight;
use crate::agreements::model::{Agreement, Version, VersionState};
use crate::bookings::model::{Booking, Holder};
use crate::http::{CursorKey, Page, Query};
use crate::impact;
use crate::impact::http::{PlanItemView, PlanStage, PlanView};
use crate::impact::model::{Disposition, Item, Plan, Stage, StoredItem};
use crate::impact::rules::Judged;
use crate::kernel::form;
use crate::kernel::id::{AgreementId, SpaceId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::time::Day;
use crate::kernel::{Fault, Fen, Instant, Outcome, Reason, Zone};
use crate::store::{Conn, Db, Tx};
use crate::terms::model::Use;
use crate::{places, words};
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The zone an agreement's days are shown in: that of its first site.
fn zone(conn: &mut Conn, agreement: &Agreement) -> Outcome<Zone> {
    let site = match agreement.sites.first() {
        Some(site) => places::queries::site(conn, site)?,
        None => None,
    };
    site.map(|site| site.zone).ok_or_else(|| Fault::internal("an agreement without a site"))
}

/// What is known of a version's plan.
enum Known {
    /// Computed now.
    Live(Plan),
    /// Stored when it was proposed, or when it was carried out.
    Stored(impact::model::StoredPlan),
}

fn known(tx: &mut Tx, agreement: &Agreement, version: &Version) -> Outcome<Known> {
    let stage = match version.state {
        VersionState::Draft | VersionState::InRound | VersionState::Discussed => None,
        VersionState::Agreed => Some(Stage::Applied),
        _ => Some(Stage::Previewed),
    };
    if let Some(stage) = stage
        && let Some(stored) = impact::queries::plan_of(tx, stage, version.id.as_str())?
    {
        return Ok(Known::Stored(stored));
    }
    let now = tx.now();
    let foreseen = foresight::foresee(tx, agreement, version, now)?;
    Ok(Known::Live(foreseen.map_or(Plan { items: vec![], unaffected: 0 }, |(_, plan)| plan)))
}

/// What a version does to the bookings made before it
///
/// Of a draft: what it would do at this moment. Of a version that is being signed: what its signers are shown, as it was when it
/// was proposed; it is computed again when the last of them signs. Of an agreed one: what it did.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), params(("id" = AgreementId, Path), ("no" = i32, Path)),
    responses((status = 200, body = PlanView)))]
#[get("/agreements/{id}/versions/{no}/impact")]
pub async fn get_impact(db: Data<Db>, caller: Caller<SeeAgreement>, path: Path<(AgreementId, i32)>) -> Outcome<Json<PlanView>> {
    let (id, no) = path.into_inner();
    let view = db.read(move |tx| {
        let (agreement, shared, version) = found_version(tx, &id, no)?;
        caller.permit(tx, &shared)?;
        let (zone, now) = (zone(tx, &agreement)?, tx.now());
        Ok(match known(tx, &agreement, &version)? {
            Known::Live(plan) => PlanView::live(&plan, now, &zone),
            Known::Stored(stored) => {
                let stage = if stored.stage == Stage::Applied { PlanStage::Applied } else { PlanStage::Previewed };
                let starts = impact::queries::starts(tx, &stored.id)?;
                PlanView::of(stage, stored.at, stored.counts, &starts, &zone)
            }
        })
    });
    Ok(Json(view.await?))
}

/// A page of a plan that is stored nowhere.
fn cut(items: &[Item], only: Option<Disposition>, ask: &PageAsk) -> PageOf<StoredItem> {
    let key = |start: Instant, id: &str| format!("{}|{id}", start.0);
    let after = ask.after.as_deref().and_then(|after| after.split_once('|')).and_then(|(start, id)| Some((start.parse().ok()?, id)));
    let behind =
        |item: &&Item| after.is_none_or(|(start, id): (i64, &str)| (item.booking.period.start().0, item.booking.id.as_str()) > (start, id));
    let wanted = items.iter().filter(|item| only.is_none_or(|only| item.disposition == only)).filter(behind);
    let rows: Vec<StoredItem> = wanted.take(ask.limit + 1).map(impact::http::plain).collect();
    ask.cut(rows, |item| key(item.starts_at, item.booking.as_str()))
}

/// The bookings a version affects
///
/// In order of start. Who holds them is shown to those who run the spaces.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), params(("id" = AgreementId, Path), ("no" = i32, Path),
    ("disposition" = Option<Disposition>, Query, description = "Only these"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<PlanItemView>)))]
#[get("/agreements/{id}/versions/{no}/impact/bookings")]
pub async fn get_impact_bookings(
    db: Data<Db>,
    keys: Data<CursorKey>,
    caller: Caller<SeeAgreement>,
    path: Path<(AgreementId, i32)>,
    query: Query,
) -> Outcome<Json<Page<PlanItemView>>> {
    let (id, no) = path.into_inner();
    let list = format!("impact of {id} {no}");
    let (only, ask) = query.read(|form| {
        let only = form.may("disposition", form::word::<Disposition>);
        Some((only, keys.ask(&list, form)))
    })?;
    let page = db
        .read(move |tx| {
            let (agreement, shared, version) = found_version(tx, &id, no)?;
            let permit = caller.permit(tx, &shared)?;
            let page = match known(tx, &agreement, &version)? {
                Known::Live(plan) => cut(&plan.items, only, &ask),
                Known::Stored(stored) => impact::queries::items(tx, &stored.id, only, &ask)?,
            };
            let next = page.next.clone();
            Ok(PageOf { items: impact::http::shown(tx, page.items, permit.who(), &agreement.area_path)?, next })
        })
        .await?;
    Ok(Json(keys.page(&list, page)))
}

words! {
    /// What a version would have meant for a booking of the past.
    pub enum Would {
        /// It could not have been made like that.
        Lose = "lose",
        /// It would have cost less.
        Gain = "gain",
        /// The same.
        Same = "same",
    }
}

words! {
    /// Who holds a booking, without a name.
    pub enum HolderKind {
        /// A household.
        Household = "household",
        /// An organisation.
        Organisation = "organisation",
    }
}

/// How many would have lost and gained.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub struct WouldCounts {
    bookings: i64,
    lose: i64,
    gain: i64,
}

impl WouldCounts {
    fn add(&mut self, would: Would) {
        self.bookings += 1;
        self.lose += i64::from(would == Would::Lose);
        self.gain += i64::from(would == Would::Gain);
    }
}

/// The same of one use.
#[derive(Debug, Serialize, ToSchema)]
pub struct WouldByUse {
    #[serde(rename = "use")]
    use_code: Use,
    #[serde(flatten)]
    counts: WouldCounts,
}

/// The same of one space.
#[derive(Debug, Serialize, ToSchema)]
pub struct WouldBySpace {
    space_id: SpaceId,
    #[serde(flatten)]
    counts: WouldCounts,
}

/// The same of one kind of holder.
#[derive(Debug, Serialize, ToSchema)]
pub struct WouldByHolder {
    holder: HolderKind,
    #[serde(flatten)]
    counts: WouldCounts,
}

/// A booking of the past that would have been another one. No name, no id: what it was like is the question.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayItem {
    space_id: SpaceId,
    #[serde(rename = "use")]
    use_code: Use,
    starts_at: Instant,
    would: Would,
    /// The clauses that decide.
    reasons: Vec<Reason>,
    /// How much less it would have cost, in fen.
    less_fen: Fen,
}

/// A version run over bookings of the past.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayView {
    /// First day.
    #[schema(value_type = String, format = Date)]
    from: String,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    to: String,
    #[serde(flatten)]
    counts: WouldCounts,
    /// How much less would have been charged, in fen.
    less_fen: Fen,
    by_use: Vec<WouldByUse>,
    by_space: Vec<WouldBySpace>,
    by_holder: Vec<WouldByHolder>,
    /// Those that would have lost or gained, in order of start; at most 200.
    items: Vec<ReplayItem>,
}

/// Longest replay.
const MOST_DAYS: i64 = 366;
/// Most bookings listed one by one.
const MOST_LISTED: usize = 200;

/// The calendar quarter before the one a day lies in.
fn last_quarter(today: Day) -> Option<(Day, Day)> {
    let month = (today.month() - 1) / 3 * 3 + 1;
    let last = Day::new(today.year(), month, 1).ok()?.yesterday().ok()?;
    let first = Day::new(last.year(), last.month() - 2, 1).ok()?;
    Some((first, last))
}

fn would(judged: &Judged) -> Would {
    match judged.disposition {
        Disposition::Unaffected | Disposition::Kept => Would::Same,
        Disposition::BetterTermsApplied => Would::Gain,
        _ => Would::Lose,
    }
}

fn replay_view(first: Day, last: Day, judged: Vec<(Booking, Judged)>) -> ReplayView {
    let (mut all, mut less) = (WouldCounts::default(), 0i64);
    let mut by_use: BTreeMap<Use, WouldCounts> = BTreeMap::new();
    let mut by_space: BTreeMap<SpaceId, WouldCounts> = BTreeMap::new();
    let mut by_holder: BTreeMap<HolderKind, WouldCounts> = BTreeMap::new();
    let mut items = Vec::new();
    for (booking, judged) in judged {
        let would = would(&judged);
        let holder = match booking.holder {
            Holder::Household(_) => HolderKind::Household,
            Holder::Organisation(_) => HolderKind::Organisation,
        };
        all.add(would);
        by_use.entry(booking.use_code).or_default().add(would);
        by_space.entry(booking.space.clone()).or_default().add(would);
        by_holder.entry(holder).or_default().add(would);
        let cheaper = judged.price.as_ref().filter(|_| would == Would::Gain).map_or(0, |price| booking.price.0 - price.total.0);
        less += cheaper;
        if would != Would::Same && items.len() < MOST_LISTED {
            items.push(ReplayItem {
                space_id: booking.space,
                use_code: booking.use_code,
                starts_at: booking.period.start(),
                would,
                reasons: judged.reasons,
                less_fen: Fen(cheaper),
            });
        }
    }
    ReplayView {
        from: first.to_string(),
        to: last.to_string(),
        counts: all,
        less_fen: Fen(less),
        by_use: by_use.into_iter().map(|(use_code, counts)| WouldByUse { use_code, counts }).collect(),
        by_space: by_space.into_iter().map(|(space_id, counts)| WouldBySpace { space_id, counts }).collect(),
        by_holder: by_holder.into_iter().map(|(holder, counts)| WouldByHolder { holder, counts }).collect(),
        items,
    }
}

/// What a version would have meant for bookings of the past
///
/// Its clauses are run over the bookings that took place from `from` to `to` (the last calendar quarter unless given): how many
/// could not have been made like that, and how many would have cost less; by use, space and kind of holder, never by name.
#[utoipa::path(tag = "agreements", security(("bearer" = [])), params(("id" = AgreementId, Path), ("no" = i32, Path),
    ("from" = Option<String>, Query, description = "First day, a civil date of the site"),
    ("to" = Option<String>, Query, description = "Last day; at most 366 days in all")),
    responses((status = 200, body = ReplayView)))]
#[get("/agreements/{id}/versions/{no}/replay")]
pub async fn get_replay(
    db: Data<Db>,
    caller: Caller<SeeAgreement>,
    path: Path<(AgreementId, i32)>,
    query: Query,
) -> Outcome<Json<ReplayView>> {
    let (id, no) = path.into_inner();
    let (from, to) = query.read(|form| {
        let (from, to) = (form.may("from", form::day), form.may("to", form::day));
        let reversed = from.zip(to).is_some_and(|(from, to)| to < from || (to - from).get_days() >= MOST_DAYS as i32);
        if reversed {
            form.fault("to", "out-of-range", "不能早于 from，且一共不超过 366 天。", "Not before `from`, and at most 366 days in all.");
        }
        Some((from, to))
    })?;
    let view = db.read(move |tx| {
        let (agreement, shared, version) = found_version(tx, &id, no)?;
        caller.permit(tx, &shared)?;
        let (zone, now) = (zone(tx, &agreement)?, tx.now());
        let today = zone.day_of(now);
        let (mut first, mut last) = last_quarter(today).unwrap_or((today, today));
        match (from, to) {
            (Some(from), Some(to)) => (first, last) = (from, to),
            (Some(from), None) => (first, last) = (from, today.max(from)),
            (None, Some(to)) => (first, last) = (Day::new(to.year(), to.month(), 1).unwrap_or(to), to),
            (None, None) => {}
        }
        let too_long = (last - first).get_days() >= MOST_DAYS as i32;
        let over = zone.days(first, last).filter(|_| !too_long);
        let over = over.ok_or_else(|| Fault::field("from", "out-of-range", "一共不超过 366 天。", "At most 366 days in all."))?;
        Ok(replay_view(first, last, foresight::replay(tx, &agreement, &version, over, now)?))
    });
    Ok(Json(view.await?))
}
