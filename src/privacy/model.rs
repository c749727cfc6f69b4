//! Types: what somebody takes along.

use crate::calendars::model::CalendarAddress;
use crate::kernel::id::{
    AccountId, AreaId, BookingId, GrantId, HouseholdId, NoticeId, OrganisationId, PositionId, RepresentativeId, SeriesId, SessionId,
    SignatureId, SpaceId, VersionId, WaitId,
};
use crate::kernel::{Fen, Instant};
use crate::notify::model::Topic;
use crate::people::model::{Power, Role};
use serde::Serialize;
use utoipa::ToSchema;

/// Everything the service keeps of a person; not what they did in office, which belongs to those it was done for (PIPL art. 45).
#[derive(Debug, Serialize, ToSchema)]
pub struct Export {
    /// When it was put together.
    pub exported_at: Instant,
    /// The account.
    pub account: OwnAccount,
    /// The household it belongs to.
    pub household: Option<OwnHousehold>,
    /// For whom it acts or acted.
    pub representations: Vec<OwnRepresentation>,
    /// Roles it holds or held.
    pub roles: Vec<OwnRole>,
    /// Sign-ins that have not been forgotten.
    pub sessions: Vec<OwnSession>,
    /// Bookings it made or answers for.
    pub bookings: Vec<OwnBooking>,
    /// Series it made or answers for.
    pub series: Vec<OwnSeries>,
    /// Secret addresses of calendars it made, without their secrets.
    pub calendars: Vec<CalendarAddress>,
    /// Signatures it gave for organisations.
    pub signatures: Vec<OwnSignature>,
    /// Positions it stated for organisations.
    pub positions: Vec<OwnPosition>,
    /// What it was told.
    pub notices: Vec<OwnNotice>,
    /// Topics it wants no mail about.
    pub mail_off: Vec<Topic>,
    /// What was said before somebody booked for somebody else: by it, or heard by it.
    pub consents: Vec<OwnConsent>,
    /// Places in line it took or answers for.
    pub waitlist: Vec<OwnWait>,
    /// Appeals it filed.
    pub appeals: Vec<OwnAppeal>,
    /// Ratings it gave.
    pub ratings: Vec<OwnRating>,
}

/// An appeal against not having come.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnAppeal {
    booking_id: BookingId,
    text: Option<String>,
    filed_at: Instant,
    outcome: Option<String>,
    reply: Option<String>,
}

/// Somebody's word that another may book for them.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnConsent {
    booking_id: BookingId,
    /// Whose word it is.
    account_id: AccountId,
    how: String,
    given_at: Instant,
    /// Who heard it.
    heard_by: AccountId,
    recorded_at: Instant,
}

/// A rating.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnRating {
    booking_id: BookingId,
    stars: i32,
    rated_at: Instant,
}

/// A place in line.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnWait {
    id: WaitId,
    space_id: SpaceId,
    #[serde(rename = "use")]
    #[schema(rename = "use")]
    use_code: String,
    attendees: i64,
    /// How many of them are under 18.
    minors: i64,
    /// Full years of the youngest of those, where it was said.
    youngest: Option<i64>,
    /// Whether a guardian was said to come along.
    guardian: bool,
    starts_at: Instant,
    ends_at: Instant,
    state: String,
    /// For an organisation.
    organisation_id: Option<OrganisationId>,
    joined_at: Instant,
    ended_at: Option<Instant>,
}

/// A series.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnSeries {
    id: SeriesId,
    space_id: SpaceId,
    /// Civil date.
    first_day: String,
    /// RFC 5545.
    rule: String,
    organisation_id: Option<OrganisationId>,
    made_at: Instant,
}

/// The account.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnAccount {
    id: AccountId,
    /// Natural code of the hub file it came with.
    code: Option<String>,
    name: String,
    mobile: Option<String>,
    email: Option<String>,
    /// When the community verified its household.
    household_verified_at: Option<Instant>,
    created_at: Instant,
}

/// Its household.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnHousehold {
    id: HouseholdId,
    label: String,
    /// Chinese name of its door.
    door_zh: String,
}

/// A representation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnRepresentation {
    /// Id.
    pub id: RepresentativeId,
    /// Chinese name of the organisation.
    pub organisation_zh: String,
    /// What for.
    pub powers: Vec<Power>,
    /// From.
    pub from: Instant,
    /// Until.
    pub to: Instant,
    /// The document that gives the power.
    pub evidence: String,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

/// A role.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnRole {
    id: GrantId,
    role: Role,
    area_id: Option<AreaId>,
    organisation_id: Option<OrganisationId>,
    from: Instant,
    to: Instant,
    revoked_at: Option<Instant>,
}

/// A sign-in.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnSession {
    id: SessionId,
    created_at: Instant,
    ends_at: Instant,
    revoked_at: Option<Instant>,
}

/// A booking.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnBooking {
    id: BookingId,
    space_id: SpaceId,
    space_zh: String,
    #[serde(rename = "use")]
    #[schema(rename = "use")]
    use_code: String,
    attendees: i64,
    /// How many of them are under 18.
    minors: i64,
    /// Full years of the youngest of those, where it was said.
    youngest: Option<i64>,
    /// Whether a guardian was said to come along.
    guardian: bool,
    starts_at: Instant,
    ends_at: Instant,
    state: String,
    /// Of bookings for an organisation.
    organisation_id: Option<OrganisationId>,
    price_fen: Fen,
    made_at: Instant,
    cancelled_at: Option<Instant>,
    cancellation_reason: Option<String>,
    /// The usage terms accepted with it.
    usage_terms_sha256: Option<String>,
}

/// A signature.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnSignature {
    id: SignatureId,
    version_id: VersionId,
    organisation_id: OrganisationId,
    method: String,
    signed_at: Instant,
}

/// A position.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnPosition {
    id: PositionId,
    organisation_id: OrganisationId,
    stand: String,
    text: Option<String>,
    stated_at: Instant,
}

/// A notice.
#[derive(Debug, Serialize, ToSchema, diesel::Queryable)]
pub struct OwnNotice {
    id: NoticeId,
    kind: String,
    subject: String,
    text_zh: String,
    text_en: String,
    created_at: Instant,
}
