//! Makes the sample files: a small practice of invented patients, and one row at least for every dirty case.

use std::io;
use std::path::Path;

use chrono::NaiveDate;

use super::book::{Book, Line};
use super::{deals, oddities, people};
use crate::sandbox::seed::practice::{Dossier, Practice};
use crate::sandbox::seed::rows::{self, EntryRow, PatientRow, VisitRow};
use crate::sandbox::seed::table::{Encoding, Shape, Table};
use crate::sandbox::seed::{FILES, Settings};

/// Patients of the practice around the cases, and the seed that gives about 600 appointments and 1,500 entries in all.
const CROWD: Settings = Settings { seed: 28, patients: 38, today: TODAY, changed_percent: 0 };
/// Day of the export.
const TODAY: NaiveDate = match NaiveDate::from_ymd_opt(2026, 11, 23) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// One row of the manifest.
struct Expectation {
    case: &'static str,
    file: &'static str,
    line: u64,
    text: String,
}

/// Name and bytes of every generated file.
///
/// # Errors
/// None in practice: everything is written to memory.
pub fn make() -> io::Result<Vec<(&'static str, Vec<u8>)>> {
    let mut book = Book::default();
    crowd(&mut book);
    people::all(&mut book);
    deals::all(&mut book);
    oddities::all(&mut book);
    let Book { patients, visits, entries, .. } = book;
    let [patients_csv, visits_csv, entries_csv] = FILES;
    let mut expectations = Vec::new();
    let files = vec![
        (patients_csv, file(patients, patients_csv, rows::PATIENTS, Encoding::Utf8WithBom, &mut expectations)?),
        (visits_csv, file(visits, visits_csv, rows::VISITS, Encoding::Windows1252, &mut expectations)?),
        (entries_csv, file(entries, entries_csv, rows::ENTRIES, Encoding::Windows1252, &mut expectations)?),
    ];
    let manifest = manifest(&expectations)?;
    Ok(files.into_iter().chain([("manifest.csv", manifest)]).collect())
}

/// Writes the generated files into `folder`.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    make()?.into_iter().try_for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes))
}

/// Patients like any others: they are read, written, and have no row in the manifest but for the files themselves.
fn crowd(book: &mut Book) {
    for Dossier { person, visits, entries } in Practice::of_regulars(&CROWD) {
        let number = person.row.number.parse().unwrap_or(0);
        book.patients.push(plain((NaiveDate::MIN, number), person.row));
        book.visits.extend(visits.into_iter().map(|visit| plain((visit.day, visit.begin), visit.row)));
        book.entries.extend(entries.into_iter().map(|row| {
            let day = NaiveDate::parse_from_str(&row.date, "%d.%m.%Y").unwrap_or(NaiveDate::MIN);
            plain((day, 0), row)
        }));
    }
}

fn plain<R>(order: (NaiveDate, u32), row: R) -> Line<R> {
    Line { order, row, cases: Vec::new() }
}

/// A row that can be written.
trait Cells {
    fn write(&self, table: &mut Table<Vec<u8>>) -> io::Result<u64>;
}

macro_rules! cells {
    ($($row:ty)*) => {
        $(impl Cells for $row {
            fn write(&self, table: &mut Table<Vec<u8>>) -> io::Result<u64> {
                table.row(&self.cells(), self.shape)
            }
        })*
    };
}

cells!(PatientRow VisitRow EntryRow);

fn file<R: Cells>(
    mut lines: Vec<Line<R>>,
    name: &'static str,
    header: &str,
    encoding: Encoding,
    expectations: &mut Vec<Expectation>,
) -> io::Result<Vec<u8>> {
    lines.sort_by_key(|line| line.order);
    let mut table = Table::new(Vec::new(), encoding, header)?;
    for (at, line) in lines.into_iter().enumerate() {
        let begins = line.row.write(&mut table)?;
        let of_file = match encoding {
            Encoding::Utf8WithBom => "csv-utf-8-bom",
            Encoding::Windows1252 | Encoding::Utf8 => "csv-windows-1252-crlf",
        };
        // The first row proves that encoding and header were understood; entries say it with any other row.
        let first = (at == 0 && header != rows::ENTRIES).then(|| (of_file, "written".to_owned()));
        let cases = first.into_iter().chain(line.cases);
        expectations.extend(cases.map(|(case, text)| Expectation { case, file: name, line: begins, text }));
    }
    Ok(table.finish()?.0)
}

fn manifest(expectations: &[Expectation]) -> io::Result<Vec<u8>> {
    let mut table = Table::new(Vec::new(), Encoding::Utf8, "case_id;file;line;expectation")?;
    for Expectation { case, file, line, text } in expectations {
        table.row(&[case, file, &line.to_string(), text], Shape::Whole)?;
    }
    Ok(table.finish()?.0)
}
