//! What the requests of the matrix are about.

use super::table::Row;
use crate::harness::Town;
use crate::harness::app::PASSWORD;
use crate::harness::db::NOW;
use serde_json::{Value, json};
use shangliang::kernel::Instant;
use shangliang::kernel::id::{
    AccountId, AgreementId, BookingId, CalendarId, HouseholdId, Id, NoticeId, OrganisationId, PendingSignatureId, PositionId, PostingId,
    RepresentativeId, SeriesId, SignatureId, UsageTermsId, VoteId, WaitId,
};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// An order that closes every space.
fn suspension(planned: bool) -> Value {
    if planned {
        let (from, until) = ("2026-12-10T08:00:00+08:00", "2026-12-11T08:00:00+08:00");
        return json!({"urgency": "planned", "ground": "repair", "text": "粉刷", "from": from, "until": until});
    }
    json!({"urgency": "immediate", "ground": "safety", "text": "漏水", "evidence": "照片"})
}

/// A request of the matrix.
pub struct Ask {
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<(&'static str, String)>,
}

/// Whether a path names a thing that is there.
#[derive(Clone, Copy, PartialEq)]
pub enum Thing {
    /// Made for this request, because it will be used up.
    Fresh,
    /// One for all who may not.
    Shared,
    /// None.
    Absent,
}

/// What the requests are about.
pub struct Things<'t> {
    town: &'t Town<'t>,
    clauses: Value,
    next: Cell<usize>,
    slots: Cell<usize>,
    shared: RefCell<BTreeMap<&'static str, String>>,
}

impl<'t> Things<'t> {
    pub fn new(town: &'t Town<'t>) -> Self {
        let path = format!("/api/v1/agreements/{}/versions/1", town.agreement("yuxin-partnership"));
        let clauses = town.app.client.get(&path).unwrap().expect(200, "clauses").unwrap().body["clauses"].clone();
        Self { town, clauses, next: Cell::new(0), slots: Cell::new(0), shared: RefCell::default() }
    }

