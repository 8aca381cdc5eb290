//! Values without a row: told by `mappings check`, given a row by `mappings table --missing`.

use ivohub::mapping::shipped_file;

use super::told;
use crate::project::Project;

const HEADER: &str = "Termin-ID;Patient-ID;Datum;Beginn;Terminart;Behandlungsstuhl;Behandler;Standort;Status\n";

fn export(rows: &[&str]) -> String {
    let row = |(at, row): (usize, &&str)| {
        format!("00000000-0000-4000-8000-{at:012};10000000-0000-4000-8000-000000000001;{row}\n")
    };
    std::iter::once(HEADER.to_owned()).chain(rows.iter().enumerate().map(row)).collect()
}

#[test]
fn values_without_a_row_get_one() {
    let project = Project::bare(ivohub::sandbox::hubspot::Settings::default());
    let rows = [
        "02.11.2026;09:00;NB_Kontrolle KIG;NB_Zimmer 1;Dr. Ahrens;KFO Nord;fertig",
        "03.11.2026;09:00;NB_Kontrolle KIG;NB_Zimmer 1;Dr. Ahrens;KFO Nord;fertig",
        "03.11.2026;10:00;Kontrolle KIG;Stuhl 17;Dr. Neu;KFO Nord;verlegt",
        "04.11.2026;09:00;Notfall, schnell;NB_Zimmer 1;Dr. Ahrens;KFO Nord;fertig",
    ];
    project.put("termine.csv", export(&rows));
    let input = ["--input", "termine.csv"];
    let check = || project.run(&[&["mappings", "check", "--json"][..], &input].concat()).exits(0);
    let found = told(&project, &check());
    let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "1 value has no row: \"Stuhl 17\" (1)",
            "1 value has no row: \"State verlegt\" (1)",
            "2 values have no row: \"Kontrolle KIG\" (3), \"Notfall, schnell\" (1)",
        ],
        "{found:#?}"
    );
    assert!(found.iter().all(|one| one.code == "M050" && one.help.contains("--missing >> mappings/")), "{found:#?}");

    // The command of the help, row by row completed by a person.
    for (table, old, new) in [
        ("terminarten", "", ""),
        ("status", ";verlegt;;", ";verlegt;moved;"),
        ("behandlungsstuehle", ";Stuhl 17;;;", ";Stuhl 17;;nord;"),
        ("behandler", "", ""),
    ] {
        let done = project.run(&[&["mappings", "table", table, "--missing"][..], &input].concat()).exits(0);
        assert!(!done.stdout.is_empty(), "{table}: {}", done.all());
        let file = format!("{table}.csv");
        let rows = done.stdout.replace("# ", "").replace(old, new);
        let own = shipped_file(&file).expect("a table");
        project.put(&format!("mappings/{file}"), format!("{own}{rows}"));
    }
    assert_eq!(told(&project, &check()), []);
    let again = project.run(&[&["mappings", "table", "terminarten", "--missing"][..], &input].concat()).exits(0);
    assert_eq!(again.stdout, "");
    again.says(&["every value that was met has a row in terminarten.csv"]);
}

#[test]
fn the_inbox_is_looked_at_and_rows_that_rest_are_told_of() {
    let project = Project::new();
    project.run(&["migrate-appointments", "--input", "samples/termine.csv", "--fetch-only", "--yes"]);
    let seen = project.run(&["mappings", "check", "--seen", "--json"]).exits(0);
    let by_input = project.run(&["mappings", "check", "--input", "samples/termine.csv", "--json"]).exits(0);
    let lines = |done: &crate::project::Done| -> Vec<String> {
        told(&project, done).iter().map(|one| format!("{} {} {}", one.file, one.code, one.message)).collect()
    };
    assert!(!lines(&seen).is_empty());
    assert_eq!(lines(&seen), lines(&by_input), "what was read says the same as the file");
    let text = shipped_file("terminarten.csv").expect("a table");
    let row = "Gipsabdruck;;diagnostik;;;nein;nein;nein;nein;nein;30;;;";
    project.put("mappings/terminarten.csv", format!("{text}{row}\n"));
    project.run(&["mappings", "check", "--seen"]).exits(0).says(&["M051", "\"Gipsabdruck\""]);
}

#[test]
fn a_table_is_printed_and_an_unknown_one_named() {
    let project = Project::bare(ivohub::sandbox::hubspot::Settings::default());
    let done = project.run(&["mappings", "table", "pipeline"]).exits(0);
    assert_eq!(done.stdout, shipped_file("pipeline.csv").expect("a table"));
    project.run(&["mappings", "table", "terminart"]).exits(2).says(&["there is no table \"terminart\"", "terminarten"]);
    project.run(&["mappings", "table", "regeln", "--missing"]).exits(2).says(&["what you decide"]);
}
