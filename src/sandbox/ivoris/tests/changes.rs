//! The practice goes on working.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::desk::{ask, get, list, request, samples, text, today};
use crate::sandbox::ivoris::{Appointment, Change, Entry, Event, Patient, Practice, Settings, When};

const NEW: &str = "d0000000-0000-4000-8000-000000000001";
const SINGLE: &str = "/Appointment/v1/Appointment";

fn now_at(text: &str) -> chrono::NaiveDateTime {
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time")
}

/// A practice and an appointment of December that has one copy.
fn with_one() -> (Practice, Appointment) {
    let practice = samples(Settings::exact());
    let all = practice.appointments("nord");
    let alone = |one: &&Appointment| all.iter().filter(|other| other.id == one.id).count() == 1;
    let one = all.iter().filter(alone).find(|one| one.begin > now_at("2026-12-01 00:00") && one.patient.is_some());
    let one = one.expect("a sample").clone();
    (practice, one)
}

fn seen(practice: &Practice, id: &str) -> serde_json::Value {
    get(practice, SINGLE, &[("id", id)])
}

fn last_change(practice: &Practice) -> String {
    let change = get(practice, "/Appointment/v1/LatestAppointmentSystemChange", &[]);
    change.as_str().unwrap_or_default().to_owned()
}

#[test]
fn appointments_move_change_and_go() {
    let (practice, one) = with_one();
    let id = one.id.as_str();
    let before = last_change(&practice);
    let make = |change: Change| assert!(practice.change("nord", change, today()));
    let begin = now_at("2027-01-11 10:00");
    make(Change::AppointmentMoved { id: id.to_owned(), begin, chair: Some("NB_Zimmer 9".to_owned()) });
    let row = seen(&practice, id);
    assert_eq!((text(&row, "Begin"), text(&row, "ModifiedAt")), ("2027-01-11T10:00:00", "2026-11-24T09:00:00"));
    let chairs = list(&practice, "/Appointment/v1/DentistChairs", &[]);
    let chair = chairs.iter().find(|chair| text(chair, "Name") == "NB_Zimmer 9").expect("a new chair is listed");
    assert_eq!(text(&row, "DentistChairId"), text(chair, "Id"));
    let on = |day: &str| {
        let rows = list(&practice, "/Appointment/v1/AllAppointments", &[("begin", day), ("end", day)]);
        rows.iter().any(|row| text(row, "Id") == id)
    };
    assert_eq!([on("2027-01-11"), on(&one.begin.date().to_string())], [true, false]);
    assert!(last_change(&practice) > before);
    make(Change::cancelled(id));
    assert_eq!(text(&seen(&practice, id), "State"), "Cancelled");
    make(Change::uncancelled(id));
    assert_eq!(text(&seen(&practice, id), "State"), "Planned");
    let other = practice.patients("nord")[3].id.clone();
    make(Change::AppointmentReparented { id: id.to_owned(), patient: Some(other.clone()) });
    let of = |patient: &str| {
        let rows = list(&practice, &format!("/Appointment/v1/Patient/{patient}/AllAppointments"), &[]);
        rows.iter().any(|row| text(row, "Id") == id)
    };
    assert_eq!([of(&other), of(one.patient.as_deref().expect("a patient"))], [true, false]);
    make(Change::AppointmentDeleted { id: id.to_owned() });
    assert_eq!(ask(&practice, SINGLE, &[("id", id)]).status, 400);
    assert!(!on("2027-01-11") && !of(&other));
    assert!(!practice.change("nord", Change::cancelled(id), today()), "what is gone does not change");
    let since = [("since", "2026-11-24T00:00:00")];
    assert!(list(&practice, "/Appointment/v1/LatestAppointments", &since).is_empty(), "a deletion leaves no trace");
}

#[test]
fn new_appointments_are_the_latest() {
    let (practice, one) = with_one();
    let new = Appointment { id: NEW.to_owned(), modified: None, ..one };
    assert!(practice.change("nord", Change::AppointmentAdded { appointment: Box::new(new) }, today()));
    let latest = list(&practice, "/Appointment/v1/LatestAppointments", &[("since", "2026-11-24T00:00:00")]);
    assert_eq!(latest.iter().map(|row| text(row, "Id")).collect::<Vec<_>>(), [NEW]);
}

#[test]
fn a_deletion_may_go_unnoticed_by_the_last_change() {
    for (notices, wanted) in [(true, true), (false, false)] {
        let (practice, one) = with_one();
        practice.change_settings(|settings| settings.deletion_changes = notices);
        let before = last_change(&practice);
        practice.change("nord", Change::AppointmentDeleted { id: one.id }, today());
        assert_eq!(last_change(&practice) > before, wanted);
    }
}

#[test]
fn merged_patients_are_one() {
    let practice = samples(Settings::exact());
    let with_chart = practice.entries("nord")[0].patient.clone();
    let into = practice.patients("nord").into_iter().find(|one| one.id != with_chart).expect("another").id;
    let count = |patient: &str| practice.entries("nord").iter().filter(|one| one.patient == patient).count();
    let visits = |patient: &str| {
        practice.appointments("nord").iter().filter(|one| one.patient.as_deref() == Some(patient)).count()
    };
    let wanted = (count(&with_chart) + count(&into), visits(&with_chart) + visits(&into));
    let merge = Change::PatientsMerged { from: with_chart.clone(), into: into.clone() };
    assert!(practice.change("nord", merge, today()));
    assert_eq!((count(&into), visits(&into)), wanted);
    assert_eq!((count(&with_chart), visits(&with_chart)), (0, 0));
    assert_eq!(ask(&practice, "/Patient/v1/Patient", &[("id", &with_chart)]).status, 400);
}

