//! Setting a rule aside: which reasons it takes away, and which it never does.

use crate::bookings::model::Settable;
use crate::kernel::Reason;

/// The rule behind a reason, if it is one that can be set aside.
fn settable(code: &str) -> Option<Settable> {
    Some(match code {
        "short-notice" | "too-few-working-days" => Settable::LeadTime,
        "beyond-horizon" => Settable::Horizon,
        "off-grid" => Settable::Granularity,
        "too-short" | "too-long" | "joined-too-long" => Settable::Duration,
        "over-quota" => Settable::Quota,
        _ => return None,
    })
}

/// Takes away the reasons of the rules that are set aside; gives each rule that really stood in the way, once.
pub fn set_aside(reasons: &mut Vec<Reason>, rules: &[Settable]) -> Vec<Settable> {
    let mut done = Vec::new();
    reasons.retain(|reason| match settable(&reason.code).filter(|rule| rules.contains(rule)) {
        Some(rule) => {
            if !done.contains(&rule) {
                done.push(rule);
            }
            false
        }
        None => true,
    });
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_agreed_or_is_held_by_others_is_never_set_aside() {
        let all = |codes: &[&str]| codes.iter().map(|code| Reason::plain(code, "", "")).collect::<Vec<_>>();
        let mut reasons = all(&["short-notice", "too-few-working-days", "too-long", "joined-too-long", "over-quota"]);
        assert_eq!(set_aside(&mut reasons, Settable::ALL), [Settable::LeadTime, Settable::Duration, Settable::Quota]);
        assert_eq!(reasons, []);
        let never = [
            "past",
            "residents-first",
            "large-event",
            "too-many-at-once",
            "guardian-needed",
            "period-taken",
            "not-granted",
            "term-ended",
            "suspended",
            "over-capacity",
            "use-prohibited",
            "reserved-hours",
            "outside-hours",
            "over-ceiling",
            "no-price",
            "equipment-out",
        ];
        let mut reasons = all(&never);
        assert_eq!(set_aside(&mut reasons, Settable::ALL), []);
        assert_eq!(reasons.len(), never.len());
        let mut reasons = all(&["too-long", "over-quota"]);
        assert_eq!(set_aside(&mut reasons, &[Settable::Quota, Settable::Horizon]), [Settable::Quota]);
        assert_eq!(reasons[0].code, "too-long");
    }
}
