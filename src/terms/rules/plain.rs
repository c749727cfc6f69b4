//! The plain effect of a clause in one sentence, for people who sign it and people who meet it: what can be booked because
//! of it, and what cannot.

use super::decide::{en_date, en_day, zh_date, zh_day};
use super::hours::{hours_on_weekday, show_spans};
use crate::kernel::Fen;
use crate::terms::model::hours::Weekday;
use crate::terms::model::{Capacity, Ceiling, ClauseKind, HolidayRule, Noise, Payload, Per, Use, Weekly};

/// The sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// What the clause does.
pub fn plain(kind: ClauseKind, payload: &Payload) -> Plain {
    let (zh, en) = match payload {
        Payload::Parties { parties } => {
            let n = parties.len();
            (
                format!("{n} 方都签了字,这些空间才开放;少一方都订不了。"),
                format!("Nothing opens until all {n} parties have signed; with one missing, nothing can be booked."),
            )
        }
        Payload::SpaceGrant { rent_fen_per_year: Fen(0), .. } => {
            ("场地免费借出,大家才能来订。".into(), "The rooms are lent free of rent, so everybody can book them.".into())
        }
        Payload::SpaceGrant { rent_fen_per_year, .. } => (
            format!("场地借出来给大家订,每年租金 {} 元。", yuan(*rent_fen_per_year)),
            format!("The rooms are lent for everybody to book, at a rent of {} yuan a year.", yuan(*rent_fen_per_year)),
        ),
        Payload::Term { first_day, last_day } => (
            format!("{}到{}可以订,再往后订不了。", zh_date(*first_day), zh_date(*last_day)),
            format!("Can be booked from {} to {}, and not after that.", en_date(*first_day), en_date(*last_day)),
        ),
        Payload::OpenHours(hours) => {
            let ((zh, en), (more_zh, more_en)) = (timetable(hours), special_days(hours, "不开放", "closed"));
            (format!("{zh} 可以订,其余时间订不了。{more_zh}"), format!("Can be booked {en}; not at other times.{more_en}"))
        }
        Payload::ReservedHours { hours, .. } => {
            let ((zh, en), (more_zh, more_en)) = (timetable(hours), special_days(hours, "不留", "nothing is kept"));
            (
                format!("{zh} 留给签约单位自用,这段时间居民订不了。{more_zh}"),
                format!("{en} is kept for a party's own use; residents cannot book it then.{more_en}"),
            )
        }
        Payload::Uses { uses, .. } if kind == ClauseKind::AllowedUses => {
            let (zh, en) = names(uses);
            (format!("只能用来:{zh};别的用途订不了。"), format!("Only for: {en}. Nothing else can be booked."))
        }
        Payload::Uses { uses, safety } => {
            let (zh, en) = names(uses);
            let (why_zh, why_en) = if *safety { ("为了安全,", "For safety: ") } else { ("", "") };
            (format!("{why_zh}{zh}在这里订不了。"), format!("{why_en}cannot be booked here for {en}."))
        }
        Payload::Capacity { persons, basis } => {
            let (zh, en) = match basis {
                Capacity::Safety => ("为了安全,一个也不能多", "for safety, not one more"),
                Capacity::Comfort => ("再多就挤了", "more would be crowded"),
            };
            (format!("一次最多 {persons} 人,{zh}。"), format!("At most {persons} people at once; {en}."))
        }
        Payload::QuietHours { noise, hours } => {
            let (zh, en) = timetable(hours);
            let (what_zh, what_en) = match noise {
                Noise::Quiet => ("什么活动都", "anything"),
                Noise::Normal => ("说话、聊天以上响度的活动", "anything with talking or louder"),
                Noise::Loud => ("唱歌、跳舞、演出这类热闹的活动", "loud things such as singing, dancing and performances"),
            };
            (format!("{zh} 要安静,{what_zh}订不了。"), format!("Quiet {en}: {what_en} cannot be booked then."))
        }
        Payload::PriceCeiling { ceilings } => price(ceilings),
    };
    Plain { zh, en }
}

/// `60`, or `0.50` where there are fen.
fn yuan(amount: Fen) -> String {
    if amount.0 % 100 == 0 { (amount.0 / 100).to_string() } else { amount.to_string() }
}

