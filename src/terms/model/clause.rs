//! A clause: where it applies, when, what it does (payload) and the text that binds.
//!
//! JSON form, in a draft, in a hub file and in the canonical document alike:
//!
//! ```json
//! {"id": "hours", "kind": "open_hours", "spaces": ["yuxin/hall"], "from": null, "to": null, "exception": null,
//!  "material": true, "text_zh": "…", "text_en": null, "payload": {"v": 1, "weekly": […]}}
//! ```

use super::hours::{self, Weekly};
use super::uses::{Noise, Use};
use crate::kernel::form::{self, Form, Spot};
use crate::kernel::time::Day;
use crate::kernel::{Fen, text};
use crate::words;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The version of payload shapes written today; kept in every stored payload as `v`.
pub const PAYLOAD_VERSION: i64 = 1;

words! {
    /// The kinds of clauses that are enforced. An unknown kind is refused, never ignored.
    pub enum ClauseKind {
        /// Who signs, in which capacity and stage.
        Parties = "parties",
        /// Which spaces a party opens; nothing is bookable outside a grant.
        SpaceGrant = "space_grant",
        /// First and last day.
        Term = "term",
        /// When the spaces are open.
        OpenHours = "open_hours",
        /// The owner's own hours (错时共享).
        ReservedHours = "reserved_hours",
        /// Only these uses.
        AllowedUses = "allowed_uses",
        /// Not these uses.
        ProhibitedUses = "prohibited_uses",
        /// How many people.
        Capacity = "capacity",
        /// Hours without loud uses.
        QuietHours = "quiet_hours",
        /// The most that may be charged.
        PriceCeiling = "price_ceiling",
    }
}

impl ClauseKind {
    /// Kinds every space of an agreement needs before the version can be proposed.
    pub const REQUIRED: &'static [ClauseKind] = &[ClauseKind::Term, ClauseKind::SpaceGrant, ClauseKind::OpenHours, ClauseKind::Capacity];

    /// Kinds of which an agreement has at most one for the whole, and none for single spaces.
    pub const fn is_whole_agreement(self) -> bool {
        matches!(self, ClauseKind::Parties | ClauseKind::Term)
    }

    /// The whole obeys such clauses of its parts too (hours, uses); capacity and price are its own.
    pub const fn binds_the_whole(self) -> bool {
        !matches!(self, ClauseKind::Capacity | ClauseKind::PriceCeiling)
    }

    /// Chinese name.
    pub const fn zh(self) -> &'static str {
        match self {
            ClauseKind::Parties => "签约各方",
            ClauseKind::SpaceGrant => "空间提供",
            ClauseKind::Term => "期限",
            ClauseKind::OpenHours => "开放时间",
            ClauseKind::ReservedHours => "保留时段",
            ClauseKind::AllowedUses => "允许用途",
            ClauseKind::ProhibitedUses => "禁止用途",
            ClauseKind::Capacity => "容纳人数",
            ClauseKind::QuietHours => "安静时段",
            ClauseKind::PriceCeiling => "价格上限",
        }
    }
}

words! {
    /// In which capacity a party signs.
    pub enum PartyCapacity {
        /// 产权单位
        PropertyUnit = "property_unit",
        /// 社区
        Community = "community",
        /// 物业
        PropertyManager = "property_manager",
        /// 社会组织
        SocialOrganisation = "social_organisation",
        /// 专业机构
        Operator = "operator",
        /// 自管会
        Committee = "committee",
        /// 街道
        Street = "street",
        /// 部门
        Department = "department",
    }
}

words! {
    /// What capacity protects.
    pub enum Capacity {
        /// Fire and structure: no grace, no override.
        Safety = "safety",
        /// A pleasant number.
        Comfort = "comfort",
    }
}

words! {
    /// What a price or a ceiling is counted by.
    pub enum Per {
        /// Every person taking part.
        Person = "person",
        /// The booking as a whole.
        Session = "session",
        /// An hour, to the minute.
        Hour = "hour",
    }
}

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

/// One who signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Natural code of the organisation.
    pub organisation: String,
    /// In which capacity.
    pub capacity: PartyCapacity,
    /// Signing stage from 1; equal numbers sign in parallel.
    pub stage: i32,
}

/// The most that may be charged for a use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceiling {
    /// The use; `None` = every use that neither itself nor by its parent is named in the same clause.
    #[serde(rename = "use")]
    pub use_code: Option<Use>,
    /// Fen.
    pub fen: Fen,
    /// Counted by.
    pub per: Per,
}

