//! XLSX → grids: cells as the text a person would type, and what cannot be taken at its word.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, DataRef, Reader, SheetType, Xlsx};
use unicode_normalization::UnicodeNormalization;

use super::grid::{Grid, GridRow, tidy};
use super::refusal;
use crate::mapping::problem::Problem;

/// More rows or columns than any mapping table has.
const MOST_ROWS: usize = 20_000;
const MOST_COLUMNS: u32 = 256;

/// What a workbook may unpack to; a table of hundreds of rows needs a few hundred kilobytes.
const MOST_BYTES: u64 = 128 * 1024 * 1024;

/// The sheets of a workbook for which `wanted` says yes by name, and the names of the others.
pub(super) struct Workbook {
    pub(super) grids: Vec<Grid>,
    pub(super) others: Vec<String>,
}

/// Reads an XLSX file. Sheets come in their order; hidden ones too.
///
/// Numbers come in German form without trailing zeros (`5,62421`), dates as `2026-06-30`, times as `08:30`, booleans as
/// `ja` and `nein`, formulas as the value that was saved with them. Errors: [`Problem`]s M090 with sheet and cell.
pub(super) fn read(source: &str, bytes: &[u8], wanted: impl Fn(&str) -> bool) -> Result<Workbook, Vec<Problem>> {
    fits(source, bytes)?;
    let unreadable = || {
        let text = format!("{source} cannot be read as a spreadsheet");
        vec![refusal(source, text).help("open it, and save it again as XLSX (Excel workbook), without a password")]
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut found = Workbook { grids: Vec::new(), others: Vec::new() };
    let mut problems = Vec::new();
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    for name in sheets {
        if !wanted(&name) {
            found.others.push(name);
            continue;
        }
        match sheet(source, &mut book, &name) {
            Some(Ok(grid)) => found.grids.push(grid),
            Some(Err(more)) => problems.extend(more),
            None => return Err(unreadable()),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// Unpacks everything once into nothing: a small file may hold gigabytes.
fn fits(source: &str, bytes: &[u8]) -> Result<(), Vec<Problem>> {
    let bad = |text: String, help: &str| vec![refusal(source, text).help(help)];
    let unreadable = || bad(format!("{source} is damaged"), "save it again as XLSX, or copy it again");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut left = MOST_BYTES;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| unreadable())?;
        let read = std::io::copy(&mut part.take(left), &mut std::io::sink()).map_err(|_| unreadable())?;
        left -= read.min(left);
        if left == 0 {
            return Err(bad(format!("{source} unpacks to more than 128 MiB"), "is this the right file?"));
        }
    }
    Ok(())
}

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

/// One sheet; `None` when its XML cannot be read.
fn sheet(source: &str, book: &mut Book<'_>, name: &str) -> Option<Result<Grid, Vec<Problem>>> {
    let merged = book.merge_cells_by_sheet_name(name).ok()?;
    let mut rows: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
    let mut problems = Vec::new();
    let mut reader = book.worksheet_cells_reader(name).ok()?;
    while let Some(cell) = reader.next_cell_with_formula().ok()? {
        let (row, column) = cell.pos;
        let place = || format!("{source}, {name}!{}", address(row, column));
        let text = match text(&cell.value) {
            Ok(text) => text,
            Err(error) => {
                let problem = refusal(&place(), format!("the cell shows {error}"));
                problems.push(problem.help("repair the formula in the spreadsheet"));
                continue;
            }
        };
        if cell.formula.is_some() && cell.value == DataRef::Empty {
            let problem = refusal(&place(), "a formula has no value saved with it".to_owned());
            problems.push(problem.help("open the file in Excel or LibreOffice, save it, and pull again"));
        }
        if text.is_empty() {
            continue;
        }
        if column >= MOST_COLUMNS || rows.len() >= MOST_ROWS {
            let problem = refusal(&place(), "content far outside of any table".to_owned());
            return Some(Err(vec![problem.help("delete rows and columns that do not belong to the table")]));
        }
        rows.entry(row).or_default().insert(column, text);
    }
    for area in merged {
        let (row, column) = area.start;
        if holds_rows(&rows, row, area.end.0) {
            let text = format!("cells are merged: {}:{}", address(row, column), address(area.end.0, area.end.1));
            let problem = refusal(&format!("{source}, {name}!{}", address(row, column)), text);
            problems.push(problem.help("undo the merge and write the value into every row it is meant for"));
        }
    }
    if !problems.is_empty() {
        return Some(Err(problems));
    }
    let rows = rows.into_iter().map(|(row, cells)| {
        let comment = is_comment(&cells);
        let last = cells.keys().next_back().copied().unwrap_or(0);
        let mut cells: Vec<String> = (0..=last).map(|column| cells.get(&column).cloned().unwrap_or_default()).collect();
        if comment {
            // As it would stand in a CSV file.
            cells = vec![cells.join(";").replace('\n', " ")];
        }
        GridRow { row: row.saturating_add(1), cells, comment }
    });
    Some(Ok(Grid { name: name.to_owned(), rows: rows.collect() }))
}

/// Whether a row between these two is no comment. A damaged file may name the later one first.
fn holds_rows(rows: &BTreeMap<u32, BTreeMap<u32, String>>, first: u32, last: u32) -> bool {
    rows.range(first.min(last)..=first.max(last)).any(|(_, cells)| !is_comment(cells))
}

fn is_comment(cells: &BTreeMap<u32, String>) -> bool {
    cells.get(&0).is_some_and(|cell| cell.starts_with('#'))
}

/// What a person would type to get this cell; an error value is an error.
fn text(value: &DataRef<'_>) -> Result<String, String> {
    Ok(match Data::from(value.clone()) {
        Data::Empty => String::new(),
        Data::String(text) => tidy(&text.nfc().collect::<String>()),
        Data::Bool(true) => "ja".to_owned(),
        Data::Bool(false) => "nein".to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => decimal(number),
        Data::DateTime(time) if time.is_duration() => {
            let minutes = (time.as_f64() * 24.0 * 60.0).round();
            format!("{}:{:02}", (minutes / 60.0).trunc(), (minutes % 60.0).abs())
        }
        Data::DateTime(time) => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            let clock = if second == 0 {
                format!("{hour:02}:{minute:02}")
            } else {
                format!("{hour:02}:{minute:02}:{second:02}")
            };
            let date = format!("{year:04}-{month:02}-{day:02}");
            match (time.as_f64() < 1.0, (hour, minute, second)) {
                (true, _) => clock,
                (false, (0, 0, 0)) => date,
                (false, _) => format!("{date} {clock}"),
            }
        }
        Data::DateTimeIso(text) => {
            let text = text.trim_end_matches('Z');
            text.strip_suffix("T00:00:00").unwrap_or(text).replace('T', " ")
        }
        Data::DurationIso(text) => text,
        Data::Error(error) => return Err(error.to_string()),
    })
}

/// A number as a spreadsheet shows it: 15 digits, decimal comma, no zeros at the end, no exponent.
fn decimal(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    let plain = if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() };
    plain.replace('.', ",")
}

