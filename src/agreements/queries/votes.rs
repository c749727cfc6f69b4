//! Reads of owners' votes.

use crate::agreements::model::votes::{AreaBasis, Count, RecordedVote, Vote};
use crate::kernel::id::{AccountId, VersionId, VoteId};
use crate::kernel::time::parse_day;
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::owners_votes as v;
use crate::terms::model::VoteMatter;
use diesel::prelude::*;

type Figures = (i64, i64, i64);
type Row = ((VoteId, VoteMatter, AreaBasis, String), Figures, Figures, (String, String, String), (AccountId, i64, Option<i64>));

fn recorded(row: Row) -> Outcome<RecordedVote> {
    let ((id, matter, basis, evidence_sha256), heads, area, (notice, voted, posted), (recorded_by, at, confirmed)) = row;
    let count = |(all, took_part, yes): Figures| Count { all, took_part, yes };
    let day = |text: &str| parse_day(text).ok_or_else(|| Fault::internal("a stored day is no day"));
    let (notice_on, voted_on, posted_on) = (day(&notice)?, day(&voted)?, day(&posted)?);
    Ok(RecordedVote {
        id,
        vote: Vote { matter, heads: count(heads), area: count(area), basis, notice_on, voted_on, posted_on },
        evidence_sha256,
        recorded_by,
        recorded_at: Instant(at),
        confirmed_at: confirmed.map(Instant),
    })
}

/// Every result recorded for a version, in the order they were recorded.
pub fn of_version(conn: &mut Conn, version: &VersionId) -> Outcome<Vec<RecordedVote>> {
    let rows: Vec<Row> = v::table
        .filter(v::version_id.eq(version))
        .order(v::id)
        .select((
            (v::id, v::matter, v::area_basis, v::evidence_sha256),
            (v::heads_all, v::heads_took_part, v::heads_yes),
            (v::area_all, v::area_took_part, v::area_yes),
            (v::notice_on, v::voted_on, v::posted_on),
            (v::recorded_by, v::recorded_at, v::confirmed_at),
        ))
        .load(conn)?;
    rows.into_iter().map(recorded).collect()
}

/// The matters the owners have decided about this version, each confirmed by a second person.
pub fn passed(conn: &mut Conn, version: &VersionId) -> Outcome<Vec<VoteMatter>> {
    Ok(v::table.filter(v::version_id.eq(version).and(v::confirmed_at.is_not_null())).select(v::matter).distinct().load(conn)?)
}
