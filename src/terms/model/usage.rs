//! Usage terms 使用须知 as the terms of a space know them: what is in force when, and the figures that must lie inside the clauses.
//! What they say in full, and who approves it, is the business of the domain of usage terms.

use super::clause::rooms::ceiling;
use super::hours::{self, DatedHours, Span, Weekly, Window};
use super::{Ceiling, Use};
use crate::kernel::form::{self, Form};
use crate::kernel::id::UsageTermsId;
use crate::kernel::time::show_minute;
use crate::kernel::{Instant, Period};
use serde_json::{Value, json};

/// Usage terms that whoever books a space accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageInForce {
    /// Which.
    pub id: UsageTermsId,
    /// Their number at their site.
    pub no: i32,
    /// SHA-256 of what they say.
    pub sha256: String,
    /// First moment.
    pub from: Instant,
    /// First moment after.
    pub to: Instant,
}

impl UsageInForce {
    /// The stretch they bind over; `None`: they never do.
    pub fn period(&self) -> Option<Period> {
        Period::new(self.from, self.to)
    }
}

/// What usage terms state in figures, so that it can be held against the clauses. Nothing stated, nothing held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Most people at once.
    pub max_persons: Option<i64>,
    /// When the space may be used, on special days as on others unless it says so; no hours = whenever it is open.
    pub hours: Weekly,
    /// What for.
    pub uses: Vec<Use>,
    /// What it costs; at most one for a use and unit.
    pub fees: Vec<Ceiling>,
}

impl Figures {
    /// Reads the figures of an object that may hold other fields too.
    pub fn read(form: &mut Form) -> Option<Figures> {
        let max_persons = form.may("max_persons", form::int(1..=999));
        let hours = hours::stated(form, "hours");
        let uses = form.may("uses", form::set(0..=Use::ALL.len(), form::word::<Use>)).unwrap_or_default();
        let fees: Vec<Ceiling> = form.may("fees", form::list(0..=40, ceiling)).unwrap_or_default();
        let same = |a: &Ceiling, b: &Ceiling| (a.use_code, a.per) == (b.use_code, b.per);
        if let Some((i, _)) = fees.iter().enumerate().find(|(i, fee)| fees.iter().take(*i).any(|earlier| same(earlier, fee))) {
            form.fault_below(&format!("fees/{i}"), "duplicate", "同一用途和单位写了两次。", "The same use and unit stand twice.");
            return None;
        }
        Some(Figures { max_persons, hours: hours?, uses, fees })
    }

    /// As [`Figures::read`] takes them back, complete and stable: what is shown, stored and hashed.
    pub fn to_json(&self) -> Value {
        let span = |span: &Span| json!({"from": show_minute(span.from), "to": show_minute(span.to)});
        let window =
            |window: &Window| json!({"days": window.days, "from": show_minute(window.span.from), "to": show_minute(window.span.to)});
        let dated = |dated: &DatedHours| {
            let windows: Vec<Value> = dated.spans.iter().map(span).collect();
            json!({"first": dated.first.to_string(), "last": dated.last.to_string(), "windows": windows, "reason_zh": dated.reason_zh})
        };
        let Weekly { windows, holidays, makeup_workdays, dates } = &self.hours;
        json!({"max_persons": self.max_persons, "hours": windows.iter().map(window).collect::<Vec<_>>(), "holidays": holidays,
            "makeup_workdays": makeup_workdays, "dates": dates.iter().map(dated).collect::<Vec<_>>(), "uses": self.uses, "fees": self.fees})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_back_as_they_were_written() {
        let body = json!({"max_persons": 30, "uses": ["dance"], "fees": [{"use": "dance", "fen": 500, "per": "session"}],
            "hours": [{"days": ["sat"], "from": "09:00", "to": "24:00"}], "holidays": "closed", "makeup_workdays": "as_monday",
            "dates": [{"first": "2027-02-06", "last": "2027-02-08", "windows": [{"from": "10:00", "to": "12:00"}], "reason_zh": "春节"}]});
        let figures = form::read(&body, Figures::read).unwrap();
        assert_eq!(form::read(&figures.to_json(), Figures::read).unwrap(), figures);
        let nothing = form::read(&json!({}), Figures::read).unwrap();
        assert_eq!(nothing, Figures::default());
        assert_eq!(form::read(&nothing.to_json(), Figures::read).unwrap(), nothing);
    }

    #[test]
    fn every_wrong_figure_is_named() {
        let body = json!({"max_persons": 0, "uses": ["gambling"], "hours": [{"days": [], "from": "09:00", "to": "24:00"}], "more": 1,
            "fees": [{"fen": 1, "per": "hour"}, {"fen": 2, "per": "hour"}]});
        let mut faults: Vec<_> = form::read(&body, Figures::read).unwrap_err().into_iter().map(|f| f.pointer).collect();
        faults.sort();
        assert_eq!(faults, ["/fees/1", "/hours/0/days", "/max_persons", "/more", "/uses/0"]);
        let twice =
            json!({"hours": [{"days": ["sat"], "from": "09:00", "to": "12:00"}, {"days": ["sat"], "from": "11:00", "to": "13:00"}]});
        let dates =
            json!({"dates": [{"first": "2027-02-08", "last": "2027-02-06", "windows": [], "reason_zh": "春节"}], "holidays": "open"});
        let faults = |body| form::read(&body, Figures::read).unwrap_err().into_iter().map(|f| (f.pointer, f.code)).collect::<Vec<_>>();
        assert_eq!(faults(twice), [("/hours".into(), "overlapping".into())]);
        assert_eq!(faults(dates), [("/holidays".into(), "unknown-word".into()), ("/dates/0/last".into(), "ends-before-start".into())]);
    }
}