fn names(uses: &[Use]) -> (String, String) {
    let zh: Vec<_> = uses.iter().map(|u| u.zh()).collect();
    let en: Vec<_> = uses.iter().map(|u| u.en()).collect();
    (zh.join("、"), en.join(", "))
}

/// `每天 08:30–21:00`, or days with the same hours together: `周一至周五 08:30–21:00;周六、周日 09:00–17:00`.
fn timetable(weekly: &Weekly) -> (String, String) {
    let mut groups: Vec<(Vec<Weekday>, String)> = Vec::new();
    for day in Weekday::ALL {
        let spans = hours_on_weekday(weekly, *day);
        if spans.is_empty() {
            continue;
        }
        let shown = show_spans(&spans);
        match groups.iter_mut().find(|(_, same)| *same == shown) {
            Some((days, _)) => days.push(*day),
            None => groups.push((vec![*day], shown)),
        }
    }
    let zh: Vec<_> = groups.iter().map(|(days, hours)| format!("{} {}", days_zh(days), hours.replace(", ", "、"))).collect();
    let en: Vec<_> = groups.iter().map(|(days, hours)| format!("{} {hours}", days_en(days))).collect();
    (zh.join(";"), en.join("; "))
}

const DAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const DAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn listed(days: &[Weekday], names: &[&'static str; 7], every: &str, range: &str, comma: &str) -> String {
    let mut at: Vec<usize> = days.iter().filter_map(|day| Weekday::ALL.iter().position(|d| d == day)).collect();
    at.sort_unstable();
    let name = |i: &usize| names.get(*i).copied().unwrap_or_default();
    match at.as_slice() {
        [_, _, _, _, _, _, _] => every.to_owned(),
        [first, .., last] if at.len() > 2 && last - first + 1 == at.len() => format!("{}{range}{}", name(first), name(last)),
        days => days.iter().map(name).collect::<Vec<_>>().join(comma),
    }
}

fn days_zh(days: &[Weekday]) -> String {
    listed(days, &DAYS_ZH, "每天", "至", "、")
}

fn days_en(days: &[Weekday]) -> String {
    listed(days, &DAYS_EN, "daily", "–", ", ")
}

fn special_days(weekly: &Weekly, closed_zh: &str, closed_en: &str) -> (String, String) {
    let (mut zh, mut en) = match weekly.holidays {
        HolidayRule::Closed => (format!("法定节假日{closed_zh}。"), format!(" On public holidays: {closed_en}.")),
        HolidayRule::AsSunday => ("法定节假日按周日。".into(), " Public holidays are as Sundays.".into()),
        HolidayRule::AsUsual => (String::new(), String::new()),
    };
    for dated in &weekly.dates {
        let (until_zh, until_en) = if dated.last == dated.first {
            (String::new(), String::new())
        } else {
            (format!("至{}", zh_day(dated.last)), format!(" to {}", en_day(dated.last)))
        };
        let (hours_zh, hours_en) = if dated.spans.is_empty() {
            (closed_zh.to_owned(), closed_en.to_owned())
        } else {
            (show_spans(&dated.spans).replace(", ", "、"), show_spans(&dated.spans))
        };
        zh.push_str(&format!("{}{until_zh}({}):{hours_zh}。", zh_date(dated.first), dated.reason_zh));
        en.push_str(&format!(" {}{until_en}: {hours_en}.", en_date(dated.first)));
    }
    (zh, en)
}

fn price(ceilings: &[Ceiling]) -> (String, String) {
    // Free in every way it can be counted is said once.
    let free = |of: Option<Use>| ceilings.iter().filter(|c| c.use_code == of).all(|c| c.fen == Fen(0));
    let mut said: Vec<Option<Use>> = Vec::new();
    let (mut zh, mut en): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for ceiling in ceilings {
        let of = ceiling.use_code;
        if free(of) && said.contains(&of) {
            continue;
        }
        let alone = ceilings.iter().all(|c| c.use_code.is_none());
        let (what_zh, what_en) = match of {
            Some(of) => (of.zh(), of.en()),
            None if alone => ("各种用途", "Every use"),
            None => ("其他用途", "every other use"),
        };
        if free(of) {
            zh.push(format!("{what_zh}免费"));
            en.push(format!("{what_en}: free"));
        } else {
            let (per_zh, per_en) = match ceiling.per {
                Per::Person => ("每人", "a person"),
                Per::Session => ("每次", "a session"),
                Per::Hour => ("每小时", "an hour"),
            };
            zh.push(format!("{what_zh}{per_zh}最多 {} 元", yuan(ceiling.fen)));
            en.push(format!("{what_en}: at most {} yuan {per_en}", yuan(ceiling.fen)));
        }
        said.push(of);
    }
    (format!("{};收得再多,系统不让订。", zh.join(",")), format!("{}. A higher price cannot be booked.", en.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{EVERY_DAY, clause, hours_json};
    use super::*;
    use serde_json::{Value, json};

    fn say(kind: &str, payload: Value) -> Plain {
        let clause = clause("c", kind, payload, json!({}));
        plain(clause.kind, &clause.payload)
    }

    #[test]
    fn hours_are_grouped_by_day() {
        let said = say("open_hours", hours_json("08:30", "21:00"));
        assert_eq!(said.zh, "每天 08:30–21:00 可以订,其余时间订不了。");
        assert_eq!(said.en, "Can be booked daily 08:30–21:00; not at other times.");
        let said = say(
            "open_hours",
            json!({"weekly": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "12:00"},
                {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "14:00", "to": "18:00"},
                {"days": ["sat", "mon"], "from": "19:00", "to": "20:00"}],
                "holidays": "closed", "dates": [{"first": "2027-02-06", "last": "2027-02-08", "windows": [], "reason_zh": "春节"}]}),
        );
        assert_eq!(
            said.zh,
            "周一 09:00–12:00、14:00–18:00、19:00–20:00;周二至周五 09:00–12:00、14:00–18:00;周六 19:00–20:00 可以订,其余时间订不了。\
             法定节假日不开放。2027年2月6日至2月8日(春节):不开放。"
        );
        assert!(said.en.ends_with("On public holidays: closed. 6 February 2027 to 8 February: closed."), "{}", said.en);
    }

    #[test]
    fn prices_say_free_once() {
        let said = say(
            "price_ceiling",
            json!({"ceilings": [{"use": "performance", "fen": 6000, "per": "session"}, {"fen": 0, "per": "session"}, {"fen": 0, "per": "hour"}]}),
        );
        assert_eq!(said.zh, "演出每次最多 60 元,其他用途免费;收得再多,系统不让订。");
        assert_eq!(said.en, "Performance: at most 60 yuan a session; every other use: free. A higher price cannot be booked.");
    }

    #[test]
    fn every_kind_has_a_sentence_in_both_languages() {
        let quiet = json!({"noise": "loud", "weekly": [{"days": EVERY_DAY, "from": "12:00", "to": "14:00"}]});
        let kept = json!({"reserved_for": "a", "weekly": [{"days": ["mon"], "from": "08:30", "to": "12:00"}], "holidays": "closed"});
        let two = json!({"parties": [{"organisation": "a", "capacity": "property_unit", "stage": 1}, {"organisation": "b", "capacity": "community", "stage": 1}]});
        for (kind, payload, zh) in [
            ("parties", two, "2 方都签了字,这些空间才开放;少一方都订不了。"),
            ("space_grant", json!({"by": "a", "rent_fen_per_year": 0}), "场地免费借出,大家才能来订。"),
            ("space_grant", json!({"by": "a", "rent_fen_per_year": 120_000}), "场地借出来给大家订,每年租金 1200 元。"),
            ("term", json!({"first_day": "2026-01-01", "last_day": "2028-12-31"}), "2026年1月1日到2028年12月31日可以订,再往后订不了。"),
            ("reserved_hours", kept, "周一 08:30–12:00 留给签约单位自用,这段时间居民订不了。法定节假日不留。"),
            ("allowed_uses", json!({"uses": ["meeting", "study"]}), "只能用来:会议、学习;别的用途订不了。"),
            ("prohibited_uses", json!({"uses": ["performance"]}), "演出在这里订不了。"),
            ("capacity", json!({"persons": 40, "basis": "safety"}), "一次最多 40 人,为了安全,一个也不能多。"),
            ("quiet_hours", quiet, "每天 12:00–14:00 要安静,唱歌、跳舞、演出这类热闹的活动订不了。"),
        ] {
            let said = say(kind, payload);
            assert_eq!(said.zh, zh);
            assert!(said.en.ends_with('.') && said.en.is_ascii() || said.en.contains('–'), "{}", said.en);
        }
    }
}