/// What a clause does, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Payload {
    /// See [`ClauseKind::Parties`].
    Parties {
        /// At least two.
        parties: Vec<Party>,
    },
    /// See [`ClauseKind::SpaceGrant`].
    SpaceGrant {
        /// Natural code of the party that lends the spaces.
        by: String,
        /// Rent of a year in fen; 0 = 公益共建, lent free.
        rent_fen_per_year: Fen,
    },
    /// See [`ClauseKind::Term`].
    Term {
        /// First day, inclusive.
        first_day: Day,
        /// Last day, inclusive; the last bookable instant is its 24:00.
        last_day: Day,
    },
    /// See [`ClauseKind::OpenHours`].
    OpenHours(Weekly),
    /// See [`ClauseKind::ReservedHours`].
    ReservedHours {
        /// Natural code of the party that keeps the hours for itself.
        reserved_for: String,
        /// The timetable.
        #[serde(flatten)]
        hours: Weekly,
    },
    /// See [`ClauseKind::AllowedUses`] and [`ClauseKind::ProhibitedUses`].
    Uses {
        /// None twice.
        uses: Vec<Use>,
        /// Prohibited for safety or law, not by choice.
        safety: bool,
    },
    /// See [`ClauseKind::Capacity`].
    Capacity {
        /// Most people at once.
        persons: i64,
        /// What it protects.
        basis: Capacity,
    },
    /// See [`ClauseKind::QuietHours`].
    QuietHours {
        /// This class and everything louder is refused.
        noise: Noise,
        /// The timetable.
        #[serde(flatten)]
        hours: Weekly,
    },
    /// See [`ClauseKind::PriceCeiling`].
    PriceCeiling {
        /// At least one.
        ceilings: Vec<Ceiling>,
    },
}

fn party(spot: &Spot) -> Option<Party> {
    spot.object(|form| {
        let organisation = form.need("organisation", form::code);
        let capacity = form.need("capacity", form::word);
        let stage = form.may("stage", form::int(1..=9));
        Some(Party { organisation: organisation?, capacity: capacity?, stage: i32::try_from(stage.unwrap_or(1)).ok()? })
    })
}

fn ceiling(spot: &Spot) -> Option<Ceiling> {
    spot.object(|form| {
        let use_code = form.may("use", form::word);
        let fen = form.need("fen", form::fen);
        let per = form.need("per", form::word);
        Some(Ceiling { use_code, fen: fen?, per: per? })
    })
}

impl Payload {
    /// Reads a payload of `kind` from an object of its own.
    fn read(kind: ClauseKind, form: &mut Form) -> Option<Payload> {
        form.may("v", form::int(PAYLOAD_VERSION..=PAYLOAD_VERSION));
        match kind {
            ClauseKind::Parties => {
                let parties = form.need("parties", form::list(2..=50, party))?;
                let repeated = parties.iter().enumerate().find(|(i, p)| parties.iter().take(*i).any(|q| q.organisation == p.organisation));
                if let Some((i, _)) = repeated {
                    form.fault_below(&format!("parties/{i}"), "duplicate", "同一方不能写两次。", "A party may stand only once.");
                    return None;
                }
                Some(Payload::Parties { parties })
            }
            ClauseKind::SpaceGrant => {
                let by = form.need("by", form::code);
                let rent = form.may("rent_fen_per_year", form::fen);
                Some(Payload::SpaceGrant { by: by?, rent_fen_per_year: rent.unwrap_or(Fen::ZERO) })
            }
            ClauseKind::Term => {
                let first_day = form.need("first_day", form::day);
                let last_day = form.need("last_day", form::day);
                let (first_day, last_day) = (first_day?, last_day?);
                if last_day < first_day {
                    form.fault("last_day", "ends-before-start", "最后一天不能早于第一天。", "The last day is before the first.");
                    return None;
                }
                Some(Payload::Term { first_day, last_day })
            }
            ClauseKind::OpenHours => hours::weekly(form).map(Payload::OpenHours),
            ClauseKind::ReservedHours => {
                let reserved_for = form.need("reserved_for", form::code);
                let hours = hours::weekly(form);
                Some(Payload::ReservedHours { reserved_for: reserved_for?, hours: hours? })
            }
            ClauseKind::AllowedUses | ClauseKind::ProhibitedUses => {
                let uses = form.need("uses", form::set(1..=Use::ALL.len(), form::word::<Use>));
                let safety = form.may("safety", form::flag);
                Some(Payload::Uses { uses: uses?, safety: safety.unwrap_or(false) })
            }
            ClauseKind::Capacity => {
                // Events of 1,000 and more need a public-security permit (大型群众性活动安全管理条例, arts. 2 and 12).
                let persons = form.need("persons", form::int(1..=999));
                let basis = form.may("basis", form::word);
                Some(Payload::Capacity { persons: persons?, basis: basis.unwrap_or(Capacity::Safety) })
            }
            ClauseKind::QuietHours => {
                let noise = form.need("noise", form::word);
                let hours = hours::weekly(form);
                Some(Payload::QuietHours { noise: noise?, hours: hours? })
            }
            ClauseKind::PriceCeiling => {
                let ceilings = form.need("ceilings", form::list(1..=100, ceiling))?;
                let repeated =
                    ceilings.iter().enumerate().find(|(i, c)| ceilings.iter().take(*i).any(|d| d.use_code == c.use_code && d.per == c.per));
                if let Some((i, _)) = repeated {
                    form.fault_below(
                        &format!("ceilings/{i}"),
                        "duplicate",
                        "同一用途和单位写了两次。",
                        "The same use and unit stand twice.",
                    );
                    return None;
                }
                Some(Payload::PriceCeiling { ceilings })
            }
        }
    }

