//! Three installations that differ in shape, and the second look at one of them.

use std::fs;

use ivohub::sandbox::ivoris::{Change, Planner, Settings};
use serde_json::Value;

use super::site::{Site, recent};

/// The lines of a section of a document.
fn section<'d>(document: &'d str, title: &str) -> &'d str {
    let start = document.find(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no {title} in\n{document}"));
    let rest = document.get(start + 4..).expect("the title is ASCII");
    rest.split("\n## ").next().unwrap_or(rest)
}

#[test]
fn a_practice_that_plans_elsewhere_is_told_so() {
    let site = Site::new(Settings { planner: Planner::Absent, ..Settings::default() });
    let done = site.explore(&[]).exits(3);
    let done = done.says(&[
        "planner    warn  the Appointment service is not there: this practice plans elsewhere",
        "give appointments as CSV: ivohub migrate-appointments --input FILE",
        "patients   ok    74 patients on 2 pages of 50, sorted by number, ascending",
        "entries    ok    of 5 patients:",
        "nord: 0 failures, ",
    ]);
    assert!(!done.stdout.contains("calendar "), "{}", done.stdout);
    let document = site.kept("md");
    let routes = section(&document, "Routes");
    assert!(routes.contains("| all\\_appointments | /Appointment/v1/AllAppointments | not there (404) |"), "{routes}");
    assert!(routes.contains("| all\\_patients | /Patient/v1/AllPatients | answers |"), "{routes}");
    let proposed = section(&document, "Proposed route profile");
    assert!(proposed.contains("routes.dentist\\_chairs: not there, not asked (not needed)"), "{proposed}");
    assert!(site.kept("routes.toml").contains("enabled = false"));
    assert_eq!(site.leaks_in_files(), [""; 0]);
}

#[test]
fn two_profiles_with_prefixes_are_recognised() {
    let site = Site::new(Settings::default());
    let done = site.explore(&["--check-mappings", "--sample", "8"]).exits(0).says(&[
        "reach      ok    answers in ",
        "Ivoris 8.2.91.120",
        "services   ok    7: About, Appointment, Documentation, Patient, Practitioner, Profile, WaitingRoom",
        "routes     ok    34 of 34 answer",
        "contract   ok    OpenAPI 3.0.1, version 8.2.91.120: 35 routes that read; all that is used is there",
        "profiles   ok    2: KFO Nord (Mandant 1), Zahnzentrum Mitte (Mandant 2)",
        "mandantIndex in the pages seen: 1 ×49, 2 ×25; asking for one is obeyed",
        "calendar   ok    ",
        "days asked for are obeyed",
        "prefixes   ok    MB_ 3 chairs + 5 Terminarten · NB_ 3 chairs + 3 Terminarten",
        "appointment.state: Completed ×",
        "entries    ok    of 8 patients: Entries ",
        "unknown id ok    taken for \"gone\" everywhere",
        "400 \"could not be found\": appointment, appointment_template, dentist_chair, document,",
        "mappings   ok    every value that was seen and counts has a row",
        "nord: 0 failures, 0 warnings   document .ivohub/practice/explore/nord.md",
    ]);
    assert!(done.stderr.contains("nord: about 92 calls, "), "{}", done.stderr);
    assert_eq!(site.leaks(&done.all()), [""; 0]);
    let document = site.kept("md");
    for line in [
        "| NB\\_Zimmer 1 | yes | ",
        "| MB\\_ | 3 | 5 |",
        "| a0000000-0000-4000-8000-000000000003 | Zahnzentrum Mitte | 2 |",
        "| patient.insurance\\_status | Statutory | ",
        "| patient | 400 | \"could not be found\" | yes |",
    ] {
        assert!(document.contains(line), "{line} is missing in\n{document}");
    }
    let fields = section(&document, "Fields");
    assert!(fields.contains("| Address.Zip | "), "{fields}");
    assert_eq!(site.leaks_in_files(), [""; 0]);
    let counters = site.practice.counters();
    assert_eq!((counters.not_get, counters.refused, counters.most_in_flight), (0, 0, 1));
    assert!(counters.requests < 130, "{}", counters.requests);
    // A clean look is a measure for the next one.
    let survey = site.survey();
    assert_eq!((survey["end"].as_str(), survey["version"].as_str()), (Some("complete"), Some("8.2.91.120")));
}

