//! Writes beside signatures: windows, reminders, acts outside a power, consents to one person for two parties.

use crate::agreements::model::signing::{Ratification, Window};
use crate::kernel::id::{AccountId, OrganisationId, PendingSignatureId, RepresentativeId, VersionId};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{agency_consents, pending_signatures as pending, signing_reminders, signing_windows as windows};
use diesel::prelude::*;

pub(in crate::agreements) fn open_window(conn: &mut Conn, version: &VersionId, window: Window) -> Outcome<()> {
    let row = (windows::version_id.eq(version), windows::opened_at.eq(window.opened_at.0), windows::closes_at.eq(window.closes_at.0));
    diesel::insert_into(windows::table).values(row).execute(conn)?;
    Ok(())
}

pub(in crate::agreements) fn move_close(conn: &mut Conn, version: &VersionId, closes_at: Instant) -> Outcome<()> {
    diesel::update(windows::table.find(version)).set(windows::closes_at.eq(closes_at.0)).execute(conn)?;
    Ok(())
}

/// `true` for the one that sends it.
pub(in crate::agreements) fn reminder_once(conn: &mut Conn, version: &VersionId, no: i32, now: Instant) -> Outcome<bool> {
    use signing_reminders as r;
    crate::insert_once!(conn, r::table, (r::version_id.eq(version), r::reminder_no.eq(no), r::sent_at.eq(now.0)))
}

pub(in crate::agreements) struct NewAgencyConsent<'a> {
    pub version: &'a VersionId,
    pub organisation: &'a OrganisationId,
    pub account: &'a AccountId,
    pub representative: &'a RepresentativeId,
    pub evidence_sha256: Option<&'a str>,
    pub by: &'a AccountId,
}

/// `false` when the party has consented already.
pub(in crate::agreements) fn insert_agency_consent(conn: &mut Conn, new: &NewAgencyConsent, now: Instant) -> Outcome<bool> {
    use agency_consents as c;
    let row = (
        c::version_id.eq(new.version),
        c::organisation_id.eq(new.organisation),
        c::account_id.eq(new.account),
        c::representative_id.eq(new.representative),
        c::evidence_sha256.eq(new.evidence_sha256),
        c::recorded_by.eq(new.by),
        c::recorded_at.eq(now.0),
    );
    crate::insert_once!(conn, c::table, row)
}

pub(in crate::agreements) struct NewPending<'a> {
    pub id: &'a PendingSignatureId,
    pub version: &'a VersionId,
    pub organisation: &'a OrganisationId,
    pub version_sha256: &'a str,
    pub account: &'a AccountId,
    pub until: Instant,
}

pub(in crate::agreements) fn insert_pending(conn: &mut Conn, new: &NewPending, now: Instant) -> Outcome<()> {
    let row = (
        pending::id.eq(new.id),
        pending::version_id.eq(new.version),
        pending::organisation_id.eq(new.organisation),
        pending::version_sha256.eq(new.version_sha256),
        pending::account_id.eq(new.account),
        pending::signed_at.eq(now.0),
        pending::until_at.eq(new.until.0),
    );
    diesel::insert_into(pending::table).values(row).execute(conn)?;
    Ok(())
}

/// `true` while it was undecided.
pub(in crate::agreements) fn decide_pending(
    conn: &mut Conn,
    id: &PendingSignatureId,
    decision: Ratification,
    by: &AccountId,
    now: Instant,
) -> Outcome<bool> {
    let undecided = pending::table.find(id).filter(pending::decision.is_null());
    let set = (pending::decision.eq(decision), pending::decided_at.eq(now.0), pending::decided_by.eq(by));
    Ok(diesel::update(undecided).set(set).execute(conn)? == 1)
}
