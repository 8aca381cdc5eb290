//! The mess of the real thing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::desk::{ask, list, pages, samples, text};
use crate::sandbox::ivoris::{Load, Oddities, Practice, Settings};

fn everything(practice: &Practice) -> Vec<Value> {
    practice.set_load(Load::UNLIMITED);
    list(practice, "/Appointment/v1/AllAppointments", &[])
}

#[test]
fn nothing_is_said_in_four_ways_and_blanks_stand_behind_texts() {
    let practice = samples(Settings::exact());
    let patients = pages(&practice, "/Patient/v1/AllPatients", &[]);
    let mails: Vec<Option<&Value>> = patients.iter().map(|one| one.get("Email")).collect();
    assert!(mails.contains(&None) && mails.contains(&Some(&Value::Null)) && mails.contains(&Some(&"".into())));
    assert!(patients.iter().any(|one| one["Lastname"].as_str().is_some_and(|name| name.ends_with("  "))));
    assert!(patients.iter().any(|one| one["mandantIndex"].is_string()));
    assert!(patients.iter().any(|one| one["mandantIndex"].is_number()));
    let days: BTreeSet<usize> = patients.iter().filter_map(|one| Some(one["Birthday"].as_str()?.len())).collect();
    assert!(days.contains(&10) && days.contains(&19), "a day, and the midnight it begins at");
    assert!(patients.iter().all(|one| one.get("RowVersion").is_some()));
    practice.change_settings(|settings| (settings.messy, settings.extra_fields) = (false, false));
    let patients = pages(&practice, "/Patient/v1/AllPatients", &[]);
    assert!(
        patients.iter().all(|one| one.get("Email").is_some_and(|mail| *mail != "") && one.get("RowVersion").is_none())
    );
    assert!(patients.iter().all(|one| one["Lastname"].as_str().is_some_and(|name| !name.ends_with("  "))));
}

#[test]
fn the_mess_of_a_record_is_always_the_same() {
    let practice = samples(Settings::default());
    let pages = || pages(&practice, "/Patient/v1/AllPatients", &[]);
    assert_eq!(pages(), pages());
}

#[test]
fn document_entries_are_empty_for_most_and_nothing_is_lost_between_the_routes() {
    let practice = samples(Settings { entries_lack: 10, ..Settings::exact() });
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in practice.entries("nord") {
        wanted.entry(entry.patient).or_default().insert(entry.id);
    }
    let profiles = practice.profiles("nord");
    let (mut only_first, mut only_second, mut both, mut empty) = (0, 0, 0, 0);
    for (patient, wanted) in &wanted {
        let read = |route: &str| -> BTreeSet<String> {
            let of = |id: &str| list(&practice, route, &[("patientId", patient), ("profileId", id)]);
            profiles.iter().flat_map(|profile| of(&profile.id)).map(|row| text(&row, "Id").to_owned()).collect()
        };
        let (entries, documents) = (read("/Documentation/v1/Entries"), read("/Documentation/v1/DocumentEntries"));
        only_first += entries.difference(&documents).count();
        only_second += documents.difference(&entries).count();
        both += entries.intersection(&documents).count();
        empty += usize::from(documents.is_empty());
        assert_eq!(entries.union(&documents).cloned().collect::<BTreeSet<_>>(), *wanted);
    }
    assert!(only_first > 0 && only_second > 0 && both > 0 && empty > 0, "{only_first} {only_second} {both} {empty}");
}

#[test]
fn the_wrong_profile_is_empty_and_a_filter_filters() {
    let practice = samples(Settings::exact());
    let profiles = practice.profiles("nord");
    let entry =
        practice.entries("nord").into_iter().find(|one| one.mandant == 1 && one.kind == "Leistung").expect("one");
    let ask_for = |profile: &str, more: &[(&str, &str)]| {
        let query = [&[("patientId", entry.patient.as_str()), ("profileId", profile)], more].concat();
        list(&practice, "/Documentation/v1/Entries", &query)
    };
    assert!(!ask_for(&profiles[0].id, &[]).is_empty());
    assert!(ask_for("00000000-0000-4000-8000-000000000000", &[]).is_empty());
    assert!(ask_for(&profiles[0].id, &[("entryType", "pabg")]).iter().all(|row| text(row, "Type") == "pabg"));
    let day = entry.date.to_string();
    let that_day = ask_for(&profiles[0].id, &[("begin", &day), ("end", &day)]);
    assert!(that_day.iter().any(|row| text(row, "Id") == entry.id));
    assert!(that_day.iter().all(|row| text(row, "Date").starts_with(&day)));
    assert_eq!(ask(&practice, "/Documentation/v1/Entries", &[("patientId", &entry.patient)]).status, 400);
    // One patient, two profiles: the chart of a second location stands elsewhere.
    let elsewhere = practice.entries("nord").into_iter().any(|one| {
        let mut own = practice.patients("nord").into_iter();
        own.any(|patient| patient.id == one.patient && patient.mandant != one.mandant)
    });
    assert!(elsewhere);
}

