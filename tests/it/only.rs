//! `--only`: every form of a KEY takes the one record it means, and a form that fits several takes none.

use std::fs;

use ivohub::domain::Object;

use super::privacy::Needles;
use super::project::{Done, PASSES, Project, Table};

/// A pass on its sample file, narrowed to `only`.
fn narrowed(project: &Project, at: usize, only: &str) -> Done {
    let (command, file) = PASSES[at];
    project.run(&[command, "--input", &format!("samples/{file}"), "--only", only, "--yes", "--json"])
}

/// Records of the file that a run took.
fn taken(done: &Done, kind: &str) -> u64 {
    let summary = done.json();
    let account = &summary["account"]["kinds"][kind];
    assert_eq!(account["unaccounted"], 0, "{summary}");
    let count = |name: &str| account[name].as_u64().unwrap_or_else(|| panic!("no {name}: {summary}"));
    count("read") - count("skipped") - count("rejected")
}

/// The pseudonym of a record, or of the first deal behind it.
fn pseudonym(project: &Project, key: &str, field: &str) -> String {
    let chain = project.run(&["why", key, "--json"]).exits(0).json();
    let found = if field == "key" { &chain["key"] } else { &chain[field][0] };
    found.as_str().unwrap_or_else(|| panic!("no {field}: {chain}")).to_owned()
}

/// Cells of the first row whose id no other row has.
fn unlike(file: &str, id: &str, other: &str, wanted: impl Fn(&Table, &[String]) -> bool) -> (String, String) {
    let table = Table::of_sample(file);
    let cell = |row: &[String], name: &str| table.cell(row, name).trim().to_owned();
    let alone = |row: &[String], name: &str| {
        let value = cell(row, name);
        !value.is_empty() && table.rows.iter().filter(|(_, other)| cell(other, name) == value).count() == 1
    };
    let row =
        table.rows.iter().find(|(_, row)| alone(row, id) && (id == other || alone(row, other)) && wanted(&table, row));
    let (_, row) = row.expect("the samples have one");
    (cell(row, id), cell(row, other))
}

fn of_nord(table: &Table, row: &[String]) -> bool {
    table.cell(row, "Standort") == "KFO Nord"
}

#[test]
fn every_form_of_a_key_takes_the_record() {
    let project = Project::new();
    project.load();
    let needles = Needles::of_samples();
    let check = |at: usize, only: &str, wanted: u64| {
        let done = narrowed(&project, at, only);
        assert!([0, 3].contains(&done.exit), "{}", done.all());
        let kind = ["patients", "appointments", "entries"][at];
        assert_eq!(taken(&done, kind), wanted, "{kind} {only}: {}", done.all());
        assert!(!done.all().contains("not found"), "{}", done.all());
        assert_eq!(needles.found(done.all().as_bytes()), Vec::<String>::new());
    };
    let (id, number) = unlike("patienten.csv", "Patient-ID", "Pat.-Nr.", of_nord);
    let contact = project.by_key(Object::Contact, &id).expect("written").id.to_string();
    let key = pseudonym(&project, &id, "key");
    let braces = format!("{{{}}}", id.to_uppercase());
    for form in [&*key, key.trim_start_matches("P:"), &key.to_lowercase(), &contact, &number, &id, &braces] {
        check(0, form, 1);
    }
    // A portal counts the records of each object from one: what is a deal's id may be an appointment's as well.
    let deals = project.portal.live(Object::Deal);
    let of_a_deal = |id| deals.iter().any(|deal| deal.id == id);
    let visits = |deal| project.portal.links(Object::Deal, deal, Object::Appointment);
    let deal = deals.iter().find(|deal| visits(deal.id).len() > 1).expect("a deal of several appointments").id;
    let all = project.portal.live(Object::Appointment);
    let visit = all.iter().find(|visit| visits(deal).contains(&visit.id)).expect("one of them");
    let deal_key = pseudonym(&project, visit.get("ivoris_appointment_id"), "cases");
    let taken = u64::try_from(visits(deal).len()).expect("few");
    check(1, &deal_key, taken);
    assert!(all.iter().any(|visit| visit.id == deal));
    narrowed(&project, 1, &deal.to_string()).exits(2).says(&["fits 2 records", &deal_key]);
    let visit = all.iter().find(|visit| !of_a_deal(visit.id)).expect("one more than there are deals");
    let id = visit.get("ivoris_appointment_id");
    let key = pseudonym(&project, id, "key");
    for form in [&*key, key.trim_start_matches("A:"), &visit.id.to_string(), id] {
        check(1, form, 1);
    }
    let (id, _) = unlike("eintraege.csv", "Eintrag-ID", "Eintrag-ID", of_nord);
    let key = pseudonym(&project, &id, "key");
    check(2, &key, 1);
    // Several at once, from a file too.
    project.put("keys.txt", format!("{key}\n\n{id}\n"));
    check(2, "@keys.txt", 1);
}

#[test]
fn a_deal_stands_for_its_appointments_by_its_hubspot_id_too() {
    let project = Project::new();
    let text = fs::read_to_string(project.path("ivohub.toml")).expect("UTF-8");
    project.put("ivohub.toml", text.replace("base_url", "appointment_objects = false\nbase_url"));
    project.patients(&[["p-1", "Ann", "Grünwald", "", "", ""], ["p-2", "Ben", "Lenz", "", "", ""]]).exits(0);
    let rows = |status: &str| -> String {
        let row = |at: u32| format!("t-{at};p-{at};02.11.2026;09:00;Erstberatung Aligner;{status};KFO Nord\n");
        format!("Termin-ID;Patient-ID;Datum;Beginn;Terminart;Status;Standort\n{}{}", row(1), row(2))
    };
    project.put("t.csv", rows("geplant"));
    let run =
        |more: &[&str]| project.run(&[&["migrate-appointments", "--input", "t.csv", "--yes"], more].concat()).exits(0);
    run(&[]);
    let deal = |key| project.by_key(Object::Deal, key).expect("written");
    let stages = || ["t-1", "t-2"].map(|key| deal(key).get("dealstage").to_owned());
    let before = stages();
    project.put("t.csv", rows("abgesagt"));
    run(&["--only", &deal("t-2").id.to_string()]);
    let after = stages();
    assert_eq!(after[0], before[0]);
    assert_ne!(after[1], before[1]);
}

