//! Files and tables that are not what they should be: a message with the place and the next step, and nothing half done.

use std::fs;
use std::process::{Command, Stdio};

use super::project::{Done, PASSES, Project};

/// Runs what must be refused: by its exit code, with these words, without a writing call, without a new record.
#[track_caller]
fn refused(project: &Project, args: &[&str], words: &[&str]) -> Done {
    let records = project.records();
    let before = project.portal.counters().calls;
    let done = project.run(args).exits(2).says(words);
    assert_eq!(project.portal.counters().calls, before, "HubSpot is not even asked: {}", done.all());
    assert!(project.records() == records, "the records of the store are as before");
    done
}

fn decoded(project: &Project, name: &str) -> String {
    let bytes = fs::read(project.path(name)).expect("read");
    encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned()
}

fn loaded() -> (Project, std::collections::BTreeSet<String>) {
    let project = Project::new();
    project.load();
    let picture = project.picture();
    (project, picture)
}

#[test]
fn a_file_cut_in_the_middle_of_a_row_loses_that_row_only_and_says_which() {
    let (_, wanted) = loaded();
    let project = Project::new();
    for (command, file) in PASSES {
        let whole = fs::read(project.path(&format!("samples/{file}"))).expect("read");
        let line = whole.iter().take(whole.len() * 2 / 3).filter(|byte| **byte == b'\n').count();
        let row: usize = whole.split_inclusive(|byte| *byte == b'\n').take(line).map(<[u8]>::len).sum();
        project.put("cut.csv", &whole[..row + 60]);
        let done = project.run(&[command, "--input", "cut.csv", "--yes"]).exits(3);
        let place = format!("first at cut.csv:{}", line + 1);
        done.says(&[
            "unaccounted 0",
            "the file ends inside a row; it was not copied or exported completely",
            &place,
            "correct the rows in Ivoris or in the file",
        ]);
    }
    // The whole files later: as if nothing had been.
    project.load();
    project.looks_like(&wanted);
}

#[test]
fn a_file_cut_inside_quotation_marks_is_rejected_from_there() {
    let project = Project::new();
    let text = fs::read_to_string(project.path("samples/patienten.csv")).expect("UTF-8");
    let header = text.lines().next().expect("a header");
    let row = "1;p-1;Frau;;Blau;Ann;08.05.2017;w;\"Weg 1\nHinterhaus";
    project.put("cut.csv", format!("{header}\n{row}"));
    let done = project.run(&["migrate-patients", "--input", "cut.csv", "--yes"]).exits(3);
    let done = done.says(&["cut.csv:2", "ends inside a row", "rejected 1", "unaccounted 0"]);
    assert!(!done.all().contains("Hinterhaus"), "{}", done.all());
    assert_eq!(project.portal.counters().created, 0);
}

