//! Verbs, told as stories: drafted, submitted, approved by every unit, sent back when the clauses change.
//!
//! Whoever may put usage terms in force takes the site's atoms first, then their row, as whoever agrees a version does; bookings
//! hold the atoms shared, so that none is made beside it without accepting them.

use super::model::{Approval, Asked, At, Content, Found, OfUsage, UsageEventKind, UsageNews, UsageState, UsageTerms};
use super::queries;
use super::rules::{self, Owned};
use super::sql::{self, Happened, NewDraft};
use crate::access::Permit;
use crate::access::deeds::{ApproveUsageTerms, DraftUsageTerms};
use crate::audit::{self, Entry};
use crate::kernel::id::{Id, OrganisationId, RepresentativeId, SpaceId, UsageTermsId};
use crate::kernel::time::Day;
use crate::kernel::{Code, Fault, FieldFault, Instant, Outcome, Period, Reason};
use crate::people::model::{Power, Role};
use crate::places::model::Space;
use crate::schedule::rules::day_type;
use crate::store::{Conn, Tx, phrases};
use crate::terms::model::{Payload, SpaceRef, TermInForce, UsageInForce};
use crate::terms::rules as terms_rules;
use crate::{outbox, people, places, terms};
use serde_json::json;

/// Keeps what happened three times: as its own event, in the audit chain, and as a job that tells whom it concerns.
fn happened(tx: &mut Tx, at: &At, id: &UsageTermsId, event: &Happened, sha256: Option<&str>) -> Outcome<()> {
    let now = tx.now();
    sql::insert_event(tx, id, event, now)?;
    let action = match event.kind {
        UsageEventKind::Drafted => "usage.drafted",
        UsageEventKind::Edited => "usage.edited",
        UsageEventKind::Submitted => "usage.submitted",
        UsageEventKind::Approved => "usage.approved",
        UsageEventKind::TakingEffect => "usage.taking_effect",
        UsageEventKind::Rejected => "usage.rejected",
        UsageEventKind::Withdrawn => "usage.withdrawn",
        UsageEventKind::SentBack => "usage.sent_back",
        UsageEventKind::Restored => "usage.restored",
    };
    let detail = json!({"organisation": event.unit, "sha256": sha256});
    audit::record(tx, &Entry { chain: at.area.as_str(), actor: event.actor, action, subject: id.as_str(), detail })?;
    if matches!(event.kind, UsageEventKind::Drafted | UsageEventKind::Edited) {
        return Ok(());
    }
    outbox::enqueue(tx, &UsageNews { usage_terms: id.clone(), kind: event.kind, actor: event.actor.cloned() })
}

/// The owner of each of the spaces, by its title or its floor's.
fn owners(conn: &mut Conn, at: &At, spaces: &[Space]) -> Outcome<Vec<Option<OrganisationId>>> {
    let floors = places::queries::floors(conn, &at.site)?;
    let of_floor = |space: &Space| floors.iter().find(|floor| floor.id == space.floor_id).and_then(|floor| floor.title.clone());
    Ok(spaces.iter().map(|space| space.title.clone().or_else(|| of_floor(space))).collect())
}

/// The spaces of a site that usage terms speak of, in order of code.
fn spaces_of(conn: &mut Conn, at: &At, ids: &[SpaceId]) -> Outcome<Vec<Space>> {
    let mut spaces = places::queries::spaces(conn, std::slice::from_ref(&at.site))?;
    spaces.retain(|space| ids.contains(&space.id));
    Ok(spaces)
}

/// Each one of the site's, or a fault at its place.
pub fn known(conn: &mut Conn, at: &At, ids: &[SpaceId]) -> Outcome<()> {
    let known = spaces_of(conn, at, ids)?;
    let strangers = ids.iter().enumerate().filter(|(_, id)| !known.iter().any(|space| space.id == **id));
    let faults: Vec<FieldFault> = strangers
        .map(|(i, _)| FieldFault::at(format!("/space_ids/{i}"), "unknown", "这个场所没有这个空间。", "The site has no such space."))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Fault::invalid(faults)) }
}

