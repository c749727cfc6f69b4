//! Reads.

use super::model::{Inbox, Notice, NoticeFilter, PartyInbox};
use crate::kernel::id::{AccountId, NoticeId, OrganisationId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::notices;
use diesel::prelude::*;

/// The notices of an account, the latest first.
pub fn page(conn: &mut Conn, account: &AccountId, filter: &NoticeFilter, ask: &PageAsk) -> Outcome<PageOf<Notice>> {
    use notices as n;
    let columns = (n::id, n::kind, n::subject, n::organisation_id, n::text_zh, n::text_en, n::created_at, n::read_at);
    let mut query = n::table.filter(n::account_id.eq(account)).order(n::id.desc()).limit(ask.fetch()).select(columns).into_boxed();
    if let Some(after) = &ask.after {
        query = query.filter(n::id.lt(after));
    }
    if let Some(organisation) = &filter.organisation {
        query = query.filter(n::organisation_id.eq(organisation));
    }
    if let Some(kind) = &filter.kind {
        // `version` is every `version.…`: "/" follows "." in the order of bytes.
        query = query.filter(n::kind.eq(kind).or(n::kind.gt(format!("{kind}.")).and(n::kind.lt(format!("{kind}/")))));
    }
    if filter.unread {
        query = query.filter(n::read_at.is_null());
    }
    type Row = (NoticeId, String, String, Option<OrganisationId>, String, String, Instant, Option<Instant>);
    let rows: Vec<Row> = query.load(conn)?;
    let notice = |(id, kind, subject, organisation_id, text_zh, text_en, created_at, read_at): Row| Notice {
        id,
        kind,
        subject,
        organisation_id,
        text_zh,
        text_en,
        created_at,
        read_at,
    };
    Ok(ask.cut(rows, |row| row.0.to_string()).map(notice))
}

/// How many notices of an account are new, and of which parties.
pub fn inbox(conn: &mut Conn, account: &AccountId) -> Outcome<Inbox> {
    use notices as n;
    let counted: Vec<(Option<OrganisationId>, i64)> = n::table
        .filter(n::account_id.eq(account).and(n::read_at.is_null()))
        .group_by(n::organisation_id)
        .select((n::organisation_id, diesel::dsl::count_star()))
        .order(n::organisation_id)
        .load(conn)?;
    let unread = counted.iter().map(|(_, unread)| unread).sum();
    let parties =
        counted.into_iter().filter_map(|(organisation, unread)| Some(PartyInbox { organisation_id: organisation?, unread })).collect();
    Ok(Inbox { unread, parties })
}

/// Whether the account has such a notice.
pub fn has(conn: &mut Conn, account: &AccountId, id: &NoticeId) -> Outcome<bool> {
    let mine = notices::table.filter(notices::id.eq(id).and(notices::account_id.eq(account)));
    Ok(diesel::select(diesel::dsl::exists(mine)).get_result(conn)?)
}
