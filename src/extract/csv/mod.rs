//! CSV files as Ivoris and spreadsheets write them → rows, streamed: memory does not grow with the file.
//!
//! The way of a row: [`input`] knows the bytes, [`encoding`] makes text of them, [`rows`] cuts it into fields, [`header`]
//! says which field is what, [`record`] and the three kinds build the record. Every row with content ends as exactly one
//! [`Row`].

mod appointment;
mod cells;
mod column;
mod encoding;
mod entry;
mod error;
mod fields;
mod header;
mod input;
mod number;
mod patient;
mod place;
mod quoting;
mod record;
mod rows;
pub(super) mod value;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::Read;
use std::ops::ControlFlow;

use chrono::NaiveDate;

use self::cells::Cells;
use self::header::Header;
use self::record::Maker;
use self::rows::{Flaw, Raw, Rows, Stop};
use super::Row;
use crate::domain::{InstanceKey, Kind, Origin, Rejected};

pub use self::encoding::Encoding;
pub use self::error::{Error, HeaderFault};
pub use self::input::Input;

/// Rows handed over at once, at most.
pub const STRETCH: usize = 2_000;

/// Separators that the header votes for; the first wins a draw.
const DELIMITERS: [u8; 3] = [b';', b'\t', b','];

/// How files are read. No `Debug`: it holds a key.
#[derive(Clone)]
pub struct Settings {
    /// `--encoding`; else it is found out.
    pub encoding: Option<Encoding>,
    /// `--delimiter`; else the header votes.
    pub delimiter: Option<u8>,
    /// The configured instances, each with the prefix of its keys.
    pub instances: Vec<(InstanceKey, String)>,
    /// `--instance`: the instance of every row.
    pub instance: Option<InstanceKey>,
    /// Every folded `Standort` with its instance (`standorte.csv`).
    pub locations: HashMap<String, InstanceKey>,
    /// `--number-keys`: a patient without id is keyed by its number.
    pub number_keys: bool,
    /// Stop after this many records (`--limit`).
    pub limit: Option<u64>,
    /// The day of the run; later birthdays are unknown ones.
    pub today: NaiveDate,
    /// Key of the digests that stand for entries without id.
    pub line_key: [u8; 32],
}

/// What was read of one file. `rows = records + rejected`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSummary {
    /// Rows with content behind the header.
    pub rows: u64,
    /// Rows that became records.
    pub records: u64,
    /// Rows that did not.
    pub rejected: u64,
    /// As found or given.
    pub encoding: Encoding,
    /// As found or given.
    pub delimiter: u8,
    /// Headers of known columns that are not read.
    pub ignored: Vec<String>,
    /// BLAKE3 over all bytes of the file.
    pub digest: [u8; 32],
}

/// Reads only the header, so that every file can be refused before anything of one is taken.
///
/// # Errors
/// [`Error`] as [`read`], but for what shows only behind the header.
pub fn check(kind: Kind, input: &mut Input, settings: &Settings) -> Result<(), Error> {
    let known = settings.encoding.or(input.sniff()?);
    let encoding = known.map_or_else(|| input.guess(), Ok)?;
    open(kind, input, encoding, settings).map(|_| ())
}

/// Reads a file to its end and hands its rows over in stretches of at most [`STRETCH`]; `take` may end it early.
///
/// Shape: rows in file order; an origin's line is the physical line where the row begins, a column counts fields from 1.
/// Errors of single rows are rows too.
///
/// # Errors
/// [`Error`] when the file as a whole cannot be read as a file of `kind`.
pub fn read(
    kind: Kind,
    input: &mut Input,
    settings: &Settings,
    take: &mut dyn FnMut(Vec<Row>) -> ControlFlow<()>,
) -> Result<FileSummary, Error> {
    let known = settings.encoding.or(input.sniff()?);
    let survey = input.survey(known)?;
    let file = input.name().clone();
    let (mut rows, header) = open(kind, input, survey.encoding, settings)?;
    let mut maker = Maker::new(kind, settings);
    let mut summary = FileSummary {
        rows: 0,
        records: 0,
        rejected: 0,
        encoding: survey.encoding,
        delimiter: rows.delimiter(),
        ignored: header.ignored.clone(),
        digest: survey.digest,
    };
    let mut stretch = Vec::with_capacity(STRETCH);
    let mut complete = false;
    while settings.limit.is_none_or(|limit| summary.records < limit) {
        let Some(raw) = rows.next().map_err(|stop| stopped(&file, rows.line(), stop))? else {
            complete = true;
            break;
        };
        let origin = Origin { file: file.clone(), line: raw.line };
        let row = row(&raw, &rows, &header, &mut maker, origin);
        summary.rows += 1;
        match &row {
            Row::Record(..) => summary.records += 1,
            Row::Rejected(_) => summary.rejected += 1,
        }
        stretch.push(row);
        if stretch.len() == STRETCH && take(std::mem::replace(&mut stretch, Vec::with_capacity(STRETCH))).is_break() {
            return Ok(summary);
        }
    }
    // A file that is still being copied would be taken for complete.
    if complete && rows.bytes() != survey.text_bytes {
        return Err(Error::Changed { file: file.to_string() });
    }
    if !stretch.is_empty() && take(stretch).is_break() {
        return Ok(summary);
    }
    Ok(summary)
}

