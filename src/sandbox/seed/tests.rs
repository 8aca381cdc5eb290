//! What is promised about seed data.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

use super::safe::tests::assert_safe;
use super::*;

/// The three files of a practice, in memory.
fn made(settings: Settings) -> ([Vec<u8>; 3], Written) {
    let mut outs = [Vec::new(), Vec::new(), Vec::new()];
    let [one, two, three] = &mut outs;
    let written = export::export([one, two, three], &settings).expect("memory takes everything");
    (outs, written)
}

/// Rows of a file without its header; short rows are filled up.
fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let (text, _, _) = encoding_rs::WINDOWS_1252.decode(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(text.as_bytes());
    let width = reader.headers().expect("there is a header").len();
    let mut row = |row: csv::StringRecord| {
        let mut cells: Vec<String> = row.iter().map(str::to_owned).collect();
        cells.resize(cells.len().max(width), String::new());
        cells
    };
    let records: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("rows are well formed")).collect();
    records.into_iter().map(&mut row).collect()
}

/// A set large enough for shares: patients, appointments, entries.
fn large() -> &'static [Vec<Vec<String>>; 3] {
    static LARGE: OnceLock<[Vec<Vec<String>>; 3]> = OnceLock::new();
    LARGE.get_or_init(|| made(Settings { patients: 2_000, ..Settings::default() }).0.map(|bytes| rows(&bytes)))
}

/// Asserts that `part` of `whole` is a share between the two, in thousandths.
fn share(what: &str, part: usize, whole: usize, low: usize, high: usize) {
    let thousandths = part * 1_000 / whole.max(1);
    assert!((low..=high).contains(&thousandths), "{what}: {part} of {whole} is {thousandths} ‰, not {low} to {high}");
}

#[test]
fn one_seed_gives_the_same_bytes() {
    let small = Settings { patients: 120, ..Settings::default() };
    assert!(made(small) == made(small));
    assert!(made(small).0 != made(Settings { seed: 2, ..small }).0);
    let one_more = made(Settings { patients: 121, ..small }).0;
    assert!(made(small).0.iter().zip(&one_more).all(|(small, large)| large.len() >= small.len()));
}

#[test]
fn files_are_written_where_they_are_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    let within = folder.path().join("new");
    let settings = Settings { patients: 30, ..Settings::default() };
    let written = write(&within, &settings).expect("the folder can be written");
    let (memory, counts) = made(settings);
    assert_eq!(written, counts);
    for (name, bytes) in FILES.iter().zip(memory) {
        assert!(std::fs::read(within.join(name)).expect("the file is there") == bytes, "{name}");
    }
    let error = write(&within.join("patienten.csv"), &settings).expect_err("a file is no folder");
    assert!(error.to_string().contains("patienten.csv"), "{error}");
}

#[test]
fn headers_are_those_of_ivoris() {
    let ([patients, visits, entries], _) = made(Settings { patients: 1, ..Settings::default() });
    assert!(patients.starts_with(b"Pat.-Nr.;Patient-ID;Anrede;Titel;Nachname;"));
    assert!(visits.starts_with(b"Termin-ID;Pat.-Nr.;Patient-ID;Datum;Beginn;Ende;"));
    assert!(entries.starts_with(b"Eintrag-ID;Pat.-Nr.;Patient-ID;Datum;Behandler;Zahn;Typ;Geb\xfchrenart;"));
}

#[test]
fn volumes_are_those_of_the_load_model() {
    let [patients, visits, entries] = large();
    assert_eq!(patients.len(), 2_000);
    share("appointments per patient", visits.len(), patients.len(), 8_200, 9_100);
    share("entries per patient", entries.len(), patients.len(), 19_500, 22_500);
}

#[test]
fn patients_are_distributed_as_in_the_load_model() {
    let [patients, ..] = large();
    let of = |column: usize, text: &str| patients.iter().filter(|row| row[column] == text).count();
    let all = patients.len();
    share("statutory", of(15, "gesetzlich"), all, 760, 840);
    share("private", of(15, "privat"), all, 120, 180);
    share("north", of(21, "KFO Nord"), all, 400, 520);
    share("centre", of(21, "Zahnzentrum Mitte"), all, 130, 220);
    share("without e-mail", patients.iter().filter(|row| !row[14].contains('@')).count(), all, 270, 360);
    share("without landline", of(12, ""), all, 160, 240);
    let minors = patients.iter().filter(|row| row[6].get(6..).is_some_and(|year| ("2009".."2027").contains(&year)));
    share("minors", minors.count(), all, 380, 470);
    let people: HashSet<(&str, &str, &str)> =
        patients.iter().map(|row| (row[4].as_str(), row[5].as_str(), row[6].as_str())).collect();
    share("same person again", all - people.len(), all, 7, 25);
    let mut mails: HashMap<&str, usize> = HashMap::new();
    patients.iter().filter(|row| row[14].contains('@')).for_each(|row| *mails.entry(&row[14]).or_default() += 1);
    let shared: usize = mails.values().filter(|count| **count > 1).sum();
    share("shared e-mail", shared, all, 80, 260);
}

