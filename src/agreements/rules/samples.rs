//! Parties and versions for the tests of these rules.

use crate::agreements::model::{EffectDates, Method, PartyState, Signature, Version, VersionState, Wording};
use crate::kernel::Instant;
use crate::kernel::id::{AccountId, AgreementId, Id, OrganisationId, SignatureId, VersionId};
use crate::terms::model::PartyCapacity;

/// A property unit that has signed or not.
pub(super) fn party(stage: i32, signed: bool) -> PartyState {
    let signature = signed.then(|| Signature {
        id: SignatureId::fresh(),
        method: Method::Electronic,
        account: AccountId::fresh(),
        representative: None,
        evidence_sha256: None,
        signed_at: Instant(1),
        confirmed_at: Some(Instant(1)),
        confirmed_by: None,
    });
    PartyState {
        organisation: OrganisationId::fresh(),
        code: "p".into(),
        name_zh: "甲方".into(),
        name_en: None,
        capacity: PartyCapacity::PropertyUnit,
        stage,
        signature,
        declined: None,
    }
}

/// A version without clauses, and when it governs, if it was agreed.
pub(super) fn version(no: i32, state: VersionState, governs: Option<(Instant, Instant)>) -> Version {
    Version {
        id: VersionId::fresh(),
        agreement: AgreementId::fresh(),
        no,
        state,
        wording: Wording::stored("[]".into()),
        canonical: None,
        sha256: None,
        revision: 1,
        signing: None,
        effect: governs.map(|(from, to)| EffectDates { agreed_at: from, from, to, superseded: false }),
    }
}
