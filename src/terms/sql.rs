//! Writes.

use super::rules::CompiledTerm;
use crate::kernel::digest::canonical_json;
use crate::kernel::id::{AgreementId, SpaceId, UsageTermsId, VersionId};
use crate::kernel::{Fault, Instant, Outcome};
use crate::store::Conn;
use crate::store::schema::{terms, usage_in_force};
use crate::terms::model::{ClauseKind, UsageInForce};
use diesel::prelude::*;

/// Identity of the version whose rows are written.
pub(super) struct Of<'a> {
    pub agreement: &'a AgreementId,
    pub agreement_code: &'a str,
    pub version: &'a VersionId,
    pub version_no: i32,
}

pub(super) fn insert(conn: &mut Conn, of: &Of, row: &CompiledTerm) -> Outcome<()> {
    let payload = canonical_json(&row.payload.to_stored()).ok_or_else(|| Fault::internal("a payload has no canonical form"))?;
    let values = (
        terms::space_id.eq(&row.space),
        terms::version_id.eq(of.version),
        terms::clause.eq(&row.clause_id),
        terms::origin.eq(&row.origin),
        terms::agreement_id.eq(of.agreement),
        terms::agreement_code.eq(of.agreement_code),
        terms::version_no.eq(of.version_no),
        terms::kind.eq(row.kind),
        terms::judges.eq(row.kind.judges_bookings()),
        terms::relation.eq(row.relation),
        terms::exception.eq(row.exception),
        terms::from_at.eq(row.from),
        terms::to_at.eq(row.to),
        terms::payload.eq(payload),
        terms::text_zh.eq(&row.text_zh),
        terms::text_en.eq(&row.text_en),
    );
    diesel::insert_into(terms::table).values(values).execute(conn)?;
    Ok(())
}

/// Ends every row of the agreement's other versions that reaches beyond `at`. A suspension outlives the version it met.
pub(super) fn close_before(conn: &mut Conn, agreement: &AgreementId, successor: &VersionId, at: Instant) -> Outcome<usize> {
    let clauses = terms::agreement_id.eq(agreement).and(terms::version_id.ne(successor)).and(terms::kind.ne(ClauseKind::Suspension));
    let reaching = terms::table.filter(clauses.and(terms::to_at.gt(at.0)));
    Ok(diesel::update(reaching).set(terms::to_at.eq(at.0)).execute(conn)?)
}

pub(super) fn end_suspensions(conn: &mut Conn, agreement: &AgreementId, suspension: Option<&str>, at: Instant) -> Outcome<()> {
    let mut standing = diesel::update(terms::table)
        .set(terms::to_at.eq(at.0))
        .filter(terms::agreement_id.eq(agreement).and(terms::kind.eq(ClauseKind::Suspension)).and(terms::to_at.gt(at.0)))
        .into_boxed();
    if let Some(suspension) = suspension {
        standing = standing.filter(terms::clause.eq(suspension));
    }
    standing.execute(conn)?;
    Ok(())
}

pub(super) fn end_rows(conn: &mut Conn, versions: &[VersionId], spaces: Option<&[SpaceId]>, at: Instant) -> Outcome<()> {
    let mut reaching = diesel::update(terms::table)
        .set(terms::to_at.eq(at.0))
        .filter(terms::version_id.eq_any(versions).and(terms::kind.ne(ClauseKind::Suspension)).and(terms::to_at.gt(at.0)))
        .into_boxed();
    if let Some(spaces) = spaces {
        reaching = reaching.filter(terms::space_id.eq_any(spaces));
    }
    reaching.execute(conn)?;
    Ok(())
}

pub(super) fn void(conn: &mut Conn, version: &VersionId) -> Outcome<()> {
    let rows = terms::table.filter(terms::version_id.eq(version).and(terms::kind.ne(ClauseKind::Suspension)));
    diesel::update(rows).set(terms::to_at.eq(terms::from_at)).execute(conn)?;
    Ok(())
}

pub(super) fn set_end(conn: &mut Conn, version: &VersionId, row: &CompiledTerm) -> Outcome<()> {
    let key = (row.space.as_str(), version.as_str(), row.clause_id.as_str(), row.origin.as_str());
    diesel::update(terms::table.find(key)).set(terms::to_at.eq(row.to)).execute(conn)?;
    Ok(())
}

/// Ends whatever usage terms of the spaces reach beyond `at`; of what was to begin later nothing is left.
pub(super) fn end_usage_in(conn: &mut Conn, spaces: &[SpaceId], at: Instant) -> Outcome<()> {
    let reaching = usage_in_force::table.filter(usage_in_force::space_id.eq_any(spaces).and(usage_in_force::to_at.gt(at.0)));
    diesel::update(reaching).set(usage_in_force::to_at.eq(at.0)).execute(conn)?;
    Ok(())
}

/// The same for one of them, in all its spaces.
pub(super) fn end_usage(conn: &mut Conn, id: &UsageTermsId, at: Instant) -> Outcome<()> {
    let reaching = usage_in_force::table.filter(usage_in_force::usage_terms_id.eq(id).and(usage_in_force::to_at.gt(at.0)));
    diesel::update(reaching).set(usage_in_force::to_at.eq(at.0)).execute(conn)?;
    Ok(())
}

pub(super) fn begin_usage(conn: &mut Conn, space: &SpaceId, usage: &UsageInForce, round: i32) -> Outcome<()> {
    use usage_in_force as u;
    let row = (
        u::space_id.eq(space),
        u::usage_terms_id.eq(&usage.id),
        u::round_no.eq(round),
        u::version_no.eq(usage.no),
        u::sha256.eq(&usage.sha256),
        u::from_at.eq(usage.from),
        u::to_at.eq(usage.to),
    );
    diesel::insert_into(u::table).values(row).execute(conn)?;
    Ok(())
}

/// What of a round of usage terms was cut off at `at` binds on.
pub(super) fn prolong_usage(conn: &mut Conn, id: &UsageTermsId, round: i32, at: Instant) -> Outcome<()> {
    use usage_in_force as u;
    let cut = u::table.filter(u::usage_terms_id.eq(id).and(u::round_no.eq(round)).and(u::to_at.eq(at)));
    diesel::update(cut).set(u::to_at.eq(Instant::LATEST)).execute(conn)?;
    Ok(())
}
