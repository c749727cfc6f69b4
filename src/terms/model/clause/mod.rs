//! A clause: where it applies, when, what it does (payload) and the text that binds.
//!
//! JSON form, in a draft, in a hub file and in the canonical document alike:
//!
//! ```json
//! {"id": "hours", "kind": "open_hours", "spaces": ["yuxin/hall"], "from": null, "to": null, "exception": null,
//!  "material": true, "text_zh": "…", "text_en": null, "payload": {"v": 1, "weekly": […]}}
//! ```
//!
//! - [`kind`]: the kinds and how each spreads over spaces · [`payload`]: what a clause does, there and back
//! - what a payload holds, by topic: [`parties`], [`rooms`], [`money`], [`care`], [`consent`], [`lifecycle`]

pub mod care;
pub mod consent;
pub mod kind;
pub mod lifecycle;
pub mod money;
pub mod parties;
pub mod payload;
pub mod rooms;

pub use kind::ClauseKind;
pub use parties::{Party, PartyCapacity};
pub use payload::{PAYLOAD_VERSION, Payload};
pub use rooms::{Capacity, Ceiling, Per};

use crate::kernel::form::{self, Spot};
use crate::kernel::text;
use crate::kernel::time::Day;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A space named by natural codes: `site/space`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SpaceRef(String);

impl SpaceRef {
    /// `site/space`, both natural codes.
    pub fn new(site: &str, space: &str) -> Option<Self> {
        (text::is_code(site) && text::is_code(space)).then(|| Self(format!("{site}/{space}")))
    }
    /// Reads `site/space`.
    pub fn parse(text: &str) -> Option<Self> {
        let (site, space) = text.split_once('/')?;
        Self::new(site, space)
    }
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SpaceRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads `site/space`.
pub fn space_ref(spot: &Spot) -> Option<SpaceRef> {
    match spot.value {
        Value::String(text) => SpaceRef::parse(text)
            .or_else(|| spot.fault("wrong-code", "空间应写成 场所/空间 的代码。", "A space is written site/space with natural codes.")),
        _ => spot.fault("wrong-type", "应为文字。", "Must be a text."),
    }
}

/// Where the first item stands that is, by its key, there already.
fn repeated<'a, T, K: PartialEq>(items: &'a [T], key: impl Fn(&'a T) -> K) -> Option<usize> {
    items.iter().enumerate().position(|(i, item)| items.iter().take(i).any(|earlier| key(earlier) == key(item)))
}

/// A clause of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Natural code, unique in its version; what a refusal names.
    pub id: String,
    /// What it is about.
    pub kind: ClauseKind,
    /// Where; empty = every space the agreement covers.
    pub spaces: Vec<SpaceRef>,
    /// First civil day it applies; `None` = from the version's start.
    pub from: Option<Day>,
    /// First civil day it no longer applies; `None` = to the version's end.
    pub to: Option<Day>,
    /// Label of an exception; an exception replaces the base clause of the same kind and scope on its dates.
    pub exception: Option<String>,
    /// A change of a material clause sends usage terms back for approval.
    pub material: bool,
    /// The text that binds.
    pub text_zh: String,
    /// Courtesy translation.
    pub text_en: Option<String>,
    /// What it does.
    pub payload: Payload,
}

/// A kind that may stand in a version.
fn drafted_kind(spot: &Spot) -> Option<ClauseKind> {
    let kind = form::word::<ClauseKind>(spot)?;
    if kind.is_drafted() {
        return Some(kind);
    }
    spot.fault("not-drafted", "暂停不写在条款里，要单独作出。", "A suspension is no clause of a version; it is ordered by itself.")
}

impl Clause {
    /// Reads a clause; every fault is recorded with its pointer.
    pub fn read(spot: &Spot) -> Option<Clause> {
        spot.object(|form| {
            let id = form.need("id", form::code);
            let kind = form.need("kind", drafted_kind);
            let spaces = form.may("spaces", form::set(0..=100, space_ref));
            let from = form.may("from", form::day);
            let to = form.may("to", form::day);
            let exception = form.may("exception", form::line(40));
            let material = form.may("material", form::flag);
            let text_zh = form.need("text_zh", form::prose(4000));
            let text_en = form.may("text_en", form::prose(8000));
            let payload = form.need("payload", |spot| {
                spot.object(|form| match kind {
                    Some(kind) => Payload::read(kind, form),
                    None => {
                        form.ignore_rest();
                        None
                    }
                })
            });
            let (id, kind) = (id?, kind?);
            let spaces = spaces.unwrap_or_default();
            if from.zip(to).is_some_and(|(from, to)| to <= from) {
                form.fault("to", "ends-before-start", "失效日要晚于生效日。", "Must be after `from`.");
                return None;
            }
            if exception.is_some() && (from.is_none() || to.is_none()) {
                form.fault("exception", "needs-dates", "例外条款要写明起止日期。", "An exception needs `from` and `to`.");
                return None;
            }
            if kind.is_whole_agreement() && !(spaces.is_empty() && from.is_none() && to.is_none() && exception.is_none()) {
                form.fault(
                    "kind",
                    "whole-agreement",
                    "这类条款只能用于整个协议。",
                    "A clause of this kind is for the whole agreement: no spaces, dates or exception.",
                );
                return None;
            }
            Some(Clause {
                id,
                kind,
                spaces,
                from,
                to,
                exception,
                material: material.unwrap_or(true),
                text_zh: text_zh?,
                text_en,
                payload: payload?,
            })
        })
    }

    /// The JSON form, complete and stable: what is shown, stored and hashed.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id, "kind": self.kind, "spaces": self.spaces,
            "from": self.from.map(|d| d.to_string()), "to": self.to.map(|d| d.to_string()),
            "exception": self.exception, "material": self.material,
            "text_zh": self.text_zh, "text_en": self.text_en, "payload": self.payload.to_wire(),
        })
    }
}

#[cfg(test)]
#[path = "clause_tests.rs"]
mod tests;
