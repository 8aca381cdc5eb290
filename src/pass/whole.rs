//! What was read of the entries as a whole: only that can say that a visit has none.

use std::collections::BTreeMap;

use crate::domain::{EntriesRead, InstanceKey, Kind, Record};
use crate::extract::Row;
use crate::store::{ChartRead, Part, ReadState, Reading, Store};

use super::error::Error;
use super::run::Run;
use super::source::{Days, Filter};

/// The days of the entries in files, per installation.
pub(super) type FileDays = BTreeMap<InstanceKey, EntriesRead>;

/// Looks at the entries in a stretch of rows.
pub(super) fn look(days: &mut FileDays, rows: &[Row]) {
    for row in rows {
        let Row::Record(record, _) = row else { continue };
        let Record::Entry(entry) = &**record else { continue };
        match days.get_mut(&entry.instance) {
            Some(read) => {
                read.from = read.from.min(entry.date);
                read.as_of = read.as_of.max(entry.date);
            }
            None => {
                let read = EntriesRead { from: entry.date, as_of: entry.date };
                days.insert(entry.instance.clone(), read);
            }
        }
    }
}

impl<S: Store + Clone + 'static> Run<'_, S> {
    /// All rows of all files were read, none was left out by a limit: they are complete for the days from the first to the
    /// last in them. An option that narrows what is taken makes this nothing.
    ///
    /// # Errors
    /// [`Error`] when the store cannot go on.
    pub async fn files_were_whole(&self) -> Result<(), Error> {
        let Filter { practices, only, days } = &self.pass().filter;
        if practices.is_some() || only.is_some() || *days != Days::default() {
            return Ok(());
        }
        let settings = &self.session().settings;
        let today = settings.selection.today;
        let capped = |(instance, read): (InstanceKey, EntriesRead)| {
            (instance, EntriesRead { as_of: read.as_of.min(today), ..read })
        };
        let files: Vec<_> = self.take_file_days().into_iter().map(capped).collect();
        if files.is_empty() {
            return Ok(());
        }
        Ok(self.session().store.files_read(self.id(), files, settings.deals.entries_wait_days).await?)
    }

    /// The chart that a unit of the spool is, if whole charts were asked for. Lines that are no records may be the ones that
    /// are missing: such a chart was not read.
    pub(super) fn chart(&self, reading: &Reading) -> Option<ChartRead> {
        let Part::Chart { patient, profile } = &reading.unit.part else { return None };
        if reading.unit.kind != Kind::Entry || !self.whole_charts() || !self.takes_all() {
            return None;
        }
        let whole = reading.state == ReadState::Read && reading.rejected.is_empty();
        let day = reading.at.with_timezone(&self.session().settings.zone).date_naive();
        Some(ChartRead {
            patient: patient.clone(),
            profile: profile.clone(),
            instance: reading.unit.instance.clone(),
            read: whole.then_some(day),
            rows: u64::try_from(reading.rows.len()).unwrap_or(u64::MAX),
        })
    }
}
