//! Bookings somebody must say yes to first: who is asked, until when, and who may answer.

use super::cancellation::over;
use crate::bookings::model::requests::Approver;
use crate::bookings::model::{Booking, BookingState};
use crate::kernel::id::AccountId;
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Reason};
use crate::terms::rules::{self as terms_rules, ClauseName};

/// What somebody is told who wants to book at once what must be agreed to first.
pub fn needs_approval(clause: &ClauseName, approver: &terms_rules::Approver) -> Reason {
    let (who, hours) = (approver.capacity, approver.deadline_hours);
    let reason = Reason::plain(
        "needs-approval",
        format!("要先得到{}同意，{hours} 小时内会答复。", who.zh()),
        format!("The {} must agree first, and answers within {hours} hours.", who.en()),
    );
    Reason {
        clause: Some(clause.clause.clone()),
        agreement: Some(clause.agreement_code.clone()),
        version: Some(clause.version_no),
        ..reason.figure(hours)
    }
}

/// When a request expires: at the earliest of its clauses' deadlines, and never after its start.
pub fn deadline(approvals: &[(ClauseName, terms_rules::Approver)], period: Period, now: Instant) -> Instant {
    let times = approvals.iter().map(|(_, asked)| now.plus_minutes(asked.deadline_hours.saturating_mul(60)));
    times.chain([period.start()]).min().unwrap_or(now)
}

/// May the request be answered by `account` now? In time, and never by the person who asked or who asked for a neighbour.
pub fn answer(booking: &Booking, approvers: &[Approver], account: &AccountId, now: Instant) -> Outcome<()> {
    let confirmed = (booking.state == BookingState::Confirmed).then_some(("这次预订已经订好了。", "This booking is confirmed already."));
    if let Some((zh, en)) = confirmed.or_else(|| over(booking.state)) {
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    if approvers.iter().any(|approver| approver.deadline_at <= now) {
        let (zh, en) = ("这份申请的答复期限已经过了。", "The time to answer this request is over.");
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    if booking.account == *account || booking.made_by == *account {
        return Err(Fault::saying(Code::Forbidden, "自己的申请要由别人来批。", "Somebody else must answer one's own request."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, period};
    use super::*;
    use crate::kernel::id::{AgreementId, Id, VersionId};
    use crate::terms::model::PartyCapacity;

    #[test]
    fn a_request_waits_for_the_strictest_clause_and_never_beyond_its_start() {
        let asked = |deadline_hours| {
            let (agreement_code, clause) = ("hub".to_owned(), "consent".to_owned());
            let name = ClauseName { agreement: AgreementId::fresh(), agreement_code, version: VersionId::fresh(), version_no: 1, clause };
            (name, terms_rules::Approver { capacity: PartyCapacity::Community, deadline_hours })
        };
        let now = at("2026-11-28T10:00:00+08:00");
        let show = period("2026-12-01T10:00:00+08:00", "2026-12-01T11:00:00+08:00");
        assert_eq!(deadline(&[asked(48), asked(24)], show, now), at("2026-11-29T10:00:00+08:00"));
        assert_eq!(deadline(&[asked(72)], show, now), show.start());
        assert_eq!(deadline(&[asked(73)], show, now), show.start());
        assert_eq!(deadline(&[asked(i64::MAX)], show, now), show.start());
    }
}
