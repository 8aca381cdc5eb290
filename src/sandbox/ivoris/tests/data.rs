//! The practice holds what the exports say.

use std::collections::BTreeMap;

use super::desk::{list, pages, samples, text};
use crate::domain::normalise_id;
use crate::sandbox::ivoris::{Data, Planner, Practice, Settings};
use crate::sandbox::{samples as files, seed};

/// Rows of an export that are records, by id: whole, of a known place, with an id and the cells named.
fn rows(bytes: &[u8], id: usize, location: usize, needed: &[usize]) -> BTreeMap<String, Vec<Vec<String>>> {
    let text = encoding_rs::WINDOWS_1252.decode(bytes).0.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(text.as_bytes());
    let width = reader.headers().expect("a header").len();
    let places = ["KFO Nord", "KFO Süd", "Zahnzentrum Mitte", "nord"];
    let mut found: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for row in reader.records() {
        let row: Vec<String> = row.expect("a row").iter().map(str::to_owned).collect();
        let impossible =
            |at: &usize| row[*at].starts_with("31.02.") || row[*at].contains(".13.") || row[*at] == "12,3,4";
        let known = row.len() >= width && places.contains(&row[location].as_str());
        if let (true, Ok(id)) = (known && !needed.iter().any(impossible), normalise_id(row.get(id).map_or("", |id| id)))
        {
            found.entry(id).or_default().push(row);
        }
    }
    found
}

fn check_counts(practice: &Practice, exports: [&[u8]; 3]) {
    let [patients, appointments, entries] = exports;
    let patients = rows(patients, 1, 21, &[]);
    let installations = practice.installations();
    let mut listed = BTreeMap::new();
    for name in &installations {
        for one in pages(practice, &format!("/relay/{name}/webservice/api/Patient/v1/AllPatients"), &[]) {
            listed.insert(text(&one, "Id").to_owned(), one);
        }
    }
    let alive: Vec<&String> = patients.iter().filter(|(_, rows)| rows[0][25] != "Ja").map(|(id, _)| id).collect();
    assert_eq!(listed.keys().collect::<Vec<_>>(), alive);
    for (id, rows) in patients.iter().filter(|(id, _)| listed.contains_key(*id)) {
        let one = &listed[id];
        assert_eq!((text(one, "HumanReadableId"), text(one, "Lastname")), (rows[0][0].trim(), rows[0][4].trim()));
    }
    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for one in installations.iter().flat_map(|name| practice.appointments(name)) {
        *copies.entry(one.id).or_default() += 1;
    }
    let wanted: BTreeMap<String, usize> =
        rows(appointments, 0, 10, &[3]).into_iter().map(|(id, rows)| (id, rows.len())).collect();
    assert_eq!(copies, wanted);
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for one in installations.iter().flat_map(|name| practice.entries(name)) {
        *lines.entry(one.id).or_default() += 1;
    }
    let wanted: BTreeMap<String, usize> =
        rows(entries, 0, 14, &[3, 11]).into_iter().map(|(id, rows)| (id, rows.len())).collect();
    // Lines without an id of their own get one.
    let known =
        lines.iter().filter(|(id, _)| wanted.contains_key(*id)).map(|(id, count)| (id.clone(), *count)).collect();
    assert_eq!(wanted, known);
}

#[test]
fn the_samples_are_those_of_the_files() {
    let practice = samples(Settings::exact());
    let bytes = |name: &str| files::FILES.iter().find(|(have, _)| *have == name).expect("embedded").1;
    check_counts(&practice, seed::FILES.map(bytes));
    let without_id = practice.entries("nord").into_iter().filter(|one| one.text == "Abdruckmasse");
    let ids: std::collections::BTreeSet<String> = without_id.map(|one| one.id).collect();
    assert_eq!(ids.len(), 2, "two equal lines without id are two entries");
}