/// Usage terms of these spaces as the permission table sees them.
pub fn subject(conn: &mut Conn, at: &At, spaces: &[SpaceId], approvals: &[Approval], known_to_all: bool) -> Outcome<OfUsage> {
    let spaces = spaces_of(conn, at, spaces)?;
    let owners = owners(conn, at, &spaces)?;
    let first = owners.first().cloned().flatten();
    let of_all = first.filter(|first| owners.iter().all(|owner| owner.as_ref() == Some(first)));
    let mut asked: Vec<OrganisationId> = approvals.iter().map(|approval| approval.organisation_id.clone()).collect();
    asked.retain(|unit| at.operator.as_ref() != Some(unit) && of_all.as_ref() != Some(unit));
    Ok(OfUsage { area_path: at.area_path.clone(), drafters: of_all.into_iter().chain(at.operator.clone()).collect(), asked, known_to_all })
}

/// The day they name is not over.
fn not_past(content: &Content, today: Day) -> Outcome<()> {
    match content.from_day {
        Some(day) if day < today => Err(Fault::field("/from_day", "past", "这一天已经过去了。", "That day has passed.")),
        _ => Ok(()),
    }
}

/// Writes usage terms down.
pub fn draft(tx: &mut Tx, permit: &Permit<DraftUsageTerms>, at: &At, spaces: &[SpaceId], content: &Content) -> Outcome<UsageTermsId> {
    let now = tx.now();
    not_past(content, at.zone.day_of(now))?;
    let (id, no) = (UsageTermsId::fresh(), queries::next_no(tx, &at.site)?);
    sql::insert_draft(tx, &NewDraft { id: &id, site: &at.site, no, spaces, content, by: permit.account() }, now)?;
    let event = Happened { kind: UsageEventKind::Drafted, unit: None, actor: Some(permit.account()), text: None };
    happened(tx, at, &id, &event, None)?;
    Ok(id)
}

/// Changes a draft; 409 once it is submitted, 412 when somebody else changed it first. Gives the new revision.
pub fn edit(tx: &mut Tx, permit: &Permit<DraftUsageTerms>, found: &Found, spaces: &[SpaceId], content: &Content) -> Outcome<i32> {
    let terms = &found.terms;
    is_draft(terms)?;
    let now = tx.now();
    not_past(content, found.at.zone.day_of(now))?;
    if !sql::edit_draft(tx, terms, spaces, content)? {
        return Err(Code::PreconditionFailed.into());
    }
    let event = Happened { kind: UsageEventKind::Edited, unit: None, actor: Some(permit.account()), text: None };
    happened(tx, &found.at, &terms.id, &event, None)?;
    Ok(terms.revision + 1)
}

fn is_draft(terms: &UsageTerms) -> Outcome<()> {
    match terms.state {
        UsageState::Draft => Ok(()),
        _ => Err(Fault::saying(
            Code::StateConflict,
            "提请同意以后不能再改；可以撤回，重新起草一份。",
            "Submitted usage terms cannot change; withdraw them and draft new ones.",
        )),
    }
}

/// A space with its name and the terms that bind it at a moment.
struct Bound {
    code: SpaceRef,
    owner: Option<OrganisationId>,
    terms: Vec<TermInForce>,
}

fn bound(conn: &mut Conn, at: &At, ids: &[SpaceId], when: Instant) -> Outcome<Vec<Bound>> {
    let spaces = spaces_of(conn, at, ids)?;
    let owners = owners(conn, at, &spaces)?;
    let moment = Period::new(when, Instant(when.0 + 1)).ok_or_else(|| Fault::internal("an instant is no period"))?;
    let rows = terms::queries::of_spaces(conn, ids, moment)?;
    let each = spaces.into_iter().zip(owners).map(|(space, owner)| {
        let terms = rows.iter().filter(|(id, _)| *id == space.id).map(|(_, row)| row.clone()).collect();
        let code = SpaceRef::new(&at.code, &space.code).ok_or_else(|| Fault::internal("a stored code is no code"))?;
        Ok(Bound { code, owner, terms })
    });
    each.collect()
}

