//! `.pulled.json`: for each table where it was pulled from, so that a problem can name the cell of the spreadsheet and
//! an edit by hand is noticed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::workbook::address;
use super::write::field_at;

/// What kind of source a table came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A workbook; sheets are tables.
    Xlsx,
    /// CSV published by a spreadsheet service, one address per table.
    PublishedCsv,
    /// A folder of CSV files, or one of them.
    Folder,
}

/// Where one table came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    kind: SourceKind,
    /// The workbook's or folder's name, or the host.
    source: String,
    /// The sheet's name.
    sheet: String,
    /// Column of the sheet behind each column, counted from 1.
    columns: Vec<u32>,
    /// Runs of rows: line of the file, row of the sheet, number of rows that follow each other in both.
    rows: Vec<(u32, u32, u32)>,
    /// BLAKE3 of the file as it was written.
    digest: String,
    /// When, in UTC.
    time: String,
}

/// Where the tables of a folder came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    tables: BTreeMap<String, Origin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    tables: BTreeMap<String, Origin>,
}

const VERSION: u32 = 1;

impl Record {
    /// The name of its file in the mapping folder.
    pub const FILE: &str = ".pulled.json";

    /// Reads the file; one that cannot be read says nothing.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let file: Option<File> = serde_json::from_slice(bytes).ok();
        file.filter(|file| file.version == VERSION).map_or_else(Self::default, |file| Self { tables: file.tables })
    }

    /// The file: one line per table, so that a difference shows which tables moved.
    #[must_use]
    pub fn text(&self) -> String {
        let line = |(file, origin): (&String, &Origin)| {
            let key = serde_json::to_string(file).unwrap_or_default();
            format!("{key}:{}", serde_json::to_string(origin).unwrap_or_default())
        };
        let lines: Vec<String> = self.tables.iter().map(line).collect();
        format!("{{\"version\":{VERSION},\"tables\":{{\n{}\n}}}}\n", lines.join(",\n"))
    }

    /// Whether a table was pulled before and its file is another now.
    #[must_use]
    pub fn was_edited(&self, file: &str, bytes: &[u8]) -> bool {
        self.tables.get(file).is_some_and(|origin| origin.digest != digest(bytes))
    }

    /// Tables that came from this source.
    pub(super) fn of<'r>(&'r self, kind: SourceKind, source: &'r str) -> impl Iterator<Item = &'r str> {
        let same = move |origin: &Origin| origin.kind == kind && origin.source == source;
        self.tables.iter().filter(move |(_, origin)| same(origin)).map(|(file, _)| file.as_str())
    }

    /// Remembers a table; a time does not move while nothing else does.
    pub(super) fn keep(&mut self, file: &str, origin: Origin) {
        let same = |before: &Origin| Origin { time: before.time.clone(), ..origin.clone() } == *before;
        if !self.tables.get(file).is_some_and(same) {
            self.tables.insert(file.to_owned(), origin);
        }
    }

    /// The cell behind a place of a table, `Konfiguration.xlsx, terminarten!E5`; for CSV files in a folder file and line.
    /// `None` when the table was not pulled, or edited since: then no row can be told.
    ///
    /// `line` and `column` count from 1; a column of 0 means the row.
    #[must_use]
    pub fn cell(&self, file: &str, text: &[u8], line: u32, column: u32) -> Option<String> {
        let origin = self.tables.get(file).filter(|origin| origin.digest == digest(text))?;
        let (record, field) = field_at(std::str::from_utf8(text).ok()?, line, column.max(1))?;
        let inside = |(first, row, count): &(u32, u32, u32)| {
            let step = record.checked_sub(*first)?;
            (step < *count).then_some(row + step)
        };
        let row = origin.rows.iter().find_map(inside)?;
        let Origin { kind, source, sheet, .. } = origin;
        let at = origin.columns.get(field).copied().unwrap_or(1);
        Some(match kind {
            SourceKind::Folder => format!("{source}/{sheet}.csv, row {row}"),
            SourceKind::Xlsx | SourceKind::PublishedCsv => {
                format!("{source}, {sheet}!{}", address(row.saturating_sub(1), at.saturating_sub(1)))
            }
        })
    }
}

impl Origin {
    pub(super) fn new(
        kind: SourceKind,
        source: &str,
        sheet: &str,
        table: &super::write::TableText,
        time: &str,
    ) -> Self {
        let mut rows: Vec<(u32, u32, u32)> = Vec::new();
        for (line, row) in table.places() {
            match rows.last_mut() {
                Some((first, start, count)) if line == *first + *count && row == *start + *count => *count += 1,
                Some(_) | None => rows.push((line, row, 1)),
            }
        }
        let digest = digest(table.text().as_bytes());
        let (source, sheet, time) = (source.to_owned(), sheet.to_owned(), time.to_owned());
        Self { kind, source, sheet, columns: table.columns.clone(), rows, digest, time }
    }
}

fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::super::grid::Grid;
    use super::*;
    use crate::mapping::load::Shape;

    #[test]
    fn a_place_leads_to_its_cell_until_the_file_is_edited() {
        let grid = Grid::of_csv("t", "x;;y;z\n\n# note\n\"a\nb\";;\"c\";\nd;;e;f\n");
        let table = grid.table(&Shape::unknown());
        let text = table.text();
        assert_eq!(text, "x;y;z\n# note\n\"a\nb\";c;\nd;e;f\n");
        let mut record = Record::default();
        record.keep("status.csv", Origin::new(SourceKind::Xlsx, "K.xlsx", "Status", &table, "t1"));
        let record = Record::read(record.text().as_bytes());
        for ((line, column), wanted) in
            [((1, 1), "A1"), ((1, 3), "C1"), ((1, 5), "D1"), ((4, 4), "C4"), ((5, 3), "C5"), ((5, 0), "A5")]
        {
            let wanted = Some(format!("K.xlsx, Status!{wanted}"));
            assert_eq!(record.cell("status.csv", text.as_bytes(), line, column), wanted, "{line}:{column}");
        }
        assert_eq!(record.cell("status.csv", b"x;y\n", 1, 1), None);
        assert!(record.was_edited("status.csv", b"x;y\n") && !record.was_edited("status.csv", text.as_bytes()));
        assert!(!record.was_edited("regeln.csv", b""), "never pulled");
    }

    #[test]
    fn time_stands_still_while_nothing_moves() {
        let table = Grid::of_csv("t", "x\n1\n").table(&Shape::unknown());
        let mut record = Record::default();
        record.keep("status.csv", Origin::new(SourceKind::Folder, "K", "status", &table, "t1"));
        let before = record.text();
        record.keep("status.csv", Origin::new(SourceKind::Folder, "K", "status", &table, "t2"));
        assert_eq!(record.text(), before);
        assert_eq!(Record::read(b"{}"), Record::default());
    }
}
