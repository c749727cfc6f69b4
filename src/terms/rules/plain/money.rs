//! Costs, income and what is free, in words. Amounts concern the parties; what a neighbour must know is that nothing is added
//! to the price.

use super::consent::capital;
use super::yuan;
use crate::terms::model::{FitOut, FreeShare, PublicReturn, RevenueShare, ShareOf, UtilitiesPayer, Utility, WHOLE};

/// `60`, `12.5`: basis points as percent.
fn percent(basis_points: i64) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}").trim_end_matches('0').to_owned() }
}

pub(super) fn utilities(clause: &UtilitiesPayer) -> (String, String) {
    let sole = |kind: &Utility| clause.lines.iter().any(|line| line.kind == *kind && line.share_basis_points == WHOLE);
    let of = |wanted: bool| -> Vec<Utility> {
        let named = |kind: &Utility| clause.lines.iter().any(|line| line.kind == *kind);
        Utility::ALL.iter().copied().filter(|kind| named(kind) && sole(kind) == wanted).collect()
    };
    let list = |kinds: &[Utility]| {
        let zh: Vec<_> = kinds.iter().map(|kind| kind.zh()).collect();
        let en: Vec<_> = kinds.iter().map(|kind| kind.en()).collect();
        (zh.join("、"), en.join(", "))
    };
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for (kinds, how_zh, how_en) in [(of(true), "由一家签约单位付", "paid by one party"), (of(false), "由几家分摊", "shared by the parties")]
    {
        if kinds.is_empty() {
            continue;
        }
        let (what_zh, what_en) = list(&kinds);
        zh.push(format!("{what_zh}{how_zh}"));
        en.push(format!("{what_en}: {how_en}"));
    }
    if let Some(most) = clause.lines.iter().filter_map(|line| line.cap_fen).max() {
        zh.push(format!("一家一个月一项最多 {} 元", yuan(most)));
        en.push(format!("at most {} yuan a month for one", yuan(most)));
    }
    (format!("{}；来活动的人不用另付。", zh.join("；")), format!("{}. People who come pay nothing extra.", capital(&en.join("; "))))
}

pub(super) fn fit_out(clause: &FitOut) -> (String, String) {
    let (most_zh, most_en) = match clause.budget_fen {
        Some(most) => (format!("，最多 {} 元", yuan(most)), format!(", at most {} yuan", yuan(most))),
        None => (String::new(), String::new()),
    };
    (
        format!("装修改造由一家签约单位负责，用的是{}{most_zh}。", clause.funding.zh()),
        format!("One party renovates and furnishes, with {}{most_en}.", clause.funding.en()),
    )
}

pub(super) fn revenue(clause: &RevenueShare) -> (String, String) {
    let (rest_zh, rest_en) = (clause.remainder.zh(), clause.remainder.en());
    if clause.shares.is_empty() {
        return (format!("收来的钱哪一方都不分，全部{rest_zh}。"), format!("No party takes a share of the income; all of it {rest_en}."));
    }
    let shares: Vec<String> = clause.shares.iter().map(|share| format!("{}%", percent(share.basis_points))).collect();
    (
        format!("收来的钱按 {} 分给 {} 家签约单位，余下的{rest_zh}。", shares.join("、"), shares.len()),
        format!("Of the income {} go to {} parties; the rest {rest_en}.", shares.join(", "), shares.len()),
    )
}

pub(super) fn public_return(clause: &PublicReturn) -> (String, String) {
    let zh: Vec<_> = clause.destinations.iter().map(|d| format!("{} {}%", d.purpose.zh(), percent(d.basis_points))).collect();
    let en: Vec<_> = clause.destinations.iter().map(|d| format!("{} {}%", d.purpose.en(), percent(d.basis_points))).collect();
    (format!("结余都用回大家身上：{}。", zh.join("、")), format!("What is left over goes back to everybody: {}.", en.join(", ")))
}

pub(super) fn free_share(clause: &FreeShare) -> (String, String) {
    let percent = clause.percent;
    let (zh, en) = match clause.of {
        ShareOf::Sessions => ("场次", "sessions"),
        ShareOf::Hours => ("时间", "hours"),
    };
    (format!("每个月至少 {percent}% 的{zh}不收钱。"), format!("Every month at least {percent}% of the {en} are free."))
}
