//! The words about what a change does to bookings.

use super::Named;
use crate::impact::model::Disposition;
use crate::impact::queries::HeldItem;
use crate::kernel::{Fen, Period, Zone};
use crate::notify::model::Message;

/// The only booking its holder is told about: its space, the zone of its site, its time.
pub type Only<'a> = (Named<'a>, &'a Zone, Period);

/// About what an event does to the bookings of one holder; of a single one it is said which.
pub fn plan((title_zh, title_en): Named, zone: &Zone, items: &[&HeldItem], only: Option<Only>) -> Message {
    let (title_en, (zh, en)) = (title_en.unwrap_or(title_zh), fates(zone, items, only));
    Message { zh: format!("《{title_zh}》有变动，{zh}。"), en: format!("“{title_en}” has changed. {en}.") }
}

/// Where spaces are closed, or opened again.
#[derive(Debug, Clone, Copy)]
pub struct Shut<'a> {
    /// The site.
    pub site: Named<'a>,
    /// They are open again.
    pub reopened: bool,
    /// Why.
    pub reason: &'a str,
}

/// The same where spaces of a site were closed, or opened again.
pub fn closure(shut: &Shut, zone: &Zone, items: &[&HeldItem], only: Option<Only>) -> Message {
    let ((site_zh, site_en), reason) = (shut.site, shut.reason);
    let (site_en, (zh, en)) = (site_en.unwrap_or(site_zh), fates(zone, items, only));
    let (what_zh, what_en) = if shut.reopened { ("恢复开放", "opens again") } else { ("有空间关闭", "closes spaces for a while") };
    Message { zh: format!("{site_zh}{what_zh}（{reason}）。{zh}。"), en: format!("{site_en} {what_en} ({reason}). {en}.") }
}

/// What becomes of bookings, each disposition once.
fn fates(zone: &Zone, items: &[&HeldItem], only: Option<Only>) -> (String, String) {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for disposition in Disposition::ALL {
        let mine: Vec<&HeldItem> = items.iter().copied().filter(|item| item.disposition == *disposition).collect();
        if let Some((one_zh, one_en)) = fate(*disposition, &mine, only.is_some(), zone) {
            zh.push(one_zh);
            en.push(one_en);
        }
    }
    let (of_zh, of_en) = match only {
        Some(only) => named(only, items.iter().any(|item| is_request(item.disposition))),
        None => ("您的预订".to_owned(), "Of your bookings".to_owned()),
    };
    (format!("{of_zh}：{}", zh.join("；")), format!("{of_en}: {}", en.join("; ")))
}

fn named(((space_zh, space_en), zone, period): Only, asked: bool) -> (String, String) {
    let ((when_zh, when_en), space_en) = (zone.say_period(period), space_en.unwrap_or(space_zh));
    let (what_zh, what_en) = if asked { ("您申请的", "Your request for") } else { ("您订的", "Your booking of") };
    (format!("{what_zh}{space_zh}（{when_zh}）"), format!("{what_en} {space_en}, {when_en}"))
}

/// What waits for a yes still.
fn is_request(disposition: Disposition) -> bool {
    matches!(disposition, Disposition::RequestRefused | Disposition::Requoted | Disposition::LookedAtAgain)
}

