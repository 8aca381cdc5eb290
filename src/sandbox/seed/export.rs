//! The three files, written side by side.

use std::io::{self, Write};

use super::change::Change;
use super::dirt::Dirt;
use super::practice::{Dossier, Practice};
use super::rows::{self, VisitRow};
use super::table::{Encoding, Table};
use super::{Settings, Written};

/// Rows that wait to be listed a second time: about one in a thousand, so they come again far from the first.
const WAITING: usize = 20;

/// Writes patients, appointments and entries, in this order of `outs`.
pub(super) fn export<W: Write>(outs: [W; 3], settings: &Settings) -> io::Result<Written> {
    let mut files = Files::new(outs)?;
    let change = Change { seed: settings.seed, percent: settings.changed_percent.min(100), today: settings.today };
    let dirt = Dirt { seed: settings.seed, today: settings.today };
    for dossier in Practice::new(settings) {
        files.dossier(dossier, change, dirt)?;
    }
    files.finish()
}

struct Files<W> {
    patients: Table<W>,
    visits: Table<W>,
    entries: Table<W>,
    /// Rows that come again.
    later: Vec<(VisitRow, bool)>,
}

impl<W: Write> Files<W> {
    fn new(outs: [W; 3]) -> io::Result<Self> {
        let [patients, visits, entries] = outs;
        let table = |out, header| Table::new(out, Encoding::Windows1252, header);
        Ok(Self {
            patients: table(patients, rows::PATIENTS)?,
            visits: table(visits, rows::VISITS)?,
            entries: table(entries, rows::ENTRIES)?,
            later: Vec::new(),
        })
    }

    fn dossier(&mut self, dossier: Dossier, change: Change, dirt: Dirt) -> io::Result<()> {
        let Dossier { mut person, mut visits, mut entries } = dossier;
        let changed = change.patient(&mut person);
        dirt.patient(&mut person);
        self.patients.row(&person.row.cells(), person.row.shape)?;
        self.patients.note_changed(changed);
        for visit in &mut visits {
            let meeting = dirt.meeting(visit);
            let changed = change.visit(visit);
            let again = dirt.visit(visit);
            for row in again.before.iter().chain([&visit.row]).chain(&again.now) {
                self.visits.row(&row.cells(), row.shape)?;
                self.visits.note_changed(changed);
            }
            if let Some(row) = meeting {
                self.visits.row(&row.cells(), row.shape)?;
            }
            self.later.extend(again.later.into_iter().map(|row| (row, changed)));
        }
        if self.later.len() > WAITING {
            self.repeat()?;
        }
        for row in &mut entries {
            let changed = change.entry(row);
            dirt.entry(row);
            self.entries.row(&row.cells(), row.shape)?;
            self.entries.note_changed(changed);
        }
        Ok(())
    }

    fn repeat(&mut self) -> io::Result<()> {
        for (row, changed) in self.later.drain(..) {
            self.visits.row(&row.cells(), row.shape)?;
            self.visits.note_changed(changed);
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<Written> {
        self.repeat()?;
        let (_, patients) = self.patients.finish()?;
        let (_, appointments) = self.visits.finish()?;
        let (_, entries) = self.entries.finish()?;
        Ok(Written { patients, appointments, entries })
    }
}
