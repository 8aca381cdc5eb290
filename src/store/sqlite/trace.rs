//! What a key means, and what was ever written for a patient.

use std::collections::BTreeSet;

use super::Db;
use super::rows::{self, hash_at, object_from, run_from, time_from};
use super::steps::{hubspot_id, id_number};
use crate::domain::{KeyHash, Kind, Object};
use crate::store::{Error, Fit, PatientFile, Scope, Sought, StepFate, Trace};

/// Records that a short form may fit before the rest is left out.
const MOST: i64 = 50;

impl Db {
    pub(super) fn find(&self, sought: &[Sought]) -> Result<Vec<Fit>, Error> {
        let mut fits = BTreeSet::new();
        for one in sought {
            match one {
                Sought::Pseudonym(first) => self.by_first_bytes(first, &mut fits)?,
                Sought::Key(key) => self.by_key(key, &mut fits)?,
                Sought::Number(number) => {
                    let filed = self.filed_as(self.sealer.number(number))?;
                    fits.extend(filed.map(|patient| Fit { patient, kind: Some(Kind::Patient), key: patient }));
                }
                Sought::Hubspot(id) => {
                    let sql = "SELECT patient, object, key FROM ledger WHERE hubspot_id = ?1";
                    let mut select = self.connection.prepare_cached(sql)?;
                    let mut rows = select.query([id_number(*id)?])?;
                    while let Some(row) = rows.next()? {
                        let kind = match object_from(row.get(1)?)? {
                            Object::Contact => Some(Kind::Patient),
                            Object::Appointment => Some(Kind::Appointment),
                            Object::Deal => None,
                        };
                        fits.insert(Fit { patient: hash_at(row, 0)?, kind, key: hash_at(row, 2)? });
                    }
                }
            }
        }
        Ok(fits.into_iter().collect())
    }

    fn by_first_bytes(&self, first: &[u8], fits: &mut BTreeSet<Fit>) -> Result<(), Error> {
        let [mut low, mut high] = [[0_u8; 16], [u8::MAX; 16]];
        for (at, byte) in first.iter().enumerate().take(16) {
            (low[at], high[at]) = (*byte, *byte);
        }
        for kind in Kind::ALL {
            let sql = "SELECT patient, key FROM record WHERE kind = ?1 AND key BETWEEN ?2 AND ?3 ORDER BY key LIMIT ?4";
            let mut select = self.connection.prepare_cached(sql)?;
            let mut rows = select.query((kind as i64, low, high, MOST))?;
            while let Some(row) = rows.next()? {
                let (patient, key) = (hash_at(row, 0)?, hash_at(row, 1)?);
                fits.insert(Fit { patient, kind: Some(kind), key });
                if kind == Kind::Appointment {
                    self.deal_of(patient, key, fits)?;
                }
            }
        }
        Ok(())
    }

    fn by_key(&self, key: &str, fits: &mut BTreeSet<Fit>) -> Result<(), Error> {
        for kind in Kind::ALL {
            let hash = self.sealer.key(kind, key);
            let patient = if kind == Kind::Patient { self.filed_as(hash)? } else { self.owner(kind, hash)? };
            let Some(patient) = patient else { continue };
            let key = if kind == Kind::Patient { patient } else { hash };
            fits.insert(Fit { patient, kind: Some(kind), key });
            if kind == Kind::Appointment {
                self.deal_of(patient, key, fits)?;
            }
        }
        Ok(())
    }

    /// The patient that an accepted record is filed under.
    fn owner(&self, kind: Kind, key: KeyHash) -> Result<Option<KeyHash>, Error> {
        let mut select = self.connection.prepare_cached("SELECT patient FROM record WHERE kind = ?1 AND key = ?2")?;
        let mut rows = select.query((kind as i64, key.0))?;
        rows.next()?.map(|row| hash_at(row, 0)).transpose()
    }

    /// The deal that is keyed by an appointment, if there is one.
    fn deal_of(&self, patient: KeyHash, key: KeyHash, fits: &mut BTreeSet<Fit>) -> Result<(), Error> {
        let sql = "SELECT 1 FROM ledger WHERE patient = ?1 AND object = ?2 AND key = ?3";
        if self.connection.prepare_cached(sql)?.exists((patient.0, Object::Deal as i64, key.0))? {
            fits.insert(Fit { patient, kind: None, key });
        }
        Ok(())
    }

    /// All that is accepted of a patient.
    pub(super) fn file_of(&self, patient: KeyHash) -> Result<PatientFile, Error> {
        self.patient_file(patient, 0, false, &Scope { kinds: Vec::new(), only_run: false, requeue: false })
    }

    /// Every accepted change for a patient, newest first.
    pub(super) fn traces(&self, patient: KeyHash) -> Result<Vec<Trace>, Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT s.id, s.wave, s.object, s.patient, s.key, s.op, s.closes, s.value,
                 s.run, r.command, r.started, s.state, s.problem, l.hubspot_id
             FROM step s JOIN run r ON r.id = s.run AND r.state IN (2, 3)
             LEFT JOIN ledger l ON l.patient = s.patient AND l.object = s.object AND l.key = s.key
             WHERE s.patient = ?1 ORDER BY s.id DESC",
        )?;
        let mut rows = select.query([patient.0])?;
        let mut traces = Vec::new();
        while let Some(row) = rows.next()? {
            let id: Option<i64> = row.get(13)?;
            traces.push(Trace {
                step: self.step_line(row)?,
                run: run_from(rows::blob_at(row, 8)?)?,
                command: row.get(9)?,
                started: time_from(row.get(10)?)?,
                fate: match row.get(11)? {
                    1 => StepFate::Waiting,
                    3 => StepFate::Written,
                    4 => StepFate::Refused,
                    5 => StepFate::Dropped,
                    _ => return Err(Error::Corrupt("unknown state of a step")),
                },
                problem: row.get(12)?,
                hubspot: id.map(hubspot_id).transpose()?,
            });
        }
        Ok(traces)
    }
}