    /// A payload of `kind` as the database keeps it. `None` means the row was not written by this program.
    pub fn from_stored(kind: ClauseKind, stored: &str) -> Option<Payload> {
        #[derive(Deserialize)]
        struct Reserved {
            reserved_for: String,
            #[serde(flatten)]
            hours: Weekly,
        }
        #[derive(Deserialize)]
        struct Quiet {
            noise: Noise,
            #[serde(flatten)]
            hours: Weekly,
        }
        // Chosen by kind, not by shape: an untagged reading could take one kind for another.
        match kind {
            ClauseKind::OpenHours => serde_json::from_str(stored).ok().map(Payload::OpenHours),
            ClauseKind::ReservedHours => {
                serde_json::from_str(stored).ok().map(|r: Reserved| Payload::ReservedHours { reserved_for: r.reserved_for, hours: r.hours })
            }
            ClauseKind::QuietHours => {
                serde_json::from_str(stored).ok().map(|q: Quiet| Payload::QuietHours { noise: q.noise, hours: q.hours })
            }
            _ => serde_json::from_str(stored).ok().filter(|payload: &Payload| payload.fits(kind)),
        }
    }

    /// As the database keeps it, with `v`.
    pub fn to_stored(&self) -> Value {
        let mut value = serde_json::to_value(self).unwrap_or(Value::Null);
        if let Value::Object(map) = &mut value {
            map.insert("v".into(), json!(PAYLOAD_VERSION));
        }
        value
    }

    /// The shape belongs to that kind.
    pub fn fits(&self, kind: ClauseKind) -> bool {
        matches!(
            (self, kind),
            (Payload::Parties { .. }, ClauseKind::Parties)
                | (Payload::SpaceGrant { .. }, ClauseKind::SpaceGrant)
                | (Payload::Term { .. }, ClauseKind::Term)
                | (Payload::OpenHours(_), ClauseKind::OpenHours)
                | (Payload::ReservedHours { .. }, ClauseKind::ReservedHours)
                | (Payload::Uses { .. }, ClauseKind::AllowedUses | ClauseKind::ProhibitedUses)
                | (Payload::Capacity { .. }, ClauseKind::Capacity)
                | (Payload::QuietHours { .. }, ClauseKind::QuietHours)
                | (Payload::PriceCeiling { .. }, ClauseKind::PriceCeiling)
        )
    }
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

impl Clause {
    /// Reads a clause; every fault is recorded with its pointer.
    pub fn read(spot: &Spot) -> Option<Clause> {
        spot.object(|form| {
            let id = form.need("id", form::code);
            let kind = form.need("kind", form::word::<ClauseKind>);
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

impl Payload {
    /// The payload as people write it (`"08:30"`), which [`Clause::read`] takes back unchanged.
    pub fn to_wire(&self) -> Value {
        fn span(span: &hours::Span) -> Value {
            json!({"from": crate::kernel::time::show_minute(span.from), "to": crate::kernel::time::show_minute(span.to)})
        }
        fn weekly(map: &mut serde_json::Map<String, Value>, hours: &Weekly) {
            let windows: Vec<Value> = hours
                .windows
                .iter()
                .map(|w| {
                    let mut value = span(&w.span);
                    if let Value::Object(map) = &mut value {
                        map.insert("days".into(), json!(w.days));
                    }
                    value
                })
                .collect();
            let dates: Vec<Value> = hours
            .dates
            .iter()
            .map(|d| json!({"first": d.first.to_string(), "last": d.last.to_string(), "reason_zh": d.reason_zh, "windows": d.spans.iter().map(span).collect::<Vec<_>>()}))
            .collect();
            map.insert("weekly".into(), Value::Array(windows));
            map.insert("holidays".into(), json!(hours.holidays));
            map.insert("makeup_workdays".into(), json!(hours.makeup_workdays));
            map.insert("dates".into(), Value::Array(dates));
        }
        let mut map = serde_json::Map::new();
        map.insert("v".into(), json!(PAYLOAD_VERSION));
        match self {
            Payload::OpenHours(hours) => weekly(&mut map, hours),
            Payload::ReservedHours { reserved_for, hours } => {
                map.insert("reserved_for".into(), json!(reserved_for));
                weekly(&mut map, hours);
            }
            Payload::QuietHours { noise, hours } => {
                map.insert("noise".into(), json!(noise));
                weekly(&mut map, hours);
            }
            other => return other.to_stored(),
        }
        Value::Object(map)
    }
}

#[cfg(test)]
#[path = "clause_tests.rs"]
mod tests;
