//! The rules in plain words over plain lists.

use super::commands::{BUFFERS, Command, DAY, HORIZON_DAYS, Minute, OWNERS, Spec, USES};

#[derive(Clone, Copy, PartialEq)]
pub(super) enum State {
    Draft,
    Open,
    Agreed,
    Ended,
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Talks,
    ToCome,
    Active,
    Ended,
    Settling,
    Closed,
}

pub(super) struct Stated {
    spec: Spec,
    state: State,
    signed: [bool; 2],
    /// When it can no longer be signed.
    closes: Minute,
    /// When it governs, once agreed.
    governs: Option<(Minute, Minute)>,
    /// Who takes it back.
    annulled: [bool; 2],
}

/// What the model does not follow: what a booking is offered instead.
pub(super) const BEYOND: &str = "beyond";

pub(super) struct Closed {
    space: usize,
    from: Minute,
    until: Option<Minute>,
    at_once: bool,
    lifted: bool,
    /// What bookings meet; closing the agreement ends it too.
    shut: (Minute, Minute),
}

pub(super) struct Held {
    household: usize,
    atoms: &'static [usize],
    space: usize,
    people: i64,
    start: Minute,
    end: Minute,
    occupied: (Minute, Minute),
    live: bool,
    /// A closing meets it, that may be lifted in time.
    at_risk: bool,
}

impl Closed {
    fn met(&self, held: &Held) -> bool {
        held.atoms.iter().any(|atom| ATOMS[self.space].contains(atom)) && meet((held.start, held.end), self.shut)
    }
}

struct Notice {
    end: Minute,
    by: usize,
    /// The other party objects.
    disputed: bool,
}

pub(super) struct Model {
    now: Minute,
    versions: Vec<Stated>,
    bookings: Vec<Held>,
    closed: Vec<Closed>,
    notices: Vec<Notice>,
    /// When each party's spaces leave.
    left: [Vec<Minute>; 2],
    settled: bool,
    over: bool,
}

pub(super) const ATOMS: [&[usize]; 4] = [&[0, 1], &[0], &[1], &[2]];

/// An answer with how many bookings met what.
pub(super) fn counted(answer: &str, dispositions: &[(&str, i64)]) -> String {
    let met = dispositions.iter().filter(|(_, bookings)| *bookings > 0);
    met.fold(answer.to_owned(), |told, (disposition, bookings)| format!("{told} {disposition}:{bookings}"))
}

pub(super) fn meet(a: (Minute, Minute), b: (Minute, Minute)) -> bool {
    a.0 < b.1 && b.0 < a.1
}

impl Model {
    pub(super) fn new() -> Self {
        let (versions, bookings, closed, notices) = (vec![], vec![], vec![], vec![]);
        Self { now: 600, versions, bookings, closed, notices, left: [vec![], vec![]], settled: false, over: false }
    }

