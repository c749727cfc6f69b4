//! What consent a version needs, read for the rules.

use crate::agreements::model::{Agreement, Effect, PartyState, Version};
use crate::agreements::rules::consent::{Before, Requirement, is_needed, requirements as judge, wait_days};
use crate::agreements::rules::kinds::Ground;
use crate::agreements::{queries, rules};
use crate::kernel::{Instant, Outcome};
use crate::places;
use crate::store::Conn;
use crate::terms::model::{Clause, Party};

/// The version whose clauses a new one changes: the latest agreed one whose term is not over. An agreement without one is
/// formed anew.
pub(super) fn before(conn: &mut Conn, agreement: &Agreement, no: i32, now: Instant) -> Outcome<Option<Version>> {
    let latest = queries::agreed_before(conn, &agreement.id, no)?;
    Ok(latest.filter(|version| version.effect.is_none_or(|dates| dates.at(now) != Effect::Expired)))
}

/// Who signs: the parties the clauses name, and those of the version before that they name no more, because it takes their
/// consent to leave them out.
pub(super) fn signers(before: Option<&[Clause]>, clauses: &[Clause]) -> Vec<Party> {
    let mut parties = rules::parties(clauses);
    let left = before.map(rules::parties).unwrap_or_default();
    let gone = |party: &Party| !parties.iter().any(|other| other.organisation == party.organisation);
    let left: Vec<Party> = left.into_iter().filter(gone).collect();
    parties.extend(left);
    parties
}

fn ground(conn: &mut Conn, agreement: &Agreement) -> Outcome<Ground> {
    let (layout, _) = super::layout(conn, agreement)?;
    let common = places::queries::common_parts(conn, &agreement.sites)?;
    let is_common = |space: &&crate::terms::rules::SpaceLayout| common.contains(&space.space);
    let common = layout.iter().filter(is_common).map(|space| space.code.clone()).collect();
    Ok(Ground { spaces: layout.into_iter().map(|space| space.code).collect(), common })
}

/// What the version needs, kind of change by kind of change.
pub fn requirements(conn: &mut Conn, agreement: &Agreement, version: &Version, now: Instant) -> Outcome<Vec<Requirement>> {
    let before = before(conn, agreement, version.no, now)?;
    let ground = ground(conn, agreement)?;
    let (was, is) = (before.as_ref().map(Version::clauses).transpose()?, version.clauses()?);
    Ok(judge(was.map(|clauses| Before { clauses }), is, &signers(was, is), &ground))
}

/// The first moment at which the version may take effect if the consent to it were there now: after the longest wait, and not
/// before what it builds on.
pub(super) fn earliest(conn: &mut Conn, agreement: &Agreement, version: &Version, now: Instant) -> Outcome<Instant> {
    let wait = wait_days(&requirements(conn, agreement, version, now)?);
    let base = before(conn, agreement, version.no, now)?.and_then(|base| base.effect).map(|effect| effect.from);
    Ok(rules::signing::first_moment(&super::zone(conn, agreement)?, now, wait, base))
}

/// Later stages wait for this party: the version cannot do without it.
pub(super) fn comes_first(needs: &[Requirement], party: &PartyState, parties: &[PartyState]) -> bool {
    is_needed(needs, &party.organisation, parties)
}
