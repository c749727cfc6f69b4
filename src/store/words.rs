//! A condition in fixed words, as the `WHERE` of a partial index says it: a planner that plans a statement once, for whatever values,
//! takes such an index only then. Unlike diesel's `sql`, its statement is prepared once per connection like any other.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;

/// The words; they name columns with their table.
#[derive(Debug, Clone, Copy)]
pub struct Words(pub &'static str);

impl Expression for Words {
    type SqlType = Bool;
}

impl<DB: Backend> QueryFragment<DB> for Words {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}

/// Told apart by their text, not by their type.
impl QueryId for Words {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<GB> ValidGrouping<GB> for Words {
    type IsAggregate = is_aggregate::Never;
}

impl<QS> AppearsOnTable<QS> for Words {}
impl<QS> SelectableExpression<QS> for Words {}
