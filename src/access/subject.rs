//! What a thing tells about itself, so that the table can be asked.

use crate::kernel::id::{AccountId, HouseholdId, OrganisationId};

/// Where a thing stands among areas, organisations and people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Paths of the areas it lies in.
    pub areas: Vec<String>,
    /// Organisations it belongs to.
    pub organisations: Vec<OrganisationId>,
    /// Household it belongs to.
    pub household: Option<HouseholdId>,
    /// Account it belongs to.
    pub account: Option<AccountId>,
    /// Organisations that may know of it beside those it belongs to.
    pub known_to: Vec<OrganisationId>,
    /// Everybody may know that it exists: a refusal is 403. Otherwise it is 404.
    pub known_to_all: bool,
}

/// Implemented by each domain for its objects.
pub trait Subject {
    /// Where it stands.
    fn place(&self) -> Place;
}

impl Subject for Place {
    fn place(&self) -> Place {
        self.clone()
    }
}
