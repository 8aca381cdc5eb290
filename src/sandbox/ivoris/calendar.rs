//! The appointments of an installation: copies in the order they were filed, found by day, id and patient.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::record::Appointment;

/// Appointments, copies included.
#[derive(Clone, Default)]
pub(super) struct Calendar {
    /// In the order of filing; a removed one leaves its place empty.
    filed: Vec<Option<Appointment>>,
    by_day: BTreeMap<NaiveDate, Vec<usize>>,
    by_id: HashMap<String, Vec<usize>>,
    by_patient: HashMap<String, Vec<usize>>,
}

impl Calendar {
    pub(super) fn insert(&mut self, appointment: Appointment) {
        let at = self.filed.len();
        self.filed.push(None);
        self.put(at, appointment);
    }

    fn put(&mut self, at: usize, appointment: Appointment) {
        let add = |list: &mut Vec<usize>| {
            list.push(at);
            list.sort_unstable();
        };
        add(self.by_day.entry(appointment.begin.date()).or_default());
        add(self.by_id.entry(appointment.id.clone()).or_default());
        if let Some(patient) = &appointment.patient {
            add(self.by_patient.entry(patient.clone()).or_default());
        }
        self.filed[at] = Some(appointment);
    }

    fn take(&mut self, at: usize) -> Option<Appointment> {
        let appointment = self.filed.get_mut(at)?.take()?;
        let drop_from = |list: Option<&mut Vec<usize>>| list.into_iter().for_each(|list| list.retain(|one| *one != at));
        drop_from(self.by_day.get_mut(&appointment.begin.date()));
        drop_from(self.by_id.get_mut(&appointment.id));
        drop_from(appointment.patient.as_ref().and_then(|patient| self.by_patient.get_mut(patient)));
        Some(appointment)
    }

    /// All copies, in the order of filing.
    pub(super) fn all(&self) -> impl Iterator<Item = &Appointment> {
        self.filed.iter().flatten()
    }

    /// Copies that begin on these days, by start; equal starts in the order of filing.
    pub(super) fn between(&self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Vec<&Appointment> {
        let (from, to) = (from.unwrap_or(NaiveDate::MIN), to.unwrap_or(NaiveDate::MAX));
        if to < from {
            return Vec::new();
        }
        let days = self.by_day.range(from..=to).map(|(_, places)| places);
        let mut found: Vec<&Appointment> = days.flatten().filter_map(|at| self.filed[*at].as_ref()).collect();
        found.sort_by_key(|appointment| appointment.begin);
        found
    }

    /// Copies of a patient's appointments, by start.
    pub(super) fn of_patient(&self, patient: &str) -> Vec<&Appointment> {
        let places = self.by_patient.get(patient).into_iter().flatten();
        let mut found: Vec<&Appointment> = places.filter_map(|at| self.filed[*at].as_ref()).collect();
        found.sort_by_key(|appointment| appointment.begin);
        found
    }

    /// The copy changed last; among equals the one filed last.
    pub(super) fn newest(&self, id: &str) -> Option<&Appointment> {
        self.place_of_newest(id).and_then(|at| self.filed[at].as_ref())
    }

    fn place_of_newest(&self, id: &str) -> Option<usize> {
        let places = self.by_id.get(id)?.iter().copied();
        places.max_by_key(|at| (self.filed[*at].as_ref().and_then(|one| one.modified), *at))
    }

    /// Changes the newest copy; `false` when there is none.
    pub(super) fn edit(&mut self, id: &str, change: impl FnOnce(&mut Appointment)) -> bool {
        let Some(at) = self.place_of_newest(id) else { return false };
        let Some(mut appointment) = self.take(at) else { return false };
        change(&mut appointment);
        self.put(at, appointment);
        true
    }

    /// Removes all copies; `false` when there are none.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let places = self.by_id.get(id).cloned().unwrap_or_default();
        places.into_iter().filter_map(|at| self.take(at)).count() > 0
    }

    /// Gives all copies of a patient's appointments to another one.
    pub(super) fn hand_over(&mut self, from: &str, to: &str) {
        for at in self.by_patient.get(from).cloned().unwrap_or_default() {
            if let Some(mut appointment) = self.take(at) {
                appointment.patient = Some(to.to_owned());
                self.put(at, appointment);
            }
        }
    }
}
