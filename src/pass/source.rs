//! Reading: rows on their way from a source into the store, filtered by the options of the run.

use std::collections::BTreeSet;

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
        in_practice && self.only.as_ref().is_none_or(|only| only.contains(key))
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

    #[test]
    fn only_takes_whole_keys() {
        let of = |id: &str| {
            let appointment = Appointment {
                id: AppointmentId::new(id),
                instance: InstanceKey::new("nord"),
                patient: PatientRef::Nobody,
                start: LocalTime("2026-11-23T09:00:00".parse().expect("a time")),
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
        };
        let filter = Filter { practices: None, only: Some(BTreeSet::from(["n-12".to_owned(), "12".to_owned()])) };
        let taken = arrival(["n-12", "12", "112", "n-112", "s-12"].map(of).to_vec(), &filter, &shipped());
        assert_eq!((taken.records.len(), taken.left_out), (2, 3), "12 is not the end of 112");
    }
}
