//! Complete readings of entries, and of whose visits they say something new. Days and hashes only.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::Db;
use super::rows::{day_from, day_number, hash_at, run_key};
use crate::domain::{EntriesRead, InstanceKey, KeyHash, Kind, RunId};
use crate::store::{ChartRead, Error};

/// Under which scope the readings of an installation's files stand.
fn scope_of(instance: &InstanceKey) -> Vec<u8> {
    [b"instance ", instance.as_str().as_bytes()].concat()
}

/// Whether a reading says what became of a visit on `day`: it was made `wait` days after it, or later.
fn covers(readings: &[EntriesRead], day: NaiveDate, wait: u32) -> bool {
    readings.iter().any(|reading| reading.covers(day, wait))
}

impl Db {
    /// Charts that were read, or could not be read, in a run that is not accepted yet.
    pub(super) fn charts_read(&mut self, run: RunId, charts: &[ChartRead], wait: u32) -> Result<(), Error> {
        let mut by_patient: BTreeMap<KeyHash, Vec<&ChartRead>> = BTreeMap::new();
        for chart in charts {
            by_patient.entry(self.pseudonym(Kind::Patient, &chart.patient)?).or_default().push(chart);
        }
        self.transaction(|tx, sealer| {
            let mut lookups = Readings::of(tx)?;
            let mut known = tx.prepare_cached("SELECT 1 FROM record WHERE patient = ?1 AND kind = 3 LIMIT 1")?;
            let mut visits = tx.prepare_cached("SELECT day FROM record WHERE patient = ?1 AND kind = 2")?;
            let mut insert = tx.prepare_cached("INSERT OR REPLACE INTO entries_read VALUES (?1, ?2, 0, ?3, ?4)")?;
            let mut due = tx.prepare_cached("INSERT OR IGNORE INTO entries_due (patient, run) VALUES (?1, ?2)")?;
            for (patient, charts) in by_patient {
                // A chart that was not empty and now is proves nothing.
                if charts.iter().all(|chart| chart.rows == 0) && known.exists([patient.0])? {
                    continue;
                }
                let instance = &charts.first().expect("a group holds one at least").instance;
                let before = lookups.accepted(patient, instance)?;
                for chart in &charts {
                    let name = sealer.chart(&chart.patient, &chart.profile).0;
                    let last = chart.read.map_or(0, day_number);
                    insert.execute((patient.0, name, last, run_key(run)))?;
                }
                let now = lookups.known(patient, instance, Some(run))?;
                let days = visits.query_map([patient.0], |row| row.get::<_, Option<i64>>(0))?;
                let days = days.collect::<Result<Vec<_>, _>>()?;
                for day in days.into_iter().flatten() {
                    let day = day_from(day)?;
                    if covers(&now, day, wait) && !covers(&before, day, wait) {
                        due.execute((patient.0, run_key(run)))?;
                        break;
                    }
                }
            }
            Ok(())
        })
    }

    /// Files that were read to their ends in a run that is not accepted yet: what they hold, per installation.
    pub(super) fn files_read(
        &mut self,
        run: RunId,
        files: &[(InstanceKey, EntriesRead)],
        wait: u32,
    ) -> Result<(), Error> {
        self.transaction(|tx, _| {
            let mut lookups = Readings::of(tx)?;
            for (instance, read) in files {
                let before = lookups.of_files(instance, None)?;
                tx.prepare_cached("INSERT OR REPLACE INTO entries_read VALUES (?1, x'', ?2, ?3, ?4)")?.execute((
                    scope_of(instance),
                    day_number(read.from),
                    day_number(read.as_of),
                    run_key(run),
                ))?;
                let Some(last) = read.as_of.checked_sub_days(Days::new(u64::from(wait))) else { continue };
                let mut visits = tx.prepare_cached(
                    "SELECT day, patient FROM record INDEXED BY record_day WHERE kind = 2 AND day BETWEEN ?1 AND ?2",
                )?;
                let mut rows = visits.query((day_number(read.from), day_number(last)))?;
                let mut patients = BTreeSet::new();
                while let Some(row) = rows.next()? {
                    if !covers(&before, day_from(row.get(0)?)?, wait) {
                        patients.insert(hash_at(row, 1)?);
                    }
                }
                let mut due = tx.prepare_cached("INSERT OR IGNORE INTO entries_due (patient, run) VALUES (?1, ?2)")?;
                for patient in patients {
                    due.execute((patient.0, run_key(run)))?;
                }
            }
            Ok(())
        })
    }

    /// Complete readings of a patient's entries, those of `run` among them.
    pub(super) fn readings(
        &self,
        patient: KeyHash,
        instance: &InstanceKey,
        run: Option<RunId>,
    ) -> Result<Vec<EntriesRead>, Error> {
        Readings::of(&self.connection)?.known(patient, instance, run)
    }