    fn number(&self) -> usize {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    /// Somebody the desk has just made an account for, by their mobile number.
    pub fn newcomer(&self) -> String {
        let mobile = format!("1370000{:04}", self.number());
        let household = self.town.person("yuxin-p-res-2").get("/api/v1/me").unwrap().body["household_id"].clone();
        let person = json!({"name": "新人", "mobile": mobile, "household_id": household});
        self.town.person("yuxin-p-desk").post("/api/v1/accounts", &person).unwrap().expect(201, "account").unwrap();
        mobile
    }

    /// A time nobody has: ten in the morning and later, on days without other hours.
    fn slot(&self) -> (i64, u16) {
        let n = self.slots.replace(self.slots.get() + 1);
        (2 + i64::try_from(n / 6).unwrap(), 600 + 60 * u16::try_from(n % 6).unwrap())
    }

    fn closure(&self) -> String {
        let path = format!("/api/v1/sites/{}/closures", self.town.site("yuxin-centre"));
        let made = self.town.person("yuxin-p-desk").post(&path, &closing()).unwrap().expect(201, "closure").unwrap();
        made.text("/closure/id").to_owned()
    }

    fn ask(&self, organisation: Option<&str>) -> Value {
        let (day, minute) = self.slot();
        let mut ask = self.town.ask(day, minute);
        if let Some(organisation) = organisation {
            ask["organisation_id"] = json!(self.town.organisation(organisation));
        }
        ask
    }

    fn booking(&self, by: &str, organisation: Option<&str>) -> String {
        let made = self.town.person(by).post("/api/v1/bookings", &self.ask(organisation)).unwrap().expect(201, "booking").unwrap();
        made.text("/id").to_owned()
    }

    fn series_ask(&self, organisation: Option<&str>) -> Value {
        let mut ask = self.ask(organisation);
        ask["rule"] = json!("FREQ=DAILY;COUNT=1");
        ask
    }

    fn series(&self) -> String {
        let made = self.town.person("yuxin-p-res-2").post("/api/v1/series", &self.series_ask(None)).unwrap().expect(201, "series").unwrap();
        made.text("/id").to_owned()
    }

    /// An address of `own`'s calendar: its id and its secret.
    fn calendar(&self) -> String {
        let own = self.town.person("yuxin-p-res-2");
        let made = own.post("/api/v1/me/calendars", &json!({})).unwrap().expect(200, "address").unwrap();
        format!("{}/{}", made.text("/id"), made.text("/path").rsplit('/').next().unwrap().trim_end_matches(".ics"))
    }

    /// What the arts service has booked, as others would ask for it.
    fn taken(&self) -> Value {
        let mut ask = self.ask(Some("yuxin-arts"));
        self.town.person("yuxin-p-arts").post("/api/v1/bookings", &ask).unwrap().expect(201, "booking").unwrap();
        ask.as_object_mut().unwrap().remove("organisation_id");
        ask
    }

    /// A notice of `own`.
    fn notice(&self) -> String {
        self.booking("yuxin-p-res-2", None);
        self.town.app.settle();
        let page = self.town.person("yuxin-p-res-2").get("/api/v1/notices?limit=1").unwrap().expect(200, "notices").unwrap();
        page.text("/items/0/id").to_owned()
    }

    fn new_agreement(&self) -> Value {
        json!({"code": format!("matrix-{}", self.number()), "title_zh": "试验协议",
            "area_id": self.town.area("yuxin-garden"), "site_ids": [self.town.site("yuxin-centre")]})
    }

    /// An agreement without a version.
    fn agreement(&self) -> String {
        let street = self.town.person("yuxin-p-street");
        let made = street.post("/api/v1/agreements", &self.new_agreement()).unwrap().expect(201, "agreement").unwrap();
        made.text("/id").to_owned()
    }

    fn draft(&self) -> String {
        let id = self.agreement();
        let ask = json!({ "clauses": self.clauses });
        self.town.person("yuxin-p-street").post(&format!("/api/v1/agreements/{id}/versions"), &ask).unwrap().expect(201, "draft").unwrap();
        id
    }

    /// A version signed by both parties, in force from `first_day`.
    fn agreed(&self, first_day: &str) -> String {
        let town = self.town;
        let (id, mut clauses) = (self.agreement(), self.clauses.clone());
        for clause in clauses.as_array_mut().unwrap().iter_mut().filter(|clause| clause["kind"] == "term") {
            clause["payload"]["first_day"] = json!(first_day);
        }
        let (street, path) = (town.person("yuxin-p-street"), format!("/api/v1/agreements/{id}/versions"));
        street.post(&path, &json!({ "clauses": clauses })).unwrap().expect(201, "draft").unwrap();
        street.post(&format!("{path}/1/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        for party in ["yuxin-unit", "yuxin-community"] {
            let body = json!({"organisation_id": town.organisation(party), "sha256": self.sha256(&id)});
            town.signer(party).post(&format!("{path}/1/signatures"), &body).unwrap().expect(201, "signature").unwrap();
        }
        id
    }

    /// The same, with something ordered or served by somebody; `agreement/thing`.
    fn then(&self, by: &str, tail: &str, body: &Value, named: &str) -> String {
        let id = self.agreed("2026-01-01");
        let made = self.town.person(by).post(&format!("/api/v1/agreements/{id}/{tail}"), body).unwrap().expect(201, tail).unwrap();
        format!("{id}/{}", made.text(named))
    }

    fn proposed(&self) -> String {
        self.put("proposal")
    }

    fn in_round(&self) -> String {
        self.put("round")
    }

    /// A draft put to its parties.
    fn put(&self, how: &str) -> String {
        let id = self.draft();
        let path = format!("/api/v1/agreements/{id}/versions/1/{how}");
        self.town.person("yuxin-p-street").post(&path, &json!({})).unwrap().expect(201, "proposal").unwrap();
        id
    }

    /// Somebody else who may sign for the unit.
    fn representative(&self) -> String {
        let id = RepresentativeId::fresh().to_string();
        let account = self.town.person("yuxin-p-res-1").get("/api/v1/me").unwrap().body["id"].as_str().unwrap().to_owned();
        let (unit, from) = (self.town.organisation("yuxin-unit"), NOW.0 + i64::try_from(self.number()).unwrap());
        self.town.app.db.sql(&format!(
            "INSERT INTO representatives (id, account_id, organisation_id, powers, from_at, to_at, evidence, created_at)
             VALUES ('{id}', '{account}', '{unit}', '[\"position\"]', {from}, {}, '委托书', 0)",
            Instant::LATEST.0
        ));
        id
    }

    /// Proposed, and signed for the unit by somebody without the power to.
    fn signed_outside_power(&self) -> String {
        let id = self.proposed();
        let version = self.town.person("yuxin-p-street").get(&format!("/api/v1/agreements/{id}/versions/1")).unwrap();
        let (pending, account, unit) = (PendingSignatureId::fresh(), AccountId::fresh(), self.town.organisation("yuxin-unit"));
        self.town.app.db.sql(&format!(
            "INSERT INTO pending_signatures (id, version_id, organisation_id, version_sha256, account_id, signed_at, until_at)
             VALUES ('{pending}', '{}', '{unit}', '{}', '{account}', {}, {})",
            version.text("/id"),
            version.text("/sha256"),
            NOW.0,
            Instant::LATEST.0
        ));
        id
    }

    /// An owners' vote that carried.
    fn vote(&self, sha256: &str) -> Value {
        json!({"sha256": sha256, "matter": "special", "heads_all": 829, "heads_took_part": 553, "heads_yes": 415,
            "area_all": 8_290_000, "area_took_part": 5_530_000, "area_yes": 4_150_000, "area_basis": "register",
            "notice_on": "2026-11-01", "voted_on": "2026-11-20", "posted_on": "2026-11-22", "evidence_sha256": "d".repeat(64)})
    }

    /// What usage terms of a room nobody books in the matrix say.
    fn usage(&self) -> Value {
        json!({"space_ids": [self.town.space("yuxin-centre/shuyuan")], "text_zh": format!("请保持安静。{}", self.number())})
    }

    /// Usage terms, so far: `draft`, `submission` or `approvals`.
    fn usage_terms(&self, until: &str) -> String {
        let (desk, unit) = (self.town.person("yuxin-p-desk"), self.town.person("yuxin-p-unit"));
        let path = format!("/api/v1/sites/{}/usage-terms", self.town.site("yuxin-centre"));
        let id = desk.post(&path, &self.usage()).unwrap().expect(201, "draft").unwrap().text("/usage_terms_id").to_owned();
        if until != "draft" {
            let path = format!("/api/v1/usage-terms/{id}");
            let hash = desk.post(&format!("{path}/submission"), &json!({})).unwrap().expect(201, "submission").unwrap();
            if until == "approvals" {
                let body = json!({"organisation_id": self.town.organisation("yuxin-unit"), "sha256": hash.text("/sha256")});
                unit.post(&format!("{path}/approvals"), &body).unwrap().expect(201, "approval").unwrap();
            }
        }
        id
    }

    fn sha256(&self, id: &str) -> String {
        let street = self.town.person("yuxin-p-street");
        street.get(&format!("/api/v1/agreements/{id}/versions/1")).unwrap().text("/sha256").to_owned()
    }

    fn on(&self, thing: Thing, kind: &'static str, make: impl Fn() -> String) -> String {
        match thing {
            Thing::Fresh => make(),
            Thing::Absent if kind.contains("series") => SeriesId::fresh().to_string(),
            Thing::Absent if kind == "calendar" => format!("{}/x", CalendarId::fresh()),
            Thing::Absent if kind.contains("booking") => BookingId::fresh().to_string(),
            Thing::Absent if kind == "notice" => NoticeId::fresh().to_string(),
            Thing::Absent if kind.contains("usage terms") => UsageTermsId::fresh().to_string(),
            Thing::Absent => AgreementId::fresh().to_string(),
            Thing::Shared => {
                if let Some(id) = self.shared.borrow().get(kind) {
                    return id.clone();
                }
                let id = make();
                self.shared.borrow_mut().insert(kind, id.clone());
                id
            }
        }
    }

    pub fn request(&self, row: &Row, thing: Thing) -> Ask {
        let town = self.town;
        let (method, template) = row.operation.split_once(' ').unwrap();
        let mut path = template.to_owned();
        let (mut headers, mut body) = (Vec::new(), None);
        let json_body = |value: Value| Some(("application/json", value.to_string()));
        if method == "POST" {
            headers.push(("idempotency-key", format!("matrix-{}", self.number())));
        }
        match (row.operation, row.on) {
            ("POST /api/v1/sign-in", _) => body = json_body(json!({"login": "admin@example.org", "password": PASSWORD})),
            ("POST /api/v1/me/password", _) => body = json_body(json!({"current": PASSWORD, "password": "另外一个密码-2026"})),
            ("POST /api/v1/step-up", _) => body = json_body(json!({ "password": PASSWORD })),
            ("POST /api/v1/token-refresh", _) => {
                headers.push(("cookie", format!("__Host-shangliang-refresh={}", town.refresh_token("yuxin-p-res-1"))))
            }
            ("POST /api/v1/claims", _) => {
                let mobile = self.newcomer();
                let code = town.person("yuxin-p-desk").post("/api/v1/claim-codes", &json!({"login": mobile})).unwrap();
                let code = code.expect(200, "code").unwrap();
                body = json_body(json!({"login": mobile, "code": code.text("/code"), "password": PASSWORD}));
            }
            ("POST /api/v1/first-administrator", _) => {
                body = json_body(json!({"token": "0".repeat(64), "name": "别人", "email": "other@example.org", "password": PASSWORD}));
            }
            ("POST /api/v1/accounts", _) => {
                let mobile = format!("1380000{:04}", self.number());
                body = json_body(json!({"name": "新人", "mobile": mobile, "area_id": town.area("yuxin-garden")}));
            }
            ("POST /api/v1/claim-codes", _) => {
                let login = if thing == Thing::Absent { "13600000000".to_owned() } else { town.login("yuxin-p-res-1") };
                body = json_body(json!({ "login": login }));
            }
            ("POST /api/v1/hub-imports", _) => {
                let n = self.number();
                let yaml = format!(
                    "hub: matrix-{n}\ntitle_zh: 新网格\nareas:\n  - {{code: matrix-grid-{n}, kind: grid, name_zh: 新网格, parent: yuxin-garden}}\n"
                );
                body = Some(("application/yaml", yaml));
            }
            ("POST /api/v1/bookings/check", _) | ("POST /api/v1/bookings", "own household") => body = json_body(self.ask(None)),
            ("POST /api/v1/bookings", "a rule set aside") => {
                let mut ask = self.ask(Some("yuxin-community"));
                (ask["set_aside"], ask["set_aside_reason"]) = (json!(["duration"]), json!("换届选举"));
                body = json_body(ask);
            }
            ("POST /api/v1/waitlist", _) if thing == Thing::Fresh => body = json_body(self.taken()),
            ("POST /api/v1/waitlist", _) => body = json_body(town.ask(2, 600)),
            ("POST /api/v1/bookings", _) => body = json_body(self.ask(Some("yuxin-arts"))),
            ("POST /api/v1/series/preview", _) | ("POST /api/v1/series", "own household") => body = json_body(self.series_ask(None)),
            ("POST /api/v1/series", _) => body = json_body(self.series_ask(Some("yuxin-arts"))),
            ("POST /api/v1/series/{id}/cancellation", _) => body = json_body(json!({"scope": "all"})),
            ("POST /api/v1/series/{id}/changes", _) => body = json_body(json!({"scope": "all", "attendees": 3})),
            ("POST /api/v1/neighbour-lookups", _) => {
                let code = if thing == Thing::Absent { "no-such-household" } else { "yuxin-h-38-3-602" };
                body = json_body(json!({ "household_code": code }));
            }
            ("POST /api/v1/assisted-bookings", _) => {
                let (mut ask, own) = (self.ask(None), town.person("yuxin-p-res-2").get("/api/v1/me").unwrap().body);
                let household = if thing == Thing::Absent { json!(HouseholdId::fresh().to_string()) } else { own["household_id"].clone() };
                (ask["household_id"], ask["account_id"]) = (household, own["id"].clone());
                (ask["consent"], ask["consent_at"]) = (json!("by_phone"), json!(NOW));
                body = json_body(ask);
            }
            ("POST /api/v1/agreements", _) => body = json_body(self.new_agreement()),
            ("PUT /api/v1/me/notice-settings", _) => {
                headers.push(("if-match", "*".to_owned()));
                body = json_body(json!({"mail_off": ["talk"]}));
            }
            ("POST /api/v1/notices/reading", _) => {
                body = json_body(json!({ "until": self.on(thing, "notice", || self.notice()) }));
            }
            ("POST /api/v1/verifications", _) => body = json_body(json!({ "sha256": "0".repeat(64) })),
            (_, "of the area") => path = format!("{path}?area_id={}", town.area("yuxin-garden")),
            _ => {}
        }
        if method == "POST" && template.ends_with("/closures") {
            body = json_body(closing());
        }
        if template.contains("/series/{id}") {
            path = path.replace("{id}", &self.on(thing, "household's series", || self.series()));
        } else if template.contains("/calendars/") {
            // One person has only so many: whatever is only read is read again.
            let thing = if method == "GET" && thing == Thing::Fresh { Thing::Shared } else { thing };
            let both = self.on(thing, "calendar", || self.calendar());
            let (id, secret) = both.split_once('/').unwrap();
            path = path.replace("{id}", id).replace("{secret}", secret);
        } else if template.contains("/closures/{id}") {
            path = path.replace("{id}", &self.on(thing, "closure", || self.closure()));
            if template.ends_with("/openings") {
                body = json_body(json!({"reason": "提前修好了"}));
            }
        } else if template.contains("/waitlist/{id}") {
            let id = match thing {
                Thing::Absent => WaitId::fresh().to_string(),
                _ => self.on(thing, "place in line", || {
                    let joined = town.person("yuxin-p-res-2").post("/api/v1/waitlist", &self.taken()).unwrap();
                    joined.expect(201, "place in line").unwrap().text("/id").to_owned()
                }),
            };
            path = path.replace("{id}", &id);
        } else if template.contains("/notices/{id}") {
            path = path.replace("{id}", &self.on(thing, "notice", || self.notice()));
        } else if template.contains("/areas/{id}") {
            path = path.replace("{id}", &town.area("yuxin-garden"));
        } else if template.contains("/usage-terms/{id}") {
            let id = match row.on {
                "usage terms in force" => self.on(thing, "usage terms in force", || self.usage_terms("approvals")),
                "submitted usage terms" => self.on(thing, "submitted usage terms", || self.usage_terms("submission")),
                _ => self.on(thing, "a draft of usage terms", || self.usage_terms("draft")),
            };
            let unit = town.organisation("yuxin-unit");
            match template.rsplit('/').next().unwrap() {
                "approvals" => {
                    let seen = town.person("yuxin-p-desk").get(&format!("/api/v1/usage-terms/{id}")).unwrap();
                    let sha256 = seen.body["sha256"].as_str().map_or_else(|| "0".repeat(64), str::to_owned);
                    body = json_body(json!({"organisation_id": unit, "sha256": sha256}));
                }
                "rejection" => body = json_body(json!({"organisation_id": unit, "reason": "再想想"})),
                _ if method == "PUT" => {
                    headers.push(("if-match", "*".to_owned()));
                    body = json_body(self.usage());
                }
                _ => {}
            }
            path = path.replace("{id}", &id);
        } else if template.contains("/sites/{id}") {
            if method == "POST" && !template.ends_with("/closures") {
                body = json_body(self.usage());
            }
            let site = if row.on == "the gym" { "yuxin-gym" } else { "yuxin-centre" };
            path = path.replace("{id}", &town.site(site));
        } else if template.contains("/spaces/{id}") {
            path = path.replace("{id}", &town.space("yuxin-centre/moxuan"));
        } else if template.contains("/organisations/{id}") {
            let id = if thing == Thing::Absent { OrganisationId::fresh().to_string() } else { town.organisation("yuxin-unit") };
            path = path.replace("{id}", &id);
        } else if template.contains("/representatives/{id}") {
            let id = match thing {
                Thing::Absent => RepresentativeId::fresh().to_string(),
                _ => self.on(thing, "representative", || self.representative()),
            };
            path = path.replace("{id}", &id);
        } else if template.contains("/bookings/{id}") {
            let id = match row.on {
                "that needs the unit" => self.on(thing, "booking to approve", || {
                    let (day, minute) = self.slot();
                    let mut ask = town.ask(day, minute);
                    (ask["space_id"], ask["use"]) = (json!(town.space("yuxin-centre/yazhu")), json!("study"));
                    let made = town.person("yuxin-p-res-2").post("/api/v1/bookings", &ask).unwrap().expect(201, "request").unwrap();
                    made.text("/id").to_owned()
                }),
                "that was charged" => self.on(thing, "charged booking", || {
                    let (day, minute) = self.slot();
                    let mut ask = town.ask(day, minute);
                    (ask["space_id"], ask["use"]) = (json!(town.space("yuxin-centre/xi")), json!("exhibition"));
                    let made = town.person("yuxin-p-res-2").post("/api/v1/bookings", &ask).unwrap().expect(201, "exhibition").unwrap();
                    made.text("/id").to_owned()
                }),
                "of a household" => self.on(thing, "household's booking", || self.booking("yuxin-p-res-2", None)),
                _ => self.on(thing, "organisation's booking", || self.booking("yuxin-p-arts", Some("yuxin-arts"))),
            };
            path = path.replace("{id}", &id);
            if template.contains("{posting}") {
                let posted = town.person("yuxin-p-desk").get(&format!("/api/v1/bookings/{id}/postings")).unwrap();
                let posting = posted.body[0]["id"].as_str().map_or_else(|| PostingId::fresh().to_string(), str::to_owned);
                path = path.replace("{posting}", &posting);
            }
            match path.rsplit('/').next().unwrap() {
                "reversal" => body = json_body(json!({"reason": "记错了"})),
                "refusal" if row.on == "that needs the unit" => body = json_body(json!({"reason": "那天要检修"})),
                "provider-cancellation" => body = json_body(json!({"reason": "水管爆了"})),
                "move" => {
                    let (day, minute) = self.slot();
                    let ask = town.ask(day, minute);
                    body = json_body(json!({"starts_at": ask["starts_at"], "ends_at": ask["ends_at"], "price_fen": 0}));
                }
                "acceptance" if template.contains("/offer/") => body = json_body(json!({"alternative": 1})),
                "check-in" => body = json_body(json!({"code": "123456"})),
                "attendance" => body = json_body(json!({"outcome": "came"})),
                "appeal" => body = json_body(json!({"text": "我们来了。"})),
                "decision" => body = json_body(json!({"outcome": "cleared", "reply": "对不起。"})),
                "rating" => body = json_body(json!({"stars": 5})),
                "keys" => body = json_body(json!({"moved": "handed_out"})),
                "reduction" => body = json_body(json!({"attendees": 1})),
                _ => {}
            }
        } else if template.contains("/agreements/{id}") {
            let unit = town.organisation("yuxin-unit");
            let id = match row.on {
                "in force" => town.agreement("yuxin-partnership"),
                "a new agreement" => self.on(thing, "agreement", || self.agreement()),
                "a draft" => self.on(thing, "draft", || self.draft()),
                "paper of the unit" => self.on(thing, "paper", || {
                    let id = self.proposed();
                    let ask = json!({"organisation_id": unit, "sha256": self.sha256(&id), "evidence_sha256": "a".repeat(64)});
                    let path = format!("/api/v1/agreements/{id}/versions/1/paper-signatures");
                    town.person("yuxin-p-desk").post(&path, &ask).unwrap().expect(201, "paper").unwrap();
                    id
                }),
                "in a round" | "in a round, for the unit" => self.on(thing, "round", || self.in_round()),
                "an objection of the unit" => self.on(thing, "objection", || {
                    let id = self.in_round();
                    let ask = json!({"organisation_id": unit, "sha256": self.sha256(&id), "stand": "object", "text": "再想想"});
                    let path = format!("/api/v1/agreements/{id}/versions/1/positions");
                    town.person("yuxin-p-unit").post(&path, &ask).unwrap().expect(201, "position").unwrap();
                    id
                }),
                "agreed"
                | "agreed, at once"
                | "agreed, planned"
                | "agreed, for the unit"
                | "agreed, for the community"
                | "agreed, for the property manager" => self.on(thing, "agreed", || self.agreed("2026-01-01")),
                "asked for by the unit" => self.on(thing, "asked for", || {
                    let mut body = suspension(true);
                    body["organisation_id"] = json!(unit);
                    self.then("yuxin-p-unit", "suspension-proposals", &body, "/proposal_id")
                }),
                "to come, for the unit" => self.on(thing, "to come", || self.agreed("2027-06-01")),
                "suspended by the community" => {
                    self.on(thing, "suspended", || self.then("yuxin-p-desk", "suspensions", &suspension(false), "/suspension_id"))
                }
                "suspended by the unit" => self
                    .on(thing, "suspended by the unit", || self.then("yuxin-p-unit", "suspensions", &suspension(false), "/suspension_id")),
                "under notice, for the unit" => self.on(thing, "under notice", || {
                    let body = json!({"organisation_id": town.organisation("yuxin-community"), "text": "另有安排"});
                    self.then("yuxin-p-lead", "termination-notices", &body, "/termination_id")
                }),
                "to be ratified by the unit" => self.on(thing, "outside the power", || self.signed_outside_power()),
                "a vote the street recorded" => self.on(thing, "vote", || {
                    let id = self.proposed();
                    let path = format!("/api/v1/agreements/{id}/versions/1/owners-decisions");
                    let street = town.person("yuxin-p-street");
                    street.post(&path, &self.vote(&self.sha256(&id))).unwrap().expect(201, "vote").unwrap();
                    id
                }),
                _ => self.on(thing, "proposed", || self.proposed()),
            };
            let (id, about) = id.split_once('/').map_or((id.as_str(), ""), |(id, about)| (id, about));
            let id = id.to_owned();
            path = path.replace("{suspension}", about).replace("{notice}", about).replace("{proposal}", about);
            for (name, list, absent) in [
                ("{pending}", "pending_signatures", PendingSignatureId::fresh().to_string()),
                ("{vote}", "owners_decisions", VoteId::fresh().to_string()),
            ] {
                if template.contains(name) {
                    let seen = town.person("yuxin-p-street").get(&format!("/api/v1/agreements/{id}/versions/1")).unwrap();
                    let found = seen.body[list][0]["id"].as_str().map(str::to_owned);
                    path = path.replace(name, &found.unwrap_or(absent));
                }
            }
            if template.contains("{position}") {
                let rounds = town.person("yuxin-p-street").get(&format!("/api/v1/agreements/{id}/rounds")).unwrap();
                let said = rounds.body.pointer("/0/voices").and_then(Value::as_array).into_iter().flatten();
                let position = said.filter_map(|voice| voice["position"]["id"].as_str()).next().map(str::to_owned);
                path = path.replace("{position}", &position.unwrap_or_else(|| PositionId::fresh().to_string()));
            }
            let sha256 = if thing == Thing::Absent { "0".repeat(64) } else { self.sha256(&id) };
            if template.contains("{signature}") {
                let seen = town.person("yuxin-p-street").get(&format!("/api/v1/agreements/{id}/versions/1")).unwrap();
                let party = seen.body["parties"].as_array().into_iter().flatten().find(|p| p["code"] == "yuxin-unit").cloned();
                let signature = party.and_then(|p| p["signature"]["id"].as_str().map(str::to_owned));
                path = path.replace("{signature}", &signature.unwrap_or_else(|| SignatureId::fresh().to_string()));
            }
            path = path.replace("{id}", &id).replace("{no}", "1");
            let party = match row.on {
                on if on.ends_with("the community") => town.organisation("yuxin-community"),
                on if on.ends_with("the property manager") => town.organisation("yuxin-property"),
                _ => unit,
            };
            match path.rsplit('/').next().unwrap() {
                "suspensions" => body = json_body(suspension(row.on == "agreed, planned")),
                "suspension-proposals" => {
                    let mut asked = suspension(true);
                    asked["organisation_id"] = json!(party);
                    body = json_body(asked);
                }
                "refusal" if row.on == "asked for by the unit" => body = json_body(json!({"text": "先不停。"})),
                "lifting" | "settlement" | "closing" if !path.ends_with("/round/closing") => {
                    body = json_body(json!({"text": "都办好了。"}))
                }
                "reviews" => body = json_body(json!({"outcome": "upheld", "text": "隐患还在。"})),
                "termination-notices" | "objections" | "withdrawals" | "annulment" => {
                    body = json_body(json!({"organisation_id": party, "text": "另有安排。"}))
                }
                "signatures" | "pending-signatures" => body = json_body(json!({"organisation_id": party, "sha256": sha256})),
                "extension" => body = json_body(json!({"until": "2027-06-30"})),
                "agency-consents" => {
                    let street = town.person("yuxin-p-street");
                    let listed = street.get(&format!("/api/v1/organisations/{}/representatives", town.organisation("yuxin-unit"))).unwrap();
                    let mine = town.person("yuxin-p-unit").get("/api/v1/me").unwrap().body["id"].clone();
                    let own = listed.body["items"].as_array().unwrap().iter().find(|r| r["account_id"] == mine).unwrap()["id"].clone();
                    let ask = json!({"organisation_id": party, "representative_id": own, "evidence_sha256": "c".repeat(64)});
                    body = json_body(ask);
                }
                "owners-decisions" => body = json_body(self.vote(&sha256)),
                "paper-signatures" => {
                    body = json_body(json!({"organisation_id": party, "sha256": sha256, "evidence_sha256": "b".repeat(64)}))
                }
                "positions" => body = json_body(json!({"organisation_id": party, "sha256": sha256, "stand": "support"})),
                "reply" => body = json_body(json!({"text": "写进第七条了。"})),
                "declines" => body = json_body(json!({"organisation_id": party, "reason": "再商量商量"})),
                "versions" => body = json_body(json!({ "clauses": self.clauses })),
                _ if method == "PUT" => {
                    headers.push(("if-match", "*".to_owned()));
                    body = json_body(json!({ "clauses": self.clauses }));
                }
                _ => {}
            }
        }
        Ask { path, headers, body }
    }
}

/// Far beyond whatever anybody can book.
fn closing() -> Value {
    json!({"from": "2027-11-01T00:00:00+08:00", "until": "2027-11-02T00:00:00+08:00", "reason": "检修"})
}
