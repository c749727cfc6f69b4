//! Reads.

use super::model::{Approval, At, Content, Found, UsageEvent, UsageEventKind, UsageStanding, UsageState, UsageTerms};
use crate::areas::queries::inside;
use crate::kernel::form;
use crate::kernel::id::{AccountId, AreaId, OrganisationId, SiteId, SpaceId, UsageTermsId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Fault, Instant, Outcome, Zone};
use crate::store::Conn;
use crate::store::schema::{
    areas, sites, spaces, usage_approvals as a, usage_events, usage_in_force, usage_terms as u, usage_terms_spaces as s,
};
use diesel::dsl::{exists, max, not};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = u)]
struct Row {
    id: UsageTermsId,
    site_id: SiteId,
    version_no: i32,
    state: UsageState,
    content: String,
    canonical: Option<String>,
    sha256: Option<String>,
    round_no: i32,
    not_before: i64,
    drafted_by: AccountId,
    drafted_at: i64,
    revision: i32,
}

impl Row {
    fn terms(self, spaces: Vec<SpaceId>) -> Outcome<UsageTerms> {
        let stored = serde_json::from_str(&self.content).map_err(Fault::internal)?;
        let content = form::read(&stored, Content::read).map_err(|faults| Fault::internal(format!("stored usage terms: {faults:?}")))?;
        Ok(UsageTerms {
            id: self.id,
            site: self.site_id,
            no: self.version_no,
            state: self.state,
            spaces,
            content,
            canonical: self.canonical,
            sha256: self.sha256,
            round: self.round_no,
            not_before: Instant(self.not_before),
            drafted_by: self.drafted_by,
            drafted_at: Instant(self.drafted_at),
            revision: self.revision,
        })
    }
}

type AtRow = (SiteId, String, String, AreaId, String, Option<OrganisationId>);

fn at((site, code, zone, area, area_path, operator): AtRow) -> Outcome<At> {
    let zone = Zone::named(&zone).ok_or_else(|| Fault::internal(format!("unknown zone {zone}")))?;
    Ok(At { site, code, zone, area, area_path, operator })
}

macro_rules! at_columns {
    () => {
        (sites::id, sites::code, sites::zone, areas::id, areas::path, sites::organisation_id)
    };
}

/// A site as usage terms need it.
pub fn site(conn: &mut Conn, id: &SiteId) -> Outcome<Option<At>> {
    let row: Option<AtRow> = sites::table.find(id).inner_join(areas::table).select(at_columns!()).first(conn).optional()?;
    row.map(at).transpose()
}

/// Usage terms read with their sites become whole with their spaces, in the order of the rows.
fn gather(conn: &mut Conn, rows: Vec<(Row, AtRow)>) -> Outcome<Vec<Found>> {
    let ids: Vec<&UsageTermsId> = rows.iter().map(|(row, _)| &row.id).collect();
    let theirs: Vec<(UsageTermsId, SpaceId)> = s::table
        .inner_join(spaces::table.on(spaces::id.eq(s::space_id)))
        .filter(s::usage_terms_id.eq_any(ids))
        .order((s::usage_terms_id, spaces::code))
        .select((s::usage_terms_id, s::space_id))
        .load(conn)?;
    let whole = |(row, site): (Row, AtRow)| {
        let spaces = theirs.iter().filter(|(id, _)| *id == row.id).map(|(_, space)| space.clone()).collect();
        Ok(Found { terms: row.terms(spaces)?, at: at(site)? })
    };
    rows.into_iter().map(whole).collect()
}

/// The usage terms of that id.
pub fn find(conn: &mut Conn, id: &UsageTermsId) -> Outcome<Option<Found>> {
    let row: Option<(Row, AtRow)> = u::table
        .inner_join(sites::table.inner_join(areas::table))
        .filter(u::id.eq(id))
        .select((Row::as_select(), at_columns!()))
        .first(conn)
        .optional()?;
    Ok(gather(conn, row.into_iter().collect())?.pop())
}

