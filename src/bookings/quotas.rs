//! What a holder has used of what they may have at a site, and when room comes up: for themselves to see.

use super::model::{Counted, Holder, Used};
use super::queries::holding::{self, Of};
use super::rules::quota::{self, By, Limit, Most, Tally};
use crate::kernel::id::{BookingId, SpaceId};
use crate::kernel::time::Day;
use crate::kernel::{Outcome, Zone};
use crate::places::model::{QuotaHolder, QuotaSpan, Site};
use crate::store::Conn;
use crate::terms::model::TermInForce;
use crate::{people, places, terms};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A booking that counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsedView {
    booking_id: BookingId,
    space_id: SpaceId,
    space_zh: String,
    space_en: Option<String>,
    /// RFC 3339 with the site's offset.
    starts_at: String,
    /// RFC 3339 with the site's offset.
    ends_at: String,
    /// Who answers for it, masked.
    person: String,
    /// Why it counts.
    counts_as: Counted,
}

/// A limit, and what of it is used.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuotaView {
    /// Counted over.
    per: QuotaSpan,
    /// Days in a row, for `rolling`.
    days: Option<i64>,
    /// Most bookings, where they are counted.
    most_bookings: Option<i64>,
    /// Most minutes together, where they are counted.
    most_minutes: Option<i64>,
    /// Bookings or minutes used.
    used: i64,
    /// Bookings or minutes left.
    left: i64,
    /// First civil day of the stretch.
    from: String,
    /// Last civil day of the stretch.
    to: String,
    /// The next day on which the shortest booking would fit; null while one fits now, or none does for a long time.
    frees_on: Option<String>,
    /// The clause that says so; null for a rule of the site.
    clause: Option<String>,
    /// Natural code of its agreement.
    agreement: Option<String>,
    /// Number of its version.
    version: Option<i32>,
    /// The limit in words.
    zh: String,
    en: String,
    /// What counts, in order.
    uses: Vec<UsedView>,
}

/// Every limit of a holder at a site on a day.
pub fn of(conn: &mut Conn, site: &Site, holder: &Holder, on: Day) -> Outcome<Vec<QuotaView>> {
    let zone = &site.zone;
    let kind = holder.kind();
    let members = match holder {
        Holder::Household(household) => people::queries::members(conn, household)?,
        Holder::Organisation(_) => Vec::new(),
    };
    let clauses = if kind == QuotaHolder::Household { clauses(conn, site, on)? } else { Vec::new() };
    let mut bound = Vec::new();
    for term in &clauses {
        bound.push((term.clone(), terms::queries::bound_by(conn, &term.version, &term.clause)?));
    }
    let in_effect: Vec<&TermInForce> = clauses.iter().collect();
    let limits = quota::limits(&site.id, &site.rules.limits.quotas, &in_effect, kind, &bound);
    let Some(over) = quota::reach(&limits, zone, on, on) else { return Ok(Vec::new()) };
    let of = Of { holder, members: &members, but: &[] };
    let uses = holding::uses(conn, of, over, site.rules.limits.late_cancel_hours)?;
    Ok(limits.iter().map(|limit| view(limit, zone, &uses, on, i64::from(site.rules.min_minutes))).collect())
}

/// Clauses with a quota in effect at noon of a day in any space of the site, each once.
fn clauses(conn: &mut Conn, site: &Site, on: Day) -> Outcome<Vec<TermInForce>> {
    let spaces: Vec<SpaceId> = places::queries::spaces(conn, std::slice::from_ref(&site.id))?.into_iter().map(|space| space.id).collect();
    let Some(day) = site.zone.days(on, on) else { return Ok(Vec::new()) };
    let mut of_space: BTreeMap<SpaceId, Vec<TermInForce>> = BTreeMap::new();
    for (space, term) in terms::queries::of_spaces(conn, &spaces, day)? {
        of_space.entry(space).or_default().push(term);
    }
    let noon = site.zone.at(on, 720);
    let all: Vec<&TermInForce> = of_space.values().flat_map(|rows| terms::rules::in_effect(rows, noon)).collect();
    Ok(quota::clauses(&all).into_iter().cloned().collect())
}

fn view(limit: &Limit, zone: &Zone, uses: &[Used], on: Day, shortest: i64) -> QuotaView {
    let tally = Tally::of(limit, zone, uses);
    let standing = tally.standing(on);
    let (most_bookings, most_minutes, most) = match limit.most {
        Most::Bookings(most) => (Some(most), None, most),
        Most::Minutes(most) => (None, Some(most), most),
    };
    let full = !tally.fits(on, shortest);
    let term = match &limit.by {
        By::Site(_) => None,
        By::Clause(term, _) => Some(term),
    };
    let (zh, en) = quota::in_words(limit);
    QuotaView {
        per: limit.per,
        days: (limit.per == QuotaSpan::Rolling).then_some(limit.days),
        most_bookings,
        most_minutes,
        used: standing.used,
        left: (most - standing.used).max(0),
        from: standing.from.to_string(),
        to: standing.to.to_string(),
        frees_on: full.then(|| tally.frees_on(on, shortest)).flatten().map(|day| day.to_string()),
        clause: term.map(|term| term.clause.clone()),
        agreement: term.map(|term| term.agreement_code.clone()),
        version: term.map(|term| term.version_no),
        zh: format!("{zh}。"),
        en: format!("{en}."),
        uses: standing.uses.into_iter().map(|used| used_view(used, zone)).collect(),
    }
}

fn used_view(used: &Used, zone: &Zone) -> UsedView {
    UsedView {
        booking_id: used.booking.clone(),
        space_id: used.space.clone(),
        space_zh: used.space_zh.clone(),
        space_en: used.space_en.clone(),
        starts_at: zone.rfc3339(used.period.start()),
        ends_at: zone.rfc3339(used.period.end()),
        person: used.person.clone(),
        counts_as: used.counts_as,
    }
}
