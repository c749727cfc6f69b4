//! What may be asked for beside a space: children with somebody who looks after them, portable equipment, a rule set aside.

use super::read_plain;
use crate::access;
use crate::access::Place;
use crate::access::deeds::SetRuleAside;
use crate::bookings::model::{Ask, Beside, Children, NO_CHILDREN, SetAside, Settable};
use crate::bookings::queries::holding;
use crate::bookings::rules::crowd::OF_AGE;
use crate::kernel::form::{self, Form, Spot};
use crate::kernel::id::BookingId;
use crate::kernel::{Code, Fault, Outcome};
use crate::people::model::Standing;
use crate::places;
use crate::store::Tx;
use serde::Serialize;
use utoipa::ToSchema;

/// Some of a kind of portable equipment.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body; read by hand so that every fault is found")]
pub struct EquipmentAsk {
    /// Natural code, as the site lists it.
    #[schema(max_length = 40)]
    code: String,
    /// How many.
    #[schema(minimum = 1, maximum = 10_000)]
    units: i64,
}

/// What a booking takes along.
#[derive(Debug, Serialize, ToSchema)]
pub struct EquipmentView {
    /// Natural code, as the site lists it with its names.
    code: String,
    /// How many.
    units: i64,
}

impl EquipmentView {
    /// As it was asked for, in order of code.
    pub(super) fn asked(beside: &Beside) -> Vec<Self> {
        Self::listed(&beside.equipment)
    }

    /// The same of a list of codes with how many.
    pub(super) fn listed(equipment: &[(String, i64)]) -> Vec<Self> {
        let mut asked = equipment.to_vec();
        asked.sort();
        asked.into_iter().map(|(code, units)| Self { code, units }).collect()
    }

    /// What one booking takes along.
    pub(super) fn of(tx: &mut Tx, id: &BookingId) -> Outcome<Vec<Self>> {
        let found = holding::equipment_of(tx, std::slice::from_ref(id))?;
        Ok(found.into_iter().map(|(_, portable, units)| Self { code: portable.code, units }).collect())
    }
}

/// What was asked for; whether a rule may be set aside is judged where the space is known.
#[derive(Debug, Clone)]
pub(super) struct Wished {
    pub(super) ask: Ask,
    set_aside: Option<(Vec<Settable>, String)>,
}

fn equipment(spot: &Spot) -> Option<(String, i64)> {
    spot.object(|form| {
        let code = form.need("code", form::code);
        let units = form.need("units", form::int(1..=10_000));
        Some((code?, units?))
    })
}

/// Reads the body of a booking.
pub(super) fn read(form: &mut Form) -> Option<Wished> {
    let wished = read_wish(form);
    let organisation = form.may("organisation_id", form::id);
    wished.map(|wished| Wished { ask: Ask { organisation, ..wished.ask }, ..wished })
}

/// Children among the people, who looks after them, and equipment, as far as the body says.
#[derive(Debug, Default)]
pub(super) struct Along {
    pub(super) minors: Option<i64>,
    pub(super) youngest: Option<i64>,
    pub(super) guardian: Option<bool>,
    pub(super) equipment: Option<Vec<(String, i64)>>,
}

impl Along {
    /// Reads them; no more children than `attendees`, where those are known, and no equipment twice.
    pub(super) fn read(form: &mut Form, attendees: Option<i64>) -> Self {
        let minors = form.may("minors", form::int(0..=100_000));
        let youngest = form.may("youngest", form::int(0..=OF_AGE - 1));
        let guardian = form.may("guardian", form::flag);
        let equipment = form.may("equipment", form::list(0..=20, equipment));
        let all = equipment.as_deref().unwrap_or_default();
        if let Some((twice, _)) = all.iter().enumerate().find(|(n, (code, _))| all.iter().take(*n).any(|(other, _)| other == code)) {
            form.fault_below(&format!("equipment/{twice}/code"), "duplicate", "重复了。", "Stands twice.");
        }
        if minors.zip(attendees).is_some_and(|(minors, attendees)| minors > attendees) {
            form.fault("minors", "out-of-range", "孩子不能比总人数多。", "Must not be more than the attendees.");
        }
        Self { minors, youngest, guardian, equipment }
    }

    /// What it is for a new booking.
    pub(super) fn beside(self, form: &Form) -> Beside {
        let Self { minors, youngest, guardian, equipment } = self;
        if youngest.is_some() && (minors == Some(0) || !form.has("minors")) {
            let (code, zh, en) = NO_CHILDREN;
            form.fault("youngest", code, zh, en);
        }
        let children = Children::of(minors.unwrap_or(0), youngest, guardian.unwrap_or(false));
        Beside { children, equipment: equipment.unwrap_or_default(), ..Beside::default() }
    }
}

/// The same without a holder.
pub(super) fn read_wish(form: &mut Form) -> Option<Wished> {
    let ask = read_plain(form);
    let beside = Along::read(form, ask.as_ref().map(|ask| ask.attendees)).beside(form);
    let rules = form.may("set_aside", form::set(1..=Settable::ALL.len(), form::word::<Settable>));
    let reason = form.may("set_aside_reason", form::line(200));
    if form.has("set_aside") != form.has("set_aside_reason") {
        let missing = if form.has("set_aside") { "set_aside_reason" } else { "set_aside" };
        form.fault(missing, "missing", "放宽规定要写明哪一条和为什么。", "Setting a rule aside needs both the rules and the reason.");
    }
    Some(Wished { ask: Ask { beside, ..ask? }, set_aside: rules.zip(reason) })
}

impl Wished {
    /// A rule is to be set aside.
    pub(super) fn sets_aside(&self) -> bool {
        self.set_aside.is_some()
    }

    /// The ask as `who` may make it: a rule is set aside only by those who may, for a space of theirs.
    pub(super) fn settled(&self, tx: &mut Tx, who: &Standing) -> Outcome<Ask> {
        let mut ask = self.ask.clone();
        if let Some((rules, reason)) = &self.set_aside {
            let Some(place) = places::queries::located(tx, &ask.space)? else { return Ok(ask) };
            let here = Place { areas: vec![place.area_path], known_to_all: true, ..Place::default() };
            let permit = access::ask::<SetRuleAside>(who.clone(), &here).map_err(|_| {
                let (zh, en) = ("只有管理这里的社区可以放宽规定。", "Only the community that manages the place may set a rule aside.");
                Fault::saying(Code::Forbidden, zh, en)
            })?;
            ask.beside.set_aside = Some(SetAside::permitted(&permit, rules.clone(), reason.clone()));
        }
        Ok(ask)
    }
}
