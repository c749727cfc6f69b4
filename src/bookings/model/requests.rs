//! Requests: who must say yes to a booking before it is one, and how it ended.

use crate::access::{Place, Subject};
use crate::kernel::Instant;
use crate::kernel::id::{AccountId, BookingId, OrganisationId};
use crate::outbox::Announcement;
use crate::terms::model::PartyCapacity;
use crate::words;
use serde::{Deserialize, Serialize};

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
#[diesel(table_name = crate::store::schema::booking_approvers, treat_none_as_default_value = false)]
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
#[diesel(table_name = crate::store::schema::request_ends, treat_none_as_default_value = false)]
pub struct RequestEnd {
    /// Which request.
    #[serde(skip)]
    pub booking_id: BookingId,
    /// How.
    pub outcome: RequestOutcome,
    /// Whose word ended it; none: nobody's, its time was over or the terms no longer admit it.
    #[serde(skip)]
    pub account_id: Option<AccountId>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When.
    pub ended_at: Instant,
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
