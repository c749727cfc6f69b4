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

use crate::kernel::digest::{canonical_json, sha256_hex};
use crate::kernel::id::{AccountId, EntryId, Id};
use crate::kernel::{Fault, Outcome};
use crate::outbox::runner::lease;
use crate::store::schema::{audit_chain, audit_pending};
use crate::store::{Db, Tx};
use diesel::prelude::*;
use serde_json::{Value, json};

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
        let mut heads: std::collections::BTreeMap<String, (i64, String)> = Default::default();
        for entry in &waiting {
            let (seq, prev) = match heads.get(&entry.chain) {
                Some(head) => head.clone(),
                None => audit_chain::table
                    .filter(audit_chain::chain.eq(&entry.chain))
                    .order(audit_chain::seq.desc())
                    .select((audit_chain::seq, audit_chain::hash))
                    .first(&mut **tx)
                    .optional()?
                    .unwrap_or((0, GENESIS.into())),
            };
            let seq = seq + 1;
            let linked = hash(entry, seq, &prev)?;
            let row = (
                audit_chain::chain.eq(&entry.chain),
                audit_chain::seq.eq(seq),
                audit_chain::entry_id.eq(&entry.id),
                audit_chain::at.eq(entry.at),
                audit_chain::actor.eq(&entry.actor),
                audit_chain::action.eq(&entry.action),
                audit_chain::subject.eq(&entry.subject),
                audit_chain::detail.eq(&entry.detail),
                audit_chain::prev_hash.eq(&prev),
                audit_chain::hash.eq(&linked),
            );
            diesel::insert_into(audit_chain::table).values(row).execute(&mut **tx)?;
            heads.insert(entry.chain.clone(), (seq, linked));
        }
        let ids: Vec<&String> = waiting.iter().map(|entry| &entry.id).collect();
        diesel::delete(audit_pending::table.filter(audit_pending::id.eq_any(ids))).execute(&mut **tx)?;
        Ok(waiting.len())
    })
}
