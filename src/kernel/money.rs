//! Money: integer fen (分, 0.01 yuan). Never a float.

use std::fmt;

/// An amount of money in fen (分, 1/100 yuan), an integer.
// Arithmetic is checked: an overflow is a fault of the input, not a wrap.
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
    serde::Deserialize,
    utoipa::ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[serde(transparent)]
#[schema(value_type = i64, minimum = 0)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
pub struct Fen(pub i64);

impl Fen {
    /// Nothing to pay.
    pub const ZERO: Fen = Fen(0);
    /// The largest single price a tariff or ceiling may name: 1,000,000.00 yuan.
    pub const MAX_PRICE: Fen = Fen(100_000_000);

    /// `self + other`, `None` beyond `i64`.
    pub fn plus(self, other: Fen) -> Option<Fen> {
        self.0.checked_add(other.0).map(Fen)
    }
}

crate::stored_as!(Fen, diesel::sql_types::BigInt, i64, i64, |fen| &fen.0, |fen| Ok(Fen(fen)));

/// Yuan with two decimals: `12.50`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_yuan() {
        assert_eq!(Fen(0).to_string(), "0.00");
        assert_eq!(Fen(1005).to_string(), "10.05");
        assert_eq!(Fen(-7).to_string(), "-0.07");
        assert_eq!(Fen(i64::MIN).to_string(), "-92233720368547758.08");
    }
}