#[test]
fn what_is_no_export_is_refused_before_anything_is_read() {
    let project = Project::new();
    project.pass(0).exits(3);
    let termine = decoded(&project, "samples/termine.csv");
    let header = termine.lines().next().expect("a header");
    let files: [(&str, Vec<u8>, &[&str]); 9] = [
        ("leer.csv", Vec::new(), &["leer.csv", "the file is empty", "export it again"]),
        ("leer2.csv", b" \r\n\r\n".to_vec(), &["leer2.csv", "empty"]),
        (
            "brief.pdf",
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n".to_vec(),
            &["brief.pdf", "a PDF document", "export the list from Ivoris as CSV"],
        ),
        (
            "liste.xlsx",
            b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00".to_vec(),
            &["liste.xlsx", "not a CSV file", "export the list from Ivoris as CSV"],
        ),
        ("bild.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR".to_vec(), &["bild.csv", "not a CSV file"]),
        (
            "spalte.csv",
            termine.replacen("Terminart", "Terminnart", 1).into_bytes(),
            &["spalte.csv:1", "column 8", "unknown column \"Terminnart\"", "did you mean \"Terminart\"?"],
        ),
        ("fehlt.csv", termine.replacen("Termin-ID;", "", 1).into_bytes(), &["fehlt.csv:1", "\"Termin-ID\"", "missing"]),
        (
            "kopf.csv",
            termine.lines().skip(1).collect::<Vec<_>>().join("\n").into_bytes(),
            &["kopf.csv:1", "no header row", "Termin-ID"],
        ),
        ("nur-kopf-ohne.csv", header.replace("Datum", "Farbe").into_bytes(), &["unknown column \"Farbe\""]),
    ];
    for (name, bytes, words) in files {
        project.put(name, bytes);
        let done = refused(&project, &["migrate-appointments", "--input", name, "--yes"], words);
        assert!(done.all().contains("nothing was read"), "{}", done.all());
    }
    let other = ["these are patients, not appointments", "give the file to migrate-patients"];
    refused(&project, &["migrate-appointments", "--input", "samples/patienten.csv", "--yes"], &other);
    refused(
        &project,
        &["migrate-appointments", "--input", "nirgends.csv", "--yes"],
        &["nirgends.csv", "No such file", "check the name"],
    );
    refused(&project, &["migrate-appointments", "--input", "samples", "--yes"], &["samples", "directory"]);
    refused(&project, &["migrate-appointments", "--yes"], &["needs a file to read", "--input FILE", "--drain-only"]);
    let file = ["migrate-appointments", "--input", "samples/termine.csv", "--yes"];
    let with = |more: &[&'static str]| [&file[..], more].concat();
    refused(&project, &with(&["--encoding", "latin-7"]), &["latin-7", "windows-1252"]);
    refused(&project, &with(&["--delimiter", "x"]), &["--delimiter", "tab"]);
    refused(&project, &with(&["--practice", "west"]), &["west", "nord, sued, mitte"]);
    refused(&project, &with(&["--instance", "west"]), &["west", "nord, sued"]);
}

#[test]
fn one_refused_file_of_several_refuses_all() {
    let project = Project::new();
    project.put("brief.pdf", "%PDF-1.7\n");
    project.put("leer.csv", "");
    let args = ["migrate-patients", "--yes", "--input", "samples/patienten.csv", "brief.pdf", "--input", "leer.csv"];
    refused(
        &project,
        &args,
        &["brief.pdf: this is a PDF document", "leer.csv: the file is empty", "2 files were refused, nothing was read"],
    );
    assert!(project.records().is_empty());
}

#[test]
fn a_table_with_a_wrong_stage_is_refused_with_every_problem_at_once() {
    let project = Project::new();
    let file = "mappings/terminarten.csv";
    let table = fs::read_to_string(project.path(file)).expect("UTF-8");
    let table = table.replacen(";termin_gebucht;erstberatung;", ";termin_gebucht;erstberatnug;", 1);
    project.put(file, table);
    let status = fs::read_to_string(project.path("mappings/status.csv")).expect("UTF-8");
    project.put("mappings/status.csv", status.replacen("geplant;booked", "geplant;boked", 1));
    let words =
        ["mappings/terminarten.csv:2", "erstberatnug", "erstberatung", "mappings/status.csv:2", "boked", "booked"];
    for (command, sample) in PASSES {
        refused(&project, &[command, "--input", &format!("samples/{sample}"), "--yes"], &words);
    }
    refused(&project, &["mappings", "check"], &words);
    refused(&project, &["hubspot-schema", "apply", "--yes"], &words);
    assert!(!project.path(".ivohub/practice/state.db").exists(), "no state was made");
}

#[test]
fn a_missing_table_and_a_wrong_configuration_name_their_places() {
    let project = Project::new();
    let patients = ["migrate-patients", "--input", "samples/patienten.csv", "--yes"];
    fs::remove_file(project.path("mappings/standorte.csv")).expect("removed");
    refused(&project, &patients, &["standorte.csv"]);
    let text = fs::read_to_string(project.path("ivohub.toml")).expect("UTF-8");
    project.put("ivohub.toml", text.replace("base_url", "base_ulr").replace("mode = \"sandbox\"", "mode = \"test\""));
    let words = ["ivohub.toml:5:", "expected one of: \"sandbox\", \"live\"", "ivohub.toml:8:", "base_ulr", "base_url"];
    refused(&project, &patients, &words);
    refused(&project, &["config", "check"], &words);
}

#[test]
fn a_live_profile_without_a_selection_is_refused() {
    let project = Project::new();
    project.configure("live", "");
    let words = ["minors", "include", "skip"];
    refused(&project, &["migrate-patients", "--input", "samples/patienten.csv", "--yes"], &words);
}

#[test]
fn a_token_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    let file = project.path("secrets/hubspot-token");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("set");
    let (writing, done) =
        project.writes_of(|| project.run(&["migrate-patients", "--input", "samples/patienten.csv", "--yes"]));
    done.exits(4).says(&["secrets/hubspot-token", "600"]);
    assert_eq!(writing, 0);
}

#[test]
fn several_files_stdin_and_other_encodings_end_like_one_file() {
    let (_, wanted) = loaded();
    let project = Project::new();
    // Patients through stdin.
    let file = fs::File::open(project.path("samples/patienten.csv")).expect("opens");
    let patients = ["migrate-patients", "--input", "-", "--yes"];
    let piped = |command: &mut Command| {
        command.stdin(Stdio::from(file));
    };
    project.run_with(&patients, piped).exits(3).says(&["first at -:"]);
    // Appointments as two files, one UTF-16 with tabs, one UTF-8 without mark; both have a header.
    let text = decoded(&project, "samples/termine.csv");
    let cut = text.match_indices("\r\n").nth(300).expect("long enough").0 + 2;
    let header = text.lines().next().expect("a header");
    let (first, second) = text.split_at(cut);
    let tabs = first.replace(';', "\t");
    let utf16: Vec<u8> =
        "\u{feff}".chars().chain(tabs.chars()).collect::<String>().encode_utf16().flat_map(u16::to_le_bytes).collect();
    project.put("eins.txt", utf16);
    project.put("zwei.csv", format!("{header}\r\n{second}"));
    let appointments = ["migrate-appointments", "--yes", "--input", "eins.txt", "--input", "zwei.csv"];
    project.run(&appointments).exits(3).says(&["utf-16", "tab", "utf-8", "repeated 5", "unaccounted 0"]);
    project.pass(2).exits(3);
    project.looks_like(&wanted);
}
