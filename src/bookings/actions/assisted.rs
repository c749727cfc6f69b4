//! Booking for a neighbour: by a door leader, a grid leader, the community or whoever runs the place, for a household in their
//! scope, with the consent of the one who will answer for it. The booking is the neighbour's: their household's quota counts, they
//! are told, they may cancel it. Whoever helped may cancel it too, while they still may help.

use super::{Cancelled, Making, cancel_for, place};
use crate::access::deeds::AssistBooking;
use crate::access::{self, Permit, Place};
use crate::audit::{self, Entry};
use crate::bookings::model::{Ask, Booking, Channel, Consent, ConsentHow, Holder, Made};
use crate::bookings::queries::Found;
use crate::bookings::sql;
use crate::kernel::id::{AccountId, HouseholdId};
use crate::kernel::{Code, Fault, Instant, Outcome};
use crate::people::model::{Role, Standing};
use crate::people::queries::Neighbours;
use crate::store::{Conn, Tx, phrases};
use crate::{people, places};
use serde_json::json;

/// Consent given longer ago than this has to be asked for again.
const CONSENT_DAYS: i64 = 7;

/// For whom somebody books, and what that neighbour said.
#[derive(Debug)]
pub struct Assisting<'a> {
    /// What is wanted.
    pub ask: &'a Ask,
    /// Whose it will be.
    pub household: &'a HouseholdId,
    /// The neighbour who will answer for it.
    pub account: &'a AccountId,
    /// How they agreed.
    pub how: ConsentHow,
    /// When.
    pub given_at: Instant,
}

/// Where a household stands, for those who help: in the areas above its door, and with whoever runs a site of those areas.
/// The same for one that does not exist.
pub fn at(conn: &mut Conn, door_path: Option<&str>) -> Outcome<Place> {
    let Some(path) = door_path else { return Ok(Place::default()) };
    Ok(Place { areas: vec![path.to_owned()], organisations: places::queries::run_by(conn, path)?, ..Place::default() })
}

/// The role in which somebody helps: the nearest to the neighbour.
fn role(permit: &Permit<AssistBooking>) -> Role {
    [Role::DoorLeader, Role::GridLeader, Role::Community].into_iter().find(|role| permit.by(*role)).unwrap_or(Role::Operator)
}

/// Books for a neighbour.
pub fn make(tx: &mut Tx, permit: &Permit<AssistBooking>, wanted: &Assisting) -> Outcome<Made> {
    let (now, helper, role) = (tx.now(), permit.account(), role(permit));
    if wanted.given_at > now || wanted.given_at < now.plus_days(-CONSENT_DAYS) {
        let (zh, en) = ("应是最近 7 天内、已经发生的时间。", "Must lie within the last 7 days.");
        return Err(Fault::field("/consent_at", "out-of-range", zh, en));
    }
    if permit.who().household.as_ref() == Some(wanted.household) || wanted.account == helper {
        return Err(Fault::field("/household_id", "own-household", "自己家的请直接预订。", "For one's own household one books directly."));
    }
    let (zh, en) = ("这一户里没有这个人，或者还没有核实。", "Nobody verified of that household.");
    if !people::queries::is_verified_member(tx, wanted.account, wanted.household)? {
        return Err(Fault::field("/account_id", "unknown", zh, en));
    }
    if role == Role::Operator {
        let site = places::queries::located(tx, &wanted.ask.space)?.map(|found| found.site);
        let runs = site.and_then(|site| site.organisation_id);
        let mine = |grant: &crate::people::model::LiveGrant| grant.role == Role::Operator && grant.organisation == runs && runs.is_some();
        if !permit.who().grants.iter().any(mine) {
            let (zh, en) = ("只能帮邻居订您运营的场所。", "You may only book what you run for a neighbour.");
            return Err(Fault::saying(Code::Forbidden, zh, en));
        }
    }
    phrases::lock_space_shared(tx, &wanted.ask.space)?;
    let holder = Holder::Household(wanted.household.clone());
    let making = Making { ask: wanted.ask, holder, account: wanted.account, by: helper, channel: Channel::Assisted };
    let made = place(tx, making)?;
    let consent = Consent { how: wanted.how, given_at: wanted.given_at, role };
    sql::insert_consent(tx, &made.booking, &consent)?;
    let detail =
        json!({"for": wanted.account, "household": wanted.household, "consent": wanted.how, "given_at": wanted.given_at, "role": role});
    let chain = places::queries::site(tx, &made.booking.site)?.map(|site| site.area_id).ok_or_else(|| Fault::internal("no site"))?;
    let subject = made.booking.id.as_str();
    audit::record(tx, &Entry { chain: chain.as_str(), actor: Some(helper), action: "booking.assisted", subject, detail })?;
    Ok(made)
}

/// Proof that `who` made the booking for a neighbour and may still help that household.
pub fn still(conn: &mut Conn, who: Standing, booking: &Booking) -> Outcome<Permit<AssistBooking>> {
    let Holder::Household(household) = &booking.holder else { return Err(Code::NotFound.into()) };
    if booking.channel != Channel::Assisted || booking.made_by != who.account {
        return Err(Code::NotFound.into());
    }
    let door = people::queries::household_door(conn, household)?;
    let place = at(conn, door.as_deref())?;
    access::ask(who, &place)
}

/// Cancels what one booked for a neighbour.
pub fn cancel(tx: &mut Tx, permit: &Permit<AssistBooking>, found: &Found, reason: Option<String>) -> Outcome<Cancelled> {
    cancel_for(tx, permit.account(), &found.booking, reason)
}

/// Households with the people in them whom one may help; that somebody looked is recorded.
pub fn look_up(tx: &mut Tx, permit: &Permit<AssistBooking>, chain: &str, what: &str, found: &[Neighbours]) -> Outcome<()> {
    let detail = json!({"households": found.iter().map(|one| &one.household).collect::<Vec<_>>()});
    audit::record(tx, &Entry { chain, actor: Some(permit.account()), action: "neighbours.looked_up", subject: what, detail })
}