#[test]
fn appointments_end_as_in_the_load_model() {
    let [_, visits, _] = large();
    let date = |row: &Vec<String>| NaiveDate::parse_from_str(&row[3], "%d.%m.%Y").expect("dates are dates");
    let today = Settings::default().today;
    let (past, ahead): (Vec<_>, Vec<_>) = visits.iter().partition(|row| date(row) <= today);
    let count =
        |rows: &[&Vec<String>], words: &[&str]| rows.iter().filter(|row| words.contains(&row[11].as_str())).count();
    let done = ["wahrgenommen", "erledigt", "fertig", "behandelt", "gegangen"];
    share("completed", count(&past, &done), past.len(), 740, 790);
    share("cancelled", count(&past, &["abgesagt", "storniert"]), past.len(), 100, 140);
    share("no show", count(&past, &["nicht erschienen", "ausgefallen", "versäumt"]), past.len(), 55, 85);
    share("clarified", count(&past, &["geklärt"]), past.len(), 12, 28);
    share("stale", count(&past, &["geplant", "terminiert", "vergeben"]), past.len(), 20, 40);
    share("ahead", ahead.len(), visits.len(), 10, 60);
    let confirmed = ahead.iter().filter(|row| row[11] == "bestätigt" || row[12] == "bestätigt").count();
    share("confirmed", confirmed, ahead.len(), 200, 360);
    let (first, last) = (visits.iter().map(date).min(), visits.iter().map(date).max());
    assert!(first >= today.checked_sub_days(chrono::Days::new(1_827)), "{first:?}");
    assert!(last <= today.checked_add_days(chrono::Days::new(182)), "{last:?}");
}

#[test]
fn charts_follow_the_visits() {
    let [_, visits, entries] = large();
    let done = ["wahrgenommen", "erledigt", "fertig", "behandelt", "gegangen"];
    let visited: HashSet<(&str, &str)> = visits
        .iter()
        .filter(|row| done.contains(&row[11].as_str()))
        .map(|row| (row[2].as_str(), row[3].as_str()))
        .collect();
    let mut lines: HashMap<(&str, &str), usize> = HashMap::new();
    for row in entries {
        *lines.entry((&row[2], &row[3])).or_default() += 1;
    }
    let written = visited.iter().filter(|visit| lines.contains_key(*visit)).count();
    share("visits with entries", written, visited.len(), 925, 955);
    let on_visits: usize = visited.iter().filter_map(|visit| lines.get(visit)).sum();
    share("entries per visit", on_visits, visited.len(), 2_900, 3_300);
    let quarter_ends = ["31.03.", "30.06.", "30.09.", "31.12."];
    let instalments: Vec<_> =
        entries.iter().filter(|row| row[8].starts_with("119") || row[8].starts_with("120")).collect();
    share("instalments", instalments.len(), entries.len(), 15, 60);
    assert!(instalments.iter().all(|row| quarter_ends.iter().any(|end| row[3].starts_with(end))));
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for row in entries {
        *kinds.entry(&row[6]).or_default() += 1;
    }
    for kind in ["Leistung", "Note", "Text", "Plan", "pabg", "Labor", "Material", "Storno", "Zahlung"] {
        assert!(kinds.contains_key(kind), "no {kind}");
    }
}

#[test]
fn dirt_is_there() {
    let [patients, visits, entries] = large();
    let find = |rows: &[Vec<String>], column: usize, text: &str| rows.iter().any(|row| row[column].contains(text));
    for (column, text) in
        [(4, "von der"), (4, "O'Neil"), (4, "Nguy?n"), (4, "Çelik"), (4, "Dr. med. dent."), (13, "(Mutter)")]
    {
        assert!(find(patients, column, text), "{text}");
    }
    for (column, text) in [(6, "01.01.1900"), (6, "00000000"), (14, "keine@"), (14, "kein"), (14, "; "), (25, "Ja")] {
        assert!(find(patients, column, text), "{text}");
    }
    for (column, text) in
        [(7, "Teamsitzung"), (7, " neu"), (8, "Container 2"), (11, "verschoben?"), (13, "\n"), (13, ";")]
    {
        assert!(find(visits, column, text), "{text}");
    }
    for (column, text) in [(11, "€"), (11, "-"), (11, "."), (1, "999999")] {
        assert!(find(entries, column, text), "{text}");
    }
    let mut ids: HashMap<&str, usize> = HashMap::new();
    for row in visits {
        *ids.entry(&row[0]).or_default() += 1;
    }
    let again: usize = ids.values().map(|count| count - 1).sum();
    share("appointments again", again, visits.len(), 1, 8);
}

#[test]
fn nobody_can_be_reached() {
    assert_safe(&large()[0]);
}

#[test]
fn a_changed_edition_changes_its_share_and_nothing_else() {
    let settings = Settings { patients: 600, ..Settings::default() };
    let (before, _) = made(settings);
    let (after, written) = made(Settings { changed_percent: 1, ..settings });
    let counts = [written.patients, written.appointments, written.entries];
    for ((before, after), count) in before.iter().zip(&after).zip(counts) {
        let (before, after) = (rows(before), rows(after));
        assert_eq!(before.len(), after.len());
        let differ = before.iter().zip(&after).filter(|(before, after)| before != after).count();
        assert_eq!(u64::try_from(differ).expect("small"), count.changed);
        share("changed", differ, before.len(), 3, 17);
        assert!(before.iter().zip(&after).all(|(before, after)| before[0] == after[0]), "a key changed");
    }
}
