//! Reads: everything the paper of a version says, and whose a hash is.

use super::model::{AuditRange, Known, Paper, PaperParty, PaperPower, PaperSignature};
use super::rules::canonical;
use crate::agreements::model::{Agreement, EffectDates, Method, Version, VersionState, Wording};
use crate::agreements::{queries as agreements, rules as agreement_rules};
use crate::kernel::id::{AccountId, RepresentativeId, VersionId};
use crate::kernel::{Fault, Instant, Outcome, Zone, text};
use crate::people::queries::names;
use crate::store::Conn;
use crate::store::schema::{
    agreement_versions as versions, areas, audit_chain as chain, organisations, representatives as r, signatures as s,
};
use crate::terms::model::{Clause, SpaceRef};
use crate::{people, places};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// Texts that were put to their parties and are not what they were then: the version, and why. The bytes must have their hash, and the
/// clauses the program goes by must be those of the bytes.
pub fn altered(conn: &mut Conn) -> Outcome<Vec<(VersionId, String)>> {
    type Frozen = (VersionId, String, Option<String>, Option<String>);
    let frozen: Vec<Frozen> = versions::table
        .filter(versions::canonical.is_not_null())
        .order(versions::id)
        .select((versions::id, versions::clauses, versions::canonical, versions::sha256))
        .load(conn)?;
    // The English is courtesy, and not in the bytes.
    let binding = |clause: &Clause| Clause { text_en: None, ..clause.clone() };
    let mut altered = Vec::new();
    for (id, clauses, canonical, sha256) in frozen {
        let why = match canonical::read(canonical.unwrap_or_default().as_bytes()) {
            Err(why) => why.to_string(),
            Ok(signed) if Some(&signed.sha256) != sha256.as_ref() => "its bytes are not those of its hash".into(),
            Ok(signed) => match Wording::stored(clauses).clauses() {
                Ok(clauses) if clauses.iter().map(binding).eq(signed.clauses) => continue,
                _ => "its clauses are not those of its bytes".into(),
            },
        };
        altered.push((id, why));
    }
    Ok(altered)
}

/// The paper of a version. With `full_names` the representatives and their powers are named in full.
pub fn paper(conn: &mut Conn, agreement: &Agreement, version: &Version, full_names: bool, now: Instant) -> Outcome<Paper> {
    // What was frozen is shown from the bytes themselves.
    let (title_zh, clauses) = match &version.canonical {
        Some(bytes) => {
            let signed =
                canonical::read(bytes.as_bytes()).map_err(|why| Fault::internal(format!("canonical bytes of {}: {why}", version.id)))?;
            if Some(&signed.sha256) != version.sha256.as_ref() {
                return Err(Fault::internal(format!("the bytes of {} are not those of its hash", version.id)));
            }
            (signed.title_zh, signed.clauses)
        }
        None => (agreement.title_zh.clone(), version.clauses()?.to_vec()),
    };
    let mut sites = Vec::new();
    for id in &agreement.sites {
        sites.extend(places::queries::site(conn, id)?);
    }
    let spaces = space_names(conn, agreement, &sites)?;
    let named = |clause: Clause| {
        let names = clause.spaces.iter().map(|space| spaces.get(space).cloned().unwrap_or_else(|| space.to_string())).collect();
        (clause, names)
    };
    let parties = match version.state {
        VersionState::Draft => drafted_parties(conn, &clauses)?,
        _ => parties(conn, version, full_names)?,
    };
    let area_zh: String = areas::table.find(&agreement.area).select(areas::name_zh).first(conn)?;
    Ok(Paper {
        agreement_id: agreement.id.clone(),
        agreement: agreement.code.clone(),
        title_zh,
        version: version.no,
        state: version.state,
        effect: in_effect(version).map(|dates| (dates, dates.at(now))),
        area_zh,
        zone: sites.first().map_or_else(Zone::usual, |site| site.zone.clone()),
        sites: sites.into_iter().map(|site| (site.name_zh, site.address_zh)).collect(),
        clauses: clauses.into_iter().map(named).collect(),
        parties,
        sha256: version.sha256.clone(),
        audit: audit_range(conn, agreement.area.as_str(), version.id.as_str())?,
        full_names,
        made_at: now,
    })
}

/// When an agreed version governs; one that was annulled never does.
pub fn in_effect(version: &Version) -> Option<EffectDates> {
    version.effect.filter(|_| version.state == VersionState::Agreed)
}

/// Chinese names of the spaces of an agreement; with the site's where there are several sites.
fn space_names(conn: &mut Conn, agreement: &Agreement, sites: &[places::model::Site]) -> Outcome<BTreeMap<SpaceRef, String>> {
    let mut named = BTreeMap::new();
    for space in places::queries::spaces(conn, &agreement.sites)? {
        let Some(site) = sites.iter().find(|site| site.id == space.site_id) else { continue };
        let name = if sites.len() > 1 { format!("{}{}", site.name_zh, space.name_zh) } else { space.name_zh };
        named.extend(SpaceRef::new(&site.code, &space.code).map(|code| (code, name)));
    }
    Ok(named)
}

