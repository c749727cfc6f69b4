//! Random commands against SQLite, PostgreSQL and a naive model in memory: all three give the same answers.
//!
//! The model knows the rules in its own words and keeps plain lists; it shares no code with `terms`, `schedule` or `store`.
//! A failure prints the seed of its sequence and every command with its three answers; `SHANGLIANG_SOAK=n` runs n sequences.

use crate::harness::{TestDb, rounds};
use serde_json::{Value, json};
use shangliang::access::deeds::{CancelBooking, DraftVersion, MakeBooking, SignVersion};
use shangliang::access::{Place, ask};
use shangliang::agreements::model::{Agreement, AgreementFacts, AsParty, Version};
use shangliang::bookings::model::{Ask, InArea};
use shangliang::kernel::id::{
    AccountId, AgreementId, AreaId, AtomId, BookingId, FloorId, HouseholdId, Id, OrganisationId, RepresentativeId, SiteId, SpaceId,
    TariffId,
};
use shangliang::kernel::time::SetClock;
use shangliang::kernel::{Code, Fault, Instant, Outcome, Period, form};
use shangliang::people::model::{LiveGrant, Power, Representation, Role, Standing};
use shangliang::store::{Backend, Db, Tx, backup};
use shangliang::terms::model::{Clause, Use};
use shangliang::{agreements, bookings};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

// ---------------------------------------------------------------- what is done

/// Local minutes since the midnight before [`crate::harness::db::NOW`], in Beijing.
type Minute = i64;

/// Saturday 28 November 2026, 00:00 in Beijing.
const MIDNIGHT: i64 = 1_795_795_200_000_000;
const DAY: Minute = 1440;
/// hall, east part, west part, study; set-up and clean-up minutes of each.
const BUFFERS: [(Minute, Minute); 4] = [(30, 30), (15, 15), (0, 0), (0, 0)];
const SPACES: [&str; 4] = ["hall", "east", "west", "study"];
const USES: [(&str, Use); 4] =
    [("meeting", Use::Meeting), ("dance", Use::Dance), ("exhibition", Use::Exhibition), ("deliberation", Use::Deliberation)];

#[derive(Debug, Clone)]
struct Spec {
    open: (Minute, Minute),
    /// Persons: hall, east, west, study.
    capacity: [i64; 4],
    dance_allowed: bool,
    /// No dancing in the east part, and so none in the whole hall.
    east_without_dance: bool,
    /// The owner keeps the study on Mondays from 9 to 12.
    mondays_kept: bool,
    /// Nothing loud from 12 to 14.
    quiet: bool,
    /// The most an exhibition may cost; it costs 3,000.
    exhibition_ceiling: i64,
    /// Days from the first Saturday.
    first: i64,
    last: i64,
    /// The second party signs after the first.
    staged: bool,
}

#[derive(Debug, Clone)]
enum Command {
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
    Forward(Minute),
}

struct Dice(u64);

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
        }
    }

    fn command(&mut self) -> Command {
        match self.below(100) {
            0..=54 => {
                let odd = if self.one_in(30) { 15 } else { 0 };
                Command::Book {
                    household: self.below(3),
                    space: self.below(4),
                    start: self.of(&[0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 6]) * DAY
                        + self.of(&[480, 540, 570, 600, 600, 630, 690, 840, 840, 900, 930, 960, 1200, 1320])
                        + odd,
                    minutes: self.of(&[30, 60, 60, 60, 60, 90, 90, 120, 120, 240, 270, 15]),
                    what: self.of(&[0, 0, 0, 1, 2, 3]),
                    people: self.of(&[1, 2, 4, 5, 5, 6, 10, 25, 50, 120]),
                }
            }
            55..=69 => Command::Cancel { household: self.below(3), booking: self.below(8) },
            70..=76 => Command::Draft(self.spec()),
            77..=81 => Command::Propose,
            82..=90 => Command::Sign { party: self.below(2) },
            91 => Command::Decline { party: self.below(2) },
            92..=93 => Command::Withdraw,
            _ => Command::Forward(self.of(&[30, 60, 180, 600, 1440, 2160])),
        }
    }

    fn sequence(&mut self) -> Vec<Command> {
        let mut commands = Vec::new();
        if !self.one_in(5) {
            commands.extend([Command::Draft(self.spec()), Command::Propose, Command::Sign { party: 0 }, Command::Sign { party: 1 }]);
        }
        commands.extend((0..12).map(|_| self.command()));
        commands
    }
}

