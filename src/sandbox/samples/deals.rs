//! Stories of deals: what a patient's appointments and entries add up to (`design.md` section 4).

use super::book::{Book, MITTE, NORD, SUED, Who};
use crate::sandbox::seed::fees::{self as fee, Fee};

pub(super) fn all(book: &mut Book) {
    won(book);
    under_way(book);
    lost(book);
    rebooked(book);
    without_deal(book);
    waiting(book);
    again(book);
    money(book);
}

/// A consultation that took place and is written down: the deal stands at Erstberatung.
fn consulted(book: &mut Book, who: &Who, at: &str, template: &'static str, expectation: &str) {
    let on = at.get(..10).expect("stories say day and time");
    book.visit(who, at, template, "wahrgenommen").case("consultation", expectation);
    charged(book, who, on, fee::G_6190, 1);
}

/// A fee at its usual factor; counts on the deal.
fn charged(book: &mut Book, who: &Who, on: &str, fee: Fee, count: i64) {
    let line = book.entry(who, on, "Leistung", "", "");
    line.with(|row| row.charge(fee, count, fee.usual_factor())).case("entry-fee", "used");
}

fn child(book: &mut Book, location: usize, first: &'static str, last: &'static str, birthday: &'static str) -> Who {
    book.patient(location, first, last, birthday).0
}

/// From the first consultation to the end of a statutory treatment.
fn won(book: &mut Book) {
    let who = child(book, NORD, "Emma", "Weber", "12.03.2011");
    book.visit(&who, "2023-02-06 15:00", "Erstberatung KFO Kind", "wahrgenommen").case(
        "story-won",
        "written | deal.dealstage=ivohub_gewonnen | deal.treatment_category=multiband_kasse \
         | deal.behandlungsstartdate=2023-05-10 | deal.treatment_revenue=755.40 | deal.amount=2400.00 \
         | deal.ivoris_location=nord",
    );
    charged(book, &who, "2023-02-06", fee::B_01K, 1);
    book.visit(&who, "2023-03-01 15:30", "Anfangsunterlagen/Scan", "erledigt");
    for one in [fee::B_116, fee::B_117, fee::B_935D] {
        charged(book, &who, "2023-03-01", one, 1);
    }
    book.visit(&who, "2023-03-22 16:00", "Planbesprechung", "wahrgenommen");
    charged(book, &who, "2023-03-22", fee::B_5, 1);
    book.entry(&who, "2023-03-22", "Plan", "2.400,00", "Behandlungsplan").case("entry-plan", "used");
    book.visit(&who, "2023-05-10 14:00", "Einsetzen Multiband", "behandelt");
    charged(book, &who, "2023-05-10", fee::B_126A, 10);
    charged(book, &who, "2023-05-10", fee::B_128A, 1);
    book.entry(&who, "2023-05-10", "Labor", "180,00", "Eigenlabor").case("entry-lab", "used");
    book.visit(&who, "2023-06-21 14:20", "Bogenwechsel", "wahrgenommen");
    let quarter = book.entry(&who, "2023-06-30", "Leistung", "", "");
    quarter.with(|row| row.charge(fee::B_120B, 1, 10)).case("quarter-instalment", "used");
    // A control that is cancelled in the middle of a treatment means nothing.
    let control = book.visit(&who, "2023-08-02 14:20", "Bogenwechsel", "abgesagt");
    control.case(
        "cancelled-control",
        "written | appointment.ivoris_appointment_status=cancelled | deal.ivoris_appointment_id=",
    );
    book.visit(&who, "2024-11-12 10:00", "Entbänderung", "fertig");
    charged(book, &who, "2024-11-12", fee::B_126D, 20);
    // The case has ended with the brackets: what follows belongs to none.
    book.visit(&who, "2024-11-20 10:00", "Retainer einsetzen", "fertig").case("after-the-end", "written");
    book.entry(&who, "2024-11-20", "Leistung", "300,00", "Retainer UK").case("after-the-end", "unlinked");
}