    /// Whether any complete reading is known.
    pub(super) fn any_reading(&self) -> Result<bool, Error> {
        let mut select = self.connection.prepare_cached("SELECT 1 FROM entries_read LIMIT 1")?;
        Ok(select.exists([])?)
    }

    /// These patients are planned by `run`, entries and all; nobody else is, whatever lies between them.
    pub(super) fn due_planned(&mut self, run: RunId, patients: &[KeyHash]) -> Result<(), Error> {
        self.transaction(|tx, _| {
            let mut update = tx.prepare_cached("UPDATE entries_due SET planned = ?1 WHERE patient = ?2")?;
            for patient in patients {
                update.execute((run_key(run), patient.0))?;
            }
            Ok(())
        })
    }

    /// Deals that say that entries are missing, as last written.
    pub(super) fn waiting_deals(&self) -> Result<u64, Error> {
        let number: Option<i64> = self
            .connection
            .prepare_cached(
                "SELECT count(*) FROM step s JOIN ledger l ON l.patient = s.patient AND l.object = s.object
                     AND l.key = s.key AND l.step = s.id WHERE s.waits = 1",
            )?
            .query_row([], |row| row.get(0))
            .optional()?;
        Ok(super::rows::count(number.unwrap_or(0)))
    }
}

/// What a run has read is known from now on; whom it has planned is due no more.
pub(super) fn accept(tx: &Connection, run: RunId) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO entries_read SELECT scope, name, first, last, x'' FROM entries_read WHERE run = ?1
         ON CONFLICT (scope, name, first, run) DO UPDATE SET last = max(last, excluded.last)",
        [run_key(run)],
    )?;
    tx.execute("DELETE FROM entries_read WHERE run = ?1", [run_key(run)])?;
    // Of two readings of files, one may say all that the other says.
    tx.execute(
        "DELETE FROM entries_read AS less WHERE name = x'' AND EXISTS (
             SELECT 1 FROM entries_read more WHERE more.scope = less.scope AND more.name = x'' AND more.run = less.run
                 AND more.first < less.first AND more.last >= less.last)",
        [],
    )?;
    tx.execute("DELETE FROM entries_due WHERE planned = ?1", [run_key(run)])?;
    tx.execute("UPDATE entries_due SET run = x'' WHERE run = ?1", [run_key(run)])?;
    Ok(())
}

/// What a run has read is forgotten.
pub(super) fn throw_away(tx: &Connection, run: RunId) -> Result<(), Error> {
    tx.execute("DELETE FROM entries_read WHERE run = ?1", [run_key(run)])?;
    tx.execute("DELETE FROM entries_due WHERE run = ?1", [run_key(run)])?;
    tx.execute("UPDATE entries_due SET planned = NULL WHERE planned = ?1", [run_key(run)])?;
    Ok(())
}

struct Readings<'tx> {
    select: CachedStatement<'tx>,
}

impl<'tx> Readings<'tx> {
    fn of(tx: &'tx Connection) -> Result<Self, Error> {
        let select = tx.prepare_cached(
            "SELECT name, first, last FROM entries_read WHERE scope = ?1 AND (run = x'' OR run = ?2) ORDER BY name, first",
        )?;
        Ok(Self { select })
    }

    fn accepted(&mut self, patient: KeyHash, instance: &InstanceKey) -> Result<Vec<EntriesRead>, Error> {
        self.known(patient, instance, None)
    }

    fn known(
        &mut self,
        patient: KeyHash,
        instance: &InstanceKey,
        run: Option<RunId>,
    ) -> Result<Vec<EntriesRead>, Error> {
        let mut readings = self.of_files(instance, run)?;
        readings.extend(self.of_chart(patient, run)?);
        Ok(readings)
    }

    /// A patient's chart is as fresh as the profile that was read longest ago; one that was never read leaves nothing.
    fn of_chart(&mut self, patient: KeyHash, run: Option<RunId>) -> Result<Option<EntriesRead>, Error> {
        let mut newest: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
        let mut rows =
            self.select.query((patient.0.as_slice(), run.map_or(Vec::new(), |run| run_key(run).to_vec())))?;
        while let Some(row) = rows.next()? {
            let last: i64 = row.get(2)?;
            let known = newest.entry(row.get(0)?).or_default();
            *known = last.max(*known);
        }
        let oldest = newest.into_values().min().filter(|day| *day > 0);
        oldest.map(|day| Ok(EntriesRead { from: NaiveDate::MIN, as_of: day_from(day)? })).transpose()
    }

    fn of_files(&mut self, instance: &InstanceKey, run: Option<RunId>) -> Result<Vec<EntriesRead>, Error> {
        let mut readings = Vec::new();
        let mut rows = self.select.query((scope_of(instance), run.map_or(Vec::new(), |run| run_key(run).to_vec())))?;
        while let Some(row) = rows.next()? {
            readings.push(EntriesRead { from: day_from(row.get(1)?)?, as_of: day_from(row.get(2)?)? });
        }
        Ok(readings)
    }
}
