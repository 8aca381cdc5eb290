//! A new location in an afternoon: the walk of `mappings/README.md`, word for word.

use std::fs;

use chrono::{Days, TimeDelta, Utc};
use ivohub::domain::Object;
use ivohub::mapping::SHIPPED;
use ivohub::sandbox::hubspot::{self, Limits};
use ivohub::sandbox::ivoris::{Appointment, Change, Data, Oddities, Patient, Settings};

use crate::ivoris::Site;
use crate::project::{Done, Project};

const README: &str = include_str!("../../mappings/README.md");

/// What the walk says to do, in order.
#[derive(Debug)]
enum Step {
    /// A command line, without `ivohub`.
    Type(Vec<&'static str>),
    /// Rows to add to a table.
    Add(&'static str, String),
}

fn walk() -> Vec<Step> {
    let (_, text) = README.split_once("\n## A new location\n").expect("the section");
    let text = text.split("\n## ").next().expect("its text");
    let mut steps = Vec::new();
    for block in text.split("```").skip(1).step_by(2) {
        let mut lines = block.lines().map(str::trim).filter(|line| !line.is_empty());
        match lines.next().expect("a language") {
            "sh" => steps.extend(lines.map(|line| {
                let words = line.split('#').next().expect("a line").split_whitespace();
                Step::Type(words.skip(1).collect())
            })),
            "csv" => {
                let table = lines.next().and_then(|line| line.strip_prefix("# ")).expect("a table's name");
                steps.push(Step::Add(table, lines.flat_map(|line| [line, "\n"]).collect()));
            }
            other => panic!("a block of {other}"),
        }
    }
    steps
}

/// The rows of tables that know the new location.
const KNOWING: [&str; 3] = ["standorte.csv", "behandlungsstuehle.csv", "behandler.csv"];

/// A group without the new location: neither rows nor an option for it, and nothing of it in Ivoris. With one of its
/// later appointments.
fn before() -> (Site, Appointment) {
    let project = Project::bare(hubspot::Settings { limits: Limits::unlimited(), ..hubspot::Settings::default() });
    for (name, text) in SHIPPED.iter().filter(|(name, _)| KNOWING.contains(name)) {
        let kept = text.split_inclusive('\n').filter(|line| !line.split([';', '\n']).any(|cell| cell == "mitte"));
        project.put(&format!("mappings/{name}"), kept.collect::<String>());
    }
    project.apply_schema();
    let settings = Settings { oddities: Oddities::NONE, ..Settings::default() };
    let site = Site::of(project, settings, Data::samples());
    let mut later = Vec::new();
    for one in site.practice.appointments("nord").into_iter().filter(|one| one.mandant == MANDANT) {
        change(&site, Change::AppointmentDeleted { id: one.id.clone() });
        later.push(one);
    }
    for one in site.practice.entries("nord").into_iter().filter(|one| one.mandant == MANDANT) {
        change(&site, Change::EntryRemoved { id: one.id });
    }
    for one in site.practice.patients("nord").into_iter().filter(|one| one.mandant == MANDANT) {
        change(&site, Change::PatientRemoved { id: one.id });
    }
    let first = later.into_iter().find(|one| !one.chair.is_empty() && !one.practitioner.is_empty());
    (site, first.expect("an appointment"))
}

/// The second profile of `nord`.
const MANDANT: u32 = 2;

fn change(site: &Site, change: Change) {
    assert!(site.practice.change("nord", change, Utc::now()), "it is there");
}

/// The location opens: somebody who is new gets an appointment there, next week.
fn opens(site: &Site, like: Appointment) {
    let patient = Patient {
        id: PATIENT.to_owned(),
        number: "90001".to_owned(),
        first: "Nora".to_owned(),
        last: "Neuland".to_owned(),
        email: "nora.neuland@example.org".to_owned(),
        mandant: MANDANT,
        ..Patient::default()
    };
    let now = Utc::now().naive_utc();
    let begin = (now.date() + Days::new(7)).and_hms_opt(9, 0, 0).expect("a time");
    let appointment = Appointment {
        id: APPOINTMENT.to_owned(),
        patient: Some(patient.id.clone()),
        begin,
        end: Some(begin + TimeDelta::minutes(30)),
        template: "MB_Erstberatung Aligner".to_owned(),
        state: "Planned".to_owned(),
        confirmation: String::new(),
        caller: false,
        created: Some(now),
        modified: Some(now),
        ..like
    };
    change(site, Change::PatientAdded { patient: Box::new(patient), place: None });
    change(site, Change::AppointmentAdded { appointment: Box::new(appointment) });
}

const PATIENT: &str = "5a0e7c1e-0000-4000-8000-00000000c0de";
const APPOINTMENT: &str = "5a0e7c1e-0000-4000-8000-00000000beef";

/// Types a line of the walk; only what says so writes.
fn types(project: &Project, words: &[&str]) -> Done {
    let writes = ["migrate-patients", "migrate-appointments"].contains(&words[0]) || words.contains(&"apply");
    let asks = writes && !words.contains(&"--dry-run");
    let args = [words, if asks { &["--yes"] } else { &[] }].concat();
    let (calls, done) = project.writes_of(|| project.run(&args));
    assert_eq!(calls > 0, asks, "{words:?}: {}", done.all());
    // The samples have rows that are held, whoever runs.
    assert!([0, 3].contains(&done.exit), "{words:?}: {}", done.all());
    done
}

#[test]
fn the_walk_ends_with_the_first_appointment_of_the_new_location_and_nothing_else() {
    let (site, like) = before();
    let project = &site.project;
    site.load();
    let settled = project.picture();
    assert!(!settled.iter().any(|line| line.contains("Zahnzentrum Mitte")), "it is not open yet");
    opens(&site, like);

    let walk = walk();
    let mut said = String::new();
    for step in &walk {
        match step {
            Step::Type(words) => said.push_str(&types(project, words).all()),
            Step::Add(table, rows) => {
                let file = format!("mappings/{table}");
                let text = fs::read_to_string(project.path(&file)).expect("a table");
                project.put(&file, format!("{text}{rows}"));
            }
        }
    }
    for words in
        ["Zahnzentrum Mitte (Mandant 2)", "ivoris_location", "nothing was written", "every value that was seen"]
    {
        assert!(said.contains(words), "\"{words}\" is missing in:\n{said}");
    }

    let after = project.picture();
    assert_eq!(settled.difference(&after).count(), 0, "what was there is as it was");
    let new: Vec<&String> = after.difference(&settled).collect();
    assert_eq!(new.len(), 3, "a contact, an appointment, a deal: {new:#?}");
    assert!(new.iter().all(|line| line.contains("\"ivoris_location\": \"mitte\"")), "{new:#?}");
    let deal = project.by_key(Object::Deal, APPOINTMENT).expect("a deal");
    assert_eq!(deal.get("dealstage"), "ivohub_termin_gebucht");
    assert!(
        project.by_key(Object::Contact, PATIENT).is_some()
            && project.by_key(Object::Appointment, APPOINTMENT).is_some()
    );

    // The usual runs see it and have nothing more to do.
    let (writes, _) = project.writes_of(|| site.load());
    assert_eq!(writes, 0);
    project.looks_like(&after);
}

#[test]
fn rows_of_the_walk_are_the_shipped_ones() {
    let walk = walk();
    let rows = walk.iter().filter_map(|step| match step {
        Step::Add(table, rows) => Some((*table, rows)),
        Step::Type(_) => None,
    });
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows.iter().map(|(table, _)| *table).collect::<Vec<_>>(), KNOWING);
    for (table, rows) in rows {
        let (_, text) = SHIPPED.iter().find(|(name, _)| *name == table).expect("a table");
        assert!(rows.lines().all(|row| text.lines().any(|line| line == row)), "{table}: {rows}");
    }
}
