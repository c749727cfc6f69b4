//! Pure: the words of a notice, how it is asked for, how long it is kept. [`series`]: about bookings made by a rule; [`impact`]: about
//! what a change does to bookings.

pub mod impact;
pub mod series;

use super::model::{Message, Notice, Topic};
use crate::agreements::model::EventKind;
use crate::agreements::model::lifecycle::LifeKind;
use crate::bookings::model::attendance::{AppealOutcome, Limit, LimitKind};
use crate::bookings::model::requests::RequestOutcome;
use crate::bookings::model::{Cancellation, CancelledBy};
use crate::bookings::rules::attendance::SHORT_HORIZON_DAYS;
use crate::kernel::form::Spot;
use crate::kernel::time::{Day, say_day};
use crate::kernel::{Fen, Instant, Period, Reason, Zone};
use crate::people::model::Role;
use crate::usage::model::UsageEventKind;

/// Notices are kept for so many days (twelve months).
pub const KEPT_DAYS: i64 = 365;

/// What is older is forgotten.
pub fn kept_since(now: Instant) -> Instant {
    now.plus_days(-KEPT_DAYS)
}

/// Reads the kind of a notice, or a family of kinds: words of `a-z` and `_`, dots between.
pub fn kind(spot: &Spot) -> Option<String> {
    let fits = |text: &&str| {
        text.len() <= 60 && text.split('.').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
    };
    spot.value
        .as_str()
        .filter(fits)
        .map(str::to_owned)
        .or_else(|| spot.fault("malformed", "应如 booking 或 version.proposed。", "Must look like booking or version.proposed."))
}

/// About a booking: made or cancelled.
pub fn booking(made: bool, space_zh: &str, space_en: Option<&str>, zone: &Zone, period: Period) -> Message {
    let (when_zh, when_en) = zone.say_period(period);
    let en = space_en.unwrap_or(space_zh);
    if made {
        Message { zh: format!("已订好{space_zh}：{when_zh}。"), en: format!("{en} is booked: {when_en}.") }
    } else {
        Message { zh: format!("已取消{space_zh}的预订：{when_zh}。"), en: format!("The booking of {en} is cancelled: {when_en}.") }
    }
}

/// Somebody who may help booked it for them, or asked for it.
pub fn assisted(role: Option<Role>, booked: bool, (zh, en): Named, zone: &Zone, period: Period) -> Message {
    let (when_zh, when_en) = zone.say_period(period);
    let (who_zh, who_en) = match role {
        Some(Role::DoorLeader) => ("楼门长", "Your door leader"),
        Some(Role::GridLeader) => ("网格员", "Your grid leader"),
        Some(Role::Community) => ("社区", "The community"),
        _ => ("场馆的工作人员", "The staff of the place"),
    };
    let en = en.unwrap_or(zh);
    let (did_zh, did_en) = if booked { ("订好了", "booked") } else { ("申请了", "asked for") };
    Message {
        zh: format!("{who_zh}按您说的帮您{did_zh}{zh}：{when_zh}。不需要的话随时可以取消。"),
        en: format!("{who_en} {did_en} {en} for you, as you agreed: {when_en}. You can cancel it at any time."),
    }
}

/// What a reason says that the service wrote itself: whole sentences, with what becomes of the money.
const ALL_BACK: &str = "费用全部退回。";

/// What its provider ended says who ended it and why, and, where it cost something, that everything is paid back.
pub fn with_reason(message: Message, ended: Option<&Cancellation>, price: Fen) -> Message {
    let Some(Cancellation { by: CancelledBy::Provider, reason: Some(reason), .. }) = ended else { return message };
    let why = reason.trim_end_matches(['。', '.']);
    let (back_zh, back_en) = if price > Fen::ZERO { (ALL_BACK, " Everything is paid back.") } else { ("", "") };
    let zh = if reason.ends_with(ALL_BACK) {
        // Nobody answered, or the holder said no: the sentence tells how it ended.
        format!("{}{reason}", message.zh)
    } else {
        format!("{}管场地的一方取消的：{why}。{back_zh}", message.zh)
    };
    Message { zh, en: format!("{} Cancelled by whoever runs the space: {why}.{back_en}", message.en) }
}

