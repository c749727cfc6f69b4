//! Verbs: a hub file goes into the database, as a whole or not at all.

use super::model::{Applied, At, HubFile, Imported, Scope, SiteEntry, SpaceEntry, Title};
use super::queries::{is_signed, signed_with};
use super::rules;
use crate::agreements::actions::Import as AgreementImport;
use crate::agreements::model::AgreementFacts;
use crate::areas::actions::AreaFacts;
use crate::areas::model::Area;
use crate::audit::{self, Entry, PLATFORM};
use crate::kernel::id::{AccountId, AreaId, HouseholdId, Id, OrganisationId, SiteId, SpaceId, TariffId};
use crate::kernel::time::Day;
use crate::kernel::{Change, Code, Fault, FieldFault, Instant, Outcome, Put, Zone};
use crate::people::model::{GrantFacts, HouseholdFacts, NewPerson, OrganisationFacts, Power, PresentPerson, RepresentativeFacts, Role};
use crate::places::model::{FloorFacts, SiteFacts, SpaceFacts};
use crate::pricing::model::Tariff;
use crate::store::{Tx, phrases};
use crate::terms::model::{Clause, Use};
use crate::{agreements, areas, people, places, pricing};
use serde_json::json;
use std::collections::BTreeMap;

/// Imports a hub file: one transaction, everything or nothing; all refusals at once, each with its line.
pub fn import(tx: &mut Tx, file: &HubFile, by: Option<&AccountId>) -> Outcome<Imported> {
    phrases::lock_imports(tx)?;
    apply(tx, file, by)?.judge()
}

/// The same before it is judged, so that the caller's permission is asked before a refusal tells anything. Whatever stands
/// in [`Applied::refusals`], the transaction must then be undone. Whoever calls it stands first in the line of imports.
pub fn apply(tx: &mut Tx, file: &HubFile, by: Option<&AccountId>) -> Outcome<Applied> {
    let zone = match file.sites.first() {
        Some(site) => site.zone.clone(),
        None => Zone::named("Asia/Shanghai").ok_or_else(|| Fault::internal("no zone Asia/Shanghai"))?,
    };
    let mut run = Run { file, by, zone, ids: Ids::default(), done: Applied::default() };
    run.done.imported.hub.clone_from(&file.hub);
    run.areas(tx)?;
    run.households(tx)?;
    run.organisations(tx)?;
    run.people(tx)?;
    run.representatives(tx)?;
    run.roles(tx)?;
    for site in &file.sites {
        run.site(tx, site)?;
    }
    run.spaces(tx)?;
    for site in &file.sites {
        run.tariffs(tx, site)?;
        run.relocations(tx, site)?;
    }
    run.put_agreements(tx)?;
    run.record(tx)?;
    run.done.refusals = file.lines.place(run.done.refusals);
    Ok(run.done)
}

/// What the codes of the file stand for.
#[derive(Default)]
struct Ids {
    areas: BTreeMap<String, Area>,
    households: BTreeMap<String, HouseholdId>,
    organisations: BTreeMap<String, (OrganisationId, AreaId)>,
    people: BTreeMap<String, AccountId>,
    sites: BTreeMap<String, SiteId>,
    /// By `site/space`.
    spaces: BTreeMap<String, SpaceId>,
}

struct Run<'a> {
    file: &'a HubFile,
    by: Option<&'a AccountId>,
    zone: Zone,
    ids: Ids,
    done: Applied,
}

/// Things of a list with their pointers, apart.
type Listed<T> = (Vec<String>, Vec<T>);

