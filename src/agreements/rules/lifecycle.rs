//! Pure decisions about an agreement's life: where it stands, and which verb is legal there.

use crate::agreements::model::lifecycle::{EndedBy, Life, Phase, Standing, Suspension, SuspensionAsk, Verb};
use crate::agreements::model::{Effect, Version, VersionState};
use crate::kernel::id::SpaceId;
use crate::kernel::time::{DAY_MINUTES, Day};
use crate::kernel::{Code, Fault, FieldFault, Instant, Outcome, Reason, Zone};
use crate::schedule::rules::{day_type, last_day};
use crate::terms::model::{Clause, Orderer, PartyCapacity, Payload, SuspensionGround, SuspensionRule, TerminationRule, Urgency};

/// Days of notice of a termination or withdrawal where no clause says how many.
const NOTICE_DAYS: i64 = 30;
/// Days of notice of a planned suspension where no clause says how many.
const PLANNED_NOTICE_DAYS: i64 = 7;
/// A suspension longer than this goes before the street.
const LONGEST_DAYS: i64 = 60;
/// Hours for which an operator on site may close a space.
const OPERATOR_HOURS: i64 = 24;
/// Days before the end at which the parties are reminded that nothing is renewed by silence; the first makes it "expiring".
pub const EXPIRY_REMINDERS: [i64; 4] = [90, 60, 30, 7];

/// Days before a day of review at which the parties are reminded of it.
pub const REVIEW_REMINDERS: [i64; 2] = [30, 7];

/// What a clause of the governing version says, or else what holds without one.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreed<T> {
    /// The clause.
    pub clause: Option<String>,
    /// What it says.
    pub rule: T,
}

/// The agreed rule about suspensions.
pub fn suspension_rule(clauses: &[Clause]) -> Agreed<SuspensionRule> {
    let agreed = clauses.iter().find_map(|clause| match &clause.payload {
        Payload::SuspensionRule(rule) => Some(Agreed { clause: Some(clause.id.clone()), rule: rule.clone() }),
        _ => None,
    });
    agreed.unwrap_or_else(|| Agreed {
        clause: None,
        rule: SuspensionRule {
            who: PartyCapacity::ALL.to_vec(),
            grounds: SuspensionGround::ALL.to_vec(),
            planned_notice_days: PLANNED_NOTICE_DAYS,
            longest_days: LONGEST_DAYS,
        },
    })
}

/// The agreed rule about ending.
pub fn termination_rule(clauses: &[Clause]) -> Agreed<TerminationRule> {
    let agreed = clauses.iter().find_map(|clause| match &clause.payload {
        Payload::TerminationRule(rule) => Some(Agreed { clause: Some(clause.id.clone()), rule: *rule }),
        _ => None,
    });
    agreed.unwrap_or(Agreed {
        clause: None,
        rule: TerminationRule { notice_days: NOTICE_DAYS, holiday_moves: true, withdrawal_allowed: false, new_bookings_until_end: true },
    })
}

/// The days on which the parties look at the agreement again.
pub fn review_days(clauses: &[Clause]) -> &[Day] {
    let found = clauses.iter().find_map(|clause| match &clause.payload {
        Payload::Review(review) => Some(review.days.as_slice()),
        _ => None,
    });
    found.unwrap_or_default()
}

/// By when what has ended is to be settled and closed, where a clause of the version that governed last says so.
pub fn settle_by(versions: &[Version], standing: &Standing) -> Outcome<Option<Instant>> {
    let Some(ended) = standing.ends_at.filter(|_| standing.ended_by.is_some()) else { return Ok(None) };
    let Some(last) = governing(versions, Instant(ended.0 - 1)) else { return Ok(None) };
    Ok(last.clauses()?.iter().find_map(|clause| match &clause.payload {
        Payload::Settlement(settlement) => Some(ended.plus_days(settlement.days)),
        _ => None,
    }))
}

/// The version that governs, or else the one that will.
pub fn governing(versions: &[Version], now: Instant) -> Option<&Version> {
    let agreed = |effect: Effect| {
        let mut standing = versions.iter().filter(|v| v.state == VersionState::Agreed && v.effect.is_some_and(|e| e.at(now) == effect));
        standing.next_back()
    };
    agreed(Effect::InForce).or_else(|| agreed(Effect::Pending))
}

/// The agreed version whose effect is to come.
pub fn pending(versions: &[Version], now: Instant) -> Option<&Version> {
    let to_come = |v: &&Version| v.state == VersionState::Agreed && v.effect.is_some_and(|e| e.at(now) == Effect::Pending);
    versions.iter().find(to_come)
}

