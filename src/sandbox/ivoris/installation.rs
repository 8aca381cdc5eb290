//! One installation of Ivoris: its profiles, its lists, and everything about its patients.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::sandbox::seed::rng::Rng;

use super::calendar::Calendar;
use super::record::{Appointment, Entry, Patient, Profile};

/// The lists that appointments and entries point into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    Template,
    Chair,
    Practitioner,
}

impl Listed {
    const fn word(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Chair => "chair",
            Self::Practitioner => "practitioner",
        }
    }
}

/// Something with an id and a name; the last day it was used says whether it is active.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) last: NaiveDateTime,
    pub(super) minutes: i64,
}

#[derive(Clone, Default)]
pub(super) struct Installation {
    pub(super) name: String,
    pub(super) profiles: Vec<Profile>,
    patients: BTreeMap<String, Patient>,
    /// Order in which patients are listed.
    order: Vec<String>,
    pub(super) calendar: Calendar,
    entries: BTreeMap<String, Vec<Entry>>,
    lists: [BTreeMap<String, Item>; 3],
    /// When the calendar was last changed.
    pub(super) calendar_changed: NaiveDateTime,
}

impl Installation {
    pub(super) fn new(name: &str, profiles: Vec<Profile>) -> Self {
        Self { name: name.to_owned(), profiles, ..Self::default() }
    }

    /// The id of a name in a list, listed or not.
    pub(super) fn id_of(&self, list: Listed, name: &str) -> String {
        let known = self.list(list).get(name).map(|item| item.id.clone());
        known.unwrap_or_else(|| Rng::of(0, &format!("{} {} {name}", self.name, list.word()), 0).uuid())
    }

    pub(super) fn list(&self, list: Listed) -> &BTreeMap<String, Item> {
        &self.lists[list as usize]
    }

    fn enter(&mut self, list: Listed, name: &str, last: NaiveDateTime, minutes: i64) {
        if name.is_empty() {
            return;
        }
        let id = self.id_of(list, name);
        let item = self.lists[list as usize].entry(name.to_owned()).or_insert(Item { id, last, minutes });
        item.last = item.last.max(last);
    }

    pub(super) fn patient(&self, id: &str) -> Option<&Patient> {
        self.patients.get(id)
    }

    /// Patients in the order of the list.
    pub(super) fn patients(&self) -> impl Iterator<Item = &Patient> {
        self.order.iter().filter_map(|id| self.patients.get(id))
    }

    /// Files a patient at a place of the list, or at its end; a known one keeps its place.
    pub(super) fn insert_patient(&mut self, patient: Patient, place: Option<usize>) {
        if !self.patients.contains_key(&patient.id) {
            let place = place.unwrap_or(self.order.len()).min(self.order.len());
            self.order.insert(place, patient.id.clone());
        }
        self.patients.insert(patient.id.clone(), patient);
    }

    pub(super) fn remove_patient(&mut self, id: &str) -> bool {
        self.order.retain(|one| one != id);
        self.patients.remove(id).is_some()
    }

    pub(super) fn edit_patient(&mut self, id: &str, change: impl FnOnce(&mut Patient)) -> bool {
        self.patients.get_mut(id).map(change).is_some()
    }

    /// One file instead of two: everything of `from` belongs to `into`.
    pub(super) fn merge_patients(&mut self, from: &str, into: &str) -> bool {
        if from == into || !self.patients.contains_key(into) || !self.remove_patient(from) {
            return false;
        }
        self.calendar.hand_over(from, into);
        let moved = self.entries.remove(from).unwrap_or_default();
        let moved = moved.into_iter().map(|entry| Entry { patient: into.to_owned(), ..entry });
        self.entries.entry(into.to_owned()).or_default().extend(moved);
        true
    }

    pub(super) fn insert_appointment(&mut self, appointment: Appointment) {
        let Appointment { begin, end, .. } = &appointment;
        let minutes = end.map_or(30, |end| (end - *begin).num_minutes().max(0));
        if !appointment.unlisted {
            self.enter(Listed::Template, &appointment.template, *begin, minutes);
            self.enter(Listed::Chair, &appointment.chair, *begin, minutes);
            self.enter(Listed::Practitioner, &appointment.practitioner, *begin, minutes);
        }
        let changed = appointment.modified.or(appointment.created).unwrap_or_default();
        self.calendar_changed = self.calendar_changed.max(changed);
        self.calendar.insert(appointment);
    }

    /// Changes the newest copy of an appointment and enters names that are new.
    pub(super) fn edit_appointment(&mut self, id: &str, change: impl FnOnce(&mut Appointment)) -> bool {
        if !self.calendar.edit(id, change) {
            return false;
        }
        if let Some(appointment) = self.calendar.newest(id).filter(|one| !one.unlisted).cloned() {
            self.enter(Listed::Template, &appointment.template, appointment.begin, 30);
            self.enter(Listed::Chair, &appointment.chair, appointment.begin, 30);
            self.enter(Listed::Practitioner, &appointment.practitioner, appointment.begin, 30);
        }
        true
    }

    pub(super) fn insert_entry(&mut self, entry: Entry) {
        self.enter(Listed::Practitioner, &entry.practitioner, entry.date.into(), 30);
        self.entries.entry(entry.patient.clone()).or_default().push(entry);
    }

    /// Changes an entry; `false` when there is none with this id.
    pub(super) fn edit_entry(&mut self, id: &str, change: impl Fn(&mut Entry)) -> bool {
        let found = self.entries.values_mut().flatten().filter(|entry| entry.id == id);
        found.map(change).count() > 0
    }

    pub(super) fn remove_entry(&mut self, id: &str) -> bool {
        let before = self.entry_count();
        self.entries.values_mut().for_each(|chart| chart.retain(|entry| entry.id != id));
        self.entry_count() < before
    }

    /// The chart of a patient, in the order of writing.
    pub(super) fn chart(&self, patient: &str) -> &[Entry] {
        self.entries.get(patient).map_or(&[], Vec::as_slice)
    }

    /// All charts, by patient.
    pub(super) fn charts(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().flatten()
    }

    fn entry_count(&self) -> usize {
        self.entries.values().map(Vec::len).sum()
    }
}
