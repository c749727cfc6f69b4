//! Types.

use crate::bookings::model::BookingState;
use crate::kernel::id::{AccountId, BookingId, CalendarId, OrganisationId};
use crate::kernel::{Fen, Instant, Period, Zone};
use crate::terms::model::Use;
use serde::Serialize;

/// The secret address of a feed, as its maker sees it afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::store::schema::calendars)]
pub struct CalendarAddress {
    /// Id; not the secret.
    pub id: CalendarId,
    /// Of which organisation; null: of one's own household.
    pub organisation_id: Option<OrganisationId>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

/// Whose bookings an address shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Who made the address.
    pub account: AccountId,
    /// For which organisation; `None`: for their household.
    pub organisation: Option<OrganisationId>,
}

/// A booking as its holder's calendar shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Which.
    pub booking: BookingId,
    /// When.
    pub period: Period,
    /// What for.
    pub use_code: Use,
    /// How many people.
    pub attendees: i64,
    /// State.
    pub state: BookingState,
    /// Its price.
    pub price: Fen,
    /// Counts its changes.
    pub revision: i32,
    /// When it last changed, as far as it is known.
    pub changed_at: Instant,
    /// Name of the space.
    pub space_zh: String,
    /// Name of the site.
    pub site_zh: String,
    /// Its address.
    pub address_zh: Option<String>,
    /// Its zone.
    pub zone: Zone,
}
