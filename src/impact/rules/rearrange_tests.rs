//! What is offered, in which order, and to one only.

use super::super::tests::booking;
use super::*;
use crate::bookings::rules::samples::site;
use crate::kernel::Area;
use crate::kernel::id::{FloorId, Id, TariffId};
use crate::places::model::{SiteRules, SpaceKind};
use crate::pricing::model::TariffKind;
use crate::terms::model::{Approval, ClauseKind, PartyCapacity};
use crate::terms::rules::samples::{at, beijing, row, usual};

fn workday(_: Day) -> DayType {
    DayType::Workday
}

fn room(of: &Booking, space: SpaceId, code: &str) -> Room {
    let site = site(of.site.clone(), SiteRules::default());
    let space = Space {
        id: space,
        site_id: of.site.clone(),
        floor_id: FloorId::fresh(),
        code: code.into(),
        name_zh: code.into(),
        name_en: None,
        kind: SpaceKind::Room,
        area: Area(5000),
        zone_zh: None,
        setup_minutes: 0,
        cleanup_minutes: 0,
        equipment: vec![],
        assumed: vec![],
        note_zh: None,
        title: None,
        atoms: vec![AtomId::fresh()],
    };
    let free = Tariff { id: TariffId::fresh(), use_code: None, kind: TariffKind::Free, components: vec![] };
    Room { space, site, terms: usual(), tariffs: vec![free], closed: None }
}

/// A booking that has to leave its evening, its own room and another one, and what the search finds before and after.
fn offered(change: impl Fn(&mut Room)) -> Vec<Vec<(bool, String)>> {
    let now = at("2026-02-20 10:00");
    let one = booking("2026-03-20", "21:00", "22:00", 4);
    let (own, mut other) = (room(&one, one.space.clone(), "own"), room(&one, SpaceId::fresh(), "other"));
    change(&mut other);
    let mut search = Rearranger::new(vec![own, other], vec![], vec![], now);
    let twin = Booking { id: Id::fresh(), ..one.clone() };
    [one.clone(), twin]
        .iter()
        .map(|booking| {
            let found = search.offer(booking, now, &workday);
            found.iter().map(|one_of| (one_of.space == one.space, beijing().show(one_of.period.start()))).collect()
        })
        .collect()
}

#[test]
fn the_same_room_first_then_another_and_what_is_held_is_held() {
    let told = |(own, at): (bool, &str)| (own, format!("2026-03-20 {at}"));
    let found = offered(|_| ());
    assert_eq!(found[0], [(true, "20:00"), (true, "19:00"), (false, "20:00")].map(told));
    // Ten minutes later somebody else asks: eight o'clock in the same room is gone.
    assert_eq!(found[1], [(true, "19:00"), (true, "18:00"), (false, "20:00")].map(told));
}

#[test]
fn how_far_ahead_one_books_stands_against_no_offer() {
    let near = |room: &mut Room| room.site.rules.horizon_days = 14;
    assert_eq!(offered(near), offered(|_| ()), "the twenty-eighth day, where one books two weeks ahead");
}

#[test]
fn where_somebody_must_say_yes_first_nothing_is_offered() {
    let asks = |room: &mut Room| {
        let approval =
            Approval { approver: PartyCapacity::Community, deadline_hours: 24, uses: vec![], at_least_people: None, days_off: false };
        room.terms.push(row("yes", ClauseKind::Approval, Payload::Approval(approval)));
    };
    assert!(offered(asks)[0].iter().all(|(own, _)| *own));
    assert!(offered(|room| room.closed = Period::new(at("2026-03-01 00:00"), at("2026-04-01 00:00")))[0].iter().all(|(own, _)| *own));
    assert_eq!(offered(|room| room.tariffs.clear())[0].len(), 3, "a third time of the own room");
}