    pub(super) fn answer(&mut self, command: &Command) -> String {
        let now = self.now;
        if let Some(version) = self.versions.last_mut().filter(|v| v.state == State::Open && v.closes <= now) {
            version.state = State::Ended;
        }
        match command {
            Command::Book { household, space, start, minutes, what, people } => {
                let period = (*start, start + minutes);
                let occupied = (period.0 - BUFFERS[*space].0, period.1 + BUFFERS[*space].1);
                let (mut reasons, version) = self.reasons(*space, period, occupied, USES[*what].0, *people);
                let taken = self
                    .bookings
                    .iter()
                    .any(|held| held.live && meet(held.occupied, occupied) && held.atoms.iter().any(|a| ATOMS[*space].contains(a)));
                if reasons.is_empty() && taken {
                    return "period-taken".into();
                }
                if !reasons.is_empty() {
                    if taken {
                        reasons.push("period-taken");
                    }
                    return format!("booking-refused {}", reasons.join(" "));
                }
                self.bookings.push(Held {
                    household: *household,
                    atoms: ATOMS[*space],
                    space: *space,
                    people: *people,
                    start: period.0,
                    end: period.1,
                    occupied,
                    live: true,
                    at_risk: false,
                });
                let price = if USES[*what].0 == "exhibition" { 3000 } else { 0 };
                format!("booked version:{} fen:{price}", version.unwrap())
            }
            Command::Cancel { household, booking } => {
                if self.bookings.is_empty() {
                    return "nothing".into();
                }
                let n = booking % self.bookings.len();
                let now = self.now;
                let held = &mut self.bookings[n];
                if held.household != *household {
                    return "not-found".into();
                }
                if !held.live || held.start <= now {
                    return "state-conflict".into();
                }
                held.live = false;
                "cancelled".into()
            }
            Command::Draft(spec) => {
                if let Some(no) = self.no_more() {
                    return no.into();
                }
                if self.versions.last().is_some_and(|v| matches!(v.state, State::Draft | State::Open)) {
                    return "state-conflict".into();
                }
                self.versions.push(Stated {
                    spec: spec.clone(),
                    state: State::Draft,
                    signed: [false; 2],
                    closes: 0,
                    governs: None,
                    annulled: [false; 2],
                });
                format!("drafted {}", self.versions.len())
            }
            Command::Propose => {
                let today = self.now.div_euclid(DAY);
                let Some(version) = self.versions.last_mut() else { return "nothing".into() };
                if version.state != State::Draft {
                    return "state-conflict".into();
                }
                if version.spec.last < today {
                    return "not-proposable term-over".into();
                }
                version.state = State::Open;
                version.closes = (today + 31) * DAY;
                "proposed".into()
            }
            Command::Sign { party } => self.sign(*party),
            Command::Decline { party } => {
                let Some(version) = self.versions.last_mut() else { return "nothing".into() };
                // A draft has no parties yet: nobody but its drafters knows of it.
                if version.state != State::Open || version.signed[*party] {
                    return "state-conflict".into();
                }
                version.state = State::Ended;
                "declined".into()
            }
            Command::Withdraw => {
                let Some(version) = self.versions.last_mut() else { return "nothing".into() };
                if version.state != State::Open {
                    return "state-conflict".into();
                }
                version.state = State::Ended;
                "withdrawn".into()
            }
            Command::Suspend { space, minutes } => self.suspend(*space, self.now, minutes.map(|minutes| self.now + minutes)),
            Command::SuspendLater { space, minutes } => {
                let from = (self.now.div_euclid(DAY) + 8) * DAY + 600;
                self.suspend(*space, from, Some(from + minutes))
            }
            Command::Lift { suspension } | Command::Review { suspension, .. } => {
                if self.closed.is_empty() {
                    return "nothing".into();
                }
                let (n, now) = (suspension % self.closed.len(), self.now);
                if self.closed[n].lifted || self.closed[n].until.is_some_and(|until| until <= now) {
                    return "state-conflict".into();
                }
                if matches!(command, Command::Review { lift: false, .. }) {
                    return "upheld".into();
                }
                if self.over {
                    return "state-conflict closed".into();
                }
                self.closed[n].lifted = true;
                // What another meets that stands is at risk as before.
                let closed = &self.closed;
                let shut = |c: &Closed| c.at_once && !c.lifted && c.until.is_none_or(|until| until > now);
                let saved = self.bookings.iter_mut().filter(|held| held.live && held.at_risk && closed[n].met(held));
                let saved = saved.filter(|held| !closed.iter().any(|other| shut(other) && other.met(held)));
                let saved = saved.map(|held| held.at_risk = false).count();
                let saved = counted("lifted", &[("kept", i64::try_from(saved).unwrap())]);
                let closed = &mut self.closed[n];
                (closed.until, closed.shut.1) = (Some(now), closed.shut.1.min(now));
                saved
            }
            Command::Dispute { party } => {
                if self.notices.is_empty() {
                    return "nothing".into();
                }
                if self.over {
                    return "state-conflict closed".into();
                }
                if !self.noticed() {
                    return "state-conflict no-notice".into();
                }
                let last = self.notices.last_mut().unwrap();
                if last.by == *party || last.disputed {
                    return "state-conflict".into();
                }
                last.disputed = true;
                "disputed".into()
            }
            Command::Settle => match self.phase() {
                Phase::Ended => {
                    self.settled = true;
                    "settled".into()
                }
                Phase::Settling => "state-conflict settling".into(),
                Phase::Closed => "state-conflict closed".into(),
                _ => "state-conflict not-ended".into(),
            },
            Command::Close { desk } => match self.phase() {
                Phase::Settling if *desk => "forbidden".into(),
                Phase::Settling => {
                    self.over = true;
                    let now = self.now;
                    self.closed.iter_mut().for_each(|closed| closed.shut.1 = closed.shut.1.min(now));
                    "closed".into()
                }
                Phase::Closed => "state-conflict closed".into(),
                Phase::Ended => "state-conflict not-settled".into(),
                _ => "state-conflict not-ended".into(),
            },
            Command::Terminate { party } => self.end(*party, false),
            Command::Leave { party } => self.end(*party, true),
            Command::Annul { party } => self.annul(*party),
            Command::Forward(minutes) => {
                self.now += minutes;
                "later".into()
            }
        }
    }