fn under_way(book: &mut Book) {
    let who = child(book, NORD, "Lukas", "Fischer", "08.09.1990");
    consulted(book, &who, "2026-08-17 09:00", "Erstberatung Aligner", "written | deal.dealstage=ivohub_diagnostik");
    book.visit(&who, "2026-09-03 09:00", "Anfangsunterlagen/Scan", "erledigt").case("story-diagnostics", "written");
    charged(book, &who, "2026-09-03", fee::G_6010, 1);

    let who = child(book, SUED, "Katharina", "Schulz", "25.12.1994");
    consulted(
        book,
        &who,
        "2026-09-14 09:00",
        "Erstberatung Aligner",
        "written | deal.dealstage=ivohub_plan_erstellt | deal.ivoris_plan_value=3200.00 | deal.amount=3200.00 \
         | deal.ivoris_pabg_count=1 | deal.ivoris_pabg_amount=1200.00 | deal.treatment_revenue=15.52 \
         | deal.behandlungsstart_geplant=2026-12-14",
    );
    book.visit(&who, "2026-10-05 09:00", "Planbesprechung", "wahrgenommen").case("story-plan", "written");
    book.entry(&who, "2026-10-05", "Plan", "3.200,00", "Behandlungsplan Aligner").case("entry-plan", "used");
    book.entry(&who, "2026-10-05", "pabg", "1.200,00", "pabg").case("entry-pabg", "used");
    let start = book.visit(&who, "2026-12-14 09:00", "Aligner-Abgabe Start", "bestätigt");
    start.case("start-planned", "written | appointment.ivoris_appointment_status=confirmed");

    let who = child(book, MITTE, "Susanne", "Richter", "19.04.1966");
    book.visit(&who, "2026-09-21 11:00", "Beratung Implantat", "wahrgenommen").case(
        "story-quote",
        "written | deal.dealstage=ivohub_angebot | deal.ivoris_plan_value=2450.00 | deal.ivoris_location=mitte",
    );
    charged(book, &who, "2026-09-21", fee::A_1, 1);
    book.visit(&who, "2026-10-12 11:00", "HKP-Besprechung", "wahrgenommen");
    book.entry(&who, "2026-10-12", "Plan", "2.450,00", "HKP Implantat 36").case("entry-plan", "used");

    let who = child(book, MITTE, "Götz", "Zimmermann", "02.02.1962");
    book.visit(&who, "2026-06-09 10:00", "Implantation", "behandelt").case(
        "story-implant",
        "written | deal.dealstage=ivohub_in_behandlung | deal.treatment_category=implantat \
         | deal.behandlungsstartdate=2026-06-09 | deal.treatment_revenue=1450.00 | deal.ivoris_revenue_lab=250.00",
    );
    book.entry(&who, "2026-06-09", "Leistung", "1.200,00", "Implantat Regio 36").case("entry-text", "used");
    book.entry(&who, "2026-06-09", "Labor", "250,00", "Bohrschablone").case("entry-lab", "used");

    // Two locations of one group, one case; the deal stays where it was opened.
    let who = child(book, NORD, "Tobias", "Wagner", "13.05.1987");
    let expectation = "written | deal.dealstage=ivohub_in_behandlung | deal.ivoris_location=nord";
    consulted(book, &who, "2026-07-06 08:30", "Erstberatung Aligner", expectation);
    let there = Who { location: MITTE, ..who };
    let start = book.visit(&there, "2026-08-10 08:30", "Aligner-Abgabe Start", "wahrgenommen");
    start.case("two-locations", "written | appointment.ivoris_location=mitte | deal.ivoris_appointment_id=");
    book.entry(&there, "2026-08-10", "Leistung", "450,00", "Aligner, Anzahlung").case("entry-text", "used");
}

fn lost(book: &mut Book) {
    let who = child(book, NORD, "Paul", "Meyer", "03.10.2012");
    let gone = "written | deal.dealstage=ivohub_verloren | deal.closed_lost_reason=Termin abgesagt";
    consulted(book, &who, "2025-03-03 15:00", "Erstberatung KFO Kind", gone);
    let visit = book.visit(&who, "2025-04-07 15:00", "Anfangsunterlagen/Scan", "abgesagt");
    visit.case("cancelled-after-consultation", "written | deal.ivoris_appointment_id=");

    let who = child(book, SUED, "Daniel", "Krüger", "14.08.1989");
    let settled = "written | deal.dealstage=ivohub_verloren | deal.closed_lost_reason=Erstberatung geklärt";
    consulted(book, &who, "2025-05-05 10:00", "Erstberatung Aligner", settled);
    let visit = book.visit(&who, "2025-06-02 10:00", "Planbesprechung", "geklärt");
    visit.case("clarified-after-consultation", "written | appointment.ivoris_appointment_status=clarified");
}

