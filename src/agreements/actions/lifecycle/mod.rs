//! How an agreement lives beside its versions: suspending and lifting in [`suspensions`], asking for it in [`proposals`], notices in [`endings`], taking an
//! agreed version back in [`annulment`]; settling, closing and what comes with time here.
//!
//! Every verb takes the agreement's row first, so that those who suspend, end or amend it stand in line; reads where it stands;
//! asks the one table of phase × facts × verb; then locks the atoms, so that no booking is confirmed beside it; and only then
//! answers every booking and changes the rows.

pub mod annulment;
pub mod endings;
pub mod proposals;
pub mod suspensions;

use crate::access::Permit;
use crate::access::deeds::{CloseAgreement, SettleAgreement};
use crate::agreements::model::lifecycle::{
    AgreementEvent, Life, LifeEvent, LifeKind, LifeTimer, Phase, ReviewNear, ReviewTimer, Standing, Verb,
};
use crate::agreements::model::{Agreement, EffectDates, Version};
use crate::agreements::{queries, rules, sql};
use crate::audit::{self, Entry};
use crate::kernel::id::{AccountId, AgreementId, EntryId, Id, OrganisationId};
use crate::kernel::time::Day;
use crate::kernel::{Code, Fault, Instant, Outcome, Zone};
use crate::outbox::runner::Listener;
use crate::outbox::{self, Announcement};
use crate::store::{Conn, Tx, phrases};
use crate::terms;
use crate::terms::rules::{CompiledTerm, SpaceLayout};
use serde_json::json;

/// Where an agreement stands, read behind its lock.
struct Now {
    versions: Vec<Version>,
    life: Life,
    standing: Standing,
    layout: Vec<SpaceLayout>,
    zone: Zone,
}

impl Now {
    /// The version that governs, or else the one that will.
    fn governing(&self, now: Instant) -> Outcome<&Version> {
        rules::lifecycle::governing(&self.versions, now).ok_or_else(|| Fault::internal("an agreement in force without a version"))
    }
}

/// Takes the agreement's row and reads where it stands.
fn behind_lock(tx: &mut Tx, agreement: &Agreement) -> Outcome<Now> {
    phrases::lock_agreement(tx, &agreement.id)?;
    let versions = queries::versions(tx, &agreement.id)?;
    let (life, standing) = look(tx, &agreement.id, &versions)?;
    let (layout, _) = super::layout(tx, agreement)?;
    let zone = layout.first().map(|space| space.zone.clone()).ok_or_else(|| Fault::internal("an agreement covers no space"))?;
    Ok(Now { versions, life, standing, layout, zone })
}

/// The same, and asks the table about a verb.
fn take(tx: &mut Tx, agreement: &Agreement, verb: Verb) -> Outcome<Now> {
    let found = behind_lock(tx, agreement)?;
    rules::lifecycle::check(&found.standing, verb)?;
    Ok(found)
}

/// Locks the atoms of every site: from here to the commit no booking is confirmed beside us.
fn lock_spaces(tx: &mut Tx, agreement: &Agreement) -> Outcome<()> {
    let mut sites = agreement.sites.clone();
    sites.sort();
    sites.iter().try_for_each(|site| phrases::lock_site(tx, site))
}

/// Something that happened, on its way to be kept and told.
struct Told<'a> {
    kind: LifeKind,
    subject: &'a str,
    organisation: Option<&'a OrganisationId>,
    actor: Option<&'a AccountId>,
    text: Option<&'a str>,
    until: Option<Instant>,
}

