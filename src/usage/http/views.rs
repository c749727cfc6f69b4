//! Wire types.

use crate::kernel::id::{AccountId, OrganisationId, SiteId, SpaceId, UsageTermsId};
use crate::kernel::time::{Day, show_minute};
use crate::kernel::{Fen, Instant, Outcome, Period};
use crate::people;
use crate::people::model::Organisation;
use crate::store::Tx;
use crate::terms;
use crate::terms::model::hours::Weekday;
use crate::terms::model::{Ceiling, DatedHours, HolidayRule, MakeupRule, Per, Span, Use, Window};
use crate::usage::model::{Approval, Found, UsageEvent, UsageStanding};
use crate::usage::{queries, rules};
use serde::Serialize;
use utoipa::ToSchema;

/// A fee that usage terms state.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UsageFee {
    /// Left out: for every use.
    #[serde(rename = "use")]
    #[schema(rename = "use")]
    use_code: Option<Use>,
    /// At most 1,000,000.00 yuan.
    fen: Fen,
    per: Per,
}

/// Hours that usage terms state, the same on several days of the week.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UsageWindow {
    days: Vec<Weekday>,
    /// `08:30`
    from: String,
    /// `21:00`, or `24:00`
    to: String,
}

/// Hours of a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UsageSpan {
    /// `08:30`
    from: String,
    /// `21:00`, or `24:00`
    to: String,
}

/// Hours that usage terms state for single dates, instead of those of the week.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UsageDates {
    /// First date.
    #[schema(value_type = String, format = "date")]
    first: Day,
    /// Last date; left out: the same.
    #[schema(value_type = Option<String>, format = "date")]
    last: Day,
    /// None: the space may not be used.
    #[schema(max_items = 12)]
    windows: Vec<UsageSpan>,
    /// Why.
    #[schema(max_length = 60)]
    reason_zh: String,
}

fn fee(fee: &Ceiling) -> UsageFee {
    UsageFee { use_code: fee.use_code, fen: fee.fen, per: fee.per }
}

fn window(window: &Window) -> UsageWindow {
    UsageWindow { days: window.days.clone(), from: show_minute(window.span.from), to: show_minute(window.span.to) }
}

fn dates(dated: &DatedHours) -> UsageDates {
    let span = |span: &Span| UsageSpan { from: show_minute(span.from), to: show_minute(span.to) };
    let (first, last, reason_zh) = (dated.first, dated.last, dated.reason_zh.clone());
    UsageDates { first, last, windows: dated.spans.iter().map(span).collect(), reason_zh }
}

/// A unit that is asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UsageApprovalView {
    organisation_id: OrganisationId,
    name_zh: String,
    name_en: Option<String>,
    /// The community in charge answers for it.
    by_community: bool,
    /// When it approved; null while it has not.
    approved_at: Option<Instant>,
}

/// Usage terms.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UsageTermsView {
    id: UsageTermsId,
    site_id: SiteId,
    /// Number at the site, from 1.
    version: i32,
    state: UsageStanding,
    /// The spaces they speak of.
    space_ids: Vec<SpaceId>,
    /// The text that binds.
    text_zh: String,
    /// Courtesy.
    text_en: Option<String>,
    /// Most people at once.
    max_persons: Option<i64>,
    /// When the space may be used; empty: whenever it is open.
    hours: Vec<UsageWindow>,
    /// What the stated hours are on public holidays.
    holidays: HolidayRule,
    /// … and on make-up workdays.
    makeup_workdays: MakeupRule,
    /// Dates with hours of their own.
    dates: Vec<UsageDates>,
    /// What for; empty: whatever the clauses allow.
    uses: Vec<Use>,
    /// What it costs.
    fees: Vec<UsageFee>,
    /// First day in force; null: as soon as they are approved.
    #[schema(value_type = Option<String>, format = "date")]
    from_day: Option<Day>,
    /// What is approved and accepted; null while a draft.
    sha256: Option<String>,
    /// Since when they bind, or from when they will, in the first of their spaces; null while they do not.
    from: Option<Instant>,
    /// Until when they bind, in the last of their spaces; null: until others take their place.
    to: Option<Instant>,
    drafted_at: Instant,
    /// Who is asked, in the present round.
    approvals: Vec<UsageApprovalView>,
}

impl UsageTermsView {
    /// Id.
    pub const fn id(&self) -> &UsageTermsId {
        &self.id
    }

