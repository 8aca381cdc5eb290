//! A row of a file of chart entries, and the key of a line that has no id.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::cells::{Cells, Fault};
use super::column::Column;
use super::place::Place;
use super::{number, record, value};
use crate::domain::{Cents, Entry, EntryId, PatientRef, fold};

pub(super) fn entry(cells: Cells<'_>, place: &Place, lines: &mut Lines) -> Result<Entry, Fault> {
    let given = cells.id(Column::Id, |raw| EntryId::keyed(&place.prefix, raw))?;
    let patient = record::owner(cells, place)?;
    if patient == PatientRef::Nobody {
        return Err(Fault::new(Column::PatientId, "neither Patient-ID nor Pat.-Nr. is given"));
    }
    let mut entry = Entry {
        id: EntryId::new(""),
        instance: place.instance.clone(),
        patient,
        date: cells.read(Column::Date, value::date)?.ok_or_else(|| Fault::new(Column::Date, "no date is given"))?,
        practitioner: cells.plain(Column::Practitioner),
        kind: cells.plain(Column::Type),
        schedule: cells.plain(Column::Schedule),
        code: cells.personal(Column::Code),
        count: cells.read(Column::Count, number::number)?.unwrap_or(Decimal::ONE),
        factor: cells.read(Column::Factor, number::number)?,
        amount: cells.read(Column::Amount, number::amount)?,
        text: cells.personal(Column::Text),
        profile: cells.given(Column::Profile),
    };
    entry.id = match given {
        Some(id) => id,
        None => lines.key(&entry, &fold(cells.get(Column::Tooth)), &place.prefix)?,
    };
    Ok(entry)
}

/// Tells equal lines of one file apart: the first, the second, …
pub(super) struct Lines {
    key: [u8; 32],
    seen: HashMap<[u8; 16], u32>,
}

impl Lines {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self { key, seen: HashMap::new() }
    }

    /// A key from what the line says and its ordinal among equal lines (design.md section 3). The digest is keyed: from
    /// a key nobody learns what a line said.
    fn key(&mut self, entry: &Entry, tooth: &str, prefix: &str) -> Result<EntryId, Fault> {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        let mut part = |text: &str| {
            hasher.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        part(entry.instance.as_str());
        match &entry.patient {
            PatientRef::Id(id) => part(id.as_str()),
            PatientRef::Number(number) => part(number.as_str()),
            PatientRef::Nobody => part(""),
        }
        part(&fold(entry.profile.as_deref().unwrap_or_default()));
        part(&entry.date.to_string());
        part(&fold(&entry.kind));
        part(&fold(entry.code.expose()));
        part(tooth);
        part(&entry.count.normalize().to_string());
        part(&entry.amount.map_or_else(String::new, Cents::to_hubspot));
        part(&fold(entry.text.expose()));
        let digest = hasher.finalize();
        let mut short = [0; 16];
        short.copy_from_slice(&digest.as_bytes()[..16]);
        let ordinal = self.seen.entry(short).and_modify(|times| *times += 1).or_insert(1);
        let hex = digest.to_hex();
        EntryId::keyed(prefix, &format!("line-{}-{ordinal}", hex.get(..32).unwrap_or_default()))
            .map_err(|error| Fault::new(Column::Id, error.to_string()))
    }
}
