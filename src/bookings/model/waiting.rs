//! The waiting list: who waits for a time somebody else has, and what is kept for those who came up.

use super::{Ask, Beside, BookingState, Children, Holder};
use crate::access::{Place, Subject};
use crate::kernel::id::{AccountId, BookingId, SiteId, SpaceId, WaitId};
use crate::kernel::{Instant, Period, Reason};
use crate::outbox::Announcement;
use crate::terms::model::{PriorityClass, Use};
use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// What became of a place in line.
    pub enum WaitState {
        /// It stands in line.
        Waiting = "waiting",
        /// Its time came free: it became a booking that is kept for it, or a request where somebody must say yes first.
        Promoted = "promoted",
        /// Its holder left.
        Left = "left",
        /// It waited in vain: its time began and never was free, or the terms do not allow it any more.
        Lapsed = "lapsed",
    }
}

words! {
    /// How a hold ended.
    pub enum HoldOutcome {
        /// It was taken: it is a booking.
        Accepted = "accepted",
        /// Its holder does not want it any more.
        Declined = "declined",
        /// Nobody answered in time.
        Expired = "expired",
    }
}

/// A place in line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Id.
    pub id: WaitId,
    /// Site.
    pub site: SiteId,
    /// For which space.
    pub space: SpaceId,
    /// What for.
    pub use_code: Use,
    /// How many people.
    pub attendees: i64,
    /// Children among them.
    pub children: Children,
    /// Portable equipment that is wanted with it, as a booking asks for it.
    pub equipment: Vec<(String, i64)>,
    /// Hash of the usage terms that were accepted when joining.
    pub usage_terms_sha256: Option<String>,
    /// For when.
    pub period: Period,
    /// The same with set-up and clean-up.
    pub occupancy: Period,
    /// Whose place it is.
    pub holder: Holder,
    /// The person who answers for it.
    pub account: AccountId,
    /// The class of the priority clause it came in by; none: no clause names its holder.
    pub class: Option<PriorityClass>,
    /// The number of that class, from 1; [`crate::bookings::rules::waiting::LAST_CLASS`] for all others.
    pub class_no: i32,
    /// What became of it.
    pub state: WaitState,
    /// Since when.
    pub joined_at: Instant,
    /// The booking it became.
    pub booking: Option<BookingId>,
}

impl Entry {
    /// What is waited for, as a wish.
    pub fn ask(&self) -> Ask {
        Ask {
            space: self.space.clone(),
            period: self.period,
            use_code: self.use_code,
            attendees: self.attendees,
            organisation: self.holder.columns().1,
            usage_terms_sha256: self.usage_terms_sha256.clone(),
            beside: Beside { children: self.children, equipment: self.equipment.clone(), ..Beside::default() },
        }
    }
}

/// A place in line as the permission table sees it.
#[derive(Debug, Clone)]
pub struct InLine<'a> {
    /// The place.
    pub entry: &'a Entry,
    /// Path of the area that manages its site.
    pub area_path: &'a str,
}

impl Subject for InLine<'_> {
    fn place(&self) -> Place {
        let mut place = Place { areas: vec![self.area_path.to_owned()], ..Place::default() };
        match &self.entry.holder {
            Holder::Household(household) => place.household = Some(household.clone()),
            Holder::Organisation(organisation) => place.organisations = vec![organisation.clone()],
        }
        place
    }
}

/// A space kept for whoever came up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Hold {
    /// Since when.
    pub offered_at: Instant,
    /// Until when it may be taken.
    pub until: Instant,
    /// How it ended.
    pub outcome: Option<HoldOutcome>,
}

/// A space is kept for somebody who waited.
#[derive(Debug, Serialize, Deserialize)]
pub struct BookingHeld {
    /// The booking.
    pub booking: BookingId,
}

impl Announcement for BookingHeld {
    const KIND: &'static str = "booking.held";
}

/// A hold ended without an answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct HoldExpired {
    /// The booking.
    pub booking: BookingId,
}

impl Announcement for HoldExpired {
    const KIND: &'static str = "booking.hold_expired";
}

/// Timer: a hold is answered by now, or the next in line comes up.
#[derive(Debug, Serialize, Deserialize)]
pub struct HoldDue {
    /// The booking.
    pub booking: BookingId,
}

impl Announcement for HoldDue {
    const KIND: &'static str = "booking.hold_due";
}

/// Timer: what is waited for begins now.
#[derive(Debug, Serialize, Deserialize)]
pub struct WaitOver {
    /// The place in line.
    pub entry: WaitId,
}

impl Announcement for WaitOver {
    const KIND: &'static str = "waitlist.over";
}

/// A place in line ended without a booking.
#[derive(Debug, Serialize, Deserialize)]
pub struct WaitLapsed {
    /// The place in line.
    pub entry: WaitId,
    /// Why the terms do not allow it any more; `None`: its time began.
    #[serde(default)]
    pub refused: Option<Reason>,
}

impl Announcement for WaitLapsed {
    const KIND: &'static str = "waitlist.lapsed";
}

/// The states in which a booking has its space to itself.
pub const HOLDING: [BookingState; 3] = [BookingState::Held, BookingState::Confirmed, BookingState::CheckedIn];
