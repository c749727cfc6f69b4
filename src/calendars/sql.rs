//! Writes.

use crate::kernel::id::{AccountId, CalendarId, OrganisationId};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::calendars;
use diesel::prelude::*;

pub(super) fn insert(
    conn: &mut Conn,
    id: &CalendarId,
    hash: &str,
    account: &AccountId,
    organisation: Option<&OrganisationId>,
    now: Instant,
) -> Outcome<()> {
    let row = (
        calendars::id.eq(id),
        calendars::token_hash.eq(hash),
        calendars::account_id.eq(account),
        calendars::organisation_id.eq(organisation),
        calendars::created_at.eq(now.0),
    );
    diesel::insert_into(calendars::table).values(row).execute(conn)?;
    Ok(())
}

/// `true` while it was not revoked.
pub(super) fn revoke(conn: &mut Conn, account: &AccountId, id: &CalendarId, now: Instant) -> Outcome<bool> {
    let live = calendars::table.find(id).filter(calendars::account_id.eq(account).and(calendars::revoked_at.is_null()));
    Ok(diesel::update(live).set(calendars::revoked_at.eq(now.0)).execute(conn)? == 1)
}

pub(super) fn forget(conn: &mut Conn, account: &AccountId) -> Outcome<()> {
    diesel::delete(calendars::table.filter(calendars::account_id.eq(account))).execute(conn)?;
    Ok(())
}
