//! How long a version may be signed: the window opens when it is proposed, the drafters may make it longer, and timers say
//! when it is over and remind those who are awaited. A late timer changes nothing: every write asks the clock itself.

use super::{consent, happened, zone};
use crate::access::Permit;
use crate::access::deeds::DraftVersion;
use crate::agreements::model::signing::{Reminded, ReminderDue, Window, WindowEnds};
use crate::agreements::model::{Agreement, EventKind, Version, VersionState};
use crate::agreements::sql::{self, signing as writes};
use crate::agreements::{queries, rules};
use crate::kernel::id::VersionId;
use crate::kernel::time::Day;
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::outbox::runner::Listener;
use crate::outbox::{self, Announcement, Job};
use crate::store::Tx;
use serde::de::DeserializeOwned;
use serde_json::json;

/// Opens the window of a version that is proposed now, with its timers.
pub(super) fn open(tx: &mut Tx, agreement: &Agreement, version: &Version) -> Outcome<Window> {
    let window = rules::signing::window(&zone(tx, agreement)?, tx.now());
    writes::open_window(tx, &version.id, window)?;
    outbox::enqueue_at(tx, &WindowEnds { version: version.id.clone() }, window.closes_at)?;
    remind_later(tx, &version.id, window, 0)?;
    Ok(window)
}

fn remind_later(tx: &mut Tx, version: &VersionId, window: Window, no: i32) -> Outcome<()> {
    outbox::enqueue_at(tx, &ReminderDue { version: version.clone(), no }, rules::signing::reminder_due(window.opened_at, no))
}

/// Makes the window longer, before it is over: to 24:00 of a later day.
pub fn extend(tx: &mut Tx, permit: &Permit<DraftVersion>, agreement: &Agreement, version: &Version, until: Day) -> Outcome<Instant> {
    super::signing::in_turn(tx, version)?;
    let window = queries::signing::window(tx, &version.id)?.ok_or_else(|| Fault::internal("a proposed version without a window"))?;
    let closes_at = rules::signing::extended(&zone(tx, agreement)?, window, until)?;
    writes::move_close(tx, &version.id, closes_at)?;
    outbox::enqueue_at(tx, &WindowEnds { version: version.id.clone() }, closes_at)?;
    let detail = json!({"from": window.closes_at, "to": closes_at});
    happened(tx, agreement, &version.id, EventKind::Extended, Some(permit.account()), detail)?;
    Ok(closes_at)
}

/// Ends a version whose window is over. `false` when it is not: it was extended, or ended otherwise.
pub(super) fn lapse(tx: &mut Tx, agreement: &Agreement, version: &VersionId) -> Outcome<bool> {
    let open = [VersionState::Proposed, VersionState::PartiallySigned];
    let over = |window: Option<Window>, now: Instant| window.is_some_and(|window| window.closes_at <= now);
    let now = tx.now();
    // A look first: a timer of an older end takes nobody's turn.
    if !over(queries::signing::window(tx, version)?, now) || !sql::take_turn(tx, version, &open)? {
        return Ok(false);
    }
    if !over(queries::signing::window(tx, version)?, now) {
        return Ok(false);
    }
    sql::set_state(tx, version, VersionState::Lapsed)?;
    happened(tx, agreement, version, EventKind::Lapsed, None, json!({}))?;
    Ok(true)
}

/// The listener of a timer of this domain.
pub fn listener(kind: &str) -> Option<Listener> {
    match kind {
        WindowEnds::KIND => Some(|tx, job| {
            let due: WindowEnds = payload(job)?;
            on_version(tx, &due.version, |tx, agreement, version| lapse(tx, agreement, &version.id).map(drop))
        }),
        ReminderDue::KIND => Some(|tx, job| {
            let due: ReminderDue = payload(job)?;
            on_version(tx, &due.version, |tx, agreement, version| remind(tx, agreement, version, due.no))
        }),
        kind => super::agency::listener(kind),
    }
}

pub(super) fn payload<A: Announcement + DeserializeOwned>(job: &Job) -> Outcome<A> {
    serde_json::from_value(job.payload.clone()).map_err(|e| Fault::internal(format!("payload of {}: {e}", job.kind)))
}

/// Does something about the version a timer names, while it is being signed.
pub(super) fn on_version(tx: &mut Tx, id: &VersionId, work: impl FnOnce(&mut Tx, &Agreement, &Version) -> Outcome<()>) -> Outcome<()> {
    if !queries::signing::is_open(tx, id)? {
        return Ok(());
    }
    let gone = || Fault::internal("a version is gone");
    let (agreement, no) = queries::version_of(tx, id)?.ok_or_else(gone)?;
    let agreement = queries::find(tx, &agreement)?.ok_or_else(gone)?;
    let version = queries::version_no(tx, &agreement.id, no)?.ok_or_else(gone)?;
    work(tx, &agreement, &version)
}

/// Reminds the parties that are awaited, once, and sets the next timer. A version that is no longer signed ends the chain.
fn remind(tx: &mut Tx, agreement: &Agreement, version: &Version, no: i32) -> Outcome<()> {
    let now = tx.now();
    let (true, Some(window)) = (version.state_at(now).is_open_for_signing(), version.signing) else { return Ok(()) };
    if !writes::reminder_once(tx, &version.id, no, now)? {
        return Ok(());
    }
    let parties = queries::parties(tx, &version.id)?;
    let needs = consent::requirements(tx, agreement, version, now)?;
    let comes_first = |party: &_| consent::comes_first(&needs, party, &parties);
    let organisations: Vec<_> =
        rules::signing::awaited(&parties, &comes_first).into_iter().map(|party| party.organisation.clone()).collect();
    if !organisations.is_empty() {
        outbox::enqueue(tx, &Reminded { version: version.id.clone(), organisations, closes_at_micros: window.closes_at.0 })?;
    }
    // A timer that comes late does not send the ones it missed after another.
    let next = (no + 1..).find(|no| rules::signing::reminder_due(window.opened_at, *no) > now).unwrap_or(no + 1);
    remind_later(tx, &version.id, window, next)
}

/// The version may be signed at this moment.
pub(super) fn still_open(tx: &mut Tx, version: &Version) -> Outcome<()> {
    let now = tx.now();
    rules::signing::still_open(queries::signing::window(tx, &version.id)?, now)
}

/// No version of the agreement stands in the way of the next one by its state alone: one whose window is over ends here,
/// timer or not.
pub(super) fn lapse_if_over(tx: &mut Tx, agreement: &Agreement, versions: &mut [Version]) -> Outcome<()> {
    let now = tx.now();
    for version in versions.iter_mut().filter(|version| version.state != version.state_at(now)) {
        if lapse(tx, agreement, &version.id)? {
            version.state = VersionState::Lapsed;
        } else {
            return Err(Code::StateConflict.into());
        }
    }
    Ok(())
}
