//! From the spool into the inbox: as the rows of a file come.

use crate::domain::Kind;
use crate::extract::Row;
use crate::store::{ReadState, Store};

use crate::pass::error::Error;
use crate::pass::observe::Phase;
use crate::pass::run::Run;

/// Units taken out of the spool at once.
const UNITS: usize = 20;

impl<S: Store + Clone + 'static> Run<'_, S> {
    /// Takes what the command has read over the API into the inbox as proposed; returns how many rows that were.
    ///
    /// # Errors
    /// [`Error`] when the store cannot go on, or on a request to stop.
    pub async fn read_spool(&self, command: &str, kind: Kind) -> Result<u64, Error> {
        self.session().observer.begin(Phase::Reading(kind), None);
        let (mut after, mut read) = (0, 0);
        loop {
            let units = self.session().store.unspool(command.to_owned(), after, UNITS).await?;
            let Some((last, _)) = units.last() else { return Ok(read) };
            after = *last;
            for (_, reading) in units {
                if reading.state == ReadState::Gap {
                    continue;
                }
                let rejected = reading.rejected.into_iter().map(Row::Rejected);
                let records = reading.rows.into_iter().map(|(record, origin)| Row::Record(Box::new(record), origin));
                let rows: Vec<Row> = records.chain(rejected).collect();
                read += self.take(reading.unit.kind, rows).await?;
            }
        }
    }

    /// What the command has read over the API is accepted: units become windows, open gaps stay open.
    ///
    /// # Errors
    /// [`Error`] when the store cannot go on.
    pub async fn file_windows(&self, command: &str) -> Result<(), Error> {
        Ok(self.session().store.file_windows(command.to_owned(), self.id()).await?)
    }
}
