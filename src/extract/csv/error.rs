//! Why a whole file is refused; what is wrong with one row is a rejection instead.

use std::fmt;
use std::io;

use crate::domain::{InstanceKey, Kind};

/// A file that cannot be read as what it was given for. Each message names the file, the place and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It cannot be opened.
    #[error("open {file}: {source}; check the name of the file and whether you may read it")]
    Open {
        /// As given.
        file: String,
        /// The system's answer.
        source: io::Error,
    },
    /// Reading stopped.
    #[error("read {file}: {source}")]
    Read {
        /// As given.
        file: String,
        /// The system's answer.
        source: io::Error,
    },
    /// Standard input could not be copied to a temporary file.
    #[error("read {file} into a temporary file: {source}; TMPDIR names the folder for it")]
    Spool {
        /// As given.
        file: String,
        /// The system's answer.
        source: io::Error,
    },
    /// Nothing in it.
    #[error("read {file}: the file is empty; export it again")]
    Empty {
        /// As given.
        file: String,
    },
    /// Something else than text.
    #[error("read {file}: this is {what}, not a CSV file; export the list from Ivoris as CSV")]
    NotCsv {
        /// As given.
        file: String,
        /// What it looks like.
        what: &'static str,
    },
    /// The first line with content names next to none of the known columns. It is not shown: it may be data.
    #[error(
        "read {file}:{line}: no header row; of {columns} columns {known} are known; the first row must name the columns, as in {example}"
    )]
    NoHeader {
        /// As given.
        file: String,
        /// Where the header should be.
        line: u64,
        /// Columns found.
        columns: usize,
        /// How many of them are known.
        known: usize,
        /// The first known columns of such a file.
        example: String,
    },
    /// A file of another kind.
    #[error("read {file}:{line}: these are {}, not {}; give the file to {}", found.plural(), wanted.plural(), pass(*found))]
    OtherKind {
        /// As given.
        file: String,
        /// Where the header is.
        line: u64,
        /// What the columns say.
        found: Kind,
        /// What was asked for.
        wanted: Kind,
    },
    /// Columns are unknown, missing or there twice; all of them are listed.
    #[error("read {file}:{line}: {}", List(faults))]
    Header {
        /// As given.
        file: String,
        /// Where the header is.
        line: u64,
        /// Everything that is wrong.
        faults: Vec<HeaderFault>,
    },
    /// The first line is broken: quotation marks, bytes that are no characters, no end.
    #[error("read {file}:{line}: the header row is broken (quotation marks or encoding); export the file again")]
    BadHeader {
        /// As given.
        file: String,
        /// Where the header should be.
        line: u64,
    },
    /// Several instances are configured, and neither the file nor an option says which one.
    #[error(
        "read {file}:{line}: the file has no column Standort and several instances are configured; add --instance with one of {}",
        names(known)
    )]
    WhichInstance {
        /// As given.
        file: String,
        /// Where the header is.
        line: u64,
        /// The configured instances.
        known: Vec<InstanceKey>,
    },
    /// `--instance` names none of the configured ones, or none is configured.
    #[error("instance \"{instance}\" is not configured; known are: {}", names(known))]
    UnknownInstance {
        /// As given.
        instance: String,
        /// The configured instances.
        known: Vec<InstanceKey>,
    },
    /// Quotation marks open and close in the wrong places all over the file.
    #[error(
        "read {file}:{line}: the quotation marks of this file do not pair up; export it again, or name the separator with --delimiter"
    )]
    Quotes {
        /// As given.
        file: String,
        /// Where reading stopped.
        line: u64,
    },
    /// The file is longer or shorter than a moment ago.
    #[error(
        "read {file}: the file changed while it was read; wait until it is copied completely and repeat the command"
    )]
    Changed {
        /// As given.
        file: String,
    },
}

/// One thing that is wrong with a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderFault {
    /// Column in the file, from 1; `None` for a column that is missing.
    pub column: Option<u32>,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub advice: String,
}

impl fmt::Display for HeaderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = self.column {
            write!(f, "column {column}: ")?;
        }
        write!(f, "{}; {}", self.reason, self.advice)
    }
}

struct List<'f>(&'f [HeaderFault]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(at, fault)| {
            let gap = if at == 0 { "" } else { "\n  " };
            write!(f, "{gap}{fault}")
        })
    }
}

fn names(instances: &[InstanceKey]) -> String {
    instances.iter().map(InstanceKey::as_str).collect::<Vec<_>>().join(", ")
}

const fn pass(kind: Kind) -> &'static str {
    match kind {
        Kind::Patient => "migrate-patients",
        Kind::Appointment => "migrate-appointments",
        Kind::Entry => "backfill-entries",
    }
}
