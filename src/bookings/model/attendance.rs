//! Who came and who did not, what follows from it, and what is said afterwards.

use super::Booking;
use crate::access::{Place, Subject};
use crate::kernel::Instant;
use crate::kernel::id::{AccountId, BookingId, OrganisationId, SiteId, SpaceId};
use crate::outbox::Announcement;
use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// What is known of a booking's beginning.
    pub enum Attended {
        /// Somebody came.
        Came = "came",
        /// Nobody came in time.
        Missed = "missed",
    }
}

words! {
    /// How it became known.
    pub enum Noticed {
        /// By the code at the door.
        Code = "code",
        /// By the desk.
        Desk = "desk",
        /// Nobody had come by the time the site gives.
        Timer = "timer",
    }
}

/// A record of who came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::store::schema::attendances, treat_none_as_default_value = false)]
pub struct Attendance {
    /// Of which booking.
    pub booking_id: BookingId,
    /// What is known.
    pub outcome: Attended,
    /// How.
    pub noticed: Noticed,
    /// Who recorded it; none: nobody, it was a timer.
    #[serde(skip)]
    pub recorded_by: Option<AccountId>,
    /// When.
    pub recorded_at: Instant,
}

words! {
    /// What follows from bookings nobody came to.
    pub enum LimitKind {
        /// Nothing yet.
        Reminder = "reminder",
        /// One books less far ahead.
        ShorterHorizon = "shorter_horizon",
        /// No booking for thirty days.
        ThirtyDays = "thirty_days",
        /// No booking for ninety days.
        NinetyDays = "ninety_days",
    }
}

/// What follows for a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Limit {
    /// What.
    pub kind: LimitKind,
    /// How many count.
    pub missed: usize,
    /// Until when; a reminder has no end of its own.
    pub until: Option<Instant>,
}

words! {
    /// What the desk decided about an appeal. `upheld`: the miss stands and counts. `cleared`: it does not count any more.
    pub enum AppealOutcome {
        /// The miss stands.
        Upheld = "upheld",
        /// It does not count any more.
        Cleared = "cleared",
    }
}

/// What a holder says about a booking they are said not to have come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::store::schema::appeals)]
pub struct Appeal {
    /// About which booking.
    pub booking_id: BookingId,
    /// In the holder's words.
    pub text: Option<String>,
    /// When.
    pub filed_at: Instant,
    /// What the desk decided; null while it is open.
    pub outcome: Option<AppealOutcome>,
    /// What the desk says to it.
    pub reply: Option<String>,
    /// When it was decided.
    pub decided_at: Option<Instant>,
}

/// A booking nobody came to, as it counts for its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// Which.
    pub booking: BookingId,
    /// Where.
    pub space: SpaceId,
    /// Its start: from then on it counts.
    pub starts_at: Instant,
    /// The desk has cleared it.
    pub cleared: bool,
}

words! {
    /// What may be said about a use, beside the stars.
    pub enum RatingTag {
        /// 干净
        Clean = "clean",
        /// 设备好用
        EquipmentGood = "equipment_good",
        /// 服务周到
        HelpfulStaff = "helpful_staff",
        /// 安静
        Quiet = "quiet",
        /// 不够干净
        Dirty = "dirty",
        /// 设备有问题
        EquipmentBroken = "equipment_broken",
        /// 太冷或太热
        Temperature = "temperature",
        /// 太吵
        Noisy = "noisy",
        /// 门打不开
        DoorLocked = "door_locked",
    }
}

/// What was said about a use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Rating {
    /// 1 to 5.
    pub stars: i32,
    /// From the closed list.
    pub tags: Vec<RatingTag>,
    /// When.
    pub rated_at: Instant,
}

words! {
    /// What happened to a key.
    pub enum KeyMove {
        /// The holder has it.
        HandedOut = "handed_out",
        /// It is back.
        Returned = "returned",
    }
}

/// A note about a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::store::schema::key_notes, treat_none_as_default_value = false)]
pub struct KeyNote {
    /// For which booking.
    #[serde(skip)]
    pub booking_id: BookingId,
    /// What happened.
    pub moved: KeyMove,
    /// Who noted it.
    #[serde(skip)]
    pub noted_by: AccountId,
    /// When.
    pub noted_at: Instant,
}

/// A door of a site, as the permission table sees it; perhaps with whoever is behind it.
#[derive(Debug, Clone)]
pub struct AtDoor<'a> {
    /// Path of the area that manages the site.
    pub area_path: &'a str,
    /// Who runs the site, and the property managers of its area.
    pub keepers: &'a [OrganisationId],
    /// The booking, where it is about one.
    pub booking: Option<&'a Booking>,
}

impl Subject for AtDoor<'_> {
    fn place(&self) -> Place {
        let mut place = self.booking.map_or_else(Place::default, |booking| super::InArea { booking, area_path: self.area_path }.place());
        place.areas = vec![self.area_path.to_owned()];
        place.organisations.extend(self.keepers.iter().cloned());
        // A door is there for everybody to see; a booking is not.
        place.known_to_all = self.booking.is_none();
        place
    }
}

/// Where a door is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// The site.
    pub site: SiteId,
    /// The space.
    pub space: SpaceId,
    /// What its codes are made of.
    pub secret: String,
}

/// Nobody came to a booking.
#[derive(Debug, Serialize, Deserialize)]
pub struct BookingMissed {
    /// Which.
    pub booking: BookingId,
}

impl Announcement for BookingMissed {
    const KIND: &'static str = "booking.missed";
}

/// The desk decided about an appeal.
#[derive(Debug, Serialize, Deserialize)]
pub struct AppealDecided {
    /// About which booking.
    pub booking: BookingId,
    /// How.
    pub outcome: AppealOutcome,
}

impl Announcement for AppealDecided {
    const KIND: &'static str = "booking.appeal_decided";
}
