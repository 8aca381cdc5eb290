//! `mappings pull`: from a workbook, a folder and published CSV into the tables, or nowhere.

mod published;
mod workbook;

use std::collections::BTreeMap;
use std::fs;

use ivohub::mapping::{SHIPPED, SourceKind, Taken, Tolerance, is_table, take};
use ivohub::sandbox::hubspot::Settings;
use rust_xlsxwriter::{Format, Formula};

use crate::project::{Done, Project};
use workbook::{cells, patched, put_typed, shipped, with, workbook};

fn project() -> Project {
    Project::bare(Settings::default())
}

/// Every file of the mapping folder.
fn files(project: &Project) -> BTreeMap<String, String> {
    let entries = fs::read_dir(project.path("mappings")).expect("a folder").map(|entry| entry.expect("an entry"));
    let files =
        entries.filter(|entry| entry.path().is_file() && entry.path().extension().is_some_and(|end| end != "xlsx"));
    files
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("text");
            (entry.file_name().display().to_string(), text)
        })
        .collect()
}

fn pull(project: &Project, more: &[&str]) -> Done {
    let args = [&["mappings", "pull", "--from", "Konfiguration.xlsx", "--yes"], more].concat();
    project.run(&args)
}

/// Pulls a workbook that must be refused; the folder stays as it is.
#[track_caller]
fn refused(project: &Project, book: &[u8], words: &[&str]) {
    project.put("Konfiguration.xlsx", book);
    let before = files(project);
    pull(project, &[]).exits(2).says(words).says(&["nothing was replaced"]);
    assert_eq!(files(project), before);
}

#[test]
fn the_workbook_of_the_shipped_tables_pulls_to_identical_files() {
    let project = project();
    let canonical = files(&project);
    // Sheets in the spelling of people, between others that are no tables.
    let mut tables = shipped();
    tables.iter_mut().for_each(|(name, _)| {
        *name = name.replace("stuehle", "stühle").replacen('t', "T", 1);
    });
    tables.insert(0, ("Notizen".to_owned(), vec![vec!["frei".to_owned()]]));
    project.put("Konfiguration.xlsx", workbook(&tables, |_, _| {}));
    let done = pull(&project, &[]).exits(0).says(&["sheet \"Notizen\" is no table", "the tables are as they were"]);
    assert!(!done.all().contains("M0"), "{}", done.all());
    let mut after = files(&project);
    let record = after.remove(".pulled.json").expect("it says where they came from");
    assert_eq!(after, canonical);
    assert!(record.contains("\"sheet\":\"behandlungssTühle\"") && record.contains("Konfiguration.xlsx"), "{record}");
    pull(&project, &[]).exits(0).says(&["nothing to change"]);
    // The same from tables that a person wrote differently, and from none at all.
    project.put("mappings/status.csv", canonical["status.csv"].replace(';', ",").replace('\n', "\r\n"));
    fs::remove_file(project.path("mappings/gebuehren.csv")).expect("gone");
    let done = pull(&project, &["--overwrite-edits", "--json"]).exits(0);
    assert_eq!(done.json()["changing"], 2, "{}", done.all());
    after = files(&project);
    after.remove(".pulled.json");
    assert_eq!(after, canonical);
}

/// A workbook in which every number is a number.
fn typed(tables: &[(String, Vec<Vec<String>>)]) -> Vec<u8> {
    workbook(tables, |name, sheet| {
        let rows = &tables.iter().find(|(table, _)| table == name).expect("a table").1;
        for (at, row) in (0..).zip(rows) {
            (0..).zip(row).for_each(|(column, cell)| put_typed(sheet, at, column, cell));
        }
    })
}

#[test]
fn a_workbook_of_numbers_pulls_to_identical_files_and_a_changed_number_is_a_changed_row() {
    let project = project();
    let goz = "schedule;code;points;note\nGOZ;0010;100,00;";
    let fees = fs::read_to_string(project.path("mappings/gebuehren.csv")).expect("read");
    project.put("mappings/gebuehren.csv", fees.replace("schedule;code;points;note", goz));
    let canonical = files(&project);
    let mut tables =
        with("gebuehren", |rows| rows.insert(1, ["GOZ", "0010", "100,00", ""].map(str::to_owned).to_vec()));
    project.put("Konfiguration.xlsx", typed(&tables));
    pull(&project, &[]).exits(0).says(&["the tables are as they were"]);
    let mut after = files(&project);
    after.remove(".pulled.json");
    assert_eq!(after, canonical);
    for (_, rows) in tables.iter_mut().filter(|(name, _)| ["punktwerte", "gebuehren"].contains(&name.as_str())) {
        rows.iter_mut().flatten().for_each(|cell| match cell.as_str() {
            "5,62421" => "5,7".clone_into(cell),
            "1350" => "1351".clone_into(cell),
            _ => {}
        });
    }
    project.put("Konfiguration.xlsx", typed(&tables));
    pull(&project, &[]).exits(0).says(&["cents 5,62421 → 5,7", "points 1350 → 1351", "1 changed"]);
    let after = files(&project);
    assert_eq!(after["punktwerte.csv"], canonical["punktwerte.csv"].replace("5,62421", "5,7"));
    assert_eq!(after["gebuehren.csv"], canonical["gebuehren.csv"].replace("1350", "1351"));
}