/// About another password of one's own account.
pub fn password(by_code: bool) -> Message {
    let (how_zh, how_en) =
        if by_code { ("用领取码重新设好了", "was set anew with a claim code") } else { ("改好了", "was changed") };
    Message {
        zh: format!("您的密码{how_zh}，别的手机、电脑上要重新登录。不是您本人的话，请马上去社区服务台。"),
        en: format!(
            "Your password {how_en}; other phones and computers have to sign in again. If it was not you, go to your community's desk at once."
        ),
    }
}

/// About a claim code for whoever has a password; without a desk it is of the platform.
pub fn reset_offered(desk: Option<Named>) -> Message {
    let (zh, en) = desk.map_or_else(
        || ("平台管理员".to_owned(), "The platform administrator".to_owned()),
        |(zh, en)| (format!("{zh}的服务台"), format!("The desk of {}", en.unwrap_or(zh))),
    );
    Message {
        zh: format!("{zh}给您发了重设密码的领取码。没用它之前，原来的密码照常能用。不是您要的话，改一下密码，这个码就作废。"),
        en: format!(
            "{en} issued a claim code for another password of yours. Until it is used the present one works. If you did not ask for it, change your password: the code then ends."
        ),
    }
}

/// Something by its Chinese and English name.
pub type Named<'a> = (&'a str, Option<&'a str>);

/// Several of them in a row, in Chinese and English.
fn listed(all: &[Named]) -> (String, String) {
    let zh: Vec<&str> = all.iter().map(|(zh, _)| *zh).collect();
    let en: Vec<&str> = all.iter().map(|(zh, en)| en.unwrap_or(zh)).collect();
    (zh.join("、"), en.join(", "))
}

/// To those who must say yes to a booking.
pub fn request((zh, en): Named, zone: &Zone, period: Period, deadline: Instant) -> Message {
    let ((when_zh, when_en), (by_zh, by_en)) = (zone.say_period(period), zone.say_end(deadline));
    let en = en.unwrap_or(zh);
    Message {
        zh: format!("有人想用{zh}：{when_zh}，请在 {by_zh} 前答复。"),
        en: format!("Somebody asks for {en}: {when_en}; please answer by {by_en}."),
    }
}

/// To those who came up from the waiting list: until when their time is kept, or (without) that it is no longer.
pub fn hold(until: Option<Instant>, (zh, en): Named, zone: &Zone, period: Period) -> Message {
    let (when_zh, when_en) = zone.say_period(period);
    let en = en.unwrap_or(zh);
    match until.map(|until| zone.say_end(until)) {
        Some((until_zh, until_en)) => Message {
            zh: format!("排到您了！{zh} {when_zh} 空出来了，先替您留着，请在 {until_zh} 前确认。"),
            en: format!("Your turn: {en} is free and kept for you, {when_en}; please take it by {until_en}."),
        },
        None => Message {
            zh: format!("{zh} {when_zh} 没有等到您确认，已经让给下一位了。"),
            en: format!("{en}, {when_en}, is no longer kept for you: it was not taken in time."),
        },
    }
}

/// To those who did not come.
pub fn missed(limit: &Limit, (zh, en): Named, zone: &Zone, period: Period) -> Message {
    let ((when_zh, when_en), en, n) = (zone.say(period.start()), en.unwrap_or(zh), limit.missed);
    let (until_zh, until_en) = limit.until.map(|until| zone.say(until)).unwrap_or_default();
    let (then_zh, then_en) = match limit.kind {
        LimitKind::Reminder => ("来不了请提前取消，好让给别人".to_owned(), "please cancel in time, so that others can have it".to_owned()),
        LimitKind::ShorterHorizon => (
            format!("{until_zh} 之前只能提前 {SHORT_HORIZON_DAYS} 天预订"),
            format!("until {until_en} you can book {SHORT_HORIZON_DAYS} days ahead"),
        ),
        LimitKind::ThirtyDays | LimitKind::NinetyDays => {
            (format!("{until_zh} 之前不能预订"), format!("you can book again from {until_en}"))
        }
    };
    Message {
        zh: format!("{when_zh} 的{zh}没有人来，已经放给别人了。近一年这是第 {n} 次，{then_zh}。如果您来了，可以在预订里说明。"),
        en: format!(
            "Nobody came to {en}, {when_en}, and it was released. That makes {n} in the last year; {then_en}. If you were there, say so on the booking."
        ),
    }
}

