//! What an event would do: reads everything it needs in a handful of queries, however many bookings there are.

use crate::bookings::model::Booking;
use crate::impact::model::{Change, Disposition, Event, MatterKind, Plan};
use crate::impact::queries;
use crate::impact::rules::{self, Judged, Rearranger, Room, SpaceTerms};
use crate::kernel::id::{AtomId, BookingId, SiteId, SpaceId};
use crate::kernel::time::Day;
use crate::kernel::{Fault, Fen, Instant, Outcome, Period};
use crate::places::model::{Site, Space};
use crate::schedule::rules::day_type;
use crate::store::{Conn, Tx, phrases};
use crate::terms::model::{DayType, TermInForce, Use};
use crate::{bookings, ledger, places, pricing, schedule, terms};
use std::collections::{BTreeMap, BTreeSet};

/// Days around the bookings within which something else is looked for.
const AROUND_DAYS: i64 = 8;

/// Keeps bookings away: nobody books, cancels or moves in these sites, or where their uses may move to, until we commit.
pub(super) fn lock(tx: &mut Tx, event: &Event) -> Outcome<()> {
    let mut sites = event.sites.clone();
    for site in &event.sites {
        for (_, space, _) in places::queries::relocations(tx, site)? {
            sites.extend(places::queries::located(tx, &space)?.map(|found| found.site.id));
        }
    }
    sites.sort();
    sites.dedup();
    sites.iter().try_for_each(|site| phrases::lock_site(tx, site))?;
    let now = tx.now();
    sites.iter().filter(|site| event.sites.contains(site)).try_for_each(|site| phrases::lock_bookings(tx, site, now.0))
}

fn of_day(day: Day) -> DayType {
    day_type(day).0
}

/// What the event would do to every booking it meets. Nothing is written or locked.
pub fn preview(conn: &mut Conn, event: &Event, now: Instant) -> Outcome<Plan> {
    let sites = sites(conn, &event.sites)?;
    let spaces = places::queries::spaces(conn, &event.sites)?;
    let closed = closed_spaces(event, &spaces);
    let mut met = bookings::queries::standing(conn, &event.sites, now)?;
    met.retain(|booking| rules::is_touchable(event, booking, now));
    let requests = bookings::queries::requests::standing(conn, &event.sites, now)?;
    if met.is_empty() && requests.is_empty() {
        return Ok(Plan { items: vec![], unaffected: 0 });
    }
    let terms = rows_of(conn, event, &spaces, now)?;
    let mut judged: Vec<(Booking, Judged)> = met
        .into_iter()
        .map(|booking| {
            let judged = judge(event, &closed, &terms, &sites, &booking, now)?;
            Ok((booking, judged))
        })
        .collect::<Outcome<_>>()?;
    let mut asked = Vec::new();
    for request in requests {
        let judged = judge(event, &closed, &terms, &sites, &request, now)?;
        asked.extend(rules::of_request(request, judged));
    }
    settle(conn, &mut judged)?;
    let moving: Vec<&Booking> =
        judged.iter().filter(|(_, judged)| judged.disposition == Disposition::RearrangeOffered).map(|(booking, _)| booking).collect();
    let mut search = match moving.first().zip(moving.last()) {
        Some((first, last)) => {
            let around = Period::new(first.period.start().plus_days(-AROUND_DAYS), last.period.end().plus_days(AROUND_DAYS));
            searched(conn, event, &sites, spaces, &closed, terms, around, now)?
        }
        None => Rearranger::nothing(now),
    };
    // What ends anyway makes room first.
    for (booking, judged) in &judged {
        search.free(booking, judged.disposition);
    }
    let mut plan = Plan { items: vec![], unaffected: 0 };
    let affected = judged.iter().filter(|(_, judged)| judged.disposition != Disposition::Unaffected);
    let affected: Vec<BookingId> = affected.map(|(booking, _)| booking.id.clone()).collect();
    let charged = ledger::queries::charged(conn, &affected)?;
    for (booking, judged) in judged {
        match judged.disposition {
            Disposition::Unaffected => plan.unaffected += 1,
            _ => {
                let charged = charged.get(&booking.id).copied().unwrap_or(Fen::ZERO);
                plan.items.push(rules::resolve(booking, charged, judged, now, &mut search, &of_day));
            }
        }
    }
    plan.items.extend(asked);
    plan.items.sort_by(|a, b| (a.booking.period.start(), &a.booking.id).cmp(&(b.booking.period.start(), &b.booking.id)));
    Ok(plan)
}

/// What an earlier change had put in question and this one admits, stands: its holder hears of it.
fn settle(conn: &mut Conn, judged: &mut [(Booking, Judged)]) -> Outcome<()> {
    let admitted: Vec<BookingId> = judged.iter().filter(|(_, judged)| judged.admitted).map(|(booking, _)| booking.id.clone()).collect();
    let open: BTreeSet<BookingId> = queries::open_about(conn, &admitted)?
        .into_iter()
        .filter(|matter| matter.kind != MatterKind::AtRisk)
        .map(|matter| matter.booking)
        .collect();
    for (_, judged) in judged.iter_mut().filter(|(booking, judged)| judged.admitted && open.contains(&booking.id)) {
        *judged = Judged::settled();
    }
    Ok(())
}

