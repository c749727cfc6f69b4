//! What a clause does: read from a form, stored, shown.

use super::care::{DataCare, InsuranceSafety, Minors};
use super::consent::{AmendmentRule, ConsentRule};
use super::kind::ClauseKind;
use super::lifecycle::{Dispute, Review, Settlement, SuspensionRule, TerminationRule};
use super::money::{FitOut, FreeShare, PublicReturn, RevenueShare, UtilitiesPayer};
use super::parties::{self, Party, PartyCapacity};
use super::rooms::{self, AllocationMix, Approval, Capacity, Ceiling, Priority};
use crate::kernel::Fen;
use crate::kernel::form::{self, Form};
use crate::kernel::time::{Day, show_minute};
use crate::terms::model::hours::{self, Weekly};
use crate::terms::model::suspension::Suspended;
use crate::terms::model::uses::{Noise, Use};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The version of payload shapes written today; kept in every stored payload as `v`.
pub const PAYLOAD_VERSION: i64 = 1;

/// What a clause does, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// See [`ClauseKind::Suspension`].
    Suspension(Suspended),
    /// See [`ClauseKind::Parties`].
    Parties {
        /// At least two.
        parties: Vec<Party>,
    },
    /// See [`ClauseKind::SpaceGrant`].
    SpaceGrant {
        /// Natural code of the party that lends the spaces.
        by: String,
        /// Rent of a year in fen; 0 = 公益共建, lent free.
        rent_fen_per_year: Fen,
    },
    /// See [`ClauseKind::Term`].
    Term {
        /// First day, inclusive.
        first_day: Day,
        /// Last day, inclusive; the last bookable instant is its 24:00.
        last_day: Day,
    },
    /// See [`ClauseKind::OpenHours`].
    OpenHours(Weekly),
    /// See [`ClauseKind::ReservedHours`].
    ReservedHours {
        /// Natural code of the party that keeps the hours for itself.
        reserved_for: String,
        /// The timetable.
        #[serde(flatten)]
        hours: Weekly,
    },
    /// See [`ClauseKind::AllowedUses`] and [`ClauseKind::ProhibitedUses`].
    #[serde(rename = "allowed_uses", alias = "prohibited_uses")]
    Uses {
        /// None twice.
        uses: Vec<Use>,
        /// Prohibited for safety or law, not by choice.
        safety: bool,
    },
    /// See [`ClauseKind::Capacity`].
    Capacity {
        /// Most people at once.
        persons: i64,
        /// What it protects.
        basis: Capacity,
    },
    /// See [`ClauseKind::QuietHours`].
    QuietHours {
        /// This class and everything louder is refused.
        noise: Noise,
        /// The timetable.
        #[serde(flatten)]
        hours: Weekly,
    },
    /// See [`ClauseKind::PriceCeiling`].
    PriceCeiling {
        /// At least one.
        ceilings: Vec<Ceiling>,
    },
    /// See [`ClauseKind::FreeShare`].
    FreeShare(FreeShare),
    /// See [`ClauseKind::Priority`].
    Priority(Priority),
    /// See [`ClauseKind::AllocationMix`].
    AllocationMix(AllocationMix),
    /// See [`ClauseKind::Approval`].
    Approval(Approval),
    /// See [`ClauseKind::UtilitiesPayer`].
    UtilitiesPayer(UtilitiesPayer),
    /// See [`ClauseKind::FitOut`].
    FitOut(FitOut),
    /// See [`ClauseKind::RevenueShare`].
    RevenueShare(RevenueShare),
    /// See [`ClauseKind::PublicReturn`].
    PublicReturn(PublicReturn),
    /// See [`ClauseKind::Maintenance`].
    Maintenance {
        /// Days of notice before upkeep outside these windows closes a space.
        notice_days: i64,
        /// The timetable: regular windows, single dates or both.
        #[serde(flatten)]
        hours: Weekly,
    },
    /// See [`ClauseKind::InsuranceSafety`].
    InsuranceSafety(InsuranceSafety),
    /// See [`ClauseKind::Minors`].
    Minors(Minors),
    /// See [`ClauseKind::Data`].
    Data(DataCare),
    /// See [`ClauseKind::Review`].
    Review(Review),
    /// See [`ClauseKind::AmendmentRule`].
    AmendmentRule(AmendmentRule),
    /// See [`ClauseKind::SuspensionRule`].
    SuspensionRule(SuspensionRule),
    /// See [`ClauseKind::TerminationRule`].
    TerminationRule(TerminationRule),
    /// See [`ClauseKind::Settlement`].
    Settlement(Settlement),
    /// See [`ClauseKind::Dispute`].
    Dispute(Dispute),
}

