//! Pure decisions about rounds.

use crate::agreements::model::rounds::Round;
use crate::agreements::model::{PartyState, Stand, VersionState};
use crate::kernel::id::OrganisationId;
use crate::kernel::{Code, Fault, Outcome, Reason};

/// Every position of these rounds that asks for an answer and has none: it stands against the next round and against
/// proposing. Silence asks for nothing and consents to nothing.
pub fn unanswered(rounds: &[Round]) -> Vec<Reason> {
    let open = rounds.iter().flat_map(|round| round.positions.iter().filter(|p| p.is_unanswered()).map(move |p| (round, p)));
    open.map(|(round, position)| {
        let (zh, en) = match position.stand {
            Stand::Object => ("反对", "objected"),
            _ => ("有条件同意", "supports under a condition"),
        };
        let name_en = position.name_en.as_deref().unwrap_or(&position.name_zh);
        Reason::plain(
            "unanswered-position",
            format!("第 {} 轮里 {} {zh}，还没有书面答复。", round.no, position.name_zh),
            format!("{name_en} {en} in round {}, and has no written reply yet.", round.no),
        )
        .figure(&position.name_zh)
    })
    .collect()
}

/// The round can hear positions: it is open and its version is the one being talked over.
pub fn is_open(round: Option<Round>, state: VersionState) -> Outcome<Round> {
    match round {
        Some(round) if state == VersionState::InRound && round.closed_at.is_none() => Ok(round),
        Some(_) => Err(Fault::saying(Code::StateConflict, "这一轮已经结束了。", "This round is over.")),
        None => Err(Fault::saying(Code::StateConflict, "这个版本没有在商量。", "This version is not being talked over.")),
    }
}

/// A party of the version speaks, once a round.
pub fn may_speak(round: &Round, parties: &[PartyState], organisation: &OrganisationId) -> Outcome<()> {
    super::party(parties, organisation)?;
    if round.positions.iter().any(|position| position.organisation == *organisation) {
        return Err(Fault::saying(
            Code::StateConflict,
            "这一方这一轮已经表过态了；下一轮可以再说。",
            "This party has spoken in this round; there may be a next one.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreements::model::rounds::{Answered, Position};
    use crate::kernel::Instant;
    use crate::kernel::id::{AccountId, Id, PositionId, RoundId, VersionId};

    fn said(stand: Stand, answered: bool) -> Position {
        Position {
            id: PositionId::fresh(),
            organisation: OrganisationId::fresh(),
            name_zh: "第一产权单位".into(),
            name_en: Some("Property unit 1".into()),
            stand,
            text: Some("水电费".into()),
            account: AccountId::fresh(),
            stated_at: Instant(1),
            reply: answered.then(|| Answered { text: "写进第七条".into(), at: Instant(2) }),
        }
    }

    fn round(positions: Vec<Position>, closed: bool) -> Round {
        let version = VersionId::fresh();
        let closed_at = closed.then_some(Instant(9));
        Round { id: RoundId::fresh(), no: 1, version, version_no: 1, opened_at: Instant(0), closed_at, positions }
    }

    #[test]
    fn objections_and_conditions_want_an_answer_and_nothing_else_does() {
        let all: Vec<Position> = Stand::ALL.iter().flat_map(|stand| [said(*stand, false), said(*stand, true)]).collect();
        let reasons = unanswered(&[round(all, true)]);
        assert_eq!(reasons.len(), 2);
        assert!(reasons.iter().all(|reason| reason.code == "unanswered-position" && reason.zh.contains("第 1 轮")));
        assert!(reasons.iter().any(|reason| reason.en.contains("objected")) && reasons.iter().any(|r| r.en.contains("condition")));
        assert_eq!(unanswered(&[round(vec![], true)]), []);
    }

    #[test]
    fn only_an_open_round_of_the_version_talked_over_hears() {
        let (open, closed) = (round(vec![], false), round(vec![], true));
        assert!(is_open(Some(open.clone()), VersionState::InRound).is_ok());
        for (round, state) in [(Some(closed), VersionState::InRound), (Some(open), VersionState::Proposed), (None, VersionState::Draft)] {
            assert_eq!(is_open(round, state).unwrap_err().code, Code::StateConflict);
        }
    }
}
