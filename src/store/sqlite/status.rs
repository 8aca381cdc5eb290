//! What `status` shows.

use super::Db;
use super::rows::{blob_at, count, kind_from, run_from, time_from};
use crate::domain::{InstanceKey, Kind, Object, RunId};
use crate::store::{
    Error, GapLine, Part, Pin, RunLine, RunState, SpooledLine, StatusReport, Watch, Window, WindowsLine,
};

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
            without_entries: self.waiting_deals()?,
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
        self.sources(&mut report)?;
        Ok(report)
    }

    /// What was read over the API, what could not be read, and what is on its way.
    fn sources(&self, report: &mut StatusReport) -> Result<(), Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT instance, kind, count(*), sum(rows), min(at), max(at) FROM read_window WHERE state = 1
             GROUP BY instance, kind ORDER BY instance, kind",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let instance: String = row.get(0)?;
            report.windows.push(WindowsLine {
                instance: InstanceKey::new(&instance),
                kind: kind_from(row.get(1)?)?,
                units: count(row.get(2)?),
                rows: count(row.get(3)?),
                oldest: time_from(row.get(4)?)?,
                newest: time_from(row.get(5)?)?,
            });
        }
        report.gaps = self.gaps()?.into_iter().map(|gap| self.gap_line(gap)).collect::<Result<_, Error>>()?;
        for what in Watch::ALL {
            let sql = "SELECT count(*) FROM watch WHERE what = ?1";
            let number = count(self.connection.query_row(sql, [what as i64], |row| row.get(0))?);
            report.watched.extend((number > 0).then_some((what, number)));
        }
        let mut select = self.connection.prepare_cached(
            "SELECT command, count(*), sum(rows), min(at) FROM spool GROUP BY command ORDER BY command",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            report.spooled.push(SpooledLine {
                command: row.get(0)?,
                units: count(row.get(1)?),
                rows: count(row.get(2)?),
                oldest: time_from(row.get(3)?)?,
            });
        }
        Ok(())
    }

    fn gap_line(&self, gap: Window) -> Result<GapLine, Error> {
        let Window { unit, state: _, rows: _, checksum: _, at, since, attempts, run: _, note } = gap;
        let (mut days, mut page, mut record) = (None, None, None);
        match unit.part {
            Part::Page(number) => page = Some(number),
            Part::Days { from, to } => days = Some((from, to)),
            Part::Chart { patient, profile: _ } => record = Some((Kind::Patient, patient)),
            Part::One { kind, key } => record = Some((kind, key)),
        }
        let record = record.map(|(kind, key)| Ok::<_, Error>((kind, self.pseudonym(kind, &key)?))).transpose()?;
        Ok(GapLine { instance: unit.instance, kind: unit.kind, days, page, record, since, tried: at, attempts, note })
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
