//! Text → rows of fields, each with the line it begins in.
//!
//! The parser is `csv-core`, the one inside the `csv` crate, driven by hand for two reasons: a row must not take more
//! memory than [`MAX_ROW`], and a quotation mark that is never closed must cost its own row, not all that follow.

use std::io::{self, Read};

use csv_core::ReadRecordResult;

use super::encoding::Text;
use super::fields::Fields;
use super::quoting::{Quoting, count, quoting};

/// Largest row (reliability.md, SEC-07).
pub(super) const MAX_ROW: usize = 1024 * 1024;

/// Bytes that may be read a second time behind unpaired quotation marks before the file is given up.
const MAX_REREAD: usize = 256 * MAX_ROW;

/// A row of the file. Its fields stay in [`Rows`] until the next one is read.
pub(super) struct Raw {
    /// Line where it begins, from 1.
    pub(super) line: u64,
    /// Why it cannot be a record.
    pub(super) flaw: Option<Flaw>,
    /// The file ends here without a line end.
    pub(super) unterminated: bool,
}

/// What is wrong with the shape of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The file ends before the row does.
    Cut,
    /// Fewer fields than the header.
    Short { fields: usize },
    /// A field with content where the header names no column.
    Extra { field: usize },
    /// A quotation mark that is never closed, or closed in the middle of a field.
    Quote,
    /// More than [`MAX_ROW`] bytes.
    TooLong,
    /// NUL bytes: the file is damaged.
    Nul,
    /// Bytes that are no characters.
    Characters { field: usize },
}

/// Why reading cannot go on.
pub(super) enum Stop {
    Io(io::Error),
    Quotes,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The columns that a row must and may have.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// Number of fields; 0 while the header itself is read.
    pub(super) width: usize,
    /// Fields below `width` that have no header and must be empty.
    pub(super) unnamed: Vec<usize>,
}

pub(super) struct Rows<R> {
    text: Text<R>,
    parser: csv_core::Reader,
    delimiter: u8,
    shape: Shape,
    buffer: Vec<u8>,
    /// Where the next row begins in `buffer`.
    at: usize,
    ended: bool,
    line: u64,
    after_return: bool,
    reread: usize,
    output: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
}

/// How the parser left a row.
enum Split {
    /// After a line end.
    Line(usize),
    /// At the end of the file.
    End(usize),
    /// Not within [`MAX_ROW`].
    TooLong,
}

impl<R: Read> Rows<R> {
    pub(super) fn new(text: Text<R>) -> Self {
        Self {
            text,
            parser: csv_core::Reader::new(),
            delimiter: b',',
            shape: Shape::default(),
            buffer: Vec::new(),
            at: 0,
            ended: false,
            line: 1,
            after_return: false,
            reread: 0,
            output: vec![0; 4096],
            ends: vec![0; 64],
            fields: 0,
        }
    }