/// To those who appealed.
pub fn decision(outcome: AppealOutcome, (zh, en): Named, zone: &Zone, period: Period) -> Message {
    let ((when_zh, when_en), en) = (zone.say(period.start()), en.unwrap_or(zh));
    match outcome {
        AppealOutcome::Cleared => Message {
            zh: format!("您的申诉通过了：{when_zh} 的{zh}不再记为未到。"),
            en: format!("Your appeal was heard: {en}, {when_en}, does not count any more."),
        },
        AppealOutcome::Upheld => Message {
            zh: format!("您的申诉没有通过：{when_zh} 的{zh}仍记为未到，答复请看预订。"),
            en: format!("Your appeal was not accepted: {en}, {when_en}, still counts; the booking shows the answer."),
        },
    }
}

/// To those who waited in vain: their time began, or the terms refuse it now.
pub fn lapsed((zh, en): Named, zone: &Zone, period: Period, refused: Option<&Reason>) -> Message {
    let (when_zh, when_en) = zone.say_period(period);
    let en = en.unwrap_or(zh);
    if let Some(reason) = refused {
        return Message {
            zh: format!("协议改了，{zh} {when_zh} 不用再排了：{}", reason.zh),
            en: format!("The agreement changed; there is no waiting for {en} any more, {when_en}: {}", reason.en),
        };
    }
    Message {
        zh: format!("{zh} {when_zh} 一直没有空出来，这次排队结束了。"),
        en: format!("{en}, {when_en}, did not come free; your place in line has ended."),
    }
}

/// To those who asked.
pub fn answer(outcome: RequestOutcome, (zh, en): Named, zone: &Zone, period: Period) -> Message {
    let (when_zh, when_en) = zone.say_period(period);
    let en = en.unwrap_or(zh);
    let (zh, en) = match outcome {
        RequestOutcome::Approved => {
            (format!("申请通过了，已订好{zh}：{when_zh}。"), format!("Your request was approved: {en} is booked, {when_en}."))
        }
        RequestOutcome::Refused => (
            format!("您申请的{zh}没有通过：{when_zh}。原因写在预订里。"),
            format!("Your request for {en}, {when_en}, was refused; the reason is in the booking."),
        ),
        RequestOutcome::Expired => (
            format!("您申请的{zh}没有等到答复，已经过期：{when_zh}。可以换个时间再订。"),
            format!("Nobody answered your request for {en}, {when_en}, in time; it has expired. You can ask for another time."),
        ),
    };
    Message { zh, en }
}

/// Whoever acted, where it is known for which party.
fn party(who: Option<Named>) -> (String, String) {
    who.map_or_else(|| ("有一方".into(), "A party".into()), |(zh, en)| (zh.to_owned(), en.unwrap_or(zh).to_owned()))
}

