//! Which tariff, and what it comes to.

use super::model::{Component, Quote, QuoteLine, Tariff, TariffKind};
use crate::kernel::Fen;
use crate::terms::model::{Fee, Per, Use};

/// The tariff of a use: its own, else its parent's, else the one for every other use.
pub fn tariff_for(tariffs: &[Tariff], use_code: Use) -> Option<&Tariff> {
    let of = |wanted: Option<Use>| tariffs.iter().find(|tariff| tariff.use_code == wanted);
    of(Some(use_code)).or_else(|| use_code.parent().and_then(|parent| of(Some(parent)))).or_else(|| of(None))
}

/// The price of `minutes` for `attendees` people. `None` when no tariff speaks about the use, a quantity is negative, or
/// a figure is beyond the machine's integers.
pub fn quote(tariffs: &[Tariff], use_code: Use, minutes: i64, attendees: i64) -> Option<Quote> {
    let tariff = tariff_for(tariffs, use_code)?;
    if minutes < 0 || attendees < 0 {
        return None;
    }
    let lines = match tariff.kind {
        TariffKind::Free => Vec::new(),
        TariffKind::LowCost => tariff.components.iter().map(|c| line(c, minutes, attendees)).collect::<Option<Vec<_>>>()?,
    };
    let total = lines.iter().try_fold(Fen::ZERO, |sum, line| sum.plus(line.amount))?;
    Some(Quote { tariff: tariff.id.clone(), kind: tariff.kind, minutes, attendees, lines, total })
}

/// The same booking at a price that is a ceiling: one line. `None` where a figure is beyond the machine's integers.
pub fn at_ceiling(quote: &Quote, ceiling: Fee) -> Option<Quote> {
    let part =
        Component {
            label_zh: "约定的价格上限".into(), label_en: Some("The agreed ceiling".into()), fen: ceiling.fen, per: ceiling.per
        };
    let line = line(&part, quote.minutes, quote.attendees)?;
    Some(Quote { total: line.amount, lines: vec![line], ..quote.clone() })
}

