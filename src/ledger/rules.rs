//! Pure decisions: which accounts a posting moves between, what may be given back or undone.

use super::model::{AccountTotal, KindTotal, LedgerAccount, Posting, PostingKind, Sum};
use crate::kernel::id::PostingId;
use crate::kernel::{Code, Fault, Fen, Outcome};

/// Fewer than this are not told apart in public.
const FEW: i64 = 5;

/// Debit and credit of a charge; a refund goes the other way.
pub const CHARGE: (LedgerAccount, LedgerAccount) = (LedgerAccount::Holders, LedgerAccount::FeeIncome);

/// What the account received minus what it gave, over all postings.
pub fn balance<'a>(postings: impl IntoIterator<Item = &'a Posting>, account: LedgerAccount) -> i128 {
    let side = |posting: &Posting| {
        let amount = i128::from(posting.amount_fen.0);
        if posting.debit == account {
            amount
        } else if posting.credit == account {
            -amount
        } else {
            0
        }
    };
    postings.into_iter().map(side).sum()
}

/// What is still charged for a booking, of all its postings: charges minus what was given back.
pub fn charged(of_booking: &[Posting]) -> Outcome<Fen> {
    i64::try_from(balance(of_booking, LedgerAccount::Holders)).map(Fen).map_err(Fault::internal)
}

/// May so much be given back? Never more than is still charged.
pub fn refund(of_booking: &[Posting], amount: Fen) -> Outcome<()> {
    let charged = charged(of_booking)?;
    if amount > charged {
        let zh = format!("最多可退 {charged} 元。");
        return Err(Fault::saying(Code::StateConflict, zh, format!("At most {charged} yuan can be given back.")));
    }
    Ok(())
}

/// May the posting be undone? Once, unless it is an undoing itself, and never so that more was given back than charged.
pub fn reversal(of_booking: &[Posting], id: &PostingId) -> Outcome<Posting> {
    let posting = of_booking.iter().find(|posting| posting.id == *id).ok_or_else(|| Fault::from(Code::NotFound))?;
    if posting.kind == PostingKind::Reversal || of_booking.iter().any(|other| other.reverses_id.as_ref() == Some(id)) {
        return Err(Fault::saying(Code::StateConflict, "这笔账已经冲销过了。", "This posting is undone already."));
    }
    if posting.debit == LedgerAccount::Holders {
        refund(of_booking, posting.amount_fen)?;
    }
    Ok(posting.clone())
}

/// Sums as the public may read them: per account and per kind.
pub fn totals(sums: &[Sum]) -> Outcome<(Vec<AccountTotal>, Vec<KindTotal>)> {
    let add = |of: &dyn Fn(&Sum) -> bool| {
        let total = sums.iter().filter(|sum| of(sum)).try_fold(Fen::ZERO, |total, sum| total.plus(sum.amount));
        total.ok_or_else(|| Fault::internal("a total beyond the machine's integers"))
    };
    let accounts = LedgerAccount::ALL.iter().map(|account| {
        Ok(AccountTotal {
            account: *account,
            debit_fen: add(&|sum| sum.debit == *account)?,
            credit_fen: add(&|sum| sum.credit == *account)?,
        })
    });
    let kinds = PostingKind::ALL.iter().map(|kind| {
        let count = sums.iter().filter(|sum| sum.kind == *kind).map(|sum| sum.count).sum();
        Ok(KindTotal { kind: *kind, count: about(count), amount_fen: add(&|sum| sum.kind == *kind)? })
    });
    Ok((accounts.collect::<Outcome<_>>()?, kinds.collect::<Outcome<_>>()?))
}

fn about(count: i64) -> String {
    if (1..FEW).contains(&count) { format!("<{FEW}") } else { count.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Instant;
    use crate::kernel::id::{BookingId, Id, SpaceId};
    use proptest::prelude::*;

    fn posting(kind: PostingKind, amount: i64) -> Posting {
        let (debit, credit) = if kind == PostingKind::Refund { (CHARGE.1, CHARGE.0) } else { CHARGE };
        Posting {
            id: PostingId::fresh(),
            space_id: SpaceId::fresh(),
            booking_id: BookingId::fresh(),
            kind,
            debit,
            credit,
            amount_fen: Fen(amount),
            reverses_id: None,
            reason: None,
            posted_by: None,
            posted_at: Instant(0),
        }
    }

    fn undone(posting: &Posting) -> Posting {
        let (debit, credit) = (posting.credit, posting.debit);
        let reverses_id = Some(posting.id.clone());
        Posting { id: PostingId::fresh(), kind: PostingKind::Reversal, debit, credit, reverses_id, ..posting.clone() }
    }

    #[test]
    fn to_the_last_fen_and_no_further() {
        let mut book = vec![posting(PostingKind::Charge, 1000)];
        assert!(refund(&book, Fen(1000)).is_ok());
        assert_eq!(refund(&book, Fen(1001)).unwrap_err().code, Code::StateConflict);
        book.push(posting(PostingKind::Refund, 400));
        assert_eq!(charged(&book).unwrap(), Fen(600));
        assert!(refund(&book, Fen(600)).is_ok());
        assert_eq!(refund(&book, Fen(601)).unwrap_err().code, Code::StateConflict);
        // Undoing the charge would leave 400 given back for nothing; undoing the refund first is fine.
        let (charge, back) = (book[0].id.clone(), book[1].id.clone());
        assert_eq!(reversal(&book, &charge).unwrap_err().code, Code::StateConflict);
        book.push(undone(&reversal(&book, &back).unwrap()));
        assert_eq!(reversal(&book, &back).unwrap_err().code, Code::StateConflict, "once");
        assert_eq!(reversal(&book, &book[2].id).unwrap_err().code, Code::StateConflict, "an undoing stands");
        book.push(undone(&reversal(&book, &charge).unwrap()));
        assert_eq!(charged(&book).unwrap(), Fen::ZERO);
        assert_eq!(reversal(&book, &PostingId::fresh()).unwrap_err().code, Code::NotFound);
    }

    #[test]
    fn few_are_not_told_apart() {
        assert_eq!([0, 1, 4, 5, 12].map(about), ["0", "<5", "<5", "5", "12"]);
    }

    proptest! {
        #[test]
        fn whatever_is_posted_sums_to_zero_and_nobody_gets_more_than_they_paid(
            deeds in prop::collection::vec((0usize..3, 1i64..5_000, 0usize..40), 0..40),
        ) {
            let mut book: Vec<Posting> = Vec::new();
            let mut naive = 0i64;
            for (deed, amount, which) in deeds {
                match deed {
                    0 => {
                        naive += amount;
                        book.push(posting(PostingKind::Charge, amount));
                    }
                    1 => {
                        prop_assert_eq!(refund(&book, Fen(amount)).is_ok(), amount <= naive);
                        if amount <= naive {
                            naive -= amount;
                            book.push(posting(PostingKind::Refund, amount));
                        }
                    }
                    _ => {
                        let Some(id) = book.get(which).map(|posting| posting.id.clone()) else { continue };
                        if let Ok(posting) = reversal(&book, &id) {
                            naive += if posting.kind == PostingKind::Charge { -posting.amount_fen.0 } else { posting.amount_fen.0 };
                            book.push(undone(&posting));
                        }
                    }
                }
                prop_assert!(naive >= 0);
                prop_assert_eq!(charged(&book).unwrap().0, naive);
                prop_assert_eq!(LedgerAccount::ALL.iter().map(|account| balance(&book, *account)).sum::<i128>(), 0);
            }
        }
    }
}
