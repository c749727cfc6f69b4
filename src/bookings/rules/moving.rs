//! May a booking be moved by its holder?

use crate::bookings::model::{Booking, BookingState};
use crate::kernel::id::SpaceId;
use crate::kernel::{Code, Fault, Instant, Outcome, Period};

/// A confirmed booking that has not begun may be moved, to somewhere it is not already.
pub fn movable(booking: &Booking, space: &SpaceId, period: Period, now: Instant) -> Outcome<()> {
    match booking.state {
        BookingState::Confirmed => {}
        BookingState::Requested | BookingState::Held => {
            let (zh, en) = ("还没有订好，改不了；可以取消以后重新申请。", "It is not booked yet: take it back and ask anew.");
            return Err(Fault::saying(Code::StateConflict, zh, en));
        }
        // What else it is, the rule of cancelling says.
        _ => return super::cancel(booking, now).and(Err(Code::StateConflict.into())),
    }
    if booking.period.start() <= now {
        return Err(Fault::saying(Code::StateConflict, "已经开始的预订不能改了。", "A booking that has begun cannot be moved."));
    }
    if booking.space == *space && booking.period == period {
        let (zh, en) = ("和原来一样，没有要改的。", "That is where it is already.");
        return Err(Fault::field("/starts_at", "unchanged", zh, en));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bookings::model::{Channel, Children, Holder};
    use crate::kernel::Fen;
    use crate::kernel::id::{AccountId, AgreementId, BookingId, HouseholdId, Id, SiteId, TariffId, VersionId};
    use crate::pricing::model::{Quote, TariffKind};
    use crate::terms::model::Use;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn booking(state: BookingState) -> Booking {
        let period = Period::new(at("2026-12-05T14:00:00+08:00"), at("2026-12-05T16:00:00+08:00")).unwrap();
        let account = AccountId::fresh();
        Booking {
            id: BookingId::fresh(),
            site: SiteId::fresh(),
            space: SpaceId::fresh(),
            use_code: Use::Study,
            attendees: 4,
            children: Children::default(),
            period,
            occupancy: period,
            state,
            holder: Holder::Household(HouseholdId::fresh()),
            account: account.clone(),
            made_by: account,
            channel: Channel::Own,
            series: None,
            price: Fen::ZERO,
            quote: Quote { tariff: TariffId::fresh(), kind: TariffKind::Free, minutes: 120, attendees: 4, lines: vec![], total: Fen::ZERO },
            agreement: AgreementId::fresh(),
            version: VersionId::fresh(),
            clauses: vec![],
            made_at: at("2026-11-28T10:00:00+08:00"),
            revision: 1,
        }
    }

    #[test]
    fn what_stands_and_has_not_begun_moves_somewhere_else() {
        let start = at("2026-12-05T14:00:00+08:00");
        let before = Instant(start.0 - 1);
        for state in BookingState::ALL {
            let booking = booking(*state);
            let later = Period::new(start.plus_minutes(60), start.plus_minutes(120)).unwrap();
            let moved = |space: &SpaceId, period, now| movable(&booking, space, period, now).err().map(|fault| fault.code);
            let stands = *state == BookingState::Confirmed;
            assert_eq!(moved(&booking.space, later, before), (!stands).then_some(Code::StateConflict), "{state}");
            assert_eq!(moved(&SpaceId::fresh(), booking.period, before), (!stands).then_some(Code::StateConflict), "{state}");
            assert_eq!(moved(&booking.space, later, start), Some(Code::StateConflict), "{state}: it has begun");
            if stands {
                assert_eq!(moved(&booking.space, booking.period, before), Some(Code::Invalid), "onto itself");
            }
        }
    }
}
