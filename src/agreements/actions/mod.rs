//! Verbs, told as stories: drafting and proposing here, talking it over in [`rounds`], from the first signature to `agreed` in
//! [`signing`], how long that may take in [`windows`], acts outside a power and one person for two parties in [`agency`], what
//! consent it takes in [`consent`], the owners' vote in [`votes`]; suspending, ending and settling in [`lifecycle`]; and what
//! waits for somebody in [`waiting`].

pub mod agency;
pub mod consent;
pub mod foresight;
pub mod lifecycle;
pub mod rounds;
pub mod signing;
pub mod votes;
pub mod waiting;
pub mod windows;

pub use signing::{Signed, confirm_paper, decline, record_paper, sign, withdraw};

use super::sql;
use super::{queries, rules};
use crate::access::Permit;
use crate::access::deeds::DraftVersion;
use crate::agreements::model::{Agreement, AgreementFacts, EventKind, Version, VersionEvent, VersionState};
use crate::audit::{self, Entry};
use crate::kernel::id::{AccountId, AgreementId, Id, OrganisationId, SiteId, VersionId};
use crate::kernel::{Code, Fault, FieldFault, Outcome, Reason, Zone};
use crate::store::{Conn, Tx};
use crate::terms::model::{Clause, SpaceRef};
use crate::terms::rules::{self as terms_rules, SpaceLayout};
use crate::{areas, impact, outbox, people, places};
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
        EventKind::Extended => "version.extended",
        EventKind::Signed => "version.signed",
        EventKind::Confirmed => "version.confirmed",
        EventKind::SignedOutsidePower => "version.signed_outside_power",
        EventKind::Ratified => "version.ratified",
        EventKind::RatificationRefused => "version.ratification_refused",
        EventKind::RatificationLapsed => "version.ratification_lapsed",
        EventKind::AgencyConsented => "version.agency_consented",
        EventKind::VoteRecorded => "version.vote_recorded",
        EventKind::VoteConfirmed => "version.vote_confirmed",
        EventKind::Declined => "version.declined",
        EventKind::Dissented => "version.dissented",
        EventKind::Withdrawn => "version.withdrawn",
        EventKind::Agreed => "version.agreed",
        EventKind::Lapsed => "version.lapsed",
        EventKind::Annulled => "version.annulled",
    };
    let organisation = detail.get("organisation").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
    audit::record(tx, &Entry { chain: agreement.area.as_str(), actor, action, subject: version.as_str(), detail })?;
    if matches!(kind, EventKind::Drafted | EventKind::Edited) {
        return Ok(());
    }
    outbox::enqueue(tx, &VersionEvent { version: version.clone(), kind, organisation, actor: actor.cloned() })
}