/// What becomes of those with one disposition. `told`: it is one, and it was said which.
fn fate(disposition: Disposition, mine: &[&HeldItem], told: bool, zone: &Zone) -> Option<(String, String)> {
    let n = mine.len();
    if n == 0 {
        return None;
    }
    let times = if told { String::new() } else { format!("{n} 次") };
    let who = match (told, n, is_request(disposition)) {
        (true, ..) => "it".to_owned(),
        (_, 1, true) => "1 request".to_owned(),
        (_, _, true) => format!("{n} requests"),
        _ => n.to_string(),
    };
    // One is, several are.
    let verb = |one: &'static str, several: &'static str| if n == 1 { one } else { several };
    let refund = Fen(mine.iter().map(|item| item.refund.0).sum());
    let (back_zh, back_en) = if refund > Fen::ZERO {
        (format!("，退回 {refund} 元"), format!(", {refund} yuan are paid back"))
    } else {
        // What cost nothing gives nothing back.
        Default::default()
    };
    let (due_zh, due_en) = mine.iter().filter_map(|item| item.due).min().map(|due| zone.say_end(due)).unwrap_or_default();
    let (zh, en) = match disposition {
        Disposition::Unaffected => return None,
        Disposition::Kept => ("照旧".to_owned(), verb("stays as it is", "stay as they are").to_owned()),
        Disposition::BetterTermsApplied => (format!("降价{back_zh}"), format!("{}{back_en}", verb("costs less", "cost less"))),
        Disposition::RearrangeOffered => {
            let zh = format!("{times}要请您换个时间或地方，已为您留了位子，请在 {due_zh} 前答复");
            return Some((zh, format!("for {who} another time or room is held for you, please answer by {due_en}")));
        }
        Disposition::ReduceRequired => {
            (format!("人数超了，请在 {due_zh} 前减下来"), format!("{} too many people, please reduce by {due_en}", verb("has", "have")))
        }
        Disposition::Cancelled => (format!("取消了{back_zh}"), format!("{} cancelled{back_en}", verb("is", "are"))),
        Disposition::AtRisk => {
            ("可能用不上，最晚提前七天告诉您".to_owned(), "may not take place, you will hear seven days before at the latest".to_owned())
        }
        Disposition::Interrupted => (format!("中止了{back_zh}"), format!("{} interrupted{back_en}", verb("is", "are"))),
        Disposition::RequestRefused => ("申请批不了了".to_owned(), "can no longer be approved".to_owned()),
        Disposition::Requoted => ("申请降价了".to_owned(), "will cost less".to_owned()),
        Disposition::LookedAtAgain => ("申请要重新看一遍".to_owned(), format!("{} looked at again", verb("is", "are"))),
    };
    Some((format!("{times}{zh}"), format!("{who} {en}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Instant;
    use crate::kernel::id::{Id, SpaceId};

    fn item(disposition: Disposition, refund: i64) -> HeldItem {
        let due = Some(Instant::parse("2026-11-25T10:00:00Z").unwrap());
        HeldItem { household: None, organisation: None, space: SpaceId::fresh(), period: None, disposition, refund: Fen(refund), due }
    }

    fn afternoon() -> Period {
        Period::new(Instant::parse("2026-11-28T06:00:00Z").unwrap(), Instant::parse("2026-11-28T08:00:00Z").unwrap()).unwrap()
    }

    #[test]
    fn a_single_booking_is_named() {
        let zone = Zone::usual();
        let only: Only = (("活动大厅", Some("The hall")), &zone, afternoon());
        let told = |disposition, refund| plan(("协议", None), &zone, &[&item(disposition, refund)], Some(only));
        let offered = told(Disposition::RearrangeOffered, 0);
        assert!(offered.zh.starts_with("《协议》有变动，您订的活动大厅（2026年11月28日周六 14:00–16:00）：要请您换个"), "{}", offered.zh);
        assert!(offered.zh.ends_with("，请在 2026年11月25日周三 18:00 前答复。"), "{}", offered.zh);
        assert!(offered.en.contains(" Your booking of The hall, Sat 28 Nov 2026, 14:00–16:00: for it another "), "{}", offered.en);
        assert!(told(Disposition::Cancelled, 500).zh.ends_with("：取消了，退回 5.00 元。"));
        assert!(told(Disposition::Cancelled, 0).en.ends_with(": it is cancelled."));
        assert!(told(Disposition::Kept, 0).en.ends_with(": it stays as it is."));
        assert!(told(Disposition::RequestRefused, 0).zh.contains("，您申请的活动大厅（"));
        let shut = Shut { site: ("书苑", None), reopened: false, reason: "漏水" };
        let closed = closure(&shut, &zone, &[&item(Disposition::AtRisk, 0)], Some(only)).zh;
        assert!(closed.starts_with("书苑有空间关闭（漏水）。您订的活动大厅（"), "{closed}");
    }

    #[test]
    fn several_are_counted_and_nothing_is_paid_back_for_what_was_free() {
        let (zone, free, paid) = (Zone::usual(), item(Disposition::Cancelled, 0), item(Disposition::Cancelled, 250));
        let told = |items: &[&HeldItem]| plan(("协议", Some("Agreement")), &zone, items, None);
        let message = told(&[&free, &item(Disposition::Kept, 0)]);
        assert_eq!(message.zh, "《协议》有变动，您的预订：1 次照旧；1 次取消了。");
        assert_eq!(message.en, "“Agreement” has changed. Of your bookings: 1 stays as it is; 1 is cancelled.");
        let message = told(&[&paid, &free, &paid, &item(Disposition::Requoted, 0)]);
        assert_eq!(message.zh, "《协议》有变动，您的预订：3 次取消了，退回 5.00 元；1 次申请降价了。");
        assert!(message.en.ends_with(": 3 are cancelled, 5.00 yuan are paid back; 1 request will cost less."), "{}", message.en);
        for disposition in Disposition::ALL {
            let (one, none) = (item(*disposition, 0), *disposition == Disposition::Unaffected);
            assert_eq!(fate(*disposition, &[&one], true, &zone).is_none(), none, "{disposition}");
            assert_eq!(fate(*disposition, &[&one, &one], false, &zone).is_none(), none, "{disposition}");
            assert_eq!(fate(*disposition, &[], false, &zone), None, "{disposition}");
        }
    }
}