impl Run<'_> {
    /// What a code stands for. `None` when it is a thing the file was refused for; otherwise the reader vouched for it.
    fn of<'m, T>(&self, map: &'m BTreeMap<String, T>, code: &str) -> Outcome<Option<&'m T>> {
        match map.get(code) {
            None if self.done.refusals.is_empty() => Err(Fault::from(Code::NotFound).because(format!("a hub file refers to {code}"))),
            found => Ok(found),
        }
    }

    fn area(&self, code: &str) -> Outcome<Option<AreaId>> {
        Ok(self.of(&self.ids.areas, code)?.map(|area| area.id.clone()))
    }

    fn organisation(&self, code: &str) -> Outcome<Option<OrganisationId>> {
        Ok(self.of(&self.ids.organisations, code)?.map(|(id, _)| id.clone()))
    }

    fn person(&self, code: &str) -> Outcome<Option<AccountId>> {
        self.of(&self.ids.people, code).map(Option::<&AccountId>::cloned)
    }

    /// An organisation that may be left out: outer `None` = refused.
    fn maybe_organisation(&self, code: Option<&str>) -> Outcome<Option<Option<OrganisationId>>> {
        match code {
            Some(code) => Ok(self.organisation(code)?.map(Some)),
            None => Ok(Some(None)),
        }
    }

    fn refuse(&mut self, at: &str, refusals: &[FieldFault]) {
        let placed = refusals.iter().cloned().map(|fault| FieldFault { pointer: format!("{at}{}", fault.pointer), ..fault });
        self.done.refusals.extend(placed);
    }

    /// Notes the refusals of a list of things.
    fn refuse_all<T>(&mut self, pointers: &[String], puts: &[Put<T>]) {
        for (at, put) in pointers.iter().zip(puts) {
            self.refuse(at, &put.refusals);
        }
    }

    /// Whoever imports must be allowed to do so in this area of the file.
    fn reach(&mut self, area: &str) {
        let path = self.ids.areas.get(area).map(|area| area.path.clone());
        self.done.reach.insert(path.unwrap_or_default());
    }

    /// Nothing a community or a street may do alone: whoever runs a space must not appoint who speaks for the party that lends it.
    fn reach_everywhere(&mut self) {
        self.done.reach.insert(String::new());
    }

    /// Only who looks after what is above an area: nobody gives their own office to a second self, who would then count as the other
    /// pair of eyes.
    fn reach_above(&mut self, area: &str) {
        let path = self.ids.areas.get(area).map(|area| area.path.trim_end_matches('/'));
        let above = path.and_then(|path| path.rsplit_once('/')).map(|(above, _)| format!("{above}/"));
        self.done.reach.insert(above.unwrap_or_default());
    }

    fn reach_organisation(&mut self, code: &str) {
        let area = self.ids.organisations.get(code).map(|(_, area)| area);
        let path = self.ids.areas.values().find(|known| Some(&known.id) == area).map(|known| known.path.clone());
        self.done.reach.insert(path.unwrap_or_default());
    }

    fn moment(&self, day: Day) -> Instant {
        self.zone.at(day, 0)
    }

    /// The first moment after; an open end is the latest there is.
    fn end(&self, day: Option<Day>) -> Instant {
        day.map_or(Instant::LATEST, |day| self.moment(day))
    }

    fn areas(&mut self, tx: &mut Tx) -> Outcome<()> {
        let wanted: Vec<AreaFacts> = self.file.areas.iter().map(|area| area_facts(area)).collect();
        let puts = areas::actions::put_all(tx, &wanted)?;
        for (area, put) in self.file.areas.iter().zip(puts) {
            self.refuse(&area.pointer, &put.refusals);
            self.done.imported.areas.add(put.change);
            let touched = put.is_touched();
            if let Some(put) = put.thing {
                self.ids.areas.insert(area.code.clone(), put);
            }
            if touched {
                self.reach(&area.code);
            }
        }
        // Areas the file refers to without describing them.
        let file = self.file;
        let roles = file.roles.iter().filter_map(|role| match &role.scope {
            Scope::Area(code) => Some(code),
            Scope::Organisation(_) => None,
        });
        let named = file.households.iter().map(|household| &household.door).chain(file.organisations.iter().map(|o| &o.area));
        let named = named.chain(roles).chain(file.sites.iter().map(|site| &site.area)).chain(file.agreements.iter().map(|a| &a.area));
        let mut codes: Vec<String> = named.filter(|code| !self.ids.areas.contains_key(*code)).cloned().collect();
        codes.sort_unstable();
        codes.dedup();
        for area in areas::queries::by_codes(tx, &codes)? {
            self.ids.areas.insert(area.code.clone(), area);
        }
        Ok(())
    }

    fn households(&mut self, tx: &mut Tx) -> Outcome<()> {
        let (mut pointers, mut wanted): Listed<HouseholdFacts> = Listed::default();
        for household in &self.file.households {
            let Some(door) = self.area(&household.door)? else { continue };
            pointers.push(household.pointer.clone());
            wanted.push(HouseholdFacts { code: household.code.clone(), door, label: household.label.clone() });
        }
        let puts = people::actions::put_households(tx, &wanted)?;
        self.refuse_all(&pointers, &puts);
        let touched: Vec<bool> = puts.iter().map(Put::is_touched).collect();
        for put in puts {
            self.done.imported.households.add(put.change);
        }
        for (household, _) in self.file.households.iter().zip(touched).filter(|(_, touched)| *touched) {
            self.reach(&household.door);
        }
        self.ids.households = people::queries::household_codes(tx)?;
        Ok(())
    }

    fn organisations(&mut self, tx: &mut Tx) -> Outcome<()> {
        let (mut pointers, mut wanted): Listed<OrganisationFacts> = Listed::default();
        for organisation in &self.file.organisations {
            let Some(area) = self.area(&organisation.area)? else { continue };
            pointers.push(organisation.pointer.clone());
            wanted.push(OrganisationFacts {
                code: organisation.code.clone(),
                kind: organisation.kind,
                name_zh: organisation.name_zh.clone(),
                name_en: organisation.name_en.clone(),
                area,
            });
        }
        let puts = people::actions::put_organisations(tx, &wanted)?;
        self.refuse_all(&pointers, &puts);
        for put in puts {
            self.done.imported.organisations.add(put.change);
        }
        self.ids.organisations = people::queries::organisation_codes(tx)?;
        let areas: Vec<AreaId> = self.ids.organisations.values().map(|(_, area)| area.clone()).collect();
        for area in areas::queries::by_ids(tx, &areas)? {
            self.ids.areas.entry(area.code.clone()).or_insert(area);
        }
        for organisation in &self.file.organisations {
            self.reach(&organisation.area);
            self.reach_organisation(&organisation.code);
        }
        Ok(())
    }

    fn people(&mut self, tx: &mut Tx) -> Outcome<()> {
        let (mut pointers, mut wanted): Listed<NewPerson> = Listed::default();
        for person in &self.file.people {
            let household = match &person.household {
                Some(code) => match self.of(&self.ids.households, code)? {
                    Some(id) => Some(id.clone()),
                    None => continue,
                },
                None => None,
            };
            pointers.push(person.pointer.clone());
            wanted.push(NewPerson {
                code: Some(person.code.clone()),
                name: person.name.clone(),
                mobile: person.mobile.clone(),
                email: person.email.clone(),
                household,
                area: None,
            });
        }
        let codes: Vec<&str> = wanted.iter().filter_map(|person| person.code.as_deref()).collect();
        let before = people::queries::present_people(tx, &codes)?;
        let ids: Vec<AccountId> = before.values().map(|present| present.id.clone()).collect();
        let officers = people::queries::officers(tx, &ids)?;
        let puts = people::actions::put_people(tx, &wanted, self.by)?;
        self.refuse_all(&pointers, &puts);
        for (person, put) in wanted.iter().zip(puts) {
            self.done.imported.people.add(put.change);
            if put.is_touched() {
                let present = before.get(person.code.as_deref().unwrap_or_default());
                self.reach_person(tx, person, present)?;
                // What an officer signed is shown with the name they have now.
                if present.is_some_and(|present| officers.contains(&present.id) && !present.is_described_by(person)) {
                    self.reach_everywhere();
                }
            }
        }
        self.ids.people = people::queries::account_codes(tx)?;
        Ok(())
    }

    /// A new person is at home where their household is. An account that stands already belongs to its household's door;
    /// one without a household is nobody's to change, whatever the file says of it.
    fn reach_person(&mut self, tx: &mut Tx, wanted: &NewPerson, before: Option<&PresentPerson>) -> Outcome<()> {
        for household in [before.map(|present| present.household.clone()), wanted.household.clone().map(Some)].into_iter().flatten() {
            let path = match household {
                Some(household) => people::queries::household_door(tx, &household)?,
                None => None,
            };
            self.done.reach.insert(path.unwrap_or_default());
        }
        Ok(())
    }

    fn representatives(&mut self, tx: &mut Tx) -> Outcome<()> {
        let (mut entries, mut wanted) = (Vec::new(), Vec::new());
        for entry in &self.file.representatives {
            let (Some(account), Some(organisation)) = (self.person(&entry.person)?, self.organisation(&entry.organisation)?) else {
                continue;
            };
            entries.push(entry);
            wanted.push(RepresentativeFacts {
                account,
                organisation,
                powers: entry.powers.clone(),
                agreements: entry.agreements.clone(),
                from: self.moment(entry.from),
                to: self.end(entry.to),
                evidence: entry.evidence.clone(),
            });
        }
        let puts = people::actions::put_representatives(tx, &wanted, signed_with, self.by)?;
        for (entry, put) in entries.into_iter().zip(puts) {
            self.refuse(&entry.pointer, &put.refusals);
            self.done.imported.representatives.add(put.change);
            if put.is_touched() {
                self.reach_organisation(&entry.organisation);
                if entry.powers.iter().any(|power| !matches!(power, Power::Book | Power::List)) {
                    self.reach_everywhere();
                }
            }
        }
        Ok(())
    }

    fn roles(&mut self, tx: &mut Tx) -> Outcome<()> {
        let (mut entries, mut wanted) = (Vec::new(), Vec::new());
        for entry in &self.file.roles {
            let Some(account) = self.person(&entry.person)? else { continue };
            let (area, organisation) = match &entry.scope {
                Scope::Area(code) => (self.area(code)?, None),
                Scope::Organisation(code) => (None, self.organisation(code)?),
            };
            if area.is_none() && organisation.is_none() {
                continue;
            }
            entries.push(entry);
            let from = entry.from.map(|day| self.moment(day));
            wanted.push(GrantFacts { account, role: entry.role, area, organisation, from, to: self.end(entry.to) });
        }
        let puts = people::actions::put_grants(tx, &wanted, self.by)?;
        for (entry, put) in entries.into_iter().zip(puts) {
            self.refuse(&entry.pointer, &put.refusals);
            self.done.imported.roles.add(put.change);
            if put.is_touched() {
                match &entry.scope {
                    Scope::Area(code) if matches!(entry.role, Role::DoorLeader | Role::GridLeader) => self.reach(code),
                    Scope::Area(code) => self.reach_above(code),
                    Scope::Organisation(_) => self.reach_everywhere(),
                }
            }
        }
        Ok(())
    }

    /// The owner's code: `None` = common part.
    fn title(&self, title: &Title) -> Outcome<Option<Option<OrganisationId>>> {
        self.maybe_organisation(match title {
            Title::Organisation(code) => Some(code),
            Title::Common => None,
        })
    }

    fn site(&mut self, tx: &mut Tx, site: &At<SiteEntry>) -> Outcome<()> {
        self.reach(&site.area);
        let (Some(area), Some(organisation)) = (self.area(&site.area)?, self.maybe_organisation(site.organisation.as_deref())?) else {
            return Ok(());
        };
        let mut floors = Vec::with_capacity(site.floors.len());
        for floor in &site.floors {
            let mut spaces = Vec::with_capacity(floor.spaces.len());
            for space in &floor.spaces {
                // A space that says no title, or the floor's own, is as the floor.
                let title = match space.title.as_ref().filter(|title| **title != floor.title) {
                    Some(title) => self.title(title)?,
                    None => Some(None),
                };
                let Some(title) = title else { return Ok(()) };
                spaces.push(space_facts(space, title));
            }
            let Some(title) = self.title(&floor.title)? else { return Ok(()) };
            floors.push(FloorFacts { code: floor.code.clone(), name_zh: floor.name_zh.clone(), area: floor.area, title, spaces });
        }
        let facts = SiteFacts {
            code: site.code.clone(),
            area,
            organisation,
            name_zh: site.name_zh.clone(),
            name_en: site.name_en.clone(),
            zone: site.zone.clone(),
            address_zh: site.address_zh.clone(),
            facts: site.facts.clone(),
            rules: site.rules.clone(),
            floors,
            equipment: site.equipment.clone(),
        };
        let put = places::actions::put_site(tx, &facts, is_signed)?;
        self.refuse(&site.pointer, &put.site.refusals);
        self.done.imported.sites.add(put.site.change);
        for (_, change) in put.floors {
            self.done.imported.floors.add(change);
        }
        for (.., change) in put.spaces {
            self.done.imported.spaces.add(change);
        }
        Ok(())
    }

    fn spaces(&mut self, tx: &mut Tx) -> Outcome<()> {
        self.ids.sites = places::queries::site_codes(tx)?.into_iter().collect();
        let spaces = places::queries::space_codes(tx)?;
        self.ids.spaces = spaces.into_iter().map(|(site, space, id)| (format!("{site}/{space}"), id)).collect();
        Ok(())
    }

    fn tariffs(&mut self, tx: &mut Tx, site: &At<SiteEntry>) -> Outcome<()> {
        for space in site.floors.iter().flat_map(|floor| &floor.spaces) {
            let code = format!("{}/{}", site.code, space.code);
            let Some(id) = self.of(&self.ids.spaces, &code)?.cloned() else { continue };
            let wanted = rules::tariffs_of(site, &space.code);
            let kept: Vec<Option<Use>> = wanted.iter().map(|tariff| tariff.use_code).collect();
            for tariff in wanted {
                let (kind, components) = (tariff.kind, tariff.components.clone());
                let tariff = Tariff { id: TariffId::fresh(), use_code: tariff.use_code, kind, components };
                self.done.imported.tariffs.add(pricing::actions::put(tx, &id, &tariff)?);
            }
            // Nothing signed or booked hangs on a price: a booking keeps its own.
            for gone in pricing::actions::end_others(tx, &id, &kept)? {
                self.done.imported.tariffs.add(Change::Updated);
                self.ended("tariff", &code, gone.map_or("*", |use_code| use_code.as_str()));
            }
        }
        Ok(())
    }

    fn relocations(&mut self, tx: &mut Tx, site: &At<SiteEntry>) -> Outcome<()> {
        let Some(from) = self.of(&self.ids.sites, &site.code)?.cloned() else { return Ok(()) };
        for moved in &site.relocations {
            let Some(to) = self.of(&self.ids.spaces, moved.to.as_str())? else { continue };
            let change = places::actions::put_relocation(tx, &from, moved.use_code.as_str(), to, &moved.note_zh)?;
            self.done.imported.relocations.add(change);
        }
        let kept: Vec<&str> = site.relocations.iter().map(|moved| moved.use_code.as_str()).collect();
        for gone in places::actions::end_other_relocations(tx, &from, &kept)? {
            self.done.imported.relocations.add(Change::Updated);
            self.ended("relocation", &site.code, &gone);
        }
        Ok(())
    }

    /// Names what ended because the file leaves it out.
    fn ended(&mut self, what: &str, of: &str, use_code: &str) {
        self.done.imported.ended.push(format!("{what} {of} {use_code}"));
    }

    /// Agreements come in as drafts; what is signed stays as it is.
    fn put_agreements(&mut self, tx: &mut Tx) -> Outcome<()> {
        for agreement in &self.file.agreements {
            self.reach(&agreement.area);
            let mut sites = Vec::with_capacity(agreement.sites.len());
            for code in &agreement.sites {
                sites.extend(self.of(&self.ids.sites, code)?.cloned());
            }
            let area = self.area(&agreement.area)?;
            let (Some(area), true) = (area, sites.len() == agreement.sites.len()) else { continue };
            let facts = AgreementFacts {
                code: agreement.code.clone(),
                area,
                title_zh: agreement.title_zh.clone(),
                title_en: agreement.title_en.clone(),
                sites,
            };
            let clauses: Vec<Clause> = agreement.clauses.iter().map(|clause| clause.part.clone()).collect();
            match agreements::actions::import(tx, &facts, &clauses, self.by) {
                Ok(import) => self.done.imported.agreements.add(match import {
                    AgreementImport::Created => Change::Created,
                    AgreementImport::Drafted => Change::Updated,
                    AgreementImport::Unchanged => Change::Unchanged,
                }),
                // A site of another area; in a file the field has another name.
                Err(mut fault) if fault.code == Code::Invalid => {
                    for error in &mut fault.detail.errors {
                        error.pointer = error.pointer.replacen("/site_ids", "/sites", 1);
                    }
                    self.refuse(&agreement.pointer, &fault.detail.errors);
                }
                Err(fault) if fault.code == Code::ImportRefused => {
                    let (zh, en) = (fault.detail.zh.unwrap_or_default(), fault.detail.en.unwrap_or_default());
                    self.refuse(&agreement.pointer, &[FieldFault::at("", "agreement-fixed", zh, en)]);
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    /// One entry in the chain of each site's managing area, unless nothing changed.
    fn record(&self, tx: &mut Tx) -> Outcome<()> {
        if self.done.imported.is_still() || !self.done.refusals.is_empty() {
            return Ok(());
        }
        let detail = json!(self.done.imported);
        let mut entry = |chain: &str, subject: &str| {
            audit::record(tx, &Entry { chain, actor: self.by, action: "hub.imported", subject, detail: detail.clone() })
        };
        if self.file.sites.is_empty() {
            return entry(PLATFORM, &self.file.hub);
        }
        for site in &self.file.sites {
            if let (Some(area), Some(id)) = (self.area(&site.area)?, self.of(&self.ids.sites, &site.code)?) {
                entry(area.as_str(), id.as_str())?;
            }
        }
        Ok(())
    }
}

fn area_facts(area: &super::model::AreaEntry) -> AreaFacts {
    AreaFacts {
        code: area.code.clone(),
        kind: area.kind,
        parent: area.parent.clone(),
        name_zh: area.name_zh.clone(),
        name_en: area.name_en.clone(),
        buildings: area.buildings,
        households: area.households,
        people: area.people,
    }
}

fn space_facts(space: &SpaceEntry, title: Option<OrganisationId>) -> SpaceFacts {
    SpaceFacts {
        code: space.code.clone(),
        name_zh: space.name_zh.clone(),
        name_en: space.name_en.clone(),
        kind: space.kind,
        area: space.area,
        zone_zh: space.zone_zh.clone(),
        parts: space.parts.clone(),
        setup_minutes: space.setup_minutes,
        cleanup_minutes: space.cleanup_minutes,
        equipment: space.equipment.clone(),
        title,
        assumed: space.assumed.iter().map(|figure| figure.as_str().to_owned()).collect(),
        note_zh: space.note_zh.clone(),
    }
}
