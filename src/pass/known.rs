//! What was written for a patient, found by key.

use std::collections::HashMap;

use crate::domain::{KeyHash, Object};
use crate::store::LedgerRow;

/// Rows that are looked through one by one; more are indexed.
const FEW: usize = 24;

/// The ledger rows of one patient.
pub(super) struct Known<'a> {
    rows: &'a [LedgerRow],
    /// Places of the first row of each key; empty for few rows.
    places: HashMap<(Object, KeyHash), usize>,
}

impl<'a> Known<'a> {
    pub(super) fn of(rows: &'a [LedgerRow]) -> Self {
        let mut places = HashMap::new();
        if rows.len() > FEW {
            for (at, row) in rows.iter().enumerate() {
                places.entry((row.object, row.key)).or_insert(at);
            }
        }
        Self { rows, places }
    }

    /// The row of a key.
    pub(super) fn get(&self, object: Object, key: KeyHash) -> Option<&'a LedgerRow> {
        if self.rows.len() > FEW {
            return self.places.get(&(object, key)).and_then(|at| self.rows.get(*at));
        }
        self.rows.iter().find(|row| row.object == object && row.key == key)
    }
}
