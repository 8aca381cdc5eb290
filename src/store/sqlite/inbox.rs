//! Reading into the inbox: what is new or changed is proposed, what is known is counted and dropped.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDateTime;
use rusqlite::{CachedStatement, Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::Db;
use super::rows::{self, hash_at, record_place, run_key};
use crate::domain::{KeyHash, Kind, Origin, Patient, PatientRef, Record, RunId};
use crate::store::seal::Sealer;
use crate::store::{Arrival, Error, Incoming, Taken};

/// What is sealed as a record's payload. The origin is no part of the content: the same record from another file is
/// the same record.
#[derive(Serialize, Deserialize)]
pub(super) struct Payload<R> {
    pub(super) record: R,
    pub(super) origin: Origin,
}

/// How a key that was read in this run met the inbox.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// As accepted before.
    Unchanged,
    /// New or changed.
    Proposed,
}

/// Keys read so far in one run.
#[derive(Default)]
pub(super) struct Seen {
    /// How each met the inbox, and the first bytes of the patient it was last read under.
    keys: HashMap<[u8; 16], (Reading, [u8; 4]), rows::ByFirstBytes>,
    /// Keys that were read under more than one patient.
    pub(super) torn: BTreeSet<(i64, [u8; 16])>,
}

/// A record on its way in, with everything that is looked up by.
struct Coming {
    incoming: Incoming,
    content: Vec<u8>,
    patient: KeyHash,
    key: KeyHash,
    /// Another name of a patient that nobody knows yet: an id that arrived after the number had become the key.
    alias: Option<KeyHash>,
    digest: [u8; 16],
    changed: Option<i64>,
}

impl Db {
    pub(super) fn take(&mut self, run: RunId, kind: Kind, batch: Arrival) -> Result<Taken, Error> {
        self.found_by_patient = None;
        let seen = &mut self.seen;
        let transaction = self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let sealer = &mut self.sealer;
        let mut taken = Taken::default();
        let (read, rejected, left_out) =
            (batch.records.len() + batch.rejected.len(), batch.rejected.len(), batch.left_out);
        {
            let mut lookups = Lookups::new(&transaction, kind)?;
            let mut insert = transaction.prepare_cached(
                "INSERT INTO proposed (run, kind, key, patient, day, digest, changed, mail, number, status, alias, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?;
            for incoming in batch.records {
                let coming = lookups.file(incoming, sealer)?;
                let known = lookups.known(kind, &coming)?;
                let same = coming.alias.is_none() && known.as_ref().is_some_and(|known| known.digest == coming.digest);
                let older = known.as_ref().is_some_and(|known| known.is_newer_than(coming.changed));
                let under = *coming.patient.0.first_chunk().expect("a hash has 16 bytes");
                let last = seen.keys.get(&coming.key.0).copied();
                let before = last.map(|(reading, _)| reading);
                taken.repeated += u64::from(before.is_some());
                // A repeat that equals the inbox is kept where an earlier reading is proposed: the later one counts.
                let propose = if same { before == Some(Reading::Proposed) } else { !older };
                let now = if propose { Reading::Proposed } else { before.unwrap_or(Reading::Unchanged) };
                if last.is_some_and(|(_, patient)| patient != under) {
                    seen.torn.insert((kind as i64, coming.key.0));
                }
                seen.keys.insert(coming.key.0, (now, under));
                match (before, now) {
                    (None, Reading::Proposed) => taken.proposed += 1,
                    (None, Reading::Unchanged) => taken.unchanged += 1,
                    (Some(Reading::Unchanged), Reading::Proposed) => {
                        taken.proposed += 1;
                        taken.unchanged -= 1;
                    }
                    (Some(_), _) => {}
                }
                if propose {
                    coming.insert(&mut insert, run, kind, sealer)?;
                }
            }
            let mut reject =
                transaction.prepare_cached("INSERT INTO rejection (run, kind, note) VALUES (?1, ?2, ?3)")?;
            for row in &batch.rejected {
                reject.execute((run_key(run), kind as i64, sealer.seal_json(b"rejection", row)))?;
            }
        }
        transaction.execute(
            "INSERT INTO input (run, kind, read, repeated, rejected, unchanged, left_out) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (run, kind) DO UPDATE SET
             read = read + ?3, repeated = repeated + ?4, rejected = rejected + ?5, unchanged = unchanged + ?6,
             left_out = left_out + ?7",
            (
                run_key(run),
                kind as i64,
                number(read) + signed(left_out),
                signed(taken.repeated),
                number(rejected),
                taken.unchanged,
                signed(left_out),
            ),
        )?;
        transaction.commit()?;
        Ok(taken)
    }
}

/// The accepted version of a record, as far as it decides about a new one.
#[derive(Clone, Copy)]
struct Known {
    digest: [u8; 16],
    changed: Option<i64>,
}

impl Known {
    fn is_newer_than(&self, changed: Option<i64>) -> bool {
        matches!((self.changed, changed), (Some(ours), Some(theirs)) if theirs < ours)
    }
}

struct Lookups<'tx> {
    here: CachedStatement<'tx>,
    anywhere: CachedStatement<'tx>,
    alias: CachedStatement<'tx>,
    patient: CachedStatement<'tx>,
    filed: CachedStatement<'tx>,
    /// The patient of the record before, and all that is filed under the patient of several records in a row.
    last: Option<KeyHash>,
    chart: Option<(KeyHash, HashMap<KeyHash, Known>)>,
    empty: bool,
    no_aliases: bool,
}