/// What they state lies inside the clauses that bind when they begin; otherwise each figure that does not is refused with its clause.
fn lies_inside(at: &At, bound: &[Bound], content: &Content, when: Instant) -> Outcome<()> {
    let mut reasons: Vec<Reason> = Vec::new();
    for space in bound {
        // Of several spaces the same clause says the same once.
        for reason in terms_rules::outside(&content.figures, &space.terms, when, &at.zone, &|day| day_type(day).0) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(Fault::refused(Code::OutsideClauses, reasons)) }
}

/// Whom they affect.
fn affected(conn: &mut Conn, bound: &[Bound]) -> Outcome<Vec<Asked>> {
    let lender = |term: &TermInForce| match &term.payload {
        Payload::SpaceGrant { by, .. } => Some(by.clone()),
        _ => None,
    };
    let owned = |space: &Bound| Owned {
        code: space.code.clone(),
        owner: space.owner.clone(),
        lenders: space.terms.iter().filter_map(lender).collect(),
    };
    let owned: Vec<Owned> = bound.iter().map(owned).collect();
    let titles: Vec<OrganisationId> = owned.iter().filter_map(|space| space.owner.clone()).collect();
    let lenders: Vec<String> = owned.iter().flat_map(|space| space.lenders.clone()).collect();
    let mut known = people::queries::organisations(conn, &titles)?;
    known.extend(people::queries::organisations_by_code(conn, &lenders)?);
    rules::affected(&owned, &known).map_err(|space| {
        let zh = format!("{space} 是共有部分，也没有人提供，没有能同意的单位。");
        let reason = Reason::plain("no-approver", zh, format!("{space} is a common part and nobody lends it; no unit can approve."));
        Fault::refused(Code::OutsideClauses, vec![reason.figure(space)])
    })
}

/// Freezes a draft, hashes it and puts it to its units. What it states lies inside the clauses, or nobody is asked.
pub fn submit(tx: &mut Tx, permit: &Permit<DraftUsageTerms>, found: &Found) -> Outcome<String> {
    let (terms, at) = (&found.terms, &found.at);
    is_draft(terms)?;
    let now = tx.now();
    not_past(&terms.content, at.zone.day_of(now))?;
    let when = rules::begins(&terms.content, terms.not_before, &at.zone, now);
    let bound = bound(tx, at, &terms.spaces, when)?;
    lies_inside(at, &bound, &terms.content, when)?;
    let asked = affected(tx, &bound)?;
    let codes: Vec<SpaceRef> = bound.into_iter().map(|space| space.code).collect();
    let (canonical, sha256) = rules::document(&at.code, terms.no, &codes, &terms.content)?;
    if !sql::submit(tx, terms, &canonical, &sha256)? {
        return Err(Code::StateConflict.into());
    }
    sql::insert_asked(tx, &terms.id, 1, &asked)?;
    let event = Happened { kind: UsageEventKind::Submitted, unit: None, actor: Some(permit.account()), text: None };
    happened(tx, at, &terms.id, &event, Some(&sha256))?;
    Ok(sha256)
}

/// The power to answer for whoever is asked; `None` for the community in charge. They are no matter of one agreement, so that a power in
/// certain ones alone is none here.
fn power<'p>(permit: &'p Permit<ApproveUsageTerms>, approval: &Approval) -> Outcome<Option<&'p RepresentativeId>> {
    if approval.by_community && permit.by(Role::Community) {
        return Ok(None);
    }
    let represented = permit.who().represents(&approval.organisation_id, Power::Approve);
    represented.map(|r| Some(&r.id)).ok_or_else(|| {
        let (zh, en) = ("您没有代表这个单位同意使用须知的授权。", "You are not authorised to approve for this unit.");
        Fault::saying(Code::Forbidden, zh, en)
    })
}

/// An approval, and what it brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approved {
    /// It was the last one: they are in force from then.
    pub in_force_from: Option<Instant>,
}

