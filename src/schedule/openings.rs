//! What the terms make of the days of a space, thought out once for everybody who asks: a booking changes what is taken, and not
//! when the doors are open. The terms are read anew each time; only where they are the same, what was made of them is too.

use super::model::OpenDay;
use super::rules;
use crate::kernel::Zone;
use crate::kernel::id::SpaceId;
use crate::kernel::time::Day;
use crate::terms::model::TermInForce;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most days kept, of all spaces together; beyond it memory begins anew. A day is about a kilobyte.
const MOST_DAYS: usize = 20_000;

struct Thought {
    zone: Zone,
    terms: Vec<TermInForce>,
    days: Arc<[OpenDay]>,
}

#[derive(Default)]
struct Memory {
    thoughts: HashMap<(SpaceId, Day, Day), Thought>,
    days: usize,
}

/// The days of spaces by their terms alone.
#[derive(Default)]
pub struct Openings(Mutex<Memory>);

impl Openings {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// [`rules::openings`] of a space.
    pub fn of(&self, space: &SpaceId, zone: &Zone, (first, last): (Day, Day), terms: Vec<TermInForce>) -> Arc<[OpenDay]> {
        let asked = (space.clone(), first, last);
        if let Some(thought) = self.memory().thoughts.get(&asked).filter(|thought| thought.terms == terms && thought.zone == *zone) {
            return thought.days.clone();
        }
        let days: Arc<[OpenDay]> = rules::openings(zone, first, last, &terms, &rules::day_type).into();
        let mut memory = self.memory();
        if memory.days + days.len() > MOST_DAYS {
            *memory = Memory::default();
        }
        memory.days += days.len();
        if let Some(before) = memory.thoughts.insert(asked, Thought { zone: zone.clone(), terms, days: days.clone() }) {
            memory.days -= before.days.len();
        }
        days
    }
}
