//! Accepting moves what was proposed into the inbox; refusing deletes it. Both can be repeated after a crash.

use rusqlite::{CachedStatement, Connection};

use super::Db;
use super::rows::{self, hash_at, run_key};
use super::versions;
use crate::domain::{KeyHash, Kind, RunId};
use crate::store::{Error, RunState};

/// Records moved per transaction.
const STRETCH: usize = 5_000;

/// The version of a record that counts among those read in one run.
struct Winner {
    id: i64,
    patient: KeyHash,
    kind: i64,
    key: KeyHash,
    changed: Option<i64>,
    number: Option<KeyHash>,
}

impl Db {
    pub(super) fn accept(&mut self, run: RunId) -> Result<(), Error> {
        // After a crash nothing of this process knows what was read.
        if self.found_by_patient != Some(run) {
            self.read_done(run)?;
        }
        self.set_state(run, RunState::Accepting)?;
        let mut after: Option<(KeyHash, i64, KeyHash)> = None;
        let mut moved = [0_i64; 4];
        loop {
            let winners = self.winners(after)?;
            let Some(last) = winners.last() else { break };
            after = Some((last.patient, last.kind, last.key));
            winners.iter().filter_map(|winner| usize::try_from(winner.kind).ok()).for_each(|kind| moved[kind] += 1);
            self.transaction(|tx, _| move_in(tx, run, &winners))?;
        }
        self.transaction(|tx, sealer| {
            // Records that came from the queue: what was decided about them.
            tx.execute(
                "UPDATE record SET
                     queue = CASE o.code WHEN 4 THEN 2 ELSE 0 END, attempts = attempts + 1, note = o.note
                 FROM outcome o
                 WHERE o.run = ?1 AND o.from_queue = 1 AND record.patient = o.patient AND record.kind = o.kind
                     AND record.key = o.key",
                [run_key(run)],
            )?;
            for kind in Kind::ALL {
                tx.execute(
                    "UPDATE input SET queued = ?3 WHERE run = ?1 AND kind = ?2
                     AND (SELECT planned FROM run WHERE id = ?1) = 0",
                    (run_key(run), kind as i64, moved[kind as usize]),
                )?;
            }
            // A record that was found as wanted needs no write; the ledger knows it from now on.
            tx.execute(
                "INSERT INTO ledger (patient, object, key, hubspot_id, step, contact_link, deal, open)
                 SELECT patient, object, key, hubspot_id, id, 0, NULL, open FROM step
                 WHERE run = ?1 AND op = 4 AND hubspot_id IS NOT NULL
                     AND id >= (SELECT first_step FROM run WHERE id = ?1)
                 ON CONFLICT (patient, object, key) DO UPDATE SET
                     hubspot_id = excluded.hubspot_id, step = excluded.step, open = coalesce(excluded.open, open)",
                [run_key(run)],
            )?;
            // What was filed under a name that nobody knew belongs to the patient.
            tx.execute_batch(
                "UPDATE record SET patient = p.patient, queue = 1, reason = 5 FROM proposed p
                 WHERE p.alias IS NOT NULL AND record.patient = p.alias AND record.kind > 1;
                 INSERT OR IGNORE INTO alias SELECT alias, patient FROM proposed WHERE alias IS NOT NULL;
                 DELETE FROM proposed;",
            )?;
            super::entries_read::accept(tx, run)?;
            versions::settle_looks(tx)?;
            versions::settle_basis(tx, sealer)?;
            versions::withdraw(tx)?;
            set_state(tx, run, RunState::Accepted)
        })
    }

    pub(super) fn discard(&mut self, run: RunId) -> Result<(), Error> {
        self.throw_away(run, RunState::Refused)
    }

    pub(super) fn throw_away(&mut self, run: RunId, state: RunState) -> Result<(), Error> {
        self.transaction(|tx, _| {
            tx.execute_batch("DELETE FROM proposed")?;
            tx.execute(
                "DELETE FROM step WHERE run = ?1 AND id >= (SELECT first_step FROM run WHERE id = ?1)",
                [run_key(run)],
            )?;
            tx.execute("DELETE FROM outcome WHERE run = ?1", [run_key(run)])?;
            super::entries_read::throw_away(tx, run)?;
            versions::withdraw(tx)?;
            set_state(tx, run, state)
        })
    }

    fn set_state(&mut self, run: RunId, state: RunState) -> Result<(), Error> {
        self.transaction(|tx, _| set_state(tx, run, state))
    }

    /// The next stretch of records in key order; of several versions of one record, the newest.
    fn winners(&self, after: Option<(KeyHash, i64, KeyHash)>) -> Result<Vec<Winner>, Error> {
        let (patient, kind, key) = after.unwrap_or((KeyHash([0; 16]), -1, KeyHash([0; 16])));
        let mut select = self.connection.prepare_cached(
            "SELECT id, patient, kind, key, changed, number FROM proposed
             WHERE (patient, kind, key) > (?1, ?2, ?3) ORDER BY patient, kind, key, id",
        )?;
        let mut rows = select.query((patient.0, kind, key.0))?;
        let mut winners: Vec<Winner> = Vec::new();
        while let Some(row) = rows.next()? {
            let next = Winner {
                id: row.get(0)?,
                patient: hash_at(row, 1)?,
                kind: row.get(2)?,
                key: hash_at(row, 3)?,
                changed: row.get(4)?,
                number: rows::maybe_hash_at(row, 5)?,
            };
            let full = winners.len() == STRETCH;
            match winners.last_mut() {
                Some(last) if (last.patient, last.kind, last.key) == (next.patient, next.kind, next.key) => {
                    if !is_older(next.changed, last.changed) {
                        *last = next;
                    }
                }
                _ if full => break,
                _ => winners.push(next),
            }
        }
        Ok(winners)
    }
}

