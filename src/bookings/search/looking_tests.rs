use super::*;
use crate::bookings::rules::samples::{at, hall, rules as usual_rules, site};
use crate::bookings::search::Scope;
use crate::kernel::id::{Id, TariffId};
use crate::kernel::time::parse_day;
use crate::pricing::model::{Tariff, TariffKind};
use crate::terms::rules::samples::usual;
use std::time::Duration;

/// A hall under terms of the whole year, of which sixty days ahead can be booked, looked for on one day.
fn search(day: Day) -> Search {
    let space = hall();
    let site = site(space.site_id.clone(), usual_rules());
    let free = Tariff { id: TariffId::fresh(), use_code: None, kind: TariffKind::Free, components: vec![] };
    let find = Find {
        scope: Scope::Everywhere,
        first: day,
        last: day,
        weekdays: vec![],
        window: Span { from: 0, to: DAY_MINUTES },
        minutes: 60,
        people: 1,
        use_code: None,
        equipment: vec![],
        rooms: 1,
        cost: None,
    };
    Search {
        find,
        now: at("2026-01-10T10:00:00+08:00"),
        asked: vec![site.id.clone()],
        sites: vec![site],
        rooms: vec![Room { space, site: 0, terms: usual(), taken: vec![], tariffs: vec![free], inside: true }],
        unequipped: 0,
        equipment: vec![],
        left_out: 0,
    }
}

#[test]
fn nothing_is_judged_of_a_day_beyond_the_horizon() {
    for (day, judged) in [("2026-03-11", true), ("2026-03-12", false)] {
        let search = search(parse_day(day).unwrap());
        let known = Known::until(Tick::now() + Duration::from_secs(60));
        let looked = Looked::new(&search, &search.rooms[0], &known).unwrap();
        let opened = looked.opened(search.find.first);
        assert_eq!(!opened.starts.is_empty(), judged, "{day}");
        let found = search.answer(9, Tick::now() + Duration::from_secs(60)).unwrap();
        let beyond = found.misses.iter().any(|miss| miss.code == "beyond-horizon");
        assert_eq!((found.total, beyond), (usize::from(judged), !judged), "{day}");
    }
}

#[test]
fn whoever_is_late_has_no_answer() {
    let search = search(parse_day("2026-03-11").unwrap());
    let late = (search.answer(9, Tick::now()), search.nearest(Tick::now()));
    assert_eq!((late.0.unwrap_err().code, late.1.unwrap_err().code), (Code::Overloaded, Code::Overloaded));
}
