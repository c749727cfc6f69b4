//! The page itself.

use super::style::{STYLE, style};
use crate::agreements::model::{Effect, Method, VersionState};
use crate::documents::model::{AuditRange, Paper, PaperParty, PaperSignature};
use crate::kernel::digest::sha256;
use crate::kernel::{Instant, Zone};
use crate::terms::model::{Clause, PartyCapacity};
use crate::terms::rules::plain;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, html};

/// The style's hash as a content security policy names it: `sha256-…`.
pub fn style_hash() -> String {
    format!("sha256-{}", STANDARD.encode(sha256(STYLE.as_bytes())))
}

/// The paper of a version, HTML.
pub fn page(paper: &Paper) -> String {
    let mark = mark(paper.state);
    let title = format!("{}（第 {} 版）", paper.title_zh, paper.version);
    let markup = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { @if let Some(mark) = mark { (mark) " · " } (title) }
                style { (style()) }
            }
            body {
                @if let Some(mark) = mark { div class="water" aria-hidden="true" { (mark) } }
                header {
                    @if let Some(mark) = mark { p class="unsigned" { (mark) } }
                    h1 { (paper.title_zh) }
                    p class="state" { "第 " (paper.version) " 版 · " (state(paper)) }
                }
                main {
                    section aria-labelledby="facts" { h2 id="facts" { "基本情况" } (facts(paper)) }
                    section aria-labelledby="parties" { h2 id="parties" { "签约各方" } (parties(&paper.parties)) }
                    section aria-labelledby="clauses" {
                        h2 id="clauses" { "条款" }
                        ol {
                            @for (i, (one, spaces)) in paper.clauses.iter().enumerate() { (clause(i + 1, one, spaces)) }
                        }
                    }
                    section aria-labelledby="certificate" { h2 id="certificate" { "签署证明" } (certificate(paper)) }
                }
            }
        }
    };
    markup.into_string()
}

/// What stands across every page of a version that binds nobody.
fn mark(state: VersionState) -> Option<&'static str> {
    match state {
        VersionState::Agreed => None,
        VersionState::Annulled => Some("已撤销"),
        _ => Some("未签署"),
    }
}

/// 签署证明 is about what happened; the state says what holds now.
fn state(paper: &Paper) -> String {
    match (paper.state, paper.effect) {
        (VersionState::Agreed, Some((_, Effect::InForce))) => "各方已签署，正在执行".into(),
        (VersionState::Agreed, Some((dates, Effect::Pending))) => format!("各方已签署，{} 起执行", paper.zone.show(dates.from)),
        (VersionState::Agreed, Some((_, Effect::Superseded))) => "各方已签署，已由后来的版本代替".into(),
        (VersionState::Agreed, _) => "各方签署过，已经结束".into(),
        (VersionState::Annulled, _) => "各方签署后又一致撤销，没有执行".into(),
        (VersionState::Draft, _) => "草稿，还会改".into(),
        (VersionState::InRound, _) => "正在商量".into(),
        (VersionState::Discussed, _) => "商量过，已有后来的版本".into(),
        (VersionState::Proposed, _) => "等各方签署".into(),
        (VersionState::PartiallySigned, _) => "部分已签，还差几方".into(),
        (VersionState::Declined, _) => "有一方拒签，没有成立".into(),
        (VersionState::Withdrawn, _) => "已撤回，没有成立".into(),
        (VersionState::Lapsed, _) => "签署期限已过，没有成立".into(),
    }
}

fn facts(paper: &Paper) -> Markup {
    html! {
        dl {
            dt { "协议编号" } dd { (paper.agreement) }
            dt { "管理地区" } dd { (paper.area_zh) }
            dt { "场所" }
            dd {
                @for (name, address) in &paper.sites {
                    p { (name) @if let Some(address) = address { "（" (address) "）" } }
                }
            }
            @if let Some((dates, _)) = paper.effect {
                dt { "执行期限" } dd { (paper.zone.show(dates.from)) " 至 " (paper.zone.show(dates.to)) }
            }
        }
    }
}

