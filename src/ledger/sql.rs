//! Writes.

use super::model::Posting;
use crate::kernel::Outcome;
use crate::store::schema::postings;
use crate::store::{Conn, Tx};
use diesel::prelude::*;

/// For a posting nothing in its transaction reads: it goes to the database with the last statement.
pub(super) fn insert_later(tx: &mut Tx, posting: Posting) -> Outcome<()> {
    tx.later(diesel::insert_into(postings::table).values(posting))
}

pub(super) fn insert_all(conn: &mut Conn, postings: &[Posting]) -> Outcome<()> {
    if !postings.is_empty() {
        crate::insert_all!(conn, postings::table, postings)?;
    }
    Ok(())
}

pub(super) fn insert(conn: &mut Conn, posting: Posting) -> Outcome<()> {
    diesel::insert_into(postings::table).values(posting).execute(conn)?;
    Ok(())
}
