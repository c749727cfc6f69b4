//! What happens to an agreement beside its versions, on a database.

use super::commands::{Command, DAY};
use super::service::{Service, instant, latest, told};
use shangliang::access::ask;
use shangliang::access::deeds::{
    CloseAgreement, LiftSuspension, OrderSuspension, ReviewSuspension, ServeNotice, SettleAgreement, SignVersion,
};
use shangliang::agreements::actions::lifecycle;
use shangliang::agreements::actions::lifecycle::annulment;
use shangliang::agreements::actions::lifecycle::endings::{self, EndingAsk};
use shangliang::agreements::actions::lifecycle::suspensions;
use shangliang::agreements::model::AsParty;
use shangliang::agreements::model::lifecycle::{ReviewOutcome, SuspensionAsk};
use shangliang::agreements::queries;
use shangliang::impact::model::Disposition;
use shangliang::terms::model::{SuspensionGround, Urgency};

impl Service<'_> {
    /// As [`Service::answer`], for the verbs of an agreement's life.
    pub(super) fn live(&mut self, command: &Command) -> Result<String, String> {
        let id = self.agreement.clone();
        Ok(match command {
            Command::Suspend { .. } | Command::SuspendLater { .. } => {
                let who = self.people.drafter();
                let later = (self.now.div_euclid(DAY) + 8) * DAY + 600;
                let (urgency, space, from, until) = match command {
                    Command::Suspend { space, minutes } => (Urgency::Immediate, space, None, minutes.map(|minutes| self.now + minutes)),
                    Command::SuspendLater { space, minutes } => (Urgency::Planned, space, Some(later), Some(later + minutes)),
                    other => unreachable!("{other:?}"),
                };
                let wanted = SuspensionAsk {
                    urgency,
                    ground: SuspensionGround::Safety,
                    text: "漏水".into(),
                    evidence: Some("照片".into()),
                    spaces: Some(vec![self.hub.spaces[*space].clone()]),
                    from: from.map(instant),
                    until: until.map(instant),
                };
                let ordered = self.write(move |tx| {
                    let (agreement, _) = latest(tx, &id)?;
                    let shared = queries::shared(tx, &agreement)?;
                    let place = suspensions::subject(tx, &agreement, &shared, wanted.spaces.as_deref())?;
                    let permit = ask::<OrderSuspension>(who.clone(), &place)?;
                    suspensions::order(tx, &permit, &agreement, &place, &wanted)
                })?;
                self.suspensions.push(ordered.suspension.id);
                told("ordered", &ordered.plan, &[Disposition::Interrupted, Disposition::Cancelled, Disposition::AtRisk])
            }
            Command::Lift { suspension } => {
                if self.suspensions.is_empty() {
                    return Ok("nothing".into());
                }
                let (who, which) = (self.people.drafter(), self.suspensions[suspension % self.suspensions.len()].clone());
                let plan = self.write(move |tx| {
                    let (agreement, _) = latest(tx, &id)?;
                    let permit = ask::<LiftSuspension>(who.clone(), &queries::shared(tx, &agreement)?)?;
                    let found = suspensions::find(tx, &agreement, &which)?;
                    suspensions::lift(tx, &permit, &agreement, &found, "好了")
                })?;
                told("lifted", &plan, &[Disposition::Kept])
            }
            Command::Review { suspension, lift } => {
                if self.suspensions.is_empty() {
                    return Ok("nothing".into());
                }
                let (who, which) = (self.people.street(), self.suspensions[suspension % self.suspensions.len()].clone());
                let outcome = if *lift { ReviewOutcome::Lifted } else { ReviewOutcome::Upheld };
                let plan = self.write(move |tx| {
                    let (agreement, _) = latest(tx, &id)?;
                    let permit = ask::<ReviewSuspension>(who.clone(), &queries::shared(tx, &agreement)?)?;
                    suspensions::review(tx, &permit, &agreement, &which, outcome, "看过了")
                })?;
                plan.map_or("upheld".into(), |plan| told("lifted", &plan, &[Disposition::Kept]))
            }
            Command::Dispute { party } => {
                let Some(which) = self.notices.last().cloned() else { return Ok("nothing".into()) };
                let (who, organisation) = (self.people.signer(*party), self.people.parties[*party].1.clone());
                self.write(move |tx| {
                    let (agreement, _) = latest(tx, &id)?;
                    let shared = queries::shared(tx, &agreement)?;
                    let permit = ask::<SignVersion>(who.clone(), &AsParty { shared: &shared, organisation: &organisation })?;
                    endings::dispute(tx, &permit, &agreement, &which, &organisation, "不同意").map(drop)
                })?;
                "disputed".into()
            }
            Command::Settle => {
                let who = self.people.drafter();
                self.write(move |tx| {
                    let (agreement, _) = latest(tx, &id)?;
                    let permit = ask::<SettleAgreement>(who.clone(), &queries::shared(tx, &agreement)?)?;
                    lifecycle::settle(tx, &permit, &agreement, "结清").map(drop)
                })?;
                "settled".into()
            }
            Command::Close { desk } => {
                let who = if *desk { self.people.drafter() } else { self.people.street() };
                self.write(move |tx| {
                    let (agreement, _) = latest(tx, &id)?;
                    let permit = ask::<CloseAgreement>(who.clone(), &queries::shared(tx, &agreement)?)?;
                    lifecycle::close(tx, &permit, &agreement, "结清").map(drop)
                })?;
                "closed".into()
            }
            Command::Terminate { party } | Command::Leave { party } => {
                let leaves = matches!(command, Command::Leave { .. });
                let (who, organisation) = (self.people.signer(*party), self.people.parties[*party].1.clone());
                let wanted = EndingAsk { organisation, text: "另有安排".into(), last_day: None };
                let notice = self.write(move |tx| {
                    let (agreement, _) = latest(tx, &id)?;
                    let shared = queries::shared(tx, &agreement)?;
                    let permit = ask::<ServeNotice>(who.clone(), &AsParty { shared: &shared, organisation: &wanted.organisation })?;
                    if leaves {
                        return endings::withdraw(tx, &permit, &agreement, &wanted).map(|_| None);
                    }
                    endings::terminate(tx, &permit, &agreement, &wanted).map(|served| Some(served.id))
                })?;
                self.notices.extend(notice);
                if leaves { "left" } else { "noticed" }.into()
            }
            Command::Annul { party } => {
                let (who, organisation) = (self.people.signer(*party), self.people.parties[*party].1.clone());
                let consented = self.write(move |tx| {
                    let (agreement, _) = latest(tx, &id)?;
                    let shared = queries::shared(tx, &agreement)?;
                    let permit = ask::<SignVersion>(who.clone(), &AsParty { shared: &shared, organisation: &organisation })?;
                    annulment::consent(tx, &permit, &agreement, &organisation, "再商量")
                })?;
                if consented.annulled { "annulled" } else { "consented" }.into()
            }
            other => unreachable!("{other:?}"),
        })
    }
}
