use super::super::samples::{beijing, hour, period, used};
use super::*;
use crate::kernel::id::Id;
use crate::terms::rules::samples::{clause, row};
use proptest::prelude::*;
use serde_json::json;

fn quota(per: QuotaSpan, days: Option<i64>, bookings: Option<i64>, hours: Option<i64>) -> Quota {
    Quota { holder: QuotaHolder::Household, per, days, bookings, hours }
}

/// The limits of a site with one quota, and uses there.
fn given(quota: Quota, times: &[&str]) -> (Vec<Limit>, Vec<Used>) {
    let site: SiteId = Id::fresh();
    let uses = times.iter().map(|start| {
        let whole = hour(start);
        Used { site: site.clone(), period: whole, occupancy: whole, ..used("2026-12-01T09:00:00+08:00", "2026-12-01T10:00:00+08:00") }
    });
    let uses: Vec<Used> = uses.collect();
    (limits(&site, &[quota], &[], QuotaHolder::Household, &[]), uses)
}

fn judge(limits: &[Limit], uses: &[Used], start: &str) -> Vec<String> {
    over_quota(limits, &beijing(), uses, hour(start)).into_iter().map(|reason| reason.zh).collect()
}

#[test]
fn a_week_is_from_monday_to_sunday_of_the_site() {
    let (limits, uses) = given(quota(QuotaSpan::Week, None, Some(2), None), &["2026-11-30T00:00:00+08:00", "2026-12-06T23:30:00+08:00"]);
    assert_eq!(
        judge(&limits, &uses, "2026-12-02T10:00:00+08:00"),
        [
            "每户每周最多订 2 次。2026年11月30日周一到2026年12月6日周日已经有 2 次：2026年11月30日周一 00:00–01:00 活动大厅（王*）、2026年12月6日周日 23:30 到 2026年12月7日周一 00:30 活动大厅（王*）。2026年12月7日周一起又可以订。"
        ]
    );
    assert_eq!(judge(&limits, &uses, "2026-12-07T00:00:00+08:00"), [""; 0]);
    assert_eq!(judge(&limits, &uses, "2026-11-29T23:00:00+08:00"), [""; 0]);
    assert_eq!(judge(&limits, &uses[..1], "2026-12-02T10:00:00+08:00"), [""; 0], "the second of two");
    // 23:30 UTC of the 6th is the 7th in Beijing.
    let (limits, uses) = given(quota(QuotaSpan::Day, None, Some(1), None), &["2026-12-06T23:30:00Z"]);
    assert_eq!(judge(&limits, &uses, "2026-12-06T12:00:00+08:00"), [""; 0]);
    assert_eq!(judge(&limits, &uses, "2026-12-07T12:00:00+08:00").len(), 1);
}

#[test]
fn a_month_ends_with_its_last_day() {
    let (limits, uses) = given(quota(QuotaSpan::Month, None, Some(1), None), &["2026-12-31T23:00:00+08:00"]);
    let said = judge(&limits, &uses, "2026-12-01T00:00:00+08:00");
    assert!(said[0].ends_with("2027年1月1日周五起又可以订。"), "{said:?}");
    assert_eq!(judge(&limits, &uses, "2027-01-01T00:00:00+08:00"), [""; 0]);
}

#[test]
fn hours_count_to_the_minute() {
    let (limits, uses) = given(quota(QuotaSpan::Day, None, None, Some(2)), &["2026-12-01T09:00:00+08:00"]);
    assert_eq!(judge(&limits, &uses, "2026-12-01T10:00:00+08:00"), [""; 0], "exactly two hours");
    let longer = period("2026-12-01T10:00:00+08:00", "2026-12-01T11:01:00+08:00");
    let said = over_quota(&limits, &beijing(), &uses, longer).remove(0);
    assert_eq!((said.figure.as_deref(), said.code.as_str()), (Some("2:00 h"), "over-quota"));
    assert!(said.zh.contains("已经有 1 小时") && said.zh.ends_with("2026年12月2日周三起又可以订。"), "{}", said.zh);
    assert!(said.en.contains("it has 1:00 h") && said.en.ends_with("again from Wed 2 Dec 2026."), "{}", said.en);
    let alone = period("2026-12-03T10:00:00+08:00", "2026-12-03T12:30:00+08:00");
    assert_eq!(over_quota(&limits, &beijing(), &uses, alone).remove(0).zh, "每户每天最多用 2 小时。这一次就要 2 小时 30 分钟。");
}