/// The parties a draft names; one whose organisation is not known yet by its code.
fn drafted_parties(conn: &mut Conn, clauses: &[Clause]) -> Outcome<Vec<PaperParty>> {
    let mut named = agreement_rules::parties(clauses);
    named.sort_by_key(|party| party.stage);
    let codes: Vec<String> = named.iter().map(|party| party.organisation.clone()).collect();
    let known = people::queries::organisations_by_code(conn, &codes)?;
    let party = |party: crate::terms::model::Party| PaperParty {
        name_zh: known.iter().find(|o| o.code == party.organisation).map_or(party.organisation, |o| o.name_zh.clone()),
        capacity: party.capacity,
        stage: party.stage,
        signature: None,
    };
    Ok(named.into_iter().map(party).collect())
}

fn parties(conn: &mut Conn, version: &Version, full_names: bool) -> Outcome<Vec<PaperParty>> {
    let parties = agreements::parties(conn, &version.id)?;
    // A signature on paper, or ratified, rests on the power of whoever confirmed it.
    type Rested = (String, Option<RepresentativeId>, Option<RepresentativeId>);
    let rested: Vec<Rested> =
        s::table.filter(s::version_id.eq(&version.id)).select((s::id, s::representative_id, s::confirmed_representative_id)).load(conn)?;
    let powers: Vec<RepresentativeId> = rested.iter().filter_map(|(_, signed, confirmed)| confirmed.clone().or(signed.clone())).collect();
    type Power = (RepresentativeId, i64, i64, String);
    let powers: Vec<Power> = r::table.filter(r::id.eq_any(&powers)).select((r::id, r::from_at, r::to_at, r::evidence)).load(conn)?;
    let signer = |signature: &crate::agreements::model::Signature| match signature.method {
        Method::Electronic => Some(signature.account.clone()),
        Method::Paper | Method::Ratified => signature.confirmed_by.clone(),
    };
    let signers: Vec<AccountId> = parties.iter().filter_map(|party| signer(party.signature.as_ref()?)).collect();
    let names = names(conn, &signers)?;
    let name = |account: AccountId| match names.iter().find(|(id, _)| *id == account) {
        Some((_, name)) if name.is_empty() => "（本人已注销）".to_owned(),
        Some((_, name)) if full_names => name.clone(),
        Some((_, name)) => text::mask_name(name),
        None => "（不详）".to_owned(),
    };
    let power = |id: &str| {
        let (_, signed, confirmed) = rested.iter().find(|(signature, ..)| signature == id)?;
        let rests_on = confirmed.as_ref().or(signed.as_ref())?;
        let (_, from, to, evidence) = powers.iter().find(|(id, ..)| id == rests_on)?;
        Some(PaperPower { from: Instant(*from), to: Instant(*to), evidence: full_names.then(|| evidence.clone()) })
    };
    let shown = |signature: crate::agreements::model::Signature| PaperSignature {
        method: signature.method,
        signer: signer(&signature).map(name),
        power: power(signature.id.as_str()),
        evidence_sha256: signature.evidence_sha256,
        signed_at: signature.signed_at,
        confirmed_at: signature.confirmed_at,
    };
    let party = |party: crate::agreements::model::PartyState| PaperParty {
        name_zh: party.name_zh,
        capacity: party.capacity,
        stage: party.stage,
        signature: party.signature.map(shown),
    };
    Ok(parties.into_iter().map(party).collect())
}

/// Where a chain speaks of a thing; `None` while nothing is linked.
fn audit_range(conn: &mut Conn, of: &str, subject: &str) -> Outcome<Option<AuditRange>> {
    let about = || chain::table.filter(chain::chain.eq(of).and(chain::subject.eq(subject)));
    let last: Option<(i64, String)> = about().order(chain::seq.desc()).select((chain::seq, chain::hash)).first(conn).optional()?;
    let Some((last, last_hash)) = last else { return Ok(None) };
    let first: i64 = about().order(chain::seq).select(chain::seq).first(conn)?;
    let entries = about().filter(chain::seq.le(last)).count().get_result(conn)?;
    Ok(Some(AuditRange { chain: of.to_owned(), first, last, entries, last_hash }))
}

/// Everything here that has this hash, the latest first: texts, and scans of paper signatures.
pub fn known(conn: &mut Conn, sha256: &str) -> Outcome<Vec<Known>> {
    let texts: Vec<VersionId> =
        versions::table.filter(versions::sha256.eq(sha256)).order(versions::id.desc()).select(versions::id).load(conn)?;
    let scans: Vec<(VersionId, String)> = s::table
        .inner_join(organisations::table.on(organisations::id.eq(s::organisation_id)))
        .filter(s::evidence_sha256.eq(sha256))
        .order(s::id.desc())
        .select((s::version_id, organisations::name_zh))
        .load(conn)?;
    Ok(texts.into_iter().map(Known::Text).chain(scans.into_iter().map(|(version, party)| Known::Scan(version, party))).collect())
}
