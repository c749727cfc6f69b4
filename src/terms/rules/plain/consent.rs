//! Who must agree, in words.

use crate::terms::model::{AmendmentRule, ConsentRule, VoteMatter};

/// `产权单位都同意,并且社区都同意` · `every property unit agrees, and every community agrees`.
pub fn plain_consent(rule: &ConsentRule) -> (String, String) {
    let joined = |of: &[ConsentRule], zh: &str, en: &str| {
        let said: Vec<_> = of.iter().map(|inside| bracketed(inside, plain_consent(inside))).collect();
        let (all_zh, all_en): (Vec<String>, Vec<String>) = said.into_iter().unzip();
        (all_zh.join(zh), all_en.join(en))
    };
    match rule {
        ConsentRule::Unanimous => ("各方都同意".into(), "every party agrees".into()),
        ConsentRule::AllOf { capacity } => (format!("{}都同意", capacity.zh()), format!("every {} agrees", capacity.en())),
        ConsentRule::KOf { capacity, k } => {
            (format!("至少 {k} 家{}同意", capacity.zh()), format!("at least {k} of the {} agree", capacity.en_many()))
        }
        ConsentRule::Affected { capacity } => (format!("涉及到的{}同意", capacity.zh()), format!("the {} concerned agrees", capacity.en())),
        ConsentRule::Party { organisation } => (format!("{organisation} 同意"), format!("{organisation} agrees")),
        ConsentRule::ExternalDecision { decision: VoteMatter::Ordinary } => {
            ("业主依法表决通过".into(), "the owners vote for it as the law says".into())
        }
        ConsentRule::ExternalDecision { decision: VoteMatter::Special } => {
            ("业主依法表决、四分之三以上通过".into(), "three quarters of the owners vote for it as the law says".into())
        }
        ConsentRule::And { of } => joined(of, "，并且", ", and "),
        ConsentRule::Or { of } => joined(of, "，或者", ", or "),
    }
}

/// Inside another, what is itself made of several stands in brackets.
fn bracketed(rule: &ConsentRule, (zh, en): (String, String)) -> (String, String) {
    if rule.inside().is_empty() { (zh, en) } else { (format!("（{zh}）"), format!("({en})")) }
}

pub(super) fn amendment(rule: &AmendmentRule) -> (String, String) {
    let mut zh: Vec<String> = Vec::new();
    let mut en: Vec<String> = Vec::new();
    for own in &rule.rules {
        let (who_zh, who_en) = plain_consent(&own.consent);
        let (wait_zh, wait_en) = match own.wait_days {
            0 => (String::new(), String::new()),
            days => (format!("，再等 {days} 天"), format!(", and {days} days pass")),
        };
        zh.push(format!("改{}要{who_zh}{wait_zh}", own.change.zh()));
        en.push(format!("to change {}: {who_en}{wait_en}", own.change.en()));
    }
    let days = rule.protected_days;
    let (rest_zh, rest_en) = if zh.is_empty() {
        ("改协议按商量的通用规则来".to_owned(), "Changes follow the usual rules of consent".to_owned())
    } else {
        (format!("{}；其他的按通用规则", zh.join("；")), format!("{}; anything else by the usual rules", capital(&en.join("; "))))
    };
    (
        format!("{rest_zh}。改了以后，头 {days} 天里已经订好的照旧。"),
        format!("{rest_en}. What is booked already stays as it is for the first {days} days."),
    )
}

/// With a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
