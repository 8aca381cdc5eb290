//! Patients: the same people twice, families, addresses, phones, birthdays, names.

use super::book::{Book, MITTE, NORD, SUED};
use crate::sandbox::seed::table::Shape;

pub(super) fn all(book: &mut Book) {
    twice(book);
    families(book);
    mails(book);
    phones(book);
    birthdays(book);
    names(book);
    files(book);
}

/// Two files, one person: never merged, because nobody can be sure.
fn twice(book: &mut Book) {
    let mail = "sabine.keller@example.com";
    for expectation in ["written | contact.email=sabine.keller@example.com", "written; email in ivoris_email"] {
        let (_, line) = book.patient(NORD, "Sabine", "Keller", "04.05.1979");
        line.with(|row| (row.email, row.phone) = (mail.into(), "030 23125101".into()));
        line.case("same-person-twice", expectation);
    }
    for (last, mail, expectation) in [
        ("Schwarz", "julia.schwarz@example.org", "written | contact.lastname=Schwarz"),
        ("Voß", "", "written without email | contact.lastname=Voß"),
    ] {
        let (_, line) = book.patient(SUED, "Julia", last, "17.09.1991");
        line.with(|row| (row.email, row.phone) = (mail.into(), "089 99998102".into()));
        line.case("married-name", expectation);
    }
}

fn families(book: &mut Book) {
    for first in ["Lina", "Emil"] {
        let (_, line) = book.patient(NORD, first, "Böhm", "14.02.2014");
        line.with(|row| row.phone = "030 23125103".into());
        line.case("twins", "written without email | contact.phone=+493023125103");
    }
    for (first, birthday) in [("Mia", "30.04.2012"), ("Ben", "11.10.2015")] {
        let (_, line) = book.patient(NORD, first, "Schröder", birthday);
        line.with(|row| row.email = "familie.schroeder@example.org".into());
        line.case("siblings-share-email", "written; email in ivoris_email | contact.email=");
    }
    let mail = "petra.hartmann@example.net";
    let (_, line) = book.patient(SUED, "Petra", "Hartmann", "08.01.1981");
    line.with(|row| row.email = mail.into());
    line.case("parent-is-patient", "written | contact.email=petra.hartmann@example.net");
    let (_, line) = book.patient(SUED, "Jonas", "Hartmann", "21.06.2013");
    line.with(|row| (row.email, row.insurant) = (mail.into(), "Petra Hartmann".into()));
    line.case("parent-is-patient", "written; email in ivoris_email | contact.email=");
    let (_, line) = book.patient(SUED, "Clara", "Jäger", "02.12.2011");
    line.with(|row| row.email = "familie.jaeger@example.com".into());
    line.case("minor-alone-with-email", "written | contact.email=familie.jaeger@example.com");
}

fn mails(book: &mut Book) {
    for (id, mail, expectation) in [
        ("no-email", "", "written without email"),
        ("email-placeholder", "keine@example.org", "written without email | contact.ivoris_email="),
        ("email-kein", "kein", "written without email"),
        ("email-trailing-blank", "nils.koch@example.com ", "written | contact.email=nils.koch@example.com"),
        ("email-upper-case", "NILS.VOGEL@EXAMPLE.NET", "written | contact.email=nils.vogel@example.net"),
        (
            "email-two-addresses",
            "n.franke@example.org; post@example.com",
            "written | contact.email=n.franke@example.org",
        ),
        ("email-invalid", "nils.lange.example.org", "written without email"),
    ] {
        let (_, line) = book.patient(MITTE, "Nils", "Koch", "19.03.1988");
        line.with(|row| row.email = mail.into());
        line.case(id, expectation);
    }
}

fn phones(book: &mut Book) {
    for (id, phone, mobile, expectation) in [
        ("phone-plus-49", "+49 30 23125110", "", "written | contact.phone=+493023125110"),
        ("phone-0049", "0049 89 99998111", "", "written | contact.phone=+498999998111"),
        ("phone-brackets", "(030) 23125112", "", "written | contact.phone=+493023125112"),
        ("phone-slash", "030/231251-13", "", "written | contact.phone=+493023125113"),
        ("phone-mobile", "", "0171 3920014", "written | contact.mobilephone=+491713920014"),
        ("phone-note", "", "0152 28817386 (Mutter)", "written | contact.mobilephone=+4915228817386"),
        ("phone-none", "siehe Akte", "", "written | contact.phone="),
    ] {
        let (_, line) = book.patient(NORD, "Heike", "Neumann", "27.07.1969");
        line.with(|row| (row.phone, row.mobile) = (phone.into(), mobile.into()));
        line.case(id, expectation);
    }
}

fn birthdays(book: &mut Book) {
    for (id, birthday) in [
        ("birthday-missing", ""),
        ("birthday-1900", "01.01.1900"),
        ("birthday-future", "01.01.2031"),
        ("birthday-zeros", "00000000"),
        ("birthday-leap-day", "29.02.2012"),
    ] {
        let (_, line) = book.patient(MITTE, "Kai", "Wolf", birthday);
        line.case(id, "written");
    }
}

