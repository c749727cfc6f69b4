//! Verbs.

use crate::access::Permit;
use crate::access::deeds::OwnAccount;
use crate::audit::{self, Entry, PLATFORM};
use crate::kernel::Outcome;
use crate::kernel::id::AccountId;
use crate::store::Tx;
use crate::{bookings, calendars, http, notify, people};
use serde_json::json;

/// Erases the person who asks. Gives how many bookings were cancelled.
///
/// The household's bookings that lie ahead are cancelled and their time is free; a booking made for an organisation is the
/// organisation's and stays. From the commit on every session is dead, whatever a token says.
pub fn erase(tx: &mut Tx, permit: &Permit<OwnAccount>) -> Outcome<usize> {
    let account = permit.account();
    let cancelled = clear(tx, account)?;
    http::commit::forget_keys_of(tx, account)?;
    people::actions::erase(tx, account)?;
    let detail = json!({ "bookings_cancelled": cancelled });
    audit::record(tx, &Entry { chain: PLATFORM, actor: Some(account), action: "account.erased", subject: account.as_str(), detail })?;
    Ok(cancelled)
}

/// Clears up behind those erased within the last day; gives how many bookings it cancelled. On PostgreSQL a booking or a notice
/// under way when its person was erased commits a moment later; booking itself pays nothing for this.
pub fn sweep(tx: &mut Tx) -> Outcome<usize> {
    let since = tx.now().plus_days(-1);
    let mut cancelled = 0;
    for account in people::queries::erased_since(tx, since)? {
        cancelled += clear(tx, &account)?;
    }
    Ok(cancelled)
}

/// What lies ahead is cancelled, what was told is gone.
fn clear(tx: &mut Tx, account: &AccountId) -> Outcome<usize> {
    notify::actions::forget(tx, account)?;
    calendars::actions::forget(tx, account)?;
    bookings::actions::leave(tx, account)
}
