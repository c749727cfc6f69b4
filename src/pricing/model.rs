//! Tariffs and quotes.

use crate::kernel::Fen;
use crate::kernel::form::{self, Spot};
use crate::kernel::id::TariffId;
use crate::terms::model::{Charge, Fee, Per, Use};
use crate::words;
use serde::{Deserialize, Deserializer, Serialize};

words! {
    /// Free, or at low cost.
    pub enum TariffKind {
        /// 免费
        Free = "free",
        /// 低偿
        LowCost = "low_cost",
    }
}

/// One part of a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Component {
    /// What it is for, Chinese: 场地费, 保洁费.
    pub label_zh: String,
    /// The same in English.
    #[serde(default)]
    pub label_en: Option<String>,
    /// Rate in fen.
    pub fen: Fen,
    /// Counted by.
    pub per: Per,
}

impl Component {
    /// Reads `{"label_zh", "label_en"?, "fen", "per"}`.
    pub fn read(spot: &Spot) -> Option<Component> {
        spot.object(|form| {
            let label_zh = form.need("label_zh", form::line(30));
            let label_en = form.may("label_en", form::line(60));
            let fen = form.need("fen", form::fen);
            let per = form.need("per", form::word);
            Some(Component { label_zh: label_zh?, label_en, fen: fen?, per: per? })
        })
    }
}

/// The price of one use of a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tariff {
    /// Identity.
    #[serde(deserialize_with = "tariff_id")]
    pub id: TariffId,
    /// The use; `None` = every use without a tariff of its own or its parent's.
    #[serde(rename = "use")]
    pub use_code: Option<Use>,
    /// Free or at low cost.
    pub kind: TariffKind,
    /// The parts; of a free tariff none costs anything.
    pub components: Vec<Component>,
}

impl Tariff {
    /// Reads `{"use": code | null, "kind": "free" | "low_cost", "components": […]}` as the tariff `id`.
    pub fn read(id: TariffId, spot: &Spot) -> Option<Tariff> {
        spot.object(|form| {
            let use_code = form.may("use", form::word);
            let kind = form.need("kind", form::word::<TariffKind>);
            let components = match kind {
                Some(TariffKind::LowCost) => form.need("components", form::list(1..=20, Component::read)),
                _ => Some(form.may("components", form::list(0..=20, Component::read)).unwrap_or_default()),
            };
            let (kind, components) = (kind?, components?);
            let priced = components.iter().position(|component| component.fen != Fen::ZERO);
            if let (TariffKind::Free, Some(i)) = (kind, priced) {
                let (zh, en) = ("免费的价目不能收费。", "A free tariff cannot cost anything.");
                form.fault_below(&format!("components/{i}/fen"), "free-costs-nothing", zh, en);
                return None;
            }
            Some(Tariff { id, use_code, kind, components })
        })
    }
}

fn tariff_id<'de, D: Deserializer<'de>>(from: D) -> Result<TariffId, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_| serde::de::Error::custom("no tariff id"))
}

/// One line of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct QuoteLine {
    /// What it is for, Chinese.
    pub label_zh: String,
    /// The same in English.
    pub label_en: Option<String>,
    /// Rate in fen.
    pub fen_rate: Fen,
    /// Counted by.
    pub per: Per,
    /// People, sessions or minutes.
    pub quantity: i64,
    /// What the line comes to, floored to the fen.
    pub amount: Fen,
    /// The calculation in Chinese: `10.00 元/小时 × 90 分钟 = 15.00 元`.
    pub zh: String,
    /// The calculation in English.
    pub en: String,
}

/// The price of one booking, as a booking keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Quote {
    /// The tariff it was made of.
    #[serde(deserialize_with = "tariff_id")]
    pub tariff: TariffId,
    /// Free or at low cost.
    pub kind: TariffKind,
    /// Length.
    pub minutes: i64,
    /// People.
    pub attendees: i64,
    /// A line per component.
    pub lines: Vec<QuoteLine>,
    /// The sum of the lines.
    pub total: Fen,
}

impl Quote {
    /// The exact charge, for the ceilings.
    pub fn charge(&self) -> Charge {
        Charge {
            components: self.lines.iter().map(|line| Fee { fen: line.fen_rate, per: line.per }).collect(),
            minutes: self.minutes,
            attendees: self.attendees,
        }
    }
}
