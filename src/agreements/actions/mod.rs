//! Verbs, told as stories: drafting, proposing and signing here, talking it over in [`rounds`].

pub mod rounds;

use super::sql::{self, NewSignature};
use super::{queries, rules};
use crate::access::Permit;
use crate::access::deeds::{DraftVersion, RecordPaperSignature, SignVersion};
use crate::agreements::model::{
    Agreement, AgreementFacts, EffectDates, EventKind, Method, PartyState, Version, VersionEvent, VersionState,
};
use crate::audit::{self, Entry};
use crate::kernel::id::{AccountId, AgreementId, Id, OrganisationId, RepresentativeId, SignatureId, VersionId};
use crate::kernel::{Code, Fault, Outcome, Reason};
use crate::people::model::Power;
use crate::store::{Conn, Tx, phrases};
use crate::terms::model::{Clause, SpaceRef};
use crate::terms::rules::{self as terms_rules, SpaceLayout};
use crate::{impact, outbox, people, places, terms};
use serde_json::{Value, json};

/// What happens to a version is kept three times: as its own event, in the audit chain, and as a job that tells the parties.
fn happened(
    tx: &mut Tx,
    agreement: &Agreement,
    version: &VersionId,
    kind: EventKind,
    actor: Option<&AccountId>,
    detail: Value,
) -> Outcome<()> {
    let now = tx.now();
    sql::insert_event(tx, version, kind, actor, &detail, now)?;
    let action = match kind {
        EventKind::Drafted => "version.drafted",
        EventKind::Edited => "version.edited",
        EventKind::RoundOpened => "round.opened",
        EventKind::PositionStated => "position.stated",
        EventKind::Replied => "position.replied",
        EventKind::RoundClosed => "round.closed",
        EventKind::Proposed => "version.proposed",
        EventKind::Signed => "version.signed",
        EventKind::Confirmed => "version.confirmed",
        EventKind::Declined => "version.declined",
        EventKind::Withdrawn => "version.withdrawn",
        EventKind::Agreed => "version.agreed",
        EventKind::Lapsed => "version.lapsed",
    };
    audit::record(tx, &Entry { chain: agreement.area.as_str(), actor, action, subject: version.as_str(), detail })?;
    if matches!(kind, EventKind::Drafted | EventKind::Edited) {
        return Ok(());
    }
    outbox::enqueue(tx, &VersionEvent { version: version.clone(), kind, actor: actor.cloned() })
}

/// Creates an agreement: its identity and the sites it covers. It says nothing yet.
pub fn create(tx: &mut Tx, facts: &AgreementFacts, by: Option<&AccountId>) -> Outcome<AgreementId> {
    let id = AgreementId::fresh();
    let now = tx.now();
    sql::insert_agreement(tx, &id, facts, by, now)?;
    let detail = json!({"code": facts.code, "sites": facts.sites});
    audit::record(tx, &Entry { chain: facts.area.as_str(), actor: by, action: "agreement.created", subject: id.as_str(), detail })?;
    Ok(id)
}

/// Writes the next version down. At most one version of an agreement is open at a time.
pub fn draft(tx: &mut Tx, permit: &Permit<DraftVersion>, agreement: &Agreement, clauses: &[Clause]) -> Outcome<i32> {
    next_draft(tx, agreement, clauses, Some(permit.account()))
}

fn next_draft(tx: &mut Tx, agreement: &Agreement, clauses: &[Clause], by: Option<&AccountId>) -> Outcome<i32> {
    let versions = queries::versions(tx, &agreement.id)?;
    let busy = |zh: &str, en: &str| Err(Fault::saying(Code::StateConflict, zh, en));
    if versions.iter().any(|version| version.state == VersionState::Draft || version.state.is_open_for_signing()) {
        return busy("已有一个版本在起草或签署。", "Another version is being drafted or signed.");
    }
    if let Some(talked_over) = versions.iter().find(|version| version.state == VersionState::InRound) {
        if queries::rounds::rounds(tx, &agreement.id)?.iter().any(|round| round.closed_at.is_none()) {
            return busy("这一轮商量还没有结束。", "The round is still open; close it first.");
        }
        sql::set_state(tx, &talked_over.id, VersionState::Discussed)?;
    }
    let no = versions.first().map_or(0, |version| version.no) + 1;
    let id = VersionId::fresh();
    let now = tx.now();
    sql::insert_draft(tx, &id, &agreement.id, no, clauses, by, now)?;
    happened(tx, agreement, &id, EventKind::Drafted, by, json!({ "version": no }))?;
    Ok(no)
}

