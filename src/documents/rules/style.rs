//! How the page looks: large and calm on a screen, A4 in print.

use maud::PreEscaped;

/// The style of the page. Its hash stands in the page's policy.
pub(super) const STYLE: &str = r#"
@page { size: A4; margin: 20mm 18mm 22mm; @bottom-center { content: counter(page) " / " counter(pages); font-size: 9pt; } }
html { background: #fff; color: #1b1b1b; font: 18px/1.75 "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", SimSun, serif; }
body { max-width: 42em; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6em; line-height: 1.35; text-align: center; margin: 1em 0 .5em; }
h2 { font-size: 1.2em; margin: 1.8em 0 .6em; border-bottom: 1px solid #999; break-after: avoid; }
h3 { font-size: 1em; margin: 0 0 .25em; break-after: avoid; }
p { margin: 0 0 .4em; white-space: pre-line; }
ol { list-style: none; margin: 0; padding: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15em 1em; margin: 0; }
dt { color: #555; }
dd { margin: 0; }
.state { text-align: center; }
.unsigned { width: fit-content; margin: 0 auto 1em; padding: .1em .8em; border: 2px solid #b3261e; color: #b3261e; font-size: 1.3em; font-weight: bold; }
.water { position: fixed; inset: 35% 0 auto; text-align: center; font-size: 6em; font-weight: bold; color: #b3261e; opacity: .1; transform: rotate(-25deg); z-index: -1; }
.clause, .party, .proof { break-inside: avoid; margin: 0 0 1.2em; }
.clause .where, .clause .plain, .note { color: #555; font-size: .9em; }
.clause.long { font-size: .78em; line-height: 1.5; }
.clause.endless { break-inside: auto; break-before: page; font-size: .78em; line-height: 1.5; }
.clause.endless p { break-inside: avoid; }
.hash { font-family: ui-monospace, "Noto Sans Mono", monospace; font-size: .8em; word-break: break-all; }
@media print {
  html { font-size: 12pt; line-height: 1.7; }
  body { max-width: none; padding: 0; }
  h1 { margin-top: 0; }
}
"#;

/// The style as the page carries it. It is ours, not data: the one thing here that is not escaped.
pub(super) const fn style() -> PreEscaped<&'static str> {
    PreEscaped(STYLE)
}
