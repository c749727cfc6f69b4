//! Routes: reading and verifying audit chains; their published heads are for everybody.

use super::queries::{self, Linked, Which};
use crate::access::deeds::ReadAudit;
use crate::access::{Caller, Permit, Place};
use crate::areas::model::Area;
use crate::audit::verify::{Broken, Flaw};
use crate::audit::{self, PLATFORM, anchors};
use crate::http::{CursorKey, Page, Query};
use crate::kernel::form;
use crate::kernel::id::{AccountId, AreaId, EntryId};
use crate::kernel::{Fault, FieldFault, Instant, Outcome};
use crate::people::model::Role;
use crate::store::{Db, Tx};
use crate::{areas, words};
use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

const ENTRIES: &str = "audit-entries";
const ANCHORS: &str = "audit-anchors";

words! {
    /// Whose chains were looked at.
    pub enum Reach {
        /// The area and everything in it.
        Area = "area",
        /// The chain of the area, for one who has something of their own in it.
        Own = "own",
        /// What belongs to no area: accounts, sign-ins.
        Platform = "platform",
    }
}

/// What computing audit chains again gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerificationView {
    reach: Reach,
    /// Nothing is broken.
    good: bool,
    chains: usize,
    /// Entries whose hash was computed again and agreed.
    entries: i64,
    /// Published heads among them.
    anchors: i64,
    /// Recorded within the last second, not linked yet.
    unlinked: i64,
    /// The first bad entry of every broken chain.
    broken: Vec<BrokenView>,
    verified_at: Instant,
}

/// The first bad entry of a chain.
#[derive(Debug, Serialize, ToSchema)]
pub struct BrokenView {
    /// Id of the managing area, or `platform`.
    chain: String,
    seq: i64,
    /// Null when the entry is gone.
    entry_id: Option<String>,
    flaw: Flaw,
    /// The day whose published head tells.
    day: Option<String>,
    zh: String,
    en: String,
}

impl From<Broken> for BrokenView {
    fn from(broken: Broken) -> Self {
        Self {
            zh: broken.zh(),
            en: broken.en(),
            chain: broken.chain,
            seq: broken.seq,
            entry_id: broken.entry,
            flaw: broken.flaw,
            day: broken.day.map(|day| day.to_string()),
        }
    }
}

/// An entry of an audit chain. No personal data: people are their account ids.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    seq: i64,
    id: EntryId,
    at: Instant,
    /// Who acted; null for the service itself.
    actor: Option<AccountId>,
    /// `booking.made`, `version.signed` …
    action: String,
    /// To what: an id.
    subject: String,
    #[schema(value_type = Object)]
    detail: Value,
    prev_hash: String,
    hash: String,
}

impl From<Linked> for EntryView {
    fn from(entry: Linked) -> Self {
        let Linked { seq, id, at, actor, action, subject, detail, prev_hash, hash } = entry;
        Self { seq, id, at, actor, action, subject, detail, prev_hash, hash }
    }
}

/// The head of a chain when a day of its area had ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnchorView {
    /// Id of the managing area, or `platform`.
    chain: String,
    #[schema(format = Date)]
    day: String,
    /// Number of the day's last entry; 0 = none yet.
    seq: i64,
    /// Its hash. Keep it: whoever has it can tell whether anything before it was changed.
    hash: String,
}

/// The area a query names; one that does not exist is a fault of the query.
fn named(tx: &mut Tx, area: Option<&AreaId>) -> Outcome<Option<Area>> {
    let unknown = || Fault::invalid(vec![FieldFault::at("area_id", "unknown", "没有这个地区。", "There is no such area.")]);
    area.map(|area| areas::queries::find(tx, area)?.ok_or_else(unknown)).transpose()
}

/// Asks the table for the chain of an area, or for the platform's: that one is for auditors, wherever they audit.
fn permit(tx: &mut Tx, caller: &Caller<ReadAudit>, area: Option<&Area>) -> Outcome<Permit<ReadAudit>> {
    let who = caller.standing(tx)?;
    let place = match area {
        Some(area) => Place {
            areas: vec![area.path.clone()],
            organisations: queries::owners_in(tx, &area.id)?,
            known_to_all: true,
            ..Place::default()
        },
        None => {
            let audits = who.grants.iter().filter(|grant| grant.role == Role::Auditor).filter_map(|grant| grant.area_path.clone());
            Place { areas: audits.collect(), known_to_all: true, ..Place::default() }
        }
    };
    caller.permit_as(who, &place)
}

