//! The head of every chain at the end of every day, for everybody to see and keep: what is published cannot be written anew
//! unseen.

use super::GENESIS;
use crate::kernel::time::{Day, parse_day};
use crate::kernel::{Fault, Instant, Outcome, Zone};
use crate::store::schema::{audit_anchors, audit_chain};
use crate::store::{Conn, Tx};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// The head of a chain when a day ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Which chain.
    pub chain: String,
    /// Civil day of the area.
    pub day: Day,
    /// Number of the last entry recorded before the day's 24:00.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

/// A day of a chain that has ended and has no anchor yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    chain: String,
    day: Day,
    /// Its 24:00.
    end: Instant,
}

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    chain: String,
}

/// Every chain that has an entry or an anchor, in order. One look at the index a chain, however long the chains are.
pub fn chains(conn: &mut Conn) -> Outcome<Vec<String>> {
    let names: Vec<Name> = diesel::sql_query(
        "WITH RECURSIVE linked (chain) AS (SELECT MIN(chain) FROM audit_chain \
         UNION ALL SELECT (SELECT MIN(a.chain) FROM audit_chain a WHERE a.chain > linked.chain) FROM linked WHERE linked.chain IS NOT NULL), \
         anchored (chain) AS (SELECT MIN(chain) FROM audit_anchors \
         UNION ALL SELECT (SELECT MIN(a.chain) FROM audit_anchors a WHERE a.chain > anchored.chain) FROM anchored WHERE anchored.chain IS NOT NULL) \
         SELECT chain FROM linked WHERE chain IS NOT NULL UNION SELECT chain FROM anchored WHERE chain IS NOT NULL ORDER BY chain",
    )
    .load(conn)?;
    Ok(names.into_iter().map(|name| name.chain).collect())
}

/// Most days back that are published at once, after a time without a server.
const MOST_DAYS: i64 = 400;

/// Every day that has ended since the last anchor of its chain; of a chain without one, yesterday. `zone` is that of the chain's area.
pub fn missing(tx: &mut Tx, zone: impl Fn(&str) -> Zone) -> Outcome<Vec<Missing>> {
    let now = tx.now();
    let last: Vec<(String, Option<String>)> =
        audit_anchors::table.group_by(audit_anchors::chain).select((audit_anchors::chain, max(audit_anchors::day))).load(&mut **tx)?;
    let mut missing = Vec::new();
    for chain in chains(tx)? {
        let zone = zone(&chain);
        let today = zone.day_of(now);
        let published = last.iter().find(|(of, _)| *of == chain).and_then(|(_, day)| parse_day(day.as_deref()?));
        let (mut end, mut days) = (today, 0);
        while days < MOST_DAYS
            && let Ok(day) = end.yesterday()
            && published.map_or(days == 0, |published| published < day)
        {
            missing.push(Missing { chain: chain.clone(), day, end: zone.at(end, 0) });
            (end, days) = (day, days + 1);
        }
    }
    Ok(missing)
}

/// Writes anchors down; gives how many. Written once, however often and by however many it is tried.
pub fn write(tx: &mut Tx, missing: &[Missing]) -> Outcome<usize> {
    let now = tx.now();
    let mut written = 0;
    for Missing { chain, day, end } in missing {
        let head: Option<(i64, String)> = audit_chain::table
            .filter(audit_chain::chain.eq(chain).and(audit_chain::at.lt(end.0)))
            .order(audit_chain::seq.desc())
            .select((audit_chain::seq, audit_chain::hash))
            .first(&mut **tx)
            .optional()?;
        // A chain that began today had nothing yesterday: that is published too.
        let (seq, hash) = head.unwrap_or((0, GENESIS.into()));
        let row = (
            audit_anchors::chain.eq(chain),
            audit_anchors::day.eq(day.to_string()),
            audit_anchors::seq.eq(seq),
            audit_anchors::hash.eq(hash),
            audit_anchors::written_at.eq(now.0),
        );
        if crate::insert_once!(&mut **tx, audit_anchors::table, row)? {
            written += 1;
        }
    }
    Ok(written)
}

fn anchor((chain, day, seq, hash): (String, String, i64, String)) -> Outcome<Anchor> {
    let day = parse_day(&day).ok_or_else(|| Fault::internal("the day of an anchor does not read"))?;
    Ok(Anchor { chain, day, seq, hash })
}

const COLUMNS: (audit_anchors::chain, audit_anchors::day, audit_anchors::seq, audit_anchors::hash) =
    (audit_anchors::chain, audit_anchors::day, audit_anchors::seq, audit_anchors::hash);

/// The anchors of a chain that name an entry, in the order of the entries.
pub(super) fn of_chain(conn: &mut Conn, chain: &str) -> Outcome<Vec<Anchor>> {
    let rows = audit_anchors::table
        .filter(audit_anchors::chain.eq(chain).and(audit_anchors::seq.gt(0)))
        .order((audit_anchors::seq, audit_anchors::day))
        .select(COLUMNS)
        .load(conn)?;
    rows.into_iter().map(anchor).collect()
}

/// The anchors of a chain, the latest day first; `before` a day, at most `limit`.
pub fn latest(conn: &mut Conn, chain: &str, before: Option<&str>, limit: i64) -> Outcome<Vec<Anchor>> {
    let mut query = audit_anchors::table
        .filter(audit_anchors::chain.eq(chain))
        .order(audit_anchors::day.desc())
        .limit(limit)
        .select(COLUMNS)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(audit_anchors::day.lt(before));
    }
    query.load(conn)?.into_iter().map(anchor).collect()
}
