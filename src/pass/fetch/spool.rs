//! From the spool into the inbox: as the rows of a file come.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::InstanceKey;
use crate::extract::Row;
use crate::ivoris::Client;
use crate::store::{Part, ReadState, Store};

use super::facts::{Fetched, State};
use super::{Means, Want};
use crate::pass::error::Error;
use crate::pass::observe::Phase;
use crate::pass::run::Run;

/// Units taken out of the spool at once: one can be four weeks of a large practice.
const UNITS: usize = 5;
/// After so long a reading, what is known of the portal is asked for again.
const LONG: Duration = Duration::from_mins(5);

impl<S: Store + Clone + 'static> Run<'_, S> {
    /// Reads installations into the spool, or goes on where an earlier run of the command has stopped.
    ///
    /// # Errors
    /// [`Error`] when credentials are refused, on a request to stop, or when the store cannot go on.
    ///
    /// # Panics
    /// Never: what was fetched was put there just now.
    pub async fn fetch(&mut self, clients: &[Client], want: &Want, means: &Means) -> Result<&Fetched, Error> {
        let begun = Instant::now();
        self.spool = want.spool(means.command);
        self.whole_charts = want.entries_from.is_none();
        let fetched = self.session().fetch(clients, want, means).await?;
        if begun.elapsed() > LONG {
            self.look_again().await?;
        }
        Ok(self.fetched.insert(fetched))
    }

    /// Takes what was read to its end into the inbox as proposed; returns how many rows that were.
    ///
    /// # Errors
    /// [`Error`] when the store cannot go on, or on a request to stop.
    pub async fn read_spool(&self) -> Result<u64, Error> {
        let complete = self.read_to_the_end();
        self.session().observer.begin(Phase::Reading(self.kind()), None);
        let (mut after, mut read) = (0, 0);
        let mut charts = Vec::new();
        loop {
            let units = self.session().store.unspool(self.spool.clone(), after, UNITS).await?;
            let Some((last, _)) = units.last() else { break };
            after = *last;
            for (_, reading) in units {
                if complete.contains(&reading.unit.instance) {
                    charts.extend(self.chart(&reading));
                }
                if reading.state == ReadState::Gap || !complete.contains(&reading.unit.instance) {
                    continue;
                }
                let rejected = reading.rejected.into_iter().map(Row::Rejected);
                let records = reading.rows.into_iter().map(|(record, origin)| Row::Record(Box::new(record), origin));
                let rows: Vec<Row> = records.chain(rejected).collect();
                read += self.take(reading.unit.kind, rows).await?;
            }
        }
        if !charts.is_empty() {
            let wait = self.session().settings.deals.entries_wait_days;
            self.session().store.charts_read(self.id(), charts, wait).await?;
        }
        Ok(read)
    }

    /// What was read over the API is accepted: units become windows, open gaps stay open. What was cut short stays in the
    /// spool.
    pub(crate) async fn file_windows(&self) -> Result<(), Error> {
        if self.fetched.is_none() {
            return Ok(());
        }
        let complete = self.read_to_the_end();
        // What --practice leaves out of a unit is not read: nothing is closed by it.
        let whole = self.takes_all();
        Ok(self.session().store.file_windows(self.spool.clone(), self.id(), complete, whole).await?)
    }

    /// Keys of the single records that were asked for.
    ///
    /// # Errors
    /// [`Error`] when the store cannot go on.
    pub async fn only_found(&self) -> Result<Vec<String>, Error> {
        let spooled = self.session().store.spooled(self.spool.clone()).await?;
        let one = |part: Part| match part {
            Part::One { key, .. } => Some(key),
            Part::Page(_) | Part::Days { .. } | Part::Chart { .. } => None,
        };
        Ok(spooled.into_iter().filter_map(|unit| one(unit.unit.part)).collect())
    }

    fn read_to_the_end(&self) -> Vec<InstanceKey> {
        let all = self.fetched.iter().flat_map(|fetched| &fetched.installations);
        all.filter(|one| one.state == State::Read).map(|one| one.instance.clone()).collect()
    }
}
