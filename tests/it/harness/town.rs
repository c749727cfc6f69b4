//! A whole neighbourhood: both hubs imported over HTTP, the agreements of 育新花园 in force, and everybody signed in.
//!
//! People are signed in beside the password hash (there are forty of them): by [`TestApp::tokens`]. Whoever needs the real way uses
//! `TestApp::claim`.

use super::TestApp;
use serde_json::{Value, json};
use shangliang::demo::client::Client;
use shangliang::demo::people::{Hub, find};
use shangliang::demo::seed::{SHIYOU, YUXIN};
use shangliang::kernel::id::{Id, RepresentativeId};
use shangliang::kernel::{Instant, Zone};
use shangliang::people::model::NewPerson;
use shangliang::people::{actions, queries};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The neighbourhood.
pub struct Town<'a> {
    /// The server.
    pub app: &'a TestApp,
    /// The platform administrator.
    pub admin: Client,
    /// 育新花园.
    pub yuxin: Hub,
    /// 石油大院: imported, nothing signed.
    pub shiyou: Hub,
    people: Mutex<BTreeMap<String, Client>>,
    spaces: BTreeMap<String, String>,
    organisations: BTreeMap<String, String>,
}

/// The time zone of both hubs.
pub fn zone() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}

/// The hub of 育新花园 with other words where some first stand; each of them does.
pub fn yuxin_with(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(YUXIN.to_owned(), |yaml, (usual, other)| {
        assert!(yaml.contains(usual), "{usual}");
        yaml.replacen(usual, other, 1)
    })
}

impl<'a> Town<'a> {
    /// Imports both hubs and signs both agreements of the first.
    pub fn build(app: &'a TestApp) -> Self {
        Self::of(app, YUXIN)
    }

    /// The same with another file of the first hub.
    pub fn of(app: &'a TestApp, yuxin: &str) -> Self {
        let admin = app.admin();
        let yuxin = Hub::bring_in(&admin, yuxin).unwrap();
        let shiyou = Hub::bring_in(&admin, SHIYOU).unwrap();
        let mut town =
            Self { app, admin, yuxin, shiyou, people: Mutex::default(), spaces: BTreeMap::new(), organisations: BTreeMap::new() };
        for site in ["yuxin-centre", "yuxin-gym", "shiyou-hub"] {
            let id = town.site(site);
            let detail = app.client.get(&format!("/api/v1/sites/{id}")).unwrap().expect(200, "site").unwrap();
            for floor in detail.body["floors"].as_array().unwrap() {
                for space in floor["spaces"].as_array().unwrap() {
                    town.spaces.insert(format!("{site}/{}", space["code"].as_str().unwrap()), space["id"].as_str().unwrap().to_owned());
                }
            }
        }
        let codes: Vec<String> =
            town.yuxin.file.organisations.iter().chain(&town.shiyou.file.organisations).map(|o| o.code.clone()).collect();
        let known = app.store().read_now(|tx| queries::organisations_by_code(tx, &codes)).unwrap();
        town.organisations = known.into_iter().map(|o| (o.code, o.id.to_string())).collect();
        town.sign("yuxin-partnership", &["yuxin-unit", "yuxin-community"]);
        town.sign("yuxin-gym-agreement", &["yuxin-gym-operator", "yuxin-community"]);
        town
    }

    /// Somebody of a hub file by code (`yuxin-p-res-1`), signed in; the same client every time.
    pub fn person(&self, code: &str) -> Client {
        if let Some(client) = self.people.lock().unwrap().get(code) {
            return client.clone();
        }
        let client = self.app.client.with_token(Some(&self.fresh_token(code)));
        self.people.lock().unwrap().insert(code.to_owned(), client.clone());
        client
    }

    /// Signs everybody out of this cache: after the clock has moved, tokens are made anew.
    pub fn forget_people(&self) {
        self.people.lock().unwrap().clear();
    }

    /// Somebody new with neither role nor household, signed in.
    pub fn passer_by(&self) -> Client {
        let email = Some(format!("{}@example.org", uuid::Uuid::now_v7()));
        let person = NewPerson { code: None, name: "路人".into(), mobile: None, email, household: None, area: None };
        let account = self.app.store().write_now(move |tx| actions::create_account(tx, &person, None)).unwrap();
        self.app.client.with_token(Some(&self.app.tokens_of(account).access))
    }

    /// Mobile number or address of somebody.
    pub fn login(&self, code: &str) -> String {
        let mut all = self.yuxin.file.people.iter().chain(&self.shiyou.file.people);
        let found = all.find(|p| p.code == code).unwrap_or_else(|| panic!("{code} is in no hub file"));
        found.mobile.clone().or_else(|| found.email.clone()).unwrap()
    }

