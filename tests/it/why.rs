//! `why`: for whoever asks why a record in HubSpot is as it is.

use ivohub::domain::Object;
use serde_json::Value;

use super::privacy::Needles;
use super::project::{Project, Table};

/// The samples, loaded; the appointments in order of the file.
fn loaded() -> Project {
    let project = Project::new();
    project.load();
    project
}

fn json(project: &Project, key: &str) -> Value {
    project.run(&["why", key, "--json"]).exits(0).json()
}

/// The first id in a column of the samples whose row says so.
fn first(file: &str, id: &str, wanted: impl Fn(&Table, &[String]) -> bool) -> String {
    let table = Table::of_sample(file);
    let row = table.rows.iter().find(|(_, row)| wanted(&table, row) && !table.cell(row, id).trim().is_empty());
    let (_, row) = row.expect("the samples have one");
    table.cell(row, id).trim().to_owned()
}

#[test]
fn every_appointment_has_its_chain_and_no_screen_names_a_person() {
    let project = loaded();
    let needles = Needles::of_samples();
    let status = |word: &'static str| {
        move |table: &Table, row: &[String]| {
            table.cell(row, "Status") == word && table.cell(row, "Terminart").contains("Erstberatung")
        }
    };
    for (word, parts) in [
        (
            "abgesagt",
            &[
                "cancelled",
                "terminarten",
                "terminarten.csv:",
                "status.csv:",
                "standorte.csv:",
                "Erstberatung",
                "ivoris",
                "samples/termine.csv:",
                "outcome",
            ][..],
        ),
        (
            "wahrgenommen",
            &["completed", "case 1", "evidence", "stage", "writes, newest first", "rule R2", ", tables "][..],
        ),
    ] {
        let id = first("termine.csv", "Termin-ID", status(word));
        let screen = project.run(&["why", &id]).exits(0).says(parts);
        assert_eq!(needles.found(screen.all().as_bytes()), Vec::<String>::new(), "{id}");
        let chain = json(&project, &id);
        assert_eq!(needles.found(chain.to_string().as_bytes()), Vec::<String>::new(), "{id}");
        assert_eq!(chain["due"], 0, "a second plan changes nothing");
    }
}

#[test]
fn one_record_is_found_by_every_form_of_its_key() {
    let project = loaded();
    let id = first("termine.csv", "Termin-ID", |table, row| {
        table.cell(row, "Status") == "wahrgenommen" && table.cell(row, "Terminart").contains("Erstberatung")
    });
    let by_id = json(&project, &id);
    let key = by_id["key"].as_str().expect("a pseudonym").to_owned();
    assert!(key.starts_with("A:"), "{key}");
    let deal = by_id["cases"][0].as_str().expect("a deal").to_owned();
    let hubspot =
        project.by_key(Object::Appointment, &id).or_else(|| project.by_key(Object::Appointment, &format!("sued-{id}")));
    let hubspot = hubspot.expect("it is in HubSpot").id;
    // HubSpot counts each object for itself: an id may be that of a contact or deal as well, and then all are listed.
    let others = [Object::Contact, Object::Deal].map(|object| project.portal.live(object));
    let alone = others.iter().flatten().all(|other| other.id != hubspot);
    let hubspot = hubspot.to_string();
    let by_hubspot = project.run(&["why", &hubspot, "--json"]).exits(if alone { 0 } else { 2 });
    assert!(by_hubspot.stdout.contains(&format!("\"key\":\"{key}\"")), "{}", by_hubspot.all());
    for form in [key.as_str(), key.trim_start_matches("A:"), &key.to_lowercase()] {
        assert_eq!(json(&project, form)["key"], by_id["key"], "{form}");
    }
    let patient = by_id["patient"].as_str().expect("a pseudonym");
    project.run(&["why", patient]).exits(0).says(&["patient", "contact", "case 1", &deal, "nothing to write"]);
    project.run(&["why", &deal]).exits(0).says(&["appointments", "rule", "Deal-Phase"]);
    let number = first("patienten.csv", "Pat.-Nr.", |table, row| !table.cell(row, "Patient-ID").is_empty());
    let by_number = json(&project, &number);
    let uuid = first("patienten.csv", "Patient-ID", |table, row| table.cell(row, "Pat.-Nr.") == number);
    assert_eq!(json(&project, &uuid)["key"], by_number["key"]);
    let entry = first("eintraege.csv", "Eintrag-ID", |table, row| table.cell(row, "Typ") == "Leistung");
    project.run(&["why", &entry]).exits(0).says(&["entry", "eintragsarten", "amount", "samples/eintraege.csv:"]);
}