fn row<R: Read>(raw: &Raw, rows: &Rows<R>, header: &Header, maker: &mut Maker<'_>, origin: Origin) -> Row {
    let (field, mut reason) = match raw.flaw {
        Some(flaw) => describe(flaw, header),
        None => match maker.make(Cells::new(header, rows.fields())) {
            Ok(record) => return Row::Record(Box::new(record), origin),
            Err(fault) => (header.place(fault.column), fault.reason.into_owned()),
        },
    };
    if raw.unterminated && raw.flaw.is_none() {
        reason.push_str("; the file ends with this row, perhaps inside it");
    }
    Row::Rejected(Rejected {
        origin,
        column: field.and_then(|field| u32::try_from(field + 1).ok()),
        header: field.and_then(|field| header.name(field)),
        reason,
    })
}

fn describe(flaw: Flaw, header: &Header) -> (Option<usize>, String) {
    let width = header.shape().width;
    match flaw {
        Flaw::Cut => (None, "the file ends inside a row; it was not copied or exported completely".to_owned()),
        Flaw::Short { fields } => (None, format!("the row has {fields} fields, the header {width}")),
        Flaw::Extra { field } => (
            Some(field),
            "there is a value where the header names no column; is a separator too many in the row?".to_owned(),
        ),
        Flaw::Quote => (None, "a quotation mark is opened and not closed, or closed inside a field".to_owned()),
        Flaw::TooLong => (None, "the row is longer than 1 MiB; is a quotation mark never closed?".to_owned()),
        Flaw::Nul => (None, "the row holds NUL bytes: the file is damaged here, copy or export it again".to_owned()),
        Flaw::Characters { field } => {
            (Some(field), "the bytes are no characters in UTF-8; export again, or name the --encoding".to_owned())
        }
    }
}

/// Finds separator and header; what follows are rows.
fn open<'i>(
    kind: Kind,
    input: &'i mut Input,
    encoding: Encoding,
    settings: &Settings,
) -> Result<(Rows<impl Read + use<'i>>, Header), Error> {
    let file = input.name().clone();
    let mut rows = Rows::new(input.text(encoding)?);
    let failed = |line: u64, stop: Stop| stopped(&file, line, stop);
    let first = rows.first_line().map_err(|stop| failed(1, stop))?;
    // Excel writes the separator into a line of its own.
    let told = first.strip_prefix(b"sep=").and_then(|rest| rest.first().copied().filter(|_| rest.len() == 1));
    if told.is_some() {
        rows.skip_line().map_err(|stop| failed(1, stop))?;
    }
    let delimiter = match settings.delimiter.or(told) {
        Some(delimiter) => delimiter,
        None => vote(rows.first_line().map_err(|stop| failed(1, stop))?),
    };
    rows.separate_by(delimiter);
    let Some(raw) = rows.next().map_err(|stop| failed(1, stop))? else {
        return Err(Error::Empty { file: file.to_string() });
    };
    match raw.flaw {
        None => {}
        Some(Flaw::Nul) => return Err(Error::NotCsv { file: file.to_string(), what: "a binary file" }),
        Some(_) => return Err(Error::BadHeader { file: file.to_string(), line: raw.line }),
    }
    let header = Header::read(kind, &file, raw.line, rows.fields())?;
    let configured: Vec<_> = settings.instances.iter().map(|(key, _)| key.clone()).collect();
    match &settings.instance {
        Some(instance) if !configured.contains(instance) => {
            return Err(Error::UnknownInstance { instance: instance.to_string(), known: configured });
        }
        None if configured.len() != 1 && header.place(column::Column::Location).is_none() => {
            return Err(Error::WhichInstance { file: file.to_string(), line: raw.line, known: configured });
        }
        Some(_) | None => {}
    }
    rows.expect(header.shape());
    Ok((rows, header))
}

fn stopped(file: &str, line: u64, stop: Stop) -> Error {
    match stop {
        Stop::Io(source) => Error::Read { file: file.to_owned(), source },
        Stop::Quotes => Error::Quotes { file: file.to_owned(), line },
    }
}

/// The separator that the header uses most outside of quotation marks.
fn vote(header: &[u8]) -> u8 {
    let mut quoted = false;
    let mut votes = [0_usize; DELIMITERS.len()];
    for byte in header {
        quoted ^= *byte == b'"';
        if !quoted && let Some(at) = DELIMITERS.iter().position(|delimiter| delimiter == byte) {
            votes[at] += 1;
        }
    }
    let most = votes.iter().copied().max().unwrap_or(0);
    DELIMITERS.iter().zip(votes).find(|(_, votes)| *votes == most).map_or(b';', |(delimiter, _)| *delimiter)
}
