//! Closures: whoever runs a space closes it for a while.

use crate::access::{Place, Subject};
use crate::kernel::id::{AccountId, BookingId, ClosureId, OpeningId, OrganisationId, SiteId, SpaceId};
use crate::kernel::{Instant, Period};
use crate::terms::model::Orderer;
use crate::words;
use std::collections::BTreeMap;

words! {
    /// What is to become of a booking a closure meets.
    pub enum ClosureAnswer {
        /// Another time or room is offered and held; where there is none it is cancelled and paid back.
        Offer = "offer",
        /// It is cancelled and paid back.
        Cancel = "cancel",
        /// It stands all the same, and its holder is told.
        Notify = "notify",
    }
}

words! {
    /// Where a closure stands.
    pub enum ClosureState {
        /// It has not begun.
        Upcoming = "upcoming",
        /// It has begun and is not over.
        Current = "current",
        /// It is over.
        Over = "over",
    }
}

/// How a closure answers the bookings it meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Why, in the words of who closes; everybody reads it.
    pub reason: String,
    /// What becomes of a booking …
    pub usual: ClosureAnswer,
    /// … unless it is one of these.
    pub each: BTreeMap<BookingId, ClosureAnswer>,
}

/// What somebody wants to close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosureAsk {
    /// Which spaces of the site; `None` = all.
    pub spaces: Option<Vec<SpaceId>>,
    /// From when; `None` = now.
    pub from: Option<Instant>,
    /// Until when.
    pub until: Instant,
    /// Why.
    pub reason: String,
    /// What becomes of a booking …
    pub usual: ClosureAnswer,
    /// … unless it is one of these.
    pub each: Vec<(BookingId, ClosureAnswer)>,
}

/// A closure. Nothing of it is ever changed; opening again is a record of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// Id.
    pub id: ClosureId,
    /// Site.
    pub site: SiteId,
    /// The spaces named; whatever shares a part with one of them is closed too.
    pub spaces: Vec<SpaceId>,
    /// From when.
    pub from: Instant,
    /// Until when, as it was closed.
    pub until: Instant,
    /// Why.
    pub reason: String,
    /// As whom it was closed.
    pub closed_as: Orderer,
    /// By whom.
    pub closed_by: AccountId,
    /// When it was ordered.
    pub closed_at: Instant,
    /// Where it was opened again, in order.
    pub openings: Vec<Opening>,
}

/// A part of a closure that was opened again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Id.
    pub id: OpeningId,
    /// From when.
    pub from: Instant,
    /// Until when; the end of the closure where it was ended early.
    pub until: Instant,
    /// Why.
    pub reason: String,
    /// By whom.
    pub opened_by: AccountId,
    /// When that was decided.
    pub opened_at: Instant,
}

impl Closure {
    /// The whole of it, as it was closed.
    pub fn period(&self) -> Option<Period> {
        Period::new(self.from, self.until)
    }
}

/// A site, or what is booked in it, as whoever runs it meets it.
#[derive(Debug, Clone)]
pub struct ToClose {
    /// Path of its managing area.
    pub area_path: String,
    /// Who runs it.
    pub operator: Option<OrganisationId>,
    /// The caller may know of it anyway: sites and what closes them are public.
    pub known: bool,
}

impl Subject for ToClose {
    fn place(&self) -> Place {
        let organisations = self.operator.iter().cloned().collect();
        Place { areas: vec![self.area_path.clone()], organisations, known_to_all: self.known, ..Place::default() }
    }
}
