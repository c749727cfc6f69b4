//! Pure decisions about windows, reminders, one person for two parties, and acts outside a power.

use crate::agreements::model::signing::{AgencyConsent, PendingSignature, PendingState, Window};
use crate::agreements::model::{Method, PartyState};
use crate::kernel::id::{AccountId, OrganisationId};
use crate::kernel::time::{DAY_MINUTES, Day};
use crate::kernel::{Code, Fault, Instant, Outcome, Reason, Zone};
use jiff::ToSpan;

/// A proposed version may be signed for so many days, unless the drafters make it longer.
pub const SIGNING_DAYS: i64 = 30;
/// … to at most so many days from proposing.
pub const MOST_SIGNING_DAYS: i64 = 365;
/// An act outside the power may be ratified for so many days (Civil Code art. 171).
pub const RATIFICATION_DAYS: i64 = 30;

/// 24:00 of the last of so many days: the day it begins on does not count (Civil Code arts. 201, 203).
pub fn last_moment(zone: &Zone, from: Instant, days: i64) -> Instant {
    zone.at(zone.day_of(from).saturating_add(days.days()), DAY_MINUTES)
}

/// The first moment at which something agreed now may take effect, after a wait in whole days from the day it is agreed. What it
/// builds on may be waiting itself (`base_from`): it is not brought forward by what is agreed on top of it, however little that
/// changes.
pub fn first_moment(zone: &Zone, agreed_at: Instant, wait_days: i64, base_from: Option<Instant>) -> Instant {
    let waited = match wait_days {
        ..=0 => agreed_at,
        days => agreed_at.max(zone.at(zone.day_of(agreed_at).saturating_add(days.days()), 0)),
    };
    base_from.map_or(waited, |base| base.max(waited))
}

/// The window that opens when a version is proposed.
pub fn window(zone: &Zone, now: Instant) -> Window {
    Window { opened_at: now, closes_at: last_moment(zone, now, SIGNING_DAYS) }
}

/// When the reminder of that number is due: after 5 days, then every 2, at most 5 in 30 days.
pub fn reminder_due(opened_at: Instant, no: i32) -> Instant {
    let (round, within) = (no.div_euclid(5), no.rem_euclid(5));
    opened_at.plus_days(i64::from(30 * round + 5 + 2 * within))
}

/// The window has not closed: the clock decides, not the timer.
pub fn still_open(window: Option<Window>, now: Instant) -> Outcome<()> {
    match window {
        Some(window) if window.closes_at <= now => Err(super::not_open(crate::agreements::model::VersionState::Lapsed)),
        _ => Ok(()),
    }
}

/// The end of a window that is made longer: 24:00 of a later day.
pub fn extended(zone: &Zone, window: Window, until: Day) -> Outcome<Instant> {
    let closes_at = zone.at(until, DAY_MINUTES);
    let latest = last_moment(zone, window.opened_at, MOST_SIGNING_DAYS);
    match () {
        () if closes_at <= window.closes_at => {
            Err(Fault::field("/until", "not-later", "要比现在的截止日更晚。", "Must be later than the present last day."))
        }
        () if closes_at > latest => {
            Err(Fault::field("/until", "out-of-range", "最多延到提请后 365 天。", "At most 365 days from proposing."))
        }
        () => Ok(closes_at),
    }
}

/// Whose signature is missing now: their turn has come, and they have neither signed nor declined. `comes_first` tells which
/// parties those of a later stage wait for.
pub fn awaited<'a>(parties: &'a [PartyState], comes_first: &dyn Fn(&PartyState) -> bool) -> Vec<&'a PartyState> {
    let turn = |party: &PartyState| parties.iter().all(|other| other.stage >= party.stage || other.has_signed() || !comes_first(other));
    parties.iter().filter(|party| !party.has_signed() && party.declined.is_none() && turn(party)).collect()
}

