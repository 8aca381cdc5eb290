//! Data sets: seeded exports of an invented group, and the same exports a little later.

use std::path::{Path, PathBuf};

use anyhow::Result;
use ivohub::sandbox::seed::{self, Written};

/// The three exports of one group.
pub(crate) struct Set {
    pub(crate) folder: PathBuf,
    pub(crate) patients: u32,
    pub(crate) written: Written,
}

impl Set {
    pub(crate) fn make(folder: &Path, patients: u32) -> Result<Self> {
        Self::with(folder, patients, 0)
    }

    /// The same practice exported again, with so many percent of the rows changed.
    pub(crate) fn later(&self, folder: &Path, percent: u32) -> Result<Self> {
        Self::with(folder, self.patients, percent)
    }

    fn with(folder: &Path, patients: u32, changed_percent: u32) -> Result<Self> {
        let settings = seed::Settings { patients, changed_percent, ..seed::Settings::default() };
        let written = seed::write(folder, &settings)?;
        Ok(Self { folder: folder.to_owned(), patients, written })
    }

    /// Rows of all three files.
    pub(crate) fn rows(&self) -> u64 {
        let Written { patients, appointments, entries } = &self.written;
        patients.rows + appointments.rows + entries.rows
    }

    pub(crate) fn file(&self, at: usize) -> PathBuf {
        self.folder.join(seed::FILES[at])
    }
}