// ---------------------------------------------------------------- the model

#[derive(Clone, Copy, PartialEq)]
enum State {
    Draft,
    Open,
    Agreed,
    Ended,
}

struct Stated {
    spec: Spec,
    state: State,
    signed: [bool; 2],
    /// When it governs, once agreed.
    governs: Option<(Minute, Minute)>,
}

struct Held {
    household: usize,
    atoms: &'static [usize],
    start: Minute,
    occupied: (Minute, Minute),
    live: bool,
}

struct Model {
    now: Minute,
    versions: Vec<Stated>,
    bookings: Vec<Held>,
}

const ATOMS: [&[usize]; 4] = [&[0, 1], &[0], &[1], &[2]];

fn meet(a: (Minute, Minute), b: (Minute, Minute)) -> bool {
    a.0 < b.1 && b.0 < a.1
}

impl Model {
    fn new() -> Self {
        Self { now: 600, versions: vec![], bookings: vec![] }
    }

    fn answer(&mut self, command: &Command) -> String {
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
                self.bookings.push(Held { household: *household, atoms: ATOMS[*space], start: *start, occupied, live: true });
                let price = if USES[*what].0 == "exhibition" { 3000 } else { 0 };
                format!("booked by version {} for {price}", version.unwrap())
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
                if self.versions.last().is_some_and(|v| matches!(v.state, State::Draft | State::Open)) {
                    return "state-conflict".into();
                }
                self.versions.push(Stated { spec: spec.clone(), state: State::Draft, signed: [false; 2], governs: None });
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
            Command::Forward(minutes) => {
                self.now += minutes;
                "later".into()
            }
        }
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
        if version.spec.last < now.div_euclid(DAY) {
            return "state-conflict term-over".into();
        }
        version.signed[party] = true;
        version.state = State::Agreed;
        let from = now.max(version.spec.first * DAY);
        version.governs = Some((from, (version.spec.last + 1) * DAY));
        let latest = self.versions.len() - 1;
        for before in &mut self.versions[..latest] {
            if let Some((_, to)) = &mut before.governs {
                *to = from.min(*to);
            }
        }
        "agreed".into()
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
        when(period.0.div_euclid(DAY) > self.now.div_euclid(DAY) + 5, "beyond-horizon");
        when(period.0 % 30 != 0 || period.1 % 30 != 0, "off-grid");
        when(minutes < 30, "too-short");
        when(minutes > 240, "too-long");

        let agreed = || self.versions.iter().enumerate().filter_map(|(i, v)| v.governs.map(|g| (i, g, (v.spec.last + 1) * DAY)));
        let Some((number, _, _)) = agreed().find(|(_, (from, to), _)| *from <= period.0 && period.0 < *to) else {
            let near: Vec<_> = agreed().filter(|(_, (from, to), _)| *to > occupied.0 && *from < occupied.1).collect();
            let gone = agreed().filter(|(_, (_, to), _)| *to <= occupied.0).max_by_key(|(_, (_, to), _)| *to);
            let asked = if near.is_empty() { gone.into_iter().collect() } else { near };
            let ended = asked.iter().any(|(_, _, end)| *end <= period.0);
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

    fn overlaps(&self) -> usize {
        let live: Vec<_> = self.bookings.iter().filter(|held| held.live).collect();
        let both = |a: &Held, b: &Held| meet(a.occupied, b.occupied) && a.atoms.iter().any(|atom| b.atoms.contains(atom));
        (0..live.len()).flat_map(|i| (0..i).map(move |j| (i, j))).filter(|(i, j)| both(live[*i], live[*j])).count()
    }
}

// ---------------------------------------------------------------- the service

/// People of all sequences: the same ids in both databases.
#[derive(Clone)]
struct Neighbourhood {
    area: AreaId,
    households: Vec<(AccountId, HouseholdId)>,
    parties: Vec<(AccountId, OrganisationId, RepresentativeId)>,
    desk: AccountId,
}

impl Neighbourhood {
    fn new() -> Self {
        Self {
            area: Id::fresh(),
            households: (0..3).map(|_| (Id::fresh(), Id::fresh())).collect(),
            parties: (0..2).map(|_| (Id::fresh(), Id::fresh(), Id::fresh())).collect(),
            desk: Id::fresh(),
        }
    }

