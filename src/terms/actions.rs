//! Verbs.

use super::rules::CompiledTerm;
use super::sql::{self, Of};
use crate::kernel::Outcome;
use crate::kernel::id::{AgreementId, VersionId};
use crate::store::Tx;

/// Puts the rows of a version just agreed in force. The agreement's earlier versions end, in every space, where the new one
/// begins: a booking after that is judged by the new one alone.
pub fn put_in_force(tx: &mut Tx, agreement: (&AgreementId, &str), version: (&VersionId, i32), rows: &[CompiledTerm]) -> Outcome<()> {
    if let Some(from) = rows.iter().map(|row| row.from).min() {
        sql::close_before(tx, agreement.0, version.0, from)?;
    }
    let of = Of { agreement: agreement.0, agreement_code: agreement.1, version: version.0, version_no: version.1 };
    rows.iter().try_for_each(|row| sql::insert(tx, &of, row))
}