/// About a version of an agreement; `None` for what nobody needs to be told. `who`: the party that acted.
pub fn version(kind: EventKind, (title_zh, title_en): Named, no: i32, who: Option<Named>) -> Option<Message> {
    let en = title_en.unwrap_or(title_zh);
    let (who_zh, who_en) = party(who);
    let (zh, en) = match kind {
        EventKind::Drafted | EventKind::Edited => return None,
        EventKind::RoundOpened => (
            format!("《{title_zh}》第 {no} 版请大家商量，请您表态。"),
            format!("Version {no} of “{en}” is put to the parties to talk over; please say what you think."),
        ),
        EventKind::PositionStated => {
            (format!("《{title_zh}》第 {no} 版，{who_zh}表态了。"), format!("{who_en} has said what it thinks of version {no} of “{en}”."))
        }
        EventKind::Replied => {
            (format!("《{title_zh}》第 {no} 版的一条意见有了答复。"), format!("A position on version {no} of “{en}” has a reply."))
        }
        EventKind::RoundClosed => {
            (format!("《{title_zh}》第 {no} 版这一轮商量结束了。"), format!("The round about version {no} of “{en}” is over."))
        }
        EventKind::Proposed => {
            (format!("《{title_zh}》第 {no} 版请您签署。"), format!("Version {no} of “{en}” is waiting for your signature."))
        }
        EventKind::Signed => (format!("《{title_zh}》第 {no} 版，{who_zh}签了。"), format!("{who_en} has signed version {no} of “{en}”.")),
        EventKind::Confirmed => (
            format!("《{title_zh}》第 {no} 版的一份纸质签署已确认。"),
            format!("A paper signature on version {no} of “{en}” is confirmed."),
        ),
        EventKind::Extended => {
            (format!("《{title_zh}》第 {no} 版的签署期限延长了。"), format!("There is more time to sign version {no} of “{en}”."))
        }
        EventKind::SignedOutsidePower => (
            format!("《{title_zh}》第 {no} 版有人越权签了字，30 天内由这一方追认才算数。"),
            format!("Version {no} of “{en}” was signed outside a power; it counts if the party ratifies it within 30 days."),
        ),
        EventKind::Ratified => (
            format!("《{title_zh}》第 {no} 版的越权签字已追认。"),
            format!("What was signed outside a power on version {no} of “{en}” is ratified."),
        ),
        EventKind::RatificationRefused | EventKind::RatificationLapsed => (
            format!("《{title_zh}》第 {no} 版的越权签字没有追认，不算数。"),
            format!("What was signed outside a power on version {no} of “{en}” was not ratified and does not count."),
        ),
        EventKind::AgencyConsented => (
            format!("《{title_zh}》第 {no} 版，{who_zh}同意由同一个人代表两方签署。"),
            format!("{who_en} agreed that one person signs version {no} of “{en}” for two parties."),
        ),
        EventKind::VoteRecorded => (
            format!("《{title_zh}》第 {no} 版登记了业主表决结果，等第二个人核对。"),
            format!("An owners' vote about version {no} of “{en}” was recorded; a second person checks it."),
        ),
        EventKind::VoteConfirmed => (
            format!("《{title_zh}》第 {no} 版的业主表决结果已核对。"),
            format!("The owners' vote about version {no} of “{en}” is confirmed."),
        ),
        EventKind::Dissented => (
            format!("《{title_zh}》第 {no} 版，{who_zh}拒签，其他各方可以继续签。"),
            format!("{who_en} declined version {no} of “{en}”; the others may go on signing."),
        ),
        EventKind::Declined => (
            format!("《{title_zh}》第 {no} 版，{who_zh}拒签，这一版到此为止。"),
            format!("{who_en} declined version {no} of “{en}”; this version ends here."),
        ),
        EventKind::Withdrawn => (
            format!("《{title_zh}》第 {no} 版已撤回，签名作废。"),
            format!("Version {no} of “{en}” was withdrawn; its signatures are void."),
        ),
        EventKind::Agreed => {
            (format!("《{title_zh}》第 {no} 版各方都已签署。"), format!("All parties have signed version {no} of “{en}”."))
        }
        EventKind::Annulled => (
            format!("《{title_zh}》第 {no} 版各方同意撤销，不再生效。"),
            format!("All who signed version {no} of “{en}” took it back; it will not take effect."),
        ),
        EventKind::Lapsed => {
            (format!("《{title_zh}》第 {no} 版的签署期限已过。"), format!("The signing window of version {no} of “{en}” is over."))
        }
    };
    Some(Message { zh, en })
}

/// What happened to an agreement beside its versions.
#[derive(Debug, Clone, Default)]
pub struct Told<'a> {
    /// When what it is about ends, in Chinese and English.
    pub until: Option<(String, String)>,
    /// The party that acted.
    pub who: Option<Named<'a>>,
    /// The spaces it is about.
    pub spaces: Vec<Named<'a>>,
}

