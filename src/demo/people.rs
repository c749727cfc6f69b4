//! Bringing a hub in, its people to their passwords, and its agreements to their signatures: what an operator does once.

use super::client::Client;
use crate::kernel::{Fault, Outcome};
use crate::onboarding::{self, HubFile};
use crate::people::model::Power;
use crate::terms::model::{Party, Payload};
use serde_json::{Value, json};

/// Password of every demo person. The demo serves on loopback addresses only.
pub const PASSWORD: &str = "shangliang-2026";
/// Login of the demo's platform administrator.
pub const ADMIN: &str = "admin@example.org";

/// A hub that was brought in over HTTP.
pub struct Hub {
    /// The file.
    pub file: HubFile,
    admin: Client,
}

/// The first administrator of an empty server.
pub fn first_admin(client: &Client, token: &str) -> Outcome<Client> {
    let body = json!({"token": token, "name": "演示管理员", "email": ADMIN, "password": PASSWORD});
    client.post("/api/v1/first-administrator", &body)?.expect(200, "first administrator")?;
    client.sign_in(ADMIN, PASSWORD)
}

impl Hub {
    /// Imports a hub file as platform administrator.
    pub fn bring_in(admin: &Client, yaml: &str) -> Outcome<Hub> {
        let file = onboarding::read_hub(yaml.as_bytes(), &onboarding::Known::default()).map_err(Fault::invalid)?;
        let key = uuid::Uuid::now_v7().to_string();
        let sent = admin.raw("POST", "/api/v1/hub-imports", &[("idempotency-key", &key)], Some(("application/yaml", yaml.as_bytes())))?;
        sent.expect(201, "hub import")?;
        Ok(Hub { file, admin: admin.clone() })
    }

    fn login(&self, person: &str) -> Outcome<String> {
        let found = self.file.people.iter().find(|p| p.code == person);
        let login = found.and_then(|p| p.mobile.clone().or_else(|| p.email.clone()));
        login.ok_or_else(|| Fault::internal(format!("no login of {person} in the hub file")))
    }

    /// A person of the file, signed in; claims the account on first use.
    pub fn person(&self, code: &str) -> Outcome<Client> {
        let login = self.login(code)?;
        let issued = self.admin.post("/api/v1/claim-codes", &json!({ "login": login }))?;
        if issued.status == 200 {
            let claim = json!({"login": login, "code": issued.text("/code"), "password": PASSWORD});
            self.admin.with_token(None).post("/api/v1/claims", &claim)?.expect(200, "claim")?;
        }
        self.admin.with_token(None).sign_in(&login, PASSWORD)
    }

    /// Who signs for an organisation.
    pub fn signer(&self, organisation: &str) -> Outcome<&str> {
        let signs = |r: &&onboarding::model::At<onboarding::model::RepresentativeEntry>| r.organisation == organisation && r.powers.contains(&Power::Sign);
        let found = self.file.representatives.iter().find(signs).map(|r| r.person.as_str());
        found.ok_or_else(|| Fault::internal(format!("nobody signs for {organisation} in the hub file")))
    }

    /// The parties of an agreement of the file.
    pub fn parties(&self, agreement: &str) -> Vec<Party> {
        let clauses = self.file.agreements.iter().filter(|a| a.code == agreement).flat_map(|a| a.clauses.iter());
        let named = clauses.filter_map(|clause| match &clause.payload {
            Payload::Parties { parties } => Some(parties.clone()),
            _ => None,
        });
        named.flatten().collect()
    }

    /// Proposes the first version of an agreement, by the person who signs for `organisation`.
    pub fn propose(&self, agreement: &str, organisation: &str) -> Outcome<Proposed<'_>> {
        let by = self.person(self.signer(organisation)?)?;
        let id = find(&by, "/api/v1/agreements", agreement)?;
        let path = format!("/api/v1/agreements/{id}/versions/1");
        by.post(&format!("{path}/proposal"), &json!({}))?.expect(201, "proposal")?;
        let version = by.get(&path)?.expect(200, "version")?;
        Ok(Proposed { hub: self, path, sha256: version.text("/sha256").to_owned(), parties: version.body["parties"].clone() })
    }
}

/// A version put to its parties.
pub struct Proposed<'h> {
    hub: &'h Hub,
    path: String,
    sha256: String,
    parties: Value,
}

impl Proposed<'_> {
    /// Signs for a party; `true` when that was the last signature.
    pub fn sign(&self, organisation: &str) -> Outcome<bool> {
        let party = self.parties.as_array().into_iter().flatten().find(|party| party["code"] == organisation);
        let id = party.map(|party| party["organisation_id"].clone()).ok_or_else(|| Fault::internal(format!("{organisation} is no party")))?;
        let signer = self.hub.person(self.hub.signer(organisation)?)?;
        let body = json!({"organisation_id": id, "sha256": self.sha256});
        let signed = signer.post(&format!("{}/signatures", self.path), &body)?.expect(201, "signature")?;
        Ok(signed.body["agreed"] == true)
    }
}

/// The id of the item of a list with that code, over all its pages.
pub fn find(client: &Client, list: &str, code: &str) -> Outcome<String> {
    let mut next = format!("{list}?limit=100");
    loop {
        let page = client.get(&next)?.expect(200, list)?;
        if let Some(item) = page.body["items"].as_array().into_iter().flatten().find(|item| item["code"] == code) {
            return Ok(item["id"].as_str().unwrap_or_default().to_owned());
        }
        match page.body["next_cursor"].as_str() {
            Some(cursor) => next = format!("{list}?limit=100&cursor={cursor}"),
            None => return Err(Fault::internal(format!("{code} is not in {list}"))),
        }
    }
}

/// A space of a site: its id and Chinese name by its code.
pub fn spaces(client: &Client, site: &str) -> Outcome<Vec<(String, String, String)>> {
    let id = find(client, "/api/v1/sites", site)?;
    let detail = client.get(&format!("/api/v1/sites/{id}"))?.expect(200, "site")?;
    let floors = detail.body["floors"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rooms = floors.iter().flat_map(|floor| floor["spaces"].as_array().cloned().unwrap_or_default());
    Ok(rooms.map(|space| (text(&space["code"]), text(&space["id"]), text(&space["name_zh"]))).collect())
}
