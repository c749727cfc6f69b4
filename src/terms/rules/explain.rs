//! What a clause decided about a booking, in words for whoever holds it, and its price against the ceilings.

use super::decide::{Ask, ceilings_for, decided, en_date, en_day, zh_date, zh_day};
use super::hours::{hours_on, show_spans};
use super::plain::{Plain, yuan};
use crate::kernel::time::{Day, show_minute};
use crate::kernel::{Fen, Reason};
use crate::terms::model::{Ceiling, ClauseKind, DayType, Fee, Payload, Per, TermInForce, Use};

/// What a clause decided about a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explained {
    /// It had nothing against it, and why.
    Allowed(Plain),
    /// It was booked with somebody's consent.
    ByConsent(Plain),
    /// The clause speaks against it.
    Against(Reason),
}

/// What `term` decided about `ask`. The clause is taken to bind, whatever became of its version since: a booking keeps
/// the clauses it was made under.
pub fn explain(term: &TermInForce, ask: &Ask, day_type: &dyn Fn(Day) -> DayType) -> Explained {
    if let Some(reason) = decided(term, ask, day_type) {
        return Explained::Against(reason);
    }
    let day = ask.zone.day_of(ask.period.start());
    let (zh, en) = match &term.payload {
        Payload::SpaceGrant { .. } => ("这段时间场地借给大家用。".to_owned(), "The room is lent to everybody at that time.".to_owned()),
        Payload::Term { last_day, .. } => (
            format!("协议到{}为止，这次在期限之内。", zh_date(*last_day)),
            format!("The agreement runs until {}; this is within.", en_date(*last_day)),
        ),
        Payload::OpenHours(hours) => {
            let open = show_spans(&hours_on(hours, day, day_type(day)));
            let (from, to) = (ask.zone.minute_of(ask.period.start()).1, ask.zone.minute_of(ask.period.end()).1);
            let to = if to == 0 { crate::kernel::time::DAY_MINUTES } else { to };
            let asked = format!("{}–{}", show_minute(from), show_minute(to));
            (
                format!("{}开放 {}，您订的 {asked} 在里面。", zh_day(day), open.replace(", ", "、")),
                format!("Open {open} on {}; your {asked} lies within.", en_day(day)),
            )
        }
        Payload::ReservedHours { .. } => {
            ("没有碰上单位留用的时间。".into(), "It does not touch the hours a party keeps for itself.".into())
        }
        Payload::Uses { .. } if term.kind == ClauseKind::AllowedUses => {
            (format!("约定的用途里有{}。", ask.use_code.zh()), format!("The agreed uses include: {}.", ask.use_code.en()))
        }
        Payload::Uses { .. } => (format!("没有禁止{}。", ask.use_code.zh()), format!("Not prohibited here: {}.", ask.use_code.en())),
        Payload::Capacity { persons, .. } => {
            let people = ask.attendees;
            (format!("最多 {persons} 人，您是 {people} 人。"), format!("At most {persons} people; you are {people}."))
        }
        Payload::QuietHours { noise, .. } if ask.use_code.noise() < *noise => (
            format!("{}不算吵，安静时段也可以。", ask.use_code.zh()),
            format!("Not loud, so quiet hours do not matter: {}.", ask.use_code.en()),
        ),
        Payload::QuietHours { .. } => ("没有碰上安静时段。".into(), "It does not touch the quiet hours.".into()),
        Payload::PriceCeiling { ceilings } => price(ceilings, ask),
        Payload::Maintenance { .. } => ("没有碰上打扫维护的时间。".into(), "It does not touch the hours of upkeep.".into()),
        Payload::InsuranceSafety(proofs) => match proofs.evidence.iter().map(|proof| proof.valid_until).min() {
            Some(until) => (
                format!("那天保险和检查都在有效期内（最早的到{}）。", zh_date(until)),
                format!("Insurance and inspections are valid on that day, the first of them until {}.", en_date(until)),
            ),
            None => ("那天保险和检查都在有效期内。".into(), "Insurance and inspections are valid on that day.".into()),
        },
        Payload::Approval(approval) => {
            let day_off = matches!(day_type(day), DayType::Weekend | DayType::Holiday);
            if approval.is_needed(ask.use_code, ask.attendees, day_off) {
                let zh = format!("这样的预订要{}同意，已经同意了。", approval.approver.zh());
                return Explained::ByConsent(Plain {
                    zh,
                    en: format!("Such a booking needs the consent of the {}, and has it.", approval.approver.en()),
                });
            }
            ("这样的预订不用谁同意。".into(), "Such a booking needs nobody's consent.".into())
        }
        _ => {
            let said = super::plain(term.kind, &term.payload);
            (said.zh, said.en)
        }
    };
    Explained::Allowed(Plain { zh, en })
}

