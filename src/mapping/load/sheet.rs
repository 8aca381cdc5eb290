//! One CSV table as rows of cells that know their place.

use std::ops::Range;

use crate::mapping::fold::fold_tight;
use crate::mapping::problem::{MISSPELT, Problem, advice, nearest};

/// More rows than any practice has; keeps every check fast.
const MAX_ROWS: usize = 20_000;

/// What a table may look like.
pub(super) struct Spec {
    /// File name.
    pub(super) file: &'static str,
    /// Whether a mapping without it is an error.
    pub(super) needed: bool,
    /// Columns that must be there.
    pub(super) keys: &'static [&'static str],
    /// Columns that may be there; `note` always may.
    pub(super) others: &'static [&'static str],
    /// Columns that tell rows apart, for whoever compares two versions of the table.
    pub(super) rows: &'static [&'static str],
}

impl Spec {
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().chain(self.others).copied().chain(["note"])
    }
}

/// The rows of one table, in file order.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) file: &'static str,
    text: String,
    /// Byte at which each line begins.
    lines: Vec<usize>,
    delimiter: u8,
    columns: Vec<Option<&'static str>>,
    /// Columns with a name that no column has.
    strange: Vec<usize>,
    /// Columns whose cells cannot be told for a problem of the header.
    untold: Vec<&'static str>,
    /// Whether the header could be read at all.
    readable: bool,
    rows: Vec<(usize, csv::StringRecord)>,
    /// Rows that are too short or too long.
    broken: Vec<csv::StringRecord>,
}

impl Sheet {
    /// Whether the cells of a column can be told, for references to them.
    pub(super) fn tells(&self, column: &str) -> bool {
        self.readable && self.columns.contains(&Some(column)) && !self.untold.contains(&column)
    }

    /// Whether all columns can be told: rows that look alike without one of them may differ in it.
    pub(super) const fn is_told(&self) -> bool {
        self.readable && self.untold.is_empty()
    }

    /// Whether all of it can be read: only then something can be missing in it.
    pub(super) const fn is_whole(&self) -> bool {
        self.is_told() && self.broken.is_empty()
    }

    /// All that stands in a column, in rows that cannot be read too.
    pub(super) fn column(&self, column: &str) -> Vec<&str> {
        let at = self.columns.iter().position(|have| *have == Some(column));
        let records = self.rows.iter().map(|(_, record)| record).chain(&self.broken);
        records.map(|record| at.and_then(|at| record.get(at)).map_or("", str::trim)).collect()
    }

    /// A table that is not there: no rows.
    pub(super) fn absent(spec: &Spec) -> Self {
        Self { file: spec.file, ..Self::default() }
    }

