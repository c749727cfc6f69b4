//! Why a booking was possible and costs what it costs: which clause decided what, in words. Told from the clauses the booking
//! pins, whatever became of their versions since.

use super::model::{Booking, Settable};
use super::queries::holding;
use crate::kernel::id::{AccountId, AgreementId, BookingId, SpaceId, VersionId};
use crate::kernel::{Fault, Fen, Instant, Outcome};
use crate::pricing::model::QuoteLine;
use crate::schedule::rules::day_type;
use crate::store::Conn;
use crate::terms::model::{ClauseKind, Payload, Per, Use};
use crate::terms::queries::Worded;
use crate::terms::rules::{self as terms_rules, Ask, Explained, ceilings_met, explain, plain};
use crate::{places, terms, words};
use serde::Serialize;
use utoipa::ToSchema;

words! {
    /// What a clause decided about a booking.
    pub enum Decided {
        /// Nothing against it.
        Allowed = "allowed",
        /// Booked with somebody's consent.
        ByConsent = "by_consent",
        /// It speaks against it: the booking was made by an override, or before the clause was read as it is now.
        Against = "against",
    }
}

/// One clause and what it decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClauseExplained {
    agreement_id: AgreementId,
    /// Natural code of the agreement.
    agreement: String,
    version_id: VersionId,
    version: i32,
    clause: String,
    kind: ClauseKind,
    /// Name of the kind.
    kind_zh: &'static str,
    kind_en: &'static str,
    decided: Decided,
    /// What it decided about this booking.
    zh: String,
    en: String,
    /// What it does in general.
    plain_zh: String,
    plain_en: String,
    /// The text that binds.
    text_zh: String,
    /// Courtesy.
    text_en: Option<String>,
    /// It is still what the start of the booking is judged by; false once a later version has taken its place.
    still_in_force: bool,
}

/// A ceiling the price was held to.
#[derive(Debug, Serialize, ToSchema)]
pub struct CeilingExplained {
    agreement: String,
    version: i32,
    clause: String,
    /// The use it is agreed for; null = every other use.
    #[serde(rename = "use")]
    use_code: Option<Use>,
    /// The agreed figure …
    fen: Fen,
    /// … and what it is counted by.
    per: Per,
    /// What it comes to for this booking.
    most_fen: Option<Fen>,
    /// The whole price stays within.
    within: bool,
}

/// The price against its ceilings.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceExplained {
    /// Line by line, as it was when booked.
    lines: Vec<QuoteLine>,
    total_fen: Fen,
    /// Every ceiling that speaks about the use; the whole price, not a line, is held to each.
    ceilings: Vec<CeilingExplained>,
}

/// A rule of the site that stood in the way and was set aside.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetAsideExplained {
    rule: Settable,
    /// Why.
    reason: String,
    /// Who set it aside.
    account_id: AccountId,
}

/// Which clause decided what about a booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    booking_id: BookingId,
    space_id: SpaceId,
    starts_at: Instant,
    /// Every clause it was judged by, in the order it was judged.
    clauses: Vec<ClauseExplained>,
    price: PriceExplained,
    /// Rules of the site that were set aside for it.
    set_aside: Vec<SetAsideExplained>,
}

/// Explains a booking: its site, and the rows it pins in one query.
pub fn of(conn: &mut Conn, booking: &Booking) -> Outcome<Explanation> {
    let located = places::queries::located(conn, &booking.space)?.ok_or_else(|| Fault::internal("a booking's space is gone"))?;
    let ask = Ask {
        zone: located.site.zone,
        period: booking.period,
        occupancy: booking.occupancy,
        use_code: booking.use_code,
        attendees: booking.attendees,
        charge: Some(booking.quote.charge()),
    };
    let mut versions: Vec<(String, i32)> = booking.clauses.iter().map(|pin| (pin.agreement.clone(), pin.version)).collect();
    versions.dedup();
    let rows = terms::queries::of_versions(conn, &booking.space, &versions)?;
    let in_effect: Vec<(VersionId, String)> = {
        let terms: Vec<_> = rows.iter().map(|row| row.term.clone()).collect();
        let effect = terms_rules::in_effect(&terms, booking.period.start());
        effect.into_iter().map(|term| (term.version.clone(), term.clause.clone())).collect()
    };
    let pinned: Vec<&Worded> = booking
        .clauses
        .iter()
        .filter_map(|pin| {
            // A clause about two parts binds the whole twice and says the same twice.
            rows.iter()
                .find(|row| row.term.agreement_code == pin.agreement && row.term.version_no == pin.version && row.term.clause == pin.clause)
        })
        .collect();
    let clauses = pinned.iter().map(|row| {
        let still_in_force = in_effect.contains(&(row.term.version.clone(), row.term.clause.clone()));
        explained(row, &ask, still_in_force)
    });
    let set_aside = holding::set_aside(conn, &booking.id)?;
    let ceilings = pinned.iter().flat_map(|row| ceilings(row, &ask));
    let price = PriceExplained { lines: booking.quote.lines.clone(), total_fen: booking.price, ceilings: ceilings.collect() };
    Ok(Explanation {
        booking_id: booking.id.clone(),
        space_id: booking.space.clone(),
        starts_at: booking.period.start(),
        clauses: clauses.collect(),
        price,
        set_aside: set_aside.into_iter().map(|(rule, reason, account_id)| SetAsideExplained { rule, reason, account_id }).collect(),
    })
}

fn explained(row: &Worded, ask: &Ask, still_in_force: bool) -> ClauseExplained {
    let term = &row.term;
    let (decided, zh, en) = match explain(term, ask, &|day| day_type(day).0) {
        Explained::Allowed(said) => (Decided::Allowed, said.zh, said.en),
        Explained::ByConsent(said) => (Decided::ByConsent, said.zh, said.en),
        Explained::Against(reason) => (Decided::Against, reason.zh, reason.en),
    };
    let effect = plain(term.kind, &term.payload);
    ClauseExplained {
        agreement_id: term.agreement.clone(),
        agreement: term.agreement_code.clone(),
        version_id: term.version.clone(),
        version: term.version_no,
        clause: term.clause.clone(),
        kind: term.kind,
        kind_zh: term.kind.zh(),
        kind_en: term.kind.en(),
        decided,
        zh,
        en,
        plain_zh: effect.zh,
        plain_en: effect.en,
        text_zh: row.text_zh.clone(),
        text_en: row.text_en.clone(),
        still_in_force,
    }
}

fn ceilings(row: &Worded, ask: &Ask) -> Vec<CeilingExplained> {
    let Payload::PriceCeiling { ceilings } = &row.term.payload else { return Vec::new() };
    let met = ceilings_met(ceilings, ask).into_iter().map(|met| CeilingExplained {
        agreement: row.term.agreement_code.clone(),
        version: row.term.version_no,
        clause: row.term.clause.clone(),
        use_code: met.use_code,
        fen: met.fen,
        per: met.per,
        most_fen: met.most,
        within: met.within,
    });
    met.collect()
}