fn names(book: &mut Book) {
    for (id, first, last, expectation) in [
        ("name-umlaut", "Jürgen", "Schäfer", "written | contact.firstname=Jürgen | contact.lastname=Schäfer"),
        ("name-eszett", "Jörg", "Groß", "written | contact.lastname=Groß"),
        ("name-von-der", "Anna", "von der Heide", "written | contact.lastname=von der Heide"),
        ("name-double", "Laura", "Müller-Groß", "written | contact.lastname=Müller-Groß"),
        ("name-apostrophe", "Ben", "O'Neil", "written | contact.lastname=O'Neil"),
        ("name-nguyen", "Lisa", "Nguyễn", "written | contact.lastname=Nguyễn"),
        ("name-celik", "Elif", "Çelik", "written | contact.lastname=Çelik"),
        ("name-lost-letter", "Ay?e", "Y?lmaz", "written | contact.lastname=Y?lmaz"),
        ("name-title-in-lastname", "Uwe", "Dr. med. dent. Krüger", "written | contact.firstname=Uwe"),
        ("name-decomposed", "Ja\u{308}nis", "Mu\u{308}ller", "written | contact.lastname=Müller"),
        ("name-swapped", "Richter", "Thomas", "written | contact.firstname=Richter | contact.lastname=Thomas"),
        ("name-all-caps", "MARIE", "SCHÄFER", "written | contact.lastname=SCHÄFER"),
        ("name-nbsp", "Ingrid", "von\u{a0}der Heide", "written | contact.lastname=von der Heide"),
        ("csv-doubled-quotes", "Anna \"Anni\"", "Braun", "written | contact.firstname=Anna \"Anni\""),
    ] {
        let (_, line) = book.patient(SUED, first, last, "12.11.1984");
        line.case(id, expectation);
    }
}

/// What spreadsheets and exports do to a file.
fn files(book: &mut Book) {
    let (_, line) = book.patient(NORD, "Ralf", "König", "03.03.1973");
    line.with(|row| (row.zip, row.city) = ("1067".into(), "Neustadt".into())).case("zip-without-zero", "written");
    let (gone, line) = book.patient(NORD, "Horst", "Klein", "22.05.1948");
    line.with(|row| row.deleted = "Ja".into()).case("patient-deleted", "skipped: deleted in Ivoris");
    let visit = book.visit(&gone, "2025-02-11 10:00", "Retentionskontrolle", "wahrgenommen");
    visit.case("appointment-of-deleted-patient", "skipped: deleted in Ivoris");
    let (_, line) = book.patient(MITTE, "Gisela", "Köhler", "15.08.1951");
    line.with(|row| row.street = "Musterweg 5; Hinterhaus".into()).case("csv-quoted-semicolon", "written");
    let (_, line) = book.patient(MITTE, "Dieter", "Köhler", "01.04.1949");
    line.with(|row| row.street = "Musterweg 5\n2. Etage".into()).case("csv-quoted-newline", "written");
    let (_, line) = book.patient(SUED, "Käthe", "Lange", "09.09.1944");
    line.with(|row| row.shape = Shape::Short(12)).case("csv-short-row", "rejected: row too short");
    let (_, line) = book.patient(SUED, "Klaus", "Lange", "30.01.1942");
    line.with(|row| row.shape = Shape::Trailing).case("csv-trailing-semicolon", "written");
    let (_, line) = book.patient(NORD, "Tobias", "Becker", "05.06.1990");
    line.with(|row| row.id = "4,71E+05".into()).case("csv-scientific-id", "rejected: Patient-ID: scientific");
    let (_, line) = book.patient(NORD, "Marco", "Becker", "05.06.1992");
    line.with(|row| row.id = "{A1000000-0000-4000-8000-0000000000FF}".into()).case("id-braces-upper-case", "written");
    let (_, line) = book.patient(NORD, "Nina", "Vogel", "16.10.1995");
    line.with(|row| row.location = "nord".into()).case("location-by-key", "written | contact.ivoris_location=nord");
    let (_, line) = book.patient(NORD, "Jana", "Franke", "12.02.1999");
    line.with(|row| row.location = "KFO West".into()).case("location-unknown", "rejected: Standort: unknown");
    // Patient numbers are unique within one instance only.
    let (north, line) = book.patient(NORD, "Svenja", "Bauer", "18.07.1986");
    line.case("number-in-two-instances", "written | contact.ivoris_location=nord");
    let (mut south, line) = book.patient(SUED, "Max", "Bauer", "06.12.1983");
    let number = north.number.clone();
    line.with(|row| row.number = number.into())
        .case("number-in-two-instances", "written | contact.ivoris_location=sued");
    south.number = north.number;
    let visit = book.visit(&south, "2026-09-08 11:00", "Retentionskontrolle", "wahrgenommen");
    visit
        .with(|row| row.patient = "".into())
        .case("appointment-by-number", "written | appointment.ivoris_location=sued");
}