/// Where an agreement stands at a moment.
pub fn standing(versions: &[Version], life: &Life, now: Instant) -> Standing {
    let effects = || versions.iter().filter(|v| v.state == VersionState::Agreed).filter_map(|v| v.effect).filter(|e| e.from < e.to);
    let any = |effect| effects().any(|e| e.at(now) == effect);
    let ends_at = effects().map(|e| e.to).max();
    let noticed = |t: &crate::agreements::model::lifecycle::Termination| now < t.ends_at || ends_at == Some(t.ends_at);
    let phase = match () {
        () if life.closed_at.is_some() => Phase::Closed,
        () if life.settling.is_some() => Phase::Settling,
        () if any(Effect::InForce) => Phase::Active,
        () if any(Effect::Pending) => Phase::PendingEffect,
        () if ends_at.is_some() => Phase::Ended,
        () => Phase::Negotiating,
    };
    let over = matches!(phase, Phase::Ended | Phase::Settling | Phase::Closed);
    let ended_by = over.then(|| match life.terminations.iter().any(|t| ends_at == Some(t.ends_at)) {
        true => EndedBy::Terminated,
        false => EndedBy::Expired,
    });
    let is_open = |v: &&Version| matches!(v.state, VersionState::Draft | VersionState::InRound) || v.state.is_open_for_signing();
    Standing {
        phase,
        ended_by,
        ends_at,
        open: versions.iter().find(is_open).map(|v| v.no),
        pending: pending(versions, now).map(|v| v.no),
        suspended: life.suspensions.iter().any(|s| s.stands(now)),
        notice: life.terminations.iter().any(noticed),
        expiring: phase == Phase::Active && ends_at.is_some_and(|end| end <= now.plus_days(EXPIRY_REMINDERS[0])),
    }
}

/// What stands against a verb: one table of phase × facts × verb. A reason says why, and what would be possible; `None`: the
/// verb is legal.
pub fn against(standing: &Standing, verb: Verb) -> Option<Reason> {
    use Phase::{Active, Closed, Ended, Negotiating, PendingEffect, Settling};
    let no = |code: &str, zh: &str, en: &str| Some(Reason::plain(code, zh, en));
    match (verb, standing.phase) {
        (_, Closed) => no(
            "closed",
            "这份协议已经结清，不再变动。要继续合作，可以新建一份协议。",
            "The agreement is settled and closed. To go on, make a new one.",
        ),
        (Verb::Amend, Settling) => no(
            "settling",
            "协议正在结算，不能再改。结清以后可以新建一份协议。",
            "The agreement is being settled. Once that is done, a new one can be made.",
        ),
        (Verb::Amend, _) => None,
        (Verb::Suspend, Active | PendingEffect) => None,
        (Verb::Suspend, Negotiating) => no(
            "not-agreed",
            "各方还没有签好，这些空间本来就订不了，不用暂停。",
            "Nothing is agreed yet, so nothing can be booked: there is nothing to suspend.",
        ),
        (Verb::Suspend, Ended | Settling) => {
            no("ended", "协议已经结束，空间已经不开放了。", "The agreement has ended; its spaces are open no longer.")
        }
        (Verb::Lift, _) if standing.suspended => None,
        (Verb::Lift, _) => no("not-suspended", "现在没有在暂停的空间，不用解除。", "Nothing is suspended, so there is nothing to lift."),
        (Verb::Withdraw | Verb::Terminate, Active) if !standing.notice => None,
        (Verb::Withdraw | Verb::Terminate, Active) => no(
            "notice-runs",
            "已经有一方发过终止通知，到那天协议就结束。要继续合作，可以一起签一版从那以后开始的协议。",
            "Notice was given already and the agreement ends with it. To go on, sign a version that begins after that.",
        ),
        (Verb::Withdraw | Verb::Terminate, PendingEffect) => no(
            "not-in-effect",
            "协议还没有生效。签过字的各方都同意的话，可以在生效前撤销。",
            "The agreement is not in effect yet. If all who signed consent, it can be annulled before that.",
        ),
        (Verb::Withdraw | Verb::Terminate, Negotiating) => no(
            "not-agreed",
            "还没有各方都签的版本。不同意的话，可以拒签，或者撤回再商量。",
            "No version is agreed. Who does not agree can decline, or withdraw it to talk it over again.",
        ),
        (Verb::Withdraw | Verb::Terminate, Ended) => {
            no("ended", "协议已经结束，接下来可以结算。", "The agreement has ended; what comes next is its settlement.")
        }
        (Verb::Withdraw | Verb::Terminate, Settling) => {
            no("settling", "协议已经结束，正在结算。", "The agreement has ended and is being settled.")
        }
        (Verb::Dispute, _) if standing.notice => None,
        (Verb::Dispute, _) => no("no-notice", "没有终止通知，不用提异议。", "There is no notice of termination to object to."),
        (Verb::Annul, _) if standing.pending.is_some() => None,
        (Verb::Annul, Active) => no(
            "in-effect",
            "协议已经生效，不能撤销。可以商量新的一版，或者发终止通知。",
            "The agreement is in effect and cannot be annulled. A new version can be talked over, or notice given.",
        ),
        (Verb::Annul, _) => {
            no("nothing-pending", "没有已经签好、还没生效的版本可以撤销。", "There is no version that is agreed and not yet in effect.")
        }
        (Verb::Settle, Ended) => None,
        (Verb::Settle, Settling) => {
            no("settling", "已经在结算了，接下来可以结清。", "It is being settled already; what comes next is closing it.")
        }
        (Verb::Settle, _) => no(
            "not-ended",
            "协议还没有结束，结束以后才结算。要提前结束，可以发终止通知。",
            "The agreement has not ended; it is settled after that. Notice of termination would end it.",
        ),
        (Verb::Close, Settling) => None,
        (Verb::Close, Ended) => no("not-settled", "要先结算，再结清。", "It is settled first, then closed."),
        (Verb::Close, _) => no("not-ended", "协议还没有结束，先不用结清。", "The agreement has not ended; there is nothing to close yet."),
    }
}