fn line(component: &Component, minutes: i64, attendees: i64) -> Option<QuoteLine> {
    let (quantity, divisor) = match component.per {
        Per::Person => (attendees, 1),
        Per::Session => (1, 1),
        Per::Hour => (minutes, 60),
    };
    let exact = i128::from(component.fen.0).checked_mul(i128::from(quantity))?;
    // Floored, so that an hour's part never costs more than its share.
    let amount = Fen(i64::try_from(exact.div_euclid(divisor)).ok()?);
    let rate = component.fen;
    let (zh, en) = match component.per {
        Per::Person => (format!("{rate} 元/人 × {quantity} 人 = {amount} 元"), format!("{rate} yuan/person × {quantity} = {amount} yuan")),
        Per::Session => (format!("{rate} 元/次 × 1 次 = {amount} 元"), format!("{rate} yuan/session × 1 = {amount} yuan")),
        Per::Hour => {
            (format!("{rate} 元/小时 × {quantity} 分钟 = {amount} 元"), format!("{rate} yuan/hour × {quantity} min = {amount} yuan"))
        }
    };
    Some(QuoteLine {
        label_zh: component.label_zh.clone(),
        label_en: component.label_en.clone(),
        fen_rate: rate,
        per: component.per,
        quantity,
        amount,
        zh,
        en,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::form;
    use crate::kernel::id::{Id, TariffId};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn read(body: Value) -> Result<Tariff, Vec<(String, String)>> {
        form::read(&json!({ "t": body }), |form| form.need("t", |spot| Tariff::read(TariffId::fresh(), spot)))
            .map_err(|faults| faults.into_iter().map(|f| (f.pointer, f.code)).collect())
    }
    fn tariff(use_code: Option<&str>, components: &[(i64, &str)]) -> Tariff {
        let parts: Vec<Value> = components.iter().map(|(fen, per)| json!({"label_zh": "场地费", "fen": fen, "per": per})).collect();
        let kind = if parts.is_empty() { "free" } else { "low_cost" };
        read(json!({"use": use_code, "kind": kind, "components": parts})).unwrap()
    }

    #[test]
    fn a_quote_shows_its_calculation() {
        let tariffs = [tariff(None, &[(1000, "hour"), (500, "person"), (3000, "session")])];
        let quote = quote(&tariffs, Use::Meeting, 90, 12).unwrap();
        let zh: Vec<&str> = quote.lines.iter().map(|l| l.zh.as_str()).collect();
        assert_eq!(zh, ["10.00 元/小时 × 90 分钟 = 15.00 元", "5.00 元/人 × 12 人 = 60.00 元", "30.00 元/次 × 1 次 = 30.00 元"]);
        assert_eq!(quote.lines[0].en, "10.00 yuan/hour × 90 min = 15.00 yuan");
        assert_eq!(quote.total, Fen(10_500));
        let kept = serde_json::to_string(&quote).unwrap();
        assert_eq!(serde_json::from_str::<Quote>(&kept).unwrap(), quote);
        assert_eq!(quote.charge().total_sixtieths(), Some(10_500 * 60));
        let kept = serde_json::to_string(&tariffs[0]).unwrap();
        assert_eq!(serde_json::from_str::<Tariff>(&kept).unwrap(), tariffs[0]);
    }

    #[test]
    fn each_line_is_floored() {
        let tariffs = [tariff(None, &[(100, "hour"), (100, "hour")])];
        let quote = quote(&tariffs, Use::Meeting, 59, 1).unwrap();
        assert_eq!(quote.lines.iter().map(|l| l.amount.0).collect::<Vec<_>>(), [98, 98]);
        assert_eq!(quote.total, Fen(196), "not 196.67 rounded");
    }

    #[test]
    fn the_nearest_tariff_counts() {
        let tariffs = [tariff(None, &[(1, "hour")]), tariff(Some("performance"), &[(2, "hour")]), tariff(Some("opera"), &[])];
        let of = |use_code| quote(&tariffs, use_code, 60, 1).map(|q| (q.kind, q.total.0));
        assert_eq!(of(Use::Opera), Some((TariffKind::Free, 0)));
        assert_eq!(of(Use::Performance), Some((TariffKind::LowCost, 2)));
        assert_eq!(of(Use::Meeting), Some((TariffKind::LowCost, 1)));
        assert_eq!(quote(&tariffs[1..2], Use::Opera, 60, 1).map(|q| q.total), Some(Fen(2)));
        assert_eq!(quote(&tariffs[1..], Use::Meeting, 60, 1), None);
        assert_eq!(quote(&[], Use::Meeting, 60, 1), None);
    }

    #[test]
    fn no_quote_rather_than_a_wrong_one() {
        let person = [tariff(None, &[(100_000_000, "person"), (100_000_000, "person")])];
        assert_eq!(quote(&person, Use::Meeting, 60, i64::MAX), None);
        assert_eq!(quote(&person, Use::Meeting, 60, i64::MAX / 100_000_000), None, "the sum is too large");
        assert_eq!(quote(&person, Use::Meeting, -1, 1), None);
        assert_eq!(quote(&person, Use::Meeting, 60, -1), None);
        assert!(quote(&[tariff(None, &[(1, "hour")])], Use::Meeting, i64::MAX, 0).is_some());
    }

    #[test]
    fn tariffs_are_read_strictly() {
        let fault = |body: Value| read(body).unwrap_err();
        let one = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        assert_eq!(read(json!({"kind": "free"})).unwrap().components, []);
        let free = json!({"label_zh": "场地费", "fen": 0, "per": "hour"});
        assert!(read(json!({"kind": "free", "components": [free]})).is_ok());
        let priced = json!({"label_zh": "场地费", "fen": 1, "per": "hour"});
        assert_eq!(fault(json!({"kind": "free", "components": [free, priced]})), one("/t/components/1/fen", "free-costs-nothing"));
        assert_eq!(fault(json!({"kind": "low_cost"})), one("/t/components", "missing"));
        assert_eq!(fault(json!({"kind": "low_cost", "components": []})), one("/t/components", "wrong-count"));
        assert_eq!(fault(json!({"kind": "cheap", "use": "chess", "colour": 1})).len(), 3);
        let bad = json!({"label_zh": "", "fen": -1, "per": "minute", "x": 0});
        assert_eq!(
            fault(json!({"kind": "low_cost", "components": [bad]})),
            [("label_zh", "empty"), ("fen", "out-of-range"), ("per", "unknown-word"), ("x", "unknown-field")]
                .map(|(field, code)| (format!("/t/components/0/{field}"), code.to_owned()))
        );
    }

    proptest! {
        #[test]
        fn the_total_is_the_sum_of_its_lines_and_never_more_than_exact(
            parts in prop::collection::vec((0i64..=100_000_000, 0usize..3), 1..6), minutes in 0i64..10_000, attendees in 0i64..1_000,
        ) {
            let parts: Vec<(i64, &str)> = parts.iter().map(|(fen, per)| (*fen, Per::ALL[*per].as_str())).collect();
            let quote = quote(&[tariff(None, &parts)], Use::Study, minutes, attendees).unwrap();
            prop_assert_eq!(quote.total.0, quote.lines.iter().map(|l| l.amount.0).sum::<i64>());
            let exact = quote.charge().total_sixtieths().unwrap();
            let shown = i128::from(quote.total.0) * 60;
            prop_assert!(shown <= exact && exact - shown < 60 * quote.lines.len() as i128);
            // A ceiling that is the price itself is kept, one fen less is not (when anything is charged by the session).
            let ceiling = Fee { fen: Fen(i64::try_from(exact.div_euclid(60) + i128::from(exact % 60 != 0)).unwrap()), per: Per::Session };
            prop_assert!(quote.charge().is_within(ceiling));
            let below = Fee { fen: Fen(ceiling.fen.0 - 1), per: Per::Session };
            prop_assert!(exact == 0 || !quote.charge().is_within(below));
        }
    }
}
