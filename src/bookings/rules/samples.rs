//! Short ways to write times, rooms and bookings in tests.

use crate::bookings::model::{Counted, Used};
use crate::kernel::id::{AreaId, AtomId, Id, SiteId};
use crate::kernel::{Area, Instant, Period, Reason, Zone};
use crate::places::model::{Limits, Site, SiteRules, Space, SpaceKind};

pub fn beijing() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}
pub fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}
pub fn period(from: &str, to: &str) -> Period {
    Period::new(at(from), at(to)).unwrap()
}
/// The hour from then.
pub fn hour(start: &str) -> Period {
    Period::new(at(start), at(start).plus_minutes(60)).unwrap()
}
pub fn code(reason: Option<Reason>) -> Option<String> {
    reason.map(|reason| reason.code)
}
pub fn rules() -> SiteRules {
    SiteRules {
        granularity_minutes: 30,
        min_minutes: 30,
        max_minutes: 240,
        lead_minutes: 60,
        horizon_days: 60,
        no_show_minutes: 15,
        limits: Limits::default(),
    }
}

/// A site by its rules.
pub fn site(id: SiteId, rules: SiteRules) -> Site {
    Site {
        id,
        code: "y".into(),
        area_id: AreaId::fresh(),
        organisation_id: None,
        name_zh: "中心".into(),
        name_en: None,
        zone: beijing(),
        address_zh: None,
        facts: vec![],
        rules,
        revision: 1,
    }
}

/// A room that is one atom.
pub fn hall() -> Space {
    Space {
        id: Id::fresh(),
        site_id: Id::fresh(),
        floor_id: Id::fresh(),
        code: "hall".into(),
        name_zh: "活动大厅".into(),
        name_en: None,
        kind: SpaceKind::Hall,
        area: Area(5000),
        zone_zh: None,
        setup_minutes: 0,
        cleanup_minutes: 0,
        equipment: Vec::new(),
        assumed: Vec::new(),
        note_zh: None,
        title: None,
        atoms: vec![AtomId::fresh()],
    }
}
/// A booking that counts, without set-up or clean-up.
pub fn used(from: &str, to: &str) -> Used {
    let period = period(from, to);
    Used {
        booking: Id::fresh(),
        site: Id::fresh(),
        space: Id::fresh(),
        space_zh: "活动大厅".into(),
        space_en: Some("Hall".into()),
        person: "王*".into(),
        period,
        occupancy: period,
        counts_as: Counted::Booked,
    }
}