/// Whether a version says of itself that it is older; without both times the later reading counts.
pub(super) fn is_older(this: Option<i64>, other: Option<i64>) -> bool {
    matches!((this, other), (Some(this), Some(other)) if this < other)
}

fn set_state(tx: &Connection, run: RunId, state: RunState) -> Result<(), Error> {
    tx.execute("UPDATE run SET state = ?2 WHERE id = ?1", (run_key(run), state as i64))?;
    Ok(())
}

fn move_in(tx: &Connection, run: RunId, winners: &[Winner]) -> Result<(), Error> {
    // A run without plan (--fetch-only) leaves everything it read on the queue.
    let mut upsert = tx.prepare_cached(
        "INSERT INTO record (patient, kind, key, day, digest, version, changed, mail, first_read, status_read,
             queue, reason, status, payload, note)
         SELECT p.patient, p.kind, p.key, p.day, p.digest, 1, p.changed, p.mail, ?3, ?3,
             CASE o.code WHEN 4 THEN 2 ELSE o.code IS NULL END, 1, p.status, p.payload, o.note
         FROM proposed p
         LEFT JOIN outcome o ON o.run = ?2 AND o.patient = p.patient AND o.kind = p.kind AND o.key = p.key
         WHERE p.id = ?1
         ON CONFLICT (patient, kind, key) DO UPDATE SET
             day = excluded.day, version = version + (digest <> excluded.digest), digest = excluded.digest,
             changed = excluded.changed, mail = excluded.mail,
             status_read = CASE WHEN status IS excluded.status THEN status_read ELSE excluded.status_read END,
             queue = excluded.queue, reason = 2, status = excluded.status, payload = excluded.payload,
             note = excluded.note",
    )?;
    let today: i64 = tx.query_row("SELECT today FROM run WHERE id = ?1", [run_key(run)], |row| row.get(0))?;
    let mut arrivals = Arrivals::new(tx, run)?;
    for winner in winners {
        arrivals.leave_elsewhere(winner)?;
        upsert.execute((winner.id, run_key(run), today))?;
        if winner.kind == Kind::Patient as i64 {
            arrivals.patient(winner)?;
        }
    }
    Ok(())
}

/// What the arrival of a record does to others.
struct Arrivals<'tx> {
    run: RunId,
    elsewhere: CachedStatement<'tx>,
    leave: CachedStatement<'tx>,
    refile: CachedStatement<'tx>,
    look_again: CachedStatement<'tx>,
    alias: CachedStatement<'tx>,
    wake: CachedStatement<'tx>,
    adopt: CachedStatement<'tx>,
}

impl<'tx> Arrivals<'tx> {
    fn new(tx: &'tx Connection, run: RunId) -> Result<Self, Error> {
        Ok(Self {
            run,
            elsewhere: tx
                .prepare_cached("SELECT patient FROM record WHERE kind = ?1 AND key = ?2 AND patient <> ?3")?,
            leave: tx.prepare_cached("DELETE FROM record WHERE kind = ?1 AND key = ?2 AND patient <> ?3")?,
            refile: tx.prepare_cached(
                "UPDATE OR REPLACE ledger SET patient = ?3, contact_link = 0 WHERE patient = ?1 AND key = ?2 AND object IN (2, 3)",
            )?,
            // A run with a plan has planned the other patient too.
            look_again: tx.prepare_cached(
                "UPDATE record SET queue = 1, reason = 4 WHERE patient = ?1 AND kind < 3
                 AND (SELECT planned FROM run WHERE id = ?2) = 0",
            )?,
            alias: tx.prepare_cached("INSERT OR IGNORE INTO alias VALUES (?1, ?2)")?,
            wake: tx.prepare_cached(
                "UPDATE record SET queue = 1, reason = 5 WHERE patient = ?1 AND kind > 1 AND queue = 2",
            )?,
            adopt: tx.prepare_cached(
                "UPDATE record SET patient = ?2, queue = 1, reason = 5 WHERE patient = ?1 AND kind > 1",
            )?,
        })
    }

    /// A record that was filed under another patient leaves it, takes its HubSpot records along, and the other
    /// patient is looked at again.
    fn leave_elsewhere(&mut self, winner: &Winner) -> Result<(), Error> {
        let mut rows = self.elsewhere.query((winner.kind, winner.key.0, winner.patient.0))?;
        let Some(before) = rows.next()?.map(|row| hash_at(row, 0)).transpose()? else { return Ok(()) };
        drop(rows);
        self.leave.execute((winner.kind, winner.key.0, winner.patient.0))?;
        if winner.kind == Kind::Appointment as i64 {
            self.refile.execute((before.0, winner.key.0, winner.patient.0))?;
        }
        self.look_again.execute((before.0, run_key(self.run)))?;
        Ok(())
    }

    /// Records that waited for this patient are looked at again.
    fn patient(&mut self, winner: &Winner) -> Result<(), Error> {
        if let Some(number) = winner.number {
            self.alias.execute((number.0, winner.patient.0))?;
            self.adopt.execute((number.0, winner.patient.0))?;
        }
        self.wake.execute([winner.patient.0])?;
        Ok(())
    }
}
