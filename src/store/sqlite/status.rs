//! What `status` shows.

use super::Db;
use super::rows::{blob_at, count, run_from, time_from};
use crate::domain::{Kind, Object, RunId};
use crate::store::{Error, Pin, RunLine, RunState, StatusReport};

const RUNS_SHOWN: i64 = 10;

impl Db {
    pub(super) fn status(&self) -> Result<StatusReport, Error> {
        let pin = self.meta("pin")?;
        let pin: Option<Pin> =
            pin.map(|json| serde_json::from_slice(&json).map_err(|_| Error::Corrupt("portal pin"))).transpose()?;
        let mut report = StatusReport {
            portal: pin.map(|pin| pin.portal),
            runs: self.newest_runs()?,
            held: self.held_now()?,
            outbox: self.step_counts(None)?,
            ..StatusReport::default()
        };
        for kind in Kind::ALL {
            let one = |filter: &str| -> Result<u64, Error> {
                let sql = format!("SELECT count(*) FROM record WHERE kind = ?1 {filter}");
                Ok(count(self.connection.query_row(&sql, [kind as i64], |row| row.get(0))?))
            };
            report.queues.push((kind, one("")?, one("AND queue = 1")?, one("AND queue = 2")?));
        }
        for object in Object::ALL {
            let sql = "SELECT count(*) FROM ledger WHERE object = ?1";
            let number = count(self.connection.query_row(sql, [object as i64], |row| row.get(0))?);
            report.ledger.push((object, number));
        }
        for kind in Kind::ALL {
            if let Some(run) = self.last_run_with_rejections(kind)? {
                let notes = self.rejections(run)?;
                report.rejected.extend(notes.into_iter().filter(|note| note.kind == kind));
            }
        }
        Ok(report)
    }

    /// The newest run that read this kind; its rejections are the ones that still matter.
    fn last_run_with_rejections(&self, kind: Kind) -> Result<Option<RunId>, Error> {
        let mut select = self
            .connection
            .prepare_cached("SELECT run FROM input WHERE kind = ?1 AND read > 0 ORDER BY run DESC LIMIT 1")?;
        let mut rows = select.query([kind as i64])?;
        rows.next()?.map(|row| run_from(blob_at(row, 0)?)).transpose()
    }

    fn newest_runs(&self) -> Result<Vec<RunLine>, Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT id, command, started, ended, exit, state, totals FROM run ORDER BY id DESC LIMIT ?1",
        )?;
        let mut rows = select.query([RUNS_SHOWN])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            let ended: Option<i64> = row.get(3)?;
            let totals: Option<String> = row.get(6)?;
            runs.push(RunLine {
                id: run_from(blob_at(row, 0)?)?,
                command: row.get(1)?,
                started: time_from(row.get(2)?)?,
                ended: ended.map(time_from).transpose()?,
                exit: row.get(4)?,
                state: state_from(row.get(5)?)?,
                totals: totals.and_then(|json| serde_json::from_str(&json).ok()),
            });
        }
        Ok(runs)
    }
}

fn state_from(number: i64) -> Result<RunState, Error> {
    [
        RunState::Reading,
        RunState::Proposed,
        RunState::Accepting,
        RunState::Accepted,
        RunState::Refused,
        RunState::Abandoned,
    ]
    .into_iter()
    .find(|state| *state as i64 == number)
    .ok_or(Error::Corrupt("unknown state of a run"))
}