/// Changes a draft; 409 once it is proposed, 412 when somebody else changed it first.
pub fn edit(tx: &mut Tx, permit: &Permit<DraftVersion>, agreement: &Agreement, version: &Version, clauses: &[Clause]) -> Outcome<i32> {
    edit_draft(tx, agreement, version, clauses, Some(permit.account()))
}

fn edit_draft(tx: &mut Tx, agreement: &Agreement, version: &Version, clauses: &[Clause], by: Option<&AccountId>) -> Outcome<i32> {
    if version.state != VersionState::Draft {
        return Err(Fault::saying(
            Code::StateConflict,
            "提请签署以后不能再改;可以撤回,重新提一版。",
            "A proposed version cannot change; withdraw it and propose again.",
        ));
    }
    if !sql::edit_draft(tx, &version.id, version.revision, clauses)? {
        return Err(Code::PreconditionFailed.into());
    }
    happened(tx, agreement, &version.id, EventKind::Edited, by, json!({ "version": version.no }))?;
    Ok(version.revision + 1)
}

/// The spaces an agreement covers, as the compiler needs them, with the codes of its sites.
fn layout(conn: &mut Conn, agreement: &Agreement) -> Outcome<(Vec<SpaceLayout>, Vec<String>)> {
    let mut sites = Vec::new();
    for id in &agreement.sites {
        sites.push(places::queries::site(conn, id)?.ok_or_else(|| Fault::internal("an agreement covers a site that is gone"))?);
    }
    let mut layout = Vec::new();
    for space in places::queries::spaces(conn, &agreement.sites)? {
        let Some(site) = sites.iter().find(|site| site.id == space.site_id) else { continue };
        let code = SpaceRef::new(&site.code, &space.code).ok_or_else(|| Fault::internal("a stored code is no code"))?;
        layout.push(SpaceLayout { space: space.id, code, atoms: space.atoms, zone: site.zone.clone() });
    }
    let mut codes: Vec<String> = sites.into_iter().map(|site| site.code).collect();
    codes.sort();
    Ok((layout, codes))
}

/// What stands against proposing these clauses now: conflicts, missing kinds, unknown parties, a term already over, positions
/// without a reply.
pub fn obstacles(tx: &mut Tx, agreement: &Agreement, clauses: &[Clause]) -> Outcome<Vec<Reason>> {
    let (layout, _) = layout(tx, agreement)?;
    let mut reasons = terms_rules::proposable(clauses, &layout);
    let named: Vec<String> = rules::parties(clauses).into_iter().map(|party| party.organisation).collect();
    let known = people::queries::organisations_by_code(tx, &named)?;
    for code in named.iter().filter(|code| !known.iter().any(|organisation| organisation.code == **code)) {
        reasons.push(
            Reason::plain(
                "unknown-party",
                format!("没有代码为 {code} 的组织。"),
                format!("There is no organisation with the code {code}."),
            )
            .figure(code),
        );
    }
    if let Some(zone) = layout.first().map(|space| space.zone.clone()) {
        reasons.extend(rules::term_over(clauses, zone.day_of(tx.now())));
    }
    reasons.extend(rules::rounds::unanswered(&queries::rounds::rounds(tx, &agreement.id)?));
    Ok(reasons)
}

/// Freezes a draft, hashes it and puts it to its parties.
fn freeze(tx: &mut Tx, agreement: &Agreement, version: &Version, into: VersionState) -> Outcome<String> {
    if version.state != VersionState::Draft {
        return Err(Fault::saying(Code::StateConflict, "这个版本不是草稿。", "This version is not a draft."));
    }
    let parties = rules::parties(&version.clauses);
    let codes: Vec<String> = parties.iter().map(|party| party.organisation.clone()).collect();
    let known = people::queries::organisations_by_code(tx, &codes)?;
    if parties.is_empty() || parties.iter().any(|party| !known.iter().any(|organisation| organisation.code == party.organisation)) {
        return Err(Fault::refused(Code::NotProposable, obstacles(tx, agreement, &version.clauses)?));
    }
    let (_, sites) = layout(tx, agreement)?;
    let (canonical, sha256) = rules::document(agreement, &sites, version.no, &version.clauses)?;
    if !sql::freeze(tx, (&version.id, version.revision), into, &canonical, &sha256)? {
        return Err(Code::PreconditionFailed.into());
    }
    for organisation in known {
        if let Some(party) = parties.iter().find(|party| party.organisation == organisation.code) {
            sql::insert_party(tx, &version.id, &organisation.id, party.capacity, party.stage)?;
        }
    }
    Ok(sha256)
}