    fn path(&self) -> String {
        format!("{}/", self.area)
    }

    fn sql(&self) -> String {
        let (area, path) = (&self.area, self.path());
        let mut sql = format!(
            "INSERT INTO areas (id, code, kind, path, name_zh, created_at) VALUES ('{area}', 'garden', 'community', '{path}', '社区', 0);"
        );
        let account = |id: &AccountId, n: usize, home: &str| {
            format!(
                "INSERT INTO accounts (id, name, mobile, household_id, household_verified_at, created_at) VALUES ('{id}', '人', '1380000000{n}', {home}, 0, 0);"
            )
        };
        for (n, (id, household)) in self.households.iter().enumerate() {
            sql += &format!(
                "INSERT INTO households (id, code, door_id, label, created_at) VALUES ('{household}', 'h{n}', '{area}', '户', 0);"
            );
            sql += &account(id, n, &format!("'{household}'"));
        }
        for (n, (id, organisation, representative)) in self.parties.iter().enumerate() {
            let kind = ["property_unit", "community"][n];
            sql += &format!(
                "INSERT INTO organisations (id, code, kind, name_zh, area_id, created_at) VALUES ('{organisation}', 'party-{n}', '{kind}', '方', '{area}', 0);"
            );
            sql += &account(id, n + 3, "NULL");
            sql += &format!(
                "INSERT INTO representatives (id, account_id, organisation_id, powers, from_at, to_at, evidence, created_at) \
                 VALUES ('{representative}', '{id}', '{organisation}', '[\"sign\"]', 0, 9000000000000000, '授权书', 0);"
            );
        }
        sql + &account(&self.desk, 5, "NULL")
    }

    fn resident(&self, n: usize) -> Standing {
        let (account, household) = self.households[n].clone();
        Standing { account, household: Some(household), grants: vec![], represents: vec![] }
    }

    fn signer(&self, n: usize) -> Standing {
        let (account, organisation, id) = self.parties[n].clone();
        let role = [Role::PropertyUnit, Role::SocialOrganisation][n];
        let represents = vec![Representation { id, organisation: organisation.clone(), powers: vec![Power::Sign] }];
        Standing {
            account,
            household: None,
            grants: vec![LiveGrant { role, area_path: None, organisation: Some(organisation) }],
            represents,
        }
    }

    fn drafter(&self) -> Standing {
        let grants = vec![LiveGrant { role: Role::Community, area_path: Some(self.path()), organisation: None }];
        Standing { account: self.desk.clone(), household: None, grants, represents: vec![] }
    }
}

/// The hub of one sequence, the same ids in both databases.
#[derive(Clone)]
struct Hub {
    site: SiteId,
    spaces: [SpaceId; 4],
    code: String,
}

impl Hub {
    fn new(number: usize) -> Self {
        Self { site: Id::fresh(), spaces: std::array::from_fn(|_| Id::fresh()), code: format!("s{number}") }
    }

    fn sql(&self, area: &AreaId) -> String {
        let (site, code, floor) = (&self.site, &self.code, FloorId::fresh());
        let atoms: [AtomId; 3] = std::array::from_fn(|_| Id::fresh());
        let mut sql = format!(
            "INSERT INTO sites (id, code, area_id, name_zh, zone, facts, granularity_minutes, min_minutes, max_minutes, lead_minutes, horizon_days, created_at)
             VALUES ('{site}', '{code}', '{area}', '驿站', 'Asia/Shanghai', '[]', 30, 30, 240, 60, 5, 0);
             INSERT INTO floors (id, site_id, code, name_zh, area, created_at) VALUES ('{floor}', '{site}', 'f1', '一层', 90000, 0);"
        );
        for (n, atom) in atoms.iter().enumerate() {
            sql += &format!("INSERT INTO atoms (id, floor_id, code, created_at) VALUES ('{atom}', '{floor}', 'a{n}', 0);");
        }
        for (n, id) in self.spaces.iter().enumerate() {
            let (name, (before, after)) = (SPACES[n], BUFFERS[n]);
            sql += &format!(
                "INSERT INTO spaces (id, site_id, floor_id, code, name_zh, kind, area, setup_minutes, cleanup_minutes, equipment, assumed, created_at) \
                 VALUES ('{id}', '{site}', '{floor}', '{name}', '厅', 'hall', 5000, {before}, {after}, '[]', '[]', 0);"
            );
            for atom in ATOMS[n] {
                sql += &format!("INSERT INTO space_atoms (space_id, atom_id) VALUES ('{id}', '{}');", atoms[*atom]);
            }
            let (free, cheap) = (TariffId::fresh(), TariffId::fresh());
            sql += &format!(
                "INSERT INTO tariffs (id, space_id, use_code, kind, components, created_at) VALUES ('{free}', '{id}', '*', 'free', '[]', 0), \
                 ('{cheap}', '{id}', 'exhibition', 'low_cost', '[{{\"label_zh\":\"保洁费\",\"fen\":3000,\"per\":\"session\"}}]', 0);"
            );
        }
        sql
    }

