//! Bookings of one room by one holder that follow each other, so that nobody else gets in between.

use crate::bookings::model::Used;
use crate::kernel::id::{AtomId, SpaceId};
use crate::kernel::{Instant, Period, Reason};
use crate::places::model::{SiteRules, Space};

/// Two bookings follow each other when less than the shortest booking lies between their occupancies; a part of a hall is the
/// same room as the hall. Together they may last no longer than `joined_max_minutes`; set-up and clean-up do not count.
/// `atoms` are those of the spaces in `uses`.
pub fn joined_too_long(
    period: Period,
    occupancy: Period,
    space: &Space,
    rules: &SiteRules,
    uses: &[Used],
    atoms: &[(SpaceId, AtomId)],
) -> Option<Reason> {
    let most = i64::from(rules.limits.joined_max_minutes?);
    let here = |used: &&Used| {
        let shares = atoms.iter().any(|(of, atom)| *of == used.space && space.atoms.contains(atom));
        used.stands() && (used.space == space.id || shares)
    };
    let mut others: Vec<&Used> = uses.iter().filter(here).collect();
    let (mut from, mut to, mut minutes, mut first) = (occupancy.start(), occupancy.end(), period.minutes(), period.start());
    let gap = i64::from(rules.min_minutes);
    let next_to = |used: &Used, from: Instant, to: Instant| {
        used.occupancy.start() < to.plus_minutes(gap) && from < used.occupancy.end().plus_minutes(gap)
    };
    while let Some(place) = others.iter().position(|used| next_to(used, from, to)) {
        let used = others.swap_remove(place);
        (from, to) = (from.min(used.occupancy.start()), to.max(used.occupancy.end()));
        (first, minutes) = (first.min(used.period.start()), minutes + used.period.minutes());
    }
    (minutes > most).then(|| {
        Reason::plain(
            "joined-too-long",
            format!("接连订同一个地方，加起来最长 {most} 分钟；连上前后几次一共 {minutes} 分钟。"),
            format!(
                "Bookings of a room that follow each other may last {most} minutes together; with those next to it this makes {minutes}."
            ),
        )
        .figure(most)
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{hall, period, rules, used};
    use super::*;
    use crate::places::model::Limits;

    #[test]
    fn what_follows_each_other_counts_together() {
        let space = hall();
        let rules = SiteRules { limits: Limits { joined_max_minutes: Some(240), ..Limits::default() }, ..rules() };
        let at = |from: &str, to: &str| {
            let mut one = used(&format!("2026-12-01T{from}:00+08:00"), &format!("2026-12-01T{to}:00+08:00"));
            one.space = space.id.clone();
            one
        };
        let judge = |uses: &[Used], from: &str, to: &str, atoms: &[(SpaceId, AtomId)]| {
            let period = period(&format!("2026-12-01T{from}:00+08:00"), &format!("2026-12-01T{to}:00+08:00"));
            joined_too_long(period, period, &space, &rules, uses, atoms).map(|reason| reason.figure.unwrap())
        };
        let morning = [at("08:00", "10:00"), at("10:00", "11:00")];
        assert_eq!(judge(&morning, "11:00", "12:00", &[]), None, "exactly the longest");
        assert_eq!(judge(&morning, "11:00", "12:30", &[]).as_deref(), Some("240"));
        // Half an hour between them is enough for somebody else; less is not.
        assert_eq!(judge(&morning, "11:30", "14:00", &[]), None);
        assert_eq!(judge(&morning, "11:15", "14:00", &[]).as_deref(), Some("240"));
        // Between two of them it joins both.
        let around = [at("08:00", "10:00"), at("11:00", "13:00")];
        assert_eq!(judge(&around, "10:00", "11:00", &[]).as_deref(), Some("240"));
        assert_eq!(judge(&around, "10:30", "11:00", &[]), None, "only what comes after it");
        // Another room is another matter, unless it is a part of this one.
        let mut elsewhere = morning.clone();
        elsewhere.iter_mut().for_each(|used| used.space = crate::kernel::id::Id::fresh());
        assert_eq!(judge(&elsewhere, "11:00", "12:30", &[]), None);
        let parts: Vec<_> = elsewhere.iter().map(|used| (used.space.clone(), space.atoms[0].clone())).collect();
        assert_eq!(judge(&elsewhere, "11:00", "12:30", &parts).as_deref(), Some("240"));
    }
}
