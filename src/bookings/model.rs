//! Types. [`attendance`]: who came, and what follows; [`requests`]: who must say yes first; [`series`]: of bookings made by a rule;
//! [`waiting`]: the waiting list.

pub mod attendance;
pub mod requests;
pub mod series;
pub mod waiting;

use self::requests::Approver;
use crate::access::deeds::SetRuleAside;
use crate::access::{Permit, Place, Subject};
use crate::kernel::id::{
    AccountId, AgreementId, BookingId, EquipmentId, HouseholdId, OrganisationId, SeriesId, SiteId, SpaceId, UsageTermsId, VersionId,
};
use crate::kernel::time::Day;
use crate::kernel::{Fen, Instant, Period, Reason};
use crate::outbox::Announcement;
use crate::people::model::{OrganisationKind, Role};
use crate::places::model::{Portable, QuotaHolder};
use crate::pricing::model::Quote;
use crate::terms::model::Use;
use crate::terms::rules::{self as terms_rules, ClauseName};
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

impl Holder {
    /// Of the two columns that say whose something is; `None`: neither does.
    pub fn of(household: Option<HouseholdId>, organisation: Option<OrganisationId>) -> Option<Self> {
        household.map(Self::Household).or(organisation.map(Self::Organisation))
    }
    /// As those two columns.
    pub fn columns(&self) -> (Option<HouseholdId>, Option<OrganisationId>) {
        match self {
            Self::Household(household) => (Some(household.clone()), None),
            Self::Organisation(organisation) => (None, Some(organisation.clone())),
        }
    }
    /// Whose quotas count for it.
    pub fn kind(&self) -> QuotaHolder {
        match self {
            Self::Household(_) => QuotaHolder::Household,
            Self::Organisation(_) => QuotaHolder::Organisation,
        }
    }
    /// The households among some holders, and the organisations.
    pub fn apart<'h>(holders: impl Iterator<Item = &'h Self>) -> (Vec<HouseholdId>, Vec<OrganisationId>) {
        let (households, organisations): (Vec<_>, Vec<_>) = holders.map(Self::columns).unzip();
        (households.into_iter().flatten().collect(), organisations.into_iter().flatten().collect())
    }
}

words! {
    /// A rule of the site that the community may set aside, with a reason. What the parties agreed, what protects people and what
    /// somebody else holds is never set aside.
    pub enum Settable {
        /// How long before it one books: minutes and working days.
        LeadTime = "lead_time",
        /// How far ahead one books; never beyond the farthest day of all.
        Horizon = "horizon",
        /// The grid of starts and ends.
        Granularity = "granularity",
        /// Shortest and longest, alone and joined.
        Duration = "duration",
        /// How much one holder may have.
        Quota = "quota",
    }
}

/// Rules set aside for one booking, by somebody who may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    rules: Vec<Settable>,
    reason: String,
    by: AccountId,
}

impl SetAside {
    /// With the proof that `permit` gives: of the site the booking is for.
    pub fn permitted(permit: &Permit<SetRuleAside>, rules: Vec<Settable>, reason: String) -> Self {
        Self { rules, reason, by: permit.account().clone() }
    }
    /// As it was recorded with a booking.
    pub(super) fn recorded(rules: Vec<Settable>, reason: String, by: AccountId) -> Self {
        Self { rules, reason, by }
    }
    /// Which.
    pub fn rules(&self) -> &[Settable] {
        &self.rules
    }
    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }
    /// Who set them aside.
    pub fn by(&self) -> &AccountId {
        &self.by
    }
}

/// Children among the people; no more is known of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Children {
    /// How many of the people are under 18.
    pub minors: i64,
    /// Full years of the youngest, where it was said; none without children.
    pub youngest: Option<i64>,
    /// Whoever books says that a guardian or carer comes with them.
    pub guardian: bool,
}

/// Why nobody is the youngest where no children come: code, Chinese, English.
pub const NO_CHILDREN: (&str, &str, &str) =
    ("without-children", "没有孩子来，不用写最小的几岁。", "No children come: none is the youngest.");

impl Children {
    /// Nothing is said of children where none come.
    pub fn of(minors: i64, youngest: Option<i64>, guardian: bool) -> Self {
        if minors > 0 { Self { minors, youngest, guardian } } else { Self::default() }
    }
}

/// What is wanted beside the space itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// Children among the people.
    pub children: Children,
    /// Portable equipment of the site by its natural code, with how many of it; no code twice.
    pub equipment: Vec<(String, i64)>,
    /// Rules that are not to stand in the way.
    pub set_aside: Option<SetAside>,
    /// Where in a series the booking stood that this one takes the place of.
    pub series: Option<InSeries>,
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
    /// SHA-256 of the usage terms that were read and accepted.
    pub usage_terms_sha256: Option<String>,
    /// What else.
    pub beside: Beside,
}

words! {
    /// Why something counts towards what a holder may have.
    pub enum Counted {
        /// It is booked, or was and took place.
        Booked = "booked",
        /// Somebody must still say yes to it.
        Requested = "requested",
        /// Its holder cancelled it too late for others.
        LateCancelled = "late_cancelled",
        /// Nobody came.
        NoShow = "no_show",
    }
}

