//! Whole files through the reader: dialects and dirty rows here, refused files and laws beside.

mod files;
mod laws;

use super::*;
use crate::domain::{Patient, PatientRef, Record};

const PATIENTS: &str = "Pat.-Nr.;Patient-ID;Nachname;Vorname;Geburtsdatum;E-Mail;Standort\r\n";
const VISITS: &str = "Termin-ID;Pat.-Nr.;Patient-ID;Datum;Beginn;Ende;Dauer (Min.);Terminart;Status;Geändert am\r\n";
const ENTRIES: &str = "Eintrag-ID;Patient-ID;Pat.-Nr.;Datum;Typ;Leistung;Anzahl;Betrag;Text\r\n";

fn settings() -> Settings {
    let nord = InstanceKey::new("nord");
    Settings {
        encoding: None,
        delimiter: None,
        instances: vec![(nord.clone(), String::new())],
        instance: None,
        locations: HashMap::from([("kfo nord".to_owned(), nord), ("sued".to_owned(), InstanceKey::new("sued"))]),
        number_keys: false,
        limit: None,
        today: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day"),
        line_key: [7; 32],
    }
}

fn group() -> Settings {
    let sued = (InstanceKey::new("sued"), "s-".to_owned());
    Settings { instances: vec![(InstanceKey::new("nord"), "n-".to_owned()), sued], ..settings() }
}

fn run(kind: Kind, bytes: &[u8], settings: &Settings) -> Result<(Vec<Row>, FileSummary), Error> {
    let mut input = Input::of_bytes("a.csv", bytes.to_vec());
    check(kind, &mut input, settings)?;
    let mut rows = Vec::new();
    let summary = read(kind, &mut input, settings, &mut |mut stretch| {
        rows.append(&mut stretch);
        ControlFlow::Continue(())
    })?;
    assert_eq!(summary.rows, rows.len() as u64);
    assert_eq!(summary.rows, summary.records + summary.rejected);
    Ok((rows, summary))
}

fn rows(kind: Kind, bytes: &[u8]) -> Vec<Row> {
    run(kind, bytes, &settings()).expect("a file that can be read").0
}

/// `3 ok`, or `3:2 reason`.
fn short(row: &Row) -> String {
    match row {
        Row::Record(_, origin) => format!("{} ok", origin.line),
        Row::Rejected(rejected) => {
            let column = rejected.column.map_or_else(String::new, |column| column.to_string());
            format!("{}:{column} {}", rejected.origin.line, rejected.reason)
        }
    }
}

/// Reads `body` behind the header of `kind` and compares the rows; a reason needs only its beginning.
fn check_rows(kind: Kind, body: &str, wanted: &[&str]) {
    let header = match kind {
        Kind::Patient => PATIENTS,
        Kind::Appointment => VISITS,
        Kind::Entry => ENTRIES,
    };
    let found: Vec<_> = rows(kind, format!("{header}{body}").as_bytes()).iter().map(short).collect();
    let same = found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| found.starts_with(wanted));
    assert!(same, "{body:?}\n{found:#?}");
}

/// The records of a file without rejected rows.
fn records(kind: Kind, bytes: &[u8], settings: &Settings) -> Vec<Record> {
    let record = |row| match row {
        Row::Record(record, _) => *record,
        Row::Rejected(rejected) => panic!("{rejected:?}"),
    };
    run(kind, bytes, settings).expect("a file that can be read").0.into_iter().map(record).collect()
}

fn patients(bytes: &[u8]) -> Vec<Patient> {
    let patient = |record| if let Record::Patient(patient) = record { patient } else { panic!("no patient") };
    records(Kind::Patient, bytes, &settings()).into_iter().map(patient).collect()
}

