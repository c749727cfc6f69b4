//! Who signs.

use super::kind::named_words;
use super::repeated;
use crate::kernel::form::{self, Form, Spot};
use serde::{Deserialize, Serialize};

named_words! {
    /// In which capacity a party signs.
    PartyCapacity {
        PropertyUnit = "property_unit" "产权单位" "property unit";
        Community = "community" "社区" "community";
        PropertyManager = "property_manager" "物业" "property manager";
        SocialOrganisation = "social_organisation" "社会组织" "social organisation";
        Operator = "operator" "专业机构" "operator";
        Committee = "committee" "自管会" "committee";
        Street = "street" "街道" "street";
        Department = "department" "部门" "department";
    }
}

impl PartyCapacity {
    /// English name of several.
    pub fn en_many(self) -> String {
        match self {
            PartyCapacity::Community => "communities".to_owned(),
            one => format!("{}s", one.en()),
        }
    }

    /// Parties of it can be asked to approve a booking: the permission table lets somebody of theirs answer.
    pub const fn answers_requests(self) -> bool {
        matches!(self, PartyCapacity::Community | PartyCapacity::PropertyUnit | PartyCapacity::Operator)
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

fn party(spot: &Spot) -> Option<Party> {
    spot.object(|form| {
        let organisation = form.need("organisation", form::code);
        let capacity = form.need("capacity", form::word);
        let stage = form.may("stage", form::int(1..=9));
        Some(Party { organisation: organisation?, capacity: capacity?, stage: i32::try_from(stage.unwrap_or(1)).ok()? })
    })
}

/// Reads the parties of a clause.
pub(super) fn read(form: &mut Form) -> Option<Vec<Party>> {
    let parties = form.need("parties", form::list(2..=50, party))?;
    if let Some(i) = repeated(&parties, |party| &party.organisation) {
        form.fault_below(&format!("parties/{i}"), "duplicate", "同一方不能写两次。", "A party may stand only once.");
        return None;
    }
    Some(parties)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::deeds::{ApproveBooking, Deed};

    #[test]
    fn who_can_be_asked_is_who_may_answer() {
        for capacity in PartyCapacity::ALL {
            let may = ApproveBooking::TABLE.iter().any(|(role, _)| role.as_str() == capacity.as_str());
            assert_eq!(capacity.answers_requests(), may, "{capacity}");
        }
    }
}