#[test]
fn any_days_in_a_row_means_before_and_after() {
    let rolling = quota(QuotaSpan::Rolling, Some(7), Some(2), None);
    let (limits, uses) = given(rolling, &["2026-12-01T09:00:00+08:00", "2026-12-07T09:00:00+08:00"]);
    // Between both, and within six days of both.
    assert_eq!(judge(&limits, &uses, "2026-12-04T09:00:00+08:00").len(), 1);
    // The 1st and the 8th are more than seven days, but the 7th and the 8th with one more are not.
    assert_eq!(judge(&limits, &uses, "2026-12-08T09:00:00+08:00"), [""; 0]);
    let (limits, uses) = given(rolling, &["2026-12-01T09:00:00+08:00", "2026-12-04T09:00:00+08:00"]);
    let said = judge(&limits, &uses, "2026-12-07T09:00:00+08:00");
    assert!(said[0].ends_with("2026年12月8日周二起又可以订。"), "{said:?}");
    assert_eq!(judge(&limits, &uses, "2026-12-08T09:00:00+08:00"), [""; 0]);
    // What lies ahead counts as what lies behind.
    assert_eq!(judge(&limits, &uses, "2026-11-28T09:00:00+08:00").len(), 1);
    assert_eq!(judge(&limits, &uses, "2026-11-27T09:00:00+08:00"), [""; 0]);
}

#[test]
fn both_figures_of_a_quota_are_told_and_other_holders_have_none() {
    let both = quota(QuotaSpan::Day, None, Some(1), Some(1));
    let (limits_of_both, uses) = given(both, &["2026-12-01T09:00:00+08:00"]);
    assert_eq!(judge(&limits_of_both, &uses, "2026-12-01T12:00:00+08:00").len(), 2);
    assert_eq!(limits(&uses[0].site, &[both], &[], QuotaHolder::Organisation, &[]), []);
    // At another site nothing was used.
    let elsewhere = limits(&Id::fresh(), &[both], &[], QuotaHolder::Household, &[]);
    assert_eq!(judge(&elsewhere, &uses, "2026-12-01T12:00:00+08:00"), [""; 0]);
}

#[test]
fn what_counts_says_why() {
    let (limits, mut uses) = given(
        quota(QuotaSpan::Day, None, Some(3), None),
        &["2026-12-01T09:00:00+08:00", "2026-12-01T11:00:00+08:00", "2026-12-01T13:00:00+08:00"],
    );
    for (used, why) in uses.iter_mut().zip([Counted::Requested, Counted::LateCancelled, Counted::NoShow]) {
        used.counts_as = why;
    }
    let said = over_quota(&limits, &beijing(), &uses, hour("2026-12-01T15:00:00+08:00")).remove(0);
    for words in ["王*，等答复", "王*，临时取消", "王*，没有来"] {
        assert!(said.zh.contains(words), "{}", said.zh);
    }
    assert!(said.en.contains("Hall (王*, nobody came)"), "{}", said.en);
}

