//! The key of a chart line that has no id.

use std::collections::HashMap;

use crate::domain::{Cents, Entry, EntryId, IdError, PatientRef, fold};

/// Tells equal lines of one file or one answer apart: the first, the second, …
pub(super) struct Lines {
    key: [u8; 32],
    seen: HashMap<[u8; 16], u32>,
}

impl Lines {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self { key, seen: HashMap::new() }
    }

    /// What a line says, as a digest. It is keyed: from it nobody learns what the line said.
    pub(super) fn digest(&self, entry: &Entry, tooth: &str) -> [u8; 16] {
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
        part(&fold(tooth));
        part(&entry.count.normalize().to_string());
        part(&entry.amount.map_or_else(String::new, Cents::to_hubspot));
        part(&fold(entry.text.expose()));
        let mut short = [0; 16];
        short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        short
    }

    /// A key from what the line says and its ordinal among equal lines (design.md section 3).
    pub(super) fn key(&mut self, entry: &Entry, tooth: &str, prefix: &str) -> Result<EntryId, IdError> {
        let digest = self.digest(entry, tooth);
        let ordinal = self.seen.entry(digest).and_modify(|times| *times += 1).or_insert(1);
        let hex = hex_of(digest);
        EntryId::keyed(prefix, &format!("line-{hex}-{ordinal}"))
    }
}

fn hex_of(digest: [u8; 16]) -> String {
    digest.iter().fold(String::with_capacity(32), |mut text, byte| {
        let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0');
        text.extend([digit(byte >> 4), digit(byte & 15)]);
        text
    })
}
