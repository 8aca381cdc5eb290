//! A patient's id and number: whichever was the key first stays the key.

use super::{appointment, begin, files, patient, plan_creates, read};
use crate::domain::{Kind, PatientId, PatientNumber, PatientRef, Record};
use crate::store::Store;

pub(super) async fn a_patient_without_id_keeps_the_number_as_key<S: Store>(store: &S) {
    let numbered = |id: &str| {
        let mut incoming = patient(id, "Koch");
        if let Record::Patient(patient) = &mut incoming.record {
            patient.number = Some(PatientNumber::new("nord:5"));
        }
        incoming
    };
    let run = begin(store, 1).await;
    read(store, run, Kind::Patient, vec![numbered("nr-5")]).await;
    plan_creates(store, run).await;
    store.accept(run).await.expect("accepts");
    let id = "a0000000-0000-4000-8000-000000000001";
    let run = begin(store, 2).await;
    read(store, run, Kind::Patient, vec![numbered(id)]).await;
    let found = files(store, run).await;
    let key = found[0].patient.as_ref().map(|patient| patient.record.id.as_str().to_owned());
    assert_eq!((found.len(), key.as_deref()), (1, Some("nr-5")), "the id that arrives later is another name");
    plan_creates(store, run).await;
    store.accept(run).await.expect("accepts");
    let run = begin(store, 3).await;
    let taken = read(store, run, Kind::Patient, vec![numbered(id)]).await;
    assert_eq!((taken.proposed, taken.unchanged), (0, 1), "once known, it is no news");
    let by_id = PatientRef::Id(PatientId::new(id));
    read(store, run, Kind::Appointment, vec![appointment("a", by_id, "geplant", None)]).await;
    let found = files(store, run).await;
    assert!(found.len() == 1 && found[0].patient.is_some(), "a record that names the id is filed under the patient");
}

/// The other way round: a file without ids names a patient whom an earlier one brought with id and number.
pub(super) async fn a_number_that_a_patient_has_is_no_second_patient<S: Store>(store: &S) {
    let numbered = |id: &str, name: &str| {
        let mut incoming = patient(id, name);
        if let Record::Patient(patient) = &mut incoming.record {
            patient.number = Some(PatientNumber::new("nord:5"));
        }
        incoming
    };
    let id = "a0000000-0000-4000-8000-000000000001";
    let run = begin(store, 1).await;
    read(store, run, Kind::Patient, vec![numbered(id, "Koch")]).await;
    plan_creates(store, run).await;
    store.accept(run).await.expect("accepts");
    let run = begin(store, 2).await;
    read(store, run, Kind::Patient, vec![numbered("nr-5", "Koch-Lange")]).await;
    let found = files(store, run).await;
    let key = found[0].patient.as_ref().map(|patient| patient.record.id.as_str().to_owned());
    assert_eq!((found.len(), key.as_deref()), (1, Some(id)));
}