    /// Splits `text` and checks its header. A misspelt column is read as the one that it is like; of one that cannot be
    /// told nothing is reported. A table without any of its key columns has no rows.
    pub(super) fn read(spec: &Spec, text: String, problems: &mut Vec<Problem>) -> Self {
        let delimiter = vote(&text);
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(ends).collect();
        let mut sheet = Self { file: spec.file, text, lines, delimiter, ..Self::default() };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .from_reader(sheet.text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut rows = Vec::new();
        while matches!(reader.read_record(&mut record), Ok(true)) {
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let offset = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
            rows.push((offset, record.clone()));
        }
        if rows.is_empty() {
            let message = format!("{} is empty: it has no header", spec.file);
            problems.push(
                Problem::of_file("M003", spec.file, message)
                    .help(format!("columns: {}", spec.columns().collect::<Vec<_>>().join(";"))),
            );
            return sheet;
        }
        if rows.len() > MAX_ROWS {
            let message = format!("{} has {} rows, more than {MAX_ROWS}", spec.file, rows.len());
            problems.push(Problem::of_file("M008", spec.file, message).help("is this the right file?"));
            return sheet;
        }
        let body = rows.split_off(1);
        sheet.rows = rows;
        sheet.read_header(spec, problems);
        let has = |key: &&str| sheet.columns.contains(&Some(*key));
        sheet.readable =
            if spec.keys.is_empty() { sheet.columns.iter().any(Option::is_some) } else { spec.keys.iter().any(has) };
        sheet.rows = if sheet.readable { body } else { Vec::new() };
        sheet.check_lengths(spec.keys, problems);
        sheet
    }

    fn read_header(&mut self, spec: &Spec, problems: &mut Vec<Problem>) {
        let Some((_, header)) = self.rows.first().cloned() else { return };
        let known = |cell: &str| spec.columns().find(|column| fold_tight(column) == fold_tight(cell));
        let named: Vec<&str> = header.iter().filter_map(known).collect();
        let mut riddles = false;
        for (at, cell) in header.iter().enumerate() {
            let mut column = known(cell);
            if fold_tight(cell).is_empty() {
                // An unnamed column is the tail of a spreadsheet; its cells must be empty, see `check_lengths`.
            } else if let Some(twice) = column.filter(|column| self.columns.contains(&Some(*column))) {
                let problem = self.problem(0, at, "M005", format!("column \"{twice}\" stands there twice"));
                problems.push(problem.help("keep one of the two"));
                self.untold.push(twice);
                self.strange.push(at);
                column = None;
            } else if column.is_none() {
                let mut problem = self.problem(0, at, "M004", format!("unknown column \"{}\"", cell.trim()));
                problem.help = advice(cell, spec.columns());
                problems.push(problem);
                let free = |column: &&str| !named.contains(column) && !self.columns.contains(&Some(*column));
                column = nearest(cell, MISSPELT, spec.columns().filter(free));
                riddles |= column.is_none();
                self.strange.push(at);
            }
            self.columns.push(column);
        }
        for key in spec.keys {
            if !self.columns.contains(&Some(key)) {
                let problem = self.problem(0, usize::MAX, "M003", format!("column \"{key}\" is missing"));
                problems.push(problem.help("add it to the first row"));
                self.untold.push(key);
            }
        }
        if riddles {
            // Any column that is not there may be the one with the strange name.
            let absent = spec.columns().filter(|column| !self.columns.contains(&Some(*column)));
            self.untold.extend(absent.collect::<Vec<_>>());
        }
    }

    fn check_lengths(&mut self, keys: &[&str], problems: &mut Vec<Problem>) {
        let width = self.columns.len();
        let open_quote = self.text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
        let mut sound = Vec::with_capacity(self.rows.len());
        for at in 0..self.rows.len() {
            let Some((_, record)) = self.rows.get(at) else { continue };
            let extra = record.iter().enumerate().any(|(at, cell)| {
                let unnamed = self.columns.get(at).is_none_or(Option::is_none) && !self.strange.contains(&at);
                unnamed && !cell.trim().is_empty()
            });
            // Spreadsheets leave empty last cells away; a row that ends before a needed cell is broken.
            let needed = self.columns.iter().rposition(|have| have.is_some_and(|have| keys.contains(&have)));
            let short = record.len() < width && (open_quote || needed.is_some_and(|at| at >= record.len()));
            if extra || short {
                let message = if extra {
                    format!("row has {} cells, the header {width}", record.len())
                } else {
                    format!("row is too short: {} cells, the header has {width}", record.len())
                };
                let help =
                    if open_quote { "a quotation mark is never closed" } else { "check the separators of this row" };
                problems.push(self.problem(at, usize::MAX, "M006", message).help(help));
            }
            sound.push(!extra && !short);
        }
        let mut keep = sound.into_iter();
        let (rows, broken) = std::mem::take(&mut self.rows).into_iter().partition(|_| keep.next().unwrap_or(false));
        self.rows = rows;
        let broken: Vec<(usize, csv::StringRecord)> = broken;
        self.broken = broken.into_iter().map(|(_, record)| record).collect();
    }

    /// The columns that are there.
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().flatten().copied()
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The trimmed cell of a row; empty when the table lacks the column.
    pub(super) fn cell(&self, row: usize, column: &str) -> &str {
        let at = self.columns.iter().position(|have| *have == Some(column));
        at.and_then(|at| self.rows.get(row)?.1.get(at)).map_or("", str::trim)
    }

    /// A problem at one cell, named by its column; moot where the column cannot be told.
    pub(super) fn at(&self, row: usize, column: &str, code: &'static str, message: impl Into<String>) -> Problem {
        let code = if self.untold.contains(&column) { Problem::MOOT } else { code };
        let at = self.columns.iter().position(|have| *have == Some(column)).unwrap_or(usize::MAX);
        self.problem(row, at, code, message)
    }

    /// A problem at the bytes `inside` of a trimmed cell.
    pub(super) fn within(
        &self,
        row: usize,
        column: &str,
        inside: &Range<usize>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Problem {
        let mut problem = self.at(row, column, code, message);
        let first = usize::try_from(problem.column.saturating_sub(1)).unwrap_or(usize::MAX);
        let length = usize::try_from(problem.end_column.saturating_sub(problem.column)).unwrap_or(0);
        let raw: Vec<char> = problem.line_text.chars().skip(first).take(length).collect();
        let quoted = raw.first() == Some(&'"');
        // Place in the line of each byte of the cell as it is read: without quotes, doubled ones once, trimmed.
        let mut places = Vec::new();
        let mut at = usize::from(quoted);
        let end = if quoted && raw.len() > 1 { raw.len() - 1 } else { raw.len() };
        while let Some(letter) = raw.get(at).filter(|_| at < end) {
            if !(places.is_empty() && letter.is_whitespace()) {
                places.extend(std::iter::repeat_n(at, letter.len_utf8()));
            }
            at += if quoted && *letter == '"' { 2 } else { 1 };
        }
        let (Some(start), Some(last)) =
            (places.get(inside.start), inside.end.checked_sub(1).and_then(|at| places.get(at)))
        else {
            return problem; // a cell of several lines, or an empty piece: the whole cell is shown
        };
        let place = |at: usize| problem.column.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
        (problem.column, problem.end_column) = (place(*start), place(last + 1));
        problem
    }

    /// A line of the table, for the note about another one.
    pub(super) fn shown(&self, word: &str, line: u32) -> String {
        let at = usize::try_from(line).ok().and_then(|line| self.lines.get(line.checked_sub(1)?));
        let text = at.and_then(|at| self.text.get(*at..)?.lines().next()).unwrap_or_default();
        format!("{word} line {line}: {}", text.trim_end())
    }

    /// Line of a row, counted from 1.
    pub(super) fn line(&self, row: usize) -> u32 {
        let start = self.rows.get(row).map_or(0, |(offset, _)| begin(&self.text, *offset));
        u32::try_from(self.lines.partition_point(|line| *line <= start)).unwrap_or(u32::MAX)
    }

    /// A problem at a field of a row; a field that is not there means the row as a whole.
    fn problem(&self, row: usize, field: usize, code: &'static str, message: impl Into<String>) -> Problem {
        let mut problem = Problem::of_file(code, self.file, message);
        let Some((offset, _)) = self.rows.get(row) else { return problem };
        let fields = spans(&self.text, *offset, self.delimiter);
        let whole = fields.first().map_or(0, |first| first.start)..fields.last().map_or(0, |last| last.end);
        let span = fields.get(field).cloned().unwrap_or(whole);
        let line = self.lines.partition_point(|start| *start <= span.start);
        let line_start = line.checked_sub(1).and_then(|at| self.lines.get(at)).copied().unwrap_or(0);
        let count = |text: Option<&str>| u32::try_from(text.unwrap_or_default().chars().count()).unwrap_or(u32::MAX);
        let line_end = self.text.get(span.start..).and_then(|rest| rest.find(['\r', '\n'])).map(|at| span.start + at);
        let line_end = line_end.unwrap_or(self.text.len());
        problem.line = u32::try_from(line).unwrap_or(u32::MAX);
        problem.column = count(self.text.get(line_start..span.start)).saturating_add(1);
        let inside = span.start..span.end.min(line_end);
        problem.end_column = problem.column.saturating_add(count(self.text.get(inside)).max(1));
        self.text.get(line_start..line_end).unwrap_or_default().clone_into(&mut problem.line_text);
        problem
    }
}

/// The separator that the first line with content uses most.
pub(in crate::mapping) fn vote(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    let votes = |delimiter: u8| header.bytes().filter(|byte| *byte == delimiter).count();
    [b';', b'\t', b','].into_iter().rev().max_by_key(|delimiter| votes(*delimiter)).unwrap_or(b';')
}

/// Where the record that begins at or after `offset` begins.
fn begin(text: &str, offset: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = offset;
    // The record's place may lie before line ends and comments that the reader skipped.
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\r' | b'\n' => at += 1,
            b'#' => at += bytes.get(at..).unwrap_or_default().iter().take_while(|byte| **byte != b'\n').count(),
            _ => break,
        }
    }
    at
}

/// Byte ranges of the fields of the record that begins at or after `offset`: `csv` tells a record's place, not a field's.
fn spans(text: &str, offset: usize, delimiter: u8) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = begin(text, offset);
    let mut fields = Vec::new();
    let mut start = at;
    let mut quoted = false;
    while let Some(byte) = bytes.get(at).copied() {
        if byte == b'"' && (quoted || at == start) {
            quoted = !quoted;
        } else if !quoted && byte == delimiter {
            fields.push(start..at);
            start = at + 1;
        } else if !quoted && (byte == b'\r' || byte == b'\n') {
            break;
        }
        at += 1;
    }
    fields.push(start..at);
    fields
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
