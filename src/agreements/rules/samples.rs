//! Parties for the tests of these rules.

use crate::agreements::model::{Method, PartyState, Signature};
use crate::kernel::Instant;
use crate::kernel::id::{AccountId, Id, OrganisationId, SignatureId};
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