fn sites(conn: &mut Conn, ids: &[SiteId]) -> Outcome<Vec<Site>> {
    ids.iter()
        .map(|id| places::queries::site(conn, id)?.ok_or_else(|| Fault::internal("an agreement covers a site that is gone")))
        .collect()
}

/// The closed spaces with all that share a part with one of them.
fn closed_spaces(event: &Event, spaces: &[Space]) -> BTreeSet<SpaceId> {
    let Change::Closed { spaces: listed, .. } = &event.change else { return BTreeSet::new() };
    let atoms: BTreeSet<&AtomId> = spaces.iter().filter(|space| listed.contains(&space.id)).flat_map(|space| &space.atoms).collect();
    spaces.iter().filter(|space| space.atoms.iter().any(|atom| atoms.contains(atom))).map(|space| space.id.clone()).collect()
}

/// The rows of every space, before and after.
fn rows_of(conn: &mut Conn, event: &Event, spaces: &[Space], now: Instant) -> Outcome<BTreeMap<SpaceId, SpaceTerms>> {
    let ids: Vec<SpaceId> = spaces.iter().map(|space| space.id.clone()).collect();
    let mut stored: BTreeMap<SpaceId, Vec<TermInForce>> = BTreeMap::new();
    for (space, row) in rows(conn, &ids, now)? {
        stored.entry(space).or_default().push(row);
    }
    Ok(ids.into_iter().map(|id| (id.clone(), SpaceTerms::new(event, &id, stored.remove(&id).unwrap_or_default()))).collect())
}

fn rows(conn: &mut Conn, spaces: &[SpaceId], now: Instant) -> Outcome<Vec<(SpaceId, TermInForce)>> {
    match Period::new(now.plus_days(-1), Instant::LATEST) {
        Some(ahead) => terms::queries::of_spaces(conn, spaces, ahead),
        None => Ok(vec![]),
    }
}

fn judge(
    event: &Event,
    closed: &BTreeSet<SpaceId>,
    terms: &BTreeMap<SpaceId, SpaceTerms>,
    sites: &[Site],
    booking: &Booking,
    now: Instant,
) -> Outcome<Judged> {
    let site = sites.iter().find(|site| site.id == booking.site).ok_or_else(|| Fault::internal("a booking of another site"))?;
    let terms = terms.get(&booking.space).ok_or_else(|| Fault::internal("a booking of an unknown space"))?;
    Ok(match &event.change {
        Change::Closed { from, until, immediate, closing, .. } if closed.contains(&booking.space) => match closing {
            Some(closing) => rules::closures::closed(booking, Period::new(*from, until.unwrap_or(Instant::LATEST)), closing, &site.zone),
            None => rules::closed(booking, *from, *until, *immediate, &site.zone, now),
        },
        _ => terms.judge(booking, &site.zone, &of_day),
    })
}

/// Everything the search for something else needs.
#[expect(clippy::too_many_arguments, reason = "what the plan has read already")]
fn searched(
    conn: &mut Conn,
    event: &Event,
    sites: &[Site],
    spaces: Vec<Space>,
    closed: &BTreeSet<SpaceId>,
    terms: BTreeMap<SpaceId, SpaceTerms>,
    around: Option<Period>,
    now: Instant,
) -> Outcome<Rearranger> {
    let Some(around) = around else { return Ok(Rearranger::nothing(now)) };
    let over = match &event.change {
        Change::Closed { from, until, .. } => Period::new(*from, until.unwrap_or(Instant::LATEST)),
        _ => None,
    };
    let mut rooms = Vec::new();
    for space in spaces {
        let Some(site) = sites.iter().find(|site| site.id == space.site_id) else { continue };
        let after = terms.get(&space.id).map(|terms| terms.after().to_vec()).unwrap_or_default();
        let closed = over.filter(|_| closed.contains(&space.id));
        rooms.push(Room { site: site.clone(), terms: after, tariffs: vec![], closed, space });
    }
    let mut moved = Vec::new();
    for site in sites {
        for (use_code, target, _) in places::queries::relocations(conn, &site.id)? {
            let use_code: Use = use_code.parse().map_err(|_| Fault::internal("an unknown use has moved"))?;
            moved.push((site.id.clone(), use_code, target.clone()));
            if rooms.iter().any(|room| room.space.id == target) {
                continue;
            }
            let Some(found) = places::queries::located(conn, &target)? else { continue };
            let rows = rows(conn, std::slice::from_ref(&target), now)?.into_iter().map(|(_, row)| row).collect();
            rooms.push(Room { space: found.space, site: found.site, terms: rows, tariffs: vec![], closed: None });
        }
    }
    rooms.retain(|room| !room.terms.is_empty());
    let ids: Vec<SpaceId> = rooms.iter().map(|room| room.space.id.clone()).collect();
    for (space, tariff) in pricing::queries::all_tariffs(conn, &ids)? {
        if let Some(room) = rooms.iter_mut().find(|room| room.space.id == space) {
            room.tariffs.push(tariff);
        }
    }
    let atoms: BTreeSet<AtomId> = rooms.iter().flat_map(|room| room.space.atoms.iter().cloned()).collect();
    let taken = schedule::queries::occupied_atoms(conn, &Vec::from_iter(atoms), around)?;
    Ok(Rearranger::new(rooms, taken, moved, now))
}
