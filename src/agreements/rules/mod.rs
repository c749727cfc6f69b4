//! Pure decisions: the canonical document and who may sign now here; windows and powers in [`signing`], what a version changes
//! in [`changes`] and [`kinds`], whose consent that needs in [`consent`], the owners' vote in [`votes`], what waits for an answer in [`waiting`].

pub mod changes;
pub mod consent;
pub mod kinds;
pub mod lifecycle;
pub mod rounds;
#[cfg(test)]
mod samples;
pub mod signing;
pub mod votes;
pub mod waiting;

use super::model::{Agreement, PartyState, Version, VersionState};
use crate::kernel::digest::{canonical_json, sha256_hex};
use crate::kernel::id::{OrganisationId, SpaceId};
use crate::kernel::time::{Day, say_day};
use crate::kernel::{Code, Fault, Outcome, Reason};
use crate::people::model::Organisation;
use crate::terms::model::{Clause, Party, Payload};
use crate::terms::rules::{CompiledTerm, SpaceLayout, compile};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The document the parties sign: canonical bytes and their SHA-256. The Chinese texts and the typed clauses are in it; the
/// English texts are courtesy and are not.
pub fn document(agreement: &Agreement, sites: &[String], no: i32, clauses: &[Clause]) -> Outcome<(String, String)> {
    let binding = |clause: &Clause| {
        let mut value = clause.to_json();
        if let Value::Object(map) = &mut value {
            map.remove("text_en");
        }
        value
    };
    let document = json!({
        "v": 1, "agreement": agreement.code, "title_zh": agreement.title_zh, "version": no, "sites": sites,
        "clauses": clauses.iter().map(binding).collect::<Vec<_>>(),
    });
    let canonical = canonical_json(&document).ok_or_else(|| Fault::internal("an agreement has no canonical form"))?;
    let hash = sha256_hex(canonical.as_bytes());
    Ok((canonical, hash))
}

/// The parties a version names.
pub fn parties(clauses: &[Clause]) -> Vec<Party> {
    let named = clauses.iter().filter_map(|clause| match &clause.payload {
        Payload::Parties { parties } => Some(parties.clone()),
        _ => None,
    });
    named.flatten().collect()
}

/// The spaces about which a version changes a material clause, as its rows bind them and those of the version before did. What is
/// about the parties and their dealings, and not about rooms, is material to no usage terms.
pub fn materially_changed(
    before: Option<&Version>,
    version: &Version,
    rows: &[CompiledTerm],
    layout: &[SpaceLayout],
) -> Outcome<Vec<SpaceId>> {
    let was = before.map(Version::clauses).transpose()?.unwrap_or_default();
    let counts = |clause: &Clause| clause.material && !clause.kind.is_whole_agreement();
    let binding = |clause: Option<&Clause>| clause.map(|clause| Clause { text_en: None, ..clause.clone() });
    let changed: BTreeSet<&str> = changes::changes(was, version.clauses()?)
        .iter()
        .filter(|changed| changed.before.into_iter().chain(changed.after).any(counts) && binding(changed.before) != binding(changed.after))
        .filter_map(|changed| changed.after.or(changed.before).map(|clause| clause.id.as_str()))
        .collect();
    let old = before.and_then(|before| Some(compile(was, layout, before.effect?.agreed_at))).unwrap_or_default();
    let touched = rows.iter().chain(&old).filter(|row| changed.contains(row.clause_id.as_str())).map(|row| row.space.clone());
    Ok(touched.collect::<BTreeSet<_>>().into_iter().collect())
}

/// Nobody disposes of a space without whoever owns it: each owner who is no party, with the spaces. `owned` are spaces with their
/// owners, whom `known` names. A version without parties lacks them already.
pub fn owners_missing(parties: &[Party], owned: &[(String, OrganisationId)], known: &[Organisation]) -> Vec<Reason> {
    let missing = known.iter().filter(|owner| !parties.is_empty() && !parties.iter().any(|party| party.organisation == owner.code));
    let reason = |owner: &Organisation| {
        let spaces: Vec<&str> = owned.iter().filter(|(_, of)| *of == owner.id).map(|(space, _)| space.as_str()).collect();
        let en = owner.name_en.as_deref().unwrap_or(&owner.name_zh);
        Reason::plain(
            "owner-not-a-party",
            format!("{} 是这些空间的产权方，但不是协议的签约方：{}。", owner.name_zh, spaces.join("、")),
            format!("{en} owns these spaces and is no party to the agreement: {}.", spaces.join(", ")),
        )
        .figure(&owner.code)
    };
    missing.map(reason).collect()
}

