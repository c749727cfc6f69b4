//! What was recorded about one thing.

use crate::kernel::id::AccountId;
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{audit_chain, audit_pending};
use diesel::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

/// An entry as it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// When.
    pub at: Instant,
    /// Who acted; `None` for the service itself.
    pub actor: Option<AccountId>,
    /// What.
    pub action: String,
    /// Facts.
    pub detail: Value,
}

/// Everything recorded about a thing, in order; what is not linked yet with it.
pub fn about(conn: &mut Conn, subject: &str) -> Outcome<Vec<Recorded>> {
    type Row = (String, i64, Option<AccountId>, String, String);
    // What waits first: an entry linked between the two looks is then seen twice rather than never.
    let waiting: Vec<Row> = audit_pending::table
        .filter(audit_pending::subject.eq(subject))
        .select((audit_pending::id, audit_pending::at, audit_pending::actor, audit_pending::action, audit_pending::detail))
        .load(conn)?;
    let mut rows: Vec<Row> = audit_chain::table
        .filter(audit_chain::subject.eq(subject))
        .select((audit_chain::entry_id, audit_chain::at, audit_chain::actor, audit_chain::action, audit_chain::detail))
        .load(conn)?;
    let linked: BTreeSet<String> = rows.iter().map(|row| row.0.clone()).collect();
    rows.extend(waiting.into_iter().filter(|row| !linked.contains(&row.0)));
    rows.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    let entry = |(_, at, actor, action, detail): Row| {
        Ok(Recorded { at: Instant(at), actor, action, detail: serde_json::from_str(&detail).map_err(Fault::internal)? })
    };
    rows.into_iter().map(entry).collect()
}
