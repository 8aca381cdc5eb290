//! Patients to be planned, in key order, each with all that is known: inbox, proposals on top, ledger.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::OptionalExtension;
use serde::de::DeserializeOwned;

use super::Db;
use super::accept::is_older;
use super::inbox::Payload;
use super::rows::{self, blob_at, day_from, hash_at, kind_from, maybe_hash_at, object_from, record_place, run_key};
use super::steps::{hubspot_id, open_value};
use crate::domain::{Appointment, KeyHash, Kind, Object, Origin, Patient, Record, RunId};
use crate::store::{Chunk, Error, Filed, LedgerRow, MailMate, PatientFile, Scope};

/// One record as it will be once the run is accepted.
struct Version {
    payload: Payload<Record>,
    status: Option<Vec<u8>>,
    changed: Option<i64>,
    queued: bool,
    read_now: bool,
    first_read: i64,
    status_read: i64,
}

impl Db {
    pub(super) fn chunk(
        &mut self,
        run: RunId,
        scope: &Scope,
        after: Option<KeyHash>,
        limit: usize,
    ) -> Result<Chunk, Error> {
        let today: i64 =
            self.connection.query_row("SELECT today FROM run WHERE id = ?1", [run_key(run)], |row| row.get(0))?;
        let proposed =
            self.connection.query_row("SELECT 1 FROM proposed LIMIT 1", [], |_| Ok(())).optional()?.is_some();
        let keys = self.next_patients(scope, after, limit, proposed)?;
        let next = (keys.len() == limit).then(|| keys.last().copied()).flatten();
        let mut patients = Vec::with_capacity(keys.len());
        let any_reading = self.any_reading()?;
        if any_reading {
            self.due_planned(run, &keys)?;
        }
        for key in keys {
            let mut file = self.patient_file(key, today, proposed, scope)?;
            if let Some(patient) = file.patient.as_ref().filter(|_| any_reading) {
                file.entries_read = self.readings(key, &patient.record.instance, Some(run))?;
            }
            patients.push(file);
        }
        Ok(Chunk { patients, next })
    }

    fn next_patients(
        &self,
        scope: &Scope,
        after: Option<KeyHash>,
        limit: usize,
        proposed: bool,
    ) -> Result<Vec<KeyHash>, Error> {
        let after = after.map_or(Vec::new(), |key| key.0.to_vec());
        let limit_number = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut keys = BTreeSet::new();
        let mut add = |sql: &str, kind: Option<Kind>| -> Result<(), Error> {
            let mut select = self.connection.prepare_cached(sql)?;
            let mut rows = select.query((&after, limit_number, kind.map(|kind| kind as i64)))?;
            while let Some(row) = rows.next()? {
                keys.insert(hash_at(row, 0)?);
            }
            Ok(())
        };
        if proposed {
            add(
                "SELECT DISTINCT patient FROM proposed WHERE patient > ?1 AND ?3 IS NULL ORDER BY patient LIMIT ?2",
                None,
            )?;
        }
        if proposed {
            add("SELECT DISTINCT was FROM moved WHERE was > ?1 AND ?3 IS NULL ORDER BY was LIMIT ?2", None)?;
        }
        if scope.kinds.contains(&Kind::Entry) {
            add("SELECT patient FROM entries_due WHERE patient > ?1 AND ?3 IS NULL ORDER BY patient LIMIT ?2", None)?;
        }
        add("SELECT patient FROM affected WHERE patient > ?1 AND ?3 IS NULL ORDER BY patient LIMIT ?2", None)?;
        if !scope.only_run {
            for kind in &scope.kinds {
                if scope.requeue {
                    add(
                        "SELECT DISTINCT patient FROM record WHERE kind = ?3 AND patient > ?1 ORDER BY patient LIMIT ?2",
                        Some(*kind),
                    )?;
                    continue;
                }
                add(
                    "SELECT DISTINCT patient FROM record
                     WHERE kind = ?3 AND queue = 1 AND patient > ?1 ORDER BY patient LIMIT ?2",
                    Some(*kind),
                )?;
            }
            if proposed && scope.kinds.contains(&Kind::Patient) {
                add("SELECT patient FROM touched WHERE patient > ?1 AND ?3 IS NULL ORDER BY patient LIMIT ?2", None)?;
            }
        }
        Ok(keys.into_iter().take(limit).collect())
    }

