//! How many bookings one holder may have at the same moment.

use crate::bookings::model::Used;
use crate::kernel::id::SiteId;
use crate::kernel::{Period, Reason};

/// Over all spaces of the site; touching is not the same moment.
pub fn too_many_at_once(period: Period, most: Option<i32>, site: &SiteId, uses: &[Used]) -> Option<Reason> {
    let most = i64::from(most?);
    let beside: Vec<&Used> = uses.iter().filter(|used| used.stands() && used.site == *site && used.period.overlaps(&period)).collect();
    // The most at one moment is reached where one of them begins, or where the new one does.
    let moments = beside.iter().map(|used| used.period.start().max(period.start()));
    let peak = moments
        .map(|at| beside.iter().filter(|used| used.period.start() <= at && at < used.period.end()).count())
        .max()
        .and_then(|peak| i64::try_from(peak).ok())
        .unwrap_or(0);
    (peak >= most).then(|| {
        let names_zh: Vec<&str> = beside.iter().map(|used| used.space_zh.as_str()).collect();
        let names_en: Vec<&str> = beside.iter().map(|used| used.space_en.as_deref().unwrap_or(&used.space_zh)).collect();
        Reason::plain(
            "too-many-at-once",
            format!("同一时间最多订 {most} 处，这个时间已经订了{}。", names_zh.join("、")),
            format!("At most {most} at the same time; {} is booked then already.", names_en.join(", ")),
        )
        .figure(most)
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{code, period, used};
    use super::*;
    use crate::bookings::model::Counted;

    #[test]
    fn only_the_same_moment_counts() {
        let mut uses = vec![
            used("2026-12-01T09:00:00+08:00", "2026-12-01T10:00:00+08:00"),
            used("2026-12-01T10:00:00+08:00", "2026-12-01T11:00:00+08:00"),
        ];
        let site = uses[0].site.clone();
        uses[1].site = site.clone();
        let judge = |uses: &[Used], from: &str, to: &str, most| code(too_many_at_once(period(from, to), Some(most), &site, uses));
        let (nine, ten, eleven, noon) =
            ("2026-12-01T09:00:00+08:00", "2026-12-01T10:00:00+08:00", "2026-12-01T11:00:00+08:00", "2026-12-01T12:00:00+08:00");
        assert_eq!(judge(&uses, eleven, noon, 1), None);
        assert_eq!(judge(&uses, "2026-12-01T10:59:00+08:00", noon, 1).as_deref(), Some("too-many-at-once"));
        // Two that follow each other are one at a time.
        assert_eq!(judge(&uses, nine, eleven, 2), None);
        assert_eq!(judge(&uses, nine, ten, 1).as_deref(), Some("too-many-at-once"));
        uses[0].counts_as = Counted::LateCancelled;
        assert_eq!(judge(&uses, nine, ten, 1), None, "what was cancelled is not used");
        assert_eq!(code(too_many_at_once(period(nine, noon), None, &site, &uses)), None);
    }
}
