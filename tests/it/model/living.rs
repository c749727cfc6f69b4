//! What happens to an agreement beside its versions, on a database.

use super::commands::Command;
use super::service::{Service, instant, latest};
use shangliang::access::ask;
use shangliang::access::deeds::{LiftSuspension, OrderSuspension, ServeNotice, SignVersion};
use shangliang::agreements::actions::lifecycle::annulment;
use shangliang::agreements::actions::lifecycle::endings::{self, EndingAsk};
use shangliang::agreements::actions::lifecycle::suspensions;
use shangliang::agreements::model::AsParty;
use shangliang::agreements::model::lifecycle::SuspensionAsk;
use shangliang::agreements::queries;
use shangliang::terms::model::{SuspensionGround, Urgency};

impl Service<'_> {
    /// As [`Service::answer`], for the verbs of an agreement's life.
    pub(super) fn live(&mut self, command: &Command) -> Result<String, String> {
        let id = self.agreement.clone();
        Ok(match command {
            Command::Suspend { space, minutes } => {
                let who = self.people.drafter();
                let wanted = SuspensionAsk {
                    urgency: Urgency::Immediate,
                    ground: SuspensionGround::Safety,
                    text: "漏水".into(),
                    evidence: Some("照片".into()),
                    spaces: Some(vec![self.hub.spaces[*space].clone()]),
                    from: None,
                    until: minutes.map(|minutes| instant(self.now + minutes)),
                };
                let ordered = self.write(move |tx| {
                    let (agreement, _) = latest(tx, &id)?;
                    let shared = queries::shared(tx, &agreement)?;
                    let place = suspensions::subject(tx, &agreement, &shared, wanted.spaces.as_deref())?;
                    let permit = ask::<OrderSuspension>(who.clone(), &place)?;
                    Ok(suspensions::order(tx, &permit, &agreement, &place, &wanted)?.suspension.id)
                })?;
                self.suspensions.push(ordered);
                "suspended".into()
            }
            Command::Lift { suspension } => {
                if self.suspensions.is_empty() {
                    return Ok("nothing".into());
                }
                let (who, which) = (self.people.drafter(), self.suspensions[suspension % self.suspensions.len()].clone());
                self.write(move |tx| {
                    let (agreement, _) = latest(tx, &id)?;
                    let permit = ask::<LiftSuspension>(who.clone(), &queries::shared(tx, &agreement)?)?;
                    let found = suspensions::find(tx, &agreement, &which)?;
                    suspensions::lift(tx, &permit, &agreement, &found, "好了").map(drop)
                })?;
                "lifted".into()
            }
            Command::Terminate { party } | Command::Leave { party } => {
                let leaves = matches!(command, Command::Leave { .. });
                let (who, organisation) = (self.people.signer(*party), self.people.parties[*party].1.clone());
                let wanted = EndingAsk { organisation, text: "另有安排".into(), last_day: None };
                self.write(move |tx| {
                    let (agreement, _) = latest(tx, &id)?;
                    let shared = queries::shared(tx, &agreement)?;
                    let permit = ask::<ServeNotice>(who.clone(), &AsParty { shared: &shared, organisation: &wanted.organisation })?;
                    if leaves {
                        return endings::withdraw(tx, &permit, &agreement, &wanted).map(drop);
                    }
                    endings::terminate(tx, &permit, &agreement, &wanted).map(drop)
                })?;
                "noticed".into()
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
