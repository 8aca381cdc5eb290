//! Who is looked at again because the tables have changed (`mappings.md` 3.5).

use serde::Serialize;

use crate::domain::Kind;
use crate::mapping::{Mapping, PortalStages, Rulings};
use crate::store::{Basis, Concerned, Rebase, Store, Word};

use super::error::Error;
use super::select::Selection;
use super::session::Settings;
use super::words::{FORM, answers};

/// What a change of the tables comes to in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Again {
    /// First eight hex digits of the mapping that accepted decisions were made with; `None` = unknown.
    pub before: Option<String>,
    /// The same of the present one.
    pub mapping: String,
    /// Whether something has changed that every decision depends on.
    pub all: bool,
    /// Patients that are concerned.
    pub patients: u64,
    /// Records that looked at what has changed; with `all`, all records.
    pub records: u64,
    /// They are not part of this run, because it takes a part only: the next whole pass looks at them.
    pub waits: bool,
}

impl Again {
    /// What is told about a change, if there is anything to tell.
    #[must_use]
    pub fn of(concerned: &Concerned, mapping: &Mapping, whole: bool) -> Option<Self> {
        let Concerned { before, all, patients, records } = concerned;
        let now = mapping.digests().mapping;
        let known = before.as_ref().is_some_and(|before| before.mapping == now.hex());
        if patients.is_empty() && (known || before.is_none()) {
            return None;
        }
        Some(Self {
            before: before.as_ref().map(|before| before.mapping.chars().take(8).collect()),
            mapping: now.to_string(),
            all: *all,
            patients: u64::try_from(patients.len()).unwrap_or(u64::MAX),
            records: *records,
            waits: !whole && !patients.is_empty(),
        })
    }
}

/// What every decision depends on: tables that answer no single word, the portal's stages, and options.
fn foundation(settings: &Settings, mapping: &Mapping) -> String {
    let Settings { zone, deals, selection, prefixes, key_names, appointment_objects, .. } = settings;
    let Selection { appointments_from, locations, minors, today: _ } = selection;
    let tables = mapping.digests().foundation.hex();
    let stages = &mapping.tables().stages;
    let all = format!(
        "{FORM} {tables} {stages:?} {zone} {deals:?} {appointments_from:?} {locations:?} {minors:?} {prefixes:?} \
         {key_names:?} {appointment_objects}"
    );
    blake3::hash(all.as_bytes()).to_hex().to_string()
}

/// What a run decides with. `mapping` is that of the portal.
///
/// # Panics
/// Never: stages are texts and numbers.
#[must_use]
pub fn basis(settings: &Settings, mapping: &Mapping, stages: &PortalStages) -> Basis {
    Basis {
        mapping: mapping.digests().mapping.hex(),
        foundation: foundation(settings, mapping),
        portal: serde_json::to_string(stages).expect("stages serialise"),
    }
}

/// The stages of the portal that accepted decisions were made for; none are known before the first.
#[must_use]
pub fn stages_of(basis: Option<&Basis>) -> PortalStages {
    basis.and_then(|basis| serde_json::from_str(&basis.portal).ok()).unwrap_or_default()
}

/// What the store is asked: the present basis, and the answers where they may differ from the accepted ones.
///
/// # Errors
/// [`Error`] when the store cannot go on.
pub async fn question<S: Store>(
    store: &S,
    basis: Basis,
    words: &[Word],
    mapping: &Mapping,
    rulings: &Rulings,
    kinds: Vec<Kind>,
    whole: bool,
) -> Result<Rebase, Error> {
    // The same tables give the same answers; asking them all takes a moment.
    let same = store.basis().await?.is_some_and(|before| before.mapping == basis.mapping);
    let answers = if same { Vec::new() } else { answers(words, mapping, rulings) };
    Ok(Rebase { basis, answers, kinds, whole })
}
