//! The canonical form of a table: UTF-8, `;`, LF, order of rows and columns as it was, quoted only where needed.

use super::grid::Grid;
use super::sheet_name;
use crate::mapping::load::{Shape, decode, shapes};
use crate::mapping::problem::{Level, Problem};

/// A table on its way to a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TableText {
    /// Column of the sheet behind each column of the table, counted from 1.
    pub(super) columns: Vec<u32>,
    /// Header, rows and comments in order.
    pub(super) rows: Vec<TextRow>,
}

/// One row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TextRow {
    /// Row of the sheet, counted from 1.
    pub(super) row: u32,
    /// One cell per column; a comment has one.
    pub(super) cells: Vec<String>,
    /// Whether it is a comment.
    pub(super) comment: bool,
}

impl TableText {
    /// The file.
    pub(super) fn text(&self) -> String {
        self.rows.iter().map(TextRow::text).collect()
    }

    /// The line of the file that each row begins at, beside its row in the sheet.
    pub(super) fn places(&self) -> Vec<(u32, u32)> {
        let mut line = 1_u32;
        let mut places = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            places.push((line, row.row));
            let lines = row.text().bytes().filter(|byte| *byte == b'\n').count();
            line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        }
        places
    }

    /// The header, or nothing.
    pub(super) fn header(&self) -> &[String] {
        self.rows.iter().find(|row| !row.comment).map_or(&[], |row| &row.cells)
    }

    /// Rows below the header with their line in the file.
    pub(super) fn body(&self) -> Vec<(u32, &[String])> {
        let lines = self.places();
        let data = self.rows.iter().zip(lines).filter(|(row, _)| !row.comment);
        data.skip(1).map(|(row, (line, _))| (line, row.cells.as_slice())).collect()
    }

    /// The cells of the rows below the header.
    pub(super) fn body_mut(&mut self) -> impl Iterator<Item = &mut Vec<String>> {
        self.rows.iter_mut().filter(|row| !row.comment).skip(1).map(|row| &mut row.cells)
    }
}

impl TextRow {
    fn text(&self) -> String {
        if self.comment {
            return format!("{}\n", self.cells.join(";").replace(['\n', '\r'], " "));
        }
        canonical_row(&self.cells)
    }
}

