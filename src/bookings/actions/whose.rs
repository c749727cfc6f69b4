//! Reads what the rules must know of whoever asks, and takes the rows that make it exact: first the holder's, then those of the
//! equipment, and only where something is counted. A site without such rules costs a booking no lock.

use crate::bookings::model::attendance::Missed;
use crate::bookings::model::{Ask, Channel, Holder, HolderFacts, Wanted};
use crate::bookings::queries::attendance;
use crate::bookings::queries::holding::{self, Of};
use crate::bookings::rules::{self, Whose, quota};
use crate::kernel::id::{BookingId, EquipmentId, VersionId};
use crate::kernel::{Fault, Instant, Outcome, Period};
use crate::places::model::{Portable, QuotaHolder};
use crate::places::queries::Located;
use crate::store::{Conn, phrases};
use crate::terms::model::TermInForce;
use crate::{people, places, terms};

/// Who asks, and how.
#[derive(Debug, Clone, Copy)]
pub struct Claimant<'a> {
    /// Whose it will be; `None`: nobody's rules are asked (what was admitted before stays admitted).
    pub holder: Option<&'a Holder>,
    /// How it comes.
    pub channel: Channel,
    /// Bookings that this one takes the place of, or that are judged with it: what they have does not count.
    pub instead_of: &'a [BookingId],
    /// It is going to be made: nobody else of this holder, and nobody who wants the same equipment, decides until we commit.
    pub locks: bool,
}

impl<'a> Claimant<'a> {
    /// Whoever looks around for a holder: nothing is written or locked.
    pub const fn looking(holder: &'a Holder) -> Self {
        Claimant { holder: Some(holder), ..Claimant::NOBODY }
    }

    /// Nobody in particular.
    pub const NOBODY: Claimant<'static> = Claimant { holder: None, channel: Channel::Own, instead_of: &[], locks: false };
}

/// What whoever asks missed, for whoever reads nothing else beside it.
pub fn missed(conn: &mut Conn, claimant: &Claimant, now: Instant) -> Outcome<Vec<Missed>> {
    claimant.holder.map_or(Ok(vec![]), |holder| attendance::missed(conn, holder, now))
}

/// Reads it for a booking at the place and in `days` around it. `terms` are the rows it may be judged by, `missed` what its holder
/// missed.
pub fn read(
    conn: &mut Conn,
    place: &Located,
    terms: &[&TermInForce],
    ask: &Ask,
    claimant: &Claimant,
    days: i64,
    missed: Vec<Missed>,
) -> Outcome<Whose> {
    let mut whose = Whose {
        series: claimant.channel == Channel::Series,
        children: ask.beside.children,
        set_aside: ask.beside.set_aside.as_ref().map(|set| set.rules().to_vec()).unwrap_or_default(),
        missed,
        ..Whose::default()
    };
    if let Some(holder) = claimant.holder {
        whose.holder = Some(holder.kind());
        if place.site.rules.limits.residents_first_days.is_some() {
            whose.facts = Some(facts(conn, place, terms, holder)?);
        }
        uses(conn, place, terms, ask, claimant, holder, days, &mut whose)?;
    }
    if !ask.beside.equipment.is_empty() {
        let occupancy = rules::occupancy(&place.space, ask.period);
        let around = if days > 0 { occupancy.widened(days * 24 * 60, days * 24 * 60) } else { occupancy };
        whose.equipment = wanted(conn, place, ask, claimant, around)?;
    }
    Ok(whose)
}

fn facts(conn: &mut Conn, place: &Located, terms: &[&TermInForce], holder: &Holder) -> Outcome<HolderFacts> {
    Ok(match holder {
        Holder::Household(household) => {
            let door = people::queries::household_door(conn, household)?;
            HolderFacts { lives_here: door.is_some_and(|door| door.starts_with(&place.area_path)), ..HolderFacts::default() }
        }
        Holder::Organisation(organisation) => {
            let kind = people::queries::organisations(conn, std::slice::from_ref(organisation))?.pop().map(|found| found.kind);
            let mut versions: Vec<VersionId> = terms.iter().map(|term| term.version.clone()).collect();
            versions.sort();
            versions.dedup();
            HolderFacts { lives_here: false, organisation: kind, signed: terms::queries::party_to(conn, organisation, &versions)? }
        }
    })
}

