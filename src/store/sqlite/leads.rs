//! What reading asks of the inbox: hashes and days are looked at first, only what is returned is opened.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use rusqlite::OptionalExtension;
use serde::Deserialize;

use super::Db;
use super::inbox::Payload;
use super::rows::{self, ByFirstBytes, blob_at, day_number, hash_at, record_place};
use crate::domain::{Appointment, AppointmentId, Entry, InstanceKey, KeyHash, Kind, Patient, PatientId, Record};
use crate::store::{Error, Interest, Lead};

/// From this many patients on, their entries are counted in one look at all entries instead of patient by patient.
const MANY: usize = 2_000;

type Hashes = HashSet<[u8; 16], ByFirstBytes>;

/// Of a patient's record, what reading needs.
#[derive(Deserialize)]
enum Slim {
    Patient { id: PatientId, instance: InstanceKey, profile: Option<String>, known_as: Option<PatientId> },
}

impl Db {
    pub(super) fn appointments_between(
        &self,
        from: NaiveDate,
        to: NaiveDate,
        not: &[AppointmentId],
    ) -> Result<Vec<Appointment>, Error> {
        let named: Hashes = not.iter().map(|id| self.sealer.appointment(id).0).collect();
        let mut select = self.connection.prepare_cached(
            "SELECT patient, key FROM record INDEXED BY record_day WHERE kind = 2 AND day BETWEEN ?1 AND ?2",
        )?;
        let mut rows = select.query((day_number(from), day_number(to)))?;
        let mut wanted = Vec::new();
        while let Some(row) = rows.next()? {
            let visit = (hash_at(row, 0)?, hash_at(row, 1)?);
            wanted.extend((!named.contains(&visit.1.0)).then_some(visit));
        }
        // In the order in which they lie in the file.
        wanted.sort_unstable();
        let mut found = Vec::with_capacity(wanted.len());
        for (patient, key) in wanted {
            match self.open_record(Kind::Appointment, patient, key)? {
                Some(Record::Appointment(appointment)) => found.push(appointment),
                Some(Record::Patient(_) | Record::Entry(_)) | None => return Err(OTHER_KIND),
            }
        }
        found.sort_unstable_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
        Ok(found)
    }

    pub(super) fn unknown_patients(&self, ids: Vec<PatientId>) -> Result<Vec<PatientId>, Error> {
        let mut seen = Hashes::default();
        let mut unknown = Vec::new();
        for id in ids {
            let hash = self.sealer.patient(&id);
            if seen.insert(hash.0) && self.filed_as(hash)?.is_none() {
                unknown.push(id);
            }
        }
        Ok(unknown)
    }

    pub(super) fn leads(&self, interest: Interest) -> Result<Vec<Lead>, Error> {
        let patients = self.patients_of(interest)?;
        let entries = self.entries_per(&patients)?;
        let mut select = self
            .connection
            .prepare_cached("SELECT payload FROM record WHERE patient = ?1 AND kind = 1 AND key = ?1")?;
        let mut leads = Vec::with_capacity(patients.len());
        for patient in patients {
            let mut rows = select.query([patient.0])?;
            // Records may wait for a patient who is not there yet.
            let Some(row) = rows.next()? else { continue };
            let place = record_place(Kind::Patient, patient);
            let payload: Payload<Slim> = self.sealer.open_json(&place, blob_at(row, 0)?)?;
            let Slim::Patient { id, instance, profile, known_as } = payload.record;
            let id = known_as.unwrap_or(id);
            let entries = entries.get(&patient.0).copied().unwrap_or(0);
            leads.push(Lead { key: patient, id, instance, profile, entries });
        }
        Ok(leads)
    }

    pub(super) fn patient_records(&self, not: &[PatientId]) -> Result<Vec<Patient>, Error> {
        let mut named = Hashes::default();
        for id in not {
            let hash = self.sealer.patient(id);
            named.insert(self.filed_as(hash)?.unwrap_or(hash).0);
        }
        let mut found = Vec::new();
        for patient in self.all_patients()?.into_iter().filter(|patient| !named.contains(&patient.0)) {
            match self.open_record(Kind::Patient, patient, patient)? {
                Some(Record::Patient(patient)) => found.push(patient),
                Some(Record::Appointment(_) | Record::Entry(_)) | None => return Err(OTHER_KIND),
            }
        }
        Ok(found)
    }

    pub(super) fn record(&self, kind: Kind, key: &str) -> Result<Option<Record>, Error> {
        let hash = self.sealer.key(kind, key);
        if kind == Kind::Patient {
            let Some(patient) = self.filed_as(hash)? else { return Ok(None) };
            return self.open_record(kind, patient, patient);
        }
        let mut select = self.connection.prepare_cached("SELECT patient FROM record WHERE kind = ?1 AND key = ?2")?;
        let mut rows = select.query((kind as i64, hash.0))?;
        let Some(patient) = rows.next()?.map(|row| hash_at(row, 0)).transpose()? else { return Ok(None) };
        self.open_record(kind, patient, hash)
    }