    pub(super) fn patient_file(
        &self,
        key: KeyHash,
        today: i64,
        proposed: bool,
        scope: &Scope,
    ) -> Result<PatientFile, Error> {
        let mut versions = self.accepted(key, Kind::Entry)?;
        let mut is_affected = self.connection.prepare_cached("SELECT 1 FROM affected WHERE patient = ?1")?;
        let again = scope.requeue || is_affected.exists([key.0])?;
        for ((kind, _), version) in &mut versions {
            version.queued |= again && scope.kinds.contains(kind);
        }
        if proposed {
            self.put_on_top(key, Kind::Entry, today, &mut versions)?;
        }
        let mut file = PatientFile {
            key,
            patient: None,
            appointments: Vec::new(),
            entries: Vec::new(),
            entries_read: Vec::new(),
            ledger: self.ledger_rows(key)?,
            mates: Vec::new(),
        };
        if proposed {
            self.follow_moves(key, &mut versions, &mut file.ledger)?;
        }
        for ((_, record_key), version) in versions {
            let Version { payload, status: _, changed: _, queued, read_now, first_read, status_read } = version;
            let filed = Filed {
                record: (),
                origin: payload.origin,
                key: record_key,
                queued,
                read_now,
                first_read: day_from(first_read)?,
                status_read: day_from(status_read)?,
            };
            match payload.record {
                Record::Patient(patient) => file.patient = Some(filed.with(patient)),
                Record::Appointment(appointment) => file.appointments.push(filed.with(appointment)),
                Record::Entry(entry) => file.entries.push(filed.with(entry)),
            }
        }
        if file.patient.is_some() {
            file.mates = self.mates(key, today, proposed)?;
        }
        Ok(file)
    }

