//! Records that one run has read under several patients.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::accept::is_older;
use super::rows::hash_at;
use crate::domain::KeyHash;
use crate::store::Error;

/// One reading of a record: number of the proposal, patient, the source's change time.
type Read = (i64, KeyHash, Option<i64>);

/// Of a record that was read under several patients, only the version that counts stays proposed.
pub(super) fn one_patient_each(tx: &Connection, torn: &BTreeSet<(i64, [u8; 16])>) -> Result<(), Error> {
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