/// Puts a draft, or a version that was talked over, to its parties to sign. What was talked over keeps its hash.
pub fn propose(tx: &mut Tx, permit: &Permit<DraftVersion>, agreement: &Agreement, version: &Version) -> Outcome<String> {
    let talked_over = version.state == VersionState::InRound;
    if !talked_over && version.state != VersionState::Draft {
        return Err(Fault::saying(Code::StateConflict, "这个版本不是草稿。", "This version is not a draft."));
    }
    // From here on nobody speaks or is answered beside this.
    if !sql::take_turn(tx, &version.id, &[version.state])? {
        return Err(Code::StateConflict.into());
    }
    let reasons = obstacles(tx, agreement, &version.clauses)?;
    if !reasons.is_empty() {
        return Err(Fault::refused(Code::NotProposable, reasons));
    }
    let sha256 = if talked_over {
        if queries::rounds::rounds(tx, &agreement.id)?.iter().any(|round| round.closed_at.is_none()) {
            return Err(Fault::saying(Code::StateConflict, "这一轮商量还没有结束。", "The round is still open; close it first."));
        }
        sql::set_state(tx, &version.id, VersionState::Proposed)?;
        version.sha256.clone().ok_or_else(|| Fault::internal("a frozen version without a hash"))?
    } else {
        freeze(tx, agreement, &Version { revision: version.revision + 1, ..version.clone() }, VersionState::Proposed)?
    };
    happened(tx, agreement, &version.id, EventKind::Proposed, Some(permit.account()), json!({"version": version.no, "sha256": sha256}))?;
    Ok(sha256)
}

/// Takes the version's row and reads the parties behind it: from here to the commit nobody else signs or declines.
fn in_turn(tx: &mut Tx, version: &Version) -> Outcome<Vec<PartyState>> {
    if !sql::take_turn(tx, &version.id, &[VersionState::Proposed, VersionState::PartiallySigned])? {
        rules::open_for_signing(version.state)?;
        // It was open a moment ago: somebody ended it while we waited.
        return Err(Code::StateConflict.into());
    }
    queries::parties(tx, &version.id)
}

fn sign_power(permit: &Permit<SignVersion>, organisation: &OrganisationId) -> Outcome<RepresentativeId> {
    let without =
        || Fault::saying(Code::Forbidden, "您没有代表这个组织签署的授权。", "You are not authorised to sign for this organisation.");
    permit.who().represents(organisation, Power::Sign).map(|r| r.id.clone()).ok_or_else(without)
}

/// A signature and what it brought about.
#[derive(Debug)]
pub struct Signed {
    /// The signature.
    pub id: SignatureId,
    /// It was the last one: the version is agreed.
    pub agreed: bool,
}

/// Signs for an organisation. The representative's power is read in this transaction, whatever the token says.
pub fn sign(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    version: &Version,
    organisation: &OrganisationId,
    sha256: &str,
) -> Outcome<Signed> {
    let representative = sign_power(permit, organisation)?;
    let parties = in_turn(tx, version)?;
    rules::may_sign(VersionState::Proposed, version.sha256.as_deref(), &parties, organisation, sha256)?;
    rules::no_dual_agency(&parties, organisation, permit.account())?;
    let (id, now) = (SignatureId::fresh(), tx.now());
    let new = NewSignature {
        id: &id,
        version: &version.id,
        organisation,
        method: Method::Electronic,
        version_sha256: sha256,
        evidence_sha256: None,
        account: permit.account(),
        representative: Some(&representative),
        confirmed_at: Some(now),
    };
    sql::insert_signature(tx, &new, now)?;
    let detail = json!({"organisation": organisation, "representative": representative, "sha256": sha256, "method": Method::Electronic});
    happened(tx, agreement, &version.id, EventKind::Signed, Some(permit.account()), detail)?;
    let agreed = agree_if_complete(tx, agreement, version)?;
    Ok(Signed { id, agreed })
}

