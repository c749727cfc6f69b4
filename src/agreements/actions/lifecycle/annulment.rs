//! All who signed a version take it back before it takes effect. What is being talked over or signed on top of it is taken back
//! with it: its parties were told of changes to a version that is not to be. A draft stays; it is measured anew when it is proposed.

use super::super::signing;
use super::suspensions::of;
use super::{Now, Told, lock_spaces, take, tell};
use crate::access::Permit;
use crate::access::deeds::SignVersion;
use crate::agreements::model::lifecycle::{LifeKind, Verb};
use crate::agreements::model::{Agreement, EventKind, Version, VersionState};
use crate::agreements::{queries, rules, sql};
use crate::impact::model::Event;
use crate::kernel::id::{EntryId, Id, OrganisationId, SpaceId};
use crate::kernel::{Code, Fault, Outcome};
use crate::store::Tx;
use crate::terms::rules::{self as terms_rules, CompiledTerm};
use crate::{impact, terms, usage};
use serde_json::json;

/// A signer's consent, and what it brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consented {
    /// Number of the version.
    pub version: i32,
    /// It was the last one: the version will not take effect.
    pub annulled: bool,
}

/// Consents, for a party that signed, to take back the version whose effect is to come. The last consent annuls it: what
/// its plan left open is withdrawn, and what governed before governs on.
pub fn consent(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    organisation: &OrganisationId,
    text: &str,
) -> Outcome<Consented> {
    signing::sign_power(tx, permit, agreement, organisation)?;
    let found = take(tx, agreement, Verb::Annul)?;
    let now = tx.now();
    let version = rules::lifecycle::pending(&found.versions, now).ok_or_else(|| Fault::from(Code::StateConflict))?;
    let parties = queries::parties(tx, &version.id)?;
    rules::party(&parties, organisation)?;
    let consented = |who: &OrganisationId| found.life.annulling.iter().any(|(of, by, _)| *of == version.id && by == who);
    if consented(organisation) {
        return Err(Fault::saying(Code::StateConflict, "这一方已经同意撤销了。", "This party has consented already."));
    }
    let (subject, actor) = (version.id.as_str(), Some(permit.account()));
    let told = Told {
        kind: LifeKind::AnnulmentConsented,
        subject,
        organisation: Some(organisation),
        actor,
        text: Some(text),
        until: version.effect.map(|effect| effect.from),
    };
    tell(tx, agreement, &told)?;
    // Whoever did not sign (a rule below unanimity needs not all) is not asked to take it back.
    let missing = parties.iter().any(|party| party.has_signed() && party.organisation != *organisation && !consented(&party.organisation));
    if !missing {
        annul(tx, agreement, &found, version)?;
        // Who is asked to sign, what changes and what it does to bookings were told against what is not to be.
        let rests_on_it = |other: &&Version| other.state == VersionState::InRound || other.state_at(now).is_open_for_signing();
        for open in found.versions.iter().filter(rests_on_it) {
            signing::take_back(tx, permit.account(), agreement, open)?;
        }
    }
    Ok(Consented { version: version.no, annulled: !missing })
}

fn annul(tx: &mut Tx, agreement: &Agreement, found: &Now, version: &Version) -> Outcome<()> {
    lock_spaces(tx, agreement)?;
    if !sql::lifecycle::annul(tx, &version.id)? {
        return Err(Code::StateConflict.into());
    }
    let effect = version.effect.ok_or_else(|| Fault::internal("an agreed version without dates"))?;
    let told = Told { kind: LifeKind::Annulled, subject: version.id.as_str(), organisation: None, actor: None, text: None, until: None };
    let annulment = tell(tx, agreement, &told)?;
    impact::actions::apply(tx, &Event::annulment(of(agreement), annulment.as_str(), &version.id), None)?;
    let earlier = found.versions.iter().filter(|other| other.state == VersionState::Agreed && other.no != version.no);
    let restored: Vec<_> = earlier.map(|earlier| Ok((earlier, restored(found, version, earlier)?))).collect::<Outcome<_>>()?;
    // Bookings were made for what is not to be: they are judged by what governs instead.
    let again = restored.iter().flat_map(|(earlier, rows)| {
        let of_then = rows.iter().filter(|row| effect.from < row.to);
        of_then.map(|row| {
            let row = CompiledTerm { from: row.from.max(effect.from), ..row.clone() };
            (row.space.clone(), row.in_force(&agreement.id, &agreement.code, &earlier.id, earlier.no))
        })
    });
    let undone = Event::restoration(of(agreement), EntryId::fresh().as_str(), effect.from, again.collect());
    impact::actions::apply(tx, &undone, None)?;
    terms::actions::void(tx, &version.id)?;
    sql::lifecycle::set_effect_end(tx, &version.id, effect.from)?;
    for (earlier, rows) in &restored {
        if let Some(effect) = earlier.effect {
            terms::actions::restate(tx, &earlier.id, rows)?;
            let end = rows.iter().map(|row| row.to).max().unwrap_or(effect.to);
            sql::lifecycle::set_effect_end(tx, &earlier.id, end)?;
        }
    }
    let spaces: Vec<SpaceId> = found.layout.iter().map(|space| space.space.clone()).collect();
    usage::actions::restore(tx, &spaces, effect.from)?;
    super::super::happened(tx, agreement, &version.id, EventKind::Annulled, None, json!({ "version": version.no }))
}

/// The rows of an earlier version with the time the annulled one had taken from it.
fn restored(found: &Now, annulled: &Version, earlier: &Version) -> Outcome<Vec<CompiledTerm>> {
    let Some(effect) = earlier.effect else { return Ok(vec![]) };
    // One version at a time is open, so they are agreed in the order of their numbers.
    let agreed_later = |other: &&Version| other.state == VersionState::Agreed && other.no != annulled.no && other.no > earlier.no;
    let successor = found.versions.iter().filter(agreed_later).filter_map(|other| other.effect).map(|e| e.from).min();
    let mut rows = terms_rules::compile(earlier.clauses()?, &found.layout, effect.agreed_at);
    for row in &mut rows {
        let end = successor.map_or(row.to, |at| row.to.min(at));
        row.to = rules::lifecycle::clipped(&found.life, &row.space, effect.from, end);
    }
    Ok(rows)
}
