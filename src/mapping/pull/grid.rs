//! A sheet as rows of texts, wherever it came from, and CSV text read as one.

use super::write::{TableText, TextRow};
use crate::mapping::fold::fold_tight;
use crate::mapping::load::{Shape, vote};

/// A sheet as it came: every row that holds something, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// The sheet's name.
    pub name: String,
    /// Rows that are not blank.
    pub rows: Vec<GridRow>,
}

/// One row of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GridRow {
    /// Row of the sheet, counted from 1.
    pub row: u32,
    /// Cells from column A on; trailing empty ones may be left away.
    pub cells: Vec<String>,
    /// Whether it is a comment: such rows mean nothing and are kept as they are.
    pub comment: bool,
}

impl Grid {
    /// Reads CSV text: `;`, `,` or tab, quoted as spreadsheets do. Comments lie between records and stay there.
    #[must_use]
    pub fn of_csv(name: &str, text: &str) -> Self {
        // The reader ends a record before the second half of a CRLF, which would count as a line of its own.
        let text = &lines(text);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(vote(text))
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let mut grid = Self { name: name.to_owned(), rows: Vec::new() };
        let (mut record, mut end, mut row) = (csv::StringRecord::new(), 0, 0);
        loop {
            let more = matches!(reader.read_record(&mut record), Ok(true));
            // What the reader skipped on its way to the record: comments and lines without anything.
            let mut skipped = text.get(end..).unwrap_or_default();
            while let Some((line, rest)) = skipped_line(skipped) {
                row += 1;
                if let Some(comment) = line.strip_prefix('#') {
                    let cells = vec![format!("#{}", comment.trim_end())];
                    grid.rows.push(GridRow { row, cells, comment: true });
                }
                skipped = rest;
            }
            if !more {
                return grid;
            }
            row += 1;
            end = usize::try_from(reader.position().byte()).unwrap_or(text.len());
            let cells: Vec<String> = record.iter().map(tidy).collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                grid.rows.push(GridRow { row, cells, comment: false });
            }
        }
    }

    /// Rows with content that are no comments.
    pub(super) fn data(&self) -> impl Iterator<Item = &GridRow> {
        self.rows.iter().filter(|row| !row.comment)
    }

    /// The table of this sheet: known columns in the spelling of the table, columns without any content left away.
    #[must_use]
    pub(super) fn table(&self, shape: &Shape) -> TableText {
        let width = self.data().map(|row| row.cells.len()).max().unwrap_or(0);
        let filled =
            |column: &usize| self.data().any(|row| row.cells.get(*column).is_some_and(|cell| !cell.is_empty()));
        let columns: Vec<usize> = (0..width).filter(filled).collect();
        let mut table = TableText {
            columns: columns.iter().filter_map(|at| u32::try_from(at + 1).ok()).collect(),
            ..TableText::default()
        };
        let mut header = true;
        for row in &self.rows {
            if row.comment {
                let comment = row.cells.first().cloned().unwrap_or_default();
                table.rows.push(TextRow { row: row.row, cells: vec![comment], comment: true });
                continue;
            }
            let cell = |at: &usize| row.cells.get(*at).cloned().unwrap_or_default();
            let mut cells: Vec<String> = columns.iter().map(cell).collect();
            if std::mem::take(&mut header) {
                cells.iter_mut().for_each(|cell| shape.respell(cell));
            }
            table.rows.push(TextRow { row: row.row, cells, comment: false });
        }
        table
    }
}

impl Shape {
    /// A header in the spelling of the table, if it is one of its columns.
    fn respell(&self, header: &mut String) {
        let tight = fold_tight(header);
        if let Some(column) = self.columns.iter().find(|column| fold_tight(column) == tight) {
            (*column).clone_into(header);
        }
    }
}

/// A cell as it is kept: without blanks around it, line ends as `\n`.
pub(super) fn tidy(cell: &str) -> String {
    lines(cell.trim())
}

/// Line ends as `\n`.
fn lines(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

/// The next line if it is blank or a comment, and what stands behind it.
fn skipped_line(text: &str) -> Option<(&str, &str)> {
    if !text.starts_with(['#', '\n']) {
        return None;
    }
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    Some((line, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: &[(u32, &str, bool)]) {
        let grid = Grid::of_csv("x", text);
        let found: Vec<(u32, String, bool)> =
            grid.rows.iter().map(|row| (row.row, row.cells.join("|"), row.comment)).collect();
        let wanted: Vec<(u32, String, bool)> =
            wanted.iter().map(|(row, cells, comment)| (*row, (*cells).to_owned(), *comment)).collect();
        assert_eq!(found, wanted, "{text:?}");
    }

    #[test]
    fn rows_keep_their_number_and_comments_their_place() {
        check("", &[]);
        check("a;b\n1;2\n", &[(1, "a|b", false), (2, "1|2", false)]);
        check(
            "# über; uns\n\na;b\r\n\r\n# zwei \"\r\n1;2\n;;\n# Ende",
            &[
                (1, "# über; uns", true),
                (3, "a|b", false),
                (5, "# zwei \"", true),
                (6, "1|2", false),
                (8, "# Ende", true),
            ],
        );
        // A cell of two lines is one row of a sheet; a quoted # is no comment.
        check("a;b\n\"1\r\nx\"; 2 \n\"#3\";4\n", &[(1, "a|b", false), (2, "1\nx|2", false), (3, "#3|4", false)]);
    }
}