    fn end(&mut self, party: usize, leaves: bool) -> String {
        match self.phase() {
            Phase::Talks => return "state-conflict not-agreed".into(),
            Phase::ToCome => return "state-conflict not-in-effect".into(),
            Phase::Ended => return "state-conflict ended".into(),
            Phase::Settling => return "state-conflict settling".into(),
            Phase::Closed => return "state-conflict closed".into(),
            Phase::Active if self.noticed() => return "state-conflict notice-runs".into(),
            Phase::Active => {}
        }
        let (_, since, _) = self.agreed().find(|(_, from, to)| *from <= self.now && self.now < *to).unwrap();
        let gone = |party: usize| self.left[party].iter().any(|end| since < *end);
        match leaves {
            true if gone(party) => return "state-conflict".into(),
            true if gone(1 - party) => return "state-conflict not-alone".into(),
            _ => {}
        }
        // Six days, the day of the notice not counted.
        let end = (self.now.div_euclid(DAY) + 7) * DAY;
        if self.agreed().any(|(.., to)| end < to) {
            let met = |held: &Held| held.live && held.occupied.1 > end && (!leaves || OWNERS[held.space] == party);
            if self.bookings.iter().any(met) {
                return BEYOND.into();
            }
        } else {
            return "state-conflict ends-before".into();
        }
        if leaves {
            self.left[party].push(end);
            return "left".into();
        }
        self.notices.push(Notice { end, by: party, disputed: false });
        for version in self.versions.iter_mut().filter(|v| v.state == State::Agreed) {
            version.governs = version.governs.map(|(from, to)| (from, if from < end { to.min(end) } else { to }));
        }
        "noticed".into()
    }

    /// When what a version lends of a party ends: with the version, or when the party leaves.
    fn lends_until(&self, party: usize, (from, to): (Minute, Minute)) -> Minute {
        self.left[party].iter().copied().filter(|end| from < *end).fold(to, Minute::min)
    }

    fn sign(&mut self, party: usize) -> String {
        let now = self.now;
        let Some(version) = self.versions.last_mut() else { return "nothing".into() };
        if version.state != State::Open || version.signed[party] {
            return "state-conflict".into();
        }
        if version.spec.staged && party == 1 && !version.signed[0] {
            return "out-of-turn".into();
        }
        if !version.signed[1 - party] {
            version.signed[party] = true;
            return "signed".into();
        }
        if let Some(no) = self.no_more() {
            return no.into();
        }
        let earliest = self.earliest();
        let Some(version) = self.versions.last_mut() else { return "nothing".into() };
        if version.spec.last < earliest.div_euclid(DAY) {
            return "state-conflict term-over".into();
        }
        let from = earliest.max(version.spec.first * DAY);
        let end = (version.spec.last + 1) * DAY;
        let to = self.notices.iter().map(|notice| notice.end).filter(|notice| from < *notice).fold(end, Minute::min);
        let (capacity, ahead) = (version.spec.capacity, |held: &&Held| held.live && held.start > now);
        let crowded = |held: &Held| held.people > capacity[held.space] || ((1..=2).contains(&held.space) && held.people > capacity[0]);
        let lent_until = [0, 1].map(|party| self.lends_until(party, (from, to)));
        let outlived = |held: &Held| held.occupied.1 > lent_until[OWNERS[held.space]] && held.start >= from;
        if self.bookings.iter().filter(ahead).any(|held| crowded(held) || outlived(held)) {
            return BEYOND.into();
        }
        let (version, earlier) = self.versions.split_last_mut().unwrap();
        version.signed[party] = true;
        version.state = State::Agreed;
        version.governs = Some((from, to));
        for before in earlier {
            if let Some((_, to)) = &mut before.governs {
                *to = from.min(*to);
            }
        }
        "agreed".into()
    }

    /// When what is agreed now may take effect: after the wait of the version before it, if it changes anything, and never before
    /// that one does.
    fn earliest(&self) -> Minute {
        let (version, earlier) = self.versions.split_last().unwrap();
        let before = earlier.iter().enumerate().rev().find(|(_, v)| v.state == State::Agreed);
        let Some((n, before)) = before else { return self.now };
        let (from, to) = before.governs.unwrap();
        let followed = earlier[n + 1..].iter().any(|v| v.governs.is_some_and(|(from, _)| from <= to));
        let expired = (from >= to || to <= self.now) && !followed;
        let waited = match before.spec.wait {
            _ if expired => return self.now,
            wait if wait > 0 && before.spec != version.spec => (self.now.div_euclid(DAY) + wait) * DAY,
            _ => self.now,
        };
        waited.max(from)
    }

