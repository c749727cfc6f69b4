use super::*;
use crate::bookings::model::waiting::WaitState;
use crate::bookings::model::{Children, Holder};
use crate::kernel::id::{Id, SiteId, SpaceId, WaitId};
use crate::terms::model::Use;
use proptest::prelude::*;
use std::sync::LazyLock;

/// Four atoms; spaces are one of them or two beside each other.
static ATOMS: LazyLock<Vec<AtomId>> = LazyLock::new(|| (0..4).map(|_| AtomId::fresh()).collect());

fn at(hour: i64) -> Instant {
    Instant(hour * 3_600_000_000)
}

fn hours(from: i64, to: i64) -> Period {
    Period::new(at(from), at(to)).unwrap()
}

fn waiting(first: usize, wide: bool, period: Period, class_no: i32, joined: i64, lost: bool) -> Waiting {
    let entry = Entry {
        id: WaitId::fresh(),
        site: SiteId::fresh(),
        space: SpaceId::fresh(),
        use_code: Use::Meeting,
        children: Children::default(),
        equipment: vec![],
        usage_terms_sha256: None,
        attendees: 1,
        period,
        occupancy: period,
        holder: Holder::Household(Id::fresh()),
        account: Id::fresh(),
        class: None,
        class_no,
        state: WaitState::Waiting,
        joined_at: Instant(joined),
        booking: None,
    };
    let last = (first + usize::from(wide)).min(3);
    Waiting { entry, atoms: ATOMS[first..=last].to_vec(), first: lost }
}

fn arb_line() -> impl Strategy<Value = Vec<Waiting>> {
    let one =
        (0..4usize, any::<bool>(), 0..8i64, 1..4i64, prop_oneof![Just(1), Just(2), Just(LAST_CLASS)], 0..6i64, prop::bool::weighted(0.2));
    prop::collection::vec(
        one.prop_map(|(atom, wide, from, long, class, joined, lost)| waiting(atom, wide, hours(from, from + long), class, joined, lost)),
        0..14,
    )
}

/// Stretches that do not overlap on an atom: some whole hours of the day.
fn arb_taken() -> impl Strategy<Value = Vec<(AtomId, Period)>> {
    prop::collection::vec(any::<bool>(), 44).prop_map(|hour| {
        let of = |(n, _): (usize, &bool)| (ATOMS[n % 4].clone(), hours(n as i64 / 4, n as i64 / 4 + 1));
        hour.iter().enumerate().filter(|(_, taken)| **taken).map(of).collect()
    })
}

/// Who comes up, by `admitted` of the place in the ordered line.
fn come_up(line: &[Waiting], taken: &[(AtomId, Period)], admitted: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut up = Vec::new();
    let place = |entry: &Entry| line.iter().position(|waiting| waiting.entry.id == entry.id).unwrap();
    let done: Result<(), ()> = promote(line, taken.to_vec(), |entry| {
        let no = place(entry);
        if admitted(no) {
            up.push(no);
        }
        Ok(admitted(no))
    });
    done.unwrap();
    up
}

