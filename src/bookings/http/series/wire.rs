//! Wire types of a series.

use super::super::beside::{Along, EquipmentAsk, EquipmentView};
use super::super::period::{lasting, read_period};
use crate::bookings::alternatives::Alternative;
use crate::bookings::model::series::{Choice, Fate, LeftOut, OnSpecialDay, Series, SeriesAsk, Slot, SpecialDay};
use crate::bookings::model::{Booking, BookingState, Children};
use crate::bookings::rules;
use crate::kernel::form::{self, Form, Spot};
use crate::kernel::id::{AccountId, BookingId, HouseholdId, OrganisationId, SeriesId, SiteId, SpaceId};
use crate::kernel::time::{ClockChange, Day, show_minute};
use crate::kernel::{Fen, Instant, Period, Reason, Zone};
use crate::schedule::rules::recurrence;
use crate::terms::model::Use;
use crate::words;
use serde::Serialize;
use utoipa::ToSchema;

words! {
    /// What is chosen for one day of a series.
    pub enum ChoiceWord {
        /// It stays, whatever day it is.
        Keep = "keep",
        /// It is left out.
        Skip = "skip",
        /// It takes place on the next ordinary day on which it can.
        Move = "move",
        /// It takes the time or room given.
        Take = "take",
    }
}

/// What is chosen for one day.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
pub struct DayChoice {
    /// A day the rule names.
    #[schema(value_type = String, format = Date)]
    date: Day,
    /// What becomes of it.
    action: ChoiceWord,
    /// With `take`: another room of the site.
    space_id: Option<SpaceId>,
    /// With `take`: when.
    starts_at: Option<Instant>,
    /// With `take`: until when.
    ends_at: Option<Instant>,
}

/// What somebody wants to book again and again.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
#[schema(example = json!({"space_id": "space_01h455vb4pex5vsknk084sn02q", "starts_at": "2026-12-09T14:00:00+08:00", "ends_at": "2026-12-09T16:00:00+08:00", "use": "study", "attendees": 6, "rule": "FREQ=WEEKLY;BYDAY=WE;COUNT=12"}))]
pub struct SeriesWish {
    space_id: SpaceId,
    /// The rule counts from this day; the hour of every occurrence, in the zone of the site.
    starts_at: Instant,
    /// End of the first occurrence; every one lasts as long.
    ends_at: Instant,
    /// What for; see `GET /uses`.
    #[schema(rename = "use")]
    use_code: Use,
    #[schema(minimum = 1, maximum = 999)]
    attendees: i64,
    /// For an organisation the caller may book for; without it, for the caller's own household.
    organisation_id: Option<OrganisationId>,
    /// RFC 5545: `FREQ` of `DAILY`, `WEEKLY` or `MONTHLY` with `INTERVAL`, `COUNT` or `UNTIL` (one of both), `BYDAY`, `BYMONTHDAY`,
    /// `BYSETPOS`, `WKST`. At most 366 occurrences within 400 days.
    #[schema(max_length = 400, example = "FREQ=WEEKLY;BYDAY=TU;COUNT=12")]
    rule: String,
    /// Days left out.
    #[schema(value_type = Option<Vec<String>>)]
    exdates: Option<Vec<Day>>,
    /// What becomes of holidays; `keep` unless given.
    holidays: Option<OnSpecialDay>,
    /// What becomes of weekend days worked to make up for one; `keep` unless given.
    makeup_workdays: Option<OnSpecialDay>,
    /// What is chosen for single days.
    choices: Option<Vec<DayChoice>>,
    /// SHA-256 of the usage terms of the space that were read and accepted, where some are in force.
    usage_terms_sha256: Option<String>,
    /// One occurrence that cannot be booked refuses all.
    all_or_nothing: Option<bool>,
    /// How many of the people are under 18, each time; none unless given.
    #[schema(minimum = 0, maximum = 999)]
    minors: Option<i64>,
    /// Full years of the youngest of them; where it is said, a guardian is needed only below the age the clause names.
    #[schema(minimum = 0, maximum = 17)]
    youngest: Option<i64>,
    /// A guardian or carer comes with them.
    guardian: Option<bool>,
    /// Portable equipment of the site to take along each time.
    #[schema(max_items = 20)]
    equipment: Option<Vec<EquipmentAsk>>,
}