/// Reads them again once nobody else decides about them.
fn in_line(tx: &mut Tx, id: &UsageTermsId) -> Outcome<(Found, Vec<Approval>)> {
    let open = sql::take_turn(tx, id, UsageState::Submitted)?;
    let found = queries::find(tx, id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
    if !open && found.terms.state == UsageState::Submitted {
        return Err(Code::StateConflict.into());
    }
    let approvals = queries::approvals(tx, std::slice::from_ref(id))?;
    Ok((found, approvals))
}

/// Approves, for a unit, the text of that hash. With the last approval they are in force, and what was before them ends.
pub fn approve(tx: &mut Tx, permit: &Permit<ApproveUsageTerms>, found: &Found, unit: &OrganisationId, sha256: &str) -> Outcome<Approved> {
    phrases::lock_site(tx, &found.at.site)?;
    let (Found { terms, at }, approvals) = in_line(tx, &found.terms.id)?;
    let asked = rules::may_answer(terms.state, &approvals, unit, Some(sha256), terms.sha256.as_deref())?;
    let representative = power(permit, asked)?;
    let now = tx.now();
    let from = rules::begins(&terms.content, terms.not_before, &at.zone, now);
    // The clauses may have changed since they were submitted.
    let bound = bound(tx, &at, &terms.spaces, from)?;
    lies_inside(&at, &bound, &terms.content, from)?;
    if !sql::approve(tx, &terms, unit, (permit.account(), representative), sha256, now)? {
        return Err(Code::StateConflict.into());
    }
    let event = Happened { kind: UsageEventKind::Approved, unit: Some(unit), actor: Some(permit.account()), text: None };
    happened(tx, &at, &terms.id, &event, Some(sha256))?;
    if approvals.iter().any(|other| other.organisation_id != *unit && other.approved_at.is_none()) {
        return Ok(Approved { in_force_from: None });
    }
    let usage = UsageInForce { id: terms.id.clone(), no: terms.no, sha256: sha256.to_owned(), from, to: Instant::LATEST };
    terms::actions::begin_usage(tx, &terms.spaces, &usage, terms.round)?;
    sql::set_state(tx, &terms.id, UsageState::Approved)?;
    let event = Happened { kind: UsageEventKind::TakingEffect, unit: None, actor: None, text: None };
    happened(tx, &at, &terms.id, &event, Some(sha256))?;
    Ok(Approved { in_force_from: Some(from) })
}

/// Says no for a unit, with the reason; one no ends them.
pub fn reject(tx: &mut Tx, permit: &Permit<ApproveUsageTerms>, found: &Found, unit: &OrganisationId, reason: &str) -> Outcome<()> {
    let (Found { terms, at }, approvals) = in_line(tx, &found.terms.id)?;
    power(permit, rules::may_answer(terms.state, &approvals, unit, None, None)?)?;
    sql::set_state(tx, &terms.id, UsageState::Rejected)?;
    let event = Happened { kind: UsageEventKind::Rejected, unit: Some(unit), actor: Some(permit.account()), text: Some(reason) };
    happened(tx, &at, &terms.id, &event, terms.sha256.as_deref())
}

/// Takes usage terms back that are not in force.
pub fn withdraw(tx: &mut Tx, permit: &Permit<DraftUsageTerms>, found: &Found) -> Outcome<()> {
    let (id, state) = (&found.terms.id, found.terms.state);
    // A booking may be made just now for a day on which they would have been in force.
    phrases::lock_site(tx, &found.at.site)?;
    if !sql::take_turn(tx, id, state)? {
        return Err(Code::StateConflict.into());
    }
    let now = tx.now();
    let periods: Vec<Period> = terms::queries::usage_periods(tx, std::slice::from_ref(id))?.into_iter().map(|(.., p)| p).collect();
    let binds = periods.iter().any(|period| period.start() <= now && now < period.end());
    rules::withdraw(rules::standing(state, &periods, now), binds)?;
    terms::actions::end_usage(tx, id, now)?;
    sql::set_state(tx, id, UsageState::Withdrawn)?;
    let event = Happened { kind: UsageEventKind::Withdrawn, unit: None, actor: Some(permit.account()), text: None };
    happened(tx, &found.at, id, &event, found.terms.sha256.as_deref())
}

/// Material clauses about these spaces change at `effect`: usage terms that speak of any of them and would bind beyond it, or are
/// being approved, go back to their units. Called in the transaction that decides, with the atoms of the sites locked and the new
/// terms in place.
pub fn send_back(tx: &mut Tx, spaces: &[SpaceId], effect: Instant) -> Outcome<()> {
    let standing = queries::standing_in(tx, spaces)?;
    if standing.is_empty() {
        return Ok(());
    }
    let ids: Vec<UsageTermsId> = standing.iter().map(|found| found.terms.id.clone()).collect();
    let periods = terms::queries::usage_periods(tx, &ids)?;
    let reaches = |id: &UsageTermsId| periods.iter().any(|(of, _, period)| of == id && period.end() > effect);
    for found in standing.iter().filter(|found| found.terms.state == UsageState::Submitted || reaches(&found.terms.id)) {
        ask_again(tx, found, effect)?;
    }
    Ok(())
}

fn ask_again(tx: &mut Tx, found: &Found, effect: Instant) -> Outcome<()> {
    if !sql::take_turn(tx, &found.terms.id, found.terms.state)? {
        // Taken back, refused or approved a moment ago: whoever did it committed before us.
        return match queries::find(tx, &found.terms.id)? {
            Some(now) if matches!(now.terms.state, UsageState::Submitted | UsageState::Approved) => ask_again(tx, &now, effect),
            _ => Ok(()),
        };
    }
    let (terms, at) = (&found.terms, &found.at);
    terms::actions::end_usage(tx, &terms.id, effect)?;
    let round = queries::last_round(tx, &terms.id)? + 1;
    sql::ask_again(tx, terms, round, effect.max(terms.not_before))?;
    let bound = bound(tx, at, &terms.spaces, rules::begins(&terms.content, effect, &at.zone, effect))?;
    // Where nobody lends a common part any more, those who were asked before are asked.
    let asked = affected(tx, &bound).or_else(|_| {
        let before = queries::approvals_of(tx, &terms.id, terms.round)?;
        Ok::<_, Fault>(before.into_iter().map(|a| Asked { organisation: a.organisation_id, by_community: a.by_community }).collect())
    })?;
    sql::insert_asked(tx, &terms.id, round, &asked)?;
    let event = Happened { kind: UsageEventKind::SentBack, unit: None, actor: None, text: None };
    happened(tx, at, &terms.id, &event, terms.sha256.as_deref())
}

/// A change of clauses about these spaces that would have taken effect at `effect` was taken back: usage terms that went back to their
/// units because of it and that every unit had approved before bind as they did. Called with the atoms of the sites locked.
pub fn restore(tx: &mut Tx, spaces: &[SpaceId], effect: Instant) -> Outcome<()> {
    for Found { terms, at } in queries::standing_in(tx, spaces)? {
        let before = terms.round - 1;
        if terms.state != UsageState::Submitted || terms.not_before != effect || before < 1 {
            continue;
        }
        let mut replaced = false;
        for space in &terms.spaces {
            replaced |= !terms::queries::usage_of(tx, space, effect)?.is_empty();
        }
        let approved = !replaced && queries::approvals_of(tx, &terms.id, before)?.iter().all(|approval| approval.approved_at.is_some());
        if !approved || !sql::take_turn(tx, &terms.id, UsageState::Submitted)? {
            continue;
        }
        terms::actions::prolong_usage(tx, &terms.id, before, effect)?;
        sql::restore(tx, &terms.id, before)?;
        let event = Happened { kind: UsageEventKind::Restored, unit: None, actor: None, text: None };
        happened(tx, &at, &terms.id, &event, terms.sha256.as_deref())?;
    }
    Ok(())
}