    fn clauses(&self, spec: &Spec) -> Vec<Clause> {
        const EVERY_DAY: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let day = |n: i64| jiff::civil::date(2026, 11, 28).saturating_add(jiff::ToSpan::days(n)).to_string();
        let clock = |minute: Minute| format!("{:02}:{:02}", minute / 60, minute % 60);
        let space = |n: usize| format!("{}/{}", self.code, SPACES[n]);
        let clause = |id: &str, kind: &str, spaces: &[String], payload: Value| {
            let body = json!({"id": id, "kind": kind, "spaces": spaces, "payload": payload, "text_zh": "约定如下。"});
            form::read(&json!({ "c": body }), |form| form.need("c", Clause::read)).unwrap()
        };
        let uses: Vec<&str> = ["meeting", "exhibition", "dance"].into_iter().filter(|u| *u != "dance" || spec.dance_allowed).collect();
        let stage = if spec.staged { 2 } else { 1 };
        let mut clauses = vec![
            clause(
                "parties",
                "parties",
                &[],
                json!({"parties": [
                {"organisation": "party-0", "capacity": "property_unit", "stage": 1}, {"organisation": "party-1", "capacity": "community", "stage": stage}]}),
            ),
            clause("term", "term", &[], json!({"first_day": day(spec.first), "last_day": day(spec.last)})),
            clause("grant", "space_grant", &[], json!({"by": "party-0"})),
            clause(
                "hours",
                "open_hours",
                &[],
                json!({"weekly": [{"days": EVERY_DAY, "from": clock(spec.open.0), "to": clock(spec.open.1)}]}),
            ),
            clause("uses", "allowed_uses", &[], json!({ "uses": uses })),
            clause(
                "ceiling",
                "price_ceiling",
                &[],
                json!({"ceilings": [{"use": "exhibition", "fen": spec.exhibition_ceiling, "per": "session"}, {"fen": 0, "per": "session"}]}),
            ),
        ];
        for (n, persons) in spec.capacity.iter().enumerate() {
            clauses.push(clause(&format!("capacity-{n}"), "capacity", &[space(n)], json!({ "persons": persons })));
        }
        if spec.east_without_dance {
            clauses.push(clause("no-dance", "prohibited_uses", &[space(1)], json!({"uses": ["dance"]})));
        }
        if spec.mondays_kept {
            let weekly = json!([{"days": ["mon"], "from": "09:00", "to": "12:00"}]);
            clauses.push(clause("mondays", "reserved_hours", &[space(3)], json!({"reserved_for": "party-0", "weekly": weekly})));
        }
        if spec.quiet {
            let weekly = json!([{"days": EVERY_DAY, "from": "12:00", "to": "14:00"}]);
            clauses.push(clause("quiet", "quiet_hours", &[], json!({"noise": "loud", "weekly": weekly})));
        }
        clauses
    }
}

/// One backend with its clock and all its people.
struct Backed {
    test: TestDb,
    db: Db,
    clock: Arc<SetClock>,
}

struct Service<'a> {
    on: &'a Backed,
    people: Neighbourhood,
    hub: Hub,
    agreement: AgreementId,
    bookings: Vec<BookingId>,
    now: Minute,
}

fn instant(minute: Minute) -> Instant {
    Instant(MIDNIGHT + minute * 60_000_000)
}

/// A fault in the words of the model.
fn refused(fault: &Fault) -> String {
    let reasons = fault.detail.reasons.iter().map(|reason| reason.code.as_str());
    let codes: Vec<&str> = std::iter::once(fault.code.as_str()).chain(reasons).collect();
    if fault.code == Code::PeriodTaken { "period-taken".into() } else { codes.join(" ") }
}

