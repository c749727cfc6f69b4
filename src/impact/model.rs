//! Types. [`closures`]: spaces that are closed for a while.

pub mod closures;

use crate::bookings::model::Booking;
use crate::kernel::id::{AgreementId, AreaId, BookingId, HouseholdId, MatterId, OrganisationId, PlanId, SiteId, SpaceId, VersionId};
use crate::kernel::{Fen, Instant, Period, Reason};
use crate::outbox::Announcement;
use crate::pricing::model::Quote;
use crate::terms::model::TermInForce;
use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// What meets the bookings.
    pub enum ImpactEventKind {
        /// A version takes effect.
        Amendment = "amendment",
        /// Spaces are closed for a while.
        Suspension = "suspension",
        /// A suspension is over before its time.
        Lifting = "lifting",
        /// An agreement, or one party's spaces in it, come to an end.
        Ending = "ending",
        /// A version that was agreed will not take effect after all.
        Annulment = "annulment",
        /// Whoever runs spaces closes them for a while.
        Closure = "closure",
        /// A part of a closure is opened again.
        Reopening = "reopening",
    }
}

words! {
    /// What becomes of a booking.
    pub enum Disposition {
        /// Nothing changes for it.
        Unaffected = "unaffected",
        /// The new terms would refuse it, and it stays as it is.
        Kept = "kept",
        /// It stays and costs less.
        BetterTermsApplied = "better_terms_applied",
        /// It stays until its holder has chosen another time or room, or said no.
        RearrangeOffered = "rearrange_offered",
        /// It stays if fewer people come.
        ReduceRequired = "reduce_required",
        /// It ends, and everything is paid back.
        Cancelled = "cancelled",
        /// It stays as long as there is hope; it ends seven days before its start.
        AtRisk = "at_risk",
        /// It had begun and ends now; everything is paid back.
        Interrupted = "interrupted",
        /// A request that could no longer be approved: it ends.
        RequestRefused = "request_refused",
        /// A request that will cost less.
        Requoted = "requoted",
        /// A request that those asked answer anew, under the new terms.
        LookedAtAgain = "looked_at_again",
    }
}

words! {
    /// Something open about a booking that stands.
    pub enum MatterKind {
        /// Another time or room is offered.
        Rearrange = "rearrange",
        /// Fewer people have to come.
        Reduce = "reduce",
        /// Its space is closed, and may open in time.
        AtRisk = "at_risk",
    }
}

words! {
    /// How a matter ended.
    pub enum MatterEnd {
        /// The holder took an alternative; the booking has moved.
        Accepted = "accepted",
        /// The holder said no; the booking is cancelled.
        Declined = "declined",
        /// Nobody answered in time; the booking is cancelled.
        Expired = "expired",
        /// What it was about is over; the booking stands.
        Restored = "restored",
        /// The number of people fits; the booking stands.
        Reduced = "reduced",
        /// Another plan, or its holder, ended the booking or opened another matter.
        Superseded = "superseded",
    }
}

words! {
    /// A plan that is only shown, or one that was carried out.
    pub enum Stage {
        /// Shown to the signers when the version was proposed.
        Previewed = "previewed",
        /// Carried out in the transaction that decided.
        Applied = "applied",
    }
}

/// What happens to the terms of spaces.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Rows of the agreement end, others begin.
    Terms {
        /// The agreement's present rows end at this moment …
        from: Instant,
        /// … in these spaces; `None` = in all of them.
        of: Option<Vec<SpaceId>>,
        /// The rows that take over, by space; none when the agreement ends.
        rows: Vec<(SpaceId, TermInForce)>,
        /// Days from the effect during which bookings stay as they are. `None`: an end, which nothing outlives.
        protected_days: Option<i64>,
    },
    /// Spaces are closed, whatever the terms say.
    Closed {
        /// Which; every space that shares a part with one of them is closed too.
        spaces: Vec<SpaceId>,
        /// From when.
        from: Instant,
        /// Until when; `None` = until it is lifted.
        until: Option<Instant>,
        /// For safety and at once, not announced beforehand.
        immediate: bool,
        /// How it answers, where it is no order under an agreement.
        closing: Option<closures::Closing>,
    },
    /// What an earlier event left open is taken back.
    Undone {
        /// The subject of that event.
        subject: String,
        /// What still stands of it: bookings that meet one of these stay in question.
        still: Vec<Period>,
    },
}