#[test]
fn every_dialect_says_the_same() {
    let plain = "\u{feff}Pat.-Nr.;Patient-ID;Nachname;Vorname;Straße\r\n1;p1;Müller;\"Ann; \"\"Änne\"\"\";Weg 5\r\n2;p2;Groß;Zoë;\r\n";
    let wanted = patients(plain.as_bytes());
    assert_eq!(wanted[0].last_name.expose(), "Müller");
    assert_eq!(wanted[0].first_name.expose(), "Ann; \"Änne\"");
    let text = plain.trim_start_matches('\u{feff}');
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    let cp1252 = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let swap = |delimiter: &str| text.replace("Ann; ", "Ann# ").replace(';', delimiter).replace("Ann# ", "Ann; ");
    for (name, bytes) in [
        ("utf-8 without mark", text.as_bytes().to_vec()),
        ("windows-1252", cp1252),
        ("utf-16le with mark", utf16(plain, u16::to_le_bytes)),
        ("utf-16be with mark", utf16(plain, u16::to_be_bytes)),
        ("utf-16le without mark", utf16(text, u16::to_le_bytes)),
        ("comma", swap(",").into_bytes()),
        ("tab", swap("\t").into_bytes()),
        ("line feeds", text.replace("\r\n", "\n").into_bytes()),
        ("carriage returns", text.replace("\r\n", "\r").into_bytes()),
        ("no last line end", text.trim_end().as_bytes().to_vec()),
        ("blank lines", text.replace("\r\n", "\r\n\r\n  \r\n;;;;\r\n").into_bytes()),
        ("separators behind", text.replace("\r\n", ";;\r\n").into_bytes()),
        ("separator line", format!("sep=;\r\n{text}").into_bytes()),
        ("decomposed", text.replace('ü', "u\u{308}").replace('Ä', "A\u{308}").into_bytes()),
        ("hard blanks", text.replace("Müller", "\u{a0}Müller\u{a0}").replace("Weg 5", "Weg\u{a0}5").into_bytes()),
        ("other headers", text.replace("Straße", "STRASSE").replace("Pat.-Nr.", "\"pat nr\"").into_bytes()),
    ] {
        assert_eq!(patients(&bytes), wanted, "{name}");
    }
}

#[test]
fn a_patient_is_read_whole() {
    let text = "Pat.-Nr.;Patient-ID;Anrede;Titel;Nachname;Vorname;Geburtsdatum;Geschlecht;Straße;PLZ;Ort;Land;Tel. privat;Tel. mobil;E-Mail;Versicherungsart;Krankenkasse;Versichertennr.;Versicherter;Behandler;Mandant;Standort;KFO-Status;Angelegt am;Letzter Besuch;Gelöscht\r\n\
        4711;{A0000000-0000-4000-8000-00000000000B};Frau;Dr.;von der Heide;Zoë;29.02.2012;w;Musterweg 5;1067;Neustadt;;030 23125-001;0152 28817386;zoe@example.org;gesetzlich;Kasse;A000000001;Vater;Dr. Blau;M1;KFO Nord;Plan;01.02.2020;03.04.2026;Nein\r\n";
    let (rows, summary) = run(Kind::Patient, text.as_bytes(), &settings()).expect("readable");
    let Some(Row::Record(record, origin)) = rows.first() else { panic!("{rows:?}") };
    assert_eq!(origin.to_string(), "a.csv:2");
    assert_eq!(
        serde_json::to_value(record).expect("json")["Patient"],
        serde_json::json!({
            "id": "a0000000-0000-4000-8000-00000000000b", "instance": "nord", "number": "nord:4711", "title": "Dr.",
            "first_name": "Zoë", "last_name": "von der Heide", "birthday": "2012-02-29", "gender": "female",
            "email": "zoe@example.org", "phone": "030 23125-001", "mobile": "0152 28817386", "street": "Musterweg 5",
            "zip": "01067", "city": "Neustadt", "country": "", "insurance": "gesetzlich", "location": "KFO Nord",
            "profile": "M1", "practitioner": "Dr. Blau", "created": "2020-02-01", "deleted": false
        })
    );
    let ignored = ["Anrede", "Krankenkasse", "Versichertennr.", "Versicherter", "KFO-Status", "Letzter Besuch"];
    assert_eq!(summary.ignored, ignored);
    assert_eq!((summary.encoding, summary.delimiter), (Encoding::Utf8, b';'));
    assert_eq!(summary.digest, *blake3::hash(text.as_bytes()).as_bytes());
}

#[test]
fn dirty_patients() {
    check_rows(
        Kind::Patient,
        "1;p1;Blau;Ann;00000000;;\n2;p2;Blau;Ann;31.02.2000;;\n;;Blau;Ann;;;\n3;;Blau;Ann;;;\n4;1,23E+05;Blau;Ann;;;\n\
         5;p 5;Blau;Ann;;;\n6;p6;Blau;Ann;;;KFO Nord\n7;p7;Blau;Ann;;;Mond\n8;p8;Blau;Ann;;;sued\n",
        &[
            "2 ok",
            "3:5 there is no such day",
            "4:2 neither Patient-ID nor Pat.-Nr.",
            "5:2 no Patient-ID is given; with --number-keys",
            "6:2 id is in scientific notation",
            "7:2 id is neither a UUID",
            "8 ok",
            "9:7 unknown Standort \"Mond\"; add it to standorte.csv",
            "10:7 Standort \"sued\" belongs to instance \"sued\", which is not configured",
        ],
    );
}

