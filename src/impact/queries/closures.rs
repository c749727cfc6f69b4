//! Reads of closures.

use crate::impact::model::closures::{Closure, ClosureState, Opening};
use crate::kernel::id::{AccountId, ClosureId, OpeningId, SiteId, SpaceId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Instant, Outcome, Period};
use crate::store::Conn;
use crate::store::schema::{closure_openings, closure_spaces, closures};
use crate::terms::model::Orderer;
use diesel::prelude::*;

type Row = (ClosureId, SiteId, Instant, Instant, String, Orderer, AccountId, Instant);

macro_rules! columns {
    () => {
        (
            closures::id,
            closures::site_id,
            closures::from_at,
            closures::until_at,
            closures::reason,
            closures::closed_as,
            closures::closed_by,
            closures::closed_at,
        )
    };
}

/// Rows with their spaces and openings: two queries, however many.
fn whole(conn: &mut Conn, rows: Vec<Row>) -> Outcome<Vec<Closure>> {
    let ids: Vec<ClosureId> = rows.iter().map(|row| row.0.clone()).collect();
    let spaces: Vec<(ClosureId, SpaceId)> = closure_spaces::table
        .filter(closure_spaces::closure_id.eq_any(&ids))
        .order((closure_spaces::closure_id, closure_spaces::space_id))
        .select((closure_spaces::closure_id, closure_spaces::space_id))
        .load(conn)?;
    type OpeningRow = (ClosureId, OpeningId, Instant, Instant, String, AccountId, Instant);
    let openings: Vec<OpeningRow> = closure_openings::table
        .filter(closure_openings::closure_id.eq_any(&ids))
        .order((closure_openings::closure_id, closure_openings::id))
        .select((
            closure_openings::closure_id,
            closure_openings::id,
            closure_openings::from_at,
            closure_openings::until_at,
            closure_openings::reason,
            closure_openings::opened_by,
            closure_openings::opened_at,
        ))
        .load(conn)?;
    let closure = |(id, site, from, until, reason, closed_as, closed_by, closed_at): Row| Closure {
        spaces: spaces.iter().filter(|(of, _)| *of == id).map(|(_, space)| space.clone()).collect(),
        openings: openings
            .iter()
            .filter(|row| row.0 == id)
            .cloned()
            .map(|(_, id, from, until, reason, opened_by, opened_at)| Opening { id, from, until, reason, opened_by, opened_at })
            .collect(),
        id,
        site,
        from,
        until,
        reason,
        closed_as,
        closed_by,
        closed_at,
    };
    Ok(rows.into_iter().map(closure).collect())
}

/// The closure of that id.
pub fn find(conn: &mut Conn, id: &ClosureId) -> Outcome<Option<Closure>> {
    let row: Option<Row> = closures::table.find(id).select(columns!()).first(conn).optional()?;
    Ok(whole(conn, row.into_iter().collect())?.pop())
}

/// The site of a closure, or of the opening of one, and why it was closed or opened; `None` for an id that is neither.
pub fn reason(conn: &mut Conn, subject: &str) -> Outcome<Option<(SiteId, String)>> {
    if let Ok(closure) = subject.parse::<ClosureId>() {
        return Ok(closures::table.find(closure).select((closures::site_id, closures::reason)).first(conn).optional()?);
    }
    let Ok(opening) = subject.parse::<OpeningId>() else { return Ok(None) };
    Ok(closure_openings::table
        .inner_join(closures::table)
        .filter(closure_openings::id.eq(opening))
        .select((closures::site_id, closure_openings::reason))
        .first(conn)
        .optional()?)
}

/// Which closures of a site are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Where they stand.
    pub state: Option<ClosureState>,
    /// Only those that name this space.
    pub space: Option<SpaceId>,
    /// Only those that meet this period.
    pub over: Option<Period>,
}

/// Closures of a site in order of their beginning.
pub fn of_site(conn: &mut Conn, site: &SiteId, wanted: &Wanted, now: Instant, ask: &PageAsk) -> Outcome<PageOf<Closure>> {
    let mut query = closures::table
        .filter(closures::site_id.eq(site))
        .order((closures::from_at, closures::id))
        .limit(ask.fetch())
        .select(columns!())
        .into_boxed();
    query = match wanted.state {
        None => query,
        Some(ClosureState::Upcoming) => query.filter(closures::from_at.gt(now.0)).filter(closures::closed_until.gt(now.0)),
        Some(ClosureState::Current) => query.filter(closures::from_at.le(now.0)).filter(closures::closed_until.gt(now.0)),
        Some(ClosureState::Over) => query.filter(closures::closed_until.le(now.0)),
    };
    if let Some(space) = &wanted.space {
        let naming = closure_spaces::table.filter(closure_spaces::space_id.eq(space.clone())).select(closure_spaces::closure_id);
        query = query.filter(closures::id.eq_any(naming));
    }
    if let Some(over) = wanted.over {
        query = query.filter(closures::from_at.lt(over.end().0)).filter(closures::closed_until.gt(over.start().0));
    }
    if let Some((from, id)) = ask.after.as_deref().and_then(|after| after.split_once('|')) {
        let from: i64 = from.parse().unwrap_or(i64::MAX);
        query = query.filter(closures::from_at.gt(from).or(closures::from_at.eq(from).and(closures::id.gt(id.to_owned()))));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let page = ask.cut(rows, |row| format!("{}|{}", row.2.0, row.0));
    let next = page.next.clone();
    Ok(PageOf { items: whole(conn, page.items)?, next })
}

/// Closures of sites of which something is still to come.
pub fn standing(conn: &mut Conn, sites: &[SiteId], now: Instant) -> Outcome<Vec<Closure>> {
    let rows: Vec<Row> = closures::table
        .filter(closures::site_id.eq_any(sites).and(closures::closed_until.gt(now.0)))
        .order((closures::from_at, closures::id))
        .select(columns!())
        .load(conn)?;
    whole(conn, rows)
}