#[test]
fn a_person_is_named_on_a_terminal_only_and_the_log_says_that_it_happened() {
    let project = loaded();
    let id = first("patienten.csv", "Patient-ID", |table, row| !table.cell(row, "Nachname").is_empty());
    let (table, name) = (Table::of_sample("patienten.csv"), "Nachname");
    let row = table.rows.iter().find(|(_, row)| table.cell(row, "Patient-ID") == id).expect("a patient");
    let name = table.cell(&row.1, name).to_owned();
    let shown =
        project.finish(project.on_a_terminal(&["why", &id, "--reveal"])).exits(0).says(&["names were shown", "record"]);
    let naming: Vec<&str> = shown.stdout.lines().filter(|line| line.contains(&name)).collect();
    assert!(matches!(naming.as_slice(), [line] if line.contains("name") && !line.contains("shown")), "{naming:?}");
    let kept = project.finish(project.on_a_terminal(&["why", &id])).exits(0);
    assert!(!kept.all().contains(&name), "{}", kept.all());
    project.run(&["why", &id, "--reveal"]).exits(2).says(&["needs a terminal"]);
}

#[test]
fn what_fits_nothing_or_several_is_told_and_explained_nowhere() {
    let project = Project::new();
    project.run(&["why", "A:00000000"]).exits(2).says(&["nothing is known yet"]);
    project.load();
    project.run(&["why", "A:00000000"]).exits(2).says(&["no record fits", "Pat.-Nr."]);
    project.run(&["why", "X:00000000"]).exits(2).says(&["P:, A:, E: or D:"]);
    project.run(&["why", "ganz falsch"]).exits(2).says(&["neither a pseudonym nor an id"]);
    project.run(&["why", "A:00000000", "--reveal"]).exits(2).says(&["needs a terminal"]);
    // Tables that say something else now: it tells what is to be written, and writes nothing.
    let id = first("termine.csv", "Termin-ID", |table, row| {
        table.cell(row, "Status") == "wahrgenommen" && table.cell(row, "Terminart") == "NB_Erstberatung Aligner"
    });
    let tables = ivohub::mapping::shipped_file("standorte.csv").expect("a table");
    let (writes, ()) = project.writes_of(|| {
        project.put("mappings/standorte.csv", tables.replace(";nord;NB_;", ";norden;NB_;"));
        project.run(&["why", &id]).exits(0).says(&["to write for this patient"]);
    });
    assert_eq!(writes, 0);
}

#[test]
fn a_stage_is_known_by_its_label_in_the_portal() {
    let project = loaded();
    let id = first("termine.csv", "Termin-ID", |table, row| {
        table.cell(row, "Status") == "wahrgenommen" && table.cell(row, "Terminart").contains("Erstberatung")
    });
    let stage = |chain: &Value| chain["chain"]["cases"][0]["stage"].clone();
    let before = json(&project, &id);
    assert!(stage(&before).is_string(), "{before}");
    let tables = ivohub::mapping::shipped_file("pipeline.csv").expect("a table");
    let header = "stage_key;hubspot_stage_id;";
    let text: String = tables
        .lines()
        .map(|line| match line.split_once(";ivohub_") {
            Some((key, rest)) => format!("{key};;{}\n", rest.split_once(';').expect("more cells").1),
            None => format!("{line}\n"),
        })
        .collect();
    assert!(text.contains(header) && text != tables, "{text}");
    project.put("mappings/pipeline.csv", text);
    let after = json(&project, &id);
    assert_eq!((stage(&after), &after["due"]), (stage(&before), &before["due"]));
}