/// A ceiling as it limits one booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CeilingMet {
    /// The use it is agreed for; `None` = every other use.
    pub use_code: Option<Use>,
    /// The agreed figure.
    pub fen: Fen,
    /// Counted by.
    pub per: Per,
    /// What it comes to for this booking, floored to the fen; `None` beyond the machine's integers.
    pub most: Option<Fen>,
    /// The whole charge stays within, judged before rounding.
    pub within: bool,
}

/// The ceilings of a clause that speak about a booking, in the order of units.
pub fn ceilings_met(ceilings: &[Ceiling], ask: &Ask) -> Vec<CeilingMet> {
    let Some(charge) = ask.charge.as_ref() else { return Vec::new() };
    let mut speaking = ceilings_for(ceilings, ask.use_code);
    speaking.sort_by_key(|ceiling| ceiling.per);
    speaking
        .into_iter()
        .map(|ceiling| {
            let fee = Fee { fen: ceiling.fen, per: ceiling.per };
            CeilingMet {
                use_code: ceiling.use_code,
                fen: ceiling.fen,
                per: ceiling.per,
                most: charge.sixtieths_of(fee).and_then(|sixtieths| i64::try_from(sixtieths / 60).ok()).map(Fen),
                within: charge.is_within(fee),
            }
        })
        .collect()
}