/// The verb is legal; otherwise 409 with the reason.
pub fn check(standing: &Standing, verb: Verb) -> Outcome<()> {
    let Some(reason) = against(standing, verb) else { return Ok(()) };
    let mut fault = Fault::saying(Code::StateConflict, reason.zh.clone(), reason.en.clone());
    fault.detail.reasons.push(reason);
    Err(fault)
}

fn refuse(reason: Reason) -> Fault {
    Fault::refused(Code::StateConflict, vec![reason])
}

fn by_clause(clause: &Option<String>, reason: Reason) -> Reason {
    Reason { clause: clause.clone(), ..reason }
}

const fn capacity_of(orderer: Orderer) -> PartyCapacity {
    match orderer {
        Orderer::Community => PartyCapacity::Community,
        Orderer::Street => PartyCapacity::Street,
        Orderer::PropertyUnit => PartyCapacity::PropertyUnit,
        Orderer::Operator => PartyCapacity::Operator,
    }
}

/// From when until when a suspension holds. An immediate one begins now and is for safety; who is on site closes for a day
/// at most. A planned one keeps its notice and the agreed grounds, and has an end.
pub fn suspension_period(
    ask: &SuspensionAsk,
    orderer: Orderer,
    agreed: &Agreed<SuspensionRule>,
    zone: &Zone,
    now: Instant,
) -> Outcome<(Instant, Option<Instant>)> {
    let fault = |field: &str, code: &str, zh: &str, en: &str| Err(Fault::invalid(vec![FieldFault::at(field, code, zh, en)]));
    if ask.until.is_some_and(|until| until <= ask.from.unwrap_or(now)) {
        return fault("/until", "ends-before-start", "结束时间要晚于开始时间。", "It must end after it begins.");
    }
    if ask.urgency == Urgency::Immediate {
        if ask.from.is_some() {
            return fault("/from", "begins-now", "立即暂停从现在开始，不用写开始时间。", "An immediate suspension begins now.");
        }
        if !matches!(ask.ground, SuspensionGround::Safety | SuspensionGround::Emergency | SuspensionGround::Authority) {
            return fault(
                "/ground",
                "not-urgent",
                "只有安全隐患、应急需要和政府部门要求可以立即暂停；其他原因请提前通知。",
                "Only danger, an emergency or an order of the authorities close a space at once; otherwise give notice.",
            );
        }
        let longest = (orderer == Orderer::Operator).then(|| now.plus_minutes(OPERATOR_HOURS * 60));
        let until = match (ask.until, longest) {
            (Some(until), Some(longest)) => Some(until.min(longest)),
            (until, longest) => until.or(longest),
        };
        return Ok((now, until));
    }
    let Some(from) = ask.from else { return fault("/from", "missing", "必填。", "Required.") };
    let Some(until) = ask.until else {
        return fault("/until", "missing", "计划暂停要写结束时间。", "A planned suspension has an end.");
    };
    if from <= now {
        return fault("/from", "in-the-past", "开始时间已经过去了。", "That moment has passed.");
    }
    let rule = &agreed.rule;
    if !rule.grounds.contains(&ask.ground) {
        return Err(refuse(by_clause(
            &agreed.clause,
            Reason::plain(
                "ground-not-agreed",
                format!("协议没有约定可以因为{}暂停。", ask.ground.zh()),
                format!("The agreement does not let spaces be suspended for {}.", ask.ground.en()),
            ),
        )));
    }
    if !rule.who.contains(&capacity_of(orderer)) {
        return Err(refuse(by_clause(
            &agreed.clause,
            Reason::plain("not-yours-to-suspend", "协议没有约定这一方可以暂停。", "The agreement does not let this party suspend."),
        )));
    }
    let days = rule.planned_notice_days;
    let earliest = zone.at(last_day(zone.day_of(now), days, false, &day_type)?.day, DAY_MINUTES);
    if from < earliest {
        let (zh, en) = zone.say(earliest);
        let reason = Reason::plain(
            "short-notice",
            format!("计划暂停要提前 {days} 天通知，最早从 {zh} 开始。"),
            format!("A planned suspension needs {days} days of notice: from {en} at the earliest."),
        );
        return Err(refuse(by_clause(&agreed.clause, reason.figure(zone.show(earliest)))));
    }
    Ok((from, Some(until)))
}

