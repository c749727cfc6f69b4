//! Types.

use crate::kernel::id::{AccountId, BookingId, PostingId, SpaceId};
use crate::kernel::{Fen, Instant};
use crate::words;
use serde::Serialize;

words! {
    /// An account of a space.
    pub enum LedgerAccount {
        /// What holders of bookings owe or have paid, all of them together.
        Holders = "holders",
        /// What was earned by fees.
        FeeIncome = "fee_income",
    }
}

words! {
    /// What a posting does.
    pub enum PostingKind {
        /// The price of a booking.
        Charge = "charge",
        /// Given back to the holder.
        Refund = "refund",
        /// Undoes another posting.
        Reversal = "reversal",
    }
}

/// An amount moved from one account of a space to another. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::store::schema::postings, treat_none_as_default_value = false)]
pub struct Posting {
    /// Id.
    pub id: PostingId,
    /// Whose accounts.
    pub space_id: SpaceId,
    /// What it is about.
    pub booking_id: BookingId,
    /// What it does.
    pub kind: PostingKind,
    /// The account that receives.
    pub debit: LedgerAccount,
    /// The account that gives.
    pub credit: LedgerAccount,
    /// How much, in fen; always more than nothing.
    pub amount_fen: Fen,
    /// The posting it undoes.
    pub reverses_id: Option<PostingId>,
    /// Why it was undone.
    pub reason: Option<String>,
    /// Whose deed moved the money; none: the service's own.
    pub posted_by: Option<AccountId>,
    /// When.
    pub posted_at: Instant,
}

/// The booking a verb posts about, and whose deed it is.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Whose accounts.
    pub space: &'a SpaceId,
    /// Which booking.
    pub booking: &'a BookingId,
    /// Whose deed moves the money; `None`: the service's own.
    pub by: Option<&'a AccountId>,
}

/// What was posted alike over some time.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable)]
pub struct Sum {
    /// What the postings did.
    pub kind: PostingKind,
    /// The account that received.
    pub debit: LedgerAccount,
    /// The account that gave.
    pub credit: LedgerAccount,
    /// How many.
    pub count: i64,
    /// How much together.
    pub amount: Fen,
}

/// One account over some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AccountTotal {
    /// Which.
    pub account: LedgerAccount,
    /// Received, in fen.
    pub debit_fen: Fen,
    /// Given, in fen.
    pub credit_fen: Fen,
}

/// Postings of one kind over some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct KindTotal {
    /// Which.
    pub kind: PostingKind,
    /// How many, `<5` for one to four: no total tells of a neighbour.
    #[schema(example = "<5")]
    pub count: String,
    /// How much, in fen.
    pub amount_fen: Fen,
}
