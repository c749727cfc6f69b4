//! Portable equipment: never lent beyond what there is.

use crate::bookings::model::Wanted;
use crate::kernel::{Period, Reason};

/// One reason for everything of which too little is left over the occupancy.
pub fn equipment_out(occupancy: Period, wanted: &[Wanted]) -> Vec<Reason> {
    let short = |wanted: &Wanted| {
        let left = left(occupancy, wanted);
        let (zh, en, units, stock) = (
            &wanted.portable.name_zh,
            wanted.portable.name_en.as_ref().unwrap_or(&wanted.portable.name_zh),
            wanted.units,
            wanted.portable.stock,
        );
        (units > left).then(|| {
            Reason::plain(
                "equipment-out",
                format!("{zh}当时只剩 {left} 件（一共 {stock} 件），您要 {units} 件。"),
                format!("{en}: {left} of {stock} are left then, and you want {units}."),
            )
            .figure(left)
        })
    };
    wanted.iter().filter_map(short).collect()
}

/// How many are left throughout.
fn left(occupancy: Period, wanted: &Wanted) -> i64 {
    let beside: Vec<&(Period, i64)> = wanted.taken.iter().filter(|(period, _)| period.overlaps(&occupancy)).collect();
    let at_once = |moment| beside.iter().filter(|(p, _)| p.start() <= moment && moment < p.end()).map(|(_, units)| units).sum::<i64>();
    let peak = beside.iter().map(|(period, _)| at_once(period.start().max(occupancy.start()))).max().unwrap_or(0);
    (wanted.portable.stock - peak).max(0)
}

#[cfg(test)]
mod tests {
    use super::super::samples::period;
    use super::*;
    use crate::kernel::id::Id;
    use crate::places::model::Portable;

    #[test]
    fn the_last_unit_is_lent_and_no_more() {
        let at = |from: &str, to: &str| period(&format!("2026-12-01T{from}:00+08:00"), &format!("2026-12-01T{to}:00+08:00"));
        let portable = Portable { id: Id::fresh(), code: "table".into(), name_zh: "折叠桌".into(), name_en: None, stock: 3 };
        let wanted = |units, taken: &[(Period, i64)]| vec![Wanted { portable: portable.clone(), units, taken: taken.to_vec() }];
        let judge =
            |units, taken: &[(Period, i64)]| equipment_out(at("10:00", "12:00"), &wanted(units, taken)).pop().map(|r| r.figure.unwrap());
        assert_eq!((judge(3, &[]), judge(4, &[]).as_deref()), (None, Some("3")));
        let follow = [(at("09:00", "11:00"), 2), (at("11:00", "12:00"), 2)];
        assert_eq!((judge(1, &follow), judge(2, &follow).as_deref()), (None, Some("1")), "what follows each other is the same two");
        let together = [(at("09:00", "11:00"), 2), (at("10:30", "12:00"), 1)];
        assert_eq!(judge(1, &together).as_deref(), Some("0"));
        let touching = [(at("09:00", "10:00"), 3), (at("12:00", "13:00"), 3)];
        assert_eq!(judge(3, &touching), None);
        let too_many = [(at("09:00", "11:00"), 5)];
        assert_eq!(judge(1, &too_many).as_deref(), Some("0"), "of what broke since, less than nothing is nothing");
    }
}
