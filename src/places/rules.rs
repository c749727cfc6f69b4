//! Pure decisions.

use crate::kernel::Area;

/// The atoms' areas together, and whether they fit the floor: exactly equal fits, 0.01 m² more does not.
pub fn fits_floor(floor: Area, atoms: &[Area]) -> bool {
    atoms.iter().try_fold(0i64, |sum, area| sum.checked_add(area.0)).is_some_and(|sum| sum <= floor.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_fits_to_the_hundredth_of_a_square_metre() {
        let seven = [40_000, 16_000, 15_200, 14_000, 12_000, 10_000, 8_000].map(Area);
        assert!(fits_floor(Area(115_200), &seven));
        let mut more = seven;
        more[6] = Area(8_001);
        assert!(!fits_floor(Area(115_200), &more));
        assert!(!fits_floor(Area::MAX, &[Area(i64::MAX), Area(1)]));
    }
}
