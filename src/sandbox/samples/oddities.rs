//! Appointments and entries as no table foresees them: clock changes, unknown words, repeats, broken rows.

use super::book::{Book, MITTE, NORD, SUED, Who};
use crate::sandbox::seed::fees as fee;
use crate::sandbox::seed::table::Shape;

pub(super) fn all(book: &mut Book) {
    times(book);
    unknown_words(book);
    repeats(book);
    nobody(book);
    broken_visits(book);
    entries(book);
}

fn times(book: &mut Book) {
    let who = book.patient(NORD, "Andreas", "Richter", "20.10.1970").0;
    book.visit(&who, "2026-03-29 02:30", "Kontrolle Aligner", "wahrgenommen")
        .case("clock-gap", "written | appointment.hs_appointment_start=2026-03-29T01:30:00.000Z");
    book.visit(&who, "2026-10-25 02:30", "Kontrolle Aligner", "wahrgenommen")
        .case("clock-overlap", "written | appointment.hs_appointment_start=2026-10-25T00:30:00.000Z");
    book.visit(&who, "2026-05-11 09:00", "Kontrolle Aligner", "wahrgenommen")
        .with(|row| row.end = "08:30".into())
        .case("end-before-start", "written | appointment.hs_appointment_end=");
    book.visit(&who, "2026-06-08 09:00", "Kontrolle Aligner", "wahrgenommen")
        .with(|row| row.end = "".into())
        .case("end-from-minutes", "written | appointment.hs_appointment_end=2026-06-08T07:30:00.000Z");
}

fn unknown_words(book: &mut Book) {
    let who = book.patient(SUED, "Michael", "Weiß", "06.06.1974").0;
    book.visit(&who, "2026-05-12 09:00", "Reparatur/Notfall", "wahrgenommen")
        .with(|row| row.chair = "Container 2".into())
        .case("chair-unknown", "written | appointment.ivoris_location=sued | appointment.ivoris_chair=Container 2");
    book.visit(&who, "2026-05-13 09:00", "Reparatur/Notfall", "verschoben?")
        .case("status-unknown", "held: unknown status \"verschoben?\"");
    book.visit(&who, "2026-05-14 09:00", "Reparatur/Notfall", "wahrgenommen")
        .with(|row| row.template = "Erstberatung Aligner neu".into())
        .case("template-renamed", "held: unknown Terminart \"Erstberatung Aligner neu\" | deal.ivoris_appointment_id=");
    book.visit(&who, "2026-05-15 09:00", "Reparatur/Notfall", "wahrgenommen")
        .with(|row| row.practitioner = "Dr. Petrović".into())
        .case("letter-lost", "written | appointment.ivoris_practitioner=Dr. Petrovi?");
    book.visit(&who, "2026-05-18 09:00", "Reparatur/Notfall", "wahrgenommen")
        .with(|row| row.chair = "Stuhl 3 KFO".into())
        .case("chair-without-prefix", "written | appointment.ivoris_location=sued");
    book.visit(&who, "2026-05-19 09:00", "Reparatur/Notfall", "wahrgenommen")
        .with(|row| row.comment = "bringt Modell mit; wartet\nim Flur".into())
        .case("csv-quoted-comment", "written");
    let who = book.patient(MITTE, "Claudia", "Franke", "14.04.1968").0;
    book.visit(&who, "2026-05-20 09:00", "PZR", "WAHRGENOMMEN")
        .with(|row| row.template = "mb_pzr".into())
        .case("words-folded", "written | appointment.ivoris_appointment_type=PZR");
}

fn repeats(book: &mut Book) {
    let who = book.patient(NORD, "Birgit", "Schulz", "01.12.1964").0;
    let (at, template) = ("2026-06-10 09:00", "Retentionskontrolle");
    let again = |book: &mut Book, who: &Who, at: &str, state: &'static str, changed: &'static str| {
        let id = book.visits.last().expect("there is a row to repeat").row.id.clone();
        let line = book.visit(who, at, template, state);
        line.with(|row| row.id = id);
        if !changed.is_empty() {
            line.with(|row| row.changed = changed.into());
        }
    };
    book.visit(&who, at, template, "wahrgenommen").case("appointment-twice", "written");
    again(book, &who, at, "wahrgenommen", "");
    case_of_last(book, "appointment-twice", "repeated");

    let at = "2026-06-11 09:00";
    book.visit(&who, at, template, "wahrgenommen").case("appointment-on-two-pages", "written");
    again(book, &who, at, "wahrgenommen", "");
    case_of_last(book, "appointment-on-two-pages", "repeated");
    book.visits.last_mut().expect("there is a last row").last();

    let at = "2026-06-12 09:00";
    let completed = "written | appointment.ivoris_appointment_status=completed";
    book.visit(&who, at, template, "geplant").case("appointment-twice-changed", completed);
    again(book, &who, at, "wahrgenommen", "12.06.2026 09:40");
    case_of_last(book, "appointment-twice-changed", "repeated");

    let at = "2026-06-15 09:00";
    book.visit(&who, at, template, "wahrgenommen")
        .with(|row| row.changed = "15.06.2026 09:40".into())
        .case("appointment-twice-older-last", completed);
    again(book, &who, at, "geplant", "");
    case_of_last(book, "appointment-twice-older-last", "repeated");

    // A new id for the same hour: nothing says that it is the same appointment.
    let at = "2026-12-10 09:00";
    book.visit(&who, at, template, "geplant").case("appointment-with-changed-id", "written");
    book.visit(&who, at, template, "geplant").case("appointment-with-changed-id", "written");
}

