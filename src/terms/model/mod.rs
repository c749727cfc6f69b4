//! The clause language.
//!
//! - [`uses`]: what a space may be used for, one code list · [`hours`]: weekly windows, day types, dated exceptions
//! - [`clause`]: a clause, its payload, its JSON form · [`in_force`]: a compiled clause as it binds one space
//! - [`suspension`]: what only the order of a suspension writes
//! - [`usage`]: usage terms in force, and the figures they state
//! - [`charge`]: what a booking would be charged, as a price ceiling looks at it

pub mod charge;
pub mod clause;
pub mod hours;
pub mod in_force;
pub mod suspension;
pub mod usage;
pub mod uses;

pub use charge::{Charge, Fee};
pub use clause::care::{DataCare, Evidence, InsuranceSafety, Masking, Minors, ValidEvidence};
pub use clause::consent::{AmendmentRule, ChangeKind, ChangeRule, ConsentRule, VoteMatter};
pub use clause::lifecycle::{Dispute, DisputeStep, Review, Settlement, SuspensionGround, SuspensionRule, TerminationRule};
pub use clause::money::{
    Destination, FitOut, FreeShare, Funding, PublicReturn, Remainder, ReturnPurpose, RevenueShare, Share, ShareOf, UtilitiesPayer, Utility,
    UtilityLine, WHOLE,
};
pub use clause::rooms::{AllocationMix, Approval, HouseholdQuota, Priority, PriorityClass, QuotaPer};
pub use clause::{Capacity, Ceiling, Clause, ClauseKind, Party, PartyCapacity, Payload, Per, SpaceRef};
pub use hours::{DatedHours, DayType, HolidayRule, MakeupRule, Span, Weekly, Window};
pub use in_force::{Relation, TermInForce};
pub use suspension::{Orderer, Suspended, Urgency};
pub use usage::{Figures, UsageInForce};
pub use uses::{Noise, Use};