impl<'tx> Lookups<'tx> {
    fn new(tx: &'tx Connection, kind: Kind) -> Result<Self, Error> {
        let none = |sql: &str| -> Result<bool, Error> { Ok(tx.query_row(sql, [], |_| Ok(())).optional()?.is_none()) };
        Ok(Self {
            here: tx
                .prepare_cached("SELECT digest, changed FROM record WHERE patient = ?1 AND kind = ?2 AND key = ?3")?,
            filed: tx.prepare_cached("SELECT digest, changed, key FROM record WHERE patient = ?1 AND kind = ?2")?,
            last: None,
            chart: None,
            anywhere: tx.prepare_cached("SELECT digest, changed, patient FROM record WHERE kind = ?1 AND key = ?2")?,
            alias: tx.prepare_cached("SELECT patient FROM alias WHERE name = ?1")?,
            patient: tx.prepare_cached("SELECT payload FROM record WHERE kind = 1 AND key = ?1")?,
            empty: !rows::holds_any(tx, kind)?,
            no_aliases: none("SELECT 1 FROM alias LIMIT 1")?,
        })
    }

    fn resolve(&mut self, name: KeyHash) -> Result<Option<KeyHash>, Error> {
        if self.no_aliases {
            return Ok(None);
        }
        let mut rows = self.alias.query([name.0])?;
        rows.next()?.map(|row| hash_at(row, 0)).transpose()
    }

    /// Finds the patient a record belongs to and everything else it is looked up by.
    fn file(&mut self, mut incoming: Incoming, sealer: &Sealer) -> Result<Coming, Error> {
        let mut alias = None;
        let (patient, key, changed) = match &mut incoming.record {
            Record::Patient(patient) => {
                let own = sealer.patient(&patient.id);
                let by_id = self.resolve(own)?;
                let first = match &patient.number {
                    Some(number) if by_id.is_none() => self.resolve(sealer.number(number))?,
                    Some(_) | None => by_id,
                };
                let by_number = is_number_keyed(patient);
                // A written key never changes: of id and number, whichever comes second is another name of the first.
                if let Some(first) = first.filter(|first| *first != own)
                    && let Some(known) = self.patient_of(first, sealer)?
                    && (by_number || is_number_keyed(&known))
                {
                    alias = (by_id.is_none() && !by_number).then_some(own);
                    let id = std::mem::replace(&mut patient.id, known.id);
                    // A number cannot be asked for; the id can.
                    patient.known_as = if by_number { known.known_as } else { Some(id) };
                    (first, first, None)
                } else {
                    if by_number && !self.no_aliases {
                        patient.known_as = self.patient_of(own, sealer)?.and_then(|known| known.known_as);
                    }
                    (own, own, None)
                }
            }
            Record::Appointment(appointment) => {
                let key = sealer.appointment(&appointment.id);
                (self.owner(&appointment.patient, key, sealer)?, key, appointment.changed.map(seconds))
            }
            Record::Entry(entry) => {
                let key = sealer.entry(&entry.id);
                (self.owner(&entry.patient, key, sealer)?, key, None)
            }
        };
        let content = serde_json::to_vec(&incoming.record).expect("our own types serialise");
        let digest = sealer.digest(&content);
        Ok(Coming { incoming, content, patient, key, alias, digest, changed })
    }

    fn owner(&mut self, patient: &PatientRef, key: KeyHash, sealer: &Sealer) -> Result<KeyHash, Error> {
        match patient {
            PatientRef::Id(id) => {
                let own = sealer.patient(id);
                Ok(self.resolve(own)?.unwrap_or(own))
            }
            PatientRef::Number(number) => {
                let name = sealer.number(number);
                Ok(self.resolve(name)?.unwrap_or(name))
            }
            // Filed under itself: a blocker belongs to nobody.
            PatientRef::Nobody => Ok(key),
        }
    }

