//! Who did what: one hash chain per managing area.
//!
//! A verb records an entry unchained, in its own transaction ([`record`]); one leased linker gives it sequence, previous
//! hash and hash within a second ([`link`]). So the chain never serialises bookings. Once a day the head of every chain is
//! written down for everybody to see ([`anchors`]); [`recorded`] tells what was recorded of one thing. [`verify()`] names the first bad entry of every chain, a chain that was cut
//! or written anew behind an anchor, and how many entries are not linked yet.
//!
//! No personal data: people are their account ids, so erasing a person leaves the chain valid.

pub mod anchors;
pub mod recorded;
pub mod verify;

pub use verify::{Verdict, verify, verify_chains};

use crate::insert_all;
use crate::kernel::digest::{canonical_json, sha256_hex};
use crate::kernel::id::{AccountId, EntryId, Id};
use crate::kernel::{Fault, Outcome};
use crate::outbox::runner::lease;
use crate::store::schema::{audit_chain, audit_pending};
use crate::store::{Db, Tx};
use diesel::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The chain of what belongs to no area: accounts, sign-ins, the first administrator.
pub const PLATFORM: &str = "platform";

/// Hash before the first entry of a chain.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Entries linked in one transaction.
const BATCH: i64 = 500;

/// An entry to record.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Id of the managing area, or [`PLATFORM`]: selects the chain.
    pub chain: &'a str,
    /// Who acted; `None` for the service itself.
    pub actor: Option<&'a AccountId>,
    /// What: `booking.made`, `version.signed` …
    pub action: &'static str,
    /// To what: an id.
    pub subject: &'a str,
    /// Facts, without personal data.
    pub detail: Value,
}

/// Records an entry in the effect's transaction.
pub fn record(tx: &mut Tx, entry: &Entry) -> Outcome<()> {
    let detail = canonical_json(&entry.detail).ok_or_else(|| Fault::internal("audit detail has no canonical form"))?;
    let row = (
        audit_pending::id.eq(EntryId::fresh()),
        audit_pending::chain.eq(entry.chain.to_owned()),
        audit_pending::at.eq(tx.now().0),
        audit_pending::actor.eq(entry.actor.cloned()),
        audit_pending::action.eq(entry.action.to_owned()),
        audit_pending::subject.eq(entry.subject.to_owned()),
        audit_pending::detail.eq(detail),
    );
    tx.later(diesel::insert_into(audit_pending::table).values(row))
}

#[derive(Debug, Clone, Queryable)]
struct Pending {
    id: String,
    chain: String,
    at: i64,
    actor: Option<String>,
    action: String,
    subject: String,
    detail: String,
}

fn hash(entry: &Pending, seq: i64, prev: &str) -> Outcome<String> {
    let event = json!({
        "chain": entry.chain, "seq": seq, "entry": entry.id, "at": entry.at, "actor": entry.actor,
        "action": entry.action, "subject": entry.subject, "detail": entry.detail, "v": 1,
    });
    let canonical = canonical_json(&event).ok_or_else(|| Fault::internal("audit entry has no canonical form"))?;
    Ok(sha256_hex(format!("{prev}{canonical}").as_bytes()))
}

/// An entry in its chain.
#[derive(Insertable)]
#[diesel(table_name = audit_chain, treat_none_as_default_value = false)]
struct Link<'a> {
    chain: &'a str,
    seq: i64,
    entry_id: &'a str,
    at: i64,
    actor: Option<&'a str>,
    action: &'a str,
    subject: &'a str,
    detail: &'a str,
    prev_hash: String,
    hash: String,
}

impl<'a> Link<'a> {
    /// The next after one of this number and hash.
    fn after((seq, prev): &(i64, String), entry: &'a Pending) -> Outcome<Self> {
        let Pending { id, chain, at, actor, action, subject, detail } = entry;
        let seq = seq + 1;
        let hash = hash(entry, seq, prev)?;
        Ok(Link { chain, seq, entry_id: id, at: *at, actor: actor.as_deref(), action, subject, detail, prev_hash: prev.clone(), hash })
    }
}

/// Number and hash of the last entry of each chain that has any.
fn heads(tx: &mut Tx, chains: BTreeSet<&str>) -> Outcome<BTreeMap<String, (i64, String)>> {
    let mut heads = BTreeMap::new();
    for chain in chains {
        let of = audit_chain::table.filter(audit_chain::chain.eq(chain)).order(audit_chain::seq.desc());
        let head = of.select((audit_chain::seq, audit_chain::hash)).first(&mut **tx).optional()?;
        heads.extend(head.map(|head| (chain.to_owned(), head)));
    }
    Ok(heads)
}

/// Links what was recorded; gives how many entries. Does nothing while another process holds the lease.
pub fn link(db: &Db, holder: &str) -> Outcome<usize> {
    // A look first: an idle service takes no writer.
    let any = db.read_now(|tx| Ok(audit_pending::table.select(audit_pending::id).first::<String>(&mut **tx).optional()?))?;
    if any.is_none() {
        return Ok(0);
    }
    let me = holder.to_owned();
    db.write_now(move |tx| {
        let now = tx.now();
        if !lease(tx, "audit-linker", &me, now, 10)? {
            return Ok(0);
        }
        // Read under the lease: what another linker has just linked is gone from here.
        let waiting: Vec<Pending> = audit_pending::table.order(audit_pending::id).limit(BATCH).load(&mut **tx)?;
        let mut heads = heads(tx, waiting.iter().map(|entry| entry.chain.as_str()).collect())?;
        let mut links = Vec::with_capacity(waiting.len());
        for entry in &waiting {
            let head = heads.entry(entry.chain.clone()).or_insert_with(|| (0, GENESIS.into()));
            let link = Link::after(head, entry)?;
            *head = (link.seq, link.hash.clone());
            links.push(link);
        }
        insert_all!(&mut **tx, audit_chain::table, &links)?;
        let ids: Vec<&String> = waiting.iter().map(|entry| &entry.id).collect();
        diesel::delete(audit_pending::table.filter(audit_pending::id.eq_any(ids))).execute(&mut **tx)?;
        Ok(waiting.len())
    })
}