/// Civil Code art. 168: nobody signs for two parties of one agreement, unless both have consented to it.
pub fn no_dual_agency(
    parties: &[PartyState],
    consents: &[AgencyConsent],
    organisation: &OrganisationId,
    signer: &AccountId,
) -> Outcome<()> {
    let signs_for = |party: &&PartyState| {
        party.organisation != *organisation
            && party.signature.as_ref().is_some_and(|s| match s.method {
                Method::Electronic => s.account == *signer,
                Method::Paper | Method::Ratified => s.confirmed_by.as_ref() == Some(signer),
            })
    };
    let others: Vec<&PartyState> = parties.iter().filter(signs_for).collect();
    if others.is_empty() {
        return Ok(());
    }
    let mine = parties.iter().filter(|party| party.organisation == *organisation);
    let consented = |party: &PartyState| consents.iter().any(|c| c.organisation == party.organisation && c.account == *signer);
    let missing = others.into_iter().chain(mine).filter(|party| !consented(party)).map(|party| {
        let en = party.name_en.as_deref().unwrap_or(&party.name_zh);
        let zh = format!("{} 还没有书面同意由同一个人代表两方。", party.name_zh);
        Reason::plain("agency-consent-missing", zh, format!("{en} has not consented to one person signing for two parties."))
            .figure(&party.code)
    });
    let missing: Vec<Reason> = missing.collect();
    if missing.is_empty() { Ok(()) } else { Err(Fault::refused(Code::DualAgency, missing)) }
}

/// The act may still be decided about, by somebody else than who did it.
pub fn may_decide(pending: &PendingSignature, decider: &AccountId, now: Instant) -> Outcome<()> {
    let (zh, en) = match pending.state(now) {
        PendingState::PendingRatification if pending.account == *decider => {
            return Err(Fault::saying(
                Code::Forbidden,
                "越权签的人不能自己追认，要由这一方有权的代表来定。",
                "Whoever acted outside the power cannot ratify it.",
            ));
        }
        PendingState::PendingRatification => return Ok(()),
        PendingState::Ratified => ("已经追认过了。", "It is ratified already."),
        PendingState::Refused => ("这一方已经拒绝追认。", "The party has refused to ratify it."),
        PendingState::Void => ("30 天里没有追认，已视为拒绝。", "It was not ratified within 30 days, which is refusal."),
    };
    Err(Fault::saying(Code::StateConflict, zh, en))
}

#[cfg(test)]
mod tests {
    use super::super::samples::party;
    use super::*;
    use crate::kernel::id::{Id, PendingSignatureId};
    use crate::terms::rules::samples::{day, zone};

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn a_window_is_thirty_days_and_ends_at_midnight_of_the_place() {
        let beijing = zone("Asia/Shanghai");
        let opened = window(&beijing, at("2026-11-28T23:30:00+08:00"));
        assert_eq!(opened.closes_at, at("2026-12-29T00:00:00+08:00"));
        // In the first minute of the next day it would be a day more; in London it is still the day before.
        assert_eq!(window(&beijing, at("2026-11-29T00:00:00+08:00")).closes_at, at("2026-12-30T00:00:00+08:00"));
        assert_eq!(window(&zone("Europe/London"), at("2026-11-29T00:00:00+08:00")).closes_at, at("2026-12-29T00:00:00Z"));
        assert!(still_open(Some(opened), Instant(opened.closes_at.0 - 1)).is_ok());
        assert_eq!(still_open(Some(opened), opened.closes_at).unwrap_err().code, Code::StateConflict);
    }

    #[test]
    fn a_wait_ends_at_the_first_moment_of_a_day() {
        let (beijing, agreed) = (zone("Asia/Shanghai"), at("2026-11-28T10:00:00+08:00"));
        assert_eq!(first_moment(&beijing, agreed, 0, None), agreed);
        assert_eq!(first_moment(&beijing, agreed, 1, None), at("2026-11-29T00:00:00+08:00"));
        assert_eq!(first_moment(&beijing, agreed, 14, None), at("2026-12-12T00:00:00+08:00"));
        // On top of one that waits, or has waited.
        let base = |day: &str| Some(at(&format!("{day}T00:00:00+08:00")));
        assert_eq!(first_moment(&beijing, agreed, 0, base("2026-12-12")), at("2026-12-12T00:00:00+08:00"));
        assert_eq!(first_moment(&beijing, agreed, 14, base("2026-12-12")), at("2026-12-12T00:00:00+08:00"));
        assert_eq!(first_moment(&beijing, agreed, 15, base("2026-12-12")), at("2026-12-13T00:00:00+08:00"));
        assert_eq!(first_moment(&beijing, agreed, 0, base("2026-11-01")), agreed);
    }