impl Payload {
    /// Reads a payload of `kind` from an object of its own.
    pub(super) fn read(kind: ClauseKind, form: &mut Form) -> Option<Payload> {
        form.may("v", form::int(PAYLOAD_VERSION..=PAYLOAD_VERSION));
        match kind {
            // Refused where the kind is read.
            ClauseKind::Suspension => None,
            ClauseKind::Parties => parties::read(form).map(|parties| Payload::Parties { parties }),
            ClauseKind::SpaceGrant => {
                let by = form.need("by", form::code);
                let rent = form.may("rent_fen_per_year", form::fen);
                Some(Payload::SpaceGrant { by: by?, rent_fen_per_year: rent.unwrap_or(Fen::ZERO) })
            }
            ClauseKind::Term => {
                let first_day = form.need("first_day", form::day);
                let last_day = form.need("last_day", form::day);
                let (first_day, last_day) = (first_day?, last_day?);
                if last_day < first_day {
                    form.fault("last_day", "ends-before-start", "最后一天不能早于第一天。", "The last day is before the first.");
                    return None;
                }
                Some(Payload::Term { first_day, last_day })
            }
            ClauseKind::OpenHours => hours::weekly(form).map(Payload::OpenHours),
            ClauseKind::ReservedHours => {
                let reserved_for = form.need("reserved_for", form::code);
                let hours = hours::weekly(form);
                Some(Payload::ReservedHours { reserved_for: reserved_for?, hours: hours? })
            }
            ClauseKind::AllowedUses | ClauseKind::ProhibitedUses => {
                let uses = form.need("uses", form::set(1..=Use::ALL.len(), form::word::<Use>));
                let safety = form.may("safety", form::flag);
                Some(Payload::Uses { uses: uses?, safety: safety.unwrap_or(false) })
            }
            ClauseKind::Capacity => {
                // Events of 1,000 and more need a public-security permit (大型群众性活动安全管理条例, arts. 2 and 12).
                let persons = form.need("persons", form::int(1..=999));
                let basis = form.may("basis", form::word);
                Some(Payload::Capacity { persons: persons?, basis: basis.unwrap_or(Capacity::Safety) })
            }
            ClauseKind::QuietHours => {
                let noise = form.need("noise", form::word);
                let hours = hours::weekly(form);
                Some(Payload::QuietHours { noise: noise?, hours: hours? })
            }
            ClauseKind::PriceCeiling => rooms::ceilings(form).map(|ceilings| Payload::PriceCeiling { ceilings }),
            ClauseKind::FreeShare => FreeShare::read(form).map(Payload::FreeShare),
            ClauseKind::Priority => Priority::read(form).map(Payload::Priority),
            ClauseKind::AllocationMix => AllocationMix::read(form).map(Payload::AllocationMix),
            ClauseKind::Approval => Approval::read(form).map(Payload::Approval),
            ClauseKind::UtilitiesPayer => UtilitiesPayer::read(form).map(Payload::UtilitiesPayer),
            ClauseKind::FitOut => FitOut::read(form).map(Payload::FitOut),
            ClauseKind::RevenueShare => RevenueShare::read(form).map(Payload::RevenueShare),
            ClauseKind::PublicReturn => PublicReturn::read(form).map(Payload::PublicReturn),
            ClauseKind::Maintenance => {
                let notice_days = form.may("notice_days", form::int(0..=90));
                let hours = hours::weekly_or_dates(form);
                Some(Payload::Maintenance { notice_days: notice_days.unwrap_or(3), hours: hours? })
            }
            ClauseKind::InsuranceSafety => InsuranceSafety::read(form).map(Payload::InsuranceSafety),
            ClauseKind::Minors => Minors::read(form).map(Payload::Minors),
            ClauseKind::Data => DataCare::read(form).map(Payload::Data),
            ClauseKind::Review => Review::read(form).map(Payload::Review),
            ClauseKind::AmendmentRule => AmendmentRule::read(form).map(Payload::AmendmentRule),
            ClauseKind::SuspensionRule => SuspensionRule::read(form).map(Payload::SuspensionRule),
            ClauseKind::TerminationRule => TerminationRule::read(form).map(Payload::TerminationRule),
            ClauseKind::Settlement => Settlement::read(form).map(Payload::Settlement),
            ClauseKind::Dispute => Dispute::read(form).map(Payload::Dispute),
        }
    }