#[test]
fn shapes_of_rows() {
    let wide = format!("1;p1;{};Ann;;;\n2;p2;Blau;Ann;;;\n", "x".repeat(rows::MAX_ROW));
    check_rows(Kind::Patient, &wide, &["2: the row is longer than 1 MiB", "3 ok"]);
    let open = format!("1;p1;\"Blau;Ann;;;\n{}", "2;p2;Blau;Ann;;;\n".repeat(70_000));
    let found = rows(Kind::Patient, format!("{PATIENTS}{open}").as_bytes());
    assert_eq!(found.len(), 70_001, "an open mark costs its own row only");
    assert!(short(&found[0]).starts_with("2: the row is longer"), "{}", short(&found[0]));
    for (body, wanted) in [
        ("1;p1;Blau;Ann;;\n2;p2;Blau;Ann;;;\n", &["2: the row has 6 fields, the header 7", "3 ok"][..]),
        ("1;p1;Blau;Ann;;;;\n1;p1;Blau;Ann;;;;; ;x\n", &["2 ok", "3:10 there is a value where the header names no"]),
        ("1;p1;\"Bl\nau\r\n\";Ann;;;\n2;p2;Blau;Ann;;;\n", &["2 ok", "5 ok"]),
        ("1;p1;Blau;An", &["2: the file ends inside a row"]),
        ("1;p1;Blau;\"An\nn", &["2: the file ends inside a row"]),
        ("1;p1;Blau;Ann;3.2.20", &["2: the file ends inside a row"]),
        (
            "1;p1;Blau;Ann;;;Mon",
            &["2:7 unknown Standort \"Mon\"; add it to standorte.csv or give --instance; the file ends"],
        ),
        // A mark that is never closed, one that closes rows later, one that closes by chance in the same column.
        ("1;p1;\"Blau;Ann;;;\n2;p2;Blau;Ann;;;\n", &["2: a quotation mark is opened", "3 ok"]),
        ("1;p1;\"Blau;Ann;;;\n2;p2;Blau;Ann;;;\n3;p3;\"Rot\";Ann;;;\n", &["2: a quotation mark", "3 ok", "4 ok"]),
        ("1;p1;\"Blau;Ann;;;\n2;p2;Blau;\"Ann\";;;\n", &["2: a quotation mark", "3 ok"]),
        ("1;p1;Blau \"Bo\" Rot;Ann;;;\n2;p2;\"Blau\" Rot;Ann;;;\n", &["2 ok", "3 ok"]),
        ("1;p1;Bl\0au;Ann;;;\n\n2;p2;Blau;Ann;;;\n", &["2: the row holds NUL", "4 ok"]),
        ("\0\0\0\0\0\0", &["2: the row holds NUL"]),
    ] {
        check_rows(Kind::Patient, body, wanted);
    }
    let mut damaged = format!("{PATIENTS}1;p1;Müller-Groß;Zoë Änne;;;\r\n2;p2;B").into_bytes();
    damaged.extend_from_slice(b"\xff;Ann;;;\r\n3;p3;Blau;\xc3;\xbc;;\r\n");
    let found: Vec<_> = rows(Kind::Patient, &damaged).iter().map(short).collect();
    assert!(found[1].starts_with("3:3 the bytes are no characters"), "{found:?}");
    assert!(found[2].starts_with("4:4 the bytes are no characters"), "{found:?}");
}

#[test]
fn appointments() {
    let body = "t1;5;p1;23.11.2026;08:30;09:00;30;Kontrolle;fertig;22.11.2026 10:15\r\n\
        t2;5;;2026-11-23;08:30;;45;Kontrolle;neu;2026-11-22T10:15:00\r\n\
        t3;;;20261123;8:30;08:00;;Teamsitzung;fertig;\r\n";
    let visit = |record| if let Record::Appointment(visit) = record { visit } else { panic!("no appointment") };
    let found = records(Kind::Appointment, format!("{VISITS}{body}").as_bytes(), &settings());
    let found: Vec<_> = found.into_iter().map(visit).collect();
    let ends: Vec<_> = found.iter().map(|visit| visit.end.map(|end| end.0.format("%H:%M").to_string())).collect();
    assert_eq!(ends, [Some("09:00".to_owned()), Some("09:15".to_owned()), Some("08:00".to_owned())]);
    assert!(matches!(&found[0].patient, PatientRef::Id(id) if id.as_str() == "p1"));
    assert!(matches!(&found[1].patient, PatientRef::Number(number) if number.as_str() == "nord:5"));
    assert_eq!(found[2].patient, PatientRef::Nobody);
    assert_eq!(found[0].changed, found[1].changed);
    check_rows(
        Kind::Appointment,
        ";5;p1;23.11.2026;08:30;;;K;neu;\nt1;5;p1;;08:30;;;K;neu;\nt1;5;p1;23.11.2026;;;;K;neu;\n\
         t1;5;p1;23.11.2026;25:00;;;K;neu;\nt1;5;p1;23.11.2026;08:30;;eine Stunde;K;neu;\n\
         t1;5;p1;23.11.2026;24.11.2026 08:30;;;K;neu;\nt1;5;p1;23.11.2026;08:30;;;K;neu;gestern\n",
        &[
            "2:1 no Termin-ID is given",
            "3:4 no date is given",
            "4:5 no time is given",
            "5:5 not a time; expected 08:30",
            "6:7 not a duration",
            "7:5 the day is another than in column Datum",
            "8:10 not a date with time",
        ],
    );
}

