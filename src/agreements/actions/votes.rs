//! The owners' vote on a common part: its result is imported with the hash of its evidence, computed again, and counts once a
//! second person has confirmed it. The vote itself is held in the city's system.

use super::happened;
use super::signing::{agree_if_complete, in_turn};
use crate::access::Permit;
use crate::access::deeds::RecordOwnersVote;
use crate::agreements::model::votes::{RecordedVote, Vote};
use crate::agreements::model::{Agreement, EventKind, Version};
use crate::agreements::sql::votes as writes;
use crate::agreements::{queries, rules};
use crate::kernel::id::{Id, VoteId};
use crate::kernel::{Code, Fault, Outcome};
use crate::store::Tx;
use serde_json::json;

/// Records the result of a vote about this very text. Figures that contradict each other are 422, a vote that did not carry
/// is 409; both name the figures.
pub fn record(
    tx: &mut Tx,
    permit: &Permit<RecordOwnersVote>,
    agreement: &Agreement,
    version: &Version,
    vote: &Vote,
    (sha256, evidence): (&str, &str),
) -> Outcome<VoteId> {
    in_turn(tx, version)?;
    if version.sha256.as_deref() != Some(sha256) {
        return Err(Code::HashMismatch.into());
    }
    let now = tx.now();
    let faults = rules::votes::contradictions(vote, super::zone(tx, agreement)?.day_of(now));
    if !faults.is_empty() {
        return Err(Fault::invalid(faults));
    }
    let reasons = rules::votes::shortcomings(vote);
    if !reasons.is_empty() {
        return Err(Fault::refused(Code::VoteNotPassed, reasons));
    }
    let id = VoteId::fresh();
    writes::insert(tx, (&id, &version.id), vote, (sha256, evidence), permit.account(), now)?;
    let detail = json!({"vote": id, "matter": vote.matter, "evidence_sha256": evidence, "sha256": sha256,
        "heads": [vote.heads.all, vote.heads.took_part, vote.heads.yes], "area": [vote.area.all, vote.area.took_part, vote.area.yes]});
    happened(tx, agreement, &version.id, EventKind::VoteRecorded, Some(permit.account()), detail)?;
    Ok(id)
}

/// Confirms a recorded result. A second person: never who recorded it.
pub fn confirm(tx: &mut Tx, permit: &Permit<RecordOwnersVote>, agreement: &Agreement, version: &Version, vote: &VoteId) -> Outcome<bool> {
    in_turn(tx, version)?;
    let votes = queries::votes::of_version(tx, &version.id)?;
    let found: &RecordedVote = votes.iter().find(|found| found.id == *vote).ok_or(Code::NotFound)?;
    if found.recorded_by == *permit.account() {
        let (zh, en) = ("登记的人不能自己确认，要换一个人。", "Whoever recorded it cannot confirm it.");
        return Err(Fault::saying(Code::Forbidden, zh, en));
    }
    let now = tx.now();
    if !writes::confirm(tx, vote, permit.account(), now)? {
        return Err(Fault::saying(Code::StateConflict, "已经确认过了。", "It is confirmed already."));
    }
    happened(tx, agreement, &version.id, EventKind::VoteConfirmed, Some(permit.account()), json!({ "vote": vote }))?;
    agree_if_complete(tx, agreement, version)
}