proptest! {
    /// Nobody who comes up has what is taken or what another got; whoever does not come up is not admitted, or something in
    /// the way was taken, or went to somebody before them. That is the order, whatever the line.
    #[test]
    fn everybody_whose_whole_time_is_free_comes_up_in_order(mut line in arb_line(), taken in arb_taken(), no in prop::collection::vec(prop::bool::weighted(0.15), 14)) {
        order(&mut line);
        let up = come_up(&line, &taken, |n| !no[n]);
        let clash = |a: &Waiting, b: &Waiting| a.competes(b);
        for (i, waiting) in line.iter().enumerate() {
            let blocked = waiting.is_met_by(&taken);
            let beaten = up.iter().any(|n| *n < i && clash(&line[*n], waiting));
            prop_assert_eq!(up.contains(&i), !blocked && !beaten && !no[i], "place {}", i);
        }
        prop_assert!(up.windows(2).all(|pair| pair[0] < pair[1]), "in order");
        for (n, a) in up.iter().enumerate() {
            prop_assert!(up[n + 1..].iter().all(|b| !clash(&line[*a], &line[*b])), "no overlap");
        }
    }

    /// The order: who lost a booking to the provider, then classes, then who came first; it depends on nothing else.
    #[test]
    fn the_order_is_total_and_says_what_the_places_say(mut line in arb_line()) {
        let mut other = line.clone();
        other.reverse();
        order(&mut line);
        order(&mut other);
        prop_assert_eq!(&line, &other);
        for pair in line.windows(2) {
            let key = |w: &Waiting| (!w.first, w.entry.class_no, w.entry.joined_at);
            prop_assert!(key(&pair[0]) <= key(&pair[1]));
        }
        for (i, mine) in line.iter().enumerate() {
            prop_assert_eq!(place_in(&line, mine), 1 + line[..i].iter().filter(|other| other.competes(mine)).count());
        }
    }

    /// k rooms of one time come free: exactly the first k come up.
    #[test]
    fn k_free_promote_exactly_the_first_k(k in 0..4usize, behind in 0..6usize) {
        // Each asks for a part of its own; what is taken are the parts from k on.
        let mut line: Vec<Waiting> = (0..4).map(|n| waiting(n, false, hours(1, 2), LAST_CLASS, n as i64, false)).collect();
        line.extend((0..behind).map(|n| waiting(n % 4, false, hours(1, 2), LAST_CLASS, 10 + n as i64, false)));
        order(&mut line);
        let taken: Vec<_> = (k..4).map(|n| (ATOMS[n].clone(), hours(1, 2))).collect();
        prop_assert_eq!(come_up(&line, &taken, |_| true), (0..k).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_kept_is_kept_for_a_while_and_never_to_the_start(now in 0..2_000_000i64, ahead in 1..200_000i64) {
        let (now, zone) = (Instant(1_790_000_000_000_000).plus_minutes(now), Zone::usual());
        let start = now.plus_minutes(ahead);
        let until = answer_by(&zone, now, start);
        prop_assert!(now < until && until < start);
        prop_assert!(until <= now.plus_minutes(12 * 60 + 60));
        let half = Instant(now.0 + (start.0 - now.0) / 2);
        prop_assert!(until == half || (until >= now.plus_minutes(120) && (9 * 60..22 * 60).contains(&i64::from(zone.minute_of(until).1))));
    }
}

#[test]
fn two_hours_by_day_and_nobody_is_woken() {
    let zone = Zone::usual();
    let time = |text: &str| Instant::parse(text).unwrap();
    let start = time("2026-12-24T10:00:00+08:00");
    for (now, until) in [
        ("2026-12-01T10:00:00+08:00", "2026-12-01T12:00:00+08:00"),
        ("2026-12-01T19:59:00+08:00", "2026-12-01T21:59:00+08:00"),
        ("2026-12-01T20:00:00+08:00", "2026-12-02T09:00:00+08:00"),
        ("2026-12-01T23:30:00+08:00", "2026-12-02T09:00:00+08:00"),
        ("2026-12-02T06:59:00+08:00", "2026-12-02T09:00:00+08:00"),
        ("2026-12-02T07:01:00+08:00", "2026-12-02T09:01:00+08:00"),
        // Half of what is left.
        ("2026-12-24T09:00:00+08:00", "2026-12-24T09:30:00+08:00"),
        ("2026-12-23T23:00:00+08:00", "2026-12-24T04:30:00+08:00"),
    ] {
        assert_eq!(answer_by(&zone, time(now), start), time(until), "{now}");
    }
}

#[test]
fn a_clause_names_classes_and_the_first_that_fits_counts() {
    use PriorityClass::{Household, Neighbour, Party, SocialOrganisation};
    assert_eq!(class(&[Party, Household], &[Household]), (Some(Household), 2));
    assert_eq!(class(&[Party, SocialOrganisation], &[SocialOrganisation, Party]), (Some(Party), 1));
    assert_eq!(class(&[Household], &[Neighbour]), (None, LAST_CLASS));
    assert_eq!(class(&[], &[Household]), (None, LAST_CLASS));
}