/// A booking as it counts towards what its holder may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Which.
    pub booking: BookingId,
    /// At which site.
    pub site: SiteId,
    /// Which space.
    pub space: SpaceId,
    /// Its Chinese name.
    pub space_zh: String,
    /// Its English name.
    pub space_en: Option<String>,
    /// Who answers for it, masked: `王*`.
    pub person: String,
    /// When.
    pub period: Period,
    /// The same with set-up and clean-up.
    pub occupancy: Period,
    /// Why it counts.
    pub counts_as: Counted,
}

impl Used {
    /// It is, or may yet be, really used.
    pub fn stands(&self) -> bool {
        matches!(self.counts_as, Counted::Booked | Counted::Requested)
    }
}

/// Who a holder is, as far as it matters for who comes first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HolderFacts {
    /// A household of the community that manages the site.
    pub lives_here: bool,
    /// What the organisation is; `None` for a household.
    pub organisation: Option<OrganisationKind>,
    /// Versions of agreements the organisation signed.
    pub signed: Vec<VersionId>,
}

/// Portable equipment that is wanted, and what others have of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What.
    pub portable: Portable,
    /// How many are wanted.
    pub units: i64,
    /// What is taken, when, by how many.
    pub taken: Vec<(Period, i64)>,
}

impl Wanted {
    /// What, and how many.
    pub fn units(&self) -> (EquipmentId, i64) {
        (self.portable.id.clone(), self.units)
    }
}

words! {
    /// How a neighbour agreed to be booked for.
    pub enum ConsentHow {
        /// Face to face.
        InPerson = "in_person",
        /// On the telephone.
        ByPhone = "by_phone",
    }
}

/// What a neighbour said before somebody booked for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// How.
    pub how: ConsentHow,
    /// When.
    pub given_at: Instant,
    /// In which role whoever booked heard it.
    pub role: Role,
}

/// A booking as it was just made, with those who must say yes first.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The booking, confirmed or requested.
    pub booking: Booking,
    /// Empty for a confirmed booking.
    pub approvers: Vec<Approver>,
    /// The usage terms accepted with it.
    pub usage_terms: Option<UsageAcceptance>,
    /// Until when its holder can cancel it without its counting; `None`: it never counts, or it is not told here.
    pub free_until: Option<Instant>,
}

/// What the rules say of a wish; overlap is not among them, the claim decides that.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdicts {
    /// All refusals, in fixed order: time rules of the site, what the holder may have, the clauses by kind, children, the price,
    /// equipment.
    pub reasons: Vec<Reason>,
    /// The price.
    pub quote: Option<Quote>,
    /// With set-up and clean-up.
    pub occupancy: Period,
    /// The grant's agreement and version, where there is one.
    pub grant: Option<ClauseName>,
    /// Every clause that was asked.
    pub clauses: Vec<PinnedClause>,
    /// Who must agree before it is booked, by which clause.
    pub approvals: Vec<(ClauseName, terms_rules::Approver)>,
    /// Rules that stood in the way and were set aside.
    pub set_aside: Vec<Settable>,
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

/// Where a booking stands in its series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InSeries {
    /// The series.
    pub series: SeriesId,
    /// The civil day its rule put it on: it keeps it wherever it moves.
    pub day: Day,
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
    /// Children among them.
    pub children: Children,
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
    /// The series it is of.
    pub series: Option<InSeries>,
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

impl Booking {
    /// What was asked for, to be judged again; what it has beside its space is read apart.
    pub fn ask(&self) -> Ask {
        Ask {
            space: self.space.clone(),
            period: self.period,
            use_code: self.use_code,
            attendees: self.attendees,
            organisation: self.holder.columns().1,
            usage_terms_sha256: None,
            beside: Beside::default(),
        }
    }
    /// What is in the ledger for it before it begins: nothing yet for a request or a hold.
    pub fn charged(&self) -> Fen {
        if self.state == BookingState::Confirmed { self.price } else { Fen::ZERO }
    }
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
        place_of(&self.booking.holder, self.area_path)
    }
}

/// Where what somebody holds stands.
fn place_of(holder: &Holder, area_path: &str) -> Place {
    let mut place = Place { areas: vec![area_path.to_owned()], ..Place::default() };
    match holder {
        Holder::Household(household) => place.household = Some(household.clone()),
        Holder::Organisation(organisation) => place.organisations = vec![organisation.clone()],
    }
    place
}

/// What was accepted with a booking: usage terms, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::store::schema::usage_acceptances, treat_none_as_default_value = false)]
pub struct UsageAcceptance {
    /// With which booking.
    #[serde(skip)]
    pub booking_id: BookingId,
    /// Which usage terms.
    pub usage_terms_id: UsageTermsId,
    /// Their number at their site.
    pub version_no: i32,
    /// SHA-256 of what they said.
    pub sha256: String,
    /// Who accepted them.
    pub account_id: AccountId,
    /// When.
    pub accepted_at: Instant,
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