#[expect(clippy::too_many_arguments, reason = "what the judgement has read already")]
fn uses(
    conn: &mut Conn,
    place: &Located,
    terms: &[&TermInForce],
    ask: &Ask,
    claimant: &Claimant,
    holder: &Holder,
    days: i64,
    whose: &mut Whose,
) -> Outcome<()> {
    let (site, limits) = (&place.site, &place.site.rules.limits);
    let Some(kind) = whose.holder else { return Ok(()) };
    let by_clause = if kind == QuotaHolder::Household { quota::clauses(terms) } else { Vec::new() };
    for term in by_clause {
        let spaces = terms::queries::bound_by(conn, &term.version, &term.clause)?;
        whose.bound.push((term.clone(), spaces));
    }
    let quotas = quota::limits(&site.id, &limits.quotas, terms, kind, &whose.bound);
    if quotas.is_empty() && limits.joined_max_minutes.is_none() && limits.at_once.is_none() {
        return Ok(());
    }
    (whose.counted, whose.limited) = (true, !quotas.is_empty());
    let members = match holder {
        Holder::Household(household) => {
            if claimant.locks {
                phrases::lock_household(conn, household)?;
            }
            if quotas.is_empty() { Vec::new() } else { people::queries::members(conn, household)? }
        }
        Holder::Organisation(organisation) => {
            if claimant.locks {
                phrases::lock_organisation(conn, organisation)?;
            }
            Vec::new()
        }
    };
    // A day to either side: what follows each other, what is at the same time.
    let near = ask.period.widened((days + 2) * 24 * 60, (days + 2) * 24 * 60);
    let (first, last) = (site.zone.day_of(near.start()), site.zone.day_of(near.end()));
    let over = match quota::reach(&quotas, &site.zone, first, last) {
        Some(reach) => Period::new(reach.start().min(near.start()), reach.end().max(near.end())).unwrap_or(near),
        None => near,
    };
    let of = Of { holder, members: &members, but: claimant.instead_of };
    whose.uses = holding::uses(conn, of, over, limits.late_cancel_hours)?;
    if limits.joined_max_minutes.is_some() && !whose.uses.is_empty() {
        let mut spaces: Vec<_> = whose.uses.iter().map(|used| used.space.clone()).collect();
        spaces.sort();
        spaces.dedup();
        whose.atoms = places::queries::atoms_of(conn, &spaces)?;
    }
    Ok(())
}

fn wanted(conn: &mut Conn, place: &Located, ask: &Ask, claimant: &Claimant, around: Period) -> Outcome<Vec<Wanted>> {
    let known = places::queries::equipment(conn, &place.site.id)?;
    let mut faults = Vec::new();
    let mut found: Vec<(Portable, i64)> = Vec::new();
    for (i, (code, units)) in ask.beside.equipment.iter().enumerate() {
        match known.iter().find(|portable| portable.code == *code) {
            Some(portable) => found.push((portable.clone(), *units)),
            None => {
                let fault =
                    Fault::field(&format!("/equipment/{i}/code"), "unknown", "这里没有这样的设备。", "There is no such equipment here.");
                faults.extend(fault.detail.errors);
            }
        }
    }
    if !faults.is_empty() {
        return Err(Fault::invalid(faults));
    }
    let ids: Vec<EquipmentId> = found.iter().map(|(portable, _)| portable.id.clone()).collect();
    if claimant.locks {
        phrases::lock_equipment(conn, &ids)?;
        // As it is now that nobody changes it.
        for now in places::queries::equipment_of_ids(conn, &ids)? {
            if let Some((portable, _)) = found.iter_mut().find(|(portable, _)| portable.id == now.id) {
                *portable = now;
            }
        }
    }
    let in_use = holding::equipment_in_use(conn, &ids, around, claimant.instead_of)?;
    let wanted = found.into_iter().map(|(portable, units)| {
        let taken = in_use.iter().filter(|(id, ..)| *id == portable.id).map(|(_, period, units)| (*period, *units)).collect();
        Wanted { portable, units, taken }
    });
    Ok(wanted.collect())
}