/// Those of some ids.
pub fn of_ids(conn: &mut Conn, ids: &[UsageTermsId]) -> Outcome<Vec<Found>> {
    let rows = u::table
        .inner_join(sites::table.inner_join(areas::table))
        .filter(u::id.eq_any(ids))
        .order(u::id)
        .select((Row::as_select(), at_columns!()))
        .load(conn)?;
    gather(conn, rows)
}

/// The number the next usage terms of a site get.
pub fn next_no(conn: &mut Conn, site: &SiteId) -> Outcome<i32> {
    let last: Option<i32> = u::table.filter(u::site_id.eq(site)).select(max(u::version_no)).first(conn)?;
    Ok(last.unwrap_or(0) + 1)
}

/// Who is asked about any of them in the present round.
pub fn approvals(conn: &mut Conn, ids: &[UsageTermsId]) -> Outcome<Vec<Approval>> {
    Ok(a::table
        .inner_join(u::table)
        .filter(a::usage_terms_id.eq_any(ids).and(a::round_no.eq(u::round_no)))
        .order((a::usage_terms_id, a::organisation_id))
        .select(Approval::as_select())
        .load(conn)?)
}

/// Who was asked about one in some round.
pub fn approvals_of(conn: &mut Conn, id: &UsageTermsId, round: i32) -> Outcome<Vec<Approval>> {
    Ok(a::table.filter(a::usage_terms_id.eq(id).and(a::round_no.eq(round))).select(Approval::as_select()).load(conn)?)
}

/// The last round in which anybody was asked about one.
pub fn last_round(conn: &mut Conn, id: &UsageTermsId) -> Outcome<i32> {
    let last: Option<i32> = a::table.filter(a::usage_terms_id.eq(id)).select(max(a::round_no)).first(conn)?;
    Ok(last.unwrap_or(0))
}

/// What happened to them, in order.
pub fn events(conn: &mut Conn, id: &UsageTermsId) -> Outcome<Vec<UsageEvent>> {
    use usage_events as e;
    Ok(e::table.filter(e::usage_terms_id.eq(id)).order((e::at, e::id)).select(UsageEvent::as_select()).load(conn)?)
}

/// Which of a site's usage terms are listed.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Where they stand.
    pub standing: Option<UsageStanding>,
    /// Those that speak of this space.
    pub space: Option<SpaceId>,
    /// Only what everybody may know of: what binds, has bound or will.
    pub public: bool,
}

/// Usage terms of a site, the latest first.
pub fn page(conn: &mut Conn, site: &SiteId, listed: &Listed, now: Instant, ask: &PageAsk) -> Outcome<PageOf<Found>> {
    use usage_in_force as f;
    let theirs = || f::table.filter(f::usage_terms_id.eq(u::id).and(f::from_at.lt(f::to_at)));
    let binding = || theirs().filter(f::from_at.le(now.0).and(f::to_at.gt(now.0))).select(f::space_id);
    let to_come = || theirs().filter(f::from_at.gt(now.0)).select(f::space_id);
    let mut query = u::table
        .inner_join(sites::table.inner_join(areas::table))
        .filter(u::site_id.eq(site))
        .order(u::version_no.desc())
        .limit(ask.fetch())
        .select((Row::as_select(), at_columns!()))
        .into_boxed();
    if listed.public {
        query = query.filter(exists(theirs().select(f::space_id)));
    }
    if let Some(space) = &listed.space {
        let of_space = s::table.filter(s::usage_terms_id.eq(u::id).and(s::space_id.eq(space.clone()))).select(s::space_id);
        query = query.filter(exists(of_space));
    }
    let approved = UsageState::Approved;
    query = match listed.standing {
        None => query,
        Some(UsageStanding::Draft) => query.filter(u::state.eq(UsageState::Draft)),
        Some(UsageStanding::Submitted) => query.filter(u::state.eq(UsageState::Submitted)),
        Some(UsageStanding::Rejected) => query.filter(u::state.eq(UsageState::Rejected)),
        Some(UsageStanding::Withdrawn) => query.filter(u::state.eq(UsageState::Withdrawn)),
        Some(UsageStanding::InForce) => query.filter(u::state.eq(approved).and(exists(binding()))),
        Some(UsageStanding::Approved) => query.filter(u::state.eq(approved).and(not(exists(binding()))).and(exists(to_come()))),
        Some(UsageStanding::Superseded) => query.filter(u::state.eq(approved).and(not(exists(binding()))).and(not(exists(to_come())))),
    };
    if let Some(after) = ask.after.as_deref().and_then(|after| after.parse::<i32>().ok()) {
        query = query.filter(u::version_no.lt(after));
    }
    let page = ask.cut(query.load::<(Row, AtRow)>(conn)?, |(row, _)| row.version_no.to_string());
    Ok(PageOf { items: gather(conn, page.items)?, next: page.next })
}

