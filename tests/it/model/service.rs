//! The same commands on a database: the verbs a handler calls, with real permits.

use super::commands::{BUFFERS, Command, HORIZON_DAYS, MIDNIGHT, Minute, OWNERS, SPACES, Spec, USES};
use super::naive::{ATOMS, counted};
use crate::harness::TestDb;
use serde_json::{Value, json};
use shangliang::access::deeds::{CancelBooking, DraftVersion, MakeBooking, SignVersion};
use shangliang::access::{Place, ask};
use shangliang::agreements::model::{Agreement, AgreementFacts, AsParty, Version};
use shangliang::bookings::model::{Ask, InArea};
use shangliang::impact::model::{Disposition, StoredPlan};
use shangliang::kernel::id::{
    AccountId, AgreementId, AreaId, AtomId, BookingId, FloorId, HouseholdId, Id, OrganisationId, RepresentativeId, SiteId, SpaceId,
    SuspensionId, TariffId, TerminationId,
};
use shangliang::kernel::time::SetClock;
use shangliang::kernel::{Code, Fault, Instant, Outcome, Period, form};
use shangliang::people::model::{LiveGrant, Power, Representation, Role, Standing};
use shangliang::store::{Backend, Db, Tx};
use shangliang::terms::model::{ChangeKind, Clause};
use shangliang::{agreements, bookings};
use std::sync::Arc;

/// People of all sequences: the same ids in both databases.
#[derive(Clone)]
pub(super) struct Neighbourhood {
    area: AreaId,
    households: Vec<(AccountId, HouseholdId)>,
    pub(super) parties: Vec<(AccountId, OrganisationId, RepresentativeId)>,
    desk: AccountId,
}

impl Neighbourhood {
    pub(super) fn new() -> Self {
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
            sql += &format!(
                "INSERT INTO organisations (id, code, kind, name_zh, area_id, created_at) VALUES ('{organisation}', 'party-{n}', 'property_unit', '方', '{area}', 0);"
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
        Standing { account, household: Some(household), grants: vec![], represents: vec![], proved_at: Instant::LATEST }
    }

    pub(super) fn signer(&self, n: usize) -> Standing {
        let (account, organisation, id) = self.parties[n].clone();
        let represents = vec![Representation { id, organisation: organisation.clone(), powers: vec![Power::Sign], agreements: None }];
        Standing {
            account,
            household: None,
            grants: vec![LiveGrant { role: Role::PropertyUnit, area_path: None, organisation: Some(organisation) }],
            represents,
            proved_at: Instant::LATEST,
        }
    }

    pub(super) fn street(&self) -> Standing {
        let grants = vec![LiveGrant { role: Role::Street, area_path: Some(self.path()), organisation: None }];
        Standing { account: self.parties[1].0.clone(), household: None, grants, represents: vec![], proved_at: Instant::LATEST }
    }

    pub(super) fn drafter(&self) -> Standing {
        let grants = vec![LiveGrant { role: Role::Community, area_path: Some(self.path()), organisation: None }];
        Standing { account: self.desk.clone(), household: None, grants, represents: vec![], proved_at: Instant::LATEST }
    }
}

/// The hub of one sequence, the same ids in both databases.
#[derive(Clone)]
pub(super) struct Hub {
    site: SiteId,
    pub(super) spaces: [SpaceId; 4],
    code: String,
}

impl Hub {
    pub(super) fn new(number: usize) -> Self {
        Self { site: Id::fresh(), spaces: std::array::from_fn(|_| Id::fresh()), code: format!("s{number}") }
    }