fn read_choice(spot: &Spot) -> Option<(Day, Choice)> {
    spot.object(|form| {
        let date = form.need("date", form::day);
        let action = form.need("action", form::word::<ChoiceWord>);
        let space = form.may("space_id", form::id);
        let starts_at = form.may("starts_at", form::instant);
        let ends_at = form.may("ends_at", form::instant);
        let choice = match action? {
            ChoiceWord::Keep => Choice::Day(OnSpecialDay::Keep),
            ChoiceWord::Skip => Choice::Day(OnSpecialDay::Skip),
            ChoiceWord::Move => Choice::Day(OnSpecialDay::Move),
            ChoiceWord::Take => {
                for (name, there) in [("starts_at", form.has("starts_at")), ("ends_at", form.has("ends_at"))] {
                    if !there {
                        form.fault(name, "missing", "选了别的时间就要写明。", "Required with `take`.");
                    }
                }
                Choice::Take { space, period: lasting(form, starts_at?, ends_at?)? }
            }
        };
        Some((date?, choice))
    })
}

pub(super) fn read_wish(form: &mut Form) -> Option<SeriesAsk> {
    let space = form.need("space_id", form::id);
    let period = read_period(form);
    let use_code = form.need("use", form::word);
    let attendees = form.need("attendees", form::int(1..=999));
    let organisation = form.may("organisation_id", form::id);
    let rule = form.need("rule", recurrence::read);
    let most = usize::from(recurrence::MOST_OCCURRENCES);
    let exdates = form.may("exdates", form::set(0..=most, form::day));
    let holidays = form.may("holidays", form::word).unwrap_or(OnSpecialDay::Keep);
    let makeup_workdays = form.may("makeup_workdays", form::word).unwrap_or(OnSpecialDay::Keep);
    let choices = form.may("choices", form::list(0..=most, read_choice)).unwrap_or_default();
    let usage_terms_sha256 = form.may("usage_terms_sha256", form::sha256);
    let all_or_nothing = form.may("all_or_nothing", form::flag).unwrap_or(false);
    if let Some((n, _)) = choices.iter().enumerate().find(|(n, (day, _))| choices.iter().take(*n).any(|(earlier, _)| earlier == day)) {
        form.fault_below(&format!("choices/{n}/date"), "duplicate", "这一天写了两次。", "The day stands twice.");
    }
    let beside = Along::read(form, attendees).beside(form);
    let period = period?;
    Some(SeriesAsk {
        space: space?,
        starts_at: period.start(),
        minutes: period.minutes(),
        use_code: use_code?,
        attendees: attendees?,
        organisation,
        rule: rule?,
        exdates: exdates.unwrap_or_default(),
        holidays,
        makeup_workdays,
        choices,
        usage_terms_sha256,
        all_or_nothing,
        beside,
    })
}

words! {
    /// What is so about a day of a series.
    pub enum OccurrenceOutcome {
        /// It can be booked.
        Free = "free",
        /// It can be asked for; somebody must say yes first.
        NeedsApproval = "needs_approval",
        /// Somebody has the time; nothing else is wrong.
        Taken = "taken",
        /// The rules or the clauses refuse it; `reasons` says which.
        Refused = "refused",
        /// By choice nothing is to be booked.
        LeftOut = "left_out",
        /// There is a booking or a request; see its state.
        Booked = "booked",
        /// There is none, or it has ended; see its state.
        NotBooked = "not_booked",
    }
}

/// A stretch of time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PeriodView {
    pub(super) starts_at: String,
    pub(super) ends_at: String,
}

impl PeriodView {
    pub(super) fn of(period: Period, zone: &Zone) -> Self {
        Self { starts_at: zone.rfc3339(period.start()), ends_at: zone.rfc3339(period.end()) }
    }
}

