//! Seed data: the exports of an invented dental group of any size, the same bytes for the same seed.
//!
//! Five years of history and half a year of calendar, with the distributions and the dirty cases of `domain.md` section
//! 6. Nobody in it exists: names are drawn from frequency lists, phones lie in the ranges for fiction, addresses at the
//! example domains. The group is the one of the shipped mapping.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

mod calendar;
mod change;
mod chart;
mod dirt;
mod export;
pub(crate) mod fees;
pub(crate) mod german;
mod names;
mod path;
mod person;
pub(crate) mod places;
pub(crate) mod practice;
pub(crate) mod rng;
pub(crate) mod rows;
pub(crate) mod safe;
pub(crate) mod table;
#[cfg(test)]
mod tests;
mod visit;

pub use table::FileCount;

/// What to invent.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// Patients; about 8.6 appointments and 21 chart entries each.
    pub patients: u32,
    /// The day of the export.
    pub today: NaiveDate,
    /// Share of rows that a later export of the same practice shows changed; all other rows keep their bytes.
    pub changed_percent: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day of the calendar");
        Self { seed: 1, patients: 1_000, today, changed_percent: 0 }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// `patienten.csv`
    pub patients: FileCount,
    /// `termine.csv`
    pub appointments: FileCount,
    /// `eintraege.csv`
    pub entries: FileCount,
}

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct Error {
    /// Which.
    pub path: PathBuf,
    /// Why.
    source: io::Error,
}

/// Names of the three files.
pub const FILES: [&str; 3] = ["patienten.csv", "termine.csv", "eintraege.csv"];

/// Writes the three exports into `folder`, which is made if it is missing; files of these names are replaced.
///
/// Shape: Windows-1252, `;`, CRLF, German dates and decimals (`domain.md` 6.4); rows of a patient stand together.
/// Memory: bounded by the calendar of the practice, a few MiB at 48,000 patients.
///
/// # Errors
/// [`Error`] when a file cannot be written.
pub fn write(folder: &Path, settings: &Settings) -> Result<Written, Error> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error { path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let open = |name: &str| {
        let path = folder.join(name);
        File::create(&path).map_err(failed(&path))
    };
    let [patients, appointments, entries] = FILES;
    let outs = [open(patients)?, open(appointments)?, open(entries)?];
    export::export(outs, settings).map_err(failed(folder))
}

/// Writes the three exports in the order of [`FILES`].
///
/// # Errors
/// When one of `outs` cannot be written.
pub(crate) fn write_to<W: io::Write>(outs: [W; 3], settings: &Settings) -> io::Result<Written> {
    export::export(outs, settings)
}