    /// Accepted records of a patient, of kinds up to `last`.
    fn accepted(&self, patient: KeyHash, last: Kind) -> Result<BTreeMap<(Kind, KeyHash), Version>, Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT kind, key, payload, status, changed, queue, first_read, status_read
             FROM record WHERE patient = ?1 AND kind <= ?2",
        )?;
        let mut rows = select.query((patient.0, last as i64))?;
        let mut versions = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let kind = kind_from(row.get(0)?)?;
            let key = hash_at(row, 1)?;
            let queue: i64 = row.get(5)?;
            let version = Version {
                payload: self.open_payload(kind, key, blob_at(row, 2)?)?,
                status: row.get(3)?,
                changed: row.get(4)?,
                queued: queue == 1,
                read_now: false,
                first_read: row.get(6)?,
                status_read: row.get(7)?,
            };
            versions.insert((kind, key), version);
        }
        Ok(versions)
    }

    fn put_on_top(
        &self,
        patient: KeyHash,
        last: Kind,
        today: i64,
        versions: &mut BTreeMap<(Kind, KeyHash), Version>,
    ) -> Result<(), Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT kind, key, payload, status, changed FROM proposed
             WHERE patient = ?1 AND kind <= ?2 ORDER BY kind, key, id",
        )?;
        let mut rows = select.query((patient.0, last as i64))?;
        let mut winner: Option<(Kind, KeyHash)> = None;
        while let Some(row) = rows.next()? {
            let kind = kind_from(row.get(0)?)?;
            let key = hash_at(row, 1)?;
            let changed: Option<i64> = row.get(4)?;
            let before = versions.get(&(kind, key));
            let repeated = winner == Some((kind, key));
            if repeated && before.is_some_and(|before| is_older(changed, before.changed)) {
                continue;
            }
            winner = Some((kind, key));
            let status: Option<Vec<u8>> = row.get(3)?;
            let same_status = before.is_some_and(|before| before.status == status);
            let version = Version {
                payload: self.open_payload(kind, key, blob_at(row, 2)?)?,
                queued: true,
                read_now: true,
                first_read: before.map_or(today, |before| before.first_read),
                status_read: before.filter(|_| same_status).map_or(today, |before| before.status_read),
                status,
                changed,
            };
            versions.insert((kind, key), version);
        }
        Ok(())
    }

    /// Records that leave this patient in this run, and the ledger rows of those that come, as accepting will file them.
    fn follow_moves(
        &self,
        patient: KeyHash,
        versions: &mut BTreeMap<(Kind, KeyHash), Version>,
        ledger: &mut Vec<LedgerRow>,
    ) -> Result<(), Error> {
        let is_of = |row: &LedgerRow, key: KeyHash| row.object != Object::Contact && row.key == key;
        let mut select = self.connection.prepare_cached("SELECT kind, key FROM moved WHERE was = ?1")?;
        let mut rows = select.query([patient.0])?;
        while let Some(row) = rows.next()? {
            let (kind, key) = (kind_from(row.get(0)?)?, hash_at(row, 1)?);
            versions.remove(&(kind, key));
            ledger.retain(|row| kind != Kind::Appointment || !is_of(row, key));
        }
        let mut select = self.connection.prepare_cached("SELECT was, key FROM moved WHERE now = ?1 AND kind = 2")?;
        let mut rows = select.query([patient.0])?;
        while let Some(row) = rows.next()? {
            let (before, key) = (hash_at(row, 0)?, hash_at(row, 1)?);
            let coming = self.ledger_rows(before)?.into_iter().filter(|row| is_of(row, key));
            ledger.extend(coming.map(|row| LedgerRow { contact_link: false, ..row }));
        }
        Ok(())
    }

    fn open_payload<R: DeserializeOwned>(&self, kind: Kind, key: KeyHash, sealed: &[u8]) -> Result<Payload<R>, Error> {
        self.sealer.open_json(&record_place(kind, key), sealed)
    }

    /// Where a record was read: as proposed by the present run, else as accepted.
    pub(super) fn origin_of(&self, kind: Kind, patient: KeyHash, key: KeyHash) -> Result<Option<Origin>, Error> {
        for sql in [
            "SELECT payload FROM proposed WHERE patient = ?1 AND kind = ?2 AND key = ?3 ORDER BY id DESC LIMIT 1",
            "SELECT payload FROM record WHERE patient = ?1 AND kind = ?2 AND key = ?3",
        ] {
            let mut select = self.connection.prepare_cached(sql)?;
            let mut rows = select.query((patient.0, kind as i64, key.0))?;
            if let Some(row) = rows.next()? {
                let payload: Payload<serde::de::IgnoredAny> = self.open_payload(kind, key, blob_at(row, 0)?)?;
                return Ok(Some(payload.origin));
            }
        }
        Ok(None)
    }

    fn ledger_rows(&self, patient: KeyHash) -> Result<Vec<LedgerRow>, Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT l.object, l.key, l.hubspot_id, l.contact_link, l.deal, l.open, s.value
             FROM ledger l JOIN step s ON s.id = l.step WHERE l.patient = ?1",
        )?;
        let mut rows = select.query([patient.0])?;
        let mut ledger = Vec::new();
        while let Some(row) = rows.next()? {
            let object = object_from(row.get(0)?)?;
            let key = hash_at(row, 1)?;
            let value = open_value(&self.sealer, object, key, blob_at(row, 6)?)?;
            ledger.push(LedgerRow {
                object,
                key,
                key_value: value.key_value().to_owned(),
                id: hubspot_id(row.get(2)?)?,
                contact_link: row.get(3)?,
                deal: maybe_hash_at(row, 4)?,
                open: row.get(5)?,
                base: value.base,
                memo: value.memo,
            });
        }
        Ok(ledger)
    }

    /// Other patients whose newest version has the same e-mail address as this one's, and those who had it before.
    fn mates(&self, patient: KeyHash, today: i64, proposed: bool) -> Result<Vec<MailMate>, Error> {
        let Some((_, Some(mail))) = self.newest_patient(patient, proposed)? else { return Ok(Vec::new()) };
        let mut keys = self.with_mail(mail, proposed)?;
        keys.remove(&patient);
        let mut mates = Vec::new();
        for key in keys {
            let Some((record, theirs)) = self.newest_patient(key, proposed)? else { continue };
            let leaves = theirs != Some(mail);
            if let Some(other) = theirs.filter(|_| leaves)
                && self.with_mail(other, proposed)?.iter().any(|one| *one != key)
            {
                continue;
            }
            let holds = self.ledger_rows(key)?.into_iter().find(|row| row.object == Object::Contact);
            let holds = holds.and_then(|mut row| row.base.remove("email")).filter(|held| !held.is_empty());
            let latest = if record.location.is_none() { self.latest_appointment(key, today, proposed)? } else { None };
            mates.push(MailMate { key, patient: record, latest, holds, leaves });
        }
        Ok(mates)
    }

    /// Patients one of whose versions has this address.
    fn with_mail(&self, mail: KeyHash, proposed: bool) -> Result<BTreeSet<KeyHash>, Error> {
        let mut keys = BTreeSet::new();
        let mut add = |sql: &str| -> Result<(), Error> {
            let mut select = self.connection.prepare_cached(sql)?;
            let mut rows = select.query([mail.0])?;
            while let Some(row) = rows.next()? {
                keys.insert(hash_at(row, 0)?);
            }
            Ok(())
        };
        add("SELECT key FROM record WHERE mail = ?1")?;
        if proposed {
            add("SELECT key FROM proposed WHERE mail = ?1")?;
        }
        Ok(keys)
    }

    fn latest_appointment(&self, patient: KeyHash, today: i64, proposed: bool) -> Result<Option<Appointment>, Error> {
        let mut versions = self.accepted(patient, Kind::Appointment)?;
        if proposed {
            self.put_on_top(patient, Kind::Appointment, today, &mut versions)?;
        }
        let appointments = versions.into_values().filter_map(|version| match version.payload.record {
            Record::Appointment(appointment) => Some(appointment),
            Record::Patient(_) | Record::Entry(_) => None,
        });
        Ok(appointments.max_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id))))
    }

    fn newest_patient(&self, key: KeyHash, proposed: bool) -> Result<Option<(Patient, Option<KeyHash>)>, Error> {
        let mut newest = None;
        if proposed {
            let mut select = self.connection.prepare_cached(
                "SELECT payload, mail FROM proposed WHERE patient = ?1 AND kind = 1 AND key = ?1 ORDER BY id DESC LIMIT 1",
            )?;
            let mut rows = select.query([key.0])?;
            if let Some(row) = rows.next()? {
                newest = Some((rows::blob_at(row, 0)?.to_vec(), maybe_hash_at(row, 1)?));
            }
        }
        if newest.is_none() {
            let mut select = self
                .connection
                .prepare_cached("SELECT payload, mail FROM record WHERE patient = ?1 AND kind = 1 AND key = ?1")?;
            let mut rows = select.query([key.0])?;
            if let Some(row) = rows.next()? {
                newest = Some((rows::blob_at(row, 0)?.to_vec(), maybe_hash_at(row, 1)?));
            }
        }
        let Some((sealed, mail)) = newest else { return Ok(None) };
        let payload: Payload<Record> = self.open_payload(Kind::Patient, key, &sealed)?;
        Ok(match payload.record {
            Record::Patient(patient) => Some((patient, mail)),
            Record::Appointment(_) | Record::Entry(_) => None,
        })
    }
}

impl Filed<()> {
    fn with<T>(self, record: T) -> Filed<T> {
        let Self { record: (), origin, key, queued, read_now, first_read, status_read } = self;
        Filed { record, origin, key, queued, read_now, first_read, status_read }
    }
}