#[test]
fn entries_without_id_are_told_apart() {
    let line = "p1;;23.11.2026;Leistung;119a;1;1.234,56;Text\r\n";
    let spelled = "p1;;2026-11-23;LEISTUNG;119A;1,0;1234.56 €; text \r\n";
    let other = "p2;;23.11.2026;Leistung;119a;1;1.234,56;Text\r\n";
    let ids = |body: &str, settings: &Settings| -> Vec<String> {
        let id = |record| if let Record::Entry(entry) = record { entry.id } else { panic!("no entry") };
        let found = records(Kind::Entry, format!("{ENTRIES}{body}").as_bytes(), settings);
        found.into_iter().map(|record| id(record).as_str().to_owned()).collect()
    };
    let found = ids(&format!(";{line};{spelled};{other}e1;{line}"), &settings());
    assert!(found[0].starts_with("line-") && found[0].ends_with("-1"), "{}", found[0]);
    assert_eq!(found[1], found[0].replace("-1", "-2").replacen("-2", "-1", found[0].matches("-1").count() - 1));
    assert_ne!(found[2], found[0]);
    assert_eq!(found[3], "e1");
    assert_eq!(ids(&format!(";{spelled};{line}"), &settings()), found[..2], "the order of equal lines does not matter");
    assert_ne!(ids(&format!(";{line}"), &Settings { line_key: [8; 32], ..settings() }), found[..1]);
    check_rows(
        Kind::Entry,
        ";;;23.11.2026;L;1;1;1;\n;p1;;;L;1;1;1;\n;p1;;23.11.2026;L;1;x;1;\n;p1;;23.11.2026;L;1;1;1,234;\n;p1;;23.11.2026;L;1;;;\n",
        &[
            "2:2 neither Patient-ID",
            "3:4 no date",
            "4:7 not a number",
            "5:8 the amount can be read in two ways",
            "6 ok",
        ],
    );
}

#[test]
fn instances_and_keys() {
    let text = format!("{PATIENTS}7;p7;Blau;Ann;;;KFO  NORD\n7;;Blau;Ann;;;Sued\n8;p8;Blau;Ann;;;\n");
    let settings = Settings { number_keys: true, ..group() };
    let (rows, _) = run(Kind::Patient, text.as_bytes(), &settings).expect("readable");
    let keys: Vec<_> = rows
        .iter()
        .map(|row| match row {
            Row::Record(record, _) => {
                let record = serde_json::to_value(record).expect("json");
                format!("{} {}", record["Patient"]["id"], record["Patient"]["number"]).replace('"', "")
            }
            Row::Rejected(rejected) => rejected.reason.clone(),
        })
        .collect();
    assert_eq!(keys[..2], ["n-p7 nord:7", "s-nr-7 sued:7"]);
    assert!(keys[2].starts_with("Standort is empty and several instances"), "{keys:?}");
    let given = Settings { instance: Some(InstanceKey::new("sued")), ..group() };
    let (rows, _) = run(Kind::Patient, text.as_bytes(), &given).expect("readable");
    assert_eq!(rows.iter().map(short).filter(|row| row.ends_with("ok")).count(), 2, "an option beats the column");
}

#[test]
fn a_line_without_id_has_one_key_however_its_numbers_are_spelled() {
    let key = |count: &str, amount: &str| {
        let row = format!("{ENTRIES};p-1;;02.03.2026;Leistung;6190;{count};{amount};Beratung\r\n");
        match rows(Kind::Entry, row.as_bytes()).pop() {
            Some(Row::Record(record, _)) => match *record {
                Record::Entry(entry) => entry.id,
                Record::Patient(_) | Record::Appointment(_) => panic!("an entry"),
            },
            Some(Row::Rejected(_)) | None => panic!("a record"),
        }
    };
    assert_eq!(key("1", "15,52"), key("1,00", "15.52"));
    assert_ne!(key("1", "15,52"), key("10", "15,52"));
}