#[test]
fn what_spreadsheets_do_to_tables_does_not_matter() {
    let project = project();
    let canonical = files(&project);
    let tables = with("terminarten", |rows| {
        // Blank rows, a column without a name or content, a comment, a formula that says what the cell said.
        rows.insert(2, Vec::new());
        rows.insert(0, vec!["# Stand Juli; mit der Praxis abgestimmt".to_owned()]);
        rows.insert(0, Vec::new());
        rows.iter_mut().filter(|row| row.len() > 1).for_each(|row| row.insert(1, String::new()));
    });
    let book = workbook(&tables, |name, sheet| {
        if name == "terminarten" {
            let bold = Format::new().set_bold();
            sheet.write_blank(400, 60, &bold).expect("a cell");
            let formula = Formula::new("=LOWER(\"ERSTBERATUNG\")").set_result("erstberatung");
            sheet.write_formula(3, 3, formula).expect("a cell");
            sheet.write_formula(3, 11, Formula::new("=15*2").set_result("30")).expect("a cell");
        }
    });
    project.put("Konfiguration.xlsx", &book);
    pull(&project, &[]).exits(0).says(&["the same rows in canonical form"]);
    let mut wanted = canonical;
    let text = &wanted["terminarten.csv"];
    wanted.insert("terminarten.csv".to_owned(), format!("# Stand Juli; mit der Praxis abgestimmt\n{text}"));
    let mut after = files(&project);
    after.remove(".pulled.json");
    assert_eq!(after, wanted);
    // The calendar that begins in 1904 has other numbers for the same days.
    let apple = patched(&book, |name, text| match name {
        "xl/workbook.xml" => text.replace("<workbookPr ", "<workbookPr date1904=\"1\" "),
        _ => text.replace("<v>46203</v>", "<v>44741</v>"),
    });
    project.put("Konfiguration.xlsx", apple);
    pull(&project, &[]).exits(0).says(&["nothing to change"]);
}

#[test]
fn cells_that_cannot_be_taken_at_their_word_are_refused_with_their_place() {
    let project = project();
    let place = "Konfiguration.xlsx, terminarten!";
    let sheet = |change: &dyn Fn(&mut rust_xlsxwriter::Worksheet)| {
        workbook(&shipped(), |name, sheet| {
            if name == "terminarten" {
                change(sheet);
            }
        })
    };
    let merged = sheet(&|sheet| {
        sheet.merge_range(1, 2, 2, 2, "erstberatung", &Format::new()).expect("merged");
    });
    refused(&project, &merged, &["M090", &format!("{place}C2"), "cells are merged: C2:C3", "undo the merge"]);
    let broken = sheet(&|sheet| {
        sheet.write_formula(4, 10, Formula::new("=NA()").set_result("#N/A")).expect("a cell");
    });
    refused(&project, &broken, &["M090", &format!("{place}K5"), "#N/A"]);
    let never = patched(
        &sheet(&|sheet| {
            sheet.write_formula(4, 10, Formula::new("=40+5").set_result("4711")).expect("a cell");
        }),
        |_, text| text.replace("<v>4711</v>", ""),
    );
    refused(&project, &never, &["M090", &format!("{place}K5"), "no value saved"]);
    let title = with("terminarten", |rows| rows.insert(0, vec!["Terminarten 2026".to_owned()]));
    refused(&project, &workbook(&title, |_, _| {}), &["M090", &format!("{place}A1"), "the header stands in row 2"]);
    refused(&project, &workbook(&with("terminarten", Vec::clear), |_, _| {}), &["M090", "the sheet is empty"]);
    refused(
        &project,
        &workbook(&with("terminarten", |rows| rows.truncate(1)), |_, _| {}),
        &["M090", "the table is empty"],
    );
    let few = workbook(&with("terminarten", |rows| rows.truncate(9)), |_, _| {});
    refused(&project, &few, &["M090", "more than 30 %", "--allow-shrink"]);
    refused(
        &project,
        &workbook(&[("Tabelle1".to_owned(), cells("a;b\n"))], |_, _| {}),
        &["M090", "no sheet has the name of a table"],
    );
    let twice = [shipped(), vec![("Terminarten ".to_owned(), cells("template_name;note\nx;\n"))]].concat();
    refused(&project, &workbook(&twice, |_, _| {}), &["M090", "two sheets are meant for terminarten.csv"]);
    project.put("Konfiguration.xlsx", &few[..few.len() / 2]);
    pull(&project, &[]).exits(2).says(&["M090", "damaged"]);
    project.put("Konfiguration.xlsx", b"\xd0\xcf\x11\xe0 old");
    pull(&project, &[]).exits(2).says(&["password-protected"]);
}