/// About an agreement beside its versions.
pub fn agreement(kind: LifeKind, (title_zh, title_en): Named, told: &Told) -> Message {
    let title_en = title_en.unwrap_or(title_zh);
    let (who_zh, who_en) = party(told.who);
    let (spaces_zh, spaces_en) = if told.spaces.is_empty() { ("有空间".to_owned(), "Spaces".to_owned()) } else { listed(&told.spaces) };
    let (to_zh, to_en) = match &told.until {
        Some((zh, en)) => (format!("到 {zh} 为止"), format!("until {en}")),
        None => ("恢复时间另行通知".to_owned(), "until it is lifted".to_owned()),
    };
    let (zh, en) = match kind {
        LifeKind::SuspensionOrdered => (format!("{spaces_zh}暂停使用，{to_zh}。"), format!("{spaces_en}: suspended {to_en}.")),
        LifeKind::SuspensionLifted => {
            (format!("{spaces_zh}的暂停解除了，恢复开放。"), format!("{spaces_en}: the suspension is lifted, open again."))
        }
        LifeKind::SuspensionUpheld => (
            format!("街道复查了{spaces_zh}的暂停，继续有效，{to_zh}。"),
            format!("{spaces_en}: the street office reviewed the suspension; it stands {to_en}."),
        ),
        LifeKind::SuspensionEscalated => (
            format!("{spaces_zh}暂停得太久了，请街道复查。"),
            format!("{spaces_en}: suspended for long; the street office is asked to review it."),
        ),
        LifeKind::TerminationServed => {
            (format!("{who_zh}发了终止通知，协议{to_zh}。"), format!("{who_en} has given notice; the agreement runs {to_en}."))
        }
        LifeKind::TerminationDisputed => (format!("{who_zh}对终止通知有异议。"), format!("{who_en} objects to the notice of termination.")),
        LifeKind::WithdrawalServed => (
            format!("{who_zh}要带着自己的空间退出，这些空间开放{to_zh}。"),
            format!("{who_en} leaves with its spaces; they are open {to_en}."),
        ),
        LifeKind::AnnulmentConsented => {
            (format!("{who_zh}同意撤销还没生效的版本。"), format!("{who_en} consents to annul the version that is not yet in effect."))
        }
        LifeKind::Annulled => (
            "还没生效的版本撤销了，原来的约定继续。".to_owned(),
            "The version not yet in effect is annulled; what was agreed before stands.".to_owned(),
        ),
        LifeKind::Expiring => (
            format!("协议{to_zh}，到期不会自动续，要继续请提前商量新的一版。"),
            format!("The agreement runs {to_en} and is not renewed by silence; to go on, talk a new version over in time."),
        ),
        LifeKind::SettlementOpened => ("协议已经结束，开始结算。".to_owned(), "The agreement has ended and is being settled.".to_owned()),
        LifeKind::Closed => ("协议已经结清。".to_owned(), "The agreement is settled and closed.".to_owned()),
        LifeKind::SuspensionProposed => {
            (format!("{who_zh}建议暂停空间，请社区答复。"), format!("{who_en} asks the community to suspend spaces."))
        }
        LifeKind::ProposalOrdered => ("社区同意了暂停的建议。".to_owned(), "The community orders what was asked for.".to_owned()),
        LifeKind::ProposalDeclined => (
            "社区没有同意暂停的建议，原因写在协议的记录里。".to_owned(),
            "The community does not suspend what was asked for; the reason is in the agreement's history.".to_owned(),
        ),
    };
    Message { zh: format!("《{title_zh}》{zh}"), en: format!("“{title_en}”: {en}") }
}

/// Of a day on which the parties look at the agreement again.
pub fn review(title_zh: &str, title_en: Option<&str>, day: Day) -> Message {
    let (title_en, (day_zh, day_en)) = (title_en.unwrap_or(title_zh), say_day(day));
    Message {
        zh: format!("《{title_zh}》约定 {day_zh} 一起回头看一次：哪些约定好用，哪些要改。"),
        en: format!("“{title_en}”: on {day_en} the parties look at it again, as agreed: what works, and what should change."),
    }
}

/// About usage terms of some spaces.
pub fn usage(kind: UsageEventKind, spaces: &[Named], no: i32) -> Message {
    let (zh, en) = listed(spaces);
    let (said_zh, said_en) = match kind {
        UsageEventKind::Drafted | UsageEventKind::Edited => ("正在起草。", "are being drafted."),
        UsageEventKind::Submitted => ("请您看看，同意不同意都请答复。", "wait for your approval."),
        UsageEventKind::Approved => ("有一个单位同意了。", "were approved by a unit."),
        UsageEventKind::TakingEffect => ("各单位都同意了，可以生效了。", "were approved by every unit and take effect."),
        UsageEventKind::Rejected => ("有单位不同意，原因写在里面。", "were refused by a unit; the reason is in them."),
        UsageEventKind::Withdrawn => ("撤回了，不用再看。", "were withdrawn."),
        UsageEventKind::Restored => ("照旧有效，条款的改动撤回了。", "bind as before, because the change of the clauses was taken back."),
        UsageEventKind::SentBack => {
            ("要请各单位重新同意，因为协议的条款改了。", "wait for approval again, because the clauses have changed.")
        }
    };
    Message { zh: format!("{zh}的使用须知（第 {no} 号）{said_zh}"), en: format!("The usage terms (no. {no}) of {en} {said_en}") }
}