#[test]
fn some_appointments_come_twice_next_to_each_other_or_at_the_end() {
    let practice = samples(Settings {
        oddities: Oddities { duplicates: 20, ..Oddities::NONE },
        appointment_page: Some(50),
        ..Settings::default()
    });
    let rows = pages(&practice, "/Appointment/v1/AllAppointments", &[]);
    let ids: Vec<&str> = rows.iter().map(|row| text(row, "Id")).collect();
    let apart = |id: &str| {
        let places: Vec<usize> = (0..ids.len()).filter(|at| ids[*at] == id).collect();
        places.last().expect("it is there") - places[0]
    };
    let spread: BTreeSet<usize> = ids.iter().map(|id| apart(id)).collect();
    assert!(spread.contains(&1) && spread.iter().any(|apart| *apart > 50), "next to it, and on another page");
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    let more = ids.len() - distinct.len();
    assert!(more * 100 > distinct.len() * 12 && more * 100 < distinct.len() * 30, "{more} of {}", distinct.len());
}

#[test]
fn odd_appointments_belong_to_nobody() {
    let exact = samples(Settings::exact());
    let known: BTreeSet<String> = exact.appointments("nord").into_iter().map(|one| one.id).collect();
    let oddities = Oddities { duplicates: 0, callers: 10, ghosts: 10, strange: 10, stale: 0 };
    let practice = samples(Settings { oddities, ..Settings::default() });
    let patients: BTreeSet<String> = practice.patients("nord").into_iter().map(|one| one.id).collect();
    let rows = everything(&practice);
    let odd: Vec<&Value> = rows.iter().filter(|row| !known.contains(text(row, "Id"))).collect();
    assert!(odd.iter().all(|row| !patients.contains(text(row, "PatientId"))));
    let ghost = odd.iter().find(|row| !text(row, "PatientId").is_empty()).expect("a ghost");
    assert_eq!(ask(&practice, "/Patient/v1/Patient", &[("id", text(ghost, "PatientId"))]).status, 400);
    assert!(odd.iter().any(|row| row["UnknownPatient"].is_object()));
    assert!(odd.iter().any(|row| row["State"] == 7) && odd.iter().any(|row| row["State"] == "Parked"));
    let templates = list(&practice, "/Appointment/v1/AppointmentTemplates", &[]);
    let listed = |id: &str| templates.iter().any(|row| text(row, "Id") == id);
    assert!(odd.iter().filter(|row| row["State"] == 7).all(|row| !listed(text(row, "AppointmentTemplateId"))));
    assert_eq!(rows.len() - odd.len(), exact.appointments("nord").len());
}

#[test]
fn an_old_version_stands_in_another_week_and_the_single_record_is_the_new_one() {
    let practice = samples(Settings { oddities: Oddities { stale: 100, ..Oddities::NONE }, ..Settings::default() });
    let exact = samples(Settings::exact());
    for one in exact.appointments("nord").iter().filter(|one| one.modified.is_some()) {
        let newest = exact.appointment("nord", &one.id);
        assert_eq!(practice.appointment("nord", &one.id), newest);
    }
    assert!(everything(&practice).len() > everything(&exact).len());
}

#[test]
fn ids_may_come_in_upper_case() {
    let practice = samples(Settings { mixed_ids: true, ..Settings::exact() });
    let rows = everything(&practice);
    let upper = |row: &&Value| text(row, "Id").chars().any(|letter| letter.is_ascii_uppercase());
    let some = rows.iter().filter(upper).count();
    assert!(some > 0 && some < rows.len());
}