    fn sql(&self, area: &AreaId, owners: [&OrganisationId; 2]) -> String {
        let (site, code, floor, owner) = (&self.site, &self.code, FloorId::fresh(), owners[0]);
        let atoms: [AtomId; 3] = std::array::from_fn(|_| Id::fresh());
        let mut sql = format!(
            "INSERT INTO sites (id, code, area_id, name_zh, zone, facts, granularity_minutes, min_minutes, max_minutes, lead_minutes, horizon_days, created_at)
             VALUES ('{site}', '{code}', '{area}', '驿站', 'Asia/Shanghai', '[]', 30, 30, 240, 60, {HORIZON_DAYS}, 0);
             INSERT INTO floors (id, site_id, code, name_zh, area, title_organisation_id, created_at) VALUES ('{floor}', '{site}', 'f1', '一层', 90000, '{owner}', 0);"
        );
        for (n, atom) in atoms.iter().enumerate() {
            sql += &format!("INSERT INTO atoms (id, floor_id, code, created_at) VALUES ('{atom}', '{floor}', 'a{n}', 0);");
        }
        for (n, id) in self.spaces.iter().enumerate() {
            let (name, (before, after), owner) = (SPACES[n], BUFFERS[n], owners[OWNERS[n]]);
            sql += &format!(
                "INSERT INTO spaces (id, site_id, floor_id, code, name_zh, kind, area, setup_minutes, cleanup_minutes, equipment, assumed, title_organisation_id, created_at) \
                 VALUES ('{id}', '{site}', '{floor}', '{name}', '厅', 'hall', 5000, {before}, {after}, '[]', '[]', '{owner}', 0);"
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
        let unanimous: Vec<Value> = ChangeKind::ALL
            .iter()
            .map(|change| json!({"change": change, "consent": {"rule": "unanimous"}, "wait_days": spec.wait}))
            .collect();
        let mut clauses = vec![
            clause(
                "parties",
                "parties",
                &[],
                json!({"parties": [
                {"organisation": "party-0", "capacity": "property_unit", "stage": 1}, {"organisation": "party-1", "capacity": "property_unit", "stage": stage}]}),
            ),
            clause("term", "term", &[], json!({"first_day": day(spec.first), "last_day": day(spec.last)})),
            clause(
                "hours",
                "open_hours",
                &[],
                json!({"weekly": [{"days": EVERY_DAY, "from": clock(spec.open.0), "to": clock(spec.open.1)}]}),
            ),
            clause("uses", "allowed_uses", &[], json!({ "uses": uses })),
            clause("utilities", "utilities_payer", &[], json!({"lines": [{"kind": "water", "party": "party-0"}]})),
            clause("suspension", "suspension_rule", &[], json!({"who": ["community"], "grounds": ["safety"]})),
            clause("termination", "termination_rule", &[], json!({"notice_days": 6, "holiday_moves": false, "withdrawal_allowed": true})),
            // Everybody consents to everything: the model knows bookings and waits, not consent.
            clause("amendment", "amendment_rule", &[], json!({ "rules": unanimous })),
            clause(
                "ceiling",
                "price_ceiling",
                &[],
                json!({"ceilings": [{"use": "exhibition", "fen": spec.exhibition_ceiling, "per": "session"}, {"fen": 0, "per": "session"}]}),
            ),
        ];
        for party in 0..2 {
            let lent: Vec<String> = (0..4).filter(|n| OWNERS[*n] == party).map(space).collect();
            clauses.push(clause(&format!("grant-{party}"), "space_grant", &lent, json!({"by": format!("party-{party}")})));
        }
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
pub(super) struct Backed {
    pub(super) test: TestDb,
    pub(super) db: Db,
    pub(super) clock: Arc<SetClock>,
}

pub(super) struct Service<'a> {
    on: &'a Backed,
    pub(super) people: Neighbourhood,
    pub(super) hub: Hub,
    pub(super) agreement: AgreementId,
    bookings: Vec<BookingId>,
    pub(super) suspensions: Vec<SuspensionId>,
    pub(super) notices: Vec<TerminationId>,
    pub(super) now: Minute,
}

pub(super) fn instant(minute: Minute) -> Instant {
    Instant(MIDNIGHT + minute * 60_000_000)
}

/// A fault in the words of the model.
pub(super) fn refused(fault: &Fault) -> String {
    let reasons = fault.detail.reasons.iter().map(|reason| reason.code.as_str());
    let codes: Vec<&str> = std::iter::once(fault.code.as_str()).chain(reasons).collect();
    if fault.code == Code::PeriodTaken { "period-taken".into() } else { codes.join(" ") }
}

/// An answer with what became of bookings, in the words of the model.
pub(super) fn told(answer: &str, plan: &StoredPlan, dispositions: &[Disposition]) -> String {
    let counts = dispositions.iter().map(|wanted| plan.counts.iter().find(|count| count.disposition == *wanted).unwrap());
    counted(answer, &counts.map(|count| (count.disposition.as_str(), count.bookings)).collect::<Vec<_>>())
}

pub(super) fn latest(tx: &mut Tx, agreement: &AgreementId) -> Outcome<(Agreement, Option<Version>)> {
    let found = agreements::queries::find(tx, agreement)?.unwrap();
    Ok((found, agreements::queries::versions(tx, agreement)?.into_iter().next()))
}

impl Backed {
    pub(super) fn new(backend: Backend, people: &Neighbourhood) -> Self {
        let (test, clock) = (TestDb::fresh(backend), SetClock::at(instant(600)));
        test.sql(&people.sql());
        Self { db: test.open(clock.clone()), test, clock }
    }
}

impl<'a> Service<'a> {
    pub(super) fn new(on: &'a Backed, people: &Neighbourhood, hub: &Hub) -> Self {
        on.clock.set(instant(600));
        let sql = hub.sql(&people.area, [&people.parties[0].1, &people.parties[1].1]);
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
        Self {
            on,
            people: people.clone(),
            hub: hub.clone(),
            agreement: agreement.unwrap(),
            bookings: vec![],
            suspensions: vec![],
            notices: vec![],
            now: 600,
        }
    }

    pub(super) fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx) -> Outcome<T> + Send + 'static) -> Result<T, String> {
        self.on.db.write_now(work).map_err(|fault| if fault.code.status() < 500 { refused(&fault) } else { format!("{fault:?}") })
    }

    pub(super) fn answer(&mut self, command: &Command) -> String {
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
                    usage_terms_sha256: None,
                    beside: Default::default(),
                };
                let (booking, version) = self.write(move |tx| {
                    let place = Place { household: who.household.clone(), account: Some(who.account.clone()), ..Place::default() };
                    let permit = ask::<MakeBooking>(who.clone(), &place)?;
                    let (holder, now) = (bookings::actions::holder(&permit, &wish)?, tx.now());
                    let basis = bookings::queries::basis(tx, &wish, Some(&holder), now)?;
                    let booking = bookings::actions::make(tx, &permit, &wish, basis)?.booking;
                    let version = agreements::queries::version_of(tx, &booking.version)?.unwrap().1;
                    Ok((booking, version))
                })?;
                self.bookings.push(booking.id);
                format!("booked version:{version} fen:{}", booking.price.0)
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
            Command::Suspend { .. }
            | Command::SuspendLater { .. }
            | Command::Lift { .. }
            | Command::Review { .. }
            | Command::Terminate { .. }
            | Command::Dispute { .. }
            | Command::Leave { .. }
            | Command::Annul { .. }
            | Command::Settle
            | Command::Close { .. } => self.live(command)?,
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
