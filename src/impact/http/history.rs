//! The history of a booking, told from the records: what was recorded about it, what plans did to it, and what it was charged.
//! Who acted is told as a role; no name is.

use crate::access::Caller;
use crate::access::deeds::SeeBooking;
use crate::audit::recorded::{self, Recorded};
use crate::bookings::http::permitted;
use crate::bookings::model::attendance::Noticed;
use crate::bookings::model::{Booking, Cancellation, CancelledBy, Holder};
use crate::impact::model::Disposition;
use crate::impact::queries::{self, Met};
use crate::kernel::id::{AccountId, BookingId};
use crate::kernel::{Fen, Instant, Outcome, Reason};
use crate::ledger::model::{Posting, PostingKind};
use crate::store::Db;
use crate::{bookings, ledger, people, words};
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

words! {
    /// As whom somebody did something about a booking.
    pub enum Who {
        /// Whoever holds it: of the household, or for the organisation.
        Holder = "holder",
        /// Somebody who booked for a neighbour.
        Helper = "helper",
        /// Whoever was asked to say yes.
        Approver = "approver",
        /// Whoever runs the space.
        Provider = "provider",
        /// The service itself, by a rule.
        System = "system",
    }
}

macro_rules! happenings {
    ($($name:ident = $word:tt $action:literal $who:ident $zh:literal $en:literal;)+) => {
        words! {
            /// What happened to a booking.
            pub enum What { $(#[doc = $en] $name = $word),+ }
        }
        impl What {
            /// What an entry of the audit chain tells, and who usually does it.
            fn of_action(action: &str) -> Option<(What, Who)> {
                [$(($action, What::$name, Who::$who)),+].into_iter().find(|(known, ..)| *known == action).map(|(_, what, who)| (what, who))
            }
            const fn zh(self) -> &'static str { match self { $(What::$name => $zh),+ } }
            const fn en(self) -> &'static str { match self { $(What::$name => $en),+ } }
        }
    };
}

happenings! {
    Made = "made" "booking.made" Holder "订好了" "It was booked.";
    Requested = "requested" "booking.requested" Holder "提出了申请" "It was asked for.";
    Approved = "approved" "booking.approved" Approver "同意了" "Somebody said yes.";
    Refused = "refused" "booking.refused" Approver "没有同意" "The request was refused.";
    Expired = "expired" "booking.expired" System "没有等到答复，申请过期了" "Nobody answered the request in time.";
    Held = "held" "booking.held" System "排队轮到了，先留着" "It came up from the waiting list and was kept.";
    HoldAccepted = "hold_accepted" "booking.hold_accepted" Holder "要了留着的时间" "What came up from the waiting list was taken.";
    HoldExpired = "hold_expired" "booking.hold_expired" System "留着的时间过期了" "What was kept was not taken in time.";
    RulesSetAside = "rules_set_aside" "booking.rules_set_aside" Provider "社区放宽了规则" "The community set rules aside for it.";
    MoveRequested = "move_requested" "booking.move_requested" Holder "申请改到别的时间或地方" "Its holder asked to move it.";
    Moved = "moved" "booking.moved" Holder "改到了别的时间或地方" "It was moved to another time or room.";
    MovedHere = "moved_here" "-" Holder "从原来的时间或地方改过来" "It was moved here.";
    Reduced = "reduced" "booking.reduced" Holder "减了人数" "Fewer people come.";
    Declined = "declined" "offer.declined" Holder "没有选别的时间" "What was offered instead was declined.";
    Cancelled = "cancelled" "booking.cancelled" Holder "取消了" "It was cancelled.";
    CheckedIn = "checked_in" "booking.checked_in" Holder "签到了" "Somebody came.";
    Missed = "missed" "booking.missed" System "没有按时到，位子放开了" "Nobody came in time and it was released.";
    Appealed = "appealed" "booking.appealed" Holder "提出了申诉" "Its holder appealed.";
    AppealDecided = "appeal_decided" "booking.appeal_decided" Provider "申诉有了结果" "The appeal was decided.";
    KeyNoted = "key_noted" "booking.key_noted" Provider "记了钥匙交接" "The key was handed over.";
    Completed = "completed" "booking.completed" System "用完了" "It was used to its end.";
    Changed = "changed" "-" Provider "协议或开放时间有变动" "The agreement or the opening changed.";
    Charged = "charged" "-" System "记了费用" "It was charged.";
    Refunded = "refunded" "-" System "退了费用" "Money was given back.";
    Corrected = "corrected" "-" Provider "更正了一笔账" "A posting was corrected.";
}

/// Something that happened to a booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct HappenedView {
    at: Instant,
    what: What,
    who: Who,
    zh: String,
    en: String,
    /// Money moved, in fen.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_fen: Option<Fen>,
    /// The booking it moved to, or came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_id: Option<BookingId>,
    /// What a change did to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    disposition: Option<Disposition>,
    /// Why, with the clause.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    reasons: Vec<Reason>,
}

impl HappenedView {
    fn new(at: Instant, what: What, who: Who) -> Self {
        Self {
            at,
            what,
            who,
            zh: format!("{}。", what.zh()),
            en: what.en().to_owned(),
            amount_fen: None,
            booking_id: None,
            disposition: None,
            reasons: vec![],
        }
    }
}

/// What happened to a booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryView {
    booking_id: BookingId,
    /// In order of time.
    events: Vec<HappenedView>,
}