/// Refuses a version whose last day has gone by: signed, it would never be in force.
pub fn term_over(clauses: &[Clause], today: Day) -> Option<Reason> {
    clauses.iter().find_map(|clause| match clause.payload {
        Payload::Term { last_day, .. } if last_day < today => {
            let (zh, en) = say_day(last_day);
            let reason = Reason::plain("term-over", format!("期限到 {zh} 就已经结束了。"), format!("The term has ended on {en}."));
            Some(Reason { clause: Some(clause.id.clone()), ..reason.figure(last_day) })
        }
        _ => None,
    })
}

fn not_open(state: VersionState) -> Fault {
    let (zh, en) = match state {
        VersionState::Draft | VersionState::InRound | VersionState::Discussed => ("还没有提请签署。", "It has not been proposed yet."),
        VersionState::Agreed => ("各方都已签署。", "All parties have signed."),
        VersionState::Declined => ("已有一方拒签。", "A party has declined."),
        VersionState::Annulled => ("这个版本已撤销。", "This version was annulled."),
        VersionState::Withdrawn => ("这个版本已撤回。", "This version was withdrawn."),
        _ => ("签署期限已过。", "The signing window is over."),
    };
    Fault::saying(Code::StateConflict, zh, en)
}

/// The version is open for signing, declining and withdrawing.
pub fn open_for_signing(state: VersionState) -> Outcome<()> {
    if state.is_open_for_signing() { Ok(()) } else { Err(not_open(state)) }
}

/// Of a version that is open for signing the party may sign now: it is one, has neither signed nor declined, and it is its turn: of
/// the stages before its own, every party that is needed (`comes_first`) has signed.
pub fn may_sign<'a>(
    sha256: Option<&str>,
    parties: &'a [PartyState],
    organisation: &OrganisationId,
    seen: &str,
    comes_first: &dyn Fn(&PartyState) -> bool,
) -> Outcome<&'a PartyState> {
    if sha256 != Some(seen) {
        return Err(Code::HashMismatch.into());
    }
    let me = undecided(parties, organisation)?;
    if me.signature.is_some() {
        let zh = "这一方的纸质签名已经录入，等这一方确认；不是本意的话，可以拒签。";
        let en = "A paper signature of this party is recorded: it confirms that, or declines.";
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    if let Some(before) = parties.iter().find(|other| other.stage < me.stage && !other.has_signed() && comes_first(other)) {
        let en = before.name_en.as_deref().unwrap_or(&before.name_zh);
        return Err(Fault::saying(Code::OutOfTurn, format!("要先等 {} 签。", before.name_zh), format!("{en} signs first.")));
    }
    Ok(me)
}

/// The party of that organisation, bound by nothing yet: it has not declined, and what was recorded on paper it has not confirmed.
pub fn undecided<'a>(parties: &'a [PartyState], organisation: &OrganisationId) -> Outcome<&'a PartyState> {
    let me = party(parties, organisation)?;
    if me.has_signed() {
        return Err(Fault::saying(Code::StateConflict, "这一方已经签过了。", "This party has signed already."));
    }
    if me.declined.is_some() {
        return Err(Fault::saying(Code::StateConflict, "这一方已经拒签。", "This party has declined."));
    }
    Ok(me)
}

/// The party of that organisation.
pub fn party<'a>(parties: &'a [PartyState], organisation: &OrganisationId) -> Outcome<&'a PartyState> {
    let not_a_party = || Fault::saying(Code::Forbidden, "这个组织不是签约方。", "This organisation is not a party.");
    parties.iter().find(|party| party.organisation == *organisation).ok_or_else(not_a_party)
}

#[cfg(test)]
mod tests {
    use super::samples::party;
    use super::*;
    use crate::kernel::id::{AgreementId, AreaId, Id};
    use proptest::prelude::*;