#[test]
fn tables_are_checked_before_they_are_replaced_and_the_cell_is_named() {
    let project = project();
    let wrong = with("terminarten", |rows| {
        rows.insert(1, Vec::new());
        rows[4][4] = "plan_erstelt".to_owned();
    });
    let words = [
        "M010",
        "mappings/terminarten.csv:4:",
        "(Konfiguration.xlsx, terminarten!E5)",
        "did you mean \"plan_erstellt\"",
    ];
    refused(&project, &workbook(&wrong, |_, _| {}), &words);
    // A sheet that is renamed is not a table that is gone.
    project.put("Konfiguration.xlsx", workbook(&shipped(), |_, _| {}));
    pull(&project, &[]).exits(0);
    let mut renamed = shipped();
    renamed.iter_mut().filter(|(name, _)| name == "status").for_each(|(name, _)| "Status alt".clone_into(name));
    refused(&project, &workbook(&renamed, |_, _| {}), &["M090", "no sheet \"status\" any more", "Status alt"]);
    // Long after: a stage goes, and the check names the cell that used it, as long as the table is as it was pulled.
    let pipeline = fs::read_to_string(project.path("mappings/pipeline.csv")).expect("read");
    project.put("mappings/pipeline.csv", pipeline.replace("\nplan_erstellt;", "\nplan_da;"));
    let done =
        project.run(&["mappings", "check", "--json"]).exits(2).says(&["\"cell\":\"Konfiguration.xlsx, terminarten!E"]);
    assert!(done.all().contains("(Konfiguration.xlsx, terminarten!E"), "{}", done.all());
    let terminarten = fs::read_to_string(project.path("mappings/terminarten.csv")).expect("read");
    project.put("mappings/terminarten.csv", format!("{terminarten}\n"));
    let done = project.run(&["mappings", "check"]).exits(2);
    assert!(!done.all().contains("terminarten!"), "{}", done.all());
}

#[test]
fn differences_are_shown_and_a_dry_run_writes_nothing() {
    let project = project();
    let tables = with("terminarten", |rows| {
        rows[1][10] = "35".to_owned();
        let last = rows.len() - 1;
        rows[last][0].push_str(" neu");
    });
    project.put("Konfiguration.xlsx", workbook(&tables, |_, _| {}));
    let before = files(&project);
    let dry = project.run(&["mappings", "pull", "--from", "Konfiguration.xlsx", "--dry-run"]).exits(0);
    let dry =
        dry.says(&["1 added, 1 changed, 1 removed", "default_minutes 30 → 35", "+ ", "- ", "nothing was written"]);
    assert_eq!(files(&project), before, "{}", dry.all());
    // Nobody to ask: nothing is read even.
    project.run(&["mappings", "pull", "--from", "Konfiguration.xlsx"]).exits(2).says(&["add --yes"]);
    let done = pull(&project, &["--json"]).exits(0);
    assert!(done.stdout.contains("\"before\":\"30\"") && done.stdout.contains("\"after\":\"35\""), "{}", done.stdout);
    assert!(files(&project)["terminarten.csv"].contains(";35;"));
}

#[test]
fn edits_by_hand_are_not_lost_without_a_word() {
    let project = project();
    project.put("Konfiguration.xlsx", workbook(&shipped(), |_, _| {}));
    pull(&project, &[]).exits(0);
    let status = &files(&project)["status.csv"];
    project.put("mappings/status.csv", format!("{status}State;verlegt;moved;von Hand\n"));
    let before = files(&project);
    pull(&project, &[]).exits(2).says(&["status.csv was edited by hand", "--overwrite-edits"]);
    assert_eq!(files(&project), before);
    // Taken over into the source, the edit is no edit any more.
    let tables =
        with("status", |rows| rows.push(["State", "verlegt", "moved", "von Hand"].map(str::to_owned).to_vec()));
    project.put("Konfiguration.xlsx", workbook(&tables, |_, _| {}));
    pull(&project, &[]).exits(0);
    assert_eq!(files(&project)["status.csv"], before["status.csv"]);
    project.put("Konfiguration.xlsx", workbook(&shipped(), |_, _| {}));
    pull(&project, &[]).exits(0).says(&["1 removed", "1 table replaced"]);
}

