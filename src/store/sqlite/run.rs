//! Runs: begin, end, and what belongs to the whole state.

use chrono::{DateTime, Utc};

use super::Db;
use super::rows::{count, day_number, object_from, run_from, run_key};
use crate::domain::{Object, RunId};
use crate::plan::guard::Existing;
use crate::store::{Error, NewRun, RunState};

/// Runs older than this many lose their per-record outcomes; their journal stays.
const RUNS_WITH_OUTCOMES: i64 = 20;

impl Db {
    pub(super) fn begin(&mut self, run: &NewRun) -> Result<(), Error> {
        for (id, state) in self.unfinished()? {
            if state == RunState::Accepting as i64 {
                self.accept(id)?;
            } else {
                self.throw_away(id, RunState::Abandoned)?;
            }
        }
        self.found_by_patient = None;
        self.transaction(|tx, _| {
            // Without its index a proposal is an append; the index comes back when everything is read.
            tx.execute_batch("DROP INDEX IF EXISTS proposed_by_patient; DROP INDEX IF EXISTS proposed_by_mail;")?;
            tx.execute(
                "DELETE FROM outcome WHERE run IN (SELECT id FROM run ORDER BY id DESC LIMIT -1 OFFSET ?1)",
                [RUNS_WITH_OUTCOMES],
            )?;
            tx.execute(
                "INSERT INTO run (id, command, started, today, state, decisions, mapping, first_step)
                 VALUES (?1, ?2, ?3, ?5, 0, ?4, ?6, (SELECT coalesce(max(id), 0) + 1 FROM step))",
                (
                    run_key(run.id),
                    &run.command,
                    run.now.timestamp_millis(),
                    &run.decisions,
                    day_number(run.today),
                    &run.mapping,
                ),
            )?;
            Ok(())
        })?;
        self.seen = super::inbox::Seen::default();
        Ok(())
    }

    fn unfinished(&self) -> Result<Vec<(RunId, i64)>, Error> {
        let mut select = self.connection.prepare("SELECT id, state FROM run WHERE state < 3 ORDER BY id")?;
        let mut rows = select.query([])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            runs.push((run_from(super::rows::blob_at(row, 0)?)?, row.get(1)?));
        }
        Ok(runs)
    }

    pub(super) fn end(&mut self, run: RunId, exit: u8, summary: &str, now: DateTime<Utc>) -> Result<(), Error> {
        self.transaction(|tx, _| {
            tx.execute(
                "UPDATE run SET ended = ?2, exit = ?3, summary = ?4 WHERE id = ?1",
                (run_key(run), now.timestamp_millis(), exit, summary),
            )?;
            Ok(())
        })
    }

    pub(super) fn existing(&self) -> Result<Existing, Error> {
        let mut existing = Existing::default();
        let mut select = self
            .connection
            .prepare_cached("SELECT object, count(*), coalesce(sum(open = 1), 0) FROM ledger GROUP BY object")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let number = count(row.get(1)?);
            match object_from(row.get(0)?)? {
                Object::Contact => existing.contacts = number,
                Object::Deal => {
                    existing.deals = number;
                    existing.open_deals = count(row.get(2)?);
                }
                Object::Appointment => {}
            }
        }
        Ok(existing)
    }

    pub(super) fn forget_target(&mut self) -> Result<u64, Error> {
        self.transaction(|tx, _| {
            tx.execute_batch(
                "DELETE FROM ledger; DELETE FROM flight; UPDATE step SET state = 5 WHERE state = 1;
                 UPDATE step SET contact_link = 5 WHERE contact_link = 1;
                 UPDATE step SET deal_link = 5 WHERE deal_link = 1;
                 DELETE FROM meta WHERE name = 'pin';",
            )?;
            let queued = tx.execute("UPDATE record SET queue = 1, reason = 3", [])?;
            Ok(u64::try_from(queued).unwrap_or(u64::MAX))
        })
    }
}
