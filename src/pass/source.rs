//! Reading: rows on their way from a source into the store, filtered by the options of the run.

use std::collections::BTreeSet;

use tokio::sync::mpsc;

use crate::domain::{Kind, LocationKey, Record, RunId};
use crate::extract::Row;
use crate::mapping::{Mapping, email_of};
use crate::store::{Arrival, Incoming, Store};

use super::Observer;

/// Rows handed over at once: enough for one transaction, little enough for memory.
pub const STRETCH: usize = 4_000;

/// What this run takes of what is read.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these locations (`--practice`).
    pub practices: Option<BTreeSet<LocationKey>>,
    /// Only these keys (`--only`), as `<prefix><id>` or Ivoris ids.
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
        in_practice && self.only.as_ref().is_none_or(|only| only.iter().any(|wanted| key.ends_with(wanted.as_str())))
    }
}

/// Takes everything that comes out of `rows` into the store; returns how many rows were read.
///
/// # Errors
/// [`crate::store::Error`] when the store cannot go on.
pub async fn take_all<S: Store>(
    store: &S,
    run: RunId,
    kind: Kind,
    mut rows: mpsc::Receiver<Vec<Row>>,
    filter: &Filter,
    mapping: &Mapping,
    observer: &dyn Observer,
) -> Result<u64, crate::store::Error> {
    let mut read = 0;
    while let Some(stretch) = rows.recv().await {
        let count = u64::try_from(stretch.len()).unwrap_or(u64::MAX);
        read += count;
        let arrival = arrival(stretch, filter, mapping);
        store.take(run, kind, arrival).await?;
        observer.advance(count);
    }
    Ok(read)
}

fn arrival(stretch: Vec<Row>, filter: &Filter, mapping: &Mapping) -> Arrival {
    let mut arrival = Arrival::default();
    for row in stretch {
        match row {
            Row::Rejected(rejected) => arrival.rejected.push(rejected),
            Row::Record(record, origin) if filter.takes(&record, mapping) => {
                let (mail, active) = match &*record {
                    Record::Patient(patient) => (email_of(patient), false),
                    Record::Appointment(visit) => {
                        (None, mapping.state(&visit.state, &visit.confirmation).is_ok_and(|state| state.is_active()))
                    }
                    Record::Entry(_) => (None, false),
                };
                arrival.records.push(Incoming { record: *record, origin, mail, active });
            }
            Row::Record(..) => arrival.left_out += 1,
        }
    }
    arrival
}