/// Something that meets bookings.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Which sort.
    pub kind: ImpactEventKind,
    /// Id of what brings it about: the version, the suspension order, the notice. One plan is applied for it, ever.
    pub subject: String,
    /// The agreement.
    pub agreement: AgreementId,
    /// Its managing area: selects the audit chain.
    pub area: AreaId,
    /// The sites it covers.
    pub sites: Vec<SiteId>,
    /// What changes.
    pub change: Change,
}

/// Whose event it is.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// The agreement.
    pub agreement: &'a AgreementId,
    /// Its managing area.
    pub area: &'a AreaId,
    /// The sites it covers.
    pub sites: &'a [SiteId],
}

/// Days from the effect of an amendment during which bookings stay as they are, unless the agreement says otherwise.
pub const PROTECTED_DAYS: i64 = 14;

impl Event {
    fn new(of: Of, kind: ImpactEventKind, subject: &str, change: Change) -> Self {
        let (agreement, area, sites) = (of.agreement.clone(), of.area.clone(), of.sites.to_vec());
        Self { kind, subject: subject.to_owned(), agreement, area, sites, change }
    }

    /// A version takes effect at `from` with these rows; the agreement's other rows end there.
    pub fn amendment(of: Of, version: &VersionId, from: Instant, rows: Vec<(SpaceId, TermInForce)>) -> Self {
        let change = Change::Terms { from, of: None, rows, protected_days: Some(PROTECTED_DAYS) };
        Self::new(of, ImpactEventKind::Amendment, version.as_str(), change)
    }

    /// The same with other protected days than the usual ones.
    pub fn protecting(mut self, days: i64) -> Self {
        if let Change::Terms { protected_days: Some(usual), .. } = &mut self.change {
            *usual = days;
        }
        self
    }

    /// Spaces are closed from `from` (until `until`): for safety and at once, or announced.
    pub fn suspension(of: Of, order: &str, spaces: Vec<SpaceId>, from: Instant, until: Option<Instant>, immediate: bool) -> Self {
        Self::new(of, ImpactEventKind::Suspension, order, Change::Closed { spaces, from, until, immediate, closing: None })
    }

    /// Spaces are closed over a period by whoever runs them; `closure` is the id of that act.
    pub fn closure(of: Of, closure: &str, spaces: Vec<SpaceId>, over: Period, closing: closures::Closing) -> Self {
        let (from, until, closing) = (over.start(), Some(over.end()), Some(closing));
        Self::new(of, ImpactEventKind::Closure, closure, Change::Closed { spaces, from, until, immediate: false, closing })
    }

    /// A part of a closure is opened again; `opening` is the id of that act, `still` what stays closed.
    pub fn reopening(of: Of, opening: &str, closure: &str, still: Vec<Period>) -> Self {
        Self::new(of, ImpactEventKind::Reopening, opening, Change::Undone { subject: closure.to_owned(), still })
    }

    /// The suspension `order` is lifted; `lifting` is the id of that act.
    pub fn lifting(of: Of, lifting: &str, order: &str) -> Self {
        Self::new(of, ImpactEventKind::Lifting, lifting, Change::Undone { subject: order.to_owned(), still: vec![] })
    }

    /// The agreement ends at a moment, in all its spaces or in some.
    pub fn ending(of: Of, subject: &str, at: Instant, spaces: Option<Vec<SpaceId>>) -> Self {
        let change = Change::Terms { from: at, of: spaces, rows: Vec::new(), protected_days: None };
        Self::new(of, ImpactEventKind::Ending, subject, change)
    }

    /// What governs instead of an annulled version, from the moment it was to take effect: nothing made for it is protected.
    pub fn restoration(of: Of, subject: &str, from: Instant, rows: Vec<(SpaceId, TermInForce)>) -> Self {
        Self::new(of, ImpactEventKind::Annulment, subject, Change::Terms { from, of: None, rows, protected_days: None })
    }