    /// Settled or closed, an agreement takes no other version.
    fn no_more(&self) -> Option<&'static str> {
        match self.phase() {
            Phase::Closed => Some("state-conflict closed"),
            Phase::Settling => Some("state-conflict settling"),
            _ => None,
        }
    }

    /// A notice runs, or ended it.
    fn noticed(&self) -> bool {
        let ends_at = self.agreed().map(|(.., to)| to).max();
        self.notices.iter().any(|notice| self.now < notice.end || ends_at == Some(notice.end))
    }

    /// Version, from, to of all that is agreed and governs at some time.
    fn agreed(&self) -> impl Iterator<Item = (usize, Minute, Minute)> {
        let agreed = self.versions.iter().enumerate().filter(|(_, v)| v.state == State::Agreed);
        agreed.filter_map(|(i, v)| v.governs.filter(|(from, to)| from < to).map(|(from, to)| (i, from, to)))
    }

    fn phase(&self) -> Phase {
        let any = |is: &dyn Fn(Minute, Minute) -> bool| self.agreed().any(|(_, from, to)| is(from, to));
        match () {
            () if self.over => Phase::Closed,
            () if self.settled => Phase::Settling,
            () if any(&|from, to| from <= self.now && self.now < to) => Phase::Active,
            () if any(&|from, _| self.now < from) => Phase::ToCome,
            () if any(&|_, _| true) => Phase::Ended,
            () => Phase::Talks,
        }
    }

    fn suspend(&mut self, space: usize, from: Minute, until: Option<Minute>) -> String {
        match self.phase() {
            Phase::Talks => return "state-conflict not-agreed".into(),
            Phase::Ended | Phase::Settling => return "state-conflict ended".into(),
            Phase::Closed => return "state-conflict closed".into(),
            Phase::Active | Phase::ToCome => {}
        }
        let now = self.now;
        let longest = |until: Option<Minute>| until.unwrap_or(Minute::MAX);
        let stands = |c: &Closed| !c.lifted && longest(c.until) > now;
        let covers = |c: &Closed| stands(c) && c.space == space && c.from <= from && longest(c.until) >= longest(until);
        if self.closed.iter().any(covers) {
            return "state-conflict".into();
        }
        let shut = (from, longest(until));
        let of_space = |held: &Held| held.atoms.iter().any(|atom| ATOMS[space].contains(atom));
        let met = |held: &Held| held.live && held.end > now && of_space(held) && meet((held.start, held.end), shut);
        if from > now && self.bookings.iter().any(met) {
            return BEYOND.into();
        }
        let (mut interrupted, mut cancelled, mut at_risk) = (0, 0, 0);
        for held in self.bookings.iter_mut().filter(|held| met(held)) {
            match held.start {
                start if start <= now => (held.live, interrupted) = (false, interrupted + 1),
                start if start < now + 7 * DAY => (held.live, cancelled) = (false, cancelled + 1),
                _ => (held.at_risk, at_risk) = (true, at_risk + 1),
            }
        }
        self.closed.push(Closed { space, from, until, at_once: from <= now, lifted: false, shut });
        counted("ordered", &[("interrupted", interrupted), ("cancelled", cancelled), ("at_risk", at_risk)])
    }

    fn annul(&mut self, party: usize) -> String {
        if self.over {
            return "state-conflict closed".into();
        }
        let pending = self.agreed().filter(|(_, from, _)| self.now < *from).map(|(i, from, _)| (i, from)).last();
        let Some((number, from)) = pending else {
            return if self.phase() == Phase::Active { "state-conflict in-effect" } else { "state-conflict nothing-pending" }.into();
        };
        if self.versions[number].annulled[party] {
            return "state-conflict".into();
        }
        if self.versions[number].annulled[1 - party] && self.bookings.iter().any(|held| held.live && held.occupied.1 > from) {
            return BEYOND.into();
        }
        self.versions[number].annulled[party] = true;
        if !self.versions[number].annulled[1 - party] {
            return "consented".into();
        }
        self.versions[number].state = State::Ended;
        // What is being signed on top of it is taken back with it.
        for open in self.versions.iter_mut().filter(|version| version.state == State::Open) {
            open.state = State::Ended;
        }
        // Everything that governs again, from what was agreed.
        for i in 0..self.versions.len() {
            let (state, Some((from, _))) = (self.versions[i].state, self.versions[i].governs) else { continue };
            if state != State::Agreed {
                continue;
            }
            let later = self.versions[i + 1..].iter().filter(|v| v.state == State::Agreed).filter_map(|v| Some(v.governs?.0));
            let ends = self.notices.iter().map(|notice| notice.end).filter(|end| from < *end);
            let to = later.chain(ends).fold((self.versions[i].spec.last + 1) * DAY, Minute::min);
            self.versions[i].governs = Some((from, to));
        }
        "annulled".into()
    }

    /// Every reason against it but overlap, in the order they are told, and the number of the version that governs.
    fn reasons(
        &self,
        space: usize,
        period: (Minute, Minute),
        occupied: (Minute, Minute),
        what: &str,
        people: i64,
    ) -> (Vec<&'static str>, Option<usize>) {
        let mut out = Vec::new();
        let mut when = |holds: bool, code: &'static str| {
            if holds {
                out.push(code);
            }
        };
        let minutes = period.1 - period.0;
        when(period.0 < self.now, "past");
        when(period.0 >= self.now && period.0 < self.now + 60, "short-notice");
        when(period.0.div_euclid(DAY) > self.now.div_euclid(DAY) + HORIZON_DAYS, "beyond-horizon");
        when(period.0 % 30 != 0 || period.1 % 30 != 0, "off-grid");
        when(minutes < 30, "too-short");
        when(minutes > 240, "too-long");

        let of_space = |closed: &&Closed| ATOMS[closed.space].iter().any(|atom| ATOMS[space].contains(atom));
        for closed in self.closed.iter().filter(of_space) {
            when(closed.shut.0 < closed.shut.1 && meet(closed.shut, occupied), "suspended");
        }

        let standing = self.versions.iter().enumerate().filter(|(_, v)| v.state == State::Agreed);
        let standing: Vec<_> = standing
            .filter_map(|(i, v)| v.governs.map(|g| (i, (g.0, self.lends_until(OWNERS[space], g)), (v.spec.last + 1) * DAY)))
            .collect();
        let agreed = || standing.iter().copied().filter(|(_, (from, to), _)| from < to);
        let Some((number, _, _)) = agreed().find(|(_, (from, to), _)| *from <= period.0 && period.0 < *to) else {
            let near: Vec<_> = agreed().filter(|(_, (from, to), _)| *to > occupied.0 && *from < occupied.1).collect();
            let gone = agreed().filter(|(_, (_, to), _)| *to <= occupied.0).max_by_key(|(_, (_, to), _)| *to);
            let asked = if near.is_empty() { gone.into_iter().collect() } else { near };
            let ended = asked.iter().any(|(_, (_, to), _)| *to <= period.0);
            out.push(if ended { "term-ended" } else { "no-agreement" });
            return (out, None);
        };
        let spec = &self.versions[number].spec;
        let end = (spec.last + 1) * DAY;
        // Lent without a gap from the start of set-up to the end of clean-up, or to the end of the term.
        let lent = |at: Minute| agreed().any(|(_, (from, to), _)| from <= at && at < to);
        when((occupied.0..occupied.1.min(end)).step_by(15).any(|at| !lent(at)), "not-granted");
        when(end < occupied.1, "term-ended");
        let inside = (period.0.div_euclid(DAY)..=(period.1 - 1).div_euclid(DAY)).all(|day| {
            let piece = (period.0.max(day * DAY), period.1.min((day + 1) * DAY));
            piece.0 >= day * DAY + spec.open.0 && piece.1 <= day * DAY + spec.open.1
        });
        when(!inside, "outside-hours");
        // The third day is a Monday, and so is the tenth.
        when(
            spec.mondays_kept && space == 3 && [2, 9].iter().any(|day| meet(occupied, (day * DAY + 540, day * DAY + 720))),
            "reserved-hours",
        );
        when(what == "dance" && !spec.dance_allowed, "use-not-allowed");
        when(what == "dance" && spec.east_without_dance && space <= 1, "use-prohibited");
        // The hall's figure holds for its parts too.
        when((1..=2).contains(&space) && people > spec.capacity[0], "over-capacity");
        when(people > spec.capacity[space], "over-capacity");
        when(what == "dance" && spec.quiet && (-1..12).any(|day| meet(period, (day * DAY + 720, day * DAY + 840))), "quiet-hours");
        when(what == "exhibition" && spec.exhibition_ceiling < 3000, "over-ceiling");
        (out, Some(number + 1))
    }

    pub(super) fn overlaps(&self) -> usize {
        let live: Vec<_> = self.bookings.iter().filter(|held| held.live).collect();
        let both = |a: &Held, b: &Held| meet(a.occupied, b.occupied) && a.atoms.iter().any(|atom| b.atoms.contains(atom));
        (0..live.len()).flat_map(|i| (0..i).map(move |j| (i, j))).filter(|(i, j)| both(live[*i], live[*j])).count()
    }
}
