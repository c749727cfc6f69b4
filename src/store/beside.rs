//! Several reads as one statement on PostgreSQL: `SELECT * FROM (…) AS t0 FULL JOIN (…) AS t1 ON FALSE …`, one round trip for
//! all. No row meets a row of another: each carries the columns of one read, and NULL for the others. The reads see one snapshot,
//! and their order is not kept.
//!
//! SQLite is in the process and asks one by one: there the joined statement took 200 µs where the four it stands for took 85.

use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Nullable;

/// A tuple of reads; see [`crate::read_beside`].
pub struct Beside<T>(pub T);

/// Rows of [`Beside`], taken apart again.
pub trait Apart {
    /// A list of rows for each of the reads.
    type Lists;
    /// Takes them apart.
    fn apart(self) -> Self::Lists;
}

impl<T> RunQueryDsl<PgConnection> for Beside<T> {}

/// Prepared by its text, once per connection.
impl<T> QueryId for Beside<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

fn part<'b>(n: usize, read: &'b dyn QueryFragment<Pg>, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    pass.push_sql(if n == 0 { "SELECT * FROM (" } else { " FULL JOIN (" });
    read.walk_ast(pass.reborrow())?;
    pass.push_sql(") AS t");
    pass.push_sql(&n.to_string());
    if n > 0 {
        pass.push_sql(" ON FALSE");
    }
    Ok(())
}

macro_rules! beside {
    ($($n:tt $read:ident),+) => {
        impl<$($read: QueryFragment<Pg>),+> QueryFragment<Pg> for Beside<($($read,)+)> {
            fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                $(part($n, &self.0.$n, pass.reborrow())?;)+
                Ok(())
            }
        }

        impl<$($read: Query),+> Query for Beside<($($read,)+)> {
            type SqlType = ($(Nullable<$read::SqlType>,)+);
        }

        impl<$($read),+> Apart for Vec<($(Option<$read>,)+)> {
            type Lists = ($(Vec<$read>,)+);
            fn apart(self) -> Self::Lists {
                let mut lists = Self::Lists::default();
                for row in self {
                    $(lists.$n.extend(row.$n);)+
                }
                lists
            }
        }
    };
}

beside!(0 A, 1 B, 2 C, 3 D);
beside!(0 A, 1 B, 2 C, 3 D, 4 E);

/// Runs several reads, each `=>` the type of its rows; gives a list for each. On PostgreSQL one statement, so the lists come in any
/// order. No read may give a row of NULLs alone.
#[macro_export]
macro_rules! read_beside {
    ($conn:expr, $($read:expr => $row:ty),+ $(,)?) => {
        match $conn {
            $crate::store::Conn::Pg(pg) => {
                let rows: Result<Vec<($(Option<$row>,)+)>, diesel::result::Error> = $crate::store::Beside(($($read,)+)).load(pg);
                rows.map($crate::store::Apart::apart).map_err($crate::kernel::Fault::from)
            }
            $crate::store::Conn::Sqlite(sqlite) => {
                let mut read = || Ok::<($(Vec<$row>,)+), diesel::result::Error>(($($read.load(sqlite)?,)+));
                read().map_err($crate::kernel::Fault::from)
            }
        }
    };
}
