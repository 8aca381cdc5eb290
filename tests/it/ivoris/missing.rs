//! Appointments whose patient cannot be delivered: held, and written when the patient appears.

use ivohub::domain::Object;
use ivohub::sandbox::ivoris::{Change, Data, Patient, Settings};
use ivohub::sandbox::seed;

use super::Site;

#[test]
fn an_appointment_waits_for_its_patient() {
    let data = Data::seed(&seed::Settings { patients: 5, ..seed::Settings::default() });
    let (site, now) = (Site::new(Settings::exact(), data), chrono::Utc::now());
    let all = site.practice.appointments("nord");
    let one = all.iter().find(|one| one.patient.is_some()).expect("appointments");
    let id = "0000000f-aaaa-4aaa-8aaa-000000000000";
    let stray = Change::AppointmentReparented { id: one.id.clone(), patient: Some(id.to_owned()) };
    assert!(site.practice.change("nord", stray, now));
    site.pass("migrate-patients", &[]).exits(0);
    let done = site.pass("migrate-appointments", &[]).exits(3);
    assert_eq!(done.json()["account"]["kinds"]["appointments"]["held"], 1, "{}", done.all());
    assert_eq!(site.practice.counters().calls_of("Patient"), 1, "it is asked for");
    assert_eq!(site.project.status()["reading"]["watched"]["missing"], 1);
    assert!(site.project.by_key(Object::Appointment, &one.id).is_none());
    // A moment later it is not asked for again.
    site.pass("migrate-appointments", &[]).exits(3);
    assert_eq!(site.practice.counters().calls_of("Patient"), 1);

    let patient = Patient { id: id.to_owned(), ..site.practice.patients("nord").remove(0) };
    let patient = Patient { email: String::new(), first: "Ute".to_owned(), ..patient };
    assert!(site.practice.change("nord", Change::PatientAdded { patient: Box::new(patient), place: None }, now));
    site.pass("migrate-patients", &[]).exits(0);
    site.pass("migrate-appointments", &[]).exits(0);
    assert_eq!(site.project.status()["reading"]["watched"]["missing"], 0);
    assert!(site.project.by_key(Object::Appointment, &one.id).is_some(), "and then it is written");
}
