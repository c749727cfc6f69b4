//! What an import did.

use crate::kernel::{Change, Code, Fault, FieldFault, Outcome};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What became of the things of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Count {
    /// New ones.
    pub created: u32,
    /// Those whose description changed.
    pub updated: u32,
    /// Those that were so already.
    pub unchanged: u32,
}

impl Count {
    /// Counts one more.
    pub fn add(&mut self, change: Change) {
        match change {
            Change::Created => self.created += 1,
            Change::Updated => self.updated += 1,
            Change::Unchanged => self.unchanged += 1,
        }
    }
    /// Nothing is new or changed.
    pub fn is_still(&self) -> bool {
        self.created == 0 && self.updated == 0
    }
}

/// What an import did, kind by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Imported {
    /// Code of the hub.
    pub hub: String,
    /// Areas.
    pub areas: Count,
    /// Households.
    pub households: Count,
    /// Organisations.
    pub organisations: Count,
    /// People.
    pub people: Count,
    /// Representatives.
    pub representatives: Count,
    /// Role grants.
    pub roles: Count,
    /// Sites.
    pub sites: Count,
    /// Floors.
    pub floors: Count,
    /// Spaces.
    pub spaces: Count,
    /// Prices, one for each space and use; one that ended counts as updated.
    pub tariffs: Count,
    /// Uses that moved away; one that no longer did counts as updated.
    pub relocations: Count,
    /// Agreements; a changed one has a draft to be signed.
    pub agreements: Count,
    /// What ended because the file leaves it out: `tariff SITE/SPACE USE` (`*`: every other use), `relocation SITE USE`.
    pub ended: Vec<String>,
}

impl Imported {
    /// The file changed nothing.
    pub fn is_still(&self) -> bool {
        let Imported {
            hub: _,
            areas,
            households,
            organisations,
            people,
            representatives,
            roles,
            sites,
            floors,
            spaces,
            tariffs,
            relocations,
            agreements,
            // Counted where it belongs.
            ended: _,
        } = self;
        let things = [areas, households, organisations, people, representatives, roles];
        let places = [sites, floors, spaces, tariffs, relocations, agreements];
        things.into_iter().chain(places).all(Count::is_still)
    }
}

/// An import in an open transaction, before it is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// What it did.
    pub imported: Imported,
    /// Paths of the areas whoever imports must be allowed to import into; the empty path lies in nobody's area.
    pub reach: BTreeSet<String>,
    /// Why the whole file is refused, each with its line.
    pub refusals: Vec<FieldFault>,
}

impl Applied {
    /// The import stands, or the whole file is refused and the transaction has to be undone.
    pub fn judge(self) -> Outcome<Imported> {
        if self.refusals.is_empty() {
            return Ok(self.imported);
        }
        let mut fault = Fault::from(Code::ImportRefused);
        fault.detail.errors = self.refusals;
        Err(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_stands_only_without_a_refusal() {
        let mut applied = Applied::default();
        assert!(applied.imported.is_still());
        applied.imported.agreements.add(Change::Unchanged);
        assert!(applied.imported.is_still());
        applied.imported.agreements.add(Change::Updated);
        assert!(!applied.imported.is_still());
        assert_eq!(applied.clone().judge().unwrap().agreements, Count { created: 0, updated: 1, unchanged: 1 });
        applied.refusals.push(FieldFault::at("/sites/0/zone", "zone-changed", "时区不能改。", "Cannot change."));
        let fault = applied.judge().unwrap_err();
        assert_eq!((fault.code, fault.detail.errors.len()), (Code::ImportRefused, 1));
    }
}