    #[test]
    fn turns_are_enforced_and_hashes_bind() {
        let parties = [party(1, true), party(1, false), party(2, false)];
        let sign =
            |i: usize, seen| may_sign(Some("h"), &parties, &parties[i].organisation, seen, &|_| true).map_err(|f| f.code).map(|p| p.stage);
        assert_eq!(sign(1, "h"), Ok(1));
        assert_eq!(sign(0, "h"), Err(Code::StateConflict));
        assert_eq!(sign(2, "h"), Err(Code::OutOfTurn));
        assert_eq!(sign(1, "other"), Err(Code::HashMismatch));
        for state in [VersionState::Draft, VersionState::Agreed, VersionState::Declined, VersionState::Withdrawn, VersionState::Lapsed] {
            assert_eq!(open_for_signing(state).unwrap_err().code, Code::StateConflict, "{state}");
        }
        assert!(open_for_signing(VersionState::Proposed).is_ok() && open_for_signing(VersionState::PartiallySigned).is_ok());
        let stranger = may_sign(Some("h"), &parties, &OrganisationId::fresh(), "h", &|_| true);
        assert_eq!(stranger.unwrap_err().code, Code::Forbidden);
    }

    #[test]
    fn paper_nobody_confirmed_is_no_signature_and_no_other_beside_it() {
        let (mut paper, declined) = (party(1, true), (crate::kernel::Instant(1), "不是我们签的".to_owned()));
        if let Some(signature) = &mut paper.signature {
            signature.confirmed_at = None;
        }
        let parties = [paper.clone()];
        assert!(undecided(&parties, &paper.organisation).is_ok(), "it may decline");
        assert_eq!(may_sign(Some("h"), &parties, &paper.organisation, "h", &|_| true).unwrap_err().code, Code::StateConflict);
        let parties = [PartyState { declined: Some(declined), ..paper.clone() }];
        assert_eq!(undecided(&parties, &paper.organisation).unwrap_err().code, Code::StateConflict, "then it cannot be confirmed");
    }

    #[test]
    fn whoever_owns_a_space_is_a_party() {
        use crate::people::model::OrganisationKind;
        use crate::terms::model::PartyCapacity;
        let owner = |code: &str| Organisation {
            id: OrganisationId::fresh(),
            code: code.into(),
            kind: OrganisationKind::PropertyUnit,
            name_zh: "甲".into(),
            name_en: None,
            area_id: AreaId::fresh(),
        };
        let named = |code: &str| Party { organisation: code.into(), capacity: PartyCapacity::PropertyUnit, stage: 1 };
        let known = [owner("a"), owner("b")];
        let owned = [("s/hall", 0), ("s/x", 1), ("s/y", 1)].map(|(space, of)| (space.to_owned(), known[of].id.clone()));
        let missing = |parties: &[Party]| owners_missing(parties, &owned, &known);
        assert!(missing(&[named("b"), named("a"), named("c")]).is_empty());
        assert!(missing(&[]).is_empty(), "that there are no parties is said elsewhere");
        let found = missing(&[named("a"), named("c")]);
        assert_eq!((found.len(), found[0].figure.as_deref(), found[0].en.ends_with(": s/x, s/y.")), (1, Some("b"), true));
    }

    #[test]
    fn the_hash_binds_the_chinese_and_not_the_courtesy() {
        let agreement = Agreement {
            id: AgreementId::fresh(),
            code: "a".into(),
            area: AreaId::fresh(),
            area_path: String::new(),
            title_zh: "协议".into(),
            title_en: Some("x".into()),
            sites: vec![],
        };
        let clause = |zh: &str, en: &str| {
            crate::kernel::form::read(
                &json!({"c": {"id": "c", "kind": "capacity", "text_zh": zh, "text_en": en, "payload": {"persons": 5}}}),
                |form| form.need("c", Clause::read),
            )
            .unwrap()
        };
        let hash = |clause: Clause| document(&agreement, &["s".into()], 1, &[clause]).unwrap().1;
        assert_eq!(hash(clause("五人", "five")), hash(clause("五人", "5")));
        assert_ne!(hash(clause("五人", "five")), hash(clause("六人", "five")));
    }

    proptest! {
        #[test]
        fn a_stage_never_opens_before_the_one_below(stages in proptest::collection::vec((1i32..4, any::<bool>()), 1..8)) {
            let parties: Vec<_> = stages.iter().map(|(stage, signed)| party(*stage, *signed)).collect();
            for me in parties.iter().filter(|p| p.signature.is_none()) {
                let may = may_sign(Some("h"), &parties, &me.organisation, "h", &|_| true).is_ok();
                prop_assert_eq!(may, parties.iter().all(|p| p.stage >= me.stage || p.has_signed()));
            }
        }
    }
}
