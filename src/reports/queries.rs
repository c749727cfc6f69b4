//! Reads.

use crate::areas::model::Area;
use crate::audit::anchors;
use crate::kernel::id::{AccountId, AreaId, EntryId, OrganisationId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{
    agreement_sites, agreement_versions, areas, audit_chain as chain, bookings, floors, sites, spaces, version_parties,
};
use diesel::prelude::*;
use serde_json::Value;

/// A linked entry.
#[derive(Debug, Clone)]
pub struct Linked {
    /// Number in its chain.
    pub seq: i64,
    /// Id.
    pub id: EntryId,
    /// When it was recorded.
    pub at: Instant,
    /// Who acted; `None` for the service itself.
    pub actor: Option<AccountId>,
    /// What.
    pub action: String,
    /// To what: an id.
    pub subject: String,
    /// Facts.
    pub detail: Value,
    /// Hash of the entry before it.
    pub prev_hash: String,
    /// Its own.
    pub hash: String,
}

/// The chains of an area and of every area in it.
pub fn chains_within(conn: &mut Conn, area: &Area) -> Outcome<Vec<String>> {
    let chains = anchors::chains(conn)?;
    let within = areas::table.filter(areas::path.like(format!("{}%", area.path)).and(areas::id.eq_any(&chains)));
    Ok(within.order(areas::id).select(areas::id).load(conn)?)
}

/// Owners of floors and spaces of the sites an area manages itself.
pub fn owners_in(conn: &mut Conn, area: &AreaId) -> Outcome<Vec<OrganisationId>> {
    let floors: Vec<Option<OrganisationId>> = floors::table
        .inner_join(sites::table)
        .filter(sites::area_id.eq(area))
        .select(floors::title_organisation_id)
        .distinct()
        .load(conn)?;
    let spaces: Vec<Option<OrganisationId>> = spaces::table
        .inner_join(sites::table)
        .filter(sites::area_id.eq(area))
        .select(spaces::title_organisation_id)
        .distinct()
        .load(conn)?;
    Ok(floors.into_iter().chain(spaces).flatten().collect())
}

/// Which entries of a chain.
#[derive(Debug, Clone, Default)]
pub struct Which {
    /// About this thing alone.
    pub subject: Option<String>,
    /// Only what concerns these organisations: agreements they are party to or lend space for, bookings of their spaces.
    pub of: Option<Vec<OrganisationId>>,
}

/// Entries of a chain, the latest first.
pub fn entries(conn: &mut Conn, of: &str, which: &Which, ask: &PageAsk) -> Outcome<PageOf<Linked>> {
    let mut query = chain::table.filter(chain::chain.eq(of)).order(chain::seq.desc()).limit(ask.fetch()).into_boxed();
    if let Some(after) = &ask.after {
        let after: i64 = after.parse().map_err(Fault::internal)?;
        query = query.filter(chain::seq.lt(after));
    }
    if let Some(subject) = &which.subject {
        query = query.filter(chain::subject.eq(subject));
    }
    if let Some(organisations) = &which.of {
        let (agreements, versions) = agreements_of(conn, organisations)?;
        let titled = spaces::table
            .inner_join(floors::table)
            .filter(
                spaces::title_organisation_id
                    .eq_any(organisations.clone())
                    .or(spaces::title_organisation_id.is_null().and(floors::title_organisation_id.eq_any(organisations.clone()))),
            )
            .select(spaces::id);
        let held = bookings::table.filter(bookings::space_id.eq_any(titled)).select(bookings::id);
        query = query.filter(chain::subject.eq_any(agreements).or(chain::subject.eq_any(versions)).or(chain::subject.eq_any(held)));
    }
    type Row = (i64, EntryId, i64, Option<AccountId>, String, String, String, String, String);
    let rows: Vec<Row> = query
        .select((
            chain::seq,
            chain::entry_id,
            chain::at,
            chain::actor,
            chain::action,
            chain::subject,
            chain::detail,
            chain::prev_hash,
            chain::hash,
        ))
        .load(conn)?;
    let page = ask.cut(rows, |row| row.0.to_string());
    let linked = |(seq, id, at, actor, action, subject, detail, prev_hash, hash): Row| {
        let detail = serde_json::from_str(&detail).map_err(|e| Fault::internal(format!("detail of an audit entry: {e}")))?;
        Ok(Linked { seq, id, at: Instant(at), actor, action, subject, detail, prev_hash, hash })
    };
    let next = page.next.clone();
    Ok(PageOf { items: page.items.into_iter().map(linked).collect::<Outcome<_>>()?, next })
}

/// Agreements some organisations are party to or lend space for, and the versions of these.
fn agreements_of(conn: &mut Conn, organisations: &[OrganisationId]) -> Outcome<(Vec<String>, Vec<String>)> {
    let mut agreements: Vec<String> = version_parties::table
        .inner_join(agreement_versions::table.on(agreement_versions::id.eq(version_parties::version_id)))
        .filter(version_parties::organisation_id.eq_any(organisations))
        .select(agreement_versions::agreement_id)
        .distinct()
        .load(conn)?;
    agreements.extend(
        agreement_sites::table
            .inner_join(floors::table.on(floors::site_id.eq(agreement_sites::site_id)))
            .filter(floors::title_organisation_id.eq_any(organisations))
            .select(agreement_sites::agreement_id)
            .distinct()
            .load::<String>(conn)?,
    );
    agreements.extend(
        agreement_sites::table
            .inner_join(spaces::table.on(spaces::site_id.eq(agreement_sites::site_id)))
            .filter(spaces::title_organisation_id.eq_any(organisations))
            .select(agreement_sites::agreement_id)
            .distinct()
            .load::<String>(conn)?,
    );
    let versions =
        agreement_versions::table.filter(agreement_versions::agreement_id.eq_any(&agreements)).select(agreement_versions::id).load(conn)?;
    Ok((agreements, versions))
}
