//! Types.

use crate::access::{Place, Subject};
use crate::kernel::id::{AccountId, AgreementId, BookingId, HouseholdId, OrganisationId, SiteId, SpaceId, VersionId};
use crate::kernel::{Fen, Instant, Period};
use crate::outbox::Announcement;
use crate::pricing::model::Quote;
use crate::terms::model::Use;
use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// State of a booking.
    pub enum BookingState {
        /// It holds its space.
        Confirmed = "confirmed",
        /// It holds nothing any more.
        Cancelled = "cancelled",
        /// The holder took another time or room that was offered: a new booking follows it.
        Moved = "moved",
        /// It had begun when its space was closed for safety.
        Interrupted = "interrupted",
    }
}

words! {
    /// How a booking came.
    pub enum Channel {
        /// Through the API or the screens, by the holder.
        Own = "own",
        /// By accepting what was offered instead of an earlier booking.
        Offer = "offer",
    }
}

words! {
    /// Who ended a booking.
    pub enum CancelledBy {
        /// Whoever held it.
        Holder = "holder",
        /// The provider of the space.
        Provider = "provider",
        /// The service itself.
        System = "system",
    }
}

/// Who holds a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A household: the unit of entitlement.
    Household(HouseholdId),
    /// An organisation.
    Organisation(OrganisationId),
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Which space.
    pub space: SpaceId,
    /// When.
    pub period: Period,
    /// What for.
    pub use_code: Use,
    /// How many people.
    pub attendees: i64,
    /// For which organisation; `None` = for one's own household.
    pub organisation: Option<OrganisationId>,
}

/// A clause a booking was judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PinnedClause {
    /// Natural code of the agreement.
    pub agreement: String,
    /// Version number.
    pub version: i32,
    /// Clause id.
    pub clause: String,
}

/// A booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Booking {
    /// Id.
    pub id: BookingId,
    /// Site.
    pub site: SiteId,
    /// Space.
    pub space: SpaceId,
    /// What for.
    pub use_code: Use,
    /// How many people.
    pub attendees: i64,
    /// When.
    pub period: Period,
    /// The same with set-up and clean-up, pinned.
    pub occupancy: Period,
    /// State.
    pub state: BookingState,
    /// Whose.
    pub holder: Holder,
    /// The person who answers for it.
    pub account: AccountId,
    /// Price as quoted, in fen.
    pub price: Fen,
    /// The quote, line by line.
    pub quote: Quote,
    /// The agreement that opens the space …
    pub agreement: AgreementId,
    /// … and its version.
    pub version: VersionId,
    /// Every clause that was asked.
    pub clauses: Vec<PinnedClause>,
    /// When it was made.
    pub made_at: Instant,
    /// Counts changes, for the ETag.
    pub revision: i32,
}

/// A booking as the permission table sees it.
#[derive(Debug, Clone)]
pub struct InArea<'a> {
    /// The booking.
    pub booking: &'a Booking,
    /// Path of the area that manages its site.
    pub area_path: &'a str,
}

impl Subject for InArea<'_> {
    fn place(&self) -> Place {
        let mut place = Place { areas: vec![self.area_path.to_owned()], ..Place::default() };
        match &self.booking.holder {
            Holder::Household(household) => place.household = Some(household.clone()),
            Holder::Organisation(organisation) => place.organisations = vec![organisation.clone()],
        }
        place
    }
}

/// A booking was made.
#[derive(Debug, Serialize, Deserialize)]
pub struct BookingMade {
    /// Which.
    pub booking: BookingId,
}

impl Announcement for BookingMade {
    const KIND: &'static str = "booking.made";
}

/// A booking was cancelled.
#[derive(Debug, Serialize, Deserialize)]
pub struct BookingCancelled {
    /// Which.
    pub booking: BookingId,
}

impl Announcement for BookingCancelled {
    const KIND: &'static str = "booking.cancelled";
}

/// How a booking ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Cancellation {
    /// Who ended it.
    pub by: CancelledBy,
    /// When.
    pub at: Instant,
    /// Why, in the holder's words.
    pub reason: Option<String>,
}