/// Records a party's signature on paper with the hash of its scan. It counts once the party confirms it.
pub fn record_paper(
    tx: &mut Tx,
    permit: &Permit<RecordPaperSignature>,
    agreement: &Agreement,
    version: &Version,
    organisation: &OrganisationId,
    sha256: &str,
    evidence: &str,
) -> Outcome<SignatureId> {
    let parties = in_turn(tx, version)?;
    rules::may_sign(VersionState::Proposed, version.sha256.as_deref(), &parties, organisation, sha256)?;
    let (id, now) = (SignatureId::fresh(), tx.now());
    let new = NewSignature {
        id: &id,
        version: &version.id,
        organisation,
        method: Method::Paper,
        version_sha256: sha256,
        evidence_sha256: Some(evidence),
        account: permit.account(),
        representative: None,
        confirmed_at: None,
    };
    sql::insert_signature(tx, &new, now)?;
    let detail = json!({"organisation": organisation, "sha256": sha256, "evidence_sha256": evidence, "method": Method::Paper});
    happened(tx, agreement, &version.id, EventKind::Signed, Some(permit.account()), detail)?;
    sql::set_state(tx, &version.id, VersionState::PartiallySigned)?;
    Ok(id)
}

/// Confirms, for the party, that the paper recorded is its signature. A second person: never who recorded it.
pub fn confirm_paper(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    version: &Version,
    signature: &SignatureId,
) -> Outcome<Signed> {
    let parties = in_turn(tx, version)?;
    let party = parties.iter().find(|party| party.signature.as_ref().is_some_and(|s| s.id == *signature));
    let (Some(party), Some(recorded)) = (party, party.and_then(|party| party.signature.as_ref())) else {
        return Err(Code::NotFound.into());
    };
    let representative = sign_power(permit, &party.organisation)?;
    if recorded.account == *permit.account() {
        return Err(Fault::saying(
            Code::Forbidden,
            "录入的人不能自己确认,要由这一方的另一位代表确认。",
            "Whoever recorded the paper cannot confirm it.",
        ));
    }
    rules::no_dual_agency(&parties, &party.organisation, permit.account())?;
    let now = tx.now();
    if !sql::confirm_signature(tx, signature, permit.account(), &representative, now)? {
        return Err(Fault::saying(Code::StateConflict, "已经确认过了。", "It is confirmed already."));
    }
    let detail = json!({"organisation": party.organisation, "representative": representative, "signature": signature});
    happened(tx, agreement, &version.id, EventKind::Confirmed, Some(permit.account()), detail)?;
    let agreed = agree_if_complete(tx, agreement, version)?;
    Ok(Signed { id: signature.clone(), agreed })
}

/// The last signature makes the agreement, in its own transaction: the version governs from the later of its first day and
/// this moment, its clauses are compiled, its predecessor ends.
fn agree_if_complete(tx: &mut Tx, agreement: &Agreement, version: &Version) -> Outcome<bool> {
    if !rules::all_signed(&queries::parties(tx, &version.id)?) {
        sql::set_state(tx, &version.id, VersionState::PartiallySigned)?;
        return Ok(false);
    }
    let agreed_at = tx.now();
    // No booking is judged by the old terms beside this: bookings hold their atoms shared until they commit.
    let mut sites = agreement.sites.clone();
    sites.sort();
    for site in &sites {
        phrases::lock_site(tx, site)?;
    }
    let (layout, _) = layout(tx, agreement)?;
    if let Some(reason) = layout.first().and_then(|space| rules::term_over(&version.clauses, space.zone.day_of(agreed_at))) {
        return Err(Fault::refused(Code::StateConflict, vec![reason]));
    }
    let rows = terms_rules::compile(&version.clauses, &layout, agreed_at);
    let (Some(from), Some(to)) = (rows.iter().map(|row| row.from).min(), rows.iter().map(|row| row.to).max()) else {
        return Err(Fault::internal("an agreed version binds nothing"));
    };
    // Every booking made before gets its answer first, judged by what was in force and by what is to be.
    let new = rows.iter().map(|row| (row.space.clone(), row.in_force(&agreement.id, &agreement.code, &version.id, version.no))).collect();
    let of = impact::model::Of { agreement: &agreement.id, area: &agreement.area, sites: &agreement.sites };
    impact::actions::apply(tx, &impact::model::Event::amendment(of, &version.id, from, new), None)?;
    sql::set_state(tx, &version.id, VersionState::Agreed)?;
    sql::insert_effect(tx, &version.id, EffectDates { agreed_at, from, to, superseded: false })?;
    sql::end_effects_before(tx, &agreement.id, &version.id, from)?;
    terms::actions::put_in_force(tx, (&agreement.id, &agreement.code), (&version.id, version.no), &rows)?;
    happened(
        tx,
        agreement,
        &version.id,
        EventKind::Agreed,
        None,
        json!({"version": version.no, "from": from, "to": to, "sha256": version.sha256}),
    )?;
    Ok(true)
}