#[test]
fn a_form_that_fits_several_lists_them_and_does_nothing() {
    let project = Project::new();
    let file = |name: &str| {
        let rows = ["KFO Nord", "KFO Süd"].map(|place| format!("p-1;Ann;{name};{place}\n")).concat();
        project.put("patients.csv", format!("Patient-ID;Vorname;Nachname;Standort\n{rows}"));
    };
    let run =
        |only: &str| project.run(&["migrate-patients", "--input", "patients.csv", "--only", only, "--yes", "--json"]);
    let names = || {
        ["p-1", "sued-p-1"].map(|key| project.by_key(Object::Contact, key).expect("written").get("lastname").to_owned())
    };
    file("Grünwald");
    // Nobody was read so far: the id is that of both.
    assert_eq!(taken(&run("p-1").exits(0), "patients"), 2);
    file("Lenz");
    let before = project.records();
    let (writes, done) = project.writes_of(|| run("p-1").exits(2).says(&["--only, id 1 fits 2 records", "\"fit\""]));
    assert_eq!((writes, project.records()), (0, before));
    let sued = pseudonym(&project, "sued-p-1", "key");
    done.says(&[&sued, "name the one that is meant: ivohub migrate-patients --only P:"]);
    assert_eq!(taken(&run("sued-p-1").exits(0), "patients"), 1);
    assert_eq!(names(), ["Grünwald", "Lenz"]);
    file("Voss");
    let nord = project.by_key(Object::Contact, "p-1").expect("written").id.to_string();
    assert_eq!(taken(&run(&nord).exits(0), "patients"), 1);
    assert_eq!(names(), ["Voss", "Lenz"]);
    file("Koch");
    assert_eq!(taken(&run(&format!("{sued},{nord}")).exits(0), "patients"), 2);
    assert_eq!(names(), ["Koch", "Koch"]);
}

#[test]
fn a_key_that_a_pass_cannot_take_is_refused_before_anything_is_read() {
    let project = Project::new();
    narrowed(&project, 1, "A:00000000").exits(2).says(&["no record fits --only"]);
    assert!(!project.path(".ivohub/practice/state.db").exists(), "no state is made for it");
    project.load();
    let before = project.records();
    for (at, only, words) in [
        (1, "A:00000000", "no record fits --only"),
        (1, "P:00000000", "migrate-appointments takes appointments (A:) and deals (D:), not P:"),
        (0, "p-1,D:00000000", "id 2: migrate-patients takes patients (P:), not D:"),
        (2, "A:00000000", "backfill-entries takes entries (E:), not A:"),
        (1, "A:0000", "8 to 32 digits"),
        (1, "X:00000000", "P:, A:, E: or D:"),
        (1, "5E+04", "scientific notation"),
    ] {
        let (writes, done) = project.writes_of(|| narrowed(&project, at, only).exits(2).says(&[words]));
        assert_eq!(writes, 0, "{}", done.all());
    }
    assert_eq!(project.records(), before);
    // What may be an id of a record to come is looked for; what it is besides is told.
    let (id, _) = unlike("patienten.csv", "Patient-ID", "Patient-ID", of_nord);
    let key = pseudonym(&project, &id, "key");
    let done = narrowed(&project, 1, &format!("A:00000000,{id}"));
    assert_eq!(taken(&done, "appointments"), 0);
    let done = done.says(&["not found: 2 ids of --only (number 1, 2)", &format!("number 2 is patient {key}")]);
    assert!(!done.all().contains(&id), "{}", done.all());
}

#[test]
fn a_patient_with_two_names_is_taken_under_both() {
    let project = Project::new();
    let run = |only: &str| {
        project
            .run(&["migrate-patients", "--input", "a.csv", "--number-keys", "--only", only, "--yes", "--json"])
            .exits(0)
    };
    let by_number = "Pat.-Nr.;Nachname;Vorname;Standort\n1017;Grünwald;Ann;KFO Süd\n1018;Lenz;Ben;KFO Süd\n";
    let by_id =
        "Pat.-Nr.;Patient-ID;Nachname;Vorname;Standort\n1017;p-17;Grünwald;Ann;KFO Süd\n1018;p-18;Lenz;Ben;KFO Süd\n";
    project.put("a.csv", by_number);
    assert_eq!(taken(&run("nr-1017"), "patients"), 1);
    let contact = project.by_key(Object::Contact, "sued-nr-1017").expect("keyed by number").id.to_string();
    let key = pseudonym(&project, &contact, "key");
    project.put("a.csv", by_id);
    project.run(&["migrate-patients", "--input", "a.csv", "--yes"]).exits(0);
    for rows in [by_number, by_id] {
        project.put("a.csv", rows);
        for form in ["1017", "nr-1017", "sued-nr-1017", "p-17", "sued-p-17", &contact, &key] {
            assert_eq!(taken(&run(form), "patients"), 1, "{form} in {rows}");
        }
    }
    assert_eq!(project.portal.count(Object::Contact), 2);
}