/// A reminder to sign a version, with the last moment to do so.
pub fn reminder(title_zh: &str, title_en: Option<&str>, no: i32, (until_zh, until_en): (String, String)) -> Message {
    let en = title_en.unwrap_or(title_zh);
    Message {
        zh: format!("提醒您：《{title_zh}》第 {no} 版还等您签署，{until_zh} 截止。"),
        en: format!("A reminder: version {no} of “{en}” is waiting for your signature until {until_en}."),
    }
}

/// The topic of a kind of notice that need not be mailed. What is not named here is mailed to everybody who has an address: a
/// cancelled booking, a version to sign.
pub fn topic(kind: &str) -> Option<Topic> {
    match kind {
        "booking.made" | "series.made" => Some(Topic::Booked),
        "version.position_stated" | "version.replied" | "version.round_closed" => Some(Topic::Talk),
        "version.signed" | "version.confirmed" => Some(Topic::Signed),
        _ => None,
    }
}

/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 70;

/// Subject and text of the mail of a notice: Chinese first, then English, each with the way to the screen. No name is in it.
pub fn letter(notice: &Notice, public_url: &str) -> (String, String) {
    // The first sentence says what and where. Control characters were refused on the way in; here they could only do harm.
    let first = notice.text_zh.split_inclusive('。').next().unwrap_or_default().trim_end_matches('。');
    let mut subject: String = first.chars().filter(|c| !c.is_control()).take(LONGEST_SUBJECT).collect();
    if first.chars().count() > LONGEST_SUBJECT {
        subject.push('…');
    }
    let page = match notice.subject.split('_').next() {
        Some("booking") => format!("{public_url}/bookings/{}", notice.subject),
        Some("series") => format!("{public_url}/series/{}", notice.subject),
        Some("agreement") => format!("{public_url}/agreements/{}", notice.subject),
        // What is offered and what one waits for stand among one's bookings.
        Some("plan" | "wait") => format!("{public_url}/me"),
        _ => format!("{public_url}/notices"),
    };
    let (zh, en) = (&notice.text_zh, &notice.text_en);
    let body =
        format!("您好！\n\n{zh}\n\n打开看看：{page}\n\n--\n\nHello,\n\n{en}\n\nSee it here: {page}\n\n商量 Shangliang · {public_url}");
    (subject, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_speaks_in_the_time_of_the_site() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let period = Period::new(Instant::parse("2026-11-28T06:00:00Z").unwrap(), Instant::parse("2026-11-28T08:00:00Z").unwrap()).unwrap();
        let message = booking(true, "活动大厅", Some("The hall"), &zone, period);
        assert_eq!(message.zh, "已订好活动大厅：2026年11月28日周六 14:00–16:00。");
        assert!(message.en.contains("14:00"));
    }

    fn notice(subject: &str, zh: &str) -> Notice {
        Notice {
            id: crate::kernel::id::Id::fresh(),
            kind: "booking.cancelled".into(),
            subject: subject.into(),
            organisation_id: None,
            text_zh: zh.into(),
            text_en: "It is cancelled.".into(),
            created_at: Instant(0),
            read_at: None,
        }
    }

    #[test]
    fn a_letter_says_what_and_where_in_its_subject() {
        let told = notice("booking_1", "已取消活动大厅的预订：2026-11-28 14:00 到 2026-11-28 16:00。\n钱已退回。");
        let (subject, body) = letter(&told, "https://hub.example.org");
        assert_eq!(subject, "已取消活动大厅的预订：2026-11-28 14:00 到 2026-11-28 16:00");
        assert!(body.starts_with("您好！\n\n已取消活动大厅的预订") && body.contains("\n\nIt is cancelled.\n"), "{body}");
        assert_eq!(body.matches("https://hub.example.org/bookings/booking_1\n").count(), 2, "{body}");
        let held = letter(&notice("booking_1", "排到您了！活动大厅空出来了，先替您留着。请确认。"), "https://h").0;
        assert_eq!(held, "排到您了！活动大厅空出来了，先替您留着");
        let long = letter(&notice("x", &"长".repeat(200)), "https://h").0;
        assert_eq!((long.chars().count(), long.chars().last()), (71, Some('…')));
        assert_eq!(letter(&notice("x", "一\r\nBcc: a@b.c"), "https://h").0, "一Bcc: a@b.c");
        for (subject, page) in [
            ("account_1", "/notices"),
            ("usage_1", "/notices"),
            ("agreement_1", "/agreements/agreement_1"),
            ("series_1", "/series/series_1"),
            ("plan_1", "/me"),
            ("wait_1", "/me"),
        ] {
            let body = letter(&notice(subject, "好。"), "https://h").1;
            assert_eq!(body.matches(&format!("https://h{page}\n")).count(), 2, "{subject}: {body}");
        }
    }

    #[test]
    fn what_one_must_know_is_always_mailed() {
        let off = |kinds: &[&str]| kinds.iter().all(|kind| topic(kind).is_some());
        assert!(off(&["booking.made", "version.signed", "version.replied"]));
        for kind in ["booking.cancelled", "version.proposed", "version.agreed", "version.withdrawn", "version.round_opened", "anything.new"]
        {
            assert_eq!(topic(kind), None, "{kind}");
        }
        // Every word of the table is one that exists.
        let known = EventKind::ALL.iter().filter(|kind| topic(&format!("version.{kind}")).is_some()).count();
        assert_eq!(known, 5);
    }

    #[test]
    fn whatever_happens_to_an_agreement_is_said_in_both_languages() {
        for kind in LifeKind::ALL {
            for until in [None, Some(("年底".to_owned(), "the end of the year".to_owned()))] {
                let told =
                    Told { until, who: Some(("甲方", Some("Party A"))), spaces: vec![("东厅", None), ("西厅", Some("West hall"))] };
                let message = agreement(*kind, ("协议", Some("Agreement")), &told);
                assert!(message.zh.starts_with("《协议》") && message.zh.ends_with('。'), "{kind}: {}", message.zh);
                assert!(message.en.starts_with("“Agreement”: ") && message.en.ends_with('.'), "{kind}: {}", message.en);
            }
        }
    }

    #[test]
    fn what_the_provider_ended_says_who_and_why() {
        let plain = || Message { zh: "已取消。".into(), en: "Cancelled.".into() };
        let ended = |by, reason: Option<&str>| Cancellation { by, at: Instant(1), reason: reason.map(str::to_owned) };
        let told = |reason, price| with_reason(plain(), Some(&ended(CancelledBy::Provider, Some(reason))), Fen(price));
        for reason in ["地板维修", "地板维修。"] {
            let paid = told(reason, 500);
            assert_eq!(paid.zh, "已取消。管场地的一方取消的：地板维修。费用全部退回。");
            assert_eq!(paid.en, "Cancelled. Cancelled by whoever runs the space: 地板维修. Everything is paid back.");
            assert_eq!(told(reason, 0).zh, "已取消。管场地的一方取消的：地板维修。");
            assert_eq!(told(reason, 0).en, "Cancelled. Cancelled by whoever runs the space: 地板维修.");
        }
        let silent = "没有在期限内答复，预订已取消，费用全部退回。";
        assert_eq!(told(silent, 500).zh, format!("已取消。{silent}"), "it says so itself");
        let own = ended(CancelledBy::Holder, Some("下雨"));
        assert_eq!(with_reason(plain(), Some(&own), Fen(500)), plain(), "one's own reason is not read out to the household");
        assert_eq!(with_reason(plain(), None, Fen(500)), plain());
    }

    #[test]
    fn drafting_is_nobody_elses_business() {
        for kind in EventKind::ALL {
            assert_eq!(version(*kind, ("协议", None), 1, None).is_none(), matches!(kind, EventKind::Drafted | EventKind::Edited), "{kind}");
        }
    }
}
