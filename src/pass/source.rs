//! Reading: rows on their way from a source into the store, filtered by the options of the run.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::domain::{LocationKey, Record};
use crate::extract::Row;
use crate::mapping::{Mapping, email_of};
use crate::store::{Arrival, Incoming};

/// What this run takes of what is read.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these locations (`--practice`).
    pub practices: Option<BTreeSet<LocationKey>>,
    /// Only these keys (`--only`), as `<prefix><id>`.
    pub only: Option<BTreeSet<String>>,
    /// Only appointments and entries of these days (`--since`, `--until`).
    pub days: Days,
}

/// Days from one to another, both included; `None` = without end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: Option<NaiveDate>,
    /// The last.
    pub to: Option<NaiveDate>,
}

impl Days {
    /// Whether a day is among them.
    #[must_use]
    pub fn hold(&self, day: NaiveDate) -> bool {
        let Self { from, to } = self;
        from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
    }
}

impl Filter {
    fn takes(&self, record: &Record, mapping: &Mapping) -> bool {
        let location = || match record {
            Record::Patient(patient) => mapping.location_of_patient(patient).map(|at| &at.key),
            Record::Appointment(appointment) => mapping.location_of_appointment(appointment).map(|at| &at.key),
            // An entry names no place; it goes with its patient.
            Record::Entry(_) => None,
        };
        let in_practice = match (&self.practices, record) {
            (None, _) | (Some(_), Record::Entry(_)) => true,
            (Some(practices), Record::Patient(_) | Record::Appointment(_)) => {
                location().is_some_and(|at| practices.contains(at))
            }
        };
        let key = match record {
            Record::Patient(patient) => patient.id.as_str(),
            Record::Appointment(appointment) => appointment.id.as_str(),
            Record::Entry(entry) => entry.id.as_str(),
        };
        let in_days = match record {
            // A patient has no day.
            Record::Patient(_) => true,
            Record::Appointment(appointment) => self.days.hold(appointment.start.day()),
            Record::Entry(entry) => self.days.hold(entry.date),
        };
        in_practice && in_days && self.only.as_ref().is_none_or(|only| only.contains(key))
    }
}

/// Sorts a stretch of rows: what is taken, what is no record, what the options of this run leave out.
pub(super) fn arrival(stretch: Vec<Row>, filter: &Filter, mapping: &Mapping) -> Arrival {
    let mut arrival = Arrival::default();
    for row in stretch {
        match row {
            Row::Rejected(rejected) => arrival.rejected.push(rejected),
            Row::Record(record, origin) if filter.takes(&record, mapping) => {
                let mail = match &*record {
                    Record::Patient(patient) => email_of(patient),
                    Record::Appointment(_) | Record::Entry(_) => None,
                };
                arrival.records.push(Incoming { record: *record, origin, mail });
            }
            Row::Record(..) => arrival.left_out += 1,
        }
    }
    arrival
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Appointment, AppointmentId, InstanceKey, LocalTime, Origin, PatientRef};
    use crate::mapping::shipped;

    fn appointment(id: &str, start: &str) -> Row {
        let appointment = Appointment {
            id: AppointmentId::new(id),
            instance: InstanceKey::new("nord"),
            patient: PatientRef::Nobody,
            start: LocalTime(start.parse().expect("a time")),
            end: None,
            template: String::new(),
            chair: String::new(),
            practitioner: String::new(),
            location: None,
            state: String::new(),
            confirmation: String::new(),
            created: None,
            changed: None,
            ids: crate::domain::SourceIds::default(),
        };
        Row::Record(Box::new(Record::Appointment(appointment)), Origin { file: "a.csv".into(), line: 2 })
    }

    #[test]
    fn days_are_taken_with_both_ends() {
        let check = |from: &str, to: &str, wanted: &[&str]| {
            let days = Days { from: from.parse().ok(), to: to.parse().ok() };
            let rows = [
                ("22", "2026-11-22T23:59:00"),
                ("23", "2026-11-23T00:00:00"),
                ("24", "2026-11-24T23:59:00"),
                ("25", "2026-11-25T00:00:00"),
            ];
            let rows = rows.iter().map(|(id, start)| appointment(id, start)).collect();
            let taken = arrival(rows, &Filter { days, ..Filter::default() }, &shipped());
            let id = |one: &Incoming| match &one.record {
                Record::Appointment(appointment) => appointment.id.as_str().to_owned(),
                Record::Patient(_) | Record::Entry(_) => String::new(),
            };
            let ids: Vec<String> = taken.records.iter().map(id).collect();
            assert_eq!(ids, wanted, "{from} to {to}");
            assert_eq!(taken.left_out, 4 - wanted.len() as u64, "what is left out is counted");
        };
        check("", "", &["22", "23", "24", "25"]);
        check("2026-11-23", "", &["23", "24", "25"]);
        check("", "2026-11-24", &["22", "23", "24"]);
        check("2026-11-23", "2026-11-24", &["23", "24"]);
        check("2026-11-25", "2026-11-22", &[]);
    }

    #[test]
    fn only_takes_whole_keys() {
        let only = Some(BTreeSet::from(["n-12".to_owned(), "12".to_owned()]));
        let filter = Filter { only, ..Filter::default() };
        let rows = ["n-12", "12", "112", "n-112", "s-12"].map(|id| appointment(id, "2026-11-23T09:00:00"));
        let taken = arrival(rows.to_vec(), &filter, &shipped());
        assert_eq!((taken.records.len(), taken.left_out), (2, 3), "12 is not the end of 112");
    }
}