    fn patient_of(&mut self, patient: KeyHash, sealer: &Sealer) -> Result<Option<Patient>, Error> {
        let mut rows = self.patient.query([patient.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let payload: Payload<Record> =
            sealer.open_json(&record_place(Kind::Patient, patient), rows::blob_at(row, 0)?)?;
        Ok(match payload.record {
            Record::Patient(patient) => Some(patient),
            Record::Appointment(_) | Record::Entry(_) => None,
        })
    }

    /// Exports name the records of a patient one after the other: from the second on they are looked up together.
    fn known_here(&mut self, kind: Kind, coming: &Coming) -> Result<Option<Known>, Error> {
        let (patient, key) = (coming.patient, coming.key);
        if self.last.replace(patient) == Some(patient) && self.chart.as_ref().is_none_or(|(of, _)| *of != patient) {
            let mut chart = HashMap::new();
            let mut rows = self.filed.query((patient.0, kind as i64))?;
            while let Some(row) = rows.next()? {
                chart.insert(hash_at(row, 2)?, Known { digest: digest_at(row)?, changed: row.get(1)? });
            }
            self.chart = Some((patient, chart));
        }
        if let Some((of, chart)) = &self.chart
            && *of == patient
        {
            return Ok(chart.get(&key).copied());
        }
        let mut rows = self.here.query((patient.0, kind as i64, key.0))?;
        rows.next()?.map(|row| Ok(Known { digest: digest_at(row)?, changed: row.get(1)? })).transpose()
    }

    fn known(&mut self, kind: Kind, coming: &Coming) -> Result<Option<Known>, Error> {
        if self.empty {
            return Ok(None);
        }
        if let Some(known) = self.known_here(kind, coming)? {
            return Ok(Some(known));
        }
        // Filed under another patient: it has moved, so its content counts as changed whatever it says.
        let mut rows = self.anywhere.query((kind as i64, coming.key.0))?;
        rows.next()?.map(|row| Ok(Known { digest: [0; 16], changed: row.get(1)? })).transpose()
    }
}

/// Whether the key is `<prefix>nr-<number>` (design.md section 3).
fn is_number_keyed(patient: &Patient) -> bool {
    let number = patient.number.as_ref().and_then(|number| number.as_str().rsplit_once(':'));
    number.is_some_and(|(_, number)| patient.id.as_str().ends_with(&format!("nr-{number}")))
}

impl Coming {
    fn insert(
        &self,
        insert: &mut CachedStatement<'_>,
        run: RunId,
        kind: Kind,
        sealer: &mut Sealer,
    ) -> Result<(), Error> {
        let Self { incoming, content, patient, key, alias, digest, changed } = self;
        let (day, mail, number, status) = match &incoming.record {
            Record::Patient(patient) => (
                None,
                incoming.mail.as_deref().map(|mail| sealer.mail(mail).0),
                patient.number.as_ref().map(|number| sealer.number(number).0),
                None,
            ),
            Record::Appointment(appointment) => {
                let status = format!("{}\u{1f}{}", appointment.state, appointment.confirmation);
                (Some(rows::day_number(appointment.start.day())), None, None, Some(sealer.digest(status.as_bytes())))
            }
            Record::Entry(entry) => (Some(rows::day_number(entry.date)), None, None, None),
        };
        let origin = serde_json::to_vec(&incoming.origin).expect("an origin serialises");
        let mut plain = Vec::with_capacity(content.len() + origin.len() + 24);
        plain.extend_from_slice(b"{\"record\":");
        plain.extend_from_slice(content);
        plain.extend_from_slice(b",\"origin\":");
        plain.extend_from_slice(&origin);
        plain.push(b'}');
        let payload = sealer.seal(&record_place(kind, *key), &plain);
        insert.execute((
            run_key(run),
            kind as i64,
            key.0,
            patient.0,
            day,
            digest,
            changed,
            mail,
            number,
            status,
            alias.map(|name| name.0),
            payload,
        ))?;
        Ok(())
    }
}

fn digest_at(row: &rusqlite::Row<'_>) -> Result<[u8; 16], Error> {
    rows::blob_at(row, 0)?.try_into().map_err(|_| Error::Corrupt("a digest has 16 bytes"))
}

fn seconds(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp()
}

fn number(count: usize) -> i64 {
    i64::try_from(count).expect("a batch fits")
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).expect("a count fits")
}