    /// Each with who is asked and when it binds, in three queries however many there are.
    pub fn of_each(tx: &mut Tx, all: Vec<Found>) -> Outcome<Vec<Self>> {
        let now = tx.now();
        let ids: Vec<UsageTermsId> = all.iter().map(|found| found.terms.id.clone()).collect();
        let approvals = queries::approvals(tx, &ids)?;
        let units: Vec<OrganisationId> = approvals.iter().map(|approval| approval.organisation_id.clone()).collect();
        let names = people::queries::organisations(tx, &units)?;
        let periods = terms::queries::usage_periods(tx, &ids)?;
        Ok(all.into_iter().map(|found| Self::of(found, &approvals, &names, &periods, now)).collect())
    }

    fn of(
        Found { terms, .. }: Found,
        approvals: &[Approval],
        names: &[Organisation],
        periods: &[(UsageTermsId, SpaceId, Period)],
        now: Instant,
    ) -> Self {
        let binding: Vec<Period> = periods.iter().filter(|(id, ..)| *id == terms.id).map(|(.., period)| *period).collect();
        let asked = approvals.iter().filter(|approval| approval.usage_terms_id == terms.id).map(|approval| {
            let name = names.iter().find(|organisation| organisation.id == approval.organisation_id);
            UsageApprovalView {
                organisation_id: approval.organisation_id.clone(),
                name_zh: name.map(|name| name.name_zh.clone()).unwrap_or_default(),
                name_en: name.and_then(|name| name.name_en.clone()),
                by_community: approval.by_community,
                approved_at: approval.approved_at,
            }
        });
        let last = binding.iter().map(Period::end).max();
        Self {
            state: rules::standing(terms.state, &binding, now),
            from: binding.iter().map(Period::start).min(),
            to: last.filter(|to| *to < Instant::LATEST),
            approvals: asked.collect(),
            max_persons: terms.content.figures.max_persons,
            hours: terms.content.figures.hours.windows.iter().map(window).collect(),
            holidays: terms.content.figures.hours.holidays,
            makeup_workdays: terms.content.figures.hours.makeup_workdays,
            dates: terms.content.figures.hours.dates.iter().map(dates).collect(),
            uses: terms.content.figures.uses.clone(),
            fees: terms.content.figures.fees.iter().map(fee).collect(),
            id: terms.id,
            site_id: terms.site,
            version: terms.no,
            space_ids: terms.spaces,
            text_zh: terms.content.text_zh,
            text_en: terms.content.text_en,
            from_day: terms.content.from_day,
            sha256: terms.sha256,
            drafted_at: terms.drafted_at,
        }
    }
}

/// Usage terms in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageTermsDetail {
    #[serde(flatten)]
    terms: UsageTermsView,
    /// The bytes the hash is of (RFC 8785).
    canonical: Option<String>,
    /// Who drafted them; only for those who may see them as a draft.
    drafted_by: Option<AccountId>,
    /// What happened to them, in order; only for those who may see them as a draft.
    events: Vec<UsageEvent>,
}

impl UsageTermsDetail {
    pub(super) fn of(tx: &mut Tx, found: Found, inside: bool) -> Outcome<Option<Self>> {
        let events = if inside { queries::events(tx, &found.terms.id)? } else { vec![] };
        let canonical = found.terms.canonical.clone();
        let drafted_by = Some(found.terms.drafted_by.clone()).filter(|_| inside);
        let view = UsageTermsView::of_each(tx, vec![found])?.pop();
        Ok(view.map(|terms| Self { terms, canonical, drafted_by, events }))
    }
}

/// The usage terms of a space.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpaceUsage {
    space_id: SpaceId,
    at: Instant,
    /// In force: whoever books for then accepts their hash. Null: there are none.
    in_force: Option<UsageTermsView>,
    /// Approved, and to take their place later, the first first.
    next: Vec<UsageTermsView>,
}

impl SpaceUsage {
    pub(super) fn of(tx: &mut Tx, space: SpaceId, at: Instant) -> Outcome<Self> {
        let mut binding = terms::queries::usage_of(tx, &space, at)?;
        let ids: Vec<UsageTermsId> = binding.iter().map(|usage| usage.id.clone()).collect();
        let found = queries::of_ids(tx, &ids)?;
        let mut views = UsageTermsView::of_each(tx, found)?;
        let mut take = |id: &UsageTermsId| views.iter().position(|view| view.id == *id).map(|n| views.swap_remove(n));
        let later = binding.split_off(binding.iter().take_while(|usage| usage.from <= at).count());
        let in_force = binding.first().and_then(|usage| take(&usage.id));
        let next = later.iter().filter_map(|usage| take(&usage.id)).collect();
        Ok(Self { space_id: space, at, in_force, next })
    }
}