fn latest(tx: &mut Tx, agreement: &AgreementId) -> Outcome<(Agreement, Option<Version>)> {
    let found = agreements::queries::find(tx, agreement)?.unwrap();
    Ok((found, agreements::queries::versions(tx, agreement)?.into_iter().next()))
}

impl Backed {
    fn new(backend: Backend, people: &Neighbourhood) -> Self {
        let (test, clock) = (TestDb::fresh(backend), SetClock::at(instant(600)));
        test.sql(&people.sql());
        Self { db: test.open(clock.clone()), test, clock }
    }
}

impl<'a> Service<'a> {
    fn new(on: &'a Backed, people: &Neighbourhood, hub: &Hub) -> Self {
        on.clock.set(instant(600));
        let sql = hub.sql(&people.area);
        let facts = AgreementFacts {
            code: format!("agreement-{}", hub.code),
            area: people.area.clone(),
            title_zh: "协议".into(),
            title_en: None,
            sites: vec![hub.site.clone()],
        };
        let by = people.desk.clone();
        let agreement = on.db.write_now(move |tx| {
            use diesel::connection::SimpleConnection;
            tx.batch_execute(&sql)?;
            agreements::actions::create(tx, &facts, Some(&by))
        });
        Self { on, people: people.clone(), hub: hub.clone(), agreement: agreement.unwrap(), bookings: vec![], now: 600 }
    }

    fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx) -> Outcome<T> + Send + 'static) -> Result<T, String> {
        self.on.db.write_now(work).map_err(|fault| {
            assert!(fault.code.status() < 500, "{fault:?}");
            refused(&fault)
        })
    }

    fn answer(&mut self, command: &Command) -> String {
        self.try_to(command).unwrap_or_else(|refusal| refusal)
    }

    fn try_to(&mut self, command: &Command) -> Result<String, String> {
        let agreement = self.agreement.clone();
        Ok(match command {
            Command::Book { household, space, start, minutes, what, people } => {
                let who = self.people.resident(*household);
                let wish = Ask {
                    space: self.hub.spaces[*space].clone(),
                    period: Period::new(instant(*start), instant(start + minutes)).unwrap(),
                    use_code: USES[*what].1,
                    attendees: *people,
                    organisation: None,
                };
                let (booking, version) = self.write(move |tx| {
                    let place = Place { household: who.household.clone(), account: Some(who.account.clone()), ..Place::default() };
                    let permit = ask::<MakeBooking>(who.clone(), &place)?;
                    let booking = bookings::actions::make(tx, &permit, &wish)?;
                    let version = agreements::queries::version_of(tx, &booking.version)?.unwrap().1;
                    Ok((booking, version))
                })?;
                self.bookings.push(booking.id);
                format!("booked by version {version} for {}", booking.price.0)
            }
            Command::Cancel { household, booking } => {
                if self.bookings.is_empty() {
                    return Ok("nothing".into());
                }
                let (who, id) = (self.people.resident(*household), self.bookings[booking % self.bookings.len()].clone());
                self.write(move |tx| {
                    let found = bookings::queries::find(tx, &id)?.unwrap();
                    let permit = ask::<CancelBooking>(who.clone(), &InArea { booking: &found.booking, area_path: &found.area_path })?;
                    bookings::actions::cancel(tx, &permit, &found, None)
                })?;
                "cancelled".into()
            }
            Command::Draft(spec) => {
                let (who, clauses) = (self.people.drafter(), self.hub.clauses(spec));
                let no = self.write(move |tx| {
                    let (agreement, _) = latest(tx, &agreement)?;
                    let permit = ask::<DraftVersion>(who.clone(), &agreements::queries::shared(tx, &agreement)?)?;
                    agreements::actions::draft(tx, &permit, &agreement, &clauses)
                })?;
                format!("drafted {no}")
            }
            Command::Propose => {
                let who = self.people.drafter();
                self.on_latest(move |tx, agreement, version| {
                    let permit = ask::<DraftVersion>(who.clone(), &agreements::queries::shared(tx, agreement)?)?;
                    agreements::actions::propose(tx, &permit, agreement, version)?;
                    Ok("proposed")
                })?
            }
            Command::Withdraw => {
                let who = self.people.drafter();
                self.on_latest(move |tx, agreement, version| {
                    let permit = ask::<DraftVersion>(who.clone(), &agreements::queries::shared(tx, agreement)?)?;
                    agreements::actions::withdraw(tx, &permit, agreement, version)?;
                    Ok("withdrawn")
                })?
            }
            Command::Sign { party } => {
                let (who, organisation) = (self.people.signer(*party), self.people.parties[*party].1.clone());
                self.on_latest(move |tx, agreement, version| {
                    let shared = agreements::queries::shared(tx, agreement)?;
                    let permit = ask::<SignVersion>(who.clone(), &AsParty { shared: &shared, organisation: &organisation })?;
                    let seen = version.sha256.clone().unwrap_or_default();
                    let signed = agreements::actions::sign(tx, &permit, agreement, version, &organisation, &seen)?;
                    Ok(if signed.agreed { "agreed" } else { "signed" })
                })?
            }
            Command::Decline { party } => {
                let (who, organisation) = (self.people.signer(*party), self.people.parties[*party].1.clone());
                self.on_latest(move |tx, agreement, version| {
                    let shared = agreements::queries::shared(tx, agreement)?;
                    let permit = ask::<SignVersion>(who.clone(), &AsParty { shared: &shared, organisation: &organisation })?;
                    agreements::actions::decline(tx, &permit, agreement, version, &organisation, "还没想好")?;
                    Ok("declined")
                })?
            }
            Command::Forward(minutes) => {
                self.now += minutes;
                self.on.clock.set(instant(self.now));
                "later".into()
            }
        })
    }

    /// Runs a verb on the latest version, if there is one.
    fn on_latest(&self, verb: impl Fn(&mut Tx, &Agreement, &Version) -> Outcome<&'static str> + Send + 'static) -> Result<String, String> {
        let id = self.agreement.clone();
        self.write(move |tx| match latest(tx, &id)? {
            (agreement, Some(version)) => verb(tx, &agreement, &version),
            _ => Ok("nothing"),
        })
        .map(str::to_owned)
    }
}

