//! Floor area: integers of 0.01 m², so that a layout of exactly 1,152.00 m² can be told from 1,152.01 m².

use std::fmt;
use std::str::FromStr;

/// An area in units of 0.01 m².
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    utoipa::ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[serde(transparent)]
#[schema(value_type = i64, minimum = 1, maximum = 100_000_000)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
pub struct Area(pub i64);

/// The text is no area: a positive decimal of at most two places, at most 1,000,000.00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnArea;

impl Area {
    /// The largest area accepted: 1,000,000.00 m².
    pub const MAX: Area = Area(100_000_000);
}

crate::stored_as!(Area, diesel::sql_types::BigInt, i64, i64, |area| &area.0, |area| Ok(Area(area)));

/// Square metres with two decimals: `1152.00`.
impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Reads square metres: `1152`, `96.5`, `96.25`.
impl FromStr for Area {
    type Err = NotAnArea;
    fn from_str(text: &str) -> Result<Self, NotAnArea> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |s: &str, most: usize| !s.is_empty() && s.len() <= most && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 7) || !digits(part, 2) {
            return Err(NotAnArea);
        }
        let whole: i64 = whole.parse().map_err(|_| NotAnArea)?;
        let cents: i64 = format!("{part:0<2}").parse().map_err(|_| NotAnArea)?;
        match whole * 100 + cents {
            units @ 1..=100_000_000 => Ok(Area(units)),
            _ => Err(NotAnArea),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_shows_square_metres() {
        for (text, units) in [("1152", 115_200), ("1152.00", 115_200), ("96.5", 9_650), ("0.01", 1)] {
            assert_eq!(text.parse(), Ok(Area(units)), "{text}");
        }
        for bad in ["", "0", "0.00", "-1", "1.001", "1e3", "1,152", "12345678", "１２", "1.", ".5"] {
            assert_eq!(bad.parse::<Area>(), Err(NotAnArea), "{bad}");
        }
        assert_eq!(Area(115_201).to_string(), "1152.01");
    }
}
