//! Rounds: a version is frozen and talked over before anybody is asked to sign.
//!
//! Every party records one position; every objection and condition gets a written reply; the next round is about another
//! version. Nothing said is changed or taken away.

use super::{freeze, happened};
use crate::access::Permit;
use crate::access::deeds::{DraftVersion, StatePosition};
use crate::agreements::model::rounds::Round;
use crate::agreements::model::{Agreement, EventKind, Stand, Version, VersionState};
use crate::agreements::sql::rounds::{NewPosition, NewRound};
use crate::agreements::sql::{self, rounds as writes};
use crate::agreements::{queries, rules};
use crate::kernel::id::{AccountId, Id, OrganisationId, PositionId, RoundId};
use crate::kernel::{Code, Fault, Outcome};
use crate::people::model::Power;
use crate::store::Tx;
use serde_json::json;

/// Freezes and hashes a draft and puts it to its parties to talk over. Whoever objected or set a condition in an earlier
/// round has a reply first. Gives the number of the round.
pub fn open(tx: &mut Tx, permit: &Permit<DraftVersion>, agreement: &Agreement, version: &Version) -> Outcome<i32> {
    let before = queries::rounds::rounds(tx, &agreement.id)?;
    let unanswered = rules::rounds::unanswered(&before);
    if !unanswered.is_empty() {
        return Err(Fault::refused(Code::NotProposable, unanswered));
    }
    let sha256 = freeze(tx, agreement, version, VersionState::InRound)?;
    let (id, now) = (RoundId::fresh(), tx.now());
    let no = before.last().map_or(0, |round| round.no) + 1;
    writes::insert_round(tx, &NewRound { id: &id, agreement: &agreement.id, version: &version.id, no, by: permit.account() }, now)?;
    let detail = json!({"version": version.no, "round": no, "sha256": sha256});
    happened(tx, agreement, &version.id, EventKind::RoundOpened, Some(permit.account()), detail)?;
    Ok(no)
}

/// The round about a version.
fn of_version(tx: &mut Tx, version: &Version) -> Outcome<Option<Round>> {
    let rounds = queries::rounds::rounds(tx, &version.agreement)?;
    Ok(rounds.into_iter().find(|round| round.version == version.id))
}

/// The open round about a version, whose row is taken: from here to the commit nobody else closes it or speaks in it.
fn open_round(tx: &mut Tx, version: &Version) -> Outcome<Round> {
    let taken = sql::take_turn(tx, &version.id, &[VersionState::InRound])?;
    let round = of_version(tx, version)?;
    rules::rounds::is_open(round, if taken { VersionState::InRound } else { version.state })
}

/// Records what a party says. It binds the hash that was read, and stays as it was said.
pub fn speak(
    tx: &mut Tx,
    permit: &Permit<StatePosition>,
    agreement: &Agreement,
    version: &Version,
    organisation: &OrganisationId,
    sha256: &str,
    (stand, text): (Stand, Option<&str>),
) -> Outcome<PositionId> {
    let representation = permit.who().represents_in(organisation, Power::Position, &agreement.code).map(|r| r.id.clone());
    let representative = representation.ok_or_else(|| {
        Fault::saying(Code::Forbidden, "您没有代表这个组织表态的授权。", "You are not authorised to speak for this organisation.")
    })?;
    let round = open_round(tx, version)?;
    if version.sha256.as_deref() != Some(sha256) {
        return Err(Code::HashMismatch.into());
    }
    rules::rounds::may_speak(&round, &queries::parties(tx, &version.id)?, organisation)?;
    let (id, now) = (PositionId::fresh(), tx.now());
    let new = NewPosition { id: &id, round: &round.id, organisation, stand, text, by: permit.account(), representative: &representative };
    writes::insert_position(tx, &new, now)?;
    let detail = json!({"round": round.no, "organisation": organisation, "stand": stand, "position": id});
    happened(tx, agreement, &version.id, EventKind::PositionStated, Some(permit.account()), detail)?;
    Ok(id)
}

/// Answers a position in writing, once.
pub fn reply(
    tx: &mut Tx,
    permit: &Permit<DraftVersion>,
    agreement: &Agreement,
    version: &Version,
    position: &PositionId,
    text: &str,
) -> Outcome<()> {
    if !sql::take_turn(tx, &version.id, &[VersionState::InRound, VersionState::Discussed])? {
        return Err(Fault::saying(Code::StateConflict, "这个版本已经不在商量了。", "This version is no longer being talked over."));
    }
    let round = of_version(tx, version)?;
    let found = round.as_ref().and_then(|round| round.positions.iter().find(|p| p.id == *position));
    let found = found.ok_or_else(|| Fault::from(Code::NotFound))?;
    if found.reply.is_some() {
        return Err(Fault::saying(Code::StateConflict, "已经答复过了。", "It has a reply already."));
    }
    let now = tx.now();
    writes::insert_reply(tx, position, text, permit.account(), now)?;
    happened(tx, agreement, &version.id, EventKind::Replied, Some(permit.account()), json!({ "position": position }))
}

/// Ends a round. Who has said nothing gave no response, which is never consent.
pub fn close(tx: &mut Tx, permit: &Permit<DraftVersion>, agreement: &Agreement, version: &Version) -> Outcome<()> {
    let round = open_round(tx, version)?;
    let now = tx.now();
    writes::close_round(tx, &round.id, permit.account(), now)?;
    happened(tx, agreement, &version.id, EventKind::RoundClosed, Some(permit.account()), json!({ "round": round.no }))
}

/// Ends the round of a version that is taken back, if it is still open.
pub(super) fn end(tx: &mut Tx, by: &AccountId, version: &Version) -> Outcome<()> {
    if !sql::take_turn(tx, &version.id, &[VersionState::InRound])? {
        return Err(Code::StateConflict.into());
    }
    let now = tx.now();
    match of_version(tx, version)? {
        Some(round) if round.closed_at.is_none() => writes::close_round(tx, &round.id, by, now),
        _ => Ok(()),
    }
}