/// One sequence on all three; gives the answers, or a report of the first difference.
fn tell(number: usize, on: [&Backed; 2], people: &Neighbourhood) -> Vec<String> {
    let seed = 0x0073_6861_6e67_0000 ^ u64::try_from(number).unwrap();
    let commands = Dice(seed).sequence();
    let hub = Hub::new(number);
    let (mut model, mut services) = (Model::new(), on.map(|backed| Service::new(backed, people, &hub)));
    let mut so_far = Vec::new();
    for command in &commands {
        let expected = model.answer(command);
        let seen = services.each_mut().map(|service| service.answer(command));
        so_far.push(format!("{command:?}\n    model {expected} | sqlite {} | postgres {}", seen[0], seen[1]));
        assert!(seen.iter().all(|seen| *seen == expected), "sequence {number} (seed {seed:#x}) differs:\n{}", so_far.join("\n"));
        assert_eq!(model.overlaps(), 0, "the model itself holds an overlap in sequence {number}");
    }
    commands.iter().zip(so_far).map(|(_, told)| told.rsplit("postgres ").next().unwrap().split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn soak_both_databases_answer_as_the_model() {
    let (sequences, next) = (rounds(2_000), AtomicUsize::new(0));
    let started = std::time::Instant::now();
    let kinds = std::sync::Mutex::new(std::collections::BTreeMap::<String, usize>::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let people = Neighbourhood::new();
                let (sqlite, postgres) = (Backed::new(Backend::Sqlite, &people), Backed::new(Backend::Postgres, &people));
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= sequences {
                        break;
                    }
                    for answer in tell(number, [&sqlite, &postgres], &people) {
                        *kinds.lock().unwrap().entry(answer).or_default() += 1;
                    }
                }
                for backed in [&sqlite, &postgres] {
                    assert_eq!(backup::broken_invariants(&mut backed.test.conn()).unwrap(), Vec::<String>::new());
                }
            });
        }
    });
    let kinds = kinds.into_inner().unwrap();
    println!("{sequences} sequences in {:.1} s: {kinds:?}", started.elapsed().as_secs_f32());
    // A model that agrees because everything is refused would prove nothing.
    for kind in ["booked", "period-taken", "booking-refused", "cancelled", "agreed", "state-conflict", "not-found", "out-of-turn"] {
        assert!(kinds.contains_key(kind), "no sequence had {kind}: {kinds:?}");
    }
}
