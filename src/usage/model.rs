//! Types.

use crate::access::{Place, Subject};
use crate::kernel::form::{self, Form};
use crate::kernel::id::{AccountId, AreaId, EntryId, OrganisationId, RepresentativeId, SiteId, SpaceId, UsageTermsId};
use crate::kernel::time::Day;
use crate::kernel::{Instant, Zone};
use crate::outbox::Announcement;
use crate::terms::model::Figures;
use crate::words;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

words! {
    /// State of usage terms as stored. Whether approved ones are in force follows from their dates.
    pub enum UsageState {
        /// May still change.
        Draft = "draft",
        /// Frozen and hashed; the units are asked.
        Submitted = "submitted",
        /// Every unit has approved.
        Approved = "approved",
        /// A unit said no.
        Rejected = "rejected",
        /// Taken back by those who drafted them.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Where usage terms stand at a moment.
    pub enum UsageStanding {
        /// May still change.
        Draft = "draft",
        /// The units are asked.
        Submitted = "submitted",
        /// Every unit has approved; they begin later.
        Approved = "approved",
        /// Whoever books accepts them.
        InForce = "in_force",
        /// Others have taken their place everywhere.
        Superseded = "superseded",
        /// A unit said no.
        Rejected = "rejected",
        /// Taken back.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What happened to usage terms.
    pub enum UsageEventKind {
        /// Written down.
        Drafted = "drafted",
        /// Changed while a draft.
        Edited = "edited",
        /// Frozen, hashed and put to the units.
        Submitted = "submitted",
        /// A unit approved.
        Approved = "approved",
        /// The last unit approved: they are in force from then or a later day.
        TakingEffect = "taking_effect",
        /// A unit said no.
        Rejected = "rejected",
        /// Taken back.
        Withdrawn = "withdrawn",
        /// The clauses changed: the units are asked again.
        SentBack = "sent_back",
        /// The change was taken back before its effect: they bind as they did.
        Restored = "restored",
    }
}

/// What usage terms say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The text that binds.
    pub text_zh: String,
    /// Courtesy.
    pub text_en: Option<String>,
    /// What it states in figures.
    pub figures: Figures,
    /// First day in force; `None` = as soon as they are approved.
    pub from_day: Option<Day>,
}

impl Content {
    /// Reads what usage terms say, of an object that may hold other fields too.
    pub fn read(form: &mut Form) -> Option<Content> {
        let text_zh = form.need("text_zh", form::prose(8000));
        let text_en = form.may("text_en", form::prose(16_000));
        let from_day = form.may("from_day", form::day);
        let figures = Figures::read(form);
        Some(Content { text_zh: text_zh?, text_en, figures: figures?, from_day })
    }

    /// As [`Content::read`] takes it back: what is stored.
    pub fn to_json(&self) -> Value {
        let mut json = self.figures.to_json();
        if let Value::Object(map) = &mut json {
            map.extend([
                ("text_zh".to_owned(), json!(self.text_zh)),
                ("text_en".to_owned(), json!(self.text_en)),
                ("from_day".to_owned(), json!(self.from_day.map(|day| day.to_string()))),
            ]);
        }
        json
    }
}

/// Usage terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageTerms {
    /// Id.
    pub id: UsageTermsId,
    /// Their site.
    pub site: SiteId,
    /// Number at the site, from 1.
    pub no: i32,
    /// State.
    pub state: UsageState,
    /// The spaces they speak of, in order of code.
    pub spaces: Vec<SpaceId>,
    /// What they say.
    pub content: Content,
    /// RFC 8785 bytes, from submission on.
    pub canonical: Option<String>,
    /// Their SHA-256.
    pub sha256: Option<String>,
    /// How often the units were asked.
    pub round: i32,
    /// In force no earlier than this.
    pub not_before: Instant,
    /// Who drafted them.
    pub drafted_by: AccountId,
    /// When.
    pub drafted_at: Instant,
    /// Counts changes, for the ETag.
    pub revision: i32,
}