fn of_entry(entry: &Recorded, booking: &Booking) -> Option<HappenedView> {
    let (what, usual) = What::of_action(&entry.action)?;
    let by: Option<CancelledBy> = entry.detail.get("by").and_then(Value::as_str).and_then(|by| by.parse().ok());
    let who = match (by, entry.actor.as_ref()) {
        (Some(CancelledBy::Provider), _) => Who::Provider,
        (Some(CancelledBy::System), _) | (None, None) => Who::System,
        // Somebody else made it for the neighbour who answers for it.
        _ if matches!(what, What::Made | What::Requested) && booking.made_by != booking.account => Who::Helper,
        // The desk checks people in, too.
        _ if what == What::CheckedIn && entry.detail.get("noticed").and_then(Value::as_str) == Some(Noticed::Desk.as_str()) => {
            Who::Provider
        }
        _ => usual,
    };
    let booking_id = if what == What::Moved { entry.detail.get("to").and_then(Value::as_str).and_then(|id| id.parse().ok()) } else { None };
    Some(HappenedView { booking_id, ..HappenedView::new(entry.at, what, who) })
}

fn of_plan(met: &Met) -> HappenedView {
    let item = &met.item;
    let (zh, en) = match item.disposition {
        Disposition::Unaffected | Disposition::Kept => ("有变动，您的预订照旧。", "Something changed; the booking stands."),
        Disposition::BetterTermsApplied => ("降价了，差价退回。", "It costs less; the difference was paid back."),
        Disposition::RearrangeOffered => ("请您换个时间或地方。", "Another time or room was offered."),
        Disposition::ReduceRequired => ("人数超了，请减下来。", "Fewer people have to come."),
        Disposition::Cancelled => ("管场地的一方取消了，费用全部退回。", "Its provider cancelled it; everything was paid back."),
        Disposition::AtRisk => ("场地暂时关了，预订先保留。", "The space is closed for now; the booking is kept."),
        Disposition::RequestRefused => ("有变动，这份申请批不了了。", "Something changed; the request can no longer be approved."),
        Disposition::Requoted => ("降价了，申请按新价格算。", "It costs less; the request was quoted anew."),
        Disposition::LookedAtAgain => ("有变动，这份申请要重新看一遍。", "Something changed; the request is looked at again."),
        Disposition::Interrupted => ("中止了，费用全部退回。", "It was interrupted; everything was paid back."),
    };
    let what = if matches!(item.disposition, Disposition::Cancelled) { What::Cancelled } else { What::Changed };
    HappenedView {
        zh: zh.to_owned(),
        en: en.to_owned(),
        disposition: Some(item.disposition),
        reasons: item.reasons.clone(),
        ..HappenedView::new(met.at, what, Who::Provider)
    }
}

/// `holders`: the accounts whose booking it is.
fn of_posting(posting: &Posting, holders: &[AccountId]) -> HappenedView {
    let what = match posting.kind {
        PostingKind::Charge => What::Charged,
        PostingKind::Refund => What::Refunded,
        PostingKind::Reversal => What::Corrected,
    };
    let who = match &posting.posted_by {
        Some(by) if holders.contains(by) => Who::Holder,
        Some(_) => Who::Provider,
        None => Who::System,
    };
    HappenedView { amount_fen: Some(posting.amount_fen), ..HappenedView::new(posting.posted_at, what, who) }
}

/// An end nobody recorded by itself: nobody answered an offer in time.
fn of_end(ended: &Cancellation, so_far: &[HappenedView]) -> Option<HappenedView> {
    if so_far.iter().any(|event| event.what == What::Cancelled || event.disposition == Some(Disposition::Interrupted)) {
        return None;
    }
    let who = match ended.by {
        CancelledBy::Holder => Who::Holder,
        CancelledBy::Provider => Who::Provider,
        CancelledBy::System => Who::System,
    };
    let event = HappenedView::new(ended.at, What::Cancelled, who);
    // What the holder wrote is not read out; what the provider says is for the holder.
    let zh = ended.reason.clone().filter(|_| who != Who::Holder).unwrap_or_else(|| event.zh.clone());
    Some(HappenedView { zh, ..event })
}

/// The history of a booking
///
/// Everything that was recorded about it, in order: made, approved, moved, changed by the agreement, cancelled, used, with what was
/// charged and given back. Who acted is a role (holder, helper, approver, provider, the service), never a name.
#[utoipa::path(tag = "bookings", security(("bearer" = [])), params(("id" = BookingId, Path)), responses((status = 200, body = HistoryView)))]
#[get("/bookings/{id}/history")]
pub async fn get_booking_history(db: Data<Db>, caller: Caller<SeeBooking>, id: Path<BookingId>) -> Outcome<Json<HistoryView>> {
    let told = db.read(move |tx| {
        let (_, found) = permitted(tx, &caller, &id)?;
        let booking = &found.booking;
        let mut events: Vec<HappenedView> = recorded::about(tx, id.as_str())?.iter().filter_map(|entry| of_entry(entry, booking)).collect();
        if let Some((from, at)) = bookings::queries::moves::moved_from(tx, &id)? {
            events.push(HappenedView { booking_id: Some(from), ..HappenedView::new(at, What::MovedHere, Who::Holder) });
        }
        events.extend(queries::met(tx, &id)?.iter().map(of_plan));
        let mut holders = vec![booking.account.clone()];
        if let Holder::Household(household) = &booking.holder {
            holders.extend(people::queries::members(tx, household)?);
        }
        events.extend(ledger::queries::of_booking(tx, &id)?.iter().map(|posting| of_posting(posting, &holders)));
        if let Some(ended) = bookings::queries::cancellation(tx, &id)? {
            events.extend(of_end(&ended, &events));
        }
        // In order of time; of one moment in the order of the list.
        events.sort_by_key(|event| (event.at, event.what));
        Ok(HistoryView { booking_id: id.clone(), events })
    });
    Ok(Json(told.await?))
}