fn price(ceilings: &[Ceiling], ask: &Ask) -> (String, String) {
    let met = ceilings_met(ceilings, ask);
    let Some(most) = met.iter().filter_map(|ceiling| ceiling.most).min() else {
        return (format!("没有约定{}的价格上限。", ask.use_code.zh()), format!("No ceiling is agreed for: {}.", ask.use_code.en()));
    };
    let total = ask.charge.as_ref().and_then(|charge| charge.total_sixtieths()).and_then(|sixtieths| i64::try_from(sixtieths / 60).ok());
    let charged = Fen(total.unwrap_or_default());
    if most == Fen::ZERO {
        return ("约定免费，没有收钱。".into(), "Agreed to be free, and nothing is charged.".into());
    }
    (
        format!("这次最多可以收 {} 元，收 {} 元。", yuan(most), yuan(charged)),
        format!("At most {} yuan may be charged for this; it is {} yuan.", yuan(most), yuan(charged)),
    )
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, beijing, clause, daily, row, usual};
    use super::*;
    use crate::kernel::Period;
    use crate::terms::model::{Charge, Noise};
    use serde_json::{Value, json};

    fn ask() -> Ask {
        let period = Period::new(at("2026-11-27 14:00"), at("2026-11-27 16:00")).unwrap();
        let charge = Charge { components: vec![Fee { fen: Fen(3000), per: Per::Session }], minutes: 120, attendees: 10 };
        Ask { zone: beijing(), period, occupancy: period, use_code: Use::Exhibition, attendees: 10, charge: Some(charge) }
    }
    fn term(kind: &str, payload: Value) -> TermInForce {
        let clause = clause("c", kind, payload, json!({}));
        row("c", clause.kind, clause.payload)
    }
    fn said(term: &TermInForce) -> String {
        match explain(term, &ask(), &|_| DayType::Workday) {
            Explained::Allowed(plain) => {
                assert!(plain.en.ends_with('.'), "{}", plain.en);
                plain.zh
            }
            Explained::ByConsent(plain) => format!("consent: {}", plain.zh),
            Explained::Against(reason) => format!("{}: {}", reason.code, reason.zh),
        }
    }

    #[test]
    fn every_clause_says_what_it_decided() {
        let usual: Vec<String> = usual().iter().map(said).collect();
        assert_eq!(
            usual,
            [
                "这段时间场地借给大家用。",
                "协议到2026年12月31日为止，这次在期限之内。",
                "11月27日开放 08:30–21:00，您订的 14:00–16:00 在里面。",
                "最多 50 人，您是 10 人。"
            ]
        );
        for (kind, payload, zh) in [
            ("allowed_uses", json!({"uses": ["exhibition"]}), "约定的用途里有展览。"),
            ("prohibited_uses", json!({"uses": ["dance"]}), "没有禁止展览。"),
            ("prohibited_uses", json!({"uses": ["exhibition"]}), "use-prohibited: 按照约定，这里不能用于展览。"),
            ("capacity", json!({"persons": 9}), "over-capacity: 为了安全，这里最多 9 人，您填的是 10 人。"),
            (
                "price_ceiling",
                json!({"ceilings": [{"use": "exhibition", "fen": 4000, "per": "session"}]}),
                "这次最多可以收 40 元，收 30 元。",
            ),
            (
                "price_ceiling",
                json!({"ceilings": [{"use": "exhibition", "fen": 1600, "per": "hour"}, {"use": "exhibition", "fen": 500, "per": "person"}]}),
                "这次最多可以收 32 元，收 30 元。",
            ),
            (
                "price_ceiling",
                json!({"ceilings": [{"fen": 1000, "per": "hour"}]}),
                "over-ceiling: 约定的价格上限是每小时 10.00 元，这次的收费超过了。",
            ),
            ("approval", json!({"approver": "community", "deadline_hours": 24, "at_least_people": 11}), "这样的预订不用谁同意。"),
            ("approval", json!({"approver": "community", "deadline_hours": 24}), "consent: 这样的预订要社区同意，已经同意了。"),
            (
                "insurance_safety",
                json!({"evidence": [{"name": "fire_inspection", "valid_until": "2026-11-27"}]}),
                "那天保险和检查都在有效期内（最早的到2026年11月27日）。",
            ),
        ] {
            assert_eq!(said(&term(kind, payload)), zh);
        }
        let quiet = |noise| row("q", ClauseKind::QuietHours, Payload::QuietHours { noise, hours: daily("12:00", "14:00") });
        assert_eq!(said(&quiet(Noise::Loud)), "展览不算吵，安静时段也可以。");
        assert_eq!(said(&quiet(Noise::Normal)), "没有碰上安静时段。");
        let upkeep = row("m", ClauseKind::Maintenance, Payload::Maintenance { notice_days: 3, hours: daily("13:00", "14:00") });
        assert_eq!(said(&upkeep), "没有碰上打扫维护的时间。");
    }

    #[test]
    fn a_superseded_clause_still_tells_what_it_decided() {
        let mut hours = usual().remove(2);
        hours.to = at("2026-11-01 00:00");
        assert!(said(&hours).starts_with("11月27日开放"));
        let mut grant = usual().remove(0);
        grant.to = at("2026-11-01 00:00");
        assert_eq!(said(&grant), "这段时间场地借给大家用。");
    }

    #[test]
    fn ceilings_are_those_that_speak_about_the_use() {
        let clause = term(
            "price_ceiling",
            json!({"ceilings": [{"fen": 0, "per": "session"}, {"use": "exhibition", "fen": 1600, "per": "hour"}, {"use": "exhibition", "fen": 299, "per": "person"}]}),
        );
        let Payload::PriceCeiling { ceilings } = &clause.payload else { panic!("ceilings") };
        let met: Vec<_> = ceilings_met(ceilings, &ask()).into_iter().map(|c| (c.per, c.most, c.within)).collect();
        assert_eq!(met, [(Per::Person, Some(Fen(2990)), false), (Per::Hour, Some(Fen(3200)), true)]);
        assert!(ceilings_met(ceilings, &Ask { charge: None, ..ask() }).is_empty());
    }
}
