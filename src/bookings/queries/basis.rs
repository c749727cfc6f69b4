//! What a booking is judged by and what can be asked before any rule is: in one round trip on PostgreSQL.

use super::attendance::{self, MissedRow};
use crate::bookings::model::attendance::Missed;
use crate::bookings::model::{Ask, Holder};
use crate::bookings::rules;
use crate::kernel::id::{AccountId, SessionId};
use crate::kernel::{Instant, Outcome, Period};
use crate::people::model::Standing;
use crate::people::queries::{StandingRow, standing_of, standing_rows};
use crate::places::model::MOST_BUFFER_MINUTES;
use crate::places::queries::{Located, LocatedRow, located_rows};
use crate::pricing::model::Tariff;
use crate::pricing::queries::{TariffRow, priced, tariff_rows};
use crate::read_beside;
use crate::store::Conn;
use crate::terms::model::{TermInForce, UsageInForce};
use crate::terms::queries::{BookingRow, booking_rows, for_booking};
use diesel::prelude::*;

/// It, as it stood at one moment.
#[derive(Debug)]
pub struct Basis {
    /// The space and its site.
    pub place: Located,
    /// What binds the space while it would be occupied.
    pub terms: Vec<TermInForce>,
    /// The usage terms in force at the start.
    pub usage: Option<UsageInForce>,
    /// The tariffs that may price the use.
    pub tariffs: Vec<Tariff>,
    /// What the holder missed.
    pub missed: Vec<Missed>,
}

type Rows = (Vec<LocatedRow>, Vec<TariffRow>, Vec<BookingRow>, Vec<MissedRow>);

impl Basis {
    fn of((place, tariffs, terms, missed): Rows, ask: &Ask) -> Outcome<Option<Basis>> {
        let Some(place) = Located::of(place)? else { return Ok(None) };
        let (terms, usage) = for_booking(terms, rules::occupancy(&place.space, ask.period))?;
        Ok(Some(Basis { place, terms, usage, tariffs: priced(tariffs)?, missed: attendance::counted(missed) }))
    }
}

/// How long an ask can occupy the space at most: how long it does stands with the space, which is read beside.
fn around(ask: &Ask) -> Period {
    ask.period.widened(MOST_BUFFER_MINUTES, MOST_BUFFER_MINUTES)
}

/// It, for what a holder asks; `None`: there is no such space.
pub fn basis(conn: &mut Conn, ask: &Ask, holder: Option<&Holder>, now: Instant) -> Outcome<Option<Basis>> {
    let (household, organisation) = holder.map(Holder::columns).unwrap_or_default();
    let rows = read_beside!(conn,
        located_rows(&ask.space) => LocatedRow,
        tariff_rows(&ask.space, ask.use_code) => TariffRow,
        booking_rows(&ask.space, around(ask), ask.period.start()) => BookingRow,
        attendance::missed_rows(household.as_ref(), organisation.as_ref(), None, now) => MissedRow,
    )?;
    Basis::of(rows, ask)
}

/// It, for what somebody who has signed in asks for their household or for the organisation they name, and who they are: `None` when
/// account or session count no more.
pub fn basis_for(
    conn: &mut Conn,
    (account, session): (&AccountId, &SessionId),
    ask: &Ask,
    now: Instant,
) -> Outcome<(Option<Standing>, Option<Basis>)> {
    let organisation = ask.organisation.as_ref();
    let own = if organisation.is_some() { None } else { Some(account) };
    let (standing, place, tariffs, terms, missed) = read_beside!(conn,
        standing_rows(account, session, now) => StandingRow,
        located_rows(&ask.space) => LocatedRow,
        tariff_rows(&ask.space, ask.use_code) => TariffRow,
        booking_rows(&ask.space, around(ask), ask.period.start()) => BookingRow,
        attendance::missed_rows(None, organisation, own, now) => MissedRow,
    )?;
    Ok((standing_of(account, standing)?, Basis::of((place, tariffs, terms, missed), ask)?))
}
