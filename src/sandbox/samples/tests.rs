//! The committed files are the generated ones, and hold what they promise.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::sandbox::seed::safe::tests::assert_safe;

/// Set this to anything to write the files of `samples/` again after a change here.
const REWRITE: &str = "IVOHUB_WRITE_SAMPLES";

/// Every case that must be there: those of `domain.md` 6.3, and the stories of deals.
const CASES: &str = "
    same-person-twice married-name twins siblings-share-email parent-is-patient minor-alone-with-email
    no-email email-placeholder email-kein email-trailing-blank email-upper-case email-two-addresses email-invalid
    phone-plus-49 phone-0049 phone-brackets phone-slash phone-mobile phone-note phone-none
    birthday-missing birthday-1900 birthday-future birthday-zeros birthday-leap-day
    name-umlaut name-eszett name-von-der name-double name-apostrophe name-nguyen name-celik name-lost-letter
    name-title-in-lastname name-decomposed name-swapped name-all-caps name-nbsp
    zip-without-zero patient-deleted appointment-of-deleted-patient location-by-key location-unknown
    number-in-two-instances appointment-by-number entry-by-number id-braces-upper-case
    csv-utf-8-bom csv-windows-1252-crlf csv-quoted-semicolon csv-quoted-newline csv-quoted-comment csv-quoted-text
    csv-doubled-quotes csv-short-row csv-trailing-semicolon csv-scientific-id appointment-without-id date-impossible
    clock-gap clock-overlap end-before-start end-from-minutes chair-unknown chair-without-prefix status-unknown
    template-renamed template-until-june template-after-june template-since-july letter-lost words-folded
    appointment-twice appointment-on-two-pages appointment-twice-changed appointment-twice-older-last
    appointment-with-changed-id cancelled-then-uncancelled blocker caller-without-file patient-not-in-file
    story-won consultation cancelled-control after-the-end quarter-instalment story-diagnostics story-plan start-planned
    story-quote story-implant two-locations cancelled-after-consultation clarified-after-consultation
    cancelled-and-rebooked rebooked-too-late consultation-rebooked cancelled-consultation no-show-consultation
    clarified-consultation moved-consultation deleted-consultation cleaning-only booked-consultation
    confirmed-by-column completed-without-entries late-entry entry-days-later second-case
    story-amounts story-reversal story-points story-entries amount-german amount-technical amount-euro-sign amount-nbsp
    amount-zero amount-negative amount-missing amount-unreadable entry-fee entry-text entry-lab entry-plan entry-pabg
    entry-payment entry-without-id entry-without-appointment entry-twice entry-unknown-patient
";

fn committed(name: &str) -> &'static [u8] {
    FILES.iter().find(|(have, _)| *have == name).map(|(_, bytes)| *bytes).expect("the file is embedded")
}

/// Text of a file, by its byte order mark or else by what it is.
fn text(name: &str) -> String {
    let bytes = committed(name);
    let fallback = if name == "manifest.csv" { encoding_rs::UTF_8 } else { encoding_rs::WINDOWS_1252 };
    fallback.decode(bytes).0.into_owned()
}

fn rows(name: &str) -> Vec<(u64, Vec<String>)> {
    // The reader counts a line once its LF is read, which under CRLF happens with the row after.
    let text = text(name).replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(text.as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("rows are well formed")).collect();
    let line = |row: &csv::StringRecord| row.position().map_or(0, csv::Position::line);
    records.iter().map(|row| (line(row), row.iter().map(str::to_owned).collect())).collect()
}

#[test]
fn committed_files_are_the_generated_ones() {
    if std::env::var_os(REWRITE).is_some() {
        write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")).expect("samples can be written");
        return;
    }
    for (name, bytes) in make().expect("memory takes everything") {
        assert!(
            committed(name) == bytes.as_slice(),
            "{name} differs: run this test with {REWRITE}=1 and look at the difference"
        );
    }
}

#[test]
fn every_case_is_there() {
    let manifest = rows("manifest.csv");
    let have: BTreeSet<&str> = manifest.iter().map(|(_, row)| row[0].as_str()).collect();
    let wanted: BTreeSet<&str> = CASES.split_whitespace().collect();
    assert_eq!(have, wanted);
}

#[test]
fn manifest_rows_point_at_rows_and_read_as_the_grammar_says() {
    let outcomes = [
        "written",
        "written without email",
        "written; email in ivoris_email",
        "repeated",
        "used",
        "unlinked",
        "ignored",
    ];
    let reasons = ["held: ", "rejected: ", "skipped: "];
    let lines: Vec<(&str, BTreeSet<u64>)> = ["patienten.csv", "termine.csv", "eintraege.csv"]
        .map(|name| (name, rows(name).into_iter().map(|(line, _)| line).collect()))
        .into();
    for (_, row) in rows("manifest.csv") {
        let line: u64 = row[2].parse().expect("lines are numbers");
        let file = lines.iter().find(|(name, _)| *name == row[1]).map(|(_, lines)| lines);
        assert!(file.is_some_and(|lines| lines.contains(&line)), "{row:?}");
        let mut parts = row[3].split(" | ");
        let outcome = parts.next().unwrap_or_default();
        assert!(outcomes.contains(&outcome) || reasons.iter().any(|start| outcome.starts_with(start)), "{row:?}");
        for check in parts {
            let (property, _) = check.split_once('=').expect("a check has a value");
            let (object, property) = property.split_once('.').expect("a check names an object");
            let table = include_str!("../../../mappings/eigenschaften.csv");
            assert!(table.contains(&format!("\n{object};{property};")), "{check}");
        }
    }
}

#[test]
fn samples_are_as_large_as_they_should_be() {
    let counts = ["patienten.csv", "termine.csv", "eintraege.csv"].map(|name| rows(name).len());
    assert!((110..=130).contains(&counts[0]), "{counts:?}");
    assert!((580..=640).contains(&counts[1]), "{counts:?}");
    assert!((1_400..=1_600).contains(&counts[2]), "{counts:?}");
}

#[test]
fn nobody_in_the_samples_can_be_reached() {
    let fill = |mut row: Vec<String>| {
        row.resize(row.len().max(26), String::new());
        row
    };
    assert_safe(&rows("patienten.csv").into_iter().map(|(_, row)| fill(row)).collect::<Vec<_>>());
}
