//! What one version changes of another, clause by clause.

use crate::terms::model::Clause;
use crate::words;

words! {
    /// What became of a clause.
    pub enum Change {
        /// It is new.
        Added = "added",
        /// It is gone.
        Removed = "removed",
        /// It does something else: payload, rooms, dates or kind.
        Changed = "changed",
        /// It does the same in other words.
        Reworded = "reworded",
        /// It is the same.
        Same = "same",
    }
}

/// A clause in two versions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Changed<'a> {
    /// What became of it.
    pub change: Change,
    /// As it was.
    pub before: Option<&'a Clause>,
    /// As it is.
    pub after: Option<&'a Clause>,
}

fn same_effect(a: &Clause, b: &Clause) -> bool {
    let bare = |clause: &Clause| Clause { text_zh: String::new(), text_en: None, ..clause.clone() };
    bare(a) == bare(b)
}

/// Every clause of both versions once: those of the later one in its order, each followed by what was dropped there. Clauses
/// are the same clause by their id.
pub fn changes<'a>(before: &'a [Clause], after: &'a [Clause]) -> Vec<Changed<'a>> {
    let find = |all: &'a [Clause], id: &str| all.iter().find(|clause| clause.id == id);
    let gone = |clause: &&Clause| find(after, &clause.id).is_none();
    let removed = |clause| Changed { change: Change::Removed, before: Some(clause), after: None };
    let mut all: Vec<Changed> = before.iter().take_while(gone).map(removed).collect();
    for clause in after {
        let Some(was) = find(before, &clause.id) else {
            all.push(Changed { change: Change::Added, before: None, after: Some(clause) });
            continue;
        };
        let change = match () {
            () if was == clause => Change::Same,
            () if same_effect(was, clause) => Change::Reworded,
            () => Change::Changed,
        };
        all.push(Changed { change, before: Some(was), after: Some(clause) });
        let behind = before.iter().skip_while(|other| other.id != was.id).skip(1);
        all.extend(behind.take_while(gone).map(removed));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::rules::samples::clause;
    use serde_json::json;

    fn capacity(id: &str, persons: i64) -> Clause {
        clause(id, "capacity", json!({"persons": persons, "basis": "comfort"}), json!({}))
    }

    fn told(before: &[Clause], after: &[Clause]) -> Vec<(String, Change)> {
        let name = |changed: &Changed| changed.after.or(changed.before).map(|clause| clause.id.clone()).unwrap();
        changes(before, after).iter().map(|changed| (name(changed), changed.change)).collect()
    }

    #[test]
    fn every_clause_is_told_once_and_in_its_place() {
        let before = [capacity("zero", 1), capacity("a", 10), capacity("b", 20), capacity("gone", 5), capacity("c", 30), capacity("d", 40)];
        let mut reworded = capacity("c", 30);
        reworded.text_zh = "换了说法。".into();
        let mut moved = capacity("d", 40);
        moved.from = Some(crate::terms::rules::samples::day("2027-01-01"));
        let after = [capacity("new", 1), capacity("a", 10), capacity("b", 25), reworded, moved];
        let expected = [
            ("zero", Change::Removed),
            ("new", Change::Added),
            ("a", Change::Same),
            ("b", Change::Changed),
            ("gone", Change::Removed),
            ("c", Change::Reworded),
            ("d", Change::Changed),
        ];
        assert_eq!(told(&before, &after), expected.map(|(id, change)| (id.to_owned(), change)));
        assert_eq!(told(&before, &before).iter().filter(|(_, change)| *change == Change::Same).count(), before.len());
        assert_eq!(told(&before, &[]), told(&before, &[]).into_iter().filter(|(_, c)| *c == Change::Removed).collect::<Vec<_>>());
        assert_eq!(told(&before, &[]).len(), before.len());
        assert!(told(&[], &after).iter().all(|(_, change)| *change == Change::Added));
    }

    #[test]
    fn whatever_order_they_come_in_none_is_lost() {
        let before = [capacity("a", 1), capacity("x", 1), capacity("b", 1), capacity("y", 1)];
        let after = [capacity("b", 1), capacity("a", 2)];
        let mut seen = told(&before, &after);
        seen.sort();
        assert_eq!(seen.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["a", "b", "x", "y"], "each once");
    }
}
