//! Listeners: a job becomes notices.

use super::model::Message;
use super::{rules, sql};
use crate::agreements::model::VersionEvent;
use crate::bookings::model::{BookingCancelled, BookingMade, Holder};
use crate::impact::model::PlanApplied;
use crate::kernel::id::{AccountId, BookingId};
use crate::kernel::{Fault, Outcome};
use crate::outbox::runner::Listener;
use crate::outbox::{Announcement, Job};
use crate::store::Tx;
use crate::{agreements, bookings, impact, people, places};
use serde::de::DeserializeOwned;

/// The listener of a kind of job, if its news are told here.
pub fn listener(kind: &str) -> Option<Listener> {
    match kind {
        BookingMade::KIND => Some(|tx, job| tell_of_booking(tx, job, &payload::<BookingMade>(job)?.booking, true)),
        BookingCancelled::KIND => Some(|tx, job| tell_of_booking(tx, job, &payload::<BookingCancelled>(job)?.booking, false)),
        VersionEvent::KIND => Some(tell_of_version),
        PlanApplied::KIND => Some(tell_of_plan),
        _ => None,
    }
}

fn payload<A: Announcement + DeserializeOwned>(job: &Job) -> Outcome<A> {
    serde_json::from_value(job.payload.clone()).map_err(|e| Fault::internal(format!("payload of {}: {e}", job.kind)))
}

fn tell(tx: &mut Tx, job: &Job, whom: &[AccountId], kind: &str, subject: &str, message: &Message) -> Outcome<()> {
    let now = tx.now();
    for account in whom {
        sql::insert_once(tx, account, &job.id, kind, subject, message, now)?;
    }
    Ok(())
}

/// Everybody of the household, or whoever acts for the organisation.
fn tell_of_booking(tx: &mut Tx, job: &Job, id: &BookingId, made: bool) -> Outcome<()> {
    let Some(found) = bookings::queries::find(tx, id)? else { return Ok(()) };
    let booking = found.booking;
    let Some(place) = places::queries::located(tx, &booking.space)? else { return Ok(()) };
    let now = tx.now();
    let whom = match &booking.holder {
        Holder::Household(household) => people::queries::members(tx, household)?,
        Holder::Organisation(organisation) => people::queries::representing(tx, std::slice::from_ref(organisation), now)?,
    };
    let message = rules::booking(made, &place.space.name_zh, place.space.name_en.as_deref(), &place.site.zone, booking.period);
    tell(tx, job, &whom, &job.kind, id.as_str(), &message)
}

/// Every representative of every party, but for the one who acted.
fn tell_of_version(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let event: VersionEvent = payload(job)?;
    let Some((agreement, no)) = agreements::queries::version_of(tx, &event.version)? else { return Ok(()) };
    let Some(agreement) = agreements::queries::find(tx, &agreement)? else { return Ok(()) };
    let Some(message) = rules::version(event.kind, &agreement.title_zh, agreement.title_en.as_deref(), no) else { return Ok(()) };
    let parties: Vec<_> = agreements::queries::parties(tx, &event.version)?.into_iter().map(|party| party.organisation).collect();
    let now = tx.now();
    let mut whom = people::queries::representing(tx, &parties, now)?;
    whom.retain(|account| event.actor.as_ref() != Some(account));
    tell(tx, job, &whom, &format!("version.{}", event.kind), agreement.id.as_str(), &message)
}

/// Each holder with a booking in the plan, once: what becomes of all of theirs.
fn tell_of_plan(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let news: PlanApplied = payload(job)?;
    let Some(plan) = impact::queries::plan(tx, &news.plan)? else { return Ok(()) };
    let Some(agreement) = agreements::queries::find(tx, &plan.agreement)? else { return Ok(()) };
    let site = match agreement.sites.first() {
        Some(site) => places::queries::site(tx, site)?,
        None => None,
    };
    let Some(zone) = site.map(|site| site.zone) else { return Ok(()) };
    let held = impact::queries::held_items(tx, &news.plan, &news.households, &news.organisations)?;
    let now = tx.now();
    let mut whom: Vec<(String, AccountId)> = Vec::new();
    whom.extend(people::queries::members_of(tx, &news.households)?.into_iter().map(|(id, account)| (id.to_string(), account)));
    whom.extend(people::queries::acting_for(tx, &news.organisations, now)?.into_iter().map(|(id, account)| (id.to_string(), account)));
    for (holder, account) in whom {
        let of_holder = |item: &&impact::queries::HeldItem| {
            item.household.as_ref().is_some_and(|id| id.as_str() == holder)
                || item.organisation.as_ref().is_some_and(|id| id.as_str() == holder)
        };
        let mine: Vec<_> = held.iter().filter(of_holder).collect();
        let message = rules::plan(&agreement.title_zh, agreement.title_en.as_deref(), &zone, &mine);
        tell(tx, job, std::slice::from_ref(&account), &job.kind, plan.id.as_str(), &message)?;
    }
    Ok(())
}
