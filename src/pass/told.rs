//! What became of each record, one log line each (`-v`): pseudonym, place, outcome, reason. No personal value.

use std::collections::BTreeMap;

use tracing::Level;

use crate::domain::{KeyHash, Kind, Origin, Rejected};
use crate::plan::Outcome;
use crate::store::PatientFile;

use super::decision::Decision;

/// Target of the lines, below the crate's own.
const TARGET: &str = "ivohub::record";

/// Tells of rows that are no records.
pub(super) fn rejected(kind: Kind, rows: &[Rejected]) {
    if !tracing::enabled!(target: TARGET, Level::DEBUG) {
        return;
    }
    for Rejected { origin, column, header, reason } in rows {
        let header = header.as_deref().unwrap_or("row");
        tracing::debug!(target: TARGET, kind = kind.plural(), at = %origin, outcome = "rejected", column, header, reason, "row");
    }
}

/// Tells what was decided about each queued record of a patient.
pub(super) fn decided(file: &PatientFile, decision: &Decision) {
    if !tracing::enabled!(target: TARGET, Level::DEBUG) {
        return;
    }
    let origins = origins(file);
    for record in &decision.plan.outcomes {
        let id = format!("{}:{}", record.kind.letter(), record.key);
        let at = origins.get(&(record.kind, record.key)).map(ToString::to_string).unwrap_or_default();
        let (outcome, reason) = words(&record.outcome);
        tracing::debug!(target: TARGET, kind = record.kind.plural(), record = id, at, outcome, reason, "record");
    }
}

fn origins(file: &PatientFile) -> BTreeMap<(Kind, KeyHash), &Origin> {
    let patient = file.patient.iter().map(|one| ((Kind::Patient, one.key), &one.origin));
    let appointments = file.appointments.iter().map(|one| ((Kind::Appointment, one.key), &one.origin));
    let entries = file.entries.iter().map(|one| ((Kind::Entry, one.key), &one.origin));
    patient.chain(appointments).chain(entries).collect()
}

/// The account's word for an outcome, and the reason where there is one.
pub(super) fn words(outcome: &Outcome) -> (&'static str, Option<String>) {
    match outcome {
        Outcome::Created => ("created", None),
        Outcome::Updated => ("updated", None),
        Outcome::Unchanged => ("unchanged", None),
        Outcome::Held(why) => ("held", Some(why.to_string())),
        Outcome::Skipped(why) => ("skipped", Some(why.clone())),
        Outcome::Used => ("used", None),
        Outcome::Unlinked => ("unlinked", None),
        Outcome::Ignored => ("ignored", None),
    }
}
