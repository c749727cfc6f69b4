//! The plain effect of a clause in one sentence, for people who sign it and people who meet it: what can be booked because
//! of it, and what cannot.

mod care;
mod consent;
mod lifecycle;
mod money;

pub use consent::plain_consent;

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
        Payload::Suspension(suspended) if suspended.closure => (
            format!("{}关闭了这里：{}。开放以前订不了。", suspended.ordered_by.zh(), suspended.ground.trim_end_matches('。')),
            format!("Closed by {}: {}. Nothing can be booked until it is over.", suspended.ordered_by.en(), suspended.ground),
        ),
        Payload::Suspension(suspended) => (
            format!("{}暂停了使用：{}。恢复以前订不了。", suspended.ordered_by.zh(), suspended.ground.trim_end_matches('。')),
            format!("Suspended by {}: {}. Nothing can be booked until it is lifted.", suspended.ordered_by.en(), suspended.ground),
        ),
        Payload::Parties { parties } => {
            let n = parties.len();
            (
                format!("{n} 方都签了字，这些空间才开放；少一方都订不了。"),
                format!("Nothing opens until all {n} parties have signed; with one missing, nothing can be booked."),
            )
        }
        Payload::SpaceGrant { rent_fen_per_year: Fen(0), .. } => {
            ("场地免费借出，大家才能来订。".into(), "The rooms are lent free of rent, so everybody can book them.".into())
        }
        Payload::SpaceGrant { rent_fen_per_year, .. } => (
            format!("场地借出来给大家订，每年租金 {} 元。", yuan(*rent_fen_per_year)),
            format!("The rooms are lent for everybody to book, at a rent of {} yuan a year.", yuan(*rent_fen_per_year)),
        ),
        Payload::Term { first_day, last_day } => (
            format!("{}到{}可以订，再往后订不了。", zh_date(*first_day), zh_date(*last_day)),
            format!("Can be booked from {} to {}, and not after that.", en_date(*first_day), en_date(*last_day)),
        ),
        Payload::OpenHours(hours) => {
            let ((zh, en), (more_zh, more_en)) = (timetable(hours), special_days(hours, "不开放", "closed"));
            (format!("{zh} 可以订，其余时间订不了。{more_zh}"), format!("Can be booked {en}; not at other times.{more_en}"))
        }
        Payload::ReservedHours { hours, .. } => {
            let ((zh, en), (more_zh, more_en)) = (timetable(hours), special_days(hours, "不留", "nothing is kept"));
            (
                format!("{zh} 留给签约单位自用，这段时间居民订不了。{more_zh}"),
                format!("{en} is kept for a party's own use; residents cannot book it then.{more_en}"),
            )
        }
        Payload::Uses { uses, .. } if kind == ClauseKind::AllowedUses => {
            let (zh, en) = names(uses);
            (format!("只能用来：{zh}；别的用途订不了。"), format!("Only for: {en}. Nothing else can be booked."))
        }
        Payload::Uses { uses, safety } => {
            let (zh, en) = names(uses);
            let (why_zh, why_en) = if *safety { ("为了安全，", "For safety: ") } else { ("", "") };
            (format!("{why_zh}{zh}在这里订不了。"), format!("{why_en}cannot be booked here for {en}."))
        }
        Payload::Capacity { persons, basis } => {
            let (zh, en) = match basis {
                Capacity::Safety => ("为了安全，一个也不能多", "for safety, not one more"),
                Capacity::Comfort => ("再多就挤了", "more would be crowded"),
            };
            (format!("一次最多 {persons} 人，{zh}。"), format!("At most {persons} people at once; {en}."))
        }
        Payload::QuietHours { noise, hours } => {
            let (zh, en) = timetable(hours);
            let (what_zh, what_en) = match noise {
                Noise::Quiet => ("什么活动都", "anything"),
                Noise::Normal => ("说话、聊天以上响度的活动", "anything with talking or louder"),
                Noise::Loud => ("唱歌、跳舞、演出这类热闹的活动", "loud things such as singing, dancing and performances"),
            };
            (format!("{zh} 要安静，{what_zh}订不了。"), format!("Quiet {en}: {what_en} cannot be booked then."))
        }
        Payload::PriceCeiling { ceilings } => price(ceilings),
        Payload::FreeShare(clause) => money::free_share(clause),
        Payload::Priority(clause) => care::priority(clause),
        Payload::AllocationMix(clause) => care::allocation(clause),
        Payload::Approval(clause) => care::approval(clause),
        Payload::UtilitiesPayer(clause) => money::utilities(clause),
        Payload::FitOut(clause) => money::fit_out(clause),
        Payload::RevenueShare(clause) => money::revenue(clause),
        Payload::PublicReturn(clause) => money::public_return(clause),
        Payload::Maintenance { notice_days, hours } => {
            let ((zh, en), (more_zh, more_en)) = (timetable(hours), special_days(hours, "不维护", "no upkeep"));
            let (zh, en) =
                if zh.is_empty() { (more_zh, more_en.trim().to_owned()) } else { (format!("{zh}。{more_zh}"), format!("{en}.{more_en}")) };
            (
                format!("这些时候打扫、维护，订不了：{zh}别的时候要维护，会提前 {notice_days} 天说。"),
                format!("Kept for upkeep and not bookable: {en} Any other upkeep is told {notice_days} days before."),
            )
        }
        Payload::InsuranceSafety(clause) => care::insurance(clause),
        Payload::Minors(clause) => care::minors(clause),
        Payload::Data(clause) => care::data(clause),
        Payload::Review(clause) => lifecycle::review(clause),
        Payload::AmendmentRule(clause) => consent::amendment(clause),
        Payload::SuspensionRule(clause) => lifecycle::suspension(clause),
        Payload::TerminationRule(clause) => lifecycle::termination(clause),
        Payload::Settlement(clause) => lifecycle::settlement(clause),
        Payload::Dispute(clause) => lifecycle::dispute(clause),
    };
    Plain { zh, en }
}