/// One row in canonical form, with its line end.
#[must_use]
pub fn canonical_row<C: AsRef<str>>(cells: &[C]) -> String {
    let mut line = String::new();
    for (at, cell) in cells.iter().enumerate() {
        let cell = cell.as_ref();
        if at > 0 {
            line.push(';');
        }
        // A quotation mark matters at the beginning only. A first cell with # would read as a comment, blanks at the
        // ends would be trimmed by the next editor; a row of one empty cell would be a blank line.
        let marks = cell.contains([';', '\n', '\r']) || cell.starts_with('"') || (at == 0 && cell.starts_with('#'));
        if marks || cell.trim() != cell || (cells.len() == 1 && cell.is_empty()) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line.push('\n');
    line
}

/// The canonical form of a table's file: what a pull writes and what `mappings table` shows.
///
/// Columns get the table's own spelling, cells lose blanks around them, empty columns and blank rows go; comments, the
/// order of rows and columns, and how a value is written stay.
///
/// # Errors
/// The bytes are no text, or larger than a table may be.
pub fn canonical(file: &str, bytes: &[u8]) -> Result<String, Vec<Problem>> {
    let mut problems = Vec::new();
    let text = decode(file, bytes, &mut problems);
    let broken = problems.iter().any(|problem| problem.level == Level::Error);
    let Some(text) = text.filter(|_| !broken) else { return Err(problems) };
    let shape = shapes().find(|shape| shape.file == file).unwrap_or(Shape::unknown());
    Ok(Grid::of_csv(sheet_name(file), &text).table(&shape).text())
}

/// The record and the field at a place of a canonical file: the record's first line, and the field counted from 0.
#[must_use]
pub(super) fn field_at(text: &str, line: u32, column: u32) -> Option<(u32, usize)> {
    let (mut at, mut begun, mut field) = ((1_u32, 1_u32), 1_u32, 0_usize);
    let (mut quoted, mut fresh) = (false, true);
    let comment = |rest: &str| rest.starts_with('#');
    let mut in_comment = comment(text);
    for (byte, letter) in text.char_indices() {
        if at >= (line, column) {
            break;
        }
        if letter == '\n' {
            at = (at.0 + 1, 1);
            if !quoted {
                (begun, field, fresh) = (at.0, 0, true);
                in_comment = text.get(byte + 1..).is_some_and(comment);
            }
            continue;
        }
        at.1 += 1;
        match letter {
            _ if in_comment => {}
            '"' if quoted || fresh => quoted = !quoted,
            ';' if !quoted => {
                field += 1;
                fresh = true;
                continue;
            }
            _ => {}
        }
        fresh = false;
    }
    (at.0 == line).then_some((begun, field))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::is_table;
    use super::*;
    use crate::mapping::shipped::SHIPPED;

    #[test]
    fn shipped_tables_are_canonical() {
        for (name, text) in SHIPPED.iter().filter(|(name, _)| is_table(name)) {
            assert_eq!(canonical(name, text.as_bytes()).as_deref(), Ok(*text), "{name}");
        }
    }

    #[test]
    fn every_spelling_ends_in_one_form() {
        let wanted =
            "# Zustände\nsource_field;source_value;note\nState;fertig;\"a;b\"\n\"#x\";geklärt;\"zwei\nZeilen \"\"\"\n";
        for text in [
            wanted,
            "# Zustände\r\nSource Field;Source-Value;Note\r\n\r\nState; fertig ;\"a;b\"\r\n\"#x\";geklärt;\"zwei\r\nZeilen \"\"\"\r\n",
            "\u{feff}# Zustände\nSOURCE_FIELD,source_value,note,\nState,fertig,a;b,,\n,,,\n\"#x\",\"gekla\u{308}rt\",\"zwei\nZeilen \"\"\"",
            "# Zustände\nsource_field\t\tsource_value\tnote\nState\t\tfertig\ta;b\n\"#x\"\t\tgeklärt\t\"zwei\nZeilen \"\"\"\n",
        ] {
            assert_eq!(canonical("status.csv", text.as_bytes()).as_deref(), Ok(wanted), "{text:?}");
        }
    }

    #[test]
    fn a_place_leads_to_its_field() {
        let text = "# a;b\nx;y\n\"1;\n2\";äö;z\n;;q\n";
        for ((line, column), wanted) in [
            ((2, 1), Some((2, 0))),
            ((2, 3), Some((2, 1))),
            ((3, 1), Some((3, 0))),
            ((4, 1), Some((3, 0))),
            ((4, 4), Some((3, 1))),
            ((4, 7), Some((3, 2))),
            ((5, 1), Some((5, 0))),
            ((5, 3), Some((5, 2))),
            ((9, 1), None),
        ] {
            assert_eq!(field_at(text, line, column), wanted, "{line}:{column}");
        }
    }

    proptest! {
        #[test]
        fn writing_twice_changes_nothing(text in "([ -~äß#;,\"\t\n\r]{0,3}(;|\n|,|\"|#|a){0,3}){0,30}") {
            // A header of two names says what separates.
            let text = format!("source_field;source_value\n{text}");
            if let Ok(once) = canonical("status.csv", text.as_bytes()) {
                let again = canonical("status.csv", once.as_bytes());
                prop_assert_eq!(again.as_deref(), Ok(once.as_str()));
            }
        }

        #[test]
        fn what_is_written_is_read_back(rows in prop::collection::vec(prop::collection::vec("[a-zß;,#\"\n x]{0,5}[a-z]", 3), 1..9)) {
            let text: String = rows.iter().map(|row| canonical_row(row)).collect();
            // The first line says what separates; here it always does.
            let text = format!("k;l;m\n{text}");
            let grid = Grid::of_csv("x", &text);
            let found: Vec<Vec<String>> = grid.rows.iter().skip(1).map(|row| row.cells.clone()).collect();
            let wanted: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
