//! Listeners: a job becomes notices. Verbs of the inbox. [`series`]: of bookings made by a rule.

mod series;

use super::model::{Letter, MailNotice, Message, NoticeSettings, Reader, Topic};
use super::sql::{About, Which};
use super::{queries, rules, sql};
use crate::access::Permit;
use crate::access::deeds::OwnAccount;
use crate::agreements::model::VersionEvent;
use crate::agreements::model::lifecycle::{AgreementEvent, LifeKind, ReviewNear};
use crate::agreements::model::signing::Reminded;
use crate::bookings::model::attendance::{AppealDecided, BookingMissed};
use crate::bookings::model::requests::{BookingRequested, RequestEnded};
use crate::bookings::model::series::SeriesTold;
use crate::bookings::model::waiting::{BookingHeld, HoldExpired, WaitLapsed};
use crate::bookings::model::{Booking, BookingCancelled, BookingMade, BookingState, Channel, Holder};
use crate::impact::model::{ImpactEventKind, PlanApplied};
use crate::impact::queries::HeldItem;
use crate::kernel::id::{AccountId, BookingId, NoticeId, OrganisationId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::outbox::runner::Listener;
use crate::outbox::{Announcement, Job};
use crate::people::model::{Organisation, PasswordReplaced, ResetOffered, Role};
use crate::places::queries::Located;
use crate::store::Tx;
use crate::terms::model::PartyCapacity;
use crate::usage::model::{Found, UsageEventKind, UsageNews};
use crate::{agreements, areas, bookings, impact, outbox, people, places, usage};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// Notices removed in one transaction.
const FORGET_AT_ONCE: i64 = 500;

/// The listener of a kind of job, if its news are told here.
pub fn listener(kind: &str) -> Option<Listener> {
    match kind {
        BookingRequested::KIND => Some(tell_approvers),
        RequestEnded::KIND => Some(tell_of_answer),
        BookingMade::KIND => Some(|tx, job| tell_of_booking(tx, job, &payload::<BookingMade>(job)?.booking, true)),
        BookingCancelled::KIND => Some(|tx, job| tell_of_booking(tx, job, &payload::<BookingCancelled>(job)?.booking, false)),
        VersionEvent::KIND => Some(tell_of_version),
        PlanApplied::KIND => Some(tell_of_plan),
        AgreementEvent::KIND => Some(tell_of_agreement),
        ReviewNear::KIND => Some(tell_of_review),
        Reminded::KIND => Some(remind),
        SeriesTold::KIND => Some(series::tell),
        UsageNews::KIND => Some(tell_of_usage),
        BookingHeld::KIND => Some(|tx, job| tell_of_hold(tx, job, &payload::<BookingHeld>(job)?.booking)),
        HoldExpired::KIND => Some(|tx, job| tell_of_hold(tx, job, &payload::<HoldExpired>(job)?.booking)),
        WaitLapsed::KIND => Some(tell_of_waiting_in_vain),
        BookingMissed::KIND => Some(tell_of_missing),
        AppealDecided::KIND => Some(tell_of_decision),
        PasswordReplaced::KIND => Some(tell_of_password),
        ResetOffered::KIND => Some(tell_of_code),
        _ => None,
    }
}

/// Deletes everything an account was told.
pub fn forget(tx: &mut Tx, account: &AccountId) -> Outcome<()> {
    sql::forget(tx, account)
}

fn payload<A: Announcement + DeserializeOwned>(job: &Job) -> Outcome<A> {
    serde_json::from_value(job.payload.clone()).map_err(|e| Fault::internal(format!("payload of {}: {e}", job.kind)))
}

/// Writes the notices, and leaves a mail for everybody who has an address: one, for however many parties they are told the same.
fn tell(tx: &mut Tx, job: &Job, news: &[(Reader, Message)], kind: &str, subject: &str) -> Outcome<()> {
    let (now, about) = (tx.now(), About { job: &job.id, kind, subject });
    let accounts: Vec<AccountId> = news.iter().map(|(reader, _)| reader.account.clone()).collect();
    let mut mailed = people::queries::with_email(tx, &accounts)?;
    if let Some(topic) = rules::topic(kind).filter(|_| !mailed.is_empty()) {
        let off = queries::mail_off(tx, &mailed)?;
        mailed.retain(|account| !off.iter().any(|(of, topics)| of == account && topics.contains(&topic)));
    }
    let mut told = BTreeSet::new();
    for (reader, message) in news {
        let Some(notice) = sql::insert_once(tx, reader, &about, message, now)? else { continue };
        if mailed.contains(&reader.account) && told.insert((&reader.account, &message.zh)) {
            outbox::enqueue(tx, &MailNotice { notice })?;
        }
    }
    Ok(())
}

/// Everybody is told the same.
fn the_same(whom: Vec<Reader>, message: &Message) -> Vec<(Reader, Message)> {
    whom.into_iter().map(|reader| (reader, message.clone())).collect()
}

/// What a job of the outside carries, read at the last moment; `None`: whoever was to get it is gone, or has no address.
pub fn letter(tx: &mut Tx, job: &Job, public_url: &str) -> Outcome<Option<Letter>> {
    if job.kind != MailNotice::KIND {
        return Err(Fault::internal(format!("no work outside for jobs of kind {}", job.kind)));
    }
    let MailNotice { notice } = payload(job)?;
    let Some((reader, notice)) = queries::find(tx, &notice)? else { return Ok(None) };
    let Some(to) = people::queries::account(tx, &reader)?.and_then(|account| account.email) else { return Ok(None) };
    let (subject, body) = rules::letter(&notice, public_url);
    Ok(Some(Letter { job: job.id.clone(), to, subject, body, written_at: notice.created_at }))
}

/// Those who act for some organisations, each told for the one it acts for.
fn acting_for(tx: &mut Tx, organisations: &[OrganisationId]) -> Outcome<Vec<Reader>> {
    let now = tx.now();
    let pairs = people::queries::representing(tx, organisations, now)?;
    Ok(pairs.into_iter().map(|(account, organisation)| Reader { account, organisation: Some(organisation) }).collect())
}

/// Whoever has a role in an area.
fn in_charge(tx: &mut Tx, role: Role, area_path: &str) -> Outcome<Vec<Reader>> {
    let now = tx.now();
    let accounts = people::queries::in_charge(tx, role, area_path, now)?;
    Ok(accounts.into_iter().map(|account| Reader { account, organisation: None }).collect())
}

/// More readers; whoever is told already is told once.
fn also(whom: &mut Vec<Reader>, more: Vec<Reader>) {
    for reader in more {
        if !whom.iter().any(|told| told.account == reader.account) {
            whom.push(reader);
        }
    }
}

/// To those who hold it.
fn tell_of_booking(tx: &mut Tx, job: &Job, id: &BookingId, made: bool) -> Outcome<()> {
    let Some(found) = bookings::queries::find(tx, id)? else { return Ok(()) };
    let booking = found.booking;
    let Some(place) = places::queries::located(tx, &booking.space)? else { return Ok(()) };
    let whom = holders(tx, &booking.holder)?;
    let message = rules::booking(made, &place.space.name_zh, place.space.name_en.as_deref(), &place.site.zone, booking.period);
    let ended = if made { None } else { bookings::queries::cancellation(tx, id)? };
    let message = match assisted(tx, &booking, &place)? {
        Some(message) if made => message,
        _ => rules::with_reason(message, ended.as_ref(), booking.price),
    };
    tell(tx, job, &the_same(whom, &message), &job.kind, id.as_str())
}

/// What a neighbour is told for whom somebody booked.
fn assisted(tx: &mut Tx, booking: &Booking, place: &Located) -> Outcome<Option<Message>> {
    if booking.channel != Channel::Assisted {
        return Ok(None);
    }
    let role = bookings::queries::assisted::helper_role(tx, &booking.id)?;
    let booked = booking.state != BookingState::Requested;
    let named = (place.space.name_zh.as_str(), place.space.name_en.as_deref());
    Ok(Some(rules::assisted(role, booked, named, &place.site.zone, booking.period)))
}

/// To those a space is kept for, or was.
fn tell_of_hold(tx: &mut Tx, job: &Job, id: &BookingId) -> Outcome<()> {
    let Some(found) = bookings::queries::find(tx, id)? else { return Ok(()) };
    let booking = found.booking;
    let Some(place) = places::queries::located(tx, &booking.space)? else { return Ok(()) };
    let Some((_, hold)) = bookings::queries::waiting::holds(tx, std::slice::from_ref(id))?.pop() else { return Ok(()) };
    let whom = holders(tx, &booking.holder)?;
    let until = (job.kind == BookingHeld::KIND).then_some(hold.until);
    let message = rules::hold(until, (&place.space.name_zh, place.space.name_en.as_deref()), &place.site.zone, booking.period);
    tell(tx, job, &the_same(whom, &message), &job.kind, id.as_str())
}

/// To those whose time in line began and never came free, or is not allowed any more.
fn tell_of_waiting_in_vain(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let WaitLapsed { entry, refused } = payload(job)?;
    let Some((entry, ..)) = bookings::queries::waiting::find(tx, &entry)? else { return Ok(()) };
    let Some(place) = places::queries::located(tx, &entry.space)? else { return Ok(()) };
    let whom = holders(tx, &entry.holder)?;
    let named = (place.space.name_zh.as_str(), place.space.name_en.as_deref());
    let message = rules::lapsed(named, &place.site.zone, entry.period, refused.as_ref());
    tell(tx, job, &the_same(whom, &message), &job.kind, entry.id.as_str())
}

/// To those who did not come: that it counts, what follows, and what they can do.
fn tell_of_missing(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let id = payload::<BookingMissed>(job)?.booking;
    let Some(found) = bookings::queries::find(tx, &id)? else { return Ok(()) };
    let booking = found.booking;
    let Some(place) = places::queries::located(tx, &booking.space)? else { return Ok(()) };
    let now = tx.now();
    let missed = bookings::queries::attendance::missed(tx, &booking.holder, now)?;
    let Some(limit) = bookings::rules::attendance::limit(&missed, now) else { return Ok(()) };
    let whom = holders(tx, &booking.holder)?;
    let message = rules::missed(&limit, (&place.space.name_zh, place.space.name_en.as_deref()), &place.site.zone, booking.period);
    tell(tx, job, &the_same(whom, &message), &job.kind, id.as_str())
}

/// To those who appealed.
fn tell_of_decision(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let AppealDecided { booking: id, outcome } = payload(job)?;
    let Some(found) = bookings::queries::find(tx, &id)? else { return Ok(()) };
    let Some(place) = places::queries::located(tx, &found.booking.space)? else { return Ok(()) };
    let whom = holders(tx, &found.booking.holder)?;
    let message = rules::decision(outcome, (&place.space.name_zh, place.space.name_en.as_deref()), &place.site.zone, found.booking.period);
    tell(tx, job, &the_same(whom, &message), &job.kind, id.as_str())
}

/// To whoever signs in with it.
fn tell_of_password(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let PasswordReplaced { account, by_code } = payload(job)?;
    let (subject, message) = (account.to_string(), rules::password(by_code));
    tell(tx, job, &[(Reader { account, organisation: None }, message)], &job.kind, &subject)
}

/// To whoever a desk gave a way to another password for.
fn tell_of_code(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let ResetOffered { account, desk } = payload(job)?;
    let desk = desk.map_or(Ok(None), |desk| areas::queries::find(tx, &desk))?;
    let message = rules::reset_offered(desk.as_ref().map(|area| (area.name_zh.as_str(), area.name_en.as_deref())));
    let subject = account.to_string();
    tell(tx, job, &[(Reader { account, organisation: None }, message)], &job.kind, &subject)
}

/// Everybody of the household, or whoever acts for the organisation.
fn holders(tx: &mut Tx, holder: &Holder) -> Outcome<Vec<Reader>> {
    match holder {
        Holder::Household(household) => {
            let members = people::queries::members(tx, household)?;
            Ok(members.into_iter().map(|account| Reader { account, organisation: None }).collect())
        }
        Holder::Organisation(organisation) => acting_for(tx, std::slice::from_ref(organisation)),
    }
}

/// Whoever acts for those that are asked; for a community its desk too, which answers by its role.
fn who_may_say_yes(tx: &mut Tx, asked: &[OrganisationId], by_desk: bool, area_path: &str) -> Outcome<Vec<Reader>> {
    let mut whom = acting_for(tx, asked)?;
    if by_desk {
        also(&mut whom, in_charge(tx, Role::Community, area_path)?);
    }
    Ok(whom)
}

/// Those who must say yes to a booking.
fn tell_approvers(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let id = payload::<BookingRequested>(job)?.booking;
    let Some(found) = bookings::queries::find(tx, &id)? else { return Ok(()) };
    let booking = found.booking;
    let Some(place) = places::queries::located(tx, &booking.space)? else { return Ok(()) };
    let approvers = bookings::queries::requests::approvers(tx, std::slice::from_ref(&id))?;
    let Some(deadline) = approvers.first().map(|approver| approver.deadline_at) else { return Ok(()) };
    let by_desk = approvers.iter().any(|approver| approver.capacity == PartyCapacity::Community);
    let organisations: Vec<_> = approvers.into_iter().map(|approver| approver.organisation_id).collect();
    let whom = who_may_say_yes(tx, &organisations, by_desk, &place.area_path)?;
    let message = rules::request((&place.space.name_zh, place.space.name_en.as_deref()), &place.site.zone, booking.period, deadline);
    tell(tx, job, &the_same(whom, &message), &job.kind, id.as_str())?;
    // A neighbour did not ask themselves, and hears that somebody did.
    match assisted(tx, &booking, &place)? {
        Some(message) => {
            let whom = holders(tx, &booking.holder)?;
            tell(tx, job, &the_same(whom, &message), &job.kind, id.as_str())
        }
        None => Ok(()),
    }
}

/// To those who asked.
fn tell_of_answer(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let RequestEnded { booking: id, outcome } = payload(job)?;
    let Some(found) = bookings::queries::find(tx, &id)? else { return Ok(()) };
    let booking = found.booking;
    let Some(place) = places::queries::located(tx, &booking.space)? else { return Ok(()) };
    let whom = holders(tx, &booking.holder)?;
    let message = rules::answer(outcome, (&place.space.name_zh, place.space.name_en.as_deref()), &place.site.zone, booking.period);
    tell(tx, job, &the_same(whom, &message), &job.kind, id.as_str())
}

/// The organisation of that id.
fn organisation(tx: &mut Tx, id: Option<&OrganisationId>) -> Outcome<Option<Organisation>> {
    Ok(people::queries::organisations(tx, id.map(std::slice::from_ref).unwrap_or_default())?.pop())
}

fn named(organisation: &Organisation) -> rules::Named<'_> {
    (&organisation.name_zh, organisation.name_en.as_deref())
}

