//! Reads.

use super::model::{Inbox, Notice, NoticeFilter, NoticeSettings, PartyInbox, Topic};
use crate::kernel::id::{AccountId, NoticeId, OrganisationId};
use crate::kernel::page::{PageAsk, PageOf};
use crate::kernel::{Fault, Outcome};
use crate::store::Conn;
use crate::store::schema::{notice_settings, notices};
use diesel::prelude::*;

/// The notices of an account, the latest first.
pub fn page(conn: &mut Conn, account: &AccountId, filter: &NoticeFilter, ask: &PageAsk) -> Outcome<PageOf<Notice>> {
    use notices as n;
    let mine = n::table.filter(n::account_id.eq(account));
    let mut query = mine.order(n::id.desc()).limit(ask.fetch()).select(Notice::as_select()).into_boxed();
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
    let found: Vec<Notice> = query.load(conn)?;
    Ok(ask.cut(found, |notice| notice.id.to_string()))
}

/// A notice with its reader.
pub fn find(conn: &mut Conn, id: &NoticeId) -> Outcome<Option<(AccountId, Notice)>> {
    Ok(notices::table.find(id).select((notices::account_id, Notice::as_select())).first(conn).optional()?)
}

/// What some accounts do without; those who never said are not among them.
pub fn mail_off(conn: &mut Conn, accounts: &[AccountId]) -> Outcome<Vec<(AccountId, Vec<Topic>)>> {
    use notice_settings as s;
    let rows: Vec<(AccountId, String)> = s::table.filter(s::account_id.eq_any(accounts)).select((s::account_id, s::mail_off)).load(conn)?;
    rows.into_iter().map(|(account, text)| Ok((account, topics(&text)?))).collect()
}

/// The settings of an account.
pub fn settings(conn: &mut Conn, account: &AccountId) -> Outcome<NoticeSettings> {
    use notice_settings as s;
    let row: Option<(String, i32)> = s::table.find(account).select((s::mail_off, s::revision)).first(conn).optional()?;
    let Some((text, revision)) = row else { return Ok(NoticeSettings::default()) };
    Ok(NoticeSettings { mail_off: topics(&text)?, revision })
}

fn topics(text: &str) -> Outcome<Vec<Topic>> {
    serde_json::from_str(text).map_err(|e| Fault::internal(format!("topics of mail: {e}")))
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