    /// An access token of a session of its own.
    pub fn fresh_token(&self, code: &str) -> String {
        self.app.tokens(&self.login(code)).access
    }

    /// A refresh token of a session of its own.
    pub fn refresh_token(&self, code: &str) -> String {
        self.app.tokens(&self.login(code)).refresh
    }

    /// The administrator signed in anew, after the clock has moved.
    pub fn renew_admin(&mut self) {
        self.admin = self.app.admin();
    }

    /// Who signs for an organisation.
    pub fn signer(&self, organisation: &str) -> Client {
        let code = self.yuxin.signer(organisation).or_else(|_| self.shiyou.signer(organisation)).unwrap();
        self.person(code)
    }

    /// Lets somebody act for an organisation too, beside the hub files: powers and the only agreements as JSON; the id.
    pub fn represent(&self, person: &str, organisation: &str, powers: &str, agreements: Option<&str>) -> String {
        let id = RepresentativeId::fresh().to_string();
        let account = self.person(person).get("/api/v1/me").unwrap().body["id"].as_str().unwrap().to_owned();
        let agreements = agreements.map_or("NULL".to_owned(), |codes| format!("'{codes}'"));
        self.app.db.sql(&format!(
            "INSERT INTO representatives (id, account_id, organisation_id, powers, agreements, from_at, to_at, evidence, created_at)
             VALUES ('{id}', '{account}', '{}', '{powers}', {agreements}, 1, {}, '委托书', 0)",
            self.organisation(organisation),
            Instant::LATEST.0
        ));
        id
    }

    /// Id of a site.
    pub fn site(&self, code: &str) -> String {
        find(&self.app.client, "/api/v1/sites", code).unwrap()
    }

    /// Id of an area.
    pub fn area(&self, code: &str) -> String {
        find(&self.app.client, "/api/v1/areas", code).unwrap()
    }

    /// Id of a space: `yuxin-centre/moxuan`.
    pub fn space(&self, code: &str) -> String {
        self.spaces.get(code).unwrap_or_else(|| panic!("no space {code}")).clone()
    }

    /// Id of an organisation.
    pub fn organisation(&self, code: &str) -> String {
        self.organisations.get(code).unwrap_or_else(|| panic!("no organisation {code}")).clone()
    }

    /// Id of an agreement, as the district auditor finds it.
    pub fn agreement(&self, code: &str) -> String {
        find(&self.person("yuxin-p-auditor"), "/api/v1/agreements", code).unwrap()
    }

    /// Proposes version 1 and signs for each party; the last signature makes it agreed.
    pub fn sign(&self, agreement: &str, parties: &[&str]) {
        let path = format!("/api/v1/agreements/{}/versions/1", self.agreement(agreement));
        let community = parties.iter().find(|p| p.contains("community")).unwrap();
        let proposer = self.signer(community);
        proposer.post(&format!("{path}/proposal"), &json!({})).unwrap().expect(201, "proposal").unwrap();
        let sha256 = proposer.get(&path).unwrap().text("/sha256").to_owned();
        let mut agreed = false;
        for party in parties {
            let body = json!({"organisation_id": self.organisation(party), "sha256": sha256});
            let signed = self.signer(party).post(&format!("{path}/signatures"), &body).unwrap().expect(201, "signature").unwrap();
            agreed = signed.body["agreed"] == true;
        }
        assert!(agreed, "{agreement} is not agreed");
    }

    /// The civil day `days` after today at an hour, local time, as RFC 3339.
    pub fn at(&self, days: i64, minute: u16) -> String {
        let zone = zone();
        zone.rfc3339(self.instant(days, minute))
    }

    /// The same as an instant.
    pub fn instant(&self, days: i64, minute: u16) -> Instant {
        let zone = zone();
        let today = zone.day_of(self.app.store().clock().now());
        let day = zone.day_of(zone.at(today, 720).plus_days(days));
        zone.at(day, minute)
    }

    /// A booking that the rules admit, unless somebody has the time: the ink studio, `days` ahead, from `minute`, half an hour.
    pub fn ask(&self, days: i64, minute: u16) -> Value {
        json!({"space_id": self.space("yuxin-centre/moxuan"), "use": "calligraphy", "attendees": 4,
            "starts_at": self.at(days, minute), "ends_at": self.at(days, minute + 30)})
    }

    /// Books [`Town::ask`] for somebody; the id.
    pub fn book(&self, by: &Client, days: i64, minute: u16) -> String {
        by.post("/api/v1/bookings", &self.ask(days, minute)).unwrap().expect(201, "booking").unwrap().text("/id").to_owned()
    }
}
