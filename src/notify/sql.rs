//! Writes.

use super::model::Message;
use crate::kernel::id::{AccountId, Id, JobId, NoticeId};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::notices;
use diesel::prelude::*;

/// Tells an account once per job, however often the job runs.
pub(super) fn insert_once(
    conn: &mut Conn,
    account: &AccountId,
    job: &JobId,
    kind: &str,
    subject: &str,
    message: &Message,
    now: Instant,
) -> Outcome<bool> {
    let row = (
        notices::id.eq(NoticeId::fresh()),
        notices::account_id.eq(account),
        notices::job_id.eq(job),
        notices::kind.eq(kind),
        notices::subject.eq(subject),
        notices::text_zh.eq(&message.zh),
        notices::text_en.eq(&message.en),
        notices::created_at.eq(now.0),
    );
    crate::insert_once!(conn, notices::table, row)
}
