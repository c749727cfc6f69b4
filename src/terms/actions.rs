//! Verbs. Each changes what somebody may have remembered of any space of the agreement.

use super::model::UsageInForce;
use super::rules::CompiledTerm;
use super::sql::{self, Of};
use crate::kernel::id::{AgreementId, SpaceId, UsageTermsId, VersionId};
use crate::kernel::{Instant, Outcome};
use crate::store::Tx;

/// Puts the rows of a version just agreed in force. The agreement's earlier versions end, in every space, where the new one
/// begins: a booking after that is judged by the new one alone.
pub fn put_in_force(tx: &mut Tx, agreement: (&AgreementId, &str), version: (&VersionId, i32), rows: &[CompiledTerm]) -> Outcome<()> {
    tx.changed_everything();
    if let Some(from) = rows.iter().map(|row| row.from).min() {
        sql::close_before(tx, agreement.0, version.0, from)?;
    }
    let of = Of { agreement: agreement.0, agreement_code: agreement.1, version: version.0, version_no: version.1 };
    rows.iter().try_for_each(|row| sql::insert(tx, &of, row))
}

/// Puts the rows of a suspension beside the terms in force; they end nothing.
pub fn put_suspension(tx: &mut Tx, agreement: (&AgreementId, &str), version: (&VersionId, i32), rows: &[CompiledTerm]) -> Outcome<()> {
    tx.changed_everything();
    let of = Of { agreement: agreement.0, agreement_code: agreement.1, version: version.0, version_no: version.1 };
    rows.iter().try_for_each(|row| sql::insert(tx, &of, row))
}

/// Ends a suspension of an agreement, or all of them.
pub fn end_suspensions(tx: &mut Tx, agreement: &AgreementId, suspension: Option<&str>, at: Instant) -> Outcome<()> {
    tx.changed_everything();
    sql::end_suspensions(tx, agreement, suspension, at)
}

/// What these versions say binds no longer than `at`, in some spaces or in all. A suspension outlives it.
pub fn end_rows(tx: &mut Tx, versions: &[VersionId], spaces: Option<&[SpaceId]>, at: Instant) -> Outcome<()> {
    tx.changed_everything();
    sql::end_rows(tx, versions, spaces, at)
}

/// What a version says never binds.
pub fn void(tx: &mut Tx, version: &VersionId) -> Outcome<()> {
    tx.changed_everything();
    sql::void(tx, version)
}

/// Gives the rows of a version the ends that `rows` have.
pub fn restate(tx: &mut Tx, version: &VersionId, rows: &[CompiledTerm]) -> Outcome<()> {
    tx.changed_everything();
    rows.iter().try_for_each(|row| sql::set_end(tx, version, row))
}

/// Usage terms begin in spaces: what was in force there ends where they begin. `round`: of the approval they rest on.
pub fn begin_usage(tx: &mut Tx, spaces: &[SpaceId], usage: &UsageInForce, round: i32) -> Outcome<()> {
    sql::end_usage_in(tx, spaces, usage.from)?;
    spaces.iter().try_for_each(|space| sql::begin_usage(tx, space, usage, round))
}

/// Usage terms bind no longer than `at`, in any of their spaces.
pub fn end_usage(tx: &mut Tx, id: &UsageTermsId, at: Instant) -> Outcome<()> {
    sql::end_usage(tx, id, at)
}

/// Usage terms of a round that were cut off at `at` bind on.
pub fn prolong_usage(tx: &mut Tx, id: &UsageTermsId, round: i32, at: Instant) -> Outcome<()> {
    sql::prolong_usage(tx, id, round, at)
}