    #[test]
    fn a_window_only_grows() {
        let beijing = zone("Asia/Shanghai");
        let opened = window(&beijing, at("2026-11-28T10:00:00+08:00"));
        let to = |until: &str| extended(&beijing, opened, day(until)).map_err(|fault| fault.detail.errors[0].code.clone());
        assert_eq!(to("2026-12-28"), Err("not-later".into()));
        assert_eq!(to("2026-12-29"), Ok(at("2026-12-30T00:00:00+08:00")));
        assert_eq!(to("2027-11-28"), Ok(at("2027-11-29T00:00:00+08:00")));
        assert_eq!(to("2027-11-29"), Err("out-of-range".into()));
    }

    #[test]
    fn five_reminders_in_thirty_days() {
        let opened = at("2026-11-01T10:00:00Z");
        let days: Vec<i64> = (0..11).map(|no| (reminder_due(opened, no).0 - opened.0) / 86_400_000_000).collect();
        assert_eq!(days, [5, 7, 9, 11, 13, 35, 37, 39, 41, 43, 65]);
    }

    #[test]
    fn one_person_signs_for_two_parties_only_with_the_consent_of_both() {
        let (mut first, second, signer) = (party(1, true), party(1, false), AccountId::fresh());
        if let Some(signature) = &mut first.signature {
            (signature.method, signature.confirmed_at) = (Method::Paper, None);
        }
        let judge = |first: &PartyState, consents: &[AgencyConsent]| {
            no_dual_agency(&[first.clone(), second.clone()], consents, &second.organisation, &signer)
        };
        assert!(judge(&first, &[]).is_ok(), "paper nobody confirmed is nobody's signature");
        if let Some(signature) = &mut first.signature {
            (signature.confirmed_at, signature.confirmed_by) = (Some(Instant(2)), Some(signer.clone()));
        }
        let consent = |party: &PartyState| AgencyConsent { organisation: party.organisation.clone(), account: signer.clone() };
        let missing = |consents: &[AgencyConsent]| judge(&first, consents).map_err(|fault| (fault.code, fault.detail.reasons.len()));
        assert_eq!(missing(&[]), Err((Code::DualAgency, 2)));
        assert_eq!(missing(&[consent(&first)]), Err((Code::DualAgency, 1)));
        assert_eq!(
            missing(&[AgencyConsent { account: AccountId::fresh(), ..consent(&first) }, consent(&second)]),
            Err((Code::DualAgency, 1))
        );
        assert_eq!(missing(&[consent(&first), consent(&second)]), Ok(()));
        assert!(no_dual_agency(&[first.clone(), second.clone()], &[], &first.organisation, &signer).is_ok());
    }

    #[test]
    fn only_those_whose_turn_has_come_are_awaited() {
        let parties = [party(1, true), party(1, false), party(2, false)];
        let who =
            |comes_first: &dyn Fn(&PartyState) -> bool| awaited(&parties, comes_first).iter().map(|party| party.stage).collect::<Vec<_>>();
        assert_eq!(who(&|_| true), [1]);
        assert_eq!(who(&|_| false), [1, 2], "nobody waits for a signature that is not needed");
    }

    #[test]
    fn silence_is_refusal() {
        let (actor, other) = (AccountId::fresh(), AccountId::fresh());
        let pending = PendingSignature {
            id: PendingSignatureId::fresh(),
            organisation: OrganisationId::fresh(),
            version_sha256: "h".into(),
            account: actor.clone(),
            signed_at: Instant(0),
            until: Instant(10),
            decided: None,
        };
        assert!(may_decide(&pending, &other, Instant(9)).is_ok());
        assert_eq!(may_decide(&pending, &actor, Instant(9)).unwrap_err().code, Code::Forbidden);
        assert_eq!(may_decide(&pending, &other, Instant(10)).unwrap_err().code, Code::StateConflict);
        assert_eq!((pending.state(Instant(9)), pending.state(Instant(10))), (PendingState::PendingRatification, PendingState::Void));
    }
}