fn case_of_last(book: &mut Book, id: &'static str, expectation: &str) {
    book.visits.last_mut().expect("there is a last row").case(id, expectation);
}

fn nobody(book: &mut Book) {
    let ghost = book.ghost(NORD);
    book.visit(&ghost, "2026-11-02 12:00", "Teamsitzung", "geplant")
        .with(|row| (row.patient, row.number) = ("".into(), "".into()))
        .case("blocker", "skipped: no patient's appointment");
    book.visit(&ghost, "2026-12-02 12:00", "Erstberatung Aligner", "geplant")
        .with(|row| (row.patient, row.number) = ("".into(), "".into()))
        .case("caller-without-file", "held: waiting for patient");
    book.visit(&ghost, "2026-12-03 12:00", "Erstberatung Aligner", "geplant")
        .case("patient-not-in-file", "held: waiting for patient");
    book.entry(&ghost, "2026-10-01", "Leistung", "80,00", "Beratung")
        .case("entry-unknown-patient", "held: waiting for patient");
}

fn broken_visits(book: &mut Book) {
    let who = book.patient(SUED, "Frank", "Wagner", "27.09.1972").0;
    let mut visit = |at: &str| {
        let line = book.visit(&who, at, "Retentionskontrolle", "wahrgenommen");
        std::mem::take(&mut line.cases);
        book.visits.len() - 1
    };
    let [scientific, empty, date, short, trailing, place] = [
        "2026-07-06 09:00",
        "2026-07-07 09:00",
        "2026-07-08 09:00",
        "2026-07-09 09:00",
        "2026-07-10 09:00",
        "2026-07-13 09:00",
    ]
    .map(&mut visit);
    book.visits[scientific]
        .with(|row| row.id = "1,23E+05".into())
        .case("csv-scientific-id", "rejected: Termin-ID: scientific");
    book.visits[empty]
        .with(|row| row.id = "".into())
        .case("appointment-without-id", "rejected: Termin-ID: no Termin-ID");
    book.visits[date]
        .with(|row| row.date = "31.02.2026".into())
        .case("date-impossible", "rejected: Datum: no such day");
    book.visits[short].with(|row| row.shape = Shape::Short(7)).case("csv-short-row", "rejected: row too short");
    book.visits[trailing].with(|row| row.shape = Shape::Trailing).case("csv-trailing-semicolon", "written");
    book.visits[place]
        .with(|row| row.location = "KFO West".into())
        .case("location-unknown", "rejected: Standort: unknown");
}

fn entries(book: &mut Book) {
    let who = book.patient(NORD, "Simone", "Jäger", "08.03.1977").0;
    let day = "2026-04-22";
    book.visit(&who, "2026-04-22 09:00", "Erstberatung Aligner", "wahrgenommen")
        .case("story-entries", "written | deal.dealstage=ivohub_erstberatung | deal.treatment_revenue=125.52");
    book.entry(&who, day, "Leistung", "", "").with(|row| row.charge(fee::G_6190, 1, 23)).case("entry-fee", "used");
    for kind in ["Note", "Text"] {
        book.entry(&who, day, kind, "", "Beratung; Fotos gezeigt,\nBedenkzeit vereinbart")
            .case("csv-quoted-text", "ignored");
    }
    book.entry(&who, day, "Zahlung", "15,52", "bar").case("entry-payment", "ignored");
    for _ in 0..2 {
        book.entry(&who, day, "Material", "10,00", "Abdruckmasse")
            .with(|row| row.id = "".into())
            .case("entry-without-id", "used");
    }
    book.entry(&who, day, "Material", "20,00", "Gips")
        .with(|row| row.patient = "".into())
        .case("entry-by-number", "used");
    book.entry(&who, "2026-05-06", "Leistung", "70,00", "Telefonische Beratung")
        .case("entry-without-appointment", "used");
    book.entry(&who, day, "Leistung", "12,3,4", "Beratung")
        .case("amount-unreadable", "rejected: Betrag: not an amount");
    book.entry(&who, day, "Leistung", "5,00", "Beratung")
        .with(|row| row.id = "1,23E+05".into())
        .case("csv-scientific-id", "rejected: Eintrag-ID: scientific");
    book.entry(&who, day, "Leistung", "5,00", "Beratung")
        .with(|row| row.date = "22.13.2026".into())
        .case("date-impossible", "rejected: Datum: no such day");
    book.entry(&who, day, "Leistung", "5,00", "Beratung")
        .with(|row| row.shape = Shape::Short(8))
        .case("csv-short-row", "rejected: row too short");
    let line = book.entry(&who, day, "Material", "15,00", "Draht");
    line.with(|row| row.shape = Shape::Trailing).case("csv-trailing-semicolon", "used");
    let line = book.entry(&who, day, "Leistung", "-15,00", "Nachlass");
    line.case("amount-negative", "used");
    let id = line.row.id.clone();
    book.entry(&who, day, "Leistung", "-15,00", "Nachlass").with(|row| row.id = id).case("entry-twice", "repeated");
}
