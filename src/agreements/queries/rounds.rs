//! Reads of rounds.

use crate::agreements::model::Stand;
use crate::agreements::model::rounds::{Answered, Position, Round};
use crate::kernel::id::{AccountId, AgreementId, OrganisationId, PositionId, RoundId, VersionId};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{agreement_versions as versions, organisations, position_replies, positions, rounds};
use diesel::prelude::*;

type RoundRow = (RoundId, i32, VersionId, i32, i64, Option<i64>);
type PositionRow =
    (RoundId, PositionId, OrganisationId, String, Option<String>, Stand, Option<String>, AccountId, i64, Option<(String, i64)>);

/// Every round of an agreement with what was said, the first first. Two queries.
pub fn rounds(conn: &mut Conn, agreement: &AgreementId) -> Outcome<Vec<Round>> {
    let rows: Vec<RoundRow> = rounds::table
        .inner_join(versions::table)
        .filter(rounds::agreement_id.eq(agreement))
        .order(rounds::round_no)
        .select((rounds::id, rounds::round_no, rounds::version_id, versions::version_no, rounds::opened_at, rounds::closed_at))
        .load(conn)?;
    let said: Vec<PositionRow> = positions::table
        .inner_join(rounds::table)
        .inner_join(organisations::table)
        .left_join(position_replies::table)
        .filter(rounds::agreement_id.eq(agreement))
        .order((positions::stated_at, positions::id))
        .select((
            positions::round_id,
            positions::id,
            positions::organisation_id,
            organisations::name_zh,
            organisations::name_en,
            positions::stand,
            positions::text,
            positions::account_id,
            positions::stated_at,
            (position_replies::text, position_replies::replied_at).nullable(),
        ))
        .load(conn)?;
    let mut all: Vec<Round> = rows
        .into_iter()
        .map(|(id, no, version, version_no, opened_at, closed_at)| Round {
            id,
            no,
            version,
            version_no,
            opened_at: Instant(opened_at),
            closed_at: closed_at.map(Instant),
            positions: Vec::new(),
        })
        .collect();
    for (round, id, organisation, name_zh, name_en, stand, text, account, stated_at, reply) in said {
        let reply = reply.map(|(text, at)| Answered { text, at: Instant(at) });
        if let Some(round) = all.iter_mut().find(|r| r.id == round) {
            round.positions.push(Position {
                id,
                organisation,
                name_zh,
                name_en,
                stand,
                text,
                account,
                stated_at: Instant(stated_at),
                reply,
            });
        }
    }
    Ok(all)
}