    /// An agreed version is annulled before its effect; `annulment` is the id of that act.
    pub fn annulment(of: Of, annulment: &str, version: &VersionId) -> Self {
        Self::new(of, ImpactEventKind::Annulment, annulment, Change::Undone { subject: version.as_str().to_owned(), still: vec![] })
    }
}

/// Another time or room for a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// Where.
    pub space: SpaceId,
    /// When.
    pub period: Period,
    /// The same with set-up and clean-up.
    pub occupancy: Period,
    /// What it would cost.
    pub price: Fen,
}

/// A matter a plan opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMatter {
    /// What sort.
    pub kind: MatterKind,
    /// When it ends by itself.
    pub due: Instant,
    /// Most people, of a reduction.
    pub limit: Option<i64>,
    /// What is offered, the first of it held.
    pub alternatives: Vec<Alternative>,
}

/// A booking in a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The booking as it was met.
    pub booking: Booking,
    /// What becomes of it.
    pub disposition: Disposition,
    /// Why, with the clause; empty only for what is unaffected.
    pub reasons: Vec<Reason>,
    /// Its price from now on, where that falls.
    pub price: Option<Quote>,
    /// What is still charged for it, in fen: its price, but for what the desk has undone. Nothing for what waits for a yes.
    pub charged: Fen,
    /// What is left open.
    pub matter: Option<NewMatter>,
}

/// The reason of what was in question and stands.
pub const SETTLED: &str = "settled";

impl Item {
    /// It was in question, and this plan settles it.
    pub fn is_settled(&self) -> bool {
        self.reasons.iter().any(|reason| reason.code == SETTLED)
    }

    /// What is paid back, in fen: all of what ends, the difference of what costs less.
    pub fn refund(&self) -> Fen {
        match (self.disposition, &self.price) {
            (Disposition::Cancelled | Disposition::Interrupted, _) => self.charged,
            (_, Some(price)) => Fen(self.booking.price.0.saturating_sub(price.total.0).max(0)).min(self.charged),
            _ => Fen::ZERO,
        }
    }
}

/// A computed plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Everything affected, in order of start.
    pub items: Vec<Item>,
    /// How many bookings nothing changes for.
    pub unaffected: i64,
}

/// How many bookings got one disposition, and what is paid back to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DispositionCount {
    /// Which.
    pub disposition: Disposition,
    /// How many.
    pub bookings: i64,
    /// Paid back, in fen.
    pub refund_fen: Fen,
}

/// A stored plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPlan {
    /// Id.
    pub id: PlanId,
    /// Previewed or applied.
    pub stage: Stage,
    /// What sort of event.
    pub kind: ImpactEventKind,
    /// Id of what brought it about.
    pub subject: String,
    /// The agreement.
    pub agreement: AgreementId,
    /// When it was computed.
    pub at: Instant,
    /// Every disposition once, zeroes too.
    pub counts: Vec<DispositionCount>,
}

/// A booking of a stored plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredItem {
    /// The booking.
    pub booking: BookingId,
    /// Its space.
    pub space: SpaceId,
    /// Its start.
    pub starts_at: Instant,
    /// What became of it.
    pub disposition: Disposition,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What was paid back.
    pub refund: Fen,
}

/// A matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Matter {
    /// Id.
    pub id: MatterId,
    /// The plan that opened it.
    pub plan: PlanId,
    /// The booking.
    pub booking: BookingId,
    /// What sort.
    pub kind: MatterKind,
    /// When it was opened.
    pub opened_at: Instant,
    /// When it ends by itself.
    pub due: Instant,
    /// Most people, of a reduction.
    pub limit: Option<i64>,
}

/// A plan was applied: these holders are told, each once.
#[derive(Debug, Serialize, Deserialize)]
pub struct PlanApplied {
    /// Which.
    pub plan: PlanId,
    /// Households with a booking in it.
    pub households: Vec<HouseholdId>,
    /// Organisations with a booking in it.
    pub organisations: Vec<OrganisationId>,
}

impl Announcement for PlanApplied {
    const KIND: &'static str = "impact.applied";
}

/// Something a plan left open is due.
#[derive(Debug, Serialize, Deserialize)]
pub struct MattersDue {
    /// Of which plan.
    pub plan: PlanId,
}

impl Announcement for MattersDue {
    const KIND: &'static str = "impact.due";
}