/// What happens to an agreement is kept three times: as its own event, in the audit chain, and as a job that tells the parties.
fn tell(tx: &mut Tx, agreement: &Agreement, told: &Told) -> Outcome<EntryId> {
    let event = LifeEvent {
        id: EntryId::fresh(),
        kind: told.kind,
        subject: told.subject.to_owned(),
        organisation: told.organisation.cloned(),
        actor: told.actor.cloned(),
        at: tx.now(),
        text: told.text.map(str::to_owned),
    };
    sql::lifecycle::insert_event(tx, &agreement.id, &event)?;
    let action = match told.kind {
        LifeKind::SuspensionOrdered => "suspension.ordered",
        LifeKind::SuspensionLifted => "suspension.lifted",
        LifeKind::SuspensionUpheld => "suspension.upheld",
        LifeKind::SuspensionEscalated => "suspension.escalated",
        LifeKind::TerminationServed => "termination.served",
        LifeKind::TerminationDisputed => "termination.disputed",
        LifeKind::WithdrawalServed => "withdrawal.served",
        LifeKind::AnnulmentConsented => "annulment.consented",
        LifeKind::Annulled => "version.annulled",
        LifeKind::Expiring => "agreement.expiring",
        LifeKind::SettlementOpened => "settlement.opened",
        LifeKind::Closed => "agreement.closed",
        LifeKind::SuspensionProposed => "suspension.proposed",
        LifeKind::ProposalOrdered => "proposal.ordered",
        LifeKind::ProposalDeclined => "proposal.declined",
    };
    let detail = json!({"agreement": agreement.id, "organisation": told.organisation, "until": told.until});
    audit::record(tx, &Entry { chain: agreement.area.as_str(), actor: told.actor, action, subject: told.subject, detail })?;
    let news = AgreementEvent {
        agreement: agreement.id.clone(),
        kind: told.kind,
        subject: told.subject.to_owned(),
        until: told.until.map(|until| until.0),
        organisation: told.organisation.cloned(),
        actor: told.actor.cloned(),
    };
    outbox::enqueue(tx, &news)?;
    Ok(event.id)
}

/// Where an agreement stands now, with all that happened to it.
pub fn look(tx: &mut Tx, agreement: &AgreementId, versions: &[Version]) -> Outcome<(Life, Standing)> {
    let now = tx.now();
    let life = queries::lifecycle::life(tx, agreement)?;
    let standing = rules::lifecycle::standing(versions, &life, now);
    Ok((life, standing))
}

/// A version may be drafted, or agreed: an amendment, or a renewal. Takes the agreement's row.
pub(super) fn may_draft(tx: &mut Tx, agreement: &Agreement) -> Outcome<()> {
    phrases::lock_agreement(tx, &agreement.id)?;
    let versions = queries::versions(tx, &agreement.id)?;
    let (_, standing) = look(tx, &agreement.id, &versions)?;
    rules::lifecycle::check(&standing, Verb::Amend)
}

/// The rows of a version that is being agreed, shortened where notice runs: what ends the agreement, or a space of it, ends
/// whatever governs until then. Who agrees holds the agreement's row, so that a notice comes before or after.
pub(super) fn clipped(conn: &mut Conn, agreement: &Agreement, rows: &mut [CompiledTerm]) -> Outcome<()> {
    let Some(from) = rows.iter().map(|row| row.from).min() else { return Ok(()) };
    let life = queries::lifecycle::life(conn, &agreement.id)?;
    for row in rows {
        row.to = rules::lifecycle::clipped(&life, &row.space, from, row.to);
    }
    Ok(())
}

/// A version was agreed: its parties will be reminded that nothing is renewed by silence.
pub(super) fn remind_of_end(tx: &mut Tx, agreement: &Agreement, effect: EffectDates) -> Outcome<()> {
    let now = tx.now();
    for days in rules::lifecycle::EXPIRY_REMINDERS {
        let due = effect.to.plus_days(-days);
        if now < due {
            outbox::enqueue_at(tx, &LifeTimer { agreement: agreement.id.clone(), suspension: None, ends_at: effect.to.0 }, due)?;
        }
    }
    Ok(())
}

/// A version was agreed: its parties will be reminded of the days on which they look at it again.
pub(super) fn remind_of_reviews(tx: &mut Tx, agreement: &Agreement, version: &Version) -> Outcome<()> {
    let (zone, now) = (super::zone(tx, agreement)?, tx.now());
    for day in rules::lifecycle::review_days(version.clauses()?) {
        for days in rules::lifecycle::REVIEW_REMINDERS {
            let due = zone.at(*day, 0).plus_days(-days);
            if now < due {
                let timer = ReviewTimer { agreement: agreement.id.clone(), version: version.no, day: *day };
                outbox::enqueue_at(tx, &timer, due)?;
            }
        }
    }
    Ok(())
}