fn parties(parties: &[PaperParty]) -> Markup {
    html! {
        ol {
            @for (i, party) in parties.iter().enumerate() {
                li class="party" {
                    p {
                        (ordinal(i)) "：" (party.name_zh) "（" (capacity(party.capacity)) "）"
                        @if parties.iter().any(|other| other.stage != party.stage) { "，第 " (party.stage) " 批签署" }
                    }
                }
            }
        }
    }
}

/// 甲乙丙丁, as Chinese contracts name their parties; beyond ten by number.
fn ordinal(index: usize) -> String {
    let stem = "甲乙丙丁戊己庚辛壬癸".chars().nth(index);
    stem.map_or_else(|| format!("第 {} 方", index + 1), |stem| format!("{stem}方"))
}

fn capacity(capacity: PartyCapacity) -> &'static str {
    match capacity {
        PartyCapacity::PropertyUnit => "产权单位",
        PartyCapacity::Community => "社区",
        PartyCapacity::PropertyManager => "物业",
        PartyCapacity::SocialOrganisation => "社会组织",
        PartyCapacity::Operator => "专业机构",
        PartyCapacity::Committee => "自管会",
        PartyCapacity::Street => "街道",
        PartyCapacity::Department => "部门",
    }
}

fn clause(number: usize, clause: &Clause, spaces: &[String]) -> Markup {
    let effect = plain(clause.kind, &clause.payload).zh;
    let dates = match (clause.from, clause.to) {
        (None, None) => None,
        (Some(from), None) => Some(format!("{from} 起")),
        (None, Some(to)) => Some(format!("到 {to} 前")),
        (Some(from), Some(to)) => Some(format!("{from} 起，到 {to} 前")),
    };
    html! {
        li class=(size(&clause.text_zh, &effect)) id={ "clause-" (clause.id) } {
            h3 {
                "第" (chinese(number)) "条 " (clause.kind.zh())
                @if let Some(label) = &clause.exception { "（例外：" (label) "）" }
            }
            @if !spaces.is_empty() { p class="where" { "适用空间：" (spaces.join("、")) } }
            @if let Some(dates) = dates { p class="where" { "适用日期：" (dates) } }
            @for paragraph in clause.text_zh.split('\n').filter(|paragraph| !paragraph.trim().is_empty()) { p { (paragraph) } }
            p class="plain" { "说明（由系统按条款生成，以正文为准）：" (effect) }
        }
    }
}

/// Lines a text takes at so many letters a line.
fn lines(text: &str, wide: usize) -> usize {
    text.split('\n').map(|line| line.chars().count().div_ceil(wide).max(1)).sum()
}

/// A clause that would not fit a page is set smaller; one that does not fit even then begins a page of its own and breaks
/// between paragraphs only.
fn size(text: &str, effect: &str) -> &'static str {
    match (lines(text, 40) + lines(effect, 44), lines(text, 50) + lines(effect, 55)) {
        (0..=27, _) => "clause",
        (_, 0..=44) => "clause long",
        _ => "clause endless",
    }
}

const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// 1 to 999 in Chinese numerals.
fn chinese(number: usize) -> String {
    let digit = |n: usize| DIGITS.get(n % 10).copied().unwrap_or_default();
    let (hundreds, tens, ones) = (number / 100 % 10, number / 10 % 10, number % 10);
    let mut out = String::new();
    if hundreds > 0 {
        out.push_str(digit(hundreds));
        out.push('百');
        if tens == 0 && ones > 0 {
            out.push('零');
        }
    }
    if tens > 0 {
        // 十二, but 一百一十二.
        if tens > 1 || hundreds > 0 {
            out.push_str(digit(tens));
        }
        out.push('十');
    }
    out.push_str(digit(ones));
    out
}

/// In the time of the site, and in UTC.
fn time(zone: &Zone, at: Instant) -> Markup {
    html! { time datetime=(at) { (zone.show(at)) } "（" (zone.name()) "）· " (at) }
}