/// Creates an agreement: its identity and the sites it covers, each of which lies in its area. It says nothing yet.
pub fn create(tx: &mut Tx, facts: &AgreementFacts, by: Option<&AccountId>) -> Outcome<AgreementId> {
    let area = areas::queries::find(tx, &facts.area)?.ok_or_else(|| Fault::internal("an agreement of an area that is gone"))?;
    let paths = queries::site_paths(tx, &facts.sites)?;
    let inside = |site: &SiteId| paths.iter().any(|(known, path)| known == site && path.starts_with(&area.path));
    let outside =
        facts.sites.iter().enumerate().filter(|(_, site)| !inside(site)).map(|(i, _)| {
            FieldFault::at(format!("/site_ids/{i}"), "outside-area", "场所不在这个地区。", "The site does not lie in the area.")
        });
    let outside: Vec<FieldFault> = outside.collect();
    if !outside.is_empty() {
        return Err(Fault::invalid(outside));
    }
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
    lifecycle::may_draft(tx, agreement)?;
    let mut versions = queries::versions(tx, &agreement.id)?;
    windows::lapse_if_over(tx, agreement, &mut versions)?;
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
            "提请签署以后不能再改；可以撤回，重新提一版。",
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

/// The zone an agreement's days are counted in: that of its first site.
pub(super) fn zone(conn: &mut Conn, agreement: &Agreement) -> Outcome<Zone> {
    let site = agreement.sites.first().ok_or_else(|| Fault::internal("an agreement covers no site"))?;
    Ok(places::queries::site(conn, site)?.ok_or_else(|| Fault::internal("an agreement covers a site that is gone"))?.zone)
}

/// What stands against proposing these clauses now: conflicts, missing kinds, unknown parties, owners who are no party, a term
/// already over, positions without a reply.
pub fn obstacles(tx: &mut Tx, agreement: &Agreement, clauses: &[Clause]) -> Outcome<Vec<Reason>> {
    let (layout, _) = layout(tx, agreement)?;
    let mut reasons = terms_rules::proposable(clauses, &layout);
    let parties = rules::parties(clauses);
    let named: Vec<String> = parties.iter().map(|party| party.organisation.clone()).collect();
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
    let owned = queries::owned(tx, &agreement.sites)?;
    let mut owners: Vec<OrganisationId> = owned.iter().map(|(_, owner)| owner.clone()).collect();
    owners.sort();
    owners.dedup();
    reasons.extend(rules::owners_missing(&parties, &owned, &people::queries::organisations(tx, &owners)?));
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
    let now = tx.now();
    let before = consent::before(tx, agreement, version.no, now)?;
    let parties = consent::signers(before.as_ref().map(Version::clauses).transpose()?, version.clauses()?);
    let codes: Vec<String> = parties.iter().map(|party| party.organisation.clone()).collect();
    let known = people::queries::organisations_by_code(tx, &codes)?;
    if parties.is_empty() || parties.iter().any(|party| !known.iter().any(|organisation| organisation.code == party.organisation)) {
        return Err(Fault::refused(Code::NotProposable, obstacles(tx, agreement, version.clauses()?)?));
    }
    let (_, sites) = layout(tx, agreement)?;
    let (canonical, sha256) = rules::document(agreement, &sites, version.no, version.clauses()?)?;
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
    let reasons = obstacles(tx, agreement, version.clauses()?)?;
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
    let window = windows::open(tx, agreement, version)?;
    let now = tx.now();
    if let Some((event, plan)) = foresight::foresee(tx, agreement, version, now)? {
        impact::actions::attach(tx, &event, &plan, Some(permit.account()))?;
    }
    let detail = json!({"version": version.no, "sha256": sha256, "closes_at": window.closes_at});
    happened(tx, agreement, &version.id, EventKind::Proposed, Some(permit.account()), detail)?;
    Ok(sha256)
}

/// What a hub file's agreement brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    /// A new agreement with its first draft.
    Created,
    /// The draft or its title was changed, or a new draft follows the agreed version.
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
    let mut versions = queries::versions(tx, &agreement.id)?;
    windows::lapse_if_over(tx, &agreement, &mut versions)?;
    let retitled = (&agreement.title_zh, &agreement.title_en) != (&facts.title_zh, &facts.title_en);
    if retitled {
        // It is part of what is hashed and signed. Whoever proposes the draft beside this meets the draft's new revision below.
        if versions.iter().any(|version| version.sha256.is_some()) {
            let code = &facts.code;
            return Err(Fault::saying(
                Code::ImportRefused,
                format!("协议 {code} 已经提给各方看过，标题不能再改。"),
                format!("Agreement {code} was put to its parties; its title can no longer change."),
            ));
        }
        sql::retitle(tx, &agreement.id, &facts.title_zh, facts.title_en.as_deref())?;
    }
    let latest = versions.into_iter().next();
    match latest {
        Some(version)
            if !retitled
                && version.clauses()? == clauses
                && !matches!(
                    version.state,
                    VersionState::Withdrawn | VersionState::Declined | VersionState::Lapsed | VersionState::Annulled
                ) =>
        {
            Ok(Import::Unchanged)
        }
        Some(version) if version.state == VersionState::Draft => edit_draft(tx, &agreement, &version, clauses, by).map(|_| Import::Drafted),
        Some(version) if version.state.is_open_for_signing() || version.state == VersionState::InRound => {
            let code = &facts.code;
            let (zh, en) = (
                format!("协议 {code} 正在商量或签署，先撤回才能改。"),
                format!("Agreement {code} is being talked over or signed; withdraw it first."),
            );
            Err(Fault::saying(Code::ImportRefused, zh, en))
        }
        _ => next_draft(tx, &agreement, clauses, by).map(|_| Import::Drafted),
    }
}
