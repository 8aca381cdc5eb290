//! Workbooks as a practice would keep them, written for the tests.

use std::io::{Cursor, Read, Write};

use ivohub::mapping::SHIPPED;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// The cells of a canonical table.
pub(super) fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b';').has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("a row").iter().map(str::to_owned).collect()).collect()
}

/// Writes a cell as the type it would have had in a spreadsheet: every number is one, however it was written.
pub(super) fn put_typed(sheet: &mut Worksheet, row: u32, column: u16, cell: &str) {
    match cell.replace(',', ".").parse::<f64>() {
        Ok(number) => drop(sheet.write_number(row, column, number).expect("a cell")),
        Err(_) => put(sheet, row, column, cell),
    }
}

/// Writes a cell as the type it would have had in a spreadsheet, numbers only if they read the same afterwards.
pub(super) fn put(sheet: &mut Worksheet, row: u32, column: u16, cell: &str) {
    let is_day = cell.len() == 10 && cell.bytes().filter(|byte| *byte == b'-').count() == 2;
    let number =
        cell.replace(',', ".").parse::<f64>().ok().filter(|number| number.to_string().replace('.', ",") == cell);
    let day = is_day.then(|| ExcelDateTime::parse_from_str(cell).ok()).flatten();
    let written = match (cell, number, day) {
        ("", _, _) => return,
        ("ja" | "nein", _, _) => sheet.write_boolean(row, column, cell == "ja"),
        (_, Some(number), _) => sheet.write_number(row, column, number),
        (_, _, Some(day)) => {
            sheet.write_datetime_with_format(row, column, &day, &Format::new().set_num_format("dd.mm.yyyy"))
        }
        (_, None, None) => sheet.write_string(row, column, cell),
    };
    written.expect("a cell");
}

/// One sheet per table; `change` may do more to a sheet once its rows stand there.
pub(super) fn workbook(tables: &[(String, Vec<Vec<String>>)], change: impl Fn(&str, &mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in tables {
        let sheet = book.add_worksheet().set_name(name).expect("a name");
        for (at, row) in (0..).zip(rows) {
            (0..).zip(row).for_each(|(column, cell)| put(sheet, at, column, cell));
        }
        change(name, sheet);
    }
    book.save_to_buffer().expect("a workbook")
}

/// The shipped tables.
pub(super) fn shipped() -> Vec<(String, Vec<Vec<String>>)> {
    let tables = SHIPPED.iter().filter_map(|(name, text)| Some((name.strip_suffix(".csv")?, text)));
    tables.map(|(name, text)| (name.to_owned(), cells(text))).collect()
}

/// The shipped tables with one of them changed.
pub(super) fn with(table: &str, change: impl FnOnce(&mut Vec<Vec<String>>)) -> Vec<(String, Vec<Vec<String>>)> {
    let mut tables = shipped();
    let (_, rows) = tables.iter_mut().find(|(name, _)| name == table).expect("a table");
    change(rows);
    tables
}

/// The workbook with its XML changed, file by file.
pub(super) fn patched(book: &[u8], change: impl Fn(&str, String) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(book)).expect("a zip");
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).expect("XML");
        out.start_file(&name, SimpleFileOptions::default()).expect("a part");
        out.write_all(change(&name, text).as_bytes()).expect("written");
    }
    out.finish().expect("a zip").into_inner()
}
