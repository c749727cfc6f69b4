//! A suspension as it binds a space. Nobody drafts it as a clause: the order of a suspension writes it, lifting ends it.

use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// How a suspension comes.
    pub enum Urgency {
        /// For safety, at once.
        Immediate = "immediate",
        /// Announced, with an end.
        Planned = "planned",
    }
}

words! {
    /// As whom somebody ordered a suspension.
    pub enum Orderer {
        /// 社区
        Community = "community",
        /// 街道
        Street = "street",
        /// 产权单位, of its own spaces.
        PropertyUnit = "property_unit",
        /// 专业机构, on site and for a day at most.
        Operator = "operator",
    }
}

impl Orderer {
    /// Chinese, as a reader meets it.
    pub const fn zh(self) -> &'static str {
        match self {
            Orderer::Community => "社区",
            Orderer::Street => "街道",
            Orderer::PropertyUnit => "产权单位",
            Orderer::Operator => "现场运营方",
        }
    }
    /// English.
    pub const fn en(self) -> &'static str {
        match self {
            Orderer::Community => "the community",
            Orderer::Street => "the street office",
            Orderer::PropertyUnit => "the property unit",
            Orderer::Operator => "the operator on site",
        }
    }
}

/// What a booking is told of a suspension; since when and until when are the row's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    /// At once, or announced.
    pub urgency: Urgency,
    /// As whom it was ordered.
    pub ordered_by: Orderer,
    /// Why, in the words of who ordered it. Everybody may read it.
    pub ground: String,
    /// A closure by whoever runs the space, no order under the agreement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closure: bool,
}
