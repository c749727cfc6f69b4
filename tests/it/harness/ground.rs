//! The least that a claim needs: an area, a site, a floor, and a hall of two parts that can be taken apart.

use super::TestDb;
use shangliang::kernel::id::{AreaId, AtomId, FloorId, Id, SiteId, SpaceId};

/// A hall (`whole`) made of two parts.
pub struct Ground {
    /// The community.
    pub area: AreaId,
    /// The site.
    pub site: SiteId,
    /// Both atoms.
    pub whole: SpaceId,
    /// Each one atom.
    pub parts: [SpaceId; 2],
}

impl Ground {
    /// Puts it into the database with plain SQL, beside the service.
    pub fn lay(db: &TestDb) -> Self {
        let ground = Self { area: Id::fresh(), site: Id::fresh(), whole: Id::fresh(), parts: [Id::fresh(), Id::fresh()] };
        let (area, site, whole, [left, right]) = (&ground.area, &ground.site, &ground.whole, &ground.parts);
        let (floor, a, b): (FloorId, AtomId, AtomId) = (Id::fresh(), Id::fresh(), Id::fresh());
        let space = |id: &SpaceId, code: &str| {
            format!(
                "INSERT INTO spaces (id, site_id, floor_id, code, name_zh, kind, area, setup_minutes, cleanup_minutes, equipment, assumed, created_at) \
                     VALUES ('{id}', '{site}', '{floor}', '{code}', '厅', 'hall', 5000, 0, 0, '[]', '[]', 0);"
            )
        };
        db.sql(&format!(
            "INSERT INTO areas (id, code, kind, path, name_zh, created_at) VALUES ('{area}', 'gx', 'community', '{area}/', '社区', 0);
             INSERT INTO sites (id, code, area_id, name_zh, zone, facts, granularity_minutes, min_minutes, max_minutes, lead_minutes, horizon_days, created_at)
             VALUES ('{site}', 'hub', '{area}', '驿站', 'Asia/Shanghai', '[]', 30, 30, 480, 0, 60, 0);
             INSERT INTO floors (id, site_id, code, name_zh, area, created_at) VALUES ('{floor}', '{site}', 'f1', '一层', 20000, 0);
             {} {} {}
             INSERT INTO atoms (id, floor_id, code, created_at) VALUES ('{a}', '{floor}', 'a', 0), ('{b}', '{floor}', 'b', 0);
             INSERT INTO space_atoms (space_id, atom_id) VALUES ('{whole}', '{a}'), ('{whole}', '{b}'), ('{left}', '{a}'), ('{right}', '{b}');",
            space(whole, "hall"), space(left, "left"), space(right, "right"),
        ));
        ground
    }
}