/// A day of a series.
#[derive(Debug, Serialize, ToSchema)]
pub struct OccurrenceView {
    /// The civil day the rule names: the occurrence is known by it, whatever becomes of it.
    #[schema(value_type = String, format = Date)]
    pub(super) date: String,
    pub(super) outcome: OccurrenceOutcome,
    pub(super) space_id: SpaceId,
    /// RFC 3339 with the site's offset.
    pub(super) starts_at: String,
    /// RFC 3339 with the site's offset.
    pub(super) ends_at: String,
    /// Holiday or make-up workday.
    pub(super) special: Option<SpecialDay>,
    /// The year's notice about holidays is not out yet.
    pub(super) provisional: bool,
    /// The clock is changed over its start: `skipped`, the time does not exist and it starts as much later; `repeated`, the time comes
    /// twice and it starts with the first.
    pub(super) clock: Option<ClockChange>,
    /// For a special day: when it would take place if moved; null where no day near can take it.
    pub(super) moves_to: Option<PeriodView>,
    /// Why nothing is booked by choice.
    pub(super) left_out: Option<LeftOut>,
    /// Every reason against it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) reasons: Vec<Reason>,
    /// Who must agree first, by which clause.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) needs_approval: Vec<Reason>,
    pub(super) price_fen: Option<Fen>,
    pub(super) booking_id: Option<BookingId>,
    /// Of its booking.
    pub(super) state: Option<BookingState>,
    /// How many people its booking is for …
    pub(super) attendees: Option<i64>,
    /// … how many of them are under 18 …
    pub(super) minors: Option<i64>,
    /// … full years of the youngest of those, where it was said …
    pub(super) youngest: Option<i64>,
    /// … whether a guardian or carer was said to come with them …
    pub(super) guardian: Option<bool>,
    /// … and what it takes along.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) equipment: Vec<EquipmentView>,
    /// Until when, inclusive, cancelling it does not count towards what the holder may have; null: it never counts, or there is
    /// nothing to cancel.
    pub(super) free_until: Option<Instant>,
    /// What would work instead, for the first sixty that cannot be booked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) alternatives: Vec<Alternative>,
}

impl OccurrenceView {
    pub(super) fn of(slot: &Slot, zone: &Zone) -> Self {
        let outcome = match &slot.fate {
            Fate::LeftOut(_) => OccurrenceOutcome::LeftOut,
            Fate::Admitted(verdicts) if verdicts.approvals.is_empty() => OccurrenceOutcome::Free,
            Fate::Admitted(_) => OccurrenceOutcome::NeedsApproval,
            Fate::Refused(_) if slot.is_taken() => OccurrenceOutcome::Taken,
            Fate::Refused(_) => OccurrenceOutcome::Refused,
        };
        let at = PeriodView::of(slot.period, zone);
        Self {
            date: slot.day.to_string(),
            outcome,
            space_id: slot.space.clone(),
            starts_at: at.starts_at,
            ends_at: at.ends_at,
            special: slot.special,
            provisional: slot.provisional,
            clock: slot.clock,
            moves_to: slot.moves_to.map(|period| PeriodView::of(period, zone)),
            left_out: if let Fate::LeftOut(why) = slot.fate { Some(why) } else { None },
            reasons: if let Fate::Refused(reasons) = &slot.fate { reasons.clone() } else { vec![] },
            needs_approval: slot
                .admitted()
                .map(|verdicts| verdicts.approvals.iter().map(|(clause, by)| rules::needs_approval(clause, by)).collect())
                .unwrap_or_default(),
            price_fen: slot.admitted().and_then(|verdicts| verdicts.quote.as_ref()).map(|quote| quote.total),
            booking_id: None,
            state: None,
            attendees: None,
            minors: None,
            youngest: None,
            guardian: None,
            equipment: vec![],
            free_until: None,
            alternatives: vec![],
        }
    }

    /// The same with the booking that was made for it, and what that takes along.
    pub(super) fn with(mut self, booking: &Booking, along: &[(String, i64)], zone: &Zone) -> Self {
        let live = !matches!(booking.state, BookingState::Cancelled | BookingState::Moved | BookingState::Refused | BookingState::Expired);
        let at = PeriodView::of(booking.period, zone);
        self.outcome = if live { OccurrenceOutcome::Booked } else { OccurrenceOutcome::NotBooked };
        (self.starts_at, self.ends_at) = (at.starts_at, at.ends_at);
        self.space_id = booking.space.clone();
        self.price_fen = Some(booking.price);
        self.booking_id = Some(booking.id.clone());
        self.state = Some(booking.state);
        let Children { minors, youngest, guardian } = booking.children;
        (self.attendees, self.minors, self.youngest, self.guardian) = (Some(booking.attendees), Some(minors), youngest, Some(guardian));
        self.equipment = EquipmentView::listed(along);
        self
    }
}