fn certificate(paper: &Paper) -> Markup {
    html! {
        p class="note" { "签署证明由系统随文本生成，不是协议条文。" @if !paper.full_names { "代表人只显示姓；签约各方登录后可见全名和授权文件。" } }
        @for (i, party) in paper.parties.iter().enumerate() {
            section class="party" {
                h3 { (ordinal(i)) "：" (party.name_zh) }
                @match &party.signature {
                    None => p { "没有签署。" },
                    Some(signature) => (signed(signature, &paper.zone)),
                }
            }
        }
        section class="proof" {
            h3 { "文本指纹" }
            @match &paper.sha256 {
                None => p { "草稿没有定稿，还没有指纹。" },
                Some(sha256) => {
                    p class="hash" { "SHA-256 " (sha256) }
                    p class="note" {
                        "核对办法：下载原文 /api/v1/agreements/" (paper.agreement_id) "/versions/" (paper.version)
                        "/canonical，它的 SHA-256 应与上面一致；或在网页上核对文件，或离线运行 shangliang verify-document 文件。"
                    }
                },
            }
        }
        (audit(paper.audit.as_ref(), &paper.area_zh))
        p class="note" { "本页生成于 " (time(&paper.zone, paper.made_at)) "。" }
    }
}

fn signed(signature: &PaperSignature, zone: &Zone) -> Markup {
    let paper = signature.method == Method::Paper;
    let how = match signature.method {
        Method::Electronic => "电子签署",
        Method::Paper => "纸质签署，扫描件存指纹",
        Method::Ratified => "越权签署，已由本方追认",
    };
    html! {
        dl {
            dt { "签署方式" } dd { (how) }
            dt { "代表人" } dd { (signature.signer.as_deref().unwrap_or("还没有确认")) }
            @if let Some(power) = &signature.power {
                dt { "授权" }
                dd {
                    "签署协议，" (zone.show(power.from)) " 起"
                    @if power.to < Instant::LATEST { "，到 " (zone.show(power.to)) " 止" } @else { "长期有效" }
                    @if let Some(evidence) = &power.evidence { "；" (evidence) }
                }
            }
            dt { @if paper { "录入时间" } @else { "签署时间" } } dd { (time(zone, signature.signed_at)) }
            @if signature.method == Method::Ratified {
                @if let Some(at) = signature.confirmed_at { dt { "追认时间" } dd { (time(zone, at)) } }
            }
            @if paper {
                @if let Some(at) = signature.confirmed_at { dt { "确认时间" } dd { (time(zone, at)) } }
                @if let Some(sha256) = &signature.evidence_sha256 { dt { "扫描件指纹" } dd class="hash" { "SHA-256 " (sha256) } }
            }
        }
    }
}

fn audit(range: Option<&AuditRange>, area_zh: &str) -> Markup {
    html! {
        section class="proof" {
            h3 { "审计记录" }
            @match range {
                None => p { "还没有连入审计链。" },
                Some(range) => {
                    dl {
                        dt { "审计链" } dd { (area_zh) "（" (range.chain) "）" }
                        dt { "记录" } dd { "第 " (range.first) " 条至第 " (range.last) " 条之间，共 " (range.entries) " 条" }
                        dt { "最后一条指纹" } dd class="hash" { "SHA-256 " (range.last_hash) }
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_counted_in_chinese() {
        let told: Vec<String> = [1, 10, 12, 20, 99, 100, 101, 110, 112, 200].into_iter().map(chinese).collect();
        assert_eq!(told, ["一", "十", "十二", "二十", "九十九", "一百", "一百零一", "一百一十", "一百一十二", "二百"]);
        assert_eq!((ordinal(0), ordinal(9), ordinal(10)), ("甲方".into(), "癸方".into(), "第 11 方".into()));
    }

    #[test]
    fn long_clauses_are_set_smaller() {
        assert_eq!(size("短", "说明"), "clause");
        assert_eq!(size(&"字".repeat(1_500), "说明"), "clause long");
        assert_eq!(size(&"字".repeat(4_000), "说明"), "clause endless");
        assert_eq!(size(&"一行\n".repeat(40), "说明"), "clause long", "short lines take room too");
    }

    #[test]
    fn whatever_stands_in_a_clause_is_text() {
        let hostile = html! { p { ("<script>alert(1)</script>") } };
        assert_eq!(hostile.into_string(), "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
        assert!(!STYLE.contains("</"), "the style ends where it ends");
    }
}
