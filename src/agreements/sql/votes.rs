//! Writes of owners' votes.

use crate::agreements::model::votes::Vote;
use crate::kernel::id::{AccountId, VersionId, VoteId};
use crate::kernel::{Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::owners_votes as v;
use diesel::prelude::*;

pub(in crate::agreements) fn insert(
    conn: &mut Conn,
    (id, version): (&VoteId, &VersionId),
    vote: &Vote,
    (sha256, evidence): (&str, &str),
    by: &AccountId,
    now: Instant,
) -> Outcome<()> {
    let row = (
        v::id.eq(id),
        v::version_id.eq(version),
        v::version_sha256.eq(sha256),
        v::matter.eq(vote.matter),
        (v::heads_all.eq(vote.heads.all), v::heads_took_part.eq(vote.heads.took_part), v::heads_yes.eq(vote.heads.yes)),
        (v::area_all.eq(vote.area.all), v::area_took_part.eq(vote.area.took_part), v::area_yes.eq(vote.area.yes)),
        v::area_basis.eq(vote.basis),
        v::notice_on.eq(vote.notice_on.to_string()),
        v::voted_on.eq(vote.voted_on.to_string()),
        v::posted_on.eq(vote.posted_on.to_string()),
        v::evidence_sha256.eq(evidence),
        v::recorded_by.eq(by),
        v::recorded_at.eq(now.0),
    );
    diesel::insert_into(v::table).values(row).execute(conn)?;
    Ok(())
}

/// `true` for the one that confirms it.
pub(in crate::agreements) fn confirm(conn: &mut Conn, id: &VoteId, by: &AccountId, now: Instant) -> Outcome<bool> {
    let unconfirmed = v::table.find(id).filter(v::confirmed_at.is_null());
    Ok(diesel::update(unconfirmed).set((v::confirmed_by.eq(by), v::confirmed_at.eq(now.0))).execute(conn)? == 1)
}