/// `60`, or `0.50` where there are fen.
pub(in crate::terms::rules) fn yuan(amount: Fen) -> String {
    if amount.0 % 100 == 0 { (amount.0 / 100).to_string() } else { amount.to_string() }
}

fn names(uses: &[Use]) -> (String, String) {
    let zh: Vec<_> = uses.iter().map(|u| u.zh()).collect();
    let en: Vec<_> = uses.iter().map(|u| u.en()).collect();
    (zh.join("、"), en.join(", "))
}

/// `每天 08:30–21:00`, or days with the same hours together: `周一至周五 08:30–21:00；周六、周日 09:00–17:00`.
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
    (zh.join("；"), en.join("; "))
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
        zh.push_str(&format!("{}{until_zh}（{}）：{hours_zh}。", zh_date(dated.first), dated.reason_zh));
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
    (format!("{}；收得再多，系统不让订。", zh.join("，")), format!("{}. A higher price cannot be booked.", en.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::rules::samples::{EVERY_DAY, clause, hours_json};
    use serde_json::{Value, json};

    fn say(kind: &str, payload: Value) -> Plain {
        let clause = clause("c", kind, payload, json!({}));
        plain(clause.kind, &clause.payload)
    }

    #[test]
    fn hours_are_grouped_by_day() {
        let said = say("open_hours", hours_json("08:30", "21:00"));
        assert_eq!(said.zh, "每天 08:30–21:00 可以订，其余时间订不了。");
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
            "周一 09:00–12:00、14:00–18:00、19:00–20:00；周二至周五 09:00–12:00、14:00–18:00；周六 19:00–20:00 可以订，其余时间订不了。\
             法定节假日不开放。2027年2月6日至2月8日（春节）：不开放。"
        );
        assert!(said.en.ends_with("On public holidays: closed. 6 February 2027 to 8 February: closed."), "{}", said.en);
    }

    #[test]
    fn prices_say_free_once() {
        let said = say(
            "price_ceiling",
            json!({"ceilings": [{"use": "performance", "fen": 6000, "per": "session"}, {"fen": 0, "per": "session"}, {"fen": 0, "per": "hour"}]}),
        );
        assert_eq!(said.zh, "演出每次最多 60 元，其他用途免费；收得再多，系统不让订。");
        assert_eq!(said.en, "Performance: at most 60 yuan a session; every other use: free. A higher price cannot be booked.");
    }

    #[test]
    fn every_kind_has_a_sentence_in_both_languages() {
        let quiet = json!({"noise": "loud", "weekly": [{"days": EVERY_DAY, "from": "12:00", "to": "14:00"}]});
        let kept = json!({"reserved_for": "a", "weekly": [{"days": ["mon"], "from": "08:30", "to": "12:00"}], "holidays": "closed"});
        let two = json!({"parties": [{"organisation": "a", "capacity": "property_unit", "stage": 1}, {"organisation": "b", "capacity": "community", "stage": 1}]});
        for (kind, payload, zh) in [
            ("parties", two, "2 方都签了字，这些空间才开放；少一方都订不了。"),
            ("space_grant", json!({"by": "a", "rent_fen_per_year": 0}), "场地免费借出，大家才能来订。"),
            ("space_grant", json!({"by": "a", "rent_fen_per_year": 120_000}), "场地借出来给大家订，每年租金 1200 元。"),
            ("term", json!({"first_day": "2026-01-01", "last_day": "2028-12-31"}), "2026年1月1日到2028年12月31日可以订，再往后订不了。"),
            ("reserved_hours", kept, "周一 08:30–12:00 留给签约单位自用，这段时间居民订不了。法定节假日不留。"),
            ("allowed_uses", json!({"uses": ["meeting", "study"]}), "只能用来：会议、学习；别的用途订不了。"),
            ("prohibited_uses", json!({"uses": ["performance"]}), "演出在这里订不了。"),
            ("capacity", json!({"persons": 40, "basis": "safety"}), "一次最多 40 人，为了安全，一个也不能多。"),
            ("quiet_hours", quiet, "每天 12:00–14:00 要安静，唱歌、跳舞、演出这类热闹的活动订不了。"),
            ("free_share", json!({"percent": 60}), "每个月至少 60% 的场次不收钱。"),
            (
                "priority",
                json!({"classes": ["elder", "household"], "household_quota": {"most": 2, "per": "week"}}),
                "想订的人多时，先后是：60岁以上老人、本社区住户。一户每周最多订 2 次。",
            ),
            ("allocation_mix", json!({"fixed": 50, "rotating": 30, "temporary": 20}), "固定使用占 50%，轮流使用占 30%，临时使用占 20%。"),
            ("approval", json!({"approver": "community", "deadline_hours": 48}), "所有预订要先等社区同意，48 小时内给答复。"),
            (
                "approval",
                json!({"approver": "property_unit", "deadline_hours": 24, "uses": ["performance"], "at_least_people": 100, "days_off": true}),
                "用来演出的、100 人以上的、周末和节假日的预订要先等产权单位同意，24 小时内给答复。",
            ),
            (
                "utilities_payer",
                json!({"lines": [{"kind": "water", "party": "a"}, {"kind": "gas", "party": "a", "share_basis_points": 5000},
                    {"kind": "gas", "party": "b", "share_basis_points": 5000, "cap_fen": 20_000}]}),
                "水费由一家签约单位付；燃气费由几家分摊；一家一个月一项最多 200 元；来活动的人不用另付。",
            ),
            ("fit_out", json!({"party": "a", "funding": "community_service_fund"}), "装修改造由一家签约单位负责，用的是党群服务经费。"),
            (
                "revenue_share",
                json!({"shares": [{"party": "a", "basis_points": 3000}, {"party": "b", "basis_points": 1250}]}),
                "收来的钱按 30%、12.5% 分给 2 家签约单位，余下的留作空间的备用金。",
            ),
            ("revenue_share", json!({"shares": [], "remainder": "public_return"}), "收来的钱哪一方都不分，全部用于公益反哺。"),
            (
                "public_return",
                json!({"destinations": [{"purpose": "elders", "basis_points": 6050}, {"purpose": "maintenance", "basis_points": 3950}]}),
                "结余都用回大家身上：为老服务 60.5%、空间维护 39.5%。",
            ),
            (
                "maintenance",
                json!({"weekly": [{"days": ["mon"], "from": "08:30", "to": "10:00"}], "holidays": "closed"}),
                "这些时候打扫、维护，订不了：周一 08:30–10:00。法定节假日不维护。别的时候要维护，会提前 3 天说。",
            ),
            (
                "insurance_safety",
                json!({"evidence": [{"name": "fire_inspection", "valid_until": "2026-12-31"}]}),
                "有效期：消防检查到2026年12月31日。过了期没续上，就订不了。",
            ),
            (
                "minors",
                json!({"guardian_below_age": 8, "children_per_adult": 5}),
                "不满 8 岁的孩子要有大人陪，一个大人最多带 5 个；带孩子的工作人员每年查一次。",
            ),
            ("data", json!({"controller": "a"}), "姓名和手机号打码显示；用完 90 天后删掉联系方式，孩子的 30 天。"),
            ("review", json!({"days": ["2027-01-15", "2028-01-15"]}), "2027年1月15日、2028年1月15日，各方坐下来看看哪里要改。"),
            ("amendment_rule", json!({}), "改协议按商量的通用规则来。改了以后，头 14 天里已经订好的照旧。"),
            (
                "amendment_rule",
                json!({"rules": [{"change": "uses", "wait_days": 7, "consent": {"rule": "and", "of": [
                    {"rule": "all_of", "capacity": "community"},
                    {"rule": "or", "of": [{"rule": "k_of", "capacity": "property_unit", "k": 2}, {"rule": "unanimous"}]}]}}]}),
                "改用途要社区都同意，并且（至少 2 家产权单位同意，或者各方都同意），再等 7 天；其他的按通用规则。改了以后，头 14 天里已经订好的照旧。",
            ),
            (
                "suspension_rule",
                json!({"who": ["property_unit", "community"], "grounds": ["safety", "repair"]}),
                "因为安全隐患、维修施工，产权单位、社区可以暂停开放；有计划的要提前 7 天说，超过 60 天要报街道。",
            ),
            (
                "termination_rule",
                json!({"notice_days": 90, "withdrawal_allowed": true}),
                "要提前结束，得提前 90 天通知各方；这期间还能订到最后一天为止；一家产权单位要退出，其他空间照常开放。",
            ),
            ("settlement", json!({"days": 30}), "协议结束后 30 天内把账结清、向大家公布。"),
            ("dispute", json!({"steps": ["talk", "street", "court"]}), "有了争议，依次走：各方商量→街道协调→诉讼。"),
        ] {
            let said = say(kind, payload);
            assert_eq!(said.zh, zh);
            assert!(said.en.ends_with('.') && said.en.is_ascii() || said.en.contains('–'), "{}", said.en);
            assert!(
                said.en.starts_with(|letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit()) || kind == "prohibited_uses",
                "{}",
                said.en
            );
        }
    }
}