/// Every representative of every party, but for the one who acted.
fn tell_of_version(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let event: VersionEvent = payload(job)?;
    let Some((agreement, no)) = agreements::queries::version_of(tx, &event.version)? else { return Ok(()) };
    let Some(agreement) = agreements::queries::find(tx, &agreement)? else { return Ok(()) };
    let who = organisation(tx, event.organisation.as_ref())?;
    let title = (agreement.title_zh.as_str(), agreement.title_en.as_deref());
    let Some(message) = rules::version(event.kind, title, no, who.as_ref().map(named)) else { return Ok(()) };
    let parties: Vec<_> = agreements::queries::parties(tx, &event.version)?.into_iter().map(|party| party.organisation).collect();
    let mut whom = acting_for(tx, &parties)?;
    whom.retain(|reader| event.actor.as_ref() != Some(&reader.account));
    tell(tx, job, &the_same(whom, &message), &format!("version.{}", event.kind), agreement.id.as_str())
}

/// The household or organisation whose part in a plan it is, by id.
fn holder_of(item: &HeldItem) -> Option<&str> {
    item.household.as_ref().map(|id| id.as_str()).or(item.organisation.as_ref().map(|id| id.as_str()))
}

/// Each holder with a booking in the plan, once: what becomes of all of theirs.
fn tell_of_plan(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let news: PlanApplied = payload(job)?;
    let Some(plan) = impact::queries::plan(tx, &news.plan)? else { return Ok(()) };
    let Some(agreement) = agreements::queries::find(tx, &plan.agreement)? else { return Ok(()) };
    let closed = impact::queries::closures::reason(tx, &plan.subject)?;
    let site = match closed.as_ref().map(|(site, _)| site).or(agreement.sites.first()) {
        Some(site) => places::queries::site(tx, site)?,
        None => None,
    };
    let Some(site) = site else { return Ok(()) };
    let zone = &site.zone;
    let held = impact::queries::held_items(tx, &news.plan, &news.households, &news.organisations)?;
    let spaces: Vec<_> = held.iter().map(|item| item.space.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let spaces = places::queries::named(tx, &spaces)?;
    let members = people::queries::members_of(tx, &news.households)?.into_iter();
    let mut whom: Vec<(String, Reader)> = members.map(|(id, account)| (id.to_string(), Reader { account, organisation: None })).collect();
    let acting = acting_for(tx, &news.organisations)?.into_iter();
    whom.extend(acting.filter_map(|reader| Some((reader.organisation.as_ref()?.to_string(), reader))));
    let news = whom.into_iter().map(|(holder, reader)| {
        let mine: Vec<_> = held.iter().filter(|item| holder_of(item) == Some(holder.as_str())).collect();
        // Of whoever has one booking in the plan and no more, which it is.
        let only = match mine.as_slice() {
            [one] => spaces.iter().find(|space| space.id == one.space).zip(one.period),
            _ => None,
        };
        let only = only.map(|(space, period)| ((space.name_zh.as_str(), space.name_en.as_deref()), &space.zone, period));
        let message = match &closed {
            Some((_, reason)) => {
                let site = (site.name_zh.as_str(), site.name_en.as_deref());
                let shut = rules::impact::Shut { site, reopened: plan.kind == ImpactEventKind::Reopening, reason };
                rules::impact::closure(&shut, zone, &mine, only)
            }
            None => rules::impact::plan((&agreement.title_zh, agreement.title_en.as_deref()), zone, &mine, only),
        };
        (reader, message)
    });
    let news: Vec<_> = news.collect();
    tell(tx, job, &news, &job.kind, plan.id.as_str())
}

/// Marks a notice of one's own as read; doing it again changes nothing. Somebody else's is 404.
pub fn read(tx: &mut Tx, permit: &Permit<OwnAccount>, id: &NoticeId) -> Outcome<()> {
    let now = tx.now();
    known(tx, permit.account(), id)?;
    sql::mark_read(tx, permit.account(), &Which::One(id), now).map(|_| ())
}

/// Marks what was there to be seen: a notice and all before it, perhaps of one party only; gives how many were new.
pub fn read_until(tx: &mut Tx, permit: &Permit<OwnAccount>, id: &NoticeId, organisation: Option<&OrganisationId>) -> Outcome<usize> {
    let now = tx.now();
    known(tx, permit.account(), id)?;
    sql::mark_read(tx, permit.account(), &Which::Until(id, organisation), now)
}

fn known(tx: &mut Tx, account: &AccountId, id: &NoticeId) -> Outcome<()> {
    if queries::has(tx, account, id)? { Ok(()) } else { Err(Code::NotFound.into()) }
}

/// Puts what an account does without in place of the settings it has seen; gives the new revision.
pub fn put_settings(tx: &mut Tx, permit: &Permit<OwnAccount>, seen: &NoticeSettings, off: &[Topic]) -> Outcome<i32> {
    let now = tx.now();
    sql::put_settings(tx, permit.account(), seen, off, now)
}

/// Removes notices of long ago, some at a time; gives how many. Called until none is left.
pub fn forget_old(tx: &mut Tx) -> Outcome<usize> {
    let before = rules::kept_since(tx.now());
    sql::delete_before(tx, before, FORGET_AT_ONCE)
}

/// Every representative of every party, but for the one who acted; of a suspension that has lasted long, the street too.
fn tell_of_agreement(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let event: AgreementEvent = payload(job)?;
    let Some(agreement) = agreements::queries::find(tx, &event.agreement)? else { return Ok(()) };
    let zone = match agreement.sites.first() {
        Some(site) => places::queries::site(tx, site)?.map(|site| site.zone),
        None => None,
    };
    let Some(zone) = zone else { return Ok(()) };
    let who = organisation(tx, event.organisation.as_ref())?;
    let suspended = agreements::queries::lifecycle::life(tx, &agreement.id)?.suspensions;
    let suspended = suspended.into_iter().find(|suspension| suspension.id.as_str() == event.subject);
    let mut spaces = Vec::new();
    if let Some(suspended) = suspended {
        spaces = places::queries::spaces(tx, &agreement.sites)?;
        spaces.retain(|space| suspended.spaces.contains(&space.id));
    }
    let told = rules::Told {
        until: event.until.map(|until| zone.say_end(Instant(until))),
        who: who.as_ref().map(named),
        spaces: spaces.iter().map(|space| (space.name_zh.as_str(), space.name_en.as_deref())).collect(),
    };
    let message = rules::agreement(event.kind, (&agreement.title_zh, agreement.title_en.as_deref()), &told);
    let parties = agreements::queries::signed_parties(tx, &agreement.id)?;
    let mut whom = acting_for(tx, &parties)?;
    if event.kind == LifeKind::SuspensionEscalated {
        also(&mut whom, in_charge(tx, Role::Street, &agreement.area_path)?);
    }
    let proposed = [LifeKind::SuspensionProposed, LifeKind::ProposalOrdered, LifeKind::ProposalDeclined].contains(&event.kind);
    if proposed {
        // Who asked need be no party; who answers is whoever sits at the desk.
        let asked = agreements::queries::lifecycle::proposals(tx, &agreement.id)?;
        let by: Vec<_> = asked.into_iter().filter(|one| one.id.as_str() == event.subject).map(|one| one.organisation).collect();
        also(&mut whom, acting_for(tx, &by)?);
        also(&mut whom, in_charge(tx, Role::Community, &agreement.area_path)?);
    }
    whom.retain(|reader| event.actor.as_ref() != Some(&reader.account));
    tell(tx, job, &the_same(whom, &message), &format!("agreement.{}", event.kind), agreement.id.as_str())
}

/// Every representative of every party, and whoever sits at the desk: the day on which they look at the agreement again comes near.
fn tell_of_review(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let ReviewNear { agreement, day } = payload(job)?;
    let Some(agreement) = agreements::queries::find(tx, &agreement)? else { return Ok(()) };
    let message = rules::review(&agreement.title_zh, agreement.title_en.as_deref(), day);
    let parties = agreements::queries::signed_parties(tx, &agreement.id)?;
    let mut whom = acting_for(tx, &parties)?;
    also(&mut whom, in_charge(tx, Role::Community, &agreement.area_path)?);
    tell(tx, job, &the_same(whom, &message), ReviewNear::KIND, agreement.id.as_str())
}

/// Every representative of the parties whose signature is missing.
fn remind(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let reminded: Reminded = payload(job)?;
    let Some((agreement, no)) = agreements::queries::version_of(tx, &reminded.version)? else { return Ok(()) };
    let Some(agreement) = agreements::queries::find(tx, &agreement)? else { return Ok(()) };
    let Some(site) = agreement.sites.first() else { return Ok(()) };
    let Some(site) = places::queries::site(tx, site)? else { return Ok(()) };
    let until = site.zone.say_end(Instant(reminded.closes_at_micros));
    let message = rules::reminder(&agreement.title_zh, agreement.title_en.as_deref(), no, until);
    let whom = acting_for(tx, &reminded.organisations)?;
    tell(tx, job, &the_same(whom, &message), "version.reminder", agreement.id.as_str())
}

/// Those who must answer, when something waits for them; those who drafted and those asked, of everything else. Never who acted.
fn tell_of_usage(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let UsageNews { usage_terms: id, kind, actor } = payload(job)?;
    let Some(found) = usage::queries::find(tx, &id)? else { return Ok(()) };
    let spaces = places::queries::named(tx, &found.terms.spaces)?;
    let names: Vec<_> = spaces.iter().map(|space| (space.name_zh.as_str(), space.name_en.as_deref())).collect();
    let message = rules::usage(kind, &names, found.terms.no);
    let mut whom = asked_about(tx, &found)?;
    if !matches!(kind, UsageEventKind::Submitted | UsageEventKind::Withdrawn) {
        let drafter = Reader { account: found.terms.drafted_by.clone(), organisation: None };
        if !whom.iter().any(|reader| reader.account == drafter.account) {
            whom.push(drafter);
        }
    }
    whom.retain(|reader| actor.as_ref() != Some(&reader.account));
    tell(tx, job, &the_same(whom, &message), &format!("usage.{kind}"), id.as_str())
}

/// Whoever acts for the units asked, and the community in charge where it answers.
fn asked_about(tx: &mut Tx, found: &Found) -> Outcome<Vec<Reader>> {
    let asked = usage::queries::approvals(tx, std::slice::from_ref(&found.terms.id))?;
    let units: Vec<_> = asked.iter().map(|approval| approval.organisation_id.clone()).collect();
    who_may_say_yes(tx, &units, asked.iter().any(|approval| approval.by_community), &found.at.area_path)
}