/// How many days came out how.
#[derive(Debug, Serialize, ToSchema)]
pub struct Counts {
    /// Days the rule names.
    all: usize,
    /// Booked, or could be.
    booked: usize,
    /// Wait for somebody's yes, or would.
    asked: usize,
    /// Cannot be had.
    missed: usize,
    /// Was booked or asked for, and was cancelled.
    cancelled: usize,
    /// Left out by choice.
    left_out: usize,
}

impl Counts {
    pub(super) fn of(days: &[OccurrenceView]) -> Self {
        use OccurrenceOutcome::{Booked, Free, LeftOut, NeedsApproval, NotBooked, Refused, Taken};
        let count = |those: &dyn Fn(&OccurrenceView) -> bool| days.iter().filter(|day| those(day)).count();
        let asked = |day: &OccurrenceView| day.outcome == NeedsApproval || day.state == Some(BookingState::Requested);
        let cancelled = |day: &OccurrenceView| day.state == Some(BookingState::Cancelled);
        Self {
            all: days.len(),
            booked: count(&|day| matches!(day.outcome, Free | Booked) && !asked(day)),
            asked: count(&|day| matches!(day.outcome, NeedsApproval | Booked) && asked(day)),
            missed: count(&|day| matches!(day.outcome, Taken | Refused | NotBooked) && !cancelled(day)),
            cancelled: count(&cancelled),
            left_out: count(&|day| day.outcome == LeftOut),
        }
    }
}

pub(super) fn total(days: &[OccurrenceView]) -> Fen {
    let counted = |day: &&OccurrenceView| {
        matches!(day.outcome, OccurrenceOutcome::Free | OccurrenceOutcome::NeedsApproval | OccurrenceOutcome::Booked)
    };
    Fen(days.iter().filter(counted).filter_map(|day| day.price_fen).map(|fen| fen.0).sum())
}

/// What would be booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesPreview {
    /// The rule in its canonical form.
    pub(super) rule: String,
    pub(super) counts: Counts,
    /// Of everything that can be booked or asked for.
    pub(super) total_fen: Fen,
    pub(super) occurrences: Vec<OccurrenceView>,
}

/// A series.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesView {
    id: SeriesId,
    site_id: SiteId,
    space_id: SpaceId,
    #[serde(rename = "use")]
    use_code: Use,
    attendees: i64,
    /// Its first day.
    #[schema(value_type = String, format = Date)]
    first_date: String,
    /// `14:00`, site time.
    from: String,
    /// Length of each, in minutes.
    minutes: i64,
    /// RFC 5545.
    rule: String,
    #[schema(value_type = Vec<String>)]
    exdates: Vec<String>,
    holidays: OnSpecialDay,
    makeup_workdays: OnSpecialDay,
    household_id: Option<HouseholdId>,
    organisation_id: Option<OrganisationId>,
    /// The person who answers for it.
    account_id: AccountId,
    /// The series it was split from.
    follows: Option<SeriesId>,
    made_at: Instant,
}

impl From<Series> for SeriesView {
    fn from(series: Series) -> Self {
        let (household_id, organisation_id) = series.holder.columns();
        Self {
            id: series.id,
            site_id: series.site,
            space_id: series.space,
            use_code: series.use_code,
            attendees: series.attendees,
            first_date: series.begins.to_string(),
            from: show_minute(series.minute),
            minutes: series.minutes,
            rule: series.rule.to_string(),
            exdates: series.exdates.iter().map(ToString::to_string).collect(),
            holidays: series.holidays,
            makeup_workdays: series.makeup_workdays,
            household_id,
            organisation_id,
            account_id: series.account,
            follows: series.follows,
            made_at: series.made_at,
        }
    }
}

/// A series with its days.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesDetail {
    #[serde(flatten)]
    pub(super) series: SeriesView,
    pub(super) counts: Counts,
    /// Of what is booked or asked for.
    pub(super) total_fen: Fen,
    pub(super) occurrences: Vec<OccurrenceView>,
}

/// A series in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesLine {
    #[serde(flatten)]
    pub(super) series: SeriesView,
    /// Bookings and requests that have not begun.
    pub(super) ahead: i64,
    /// Start of the next.
    pub(super) next_at: Option<Instant>,
}
