//! Writes.

use super::model::{Message, NoticeSettings, Reader, Topic};
use crate::kernel::id::{AccountId, Id, JobId, NoticeId, OrganisationId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{notice_settings, notices};
use diesel::prelude::*;

/// What a notice is of.
pub(super) struct About<'a> {
    /// The job that tells it.
    pub job: &'a JobId,
    /// What happened.
    pub kind: &'a str,
    /// To what: an id.
    pub subject: &'a str,
}

/// Tells a reader once per job, however often the job runs; the notice, unless there is one.
pub(super) fn insert_once(conn: &mut Conn, reader: &Reader, about: &About, message: &Message, now: Instant) -> Outcome<Option<NoticeId>> {
    let id = NoticeId::fresh();
    let row = (
        notices::id.eq(&id),
        notices::account_id.eq(&reader.account),
        notices::organisation_id.eq(&reader.organisation),
        notices::job_id.eq(about.job),
        notices::kind.eq(about.kind),
        notices::subject.eq(about.subject),
        notices::text_zh.eq(&message.zh),
        notices::text_en.eq(&message.en),
        notices::created_at.eq(now.0),
    );
    Ok(crate::insert_once!(conn, notices::table, row)?.then_some(id))
}

/// Marks one notice, or all up to one, as read; those read before keep their moment.
pub(super) fn mark_read(conn: &mut Conn, account: &AccountId, which: &Which, now: Instant) -> Outcome<usize> {
    let new = notices::account_id.eq(account).and(notices::read_at.is_null());
    let read_at = notices::read_at.eq(now.0);
    Ok(match which {
        Which::One(id) => diesel::update(notices::table.filter(new.and(notices::id.eq(id)))).set(read_at).execute(conn)?,
        Which::Until(id, None) => diesel::update(notices::table.filter(new.and(notices::id.le(id)))).set(read_at).execute(conn)?,
        Which::Until(id, Some(organisation)) => {
            let theirs = new.and(notices::id.le(id)).and(notices::organisation_id.eq(organisation));
            diesel::update(notices::table.filter(theirs)).set(read_at).execute(conn)?
        }
    })
}

/// Which notices are marked.
pub(super) enum Which<'a> {
    /// This one.
    One(&'a NoticeId),
    /// This one and all before it, perhaps of one party only.
    Until(&'a NoticeId, Option<&'a OrganisationId>),
}

/// Removes at most `most` notices from before a moment; gives how many.
pub(super) fn delete_before(conn: &mut Conn, before: Instant, most: i64) -> Outcome<usize> {
    let old: Vec<NoticeId> =
        notices::table.filter(notices::created_at.lt(before.0)).order(notices::created_at).limit(most).select(notices::id).load(conn)?;
    if old.is_empty() {
        return Ok(0);
    }
    Ok(diesel::delete(notices::table.filter(notices::id.eq_any(old))).execute(conn)?)
}

/// Everything an account was told, and how it wanted to be told.
pub(super) fn forget(conn: &mut Conn, account: &AccountId) -> Outcome<()> {
    diesel::delete(notices::table.filter(notices::account_id.eq(account))).execute(conn)?;
    diesel::delete(notice_settings::table.find(account)).execute(conn)?;
    Ok(())
}

/// Puts the settings of an account in place of those read; 412 when somebody was quicker.
pub(super) fn put_settings(conn: &mut Conn, account: &AccountId, read: &NoticeSettings, off: &[Topic], now: Instant) -> Outcome<i32> {
    use notice_settings as s;
    let mail_off = serde_json::to_string(off).map_err(Fault::internal)?;
    let revision = read.revision + 1;
    let put = if read.revision == 0 {
        let row = (s::account_id.eq(account), s::mail_off.eq(&mail_off), s::revision.eq(revision), s::changed_at.eq(now.0));
        crate::insert_once!(conn, s::table, row)?
    } else {
        let same = s::table.find(account).filter(s::revision.eq(read.revision));
        diesel::update(same).set((s::mail_off.eq(&mail_off), s::revision.eq(revision), s::changed_at.eq(now.0))).execute(conn)? == 1
    };
    if put { Ok(revision) } else { Err(Code::PreconditionFailed.into()) }
}
