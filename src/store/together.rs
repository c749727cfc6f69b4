//! Several writes as one statement on PostgreSQL: `WITH w0 AS (…), w1 AS (…) …`, one round trip for all.
//!
//! The parts see the same snapshot and not each other; constraints are checked when the whole has run. So only writes that
//! nothing in their transaction reads may be joined (`Tx::later`).

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

/// A write that waits for the end of its transaction.
pub(super) type Deferred = Box<dyn QueryFragment<Pg>>;

/// What waited, and the statement whose count of rows is wanted.
pub(super) struct Together<Q> {
    pub(super) deferred: Vec<Deferred>,
    pub(super) last: Q,
}

/// Most parts of a statement that is kept prepared: what one booking writes. A series has a text of its own for every length, and a
/// connection would keep them all for as long as it lives.
const MOST_PREPARED: usize = 16;

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Together<Q> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if self.deferred.len() > MOST_PREPARED {
            pass.unsafe_to_cache_prepared();
        }
        for (n, part) in self.deferred.iter().enumerate() {
            pass.push_sql(if n == 0 { "WITH w" } else { ", w" });
            pass.push_sql(&n.to_string());
            pass.push_sql(" AS (");
            part.walk_ast(pass.reborrow())?;
            pass.push_sql(")");
        }
        if !self.deferred.is_empty() {
            pass.push_sql(" ");
        }
        self.last.walk_ast(pass)
    }
}

impl<Q> QueryId for Together<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