#[test]
fn entries_come_late_and_go() {
    let practice = samples(Settings::exact());
    let patient = practice.patients("nord")[0].clone();
    let profile = practice.profiles("nord").into_iter().find(|one| one.mandant == patient.mandant).expect("its own").id;
    let read = || {
        let query = [("patientId", patient.id.as_str()), ("profileId", profile.as_str())];
        list(&practice, "/Documentation/v1/Entries", &query).iter().any(|row| text(row, "Id") == NEW)
    };
    let date = "2026-01-05".parse().expect("a day");
    let entry =
        Entry { id: NEW.to_owned(), patient: patient.id.clone(), mandant: patient.mandant, date, ..Entry::default() };
    practice.change("nord", Change::EntryAdded { entry: Box::new(entry) }, today());
    assert!(read());
    assert!(practice.edit_entry("nord", NEW, |entry| entry.text = "Nachtrag".to_owned()));
    assert!(practice.change("nord", Change::EntryRemoved { id: NEW.to_owned() }, today()));
    assert!(!read());
}

/// Reads all pages with an event before the second one, and tells how often each patient came.
fn paged_with(change: impl Fn(&[Patient]) -> Change) -> (Vec<String>, Vec<Patient>) {
    let practice = samples(Settings { page: 10, ..Settings::exact() });
    let before = practice.patients("nord");
    let when = When::AfterCalls { action: "AllPatients".to_owned(), calls: 1 };
    practice.script([Event { when, installation: "nord".to_owned(), change: change(&before) }]);
    let rows = super::desk::pages(&practice, "/Patient/v1/AllPatients", &[]);
    (rows.iter().map(|row| text(row, "Id").to_owned()).collect(), before)
}

#[test]
fn a_patient_inserted_while_paging_shifts_the_pages() {
    let (read, before) = paged_with(|_| Change::PatientAdded {
        patient: Box::new(Patient { id: NEW.to_owned(), mandant: 1, ..Patient::default() }),
        place: Some(0),
    });
    assert_eq!(read.len(), before.len() + 1, "one comes twice");
    assert_eq!(read[9], read[10]);
    assert!(!read.contains(&NEW.to_owned()), "the new one stands on a page that was read before");
}

#[test]
fn a_patient_removed_while_paging_hides_another() {
    let (read, before) = paged_with(|patients| Change::PatientRemoved { id: patients[0].id.clone() });
    let read: BTreeSet<&String> = read.iter().collect();
    let missed: Vec<&Patient> = before.iter().filter(|one| !read.contains(&one.id)).collect();
    assert_eq!(missed.iter().map(|one| &one.id).collect::<Vec<_>>(), [&before[10].id]);
}

#[test]
fn scripts_run_by_time_and_by_requests() {
    let (practice, one) = with_one();
    let event = |when: When, state: &str| Event {
        when,
        installation: "nord".to_owned(),
        change: Change::AppointmentState { id: one.id.clone(), state: state.to_owned() },
    };
    let noon = today() + TimeDelta::hours(4);
    practice.script([event(When::At(noon), "Cancelled"), event(When::AfterRequests(2), "Confirmed")]);
    let state = |hours: i64| {
        let asked = request(SINGLE, &[("id", &one.id)]);
        let reply = practice.handle(&asked, today() + TimeDelta::hours(hours));
        let row: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
        (text(&row, "State").to_owned(), text(&row, "ModifiedAt").to_owned())
    };
    assert_eq!(state(0).0, one.state);
    assert_eq!(state(0).0, one.state);
    assert_eq!(state(0).0, "Confirmed", "before the third");
    assert_eq!(state(6), ("Cancelled".to_owned(), "2026-11-24T13:00:00".to_owned()), "it was done at noon");
}

#[test]
fn a_script_can_be_written_down() {
    let events = r#"[{"when": {"after_requests": 3}, "installation": "nord",
        "change": {"appointment_moved": {"id": "x", "begin": "2026-12-01T09:00:00"}}}]"#;
    let events: Vec<Event> = serde_json::from_str(events).expect("an event");
    let moved = Change::AppointmentMoved { id: "x".to_owned(), begin: now_at("2026-12-01 09:00"), chair: None };
    assert_eq!(events[0].change, moved);
}

#[test]
fn patients_and_appointments_can_be_edited_by_hand() {
    let (practice, one) = with_one();
    let patient = practice.patients("nord")[0].id.clone();
    assert!(practice.edit_patient("nord", &patient, |patient| patient.phone = "030 23125000".to_owned()));
    assert_eq!(text(&get(&practice, "/Patient/v1/Patient", &[("id", &patient)]), "Phone"), "030 23125000");
    assert!(practice.edit_appointment("nord", &one.id, |one| one.comment = "bringt Modell".to_owned()));
    assert_eq!(text(&seen(&practice, &one.id), "Comment"), "bringt Modell");
    assert!(!practice.edit_patient("sued", &patient, |_| {}));
}