/// Whose yes is looked for.
#[derive(Debug, Clone, Default)]
pub struct Answering {
    /// Units one answers for.
    pub units: Vec<OrganisationId>,
    /// Paths of areas whose communities one answers for.
    pub areas: Vec<String>,
}

/// A yes that usage terms wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// They.
    pub terms: UsageTermsId,
    /// The unit it is said for.
    pub unit: OrganisationId,
    /// The community in charge answers for it.
    pub by_community: bool,
    /// When the unit was asked.
    pub since: Instant,
}

/// Every yes that waits for somebody.
pub fn waiting(conn: &mut Conn, who: &Answering) -> Outcome<Vec<Awaited>> {
    use usage_events as e;
    if who.units.is_empty() && who.areas.is_empty() {
        return Ok(vec![]);
    }
    let mut query = u::table
        .inner_join(sites::table.inner_join(areas::table))
        .inner_join(a::table)
        .select((u::id, a::organisation_id, a::by_community))
        .into_boxed();
    query = query.filter(a::organisation_id.eq_any(who.units.clone()).and(a::by_community.eq(false)));
    for path in &who.areas {
        query = query.or_filter(a::by_community.eq(true).and(inside(path)));
    }
    query = query.filter(u::state.eq(UsageState::Submitted).and(a::round_no.eq(u::round_no)).and(a::approved_at.is_null()));
    let rows: Vec<(UsageTermsId, OrganisationId, bool)> = query.load(conn)?;
    let ids: Vec<UsageTermsId> = rows.iter().map(|(id, ..)| id.clone()).collect();
    let asked: Vec<(UsageTermsId, Instant)> = e::table
        .filter(e::usage_terms_id.eq_any(ids).and(e::kind.eq_any([UsageEventKind::Submitted, UsageEventKind::SentBack])))
        .select((e::usage_terms_id, e::at))
        .load(conn)?;
    let one = |(terms, unit, by_community): (UsageTermsId, OrganisationId, bool)| {
        let since = asked.iter().filter(|(id, _)| *id == terms).map(|(_, at)| *at).max();
        let since = since.ok_or_else(|| Fault::internal("submitted usage terms nobody has submitted"))?;
        Ok(Awaited { terms, unit, by_community, since })
    };
    rows.into_iter().map(one).collect()
}

/// Submitted or approved usage terms that speak of any of the spaces: what a change of their clauses may ask about again.
pub fn standing_in(conn: &mut Conn, among: &[SpaceId]) -> Outcome<Vec<Found>> {
    let speaks = s::table.filter(s::usage_terms_id.eq(u::id).and(s::space_id.eq_any(among.to_vec()))).select(s::space_id);
    let rows = u::table
        .inner_join(sites::table.inner_join(areas::table))
        .filter(u::state.eq_any([UsageState::Submitted, UsageState::Approved]).and(exists(speaks)))
        .order(u::id)
        .select((Row::as_select(), at_columns!()))
        .load(conn)?;
    gather(conn, rows)
}
