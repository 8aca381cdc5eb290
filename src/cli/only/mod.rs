//! `--only`: the records of one run, whichever KEY they are named by, and which of them no row had.

mod read;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::domain::{InstanceKey, Record};
use crate::extract::Row;
use crate::report::{Line, Look, Screen, counted, why};
use crate::store::Fit;

/// The records of `--only`.
#[derive(Debug, Default)]
pub(super) struct Only {
    all: Vec<One>,
    /// Which words a key stands for: a file has many rows, and there may be many words.
    places: HashMap<String, Vec<usize>>,
}

/// What one word means.
#[derive(Debug, Default)]
struct One {
    /// Every key that its record may come with, by installation.
    names: BTreeMap<InstanceKey, BTreeSet<String>>,
    /// A record of another kind that the word fits, where it fits none of this one.
    other: Option<Fit>,
    /// Whether a row had it.
    found: AtomicBool,
}

impl One {
    fn named(names: &[(InstanceKey, String)]) -> Self {
        let mut one = Self::default();
        names.iter().for_each(|(instance, name)| one.add(instance, name));
        one
    }

    fn add(&mut self, instance: &InstanceKey, name: &str) {
        self.names.entry(instance.clone()).or_default().insert(name.to_owned());
    }
}

impl Only {
    fn of(all: Vec<One>) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, one) in all.iter().enumerate() {
            one.names.values().flatten().for_each(|name| places.entry(name.clone()).or_default().push(at));
        }
        Self { all, places }
    }

    /// All keys that are meant.
    pub(super) fn keys(&self) -> BTreeSet<String> {
        self.places.keys().cloned().collect()
    }

    /// The same, by the installation that has them.
    pub(super) fn by_instance(&self) -> BTreeMap<InstanceKey, BTreeSet<String>> {
        let mut all: BTreeMap<InstanceKey, BTreeSet<String>> = BTreeMap::new();
        for (instance, names) in self.all.iter().flat_map(|one| &one.names) {
            all.entry(instance.clone()).or_default().extend(names.iter().cloned());
        }
        all
    }

    /// Looks for the records among keys that were read.
    pub(super) fn look_at(&self, keys: &[String]) {
        keys.iter().for_each(|key| self.see(key));
    }

    /// Looks for the records in rows that were read.
    pub(super) fn look(&self, rows: &[Row]) {
        for row in rows {
            let Row::Record(record, _) = row else { continue };
            self.see(match &**record {
                Record::Patient(patient) => patient.id.as_str(),
                Record::Appointment(appointment) => appointment.id.as_str(),
                Record::Entry(entry) => entry.id.as_str(),
            });
        }
    }

    fn see(&self, key: &str) {
        let same = self.places.get(key).into_iter().flatten();
        same.for_each(|at| self.all[*at].found.store(true, Ordering::Relaxed));
    }

    /// Those that no row had, by their place, counted from 1: an id itself is not shown.
    fn missing(&self) -> Vec<(usize, &One)> {
        let all = self.all.iter().enumerate();
        all.filter(|(_, one)| !one.found.load(Ordering::Relaxed)).map(|(at, one)| (at + 1, one)).collect()
    }

    /// Tells of the ids that no row had.
    pub(super) fn tell_missing(&self, screen: &Screen) {
        let missing = self.missing();
        if missing.is_empty() {
            return;
        }
        let numbers: Vec<usize> = missing.iter().map(|(number, _)| *number).collect();
        let places: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let what = counted(missing.len() as u64, "id", "ids");
        let text = format!("not found: {what} of --only (number {})", places.join(", "));
        screen.error(&Line::new().look(Look::Warn, &text));
        for (number, other) in missing.iter().filter_map(|(number, one)| Some((number, one.other?))) {
            let text = format!("number {number} is {} {}", why::word(other), why::pseudonym(other));
            screen.error(&Line::of("  ").look(Look::Faint, &text));
        }
        screen.json(&json!({"type": "not_found", "option": "--only", "numbers": numbers}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(names: &[(&str, &str)]) -> One {
        let names = names.iter().map(|(instance, name)| (InstanceKey::new(instance), (*name).to_owned()));
        One::named(&names.collect::<Vec<_>>())
    }

    #[test]
    fn records_that_no_row_had_are_named_by_their_place() {
        let only = Only::of(vec![
            one(&[("nord", "11"), ("sued", "sued-11")]),
            one(&[("nord", "12"), ("sued", "sued-12")]),
            one(&[("sued", "sued-13")]),
            one(&[("nord", "14"), ("sued", "sued-14")]),
            one(&[]),
        ]);
        assert!(only.keys().contains("sued-11") && only.keys().contains("12"));
        ["11", "sued-13", "sued-12", "99"].iter().for_each(|key| only.see(key));
        assert_eq!(only.missing().iter().map(|(number, _)| *number).collect::<Vec<_>>(), [4, 5]);
        let by_instance = only.by_instance();
        let nord: Vec<&str> = by_instance[&InstanceKey::new("nord")].iter().map(String::as_str).collect();
        assert_eq!(nord, ["11", "12", "14"], "an installation is asked for its own only");
    }
}