#[test]
fn a_clause_counts_its_spaces_and_is_named() {
    let made = clause("fair", "priority", json!({"classes": ["household"], "household_quota": {"most": 1, "per": "week"}}), json!({}));
    let term = row("fair", made.kind, made.payload);
    let (_, uses) = given(quota(QuotaSpan::Day, None, Some(9), None), &["2026-12-01T09:00:00+08:00"]);
    let of = |spaces: Vec<SpaceId>| limits(&Id::fresh(), &[], &[&term, &term], QuotaHolder::Household, &[(term.clone(), spaces)]);
    assert_eq!(of(vec![]).len(), 1, "a clause about two parts is one clause");
    assert_eq!(judge(&of(vec![]), &uses, "2026-12-02T09:00:00+08:00"), [""; 0]);
    let said = over_quota(&of(vec![uses[0].space.clone()]), &beijing(), &uses, hour("2026-12-02T09:00:00+08:00")).remove(0);
    assert_eq!(
        (said.clause.as_deref(), said.agreement.as_deref(), said.version, said.figure.as_deref()),
        (Some("fair"), Some("yuxin"), Some(2), Some("1"))
    );
    assert_eq!(limits(&Id::fresh(), &[], &[&term], QuotaHolder::Organisation, &[]), []);
}

/// A holder who has had a room every day of a year is told no as quickly as any other.
#[test]
fn a_year_of_uses_is_counted_once() {
    let (limits, _) = given(quota(QuotaSpan::Rolling, Some(366), Some(300), None), &[]);
    let By::Site(site) = &limits[0].by else { panic!("the site's") };
    let zone = beijing();
    let first = zone.day_of(hour("2026-01-01T09:00:00+08:00").start());
    let at_nine = |n: i64| Period::new(zone.at(plus(first, n), 540), zone.at(plus(first, n), 600)).unwrap();
    let daily = |n| Used {
        site: site.clone(),
        period: at_nine(n),
        occupancy: at_nine(n),
        ..used("2026-12-01T09:00:00+08:00", "2026-12-01T10:00:00+08:00")
    };
    let uses: Vec<Used> = (0..366).map(daily).collect();
    let begun = std::time::Instant::now();
    for n in 0..400 {
        assert_eq!(over_quota(&limits, &zone, &uses, at_nine(n)).len(), 1, "{n}");
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(30), "{:?}", begun.elapsed());
    // The last full stretch begins with the 67th of them.
    assert_eq!(Tally::of(&limits[0], &zone, &uses).frees_on(first, 60), Some(plus(first, 66 + 366)));
}

proptest! {
    /// Booking whatever fits never goes over in any stretch, and the day named as free is the first that fits: as by asking every stretch.
    #[test]
    fn no_stretch_is_ever_overfull(starts in proptest::collection::vec(0i64..60, 1..40), most in 1i64..4, days in 2i64..10) {
        let rolling = quota(QuotaSpan::Rolling, Some(days), Some(most), None);
        let (limits, mut uses) = given(rolling, &[]);
        let By::Site(site) = &limits[0].by else { panic!("the site's") };
        let zone = beijing();
        let first = zone.day_of(crate::kernel::Instant(1_795_831_200_000_000));
        for n in starts {
            let wish = Period::new(zone.at(plus(first, n), 600), zone.at(plus(first, n), 660)).unwrap();
            if over_quota(&limits, &zone, &uses, wish).is_empty() {
                uses.push(Used { site: site.clone(), period: wish, occupancy: wish, ..used("2026-12-01T09:00:00+08:00", "2026-12-01T10:00:00+08:00") });
            }
        }
        let on: Vec<Day> = uses.iter().map(|used| zone.day_of(used.period.start())).collect();
        let inside = |from: Day| on.iter().filter(|day| (from..=plus(from, days - 1)).contains(*day)).count() as i64;
        // Every stretch that holds the day is asked.
        let fits = |day: Day| (0..days).all(|before| inside(plus(day, -before)) < most);
        let tally = Tally::of(&limits[0], &zone, &uses);
        for day in (-10..70).step_by(3).map(|n| plus(first, n)) {
            prop_assert_eq!(tally.fits(day, 60), fits(day));
            prop_assert_eq!(tally.standing(day).used, (0..days).map(|before| inside(plus(day, -before))).max().unwrap());
            let frees_on = (1..=2 * days).map(|n| plus(day, n)).find(|later| fits(*later));
            prop_assert_eq!(tally.frees_on(day, 60), frees_on);
        }
        prop_assert!((-10..70).all(|n| inside(plus(first, n)) <= most));
    }
}