/// Declines for an organisation, with the reason. Consent is unanimous, so the version ends; the agreement does not.
pub fn decline(
    tx: &mut Tx,
    permit: &Permit<SignVersion>,
    agreement: &Agreement,
    version: &Version,
    organisation: &OrganisationId,
    reason: &str,
) -> Outcome<()> {
    sign_power(permit, organisation)?;
    let parties = in_turn(tx, version)?;
    let party = rules::party(&parties, organisation)?;
    if party.signature.is_some() {
        return Err(Fault::saying(Code::StateConflict, "这一方已经签过了。", "This party has signed already."));
    }
    let now = tx.now();
    sql::insert_decline(tx, &version.id, organisation, permit.account(), reason, now)?;
    sql::set_state(tx, &version.id, VersionState::Declined)?;
    happened(tx, agreement, &version.id, EventKind::Declined, Some(permit.account()), json!({ "organisation": organisation }))
}

/// Takes a version back that is being talked over or signed; its round ends, its signatures drop, its parties are told.
pub fn withdraw(tx: &mut Tx, permit: &Permit<DraftVersion>, agreement: &Agreement, version: &Version) -> Outcome<()> {
    if version.state == VersionState::InRound {
        rounds::end(tx, permit.account(), version)?;
    } else {
        in_turn(tx, version)?;
    }
    sql::set_state(tx, &version.id, VersionState::Withdrawn)?;
    happened(tx, agreement, &version.id, EventKind::Withdrawn, Some(permit.account()), json!({ "version": version.no }))
}

/// What a hub file's agreement brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    /// A new agreement with its first draft.
    Created,
    /// The draft was changed, or a new draft follows the agreed version.
    Drafted,
    /// The latest version says the same already.
    Unchanged,
}

/// Brings an agreement of a hub file in: as a draft, never more. A version that is being signed refuses the file.
pub fn import(tx: &mut Tx, facts: &AgreementFacts, clauses: &[Clause], by: Option<&AccountId>) -> Outcome<Import> {
    let Some(agreement) = queries::by_code(tx, &facts.code)? else {
        let id = create(tx, facts, by)?;
        let agreement = queries::find(tx, &id)?.ok_or_else(|| Fault::internal("an agreement just made is gone"))?;
        next_draft(tx, &agreement, clauses, by)?;
        return Ok(Import::Created);
    };
    let (mut present, mut wanted) = (agreement.sites.clone(), facts.sites.clone());
    present.sort();
    wanted.sort();
    if agreement.area != facts.area || present != wanted {
        let code = &facts.code;
        return Err(Fault::saying(
            Code::ImportRefused,
            format!("协议 {code} 的管理地区和场所不能改。"),
            format!("Area and sites of agreement {code} cannot change."),
        ));
    }
    let latest = queries::versions(tx, &agreement.id)?.into_iter().next();
    match latest {
        Some(version)
            if version.clauses == clauses && version.state != VersionState::Withdrawn && version.state != VersionState::Declined =>
        {
            Ok(Import::Unchanged)
        }
        Some(version) if version.state == VersionState::Draft => edit_draft(tx, &agreement, &version, clauses, by).map(|_| Import::Drafted),
        Some(version) if version.state.is_open_for_signing() || version.state == VersionState::InRound => {
            let code = &facts.code;
            let (zh, en) = (
                format!("协议 {code} 正在商量或签署,先撤回才能改。"),
                format!("Agreement {code} is being talked over or signed; withdraw it first."),
            );
            Err(Fault::saying(Code::ImportRefused, zh, en))
        }
        _ => next_draft(tx, &agreement, clauses, by).map(|_| Import::Drafted),
    }
}