fn rebooked(book: &mut Book) {
    let who = child(book, NORD, "Hannah", "Hoffmann", "28.01.2013");
    consulted(book, &who, "2026-02-02 15:00", "Erstberatung KFO Kind", "written | deal.dealstage=ivohub_diagnostik");
    book.visit(&who, "2026-03-02 15:00", "Anfangsunterlagen/Scan", "abgesagt")
        .case("cancelled-and-rebooked", "written");
    book.visit(&who, "2026-03-16 15:00", "Anfangsunterlagen/Scan", "erledigt")
        .case("cancelled-and-rebooked", "written");
    charged(book, &who, "2026-03-16", fee::B_117, 1);

    // Too late to save the first case: a second one begins.
    let who = child(book, SUED, "Stefan", "Bauer", "30.11.1976");
    let gone = "written | deal.dealstage=ivohub_verloren | deal.closed_lost_reason=Termin abgesagt";
    consulted(book, &who, "2025-01-13 09:00", "Erstberatung Aligner", gone);
    book.visit(&who, "2025-02-10 09:00", "Anfangsunterlagen/Scan", "abgesagt").case("rebooked-too-late", "written");
    let later = book.visit(&who, "2025-05-19 09:00", "Anfangsunterlagen/Scan", "erledigt");
    later.case("rebooked-too-late", "written | deal.dealstage=ivohub_diagnostik");
    charged(book, &who, "2025-05-19", fee::G_6010, 1);

    let who = child(book, NORD, "Emilia", "Richter", "07.07.2014");
    let first = book.visit(&who, "2026-09-07 15:00", "Erstberatung KFO Kind", "abgesagt");
    first.case("consultation-rebooked", "written | deal.ivoris_appointment_id=");
    let expectation = "written | deal.dealstage=ivohub_erstberatung";
    consulted(book, &who, "2026-09-21 15:00", "Erstberatung KFO Kind", expectation);
}

fn without_deal(book: &mut Book) {
    for (first, state, id, status) in [
        ("Frieda", "abgesagt", "cancelled-consultation", "cancelled"),
        ("Ella", "nicht erschienen", "no-show-consultation", "no_show"),
        ("Ida", "geklärt", "clarified-consultation", "clarified"),
        ("Zoë", "verschoben", "moved-consultation", "moved"),
        ("Marie", "gelöscht", "deleted-consultation", "deleted"),
    ] {
        let who = child(book, NORD, first, "Schneider", "16.02.2015");
        let expectation =
            format!("written | appointment.ivoris_appointment_status={status} | deal.ivoris_appointment_id=");
        book.visit(&who, "2026-05-18 15:00", "Erstberatung KFO Kind", state).case(id, expectation);
    }
    let who = child(book, MITTE, "Renate", "Schwarz", "11.01.1953");
    let old = book.visit(&who, "2026-02-19 08:00", "Prophylaxe", "wahrgenommen");
    old.case("cleaning-only", "written | deal.ivoris_appointment_id=");
    old.case("template-until-june", "written | appointment.ivoris_appointment_type=Prophylaxe");
    book.entry(&who, "2026-02-19", "Leistung", "", "")
        .with(|row| row.charge(fee::G_1040, 26, 23))
        .case("cleaning-only", "unlinked");
    book.entry(&who, "2026-02-19", "Note", "", "Mundhygiene besprochen").case("cleaning-only", "ignored");
    let late = book.visit(&who, "2026-08-20 08:00", "Prophylaxe", "wahrgenommen");
    late.case("template-after-june", "held: unknown Terminart \"Prophylaxe\"");
    let new = book.visit(&who, "2026-09-17 08:00", "PZR", "wahrgenommen");
    new.case("template-since-july", "written | appointment.ivoris_appointment_type=PZR");
}

