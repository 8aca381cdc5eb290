//! Files that are refused as a whole, and how a file is handed over.

use super::*;

#[test]
fn files_are_refused_before_a_row_is_taken() {
    let body = "1;p1;Blau;Ann;;;\n";
    for (kind, text, settings, wanted) in [
        (Kind::Patient, String::new(), settings(), "read a.csv: the file is empty"),
        (Kind::Patient, "%PDF-1.7\n".to_owned(), settings(), "read a.csv: this is a PDF document, not a CSV file"),
        (
            Kind::Patient,
            PATIENTS.replace("E-Mail", "Gebuhrtsdatum"),
            settings(),
            "read a.csv:1: column 6: unknown column \"Gebuhrtsdatum\"; did you mean \"Geburtsdatum\"? rename",
        ),
        (
            Kind::Patient,
            format!("\n\n{}", PATIENTS.replace("E-Mail", "Geb.-Datum").replace("Nachname", "Farbe")),
            settings(),
            "read a.csv:3: column 3: unknown column \"Farbe\"; rename it to a known column or delete it from the file\n  \
             column 6: column \"Geb.-Datum\" stands there twice, first as column 5; keep one of them\n  \
             column \"Nachname\" is missing; add it",
        ),
        (
            Kind::Patient,
            VISITS.to_owned(),
            settings(),
            "read a.csv:1: these are appointments, not patients; give the file to migrate-appointments",
        ),
        (Kind::Entry, PATIENTS.to_owned(), settings(), "read a.csv:1: these are patients, not entries"),
        (
            Kind::Appointment,
            "t1;5;p1;Blau;Ann;x;y\n".to_owned(),
            settings(),
            "read a.csv:1: no header row; of 7 columns 0 are known; the first row must name the columns, as in Termin-ID",
        ),
        (
            Kind::Patient,
            "Vorname\n".to_owned(),
            settings(),
            "read a.csv:1: column \"Patient-ID\" or \"Pat.-Nr.\" is missing",
        ),
        (
            Kind::Entry,
            ENTRIES.to_owned(),
            group(),
            "read a.csv:1: the file has no column Standort and several instances",
        ),
        (
            Kind::Patient,
            PATIENTS.to_owned(),
            Settings { instance: Some(InstanceKey::new("west")), ..group() },
            "instance \"west\" is not configured; known are: nord, sued",
        ),
        (Kind::Patient, format!("\"{PATIENTS}"), settings(), "read a.csv:1: "),
    ] {
        let mut input =
            Input::of_bytes("a.csv", format!("{text}{}", if text.is_empty() { "" } else { body }).into_bytes());
        let error = check(kind, &mut input, &settings).expect_err("refused").to_string();
        assert!(error.starts_with(wanted), "{error}");
        let taken = read(kind, &mut input, &settings, &mut |_| panic!("a row was taken"));
        assert_eq!(taken.expect_err("refused").to_string(), error);
        assert!(!error.contains("Blau"), "{error}");
    }
    assert!(matches!(Input::open("/nowhere/a.csv"), Err(Error::Open { .. })));
    assert!(matches!(Input::open("/"), Err(Error::Open { .. })));
}

#[test]
fn stretches_limits_and_early_ends() {
    let text = format!("{PATIENTS}{}", "1;p1;Blau;Ann;;;\n1;p 1;Blau;Ann;;;\n".repeat(5_000));
    let sizes = |settings: &Settings, stop: usize| {
        let mut sizes = Vec::new();
        let summary =
            read(Kind::Patient, &mut Input::of_bytes("a.csv", text.clone().into_bytes()), settings, &mut |rows| {
                sizes.push(rows.len());
                if sizes.len() == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
        let summary = summary.expect("readable");
        (sizes, summary.records, summary.rejected)
    };
    assert_eq!(sizes(&settings(), 0), (vec![STRETCH; 5], 5_000, 5_000));
    assert_eq!(sizes(&settings(), 1), (vec![STRETCH], 1_000, 1_000));
    assert_eq!(sizes(&Settings { limit: Some(3), ..settings() }, 0), (vec![5], 3, 2));
    assert_eq!(sizes(&Settings { limit: Some(0), ..settings() }, 0), (vec![], 0, 0));
    let mut spooled = Input::spooled("-", text.as_bytes()).expect("a temporary file");
    check(Kind::Patient, &mut spooled, &settings()).expect("readable");
    let summary = read(Kind::Patient, &mut spooled, &settings(), &mut |_| ControlFlow::Continue(()));
    assert_eq!(summary.expect("readable").rows, 10_000);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_refused() {
    use std::io::Write;
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    let row = "1;p1;Blau;Ann;;;\n";
    file.write_all(format!("{PATIENTS}{}", row.repeat(10_000)).as_bytes()).expect("writes");
    let mut input = Input::open(file.path().to_str().expect("a plain path")).expect("opens");
    let outcome = read(Kind::Patient, &mut input, &settings(), &mut |_| {
        file.write_all(row.as_bytes()).expect("writes");
        ControlFlow::Continue(())
    });
    assert!(matches!(outcome, Err(Error::Changed { .. })), "{outcome:?}");
}