/// Opens the settlement of an agreement that has ended: what was performed, and how it is squared up.
pub fn settle(tx: &mut Tx, permit: &Permit<SettleAgreement>, agreement: &Agreement, text: &str) -> Outcome<EntryId> {
    take(tx, agreement, Verb::Settle)?;
    let actor = Some(permit.account());
    let subject = agreement.id.as_str();
    tell(tx, agreement, &Told { kind: LifeKind::SettlementOpened, subject, organisation: None, actor, text: Some(text), until: None })
}

/// Closes a settled agreement: nothing changes any more. A second person, never who opened the settlement.
pub fn close(tx: &mut Tx, permit: &Permit<CloseAgreement>, agreement: &Agreement, text: &str) -> Outcome<EntryId> {
    let found = take(tx, agreement, Verb::Close)?;
    if found.life.settling.is_some_and(|(_, by)| by == *permit.account()) {
        return Err(Fault::saying(
            Code::Forbidden,
            "结算的人不能自己结清，要由另一位经办。",
            "Whoever opened the settlement cannot close it; a second person does.",
        ));
    }
    let now = tx.now();
    lock_spaces(tx, agreement)?;
    terms::actions::end_suspensions(tx, &agreement.id, None, now)?;
    let actor = Some(permit.account());
    let subject = agreement.id.as_str();
    tell(tx, agreement, &Told { kind: LifeKind::Closed, subject, organisation: None, actor, text: Some(text), until: None })
}

/// The listener of a kind of job, if it is a moment of an agreement.
pub fn listener(kind: &str) -> Option<Listener> {
    match kind {
        LifeTimer::KIND => Some(|tx, job| {
            let timer: LifeTimer = serde_json::from_value(job.payload.clone()).map_err(Fault::internal)?;
            let Some(agreement) = queries::find(tx, &timer.agreement)? else { return Ok(()) };
            match &timer.suspension {
                Some(id) => suspensions::still_stands(tx, &agreement, id),
                None => comes_to_its_end(tx, &agreement, Instant(timer.ends_at)),
            }
        }),
        ReviewTimer::KIND => Some(|tx, job| {
            let timer: ReviewTimer = serde_json::from_value(job.payload.clone()).map_err(Fault::internal)?;
            let Some(agreement) = queries::find(tx, &timer.agreement)? else { return Ok(()) };
            comes_up_for_review(tx, &agreement, timer.version, timer.day)
        }),
        _ => None,
    }
}

/// The parties are reminded, unless the end has moved meanwhile.
fn comes_to_its_end(tx: &mut Tx, agreement: &Agreement, ends_at: Instant) -> Outcome<()> {
    let versions = queries::versions(tx, &agreement.id)?;
    let (_, standing) = look(tx, &agreement.id, &versions)?;
    if !standing.expiring || standing.notice || standing.ends_at != Some(ends_at) {
        return Ok(());
    }
    let subject = agreement.id.as_str();
    let told = Told { kind: LifeKind::Expiring, subject, organisation: None, actor: None, text: None, until: Some(ends_at) };
    tell(tx, agreement, &told).map(drop)
}

/// The parties are reminded, if the day is still to come and the version that names it governs then.
fn comes_up_for_review(tx: &mut Tx, agreement: &Agreement, version: i32, day: Day) -> Outcome<()> {
    let versions = queries::versions(tx, &agreement.id)?;
    let (_, standing) = look(tx, &agreement.id, &versions)?;
    let then = super::zone(tx, agreement)?.at(day, 0);
    let governs = rules::lifecycle::governing(&versions, then).is_some_and(|governing| governing.no == version);
    if then <= tx.now() || !governs || standing.phase == Phase::Closed || standing.ends_at.is_none_or(|end| end <= then) {
        return Ok(());
    }
    outbox::enqueue(tx, &ReviewNear { agreement: agreement.id.clone(), day })
}