    /// The first line with content, which is looked at and not taken.
    pub(super) fn first_line(&mut self) -> Result<&[u8], Stop> {
        if !self.skip_line_ends()? {
            return Ok(&[]);
        }
        let mut seen = 0;
        let end = loop {
            let rest = self.buffer.get(self.at + seen..).unwrap_or_default();
            if let Some(at) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
                break seen + at;
            }
            seen += rest.len();
            if seen > MAX_ROW || !self.fill()? {
                break seen;
            }
        };
        Ok(self.buffer.get(self.at..self.at + end).unwrap_or_default())
    }

    /// Drops the line that [`Rows::first_line`] showed.
    pub(super) fn skip_line(&mut self) -> Result<(), Stop> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            if let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
                self.advance(end + 1);
                return Ok(());
            }
            let all = rest.len();
            self.advance(all);
            if !self.fill()? {
                return Ok(());
            }
        }
    }

    pub(super) fn separate_by(&mut self, delimiter: u8) {
        self.delimiter = delimiter;
        self.parser = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    }

    pub(super) fn expect(&mut self, shape: Shape) {
        self.shape = shape;
    }

    /// What parts the fields.
    pub(super) const fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Bytes taken from the source.
    pub(super) const fn bytes(&self) -> u64 {
        self.text.bytes
    }

    /// Line that is read next.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// The fields of the row that was read last; empty fields where the bytes are no characters.
    pub(super) fn fields(&self) -> Fields<'_> {
        let ends = self.ends.get(..self.fields).unwrap_or_default();
        let length = ends.last().copied().unwrap_or(0);
        Fields::new(std::str::from_utf8(self.output.get(..length).unwrap_or_default()).unwrap_or_default(), ends)
    }

    /// Reads the next row that is not blank.
    pub(super) fn next(&mut self) -> Result<Option<Raw>, Stop> {
        loop {
            if !self.skip_line_ends()? {
                return Ok(None);
            }
            let line = self.line;
            let (length, at_end) = match self.split()? {
                Split::Line(length) => (length, false),
                Split::End(length) => (length, true),
                Split::TooLong => {
                    self.resume_behind_line(MAX_ROW)?;
                    return Ok(Some(Raw { line, flaw: Some(Flaw::TooLong), unterminated: false }));
                }
            };
            let row = self.buffer.get(self.at..self.at + length).unwrap_or_default();
            let body = if at_end { row } else { row.get(..length.saturating_sub(1)).unwrap_or_default() };
            let blank = body.iter().all(|byte| *byte == self.delimiter || byte.is_ascii_whitespace());
            if blank {
                self.advance(length);
                continue;
            }
            let (mut flaw, resume) = self.judge(body, at_end);
            if resume {
                self.resume_behind_line(length)?;
            } else {
                self.advance(length);
            }
            if flaw.is_none() {
                flaw = self.no_characters();
            }
            return Ok(Some(Raw { line, flaw, unterminated: at_end && !resume }));
        }
    }

    /// What is wrong with the shape of the row, and whether reading must go on in its second line.
    fn judge(&self, body: &[u8], at_end: bool) -> (Option<Flaw>, bool) {
        if body.contains(&0) {
            return (Some(Flaw::Nul), false);
        }
        let shape = self.misfit();
        let long = body.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        let quoting = if long || at_end { quoting(body, self.delimiter) } else { Quoting::Sound };
        match (shape, quoting) {
            (None, Quoting::Sound) => (None, false),
            // Text after a closing mark within one line: the parser keeps it, and nothing else is swallowed.
            (None, Quoting::Broken) if !long => (None, false),
            _ if long && self.holds_a_row(body) => (Some(Flaw::Quote), true),
            (_, Quoting::Open) => (Some(Flaw::Cut), false),
            (Some(Flaw::Short { .. }), _) if at_end => (Some(Flaw::Cut), false),
            (Some(flaw), _) => (Some(flaw), false),
            (None, Quoting::Broken) => (Some(Flaw::Quote), false),
        }
    }

    fn misfit(&self) -> Option<Flaw> {
        let Shape { width, unnamed } = &self.shape;
        if *width == 0 {
            return None;
        }
        let filled = |field: &usize| {
            let start = field.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
            let end = self.ends.get(*field).copied().unwrap_or(start);
            self.output.get(start..end).is_some_and(|bytes| !bytes.trim_ascii().is_empty())
        };
        if let Some(field) = (*width..self.fields).find(filled) {
            return Some(Flaw::Extra { field });
        }
        if self.fields < *width {
            return Some(Flaw::Short { fields: self.fields });
        }
        unnamed.iter().copied().find(filled).map(|field| Flaw::Extra { field })
    }

    /// Whether a later line of a row would be a row by itself: then a mark was not closed and swallowed it.
    fn holds_a_row(&self, body: &[u8]) -> bool {
        let wanted = self.shape.width.saturating_sub(1);
        wanted > 0
            && body
                .split(|byte| matches!(byte, b'\r' | b'\n'))
                .skip(1)
                .any(|line| count(line, self.delimiter) >= wanted)
    }

    fn no_characters(&self) -> Option<Flaw> {
        let ends = self.ends.get(..self.fields).unwrap_or_default();
        let bytes = self.output.get(..ends.last().copied().unwrap_or(0)).unwrap_or_default();
        if bytes.is_ascii() {
            return None;
        }
        let field_at = |byte: usize| ends.partition_point(|end| *end <= byte);
        match std::str::from_utf8(bytes) {
            Err(error) => Some(Flaw::Characters { field: field_at(error.valid_up_to()) }),
            // A character that begins in one field and ends in the next is none.
            Ok(text) => {
                let torn = ends.iter().position(|end| !text.is_char_boundary(*end));
                torn.map(|field| Flaw::Characters { field })
            }
        }
    }

    fn split(&mut self) -> Result<Split, Stop> {
        let (mut taken, mut wrote, mut ended) = (0, 0, 0);
        loop {
            if taken > MAX_ROW {
                return Ok(Split::TooLong);
            }
            if self.at + taken >= self.buffer.len() && !self.ended {
                self.fill()?;
                continue;
            }
            let input = self.buffer.get(self.at + taken..).unwrap_or_default();
            let at_end = input.is_empty();
            let (result, nin, nout, nend) = self.parser.read_record(
                input,
                self.output.get_mut(wrote..).unwrap_or_default(),
                self.ends.get_mut(ended..).unwrap_or_default(),
            );
            taken += nin;
            wrote += nout;
            ended += nend;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.output.resize(self.output.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record | ReadRecordResult::End => {
                    self.fields = ended;
                    return Ok(match (taken > MAX_ROW, at_end) {
                        (true, _) => Split::TooLong,
                        (false, true) => Split::End(taken),
                        (false, false) => Split::Line(taken),
                    });
                }
            }
        }
    }

    /// Goes on behind the first line of a row, and remembers what is read twice.
    fn resume_behind_line(&mut self, length: usize) -> Result<(), Stop> {
        self.parser.reset();
        self.reread += length;
        if self.reread > MAX_REREAD {
            return Err(Stop::Quotes);
        }
        self.skip_line()
    }

    /// Skips line ends; `false` at the end of the file.
    fn skip_line_ends(&mut self) -> Result<bool, Stop> {
        loop {
            match self.buffer.get(self.at) {
                Some(b'\r' | b'\n') => self.advance(1),
                Some(_) => return Ok(true),
                None if self.ended => return Ok(false),
                None => {
                    self.fill()?;
                }
            }
        }
    }

    /// Reads on; what is behind `at` is let go.
    fn fill(&mut self) -> Result<bool, Stop> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        self.ended = !self.text.more(&mut self.buffer)?;
        Ok(!self.ended)
    }

    /// Goes on by `length` bytes and counts the lines in them: `\r\n`, `\n` and `\r` each end one.
    fn advance(&mut self, length: usize) {
        let passed = self.buffer.get(self.at..self.at + length).unwrap_or_default();
        let (feeds, returns) = (count(passed, b'\n'), count(passed, b'\r'));
        let pairs = if returns == 0 { 0 } else { passed.windows(2).filter(|pair| *pair == b"\r\n").count() };
        let joined = usize::from(self.after_return && passed.first() == Some(&b'\n'));
        self.line += u64::try_from(feeds + returns - pairs - joined).unwrap_or(0);
        if let Some(last) = passed.last() {
            self.after_return = *last == b'\r';
        }
        self.at += length;
    }
}
