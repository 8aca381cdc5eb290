//! `--only`: the ids of one run, the keys they may stand for, and which of them no file had.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::domain::{Record, normalise_id};
use crate::extract::Row;
use crate::report::{Line, Look, Screen, counted};

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;

/// The ids of `--only`.
#[derive(Debug, Default)]
pub(super) struct Only(Vec<Id>);

/// One id.
#[derive(Debug)]
struct Id {
    /// As it was given, in its one form.
    given: String,
    /// With every prefix that may stand before it.
    keys: BTreeSet<String>,
    /// Whether a row had it.
    found: AtomicBool,
}

impl Only {
    /// Reads the option: ids, or `@FILE` with one per line. `None` = it was not given.
    pub(super) fn read(context: &Context, given: &[String]) -> Result<Option<Self>, Failure> {
        if given.is_empty() {
            return Ok(None);
        }
        let mut ids = Vec::new();
        for word in given {
            match word.strip_prefix('@') {
                Some(file) => {
                    let text = std::fs::read_to_string(file)
                        .map_err(|error| Failure::new(Exit::Usage, format!("cannot read {file}: {error}")))?;
                    ids.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
                }
                None => ids.push(word.clone()),
            }
        }
        let prefixes: Vec<&str> = context.config.instances.iter().map(|instance| instance.prefix.as_str()).collect();
        Self::of(&ids, &prefixes).map(Some)
    }

    fn of(ids: &[String], prefixes: &[&str]) -> Result<Self, Failure> {
        let id = |(at, id): (usize, &String)| {
            let id = normalise_id(id)
                .map_err(|error| Failure::new(Exit::Usage, format!("--only, id {}: {error}", at + 1)))?;
            let mut keys: BTreeSet<String> = prefixes.iter().map(|prefix| format!("{prefix}{id}")).collect();
            keys.insert(id.clone()); // or it is the key already
            Ok(Id { given: id, keys, found: AtomicBool::new(false) })
        };
        ids.iter().enumerate().map(id).collect::<Result<_, _>>().map(Self)
    }

    /// All keys that are meant.
    pub(super) fn keys(&self) -> BTreeSet<String> {
        self.0.iter().flat_map(|id| id.keys.iter().cloned()).collect()
    }

    /// The ids themselves.
    pub(super) fn ids(&self) -> Vec<String> {
        self.0.iter().map(|id| id.given.clone()).collect()
    }

    /// Looks for the ids among keys that were read.
    pub(super) fn look_at(&self, keys: &[String]) {
        keys.iter().for_each(|key| self.see(key));
    }

    /// Looks for the ids in rows that were read.
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
        let same = self.0.iter().filter(|id| id.keys.contains(key));
        same.for_each(|id| id.found.store(true, Ordering::Relaxed));
    }

    /// Places of the ids that no row had, counted from 1: an id itself is not shown.
    fn missing(&self) -> Vec<usize> {
        let gone = |(_, id): &(usize, &Id)| !id.found.load(Ordering::Relaxed);
        self.0.iter().enumerate().filter(gone).map(|(at, _)| at + 1).collect()
    }

    /// Tells of the ids that no row had.
    pub(super) fn tell_missing(&self, screen: &Screen) {
        let missing = self.missing();
        if missing.is_empty() {
            return;
        }
        let places: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let what = counted(missing.len() as u64, "id", "ids");
        let text = format!("not found: {what} of --only (number {})", places.join(", "));
        screen.error(&Line::new().look(Look::Warn, &text));
        screen.json(&json!({"type": "not_found", "option": "--only", "numbers": missing}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_no_row_had_are_named_by_their_place() {
        let ids = ["11", "12", "sued-13", "14"].map(str::to_owned);
        let only = Only::of(&ids, &["", "sued-"]).expect("sound ids");
        assert!(only.keys().contains("sued-11") && only.keys().contains("12"));
        ["11", "sued-13", "sued-12", "99"].iter().for_each(|key| only.see(key));
        assert_eq!(only.missing(), [4]);
    }
}