#[test]
fn a_seed_is_that_of_the_files() {
    let settings = seed::Settings { seed: 3, patients: 400, changed_percent: 2, ..seed::Settings::default() };
    let folder = tempfile::tempdir().expect("a folder");
    seed::write(folder.path(), &settings).expect("written");
    let bytes = seed::FILES.map(|name| std::fs::read(folder.path().join(name)).expect("read"));
    let practice = Practice::new(Settings::exact(), Data::seed(&settings));
    check_counts(&practice, [&bytes[0], &bytes[1], &bytes[2]]);
}

#[test]
fn words_of_exports_are_words_of_the_api() {
    let practice = samples(Settings::exact());
    let all = list(&practice, "/Appointment/v1/AllAppointments", &[("begin", "2026-11-01"), ("end", "2026-12-01")]);
    let states: std::collections::BTreeSet<&str> = all.iter().map(|one| text(one, "State")).collect();
    assert!(states.contains("Planned") && states.contains("Completed"), "{states:?}");
    let every: Vec<_> = practice.appointments("nord").into_iter().chain(practice.appointments("sued")).collect();
    let states: std::collections::BTreeSet<&str> = every.iter().map(|one| one.state.as_str()).collect();
    let known = [
        "Cancelled",
        "Clarified",
        "Completed",
        "Confirmed",
        "NoShow",
        "Planned",
        "gelöscht",
        "verschoben",
        "verschoben?",
    ];
    assert_eq!(states.into_iter().collect::<Vec<_>>(), known, "without an equal they stay as they are");
    // No record says where it belongs; chairs, templates and mandants do.
    assert!(all.iter().all(|one| one.get("Standort").is_none() && one.get("Location").is_none()));
    let genders =
        practice.patients("sued").into_iter().map(|one| one.gender).collect::<std::collections::BTreeSet<_>>();
    assert!(genders.contains("Female") && genders.contains("Male"));
    let kinds =
        practice.patients("nord").into_iter().map(|one| one.insurance).collect::<std::collections::BTreeSet<_>>();
    assert!(kinds.contains("Statutory") && kinds.contains("Private"));
}

#[test]
fn a_deleted_patient_is_nobody_and_keeps_appointments() {
    let practice = samples(Settings::exact());
    let known: Vec<String> = practice.patients("nord").into_iter().map(|one| one.id).collect();
    let orphan = practice.appointments("nord").into_iter().filter_map(|one| one.patient).find(|id| !known.contains(id));
    assert!(orphan.is_some());
}

#[test]
fn a_number_leads_to_its_patient_within_one_installation() {
    let practice = samples(Settings::exact());
    let of = |name: &str, last: &str, first: &str| {
        let found = practice.patients(name).into_iter().find(|one| one.last == last && one.first == first);
        found.expect("a sample").id
    };
    let (north, south) = (of("nord", "Bauer", "Svenja"), of("sued", "Bauer", "Max"));
    let visit = practice.appointments("sued").into_iter().find(|one| one.patient.as_ref() == Some(&south));
    assert!(visit.is_some_and(|one| one.begin.to_string().starts_with("2026-09-08 11:00")));
    assert!(practice.appointments("nord").iter().all(|one| one.patient.as_ref() != Some(&north)));
}

#[test]
fn a_planner_that_is_off_is_absent_or_empty() {
    let practice = samples(Settings { planner: Planner::Absent, ..Settings::default() });
    let window = [("begin", "2026-11-23"), ("end", "2026-11-23")];
    assert_eq!(super::desk::ask(&practice, "/Appointment/v1/AllAppointments", &window).status, 404);
    let services = list(&practice, "/About/v1/Webservices", &[]);
    let names: Vec<&str> = services.iter().map(|one| text(one, "Name")).collect();
    assert_eq!(names, ["About", "Profile", "Patient", "Practitioner", "Documentation", "WaitingRoom"]);
    practice.change_settings(|settings| settings.planner = Planner::Empty);
    assert!(list(&practice, "/Appointment/v1/AllAppointments", &window).is_empty());
}
