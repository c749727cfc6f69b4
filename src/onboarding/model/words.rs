//! The closed list of words only a hub file knows.

use crate::words;

words! {
    /// A figure of a space that may be an assumption instead of a given fact.
    pub enum Figure {
        /// Its area.
        Area = "area_m2",
        /// Which parts it divides into.
        Parts = "parts",
        /// Minutes of set-up.
        SetUp = "setup_minutes",
        /// Minutes of clean-up.
        CleanUp = "cleanup_minutes",
        /// Its equipment.
        Equipment = "equipment",
        /// Whose it is.
        Title = "title",
        /// Its capacity in the agreement's clause.
        Capacity = "capacity",
        /// Its hours in the agreement's clause.
        Hours = "hours",
        /// Its prices in the tariffs and ceilings.
        Prices = "prices",
    }
}
