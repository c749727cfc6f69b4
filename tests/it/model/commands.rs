//! What may be done, and the dice that choose.

use shangliang::terms::model::Use;

/// Local minutes since the midnight before [`crate::harness::db::NOW`], in Beijing.
pub(super) type Minute = i64;

/// Saturday 28 November 2026, 00:00 in Beijing.
pub(super) const MIDNIGHT: i64 = 1_795_795_200_000_000;
pub(super) const DAY: Minute = 1440;
/// hall, east part, west part, study; set-up and clean-up minutes of each.
pub(super) const BUFFERS: [(Minute, Minute); 4] = [(30, 30), (15, 15), (0, 0), (0, 0)];
pub(super) const SPACES: [&str; 4] = ["hall", "east", "west", "study"];
/// The party whose each of them is and who lends it.
pub(super) const OWNERS: [usize; 4] = [0, 0, 0, 1];
/// As far ahead as anybody books: further than what a closure at once cancels, so that some of it is only at risk.
pub(super) const HORIZON_DAYS: i64 = 9;
pub(super) const USES: [(&str, Use); 4] =
    [("meeting", Use::Meeting), ("dance", Use::Dance), ("exhibition", Use::Exhibition), ("deliberation", Use::Deliberation)];

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spec {
    pub(super) open: (Minute, Minute),
    /// Persons: hall, east, west, study.
    pub(super) capacity: [i64; 4],
    pub(super) dance_allowed: bool,
    /// No dancing in the east part, and so none in the whole hall.
    pub(super) east_without_dance: bool,
    /// The owner keeps the study on Mondays from 9 to 12.
    pub(super) mondays_kept: bool,
    /// Nothing loud from 12 to 14.
    pub(super) quiet: bool,
    /// The most an exhibition may cost; it costs 3,000.
    pub(super) exhibition_ceiling: i64,
    /// Days from the first Saturday.
    pub(super) first: i64,
    pub(super) last: i64,
    /// The second party signs after the first.
    pub(super) staged: bool,
    /// Days that any change of this version waits from the day it is agreed.
    pub(super) wait: i64,
}

#[derive(Debug, Clone)]
pub(super) enum Command {
    Book {
        household: usize,
        space: usize,
        start: Minute,
        minutes: Minute,
        what: usize,
        people: i64,
    },
    /// Booking number modulo those made so far.
    Cancel {
        household: usize,
        booking: usize,
    },
    Draft(Spec),
    Propose,
    Sign {
        party: usize,
    },
    Decline {
        party: usize,
    },
    Withdraw,
    /// Closes a space, and what shares a part with it, at once: for so long, or until it is lifted.
    Suspend {
        space: usize,
        minutes: Option<Minute>,
    },
    /// The same from ten in the morning, eight days ahead: as soon as notice allows.
    SuspendLater {
        space: usize,
        minutes: Minute,
    },
    /// Suspension number modulo those ordered so far.
    Lift {
        suspension: usize,
    },
    /// The street looks at it.
    Review {
        suspension: usize,
        lift: bool,
    },
    Terminate {
        party: usize,
    },
    /// Objects to the last notice.
    Dispute {
        party: usize,
    },
    /// A party leaves with its spaces; the rest stands.
    Leave {
        party: usize,
    },
    /// Takes back what is agreed and not yet in effect.
    Annul {
        party: usize,
    },
    /// What was performed is squared up, by the desk …
    Settle,
    /// … and closed, by the street or by the desk itself.
    Close {
        desk: bool,
    },
    Forward(Minute),
}

pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n).unwrap()).unwrap()
    }
    fn of<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn spec(&mut self) -> Spec {
        let first = self.of(&[-3, -1, -1, 0, 0, 0, 0, 1, 2]);
        Spec {
            open: self.of(&[(510, 1260), (480, 1080), (600, 1200), (540, 1440)]),
            capacity: [self.of(&[60, 100]), self.of(&[20, 40]), self.of(&[20, 30]), self.of(&[6, 12])],
            dance_allowed: !self.one_in(4),
            east_without_dance: self.one_in(3),
            mondays_kept: self.one_in(2),
            quiet: self.one_in(2),
            exhibition_ceiling: self.of(&[4000, 4000, 2000]),
            first,
            last: first + self.of(&[1, 3, 9, 400, 400, 400, 400]),
            staged: self.one_in(3),
            wait: self.of(&[0, 0, 0, 1, 2]),
        }
    }

    fn command(&mut self) -> Command {
        match self.below(100) {
            0..=49 => {
                let odd = if self.one_in(30) { 15 } else { 0 };
                Command::Book {
                    household: self.below(3),
                    space: self.below(4),
                    start: self.of(&[0, 1, 1, 1, 1, 1, 2, 2, 3, 7, 9, 10]) * DAY
                        + self.of(&[480, 540, 570, 600, 600, 630, 690, 840, 840, 900, 930, 960, 1200, 1320])
                        + odd,
                    minutes: self.of(&[30, 60, 60, 60, 60, 90, 90, 120, 120, 240, 270, 15]),
                    what: self.of(&[0, 0, 0, 1, 2, 3]),
                    people: self.of(&[1, 2, 4, 5, 5, 6, 10, 25, 50, 120]),
                }
            }
            50..=62 => Command::Cancel { household: self.below(3), booking: self.below(8) },
            63..=68 => Command::Draft(self.spec()),
            69..=72 => Command::Propose,
            73..=81 => Command::Sign { party: self.below(2) },
            82 => Command::Decline { party: self.below(2) },
            83 => Command::Withdraw,
            84..=86 => Command::Suspend { space: self.below(4), minutes: self.of(&[None, None, Some(120), Some(DAY), Some(3 * DAY)]) },
            87 => Command::SuspendLater { space: self.below(4), minutes: self.of(&[120, DAY, 9 * DAY]) },
            88 => Command::Lift { suspension: self.below(3) },
            89 => Command::Review { suspension: self.below(3), lift: self.one_in(2) },
            90 => Command::Terminate { party: self.below(2) },
            91 => Command::Dispute { party: self.below(2) },
            92 => Command::Leave { party: self.below(2) },
            93 => Command::Annul { party: self.below(2) },
            94 => Command::Settle,
            95 => Command::Close { desk: self.one_in(2) },
            _ => Command::Forward(self.of(&[30, 60, 180, 600, 1440, 2160, 7 * DAY])),
        }
    }

    pub(super) fn sequence(&mut self) -> Vec<Command> {
        let mut commands = Vec::new();
        if !self.one_in(5) {
            commands.extend([Command::Draft(self.spec()), Command::Propose, Command::Sign { party: 0 }, Command::Sign { party: 1 }]);
        }
        commands.extend((0..12).map(|_| self.command()));
        if self.one_in(20) {
            // What is agreed for later is taken back by both.
            let later = Spec { first: 2, last: 400, ..self.spec() };
            commands.extend([Command::Draft(later), Command::Propose, Command::Sign { party: 0 }, Command::Sign { party: 1 }]);
            commands.extend([Command::Annul { party: 0 }, Command::Annul { party: 1 }]);
            commands.extend((0..4).map(|_| self.command()));
        }
        if self.one_in(20) {
            // Closed with no end in sight, and opened again.
            let space = self.below(4);
            let far = |start| Command::Book { household: 0, space, start, minutes: 60, what: 0, people: 2 };
            commands.extend([far(7 * DAY + 900), far(9 * DAY + 900), Command::Suspend { space, minutes: None }]);
            commands.extend([self.command(), Command::Lift { suspension: 0 }]);
        }
        if self.one_in(20) {
            // One leaves, and the other cannot.
            let party = self.below(2);
            commands.extend([Command::Leave { party }, self.command(), Command::Leave { party: 1 - party }, Command::Forward(7 * DAY)]);
            commands.extend((0..6).map(|_| self.command()));
        }
        if self.one_in(10) {
            // Ended by notice, settled, closed, and whatever is tried then.
            commands.extend([Command::Terminate { party: 0 }, Command::Dispute { party: 1 }, Command::Forward(7 * DAY)]);
            commands.extend([Command::Settle, self.command(), Command::Close { desk: true }, Command::Close { desk: false }]);
            commands.extend((0..4).map(|_| self.command()));
        }
        commands
    }
}