/// Nothing would change: every space is suspended over that whole time already.
pub fn suspended_already<'a>(
    standing: &'a [Suspension],
    spaces: &[SpaceId],
    (from, until): (Instant, Option<Instant>),
    now: Instant,
) -> Option<&'a Suspension> {
    let covers = |s: &&Suspension, space: &SpaceId| {
        s.stands(now) && s.spaces.contains(space) && s.from <= from && (s.until.is_none() || until.is_some_and(|u| s.until >= Some(u)))
    };
    let covered = |space: &SpaceId| standing.iter().any(|s| covers(&s, space));
    spaces.iter().all(covered).then(|| standing.iter().find(|s| spaces.iter().any(|space| covers(s, space)))).flatten()
}

/// 24:00 of the last day of a notice served now: the earliest by the rule, or the later day that was asked for. It must come
/// before the agreement ends anyway.
pub fn notice_ends(
    agreed: &Agreed<TerminationRule>,
    asked: Option<Day>,
    zone: &Zone,
    now: Instant,
    ends_at: Option<Instant>,
) -> Outcome<Instant> {
    let rule = &agreed.rule;
    let today = zone.day_of(now);
    let earliest = last_day(today, rule.notice_days, rule.holiday_moves, &day_type)?;
    if asked.is_some_and(|day| day <= today) {
        return Err(Fault::field("/last_day", "in-the-past", "最后一天要晚于今天。", "The last day must come after today."));
    }
    let day = asked.unwrap_or(earliest.day);
    if day < earliest.day {
        let (zh, en) = if earliest.provisional { ("（按暂定日历）", " (by a provisional calendar)") } else { ("", "") };
        let reason = Reason::plain(
            "short-notice",
            format!("要提前 {} 天通知，最早到 {} 结束{zh}。", rule.notice_days, earliest.day),
            format!("{} days of notice are agreed: the last day is {} at the earliest{en}.", rule.notice_days, earliest.day),
        );
        return Err(refuse(by_clause(&agreed.clause, reason.figure(earliest.day))));
    }
    let end = zone.at(day, DAY_MINUTES);
    if let Some(ends_at) = ends_at.filter(|ends_at| *ends_at <= end) {
        let shown = zone.day_of(Instant(ends_at.0 - 1));
        let reason = Reason::plain(
            "ends-before",
            format!("协议到 {shown} 本来就结束了，不用再通知。"),
            format!("The agreement ends on {shown} anyway, before the notice would."),
        );
        return Err(refuse(reason.figure(shown)));
    }
    Ok(end)
}

/// A property unit may leave alone only where the parties agreed so.
pub fn may_leave(agreed: &Agreed<TerminationRule>) -> Outcome<()> {
    if agreed.rule.withdrawal_allowed {
        return Ok(());
    }
    Err(refuse(by_clause(
        &agreed.clause,
        Reason::plain(
            "withdrawal-not-agreed",
            "协议没有约定一方退出后其他方继续。可以发终止通知，或者先商量修改终止规则。",
            "The agreement does not say that the rest stands when one party leaves. Notice of termination can be given, or the rule changed first.",
        ),
    )))
}

/// A later end of rows that begin before it: what ends an agreement, or one space of it, ends every version that governs
/// until then. A version that begins after it is a renewal, and stands.
pub fn clipped(life: &Life, space: &SpaceId, from: Instant, to: Instant) -> Instant {
    let notices = life.terminations.iter().map(|t| t.ends_at);
    let leaving = life.withdrawals.iter().filter(|w| w.spaces.contains(space)).map(|w| w.ends_at);
    notices.chain(leaving).filter(|end| from < *end).fold(to, Instant::min)
}

#[cfg(test)]
#[path = "lifecycle_tests.rs"]
mod tests;