/// Usage terms with what the permission table and the rules need of their site.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// They.
    pub terms: UsageTerms,
    /// Where they belong.
    pub at: At,
}

/// A site as usage terms need it.
#[derive(Debug, Clone, PartialEq)]
pub struct At {
    /// The site.
    pub site: SiteId,
    /// Its natural code.
    pub code: String,
    /// Its zone.
    pub zone: Zone,
    /// Its managing area: selects the audit chain.
    pub area: AreaId,
    /// Path of that area.
    pub area_path: String,
    /// Who runs it.
    pub operator: Option<OrganisationId>,
}

/// A unit that is asked in the present round.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::store::schema::usage_approvals)]
pub struct Approval {
    /// About which usage terms.
    pub usage_terms_id: UsageTermsId,
    /// The unit, or whoever lends a common part.
    pub organisation_id: OrganisationId,
    /// The community in charge answers for it.
    pub by_community: bool,
    /// Who approved.
    pub approved_by: Option<AccountId>,
    /// By which representation; none: for the community.
    pub representative_id: Option<RepresentativeId>,
    /// When.
    pub approved_at: Option<Instant>,
}

/// Who is to be asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The unit.
    pub organisation: OrganisationId,
    /// The community in charge answers for it.
    pub by_community: bool,
}

/// Something that happened to usage terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::store::schema::usage_events)]
pub struct UsageEvent {
    /// Id.
    pub id: EntryId,
    /// What.
    pub kind: UsageEventKind,
    /// For which unit.
    pub organisation_id: Option<OrganisationId>,
    /// When.
    pub at: Instant,
    /// Why, of a no.
    pub text: Option<String>,
}

/// Usage terms as the permission table sees them: who may draft, and who may know.
#[derive(Debug, Clone)]
pub struct OfUsage {
    /// Path of the managing area.
    pub area_path: String,
    /// Who owns every one of the spaces, or runs the site.
    pub drafters: Vec<OrganisationId>,
    /// Units that were asked.
    pub asked: Vec<OrganisationId>,
    /// They were in force, or are or will be.
    pub known_to_all: bool,
}

impl Subject for OfUsage {
    fn place(&self) -> Place {
        Place {
            areas: vec![self.area_path.clone()],
            organisations: self.drafters.clone(),
            known_to: self.asked.clone(),
            known_to_all: self.known_to_all,
            ..Place::default()
        }
    }
}

/// The same for those who only read: the units asked may read as the drafters may.
#[derive(Debug, Clone)]
pub struct ToRead<'a>(pub &'a OfUsage);

impl Subject for ToRead<'_> {
    fn place(&self) -> Place {
        let place = self.0.place();
        Place { organisations: [place.organisations, self.0.asked.clone()].concat(), ..place }
    }
}

/// One unit's yes or no, as the permission table sees it.
#[derive(Debug, Clone)]
pub struct ToApprove<'a> {
    /// Who is asked.
    pub approval: &'a Approval,
    /// Path of the managing area.
    pub area_path: &'a str,
    /// The caller may read the usage terms anyway.
    pub known: bool,
}

impl Subject for ToApprove<'_> {
    fn place(&self) -> Place {
        // The desk answers where the community does; anybody else only for their unit.
        let (areas, organisations) = match self.approval.by_community {
            true => (vec![self.area_path.to_owned()], vec![]),
            false => (vec![], vec![self.approval.organisation_id.clone()]),
        };
        Place { areas, organisations, known_to_all: self.known, ..Place::default() }
    }
}

/// Something happened to usage terms; whom it concerns is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct UsageNews {
    /// Which.
    pub usage_terms: UsageTermsId,
    /// What.
    pub kind: UsageEventKind,
    /// Who acted; not told about their own act.
    pub actor: Option<AccountId>,
}

impl Announcement for UsageNews {
    const KIND: &'static str = "usage.event";
}
