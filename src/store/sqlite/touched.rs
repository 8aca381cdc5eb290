//! Once everything is read: proposals by patient, and whom else they touch.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::Db;
use super::accept::is_older;
use super::rows::hash_at;
use crate::domain::{KeyHash, RunId};
use crate::store::Error;

impl Db {
    pub(super) fn read_done(&mut self, run: RunId) -> Result<(), Error> {
        let torn = std::mem::take(&mut self.seen).torn;
        self.transaction(|tx, _| {
            one_patient_each(tx, &torn)?;
            // Built once at the end of reading: one sort instead of a random insert per row.
            tx.execute_batch(
                "CREATE INDEX IF NOT EXISTS proposed_by_patient ON proposed (patient, kind, key, id);
                 CREATE INDEX IF NOT EXISTS proposed_by_mail ON proposed (mail) WHERE mail IS NOT NULL;
                 -- Patients whose e-mail address somebody new or changed has or had: who keeps it is decided again.
                 CREATE TEMP TABLE IF NOT EXISTS touched (patient BLOB PRIMARY KEY) WITHOUT ROWID;
                 DELETE FROM touched;
                 INSERT OR IGNORE INTO touched
                 SELECT r.patient FROM record r WHERE r.kind = 1 AND r.mail IS NOT NULL AND r.mail IN (
                     SELECT mail FROM proposed WHERE mail IS NOT NULL
                     UNION
                     SELECT old.mail FROM proposed p CROSS JOIN record old
                     WHERE p.kind = 1 AND old.kind = 1 AND old.key = p.key AND old.mail IS NOT NULL);
                 -- Records that leave one patient for another: both are planned as they will be.
                 CREATE TEMP TABLE IF NOT EXISTS moved (was BLOB, kind INTEGER, key BLOB, now BLOB,
                     PRIMARY KEY (was, kind, key)) WITHOUT ROWID;
                 CREATE INDEX IF NOT EXISTS temp.moved_now ON moved (now);
                 DELETE FROM moved;
                 INSERT OR IGNORE INTO moved
                 SELECT r.patient, p.kind, p.key, p.patient FROM proposed p CROSS JOIN record r
                 WHERE r.kind = p.kind AND r.key = p.key AND r.patient <> p.patient;",
            )?;
            Ok(())
        })?;
        self.found_by_patient = Some(run);
        Ok(())
    }
}

/// One reading of a record: number of the proposal, patient, the source's change time.
type Read = (i64, KeyHash, Option<i64>);

/// Of a record that was read under several patients, only the version that counts stays proposed.
fn one_patient_each(tx: &Connection, torn: &BTreeSet<(i64, [u8; 16])>) -> Result<(), Error> {
    if torn.is_empty() {
        return Ok(());
    }
    tx.execute_batch("CREATE TEMP TABLE torn (kind INTEGER, key BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID")?;
    for (kind, key) in torn {
        tx.prepare_cached("INSERT INTO torn VALUES (?1, ?2)")?.execute((kind, key))?;
    }
    let mut versions: BTreeMap<(i64, KeyHash), Vec<Read>> = BTreeMap::new();
    {
        // One look at all that was read: proposals have no index by key.
        let mut select = tx.prepare(
            "SELECT p.kind, p.key, p.id, p.patient, p.changed FROM proposed p CROSS JOIN torn t
             WHERE t.kind = p.kind AND t.key = p.key ORDER BY p.id",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let version = (row.get(2)?, hash_at(row, 3)?, row.get(4)?);
            versions.entry((row.get(0)?, hash_at(row, 1)?)).or_default().push(version);
        }
    }
    for versions in versions.into_values() {
        let counts = versions.iter().copied().reduce(|best, next| if is_older(next.2, best.2) { best } else { next });
        let others = versions.iter().filter(|(_, patient, _)| counts.is_some_and(|(_, winner, _)| winner != *patient));
        for (id, ..) in others {
            tx.prepare_cached("DELETE FROM proposed WHERE id = ?1")?.execute([id])?;
        }
    }
    tx.execute_batch("DROP TABLE torn")?;
    Ok(())
}
