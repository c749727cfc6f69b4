//! A memory that does not outgrow its bounds.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Things kept by name, each with its weight. When all together would weigh more than the most, memory begins anew: what is
/// asked for again is soon there again, and nothing has to be kept in order of use.
pub struct Bounded<K, V> {
    most: usize,
    held: Mutex<Held<K, V>>,
}

struct Held<K, V> {
    weight: usize,
    of: HashMap<K, (usize, V)>,
}

impl<K: Eq + Hash, V: Clone> Bounded<K, V> {
    /// Empty. `most`: of what weights are given in.
    pub fn new(most: usize) -> Self {
        Self { most, held: Mutex::new(Held { weight: 0, of: HashMap::new() }) }
    }

    fn held(&self) -> MutexGuard<'_, Held<K, V>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept under that name.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, name: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.held().of.get(name).map(|(_, value)| value.clone())
    }

    /// Keeps something in place of what was kept under its name; not at all, if it alone weighs more than the most.
    pub fn keep(&self, name: K, weight: usize, value: V) {
        let mut held = self.held();
        let before = held.of.remove(&name);
        held.weight -= before.as_ref().map_or(0, |(weight, _)| *weight);
        let mut forgotten = HashMap::new();
        if weight <= self.most {
            if weight > self.most - held.weight {
                held.weight = 0;
                forgotten = std::mem::take(&mut held.of);
            }
            held.weight += weight;
            held.of.insert(name, (weight, value));
        }
        drop(held);
        // It may be much: nobody waits until it is given back.
        drop((before, forgotten));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_too_much_begins_anew() {
        let memory = Bounded::new(10);
        memory.keep("a", 4, 1);
        memory.keep("b", 6, 2);
        assert_eq!([memory.get("a"), memory.get("b"), memory.get("c")], [Some(1), Some(2), None]);
        // In place of itself it does not count twice.
        memory.keep("a", 4, 3);
        assert_eq!([memory.get("a"), memory.get("b")], [Some(3), Some(2)]);
        memory.keep("c", 1, 4);
        assert_eq!([memory.get("a"), memory.get("b"), memory.get("c")], [None, None, Some(4)]);
        // What is too much for itself is not kept, and takes nothing with it.
        memory.keep("d", 11, 5);
        assert_eq!([memory.get("c"), memory.get("d")], [Some(4), None]);
        memory.keep("c", 11, 5);
        assert_eq!(memory.get("c"), None);
        memory.keep("d", 10, 6);
        assert_eq!(memory.get("d"), Some(6));
    }
}
