//! Reads.

use super::model::Notice;
use crate::kernel::Outcome;
use crate::kernel::id::{AccountId, NoticeId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::store::Conn;
use crate::store::schema::notices;
use diesel::prelude::*;

/// The notices of an account, the latest first.
pub fn page(conn: &mut Conn, account: &AccountId, ask: &PageAsk) -> Outcome<PageOf<Notice>> {
    let columns = (notices::id, notices::kind, notices::subject, notices::text_zh, notices::text_en, notices::created_at);
    let mut query =
        notices::table.filter(notices::account_id.eq(account)).order(notices::id.desc()).limit(ask.fetch()).select(columns).into_boxed();
    if let Some(after) = &ask.after {
        query = query.filter(notices::id.lt(after));
    }
    type Row = (NoticeId, String, String, String, String, crate::kernel::Instant);
    let rows: Vec<Row> = query.load(conn)?;
    let notice = |(id, kind, subject, text_zh, text_en, created_at): Row| Notice { id, kind, subject, text_zh, text_en, created_at };
    Ok(ask.cut(rows, |row| row.0.to_string()).map(notice))
}
