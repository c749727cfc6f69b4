//! Types. [`attendance`]: who came, and what follows; [`waiting`]: the waiting list.

pub mod attendance;
pub mod waiting;

use crate::access::{Place, Subject};
use crate::kernel::id::{AccountId, AgreementId, BookingId, HouseholdId, OrganisationId, SiteId, SpaceId, VersionId};
use crate::kernel::{Fen, Instant, Period};
use crate::outbox::Announcement;
use crate::pricing::model::Quote;
use crate::terms::model::{PartyCapacity, Use};
use crate::terms::rules::ClauseName;
use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// State of a booking.
    pub enum BookingState {
        /// Somebody must say yes first; it holds nothing, and several may ask for the same time.
        Requested = "requested",
        /// Its space is kept for somebody who has not taken it yet.
        Held = "held",
        /// It holds its space.
        Confirmed = "confirmed",
        /// Somebody came, and uses the space.
        CheckedIn = "checked_in",
        /// It was used to its end.
        Completed = "completed",
        /// Nobody came in time: the space is free for others.
        NoShow = "no_show",
        /// A request that was refused.
        Refused = "refused",
        /// A request or a hold nobody answered in time.
        Expired = "expired",
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
        /// By somebody who books for a neighbour.
        Assisted = "assisted",
        /// As one of a series.
        Series = "series",
        /// From the waiting list.
        Waitlist = "waitlist",
        /// By its holder, who moved an earlier booking.
        Move = "move",
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

words! {
    /// How a request ended.
    pub enum RequestOutcome {
        /// Everybody asked said yes: it is a booking.
        Approved = "approved",
        /// Somebody asked said no.
        Refused = "refused",
        /// Not everybody answered in time.
        Expired = "expired",
    }
}

/// Who must say yes to a request, by which clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::store::schema::booking_approvers)]
pub struct Approver {
    /// To which request.
    #[serde(skip)]
    pub booking_id: BookingId,
    /// The party asked.
    pub organisation_id: OrganisationId,
    /// In which capacity.
    pub capacity: PartyCapacity,
    /// Natural code of the agreement that says so.
    pub agreement_code: String,
    /// Its version number.
    pub version_no: i32,
    /// Clause id.
    pub clause: String,
    /// The request expires then.
    pub deadline_at: Instant,
    /// Who said yes.
    pub approved_by: Option<AccountId>,
    /// When.
    pub approved_at: Option<Instant>,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::store::schema::request_ends)]
pub struct RequestEnd {
    /// Which request.
    #[serde(skip)]
    pub booking_id: BookingId,
    /// How.
    pub outcome: RequestOutcome,
    /// Whose word ended it; none: nobody's, its time was over.
    #[serde(skip)]
    pub account_id: Option<AccountId>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When.
    pub ended_at: Instant,
}

/// A booking as it was just made, with those who must say yes first.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The booking, confirmed or requested.
    pub booking: Booking,
    /// Empty for a confirmed booking.
    pub approvers: Vec<Approver>,
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

impl PinnedClause {
    /// By its names.
    pub fn of(clause: &ClauseName) -> Self {
        Self { agreement: clause.agreement_code.clone(), version: clause.version_no, clause: clause.clause.clone() }
    }
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
    /// The person who made it: somebody else where they booked for a neighbour.
    pub made_by: AccountId,
    /// How it came.
    pub channel: Channel,
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

/// A request as those see it who are asked to approve it.
#[derive(Debug, Clone, Copy)]
pub struct ToApprove<'a> {
    /// Who is asked.
    pub approver: &'a Approver,
    /// Path of the area that manages the site.
    pub area_path: &'a str,
    /// The caller may see the booking anyway.
    pub known: bool,
}

impl Subject for ToApprove<'_> {
    fn place(&self) -> Place {
        // The desk answers for its community in the area; anybody else only for their organisation.
        let areas = if self.approver.capacity == PartyCapacity::Community { vec![self.area_path.to_owned()] } else { vec![] };
        Place { areas, organisations: vec![self.approver.organisation_id.clone()], known_to_all: self.known, ..Place::default() }
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

/// Somebody must say yes to a booking.
#[derive(Debug, Serialize, Deserialize)]
pub struct BookingRequested {
    /// Which.
    pub booking: BookingId,
}

impl Announcement for BookingRequested {
    const KIND: &'static str = "booking.requested";
}

/// Timer: a request is answered by now, or it expires.
#[derive(Debug, Serialize, Deserialize)]
pub struct RequestDue {
    /// Which.
    pub booking: BookingId,
}

impl Announcement for RequestDue {
    const KIND: &'static str = "booking.request_due";
}

/// A request was approved, was refused or expired.
#[derive(Debug, Serialize, Deserialize)]
pub struct RequestEnded {
    /// Which.
    pub booking: BookingId,
    /// How.
    pub outcome: RequestOutcome,
}

impl Announcement for RequestEnded {
    const KIND: &'static str = "booking.request_ended";
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