fn reach(permit: &Permit<ReadAudit>, area: Option<&Area>) -> Reach {
    let in_charge = [Role::Auditor, Role::Community, Role::Street].iter().any(|role| permit.by(*role));
    match area {
        None => Reach::Platform,
        Some(_) if in_charge => Reach::Area,
        Some(_) => Reach::Own,
    }
}

/// Compute the audit chains of an area again
///
/// Of the area and everything in it, for its community, its street and auditors; for a property unit the chain of the area its spaces lie in. Without `area_id`, for auditors:
/// the chain of what belongs to no area. Every entry's hash is computed again and compared with the published heads, so that an
/// altered, missing or moved entry is named, and a tail cut off or written anew too.
#[utoipa::path(tag = "audit", security(("bearer" = [])), params(("area_id" = Option<AreaId>, Query)), responses((status = 200, body = VerificationView)))]
#[get("/audit/verification")]
pub async fn get_verification(db: Data<Db>, caller: Caller<ReadAudit>, query: Query) -> Outcome<Json<VerificationView>> {
    let asked = query.read(|form| Some(form.may("area_id", form::id::<AreaId>)))?;
    let view = db.read(move |tx| {
        let area = named(tx, asked.as_ref())?;
        let permit = permit(tx, &caller, area.as_ref())?;
        let reach = reach(&permit, area.as_ref());
        let chains = match (&area, reach) {
            (Some(area), Reach::Area) => queries::chains_within(tx, area)?,
            (Some(area), _) => vec![area.id.to_string()],
            (None, _) => vec![PLATFORM.to_owned()],
        };
        let verdict = audit::verify_chains(tx, &chains)?;
        Ok(VerificationView {
            reach,
            good: verdict.broken.is_empty(),
            chains: verdict.chains,
            entries: verdict.entries,
            anchors: verdict.anchors,
            unlinked: verdict.unlinked,
            broken: verdict.broken.into_iter().map(BrokenView::from).collect(),
            verified_at: tx.now(),
        })
    });
    Ok(Json(view.await?))
}

/// Entries of the audit chain of an area, the latest first
///
/// For the community and street of the area, and auditors. A property unit sees those about its agreements and about bookings of its spaces. Without `area_id`, for auditors: the chain
/// of what belongs to no area.
#[utoipa::path(tag = "audit", security(("bearer" = [])), params(
    ("area_id" = Option<AreaId>, Query), ("subject" = Option<String>, Query, description = "Only about the thing of this id"),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<EntryView>)))]
#[get("/audit/entries")]
pub async fn get_entries(db: Data<Db>, keys: Data<CursorKey>, caller: Caller<ReadAudit>, query: Query) -> Outcome<Json<Page<EntryView>>> {
    let (asked, subject, ask) =
        query.read(|form| Some((form.may("area_id", form::id::<AreaId>), form.may("subject", form::line(64)), keys.ask(ENTRIES, form))))?;
    let page = db.read(move |tx| {
        let area = named(tx, asked.as_ref())?;
        let permit = permit(tx, &caller, area.as_ref())?;
        let own = reach(&permit, area.as_ref()) == Reach::Own;
        let of = own.then(|| permit.who().grants.iter().filter_map(|grant| grant.organisation.clone()).collect());
        let chain = area.as_ref().map_or(PLATFORM, |area| area.id.as_str());
        queries::entries(tx, chain, &Which { subject: subject.clone(), of }, &ask)
    });
    Ok(Json(keys.page(ENTRIES, page.await?.map(EntryView::from))))
}

/// The published heads of an area's audit chain, the latest day first
///
/// Written once a day after the area's 24:00. Without `area_id`: of the chain of what belongs to no area.
#[utoipa::path(tag = "audit", params(("area_id" = Option<AreaId>, Query),
    ("limit" = Option<u32>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<AnchorView>)))]
#[get("/audit/anchors")]
pub async fn get_anchors(db: Data<Db>, keys: Data<CursorKey>, query: Query) -> Outcome<Json<Page<AnchorView>>> {
    let (asked, ask) = query.read(|form| Some((form.may("area_id", form::id::<AreaId>), keys.ask(ANCHORS, form))))?;
    let page = db.read(move |tx| {
        let area = named(tx, asked.as_ref())?;
        let chain = area.as_ref().map_or(PLATFORM, |area| area.id.as_str());
        let rows = anchors::latest(tx, chain, ask.after.as_deref(), ask.fetch())?;
        Ok(ask.cut(rows, |anchor| anchor.day.to_string()))
    });
    let view =
        |anchor: anchors::Anchor| AnchorView { chain: anchor.chain, day: anchor.day.to_string(), seq: anchor.seq, hash: anchor.hash };
    Ok(Json(keys.page(ANCHORS, page.await?.map(view))))
}