#[test]
fn a_broken_workbook_is_refused_and_nothing_worse() {
    let book = workbook(&shipped(), |_, _| {});
    let nothing = |_: &str| None;
    let taken = |bytes: &[u8]| {
        take(SourceKind::Xlsx, "K.xlsx", Taken::Workbook(bytes.to_vec()), &nothing, Tolerance::Usual, "now")
    };
    assert_eq!(taken(&book).refusals, []);
    let mut seed = 1_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % below
    };
    let marks = [
        "<",
        ">",
        "\"",
        "&#0;",
        "/",
        "999999999999",
        "-1",
        "<v>",
        "</row>",
        "r=\"XFD1048576\"",
        "r=\"ZZZZ9999999999\"",
    ];
    let mut refused = 0;
    for _ in 0..60 {
        let choices: Vec<(usize, usize)> = (0..32).map(|_| (next(100_000), next(marks.len()))).collect();
        let part = std::cell::Cell::new(0);
        // A few places of the first parts, then of the sheets.
        let broken = patched(&book, |_, mut text| {
            part.set(part.get() + 1);
            let Some((at, mark)) = choices.get(part.get()).filter(|(at, _)| at % 5 == 0) else { return text };
            let at = at % text.len();
            text.insert_str((0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0), marks[*mark]);
            text
        });
        refused += usize::from(!taken(&broken).refusals.is_empty());
        let cut = broken.get(..next(broken.len())).expect("inside");
        assert!(!taken(cut).refusals.is_empty(), "{} of {} bytes", cut.len(), broken.len());
    }
    assert!(refused > 10, "{refused}");
    // A small file that unpacks to a large one.
    let large = patched(&book, |name, text| match name {
        "xl/sharedStrings.xml" => text.replace("</sst>", &format!("{}</sst>", " ".repeat(129 << 20))),
        _ => text,
    });
    assert!(large.len() < 5 << 20 && taken(&large).refusals[0].message.contains("128 MiB"));
}

#[test]
fn the_manifest_names_a_source_inside_the_folder() {
    let project = project();
    project.run(&["mappings", "pull", "--yes"]).exits(2).says(&["does not say where the tables come from", "--from"]);
    let manifest = fs::read_to_string(project.path("mappings/mapping.toml")).expect("read");
    let source = |text: &str| project.put("mappings/mapping.toml", format!("{manifest}\n[source]\n{text}\n"));
    source("kind = \"xlsx\"\npath = \"Konfiguration.xlsx\"");
    project.put(
        "mappings/Konfiguration.xlsx",
        workbook(
            &with("gebuehren", |rows| {
                rows.pop();
            }),
            |_, _| {},
        ),
    );
    let check = project.run(&["mappings", "check"]).exits(0);
    assert!(!check.all().contains("M001"), "the source is no stranger: {}", check.all());
    project.run(&["mappings", "pull", "--yes"]).exits(0).says(&["gebuehren.csv", "1 removed", "1 table replaced"]);
    // A folder of CSV files, as any spreadsheet writes them.
    source("kind = \"folder\"\npath = \"quelle\"");
    fs::create_dir(project.path("mappings/quelle")).expect("a folder");
    for (name, text) in SHIPPED.iter().filter(|(name, _)| is_table(name)) {
        project.put(&format!("mappings/quelle/{name}"), text.replace('\n', "\r\n"));
    }
    project.run(&["mappings", "pull", "--yes"]).exits(0).says(&["gebuehren.csv", "1 added"]);
    let mut after = files(&project);
    after.retain(|name, _| is_table(name));
    let wanted: BTreeMap<String, String> = SHIPPED
        .iter()
        .filter(|(name, _)| is_table(name))
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    assert_eq!(after, wanted);
    // Neither written down nor by a link does the source leave the folder.
    std::os::unix::fs::symlink(project.path("samples"), project.path("mappings/weg")).expect("a link");
    for path in ["../samples", "/etc", "weg"] {
        source(&format!("kind = \"folder\"\npath = \"{path}\""));
        project.run(&["mappings", "pull", "--yes"]).exits(2);
    }
}