    /// A payload of `kind` as the database keeps it. `None` means the row was not written by this program.
    pub fn from_stored(kind: ClauseKind, stored: &str) -> Option<Payload> {
        // The kind is the tag: chosen by shape, one kind could be taken for another.
        serde_json::from_str(&format!("{{\"{kind}\":{stored}}}")).ok()
    }

    /// As the database keeps it, with `v`.
    pub fn to_stored(&self) -> Value {
        let mut value = match serde_json::to_value(self) {
            Ok(Value::Object(tagged)) => tagged.into_iter().next().map_or(Value::Null, |(_, payload)| payload),
            _ => Value::Null,
        };
        if let Value::Object(map) = &mut value {
            map.insert("v".into(), json!(PAYLOAD_VERSION));
        }
        value
    }

    /// The payload as people write it (`"08:30"`), which [`super::Clause::read`] takes back unchanged.
    pub fn to_wire(&self) -> Value {
        let mut value = self.to_stored();
        if let (Value::Object(map), Some(hours)) = (&mut value, self.hours()) {
            map.remove("windows");
            weekly_to_wire(map, hours);
        }
        value
    }

    /// The timetable, where it has one.
    pub fn hours(&self) -> Option<&Weekly> {
        match self {
            Payload::OpenHours(hours)
            | Payload::ReservedHours { hours, .. }
            | Payload::QuietHours { hours, .. }
            | Payload::Maintenance { hours, .. } => Some(hours),
            _ => None,
        }
    }

    /// The organisations it names besides the parties themselves, each with the pointer below the payload where it stands.
    /// Whoever is named must be a party.
    pub fn names(&self) -> Vec<(String, &str)> {
        fn consent(rule: &ConsentRule, at: String) -> Vec<(String, &str)> {
            match rule {
                ConsentRule::Party { organisation } => vec![(format!("{at}/organisation"), organisation)],
                rule => rule.inside().iter().enumerate().flat_map(|(i, inside)| consent(inside, format!("{at}/of/{i}"))).collect(),
            }
        }
        match self {
            Payload::SpaceGrant { by, .. } => vec![("by".into(), by)],
            Payload::ReservedHours { reserved_for, .. } => vec![("reserved_for".into(), reserved_for)],
            Payload::UtilitiesPayer(UtilitiesPayer { lines }) => {
                lines.iter().enumerate().map(|(i, line)| (format!("lines/{i}/party"), line.party.as_str())).collect()
            }
            Payload::FitOut(FitOut { party, .. }) => vec![("party".into(), party)],
            Payload::RevenueShare(RevenueShare { shares, .. }) => {
                shares.iter().enumerate().map(|(i, share)| (format!("shares/{i}/party"), share.party.as_str())).collect()
            }
            Payload::Data(DataCare { controller, .. }) => vec![("controller".into(), controller)],
            Payload::AmendmentRule(AmendmentRule { rules, .. }) => {
                rules.iter().enumerate().flat_map(|(i, rule)| consent(&rule.consent, format!("rules/{i}/consent"))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The capacities it leaves a decision to, each with how many parties of it there must be for one to be made.
    pub fn deciders(&self) -> Vec<(PartyCapacity, i64)> {
        match self {
            Payload::Approval(approval) => vec![(approval.approver, 1)],
            Payload::AmendmentRule(AmendmentRule { rules, .. }) => rules.iter().flat_map(|rule| rule.consent.capacities()).collect(),
            _ => Vec::new(),
        }
    }
}

/// Puts a timetable into an object as people write it.
fn weekly_to_wire(map: &mut Map<String, Value>, hours: &Weekly) {
    fn span(span: &hours::Span) -> Value {
        json!({"from": show_minute(span.from), "to": show_minute(span.to)})
    }
    let window =
        |window: &hours::Window| json!({"days": window.days, "from": show_minute(window.span.from), "to": show_minute(window.span.to)});
    let dated = |dated: &hours::DatedHours| {
        json!({
            "first": dated.first.to_string(), "last": dated.last.to_string(), "reason_zh": dated.reason_zh,
            "windows": dated.spans.iter().map(span).collect::<Vec<_>>(),
        })
    };
    map.insert("weekly".into(), hours.windows.iter().map(window).collect());
    map.insert("holidays".into(), json!(hours.holidays));
    map.insert("makeup_workdays".into(), json!(hours.makeup_workdays));
    map.insert("dates".into(), hours.dates.iter().map(dated).collect());
}
