//! What a booking would be charged, as a price ceiling looks at it: exact, before any rounding.

use super::clause::Per;
use crate::kernel::Fen;
use serde::{Deserialize, Serialize};

/// One part of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fee {
    /// Rate in fen.
    pub fen: Fen,
    /// Counted by.
    pub per: Per,
}

/// Every part of a price with the quantities it is counted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Charge {
    /// All parts: a cleaning fee counts against the ceiling like any other.
    pub components: Vec<Fee>,
    /// Length of the booking.
    pub minutes: i64,
    /// People taking part.
    pub attendees: i64,
}

impl Charge {
    /// How often `per` is counted, in sixtieths, so that minutes of an hour stay integers.
    fn sixtieths(&self, per: Per) -> i128 {
        match per {
            Per::Person => i128::from(self.attendees) * 60,
            Per::Session => 60,
            Per::Hour => i128::from(self.minutes),
        }
    }

    /// `fen` per `per`, in sixtieths of a fen; `None` beyond the machine's integers.
    pub fn sixtieths_of(&self, fee: Fee) -> Option<i128> {
        self.sixtieths(fee.per).checked_mul(i128::from(fee.fen.0))
    }

    /// The sum of all parts in sixtieths of a fen.
    pub fn total_sixtieths(&self) -> Option<i128> {
        self.components.iter().try_fold(0i128, |sum, fee| sum.checked_add(self.sixtieths_of(*fee)?))
    }

    /// The whole price stays within `limit`. What cannot be computed does not.
    pub fn is_within(&self, limit: Fee) -> bool {
        match (self.total_sixtieths(), self.sixtieths_of(limit)) {
            (Some(total), Some(most)) => total <= most,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(components: &[(i64, Per)], minutes: i64, attendees: i64) -> Charge {
        Charge { components: components.iter().map(|(fen, per)| Fee { fen: Fen(*fen), per: *per }).collect(), minutes, attendees }
    }
    fn limit(fen: i64, per: Per) -> Fee {
        Fee { fen: Fen(fen), per }
    }

    #[test]
    fn every_component_counts_and_nothing_is_rounded() {
        // 10 yuan an hour for 90 minutes and 2 yuan for each of ten people = 35 yuan.
        let charge = charge(&[(1000, Per::Hour), (200, Per::Person)], 90, 10);
        assert!(charge.is_within(limit(3500, Per::Session)) && !charge.is_within(limit(3499, Per::Session)));
        assert!(charge.is_within(limit(350, Per::Person)) && !charge.is_within(limit(349, Per::Person)));
        // 3500 fen over 1.5 hours are 2333 1/3 fen an hour.
        assert!(charge.is_within(limit(2334, Per::Hour)) && !charge.is_within(limit(2333, Per::Hour)));
    }

    #[test]
    fn a_single_minute_over_is_over_even_where_the_amount_would_round_down() {
        // 101 fen an hour for one minute is 1.68 fen, shown as 1: still more than 100 fen an hour.
        assert!(!charge(&[(101, Per::Hour)], 1, 1).is_within(limit(100, Per::Hour)));
        assert!(charge(&[(100, Per::Hour)], 1, 1).is_within(limit(100, Per::Hour)));
        assert!(charge(&[], 60, 0).is_within(limit(0, Per::Session)));
    }

    #[test]
    fn enormous_figures_are_refused_not_wrapped() {
        assert!(!charge(&[(i64::MAX, Per::Person), (i64::MAX, Per::Person)], 60, i64::MAX).is_within(limit(i64::MAX, Per::Person)));
        assert!(!charge(&[(i64::MAX, Per::Session)], 60, 1).is_within(Fee { fen: Fen::MAX_PRICE, per: Per::Session }));
    }
}