    /// Under which hash an accepted patient is filed who is known by `name`.
    pub(super) fn filed_as(&self, name: KeyHash) -> Result<Option<KeyHash>, Error> {
        let mut is_filed = self.connection.prepare_cached("SELECT 1 FROM record WHERE kind = 1 AND key = ?1")?;
        if is_filed.exists([name.0])? {
            return Ok(Some(name));
        }
        let mut select = self.connection.prepare_cached(
            "SELECT a.patient FROM alias a JOIN record r ON r.kind = 1 AND r.key = a.patient WHERE a.name = ?1",
        )?;
        let mut rows = select.query([name.0])?;
        rows.next()?.map(|row| hash_at(row, 0)).transpose()
    }

    /// The hash that a record is shown by.
    pub(super) fn pseudonym(&self, kind: Kind, key: &str) -> Result<KeyHash, Error> {
        let hash = self.sealer.key(kind, key);
        Ok(if kind == Kind::Patient { self.filed_as(hash)?.unwrap_or(hash) } else { hash })
    }

    pub(super) fn entries_of(&self, patient: &PatientId) -> Result<Vec<Entry>, Error> {
        let hash = self.sealer.patient(patient);
        let hash = self.filed_as(hash)?.unwrap_or(hash);
        let mut select =
            self.connection.prepare_cached("SELECT key FROM record WHERE patient = ?1 AND kind = 3 ORDER BY key")?;
        let mut rows = select.query([hash.0])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            match self.open_record(Kind::Entry, hash, hash_at(row, 0)?)? {
                Some(Record::Entry(entry)) => entries.push(entry),
                Some(Record::Patient(_) | Record::Appointment(_)) | None => return Err(OTHER_KIND),
            }
        }
        Ok(entries)
    }

    fn open_record(&self, kind: Kind, patient: KeyHash, key: KeyHash) -> Result<Option<Record>, Error> {
        let mut select = self
            .connection
            .prepare_cached("SELECT payload FROM record WHERE patient = ?1 AND kind = ?2 AND key = ?3")?;
        let mut rows = select.query((patient.0, kind as i64, key.0))?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let payload: Payload<Record> = self.sealer.open_json(&record_place(kind, key), blob_at(row, 0)?)?;
        Ok(Some(payload.record))
    }

    /// Accepted patients in the order of their hashes.
    fn all_patients(&self) -> Result<Vec<KeyHash>, Error> {
        let mut select = self
            .connection
            .prepare_cached("SELECT key FROM record INDEXED BY record_key WHERE kind = 1 ORDER BY key")?;
        let mut rows = select.query([])?;
        let mut patients = Vec::new();
        while let Some(row) = rows.next()? {
            patients.push(hash_at(row, 0)?);
        }
        Ok(patients)
    }

    fn patients_of(&self, interest: Interest) -> Result<Vec<KeyHash>, Error> {
        let Interest { from, to, open_deals, everybody } = interest;
        if everybody {
            return self.all_patients();
        }
        let mut patients = BTreeSet::new();
        if from.or(to).is_some() {
            let mut select = self.connection.prepare_cached(
                "SELECT patient FROM record INDEXED BY record_day WHERE kind = 2 AND day BETWEEN ?1 AND ?2",
            )?;
            let (first, last) = (from.unwrap_or(NaiveDate::MIN), to.unwrap_or(NaiveDate::MAX));
            let mut rows = select.query((day_number(first), day_number(last)))?;
            while let Some(row) = rows.next()? {
                patients.insert(hash_at(row, 0)?);
            }
        }
        if open_deals {
            let mut select =
                self.connection.prepare_cached("SELECT patient FROM ledger WHERE object = 3 AND open = 1")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                patients.insert(hash_at(row, 0)?);
            }
        }
        Ok(patients.into_iter().collect())
    }

    /// How many accepted entries each of the patients has.
    fn entries_per(&self, patients: &[KeyHash]) -> Result<HashMap<[u8; 16], u64, ByFirstBytes>, Error> {
        let mut entries = HashMap::default();
        if patients.len() < MANY {
            let mut select =
                self.connection.prepare_cached("SELECT count(*) FROM record WHERE patient = ?1 AND kind = 3")?;
            for patient in patients {
                let number = select.query_row([patient.0], |row| row.get(0)).optional()?;
                entries.insert(patient.0, rows::count(number.unwrap_or(0)));
            }
            return Ok(entries);
        }
        // The index holds the patient of every entry beside its key: no record is touched.
        let mut select =
            self.connection.prepare_cached("SELECT patient FROM record INDEXED BY record_key WHERE kind = 3")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            *entries.entry(hash_at(row, 0)?.0).or_insert(0) += 1;
        }
        Ok(entries)
    }
}

const OTHER_KIND: Error = Error::Corrupt("a record is of another kind than its row");