/// `E5` for row 4, column 4.
pub(super) fn address(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = u64::from(column) + 1;
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or(0)));
        left /= 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

#[cfg(test)]
mod tests {
    use calamine::{CellErrorType, ExcelDateTime, ExcelDateTimeType};

    use super::*;

    #[test]
    fn cells_read_as_they_look() {
        let date =
            |value: f64, is_1904| DataRef::DateTime(ExcelDateTime::new(value, ExcelDateTimeType::DateTime, is_1904));
        for (value, wanted) in [
            (DataRef::Float(30.0), "30"),
            (DataRef::Float(5.62421), "5,62421"),
            (DataRef::Float(0.1 + 0.2), "0,3"),
            (DataRef::Float(-0.0), "0"),
            (DataRef::Float(1e15), "1000000000000000"),
            (DataRef::Float(-12.5), "-12,5"),
            (DataRef::Int(7), "7"),
            (DataRef::Bool(true), "ja"),
            (DataRef::Bool(false), "nein"),
            (date(46_203.0, false), "2026-06-30"),
            (date(46_203.0 - 1462.0, true), "2026-06-30"),
            (date(46_203.604_166_666_664, false), "2026-06-30 14:30"),
            (date(1.0 / 3.0, false), "08:00"),
            (date(1.0 / 3.0, true), "08:00"),
            (DataRef::DateTime(ExcelDateTime::new(1.5, ExcelDateTimeType::TimeDelta, false)), "36:00"),
            (DataRef::DateTimeIso("2026-06-30T00:00:00".to_owned()), "2026-06-30"),
            (DataRef::String(" gekla\u{308}rt\r\nx ".to_owned()), "geklärt\nx"),
            (DataRef::Empty, ""),
        ] {
            assert_eq!(text(&value).as_deref(), Ok(wanted), "{value:?}");
        }
        assert!(text(&DataRef::Error(CellErrorType::NA)).is_err());
    }

    #[test]
    fn an_area_holds_rows_whichever_end_is_named_first() {
        let row = |text: &str| BTreeMap::from([(0, text.to_owned())]);
        let rows = BTreeMap::from([(2, row("# note")), (4, row("x"))]);
        for ((first, last), wanted) in [((0, 3), false), ((3, 0), false), ((4, 4), true), ((6, 2), true)] {
            assert_eq!(holds_rows(&rows, first, last), wanted, "{first} {last}");
        }
    }

    #[test]
    fn places_are_named_as_in_spreadsheets() {
        for ((row, column), wanted) in
            [((0, 0), "A1"), ((4, 4), "E5"), ((0, 25), "Z1"), ((9, 26), "AA10"), ((0, 701), "ZZ1"), ((0, 702), "AAA1")]
        {
            assert_eq!(address(row, column), wanted);
        }
    }
}
