//! Coming, not coming, and what follows: checking in by the code at the door or at the desk, the release of a room nobody came
//! to, completion, appeals, ratings, keys.
//!
//! What a booking becomes by itself (completed, released) is written when its time has come, by a look of the job thread once a
//! second ([`conclude`]), not by a timer for each booking: a booking costs nothing more, moving or cancelling it leaves no timer
//! behind, and what is past reads the same in every list, whoever looks and when.

use super::waiting::promote;
use crate::access::Permit;
use crate::access::deeds::{DecideAppeal, HandKeys, MarkAttendance, UseBooking};
use crate::audit::{self, Entry};
use crate::bookings::model::attendance::{
    Appeal, AppealDecided, AppealOutcome, Attendance, Attended, BookingMissed, Door, KeyMove, KeyNote, Noticed, Rating,
};
use crate::bookings::model::{Booking, BookingState, Holder};
use crate::bookings::queries::{self, Found};
use crate::bookings::rules::attendance as rules;
use crate::bookings::sql;
use crate::kernel::id::{AccountId, BookingId, SpaceId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::places::model::Space;
use crate::places::queries::Located;
use crate::store::{Conn, Tx, phrases};
use crate::{outbox, places, schedule};
use serde_json::json;

fn located(conn: &mut Conn, booking: &Booking) -> Outcome<Located> {
    places::queries::located(conn, &booking.space)?.ok_or_else(|| Fault::internal("a booking's space is gone"))
}

/// The secret of a space's door, made when it is first asked for.
pub fn door(tx: &mut Tx, space: &Space, fresh: String) -> Outcome<Door> {
    let find = |tx: &mut Tx| -> Outcome<Option<Door>> {
        Ok(queries::attendance::doors(tx, &space.site_id)?.into_iter().find(|door| door.space == space.id))
    };
    if let Some(door) = find(tx)? {
        return Ok(door);
    }
    let (door, now) = (Door { site: space.site_id.clone(), space: space.id.clone(), secret: fresh }, tx.now());
    if sql::attendance::insert_secret(tx, &door, now)? {
        return Ok(door);
    }
    find(tx)?.ok_or_else(|| Fault::internal("the secret of a door is gone"))
}

/// Checks in with the code of the door. Doing it again answers the same.
pub fn check_in(tx: &mut Tx, permit: &Permit<UseBooking>, found: &Found, typed: &str) -> Outcome<Attendance> {
    if let Some(before) = came(tx, found)? {
        return Ok(before);
    }
    let (place, now) = (located(tx, &found.booking)?, tx.now());
    rules::check_in(&found.booking, &place.site.zone, now)?;
    at_the_right_door(tx, &place.space, typed, now)?;
    arrive(tx, found, Noticed::Code, permit.account())
}

/// That somebody came, if it was recorded.
fn came(conn: &mut Conn, found: &Found) -> Outcome<Option<Attendance>> {
    let recorded = queries::attendance::of_booking(conn, &found.booking.id)?;
    Ok(recorded.filter(|attendance| attendance.outcome == Attended::Came))
}

/// The code is shown now at the door of the space, or of one that shares a part with it: a hall has its door and those of its
/// parts.
fn at_the_right_door(tx: &mut Tx, space: &Space, typed: &str, now: Instant) -> Outcome<()> {
    let spaces = places::queries::spaces(tx, std::slice::from_ref(&space.site_id))?;
    let atoms = |id: &SpaceId| spaces.iter().find(|space| space.id == *id).map(|space| space.atoms.as_slice()).unwrap_or_default();
    let doors = queries::attendance::doors(tx, &space.site_id)?;
    let said = |door: &Door| rules::shown(&door.secret, door.space.as_str(), typed, now);
    let (mine, others): (Vec<&Door>, Vec<&Door>) =
        doors.iter().partition(|door| atoms(&door.space).iter().any(|atom| space.atoms.contains(atom)));
    let said_here: Vec<rules::Shown> = mine.into_iter().map(said).collect();
    let wrong = |code: &str, zh: &str, en: &str| Err(Fault::field("/code", code, zh, en));
    if said_here.contains(&rules::Shown::Here) {
        return Ok(());
    }
    if said_here.contains(&rules::Shown::Before) {
        return wrong("stale-code", "这个码已经过期了，请看门口现在的码。", "This code is over; use the one the door shows now.");
    }
    match others.into_iter().find(|door| said(door) != rules::Shown::Elsewhere) {
        Some(door) => {
            let other = spaces.iter().find(|space| space.id == door.space);
            let name = other.map(|space| space.name_zh.as_str()).unwrap_or_default();
            let name_en = other.and_then(|space| space.name_en.as_deref()).unwrap_or(name);
            let booked = space.name_en.as_deref().unwrap_or(&space.name_zh);
            let zh = format!("这是{name}门口的码，您订的是{}。", space.name_zh);
            let en = format!("This is the code at the door of {name_en}; your booking is for {booked}.");
            wrong("other-room", &zh, &en)
        }
        None => wrong("wrong-code", "码不对，请看门口现在的码。", "Not a code of this door; use the one it shows now."),
    }
}

fn arrive(tx: &mut Tx, found: &Found, noticed: Noticed, by: &AccountId) -> Outcome<Attendance> {
    let (id, now) = (&found.booking.id, tx.now());
    if !sql::attendance::go_on(tx, id, &[BookingState::Confirmed], BookingState::CheckedIn)? {
        // Somebody else of the household was a moment earlier, or it was cancelled.
        return came(tx, found)?.ok_or_else(|| Code::StateConflict.into());
    }
    let attendance =
        Attendance { booking_id: id.clone(), outcome: Attended::Came, noticed, recorded_by: Some(by.clone()), recorded_at: now };
    sql::attendance::insert(tx, &attendance)?;
    let detail = json!({"noticed": noticed, "late": found.booking.period.start() < now});
    let entry = Entry { chain: &found.area, actor: Some(by), action: "booking.checked_in", subject: id.as_str(), detail };
    audit::record(tx, &entry)?;
    Ok(attendance)
}

/// The desk writes down that somebody came, or that nobody did.
pub fn mark(tx: &mut Tx, permit: &Permit<MarkAttendance>, found: &Found, outcome: Attended) -> Outcome<Attendance> {
    if let Some(before) = queries::attendance::of_booking(tx, &found.booking.id)?.filter(|before| before.outcome == outcome) {
        return Ok(before);
    }
    let now = tx.now();
    match outcome {
        Attended::Came => {
            let place = located(tx, &found.booking)?;
            rules::check_in(&found.booking, &place.site.zone, now)?;
            arrive(tx, found, Noticed::Desk, permit.account())
        }
        Attended::Missed => {
            rules::mark_missed(&found.booking, now)?;
            let missed = let_go(tx, found, Noticed::Desk, Some(permit.account()))?;
            missed.ok_or_else(|| Code::StateConflict.into())
        }
    }
}

/// Nobody came: what is left of the time is free for others, and it counts. `None`: somebody did something else about it.
fn let_go(tx: &mut Tx, found: &Found, noticed: Noticed, by: Option<&AccountId>) -> Outcome<Option<Attendance>> {
    let (id, now) = (&found.booking.id, tx.now());
    phrases::lock_line(tx, &found.booking.space)?;
    if !sql::attendance::go_on(tx, id, &[BookingState::Confirmed], BookingState::NoShow)? {
        return Ok(None);
    }
    let attendance = Attendance { booking_id: id.clone(), outcome: Attended::Missed, noticed, recorded_by: by.cloned(), recorded_at: now };
    sql::attendance::insert(tx, &attendance)?;
    let freed = schedule::actions::release(tx, id.as_str())?;
    let entry =
        Entry { chain: &found.area, actor: by, action: "booking.missed", subject: id.as_str(), detail: json!({"noticed": noticed}) };
    audit::record(tx, &entry)?;
    outbox::enqueue(tx, &BookingMissed { booking: id.clone() })?;
    promote(tx, freed);
    Ok(Some(attendance))
}

/// A booking becomes what it becomes by itself by now. Doing it again changes nothing.
pub fn conclude(tx: &mut Tx, id: &BookingId) -> Outcome<()> {
    let Some(found) = queries::find(tx, id)? else { return Ok(()) };
    let (place, now) = (located(tx, &found.booking)?, tx.now());
    let booking = &found.booking;
    match rules::by_itself(booking.state, booking.period, place.site.rules.no_show_minutes, now) {
        Some(BookingState::NoShow) => let_go(tx, &found, Noticed::Timer, None).map(|_| ()),
        Some(into) => {
            if sql::attendance::go_on(tx, id, &[BookingState::Confirmed, BookingState::CheckedIn], into)? {
                let detail = json!({"checked_in": booking.state == BookingState::CheckedIn});
                audit::record(tx, &Entry { chain: &found.area, actor: None, action: "booking.completed", subject: id.as_str(), detail })?;
            }
            Ok(())
        }
        None => Ok(()),
    }
}

/// The holder says that they were there.
pub fn appeal(tx: &mut Tx, permit: &Permit<UseBooking>, found: &Found, text: String) -> Outcome<Appeal> {
    let now = tx.now();
    let filed = queries::attendance::appeal(tx, &found.booking.id)?;
    rules::appeal(&found.booking, filed.as_ref(), now)?;
    let appeal =
        Appeal { booking_id: found.booking.id.clone(), text: Some(text), filed_at: now, outcome: None, reply: None, decided_at: None };
    if !sql::attendance::insert_appeal(tx, &appeal, permit.account())? {
        return Err(Code::StateConflict.into());
    }
    let (actor, subject) = (Some(permit.account()), appeal.booking_id.as_str());
    audit::record(tx, &Entry { chain: &found.area, actor, action: "booking.appealed", subject, detail: json!({}) })?;
    Ok(appeal)
}

/// The desk lets it count or clears it. Nobody decides about a booking of their own.
pub fn decide(tx: &mut Tx, permit: &Permit<DecideAppeal>, found: &Found, outcome: AppealOutcome, reply: &str) -> Outcome<Appeal> {
    let (id, now) = (&found.booking.id, tx.now());
    let who = permit.who();
    let own = match &found.booking.holder {
        Holder::Household(household) => who.household.as_ref() == Some(household),
        Holder::Organisation(organisation) => who.represents.iter().any(|r| r.organisation == *organisation),
    };
    if own || found.booking.account == who.account {
        return Err(Fault::saying(Code::Forbidden, "自己的申诉要由别人来定。", "Somebody else must decide about one's own appeal."));
    }
    if !sql::attendance::decide(tx, id, outcome, reply, permit.account(), now)? {
        return Err(Fault::saying(Code::StateConflict, "没有等着答复的申诉。", "No appeal waits for an answer."));
    }
    let (actor, subject, detail) = (Some(permit.account()), id.as_str(), json!({"outcome": outcome}));
    audit::record(tx, &Entry { chain: &found.area, actor, action: "booking.appeal_decided", subject, detail })?;
    outbox::enqueue(tx, &AppealDecided { booking: id.clone(), outcome })?;
    queries::attendance::appeal(tx, id)?.ok_or_else(|| Fault::internal("an appeal just decided is gone"))
}

/// Says how a use was, once.
pub fn rate(tx: &mut Tx, permit: &Permit<UseBooking>, found: &Found, rating: &Rating) -> Outcome<()> {
    rules::rate(&found.booking)?;
    if !sql::attendance::insert_rating(tx, &found.booking, rating, permit.account())? {
        return Err(Fault::saying(Code::StateConflict, "已经评价过了。", "It has been rated already."));
    }
    Ok(())
}

/// Notes that a key was handed out, or came back.
pub fn note_key(tx: &mut Tx, permit: &Permit<HandKeys>, found: &Found, moved: KeyMove) -> Outcome<Vec<KeyNote>> {
    let (id, now) = (&found.booking.id, tx.now());
    let noted = queries::attendance::key_notes(tx, id)?;
    rules::key(&found.booking, &noted, moved)?;
    let note = KeyNote { booking_id: id.clone(), moved, noted_by: permit.account().clone(), noted_at: now };
    if !sql::attendance::insert_key_note(tx, &note)? {
        return Err(Code::StateConflict.into());
    }
    let (actor, subject, detail) = (Some(permit.account()), id.as_str(), json!({"moved": moved}));
    audit::record(tx, &Entry { chain: &found.area, actor, action: "booking.key_noted", subject, detail })?;
    queries::attendance::key_notes(tx, id)
}
