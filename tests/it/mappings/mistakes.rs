//! A folder with planted mistakes: each is found, with its place and what to do, and nothing else is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ivohub::mapping::shipped_file;

use super::{codes, told};
use crate::project::Project;

/// One planted mistake.
struct Mistake {
    file: &'static str,
    edit: Edit,
    code: &'static str,
    /// The text that is marked; empty = the file as a whole.
    mark: &'static str,
    /// A part of what is to be done.
    help: &'static str,
}

enum Edit {
    /// A row more at the end.
    Row(&'static str),
    /// A row more behind the header.
    First(&'static str),
    /// Another text for the first place where this one stands.
    Instead(&'static str, &'static str),
    /// Bytes at the end that no encoding knows.
    Bytes(&'static [u8]),
}

use Edit::{Bytes, First, Instead, Row};

const fn mistake(
    file: &'static str,
    edit: Edit,
    code: &'static str,
    mark: &'static str,
    help: &'static str,
) -> Mistake {
    Mistake { file, edit, code, mark, help }
}

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    mistake("mapping.toml", Instead("unknown_terminart = \"hold\"", "unknown_terminart = \"hodl\""), "M014", "\"hodl\"", "did you mean \"hold\"?"),
    mistake("mapping.toml", Instead("[options]", "[source]\nkind = \"folder\"\npath = \"../elsewhere\"\n\n[options]"), "M009", "\"../elsewhere\"", "without .."),
    mistake("terminart.csv", Row("template_name"), "M001", "", "did you mean \"terminarten.csv\"?"),
    mistake("standorte.csv", Row("west;KFO Nord;Weststadt;nord;;;west;WB_;ja"), "M020", "KFO Nord", "a text of its own"),
    mistake("standorte.csv", Row("ost;KFO Ost;Oststadt;nord;;2;ost;OB_;ja"), "M022", "2", "leave it empty in both rows"),
    mistake("standorte.csv", Row("insel;KFO Insel;Inselstadt;nord;;;insel;IB_;vielleicht"), "M019", "vielleicht", "write ja or nein"),
    mistake("behandlungsstuehle.csv", Row(";Zimmer 9;;nrd;ja;"), "M012", "nrd", "did you mean \"nord\"?"),
    mistake("behandlungsstuehle.csv", Row(";;;nord;ja;"), "M018", "", "fill one of them"),
    mistake("behandlungsstuehle.csv", Row(";;NB_Z;sued;ja;"), "M023", "NB_Z", "is that meant?"),
    mistake("behandlungsstuehle.csv", Row(";;WB_;nord;ja;"), "M023", "WB_", "the same location in both tables"),
    mistake("behandler.csv", Instead("practitioner_id;name;", "practitioner_id;;"), "M003", "practitioner_id;;role;hubspot_owner;location_key", "add it to the first row"),
    mistake("kategorien.csv", Row("retainer;Retainer;41;retainer2"), "M020", "retainer", "keep one of the two rows"),
    mistake("kategorien.csv", Row("neu;Neu;hoch;neu"), "M019", "hoch", "write digits only"),
    mistake("status.csv", Row("State;gestrichen;canceled;"), "M016", "canceled", "did you mean \"cancelled\"?"),
    mistake("status.csv", Row("State;GEPLANT;booked;"), "M020", "GEPLANT", "keep one of the two rows"),
    mistake("status.csv", Row("Confirmation;weg;cancelled;"), "M016", "cancelled", "write confirmed"),
    mistake("pipeline.csv", Row("recall;ivohub_recall;Recall;100;open;andere"), "M024", "andere", "one pipeline"),
    mistake("pipeline.csv", Row("pause;ivohub_pause;Pause;110;opn;ivohub_behandlungen"), "M014", "opn", "did you mean \"open\"?"),
    mistake("verlustgruende.csv", Row("zu teuer;Zu teuer;ja"), "M019", "zu teuer", "letters, digits"),
    mistake("terminarten.csv", Row("Zweitberatung;;erstberatung;;plan_erstelt;ja;nein;nein;nein;nein;30;;;"), "M010", "plan_erstelt", "did you mean \"plan_erstellt\"?"),
    mistake("terminarten.csv", Row("Drittberatung;;erstbertung;;;nein;nein;nein;nein;nein;30;;;"), "M011", "erstbertung", "did you mean \"erstberatung\"?"),
    mistake("terminarten.csv", Row("Implantation;;implantat;;in_behandlung;ja;nein;ja;nein;nein;90;2026-01-01;;"), "M021", "2026-01-01", "the day before the other begins"),
    mistake("terminarten.csv", Row("Alt;;kontrolle;;;nein;nein;nein;nein;nein;15;2026-06-30;2026-01-01;"), "M021", "2026-01-01", "correct valid_from or valid_to"),
    mistake("terminarten.csv", Row("Fortbildung;;sonstiges;;;ja;nein;nein;nein;ja;60;;;"), "M024", "ja", "write nein in opens_deal"),
    mistake("terminarten.csv", Row("Abbruch;;abschluss;;verloren;ja;nein;nein;nein;nein;60;;;"), "M024", "verloren", "lost by rules"),
    mistake("terminarten.csv", Row("Viel;;kontrolle;;;nein;nein;nein;nein;nein;15;;;;;;zu viel"), "M006", "Viel;;kontrolle;;;nein;nein;nein;nein;nein;15;;;;;;zu viel", "check the separators"),
    mistake("terminarten.csv", Row("Schaltjahr;;kontrolle;;;nein;nein;nein;nein;nein;15;;31.02.2026;"), "M019", "31.02.2026", "write 31.12.2026"),
    mistake("terminarten.csv", Row("Sonderfall;;kontrolle;;;nein;nein;nein;nein;nein;15;;;wie bei X123456789"), "M070", "wie bei X123456789", "delete it"),
    mistake("eintragsarten.csv", Row("code;7000|6080-6030;GOZ;;ignore;nein;none;;;95;"), "M019", "6080-6030", "the smaller number first"),
    mistake("eintragsarten.csv", Row("text-regex;(bogen;;;ignore;nein;none;;;96;"), "M019", "(bogen", "regular expressions"),
    mistake("eintragsarten.csv", Row("type;PABG;;;ignore;nein;none;;;10;"), "M022", "PABG", "another priority"),
    mistake("eintragsarten.csv", Row("type;Gutschein;;;marker;ja;amount;;;97;"), "M024", "ja", "choose the handler revenue"),
    mistake("eintragsarten.csv", Row("type;Foto;;;ignor;nein;none;;;98;"), "M014", "ignor", "did you mean \"ignore\"?"),
    mistake("gebuehren.csv", Row("GOZ;9998;-5;"), "M019", "-5", "check the decimal point"),
    mistake("gebuehren.csv", Row("goz;6000;81;"), "M020", "6000", "keep one of the two rows"),
    mistake("punktwerte.csv", Instead("cents;note", "cents;note;Cents"), "M005", "Cents", "keep one of the two"),
    mistake("punktwerte.csv", Bytes(b"# \x81\n"), "M002", "", "save the file as UTF-8"),
    mistake("regeln.csv", First("RB;arrived;angebot;;;;push_back;diagnostik;;"), "M032", "diagnostik", "tell their cases apart"),
    mistake("regeln.csv", First("RA;arrived;diagnostik;;;;advance;angebot;;"), "", "", ""),
    mistake("regeln.csv", Instead("R5;;;;;", "R5;;termin_gebucht|erstberatung|diagnostik|plan_erstellt|angebot|in_behandlung;;;"), "M031", "", "action hold"),
    mistake("regeln.csv", Row("R9;cancelled;termin_gebucht;;;not live and not begun;lose;verloren;geklaert;"), "M030", "R9", "move R9 above"),
    mistake("regeln.csv", Row("R10;booked;erstberatung;;;livee and opens;hold;;;"), "M034", "livee", "did you mean \"live\"?"),
    mistake("regeln.csv", Row("R11;booked;erstberatung;;;live and (opens;hold;;;"), "M033", "opens", "comparisons"),
    mistake("regeln.csv", Row("R12;booked;erstberatung;;ja;live;advance;;;"), "M035", "", "supported, previous"),
    mistake("regeln.csv", Row("R13;clarified;diagnostik;;;begun;lose;verloren;teuer;"), "M013", "teuer", "did you mean \"zu teuer\"?"),
    mistake("eigenschaften.csv", Row("contact;spitzname;Spitzname;patient.firstnam;text;trim;if_tool;person;nein;"), "M015", "patient.firstnam", "did you mean \"patient.firstname\"?"),
    mistake("eigenschaften.csv", Row("contact;kvnr;Nummer;patient.insurance_number;text;;if_tool;health;nein;Abrechnung"), "M070", "patient.insurance_number", "delete the row"),
    mistake("eigenschaften.csv", Row("appointment;ivoris_what;Was;appointment.type;text;;if_tool;health;nein;"), "M070", "health", "fill the column reason"),
    mistake("eigenschaften.csv", Row("contact;rufname;Rufname;patient.firstname;text;trim;if_tool;care;nein;"), "M070", "care", "write person"),
    mistake("eigenschaften.csv", Row("deal;betrag;Betrag;derived.amount;money;;if_tool;care;ja;"), "M017", "ja", "write nein in unique"),
    mistake("eigenschaften.csv", Row("deal;Summe;Summe;derived.amount;money;;if_tool;care;nein;"), "M019", "Summe", "lower-case letters"),
    mistake("tests.csv", Row("Rauschen;PZR;\u{1};none;;;;;;none;;;"), "M007", "\u{1}", "delete it"),
];

#[test]
fn forty_planted_mistakes_are_found_and_nothing_else() {
    let project = Project::bare(ivohub::sandbox::hubspot::Settings::default());
    let mut files: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for Mistake { file, edit, .. } in MISTAKES {
        let text = || shipped_file(file).unwrap_or_default().as_bytes().to_vec();
        let bytes = files.entry(file).or_insert_with(text);
        let put = |bytes: &mut Vec<u8>, change: &dyn Fn(String) -> String| {
            *bytes = change(String::from_utf8(std::mem::take(bytes)).expect("text")).into_bytes();
        };
        match edit {
            Row(row) => bytes.extend(format!("{row}\n").bytes()),
            First(row) => put(bytes, &|text| text.replacen('\n', &format!("\n{row}\n"), 1)),
            Instead(old, new) => put(bytes, &|text| {
                assert!(text.contains(old), "{file} has no {old}");
                text.replacen(old, new, 1)
            }),
            Bytes(more) => bytes.extend(*more),
        }
    }
    files.iter().for_each(|(name, bytes)| project.put(&format!("mappings/{name}"), bytes));

    let done = project.run(&["mappings", "check", "--json"]).exits(2);
    let mut found = told(&project, &done);
    let all = found.clone();
    let mut missed = String::new();
    let planted: Vec<&Mistake> = MISTAKES.iter().filter(|mistake| !mistake.code.is_empty()).collect();
    for Mistake { file, code, mark, help, .. } in &planted {
        let fits = |one: &super::Told| {
            one.file == *file && one.code == *code && (mark.is_empty() || one.mark == *mark) && one.help.contains(help)
        };
        match found.iter().position(fits) {
            Some(at) => drop(found.remove(at)),
            None => writeln!(missed, "{file} {code} \"{mark}\" … {help}").expect("a string"),
        }
    }
    assert!(missed.is_empty() && found.is_empty(), "not found:\n{missed}\nbesides: {found:#?}");
    assert!(planted.len() >= 40, "{}", planted.len());
    assert_eq!(all.len(), planted.len());
    // What is wrong in a line has a line; only what is about a whole file has none.
    for one in all.iter().filter(|one| one.line == 0) {
        assert!(["M001", "M002", "M031"].contains(&one.code.as_str()), "{one:#?}");
    }
    assert!(codes(&all).len() >= 25, "{:?}", codes(&all));

    // People see the same as a compiler shows it.
    let shown = project.run(&["mappings", "check"]).exits(2);
    shown.says(
        &[
            "error[M010]: unknown stage \"plan_erstelt\"",
            "^^^^^^^^^^^^ not in pipeline.csv",
            "= help: did you mean \"plan_erstellt\"?",
            "--> mappings/terminarten.csv:21:30",
            "first in line 6: geplant",
        ][..4],
    );
    let github = project.run(&["mappings", "check", "--format", "github"]).exits(2);
    assert!(github.stdout.contains("::error file=mappings/terminarten.csv,line=21,col=30,endColumn=42,title=M010::"));
    assert_eq!(github.stdout.lines().filter(|line| line.starts_with("::")).count(), planted.len());
}

#[test]
fn cases_that_answer_otherwise_are_errors_of_the_check_and_warnings_of_a_run() {
    let project = Project::new();
    let text = shipped_file("tests.csv").expect("a table");
    let wrong = "Absage vor Beratung;Erstberatung Aligner;abgesagt;termin_gebucht;;;;;;verloren;lose;R4;";
    let right = "Absage vor Beratung;Erstberatung Aligner;abgesagt;termin_gebucht;;;;;;verloren;lose;R3;";
    assert!(text.contains(right));
    project.put("mappings/tests.csv", text.replace(right, wrong));
    let done = project.run(&["mappings", "check", "--json"]).exits(2);
    let found = told(&project, &done);
    let [one] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((one.code.as_str(), one.mark.as_str()), ("M060", "R4"));
    assert!(one.message.contains("rule R3 instead of R4"), "{one:?}");
    let pass = ["migrate-patients", "--input", "samples/patienten.csv", "--dry-run"];
    let ran = project.run(&pass);
    assert!([0, 3].contains(&ran.exit), "{}", ran.all());
    ran.says(&["1 case of tests.csv is not what the tables say", "ivohub mappings check"]);
}