#[test]
fn a_second_look_tells_what_changed_and_what_has_no_row() {
    let site = Site::new(Settings::default());
    site.explore(&[]).exits(0);
    site.explore(&[]).exits(0).says(&["news       ok    nothing has changed since 20"]);
    site.practice.change_settings(|settings| settings.missing = ["Stations".to_owned()].into());
    let now = chrono::Utc::now();
    let state = |at: u32, state: &str| {
        let change = Change::AppointmentState { id: recent(at), state: state.to_owned() };
        assert!(site.practice.change("nord", change, now));
    };
    state(3, "Warteliste");
    // A field that holds something else than its name says: a name, an address, a number.
    let patient = site.practice.patients("nord").into_iter().find(|one| one.last.len() > 5).expect("a patient");
    state(4, &patient.last);
    state(5, "jemand@example.org");
    state(6, "0170 5550199");
    let done = site.explore(&["--check-mappings"]).exits(3).says(&[
        "news       new   3 things have changed since 20",
        "~ route stations: answered → missing (404)",
        "+ value of appointment.state Warteliste",
        "Warteliste ×1, 3 not",
        "mappings   warn  1 value has no row:",
        "status.csv: State Warteliste (×1)",
        "take the rows that fit from .ivohub/practice/explore/nord.mappings/*.csv",
    ]);
    assert_eq!(site.leaks(&done.all()), [""; 0]);
    let rows = site.kept("mappings/status.csv");
    assert_eq!(rows, "source_field;source_value;canonical;note\n# State;Warteliste;;\n");
    let document = site.kept("md");
    assert!(section(&document, "Proposed rows for the mapping tables").contains("# State;Warteliste;;"));
    assert_eq!(site.leaks_in_files(), [""; 0]);
    // The row as it stands is no row; completed, it is one.
    let table = fs::read_to_string(site.project.path("mappings/status.csv")).expect("read");
    site.project.put("mappings/status.csv", format!("{table}# State;Warteliste;;\n"));
    site.project.run(&["mappings", "check"]).exits(0);
    site.explore(&["--check-mappings"]).exits(3);
    site.project.put("mappings/status.csv", format!("{table}State;Warteliste;booked;\n"));
    site.explore(&["--check-mappings"])
        .exits(0)
        .says(&["mappings   ok    every value that was seen and counts has a row"]);
    let gone = site.project.path(".ivohub/practice/explore/nord.mappings/status.csv");
    assert!(!gone.exists(), "proposals that no longer hold are taken away");
}

#[test]
fn an_altered_contract_is_told_and_the_proposed_profile_mends_it() {
    let site = Site::new(Settings::altered());
    let done = site.explore(&["--check-mappings"]).exits(3).says(&[
        "contract   warn  Swagger 2.0, version 8.2.91.120:",
        "Appointment AllAppointments: the route is not there; /Calendar/v2/Appointments stands for it",
        "no parameter begin; dateFrom stands for it",
        "patients   ok    74 patients on 2 pages of 50",
        "pages obeyed, the first one is 1",
        "appointment.state: Completed ×",
        "unknown id ok    taken for \"gone\" everywhere",
        "profile    warn  ",
        "read the proposed route profile .ivohub/practice/explore/nord.routes.toml",
        "route_profile = \"…\" below [profile.practice.ivoris.nord]",
    ]);
    assert_eq!(site.leaks(&done.all()), [""; 0]);
    let proposed = site.survey()["proposed"].clone();
    let texts: Vec<&str> = proposed.as_array().expect("a list").iter().filter_map(|one| one["text"].as_str()).collect();
    for text in [
        "routes.all_appointments: path /Calendar/v2/Appointments",
        "routes.all_appointments: end is called dateTo",
        "routes.all_patients: page is called pageNumber",
        "routes.all_patients: paging one-based, the first page is 1",
        "routes.all_appointments: date_format de",
        "routes.entries: path /Documentation/v2/TreatmentEntries",
        "routes.entries: profileId is called mandant",
        "fields.patient: id is called PatientGuid",
        "fields.appointment: chair_id is called Room.Id",
        "fields.chair: name is called Label",
    ] {
        assert!(texts.contains(&text), "{text} is missing in {texts:#?}");
    }
    let document = site.kept("md");
    assert!(section(&document, "Contract").contains("/Calendar/v2/Appointments"), "{document}");
    assert_eq!(site.leaks_in_files(), [""; 0]);
    // The proposal, as it is written, is a profile with which everything is found.
    site.project.put("nord-routes.toml", site.kept("routes.toml"));
    site.configure("route_profile = \"nord-routes.toml\"\n");
    site.project.run(&["config", "check"]).exits(0);
    let done = site.explore(&["--check-mappings"]).exits(0).says(&[
        "all that is used is there",
        "the route profile ",
        "nord: 0 failures, 0 warnings",
    ]);
    assert!(!done.stdout.contains("needed, and proposed"), "{}", done.stdout);
}

#[test]
fn a_saved_contract_is_compared_and_nobody_is_asked() {
    let site = Site::new(Settings::altered());
    site.explore(&[]).exits(3);
    let served: Value = serde_json::from_str(&site.kept("openapi.json")).expect("JSON");
    assert_eq!((served["swagger"].as_str(), served.get("basePath")), (Some("2.0"), None), "no address is kept");
    site.project.put("vendor.json", site.kept("openapi.json"));
    site.practice.reset_counters();
    site.explore(&["--openapi", "vendor.json"]).exits(3).says(&[
        "nord   a saved document, nobody was asked",
        "Appointment AllAppointments: the route is not there; /Calendar/v2/Appointments stands for it",
    ]);
    assert_eq!(site.practice.counters().requests, 0);
    site.project.put("page.json", "{\"paths\": 1}");
    site.explore(&["--openapi", "page.json"]).exits(2).says(&["neither an OpenAPI 3 nor a Swagger 2 document"]);
    site.project.put("page.json", "<html>");
    site.explore(&["--openapi", "page.json"]).exits(2).says(&["page.json is not JSON (line 1, column 1)"]);
}