/// Booked, confirmed, or nobody wrote anything down yet: the deal waits at its first stage.
fn waiting(book: &mut Book) {
    let waits = "written | deal.dealstage=ivohub_termin_gebucht";
    let who = child(book, SUED, "Leon", "Klein", "24.05.2012");
    book.visit(&who, "2026-12-07 15:00", "Erstberatung KFO Kind", "geplant").case("booked-consultation", waits);
    let who = child(book, SUED, "Lea", "Braun", "01.06.2013");
    book.visit(&who, "2026-12-08 15:00", "Erstberatung KFO Kind", "geplant")
        .with(|row| row.confirmation = "bestätigt".into())
        .case("confirmed-by-column", format!("{waits} | appointment.ivoris_appointment_status=confirmed"));
    let who = child(book, NORD, "Finn", "Köhler", "19.12.2011");
    let visit = book.visit(&who, "2026-04-13 15:00", "Erstberatung KFO Kind", "wahrgenommen");
    visit.case("completed-without-entries", waits);

    // Taken back: the version changed last counts, whichever is read first.
    let who = child(book, NORD, "Oskar", "Wolf", "10.03.2014");
    let at = "2026-12-09 15:00";
    let first = book.visit(&who, at, "Erstberatung KFO Kind", "abgesagt");
    let id = first.row.id.clone();
    first.with(|row| row.changed = "02.11.2026 09:00".into());
    first.case("cancelled-then-uncancelled", format!("{waits} | appointment.ivoris_appointment_status=booked"));
    let second = book.visit(&who, at, "Erstberatung KFO Kind", "geplant");
    second.with(|row| (row.id, row.changed) = (id, "12.11.2026 11:30".into()));
    second.case("cancelled-then-uncancelled", "repeated");

    // Entries that were written down later: at the end of the file, or days after the visit.
    let who = child(book, NORD, "Clara", "Günther", "05.05.2013");
    book.visit(&who, "2026-10-19 15:00", "Erstberatung KFO Kind", "wahrgenommen")
        .case("late-entry", "written | deal.dealstage=ivohub_erstberatung");
    book.entry(&who, "2026-10-19", "Leistung", "", "")
        .last()
        .with(|row| row.charge(fee::B_01K, 1, 10))
        .case("late-entry", "used");
    let who = child(book, NORD, "Elias", "Günther", "05.05.2011");
    book.visit(&who, "2026-10-20 15:00", "Erstberatung KFO Kind", "wahrgenommen")
        .case("entry-days-later", format!("{waits} | deal.treatment_revenue=29.40"));
    book.entry(&who, "2026-10-23", "Leistung", "", "")
        .with(|row| row.charge(fee::B_01K, 1, 10))
        .case("entry-days-later", "used");
}

/// A second treatment years after the first.
fn again(book: &mut Book) {
    let who = child(book, SUED, "Nina", "Lange", "21.03.1996");
    consulted(book, &who, "2022-02-07 09:00", "Erstberatung Aligner", "written | deal.dealstage=ivohub_gewonnen");
    book.visit(&who, "2022-04-04 09:00", "Aligner-Abgabe Start", "wahrgenommen");
    book.entry(&who, "2022-04-04", "Leistung", "1.900,00", "Aligner, Gesamtbetrag").case("entry-text", "used");
    book.visit(&who, "2023-03-06 09:00", "Entbänderung", "wahrgenommen");
    charged(book, &who, "2023-03-06", fee::G_6210, 1);
    book.visit(&who, "2026-10-26 09:00", "Erstberatung Aligner", "wahrgenommen")
        .case("second-case", "written | deal.dealstage=ivohub_erstberatung | deal.treatment_revenue=15.52");
    charged(book, &who, "2026-10-26", fee::G_6190, 1);
}

/// Sums: negative lines, zeros, the forms in which amounts are typed, a fee without amount.
fn money(book: &mut Book) {
    let who = child(book, NORD, "Björn", "Neumann", "17.02.1985");
    book.visit(&who, "2026-02-04 10:00", "Aligner-Abgabe Start", "wahrgenommen").case(
        "story-amounts",
        "written | deal.dealstage=ivohub_in_behandlung | deal.treatment_revenue=4938.24 | deal.amount=4938.24 \
         | deal.treatment_category=aligner_mittel | deal.behandlungsstartdate=2026-02-04",
    );
    for (id, amount) in [
        ("amount-german", "1.234,56"),
        ("amount-technical", "1234.56"),
        ("amount-euro-sign", "1.234,56 €"),
        ("amount-nbsp", "1\u{a0}234,56"),
        ("amount-zero", "0,00"),
    ] {
        book.entry(&who, "2026-02-04", "Leistung", amount, "Aligner-Behandlung").case(id, "used");
    }
    let who = child(book, SUED, "Elif", "Öztürk", "23.07.1993");
    book.visit(&who, "2026-03-11 10:00", "Aligner-Abgabe Start", "wahrgenommen")
        .case("story-reversal", "written | deal.treatment_revenue=60.00");
    book.entry(&who, "2026-03-11", "Leistung", "100,00", "Aligner, Anzahlung").case("entry-text", "used");
    book.entry(&who, "2026-03-11", "Storno", "-40,00", "Storno Anzahlung").case("amount-negative", "used");
    let who = child(book, SUED, "Marco", "Voß", "09.01.1978");
    book.visit(&who, "2026-03-12 10:00", "Aligner-Abgabe Start", "wahrgenommen")
        .case("story-points", "written | deal.treatment_revenue=174.63");
    book.entry(&who, "2026-03-12", "Leistung", "", "")
        .with(|row| {
            row.charge(fee::G_6030, 1, 23);
            row.amount = "".into();
        })
        .case("amount-missing", "used");
}
