//! The state of an appointment in the portal's own words: a status property, or a stage of the appointments' pipeline.

use ivohub::domain::Object;
use ivohub::sandbox::hubspot::{Limits, Profile, Settings};

use super::project::{Done, Project};

const TABLE: &str = "mappings/eigenschaften.csv";

/// A portal with or without `hs_appointment_status`, and a table with one row more.
fn portal(appointment_status: bool, rows: &[&str]) -> Project {
    let profile = Profile { appointment_status, ..Profile::default() };
    let project = Project::bare(Settings { limits: Limits::unlimited(), profile, ..Settings::default() });
    let table = std::fs::read_to_string(project.path(TABLE)).expect("a table");
    project.put(TABLE, format!("{table}{}\n", rows.join("\n")));
    project
}

fn visits(project: &Project, state: &str) -> Done {
    project.appointments(&[
        ["t-1", "p-1", "02.03.2026", "Erstberatung Aligner", state],
        ["t-2", "p-1", "09.03.2026", "Kontrolle Aligner", "geplant"],
    ])
}

#[track_caller]
fn holds(project: &Project, key: &str, wanted: &[(&str, &str)]) {
    let found = project.by_key(Object::Appointment, key).expect("an appointment");
    for (name, value) in wanted {
        assert_eq!(found.get(name), *value, "{name} of {key}");
    }
}

const STATUS: &str = "appointment;hs_appointment_status;Status;appointment.status;select;completed=COMPLETED|cancelled=CANCELED|*=SCHEDULED;always;care;nein;";
const PIPELINE: [&str; 2] = [
    "appointment;hs_pipeline;Pipeline;appointment.status;select;*=Appointments Pipeline;always;care;nein;",
    "appointment;hs_pipeline_stage;Phase;appointment.status;select;completed=Done|*=appointments-new;always;care;nein;",
];

fn loaded(project: &Project) {
    project.run(&["hubspot-schema", "apply", "--yes"]).exits(0);
    project.patients(&[["p-1", "Vorname1", "Probe", "01.01.1980", "", ""]]).exits(0);
    visits(project, "geplant").exits(0);
}

#[test]
fn a_state_fills_the_status_that_a_portal_has() {
    let project = portal(true, &[STATUS]);
    loaded(&project);
    holds(&project, "t-1", &[("hs_appointment_status", "SCHEDULED"), ("ivoris_appointment_status", "booked")]);
    visits(&project, "abgesagt").exits(0);
    holds(&project, "t-1", &[("hs_appointment_status", "CANCELED"), ("ivoris_appointment_status", "cancelled")]);
    holds(&project, "t-2", &[("hs_appointment_status", "SCHEDULED")]);
    // A status that nobody knows empties the property and holds the record.
    visits(&project, "irgendwie").exits(3);
    holds(&project, "t-1", &[("hs_appointment_status", ""), ("ivoris_appointment_status", "")]);
}

#[test]
fn a_state_is_a_stage_of_the_appointments_pipeline_by_id_or_name() {
    let project = portal(false, &PIPELINE);
    loaded(&project);
    let stage = |stage| [("hs_pipeline", "appointments-default"), ("hs_pipeline_stage", stage)];
    holds(&project, "t-1", &stage("appointments-new"));
    visits(&project, "fertig").exits(0);
    holds(&project, "t-1", &stage("appointments-done"));
    holds(&project, "t-2", &stage("appointments-new"));
    let (writes, _) = project.writes_of(|| project.run(&["migrate-appointments", "--requeue", "--yes"]).exits(0));
    assert_eq!(writes, 0, "written once");
    // No pipeline takes "nothing".
    visits(&project, "irgendwie").exits(3);
    holds(&project, "t-1", &stage("appointments-done"));
}

#[test]
fn a_status_or_stage_that_the_portal_lacks_stops_a_pass_before_it_reads() {
    let project = portal(false, &[STATUS]);
    let done = project.run(&["hubspot-schema", "apply", "--yes"]);
    assert_ne!(done.exit, 0);
    done.says(&["hs_appointment_status"]);
    let project = portal(true, &[&STATUS.replace("=CANCELED", "=ABGESAGT")]);
    let done = project.run(&["migrate-patients", "--input", "samples/patienten.csv", "--dry-run"]);
    assert_ne!(done.exit, 0);
    project.run(&["hubspot-schema", "plan"]).says(&["hs_appointment_status", "ABGESAGT"]);
    let project = portal(false, &[PIPELINE[0], &PIPELINE[1].replace("=Done", "=Erledigt")]);
    project.run(&["hubspot-schema", "apply", "--yes"]);
    let done = project.run(&["migrate-patients", "--input", "samples/patienten.csv", "--dry-run"]);
    assert_ne!(done.exit, 0);
    done.says(&["hs_pipeline_stage", "Erledigt"]);
}

#[test]
fn a_state_without_value_is_found_when_the_tables_are_checked() {
    let project = portal(
        true,
        &[
            "appointment;hs_appointment_status;Status;appointment.status;select;completed=COMPLETED|abgesagt=CANCELED;always;care;nein;",
            "appointment;ivoris_chair_2;Stuhl;appointment.chair;text;booked=1;always;care;nein;",
        ],
    );
    let done = project.run(&["mappings", "check"]).exits(2);
    done.says(&[
        "M016",
        "\"abgesagt\" is no state",
        "M018",
        "booked",
        "*=VALUE",
        "only appointment.status can be mapped",
    ]);
}

#[test]
fn an_id_names_one_template_at_a_time() {
    let project = portal(true, &[]);
    project.put("mappings/tests.csv", "case;terminart;status\n");
    let header = "template_name;template_id;category;valid_from;valid_to\n";
    let row = |name: &str, id: &str, days: &str| format!("{name};{id};kontrolle;{days}\n");
    let alike = [row("Kontrolle A", "T-7", ";"), row("Kontrolle B", "t-7", "2026-01-01;")].concat();
    project.put("mappings/terminarten.csv", format!("{header}{alike}"));
    project.run(&["mappings", "check"]).exits(2).says(&["M020", "the id \"t-7\" stands there twice"]);
    let after = [row("Kontrolle A", "T-7", ";2025-12-31"), row("Kontrolle B", "t-7", "2026-01-01;")].concat();
    project.put("mappings/terminarten.csv", format!("{header}{after}"));
    project.run(&["mappings", "check"]).exits(0);
}
